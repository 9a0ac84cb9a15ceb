//! A browser's half of the protocol (str0m as client) against the server, over real loopback sockets.

use super::*;
use base::ErrorKind;
use bytes::Bytes;
use media::Frame;
use media::annexb::{Nals, push_length_prefixed};
use std::collections::VecDeque;
use str0m::change::SdpPendingOffer;
use str0m::ice::{StunMessage, TransId};
use str0m::media::{Direction, KeyframeRequestKind, MediaData, MediaKind, Mid};
use str0m::net::{Protocol, Receive};
use str0m::{Event, Input, Output};
use tokio::net::UdpSocket;

const WAIT: Duration = Duration::from_secs(60);
const PICTURE_90K: i64 = 3_600;

fn config(codec: Codec) -> VideoConfig {
    let vps = if codec == Codec::H265 { Bytes::from_static(&[0x40, 1, 9]) } else { Bytes::new() };
    let sps = Bytes::from_static(&[0x67, 0x42, 0xe0, 0x1f, 0x8c]);
    VideoConfig { codec, vps, sps, pps: Bytes::from_static(&[0x68, 0xce, 0x3c]), width_px: 640, height_px: 360 }
}

fn sound(codec: Codec) -> AudioConfig {
    AudioConfig { codec, rate_hz: 8_000, channels: 1, specific: Bytes::new() }
}

/// Picture `n` of a made-up camera: one NAL unit whose bytes tell `n`; every tenth is a key picture.
fn picture(n: i64, bytes: usize) -> Frame {
    let key = n % 10 == 0;
    let mut nal = vec![if key { 0x65 } else { 0x41 }];
    nal.extend([21, 14, 7, 0].map(|shift| 0x80 | (n >> shift & 0x7f) as u8));
    nal.extend((nal.len()..bytes).map(|i| (i % 250 + 1) as u8));
    let mut data = Vec::new();
    push_length_prefixed(&nal, &mut data);
    Frame { codec: Codec::H264, pts_90k: n * PICTURE_90K, key, data: data.into() }
}

/// Number of a received picture, and whether the parameter sets came before it.
fn number(received: &[u8]) -> Option<(i64, bool)> {
    let nals: Vec<&[u8]> = Nals::new(received).map(|at| &received[at]).collect();
    let last = nals.last()?;
    let n = last.get(1..5)?.iter().fold(0, |n, b| (n << 7) | i64::from(b & 0x7f));
    Some((n, nals.len() == 3 && nals[0] == config(Codec::H264).sps && nals[1] == config(Codec::H264).pps))
}

struct Browser {
    rtc: Rtc,
    socket: UdpSocket,
    mids: [Mid; 2],
    pending: Option<SdpPendingOffer>,
    got: VecDeque<MediaData>,
    connected: bool,
    closed: bool,
}

impl Browser {
    async fn new(build: impl FnOnce(RtcConfig) -> RtcConfig) -> (Self, String) {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let config = build(RtcConfig::new().enable_pcma(true, false).enable_pcmu(true, false));
        let crypto = Arc::new(str0m::crypto::from_feature_flags());
        let mut rtc = config.set_crypto_provider(crypto).build(Instant::now());
        rtc.add_local_candidate(Candidate::host(socket.local_addr().unwrap(), "udp").unwrap());
        let mut api = rtc.sdp_api();
        let video = api.add_media(MediaKind::Video, Direction::RecvOnly, None, None, None);
        let audio = api.add_media(MediaKind::Audio, Direction::RecvOnly, None, None, None);
        let (offer, pending) = api.apply().unwrap();
        let (mids, pending) = ([video, audio], Some(pending));
        (
            Self { rtc, socket, mids, pending, got: VecDeque::new(), connected: false, closed: false },
            offer.to_sdp_string(),
        )
    }

    async fn watch(server: &LiveServer, hub: &LiveHub) -> (Self, Answer) {
        let (mut browser, offer) = Self::new(|config| config).await;
        let answer = server.offer(hub, true, &offer, None, None).unwrap();
        browser.accept(&answer);
        (browser, answer)
    }

