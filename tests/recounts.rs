//! What reports say of content, months and examples of exclusions, against a plain count over the output: of random records, split into
//! shards anywhere, whose reports are put together in any order.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;
use provfilter::Ending;
use provfilter::pipeline::{self, Input, Options, Outputs};
use provfilter::report::{Format, Report, Style};
use provfilter::rule::Rule;
use provfilter::stage::{Chain, Exclude};
use provfilter::summary::{ContentRow, ExclusionExamples};
use provfilter::timestamp::Timestamp;
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;

/// Capture times as they are spelled, with their month in UTC.
const TIMES: [(&str, Option<&str>); 6] = [
    ("2026-03-31T23:30:00-02:00", Some("2026-04")),
    ("2026-03-31T23:59:59.999Z", Some("2026-03")),
    ("2025-12-31", Some("2025-12")),
    ("2026-01-01T00:30:00+01:00", Some("2025-12")),
    ("soon", None),
    ("", None),
];

/// What a plain count finds.
#[derive(Debug, Default, PartialEq)]
struct Count {
    content: BTreeMap<(String, String), ContentRow>,
    months: BTreeMap<String, u64>,
    examples: BTreeMap<String, Vec<(String, u64, u64)>>,
}

/// What a report says of the same.
fn told(report: &Report) -> Count {
    let summary = &report.summary;
    let rows = summary.content.largest().into_iter();
    let examples = summary.exclusion_examples.iter().map(|(reason, examples)| {
        let places = examples.iter().map(|example| (example.file.to_string(), example.line, example.byte_offset));
        (reason.to_owned(), places.collect())
    });
    Count {
        content: rows.map(|(source, model, row)| ((source.to_owned(), model.to_owned()), row)).collect(),
        months: summary.by_month.to_map().into_iter().map(|(month, count)| (month.to_owned(), count)).collect(),
        examples: examples.collect(),
    }
}

impl Count {
    /// Counts a shard: the records that leave are in the output, and those that came in the input, line by line.
    fn add(&mut self, name: &str, input: &[u8], output: &[u8]) {
        let mut byte_offset = 0;
        for (number, (before, after)) in lines(input).zip(lines(output)).enumerate() {
            let [before_value, after_value]: [Value; 2] =
                [before, after].map(|line| serde_json::from_slice(line).expect("records are JSON"));
            self.add_record(&after_value["provenance"], after.len() as u64);
            if before_value["provenance"]["excluded"] != json!(true) && after_value["provenance"]["excluded"] == json!(true) {
                let reason = after_value["provenance"]["exclusion_reason"].as_str().expect("rules give reasons");
                let examples = self.examples.entry(reason.to_owned()).or_default();
                examples.push((name.to_owned(), number as u64 + 1, byte_offset));
                examples.truncate(ExclusionExamples::KEPT);
            }
            byte_offset += before.len() as u64;
        }
    }

    fn add_record(&mut self, provenance: &Value, bytes: u64) {
        let name = |member: &str| match provenance[member].as_str() {
            None | Some("") => "unknown".to_owned(),
            // 256 bytes of a name are kept.
            Some(name) => name.chars().take(if name.starts_with('é') { 128 } else { 256 }).collect(),
        };
        let spelling = provenance["timestamp"].as_str().unwrap_or_default();
        let month = TIMES.iter().find(|(time, _)| *time == spelling).and_then(|(_, month)| *month);
        if let Some(month) = month {
            *self.months.entry(month.to_owned()).or_default() += 1;
        }
        let time = Timestamp::parse_iso(spelling);
        let row = self.content.entry((name("source"), name("model"))).or_default();
        row.records += 1;
        row.bytes += bytes;
        row.approved += u64::from(provenance["approved"] == json!(true));
        row.excluded += u64::from(provenance["excluded"] == json!(true));
        row.first_timestamp = [row.first_timestamp, time].into_iter().flatten().min();
        row.last_timestamp = row.last_timestamp.max(time);
    }
}

fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split_inclusive(|byte| *byte == b'\n')
}

/// A record that some rule may turn down, and that may come turned down.
fn record() -> impl Strategy<Value = String> {
    let source = prop::sample::select(vec![json!("curated"), json!("trajectory"), json!("other"), json!(null), json!(7)]);
    let long = "é".repeat(200);
    let models = vec![json!("m"), json!("hermes4:14b"), json!("other"), json!(""), json!("<\"\\\u{202e}"), json!(long)];
    let times = prop::sample::select(TIMES.map(|(time, _)| time).to_vec());
    let came = prop::sample::select(vec![None, None, None, Some("earlier"), Some("long")]);
    (source, prop::sample::select(models), times, any::<Option<bool>>(), came, 0..4, 0..30_usize).prop_map(
        |(source, model, time, approved, came, score, length)| {
            let mut provenance = json!({ "source": source, "model": model, "timestamp": time });
            if let Some(approved) = approved {
                provenance["approved"] = json!(approved);
            }
            if let Some(reason) = came {
                (provenance["excluded"], provenance["exclusion_reason"]) = (json!(true), json!(reason));
            }
            format!("{}\n", json!({ "score": score, "text": "x".repeat(length), "provenance": provenance }))
        },
    )
}

/// Runs a shard. Returns its report and its output.
fn run(name: &str, lines: &[String]) -> (Report, Vec<u8>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime can be made");
    let rules = ["low=.score == 0", "long=.text | length > 20"].map(|rule| Rule::parse(rule).expect("the rule is one"));
    let chain = Chain::new().with(Exclude::new(Vec::from(rules)));
    let (writer, mut reader) = tokio::io::duplex(1 << 20);
    let input = Input::new(name, std::io::Cursor::new(lines.concat().into_bytes()));
    let summary = runtime.block_on(pipeline::run([Ok(input)], Outputs::to(writer), Arc::new(chain), Options::default(), ()));
    let mut output = Vec::new();
    runtime.block_on(reader.read_to_end(&mut output)).expect("memory can be read");
    let time = Timestamp::from_unix_seconds(1).expect("1970 is a year");
    let summary = summary.into_result().expect("memory can be read and written");
    (Report::new(format!("run-{name}"), summary, time, time, Some(Ending::Finished)), output)
}

/// A report as another run reads it.
fn reread(report: &Report) -> Report {
    Report::read(report.render(Format::Json, &Style::default()).as_bytes()).expect("it reads what it writes")
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn content_months_and_examples_are_those_of_a_plain_count(
        records in prop::collection::vec(record(), 0..80),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..4),
        order in any::<prop::sample::Index>(),
        from_the_left in any::<bool>(),
    ) {
        let mut places: Vec<_> = cuts.iter().map(|cut| cut.index(records.len() + 1)).chain([0, records.len()]).collect();
        places.sort_unstable();
        let mut shards: Vec<_> = places.windows(2).map(|place| &records[place[0]..place[1]]).collect();
        let turn = order.index(shards.len());
        shards.rotate_left(turn);

        let (mut count, mut reports) = (Count::default(), Vec::new());
        for (number, shard) in shards.into_iter().enumerate() {
            let name = number.to_string();
            let (report, output) = run(&name, shard);
            count.add(&name, shard.concat().as_bytes(), &output);
            reports.push(reread(&report));
        }
        while reports.len() > 1 {
            // The order stays, and only which two are put together first differs.
            let place = if from_the_left { 0 } else { reports.len() - 2 };
            let next = reports.remove(place + 1);
            let mut sum = reports.remove(place).into_merged("sum");
            sum.merge(next).expect("each run is there once");
            reports.insert(place, reread(&sum));
        }
        prop_assert_eq!(told(&reports[0]), count);
    }
}
