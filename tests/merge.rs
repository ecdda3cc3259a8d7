//! Reports of shards add up to the report of the whole: whatever the lines, wherever they are cut, and however the sums are put
//! together. And what is no report is refused by name, with no sum.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use proptest::prelude::*;
use provfilter::Ending;
use provfilter::fault::{Code, LocatedFault};
use provfilter::pipeline::{self, Excluded, Input, OnFault, Options, Outputs};
use provfilter::provenance::{Field, Sources};
use provfilter::report::{Format, MergeError, Report, SCHEMA_VERSION, Style};
use provfilter::rule::Rule;
use provfilter::stage::{Annotate, Chain, Exclude, Validate, Values};
use provfilter::summary::{ContentRow, ExclusionExample, ExclusionExamples, NameCounts, Summary};
use provfilter::timestamp::{Clock, Timestamp};
use provfilter::value::Value;
use serde_json::json;

use crate::harness::{provfilter, provfilter_with};

fn time(seconds: i64) -> Timestamp {
    Timestamp::from_unix_seconds(seconds).expect("the tests have good times")
}

/// Everything that counts something.
fn chain() -> Chain {
    let value = |text: &str| Value::parse(text).expect("the tests have good values");
    let values = Values { timestamp: value("{/at}").into(), ..Values::new(value("{/from}"), value("{/model}")) };
    let rule = Rule::parse("long=.model | length > 3").expect("the rule is one");
    Chain::new().with(Annotate::new(values)).with(Exclude::new(vec![rule])).with(Validate::new(Sources::default()))
}

/// An id that no other run of these tests has.
fn run_id() -> String {
    static RUNS: AtomicU64 = AtomicU64::new(0);
    format!("run-{}", RUNS.fetch_add(1, Ordering::Relaxed))
}

/// The report of a run over these lines that began then.
fn report(lines: &[String], started_at: Timestamp, on_fault: OnFault) -> Report {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime can be made");
    let outputs = Outputs::to(tokio::io::sink());
    let options = Options { clock: Clock::Fixed(started_at), excluded: Excluded::Drop, on_fault, ..Options::default() };
    let input = Input::new("-", std::io::Cursor::new(lines.concat().into_bytes()));
    let outcome = runtime.block_on(pipeline::run([Ok(input)], outputs, Arc::new(chain()), options, ()));
    let summary = outcome.into_result().expect("memory can be read and written");
    Report::new(run_id(), summary, started_at, time(2_000_000_000), Some(Ending::Finished))
}

fn json(report: &Report) -> String {
    report.render(Format::Json, &Style::default())
}

/// A report as another run reads it.
fn reread(report: &Report) -> Report {
    Report::read(json(report).as_bytes()).expect("it reads what it writes")
}

fn sum(reports: impl IntoIterator<Item = Report>) -> Report {
    let mut reports = reports.into_iter();
    let mut sum = reports.next().expect("there is a report").into_merged("sum");
    for report in reports {
        sum.merge(report).expect("each run is there once");
    }
    sum
}

/// A report without what depends on how its lines were cut: where the faults were, and when the run was.
fn without_places(report: Report) -> Report {
    let everywhere = |fault| LocatedFault { line: 1, byte_offset: 0, ..fault };
    let faults = report.summary.faults.into_iter().map(everywhere).collect();
    let mut exclusion_examples = ExclusionExamples::default();
    for (reason, examples) in report.summary.exclusion_examples.iter() {
        let everywhere = |example: &ExclusionExample| ExclusionExample { line: 1, byte_offset: 0, ..example.clone() };
        for example in examples {
            exclusion_examples.add(&reason.into(), everywhere(example));
        }
    }
    let summary = Summary { faults, exclusion_examples, ..report.summary };
    Report::new("", summary, time(0), time(0), report.ending)
}

/// A report without its faults, whose order is that of the parts.
fn without_faults(report: Report) -> Report {
    let exclusion_examples = ExclusionExamples::default();
    Report { summary: Summary { faults: Vec::new(), exclusion_examples, ..report.summary }, ..report }
}

