//! Drives `hostile::evidence`: export packages.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| hostile::evidence::check(data));
