//! Drives `hostile::tables`: files of rows that are imported.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| hostile::tables::check(data));
