//! Where blocks come from: inputs, one after the other, read and cut into blocks that know their place.

use std::io;
use std::sync::Arc;

use bytes::{Buf, BytesMut};
use tokio::io::AsyncRead;
use tokio_util::codec::Decoder;

use super::buffer::Buffer;
use super::control::Control;
use super::{Input, Options};
use crate::codec::{Block, BlockCodec};
use crate::compressed::{Compression, Consumed};
use crate::digest::Hasher;
use crate::error::Error;
use crate::report::RunRecord;
use crate::stage::Needs;

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// The inputs, in their order.
pub(super) struct Source<R> {
    inputs: Box<dyn Iterator<Item = Result<Input<R>, Error>> + Send>,
    current: Option<Current<R>>,
    /// Bytes of the current input that came with a block, but stand behind its last line feed.
    rest: Vec<u8>,
    codec: BlockCodec,
    /// Some stage needs the numbers of lines.
    counts_lines: bool,
    /// What ended the last input, if it was not its end.
    failure: Option<Error>,
    /// Where inputs are listed.
    control: Control,
}

struct Current<R> {
    input: Input<R>,
    /// The input's number in the run.
    number: usize,
    /// The bytes of the input that have been handed out.
    offset: u64,
    /// The lines that have been handed out, where they are counted.
    lines: u64,
    /// The bytes that have been read.
    read: u64,
    /// How many bytes of the file the blocks so far account for.
    accounted: u64,
    /// Takes the bytes that are read, if their digest is wanted.
    hasher: Option<Hasher>,
    /// How it ended, when there is nothing more to read. A terminal would be asked again otherwise.
    end: Option<End>,
}

/// How an input ends.
#[derive(Clone, Copy)]
enum End {
    Whole,
    /// With an error, perhaps in the middle of a line.
    BrokenOff,
}

/// What the source gives.
pub(super) enum Item {
    Chunk(Chunk),
    /// An input that could not be opened or read. What was read of it has been given before.
    Failure(Error),
}

/// A block and where it stands.
pub(super) struct Chunk {
    pub(super) file: Arc<str>,
    /// Which of the run's inputs it is from, as [`Control::begin_input`] numbers them.
    pub(super) input: usize,
    /// The bytes of the file before the block's own, the byte order mark among them.
    pub(super) offset: u64,
    /// How many bytes of the file the block accounts for: its own and the mark's before them, unless the file is compressed.
    bytes_read: u64,
    /// The file is not compressed: the block's bytes are the file's.
    is_plain: bool,
    /// The digest of the file, where that ends behind the block, and was asked for.
    pub(super) sha256: Option<String>,
    pub(super) starts_file: bool,
    /// The lines of the file before the block; 0 where nobody needs to know.
    pub(super) lines_before: u64,
    pub(super) block: Block,
    /// The memory behind the block.
    room: BytesMut,
}

impl Chunk {
    /// How many bytes of the file the block accounts for, or its first `end` bytes. In a compressed file, a part of a block counts as all
    /// of it.
    pub(super) fn bytes_read_up_to(&self, end: Option<usize>) -> u64 {
        match end {
            Some(end) if self.is_plain => self.bytes_read - (self.bytes().len() - end) as u64,
            _ => self.bytes_read,
        }
    }

    /// The bytes of the block.
    pub(super) fn bytes(&self) -> &[u8] {
        let (Block::Lines(bytes) | Block::LongLine { bytes, .. }) = &self.block;
        bytes
    }

    /// The line feeds of the block.
    fn count_lines(&self) -> u64 {
        memchr::memchr_iter(b'\n', self.bytes()).count() as u64
    }

    /// The memory of the block, for another one.
    pub(super) fn into_buffer(self) -> Buffer {
        match self.block {
            Block::Lines(bytes) | Block::LongLine { bytes, .. } => Buffer::reuse(bytes, self.room),
        }
    }
}

impl<R: AsyncRead + Unpin> Source<R> {
    pub(super) fn new(
        inputs: impl Iterator<Item = Result<Input<R>, Error>> + Send + 'static,
        options: &Options,
        needs: &Needs,
        control: Control,
    ) -> Self {
        Self {
            inputs: Box::new(inputs),
            current: None,
            rest: Vec::new(),
            // The first line of an input may have a mark before it, which does not count. Lines that are too long, but not too long to
            // be held, are found when they are worked on.
            codec: BlockCodec::new(options.max_line_bytes.saturating_add(BYTE_ORDER_MARK.len())),
            counts_lines: needs.line_numbers,
            failure: None,
            control,
        }
    }

