//! `jifang support`: the support file (`site::support`) of a server that runs or not, written to a new file.

use anyhow::Context;
use clap::Args as ClapArgs;
use site::support::{self, Told};
use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use store::{Store, StoreConfig};

/// `jifang support …`
#[derive(ClapArgs)]
pub struct Args {
    /// Configuration file of the server.
    #[arg(long)]
    config: PathBuf,
    /// A new file.
    #[arg(long)]
    to: PathBuf,
    /// A log file whose last lines go along; without it those of the unit `jifang` in the system's journal, if there are any.
    #[arg(long)]
    log: Option<PathBuf>,
    /// Also run `jifang check` (the server must be stopped; reads all footage).
    #[arg(long)]
    check: bool,
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    anyhow::ensure!(!args.to.exists(), "`{}` is there already; give another name", args.to.display());
    let config = crate::config_command::read(&args.config)?;
    let runtime = crate::runtime()?;
    let keys = config.data.join("keys");
    let asked = |path: &str| web::local::ask(config.http.listen, config.http.tls.as_ref(), &keys, path);
    let told = Told {
        config: config.text.clone(),
        health: asked("/healthz"),
        metrics: asked("/metrics"),
        check: if args.check { Some(runtime.block_on(check(&config))) } else { None },
        log: match &args.log {
            Some(file) => std::fs::read(file).map(|b| String::from_utf8_lossy(&b).into_owned()).unwrap_or_default(),
            None => support::journal(),
        },
    };
    let text = runtime.block_on(support::bundle(&StoreConfig::from(&config), &told));
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&args.to)
        .with_context(|| format!("cannot write `{}`", args.to.display()))?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    println!("已写入，请通读后再寄出 / written; read it through before you send it: {}", args.to.display());
    Ok(ExitCode::SUCCESS)
}

async fn check(config: &config::Config) -> String {
    let store = match Store::open(&StoreConfig::from(config), site::clock::system_utc()).await {
        Ok(store) => store,
        Err(error) => return format!("the store does not open: {error}"),
    };
    let done = store.check(&|_, _| {}).await;
    store.close().await;
    let Ok(r) = done else { return "the check did not end".into() };
    let codes: BTreeSet<_> = r.faults.iter().map(|f| f.code).collect();
    format!(
        "holds {}\ncontainers {} away {} fragments {} bytes {} spans {} gaps {}\nentries {} acts {} deleted {} lost {}\nfaults {} {codes:?}",
        r.holds(),
        r.containers,
        r.away,
        r.fragments,
        r.bytes,
        r.spans,
        r.gaps,
        r.entries,
        r.acts,
        r.deleted,
        r.lost,
        r.fault_count
    )
}
