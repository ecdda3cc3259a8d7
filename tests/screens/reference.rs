//! The rules of the screens once more, read off their definition as plainly as can be, with no regard for time.

use regex::Regex;

use super::json::{Json, Text, parse, text};

/// Who speaks, by the names of all layouts.
const ROLES: [(&str, &[&str]); 4] = [
    ("user", &["user", "human"]),
    ("assistant", &["assistant", "gpt", "model", "bot", "chatgpt", "function_call"]),
    ("system", &["system", "developer"]),
    ("tool", &["tool", "function", "function_response", "observation", "ipython"]),
];

#[derive(Debug, Clone)]
struct Call {
    id: Option<Text>,
    name: Option<Text>,
    arguments: Option<Json>,
    is_json: bool,
}

#[derive(Debug)]
struct Turn {
    role: &'static str,
    text: Text,
    /// The text without the parts of type `reasoning`.
    said: Text,
    has_other_part: bool,
    calls: Vec<Call>,
    result_parts: Vec<Json>,
    result_id: Option<Text>,
}

/// The names of the screens, but for `duplicate`, that turn a record down.
pub(super) fn turned_down(record: &Json) -> Vec<&'static str> {
    let mut names = Vec::new();
    if let Some(turns) = conversation(record) {
        let last_answer = turns.iter().rfind(|turn| turn.role == "assistant");
        let (wrong_calls, stalled) = calls(&turns, record);
        names.extend(turns.iter().any(is_empty).then_some("empty-turn"));
        names.extend(is_in_disorder(&turns).then_some("role-order"));
        names.extend(turns.last().is_none_or(|turn| turn.role != "assistant").then_some("no-answer"));
        names.extend(wrong_calls.then_some("tool-calls"));
        names.extend(stalled.then_some("stalled"));
        let is_broken = |turn: &Turn| turn.role == "assistant" && is_broken(&turn.text);
        names.extend(turns.iter().any(is_broken).then_some("broken-reasoning"));
        names.extend(last_answer.is_some_and(|turn| refuses(&turn.said)).then_some("refusal"));
    }
    names.extend(holds_secret(record).then_some("secret"));
    names.extend(prefers_the_same(record).then_some("chosen-equals-rejected"));
    let says_so =
        |object: &Json| object.get("completed") == Some(&Json::Bool(false)) || object.get("partial") == Some(&Json::Bool(true));
    names.extend((says_so(record) || record.get("metadata").is_some_and(says_so)).then_some("incomplete"));
    names
}

/// What `duplicate` compares: the same text for records that it takes for one.
pub(super) fn content(record: &Json) -> String {
    let mut values = Vec::new();
    match source(record) {
        None => return format!("record {}", record.canonical()),
        Some(Source::Turns(arrays)) => values.extend(arrays.into_iter().map(Json::canonical)),
        Some(Source::Texts(user, assistant)) => values.push(format!("texts {user:?} {assistant:?}")),
    }
    let rejected = record.get_some("rejected").or(record.get_some("rejected_messages"));
    values.extend([rejected, record.get_some("tools")].map(|value| format!("and {:?}", value.map(Json::canonical))));
    values.join("; ")
}

enum Source<'r> {
    /// Arrays of turns, and turns.
    Turns(Vec<&'r Json>),
    Texts(Text, Text),
}

fn source(record: &Json) -> Option<Source<'_>> {
    let array = |name: &str| record.get(name).filter(|value| value.array().is_some());
    let string = |name: &str| record.get(name).and_then(Json::string).cloned();
    if let Some(listed) = array("messages").or(array("conversations")) {
        let chosen = record.get("chosen").filter(|chosen| chosen.get("role").is_some() || chosen.get("from").is_some());
        return Some(Source::Turns([listed].into_iter().chain(chosen).collect()));
    }
    let within = record.get("chosen").and_then(|chosen| chosen.get("messages")).filter(|messages| messages.array().is_some());
    let completion = array("completion").filter(|_| array("prompt").is_some());
    if let Some(chosen) = array("chosen").or(within).or(array("chosen_messages")).or(completion) {
        return Some(Source::Turns(array("prompt").into_iter().chain([chosen]).collect()));
    }
    let first = |names: &[&str]| names.iter().find_map(|name| string(name));
    if let (Some(prompt), Some(answer)) = (string("prompt"), first(&["chosen", "response", "completion", "answer", "output"])) {
        return Some(Source::Texts(prompt, answer));
    }
    let (mut instruction, answer) = (string("instruction")?, first(&["output", "response"])?);
    if let Some(input) = string("input").filter(|input| !input.is_empty()) {
        instruction.push(u32::from('\n'));
        instruction.extend(input);
    }
    Some(Source::Texts(instruction, answer))
}

