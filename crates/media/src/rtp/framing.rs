//! RFC 4571: RTP over TCP, each packet after its 16-bit length. Also two framings seen in the field instead.
//!
//! TCP chunks of any cut flow in, whole packets flow out, in place where a chunk holds them whole. Invariants: at most one packet
//! (64 KiB) plus its length is carried between chunks; after `FramingError` the connection is of no use and must be closed.

/// Length of the private header that some vendors' TCP streams begin with, bytes (Ehome).
const PRIVATE_BYTES: usize = 256;
/// What is needed to recognise a framing at offset 0: `$`, channel, length, first two bytes of RTP.
const LOOK_BYTES: usize = 6;
/// Packets in a row that are no RTP before the connection is given up.
const MOST_STRANGE: u32 = 16;

/// How packets lie in the byte stream.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Framing {
    /// 2-byte length (RFC 4571), what GB/T 28181 asks for.
    Rfc4571,
    /// `$`, channel, 2-byte length (RFC 2326 10.12), sent by some devices.
    Interleaved,
}

/// Why a TCP stream cannot be split.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum FramingError {
    /// The first bytes are no framing of RTP.
    #[error("the stream does not begin with framed RTP")]
    Unknown,
    /// The framing was lost on the way: 16 packets in a row were no RTP, or a `$` is missing.
    #[error("framing lost")]
    Lost,
}

/// Splits one connection's bytes. One per connection.
#[derive(Debug, Default)]
pub struct Rfc4571 {
    framing: Option<Framing>,
    /// True once a private header was passed over.
    private_header: bool,
    /// Begin of a packet, length included, whose rest is still to come.
    carry: Vec<u8>,
    strange: u32,
}

impl Rfc4571 {
    /// For a new connection.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The framing found; `None` before the first packet.
    #[must_use]
    pub const fn framing(&self) -> Option<Framing> {
        self.framing
    }

    /// True if the stream began with a 256-byte private header, which was passed over.
    #[must_use]
    pub const fn had_private_header(&self) -> bool {
        self.private_header
    }

    /// Takes the next bytes; `sink` gets each whole packet (RTP or RTCP; zero-length frames are passed over).
    ///
    /// # Errors
    /// The stream is no framed RTP; close the connection.
    pub fn push(&mut self, mut chunk: &[u8], sink: &mut impl FnMut(&[u8])) -> Result<(), FramingError> {
        let Some(framing) = self.framing else { return self.detect(chunk, sink) };
        while !self.carry.is_empty() {
            let want = frame_bytes(framing, &self.carry)?;
            let need = want.unwrap_or(head_bytes(framing)).saturating_sub(self.carry.len());
            let (now, rest) = chunk.split_at(need.min(chunk.len()));
            self.carry.extend_from_slice(now);
            chunk = rest;
            match frame_bytes(framing, &self.carry)? {
                Some(total) if self.carry.len() >= total => {
                    let mut carry = std::mem::take(&mut self.carry);
                    let done = self.hand(carry.get(head_bytes(framing)..total).unwrap_or_default(), sink);
                    carry.clear();
                    self.carry = carry;
                    done?;
                }
                _ if chunk.is_empty() => return Ok(()),
                _ => {}
            }
        }
        while let Some(total) = frame_bytes(framing, chunk)? {
            let Some(frame) = chunk.get(..total) else { break };
            self.hand(frame.get(head_bytes(framing)..).unwrap_or_default(), sink)?;
            chunk = &chunk[total..];
        }
        self.carry.extend_from_slice(chunk);
        Ok(())
    }

    fn hand(&mut self, packet: &[u8], sink: &mut impl FnMut(&[u8])) -> Result<(), FramingError> {
        if packet.is_empty() {
            return Ok(());
        }
        if packet[0] >> 6 == 2 {
            self.strange = 0;
        } else {
            self.strange += 1;
            if self.strange >= MOST_STRANGE {
                return Err(FramingError::Lost);
            }
        }
        sink(packet);
        Ok(())
    }

    /// Gathers the first bytes until the framing shows.
    fn detect(&mut self, chunk: &[u8], sink: &mut impl FnMut(&[u8])) -> Result<(), FramingError> {
        self.carry.extend_from_slice(chunk);
        if self.carry.len() < LOOK_BYTES {
            return Ok(());
        }
        let mut skip = 0;
        let mut found = recognise(&self.carry);
        if found.is_none() {
            let Some(behind) = self.carry.get(PRIVATE_BYTES..).filter(|rest| rest.len() >= LOOK_BYTES) else {
                return Ok(());
            };
            skip = PRIVATE_BYTES;
            found = recognise(behind);
        }
        self.framing = Some(found.ok_or(FramingError::Unknown)?);
        self.private_header = skip > 0;
        let gathered = std::mem::take(&mut self.carry);
        self.push(gathered.get(skip..).unwrap_or_default(), sink)
    }
}

/// The framing whose first packet would be RTP version 2 here; `None` if neither.
fn recognise(bytes: &[u8]) -> Option<Framing> {
    let version_2 = |at: usize| bytes.get(at).is_some_and(|byte| byte >> 6 == 2);
    let length = |at: usize| Some(u16::from_be_bytes([*bytes.get(at)?, *bytes.get(at + 1)?]));
    // A zero-length frame may come first (RFC 4571 section 2); what follows it shows the framing.
    if length(0) == Some(0) && length(2).is_some_and(|length| length >= 12) && version_2(4) {
        return Some(Framing::Rfc4571);
    }
    if version_2(2) && length(0).is_some_and(|length| length >= 8) {
        return Some(Framing::Rfc4571);
    }
    let interleaved = bytes.first() == Some(&b'$') && version_2(4) && length(2).is_some_and(|length| length >= 8);
    interleaved.then_some(Framing::Interleaved)
}

const fn head_bytes(framing: Framing) -> usize {
    match framing {
        Framing::Rfc4571 => 2,
        Framing::Interleaved => 4,
    }
}

/// Length of the frame at the start of `bytes`, head included; `None` while its head is not complete.
fn frame_bytes(framing: Framing, bytes: &[u8]) -> Result<Option<usize>, FramingError> {
    let head = head_bytes(framing);
    if framing == Framing::Interleaved && bytes.first().is_some_and(|byte| *byte != b'$') {
        return Err(FramingError::Lost);
    }
    let Some(&[high, low]) = bytes.get(head - 2..head) else { return Ok(None) };
    Ok(Some(head + usize::from(u16::from_be_bytes([high, low]))))
}

/// Appends `packet` after its 16-bit length. False (nothing appended) if it is over 65,535 bytes.
#[must_use]
pub fn push_rfc4571(packet: &[u8], out: &mut Vec<u8>) -> bool {
    let Ok(length) = u16::try_from(packet.len()) else { return false };
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(packet);
    true
}
