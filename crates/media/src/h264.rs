//! ITU-T H.264: what a NAL unit is, the picture size in an SPS, the avcC record and the codec string.
//!
//! Parameter sets flow in, numbers and records flow out. Reads no further into an SPS than the cropping: what follows (VUI) is where
//! cameras err. Invariant: hostile parameter sets give `None`, never a panic.

use bytes::Bytes;

use crate::bits::{Bits, payload};
use crate::frame::{Codec, VideoConfig};

/// NAL unit type: coded slice of a picture that is no IDR (H.264 table 7-1).
pub const SLICE: u8 = 1;
/// NAL unit type: coded slice of an IDR picture, the only key picture here; a recovery point is not taken for one.
pub const IDR: u8 = 5;
/// NAL unit type: sequence parameter set.
pub const SPS: u8 = 7;
/// NAL unit type: picture parameter set.
pub const PPS: u8 = 8;
/// NAL unit type: access unit delimiter.
pub const AUD: u8 = 9;
/// NAL unit type: filler data. 10 and 11 end a sequence and a stream.
pub const FILLER: u8 = 12;

/// `nal_unit_type` of a NAL unit; 0 if empty.
#[must_use]
pub fn nal_type(nal: &[u8]) -> u8 {
    nal.first().map_or(0, |byte| byte & 0x1f)
}

/// True for slices (with or without data partitioning).
#[must_use]
pub const fn is_picture(nal_type: u8) -> bool {
    nal_type >= SLICE && nal_type <= IDR
}

/// True if this slice begins its picture: `first_mb_in_slice` is 0, a single set bit (H.264 7.3.3).
#[must_use]
pub fn is_first_slice(nal: &[u8]) -> bool {
    nal.get(1).is_some_and(|byte| byte & 0x80 != 0)
}

/// `pic_parameter_set_id` of a PPS.
#[must_use]
pub fn pps_id(pps: &[u8]) -> Option<u32> {
    Bits::new(&payload(pps.get(..pps.len().min(16))?, 1)).unsigned_to(255)
}

/// What is wanted of an SPS.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sps {
    /// Width after cropping, pixels.
    pub width_px: u16,
    /// Height after cropping, pixels.
    pub height_px: u16,
    /// `profile_idc`.
    pub profile: u8,
    /// `chroma_format_idc`, 0 to 3.
    pub chroma_format: u8,
    /// `bit_depth_luma_minus8`.
    pub luma_depth_minus8: u8,
    /// `bit_depth_chroma_minus8`.
    pub chroma_depth_minus8: u8,
}

impl Sps {
    /// Reads a whole SPS NAL unit, header included (H.264 7.3.2.1.1).
    #[must_use]
    pub fn parse(nal: &[u8]) -> Option<Self> {
        if nal_type(nal) != SPS {
            return None;
        }
        let plain = payload(nal, 1);
        let mut bits = Bits::new(&plain);
        let profile = u8::try_from(bits.take(8)?).ok()?;
        bits.skip(16)?; // constraint flags, level
        bits.unsigned_to(31)?;
        let (mut chroma_format, mut depth) = (1, (0, 0));
        if has_chroma_info(profile) {
            chroma_format = bits.unsigned_to(3)?;
            bits.skip(usize::from(chroma_format == 3))?; // separate_colour_plane_flag
            depth = (bits.unsigned_to(6)?, bits.unsigned_to(6)?);
            bits.skip(1)?;
            if bits.flag()? {
                skip_scaling_lists(&mut bits, if chroma_format == 3 { 12 } else { 8 })?;
            }
        }
        bits.unsigned_to(12)?; // log2_max_frame_num_minus4
        skip_picture_order(&mut bits)?;
        bits.unsigned()?; // max_num_ref_frames; cameras exceed 16
        bits.skip(1)?;
        let (width_mbs, height_units) = (u64::from(bits.unsigned()?) + 1, u64::from(bits.unsigned()?) + 1);
        let fields: u64 = if bits.flag()? { 1 } else { 2 };
        bits.skip(if fields == 2 { 2 } else { 1 })?;
        // Cropping counts in chroma samples where there is subsampled chroma (H.264 equations 7-19 to 7-22).
        let (unit_x, unit_y) = match chroma_format {
            1 => (2, 2 * fields),
            2 => (2, fields),
            _ => (1, fields),
        };
        let (mut width, mut height) = (width_mbs * 16, height_units * 16 * fields);
        if bits.flag()? {
            let edge = [bits.unsigned()?, bits.unsigned()?, bits.unsigned()?, bits.unsigned()?].map(u64::from);
            width = width.checked_sub((edge[0] + edge[1]) * unit_x)?;
            height = height.checked_sub((edge[2] + edge[3]) * unit_y)?;
        }
        Some(Self {
            width_px: u16::try_from(width).ok().filter(|px| *px > 0)?,
            height_px: u16::try_from(height).ok().filter(|px| *px > 0)?,
            profile,
            chroma_format: u8::try_from(chroma_format).ok()?,
            luma_depth_minus8: u8::try_from(depth.0).ok()?,
            chroma_depth_minus8: u8::try_from(depth.1).ok()?,
        })
    }
}

