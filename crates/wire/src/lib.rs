//! Signalling state machines without sockets: GB/T 28181 (cameras, platforms) and SIA DC-09 (alarm panels).
//!
//! Bytes and the time go in; bytes, events and the next deadline come out. No clock, no IO, no randomness of its own:
//! all three arrive as arguments, so two machines can be tested against each other faster than real time.

pub mod dc09;
pub mod gb28181;
