//! An unsigned in-toto Statement about the output (<https://in-toto.io/Statement/v1>), with SLSA provenance as its predicate
//! (<https://slsa.dev/provenance/v1>).
//!
//! SLSA's predicate says how an artifact was produced: from what, by what kind of process, with which parameters. A run knows
//! all of this, so the statement needs no predicate of our own, which no verifier would know. It says nothing about the machine: the
//! builder is the program, and whoever signs the statement vouches for where it ran.

use std::fmt::Write;

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::{InputRecord, Report, json as json_report};
use crate::error::Ending;
use crate::summary::Summary;

const STATEMENT: &str = "https://in-toto.io/Statement/v1";
const PREDICATE: &str = "https://slsa.dev/provenance/v1";

/// What kind of process it was, as a package URL of the page that describes it (<https://github.com/package-url/purl-spec>).
const BUILD_TYPE: &str = "pkg:cargo/provfilter#schema/filter-run-v1.md";

/// The program, as a package URL.
const BUILDER: &str = concat!("pkg:cargo/provfilter@", env!("CARGO_PKG_VERSION"));

/// A statement about an output without a digest has no subject, and no verifier takes it.
pub(super) fn render(report: &Report) -> String {
    let statement = json!({
        "_type": STATEMENT,
        "subject": subject(report),
        "predicateType": PREDICATE,
        "predicate": { "buildDefinition": definition(report), "runDetails": details(report) },
    });
    format!("{statement}\n")
}

/// The output, as the run names it.
fn subject(report: &Report) -> Vec<Value> {
    let output = &report.run.output;
    let subject = |digest| json!({ "name": output.name.as_deref().unwrap_or("-"), "digest": { "sha256": digest } });
    output.sha256.iter().map(subject).collect()
}

fn definition(report: &Report) -> Value {
    let run = &report.run;
    json!({
        "buildType": BUILD_TYPE,
        "externalParameters": { "stages": run.stages, "rules": run.rules },
        "resolvedDependencies": run.inputs.iter().map(dependency).collect::<Vec<_>>(),
    })
}

fn dependency(input: &InputRecord) -> Value {
    let mut descriptor = json!({ "name": input.name, "annotations": { "lines": input.lines, "bytes": input.bytes } });
    if let Some(digest) = &input.sha256 {
        descriptor["digest"] = json!({ "sha256": digest });
    }
    descriptor
}

fn details(report: &Report) -> Value {
    let mut metadata = json!({ "invocationId": report.run_id, "startedOn": report.started_at.to_string() });
    if report.ending.is_some() {
        metadata["finishedOn"] = json!(report.finished_at.to_string());
    }
    json!({
        "builder": { "id": BUILDER, "version": { "provfilter": env!("CARGO_PKG_VERSION") } },
        "metadata": metadata,
        "byproducts": [by_product(report)],
    })
}

/// The JSON report, by its digest, with the counts that a policy may ask for.
fn by_product(report: &Report) -> Value {
    let counts = Summary::COUNTERS.iter().map(|counter| (counter.name.to_owned(), json!((counter.get)(&report.summary))));
    let mut annotations: Map<String, Value> = counts.collect();
    annotations.insert("ending".to_owned(), json!(report.ending.map(Ending::as_str)));
    annotations.insert("coverage".to_owned(), json!(report.summary.coverage()));
    json!({
        "name": "report.json",
        "mediaType": "application/json",
        "digest": { "sha256": hexadecimal(&Sha256::digest(json_report::render(report))) },
        "annotations": annotations,
    })
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string takes all that is written to it");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_written_in_hexadecimal_digits() {
        let expected = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(hexadecimal(&Sha256::digest("")), expected);
    }
}
