//! How many lines a run has put where, held against its report and against its input.

use crate::harness::Ended;
use crate::harness::sums::{blank_lines, faults, lines};

/// How many lines a run has put where.
pub(crate) struct Places {
    /// Nothing where the records go into the files that they come from.
    pub(crate) output: Option<u64>,
    pub(crate) excluded: Option<u64>,
    pub(crate) rejects: Option<u64>,
    pub(crate) errors: Option<u64>,
    pub(crate) on_fault: OnFault,
}

#[derive(PartialEq)]
pub(crate) enum OnFault {
    LeaveOut,
    Pass,
}

impl Places {
    pub(crate) fn of(args: &[&str], ended: &Ended) -> Self {
        let files = ended.files();
        let file = |flag| {
            let position = args.iter().position(|arg| *arg == flag)?;
            files.get(*args.get(position + 1)?).map(|content| lines(content))
        };
        let is_in_place = args.iter().any(|arg| arg.starts_with("-i") || arg.starts_with("--in-place"));
        Self {
            output: (!is_in_place).then(|| lines(&ended.stdout)),
            excluded: file("--excluded-to"),
            rejects: file("--rejects"),
            errors: file("--errors"),
            on_fault: if args.contains(&"pass") && !args.contains(&"-n") { OnFault::Pass } else { OnFault::LeaveOut },
        }
    }

    pub(crate) fn differ_from(&self, report: &serde_json::Value) -> Vec<String> {
        let count = |name: &str| report[name].as_u64().unwrap_or_default();
        let blank_lines = if self.on_fault == OnFault::Pass { count("blank_lines") } else { 0 };
        let places = [
            ("standard output", self.output, count("written") + count("passed") + blank_lines),
            ("--excluded-to", self.excluded, count("routed")),
            ("--rejects", self.rejects, count("rejected")),
            ("--errors", self.errors, faults(report)),
        ];
        let wrong = places.into_iter().filter_map(|(name, lines, counted)| Some((name, lines?, counted)));
        let wrong = wrong.filter(|(_, lines, counted)| lines != counted);
        wrong.map(|(name, lines, counted)| format!("{name} has {lines} lines, but {counted} are counted")).collect()
    }

    pub(crate) fn differ_from_input(&self, given: &[u8]) -> Option<String> {
        let given = given.strip_prefix(b"\xef\xbb\xbf").unwrap_or(given);
        let blank_lines = if self.on_fault == OnFault::Pass { 0 } else { blank_lines(given) };
        let out = [self.output, self.excluded, self.rejects].into_iter().flatten().sum::<u64>() + blank_lines;
        (out != lines(given)).then(|| format!("{} lines came in, but {out} are accounted for", lines(given)))
    }
}
