//! Completions for bash. Those of `clap_complete` fall back to files wherever nothing else fits, and do not know `--flag=VALUE`.

use std::fmt::Write;

use clap::{Arg, Command, ValueHint};

/// The script; the flags and their values go in the place of the words in capitals.
const SCRIPT: &str = r#"# Completions of provfilter for bash, with or without the package bash-completion.
_provfilter() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} words='' files='' i word
    # `--flag=value` is three words where `=` ends a word.
    if [[ $cur == = ]]; then
        cur=''
    elif [[ $prev == = ]]; then
        prev=${COMP_WORDS[COMP_CWORD - 2]}
    elif [[ $cur == --*=* ]]; then
        prev=${cur%%=*} cur=${cur#*=}
    elif [[ $cur == : ]]; then
        prev=:
    fi
    for ((i = 1; i < COMP_CWORD; i++)); do
        if [[ ${COMP_WORDS[i]} == -- ]]; then prev=-- files=yes; fi
    done
    case $prev in
CASES        -- | :) ;;
        *)
            if [[ $cur == -* ]]; then
                words='FLAGS'
            else
                files=yes
            fi
            ;;
    esac
    COMPREPLY=()
    if [[ $files ]]; then
        # Readline knows best how to quote the names of files.
        if compopt -o default 2>/dev/null; then return; fi
        while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -f -- "$cur")
    elif [[ $words ]]; then
        while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -W "$words" -- "$cur")
    fi
}
complete -F _provfilter provfilter
"#;

/// The script, with the flags of this command.
pub(super) fn completions(mut command: Command) -> String {
    command.build();
    let mut cases = String::new();
    let mut flags = Vec::new();
    for arg in command.get_arguments().filter(|arg| !arg.is_positional()) {
        let names: Vec<_> = names(arg).collect();
        // The value of a flag that may do without stands directly behind it.
        let takes_next = arg.get_action().takes_values() && !arg.is_require_equals_set();
        if takes_next {
            let _ = writeln!(cases, "        {}){} ;;", names.join(" | "), assignment(arg));
        }
        flags.extend(names);
    }
    SCRIPT.replace("CASES", &cases).replace("FLAGS", &flags.join(" "))
}

fn names(arg: &Arg) -> impl Iterator<Item = String> {
    let short = arg.get_short().map(|short| format!("-{short}"));
    short.into_iter().chain(arg.get_long().map(|long| format!("--{long}")))
}

/// What can be completed behind a flag.
fn assignment(arg: &Arg) -> String {
    if let Some(values) = arg.get_value_parser().possible_values() {
        let names: Vec<_> = values.map(|value| value.get_name().to_owned()).collect();
        return format!(" words='{}'", names.join(" "));
    }
    if arg.get_value_hint() == ValueHint::FilePath { " files=yes".to_owned() } else { String::new() }
}
