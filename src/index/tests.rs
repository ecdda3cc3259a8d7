use fearless_simd::Level;

use super::Index;

/// Each level that this machine has, from the widest vectors down to none.
pub(crate) fn levels() -> Vec<Level> {
    let widest = Level::new();
    let mut levels = vec![widest, super::at_most_256_bits(), Level::baseline(), Level::fallback()];
    #[cfg(target_arch = "x86_64")]
    levels.extend(widest.as_sse4_2().map(fearless_simd::Simd::level));
    levels.dedup_by_key(|level| format!("{level:?}"));
    levels
}

/// The places where strings end or cannot go on, by a byte after the other. What an escape has too little of is marked at its `u` or digit.
fn ends(text: &[u8]) -> Vec<usize> {
    let (mut marks, mut at) = (Vec::new(), 0);
    while at < text.len() {
        match text[at] {
            b'"' | 0..=0x1f => marks.push(at),
            b'\\' => {
                at += 1;
                match text.get(at) {
                    Some(b'u') => {
                        let bad =
                            (at + 1..at + 5).filter(|&place| text.get(place).is_none_or(|digit| !digit.is_ascii_hexdigit()));
                        marks.extend(bad.filter(|&place| place <= text.len()).map(|place| place - 1));
                    }
                    Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') | None => {}
                    Some(_) => marks.push(at),
                }
            }
            _ => {}
        }
        at += 1;
    }
    marks.sort_unstable();
    marks.dedup();
    marks
}

fn indexed(index: &mut Index, text: &[u8]) -> Vec<usize> {
    index.read(text);
    let mut marks = Vec::new();
    let mut at = index.next_end(0);
    while at < text.len() {
        marks.push(at);
        at = index.next_end(at + 1);
    }
    assert_eq!(at, text.len(), "the search ends");
    marks
}

proptest::proptest! {
    #[test]
    fn marks_where_strings_end(
        parts in proptest::collection::vec(proptest::sample::select(vec!["\\", "\\\\", "\"", "u", "a", "F", "0", "g", "/", "\n", "\u{1f}", " ", "\u{7f}", "é", "nnnnnnnnnnnnnnnn"]), 0..200),
    ) {
        let text = parts.concat();
        for level in levels() {
            proptest::prop_assert_eq!(indexed(&mut Index::at_level(level), text.as_bytes()), ends(text.as_bytes()), "{:?}", level);
        }
    }

    #[test]
    fn skips_elements_that_are_numbers_and_no_others(
        parts in proptest::collection::vec(proptest::sample::select(vec!["1,", "23.5,", " -0,", "0", ",", ".", "-", " ", "1", "e", "]", "123456789,", "100.25, "]), 0..120),
    ) {
        let text = parts.concat();
        for level in levels() {
            let length = Index::at_level(level).skip_numbers(text.as_bytes());
            let elements: Vec<f64> = serde_json::from_str(&format!("[{}]", text[..length].trim_end_matches(','))).expect("what is skipped is JSON");
            proptest::prop_assert_eq!(elements.len(), text[..length].matches(',').count());
            // It stops only where something else comes than an element as numbers most often stand.
            let next = text[length..].split_inclusive(',').next().unwrap_or_default();
            let plain = next.strip_suffix(',').map(|next| next.trim_start_matches(' '));
            let is_plain = plain.is_some_and(|next| !next.contains(['e', ' ']) && serde_json::from_str::<f64>(next).is_ok());
            proptest::prop_assert!(!is_plain, "{} stops at {}", text, length);
        }
    }
}

#[test]
fn a_shorter_block_is_not_misled_by_a_longer_one_before_it() {
    let mut index = Index::new(super::Vectors::Widest);
    index.read(&[b'"'; 1000]);
    assert_eq!(indexed(&mut index, b"abc\"d"), [3]);
    assert_eq!(indexed(&mut index, &[b'a'; 128]), [0; 0]);
}
