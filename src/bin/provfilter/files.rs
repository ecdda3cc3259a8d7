//! Files and standard streams: how they are opened, checked against each other, and replaced whole.

mod attributes;
mod conflicts;
mod destination;
pub(crate) mod inputs;
mod outputs;
mod replace;
pub(crate) mod stdio;
mod version;

pub(crate) use conflicts::{OutputError, check_reports};
pub(crate) use destination::{Destination, Named};
pub(crate) use outputs::{NamedSides, SideOutputs, Writer};
pub(crate) use replace::{Replacement, open_regular};
pub(crate) use version::Version;
