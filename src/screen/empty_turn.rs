//! `empty-turn`: a user or assistant turn has no content.

use super::{Look, Rule};
use crate::conversation::Role;

pub(super) const RULE: Rule = Rule {
    name: "empty-turn",
    excludes: "with an empty user or assistant turn",
    source: "marin chat_normalize.py; open-instruct",
    find,
};

fn find(record: &Look<'_>) -> Option<String> {
    let turns = &record.conversation()?.turns;
    let at = turns.iter().position(|turn| matches!(turn.role, Role::User | Role::Assistant) && !turn.has_content())?;
    Some(format!("turn {}: the {} turn is empty", at + 1, turns[at].role.name()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::screen::check;

    #[test]
    fn a_turn_without_text_call_or_other_part_is_empty() {
        const USER: &str = "turn 1: the user turn is empty";
        const ASSISTANT: &str = "turn 1: the assistant turn is empty";
        let turned_down = [
            (r#"{"messages":[{"role":"user","content":""}]}"#, USER),
            (r#"{"messages":[{"role":"user","content":" \n\t\u2003"}]}"#, USER),
            (r#"{"messages":[{"role":"user","content":null}]}"#, USER),
            (r#"{"messages":[{"role":"user"}]}"#, USER),
            (r#"{"messages":[{"role":"user","content":5}]}"#, USER),
            (r#"{"messages":[{"role":"user","content":[]}]}"#, USER),
            (r#"{"messages":[{"role":"user","content":[{"type":"text","text":" "},"\n",null]}]}"#, USER),
            (r#"{"messages":[{"role":"user","content":[{"type":"text"}]}]}"#, USER),
            (r#"{"messages":[{"role":"user","content":"","tool_calls":[{}]}]}"#, USER),
            (r#"{"messages":[{"role":"user","content":"","value":"x"}]}"#, USER),
            (r#"{"conversations":[{"from":"gpt","value":""}]}"#, ASSISTANT),
            (r#"{"messages":[{"role":"assistant","content":"","tool_calls":[],"function_call":null}]}"#, ASSISTANT),
            (r#"{"conversations":[{"from":"function_call","value":" "}]}"#, ASSISTANT),
            (r#"{"prompt":"a","response":" "}"#, "turn 2: the assistant turn is empty"),
            (r#"{"instruction":"","input":"","output":"b"}"#, USER),
        ];
        let passed = [
            r#"{"messages":[{"role":"user","content":null,"value":"x"}]}"#,
            r#"{"messages":[{"role":"user","content":[{"type":"image_url"}]}]}"#,
            r#"{"messages":[{"role":"user","content":[{"image":"x"}]}]}"#,
            r#"{"messages":[{"role":"user","content":[{"text":"x"}]}]}"#,
            r#"{"messages":[{"role":"user","content":["x"]}]}"#,
            r#"{"messages":[{"role":"assistant","content":[{"type":"reasoning","value":"x"}]}]}"#,
            r#"{"messages":[{"role":"assistant","tool_calls":[{}]}]}"#,
            r#"{"messages":[{"role":"assistant","function_call":{}}]}"#,
            r#"{"messages":[{"role":"assistant","content":[{"type":"tool_use"}]}]}"#,
            r#"{"messages":[{"role":"system","content":""},{"role":"tool","content":""},{"role":"who","content":""},5]}"#,
            r#"{"instruction":"","input":" x","output":"b"}"#,
            r#"{"messages":[]}"#,
        ];
        check(&RULE, &turned_down, &passed);
    }
}
