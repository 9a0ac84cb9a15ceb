//! The alarm receiver: SIA DC-09 over TCP and UDP on one port, and the supervision of its panels.
//!
//! ```text
//! TCP connections ─┐                                            ┌─▶ journal.append (durable) ─▶ ACK
//! UDP datagrams   ─┴─▶ split ─▶ hear (account, key, clock) ─────┼─▶ ACK at once (signs of life)
//!                        │            └─▶ board: what went wrong └─▶ NAK, DUH, or silence
//!                        └─▶ rate of the address
//! supervision: an account silent for too long ─▶ journal: path lost
//! ```
//! Always true: an event is durable before it is acknowledged, and needs no database for it; whatever one address sends, only that
//! address waits or loses; connections, addresses, unknown accounts and waiting datagrams are bounded. Decisions are in `wire::dc09`.

mod admission;
mod board;
mod signal;
mod tcp;
#[cfg(test)]
mod tests;
mod udp;

pub use admission::HeldBack;
pub use board::{AccountStatus, ReceiverStatus, Unknown};

use crate::{SiteClock, SiteConfig, SiteError};
use admission::Admission;
use base::{MonoMs, Now};
use board::Board;
use domain::alarm::{Signal, SourceName};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;
use store::Store;
use store::alarm_sources::AlarmSource;
use store::journal::{Journal, JournalError};
use tokio::task::JoinHandle;
use wire::dc09::receiver::hear;
use wire::dc09::{Account, Heard, Item, Key, Quirks, Reply, Supervision};

/// Most accounts told lost with one write to the journal.
const LOST_AT_ONCE: usize = 1_000;
/// How often supervision looks, ms.
const LOOK_MS: u64 = 250;
/// How often consumed segments of the journal are looked for, ms.
const RELEASE_MS: u64 = 3_600_000;

/// Times and sizes.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Open connections of the port, and of one address.
    pub connections: (usize, usize),
    /// Frames a second of one address, and how many may come at once. Over TCP more are read later, over UDP they are dropped; panels
    /// repeat what is not acknowledged.
    pub rate: (u32, u32),
    /// Addresses whose rate is known.
    pub addresses: usize,
    /// A connection that is in the middle of a frame, or sent none yet, is closed after this, ms.
    pub half_open_ms: u64,
    /// One that is silent between frames, ms. Panels connect again when they have something to say.
    pub idle_ms: u64,
    /// Datagram batches that wait for the journal.
    pub batches: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: (16_384, 512),
            rate: (1_000, 2_000),
            addresses: 65_536,
            half_open_ms: 10_000,
            idle_ms: 3_600_000,
            batches: 64,
        }
    }
}

/// The running receiver; copies share one.
#[derive(Clone)]
pub struct Receiver(Arc<Inner>);

struct Inner {
    journal: Journal,
    clock: SiteClock,
    address: SocketAddr,
    limits: Limits,
    accounts: RwLock<HashMap<String, Arc<Account>>>,
    supervision: Mutex<Supervision>,
    board: Board,
    admission: Admission,
    tasks: Mutex<Vec<JoinHandle<()>>>,
}

impl Receiver {
    /// Binds the port (TCP and UDP), takes in the accounts of the store and starts. Call within a tokio runtime.
    ///
    /// # Errors
    /// A port that is taken, or the store.
    pub async fn bind(config: &SiteConfig, store: &Store, clock: SiteClock) -> Result<Self, SiteError> {
        let limits = Limits { rate: (config.dc09_rate, config.dc09_rate.saturating_mul(2)), ..Limits::default() };
        Self::start(config.dc09, store, clock, limits).await
    }

    async fn start(at: SocketAddr, store: &Store, clock: SiteClock, limits: Limits) -> Result<Self, SiteError> {
        let (udp, tcp) = crate::gb28181::both("SIA DC-09", at).await?;
        let address = udp.local_addr().map_err(|source| SiteError::Port { what: "SIA DC-09", address: at, source })?;
        let receiver = Self(Arc::new(Inner {
            journal: store.journal().clone(),
            clock,
            address,
            limits,
            accounts: RwLock::default(),
            supervision: Mutex::default(),
            board: Board::default(),
            admission: Admission::new(limits),
            tasks: Mutex::default(),
        }));
        for row in store.alarm_sources().await? {
            receiver.put(&row);
        }
        let tasks = vec![
            tokio::spawn(tcp::accept(receiver.clone(), tcp)),
            tokio::spawn(udp::receive(receiver.clone(), udp)),
            tokio::spawn(receiver.clone().supervise(store.clone())),
        ];
        *receiver.0.tasks.lock().unwrap_or_else(PoisonError::into_inner) = tasks;
        tracing::info!(%address, "SIA DC-09 listens");
        Ok(receiver)
    }

