//! Runs a row, and says in which ways what came back is not what it expects.

use std::collections::BTreeMap;

use super::Row;
use super::places::Places;
use crate::harness::sums::wrong_sums;
use crate::harness::{Ended, differs, provfilter};

impl Row {
    /// Runs the program as the row says.
    pub(crate) fn run(&self) -> Ended {
        let args = self.args.list();
        let args: Vec<_> = args.iter().map(String::as_str).collect();
        let run = provfilter(&args).given(self.given.bytes());
        let run = self.env.iter().fold(run, |run, (name, value)| run.env(name, value));
        self.files.iter().fold(run, |run, (name, content)| run.file(name, content.bytes())).ends()
    }

    /// What is wrong with a run of this row.
    pub(crate) fn failure(&self, ended: &Ended) -> Option<String> {
        let differences: Vec<_> = [
            ended.status_differs(self.status),
            differs("standard output", &self.stdout.bytes(), &ended.stdout),
            differs("standard error", &self.stderr.bytes(), &ended.stderr),
        ]
        .into_iter()
        .flatten()
        .chain(self.wrong_files(ended))
        .chain(self.wrong_counts(ended))
        .chain(self.lost_lines(ended))
        .collect();
        (!differences.is_empty()).then(|| format!("{}\n{ended}", differences.join("\n")))
    }

    /// The files that the run left beside the report that the row looks into.
    pub(super) fn files_left(&self, ended: &Ended) -> BTreeMap<String, Vec<u8>> {
        let mut left = ended.files();
        if self.report.is_some() {
            left.remove("report.json");
        }
        left
    }

    /// The content of each file that must be there behind the run.
    pub(super) fn files_expected(&self) -> BTreeMap<&str, Vec<u8>> {
        let files = self.files.iter().chain(&self.leaves);
        files.map(|(name, content)| (name.as_str(), content.bytes())).collect()
    }

    fn wrong_files(&self, ended: &Ended) -> Vec<String> {
        let mut left = self.files_left(ended);
        let wrong = |(name, content): (&str, Vec<u8>)| match left.remove(name) {
            Some(got) => differs(name, &content, &got),
            None => Some(format!("{name} is not there")),
        };
        let mut wrong: Vec<_> = self.files_expected().into_iter().filter_map(wrong).collect();
        wrong.extend(left.keys().map(|name| format!("{name} is there, but not in the row")));
        wrong
    }

    fn wrong_counts(&self, ended: &Ended) -> Vec<String> {
        let Some(expected) = &self.report else {
            return Vec::new();
        };
        let report = ended.report_as_it_is("report.json");
        let wrong = expected.iter().filter(|(name, value)| report.get(name) != Some(value));
        let wrong = wrong.map(|(name, value)| format!("{name} of the report is {:?}, not {value}", report.get(name)));
        wrong.chain(wrong_sums(&report)).collect()
    }

    /// Lines that are neither where they should be nor counted.
    fn lost_lines(&self, ended: &Ended) -> Vec<String> {
        let args = self.args.list();
        let args: Vec<_> = args.iter().map(String::as_str).collect();
        let places = Places::of(&args, ended);
        let report = self.report.is_some().then(|| ended.report_as_it_is("report.json"));
        let counted = report.map_or(Vec::new(), |report| places.differ_from(&report));
        // Otherwise lines may go nowhere or come from elsewhere, and blank ones may be too long.
        let is_all_there = self.status < 2
            && self.files.is_empty()
            && places.rejects.is_some() | args.contains(&"pass")
            && !args.iter().any(|arg| ["-n", "-i", "stop", "--drop-excluded", "--max-line-bytes"].contains(arg));
        let lost = is_all_there.then(|| places.differ_from_input(&self.given.bytes())).flatten();
        counted.into_iter().chain(lost).collect()
    }
}
