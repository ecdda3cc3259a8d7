//! Lines to test with: records that are spelled awkwardly, and lines that are nearly records.

use std::ops::Range;

use bytes::Bytes;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::reference::{PROVENANCE, names};

/// Bytes that mean something to JSON, or nearly do.
pub(crate) const TELLING_BYTES: &[u8] = b"{}[]\",:\\/ \t\r\n\x0b\x0c\0\x1f\x7f.-+0159eEtfnuNIgx\x80\xc3\xed\xff";

/// A record: any blanks, names and values, and provenance of any shape, which may make it ambiguous or mistyped.
pub(crate) fn record() -> impl Strategy<Value = String> {
    record_at(PROVENANCE)
}

/// A record with provenance in a member, or on its way there.
pub(crate) fn record_at(member: &'static str) -> impl Strategy<Value = String> {
    (blank(), parent(&names(member), 0..5), blank()).prop_map(|(before, object, behind)| format!("{before}{object}{behind}"))
}

/// An object that may hold provenance, or parents of it, as the names say.
fn parent(names: &[&'static str], others: Range<usize>) -> BoxedStrategy<String> {
    let (own, rest) = (spelling_of(names[0]), &names[1..]);
    let value = if rest.is_empty() { provenance().boxed() } else { prop_oneof![1 => value(), 8 => parent(rest, 0..3)].boxed() };
    let provenance = prop_oneof![1 => Just(None), 3 => (own, value).prop_map(Some)];
    let members = (vec((name(), self::value()), others), provenance, any::<Index>(), vec(blank(), 8));
    let object = members.prop_map(|(mut members, provenance, place, blanks)| {
        if let Some(provenance) = provenance {
            members.insert(place.index(members.len() + 1), provenance);
        }
        let mut blanks = blanks.iter().cycle();
        object(&members, &mut || blanks.next().copied().unwrap_or_default())
    });
    object.boxed()
}

/// A record, with a good chance that it is one no more: a byte is changed, put in or taken out, or the end is.
pub(crate) fn nearly_record() -> impl Strategy<Value = Bytes> {
    broken(prop_oneof![2 => record(), 1 => numbers_in_record()].prop_map(String::into_bytes))
}

/// A line, of whatever kind, without its line feed.
fn line(member: &'static str) -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        6 => record_at(member).prop_map(String::into_bytes),
        2 => nearly_record().prop_map(|line| line.into_iter().filter(|&byte| byte != b'\n').collect()),
        1 => blank().prop_map(|blank| blank.as_bytes().to_vec()),
        1 => select(vec!["[1]", "null", "NaN", "\"text\"", "{\"provenance\":1}", "{\"a\":1}{\"a\":2}"]).prop_map(Vec::from),
    ]
}

/// Lines with their line feeds, which the last one may lack.
pub(crate) fn input(member: &'static str) -> impl Strategy<Value = Bytes> {
    (vec(line(member), 0..8), any::<bool>()).prop_map(|(lines, is_ended)| {
        let mut input = lines.join(&b'\n');
        if is_ended {
            input.push(b'\n');
        }
        Bytes::from(input)
    })
}

/// How many bytes arrive with each read; 0 for a read that has to wait.
pub(crate) fn pieces() -> impl Strategy<Value = Vec<usize>> {
    prop_oneof![vec(0..4_usize, 1..20), vec(0..100_usize, 1..20)]
}

/// A record with an array of numbers that goes on for several vectors of 64 bytes.
pub(crate) fn numbers_in_record() -> impl Strategy<Value = String> {
    let element = (select(vec!["", " ", "  ", "\t", "\r", "   "]), number(), select(vec!["", "", "", " "]));
    let plain = (select(vec!["", " "]), "-?(0|[1-9][0-9]{0,4})(\\.[0-9]{1,4})?", Just(""));
    let row = prop_oneof![vec(element, 0..40), vec(plain, 0..60)];
    ("[a-z]{1,70}", row).prop_map(|(name, elements)| {
        let elements: Vec<_> = elements.into_iter().map(|(before, number, behind)| format!("{before}{number}{behind}")).collect();
        format!("{{\"{name}\":[{}]}}", elements.join(","))
    })
}

fn broken(line: impl Strategy<Value = Vec<u8>>) -> impl Strategy<Value = Bytes> {
    let byte = prop_oneof![4 => select(TELLING_BYTES), 1 => any::<u8>()];
    (line, any::<Index>(), byte, 0..5).prop_map(|(mut line, place, byte, how)| {
        let place = place.index(line.len());
        match how {
            0 => line.truncate(place),
            1 => line.insert(place, byte),
            2 => drop(line.remove(place)),
            3 => line[place] ^= 1 << (byte % 8),
            _ => line[place] = byte,
        }
        Bytes::from(line)
    })
}

fn blank() -> impl Strategy<Value = &'static str> {
    prop_oneof![3 => Just(""), 1 => select(vec![" ", "  ", "\t", "\r", " \r\t "])]
}

