//! Runs arbitrary inputs in pieces, by one worker and by three, against the reference.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| provfilter_fuzz::pipeline(data));
