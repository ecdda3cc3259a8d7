//! Removes the provenance from a line: the member with its comma, and parents that exist for nothing else.

use std::ops::Range;

use super::outline::Outline;

/// The white space of RFC 8259.
const BLANKS: [char; 4] = [' ', '\t', '\r', '\n'];

/// The bytes of the line that go where the provenance is taken out; `None` where there is nothing to take out.
///
/// `is_added` says that provenance was added to a record that came without. It then stands in a parent that was there, perhaps an empty
/// one, which cannot be told from one that was made for it.
pub(super) fn cut(line: &str, outline: &Outline, is_added: bool) -> Option<Range<usize>> {
    match outline.provenance {
        Some(value) => {
            let (member, object) = member(line, value.range());
            Some(object.and_then(|object| empty_parents(line, object)).unwrap_or(member))
        }
        None if is_added && outline.parents > 0 && outline.is_empty => {
            let close = outline.close as usize;
            line[..close].ends_with('{').then(|| close - 1..close + 1).and_then(|object| empty_parents(line, object))
        }
        None => None,
    }
}

/// The bytes of the member that has this value, with its comma. If it is its object's only member, and nothing else is between the
/// braces, the object too.
fn member(line: &str, value: Range<usize>) -> (Range<usize>, Option<Range<usize>>) {
    let name = name_start(line, value.start);
    let before = line[..name].trim_end_matches(BLANKS);
    let behind = line[value.end..].trim_start_matches(BLANKS);
    if let Some(next) = behind.strip_prefix(',') {
        return (name..line.len() - next.trim_start_matches(BLANKS).len(), None);
    }
    if before.ends_with(',') {
        return (before.len() - 1..value.end, None);
    }
    let is_compact = before.len() == name && line[value.end..].starts_with('}');
    let object = is_compact.then(|| name - 1..value.end + 1);
    (name..value.end, object)
}

/// The bytes of the outermost parent that is there for the empty object alone: the last member of its own parent, without a blank, as
/// it is written where it is made.
fn empty_parents(line: &str, object: Range<usize>) -> Option<Range<usize>> {
    let is_last = line[object.end..].starts_with('}');
    let is_compact = line[..object.start].ends_with("\":");
    // The record itself is no member.
    if object.start == 0 || !is_last || !is_compact {
        return None;
    }
    let name = name_start(line, object.start);
    let before = line[..name].trim_end_matches(BLANKS);
    match (before.as_bytes().last()?, name - before.len()) {
        (b',', 0) => Some(name - 1..object.end),
        (b'{', 0) => Some(empty_parents(line, name - 1..object.end + 1).unwrap_or(name..object.end)),
        // The first member of an object that was empty but for blanks.
        (b'{', _) => Some(name..object.end),
        _ => None,
    }
}

