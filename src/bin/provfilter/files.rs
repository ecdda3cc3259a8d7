//! Files and standard streams: how they are opened, checked against each other, and replaced whole.

pub(crate) mod inputs;
mod outputs;
mod replace;
pub(crate) mod stdio;

pub(crate) use outputs::{OutputError, SideOutputs};
pub(crate) use replace::Replacement;