fn conversation(record: &Json) -> Option<Vec<Turn>> {
    Some(match source(record)? {
        Source::Turns(values) => {
            let turns = |value: &Json| value.array().map_or_else(|| vec![turn(value)], |turns| turns.iter().map(turn).collect());
            values.into_iter().flat_map(turns).collect()
        }
        Source::Texts(user, assistant) => vec![plain("user", user), plain("assistant", assistant)],
    })
}

fn plain(role: &'static str, text: Text) -> Turn {
    let calls = if role == "assistant" { calls_in(&text) } else { Vec::new() };
    Turn { role, said: text.clone(), text, has_other_part: false, calls, result_parts: Vec::new(), result_id: None }
}

fn turn(value: &Json) -> Turn {
    if !value.is_object() {
        return plain("unknown", Text::new());
    }
    let name = ["role", "from"].into_iter().find_map(|name| value.get(name)?.string()).cloned().unwrap_or_default();
    let name: String = name.iter().map(|code| char::from_u32(*code).unwrap_or('?').to_ascii_lowercase()).collect();
    let role = ROLES.into_iter().find(|(_, names)| names.contains(&&*name)).map_or("unknown", |(role, _)| role);
    let content = value.get_some("content").or(value.get_some("value")).unwrap_or(&Json::Null);
    let parts = parts(content);
    let of_type =
        |kind: &str| parts.iter().filter(|part| part.get("type").and_then(Json::string) == Some(&text(kind))).cloned().collect();
    let results: Vec<Json> = of_type("tool_result");
    let is_tool = role == "user" && !results.is_empty() && results.len() == parts.len();
    let joined = |with_reasoning: bool| parts.iter().filter_map(|part| text_of_part(part, with_reasoning)).flatten().collect();
    let mut turn = Turn {
        role: if is_tool { "tool" } else { role },
        text: joined(true),
        said: joined(false),
        has_other_part: parts.iter().any(is_other_part),
        calls: Vec::new(),
        result_parts: if role == "user" { results } else { Vec::new() },
        result_id: ["tool_call_id", "id"].into_iter().find_map(|name| id(value.get(name))),
    };
    if turn.role == "assistant" {
        turn.calls = calls_of(value, &parts, &turn.text, &name);
    }
    turn
}

/// The parts of a content, or what counts as one part.
fn parts(content: &Json) -> Vec<Json> {
    match content {
        Json::Array(parts) => parts.clone(),
        Json::String(_) => vec![content.clone()],
        _ => Vec::new(),
    }
}

/// The text of a part; nothing where it is no text, or reasoning that is not wanted.
fn text_of_part(part: &Json, with_reasoning: bool) -> Option<Text> {
    let any = || ["text", "value"].into_iter().find_map(|name| part.get(name)?.string()).cloned();
    match part.get("type").and_then(Json::string) {
        _ if part.string().is_some() => part.string().cloned(),
        None => part.get("text")?.string().cloned(),
        Some(kind) if *kind == text("text") => any(),
        Some(kind) if *kind == text("reasoning") && with_reasoning => any(),
        Some(_) => None,
    }
}

fn is_other_part(part: &Json) -> bool {
    match part.get("type").and_then(Json::string) {
        Some(kind) => *kind != text("text") && *kind != text("reasoning"),
        None => *part != Json::Null && text_of_part(part, true).is_none(),
    }
}

fn id(value: Option<&Json>) -> Option<Text> {
    value?.string().filter(|id| !id.is_empty()).cloned()
}

