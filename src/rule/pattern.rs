//! One regular expression with its flags, searched as jq searches.
//!
//! jq's expressions are Oniguruma's in Perl's syntax; these are the regex crate's, rewritten in `syntax` where the two read a text
//! differently. What that crate does not have (look-around, back-references, atomic groups, possessive quantifiers) does not compile.

mod needed;
mod session;
mod syntax;

use std::ops::Range;

use regex_automata::meta::{Config, Regex};
use regex_automata::util::captures::Captures;
use regex_automata::util::syntax as options;
use regex_automata::{Anchored, Input, MatchKind};
use regex_syntax::hir::literal::Extractor;

use crate::conversation::spelled::Spelled;
use needed::Needed;
pub(super) use session::{Patterns, Session};

/// The flags of jq: `g` all matches, `i` without regard to case, `x` with blanks and comments, `s` and `p` single line, `p` also `.` for a
/// line feed, `l` the longest match, `n` no empty matches.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "they are what the letters say")]
struct Flags {
    global: bool,
    ignore_case: bool,
    extended: bool,
    dot_is_all: bool,
    longest: bool,
    not_empty: bool,
}

impl Flags {
    fn parse(text: &str) -> Result<Self, String> {
        let mut flags = Self::default();
        for flag in text.chars() {
            match flag {
                'g' => flags.global = true,
                'i' => flags.ignore_case = true,
                'x' => flags.extended = true,
                // `^` and `$` stand for the ends of the text with and without it, in jq as here.
                's' => {}
                'p' => flags.dot_is_all = true,
                'l' => flags.longest = true,
                'n' => flags.not_empty = true,
                _ => return Err(format!("{text} is not a valid modifier string")),
            }
        }
        Ok(flags)
    }
}

/// A compiled expression.
pub(super) struct Pattern {
    flags: Flags,
    whole: Engine,
    /// For an expression with `$` or `\Z`, which stand for the end of a text or the place before a line feed that ends it: searches a
    /// text without that line feed.
    before_line_feed: Option<Engine>,
    names: Vec<Option<Box<str>>>,
}

impl Pattern {
    /// Compiles an expression.
    ///
    /// # Errors
    ///
    /// What is wrong with the expression or its flags, in words.
    pub(super) fn new(expression: &str, flags: &str) -> Result<Self, String> {
        let flags = Flags::parse(flags)?;
        let rewritten = syntax::rewrite(expression, flags.extended)?;
        let whole = Engine::new(&rewritten.expression, flags)?;
        let before_line_feed = rewritten.before_line_feed.map(|expression| Engine::new(&expression, flags)).transpose()?;
        let names = whole.first.group_info().pattern_names(regex_automata::PatternID::ZERO);
        let names = names.skip(1).map(|name| name.map(Box::from)).collect();
        Ok(Self { flags, whole, before_line_feed, names })
    }

    /// The names of the groups, in their order.
    pub(super) fn names(&self) -> impl Iterator<Item = Option<&str>> {
        self.names.iter().map(Option::as_deref)
    }

    /// The expression matches somewhere in the text.
    pub(super) fn is_match(&self, text: &[u8]) -> bool {
        if self.flags.not_empty {
            return self.matches(text).next().is_some();
        }
        self.whole.first.is_match(text) || self.shorter(text).is_some_and(|(engine, text)| engine.first.is_match(text))
    }

    /// The expression may match in what a string says, told from how it is spelled: the text that each match holds is there.
    pub(super) fn may_match(&self, text: Spelled<'_>) -> bool {
        self.whole.may_match(text) || self.before_line_feed.as_ref().is_some_and(|engine| engine.may_match(text))
    }

    /// The matches in the text: all with the flag `g`, at most one without.
    pub(super) fn matches<'t>(&'t self, text: &'t [u8]) -> impl Iterator<Item = Found> + 't {
        let mut at = Some(0);
        std::iter::from_fn(move || {
            let found = self.search(text, at.take()?)?;
            if self.flags.global {
                let Range { start, end } = found.whole();
                at = if start == end { behind_character(text, end) } else { Some(end) };
            }
            Some(found)
        })
    }

