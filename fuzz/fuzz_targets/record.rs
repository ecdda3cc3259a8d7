//! Reads and edits an arbitrary line, against the reference.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| provfilter_fuzz::record(data));
