//! Files and standard streams: how they are opened, checked against each other, and replaced whole.

mod outputs;
mod replace;
pub(crate) mod stdio;

pub(crate) use outputs::{OutputError, SideOutputs};
pub(crate) use replace::Replacement;
