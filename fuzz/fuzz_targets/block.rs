//! Reads arbitrary bytes as a block of lines, in vectors of each width, against the reference.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| provfilter_fuzz::block(data));
