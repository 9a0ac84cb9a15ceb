//! A simulated alarm panel: SIA DC-09 over TCP or UDP, with a sequence, retries, a clock that a NAK sets, and signs of life.
//!
//! A transmission is sent until it is acknowledged or the tries are used up; a connection that breaks is made anew with the next try.
//! What was acknowledged is told, so that a test can ask the receiver for exactly that.

mod script;

#[cfg(test)]
mod tests;

pub use script::{Step, parse as parse_script};
pub use wire::dc09::panel::{Panel, Transmission};

use crate::SimError;
use base::UtcMs;
use std::net::SocketAddr;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use wire::dc09::panel::Answer;
use wire::dc09::{Deframer, Item, Key};

/// Bytes read at once.
const READ_BYTES: usize = 4_096;

/// How a panel is set up.
#[derive(Clone)]
pub struct PanelOptions {
    /// The receiver.
    pub to: SocketAddr,
    /// Account, 3 to 16 hex digits.
    pub account: String,
    /// Key, 32, 48 or 64 hex digits; none = not encrypted.
    pub key: Option<String>,
    /// Datagrams instead of a connection.
    pub udp: bool,
    /// A new connection for each event.
    pub reconnect: bool,
    /// Longest wait for an answer before it is sent again, ms.
    pub retry_ms: u64,
    /// How often one transmission is sent at most.
    pub tries: u32,
    /// Its clock minus true time, ms.
    pub clock_error_ms: i64,
    /// Sequence number before the first event's.
    pub sequence: u16,
}

impl PanelOptions {
    /// A panel as they come: TCP, an answer within a second or again, ten tries.
    #[must_use]
    pub fn new(to: SocketAddr, account: &str) -> Self {
        Self {
            to,
            account: account.to_owned(),
            key: None,
            udp: false,
            reconnect: false,
            retry_ms: 1_000,
            tries: 10,
            clock_error_ms: 0,
            sequence: 0,
        }
    }

    /// The panel's machine.
    ///
    /// # Errors
    /// An account or key that is none.
    pub fn panel(&self) -> Result<Panel, SimError> {
        let bad = |what: &str| SimError::Setting(what.to_owned());
        let key = match &self.key {
            Some(text) => Some(Key::parse(text).ok_or_else(|| bad("a key has 32, 48 or 64 hex digits"))?),
            None => None,
        };
        let mut panel = Panel::new(&self.account, key).ok_or_else(|| bad("an account has 3 to 16 hex digits"))?;
        panel.set_clock_error(self.clock_error_ms);
        panel.resume(self.sequence);
        Ok(panel)
    }
}

/// How one transmission ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// Acknowledged: the receiver keeps it.
    Acknowledged,
    /// The receiver said that it cannot deal with it.
    Refused,
    /// No answer to any try.
    Unanswered,
}

/// One transmission's way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sent {
    /// How it ended.
    pub outcome: Outcome,
    /// How often it was sent.
    pub tries: u32,
    /// How often the clock was set on the way.
    pub clock_set: u32,
    /// From the first sending to the answer.
    pub took: Duration,
}

enum Socket {
    None,
    Tcp(TcpStream),
    Udp(UdpSocket),
}

/// The way to the receiver.
pub struct Link {
    options: PanelOptions,
    socket: Socket,
    deframer: Deframer,
}

fn now() -> UtcMs {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).map(|d| d.as_millis());
    UtcMs(since.ok().and_then(|ms| i64::try_from(ms).ok()).unwrap_or(0))
}

fn random() -> [u8; 16] {
    let mut bytes = [0x5a; 16];
    let _ = getrandom::fill(&mut bytes);
    bytes
}

impl Link {
    /// A way that is opened with the first transmission.
    #[must_use]
    pub fn new(options: PanelOptions) -> Self {
        Self { options, socket: Socket::None, deframer: Deframer::default() }
    }

