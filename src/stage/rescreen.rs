//! Rescreen: removes earlier exclusions, so that rules apply as if for the first time.

use std::collections::BTreeMap;

use super::{Stage, Step, Verdict};
use crate::fault::Fault;
use crate::provenance::Field;
use crate::record::Record;
use crate::report::StageRecord;
use crate::value::Batch;

/// Removes earlier exclusions: `excluded` and `exclusion_reason`, and an `approved` that was false because of them.
///
/// It comes before all other stages. A record without an exclusion keeps its bytes: a false `approved` there is a person's decision.
#[derive(Debug, Clone, Copy, Default)]
pub struct Rescreen;

impl Stage for Rescreen {
    fn begin<'s>(&'s self, _: &Batch<'_>) -> Box<dyn Step + 's> {
        Box::new(|record: &mut Record<'_>| -> Result<Verdict, Fault> {
            let provenance = record.provenance();
            let is_excluded = provenance.is_set(Field::Excluded);
            if is_excluded || !provenance.is_missing(Field::ExclusionReason) {
                let is_disapproved =
                    is_excluded && provenance.get(Field::Approved).is_some_and(|approved| approved.spelling() == "false");
                record.remove(Field::Excluded);
                record.remove(Field::ExclusionReason);
                if is_disapproved {
                    record.remove(Field::Approved);
                }
            }
            Ok(Verdict::Sound)
        })
    }

    fn describe(&self) -> StageRecord {
        StageRecord { name: "rescreen".to_owned(), values: BTreeMap::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stage::Chain;
    use crate::timestamp::Clock;

    fn rescreen(provenance: &str) -> String {
        let line = format!("{{\"provenance\":{provenance}}}");
        let mut record = Record::parse(line.as_bytes()).expect("a record");
        let chain = Chain::new().with(Rescreen);
        chain.begin(&Batch { now: Clock::System.now(), file: "-" }).apply(&mut record).expect("nothing is wrong");
        let out = String::from_utf8(record.to_bytes()).expect("records are text");
        out["{\"provenance\":".len()..out.len() - 1].to_owned()
    }

    #[test]
    fn an_exclusion_is_taken_back_with_what_it_did_to_the_approval() {
        for (provenance, expected) in [
            (r#"{"model":"m","excluded":true,"exclusion_reason":"x","approved":false}"#, r#"{"model":"m"}"#),
            (r#"{"approved":false,"exclusion_reason":"x","excluded":true,"x":1,"model":"m"}"#, r#"{"x":1,"model":"m"}"#),
            (r#"{"excluded":true,"approved":true}"#, r#"{"approved":true}"#),
            (r#"{"exclusion_reason":"x","approved":false}"#, r#"{"approved":false}"#),
            (r#"{"excluded":true}"#, "{}"),
        ] {
            assert_eq!(rescreen(provenance), expected, "{provenance}");
        }
    }

    #[test]
    fn a_record_that_is_not_excluded_keeps_its_bytes() {
        for provenance in
            ["null", "{ }", r#"{ "approved" : false }"#, r#"{"excluded": false, "exclusion_reason": "", "approved": false}"#]
        {
            assert_eq!(rescreen(provenance), provenance);
        }
    }
}