/// A line of any kind, mostly good.
fn line() -> impl Strategy<Value = String> {
    let source = prop::sample::select(vec!["trajectory", "curated", "odd", ""]);
    let model = prop::sample::select(vec!["m", "abc", "hermes4:14b", "other", "unknown", "é\u{1b}\"\\", ""]);
    let at =
        prop::sample::select(vec!["1774880551", "\"2026-03-30T14:22:31\"", "\"2020-01-01T00:00:00.25Z\"", "\"soon\"", "null"]);
    let record = (source, model, at).prop_map(|(source, model, at)| {
        format!("{{\"from\":\"{source}\",\"model\":{},\"at\":{at}}}\n", serde_json::Value::from(model))
    });
    let other = prop::sample::select(vec![
        "\n",
        "[]\n",
        "{\n",
        "{\"provenance\":1}\n",
        "{\"provenance\":{\"source\":\"curated\",\"model\":\"m\",\"source_session_id\":\"s\",\"timestamp\":\"2025-01-01T00:00:00Z\",\"approved\":true}}\n",
        "{\"provenance\":{\"source\":\"curated\",\"model\":\"long-name\",\"excluded\":true,\"approved\":true}}\n",
        "{\"provenance\":{},\"provenance\":{}}\n",
    ]);
    prop_oneof![3 => record, 1 => other.prop_map(str::to_owned)]
}

