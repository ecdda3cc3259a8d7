//! What each format makes of a report: pictures of whole reports in `snapshots/`, and laws that hold for every report.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use insta::assert_snapshot;
use proptest::prelude::*;
use provfilter::fault::{Code, Fault, LocatedFault};
use provfilter::pipeline::{self, Input, Options, Outputs};
use provfilter::provenance::{Field, Problem, ProblemKind};
use provfilter::report::{Charset, Coloring, Format, InputRecord, Report, RuleRecord, SCHEMA_VERSION, StageRecord, Style, Topic};
use provfilter::stage::{Annotate, Chain, Values};
use provfilter::summary::{ContentRow, ExclusionExample, FAULTS_KEPT, NameCounts, Summary, TimeCounts};
use provfilter::timestamp::{Clock, Timestamp};
use provfilter::{Ending, Escaped};
use serde_json::Value;
use unicode_width::UnicodeWidthStr;

const SCHEMA: &str = include_str!("../schema/report.schema.json");

fn time(text: &str) -> Timestamp {
    Timestamp::parse_iso(text).expect("the tests have good times")
}

/// How the program has reports rendered, with a flag as advice on what is missing.
pub(crate) fn style(charset: Charset) -> Style {
    let mut style = Style::default();
    style.charset = charset;
    style.advice = |topic| match topic {
        Topic::MissingField(Field::Source) => Some("--source"),
        Topic::MissingField(Field::Model) => Some("--model"),
        Topic::MissingField(Field::SourceSessionId) => Some("--session-id"),
        Topic::MissingField(Field::Timestamp) => Some("--timestamp"),
        Topic::MissingField(_) => Some("--source and --model"),
        Topic::AssumedZone => Some("--assume-tz"),
        _ => None,
    };
    style
}

/// The report of a run of a few seconds.
pub(crate) fn report(summary: Summary) -> Report {
    let (started_at, finished_at) = (time("2026-03-30T14:22:31Z"), time("2026-03-30T14:22:35.5Z"));
    Report::new("0195e7f2-6d3a-7000-8000-000000000001", summary, started_at, finished_at, Some(Ending::Finished))
}

/// A report of records that have these models, 7 records each.
fn report_of_models<'n>(names: impl IntoIterator<Item = &'n str>) -> Report {
    let mut summary = Summary::default();
    for name in names {
        summary.by_model.add(name, 7);
        summary.total += 7;
    }
    summary.lines = summary.total;
    summary.by_source.add("trajectory", summary.total);
    report(summary)
}

/// Renders a report in each format, and holds each against the picture of this name.
fn check(name: &str, report: &Report) {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let _bound = settings.bind_to_scope();
    for format in Format::ALL {
        let text = report.render(format, &style(Charset::Unicode)).replace(env!("CARGO_PKG_VERSION"), "VERSION");
        let text = text.replace(include_str!("../src/report/html/page.css"), "STYLE");
        assert_snapshot!(format!("{name}.{}", format.name()), text);
    }
    assert_snapshot!(format!("{name}.ascii"), report.render(Format::Dashboard, &style(Charset::Ascii)));
}

#[test]
fn of_no_records() {
    check("empty", &report(Summary::default()));
}

#[tokio::test]
async fn of_the_readmes_run() {
    const LINES: &[u8] = include_bytes!("../examples/data/trajectories.jsonl");
    let now = time("2026-03-30T14:22:31Z");
    let chain = Chain::new().with(Annotate::new(Values::new(
        provfilter::value::Value::literal("trajectory"),
        provfilter::value::Value::literal("hermes4:14b"),
    )));
    let outputs = Outputs::to(tokio::io::sink());
    let options = Options { clock: Clock::Fixed(now), ..Options::default() };
    let input = Input::new("-", LINES);
    let outcome = pipeline::run([Ok(input)], outputs, Arc::new(chain), options, ()).await;
    check("readme", &report(outcome.into_result().expect("memory can be read and written")));
}

