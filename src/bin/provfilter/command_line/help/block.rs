//! The parts of the documentation, whatever shows them.

/// A section.
pub(super) struct Section {
    pub(super) title: &'static str,
    pub(super) blocks: Vec<Block>,
}

/// What a section is made of. Texts have the markup that `markup` reads.
pub(super) enum Block {
    Text(String),
    /// The heading of the flags that follow.
    Group(String),
    Flag {
        term: String,
        text: String,
    },
    /// A line of a table of two columns.
    Row {
        term: String,
        text: String,
    },
    /// A command, and what it does.
    Example {
        what: &'static str,
        command: &'static str,
    },
}
