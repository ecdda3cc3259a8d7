//! Runs a chain over inputs: reads, cuts, works in parallel, restores the order and writes. The only module that joins the others.
//!
//! ```
//! use std::sync::Arc;
//!
//! use provfilter::pipeline::{self, Excluded, Input, Options, Output, Outputs};
//! use provfilter::rule::Rule;
//! use provfilter::stage::{Chain, Exclude};
//!
//! # let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
//! # runtime.block_on(async {
//! let rule = Rule::parse("low-score=.score < 0.5").expect("a rule");
//! let chain = Arc::new(Chain::new().with(Exclude::new(vec![rule])));
//! let mut outputs = Outputs::to(Vec::new());
//! outputs.excluded = Some(Output::new("excluded.jsonl", Vec::new()));
//! let options = Options { excluded: Excluded::Route, ..Options::default() };
//!
//! let input = Input::new("-", &b"{\"score\":0.9}\n{\"score\":0.1}\n"[..]);
//! let outcome = pipeline::run([Ok(input)], outputs, chain, options, ()).await;
//! assert_eq!((outcome.summary.written, outcome.summary.routed), (1, 1));
//! assert_eq!(outcome.outputs.expect("no worker panicked").records.writer, b"{\"score\":0.9}\n");
//! # });
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! # How it works
//!
//! A run starts with one worker, and adds others while that one cannot keep up. Each worker takes a block all the way: it reads the block
//! while it alone holds the source, works on it while others read and write, waits for its turn, and writes while it alone holds the sink.
//! The sink passes from the worker of one block to that of the next, so blocks leave in the order in which they came. A worker reuses one
//! block and one buffer: what a slow output cannot take yet is not read.

mod buffer;
mod control;
mod crew;
mod document;
mod input;
mod observer;
mod options;
mod sink;
mod source;
mod work;
mod written;

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use crate::error::{Ending, Error};
use crate::rule::STACK;
use crate::stage::Chain;
use crate::summary::Summary;
use buffer::Buffer;
use crew::{Crew, Demand, Pressure, Rank};
use sink::Sink;
use source::{Item, Source};
use work::{Kept, Worker};

pub use control::{Control, Progress};
pub use document::Document;
pub use input::Input;
pub use observer::{Observer, UNTIMED};
pub use options::{Buffering, Excluded, OnFault, Options, Provenance, Records};
pub use sink::{Output, Outputs};

/// How a run went.
#[derive(Debug)]
pub struct Outcome<W> {
    /// The counts of the run. Runs that share a [`Control`] count together.
    pub summary: Summary,
    /// Everything that could not be read or written, in order. Empty if all went well.
    pub errors: Vec<Error>,
    /// How it ended.
    pub ending: Ending,
    /// The outputs, for another run for example. `None` if a worker died with them, which is one of the errors.
    pub outputs: Option<Outputs<W>>,
}

impl<W> Outcome<W> {
    /// Of a run whose workers brought it to no end.
    fn lost(control: &Control) -> Self {
        Self { summary: control.summary(), errors: vec![Error::Worker], ending: Ending::Failed, outputs: None }
    }

    /// The summary, if everything could be read and written.
    ///
    /// # Errors
    ///
    /// The first of [`Outcome::errors`].
    pub fn into_result(self) -> Result<Summary, Error> {
        match self.errors.into_iter().next() {
            Some(error) => Err(error),
            None => Ok(self.summary),
        }
    }
}

