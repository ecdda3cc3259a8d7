//! Records with the content of an earlier one.
//!
//! Finding them has two halves. A [`Fingerprint`] says what a record's content is; any worker takes it, at any time. Whether
//! it was [`Seen`] before is asked in the order of the records, by whoever holds that order.

mod seen;

pub(crate) use seen::Fingerprints;
pub use seen::Seen;

use crate::canonical::{Canonical, Digest};
use crate::conversation::Source;
use crate::conversation::cursor::{Cursor, Value};
use crate::conversation::top::member;
use crate::pointer::Pointer;
use crate::screen::Look;

/// What makes two records duplicates.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DuplicateKey {
    pointers: Vec<Pointer>,
}

impl DuplicateKey {
    /// Their content: the conversation, `rejected` or `rejected_messages`, and `tools` where a record has a conversation, else the record
    /// without its provenance.
    #[must_use]
    pub fn content() -> Self {
        Self::default()
    }

    /// Just what stands at these places. Records in which nothing does are no duplicates of each other. Without a pointer it is
    /// the content.
    #[must_use]
    pub fn at(pointers: Vec<Pointer>) -> Self {
        Self { pointers }
    }
}

/// What a record's content is, in 16 bytes. It has a meaning in this process alone.
///
/// Contents that are equal as JSON have the same fingerprint: the order of names, blanks, escapes and the spelling of numbers do not matter.
/// Others have different ones, but for a chance of about one in 2^128 for each two of them, which nobody who writes records can better: the hash is
/// keyed with a random number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint(Digest);

impl Fingerprint {
    /// The fingerprint of a record's content; nothing where a key is given and nothing stands there.
    #[must_use]
    pub fn of(record: &Look<'_>, key: &DuplicateKey) -> Option<Self> {
        Self::take(record, key, &mut Canonical::new())
    }

    /// As [`Fingerprint::of`], with memory that can be used again.
    pub(crate) fn take(record: &Look<'_>, key: &DuplicateKey, content: &mut Canonical) -> Option<Self> {
        content.clear();
        if !key.pointers.is_empty() {
            push_values(content, record.record(), key)?;
        } else if let Some(conversation) = record.source() {
            push_conversation(content, conversation, record);
        } else {
            content.push_tag(b'R');
            content.push_value_without(record.record(), record.provenance().map(|place| place.start));
        }
        Some(Self(content.digest()))
    }
}

fn push_conversation(content: &mut Canonical, conversation: Source<'_>, record: &Look<'_>) {
    match conversation {
        Source::Values { first, last } => {
            content.push_tag(b'V');
            content.push_value(first);
            if let Some(last) = last {
                content.push_value(last);
            }
        }
        Source::Texts { user, input, assistant } => {
            content.push_tag(b'T');
            match input {
                None => content.push_lines(record.record(), &[user]),
                Some(input) => content.push_lines(record.record(), &[user, input]),
            }
            content.push_lines(record.record(), &[assistant]);
        }
    }
    let top = record.top();
    let not_null = |value: &Value<'_>| !value.is_null();
    let rejected = top.rejected.filter(not_null).or(top.rejected_messages.filter(not_null));
    content.push_tag(b'-');
    for value in [rejected, top.tools.filter(not_null)] {
        push_optional(content, record.record(), value);
    }
}

fn push_values(content: &mut Canonical, record: &[u8], key: &DuplicateKey) -> Option<()> {
    content.push_tag(b'P');
    let mut is_any_there = false;
    for pointer in &key.pointers {
        let value = follow(record, pointer);
        is_any_there |= value.is_some();
        push_optional(content, record, value);
    }
    is_any_there.then_some(())
}

fn push_optional(content: &mut Canonical, record: &[u8], value: Option<Value<'_>>) {
    match value {
        Some(value) => {
            content.push_tag(b'+');
            content.push(record, value);
        }
        None => content.push_tag(b'-'),
    }
}

/// The value that a pointer leads to. Of members with one name the last counts.
fn follow<'t>(record: &'t [u8], pointer: &Pointer) -> Option<Value<'t>> {
    let whole = Value::of(record);
    pointer.tokens().iter().try_fold(whole, |value, token| match (value, token.position) {
        (Value::Object(object), _) => member(object, &token.name),
        (Value::Array(array), Some(position)) => element(array, position),
        _ => None,
    })
}

