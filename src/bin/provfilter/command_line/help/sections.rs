//! The sections of the manual besides the flags.

use provfilter::fault::Code;
use provfilter::layout::Layout;
use provfilter::screen::Screen;

use super::super::suggestions;
use super::block::{Block, Section};

/// What commands are good for, and the commands. The first five stand in `-h`.
pub(super) const EXAMPLES: [(&str, &str); 9] = [
    ("Annotate a stream:", "cat raw.jsonl | provfilter --source trajectory --model hermes4:14b > out.jsonl"),
    ("Take source, model, session and time from the records themselves:", "provfilter --layout hermes raw.jsonl > out.jsonl"),
    ("Set bad conversations aside:", "provfilter --exclude chat --excluded-to bad.jsonl raw.jsonl > out.jsonl"),
    ("Fill gaps in a file in place, and keep the original:", "provfilter -i.bak --backfill --model unknown out.jsonl"),
    ("Check a file, as in CI, and show what is in it:", "provfilter -n --validate --report html=report.html out.jsonl"),
    (
        "Exclude records with a filter in the jq language:",
        "provfilter --exclude 'low=(.score? // 0) < 0.5' raw.jsonl > out.jsonl",
    ),
    ("Describe a dataset on its card:", "provfilter -n --report markdown=card.md out.jsonl"),
    ("Take provenance out again before training:", "provfilter --drop-excluded --strip out.jsonl > train.jsonl"),
    ("Add up the reports of shards:", "provfilter --merge --report html=all.html shard-*.json"),
];

/// The members of a provenance.
pub(super) fn provenance() -> Vec<Block> {
    let mut blocks =
        vec![text("Provenance is an object, the record's top-level member `provenance` (or what `--member` names):")];
    blocks.extend(rows(&[
        ("`source_session_id`", "the session that the record comes from; a string, required"),
        ("`source`", "`trajectory`, `curated`, `backfill`, or a name allowed with `--allow-source`; a string, required"),
        ("`model`", "the model that produced the assistant turns; a string, required"),
        ("`timestamp`", "when the record was captured; ISO 8601, required"),
        ("`approved`", "whether the record is good to train on; a boolean, required"),
        ("`excluded`", "whether a rule turned the record down; a boolean"),
        ("`exclusion_reason`", "the name of that rule; a string"),
    ]));
    blocks.push(text(
        "Annotating and backfilling fill in what is missing (absent, `null` or an empty string), and never change what is there. Any other \
         members are kept. Excluded records stay in the output, marked, unless a flag says otherwise.",
    ));
    blocks
}

/// The sections behind the flags.
pub(super) fn all() -> Vec<Section> {
    vec![
        values(),
        layouts(),
        screens(),
        reports(),
        files(),
        faults(),
        exit_status(),
        signals(),
        environment(),
        Section {
            title: "Examples",
            blocks: EXAMPLES.into_iter().map(|(what, command)| Block::Example { what, command }).collect(),
        },
    ]
}

fn values() -> Section {
    let mut blocks = vec![text("`--source`, `--model`, `--session-id`, `--timestamp` and `--set` take text with placeholders:")];
    blocks.extend(rows(&[
        (
            "`{/json/pointer}`",
            "the value there in the record (RFC 6901): a string that is not empty, a number as it is spelled, or a boolean",
        ),
        ("`{now}`", "the time of the run"),
        ("`{line}`, `{file}`", "the number of the line, from 1, and the name of its file (`-` for standard input)"),
        ("`{sha256}`", "the SHA-256 digest of the line without its line end, in hexadecimal"),
        ("`{{`, `}}`", "braces"),
    ]));
    blocks.push(text(
        "A flag given several times lists alternatives, and the first that fully resolves wins: `--model '{/model}' --model unknown`. Values \
         that look into the record are tried before values that do not, and a flag's before the layout's. A record for which no source or \
         no model resolves is faulty. Any other member for which none resolves stays missing.",
    ));
    blocks.push(text(
        "Times are ISO 8601, or numbers since 1970: seconds with up to 10 digits before the point, milliseconds with 11 to 13, microseconds with \
         14 to 16, nanoseconds with 17 to 19. They are written in UTC, with the sub-second digits that they came with.",
    ));
    Section { title: "Values", blocks }
}

fn layouts() -> Section {
    let mut blocks = vec![text("`--layout` stands for these flags. A layout without a source needs `--source`, too.")];
    blocks.extend(Layout::ALL.iter().map(|layout| {
        let Layout { name, source, model, session_id, timestamp } = layout;
        let fields = [("source", source), ("model", model), ("session-id", session_id), ("timestamp", timestamp)];
        let flags = fields.into_iter().flat_map(|(flag, values)| values.iter().map(move |value| format!("`--{flag} '{value}'`")));
        row(format!("`{name}`"), flags.collect::<Vec<_>>().join(" "))
    }));
    Section { title: "Layouts", blocks }
}

fn screens() -> Section {
    let mut blocks =
        vec![text("Screens are built-in rules for `--exclude`. The reason is the screen's name. Each excludes a record ...")];
    blocks.extend(Screen::ALL.map(|screen| row(format!("`{}`", screen.name()), screen.describe().to_owned())));
    blocks.extend(Screen::GROUPS.map(|(group, screens)| {
        let names: Vec<_> = screens.iter().map(|screen| format!("`{}`", screen.name())).collect();
        text(&format!("`{group}` is a group, and stands for all of these: {}.", names.join(", ")))
    }));
    blocks.push(text(
        "Filters may use, besides all that jq has, `turns` (the conversation in any layout, as an array of objects with `role`, `text` and \
         `calls`), `prompt` (the text of the first user turn) and `answer` (that of the last assistant turn).",
    ));
    Section { title: "Screens", blocks }
}

