//! `jifang check`: rows, containers and ledger of a data folder against each other; with `--rebuild`, rows that are lost are made again.

use anyhow::Context;
use clap::Args as ClapArgs;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use store::check::CheckReport;
use store::footage::rebuild::{OfCamera, Rebuilt};
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
    /// Instead of comparing: say which rows could be made again from containers and log. Nothing is changed without --write.
    #[arg(long)]
    rebuild: bool,
    /// With --rebuild: make them.
    #[arg(long, requires = "rebuild")]
    write: bool,
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let config = match &args.config {
        Some(file) => StoreConfig::from(&crate::config_command::read(file)?),
        None => StoreConfig { data: args.data.clone(), ..StoreConfig::default() },
    };
    anyhow::ensure!(config.data.is_dir(), "no data folder `{}`", config.data.display());
    crate::runtime()?.block_on(async {
        let store = Store::open(&config, site::clock::system_utc()).await.context("the store does not open")?;
        let show = std::io::stderr().is_terminal() && !args.json;
        if args.rebuild {
            let done = rebuild(&store, args, show).await;
            store.close().await;
            return done;
        }
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

/// Exit code 1: something is to be made again, or stays as it is.
async fn rebuild(store: &Store, args: &Args, show: bool) -> anyhow::Result<ExitCode> {
    let progress = |done: u64, total: u64| {
        if show {
            let _ = write!(std::io::stderr(), "\r{done} / {total}");
        }
    };
    let made = store.rebuild(args.write, site::clock::system_utc(), &progress).await?;
    if args.json {
        println!("{}", serde_json::to_string_pretty(&rebuilt_json(&made, args.write))?);
    } else {
        print_rebuilt(&made, args.write);
    }
    let done = made.left_count == 0 && (args.write || made.is_nothing());
    Ok(if done { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn rebuilt_json(r: &Rebuilt, written: bool) -> serde_json::Value {
    let of = |(id, c): (&base::CameraId, &OfCamera)| {
        serde_json::json!({
            "camera": id, "containers": c.containers, "logged": c.logged, "new": c.new, "from_utc_ms": c.from, "to_utc_ms": c.to,
        })
    };
    let left: Vec<_> =
        r.left.iter().map(|(path, why)| serde_json::json!({ "path": path, "why": why.code() })).collect();
    serde_json::json!({
        "written": written, "nothing": r.is_nothing(), "cameras": r.cameras.iter().map(of).collect::<Vec<_>>(), "gaps": r.gaps,
        "losses": r.losses, "deletions": r.deletions, "left": left, "left_count": r.left_count,
    })
}

fn print_rebuilt(r: &Rebuilt, written: bool) {
    let instant = |at: Option<base::UtcMs>| at.map_or_else(String::new, base::UtcMs::desk);
    for (id, c) in &r.cameras {
        println!(
            "\rcamera {id}: {} containers, {} fragments of the log, {} unknown to it, {} — {}",
            c.containers,
            c.logged,
            c.new,
            instant(c.from),
            instant(c.to)
        );
    }
    println!("gaps {}  losses {}  deletions {}", r.gaps, r.losses, r.deletions);
    for (path, why) in &r.left {
        let why = why.text();
        println!("· {path}: {} / {}", why.zh, why.en);
    }
    if r.left_count > 0 {
        println!("保持不变 {} 个 / {} containers stay as they are", r.left_count, r.left_count);
    }
    match (r.is_nothing(), written) {
        (true, _) => println!("没有要重建的 / nothing to make again"),
        (false, true) => {
            println!("已重建；缩略图按需由录像生成 / made again; posters are drawn from the footage when asked for")
        }
        (false, false) => {
            println!("以上是试算，没有改动；加 --write 执行 / this is what it would do; add --write to do it")
        }
    }
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
