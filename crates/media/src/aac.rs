//! AAC: AudioSpecificConfig read and built, ADTS frames split into raw access units.
//!
//! ADTS bytes as cameras put them into MPEG-PS flow in; raw access units and their configuration flow out.
//! Invariants: a frame length never reaches beyond the buffer; hostile headers end the walk.

use bytes::Bytes;

use crate::frame::{AudioConfig, Codec};

/// Sampling frequencies by index (ISO/IEC 14496-3 table 1.18), Hz.
const RATES_HZ: [u32; 13] =
    [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350];

/// Samples of one AAC access unit per channel.
pub const SAMPLES_PER_UNIT: u32 = 1_024;

/// The two bytes of an AudioSpecificConfig for AAC with a listed rate (ISO/IEC 14496-3 1.6.2.1). `object_type` 2 is AAC-LC.
/// `None` for a rate that has no index, more than 7 channel configurations, or an object type beyond 30.
#[must_use]
pub fn specific_config(object_type: u8, rate_hz: u32, channels: u8) -> Option<[u8; 2]> {
    let index = u8::try_from(RATES_HZ.iter().position(|rate| *rate == rate_hz)?).ok()?;
    if channels > 7 || object_type == 0 || object_type > 30 {
        return None;
    }
    Some([object_type << 3 | index >> 1, index << 7 | channels << 3])
}

/// Reads an AudioSpecificConfig: rate and channels. `None` if short, reserved, or without a channel configuration.
#[must_use]
pub fn parse_specific_config(specific: &[u8]) -> Option<AudioConfig> {
    let mut bits = crate::bits::Bits::new(specific);
    if bits.take(5)? == 31 {
        bits.skip(6)?;
    }
    let rate_hz = match bits.take(4)? {
        15 => bits.take(24).filter(|rate| *rate > 0)?,
        index => *RATES_HZ.get(usize::try_from(index).ok()?)?,
    };
    let channels = match bits.take(4)? {
        count @ 1..=6 => u8::try_from(count).ok()?,
        7 => 8,
        _ => return None,
    };
    Some(AudioConfig { codec: Codec::Aac, rate_hz, channels, specific: Bytes::copy_from_slice(specific) })
}

/// One ADTS frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Adts<'a> {
    /// AudioSpecificConfig that says the same as the header.
    pub specific: [u8; 2],
    /// Raw access unit without the header.
    pub unit: &'a [u8],
    /// Header and unit together, bytes.
    pub whole_bytes: usize,
}

impl<'a> Adts<'a> {
    /// Reads the frame at the start of `bytes` (ISO/IEC 14496-3 1.A.2.2). `None` if there is none or it is cut short.
    #[must_use]
    pub fn parse(bytes: &'a [u8]) -> Option<Self> {
        let head = bytes.first_chunk::<7>()?;
        if head[0] != 0xff || head[1] & 0xf6 != 0xf0 {
            return None;
        }
        let header_bytes = if head[1] & 1 == 1 { 7 } else { 9 };
        let whole_bytes = usize::from(head[3] & 3) << 11 | usize::from(head[4]) << 3 | usize::from(head[5]) >> 5;
        let unit = bytes.get(header_bytes..whole_bytes)?;
        let rate_hz = *RATES_HZ.get(usize::from(head[2] >> 2 & 0x0f))?;
        let channels = (head[2] & 1) << 2 | head[3] >> 6;
        let specific = specific_config((head[2] >> 6) + 1, rate_hz, channels)?;
        Some(Self { specific, unit, whole_bytes })
    }
}

/// Walks the ADTS frames of one PES payload; ends at the first byte that does not begin one.
pub fn adts_frames(mut bytes: &[u8]) -> impl Iterator<Item = Adts<'_>> {
    std::iter::from_fn(move || {
        let frame = Adts::parse(bytes)?;
        bytes = &bytes[frame.whole_bytes..];
        Some(frame)
    })
}

/// True if `bytes` are ADTS frames from the first byte to the last: tells AAC from G.711 where no map says.
#[must_use]
pub fn is_adts(bytes: &[u8]) -> bool {
    !bytes.is_empty() && adts_frames(bytes).map(|frame| frame.whole_bytes).sum::<usize>() == bytes.len()
}

/// Appends a 7-byte ADTS header and `unit`. False (nothing appended) if the config has no ADTS form or the unit is over 8,184 bytes.
#[must_use]
pub fn push_adts(config: &AudioConfig, unit: &[u8], out: &mut Vec<u8>) -> bool {
    let Some(&[a, b]) = config.specific.first_chunk::<2>() else { return false };
    let (object_type, index, channels) = (a >> 3, (a & 7) << 1 | b >> 7, b >> 3 & 0x0f);
    let whole = unit.len() + 7;
    let Some(length) = u16::try_from(whole).ok().filter(|whole| *whole < 1 << 13) else { return false };
    if !(1..=4).contains(&object_type) || channels > 7 || index > 12 {
        return false;
    }
    out.extend_from_slice(&[
        0xff,
        0xf1,
        (object_type - 1) << 6 | index << 2 | channels >> 2,
        (channels & 3) << 6 | (length >> 11) as u8,
        (length >> 3) as u8,
        (length << 5) as u8 | 0x1f,
        0xfc,
    ]);
    out.extend_from_slice(unit);
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn specific_config_of_lc_44100_stereo_is_1210() {
        assert_eq!(specific_config(2, 44_100, 2), Some([0x12, 0x10]));
        assert_eq!(specific_config(2, 8_000, 1), Some([0x15, 0x88]));
        assert_eq!(specific_config(2, 44_101, 2), None);
        let read = parse_specific_config(&[0x12, 0x10]).unwrap();
        assert_eq!((read.rate_hz, read.channels), (44_100, 2));
        // Escape: explicit 24-bit rate.
        let read = parse_specific_config(&[0x17, 0x80, 0x1f, 0x40, 0x08]).map(|config| config.rate_hz);
        assert_eq!(read, Some(16_000));
        for bad in [&[][..], &[0x12], &[0x17, 0xff], &[0x16, 0x90]] {
            assert_eq!(parse_specific_config(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn a_frame_with_a_checksum_loses_nine_bytes() {
        let bytes = [0xff, 0xf0, 0x50, 0x80, 0x01, 0x7f, 0xfc, 9, 9, 1, 2];
        let frame = Adts::parse(&bytes).unwrap();
        assert_eq!((frame.unit, frame.whole_bytes), (&[1, 2][..], 11));
        assert_eq!(Adts::parse(&bytes[..10]), None, "cut short");
    }

    proptest! {
        #[test]
        fn units_survive_adts(units in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..50), 1..6)) {
            let config = parse_specific_config(&[0x12, 0x10]).unwrap();
            let mut bytes = Vec::new();
            for unit in &units {
                prop_assert!(push_adts(&config, unit, &mut bytes));
            }
            prop_assert!(is_adts(&bytes));
            let back: Vec<_> = adts_frames(&bytes).map(|frame| (frame.unit.to_vec(), frame.specific)).collect();
            prop_assert_eq!(back, units.into_iter().map(|unit| (unit, [0x12, 0x10])).collect::<Vec<_>>());
        }

        #[test]
        fn any_bytes_end_the_walk(mut bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            if let Some(head) = bytes.first_chunk_mut::<2>() {
                *head = [0xff, 0xf1];
            }
            let total: usize = adts_frames(&bytes).map(|frame| frame.whole_bytes).sum();
            prop_assert!(total <= bytes.len());
        }
    }
}
