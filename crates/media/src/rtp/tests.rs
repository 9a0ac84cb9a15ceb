//! RTP at its edges: wraps, losses, copies, other senders, hostile headers, every split of a TCP stream.

use base::MonoMs;
use proptest::prelude::*;

use super::*;

fn packet(sequence: u16, ssrc: u32) -> Vec<u8> {
    let mut bytes = vec![0x80, 96];
    bytes.extend_from_slice(&sequence.to_be_bytes());
    bytes.extend_from_slice(&7_u32.to_be_bytes());
    bytes.extend_from_slice(&ssrc.to_be_bytes());
    bytes.extend_from_slice(&sequence.to_be_bytes());
    bytes
}

#[derive(PartialEq, Eq, Debug, Clone, Copy)]
enum Seen {
    Number(u16),
    Lost(u32),
    Restarted,
}

fn see(seen: &mut Vec<Seen>) -> impl FnMut(Ordered<'_>) {
    |ordered| {
        seen.push(match ordered {
            Ordered::Packet(packet) => {
                assert_eq!(packet.payload, packet.sequence.to_be_bytes());
                Seen::Number(packet.sequence)
            }
            Ordered::Lost(count) => Seen::Lost(count),
            Ordered::Restarted => Seen::Restarted,
        });
    }
}

/// Numbers pushed one millisecond apart.
fn run(limits: ReorderLimits, numbers: &[u16]) -> (Vec<Seen>, Reorder) {
    let (mut reorder, mut seen) = (Reorder::new(limits), Vec::new());
    for (at, number) in numbers.iter().enumerate() {
        reorder.push(&packet(*number, 1), MonoMs(at as u64), &mut see(&mut seen)).unwrap();
    }
    (seen, reorder)
}

use Seen::{Lost, Number, Restarted};

#[test]
fn header_with_everything_and_its_hostile_forms() {
    let mut bytes = vec![0xb2, 0xe0, 0, 5, 0, 0, 0, 9, 0, 0, 0, 7];
    bytes.extend_from_slice(&[1; 8]); // two CSRC
    bytes.extend_from_slice(&[0xbe, 0xde, 0, 1, 1, 2, 3, 4]); // extension
    bytes.extend_from_slice(&[0xaa, 0xbb, 0, 0, 3]); // payload, three of padding
    let read = Packet::parse(&bytes).unwrap();
    assert_eq!((read.payload, read.marker, read.payload_type), (&[0xaa, 0xbb][..], true, 96));
    assert_eq!((read.sequence, read.timestamp, read.ssrc), (5, 9, 7));
    assert_eq!(peek_ssrc(&bytes), Some(7));
    for cut in 0..28 {
        assert_eq!(Packet::parse(&bytes[..cut]), Err(RtpError::Short), "{cut}");
    }
    for padding in [0, 6, 255] {
        *bytes.last_mut().unwrap() = padding;
        assert_eq!(Packet::parse(&bytes), Err(RtpError::Padding), "{padding}");
    }
    bytes[1] = 200;
    assert_eq!((Packet::parse(&bytes), peek_ssrc(&bytes)), (Err(RtpError::Rtcp), None));
    bytes[0] = 0x40;
    assert_eq!((Packet::parse(&bytes), peek_ssrc(&bytes)), (Err(RtpError::Version), None));
    assert_eq!(Packet::parse(&vec![0x80; 65_536]), Err(RtpError::Large));
}

#[test]
fn order_is_put_right_over_the_wrap() {
    let (seen, reorder) = run(ReorderLimits::UDP, &[65_533, 65_535, 1, 0, 65_534, 2]);
    assert_eq!(seen, [65_533, 65_534, 65_535, 0, 1, 2].map(Number));
    assert_eq!((reorder.counts().reordered, reorder.counts().lost, reorder.deadline()), (3, 0, None));
}

#[test]
fn in_order_nothing_is_held() {
    let (mut reorder, bytes) = (Reorder::new(ReorderLimits::UDP), packet(3, 1));
    let mut inside = false;
    reorder
        .push(&bytes, MonoMs(0), &mut |ordered| {
            let Ordered::Packet(packet) = ordered else { return };
            inside = bytes.as_ptr_range().contains(&packet.payload.as_ptr());
        })
        .unwrap();
    assert!(inside, "the payload was copied");
}

