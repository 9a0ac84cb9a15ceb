//! The way to the authority: reports go out until their receipt is stored, heads of the log go out to be witnessed.
//!
//! ```text
//! report_outbox ─▶ send (number, sign) ─▶ bus ─▶ receipt ─▶ stored: never sent again
//! exhibit_out   ─▶ send_exhibit: entry, parts, then the message that names them; reports go first ─▶ receipt ─▶ stored
//! take_orders   ─▶ orders of the authority ─▶ kept ─▶ done (holds) ─▶ message order-result ─▶ receipt ─▶ stored
//! self_report   ─▶ send_self_report: what the site says of itself, each day ─▶ receipt ─▶ stored
//! ledger head   ─▶ push (proof from what was witnessed) ─▶ cosignature ─▶ stored, shown, carried by exports
//! ```
//!
//! Whom to speak to was entered by a person as one text of the authority's page; until the authority has admitted this site, only the
//! hello is said. Delivery is at least once and the authority takes each id once, so a report arrives exactly once. A crash anywhere
//! leaves the report in the outbox without receipt: it is sent again and gets the receipt it got before.

mod exhibits;
mod orders;
mod self_report;
mod send;
mod settings;
mod witness;

pub use orders::OrderView;
pub use settings::LinkSettings;

use crate::{Actor, Site, SiteError};
use base::{MonoMs, Refusal, Text, UtcMs};
use bus::{BusError, Hello, Identity, Link, Pin, Question, enrolment_code};
use domain::access::Permission;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use store::StoreError;
use store::backup::RestoredFrom;
use store::incidents::{POLICE, Waiting};
use store::ledger_log::LogError;
use store::link::Witnessed;
use tokio::sync::Notify;
use witness::HeadAge;

/// Pause between two looks into the outbox, ms.
const LOOK_MS: u64 = 500;
/// Pause between two looks whether the log has been witnessed, ms.
const TELL_MS: u64 = 60_000;
/// Pause after the first, second, … failure in a row to reach the authority, s; the last one repeats.
const PAUSES_S: [u64; 6] = [1, 2, 5, 10, 30, 60];

/// How the authority stands to this site.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Standing {
    /// Nothing is known yet.
    #[default]
    Unknown,
    /// It waits for a person there to admit this site.
    Asked,
    /// Admitted.
    Admitted,
    /// A person there ended this site.
    Closed,
    /// It knows this site with other keys.
    OtherKeys,
}

/// What the loop knows, for pages.
#[derive(Clone, Debug, Default)]
pub struct LinkState {
    /// How the authority stands to this site.
    pub standing: Standing,
    /// When it answered last.
    pub answered: Option<UtcMs>,
    /// Why it does not answer; `None` while it does.
    pub fault: Option<Text>,
    /// The authority found that this log contradicts what it witnessed.
    pub contradicted: bool,
}

/// Everything the page of the way to the authority shows.
#[derive(Clone, Debug)]
pub struct LinkView {
    /// Whom to speak to; `None` until a person entered it.
    pub settings: Option<LinkSettings>,
    /// Key of this site's log.
    pub vkey: String,
    /// Its fingerprint.
    pub fingerprint: String,
    /// This site's key on the bus.
    pub pin: Pin,
    /// Code to compare with the authority's page.
    pub code: String,
    /// What the loop knows.
    pub state: LinkState,
    /// The newest witnessed head.
    pub witnessed: Option<Witnessed>,
    /// Entries in the log now.
    pub entries: u64,
    /// What this server was restored from last.
    pub restored: Option<RestoredFrom>,
    /// What waits for its receipt.
    pub waiting: Waiting,
    /// When the newest report of the site itself was made, and when it was received.
    pub own_report: Option<(UtcMs, Option<UtcMs>)>,
}

/// State of the loop, and what wakes it.
pub(crate) struct Linker {
    identity: Identity,
    state: Mutex<LinkState>,
    wake: Notify,
    /// The head is to be witnessed at the next look, not only when it is time.
    push_wish: AtomicBool,
    /// When the authority's orders are asked for again.
    orders_at: Mutex<MonoMs>,
    /// The site's report of itself is not tried before this, ms UTC.
    self_report_after: AtomicI64,
}

impl Linker {
    /// With this server's key on the bus.
    pub(crate) async fn open(store: &store::Store, now: UtcMs) -> Result<Self, SiteError> {
        let seed = store.named_seed("bus", now).await?;
        let identity = Identity::from_seed(&seed).map_err(|e| SiteError::Config(e.to_string()))?;
        Ok(Self {
            identity,
            state: Mutex::default(),
            wake: Notify::new(),
            push_wish: AtomicBool::new(false),
            orders_at: Mutex::default(),
            self_report_after: AtomicI64::new(0),
        })
    }

