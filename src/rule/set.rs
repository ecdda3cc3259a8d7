//! The rules of a run: compiled from texts and files in the order in which they are tried, and run on records with shared state.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use super::Rule;
use super::answer::Answer;
use super::count::RuleCount;
use super::error::RuleError;
use super::file;
use super::given::{GIVEN, Given, GivenValues};
use super::language::Language;
use super::memory::Memory;
use super::pattern::{Patterns, Session};
use super::reach::Reach;
use super::subject::{Case, Shared, Subject};
use crate::duplicates::DuplicateKey;
use crate::escape::Escaped;
use crate::fault::{Code, Fault};
use crate::record::{Record, Wanted};
use crate::screen::Look;

/// Where rules come from.
#[derive(Debug, Clone, Copy)]
pub enum Source<'s> {
    /// A rule as text: `REASON=FILTER`, or the name of a screen or of a group of screens.
    Text(&'s str),
    /// A rules file.
    File {
        /// The name of the file, for errors.
        name: &'s str,
        /// Its bytes.
        bytes: &'s [u8],
    },
}

/// Where a wrong rule is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In a [`Source::Text`], by its position among the sources.
    Text(usize),
    /// In a rules file.
    File {
        /// The name of the file.
        name: String,
        /// The line, counted from 1.
        line: usize,
    },
}

/// What is wrong with the rules of a run, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RulesError {
    /// Where the first wrong rule or definition is.
    pub place: Place,
    /// What is wrong with it.
    pub why: RuleError,
}

impl fmt::Display for RulesError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Place::File { name, line } = &self.place {
            write!(formatter, "{}:{line}: ", Escaped::new(name, 200))?;
        }
        self.why.fmt(formatter)
    }
}

impl std::error::Error for RulesError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.why)
    }
}

/// The rules of a run, in the order in which they are tried. The first that matches a record gives the reason.
///
/// ```
/// use provfilter::rule::{Rules, Source};
///
/// let file = b"# What graders turned down.\ndef is_low: .score != null and .score < 0.5;\nlow=is_low\n";
/// let sources = [Source::Text("empty=.response == \"\""), Source::File { name: "rules", bytes: file }];
/// let rules = Rules::new(&sources)?;
/// assert_eq!(rules.reasons().collect::<Vec<_>>(), ["empty", "low"]);
/// # Ok::<(), provfilter::rule::RulesError>(())
/// ```
pub struct Rules {
    in_order: Vec<Rule>,
    /// What the rules can reach of a record together.
    reach: Reach,
    given: &'static [Given],
    patterns: Patterns,
    memory: Memory,
    counts: Arc<Mutex<Vec<RuleCount>>>,
}

