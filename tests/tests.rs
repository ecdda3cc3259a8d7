//! All tests of the program and of the library from outside: one binary, with a module for each subject.

mod harness;

mod accounting;
mod differences;
mod generate;
mod in_place;
mod injection;
mod json_suite;
mod laws;
mod machine;
mod merge;
mod peers;
mod readme;
mod report_page;
mod reports;
mod rows;
mod shared_data;
mod signals;
mod strace;
mod streams;
mod structure;
mod table;
mod terminal;
mod with_jq;