fn element(array: &[u8], position: usize) -> Option<Value<'_>> {
    let mut cursor = Cursor::inside(array);
    for _ in 0..position {
        if !cursor.next_element() {
            return None;
        }
        cursor.value();
    }
    cursor.next_element().then(|| cursor.value())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(record: &str) -> Option<Fingerprint> {
        Fingerprint::of(&Look::at(record.as_bytes()), &DuplicateKey::content())
    }

    fn at(pointers: &[&str], record: &str) -> Option<Fingerprint> {
        let pointers = pointers.iter().map(|pointer| Pointer::parse(pointer).expect("a pointer")).collect();
        Fingerprint::of(&Look::at(record.as_bytes()), &DuplicateKey::at(pointers))
    }

    #[test]
    fn of_a_record_with_a_conversation_that_and_little_more_counts() {
        let record = r#"{"messages":[{"role":"user","content":"a"}],"score":1}"#;
        for same in [
            r#"{"score":2,"x":[],"messages":[{"content":"\u0061" , "role":"user"}]}"#,
            r#"{"conversations":[{"role":"user","content":"a"}]}"#,
            r#"{"chosen":[{"role":"user","content":"a"}]}"#,
            r#"{"messages":[{"role":"user","content":"a"}],"rejected":null,"tools":null}"#,
        ] {
            assert_eq!(of(same), of(record), "{same}");
        }
        for other in [
            r#"{"messages":[{"role":"user","content":"b"}]}"#,
            r#"{"messages":[{"role":"user","content":"a","x":1}]}"#,
            r#"{"messages":[{"role":"user","content":"a"}],"tools":[]}"#,
            r#"{"messages":[{"role":"user","content":"a"}],"rejected":[]}"#,
            r#"{"messages":[{"role":"user","content":"a"}],"rejected_messages":"[]"}"#,
            r#"{"messages":[{"role":"user","content":"a"}],"chosen":{"role":"assistant"}}"#,
            r#"{"prompt":[],"chosen":[{"role":"user","content":"a"}]}"#,
        ] {
            assert_ne!(of(other), of(record), "{other}");
        }
        let tools = r#"{"messages":[],"tools":[]}"#;
        assert_ne!(of(tools), of(&tools.replace("tools", "rejected")));
        assert_eq!(of(r#"{"messages":[],"rejected":1}"#), of(r#"{"messages":[],"rejected_messages":1.0,"rejected":null}"#));
    }

    #[test]
    fn two_texts_are_compared_whatever_their_members_are_called() {
        let record = r#"{"prompt":"a\nb","chosen":"c","rejected":"d","score":1}"#;
        assert_eq!(of(record), of(r#"{"instruction":"a","input":"b","output":"c","rejected":"d"}"#));
        assert_eq!(of(record), of(r#"{"prompt":"a\u000ab","response":"c","rejected":"d"}"#));
        assert_ne!(of(record), of(r#"{"prompt":"a\nb","chosen":"c","rejected":"e"}"#));
        assert_ne!(of(r#"{"prompt":"ab","chosen":"c"}"#), of(r#"{"prompt":"a","chosen":"bc"}"#));
        assert_ne!(of(r#"{"prompt":"\ud800","chosen":""}"#), of(r#"{"prompt":"\ud801","chosen":""}"#));
    }

    #[test]
    fn any_other_record_counts_as_a_whole_without_its_provenance() {
        let past = |record: &str| {
            let place = record.find("{\"source\"").map(|start| start..start + 1);
            Fingerprint::of(&Look::at(record.as_bytes()).past(place), &DuplicateKey::content())
        };
        let record = r#"{"a":1,"b":[2]}"#;
        assert_eq!(of(record), of(r#"{ "b":[2.0],"a":1e0}"#));
        assert_ne!(of(record), of(r#"{"a":1,"b":[2],"c":3}"#));
        assert_eq!(past(r#"{"a":1,"provenance":{"source":"x"},"b":[2]}"#), of(record));
        assert_eq!(past(r#"{"a":1,"b":[2],"m":{"p":{"source":"x"}}}"#), of(record));
        assert_ne!(past(r#"{"a":1,"b":[2],"m":{"p":{"source":"x"},"q":1}}"#), of(record));
    }

    #[test]
    fn with_a_key_only_what_stands_there_counts() {
        let record = r#"{"id":{"a":[1,"x"]},"b":2}"#;
        assert_eq!(at(&["/id/a/1"], record), at(&["/id/a/1"], r#"{"id":{"a":[2,"\u0078"]}}"#));
        assert_eq!(at(&["/b", "/none"], record), at(&["/b", "/none"], r#"{"b":2.0}"#));
        assert_ne!(at(&["/b", "/c"], r#"{"b":1}"#), at(&["/b", "/c"], r#"{"c":1}"#));
        assert_ne!(at(&["/b", "/c"], r#"{"b":1}"#), at(&["/b", "/c"], r#"{"b":1,"c":null}"#));
        assert_ne!(at(&["/b"], r#"{"b":{"x":1}}"#), at(&["/b"], r#"{"b":{"x":2}}"#));
        for nothing in ["/none", "/id/a/2", "/id/a/-", "/id/0", "/b/0"] {
            assert_eq!(at(&[nothing], record), None, "{nothing}");
        }
        assert!(at(&["/b"], r#"{"b":null}"#).is_some());
        assert_eq!(at(&["/b"], r#"{"b":1,"b":2}"#), at(&["/b"], record));
    }
}
