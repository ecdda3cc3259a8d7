//! The laws, each as a function that panics where one is broken. Property tests and fuzz targets call them with lines of all kinds.

use std::collections::BTreeMap;

use provfilter::fault::Code;
use provfilter::pipeline::{Excluded, OnFault, Provenance};
use provfilter::record::{Record, Vectors};
use provfilter::summary::{FAULTS_KEPT, Summary};
use provfilter::timestamp::Timestamp;
use provfilter::value::Batch;

use super::flow::{Flow, Passed, chain};
use super::reference::{self, PROVENANCE, Step};

/// The chains that the program can be told to run, but for their rules.
pub(crate) const CHAINS: [&[Step]; 11] = [
    &[],
    &[Step::Annotate],
    &[Step::Backfill],
    &[Step::Exclude],
    &[Step::AllFields],
    &[Step::Annotate, Step::Exclude],
    &[Step::Backfill, Step::Exclude],
    &[Step::Annotate, Step::AllFields],
    &[Step::Backfill, Step::AllFields],
    &[Step::Annotate, Step::Exclude, Step::AllFields],
    &[Step::Backfill, Step::Exclude, Step::AllFields, Step::Validate],
];

/// `Record::parse` takes exactly the lines that are records, measures their depth, and gives each other line its fault.
pub(crate) fn reads_what_serde_json_reads(line: &[u8]) {
    let record = Record::parse(line);
    let own = record.as_ref().map(Record::depth).map_err(|fault| fault.code);
    let expected = reference::read(line).map(|reading| reading.depth);
    assert_eq!(own, expected, "{}", line.escape_ascii());
    if let Ok(record) = record {
        assert!(!record.is_changed());
        assert_eq!(record.to_bytes().escape_ascii().to_string(), line.escape_ascii().to_string());
    }
}

/// A record leaves the stages as the contract says: provenance edited member by member, every other byte as it came.
pub(crate) fn edits_provenance_and_nothing_else(member: &'static str, steps: &[Step], line: &[u8]) {
    let own = apply(member, steps, line).map(|bytes| bytes.escape_ascii().to_string());
    let expected = reference::apply(member, steps, line).map(|record| record.as_bytes().escape_ascii().to_string());
    assert_eq!(own, expected, "{member} {steps:?} {}", line.escape_ascii());
}

/// Going through the same stages again changes nothing.
pub(crate) fn twice_is_once(member: &'static str, steps: &[Step], line: &[u8]) {
    if let Ok(once) = apply(member, steps, line) {
        let twice = apply(member, steps, &once).expect("what leaves is a record");
        let is = twice.escape_ascii().to_string();
        assert_eq!(is, once.escape_ascii().to_string(), "{member} {steps:?} {}", line.escape_ascii());
    }
}

/// Without its provenance, the record that leaves is the record that came.
pub(crate) fn gives_the_record_back_without_provenance(member: &'static str, steps: &[Step], line: &[u8]) {
    let (Ok(before), Ok(out)) = (reference::read_at(member, line), apply(member, steps, line)) else {
        return;
    };
    let after = reference::read_at(member, &out).expect("what leaves is a record");
    let Some(place) = &after.provenance else {
        assert_eq!(after.line, before.line);
        return;
    };
    let around = (&after.line[..place.start], &after.line[place.end..]);
    if let Some(place) = &before.provenance {
        assert_eq!(around, (&before.line[..place.start], &before.line[place.end..]));
        return;
    }
    let (opening, closing) = before.around_added();
    let head = around.0.strip_suffix(&*opening).expect("members are spelled plainly");
    let rest = around.1.strip_prefix(&*closing).expect("parents are closed");
    assert_eq!(head.strip_suffix(',').unwrap_or(head), &before.line[..before.close]);
    assert_eq!(rest, &before.line[before.close..]);
}

fn apply(member: &'static str, steps: &[Step], line: &[u8]) -> Result<Vec<u8>, Code> {
    if member != PROVENANCE {
        return apply_in_pipeline(member, steps, line);
    }
    let now = Timestamp::from_unix_seconds(0).expect("the epoch is a time");
    let chain = chain(member, steps);
    let mut record = Record::parse(line).map_err(|fault| fault.code)?;
    chain.begin(&Batch { now, file: "-" }).apply(&mut record).map_err(|fault| fault.code)?;
    Ok(record.to_bytes())
}

fn apply_in_pipeline(member: &'static str, steps: &[Step], line: &[u8]) -> Result<Vec<u8>, Code> {
    let Passed { mut output, summary, .. } = Flow { member, ..Flow::new(steps) }.run(&[line]);
    if output.pop().is_none() {
        return Err(summary.faults.first().expect("a line that is left out has a fault").fault.code);
    }
    Ok(output)
}