impl Rules {
    /// Compiles the rules of all sources, in their order. A definition in a file is available to the rules of all sources.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong, and where; definitions are compiled first. Two rules with the same reason are an error, too.
    pub fn new(sources: &[Source<'_>]) -> Result<Self, RulesError> {
        Self::with_given(sources, GIVEN)
    }

    pub(super) fn with_given(sources: &[Source<'_>], given: &'static [Given]) -> Result<Self, RulesError> {
        let texts = texts(sources)?;
        let mut language = Language::new(given);
        for text in texts.iter().filter(|text| text.is_definition) {
            language.define(&text.code).map_err(|why| text.error(why))?;
        }
        let mut rules: Vec<Rule> = Vec::new();
        for text in texts.iter().filter(|text| !text.is_definition) {
            for rule in Rule::all_of(&text.code, &language).map_err(|why| text.error(why))? {
                if let Some(other) = rules.iter().find(|other| other.reason == rule.reason) {
                    return Err(text.error(twice(&rule, other)));
                }
                rules.push(rule);
            }
        }
        Ok(Self { given, ..Self::from(rules) })
    }

    /// Says what makes two records duplicates for the screen `duplicate`.
    #[must_use]
    pub fn with_duplicate_key(mut self, key: DuplicateKey) -> Self {
        self.memory.key = key;
        self
    }

    /// The reasons of the rules, in their order.
    pub fn reasons(&self) -> impl Iterator<Item = &str> {
        self.in_order.iter().map(Rule::reason)
    }

    /// The rules, in their order.
    pub fn iter(&self) -> impl Iterator<Item = &Rule> {
        self.in_order.iter()
    }

    /// A handle to the counts, to be read while the rules are used in a run.
    #[must_use]
    pub fn counts(&self) -> RuleCounts {
        RuleCounts { reasons: self.reasons().map(str::to_owned).collect(), counts: Arc::clone(&self.counts) }
    }

    /// The members of records that rules look at, as far as they do not look at records as a whole.
    pub(crate) fn members(&self) -> Wanted {
        let mut wanted = Wanted::default();
        for rule in &self.in_order {
            if let Some(Reach::Members(names)) = rule.reach() {
                for name in names {
                    wanted.add(name);
                }
            }
        }
        wanted
    }

    /// Makes the rules ready for a batch of records.
    pub(crate) fn begin(&self) -> Screening<'_> {
        let (session, subject) = (Session::new(&self.patterns), Subject::new(&self.reach));
        Screening {
            rules: self,
            shared: Shared { session, subject, recall: self.memory.begin() },
            counts: vec![RuleCount::default(); self.in_order.len()],
        }
    }
}

impl From<Vec<Rule>> for Rules {
    fn from(rules: Vec<Rule>) -> Self {
        let reach = rules.iter().filter_map(Rule::reach).fold(Reach::Members(Vec::new()), Reach::and);
        let counts = Arc::new(Mutex::new(vec![RuleCount::default(); rules.len()]));
        Self { in_order: rules, reach, given: GIVEN, patterns: Patterns::default(), memory: Memory::default(), counts }
    }
}

impl fmt::Debug for Rules {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Rules").field("in_order", &self.in_order).finish_non_exhaustive()
    }
}

/// What is wrong with two rules that have one reason.
fn twice(rule: &Rule, other: &Rule) -> RuleError {
    match (rule.screen(), other.screen()) {
        (Some(screen), Some(_)) => RuleError::ScreenTwice { name: screen.name() },
        _ => RuleError::Twice { reason: rule.reason.to_string() },
    }
}

/// What each rule has done so far.
#[derive(Debug, Clone)]
pub struct RuleCounts {
    reasons: Vec<String>,
    counts: Arc<Mutex<Vec<RuleCount>>>,
}

impl RuleCounts {
    /// Each rule's reason and counts, in the order of the rules.
    #[must_use]
    pub fn get(&self) -> Vec<(&str, RuleCount)> {
        let counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        self.reasons.iter().map(String::as_str).zip(counts.iter().copied()).collect()
    }
}

/// A rule or a definition as text, and where it is from.
struct Text {
    code: String,
    is_definition: bool,
    place: Place,
}

impl Text {
    /// The error, with the line of the place that is wrong.
    fn error(&self, why: RuleError) -> RulesError {
        let mut place = self.place.clone();
        if let Place::File { line, .. } = &mut place {
            *line += why.lines_before();
        }
        RulesError { place, why }
    }
}

fn texts(sources: &[Source<'_>]) -> Result<Vec<Text>, RulesError> {
    let mut texts = Vec::new();
    for (position, source) in sources.iter().enumerate() {
        match *source {
            Source::Text(text) => {
                texts.push(Text { code: text.to_owned(), is_definition: false, place: Place::Text(position) });
            }
            Source::File { name, bytes } => {
                let place = |line| Place::File { name: name.to_owned(), line };
                let entries = file::entries(bytes).map_err(|(line, why)| RulesError { place: place(line), why })?;
                texts.extend(entries.into_iter().map(|entry| Text {
                    is_definition: entry.is_definition(),
                    place: place(entry.line),
                    code: entry.text,
                }));
            }
        }
    }
    Ok(texts)
}

/// The rules made ready for a batch of records.
pub(crate) struct Screening<'s> {
    rules: &'s Rules,
    shared: Shared<'s>,
    counts: Vec<RuleCount>,
}

