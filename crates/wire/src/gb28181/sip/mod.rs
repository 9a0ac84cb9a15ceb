//! SIP messages (RFC 3261) as far as GB/T 28181 uses them: parse, build, frame.
//!
//! Bytes of a datagram or a stream come in, [`Message`]s go out and back to bytes. Lenient on what cameras send
//! (compact names, folded lines, bare LF, missing Content-Length over UDP, non-UTF-8 display names), strict on limits
//! (message size, header count, line length). Nothing here knows transactions.

mod framer;
mod message;
mod parse;
mod value;

#[cfg(test)]
mod tests;

pub use framer::{FrameError, StreamFramer};
pub use message::{Headers, Message, Method, StartLine, reason_phrase};
pub use parse::{SipError, parse};
pub(crate) use value::split_outside_quotes;
pub use value::{NameAddr, Uri, Via, params};

/// Most header lines of one message. More: the message is malformed.
pub const MAX_HEADERS: usize = 128;
/// Longest header line, bytes (start line included). Longer: the message is malformed.
pub const MAX_LINE_BYTES: usize = 8 * 1024;
