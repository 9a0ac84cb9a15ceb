//! Turns one access unit's Annex B bytes into a frame: parameter sets out, delimiters and filler out, 4-byte lengths in.
//!
//! Bytes of one picture flow in, `VideoConfig` changes and the frame flow out. Invariants: the common case (4-byte start codes,
//! what is taken out lies in front) rewrites the buffer in place and copies nothing; parameter sets change the configuration only at a
//! key picture; a picture whose first slice is missing never passes.

use std::ops::Range;

use bytes::{Bytes, BytesMut};

use crate::annexb::{Nals, push_length_prefixed};
use crate::frame::{Codec, VideoConfig};
use crate::{h264, h265};

/// Most NAL units of one picture; a picture with more is damaged or hostile.
const MOST_NALS: usize = 1_024;
/// Largest parameter set, bytes.
const MOST_SET_BYTES: usize = 16 * 1024;

/// What one access unit was.
#[derive(Debug)]
pub(super) enum Picture {
    /// A whole picture.
    Whole {
        /// Set if the configuration changes with this picture.
        config: Option<VideoConfig>,
        key: bool,
        data: Bytes,
    },
    /// Only parameter sets or SEI.
    Absent,
    /// Cut, too many units, or a key picture without readable parameter sets.
    Damaged,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Vps,
    Sps,
    Pps,
    Dropped,
    Slice { first: bool, key: bool },
    Kept,
}

fn kind(codec: Codec, nal: &[u8]) -> Kind {
    if codec == Codec::H265 {
        let nal_type = h265::nal_type(nal);
        return match nal_type {
            h265::VPS => Kind::Vps,
            h265::SPS => Kind::Sps,
            h265::PPS => Kind::Pps,
            h265::AUD..=h265::FILLER => Kind::Dropped,
            _ if h265::is_picture(nal_type) => {
                Kind::Slice { first: h265::is_first_slice(nal), key: h265::is_key(nal_type) }
            }
            _ => Kind::Kept,
        };
    }
    match h264::nal_type(nal) {
        h264::SPS => Kind::Sps,
        h264::PPS => Kind::Pps,
        h264::AUD..=h264::FILLER => Kind::Dropped,
        // Data partitions B and C (3, 4) carry a slice id where first_mb_in_slice would be.
        nal_type @ (h264::SLICE | 2 | h264::IDR) => {
            Kind::Slice { first: h264::is_first_slice(nal), key: nal_type == h264::IDR }
        }
        _ => Kind::Kept,
    }
}

/// The codec whose parameter set or delimiter `nal` is; `None` if it is neither's.
/// H.265's VPS, SPS, PPS and AUD begin `40 01`, `42 01`, `44 01`, `46 01`: no H.264 unit of a camera does.
fn codec_told_by(nal: &[u8]) -> Option<Codec> {
    match nal {
        [0x40 | 0x42 | 0x44 | 0x46, 1, ..] => Some(Codec::H265),
        [byte, _, ..] if matches!(byte & 0x9f, 7 | 9) => Some(Codec::H264),
        _ => None,
    }
}

/// The codec that the first NAL unit of an access unit tells, or with `thorough` one of the first eight.
pub(super) fn infer_codec(annexb: &[u8], thorough: bool) -> Option<Codec> {
    if thorough {
        return Nals::new(annexb).take(8).find_map(|at| codec_told_by(&annexb[at]));
    }
    // Only the first start code is searched: walking units would read a large slice to its end.
    let first = memchr::memmem::find(annexb, &[0, 0, 1])? + 3;
    codec_told_by(annexb.get(first..)?)
}

/// Keeps the parameter sets of one stream.
#[derive(Debug, Default)]
pub(super) struct Assembler {
    config: Option<VideoConfig>,
    sets: [Bytes; 3],
    spans: Vec<(Range<usize>, Kind)>,
}

impl Assembler {
    /// Forgets the parameter sets: another stream or codec follows.
    pub(super) fn reset(&mut self) {
        self.config = None;
        self.sets = Default::default();
    }

    /// Reads one access unit. `buffer` begins with one zero byte, so that a 3-byte start code in front has room for a length.
    pub(super) fn assemble(&mut self, codec: Codec, buffer: BytesMut) -> Picture {
        let mut spans = std::mem::take(&mut self.spans);
        spans.clear();
        spans.extend(Nals::new(&buffer).take(MOST_NALS + 1).map(|at| {
            let kind = kind(codec, &buffer[at.clone()]);
            (at, kind)
        }));
        let picture = if spans.len() > MOST_NALS { Picture::Damaged } else { self.read(codec, buffer, &mut spans) };
        self.spans = spans;
        picture
    }

