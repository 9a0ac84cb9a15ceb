//! SDP: what devices answer to an invitation, and what we offer and answer ourselves.

use crate::input::Input;
use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use wire::gb28181::GbId;
use wire::gb28181::sdp::{MAX_LINES, MediaTransport, PlayAnswer, PlayOffer, Session, Ssrc, SsrcPool};

/// Most SSRCs of one kind (`y=` leaves four digits for them).
const SERIALS: usize = 10_000;

/// See the file's head.
pub fn check(data: &[u8]) {
    if let Ok(session) = Session::parse(data) {
        assert!((1..=MAX_LINES).contains(&session.media.len()));
        for media in &session.media {
            assert!(media.payload_types.len() <= 32 && media.rtpmaps.len() <= MAX_LINES);
        }
        assert!(session.media_address().is_none_or(|address| address.port() != 0));
        let _ = (session.transport(), session.private_encoding());
    }
    own_text_holds(Input(data));
    pool_holds(Input(data));
}

fn own_text_holds(mut input: Input<'_>) {
    let transport =
        [MediaTransport::Udp, MediaTransport::TcpPassive, MediaTransport::TcpActive][usize::from(input.byte()) % 3];
    let digits: String = input.take(20).iter().map(|b| char::from(b'0' + b % 10)).collect();
    let Some(id) = GbId::parse(&digits) else { return };
    let ip = match input.byte() % 2 {
        0 => IpAddr::from(input.u32().to_be_bytes()),
        _ => IpAddr::from(Ipv6Addr::from(u128::from(input.u32()) << 96 | u128::from(input.u32()))),
    };
    let media = SocketAddr::new(ip, input.u16().max(1));
    let ssrc = Ssrc(input.u32());
    let offer = PlayOffer { platform: id, media, transport, ssrc }.to_sdp();
    let read = Session::parse(offer.as_bytes()).expect("own offer");
    assert_eq!((read.transport(), read.ssrc, read.owner.as_str()), (transport, Some(ssrc), id.as_str()));
    let port = if transport == MediaTransport::TcpActive { 9 } else { media.port() };
    assert_eq!(read.media_address(), Some(SocketAddr::new(ip, port)));
    let answer = PlayAnswer { channel: id, media, transport, ssrc: Some(ssrc) }.to_sdp();
    let read = Session::parse(answer.as_bytes()).expect("own answer");
    assert_eq!((read.media_address(), read.ssrc), (Some(media), Some(ssrc)));
}

/// SSRCs of streams at once are never equal, whatever is asked for and given back.
fn pool_holds(mut input: Input<'_>) {
    let platform = GbId::parse("34020000002000000001").expect("twenty digits");
    let mut pool = SsrcPool::new(&platform, input.u16());
    let mut used: BTreeSet<Ssrc> = BTreeSet::new();
    while !input.is_empty() && used.len() < SERIALS {
        let act = input.byte();
        if act < 200 {
            let ssrc = pool.allocate(act % 2 == 1).expect("some are free");
            assert!(used.insert(ssrc), "given out twice");
            assert_eq!(Ssrc::parse(&ssrc.to_string()), Some(ssrc));
        } else if let Some(ssrc) = used.pop_first() {
            pool.release(ssrc);
        }
    }
}

/// Offers and answers of ours, and a sloppy answer of the field.
#[must_use]
pub fn seeds() -> Vec<Vec<u8>> {
    let id = GbId::parse("34020000002000000001").expect("twenty digits");
    let media = SocketAddr::from(([192, 0, 2, 1], 10_000));
    let mut seeds = Vec::new();
    for transport in [MediaTransport::Udp, MediaTransport::TcpPassive, MediaTransport::TcpActive] {
        seeds.push(PlayOffer { platform: id, media, transport, ssrc: Ssrc(200_000_007) }.to_sdp().into_bytes());
        seeds.push(PlayAnswer { channel: id, media, transport, ssrc: Some(Ssrc(7)) }.to_sdp().into_bytes());
    }
    let sloppy = "v=0\no=3402 0 0 IN IP4 10.0.0.5\ns = Play\nt=0 0\nm=video 15060 TCP/RTP/AVP 96\nc=IN IP6 2001:db8::6/127\n\
        a=SETUP:Active\na=rtpmap:96 HIKVISION\na=rtpmap:bad\ny=0000000000 extra\nf=v/2/5/25/1/4000a///\njunk";
    seeds.push(sloppy.as_bytes().to_vec());
    seeds
}
