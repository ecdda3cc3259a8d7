//! Messages that programs log to a daemon's socket, and the files that they end in.

use std::fs;
use std::os::unix::net::UnixDatagram;

use serde_json::{Value, json};

use super::Recipe;

/// The socket that programs log to.
pub(super) fn log(recipe: &Recipe) -> Option<UnixDatagram> {
    let socket = UnixDatagram::unbound().expect("there are sockets");
    socket.connect(recipe.path("log")).ok().map(|()| socket)
}

/// Logs messages of a tag, one after the other.
pub(super) fn send(recipe: &Recipe, tag: &str, messages: impl IntoIterator<Item = impl AsRef<[u8]>>) {
    let socket = log(recipe).expect("rsyslogd listens");
    for message in messages {
        let datagram = [format!("<13>Mar 30 14:22:31 {tag}: ").as_bytes(), message.as_ref()].concat();
        socket.send(&datagram).expect("rsyslogd reads");
    }
}

/// The lines of a file in the folder `var`, none without one.
pub(super) fn lines(recipe: &Recipe, name: &str) -> Vec<String> {
    let content = fs::read(recipe.path("var").join(name)).unwrap_or_default();
    String::from_utf8_lossy(&content).lines().map(str::to_owned).collect()
}

pub(super) fn parsed(line: &str) -> Value {
    serde_json::from_str(line).unwrap_or_else(|why| panic!("{why}: {line}"))
}

/// The report of all runs, added up.
pub(super) fn merged(recipe: &Recipe) -> Value {
    parsed(&recipe.runs("provfilter --merge --report json=- var/report-*.json").output)
}

/// A numbered record, one in a hundred of which has a fault.
pub(super) fn record(n: usize) -> String {
    let provenance = if is_faulty(n) { "0" } else { r#"{"note":"own"}"# };
    format!("{{\"n\":{n},\"session_id\":\"s{n}\",\"provenance\":{provenance}}}")
}

pub(super) fn is_faulty(n: usize) -> bool {
    n % 100 == 7
}

/// Of the records 0 to 3000, each faulty one was rejected and told, and the merged reports count all of them once.
pub(super) fn check_faults_and_sums(recipe: &Recipe) {
    let faulty: Vec<_> = (0..3000).filter(|&n| is_faulty(n)).map(record).collect();
    assert_eq!(lines(recipe, "rejects.jsonl"), faulty);
    assert_eq!(lines(recipe, "faults.jsonl").len(), faulty.len());
    let report = merged(recipe);
    assert_eq!((&report["written"], &report["rejected"]), (&json!(2971), &json!(30)), "{report}");
}
