//! What is wrong with a rule or a definition, with the place marked.

use std::ops::Range;

use crate::screen::Screen;

/// Why a text is not a rule, or not a definition of a rules file. Displayed, it has several lines where the place is marked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RuleError {
    /// The text has no `=` and is not a name.
    #[error("expected REASON=FILTER, such as low-score='.score < 0.5', or the name of a screen")]
    NoReason,
    /// The text is a name, but not of a screen or a group of screens.
    #[error("unknown screen `{name}`: expected the name of a screen, or REASON=FILTER, such as low-score='.score < 0.5'")]
    UnknownScreen {
        /// The name.
        name: String,
    },
    /// The reason is not a valid name.
    #[error("invalid reason name `{reason}`: expected [a-z0-9][a-z0-9._-]*, such as low-score")]
    Reason {
        /// The text before the `=`.
        reason: String,
    },
    /// Another rule of the run has the same reason.
    #[error("the reason `{reason}` is used twice: give each rule its own, or join the filters with `or`")]
    Twice {
        /// The reason.
        reason: String,
    },
    /// The screen is already among the rules of the run.
    #[error("the screen `{name}` is used twice{}", group(name).map(|group| format!(": `{group}` includes it")).unwrap_or_default())]
    ScreenTwice {
        /// Its name.
        name: &'static str,
    },
    /// The filter does not compile.
    #[error("the filter does not compile: {what}\n  {}\n  {}", line(filter, place).0, line(filter, place).1)]
    Filter {
        /// The filter.
        filter: String,
        /// What is wrong with it.
        what: String,
        /// Where it goes wrong, in bytes of the filter.
        place: Range<usize>,
    },
    /// The definition does not compile.
    #[error("the definition does not compile: {what}\n  {}\n  {}", line(definition, place).0, line(definition, place).1)]
    Definition {
        /// The definition.
        definition: String,
        /// What is wrong with it.
        what: String,
        /// Where it goes wrong, in bytes of the definition.
        place: Range<usize>,
    },
    /// A line is indented, which continues the rule above it, but there is none.
    #[error("an indented line continues the rule above it, but there is no rule above it")]
    Continued,
    /// The file is not UTF-8 text.
    #[error("not UTF-8 text")]
    NotText,
    /// The file has no rules and no definitions.
    #[error("the file has no rules")]
    Empty,
}

impl RuleError {
    /// The lines of the rule or definition that come before the place that is wrong.
    pub(super) fn lines_before(&self) -> usize {
        match self {
            Self::Filter { filter: text, place, .. } | Self::Definition { definition: text, place, .. } => {
                text[..place.start].matches('\n').count()
            }
            _ => 0,
        }
    }
}

/// What is wrong in a text that is to compile, and where in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Flaw {
    pub(super) what: String,
    pub(super) place: Range<usize>,
}

impl Flaw {
    pub(super) fn in_filter(self, filter: &str) -> RuleError {
        RuleError::Filter { filter: filter.to_owned(), what: self.what, place: self.place }
    }

    pub(super) fn in_definition(self, definition: &str) -> RuleError {
        RuleError::Definition { definition: definition.to_owned(), what: self.what, place: self.place }
    }
}

/// The name of a group that has the screen.
fn group(name: &str) -> Option<&'static str> {
    let mut groups = Screen::GROUPS.into_iter();
    groups.find(|(_, screens)| screens.iter().any(|screen| screen.name() == name)).map(|(group, _)| group)
}

/// The line of the text where the place begins, and a line that marks the place below it.
fn line(text: &str, place: &Range<usize>) -> (String, String) {
    let start = text[..place.start].rfind('\n').map_or(0, |line_feed| line_feed + 1);
    let end = text[place.start..].find('\n').map_or(text.len(), |length| place.start + length);
    let width = text[place.start..place.end.clamp(place.start, end)].chars().count().max(1);
    let indent = text[start..place.start].chars().count();
    (text[start..end].trim_end_matches('\r').to_owned(), format!("{}{}", " ".repeat(indent), "^".repeat(width)))
}
