//! Runs of the pipeline over inputs that arrive in given pieces.

use std::collections::BTreeMap;
use std::io;
use std::num::NonZeroUsize;
use std::pin::Pin;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::task::{Context, Poll};

use provfilter::pipeline::{self, Excluded, Input, OnFault, Options, Output, Outputs, Provenance};
use provfilter::provenance::Field;
use provfilter::record::Vectors;
use provfilter::rule::Rule;
use provfilter::stage::{AllFields, Annotate, Backfill, Chain, Exclude, Validate, Values};
use provfilter::summary::Summary;
use provfilter::timestamp::{Clock, Timestamp, Zone};
use provfilter::value::{Alternatives, Value};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::runtime::{Builder, Runtime};

use super::reference::{PROVENANCE, REASON, Step, VALUES};

static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_current_thread().enable_time().build().expect("a runtime can be made"));

/// What comes out of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Passed {
    pub(crate) output: Vec<u8>,
    pub(crate) excluded: Vec<u8>,
    pub(crate) rejects: Vec<u8>,
    pub(crate) sidecar: Vec<u8>,
    pub(crate) summary: Summary,
}

/// How a run goes, as far as runs differ here.
#[derive(Debug, Clone)]
pub(crate) struct Flow {
    /// Where the provenance stands.
    pub(crate) member: &'static str,
    pub(crate) steps: Vec<Step>,
    pub(crate) threads: NonZeroUsize,
    pub(crate) max_line_bytes: usize,
    pub(crate) provenance: Provenance,
    pub(crate) excluded: Excluded,
    pub(crate) on_fault: OnFault,
    pub(crate) vectors: Vectors,
    /// So many bytes arrive with each read, the last number again and again; 0 for a read that has to wait first. All at once without any.
    pub(crate) pieces: Vec<usize>,
}

impl Flow {
    /// All at once, by one worker.
    pub(crate) fn new(steps: &[Step]) -> Self {
        Self {
            member: PROVENANCE,
            steps: steps.to_vec(),
            threads: NonZeroUsize::MIN,
            max_line_bytes: 1 << 20,
            provenance: Provenance::Keep,
            excluded: Excluded::Keep,
            on_fault: OnFault::Reject,
            vectors: Vectors::Widest,
            pieces: Vec::new(),
        }
    }

    /// The same in other pieces, by so many workers.
    pub(crate) fn cut(&self, pieces: &[usize], threads: usize) -> Self {
        let threads = NonZeroUsize::new(threads).expect("somebody works");
        Self { pieces: pieces.to_vec(), threads, ..self.clone() }
    }

    /// Sends the inputs through, which are named by their numbers.
    pub(crate) fn run<T: AsRef<[u8]>>(&self, inputs: &[T]) -> Passed {
        self.run_through(chain(self.member, &self.steps), inputs)
    }

    /// As [`Flow::run`], through another chain than that of the steps.
    pub(crate) fn run_through<T: AsRef<[u8]>>(&self, chain: Arc<Chain>, inputs: &[T]) -> Passed {
        let readers = inputs.iter().map(|bytes| Pieces::new(bytes.as_ref(), &self.pieces));
        let inputs: Vec<_> = readers.enumerate().map(|(number, reader)| Ok(Input::new(number.to_string(), reader))).collect();
        let [records, excluded, rejects, sidecar] = std::array::from_fn(|_| Collected::default());
        let outputs = Outputs {
            records: Output::new("records", records.clone()),
            excluded: Some(Output::new("excluded", excluded.clone())),
            rejects: Some(Output::new("rejects", rejects.clone())),
            sidecar: Some(Output::new("sidecar", sidecar.clone())),
            errors: None,
        };
        let options = Options {
            threads: self.threads,
            max_line_bytes: self.max_line_bytes,
            provenance: self.provenance,
            excluded: self.excluded,
            on_fault: self.on_fault,
            vectors: self.vectors,
            clock: Clock::Fixed(Timestamp::from_unix_seconds(1_774_880_551).expect("2026 is a year")),
            ..Options::default()
        };
        let run = pipeline::run(inputs, outputs, chain, options, ());
        let summary = RUNTIME.block_on(run).into_result().expect("memory can be read and written");
        let [output, excluded, rejects, sidecar] = [records, excluded, rejects, sidecar].map(|own| own.take());
        Passed { output, excluded, rejects, sidecar, summary }
    }
}

/// The stages of the program that the steps stand for. Chains are kept, because a rule takes long to compile.
pub(crate) fn chain(member: &'static str, steps: &[Step]) -> Arc<Chain> {
    type Chains = BTreeMap<(&'static str, Vec<Step>), Arc<Chain>>;
    static CHAINS: Mutex<Chains> = Mutex::new(BTreeMap::new());
    let mut chains = CHAINS.lock().unwrap_or_else(PoisonError::into_inner);
    let make = || Arc::new(make_chain(steps).with_provenance_at(member.parse().expect("the member is a path")));
    Arc::clone(chains.entry((member, steps.to_vec())).or_insert_with(make))
}

fn make_chain(steps: &[Step]) -> Chain {
    steps.iter().fold(Chain::new(), |chain, step| match step {
        Step::Annotate => chain.with(Annotate::new(values())),
        Step::Backfill => chain.with(Backfill::new(values())),
        Step::Exclude => chain.with(Exclude::new(vec![Rule::new(REASON, "true").expect("a rule")])),
        Step::AllFields => chain.with(AllFields::new(Zone::UTC)),
        Step::Validate => chain.with(Validate::default()),
    })
}

fn values() -> Values {
    let value = |field: Field| {
        let (_, json) = VALUES.iter().find(|(own, _)| *own == field).expect("the field is filled");
        Alternatives::from(Value::literal(json.trim_matches('"')))
    };
    Values {
        session_id: value(Field::SourceSessionId),
        timestamp: value(Field::Timestamp),
        ..Values::new(value(Field::Source), value(Field::Model))
    }
}

/// A reader that gives its bytes in pieces.
struct Pieces {
    bytes: Vec<u8>,
    at: usize,
    lengths: Vec<usize>,
    reads: usize,
}

impl Pieces {
    fn new(bytes: &[u8], lengths: &[usize]) -> Self {
        Self { bytes: bytes.to_vec(), at: 0, lengths: lengths.to_vec(), reads: 0 }
    }

    fn next_length(&mut self) -> usize {
        self.reads += 1;
        match (self.lengths.get(self.reads - 1), self.lengths.last()) {
            (Some(&length), _) => length,
            (None, Some(&last)) => last.max(1),
            (None, None) => usize::MAX,
        }
    }
}

impl AsyncRead for Pieces {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let length = self.next_length();
        if length == 0 {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let end = self.at + length.min(self.bytes.len() - self.at).min(buffer.remaining());
        buffer.put_slice(&self.bytes[self.at..end]);
        self.at = end;
        Poll::Ready(Ok(()))
    }
}

/// A writer that keeps what it is given, and takes little at a time.
#[derive(Debug, Clone, Default)]
struct Collected(Arc<Mutex<Vec<u8>>>);

impl Collected {
    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl AsyncWrite for Collected {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let taken = &bytes[..bytes.len().min(1000)];
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(taken);
        Poll::Ready(Ok(taken.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
