//! Parameter sets made by x264 and x265 from a test picture, read by us and by two other parsers.

use bytes::Bytes;
use h264_reader::nal::Nal;
use proptest::prelude::*;

use super::*;

fn hex(text: &str) -> Bytes {
    base::unhex(text).unwrap().into()
}

/// H.264 high, 1920x1080 (cropped from 1088).
pub(crate) fn h264_1080p() -> VideoConfig {
    let sps = hex("67640028acd940780227e5c044000003000400000300c83c60c658");
    h264::video_config(sps, hex("68ebe3cb22c0")).unwrap()
}

/// H.264 baseline, 352x288.
pub(crate) fn h264_cif() -> VideoConfig {
    h264::video_config(hex("6742c00dd9016096c044000003000400000300c83c50a920"), hex("68cb83cb20")).unwrap()
}

/// H.264 high 4:2:2, 10 bits, interlaced, 1920x1080.
fn h264_interlaced() -> VideoConfig {
    let sps = hex("677a0028b6cd94078044fcb8088000000300800000190f8b16cb");
    h264::video_config(sps, hex("68fba3cb22c0")).unwrap()
}

/// H.265 main, 1920x1080.
pub(crate) fn h265_1080p() -> VideoConfig {
    let vps = hex("40010c01ffff016000000300900000030000030078959809");
    let sps = hex("420101016000000300900000030000030078a003c08010e596566924caf0168080000003008000000c84");
    h265::video_config(vps, sps, hex("4401c172b46240")).unwrap()
}

/// H.265 main 10 with two temporal layers, 640x360.
fn h265_ten_bits() -> VideoConfig {
    let vps = hex("40010c01ffff02200000030090000003000003003f959809");
    let sps = hex("42010102200000030090000003000003003fa005020169365959a4932bc05a020000030002000003003210");
    h265::video_config(vps, sps, hex("4401c172b46240")).unwrap()
}

fn all() -> [VideoConfig; 5] {
    [h264_1080p(), h264_cif(), h264_interlaced(), h265_1080p(), h265_ten_bits()]
}

#[test]
fn sizes_are_those_of_the_encoder_and_of_other_parsers() {
    let sizes = all().map(|config| (config.width_px, config.height_px));
    assert_eq!(sizes, [(1920, 1080), (352, 288), (1920, 1080), (1920, 1080), (640, 360)]);
    for config in all() {
        let theirs = if config.codec == Codec::H264 {
            let nal = h264_reader::nal::RefNal::new(&config.sps, &[], true);
            let sps = h264_reader::nal::sps::SeqParameterSet::from_bits(nal.rbsp_bits()).unwrap();
            let (width, height) = sps.pixel_dimensions().unwrap();
            (u64::from(width), u64::from(height))
        } else {
            let sps = scuffle_h265::SpsNALUnit::parse(&config.sps[..]).unwrap();
            (sps.rbsp.cropped_width(), sps.rbsp.cropped_height())
        };
        assert_eq!((u64::from(config.width_px), u64::from(config.height_px)), theirs);
    }
}

#[test]
fn records_are_those_that_ffmpeg_writes() {
    let avcc = "01640028ffe1001b67640028acd940780227e5c044000003000400000300c83c60c65801000668ebe3cb22c0fdf8f800";
    assert_eq!(decoder_config(&h264_1080p()), Some(hex(avcc)));
    let avcc = "0142c00dffe100186742c00dd9016096c044000003000400000300c83c50a92001000568cb83cb20";
    assert_eq!(decoder_config(&h264_cif()), Some(hex(avcc)));
    let avcc = "017a0028ffe1001a677a0028b6cd94078044fcb8088000000300800000190f8b16cb01000668fba3cb22c0fefafa00";
    assert_eq!(decoder_config(&h264_interlaced()), Some(hex(avcc)));
    // ffmpeg leaves array_completeness 0 there; hvc1 demands 1 (ISO/IEC 14496-15 8.4.1).
    let head = hex("01016000000090000000000078f000fcfdf8f800000f03a0");
    assert_eq!(decoder_config(&h265_1080p()).unwrap()[..24], head);
    let head = hex("0102200000009000000000003ff000fcfdfafa00000f03a0");
    assert_eq!(decoder_config(&h265_ten_bits()).unwrap()[..24], head);
}

#[test]
fn records_are_read_back_and_cut_ones_refused() {
    for config in all() {
        let record = decoder_config(&config).unwrap();
        assert_eq!(parse_decoder_config(config.codec, &record), Some(config.clone()));
        let needed = if matches!(config.sps[1], 0x64 | 0x7a) { record.len() - 4 } else { record.len() };
        for cut in 0..needed {
            assert_eq!(parse_decoder_config(config.codec, &record[..cut]), None, "{cut} of {}", record.len());
        }
    }
}

#[test]
fn codec_strings_are_those_that_browsers_take() {
    let strings =
        [h264_1080p(), h264_cif(), h265_1080p(), h265_ten_bits()].map(|config| codec_string(&config).unwrap());
    assert_eq!(strings, ["avc1.640028", "avc1.42c00d", "hvc1.1.6.L120.90", "hvc1.2.4.L63.90"]);
}

#[test]
fn sound_has_no_picture_record() {
    let config = VideoConfig { codec: Codec::Aac, ..h264_cif() };
    assert_eq!((decoder_config(&config), codec_string(&config)), (None, None));
    assert_eq!(parse_decoder_config(Codec::G711A, &[1; 40]), None);
}

proptest! {
    #[test]
    fn any_bytes_are_no_panic(bytes in prop::collection::vec(any::<u8>(), 0..120), h265 in any::<bool>()) {
        let codec = if h265 { Codec::H265 } else { Codec::H264 };
        let _ = parse_decoder_config(codec, &bytes);
        let mut sps = vec![if h265 { 0x42 } else { 0x67 }];
        sps.extend_from_slice(&bytes);
        let _ = (h264::Sps::parse(&sps), h265::Sps::parse(&sps), h264::pps_id(&sps), h265::pps_id(&sps));
    }

    #[test]
    fn a_flipped_bit_is_no_panic_and_never_an_empty_picture(which in 0..5_usize, bit in 0..400_usize) {
        let mut config = all()[which].clone();
        let mut sps = config.sps.to_vec();
        let at = bit / 8 % sps.len();
        sps[at] ^= 1 << (bit % 8);
        config.sps = sps.into();
        let record = decoder_config(&config);
        if let Some(read) = record.and_then(|record| parse_decoder_config(config.codec, &record)) {
            prop_assert!(read.width_px > 0 && read.height_px > 0);
        }
    }
}