    /// Waits for the next block, which takes the buffer's memory; nothing when all inputs have ended.
    pub(super) async fn take(&mut self, mut buffer: Buffer) -> Option<Item> {
        buffer.extend(&self.rest);
        self.rest.clear();
        loop {
            let Some(current) = &mut self.current else {
                if let Some(failure) = self.failure.take() {
                    return Some(Item::Failure(failure));
                }
                match self.inputs.next()? {
                    Ok(input) => {
                        let number = self.control.begin_input(&input.name);
                        self.current = Some(Current::new(input, number));
                    }
                    Err(error) => self.failure = Some(error),
                }
                continue;
            };
            if current.end.is_none()
                && let Err(error) = current.read_into(&mut buffer).await
            {
                self.failure = Some(error);
            }
            if current.offset == 0
                && let Some(format) = Compression::of_magic(&buffer.data)
            {
                self.failure = Some(current.refusal(format));
                // As if nothing had been read.
                buffer.data.clear();
                (current.read, current.end) = (0, Some(End::BrokenOff));
            }
            let data = &mut buffer.data;
            let block = match current.end {
                None => self.codec.decode(data),
                Some(End::Whole) => self.codec.decode_eof(data),
                Some(End::BrokenOff) => self.codec.decode_broken_off(data),
            };
            let mut chunk = block.ok().flatten().map(|block| current.chunk(block));
            if chunk.is_none() && current.end.is_some() {
                chunk = current.last_chunk();
                self.current = None;
            }
            if let Some(mut chunk) = chunk {
                if self.counts_lines
                    && let Some(current) = &mut self.current
                {
                    chunk.lines_before = current.lines;
                    current.lines += chunk.count_lines();
                }
                self.rest.extend_from_slice(&buffer.data);
                return Some(Item::Chunk(Chunk { room: buffer.into_room(), ..chunk }));
            }
        }
    }
}

impl<R: AsyncRead + Unpin> Current<R> {
    /// Reads once, and takes note of the end.
    async fn read_into(&mut self, buffer: &mut Buffer) -> Result<(), Error> {
        match buffer.read_from(&mut self.input.reader).await {
            Ok(0) => self.end = Some(End::Whole),
            Ok(count) => {
                self.read += count as u64;
                let news = buffer.data.len() - count;
                self.hasher.iter_mut().for_each(|hasher| hasher.update(&buffer.data[news..]));
            }
            Err(source) => {
                self.end = Some(End::BrokenOff);
                return Err(Error::Read { file: Arc::clone(&self.input.name), source });
            }
        }
        Ok(())
    }
}

impl<R> Current<R> {
    fn new(input: Input<R>, number: usize) -> Self {
        let is_hashed = input.is_hashed && input.consumed.is_none() && number < RunRecord::INPUTS_KEPT;
        let hasher = is_hashed.then(Hasher::default);
        Self { input, number, offset: 0, lines: 0, read: 0, accounted: 0, hasher, end: None }
    }

    fn chunk(&mut self, mut block: Block) -> Chunk {
        let starts_file = self.offset == 0;
        let (Block::Lines(bytes) | Block::LongLine { bytes, .. }) = &mut block;
        let length = bytes.len() as u64;
        let mark = if starts_file && bytes.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 };
        bytes.advance(mark);
        let offset = self.offset + mark as u64;
        self.offset += length;
        let bytes_read = self.bytes_of_file(self.offset) - self.accounted;
        self.accounted += bytes_read;
        Chunk {
            file: Arc::clone(&self.input.name),
            input: self.number,
            offset,
            bytes_read,
            is_plain: self.input.consumed.is_none(),
            sha256: None,
            starts_file,
            lines_before: 0,
            block,
            room: BytesMut::new(),
        }
    }

    /// Why an input that starts like a compressed file is not processed.
    fn refusal(&self, format: Compression) -> Error {
        let file = Arc::clone(&self.input.name);
        match self.input.consumed {
            Some(_) => Error::Read {
                file,
                source: io::Error::new(io::ErrorKind::InvalidData, "compressed twice; decompress it once first"),
            },
            None => Error::Compressed { file, format },
        }
    }

    /// An empty block that accounts for the rest of the file, if there is any: what follows the last text, or an unfinished line that was
    /// dropped. It also brings the file's digest.
    fn last_chunk(&mut self) -> Option<Chunk> {
        let bytes_read = self.bytes_of_file(self.read) - self.accounted;
        let sha256 = self.digest();
        let is_wanted = bytes_read > 0 || sha256.is_some();
        is_wanted.then(|| Chunk { bytes_read, sha256, ..self.chunk(Block::Lines(BytesMut::new())) })
    }

    /// The digest of the file, if it was asked for and the file has been read to its end.
    fn digest(&mut self) -> Option<String> {
        match (self.end, &self.input.consumed) {
            (Some(End::Whole), Some(consumed)) => consumed.sha256(),
            (Some(End::Whole), None) => self.hasher.take().map(Hasher::finish),
            _ => None,
        }
    }

    /// How many bytes of the file have been read, where so many bytes of text have.
    fn bytes_of_file(&self, text: u64) -> u64 {
        self.input.consumed.as_ref().map_or(text, Consumed::bytes)
    }
}
