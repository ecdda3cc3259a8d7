//! The rules of a run, from flags and files in the order of the command line.

use std::fs;
use std::path::PathBuf;

use clap::ArgMatches;
use provfilter::Error;
use provfilter::duplicates::DuplicateKey;
use provfilter::rule::{Place, Rules, RulesError, Source};
use provfilter::screen::Screen;

use super::flags::Cli;
use super::usage::UsageError;
use super::values::RuleSource;

/// What the flags for rules were given, in the order in which they stand on the command line.
pub(super) fn sources_in_order(matches: &ArgMatches) -> Vec<RuleSource> {
    let texts = matches.get_many::<String>("exclude").unwrap_or_default().cloned().map(RuleSource::Text);
    let texts = matches.indices_of("exclude").unwrap_or_default().zip(texts);
    let files = matches.get_many::<PathBuf>("rules").unwrap_or_default().cloned().map(RuleSource::File);
    let files = matches.indices_of("rules").unwrap_or_default().zip(files);
    let mut sources: Vec<_> = texts.chain(files).collect();
    sources.sort_by_key(|(index, _)| *index);
    sources.into_iter().map(|(_, source)| source).collect()
}

/// The rules that the flags ask for, if they ask for any.
pub(super) fn rules(cli: &Cli) -> Result<Option<Rules>, UsageError> {
    if cli.rule_sources.is_empty() && cli.duplicate_key.is_empty() {
        // The language is not made where nothing is said in it: that would take longer than to start.
        return Ok(None);
    }
    let given = cli.rule_sources.iter().map(Given::read).collect::<Result<Vec<_>, _>>()?;
    let sources: Vec<_> = given.iter().map(Given::source).collect();
    let rules = Rules::new(&sources).map_err(|error| wrong(error, &sources))?;
    let has_duplicate = rules.iter().any(|rule| rule.screen() == Some(Screen::Duplicate));
    if !cli.duplicate_key.is_empty() && !has_duplicate {
        return Err(UsageError::KeyWithoutDuplicate);
    }
    let rules = rules.with_duplicate_key(DuplicateKey::at(cli.duplicate_key.clone()));
    Ok(Some(rules).filter(|_| !sources.is_empty()))
}

/// A source of rules that has been read.
enum Given<'c> {
    Text(&'c str),
    File { name: String, bytes: Vec<u8> },
}

impl<'c> Given<'c> {
    fn read(source: &'c RuleSource) -> Result<Self, UsageError> {
        match source {
            RuleSource::Text(text) => Ok(Self::Text(text)),
            RuleSource::File(path) => match fs::read(path) {
                Ok(bytes) => Ok(Self::File { name: path.to_string_lossy().into_owned(), bytes }),
                Err(why) => Err(UsageError::RulesFile { path: path.clone(), why: Error::cause_in_words(&why) }),
            },
        }
    }

    fn source(&self) -> Source<'_> {
        match self {
            Self::Text(text) => Source::Text(text),
            Self::File { name, bytes } => Source::File { name, bytes },
        }
    }
}

fn wrong(RulesError { place, why }: RulesError, sources: &[Source<'_>]) -> UsageError {
    match place {
        Place::Text(position) => {
            let Source::Text(text) = sources[position] else { unreachable!("the position is that of a text") };
            UsageError::Rule { text: rule_name(text), why }
        }
        place @ Place::File { .. } => UsageError::RuleInFile(RulesError { place, why }),
    }
}

/// What stands before the filter, which the error itself shows.
fn rule_name(text: &str) -> String {
    text.split_once('=').map_or(text, |(reason, _)| reason).to_owned()
}
