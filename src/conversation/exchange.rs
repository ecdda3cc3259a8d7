//! Which result belongs to which call.

use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};

use super::Conversation;
use super::call::{Call, is_array, is_object};
use super::cursor::{Cursor, Value};
use super::spelled::Spelled;
use super::text::{Block, Text};
use super::top::member;
use super::turn::{Role, TOOL_RESPONSE, Turn, name_of, text_of};

/// The calls of a conversation, each with the result that belongs to it.
///
/// A result belongs to the open call with its id, else to the first open call that has no id, or, without an id of its own, to the
/// first open call. Results of a turn are taken before its calls.
#[derive(Debug, Default)]
pub(crate) struct Exchange<'t> {
    /// The calls, in order.
    pub(crate) calls: Vec<Made<'t>>,
    /// The first turn with a result that belongs to no open call.
    pub(crate) stray: Option<usize>,
}

/// A call that was made. Turns are counted from 0.
#[derive(Debug)]
pub(crate) struct Made<'t> {
    pub(crate) call: Call<'t>,
    /// The turn that makes it.
    pub(crate) turn: usize,
    /// How many user turns came before.
    pub(crate) round: usize,
    /// The turn that its result came in.
    pub(crate) answered_in: Option<usize>,
    pub(crate) answer: Option<Answer<'t>>,
    /// The first user or assistant turn that came while the call was open.
    pub(crate) left_open_by: Option<usize>,
}

/// A result. Its text is only read where somebody asks for it.
#[derive(Debug)]
pub(crate) enum Answer<'t> {
    /// All the text of a turn.
    Turn(usize),
    /// What a pair of tags encloses.
    Block(Text<'t>),
    /// A part of type `tool_result`.
    Part(&'t [u8]),
    /// An element of the JSON array that a turn's text is.
    Element(Cow<'t, [u8]>),
}

/// A result with the id of the call that it names.
struct Named<'t> {
    id: Option<Cow<'t, [u8]>>,
    answer: Answer<'t>,
}

impl<'t> Exchange<'t> {
    /// Follows a conversation from its first turn to its last.
    pub(crate) fn of(conversation: &Conversation<'t>) -> Self {
        let (mut exchange, mut open) = (Self::default(), Open::default());
        let (mut round, mut checked) = (0, 0);
        for (at, turn) in conversation.turns.iter().enumerate() {
            for Named { id, answer } in results(at, turn, &open) {
                match open.take(id.as_deref(), &exchange.calls) {
                    Some(call) => {
                        exchange.calls[call].answered_in = Some(at);
                        exchange.calls[call].answer = Some(answer);
                    }
                    None => exchange.stray = exchange.stray.or(Some(at)),
                }
            }
            if matches!(turn.role, Role::User | Role::Assistant) {
                for made in exchange.calls[checked..].iter_mut().filter(|made| made.answer.is_none()) {
                    made.left_open_by = Some(at);
                }
                checked = exchange.calls.len();
            }
            round += usize::from(turn.role == Role::User);
            for call in Call::all_of(turn) {
                open.add(exchange.calls.len(), &call);
                exchange.calls.push(Made { call, turn: at, round, answered_in: None, answer: None, left_open_by: None });
            }
        }
        exchange
    }
}

impl Answer<'_> {
    /// The text of the result, in WTF-8.
    pub(crate) fn text<'s>(&'s self, conversation: &'s Conversation<'_>) -> Cow<'s, [u8]> {
        match self {
            Self::Turn(at) => conversation.turns[*at].text.decode(),
            Self::Part(part) => text_of(part).into_decoded(),
            Self::Element(json) => spoken(Value::of(json)),
            Self::Block(text) => {
                let text = text.decode();
                match object_member(&text, "content") {
                    Some(content) => Cow::Owned(spoken(content).into_owned()),
                    None => text,
                }
            }
        }
    }
}

