//! A GB/T 28181 device written by hand for one purpose: it registers properly and then says what no device should say.
//!
//! UDP, one transaction after the other, no media. Only the digest is borrowed from the product.

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::time::Duration;
use wire::gb28181::digest::{Challenge, ClientAuth};

/// Longest wait for an answer; some of what it says gets none.
const ANSWER: Duration = Duration::from_secs(4);
const PLATFORM: &str = "23010000002000000001";

/// A registered device.
pub struct RudeDevice {
    socket: UdpSocket,
    id: String,
    count: u32,
}

impl RudeDevice {
    /// Registers with the right password; fails the test when the platform does not take it.
    #[track_caller]
    pub fn register(server: SocketAddr, id: &str, password: &str) -> Self {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        socket.connect(server).expect("loopback");
        socket.set_read_timeout(Some(ANSWER)).expect("a socket option");
        let mut device = Self { socket, id: id.to_owned(), count: 0 };
        let expires = "Expires: 3600\r\n";
        let challenged = device.ask("REGISTER", expires, b"").expect("an answer to REGISTER");
        let line = challenged.lines().find_map(|l| l.strip_prefix("WWW-Authenticate: ")).expect("a challenge");
        let challenge = Challenge::parse(line).expect("a challenge that can be read");
        let uri = format!("sip:{PLATFORM}@3010000000");
        let answer = ClientAuth::new(challenge, id, password).authorize("REGISTER", &uri, "0a4f113b");
        let taken = device.ask("REGISTER", &format!("{expires}Authorization: {answer}\r\n"), b"");
        let taken = taken.expect("an answer to REGISTER");
        assert!(taken.starts_with("SIP/2.0 200"), "{taken}");
        device
    }

    /// Sends a MESSAGE with this body as MANSCDP; answers the status line, `None` when nothing comes in time.
    pub fn message(&mut self, body: &[u8]) -> Option<String> {
        let answer = self.ask("MESSAGE", "Content-Type: Application/MANSCDP+xml\r\n", body)?;
        answer.lines().next().map(str::to_owned)
    }

    fn ask(&mut self, method: &str, headers: &str, body: &[u8]) -> Option<String> {
        self.count += 1;
        let (id, n) = (&self.id, self.count);
        let local = self.socket.local_addr().expect("bound");
        let head = format!(
            "{method} sip:{PLATFORM}@3010000000 SIP/2.0\r\nVia: SIP/2.0/UDP {local};rport;branch=z9hG4bKrude{n}\r\n\
             From: <sip:{id}@3010000000>;tag=rude\r\nTo: <sip:{id}@3010000000>\r\nCall-ID: rude-{local}\r\n\
             CSeq: {n} {method}\r\nContact: <sip:{id}@{local}>\r\nMax-Forwards: 70\r\n{headers}Content-Length: {}\r\n\r\n",
            body.len()
        );
        self.socket.send(&[head.as_bytes(), body].concat()).ok()?;
        let mut buffer = [0; 65_536];
        // What the platform asks meanwhile (INVITE, Catalog) is not an answer to this.
        for _ in 0..20 {
            let length = self.socket.recv(&mut buffer).ok()?;
            let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
            let ours = text.contains(&format!("CSeq: {n} {method}"));
            if text.starts_with("SIP/2.0 ") && ours && !text.starts_with("SIP/2.0 100") {
                return Some(text);
            }
        }
        None
    }
}
