//! Objects that plainly differ, which is told faster than their digests.

use crate::conversation::cursor::{Cursor, Value};

/// How many members an object has at most that is looked at here.
const MOST: usize = 8;

/// Two values are objects of a few members, and differ in a string or in which members they have. False says nothing.
pub(super) fn differ(one: &[u8], other: &[u8]) -> bool {
    let (Some(one), Some(other)) = (Members::of(one), Members::of(other)) else { return false };
    let differs = |(name, value): &(&[u8], Value<'_>)| match (value, other.get(name)) {
        (_, None) => true,
        (Value::String(one), Some(Value::String(other))) => one.decode() != other.decode(),
        _ => false,
    };
    one.count != other.count || one.iter().any(differs)
}

/// The members of an object in which all names are spelled without escapes and different.
struct Members<'t> {
    members: [(&'t [u8], Value<'t>); MOST],
    count: usize,
}

impl<'t> Members<'t> {
    fn of(object: &'t [u8]) -> Option<Self> {
        let mut cursor = Cursor::new(object);
        if cursor.peek() != b'{' {
            return None;
        }
        cursor.enter();
        let mut members = Self { members: [(b"", Value::Other(b"")); MOST], count: 0 };
        while let Some(name) = cursor.next_member() {
            if !name.is_plain() {
                return None;
            }
            let raw = name.raw;
            if members.count == MOST || members.get(raw).is_some() {
                return None;
            }
            members.members[members.count] = (raw, cursor.value());
            members.count += 1;
        }
        Some(members)
    }

    fn iter(&self) -> impl Iterator<Item = &(&'t [u8], Value<'t>)> {
        self.members[..self.count].iter()
    }

    fn get(&self, name: &[u8]) -> Option<Value<'t>> {
        self.iter().find(|(own, _)| *own == name).map(|(_, value)| *value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_plainly_is_told() {
        for (one, other) in [
            (r#"{"a":"x"}"#, r#"{"a":"y"}"#),
            (r#"{"a":1,"b":"x"}"#, r#"{ "b" : "y", "a":1.0}"#),
            (r#"{"a":1}"#, r#"{"b":1}"#),
            (r#"{"a":1}"#, "{}"),
            ("{}", r#"{"a":1}"#),
        ] {
            assert!(differ(one.as_bytes(), other.as_bytes()), "{one} {other}");
        }
    }

    #[test]
    fn nothing_is_said_of_what_may_be_equal() {
        for (one, other) in [
            (r#"{"a":"x"}"#, r#"{"a":"\u0078"}"#),
            (r#"{"a":"x"}"#, r#"{"\u0061":"y"}"#),
            (r#"{"a":"x"}"#, r#"{"a":"y","a":"x"}"#),
            (r#"{"a":1}"#, r#"{"a":1.0}"#),
            ("[1]", "[2]"),
            ("1", "{}"),
        ] {
            assert!(!differ(one.as_bytes(), other.as_bytes()), "{one} {other}");
            assert!(!differ(other.as_bytes(), one.as_bytes()), "{other} {one}");
        }
    }
}
