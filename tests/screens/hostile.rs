//! Records that are made to hurt: each is screened to its end, and the time it takes grows with its length alone.

#![expect(clippy::format_collect, reason = "a test may be slow where it is plain")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use provfilter::conversation::Conversation;
use provfilter::duplicates::{DuplicateKey, Fingerprint};
use provfilter::record::Record;
use provfilter::screen::{Look, Screen};

/// A record that is `size` times something.
type Make = fn(usize) -> String;

/// Records by what is hostile about them.
const HOSTILE: [(&str, Make); 22] = [
    ("turns", |size| messages(&r#"{"role":"user","content":"a"},{"role":"assistant","content":"b"},"#.repeat(size / 2))),
    ("turns that are no objects", |size| messages(&"[],".repeat(size))),
    ("one turn", |size| messages(&format!(r#"{{"role":"assistant","content":"{}"}},"#, "text ".repeat(size)))),
    ("escapes", |size| messages(&format!(r#"{{"role":"assistant","content":"{}"}},"#, r"\u0041\n\/".repeat(size)))),
    ("parts", |size| {
        messages(&format!(r#"{{"role":"assistant","content":[{}null]}},"#, r#"{"type":"text","text":"a"},"#.repeat(size)))
    }),
    ("calls that are not closed", |size| answer(&"<tool_call>".repeat(size))),
    ("calls that are empty", |size| answer(&"<tool_call></tool_call>".repeat(size))),
    ("closing tags", |size| answer(&"</tool_call></think>".repeat(size))),
    ("thoughts in thoughts", |size| answer(&"<think>".repeat(size))),
    ("thoughts", |size| answer(&"<think></think>".repeat(size))),
    ("results that are not closed", |size| {
        messages(&format!(r#"{{"role":"tool","content":"{}"}},"#, "<tool_response>".repeat(size)))
    }),
    ("calls with results in their order", |size| exchange(size, |at| at)),
    ("calls with results in reverse order", |size| exchange(size, |at| usize::MAX - at)),
    ("the same call again and again", |size| {
        let round = r#"{"role":"assistant","tool_calls":[{"name":"f","arguments":{"a":1}}]},{"role":"tool","content":"1"},"#;
        messages(&format!(r#"{{"role":"user","content":"a"}},{}"#, round.repeat(size)))
    }),
    ("calls and a turn for each of them that says nothing of them", |size| {
        let calls = r#"{"name":"f","arguments":{}},"#.repeat(size);
        messages(&format!(
            r#"{{"role":"assistant","tool_calls":[{calls}1]}},{}"#,
            r#"{"role":"assistant","content":"a"},"#.repeat(size)
        ))
    }),
    ("tools", |size| {
        let tools = r#"{"name":"g"},"#.repeat(size);
        let calls = r#"{"name":"f","arguments":{}},"#.repeat(size);
        format!(r#"{{"tools":[{tools}1],"messages":[{{"role":"assistant","tool_calls":[{calls}1]}}]}}"#)
    }),
    ("members of one name", |size| format!(r#"{{{}"messages":[]}}"#, r#""messages":[{"role":"user"}],"#.repeat(size))),
    ("members in reverse order", |size| {
        let members: String = (0..size).rev().map(|at| format!("\"{}{at:08}\":1,", "x".repeat(40))).collect();
        format!("{{{members}\"a\":1}}")
    }),
    ("brackets", |size| {
        format!(r#"{{"chosen":{}{},"rejected":{}1{}}}"#, "[".repeat(size), "]".repeat(size), "[".repeat(size), "]".repeat(size))
    }),
    ("objects in objects", |size| format!(r#"{{"b":1,"a":{}1{}}}"#, "{\"b\":1,\"a\":".repeat(size), "}".repeat(size))),
    ("words of secrets", |size| {
        format!(r#"{{"a":[{}1],"b":"{}"}}"#, r#""hf_ PRIVATE","#.repeat(size), "sk-ant-xoxb-AKIA ".repeat(size))
    }),
    ("numbers", |size| {
        format!(r#"{{"a":[{}1],"b":1{}e{}}}"#, "1e99999999999999999999,".repeat(size), "0".repeat(size), "9".repeat(size))
    }),
];

fn messages(turns: &str) -> String {
    format!("{{\"messages\":[{turns}null]}}")
}

fn answer(text: &str) -> String {
    messages(&format!("{{\"role\":\"assistant\",\"content\":\"{text}\"}},")).replace(",null", "")
}

/// A turn with many calls, and their results in an order.
fn exchange(size: usize, order: fn(usize) -> usize) -> String {
    let calls: String = (0..size).map(|at| format!(r#"{{"id":"c{at}","name":"f","arguments":{{}}}},"#)).collect();
    let mut ids: Vec<_> = (0..size).collect();
    ids.sort_by_key(|at| order(*at));
    let results: String = ids.iter().map(|at| format!(r#"{{"role":"tool","tool_call_id":"c{at}","content":"r"}},"#)).collect();
    messages(&format!(r#"{{"role":"assistant","tool_calls":[{calls}1]}},{results}"#))
}

/// Asks for all that there is to ask.
fn screen(record: &str) -> usize {
    let look = Look::at(record.as_bytes());
    let found = Screen::ALL.into_iter().filter(|screen| screen.find(&look).is_some()).count();
    black_box(Fingerprint::of(&look, &DuplicateKey::content()));
    let turns = Conversation::of(record.as_bytes()).map(|conversation| conversation.turns(512));
    found + turns.map_or(0, |turns| turns.len())
}

/// The shortest of some times, which others on the machine disturb least.
fn time(record: &str) -> Duration {
    let times = (0..2).map(|_| {
        let start = Instant::now();
        black_box(screen(record));
        start.elapsed()
    });
    times.min().expect("some times")
}

#[test]
fn what_is_hostile_is_screened_to_its_end() {
    for (what, make) in HOSTILE {
        let record = make(100_000.min(size_for(2_000_000, make)));
        assert!(Record::parse(record.as_bytes()).is_ok(), "{what}");
        screen(&record);
    }
}

#[test]
fn sixteen_times_as_much_takes_less_than_a_hundred_times_the_time() {
    for (what, make) in HOSTILE {
        let size = size_for(10_000, make);
        let (little, much) = (make(size), make(16 * size));
        // What is quadratic takes 256 times the time, every time.
        let (mut short, mut long) = (Duration::MAX, Duration::MAX);
        let is_linear = (0..5).any(|_| {
            short = short.min(time(&little));
            long = long.min(time(&much));
            long < 100 * short.max(Duration::from_millis(1))
        });
        assert!(is_linear, "{what}: {short:?} and {long:?}");
    }
}

/// The size at which a record has about so many bytes.
fn size_for(bytes: usize, make: Make) -> usize {
    bytes * 100 / make(100).len()
}

#[test]
fn members_of_any_type_are_taken() {
    let values = ["null", "true", "1", "\"x\"", "[]", "{}", "[1]", "[[]]", "[{}]", r#"{"x":1}"#, "[null]"];
    let names = ["messages", "conversations", "chosen", "rejected", "prompt", "completion", "tools", "metadata", "completed"];
    let inner =
        ["role", "content", "tool_calls", "function_call", "tool_call_id", "value", "type", "id", "name", "function", "input"];
    for value in values {
        for name in names {
            screen(&format!("{{\"{name}\":{value}}}"));
        }
        for name in inner {
            for role in ["user", "assistant", "tool", "function_call"] {
                let member = format!("\"{name}\":{value}");
                screen(&format!("{{\"messages\":[{{\"role\":\"{role}\",{member}}}]}}"));
                screen(&format!("{{\"messages\":[{{\"role\":\"{role}\",\"content\":[{{\"type\":\"tool_use\",{member}}}]}}]}}"));
                screen(&format!("{{\"messages\":[{{\"role\":\"{role}\",\"tool_calls\":[{{\"name\":\"f\",{member}}}]}}]}}"));
            }
        }
    }
}
