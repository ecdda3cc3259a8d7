//! Every message that the program can print, in one snapshot, so that they can be read in one go: `tests/snapshots/messages.snap`.
//!
//! Each run provokes one or a few. A test holds the list to the source: each error that the source declares, and each kind of fault, is
//! in it, but for those in [`ELSEWHERE`].
#![cfg(target_os = "linux")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use insta::assert_snapshot;
use provfilter::fault::Code;
use provfilter::screen::{Look, Screen};
use serde_json::{Value, json};

use crate::harness::{Ended, Run, provfilter, provfilter_by};
use crate::rewriting::rewritten_while;

/// Messages that need a terminal, another process at the right moment or a system that fails, or that only the library gives. Where a test
/// provokes one nevertheless, it is named.
const ELSEWHERE: &[&str] = &[
    // terminal.rs
    "no input: standard input is a terminal, and no FILE is given",
    // The system gives no thread.
    "a worker thread could not start, or died",
    // A machine without a name.
    "{{host}}: this machine has no host name",
];

/// The runs, as they are told and what they print.
#[derive(Default)]
struct Messages {
    text: String,
    /// The codes of the faults that were provoked.
    codes: BTreeSet<String>,
}

impl Messages {
    fn section(&mut self, title: &str) {
        self.text.extend(["\n## ", title, "\n"]);
    }

    /// Runs the program, and notes what it prints on standard error.
    fn of(&mut self, told: &str, run: Run) {
        self.ended(told, &run.ends());
    }

    fn ended(&mut self, told: &str, ended: &Ended) {
        self.text.extend(["\n", told, "\n"]);
        for line in String::from_utf8_lossy(&ended.stderr).trim_end().lines() {
            self.text.extend([format!("    {line}").trim_end(), "\n"]);
        }
        let faults = ended.files().remove("errors").unwrap_or_default();
        let faults = faults.split(|&byte| byte == b'\n').filter_map(|line| serde_json::from_slice::<Value>(line).ok());
        self.codes.extend(faults.filter_map(|fault| fault["code"].as_str().map(str::to_owned)));
    }

    /// Runs the program on lines with flags that are separated by blanks, and without a report.
    fn lines(&mut self, flags: &str, given: &str) {
        let args: Vec<_> = flags.split_whitespace().collect();
        self.with(&args, given);
    }

    fn with(&mut self, args: &[&str], given: &str) {
        let told = format!("{} <<< {}", quoted(args), shown(given));
        self.bytes(&told, args, given.as_bytes());
    }

    fn bytes(&mut self, told: &str, args: &[&str], given: &[u8]) {
        self.of(told, provfilter(&[&["--report", "none", "--errors", "errors"], args].concat()).given(given));
    }

    /// A command line that is wrong.
    fn usage(&mut self, args: &[&str]) {
        self.of(&quoted(args), provfilter(args).file("a.jsonl", "{}\n"));
    }

    /// A rules file.
    fn rules(&mut self, rules: &str) {
        let run = provfilter(&["-n", "-q", "--rules", "my.rules"]).file("my.rules", rules);
        self.of(&format!("my.rules: {}", shown(rules)), run);
    }
}

/// A command line as it would be typed.
fn quoted(args: &[&str]) -> String {
    let plain =
        |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./=,:%+".contains(&byte));
    let args = args.iter().map(|arg| if plain(arg) { (*arg).to_owned() } else { format!("'{arg}'") });
    std::iter::once("provfilter".to_owned()).chain(args).collect::<Vec<_>>().join(" ")
}

/// A text on one line, and not too much of it.
fn shown(text: &str) -> String {
    let text = text.trim_end_matches('\n').escape_debug().to_string().replace("\\\"", "\"").replace("\\'", "'");
    match text.char_indices().nth(70) {
        Some((end, _)) => format!("{} ...", &text[..end]),
        None => text,
    }
}

const PAIR: [&str; 4] = ["--source", "trajectory", "--model", "m"];

