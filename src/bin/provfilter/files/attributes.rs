//! What a replaced file passes on to its replacement: mode, owner and extended attributes.

use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

/// Gives the new file the mode and owner of the old one, and its extended attributes, access control lists among them, as far as the
/// system allows. Without the right to give the owner, the modes that act for it are left out.
pub(super) fn take_over(new: &File, old: &Path) -> io::Result<()> {
    let metadata = fs::metadata(old)?;
    let mode = metadata.permissions().mode() & 0o7777;
    let is_same_owner = std::os::unix::fs::fchown(new, Some(metadata.uid()), Some(metadata.gid())).is_ok();
    let mode = if is_same_owner { mode } else { mode & 0o777 };
    new.set_permissions(Permissions::from_mode(mode))?;
    extended::take_over(new, old);
    Ok(())
}

#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
mod extended {
    use std::ffi::{CStr, CString};
    use std::fs::File;
    use std::path::Path;

    use rustix::fs::XattrFlags;

    /// Attributes that may not be read or set (those of security modules, say) are left to the system.
    pub(super) fn take_over(new: &File, old: &Path) {
        let wanted = names(rustix::fs::listxattr_query(old), |list| rustix::fs::listxattr(old, list));
        let inherited = names(rustix::fs::flistxattr_query(new), |list| rustix::fs::flistxattr(new, list));
        // A folder may have given the new file an access control list that the old one has not.
        for name in inherited.iter().filter(|name| !wanted.contains(name)) {
            let _ = rustix::fs::fremovexattr(new, name.as_c_str());
        }
        for name in &wanted {
            if let Some(value) = value(old, name) {
                let _ = rustix::fs::fsetxattr(new, name.as_c_str(), &value, XattrFlags::empty());
            }
        }
    }

    /// The names of attributes, which the system lists with a zero byte behind each. None where there are no attributes.
    fn names(size: rustix::io::Result<usize>, list: impl FnOnce(&mut [u8]) -> rustix::io::Result<usize>) -> Vec<CString> {
        let mut names = vec![0; size.unwrap_or(0)];
        let length = list(&mut names).unwrap_or(0);
        let names = names[..length].split_inclusive(|&byte| byte == 0);
        names.filter_map(|name| CStr::from_bytes_with_nul(name).ok()).map(CStr::to_owned).collect()
    }

    fn value(file: &Path, name: &CStr) -> Option<Vec<u8>> {
        let mut value = vec![0; rustix::fs::getxattr_query(file, name).ok()?];
        let length = rustix::fs::getxattr(file, name, value.as_mut_slice()).ok()?;
        value.truncate(length);
        Some(value)
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
mod extended {
    pub(super) fn take_over(_: &std::fs::File, _: &std::path::Path) {}
}
