//! What all requests share: the site, the options, and small bounded memories (rates, drafts, streams).

use crate::drafts::Drafts;
use crate::handle::statistics::CountedYears;
use crate::imports::Imports;
use crate::limiter::Limiter;
use crate::places::Places;
use crate::proxy::Proxies;
use crate::server::Limits;
use crate::tls::Tls;
use base::{AccountId, CameraId, MonoMs, Refusal, RequestId};
use domain::access::Permission;
use metrics_exporter_prometheus::PrometheusHandle;
use site::Site;
use site::accounts::FirstStep;
use site::live::SessionToken;
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use store::StoreError;
use tokio::sync::watch;

/// Most event streams open at once, in all. A page holds one.
const EVENT_STREAMS: usize = 512;

/// The first officer's password counts for this long while the second comes to the keyboard, ms.
const BESIDE_MS: u64 = 600_000;
/// Most first officers remembered.
const BESIDE: usize = 1_000;

/// First officers who gave their password for a request and wait for the second, by browser session.
#[derive(Default)]
pub(crate) struct Beside(Mutex<HashMap<(String, RequestId), MonoMs>>);

impl Beside {
    /// The first officer of this browser session has signed in for `request`.
    pub(crate) fn put(&self, session: &str, request: RequestId, now: MonoMs) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.retain(|_, at| now.since(*at) < BESIDE_MS);
        if waiting.len() < BESIDE {
            waiting.insert((session.to_owned(), request), now);
        }
    }

    /// Has it, and not too long ago?
    pub(crate) fn has(&self, session: &str, request: RequestId, now: MonoMs) -> bool {
        let waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.get(&(session.to_owned(), request)).is_some_and(|at| now.since(*at) < BESIDE_MS)
    }
}

/// The code must follow the password within this long, ms.
const FIRST_STEP_MS: u64 = 300_000;
/// Most people remembered between password and code.
const FIRST_STEPS: usize = 1_000;

/// People who gave the right password and are asked for the code next, by a token of their browser. Used once.
#[derive(Default)]
pub(crate) struct FirstSteps(Mutex<HashMap<String, (FirstStep, MonoMs)>>);

impl FirstSteps {
    /// Remembers a right password under `token`. When too many wait, new ones start again: nobody who waits is thrown out.
    pub(crate) fn put(&self, token: &str, step: FirstStep, now: MonoMs) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.retain(|_, (_, at)| now.since(*at) < FIRST_STEP_MS);
        if waiting.len() < FIRST_STEPS {
            waiting.insert(token.to_owned(), (step, now));
        }
    }

    /// Whose code is awaited from this browser, if it is not too late.
    pub(crate) fn get(&self, token: &str, now: MonoMs) -> Option<FirstStep> {
        let waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.get(token).filter(|(_, at)| now.since(*at) < FIRST_STEP_MS).map(|(step, _)| step.clone())
    }

    /// The code was right.
    pub(crate) fn forget(&self, token: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(token);
    }
}

/// One entry of live viewing an account and camera in this time, ms: a page that reconnects is the same viewing.
const LIVE_ENTRY_MS: u64 = 600_000;
/// Most live viewings remembered.
const LIVE_ENTRIES: usize = 4_096;

/// Live viewings that are in the log. Forgetting one costs a second entry, never a missing one.
#[derive(Default)]
pub(crate) struct LiveEntries(Mutex<HashMap<(AccountId, CameraId), MonoMs>>);

impl LiveEntries {
    /// It is in the log, and not long ago.
    pub(crate) fn has(&self, account: AccountId, camera: CameraId, now: MonoMs) -> bool {
        let entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries.get(&(account, camera)).is_some_and(|at| now.since(*at) < LIVE_ENTRY_MS)
    }

    /// It is in the log now.
    pub(crate) fn put(&self, account: AccountId, camera: CameraId, now: MonoMs) {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= LIVE_ENTRIES {
            entries.retain(|_, at| now.since(*at) < LIVE_ENTRY_MS);
        }
        if entries.len() >= LIVE_ENTRIES
            && let Some(oldest) = entries.iter().min_by_key(|(_, at)| **at).map(|(key, _)| *key)
        {
            entries.remove(&oldest);
        }
        entries.insert((account, camera), now);
    }
}

/// Most live sessions remembered; the live server itself has fewer.
const WATCHING: usize = 1_024;
/// Seconds between two looks whether those who watch still may.
const WATCH_S: u64 = 5;

