//! The files that a run writes to besides the records' own, and the care that none of them is one that it reads.

use std::fs::{self, File, Metadata};
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use provfilter::pipeline::{Output, Outputs};
use provfilter::{Descriptor, Error};
use rustix::fs::Access;
use rustix::io::Errno;

use super::replace::{folder, kept_name};
use crate::command_line::{Plan, Target};

/// The side outputs, which all files of a run share.
pub(crate) struct SideOutputs {
    excluded: Option<Side>,
    rejects: Option<Side>,
    errors: Option<Side>,
}

struct Side {
    name: Arc<str>,
    file: File,
}

/// Why a run's outputs are not opened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OutputError {
    #[error(transparent)]
    Open(#[from] Error),
    #[error("{name}: is both read and written: it would be overwritten while it is read")]
    IsInput { name: Arc<str>, role: &'static str },
    #[error("{name}: is written to twice, as {first} and as {second}")]
    IsOutput { name: Arc<str>, first: &'static str, second: &'static str },
}

impl OutputError {
    /// What to do about it.
    pub(crate) fn hint(&self) -> Option<&'static str> {
        match self {
            Self::IsInput { role: IN_PLACE, .. } => Some("keep the old file under another suffix"),
            Self::IsInput { .. } => Some("write to another file, or rewrite the file with --in-place"),
            _ => None,
        }
    }
}

impl SideOutputs {
    /// Opens the side outputs, and empties them once it is clear that none of them is an input or another output.
    pub(crate) fn open(plan: &Plan) -> Result<Self, OutputError> {
        let sides = Self {
            excluded: plan.excluded_to.as_deref().map(Side::open).transpose()?,
            rejects: plan.rejects.as_deref().map(Side::open).transpose()?,
            errors: plan.errors.as_deref().map(Side::open).transpose()?,
        };
        check(plan, &sides.places())?;
        plan.reporting.paths().try_for_each(check_report)?;
        for Side { name, file } in sides.iter() {
            let is_file = file.metadata().is_ok_and(|metadata| metadata.is_file());
            if is_file {
                file.set_len(0).map_err(|source| Error::Write { output: Arc::clone(name), source })?;
            }
        }
        Ok(sides)
    }

    /// All outputs of a run whose records go to `records`.
    pub(crate) fn with(&self, records: Output<Descriptor>) -> Result<Outputs<Descriptor>, Error> {
        let to_output = |side: &Option<Side>| side.as_ref().map(Side::to_output).transpose();
        Ok(Outputs {
            records,
            excluded: to_output(&self.excluded)?,
            rejects: to_output(&self.rejects)?,
            sidecar: None,
            errors: to_output(&self.errors)?,
        })
    }

    /// Rejected lines are kept.
    pub(crate) fn keep_rejects(&self) -> bool {
        self.rejects.is_some()
    }

    fn iter(&self) -> impl Iterator<Item = &Side> {
        [&self.excluded, &self.rejects, &self.errors].into_iter().flatten()
    }

    fn places(&self) -> Vec<Place> {
        let sides = [("--excluded-to", &self.excluded), ("--rejects", &self.rejects), ("--errors", &self.errors)];
        let place = |(flag, side): (&'static str, &Option<Side>)| {
            let Side { name, file } = side.as_ref()?;
            Place::of(Arc::clone(name), flag, Identity::of(&file.metadata().ok()?))
        };
        sides.into_iter().filter_map(place).collect()
    }
}

impl Side {
    fn open(path: &Path) -> Result<Self, Error> {
        let name: Arc<str> = path.to_string_lossy().into();
        // Not emptied yet: it might be an input.
        let opened = File::options().write(true).create(true).truncate(false).open(path);
        let file = opened.map_err(|source| Error::Write { output: Arc::clone(&name), source })?;
        Ok(Self { name, file })
    }

    fn to_output(&self) -> Result<Output<Descriptor>, Error> {
        let name = Arc::clone(&self.name);
        let file = self.file.try_clone().map_err(|source| Error::Write { output: Arc::clone(&name), source })?;
        Ok(Output::new(name, Descriptor::new(file)))
    }
}

