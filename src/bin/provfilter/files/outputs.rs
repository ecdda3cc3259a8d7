//! The side files of a run.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

use provfilter::pipeline::{Output, Outputs};
use provfilter::{Descriptor, Error};
use rustix::fs::Access;
use rustix::io::Errno;
use tokio::io::Sink;
use tokio_util::either::Either;

use super::conflicts::{self, Identity, OutputError, Place, Sharing};
use super::destination::{Destination, Named};
use super::replace::folder;
use crate::command_line::{Plan, SideFiles, Target};

/// What records and lines are written to: a descriptor, or nothing.
pub(crate) type Writer = Either<Descriptor, Sink>;

/// The side outputs as they were asked for. Files are still to be opened.
pub(crate) struct NamedSides {
    excluded: Option<Named>,
    rejects: Option<Named>,
    sidecar: Option<Named>,
    errors: Option<Named>,
}

/// The side outputs, which all files of a run share.
pub(crate) struct SideOutputs {
    excluded: Option<Side>,
    rejects: Option<Side>,
    sidecar: Option<Side>,
    errors: Option<Side>,
}

struct Side {
    named: Named,
    file: File,
}

impl NamedSides {
    /// Takes hold of the descriptors that side outputs lead to. To be called before the program opens descriptors of its own.
    pub(crate) fn of(plan: &Plan) -> Result<Self, Error> {
        Ok(Self {
            excluded: plan.excluded_to.as_deref().map(Named::of).transpose()?,
            rejects: plan.rejects.as_deref().map(Named::of).transpose()?,
            sidecar: plan.sidecar.as_deref().map(Named::of).transpose()?,
            errors: plan.errors.as_deref().map(Named::of).transpose()?,
        })
    }

    /// A named pipe is among them: opening it waits for whoever opens its other end.
    pub(crate) fn may_wait(&self) -> bool {
        let is_pipe = |named: &Named| match &named.destination {
            Destination::Descriptor(_) => false,
            Destination::Path(path) => fs::metadata(path).is_ok_and(|metadata| !metadata.is_file()),
        };
        [&self.excluded, &self.rejects, &self.sidecar, &self.errors].into_iter().flatten().any(is_pipe)
    }

    /// Opens the side outputs, and empties those that are to be, once it is clear that none of them is an input or another output, such
    /// as one of the reports. Waits for the readers of named pipes.
    pub(crate) fn open(self, plan: &Plan, reports: &[Named]) -> Result<SideOutputs, OutputError> {
        let open = |named: Option<Named>| named.map(|named| Side::open(named, plan.side_files)).transpose();
        let sides = SideOutputs {
            excluded: open(self.excluded)?,
            rejects: open(self.rejects)?,
            sidecar: open(self.sidecar)?,
            errors: open(self.errors)?,
        };
        conflicts::check(plan, reports.iter().filter_map(Place::of_report).chain(sides.places()))?;
        reports.iter().try_for_each(check_report)?;
        sides.iter().try_for_each(|side| side.make_ready(plan))?;
        Ok(sides)
    }
}

impl SideOutputs {
    /// All outputs of a run whose records go to `records`.
    pub(crate) fn with(&self, records: Output<Writer>) -> Result<Outputs<Writer>, Error> {
        let to_output = |side: &Option<Side>| side.as_ref().map(Side::to_output).transpose();
        Ok(Outputs {
            records,
            excluded: to_output(&self.excluded)?,
            rejects: to_output(&self.rejects)?,
            sidecar: to_output(&self.sidecar)?,
            errors: to_output(&self.errors)?,
        })
    }

    /// Rejected lines are kept.
    pub(crate) fn keep_rejects(&self) -> bool {
        self.rejects.is_some()
    }

    /// Waits until all that was written is on the disk.
    pub(crate) fn sync(&self) -> Result<(), Error> {
        self.iter().try_for_each(Side::sync)
    }

    fn iter(&self) -> impl Iterator<Item = &Side> {
        [&self.excluded, &self.rejects, &self.sidecar, &self.errors].into_iter().flatten()
    }

