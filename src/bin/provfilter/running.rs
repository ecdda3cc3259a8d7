//! Doing what was asked for: one stream, files in place, or reports that are added up; and attending to signals meanwhile.

mod attend;
mod in_place;
mod merge;
mod run;
mod signals;

pub(crate) use merge::merge;
pub(crate) use run::run;
pub(crate) use signals::fail_at_file_size_limit;
