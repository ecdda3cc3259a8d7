//! The man page and the completions that the program makes are whole, and those that read them take them.

use std::collections::BTreeSet;
use std::io::Write;
use std::process::{Command, Stdio};

use crate::harness::{left_out, provfilter, start};

fn generated(kind: &str) -> String {
    let ended = provfilter(&["--generate", kind]).ends();
    ended.with_status(0).tells("");
    String::from_utf8(ended.stdout).expect("it is text")
}

/// The long flags that the help lists, without their hyphens.
fn flags() -> BTreeSet<String> {
    let help = provfilter(&["--help"]).ends();
    let help = String::from_utf8(help.stdout).expect("the help is text");
    let flags = help.lines().map(str::trim_start).filter(|line| line.starts_with('-')).filter_map(|line| {
        let name = line.split_once("--")?.1;
        Some(name.split(|character: char| !(character.is_ascii_lowercase() || character == '-')).next()?.to_owned())
    });
    let flags: BTreeSet<_> = flags.collect();
    assert!(flags.len() > 25 && flags.contains("in-place") && flags.contains("help"), "{flags:?}");
    flags
}

/// What a program says that is given this to read, and whether it took it. Nothing if it is not there.
fn read_by(command: &[&str], input: &str) -> Option<(bool, String)> {
    let (program, args) = command.split_first().expect("a command names a program");
    let mut command = Command::new(program);
    let spawned = start(command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()));
    let Ok(mut child) = spawned else {
        left_out(format_args!("reading what was generated, for want of {program}"));
        return None;
    };
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
fn the_man_page_has_its_head_its_sections_and_every_flag() {
    let page = generated("man");
    let head: Vec<_> = page.lines().skip_while(|line| !line.starts_with(".TH")).collect();
    assert!(head[0].starts_with(".TH provfilter 1 "), "{}", head[0]);
    assert_eq!(head[1], ".SH NAME");
    assert!(head[2].starts_with("provfilter \\- Make every training pair"), "{}", head[2]);
    for section in [".SH SYNOPSIS", ".SH DESCRIPTION"] {
        assert!(head.contains(&section), "{section}");
    }
    // A hyphen that is one is written with a backslash.
    for flag in flags() {
        let flag = format!("\\-\\-{}", flag.replace('-', "\\-"));
        assert!(page.contains(&flag), "{flag}");
    }
}

#[test]
fn groff_shows_the_man_page_without_a_warning() {
    let page = generated("man");
    let Some((is_taken, shown)) = read_by(&["groff", "-man", "-Tutf8", "-ww", "-P-cbou", "-rLL=100n"], &page) else {
        return;
    };
    assert!(is_taken && !shown.contains("warning") && !shown.contains("error:"), "{shown}");
    // Some of its fonts set a hyphen that may be one as another character.
    let shown = shown.replace(['\u{2010}', '\u{2212}'], "-");
    for flag in flags() {
        assert!(shown.contains(&format!("--{flag}")), "--{flag} is lost\n{shown}");
    }
    assert!(shown.contains("{/json/pointer}") && shown.contains("--model '{/model}'"), "the values are lost\n{shown}");
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
fn completions_have_every_flag() {
    for (shell, before) in [("bash", "--"), ("zsh", "--"), ("fish", "-l "), ("powershell", "'--")] {
        let script = generated(shell);
        for flag in flags() {
            assert!(script.contains(&format!("{before}{flag}")), "--{flag} for {shell}");
        }
    }
}

#[test]
fn bash_completes_flags_and_their_values() {
    let script = generated("bash");
    for (words, completed) in
        [("provfilter --line", "--line-buffered"), ("provfilter --on-error p", "pass"), ("provfilter --generate z", "zsh")]
    {
        let ask = format!(
            "{script}\nCOMP_WORDS=({words})\nCOMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))\n\
             _provfilter provfilter \"${{COMP_WORDS[COMP_CWORD]}}\" \"${{COMP_WORDS[COMP_CWORD-1]}}\"\necho \"${{COMPREPLY[@]}}\"\n"
        );
        if let Some((_, said)) = read_by(&["bash"], &ask) {
            assert_eq!(said.trim_end(), completed, "{words}");
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
