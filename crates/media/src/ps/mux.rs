//! Writes MPEG-PS as GB/T 28181 devices send it: one pack a frame; key pictures with system header, map and parameter sets.
//!
//! Frames flow in, packs flow out, ready for RTP. Used by the simulated cameras and as the peer of the demuxer's tests; `MuxShape`
//! bends the rules the way devices in the field do. Invariant: no PES is longer than 65,535 bytes unless its length is 0.

use super::{code, stream_type};
use crate::aac;
use crate::annexb::{Lengths, push_start_code};
use crate::frame::{AudioConfig, Codec, Frame, VideoConfig};

/// Most PES payload: 65,535 less the 8 header bytes that count (3 fixed, 5 of the stamp).
const MOST_PES_PAYLOAD: usize = 65_535 - 8;
const VIDEO_STREAM: u8 = code::VIDEO_FIRST;
const AUDIO_STREAM: u8 = code::AUDIO_FIRST;

/// How a pack departs from the book. The default is by the book.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MuxShape {
    /// Payload bytes of each picture PES, 1 to 65,527; smaller splits pictures over more PES (Hikvision: about 5 KiB).
    pub pes_bytes: usize,
    /// PES length 0 in picture PES.
    pub zero_length: bool,
    /// No program stream map.
    pub omit_map: bool,
    /// No system header.
    pub omit_system: bool,
    /// No stamp in PES headers; only RTP tells the time.
    pub omit_stamp: bool,
    /// Marker bits of headers and stamps wrong.
    pub bad_markers: bool,
    /// Stuffing bytes in pack headers, 0 to 7.
    pub stuffing: u8,
    /// Bytes of a private PES (0xBD) after each picture, 0 for none.
    pub private_bytes: u16,
    /// Start codes of 3 bytes instead of 4.
    pub short_start_codes: bool,
    /// An access unit delimiter before each picture.
    pub delimiters: bool,
}

impl Default for MuxShape {
    fn default() -> Self {
        Self {
            pes_bytes: MOST_PES_PAYLOAD,
            zero_length: false,
            omit_map: false,
            omit_system: false,
            omit_stamp: false,
            bad_markers: false,
            stuffing: 0,
            private_bytes: 0,
            short_start_codes: false,
            delimiters: false,
        }
    }
}

/// One outgoing program stream.
#[derive(Clone, Debug)]
pub struct Muxer {
    video: Option<VideoConfig>,
    audio: Option<AudioConfig>,
    shape: MuxShape,
    annexb: Vec<u8>,
}

impl Muxer {
    /// By the book.
    #[must_use]
    pub fn new(video: Option<VideoConfig>, audio: Option<AudioConfig>) -> Self {
        Self::with_shape(video, audio, MuxShape::default())
    }

    /// Departing from the book.
    #[must_use]
    pub fn with_shape(video: Option<VideoConfig>, audio: Option<AudioConfig>, shape: MuxShape) -> Self {
        let shape =
            MuxShape { pes_bytes: shape.pes_bytes.clamp(1, MOST_PES_PAYLOAD), stuffing: shape.stuffing & 7, ..shape };
        Self { video, audio, shape, annexb: Vec::new() }
    }

    /// From the next key picture on, pictures decode with this.
    pub fn set_video(&mut self, config: VideoConfig) {
        self.video = Some(config);
    }

    /// Appends the pack of one frame. Its time goes into the headers modulo 2^33. A frame of a track that was not given to
    /// `new`, or an AAC unit that has no ADTS form, appends nothing.
    pub fn frame(&mut self, frame: &Frame, out: &mut Vec<u8>) {
        let stamp = frame.pts_90k.rem_euclid(1 << 33).unsigned_abs();
        if frame.codec.is_video() {
            self.picture(frame, stamp, out);
        } else {
            self.sound(frame, stamp, out);
        }
    }

    fn picture(&mut self, frame: &Frame, stamp: u64, out: &mut Vec<u8>) {
        let Some(config) = self.video.as_ref().filter(|config| config.codec == frame.codec) else { return };
        let mut annexb = std::mem::take(&mut self.annexb);
        annexb.clear();
        let mut push = |nal: &[u8]| {
            let from = annexb.len();
            push_start_code(nal, &mut annexb);
            if self.shape.short_start_codes {
                annexb.remove(from);
            }
        };
        if self.shape.delimiters {
            push(if frame.codec == Codec::H265 { &[0x46, 1, 0x50] } else { &[0x09, 0xf0] });
        }
        if frame.key {
            [&config.vps, &config.sps, &config.pps].into_iter().filter(|set| !set.is_empty()).for_each(|set| push(set));
        }
        Lengths::new(&frame.data).for_each(push);
        self.pack_header(stamp, out);
        if frame.key {
            self.system_header(out);
            self.map(out);
        }
        for (index, piece) in annexb.chunks(self.shape.pes_bytes).enumerate() {
            self.pes(VIDEO_STREAM, (index == 0).then_some(stamp), piece, out);
        }
        if self.shape.private_bytes > 0 {
            out.extend_from_slice(&[0, 0, 1, 0xbd]);
            out.extend_from_slice(&self.shape.private_bytes.to_be_bytes());
            out.extend(std::iter::repeat_n(0x5a, usize::from(self.shape.private_bytes)));
        }
        self.annexb = annexb;
    }

