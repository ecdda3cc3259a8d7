//! Writes a corpus to measure with: `cargo run --release --example make_corpus -- pairs 30000000 > pairs.jsonl`.
//!
//! `line` instead of a kind makes a single record of so many bytes.

#[path = "mod.rs"]
mod corpus;

use std::io::{self, BufWriter, Write};

use corpus::{Corpus, Kind};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [what, bytes] = arguments.as_slice() else {
        return Err("expected two arguments: trajectories, pairs, token-rows or line, and a number of bytes".into());
    };
    let bytes = bytes.parse()?;
    let mut out = BufWriter::with_capacity(1 << 20, io::stdout().lock());
    match Kind::ALL.into_iter().find(|kind| kind.name() == what) {
        Some(kind) => write_lines(&mut out, kind, bytes)?,
        None if what == "line" => write_one_line(&mut out, bytes)?,
        None => return Err(format!("there is no corpus of {what}").into()),
    }
    Ok(out.flush()?)
}

/// Writes what [`corpus::lines`] gives, without holding it.
fn write_lines(out: &mut impl Write, kind: Kind, bytes: usize) -> io::Result<()> {
    let mut corpus = Corpus::new(kind);
    let mut line = String::new();
    let mut written = 0;
    while written < bytes {
        line.clear();
        corpus.append_line(&mut line);
        out.write_all(line.as_bytes())?;
        written += line.len();
    }
    Ok(())
}

/// Writes one record with an array of pairs in it, so that it has so many bytes or a few more.
fn write_one_line(out: &mut impl Write, bytes: usize) -> io::Result<()> {
    let pairs = corpus::lines(Kind::Pairs, bytes);
    let mut before: &[u8] = b"{\"score\":0.75,\"pairs\":[";
    for pair in corpus::lines_of(&pairs) {
        out.write_all(before)?;
        out.write_all(pair)?;
        before = b",";
    }
    out.write_all(b"]}\n")
}
