//! Exclude: marks the records that a rule matches.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Exclusion, Needs, Stage, Step, Verdict};
use crate::fault::Fault;
use crate::json::Json;
use crate::provenance::Field;
use crate::record::Record;
use crate::report::{RuleRecord, StageRecord};
use crate::rule::{Match, Rule, Rules, Screening};
use crate::summary::Summary;
use crate::value::Batch;

/// Excludes records that a rule matches: sets `excluded`, `exclusion_reason` and `approved`. The first rule that matches gives the reason.
///
/// A record that is already excluded with a reason keeps it, and no rule runs on it.
#[derive(Debug)]
pub struct Exclude {
    rules: Rules,
}

impl Exclude {
    /// Excludes by these rules, tried in order.
    #[must_use]
    pub fn new(rules: impl Into<Rules>) -> Self {
        Self { rules: rules.into() }
    }
}

impl Stage for Exclude {
    fn begin<'s>(&'s self, _: &Batch<'_>) -> Box<dyn Step + 's> {
        Box::new(Excluding { screening: self.rules.begin() })
    }

    fn needs(&self) -> Needs {
        Needs { members: self.rules.members(), ..Needs::default() }
    }

    fn describe(&self) -> StageRecord {
        StageRecord { name: "exclude".to_owned(), values: BTreeMap::new() }
    }

    fn rules(&self) -> Vec<RuleRecord> {
        let record = |rule: &Rule| RuleRecord {
            reason: rule.reason().to_owned(),
            filter: rule.filter().map(str::to_owned),
            screen: rule.screen().map(|screen| screen.name().to_owned()),
        };
        self.rules.iter().map(record).collect()
    }
}

struct Excluding<'s> {
    screening: Screening<'s>,
}

impl Step for Excluding<'_> {
    fn apply(&mut self, record: &mut Record<'_>) -> Result<Verdict, Fault> {
        self.screening.next();
        let provenance = record.provenance();
        if provenance.is_set(Field::Excluded) && provenance.is_set(Field::ExclusionReason) {
            return Ok(Verdict::Sound);
        }
        if let Some(Match { reason, found }) = self.screening.judge(record)? {
            record.set(Field::Excluded, Json::TRUE);
            record.set(Field::ExclusionReason, Json::text(reason));
            record.set(Field::Approved, Json::FALSE);
            return Ok(Verdict::Excluded(Exclusion { reason: Arc::clone(reason), found }));
        }
        Ok(Verdict::Sound)
    }

    fn accept(&mut self) {
        self.screening.accept();
    }

    fn stands(&self) -> bool {
        self.screening.stands()
    }

    fn settle(&mut self) {
        self.screening.settle();
    }

    fn count(&self, _: &mut Summary) {
        self.screening.finish();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::Code;
    use crate::stage::Chain;
    use crate::timestamp::Clock;

    fn exclude(rules: &[&str], line: &str) -> Result<String, Fault> {
        let rules: Vec<_> = rules.iter().map(|rule| Rule::parse(rule).expect("a rule")).collect();
        let chain = Chain::new().with(Exclude::new(rules));
        let mut record = Record::parse(line.as_bytes())?;
        chain.begin(&Batch { now: Clock::System.now(), file: "-" }).apply(&mut record)?;
        Ok(String::from_utf8(record.to_bytes()).expect("records are text"))
    }

    #[test]
    fn the_first_rule_that_matches_names_the_reason() {
        let out = exclude(&["a=.x > 5", "b=.x > 1", "c=true"], r#"{"x":3}"#).expect("a good record");
        assert_eq!(out, r#"{"x":3,"provenance":{"excluded":true,"exclusion_reason":"b","approved":false}}"#);
    }

    #[test]
    fn only_the_first_result_counts_and_none_is_no_match() {
        for filter in ["a=false, true", "a=null", "a=empty", "a=false, error(1)"] {
            assert_eq!(exclude(&[filter], "{}").as_deref(), Ok("{}"), "{filter}");
        }
    }

    #[test]
    fn a_record_that_is_excluded_keeps_its_reason() {
        let line = r#"{"provenance":{"excluded":true,"exclusion_reason":"earlier","approved":false}}"#;
        assert_eq!(exclude(&["a=true", "b=error"], line).as_deref(), Ok(line));
    }

    #[test]
    fn a_filter_that_fails_is_a_fault_of_the_record() {
        for filter in ["bad=.x.y", "bad=error(\"no\")", "bad=halt"] {
            let fault = exclude(&[filter], r#"{"x":[1]}"#).expect_err(filter);
            assert_eq!(fault.code, Code::RuleFailed, "{filter}");
            assert!(fault.message.starts_with("rule `bad` failed: "), "{fault}");
        }
    }

    #[test]
    fn a_record_too_deep_for_a_filter_is_a_fault() {
        let nested = |depth: usize| format!("{{\"a\":{}{}}}", "[".repeat(depth - 1), "]".repeat(depth - 1));
        assert!(exclude(&["a=false"], &nested(512)).is_ok());
        assert_eq!(exclude(&["a=false"], &nested(513)).map_err(|fault| fault.code), Err(Code::TooDeep));
    }
}
