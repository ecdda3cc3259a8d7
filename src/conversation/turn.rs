//! One turn of a conversation: its role, its text, and where its calls and results stand.

use std::borrow::Cow;
use std::sync::LazyLock;

use super::cursor::{Cursor, Value};
use super::spelled::Spelled;
use super::text::{Tag, Text};

/// Encloses a call in the text of an assistant turn.
pub(super) static TOOL_CALL: LazyLock<Tag> = LazyLock::new(|| Tag::new("<tool_call>", "</tool_call>"));
/// Encloses a result in the text of a tool turn.
pub(super) static TOOL_RESPONSE: LazyLock<Tag> = LazyLock::new(|| Tag::new("<tool_response>", "</tool_response>"));

/// Who speaks in a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The person who asks.
    User,
    /// The model.
    Assistant,
    /// Who sets the scene.
    System,
    /// A tool that the model called.
    Tool,
    /// Nobody who is known.
    Unknown,
}

impl Role {
    /// The role's name in the `turns` of a filter.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Assistant => "assistant",
            Self::System => "system",
            Self::Tool => "tool",
            Self::Unknown => "unknown",
        }
    }

    /// The role that goes by a name in some layout. ASCII case does not matter.
    fn of_name(name: &[u8]) -> Self {
        const NAMES: [(&str, Role); 15] = [
            ("user", Role::User),
            ("human", Role::User),
            ("assistant", Role::Assistant),
            ("gpt", Role::Assistant),
            ("model", Role::Assistant),
            ("bot", Role::Assistant),
            ("chatgpt", Role::Assistant),
            (FUNCTION_CALL, Role::Assistant),
            ("system", Role::System),
            ("developer", Role::System),
            ("tool", Role::Tool),
            ("function", Role::Tool),
            ("function_response", Role::Tool),
            ("observation", Role::Tool),
            ("ipython", Role::Tool),
        ];
        let row = NAMES.iter().find(|(known, _)| known.as_bytes().eq_ignore_ascii_case(name));
        row.map_or(Self::Unknown, |(_, role)| *role)
    }
}

/// The role of a turn whose whole text is a call.
const FUNCTION_CALL: &str = "function_call";

/// One turn of a conversation.
#[derive(Debug)]
pub(crate) struct Turn<'t> {
    pub(crate) role: Role,
    pub(crate) text: Text<'t>,
    /// The text without the parts of type `reasoning`, where there are any.
    without_reasoning: Option<Text<'t>>,
    /// A part is of a type that is no text.
    has_other_parts: bool,
    /// The role is `function_call`, so that the whole text is a call.
    pub(super) is_call: bool,
    pub(super) tool_calls: Option<&'t [u8]>,
    pub(super) function_call: Option<Value<'t>>,
    /// The parts that are calls, in order.
    pub(super) call_parts: Vec<CallPart<'t>>,
    /// The parts that are results, in order.
    pub(super) result_parts: Vec<&'t [u8]>,
    /// The id of the call that a tool turn is the result of.
    pub(super) result_id: Option<Cow<'t, [u8]>>,
}

/// A part of a turn's content that is a call.
#[derive(Debug, Clone, Copy)]
pub(super) enum CallPart<'t> {
    /// Of type `tool_use`: the part.
    ToolUse(&'t [u8]),
    /// Of type `tool_call`: its `value`.
    ToolCall(Option<Value<'t>>),
}

/// The members of a turn that are looked at. Of members with one name the last counts.
#[derive(Default)]
struct Members<'t> {
    role: Option<Value<'t>>,
    from: Option<Value<'t>>,
    content: Option<Value<'t>>,
    value: Option<Value<'t>>,
    tool_calls: Option<Value<'t>>,
    function_call: Option<Value<'t>>,
    tool_call_id: Option<Value<'t>>,
    id: Option<Value<'t>>,
}

impl<'t> Members<'t> {
    fn read(cursor: &mut Cursor<'t>) -> Self {
        let mut members = Self::default();
        cursor.enter();
        while let Some(name) = cursor.next_member() {
            let value = cursor.value();
            let member = match &*name.decode() {
                b"role" => &mut members.role,
                b"from" => &mut members.from,
                b"content" => &mut members.content,
                b"value" => &mut members.value,
                b"tool_calls" => &mut members.tool_calls,
                b"function_call" => &mut members.function_call,
                b"tool_call_id" => &mut members.tool_call_id,
                b"id" => &mut members.id,
                _ => continue,
            };
            *member = Some(value);
        }
        members
    }
}

impl<'t> Turn<'t> {
    /// Reads the value at the cursor as a turn. What is no object is a turn of unknown role.
    pub(super) fn read(cursor: &mut Cursor<'t>) -> Self {
        if cursor.peek() != b'{' {
            cursor.value();
            return Self::of_text(Role::Unknown, Text::default());
        }
        let members = Members::read(cursor);
        let name = [members.role, members.from].into_iter().flatten().find_map(Value::string).map(Spelled::decode);
        let mut turn = Self::of_text(name.as_deref().map_or(Role::Unknown, Role::of_name), Text::default());
        turn.is_call = name.is_some_and(|name| name.eq_ignore_ascii_case(FUNCTION_CALL.as_bytes()));
        turn.tool_calls = members.tool_calls.and_then(Value::array);
        turn.function_call = members.function_call.filter(|value| !value.is_null());
        turn.result_id = [members.tool_call_id, members.id].into_iter().find_map(name_of);
        turn.read_content(first_not_null([members.content, members.value]));
        turn
    }

