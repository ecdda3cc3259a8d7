//! `role-order`: turns of unknown roles, or in an order that trainers reject.

use super::{Look, Rule};
use crate::conversation::Role;
use crate::conversation::turn::Turn;

pub(super) const RULE: Rule = Rule {
    name: "role-order",
    excludes: "with turns of unknown roles, or in an order that trainers refuse",
    source: "marin; torchtune _messages.py; LLaMA-Factory converter.py",
    find,
};

fn find(record: &Look<'_>) -> Option<String> {
    let turns = &record.conversation()?.turns;
    let mut before: Option<&Turn<'_>> = None;
    turns.iter().enumerate().find_map(|(at, turn)| {
        let what = disorder(before, turn);
        before = Some(turn);
        what.map(|what| format!("turn {}: {what}", at + 1))
    })
}

/// What is wrong with a turn behind another, or at the start. A system turn is only followed by one, or by the user's first turn.
fn disorder(before: Option<&Turn<'_>>, turn: &Turn<'_>) -> Option<&'static str> {
    match (before.map(|before| before.role), turn.role) {
        (_, Role::Unknown) => Some("unknown role"),
        (None | Some(Role::System), Role::System) => None,
        (Some(_), Role::System) => Some("a system turn that is not at the start"),
        (None | Some(Role::System), Role::Assistant | Role::Tool) => Some("the first turn is not a user turn"),
        (Some(Role::User), Role::User) => Some("a user turn follows a user turn"),
        (Some(Role::Assistant), Role::Assistant) if !before?.has_call() => {
            Some("an assistant turn follows an assistant turn that makes no call")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::screen::check;

    #[test]
    fn turns_come_in_an_order_that_trainers_take() {
        let turned_down = [
            (r#"{"messages":[{"role":"user"},{"role":"narrator"}]}"#, "turn 2: unknown role"),
            (r#"{"messages":[{"content":"x"}]}"#, "turn 1: unknown role"),
            (r#"{"messages":[{"role":5}]}"#, "turn 1: unknown role"),
            (r#"{"messages":["user"]}"#, "turn 1: unknown role"),
            (r#"{"messages":[{"role":"user"},{"role":"system"}]}"#, "turn 2: a system turn that is not at the start"),
            (r#"{"messages":[{"role":"assistant"}]}"#, "turn 1: the first turn is not a user turn"),
            (r#"{"messages":[{"role":"system"},{"role":"tool"}]}"#, "turn 2: the first turn is not a user turn"),
            (r#"{"messages":[{"role":"user"},{"role":"user"}]}"#, "turn 2: a user turn follows a user turn"),
            (
                r#"{"messages":[{"role":"user"},{"role":"assistant"},{"role":"assistant"}]}"#,
                "turn 3: an assistant turn follows an assistant turn that makes no call",
            ),
            (
                r#"{"messages":[{"role":"user","content":"a"}],"chosen":{"role":"user","content":"b"}}"#,
                "turn 2: a user turn follows a user turn",
            ),
        ];
        let passed = [
            r#"{"messages":[{"role":"system"},{"role":"developer"},{"role":"user"},{"role":"assistant"},{"role":"user"}]}"#,
            r#"{"messages":[{"role":"user"},{"role":"assistant","tool_calls":[1]},{"role":"assistant"}]}"#,
            r#"{"messages":[{"role":"user"},{"role":"assistant"},{"role":"tool"},{"role":"tool"},{"role":"assistant"}]}"#,
            r#"{"messages":[{"role":"user"},{"role":"assistant","content":"<tool_call>"},{"role":"assistant"}]}"#,
            r#"{"messages":[{"role":"user"},{"from":"gpt"},{"role":"user","content":[{"type":"tool_result"}]},{"role":"user"}]}"#,
            r#"{"messages":[{"role":"system"}]}"#,
            r#"{"messages":[]}"#,
            r#"{"messages":[{"role":null,"from":"human"}]}"#,
            r#"{"messages":[{"role":"assistant","role":"user"}]}"#,
            r#"{"prompt":[{"role":"user"}],"chosen":[{"role":"assistant"}],"rejected":[{"role":"user"}]}"#,
            r#"{"prompt":"a","chosen":"b"}"#,
        ];
        check(&RULE, &turned_down, &passed);
    }

    #[test]
    fn roles_go_by_the_names_of_all_layouts() {
        for (names, role) in [
            (&["user", "human", "USER"][..], Role::User),
            (&["assistant", "gpt", "model", "bot", "chatgpt", "function_call", "ChatGPT"], Role::Assistant),
            (&["system", "developer"], Role::System),
            (&["tool", "function", "function_response", "observation", "ipython"], Role::Tool),
            (&["", "users", "human ", "ＵＳＥＲ"], Role::Unknown),
        ] {
            for name in names {
                for member in ["role", "from"] {
                    let record = format!("{{\"messages\":[{{\"{member}\":\"{name}\"}}]}}");
                    let look = Look::at(record.as_bytes());
                    assert_eq!(look.conversation().map(|turns| turns.turns[0].role), Some(role), "{name}");
                }
            }
        }
    }
}
