//! rsyslog: messages get their provenance on the way (mmexternal), or in the program that rsyslog writes to (omprog).

use std::fs;

use rustix::process::Signal;
use serde_json::{Value, json};

use super::daemon::Daemon;
use super::logged::{check_faults_and_sums, is_faulty, lines, log, merged, parsed, record, send};
use super::{Recipe, has};

fn is_there() -> bool {
    has("rsyslog", "PATH=$PATH:/usr/sbin; rsyslogd -v && pkill -V")
}

/// A recipe that reads messages from the socket `log`, and writes to the folder `var`.
fn recipe(file: &str) -> Recipe {
    let recipe = Recipe::of("rsyslog");
    fs::create_dir_all(recipe.path("var")).expect("a folder can be made");
    fs::create_dir_all(recipe.path("spool")).expect("a folder can be made");
    let whole = format!(
        "global(workDirectory=\"{0}/spool\")\n\
         module(load=\"imuxsock\" SysSock.Name=\"{0}/log\" SysSock.RateLimit.Interval=\"0\")\n\
         include(file=\"{0}/{file}\")\n\
         action(type=\"omfile\" file=\"{0}/others\")\n",
        recipe.root().display()
    );
    recipe.file("rsyslog.conf", whole);
    recipe
}

fn mmexternal() -> Recipe {
    let recipe = recipe("mmexternal.conf");
    recipe.moves("mmexternal.conf", "/var/log/provfilter", recipe.path("var"));
    recipe.moves("mmexternal.conf", "/usr/local/libexec", recipe.root());
    recipe.moves("reply-provenance", "/var/log/provfilter", recipe.path("var"));
    recipe.moves("reply-provenance", "/usr/bin/provfilter", env!("CARGO_BIN_EXE_provfilter"));
    recipe
}

fn omprog() -> Recipe {
    let recipe = recipe("omprog.conf");
    recipe.moves("omprog.conf", "/usr/local/libexec", recipe.root());
    recipe.moves("write-pairs", "/var/log/provfilter", recipe.path("var"));
    recipe.moves("write-pairs", "/usr/bin/provfilter", env!("CARGO_BIN_EXE_provfilter"));
    recipe
}

/// rsyslogd, when it listens.
fn rsyslogd(recipe: &Recipe) -> Daemon {
    let mut rsyslogd = Daemon::starts(recipe, "rsyslogd", "exec rsyslogd -n -f \"$PWD/rsyslog.conf\" -i \"$PWD/pid\"");
    rsyslogd.until("it listens", || log(recipe).is_some());
    rsyslogd
}

/// The provenance in front of a record.
fn provenance(line: &str) -> Value {
    let (provenance, _) = line.split_once(",\"record\":").unwrap_or_else(|| panic!("no record: {line}"));
    parsed(&format!("{provenance}}}"))["provenance"].take()
}

/// Logs this many records, stops rsyslogd as soon as it has read them, starts it again and logs one more.
fn is_stopped_in_the_middle(recipe: &Recipe, count: usize) {
    let mut first = rsyslogd(recipe);
    send(recipe, "pairs", (0..count).map(record));
    send(recipe, "last", ["all are in"]);
    first.until("it has read all messages", || recipe.path("others").exists() && recipe.read("others").contains("all are in"));
    assert_eq!(first.ended_by(Signal::TERM), 0);
    let mut second = rsyslogd(recipe);
    send(recipe, "pairs", [record(count)]);
    let last = format!("\"n\":{count},");
    second.until("it has written the last record", || lines(recipe, "pairs.jsonl").iter().any(|line| line.contains(&last)));
    assert_eq!(second.ended_by(Signal::TERM), 0);
}

