//! The whole way from packets to frames under loss, reordering, copies and cuts.

use proptest::prelude::*;

use super::*;
use crate::annexb::push_length_prefixed;
use crate::config::tests::h264_cif;
use crate::frame::{Codec, Frame};
use crate::ps::tests::{frames, g711};
use crate::ps::{MuxShape, Muxer};
use crate::rtp::{PAYLOAD_PS, Packetiser, push_rfc4571};

/// Pictures with sound between, and the packets of all; times and numbers wrap on the way.
fn clip(pictures: usize, shape: MuxShape) -> (Vec<Frame>, Vec<Vec<u8>>) {
    let mut mux = Muxer::with_shape(Some(h264_cif()), Some(g711()), shape);
    let mut packetiser = Packetiser::new(PAYLOAD_PS, 0, 65_500).with_payload_bytes(100);
    let (mut frames, mut packets) = (Vec::new(), Vec::new());
    for at in 0..pictures {
        let (key, pts_90k) = (at % 8 == 0, (1_i64 << 33) - 36_000 + at as i64 * 3_600);
        let mut nal = vec![if key { 0x65 } else { 0x41 }, 0x88, (at % 250) as u8 + 1];
        nal.extend((0..if key { 900 } else { 150 }).map(|byte| ((byte + at) % 255) as u8 + 1));
        let mut data = Vec::new();
        push_length_prefixed(&nal, &mut data);
        let sound = Frame { codec: Codec::G711A, pts_90k, key: true, data: vec![(at % 256) as u8; 320].into() };
        for frame in [Frame { codec: Codec::H264, pts_90k, key, data: data.into() }, sound] {
            let mut pack = Vec::new();
            mux.frame(&frame, &mut pack);
            packetiser.packetise(&pack, pts_90k as u32, &mut |packet| packets.push(packet.to_vec()));
            frames.push(frame);
        }
    }
    (frames, packets)
}

fn of(frames: &[Frame], video: bool) -> Vec<Frame> {
    frames.iter().filter(|frame| frame.codec.is_video() == video).cloned().collect()
}

#[test]
fn udp_and_tcp_give_every_frame_over_all_wraps() {
    let (sent, packets) = clip(60, MuxShape::default());
    let (mut udp, mut tcp) = (PsIntake::udp(), PsIntake::tcp());
    let (mut by_udp, mut by_tcp, mut stream) = (Vec::new(), Vec::new(), Vec::new());
    for packet in &packets {
        udp.datagram(packet, MonoMs(0), &mut by_udp);
        assert!(push_rfc4571(packet, &mut stream));
    }
    for chunk in stream.chunks(777) {
        tcp.chunk(chunk, MonoMs(0), &mut by_tcp).unwrap();
    }
    udp.finish(&mut by_udp);
    tcp.finish(&mut by_tcp);
    assert_eq!(by_udp, by_tcp);
    assert_eq!(frames(&by_udp, true), of(&sent, true));
    assert_eq!(frames(&by_udp, false), of(&sent, false));
    let counts = udp.counts();
    assert_eq!((counts.packets, counts.order.lost, counts.malformed), (packets.len() as u64, 0, 0));
    assert_eq!((counts.ps.pictures, counts.ps.stamp_jumps, counts.ps.resyncs), (60, 0, 0));
}

#[test]
fn a_device_that_restarts_with_another_ssrc_goes_on() {
    let (sent, packets) = clip(16, MuxShape::default());
    let (mut intake, mut events) = (PsIntake::udp(), Vec::new());
    for ssrc in [0_u8, 7] {
        for packet in &packets {
            let mut packet = packet.clone();
            packet[11] = ssrc;
            intake.datagram(&packet, MonoMs(0), &mut events);
        }
    }
    intake.finish(&mut events);
    assert_eq!((intake.ssrc(), intake.counts().order.restarts), (Some(7), 1));
    let pictures = frames(&events, true);
    // The last picture before the restart was still open: nothing had shown its end.
    assert_eq!(pictures.len(), 2 * of(&sent, true).len() - 1);
    assert!(pictures.windows(2).all(|pair| pair[0].pts_90k <= pair[1].pts_90k), "media time went back");
    assert!(events.contains(&MediaEvent::Lost { packets: 0 }));
}