/// Lines, and two places to cut them.
fn shards() -> impl Strategy<Value = [Vec<String>; 3]> {
    (prop::collection::vec(line(), 0..60), any::<prop::sample::Index>(), any::<prop::sample::Index>()).prop_map(
        |(lines, first, second)| {
            let places = [first, second].map(|place| place.index(lines.len() + 1));
            let (from, to) = (places[0].min(places[1]), places[0].max(places[1]));
            [lines[..from].to_vec(), lines[from..to].to_vec(), lines[to..].to_vec()]
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn reports_of_shards_add_up_to_that_of_the_whole(shards in shards(), passes in any::<bool>()) {
        let on_fault = if passes { OnFault::Pass } else { OnFault::Reject };
        let whole = report(&shards.concat(), time(7), on_fault);
        let parts = [9, 7, 8].map(time).into_iter().zip(&shards).map(|(started_at, lines)| report(lines, started_at, on_fault));
        let sum = sum(parts.map(|part| reread(&part)));
        prop_assert_eq!((sum.started_at, sum.finished_at), (whole.started_at, whole.finished_at));
        prop_assert_eq!(json(&without_places(sum.clone())), json(&without_places(whole.clone())));
        prop_assert_eq!(without_places(sum), without_places(whole));
    }

    #[test]
    fn sums_are_the_same_however_they_are_put_together(shards in shards(), interrupted in 0..4_usize) {
        let mut parts = [3, 1, 2].map(time).into_iter().zip(&shards).map(|(started_at, lines)| report(lines, started_at, OnFault::Reject));
        let mut next = || parts.next().expect("there are three");
        let (mut a, mut b, mut c) = (next(), next(), next());
        if let Some(part) = [&mut a, &mut b, &mut c].into_iter().nth(interrupted) {
            part.ending = Some(Ending::Interrupted);
        }
        let from_the_left = sum([sum([a.clone(), b.clone()]), c.clone()]);
        let from_the_right = sum([a.clone(), sum([b.clone(), c.clone()])]);
        prop_assert_eq!(&from_the_left, &from_the_right);
        prop_assert_eq!(from_the_left.ending == Some(Ending::Interrupted), interrupted < 3);
        prop_assert_eq!(without_faults(sum([c, a, b])), without_faults(from_the_left));
    }

    #[test]
    fn a_report_is_read_as_it_was_written(shards in shards(), interrupted in any::<bool>()) {
        let mut report = report(&shards.concat(), time(1), OnFault::Reject);
        report.ending = Some(if interrupted { Ending::Interrupted } else { Ending::Finished });
        prop_assert_eq!(reread(&report), report);
    }
}

#[test]
fn the_empty_report_changes_nothing() {
    let lines = ["{\"from\":\"curated\",\"model\":\"m\"}\n".to_owned(), "[]\n".to_owned()];
    let (report, empty) = (report(&lines, time(5), OnFault::Reject), report(&[], time(5), OnFault::Reject));
    assert_eq!(sum([report.clone(), empty.clone()]).summary, report.summary);
    assert_eq!(sum([empty, report.clone()]).summary, report.summary);
}

/// A report of one record for each of these models.
fn report_of_models(numbers: &[usize], names: usize) -> Report {
    let mut summary = Summary::default();
    for number in numbers {
        summary.by_model.add(&format!("model-{:05}", number * 7919 % names), 1);
    }
    summary.total = numbers.len() as u64;
    (summary.lines, summary.written) = (summary.total, summary.total);
    summary.by_source.add("curated", summary.total);
    summary.content.add("curated", "m", ContentRow { records: summary.total, ..ContentRow::default() });
    Report::new(run_id(), summary, time(1), time(2), Some(Ending::Finished))
}

#[test]
fn tables_add_up_exactly_to_as_many_names_as_are_reported() {
    for names in [NameCounts::REPORTED, 3 * NameCounts::REPORTED] {
        let numbers: Vec<_> = (0..45_000).collect();
        let whole = report_of_models(&numbers, names);
        let parts: Vec<_> = numbers.chunks(15_000).map(|numbers| report_of_models(numbers, names)).collect();
        let [a, b, c] = [0, 1, 2].map(|part| reread(&parts[part]));
        for parts in [[&a, &b, &c], [&c, &a, &b], [&b, &c, &a]] {
            let sum = sum(parts.map(Clone::clone));
            if names == NameCounts::REPORTED {
                assert_eq!(sum.summary, whole.summary);
            }
            let table = reread(&sum).summary.by_model;
            assert_eq!((table.to_map().len() <= NameCounts::REPORTED + 1, table.total()), (true, 45_000));
        }
    }
}

#[test]
fn the_largest_counts_are_read_as_they_were_written_and_larger_ones_refused() {
    let most = i64::MAX as u64;
    let mut summary =
        Summary { bytes_in: most, total: most, lines: most, written: most, invalid: 7, covered: 5, ..Summary::default() };
    summary.by_source.add("curated", most);
    summary.by_model.add("m", most);
    summary.content.add("curated", "m", ContentRow { records: most, bytes: most, ..ContentRow::default() });
    summary.by_error.add(Code::InvalidProvenance, 7);
    summary.missing_fields.add(Field::Approved, most);
    let report = Report::new(run_id(), summary, time(1), time(2), Some(Ending::Finished));
    assert_eq!(reread(&report), report);

    let summary = Summary { bytes_in: most + 1, ..Summary::default() };
    let json = json(&Report { summary, ..report });
    let why = Report::read(json.as_bytes()).expect_err("no run counts so far");
    let expected = "not a provfilter JSON report: `bytes_in`: 9223372036854775808 is too large for a count";
    assert_eq!(why.to_string(), expected);
}

#[test]
fn a_sum_that_is_too_large_is_an_error_and_not_wrapped() {
    let large = || {
        let summary = Summary { bytes_in: 1 << 62, ..Summary::default() };
        Report::new(run_id(), summary, time(1), time(2), Some(Ending::Finished))
    };
    let mut sum = large().into_merged("sum");
    assert_eq!(sum.merge(large()), Err(MergeError::TooLarge { counter: "bytes_in" }));
}

#[test]
fn a_run_counts_once_also_within_sums() {
    let [a, b, c] = [0, 1, 2].map(|_| Report::new(run_id(), Summary::default(), time(1), time(2), Some(Ending::Finished)));
    let first = sum([a.clone(), b.clone()]);
    let second = sum([b.clone(), c.clone()]);
    assert_eq!(
        a.clone().into_merged("").merge(a),
        Err(MergeError::SameRun { run_id: first.runs.first().cloned().expect("two runs") })
    );
    let mut both = first;
    assert_eq!(both.merge(second), Err(MergeError::SameRun { run_id: b.run_id }));
}

#[test]
fn a_sum_ends_as_the_worst_of_its_parts_did() {
    let report = |ending| Report::new(run_id(), Summary::default(), time(1), time(2), ending);
    for (endings, expected) in [
        ([Some(Ending::Finished), Some(Ending::Interrupted)], Some(Ending::Interrupted)),
        ([Some(Ending::Stopped), Some(Ending::Interrupted)], Some(Ending::Stopped)),
        ([Some(Ending::Finished), None], None),
        ([None, Some(Ending::Failed)], Some(Ending::Failed)),
        ([Some(Ending::Failed), Some(Ending::Finished)], Some(Ending::Failed)),
    ] {
        assert_eq!(sum(endings.map(report)).ending, expected, "{endings:?}");
        assert_eq!(sum([endings[1], endings[0]].map(report)).ending, expected, "{endings:?}");
    }
}

const SHARDS: [&str; 3] = [
    "{\"id\":1,\"model\":\"a\"}\n{\"id\":2,\"model\":\"b\"}\n[]\n",
    "{\"id\":3,\"model\":\"a\"}\n\n",
    "{\"id\":4}\n{\"id\":5,\"model\":\"other\"}\n{\"id\":6",
];

/// The JSON report of a run over these lines.
fn written(lines: &str) -> Vec<u8> {
    let args = ["-q", "--source", "curated", "--model", "{/model}", "--report", "json=report.json"];
    let ended = provfilter(&args).given(lines).ends();
    ended.files().remove("report.json").unwrap_or_else(|| panic!("there is no report\n{ended}"))
}

/// A run that adds up the reports of the shards.
fn merging(args: &[&str]) -> crate::harness::Run {
    let run = provfilter(&[&["--merge"], args].concat());
    SHARDS.into_iter().zip(["1.json", "2.json", "3.json"]).fold(run, |run, (lines, name)| run.file(name, written(lines)))
}

#[test]
fn merged_reports_of_shards_are_the_report_of_the_whole() {
    let whole: serde_json::Value = serde_json::from_slice(&written(&SHARDS.concat())).expect("the report is JSON");
    let ended = merging(&["--report", "json=sum.json", "1.json", "2.json", "3.json"]).ends();
    ended.with_status(0).prints("").tells("");
    let (mut sum, mut whole) = (ended.report("sum.json"), whole);
    assert_eq!(sum["lines"], 8, "{ended}");
    let places: Vec<_> = [&sum, &whole].map(|report| report["errors"][1]["line"].clone()).into();
    assert_eq!(places, [1, 6], "a fault keeps its place in its shard\n{ended}");
    assert_eq!(sum["runs"].as_array().map(Vec::len), Some(3), "{ended}");
    for report in [&mut sum, &mut whole] {
        let members = report.as_object_mut().expect("a report is an object");
        members.retain(|name, _| !["errors", "run_id", "runs", "inputs"].contains(&name.as_str()));
    }
    assert_eq!(sum, whole, "{ended}");
}

#[test]
fn a_report_comes_from_standard_input_too() {
    for args in [&["--report", "json=sum.json"][..], &["--report", "json=sum.json", "-"]] {
        let ended = provfilter(&[&["--merge"], args].concat()).given(written(SHARDS[0])).ends();
        assert_eq!(ended.with_status(0).report("sum.json")["lines"], 3, "{ended}");
    }
    let several = SHARDS.map(written).concat();
    let ended = provfilter(&["--merge", "--report", "json=sum.json"]).given(several).ends();
    assert_eq!(ended.with_status(0).report("sum.json")["lines"], 8, "{ended}");
    let ended = merging(&["--report", "json=sum.json", "1.json", "-", "3.json"]).given(written(SHARDS[1])).ends();
    assert_eq!(ended.with_status(0).report("sum.json")["lines"], 8, "{ended}");
}

#[test]
fn a_sum_can_be_summed_again() {
    let first = merging(&["--report", "json=sum.json", "1.json", "2.json"]).ends();
    let sum = first.files().remove("sum.json").unwrap_or_else(|| panic!("there is no sum\n{first}"));
    let second = merging(&["--report", "json=again.json", "sum.json", "3.json"]).file("sum.json", sum).ends();
    let at_once = merging(&["--report", "json=again.json", "1.json", "2.json", "3.json"]).ends();
    let [mut second, mut at_once] = [second, at_once].map(|ended| ended.with_status(0).report("again.json"));
    for report in [&mut second, &mut at_once] {
        let members = report.as_object_mut().expect("a report is an object");
        members.retain(|name, _| !["run_id", "runs"].contains(&name.as_str()));
    }
    assert_eq!(second, at_once);
}

#[test]
fn a_sum_is_reported_in_any_format() {
    for (format, start) in [
        ("text", "Provenance Report\n"),
        ("json", "{\"schema_version\":1,"),
        ("dashboard", "╔═"),
        ("markdown", "## Provenance\n"),
        ("prometheus", "# HELP provfilter_info "),
        ("html", "<!DOCTYPE html>"),
        ("in-toto", "{\"_type\":"),
    ] {
        let ended = merging(&["--report", format, "1.json", "2.json"]).ends();
        ended.with_status(0).prints("");
        assert!(String::from_utf8_lossy(&ended.stderr).starts_with(start), "{format}\n{ended}");
    }
    merging(&["1.json"]).ends().mentions("  Total pairs:    2\n").with_status(0);
    merging(&["-q", "1.json"]).ends().with_status(0).tells("");
}

#[test]
fn what_is_no_report_is_refused_by_name_and_nothing_is_reported() {
    let good: serde_json::Value = serde_json::from_slice(&written(SHARDS[0])).expect("the report is JSON");
    let with = |member: &str, value: serde_json::Value| {
        let mut report = good.clone();
        report[member] = value;
        report.to_string()
    };
    let mut incomplete = good.clone();
    incomplete.as_object_mut().expect("a report is an object").remove("covered");
    let newer = SCHEMA_VERSION + 1;
    let text = "Provenance Report\n========================================\n";
    for (content, why) in [
        (String::new(), "not a provfilter JSON report: EOF while parsing a value at line 1 column 0"),
        (text.to_owned(), "not a provfilter JSON report: expected value at line 1 column 1"),
        ("{\"a\":1}".to_owned(), "not a provfilter JSON report: `schema_version` is missing\n"),
        ("[]".to_owned(), "not a provfilter JSON report: "),
        (incomplete.to_string(), "not a provfilter JSON report: `covered` is missing\n"),
        (good.to_string() + &good.to_string(), "not a provfilter JSON report: trailing characters"),
        (json!({ "schema_version": newer }).to_string(), "its schema version 2 is newer than 1: use a newer provfilter\n"),
        (with("schema_version", json!(newer)), "its schema version 2 is newer than 1: use a newer provfilter\n"),
        (with("tool", json!("x")), "not a provfilter JSON report: `tool`: invalid type"),
        (with("more", json!(1)), "not a provfilter JSON report: unknown member `more`\n"),
        (with("ending", json!("soon")), "not a provfilter JSON report: `ending`: unknown ending `soon`\n"),
        (with("lines", json!(7)), "its counts do not add up: `lines` is not total + blank_lines + rejected + passed\n"),
        (with("written", json!(7)), "its counts do not add up: `total` is not written + routed + dropped\n"),
        (with("by_model", json!({ "a": 1 })), "its counts do not add up: the counts of `by_model` do not add up to `total`\n"),
        (with("approved", json!(7)), "its counts do not add up: a count of records exceeds `total`\n"),
        (
            with("by_error", json!({ "bad\u{1b}": 1 })),
            "not a provfilter JSON report: `by_error`: unknown fault code `bad\\u{1b}`\n",
        ),
        (with("missing_fields", json!({ "bad": 1 })), "not a provfilter JSON report: `missing_fields`: unknown field `bad`\n"),
        (with("started_at", json!("soon")), "not a provfilter JSON report: `started_at`: `soon` is not a time\n"),
        (with("lines", json!(-1)), "not a provfilter JSON report: `lines`: invalid value: integer `-1`, expected u64"),
        (with("lines", json!(1.5)), "not a provfilter JSON report: `lines`: invalid type: floating point `1.5`, expected u64"),
    ] {
        let args = ["--report", "text", "--report", "json=sum.json", "1.json", "bad.json", "2.json"];
        let ended = merging(&args).file("bad.json", content).ends();
        ended.with_status(2).prints("");
        let told = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert!(told.starts_with(&format!("provfilter: bad.json: {why}")), "{why}\n{ended}");
        assert_eq!(told.matches('\n').count(), 1, "nothing else is told\n{ended}");
        assert!(!ended.files().contains_key("sum.json"), "{ended}");
    }
}

#[test]
fn each_report_that_cannot_be_read_is_told() {
    let ended = merging(&["--report", "json=sum.json", "none.json", "1.json", ".", "gone.json"]).ends();
    ended.with_status(2).prints("").tells(
        "provfilter: none.json: cannot read: no such file or directory\n\
         provfilter: .: cannot read: is a directory\n\
         provfilter: gone.json: cannot read: no such file or directory\n",
    );
    assert!(!ended.files().contains_key("sum.json"), "{ended}");
    provfilter_with("<&-", &["--merge"]).ends().with_status(2).prints("");
}

#[test]
fn a_flag_that_is_for_records_is_refused() {
    for flag in [
        "--source=a",
        "--model=m",
        "--session-id=s",
        "--timestamp={now}",
        "--assume-tz=utc",
        "--layout=hermes",
        "--backfill",
        "--all-fields",
        "--exclude=a=true",
        "--drop-excluded",
        "--excluded-to=x",
        "--validate",
        "--allow-source=a",
        "--on-error=pass",
        "--rejects=x",
        "--errors=x",
        "--max-errors=1",
        "--max-line-bytes=1",
        "-i",
        "--in-place=.bak",
        "-n",
        "--line-buffered",
        "--threads=1",
        "--digests",
        "--report-every=1s",
        "--progress=never",
    ] {
        let ended = merging(&[flag, "1.json"]).ends();
        ended.with_status(2).prints("").mentions("provfilter: the argument '").mentions("cannot be used with");
        assert_eq!(ended.files().len(), 3, "{flag}\n{ended}");
    }
    for flag in ["--color=always", "--quiet", "--report=dashboard"] {
        merging(&[flag, "1.json"]).ends().with_status(0);
    }
}

#[test]
fn a_report_given_twice_is_refused() {
    let ended = merging(&["--report", "json=sum.json", "1.json", "2.json", "1.json"]).ends();
    ended.with_status(2).mentions("provfilter: 1.json: run ").mentions(" is counted twice: 1.json has it too\n");
    assert!(!ended.files().contains_key("sum.json"), "{ended}");
}

#[test]
fn a_report_of_several_in_a_stream_is_told_by_its_place() {
    let [first, second] = [0, 1].map(|shard| written(SHARDS[shard]));
    let stream = [&first[..], &second, &first].concat();
    let ended = provfilter(&["--merge"]).given(stream).ends();
    ended.with_status(2).mentions("provfilter: -: report 3: run ").mentions(" is counted twice: -: report 1 has it too\n");
    let ended = provfilter(&["--merge"]).given([&first[..], b"{}"].concat()).ends();
    ended.with_status(2).mentions("provfilter: -: report 2: not a provfilter JSON report: `schema_version` is missing\n");
}

/// The JSON report of a run with digests over these files.
fn digested(files: &[(&str, &str)]) -> Vec<u8> {
    let args = ["-q", "-n", "--digests", "--report", "json=report.json"].into_iter().chain(files.iter().map(|(name, _)| *name));
    let run = provfilter(&args.collect::<Vec<_>>());
    let ended = files.iter().fold(run, |run, (name, lines)| run.file(name, lines)).ends();
    ended.files().remove("report.json").unwrap_or_else(|| panic!("there is no report\n{ended}"))
}

#[test]
fn inputs_that_are_counted_twice_are_told_and_change_neither_status_nor_sums() {
    let hint = "hint: if a task ran twice, leave out the report of its earlier run\n";
    let first = digested(&[("a.jsonl", "{}\n"), ("b.jsonl", "{\"b\":1}\n"), ("empty.jsonl", "")]);
    for (files, told) in [
        (&[("c.jsonl", "{\"c\":1}\n"), ("empty.jsonl", "")][..], String::new()),
        (
            &[("c.jsonl", "{\"c\":1}\n"), ("again.jsonl", "{}\n")],
            format!("provfilter: second.json: input again.jsonl is counted twice: first.json has it too\n{hint}"),
        ),
        (
            &[("b.jsonl", "{\"b\":1}\n"), ("a.jsonl", "{}\n")],
            format!(
                "provfilter: second.json: input b.jsonl is counted twice: first.json has it too, and so is 1 other input\n{hint}"
            ),
        ),
    ] {
        let merging = |args: &[&str]| {
            let run = provfilter(&[args, &["--merge", "--report", "json=sum.json", "first.json", "second.json"]].concat());
            run.file("first.json", &first).file("second.json", digested(files)).ends()
        };
        let ended = merging(&[]);
        ended.with_status(0).tells(told);
        assert_eq!(ended.report("sum.json")["lines"], 2 + files.iter().filter(|(_, lines)| !lines.is_empty()).count(), "{ended}");
        assert_eq!(ended.report("sum.json")["output"].get("sha256"), None, "{ended}");
        merging(&["-q"]).with_status(0).tells("");
        let reports = [&first[..], &digested(files)].map(|report| Report::read(report).expect("it reads what it writes"));
        assert_eq!(reports[0].inputs_in_common(&reports[1]).count() > 0, !ended.stderr.is_empty(), "{ended}");
    }
}

#[test]
fn a_shard_that_did_not_finish_is_told_and_changes_neither_status_nor_sums() {
    let report = String::from_utf8(written(SHARDS[0])).expect("reports are text");
    for (ending, what) in [
        ("\"interrupted\"", "the run was interrupted"),
        ("\"stopped\"", "the run stopped at a faulty line"),
        ("\"failed\"", "the run failed"),
        ("null", "the run was still going"),
    ] {
        let unfinished = report.replace("\"ending\":\"finished\"", &format!("\"ending\":{ending}"));
        let ended = merging(&["--report", "json=sum.json", "part.json", "2.json"]).file("part.json", unfinished).ends();
        ended.with_status(0).tells(format!("provfilter: part.json: partial report: {what}\n"));
        assert_eq!(ended.report("sum.json")["lines"], 5, "{ended}");
    }
}