    /// True once after each wish.
    fn take_push_wish(&self) -> bool {
        self.push_wish.swap(false, Ordering::Relaxed)
    }

    fn state(&self) -> LinkState {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn change(&self, change: impl FnOnce(&mut LinkState)) {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// Why a round of the loop ended early.
#[derive(Debug, thiserror::Error)]
enum LinkError {
    #[error(transparent)]
    Bus(#[from] BusError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the authority answered {0}: {1}")]
    Answer(u16, String),
    #[error("{0}")]
    Message(#[from] bus::MessageError),
}

impl From<store::db::DbError> for LinkError {
    fn from(e: store::db::DbError) -> Self {
        Self::Store(e.into())
    }
}

impl From<LogError> for LinkError {
    fn from(e: LogError) -> Self {
        Self::Store(e.into())
    }
}

impl LinkError {
    /// For the page: what, and what to do.
    fn text(&self) -> Text {
        match self {
            Self::Bus(BusError::OtherKey) => Text::new(
                "该地址上的服务器密钥与录入的不符，没有发送任何内容。请与公安机关核对连接信息。",
                "The server at that address has another key than the one entered; nothing was sent. Compare the connection text with the \
                 authority.",
            ),
            Self::Bus(e) => Text::of(
                format!("无法连接公安机关服务器（{e}），正在自动重试；报警会一直保留到送达。"),
                format!(
                    "The authority's server cannot be reached ({e}); trying again. Reports are kept until they arrive."
                ),
            ),
            Self::Answer(status, said) => Text::of(
                format!("公安机关服务器拒收（{status}：{said}），正在重试。请联系公安机关管理员。"),
                format!("The authority's server refuses ({status}: {said}); trying again. Tell its administrator."),
            ),
            Self::Store(_) | Self::Message(_) => Text::new(
                "本机数据库或密钥暂时不可用，正在重试。",
                "The database or key of this server is not available; trying again.",
            ),
        }
    }
}

impl Site {
    /// Everything the page shows.
    ///
    /// # Errors
    /// No right, or the store.
    pub async fn link_view(&self, actor: &Actor) -> Result<LinkView, Refusal> {
        actor.needs(Permission::SeeLink)?;
        let settings = settings::load(self.store()).await?;
        let vkey = self.store().ledger().key().vkey().clone();
        let pin = self.linker().identity.pin();
        let code = settings.as_ref().and_then(|s| Some(enrolment_code(&vkey, pin, &s.keys()?.0, s.keys()?.1)));
        Ok(LinkView {
            code: code.unwrap_or_default(),
            settings,
            fingerprint: vkey.fingerprint(),
            vkey: vkey.to_string(),
            pin,
            state: self.linker().state(),
            witnessed: self.store().witnessed().await?,
            entries: self.store().ledger().head().0.size,
            restored: self.store().restored_from().await?,
            waiting: self.store().waiting_reports(POLICE).await?,
            own_report: self.store().newest_own_report().await?.map(|(_, made, received)| (made, received)),
        })
    }

    /// For the duties: whether an authority is entered, admitted and answering, and when it answered last.
    pub(crate) async fn link_evidence(&self) -> Result<(bool, bool, Option<UtcMs>), StoreError> {
        let set_up = settings::load(self.store()).await?.is_some();
        let state = self.linker().state();
        let up = set_up && state.standing == Standing::Admitted && state.fault.is_none() && state.answered.is_some();
        Ok((set_up, up, state.answered))
    }

    /// Enters the authority by the text of its page, or ends the connection (empty text).
    ///
    /// # Errors
    /// No right, a text that does not read, or the store.
    pub async fn set_link(&self, actor: &Actor, text: &str) -> Result<(), Refusal> {
        actor.needs(Permission::ManagePeers)?;
        let now = self.now().utc;
        let new = if text.trim().is_empty() { None } else { Some(LinkSettings::parse(text)?) };
        let new = new.map(|s| LinkSettings { entered: Some(now), ..s });
        let old = settings::load(self.store()).await?;
        settings::save(self.store(), new.as_ref(), Some(actor.id), now).await?;
        if old.map(|s| s.witness) != new.map(|s| s.witness) {
            self.store().forget_witnessed().await?;
        }
        self.linker().change(|s| *s = LinkState::default());
        self.linker().wake.notify_one();
        Ok(())
    }

    /// The newest head that covers at least `size` entries and is witnessed, waited for at most `wait`; for exports.
    pub(crate) async fn witnessed_over(&self, size: u64, wait: Duration) -> Option<Witnessed> {
        settings::load(self.store()).await.ok()??;
        let until = tokio::time::Instant::now() + wait;
        loop {
            let head = self.store().witnessed().await.ok()?.filter(|w| w.size >= size);
            let over = tokio::time::Instant::now() >= until || self.linker().state().standing != Standing::Admitted;
            if head.is_some() || over {
                return head;
            }
            self.linker().push_wish.store(true, Ordering::Relaxed);
            self.wake_link();
            tokio::time::sleep(Duration::from_millis(LOOK_MS)).await;
        }
    }

    /// Looks into the outbox now: a report was put there.
    pub fn wake_link(&self) {
        self.linker().wake.notify_one();
    }

    /// Speaks to the authority for ever.
    pub(crate) async fn run_link(self) {
        let (mut link, mut failures, mut head) = (None::<(LinkSettings, Link)>, 0_usize, HeadAge::default());
        let mut told = None::<MonoMs>;
        loop {
            let pause = match self.link_round(&mut link, &mut head).await {
                Ok(more) => {
                    failures = 0;
                    if more { Duration::ZERO } else { Duration::from_millis(LOOK_MS) }
                }
                Err(error) => {
                    tracing::warn!(%error, failures, "the authority does not take what is sent");
                    metrics::counter!("jifang_link_errors_total").increment(1);
                    self.linker().change(|s| s.fault = Some(error.text()));
                    link = None;
                    failures += 1;
                    Duration::from_secs(PAUSES_S[(failures - 1).min(PAUSES_S.len() - 1)])
                }
            };
            let now = self.now().mono;
            if told.is_none_or(|at| now.since(at) >= TELL_MS) {
                told = Some(now);
                if let Err(error) = self.tell_restored().await {
                    tracing::warn!(%error, "nobody was told that this server was restored");
                }
                if let Err(error) = self.tell_unwitnessed().await {
                    tracing::warn!(%error, "nobody was told how long the log has not been witnessed");
                }
                if let Err(error) = self.tell_waiting().await {
                    tracing::warn!(%error, "nobody was told how long reports wait");
                }
            }
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = self.linker().wake.notified() => {}
            }
        }
    }

    /// One look: connect, be admitted, send what is due, have the head witnessed when it is time, send one exhibit. True when there may
    /// be another to send.
    async fn link_round(&self, link: &mut Option<(LinkSettings, Link)>, head: &mut HeadAge) -> Result<bool, LinkError> {
        let Some(settings) = settings::load(self.store()).await? else {
            *link = None;
            return Ok(false);
        };
        let Some((authority, pin)) = settings.keys() else { return Ok(false) };
        if link.as_ref().is_none_or(|(known, _)| *known != settings) {
            let fresh = Link::new(&settings.address, &self.linker().identity, pin)?;
            *link = Some((settings.clone(), fresh));
            self.linker().change(|s| s.standing = Standing::Unknown);
        }
        let Some((_, link)) = link.as_mut() else { return Ok(false) };
        if self.linker().state().standing != Standing::Admitted && !self.say_hello(link).await? {
            return Ok(false);
        }
        self.send_due(link, &authority).await?;
        self.follow_orders(link, &authority).await?;
        self.send_self_report(link, &authority).await?;
        self.witness_when_due(link, &settings, head).await?;
        self.send_exhibits(link, &authority).await
    }

    /// True when the authority has admitted this site.
    async fn say_hello(&self, link: &mut Link) -> Result<bool, LinkError> {
        let name = self.profile().name;
        let hello = Hello::sign(&name, self.linker().identity.pin(), self.store().ledger().key())?;
        let answer = link.ask(Question::Hello, &hello).await?;
        let said = String::from_utf8_lossy(&answer.body).trim().to_owned();
        let standing = match (answer.status, said.as_str()) {
            (200, _) => Standing::Admitted,
            (403, "asked") => Standing::Asked,
            (403, _) => Standing::Closed,
            (409, _) => Standing::OtherKeys,
            (status, _) => return Err(LinkError::Answer(status, said)),
        };
        self.heard();
        self.linker().change(|s| s.standing = standing);
        if standing != Standing::Admitted {
            // A person has to act there; asking twice a second would not help.
            tokio::time::sleep(Duration::from_secs(2)).await;
        }
        Ok(standing == Standing::Admitted)
    }

    /// The authority answered just now.
    fn heard(&self) {
        let now = self.now().utc;
        self.linker().change(|s| {
            s.answered = Some(now);
            s.fault = None;
        });
    }

    /// It no longer admits this site: the next round says hello first.
    fn doubt_standing(&self, status: u16) {
        if status == 403 {
            self.linker().change(|s| s.standing = Standing::Unknown);
        }
    }
}
