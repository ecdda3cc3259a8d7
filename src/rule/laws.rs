//! Laws of filters: what they are given of a record is as good as all of it.

use proptest::prelude::*;

use super::answer::Answer;
use super::filter::Filter;
use super::given::{GIVEN, GivenValues};
use super::language::Language;
use super::memory::Memory;
use super::pattern::{Patterns, Session};
use super::reach::Reach;
use super::subject::{Case, Shared, Subject};
use crate::fault::Fault;
use crate::json::Json;
use crate::provenance::Field;
use crate::record::{Record, Wanted};
use crate::screen::Look;

/// Names of members, as filters spell them. Records spell them in more ways.
const NAMES: &[&str] = &["a", "b", "c", "d e", "provenance", "é", ""];

fn name() -> impl Strategy<Value = &'static str> {
    prop::sample::select(NAMES)
}

/// Terms without others in them: such as look at members, and others.
const LOOKS: &[&str] = &[".a", ".b", ".c", ".\"d e\"", ".a.b", ".a[0]", ".b[]?", ".a?", ".provenance.model", ".\"\\u0061\""];
const TERMS: &[&str] = &[
    ".",
    "..",
    "null",
    "true",
    "false",
    "1",
    "-0.5",
    "\"x\"",
    "\"\\u0061\"",
    "[]",
    "{}",
    "$x",
    "$__x",
    "keys",
    "length",
    "tostring",
    "empty",
    "error",
    "to_entries",
    "add",
    "first",
    "last",
    "not",
    "type",
    "f",
    "g(.a)",
    "paths",
    "[..]",
    ".[]?",
    ".[0]?",
    "getpath([\"a\"])",
    ".[]?",
    "tojson",
    "min",
    "any",
    "has(\"a\")",
    "has(\"d e\")",
    "map(.)?",
    "{a}",
    "{a, $x}",
    "$x.a",
    "$x.b?",
    "ascii_downcase",
    "fromjson?",
    "test(\"a\")",
    "@json",
    "values",
];

/// A term without others in it.
fn leaf() -> impl Strategy<Value = String> {
    let terms = prop::sample::select(TERMS).prop_map(str::to_owned);
    let looks = prop::sample::select(LOOKS).prop_map(str::to_owned);
    let members = name().prop_map(|name| format!(".[\"{name}\"]"));
    prop_oneof![2 => terms, 2 => members, 4 => looks]
}

/// A filter: terms of many kinds, put together at random. Some fail, some yield many results, none runs for ever.
fn filter() -> impl Strategy<Value = String> {
    leaf().prop_recursive(4, 24, 3, |inner| {
        let (one, two, three) = (inner.clone(), (inner.clone(), inner.clone()), (inner.clone(), inner.clone(), inner));
        prop_oneof![
            (
                two.clone(),
                prop::sample::select(vec![
                    "|", ",", "//", "and", "or", "==", "<", "!=", "+", "-", "*", "/", "%", "=", "|=", "+=", "//="
                ])
            )
                .prop_map(|((l, r), operator)| format!("({l} {operator} {r})")),
            two.clone().prop_map(|(l, r)| format!("({l} as $x | {r})")),
            two.clone().prop_map(|(l, r)| format!("({l} as {{a: $x, \"b\": [$x]}} | {r})")),
            two.clone().prop_map(|(l, r)| format!("({l} as [$x, {{$x}}] | {r})")),
            two.clone().prop_map(|(l, r)| format!("(def f: {l}; {r})")),
            two.clone().prop_map(|(l, r)| format!("(def g(h): {l} | h; {r})")),
            two.clone().prop_map(|(l, r)| format!("(def g($x): {l}; {r})")),
            two.clone().prop_map(|(l, r)| format!("try {l} catch ({r})")),
            two.clone().prop_map(|(l, r)| format!("(limit(3; {l}), first({r}))")),
            two.clone().prop_map(|(l, r)| format!("any({l}; {r})")),
            two.clone().prop_map(|(l, r)| format!("({l} | {r}?)")),
            two.clone().prop_map(|(l, r)| format!("(label $out | {l}, break $out, {r})")),
            two.prop_map(|(l, r)| format!("({l})[{r}:]?")),
            three.clone().prop_map(|(a, b, c)| format!("(if {a} then {b} else {c} end)")),
            three.clone().prop_map(|(a, b, c)| format!("(reduce limit(4; {a}) as $x ({b}; {c}))")),
            three.clone().prop_map(|(a, b, c)| format!("(foreach limit(4; {a}) as $x ({b}; {c}))")),
            three.prop_map(|(a, b, c)| format!("{{a: {a}, \"b\": {b}, ({c} | tostring): 1}}")),
            one.clone().prop_map(|a| format!("[{a}]")),
            one.clone().prop_map(|a| format!("-({a})")),
            one.clone().prop_map(|a| format!("\"-\\({a})\"")),
            one.clone().prop_map(|a| format!("select({a})")),
            one.clone().prop_map(|a| format!("(if {a} then false end)")),
            one.clone().prop_map(|a| format!("isempty({a})")),
            one.clone().prop_map(|a| format!("path({a})")),
            one.clone().prop_map(|a| format!("del({a})")),
            one.clone().prop_map(|a| format!("({a} | map({a}))")),
            one.clone().prop_map(|a| format!("error({a})")),
            one.prop_map(|a| format!("({a}).a")),
        ]
    })
}

