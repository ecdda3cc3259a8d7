//! Arguments into flags, with the one spelling that clap does not know: `-i.bak`, as sed takes it.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use clap::error::ErrorKind;
use clap::{CommandFactory, FromArgMatches};

use super::flags::Cli;
use super::{help, rules};

/// Reads arguments, the first of which is the program's own name.
///
/// # Errors
///
/// What clap answers: that something is wrong, or the help or version that was asked for.
pub(crate) fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Cli, clap::Error> {
    let mut are_flags = true;
    let arguments = arguments.into_iter().flat_map(|argument| {
        are_flags &= argument != "--";
        if are_flags { with_suffix_apart(argument) } else { vec![argument] }
    });
    let arguments: Vec<_> = arguments.collect();
    let mut command = Cli::command();
    let matches = match command.try_get_matches_from_mut(&arguments) {
        // Only who asks for help waits for it to be made.
        Err(answer) if answer.kind() == ErrorKind::DisplayHelp => {
            return Err(help::answering(Cli::command()).try_get_matches_from(arguments).err().unwrap_or(answer));
        }
        matches => matches?,
    };
    let cli = Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut command))?;
    Ok(Cli { rule_sources: rules::sources_in_order(&matches), ..cli })
}

/// The short flags that take no value, and may stand before an `i`.
const SWITCHES: &[u8] = b"nqhV";

/// `-qi.bak` as `-q --in-place=.bak`, and any other argument as it is.
fn with_suffix_apart(argument: OsString) -> Vec<OsString> {
    let Some(letters) = argument.as_bytes().strip_prefix(b"-").filter(|letters| !letters.starts_with(b"-")) else {
        return vec![argument];
    };
    let switches = letters.iter().take_while(|letter| SWITCHES.contains(letter)).count();
    match &letters[switches..] {
        [b'i', suffix @ ..] if !suffix.is_empty() && !suffix.starts_with(b"=") => {
            let mut long = OsString::from("--in-place=");
            long.push(OsStr::from_bytes(suffix));
            let before = OsString::from_vec([b"-", &letters[..switches]].concat());
            if switches == 0 { vec![long] } else { vec![before, long] }
        }
        _ => vec![argument],
    }
}

#[cfg(test)]
mod tests {
    use super::with_suffix_apart;

    #[test]
    fn a_suffix_may_stand_directly_behind_its_flag() {
        for (argument, expected) in [
            ("-i.bak", &["--in-place=.bak"][..]),
            ("-qi~", &["-q", "--in-place=~"]),
            ("-nq", &["-nq"]),
            ("-i", &["-i"]),
            ("-i=.bak", &["-i=.bak"]),
            ("-", &["-"]),
            ("--in-place=.bak", &["--in-place=.bak"]),
            ("-x-i.bak", &["-x-i.bak"]),
            ("in", &["in"]),
        ] {
            assert_eq!(with_suffix_apart(argument.into()), expected);
        }
    }
}
