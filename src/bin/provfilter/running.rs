//! Carries out a plan: a stream, files rewritten in place, or reports to merge.

mod attend;
mod in_place;
mod merge;
mod run;
mod signals;

pub(crate) use merge::merge;
pub(crate) use run::run;
pub(crate) use signals::fail_at_file_size_limit;