/// A value as JSON: numbers and strings in all their spellings, and what jaq's parser alone does not take.
fn value() -> impl Strategy<Value = String> {
    let numbers = [
        "0",
        "-0",
        "0.0",
        "1",
        "1.0",
        "1e0",
        "10E-1",
        "0.1",
        "1E400",
        "-1e-400",
        "123456789012345678901234567890",
        "9007199254740993",
    ];
    let strings = [
        r#""""#,
        r#""a""#,
        r#""\u0061""#,
        r#""\ud800""#,
        r#""\udfff\ud83d\ude00""#,
        r#""\"\\\/\n""#,
        "\"é\u{1f600}\"",
        r#""[1]""#,
        "\"[[\"",
    ];
    let leaf = prop::sample::select([&numbers[..], &strings[..], &["null", "true", "false"]].concat()).prop_map(str::to_owned);
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(|values| format!("[ {}]", values.join(" , "))),
            object(inner, 3),
        ]
    })
}

/// An object, in which members may stand more than once, and in all spellings.
fn object(values: impl Strategy<Value = String>, most: usize) -> impl Strategy<Value = String> {
    let spellings = [
        r#""a""#,
        r#""\u0061""#,
        r#""b""#,
        r#""c""#,
        r#""d e""#,
        r#""d\u0020e""#,
        "\"é\"",
        r#""\u00e9""#,
        r#""""#,
        r#""x""#,
        r#""\ud800""#,
    ];
    let member = (prop::sample::select(spellings.to_vec()), values).prop_map(|(name, value)| format!("{name}: {value}"));
    prop::collection::vec(member, 0..=most).prop_map(|members| format!("{{{}}}", members.join(",")))
}

fn record() -> impl Strategy<Value = String> {
    let provenance = prop::sample::select(vec![
        "",
        r#""provenance":null"#,
        r#""provenance":{}"#,
        r#""proven\u0061nce":{"model":"m","x":[1]}"#,
        r#""provenance":{"model":""}"#,
    ]);
    (object(value(), 6), provenance).prop_map(|(object, provenance)| match &*object {
        _ if provenance.is_empty() => object,
        "{}" => format!("{{{provenance}}}"),
        _ => format!("{},{provenance}}}", &object[..object.len() - 1]),
    })
}

