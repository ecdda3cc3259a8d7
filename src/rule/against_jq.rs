//! Holds regular expressions to the real jq's, where it is installed.

use std::io::Write;
use std::process::{Command, Stdio};

use jaq_json::Val;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::given::{GIVEN, GivenValues};
use super::jq::{Jq, Surroundings};
use super::language::Language;
use super::pattern::{Patterns, Session};
use crate::screen::Look;

/// A text, an expression, and flags.
type Case = (String, String, String);

/// Each function on a case. In jq 1.6 `scan` takes no flags, and `gsub` sees what follows a match as a text of its own.
const PROGRAM: &str = r#"
    .[0] as $text | .[1] as $re | .[2] as $flags | $text
    | [ (try test($re; $flags) catch "E"), (try [match($re; $flags)] catch "E"), (try [match($re; "g" + $flags)] catch "E"),
        (try [capture($re; $flags)] catch "E"), (try [scan($re)] catch "E"), (try split($re; $flags) catch "E"),
        (try [splits($re; $flags)] catch "E"), 
        if ($re | test("[$^]|\\\\[AbBzZ]")) then null else (try sub($re; "<\(.n)>"; $flags) catch "E"), (try gsub($re; "\(.n)-"; $flags) catch "E") end ]"#;

/// What a program of the language makes of a value.
fn ours(program: &str, inputs: impl Iterator<Item = Val>) -> Vec<serde_json::Value> {
    let program = Language::new(GIVEN).compile(program).expect("the program compiles").program;
    let patterns = Patterns::default();
    let (session, given) = (Session::new(&patterns), GivenValues::of(GIVEN, Look::at(b"{}")));
    let given = |name: &[u8]| given.get(name);
    let surroundings = Surroundings { lut: &program.lut, session: &session, given: &given };
    let run = |input| {
        let context = jaq_core::Ctx::<Jq>::new(&surroundings, jaq_core::Vars::new([]));
        let result = program.id.run((context, input)).next().expect("a result");
        let result = jaq_core::unwrap_valr(result).expect("errors are caught");
        serde_json::from_str(&result.to_string()).expect("JSON")
    };
    inputs.map(run).collect()
}

fn value((text, expression, flags): &Case) -> Val {
    [text, expression, flags].map(|text| Val::from(text.clone())).into_iter().collect()
}

