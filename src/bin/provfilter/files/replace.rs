//! Files that are replaced whole: written beside, synced, and renamed, so that a crash leaves the old file or the new one.

use std::ffi::{OsStr, OsString};
use std::fs::{self, DirEntry, File, Permissions, TryLockError};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;
use tempfile::NamedTempFile;

use super::attributes::take_over;

/// A new file beside the one that it will replace. If it does not come to that, it is removed.
///
/// Until then it is called `.NAME.XXXXXX.provfilter`, and is locked, so that one whose process was killed can be told from one that is
/// still written; the next replacement of the same file removes it. Whoever holds the lock of the file that has the name owns it.
pub(crate) struct Replacement {
    /// The file, and no link to it.
    path: PathBuf,
    new: NamedTempFile,
}

const SUFFIX: &str = ".provfilter";

/// How many bytes of a file's name go into that of its replacement, which the file system limits as well, often to 255.
const LONGEST_PREFIX: usize = 120;

/// How often a replacement is made anew that somebody else took for a left-over one, which takes an unlucky moment each time.
const MOST_ATTEMPTS: usize = 100;

impl Replacement {
    /// Makes an empty file beside `path`, which need not exist yet; through a symbolic link, beside what that names. It gets the
    /// mode of the file there, its extended attributes and, as far as that is allowed, its owner.
    pub(crate) fn of(path: &Path) -> io::Result<Self> {
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        remove_left_over(folder(&path), &prefix(&path)?);
        let old = fs::metadata(&path).ok();
        let mode = old.as_ref().map_or(0o666, |old| old.permissions().mode() & 0o7777);
        let new = make_beside(&path, mode)?;
        if old.is_some() {
            take_over(new.as_file(), &path)?;
        }
        Ok(Self { path, new })
    }

    /// The new file.
    pub(crate) fn file(&self) -> &File {
        self.new.as_file()
    }

    /// The file that will be replaced, and no link to it.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Keeps the old file under its name with `suffix` too, and replaces one that is called so.
    pub(crate) fn keep_old(&self, suffix: &OsStr) -> io::Result<()> {
        let kept = kept_name(&self.path, suffix);
        // A link is the old file itself. Where there are none, its bytes have to do.
        for _ in 0..MOST_ATTEMPTS {
            match self.link_old(&kept) {
                None => break,
                // Somebody took the link for left over.
                Some(Err(why)) if why.kind() == io::ErrorKind::NotFound => {}
                Some(done) => return done,
            }
        }
        let mut copy = make_beside(&self.path, 0o600)?;
        io::copy(&mut File::open(&self.path)?, copy.as_file_mut())?;
        take_over(copy.as_file(), &self.path)?;
        copy.as_file().sync_all()?;
        copy.persist(kept)?;
        Ok(())
    }

    /// Makes `kept` a link to the old file, in one step; nothing where the file system has no links.
    fn link_old(&self, kept: &Path) -> Option<io::Result<()>> {
        let prefix = prefix(&self.path).ok()?;
        let mut builder = tempfile::Builder::new();
        let link = |link: &Path| fs::hard_link(&self.path, link);
        let link = builder.prefix(&prefix).suffix(SUFFIX).make_in(folder(&self.path), link).ok()?;
        let beside = link.path().to_owned();
        let done = link.persist(kept).map_err(io::Error::from).map(drop);
        // A link is not renamed over another one to the same file (POSIX, rename).
        let _ = fs::remove_file(beside);
        Some(done)
    }

    /// Puts the new file in the place of the old one, when all of it is on the disk.
    pub(crate) fn put_in_place(self) -> io::Result<InPlace> {
        self.new.as_file().sync_all()?;
        let folder = File::open(folder(&self.path))?;
        self.rename()?;
        Ok(InPlace { folder })
    }

