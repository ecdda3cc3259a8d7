//! Record the provenance of training data: which source, model and session each record of a JSON-lines file comes from, and when.
//!
//! This is the library behind the `provfilter` program. It reads JSON lines, annotates, backfills, excludes and validates the
//! `provenance` member of each record, writes the records back without touching any other byte, and counts what it sees.
//!
//! # A run in five lines
//!
//! [`filter`] takes a reader, a writer and a chain of stages, blocks until everything is written, and returns the counts and the writer:
//!
//! ```
//! use provfilter::stage::{Annotate, Chain, Values};
//! use provfilter::value::Value;
//!
//! let mut values = Values::new(Value::literal("trajectory"), Value::literal("hermes4:14b"));
//! values.timestamp = Value::literal("2026-03-30T14:22:31Z").into();
//! let (summary, output) = provfilter::filter(&b"{\"prompt\": \"hi\"}\n"[..], Vec::new(), Chain::new().with(Annotate::new(values)))?;
//! assert_eq!(summary.annotated, 1);
//! assert!(output.starts_with(br#"{"prompt": "hi","provenance":{"source":"trajectory","model":"hermes4:14b""#));
//! # Ok::<(), provfilter::Error>(())
//! ```
//!
//! # Tour
//!
//! ```text
//! Input --> lines --> Record::parse --> Chain of stages --> Record::write_to --> Outputs
//!                         |                    |
//!                       Fault               Summary --> Report
//! ```
//!
//! **Read.** An [`Input`](pipeline::Input) is a named stream of lines. Each line becomes a [`Record`](record::Record), which borrows its
//! bytes. A blank line is dropped. A line that is not a JSON object (RFC 8259), or whose provenance is ambiguous, is a
//! [`Fault`](fault::Fault): a value that is counted and reported, and never ends a run unless
//! [`OnFault::Stop`](pipeline::OnFault::Stop) asks for that. Files in gzip and zstd are read through
//! [`Decompressed`](compressed::Decompressed).
//!
//! **Stages.** A [`Chain`](stage::Chain) passes each record through its stages, in the order in which they were added. The program uses
//! this order, and other code should too:
//!
//! | stage | does |
//! | --- | --- |
//! | [`Rescreen`](stage::Rescreen) | removes earlier exclusions |
//! | [`Annotate`](stage::Annotate) or [`Backfill`](stage::Backfill) | fills in what is missing, with [`Values`](stage::Values) |
//! | [`Exclude`](stage::Exclude) | marks records that a [`Rule`](rule::Rule) matches: a jq filter, or a [`Screen`](screen::Screen) |
//! | [`AllFields`](stage::AllFields) | writes all seven fields in one order, for typed readers |
//! | [`Validate`](stage::Validate) | reports invalid provenance |
//!
//! A stage of your own implements [`Stage`](stage::Stage); a closure over a record is a step of it.
//!
//! **Write.** Records leave in the order in which they came, byte for byte except for provenance that changed.
//! [`Options`](pipeline::Options) decide what happens to excluded records and faulty lines, and [`Outputs`](pipeline::Outputs) where they go.
//!
//! **Count.** A [`Summary`](summary::Summary) counts a run, and summaries of shards add up to that of the whole. A
//! [`Report`](report::Report) renders one as text, JSON, Markdown, HTML and more; JSON reports can be read back and merged.
//!
//! # Blocking or async
//!
//! [`filter`] blocks and needs no runtime. [`pipeline::run`] is async: it takes any number of inputs and outputs, and works on as many cores
//! as [`Options::threads`](pipeline::Options::threads) allows. It needs a tokio runtime with time enabled:
//!
//! ```
//! use std::sync::Arc;
//!
//! use provfilter::pipeline::{self, Input, OnFault, Options, Outputs};
//! use provfilter::report::{Format, Report, Style};
//! use provfilter::stage::Chain;
//!
//! # let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
//! # runtime.block_on(async {
//! let inputs = [Input::new("a.jsonl", &b"{\"id\":1}\n"[..]), Input::new("b.jsonl", &b"not JSON\n"[..])];
//! let options = Options { on_fault: OnFault::Reject, ..Options::default() };
//! let started_at = options.clock.now();
//! let outcome =
//!     pipeline::run(inputs.map(Ok), Outputs::to(Vec::new()), Arc::new(Chain::new()), options.clone(), ()).await;
//!
//! let report = Report::new("my-run", outcome.summary, started_at, options.clock.now(), Some(outcome.ending));
//! assert_eq!((report.summary.written, report.summary.rejected), (1, 1));
//! println!("{}", report.render(Format::Text, &Style::default()));
//! # });
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! # Errors
//!
//! What is wrong with one line is a [`Fault`](fault::Fault). What cannot be read or written is an [`Error`]: an input that fails is reported
//! and the run goes on with the next one; an output that fails ends the run. Neither panics, whatever the input holds.
//!
//! # Features
//!
//! The default feature `cli` is only for the program: depend on the library with `default-features = false`. `zstd-in-rust` reads `.zst`
//! without a C compiler.

#[cfg(not(unix))]
compile_error!("provfilter supports Unix (Linux and macOS); on Windows, build and run it within WSL");

mod canonical;
pub mod codec;
pub mod compressed;
pub mod conversation;
mod descriptor;
mod digest;
pub mod duplicates;
mod error;
mod escape;
pub mod fault;
mod filter;
#[expect(clippy::inline_always, reason = "what is asked of an index is a few instructions, for each string")]
mod index;
pub mod json;
pub mod layout;
pub mod member;
pub mod pipeline;
mod place;
pub mod pointer;
pub mod provenance;
pub mod record;
pub mod report;
pub mod rule;
pub mod screen;
pub mod stage;
pub mod summary;
pub mod timestamp;
pub mod value;

pub use descriptor::Descriptor;
pub use error::{Ending, Error};
pub use escape::Escaped;
pub use filter::filter;

/// Holds the examples of `docs/library.md` to the library.
#[cfg(doctest)]
#[doc = include_str!("../docs/library.md")]
mod library_page {}
