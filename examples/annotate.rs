//! Annotates a reader into a writer: the whole filter from within another program.
//!
//! ```sh
//! cargo run --example annotate < examples/data/trajectories.jsonl
//! ```

use std::io;
use std::sync::Arc;

use provfilter::Descriptor;
use provfilter::pipeline::{self, Input, Options, Outputs};
use provfilter::report::{Format, Report, Style};
use provfilter::stage::{Annotate, Chain, Values};
use provfilter::value::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let values = Values::new(Value::parse("trajectory")?, Value::parse("hermes4:14b")?);
    let chain = Arc::new(Chain::new().with(Annotate::new(values)));

    // Any AsyncRead and AsyncWrite will do. A `Descriptor` is what the provfilter program itself uses.
    let input = Input::new("-", Descriptor::duplicate(io::stdin())?);
    let outputs = Outputs::to(Descriptor::duplicate(io::stdout())?);

    let options = Options::default();
    let started_at = options.clock.now();
    let outcome = pipeline::run([Ok(input)], outputs, chain, options.clone(), ()).await;
    let ending = Some(outcome.ending);
    let summary = outcome.into_result()?;

    let report = Report::new("annotate", summary, started_at, options.clock.now(), ending);
    io::Write::write_all(&mut io::stderr(), report.render(Format::Text, &Style::default()).as_bytes())?;
    Ok(())
}