    fn search(&self, text: &[u8], at: usize) -> Option<Found> {
        let in_whole = self.whole.search(text, at, self.flags);
        let in_shorter = self.shorter(text).and_then(|(engine, text)| engine.search(text, at, self.flags));
        match (in_whole, in_shorter) {
            (Some(whole), Some(shorter)) => Some(if self.is_better(&shorter.whole(), &whole.whole()) { shorter } else { whole }),
            (whole, shorter) => whole.or(shorter),
        }
    }

    /// Of two matches the one that starts first, or for the longest the longer one, is the better.
    fn is_better(&self, one: &Range<usize>, other: &Range<usize>) -> bool {
        if self.flags.longest && one.len() != other.len() { one.len() > other.len() } else { one.start < other.start }
    }

    /// The text without a line feed that ends it, where the expression asks for that, and what searches it.
    fn shorter<'t>(&self, text: &'t [u8]) -> Option<(&Engine, &'t [u8])> {
        Some((self.before_line_feed.as_ref()?, text.strip_suffix(b"\n")?))
    }
}

/// The place behind the character at a place of the text; nothing at its end.
fn behind_character(text: &[u8], at: usize) -> Option<usize> {
    (at < text.len()).then(|| (at + 1..text.len()).find(|&at| text[at] & 0xc0 != 0x80).unwrap_or(text.len()))
}

/// A match: the places of its groups in bytes, the whole match first.
pub(super) struct Found(Captures);

impl Found {
    /// Where it matches.
    pub(super) fn whole(&self) -> Range<usize> {
        self.0.get_group(0).map_or(0..0, |span| span.range())
    }

    /// Where its groups match, as far as they took part.
    pub(super) fn groups(&self) -> impl Iterator<Item = Option<Range<usize>>> {
        self.0.iter().skip(1).map(|span| span.map(|span| span.range()))
    }
}

/// An expression for one way to end a text.
struct Engine {
    /// Finds the match that comes first, by the order of alternatives.
    first: Regex,
    /// Finds the longest match at a place.
    longest: Option<Regex>,
    needed: Option<Needed>,
}

impl Engine {
    fn new(expression: &str, flags: Flags) -> Result<Self, String> {
        let options = options::Config::new()
            .case_insensitive(flags.ignore_case)
            .dot_matches_new_line(flags.dot_is_all)
            .ignore_whitespace(flags.extended)
            .utf8(false);
        let is_selective = is_selective(expression, &options);
        let build = |kind| {
            let config = Config::new()
                .match_kind(kind)
                .auto_prefilter(is_selective)
                .utf8_empty(true)
                .nfa_size_limit(Some(10 << 20))
                .hybrid_cache_capacity(2 << 20);
            Regex::builder().syntax(options).configure(config).build(expression).map_err(|why| explain(&why))
        };
        let first = build(MatchKind::LeftmostFirst)?;
        let longest = (flags.longest || flags.not_empty).then(|| build(MatchKind::All)).transpose()?;
        Ok(Self { first, longest, needed: Needed::of(expression, &options) })
    }

    fn may_match(&self, text: Spelled<'_>) -> bool {
        self.needed.as_ref().is_none_or(|needed| needed.may_be_in(text))
    }

    fn search(&self, text: &[u8], at: usize, flags: Flags) -> Option<Found> {
        let longest = self.longest.as_ref();
        let mut best: Option<Found> = None;
        let mut from = Some(at);
        while let Some(at) = from {
            if best.as_ref().is_some_and(|best| best.whole().len() >= text.len() - at) {
                break;
            }
            let Some(mut found) = find(&self.first, &Input::new(text).range(at..)) else { break };
            let start = found.whole().start;
            // The first alternative may be an empty one where another is not.
            if let Some(longest) = longest.filter(|_| flags.longest || found.whole().is_empty()) {
                found = find(longest, &Input::new(text).range(start..).anchored(Anchored::Yes)).unwrap_or(found);
            }
            let length = found.whole().len();
            let is_wanted = length > 0 || !flags.not_empty;
            if is_wanted && best.as_ref().is_none_or(|best| best.whole().len() < length) {
                best = Some(found);
            }
            if best.is_some() && !flags.longest {
                break;
            }
            from = behind_character(text, start);
        }
        best
    }
}

