//! `stalled`: the same call is made three times in a row, although its first two results were identical.

use super::secret::shown;
use super::{Look, Rule};
use crate::canonical;
use crate::conversation::Conversation;
use crate::conversation::call::Call;
use crate::conversation::exchange::Made;

pub(super) const RULE: Rule = Rule {
    name: "stalled",
    excludes: "that makes the same call a third time after two identical results",
    source: "marin; marin issue 9259",
    find,
};

fn find(record: &Look<'_>) -> Option<String> {
    let conversation = record.conversation()?;
    let calls = &record.exchange().calls;
    let [.., third] = calls.windows(3).find(|calls| is_stalled(calls, conversation))? else { return None };
    let name = shown(third.call.name.as_deref().unwrap_or_default());
    Some(format!("turn {}: calls `{name}` a third time after two identical results", third.turn + 1))
}

/// Three calls that are neighbours are the same, and the results of the first two came before the third, and are the same.
fn is_stalled(calls: &[Made<'_>], conversation: &Conversation<'_>) -> bool {
    let [first, second, third] = calls else { return false };
    let (Some(one), Some(other)) = (&first.answer, &second.answer) else { return false };
    let is_one_round = first.round == third.round;
    let came_before = first.answered_in < Some(third.turn) && second.answered_in < Some(third.turn);
    is_one_round
        && came_before
        && is_same(&first.call, &second.call)
        && is_same(&second.call, &third.call)
        && one.text(conversation) == other.text(conversation)
}

/// Two calls have the same name and the same arguments. One that cannot be read is like no other.
fn is_same(one: &Call<'_>, other: &Call<'_>) -> bool {
    let is_named_alike = one.name.is_some() && one.name == other.name;
    let (Some(arguments), Some(other_arguments)) = (&one.arguments, &other.arguments) else { return false };
    is_named_alike && canonical::are_equal(arguments, other_arguments)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::screen::check;

    const FOUND: &str = "turn 6: calls `f` a third time after two identical results";

    /// A record in which the user asks, and then calls and results take turns.
    fn record(turns: &[&str]) -> String {
        format!("{{\"messages\":[{{\"role\":\"user\",\"content\":\"q\"}},{}]}}", turns.join(","))
    }

    fn call(name: &str, arguments: &str) -> String {
        format!("{{\"role\":\"assistant\",\"tool_calls\":[{{\"name\":\"{name}\",\"arguments\":{arguments}}}]}}")
    }

    fn result(text: &str) -> String {
        format!("{{\"role\":\"tool\",\"content\":{text}}}")
    }

    #[test]
    fn the_third_call_after_the_same_result_twice_is_turned_down() {
        let (f, r) = (call("f", r#"{"a":1,"b":"x"}"#), result(r#""r\n""#));
        for second in [r#"{"b":"\u0078","a":1.0}"#, r#""{\"a\":10e-1,\"b\":\"x\"}""#] {
            let record = record(&[&f, &r, &call("f", second), &result(r#"[{"type":"text","text":"r\u000a"}]"#), &f]);
            check(&RULE, &[(&record, FOUND)], &[]);
        }
        let tagged = r#"{"from":"gpt","value":"<tool_call>{\"name\":\"f\",\"arguments\":{}}</tool_call>"}"#;
        let first = r#"{"from":"tool","value":"<tool_response>{\"tool_call_id\":\"1\",\"content\":\"r\"}</tool_response>"}"#;
        let second =
            r#"{"from":"tool","value":"<tool_response>{\"tool_call_id\":\"2\",\"content\":\"\\u0072\"}</tool_response>"}"#;
        check(&RULE, &[(&record(&[tagged, first, tagged, second, tagged]), FOUND)], &[]);
    }

    #[test]
    fn anything_else_passes() {
        let (f, g, r) = (call("f", "{}"), call("g", "{}"), result("\"r\""));
        let user = r#"{"role":"user","content":"again"}"#;
        let both = r#"{"role":"assistant","tool_calls":[{"name":"f","arguments":{}},{"name":"f","arguments":{}}]}"#;
        let three = r#"{"role":"assistant","tool_calls":[{"name":"f","arguments":{}},{"name":"f","arguments":{}},{"name":"f","arguments":{}}]}"#;
        for passed in [
            record(&[&f, &r, &f, &r]),
            record(&[&f, &r, &f, &result("\"s\""), &f]),
            record(&[&f, &r, &g, &r, &f, &r, &f]),
            record(&[&f, &r, &call("f", r#"{"a":1}"#), &r, &f]),
            record(&[&f, &r, user, &f, &r, &f]),
            record(&[&f, &f, &f]),
            record(&[&f, &r, both]),
            record(&[three, &r, &r, &r]),
            record(&[&call("f", "5"), &r, &call("f", "5"), &r, &call("f", "5")]),
            record(&[&call("", "{}"), &r, &call("", "{}"), &r, &call("", "{}")]),
            record(&[&call("f", "{\"a\":1e400}"), &r, &call("f", "{\"a\":2e400}"), &r, &call("f", "{\"a\":1e400}")]),
        ] {
            check(&RULE, &[], &[&passed]);
        }
    }

    #[test]
    fn a_system_turn_does_not_begin_anew() {
        let (f, r) = (call("f", "{}"), result("\"r\""));
        let turns = record(&[&f, &r, r#"{"role":"system","content":"s"}"#, &f, &r, &f]);
        check(&RULE, &[(&turns, &FOUND.replace("turn 6", "turn 7"))], &[]);
    }
}
