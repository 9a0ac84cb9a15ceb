//! GB/T 28181 signalling on one node: registrations (challenge and answer) and keepalives a second over real sockets, with p99.
//! Floor: datagrams of the same size echoed by a thread of this process.
//!
//! Flow: a site in this process with so many cameras in its database; one thread plays all devices from one socket, a fixed number
//! of requests under way at a time. What the site asks of its devices meanwhile (INVITE, queries) is refused or answered, as busy
//! devices do, and costs time on both sides. What is lost on a full socket is sent again after T1 with its time running on, as
//! RFC 3261 17.1 has it; the line says how often.

use super::table::{Table, percentile, short};
use anyhow::Context;
use base::{CameraId, Pii, UtcMs};
use domain::access::Role;
use site::{Site, SiteClock, SiteConfig};
use std::collections::HashMap;
use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant};
use store::accounts::NewAccount;
use store::cameras::{CameraRow, GbTransport, Source};
use store::{Store, StoreConfig};
use wire::gb28181::digest::{Challenge, ClientAuth};
use wire::gb28181::sip::{self, Message, Method};

/// Devices.
const DEVICES: usize = 1_000;
/// Keepalives of each.
const ROUNDS: usize = 20;
/// Requests under way at a time.
const WINDOW: usize = 64;
/// Password of all devices.
const SECRET: &str = "bench-device-secret";
/// Longest wait for any answer; then the run fails.
const PATIENCE: Duration = Duration::from_secs(10);
/// A request without an answer is sent again after so long (RFC 3261, T1).
const T1: Duration = Duration::from_millis(500);
/// Wanted receive buffer of the devices' one socket, bytes: a thousand devices have a thousand buffers. The system may give less.
const RECEIVE_BYTES: usize = 4 << 20;

pub fn run(table: &mut Table) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let runtime = crate::runtime()?;
    let site = runtime.block_on(site(&StoreConfig { data: folder.path().join("data"), ..StoreConfig::default() }))?;
    let server = site.gb28181().sip_addr();
    let own = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    let measured = std::thread::spawn(move || Devices::new(own, server)?.measure()).join();
    let measured = measured.map_err(|_| anyhow::anyhow!("the devices' thread ended"))?;
    runtime.block_on(site.stop());
    let (registrations, keepalives) = measured?;
    let floor = echo()?;
    for (what, run, first, goal) in [
        ("SIP registrations", &registrations, "50,000 devices", "100,000 devices"),
        ("SIP keepalives", &keepalives, "833/s, p99 <= 50 ms", "1,667/s, p99 <= 50 ms"),
    ] {
        let ratio = floor.rate / run.rate;
        let again = if run.again == 0 { String::new() } else { format!(", {} sent again", run.again) };
        let text =
            format!("{:.0}/s, p99 {}{again} (UDP echo {:.0}/s, {ratio:.1} ×)", run.rate, short(run.p99), floor.rate);
        table.add(format!("{what}, {DEVICES} devices, {WINDOW} under way"), text, first, goal);
    }
    Ok(())
}

struct Run {
    rate: f64,
    p99: Duration,
    /// Requests sent a second time.
    again: usize,
}

impl Run {
    fn of(mut times: Vec<Duration>, took: Duration, again: usize) -> Self {
        times.sort_unstable();
        // Counts of requests are far below 2^52.
        #[expect(clippy::cast_precision_loss, reason = "see above")]
        let rate = times.len() as f64 / took.as_secs_f64();
        Self { rate, p99: percentile(&times, 99), again }
    }
}

fn code(n: usize) -> String {
    format!("2301000000131{n:07}")
}

async fn site(config: &StoreConfig) -> anyhow::Result<Site> {
    let now = site::clock::system_utc();
    let store = Store::open(config, now).await?;
    let account = NewAccount {
        login: "bench".into(),
        role: Role::SecurityManager,
        name: Pii::new("bench".into()),
        badge: None,
        unit: "bench".into(),
        password_hash: "no password opens this".into(),
    };
    let by = store.add_account(&account, None, true, now).await?;
    for n in 0..DEVICES {
        store.put_camera(&row(n, now)?, &[], by, now).await?;
    }
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let config =
        SiteConfig { sip: any, gb_media: any, dc09: any, live: any, reserve_bytes: 1_000_000, ..SiteConfig::default() };
    Ok(Site::start(store, config, SiteClock::start()).await?)
}

