//! Reports of shards add up to the report of the whole: whatever the lines, wherever they are cut, and however the sums are put
//! together. And what is no report is refused by name, with no sum.

mod harness;

use std::sync::Arc;

use harness::{provfilter, provfilter_with};
use proptest::prelude::*;
use provfilter::pipeline::{self, Excluded, Input, OnFault, Options, Outputs};
use provfilter::report::{Charset, Format, Report, SCHEMA_VERSION};
use provfilter::rule::Rule;
use provfilter::stage::{Annotate, Exclude, Validate, Values};
use provfilter::{Chain, Clock, Code, Ending, Field, LocatedFault, Names, Sources, Summary, Timestamp, Value};
use serde_json::json;

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

/// The report of a run over these lines that began then.
fn report(lines: &[String], started_at: Timestamp, on_fault: OnFault) -> Report {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime can be made");
    let outputs = Outputs::to(tokio::io::sink());
    let options = Options { clock: Clock::Fixed(started_at), excluded: Excluded::Drop, on_fault, ..Options::default() };
    let input = Input::new("-", std::io::Cursor::new(lines.concat().into_bytes()));
    let outcome = runtime.block_on(pipeline::run([Ok(input)].into_iter(), outputs, Arc::new(chain()), options, ()));
    let summary = outcome.into_result().expect("memory can be read and written");
    Report { summary, started_at, finished_at: time(2_000_000_000), ending: Some(Ending::Finished) }
}

fn json(report: &Report) -> String {
    report.render(Format::Json, Charset::Unicode)
}

/// A report as another run reads it.
fn reread(report: &Report) -> Report {
    Report::read(json(report).as_bytes()).expect("it reads what it writes")
}

fn sum(reports: impl IntoIterator<Item = Report>) -> Report {
    let sum = reports.into_iter().reduce(|mut sum, report| {
        sum += report;
        sum
    });
    sum.expect("there is a report")
}

/// A report without what depends on how its lines were cut: where the faults were, and when the run was.
fn without_places(report: Report) -> Report {
    let everywhere = |fault| LocatedFault { line: 1, byte_offset: 0, ..fault };
    let faults = report.summary.faults.into_iter().map(everywhere).collect();
    let summary = Summary { faults, ..report.summary };
    Report { summary, started_at: time(0), finished_at: time(0), ..report }
}

/// A report without its faults, whose order is that of the parts.
fn without_faults(report: Report) -> Report {
    Report { summary: Summary { faults: Vec::new(), ..report.summary }, ..report }
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
    assert_eq!(sum([report.clone(), empty.clone()]), report);
    assert_eq!(sum([empty, report.clone()]), report);
}

#[test]
fn tables_that_are_full_add_up_to_that_of_the_whole() {
    let report = |numbers: &[usize]| {
        let mut summary = Summary::default();
        for number in numbers {
            let name = format!("model-{:05}", number * 7919 % 30_000);
            summary.by_model.add(&name, 1);
            summary.total += 1;
        }
        Report { summary, started_at: time(1), finished_at: time(2), ending: Some(Ending::Finished) }
    };
    let numbers: Vec<_> = (0..45_000).collect();
    let whole = report(&numbers);
    let parts: Vec<_> = numbers.chunks(15_000).map(report).collect();
    let [a, b, c] = [0, 1, 2].map(|part| reread(&parts[part]));
    let sums = [[&a, &b, &c], [&c, &a, &b], [&b, &c, &a]].map(|parts| sum(parts.map(Clone::clone)));
    for sum in sums {
        assert_eq!(sum, whole);
        assert_eq!(reread(&sum), whole);
    }
    let table = whole.summary.by_model.to_map();
    assert_eq!((table.len(), table.values().sum::<u64>()), (Names::MOST + 1, 45_000));
}