fn calls_of(turn: &Json, parts: &[Json], whole: &Text, role: &str) -> Vec<Call> {
    let mut calls = Vec::new();
    for element in turn.get("tool_calls").and_then(Json::array).unwrap_or_default() {
        let inner = element.get("function").filter(|function| function.is_object()).unwrap_or(element);
        calls.push(call(id(element.get("id")), inner.get("name"), inner.get("arguments")));
    }
    if let Some(function) = turn.get_some("function_call") {
        calls.push(call(None, function.get("name"), function.get("arguments")));
    }
    for part in parts {
        let kind = part.get("type").and_then(Json::string);
        if kind == Some(&text("tool_use")) {
            calls.push(call(id(part.get("id")), part.get("name"), part.get("input")));
        } else if kind == Some(&text("tool_call")) {
            calls.push(match part.get("value") {
                Some(Json::String(string)) => call_in(string),
                Some(object @ Json::Object(_)) => call(None, object.get("name"), object.get("arguments")),
                _ => broken(),
            });
        }
    }
    if role != "function_call" {
        calls.extend(calls_in(whole));
    } else if !is_blank(whole) {
        calls.push(call_in(whole));
    }
    calls
}

fn call(id: Option<Text>, name: Option<&Json>, arguments: Option<&Json>) -> Call {
    let arguments = arguments.and_then(|value| value.string().map_or_else(|| Some(value.clone()), |string| parse(string)));
    Call { id, name: self::id(name), arguments: arguments.filter(Json::is_object), is_json: true }
}

fn broken() -> Call {
    Call { id: None, name: None, arguments: None, is_json: false }
}

fn call_in(string: &Text) -> Call {
    parse(string).map_or_else(broken, |value| call(None, value.get("name"), value.get("arguments")))
}

fn calls_in(whole: &Text) -> Vec<Call> {
    let (mut calls, mut rest) = (Vec::new(), whole.clone());
    while let Some((_, behind)) = split(&rest, "<tool_call>") {
        let Some((inside, behind)) = split(&behind, "</tool_call>") else {
            calls.push(broken());
            break;
        };
        calls.push(call_in(&inside));
        rest = behind;
    }
    calls
}

/// What stands before the first mark and behind it.
fn split(whole: &[u32], mark: &str) -> Option<(Text, Text)> {
    let mark = text(mark);
    let at = (0..whole.len()).find(|at| whole[*at..].starts_with(&mark))?;
    Some((whole[..at].to_vec(), whole[at + mark.len()..].to_vec()))
}

fn is_white(code: u32) -> bool {
    char::from_u32(code).is_some_and(char::is_whitespace)
}

fn is_blank(whole: &[u32]) -> bool {
    whole.iter().all(|code| is_white(*code))
}

fn is_empty(turn: &Turn) -> bool {
    matches!(turn.role, "user" | "assistant") && is_blank(&turn.text) && turn.calls.is_empty() && !turn.has_other_part
}

fn is_in_disorder(turns: &[Turn]) -> bool {
    let follows = |first: &str, second: &str| turns.windows(2).any(|pair| pair[0].role == first && pair[1].role == second);
    let talks_on = |pair: &[Turn]| pair.iter().all(|turn| turn.role == "assistant") && pair[0].calls.is_empty();
    turns.iter().any(|turn| turn.role == "unknown")
        || ["user", "assistant", "tool"].into_iter().any(|role| follows(role, "system"))
        || turns.iter().find(|turn| turn.role != "system").is_some_and(|turn| turn.role != "user")
        || follows("user", "user")
        || turns.windows(2).any(talks_on)
}

/// A call that was made, the results that it had when each turn came, and where.
struct Made {
    call: Call,
    users_before: usize,
    result: Option<Text>,
}

