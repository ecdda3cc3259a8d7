use super::super::plain;
use super::walk;
use crate::index::{Index, levels};
use crate::place::Place;
use crate::provenance::Field;
use crate::record::lookup::Wanted;
use crate::record::outline::Outline;

fn wanted() -> Wanted {
    let mut wanted = Wanted::default();
    for name in ["v", "nn", "provenance", "absent"] {
        wanted.add(name);
    }
    wanted
}

/// What the walk finds on the first line of a block, but for what it alone tells.
fn walked(index: &mut Index, block: &str) -> Option<(Outline, usize)> {
    let mut outline = Outline::default();
    index.read(block.as_bytes());
    let length = walk(index, block.as_bytes(), 0, &wanted(), &mut outline)?;
    outline.known = None;
    Some((outline, length))
}

/// What the plain way finds on a line.
fn plainly(line: &str) -> Option<(Outline, usize)> {
    let mut outline = Outline::default();
    plain::outline(line, &wanted(), &mut outline).ok()?;
    Some((outline, line.len()))
}

/// Holds the walk to the plain way on a line, and on the same line with others behind it.
fn agrees(index: &mut Index, line: &str) {
    let plain = plainly(line);
    assert_eq!(walked(index, line), plain, "{line}");
    let behind = format!("{line}\n\"}}]0,1,2,3");
    assert_eq!(walked(index, &behind), plain, "{behind}");
}

/// Holds the walk to the plain way on a line with `text` at every offset from the borders of the index's words, at each level.
fn agrees_wherever_it_stands(text: &str) {
    for level in levels() {
        let mut index = Index::at_level(level);
        for offset in (0..=66).chain(120..=130) {
            agrees(&mut index, &format!("{{\"{}\":{text}}}", "n".repeat(offset)));
            agrees(&mut index, &format!("{{\"s\":\"{}\",\"v\":{text},\"provenance\":null}}", "é".repeat(offset)));
            agrees(&mut index, &format!("{{\"v\":[{}{text},5],\"w\":{{\"x\":{text}}}}}", "7,".repeat(offset)));
        }
    }
}

#[test]
fn agrees_with_the_plain_way_on_strings() {
    for text in [
        r#""""#,
        r#""a\"b""#,
        r#""\\""#,
        r#""\\\"""#,
        r#""\u00e9\ud800\/""#,
        r#""日本語🚀""#,
        "\"\u{7f}\"",
        r#""\uABcd\b\f\n\r\t""#,
    ] {
        agrees_wherever_it_stands(text);
    }
    for text in [
        r#"""#,
        r#""\""#,
        r#""\x""#,
        r#""\u12g4""#,
        r#""\u12""#,
        r#""\u""#,
        r#""\u123""#,
        r#""\u\\\\""#,
        r#""\u123\"a""#,
        "\"a\tb\"",
        "\"a\u{0}\"",
        "'a'",
        "\"\\é\"",
        "\"\\\t\"",
    ] {
        agrees_wherever_it_stands(text);
    }
}

#[test]
fn agrees_with_the_plain_way_on_numbers() {
    for text in ["0", "-0", "-1.50", "10", "1e5", "1E+05", "0.0e-0", "123456789012345678901234567890", "1 , 2", "1 ,\t-3.5 "] {
        agrees_wherever_it_stands(text);
    }
    for text in [
        "", "-", "+1", "01", "-01", "1.", ".5", "1.2.3", "1e", "1e+", "1 2", "1,,2", ",1", "1,", "--1", "1-2", "0x1", "1.-2",
        "/1", ":",
    ] {
        agrees_wherever_it_stands(text);
    }
}

#[test]
fn agrees_with_the_plain_way_on_the_rest() {
    for text in ["true", "false", "null", "[]", "{}", "[ ]", "{ }", "[[],{}]", r#"{"a":{"b":[{}]}}"#, r#"[ 1 , "a" , [ 2 ] ]"#] {
        agrees_wherever_it_stands(text);
    }
    for text in [
        "nul",
        "True",
        "truee",
        "NaN",
        "[1",
        "]",
        "[1}",
        "{1:2}",
        r#"{"a"}"#,
        r#"{"a":}"#,
        r#"{"a":1,}"#,
        "[1,]",
        "/**/1",
        "[,1]",
        r#"{,"a":1}"#,
    ] {
        agrees_wherever_it_stands(text);
    }
}

