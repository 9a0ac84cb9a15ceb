//! Drives `hostile::sdp`: SDP.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| hostile::sdp::check(data));
