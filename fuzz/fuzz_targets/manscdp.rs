//! Drives `hostile::manscdp`: MANSCDP bodies.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| hostile::manscdp::check(data));