    fn accept(&mut self, answer: &Answer) {
        let parsed = SdpAnswer::from_sdp_string(&answer.sdp).unwrap();
        self.rtc.sdp_api().accept_answer(self.pending.take().unwrap(), parsed).unwrap();
    }

    /// One step: sends what is due, then takes one datagram or waits a little.
    async fn step(&mut self) {
        let due = loop {
            match self.rtc.poll_output().unwrap() {
                Output::Timeout(due) => break due,
                Output::Transmit(t) => _ = self.socket.send_to(&t.contents, t.destination).await.unwrap(),
                Output::Event(Event::Connected) => self.connected = true,
                Output::Event(Event::Closed) => self.closed = true,
                Output::Event(Event::MediaData(data)) => self.got.push_back(data),
                Output::Event(_) => {}
            }
        };
        if !self.rtc.is_alive() {
            self.closed = true;
            tokio::time::sleep(Duration::from_millis(5)).await;
            return;
        }
        let mut buffer = vec![0; 2_000];
        let due = due.min(Instant::now() + Duration::from_millis(20));
        match tokio::time::timeout_at(due.into(), self.socket.recv_from(&mut buffer)).await {
            Ok(Ok((n, source))) => {
                let destination = self.socket.local_addr().unwrap();
                let receive = Receive::new(Protocol::Udp, source, destination, &buffer[..n]).unwrap();
                self.rtc.handle_input(Input::Receive(Instant::now(), receive)).unwrap();
            }
            _ => self.rtc.handle_input(Input::Timeout(Instant::now())).unwrap(),
        }
    }

    async fn until(&mut self, what: &str, mut done: impl FnMut(&mut Self) -> bool) {
        let end = Instant::now() + WAIT;
        while !done(self) {
            assert!(Instant::now() < end, "{what}: not in time");
            self.step().await;
        }
    }

    async fn connect(&mut self) {
        self.until("connected", |b| b.connected).await;
    }

    /// Pictures received so far, by number.
    fn pictures(&mut self) -> Vec<(i64, bool)> {
        let video = self.mids[0];
        self.got.iter().filter(|data| data.mid == video).filter_map(|data| number(&data.data)).collect()
    }
}

async fn server() -> LiveServer {
    LiveServer::bind("127.0.0.1:0".parse().unwrap(), None, SiteClock::start()).await.unwrap()
}

fn hub(with: Codec) -> LiveHub {
    let hub = LiveHub::default();
    hub.video(&config(Codec::H264));
    hub.audio(&sound(with));
    hub
}

#[tokio::test]
async fn a_viewer_sees_the_gop_so_far_and_then_each_picture_whole() {
    let (server, hub) = (server().await, hub(Codec::G711A));
    // 0 and 10 are key pictures; the kept GOP begins at 10. Some pictures need many packets.
    let size = |n: i64| [40, 1_140, 1_141, 20_000][usize::try_from(n % 4).unwrap()];
    (0..15).for_each(|n| hub.frame(&picture(n, size(n))));
    let (mut browser, answer) = Browser::watch(&server, &hub).await;
    assert!(answer.notes.is_empty(), "{:?}", answer.notes);
    browser.until("the kept GOP", |b| b.pictures().len() >= 5).await;
    for n in 15..32 {
        hub.frame(&picture(n, size(n)));
        browser.step().await;
    }
    browser.until("the live pictures", |b| b.pictures().len() >= 22).await;
    let want: Vec<_> = (10..32).map(|n| (n, n % 10 == 0)).collect();
    assert_eq!(browser.pictures(), want);
    for (data, n) in browser.got.iter().zip(10..) {
        assert_eq!(data.data.len(), picture(n, size(n)).data.len() + if n % 10 == 0 { 4 + 5 + 4 + 3 } else { 0 });
    }
    // Of the past close together, of the present as the camera made them.
    let at: Vec<_> = browser.got.iter().map(|data| data.time.numer()).collect();
    assert!(at.windows(2).take(4).all(|w| w[1] - w[0] == 90), "{at:?}");
    assert!(at.windows(2).skip(4).all(|w| w[1] - w[0] == 3_600), "{at:?}");
    assert_eq!(hub.viewers(), 1);
    server.stop().await;
}