/// Records that are stripped, in one go or when they come back, are those that came; with their lines of the sidecar they are those of
/// a run that keeps the provenance.
pub(crate) fn takes_provenance_apart_and_together<T: AsRef<[u8]>>(flow: &Flow, inputs: &[T]) {
    let kept = Flow { provenance: Provenance::Keep, ..flow.clone() }.run(inputs);
    let stripped = Flow { provenance: Provenance::Strip, ..flow.clone() }.run(inputs);
    assert_eq!(stripped.summary, Summary { bytes_out: stripped.summary.bytes_out, ..kept.summary.clone() });
    assert_eq!(stripped.sidecar.escape_ascii().to_string(), kept.sidecar.escape_ascii().to_string());

    let strip = Flow {
        steps: Vec::new(),
        excluded: Excluded::Keep,
        max_line_bytes: 1 << 20,
        provenance: Provenance::Strip,
        ..flow.clone()
    };
    let afterwards = strip.run(&[&kept.output]).output;
    assert_eq!(afterwards.escape_ascii().to_string(), stripped.output.escape_ascii().to_string());

    let [kept_lines, stripped_lines, sidecar] = [&kept.output, &stripped.output, &kept.sidecar].map(|bytes| lines(bytes));
    assert_eq!(kept_lines.len(), sidecar.len(), "each line has one of the sidecar");
    for ((line, stripped), provenance) in kept_lines.into_iter().zip(stripped_lines).zip(sidecar) {
        belong_together(flow.member, line, stripped, std::str::from_utf8(provenance).expect("a sidecar is text"));
    }
}

/// A record that was written with its provenance, the same without, and the provenance by itself.
fn belong_together(member: &'static str, line: &[u8], stripped: &[u8], provenance: &str) {
    let Ok(whole) = reference::read_at(member, line) else {
        assert_eq!((stripped, provenance), (line, "{}"), "a faulty line stays as it came");
        return;
    };
    let rest = reference::read_at(member, stripped).expect("what is stripped is a record");
    assert_eq!(provenance, whole.provenance(), "{}", line.escape_ascii());
    assert_eq!(rest.provenance, None, "{}", line.escape_ascii());
    assert_eq!(rest.beside(), whole.beside());
}

/// What is done to the provenance of a record leaves no trace where that is stripped: a record that came without is the same to the
/// byte, and with its line of the sidecar it is the annotated one.
pub(crate) fn leaves_no_trace_where_it_is_stripped(member: &'static str, steps: &[Step], line: &[u8]) {
    let Ok(before) = reference::read_at(member, line) else {
        return;
    };
    let strip = |steps: &[Step]| Flow { member, provenance: Provenance::Strip, ..Flow::new(steps) }.run(&[line]);
    let (stripped, sidecar) = (strip(steps).output, strip(steps).sidecar);
    if before.provenance.is_some() {
        assert_eq!(stripped.escape_ascii().to_string(), strip(&[]).output.escape_ascii().to_string());
    } else if !before.has_empty_parent() {
        assert_eq!(stripped.escape_ascii().to_string(), [line, b"\n"].concat().escape_ascii().to_string());
        let annotated = apply(member, steps, line).expect("no record is faulty");
        let again = Flow { member, provenance: Provenance::Strip, ..Flow::new(&[]) }.run(&[&annotated]).output;
        assert_eq!(again.escape_ascii().to_string(), stripped.escape_ascii().to_string());
        let together = match lines(&sidecar)[..] {
            [b"{}"] => before.line.to_owned(),
            [provenance] => before.with(std::str::from_utf8(provenance).expect("a sidecar is text")),
            _ => panic!("a record has one line"),
        };
        assert_eq!(together.as_bytes().escape_ascii().to_string(), annotated.escape_ascii().to_string());
    }
}

fn lines(bytes: &[u8]) -> Vec<&[u8]> {
    let ended = bytes.split_inclusive(|&byte| byte == b'\n');
    ended.map(|line| line.strip_suffix(b"\n").expect("output ends in a line feed")).collect()
}

/// The lines of an input leave and are counted as the contract says.
pub(crate) fn passes_the_lines<T: AsRef<[u8]>>(flow: &Flow, inputs: &[T]) {
    let passed = flow.run(inputs);
    let mut expected = Expected::default();
    for input in inputs {
        expected.take_input(flow, input.as_ref());
    }
    let mut own = Expected::of(&passed);
    expected.faults.truncate(FAULTS_KEPT);
    if flow.steps.contains(&Step::Validate) {
        // Those that it finds take the place of others.
        own.faults.clear();
        expected.faults.clear();
    }
    assert_eq!(own, expected, "{flow:?}");
    adds_up(&passed.summary);
}

/// The lines of a block are read as by themselves, in vectors of any width.
pub(crate) fn reads_a_block_as_its_lines(block: &[u8]) {
    for vectors in Vectors::ALL {
        passes_the_lines(&Flow { vectors, ..Flow::new(&[Step::Annotate]) }, &[block]);
    }
}