/// Which live sessions belong to whom, so that they end with the right to watch. The text is `Call::pass`.
#[derive(Default)]
pub(crate) struct Watching(Mutex<Vec<(SessionToken, AccountId, String, CameraId)>>);

impl Watching {
    /// A live session of an account began.
    pub(crate) fn put(&self, token: SessionToken, account: AccountId, pass: String, camera: CameraId) {
        let mut list = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if list.len() >= WATCHING {
            list.remove(0);
        }
        list.push((token, account, pass, camera));
    }

    /// Which cameras are watched by whom, each once.
    fn watched(&self) -> HashSet<(AccountId, CameraId)> {
        let list = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        list.iter().map(|w| (w.1, w.3)).collect()
    }

    /// How many of the sessions of an account `runs` knows; the others are forgotten.
    pub(crate) fn running_of(&self, account: AccountId, runs: impl Fn(SessionToken) -> bool) -> usize {
        let mut list = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        list.retain(|w| w.1 != account || runs(w.0));
        list.iter().filter(|w| w.1 == account).count()
    }

    /// Who watches, each account and pass once.
    fn passes(&self) -> HashSet<(AccountId, String)> {
        let list = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        list.iter().map(|w| (w.1, w.2.clone())).collect()
    }

    /// It has ended.
    pub(crate) fn forget(&self, token: SessionToken) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|w| w.0 != token);
    }

    fn take(&self, which: impl Fn(&AccountId, &str, CameraId) -> bool) -> Vec<SessionToken> {
        let mut list = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let gone = list.iter().filter(|w| which(&w.1, &w.2, w.3)).map(|w| w.0).collect();
        list.retain(|w| !which(&w.1, &w.2, w.3));
        gone
    }
}

/// An alarm that the demo's simulated panel is asked to report.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DemoAlarm {
    /// A detector sees somebody.
    Burglary,
    /// Somebody presses the button.
    HoldUp,
}

/// The demo's simulated alarm panel, and where its police are.
pub struct DemoPanel {
    /// Makes the panel report; returns at once. False: it is still busy with the alarm before.
    pub raise: Box<dyn Fn(DemoAlarm) -> bool + Send + Sync>,
    /// Address of the police's inbox.
    pub police: String,
    /// Every server of the police, that of the site's own province first.
    pub authorities: Vec<DemoAuthority>,
}

/// A server of the demo's police.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DemoAuthority {
    /// Whose it is.
    pub name: String,
    /// `http://HOST:PORT`.
    pub address: String,
}

/// How the web is run.
#[derive(Default)]
pub struct Options {
    /// This is the demo: pages say so and lead through the walkthrough.
    pub demo: bool,
    /// The demo's alarm panel and police; only there.
    pub demo_panel: Option<DemoPanel>,
    /// Cookies only over HTTPS (`Secure`): set wherever a TLS proxy stands in front. With `tls` they are so anyway.
    pub https_cookies: bool,
    /// Pages over TLS; none = in clear.
    pub tls: Option<Tls>,
    /// Pages are in clear where others than this machine reach them, and no proxy stands in front: people are told.
    pub exposed: bool,
    /// The authority's half of this server, where it has one.
    pub authority: Option<authority::Authority>,
    /// Counters for `/metrics`; none = the path answers 404.
    pub metrics: Option<PrometheusHandle>,
    /// The configuration file as it is written, for the support file, which hides what is nobody's business; empty = there is none.
    pub configuration: String,
    /// What is held open, and how long is waited.
    pub limits: Limits,
    /// Proxies whose word about the client's address is believed.
    pub proxies: Proxies,
}

impl Options {
    /// Are cookies for HTTPS only?
    pub(crate) fn secure_cookies(&self) -> bool {
        self.https_cookies || self.tls.is_some()
    }
}

/// State of the web, shared by all requests.
pub struct App {
    pub(crate) site: Site,
    pub(crate) options: Options,
    pub(crate) limiter: Limiter,
    pub(crate) counted: CountedYears,
    pub(crate) registers_counted: crate::handle::registers::CountedRegisters,
    pub(crate) register_trees: crate::handle::register_trees::Trees,
    pub(crate) staff_counted: crate::handle::staff_numbers::Kept,
    pub(crate) looked_up: crate::handle::case_status::LookedUp,
    pub(crate) register_imports: Arc<crate::handle::register_imports::Waiting>,
    pub(crate) drafts: Drafts,
    pub(crate) beside: Beside,
    pub(crate) first_steps: FirstSteps,
    pub(crate) imports: Imports,
    pub(crate) watching: Watching,
    pub(crate) live_entries: LiveEntries,
    pub(crate) streams: Arc<Places<AccountId>>,
    pub(crate) stop: watch::Receiver<bool>,
    set_up: AtomicBool,
}