fn row(n: usize, now: UtcMs) -> anyhow::Result<CameraRow> {
    Ok(CameraRow {
        id: CameraId::new(now.0, store::keys::random()?),
        name: format!("bench {n}"),
        place: "bench".into(),
        place_kind: law::PlaceKind::Corridor.key().into(),
        faces_homes: false,
        audio: false,
        installer: "managing_unit".into(),
        approval: String::new(),
        sign: Some(now),
        priority: 5,
        source: Source::Gb28181 { device: code(n), channel: code(n), transport: GbTransport::Udp },
        secret: Some(Pii::new(SECRET.into())),
        created: now,
        removed: None,
    })
}

/// A request under way.
struct Sent {
    device: usize,
    cseq: u32,
    begun: Instant,
    last: Instant,
    bytes: Vec<u8>,
}

/// All devices behind one socket.
struct Devices {
    socket: UdpSocket,
    own: SocketAddr,
    server: SocketAddr,
    /// By Call-ID.
    sent: HashMap<String, Sent>,
    auth: Vec<Option<ClientAuth>>,
}

impl Devices {
    fn new(socket: UdpSocket, server: SocketAddr) -> anyhow::Result<Self> {
        socket.set_read_timeout(Some(T1 / 5))?;
        socket2::SockRef::from(&socket).set_recv_buffer_size(RECEIVE_BYTES)?;
        let own = socket.local_addr()?;
        Ok(Self { socket, own, server, sent: HashMap::new(), auth: (0..DEVICES).map(|_| None).collect() })
    }

    fn measure(mut self) -> anyhow::Result<(Run, Run)> {
        let registrations = self.all((0..DEVICES).collect(), Self::register)?;
        let rounds = (0..ROUNDS * DEVICES).map(|n| n % DEVICES).collect();
        Ok((registrations, self.all(rounds, Self::keepalive)?))
    }

    /// Sends a request for each of `who`, at most `WINDOW` under way; times from the first word to the final answer.
    fn all(&mut self, who: Vec<usize>, send: fn(&mut Self, usize, usize) -> anyhow::Result<()>) -> anyhow::Result<Run> {
        let (begin, mut times) = (Instant::now(), Vec::with_capacity(who.len()));
        let mut waiting = who.iter().enumerate();
        for (turn, n) in waiting.by_ref().take(WINDOW) {
            send(self, turn, *n)?;
        }
        let mut buffer = [0_u8; 65_536];
        let (mut again, mut progress, mut looked) = (0, Instant::now(), Instant::now());
        while times.len() < who.len() {
            anyhow::ensure!(progress.elapsed() < PATIENCE, "no answer for {} s", PATIENCE.as_secs());
            if looked.elapsed() >= T1 / 5 {
                looked = Instant::now();
                again += self.send_again()?;
            }
            let length = match self.socket.recv_from(&mut buffer) {
                Ok((length, _)) => length,
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => continue,
                Err(error) => return Err(error).context("the devices' socket"),
            };
            let message = sip::parse(buffer.get(..length).unwrap_or_default())?;
            let Some(took) = self.answer(&message)? else { continue };
            times.push(took);
            progress = Instant::now();
            if let Some((turn, n)) = waiting.next() {
                send(self, turn, *n)?;
            }
        }
        Ok(Run::of(times, begin.elapsed(), again))
    }

    /// Sends again what has waited longer than T1; how many.
    fn send_again(&mut self) -> anyhow::Result<usize> {
        let mut again = 0;
        for sent in self.sent.values_mut().filter(|sent| sent.last.elapsed() >= T1) {
            self.socket.send_to(&sent.bytes, self.server)?;
            sent.last = Instant::now();
            again += 1;
        }
        Ok(again)
    }

    /// Sends a request and remembers it; its time runs from the first word of its call.
    fn send(&mut self, call: &str, device: usize, message: &Message) -> anyhow::Result<()> {
        let (bytes, now) = (message.to_bytes(), Instant::now());
        self.socket.send_to(&bytes, self.server)?;
        let cseq = message.cseq().map_or(0, |(turn, _)| turn);
        let begun = self.sent.get(call).map_or(now, |sent| sent.begun);
        self.sent.insert(call.to_owned(), Sent { device, cseq, begun, last: now, bytes });
        Ok(())
    }

