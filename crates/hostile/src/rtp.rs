//! RTP: packets, the framing of a TCP connection, and putting back in order.

use crate::input::{Input, with_cuts};
use base::MonoMs;
use media::rtp::{
    FramingError, Ordered, PAYLOAD_PS, Packet, Packetiser, Reorder, ReorderLimits, Rfc4571, Unwrap90k, peek_ssrc,
    push_rfc4571,
};

/// Most packets that the order of one input is tried with.
const PACKETS: usize = 2_000;

/// See the file's head.
pub fn check(data: &[u8]) {
    if let Ok(packet) = Packet::parse(data) {
        assert!(packet.payload.len() + 12 <= data.len() && packet.payload_type < 128);
        assert_eq!(peek_ssrc(data), Some(packet.ssrc));
        packets_read_back(packet);
    }
    let (whole, pieces) = Input(data).cut();
    assert_eq!(framed(&pieces), framed(&[whole]), "the same packets wherever the stream is cut");
    order_holds(Input(data));
}

/// What we send of a payload is that payload.
fn packets_read_back(packet: Packet<'_>) {
    let mut packetiser = Packetiser::new(packet.payload_type, packet.ssrc, packet.sequence)
        .with_payload_bytes(usize::from(packet.sequence).max(16));
    let (mut payload, mut marked, mut expected) = (Vec::new(), 0, packet.sequence);
    packetiser.packetise(packet.payload, packet.timestamp, &mut |bytes| {
        // Types 64 to 95 with a marker look like RTCP (RFC 5761) and are sent by nobody.
        if let Ok(own) = Packet::parse(bytes) {
            assert_eq!((own.sequence, own.ssrc, own.timestamp), (expected, packet.ssrc, packet.timestamp));
            payload.extend_from_slice(own.payload);
            marked += u32::from(own.marker);
        }
        expected = expected.wrapping_add(1);
    });
    if !(64..96).contains(&packet.payload_type) {
        assert_eq!((payload.as_slice(), marked), (packet.payload, u32::from(!packet.payload.is_empty())));
    }
}

fn framed(pieces: &[&[u8]]) -> (Vec<Vec<u8>>, Option<FramingError>, bool) {
    let (mut framing, mut out) = (Rfc4571::new(), Vec::new());
    for piece in pieces {
        if let Err(error) = framing.push(piece, &mut |packet| out.push(packet.to_vec())) {
            return (out, Some(error), framing.had_private_header());
        }
    }
    (out, None, framing.had_private_header())
}

/// Numbers come out in order, each once, and every one skipped is told as lost.
fn order_holds(mut input: Input<'_>) {
    let limits = if input.byte().is_multiple_of(4) { ReorderLimits::TCP } else { ReorderLimits::UDP };
    let mut reorder = Reorder::new(limits);
    let (mut next, mut delivered, mut lost, mut restarts) = (None::<u16>, 0_u64, 0_u64, 0_u64);
    let mut sink = |ordered: Ordered<'_>| match ordered {
        Ordered::Packet(packet) => {
            assert!(next.is_none_or(|next| next == packet.sequence), "{next:?} was due, {} came", packet.sequence);
            next = Some(packet.sequence.wrapping_add(1));
            delivered += 1;
        }
        Ordered::Lost(count) => {
            assert!(count > 0 && next.is_some());
            next = next.map(|next| next.wrapping_add(u16::try_from(count).expect("a 16-bit distance")));
            lost += u64::from(count);
        }
        Ordered::Restarted => (next, restarts) = (None, restarts + 1),
    };
    let (mut now, mut sequence, mut unwrap) = (0_u64, 0_u16, Unwrap90k::default());
    for _ in 0..PACKETS {
        if input.is_empty() {
            break;
        }
        let act = input.byte();
        sequence = match act % 4 {
            0 => sequence.wrapping_add(1),
            1 => sequence.wrapping_sub(u16::from(act >> 2)),
            2 => sequence.wrapping_add(u16::from(act >> 2)),
            _ => input.u16(),
        };
        now += u64::from(input.byte());
        let ssrc = u32::from(act > 250);
        let _ = unwrap.unwrap(u32::from(sequence) << 16);
        let mut packet = vec![0x80, PAYLOAD_PS];
        packet.extend_from_slice(&sequence.to_be_bytes());
        packet.extend_from_slice(&0_u32.to_be_bytes());
        packet.extend_from_slice(&ssrc.to_be_bytes());
        packet.resize(12 + usize::from(act) * 16, 0);
        reorder.push(&packet, MonoMs(now), &mut sink).expect("RTP");
        assert!(reorder.deadline().is_none_or(|at| at > MonoMs(now)), "nothing is held too long");
    }
    reorder.flush(&mut sink);
    assert_eq!(reorder.deadline(), None);
    let counts = reorder.counts();
    assert_eq!((counts.delivered, counts.lost, counts.restarts), (delivered, lost, restarts));
}

/// Packets of ours in every framing, alone and in a row.
#[must_use]
pub fn seeds() -> Vec<Vec<u8>> {
    let (mut packets, mut packetiser) = (Vec::new(), Packetiser::new(PAYLOAD_PS, 7, 65_534).with_payload_bytes(40));
    packetiser.packetise(&[0x5a; 150], 90_000, &mut |packet| packets.push(packet.to_vec()));
    let (mut framed, mut interleaved) = (vec![0, 0], Vec::new());
    for packet in &packets {
        assert!(push_rfc4571(packet, &mut framed), "small");
        interleaved.extend_from_slice(b"$\0");
        assert!(push_rfc4571(packet, &mut interleaved), "small");
    }
    let private = [vec![1; 256], framed.clone()].concat();
    // One CSRC, an extension of a word, two bytes of padding.
    let rich = [0xb1, 0xe0, 0, 1, 0, 0, 0, 9, 0, 0, 0, 7, 0, 0, 0, 1, 0xbe, 0xde, 0, 1, 1, 2, 3, 4, 0x5a, 0x5a, 0, 2];
    vec![
        packets[0].clone(),
        rich.to_vec(),
        with_cuts(&[7, 60], &framed),
        with_cuts(&[], &interleaved),
        with_cuts(&[200], &private),
        vec![1, 3, 0xff, 0xf0, 1, 0, 1, 8, 1, 0, 4, 5, 200, 3, 0, 9, 1, 251, 1, 252, 1, 0, 250],
    ]
}
