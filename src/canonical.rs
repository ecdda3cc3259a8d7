//! JSON values as what they say: two spellings of one value have the same digest, and no two values do.
//!
//! A value is written in a canonical form and the form is hashed. The form is JSON without blanks, in which strings have their shortest
//! spelling (`text`), numbers have one spelling (`number`), and an object is replaced by the digest of its members in the order of their
//! names. So most bytes are copied as they stand, each is hashed once, and neither depth nor the number of members costs more than their
//! length, give or take the sorting.
//!
//! The hash is `HighwayHash` with 128 bits of output and a random key for each process: a keyed function made to withstand
//! inputs that are chosen to collide, and several times as fast as `SipHash`, BLAKE3 and SHA-256 on texts of some hundred bytes.

#[expect(clippy::inline_always, reason = "vector code has the machine's instructions only where it is inlined into a dispatch")]
mod integers;
mod number;
mod plain;
#[expect(clippy::inline_always, reason = "as for `integers`")]
mod text;

use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;

use fearless_simd::{Level, Simd, dispatch};
use highway::{HighwayHash, HighwayHasher};

use crate::conversation::cursor::{Cursor, Value};
use crate::conversation::spelled::Spelled;
use number::push_number;

/// The digest of a value.
pub(crate) type Digest = [u8; 16];

/// How many bytes the hash takes in at a time.
const PACKET: usize = 32;

/// The key of this process. Nobody who writes records knows it, so nobody can make two that collide.
static KEY: LazyLock<highway::Key> = LazyLock::new(|| {
    // The standard library keys its hash tables from the system's random numbers.
    let random = RandomState::new();
    highway::Key([0_u64, 1, 2, 3].map(|word| random.hash_one(word)))
});

/// Two JSON values are equal: names in any order, of members with one name the last, strings by what they say, numbers by their exact
/// value.
pub(crate) fn are_equal(one: &[u8], other: &[u8]) -> bool {
    one == other || !plain::differ(one, other) && digest(one) == digest(other)
}

fn digest(value: &[u8]) -> Digest {
    let mut canonical = Canonical::new();
    canonical.push_value(value);
    canonical.digest()
}

fn hash(bytes: &[u8]) -> Digest {
    finish(HighwayHasher::new(*KEY).hash128(bytes))
}

fn finish([low, high]: [u64; 2]) -> Digest {
    (u128::from(high) << 64 | u128::from(low)).to_le_bytes()
}

/// Values in their canonical form, one behind the other, each with a comma behind it. Its memory can be used again.
pub(crate) struct Canonical {
    level: Level,
    bytes: Vec<u8>,
    /// The objects and arrays around the value that comes next.
    open: Vec<Container>,
    /// The members of the open objects, those of an inner one behind those of an outer one.
    members: Vec<Member>,
}

enum Container {
    Array {
        is_empty: bool,
        /// Nothing but runs of integers has been met yet.
        is_of_runs: bool,
    },
    Object {
        /// Where its members begin, in `members`.
        first: usize,
        /// Where the object begins, in `bytes`.
        start: usize,
        /// A member was left out of it.
        lacks: bool,
    },
}

/// What stands at the cursor.
enum Next {
    Value,
    /// The name of a member.
    Name,
    /// Nothing that belongs to the value.
    End,
}

/// A member of an open object, by its place in the canonical form.
#[derive(Clone, Copy)]
struct Member {
    start: usize,
    name_end: usize,
    end: usize,
}

#[expect(clippy::inline_always, reason = "vector code has the machine's instructions only where it is inlined into a dispatch")]
impl Canonical {
    pub(crate) fn new() -> Self {
        Self { level: Level::new(), bytes: Vec::new(), open: Vec::new(), members: Vec::new() }
    }

