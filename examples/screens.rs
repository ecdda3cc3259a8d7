//! Tells what each screen turns down of the records on standard input, and what the screens cost: `screens < pairs.jsonl`.

use std::error::Error;
use std::io::{Read, Write, stdin, stdout};
use std::time::Instant;

use provfilter::duplicates::{DuplicateKey, Fingerprint, Seen};
use provfilter::record::Record;
use provfilter::screen::{Look, Screen};

/// How many findings of a screen are shown.
const SHOWN: usize = 3;

fn main() -> Result<(), Box<dyn Error>> {
    let mut input = Vec::new();
    stdin().read_to_end(&mut input)?;
    let lines: Vec<_> = input.split(|&byte| byte == b'\n').filter(|line| Record::parse(line).is_ok()).collect();
    let mut out = stdout().lock();
    for screen in Screen::ALL {
        let start = Instant::now();
        let found = if screen == Screen::Duplicate { duplicates(&lines) } else { findings(screen, &lines) };
        let cost = nanoseconds_a_byte(start, &lines);
        writeln!(out, "{:24} {:8} of {} records, {cost:.3} ns a byte", screen.name(), found.len(), lines.len())?;
        for (at, what) in found.iter().take(SHOWN) {
            writeln!(out, "    record {}: {what}", at + 1)?;
        }
    }
    let start = Instant::now();
    let all = lines.iter().filter(|line| {
        let look = Look::at(line);
        Screen::ALL.into_iter().any(|screen| screen.find(&look).is_some())
    });
    let count = all.count();
    let cost = nanoseconds_a_byte(start, &lines);
    writeln!(out, "{:24} {count:8} of {} records, {cost:.3} ns a byte", "all but duplicate", lines.len())?;
    let start = Instant::now();
    let count = lines.iter().filter(|line| Record::parse(line).is_ok()).count();
    let cost = nanoseconds_a_byte(start, &lines);
    Ok(writeln!(out, "{:24} {count:8} of {} records, {cost:.3} ns a byte", "(reading them)", lines.len())?)
}

/// The records that a screen turns down, by their position, and what it finds.
fn findings(screen: Screen, lines: &[&[u8]]) -> Vec<(usize, String)> {
    let find = |(at, line): (usize, &&[u8])| Some((at, screen.find(&Look::at(line))?));
    lines.iter().enumerate().filter_map(find).collect()
}

/// The records with the content of an earlier one.
fn duplicates(lines: &[&[u8]]) -> Vec<(usize, String)> {
    let (mut seen, key) = (Seen::default(), DuplicateKey::content());
    let mut is_new = |line: &[u8]| Fingerprint::of(&Look::at(line), &key).is_none_or(|fingerprint| seen.insert(fingerprint));
    let known = lines.iter().enumerate().filter(|(_, line)| !is_new(line));
    known.map(|(at, _)| (at, "an earlier record has this content".to_owned())).collect()
}

#[expect(clippy::cast_precision_loss, reason = "it is shown with three digits")]
fn nanoseconds_a_byte(start: Instant, lines: &[&[u8]]) -> f64 {
    let bytes: usize = lines.iter().map(|line| line.len()).sum();
    start.elapsed().as_secs_f64() * 1e9 / bytes.max(1) as f64
}