    /// Reads a value as a turn.
    pub(crate) fn of_value(text: &'t [u8]) -> Self {
        Self::read(&mut Cursor::new(text))
    }

    /// A turn that is nothing but text.
    pub(crate) fn of_text(role: Role, text: Text<'t>) -> Self {
        Self {
            role,
            text,
            without_reasoning: None,
            has_other_parts: false,
            is_call: false,
            tool_calls: None,
            function_call: None,
            call_parts: Vec::new(),
            result_parts: Vec::new(),
            result_id: None,
        }
    }

    fn read_content(&mut self, content: Option<Value<'t>>) {
        let parts = match content {
            Some(Value::String(text)) => return self.text = text.into(),
            Some(Value::Array(parts)) => Parts::read(parts),
            _ => return,
        };
        let is_results = self.role == Role::User && parts.count > 0 && parts.count == parts.results.len();
        if is_results {
            self.role = Role::Tool;
        }
        self.text = Text::joined(&parts.texts);
        self.without_reasoning = parts.has_reasoning.then(|| Text::joined(&parts.without_reasoning));
        self.has_other_parts = parts.has_others;
        self.call_parts = parts.calls;
        // Only a user turn gives results in parts.
        if self.role == Role::User || is_results {
            self.result_parts = parts.results;
        }
    }

    /// There is something in the turn: text that is not blank, a call, or a part of a type that is no text.
    pub(crate) fn has_content(&self) -> bool {
        self.has_other_parts || !self.text.is_blank() || self.has_call()
    }

    /// The turn makes a call.
    pub(crate) fn has_call(&self) -> bool {
        if self.role != Role::Assistant {
            return false;
        }
        let in_members = || {
            let has_tool_calls = self.tool_calls.is_some_and(|calls| Cursor::inside(calls).next_element());
            has_tool_calls || self.function_call.is_some() || !self.call_parts.is_empty()
        };
        let in_text = || if self.is_call { !self.text.is_blank() } else { self.text.has(&TOOL_CALL) };
        in_members() || in_text()
    }

    /// The text without the parts of type `reasoning`.
    pub(crate) fn text_without_reasoning(&self) -> &Text<'t> {
        self.without_reasoning.as_ref().unwrap_or(&self.text)
    }
}

/// The text of an object that has one as turns do: its `content`, else its `value`.
pub(super) fn text_of(object: &[u8]) -> Text<'_> {
    let members = Members::read(&mut Cursor::new(object));
    match first_not_null([members.content, members.value]) {
        Some(Value::String(text)) => text.into(),
        Some(Value::Array(parts)) => Text::joined(&Parts::read(parts).texts),
        _ => Text::default(),
    }
}

fn first_not_null(values: [Option<Value<'_>>; 2]) -> Option<Value<'_>> {
    values.into_iter().flatten().find(|value| !value.is_null())
}

/// An id or a name: a string that is not empty.
pub(super) fn name_of(value: Option<Value<'_>>) -> Option<Cow<'_, [u8]>> {
    value?.string().map(Spelled::decode).filter(|name| !name.is_empty())
}

/// The parts of a content that is an array.
#[derive(Default)]
struct Parts<'t> {
    count: usize,
    texts: Vec<Spelled<'t>>,
    without_reasoning: Vec<Spelled<'t>>,
    has_reasoning: bool,
    has_others: bool,
    calls: Vec<CallPart<'t>>,
    results: Vec<&'t [u8]>,
}

impl<'t> Parts<'t> {
    fn read(array: &'t [u8]) -> Self {
        let mut parts = Self::default();
        let mut cursor = Cursor::inside(array);
        while cursor.next_element() {
            parts.count += 1;
            match cursor.value() {
                Value::String(text) => parts.add_text(text),
                Value::Object(part) => parts.add(part),
                Value::Other(b"null") => {}
                Value::Other(_) | Value::Array(_) => parts.has_others = true,
            }
        }
        parts
    }

    fn add_text(&mut self, text: Spelled<'t>) {
        self.texts.push(text);
        self.without_reasoning.push(text);
    }

    fn add(&mut self, part: &'t [u8]) {
        let (mut kind, mut text, mut value) = (None, None, None);
        let mut cursor = Cursor::inside(part);
        while let Some(name) = cursor.next_member() {
            let member = match &*name.decode() {
                b"type" => &mut kind,
                b"text" => &mut text,
                b"value" => &mut value,
                _ => {
                    cursor.value();
                    continue;
                }
            };
            *member = Some(cursor.value());
        }
        let string = || [text, value].into_iter().flatten().find_map(Value::string);
        let Some(kind) = kind.and_then(Value::string).map(Spelled::decode) else {
            match text.and_then(Value::string) {
                Some(text) => self.add_text(text),
                None => self.has_others = true,
            }
            return;
        };
        match &*kind {
            b"text" => string().into_iter().for_each(|text| self.add_text(text)),
            b"reasoning" => {
                self.has_reasoning = true;
                self.texts.extend(string());
            }
            other => {
                self.has_others = true;
                self.add_other(other, part, value);
            }
        }
    }

    fn add_other(&mut self, kind: &[u8], part: &'t [u8], value: Option<Value<'t>>) {
        match kind {
            b"tool_use" => self.calls.push(CallPart::ToolUse(part)),
            b"tool_call" => self.calls.push(CallPart::ToolCall(value)),
            b"tool_result" => self.results.push(part),
            _ => {}
        }
    }
}