fn faulty_lines(messages: &mut Messages) {
    messages.section("Faulty lines");
    for line in [
        "{\"a\":",
        "{\"a\":\"b",
        "[1",
        "{\"a\":1",
        "{\"a\":x}",
        "{a:1}",
        "{\"a\":nul}",
        "{\"a\" 1}",
        "[1 2]",
        "{\"a\":1,}",
        "{\"a\":\"\\q\"}",
        "{\"a\":\"\\u12\"}",
        "{\"a\":\"b\tc\"}",
        "{\"a\":01}",
        "{\"a\":1.}",
        "{\"a\":NaN}",
        "{\"a\":-Infinity}",
        "{\"a\":1} {\"b\":2}",
        "\u{feff}\u{feff}{}",
        "[1,2]",
        "\"text\"",
        "true",
        "null",
        "12",
        "{\"provenance\":{},\"provenance\":{}}",
        "{\"provenance\":{\"source\":\"a\",\"source\":\"b\"}}",
        "{\"provenance\":\"trajectory\"}",
    ] {
        messages.with(&PAIR, &format!("{line}\n"));
    }
    messages.bytes("a byte that is not UTF-8", &[], b"{\"a\":\"\xff\"}\n");
    let utf16: Vec<u8> = "\u{feff}{\"a\":1}\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    messages.bytes("UTF-16", &[], &utf16);
    messages.lines("--member /meta/origin", "{\"meta\":1}\n");
    messages.lines("--member /meta/origin", "{\"meta\":{\"origin\":{},\"origin\":{}}}\n");
    messages.lines("--max-line-bytes 8", "{\"a\":\"long\"}\n");
    messages.lines("--source trajectory --model {/model}", "{}\n");
    messages.lines("--layout hermes --source trajectory --model {/a}-{/b}", "{}\n");
    messages.lines("--source {/from} --model m", "{\"from\":\"web\"}\n");
    messages.with(&["-n", "--exclude", "deep=.a"], &format!("{{\"a\":{}{}}}\n", "[".repeat(600), "]".repeat(600)));
    for filter in [".score - 1 < 0", "error(\"no\")", "halt", ".score | fromjson", ".id | test(\"a\")"] {
        messages.with(&["-n", "--exclude", &format!("bad={filter}")], "{\"score\":\"high\",\"id\":1}\n");
    }
    messages.lines("--validate", "{}\n");
    messages.lines("--validate", "{\"provenance\":{\"source\":\"web\",\"model\":\"\",\"timestamp\":\"soon\",\"approved\":1}}\n");
    let both = "{\"provenance\":{\"source\":\"curated\",\"model\":\"m\",\"source_session_id\":\"s\",\"timestamp\":\"2026-03-30\",\"approved\":true,\"excluded\":true}}\n";
    messages.lines("--validate --require license", both);
    messages.lines("", &"[]\n".repeat(12));
}

fn inputs(messages: &mut Messages) {
    messages.section("Inputs");
    messages
        .of("a JSON array", provfilter(&["--report", "none", "a.json"]).file("a.json", "[\n  {\"a\": 1},\n  {\"a\": 2}\n]\n"));
    messages.lines("", "{\n  \"a\": 1\n}\n");
    messages.usage(&["-q", "none.jsonl"]);
    messages.usage(&["-q", "."]);
    let zipped = gzip(b"{\"a\":1}\n");
    let on = |name: &str, content: &[u8]| provfilter(&["-q", name]).file(name, content);
    messages.of("gzip on standard input", provfilter(&["-q"]).given(zipped.clone()));
    messages.of("gzip by another name", on("a.jsonl", &zipped));
    messages.of("gzip to rewrite", provfilter(&["-q", "-i", "a.jsonl.gz"]).file("a.jsonl.gz", &zipped));
    messages.of("gzip twice", on("a.jsonl.gz", &gzip(&zipped)));
    messages.of("no gzip", on("a.jsonl.gz", b"{\"a\":1}\n"));
    messages.of("no zstd", on("a.jsonl.zst", b"{\"a\":1}\n"));
    messages.of("half of it", on("a.jsonl.gz", &zipped[..zipped.len() / 2]));
    messages.of("more behind it", on("a.jsonl.gz", &[&zipped[..], b"{}"].concat()));
    let mut damaged = zipped.clone();
    let checksum = damaged.len() - 8;
    damaged[checksum] ^= 1;
    // A frame with a window of 256 MiB, and one empty block.
    messages.of("a large window", on("a.jsonl.zst", b"\x28\xb5\x2f\xfd\0\x90\x01\0\0"));
    messages.of("a wrong checksum", on("a.jsonl.gz", &damaged));
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    std::io::Write::write_all(&mut encoder, text).expect("memory takes all that is written to it");
    encoder.finish().expect("memory takes all that is written to it")
}