    fn read(&mut self, codec: Codec, buffer: BytesMut, spans: &mut Vec<(Range<usize>, Kind)>) -> Picture {
        let slice = spans.iter().find_map(|(_, kind)| match kind {
            Kind::Slice { first, key } => Some((*first, *key)),
            _ => None,
        });
        // A set forbidden bit: not a NAL unit but a pack or PES header that a wrong length swallowed.
        let swallowed = spans.iter().any(|(at, _)| buffer[at.start] & 0x80 != 0);
        if swallowed || matches!(slice, Some((false, _))) {
            return Picture::Damaged;
        }
        let key = slice.is_some_and(|(_, key)| key);
        self.take_sets(&buffer, spans, key || slice.is_none());
        if slice.is_none() {
            return Picture::Absent;
        }
        let mut config = None;
        if key {
            match self.configure(codec) {
                Ok(changed) => config = changed,
                Err(()) => return Picture::Damaged,
            }
        }
        Picture::Whole { config, key, data: frame(buffer, spans) }
    }

    /// Takes parameter sets out of `spans`. With `may_change` false only those that repeat what is known go: another one stays in
    /// the frame, because pictures before the next key picture need it there.
    fn take_sets(&mut self, buffer: &[u8], spans: &mut Vec<(Range<usize>, Kind)>, may_change: bool) {
        let mut pps_seen = false;
        spans.retain(|(at, kind)| {
            let slot = match kind {
                Kind::Vps => 0,
                Kind::Sps => 1,
                Kind::Pps => 2,
                Kind::Dropped => return false,
                Kind::Slice { .. } | Kind::Kept => return true,
            };
            let nal = &buffer[at.clone()];
            let known = &mut self.sets[slot];
            if *known == nal {
                pps_seen |= slot == 2;
                return false;
            }
            // A further PPS with another id stays in the frame: the configuration has room for one.
            let further = slot == 2 && pps_seen && pps_id(nal) != pps_id(known);
            if !may_change || further || nal.len() > MOST_SET_BYTES {
                return true;
            }
            *known = Bytes::copy_from_slice(nal);
            pps_seen |= slot == 2;
            false
        });
    }

    /// The configuration if it changed; `Err` if there is none to be had.
    fn configure(&mut self, codec: Codec) -> Result<Option<VideoConfig>, ()> {
        let [vps, sps, pps] = &self.sets;
        let same = |now: &VideoConfig| now.codec == codec && now.vps == vps && now.sps == sps && now.pps == pps;
        if self.config.as_ref().is_some_and(same) {
            return Ok(None);
        }
        if sps.is_empty() || pps.is_empty() || (codec == Codec::H265 && vps.is_empty()) {
            return Err(());
        }
        let config = if codec == Codec::H265 {
            h265::video_config(vps.clone(), sps.clone(), pps.clone())
        } else {
            h264::video_config(sps.clone(), pps.clone())
        };
        self.config = config;
        self.config.clone().ok_or(()).map(Some)
    }
}

fn pps_id(nal: &[u8]) -> Option<u32> {
    // The second header byte of an H.265 unit ends in a temporal id of at least 1; a PPS of H.264 has type 8.
    if h264::nal_type(nal) == h264::PPS { h264::pps_id(nal) } else { h265::pps_id(nal) }
}

/// Writes lengths over 4-byte start codes where the kept units lie side by side; else gathers them in a new buffer.
fn frame(mut buffer: BytesMut, spans: &[(Range<usize>, Kind)]) -> Bytes {
    let (Some((first, _)), Some((last, _))) = (spans.first(), spans.last()) else { return Bytes::new() };
    let whole = first.start.saturating_sub(4)..last.end;
    let side_by_side = first.start >= 4 && spans.windows(2).all(|pair| pair[0].0.end + 4 == pair[1].0.start);
    if !side_by_side {
        let mut out = Vec::with_capacity(whole.len() + spans.len() + 4);
        spans.iter().for_each(|(at, _)| push_length_prefixed(&buffer[at.clone()], &mut out));
        return out.into();
    }
    for (at, _) in spans {
        let length = u32::try_from(at.len()).unwrap_or(u32::MAX).to_be_bytes();
        buffer[at.start - 4..at.start].copy_from_slice(&length);
    }
    // A frame waits in memory until its fragment is written: do not let it hold much more than its own bytes.
    if buffer.capacity() > whole.len() + whole.len() / 2 + 4_096 {
        return Bytes::copy_from_slice(&buffer[whole]);
    }
    buffer.freeze().slice(whole)
}