    /// Takes in a message; the time of a request that is done with it.
    fn answer(&mut self, message: &Message) -> anyhow::Result<Option<Duration>> {
        if let Some(method) = message.method().filter(|_| message.code().is_none()) {
            if method != Method::Ack {
                let code = if method == Method::Invite { 486 } else { 200 };
                self.socket.send_to(&Message::response(message, code, "bench").to_bytes(), self.server)?;
            }
            return Ok(None);
        }
        let call = message.call_id().unwrap_or_default().to_owned();
        let Some(Sent { device: n, begun, cseq, .. }) = self.sent.get(&call) else { return Ok(None) };
        let (n, begun, cseq) = (*n, *begun, *cseq);
        match message.code() {
            Some(401) => {
                let turn = message.cseq().map(|(turn, _)| turn);
                anyhow::ensure!(turn == Some(1), "device {n}: its password was not taken");
                if cseq != 1 {
                    // The second answer to a request that was sent twice: the call has gone on.
                    return Ok(None);
                }
                let challenge = Challenge::all(message).into_iter().next().context("a 401 without challenge")?;
                if let Some(auth) = self.auth.get_mut(n) {
                    *auth = Some(ClientAuth::new(challenge, &code(n), SECRET));
                }
                self.send_register(&call, n, 2)?;
                Ok(None)
            }
            Some(200) => {
                self.sent.remove(&call);
                Ok(Some(begun.elapsed()))
            }
            Some(100..200) => Ok(None),
            other => anyhow::bail!("device {n} was answered with {other:?}"),
        }
    }

    fn request(&self, method: Method, n: usize, call: &str, cseq: u32) -> Message {
        let me = format!("<sip:{}@2301000000>", code(n));
        let word = method.as_str().to_owned();
        Message::request(method, "sip:23010000002000000001@2301000000")
            .with("Via", &format!("SIP/2.0/UDP {};rport;branch=z9hG4bK{call}{cseq}", self.own))
            .with("From", &format!("{me};tag={call}"))
            .with("To", &me)
            .with("Call-ID", call)
            .with("CSeq", &format!("{cseq} {word}"))
            .with("Contact", &format!("<sip:{}@{}>", code(n), self.own))
    }

    fn register(&mut self, turn: usize, n: usize) -> anyhow::Result<()> {
        self.send_register(&format!("r{turn}"), n, 1)
    }

    fn send_register(&mut self, call: &str, n: usize, cseq: u32) -> anyhow::Result<()> {
        let mut message = self.request(Method::Register, n, call, cseq).with("Expires", "3600");
        if let Some(Some(auth)) = self.auth.get_mut(n) {
            message =
                message.with("Authorization", &auth.authorize("REGISTER", "sip:23010000002000000001@2301000000", call));
        }
        self.send(call, n, &message)
    }

    fn keepalive(&mut self, turn: usize, n: usize) -> anyhow::Result<()> {
        let call = format!("k{turn}");
        let body = format!(
            "<?xml version=\"1.0\" encoding=\"GB2312\"?>\r\n<Notify>\r\n<CmdType>Keepalive</CmdType>\r\n<SN>{turn}</SN>\r\n\
             <DeviceID>{}</DeviceID>\r\n<Status>OK</Status>\r\n</Notify>\r\n",
            code(n)
        );
        let message = self.request(Method::Message, n, &call, 1);
        let message = message.with_body("Application/MANSCDP+xml", body.into_bytes());
        self.send(&call, n, &message)
    }
}

/// The floor: datagrams of a keepalive's size to a thread that sends them back, as many under way.
fn echo() -> anyhow::Result<Run> {
    const BYTES: usize = 640;
    let server = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    let to = server.local_addr()?;
    std::thread::spawn(move || {
        let mut buffer = [0_u8; 2_048];
        // Ends with the empty datagram below.
        while let Ok((length @ 1.., from)) = server.recv_from(&mut buffer) {
            let _ = server.send_to(buffer.get(..length).unwrap_or_default(), from);
        }
    });
    let own = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    own.set_read_timeout(Some(PATIENCE))?;
    let count = ROUNDS * DEVICES;
    let (begin, mut times, mut starts) = (Instant::now(), Vec::with_capacity(count), Vec::with_capacity(count));
    let mut buffer = [0_u8; 2_048];
    let send = |starts: &mut Vec<Instant>| -> anyhow::Result<()> {
        let mut bytes = [0_u8; BYTES];
        bytes[..8].copy_from_slice(&(starts.len() as u64).to_le_bytes());
        starts.push(Instant::now());
        own.send_to(&bytes, to)?;
        Ok(())
    };
    for _ in 0..WINDOW {
        send(&mut starts)?;
    }
    while times.len() < count {
        own.recv_from(&mut buffer).context("no echo")?;
        let index = buffer.first_chunk().map_or(0, |b| u64::from_le_bytes(*b));
        let begun = usize::try_from(index).ok().and_then(|n| starts.get(n)).context("an odd echo")?;
        times.push(begun.elapsed());
        if starts.len() < count {
            send(&mut starts)?;
        }
    }
    own.send_to(&[], to)?;
    Ok(Run::of(times, begin.elapsed(), 0))
}
