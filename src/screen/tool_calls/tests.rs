use super::*;
use crate::screen::check;

/// A record in which the user asks, and these turns come then.
fn record(turns: &[&str]) -> String {
    format!("{{\"messages\":[{{\"role\":\"user\",\"content\":\"q\"}},{}]}}", turns.join(","))
}

/// A turn with these elements of `tool_calls`.
fn calls(elements: &str) -> String {
    format!("{{\"role\":\"assistant\",\"tool_calls\":[{elements}]}}")
}

/// A turn that is nothing but this text.
fn says(text: &str) -> String {
    format!("{{\"from\":\"gpt\",\"value\":{}}}", serde_json::Value::from(text))
}

fn tool(text: &str) -> String {
    format!("{{\"from\":\"tool\",\"value\":{}}}", serde_json::Value::from(text))
}

/// A call of `f`, with an id.
fn f(id: &str) -> String {
    format!("{{\"id\":\"{id}\",\"function\":{{\"name\":\"f\",\"arguments\":\"{{}}\"}}}}")
}

fn result(id: &str) -> String {
    format!("{{\"role\":\"tool\",\"tool_call_id\":\"{id}\",\"content\":\"r\"}}")
}

const USER: &str = r#"{"role":"user","content":"and"}"#;
const ANSWER: &str = r#"{"role":"assistant","content":"a"}"#;

fn turned_down(turns: &[&str], found: &str) {
    check(&RULE, &[(&record(turns), found)], &[]);
}

fn passed(turns: &[&str]) {
    check(&RULE, &[], &[&record(turns)]);
}