    /// Takes a panel in, or its changed row. One of another protocol is left alone.
    pub fn put(&self, row: &AlarmSource) {
        let Some(number) = row.source.as_str().strip_prefix("dc09:").map(str::to_owned) else { return };
        let quirks: Quirks = serde_json::from_str(&row.quirks).unwrap_or_else(|error| {
            tracing::error!(account = number, %error, "habits of a panel cannot be read; taken as usual");
            Quirks::default()
        });
        let key = row.key.as_ref().and_then(|k| Key::parse(k.expose()));
        let account = Arc::new(Account { key, quirks });
        self.0.accounts.write().unwrap_or_else(PoisonError::into_inner).insert(number.clone(), account);
        let limit_ms = row.supervision_s.map(|s| u64::from(s) * 1_000);
        let now = self.0.clock.now().mono;
        // One that is lost stays lost until it is heard, over a restart too: its return is then told.
        let lost = row.lost.is_some() || self.supervision().is_lost(&number);
        self.supervision().set(&number, limit_ms, lost && limit_ms.is_some(), now);
        self.0.board.known(&number);
    }

    /// Takes a panel out.
    pub fn remove(&self, source: &SourceName) {
        let Some(number) = source.as_str().strip_prefix("dc09:") else { return };
        self.0.accounts.write().unwrap_or_else(PoisonError::into_inner).remove(number);
        self.supervision().set(number, None, false, MonoMs(0));
        self.0.board.forget(number);
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.0.address
    }

    /// Panels, and who knocked.
    #[must_use]
    pub fn status(&self) -> ReceiverStatus {
        let (watched, lost) = self.supervision().counts();
        let status = self.0.board.status(self.0.admission.open(), watched, lost);
        ReceiverStatus { held: self.0.admission.held(), ..status }
    }

    /// One panel's state; `None` when it is none of ours.
    #[must_use]
    pub fn account(&self, source: &SourceName) -> Option<AccountStatus> {
        let number = source.as_str().strip_prefix("dc09:")?;
        let lost = self.supervision().is_lost(number);
        self.0.board.account(number).map(|status| AccountStatus { lost, ..status })
    }