#[tokio::test]
async fn sound_comes_as_the_camera_made_it() {
    for codec in [Codec::G711A, Codec::G711U] {
        let (server, hub) = (server().await, hub(codec));
        let (mut browser, answer) = Browser::watch(&server, &hub).await;
        assert!(answer.notes.is_empty());
        browser.connect().await;
        // The server joins the hub when it has seen the end of the handshake, a moment after the browser.
        browser.until("a listener", |_| hub.viewers() == 1).await;
        let run = |n: u8| (0..320_u16).map(|i| (i as u8).wrapping_mul(n)).collect::<Vec<u8>>();
        for n in 0..20_u8 {
            hub.frame(&Frame { codec, pts_90k: i64::from(n) * 3_600, key: true, data: run(n).into() });
            browser.step().await;
        }
        browser.until("sound", |b| b.got.len() >= 20).await;
        let want = if codec == Codec::G711A { RtpCodec::PCMA } else { RtpCodec::PCMU };
        for (data, n) in browser.got.iter().zip(0..) {
            assert_eq!((data.mid, data.params.spec().codec), (browser.mids[1], want));
            assert_eq!(*data.data, *run(n));
        }
        let at: Vec<_> = browser.got.iter().map(|data| data.time.numer()).collect();
        assert!(at.windows(2).all(|w| w[1] - w[0] == 320), "{at:?}");
        server.stop().await;
    }
}

#[tokio::test]
async fn sound_that_browsers_cannot_play_is_left_out_in_words() {
    let (server, hub) = (server().await, hub(Codec::Aac));
    hub.frame(&picture(0, 100));
    let (mut browser, answer) = Browser::watch(&server, &hub).await;
    assert!(answer.notes[0].en.contains("AAC"), "{:?}", answer.notes);
    browser.until("pictures all the same", |b| b.pictures().len() == 1).await;
    // A camera that may not be heard: no note, no sound.
    let (mut deaf, offer) = Browser::new(|config| config).await;
    let silent = self::hub(Codec::G711A);
    silent.frame(&picture(0, 100));
    let answer = server.offer(&silent, false, &offer, None, None).unwrap();
    assert!(answer.notes.is_empty());
    deaf.accept(&answer);
    deaf.until("pictures", |b| b.pictures().len() == 1).await;
    silent.frame(&Frame { codec: Codec::G711A, pts_90k: 0, key: true, data: vec![1; 320].into() });
    silent.frame(&picture(1, 100));
    deaf.until("the next picture", |b| b.pictures().len() == 2).await;
    assert_eq!(deaf.got.len(), 2);
    server.stop().await;
}

#[tokio::test]
async fn refusals_say_why() {
    let (server, empty) = (server().await, LiveHub::default());
    let (_browser, offer) = Browser::new(|config| config).await;
    let code = |hub: &LiveHub, sdp: &str| server.offer(hub, true, sdp, None, None).unwrap_err().code;
    assert_eq!(code(&empty, &offer), "no_picture");
    let hub = hub(Codec::G711A);
    assert_eq!(code(&hub, &" ".repeat(offer::OFFER_BYTES + 1)), "bad_offer");
    for bad in ["", "v=0", &offer.replace("a=fingerprint", "a=f"), &offer.replace("recvonly", "sendonly")] {
        assert_eq!(code(&hub, bad), "bad_offer", "{bad}");
    }
    let h265 = LiveHub::default();
    h265.video(&config(Codec::H265));
    let (_browser, without) = Browser::new(|config| config.clear_codecs().enable_h264(true)).await;
    let refusal = server.offer(&h265, true, &without, None, None).unwrap_err();
    assert_eq!((refusal.code.as_str(), refusal.kind), ("h265_live", ErrorKind::Conflict));
    let (_browser, without) = Browser::new(|config| config.clear_codecs().enable_vp8(true)).await;
    assert_eq!(code(&hub, &without), "h264_live");
    assert_eq!(server.sessions(), 0);
    server.stop().await;
}

