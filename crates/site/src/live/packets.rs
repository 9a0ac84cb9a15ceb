//! Coded pictures and sound cut into RTP payloads: H.264 (RFC 6184), H.265 (RFC 7798), G.711 (RFC 3551).
//!
//! A frame of the hub flows in, payloads that fit a datagram flow out, in order. Invariants: no payload is longer than
//! `PAYLOAD_BYTES`; the last payload of a picture carries the marker; a key picture is preceded by its parameter sets.

use media::annexb::Lengths;
use media::{Codec, Frame, VideoConfig};
use std::collections::VecDeque;
use std::sync::Arc;

/// Longest RTP payload, bytes: with header, extensions, SRTP tag, UDP and IPv6 it stays under 1,280, the least any path carries.
pub(super) const PAYLOAD_BYTES: usize = 1_140;
/// Samples of G.711 in one packet, 40 ms; a longer run is cut.
const SAMPLES: usize = 320;

/// One RTP payload.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Payload {
    /// Without the RTP header.
    pub(super) data: Arc<[u8]>,
    /// Last of its picture.
    pub(super) marker: bool,
    /// Sound: samples since the start of the run. Pictures: 0.
    pub(super) sample: u32,
}

/// Cuts frames; keeps its scratch memory.
#[derive(Debug, Default)]
pub(super) struct Cutter {
    scratch: Vec<u8>,
}

/// Numbers in which the two picture formats differ.
struct Format {
    /// Bytes of a NAL unit header.
    header: usize,
    aggregate: u8,
    fragment: u8,
}

const H264: Format = Format { header: 1, aggregate: 24, fragment: 28 };
const H265: Format = Format { header: 2, aggregate: 48, fragment: 49 };

impl Format {
    fn kind(&self, first: u8) -> u8 {
        if self.header == 1 { first & 0x1f } else { (first >> 1) & 0x3f }
    }

    /// The header of a unit of type `kind` in place of the one at the start of `nal`.
    fn push_header(&self, nal: &[u8], kind: u8, out: &mut Vec<u8>) {
        let first = nal.first().copied().unwrap_or(0);
        if self.header == 1 {
            out.push((first & 0xe0) | kind);
        } else {
            out.push((first & 0x81) | (kind << 1));
            out.push(nal.get(1).copied().unwrap_or(1));
        }
    }
}

impl Cutter {
    /// Appends the payloads of a picture; a key picture comes after the parameter sets of `config`.
    pub(super) fn picture(&mut self, config: &VideoConfig, frame: &Frame, out: &mut VecDeque<Payload>) {
        let format = if frame.codec == Codec::H265 { H265 } else { H264 };
        let before = out.len();
        if frame.key {
            self.parameter_sets(&format, config, out);
        }
        for nal in Lengths::new(&frame.data) {
            self.nal(&format, nal, out);
        }
        if out.len() > before
            && let Some(last) = out.back_mut()
        {
            last.marker = true;
        }
    }

    /// Appends the payloads of a run of G.711.
    pub(super) fn sound(&mut self, frame: &Frame, out: &mut VecDeque<Payload>) {
        let mut sample = 0;
        for run in frame.data.chunks(SAMPLES) {
            out.push_back(Payload { data: run.into(), marker: false, sample });
            sample = sample.saturating_add(u32::try_from(run.len()).unwrap_or(0));
        }
    }

    /// One aggregation packet for the small parameter sets, single packets when they are not small.
    fn parameter_sets(&mut self, format: &Format, config: &VideoConfig, out: &mut VecDeque<Payload>) {
        let sets = [&config.vps, &config.sps, &config.pps];
        let total: usize = sets.iter().map(|set| set.len() + 2).sum();
        if total + format.header > PAYLOAD_BYTES {
            sets.into_iter().for_each(|set| self.nal(format, set, out));
            return;
        }
        self.scratch.clear();
        // The highest NRI of H.264; layer 0 and temporal id 1 of H.265.
        let model: &[u8] = if format.header == 1 { &[0x60] } else { &[0, 1] };
        format.push_header(model, format.aggregate, &mut self.scratch);
        for set in sets.into_iter().filter(|set| !set.is_empty()) {
            self.scratch.extend_from_slice(&u16::try_from(set.len()).unwrap_or(0).to_be_bytes());
            self.scratch.extend_from_slice(set);
        }
        self.put(out);
    }

    fn nal(&mut self, format: &Format, nal: &[u8], out: &mut VecDeque<Payload>) {
        let Some((header, body)) = nal.split_at_checked(format.header) else { return };
        if body.is_empty() {
            return;
        }
        if nal.len() <= PAYLOAD_BYTES {
            out.push_back(Payload { data: nal.into(), marker: false, sample: 0 });
            return;
        }
        let room = PAYLOAD_BYTES - format.header - 1;
        let kind = format.kind(nal[0]);
        let mut rest = body;
        while !rest.is_empty() {
            let (part, after) = rest.split_at(room.min(rest.len()));
            let start = if rest.len() == body.len() { 0x80 } else { 0 };
            let end = if after.is_empty() { 0x40 } else { 0 };
            self.scratch.clear();
            format.push_header(header, format.fragment, &mut self.scratch);
            self.scratch.push(start | end | kind);
            self.scratch.extend_from_slice(part);
            self.put(out);
            rest = after;
        }
    }

