//! Records in every layout, mostly good, then mutated, and spelled in any way: made up from a number.

#![expect(clippy::format_collect, clippy::format_push_string, reason = "a test may be slow where it is plain")]

use super::json::{Json, Text, text};

/// Numbers that follow from a first one.
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).expect("31 bits") % bound
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    fn pick<'p, T: ?Sized>(&mut self, pool: &[&'p T]) -> &'p T {
        pool[self.below(pool.len())]
    }
}

const TEXTS: [&str; 24] = [
    "",
    " \n\t",
    "\u{a0}\u{3000}",
    "\u{200b}",
    "yes",
    "no ",
    "I cannot do that",
    " I’m unable to",
    "i'M sorry, but no",
    "Well, as an AI Language model",
    "I can<think>not</think>not",
    "<think>a</think>b",
    "<think>I cannot</think>Yes",
    "<think>",
    "</think>a<think>",
    "<think><think>a</think></think>I cannot",
    "<think>a</think></think>",
    "<tool_response>r</tool_response>",
    "<tool_call>",
    "[\"r\",\"r\"]",
    "[\"r\",\"s\",1]",
    "[1,",
    "\u{2028}é/😀\"\\",
    "x</tool_call></tool_response>",
];

/// Pieces of secrets, of which some join to one.
const SECRETS: [&str; 8] = [
    "AKIAABCDEFGHIJKLMNOP",
    "xAKIAABCDEFGHIJKLMNOP",
    "a\nghp_abcdefghijklmnopqrstuvwxyzABCDEFGHIJ.",
    "hf_abcdefghijklmnopqrstuvwxyzabcdefgh",
    "hf_abcdefghijklmnopqrstuvwxyzabcdefg",
    "xoxb-1234567890",
    "-----BEGIN OPENSSH PRIVATE KEY-----",
    "sk-ant-----BEGIN PRIVATE KEY-----",
];

const ARGUMENTS: [&str; 10] = [
    "{}",
    "{\"a\":1}",
    "{\"a\":1.0}",
    "{ \"\\u0061\" : 10e-1 }",
    "{\"a\":2,\"a\":1}",
    "{\"a\":1e400}",
    "{\"a\":2e400}",
    "{\"a\":\"\\ud800\"}",
    "{\"a\":NaN}",
    "[1]",
];

const NUMBERS: [&str; 7] = ["1", "1.0", "10e-1", "0", "-0", "1e400", "2e400"];
const IDS: [&str; 4] = ["c1", "c2", "c3", ""];
const NAMES: [&str; 4] = ["f", "f", "g", ""];

fn string(string: &str) -> Json {
    Json::String(text(string))
}

fn object<'m>(members: impl IntoIterator<Item = (&'m str, Json)>) -> Json {
    Json::Object(members.into_iter().map(|(name, value)| (text(name), value)).collect())
}

/// A record in one of the layouts, with now and then something wrong in it.
pub(super) fn record(random: &mut Random) -> Json {
    let mut members = Vec::new();
    match random.below(8) {
        0 | 1 => members.push(("messages", turns(random))),
        2 | 3 => members.push(("conversations", turns(random))),
        4 => {
            members.extend([("prompt", turns(random)), ("chosen", turns(random)), ("rejected", turns(random))]);
        }
        5 => {
            let chosen = turns(random);
            members.extend([("chosen", object([("messages", chosen)])), ("rejected", some_text(random))]);
        }
        6 => {
            let answer = random.pick(&["chosen", "response", "completion", "answer", "output"]);
            members.extend([("prompt", some_text(random)), (answer, some_text(random)), ("rejected", some_text(random))]);
        }
        _ => {
            let input = some_text(random);
            members.extend([("instruction", some_text(random)), ("input", input), ("output", some_text(random))]);
        }
    }
    while random.one_in(3) {
        let extra = match random.below(7) {
            0 => ("tools", tools(random)),
            1 => ("completed", Json::Bool(random.one_in(2))),
            2 => ("metadata", object([("partial", Json::Bool(random.one_in(2)))])),
            3 => ("chosen", turn(random)),
            4 => ("rejected_messages", turns(random)),
            5 => ("chosen_messages", turns(random)),
            _ => ("note", string(random.pick(&SECRETS))),
        };
        members.push(extra);
    }
    let mut record = object(members);
    while random.one_in(2) {
        let mut mutated = record.clone();
        mutate(&mut mutated, random);
        record = if mutated.is_object() { mutated } else { record };
    }
    record
}

fn some_text(random: &mut Random) -> Json {
    string(random.pick(&TEXTS))
}

