//! Drives `hostile::rtp`: RTP, its framing and its order.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| hostile::rtp::check(data));