#[test]
fn a_connection_made_anew_goes_on() {
    let (sent, packets) = clip(16, MuxShape::default());
    let (mut intake, mut events, mut stream) = (PsIntake::tcp(), Vec::new(), Vec::new());
    packets.iter().for_each(|packet| assert!(push_rfc4571(packet, &mut stream)));
    intake.chunk(&stream[..stream.len() / 2 + 1], MonoMs(0), &mut events).unwrap();
    intake.reconnected(&mut events);
    let before = intake.counts().order.delivered;
    intake.chunk(&stream, MonoMs(9), &mut events).unwrap();
    intake.finish(&mut events);
    assert!(before > 0 && intake.counts().order.delivered == before + packets.len() as u64);
    let all = of(&sent, true);
    let pictures = frames(&events, true);
    assert_eq!(pictures.last().map(|frame| &frame.data), all.last().map(|frame| &frame.data));
    assert!(pictures.iter().all(|frame| all.iter().any(|sent| sent.data == frame.data)));
}

#[test]
fn what_is_no_program_stream_is_counted() {
    let (mut intake, mut events) = (PsIntake::udp(), Vec::new());
    intake.datagram(&[0x80, 200, 0, 0], MonoMs(0), &mut events);
    intake.datagram(&[0x80, 200, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], MonoMs(0), &mut events);
    intake.datagram(b"OPTIONS", MonoMs(0), &mut events);
    intake.datagram(&[0x80, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xd5], MonoMs(0), &mut events);
    let counts = intake.counts();
    assert_eq!((counts.malformed, counts.rtcp, counts.not_ps, counts.packets), (2, 1, 1, 4));
    assert!(events.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever the network does, a frame that comes out is byte for byte one that was sent, in order, and starts at a key picture.
    #[test]
    fn no_network_makes_a_damaged_picture_pass(
        fates in prop::collection::vec((0..40_u8, 0..60_usize), 900),
        which in 0..4_usize,
    ) {
        let book = MuxShape::default();
        let shape = [
            book,
            MuxShape { zero_length: true, ..book },
            MuxShape { pes_bytes: 130, short_start_codes: true, ..book },
            MuxShape { omit_stamp: true, omit_map: true, private_bytes: 200, ..book },
        ][which];
        let (sent, packets) = clip(60, shape);
        let mut order: Vec<(usize, &Vec<u8>)> = Vec::new();
        for (at, packet) in packets.iter().enumerate() {
            match fates[at % fates.len()] {
                (0, _) => {}
                (1, _) => order.extend([(at, packet), (at + 3, packet)]),
                (2, delay) => order.push((at + delay, packet)),
                _ => order.push((at, packet)),
            }
        }
        order.sort_by_key(|(at, _)| *at);
        let (mut intake, mut events) = (PsIntake::udp(), Vec::new());
        for (at, packet) in order {
            intake.datagram(packet, MonoMs(at as u64 * 3), &mut events);
        }
        intake.finish(&mut events);
        let all = of(&sent, true);
        let mut next = 0;
        let mut whole = false;
        for event in &events {
            match event {
                MediaEvent::Lost { .. } => whole = false,
                MediaEvent::Frame(frame) if frame.codec == Codec::H264 => {
                    let at = all.iter().position(|sent| sent.data == frame.data && sent.key == frame.key);
                    prop_assert!(at.is_some_and(|at| at >= next), "unknown or repeated picture");
                    prop_assert!(whole && at == Some(next) || frame.key, "a picture without the one before it");
                    next = at.unwrap_or(0) + 1;
                    whole = true;
                }
                MediaEvent::Frame(frame) => {
                    prop_assert!(of(&sent, false).iter().any(|sent| sent.data == frame.data), "unknown sound");
                }
                MediaEvent::Video(_) | MediaEvent::Audio(_) => {}
            }
        }
        let told = events.iter().any(|event| matches!(event, MediaEvent::Lost { .. }));
        prop_assert!(told || next == 0 || intake.counts().order.lost == 0);
    }

    #[test]
    fn any_datagrams_are_no_panic(packets in prop::collection::vec((prop::collection::vec(any::<u8>(), 0..200), 0..4_u16), 0..60)) {
        let (mut intake, mut events) = (PsIntake::udp(), Vec::new());
        for (at, (body, skip)) in packets.iter().enumerate() {
            let number = (at as u16).wrapping_mul(1 + skip).to_be_bytes();
            let mut packet = vec![0x80, 96, number[0], number[1], 0, 0, 0, at as u8, 0, 0, 0, 1, 0, 0, 1, 0xe0];
            packet.extend_from_slice(body);
            intake.datagram(&packet, MonoMs(at as u64 * 30), &mut events);
        }
        intake.finish(&mut events);
    }
}
