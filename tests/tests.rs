//! All tests of the program and of the library from outside: one binary, with a module for each subject.

mod harness;

mod accounting;
mod compressed;
mod differences;
mod digests;
mod generate;
mod hosts;
mod in_place;
mod injection;
mod json_suite;
mod laws;
mod limits;
mod machine;
mod merge;
mod open_descriptors;
mod peers;
mod readme;
mod recounts;
mod report_page;
mod reports;
mod rewriting;
mod rows;
mod rule_examples;
mod screens;
mod shared_data;
mod shown_names;
mod side_files;
mod signals;
mod strace;
mod streams;
mod structure;
mod table;
mod terminal;
mod typed_readers;
mod with_jq;
