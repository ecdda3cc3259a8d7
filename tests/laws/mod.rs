//! The laws that hold for every input: same bytes however it arrives, twice is once, not a byte lost, and summaries that add up.
//!
//! `claims` says what holds, `generate` makes the lines to try it with, `reference` says a second time what a record is and what
//! becomes of it, and `flow` runs the pipeline. The fuzz targets share all but `generate`.

mod claims;
mod duplicates;
mod flow;
mod generate;
mod reference;

use std::fmt::Debug;

use bytes::Bytes;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use provfilter::fault::Code;
use provfilter::pipeline::{Excluded, OnFault, Provenance};
use provfilter::record::Record;
use provfilter::summary::{ExclusionExample, ExclusionExamples, Summary};

use claims::CHAINS;
use flow::Flow;
use generate::TELLING_BYTES;
use reference::{PROVENANCE, Step};

fn steps() -> impl Strategy<Value = &'static [Step]> {
    select(CHAINS.to_vec())
}

/// Places of the provenance.
fn member() -> impl Strategy<Value = &'static str> {
    prop_oneof![2 => Just(PROVENANCE), 3 => select(vec!["meta", "/a/b", "/a/provenance/b"])]
}

/// A place of the provenance, and a record that may have some there.
fn record() -> impl Strategy<Value = (&'static str, String)> {
    member().prop_flat_map(|member| (Just(member), generate::record_at(member)))
}

