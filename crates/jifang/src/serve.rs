//! `jifang serve`: open the store, start the site and the web, stop on a signal.
//!
//! Also the shared start of `demo`: the same functions run, only the configuration comes from elsewhere.

use crate::config_command;
use anyhow::Context;
use authority::Authority;
use clap::Args as ClapArgs;
use config::{AuthorityConfig, Config};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use site::law_in_use::ChosenLaw;
use site::{Site, SiteClock, SiteConfig};
use std::io::{IsTerminal, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;
use store::{Store, StoreConfig};
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;
use web::tls::Tls;

/// `jifang serve …`
#[derive(ClapArgs)]
pub struct Args {
    /// Configuration file; `jifang config default` prints one.
    #[arg(long)]
    config: PathBuf,
    /// Stop when standard input ends: for a server that another process started.
    #[arg(long, hide = true)]
    until_input_ends: bool,
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let config = config_command::read(&args.config)?;
    start_logging(&config.log, &config.log_format)?;
    let until_input_ends = args.until_input_ends;
    crate::runtime()?.block_on(async move {
        // Heard from here on: a stop that comes while it starts is one too.
        let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        let hang_up = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup())?;
        let running = start(&config, None).await?;
        tracing::info!(address = %running.address, database = running.site.store().database_name(), "serving");
        tokio::select! {
            done = tokio::signal::ctrl_c() => done?,
            _ = terminate.recv() => {}
            () = running.hear_reloads(hang_up) => {}
            () = crate::input_ended(until_input_ends) => {}
        }
        running.stop().await
    })
}

/// A running server.
pub struct Running {
    /// The site.
    pub site: Site,
    authority: Option<Authority>,
    /// Where pages are served.
    pub address: SocketAddr,
    tls: Option<Tls>,
    web: tokio::task::JoinHandle<std::io::Result<()>>,
    stop_web: tokio::sync::watch::Sender<bool>,
}

/// Opens the store, starts site and web.
///
/// # Errors
/// A port that is taken, a data folder in use, a database that does not answer; each with what to do.
pub async fn start(config: &Config, demo_panel: Option<web::DemoPanel>) -> anyhow::Result<Running> {
    let metrics = start_metrics();
    let listener = TcpListener::bind(config.http.listen).await.with_context(|| {
        format!("cannot listen on http address {} (is another server running? choose another one)", config.http.listen)
    })?;
    let address = listener.local_addr()?;
    let redirect = match config.http.tls.as_ref().and_then(|tls| tls.redirect) {
        Some(at) => Some(TcpListener::bind(at).await.with_context(|| {
            format!("cannot listen on {at} to send visitors to the encrypted pages (is another server running?)")
        })?),
        None => None,
    };
    let clock = SiteClock::start();
    let store = Store::open(&StoreConfig::from(config), clock.now().utc).await?;
    let read = config.law_folder.as_deref().map(|at| crate::law_folder::read(at).map_err(|e| format!("{e:#}.")));
    let law = ChosenLaw::of(read, &store).await?;
    let site = Site::start_by(law, store, site_config(config), clock).await?;
    let authority = match &config.authority {
        Some(authority) => Some(start_authority(authority, &site).await?),
        None => {
            site.watch_duties();
            None
        }
    };
    let (stop_web, stopped) = tokio::sync::watch::channel(false);
    let tls = open_tls(config, &site)?;
    // The demo makes its accounts itself; without a code nobody else can be first.
    if demo_panel.is_none() {
        print_setup_code(&site).await?;
    }
    let options = web::Options {
        demo: demo_panel.is_some(),
        demo_panel,
        https_cookies: config.https_cookies,
        tls: tls.clone(),
        exposed: config.http.exposed(),
        authority: authority.clone(),
        metrics,
        configuration: config.text.clone(),
        limits: (&config.http).into(),
        proxies: (&config.http).into(),
    };
    let served = site.clone();
    let web = tokio::spawn(web::serve(served, listener, options, told(stopped.clone())));
    if let Some(listener) = redirect {
        tokio::spawn(web::tls::redirect(listener, address.port(), (&config.http).into(), told(stopped)));
    }
    Ok(Running { site, authority, address, tls, web, stop_web })
}

/// Says, while there is no account, with which code the first one is made. Straight to the console: no filter of the log hides it.
async fn print_setup_code(site: &Site) -> anyhow::Result<()> {
    if let Some(code) = site.open_first_run().await? {
        let file = site.setup_code_file();
        println!("setup-code {code}   首次设置的设置码，另存于 / code of the first run, also in {}", file.display());
        std::io::stdout().flush()?;
    }
    Ok(())
}

