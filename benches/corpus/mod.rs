//! Corpora to measure with, made up by a generator that always makes the same: sizes, layouts and escapes as real records have
//! them, one record in ten with provenance. A smaller corpus is the start of a larger one.

mod random;
mod text;

use random::Random;

/// What the records of a corpus are like. Each has a `score` between 0 and 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Runs of an agent with its tools, of about 10 KB, spaced as Python's `json` does it.
    Trajectories,
    /// Preference pairs of about 0.7 KB, without spaces, and other letters than ASCII escaped.
    Pairs,
    /// Tokenized rows of about 14 KB: three arrays of numbers.
    TokenRows,
}

impl Kind {
    pub(crate) const ALL: [Self; 3] = [Self::Trajectories, Self::Pairs, Self::TokenRows];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Trajectories => "trajectories",
            Self::Pairs => "pairs",
            Self::TokenRows => "token-rows",
        }
    }
}

/// The lines of a corpus, without end, each with its line feed.
pub(crate) struct Corpus {
    kind: Kind,
    random: Random,
    records: u32,
}

impl Corpus {
    pub(crate) fn new(kind: Kind) -> Self {
        Self { kind, random: Random::new(kind.name()), records: 0 }
    }

    /// Appends the next record as a line.
    pub(crate) fn append_line(&mut self, line: &mut String) {
        match self.kind {
            Kind::Trajectories => trajectory(line, &mut self.random, self.records),
            Kind::Pairs => pair(line, &mut self.random, self.records),
            Kind::TokenRows => token_row(line, &mut self.random),
        }
        line.push('\n');
        self.records += 1;
    }
}

/// The lines of a corpus that is made already, without their line feeds.
pub(crate) fn lines_of(corpus: &[u8]) -> impl Iterator<Item = &[u8]> {
    corpus.split(|&byte| byte == b'\n').filter(|line| !line.is_empty())
}

/// Whole lines of so many bytes, or a few more for the last one to be whole.
pub(crate) fn lines(kind: Kind, bytes: usize) -> Vec<u8> {
    let mut corpus = Corpus::new(kind);
    let mut lines = String::new();
    while lines.len() < bytes {
        corpus.append_line(&mut lines);
    }
    lines.into_bytes()
}

