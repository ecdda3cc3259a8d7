//! `chosen-equals-rejected`: the chosen and the rejected answer are the same.

use super::{Look, Rule};
use crate::canonical;
use crate::conversation::cursor::{Cursor, Value};
use crate::conversation::text::{Text, trim};
use crate::conversation::turn::Turn;
use crate::conversation::{Role, is_turn, messages_of};

pub(super) const RULE: Rule = Rule {
    name: "chosen-equals-rejected",
    excludes: "whose chosen and rejected answers are the same",
    source: "OpenRLHF 1311; rlhf-book PR 504",
    find,
};

fn find(record: &Look<'_>) -> Option<String> {
    let top = record.top();
    let pairs = [
        (top.chosen, top.rejected, "`chosen` and `rejected`"),
        (top.chosen_messages, top.rejected_messages, "`chosen_messages` and `rejected_messages`"),
    ];
    pairs.into_iter().find_map(|(chosen, rejected, both)| {
        let (chosen, rejected) = (not_null(chosen)?, not_null(rejected)?);
        if are_equal(chosen, rejected) {
            Some(format!("{both} are the same"))
        } else if are_last_texts_equal(chosen, rejected) {
            Some(format!("{both} end with the same text"))
        } else {
            None
        }
    })
}

fn not_null(value: Option<Value<'_>>) -> Option<Value<'_>> {
    value.filter(|value| !value.is_null())
}

fn are_equal(chosen: Value<'_>, rejected: Value<'_>) -> bool {
    match (chosen, rejected) {
        (Value::String(chosen), Value::String(rejected)) => {
            !Text::from(chosen).starts_unlike(&rejected.into()) && chosen.decode() == rejected.decode()
        }
        (Value::String(_), _) | (_, Value::String(_)) => false,
        _ => canonical::are_equal(chosen.spelling(), rejected.spelling()),
    }
}

/// Both end in a turn that is nothing but text, and the texts are the same without white space at their ends, and not blank.
fn are_last_texts_equal(chosen: Value<'_>, rejected: Value<'_>) -> bool {
    let (Some(chosen), Some(rejected)) = (last_turn(chosen), last_turn(rejected)) else { return false };
    if chosen.text.starts_unlike(&rejected.text) || chosen.has_call() || rejected.has_call() {
        return false;
    }
    let (chosen, rejected) = (chosen.text.decode(), rejected.text.decode());
    let text = trim(&chosen);
    !text.is_empty() && text == trim(&rejected)
}

fn last_turn(answer: Value<'_>) -> Option<Turn<'_>> {
    match answer {
        Value::String(text) => Some(Turn::of_text(Role::Assistant, text.into())),
        Value::Object(object) if messages_of(answer).is_none() => is_turn(object).then(|| Turn::of_value(object)),
        _ => {
            let (mut cursor, mut last) = (Cursor::inside(messages_of(answer)?), None);
            while cursor.next_element() {
                last = Some(cursor.value());
            }
            last.map(|value| match value {
                Value::Object(object) => Turn::of_value(object),
                _ => Turn::of_text(Role::Unknown, Text::default()),
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::screen::check;

    #[test]
    fn answers_that_are_equal_as_json_are_one_answer() {
        const FOUND: &str = "`chosen` and `rejected` are the same";
        let turned_down = [
            (r#"{"chosen":"a","rejected":"\u0061"}"#, FOUND),
            (r#"{"chosen":"","rejected":""}"#, FOUND),
            (r#"{"chosen":1.0,"rejected":1}"#, FOUND),
            (r#"{"chosen":[{"role":"user","content":"a"}],"rejected":[{"content":"a", "role":"user"}]}"#, FOUND),
            (r#"{"chosen":{"messages":[]},"rejected":{"messages":[]}}"#, FOUND),
            (r#"{"chosen":"a","rejected":"b","rejected":"a"}"#, FOUND),
            (r#"{"chosen_messages":[],"rejected_messages":[]}"#, "`chosen_messages` and `rejected_messages` are the same"),
        ];
        let passed = [
            r#"{"chosen":null,"rejected":null}"#,
            r#"{"chosen":"a"}"#,
            r#"{"rejected":"a"}"#,
            r#"{"chosen":"a","rejected_messages":"a"}"#,
            r#"{"chosen":"a","rejected":"b"}"#,
            r#"{"chosen":"\ud800","rejected":"\ud801"}"#,
            r#"{"chosen":1e400,"rejected":2e400}"#,
            r#"{"chosen":{"chosen":"a","rejected":"a"}}"#,
        ];
        check(&RULE, &turned_down, &passed);
    }

    #[test]
    fn last_turns_of_the_same_text_are_one_answer() {
        const FOUND: &str = "`chosen` and `rejected` end with the same text";
        let turned_down = [
            (r#"{"chosen":"a b","rejected":" a b\u00a0\n"}"#, FOUND),
            (r#"{"chosen":"a","rejected":{"role":"assistant","content":"a"}}"#, FOUND),
            (r#"{"chosen":[1,{"role":"assistant","content":"a"}],"rejected":[{"from":"gpt","value":["a"]}]}"#, FOUND),
            (r#"{"chosen":{"messages":[{"role":"assistant","content":"a"}]},"rejected":"a"}"#, FOUND),
            (
                r#"{"chosen":"x","rejected":"y","chosen_messages":[{"content":"a"}],"rejected_messages":[{"content":"a "}]}"#,
                "`chosen_messages` and `rejected_messages` end with the same text",
            ),
        ];
        let passed = [
            r#"{"chosen":" ","rejected":""}"#,
            r#"{"chosen":"a b","rejected":"a  b"}"#,
            r#"{"chosen":"A","rejected":"a"}"#,
            r#"{"chosen":[{"content":"a"},"a"],"rejected":"a"}"#,
            r#"{"chosen":[],"rejected":"a"}"#,
            r#"{"chosen":{"content":"a"},"rejected":"a"}"#,
            r#"{"chosen":[{"role":"assistant","content":"a","tool_calls":[1]}],"rejected":"a"}"#,
            r#"{"chosen":"a<tool_call>","rejected":"a<tool_call> "}"#,
        ];
        check(&RULE, &turned_down, &passed);
    }
}
