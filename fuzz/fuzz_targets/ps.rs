//! Drives `hostile::ps`: MPEG program streams.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| hostile::ps::check(data));
