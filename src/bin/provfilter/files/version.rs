//! Tells whether a file is still the one that was opened, with the same content.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;

/// A file's identity, size and time of modification. One that is written to has another time or size afterwards, as far as its file
/// system's clock goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Version {
    device: u64,
    inode: u64,
    size: u64,
    modified: (i64, i64),
}

impl Version {
    pub(crate) fn of(metadata: &Metadata) -> Self {
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            size: metadata.size(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
        }
    }
}
