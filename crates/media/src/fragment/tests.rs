//! Tests of the container format; its makers of test footage serve the playback tests too.

use base::UtcMs;
use bytes::Bytes;
use mp4_atom::DecodeMaybe as _;
use proptest::prelude::*;

use super::*;
use crate::frame::Frame;

/// A baseline 320 x 240 stream.
pub fn h264() -> VideoConfig {
    let sps = base::unhex("6742c00dd90141fb011000000300100000030320f142a480").expect("hexadecimal");
    let pps = base::unhex("68cb83cb20").expect("hexadecimal");
    crate::h264::video_config(sps.into(), pps.into()).expect("a true SPS")
}

fn h265() -> VideoConfig {
    let [vps, sps, pps] = [
        "40010c01ffff01600000030090000003000003003c928090",
        "42010101600000030090000003000003003ca00a080f16592a4932bc05a02000000300200000030321",
        "4401c172b46240",
    ]
    .map(|text| Bytes::from(base::unhex(text).expect("hexadecimal")));
    crate::h265::video_config(vps, sps, pps).expect("a true SPS")
}

/// G.711 A-law at 8 kHz.
pub fn alaw() -> AudioConfig {
    AudioConfig { codec: Codec::G711A, rate_hz: 8000, channels: 1, specific: Bytes::new() }
}

/// AAC-LC at 16 kHz.
pub fn aac() -> AudioConfig {
    AudioConfig { codec: Codec::Aac, rate_hz: 16_000, channels: 1, specific: Bytes::from_static(&[0x14, 0x08]) }
}

/// A picture whose bytes tell its time.
pub fn picture(pts_90k: i64, key: bool, size: usize) -> Frame {
    Frame { codec: Codec::H264, pts_90k, key, data: Bytes::from(vec![(pts_90k / 7) as u8 ^ key as u8; size]) }
}

/// A run of sound.
pub fn sound(codec: Codec, pts_90k: i64, size: usize) -> Frame {
    Frame { codec, pts_90k, key: true, data: Bytes::from(vec![(pts_90k / 11) as u8; size]) }
}

/// A stamp for fragment `seq` that begins `ms` after an instant in 2023.
pub fn stamp(seq: u64, ms: i64, prev_hash: Sha256) -> Stamp {
    Stamp {
        camera: CameraId::from_bytes([0xca; 16]),
        container: ContainerId::from_bytes([0xc0; 16]),
        seq,
        start_utc_ms: UtcMs(1_700_000_000_000 + ms),
        clock_error_ms: Some(-250),
        continues_gop: false,
        origin_90k: 0,
        next_pts_90k: None,
        prev_hash,
    }
}

/// The bytes on disk.
pub fn on_disk(built: &BuiltFragment) -> Vec<u8> {
    built.parts.iter().fold(built.head.clone(), |mut all, part| {
        all.extend_from_slice(part);
        all
    })
}

fn tracks(audio: Option<&AudioConfig>) -> Tracks {
    Tracks::of(&h264(), audio).expect("a stream the container holds")
}

fn build(audio: Option<&AudioConfig>, frames: &[Frame], stamp: &Stamp) -> BuiltFragment {
    let mut builder = Builder::new(tracks(audio));
    frames.iter().for_each(|f| builder.push(f.clone()).expect("within the limits"));
    let built = builder.finish(stamp).expect("frames");
    assert!(builder.is_empty() && builder.payload_bytes() == 0 && builder.finish(stamp).is_none());
    built
}

fn small() -> BuiltFragment {
    let frames = [
        picture(0, true, 40),
        sound(Codec::G711A, 90, 160),
        picture(3600, false, 9),
        sound(Codec::G711A, 1890, 160),
        sound(Codec::G711A, 9180, 20),
    ];
    build(Some(&alaw()), &frames, &stamp(7, 0, Sha256([9; 32])))
}

