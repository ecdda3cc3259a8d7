//! Compiles an arbitrary text as a rule.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| provfilter_fuzz::filter(data));
