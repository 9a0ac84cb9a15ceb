//! The server against a raw socket client on loopback: every method, both transports, digest, timeout, and bad input.

use super::*;
use crate::scene::Size;
use media::rtp::Packet;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::sync::oneshot;

struct Client {
    stream: TcpStream,
    buffer: Vec<u8>,
    cseq: u32,
    address: SocketAddr,
}

impl Client {
    async fn new(address: SocketAddr) -> Self {
        Self { stream: TcpStream::connect(address).await.unwrap(), buffer: Vec::new(), cseq: 0, address }
    }

    async fn more(&mut self) -> bool {
        let read = tokio::time::timeout(Duration::from_secs(60), self.stream.read_buf(&mut self.buffer)).await;
        read.expect("the server says nothing").unwrap_or(0) > 0
    }

    /// Next interleaved frame before any response: channel and packet.
    async fn frame(&mut self) -> (u8, Vec<u8>) {
        loop {
            if self.buffer.len() >= 4 {
                assert_eq!(self.buffer[0], b'$', "{:?}", String::from_utf8_lossy(&self.buffer));
                let end = 4 + usize::from(u16::from_be_bytes([self.buffer[2], self.buffer[3]]));
                if self.buffer.len() >= end {
                    let frame: Vec<u8> = self.buffer.drain(..end).collect();
                    return (frame[1], frame[4..].to_vec());
                }
            }
            assert!(self.more().await, "closed");
        }
    }

    /// Sends a request; gives status and the whole response text. Media frames before it are skipped.
    async fn ask(&mut self, method: &str, path: &str, headers: &str) -> (u16, String) {
        self.cseq += 1;
        let text = format!("{method} rtsp://{}/{path} RTSP/1.0\r\nCSeq: {}\r\n{headers}\r\n", self.address, self.cseq);
        self.stream.write_all(text.as_bytes()).await.unwrap();
        loop {
            while self.buffer.first() == Some(&b'$') {
                self.frame().await;
            }
            if let Some(end) = self.buffer.windows(4).position(|w| w == b"\r\n\r\n") {
                let head = String::from_utf8(self.buffer[..end + 4].to_vec()).unwrap();
                let body = head
                    .lines()
                    .find_map(|l| l.strip_prefix("Content-Length: "))
                    .map_or(0, |l| l.parse::<usize>().unwrap());
                while self.buffer.len() < end + 4 + body {
                    assert!(self.more().await);
                }
                let whole: Vec<u8> = self.buffer.drain(..end + 4 + body).collect();
                assert!(head.contains(&format!("CSeq: {}\r\n", self.cseq)), "{head}");
                return (head[9..12].parse().unwrap(), String::from_utf8(whole).unwrap());
            }
            assert!(self.more().await, "closed");
        }
    }
}

fn camera() -> CameraOptions {
    CameraOptions { fps: 25, size: Size::Tiny, ..CameraOptions::default() }
}

async fn server(change: impl FnOnce(&mut RtspOptions)) -> (SocketAddr, oneshot::Sender<()>) {
    let mut options = RtspOptions::new("127.0.0.1:0".parse().unwrap(), "/live/", camera());
    change(&mut options);
    let server = RtspServer::bind(options).await.unwrap();
    let address = server.address().unwrap();
    let (stop, stopped) = oneshot::channel();
    tokio::spawn(server.run(async { drop(stopped.await) }));
    (address, stop)
}

fn value<'a>(response: &'a str, name: &str) -> &'a str {
    let line = response.lines().find_map(|l| l.strip_prefix(name)).unwrap_or_else(|| panic!("no {name} in {response}"));
    line.trim_start_matches(':').trim()
}

#[tokio::test]
async fn a_whole_session_over_tcp() {
    let (address, stop) = server(|_| {}).await;
    let mut client = Client::new(address).await;
    let (status, text) = client.ask("OPTIONS", "live", "").await;
    assert!(status == 200 && text.contains("GET_PARAMETER"));
    let (status, sdp) = client.ask("DESCRIBE", "live", "Accept: application/sdp\r\n").await;
    assert_eq!(status, 200);
    for part in [
        "Content-Base: rtsp://",
        "H264/90000",
        "packetization-mode=1;profile-level-id=42",
        "sprop-parameter-sets=Z0",
        "PCMA/8000",
        "track2",
    ] {
        assert!(sdp.contains(part), "no {part} in {sdp}");
    }
    assert_eq!(client.ask("PLAY", "live", "").await.0, 455);
    let (status, text) = client.ask("SETUP", "live/track1", "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n").await;
    assert_eq!((status, value(&text, "Session").ends_with(";timeout=60")), (200, true));
    let session = format!("Session: {}\r\n", value(&text, "Session").split(';').next().unwrap());
    let (status, _) = client
        .ask("SETUP", "live/track2", &format!("Transport: RTP/AVP/TCP;unicast;interleaved=2-3\r\n{session}"))
        .await;
    assert_eq!(status, 200);
    let (status, text) = client.ask("PLAY", "live", &session).await;
    assert_eq!((status, value(&text, "RTP-Info").matches("rtptime=").count()), (200, 2));
    let mut counts = [0; 4];
    let mut first_picture = None;
    while counts[0] < 12 || counts[2] < 5 {
        let (channel, packet) = client.frame().await;
        counts[usize::from(channel)] += 1;
        if channel % 2 == 0 {
            let packet = Packet::parse(&packet).unwrap();
            assert_eq!(packet.payload_type, if channel == 0 { 96 } else { 8 });
            first_picture = first_picture.or((channel == 0).then(|| packet.payload[0] & 0x1f));
        } else {
            assert_eq!(packet[1], 200, "a sender report");
        }
    }
    assert_eq!(first_picture, Some(7), "the first packet is the SPS");
    assert!(counts[1] >= 1 && counts[3] >= 1, "{counts:?}");
    assert_eq!(client.ask("GET_PARAMETER", "live", &session).await.0, 200);
    assert_eq!(client.ask("PLAY", "live", "Session: 12345\r\n").await.0, 454);
    assert_eq!(client.ask("PAUSE", "live", &session).await.0, 200);
    assert_eq!(client.ask("TEARDOWN", "live", &session).await.0, 200);
    assert!(!client.more().await, "the connection is closed after TEARDOWN");
    drop(stop);
}

