//! Texts of rows, which may stand for any bytes: how they are read and how they are written.

use std::fmt::Write as _;

use serde::Deserialize;

/// So many equal characters in a row are written as one of them and their number.
const LONG_RUN: usize = 100;

#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum Text {
    Whole(String),
    Pieces(Vec<Piece>),
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum Piece {
    Once(String),
    Repeated(Repeated),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Repeated {
    text: String,
    times: usize,
}

impl Default for Text {
    fn default() -> Self {
        Self::Whole(String::new())
    }
}

impl Text {
    pub(crate) fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Whole(text) => bytes(text),
            Self::Pieces(pieces) => pieces.iter().flat_map(Piece::bytes).collect(),
        }
    }
}

impl Piece {
    fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Once(text) => bytes(text),
            Self::Repeated(Repeated { text, times }) => bytes(text).repeat(*times),
        }
    }
}

/// The bytes that a text stands for, with `\xNN` for one of them.
fn bytes(text: &str) -> Vec<u8> {
    let mut parts = text.split("\\x");
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let byte = part.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(byte.unwrap_or_else(|| panic!("two hex digits stand behind \\x; a backslash before an x is \\x5c: {text}")));
        bytes.extend_from_slice(&part.as_bytes()[2..]);
    }
    bytes
}

/// How a row's text for these bytes is written in TOML.
pub(crate) fn spelled(bytes: &[u8]) -> String {
    let mut pieces = Vec::new();
    let mut plain = String::new();
    for run in escaped(bytes).chunk_by(|one, next| one == next) {
        if run.len() < LONG_RUN {
            plain.extend(run.iter().map(String::as_str));
            continue;
        }
        if !plain.is_empty() {
            pieces.push(quoted(&std::mem::take(&mut plain)));
        }
        pieces.push(format!("{{ text = {}, times = {} }}", quoted(&run[0]), run.len()));
    }
    if pieces.is_empty() {
        return quoted(&plain);
    }
    if !plain.is_empty() {
        pieces.push(quoted(&plain));
    }
    format!("[{}]", pieces.join(", "))
}

/// The characters of a text that stands for these bytes, each by itself.
fn escaped(bytes: &[u8]) -> Vec<String> {
    let mut escaped = Vec::new();
    for chunk in bytes.utf8_chunks() {
        let mut rest = chunk.valid().chars().peekable();
        while let Some(character) = rest.next() {
            let next = rest.peek().copied().or(chunk.invalid().first().map(|_| 'x'));
            escaped.push(escaped_character(character, next));
        }
        escaped.extend(chunk.invalid().iter().copied().map(escaped_byte));
    }
    escaped
}

/// A character as it stands, unless nobody would see it there or it would be taken for something else.
fn escaped_character(character: char, next: Option<char>) -> String {
    let is_misread = match character {
        '\\' => next == Some('x'),
        ' ' => matches!(next, Some('\n') | None),
        '\n' => false,
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' => true,
        _ => character.is_control() || character.is_whitespace(),
    };
    if !is_misread {
        return character.to_string();
    }
    character.encode_utf8(&mut [0; 4]).as_bytes().iter().copied().map(escaped_byte).collect()
}

fn escaped_byte(byte: u8) -> String {
    let mut escaped = String::new();
    write!(escaped, "\\x{byte:02x}").expect("a string takes everything");
    escaped
}

/// A text as a TOML string: a literal one where that is possible, on lines of its own if it has a line feed.
fn quoted(text: &str) -> String {
    match text {
        _ if text.contains("''") || text.ends_with('\'') => toml_edit::Value::from(text).to_string(),
        _ if text.contains('\n') => format!("'''\n{text}'''"),
        _ if text.contains('\'') => toml_edit::Value::from(text).to_string(),
        _ => format!("'{text}'"),
    }
}
