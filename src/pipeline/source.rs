//! Where blocks come from: one input after the other, read and cut into blocks that know where they stand.

use std::sync::Arc;

use bytes::{Buf, BytesMut};
use tokio::io::AsyncRead;
use tokio_util::codec::Decoder;

use super::buffer::Buffer;
use super::control::Control;
use super::{Input, Options};
use crate::codec::{Block, BlockCodec};
use crate::error::Error;
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
    /// There is nothing more to read. A terminal would be asked again otherwise.
    has_ended: bool,
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
    /// The block's bytes and the mark's before them, as they were read.
    pub(super) bytes_read: usize,
    pub(super) starts_file: bool,
    /// The lines of the file before the block; 0 where nobody needs to know.
    pub(super) lines_before: u64,
    pub(super) block: Block,
    /// The memory behind the block.
    room: BytesMut,
}

impl Chunk {
    /// How many bytes were read for the block, or for so many bytes at its start.
    pub(super) fn bytes_read_up_to(&self, end: Option<usize>) -> usize {
        end.map_or(self.bytes_read, |end| self.bytes_read - self.bytes().len() + end)
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
                        self.current = Some(Current { input, number, offset: 0, lines: 0, has_ended: false });
                    }
                    Err(error) => self.failure = Some(error),
                }
                continue;
            };
            if !current.has_ended {
                let read = buffer.read_from(&mut current.input.reader).await;
                current.has_ended = !matches!(read, Ok(1..));
                if let Err(source) = read {
                    let file = Arc::clone(&current.input.name);
                    self.failure = Some(Error::Read { file, source });
                }
            }
            let data = &mut buffer.data;
            let block = if current.has_ended { self.codec.decode_eof(data) } else { self.codec.decode(data) };
            let chunk = block.ok().flatten().map(|block| current.chunk(block));
            if let Some(mut chunk) = chunk {
                if self.counts_lines {
                    chunk.lines_before = current.lines;
                    current.lines += chunk.count_lines();
                }
                self.rest.extend_from_slice(&buffer.data);
                return Some(Item::Chunk(Chunk { room: buffer.into_room(), ..chunk }));
            }
            if current.has_ended {
                self.current = None;
            }
        }
    }
}

impl<R> Current<R> {
    fn chunk(&mut self, mut block: Block) -> Chunk {
        let starts_file = self.offset == 0;
        let (Block::Lines(bytes) | Block::LongLine { bytes, .. }) = &mut block;
        let bytes_read = bytes.len();
        let mark = if starts_file && bytes.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 };
        bytes.advance(mark);
        let offset = self.offset + mark as u64;
        self.offset += bytes_read as u64;
        Chunk {
            file: Arc::clone(&self.input.name),
            input: self.number,
            offset,
            bytes_read,
            starts_file,
            lines_before: 0,
            block,
            room: BytesMut::new(),
        }
    }
}
