//! Program streams round trip: every split, every bend of the rules, losses and hostile bytes.

use bytes::Bytes;
use proptest::prelude::*;

use super::*;
use crate::annexb::push_length_prefixed;
use crate::config::tests::{h264_1080p, h264_cif, h265_1080p};
use crate::frame::{AudioConfig, Codec, Frame, MediaEvent, VideoConfig};

pub(crate) fn g711() -> AudioConfig {
    AudioConfig { codec: Codec::G711A, rate_hz: 8_000, channels: 1, specific: Bytes::new() }
}

/// A picture of `slices` slices; bytes never zero, so nothing looks like a start code.
fn picture(codec: Codec, key: bool, pts_90k: i64, bytes: usize, slices: usize) -> Frame {
    let head: &[u8] = match (codec, key) {
        (Codec::H265, true) => &[0x26, 1],
        (Codec::H265, false) => &[0x02, 1],
        (_, true) => &[0x65],
        (_, false) => &[0x41],
    };
    let mut data = Vec::new();
    for slice in 0..slices {
        let mut nal = head.to_vec();
        nal.push(if slice == 0 { 0x88 } else { 0x44 });
        nal.extend((0..bytes).map(|at| ((at * 31 + pts_90k as usize + slice) % 255) as u8 + 1));
        push_length_prefixed(&nal, &mut data);
    }
    Frame { codec, pts_90k, key, data: data.into() }
}

fn sound(pts_90k: i64) -> Frame {
    Frame { codec: Codec::G711A, pts_90k, key: true, data: vec![0xd5; 320].into() }
}

/// A few GOPs with sound: frames and their packs.
fn clip(config: &VideoConfig, shape: MuxShape, pictures: i64, bytes: usize) -> Vec<(Frame, Vec<u8>)> {
    let mut mux = Muxer::with_shape(Some(config.clone()), Some(g711()), shape);
    let mut out = Vec::new();
    for at in 0..pictures {
        let key = at % 5 == 0;
        let size = if key { bytes * 4 } else { bytes };
        for frame in [picture(config.codec, key, 90_000 + at * 3_600, size, 2), sound(90_000 + at * 3_600)] {
            let mut pack = Vec::new();
            mux.frame(&frame, &mut pack);
            out.push((frame, pack));
        }
    }
    out
}

fn feed(demuxer: &mut Demuxer, frame: &Frame, pack: &[u8], piece: usize, out: &mut Vec<MediaEvent>) {
    let mut pieces = pack.chunks(piece).peekable();
    while let Some(piece) = pieces.next() {
        demuxer.feed(piece, frame.pts_90k, pieces.peek().is_none(), out);
    }
}

/// The pictures among events, or the sound.
pub(crate) fn frames(events: &[MediaEvent], video: bool) -> Vec<Frame> {
    let wanted = |event: &MediaEvent| match event {
        MediaEvent::Frame(frame) if frame.codec.is_video() == video => Some(frame.clone()),
        _ => None,
    };
    events.iter().filter_map(wanted).collect()
}

fn sent(clip: &[(Frame, Vec<u8>)], video: bool) -> Vec<Frame> {
    clip.iter().map(|(frame, _)| frame.clone()).filter(|frame| frame.codec.is_video() == video).collect()
}

fn check(config: &VideoConfig, shape: MuxShape, bytes: usize, piece: usize) -> Demuxer {
    let clip = clip(config, shape, 12, bytes);
    let (mut demuxer, mut events) = (Demuxer::new(), Vec::new());
    for (frame, pack) in &clip {
        feed(&mut demuxer, frame, pack, piece, &mut events);
    }
    demuxer.finish(&mut events);
    let mut pictures = sent(&clip, true);
    // The last picture's end shows in the next picture or in its marker, which sound has taken over here.
    pictures.truncate(frames(&events, true).len().max(11));
    assert_eq!(frames(&events, true), pictures, "{shape:?} {piece}");
    assert_eq!(frames(&events, false), sent(&clip, false), "{shape:?} {piece}");
    assert_eq!(events.iter().filter(|event| matches!(event, MediaEvent::Video(got) if got == config)).count(), 1);
    assert_eq!(events.iter().filter(|event| matches!(event, MediaEvent::Audio(_))).count(), 1);
    assert!(!events.iter().any(|event| matches!(event, MediaEvent::Lost { .. })));
    demuxer
}

