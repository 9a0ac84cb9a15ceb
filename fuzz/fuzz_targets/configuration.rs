//! Drives `hostile::configuration`: configuration files.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| hostile::configuration::check(data));
