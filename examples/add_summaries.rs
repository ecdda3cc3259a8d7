//! Adds up summaries: each file is a shard that is counted by itself, and the sum is that of the whole.
//!
//! ```sh
//! cargo run --example add_summaries examples/data/*.jsonl
//! ```

use std::fs::File;
use std::io;
use std::sync::Arc;

use provfilter::pipeline::{self, Input, Options, Outputs, Records};
use provfilter::report::{Format, Report, Style};
use provfilter::stage::Chain;
use provfilter::summary::Summary;
use provfilter::{Descriptor, Ending, Error};

/// Counts the records of one file, and writes none.
async fn count(path: &str) -> Result<Summary, Error> {
    let failed = |source| Error::Read { file: path.into(), source };
    let input = File::open(path).map(|file| Input::new(path, Descriptor::new(file))).map_err(failed);
    let options = Options { records: Records::Count, ..Options::default() };
    let outputs = Outputs::to(tokio::io::sink());
    pipeline::run([input], outputs, Arc::new(Chain::new()), options, ()).await.into_result()
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let started_at = Options::default().clock.now();
    let mut whole = Summary::default();
    for path in std::env::args().skip(1) {
        whole += count(&path).await?;
    }
    let finished_at = Options::default().clock.now();
    let report = Report::new("add_summaries", whole, started_at, finished_at, Some(Ending::Finished));
    io::Write::write_all(&mut io::stdout(), report.render(Format::Text, &Style::default()).as_bytes())?;
    Ok(())
}
