//! Cutting input into blocks, as it arrives in pieces of different sizes. The copy of each piece into the buffer is measured too.

use bytes::BytesMut;
use criterion::{BenchmarkId, Criterion, Throughput};
use provfilter::codec::BlockCodec;
use std::hint::black_box;
use tokio_util::codec::Decoder;

use crate::corpus::{self, Kind};

/// What a pipe gives at once as it is, and a stream whose lines arrive in parts.
const PIECE_BYTES: [usize; 2] = [64 << 10, 512];

pub(crate) fn bench(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("codec");
    for kind in Kind::ALL {
        let input = corpus::lines(kind, 4_000_000);
        group.throughput(Throughput::Bytes(input.len() as u64));
        for piece_bytes in PIECE_BYTES {
            let id = BenchmarkId::new(format!("pieces of {piece_bytes}"), kind.name());
            group.bench_with_input(id, &input, |bencher, input| bencher.iter(|| cut(input, piece_bytes)));
        }
    }
    group.finish();
}

fn cut(input: &[u8], piece_bytes: usize) {
    let mut codec = BlockCodec::new(64 << 20);
    let mut buffer = BytesMut::with_capacity(256 << 10);
    for piece in input.chunks(piece_bytes) {
        buffer.extend_from_slice(piece);
        while let Some(block) = codec.decode(&mut buffer).expect("no content is an error") {
            black_box(block);
        }
    }
}