/// What a string says, or how another value is spelled.
fn spoken(value: Value<'_>) -> Cow<'_, [u8]> {
    value.string().map_or(Cow::Borrowed(value.spelling()), Spelled::decode)
}

/// A member of the object that a text holds, if it holds one.
fn object_member<'b>(text: &'b [u8], name: &str) -> Option<Value<'b>> {
    if is_object(text) { member(text, name) } else { None }
}

/// The results that a turn gives, in order.
fn results<'t>(at: usize, turn: &Turn<'t>, open: &Open<'t>) -> Vec<Named<'t>> {
    if !turn.result_parts.is_empty() {
        let named = |part: &&'t [u8]| Named { id: name_of(member(part, "tool_use_id")), answer: Answer::Part(part) };
        return turn.result_parts.iter().map(named).collect();
    }
    if turn.role != Role::Tool {
        return Vec::new();
    }
    let closed = |block| if let Block::Closed(text) = block { Some(text) } else { None };
    let blocks: Vec<_> = turn.text.blocks(&TOOL_RESPONSE).filter_map(closed).map(|text| open.named(text)).collect();
    if !blocks.is_empty() {
        return blocks;
    }
    match &turn.result_id {
        None => elements(turn, open.count).unwrap_or_else(|| vec![Named { id: None, answer: Answer::Turn(at) }]),
        Some(id) => vec![Named { id: Some(id.clone()), answer: Answer::Turn(at) }],
    }
}

/// The elements of the JSON array that a turn's text is, if they are as many as calls are open, two or more.
fn elements<'t>(turn: &Turn<'t>, open: usize) -> Option<Vec<Named<'t>>> {
    if open < 2 {
        return None;
    }
    let text = turn.text.decode();
    if !is_array(&text) {
        return None;
    }
    let (mut cursor, mut elements) = (Cursor::inside(&text), Vec::new());
    while cursor.next_element() {
        let start = cursor.position();
        cursor.value();
        elements.push(Named { id: None, answer: Answer::Element(Cow::Owned(cursor.since(start).to_vec())) });
    }
    Some(elements).filter(|elements| elements.len() == open)
}

/// The calls that have no result yet, by their position.
#[derive(Default)]
struct Open<'t> {
    count: usize,
    with_id: HashMap<Cow<'t, [u8]>, VecDeque<usize>>,
    count_with_id: usize,
    /// No call before this one is open.
    first: usize,
    without_id: VecDeque<usize>,
}

impl<'t> Open<'t> {
    fn add(&mut self, position: usize, call: &Call<'t>) {
        self.count += 1;
        match &call.id {
            Some(id) => {
                self.count_with_id += 1;
                self.with_id.entry(id.clone()).or_default().push_back(position);
            }
            None => self.without_id.push_back(position),
        }
    }

    /// Closes the call that a result with this id belongs to, and gives its position.
    fn take(&mut self, id: Option<&[u8]>, calls: &[Made<'t>]) -> Option<usize> {
        let position = match id {
            Some(id) => {
                let own = self.with_id.get_mut(id).and_then(VecDeque::pop_front);
                let taken = own.inspect(|_| self.count_with_id -= 1);
                taken.or_else(|| self.without_id.pop_front())?
            }
            None => self.take_first(calls)?,
        };
        self.count -= 1;
        Some(position)
    }

    fn take_first(&mut self, calls: &[Made<'t>]) -> Option<usize> {
        let is_closed = |made: &&Made<'_>| made.answer.is_some();
        self.first += calls[self.first..].iter().take_while(is_closed).count();
        match &calls.get(self.first)?.call.id {
            Some(id) => {
                self.count_with_id -= 1;
                self.with_id.get_mut(id)?.pop_front()
            }
            None => self.without_id.pop_front(),
        }
    }

    /// A block as a result. Its id is only read where it can matter: calls without ids are taken in order, whatever a result names.
    fn named(&self, text: Text<'t>) -> Named<'t> {
        let id = (self.count_with_id > 0).then(|| {
            let text = text.decode();
            name_of(object_member(&text, "tool_call_id")).map(|id| Cow::Owned(id.into_owned()))
        });
        Named { id: id.flatten(), answer: Answer::Block(text) }
    }
}