/// Terms that plain filters start from.
const PLAIN_TERMS: &[&str] = &[
    ".a",
    ".b",
    ".c",
    ".\"d e\"",
    ".a.b",
    ".a.a",
    ".b.c",
    ".a?",
    ".",
    "null",
    "true",
    "1",
    "0",
    "-1",
    "0.1",
    "1e0",
    "-0.0",
    "\"a\"",
    "\"\\u0061\"",
    "9007199254740993",
    "123456789012345678901234567890",
    ".[\"é\"]",
    "low",
    "\"[1]\"",
    ".a[0]",
    ".b[-1]",
    ".a[1].b",
    ".a[]",
    ".b[]?",
    ".a[].a",
    ".c[][]?",
    ".[]?",
    "empty",
];

/// What plain filters may be piped into.
const PLAIN_FUNCTIONS: &[&str] = &[
    "not",
    "length",
    "test(\"a\")",
    "test(\"A|\\u00e9$\"; \"i\")",
    "startswith(\"a\")",
    "endswith(\"\")",
    "contains(\"[\")",
    "contains(\"\\n\")",
    "test(\"a.|\\\\\\\\\")",
    "test(\"\\\"\")",
    "test(\"\\n$\")",
    "low",
    "-.",
    "any",
    "all",
    "first",
    "last",
    ".[]",
    ".[]?",
    ".[]?.a?",
    ".[0]",
    ".[-2]",
    ".a",
    "empty",
];

/// A filter of the plain kind, or nearly.
fn plain_filter() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(PLAIN_TERMS);
    leaf.prop_map(str::to_owned).prop_recursive(4, 16, 3, |inner| {
        let (one, two, three) = (inner.clone(), (inner.clone(), inner.clone()), (inner.clone(), inner.clone(), inner));
        prop_oneof![
            (two.clone(), prop::sample::select(vec!["|", "|", ",", "and", "or", "==", "!=", "<", "<=", ">", ">=", "//"]))
                .prop_map(|((l, r), operator)| format!("({l} {operator} {r})")),
            (one.clone(), prop::sample::select(PLAIN_FUNCTIONS)).prop_map(|(a, function)| format!("({a} | {function})")),
            three.prop_map(|(a, b, c)| format!("(if {a} then {b} elif {c} then {a} else {b} end)")),
            two.clone().prop_map(|(a, b)| format!("(if {a} then {b} end)")),
            two.clone().prop_map(|(a, b)| format!("any({a}; {b})")),
            two.prop_map(|(a, b)| format!("all({a}; {b})")),
            one.clone().prop_map(|a| format!("any({a})")),
            one.clone().prop_map(|a| format!("(.a | all({a}))")),
            one.clone().prop_map(|a| format!("([{a}] | length)")),
            one.clone().prop_map(|a| format!("(.b[]? | select({a}))")),
            one.prop_map(|a| format!("({a}).a")),
        ]
    })
}

/// What a filter says of a record that it is given as far as `reach` says. `is_annotated` says that its provenance was changed before.
fn verdict(filter: &Filter, reach: &Reach, line: &str, is_annotated: bool) -> Result<Result<Answer, String>, Fault> {
    on_record(reach, line, is_annotated, |case| Ok(filter.run(case.value()?, case.session(), &case.given)))
}

