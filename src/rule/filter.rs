//! A compiled jq filter, and its result for a record.

use std::panic::{AssertUnwindSafe, catch_unwind};

use jaq_core::{Ctx, Vars};
use jaq_json::Val;
use jaq_std::ValT as _;

use super::answer::Answer;
use super::error::RuleError;
use super::given::GivenValues;
use super::jq::{Jq, Surroundings};
use super::language::{Compiled, Language};
use super::pattern::Session;
use super::reach::Reach;
use super::subject::Case;
use crate::fault::Fault;
use crate::record::Record;

/// A compiled filter.
pub(super) struct Filter {
    text: String,
    compiled: Compiled,
}

impl Filter {
    /// Compiles a filter.
    ///
    /// # Errors
    ///
    /// The filter does not compile.
    pub(super) fn new(text: &str, language: &Language<'_>) -> Result<Self, RuleError> {
        Ok(Self { text: text.to_owned(), compiled: language.compile(text)? })
    }

    /// The filter as it was written.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// What the filter can reach of its record.
    pub(super) fn reach(&self) -> &Reach {
        &self.compiled.reach
    }

    /// What the filter says of a record, or why it failed, in words.
    ///
    /// # Errors
    ///
    /// The record nests too deep, or cannot be read as a value.
    pub(super) fn judge(&self, case: &mut Case<'_, '_, '_>) -> Result<Result<Answer, String>, Fault> {
        case.check_depth()?;
        if let Some(verdict) = self.run_directly(case.record) {
            return Ok(verdict);
        }
        let value = case.value()?;
        Ok(self.run(value, case.session(), &case.given))
    }

    /// What the filter says of a record or why it fails, if that can be told without a value of it.
    pub(super) fn run_directly(&self, record: &Record<'_>) -> Option<Result<Answer, String>> {
        self.compiled.direct.as_ref()?.run(record)
    }

    /// Runs the filter on the value of a record, up to its first result.
    ///
    /// # Errors
    ///
    /// Why it failed, in words.
    pub(super) fn run(&self, record: Val, session: &Session<'_>, given: &GivenValues<'_>) -> Result<Answer, String> {
        let program = &self.compiled.program;
        let given = |name: &[u8]| given.get(name);
        let surroundings = Surroundings { lut: &program.lut, session, given: &given };
        // A panic in a library is a fault of the record that led to it, not the end of the run.
        let first = catch_unwind(AssertUnwindSafe(|| {
            let context = Ctx::<Jq>::new(&surroundings, Vars::new([]));
            program.id.run((context, record)).next().map(|result| {
                result
                    .map(|value| match value {
                        Val::Null | Val::Bool(false) => Answer::Passes,
                        Val::Bool(true) => Answer::Matches,
                        _ => Answer::MatchesOddly,
                    })
                    .map_err(|exception| exception.get_err().map_or_else(|_| "halted".to_owned(), in_words))
            })
        }));
        first.unwrap_or_else(|_| Some(Err("panicked".to_owned()))).unwrap_or(Ok(Answer::Passes))
    }
}

/// An error as text: what a string says, as `jq` prints it, and any other value as JSON.
fn in_words(error: jaq_core::Error<Val>) -> String {
    let value = error.into_val();
    match value.as_utf8_bytes() {
        Some(text) => String::from_utf8_lossy(text).into_owned(),
        None => value.to_string(),
    }
}
