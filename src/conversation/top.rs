//! The members of a record that conversations and screens look at, found in one pass over its bytes.

use super::cursor::{Cursor, Value};
use super::turn::Turn;

/// The members of a record that are looked at. Of members with one name the last counts.
#[derive(Debug, Default)]
pub(crate) struct Top<'t> {
    pub(crate) messages: Listed<'t>,
    pub(crate) conversations: Listed<'t>,
    pub(crate) chosen: Option<Value<'t>>,
    pub(crate) chosen_messages: Option<Value<'t>>,
    pub(crate) rejected: Option<Value<'t>>,
    pub(crate) rejected_messages: Option<Value<'t>>,
    pub(crate) prompt: Option<Value<'t>>,
    pub(crate) completion: Option<Value<'t>>,
    pub(crate) response: Option<Value<'t>>,
    pub(crate) answer: Option<Value<'t>>,
    pub(crate) output: Option<Value<'t>>,
    pub(crate) instruction: Option<Value<'t>>,
    pub(crate) input: Option<Value<'t>>,
    pub(crate) tools: Option<Value<'t>>,
    pub(crate) completed: Option<Value<'t>>,
    pub(crate) partial: Option<Value<'t>>,
    pub(crate) metadata: Option<Value<'t>>,
}

/// An array of turns, read on the way.
#[derive(Debug, Default)]
pub(crate) struct Listed<'t> {
    /// The array as it is spelled; none where the member is missing or no array.
    pub(crate) array: Option<&'t [u8]>,
    /// Its turns.
    pub(crate) turns: Vec<Turn<'t>>,
}

impl<'t> Listed<'t> {
    /// Reads the value at the cursor.
    pub(crate) fn read(cursor: &mut Cursor<'t>) -> Self {
        if cursor.peek() != b'[' {
            cursor.value();
            return Self::default();
        }
        let (start, mut turns) = (cursor.position(), Vec::new());
        cursor.enter();
        while cursor.next_element() {
            turns.push(Turn::read(cursor));
        }
        Self { array: Some(cursor.since(start)), turns }
    }
}

impl<'t> Top<'t> {
    /// Reads a record, which is valid JSON and an object.
    pub(crate) fn read(record: &'t [u8]) -> Self {
        let mut top = Self::default();
        let mut cursor = Cursor::inside(record);
        while let Some(name) = cursor.next_member() {
            let member = match &*name.decode() {
                b"messages" => {
                    top.messages = Listed::read(&mut cursor);
                    continue;
                }
                b"conversations" => {
                    top.conversations = Listed::read(&mut cursor);
                    continue;
                }
                name => top.member(name),
            };
            let value = cursor.value();
            if let Some(member) = member {
                *member = Some(value);
            }
        }
        top
    }

    fn member(&mut self, name: &[u8]) -> Option<&mut Option<Value<'t>>> {
        Some(match name {
            b"chosen" => &mut self.chosen,
            b"chosen_messages" => &mut self.chosen_messages,
            b"rejected" => &mut self.rejected,
            b"rejected_messages" => &mut self.rejected_messages,
            b"prompt" => &mut self.prompt,
            b"completion" => &mut self.completion,
            b"response" => &mut self.response,
            b"answer" => &mut self.answer,
            b"output" => &mut self.output,
            b"instruction" => &mut self.instruction,
            b"input" => &mut self.input,
            b"tools" => &mut self.tools,
            b"completed" => &mut self.completed,
            b"partial" => &mut self.partial,
            b"metadata" => &mut self.metadata,
            _ => return None,
        })
    }
}

/// The last member of this name of an object.
pub(crate) fn member<'t>(object: &'t [u8], name: &str) -> Option<Value<'t>> {
    let (mut cursor, mut found) = (Cursor::inside(object), None);
    while let Some(own_name) = cursor.next_member() {
        let value = cursor.value();
        if *own_name.decode() == *name.as_bytes() {
            found = Some(value);
        }
    }
    found
}