/// Lines that have some of everything, to be broken.
const LINES: [&str; 4] = [
    r#"{"v":"a\"b\\ \u00e9\ud83d\ude42","nn":[1,-2.5,3e5, 40 ,0.25,123456789,-0,7],"provenance":{"model":"m"},"x":{"y":[{},[],null]}}"#,
    r#" {"input_ids":[101,2023,2003,102,0,15496,995,11,866,122,84269,7322,27995,2371,1146,271,64,1],"v":true} "#,
    r#"{"provenance":{"source":"s","model":"m","source_session_id":"1","timestamp":"t","approved":true,"excluded":false}}"#,
    r#"{"messages":[{"role":"user","content":"caf\u00e9 \n\t\/"},{"role":"assistant","content":"日本語"}],"score":0.850,"prov\u0065nance":1}"#,
];

const TELLING: [&str; 22] = [
    "\"", "\\", "{", "}", "[", "]", ",", ":", " ", "\t", "\r", "\u{1f}", "\\u", "0", "7", "-", ".", "e", "n", "é", "true", "1,2,",
];

proptest::proptest! {
    #[test]
    fn agrees_with_the_plain_way_on_broken_lines(
        line in proptest::sample::select(LINES.to_vec()),
        shift in 0..64_usize,
        changes in proptest::collection::vec(
            (proptest::prelude::any::<proptest::sample::Index>(), 0..3_usize, proptest::sample::select(TELLING.to_vec())),
            0..4,
        ),
    ) {
        let mut line = format!("{}{line}", " ".repeat(shift));
        for (place, length, text) in changes {
            let start = line.floor_char_boundary(place.index(line.len() + 1));
            let end = line.ceil_char_boundary((start + length).min(line.len()));
            line.replace_range(start..end, text);
        }
        // The walk leaves records with such names to the plain way.
        let is_left = plainly(&line).is_some()
            && crate::json::members(line.trim_start()).any(|(name, _)| name.contains('\\'));
        for level in levels() {
            let mut index = Index::at_level(level);
            if is_left {
                proptest::prop_assert_eq!(walked(&mut index, &line), None);
            } else {
                agrees(&mut index, &line);
            }
        }
    }
}

#[test]
fn a_bad_escape_costs_its_line_alone() {
    let good = r#"{"a":"\u00e9"}"#;
    for bad in [r#"{"a":"\x"}"#, r#"{"a":"\u00"}"#, r#"{"a":"\u"#, r#"{"a":"\"#] {
        let block = format!("{bad}\n{good}\n");
        for level in levels() {
            let mut index = Index::at_level(level);
            index.read(block.as_bytes());
            let at = |start| walk(&index, block.as_bytes(), start, Wanted::none(), &mut Outline::default());
            assert_eq!((at(0), at(bad.len() + 1)), (None, Some(good.len())), "{bad}");
        }
    }
}

#[test]
fn follows_brackets_deeper_than_a_word_has_bits() {
    let mut index = Index::new(crate::index::Vectors::Widest);
    for depth in [63, 64, 65, 127, 128, 129, 100_000] {
        let line = format!("{{\"a\":{}1{}}}", "[{\"b\":".repeat(depth / 2), "}]".repeat(depth / 2));
        assert_eq!(walked(&mut index, &line).map(|(outline, ..)| outline.depth), Some(depth / 2 * 2 + 1));
        let wrong = line.replacen("}]", "]}", 1);
        assert_eq!(walked(&mut index, &wrong), None);
    }
}

/// The values of the known members on a line, if the walk gives them.
fn known(line: &str) -> Option<Vec<(Field, &str)>> {
    let mut index = Index::new(crate::index::Vectors::Widest);
    index.read(line.as_bytes());
    let mut outline = Outline::default();
    walk(&index, line.as_bytes(), 0, Wanted::none(), &mut outline)?;
    let values = Field::ALL.into_iter().zip(outline.known?).filter(|(_, place)| *place != Place::NONE);
    Some(values.map(|(field, place)| (field, &line[place.range()])).collect())
}

#[test]
fn tells_known_provenance_in_any_order() {
    assert_eq!(
        known(r#"{"a":1, "provenance": { "model" : "m" ,"approved":true,"source":null}}"#),
        Some(vec![(Field::Source, "null"), (Field::Model, "\"m\""), (Field::Approved, "true")])
    );
    for line in [
        r#"{"a":1}"#,
        r#"{"provenance":null}"#,
        r#"{"provenance":{}}"#,
        r#"{"provenance":{"model":"m","note":"x"}}"#,
        r#"{"provenance":{"model":"m","model":"m"}}"#,
        r#"{"provenance":{"mod\u0065l":"m"}}"#,
        r#"{"provenance":{"model":["m"]}}"#,
    ] {
        assert_eq!(known(line), None, "{line}");
    }
}