#[test]
fn the_layout_is_the_one_documented() {
    let built = small();
    let bytes = on_disk(&built);
    assert_eq!(built.len_bytes, bytes.len() as u64);
    assert_eq!(built.hash, Sha256::of(&bytes));
    assert_eq!(bytes[..4], 116_u32.to_be_bytes());
    assert_eq!(&bytes[4..8], b"uuid");
    assert_eq!(bytes[8..24], USERTYPE);
    assert_eq!(bytes[24..28], [1, 1, 0, 0]);
    assert_eq!(bytes[28..60], [[0xca; 16], [0xc0; 16]].concat());
    assert_eq!(bytes[60..68], 7_u64.to_be_bytes());
    assert_eq!(bytes[68..76], 1_700_000_000_000_i64.to_be_bytes());
    assert_eq!(bytes[76..80], 7200_u32.to_be_bytes());
    assert_eq!(bytes[80..84], (-250_i32).to_be_bytes());
    assert_eq!(bytes[84..116], [9; 32]);
    assert_eq!(&bytes[120..124], b"moof");
    let at = built.head.len();
    assert_eq!(&bytes[at - 4..at], b"mdat");
    assert_eq!(bytes[at - 8..at - 4], (40 + 9 + 340 + 8_u32).to_be_bytes());
    assert_eq!(built.table.first_key_sample(), Some((at as u64, 40)));
    assert_eq!(built.table.sound_offset(), at as u64 + 49);
    // 320 samples end at 3690; the next begin 5490 ticks later
    let runs = vec![PcmRun { samples: 320, gap_samples: 488 }, PcmRun { samples: 20, gap_samples: 0 }];
    assert_eq!(built.table.sound, Sound::Pcm { start: 8, runs });
}

/// These two digests may never change: they say that containers written by earlier versions still verify.
#[test]
fn the_bytes_never_change() {
    let init = init_segment(&h264(), Some(&alaw())).expect("a stream");
    assert_eq!(Sha256::of(&init).hex(), "c3e600345db34bfc829663af208c9564cdb4ac2a50a0f8786f467a00ee53cbbb");
    assert_eq!(small().hash.hex(), "dee338b5cb4cfa2fb7a05cbcddcbaf91ec4ed3cdb61361e8539588f797e4dd92");
}

#[test]
fn coded_bytes_are_shared_not_copied() {
    let frame = picture(0, true, 1000);
    let built = build(None, std::slice::from_ref(&frame), &stamp(0, 0, Sha256::default()));
    assert_eq!(built.parts[0].as_ptr(), frame.data.as_ptr());
}

#[test]
fn another_mp4_reader_reads_the_same() {
    let init = init_segment(&h264(), Some(&alaw())).expect("a stream");
    let mut rest = &init[..];
    mp4_atom::Ftyp::decode_maybe(&mut rest).expect("ftyp").expect("whole");
    let moov = mp4_atom::Moov::decode_maybe(&mut rest).expect("moov").expect("whole");
    assert!(rest.is_empty());
    assert_eq!(moov.trak.len(), 2);
    assert_eq!(moov.mvex.expect("fragmented").trex.len(), 2);
    let mp4_atom::Codec::Avc1(avc1) = &moov.trak[0].mdia.minf.stbl.stsd.codecs[0] else { panic!("not avc1") };
    assert_eq!((avc1.visual.width, avc1.visual.height), (320, 240));
    assert_eq!(avc1.avcc.sequence_parameter_sets, [h264().sps.to_vec()]);

    let bytes = on_disk(&small());
    let mut rest = &bytes[HEADER_BYTES..];
    let moof = mp4_atom::Moof::decode_maybe(&mut rest).expect("moof").expect("whole");
    assert_eq!((moof.mfhd.sequence_number, moof.traf.len()), (7, 2));
    let samples: Vec<_> = moof.traf[0].trun[0].samples.iter().map(|s| (s.size, s.duration)).collect();
    assert_eq!(samples, [(Some(40), Some(3600)), (Some(9), Some(3600))]);
    let offset = moof.traf[1].trun[0].data_offset.expect("offset") as usize;
    assert_eq!(bytes[HEADER_BYTES + offset..], on_disk(&small())[small().table.sound_offset() as usize..]);
}

#[test]
fn every_init_segment_comes_back() {
    let ulaw = AudioConfig { codec: Codec::G711U, ..alaw() };
    for video in [h264(), h265()] {
        for audio in [None, Some(alaw()), Some(ulaw.clone()), Some(aac())] {
            let bytes = init_segment(&video, audio.as_ref()).expect("a stream");
            let mut more = bytes.clone();
            more.extend_from_slice(b"what follows");
            let init = parse_init(&more).expect("our own");
            assert_eq!((&init.video, &init.audio), (&video, &audio));
            assert_eq!((init.len_bytes, init.hash), (bytes.len(), Sha256::of(&bytes)));
            for cut in 0..bytes.len() {
                assert!(matches!(parse_init(&bytes[..cut]), Err(ScanError::NeedMore { bytes }) if bytes > cut as u64));
            }
            for at in 0..bytes.len() {
                let mut flipped = bytes.clone();
                flipped[at] ^= 1;
                assert!(!parse_init(&flipped).is_ok_and(|i| i.hash == init.hash), "byte {at}");
            }
        }
    }
}

