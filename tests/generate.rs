//! The man page and the completions that the program makes are whole, and those that read them take them.

use std::io::Write;
use std::process::{Command, Stdio};

use crate::harness::{is_there, provfilter, start};
use crate::help::flags;

fn generated(kind: &str) -> String {
    let ended = provfilter(&["--generate", kind]).ends();
    ended.with_status(0).tells("");
    String::from_utf8(ended.stdout).expect("it is text")
}

/// What a program says that is given this to read, and whether it took it. Nothing if it is not there.
fn read_by(command: &[&str], input: &str) -> Option<(bool, String)> {
    let (program, args) = command.split_first().expect("a command names a program");
    if !is_there(program) {
        return None;
    }
    let mut command = Command::new(program);
    let spawned = start(command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()));
    let mut child = spawned.expect("a program that is there can be started");
    let mut pipe = child.stdin.take().expect("its standard input is a pipe");
    let input = input.to_owned();
    let feeder = std::thread::spawn(move || pipe.write_all(input.as_bytes()));
    let output = child.wait_with_output().expect("a child can be waited for");
    // One that ends without reading shows in what it says.
    let _ = feeder.join();
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    Some((output.status.success(), said))
}

#[test]
fn the_man_page_has_its_sections_in_order() {
    let page = generated("man");
    let version = env!("CARGO_PKG_VERSION");
    let head: Vec<_> = page.lines().collect();
    assert!(head[0].starts_with(".TH PROVFILTER 1 20"), "{}", head[0]);
    assert!(head[0].ends_with(&format!(" \"provfilter {version}\" \"User Commands\"")), "{}", head[0]);
    assert_eq!(head[4], "provfilter \\- make every record in a stream of JSON lines carry its provenance");
    let sections: Vec<_> = page.lines().filter_map(|line| line.strip_prefix(".SH ")).collect();
    let expected = "NAME/SYNOPSIS/DESCRIPTION/OPTIONS/VALUES/LAYOUTS/SCREENS/REPORTS/FILES/FAULTS/EXIT STATUS/SIGNALS/ENVIRONMENT/EXAMPLES/SEE ALSO";
    assert_eq!(sections.join("/"), expected);
    let groups: Vec<_> = page.lines().filter_map(|line| line.strip_prefix(".SS ")).collect();
    assert_eq!(groups.join("/"), "Annotate/Exclude/Validate/Faulty lines/Input/Output/Reporting/Messages and help");
}

#[test]
fn the_man_page_has_every_flag_and_the_names_of_values() {
    let page = generated("man");
    // A hyphen that is one is written with a backslash.
    for flag in flags() {
        let flag = format!("\\fB\\-\\-{}\\fR", flag.replace('-', "\\-"));
        assert!(page.contains(&format!(".TP\n{flag}")) || page.contains(&format!(", {flag}")), "{flag}");
    }
    for term in [
        "\\fB\\-\\-model\\fR \\fIVALUE\\fR",
        "\\fB\\-\\-report\\fR \\fIFORMAT[=PATH]\\fR",
        "\\fB\\-i\\fR, \\fB\\-\\-in\\-place\\fR[=\\fISUFFIX\\fR]",
        "[\\fIFILE\\fR]...",
    ] {
        assert!(page.contains(&format!(".TP\n{term}\n")), "{term}");
    }
}

#[test]
fn mandoc_finds_nothing_wrong_with_the_man_page() {
    if let Some((is_taken, said)) = read_by(&["mandoc", "-Tlint"], &generated("man")) {
        assert!(is_taken && said.is_empty(), "{said}");
    }
}

#[test]
fn groff_shows_the_man_page_without_a_warning() {
    let page = generated("man");
    let Some((is_taken, shown)) = read_by(&["groff", "-man", "-Tutf8", "-ww", "-P-cbou", "-rLL=80n"], &page) else {
        return;
    };
    assert!(is_taken && !shown.contains("warning") && !shown.contains("error:"), "{shown}");
    // Some of its fonts set a hyphen that may be one as another character.
    let shown = shown.replace(['\u{2010}', '\u{2212}'], "-");
    for flag in flags() {
        assert!(shown.contains(&format!("--{flag}")), "--{flag} is lost\n{shown}");
    }
    assert!(shown.contains("{/json/pointer}") && shown.contains("--model '{/model}'"), "the values are lost\n{shown}");
    assert!(shown.lines().all(|line| line.chars().count() <= 80), "{shown}");
}

#[test]
fn each_shell_takes_its_completions() {
    for (shell, check) in [("bash", &["bash", "-n"][..]), ("zsh", &["zsh", "-n"]), ("fish", &["fish", "--no-execute"])] {
        if let Some((is_taken, said)) = read_by(check, &generated(shell)) {
            assert!(is_taken && said.is_empty(), "{shell}: {said}");
        }
    }
}

#[test]
fn shellcheck_finds_nothing_wrong_with_the_completions_for_bash() {
    if let Some((is_taken, said)) = read_by(&["shellcheck", "--shell=bash", "-"], &generated("bash")) {
        assert!(is_taken, "{said}");
    }
}

#[test]
fn completions_have_every_flag() {
    for (shell, before) in [("bash", "--"), ("zsh", "--"), ("fish", "-l "), ("powershell", "'--")] {
        let script = generated(shell);
        for flag in flags() {
            assert!(script.contains(&format!("{before}{flag}")), "--{flag} for {shell}");
        }
    }
}

#[test]
fn nothing_else_is_done_beside_generating() {
    for other in [&["-q"][..], &["--model", "m"], &["in.jsonl"], &["--generate", "bash"], &["--merge"]] {
        let ended = provfilter(&[&["--generate", "man"], other].concat()).ends();
        ended.with_status(2).prints("").mentions("provfilter: the argument '--generate <KIND>' cannot be used ");
    }
    provfilter(&["--generate", "tcsh"]).ends().with_status(2).prints("").mentions("invalid value 'tcsh'");
    provfilter(&["--generate", "man"]).given("{}\n").ends().with_status(0).prints(generated("man"));
}
