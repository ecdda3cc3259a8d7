//! Files that are replaced whole: written beside, synced, and renamed, so that a crash leaves the old file or the new one.

use std::ffi::{OsStr, OsString};
use std::fs::{self, DirEntry, File, Metadata, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// A new file beside the one that it will replace. If it does not come to that, it is removed.
///
/// Until then it is called `.NAME.XXXXXX.provfilter`, and is locked, so that one whose process was killed can be told from one that is
/// still written; the next replacement of the same file removes it.
pub(crate) struct Replacement {
    /// The file, and no link to it.
    path: PathBuf,
    new: NamedTempFile,
}

const SUFFIX: &str = ".provfilter";

impl Replacement {
    /// Makes an empty file beside `path`, which need not exist yet; through a symbolic link, beside what that names. It gets the
    /// mode of the file there and, as far as that is allowed, its owner.
    pub(crate) fn of(path: &Path) -> io::Result<Self> {
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let prefix = prefix(&path)?;
        let old = fs::metadata(&path).ok();
        let mode = old.as_ref().map_or(0o666, |old| old.permissions().mode() & 0o7777);
        remove_left_over(folder(&path), &prefix);
        let new = tempfile::Builder::new()
            .prefix(&prefix)
            .suffix(SUFFIX)
            .permissions(Permissions::from_mode(mode))
            .tempfile_in(folder(&path))?;
        // A file system without locks takes none; then what is left over stays.
        let _ = new.as_file().try_lock();
        if let Some(old) = old {
            take_over(new.as_file(), &old)?;
        }
        Ok(Self { path, new })
    }

    /// The new file.
    pub(crate) fn file(&self) -> &File {
        self.new.as_file()
    }

    /// Keeps the old file under its name with `suffix` too, and replaces one that is called so.
    pub(crate) fn keep_old(&self, suffix: &OsStr) -> io::Result<()> {
        let kept = kept_name(&self.path, suffix);
        let prefix = prefix(&self.path)?;
        let mut builder = tempfile::Builder::new();
        let beside = builder.prefix(&prefix).suffix(SUFFIX);
        // A link is the old file itself. Where there are none, its bytes have to do.
        if let Ok(link) = beside.make_in(folder(&self.path), |link| fs::hard_link(&self.path, link)) {
            link.persist(kept)?;
            return Ok(());
        }
        let mut copy = beside.tempfile_in(folder(&self.path))?;
        let mut old = File::open(&self.path)?;
        io::copy(&mut old, copy.as_file_mut())?;
        take_over(copy.as_file(), &old.metadata()?)?;
        copy.as_file().sync_all()?;
        copy.persist(kept)?;
        Ok(())
    }

    /// Puts the new file in the place of the old one, when all of it is on the disk.
    pub(crate) fn put_in_place(self) -> io::Result<()> {
        self.new.as_file().sync_all()?;
        let folder = File::open(folder(&self.path))?;
        self.rename()?;
        folder.sync_all()
    }

    /// Puts the new file in the place of the old one, which readers see whole. Whether a crash of the machine leaves either is for the
    /// file system to say: for what can be made again.
    pub(crate) fn rename(self) -> io::Result<()> {
        self.new.persist(&self.path)?;
        Ok(())
    }
}

/// The name under which an old file is kept.
pub(crate) fn kept_name(path: &Path, suffix: &OsStr) -> PathBuf {
    let mut kept = path.to_owned().into_os_string();
    kept.push(suffix);
    kept.into()
}

/// The folder that a file is in.
pub(crate) fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// What the name of a replacement starts with.
fn prefix(path: &Path) -> io::Result<OsString> {
    let name = path.file_name().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "this is no name of a file"))?;
    let mut prefix = OsString::from(".");
    prefix.push(name);
    prefix.push(".");
    Ok(prefix)
}

/// Gives the new file the mode and owner of the old one. Without the right to give the owner, the modes that act for it are left out.
fn take_over(new: &File, old: &Metadata) -> io::Result<()> {
    let mode = old.permissions().mode() & 0o7777;
    let is_same_owner = std::os::unix::fs::fchown(new, Some(old.uid()), Some(old.gid())).is_ok();
    let mode = if is_same_owner { mode } else { mode & 0o777 };
    new.set_permissions(Permissions::from_mode(mode))
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
    if File::open(entry.path()).is_ok_and(|file| file.try_lock().is_ok()) {
        let _ = fs::remove_file(entry.path());
    }
}