fn tools(random: &mut Random) -> Json {
    let name = string(random.pick(&NAMES));
    let tool = if random.one_in(2) { object([("name", name)]) } else { object([("function", object([("name", name)]))]) };
    match random.below(4) {
        0 => string("[{\"name\":\"f\"}]"),
        1 => string("[{\"name\":\"f\"}"),
        2 => Json::Array(vec![tool, string("f")]),
        _ => Json::Array(vec![object([("name", string("f"))]), tool]),
    }
}

/// Turns in a good order, most of them good.
fn turns(random: &mut Random) -> Json {
    let style = random.below(6);
    let mut turns = Vec::new();
    if random.one_in(3) {
        turns.push(spoken("system", some_text(random), random));
    }
    for _ in 0..=random.below(2) {
        turns.push(spoken("user", some_text(random), random));
        let repeated = random.one_in(2).then(|| (random.pick(&NAMES), random.pick(&ARGUMENTS)));
        for _ in 0..random.below(5) {
            let count = if random.one_in(3) { 2 } else { 1 };
            let ids: Vec<_> = (0..count).map(|_| random.pick(&IDS)).collect();
            turns.push(calling(style, &ids, repeated, random));
            turns.extend(answering(style, &ids, random));
        }
        turns.push(spoken("assistant", some_text(random), random));
    }
    while random.one_in(4) {
        let at = random.below(turns.len());
        match random.below(4) {
            0 => drop(turns.remove(at)),
            1 => turns.insert(at, turns[at].clone()),
            2 => turns.insert(at, turn(random)),
            _ => turns.swap(at, 0),
        }
        if turns.is_empty() {
            break;
        }
    }
    Json::Array(turns)
}

/// Any turn.
fn turn(random: &mut Random) -> Json {
    let role = random.pick(&["user", "human", "GPT", "model", "developer", "function", "observation", "nobody", "function_call"]);
    let content = match random.below(4) {
        0 => string("{\"name\":\"f\",\"arguments\":{}}"),
        1 => Json::Array((0..random.below(4)).map(|_| part(random)).collect()),
        _ => some_text(random),
    };
    spoken(role, content, random)
}

fn spoken(role: &str, content: Json, random: &mut Random) -> Json {
    let content = match content {
        text @ Json::String(_) if random.one_in(4) => {
            let name = random.pick(&["text", "value"]);
            let kind = random.pick(&["text", "reasoning", "text"]);
            Json::Array(vec![object([("type", string(kind)), (name, text)])])
        }
        other => other,
    };
    if random.one_in(2) {
        object([("role", string(role)), ("content", content)])
    } else {
        object([("from", string(role)), ("value", content)])
    }
}

fn part(random: &mut Random) -> Json {
    match random.below(8) {
        0 => some_text(random),
        1 => object([("type", string("image"))]),
        2 => object([("text", some_text(random))]),
        3 => {
            object([("type", string("tool_result")), ("tool_use_id", string(random.pick(&IDS))), ("content", some_text(random))])
        }
        4 => object([("type", string("tool_use")), ("name", string("f")), ("input", object([]))]),
        5 => object([("type", string("tool_call")), ("value", string("{\"name\":\"f\",\"arguments\":{}}"))]),
        6 => object([("type", string("reasoning")), ("text", some_text(random))]),
        _ => Json::Null,
    }
}

/// A turn that makes calls, in the style of some layout.
fn calling(style: usize, ids: &[&str], repeated: Option<(&str, &str)>, random: &mut Random) -> Json {
    let (name, arguments) = repeated.unwrap_or_else(|| (random.pick(&NAMES), random.pick(&ARGUMENTS)));
    let parsed = super::json::parse(&text(arguments)).unwrap_or(Json::Null);
    let arguments_value = if random.one_in(2) { string(arguments) } else { parsed.clone() };
    let function = object([("name", string(name)), ("arguments", arguments_value.clone())]);
    let tagged = format!("{{\"name\":\"{name}\",\"arguments\":{arguments}}}");
    match style {
        0 | 1 => {
            let element = |id: &&str| match random.below(3) {
                0 => object([("id", string(id)), ("name", string(name)), ("arguments", arguments_value.clone())]),
                _ => object([("id", string(id)), ("function", function.clone())]),
            };
            let calls = Json::Array(ids.iter().map(element).collect());
            object([("role", string("assistant")), ("content", Json::Null), ("tool_calls", calls)])
        }
        2 => {
            let used = |id: &&str| {
                object([("type", string("tool_use")), ("id", string(id)), ("name", string(name)), ("input", parsed.clone())])
            };
            object([("role", string("assistant")), ("content", Json::Array(ids.iter().map(used).collect()))])
        }
        3 => object([("role", string("assistant")), ("function_call", function)]),
        4 => object([("from", string("function_call")), ("value", string(&tagged))]),
        _ => {
            let calls: String = ids.iter().map(|_| format!("a<tool_call>\n{tagged}\n</tool_call>")).collect();
            object([("from", string("gpt")), ("value", string(&calls))])
        }
    }
}

