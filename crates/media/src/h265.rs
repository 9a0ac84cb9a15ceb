//! ITU-T H.265: what a NAL unit is, the picture size in an SPS, the hvcC record and the codec string.
//!
//! Parameter sets flow in, numbers and records flow out. Reads no further into an SPS than the bit depths.
//! Invariant: hostile parameter sets give `None`, never a panic.

use bytes::Bytes;

use crate::bits::{Bits, payload};
use crate::frame::{Codec, VideoConfig};

/// NAL unit type: video parameter set (H.265 table 7-1).
pub const VPS: u8 = 32;
/// NAL unit type: sequence parameter set.
pub const SPS: u8 = 33;
/// NAL unit type: picture parameter set.
pub const PPS: u8 = 34;
/// NAL unit type: access unit delimiter.
pub const AUD: u8 = 35;
/// NAL unit type: filler data. 36 and 37 end a sequence and a stream.
pub const FILLER: u8 = 38;

/// `nal_unit_type` of a NAL unit; 63 (unspecified) if empty.
#[must_use]
pub fn nal_type(nal: &[u8]) -> u8 {
    nal.first().map_or(63, |byte| byte >> 1 & 0x3f)
}

/// True for slice segments.
#[must_use]
pub const fn is_picture(nal_type: u8) -> bool {
    nal_type < 32
}

/// True for pictures that can be decoded with nothing before them: IRAP, types 16 to 23.
#[must_use]
pub const fn is_key(nal_type: u8) -> bool {
    nal_type >= 16 && nal_type <= 23
}

/// True if this slice segment begins its picture: `first_slice_segment_in_pic_flag` (H.265 7.3.6.1).
#[must_use]
pub fn is_first_slice(nal: &[u8]) -> bool {
    nal.get(2).is_some_and(|byte| byte & 0x80 != 0)
}

/// `pps_pic_parameter_set_id` of a PPS.
#[must_use]
pub fn pps_id(pps: &[u8]) -> Option<u32> {
    Bits::new(&payload(pps.get(..pps.len().min(16))?, 2)).unsigned_to(63)
}

/// What is wanted of an SPS.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sps {
    /// Width after the conformance window, pixels.
    pub width_px: u16,
    /// Height after the conformance window, pixels.
    pub height_px: u16,
    /// Profile space, tier, profile, compatibility flags, constraint flags and level: the 12 bytes of the general
    /// profile_tier_level, as hvcC repeats them.
    pub profile_tier_level: [u8; 12],
    /// `chroma_format_idc`, 0 to 3.
    pub chroma_format: u8,
    /// `bit_depth_luma_minus8`.
    pub luma_depth_minus8: u8,
    /// `bit_depth_chroma_minus8`.
    pub chroma_depth_minus8: u8,
    /// Temporal sub-layers, 1 to 7.
    pub sub_layers: u8,
    /// `sps_temporal_id_nesting_flag`.
    pub nested: bool,
}

impl Sps {
    /// Reads a whole SPS NAL unit, header included (H.265 7.3.2.2.1).
    #[must_use]
    pub fn parse(nal: &[u8]) -> Option<Self> {
        if nal_type(nal) != SPS {
            return None;
        }
        let plain = payload(nal, 2);
        let mut bits = Bits::new(&plain);
        bits.skip(4)?;
        let more_layers = bits.take(3).filter(|layers| *layers <= 6)?;
        let nested = bits.flag()?;
        let mut profile_tier_level = [0; 12];
        for byte in &mut profile_tier_level {
            *byte = u8::try_from(bits.take(8)?).ok()?;
        }
        skip_sub_layers(&mut bits, more_layers)?;
        bits.unsigned_to(15)?;
        let chroma_format = bits.unsigned_to(3)?;
        let separate = chroma_format == 3 && bits.flag()?;
        let (mut width, mut height) = (u64::from(bits.unsigned()?), u64::from(bits.unsigned()?));
        if bits.flag()? {
            let edge = [bits.unsigned()?, bits.unsigned()?, bits.unsigned()?, bits.unsigned()?].map(u64::from);
            let (unit_x, unit_y) = match chroma_format {
                1 => (2, 2),
                2 => (2, 1),
                _ => (1, 1),
            };
            width = width.checked_sub((edge[0] + edge[1]) * unit_x)?;
            height = height.checked_sub((edge[2] + edge[3]) * unit_y)?;
        }
        Some(Self {
            width_px: u16::try_from(width).ok().filter(|px| *px > 0)?,
            height_px: u16::try_from(height).ok().filter(|px| *px > 0)?,
            profile_tier_level,
            chroma_format: if separate { 0 } else { u8::try_from(chroma_format).ok()? },
            luma_depth_minus8: u8::try_from(bits.unsigned_to(8)?).ok()?,
            chroma_depth_minus8: u8::try_from(bits.unsigned_to(8)?).ok()?,
            sub_layers: u8::try_from(more_layers + 1).ok()?,
            nested,
        })
    }
}

