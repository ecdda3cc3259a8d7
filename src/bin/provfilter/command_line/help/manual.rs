//! The whole manual in order, whatever shows it: the flags by group, and the sections around them.

use clap::{Arg, Command};

use super::block::{Block, Section};
use super::{markup, sections};

/// All sections behind the synopsis.
pub(super) fn manual(command: &Command) -> Vec<Section> {
    let mut sections = vec![description(command), options(command)];
    sections.extend(sections::all());
    sections
}

/// What the program does, in a line.
pub(super) fn about(command: &Command) -> String {
    command.get_about().map(ToString::to_string).expect("the command says what it does")
}

/// The groups of flags, in their order, each with its flags.
pub(super) fn groups(command: &Command) -> Vec<(&str, Vec<&Arg>)> {
    let mut groups: Vec<(&str, Vec<&Arg>)> = Vec::new();
    for arg in command.get_arguments() {
        let heading = arg.get_help_heading().expect("each flag has a heading");
        match groups.iter_mut().find(|(name, _)| *name == heading) {
            Some((_, args)) => args.push(arg),
            None => groups.push((heading, vec![arg])),
        }
    }
    groups
}

/// How a flag is written.
pub(super) fn term(arg: &Arg) -> String {
    let names = arg.get_value_names().unwrap_or_default();
    let Some(value) = names.first().filter(|_| arg.is_positional() || arg.get_action().takes_values()) else {
        return flag_names(arg);
    };
    if arg.is_positional() {
        return format!("[*{value}*]...");
    }
    let is_optional = arg.get_num_args().is_some_and(|number| number.min_values() == 0);
    if is_optional { format!("{}[=*{value}*]", flag_names(arg)) } else { format!("{} *{value}*", flag_names(arg)) }
}

fn flag_names(arg: &Arg) -> String {
    let short = arg.get_short().map(|short| format!("`-{short}`"));
    let long = arg.get_long().map(|long| format!("`--{long}`"));
    short.into_iter().chain(long).collect::<Vec<_>>().join(", ")
}

/// What a flag does, the values it takes, and what it is without.
pub(super) fn explain(arg: &Arg) -> String {
    let sentences = [Some(details(arg)), choices(arg), default(arg)];
    sentences.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// The first of the sentences, without markup, for lists that have a line for a flag.
pub(in super::super) fn first_sentence(arg: &Arg) -> String {
    let details = markup::plain(&details(arg));
    let end = details.find(". ").unwrap_or(details.len());
    details[..end].trim_end_matches('.').to_owned()
}

fn details(arg: &Arg) -> String {
    let help = arg.get_long_help().map(ToString::to_string).unwrap_or_default();
    let (_, details) = help.split_once("\n\n").expect("each flag has a half line and what is said at length");
    details.to_owned()
}

/// The values to choose from.
fn choices(arg: &Arg) -> Option<String> {
    if arg.is_hide_possible_values_set() {
        return None;
    }
    let values = arg.get_possible_values();
    let choices = values.iter().map(|value| {
        let help = value.get_help().map(|help| format!(" ({help})")).unwrap_or_default();
        format!("`{}`{help}", value.get_name())
    });
    let choices: Vec<_> = choices.collect();
    let (last, others) = choices.split_last().filter(|_| arg.get_action().takes_values())?;
    Some(format!("One of {} or {last}.", others.join(", ")))
}

fn default(arg: &Arg) -> Option<String> {
    let default = arg.get_default_values().first().filter(|_| arg.get_action().takes_values())?;
    Some(format!("Default: `{}`.", default.to_string_lossy()))
}

fn description(command: &Command) -> Section {
    let about = command.get_long_about().map(ToString::to_string).unwrap_or_default();
    let paragraphs = about.split("\n\n").skip(1).map(|paragraph| Block::Text(paragraph.to_owned()));
    Section { title: "Description", blocks: paragraphs.chain(sections::provenance()).collect() }
}

fn options(command: &Command) -> Section {
    let mut blocks = Vec::new();
    for (heading, args) in groups(command) {
        blocks.push(Block::Group(heading.to_owned()));
        blocks.extend(args.into_iter().map(|arg| Block::Flag { term: term(arg), text: explain(arg) }));
    }
    Section { title: "Options", blocks }
}
