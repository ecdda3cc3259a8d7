//! Compressed files: how they are recognized, and a reader that decompresses them in constant memory. Knows neither lines nor JSON.

mod gzip;
mod zstd;

use std::fmt::{self, Display, Formatter};
use std::io::{self, Read};
use std::path::Path;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, ReadBuf};

use crate::digest::Hasher;

/// How much of a compressed file is read at once.
const READ_BYTES: usize = 128 << 10;

/// A format of compressed files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// One or more gzip members (RFC 1952), with any number of zeros behind the last.
    Gzip,
    /// One or more Zstandard frames (RFC 8878), skippable ones included, with windows of up to 128 MiB.
    Zstd,
}

impl Compression {
    /// The format of a file by its name: `.gz` or `.zst`.
    ///
    /// ```
    /// use provfilter::compressed::Compression;
    ///
    /// assert_eq!(Compression::of_name("pairs.jsonl.gz"), Some(Compression::Gzip));
    /// assert_eq!(Compression::of_name("pairs.jsonl"), None);
    /// ```
    #[must_use]
    pub fn of_name(path: impl AsRef<Path>) -> Option<Self> {
        let name = path.as_ref().as_os_str().as_encoded_bytes();
        let stem = |format: &Self| name.strip_suffix(format.extension().as_bytes());
        [Self::Gzip, Self::Zstd].into_iter().find(|format| stem(format).is_some_and(|stem| stem.ends_with(b".")))
    }

    /// The format of data by its magic number. No JSON text starts with one.
    #[must_use]
    pub fn of_magic(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0x1f, 0x8b, 0x08, ..] => Some(Self::Gzip),
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Self::Zstd),
            _ => None,
        }
    }

    /// The extension of files in this format, without the dot.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Gzip => "gz",
            Self::Zstd => "zst",
        }
    }

    /// The name of the format, which is also that of the program that decompresses it with `-dc`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }

    fn decoder(self) -> Decoder {
        match self {
            Self::Gzip => Decoder::Gzip(gzip::Decoder::default()),
            Self::Zstd => Decoder::Zstd(zstd::Decoder::new()),
        }
    }
}

impl Display for Compression {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// How far a compressed file has been read. Clones refer to the same file.
#[derive(Debug, Clone, Default)]
pub struct Consumed(Arc<File>);

/// What is known of a compressed file.
#[derive(Debug, Default)]
struct File {
    /// How many of its bytes have been decompressed.
    bytes: AtomicU64,
    sha256: OnceLock<String>,
}

impl Consumed {
    /// How many bytes have been decompressed.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.0.bytes.load(Ordering::Relaxed)
    }

    /// The SHA-256 of the file's bytes in hexadecimal digits (FIPS 180-4), once all have been read by a [`Decompressed::hashed`].
    #[must_use]
    pub fn sha256(&self) -> Option<String> {
        self.0.sha256.get().cloned()
    }

    fn set_bytes(&self, bytes: u64) {
        self.0.bytes.store(bytes, Ordering::Relaxed);
    }
}

/// The text of a compressed file, decompressed while it is read.
///
/// If the file ends early or is damaged, all text before that place is given first, and the error comes with the next read.
/// Its kind is [`io::ErrorKind::UnexpectedEof`] or [`io::ErrorKind::InvalidData`], and it holds a [`Damage`].
///
/// Reading blocks, also where it is polled: it is meant for [`crate::pipeline::run`], as [`crate::Descriptor`] is. The thread that reads is
/// the one that decompresses.
///
/// ```
/// use std::io::Read;
/// use provfilter::compressed::{Decompressed, Compression};
///
/// let file: &[u8] = b"\x1f\x8b\x08\0\0\0\0\0\0\x03\xab\xae\xe5\x02\0\x7a\x13\x3c\xec\x03\0\0\0";
/// let mut text = String::new();
/// let mut reader = Decompressed::new(Compression::Gzip, file);
/// assert!(reader.read_to_string(&mut text).is_err(), "the checksum is wrong");
/// assert_eq!(text, "{}\n");
/// ```
pub struct Decompressed<R> {
    format: Compression,
    file: R,
    decoder: Decoder,
    /// Bytes of the file. Those from `taken` to `filled` are still to be decompressed.
    buffer: Box<[u8]>,
    taken: usize,
    filled: usize,
    /// The bytes of the file that the decoder has taken.
    at: u64,
    consumed: Consumed,
    /// Takes the bytes of the file, if its digest is wanted, until its end.
    hasher: Option<Hasher>,
    /// The decoder may hold text that did not fit into the reader's buffer.
    may_hold_text: bool,
    damage: Option<Damage>,
}

impl<R> Decompressed<R> {
    /// Reads a file of this format.
    pub fn new(format: Compression, file: R) -> Self {
        Self {
            format,
            file,
            decoder: format.decoder(),
            buffer: vec![0; READ_BYTES].into(),
            taken: 0,
            filled: 0,
            at: 0,
            consumed: Consumed::default(),
            hasher: None,
            may_hold_text: false,
            damage: None,
        }
    }

    /// Hashes the bytes of the file as they are read, for [`Consumed::sha256`].
    #[must_use]
    pub fn hashed(self) -> Self {
        Self { hasher: Some(Hasher::default()), ..self }
    }

    /// A handle that tells how far the file has been read.
    #[must_use]
    pub fn consumed(&self) -> Consumed {
        self.consumed.clone()
    }
}

impl<R> fmt::Debug for Decompressed<R> {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Decompressed").field("format", &self.format).field("at", &self.at).finish_non_exhaustive()
    }
}

