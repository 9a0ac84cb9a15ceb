//! RTP (RFC 3550): packets read without copying, put back in order, timestamps unwrapped, TCP framing split, packets made.
//!
//! A datagram or a TCP chunk flows in; `Ordered` packets and losses flow out through a sink, the payload still lying in the caller's
//! buffer when nothing was out of order. Invariants: hostile bytes are an error value; what is held is bounded in packets, bytes and
//! milliseconds; each sequence number is delivered at most once, in order; every number skipped is told as `Lost`.

mod framing;
mod packetiser;
mod reorder;
#[cfg(test)]
mod tests;

pub use framing::{Framing, FramingError, Rfc4571, push_rfc4571};
pub use packetiser::Packetiser;
pub use reorder::{Ordered, Reorder, ReorderCounts, ReorderLimits};

/// Payload type of MPEG-PS in GB/T 28181 (2022 annex C).
pub const PAYLOAD_PS: u8 = 96;
/// Payload type of G.711 A-law (RFC 3551).
pub const PAYLOAD_PCMA: u8 = 8;
/// Payload type of G.711 mu-law (RFC 3551).
pub const PAYLOAD_PCMU: u8 = 0;

/// Fixed header, bytes.
const HEADER_BYTES: usize = 12;

/// Why bytes are no RTP packet.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RtpError {
    /// Shorter than its header, CSRC list or extension.
    #[error("shorter than its own header")]
    Short,
    /// Version other than 2.
    #[error("version is not 2")]
    Version,
    /// The padding count is zero or exceeds the payload.
    #[error("padding exceeds the packet")]
    Padding,
    /// RTCP on the media port (packet types 192 to 223, RFC 5761): well formed, but no media.
    #[error("RTCP, not RTP")]
    Rtcp,
    /// Larger than `base::limits::RTP_PACKET_BYTES`.
    #[error("larger than the limit")]
    Large,
}

/// One packet, its payload still in the caller's buffer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Packet<'a> {
    /// Marker: in GB/T 28181 the last packet of a frame.
    pub marker: bool,
    /// Payload type, 0 to 127.
    pub payload_type: u8,
    /// Sequence number.
    pub sequence: u16,
    /// Timestamp as sent, 32 bits.
    pub timestamp: u32,
    /// Synchronisation source. 0 is usual for some makers (Dahua).
    pub ssrc: u32,
    /// Without CSRC list, extension and padding.
    pub payload: &'a [u8],
}

impl<'a> Packet<'a> {
    /// Reads a packet (RFC 3550 5.1, extension 5.3.1).
    ///
    /// # Errors
    /// `RtpError` says what is wrong; the packet is to be dropped and counted.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, RtpError> {
        if bytes.len() > base::limits::RTP_PACKET_BYTES {
            return Err(RtpError::Large);
        }
        let head = bytes.first_chunk::<HEADER_BYTES>().ok_or(RtpError::Short)?;
        if head[0] >> 6 != 2 {
            return Err(RtpError::Version);
        }
        if matches!(head[1], 192..=223) {
            return Err(RtpError::Rtcp);
        }
        let mut start = HEADER_BYTES + 4 * usize::from(head[0] & 0x0f);
        if head[0] & 0x10 != 0 {
            let extension = bytes.get(start..).and_then(|rest| rest.first_chunk::<4>()).ok_or(RtpError::Short)?;
            start += 4 + 4 * usize::from(u16::from_be_bytes([extension[2], extension[3]]));
        }
        let mut payload = bytes.get(start..).ok_or(RtpError::Short)?;
        if head[0] & 0x20 != 0 {
            let padding = payload.last().map_or(0, |count| usize::from(*count));
            let kept = payload.len().checked_sub(padding).filter(|_| padding > 0).ok_or(RtpError::Padding)?;
            payload = &payload[..kept];
        }
        Ok(Self {
            marker: head[1] & 0x80 != 0,
            payload_type: head[1] & 0x7f,
            sequence: u16::from_be_bytes([head[2], head[3]]),
            timestamp: u32::from_be_bytes([head[4], head[5], head[6], head[7]]),
            ssrc: u32::from_be_bytes([head[8], head[9], head[10], head[11]]),
            payload,
        })
    }
}

/// The SSRC of what looks like an RTP packet, to find its stream on a shared port; `None` for anything else, RTCP included.
#[must_use]
pub fn peek_ssrc(bytes: &[u8]) -> Option<u32> {
    let head = bytes.first_chunk::<HEADER_BYTES>()?;
    let media = head[0] >> 6 == 2 && !matches!(head[1], 192..=223);
    media.then(|| u32::from_be_bytes([head[8], head[9], head[10], head[11]]))
}

/// Unwraps 32-bit timestamps to 64 bits: each is taken as the nearest to the one before, so up to 6.6 hours apart at 90 kHz.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unwrap90k {
    last: Option<(u32, i64)>,
}

impl Unwrap90k {
    /// The unwrapped value of `timestamp`; the first one is itself.
    pub fn unwrap(&mut self, timestamp: u32) -> i64 {
        let value = match self.last {
            Some((raw, value)) => value.saturating_add(i64::from(timestamp.wrapping_sub(raw).cast_signed())),
            None => i64::from(timestamp),
        };
        self.last = Some((timestamp, value));
        value
    }
}