    fn sound(&mut self, frame: &Frame, stamp: u64, out: &mut Vec<u8>) {
        let Some(config) = self.audio.as_ref().filter(|config| config.codec == frame.codec) else { return };
        let mut adts = Vec::new();
        let bytes: &[u8] = if frame.codec == Codec::Aac {
            if !aac::push_adts(config, &frame.data, &mut adts) {
                return;
            }
            &adts
        } else {
            &frame.data
        };
        self.pack_header(stamp, out);
        for piece in bytes.chunks(MOST_PES_PAYLOAD) {
            self.pes(AUDIO_STREAM, Some(stamp), piece, out);
        }
    }

    /// ISO/IEC 13818-1 2.5.3.3. The clock reference is the stamp; the rate is the field's largest, which promises nothing.
    fn pack_header(&self, stamp: u64, out: &mut Vec<u8>) {
        let good = u8::from(!self.shape.bad_markers);
        out.extend_from_slice(&[0, 0, 1, code::PACK]);
        out.extend_from_slice(&[
            0x40 | (stamp >> 27 & 0x38) as u8 | good << 2 | (stamp >> 28 & 3) as u8,
            (stamp >> 20) as u8,
            (stamp >> 12 & 0xf8) as u8 | good << 2 | (stamp >> 13 & 3) as u8,
            (stamp >> 5) as u8,
            (stamp << 3) as u8 | good << 2,
            good,
            0xff,
            0xff,
            0xfc | (good * 3),
            0xf8 | self.shape.stuffing,
        ]);
        out.extend(std::iter::repeat_n(0xff, usize::from(self.shape.stuffing)));
    }

    /// ISO/IEC 13818-1 2.5.3.5.
    fn system_header(&self, out: &mut Vec<u8>) {
        if self.shape.omit_system {
            return;
        }
        let mut body = vec![0xff, 0xff, 0xff, 0x04, 0xe1, 0x7f];
        if self.video.is_some() {
            body.extend_from_slice(&[VIDEO_STREAM, 0xe0, 0x80]);
        }
        if self.audio.is_some() {
            body.extend_from_slice(&[AUDIO_STREAM, 0xc0, 0x20]);
        }
        out.extend_from_slice(&[0, 0, 1, code::SYSTEM, 0, body.len() as u8]);
        out.extend_from_slice(&body);
    }

    /// ISO/IEC 13818-1 2.5.4.1 with the stream types of GB/T 28181-2022 annex C.
    fn map(&self, out: &mut Vec<u8>) {
        if self.shape.omit_map {
            return;
        }
        let mut entries = Vec::with_capacity(8);
        if let Some(config) = &self.video {
            let kind = if config.codec == Codec::H265 { stream_type::H265 } else { stream_type::H264 };
            entries.extend_from_slice(&[kind, VIDEO_STREAM, 0, 0]);
        }
        if let Some(config) = &self.audio {
            let kind = match config.codec {
                Codec::Aac => stream_type::AAC,
                Codec::G711U => stream_type::G711U,
                _ => stream_type::G711A,
            };
            entries.extend_from_slice(&[kind, AUDIO_STREAM, 0, 0]);
        }
        let from = out.len();
        out.extend_from_slice(&[
            0,
            0,
            1,
            code::MAP,
            0,
            10 + entries.len() as u8,
            0xe1,
            0xff,
            0,
            0,
            0,
            entries.len() as u8,
        ]);
        out.extend_from_slice(&entries);
        let check = crc32_mpeg(&out[from..]);
        out.extend_from_slice(&check.to_be_bytes());
    }

    /// ISO/IEC 13818-1 2.4.3.6.
    fn pes(&self, stream: u8, stamp: Option<u64>, payload: &[u8], out: &mut Vec<u8>) {
        let stamp = stamp.filter(|_| !self.shape.omit_stamp);
        let header = if stamp.is_some() { 8 } else { 3 };
        let open = self.shape.zero_length && stream == VIDEO_STREAM;
        // `chunks` above keeps the sum within 16 bits.
        let length = if open { 0 } else { u16::try_from(payload.len() + header).unwrap_or(0) };
        out.extend_from_slice(&[0, 0, 1, stream]);
        out.extend_from_slice(&length.to_be_bytes());
        let good = u8::from(!self.shape.bad_markers);
        out.push(if self.shape.bad_markers { 0x0c } else { 0x8c });
        match stamp {
            None => out.extend_from_slice(&[0, 0]),
            Some(stamp) => out.extend_from_slice(&[
                0x80,
                5,
                0x20 | (stamp >> 29 & 0x0e) as u8 | good,
                (stamp >> 22) as u8,
                (stamp >> 14 & 0xfe) as u8 | good,
                (stamp >> 7) as u8,
                (stamp << 1) as u8 | good,
            ]),
        }
        out.extend_from_slice(payload);
    }
}

/// CRC-32 of ISO/IEC 13818-1 annex A: polynomial 0x04C11DB7, most significant bit first, no final inversion.
fn crc32_mpeg(bytes: &[u8]) -> u32 {
    bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte) << 24, |crc, _| {
            if crc & 0x8000_0000 == 0 { crc << 1 } else { crc << 1 ^ 0x04c1_1db7 }
        })
    })
}