impl<R: Read> Read for Decompressed<R> {
    /// Decompresses what has been read of the file, and reads more only while there is no text to give: nobody waits for a slow file with
    /// text in hand.
    fn read(&mut self, text: &mut [u8]) -> io::Result<usize> {
        let mut length = 0;
        while length < text.len() {
            if let Some(damage) = &self.damage {
                return if length > 0 { Ok(length) } else { Err(damage.clone().into()) };
            }
            if self.taken == self.filled && !self.may_hold_text {
                if length > 0 {
                    break;
                }
                if !self.fill()? {
                    match self.decoder.place() {
                        Place::Between => break,
                        Place::Within => self.damage = Some(Damage::EndsEarly { format: self.format }),
                    }
                    continue;
                }
            }
            length += self.decompress(&mut text[length..]);
        }
        Ok(length)
    }
}

impl<R: Read> Decompressed<R> {
    /// Reads more of the file. Says whether there was more.
    fn fill(&mut self) -> io::Result<bool> {
        (self.taken, self.filled) = (0, 0);
        self.filled = loop {
            match self.file.read(&mut self.buffer) {
                Err(why) if why.kind() == io::ErrorKind::Interrupted => {}
                other => break other?,
            }
        };
        if self.filled > 0 {
            self.hasher.iter_mut().for_each(|hasher| hasher.update(&self.buffer[..self.filled]));
        } else if let Some(hasher) = self.hasher.take() {
            // Taken only once, so that nothing is set before.
            let _ = self.consumed.0.sha256.set(hasher.finish());
        }
        Ok(self.filled > 0)
    }

    /// Decompresses some of what has been read, and gives the length of the text.
    fn decompress(&mut self, text: &mut [u8]) -> usize {
        // In a step of its own: the text given in a step that fails may be lost.
        let data = if self.may_hold_text { &[] } else { &self.buffer[self.taken..self.filled] };
        let Step { taken, given, failure } = self.decoder.step(data, text);
        self.taken += taken;
        self.at += taken as u64;
        self.consumed.set_bytes(self.at);
        self.may_hold_text = given == text.len() && self.decoder.place() == Place::Within;
        self.damage = failure.map(|failure| Damage::new(failure, self.format, self.at));
        given
    }
}

impl<R: Read + Unpin> AsyncRead for Decompressed<R> {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let count = self.read(buffer.initialize_unfilled());
        Poll::Ready(count.map(|count| buffer.advance(count)))
    }
}

/// What is wrong with a compressed file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Damage {
    /// The file ends inside a member or a frame, or has none at all.
    #[error("the {format} data ends early")]
    EndsEarly {
        /// What the file should be.
        format: Compression,
    },
    /// The file starts with something else.
    #[error("not {format} data, despite its name")]
    OtherFormat {
        /// What the file should be.
        format: Compression,
    },
    /// Something else follows a whole member or frame.
    #[error("unexpected bytes after the {format} data, at byte {at}")]
    Trailing {
        /// What the file should be.
        format: Compression,
        /// The bytes before it.
        at: u64,
    },
    /// The data cannot be decompressed, or a checksum is wrong.
    #[error("the {format} data is damaged near byte {at}: {why}")]
    Broken {
        /// What the file should be.
        format: Compression,
        /// The offset in the file where that was noticed, in bytes.
        at: u64,
        /// What the decoder says.
        why: Box<str>,
    },
    /// A zstd frame needs a larger window than 128 MiB.
    #[error("the {format} data needs a window of more than 128 MiB")]
    LargeWindow {
        /// What the file should be.
        format: Compression,
    },
}

impl Damage {
    fn new(failure: Failure, format: Compression, at: u64) -> Self {
        match failure {
            Failure::OtherData { taken } if taken == at => Self::OtherFormat { format },
            Failure::OtherData { taken } => Self::Trailing { format, at: at - taken },
            Failure::Broken(why) => Self::Broken { format, at, why },
            Failure::LargeWindow => Self::LargeWindow { format },
        }
    }
}

impl From<Damage> for io::Error {
    fn from(damage: Damage) -> Self {
        let kind = match damage {
            Damage::EndsEarly { .. } => io::ErrorKind::UnexpectedEof,
            _ => io::ErrorKind::InvalidData,
        };
        Self::new(kind, damage)
    }
}

enum Decoder {
    Gzip(gzip::Decoder),
    Zstd(zstd::Decoder),
}

impl Decoder {
    fn step(&mut self, data: &[u8], text: &mut [u8]) -> Step {
        match self {
            Self::Gzip(decoder) => decoder.step(data, text),
            Self::Zstd(decoder) => decoder.step(data, text),
        }
    }

    fn place(&self) -> Place {
        match self {
            Self::Gzip(decoder) => decoder.place(),
            Self::Zstd(decoder) => decoder.place(),
        }
    }
}

/// Where in a file a decoder is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Behind a whole member or frame: the file may end here.
    Between,
    /// At the start of the file, where something has to come, or within a member or frame.
    Within,
}

/// What a decoder did with some data and room for text.
struct Step {
    /// The bytes of the data that it has taken.
    taken: usize,
    /// The bytes of text that it has given, including those before a failure.
    given: usize,
    failure: Option<Failure>,
}

/// Why a decoder cannot go on.
enum Failure {
    /// Neither a member nor a frame starts here, or rather `taken` bytes earlier: they looked like the start of one.
    OtherData {
        taken: u64,
    },
    /// What the decoder says.
    Broken(Box<str>),
    LargeWindow,
}

#[cfg(test)]
mod tests;