fn shapes() -> Vec<MuxShape> {
    let book = MuxShape::default();
    vec![
        book,
        MuxShape { zero_length: true, ..book },
        MuxShape { omit_map: true, omit_system: true, ..book },
        MuxShape { omit_stamp: true, ..book },
        MuxShape { bad_markers: true, stuffing: 7, ..book },
        MuxShape { private_bytes: 300, pes_bytes: 50, ..book },
        MuxShape { short_start_codes: true, ..book },
        MuxShape { delimiters: true, pes_bytes: 17, ..book },
        MuxShape {
            zero_length: true,
            omit_map: true,
            omit_stamp: true,
            short_start_codes: true,
            pes_bytes: 40,
            ..book
        },
    ]
}

#[test]
fn every_shape_survives_every_piece_size() {
    for shape in shapes() {
        for piece in (1..40).chain([100, 1_400]) {
            check(&h264_1080p(), shape, 60, piece);
        }
        check(&h265_1080p(), shape, 60, 7);
    }
}

#[test]
fn a_pack_survives_every_split_point() {
    for shape in shapes() {
        let clip = clip(&h264_cif(), shape, 2, 20);
        let whole: Vec<u8> = clip.iter().flat_map(|(_, pack)| pack.clone()).collect();
        let run = |cut: usize| {
            let (mut demuxer, mut events) = (Demuxer::new(), Vec::new());
            demuxer.feed(&whole[..cut], 90_000, false, &mut events);
            demuxer.feed(&whole[cut..], 90_000, false, &mut events);
            events
        };
        let expected = run(0);
        assert!(shape.omit_stamp || frames(&expected, true).len() == 1);
        for cut in 1..whole.len() {
            assert_eq!(run(cut), expected, "{shape:?} {cut}");
        }
    }
}

#[test]
fn units_over_64_kib_pass_over_many_pes() {
    let demuxer = check(&h264_1080p(), MuxShape::default(), 30_000, 1_400);
    assert_eq!((demuxer.counts().resyncs, demuxer.counts().short_lengths, demuxer.counts().withheld), (0, 0, 0));
    check(&h265_1080p(), MuxShape { pes_bytes: 5_000, ..MuxShape::default() }, 30_000, 1_400);
}

#[test]
fn odd_headers_are_counted() {
    let demuxer = check(&h264_cif(), MuxShape { bad_markers: true, private_bytes: 9, ..MuxShape::default() }, 60, 100);
    assert!(demuxer.counts().bad_marker_bits > 20);
    assert_eq!(demuxer.counts().unknown_streams, 12);
}

/// Packs of pictures alone, each ended by its marker.
fn pictures_only(count: i64, pes_bytes: usize) -> Vec<(Frame, Vec<u8>)> {
    let mut clip = clip(&h264_cif(), MuxShape { pes_bytes, ..MuxShape::default() }, count, 300);
    clip.retain(|(frame, _)| frame.codec.is_video());
    clip
}

#[test]
fn a_proven_marker_ends_a_picture_at_once() {
    for zero_length in [false, true] {
        let mut clip = clip(&h264_cif(), MuxShape { zero_length, ..MuxShape::default() }, 40, 300);
        clip.retain(|(frame, _)| frame.codec.is_video());
        let (mut demuxer, mut events, mut seen) = (Demuxer::new(), Vec::new(), Vec::new());
        for (frame, pack) in &clip {
            let before = frames(&events, true).len();
            feed(&mut demuxer, frame, pack, 100, &mut events);
            seen.push(frames(&events, true).len() - before);
        }
        assert_eq!(frames(&events, true), sent(&clip, true));
        assert_eq!(seen[0], 0, "nothing is known of the first marker");
        assert_eq!(seen[30], 2, "picture 29 by its successor, picture 30 by its marker");
        assert_eq!(seen[31..], [1; 9]);
    }
}

#[test]
fn a_marker_inside_pictures_is_never_believed() {
    let clip = pictures_only(60, 100);
    let (mut demuxer, mut events) = (Demuxer::new(), Vec::new());
    for (frame, pack) in &clip {
        // Each PES in packets of its own, each with the marker.
        let starts: Vec<_> = memchr::memmem::find_iter(pack, &[0, 0, 1, 0xe0]).chain([pack.len()]).collect();
        demuxer.feed(&pack[..starts[0]], frame.pts_90k, false, &mut events);
        for pair in starts.windows(2) {
            demuxer.feed(&pack[pair[0]..pair[1]], frame.pts_90k, true, &mut events);
        }
    }
    assert_eq!(frames(&events, true), sent(&clip[..59], true));
}

