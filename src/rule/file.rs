//! Splits the text of a rules file into rules and definitions, whatever they mean.
//!
//! A rule is a line as `--exclude` takes it, a definition a line that starts with `def `. An indented line continues the one above. Empty
//! lines and lines that start with `#` are skipped everywhere.

use super::error::RuleError;

/// A rule or a definition of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// The number of its first line, counted from 1.
    pub(super) line: usize,
    /// Its lines, with line feeds between them; skipped lines are empty.
    pub(super) text: String,
}

impl Entry {
    /// The entry defines functions, and is not a rule.
    pub(super) fn is_definition(&self) -> bool {
        self.text.starts_with("def ")
    }
}

/// Takes a file's bytes apart.
///
/// # Errors
///
/// What is wrong, and on which line: the bytes are not text, the first line goes on with another, or nothing is in the file.
pub(super) fn entries(bytes: &[u8]) -> Result<Vec<Entry>, (usize, RuleError)> {
    let text = text(bytes)?;
    let mut entries: Vec<Entry> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let number = index + 1;
        let is_skipped = line.trim().is_empty() || line.starts_with('#');
        if is_skipped {
            continue;
        }
        if !line.starts_with([' ', '\t']) {
            entries.push(Entry { line: number, text: line.to_owned() });
            continue;
        }
        let entry = entries.last_mut().ok_or((number, RuleError::Continued))?;
        let lines = entry.line + entry.text.matches('\n').count();
        entry.text.extend(std::iter::repeat_n('\n', number - lines));
        entry.text.push_str(line);
    }
    if entries.is_empty() { Err((1, RuleError::Empty)) } else { Ok(entries) }
}

fn text(bytes: &[u8]) -> Result<&str, (usize, RuleError)> {
    // Some editors put it first.
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let line_of = |at: usize| memchr::memchr_iter(b'\n', &bytes[..at]).count() + 1;
    let text = std::str::from_utf8(bytes).map_err(|why| (line_of(why.valid_up_to()), RuleError::NotText))?;
    match text.find('\0') {
        Some(at) => Err((line_of(at), RuleError::NotText)),
        None => Ok(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Result<Vec<(usize, String)>, (usize, RuleError)> {
        entries(text.as_bytes()).map(|entries| entries.into_iter().map(|entry| (entry.line, entry.text)).collect())
    }

    #[test]
    fn a_rule_goes_on_with_lines_that_start_with_a_blank() {
        let text = "# Rules.\n\na=.x\n  and .y\n\n# more\n\tor .z\nb=true\n";
        assert_eq!(lines(text), Ok(vec![(3, "a=.x\n  and .y\n\n\n\tor .z".to_owned()), (8, "b=true".to_owned())]));
    }

    #[test]
    fn lines_may_end_in_carriage_returns_and_the_last_in_nothing() {
        assert_eq!(lines("\u{feff}a=1\r\n b\r\n\r\nc=2"), Ok(vec![(1, "a=1\n b".to_owned()), (4, "c=2".to_owned())]));
    }

    #[test]
    fn what_is_not_a_rules_file_is_told_with_its_line() {
        for (text, error) in [
            (&b""[..], (1, RuleError::Empty)),
            (b"\n# nothing\n \n", (1, RuleError::Empty)),
            (b"\n  and .x\na=1", (2, RuleError::Continued)),
            (b"a=1\nb=\xff", (2, RuleError::NotText)),
            (b"a=1\n\n\0ELF", (3, RuleError::NotText)),
        ] {
            assert_eq!(entries(text), Err(error), "{}", text.escape_ascii());
        }
    }

    #[test]
    fn definitions_start_with_def_and_a_blank() {
        let is_definition = |text: &str| entries(text.as_bytes()).map(|entries| entries[0].is_definition());
        assert_eq!(is_definition("def f: 1;"), Ok(true));
        assert_eq!(is_definition("def=true"), Ok(false));
        assert_eq!(is_definition("default=true"), Ok(false));
    }
}
