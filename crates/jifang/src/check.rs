//! `jifang check`: rows, containers and ledger of a data folder against each other.

use anyhow::Context;
use clap::Args as ClapArgs;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use store::check::CheckReport;
use store::{Store, StoreConfig};

/// `jifang check …`
#[derive(ClapArgs)]
pub struct Args {
    /// Data folder (the server must be stopped), or use --config.
    #[arg(long, default_value = "data/demo", conflicts_with = "config")]
    data: PathBuf,
    /// Configuration file.
    #[arg(long)]
    config: Option<PathBuf>,
    /// The result as JSON.
    #[arg(long)]
    json: bool,
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let config = match &args.config {
        Some(file) => crate::config::read(file)?.store(),
        None => StoreConfig { data: args.data.clone(), ..StoreConfig::default() },
    };
    anyhow::ensure!(config.data.is_dir(), "no data folder `{}`", config.data.display());
    crate::runtime()?.block_on(async {
        let store = Store::open(&config, site::clock::system_utc()).await.context("the store does not open")?;
        let show = std::io::stderr().is_terminal() && !args.json;
        let report = store
            .check(&|done, total| {
                if show {
                    let _ = write!(std::io::stderr(), "\r{:3} %", done * 100 / total.max(1));
                }
            })
            .await?;
        if args.json {
            println!("{}", serde_json::to_string_pretty(&as_json(&report))?);
        } else {
            print(&report);
        }
        let holds = report.holds();
        store.close().await;
        Ok(if holds { ExitCode::SUCCESS } else { ExitCode::from(1) })
    })
}

fn as_json(r: &CheckReport) -> serde_json::Value {
    let faults: Vec<_> = r
        .faults
        .iter()
        .map(|f| serde_json::json!({ "code": f.code, "what": { "zh": f.what.zh, "en": f.what.en }, "place": f.place }))
        .collect();
    serde_json::json!({
        "holds": r.holds(), "containers": r.containers, "away": r.away, "fragments": r.fragments, "bytes": r.bytes, "spans": r.spans,
        "gaps": r.gaps, "entries": r.entries, "acts": r.acts, "deleted": r.deleted, "lost": r.lost, "fault_count": r.fault_count,
        "faults": faults,
    })
}

fn print(r: &CheckReport) {
    println!("\rcontainers {}  fragments {}  bytes {}  spans {}", r.containers, r.fragments, r.bytes, r.spans);
    if r.away > 0 {
        println!("在未连接的磁盘上 / on disks that are away: {} containers", r.away);
    }
    let (gaps, deleted, lost) = (r.gaps, r.deleted, r.lost);
    println!("ledger entries {}  log lines {}  gaps {gaps}  deleted {deleted}  lost {lost}", r.entries, r.acts);
    for fault in &r.faults {
        println!("✗ [{}] {} / {}  ({})", fault.code, fault.what.zh, fault.what.en, fault.place);
    }
    if r.holds() {
        println!("一切相符 / everything fits");
    } else {
        println!("共 {} 处不符 / {} faults", r.fault_count, r.fault_count);
    }
}
