//! Rules: a reason to exclude records, and what finds them, a jq filter or a screen. Compiled from texts and files, and run on records.

#[cfg(test)]
mod against_jq;
mod answer;
mod count;
#[cfg(test)]
mod depth;
mod direct;
mod error;
mod file;
mod filter;
mod given;
mod jq;
mod json;
mod language;
#[cfg(test)]
mod laws;
mod memory;
mod pattern;
mod reach;
mod regex;
mod set;
mod subject;
mod tree;

use std::fmt;
use std::sync::Arc;

pub use count::RuleCount;
pub use error::RuleError;
pub use set::{Place, RuleCounts, Rules, RulesError, Source};

pub(crate) use set::{Match, Screening};

use crate::escape::Escaped;
use crate::fault::{Code, Fault};
use crate::screen::Screen;
use answer::Answer;
use filter::Filter;
use given::GIVEN;
use language::Language;
use reach::Reach;
use subject::Case;

/// How large the stack of a thread is to be that runs rules. jaq recurses, on values as deep as filters take and deeper ones that filters build;
/// only what is used of it takes memory.
pub(crate) const STACK: usize = 64 << 20;

/// A reason to exclude records, and what finds them: a filter in the jq language, or a [`Screen`].
///
/// ```
/// use provfilter::rule::Rule;
///
/// let rule = Rule::parse("low-score=.score != null and .score < 0.5")?;
/// assert_eq!(rule.reason(), "low-score");
/// assert!(Rule::parse("low-score=.score <").is_err());
/// # Ok::<(), provfilter::rule::RuleError>(())
/// ```
pub struct Rule {
    reason: Arc<str>,
    finder: Finder,
}

/// What finds the records of a rule.
enum Finder {
    /// A filter in the jq language.
    Filter(Filter),
    /// A built-in screen.
    Screen(Screen),
}

impl Rule {
    /// A rule that excludes records for which the first result of the jq filter is neither false nor null.
    ///
    /// # Errors
    ///
    /// The reason does not match `[a-z0-9][a-z0-9._-]*`, or the filter does not compile.
    pub fn new(reason: &str, filter: &str) -> Result<Self, RuleError> {
        Self::of(reason, filter, &Language::new(GIVEN))
    }

    /// Reads a rule, `REASON=FILTER`. [`Rules`] take names of screens, too.
    ///
    /// # Errors
    ///
    /// As for [`Rule::new`]; or the text has no `=`.
    pub fn parse(text: &str) -> Result<Self, RuleError> {
        let (reason, filter) = text.split_once('=').ok_or(RuleError::NoReason)?;
        Self::new(reason, filter)
    }

    /// The reason that excluded records get.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// The filter, unless the rule is a screen.
    #[must_use]
    pub fn filter(&self) -> Option<&str> {
        match &self.finder {
            Finder::Filter(filter) => Some(filter.text()),
            Finder::Screen(_) => None,
        }
    }

    /// The screen, unless the rule is a filter.
    #[must_use]
    pub fn screen(&self) -> Option<Screen> {
        match &self.finder {
            Finder::Filter(_) => None,
            Finder::Screen(screen) => Some(*screen),
        }
    }

    /// The rules that a text stands for: `REASON=FILTER`, or the name of a screen or of a group of screens.
    fn all_of(text: &str, language: &Language<'_>) -> Result<Vec<Self>, RuleError> {
        if let Some((reason, filter)) = text.split_once('=') {
            return Ok(vec![Self::of(reason, filter, language)?]);
        }
        let name = text.trim_end();
        match Screen::of_name_or_group(name) {
            Some(screens) => Ok(screens.iter().copied().map(Self::from).collect()),
            None if is_reason(name) => Err(RuleError::UnknownScreen { name: name.to_owned() }),
            None => Err(RuleError::NoReason),
        }
    }

    fn of(reason: &str, filter: &str, language: &Language<'_>) -> Result<Self, RuleError> {
        if !is_reason(reason) {
            return Err(RuleError::Reason { reason: reason.to_owned() });
        }
        Ok(Self { reason: reason.into(), finder: Finder::Filter(Filter::new(filter, language)?) })
    }

    /// What its filter can reach of the value of a record. Screens need none.
    fn reach(&self) -> Option<&Reach> {
        match &self.finder {
            Finder::Filter(filter) => Some(filter.reach()),
            Finder::Screen(_) => None,
        }
    }

    /// What the rule says of a record, and what it found in it where it can tell.
    ///
    /// # Errors
    ///
    /// The rule failed on the record.
    fn judge(&self, case: &mut Case<'_, '_, '_>) -> Result<(Answer, Option<String>), Fault> {
        match &self.finder {
            Finder::Filter(filter) => {
                let answer = filter.judge(case)?.map_err(|why| {
                    let message = format!("rule `{}` failed: {}", self.reason, Escaped::new(&why, 200));
                    Fault::new(Code::RuleFailed, message)
                })?;
                Ok((answer, None))
            }
            Finder::Screen(Screen::Duplicate) => Ok((Answer::of_screen(case.is_duplicate()), None)),
            Finder::Screen(screen) => {
                let found = screen.find(case.given.record());
                Ok((Answer::of_screen(found.is_some()), found))
            }
        }
    }
}

impl From<Screen> for Rule {
    /// The rule that a screen is. Its reason is the screen's name.
    fn from(screen: Screen) -> Self {
        Self { reason: screen.name().into(), finder: Finder::Screen(screen) }
    }
}

impl fmt::Debug for Rule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Rule").field("reason", &self.reason).finish_non_exhaustive()
    }
}

fn is_reason(text: &str) -> bool {
    let is_inner = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-');
    text.bytes().all(is_inner) && text.starts_with(|first: char| first.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn a_regular_expression_that_does_not_compile_is_told_with_the_rule() {
        for (filter, what, marked) in [
            (r#".x | test("a(?=b)")"#, "look-around is not supported", r#""a(?=b)""#),
            (r#".x|test("(a)\\1";"i")"#, "back-references are not supported", r#""(a)\\1""#),
            (r#"[.x|scan("\"(?<!a)\"")]"#, "look-around is not supported", r#""\"(?<!a)\"""#),
            (r#".x|sub("(?>a)";"b")"#, "atomic groups are not supported", r#""(?>a)""#),
            (r#".x|split("a++";"g")"#, "possessive quantifiers are not supported", r#""a++""#),
            (r#".x|test("(")"#, "unclosed group", r#""(""#),
            (r#".x|test("a";"y")"#, "y is not a valid modifier string", r#""y""#),
            (r#"def f: test("[");f"#, "unclosed character class", r#""[""#),
            (r#".x|test("\\")"#, "incomplete escape sequence, reached end of pattern prematurely", "test"),
        ] {
            let message = Rule::new("a", filter).expect_err(filter).to_string();
            let indent = filter.find(marked).expect("it is in the filter");
            let mark = " ".repeat(indent) + &"^".repeat(marked.len());
            assert_eq!(message, format!("the filter does not compile: {what}\n  {filter}\n  {mark}"));
        }
    }

    #[test]
    fn expressions_that_are_not_constant_or_not_for_us_are_not_checked() {
        for filter in [r#"def test(x): x; test("(?=a)")"#, r".x | test(.re)", r#".x | test("(" + .re)"#, r#".x | split("(")"#] {
            assert!(Rule::new("a", filter).is_ok(), "{filter}");
        }
    }
}