fn object(members: &[(String, String)], blank: &mut impl FnMut() -> &'static str) -> String {
    let member = |(name, value): &(String, String)| {
        let (before, between, colon, behind) = (blank(), blank(), blank(), blank());
        format!("{before}{name}{between}:{colon}{value}{behind}")
    };
    let members: Vec<_> = members.iter().map(member).collect();
    format!("{{{}}}", members.join(","))
}

fn number() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => "-?(0|[1-9][0-9]{0,6})(\\.[0-9]{1,5})?",
        1 => "-?(0|[1-9][0-9]{0,30})(\\.[0-9]{1,30})?([eE][+-]?[0-9]{1,3})?",
        1 => select(vec!["1.10", "1e400", "-0", "-0.0", "1E+2", "123456789012345678901234567890"]).prop_map(String::from),
    ]
}

/// A string, with its quotes.
fn string() -> impl Strategy<Value = String> {
    let escapes = ["\\u00e9", "\\/", "\\\"", "\\\\", "\\n", "\\ud83d\\udc4b", "\\ud800", "\\uDC00", "\\u0000", "\\ufffd"];
    let piece = prop_oneof![
        4 => "[ -!#-\\[\\]-~]{0,20}",
        1 => select(vec!["é", "👋", "\u{2028}", "\u{fffd}", "\u{7f}"]).prop_map(String::from),
        1 => select(escapes.to_vec()).prop_map(String::from),
    ];
    vec(piece, 0..5).prop_map(|pieces| format!("\"{}\"", pieces.concat()))
}

fn name() -> impl Strategy<Value = String> {
    let plain = ["", "a", "a", "é", "Provenance", "provenance ", "prov", "xprovenance", "messages"];
    // At the top level, a name spelled with an escape has the line read the plain way.
    prop_oneof![
        12 => select(plain.to_vec()).prop_map(|name| format!("\"{name}\"")),
        2 => string(),
        1 => select(vec!["\"\\ud800\"", "\"\\\\u0070rovenance\""]).prop_map(String::from),
    ]
}

fn value() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        2 => number(),
        3 => string(),
        1 => select(vec!["true", "false", "null", "{}", "[]", "[ ]", "{ }"]).prop_map(String::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        let elements = vec((blank(), inner.clone()), 0..4).prop_map(|elements| {
            let elements: Vec<_> = elements.into_iter().map(|(blank, element)| format!("{blank}{element}{blank}")).collect();
            format!("[{}]", elements.join(","))
        });
        let members = (vec((name(), inner), 0..4), blank());
        prop_oneof![elements, members.prop_map(|(members, blank)| object(&members, &mut || blank))]
    })
}

/// The value of a member `provenance`.
fn provenance() -> impl Strategy<Value = String> {
    prop_oneof![
        1 => select(vec!["null", "{}", "{ }", "[]", "\"\"", "0", "true"]).prop_map(String::from),
        6 => some_provenance(),
    ]
}

fn some_provenance() -> impl Strategy<Value = String> {
    let text =
        prop_oneof![3 => select(vec!["\"\"", "null", "\"curated\"", "\"\\u0063\"", "0"]).prop_map(String::from), 1 => value()];
    let flag = prop_oneof![
        4 => select(vec!["true", "false", "null", "\"\"", "0", "-0.0e9", "0.1", "[ ]", "{}"]).prop_map(String::from),
        1 => value(),
    ];
    let text_field = (select(vec!["source", "model", "source_session_id", "timestamp", "exclusion_reason"]), text);
    let flag_field = (select(vec!["approved", "excluded"]), flag);
    let field = prop_oneof![text_field.prop_map(known).boxed(), flag_field.prop_map(known).boxed()];
    let field = field.prop_flat_map(|(name, value)| (spelling_of(name), Just(value)));
    let own = (select(vec!["\"note\"", "\"é\"", "\"provenance\"", "\"\\u006eote\"", "\"\\uD800\"", "\"\\ud800\""]), value());
    let own = own.prop_map(|(name, value)| (name.to_owned(), value));
    let member = prop_oneof![5 => field, 1 => own];
    (vec(member, 0..7), any::<bool>(), blank()).prop_map(|(mut members, may_repeat, blank)| {
        if !may_repeat {
            members.sort();
            members.dedup_by(|left, right| left.0 == right.0);
        }
        object(&members, &mut || blank)
    })
}

fn known((name, value): (&'static str, String)) -> (&'static str, String) {
    (name, value)
}

/// A name as a JSON string, mostly as it is, and else with one character spelled as an escape.
fn spelling_of(name: &'static str) -> impl Strategy<Value = String> {
    prop_oneof![3 => Just(None), 1 => any::<Index>().prop_map(Some)].prop_map(move |escaped| match escaped {
        None => format!("\"{name}\""),
        Some(place) => {
            let (before, rest) = name.split_at(place.index(name.len()));
            let character = u32::from(rest.as_bytes()[0]);
            format!("\"{before}\\u{character:04x}{}\"", &rest[1..])
        }
    })
}