/// Every line is counted once, and every record goes to one place.
pub(crate) fn adds_up(summary: &Summary) {
    assert_eq!(summary.lines, summary.total + summary.blank_lines + summary.rejected + summary.passed, "{summary:?}");
    assert_eq!(summary.total, summary.written + summary.routed + summary.dropped, "{summary:?}");
}

/// The bytes and the summary are the same in which pieces ever the input arrives, and however many workers there are.
pub(crate) fn is_the_same_however_it_is_cut<T: AsRef<[u8]>>(flow: &Flow, inputs: &[T], pieces: &[usize], threads: usize) {
    let (whole, cut) = (flow.run(inputs), flow.cut(pieces, threads).run(inputs));
    assert_eq!(cut.output.escape_ascii().to_string(), whole.output.escape_ascii().to_string());
    assert_eq!(cut.excluded.escape_ascii().to_string(), whole.excluded.escape_ascii().to_string());
    assert_eq!(cut.rejects.escape_ascii().to_string(), whole.rejects.escape_ascii().to_string());
    assert_eq!(cut.sidecar.escape_ascii().to_string(), whole.sidecar.escape_ascii().to_string());
    assert_eq!(cut.summary, whole.summary);
}

/// What a run is to give, as far as the reference says.
#[derive(Debug, Default, PartialEq, Eq)]
struct Expected {
    output: String,
    excluded: String,
    rejects: String,
    lines: u64,
    blank_lines: u64,
    total: u64,
    bytes_in: u64,
    /// The first faults: their codes and lines.
    faults: Vec<(Code, u64)>,
    /// How many lines have a fault, by its code, but for those that leave all the same.
    by_error: BTreeMap<Code, u64>,
    unchanged: u64,
}

impl Expected {
    fn of(passed: &Passed) -> Self {
        let Passed { output, excluded, rejects, summary, .. } = passed;
        Self {
            output: String::from_utf8_lossy(output).into_owned(),
            excluded: String::from_utf8_lossy(excluded).into_owned(),
            rejects: String::from_utf8_lossy(rejects).into_owned(),
            lines: summary.lines,
            blank_lines: summary.blank_lines,
            total: summary.total,
            bytes_in: summary.bytes_in,
            faults: summary.faults.iter().map(|located| (located.fault.code, located.line)).collect(),
            by_error: summary.by_error.iter().filter(|(code, _)| *code != Code::InvalidProvenance).collect(),
            unchanged: summary.unchanged,
        }
    }

    fn take_input(&mut self, flow: &Flow, input: &[u8]) {
        self.bytes_in += input.len() as u64;
        for (line, number) in input.split_inclusive(|&byte| byte == b'\n').zip(1..) {
            let line = line.strip_suffix(b"\n").unwrap_or(line);
            let unmarked = line.strip_prefix("\u{feff}".as_bytes()).filter(|_| number == 1);
            self.take_line(flow, unmarked.unwrap_or(line), number);
        }
        // A mark with nothing behind it is no line.
        if input == "\u{feff}".as_bytes() {
            self.lines -= 1;
            self.blank_lines -= 1;
            if flow.on_fault == OnFault::Pass {
                self.output.pop();
            }
        }
    }

    fn take_line(&mut self, flow: &Flow, line: &[u8], number: u64) {
        self.lines += 1;
        if line.len() > flow.max_line_bytes {
            self.take_fault(flow, Code::LineTooLong, line, number);
            return;
        }
        if line.iter().all(|byte| b" \t\r".contains(byte)) {
            self.blank_lines += 1;
            if flow.on_fault == OnFault::Pass {
                push_line(&mut self.output, line);
            }
            return;
        }
        match reference::apply(flow.member, &flow.steps, line) {
            Ok(record) => {
                self.total += 1;
                self.unchanged += u64::from(record.as_bytes() == line);
                let is_excluded = reference::is_excluded(flow.member, &record);
                let out = if is_excluded && flow.excluded == Excluded::Route { &mut self.excluded } else { &mut self.output };
                if !(is_excluded && flow.excluded == Excluded::Drop) {
                    push_line(out, record.as_bytes());
                }
            }
            Err(code) => self.take_fault(flow, code, line, number),
        }
    }

    fn take_fault(&mut self, flow: &Flow, code: Code, line: &[u8], number: u64) {
        self.faults.push((code, number));
        *self.by_error.entry(code).or_default() += 1;
        push_line(if flow.on_fault == OnFault::Pass { &mut self.output } else { &mut self.rejects }, line);
    }
}

fn push_line(out: &mut String, line: &[u8]) {
    out.push_str(&String::from_utf8_lossy(line));
    out.push('\n');
}
