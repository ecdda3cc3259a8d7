//! `docs/flags.md`: the tables of flags, held to what the flags say of themselves.

use std::fmt::Write;
use std::path::Path;
use std::{env, fs};

use clap::CommandFactory;

use super::super::flags::Cli;
use super::block::Block;
use super::manual::{explain, groups, term};
use super::markup::{Face, parts};
use super::sections;

const TOP: &str = "\
# Flags

<!-- Written from src/bin/provfilter/command_line/flags.rs by `BLESS=1 cargo test --bin provfilter flags_page`. -->

`provfilter [OPTIONS] [FILE]...` reads the FILEs, or standard input without any. `provfilter -h` shows every flag on one screen;
`provfilter --help` and the man page (`provfilter --generate man`) say all that is here, and more.
";

fn render() -> String {
    let mut command = Cli::command();
    command.build();
    let mut page = TOP.to_owned();
    for (heading, args) in groups(&command) {
        let _ = write!(page, "\n## {heading}\n\n| flag | meaning |\n| --- | --- |\n");
        for arg in args {
            let _ = writeln!(page, "| {} | {} |", cell(&markdown(&term(arg))), cell(&explain(arg)));
        }
    }
    page.push_str("\n## Names of files\n");
    for block in sections::files().blocks {
        let Block::Text(text) = block else { unreachable!("the section has nothing but text") };
        let _ = write!(page, "\n{text}\n");
    }
    page
}

/// A term, with its placeholders in the code that they stand behind.
fn markdown(term: &str) -> String {
    let code = |(face, part): (Face, &str)| match face {
        Face::Plain if part.starts_with(", ") => "`, `".to_owned(),
        _ => part.to_owned(),
    };
    format!("`{}`", parts(term).map(code).collect::<String>())
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

#[test]
fn the_flags_page_says_what_the_flags_say() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/flags.md");
    if env::var_os("BLESS").is_some() {
        fs::write(&path, render()).expect("the page can be written");
    }
    let page = fs::read_to_string(&path).expect("there is a page on flags");
    assert!(page == render(), "docs/flags.md is out of date: BLESS=1 cargo test --bin provfilter flags_page");
}