#[test]
fn streams_that_do_not_fit_are_refused() {
    let stereo = AudioConfig { channels: 2, ..alaw() };
    let fast = AudioConfig { rate_hz: 96_000, ..alaw() };
    let blind = AudioConfig { codec: Codec::H264, ..alaw() };
    let cut = AudioConfig { specific: Bytes::from_static(&[0x17]), ..aac() };
    for audio in [stereo, fast, blind, cut] {
        assert!(init_segment(&h264(), Some(&audio)).is_err(), "{audio:?}");
        assert!(Tracks::of(&h264(), Some(&audio)).is_err(), "{audio:?}");
    }
    assert!(init_segment(&VideoConfig { sps: Bytes::new(), ..h264() }, None).is_err());
    assert!(init_segment(&VideoConfig { codec: Codec::Aac, ..h264() }, None).is_err());
    assert!(init_segment_with(&h264(), &vec![1; crate::boxes::RECORD_BYTES + 1], None).is_err());
}

#[test]
fn aac_units_have_the_length_their_config_says() {
    assert_eq!(crate::boxes::aac_unit_samples(&[0x14, 0x08]), Ok(1024));
    assert_eq!(crate::boxes::aac_unit_samples(&[0x14, 0x0c]), Ok(960));
    assert!(crate::boxes::aac_unit_samples(&[0xf8, 0xff]).is_err());
}

#[test]
fn a_cut_fragment_is_never_whole() {
    let bytes = on_disk(&small());
    let t = tracks(Some(&alaw()));
    for cut in 0..bytes.len() {
        assert!(
            matches!(parse_next(&bytes[..cut], &t), Err(ScanError::NeedMore { bytes }) if bytes > cut as u64),
            "cut at {cut}"
        );
    }
    for tail in [&[0; 4096][..], b"moof", &bytes[1..]] {
        assert!(matches!(parse_next(tail, &t), Err(ScanError::Torn(_))));
    }
}

#[test]
fn no_byte_can_change_unseen() {
    let built = small();
    let bytes = on_disk(&built);
    let t = tracks(Some(&alaw()));
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << bit;
            match parse_next(&flipped, &t) {
                Ok(parsed) => assert_ne!(parsed.hash, built.hash, "byte {at} bit {bit}"),
                Err(_) => assert!(at < built.head.len(), "coded bytes are not the parser's business"),
            }
        }
    }
}

#[test]
fn the_chain_names_its_faults() {
    let init = Sha256([1; 32]);
    let frames = [picture(0, true, 30)];
    let a = build(None, &frames, &stamp(4, 0, init));
    let b = build(None, &frames, &stamp(5, 40, a.hash));
    let c = build(None, &frames, &stamp(6, 80, b.hash));
    let parsed = |f: &BuiltFragment| parse_next(&on_disk(f), &tracks(None)).expect("our own");
    let [a, b, c] = [&a, &b, &c].map(parsed);
    let mut chain = Chain::after_init(init);
    assert_eq!([&a, &b, &c].map(|f| chain.follow(f)), [Ok(()); 3]);
    assert_eq!(Chain::after_init(init).follow(&b), Err(ChainFault::Hash));
    let mut slice = Chain::anywhere();
    assert_eq!(slice.follow(&b), Ok(()));
    assert_eq!(slice.follow(&a), Err(ChainFault::Sequence { expected: 6, found: 4 }));
    assert_eq!(slice.follow(&c), Ok(()));
    let mut forged = c.clone();
    forged.header.seq = 7;
    assert_eq!(slice.follow(&forged), Err(ChainFault::Hash));
    forged.header.camera = CameraId::from_bytes([0; 16]);
    assert_eq!(slice.follow(&forged), Err(ChainFault::Foreign));
}

#[test]
fn the_last_picture_lasts_until_the_next() {
    let frames = [picture(90_000, true, 5), picture(93_000, false, 5)];
    for (next, last) in [(Some(99_000), 6000), (None, 3000), (Some(93_000), 3000), (Some(i64::MAX), 3000)] {
        let stamp = Stamp { origin_90k: 90_000, next_pts_90k: next, ..stamp(0, 0, Sha256::default()) };
        let built = build(None, &frames, &stamp);
        assert_eq!(built.table.video.iter().map(|s| s.duration_90k).collect::<Vec<_>>(), [3000, last]);
        assert_eq!(built.table.video_start_90k, 0);
    }
    let lone = build(None, &frames[..1], &stamp(0, 0, Sha256::default()));
    assert_eq!((lone.table.video_start_90k, lone.header.duration_90k), (90_000, 3600));
}