/// The texts that a match starts with are long enough to be looked for first. Single letters stand in every text, and looking for them
/// takes longer than running the automaton.
fn is_selective(expression: &str, options: &options::Config) -> bool {
    let Ok(tree) = regex_automata::util::syntax::parse_with(expression, options) else { return true };
    let mut starts = Extractor::new().extract(&tree);
    starts.optimize_for_prefix_by_preference();
    starts.min_literal_len().is_none_or(|shortest| shortest > 1)
}

fn find(regex: &Regex, input: &Input<'_>) -> Option<Found> {
    let mut captures = regex.create_captures();
    regex.search_captures(input, &mut captures);
    captures.is_match().then_some(Found(captures))
}

/// What is wrong with an expression, without the drawing of its place, which is one in the rewritten expression.
fn explain(why: &regex_automata::meta::BuildError) -> String {
    if let Some(limit) = why.size_limit() {
        return format!("it would take more than {} MiB", limit >> 20);
    }
    let why = why.syntax_error().map_or_else(|| why.to_string(), ToString::to_string);
    let last = why.lines().last().unwrap_or_default();
    last.strip_prefix("error: ").unwrap_or(last).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spans(expression: &str, flags: &str, text: &str) -> Vec<Range<usize>> {
        let pattern = Pattern::new(expression, flags).expect(expression);
        let spans: Vec<_> = pattern.matches(text.as_bytes()).map(|found| found.whole()).collect();
        assert_eq!(pattern.is_match(text.as_bytes()), !spans.is_empty(), "{expression}");
        spans
    }

    #[test]
    fn the_longest_match_is_the_longest_of_all() {
        assert_eq!(spans("a|aa|aaa", "l", "ab aaa"), std::slice::from_ref(&(3..6)));
        assert_eq!(spans("a|ab|abc", "l", "abc ab"), std::slice::from_ref(&(0..3)));
        assert_eq!(spans("a*", "gl", "aa b aaa"), [5..8, 8..8]);
    }

    #[test]
    fn empty_matches_are_left_out_on_request_and_stand_behind_others_without() {
        assert_eq!(spans("a*", "gn", "baac"), std::slice::from_ref(&(1..3)));
        assert_eq!(spans("|a", "n", "ba"), std::slice::from_ref(&(1..2)));
        assert_eq!(spans("a*", "g", "ba"), [0..0, 1..2, 2..2]);
        assert_eq!(spans("", "g", "é"), [0..0, 2..2]);
        assert!(spans("a*", "n", "b").is_empty());
    }

    #[test]
    fn a_dollar_stands_before_a_line_feed_that_ends_the_text() {
        assert_eq!(spans("b$", "", "b\nb\n"), std::slice::from_ref(&(2..3)));
        assert_eq!(spans("\\s*$", "", "a \n"), std::slice::from_ref(&(1..3)));
        assert_eq!(spans("a$|\\z", "g", "a\n"), [0..1, 2..2]);
        assert!(spans("b\\z", "", "b\n").is_empty());
    }

    #[test]
    fn what_would_take_too_much_memory_does_not_compile() {
        let why = Pattern::new("(?:\\w{100}){1000}", "").err();
        assert_eq!(why.as_deref(), Some("it would take more than 10 MiB"));
        assert!(Pattern::new(&"(".repeat(100_000), "").is_err());
        assert!(Pattern::new(&format!("{}a{}", "(".repeat(10_000), ")".repeat(10_000)), "").is_err());
    }
}
