//! Drives `hostile::ledger_proofs`: proofs, checkpoints and logs.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| hostile::ledger_proofs::check(data));