#[test]
fn a_believed_marker_that_lies_costs_one_gop_and_is_never_believed_again() {
    let clip = pictures_only(60, 100);
    let (mut demuxer, mut events) = (Demuxer::new(), Vec::new());
    for (at, (frame, pack)) in clip.iter().enumerate() {
        let cut = memchr::memmem::find_iter(pack, &[0, 0, 1, 0xe0]).nth(2).unwrap();
        demuxer.feed(&pack[..cut], frame.pts_90k, at >= 45, &mut events);
        demuxer.feed(&pack[cut..], frame.pts_90k, true, &mut events);
    }
    let got = frames(&events, true);
    let lies: Vec<_> = got.iter().filter(|frame| !sent(&clip, true).contains(frame)).collect();
    assert_eq!(lies.len(), 1, "the cut one went out before its rest came");
    assert_eq!(events.iter().filter(|event| matches!(event, MediaEvent::Lost { .. })).count(), 1);
    assert_eq!(got.last().unwrap().pts_90k, clip[58].0.pts_90k);
}

#[test]
fn a_stream_joined_in_the_middle_begins_at_a_key_picture() {
    let clip = clip(&h264_cif(), MuxShape::default(), 20, 50);
    let (mut demuxer, mut events) = (Demuxer::new(), Vec::new());
    feed(&mut demuxer, &clip[4].0, &clip[4].1[30..], 20, &mut events);
    for (frame, pack) in &clip[6..] {
        feed(&mut demuxer, frame, pack, 20, &mut events);
    }
    assert_eq!(frames(&events, true)[0], clip[10].0);
    assert!(matches!(
        events.iter().find(|event| !matches!(
            event,
            MediaEvent::Audio(_) | MediaEvent::Frame(Frame { codec: Codec::G711A, .. })
        )),
        Some(MediaEvent::Video(_))
    ));
    assert!(!events.contains(&MediaEvent::Lost { packets: 0 }));
}

#[test]
fn a_loss_is_told_once_and_pictures_wait_for_the_next_key() {
    let clip = clip(&h264_cif(), MuxShape::default(), 20, 50);
    let (mut demuxer, mut events) = (Demuxer::new(), Vec::new());
    for (at, (frame, pack)) in clip.iter().enumerate() {
        if at == 14 {
            feed(&mut demuxer, frame, &pack[..40], 20, &mut events);
            demuxer.lost(3, &mut events);
            demuxer.lost(2, &mut events);
            feed(&mut demuxer, frame, &pack[60..], 20, &mut events);
        } else {
            feed(&mut demuxer, frame, pack, 20, &mut events);
        }
    }
    let lost: Vec<_> = events.iter().filter(|event| matches!(event, MediaEvent::Lost { .. })).collect();
    assert_eq!(lost, [&MediaEvent::Lost { packets: 3 }]);
    let all = sent(&clip, true);
    let expected: Vec<_> = all[..7].iter().chain(&all[10..19]).cloned().collect();
    assert_eq!(frames(&events, true), expected, "7 was open when the loss came");
}

#[test]
fn a_new_configuration_comes_before_its_key_picture() {
    let mut events = Vec::new();
    let mut demuxer = Demuxer::new();
    for (config, from) in [(h264_cif(), 0), (h264_1080p(), 100), (h265_1080p(), 200)] {
        for (mut frame, pack) in clip(&config, MuxShape { omit_stamp: true, ..MuxShape::default() }, 5, 50) {
            frame.pts_90k += from * 3_600;
            feed(&mut demuxer, &frame, &pack, 1_400, &mut events);
        }
    }
    let configs: Vec<_> = events
        .iter()
        .enumerate()
        .filter_map(|(at, event)| match event {
            MediaEvent::Video(config) => {
                assert!(
                    matches!(&events[at + 1], MediaEvent::Frame(frame) if frame.key && frame.codec == config.codec)
                );
                Some(config.clone())
            }
            _ => None,
        })
        .collect();
    assert_eq!(configs, [h264_cif(), h264_1080p(), h265_1080p()]);
}

