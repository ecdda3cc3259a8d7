//! The conversation of a record, whatever the layout: the turns, and what filters may ask of them.
//!
//! A record's bytes are read once, and nothing of them is copied that nobody asks for: texts stay as they are spelled
//! (`text`), and calls are only read where somebody looks at them (`call`, `exchange`). The record is known to be valid JSON.

pub(crate) mod call;
pub(crate) mod cursor;
pub(crate) mod exchange;
mod filter;
pub(crate) mod spelled;
pub(crate) mod text;
pub(crate) mod top;
pub(crate) mod turn;
mod window;

use cursor::{Cursor, Indexed, Value};
use spelled::Spelled;
use text::Text;
use top::{Top, member};
use turn::Turn;

pub use turn::Role;

/// The turns of a record, in the first of the layouts that the record has.
///
/// | members of the record | turns |
/// | --- | --- |
/// | `messages` or `conversations`, an array | its elements; behind them `chosen`, if that is a turn |
/// | `chosen`, an array or an object with `messages`; `chosen_messages`; or `completion` where `prompt` is an array too | those of `prompt`, if that is an array, and its own |
/// | `prompt`, and `chosen`, `response`, `completion`, `answer` or `output`, strings | a user turn and an assistant turn |
/// | `instruction`, with `input` on a line of its own, and `output` or `response`, strings | the same |
///
/// ```
/// use provfilter::conversation::Conversation;
///
/// let record = br#"{"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello!"}]}"#;
/// let conversation = Conversation::of(record).expect("messages");
/// assert_eq!(conversation.len(), 2);
/// assert_eq!(conversation.answer(), r#""Hello!""#);
/// ```
#[derive(Debug)]
pub struct Conversation<'t> {
    pub(crate) turns: Vec<Turn<'t>>,
}

impl<'t> Conversation<'t> {
    /// Reads the conversation of a record, which is a valid JSON object; nothing where the record has none.
    #[must_use]
    pub fn of(record: &'t [u8]) -> Option<Self> {
        let record = Indexed::new(record);
        Source::of(&Top::read(record)).map(|source| Self::read(record, &source))
    }

    /// Reads the turns of a record.
    pub(crate) fn read(record: Indexed<'t>, source: &Source<'t>) -> Self {
        let mut turns = Vec::new();
        match source {
            Source::Values { first, last } => {
                for value in [Some(*first), *last].into_iter().flatten() {
                    read_turns(record.part(value), &mut turns);
                }
            }
            Source::Texts { user, input, assistant } => {
                let user = match input {
                    None => Text::from(*user),
                    Some(input) => Text::joined(&[*user, Spelled::LINE_FEED, *input]),
                };
                turns.extend([Turn::of_text(Role::User, user), Turn::of_text(Role::Assistant, (*assistant).into())]);
            }
        }
        Self { turns }
    }

    /// The number of turns.
    #[must_use]
    pub fn len(&self) -> usize {
        self.turns.len()
    }

    /// There is no turn in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.turns.is_empty()
    }

    /// The roles of the turns, in order.
    pub fn roles(&self) -> impl Iterator<Item = Role> {
        self.turns.iter().map(|turn| turn.role)
    }
}

/// Appends the turns that an array holds, or the one that an object is.
fn read_turns<'t>(value: Indexed<'t>, turns: &mut Vec<Turn<'t>>) {
    let mut cursor = Cursor::at(value);
    if cursor.peek() != b'[' {
        return turns.push(Turn::read(&mut cursor));
    }
    cursor.enter();
    while cursor.next_element() {
        turns.push(Turn::read(&mut cursor));
    }
}

/// What the turns of a conversation are made of.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Source<'t> {
    /// An array of turns, and what stands behind it: another, or a turn. They are as they are spelled.
    Values { first: &'t [u8], last: Option<&'t [u8]> },
    /// The two texts that are the turns. The user's may go on with an input, on a line of its own.
    Texts { user: Spelled<'t>, input: Option<Spelled<'t>>, assistant: Spelled<'t> },
}

impl<'t> Source<'t> {
    /// Finds the conversation among the members of a record.
    pub(crate) fn of(top: &Top<'t>) -> Option<Self> {
        listed(top).or_else(|| preferred(top)).or_else(|| prompted(top)).or_else(|| instructed(top))
    }
}

/// `messages` or `conversations`, and `chosen` behind them if it is a turn.
fn listed<'t>(top: &Top<'t>) -> Option<Source<'t>> {
    let first = [top.messages, top.conversations].into_iter().flatten().find_map(Value::array)?;
    Some(Source::Values { first, last: top.chosen.and_then(Value::object).filter(|chosen| is_turn(chosen)) })
}

/// The preferred answer, or a completion, as an array of turns, behind those of `prompt`.
fn preferred<'t>(top: &Top<'t>) -> Option<Source<'t>> {
    let prompt = top.prompt.and_then(Value::array);
    let chosen = top.chosen.and_then(messages_of);
    let chosen = chosen.or_else(|| top.chosen_messages.and_then(Value::array));
    let array = chosen.or_else(|| top.completion.and_then(Value::array).filter(|_| prompt.is_some()))?;
    Some(match prompt {
        Some(prompt) => Source::Values { first: prompt, last: Some(array) },
        None => Source::Values { first: array, last: None },
    })
}

/// An array of turns: the value itself, or the `messages` of it.
pub(crate) fn messages_of(value: Value<'_>) -> Option<&[u8]> {
    match value {
        Value::Array(array) => Some(array),
        Value::Object(object) => member(object, "messages")?.array(),
        Value::String(_) | Value::Other(_) => None,
    }
}

/// An object is a turn: it has a `role` or a `from`.
pub(crate) fn is_turn(object: &[u8]) -> bool {
    ["role", "from"].into_iter().any(|name| member(object, name).is_some())
}

fn prompted<'t>(top: &Top<'t>) -> Option<Source<'t>> {
    let user = top.prompt?.string()?;
    let answers = [top.chosen, top.response, top.completion, top.answer, top.output];
    let assistant = answers.into_iter().flatten().find_map(Value::string)?;
    Some(Source::Texts { user, input: None, assistant })
}

fn instructed<'t>(top: &Top<'t>) -> Option<Source<'t>> {
    let user = top.instruction?.string()?;
    let assistant = [top.output, top.response].into_iter().flatten().find_map(Value::string)?;
    let input = top.input.and_then(Value::string).filter(|input| !input.raw.is_empty());
    Some(Source::Texts { user, input, assistant })
}