#[test]
fn a_missing_packet_is_given_up_after_its_time() {
    let (mut seen, mut reorder) = run(ReorderLimits::UDP, &[10, 12, 13]);
    assert_eq!(reorder.deadline(), Some(MonoMs(201)));
    reorder.poll(MonoMs(200), &mut see(&mut seen));
    assert_eq!(seen, [Number(10)]);
    reorder.poll(MonoMs(201), &mut see(&mut seen));
    assert_eq!(seen, [Number(10), Lost(1), Number(12), Number(13)]);
    reorder.push(&packet(11, 1), MonoMs(202), &mut see(&mut seen)).unwrap();
    reorder.push(&packet(12, 1), MonoMs(203), &mut see(&mut seen)).unwrap();
    assert_eq!(seen.len(), 4);
    assert_eq!((reorder.counts().late, reorder.counts().duplicates), (1, 1));
}

#[test]
fn what_is_held_is_bounded_in_packets_and_bytes() {
    let limits = ReorderLimits { packets: 4, bytes: 1_000, hold_ms: 10_000 };
    let (seen, _) = run(limits, &[0, 2, 3, 4, 5]);
    assert_eq!(seen, [Number(0), Lost(1), Number(2), Number(3), Number(4), Number(5)]);
    let limits = ReorderLimits { packets: 64, bytes: 2 * packet(0, 0).len(), hold_ms: 10_000 };
    let (seen, _) = run(limits, &[0, 2, 3, 4]);
    assert_eq!(seen, [Number(0), Lost(1), Number(2), Number(3), Number(4)]);
}

#[test]
fn tcp_waits_for_nothing() {
    let (seen, _) = run(ReorderLimits::TCP, &[5, 8, 9, 9, 8]);
    assert_eq!(seen, [Number(5), Lost(2), Number(8), Number(9)]);
}

#[test]
fn a_long_loss_is_told_in_full() {
    let (seen, reorder) = run(ReorderLimits::UDP, &[0, 2, 2_000]);
    assert_eq!(seen, [Number(0), Lost(1), Number(2), Lost(1_997), Number(2_000)]);
    assert_eq!(reorder.counts().lost, 1_998);
}

#[test]
fn two_packets_make_a_new_sender_and_one_is_a_stray() {
    let (mut seen, mut reorder) = run(ReorderLimits::UDP, &[0, 1]);
    for (number, ssrc) in [(500, 2), (2, 1), (700, 3), (701, 3), (3, 1)] {
        reorder.push(&packet(number, ssrc), MonoMs(9), &mut see(&mut seen)).unwrap();
    }
    assert_eq!(seen, [Number(0), Number(1), Number(2), Restarted, Number(700), Number(701)]);
    assert_eq!((reorder.ssrc(), reorder.counts().strays, reorder.counts().restarts), (Some(3), 1, 1));
    // The same sender with numbers far away has begun anew too.
    for number in [30_000, 30_001] {
        reorder.push(&packet(number, 3), MonoMs(9), &mut see(&mut seen)).unwrap();
    }
    assert_eq!(seen[6..], [Restarted, Number(30_000), Number(30_001)]);
}

#[test]
fn timestamps_unwrap_both_ways() {
    let mut unwrap = Unwrap90k::default();
    let values = [u32::MAX - 1, 5, u32::MAX, 6].map(|raw| unwrap.unwrap(raw));
    assert_eq!(values, [0xffff_fffe, 0x1_0000_0005, 0xffff_ffff, 0x1_0000_0006]);
}

#[test]
fn the_packetiser_marks_the_last_packet() {
    let mut packets = Vec::new();
    let mut packetiser = Packetiser::new(PAYLOAD_PS, 9, 65_535).with_payload_bytes(3);
    packetiser.packetise(&[1, 2, 3, 4, 5, 6, 7], 90, &mut |bytes| packets.push(bytes.to_vec()));
    let read: Vec<_> = packets.iter().map(|bytes| Packet::parse(bytes).unwrap()).collect();
    assert_eq!(
        read.iter().map(|packet| (packet.sequence, packet.marker)).collect::<Vec<_>>(),
        [(65_535, false), (0, false), (1, true)]
    );
    assert_eq!(read.iter().flat_map(|packet| packet.payload).copied().collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6, 7]);
}

