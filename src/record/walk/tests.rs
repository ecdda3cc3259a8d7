use super::super::index::{Index, levels};
use super::super::plain;
use super::{KnownMembers, walk};
use crate::place::Place;
use crate::provenance::Field;
use crate::record::lookup::Wanted;
use crate::record::outline::{Noted, Outline};

fn wanted() -> Wanted {
    let mut wanted = Wanted::default();
    for name in ["v", "nn", "provenance", "absent"] {
        wanted.add(name);
    }
    wanted
}

/// What the walk finds on the first line of a block, and what it notes.
fn walked(index: &mut Index, block: &str) -> Option<(Outline, Noted, usize)> {
    let mut noted = Noted::default();
    index.read(block.as_bytes());
    let walked = walk(index, block.as_bytes(), 0, &wanted(), &mut noted)?;
    Some((walked.outline, noted, walked.length))
}

/// Holds the walk to the plain way on a line, and on the same line with others behind it.
fn agrees(index: &mut Index, line: &str) {
    let mut noted = Noted::default();
    let plain = plain::outline(line, &wanted(), &mut noted).ok().map(|outline| (outline, noted, line.len()));
    assert_eq!(walked(index, line), plain, "{line}");
    let behind = format!("{line}\n\"}}]0,1,2,3");
    assert_eq!(walked(index, &behind), plain, "{behind}");
}

/// Holds the walk to the plain way on a line with `text` at every offset from the borders of the index's words, at each level.
fn agrees_wherever_it_stands(text: &str) {
    for level in levels() {
        let mut index = Index::at_level(level);
        for offset in 0..=130 {
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

#[test]
fn a_bad_escape_costs_its_line_alone() {
    let good = r#"{"a":"\u00e9"}"#;
    for bad in [r#"{"a":"\x"}"#, r#"{"a":"\u00"}"#, r#"{"a":"\u"#, r#"{"a":"\"#] {
        let block = format!("{bad}\n{good}\n");
        for level in levels() {
            let mut index = Index::at_level(level);
            index.read(block.as_bytes());
            let at =
                |start| walk(&index, block.as_bytes(), start, Wanted::NONE, &mut Noted::default()).map(|walked| walked.length);
            assert_eq!((at(0), at(bad.len() + 1)), (None, Some(good.len())), "{bad}");
        }
    }
}

#[test]
fn follows_brackets_deeper_than_a_word_has_bits() {
    let mut index = Index::new(super::super::index::Vectors::Widest);
    for depth in [63, 64, 65, 127, 128, 129, 100_000] {
        let line = format!("{{\"a\":{}1{}}}", "[{\"b\":".repeat(depth / 2), "}]".repeat(depth / 2));
        assert_eq!(walked(&mut index, &line).map(|(outline, ..)| outline.depth), Some(depth / 2 * 2 + 1));
        let wrong = line.replacen("}]", "]}", 1);
        assert_eq!(walked(&mut index, &wrong), None);
    }
}

/// The values of the known members on a line, if the walk gives them.
fn known(line: &str) -> Option<Vec<(Field, &str)>> {
    let mut index = Index::new(super::super::index::Vectors::Widest);
    index.read(line.as_bytes());
    let known: KnownMembers = walk(&index, line.as_bytes(), 0, Wanted::NONE, &mut Noted::default())?.known?;
    let values = Field::ALL.into_iter().zip(known).filter(|(_, place)| *place != Place::NONE);
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