/// Sends the lines of all inputs, one input after the other, through the chain and into the outputs.
///
/// Lines leave in the order in which they came, whatever the number of threads. Inputs are taken from the iterator when their turn
/// comes, so they can be opened late. One that cannot be opened or read is reported to the observer and in [`Outcome::errors`], and the run
/// goes on with the next. An output that fails ends the run.
///
/// It needs a tokio runtime with time enabled. Readers and writers may block, because each worker is a thread of its own. A worker that is
/// still blocked when the run ends, for example because the output failed, is abandoned.
///
/// # Panics
///
/// Outside of a tokio runtime.
pub async fn run<R, W>(
    inputs: impl IntoIterator<Item = Result<Input<R>, Error>, IntoIter: Send + 'static>,
    outputs: Outputs<W>,
    chain: Arc<Chain>,
    options: Options,
    observer: impl Observer + 'static,
) -> Outcome<W>
where
    R: AsyncRead + Unpin + Send + 'static,
    W: AsyncWrite + Unpin + Send + 'static,
{
    run_under(Control::default(), inputs, outputs, chain, options, observer).await
}

/// Does what [`run`] does, under a handle that watches the run and can end it early.
///
/// # Panics
///
/// Outside of a tokio runtime.
pub async fn run_under<R, W>(
    control: Control,
    inputs: impl IntoIterator<Item = Result<Input<R>, Error>, IntoIter: Send + 'static>,
    outputs: Outputs<W>,
    chain: Arc<Chain>,
    options: Options,
    observer: impl Observer + 'static,
) -> Outcome<W>
where
    R: AsyncRead + Unpin + Send + 'static,
    W: AsyncWrite + Unpin + Send + 'static,
{
    let (first, turn) = oneshot::channel();
    let shared = Arc::new(Shared {
        source: tokio::sync::Mutex::new(Source::new(inputs.into_iter(), &options, chain.needs(), control.clone())),
        turn: Mutex::new(Some(turn)),
        over: CancellationToken::new(),
        crew: Crew::default(),
        kept: outputs.kept(),
        chain,
        options,
    });
    let _ends_workers = shared.over.clone().drop_guard();
    let sink = Sink::new(outputs, shared.options.buffering, Box::new(observer), control.clone());
    // The receiver is in `shared`, so this cannot fail.
    let _ = first.send(Box::new(sink));
    tokio::select! {
        outcome = supervise(&shared, &control) => outcome,
        outcome = interrupted(&shared, &control) => outcome,
    }
}

/// A worker's end: with the outcome, if it brings the run to its end.
type WorkerEnd<W> = oneshot::Receiver<Option<Outcome<W>>>;

/// Starts a worker, if the system gives a thread for it.
fn start_worker<R, W>(shared: &Arc<Shared<R, W>>, control: &Control, rank: Rank) -> Option<WorkerEnd<W>>
where
    R: AsyncRead + Unpin + Send + 'static,
    W: AsyncWrite + Unpin + Send + 'static,
{
    let (shared, control) = (Arc::clone(shared), control.clone());
    let (runtime, (done, ended)) = (Handle::current(), oneshot::channel());
    let worker = move || {
        // Nobody waits any more where the run has been ended from outside.
        let _ = done.send(runtime.block_on(work(&shared, &control, rank)));
    };
    thread::Builder::new().name("worker".to_owned()).stack_size(STACK).spawn(worker).ok().map(|_| ended)
}

/// Waits for the worker that brings the run to its end. Starts others when there is more input than those can keep up with that are there, up
/// to as many as there may be or the system gives threads for.
async fn supervise<R, W>(shared: &Arc<Shared<R, W>>, control: &Control) -> Outcome<W>
where
    R: AsyncRead + Unpin + Send + 'static,
    W: AsyncWrite + Unpin + Send + 'static,
{
    let mut most = shared.options.threads.get();
    let first = start_worker(shared, control, Rank::First);
    let mut workers: FuturesUnordered<WorkerEnd<W>> = first.into_iter().collect();
    if workers.is_empty() {
        return Outcome::lost(control);
    }
    let mut started = 1;
    loop {
        let ended = tokio::select! {
            ended = workers.next() => ended,
            () = shared.crew.more_wanted(), if started < most => {
                match start_worker(shared, control, Rank::Extra) {
                    Some(worker) => workers.push(worker),
                    None => most = started,
                }
                started += 1;
                continue;
            }
        };
        match ended {
            Some(Ok(Some(outcome))) => return outcome,
            Some(Ok(None)) => {}
            // It panicked, and has told why.
            Some(Err(_)) => return Outcome::lost(control),
            // The end has been taken out of the workers' hands.
            None => return std::future::pending().await,
        }
    }
}

