//! Upper platforms (上级平台): this site as the lower end of GB/T 28181, networked with the police (B-23, A-24-3).
//!
//! ```text
//! link (one task a platform): wire's device machine on sockets ─▶ REGISTER, keepalive, catalogue, alarms
//!    └─ INVITE ─▶ watch: chosen channel? ─▶ law gate ─▶ row + entry + register ─▶ notice ─▶ sender: hub ─▶ PS ─▶ RTP
//! ```
//! Always true: a platform knows only the cameras chosen for it; nothing is sent before the view is in the log and the register, and
//! what cannot be logged is not sent; a view that the law no longer allows ends, and so does a link, with a notice of what to write down;
//! whatever a platform sends is counted and hurts nobody; a link that fails waits and tries again for ever. Acts of people on platforms
//! are in `acts`.

mod acts;
mod link;
mod refusals;
mod sender;
mod status;
mod watch;
mod words;

pub use acts::{EMERGENCY_MOST_MS, UpperForm};
pub use status::{Registration, UpperStatus, Viewer};

use crate::Site;
use base::{CameraId, CivilDate, Text, UpperId, UtcMs};
use link::{Command, Link};
use status::Board;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use store::uppers::UpperRow;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

/// Waiting orders of a link.
const QUEUE: usize = 64;
/// Longest wait for a link to deregister and end its views.
const GOODBYE: Duration = Duration::from_secs(4);
/// Longest wait for the receipt of an alarm, beyond what SIP itself waits.
const RECEIPT: Duration = Duration::from_secs(50);

/// Code of the notice while the law refuses a link that is switched on.
const NOTICE_REFUSED: &str = "upper_unlawful";

/// Whether the law allows a link with this platform now.
pub(crate) fn may_connect(site: &Site, row: &UpperRow) -> bool {
    watch::may_connect(site, row)
}

/// An alarm to be told to an upper platform.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UpperAlarm {
    /// Camera it is about, where it is one of the platform's channels; otherwise the alarm is about this site.
    pub camera: Option<CameraId>,
    /// AlarmPriority 1 (highest) to 4.
    pub priority: u8,
    /// AlarmMethod: 1 phone, 2 device, 5 video, 6 fault, 7 other.
    pub method: u8,
    /// AlarmType, read with the method.
    pub kind: Option<u16>,
    /// When it happened.
    pub at: UtcMs,
    /// In words.
    pub text: String,
}

/// What a platform did with an alarm.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Receipt {
    /// It confirmed it (Response Alarm).
    Confirmed,
    /// It took it (SIP 200) and says no more, as many platforms do.
    Taken,
}

/// Why an alarm did not arrive. Try again later.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ReportError {
    /// The platform is not there, switched off or not registered with.
    #[error("not registered with the upper platform")]
    NotRegistered,
    /// It refused.
    #[error("the upper platform refused with {0}")]
    Refused(u16),
    /// It did not answer.
    #[error("the upper platform does not answer")]
    NoAnswer,
}

struct Running {
    commands: mpsc::Sender<Command>,
    task: JoinHandle<()>,
}

/// All links of a site.
#[derive(Default)]
pub struct Uppers {
    running: Mutex<HashMap<UpperId, Running>>,
    board: Board,
    refused: tokio::sync::Mutex<RefusedLinks>,
}

/// Links that the law refuses, as they were told; at most one a platform.
#[derive(Default)]
struct RefusedLinks {
    /// Refused now: name, and what to do.
    now: BTreeMap<UpperId, (String, Text)>,
    /// Judged since the start of the program.
    judged: BTreeMap<UpperId, bool>,
    /// The day of the newest entry.
    entered: BTreeMap<UpperId, CivilDate>,
}

impl Uppers {
    /// How a platform's link is; `None` where none was ever started.
    #[must_use]
    pub fn status(&self, id: UpperId) -> Option<UpperStatus> {
        self.board.status(id)
    }

    /// Who watches now, through which platform.
    #[must_use]
    pub fn viewers(&self) -> Vec<(UpperId, Viewer)> {
        self.board.viewers()
    }

    /// Platforms whose links run.
    #[must_use]
    pub fn ids(&self) -> Vec<UpperId> {
        self.lock().keys().copied().collect()
    }