    fn places(&self) -> impl Iterator<Item = Place> {
        let sides = [
            ("--excluded-to", &self.excluded),
            ("--rejects", &self.rejects),
            ("--sidecar", &self.sidecar),
            ("--errors", &self.errors),
        ];
        sides.into_iter().filter_map(|(flag, side)| side.as_ref()?.place(flag))
    }
}

impl Side {
    /// Opens a side output, without emptying it yet: it might be an input.
    fn open(named: Named, side_files: SideFiles) -> Result<Self, Error> {
        let opened = match &named.destination {
            Destination::Descriptor(file) => file.try_clone(),
            Destination::Path(path) => match side_files {
                SideFiles::Empty => File::options().write(true).create(true).truncate(false).open(path),
                SideFiles::Append => open_to_append(path),
            },
        };
        let file = opened.map_err(|source| named.failed(source))?;
        Ok(Self { named, file })
    }

    /// Empties the file, or sees to it that what is appended to it starts on a line of its own.
    fn make_ready(&self, plan: &Plan) -> Result<(), Error> {
        let Destination::Path(path) = &self.named.destination else {
            return Ok(());
        };
        if !self.is_regular() {
            return Ok(());
        }
        let ready = match plan.side_files {
            SideFiles::Empty => self.file.set_len(0),
            SideFiles::Append => end_line(&self.file),
        };
        let kept = || if plan.target == Target::StandardOutput { Ok(()) } else { File::open(folder(path))?.sync_all() };
        ready.and_then(|()| kept()).map_err(|source| self.named.failed(source))
    }

    fn sync(&self) -> Result<(), Error> {
        if self.is_regular() { self.file.sync_all().map_err(|source| self.named.failed(source)) } else { Ok(()) }
    }

    fn is_regular(&self) -> bool {
        self.file.metadata().is_ok_and(|metadata| metadata.is_file())
    }

    fn to_output(&self) -> Result<Output<Writer>, Error> {
        let file = self.file.try_clone().map_err(|source| self.named.failed(source))?;
        Ok(Output::new(Arc::clone(&self.named.name), Either::Left(Descriptor::new(file))))
    }

    fn place(&self, role: &'static str) -> Option<Place> {
        let sharing = match self.named.destination {
            Destination::Descriptor(_) => Sharing::Shared,
            Destination::Path(_) => Sharing::Alone,
        };
        let identity = Identity::of(&self.file.metadata().ok()?)?;
        Some(Place { name: Arc::clone(&self.named.name), role, identity, sharing })
    }
}

/// Opens a file to write at its end, and to read where its last line ends, if that is allowed.
fn open_to_append(path: &Path) -> io::Result<File> {
    let is_regular = fs::metadata(path).map_or_else(|why| why.kind() == io::ErrorKind::NotFound, |metadata| metadata.is_file());
    let opened = File::options().read(is_regular).append(true).create(true).open(path);
    match opened {
        Err(why) if is_regular && why.kind() == io::ErrorKind::PermissionDenied => {
            File::options().append(true).create(true).open(path)
        }
        opened => opened,
    }
}

/// Ends the last line of a file, which a crash may have cut short.
fn end_line(mut file: &File) -> io::Result<()> {
    let mut last = [b'\n'];
    let length = file.metadata()?.len();
    // A file that cannot be read is taken at its word.
    let read = length.checked_sub(1).map_or(Ok(0), |position| file.read_at(&mut last, position));
    if read.is_ok() && last != [b'\n'] { file.write_all(b"\n") } else { Ok(()) }
}

/// Refuses a path that no report can be written to, before there is one to write.
fn check_report(named: &Named) -> Result<(), Error> {
    let Destination::Path(path) = &named.destination else {
        return Ok(());
    };
    let writable = match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => Err(Errno::ISDIR),
        Ok(metadata) if !metadata.is_file() => rustix::fs::access(path, Access::WRITE_OK),
        // A file is replaced by a new one in its folder.
        _ => rustix::fs::access(folder(path), Access::WRITE_OK | Access::EXEC_OK),
    };
    writable.map_err(|why| named.failed(why.into()))
}
