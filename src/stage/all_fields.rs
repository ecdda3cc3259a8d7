//! All fields: gives every record the same provenance members, in one order and with one type each, for readers that infer the
//! types of columns from the first rows: Arrow, and with it Hugging Face datasets, Ray, polars and `DuckDB`.

use std::collections::BTreeMap;

use super::{Stage, Step, Verdict};
use crate::fault::Fault;
use crate::json::Json;
use crate::provenance::{Field, Provenance};
use crate::record::Record;
use crate::report::StageRecord;
use crate::timestamp::{Timestamp, Zone};
use crate::value::Batch;

/// Writes all seven members, in the order of [`Field::ALL`], before any others.
///
/// A missing one becomes an empty string or false, a missing timestamp null. A timestamp in ISO 8601 is written in UTC with six sub-second
/// digits, as many as Arrow reads; any other is kept as it is.
#[derive(Debug, Clone, Copy, Default)]
pub struct AllFields {
    zone: Zone,
}

/// How many sub-second digits times have.
const DIGITS: u8 = 6;

impl AllFields {
    /// The stage, with the zone of times that have none.
    #[must_use]
    pub fn new(zone: Zone) -> Self {
        Self { zone }
    }

    fn value(self, provenance: &Provenance<'_>, field: Field) -> Json<'static> {
        match provenance.get(field).filter(|value| !value.is_missing()) {
            None if field == Field::Timestamp => Json::NULL,
            None => field.empty_value(),
            Some(value) => {
                let time = value.as_text().filter(|_| field == Field::Timestamp);
                let time = time.and_then(|text| Timestamp::parse_iso_in(&text, self.zone));
                time.map_or_else(|| value.to_owned(), |time| Json::text(&time.with_digits(DIGITS).to_string()))
            }
        }
    }
}

impl Stage for AllFields {
    fn begin<'s>(&'s self, _: &Batch<'_>) -> Box<dyn Step + 's> {
        Box::new(|record: &mut Record<'_>| -> Result<Verdict, Fault> {
            let values = Field::ALL.map(|field| self.value(record.provenance(), field));
            record.set_all(values);
            Ok(Verdict::Sound)
        })
    }

    fn describe(&self) -> StageRecord {
        StageRecord { name: "all-fields".to_owned(), values: BTreeMap::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all_fields(line: &str) -> String {
        let stage = AllFields::new(Zone::UTC);
        let mut record = Record::parse(line.as_bytes()).expect("a record");
        let now = Timestamp::from_unix_seconds(0).expect("the epoch is a time");
        stage.begin(&Batch { now, file: "-" }).apply(&mut record).expect("no record is faulty");
        String::from_utf8(record.to_bytes()).expect("records are text")
    }

    #[test]
    fn every_row_has_all_fields_in_one_order_and_of_one_type() {
        for (provenance, expected) in [
            (
                "null",
                r#"{"source":"","model":"","source_session_id":"","timestamp":null,"approved":false,"excluded":false,"exclusion_reason":""}"#,
            ),
            (
                r#"{"note":1,"model":"m","timestamp":"2026-03-30T16:22:31+02:00","approved":null}"#,
                r#"{"source":"","model":"m","source_session_id":"","timestamp":"2026-03-30T14:22:31.000000Z","approved":false,"excluded":false,"exclusion_reason":"","note":1}"#,
            ),
            (
                r#"{"timestamp":"2026-03-30T14:22:31.123456789Z","excluded":true}"#,
                r#"{"source":"","model":"","source_session_id":"","timestamp":"2026-03-30T14:22:31.123456Z","approved":false,"excluded":true,"exclusion_reason":""}"#,
            ),
            (
                r#"{"timestamp":"soon","source":"s"}"#,
                r#"{"source":"s","model":"","source_session_id":"","timestamp":"soon","approved":false,"excluded":false,"exclusion_reason":""}"#,
            ),
        ] {
            let line = |provenance: &str| format!("{{\"provenance\":{provenance}}}");
            assert_eq!(all_fields(&line(provenance)), line(expected));
            assert_eq!(all_fields(&line(expected)), line(expected), "twice is once");
        }
    }

    #[test]
    fn a_row_that_is_right_keeps_its_spelling() {
        let line = r#"{"provenance": {"source":"s","model":"m", "source_session_id":"\u0061","timestamp":null,"approved":true,"excluded":false,"exclusion_reason":"", "x" : [1]} }"#;
        assert_eq!(all_fields(line), line);
    }
}