#[test]
fn the_largest_counts_are_read_as_they_were_written_and_larger_ones_refused() {
    let most = 1 << 53;
    let mut summary = Summary { bytes_in: most, total: most, ..Summary::default() };
    summary.by_source.add("curated", most);
    summary.by_error.add(Code::TooDeep, most);
    summary.missing_fields.add(Field::Approved, most);
    let report = Report { summary, started_at: time(1), finished_at: time(2), ending: Some(Ending::Finished) };
    assert_eq!(reread(&report), report);

    let summary = Summary { bytes_in: most + 1, ..Summary::default() };
    let json = Report { summary, ..report }.render(Format::Json, Charset::Unicode);
    let why = Report::read(json.as_bytes()).expect_err("no run counts so far");
    assert_eq!(why.to_string(), "not a JSON report of provfilter: unexpected `9007199254740993` in a count");
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
fn merging(args: &[&str]) -> harness::Run {
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
    for report in [&mut sum, &mut whole] {
        report.as_object_mut().expect("a report is an object").remove("errors");
    }
    assert_eq!(sum, whole, "{ended}");
}

#[test]
fn a_report_comes_from_standard_input_too() {
    for args in [&["--report", "json=sum.json"][..], &["--report", "json=sum.json", "-"]] {
        let ended = provfilter(&[&["--merge"], args].concat()).given(written(SHARDS[0])).ends();
        ended.with_status(0).leaves("sum.json", written(SHARDS[0]));
    }
    let ended = merging(&["--report", "json=sum.json", "1.json", "-", "3.json"]).given(written(SHARDS[1])).ends();
    assert_eq!(ended.with_status(0).report("sum.json")["lines"], 8, "{ended}");
}

#[test]
fn a_sum_can_be_summed_again() {
    let first = merging(&["--report", "json=sum.json", "1.json", "2.json"]).ends();
    let sum = first.files().remove("sum.json").unwrap_or_else(|| panic!("there is no sum\n{first}"));
    let second = merging(&["--report", "json=again.json", "sum.json", "3.json"]).file("sum.json", sum).ends();
    let at_once = merging(&["--report", "json=again.json", "1.json", "2.json", "3.json"]).ends();
    assert_eq!(second.with_status(0).report("again.json"), at_once.with_status(0).report("again.json"));
}

#[test]
fn a_sum_is_reported_in_any_format() {
    for (format, start) in [
        ("text", "Provenance Report\n"),
        ("json", "{\"schema_version\":1,"),
        ("dashboard", "╔═"),
        ("markdown", "## Provenance\n"),
        ("prometheus", "# HELP provfilter_info "),
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
        (String::new(), "not a JSON report of provfilter: EOF while parsing a value at line 1 column 0"),
        (text.to_owned(), "not a JSON report of provfilter: expected value at line 1 column 1"),
        ("{\"a\":1}".to_owned(), "not a JSON report of provfilter: missing field `schema_version` at line 1 column 7"),
        ("[]".to_owned(), "not a JSON report of provfilter: "),
        (incomplete.to_string(), "not a JSON report of provfilter: missing field `covered`"),
        (good.to_string() + &good.to_string(), "not a JSON report of provfilter: trailing characters"),
        (
            json!({ "schema_version": newer }).to_string(),
            "its schema version 2 is newer than 1: read it with a newer provfilter\n",
        ),
        (with("schema_version", json!(newer)), "its schema version 2 is newer than 1: read it with a newer provfilter\n"),
        (with("tool", json!({ "name": "x", "version": "1" })), "not a JSON report of provfilter: unexpected `x` in `tool`\n"),
        (with("by_error", json!({ "bad\u{1b}": 1 })), "not a JSON report of provfilter: unexpected `bad\\u{1b}` in `by_error`\n"),
        (with("missing_fields", json!({ "bad": 1 })), "not a JSON report of provfilter: unexpected `bad` in `missing_fields`\n"),
        (with("values", json!({ "bad": {} })), "not a JSON report of provfilter: unexpected `bad` in `values`\n"),
        (with("started_at", json!("soon")), "not a JSON report of provfilter: unexpected `soon` in `started_at`\n"),
        (with("lines", json!(-1)), "not a JSON report of provfilter: invalid value: integer `-1`, expected u64"),
        (with("lines", json!(1.5)), "not a JSON report of provfilter: invalid type: floating point `1.5`, expected u64"),
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
        "--report-every=1s",
        "--progress=never",
    ] {
        let ended = merging(&[flag, "1.json"]).ends();
        ended.with_status(2).prints("").mentions("provfilter: the argument '").mentions("cannot be used with");
        assert_eq!(ended.files().len(), 3, "{flag}\n{ended}");
    }
    for flag in ["--ascii", "--color=always", "--quiet", "--report=dashboard"] {
        merging(&[flag, "1.json"]).ends().with_status(0);
    }
}