#[test]
fn reordered_pictures_keep_their_times() {
    let pts = [0, 10_800, 3600, 7200];
    let frames: Vec<Frame> = pts.iter().map(|p| picture(*p, *p == 0, 5)).collect();
    let built = build(None, &frames, &Stamp { next_pts_90k: Some(25_200), ..stamp(0, 0, Sha256::default()) });
    let mut time = 0;
    let shown: Vec<i64> = built
        .table
        .video
        .iter()
        .map(|s| {
            let shown = time + i64::from(s.offset_90k);
            time += i64::from(s.duration_90k);
            shown
        })
        .collect();
    assert_eq!(shown, pts);
    assert_eq!(time, 14_400, "the next in coding order is not the next shown");
    let parsed = parse_next(&on_disk(&built), &tracks(None)).expect("our own");
    assert_eq!(parsed.table, built.table);
}

#[test]
fn sound_alone_is_a_fragment_and_early_sound_is_kept() {
    let frames = [sound(Codec::G711A, -1800, 320), sound(Codec::G711A, 1800, 320)];
    let built = build(Some(&alaw()), &frames, &stamp(0, 0, Sha256::default()));
    assert_eq!(built.table.sound, Sound::Pcm { start: 0, runs: vec![PcmRun { samples: 640, gap_samples: 0 }] });
    assert_eq!((built.header.duration_90k, built.header.starts_with_key), (7200, false));
    assert_eq!(parse_next(&on_disk(&built), &tracks(Some(&alaw()))).expect("our own").table, built.table);
}

#[test]
fn aac_keeps_units_and_pauses() {
    let frames =
        [picture(0, true, 3), sound(Codec::Aac, 0, 70), sound(Codec::Aac, 5760, 80), sound(Codec::Aac, 99_000, 9)];
    let built = build(Some(&aac()), &frames, &stamp(0, 0, Sha256::default()));
    let Sound::Aac { units, unit_samples: 1024, start: 0 } = &built.table.sound else {
        panic!("{:?}", built.table.sound)
    };
    assert_eq!(
        units.iter().map(|u| (u.size_bytes, u.gap_samples)).collect::<Vec<_>>(),
        [(70, 0), (80, 15_552), (9, 0)]
    );
    assert_eq!(parse_next(&on_disk(&built), &tracks(Some(&aac()))).expect("our own").table, built.table);
    let other = parse_next(&on_disk(&built), &tracks(Some(&alaw())));
    assert!(matches!(other, Err(ScanError::Torn(_))), "AAC read as G.711: {other:?}");
}

#[test]
fn the_builder_stops_at_each_limit_and_gives_the_frame_back() {
    let mut b = Builder::new(tracks(Some(&alaw())));
    for bad in [picture(0, true, 0), sound(Codec::Aac, 0, 5), picture(0, true, limits::ACCESS_UNIT_BYTES + 1)] {
        assert_eq!(b.push(bad.clone()), Err(PushError::Foreign(bad)));
    }
    for _ in 0..MAX_PICTURES {
        b.push(picture(0, true, 1)).expect("room");
    }
    assert!(b.is_full());
    assert_eq!(b.push(picture(0, true, 1)), Err(PushError::Full(picture(0, true, 1))));
    for _ in 0..MAX_SOUND_FRAMES {
        b.push(sound(Codec::G711A, 0, 1)).expect("room");
    }
    assert!(matches!(b.push(sound(Codec::G711A, 0, 1)), Err(PushError::Full(_))));
    let built = b.finish(&stamp(0, 0, Sha256::default())).expect("frames");
    assert!(parse_next(&on_disk(&built), &tracks(Some(&alaw()))).is_ok());

    let big = Bytes::from(vec![7; limits::ACCESS_UNIT_BYTES]);
    let frame = |pts_90k| Frame { codec: Codec::H264, pts_90k, key: false, data: big.clone() };
    b.push(frame(0)).expect("room");
    assert!(!b.is_full());
    b.push(frame(1)).expect("room");
    assert!(b.is_full());
    assert!(matches!(b.push(frame(2)), Err(PushError::Full(_))));

    let mut b = Builder::new(tracks(None));
    b.push(picture(i64::MIN, true, 1)).expect("room");
    assert!(matches!(b.push(picture(i64::MAX, true, 1)), Err(PushError::Full(_))));
    b.push(picture(i64::MIN + MAX_SPAN_90K, true, 1)).expect("room");
    assert!(b.is_full());
    let built = b.finish(&Stamp { origin_90k: i64::MAX, ..stamp(0, 0, Sha256::default()) }).expect("frames");
    assert_eq!((built.table.video_start_90k, built.header.duration_90k), (0, 2 * MAX_SPAN_90K as u32));
}

