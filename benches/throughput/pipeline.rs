//! The whole pipeline, annotating, from memory to nowhere: what the rooms make together, without the costs of pipes.

use std::io::Cursor;
use std::num::NonZeroUsize;
use std::sync::Arc;

use bytes::Bytes;
use criterion::{BenchmarkId, Criterion, Throughput};
use provfilter::pipeline::{self, Input, Options, Outputs};
use provfilter::record::Vectors;
use provfilter::stage::{Annotate, Chain};
use tokio::runtime::{Builder, Runtime};

use crate::corpus::{self, Kind};
use crate::stages;

pub(crate) fn bench(criterion: &mut Criterion) {
    let runtime = Builder::new_current_thread().enable_time().build().expect("the system gives threads");
    let chain = Arc::new(Chain::new().with(Annotate::new(stages::values())));
    let mut group = criterion.benchmark_group("pipeline");
    group.sample_size(20);
    for kind in Kind::ALL {
        let input = Bytes::from(corpus::lines(kind, 32_000_000));
        group.throughput(Throughput::Bytes(input.len() as u64));
        for threads in [1, 2].into_iter().filter_map(NonZeroUsize::new) {
            let id = BenchmarkId::new(format!("threads {threads}"), kind.name());
            let options = Options { threads, ..Options::default() };
            group.bench_function(id, |bencher| bencher.iter(|| run(&runtime, &input, &chain, options.clone())));
        }
        for (name, vectors) in [("at most 256 bits", Vectors::AtMost256Bits), ("at most 128 bits", Vectors::AtMost128Bits)] {
            let options = Options { threads: NonZeroUsize::MIN, vectors, ..Options::default() };
            let id = BenchmarkId::new(name, kind.name());
            group.bench_function(id, |bencher| bencher.iter(|| run(&runtime, &input, &chain, options.clone())));
        }
    }
    group.finish();
}

fn run(runtime: &Runtime, input: &Bytes, chain: &Arc<Chain>, options: Options) {
    let input = Input::new("-", Cursor::new(input.clone()));
    let outputs = Outputs::to(tokio::io::sink());
    let outcome = runtime.block_on(pipeline::run([Ok(input)], outputs, Arc::clone(chain), options, ()));
    let summary = outcome.into_result().expect("memory can be read, and nowhere takes everything");
    assert_eq!(summary.rejected, 0, "the records of a corpus have no faults");
}
