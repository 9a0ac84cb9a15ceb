//! TLS for pages: which certificate is shown, and how it changes while connections go on.
//!
//! ```text
//! files given ─▶ certificate::load ─▶ held ─▶ resolver ─▶ every new handshake
//! none, or they cannot be used ─▶ certificate::own (keys/pages.pem)
//! every few seconds, or at SIGHUP: files changed? own one close to its end? ─▶ load ─▶ held, or the old one stays and it is said
//! ```
//!
//! TLS 1.3 only, as between servers: every browser of the last six years speaks it, no cipher has to be chosen or retired, and the
//! code of older versions is not in the program. Invariants: a server that could start once always has a certificate to show, since
//! recording must never wait for one; a bad new certificate changes nothing but what is told; connections keep the one they began with.

mod certificate;
mod hello;

pub use config::{Source, TlsConfig};
pub use hello::redirect;
pub(crate) use hello::{Hello, greet, send_on};

use base::{Sha256, Text, UtcMs};
use certificate::Certificate;
use rustls::ServerConfig;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::ServerName;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use site::SiteClock;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, SystemTime};
use tokio::sync::Notify;
use tokio_rustls::TlsAcceptor;

/// Seconds between two looks at the files.
const LOOK_S: u64 = 5;
/// Days before the end of a given certificate from which people are warned.
pub(crate) const WARN_DAYS: i64 = 21;

/// Whose certificate is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Origin {
    /// The one of the files.
    Given,
    /// One made here, as configured.
    Own,
    /// One made here because the files cannot be used.
    Substitute,
}

/// What people are told about the certificate.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shown {
    /// SHA-256 of the certificate, as browsers show it.
    pub fingerprint: Sha256,
    /// Good until.
    pub until: UtcMs,
    /// Whose it is.
    pub origin: Origin,
    /// What is wrong with the newest one, if something is.
    pub problem: Option<Text>,
}

impl Shown {
    /// `AB:CD:…`, the form in which browsers show a fingerprint.
    #[must_use]
    pub fn spoken(&self) -> String {
        self.fingerprint.0.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(":")
    }

    /// Whole days until it ends; below 0 when it has ended.
    #[must_use]
    pub const fn days_left(&self, now: UtcMs) -> i64 {
        (self.until.0 - now.0).div_euclid(86_400_000)
    }
}

/// The certificate that is shown now.
#[derive(Debug)]
struct Held(RwLock<(Certificate, Origin, Option<Text>)>);

impl Held {
    fn put(&self, change: impl FnOnce(&mut (Certificate, Origin, Option<Text>))) {
        change(&mut self.0.write().unwrap_or_else(PoisonError::into_inner));
    }

    fn get<T>(&self, pick: impl FnOnce(&(Certificate, Origin, Option<Text>)) -> T) -> T {
        pick(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl ResolvesServerCert for Held {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.get(|held| held.0.key.clone()))
    }
}

/// When and how large the files are: another one is a change.
type Stamp = [Option<(SystemTime, u64)>; 2];

/// What the last looks at the files saw.
#[derive(Default)]
struct Seen {
    /// At the last look.
    last: Stamp,
    /// When they were last read.
    read: Stamp,
}

struct Inner {
    config: TlsConfig,
    own: PathBuf,
    names: Vec<String>,
    provider: Arc<CryptoProvider>,
    held: Arc<Held>,
    acceptor: TlsAcceptor,
    seen: Mutex<Seen>,
    asked: Notify,
}

/// TLS of one server's pages.
#[derive(Clone)]
pub struct Tls(Arc<Inner>);

impl Tls {
    /// Reads or makes the certificate. `keys` is the folder of keys, `machine` what this machine knows of its own names.
    ///
    /// # Errors
    /// An own certificate is needed and cannot be made or written. Given files that cannot be used are no error: an own certificate
    /// takes their place, loudly, until they can.
    pub fn open(config: TlsConfig, keys: &Path, machine: Vec<String>, now: UtcMs) -> Result<Self, Text> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let own = keys.join("pages.pem");
        let mut names = [machine, config.names.clone()].concat();
        names.retain(|name| ServerName::try_from(name.as_str()).is_ok());
        let stamp = stamp_of(&config.source);
        let held = match load_given(&config.source, &provider) {
            Some(Ok(given)) => (given, Origin::Given, None),
            Some(Err(problem)) => {
                tracing::error!(problem = %problem.en, "the certificate for pages cannot be used; one of our own takes its place");
                (certificate::own(&own, &names, now, &provider)?, Origin::Substitute, Some(problem))
            }
            None => (certificate::own(&own, &names, now, &provider)?, Origin::Own, None),
        };
        let held = Arc::new(Held(RwLock::new(held)));
        let versions =
            ServerConfig::builder_with_provider(provider.clone()).with_protocol_versions(&[&rustls::version::TLS13]);
        let mut server = versions
            .map_err(|error| Text::of(format!("TLS：{error}"), format!("TLS: {error}")))?
            .with_no_client_auth()
            .with_cert_resolver(held.clone());
        server.alpn_protocols = vec![b"http/1.1".to_vec()];
        let acceptor = TlsAcceptor::from(Arc::new(server));
        let seen = Mutex::new(Seen { last: stamp, read: stamp });
        let tls = Self(Arc::new(Inner { config, own, names, provider, held, acceptor, seen, asked: Notify::new() }));
        tls.measure(now);
        Ok(tls)
    }