#[test]
fn a_wrong_pes_length_is_borne() {
    let clip = pictures_only(50, 65_000);
    for wrong in [-20_i32, -3, -1] {
        let (mut demuxer, mut events) = (Demuxer::new(), Vec::new());
        for (frame, pack) in &clip {
            let mut pack = pack.clone();
            let at = memchr::memmem::find(&pack, &[0, 0, 1, 0xe0]).unwrap() + 4;
            let length = i32::from(u16::from_be_bytes([pack[at], pack[at + 1]])) + wrong;
            pack[at..at + 2].copy_from_slice(&(length as u16).to_be_bytes());
            feed(&mut demuxer, frame, &pack, 50, &mut events);
        }
        demuxer.finish(&mut events);
        assert_eq!(frames(&events, true)[..49], sent(&clip[..49], true), "{wrong}");
        assert!(demuxer.counts().short_lengths >= 49);
    }
    // Too long: the next pack's head is swallowed, which must not pass for picture bytes.
    let (mut demuxer, mut events) = (Demuxer::new(), Vec::new());
    for (frame, pack) in &clip {
        let mut pack = pack.clone();
        let at = memchr::memmem::find(&pack, &[0, 0, 1, 0xe0]).unwrap() + 4;
        if frame.pts_90k == clip[6].0.pts_90k {
            let length = u16::from_be_bytes([pack[at], pack[at + 1]]) + 100;
            pack[at..at + 2].copy_from_slice(&length.to_be_bytes());
        }
        feed(&mut demuxer, frame, &pack, 50, &mut events);
    }
    let good = sent(&clip, true);
    assert!(frames(&events, true).iter().all(|frame| good.contains(frame)));
    assert_eq!(demuxer.counts().damaged, 1);
}

#[test]
fn a_picture_over_the_limit_is_dropped_and_memory_stays() {
    let config = h264_cif();
    let mut mux = Muxer::new(Some(config.clone()), None);
    let (mut demuxer, mut events) = (Demuxer::new(), Vec::new());
    for (at, bytes) in [100, base::limits::ACCESS_UNIT_BYTES + 1, 100, 100].into_iter().enumerate() {
        let frame = picture(Codec::H264, true, at as i64 * 3_600, bytes, 1);
        let mut pack = Vec::new();
        mux.frame(&frame, &mut pack);
        feed(&mut demuxer, &frame, &pack, 60_000, &mut events);
    }
    let times: Vec<_> = frames(&events, true).iter().map(|frame| frame.pts_90k).collect();
    assert_eq!(times, [0, 7_200]);
    assert!(events.contains(&MediaEvent::Lost { packets: 0 }));
    // A PES without end is held to the same limit.
    let mut demuxer = Demuxer::new();
    demuxer.feed(&[0, 0, 1, 0xe0, 0, 0, 0x80, 0, 0], 0, false, &mut events);
    for _ in 0..200 {
        demuxer.feed(&[0x41; 65_000], 0, false, &mut events);
    }
    assert_eq!(demuxer.counts().damaged, 1);
    let mut demuxer = Demuxer::new();
    demuxer.feed(&[0, 0, 1, 0xc0, 0, 0, 0x80, 0, 0], 0, false, &mut events);
    demuxer.feed(&[0x41; 65_537], 0, false, &mut events);
    assert_eq!(demuxer.counts().damaged, 1);
}

#[test]
fn aac_and_mu_law_are_told_apart() {
    for (kind, map) in [(Codec::Aac, false), (Codec::Aac, true), (Codec::G711U, false)] {
        let config = if kind == Codec::Aac {
            crate::aac::parse_specific_config(&[0x15, 0x88]).unwrap()
        } else {
            AudioConfig { codec: kind, ..g711() }
        };
        let shape = MuxShape { omit_map: map, ..MuxShape::default() };
        let mut mux = Muxer::with_shape(Some(h264_cif()), Some(config.clone()), shape);
        let (mut demuxer, mut events, mut pack) = (Demuxer::new(), Vec::new(), Vec::new());
        mux.frame(&picture(Codec::H264, true, 0, 10, 1), &mut pack);
        let frame = Frame { codec: kind, pts_90k: 9, key: true, data: vec![7; 99].into() };
        mux.frame(&frame, &mut pack);
        demuxer.feed(&pack, 0, true, &mut events);
        assert_eq!(events, [MediaEvent::Audio(config), MediaEvent::Frame(frame)]);
    }
}