impl App {
    /// Shared state for `site`. Event streams end when `stop` becomes true.
    #[must_use]
    pub fn new(site: Site, options: Options, stop: watch::Receiver<bool>) -> Arc<Self> {
        let streams = Places::new(EVENT_STREAMS, options.limits.streams_of_one);
        Arc::new(Self {
            site,
            options,
            limiter: Limiter::default(),
            counted: crate::handle::statistics::kept(),
            registers_counted: crate::handle::registers::kept(),
            register_trees: crate::handle::register_trees::Trees::default(),
            staff_counted: crate::handle::staff_numbers::Kept::default(),
            looked_up: crate::handle::case_status::LookedUp::default(),
            register_imports: Arc::default(),
            drafts: Drafts::default(),
            beside: Beside::default(),
            first_steps: FirstSteps::default(),
            imports: Imports::default(),
            watching: Watching::default(),
            live_entries: LiveEntries::default(),
            streams,
            stop,
            set_up: AtomicBool::new(false),
        })
    }

    /// True once there is an account. Asked of the database only until then: accounts are never deleted.
    pub(crate) async fn is_set_up(&self) -> Result<bool, Refusal> {
        if self.set_up.load(Ordering::Relaxed) {
            return Ok(true);
        }
        let any = self.site.store().account_count().await.map_err(crate::answer::down)? > 0;
        if any {
            self.set_up.store(true, Ordering::Relaxed);
        }
        Ok(any)
    }

    /// Ends the live sessions of a pass.
    pub(crate) fn end_live_of_pass(&self, pass: &str) {
        for token in self.watching.take(|_, p, _| p == pass) {
            self.site.live().close(token);
        }
    }

    /// Ends the live sessions of an account, but not those of the pass `keep`.
    pub(crate) fn end_live_of_others(&self, account: AccountId, keep: &str) {
        for token in self.watching.take(|a, p, _| *a == account && p != keep) {
            self.site.live().close(token);
        }
    }

    /// Ends, for ever, the live sessions of those whose right to watch has ended in any way: a pass that ran out ends no request,
    /// so nothing else would tell.
    pub async fn watch_the_watching(self: Arc<Self>) {
        loop {
            tokio::time::sleep(Duration::from_secs(WATCH_S)).await;
            self.end_live_of_the_gone().await;
        }
    }

    /// One look of `watch_the_watching`.
    pub async fn end_live_of_the_gone(&self) {
        for (account, pass) in self.watching.passes() {
            match self.may_still_watch(account, &pass).await {
                Ok(true) => {}
                Ok(false) => self.end_live_of_pass(&pass),
                // A database that is away for a minute ends nobody's viewing.
                Err(error) => tracing::warn!(%error, "nobody can say whether those who watch still may"),
            }
        }
        // Rights to areas end by the clock too, so time alone can end a viewing.
        for (account, camera) in self.watching.watched() {
            let place = self.site.camera(camera).map(|c| c.row().place).unwrap_or_default();
            let gone = self.site.sight_of(account).await.is_ok_and(|sight| !sight.reaches(&place));
            if gone {
                for token in self.watching.take(|a, _, c| *a == account && c == camera) {
                    self.site.live().close(token);
                }
            }
        }
    }

    async fn may_still_watch(&self, account: AccountId, pass: &str) -> Result<bool, StoreError> {
        let (store, now) = (self.site.store(), self.site.now().utc);
        let who = store.account(account).await?;
        if who.is_none_or(|a| a.disabled.is_some() || !a.role.may(Permission::ViewLive)) {
            return Ok(false);
        }
        let sessions = store.sessions_of(account, now).await?;
        if sessions.iter().any(|s| s.token_sha256 == pass) {
            return Ok(true);
        }
        let tokens = store.tokens_of(account).await?;
        Ok(tokens.iter().any(|t| t.token_sha256 == pass && now < t.expires))
    }

    /// Ends the live sessions of an account.
    pub(crate) fn end_live_of_account(&self, account: AccountId) {
        for token in self.watching.take(|a, _, _| *a == account) {
            self.site.live().close(token);
        }
    }
}

#[cfg(test)]
mod tests;
