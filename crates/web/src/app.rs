//! What all requests share: the site, the options, and small bounded memories (rates, drafts, streams).

use crate::drafts::Drafts;
use crate::limiter::Limiter;
use base::{AccountId, MonoMs, Refusal, RequestId};
use metrics_exporter_prometheus::PrometheusHandle;
use site::Site;
use site::live::SessionToken;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{Semaphore, watch};

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

/// Most live sessions remembered; the live server itself has fewer.
const WATCHING: usize = 1_024;

/// Which live sessions belong to whom, so that they end with the right to watch.
#[derive(Default)]
pub(crate) struct Watching(Mutex<Vec<(SessionToken, AccountId, String)>>);

impl Watching {
    /// A live session of an account in a browser session began.
    pub(crate) fn put(&self, token: SessionToken, account: AccountId, session: String) {
        let mut list = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if list.len() >= WATCHING {
            list.remove(0);
        }
        list.push((token, account, session));
    }

    /// It has ended.
    pub(crate) fn forget(&self, token: SessionToken) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|w| w.0 != token);
    }

    fn take(&self, which: impl Fn(&AccountId, &str) -> bool) -> Vec<SessionToken> {
        let mut list = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let gone = list.iter().filter(|w| which(&w.1, &w.2)).map(|w| w.0).collect();
        list.retain(|w| !which(&w.1, &w.2));
        gone
    }
}

/// How the web is run.
#[derive(Default)]
pub struct Options {
    /// This is the demo: pages say so and lead through the walkthrough.
    pub demo: bool,
    /// Cookies only over HTTPS (`Secure`): set wherever a TLS proxy stands in front.
    pub https_cookies: bool,
    /// Counters for `/metrics`; none = the path answers 404.
    pub metrics: Option<PrometheusHandle>,
}

/// State of the web, shared by all requests.
pub struct App {
    pub(crate) site: Site,
    pub(crate) options: Options,
    pub(crate) limiter: Limiter,
    pub(crate) drafts: Drafts,
    pub(crate) beside: Beside,
    pub(crate) watching: Watching,
    pub(crate) streams: Arc<Semaphore>,
    pub(crate) stop: watch::Receiver<bool>,
    set_up: AtomicBool,
}

impl App {
    /// Shared state for `site`. Event streams end when `stop` becomes true.
    #[must_use]
    pub fn new(site: Site, options: Options, stop: watch::Receiver<bool>) -> Arc<Self> {
        Arc::new(Self {
            site,
            options,
            limiter: Limiter::default(),
            drafts: Drafts::default(),
            beside: Beside::default(),
            watching: Watching::default(),
            streams: Arc::new(Semaphore::new(EVENT_STREAMS)),
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

    /// Ends the live sessions of a browser session.
    pub(crate) fn end_live_of_session(&self, session: &str) {
        for token in self.watching.take(|_, s| !s.is_empty() && s == session) {
            self.site.live().close(token);
        }
    }

    /// Ends the live sessions of an account.
    pub(crate) fn end_live_of_account(&self, account: AccountId) {
        for token in self.watching.take(|a, _| *a == account) {
            self.site.live().close(token);
        }
    }
}
