//! A search for several words at once.

use aho_corasick::packed::{Config, MatchKind, Searcher};
use aho_corasick::{AhoCorasick, Match};

/// Words to look for.
pub(super) struct Words {
    /// Looks at many bytes at once, where the processor can.
    fast: Option<Searcher>,
    slow: AhoCorasick,
}

impl Words {
    /// Looks for some words, none of which is empty.
    pub(super) fn new(words: impl Iterator<Item = &'static str> + Clone) -> Self {
        Self {
            fast: Config::new().match_kind(MatchKind::LeftmostFirst).builder().extend(words.clone()).build(),
            slow: AhoCorasick::new(words).expect("some words are few patterns"),
        }
    }

    /// The words in some bytes, in order and without overlaps.
    pub(super) fn find_iter<'b>(&'b self, bytes: &'b [u8]) -> impl Iterator<Item = Match> {
        let fast = self.fast.as_ref().map(|searcher| searcher.find_iter(bytes));
        let slow = fast.is_none().then(|| self.slow.find_iter(bytes));
        fast.into_iter().flatten().chain(slow.into_iter().flatten())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slow_way_finds_what_the_fast_one_does() {
        let words = Words::new(["abc", "bcd", "xyz"].into_iter());
        let slow = Words { fast: None, slow: words.slow.clone() };
        for text in ["", "ab", "abcd bcd", "..............................xyzabc.................................bcd"] {
            let found = |words: &Words| {
                words.find_iter(text.as_bytes()).map(|found| (found.pattern(), found.start())).collect::<Vec<_>>()
            };
            assert_eq!(found(&slow), found(&words), "{text}");
        }
    }
}
