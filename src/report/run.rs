//! What a run was asked to do, and what it read and wrote. No environment, and no path that was not given.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What a run was asked to do, and what it read and wrote.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RunRecord {
    /// The stages, in their order.
    pub stages: Vec<StageRecord>,
    /// The rules, in the order in which they were tried.
    pub rules: Vec<RuleRecord>,
    /// The first [`RunRecord::INPUTS_KEPT`] inputs, in their order.
    pub inputs: Vec<InputRecord>,
    /// What was written.
    pub output: OutputRecord,
}

/// A stage and its settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StageRecord {
    /// Its name, such as `annotate`.
    pub name: String,
    /// The values of each setting, in the order in which they are tried.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<String, Vec<String>>,
}

/// A rule: a reason, and what finds the records to exclude.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleRecord {
    /// The reason that it gives.
    pub reason: String,
    /// Its filter in the jq language, unless it is a screen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// The built-in screen, unless it is a filter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub screen: Option<String>,
}

/// An input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputRecord {
    /// Its name as it was given; `-` for standard input.
    pub name: String,
    /// The number of lines read.
    pub lines: u64,
    /// The number of bytes read, as they are in the file: compressed, if it is.
    pub bytes: u64,
    /// The SHA-256 of those bytes in hexadecimal digits (FIPS 180-4), if asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

/// The output.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutputRecord {
    /// Its name as it was given, if there is one output with a name; a shell's redirection gives none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The number of bytes written.
    pub bytes: u64,
    /// The SHA-256 of those bytes in hexadecimal digits (FIPS 180-4), if asked for and there is one output.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

impl RunRecord {
    /// How many inputs a report lists.
    pub const INPUTS_KEPT: usize = 1000;

    /// How many stages and rules a sum of runs lists.
    const STEPS_KEPT: usize = 1000;

    /// Adds another run: its inputs behind those that are there, and the stages and rules that are not there yet.
    pub(super) fn merge(&mut self, other: Self) {
        let Self { stages, rules, inputs, output } = other;
        add_new(&mut self.stages, stages);
        add_new(&mut self.rules, rules);
        let room = Self::INPUTS_KEPT.saturating_sub(self.inputs.len());
        self.inputs.extend(inputs.into_iter().take(room));
        self.output.bytes += output.bytes;
        // Two outputs have neither a name nor a digest together.
        (self.output.name, self.output.sha256) = (None, None);
    }

    /// The inputs that the other run has read too, as their digests tell. Empty ones count for nothing.
    pub(super) fn inputs_in_common<'o>(&self, other: &'o Self) -> impl Iterator<Item = &'o InputRecord> {
        let own: std::collections::HashSet<_> = self.inputs.iter().filter_map(|input| input.sha256.clone()).collect();
        other
            .inputs
            .iter()
            .filter(move |input| input.bytes > 0 && input.sha256.as_ref().is_some_and(|digest| own.contains(digest)))
    }
}

fn add_new<T: PartialEq>(list: &mut Vec<T>, more: Vec<T>) {
    for item in more {
        if list.len() < RunRecord::STEPS_KEPT && !list.contains(&item) {
            list.push(item);
        }
    }
}