/// Resolves at the stop.
async fn told(mut stopped: tokio::sync::watch::Receiver<bool>) {
    let _ = stopped.wait_for(|stop| *stop).await;
}

/// TLS of the pages, or a warning where they should have it.
fn open_tls(config: &Config, site: &Site) -> anyhow::Result<Option<Tls>> {
    let Some(wanted) = &config.http.tls else {
        if config.http.exposed() {
            tracing::warn!("{}", config_command::EXPOSED);
        }
        return Ok(None);
    };
    let (keys, now) = (site.store().data().join("keys"), site.now().utc);
    let tls = Tls::open(wanted.clone(), &keys, names_of_machine(config), now);
    let tls = tls.map_err(|why| anyhow::anyhow!("no certificate for the pages: {}", why.en))?;
    let shown = tls.shown();
    let days_left = shown.days_left(now);
    tracing::info!(sha256 = %shown.spoken(), days_left, origin = ?shown.origin, "pages over TLS, certificate");
    if days_left < 0 {
        tracing::error!("the certificate for pages has ended; browsers will warn of it");
    }
    Ok(Some(tls))
}

/// What this machine knows of its own names: loopback, its host name, and the addresses of the configuration.
fn names_of_machine(config: &Config) -> Vec<String> {
    let mut names: Vec<String> = ["localhost", "127.0.0.1", "::1"].map(str::to_owned).to_vec();
    names.extend(rustix::system::uname().nodename().to_str().ok().map(str::to_lowercase));
    let listen = config.http.listen.ip().to_canonical();
    names.extend((!listen.is_unspecified()).then(|| listen.to_string()));
    names.extend(config.site.advertised.map(|address| address.to_string()));
    names.sort();
    names.dedup();
    names
}

/// An authority's server has no devices: what would wait for some listens where nobody can reach it.
fn site_config(config: &Config) -> SiteConfig {
    let nobody = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    match config.authority {
        Some(_) => SiteConfig { sip: nobody, gb_media: nobody, dc09: nobody, live: nobody, ..config.site.clone() },
        None => config.site.clone(),
    }
}

async fn start_authority(config: &AuthorityConfig, site: &Site) -> anyhow::Result<Authority> {
    let listener = TcpListener::bind(config.listen).await.with_context(|| {
        format!("cannot listen on the authority's address {} (is another server running?)", config.listen)
    })?;
    let address = config.address.clone().unwrap_or(listener.local_addr()?.to_string());
    let clock = site.clock().clone();
    let authority = Authority::open(site.store().clone(), address, site.law(), move || clock.now().utc).await?;
    let authority = authority.with_press(site.press().clone());
    authority.listen(listener);
    Ok(authority)
}

impl Running {
    /// SIGHUP: looks at the certificate files at once. Without TLS it is heard too, and changes nothing.
    async fn hear_reloads(&self, mut asked: tokio::signal::unix::Signal) {
        while asked.recv().await.is_some() {
            if let Some(tls) = &self.tls {
                tls.look_now();
            }
        }
        std::future::pending().await
    }

    /// Graceful stop: no new requests, footage sealed, everything committed.
    ///
    /// # Errors
    /// The web task failed.
    pub async fn stop(self) -> anyhow::Result<ExitCode> {
        tracing::info!("stopping");
        let _ = self.stop_web.send(true);
        let grace = tokio::time::timeout(std::time::Duration::from_secs(5), self.web).await;
        if let Some(authority) = &self.authority {
            authority.stop().await;
        }
        self.site.stop().await;
        if let Ok(done) = grace {
            done??;
        }
        tracing::info!("stopped");
        Ok(ExitCode::SUCCESS)
    }
}

/// Resolves at Ctrl-C or SIGTERM.
///
/// # Errors
/// The signal handler cannot be installed.
pub async fn stop_signal() -> anyhow::Result<()> {
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        done = tokio::signal::ctrl_c() => done?,
        _ = terminate.recv() => {}
    }
    Ok(())
}

/// Structured logs to standard error.
///
/// # Errors
/// A filter or format that cannot be read.
pub fn start_logging(filter: &str, format: &str) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(filter).with_context(|| format!("log filter `{filter}`"))?;
    // Colours are for a person at a terminal, not for a file or the journal.
    let colours = std::io::stderr().is_terminal();
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(true);
    let builder = builder.with_ansi(colours);
    match format {
        "text" => builder.init(),
        "json" => builder.json().init(),
        other => anyhow::bail!("log_format is `text` or `json`, not `{other}`"),
    }
    Ok(())
}

/// Counters for `/metrics`; `None` if something in this process took them first (tests).
fn start_metrics() -> Option<PrometheusHandle> {
    PrometheusBuilder::new().install_recorder().ok()
}