    /// Closes the port; what is being made durable is finished by the journal.
    pub fn stop(&self) {
        for task in self.0.tasks.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            task.abort();
        }
    }

    fn supervision(&self) -> MutexGuard<'_, Supervision> {
        self.0.supervision.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Deals with what one read brought: gives the answers in order, those to events only once they are durable.
    async fn deal(&self, items: Vec<Item>, from: SocketAddr, tcp: bool) -> Vec<Vec<u8>> {
        let now = self.0.clock.now();
        let mut signals = Vec::new();
        let mut replies = Vec::new();
        for item in items {
            match item {
                Item::Body(body) => self.judge(&body, (from, tcp), now, &mut signals, &mut replies),
                other => self.0.board.noise(&other, from, now.utc),
            }
        }
        let kept = self.keep(signals).await;
        let now = self.0.clock.now().utc;
        let wanted = replies.into_iter().filter(|(_, needs_kept)| kept || !needs_kept);
        wanted.map(|(reply, _)| reply.encode(now, random())).collect()
    }

    fn judge(
        &self,
        body: &[u8],
        (from, tcp): (SocketAddr, bool),
        now: Now,
        signals: &mut Vec<Signal>,
        replies: &mut Vec<(Reply, bool)>,
    ) {
        let find = |number: &str| self.0.accounts.read().unwrap_or_else(PoisonError::into_inner).get(number).cloned();
        let heard = hear(body, find, now.utc);
        let alive = match &heard {
            Heard::Events { account, .. } | Heard::Alive { account, .. } => Some(account.as_str()),
            Heard::Refused { account, genuine: true, .. } => account.as_deref(),
            Heard::Refused { .. } => None,
        };
        if alive.is_some_and(|number| self.supervision().heard(number, now.mono)) {
            signals.extend(alive.map(|number| signal::path(number, false, now.utc)));
            alive.into_iter().for_each(|number| self.0.board.lost(number, false));
        }
        self.0.board.heard(&heard, from, tcp, now.utc);
        match heard {
            Heard::Events { account, contact_id, reports, said, transmission, reply } => {
                let made = signal::of(&account, contact_id, reports, said, transmission, now.utc);
                signals.extend(made);
                replies.push((reply, true));
            }
            Heard::Alive { reply, .. } => replies.push((reply, false)),
            Heard::Refused { reply, .. } => replies.extend(reply.map(|reply| (reply, false))),
        }
    }

    /// True when the signals are durable. If not, nothing is acknowledged and the panels send them again.
    async fn keep(&self, signals: Vec<Signal>) -> bool {
        if signals.is_empty() {
            return true;
        }
        let sources: Vec<_> = signals.iter().map(|s| s.source.clone()).collect();
        match self.0.journal.append(signals).await {
            Ok(kept) => {
                let repeats = sources.iter().zip(kept).filter(|(_, k)| k.repeated);
                repeats.for_each(|(source, _)| self.0.board.repeated(source));
                self.0.board.journal(None);
                true
            }
            Err(error) => {
                self.0.board.journal(Some(error));
                false
            }
        }
    }

    /// Looks for silent accounts, and keeps the journal's folder and its notices in order.
    async fn supervise(self, store: Store) {
        let mut every = tokio::time::interval(Duration::from_millis(LOOK_MS));
        every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
        let mut waiting: Vec<Signal> = Vec::new();
        let (mut release_at, mut told, mut told_much) = (self.0.clock.now().mono, false, false);
        loop {
            every.tick().await;
            let now = self.0.clock.now();
            if waiting.is_empty() {
                let lost = self.supervision().overdue(now.mono, LOST_AT_ONCE);
                waiting = lost.iter().map(|number| signal::path(number, true, now.utc)).collect();
                lost.iter().for_each(|number| self.0.board.lost(number, true));
            }
            // A journal that refuses gets them again with the next look: a lost path is never forgotten for a full disk.
            if !waiting.is_empty() && self.keep(waiting.clone()).await {
                waiting.clear();
            }
            self.note_lost(&store).await;
            told = self.tell_journal(&store, told).await;
            told_much = self.tell_too_much(&store, told_much).await;
            if release_at <= now.mono {
                release_at = now.mono.plus_ms(RELEASE_MS);
                if let Ok(consumed) = store.least_journal_cursor().await
                    && let Err(error) = self.0.journal.release(consumed, now.utc).await
                {
                    tracing::warn!(%error, "old segments of the signal journal could not be deleted");
                }
            }
            self.0.admission.sweep(now.mono);
        }
    }

    /// Remembers for the next start who is lost. Nothing depends on it now, so a database that is away is told later.
    async fn note_lost(&self, store: &Store) {
        for (number, lost) in self.0.board.lost_changes() {
            let since = lost.then(|| self.0.clock.now().utc);
            if store.set_alarm_source_lost(&SourceName::dc09(&number), since).await.is_err() {
                self.0.board.lost(&number, lost);
            }
        }
    }

    /// Raises and clears the notice that events cannot be kept.
    async fn tell_journal(&self, store: &Store, told: bool) -> bool {
        let now = self.0.clock.now().utc;
        match (self.0.board.journal_fault(), told) {
            (Some(error), false) => store.raise(1, "journal_fault", None, &words(&error), now).await.is_ok(),
            (None, true) => store.clear("journal_fault", None, now).await.is_err(),
            (_, told) => told,
        }
    }

    /// Raises and clears the notice that an address sends more than its share.
    async fn tell_too_much(&self, store: &Store, told: bool) -> bool {
        let now = self.0.clock.now();
        match (self.0.admission.too_much(now.mono), told) {
            (Some(from), false) => store.raise(2, "alarm_flood", None, &flood_words(from), now.utc).await.is_ok(),
            (None, true) => store.clear("alarm_flood", None, now.utc).await.is_err(),
            (_, told) => told,
        }
    }
}

fn flood_words(from: std::net::IpAddr) -> base::Text {
    base::Text::of(
        format!(
            "地址 {from} 发往报警接收端口的数据或连接过多，超出部分被推迟或丢弃，其他主机不受影响。请检查该设备；确是多台主机共用一个地址时，\
             调高配置 dc09_rate。"
        ),
        format!(
            "{from} sends the alarm port more frames or connections than one address may: the rest waits or is dropped, other panels are \
             not touched. Check that device; if many panels truly share the address, raise dc09_rate in the configuration."
        ),
    )
}

fn words(error: &JournalError) -> base::Text {
    let full = matches!(error, JournalError::Full);
    if full {
        base::Text::new(
            "报警记录已满，新的报警不再应答，主机会反复重发。请检查服务器和数据库，报警处理恢复后会自动继续。",
            "The alarm journal is full: new events are not acknowledged and panels repeat them. Check server and database; it goes on \
             by itself once events are dealt with again.",
        )
    } else {
        base::Text::of(
            format!("报警无法写入磁盘，新的报警不再应答，主机会反复重发。请立即检查磁盘（{error}）。"),
            format!(
                "Alarm events cannot be written: they are not acknowledged and panels repeat them. Check the disk now ({error})."
            ),
        )
    }
}

/// Bytes for a pad. They hide nothing but lengths, so a source that fails costs no answer.
fn random() -> [u8; 16] {
    let mut bytes = [0x5a; 16];
    let _ = getrandom::fill(&mut bytes);
    bytes
}