fn outputs(messages: &mut Messages) {
    messages.section("Outputs");
    messages.usage(&["-q", "--rejects", "none/r", "a.jsonl"]);
    messages.usage(&["-q", "--report", "json=none/r", "a.jsonl"]);
    messages.usage(&["-q", "--report", "json=.", "a.jsonl"]);
    messages.usage(&["-q", "--rejects", "a.jsonl", "a.jsonl"]);
    messages.usage(&["-q", "--rejects", "r", "--errors", "r", "a.jsonl"]);
    let run = provfilter(&["-q", "-i.bak", "a.jsonl", "a.jsonl.bak"]).file("a.jsonl", "{}\n").file("a.jsonl.bak", "{}\n");
    messages.of("provfilter -q -i.bak a.jsonl a.jsonl.bak", run);
    let script = |script: &str| provfilter_by(script, &["-q", "a.jsonl"]).file("a.jsonl", "{}\n");
    messages.of("standard output is /dev/full", script("exec \"$0\" \"$@\" >/dev/full"));
    messages.of("standard output is closed", script("exec \"$0\" \"$@\" >&-"));
    messages.of("standard output is the input", script("exec \"$0\" \"$@\" >>a.jsonl"));
    messages.of("standard input is closed", provfilter_by("exec \"$0\" \"$@\" <&-", &["-q"]));
    let full = provfilter_by("exec \"$0\" \"$@\" >/dev/full", &["--list-screens"]);
    messages.of("the screens to /dev/full", full);

    messages.section("Files rewritten in place");
    let rewriting =
        |args: &[&str], content: &str| provfilter(&[&["--report", "none", "-i"], args].concat()).file("a.jsonl", content);
    messages.of("a faulty line", rewriting(&["a.jsonl"], "{}\n[]\n"));
    messages.of("two faulty lines", rewriting(&["a.jsonl"], "{}\n[]\n[]\n"));
    messages.of("stopped at a faulty line", rewriting(&["--on-error", "stop", "a.jsonl"], "{}\n[]\n"));
    messages.of("a folder", rewriting(&["."], ""));
    let append = |path: &Path| fs::write(path, "{}\n{}\n").expect("the file can be written");
    messages.ended("a file that is changed meanwhile", &rewritten_while(append));
    let remove = |path: &Path| fs::remove_file(path).expect("the file can be removed");
    messages.ended("a file that is removed meanwhile", &rewritten_while(remove));
}

fn notes(messages: &mut Messages) {
    messages.section("Notes");
    messages.lines("--source trajectory --model .model", "{}\n");
    messages.with(&["-n", "--exclude", "all=true"], "{}\n{}\n");
    messages.with(&["-n", "--exclude", "odd=.a"], "{\"a\":1}\n{}\n");
    messages.with(&["-n", "--exclude", "bad=.a < .b.c"], "{\"b\":1}\n{\"b\":1}\n{\"b\":{}}\n");
    messages.with(&["-n", "--rejects", "r", "--exclude", "bad=.a < .b.c"], "{\"b\":1}\n{\"b\":{}}\n");
    messages.with(&["--on-error", "pass", "--exclude", "bad=.a < .b.c"], "{\"b\":1}\n{\"b\":{}}\n");
    messages.lines("--all-fields", &"{}\n".repeat(10_001));
}