#[test]
fn messages_of_all_kinds_get_their_own_provenance_and_are_routed_by_it() {
    if !is_there() {
        return;
    }
    let recipe = mmexternal();
    let mut rsyslogd = rsyslogd(&recipe);
    let long = format!("{{\"session_id\":\"long\",\"text\":\"{}\"}}", "\\\"é".repeat(16_000));
    let pairs = [
        r#"{"model":"hermes4:14b","n":1.10,"big":123456789012345678901234567890,"e":1e400,"t":"\ud800 \u00e9","session_id":"s1"}"#,
        r#"{"session_id":"s2","timestamp":1774880551,"provenance":{"model":"kept","note":"own"}}"#,
        &long,
    ];
    send(&recipe, "pairs", [pairs[0], "text with \"quotes\"", "", r#"{"model":"m","provenance":"no"}"#, pairs[1]]);
    send(&recipe, "pairs", [&b"bytes \xff"[..], b"{\"n\":\"\xff\"}", b"{\"key\":\"AKIAZ7Q3MXW5KD2PLR4T\"}", long.as_bytes()]);
    send(&recipe, "others", ["not a pair"]);
    rsyslogd.until("the last pair is written", || lines(&recipe, "pairs.jsonl").len() == pairs.len());
    assert_eq!(rsyslogd.ended_by(Signal::TERM), 0);

    let written = lines(&recipe, "pairs.jsonl");
    for (written, (pair, session)) in written.iter().zip(pairs.iter().zip(["s1", "s2", "long"])) {
        assert!(written.ends_with(&format!(",\"record\":{pair}}}")), "{pair} keeps its bytes: {written}");
        assert_eq!(provenance(written)["source_session_id"], session, "{written}");
    }
    assert_eq!(provenance(&written[0])["model"], "hermes4:14b");
    let expected = json!({ "model": "kept", "note": "own", "source": "trajectory", "source_session_id": "s2",
        "timestamp": "2026-03-30T14:22:31Z", "approved": true });
    assert_eq!(provenance(&written[1]), expected);

    let messages: Vec<_> = lines(&recipe, "messages.jsonl").iter().map(|line| parsed(line)).collect();
    assert_eq!(messages.iter().map(|it| it["message"].as_str()).collect::<Vec<_>>(), [Some("text with \"quotes\""), Some("")]);
    assert!(messages.iter().all(|it| it["provenance"]["model"] == "unknown" && it["provenance"]["timestamp"].is_string()));
    let excluded = lines(&recipe, "excluded.jsonl");
    assert_eq!(parsed(&excluded[0])["provenance"]["exclusion_reason"], "secret", "{excluded:?}");
    assert_eq!(excluded.len(), 1);
    assert_eq!(
        lines(&recipe, "without-provenance.log"),
        [r#"{"model":"m","provenance":"no"}"#, "bytes \u{fffd}", "{\"n\":\"\u{fffd}\"}"]
    );
    assert_eq!(lines(&recipe, "faults.jsonl").len(), 6, "faulty messages are asked about twice");
    assert!(recipe.read("others").contains("not a pair"));
    let report = merged(&recipe);
    assert_eq!((&report["total"], &report["passed"]), (&json!(6), &json!(6)), "{report}");
}

#[test]
fn messages_that_rsyslog_has_taken_in_get_their_provenance_after_a_restart() {
    if !is_there() {
        return;
    }
    let recipe = mmexternal();
    is_stopped_in_the_middle(&recipe, 3000);
    let written = lines(&recipe, "pairs.jsonl");
    let expected: Vec<_> = (0..=3000).filter(|&n| !is_faulty(n)).collect();
    assert_eq!(written.len(), expected.len());
    for (line, n) in written.iter().zip(expected) {
        assert!(line.ends_with(&format!(",\"record\":{}}}", record(n))), "{n}: {line}");
        assert_eq!(provenance(line)["source_session_id"], format!("s{n}"), "each has its own reply");
    }
    let faulty: Vec<_> = (0..3000).filter(|&n| is_faulty(n)).map(record).collect();
    assert_eq!(lines(&recipe, "without-provenance.log"), faulty);
    assert!(lines(&recipe, "faults.jsonl").len() >= faulty.len(), "the restart empties no file");
    let total = merged(&recipe)["total"].clone();
    assert!((2971..2980).contains(&total.as_u64().expect("a count")), "{total}");
}

#[test]
fn a_filter_that_is_killed_is_started_again_and_no_message_is_lost() {
    if !is_there() {
        return;
    }
    let recipe = mmexternal();
    let mut rsyslogd = rsyslogd(&recipe);
    for n in 0..5 {
        send(&recipe, "pairs", [format!("{{\"n\":{n}}}")]);
        rsyslogd.until("the record is written", || lines(&recipe, "pairs.jsonl").len() == n + 1);
        recipe.runs("pkill -KILL -P $(cat pid) provfilter; while pgrep -P $(cat pid) provfilter; do :; done");
    }
    assert_eq!(rsyslogd.ended_by(Signal::TERM), 0);
    assert_eq!(lines(&recipe, "without-provenance.log"), [""; 0]);
}

#[test]
fn records_are_written_by_the_program_behind_rsyslog() {
    if !is_there() {
        return;
    }
    let recipe = omprog();
    is_stopped_in_the_middle(&recipe, 3000);
    let written = lines(&recipe, "pairs.jsonl");
    assert_eq!(written.len(), 2971);
    for (n, line) in (0..=3000).filter(|&n| !is_faulty(n)).zip(&written) {
        let kept = record(n).trim_end_matches('}').to_owned();
        assert!(line.starts_with(&kept), "{n}: {line}");
        assert_eq!(parsed(line)["provenance"]["source_session_id"], format!("s{n}"), "{line}");
    }
    check_faults_and_sums(&recipe);
}