fn on_record<T>(
    reach: &Reach,
    line: &str,
    is_annotated: bool,
    ask: impl FnOnce(&mut Case<'_, '_, '_>) -> Result<T, Fault>,
) -> Result<T, Fault> {
    let mut wanted = Wanted::default();
    if let Reach::Members(names) = reach {
        for name in names {
            wanted.add(name);
        }
    }
    let mut record = Record::parse_for(line.as_bytes(), &wanted)?;
    if is_annotated {
        record.set(Field::Model, Json::text("other"));
    }
    let patterns = Patterns::default();
    let given = GivenValues::of(GIVEN, Look::at(line.as_bytes()));
    let memory = Memory::default();
    ask(&mut Case::new(
        &record,
        given,
        &mut Shared { session: Session::new(&patterns), subject: Subject::new(reach), recall: memory.begin() },
    ))
}

proptest! {
    #[test]
    fn a_filter_says_the_same_of_what_it_can_reach_as_of_the_whole_record(
        text in filter(), first in record(), second in record(), is_annotated: bool,
    ) {
        let text = format!("null as $x | null as $__x | def f: .b; def g(h): h; {text}");
        let filter = Filter::new(&text, &Language::new(GIVEN)).expect("the filter compiles");
        for line in [first, second] {
            let whole = verdict(&filter, &Reach::Whole, &line, is_annotated);
            let part = verdict(&filter, filter.reach(), &line, is_annotated);
            prop_assert_eq!(whole.map_err(|fault| fault.message), part.map_err(|fault| fault.message), "{:?} {}", filter.reach(), line);
        }
    }

    #[test]
    fn a_plain_filter_says_the_same_without_jaq(
        text in plain_filter(), records in prop::collection::vec(record(), 4), is_annotated: bool,
    ) {
        let mut language = Language::new(GIVEN);
        language.define("def low: . == null or . < 0.5;").expect("the definition compiles");
        let filter = Filter::new(&text, &language).expect("the filter compiles");
        for line in records {
            let whole = verdict(&filter, &Reach::Whole, &line, is_annotated);
            let direct = on_record(filter.reach(), &line, is_annotated, |case| filter.judge(case));
            prop_assert_eq!(whole.map_err(|fault| fault.message), direct.map_err(|fault| fault.message), "{}", line);
        }
    }
}

#[test]
fn most_random_filters_are_given_only_a_part() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let filters = (0..300).map(|_| filter().new_tree(&mut runner).expect("a filter").current());
    let language = Language::new(GIVEN);
    let filters: Vec<_> = filters
        .map(|text| Filter::new(&format!("null as $x | null as $__x | def f: .b; def g(h): h; {text}"), &language))
        .collect();
    let partial = filters.iter().flatten().filter(|filter| *filter.reach() != Reach::Whole).count();
    assert!((60..=280).contains(&partial), "{partial} of 300");
}

#[test]
fn the_rules_that_most_people_write_need_no_values() {
    for filter in [
        ".score != null and .score < 0.5",
        ".response | test(\"I.m sorry|as an AI language model\"; \"i\")",
        "(.response // \"\") == \"\"",
        ".metadata.task == \"x\" or (.prompt | length) < 10",
        ".rating | not",
        "if .a then .b == 1 else false end",
        "(.model // \"\") | startswith(\"gpt\")",
        "(.turns | length) < 2",
        ".turns[-1].from == \"human\"",
        "any(.turns[]?.value; test(\"\\\\bsk-[A-Za-z0-9]{20,}\"))",
        "any(.turns[]?; .from == \"tool\" and (.value | contains(\"Traceback\")))",
        "all(.flags[]?; . == true)",
        "([.turns[]? | select(.from == \"tool\")] | length) > 9",
        ".turns[]? | select(.from == \"tool\") | .value == \"\"",
    ] {
        let filter = Filter::new(filter, &Language::new(GIVEN)).expect(filter);
        let says = |line: &str| on_record(filter.reach(), line, false, |case| Ok(filter.run_directly(case.record)));
        assert_ne!(says("{}").expect("a record").or(says(r#"{"response":""}"#).expect("a record")), None);
    }
}

#[test]
fn what_stands_before_a_bar_fails_even_where_nothing_is_made_of_it() {
    for filter in [".a.b | null", ".a.b | (false and .)", "(.a | test(\"x\")) | true", ".a.b | low"] {
        let mut language = Language::new(GIVEN);
        language.define("def low: true;").expect("the definition compiles");
        let filter = Filter::new(filter, &language).expect(filter);
        let says = on_record(filter.reach(), r#"{"a":0}"#, false, |case| filter.judge(case)).expect("the record can be read");
        assert!(says.is_err(), "{says:?}");
    }
}
