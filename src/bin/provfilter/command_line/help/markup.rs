//! Text with code between backticks, and placeholders between asterisks: cut into words, and words into lines.

/// How a part of a text is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Face {
    Plain,
    /// What is typed as it stands.
    Code,
    /// What something else is typed for.
    Placeholder,
}

/// Something that no line is broken within.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    /// As it is written out.
    pub(super) text: String,
    /// How many columns it takes.
    pub(super) width: usize,
}

/// The parts of a text, with their faces.
pub(super) fn parts(text: &str) -> impl Iterator<Item = (Face, &str)> {
    let parts = text.split('`').enumerate().flat_map(|(position, part)| {
        let is_code = position % 2 == 1;
        let (code, rest) = if is_code { (Some((Face::Code, part)), "") } else { (None, part) };
        let rest = rest.split('*').enumerate();
        let rest = rest.map(|(position, part)| if position % 2 == 1 { (Face::Placeholder, part) } else { (Face::Plain, part) });
        code.into_iter().chain(rest)
    });
    parts.filter(|(_, part)| !part.is_empty())
}

/// The text without its markup.
pub(super) fn plain(text: &str) -> String {
    parts(text).map(|(_, part)| part).collect()
}

/// The words of a text, each part written out by `set`. Code is one word, whatever blanks are in it.
pub(super) fn words(text: &str, set: impl Fn(Face, &str) -> String) -> Vec<Word> {
    let mut words = Vec::new();
    let mut open: Option<Word> = None;
    for (face, part) in parts(text) {
        let pieces = if face == Face::Plain { part.split(' ').collect() } else { vec![part] };
        for (position, piece) in pieces.into_iter().enumerate() {
            if position > 0 {
                words.extend(open.take());
            }
            if !piece.is_empty() {
                let word = open.get_or_insert(Word { text: String::new(), width: 0 });
                word.text.push_str(&set(face, piece));
                word.width += piece.chars().count();
            }
        }
    }
    words.extend(open);
    words
}

/// A command in lines of this width, if breaking it at its first pipe, where a shell goes on, is enough for that.
pub(super) fn fit(command: &str, width: usize) -> String {
    if command.len() > width { command.replacen(" | ", " |\n    ", 1) } else { command.to_owned() }
}

/// Lines of words, no wider than `width` where that can be.
pub(super) fn lines(words: &[Word], width: usize) -> Vec<String> {
    let mut lines: Vec<Word> = Vec::new();
    for word in words {
        match lines.last_mut().filter(|line| line.width + 1 + word.width <= width) {
            Some(line) => {
                line.text = format!("{} {}", line.text, word.text);
                line.width += 1 + word.width;
            }
            None => lines.push(word.clone()),
        }
    }
    lines.into_iter().map(|line| line.text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(face: Face, part: &str) -> String {
        match face {
            Face::Plain => part.to_owned(),
            Face::Code => format!("<{part}>"),
            Face::Placeholder => format!("_{part}_"),
        }
    }

    #[test]
    fn lines_break_between_words_and_never_within_code() {
        let words = words("say `--model m*`, or `--set`[=*NAME*] too", shown);
        assert_eq!(words.iter().map(|word| word.width).collect::<Vec<_>>(), [3, 11, 2, 12, 3]);
        assert_eq!(lines(&words, 15), ["say <--model m*>,", "or <--set>[=_NAME_]", "too"]);
        assert_eq!(lines(&words, 1).len(), 5);
    }

    #[test]
    fn markup_can_be_taken_away() {
        assert_eq!(plain("`-i`, `--in-place`[=*SUFFIX*]"), "-i, --in-place[=SUFFIX]");
    }
}