/// How long an interrupted run waits for a read that is under way. One that has lines to give has given them by then; one that waits for
/// input may wait for ever.
const LAST_READ: Duration = Duration::from_millis(50);

/// When the run is interrupted, takes the place behind all blocks that have been read, and ends it there.
async fn interrupted<R, W: AsyncWrite + Unpin>(shared: &Shared<R, W>, control: &Control) -> Outcome<W> {
    control.until_interrupted().await;
    // Whoever holds the source has read a block that has no place in the order yet, or is about to.
    let source = tokio::time::timeout(LAST_READ, shared.source.lock()).await;
    let turn = shared.take_turn(None);
    drop(source);
    if let Some(turn) = turn
        && let Ok(sink) = turn.await
    {
        return sink.close(Ending::Interrupted).await;
    }
    // A worker is at the end already.
    std::future::pending().await
}

/// What the workers of a run share.
struct Shared<R, W> {
    source: tokio::sync::Mutex<Source<R>>,
    /// Where the sink will come when all blocks that have been read are written. Taken with each block, and for good with the end.
    turn: Mutex<Option<Turn<W>>>,
    /// Ends reads that still wait when the run is over.
    over: CancellationToken,
    crew: Crew,
    /// What of a block is kept for outputs that not every run has.
    kept: Kept,
    chain: Arc<Chain>,
    options: Options,
}

type Turn<W> = oneshot::Receiver<Box<Sink<W>>>;

impl<R, W> Shared<R, W> {
    /// Takes the place in the order of blocks that comes next, and leaves one behind it if there is to be another block.
    fn take_turn(&self, next: Option<Turn<W>>) -> Option<Turn<W>> {
        let mut turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let own = turn.take()?;
        *turn = next;
        Some(own)
    }
}

/// Works on one block after the other. Gives the outcome where the run came to its end.
async fn work<R, W>(shared: &Shared<R, W>, control: &Control, rank: Rank) -> Option<Outcome<W>>
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    let mut worker = Worker::new(&shared.chain, &shared.options, shared.kept);
    let mut buffer = Buffer::new();
    let mut demand = Demand::default();
    loop {
        if rank == Rank::Extra && demand.has_ceased() {
            shared.over.run_until_cancelled(shared.crew.wanted()).await?;
            demand = Demand::default();
        }
        let mut source = shared.over.run_until_cancelled(shared.source.lock()).await?;
        if control.is_interrupted() {
            // Nothing more is read, and whoever interrupted the run ends it.
            return None;
        }
        let item = shared.over.run_until_cancelled(source.take(buffer)).await?;
        let Some(item) = item else {
            let turn = shared.take_turn(None)?;
            drop(source);
            return Some(turn.await.ok()?.close(Ending::Finished).await);
        };
        let (pass_on, next) = oneshot::channel();
        let turn = shared.take_turn(Some(next))?;
        drop(source);

        let chunk = match item {
            Item::Chunk(chunk) => chunk,
            Item::Failure(error) => {
                let mut sink = turn.await.ok()?;
                sink.fail_input(error);
                pass_on.send(sink).ok()?;
                buffer = Buffer::new();
                continue;
            }
        };
        if demand.after_block_of(chunk.bytes().len()) == Pressure::High && shared.options.threads.get() > 1 {
            shared.crew.want_more();
        }
        let draft = worker.draft(&chunk);
        let mut sink = turn.await.ok()?;
        let done = worker.settle(&chunk, draft);
        if let ControlFlow::Break(ending) = sink.take(&chunk, done).await {
            return Some(sink.close(ending).await);
        }
        pass_on.send(sink).ok()?;
        buffer = chunk.into_buffer();
    }
}