    fn put(&self, out: &mut VecDeque<Payload>) {
        out.push_back(Payload { data: self.scratch.as_slice().into(), marker: false, sample: 0 });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn config(codec: Codec) -> VideoConfig {
        let vps = if codec == Codec::H265 { Bytes::from_static(&[0x40, 1, 7]) } else { Bytes::new() };
        let (sps, pps) = (Bytes::from_static(&[0x67, 0x42, 0xe0, 0x1f]), Bytes::from_static(&[0x68, 2]));
        VideoConfig { codec, vps, sps, pps, width_px: 64, height_px: 48 }
    }

    fn frame(codec: Codec, key: bool, nals: &[Vec<u8>]) -> Frame {
        let mut data = Vec::new();
        nals.iter().for_each(|nal| media::annexb::push_length_prefixed(nal, &mut data));
        Frame { codec, pts_90k: 0, key, data: data.into() }
    }

    /// A receiver by the book: undoes aggregation and fragmentation.
    fn join(codec: Codec, payloads: &VecDeque<Payload>) -> Vec<Vec<u8>> {
        let format = if codec == Codec::H265 { H265 } else { H264 };
        let mut nals: Vec<Vec<u8>> = Vec::new();
        for payload in payloads {
            let data = &payload.data;
            assert!(data.len() <= PAYLOAD_BYTES);
            let kind = format.kind(data[0]);
            if kind == format.aggregate {
                let mut rest = &data[format.header..];
                while let Some((length, after)) = rest.split_first_chunk::<2>() {
                    let (nal, after) = after.split_at(u16::from_be_bytes(*length).into());
                    nals.push(nal.to_vec());
                    rest = after;
                }
            } else if kind == format.fragment {
                let fu = data[format.header];
                if fu & 0x80 != 0 {
                    let mut nal = Vec::new();
                    format.push_header(data, fu & 0x3f & if format.header == 1 { 0x1f } else { 0x3f }, &mut nal);
                    nals.push(nal);
                }
                nals.last_mut().unwrap().extend_from_slice(&data[format.header + 1..]);
            } else {
                nals.push(data.to_vec());
            }
        }
        nals
    }

    #[test]
    fn every_size_around_the_limits_comes_back_whole() {
        for (codec, first) in [(Codec::H264, vec![0x65]), (Codec::H265, vec![0x26, 1])] {
            for size in [2, 100, PAYLOAD_BYTES - 1, PAYLOAD_BYTES, PAYLOAD_BYTES + 1, 2 * PAYLOAD_BYTES - 3, 50_000] {
                let mut nal = first.clone();
                nal.extend((nal.len()..size + 1).map(|i| (i % 251) as u8));
                let nals = vec![nal, [first.clone(), vec![1, 2, 3]].concat()];
                let mut out = VecDeque::new();
                Cutter::default().picture(&config(codec), &frame(codec, false, &nals), &mut out);
                assert_eq!(join(codec, &out), nals, "{codec:?} {size}");
                assert_eq!(out.iter().filter(|p| p.marker).count(), 1);
                assert!(out.back().unwrap().marker);
            }
        }
    }

    #[test]
    fn a_key_picture_comes_after_its_parameter_sets() {
        for codec in [Codec::H264, Codec::H265] {
            let config = config(codec);
            let nal = vec![if codec == Codec::H264 { 0x65 } else { 0x26 }, 1, 2, 3];
            let mut out = VecDeque::new();
            Cutter::default().picture(&config, &frame(codec, true, std::slice::from_ref(&nal)), &mut out);
            let mut want: Vec<Vec<u8>> = vec![config.vps.to_vec(), config.sps.to_vec(), config.pps.to_vec(), nal];
            want.retain(|set| !set.is_empty());
            assert_eq!(join(codec, &out), want);
        }
    }

    #[test]
    fn large_parameter_sets_and_empty_or_cut_frames_do_no_harm() {
        let mut config = config(Codec::H264);
        config.sps = [vec![0x67], vec![1; 3_000]].concat().into();
        let mut out = VecDeque::new();
        Cutter::default().picture(&config, &frame(Codec::H264, true, &[vec![0x65, 1, 2]]), &mut out);
        assert_eq!(join(Codec::H264, &out)[0], config.sps);
        for data in [&[][..], &[0, 0, 0], &[0, 0, 0, 0], &[0, 0, 0, 9, 1], &[0, 0, 0, 1, 0x65]] {
            let mut out = VecDeque::new();
            let frame = Frame { codec: Codec::H264, pts_90k: 0, key: false, data: Bytes::copy_from_slice(data) };
            Cutter::default().picture(&config, &frame, &mut out);
            assert!(out.is_empty(), "{data:?}");
        }
    }

    #[test]
    fn sound_is_cut_into_forty_milliseconds() {
        let data: Vec<u8> = (0..1_000).map(|i| (i % 256) as u8).collect();
        let frame = Frame { codec: Codec::G711A, pts_90k: 0, key: true, data: data.clone().into() };
        let mut out = VecDeque::new();
        Cutter::default().sound(&frame, &mut out);
        assert_eq!(out.iter().map(|p| p.sample).collect::<Vec<_>>(), [0, 320, 640, 960]);
        assert_eq!(out.iter().flat_map(|p| p.data.to_vec()).collect::<Vec<_>>(), data);
    }
}