/// How a writer spaces what it writes: behind commas and behind colons.
struct Spacing(&'static str);

const COMPACT: Spacing = Spacing("");
const SPACED: Spacing = Spacing(" ");

/// One run of an agent, as a batch of runs writes it: conversations, metadata, and statistics of its tools.
fn trajectory(out: &mut String, random: &mut Random, index: u32) {
    out.push_str("{\"prompt_index\": ");
    push_number(out, index);
    out.push_str(", \"conversations\": [{\"from\": \"system\", \"value\": \"You work on a shell, step by step.\\n<tools>\\n");
    text::tools(out, random);
    out.push_str("\\n</tools>\"}, {\"from\": \"human\", \"value\": \"");
    text::prose(out, random, 300, text::Letters::AsTheyAre);
    out.push_str("\"}");
    let turns = 3 + random.below(4);
    for call in 0..turns {
        out.push_str(", {\"from\": \"gpt\", \"value\": \"<think>\\n");
        text::prose(out, random, 450, text::Letters::AsTheyAre);
        out.push_str("\\n</think>\\n<tool_call>\\n");
        text::tool_call(out, random, call);
        out.push_str("\\n</tool_call>\"}, {\"from\": \"tool\", \"value\": \"<tool_response>\\n");
        text::tool_response(out, random, call);
        out.push_str("\\n</tool_response>\"}");
    }
    out.push_str(", {\"from\": \"gpt\", \"value\": \"");
    text::prose(out, random, 600, text::Letters::AsTheyAre);
    out.push_str("\"}], \"metadata\": {\"batch_num\": ");
    push_number(out, index / 40);
    out.push_str(", \"timestamp\": \"2026-03-30T14:22:31.456789\", \"model\": \"hermes4:14b\"}, \"completed\": true");
    out.push_str(", \"partial\": false, \"api_calls\": ");
    push_number(out, turns + 1);
    out.push_str(", \"toolsets_used\": [\"terminal\", \"file\"], \"tool_stats\": {\"terminal\": {\"count\": ");
    push_number(out, turns);
    out.push_str(", \"success\": ");
    push_number(out, turns - 1);
    out.push_str(", \"failure\": 1}}, \"tool_error_counts\": {\"terminal\": 1}, \"score\": ");
    push_score(out, random);
    push_provenance(out, random, &SPACED);
    out.push('}');
}

/// A prompt with two answers.
fn pair(out: &mut String, random: &mut Random, index: u32) {
    out.push_str("{\"prompt_id\":\"p-");
    push_number(out, index);
    out.push_str("\",\"prompt\":\"");
    text::prose(out, random, 100, text::Letters::Escaped);
    out.push_str("\",\"chosen\":\"");
    text::prose(out, random, 270, text::Letters::Escaped);
    out.push_str("\",\"rejected\":\"");
    text::prose(out, random, 200, text::Letters::Escaped);
    out.push_str("\",\"chosen_model\":\"hermes4:14b\",\"score\":");
    push_score(out, random);
    push_provenance(out, random, &COMPACT);
    out.push('}');
}

/// Token ids, the labels to learn, of which those of the prompt are masked with -100, and the attention mask.
fn token_row(out: &mut String, random: &mut Random) {
    let length = 960 + random.below(400);
    let prompt = random.below(length / 2);
    let ids: Vec<u32> = (0..length).map(|_| random.token_id()).collect();
    out.push_str("{\"input_ids\":[");
    push_list(out, &ids, |out, _, id| push_number(out, id));
    out.push_str("],\"labels\":[");
    push_list(out, &ids, |out, at, id| if at < prompt { out.push_str("-100") } else { push_number(out, id) });
    out.push_str("],\"attention_mask\":[");
    push_list(out, &ids, |out, _, _| out.push('1'));
    out.push_str("],\"score\":");
    push_score(out, random);
    push_provenance(out, random, &COMPACT);
    out.push('}');
}

/// For one record in ten, its last member: complete, with a part of its members, or null.
fn push_provenance(out: &mut String, random: &mut Random, Spacing(space): &Spacing) {
    let source = ("source", "\"curated\"");
    let model = ("model", "\"hermes4:70b\"");
    let session = ("source_session_id", "\"20260330_142231_a1b2c3\"");
    let timestamp = ("timestamp", "\"2026-03-30T14:22:31Z\"");
    let approved = ("approved", "true");
    let members: &[(&str, &str)] = match random.below(80) {
        0..=3 => &[source, model, session, timestamp, approved],
        4..=5 => &[source, timestamp],
        6 => &[model],
        7 => &[],
        _ => return,
    };
    out.extend([",", space, "\"provenance\":", space]);
    if members.is_empty() {
        out.push_str("null");
        return;
    }
    let mut before = "{";
    for (name, value) in members {
        out.extend([before, "\"", name, "\":", space, value]);
        before = if space.is_empty() { "," } else { ", " };
    }
    out.push('}');
}

fn push_list(out: &mut String, numbers: &[u32], mut push: impl FnMut(&mut String, u32, u32)) {
    for (at, number) in (0..).zip(numbers) {
        if at > 0 {
            out.push(',');
        }
        push(out, at, *number);
    }
}

fn push_number(out: &mut String, number: u32) {
    let mut place = 1;
    while number / place >= 10 {
        place *= 10;
    }
    while place > 0 {
        push_digit(out, number / place % 10);
        place /= 10;
    }
}

fn push_digit(out: &mut String, digit: u32) {
    out.push(char::from_digit(digit, 10).expect("a remainder of ten is a digit"));
}

/// A number below 1 with three decimals.
fn push_score(out: &mut String, random: &mut Random) {
    out.push_str("0.");
    for _ in 0..3 {
        push_digit(out, random.below(10));
    }
}
