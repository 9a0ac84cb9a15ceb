//! Drives `hostile::draws`: published draws of inspections.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| hostile::draws::check(data));