fn reports() -> Section {
    let mut blocks = vec![text("`--report` takes these formats:")];
    blocks.extend(suggestions::reports().into_iter().map(|format| {
        let help =
            format.get_help().map(|help| help.to_string().replace("--merge", "`--merge`").replace("--digests", "`--digests`"));
        row(format!("`{}`", format.get_name()), help.unwrap_or_default())
    }));
    blocks.push(text(
        "JSON reports of different runs add up. `--merge` refuses a report if its run is in another one, too, or if its counts do not add up. \
         If reports have digests, it names the inputs that were counted twice.",
    ));
    Section { title: "Reports", blocks }
}

/// What the names of files may stand for.
pub(super) fn files() -> Section {
    let blocks = vec![
        text(
            "Standard output is called `-`: `--report FORMAT=-`, `--errors -`, `--rejects -`, `--excluded-to -` or `--sidecar -`. It takes one of \
             them, and only if no records go there (with `-n`, `-i` or `--merge`). As a FILE, `-` is standard input.",
        ),
        text(
            "A report replaces its file as a whole. The files of `--excluded-to`, `--rejects`, `--errors` and `--sidecar` are emptied first, \
             unless `--append` or `-i` is given. A FIFO or an open descriptor, such as `/dev/stderr`, is written to as it is. The name of an \
             output must not end in `.gz` or `.zst`, because output is not compressed.",
        ),
        text(
            "Reading or writing a standard stream that is closed is an error. If just one stream leads to `/dev/null`, opened for reading and \
             writing as Python's `subprocess.DEVNULL` is, it looks like a closed one: write no records with `-n`, or silence standard error, \
             too.",
        ),
    ];
    Section { title: "Files", blocks }
}

fn faults() -> Section {
    let mut blocks = vec![text(
        "A faulty line does not stop the run unless `--on-error stop` is given. The first ten are reported on standard error by file and line; \
         all are counted. These are the codes:",
    )];
    blocks.extend(Code::ALL.map(|code| row(format!("`{}`", code.as_str()), meaning(code).to_owned())));
    Section { title: "Faults", blocks }
}

fn meaning(code: Code) -> &'static str {
    match code {
        Code::NotUtf8 => "the line is not UTF-8",
        Code::NotJson => "the line is not JSON",
        Code::NotObject => "the line is JSON, but not an object",
        Code::DuplicateMember => "the provenance, or a member of it, is there more than once",
        Code::ProvenanceNotObject => "the provenance is neither an object nor `null`",
        Code::MemberNotObject => "a parent of the provenance is not an object",
        Code::LineTooLong => "the line is longer than `--max-line-bytes`",
        Code::TooDeep => "the record is nested too deeply for a rule to read",
        Code::UnresolvedValue => "no value for the source or the model resolves",
        Code::UnknownSource => "the value for the source is not an allowed source",
        Code::RuleFailed => "a filter failed on the record",
        Code::InvalidProvenance => "`--validate` found the provenance invalid; the record is still written",
        _ => "another fault",
    }
}

fn exit_status() -> Section {
    let blocks = rows(&[
        ("`0`", "every line was accounted for, and everything was written"),
        (
            "`1`",
            "there were more faults than `--max-errors` allows or more exclusions than `--max-excluded` allows, or `--on-error stop` met a fault",
        ),
        ("`2`", "the command line is wrong, or a file could not be read or written"),
        ("`129`, `130`, `143`", "SIGHUP, SIGINT or SIGTERM ended the run; the lines read so far were finished and reported"),
        ("`141`", "the program that read the output closed it"),
    ]);
    Section { title: "Exit status", blocks }
}

fn signals() -> Section {
    let blocks = rows(&[
        (
            "`SIGINT`, `SIGTERM`, `SIGHUP`",
            "stop reading, finish the lines that were read, report, and die of the signal. A second one ends the run at once, and so does the \
             tenth second after the first. A signal that was ignored at the start (as by `nohup`) stays ignored.",
        ),
        ("`SIGUSR1`", "report the run so far, and carry on."),
        ("`SIGPIPE`", "ignored; a closed output ends the run with status 141."),
    ]);
    Section { title: "Signals", blocks }
}

fn environment() -> Section {
    let blocks = rows(&[
        ("`SOURCE_DATE_EPOCH`", "the time that `{now}` stands for, in seconds since 1970, for reproducible runs"),
        ("`TZ`", "the time zone of `--assume-tz local`"),
        ("`NO_COLOR`", "if set and not empty, turns colour off where `--color` is `auto`"),
        ("`COLUMNS`", "the width of the dashboard and of `--help`"),
        (
            "`LC_ALL`, `LC_CTYPE`, `LANG`",
            "if the first of them that is set is not a UTF-8 locale, reports for terminals keep to ASCII",
        ),
    ]);
    Section { title: "Environment", blocks }
}

fn text(text: &str) -> Block {
    Block::Text(text.to_owned())
}

fn row(term: String, text: String) -> Block {
    Block::Row { term, text }
}

fn rows(rows: &[(&str, &str)]) -> Vec<Block> {
    rows.iter().map(|(term, text)| row((*term).to_owned(), (*text).to_owned())).collect()
}