#[test]
fn of_every_kind_of_count() {
    let located = |line, fault| LocatedFault { file: "a.jsonl".into(), line, byte_offset: line * 100, fault };
    let mut summary = Summary {
        lines: 2_000_060,
        blank_lines: 10,
        total: 2_000_000,
        rejected: 30,
        passed: 20,
        written: 1_500_000,
        routed: 400_000,
        dropped: 100_000,
        approved: 1_200_000,
        excluded: 500_000,
        covered: 1_699_999,
        missing_provenance: 1_000_001,
        annotated: 1_100_000,
        backfilled: 300_000,
        unchanged: 600_000,
        complete: 1_999_999,
        invalid: 5,
        bytes_in: 8_000_000_000,
        bytes_out: 9_000_000_000,
        first_timestamp: Some(time("2025-12-31T23:59:59.999Z")),
        last_timestamp: Some(time("2026-03-30T14:22:31Z")),
        times: TimeCounts { read: 700_000, assumed: 300_000, stamped: 99_998, unreadable: 2 },
        faults: vec![
            located(3, Fault::new(Code::NotJson, "not JSON: NaN at column 6 is not a JSON number; use null")),
            located(8, Fault::invalid(&[Problem::MissingProvenance])),
        ],
        ..Summary::default()
    };
    for (name, count) in [("trajectory", 1_500_000), ("curated", 499_999), ("unknown", 1)] {
        summary.by_source.add(name, count);
    }
    for (name, count) in [("hermes4:14b", 1_999_000), ("anthropic/claude-sonnet-4.6", 999), ("other", 1)] {
        summary.by_model.add(name, count);
    }
    for (name, count) in [("low-score", 499_000), ("toxic", 1_000)] {
        summary.by_reason.add(name, count);
    }
    for (code, count) in Code::ALL.into_iter().zip(1..) {
        summary.by_error.add(code, count);
    }
    for (field, count) in Field::REQUIRED.into_iter().zip(1..) {
        summary.missing_fields.add(field, count);
    }
    summary.values.add("model", "{/model}", 1_099_990);
    summary.values.add("model", "hermes4:14b", 10);
    summary.values.add("source", "trajectory", 1_100_000);
    check("every_count", &Report { ending: Some(Ending::Interrupted), ..report(summary) });
}

/// A summary that has something in each of its members.
fn full_summary() -> Summary {
    let mut summary = Summary {
        lines: 1_238,
        blank_lines: 2,
        total: 1_220,
        rejected: 16,
        written: 1_100,
        routed: 120,
        approved: 1_095,
        excluded: 120,
        covered: 1_215,
        missing_provenance: 1_000,
        annotated: 1_010,
        unchanged: 210,
        complete: 1_180,
        invalid: 3,
        bytes_in: 4_800_000,
        bytes_out: 5_000_000,
        times: TimeCounts { read: 900, assumed: 100, stamped: 5, unreadable: 5 },
        ..Summary::default()
    };
    let rows = [
        ("trajectory", "hermes4:14b", 900, 3_900_000, 850, 50, Some(("2025-03-01T08:00:00Z", "2026-03-30T14:22:31Z"))),
        (
            "trajectory",
            "anthropic/claude-sonnet-4.6",
            200,
            800_000,
            140,
            60,
            Some(("2026-01-05T00:00:00Z", "2026-02-28T23:59:59.5Z")),
        ),
        ("curated", "通义千问-72b", 100, 250_000, 100, 0, Some(("2025-11-11T11:11:11Z", "2025-12-01T00:00:00Z"))),
        ("unknown", "unknown", 20, 50_000, 5, 10, None),
    ];
    for (source, model, records, bytes, approved, excluded, times) in rows {
        let [first_timestamp, last_timestamp] =
            times.map_or([None; 2], |(first, last)| [first, last].map(|text| Some(time(text))));
        summary.by_source.add(source, records);
        summary.by_model.add(model, records);
        let row = ContentRow { records, bytes, approved, excluded, first_timestamp, last_timestamp };
        summary.content.add(source, model, row);
    }
    summary.first_timestamp = Some(time("2025-03-01T08:00:00Z"));
    summary.last_timestamp = Some(time("2026-03-30T14:22:31Z"));
    for (month, count) in [
        ("2025-03", 40),
        ("2025-04", 90),
        ("2025-05", 120),
        ("2025-07", 180),
        ("2025-11", 130),
        ("2025-12", 60),
        ("2026-01", 260),
        ("2026-02", 210),
        ("2026-03", 110),
    ] {
        summary.by_month.add(month, count);
    }
    for (reason, count, found) in [
        ("low-score", 90, None),
        ("refusal", 25, Some("the last answer starts “I can’t help with that”")),
        ("secret", 5, Some("a token of GitHub: ghp_…")),
    ] {
        summary.by_reason.add(reason, count);
        for line in [3, 70, 512] {
            let example = ExclusionExample {
                file: "data/2026-03/part-0001.jsonl".into(),
                line,
                byte_offset: line * 4000,
                found: found.map(str::to_owned),
            };
            summary.exclusion_examples.add(&reason.into(), example);
        }
    }
    summary.by_error.add(Code::NotJson, 14);
    summary.by_error.add(Code::DuplicateMember, 2);
    summary.by_error.add(Code::InvalidProvenance, 3);
    summary.missing_fields.add(Field::SourceSessionId, 40);
    summary.missing_fields.add(Field::Timestamp, 20);
    summary.values.add("model", "{/model}", 900);
    let located =
        |line, fault| LocatedFault { file: "data/2026-03/part-0001.jsonl".into(), line, byte_offset: line * 4000, fault };
    summary.faults = vec![
        located(17, Fault::new(Code::NotJson, "not JSON: NaN at column 6 is not a JSON number; use null")),
        located(80, Fault::invalid(&[Problem::MissingProvenance])),
    ];
    summary
}

