//! Refuses to write a file that is also read, or to write a file twice.

use std::fs::{self, File, Metadata};
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use provfilter::{Error, Escaped};

use super::destination::{Destination, Named};
use super::replace::{folder, kept_name};
use crate::command_line::{Plan, Target};

/// Why a run's outputs are not opened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OutputError {
    #[error(transparent)]
    Open(#[from] Error),
    #[error("{}: is both input and output: it would be overwritten while it is read", Escaped::path(.name, 200))]
    IsInput { name: Arc<str>, role: &'static str },
    #[error("{}: would be written twice, as {first} and as {second}", Escaped::path(.name, 200))]
    IsOutput { name: Arc<str>, first: &'static str, second: &'static str },
}

impl OutputError {
    /// What to do about it.
    pub(crate) fn hint(&self) -> Option<&'static str> {
        match self {
            Self::IsInput { role: IN_PLACE, .. } => Some("choose another suffix for the old file"),
            Self::IsInput { .. } => Some("write to another file, or rewrite the file with --in-place"),
            Self::IsOutput { .. } => Some("name a different file for each"),
            Self::Open(_) => None,
        }
    }
}

/// The role of a file that is kept as it was before it is rewritten.
const IN_PLACE: &str = "--in-place";

/// A regular file that is written to.
pub(super) struct Place {
    pub(super) name: Arc<str>,
    pub(super) role: &'static str,
    pub(super) identity: Identity,
    pub(super) sharing: Sharing,
}

/// Whether others may write to the file too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sharing {
    /// What somebody has opened for us and perhaps for others. Each writes behind the other.
    Shared,
    /// What is written as if it were alone.
    Alone,
}

/// What tells a file from all others, under whatever name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Identity {
    /// Its device, and its number there.
    There(u64, u64),
    /// Where it will be.
    ToCome(PathBuf),
}

impl Place {
    /// Where a report will go, if that is a regular file.
    pub(super) fn of_report(named: &Named) -> Option<Self> {
        let (identity, sharing) = match &named.destination {
            Destination::Descriptor(file) => (Identity::of(&file.metadata().ok()?)?, Sharing::Shared),
            Destination::Path(path) => (Identity::of_path(path)?, Sharing::Alone),
        };
        Some(Self { name: Arc::clone(&named.name), role: "--report", identity, sharing })
    }
}

impl Identity {
    /// Nothing for pipes, terminals and devices, which may be read and written at once.
    pub(super) fn of(metadata: &Metadata) -> Option<Self> {
        metadata.is_file().then(|| Self::There(metadata.dev(), metadata.ino()))
    }

    fn of_path(path: &Path) -> Option<Self> {
        match fs::metadata(path) {
            Ok(metadata) => Self::of(&metadata),
            Err(_) => Some(Self::ToCome(fs::canonicalize(folder(path)).ok()?.join(path.file_name()?))),
        }
    }
}

/// Refuses a file that is read and written, or written twice.
pub(super) fn check(plan: &Plan, written: impl Iterator<Item = Place>) -> Result<(), OutputError> {
    let places: Vec<Place> = records(plan).into_iter().chain(written).chain(kept(plan)).collect();
    let inputs: Vec<Identity> = plan.files.iter().filter_map(|path| identity_of_input(path)).collect();
    if let Some(place) = places.iter().find(|place| inputs.contains(&place.identity)) {
        return Err(OutputError::IsInput { name: Arc::clone(&place.name), role: place.role });
    }
    check_apart(&places)
}

/// Refuses reports that would overwrite each other.
pub(crate) fn check_reports(reports: &[Named]) -> Result<(), OutputError> {
    check_apart(&reports.iter().filter_map(Place::of_report).collect::<Vec<_>>())
}

/// Refuses a file that is written twice.
fn check_apart(places: &[Place]) -> Result<(), OutputError> {
    for (position, place) in places.iter().enumerate() {
        let is_same = |first: &&Place| {
            first.identity == place.identity && (first.sharing, place.sharing) != (Sharing::Shared, Sharing::Shared)
        };
        if let Some(first) = places[..position].iter().find(is_same) {
            return Err(OutputError::IsOutput { name: Arc::clone(&place.name), first: first.role, second: place.role });
        }
    }
    Ok(())
}

/// The file that standard output leads to, if records go there.
fn records(plan: &Plan) -> Option<Place> {
    let metadata = plan.writes_standard_output().then(|| metadata_of(io::stdout())).flatten()?;
    let identity = Identity::of(&metadata)?;
    Some(Place { name: "standard output".into(), role: "the records", identity, sharing: Sharing::Alone })
}

/// Where the old files will be kept that are rewritten in place.
fn kept(plan: &Plan) -> Vec<Place> {
    let Target::InPlace { keep_as: Some(suffix) } = &plan.target else {
        return Vec::new();
    };
    let place = |path: &PathBuf| {
        let identity = Identity::of_path(&kept_name(&fs::canonicalize(path).ok()?, suffix))?;
        let name = kept_name(path, suffix).to_string_lossy().into();
        Some(Place { name, role: IN_PLACE, identity, sharing: Sharing::Alone })
    };
    plan.files.iter().filter_map(place).collect()
}

/// One that is not there may be made before it is read: by keeping an old file under its name, say.
fn identity_of_input(path: &Path) -> Option<Identity> {
    if path.as_os_str() == "-" { Identity::of(&metadata_of(io::stdin())?) } else { Identity::of_path(path) }
}

fn metadata_of(stream: impl AsFd) -> Option<Metadata> {
    File::from(stream.as_fd().try_clone_to_owned().ok()?).metadata().ok()
}
