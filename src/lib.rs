//! provfilter makes every training pair carry where it comes from.
//!
//! The library behind the `provfilter` program: a filter for JSON lines that annotates, backfills, excludes and validates the
//! `provenance` of records, changes no other byte, and counts what it sees.
//!
//! # What flows where
//!
//! ```text
//! reader --> BlockCodec --block--> worker: for each line  Record::parse -> Chain -> Record::write_to  --> writer
//!                                          and count into a partial Summary                           --> Summary
//! ```
//!
//! [`filter`] does all of it for a reader and a writer, and [`pipeline::run`] for any number of inputs and outputs, on as many cores as
//! there are. The [`codec`] cuts bytes into blocks of whole lines; each line becomes a [`Record`](record::Record), goes through a
//! [`Chain`](stage::Chain) of [`stage`]s and is written; a [`Summary`](summary::Summary) counts, and a [`report`] shows it. A line that is
//! wrong is a [`Fault`](fault::Fault); what ends a run is an [`Error`].
//!
//! # Example
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
