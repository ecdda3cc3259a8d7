//! Each stage by itself, on records that are outlined already. Bytes are those of the records, most of which a stage need not touch.

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput};
use provfilter::provenance::Sources;
use provfilter::record::Record;
use provfilter::rule::Rule;
use provfilter::stage::{Annotate, Backfill, Chain, Exclude, Validate, Values};
use provfilter::timestamp::Clock;
use provfilter::value::{Batch, Value};

use crate::corpus::{self, Kind};

pub(crate) fn bench(criterion: &mut Criterion) {
    let exclude = || Exclude::new(vec![Rule::parse("low=.score < 0.5").expect("the rule is right")]);
    let stages = [
        ("annotate", Chain::new().with(Annotate::new(values()))),
        ("backfill", Chain::new().with(Backfill::new(values()))),
        ("exclude", Chain::new().with(exclude())),
        ("validate", Chain::new().with(Validate::new(Sources::default()))),
    ];
    let mut group = criterion.benchmark_group("stages");
    for kind in Kind::ALL {
        let input = corpus::lines(kind, 1_000_000);
        group.throughput(Throughput::Bytes(input.len() as u64));
        for (name, chain) in &stages {
            // What is invalid is told in a message, which takes longer; most records that are validated are valid.
            let input = if *name == "validate" { annotated(&input) } else { input.clone() };
            group.bench_function(BenchmarkId::new(*name, kind.name()), |bencher| {
                bencher.iter_batched_ref(|| records(&input), |records| apply(chain, records), BatchSize::LargeInput);
            });
        }
    }
    group.finish();
}

pub(crate) fn values() -> Values {
    let session_id = Value::literal("20260330_142231_a1b2c3").into();
    Values { session_id, ..Values::new(Value::literal("trajectory"), Value::literal("hermes4:14b")) }
}

fn records(input: &[u8]) -> Vec<Record<'_>> {
    corpus::lines_of(input).map(|line| Record::parse(line).expect("a corpus has records only")).collect()
}

fn apply(chain: &Chain, records: &mut [Record<'_>]) {
    let mut steps = chain.begin(&Batch { now: Clock::default().now(), file: "-" });
    for record in records {
        steps.apply(record).expect("the records of a corpus have no faults");
    }
}

/// The corpus with complete provenance.
fn annotated(input: &[u8]) -> Vec<u8> {
    let mut records = records(input);
    apply(&Chain::new().with(Annotate::new(values())), &mut records);
    let mut out = Vec::new();
    for record in &records {
        record.write_to(&mut out);
        out.push(b'\n');
    }
    out
}
