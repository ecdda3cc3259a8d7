//! How many bytes a second each room takes, in memory and by itself. How the program does in a pipe is measured by `compare.sh`.

mod codec;
#[path = "../corpus/mod.rs"]
mod corpus;
mod pipeline;
mod record;
mod stages;

use criterion::{criterion_group, criterion_main};

criterion_group!(rooms, codec::bench, record::bench, stages::bench, pipeline::bench);
criterion_main!(rooms);