/// Profiles whose SPS carries chroma format and bit depth (H.264 7.3.2.1.1).
const fn has_chroma_info(profile: u8) -> bool {
    matches!(profile, 100 | 110 | 122 | 244 | 44 | 83 | 86 | 118 | 128 | 138 | 139 | 134 | 135)
}

fn skip_scaling_lists(bits: &mut Bits<'_>, lists: usize) -> Option<()> {
    for list in 0..lists {
        if !bits.flag()? {
            continue;
        }
        let (mut last, mut next) = (8_i64, 8_i64);
        for _ in 0..if list < 6 { 16 } else { 64 } {
            if next != 0 {
                next = (last + bits.signed()?).rem_euclid(256);
            }
            last = if next == 0 { last } else { next };
        }
    }
    Some(())
}

fn skip_picture_order(bits: &mut Bits<'_>) -> Option<()> {
    match bits.unsigned_to(2)? {
        0 => bits.unsigned_to(12).map(|_| ()),
        1 => {
            bits.skip(1)?;
            bits.signed()?;
            bits.signed()?;
            for _ in 0..bits.unsigned_to(255)? {
                bits.signed()?;
            }
            Some(())
        }
        _ => Some(()),
    }
}

/// `VideoConfig` from bare parameter sets; `None` if the SPS cannot be read.
#[must_use]
pub fn video_config(sps: Bytes, pps: Bytes) -> Option<VideoConfig> {
    let size = Sps::parse(&sps)?;
    Some(VideoConfig {
        codec: Codec::H264,
        vps: Bytes::new(),
        sps,
        pps,
        width_px: size.width_px,
        height_px: size.height_px,
    })
}

/// AVCDecoderConfigurationRecord, the body of an `avcC` box (ISO/IEC 14496-15 5.3.3.1). `None` if the SPS is no SPS.
#[must_use]
pub fn decoder_config(config: &VideoConfig) -> Option<Bytes> {
    let sps = Sps::parse(&config.sps)?;
    let head = config.sps.get(1..4)?;
    let (sps_length, pps_length) = (u16::try_from(config.sps.len()).ok()?, u16::try_from(config.pps.len()).ok()?);
    let mut out = Vec::with_capacity(config.sps.len() + config.pps.len() + 16);
    out.extend_from_slice(&[1, head[0], head[1], head[2], 0xff, 0xe1]);
    out.extend_from_slice(&sps_length.to_be_bytes());
    out.extend_from_slice(&config.sps);
    out.push(1);
    out.extend_from_slice(&pps_length.to_be_bytes());
    out.extend_from_slice(&config.pps);
    if !matches!(sps.profile, 66 | 77 | 88) {
        out.extend_from_slice(&[
            0xfc | sps.chroma_format,
            0xf8 | sps.luma_depth_minus8,
            0xf8 | sps.chroma_depth_minus8,
            0,
        ]);
    }
    Some(out.into())
}

/// Reads an avcC record back; takes its first SPS and first PPS. `None` if it is cut short or its SPS cannot be read.
#[must_use]
pub fn parse_decoder_config(record: &[u8]) -> Option<VideoConfig> {
    if record.first() != Some(&1) {
        return None;
    }
    let mut rest = record.get(5..)?;
    let mut sets: [Bytes; 2] = Default::default();
    for (set, mask) in sets.iter_mut().zip([0x1f, 0xff]) {
        let (count, after) = rest.split_first()?;
        rest = after;
        for _ in 0..count & mask {
            let (length, after) = rest.split_first_chunk::<2>()?;
            let length = usize::from(u16::from_be_bytes(*length));
            let nal = after.get(..length)?;
            rest = &after[length..];
            if set.is_empty() {
                *set = Bytes::copy_from_slice(nal);
            }
        }
    }
    let [sps, pps] = sets;
    video_config(sps, pps).filter(|config| !config.pps.is_empty())
}

/// RFC 6381 codec string, `avc1.64001f`; `None` if the SPS is shorter than its own head.
#[must_use]
pub fn codec_string(config: &VideoConfig) -> Option<String> {
    config.sps.get(1..4).map(|head| format!("avc1.{}", base::hex(head)))
}