    /// Tells a platform of an alarm and waits for its receipt.
    ///
    /// # Errors
    /// [`ReportError`]: the caller keeps the alarm and tries again.
    pub async fn report(&self, id: UpperId, alarm: UpperAlarm) -> Result<Receipt, ReportError> {
        let (done, wait) = oneshot::channel();
        let commands = self.lock().get(&id).map(|r| r.commands.clone());
        let commands = commands.ok_or(ReportError::NotRegistered)?;
        commands.send(Command::Alarm(alarm, done)).await.map_err(|_| ReportError::NotRegistered)?;
        match tokio::time::timeout(RECEIPT, wait).await {
            Ok(Ok(told)) => told,
            _ => Err(ReportError::NoAnswer),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<UpperId, Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts a link as the row says, in place of the one that ran; a row that is switched off or removed only ends it.
    pub(crate) async fn put(&self, site: &Site, row: UpperRow) {
        self.end(row.id).await;
        if row.removed.is_some() || !row.config.enabled {
            self.wanted_no_more(site, row.id).await;
        }
        if row.removed.is_some() {
            return self.board.forget(row.id);
        }
        self.board.start(row.id, row.config.enabled);
        if !row.config.enabled {
            return;
        }
        let (commands, orders) = mpsc::channel(QUEUE);
        let id = row.id;
        let link = Link::new(site.clone(), row, self.board.clone());
        let task = tokio::spawn(link.run(orders));
        self.lock().insert(id, Running { commands, task });
    }

    /// Asks the law whether a link may begin. What is refused stands on the platform's page and in a notice for as long as it is refused,
    /// and is an entry once a day.
    async fn judge(&self, site: &Site, row: &UpperRow, board: &Board) -> bool {
        let mut links = self.refused.lock().await;
        let answer = watch::connection(site, row);
        let (id, allow) = (row.id, answer.allow);
        // A link that was put anew has a new board.
        let told = board.status(id).is_some_and(|s| s.diagnosis.is_some_and(|d| d.code == NOTICE_REFUSED));
        if links.judged.insert(id, allow) == Some(allow) && told != allow {
            return allow;
        }
        let mut diagnosis = None;
        if allow {
            links.now.remove(&id);
        } else {
            let refusal = answer.clone().into_refusal();
            let today = site.now().utc.shanghai_date();
            if links.entered.insert(id, today) != Some(today)
                && let Err(error) = watch::log_refusal(site, row, None, answer).await
            {
                tracing::error!(%error, "the refusal of a link could not be logged");
                links.entered.remove(&id);
            }
            tracing::warn!(upper = %id, code = refusal.code, "the law refuses the link with an upper platform");
            links.now.insert(id, (row.config.name.clone(), refusal.next.clone()));
            diagnosis = Some(words::unlawful(refusal.what, refusal.next));
        }
        tell_refused(site, &links.now).await;
        board.change(id, |s| (s.registration, s.diagnosis) = (Registration::Trying, diagnosis));
        allow
    }

    /// A platform that is switched off or removed is no refused link any more.
    async fn wanted_no_more(&self, site: &Site, id: UpperId) {
        let mut links = self.refused.lock().await;
        links.judged.remove(&id);
        links.entered.remove(&id);
        if links.now.remove(&id).is_some() {
            tell_refused(site, &links.now).await;
        }
    }

    async fn end(&self, id: UpperId) {
        let Some(mut running) = self.lock().remove(&id) else { return };
        let (done, wait) = oneshot::channel();
        if running.commands.send(Command::Stop(done)).await.is_ok() {
            let _ = tokio::time::timeout(GOODBYE, wait).await;
        }
        running.task.abort();
        let _ = (&mut running.task).await;
    }

    /// Ends all links: views with BYE and entry, then the registrations.
    pub(crate) async fn stop(&self) {
        let ids: Vec<UpperId> = self.lock().keys().copied().collect();
        futures_util::future::join_all(ids.into_iter().map(|id| self.end(id))).await;
    }
}

/// One notice for all links that are refused. They are on record already: a notice that cannot be stored costs the banner only.
async fn tell_refused(site: &Site, now: &BTreeMap<UpperId, (String, Text)>) {
    let at = site.now().utc;
    let stored = async {
        site.store().clear(NOTICE_REFUSED, None, at).await?;
        let Some((_, next)) = now.values().next() else { return Ok(false) };
        let names = |quote: [&str; 2], join: &str| {
            now.values().map(|(name, _)| format!("{}{name}{}", quote[0], quote[1])).collect::<Vec<_>>().join(join)
        };
        let text = Text::of(
            format!("依法没有与上级平台{}联网，也不向其报送报警。{}", names(["「", "」"], "、"), next.zh),
            format!(
                "By law there is no link with upper platform {}, and it is told no alarm. {}",
                names(["\"", "\""], ", "),
                next.en
            ),
        );
        site.store().raise(2, NOTICE_REFUSED, None, &text, at).await
    };
    if let Err(error) = stored.await {
        tracing::error!(%error, "the notice of a refused link could not be stored");
    }
}

#[cfg(test)]
mod tests;