    /// Forgets what was pushed.
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
    }

    /// The digest of all that was pushed, which ends with a value or a tag.
    pub(crate) fn digest(&mut self) -> Digest {
        // Whole packets are hashed faster than a rest. No form ends with a zero, so that zeros tell nothing.
        let length = self.bytes.len();
        self.bytes.extend([0; PACKET]);
        let digest = hash(&self.bytes[..length.next_multiple_of(PACKET)]);
        self.bytes.truncate(length);
        digest
    }

    /// Appends a byte that tells what follows.
    pub(crate) fn push_tag(&mut self, tag: u8) {
        self.bytes.push(tag);
    }

    /// Appends a value of a record.
    pub(crate) fn push(&mut self, record: &[u8], value: Value<'_>) {
        match value {
            Value::String(text) => self.push_lines(record, &[text]),
            Value::Object(text) | Value::Array(text) | Value::Other(text) => self.push_value(text),
        }
    }

    /// Appends the string that strings of a record are together, each on a line of its own.
    pub(crate) fn push_lines(&mut self, record: &[u8], lines: &[Spelled<'_>]) {
        let level = self.level;
        self.bytes.push(b'"');
        for (at, line) in lines.iter().enumerate() {
            if at > 0 {
                self.bytes.extend(br"\n");
            }
            // Where it stands in the record, whole windows can be read up to its quote.
            let start = line.raw.as_ptr().addr() - record.as_ptr().addr();
            dispatch!(level, simd => text::push_inside(simd, record, start, &mut self.bytes));
        }
        self.bytes.extend(b"\",");
    }

    /// Appends a value, which is valid JSON.
    pub(crate) fn push_value(&mut self, value: &[u8]) {
        self.push_value_without(value, None);
    }

    /// Appends a value without the member whose own value begins at a position of the text, nor objects that hold nothing else.
    pub(crate) fn push_value_without(&mut self, value: &[u8], left_out: Option<usize>) {
        let level = self.level;
        dispatch!(level, simd => self.push_all(simd, value, left_out));
        self.bytes.push(b',');
    }

    #[inline(always)]
    fn push_all<S: Simd>(&mut self, simd: S, value: &[u8], left_out: Option<usize>) {
        let (mut cursor, mut next) = (Cursor::new(value), Next::Value);
        loop {
            next = match next {
                Next::End => return,
                Next::Name if self.push_name(simd, value, &mut cursor, left_out) => Next::Value,
                Next::Name => self.step(&mut cursor),
                Next::Value => {
                    match cursor.peek() {
                        b'"' => cursor.go_to(text::push(simd, value, cursor.position() + 1, &mut self.bytes)),
                        b'-' | b'0'..=b'9' => {
                            if self.push_run(simd, value, &mut cursor) {
                                continue;
                            }
                            push_number(cursor.value().spelling(), &mut self.bytes);
                        }
                        _ => self.push_other(&mut cursor),
                    }
                    self.step(&mut cursor)
                }
            };
        }
    }

    /// Appends the name of a member, and steps to its value. False for a member that is left out, which is stepped over.
    #[inline(always)]
    fn push_name<S: Simd>(&mut self, simd: S, text: &[u8], cursor: &mut Cursor<'_>, left_out: Option<usize>) -> bool {
        let start = self.bytes.len();
        cursor.go_to(text::push(simd, text, cursor.position() + 1, &mut self.bytes));
        cursor.enter_value();
        if left_out == Some(cursor.position()) {
            cursor.value();
            self.leave_out(start);
            return false;
        }
        self.members.push(Member { start, name_end: self.bytes.len(), end: 0 });
        true
    }

    /// Appends the integers that come next in an array, as far as they are spelled as their canonical form is, and steps to the element
    /// behind them. False if there are none, or if it is too near the end to tell.
    #[inline(always)]
    fn push_run<S: Simd>(&mut self, simd: S, text: &[u8], cursor: &mut Cursor<'_>) -> bool {
        let Some(Container::Array { is_of_runs: is_of_runs @ true, .. }) = self.open.last_mut() else { return false };
        let rest = &text[cursor.position()..];
        let length = integers::run(simd, rest);
        *is_of_runs = length > 0;
        self.bytes.extend_from_slice(&rest[..length]);
        cursor.go_to(cursor.position() + length);
        length > 0
    }

    /// Appends a literal, or opens an object or array.
    fn push_other(&mut self, cursor: &mut Cursor<'_>) {
        match cursor.peek() {
            b'{' => {
                cursor.enter();
                self.open.push(Container::Object { first: self.members.len(), start: self.bytes.len(), lacks: false });
            }
            b'[' => {
                cursor.enter();
                self.bytes.push(b'[');
                self.open.push(Container::Array { is_empty: true, is_of_runs: true });
            }
            literal => {
                cursor.value();
                self.bytes.push(literal);
            }
        }
    }

    /// Behind a value or an opening bracket, closes what ends there, and moves to what comes next.
    fn step(&mut self, cursor: &mut Cursor<'_>) -> Next {
        loop {
            match self.open.last_mut() {
                None => return Next::End,
                Some(Container::Array { is_empty, .. }) => {
                    if !std::mem::take(is_empty) {
                        self.bytes.push(b',');
                    }
                    if cursor.next_element() {
                        return Next::Value;
                    }
                    self.bytes.push(b']');
                    self.open.pop();
                }
                Some(Container::Object { first, start, lacks }) => {
                    if let Some(member) = self.members[*first..].last_mut().filter(|member| member.end == 0) {
                        member.end = self.bytes.len();
                    }
                    if cursor.next_name() {
                        return Next::Name;
                    }
                    let (first, start, lacks) = (*first, *start, *lacks);
                    self.close(first, start, lacks);
                }
            }
        }
    }

    /// Takes back the name of a member that is left out, which begins at a position of `bytes`.
    fn leave_out(&mut self, name: usize) {
        self.bytes.truncate(name);
        if let Some(Container::Object { lacks, .. }) = self.open.last_mut() {
            *lacks = true;
        }
    }

    /// Puts the digest of an object's members in their place.
    fn close(&mut self, first: usize, start: usize, lacks: bool) {
        self.open.pop();
        let is_emptied = lacks && self.members.len() == first;
        if is_emptied && let Some(Container::Object { lacks, .. }) = self.open.last_mut() {
            *lacks = true;
            let member = self.members.pop().expect("the object is the value of one");
            self.bytes.truncate(member.start);
            return;
        }
        let digest = self.digest_of_members(first, start);
        self.members.truncate(first);
        self.bytes.truncate(start);
        self.bytes.push(b'{');
        self.bytes.extend(digest);
    }

    fn digest_of_members(&mut self, first: usize, start: usize) -> Digest {
        let bytes = &self.bytes;
        let members = &mut self.members[first..];
        let name = |member: &Member| &bytes[member.start..member.name_end];
        if members.is_sorted_by(|one, next| name(one) < name(next)) {
            return hash(&bytes[start..]);
        }
        members.sort_unstable_by(|one, other| name(one).cmp(name(other)).then(one.start.cmp(&other.start)));
        let mut hasher = HighwayHasher::new(*KEY);
        for (at, member) in members.iter().enumerate() {
            let counts = members.get(at + 1).is_none_or(|next| name(next) != name(member));
            if counts {
                hasher.append(&bytes[member.start..member.end]);
            }
        }
        finish(hasher.finalize128())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn equal(one: &str, other: &str) -> bool {
        digest(one.as_bytes()) == digest(other.as_bytes())
    }

    #[test]
    fn spellings_of_one_value_are_equal() {
        for (one, other) in [
            ("1", "10e-1"),
            (r#"{"a":1,"b":[true,null]}"#, r#" { "b" : [ true , null ] , "\u0061" : 1.0 } "#),
            (r#""é/😀""#, r#""\u00e9\/\ud83d\ude00""#),
            (r#"{"a":1,"a":2}"#, r#"{"a":2}"#),
            (r#"{"b":0,"a":1,"\u0061":{"x":[]}}"#, r#"{"a":{"x":[]},"b":-0}"#),
            (r#"["\ud800"]"#, r#"["\uD800"]"#),
            ("{}", "{ }"),
            ("[[],[]]", "[ [ ] , [] ]"),
        ] {
            assert!(equal(one, other), "{one} {other}");
            assert!(are_equal(one.as_bytes(), other.as_bytes()));
        }
    }

    #[test]
    fn integers_are_read_up_to_what_stands_among_them() {
        let integers = |space: &str| (0..100).map(|number| (number * 37 - 100).to_string() + "," + space).collect::<String>();
        for other in [r#""x""#, "[1,2]", "{}", "-0.5", "null", "1234567890123456789012"] {
            let [one, spread] = ["", " "].map(|space| format!("[{0}{other},{0}{other}]", integers(space)));
            assert!(equal(&one, &spread), "{one}");
            assert!(!equal(&one, &one.replacen("-100,", "-101,", 1)), "{one}");
            assert!(!equal(&one, &one.replacen(other, "7", 1)), "{one}");
        }
    }

    #[test]
    fn different_values_are_different() {
        let values = [
            "1",
            "-1",
            "2",
            "\"1\"",
            "true",
            "false",
            "null",
            "[]",
            "{}",
            "\"\"",
            "[1]",
            "[[1]]",
            "[1,2]",
            "[2,1]",
            "[12]",
            "[[],1]",
            "[[1],2]",
            r#"["12"]"#,
            r#"["1","2"]"#,
            r#"{"a":1}"#,
            r#"{"b":1}"#,
            r#"{"a":[1]}"#,
            r#"{"a":1,"b":1}"#,
            r#"{"a":{"b":1}}"#,
            r#"[{"a":1}]"#,
            r#"{"":{}}"#,
            r#""\ud800""#,
            r#""\ud801""#,
            r#""\ufffd""#,
            r#""\udc00""#,
            "1e400",
            "2e400",
            "0.1",
            "10",
        ];
        for (at, one) in values.iter().enumerate() {
            for other in &values[at + 1..] {
                assert!(!equal(one, other), "{one} {other}");
            }
        }
    }

    #[test]
    fn a_member_is_left_out_with_the_objects_that_hold_nothing_else() {
        let without = |text: &str| {
            let mut canonical = Canonical::new();
            canonical.push_value_without(text.as_bytes(), text.find("[0]"));
            canonical.digest()
        };
        assert_eq!(without(r#"{"a":1,"p":[0]}"#), without(r#"{"a":1}"#));
        assert_eq!(without(r#"{"p":[0],"a":1}"#), without(r#"{"a":1}"#));
        assert_eq!(without(r#"{"p":[0]}"#), without("{}"));
        assert_eq!(without(r#"{"b":2,"m":{"n":{"p":[0]}},"a":1}"#), without(r#"{"a":1,"b":2}"#));
        assert_eq!(without(r#"{"m":{"p":[0],"n":{}}}"#), without(r#"{"m":{"n":{}}}"#));
        assert_ne!(without(r#"{"m":{}}"#), without("{}"));
    }

    #[test]
    fn depth_costs_no_stack() {
        const DEPTH: usize = 100_000;
        let deep = |open: &str, close: &str| format!("{}1{}", open.repeat(DEPTH), close.repeat(DEPTH));
        assert!(equal(&deep("[", "]"), &deep(" [ ", "]")));
        assert!(equal(&deep("{\"b\":2,\"a\":", "}"), &deep("{\"a\":", ",\"b\":2}")));
    }

    /// A value, spelled in one way.
    fn json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            (-3_i32..3).prop_map(Into::into),
            "[a-cé\n]{0,2}".prop_map(Into::into),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
                proptest::collection::hash_map("[ab]{0,2}", inner, 0..4)
                    .prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn digests_are_equal_where_values_are(one in json(), other in json()) {
            prop_assert_eq!(equal(&one.to_string(), &other.to_string()), one == other);
            prop_assert_eq!(are_equal(one.to_string().as_bytes(), other.to_string().as_bytes()), one == other);
            let spread = format!("{one:#}");
            prop_assert!(equal(&one.to_string(), &spread));
        }
    }
}