fn stream(framing: Framing, private: bool) -> (Vec<u8>, Vec<Vec<u8>>) {
    let packets: Vec<_> = (0..5).map(|number| packet(number, 1)).collect();
    let mut bytes = if private { vec![0x11; 256] } else { Vec::new() };
    for packet in &packets {
        if framing == Framing::Interleaved {
            bytes.extend_from_slice(b"$\0");
        }
        assert!(push_rfc4571(packet, &mut bytes));
        if framing == Framing::Rfc4571 {
            bytes.extend_from_slice(&[0, 0]); // an empty frame is allowed
        }
    }
    (bytes, packets)
}

#[test]
fn tcp_framings_are_split_at_every_cut() {
    for (framing, private) in [
        (Framing::Rfc4571, false),
        (Framing::Interleaved, false),
        (Framing::Rfc4571, true),
        (Framing::Interleaved, true),
    ] {
        let (bytes, packets) = stream(framing, private);
        for cut in 0..=bytes.len() {
            let (mut split, mut got) = (Rfc4571::new(), Vec::new());
            for part in [&bytes[..cut], &bytes[cut..]] {
                split.push(part, &mut |packet| got.push(packet.to_vec())).unwrap();
            }
            assert_eq!(
                (&got, split.framing(), split.had_private_header()),
                (&packets, Some(framing), private),
                "{cut}"
            );
        }
        let (mut split, mut got) = (Rfc4571::new(), Vec::new());
        bytes.iter().for_each(|byte| split.push(&[*byte], &mut |packet| got.push(packet.to_vec())).unwrap());
        assert_eq!(got, packets);
    }
}

#[test]
fn what_is_no_framed_rtp_is_refused() {
    assert_eq!(Rfc4571::new().push(&[b'G'; 300], &mut |_| ()), Err(FramingError::Unknown));
    let (mut bytes, _) = stream(Framing::Interleaved, false);
    bytes.extend_from_slice(b"xx\0\0");
    assert_eq!(Rfc4571::new().push(&bytes, &mut |_| ()), Err(FramingError::Lost));
    let (mut bytes, _) = stream(Framing::Rfc4571, false);
    bytes.extend([0, 1, 0].repeat(16));
    assert_eq!(Rfc4571::new().push(&bytes, &mut |_| ()), Err(FramingError::Lost));
    assert!(!push_rfc4571(&vec![0; 65_536], &mut bytes));
}

proptest! {
    #[test]
    fn each_number_comes_once_in_order_and_every_gap_is_told(
        start in any::<u16>(),
        moves in prop::collection::vec((0..300_u16, 0..20_usize, any::<bool>()), 1..300),
    ) {
        // A sender counting up; packets are dropped, doubled and delayed.
        let mut numbers: Vec<u16> = Vec::new();
        let mut number = start;
        for (skip, back, double) in moves {
            number = number.wrapping_add(if skip < 20 { skip } else { 1 });
            let at = numbers.len().saturating_sub(back).max(1).min(numbers.len());
            numbers.insert(at, number);
            if double {
                numbers.push(number);
            }
        }
        let (mut seen, mut reorder) = run(ReorderLimits::UDP, &numbers);
        reorder.flush(&mut see(&mut seen));
        let mut expected = numbers[0];
        for seen in &seen {
            match seen {
                Number(number) => { prop_assert_eq!(*number, expected); expected = expected.wrapping_add(1); }
                Lost(count) => expected = expected.wrapping_add(u16::try_from(*count).unwrap()),
                Restarted => prop_assert!(false),
            }
        }
        let counts = reorder.counts();
        prop_assert_eq!(counts.delivered + counts.duplicates + counts.late, numbers.len() as u64);
    }

    #[test]
    fn any_bytes_are_no_panic(chunks in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..400), 0..8), dollar in any::<bool>()) {
        let (mut split, mut reorder) = (Rfc4571::new(), Reorder::new(ReorderLimits::UDP));
        let (start, _) = stream(if dollar { Framing::Interleaved } else { Framing::Rfc4571 }, false);
        let _ = split.push(&start, &mut |_| ());
        for (at, mut chunk) in chunks.into_iter().enumerate() {
            let _ = split.push(&chunk, &mut |_| ());
            let _ = peek_ssrc(&chunk);
            if let Some(first) = chunk.first_mut() {
                *first = *first & 0x3f | 0x80;
            }
            let _ = reorder.push(&chunk, MonoMs(at as u64 * 50), &mut |_| ());
        }
        reorder.flush(&mut |_| ());
        prop_assert_eq!(reorder.deadline(), None);
    }
}
