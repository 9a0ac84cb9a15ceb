//! Drives `hostile::dc09`: SIA DC-09.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| hostile::dc09::check(data));
