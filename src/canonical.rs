//! JSON values as what they say: two spellings of one value have the same digest, and no two values do.
//!
//! A value is written in a canonical form, in which strings are decoded and numbers have one spelling, and the form is hashed.
//! An object is replaced in it by the digest of its members in the order of their names. So nothing is moved, each byte is hashed once, and
//! neither depth nor the number of members costs more than their length, give or take the sorting.
//!
//! The hash is `HighwayHash` with 128 bits of output and a random key for each process: a keyed function made to withstand
//! inputs that are chosen to collide, and several times as fast as `SipHash`, BLAKE3 and SHA-256 on texts of some hundred bytes.

mod number;
mod plain;

use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;

use highway::{HighwayHash, HighwayHasher};

use crate::conversation::cursor::{Cursor, Value};
use crate::conversation::spelled::{Escapes, Spelled, decode_into};
use number::push_number;

/// The digest of a value.
pub(crate) type Digest = [u8; 16];

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
    let mut canonical = Canonical::with_capacity(value.len() + 64);
    canonical.push_value(value);
    canonical.digest()
}

fn hash(bytes: &[u8]) -> Digest {
    finish(HighwayHasher::new(*KEY).hash128(bytes))
}

fn finish([low, high]: [u64; 2]) -> Digest {
    (u128::from(high) << 64 | u128::from(low)).to_le_bytes()
}

/// Values in their canonical form, one behind the other. No value's form is the start of another's.
pub(crate) struct Canonical {
    bytes: Vec<u8>,
    /// The objects and arrays around the value that comes next.
    open: Vec<Container>,
    /// The members of the open objects, those of an inner one behind those of an outer one.
    members: Vec<Member>,
}

enum Container {
    Array,
    Object {
        /// Where its members begin, in `members`.
        first: usize,
        /// Where the object begins, in `bytes`.
        start: usize,
        /// A member was left out of it.
        lacks: bool,
    },
}

/// A member of an open object, by its place in the canonical form.
#[derive(Clone, Copy)]
struct Member {
    start: usize,
    name_end: usize,
    end: usize,
}

/// The length of a string before it.
const LENGTH: usize = size_of::<u64>();

impl Canonical {
    pub(crate) fn with_capacity(bytes: usize) -> Self {
        Self { bytes: Vec::with_capacity(bytes), open: Vec::new(), members: Vec::new() }
    }

    /// The digest of all that was pushed.
    pub(crate) fn digest(&self) -> Digest {
        hash(&self.bytes)
    }

    /// Appends a byte that tells what follows.
    pub(crate) fn push_tag(&mut self, tag: u8) {
        self.bytes.push(tag);
    }

    /// Appends a value.
    pub(crate) fn push(&mut self, value: Value<'_>) {
        match value {
            Value::String(text) => self.push_string(text),
            Value::Object(text) | Value::Array(text) | Value::Other(text) => self.push_value(text),
        }
    }

    /// Appends a value, which is valid JSON.
    pub(crate) fn push_value(&mut self, value: &[u8]) {
        self.push_value_without(value, None);
    }

    /// Appends a value without the member whose own value begins at a position of the text, nor objects that hold nothing else.
    pub(crate) fn push_value_without(&mut self, value: &[u8], left_out: Option<usize>) {
        let mut cursor = Cursor::new(value);
        loop {
            self.push_one(&mut cursor);
            if !self.step(&mut cursor, left_out) {
                return;
            }
        }
    }

    fn push_string(&mut self, text: Spelled<'_>) {
        self.push_text(|bytes| match text.escapes {
            Escapes::None => bytes.extend_from_slice(text.raw),
            Escapes::Plain | Escapes::Hiding => decode_into(text.raw, bytes),
        });
    }

    /// Appends a string, which `push` appends by what it says in WTF-8.
    pub(crate) fn push_text(&mut self, push: impl FnOnce(&mut Vec<u8>)) {
        self.bytes.push(b'"');
        let start = self.bytes.len() + LENGTH;
        self.bytes.extend([0; LENGTH]);
        push(&mut self.bytes);
        let length = (self.bytes.len() - start) as u64;
        self.bytes[start - LENGTH..start].copy_from_slice(&length.to_le_bytes());
    }

    /// Appends the value at the cursor, or opens it if it holds others.
    fn push_one(&mut self, cursor: &mut Cursor<'_>) {
        match cursor.peek() {
            b'{' => {
                cursor.enter();
                self.open.push(Container::Object { first: self.members.len(), start: self.bytes.len(), lacks: false });
            }
            b'[' => {
                cursor.enter();
                self.bytes.push(b'[');
                self.open.push(Container::Array);
            }
            b'"' => self.push_string(cursor.string()),
            b'-' | b'0'..=b'9' => push_number(cursor.value().spelling(), &mut self.bytes),
            literal => {
                cursor.value();
                self.bytes.push(literal);
            }
        }
    }

    /// Moves to the next value, closing what ends before it; false where there is none.
    fn step(&mut self, cursor: &mut Cursor<'_>, left_out: Option<usize>) -> bool {
        loop {
            match self.open.last_mut() {
                None => return false,
                Some(Container::Array) => {
                    if cursor.next_element() {
                        return true;
                    }
                    self.bytes.push(b']');
                    self.open.pop();
                }
                Some(Container::Object { first, start, lacks }) => {
                    if let Some(member) = self.members[*first..].last_mut().filter(|member| member.end == 0) {
                        member.end = self.bytes.len();
                    }
                    match cursor.next_member() {
                        None => {
                            let (first, start, lacks) = (*first, *start, *lacks);
                            self.close(first, start, lacks);
                        }
                        Some(_) if left_out == Some(cursor.position()) => {
                            *lacks = true;
                            cursor.value();
                        }
                        Some(name) => {
                            self.begin_member(name);
                            return true;
                        }
                    }
                }
            }
        }
    }

    fn begin_member(&mut self, name: Spelled<'_>) {
        let start = self.bytes.len();
        self.push_string(name);
        self.members.push(Member { start, name_end: self.bytes.len(), end: 0 });
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
        let name = |member: &Member| &bytes[member.start + 1 + LENGTH..member.name_end];
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
            let mut canonical = Canonical::with_capacity(0);
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
