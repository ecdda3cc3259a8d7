//! Records: outlined only, and outlined, edited and written back.

use criterion::{BenchmarkId, Criterion, Throughput};
use provfilter::json::Json;
use provfilter::provenance::Field;
use provfilter::record::Record;
use std::hint::black_box;

use crate::corpus::{self, Kind};

pub(crate) fn bench(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("record");
    for kind in Kind::ALL {
        let input = corpus::lines(kind, 4_000_000);
        group.throughput(Throughput::Bytes(input.len() as u64));
        let lines: Vec<&[u8]> = corpus::lines_of(&input).collect();
        group.bench_with_input(BenchmarkId::new("parse", kind.name()), &lines, |bencher, lines| {
            bencher.iter(|| each_record(lines, |record| drop(black_box(record))));
        });
        group.bench_with_input(BenchmarkId::new("parse and splice", kind.name()), &lines, |bencher, lines| {
            let mut out = Vec::with_capacity(2 * input.len());
            bencher.iter(|| {
                out.clear();
                each_record(lines, |record| splice(record, &mut out));
                black_box(&out);
            });
        });
    }
    group.finish();
}

fn each_record<'a>(lines: &[&'a [u8]], mut take: impl FnMut(Record<'a>)) {
    for line in lines {
        take(Record::parse(line).expect("a corpus has records only"));
    }
}

fn splice(mut record: Record<'_>, out: &mut Vec<u8>) {
    record.set(Field::Model, Json::text("hermes4:14b"));
    record.write_to(out);
    out.push(b'\n');
}
