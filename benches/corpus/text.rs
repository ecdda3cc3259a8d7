//! Text within JSON strings, escaped as writers of JSON do it: prose, code, and JSON in JSON.

use std::fmt::Write;

use super::random::Random;

/// How letters that are not ASCII are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Letters {
    /// In UTF-8.
    AsTheyAre,
    /// As `\u` and four digits.
    Escaped,
}

const WORDS: [&str; 48] = [
    "the",
    "a",
    "of",
    "to",
    "in",
    "and",
    "is",
    "it",
    "for",
    "with",
    "that",
    "this",
    "file",
    "line",
    "record",
    "value",
    "output",
    "input",
    "error",
    "test",
    "first",
    "second",
    "because",
    "should",
    "would",
    "check",
    "whether",
    "which",
    "reads",
    "writes",
    "function",
    "returns",
    "directory",
    "command",
    "version",
    "example",
    "however",
    "instead",
    "result",
    "expected",
    "number",
    "between",
    "without",
    "changes",
    "stream",
    "memory",
    "question",
    "answer",
];

/// Words with letters beyond ASCII: of two, three and four bytes in UTF-8.
const FOREIGN: [&str; 8] = ["café", "naïve", "größer", "Москва", "日本語", "→", "“quoted”", "🙂"];

/// Pieces with what must be escaped in a JSON string.
const ESCAPED: [&str; 8] = [
    "\\n",
    "\\n\\n",
    "\\n- ",
    "\\\"quoted\\\"",
    "`C:\\\\temp`",
    "\\n```python\\nprint(\\\"hi\\\")\\n```\\n",
    "\\tindented",
    "\\n1. ",
];

const COMMANDS: [&str; 4] =
    ["ls -la src", "grep -rn \\\\\\\"main\\\\\\\" .", "python3 -c 'print(2 ** 64)'", "sed -n '1,40p' README.md | sort | uniq -c"];

/// Appends prose of about so many bytes.
pub(super) fn prose(out: &mut String, random: &mut Random, bytes: usize, letters: Letters) {
    let start = out.len();
    let bytes = bytes / 2 + bytes * random.below(100) as usize / 100;
    while out.len() - start < bytes {
        match random.below(60) {
            0 => foreign(out, random.pick(&FOREIGN), letters),
            1..=3 => out.push_str(random.pick(&ESCAPED)),
            4..=7 => out.push_str(random.pick(&[".", ",", ":", ", 3.14", "; x = y[0]"])),
            _ => out.push_str(random.pick(&WORDS)),
        }
        out.push(' ');
    }
}

fn foreign(out: &mut String, word: &str, letters: Letters) {
    if letters == Letters::AsTheyAre {
        return out.push_str(word);
    }
    for unit in word.encode_utf16() {
        match u8::try_from(unit) {
            Ok(byte) if byte.is_ascii() => out.push(char::from(byte)),
            _ => write!(out, "\\u{unit:04x}").expect("a string takes any text"),
        }
    }
}

/// Appends the description of a few tools: JSON within a string.
pub(super) fn tools(out: &mut String, random: &mut Random) {
    out.push('[');
    for name in ["terminal", "read_file", "write_file"] {
        out.extend([
            "{\\\"type\\\": \\\"function\\\", \\\"function\\\": {\\\"name\\\": \\\"",
            name,
            "\\\", \\\"description\\\": \\\"",
        ]);
        plain_words(out, random, 20);
        out.push_str("\\\", \\\"parameters\\\": {\\\"type\\\": \\\"object\\\", \\\"required\\\": [\\\"path\\\"]}}}, ");
    }
    out.push_str("{}]");
}

/// Appends a call of a tool: JSON within a string.
pub(super) fn tool_call(out: &mut String, random: &mut Random, number: u32) {
    let command = random.pick(&COMMANDS);
    write!(
        out,
        "{{\\\"id\\\": \\\"c{number}\\\", \\\"name\\\": \\\"terminal\\\", \\\"arguments\\\": {{\\\"command\\\": \\\"{command}\\\"}}}}"
    )
    .expect("a string takes any text");
}

/// Appends what a tool gave back: lines of text in JSON within a string, so that line feeds are escaped twice.
pub(super) fn tool_response(out: &mut String, random: &mut Random, number: u32) {
    write!(out, "{{\\\"tool_call_id\\\": \\\"c{number}\\\", \\\"content\\\": \\\"").expect("a string takes any text");
    for line in 0..5 + random.below(20) {
        write!(out, "-rw-r--r-- 1 user user {:>7} {line:02} ", random.below(1_000_000)).expect("a string takes any text");
        plain_words(out, random, 6);
        out.push_str("\\\\n");
    }
    out.push_str("\\\"}");
}

fn plain_words(out: &mut String, random: &mut Random, count: u32) {
    for _ in 0..count {
        out.extend([random.pick(&WORDS), " "]);
    }
}