/// The rest of profile_tier_level for `layers` sub-layers (H.265 7.3.3).
fn skip_sub_layers(bits: &mut Bits<'_>, layers: u32) -> Option<()> {
    let mut present = Vec::with_capacity(6);
    for _ in 0..layers {
        present.push((bits.flag()?, bits.flag()?));
    }
    if layers > 0 {
        bits.skip(2 * (8 - layers as usize))?;
    }
    for (profile, level) in present {
        bits.skip(if profile { 88 } else { 0 } + if level { 8 } else { 0 })?;
    }
    Some(())
}

/// `VideoConfig` from bare parameter sets; `None` if the SPS cannot be read.
#[must_use]
pub fn video_config(vps: Bytes, sps: Bytes, pps: Bytes) -> Option<VideoConfig> {
    let size = Sps::parse(&sps)?;
    Some(VideoConfig { codec: Codec::H265, vps, sps, pps, width_px: size.width_px, height_px: size.height_px })
}

/// HEVCDecoderConfigurationRecord, the body of an `hvcC` box (ISO/IEC 14496-15 8.3.3.1). `None` if the SPS is no SPS.
#[must_use]
pub fn decoder_config(config: &VideoConfig) -> Option<Bytes> {
    let sps = Sps::parse(&config.sps)?;
    let mut out = Vec::with_capacity(config.vps.len() + config.sps.len() + config.pps.len() + 40);
    out.push(1);
    out.extend_from_slice(&sps.profile_tier_level);
    out.extend_from_slice(&[
        0xf0,
        0, // minimum spatial segmentation: unknown
        0xfc,
        0xfc | sps.chroma_format,
        0xf8 | sps.luma_depth_minus8,
        0xf8 | sps.chroma_depth_minus8,
        0,
        0, // average frame rate: unknown
        sps.sub_layers << 3 | u8::from(sps.nested) << 2 | 3,
        3,
    ]);
    for (kind, set) in [(VPS, &config.vps), (SPS, &config.sps), (PPS, &config.pps)] {
        out.extend_from_slice(&[0x80 | kind, 0, 1]); // complete: no further sets of this kind in the samples
        out.extend_from_slice(&u16::try_from(set.len()).ok()?.to_be_bytes());
        out.extend_from_slice(set);
    }
    Some(out.into())
}

/// Reads an hvcC record back; takes the first set of each kind. `None` if it is cut short or its SPS cannot be read.
#[must_use]
pub fn parse_decoder_config(record: &[u8]) -> Option<VideoConfig> {
    // Some writers leave the version at 0.
    record.first().filter(|version| **version <= 1)?;
    let (count, mut rest) = record.get(22..)?.split_first()?;
    let mut sets: [Bytes; 3] = Default::default();
    for _ in 0..*count {
        let (head, after) = rest.split_first_chunk::<3>()?;
        rest = after;
        for _ in 0..u16::from_be_bytes([head[1], head[2]]) {
            let (length, after) = rest.split_first_chunk::<2>()?;
            let length = usize::from(u16::from_be_bytes(*length));
            let nal = after.get(..length)?;
            rest = &after[length..];
            let slot = (head[0] & 0x3f).checked_sub(VPS).and_then(|at| sets.get_mut(usize::from(at)));
            if let Some(set) = slot.filter(|set| set.is_empty()) {
                *set = Bytes::copy_from_slice(nal);
            }
        }
    }
    let [vps, sps, pps] = sets;
    video_config(vps, sps, pps).filter(|config| !config.pps.is_empty() && !config.vps.is_empty())
}

/// Codec string of ISO/IEC 14496-15 annex E, `hvc1.1.6.L93.B0`; `None` if the SPS cannot be read.
#[must_use]
pub fn codec_string(config: &VideoConfig) -> Option<String> {
    let ptl = Sps::parse(&config.sps)?.profile_tier_level;
    let space = ["", "A", "B", "C"][usize::from(ptl[0] >> 6)];
    let compatible = u32::from_be_bytes([ptl[1], ptl[2], ptl[3], ptl[4]]).reverse_bits();
    let tier = if ptl[0] & 0x20 == 0 { 'L' } else { 'H' };
    let mut text = format!("hvc1.{space}{}.{compatible:X}.{tier}{}", ptl[0] & 0x1f, ptl[11]);
    let constraints = &ptl[5..11];
    let used = constraints.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    for byte in &constraints[..used] {
        text.push_str(&format!(".{byte:X}"));
    }
    Some(text)
}
