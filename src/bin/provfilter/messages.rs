//! What the program prints for people: diagnostics, progress and reports.

mod color;
pub(crate) mod diagnostics;
mod faults;
mod hints;
mod live;
pub(crate) mod notes;
mod printer;
mod progress;
mod reports;
mod terminal;

pub(crate) use faults::FirstFaults;
pub(crate) use printer::{Printer, Readers};
pub(crate) use progress::Meter;
pub(crate) use reports::Reports;
