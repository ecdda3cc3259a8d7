//! The rows of `cases/` can be trusted: what is wrong with them is reported, and what is rewritten says the same.

use std::collections::BTreeMap;
use std::fs;

use proptest::prelude::*;

use crate::harness::sums::wrong_sums;
use crate::rows::Table;
use crate::rows::bless::{bless, rewritten};
use crate::rows::places::{OnFault, Places};
use crate::rows::text::{Text, spelled};

fn table(toml: &str) -> Table {
    Table::parse(toml).unwrap_or_else(|why| panic!("{why}"))
}

/// A text as a row has it.
fn read(toml: &str) -> Vec<u8> {
    let texts: BTreeMap<String, Text> = toml::from_str(&format!("text = {toml}")).expect("it is TOML");
    texts["text"].bytes()
}

#[test]
fn a_table_with_an_unknown_key_or_without_rows_is_refused() {
    for (toml, why) in [
        ("case = []", "no rows"),
        ("", "missing field `case`"),
        ("[[case]]\nname = 'a'\nstdin = 'x'", "unknown field `stdin`"),
        ("arg = ''\n[[case]]\nname = 'a'", "unknown field `arg`"),
        ("[[case]]\nargs = '-q'", "missing field `name`"),
        ("[[case]]\nname = 'a'\n[[case]]\nname = 'a'", "two rows are named `a`"),
        ("[[case]]\nname = 'a'\ngiven = [{ text = 'a', time = 2 }]", "did not match"),
    ] {
        let refused = Table::parse(toml).err().unwrap_or_else(|| panic!("{toml} is taken"));
        assert!(refused.contains(why), "{refused}");
    }
}

/// Rows of which all but `right` are wrong in everything that they say.
const WRONG: &str = r#"# A comment.
args = "-q"

# Another one.
[[case]]
name = "wrong output"
given = "{}\n"
stdout = "{ }\n"  # stays

[[case]]
name = "right"
given = "{}\n"
stdout = "{}\n"

[[case]]
name = "wrong in everything else"
args = "--source curated --model m --report json=report.json --report prometheus=p --errors errors -- a b"
stderr = "?"
status = 3
files = { a = "[]\n", b = "" }
leaves = { more = "" }
report = { lines = 7, total = 0 }
"#;

#[test]
fn a_row_that_fails_says_everything_that_differs() {
    let failures: Vec<_> = table(WRONG).rows.iter().map(|row| row.failure(&row.run()).unwrap_or_default()).collect();
    let [output, right, everything] = &failures[..] else {
        panic!("there are three rows");
    };
    assert!(output.starts_with("standard output differs at line 1\n  expected:\n    { }\\n\n  got:\n    {}\\n\n"), "{output}");
    assert_eq!(right, "");
    for told in [
        "the exit status is 1, not 3",
        "standard error differs",
        "more is not there",
        "p is there",
        "errors is there",
        "lines of the report is Some(Number(1)), not 7",
    ] {
        assert!(everything.contains(told), "{told}: {everything}");
    }
}

#[test]
fn a_rewritten_row_is_right_and_nothing_else_changes() {
    let mut toml = WRONG.to_owned();
    for row in table(WRONG).rows {
        toml = rewritten(&toml, &row, &row.run());
    }
    let failures: Vec<_> = table(&toml).rows.iter().filter_map(|row| row.failure(&row.run())).collect();
    assert!(failures.is_empty(), "{toml}\n{}", failures.join("\n"));
    for kept in ["# A comment.\nargs = \"-q\"\n\n# Another one.\n", "stdout = '''\n{}\n'''  # stays\n"] {
        assert!(toml.contains(kept), "{toml}");
    }
}

#[test]
fn rewriting_what_is_right_changes_no_byte() {
    let right = &table(WRONG).rows[1];
    assert_eq!(rewritten(WRONG, right, &right.run()), WRONG);
}

#[test]
fn lines_that_are_lost_cannot_be_blessed() {
    let toml = "[[case]]\nname = 'a'\nargs = '-q --rejects rejects'\ngiven = '[]'\nstatus = 1\nleaves.rejects = '[]'\n";
    let row = &table(toml).rows[0];
    let ended = row.run();
    fs::write(ended.path("rejects"), "").expect("the file can be emptied");
    let path = ended.path("table.toml");
    fs::write(&path, toml).expect("a table can be written");
    let left = bless(&path, row, &ended).expect("the line is still lost");
    assert!(left.contains("1 lines came in, but 0 are accounted for"), "{left}");
}

#[test]
fn texts_may_say_any_byte() {
    assert_eq!(read(r"['\xffa\x5cx41', { text = 'é', times = 2 }]"), b"\xffa\\x41\xc3\xa9\xc3\xa9");
}

proptest! {
    #[test]
    fn a_text_that_is_spelled_reads_as_the_same_bytes(bytes in prop_oneof![
        prop::collection::vec(any::<u8>(), 0..40),
        prop::collection::vec(prop::sample::select(b"\\x'\" \n\ta0{}".to_vec()), 0..40),
        (any::<u8>(), 0..300_usize, any::<u8>()).prop_map(|(byte, times, last)| [vec![byte; times], vec![last]].concat()),
    ]) {
        prop_assert_eq!(read(&spelled(&bytes)), bytes);
    }
}

#[test]
fn texts_are_spelled_so_that_people_can_read_them() {
    for (bytes, toml) in [
        (&b"{}\n"[..], "'''\n{}\n'''"),
        (b"{}", "'{}'"),
        (b"it's", r#""it's""#),
        (b"it's\n", "'''\nit's\n'''"),
        ("größe\u{a0}\u{202e}".as_bytes(), r"'größe\xc2\xa0\xe2\x80\xae'"),
        (b"source:  \n", "'''\nsource: \\x20\n'''"),
        (b"\\x41\\u0041\x1b[0m\xff\t", r"'\x5cx41\u0041\x1b[0m\xff\x09'"),
        (&[&b"{\""[..], &[b'x'; 100], b"\"}\n"].concat(), "['{\"', { text = 'x', times = 100 }, '''\n\"}\n''']"),
    ] {
        assert_eq!(spelled(bytes), toml);
    }
}

#[test]
fn sums_that_do_not_come_out_are_told() {
    let right = serde_json::json!({
        "lines": 10, "total": 4, "blank_lines": 3, "rejected": 2, "passed": 1, "written": 1, "routed": 1, "dropped": 2, "by_error": { "not_json": 3 },
    });
    assert_eq!(wrong_sums(&right), None);
    for (name, sum) in [("lines", "lines"), ("passed", "lines"), ("routed", "total")] {
        let mut wrong = right.clone();
        wrong[name] = 7.into();
        assert!(wrong_sums(&wrong).is_some_and(|told| told.contains(&format!("the report has {sum} = "))), "{name}");
    }
    let places = Places { output: Some(5), excluded: Some(1), rejects: Some(0), errors: Some(4), on_fault: OnFault::Pass };
    assert_eq!(
        places.differ_from(&right),
        ["--rejects has 0 lines, but 2 are counted", "--errors has 4 lines, but 3 are counted"]
    );
    assert_eq!(places.differ_from_input(b"1\n\n3\n4\n5\n6"), None);
    assert_eq!(places.differ_from_input(b"1\n"), Some("1 lines came in, but 6 are accounted for".to_owned()));
}