#[test]
fn table_bounds_are_checked_before_memory_is_taken() {
    let mut huge = vec![1, 0];
    huge.extend([0xff, 0xff, 0xff, 0x7f]);
    assert_eq!(FrameTable::decode(&huge), Err(TableError::Field("count")));
    assert_eq!(FrameTable::decode(&[1, 0, 100]), Err(TableError::Cut));
    assert_eq!(FrameTable::decode(&[2]), Err(TableError::Version(2)));
    assert_eq!(FrameTable::decode(&[1, 0, 0, 0, 0]), Err(TableError::Field("lack of pictures")));
    assert_eq!(FrameTable::decode(&[1, 0x80, 0]), Err(TableError::Field("number")), "longer than needed");
    let bytes = small().table.encode();
    assert!(bytes.len() < 32, "{}", bytes.len());
    let mut more = bytes.clone();
    more.push(0);
    assert_eq!(FrameTable::decode(&more), Err(TableError::Field("tail")));
    for cut in 0..bytes.len() {
        assert!(FrameTable::decode(&bytes[..cut]).is_err(), "cut at {cut}");
    }
}

fn any_frames() -> impl Strategy<Value = (Option<AudioConfig>, Vec<Frame>)> {
    let audio = prop_oneof![Just(None), Just(Some(alaw())), Just(Some(aac()))];
    let step = (0..3_u8, -4000..20_000_i64, any::<bool>(), 1..3000_usize);
    (audio, prop::collection::vec(step, 1..40)).prop_map(|(audio, steps)| {
        let (mut video_pts, mut sound_pts) = (0_i64, 500_i64);
        let frames = steps.into_iter().map(|(kind, step, key, size)| match &audio {
            Some(audio) if kind > 0 => {
                sound_pts += step.abs();
                sound(audio.codec, sound_pts, size)
            }
            _ => {
                video_pts += step;
                picture(video_pts, key, size)
            }
        });
        let frames = frames.collect();
        (audio, frames)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn what_is_built_is_what_is_read(
        (audio, frames) in any_frames(),
        seq in any::<u64>(),
        ms in any::<i32>(),
        clock in proptest::option::of(any::<i32>()),
        continues_gop in any::<bool>(),
        origin_90k in -100_000..100_000_i64,
    ) {
        let stamp = Stamp { clock_error_ms: clock, continues_gop, origin_90k, ..stamp(seq, ms.into(), Sha256([3; 32])) };
        let built = build(audio.as_ref(), &frames, &stamp);
        let mut bytes = on_disk(&built);
        let whole = bytes.len();
        bytes.extend_from_slice(b"next");
        let parsed = parse_next(&bytes, &tracks(audio.as_ref())).expect("our own");
        prop_assert_eq!(&parsed.header, &built.header);
        prop_assert_eq!(&parsed.table, &built.table);
        prop_assert_eq!((parsed.hash, parsed.len_bytes), (built.hash, whole as u64));
        prop_assert_eq!(FrameTable::decode(&built.table.encode()), Ok(built.table.clone()));
        // the samples lie where the table says
        let mut at = built.table.video_offset() as usize;
        for (frame, sample) in frames.iter().filter(|f| f.codec.is_video()).zip(&built.table.video) {
            prop_assert_eq!(&bytes[at..at + sample.size_bytes as usize], &frame.data[..]);
            prop_assert_eq!(sample.key, frame.key);
            at += sample.size_bytes as usize;
        }
        prop_assert_eq!(at as u64, built.table.sound_offset());
    }

    #[test]
    fn hostile_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = parse_init(&bytes);
        let _ = parse_next(&bytes, &tracks(Some(&alaw())));
        if let Ok(table) = FrameTable::decode(&bytes) {
            prop_assert_eq!(table.encode(), bytes);
        }
    }

    #[test]
    fn a_spoilt_head_is_refused_or_is_another(
        (audio, frames) in any_frames(),
        spoils in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let built = build(audio.as_ref(), &frames, &stamp(1, 0, Sha256::default()));
        let mut bytes = on_disk(&built);
        let clean = bytes.clone();
        for (at, value) in &spoils {
            let at = at.index(built.head.len());
            bytes[at] = *value;
        }
        if let Ok(parsed) = parse_next(&bytes, &tracks(audio.as_ref())) {
            prop_assert_eq!(parsed.hash == built.hash, bytes == clean);
        }
        let mut table = built.table.encode();
        for (at, value) in &spoils {
            let at = at.index(table.len());
            table[at] = *value;
        }
        if let Ok(read) = FrameTable::decode(&table) {
            prop_assert_eq!(read.encode(), table);
        }
    }
}
