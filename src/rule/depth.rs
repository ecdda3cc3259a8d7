//! No content of a record overflows the stack of a worker, whatever function of the language it meets.

use std::thread;

use super::json::DEEPEST;
use super::set::Rules;
use super::{Rule, STACK};
use crate::fault::Code;
use crate::record::Record;

/// The functions that go as deep as their input does, or as far.
const FILTERS: &[&str] = &[
    ".x | ..",
    ".x | [..] | length",
    ".x | tojson",
    ".x | tostring",
    ".x | @json",
    ".x | @text",
    ".x | walk(.)",
    ".x | flatten",
    ".x | flatten(600)",
    ".x == .y",
    ".x < .y",
    "[.x, .y] | sort",
    "[.x, .y] | unique",
    "[.x, .y] | group_by(.)",
    "[.x, .y] | min",
    ".x | [paths] | length",
    ".x | [paths(..)]",
    ".x | (.. |= .)",
    ".x | del(..)",
    ".x | contains(.)",
    ".x as $x | .y | inside($x)",
    ".x | to_entries",
    ".x | with_entries(.)",
    ".x | [recurse]",
    ".x | [recurse(.[]?)] | length",
    ".x | tojson | fromjson",
    ".x | map_values(.)",
    ".x | add",
    ".x | any(..; false)",
    "{a: .x} * {a: .y}",
    ".x * .y",
    "reduce (.x | ..) as $n (0; . + 1)",
    ".x | error",
    "error(.x)",
    ".x.a.b.c",
    ".x | indices([1])",
    ".x | bsearch(1)",
    ".x | has(0)",
    ".x | index(1)",
    ".x | fromjson",
    ".x | tonumber",
    ".x | tobytes",
    ".x | pick(.[0])",
    ".x | transpose",
    ".x - .y",
    ".x | first(..)",
    "[limit(9; .x | ..)]",
    ".x | unique_by(.)",
    ".x as [$a] | $a",
    ".x as {a: $a} | $a",
    ".x | {(.a? // \"k\" | tostring): .}",
    ".x | join(\",\")",
    ".x | implode",
    ".x | from_entries",
    ".x | length",
    ".x | keys",
    ".x | map(.)",
    ".x | reverse",
    ".x | any",
    ".x | all",
    ".x | last",
    ".x | max_by(.)",
    ".x | getpath(.)",
    ".x as $p | .y | getpath($p)",
    ".x as $p | {} | setpath($p; 1)",
    ".x as $p | null | setpath($p; 1)",
    ".x as $p | {} | delpaths([$p])",
    ".x | del(.[])",
    ".x | .[] |= empty",
    ".x | until(. == . ; .)",
    "[.x[]?] | length",
    ".x | @sh",
    ".x | map(tojson)",
    ".x | test(\"a\")",
    ".x | gsub(\"a\"; \"b\")",
    ".x | splits(\"a\")",
    ".x | ascii_downcase",
    ".x | ltrimstr(\"[\")",
    ".x | explode",
    ".x as $x | [range(3)] | map($x) | add",
    "[foreach (.x | ..) as $n (0; . + 1)] | length",
    ".x | tojson | test(\"b\")",
];

fn contents() -> Vec<String> {
    let nested =
        |open: &str, inside: &str, close: &str, depth: usize| format!("{}{inside}{}", open.repeat(depth), close.repeat(depth));
    let arrays = nested("[", "", "]", DEEPEST - 1);
    let objects = nested("{\"a\":", "1", "}", DEEPEST - 1);
    let in_string = |text: String| serde_json::Value::from(text).to_string();
    let wide = |element: &str| format!("[{}]", vec![element; 500].join(","));
    let mut contents = vec![
        in_string("[".repeat(8_000)),
        in_string("{\"a\":".repeat(8_000)),
        in_string(arrays.clone()),
        in_string(nested("[", "", "]", DEEPEST)),
        in_string(nested("[", "", "]", DEEPEST + 1)),
        in_string("#\"\n[".repeat(8_000)),
        wide("1"),
        wide("\"a\""),
        wide("[]"),
        wide("{\"key\":\"a\"}"),
        wide("97"),
        in_string("a".repeat(500)),
    ];
    contents.extend([arrays, objects]);
    contents
}

#[test]
fn no_content_overflows_the_stack() {
    let rules: Vec<_> = FILTERS.iter().map(|filter| Rule::new("r", filter).expect(filter)).collect();
    let rules: Vec<Rules> = rules.into_iter().map(|rule| Rules::from(vec![rule])).collect();
    let run = move || {
        for content in contents() {
            let line = format!("{{\"x\":{content},\"y\":{content}}}");
            let record = Record::parse(line.as_bytes()).expect("a record");
            for rules in &rules {
                if let Err(fault) = rules.begin().judge(&record) {
                    assert_eq!(fault.code, Code::RuleFailed);
                }
            }
        }
    };
    let worker = thread::Builder::new().stack_size(STACK).spawn(run).expect("a thread");
    worker.join().expect("it does not panic");
}
