//! `no-answer`: the last turn is not an assistant turn, or there are no turns.

use super::{Look, Rule};
use crate::conversation::Role;

pub(super) const RULE: Rule =
    Rule { name: "no-answer", excludes: "that does not end with an assistant turn", source: "marin; Nova's validator", find };

fn find(record: &Look<'_>) -> Option<String> {
    let turns = &record.conversation()?.turns;
    let at = turns.len();
    let Some(last) = turns.last() else { return Some("the conversation has no turns".to_owned()) };
    match last.role {
        Role::Assistant => None,
        Role::Unknown => Some(format!("turn {at}: the conversation ends with a turn of unknown role")),
        role => Some(format!("turn {at}: the conversation ends with a {} turn", role.name())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::screen::check;

    #[test]
    fn the_last_turn_is_the_assistants() {
        let turned_down = [
            (r#"{"messages":[]}"#, "the conversation has no turns"),
            (r#"{"prompt":[],"completion":[]}"#, "the conversation has no turns"),
            (r#"{"messages":[{"role":"assistant"},{"role":"user"}]}"#, "turn 2: the conversation ends with a user turn"),
            (r#"{"messages":[{"role":"assistant"},{"role":"tool"}]}"#, "turn 2: the conversation ends with a tool turn"),
            (r#"{"messages":[{"role":"assistant"},null]}"#, "turn 2: the conversation ends with a turn of unknown role"),
        ];
        let passed = [
            r#"{"messages":[{"role":"assistant"}]}"#,
            r#"{"messages":[{"role":"user"}],"chosen":{"from":"gpt"}}"#,
            r#"{"conversations":[],"prompt":[{"role":"user"}],"chosen":{"role":"assistant"}}"#,
            r#"{"prompt":[{"role":"user"}],"chosen":{"messages":[{"role":"assistant"}]}}"#,
            r#"{"prompt":"a","completion":"b"}"#,
        ];
        check(&RULE, &turned_down, &passed);
    }
}
