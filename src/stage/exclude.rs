//! Exclude: marks the records that a rule turns down. A rule is a reason and a filter in the jq language, run by jaq.

use std::fmt;
use std::ops::Range;

use jaq_core::data::JustLut;
use jaq_core::load::{Arena, File, Loader};
use jaq_core::{Compiler, Ctx, Vars};
use jaq_json::Val;

use super::{Exclusion, Stage, Step, Verdict};
use crate::escape::Escaped;
use crate::fault::{Code, Fault};
use crate::json::Json;
use crate::provenance::Field;
use crate::record::Record;
use crate::value::Batch;

/// How deep a record may nest for a filter to run on it. jaq's parser recurses, on the stack of a worker.
const DEEPEST: usize = 512;

/// A reason to exclude records, and the filter that finds them.
pub struct Rule {
    reason: String,
    filter: jaq_core::Filter<JustLut<Val>>,
}

impl Rule {
    /// Makes a rule that excludes records for which the jq filter's first result is neither false nor null.
    ///
    /// # Errors
    ///
    /// The reason has other characters than `[a-z0-9][a-z0-9._-]*`, or the filter does not compile.
    pub fn new(reason: &str, filter: &str) -> Result<Self, RuleError> {
        if !is_reason(reason) {
            return Err(RuleError::Reason { reason: reason.to_owned() });
        }
        Ok(Self { reason: reason.to_owned(), filter: compile(filter)? })
    }

    /// Makes a rule of the text `REASON=FILTER`.
    ///
    /// # Errors
    ///
    /// As for [`Rule::new`]; or the text has no `=`.
    pub fn parse(text: &str) -> Result<Self, RuleError> {
        let (reason, filter) = text.split_once('=').ok_or(RuleError::NoReason)?;
        Self::new(reason, filter)
    }

    /// The filter's first result on the record is neither false nor null.
    fn matches(&self, record: &Val) -> Result<bool, String> {
        let context = Ctx::<JustLut<Val>>::new(&self.filter.lut, Vars::new([]));
        match self.filter.id.run((context, record.clone())).next() {
            None => Ok(false),
            Some(Ok(value)) => Ok(!matches!(value, Val::Null | Val::Bool(false))),
            Some(Err(exception)) => Err(exception.get_err().map_or_else(|_| "it halted".to_owned(), |why| why.to_string())),
        }
    }
}

impl fmt::Debug for Rule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Rule").field("reason", &self.reason).finish_non_exhaustive()
    }
}

/// Why a text is no rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// The text has no `=` between a reason and a filter.
    #[error("expected REASON=FILTER, such as low-score='.score < 0.5'")]
    NoReason,
    /// The reason is none.
    #[error("`{reason}` is no reason: expected [a-z0-9][a-z0-9._-]*, such as low-score")]
    Reason {
        /// What stands before the `=`.
        reason: String,
    },
    /// The filter does not compile.
    #[error("the filter does not compile: {what}\n  {}\n  {}", line(filter, place).0, line(filter, place).1)]
    Filter {
        /// The filter.
        filter: String,
        /// What is wrong with it.
        what: String,
        /// Where, in bytes of the filter.
        place: Range<usize>,
    },
}

/// The line of the filter where the place begins, and a line that marks the place below it.
fn line(filter: &str, place: &Range<usize>) -> (String, String) {
    let start = filter[..place.start].rfind('\n').map_or(0, |line_feed| line_feed + 1);
    let end = filter[place.start..].find('\n').map_or(filter.len(), |length| place.start + length);
    let width = filter[place.start..place.end.clamp(place.start, end)].chars().count().max(1);
    let indent = filter[start..place.start].chars().count();
    (filter[start..end].to_owned(), format!("{}{}", " ".repeat(indent), "^".repeat(width)))
}

fn is_reason(text: &str) -> bool {
    let is_inner = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-');
    text.bytes().all(is_inner) && text.starts_with(|first: char| first.is_ascii_alphanumeric())
}

/// Compiles a filter of the jq language. It gets neither the environment nor other inputs or modules.
fn compile(filter: &str) -> Result<jaq_core::Filter<JustLut<Val>>, RuleError> {
    let definitions = jaq_core::defs().chain(jaq_std::defs()).chain(jaq_json::defs());
    let functions = jaq_core::funs().chain(jaq_std::funs()).chain(jaq_json::funs()).filter(|(name, ..)| *name != "env");
    let arena = Arena::default();
    let program = File { code: filter, path: () };
    let modules = Loader::new(definitions).load(&arena, program).map_err(|errors| {
        let first = errors.into_iter().next().map(|(file, error)| load_error(file.code, error));
        rule_error(filter, first)
    })?;
    Compiler::default().with_funs(functions).compile(modules).map_err(|errors| {
        let first = errors.into_iter().flat_map(|(_, undefined)| undefined).next();
        rule_error(filter, first.map(|(symbol, kind)| (format!("undefined {}", kind.as_str()), symbol)))
    })
}

/// What is wrong first when a filter is read, and the part of the filter from there on.
fn load_error<'f>(code: &'f str, error: jaq_core::load::Error<&'f str>) -> (String, &'f str) {
    use jaq_core::load::Error;
    let end = &code[code.len()..];
    let found = match error {
        Error::Io(paths) => paths.into_iter().next().map(|(path, why)| (why, path)),
        Error::Lex(errors) => errors.into_iter().next().map(|(expected, rest)| {
            let first = rest.chars().next().map_or(0, char::len_utf8);
            (format!("expected {}", expected.as_str()), &rest[..first])
        }),
        Error::Parse(errors) => {
            errors.into_iter().next().map(|(expected, found)| (format!("expected {}", expected.as_str()), found))
        }
    };
    found.unwrap_or_else(|| ("it is not understood".to_owned(), end))
}

