//! The members of a record that conversations and screens look at, found in one pass over its bytes.

use super::cursor::{Cursor, Indexed, Value};

/// The members of a record that are looked at. Of members with one name the last counts.
#[derive(Debug, Default)]
pub(crate) struct Top<'t> {
    pub(crate) messages: Option<Value<'t>>,
    pub(crate) conversations: Option<Value<'t>>,
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

impl<'t> Top<'t> {
    /// Reads a record, which is valid JSON and an object.
    pub(crate) fn read(record: Indexed<'t>) -> Self {
        let mut top = Self::default();
        let mut cursor = Cursor::within(record);
        while let Some(name) = cursor.next_member() {
            let value = cursor.value();
            if let Some(member) = top.member(&name.decode()) {
                *member = Some(value);
            }
        }
        top
    }

    fn member(&mut self, name: &[u8]) -> Option<&mut Option<Value<'t>>> {
        Some(match name {
            b"messages" => &mut self.messages,
            b"conversations" => &mut self.conversations,
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
