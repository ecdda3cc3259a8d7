//! Completions in the shells that they are for: what each of them offers when somebody presses Tab.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use provfilter::layout::Layout;
use provfilter::report::Format;
use provfilter::screen::Screen;
use tempfile::TempDir;

use crate::harness::{is_there, output_of, provfilter, required};

/// A folder in which somebody works: two files, and completions where each shell looks for them.
struct Desk(TempDir);

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        for (kind, name) in [
            ("bash", "completions/provfilter"),
            ("zsh", "site-functions/_provfilter"),
            ("fish", "fish/completions/provfilter.fish"),
        ] {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().expect("it is in a folder")).expect("a folder can be made");
            fs::write(path, provfilter(&["--generate", kind]).ends().stdout).expect("a file can be written");
        }
        let work = folder.path().join("work");
        fs::create_dir(&work).expect("a folder can be made");
        for name in ["raw.jsonl", "rules of mine"] {
            fs::write(work.join(name), "").expect("a file can be written");
        }
        Self(folder)
    }

    /// What a shell prints that is given this script, within a minute.
    fn prints(&self, shell: &[&str], script: &str) -> String {
        let mut command = Command::new("timeout");
        command.arg("60").args(shell).args(["-c", script]).current_dir(self.0.path().join("work")).stdin(Stdio::null());
        command.env("HOME", self.0.path()).env("XDG_CONFIG_HOME", self.0.path()).env("BASH_COMPLETION_USER_DIR", self.0.path());
        // fish has completions only for programs that are there.
        let program = Path::new(env!("CARGO_BIN_EXE_provfilter")).parent().expect("the program is in a folder");
        let path = format!("{}:{}", program.display(), std::env::var("PATH").expect("there is a path"));
        command.env("PATH", path).env("LC_ALL", "C.UTF-8").env("TERM", "dumb");
        let output = output_of(&mut command).expect("there is timeout");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{script}\n{}\n{said}", output.status);
        String::from_utf8(output.stdout).expect("completions are text")
    }
}

/// What is completed, and all that it is completed to. Files are for flags that name files, and for no others.
fn cases() -> Vec<(&'static str, Vec<&'static str>)> {
    let mut formats: Vec<_> = Format::ALL.map(Format::name).to_vec();
    formats.push("none");
    let screens: Vec<_> = Screen::ALL.map(Screen::name).into_iter().chain(["chat"]).collect();
    vec![
        ("--report ", formats),
        ("--report da", vec!["dashboard"]),
        ("--layout ", Layout::ALL.map(|layout| layout.name).to_vec()),
        ("--layout ra", vec![]),
        ("--exclude ", screens),
        ("--exclude to", vec!["tool-calls"]),
        ("--source ", vec!["trajectory", "curated", "backfill"]),
        ("--on-error ", vec!["reject", "pass", "stop"]),
        ("--color ", vec!["auto", "always", "never"]),
        ("--progress n", vec!["never"]),
        ("--assume-tz ", vec!["utc", "local"]),
        ("--generate ", vec!["man", "bash", "zsh", "fish", "powershell"]),
        ("--model ", vec![]),
        ("--session-id r", vec![]),
        ("--threads ", vec![]),
        ("--member r", vec![]),
        ("--rejects ", vec!["raw.jsonl", "rules of mine"]),
        ("--rules ru", vec!["rules of mine"]),
        ("-i ra", vec!["raw.jsonl"]),
        ("-n ra", vec!["raw.jsonl"]),
        ("ra", vec!["raw.jsonl"]),
        ("--line", vec!["--line-buffered"]),
        ("raw.jsonl --str", vec!["--strip"]),
    ]
}

fn sorted<'s>(words: impl IntoIterator<Item = &'s str>) -> Vec<&'s str> {
    let mut words: Vec<_> = words.into_iter().collect();
    words.sort_unstable();
    words
}

#[test]
fn fish_completes_names_and_files() {
    if !is_there("fish") {
        return;
    }
    let desk = Desk::new();
    for (words, expected) in cases() {
        let printed = desk.prints(&["fish"], &format!("complete -C 'provfilter {words}'"));
        // What a completion is for stands behind a tab, and blanks of names are escaped.
        let offered: Vec<_> = printed.lines().map(|line| line.split('\t').next().unwrap_or(line).replace('\\', "")).collect();
        assert_eq!(sorted(offered.iter().map(String::as_str)), sorted(expected), "{words}: {printed}");
    }
    let explained = desk.prints(&["fish"], "complete -C 'provfilter --report js'");
    assert_eq!(explained, "json\tevery count, for programs and for --merge\n");
}

