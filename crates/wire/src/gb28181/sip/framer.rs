//! Cuts a TCP byte stream into SIP messages by Content-Length (RFC 3261 section 18.3), skipping CRLF keepalives.
//!
//! Invariants: what comes out does not depend on where the stream was cut; no more than one message over the limit is
//! ever buffered; after an error the stream cannot be trusted again and must be closed.

use super::message::long_name;
use super::parse::head_end_from;
use base::limits::SIP_MESSAGE_BYTES;

/// Most header bytes of one message on a stream.
const MAX_HEAD_BYTES: usize = 64 * 1024;

/// Why a stream is no longer SIP. Close it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum FrameError {
    /// Header part over 64 KiB without an end.
    #[error("headers without end")]
    HeadTooLarge,
    /// Message over [`SIP_MESSAGE_BYTES`].
    #[error("message longer than {SIP_MESSAGE_BYTES} bytes")]
    TooLarge,
    /// Content-Length missing (a stream needs one) or not a number.
    #[error("no usable Content-Length")]
    ContentLength,
}

/// Incremental framer of one connection.
#[derive(Debug, Default)]
pub struct StreamFramer {
    buffer: Vec<u8>,
    /// Start of the next message in `buffer`.
    start: usize,
    /// Where to look on for the end of the headers, from `start`.
    scanned: usize,
    failed: Option<FrameError>,
}

impl StreamFramer {
    /// An empty framer.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds bytes in order. At most the limit and one chunk is held: call [`Self::next_message`] until `None` in between.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.start > 0 {
            self.buffer.drain(..self.start.min(self.buffer.len()));
            self.start = 0;
        }
        if self.buffer.len().saturating_add(bytes.len()) > 2 * SIP_MESSAGE_BYTES.max(bytes.len()) {
            self.failed = Some(FrameError::TooLarge);
        }
        if self.failed.is_none() {
            self.buffer.extend_from_slice(bytes);
        } else {
            self.buffer = Vec::new();
        }
    }

    /// Bytes held.
    #[must_use]
    pub fn buffered_bytes(&self) -> usize {
        self.buffer.len() - self.start
    }

    /// The next whole message, `None` when more bytes are needed.
    ///
    /// # Errors
    /// [`FrameError`], again at every later call.
    pub fn next_message(&mut self) -> Result<Option<Vec<u8>>, FrameError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let found = self.find();
        if let Err(error) = found {
            self.failed = Some(error);
            self.buffer = Vec::new();
            self.start = 0;
        }
        found.map(|length| {
            length.map(|length| {
                let end = self.start + length;
                let message = self.buffer.get(self.start..end).unwrap_or_default().to_vec();
                self.start = end;
                self.scanned = 0;
                if self.start == self.buffer.len() {
                    self.buffer.clear();
                    self.start = 0;
                }
                message
            })
        })
    }

    /// Length of the whole message at `start`, if it is all there.
    fn find(&mut self) -> Result<Option<usize>, FrameError> {
        if self.scanned == 0 {
            // Keepalives are CRLF (RFC 5626) or, from some devices, NULs between messages.
            let blank = |b: &&u8| matches!(**b, b'\r' | b'\n' | 0);
            self.start += self.buffer.iter().skip(self.start).take_while(blank).count();
        }
        let rest = self.buffer.get(self.start..).unwrap_or_default();
        let Some(head) = head_end_from(rest, self.scanned) else {
            if rest.len() > MAX_HEAD_BYTES {
                return Err(FrameError::HeadTooLarge);
            }
            // Look again from the last three bytes: the blank line may be cut anywhere.
            self.scanned = rest.len().saturating_sub(3);
            return Ok(None);
        };
        if head > MAX_HEAD_BYTES {
            return Err(FrameError::HeadTooLarge);
        }
        let body = content_length(rest.get(..head).unwrap_or_default()).ok_or(FrameError::ContentLength)?;
        let whole = head.checked_add(body).filter(|n| *n <= SIP_MESSAGE_BYTES).ok_or(FrameError::TooLarge)?;
        Ok((rest.len() >= whole).then_some(whole))
    }
}

/// Content-Length of a header block, long or compact name.
fn content_length(head: &[u8]) -> Option<usize> {
    head.split(|b| *b == b'\n').find_map(|line| {
        let line = std::str::from_utf8(line).ok()?;
        let (name, value) = line.split_once(':')?;
        long_name(name.trim()).eq_ignore_ascii_case("Content-Length").then(|| value.trim().parse().ok())?
    })
}