/// Whether `tool-calls` and `stalled` turn a conversation down.
fn calls(turns: &[Turn], record: &Json) -> (bool, bool) {
    let mut made: Vec<Made> = Vec::new();
    let (mut is_wrong, mut is_stalled, mut users) = (false, false, 0);
    for turn in turns {
        let open = made.iter().filter(|made| made.result.is_none()).count();
        for (id, text) in results(turn, open) {
            let own = made.iter().position(|made| made.result.is_none() && made.call.id.is_some() && made.call.id == id);
            let without = made.iter().position(|made| made.result.is_none() && made.call.id.is_none());
            let first = made.iter().position(|made| made.result.is_none());
            match if id.is_some() { own.or(without) } else { first } {
                Some(at) => made[at].result = Some(text),
                None => is_wrong = true,
            }
        }
        let speaks = matches!(turn.role, "user" | "assistant");
        is_wrong |= speaks && made.iter().any(|made| made.result.is_none());
        users += usize::from(turn.role == "user");
        let before = made.iter().map(|made| made.result.is_some()).collect::<Vec<_>>();
        for call in &turn.calls {
            is_wrong |= !call.is_json || call.name.is_none() || call.arguments.is_none();
            is_wrong |= call.id.is_some() && made.iter().any(|made| made.call.id == call.id);
            made.push(Made { call: call.clone(), users_before: users, result: None });
            if let [.., first, second, third] = &made[..] {
                let had_results = before.get(made.len() - 3) == Some(&true) && before.get(made.len() - 2) == Some(&true);
                let is_one_round = first.users_before == third.users_before;
                let is_same = same(&first.call, &second.call) && same(&second.call, &third.call);
                is_stalled |= had_results && is_one_round && is_same && first.result == second.result;
            }
        }
    }
    let names = tool_names(record);
    is_wrong |= !names.is_empty() && made.iter().any(|made| made.call.name.as_ref().is_some_and(|name| !names.contains(name)));
    (is_wrong, is_stalled)
}

fn same(one: &Call, other: &Call) -> bool {
    let (Some(arguments), Some(others)) = (&one.arguments, &other.arguments) else { return false };
    one.name.is_some() && one.name == other.name && arguments.canonical() == others.canonical()
}

fn tool_names(record: &Json) -> Vec<Text> {
    let listed = match record.get("tools") {
        Some(Json::String(string)) => parse(string),
        other => other.cloned(),
    };
    let listed = listed.as_ref().and_then(Json::array).unwrap_or_default();
    let name = |tool: &Json| id(tool.get("function").filter(|inner| inner.is_object()).unwrap_or(tool).get("name"));
    listed.iter().filter_map(name).collect()
}

/// The results of a turn, each with the id that it names and its text.
fn results(turn: &Turn, open: usize) -> Vec<(Option<Text>, Text)> {
    if !turn.result_parts.is_empty() {
        let content = |part: &Json| part.get_some("content").or(part.get_some("value")).map(parts).unwrap_or_default();
        let text = |part: &Json| content(part).iter().filter_map(|part| text_of_part(part, true)).flatten().collect();
        return turn.result_parts.iter().map(|part| (id(part.get("tool_use_id")), text(part))).collect();
    }
    if turn.role != "tool" {
        return Vec::new();
    }
    let mut blocks = Vec::new();
    let mut rest = turn.text.clone();
    while let Some((inside, behind)) = split(&rest, "<tool_response>").and_then(|(_, behind)| split(&behind, "</tool_response>"))
    {
        let object = parse(&inside).filter(Json::is_object);
        let content = object.as_ref().and_then(|object| object.get("content"));
        let id = id(object.as_ref().and_then(|object| object.get("tool_call_id")));
        blocks.push((id, content.map_or_else(|| inside.clone(), said)));
        rest = behind;
    }
    if !blocks.is_empty() {
        return blocks;
    }
    if turn.result_id.is_none()
        && open >= 2
        && let Some(Json::Array(elements)) = parse(&turn.text)
        && elements.len() == open
    {
        return elements.iter().map(|element| (None, said(element))).collect();
    }
    vec![(turn.result_id.clone(), turn.text.clone())]
}

/// A string's text. How other values are spelled is the same in the tests wherever they are equal.
fn said(value: &Json) -> Text {
    value.string().cloned().unwrap_or_else(|| text(&format!("{value:?}")))
}