fn rule_error(filter: &str, first: Option<(String, &str)>) -> RuleError {
    let (what, part) = first.unwrap_or_else(|| ("it is not understood".to_owned(), &filter[filter.len()..]));
    // A missing token is found at the end of the program, which jaq may report as text of its own.
    let start = part.as_ptr().addr().checked_sub(filter.as_ptr().addr()).filter(|start| start + part.len() <= filter.len());
    let place = start.map_or(filter.len()..filter.len(), |start| start..start + part.len());
    RuleError::Filter { filter: filter.to_owned(), what, place }
}

/// Excludes the records that one of its rules turns down. The first rule that matches names the reason.
///
/// A record that is excluded with a reason already keeps it, and no filter is run on it.
#[derive(Debug)]
pub struct Exclude {
    rules: Vec<Rule>,
}

impl Exclude {
    /// Excludes by these rules, which are tried in order.
    #[must_use]
    pub fn new(rules: Vec<Rule>) -> Self {
        Self { rules }
    }

    fn first_match(&self, record: &Val) -> Result<Option<&Rule>, Fault> {
        for rule in &self.rules {
            match rule.matches(record) {
                Ok(true) => return Ok(Some(rule)),
                Ok(false) => {}
                Err(why) => {
                    let message = format!("the filter of `{}` failed: {}", rule.reason, Escaped::new(&why, 200));
                    return Err(Fault::new(Code::RuleFailed, message));
                }
            }
        }
        Ok(None)
    }
}

impl Stage for Exclude {
    fn begin<'s>(&'s self, _: &Batch<'_>) -> Box<dyn Step + 's> {
        let mut bytes = Vec::new();
        Box::new(move |record: &mut Record<'_>| -> Result<Verdict, Fault> {
            let provenance = record.provenance();
            if provenance.is_set(Field::Excluded) && provenance.is_set(Field::ExclusionReason) {
                return Ok(Verdict::Sound);
            }
            bytes.clear();
            record.write_to(&mut bytes);
            if let Some(rule) = self.first_match(&read(record, &bytes)?)? {
                record.set(Field::Excluded, Json::TRUE);
                record.set(Field::ExclusionReason, Json::text(&rule.reason));
                record.set(Field::Approved, Json::FALSE);
                return Ok(Verdict::Excluded(Exclusion { reason: rule.reason.as_str().into(), found: None }));
            }
            Ok(Verdict::Sound)
        })
    }
}

/// The record, whose bytes are given, as a value that filters take.
fn read(record: &Record<'_>, bytes: &[u8]) -> Result<Val, Fault> {
    if record.depth() > DEEPEST {
        let message = format!("nested {} deep, but an exclude filter takes {DEEPEST} at most", record.depth());
        return Err(Fault::new(Code::TooDeep, message));
    }
    let failed = |why: jaq_json::read::Error| Fault::new(Code::RuleFailed, format!("the filters cannot read the record: {why}"));
    jaq_json::read::parse_single(bytes).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stage::Chain;
    use crate::timestamp::Clock;

    fn exclude(rules: &[&str], line: &str) -> Result<String, Fault> {
        let rules = rules.iter().map(|rule| Rule::parse(rule).expect("a rule")).collect();
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
            assert!(fault.message.starts_with("the filter of `bad` failed: "), "{fault}");
        }
    }

    #[test]
    fn a_record_too_deep_for_a_filter_is_a_fault() {
        let nested = |depth: usize| format!("{{\"a\":{}{}}}", "[".repeat(depth - 1), "]".repeat(depth - 1));
        assert!(exclude(&["a=false"], &nested(DEEPEST)).is_ok());
        assert_eq!(exclude(&["a=false"], &nested(DEEPEST + 1)).map_err(|fault| fault.code), Err(Code::TooDeep));
    }

    #[test]
    fn a_filter_that_does_not_compile_is_told_with_its_place() {
        for (rule, what, mark) in [
            ("a=.x | nope", "undefined filter", "  .x | nope\n       ^^^^"),
            ("a=.x |", "expected term", "  .x |\n      ^"),
            ("a=(.x", "expected closing parenthesis", "  (.x\n     ^"),
            ("a=.x & .y", "expected token", "  .x & .y\n     ^"),
            ("a=$ENV.HOME", "undefined variable", "  $ENV.HOME\n  ^^^^"),
            ("a=env", "undefined filter", "  env\n  ^^^"),
            ("a=input", "undefined filter", "  input\n  ^^^^^"),
        ] {
            let message = Rule::parse(rule).expect_err(rule).to_string();
            assert_eq!(message, format!("the filter does not compile: {what}\n{mark}"));
        }
    }

    #[test]
    fn reasons_are_names() {
        assert!(matches!(Rule::parse("no equals sign"), Err(RuleError::NoReason)));
        for reason in ["", "Low", "-low", ".low", "low score", "größe"] {
            assert!(matches!(Rule::new(reason, "."), Err(RuleError::Reason { .. })), "{reason}");
        }
        assert!(Rule::new("low.score_2-b", ".").is_ok());
    }
}