fn command_lines(messages: &mut Messages) {
    messages.section("Command lines: what is missing, or does not go together");
    for args in [
        &["--source", "trajectory"][..],
        &["--model", "m"],
        &["--backfill"],
        &["-i"],
        &["-i", "-"],
        &["-i", ".bak", "a.jsonl"],
        &["-i/old", "a.jsonl"],
        &["--rejects", "-"],
        &["--report", "json=-"],
        &["--sidecar", "-"],
        &["-n", "--rejects", "-", "--errors", "-"],
        &["--report", "in-toto"],
        &["-n", "--digests", "--report", "in-toto"],
        &["-i", "--digests", "--report", "in-toto", "a.jsonl"],
        &["--duplicate-key", "/id"],
        &["--require", "license"],
        &["--drop-excluded", "--excluded-to", "x"],
        &["-n", "--sidecar", "x"],
        &["-n", "-i", "a.jsonl"],
        &["--merge", "--validate", "a.json"],
        &["--list-screens", "--validate"],
        &["--generate", "man", "--validate"],
        &["--quiet", "--quiet"],
    ] {
        messages.usage(args);
    }
    messages.section("Command lines: flags and values");
    for args in [
        &["--sorce", "trajectory"][..],
        &["--source"],
        &["--layout", "hermess"],
        &["--on-error", "drop"],
        &["--report", "xml"],
        &["--report", "none=x"],
        &["--report", "json="],
        &["--report", "json={task}"],
        &["--report", "json={pid"],
        &["--report", "json=pid}"],
        &["--report", "json={env:TASK}"],
        &["--report", "json=r.json.gz"],
        &["--rejects", "r.jsonl.zst"],
        &["--report-every", "30"],
        &["--report-every", "10ms"],
        &["--max-errors", "few"],
        &["--max-line-bytes", "1M"],
        &["--threads", "0"],
        &["--assume-tz", "CET"],
        &["--member", ""],
        &["--member", "/a~b"],
        &["--duplicate-key", "id", "--exclude", "duplicate"],
        &["--set", "license"],
        &["--require", "", "--validate"],
        &["--allow-source", ""],
        &["--model", "", "--source", "trajectory"],
        &["--model", "{model}", "--source", "trajectory"],
        &["--model", "{/a~b}", "--source", "trajectory"],
        &["--model", "{/model", "--source", "trajectory"],
        &["--model", "a}", "--source", "trajectory"],
        &["--source", "trajectroy", "--model", "m"],
        &["--source", "web", "--model", "m"],
        &["--timestamp", "soon"],
        &["--set", "approved=yes"],
        &["--generate", "html"],
    ] {
        messages.usage(args);
    }
    let run = provfilter(&["-q"]).env("SOURCE_DATE_EPOCH", "today");
    messages.of("SOURCE_DATE_EPOCH=today provfilter -q", run);
    let run = provfilter(&["-q", "--report", "json={env:TASK}"]).env("TASK", "");
    messages.of("TASK= provfilter -q --report 'json={env:TASK}'", run);
}

fn rules(messages: &mut Messages) {
    messages.section("Rules");
    for rule in [
        "",
        ".score < 0.5",
        "Low=.score < 0.5",
        "tool_calls",
        "spam",
        "low=.score <",
        "low=.score | nope",
        "low=.a | $x",
        "low=\"a",
        "low=.a | test(\"(\")",
        "low=.a | test(\"a(?=b)\")",
        "low=.a | test(\"(a)\\\\1\")",
        "low=.a | test(\"(?>a)\")",
        "low=.a | test(\"a++\")",
        "low=.a | test(\"[a\")",
        "low=.a | test(\"[[:words:]]\")",
        "low=.a | test(\"\\\\Ka\")",
        "low=.a | test(\"a\"; \"q\")",
        "low=.a | test(\"(a{1000}){1000}\")",
    ] {
        messages.usage(&["-n", "--exclude", rule]);
    }
    messages.usage(&["-n", "--exclude", "a=.x", "--exclude", "a=.y"]);
    messages.usage(&["-n", "--exclude", "chat", "--exclude", "tool-calls"]);
    messages.usage(&["-n", "--rules", "none.rules"]);
    for rules in ["# nothing\n", "  and more\n", "a=.x\nb=.y |\n", "def f: .x |;\na=f\n", "a=.x\n  | .y <\n"] {
        messages.rules(rules);
    }
    let run = provfilter(&["-n", "-q", "--rules", "my.rules"]).file("my.rules", b"a=.x\nb=\xff\n");
    messages.of("my.rules: a byte that is not UTF-8", run);
}

