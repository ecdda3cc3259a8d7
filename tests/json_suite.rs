//! Strictness, by the JSON parsing test suite where that lies beside the project, and nesting without end.
//!
//! The suite's files are valid (`y_`), invalid (`n_`) or for the parser to decide (`i_`), as their names say. Each is tried as the value
//! of a record's member, and by itself. There are no exceptions: a line feed is white space for `Record::parse`, so that files with one
//! can be put into a record too.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;

use provfilter::fault::Code;
use provfilter::json::Json;
use provfilter::provenance::Field;
use provfilter::record::Record;
use serde_json::value::RawValue;

use crate::harness::start;

/// A file of the suite.
struct Case {
    name: String,
    bytes: Vec<u8>,
}

impl Case {
    fn in_record(&self) -> Vec<u8> {
        [b"{\"v\":", &*self.bytes, b"}"].concat()
    }

    /// What a parser has to say of the file; nothing where it may decide.
    fn is_valid(&self) -> Option<bool> {
        match self.name.as_bytes()[0] {
            b'y' => Some(true),
            b'n' => Some(false),
            _ => None,
        }
    }
}

/// The suite, or none where it is not there.
#[expect(clippy::print_stderr, reason = "a test that is left out says so")]
fn suite() -> Option<Vec<Case>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/json-test-suite/test_parsing");
    let Ok(entries) = fs::read_dir(&folder) else {
        eprintln!("left out, for want of {}", folder.display());
        return None;
    };
    let case = |path: &Path| Case {
        name: path.file_name().expect("a file has a name").to_string_lossy().into_owned(),
        bytes: fs::read(path).expect("the suite can be read"),
    };
    let mut cases: Vec<_> = entries.map(|entry| case(&entry.expect("the suite can be listed").path())).collect();
    cases.sort_by(|left, right| left.name.cmp(&right.name));
    assert!(cases.len() > 300, "the suite is whole");
    Some(cases)
}

fn serde_json_takes(line: &[u8]) -> bool {
    serde_json::from_slice::<&RawValue>(line).is_ok()
}

fn code(line: &[u8]) -> Option<Code> {
    Record::parse(line).err().map(|fault| fault.code)
}

#[test]
fn a_value_is_taken_if_it_is_json_and_else_refused() {
    for case in suite().unwrap_or_default() {
        let line = case.in_record();
        let is_taken = Record::parse(&line).is_ok();
        assert_eq!(is_taken, case.is_valid().unwrap_or(is_taken), "{}", case.name);
        assert_eq!(is_taken, serde_json_takes(&line), "{}", case.name);
    }
}

#[test]
fn a_valid_value_leaves_with_its_bytes_and_provenance_behind_it() {
    for case in suite().unwrap_or_default().iter().filter(|case| case.is_valid() == Some(true)) {
        let line = case.in_record();
        let mut record = Record::parse(&line).expect("the value is valid");
        record.set(Field::Model, Json::text("m"));
        let expected = [&line[..line.len() - 1], b",\"provenance\":{\"model\":\"m\"}}"].concat();
        assert_eq!(record.to_bytes().escape_ascii().to_string(), expected.escape_ascii().to_string(), "{}", case.name);
    }
}

#[test]
fn a_line_is_a_record_if_it_is_an_object_and_else_has_the_fault_it_has() {
    for case in suite().unwrap_or_default() {
        let code = code(&case.bytes);
        let is_text = std::str::from_utf8(&case.bytes).is_ok();
        let is_object = case.bytes.trim_ascii_start().starts_with(b"{");
        let expected = match (is_text, serde_json_takes(&case.bytes), is_object) {
            (false, ..) => Some(Code::NotUtf8),
            (true, false, _) => Some(Code::NotJson),
            (true, true, false) => Some(Code::NotObject),
            (true, true, true) => None,
        };
        assert_eq!(code, expected, "{}", case.name);
        let is_json = matches!(code, None | Some(Code::NotObject));
        assert_eq!(is_json, case.is_valid().unwrap_or(is_json), "{}", case.name);
    }
}

/// Runs the program on an input, and gives what it writes and its status.
fn provfilter(arguments: &[&str], input: &[u8]) -> (Vec<u8>, Option<i32>) {
    let mut program = Command::new(env!("CARGO_BIN_EXE_provfilter"));
    let program = program.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut program = start(program).expect("the program runs");
    let mut stdin = program.stdin.take().expect("the input is a pipe");
    let output = thread::scope(|scope| {
        scope.spawn(move || stdin.write_all(input).expect("the program reads its input"));
        program.wait_with_output().expect("the program ends")
    });
    (output.stdout, output.status.code())
}

