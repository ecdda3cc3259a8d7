//! `broken-reasoning`: in an assistant turn `<think>` is opened and not closed, or closed and not opened.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::{Look, Rule};
use crate::conversation::Role;

pub(super) const RULE: Rule = Rule {
    name: "broken-reasoning",
    excludes: "with a `<think>` that is never closed, or closed but never opened",
    source: "NeMo Curator's Nemotron tutorial",
    find,
};

/// The end that both tags share.
static TAG_END: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("think>"));

fn find(record: &Look<'_>) -> Option<String> {
    let turns = record.conversation()?.turns.iter().enumerate();
    turns.filter(|(_, turn)| turn.role == Role::Assistant).find_map(|(at, turn)| {
        let what = broken(turn.text.searchable())?;
        Some(format!("turn {}: {what}", at + 1))
    })
}

/// What is wrong with the tags of a text, which pair as brackets do.
fn broken(text: &[u8]) -> Option<&'static str> {
    let mut open = 0_usize;
    for end in TAG_END.find_iter(text) {
        let before = &text[..end];
        if before.ends_with(b"</") {
            let Some(fewer) = open.checked_sub(1) else { return Some("</think> without <think>") };
            open = fewer;
        } else if before.ends_with(b"<") {
            open += 1;
        }
    }
    (open > 0).then_some("<think> is never closed")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::screen::check;

    #[test]
    fn tags_pair_as_brackets_do() {
        for (text, broken) in [
            ("a <think>b</think> c", None),
            ("<think>", Some("<think> is never closed")),
            ("</think>", Some("</think> without <think>")),
            ("</think><think>", Some("</think> without <think>")),
            ("<think><think></think>", Some("<think> is never closed")),
            ("<think><think></think></think>", None),
            ("<think></think></think>", Some("</think> without <think>")),
            (r"\u003cthink>", Some("<think> is never closed")),
            (r"<think>\n<\/think>", None),
            (r"<\u0074hink>", Some("<think> is never closed")),
            ("<Think> think> <think > <thinking>", None),
            ("", None),
        ] {
            let record = format!("{{\"conversations\":[{{\"from\":\"gpt\",\"value\":\"{text}\"}}]}}");
            match broken {
                Some(broken) => check(&RULE, &[(&record, &format!("turn 1: {broken}"))], &[]),
                None => check(&RULE, &[], &[&record]),
            }
        }
    }

    #[test]
    fn parts_are_one_text_and_only_the_assistants_counts() {
        let passed = [
            r#"{"messages":[{"role":"assistant","content":[{"type":"reasoning","value":"<think>"},{"type":"text","text":"</think>"}]}]}"#,
            r#"{"messages":[{"role":"user","content":"<think>"},{"role":"system","content":"<think>"},{"role":"tool","content":"<think>"}]}"#,
        ];
        let turned_down = [(
            r#"{"messages":[{"role":"user","content":"x"},{"role":"assistant","content":["<th","ink>"]}]}"#,
            "turn 2: <think> is never closed",
        )];
        check(&RULE, &turned_down, &passed);
    }
}