/// The role of a file that is kept as it was before it is rewritten.
const IN_PLACE: &str = "--in-place";

/// A regular file that is written to.
struct Place {
    name: Arc<str>,
    role: &'static str,
    identity: Identity,
}

/// What tells a file from all others, under whatever name.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Identity {
    /// Its device, and its number there.
    There(u64, u64),
    /// Where it will be.
    ToCome(PathBuf),
}

impl Identity {
    /// Nothing for pipes, terminals and devices, which may be read and written at once.
    fn of(metadata: &Metadata) -> Option<Self> {
        metadata.is_file().then(|| Self::There(metadata.dev(), metadata.ino()))
    }

    fn of_path(path: &Path) -> Option<Self> {
        match fs::metadata(path) {
            Ok(metadata) => Self::of(&metadata),
            Err(_) => Some(Self::ToCome(fs::canonicalize(folder(path)).ok()?.join(path.file_name()?))),
        }
    }
}

impl Place {
    fn of(name: Arc<str>, role: &'static str, identity: Option<Identity>) -> Option<Self> {
        Some(Self { name, role, identity: identity? })
    }
}

/// Refuses a file that is read and written, or written twice.
fn check(plan: &Plan, sides: &[Place]) -> Result<(), OutputError> {
    let output = (plan.target == Target::StandardOutput).then(|| metadata_of(io::stdout())).flatten();
    let output = output.and_then(|metadata| Place::of("standard output".into(), "the records", Identity::of(&metadata)));
    let reports = plan.reporting.paths();
    let reports = reports.filter_map(|path| Place::of(path.to_string_lossy().into(), "--report", Identity::of_path(path)));
    let places: Vec<Place> = output.into_iter().chain(reports).chain(kept(plan)).collect();
    let places: Vec<&Place> = places.iter().chain(sides).collect();

    let inputs: Vec<Identity> = plan.files.iter().filter_map(|path| Identity::of(&metadata_of_input(path)?)).collect();
    for (position, place) in places.iter().enumerate() {
        if inputs.contains(&place.identity) {
            return Err(OutputError::IsInput { name: Arc::clone(&place.name), role: place.role });
        }
        if let Some(first) = places[..position].iter().find(|first| first.identity == place.identity) {
            return Err(OutputError::IsOutput { name: Arc::clone(&place.name), first: first.role, second: place.role });
        }
    }
    Ok(())
}

/// Where the old files will be kept that are rewritten in place.
fn kept(plan: &Plan) -> Vec<Place> {
    let Target::InPlace { keep_as: Some(suffix) } = &plan.target else {
        return Vec::new();
    };
    let place = |path: &PathBuf| {
        let kept = kept_name(&fs::canonicalize(path).ok()?, suffix);
        Place::of(kept_name(path, suffix).to_string_lossy().into(), IN_PLACE, Identity::of_path(&kept))
    };
    plan.files.iter().filter_map(place).collect()
}

/// Refuses a path that no report can be written to, before there is one to write.
fn check_report(path: &Path) -> Result<(), Error> {
    let writable = match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => Err(Errno::ISDIR),
        Ok(metadata) if !metadata.is_file() => rustix::fs::access(path, Access::WRITE_OK),
        // A file is replaced by a new one in its folder.
        _ => rustix::fs::access(folder(path), Access::WRITE_OK | Access::EXEC_OK),
    };
    writable.map_err(|why| Error::Write { output: path.to_string_lossy().into(), source: why.into() })
}

fn metadata_of_input(path: &Path) -> Option<Metadata> {
    if path.as_os_str() == "-" { metadata_of(io::stdin()) } else { fs::metadata(path).ok() }
}

fn metadata_of(stream: impl AsFd) -> Option<Metadata> {
    File::from(stream.as_fd().try_clone_to_owned().ok()?).metadata().ok()
}