#[test]
fn the_valid_lines_of_a_stream_leave_and_no_others() {
    let cases = suite().unwrap_or_default();
    let one_line = cases.iter().filter(|case| !case.bytes.contains(&b'\n'));
    let lines: Vec<_> = one_line.map(|case| [&case.in_record()[..], b"\n"].concat()).collect();
    let valid: Vec<_> = lines.iter().filter(|line| serde_json_takes(line)).cloned().collect();
    let (output, status) = provfilter(&["-q"], &lines.concat());
    assert_eq!(output.escape_ascii().to_string(), valid.concat().escape_ascii().to_string());
    assert_eq!(status, Some(i32::from(valid.len() < lines.len())));
}

const DEEP: usize = 1_000_000;

/// What opens and closes a level of nesting.
type Level = (&'static str, &'static str);

const ARRAYS: &[Level] = &[("[", "]")];
const OBJECTS: &[Level] = &[("{\"a\":", "}")];
const MIXED: &[Level] = &[("{\"a\":", "}"), ("[ ", " ]"), ("[[],", "]")];

/// Each kind of nesting, under a name that is read the fast way or, spelled with an escape, left to `serde_json`.
const SHAPES: [(&str, &[Level]); 4] = [("a", ARRAYS), ("a", OBJECTS), ("a", MIXED), ("\\u0061", MIXED)];

/// A record of a member around a value at the bottom of a million levels, which are of the given kinds in turn.
fn nested(name: &str, levels: &[Level], bottom: &str) -> String {
    let all = || (0..DEEP).map(|level| levels[level % levels.len()]);
    let opened: String = all().map(|(opening, _)| opening).collect();
    let closed: String = all().rev().map(|(_, closing)| closing).collect();
    format!("{{\"{name}\":{opened}{bottom}{closed}}}")
}

/// Runs on a stack on which a parser that recurses would not get a thousand levels deep.
fn on_a_small_stack(run: impl FnOnce() + Send + 'static) {
    let thread = thread::Builder::new().stack_size(64 << 10).spawn(run).expect("a thread can be started");
    thread.join().expect("nothing fails, and the stack is large enough");
}

#[test]
fn a_record_a_million_brackets_deep_passes_without_growing_the_stack() {
    on_a_small_stack(|| {
        for (name, levels) in SHAPES {
            let line = nested(name, levels, "0");
            let mut record = Record::parse(line.as_bytes()).expect("nesting is no fault");
            assert!(record.depth() > DEEP);
            assert!(record.to_bytes() == line.as_bytes());
            record.set(Field::Approved, Json::TRUE);
            let expected = format!("{},\"provenance\":{{\"approved\":true}}}}", &line[..line.len() - 1]);
            assert!(record.to_bytes() == expected.as_bytes());
        }
    });
}

#[test]
fn provenance_a_million_brackets_deep_is_edited_without_growing_the_stack() {
    on_a_small_stack(|| {
        for levels in [OBJECTS, MIXED] {
            let line = nested("provenance", levels, "0");
            let mut record = Record::parse(line.as_bytes()).expect("nesting is no fault");
            record.set(Field::Approved, Json::TRUE);
            let expected = format!("{},\"approved\":true}}}}", &line[..line.len() - 2]);
            assert!(record.to_bytes() == expected.as_bytes());
        }
    });
}

#[test]
fn a_broken_record_a_million_brackets_deep_is_refused_without_growing_the_stack() {
    on_a_small_stack(|| {
        for (name, levels) in SHAPES {
            assert_eq!(code(nested(name, levels, ",").as_bytes()), Some(Code::NotJson), "{levels:?}");
            let line = nested(name, levels, "0");
            assert_eq!(code(&line.as_bytes()[..line.len() - 2]), Some(Code::NotJson));
        }
    });
}

#[test]
fn the_program_passes_lines_a_million_brackets_deep() {
    let good = format!("{}\n{}\n", nested("a", ARRAYS, "0"), nested("a", MIXED, "0"));
    let bad = format!("{}\n", nested("a", OBJECTS, "]"));
    let (output, status) = provfilter(&["-q", "--exclude", "never=false"], format!("{good}{bad}").as_bytes());
    assert!(output.is_empty(), "they are too deep for a filter");
    assert_eq!(status, Some(1));
    let (output, status) = provfilter(&["-q"], format!("{bad}{good}").as_bytes());
    assert!(output == good.as_bytes());
    assert_eq!(status, Some(1));
}
