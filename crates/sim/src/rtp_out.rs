//! RTP packets of elementary streams (RFC 3550): H.264 by RFC 6184, H.265 by RFC 7798, G.711 by RFC 3551, and sender reports.
//!
//! Flow: `Frame` -> packets of at most `PAYLOAD_BYTES` payload, through a sink. PS over RTP is not made here (`media::rtp`).
//! Invariants: the marker is on the last packet of a picture; sequence numbers rise by one; parameter sets come before each key
//! picture, so that a receiver may join at any of them.

use media::{Codec, Frame, VideoConfig, annexb};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::UdpSocket;

/// Largest RTP payload, bytes; fits an Ethernet frame with every header.
pub const PAYLOAD_BYTES: usize = 1_400;
/// Datagrams sent at once before a pause of a millisecond: a key picture in one burst would overflow a receiver's buffer.
pub const BURST_PACKETS: usize = 16;

/// Sends one picture's datagrams, a burst at a time. A datagram that cannot be sent is lost, as on any network.
pub async fn send_datagrams(socket: &UdpSocket, to: SocketAddr, packets: &[Vec<u8>]) {
    for (i, burst) in packets.chunks(BURST_PACKETS).enumerate() {
        if i > 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        for packet in burst {
            let _ = socket.send_to(packet, to).await;
        }
    }
}

/// Seconds between the NTP era (1900) and the UNIX era (1970), RFC 3550 section 4.
const NTP_OFFSET_S: i64 = 2_208_988_800;
/// NAL unit type of a fragment: H.264 FU-A (RFC 6184 section 5.8).
const H264_FU_A: u8 = 28;
/// NAL unit type of a fragment: H.265 FU (RFC 7798 section 4.4.3).
const H265_FU: u8 = 49;

/// One outgoing RTP stream.
#[derive(Clone, Debug)]
pub struct RtpStream {
    payload_type: u8,
    /// Synchronisation source.
    pub ssrc: u32,
    /// Sequence number of the next packet.
    pub sequence: u16,
    base: u32,
    rate_hz: u32,
    packets: u32,
    octets: u32,
}

impl RtpStream {
    /// `sequence` and `base` (the RTP time of media time 0) are where the numbers begin; `rate_hz` is the RTP clock.
    #[must_use]
    pub const fn new(payload_type: u8, ssrc: u32, sequence: u16, base: u32, rate_hz: u32) -> Self {
        Self { payload_type: payload_type & 0x7f, ssrc, sequence, base, rate_hz, packets: 0, octets: 0 }
    }

    /// RTP time of a media time, wrapping.
    #[must_use]
    pub const fn rtp_time(&self, media_90k: i64) -> u32 {
        let ticks = media_90k as i128 * self.rate_hz as i128 / 90_000;
        self.base.wrapping_add(ticks as u32)
    }

    fn packet(&mut self, marker: bool, time: u32, head: &[u8], body: &[u8], sink: &mut impl FnMut(&[u8])) {
        let mut out = Vec::with_capacity(12 + head.len() + body.len());
        out.extend_from_slice(&[0x80, u8::from(marker) << 7 | self.payload_type]);
        out.extend_from_slice(&self.sequence.to_be_bytes());
        out.extend_from_slice(&time.to_be_bytes());
        out.extend_from_slice(&self.ssrc.to_be_bytes());
        out.extend_from_slice(head);
        out.extend_from_slice(body);
        self.sequence = self.sequence.wrapping_add(1);
        self.packets = self.packets.wrapping_add(1);
        self.octets = self.octets.wrapping_add((head.len() + body.len()) as u32);
        sink(&out);
    }

    /// Sends a picture; before a key picture its parameter sets.
    pub fn picture(&mut self, config: &VideoConfig, frame: &Frame, sink: &mut impl FnMut(&[u8])) {
        let time = self.rtp_time(frame.pts_90k);
        let sets = [&config.vps[..], &config.sps, &config.pps];
        let sets = sets.into_iter().filter(|s| frame.key && !s.is_empty());
        let mut nals = sets.chain(annexb::Lengths::new(&frame.data)).filter(|n| !n.is_empty()).peekable();
        while let Some(nal) = nals.next() {
            let last = nals.peek().is_none();
            if nal.len() <= PAYLOAD_BYTES {
                self.packet(last, time, &[], nal, sink);
            } else if config.codec == Codec::H265 {
                self.h265_fragments(last, time, nal, sink);
            } else {
                self.h264_fragments(last, time, nal, sink);
            }
        }
    }

    fn h264_fragments(&mut self, last: bool, time: u32, nal: &[u8], sink: &mut impl FnMut(&[u8])) {
        let Some((header, body)) = nal.split_first() else { return };
        let mut pieces = body.chunks(PAYLOAD_BYTES - 2).enumerate().peekable();
        while let Some((i, piece)) = pieces.next() {
            let end = pieces.peek().is_none();
            let head = [header & 0xe0 | H264_FU_A, u8::from(i == 0) << 7 | u8::from(end) << 6 | header & 0x1f];
            self.packet(last && end, time, &head, piece, sink);
        }
    }

    fn h265_fragments(&mut self, last: bool, time: u32, nal: &[u8], sink: &mut impl FnMut(&[u8])) {
        let Some(([first, second], body)) = nal.split_first_chunk::<2>() else { return };
        let mut pieces = body.chunks(PAYLOAD_BYTES - 3).enumerate().peekable();
        while let Some((i, piece)) = pieces.next() {
            let end = pieces.peek().is_none();
            let flags = u8::from(i == 0) << 7 | u8::from(end) << 6 | first >> 1 & 0x3f;
            self.packet(last && end, time, &[first & 0x81 | H265_FU << 1, *second, flags], piece, sink);
        }
    }