/// What a rule says of a record that it turns down.
pub(crate) struct Match<'s> {
    pub(crate) reason: &'s Arc<str>,
    /// What was found, for people, where the rule can tell.
    pub(crate) found: Option<String>,
}

impl<'s> Screening<'s> {
    /// What the first rule says that matches the record.
    ///
    /// # Errors
    ///
    /// A rule failed on the record, or cannot take it.
    pub(crate) fn judge(&mut self, record: &Record<'_>) -> Result<Option<Match<'s>>, Fault> {
        let look = Look::at_record(record);
        let mut case = Case::new(record, GivenValues::of(self.rules.given, look), &mut self.shared);
        for (rule, count) in self.rules.in_order.iter().zip(&mut self.counts) {
            count.ran += 1;
            let (answer, found) =
                rule.judge(&mut case).inspect_err(|fault| count.failed += u64::from(fault.code == Code::RuleFailed))?;
            if answer != Answer::Passes {
                count.matched += 1;
                count.not_boolean += u64::from(answer == Answer::MatchesOddly);
                return Ok(Some(Match { reason: &rule.reason, found }));
            }
        }
        Ok(None)
    }

    /// Takes note that the next record comes, which no rule may be asked about.
    pub(crate) fn next(&mut self) {
        self.shared.recall.next();
    }

    /// The record that came last has passed all stages.
    pub(crate) fn accept(&mut self) {
        self.shared.recall.accept();
    }

    /// What was said of the batch still holds, now that all earlier ones are settled.
    pub(crate) fn stands(&self) -> bool {
        self.shared.recall.stands()
    }

    /// After the last record of the batch, when what was said of it stands: makes its records known to later batches.
    pub(crate) fn settle(&mut self) {
        self.shared.recall.settle();
    }

    /// After the last record of the batch, adds what the rules did to the counts of the run.
    pub(crate) fn finish(&self) {
        let mut counts = self.rules.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.iter_mut().zip(&self.counts).for_each(|(sum, count)| *sum += *count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jaq_json::Val;

    fn file(text: &str) -> Source<'_> {
        Source::File { name: "rules", bytes: text.as_bytes() }
    }

    /// What becomes of records, as reasons or faults.
    fn reasons(rules: &Rules, lines: &[&str]) -> Vec<Result<Option<String>, Code>> {
        let mut screening = rules.begin();
        let record = |line: &&str| {
            let record = Record::parse(line.as_bytes()).map_err(|fault| fault.code)?;
            screening.judge(&record).map(|found| found.map(|found| found.reason.to_string())).map_err(|fault| fault.code)
        };
        let reasons = lines.iter().map(record).collect();
        screening.finish();
        reasons
    }

    #[test]
    fn rules_of_all_sources_are_tried_in_their_order_and_share_definitions() {
        let sources = [
            Source::Text("a=is_a"),
            file("def is_a: .x == 1;\nb=.x == 1 or\n  .x == 2\n"),
            Source::Text("c=is_c"),
            file("d=true\n\ndef is_c:\n .x == 3;\n"),
        ];
        let rules = Rules::new(&sources).expect("the rules compile");
        assert_eq!(rules.reasons().collect::<Vec<_>>(), ["a", "b", "c", "d"]);
        let found = reasons(&rules, &[r#"{"x":1}"#, r#"{"x":2}"#, r#"{"x":3}"#, "{}"]);
        assert_eq!(found, ["a", "b", "c", "d"].map(|reason| Ok(Some(reason.to_owned()))));
    }

    #[test]
    fn what_is_wrong_in_a_file_is_told_with_its_line() {
        for (text, message) in [
            ("a=true\n# note\nb=.x |\n", "rules:3: the filter does not compile: expected term\n  .x |\n      ^"),
            ("a=.x\n  and nope\n", "rules:2: the filter does not compile: undefined filter\n    and nope\n        ^^^^"),
            (
                "a=.x\n# note\n\n  | test(\"(\")\n",
                "rules:4: the filter does not compile: unclosed group\n    | test(\"(\")\n           ^^^",
            ),
            (
                "a=f\ndef f:\n  .x | nope;\n",
                "rules:3: the definition does not compile: undefined filter\n    .x | nope;\n         ^^^^",
            ),
            ("def f: .x\na=true\n", "rules:1: the definition does not compile: expected ;\n  def f: .x\n           ^"),
            ("def f: 1; f\n", "rules:1: the definition does not compile: expected nothing\n  def f: 1; f\n            ^"),
            ("a=true\nlow score\n", "rules:2: expected REASON=FILTER, such as low-score='.score < 0.5', or the name of a screen"),
            ("a=1\nA=true\n", "rules:2: invalid reason name `A`: expected [a-z0-9][a-z0-9._-]*, such as low-score"),
            ("a=1\nb=2\na=3\n", "rules:3: the reason `a` is used twice: give each rule its own, or join the filters with `or`"),
            (" a=1\n", "rules:1: an indented line continues the rule above it, but there is no rule above it"),
            ("a=1\nb=\0\n", "rules:2: not UTF-8 text"),
            ("# nothing\n", "rules:1: the file has no rules"),
        ] {
            assert_eq!(Rules::new(&[file(text)]).expect_err(text).to_string(), message);
        }
    }

    #[test]
    fn what_is_wrong_in_a_text_is_told_with_its_position() {
        let wrong = |sources: &[Source<'_>]| Rules::new(sources).expect_err("one is wrong");
        let error = wrong(&[file("a=1"), Source::Text("b=.x"), Source::Text("c=(")]);
        assert_eq!(error.place, Place::Text(2));
        let error = wrong(&[file("a=1"), Source::Text("a=2")]);
        assert_eq!((error.place, error.why), (Place::Text(1), RuleError::Twice { reason: "a".to_owned() }));
    }

    #[test]
    fn a_file_may_have_nothing_but_definitions() {
        let rules = Rules::new(&[file("def f: true;\n"), Source::Text("a=f")]).expect("the rules compile");
        assert_eq!(rules.reasons().count(), 1);
    }

    #[test]
    fn what_each_rule_did_is_counted_over_all_batches() {
        let rules = Rules::new(&[Source::Text("odd=.x"), Source::Text("fails=.y.z"), Source::Text("all=true")])
            .expect("the rules compile");
        let counts = rules.counts();
        reasons(&rules, &[r#"{"x":true}"#, r#"{"x":0}"#]);
        reasons(&rules, &[r#"{"y":1}"#, "{}", r#"{"x":false}"#]);
        let count = |ran, matched, failed, not_boolean| RuleCount { ran, matched, failed, not_boolean };
        assert_eq!(counts.get(), [("odd", count(5, 2, 0, 1)), ("fails", count(3, 0, 1, 0)), ("all", count(2, 2, 0, 0))]);
        assert_eq!(counts.get().iter().map(|(_, count)| count.matched_all()).collect::<Vec<_>>(), [false, false, true]);
    }

    #[test]
    fn lone_surrogates_are_replacement_characters_to_filters_and_in_names_too() {
        let lines = [r#"{"x":"\ud800"}"#, r#"{"\udfff":1}"#, r#"{"x":"\"\\ud800\""}"#];
        for (filter, expected) in [
            ("false", [false, false, false]),
            (r#".x == "\ufffd""#, [true, false, false]),
            (r#"[.x] | .[0] == "\ufffd""#, [true, false, false]),
            (r#"has("\ufffd")"#, [false, true, false]),
            (r#"."\ufffd" == 1"#, [false, true, false]),
            (r#"keys == ["\ufffd"]"#, [false, true, false]),
            (r#"(.x | fromjson)? == "\ufffd""#, [false, false, true]),
        ] {
            let rules = Rules::from(vec![Rule::new("r", filter).expect(filter)]);
            let expected = expected.map(|is_found| Ok(is_found.then(|| "r".to_owned())));
            assert_eq!(reasons(&rules, &lines), expected, "{filter}");
        }
    }

    #[test]
    fn given_values_are_computed_once_a_record_and_only_where_they_are_asked_for() {
        use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
        static COMPUTED: AtomicUsize = AtomicUsize::new(0);
        const TABLE: &[Given] = &[Given {
            name: "line_length",
            value: |record| {
                COMPUTED.fetch_add(1, Relaxed);
                Val::from(record.record().len())
            },
        }];
        let sources = [
            Source::Text("a=.x and line_length == 9"),
            file("def is_long: line_length > 9;\nb=.x and is_long\nc=[.] | line_length == 2\n"),
        ];
        let rules = Rules::with_given(&sources, TABLE).expect("the rules compile");
        assert_eq!(reasons(&rules, &[r#"{"x":  1}"#, r#"{"x":   1}"#]), ["a", "b"].map(|reason| Ok(Some(reason.to_owned()))));
        assert_eq!(COMPUTED.load(Relaxed), 2);
        assert_eq!(reasons(&rules, &["{}"]), [Ok(Some("c".to_owned()))]);
        assert_eq!(COMPUTED.load(Relaxed), 3);
        let unused = Rules::with_given(&[Source::Text("a=.x")], TABLE).expect("the rule compiles");
        reasons(&unused, &["{}"]);
        assert_eq!(COMPUTED.load(Relaxed), 3);
    }

    #[test]
    fn expressions_from_records_are_compiled_as_they_come_and_kept_within_bounds() {
        let rules = Rules::new(&[Source::Text("r=.re as $re | .x | test($re)")]).expect("the rule compiles");
        let lines: Vec<_> = (0..600).map(|number| format!(r#"{{"x":"{number}","re":"^{number}$"}}"#)).collect();
        let lines: Vec<_> = lines.iter().map(String::as_str).collect();
        assert!(reasons(&rules, &lines).iter().all(|reason| reason.as_ref().is_ok_and(Option::is_some)));
        assert_eq!(
            reasons(&rules, &[r#"{"x":"a","re":"(?=a)"}"#, r#"{"x":1,"re":"a"}"#]),
            [Err(Code::RuleFailed), Err(Code::RuleFailed)]
        );
    }

    #[test]
    fn provenance_is_seen_as_the_stages_before_have_left_it() {
        use crate::json::Json;
        use crate::provenance::Field;
        let rules = Rules::new(&[Source::Text("r=.provenance.model == \"m\""), Source::Text("s=.provenance | has(\"x\")")])
            .expect("rules");
        let says = |record: &Record<'_>| rules.begin().judge(record).map(|found| found.map(|found| found.reason.to_string()));
        for line in ["{}", r#"{"provenance":{"x":1}}"#, r#"{"provenance":null,"a":1}"#] {
            let mut record = Record::parse(line.as_bytes()).expect("a record");
            assert_eq!(says(&record), Ok(line.contains('x').then(|| "s".to_owned())), "{line}");
            record.set(Field::Model, Json::text("m"));
            assert_eq!(says(&record), Ok(Some("r".to_owned())), "{line}");
        }
    }

    #[test]
    fn provenance_below_another_member_is_seen_there() {
        use crate::json::Json;
        use crate::provenance::Field;
        let rules = Rules::new(&[Source::Text("r=.a.b.model == \"m\""), Source::Text("s=.a | .c and .b.model")]).expect("rules");
        let says = |record: &Record<'_>| rules.begin().judge(record).map(|found| found.map(|found| found.reason.to_string()));
        let mut wanted = rules.members();
        wanted.set_provenance("/a/b".parse().expect("a path"));
        for (line, model, expected) in [
            ("{}", "m", Some("r")),
            (r#"{"a":{"c":1}}"#, "m", Some("r")),
            (r#"{"a":{"c":1,"b":{"x":1}}}"#, "n", Some("s")),
            (r#"{"a":{"c":false}}"#, "n", None),
        ] {
            let mut record = Record::parse_for(line.as_bytes(), &wanted).expect("a record");
            assert_eq!(says(&record), Ok(None), "{line}");
            record.set(Field::Model, Json::text(model));
            assert_eq!(says(&record), Ok(expected.map(str::to_owned)), "{line}");
        }
    }
}