/// What jq makes of the cases, or nothing where it is not installed.
fn theirs(cases: &[Case]) -> Option<Vec<serde_json::Value>> {
    let mut jq =
        Command::new("timeout").args(["60", "jq", "-c", PROGRAM]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().ok()?;
    let input: String = cases.iter().map(|case| serde_json::to_string(case).expect("text") + "\n").collect();
    let mut stdin = jq.stdin.take().expect("it is piped");
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = jq.wait_with_output().expect("jq ends");
    writer.join().expect("no panic").expect("jq reads");
    let lines = String::from_utf8(output.stdout).expect("text");
    let values: Vec<_> = lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(values.len(), cases.len(), "jq ends early");
    Some(values)
}

/// Leaves out the cases with an empty match, at which jq 1.6 stumbles or loops.
fn without_empty_matches(cases: Vec<Case>) -> Vec<Case> {
    let empty =
        r#".[1] as $re | .[2] as $flags | .[0] | try any(match($re; "g" + $flags), match($re; "g"); .length == 0) catch false"#;
    let are_empty = ours(empty, cases.iter().map(value));
    cases.into_iter().zip(are_empty).filter(|(_, is_empty)| is_empty == false).map(|(case, _)| case).collect()
}

fn compare(cases: Vec<Case>) {
    let cases = without_empty_matches(cases);
    let Some(theirs) = theirs(&cases) else {
        #[expect(clippy::print_stdout, reason = "that nothing was tested is to be seen")]
        {
            println!("jq is not installed; nothing is compared");
        }
        return;
    };
    for ((case, ours), theirs) in cases.iter().zip(ours(PROGRAM, cases.iter().map(value))).zip(theirs) {
        assert_eq!(ours, theirs, "ours and theirs for {case:?}");
    }
}

const TEXTS: &[&str] = &[
    "",
    "abc",
    "aXbX xyz",
    "a\nb\n",
    "b\n",
    "été 12 ſ K",
    "日本語 a1",
    "a-b_c.d",
    "foo.bar@x.org",
    "aaa",
    "\u{1f600}x\u{1f600}",
    "[a]&{2}",
    "x \t#y",
];
const EXPRESSIONS: &[&str] = &[
    "a",
    "b$",
    "b\\Z",
    "b\\z",
    "^b",
    "^a",
    "a$",
    "\\Aa",
    "a.b",
    "(a)(b)?",
    "(?<n>[a-z])X",
    "(?<n>q)?x",
    "\\d+",
    "\\w+",
    "\\s",
    "\\S+",
    "\\W",
    "\\D",
    "\\bx",
    "x\\b",
    "\\Bb",
    "[[:alpha:]]+",
    "[[:digit:]]",
    "[[:upper:]]",
    "[[:space:]]",
    "[[:punct:]]",
    "[^[:alnum:]]",
    "[[:word:]]+",
    "[]a]",
    "[^]a]",
    "[a\\]]",
    "[a&&b]",
    "[[]",
    "[&~-]",
    "a{2}",
    "a{2,}",
    "a{1,2}",
    "a{,2}",
    "{2}",
    "a|b|c",
    "(?:a|b)+",
    "(?i)x",
    "(?i:X)y",
    "(?s)a.b",
    "a+?",
    "a??b",
    "x*y",
    "\\p{L}",
    "\\p{Lu}",
    "\\P{L}+",
    "\\x61",
    "\\x{e9}",
    "\\.",
    "\\[",
    "[.]",
    "(a|ab)(c|bcd)?",
    "((a)(b)(c))",
    "(a)|(b)",
    "k",
    "s",
    "É",
    "\\Qa-b\\E",
    "\\Q.",
    "a(?#comment)b",
    "a b",
    "x \\t",
    "[ ]",
    "x#y",
    "[#]",
    "(?x) a b",
    "\\R",
    "\\t",
    "a\\nb",
    "(",
    "[",
    "a)",
    "*",
    "\\",
    "(?<n>a)(?<m>b)",
    "a\\/b|a",
    "[a-c]+",
    "[\\w.]+@[\\w.]+",
    "[\\d\\s]+",
    "[^\\s]+",
    "[a\\-c]+",
    "[+--]",
    "\\-",
    "b\\n$",
    "[^a]b$",
    "\\n",
    "[\\n]",
];

#[test]
fn expressions_of_many_kinds_match_as_in_jq() {
    // Not `l`: of jq's longest matches there are longer ones.
    let flags = ["", "i", "x", "s", "p", "n", "xi", "q"];
    let case = |text: &str, expression: &str, flags: &str| (text.to_owned(), expression.to_owned(), flags.to_owned());
    let pairs = EXPRESSIONS.iter().flat_map(|expression| flags.iter().map(move |flags| (expression, flags)));
    compare(pairs.flat_map(|(expression, flags)| TEXTS.iter().map(move |text| case(text, expression, flags))).collect());
}

fn expression() -> impl Strategy<Value = String> {
    let atoms = [
        "a",
        "b",
        "c",
        "é",
        "X",
        "日",
        " ",
        "1",
        "_",
        ".",
        "\\d",
        "\\w",
        "\\s",
        "\\W",
        "[ab]",
        "[^a]",
        "[a-z]",
        "[é-ü]",
        "[[:alpha:]]",
        "[\\d_]",
        "\\b",
        "^",
        "$",
        "\\.",
        "\\p{Lu}",
    ];
    let leaf = prop::sample::select(atoms.to_vec()).prop_map(str::to_owned);
    leaf.prop_recursive(3, 12, 3, |inner| {
        let quantifiers = ["*", "+", "?", "{2}", "{1,2}", "+?", "*?"];
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(|parts| parts.concat()),
            prop::collection::vec(inner.clone(), 1..3).prop_map(|parts| format!("(?:{})", parts.join("|"))),
            inner.clone().prop_map(|part| format!("({part})")),
            // jq refuses to repeat what is nothing but a place.
            (inner, prop::sample::select(quantifiers.to_vec()))
                .prop_map(|(part, quantifier)| format!("(?:{part}a|b){quantifier}")),
        ]
    })
}

#[test]
fn random_expressions_match_as_in_jq() {
    let flags = prop::sample::select(vec!["", "g", "i", "gi", "p", "s", "x"]);
    let case =
        ("[abcéXÉ日1_. \n]{0,8}", expression(), flags).prop_map(|(text, expression, flags)| (text, expression, flags.to_owned()));
    let mut runner = TestRunner::deterministic();
    compare((0..1000).map(|_| case.new_tree(&mut runner).expect("a case").current()).collect());
}