#[tokio::test]
async fn h265_goes_to_a_browser_that_plays_it() {
    let server = server().await;
    let hub = LiveHub::default();
    hub.video(&config(Codec::H265));
    let nal = [vec![0x26, 1], (0..5_000_u32).map(|i| (i % 250 + 1) as u8).collect()].concat();
    let mut data = Vec::new();
    push_length_prefixed(&nal, &mut data);
    hub.frame(&Frame { codec: Codec::H265, pts_90k: 0, key: true, data: data.into() });
    let (mut browser, offer) = Browser::new(|config| config.clear_codecs().enable_h265(true)).await;
    browser.accept(&server.offer(&hub, true, &offer, None, None).unwrap());
    browser.until("a picture", |b| !b.got.is_empty()).await;
    let nals: Vec<_> = Nals::new(&browser.got[0].data).map(|at| browser.got[0].data[at].to_vec()).collect();
    let config = config(Codec::H265);
    assert_eq!(nals, [config.vps.to_vec(), config.sps.to_vec(), config.pps.to_vec(), nal]);
    // The camera changes to H.264, which was not agreed: the session ends, the page connects anew.
    hub.video(&self::config(Codec::H264));
    browser.until("the end", |b| b.closed && server.sessions() == 0).await;
    server.stop().await;
}

