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
//! [`pipeline::run`] joins the rooms: it reads an input, has the [`codec`] cut it into blocks of whole lines, makes a [`Record`] of
//! each line, sends it through a [`Chain`] of [`stage`]s, writes it, and adds up a [`Summary`], which a [`report`] shows.
//! A line that is wrong is a [`Fault`]; what ends a run is an [`Error`].
//!
//! # Example
//!
//! ```
//! use std::sync::Arc;
//!
//! use provfilter::pipeline::{self, Input, Options, Outputs};
//! use provfilter::stage::{Annotate, Values};
//! use provfilter::{Chain, Value};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let values = Values {
//!     timestamp: Value::literal("2026-03-30T14:22:31Z").into(),
//!     ..Values::new(Value::literal("trajectory"), Value::literal("hermes4:14b"))
//! };
//! let chain = Arc::new(Chain::new().with(Annotate::new(values)));
//!
//! let input = Input::new("pairs.jsonl", &b"{\"prompt\": \"hi\"}\n"[..]);
//! let (mut reader, writer) = tokio::io::simplex(1 << 16);
//! let outcome = pipeline::run([Ok(input)].into_iter(), Outputs::to(writer), chain, Options::default(), ()).await;
//! assert_eq!(outcome.into_result()?.annotated, 1);
//!
//! let mut output = String::new();
//! tokio::io::AsyncReadExt::read_to_string(&mut reader, &mut output).await?;
//! assert_eq!(output, "{\"prompt\": \"hi\",\"provenance\":{\"source\":\"trajectory\",\"model\":\"hermes4:14b\",\
//!     \"timestamp\":\"2026-03-30T14:22:31Z\",\"approved\":true}}\n");
//! # Ok(())
//! # }
//! ```

mod canonical;
pub mod codec;
pub mod conversation;
mod descriptor;
pub mod duplicates;
mod error;
mod escape;
mod fault;
mod layout;
pub mod pipeline;
mod pointer;
mod provenance;
mod record;
pub mod report;
pub mod screen;
pub mod stage;
mod summary;
mod timestamp;
mod value;

pub use descriptor::Descriptor;
pub use error::{Ending, Error};
pub use escape::Escaped;
pub use fault::{Code, Fault, LocatedFault};
pub use layout::Layout;
pub use pointer::{Pointer, PointerError};
pub use provenance::{Field, Kind, Problem, Sources};
pub use record::{Json, Prepared, Provenance, Record, Wanted};
pub use stage::{Batch, Chain, Effect, Needs, Stage, Step, Steps};
pub use summary::{CodeCounts, Counts, FAULTS_KEPT, FieldCounts, Names, Summary, Taken, Times};
pub use timestamp::{Clock, Origin, Timestamp, Zone};
pub use value::{Alternatives, Value, ValueError};
