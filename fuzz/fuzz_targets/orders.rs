//! Drives `hostile::orders`: orders of an authority and what a site answers.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| hostile::orders::check(data));