/// A report that has something in each of its members.
pub(crate) fn full_report() -> Report {
    let mut report = report(full_summary());
    let values = [("model", vec!["{/model}", "hermes4:14b"]), ("source", vec!["trajectory"])];
    let values = values.map(|(name, values)| (name.to_owned(), values.into_iter().map(str::to_owned).collect()));
    report.run.stages = vec![
        StageRecord { name: "annotate".to_owned(), values: values.into() },
        StageRecord { name: "validate".to_owned(), values: BTreeMap::new() },
    ];
    report.run.rules = vec![
        RuleRecord { reason: "low-score".to_owned(), filter: Some(".score < 0.5".to_owned()), screen: None },
        RuleRecord { reason: "refusal".to_owned(), filter: None, screen: Some("refusal".to_owned()) },
    ];
    report.run.inputs = (1..=3)
        .map(|number| InputRecord {
            name: format!("data/2026-03/part-000{number}.jsonl"),
            lines: 412,
            bytes: 1_600_000,
            sha256: Some(number.to_string().repeat(64)),
        })
        .collect();
    report.run.output.sha256 = Some("a".repeat(64));
    report
}

#[test]
fn of_a_run_with_something_in_each_member() {
    check("full", &full_report());
}

#[test]
fn of_names_of_all_lengths() {
    let names = [1, 20, 60, 300].map(|length| "n".repeat(length));
    check("lengths", &report_of_models(names.iter().map(String::as_str)));
}

#[test]
fn of_names_in_all_kinds_of_characters() {
    let names = [
        "通义千问",
        "通义千问通义千问通义千问通义千问",
        "👩‍👩‍👧‍👦",
        "👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦",
        "e\u{301}te\u{301}",
        "red\u{1b}[31m",
        "right\u{202e}left",
        "two\nlines\r\n",
        "tab\tnul\0delete\u{7f}c1\u{9b}",
        "a|b\\|c",
        "*a* _b_ `c` [d](e) <f> &amp; ~g~ $h$ #i !j @k",
        "\"quoted\"",
        " ",
    ];
    check("characters", &report_of_models(names));
}

#[test]
fn of_two_hundred_models() {
    let names: Vec<_> = (1..=200).map(|number| format!("model-{number:03}")).collect();
    let mut report = report_of_models(names.iter().map(String::as_str));
    report.summary.by_model.add("model-150", 1000);
    report.summary.total += 1000;
    check("many_models", &report);
}

#[test]
fn each_end_of_a_run_is_told() {
    for (name, ending) in [
        ("stopped", Some(Ending::Stopped)),
        ("failed", Some(Ending::Failed)),
        ("interrupted", Some(Ending::Interrupted)),
        ("so_far", None),
    ] {
        let report = Report { ending, ..report(Summary::default()) };
        let finished = self::report(Summary::default());
        for format in [Format::Text, Format::Dashboard, Format::Markdown] {
            let (text, of_finished) =
                (report.render(format, &style(Charset::Unicode)), finished.render(format, &style(Charset::Unicode)));
            assert_ne!(text, of_finished, "{name} in {}", format.name());
        }
    }
}

