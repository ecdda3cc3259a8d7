//! What a filter in the jq language may ask of a conversation: `turns`, `prompt` and `answer`, as JSON text.

use std::borrow::Cow;
use std::fmt::Write;

use super::call::Call;
use super::text::{Text, lossy};
use super::turn::{Role, Turn};
use super::{Conversation, cursor};

impl<'t> Conversation<'t> {
    /// The turns as a JSON array of `{"role", "text", "calls": [{"id", "name", "arguments"}]}`.
    ///
    /// What a call lacks is null, and so are arguments that are no JSON object, or nest deeper than `deepest` brackets. A lone
    /// surrogate becomes U+FFFD.
    #[must_use]
    pub fn turns(&self, deepest: usize) -> String {
        let mut out = String::from("[");
        for turn in &self.turns {
            push_comma(&mut out);
            out.push_str("{\"role\":\"");
            out.push_str(turn.role.name());
            out.push_str("\",\"text\":");
            push_string(&mut out, &turn.text.decode());
            out.push_str(",\"calls\":[");
            for call in Call::all_of(turn) {
                push_comma(&mut out);
                push_call(&mut out, &call, deepest);
            }
            out.push_str("]}");
        }
        out.push(']');
        out
    }

    /// The text of the first user turn, or an empty one, as a JSON string.
    #[must_use]
    pub fn prompt(&self) -> String {
        json_string(self.turns.iter().find(|turn| turn.role == Role::User))
    }

    /// The text of the last assistant turn, or an empty one, as a JSON string.
    #[must_use]
    pub fn answer(&self) -> String {
        json_string(self.last_answer())
    }

    /// The last assistant turn.
    pub(crate) fn last_answer(&self) -> Option<&Turn<'t>> {
        self.turns.iter().rfind(|turn| turn.role == Role::Assistant)
    }
}

fn json_string(turn: Option<&Turn<'_>>) -> String {
    let mut out = String::new();
    push_string(&mut out, &turn.map(|turn| &turn.text).map_or(Cow::Borrowed(&b""[..]), Text::decode));
    out
}

fn push_call(out: &mut String, call: &Call<'_>, deepest: usize) {
    for (before, name) in [("{\"id\":", &call.id), (",\"name\":", &call.name)] {
        out.push_str(before);
        match name {
            Some(name) => push_string(out, name),
            None => out.push_str("null"),
        }
    }
    out.push_str(",\"arguments\":");
    match &call.arguments {
        Some(arguments) if depth(arguments) <= deepest => out.push_str(&lossy(arguments)),
        _ => out.push_str("null"),
    }
    out.push('}');
}

fn push_comma(out: &mut String) {
    if !out.ends_with('[') {
        out.push(',');
    }
}

fn push_string(out: &mut String, text: &[u8]) {
    out.push('"');
    for character in lossy(text).chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\0'..='\u{1f}' => write!(out, "\\u{:04x}", u32::from(character)).expect("a String takes all"),
            other => out.push(other),
        }
    }
    out.push('"');
}

/// How deep the brackets of valid JSON nest.
fn depth(json: &[u8]) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    cursor::brackets(json, |bracket| match bracket {
        b'{' | b'[' => {
            depth += 1;
            deepest = deepest.max(depth);
        }
        _ => depth = depth.saturating_sub(1),
    });
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turns(record: &str) -> String {
        Conversation::of(record.as_bytes()).expect("a conversation").turns(8)
    }

    #[test]
    fn turns_have_the_same_shape_in_all_layouts() {
        let expected = r#"[{"role":"user","text":"a\nb","calls":[]},{"role":"assistant","text":"c","calls":[]}]"#;
        for record in [
            r#"{"messages":[{"role":"user","content":"a\nb"},{"role":"assistant","content":[{"type":"text","text":"c"}]}]}"#,
            r#"{"conversations":[{"from":"human","value":"a\nb"},{"from":"gpt","value":"c"}]}"#,
            r#"{"prompt":"a\nb","chosen":"c","rejected":"d"}"#,
            r#"{"prompt":[{"role":"user","content":"a\nb"}],"completion":[{"role":"assistant","content":"c"}]}"#,
            r#"{"instruction":"a","input":"b","output":"c"}"#,
        ] {
            assert_eq!(turns(record), expected, "{record}");
        }
    }

    #[test]
    fn calls_have_parsed_arguments() {
        let record = r#"{"messages":[{"role":"assistant","content":null,"tool_calls":[
            {"id":"c1","function":{"name":"f","arguments":"{\"a\":[1.50]}"}},{"name":"g","arguments":"x"},1]}]}"#;
        let calls = r#"[{"id":"c1","name":"f","arguments":{"a":[1.50]}},{"id":null,"name":"g","arguments":null},{"id":null,"name":null,"arguments":null}]"#;
        assert_eq!(turns(record), format!("[{{\"role\":\"assistant\",\"text\":\"\",\"calls\":{calls}}}]"));
    }

    #[test]
    fn arguments_that_nest_too_deep_for_a_filter_are_null() {
        for (depth, kept) in [(8, true), (9, false)] {
            let arguments = format!("{}1{}", "{\"[\":".repeat(depth), "}".repeat(depth));
            let record =
                format!("{{\"messages\":[{{\"role\":\"gpt\",\"function_call\":{{\"name\":\"f\",\"arguments\":{arguments}}}}}]}}");
            let expected = if kept { &arguments } else { "null" };
            assert!(turns(&record).ends_with(&format!("\"arguments\":{expected}}}]}}]")), "{record}");
        }
    }

    #[test]
    fn prompt_and_answer_are_the_first_question_and_the_last_answer() {
        let record = br#"{"messages":[{"role":"system","content":"s"},{"role":"user","content":"q\u0001\ud800"},{"role":"assistant","content":"1"},
            {"role":"user","content":"r"},{"role":"assistant","content":"\"2\""},{"role":"tool","content":"t"}]}"#;
        let conversation = Conversation::of(record).expect("a conversation");
        assert_eq!(conversation.prompt(), "\"q\\u0001\u{fffd}\"");
        assert_eq!(conversation.answer(), r#""\"2\"""#);
        let empty = Conversation::of(br#"{"messages":[]}"#).expect("a conversation");
        assert_eq!((empty.turns(8), empty.prompt(), empty.answer()), ("[]".into(), "\"\"".into(), "\"\"".into()));
    }
}
