//! `secret`: a string of the record holds a key or token of a known form.
//!
//! Hardly any record does, and one pass over its bytes tells: every match contains one of a few words. Only a string with such a word, or
//! with an escape that may hide one, is decoded and matched against the expressions.

mod place;

use std::sync::LazyLock;

use regex::bytes::Regex;

use super::words::Words;
use super::{Look, Rule};
use crate::conversation::spelled::Spelled;
use crate::conversation::text::lossy;
use crate::escape::Escaped;
use place::{Place, Strings};

pub(super) const RULE: Rule = Rule {
    name: "secret",
    excludes: "that contains a key or token of a known form",
    source: "gitleaks; the makers' own documentation",
    find,
};

/// What stands for a name that holds a secret.
const MASK: &str = "***";
/// How much of a name or a place is shown, in characters.
const LONGEST_SHOWN: usize = 120;

/// A kind of secret.
struct Kind {
    /// What is said of it.
    name: &'static str,
    /// Its form in decoded text, where `\b` is a border between an ASCII word and anything else.
    form: &'static str,
    /// Words of which every match holds one.
    ///
    /// They are looked for without overlaps. Those that start a match need none: a match does not start within a word. The others,
    /// `T3BlbkFJ` and `PRIVATE`, share no letters with the end of any word.
    words: &'static [&'static str],
}

const KINDS: [Kind; 10] = [
    Kind { name: "an AWS key", form: r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b", words: &["AKIA", "ASIA"] },
    Kind { name: "a GitHub token", form: r"\bgh[pousr]_[A-Za-z0-9]{36,255}\b", words: &["ghp_", "gho_", "ghu_", "ghs_", "ghr_"] },
    Kind { name: "a GitHub token", form: r"\bgithub_pat_[A-Za-z0-9_]{82}\b", words: &["github_pat_"] },
    Kind {
        name: "an OpenAI key",
        form: r"\bsk-(?:proj-|svcacct-|admin-)?[A-Za-z0-9_-]{20,}T3BlbkFJ[A-Za-z0-9_-]{20,}",
        words: &["T3BlbkFJ"],
    },
    Kind { name: "an Anthropic key", form: r"\bsk-ant-[a-z]+[0-9]{2}-[A-Za-z0-9_-]{80,}", words: &["sk-ant-"] },
    Kind { name: "a Hugging Face token", form: r"\bhf_[A-Za-z]{34}\b", words: &["hf_"] },
    Kind { name: "a Slack token", form: r"\bxox[abprs]-[A-Za-z0-9-]{10,}", words: &["xox"] },
    Kind { name: "a Google key", form: r"\bAIza[A-Za-z0-9_-]{35}\b", words: &["AIza"] },
    Kind { name: "a Stripe key", form: r"\b[sr]k_live_[A-Za-z0-9]{24,}\b", words: &["sk_live_", "rk_live_"] },
    Kind { name: "a private key", form: "-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----", words: &["PRIVATE"] },
];

/// One bit for each kind, in the order of [`KINDS`].
type Kinds = u16;

const ALL_KINDS: Kinds = (1 << KINDS.len()) - 1;

/// The start of an escape that may be of a character of a word.
const ESCAPE: &str = r"\u00";

static EXPRESSIONS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    let compile = |kind: &Kind| Regex::new(&format!("(?-u){}", kind.form)).expect("the forms are expressions");
    KINDS.iter().map(compile).collect()
});

/// The words of all kinds, and the kind of each by its position. Behind them comes the escape.
static WORDS: LazyLock<(Words, Vec<Kinds>)> = LazyLock::new(|| {
    let words = KINDS.iter().flat_map(|kind| kind.words).chain([&ESCAPE]);
    let kinds = KINDS.iter().enumerate().flat_map(|(at, kind)| kind.words.iter().map(move |_| 1 << at));
    (Words::new(words.copied()), kinds.chain([ALL_KINDS]).collect())
});

/// A place in the record's bytes that may be in a secret of some kinds.
struct Candidate {
    at: usize,
    kinds: Kinds,
}

fn find(record: &Look<'_>) -> Option<String> {
    let outside = |candidate: &Candidate| record.provenance().is_none_or(|place| !place.contains(&candidate.at));
    let candidates: Vec<_> = candidates(record.record()).filter(outside).collect();
    if candidates.is_empty() {
        return None;
    }
    let mut candidates = candidates.into_iter().peekable();
    let mut strings = Strings::of(record.record());
    while candidates.peek().is_some() {
        let (string, end) = strings.next_string()?;
        let mut kinds = 0;
        while let Some(candidate) = candidates.next_if(|candidate| candidate.at < end) {
            kinds |= candidate.kinds;
        }
        if let Some(kind) = secret_in(&string, kinds) {
            return Some(format!("{} at {}", kind.name, Place(&strings)));
        }
    }
    None
}

fn candidates(bytes: &[u8]) -> impl Iterator<Item = Candidate> {
    let (words, kinds) = &*WORDS;
    words.find_iter(bytes).filter_map(|found| {
        let kinds = kinds[found.pattern().as_usize()];
        let may_hide = kinds != ALL_KINDS || hides_a_letter(&bytes[found.end()..]);
        may_hide.then_some(Candidate { at: found.start(), kinds })
    })
}

/// The last two digits of an escape are those of an ASCII letter, or of another character that stands in a word.
fn hides_a_letter(digits: &[u8]) -> bool {
    matches!(digits, [b'4'..=b'7', ..] | [b'2', b'd' | b'D', ..] | [b'3', b'3', ..])
}

/// The first kind of secret, of some kinds, that a string holds.
fn secret_in(string: &Spelled<'_>, kinds: Kinds) -> Option<&'static Kind> {
    if kinds == 0 {
        return None;
    }
    let text = string.decode();
    let is_held = |at: usize| kinds & 1 << at != 0 && EXPRESSIONS[at].is_match(&text);
    (0..KINDS.len()).find(|&at| is_held(at)).map(|at| &KINDS[at])
}

/// Decoded text holds a secret.
fn is_secret(text: &[u8]) -> bool {
    WORDS.0.find_iter(text).next().is_some() && EXPRESSIONS.iter().any(|expression| expression.is_match(text))
}

/// A name of the record as it may be shown: cut, with control characters escaped, and masked if it holds a secret.
pub(super) fn shown(name: &[u8]) -> String {
    if is_secret(name) { MASK.to_owned() } else { Escaped::new(&lossy(name), LONGEST_SHOWN).to_string() }
}

#[cfg(test)]
mod tests;
