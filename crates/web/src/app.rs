//! What all requests share: the site, the options, and small bounded memories (rates, drafts, streams).

use crate::drafts::Drafts;
use crate::limiter::Limiter;
use base::Refusal;
use metrics_exporter_prometheus::PrometheusHandle;
use site::Site;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::{Semaphore, watch};

/// Most event streams open at once, in all. A page holds one.
const EVENT_STREAMS: usize = 512;

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
}