fn is_broken(whole: &[u32]) -> bool {
    let mut open = 0;
    for at in 0..whole.len() {
        open += i32::from(whole[at..].starts_with(&text("<think>")));
        open -= i32::from(whole[at..].starts_with(&text("</think>")));
        if open < 0 {
            return true;
        }
    }
    open > 0
}

fn refuses(said: &[u32]) -> bool {
    const STARTS: &str = "I'm sorry, but|I am sorry, but|Sorry, but I can|I cannot|I can't|I can not|I'm unable to|I am unable to|\
        I'm not able to|I am not able to|As an AI|I apologize, but|Unfortunately, I cannot|Unfortunately, I can't";
    let (mut kept, mut rest) = (Text::new(), said.to_vec());
    while let Some((before, (_, behind))) =
        split(&rest, "<think>").and_then(|(before, inside)| Some((before, split(&inside, "</think>")?)))
    {
        kept.extend(before);
        rest = behind;
    }
    kept.extend(rest);
    let lower = |code: u32| char::from_u32(code).unwrap_or('\u{fffd}').to_ascii_lowercase();
    let answer: String = kept.into_iter().skip_while(|code| is_white(*code)).map(lower).collect();
    let straight = answer.replace('’', "'");
    STARTS.split('|').any(|start| straight.starts_with(&start.to_ascii_lowercase())) || answer.contains("as an ai language model")
}

fn holds_secret(value: &Json) -> bool {
    match value {
        Json::String(string) => is_secret(string),
        Json::Array(elements) => elements.iter().any(holds_secret),
        Json::Object(members) => members.iter().any(|(name, value)| is_secret(name) || holds_secret(value)),
        _ => false,
    }
}

fn is_secret(string: &[u32]) -> bool {
    const FORMS: [&str; 10] = [
        r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b",
        r"\bgh[pousr]_[A-Za-z0-9]{36,255}\b",
        r"\bgithub_pat_[A-Za-z0-9_]{82}\b",
        r"\bsk-(?:proj-|svcacct-|admin-)?[A-Za-z0-9_-]{20,}T3BlbkFJ[A-Za-z0-9_-]{20,}",
        r"\bsk-ant-[a-z]+[0-9]{2}-[A-Za-z0-9_-]{80,}",
        r"\bhf_[A-Za-z]{34}\b",
        r"\bxox[abprs]-[A-Za-z0-9-]{10,}",
        r"\bAIza[A-Za-z0-9_-]{35}\b",
        r"\b[sr]k_live_[A-Za-z0-9]{24,}\b",
        r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----",
    ];
    // The shortest match has 15 characters, and most strings of the tests are shorter.
    let string: String = string.iter().map(|code| char::from_u32(*code).unwrap_or('\u{fffd}')).collect();
    string.len() >= 15
        && FORMS.iter().any(|form| Regex::new(&form.replace(r"\b", r"(?-u:\b)")).expect("an expression").is_match(&string))
}

fn prefers_the_same(record: &Json) -> bool {
    [("chosen", "rejected"), ("chosen_messages", "rejected_messages")].into_iter().any(|(chosen, rejected)| {
        let (Some(chosen), Some(rejected)) = (record.get_some(chosen), record.get_some(rejected)) else { return false };
        chosen.canonical() == rejected.canonical() || last_text(chosen).is_some_and(|text| Some(text) == last_text(rejected))
    })
}

/// The text of the last turn, without white space at its ends, if it is nothing but text and not blank.
fn last_text(answer: &Json) -> Option<Text> {
    let listed = answer.array().or_else(|| answer.get("messages")?.array());
    let last = match (listed, answer) {
        (Some(turns), _) => turn(turns.last()?),
        (None, Json::String(string)) => plain("assistant", string.clone()),
        (None, object) if object.get("role").is_some() || object.get("from").is_some() => turn(object),
        _ => return None,
    };
    let start = last.text.iter().position(|code| !is_white(*code))?;
    let end = last.text.iter().rposition(|code| !is_white(*code))?;
    last.calls.is_empty().then(|| last.text[start..=end].to_vec())
}