    /// What people are told about the certificate.
    #[must_use]
    pub fn shown(&self) -> Shown {
        self.0.held.get(|(certificate, origin, problem)| Shown {
            fingerprint: certificate.fingerprint,
            until: certificate.until,
            origin: *origin,
            problem: problem.clone(),
        })
    }

    /// A plain listener that sends everybody to the encrypted pages.
    #[must_use]
    pub fn redirect(&self) -> Option<SocketAddr> {
        self.0.config.redirect
    }

    /// The files have changed, somebody says (SIGHUP): look now.
    pub fn look_now(&self) {
        self.0.asked.notify_one();
    }

    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        self.0.acceptor.clone()
    }

    /// Keeps the certificate up to date, for ever.
    pub(crate) async fn keep(self, clock: SiteClock) {
        loop {
            let asked = tokio::time::timeout(Duration::from_secs(LOOK_S), self.0.asked.notified()).await.is_ok();
            let (tls, now) = (self.clone(), clock.now().utc);
            // Files: not on a thread that serves.
            let _ = tokio::task::spawn_blocking(move || tls.look(now, asked)).await;
        }
    }

    /// One look. What changed is read when two looks saw it alike (certificate and key are two files, written one after the other),
    /// or at once when somebody asks.
    fn look(&self, now: UtcMs, asked: bool) {
        let stamp = stamp_of(&self.0.config.source);
        let read = {
            let mut seen = self.seen();
            let settled = seen.last == stamp;
            seen.last = stamp;
            let read = asked || (settled && seen.read != stamp);
            if read {
                seen.read = stamp;
            }
            read
        };
        match if read { load_given(&self.0.config.source, &self.0.provider) } else { None } {
            Some(Ok(given)) => {
                tracing::info!(fingerprint = %given.fingerprint.hex(), days_left = given.days_left(now), "certificate for pages read");
                metrics::counter!("jifang_tls_reloads_total", "result" => "read").increment(1);
                self.0.held.put(|held| *held = (given, Origin::Given, None));
            }
            Some(Err(problem)) => {
                tracing::error!(problem = %problem.en, "the new certificate for pages cannot be used; the old one stays");
                metrics::counter!("jifang_tls_reloads_total", "result" => "refused").increment(1);
                self.0.held.put(|held| held.2 = Some(problem));
            }
            None => {}
        }
        if self.0.held.get(|held| held.1 != Origin::Given && held.0.wants_renewal(now)) {
            self.renew(now);
        }
        self.measure(now);
    }

    /// An own certificate that ends soon is made anew.
    fn renew(&self, now: UtcMs) {
        match certificate::own(&self.0.own, &self.0.names, now, &self.0.provider) {
            Ok(own) => {
                tracing::info!(fingerprint = %own.fingerprint.hex(), "a new certificate of our own for pages");
                self.0.held.put(|held| {
                    held.0 = own;
                    if held.1 == Origin::Own {
                        held.2 = None;
                    }
                });
            }
            Err(problem) => {
                let known = self.0.held.get(|held| held.2.as_ref() == Some(&problem));
                if !known {
                    tracing::error!(problem = %problem.en, "the certificate for pages cannot be renewed");
                    self.0.held.put(|held| held.2 = Some(problem));
                }
            }
        }
    }

    fn measure(&self, now: UtcMs) {
        let shown = self.shown();
        #[expect(clippy::cast_precision_loss, reason = "gauges are floating point")]
        metrics::gauge!("jifang_tls_certificate_days").set(shown.days_left(now) as f64);
        metrics::gauge!("jifang_tls_certificate_faulty").set(if shown.problem.is_some() { 1.0 } else { 0.0 });
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads the given files for a check of the configuration: what is wrong with them now, if anything is.
#[must_use]
pub fn fault_of(source: &Source) -> Option<Text> {
    load_given(source, &aws_lc_rs::default_provider()).and_then(Result::err)
}

fn load_given(source: &Source, provider: &CryptoProvider) -> Option<Result<Certificate, Text>> {
    match source {
        Source::Files { certificate, key } => Some(certificate::load(certificate, key, provider)),
        Source::Generated => None,
    }
}

fn stamp_of(source: &Source) -> Stamp {
    let of = |path: &Path| std::fs::metadata(path).ok().and_then(|m| Some((m.modified().ok()?, m.len())));
    match source {
        Source::Files { certificate, key } => [of(certificate), of(key)],
        Source::Generated => [None, None],
    }
}

#[cfg(test)]
mod tests;