/// The texts of a list in the JSON Schema of reports.
fn listed(schema: &Value, pointer: &str) -> Vec<String> {
    let list = schema.pointer(pointer).and_then(Value::as_array).unwrap_or_else(|| panic!("the schema has a list at {pointer}"));
    list.iter().map(|text| text.as_str().expect("it is a list of texts").to_owned()).collect()
}

/// Where a schema has members that it does not describe, at any depth.
fn undescribed(schema: &Value, place: &str) -> Vec<String> {
    let Some(object) = schema.as_object() else { return vec![] };
    let mut places = Vec::new();
    for (name, member) in schema["properties"].as_object().into_iter().flatten() {
        if !member["description"].as_str().is_some_and(|text| text.ends_with('.')) {
            places.push(format!("{place}.{name}"));
        }
    }
    for (name, inner) in object.iter().filter(|(_, inner)| inner.is_object()) {
        places.extend(undescribed(inner, &format!("{place}.{name}")));
    }
    places
}

#[test]
fn the_schema_describes_each_member_and_lists_each_name_that_there_is() {
    let schema: Value = serde_json::from_str(SCHEMA).expect("the schema is JSON");
    let json = report(Summary::default()).render(Format::Json, &style(Charset::Unicode));
    let json: Value = serde_json::from_str(&json).expect("the report is JSON");
    let members = |value: &Value| value.as_object().expect("it is an object").keys().cloned().collect::<BTreeSet<_>>();
    let mut properties = members(&schema["properties"]);
    assert!(properties.remove("runs"), "sums have their runs");
    assert_eq!(properties, members(&json));
    assert_eq!(listed(&schema, "/required").into_iter().collect::<BTreeSet<_>>(), members(&json));

    assert_eq!(undescribed(&schema, "$"), [""; 0]);

    assert_eq!(listed(&schema, "/$defs/code/enum"), Code::ALL.map(Code::as_str));
    assert_eq!(listed(&schema, "/$defs/fault/properties/problems/items/enum"), ProblemKind::ALL.map(ProblemKind::as_str));
    assert_eq!(listed(&schema, "/properties/missing_fields/propertyNames/enum"), Field::REQUIRED.map(Field::name));
    assert_eq!(schema["properties"]["schema_version"]["const"], SCHEMA_VERSION);
    assert_eq!(schema["properties"]["errors"]["maxItems"], FAULTS_KEPT);
    assert_eq!(schema["$defs"]["names"]["maxProperties"], NameCounts::REPORTED + 1);
}

/// A character that does something to what is around it, besides showing itself.
fn steers(character: char) -> bool {
    const BIDI_CONTROL: [char; 12] = [
        '\u{61c}', '\u{200e}', '\u{200f}', '\u{202a}', '\u{202b}', '\u{202c}', '\u{202d}', '\u{202e}', '\u{2066}', '\u{2067}',
        '\u{2068}', '\u{2069}',
    ];
    character.is_control() && character != '\n'
        || BIDI_CONTROL.contains(&character)
        || matches!(character, '\u{2028}' | '\u{2029}')
}

/// Text of any characters, many of them such that make drawing hard.
pub(crate) fn name() -> impl Strategy<Value = String> {
    let character = prop_oneof![
        any::<char>(),
        prop::char::range('\0', '\u{a0}'),
        prop::char::range('\u{300}', '\u{310}'),
        prop::char::range('\u{600}', '\u{660}'),
        prop::char::range('\u{1100}', '\u{1200}'),
        prop::char::range('\u{200b}', '\u{206f}'),
        prop::char::range('\u{4e00}', '\u{4e10}'),
        prop::char::range('\u{a4f8}', '\u{a4fe}'),
        prop::char::range('\u{fe00}', '\u{fe0f}'),
        prop::char::range('\u{1f1e6}', '\u{1f1ff}'),
        prop::char::range('\u{1f3fb}', '\u{1f469}'),
        prop::char::range('\u{e0001}', '\u{e007f}'),
        prop::sample::select(vec!['|', '\\', '`', '*', '\u{200d}', '1', '…', '/', '\u{338}', '<']),
    ];
    prop::collection::vec(character, 0..50).prop_map(|characters| characters.into_iter().collect())
}

