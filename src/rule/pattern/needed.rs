//! The text that every match of an expression contains. Most texts have no match, and a search for that text rules out most of them.

use memchr::memmem::Finder;
use regex_automata::util::syntax::{Config, parse_with};
use regex_syntax::hir::{Hir, HirKind};

use crate::conversation::spelled::{Escapes, Spelled};

/// A text that stands in each match.
pub(super) struct Needed {
    text: Finder<'static>,
    /// A string that spells no printable ASCII as an escape has the text only where its spelling has it.
    is_spelled_plainly: bool,
}

impl Needed {
    /// The longest text that stands in each match of the expression, if there is one.
    pub(super) fn of(expression: &str, options: &Config) -> Option<Self> {
        let text = longest(&parse_with(expression, options).ok()?)?;
        let is_plain = |byte: &u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\');
        Some(Self { text: Finder::new(&text).into_owned(), is_spelled_plainly: text.iter().all(is_plain) })
    }

    /// The text may stand in what a string says. That it does is not certain.
    pub(super) fn may_be_in(&self, string: Spelled<'_>) -> bool {
        let can_tell = match string.escapes() {
            Escapes::None => true,
            Escapes::Plain => self.is_spelled_plainly,
            Escapes::Hiding => false,
        };
        !can_tell || self.text.find(string.raw).is_some()
    }
}

/// The longest literal that a match has, whichever way it is found; the first of those.
fn longest(tree: &Hir) -> Option<Vec<u8>> {
    match tree.kind() {
        HirKind::Literal(literal) => Some(literal.0.to_vec()),
        HirKind::Capture(group) => longest(&group.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => longest(&repetition.sub),
        HirKind::Concat(parts) => parts.iter().rev().filter_map(longest).max_by_key(Vec::len),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::conversation::cursor::Value;
    use crate::rule::pattern::Pattern;

    proptest! {
        #[test]
        fn a_text_that_matches_is_never_passed_over(
            expression in prop::sample::select(vec!["ab", "a.b", r"\bab+", "a/b|ab$", "(ab)+c?", "é", r"a\nb", r"\\", "\"", "(?i)ab", "n"]),
            pieces in prop::collection::vec(
                prop::sample::select(vec!["a", "b", r"\u0061", r"\n", r"\/", "/", "é", r"\u00e9", r"\\", r#"\""#, r"\ud800", "n"]), 0..12,
            ),
        ) {
            let spelling = format!("\"{}\"", pieces.concat());
            let said: String = serde_json::from_str(&spelling.replace(r"\ud800", r"\ufffd")).expect("a string");
            let Value::String(spelled) = Value::of(spelling.as_bytes()) else { unreachable!("it is a string") };
            let pattern = Pattern::new(expression, "").expect(expression);
            prop_assert!(pattern.may_match(spelled) || !pattern.is_match(said.as_bytes()), "{}", spelling);
        }
    }

    fn needed(expression: &str) -> Option<String> {
        let needed = Needed::of(expression, &Config::new().utf8(false))?;
        Some(String::from_utf8(needed.text.needle().to_vec()).expect("text"))
    }

    #[test]
    fn what_each_match_holds_is_found() {
        for (expression, expected) in [
            (r"\bsk-[A-Za-z0-9]{20,}", Some("sk-")),
            (r"\b[\w.+-]+@[\w-]+\.(com|org|net)\b", Some("@")),
            (r"\brm\s+-rf\s+/", Some("-rf")),
            ("(?:(abc)d)+x", Some("abc")),
            ("a|b", None),
            ("a?", None),
            ("(?i)abc", None),
            ("", None),
        ] {
            assert_eq!(needed(expression).as_deref(), expected, "{expression}");
        }
    }

    #[test]
    fn a_string_that_may_spell_the_text_otherwise_is_not_judged() {
        let may_be_in = |expression: &str, raw: &str, escapes| {
            let needed = Needed::of(expression, &Config::new()).expect("a literal");
            needed.may_be_in(Spelled::with(raw.as_bytes(), escapes))
        };
        assert!(!may_be_in("abc", "ab", Escapes::None));
        assert!(!may_be_in("abc", r"ab\n", Escapes::Plain));
        assert!(may_be_in("abc", r"\u0061bc", Escapes::Hiding));
        assert!(may_be_in("a\"c", r#"a\"c"#, Escapes::Plain));
        assert!(may_be_in("é", r"\u00e9", Escapes::Plain));
        assert!(may_be_in("a\nc", r"a\nc", Escapes::Plain));
        assert!(!may_be_in("é", "e", Escapes::None));
    }
}