#[test]
fn further_parameter_sets_stay_in_the_picture() {
    let config = h264_cif();
    let mut data = Vec::new();
    push_length_prefixed(&[0x68, 0x5b, 0x83, 0xcb, 0x20], &mut data); // a PPS with id 1
    push_length_prefixed(&[0x06, 5, 1, 0xaa, 0x80], &mut data);
    push_length_prefixed(&[0x65, 0x88, 1, 2, 3], &mut data);
    let frame = Frame { codec: Codec::H264, pts_90k: 0, key: true, data: data.into() };
    let (mut demuxer, mut events, mut pack) = (Demuxer::new(), Vec::new(), Vec::new());
    Muxer::new(Some(config.clone()), None).frame(&frame, &mut pack);
    demuxer.feed(&pack, 0, true, &mut events);
    demuxer.finish(&mut events);
    assert_eq!(events, [MediaEvent::Video(config), MediaEvent::Frame(frame)]);
}

/// The same pack with the headers of MPEG-1 systems: `stuffing` bytes, perhaps a buffer size, then the stamp.
fn as_mpeg1(pack: &[u8], stuffing: usize, buffer: bool) -> Vec<u8> {
    let mut out = vec![0, 0, 1, code::PACK, 0x21, 0, 1, 0, 1, 0x80, 0, 1];
    let mut rest = &pack[14..];
    while let Some((head, after)) = rest.split_first_chunk::<9>() {
        let length = usize::from(u16::from_be_bytes([head[4], head[5]]));
        let (stamps, payload) = (usize::from(head[8]), length - 3);
        let mut header = vec![0xff; stuffing];
        if buffer {
            header.extend_from_slice(&[0x60, 0x20]);
        }
        if stamps == 5 {
            header.extend_from_slice(&after[..5])
        } else {
            header.push(0x0f)
        }
        let length = u16::try_from(header.len() + payload - stamps).unwrap();
        out.extend_from_slice(&head[..4]);
        out.extend_from_slice(&length.to_be_bytes());
        out.extend_from_slice(&header);
        out.extend_from_slice(&after[stamps..payload]);
        rest = &after[payload..];
    }
    out
}

#[test]
fn headers_of_mpeg_1_systems_are_read_at_every_split() {
    let config = h264_cif();
    let shape = MuxShape { omit_map: true, omit_system: true, pes_bytes: 60, ..MuxShape::default() };
    for (stuffing, buffer) in [(0, false), (0, true), (3, false), (16, true)] {
        let mut mux = Muxer::with_shape(Some(config.clone()), None, shape);
        let sent: Vec<Frame> = (0..6).map(|at| picture(Codec::H264, at % 3 == 0, 90_000 + at * 3_600, 50, 2)).collect();
        for piece in [1, 2, 3, 7, 50, 1_400] {
            let (mut demuxer, mut events) = (Demuxer::new(), Vec::new());
            for frame in &sent {
                let mut pack = Vec::new();
                mux.frame(frame, &mut pack);
                feed(&mut demuxer, frame, &as_mpeg1(&pack, stuffing, buffer), piece, &mut events);
            }
            demuxer.finish(&mut events);
            assert_eq!(frames(&events, true), sent, "stuffing {stuffing}, buffer {buffer}, pieces of {piece}");
            assert_eq!(demuxer.counts().bad_marker_bits, 0);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_bytes_are_no_panic(pieces in prop::collection::vec((prop::collection::vec(prop_oneof![Just(0_u8), Just(1), Just(0xe0), Just(0xba), any::<u8>()], 0..120), any::<i64>(), any::<bool>()), 0..10)) {
        let (mut demuxer, mut events) = (Demuxer::new(), Vec::new());
        for (piece, rtp, marker) in pieces {
            demuxer.feed(&piece, rtp / 8, marker, &mut events);
        }
        demuxer.finish(&mut events);
    }

    #[test]
    fn a_flipped_byte_is_no_panic_and_costs_little(which in 0..9_usize, at in 0..4_000_usize, value in any::<u8>()) {
        let clip = clip(&h264_cif(), shapes()[which], 20, 50);
        let (mut demuxer, mut events, mut seen) = (Demuxer::new(), Vec::new(), 0);
        for (frame, pack) in &clip {
            let mut pack = pack.clone();
            if (seen..seen + pack.len()).contains(&at) {
                pack[at - seen] = value;
            }
            seen += pack.len();
            feed(&mut demuxer, frame, &pack, 100, &mut events);
        }
        // Whatever the byte was, the last GOP is whole again unless a length swallowed up to 64 KiB, more than this clip.
        let swallowed = frames(&events, true).len() < 9;
        let last = sent(&clip, true)[17].clone();
        prop_assert!(swallowed || frames(&events, true).iter().any(|frame| frame.data == last.data));
    }
}
