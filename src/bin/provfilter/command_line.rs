//! What was asked for: flags, what they mean together, and what is wrong with them. Knows nothing about carrying it out.

mod arguments;
mod fill;
mod flags;
mod generate;
mod help;
mod nearest;
mod plan;
mod report_path;
mod rules;
mod screens;
mod stages;
mod suggestions;
mod usage;
mod values;

pub(crate) use arguments::parse;
pub(crate) use flags::Cli;
pub(crate) use generate::generate;
pub(crate) use plan::{Digests, Merge, Plan, Reporting, SideFiles, Target, Verbosity};
pub(crate) use screens::list_screens;
pub(crate) use usage::UsageError;
pub(crate) use values::When;
