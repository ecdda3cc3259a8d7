//! The calls of an assistant turn, in all the forms in which layouts write them.

use std::borrow::Cow;

use serde::de::IgnoredAny;

use super::cursor::{Cursor, Value};
use super::text::{Block, Text};
use super::turn::{CallPart, Role, TOOL_CALL, Turn, name_of};

/// A call of a tool.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Call<'t> {
    /// The id that results name it by.
    pub(crate) id: Option<Cow<'t, [u8]>>,
    /// The tool that it calls.
    pub(crate) name: Option<Cow<'t, [u8]>>,
    /// The arguments as the text of a JSON object, if that is what they are.
    pub(crate) arguments: Option<Cow<'t, [u8]>>,
    /// Whether the call could be read.
    pub(crate) form: Form,
}

/// Whether the text of a call could be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// It is JSON.
    Json,
    /// It is not JSON.
    Broken,
}

impl<'t> Call<'t> {
    const BROKEN: Self = Self { id: None, name: None, arguments: None, form: Form::Broken };
    /// JSON that is no object, and so says nothing of a call.
    const EMPTY: Self = Self { form: Form::Json, ..Self::BROKEN };

    /// The calls of a turn, in order. Only an assistant turn has any.
    pub(crate) fn all_of(turn: &Turn<'t>) -> Vec<Self> {
        let mut calls = Vec::new();
        if turn.role != Role::Assistant {
            return calls;
        }
        if let Some(listed) = turn.tool_calls {
            let mut cursor = Cursor::inside(listed);
            while cursor.next_element() {
                calls.push(Self::listed(cursor.value()));
            }
        }
        calls.extend(turn.function_call.map(Self::plain));
        calls.extend(turn.call_parts.iter().map(|part| match part {
            CallPart::ToolUse(part) => Self::used(part),
            CallPart::ToolCall(value) => Self::in_part(*value),
        }));
        if turn.is_call {
            calls.extend((!turn.text.is_blank()).then(|| Self::in_text(turn.text.clone())));
        } else {
            calls.extend(turn.text.blocks(&TOOL_CALL).map(|block| match block {
                Block::Closed(text) => Self::in_text(text),
                Block::Open(_) => Self::BROKEN,
            }));
        }
        calls
    }

    /// An element of `tool_calls`.
    fn listed(element: Value<'t>) -> Self {
        let Value::Object(object) = element else { return Self::EMPTY };
        let Members { id, name, arguments, function, .. } = Members::of(object);
        let inner = function.and_then(Value::object).map(Members::of);
        let (name, arguments) = inner.map_or((name, arguments), |inner| (inner.name, inner.arguments));
        Self { id: name_of(id), name: name_of(name), arguments: arguments.and_then(arguments_of), form: Form::Json }
    }

    /// A value with `name` and `arguments`.
    fn plain(value: Value<'t>) -> Self {
        if let Value::Object(object) = value { Self::of_object(object) } else { Self::EMPTY }
    }

    /// JSON, which is an object with `name` and `arguments`, or no call.
    fn of_json(text: &'t [u8]) -> Self {
        if Cursor::new(text).peek() == b'{' { Self::of_object(text) } else { Self::EMPTY }
    }

    fn of_object(object: &'t [u8]) -> Self {
        let Members { name, arguments, .. } = Members::of(object);
        Self { id: None, name: name_of(name), arguments: arguments.and_then(arguments_of), form: Form::Json }
    }

    /// A part of type `tool_use`.
    fn used(part: &'t [u8]) -> Self {
        let Members { id, name, input, .. } = Members::of(part);
        Self { id: name_of(id), name: name_of(name), arguments: input.and_then(arguments_of), form: Form::Json }
    }

    /// The value of a part of type `tool_call`.
    fn in_part(value: Option<Value<'t>>) -> Self {
        match value {
            Some(Value::String(text)) => Self::in_text(text.into()),
            Some(object @ Value::Object(_)) => Self::plain(object),
            _ => Self::BROKEN,
        }
    }

    /// A text that is a JSON object with `name` and `arguments`.
    fn in_text(text: Text<'t>) -> Self {
        match text.into_decoded() {
            text if !is_json(&text) => Self::BROKEN,
            Cow::Borrowed(text) => Self::of_json(text),
            Cow::Owned(text) => Call::of_json(&text).into_owned(),
        }
    }

    fn into_owned(self) -> Call<'static> {
        let own = |text: Option<Cow<'_, [u8]>>| text.map(|text| Cow::Owned(text.into_owned()));
        Call { id: own(self.id), name: own(self.name), arguments: own(self.arguments), form: self.form }
    }
}

/// The members of an object that a call is made of. Of members with one name the last counts.
#[derive(Default)]
struct Members<'t> {
    id: Option<Value<'t>>,
    name: Option<Value<'t>>,
    arguments: Option<Value<'t>>,
    function: Option<Value<'t>>,
    input: Option<Value<'t>>,
}

impl<'t> Members<'t> {
    fn of(object: &'t [u8]) -> Self {
        let mut members = Self::default();
        let mut cursor = Cursor::inside(object);
        while let Some(name) = cursor.next_member() {
            let value = cursor.value();
            let member = match &*name.decode() {
                b"id" => &mut members.id,
                b"name" => &mut members.name,
                b"arguments" => &mut members.arguments,
                b"function" => &mut members.function,
                b"input" => &mut members.input,
                _ => continue,
            };
            *member = Some(value);
        }
        members
    }
}

/// Arguments as the text of a JSON object: an object, or a string that holds one.
fn arguments_of(value: Value<'_>) -> Option<Cow<'_, [u8]>> {
    match value {
        Value::Object(object) => Some(Cow::Borrowed(object)),
        Value::String(text) => Some(text.decode()).filter(|text| is_object(text)),
        Value::Array(_) | Value::Other(_) => None,
    }
}

/// The text is JSON (RFC 8259). An escaped lone surrogate is taken.
pub(crate) fn is_json(text: &[u8]) -> bool {
    // Nothing is kept, so that depth costs no stack.
    serde_json::from_slice::<IgnoredAny>(text).is_ok()
}

/// The text is a JSON object.
pub(crate) fn is_object(text: &[u8]) -> bool {
    Cursor::new(text).peek() == b'{' && is_json(text)
}

/// The text is a JSON array.
pub(crate) fn is_array(text: &[u8]) -> bool {
    Cursor::new(text).peek() == b'[' && is_json(text)
}
