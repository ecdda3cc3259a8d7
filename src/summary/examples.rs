//! The first records that each rule excluded: a few to look at, however many there are.

use std::collections::BTreeMap;
use std::ops::AddAssign;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// The first records that were excluded, by reason.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ExclusionExamples(BTreeMap<Arc<str>, Vec<ExclusionExample>>);

/// An excluded record and its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExclusionExample {
    /// The input's name; `-` for standard input.
    pub file: Arc<str>,
    /// The number of the line in its file, counted from 1.
    pub line: u64,
    /// The bytes in the file before the line.
    pub byte_offset: u64,
    /// What a screen found, in words; `None` for a filter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<String>,
}

impl ExclusionExamples {
    /// How many examples of a reason are kept.
    pub const KEPT: usize = 3;

    /// How many reasons have examples. A run has as many as it has rules; sums of runs may have more.
    const REASONS: usize = 1000;

    /// Keeps an example, if there is room for it.
    pub fn add(&mut self, reason: &Arc<str>, example: ExclusionExample) {
        if let Some(examples) = self.0.get_mut(reason) {
            if examples.len() < Self::KEPT {
                examples.push(example);
            }
        } else if self.0.len() < Self::REASONS {
            self.0.insert(Arc::clone(reason), vec![example]);
        }
    }

    /// The examples of a reason, in the order of the input.
    #[must_use]
    pub fn of_reason(&self, reason: &str) -> &[ExclusionExample] {
        self.0.get(reason).map_or(&[], Vec::as_slice)
    }

    /// The reasons in the order of their names, each with its examples.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[ExclusionExample])> {
        self.0.iter().map(|(reason, examples)| (&**reason, examples.as_slice()))
    }
}

impl AddAssign for ExclusionExamples {
    fn add_assign(&mut self, rest: Self) {
        for (reason, examples) in rest.0 {
            for example in examples {
                self.add(&reason, example);
            }
        }
    }
}