    /// Puts the new file in the place of the old one, which readers see whole. Whether a crash of the machine leaves either is for the
    /// file system to say: for what can be made again.
    pub(crate) fn rename(self) -> io::Result<()> {
        self.new.persist(&self.path)?;
        Ok(())
    }
}

/// A new file that has taken its place.
#[must_use = "it may still be lost with the power"]
pub(crate) struct InPlace {
    folder: File,
}

impl InPlace {
    /// Makes sure that it stays there.
    pub(crate) fn sync(self) -> io::Result<()> {
        self.folder.sync_all()
    }
}

/// The name under which an old file is kept.
pub(super) fn kept_name(path: &Path, suffix: &OsStr) -> PathBuf {
    let mut kept = path.to_owned().into_os_string();
    kept.push(suffix);
    kept.into()
}

/// The folder that a file is in.
pub(super) fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Opens a regular file for reading, and anything else not, without waiting for a pipe's other end.
pub(crate) fn open_regular(path: &Path) -> io::Result<File> {
    let file = File::options().read(true).custom_flags(OFlags::NONBLOCK.bits().cast_signed()).open(path)?;
    if file.metadata()?.is_file() {
        return Ok(file);
    }
    Err(io::Error::new(io::ErrorKind::InvalidInput, "only a regular file can be rewritten in place"))
}

/// Makes a locked file with a name that belongs to nobody else.
fn make_beside(path: &Path, mode: u32) -> io::Result<NamedTempFile> {
    let prefix = prefix(path)?;
    for _ in 0..MOST_ATTEMPTS {
        let new = tempfile::Builder::new()
            .prefix(&prefix)
            .suffix(SUFFIX)
            .permissions(Permissions::from_mode(mode))
            .tempfile_in(folder(path))?;
        match new.as_file().try_lock() {
            // In the moment before, somebody may have taken it for left over, and may remove it still, or have done so.
            Err(TryLockError::WouldBlock) => {}
            Ok(()) if !is_at(new.as_file(), new.path()) => {}
            // A file system without locks takes none; then what is left over stays.
            Ok(()) | Err(TryLockError::Error(_)) => return Ok(new),
        }
    }
    Err(io::Error::other("other processes keep removing the new file"))
}

/// What the name of a replacement starts with.
fn prefix(path: &Path) -> io::Result<OsString> {
    let name = path.file_name().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "not a file name"))?;
    let mut prefix = OsString::from(".");
    if name.len() <= LONGEST_PREFIX {
        prefix.push(name);
    } else {
        let name = name.to_string_lossy();
        prefix.push(&name[..name.floor_char_boundary(LONGEST_PREFIX)]);
    }
    prefix.push(".");
    Ok(prefix)
}

/// Removes what killed processes have left of replacements of the same file.
fn remove_left_over(folder: &Path, prefix: &OsStr) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in entries.filter(|entry| is_replacement(&entry.file_name(), prefix)) {
        remove_if_left_over(&entry);
    }
}

/// The name is `prefix`, six letters or digits, and the suffix.
fn is_replacement(name: &OsStr, prefix: &OsStr) -> bool {
    let inner =
        name.as_encoded_bytes().strip_prefix(prefix.as_encoded_bytes()).and_then(|rest| rest.strip_suffix(SUFFIX.as_bytes()));
    inner.is_some_and(|inner| inner.len() == 6 && inner.iter().all(u8::is_ascii_alphanumeric))
}

fn remove_if_left_over(entry: &DirEntry) {
    let path = entry.path();
    let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
    let Some(file) = is_file.then(|| open_regular(&path).ok()).flatten() else {
        return;
    };
    if file.try_lock().is_ok() && is_at(&file, &path) {
        let _ = fs::remove_file(path);
    }
}

/// The path names this very file.
fn is_at(file: &File, path: &Path) -> bool {
    let (Ok(own), Ok(there)) = (file.metadata(), fs::symlink_metadata(path)) else {
        return false;
    };
    (own.dev(), own.ino()) == (there.dev(), there.ino())
}
