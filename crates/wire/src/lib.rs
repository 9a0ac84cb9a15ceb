//! Signalling state machines without sockets: GB/T 28181.
