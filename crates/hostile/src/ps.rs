//! MPEG program streams: any bytes, cut anywhere, with losses, and the same through RTP.

use crate::input::{Input, with_cuts};
use base::MonoMs;
use base::limits::ACCESS_UNIT_BYTES;
use bytes::Bytes;
use media::annexb::push_length_prefixed;
use media::intake::PsIntake;
use media::ps::{Demuxer, MuxShape, Muxer};
use media::rtp::{PAYLOAD_PS, Packetiser, push_rfc4571};
use media::{AudioConfig, Codec, Frame, MediaEvent, VideoConfig, h264, h265};

/// See the file's head.
pub fn check(data: &[u8]) {
    let (whole, pieces) = Input(data).cut();
    let split = demuxed(&pieces);
    assert_eq!(split, demuxed(&[whole]), "the same frames wherever the stream is cut");
    events_hold(&split.0);
    packets_hold(Input(data));
    connection_holds(whole, &pieces);
}

fn demuxed(pieces: &[&[u8]]) -> (Vec<MediaEvent>, media::ps::DemuxCounts) {
    let (mut demuxer, mut events) = (Demuxer::new(), Vec::new());
    for piece in pieces {
        demuxer.feed(piece, 90_000, false, &mut events);
    }
    (events, demuxer.counts())
}

/// What a recorder relies on.
fn events_hold(events: &[MediaEvent]) {
    let (mut picture_90k, mut sound_90k) = (i64::MIN, i64::MIN);
    let (mut video, mut audio, mut await_key, mut lost_last) = (None, None, true, false);
    for event in events {
        match event {
            MediaEvent::Video(config) => video = Some(config.codec),
            MediaEvent::Audio(config) => audio = Some(config.codec),
            MediaEvent::Lost { .. } => {
                assert!(!lost_last, "told once between two frames");
                (await_key, lost_last) = (true, true);
            }
            MediaEvent::Frame(frame) => {
                let (last, told) = if frame.codec.is_video() {
                    assert!(frame.key || !await_key, "no picture before a key picture");
                    assert!(units_fit(&frame.data), "lengths of NAL units fill the picture");
                    await_key = false;
                    (&mut picture_90k, video)
                } else {
                    (&mut sound_90k, audio)
                };
                assert_eq!(told, Some(frame.codec), "told how to decode before the first frame");
                assert!(frame.pts_90k >= *last, "times of a track never decrease");
                *last = frame.pts_90k;
                lost_last = false;
                // Lengths of four bytes instead of start codes of three make a picture of many small units longer.
                assert!(frame.data.len() <= 2 * ACCESS_UNIT_BYTES);
            }
        }
    }
}

/// True if the data is NAL units, each behind its length, and nothing else.
fn units_fit(mut data: &[u8]) -> bool {
    while let Some((length, rest)) = data.split_first_chunk::<4>() {
        let length = u32::from_be_bytes(*length) as usize;
        let Some(next) = rest.get(length..).filter(|_| length > 0) else { return false };
        data = next;
    }
    data.is_empty()
}

/// Packets with stamps, markers and losses of the input's choosing.
fn packets_hold(mut input: Input<'_>) {
    let (mut demuxer, mut events, mut rtp_90k) = (Demuxer::new(), Vec::new(), 0_i64);
    while !input.is_empty() {
        let act = input.byte();
        match act % 8 {
            7 => demuxer.lost(u32::from(act >> 3), &mut events),
            6 if act > 240 => demuxer.restarted(&mut events),
            5 => rtp_90k = rtp_90k.saturating_add(i64::from(input.u32().cast_signed())),
            _ => rtp_90k += i64::from(act % 8) * 900,
        }
        let length = usize::from(input.byte()) * if act & 8 == 0 { 1 } else { 16 };
        demuxer.feed(input.take(length), rtp_90k, act & 0x80 != 0, &mut events);
    }
    demuxer.finish(&mut events);
    events_hold(&events);
}

/// The same bytes as payload of RTP over TCP, and as TCP itself.
fn connection_holds(whole: &[u8], pieces: &[&[u8]]) {
    let run = |pieces: &[&[u8]]| {
        let (mut intake, mut events) = (PsIntake::tcp(), Vec::new());
        let failed = pieces.iter().find_map(|piece| intake.chunk(piece, MonoMs(0), &mut events).err());
        (events, intake.counts(), failed)
    };
    assert_eq!(run(pieces), run(&[whole]));
    let mut stream = Vec::new();
    let mut packetiser = Packetiser::new(PAYLOAD_PS, 1, 0).with_payload_bytes(pieces.first().map_or(1, |p| p.len()));
    packetiser.packetise(whole, 90_000, &mut |packet| assert!(push_rfc4571(packet, &mut stream), "small"));
    let (events, counts, failed) = run(&[&stream]);
    assert_eq!((failed, counts.malformed, counts.order.lost), (None, 0, 0));
    events_hold(&events);
}

fn hex(text: &str) -> Bytes {
    base::unhex(text).unwrap_or_default().into()
}

fn h264_cif() -> Option<VideoConfig> {
    h264::video_config(hex("6742c00dd9016096c044000003000400000300c83c50a920"), hex("68cb83cb20"))
}

fn h265_1080p() -> Option<VideoConfig> {
    let sps = hex("420101016000000300900000030000030078a003c08010e596566924caf0168080000003008000000c84");
    h265::video_config(hex("40010c01ffff016000000300900000030000030078959809"), sps, hex("4401c172b46240"))
}

fn picture(codec: Codec, key: bool, pts_90k: i64) -> Frame {
    let head: &[u8] = match (codec, key) {
        (Codec::H265, true) => &[0x26, 1],
        (Codec::H265, false) => &[0x02, 1],
        (_, true) => &[0x65],
        (_, false) => &[0x41],
    };
    let mut data = Vec::new();
    push_length_prefixed(&[head, &[0x88], &[0x5a; 20]].concat(), &mut data);
    Frame { codec, pts_90k, key, data: data.into() }
}

fn clip(config: VideoConfig, shape: MuxShape) -> Vec<u8> {
    let sound = AudioConfig { codec: Codec::G711A, rate_hz: 8_000, channels: 1, specific: Bytes::new() };
    let codec = config.codec;
    let (mut mux, mut out) = (Muxer::with_shape(Some(config), Some(sound), shape), Vec::new());
    for at in 0..4_i64 {
        let pts_90k = 90_000 + at * 3_600;
        mux.frame(&picture(codec, at % 2 == 0, pts_90k), &mut out);
        mux.frame(&Frame { codec: Codec::G711A, pts_90k, key: true, data: vec![0xd5; 40].into() }, &mut out);
    }
    out
}

/// Short clips of our own multiplexer, by the book and against it.
#[must_use]
pub fn seeds() -> Vec<Vec<u8>> {
    let book = MuxShape::default();
    let shapes = [
        book,
        MuxShape { zero_length: true, omit_map: true, ..book },
        MuxShape { omit_stamp: true, bad_markers: true, stuffing: 7, ..book },
        MuxShape { private_bytes: 30, pes_bytes: 9, short_start_codes: true, delimiters: true, ..book },
    ];
    let configs = [h264_cif(), h265_1080p()];
    let clips = configs.into_iter().flatten().flat_map(|config| shapes.map(|shape| clip(config.clone(), shape)));
    clips.enumerate().map(|(n, clip)| with_cuts(&[13, 200][..n % 3], &clip)).collect()
}