/// A JSON report of one record, under an id that does not change.
fn report(run_id: &str) -> Value {
    let args = ["-q", "-n", "--digests", "--report", "json=report.json", "a.jsonl"];
    let mut report = provfilter(&args).file("a.jsonl", "{}\n").ends().report_as_it_is("report.json");
    report["run_id"] = json!(run_id);
    report
}

fn merged(messages: &mut Messages) {
    messages.section("Merged reports");
    let first = report("run-1");
    let merging = |first: &Value, second: &Value| {
        let run = provfilter(&["--merge", "--report", "json=sum.json", "1.json", "2.json"]);
        run.file("1.json", first.to_string()).file("2.json", second.to_string())
    };
    messages.of("the same run twice", merging(&first, &first));
    let mut most = [report("run-1"), report("run-2")];
    for report in &mut most {
        report["bytes_in"] = json!(i64::MAX);
    }
    messages.of("more bytes than can be counted", merging(&most[0], &most[1]));
    messages.of("the same input twice", merging(&first, &report("run-2")));
    for ending in ["interrupted", "stopped", "failed"] {
        let mut second = report("run-2");
        (second["ending"], second["inputs"]) = (json!(ending), json!([]));
        messages.of(&format!("a run that was {ending}"), merging(&first, &second));
    }
    let mut second = report("run-2");
    (second["ending"], second["inputs"]) = (Value::Null, json!([]));
    messages.of("a run that goes on", merging(&first, &second));
    for (member, value) in [
        ("schema_version", json!(2)),
        ("more", json!(1)),
        ("total", Value::Null),
        ("lines", json!(7)),
        ("lines", json!(u64::MAX)),
        ("written", json!(7)),
        ("approved", json!(7)),
        ("by_source", json!({})),
        ("by_error", json!({ "bad": 1 })),
        ("missing_fields", json!({ "bad": 1 })),
        ("ending", json!("soon")),
        ("started_at", json!("soon")),
        ("times", json!({})),
        ("errors", json!([{ "file": "-", "line": 1, "byte_offset": 0, "code": "bad", "message": "" }])),
    ] {
        let mut second = report("run-2");
        second[member] = value.clone();
        messages.of(&format!("`{member}` is {value}"), merging(&first, &second));
    }
    let mut second = report("run-2");
    second.as_object_mut().expect("a report is an object").remove("total");
    messages.of("`total` is missing", merging(&first, &second));
    messages.of("no report", provfilter(&["--merge"]).given(""));
    messages.of("text", provfilter(&["--merge"]).given("Provenance Report\n"));
    messages.usage(&["--merge", "none.json"]);
    messages.usage(&["--merge", "--report", "json=-", "--report", "text=-", "none.json"]);
}

