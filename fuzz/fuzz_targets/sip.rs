//! Drives `hostile::sip`: SIP messages, framing and the platform.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| hostile::sip::check(data));
