//! Files that are compressed: what tells them, and a reader of the text in them that needs the same memory for a file of any length. Knows neither lines nor JSON.

mod gzip;
mod zstd;

use std::fmt::{self, Display, Formatter};
use std::io::{self, Read};
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, ReadBuf};

/// How much of a compressed file is read at once.
const READ_BYTES: usize = 128 << 10;

/// The ways in which files are compressed that we can read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// One gzip member (RFC 1952) or several, and perhaps zeros behind them.
    Gzip,
    /// Zstandard frames (RFC 8878), also skippable ones, with windows of up to 128 MiB.
    Zstd,
}

impl Compression {
    /// The format that the name of a file stands for: `.gz` and `.zst`.
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

    /// The format of compressed bytes, from the magic number they start with. No JSON text starts with one.
    #[must_use]
    pub fn of_magic(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0x1f, 0x8b, 0x08, ..] => Some(Self::Gzip),
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Self::Zstd),
            _ => None,
        }
    }

    /// What names of files in the format end with, behind the dot.
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

/// How many bytes of a file its reader has taken, for others to see. Clones show the same count.
#[derive(Debug, Clone, Default)]
pub struct Consumed(Arc<AtomicU64>);

impl Consumed {
    /// The number of bytes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    fn set(&self, bytes: u64) {
        self.0.store(bytes, Ordering::Relaxed);
    }
}

/// The text of a compressed file, decompressed while it is read.
///
/// Text that has been read before the file turns out to end early or to be damaged stays good: the error comes with the read behind it.
/// Its kind is [`io::ErrorKind::UnexpectedEof`] or [`io::ErrorKind::InvalidData`], and the [`Damage`] is within.
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
    /// What has been read of the file. The bytes from `taken` to `filled` are still to be decompressed.
    buffer: Box<[u8]>,
    taken: usize,
    filled: usize,
    /// The bytes of the file that the decoder has taken.
    at: u64,
    consumed: Consumed,
    /// The decoder may hold text that had no room in what was read into.
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
            may_hold_text: false,
            damage: None,
        }
    }

    /// The count of the bytes of the file, up to its end, that were decompressed or turned out to be damaged.
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
    /// Fills `text` as far as the file has been read, and reads more of the file only where there is no text yet.
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
        Ok(self.filled > 0)
    }

    /// Decompresses some of what has been read, and gives the length of the text.
    fn decompress(&mut self, text: &mut [u8]) -> usize {
        // By itself, because what a decoder gives in a step in which it fails may be lost.
        let data = if self.may_hold_text { &[] } else { &self.buffer[self.taken..self.filled] };
        let Step { taken, given, failure } = self.decoder.step(data, text);
        self.taken += taken;
        self.at += taken as u64;
        self.consumed.set(self.at);
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
    /// It ends within a member or a frame, or has none at all.
    #[error("the {format} data ends early")]
    EndsEarly {
        /// What the file should be.
        format: Compression,
    },
    /// It starts with something else.
    #[error("not {format} data, though the name says so")]
    OtherFormat {
        /// What the file should be.
        format: Compression,
    },
    /// Behind a whole member or frame stands something else.
    #[error("something else follows the {format} data at byte {at}")]
    Trailing {
        /// What the file should be.
        format: Compression,
        /// The bytes before it.
        at: u64,
    },
    /// It cannot be decompressed, or its checksum is wrong.
    #[error("the {format} data is damaged near byte {at}: {why}")]
    Broken {
        /// What the file should be.
        format: Compression,
        /// The bytes before the place where that was noticed.
        at: u64,
        /// What the decoder says.
        why: Box<str>,
    },
    /// It takes more memory to decompress than we give.
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

/// What a decoder has done. Given data and room for text, it takes some, gives some, or fails.
struct Step {
    /// The bytes of the data that it has taken.
    taken: usize,
    /// The bytes of text that it has given, also before it failed.
    given: usize,
    failure: Option<Failure>,
}

/// Why a decoder cannot go on.
enum Failure {
    /// Neither a member nor a frame starts here, or so many bytes before, which were taken for the start of one.
    OtherData {
        taken: u64,
    },
    /// What the decoder says.
    Broken(Box<str>),
    LargeWindow,
}

#[cfg(test)]
mod tests;
