//! Screens: built-in rules. Each looks at a record as it came, never at its provenance, and says what it finds.
//!
//! The file of a screen holds its rule, the source of the rule, and its tests.

mod broken_reasoning;
mod chosen_equals_rejected;
mod empty_turn;
mod incomplete;
mod look;
mod no_answer;
mod refusal;
mod role_order;
mod secret;
mod stalled;
mod tool_calls;
mod words;

pub use look::Look;

/// A built-in rule.
///
/// ```
/// use provfilter::screen::{Look, Screen};
///
/// let look = Look::at(br#"{"messages": [{"role": "user", "content": "Hi"}]}"#);
/// let screen = Screen::of_name("no-answer").expect("a screen");
/// assert_eq!(screen.find(&look).as_deref(), Some("turn 1: the conversation ends with a user turn"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Screen {
    /// An empty user or assistant turn.
    EmptyTurn,
    /// Turns of unknown roles, or in an order that trainers reject.
    RoleOrder,
    /// No assistant turn at the end.
    NoAnswer,
    /// Tool calls and results that do not parse or do not match.
    ToolCalls,
    /// A call made a third time after two identical results.
    Stalled,
    /// A `<think>` that is not closed, or closed and not opened.
    BrokenReasoning,
    /// A last answer that is a refusal.
    Refusal,
    /// A key or token of a known form.
    Secret,
    /// Chosen and rejected answers that are the same.
    ChosenEqualsRejected,
    /// A record that says its run did not complete.
    Incomplete,
    /// The same content as an earlier record of the run. It takes more than one record to tell: see [`crate::duplicates`].
    Duplicate,
}

/// What a screen is.
struct Rule {
    name: &'static str,
    /// Which records it excludes, as the end of "excludes a record ...".
    excludes: &'static str,
    /// Where the rule comes from.
    source: &'static str,
    /// What is found in a record, if it is turned down.
    find: fn(&Look<'_>) -> Option<String>,
}

const DUPLICATE: Rule = Rule {
    name: "duplicate",
    excludes: "with the same content as an earlier record of the run",
    source: "marin; dolma docs/deduplication.md",
    find: |_| None,
};

/// The screens that stand for what every chat needs.
const CHAT: [Screen; 5] = [Screen::EmptyTurn, Screen::RoleOrder, Screen::NoAnswer, Screen::ToolCalls, Screen::Stalled];

impl Screen {
    /// All screens, in the order in which they are listed.
    pub const ALL: [Self; 11] = [
        Self::EmptyTurn,
        Self::RoleOrder,
        Self::NoAnswer,
        Self::ToolCalls,
        Self::Stalled,
        Self::BrokenReasoning,
        Self::Refusal,
        Self::Secret,
        Self::ChosenEqualsRejected,
        Self::Incomplete,
        Self::Duplicate,
    ];

    /// The names of groups of screens, and the screens that each stands for.
    pub const GROUPS: [(&'static str, &'static [Self]); 1] = [("chat", &CHAT)];

    /// The screen with this name, or `None` if there is none.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|screen| screen.name() == name)
    }

    /// The screens that a name stands for: one, or those of a group.
    #[must_use]
    pub fn of_name_or_group(name: &str) -> Option<&'static [Self]> {
        let group = Self::GROUPS.into_iter().find(|(group, _)| *group == name).map(|(_, screens)| screens);
        group.or_else(|| Self::ALL.iter().find(|screen| screen.name() == name).map(std::slice::from_ref))
    }

    /// The name of the screen, which is also the reason that it gives.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.rule().name
    }

    /// Which records it excludes, as the end of "excludes a record ...".
    #[must_use]
    pub fn describe(self) -> &'static str {
        self.rule().excludes
    }

    /// Where its rule comes from.
    #[must_use]
    pub fn source(self) -> &'static str {
        self.rule().source
    }

    /// What the screen finds in a record, in words, or `None` if the record passes. Turns are counted from 1.
    ///
    /// Names and ids are cut, and masked if they hold a secret. [`Screen::Duplicate`] finds nothing in a single record.
    #[must_use]
    pub fn find(self, record: &Look<'_>) -> Option<String> {
        (self.rule().find)(record)
    }

    fn rule(self) -> &'static Rule {
        match self {
            Self::EmptyTurn => &empty_turn::RULE,
            Self::RoleOrder => &role_order::RULE,
            Self::NoAnswer => &no_answer::RULE,
            Self::ToolCalls => &tool_calls::RULE,
            Self::Stalled => &stalled::RULE,
            Self::BrokenReasoning => &broken_reasoning::RULE,
            Self::Refusal => &refusal::RULE,
            Self::Secret => &secret::RULE,
            Self::ChosenEqualsRejected => &chosen_equals_rejected::RULE,
            Self::Incomplete => &incomplete::RULE,
            Self::Duplicate => &DUPLICATE,
        }
    }
}

/// Holds a screen to records that it turns down, with what it finds, and to records that it does not.
#[cfg(test)]
fn check(rule: &Rule, turned_down: &[(&str, &str)], passed: &[&str]) {
    for (record, found) in turned_down {
        assert_eq!((rule.find)(&Look::at(record.as_bytes())).as_deref(), Some(*found), "{record}");
    }
    for record in passed {
        assert_eq!((rule.find)(&Look::at(record.as_bytes())), None, "{record}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn screens_go_by_their_names_and_groups() {
        for screen in Screen::ALL {
            assert_eq!(Screen::of_name(screen.name()), Some(screen));
            assert_eq!(Screen::of_name_or_group(screen.name()), Some(&[screen][..]));
        }
        assert_eq!(Screen::of_name("chat"), None);
        assert_eq!(Screen::of_name_or_group("chat").map(<[Screen]>::len), Some(5));
        assert_eq!(Screen::of_name_or_group("Chat"), None);
    }

    #[test]
    fn a_record_without_a_conversation_passes_all_that_look_at_one() {
        for record in [
            "{}",
            r#"{"messages":{}}"#,
            r#"{"messages":null,"conversations":"x"}"#,
            r#"{"prompt":"a"}"#,
            r#"{"prompt":"a","response":["b"]}"#,
            r#"{"completion":[]}"#,
            r#"{"prompt":"a","completion":[]}"#,
            r#"{"chosen":{"role":"user"}}"#,
            r#"{"instruction":["a"],"output":"b"}"#,
        ] {
            let look = Look::at(record.as_bytes());
            assert!(Screen::ALL.into_iter().all(|screen| screen.find(&look).is_none()), "{record}");
        }
    }
}
