//! The data that jaq's filters run on, and what native functions can access.

use jaq_core::data::HasLut;
use jaq_core::{DataT, Lut};
use jaq_json::Val;

use super::pattern::Session;

/// Ties jaq's filters to what they share while they run.
pub(super) struct Jq;

impl DataT for Jq {
    type V<'a> = Val;
    type Data<'a> = &'a Surroundings<'a>;
}

/// What natives get at beside their input while a filter runs.
pub(super) struct Surroundings<'a> {
    pub(super) lut: &'a Lut<Jq>,
    pub(super) session: &'a Session<'a>,
    /// Gives the value of a name that is given to filters.
    pub(super) given: &'a dyn Fn(&[u8]) -> Val,
}

impl<'a> HasLut<'a, Jq> for &'a Surroundings<'a> {
    fn lut(&self) -> &'a Lut<Jq> {
        self.lut
    }
}
