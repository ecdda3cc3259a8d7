//! `refusal`: the last answer is a refusal.
//!
//! It goes by the phrases that public cleaners share. Data in which assistants ask for what a tool call lacks ("I'm sorry, but which city do you
//! mean?") has good answers that start like refusals; there the screen excludes too much.

use std::borrow::Cow;
use std::sync::LazyLock;

use super::words::Words;
use super::{Look, Rule};
use crate::conversation::text::{Block, Tag, trim_start};

pub(super) const RULE: Rule = Rule {
    name: "refusal",
    excludes: "whose last answer is a refusal",
    source: "lists that ShareGPT and Alpaca cleaners share; open-instruct",
    find,
};

/// How a refusal starts. ASCII case does not matter, and `’` is an apostrophe.
const STARTS: [&str; 14] = [
    "I'm sorry, but",
    "I am sorry, but",
    "Sorry, but I can",
    "I cannot",
    "I can't",
    "I can not",
    "I'm unable to",
    "I am unable to",
    "I'm not able to",
    "I am not able to",
    "As an AI",
    "I apologize, but",
    "Unfortunately, I cannot",
    "Unfortunately, I can't",
];

/// What only a refusal says, wherever it stands.
const PHRASE: &str = "as an AI language model";

/// The rarest piece of the phrase, in both cases of each letter, and where it stands in it.
static PIECE: LazyLock<Words> = LazyLock::new(|| Words::new(["AI ", "Ai ", "aI ", "ai "].into_iter()));
const PIECE_AT: usize = "as an ".len();

static THINK: LazyLock<Tag> = LazyLock::new(|| Tag::new("<think>", "</think>"));

fn find(record: &Look<'_>) -> Option<String> {
    let conversation = record.conversation()?;
    let turn = conversation.last_answer()?;
    let text = turn.text_without_reasoning().decode();
    let what = refusal(&without_thoughts(&text))?;
    Some(format!("the last answer {what}"))
}

fn refusal(text: &[u8]) -> Option<String> {
    let text = trim_start(text);
    if let Some(start) = STARTS.into_iter().find(|start| starts_with(text, start.as_bytes())) {
        return Some(format!("starts with \"{start}\""));
    }
    holds_phrase(text).then(|| format!("contains \"{PHRASE}\""))
}

fn holds_phrase(text: &[u8]) -> bool {
    let phrase_at = |piece: usize| text.get(piece.checked_sub(PIECE_AT)?..)?.get(..PHRASE.len());
    let is_phrase = |found: &[u8]| found.eq_ignore_ascii_case(PHRASE.as_bytes());
    PIECE.find_iter(text).any(|found| phrase_at(found.start()).is_some_and(is_phrase))
}

/// The text without all that `<think>` and `</think>` enclose. A tag that is not closed is text.
fn without_thoughts(text: &[u8]) -> Cow<'_, [u8]> {
    let mut kept = Vec::new();
    let mut rest = text;
    for block in crate::conversation::text::blocks(text, &THINK) {
        let Block::Closed(thought) = block else { break };
        let start = thought.as_ptr().addr() - rest.as_ptr().addr();
        kept.extend_from_slice(&rest[..start - THINK.open.needle().len()]);
        rest = &rest[start + thought.len() + THINK.close.needle().len()..];
    }
    if rest.len() == text.len() {
        return Cow::Borrowed(text);
    }
    kept.extend_from_slice(rest);
    Cow::Owned(kept)
}

fn starts_with(text: &[u8], start: &[u8]) -> bool {
    let mut rest = text;
    start.iter().all(|expected| {
        let (found, behind) = match rest {
            // U+2019, the right single quotation mark.
            [0xe2, 0x80, 0x99, behind @ ..] => (b'\'', behind),
            [byte, behind @ ..] => (*byte, behind),
            [] => return false,
        };
        rest = behind;
        found.eq_ignore_ascii_case(expected)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::screen::check;

    fn answer(text: &str) -> String {
        format!("{{\"prompt\":\"I cannot\",\"response\":{}}}", serde_json::Value::from(text))
    }

    #[test]
    fn each_start_refuses_in_any_case_and_with_either_apostrophe() {
        for start in STARTS {
            let found = format!("the last answer starts with \"{start}\"");
            for spelled in [start.to_owned(), start.to_uppercase(), start.to_lowercase(), start.replace('\'', "’")] {
                for text in [format!("{spelled} x"), format!(" \n\u{a0}{spelled}"), format!("<think>\nI see.</think>\n{spelled}")]
                {
                    check(&RULE, &[(&answer(&text), &found)], &[]);
                }
            }
        }
    }

    #[test]
    fn a_phrase_refuses_anywhere() {
        for text in ["Well, as an AI language model, I", "x AS AN AI LANGUAGE MODEL"] {
            check(&RULE, &[(&answer(text), "the last answer contains \"as an AI language model\"")], &[]);
        }
    }

    #[test]
    fn other_answers_do_not_refuse() {
        for text in [
            "Sorry, I can",
            "So I cannot",
            "I can",
            "",
            "I ca",
            "<think>I cannot</think>Yes",
            "<think>as an AI language model</think>Yes",
            "<think>I cannot",
            "I“m sorry, but",
        ] {
            check(&RULE, &[], &[&answer(text)]);
        }
    }

    #[test]
    fn only_the_last_assistant_turn_counts_without_its_reasoning() {
        const FOUND: &str = "the last answer starts with \"I cannot\"";
        let passed = [
            r#"{"messages":[{"role":"assistant","content":"I cannot"},{"role":"assistant","content":"Yes"}]}"#,
            r#"{"messages":[{"role":"user","content":"I cannot"}]}"#,
            r#"{"messages":[{"role":"assistant","content":[{"type":"reasoning","value":"I cannot"},{"type":"text","value":"Yes"}]}]}"#,
        ];
        let turned_down = [
            (r#"{"messages":[{"role":"assistant","content":"I cannot"},{"role":"user","content":"Yes"}]}"#, FOUND),
            (
                r#"{"messages":[{"role":"assistant","content":[{"type":"reasoning","value":"Yes"},{"type":"text","value":"I cannot"}]}]}"#,
                FOUND,
            ),
            (r#"{"messages":[{"role":"assistant","content":"I \u0063annot"}]}"#, FOUND),
            (r#"{"messages":[{"role":"assistant","content":"I can<think>x</think>not"}]}"#, FOUND),
        ];
        check(&RULE, &turned_down, &passed);
    }
}
