//! Evaluates plain filters on the text of a record, without building values for jaq.
//!
//! Most rules compare a member with a constant, or search it with a regular expression, or do so with each element of an array. A filter
//! made of such terms is evaluated here; jaq stays the authority. Anything harder (most errors, numbers beyond a machine's, arrays compared
//! with each other) has no answer here, and the whole filter is left to jaq.

mod plain;
mod reader;
mod seen;

use jaq_core::load::parse::{Def, Term};

use super::answer::Answer;
use crate::record::Record;
use plain::Many;
use seen::{Seen, Stop};

/// A filter that needs no values of jaq's.
pub(super) struct Direct(Many);

impl Direct {
    /// Looks whether a filter is of the plain kind. It may call the language's own functions, and `shared` ones of the user's.
    pub(super) fn of(filter: &Term<&str>, shared: &[Def<&str>]) -> Option<Self> {
        reader::read(filter, shared).map(Self)
    }

    /// What the filter says of a record or why it fails, or nothing where jaq is to say it.
    pub(super) fn run(&self, record: &Record<'_>) -> Option<Result<Answer, String>> {
        match self.0.first(record) {
            Ok(None | Some(Seen::Null | Seen::Bool(false))) => Some(Ok(Answer::Passes)),
            Ok(Some(Seen::Bool(true))) => Some(Ok(Answer::Matches)),
            Ok(Some(_)) => Some(Ok(Answer::MatchesOddly)),
            Err(Stop::Fails(why)) => Some(Err(why)),
            Err(Stop::Unclear) => None,
        }
    }
}