#[test]
fn bash_completes_names_and_files_with_and_without_its_package() {
    if !is_there("bash") {
        return;
    }
    let desk = Desk::new();
    let package = "/usr/share/bash-completion/bash_completion";
    let has_package = required("bash-completion", fs::exists(package).unwrap_or_default());
    // The package loads completions when they are first asked for.
    let with_package = format!(". {package}; _completion_loader provfilter");
    let loads = [(true, ". ../completions/provfilter"), (has_package, &with_package)];
    for (_, load) in loads.into_iter().filter(|(is_there, _)| *is_there) {
        for (words, expected) in cases() {
            let printed = desk.prints(&["bash", "--norc"], &ask_bash(load, words));
            assert_eq!(sorted(printed.lines()), sorted(expected), "{load}: {words}");
        }
        // An equals sign ends a word, and so does a colon.
        for (words, completed) in [
            ("--on-error = p", "pass\n"),
            ("--report = mark", "markdown\n"),
            ("--layout =", "hermes\nsharegpt\npreference\ndistilabel\natif\nopenai\n"),
            ("--report json = ra", "raw.jsonl\n"),
            ("--model hermes : r", ""),
            ("-- -", ""),
        ] {
            assert_eq!(desk.prints(&["bash", "--norc"], &ask_bash(load, words)), completed, "{load}: {words}");
        }
    }
}

/// Calls the function that bash calls, with the words of a command line.
fn ask_bash(load: &str, words: &str) -> String {
    let last = if words.ends_with(' ') { " ''" } else { "" };
    format!(
        "{load}\ncall=$(complete -p provfilter) && [[ $call == *' -F _provfilter '* ]] || exit 1\n\
         COMP_WORDS=(provfilter {words}{last})\nCOMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))\n\
         _provfilter provfilter \"${{COMP_WORDS[COMP_CWORD]}}\" \"${{COMP_WORDS[COMP_CWORD - 1]}}\"\n\
         [[ ${{#COMPREPLY[@]}} == 0 ]] || printf '%s\\n' \"${{COMPREPLY[@]}}\""
    )
}

/// Has a shell on a terminal of its own (zpty) complete lines, and prints them. `$1` starts the shell, `$2` readies it, the rest are lines.
const AT_A_TERMINAL: &str = r#"
zmodload zsh/zpty
zpty shell "$1"
zpty -w shell "$2; echo READ""Y"
zpty -r -m shell said '*READY*'
for words in "${@:3}"; do
    zpty -w -n shell "provfilter $words"$'\t'
    zpty -w -n shell $'\x01'"echo '<''<'\""$'\x05'"\"'>''>'"$'\n'
    zpty -r -m shell said '*<<*>>*'
    print -r -- "${${said##*<<provfilter }%%>>*}"
done
"#;

/// The lines that a shell makes of these when Tab is pressed behind each.
fn at_a_terminal(desk: &Desk, shell: &str, ready: &str, lines: &[&str]) -> Vec<String> {
    let quoted =
        [&[shell, ready][..], lines].concat().iter().map(|word| format!("'{}'", word.replace('\'', "'\\''"))).collect::<Vec<_>>();
    let script = format!("set -- {}\n{AT_A_TERMINAL}", quoted.join(" "));
    desk.prints(&["zsh", "-f"], &script).lines().map(ToOwned::to_owned).collect()
}

#[test]
fn zsh_completes_names_and_files() {
    if !is_there("zsh") {
        return;
    }
    let desk = Desk::new();
    // Inserts everything that there is to choose from.
    let ready = "PS1=; fpath=(../site-functions $fpath); autoload -U compinit; compinit -u -D; \
                 insert-all() { _main_complete; compstate[insert]=all; compstate[list]= }; \
                 zle -C insert-all complete-word insert-all; bindkey '^I' insert-all";
    let cases = cases();
    let lines: Vec<_> = cases.iter().map(|(words, _)| *words).collect();
    let completed = at_a_terminal(&desk, "zsh -f -i", ready, &lines);
    for ((words, expected), completed) in cases.into_iter().zip(completed) {
        let before = words.rsplit_once(' ').map(|(before, _)| format!("{before} ")).unwrap_or_default();
        let offered = completed.strip_prefix(&before).expect("the words before stay").replace("\\ ", "\0");
        let offered: Vec<_> = offered.split_whitespace().map(|word| word.replace('\0', " ")).collect();
        // A word that nothing completes stays as it was typed.
        let typed = words.rsplit(' ').next().filter(|word| !word.is_empty());
        let expected = if expected.is_empty() { typed.into_iter().collect() } else { expected };
        assert_eq!(sorted(offered.iter().map(String::as_str)), sorted(expected), "{words}: {completed}");
    }
}

#[test]
fn bash_completes_at_a_terminal() {
    if !(is_there("bash") && is_there("zsh")) {
        return;
    }
    let desk = Desk::new();
    let ready = "PS1=; . ../completions/provfilter; bind 'set enable-bracketed-paste off'";
    let lines = ["--rules=ru", "ra", "--exclude to", "--layout ra", "--on-error=p", "--model m:r", "--report json=ra", "-i ra"];
    let completed = [
        "--rules=rules\\ of\\ mine",
        "raw.jsonl",
        "--exclude tool-calls",
        "--layout ra",
        "--on-error=pass",
        "--model m:r",
        "--report json=raw.jsonl",
        "-i raw.jsonl",
    ];
    let lines = at_a_terminal(&desk, "bash --norc --noprofile -i", ready, &lines);
    assert_eq!(lines.iter().map(|line| line.trim_end()).collect::<Vec<_>>(), completed);
}