/// A flow, and inputs with provenance where it looks for it.
fn flow_and<T: Debug>(inputs: impl Fn(&'static str) -> BoxedStrategy<T>) -> impl Strategy<Value = (Flow, T)> {
    flow().prop_flat_map(move |flow| (Just(flow.clone()), inputs(flow.member)))
}

fn flow() -> impl Strategy<Value = Flow> {
    let excluded = select(vec![Excluded::Keep, Excluded::Route, Excluded::Drop]);
    let max_line_bytes = prop_oneof![2 => Just(1 << 20), 1 => 3..200_usize];
    let on_fault = select(vec![OnFault::Reject, OnFault::Pass]);
    let flows = (member(), steps(), max_line_bytes, excluded, on_fault);
    flows.prop_map(|(member, steps, max_line_bytes, excluded, on_fault)| Flow {
        member,
        max_line_bytes,
        excluded,
        on_fault,
        ..Flow::new(steps)
    })
}

/// Inputs, some of which start with a byte order mark.
fn inputs(member: &'static str) -> BoxedStrategy<Vec<Bytes>> {
    let input = (prop_oneof![4 => Just(""), 1 => Just("\u{feff}")], generate::input(member));
    vec(input.prop_map(|(mark, input)| Bytes::from([mark.as_bytes(), &input].concat())), 0..4).boxed()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn records_are_what_serde_json_reads_as_objects(record in generate::record()) {
        claims::reads_what_serde_json_reads(record.as_bytes());
    }

    #[test]
    fn lines_that_are_no_records_are_found_out(line in generate::nearly_record()) {
        claims::reads_what_serde_json_reads(&line);
    }

    #[test]
    fn numbers_are_checked_wherever_they_stand_in_a_vector(record in generate::numbers_in_record()) {
        prop_assert!(Record::parse(record.as_bytes()).is_ok());
    }

    #[test]
    fn stages_edit_provenance_and_nothing_else((member, record) in record(), steps in steps()) {
        claims::edits_provenance_and_nothing_else(member, steps, record.as_bytes());
    }

    #[test]
    fn taking_the_provenance_out_gives_the_input_back((member, record) in record(), steps in steps()) {
        claims::gives_the_record_back_without_provenance(member, steps, record.as_bytes());
    }

    #[test]
    fn twice_is_once((member, record) in record(), steps in steps()) {
        claims::twice_is_once(member, steps, record.as_bytes());
    }

    #[test]
    fn annotating_and_stripping_gives_the_input_back((member, record) in record(), steps in steps()) {
        claims::leaves_no_trace_where_it_is_stripped(member, steps, record.as_bytes());
    }

    #[test]
    fn stripped_records_and_their_sidecar_are_the_annotated_ones((flow, inputs) in flow_and(inputs)) {
        claims::takes_provenance_apart_and_together(&Flow { max_line_bytes: 1 << 20, ..flow }, &inputs);
    }

    #[test]
    fn every_line_leaves_or_is_accounted_for((flow, inputs) in flow_and(inputs)) {
        claims::passes_the_lines(&flow, &inputs);
    }

    #[test]
    fn lines_are_read_as_by_themselves_in_vectors_of_any_width(input in generate::input(PROVENANCE)) {
        claims::reads_a_block_as_its_lines(&input);
    }

    #[test]
    fn the_result_is_the_same_however_the_input_arrives(
        (flow, inputs) in flow_and(inputs), strips in any::<bool>(), pieces in generate::pieces(), threads in 1..5_usize,
    ) {
        let provenance = if strips { Provenance::Strip } else { Provenance::Keep };
        let flow = Flow { provenance, ..flow };
        claims::is_the_same_however_it_is_cut(&flow, &inputs, &pieces, threads);
    }

    #[test]
    fn summaries_of_shards_add_up_to_the_summary_of_the_whole(
        (flow, shards) in flow_and(|member| vec(generate::input(member), 0..4).boxed()),
    ) {
        let shards: Vec<_> = shards.iter().map(with_line_feed).collect();
        let whole = flow.run(&[shards.concat()]).summary;
        let mut sum = Summary::default();
        for shard in &shards {
            sum += moved_behind(&sum, flow.run(&[shard]).summary);
        }
        prop_assert_eq!(sum, whole);
    }

    #[test]
    fn adding_summaries_is_associative_and_the_empty_one_changes_nothing(
        (flow, inputs) in flow_and(|member| vec(generate::input(member), 3).boxed()),
    ) {
        let summaries: Vec<_> = inputs.iter().map(|input| flow.run(&[input]).summary).collect();
        let [first, second, third] = summaries.try_into().expect("there are three");
        let left = sum(sum(first.clone(), second.clone()), third.clone());
        let right = sum(first.clone(), sum(second, third));
        prop_assert_eq!(left, right);
        prop_assert_eq!(&sum(first.clone(), Summary::default()), &first);
        prop_assert_eq!(&sum(Summary::default(), first.clone()), &first);
    }
}

fn sum(mut left: Summary, right: Summary) -> Summary {
    left += right;
    left
}

fn with_line_feed(input: &Bytes) -> Vec<u8> {
    let is_cut = input.last().is_some_and(|&byte| byte != b'\n');
    let line_feed: &[u8] = if is_cut { b"\n" } else { b"" };
    [&**input, line_feed].concat()
}

/// The summary of a shard as that of the same lines in one file behind others.
fn moved_behind(others: &Summary, mut shard: Summary) -> Summary {
    for located in &mut shard.faults {
        located.line += others.lines;
        located.byte_offset += others.bytes_in;
    }
    let mut examples = ExclusionExamples::default();
    for (reason, own) in shard.exclusion_examples.iter() {
        for example in own {
            let (line, byte_offset) = (example.line + others.lines, example.byte_offset + others.bytes_in);
            examples.add(&reason.into(), ExclusionExample { line, byte_offset, ..example.clone() });
        }
    }
    shard.exclusion_examples = examples;
    shard
}

/// Every byte of the line put in, taken out and replaced in turn, with each of the telling bytes.
fn neighbours(line: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    (0..line.len()).flat_map(move |place| {
        let (before, rest) = line.split_at(place);
        let replaced = TELLING_BYTES.iter().map(move |&byte| [before, &[byte], &rest[1..]].concat());
        let inserted = TELLING_BYTES.iter().map(move |&byte| [before, &[byte], rest].concat());
        replaced.chain(inserted).chain([[before, &rest[1..]].concat(), before.to_vec()])
    })
}

#[test]
fn a_single_wrong_byte_among_numbers_is_found_wherever_it_stands() {
    let row =
        "1, -20,3.75,-0.5, 0,66,  7,80000000000,-9,0.25, 10,11,12,-1.3,14 ,15.0,1e5,16, 17,\t18,190,-200, 2.1,22,23,24, 25,26]";
    let line = format!("{{\"a\":[{row},\"b\":[[1,2],[3.5,-4]]}}");
    claims::reads_what_serde_json_reads(line.as_bytes());
    neighbours(line.as_bytes()).for_each(|line| claims::reads_what_serde_json_reads(&line));
}

#[test]
fn a_single_wrong_byte_in_text_is_found_wherever_it_stands() {
    // A name spelled with an escape would leave the line to serde_json, on both sides.
    let line = br#"{"a long name": "text \/ \"of\" several \ud800 chunks of sixteen \\", "provenance": {"\u006dodel":"a\tb"}, "e":{"\f":0}}"#;
    claims::reads_what_serde_json_reads(line);
    neighbours(line).for_each(|line| claims::reads_what_serde_json_reads(&line));
}

#[test]
fn what_ends_or_breaks_a_string_is_seen_at_every_offset_of_a_chunk() {
    let telling = [
        "\"", "\\", "\\\"", "\\u00e9", "\\u00g9", "\\u00", "\\ud800", "\\x", "\\a", "\0", "\u{1f}", "\u{7f}", "é", "👋", "\n",
        "\t",
    ];
    for offset in 0..70 {
        for special in telling {
            for length in [0, 1, 15, 16, 17, 63] {
                let text = format!("{}{special}{}", "a".repeat(offset), "b".repeat(length));
                claims::reads_what_serde_json_reads(format!("{{\"a\":\"{text}\"}}").as_bytes());
                claims::reads_what_serde_json_reads(format!("{{\"a\":[{{\"{text}\":0}}]}}").as_bytes());
                claims::reads_what_serde_json_reads(format!("{{\"{text}\":0}}").as_bytes());
            }
        }
    }
}

#[test]
fn numbers_slide_over_the_border_of_a_vector() {
    let elements = [
        "0", "-0", "12.5", "-3", " 4", "5 ", "6e7", "\t8", "01", "-", "1.", ".5", "1.2.3", "--1", "1-2", "1 2", "", "+1", "1e",
        "- 1",
    ];
    for offset in 0..66 {
        for element in elements {
            let line = format!("{{\"a\":[{}{element},{}1]}}", "7,".repeat(offset), "33,".repeat(30));
            claims::reads_what_serde_json_reads(line.as_bytes());
            let line = format!("{{\"a\":[{},{element}]}}", "7".repeat(offset + 1));
            claims::reads_what_serde_json_reads(line.as_bytes());
        }
    }
}

#[test]
fn brackets_close_in_order_around_every_word_of_the_nesting() {
    for depth in [1, 2, 63, 64, 65, 66, 127, 128, 129, 130, 193] {
        for wrong in 0..=depth {
            let is_object = |level: usize| level.is_multiple_of(3);
            let opening = |level| if is_object(level) { "{\"\":" } else { "[" };
            let closing = |level| if is_object(level) == (level == wrong) { "]" } else { "}" };
            let opened: String = (0..depth).map(opening).collect();
            let closed: String = (0..depth).rev().map(closing).collect();
            claims::reads_what_serde_json_reads(format!("{{\"a\":{opened}0{closed}}}").as_bytes());
        }
    }
}

#[test]
fn a_line_too_long_at_the_end_of_an_input_leaves_the_next_input_alone() {
    let flow = Flow { max_line_bytes: 4, ..Flow::new(&[]) };
    let passed = flow.run(&[&b"{}\n[1,2,3]"[..], b"{}\n{ }\n"]);
    assert_eq!(passed.output, b"{}\n{}\n{ }\n");
    assert_eq!(passed.summary.faults.iter().map(|located| located.fault.code).collect::<Vec<_>>(), [Code::LineTooLong]);
}

#[test]
fn a_byte_order_mark_is_no_part_of_its_line_in_whatever_pieces_that_arrives() {
    let inputs = ["\u{feff}{} \n{}\n"];
    for (max_line_bytes, expected) in [(3, "{} \n{}\n"), (2, "{}\n")] {
        let flow = Flow { max_line_bytes, ..Flow::new(&[]) };
        assert_eq!(flow.run(&inputs).output, expected.as_bytes());
        assert_eq!(flow.cut(&[5, 1], 1).run(&inputs), flow.run(&inputs));
    }
}
