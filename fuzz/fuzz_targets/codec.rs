//! Cuts arbitrary bytes into blocks, against a naive split.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| provfilter_fuzz::codec(data));