    /// Sends a run of sound.
    pub fn sound(&mut self, frame: &Frame, sink: &mut impl FnMut(&[u8])) {
        let time = self.rtp_time(frame.pts_90k);
        self.packet(self.packets == 0, time, &[], &frame.data, sink);
    }

    /// RTCP: sender report and source description (RFC 3550 sections 6.4.1 and 6.5). `utc_ms` and `media_90k` are the same moment.
    #[must_use]
    pub fn sender_report(&self, utc_ms: i64, media_90k: i64) -> Vec<u8> {
        let seconds = utc_ms.div_euclid(1000) + NTP_OFFSET_S;
        let fraction = (utc_ms.rem_euclid(1000) << 32) / 1000;
        let mut out = vec![0x80, 200, 0, 6];
        for word in [self.ssrc, seconds as u32, fraction as u32, self.rtp_time(media_90k), self.packets, self.octets] {
            out.extend_from_slice(&word.to_be_bytes());
        }
        let name = b"camera@sim";
        // SDES: header, source, item CNAME (1), its text, then zero octets up to the next word.
        out.extend_from_slice(&[0x81, 202, 0, 5]);
        out.extend_from_slice(&self.ssrc.to_be_bytes());
        out.extend_from_slice(&[1, name.len() as u8]);
        out.extend_from_slice(name);
        out.resize(28 + 24, 0);
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use proptest::prelude::*;

    fn config(codec: Codec) -> VideoConfig {
        let vps = if codec == Codec::H265 { Bytes::from_static(&[0x40, 1, 9]) } else { Bytes::new() };
        let set = |b: &'static [u8]| Bytes::from_static(b);
        VideoConfig { codec, vps, sps: set(&[0x67, 2, 3]), pps: set(&[0x68, 4]), width_px: 64, height_px: 48 }
    }

    /// Puts NAL units together again as a receiver would.
    fn receive(codec: Codec, packets: &[Vec<u8>]) -> Vec<Vec<u8>> {
        let mut out: Vec<Vec<u8>> = Vec::new();
        for payload in packets.iter().map(|p| &p[12..]) {
            let (fragment, head) =
                if codec == Codec::H265 { (payload[0] >> 1 & 0x3f == 49, 3) } else { (payload[0] & 0x1f == 28, 2) };
            if !fragment {
                out.push(payload.to_vec());
                continue;
            }
            let flags = payload[head - 1];
            if flags & 0x80 != 0 {
                out.push(match codec {
                    Codec::H265 => vec![payload[0] & 0x81 | (flags & 0x3f) << 1, payload[1]],
                    _ => vec![payload[0] & 0xe0 | flags & 0x1f],
                });
            }
            out.last_mut().unwrap().extend_from_slice(&payload[head..]);
        }
        out
    }

    proptest! {
        #[test]
        fn pictures_arrive_whole(h265 in any::<bool>(), key in any::<bool>(), sizes in proptest::collection::vec(2_usize..6_000, 1..5)) {
            let codec = if h265 { Codec::H265 } else { Codec::H264 };
            let config = config(codec);
            let nals: Vec<Vec<u8>> = sizes.iter().map(|n| (0..*n).map(|i| if i == 0 { if h265 { 0x26 } else { 0x65 } } else { i as u8 }).collect()).collect();
            let mut data = Vec::new();
            nals.iter().for_each(|n| annexb::push_length_prefixed(n, &mut data));
            let frame = Frame { codec, pts_90k: 1 << 40, key, data: data.into() };
            let mut stream = RtpStream::new(96, 7, 65_534, u32::MAX, 90_000);
            let mut packets = Vec::new();
            stream.picture(&config, &frame, &mut |p| packets.push(p.to_vec()));
            let mut want: Vec<Vec<u8>> = if key { [&config.vps, &config.sps, &config.pps].iter().filter(|s| !s.is_empty()).map(|s| s.to_vec()).collect() } else { Vec::new() };
            want.extend(nals);
            prop_assert_eq!(receive(codec, &packets), want);
            for (i, p) in packets.iter().enumerate() {
                prop_assert!(p.len() <= 12 + PAYLOAD_BYTES);
                prop_assert_eq!(p[1] >> 7 == 1, i + 1 == packets.len());
                prop_assert_eq!(u16::from_be_bytes([p[2], p[3]]), 65_534_u16.wrapping_add(i as u16));
            }
        }
    }

    #[test]
    fn a_sender_report_ties_both_clocks() {
        let mut stream = RtpStream::new(8, 0x0102_0304, 1, 1_000, 8_000);
        let frame = Frame { codec: Codec::G711A, pts_90k: 3_600, key: true, data: Bytes::from(vec![0xd5; 320]) };
        let mut first = Vec::new();
        stream.sound(&frame, &mut |p| first = p.to_vec());
        assert_eq!(
            (first.len(), first[1], u32::from_be_bytes([first[4], first[5], first[6], first[7]])),
            (332, 0x88, 1_320)
        );
        let report = stream.sender_report(1_500, 90_000);
        assert_eq!(report.len(), 52);
        let word = |i: usize| u32::from_be_bytes(report[i * 4..i * 4 + 4].try_into().unwrap());
        assert_eq!((word(2), word(3), word(4), word(5), word(6)), (2_208_988_801, 1 << 31, 9_000, 1, 320));
        assert_eq!(word(0) & 0xffff, 6, "length in words less one");
        assert_eq!((word(7), report.len() / 4), (0x81ca_0005, 7 + 6));
    }
}