    /// Sends a transmission until it is answered or the tries are used up.
    pub async fn send(&mut self, panel: &mut Panel, t: &Transmission) -> Sent {
        let begin = Instant::now();
        let mut sent = Sent { outcome: Outcome::Unanswered, tries: 0, clock_set: 0, took: Duration::ZERO };
        let pause = Duration::from_millis(self.options.retry_ms);
        if self.options.reconnect {
            self.socket = Socket::None;
        }
        while sent.tries < self.options.tries {
            sent.tries += 1;
            let until = Instant::now() + pause;
            match tokio::time::timeout(pause, self.exchange(panel, t)).await {
                Ok(Ok(Answer::Acknowledged)) => sent.outcome = Outcome::Acknowledged,
                Ok(Ok(Answer::Refused)) => sent.outcome = Outcome::Refused,
                Ok(Ok(Answer::ClockSet)) => {
                    sent.clock_set += 1;
                    continue;
                }
                // The receiver is away: the next try comes when it would have come.
                Ok(Ok(Answer::NotMine) | Err(_)) => {
                    self.socket = Socket::None;
                    tokio::time::sleep_until(until.into()).await;
                    continue;
                }
                Err(_) => continue,
            }
            break;
        }
        sent.took = begin.elapsed();
        sent
    }

    async fn exchange(&mut self, panel: &mut Panel, t: &Transmission) -> std::io::Result<Answer> {
        self.open().await?;
        let frame = panel.encode(t, now(), random());
        match &mut self.socket {
            Socket::Tcp(tcp) => tcp.write_all(&frame).await?,
            Socket::Udp(udp) => udp.send(&frame).await.map(|_| ())?,
            Socket::None => return Ok(Answer::NotMine),
        }
        let mut buffer = [0; READ_BYTES];
        loop {
            let n = match &mut self.socket {
                Socket::Tcp(tcp) => tcp.read(&mut buffer).await?,
                Socket::Udp(udp) => udp.recv(&mut buffer).await?,
                Socket::None => 0,
            };
            if n == 0 {
                return Ok(Answer::NotMine);
            }
            let mut bytes = &buffer[..n];
            let mut answer = Answer::NotMine;
            while let Some(item) = self.deframer.next(&mut bytes) {
                // Answers to earlier tries may come late; the last one that is ours counts.
                if let Item::Body(body) = item {
                    match panel.answer(t, &body, now()) {
                        Answer::NotMine => {}
                        mine => answer = mine,
                    }
                }
            }
            if answer != Answer::NotMine {
                return Ok(answer);
            }
        }
    }

    async fn open(&mut self) -> std::io::Result<()> {
        if !matches!(self.socket, Socket::None) {
            return Ok(());
        }
        self.deframer = Deframer::default();
        self.socket = if self.options.udp {
            let any: SocketAddr =
                if self.options.to.is_ipv4() { ([0, 0, 0, 0], 0).into() } else { ([0_u16; 8], 0).into() };
            let udp = UdpSocket::bind(any).await?;
            udp.connect(self.options.to).await?;
            Socket::Udp(udp)
        } else {
            let tcp = TcpStream::connect(self.options.to).await?;
            tcp.set_nodelay(true)?;
            Socket::Tcp(tcp)
        };
        Ok(())
    }
}

/// Runs a script; `told` gets each step with its way. Returns how many transmissions were not acknowledged.
///
/// # Errors
/// An account or key that is none.
pub async fn run_panel(
    options: PanelOptions,
    script: &[Step],
    mut told: impl FnMut(&Step, &Sent),
) -> Result<usize, SimError> {
    let mut panel = options.panel()?;
    let mut link = Link::new(options);
    let mut failed = 0;
    for step in script {
        let transmission = match step {
            Step::Wait(ms) => {
                tokio::time::sleep(Duration::from_millis(*ms)).await;
                continue;
            }
            Step::ContactId(event) => panel.contact_id(event),
            Step::Sia(event) => panel.sia(event.as_bytes(), Vec::new()),
            Step::Null => panel.null(),
        };
        let sent = link.send(&mut panel, &transmission).await;
        failed += usize::from(sent.outcome != Outcome::Acknowledged);
        told(step, &sent);
    }
    Ok(failed)
}
