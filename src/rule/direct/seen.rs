//! Values for direct evaluation: where they are in the record, read no further than needed.

use std::borrow::Cow;

use jaq_core::ops::Cmp;
use jaq_json::Num;

use crate::conversation::cursor::{Cursor, Value};
use crate::conversation::spelled::{Escapes, Spelled, decoded};
use crate::rule::json;

/// Why a term has no value.
pub(super) enum Stop {
    /// It is for jaq to say.
    Unclear,
    /// The filter fails, for this reason.
    Fails(String),
}

/// A value, or why there is none.
pub(super) type Sight<T> = Result<T, Stop>;

/// A result of a term.
#[derive(Clone)]
pub(super) enum Seen<'v> {
    Null,
    Bool(bool),
    Number(Num),
    Text(Spelled<'v>),
    Array(&'v [u8]),
    Object(&'v [u8]),
    /// The record itself, which may stand in the line otherwise than filters see it.
    Record,
}

impl<'v> Seen<'v> {
    /// The value that is spelled in valid JSON.
    pub(super) fn of(spelling: &'v [u8]) -> Sight<Self> {
        Self::of_value(match spelling {
            // Where these end is known.
            [b'[', ..] => Value::Array(spelling),
            [b'{', ..] => Value::Object(spelling),
            [b'"', raw @ .., b'"'] if memchr::memchr(b'\\', raw).is_none() => Value::String(Spelled::with(raw, Escapes::None)),
            [b'"', ..] => Value::of(spelling),
            _ => Value::Other(spelling),
        })
    }

    fn of_value(value: Value<'v>) -> Sight<Self> {
        Ok(match value {
            Value::String(text) => Self::Text(text),
            Value::Array(array) => Self::Array(array),
            Value::Object(object) => Self::Object(object),
            Value::Other(b"null") => Self::Null,
            Value::Other(b"true") => Self::Bool(true),
            Value::Other(b"false") => Self::Bool(false),
            Value::Other(spelling) => {
                let spelling = std::str::from_utf8(spelling).map_err(|_| Stop::Unclear)?;
                Self::Number(number(spelling).ok_or(Stop::Unclear)?)
            }
        })
    }

    /// The text of a filter.
    pub(super) fn text_of(constant: &'v [u8]) -> Self {
        Self::Text(Spelled::with(constant, Escapes::None))
    }

    pub(super) fn is_true(&self) -> bool {
        !matches!(self, Self::Null | Self::Bool(false))
    }

    /// The member of an object; of null, null. Of members with the same name the last one counts.
    pub(super) fn member(&self, name: &[u8]) -> Sight<Self> {
        let object = match self {
            Self::Null => return Ok(Self::Null),
            Self::Object(object) => *object,
            _ => return Err(Stop::Unclear),
        };
        let mut cursor = Cursor::inside(object);
        let mut found = None;
        while let Some(own) = cursor.next_member() {
            let value = cursor.value();
            if is_text(own, name) {
                found = Some(value);
            }
        }
        found.map_or(Ok(Self::Null), Self::of_value)
    }

    /// The element of an array at a position, from the end if that is negative; of null, null.
    pub(super) fn element(&self, position: isize) -> Sight<Self> {
        let array = match self {
            Self::Null => return Ok(Self::Null),
            Self::Array(array) => *array,
            _ => return Err(Stop::Unclear),
        };
        let position = match usize::try_from(position) {
            Ok(position) => Some(position),
            Err(_) => count(array).checked_sub(position.unsigned_abs()),
        };
        let found = position.and_then(|position| elements(array).nth(position));
        found.map_or(Ok(Self::Null), Self::of_value)
    }

    /// The elements of an array. `is_optional` says that what can have none has none.
    pub(super) fn elements(&self, is_optional: bool) -> Sight<impl Iterator<Item = Sight<Self>> + use<'v>> {
        let array = match self {
            Self::Array(array) => *array,
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::Text(_) if is_optional => b"[]",
            _ => return Err(Stop::Unclear),
        };
        Ok(elements(array).map(Self::of_value))
    }

    /// The length as jaq counts it.
    pub(super) fn length(&self) -> Sight<Num> {
        let length = match self {
            Self::Null => 0,
            Self::Text(text) => decode(*text).iter().filter(|byte| **byte & 0xc0 != 0x80).count(),
            Self::Array(array) => count(array),
            Self::Object(object) => names(object),
            Self::Number(Num::Int(number)) => return number.checked_abs().map(Num::Int).ok_or(Stop::Unclear),
            Self::Number(Num::Float(number)) => return Ok(Num::Float(number.abs())),
            Self::Number(_) | Self::Bool(_) | Self::Record => return Err(Stop::Unclear),
        };
        length.try_into().map(Num::Int).map_err(|_| Stop::Unclear)
    }

    pub(super) fn text(&self) -> Sight<Spelled<'v>> {
        match self {
            Self::Text(text) => Ok(*text),
            _ => Err(Stop::Unclear),
        }
    }

    /// The place of the value's type in jq's order.
    fn rank(&self) -> u8 {
        match self {
            Self::Null => 0,
            Self::Bool(_) => 1,
            Self::Number(_) => 2,
            Self::Text(_) => 3,
            Self::Array(_) => 4,
            Self::Object(_) | Self::Record => 5,
        }
    }

    pub(super) fn compare(&self, how: Cmp, other: &Self) -> Sight<bool> {
        match (self, other) {
            (Self::Bool(one), Self::Bool(other)) => Ok(how.run(one, other)),
            (Self::Number(one), Self::Number(other)) => Ok(how.run(one, other)),
            (Self::Text(one), Self::Text(other)) => Ok(how.run(&decode(*one), &decode(*other))),
            _ if self.rank() == other.rank() && self.rank() >= 4 => Err(Stop::Unclear),
            _ => Ok(how.run(&self.rank(), &other.rank())),
        }
    }
}

/// The values of an array.
fn elements(array: &[u8]) -> impl Iterator<Item = Value<'_>> {
    let mut cursor = Cursor::inside(array);
    std::iter::from_fn(move || cursor.next_element().then(|| cursor.value()))
}

fn count(array: &[u8]) -> usize {
    elements(array).count()
}

/// How many names the members of an object have.
fn names(object: &[u8]) -> usize {
    let mut cursor = Cursor::inside(object);
    let mut names = Vec::new();
    while let Some(name) = cursor.next_member() {
        cursor.value();
        names.push(decode(name));
    }
    names.sort_unstable();
    names.dedup();
    names.len()
}

/// The string says this text.
fn is_text(spelled: Spelled<'_>, text: &[u8]) -> bool {
    if spelled.is_plain() { spelled.raw == text } else { *decode(spelled) == *text }
}

/// What a string says, with U+FFFD for each lone surrogate.
pub(super) fn decode(text: Spelled<'_>) -> Cow<'_, [u8]> {
    if text.is_plain() {
        return Cow::Borrowed(text.raw);
    }
    let said = decoded(text.raw);
    let has_surrogate = memchr::memchr_iter(0xed, &said).any(|at| said.get(at + 1).is_some_and(|&next| next >= 0xa0));
    Cow::Owned(if has_surrogate { json::unescaped(text.raw) } else { said })
}

/// A number of JSON, as jaq compares it; nothing for an integer beyond a machine's.
pub(super) fn number(text: &str) -> Option<Num> {
    if text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') {
        text.parse().ok().map(Num::Int)
    } else {
        text.parse().ok().map(Num::Float)
    }
}
