//! What completions suggest for values that are not limited to a list.

use std::ffi::OsStr;

use clap::builder::{PossibleValue, TypedValueParser};
use clap::{Arg, Command, Error};
use provfilter::provenance::Sources;
use provfilter::report::Format;
use provfilter::screen::Screen;

/// A parser of values that lists some for completions, and takes all that its inner parser takes.
#[derive(Debug, Clone)]
pub(super) struct Suggesting<P> {
    parser: P,
    values: fn() -> Vec<PossibleValue>,
}

/// A parser with values to suggest. They are only made where somebody asks for them.
pub(super) fn suggesting<P: TypedValueParser>(parser: P, values: fn() -> Vec<PossibleValue>) -> Suggesting<P> {
    Suggesting { parser, values }
}

impl<P: TypedValueParser> TypedValueParser for Suggesting<P> {
    type Value = P::Value;

    fn parse_ref(&self, command: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<P::Value, Error> {
        self.parser.parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new((self.values)().into_iter()))
    }
}

/// The sources that are always allowed.
pub(super) fn sources() -> Vec<PossibleValue> {
    Sources::ALWAYS.map(PossibleValue::new).into()
}

/// The zones that have names.
pub(super) fn zones() -> Vec<PossibleValue> {
    ["utc", "local"].map(PossibleValue::new).into()
}

/// Screens and groups of screens.
pub(super) fn screens() -> Vec<PossibleValue> {
    let groups = Screen::GROUPS.into_iter().map(|(group, screens)| {
        let names: Vec<_> = screens.iter().map(|screen| screen.name()).collect();
        PossibleValue::new(group).help(names.join(", "))
    });
    let screens =
        Screen::ALL.into_iter().map(|screen| PossibleValue::new(screen.name()).help(screen.describe().replace('`', "")));
    groups.chain(screens).collect()
}

/// The formats of reports, with what each is for.
pub(super) fn reports() -> Vec<PossibleValue> {
    let formats = Format::ALL.into_iter().map(|format| PossibleValue::new(format.name()).help(use_of(format)));
    formats.chain([PossibleValue::new("none").help("no report")]).collect()
}

fn use_of(format: Format) -> &'static str {
    match format {
        Format::Text => "a summary for people",
        Format::Json => "every count, for programs and for --merge",
        Format::Dashboard => "a box with bars, for terminals",
        Format::Markdown => "tables for a pull request or a dataset card",
        Format::Html => "one page with charts that needs no network",
        Format::Prometheus => "metrics for the node exporter's textfile collector",
        Format::InToto => "an unsigned in-toto statement about the output; needs --digests",
        _ => "another format",
    }
}