/// What screens say that they found, which reports hold.
fn found(messages: &mut Messages) {
    messages.section("What screens find");
    let call =
        |arguments: &str| format!(r#"{{"role":"assistant","tool_calls":[{{"id":"1","name":"f","arguments":{arguments}}}]}}"#);
    let result = r#"{"role":"tool","tool_call_id":"1","content":"r"}"#;
    let chat = |turns: &[&str]| format!(r#"{{"messages":[{}]}}"#, turns.join(","));
    let (user, assistant) = (r#"{"role":"user","content":"q"}"#, r#"{"role":"assistant","content":"a"}"#);
    let good = call("{}");
    let says = |text: &str| format!(r#"{{"prompt":"q","response":{}}}"#, json!(text));
    for (screen, record) in [
        (Screen::EmptyTurn, chat(&[r#"{"role":"user"}"#, assistant])),
        (Screen::RoleOrder, chat(&[assistant])),
        (Screen::RoleOrder, chat(&[user, user])),
        (Screen::RoleOrder, chat(&[user, assistant, assistant])),
        (Screen::RoleOrder, chat(&[user, r#"{"role":"system"}"#])),
        (Screen::RoleOrder, chat(&[r#"{"role":"narrator"}"#])),
        (Screen::NoAnswer, chat(&[])),
        (Screen::NoAnswer, chat(&[user])),
        (Screen::NoAnswer, chat(&[r#"{"role":"narrator"}"#])),
        (Screen::ToolCalls, chat(&[user, result, assistant])),
        (Screen::ToolCalls, chat(&[user, &good, user])),
        (Screen::ToolCalls, chat(&[user, &call("\"{\""), result])),
        (Screen::ToolCalls, chat(&[user, &call("[]"), result])),
        (Screen::ToolCalls, chat(&[user, &good, result, &good, result])),
        (Screen::ToolCalls, chat(&[user, r#"{"role":"assistant","content":"<tool_call>{</tool_call>"}"#])),
        (Screen::ToolCalls, chat(&[user, r#"{"role":"assistant","tool_calls":[{"arguments":{}}]}"#])),
        (Screen::ToolCalls, chat(&[user, &good, result]).replacen('{', r#"{"tools":[{"name":"g"}],"#, 1)),
        (Screen::Stalled, chat(&[user, &good, result, &good, result, &good, result])),
        (Screen::BrokenReasoning, says("<think>I see.")),
        (Screen::BrokenReasoning, says("I see.</think>")),
        (Screen::Refusal, says("I cannot help.")),
        (Screen::Refusal, says("Well, as an AI language model ...")),
        (Screen::Secret, says("AKIAIOSFODNN7EXAMPLE")),
        (Screen::ChosenEqualsRejected, r#"{"chosen":"a","rejected":"a"}"#.to_owned()),
        (Screen::ChosenEqualsRejected, format!(r#"{{"chosen":[{user},{assistant}],"rejected":[{assistant}]}}"#)),
        (Screen::Incomplete, r#"{"completed":false}"#.to_owned()),
        (Screen::Incomplete, r#"{"metadata":{"partial":true}}"#.to_owned()),
    ] {
        let found = screen.find(&Look::at(record.as_bytes())).unwrap_or_else(|| panic!("{}: {record}", screen.name()));
        messages.text.extend(["\n", screen.name(), ": ", &shown(&record), "\n    ", &found, "\n"]);
    }
}

/// All runs.
fn all() -> Messages {
    let mut messages = Messages::default();
    faulty_lines(&mut messages);
    inputs(&mut messages);
    outputs(&mut messages);
    notes(&mut messages);
    command_lines(&mut messages);
    rules(&mut messages);
    merged(&mut messages);
    found(&mut messages);
    messages
}

#[test]
fn every_message_is_in_the_snapshot() {
    let messages = all();
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| assert_snapshot!("messages", messages.text));
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    let missing: Vec<_> = declared(&project.join("src")).into_iter().filter(|text| !is_in(&messages.text, text)).collect();
    assert!(missing.is_empty(), "not provoked: {missing:#?}");
    for code in Code::ALL {
        assert!(messages.codes.contains(code.as_str()), "no fault of the kind {code} is provoked");
    }
}

/// The texts of `#[error("...")]` in the files of a folder.
fn declared(folder: &Path) -> Vec<String> {
    let mut texts = Vec::new();
    for entry in fs::read_dir(folder).expect("the source can be listed") {
        let path = entry.expect("the source can be listed").path();
        if path.is_dir() {
            texts.extend(declared(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let source = fs::read_to_string(&path).expect("the source is text");
            let errors = source.split("#[error(").skip(1).filter_map(|rest| rest.trim_start().strip_prefix('"'));
            texts.extend(errors.map(|rest| literal(rest).to_owned()));
        }
    }
    texts
}

/// A string literal, up to its closing quote.
fn literal(rest: &str) -> &str {
    let is_closing = |&(at, _): &(usize, &str)| !rest[..at].ends_with('\\');
    rest.match_indices('"').find(is_closing).map_or(rest, |(at, _)| &rest[..at])
}

/// The longest piece of a text between its placeholders is among the messages, or the text is known to be provoked elsewhere.
fn is_in(messages: &str, text: &str) -> bool {
    let plain = text.replace("{{", "\u{1}").replace("}}", "\u{2}");
    let pieces = plain.split(['{', '}']).step_by(2);
    let longest = pieces.max_by_key(|piece| piece.len()).unwrap_or_default();
    let longest = longest.split("\\\n").next().unwrap_or_default().split("\\n").next().unwrap_or_default();
    let longest = longest.replace('\u{1}', "{").replace('\u{2}', "}").replace("\\\"", "\"");
    ELSEWHERE.contains(&text) || messages.contains(longest.trim())
}