#[tokio::test]
async fn one_viewer_too_many_is_refused_and_a_place_is_free_again() {
    let (server, hub) = (server().await, hub(Codec::G711A));
    let (_browser, offer) = Browser::new(|config| config).await;
    let answers: Vec<_> = (0..VIEWERS).map(|_| server.offer(&hub, true, &offer, None, None).unwrap()).collect();
    assert_eq!(server.sessions(), VIEWERS);
    let refusal = server.offer(&hub, true, &offer, None, None).unwrap_err();
    assert_eq!((refusal.code.as_str(), refusal.kind), ("live_viewers", ErrorKind::TooMany));
    assert!(server.close(answers[0].id));
    while server.sessions() == VIEWERS {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(!server.close(answers[0].id));
    server.offer(&hub, true, &offer, None, None).unwrap();
    server.stop().await;
    assert_eq!(server.sessions(), 0);
    assert!(server.offer(&hub, true, &offer, None, None).is_err());
}

#[tokio::test]
async fn a_viewer_that_lags_goes_on_at_the_next_key_picture() {
    let (server, hub) = (server().await, hub(Codec::G711A));
    hub.frame(&picture(0, 100));
    let (mut browser, _) = Browser::watch(&server, &hub).await;
    browser.until("the first picture", |b| b.pictures().len() == 1).await;
    // More than the hub holds, without giving the session (same thread) a chance to take any.
    (1..=400).for_each(|n| hub.frame(&picture(n, 100)));
    browser.until("what the hub still had", |b| b.pictures().last() == Some(&(400, true))).await;
    let pictures = browser.pictures();
    let (second, key) = pictures[1];
    assert!(key && second > 100, "{second}");
    assert_eq!(pictures[1..], (second..=400).map(|n| (n, n % 10 == 0)).collect::<Vec<_>>());
    assert!(server.counts().frames_missed > 0);
    server.stop().await;
}

#[tokio::test]
async fn garbage_is_ignored_and_counted() {
    let (server, hub) = (server().await, hub(Codec::G711A));
    let (mut browser, _) = Browser::watch(&server, &hub).await;
    browser.connect().await;
    browser.until("a listener", |_| hub.viewers() == 1).await;
    let stranger = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let stun = [&[0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42][..], &[7; 12]].concat();
    let garbage: [&[u8]; 7] = [&[1], &[0; 20], &stun, &[22, 254, 253, 1], &[0x80; 40], &[0xff; 1_400], &[0x80; 9_000]];
    let before = server.counts().datagrams_ignored;
    for data in garbage {
        stranger.send_to(data, server.address()).await.unwrap();
        // From the viewer's own address too: its session throws it away.
        browser.socket.send_to(data, server.address()).await.unwrap();
    }
    browser.until("counted", |_| server.counts().datagrams_ignored >= before + 7).await;
    hub.frame(&picture(0, 5_000));
    browser.until("a picture all the same", |b| b.pictures().len() == 1).await;
    server.stop().await;
}

#[tokio::test]
async fn two_viewers_on_one_port_get_their_own_camera() {
    let server = server().await;
    let hubs = [hub(Codec::G711A), hub(Codec::G711A)];
    hubs[0].frame(&picture(0, 3_000));
    hubs[1].frame(&picture(10, 3_000));
    let (mut a, _) = Browser::watch(&server, &hubs[0]).await;
    let (mut b, _) = Browser::watch(&server, &hubs[1]).await;
    let (one, two) = (a.until("a", |a| a.pictures().len() == 1), b.until("b", |b| b.pictures().len() == 1));
    tokio::join!(one, two);
    assert_eq!((a.pictures(), b.pictures()), (vec![(0, true)], vec![(10, true)]));
    assert_eq!(server.sessions(), 2);
    server.stop().await;
}

#[tokio::test]
async fn closing_ends_it_and_the_browser_is_told() {
    let (server, hub) = (server().await, hub(Codec::G711A));
    let (mut browser, answer) = Browser::watch(&server, &hub).await;
    browser.connect().await;
    browser.until("a listener", |_| hub.viewers() == 1).await;
    assert_eq!(SessionToken::parse(&answer.id.to_string()), Some(answer.id));
    assert!(server.close(answer.id));
    browser.until("the end", |b| b.closed).await;
    assert_eq!((server.sessions(), hub.viewers()), (0, 0));
    server.stop().await;
}

#[tokio::test]
async fn a_session_ends_with_the_right_to_watch() {
    let (server, hub) = (server().await, hub(Codec::G711A));
    let (mut browser, offer) = Browser::new(|config| config).await;
    // Long enough for a handshake on a busy machine.
    let until = crate::clock::mono().plus_ms(6_000);
    browser.accept(&server.offer(&hub, true, &offer, None, Some(until)).unwrap());
    browser.connect().await;
    browser.until("the end", |b| b.closed && server.sessions() == 0).await;
    assert!(crate::clock::mono() >= until);
    server.stop().await;
}

#[tokio::test]
async fn a_session_whose_camera_is_silent_ends() {
    let limits = Limits { viewers: 1, connect: WAIT, silence: WAIT, starved: Duration::from_secs(2) };
    let any = "127.0.0.1:0".parse().unwrap();
    let (server, hub) = (LiveServer::bind_with(any, None, SiteClock::start(), limits).unwrap(), hub(Codec::G711A));
    let (mut browser, _) = Browser::watch(&server, &hub).await;
    browser.connect().await;
    browser.until("a listener", |_| hub.viewers() == 1).await;
    let begin = Instant::now();
    for n in 0..8 {
        hub.frame(&picture(n, 100));
        browser.until("a picture", |b| b.pictures().len() > usize::try_from(n).unwrap()).await;
        let pause = Instant::now() + Duration::from_millis(300);
        browser.until("a pause", |_| Instant::now() >= pause).await;
    }
    assert!(begin.elapsed() > limits.starved && !browser.closed);
    browser.until("the end", |b| b.closed && server.sessions() == 0).await;
    server.stop().await;
}

#[tokio::test]
async fn a_stranger_who_knows_the_name_but_not_the_password_is_nobody() {
    let (server, hub) = (server().await, hub(Codec::G711A));
    let (mut browser, answer) = Browser::watch(&server, &hub).await;
    browser.connect().await;
    browser.until("a listener", |_| hub.viewers() == 1).await;
    let ufrag = answer.sdp.lines().find_map(|line| line.strip_prefix("a=ice-ufrag:")).unwrap();
    let name = format!("{ufrag}:abcd");
    let request = StunMessage::binding_request(&name, TransId::new(), true, 1, 1, true);
    let mut bytes = vec![0; 200];
    let n = request.to_bytes(Some(b"guess"), &mut bytes, |_, _| [7; 20]).unwrap();
    let stranger = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let before = server.counts().datagrams_ignored;
    stranger.send_to(&bytes[..n], server.address()).await.unwrap();
    browser.until("counted", |_| server.counts().datagrams_ignored == before + 1).await;
    hub.frame(&picture(0, 5_000));
    browser.until("a picture, to the browser", |b| b.pictures().len() == 1).await;
    assert!(stranger.try_recv(&mut [0; 100]).is_err());
    server.stop().await;
}

#[tokio::test]
async fn a_lost_key_picture_is_shown_again_from_what_is_kept() {
    let (server, hub) = (server().await, hub(Codec::G711A));
    (0..3).for_each(|n| hub.frame(&picture(n, 2_000)));
    let (mut browser, _) = Browser::watch(&server, &hub).await;
    browser.until("the kept GOP", |b| b.pictures().len() == 3).await;
    let mut asked = Instant::now();
    let video = browser.mids[0];
    // Asked again and again, as browsers do; too soon is not answered.
    browser
        .until("the kept GOP again", |b| {
            if asked.elapsed() > Duration::from_millis(300) {
                asked = Instant::now();
                b.rtc.writer(video).unwrap().request_keyframe(None, KeyframeRequestKind::Pli).unwrap();
            }
            b.pictures().len() == 6
        })
        .await;
    let want: Vec<_> = [0, 1, 2, 0, 1, 2].map(|n| (n, n == 0)).into();
    assert_eq!(browser.pictures(), want);
    let at: Vec<_> = browser.got.iter().map(|data| data.time.numer()).collect();
    assert!(at.windows(2).all(|w| w[1] > w[0]), "{at:?}");
    server.stop().await;
}

#[tokio::test]
async fn sessions_that_never_connect_or_fall_silent_end() {
    // Long enough for a handshake on a busy machine.
    let short = Duration::from_secs(4);
    let limits = Limits { viewers: 2, connect: short, silence: short, starved: WAIT };
    let any = "127.0.0.1:0".parse().unwrap();
    let (server, hub) = (LiveServer::bind_with(any, None, SiteClock::start(), limits).unwrap(), hub(Codec::G711A));
    let (_browser, offer) = Browser::new(|config| config).await;
    server.offer(&hub, true, &offer, None, None).unwrap();
    let (mut browser, _) = Browser::watch(&server, &hub).await;
    browser.connect().await;
    browser.until("a listener", |_| hub.viewers() == 1).await;
    // From here on the browser says nothing.
    let begin = Instant::now();
    while server.sessions() > 0 {
        assert!(begin.elapsed() < WAIT);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!((server.counts().ice_failures, hub.viewers()), (1, 0));
    server.stop().await;
}

#[test]
fn session_names_are_read_strictly_and_not_logged() {
    let token = SessionToken([0xab; 16]);
    assert_eq!(SessionToken::parse(&token.to_string()), Some(token));
    for bad in ["", "ab", &"g".repeat(32), &"ab".repeat(17), &"+1".repeat(16)] {
        assert_eq!(SessionToken::parse(bad), None);
    }
    assert!(!format!("{token:?}").contains(&token.to_string()));
}

#[test]
fn all_tracks_of_an_answer_are_in_one_stream() {
    let answer = "v=0\r\na=msid-semantic: WMS aaa bbb\r\nm=video 9\r\na=msid:aaa t1\r\na=ssrc:1 msid:aaa t1\r\na=ssrc:1 cname:x\r\n\
        m=audio 9\r\na=msid:bbb t2\r\na=ssrc:2 msid:bbb t2\r\n";
    let want = answer.replace("aaa bbb", "aaa").replace("bbb", "aaa");
    assert_eq!(one_stream(answer), want);
    assert_eq!(one_stream("v=0\r\n"), "v=0\r\n");
}

#[test]
fn batches_hold_one_size_and_one_way() {
    let (here, there) = ("127.0.0.1:1".parse().unwrap(), "127.0.0.1:2".parse().unwrap());
    let mut batch = net::Batch::default();
    assert!(!batch.is_full_for(&[0; 9], here, None, 1));
    batch.push(&[0; 9], here, None);
    assert!(!batch.is_full_for(&[0; 9], here, None, 2));
    assert!(batch.is_full_for(&[0; 9], here, None, 1));
    assert!(batch.is_full_for(&[0; 10], here, None, 64));
    assert!(batch.is_full_for(&[0; 9], there, None, 64));
    batch.push(&[0; 5], here, None);
    assert!(batch.is_full_for(&[0; 5], here, None, 64));
}