/// Where the name of the member starts whose value starts at `value`.
fn name_start(line: &str, value: usize) -> usize {
    let before = line[..value].trim_end_matches(BLANKS);
    let before = before.strip_suffix(':').unwrap_or(before).trim_end_matches(BLANKS);
    let name = before.strip_suffix('"').unwrap_or(before).as_bytes();
    // The opening quote is the last one that no backslash escapes.
    let is_escaped = |quote: usize| name[..quote].iter().rev().take_while(|&&byte| byte == b'\\').count() % 2 == 1;
    memchr::memrchr_iter(b'"', name).find(|&quote| !is_escaped(quote)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Record, Wanted};
    use crate::json::Json;
    use crate::member::MemberPath;
    use crate::provenance::Field;

    fn wanted(path: &str) -> Wanted {
        Wanted::of(path.parse().expect("the tests have good paths"))
    }

    fn annotate(line: &str, path: &str) -> String {
        let wanted = wanted(path);
        let mut record = Record::parse_for(line.as_bytes(), &wanted).expect(line);
        record.set(Field::Model, Json::text("m"));
        assert_eq!(record.written_len(), record.to_bytes().len());
        String::from_utf8(record.to_bytes()).expect("records are text")
    }

    fn strip(line: &str, path: &str) -> String {
        let wanted = wanted(path);
        let record = Record::parse_for(line.as_bytes(), &wanted).expect(line);
        let (before, after) = record.stripped();
        String::from_utf8([before, after].concat()).expect("records are text")
    }

    /// Annotating and stripping in one go.
    fn annotate_stripped(line: &str, path: &str) -> String {
        let wanted = wanted(path);
        let mut record = Record::parse_for(line.as_bytes(), &wanted).expect(line);
        record.set(Field::Model, Json::text("m"));
        let (before, after) = record.stripped();
        String::from_utf8([before, after].concat()).expect("records are text")
    }

    #[test]
    fn the_member_goes_with_its_comma() {
        for (line, expected) in [
            (r#"{"provenance":{}}"#, "{}"),
            (r#"{ "provenance" : null }"#, "{  }"),
            (r#"{"a":1,"provenance":{"x":[1]}}"#, r#"{"a":1}"#),
            (r#"{"a":1 , "provenance": {} }"#, r#"{"a":1  }"#),
            (r#"{"provenance":{}, "a":1}"#, r#"{"a":1}"#),
            (r#"{"a":1,"provenance":{} ,  "b":2}"#, r#"{"a":1,"b":2}"#),
            (r#"{"a\"\\":1,"proven\u0061nce":{}}"#, r#"{"a\"\\":1}"#),
            (r#"{"a":"provenance"}"#, r#"{"a":"provenance"}"#),
        ] {
            assert_eq!(strip(line, "provenance"), expected, "{line}");
        }
    }

    #[test]
    fn parents_that_are_there_for_nothing_else_go_too() {
        for (line, expected) in [
            (r#"{"x":1,"a":{"b":{}}}"#, r#"{"x":1}"#),
            (r#"{"a":{"b":{}}}"#, "{}"),
            (r#"{"a":{"b":{}},"x":1}"#, r#"{"a":{},"x":1}"#),
            (r#"{"x":1,"a": {"b":{}}}"#, r#"{"x":1,"a": {}}"#),
            (r#"{"x":1,"a":{ "b":{}}}"#, r#"{"x":1,"a":{ }}"#),
            (r#"{"x":1,"a":{"c":2,"b":{}}}"#, r#"{"x":1,"a":{"c":2}}"#),
            (r#"{"x":1,"a":{}}"#, r#"{"x":1,"a":{}}"#),
        ] {
            assert_eq!(strip(line, "/a/b"), expected, "{line}");
        }
        assert_eq!(strip(r#"{"x":1,"a":{"b":{"c":{}}}}"#, "/a/b/c"), r#"{"x":1}"#);
        assert_eq!(strip(r#"{"x":1,"a":{"y":2,"b":{"c":{}}}}"#, "/a/b/c"), r#"{"x":1,"a":{"y":2}}"#);
    }

    #[test]
    fn parents_are_made_where_they_are_missing() {
        for (line, expected) in [
            ("{}", r#"{"a":{"b":{"model":"m"}}}"#),
            (r#"{"x":1 } "#, r#"{"x":1 ,"a":{"b":{"model":"m"}}} "#),
            (r#"{"a":{},"x":1}"#, r#"{"a":{"b":{"model":"m"}},"x":1}"#),
            (r#"{"a":{"c":1 }}"#, r#"{"a":{"c":1 ,"b":{"model":"m"}}}"#),
            (r#"{"a":{"b":null}}"#, r#"{"a":{"b":{"model":"m"}}}"#),
            (r#"{"a":{"b": {"x":1}}}"#, r#"{"a":{"b": {"x":1,"model":"m"}}}"#),
        ] {
            assert_eq!(annotate(line, "/a/b"), expected, "{line}");
        }
        assert_eq!(annotate("{}", "/a~1b/m~0n/0"), r#"{"a/b":{"m~n":{"0":{"model":"m"}}}}"#);
        assert_eq!(annotate(r#"{"provenance":1}"#, "meta"), r#"{"provenance":1,"meta":{"model":"m"}}"#);
    }

    #[test]
    fn a_parent_that_is_not_an_object_is_a_fault() {
        for (line, code) in [
            (r#"{"a":null}"#, "member_not_object"),
            (r#"{"a":[{"b":{}}]}"#, "member_not_object"),
            (r#"{"a":{"b":1}}"#, "provenance_not_object"),
            (r#"{"a":{"b":{},"\u0062":{}}}"#, "duplicate_member"),
            (r#"{"a":{},"a":{}}"#, "duplicate_member"),
        ] {
            let fault = Record::parse_for(line.as_bytes(), &wanted("/a/b")).map(|_| ()).expect_err(line);
            assert_eq!(fault.code.as_str(), code, "{line}");
        }
    }

    fn blanks() -> impl Strategy<Value = &'static str> {
        prop::sample::select(vec!["", "", "", " ", "\t", " \r "])
    }

    /// An object with blanks anywhere, in which members `a`, `b` and `provenance` are not rare.
    fn object() -> impl Strategy<Value = String> {
        let scalar = prop::sample::select(vec!["1.10", "null", "\"}\\\",{\"", "[1, 2]", "{}", "[]"]).prop_map(str::to_owned);
        let name = prop::sample::select(vec!["a", "b", "c", "provenance", "\\\"", "n\\u0061me"]);
        scalar.prop_recursive(3, 12, 4, move |inner| {
            prop::collection::btree_map(name.clone(), (inner, blanks(), blanks(), blanks(), blanks()), 0..4).prop_flat_map(
                |members| {
                    (Just(members), blanks()).prop_map(|(members, inside)| {
                        let member = |(name, (value, a, b, c, d)): (&&str, &(String, &str, &str, &str, &str))| {
                            format!("{a}\"{name}\"{b}:{c}{value}{d}")
                        };
                        let members: Vec<_> = members.iter().map(member).collect();
                        format!("{{{}{inside}}}", members.join(","))
                    })
                },
            )
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn annotating_and_stripping_gives_a_record_back(line in object(), path in prop::sample::select(vec!["provenance", "new", "/a/b", "/a/b/c", "/new/a"])) {
            let wanted = wanted(path);
            let Ok(record) = Record::parse_for(line.as_bytes(), &wanted) else {
                return Ok(());
            };
            let annotated = annotate(&line, path);
            let stripped = strip(&annotated, path);
            prop_assert_eq!(&stripped, &annotate_stripped(&line, path), "in one go or two: {}", annotated);
            prop_assert_eq!(&strip(&stripped, path), &stripped, "twice is once");
            let read = |text: &str| text.parse::<serde_json::Value>().expect("it stays JSON");
            if record.outline.provenance.is_none() && !(record.outline.parents > 0 && record.outline.is_empty) {
                prop_assert_eq!(&stripped, &line);
            } else if record.outline.parents == 0 {
                let mut value = read(&line);
                value.as_object_mut().expect("it is an object").remove(path);
                prop_assert_eq!(read(&stripped), value);
            }
            prop_assert!(Record::parse_for(stripped.as_bytes(), &wanted).is_ok_and(|record| record.outline.provenance.is_none()));
        }
    }

    #[test]
    fn the_usual_path_is_that_of_provenance() {
        assert_eq!(&"provenance".parse::<MemberPath>().expect("a path"), MemberPath::provenance());
    }
}
