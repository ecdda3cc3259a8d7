//! Copies standard input to standard output with large pipes, and does nothing else: the floor for whatever stands in a pipe.

use std::io;

use provfilter::Descriptor;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let (mut input, mut output) = (Descriptor::duplicate(io::stdin())?, Descriptor::duplicate(io::stdout())?);
    let mut buffer = vec![0; 256 << 10];
    loop {
        match input.read(&mut buffer).await? {
            0 => return Ok(()),
            count => output.write_all(&buffer[..count]).await?,
        }
    }
}