#[tokio::test]
async fn media_come_as_datagrams_with_losses_if_asked() {
    for (loss_percent, some) in [(0.0, true), (100.0, false)] {
        let (address, _stop) = server(|o| o.loss_percent = loss_percent).await;
        let media = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let control = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let ports = format!("{}-{}", media.local_addr().unwrap().port(), control.local_addr().unwrap().port());
        let mut client = Client::new(address).await;
        let (status, text) =
            client.ask("SETUP", "live/track1", &format!("Transport: RTP/AVP;unicast;client_port={ports}\r\n")).await;
        assert_eq!(status, 200);
        let port: u16 = text.split("server_port=").nth(1).unwrap().split('-').next().unwrap().parse().unwrap();
        assert_eq!(port % 2, 0);
        assert_eq!(client.ask("PLAY", "live", "").await.0, 200);
        let mut buffer = [0; 2048];
        let (length, from) = control.recv_from(&mut buffer).await.unwrap();
        assert_eq!((from.port(), buffer[1], length), (port + 1, 200, 52));
        // What must come is waited for, what must not only for a moment.
        let wait = if some { Duration::from_secs(60) } else { Duration::from_millis(800) };
        let got = tokio::time::timeout(wait, media.recv_from(&mut buffer)).await;
        assert_eq!(got.is_ok(), some);
        if let Ok(Ok((length, from))) = got {
            assert_eq!(
                (from.port(), Packet::parse(&buffer[..length]).unwrap().sequence),
                (port, u16::from_be_bytes([buffer[2], buffer[3]]))
            );
        }
    }
}

#[tokio::test]
async fn only_who_knows_the_password_sees_anything() {
    let (address, _stop) = server(|o| o.login = Some(Login { user: "admin".into(), password: "secret".into() })).await;
    let mut client = Client::new(address).await;
    assert_eq!(client.ask("OPTIONS", "live", "").await.0, 200);
    let (status, text) = client.ask("DESCRIBE", "live", "").await;
    assert_eq!(status, 401);
    let nonce = text.split("nonce=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    for (password, want) in [("wrong", 401), ("secret", 200)] {
        let uri = format!("rtsp://{address}/live");
        let secret = auth::md5(&format!("admin:{}:{password}", auth::REALM));
        let response = auth::md5(&format!("{secret}:{nonce}:{}", auth::md5(&format!("DESCRIBE:{uri}"))));
        let header = format!(
            "Authorization: Digest username=\"admin\", realm=\"{}\", nonce=\"{nonce}\", uri=\"{uri}\", response=\"{response}\"\r\n",
            auth::REALM
        );
        assert_eq!(client.ask("DESCRIBE", "live", &header).await.0, want);
    }
    for method in ["SETUP", "PLAY", "GET_PARAMETER", "TEARDOWN", "PAUSE", "NONSENSE"] {
        assert_eq!(client.ask(method, "live", "").await.0, 401, "{method}");
    }
}

#[tokio::test]
async fn what_cannot_be_is_refused_and_silence_ends_the_session() {
    let (address, _stop) = server(|o| {
        o.session_timeout_s = 4;
        o.mounts.push(Mount { path: "second".into(), camera: CameraOptions { sound: false, ..camera() } });
    })
    .await;
    let mut client = Client::new(address).await;
    let began = std::time::Instant::now();
    for (method, path, headers, want) in [
        ("DESCRIBE", "nowhere", "", 404),
        ("DESCRIBE", "livelier", "", 404),
        ("SETUP", "live/track9", "Transport: RTP/AVP/TCP\r\n", 404),
        ("SETUP", "second/track2", "Transport: RTP/AVP/TCP\r\n", 404),
        ("SETUP", "live", "Transport: RTP/AVP/TCP\r\n", 459),
        ("SETUP", "live/track1", "Transport: RTP/AVP;multicast\r\n", 461),
        ("SETUP", "live/track1", "", 461),
        ("RECORD", "live", "", 405),
        ("DESCRIBE", "live", "Require: com.example\r\n", 551),
        ("SETUP", "live/track1", "Transport: RTP/AVP/TCP\r\n", 200),
        ("SETUP", "second/track1", "Transport: RTP/AVP/TCP\r\n", 455),
    ] {
        assert_eq!(client.ask(method, path, headers).await.0, want, "{method} {path} {headers}");
    }
    while client.more().await {}
    assert!(began.elapsed() > Duration::from_millis(3_500), "not before its time: {:?}", began.elapsed());
    let mut rude = Client::new(address).await;
    rude.stream.write_all(b"\x16\x03\x01 this is no RTSP\r\n\r\n").await.unwrap();
    assert!(!rude.more().await, "noise is answered by closing");
    assert_eq!(Client::new(address).await.ask("OPTIONS", "live", "").await.0, 200, "others are served on");
}
