//! Makes RTP packets of a frame's bytes, for simulated cameras and benches.
//!
//! One pack flows in, packets of at most `payload_bytes` flow out, the marker on the last (GB/T 28181-2022 annex C).

/// Payload bytes that keep a packet under the Ethernet MTU with IPv4 or IPv6, UDP and RTP headers.
pub const PAYLOAD_BYTES: usize = 1_400;

/// One outgoing RTP stream.
#[derive(Clone, Debug)]
pub struct Packetiser {
    payload_type: u8,
    ssrc: u32,
    sequence: u16,
    payload_bytes: usize,
    buffer: Vec<u8>,
}

impl Packetiser {
    /// `sequence` is that of the first packet.
    #[must_use]
    pub const fn new(payload_type: u8, ssrc: u32, sequence: u16) -> Self {
        Self { payload_type: payload_type & 0x7f, ssrc, sequence, payload_bytes: PAYLOAD_BYTES, buffer: Vec::new() }
    }

    /// With another payload size, 1 to 60,000 bytes.
    #[must_use]
    pub fn with_payload_bytes(mut self, payload_bytes: usize) -> Self {
        self.payload_bytes = payload_bytes.clamp(1, 60_000);
        self
    }

    /// Sequence number of the next packet.
    #[must_use]
    pub const fn sequence(&self) -> u16 {
        self.sequence
    }

    /// Splits `frame`; `sink` gets each packet in turn, the marker on the last. `timestamp` is the low half of the media time.
    pub fn packetise(&mut self, frame: &[u8], timestamp: u32, sink: &mut impl FnMut(&[u8])) {
        let mut pieces = frame.chunks(self.payload_bytes).peekable();
        while let Some(piece) = pieces.next() {
            let marker = if pieces.peek().is_none() { 0x80 } else { 0 };
            self.buffer.clear();
            self.buffer.extend_from_slice(&[0x80, marker | self.payload_type]);
            self.buffer.extend_from_slice(&self.sequence.to_be_bytes());
            self.buffer.extend_from_slice(&timestamp.to_be_bytes());
            self.buffer.extend_from_slice(&self.ssrc.to_be_bytes());
            self.buffer.extend_from_slice(piece);
            self.sequence = self.sequence.wrapping_add(1);
            sink(&self.buffer);
        }
    }
}