#[test]
fn calls_in_all_forms_are_read() {
    for call in [
        calls(r#"{"id":"1","type":"function","function":{"name":"f","arguments":"{\"a\": 1}"}}"#),
        calls(r#"{"function":{"name":"f","arguments":{}}}"#),
        calls(r#"{"name":"f","arguments":" {} "}"#),
        calls(r#"{"name":"f","arguments":{},"function":"x"}"#),
        r#"{"role":"assistant","function_call":{"name":"f","arguments":"{}"}}"#.to_owned(),
        r#"{"role":"assistant","content":[{"type":"tool_use","id":"1","name":"f","input":{}}]}"#.to_owned(),
        r#"{"role":"assistant","content":[{"type":"tool_call","value":"{\"name\":\"f\",\"arguments\":{}}"}]}"#.to_owned(),
        r#"{"role":"assistant","content":[{"type":"tool_call","value":{"name":"f","arguments":{}}}]}"#.to_owned(),
        says("<tool_call>\n{\"name\": \"f\", \"arguments\": {\"a\": \"\\ud800\"}}\n</tool_call>"),
        says("x<tool_call>{\"name\":\"f\",\"arguments\":\"{}\"}</tool_call>y"),
        r#"{"from":"function_call","value":"{\"name\":\"f\",\"arguments\":{}}"}"#.to_owned(),
    ] {
        passed(&[&call]);
        passed(&[&call, &tool("r"), ANSWER]);
        turned_down(&[&call, &tool("r"), &tool("r")], "turn 4: a result without an open call");
    }
}

#[test]
fn a_call_that_cannot_be_read_is_turned_down() {
    for (call, found) in [
        (calls("1"), "turn 2: a call has no name"),
        (calls("null"), "turn 2: a call has no name"),
        (calls(r#"{"id":"1","function":{"name":"","arguments":"{}"}}"#), "turn 2: call `1` has no name"),
        (calls(r#"{"name":5,"arguments":{}}"#), "turn 2: a call has no name"),
        (calls(r#"{"name":"f","function":{"arguments":{}}}"#), "turn 2: a call has no name"),
        (calls(r#"{"name":"f"}"#), "turn 2: a call of `f` has arguments that are not a JSON object"),
        (calls(r#"{"name":"f","arguments":[]}"#), "turn 2: a call of `f` has arguments that are not a JSON object"),
        (calls(r#"{"name":"f","arguments":"{"}"#), "turn 2: a call of `f` has arguments that are not a JSON object"),
        (calls(r#"{"name":"f","arguments":"{\"a\":NaN}"}"#), "turn 2: a call of `f` has arguments that are not a JSON object"),
        (calls(r#"{"name":"f","arguments":"{\"a\":\"\n\"}"}"#), "turn 2: a call of `f` has arguments that are not a JSON object"),
        (r#"{"role":"assistant","function_call":"f"}"#.to_owned(), "turn 2: a call has no name"),
        (r#"{"role":"assistant","content":[{"type":"tool_call"}]}"#.to_owned(), "turn 2: a call is not JSON"),
        (r#"{"role":"assistant","content":[{"type":"tool_call","value":"x"}]}"#.to_owned(), "turn 2: a call is not JSON"),
        (
            r#"{"role":"assistant","content":[{"type":"tool_use","name":"f","input":null}]}"#.to_owned(),
            "turn 2: a call of `f` has arguments that are not a JSON object",
        ),
        (says("<tool_call>{'name': 'f'}</tool_call>"), "turn 2: a call is not JSON"),
        (says("<tool_call></tool_call>"), "turn 2: a call is not JSON"),
        (says("<tool_call>[]</tool_call>"), "turn 2: a call has no name"),
        (says("<tool_call>{\"name\":\"f\",\"arguments\":{}}"), "turn 2: a call is not JSON"),
        (says("<tool_call>{} <tool_call>"), "turn 2: a call is not JSON"),
        (r#"{"from":"function_call","value":"f()"}"#.to_owned(), "turn 2: a call is not JSON"),
    ] {
        turned_down(&[&call], found);
    }
    passed(&[r#"{"from":"function_call","value":" "}"#]);
    passed(&[r#"{"role":"user","tool_calls":[1],"content":"<tool_call>"}"#]);
    passed(&[&says("</tool_call>")]);
    turned_down(
        &[r#"{"from":"function_call","value":"{\"name\":\"<tool_call>\",\"arguments\":{}}"}"#, ANSWER],
        "turn 2: a call of `<tool_call>` has no result",
    );
}

#[test]
fn an_id_stands_once() {
    turned_down(&[&calls(&f("1")), &result("1"), &calls(&f("1"))], "turn 4: call `1` reuses the id of an earlier call");
    turned_down(&[&calls(&format!("{},{}", f("1"), f("\\u0031")))], "turn 2: call `1` reuses the id of an earlier call");
    passed(&[&calls(&format!("{},{}", f(""), f("")))]);
    passed(&[&calls(r#"{"id":1,"name":"f","arguments":{}},{"id":1,"name":"f","arguments":{}}"#)]);
}

#[test]
fn results_belong_to_open_calls() {
    let both = calls(&format!("{},{}", f("1"), f("2")));
    passed(&[&both, &result("2"), &result("1"), ANSWER]);
    passed(&[&both, &result(""), r#"{"role":"tool","id":"2"}"#, ANSWER]);
    passed(&[&both, &tool("r"), &tool("r"), ANSWER]);
    turned_down(&[&both, &result("1"), &result("1")], "turn 4: a result without an open call");
    turned_down(&[&both, &result("3")], "turn 3: a result without an open call");
    turned_down(&[&tool("r")], "turn 2: a result without an open call");
    // A call without an id takes any result.
    let without = calls(r#"{"name":"f","arguments":{}}"#);
    passed(&[&without, &result("9"), ANSWER]);
    let mixed = calls(&format!(r#"{},{{"name":"f","arguments":{{}}}}"#, f("1")));
    passed(&[&mixed, &result("9"), &result("1"), ANSWER]);
    turned_down(&[&mixed, &tool("r"), &tool("r"), &tool("r")], "turn 5: a result without an open call");
    turned_down(&[&mixed, &result("9"), &result("9")], "turn 4: a result without an open call");
}

#[test]
fn blocks_in_a_tool_turn_are_results() {
    let both = calls(&format!("{},{}", f("1"), f("2")));
    let block = |id: &str| format!("<tool_response>{{\"tool_call_id\":\"{id}\",\"content\":1}}</tool_response>");
    passed(&[&both, &tool(&format!("{}\n{}", block("2"), block("1"))), ANSWER]);
    passed(&[&both, &tool("<tool_response>r</tool_response><tool_response>{\"tool_call_id\":5}</tool_response>"), ANSWER]);
    turned_down(&[&both, &tool(&block("2")), ANSWER], "turn 2: call `1` has no result");
    turned_down(&[&both, &tool(&block("3"))], "turn 3: a result without an open call");
    // A block that is not closed is text, and then the turn is the result.
    turned_down(&[&both, &tool("<tool_response>r"), ANSWER], "turn 2: call `2` has no result");
    // Calls without ids are taken in order, whatever the results name.
    let call = says(&"<tool_call>{\"name\":\"f\",\"arguments\":{}}</tool_call>".repeat(2));
    passed(&[&call, &tool(&format!("{}{}", block("x"), block("x"))), ANSWER]);
}

#[test]
fn an_array_of_as_many_elements_as_calls_are_open_is_that_many_results() {
    let both = calls(&format!("{},{}", f("1"), f("2")));
    passed(&[&both, &tool(" [1, {\"a\": [2]}] "), ANSWER]);
    turned_down(&[&both, &tool("[1]"), ANSWER], "turn 2: call `2` has no result");
    turned_down(&[&both, &tool("[1,2,3]"), ANSWER], "turn 2: call `2` has no result");
    turned_down(&[&both, &tool("[1,2"), ANSWER], "turn 2: call `2` has no result");
    turned_down(&[&both, r#"{"role":"tool","tool_call_id":"1","content":"[1,2]"}"#, ANSWER], "turn 2: call `2` has no result");
    passed(&[&calls(&f("1")), &tool("[1]"), ANSWER]);
}

#[test]
fn results_of_a_user_turn_are_parts() {
    let both = calls(&format!("{},{}", f("1"), f("2")));
    let part = |id: &str| format!("{{\"type\":\"tool_result\",\"tool_use_id\":\"{id}\",\"content\":\"r\"}}");
    let user = |parts: &[&str]| format!("{{\"role\":\"user\",\"content\":[{}]}}", parts.join(","));
    let text = r#"{"type":"text","text":"and"}"#;
    passed(&[&both, &user(&[&part("2"), &part("1")]), ANSWER]);
    passed(&[&both, &user(&[&part("1")]), &user(&[&part("2")]), ANSWER]);
    passed(&[&both, &user(&[&part("2"), &part("1"), text])]);
    turned_down(&[&both, &user(&[&part("2"), text])], "turn 2: call `1` has no result");
    turned_down(&[&both, &user(&[&part("3")])], "turn 3: a result without an open call");
    turned_down(
        &[&both, r#"{"role":"tool","content":[{"type":"tool_result","tool_use_id":"2"}]}"#, ANSWER],
        "turn 2: call `2` has no result",
    );
}

#[test]
fn nobody_speaks_while_calls_are_open() {
    turned_down(&[&calls(&f("1")), USER], "turn 2: call `1` has no result");
    turned_down(&[&calls(&f("1")), ANSWER], "turn 2: call `1` has no result");
    turned_down(&[&calls(&f("1")), &calls(&f("2"))], "turn 2: call `1` has no result");
    passed(&[&calls(&f("1")), r#"{"role":"system","content":"s"}"#, &result("1"), ANSWER]);
    passed(&[&calls(&f("1")), r#"{"role":"who","content":"s"}"#, &result("1"), ANSWER]);
    passed(&[&calls(&f("1"))]);
    // What comes first is told.
    turned_down(&[&calls(&f("1")), USER, &result("2"), &calls("1")], "turn 2: call `1` has no result");
    turned_down(&[&result("2"), &calls(&f("1")), USER], "turn 2: a result without an open call");
}

#[test]
fn calls_name_tools_that_the_record_lists() {
    let with = |tools: &str| record(&[&calls(&f("1"))]).replacen('{', &format!("{{\"tools\":{tools},"), 1);
    for tools in [
        "null",
        "[]",
        "5",
        r#"["g"]"#,
        r#"[{"name":""},{"function":{}},{"function":{},"name":"g"}]"#,
        r#"[{"name":"g"},{"function":{"name":"f"}}]"#,
        r#"[{"name":"f"}]"#,
        r#"[{"function":"g","name":"f"}]"#,
        r#""[{\"name\":\"f\"}]""#,
        r#""[{\"name\":\"g\"}""#,
        r#"{"name":"g"}"#,
    ] {
        check(&RULE, &[], &[&with(tools)]);
    }
    for tools in [
        r#"[{"name":"g"}]"#,
        r#"[{"name":"F"}]"#,
        r#"["f",{"name":"g"}]"#,
        r#"[{"name":"f","function":{"name":"g"}}]"#,
        r#""[{\"type\":\"function\",\"function\":{\"name\":\"g\"}}]""#,
    ] {
        check(&RULE, &[(&with(tools), "turn 2: call `1` names a tool that the record does not list")], &[]);
    }
}

#[test]
fn a_secret_in_an_id_is_not_told() {
    let secret = "AKIAABCDEFGHIJKLMNOP";
    turned_down(&[&calls(&f(secret)), ANSWER], "turn 2: call `***` has no result");
}