/// The results of calls, in the style of some layout.
fn answering(style: usize, ids: &[&str], random: &mut Random) -> Vec<Json> {
    let result = if random.one_in(4) { "s" } else { "r" };
    match style {
        0 => {
            let one = |id: &&str| object([("role", string("tool")), ("tool_call_id", string(id)), ("content", string(result))]);
            ids.iter().map(one).collect()
        }
        1 => vec![object([("role", string("tool")), ("content", string("[\"r\",\"r\"]"))])],
        2 => {
            let one =
                |id: &&str| object([("type", string("tool_result")), ("tool_use_id", string(id)), ("content", string(result))]);
            vec![object([("role", string("user")), ("content", Json::Array(ids.iter().map(one).collect()))])]
        }
        3 | 4 => vec![object([("from", string("observation")), ("value", string(result))])],
        _ => {
            let one =
                |id: &&str| format!("<tool_response>{{\"tool_call_id\":\"{id}\",\"content\":\"{result}\"}}</tool_response>");
            vec![object([("from", string("tool")), ("value", string(&ids.iter().map(one).collect::<String>()))])]
        }
    }
}

/// Changes one value somewhere.
fn mutate(value: &mut Json, random: &mut Random) {
    let inner = match value {
        Json::Array(elements) if !elements.is_empty() => {
            let at = random.below(elements.len());
            Some(&mut elements[at])
        }
        Json::Object(members) if !members.is_empty() => {
            let at = random.below(members.len());
            match random.below(12) {
                0 => {
                    let member = (members[at].0.clone(), any(random));
                    return members.push(member);
                }
                1 => return drop(members.remove(at)),
                2 => return members[at].0 = text(random.pick(&["value", "content", "id", "name", "type", "role", SECRETS[0]])),
                _ => Some(&mut members[at].1),
            }
        }
        _ => None,
    };
    match inner {
        Some(inner) if !random.one_in(4) => mutate(inner, random),
        _ => *value = any(random),
    }
}

fn any(random: &mut Random) -> Json {
    match random.below(9) {
        0 => Json::Null,
        1 => Json::Bool(random.one_in(2)),
        2 => Json::Number(random.pick(&NUMBERS).to_owned()),
        3 => Json::Array(vec![]),
        4 => object([]),
        5 => string(random.pick(&SECRETS)),
        6 => Json::String(vec![0xd800]),
        7 => turn(random),
        _ => some_text(random),
    }
}

/// Spells a value in one of the ways in which JSON can be spelled.
pub(super) fn spell(value: &Json, random: &mut Random) -> String {
    let mut out = String::new();
    push(value, random, &mut out);
    out
}

fn push(value: &Json, random: &mut Random, out: &mut String) {
    match value {
        Json::Null => out.push_str("null"),
        Json::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Json::Number(number) => out.push_str(number),
        Json::String(string) => push_string(string, random, out),
        Json::Array(elements) => {
            out.push('[');
            for (at, element) in elements.iter().enumerate() {
                out.push_str(if at > 0 { "," } else { "" });
                push_blank(random, out);
                push(element, random, out);
            }
            push_blank(random, out);
            out.push(']');
        }
        Json::Object(members) => {
            out.push('{');
            for (at, (name, value)) in members.iter().enumerate() {
                out.push_str(if at > 0 { "," } else { "" });
                push_blank(random, out);
                push_string(name, random, out);
                push_blank(random, out);
                out.push(':');
                push_blank(random, out);
                push(value, random, out);
            }
            push_blank(random, out);
            out.push('}');
        }
    }
}

fn push_blank(random: &mut Random, out: &mut String) {
    out.push_str(random.pick(&["", "", "", " ", "\t", " \r"]));
}

fn push_string(string: &Text, random: &mut Random, out: &mut String) {
    out.push('"');
    let escapes = random.one_in(4);
    for code in string {
        match char::from_u32(*code) {
            Some('\n') => out.push_str("\\n"),
            Some('"') => out.push_str("\\\""),
            Some('\\') => out.push_str("\\\\"),
            Some('/') if random.one_in(4) => out.push_str("\\/"),
            Some(character) if character >= ' ' && !(escapes && random.one_in(4)) => out.push(character),
            Some(character) => {
                character.encode_utf16(&mut [0; 2]).iter().for_each(|unit| out.push_str(&format!("\\u{unit:04x}")));
            }
            None => out.push_str(&format!("\\u{code:04X}")),
        }
    }
    out.push('"');
}