/// A report with names of all kinds, and counts up to the largest there is.
pub(crate) fn any_report() -> impl Strategy<Value = Report> {
    let count = || prop_oneof![0..100_u64, any::<u64>(), Just(u64::MAX)];
    let names = prop::collection::vec((name(), 0..1_u64 << 50), 0..8);
    let counts = (count(), count(), count(), count());
    let ending = prop::sample::select(vec![None, Some(Ending::Finished), Some(Ending::Interrupted)]);
    (names, counts, ending).prop_map(|(names, (total, approved, missing, faults), ending)| {
        let mut summary = Summary { total, approved, missing_provenance: missing, lines: total, ..Summary::default() };
        for (name, count) in &names {
            summary.by_source.add(name, *count);
            summary.by_model.add(name, *count);
            summary.by_reason.add(name, *count);
            summary.values.add("model", &format!("{{/{name}}}"), *count);
        }
        summary.missing_fields.add(Field::SourceSessionId, missing);
        summary.by_error.add(Code::NotJson, faults);
        Report { ending, ..report(summary) }
    })
}

/// The cells of a row of a table, as GitHub's Markdown finds them: split at bars that have no backslash before them.
fn cells(row: &str) -> Vec<String> {
    let row = row.strip_prefix('|').and_then(|row| row.strip_suffix('|')).expect("a row stands between bars");
    let mut cells = vec![String::new()];
    let mut characters = row.chars();
    while let Some(character) = characters.next() {
        match character {
            '|' => cells.push(String::new()),
            '\\' => cells.last_mut().expect("there is a cell").extend(characters.next()),
            _ => cells.last_mut().expect("there is a cell").push(character),
        }
    }
    cells
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn each_line_of_a_dashboard_is_as_wide_as_asked_for(report in any_report(), width in 0..200_usize) {
        for charset in [Charset::Unicode, Charset::Ascii] {
            let mut style = style(charset);
            style.width = width;
            for line in report.render(Format::Dashboard, &style).lines() {
                prop_assert_eq!(line.width(), width.clamp(60, 120), "{}", line);
            }
        }
    }

    #[test]
    fn colours_add_nothing_to_a_dashboard_but_control_sequences(report in any_report(), width in Style::WIDTHS) {
        let mut plain = style(Charset::Unicode);
        plain.width = width;
        let mut colours = plain;
        colours.coloring = Coloring::Ansi;
        let coloured = report.render(Format::Dashboard, &colours);
        let is_bold = coloured.contains("\u{1b}[1m");
        prop_assert!(is_bold);
        let without: String = coloured.split('\u{1b}').enumerate().map(|(index, part)| match index {
            0 => part,
            _ => part.split_once('m').expect("each sequence sets a colour").1,
        }).collect();
        prop_assert_eq!(without, report.render(Format::Dashboard, &plain));
    }

    #[test]
    fn a_dashboard_in_ascii_is_ascii(report in any_report()) {
        prop_assert!(report.render(Format::Dashboard, &style(Charset::Ascii)).is_ascii());
    }

    #[test]
    fn nothing_in_a_report_for_people_steers_a_terminal(report in any_report()) {
        for format in [Format::Text, Format::Dashboard, Format::Markdown] {
            let text = report.render(format, &style(Charset::Unicode));
            prop_assert!(!text.contains(steers), "{}", text.escape_debug());
        }
    }

    #[test]
    fn no_name_adds_lines(name in name()) {
        for format in [Format::Text, Format::Dashboard, Format::Markdown, Format::Json, Format::Prometheus] {
            let lines = |name| report_of_models([name]).render(format, &style(Charset::Unicode)).matches('\n').count();
            prop_assert_eq!(lines(&name), lines("m"), "{}", format.name());
        }
    }

    #[test]
    fn the_rows_of_a_markdown_table_have_the_same_number_of_cells(report in any_report()) {
        let text = report.render(Format::Markdown, &style(Charset::Unicode));
        for table in text.split("\n\n").filter(|part| part.starts_with('|')) {
            let numbers: Vec<_> = table.lines().map(|row| cells(row).len()).collect();
            prop_assert!(numbers.iter().all(|number| *number == numbers[0]), "{}", table);
        }
    }

    #[test]
    fn markdown_shows_a_name_as_it_is(name in name()) {
        let text = report_of_models([name.as_str()]).render(Format::Markdown, &style(Charset::Unicode));
        let row = text.split("| Model |").nth(1).and_then(|table| table.lines().nth(2)).expect("the table of models has a row");
        let shown = format!(" {} ", Escaped::new(&name, 80));
        prop_assert_eq!(&cells(row)[0], &shown);
    }
}
