//! A worker's memory for input: allocated and zeroed once, then reused for each block.

use std::io;

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncReadExt};

/// How much is read at once. The buffer takes this and the start of a line from the block before.
pub(super) const READ_BYTES: usize = 256 << 10;

/// Bytes that have been read, and room for more directly behind them.
///
/// The two are neighbours in one allocation, so that they are split and joined without touching a byte.
#[derive(Debug)]
pub(super) struct Buffer {
    /// What has been read and not been cut off yet.
    pub(super) data: BytesMut,
    /// The room behind `data`. All of it is initialised, whatever it holds.
    room: BytesMut,
}

impl Buffer {
    pub(super) fn new() -> Self {
        Self { data: BytesMut::new(), room: BytesMut::zeroed(READ_BYTES + READ_BYTES / 4) }
    }

    /// Takes memory back for the next block. `room` stands directly behind `block`.
    pub(super) fn reuse(mut block: BytesMut, room: BytesMut) -> Self {
        block.unsplit(room);
        // A line of extraordinary length is no reason to hold on to its memory.
        if block.len() > 4 * READ_BYTES {
            return Self::new();
        }
        Self { data: block.split_to(0), room: block }
    }

    /// Appends bytes that were read already.
    pub(super) fn extend(&mut self, bytes: &[u8]) {
        while self.room.len() < bytes.len() {
            self.grow();
        }
        let mut filled = self.room.split_to(bytes.len());
        filled.copy_from_slice(bytes);
        self.data.unsplit(filled);
    }

    /// Reads once, and gives the number of bytes; 0 at the end.
    pub(super) async fn read_from(&mut self, reader: &mut (impl AsyncRead + Unpin)) -> io::Result<usize> {
        if self.room.is_empty() {
            self.grow();
        }
        let count = reader.read(&mut self.room).await?;
        self.data.unsplit(self.room.split_to(count));
        Ok(count)
    }

    /// The memory behind the block that was cut off `data`, with what was left of the data.
    pub(super) fn into_room(self) -> BytesMut {
        let mut room = self.data;
        room.unsplit(self.room);
        room
    }

    /// Adds room to read into. `BytesMut` reserves memory twice as large, so that a line of any length is read in linear time; it is
    /// zeroed, which is when the system gives it, only as far as it is soon read into.
    fn grow(&mut self) {
        let length = self.data.len();
        let mut memory = std::mem::take(&mut self.data);
        memory.unsplit(std::mem::take(&mut self.room));
        memory.resize(memory.len() + READ_BYTES, 0);
        self.room = memory.split_off(length);
        self.data = memory;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn reads_behind_what_is_there_and_grows() {
        let input = vec![b'x'; 3 * READ_BYTES];
        let mut buffer = Buffer::new();
        buffer.extend(b"start");
        let mut reader = &input[..];
        while buffer.read_from(&mut reader).await.expect("memory can be read") > 0 {}
        assert_eq!(buffer.data.len(), input.len() + 5);
        assert!(buffer.data.starts_with(b"startxxx") && buffer.data.ends_with(b"xxx"));
    }

    #[tokio::test]
    async fn the_memory_of_a_block_is_used_again() {
        let mut buffer = Buffer::new();
        buffer.read_from(&mut &b"one\ntw"[..]).await.expect("memory can be read");
        let memory = buffer.data.as_ptr();
        let block = buffer.data.split_to(4);
        let buffer = Buffer::reuse(block, buffer.into_room());
        assert_eq!((buffer.data.len(), buffer.room.len()), (0, READ_BYTES + READ_BYTES / 4));
        assert_eq!(buffer.room.as_ptr(), memory);
    }
}
