//! Inputs: standard input and plain files as they are, and compressed files decompressed.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use provfilter::compressed::{Compression, Decompressed};
use provfilter::pipeline::Input;
use provfilter::{Descriptor, Error};
use tokio_util::either::Either;

use super::stdio;
use crate::command_line::Digests;

/// Reads an input.
pub(crate) type Reader = Either<Descriptor, Decompressed<File>>;

/// Opens a file, or standard input for `-`. A file is decompressed if its name says that it is compressed, and the digest is the file's.
pub(crate) fn open(path: &Path, digests: Digests) -> Result<Input<Reader>, Error> {
    let name: Arc<str> = path.to_string_lossy().into();
    let failed = |source| Error::Read { file: Arc::clone(&name), source };
    if path.as_os_str() == "-" {
        let input = stdio::input().map_err(failed)?;
        return Ok(plain(name, input, digests));
    }
    let file = File::open(path).map_err(failed)?;
    let Some(format) = Compression::of_name(path) else {
        return Ok(plain(name, Descriptor::new(file), digests));
    };
    let text = match digests {
        Digests::Take => Decompressed::new(format, file).hashed(),
        Digests::Omit => Decompressed::new(format, file),
    };
    let consumed = text.consumed();
    Ok(Input::new(name, Either::Right(text)).counted_by(consumed))
}

fn plain(name: Arc<str>, bytes: Descriptor, digests: Digests) -> Input<Reader> {
    let input = Input::new(name, Either::Left(bytes));
    match digests {
        Digests::Take => input.hashed(),
        Digests::Omit => input,
    }
}
