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

use std::borrow::Cow;

use cursor::{Cursor, Value};
use spelled::decode_into;
use text::Text;
use top::{Listed, Top, member};
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
    /// What the turns were made of.
    pub(crate) source: Source<'t>,
}

/// What the turns of a conversation were made of.
#[derive(Debug)]
pub(crate) enum Source<'t> {
    /// Arrays of turns, and turns, as they are spelled.
    Values(Vec<&'t [u8]>),
    /// The two texts that are the turns.
    Texts,
}

impl<'t> Conversation<'t> {
    /// Reads the conversation of a record, which is a valid JSON object; nothing where the record has none.
    #[must_use]
    pub fn of(record: &'t [u8]) -> Option<Self> {
        Self::take(&mut Top::read(record))
    }

    /// Takes the conversation out of the members of a record. The turns are not in them any more then.
    pub(crate) fn take(top: &mut Top<'t>) -> Option<Self> {
        listed(top).or_else(|| preferred(top)).or_else(|| prompted(top)).or_else(|| instructed(top))
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

    fn of_texts(user: Text<'t>, assistant: Text<'t>) -> Self {
        let turns = vec![Turn::of_text(Role::User, user), Turn::of_text(Role::Assistant, assistant)];
        Self { turns, source: Source::Texts }
    }
}

/// `messages` or `conversations`, and `chosen` behind them if it is a turn.
fn listed<'t>(top: &mut Top<'t>) -> Option<Conversation<'t>> {
    let listed = if top.messages.array.is_some() { &mut top.messages } else { &mut top.conversations };
    let Listed { array: Some(array), turns } = std::mem::take(listed) else { return None };
    let mut conversation = Conversation { turns, source: Source::Values(vec![array]) };
    if let Some(chosen) = top.chosen.and_then(Value::object).filter(|chosen| is_turn(chosen)) {
        conversation.add(chosen, vec![Turn::of_value(chosen)]);
    }
    Some(conversation)
}

/// The preferred answer, or a completion, as an array of turns, behind those of `prompt`.
fn preferred<'t>(top: &Top<'t>) -> Option<Conversation<'t>> {
    let prompt = top.prompt.and_then(Value::array);
    let chosen = top.chosen.and_then(messages_of);
    let chosen = chosen.or_else(|| top.chosen_messages.and_then(Value::array));
    let array = chosen.or_else(|| top.completion.and_then(Value::array).filter(|_| prompt.is_some()))?;
    let mut conversation = Conversation { turns: Vec::new(), source: Source::Values(Vec::new()) };
    for array in prompt.into_iter().chain([array]) {
        conversation.add(array, Listed::read(&mut Cursor::new(array)).turns);
    }
    Some(conversation)
}

impl<'t> Conversation<'t> {
    fn add(&mut self, value: &'t [u8], turns: Vec<Turn<'t>>) {
        self.turns.extend(turns);
        if let Source::Values(values) = &mut self.source {
            values.push(value);
        }
    }
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

fn prompted<'t>(top: &Top<'t>) -> Option<Conversation<'t>> {
    let prompt = top.prompt?.string()?;
    let answers = [top.chosen, top.response, top.completion, top.answer, top.output];
    let answer = answers.into_iter().flatten().find_map(Value::string)?;
    Some(Conversation::of_texts(prompt.into(), answer.into()))
}

fn instructed<'t>(top: &Top<'t>) -> Option<Conversation<'t>> {
    let instruction = top.instruction?.string()?;
    let answer = [top.output, top.response].into_iter().flatten().find_map(Value::string)?;
    let input = top.input.and_then(Value::string).filter(|input| !input.raw.is_empty());
    let user = match input {
        None => instruction.into(),
        Some(input) => {
            let mut text = instruction.decode().into_owned();
            text.push(b'\n');
            decode_into(input.raw, &mut text);
            Text::of_decoded(Cow::Owned(text))
        }
    };
    Some(Conversation::of_texts(user, answer.into()))
}
