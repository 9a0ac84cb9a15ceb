//! `jifang disk`: what the disks of a stopped server hold, and a new disk in place of one that will not come back.
//!
//! Disks are added and emptied in the configuration (`[[storage.disk]]`, `state = "drain"`); the server does the rest.

use anyhow::Context;
use clap::{Args as ClapArgs, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;
use store::Store;

/// `jifang disk …`
#[derive(ClapArgs)]
pub struct Args {
    /// Configuration file.
    #[arg(long)]
    config: PathBuf,
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Every disk: state, whether it is there, room, footage. Exit code 1 when one is not there.
    List,
    /// The old disk of this name is broken for good and a new, empty one stands in its place: its footage is declared lost, with an
    /// entry and a gap for each stretch, and the new disk is taken into use. This cannot be taken back.
    Replace {
        /// Name of the disk.
        name: String,
        /// Say that the footage on the old disk is lost.
        #[arg(long)]
        footage_is_lost: bool,
    },
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let config = crate::config::read(&args.config)?;
    crate::runtime()?.block_on(async {
        let now = site::clock::system_utc();
        let store = Store::open(&config.store(), now).await.context("the store does not open")?;
        let done = match &args.what {
            What::List => list(&store).await,
            What::Replace { name, footage_is_lost } => replace(&store, name, *footage_is_lost).await,
        };
        store.close().await;
        done
    })
}

async fn list(store: &Store) -> anyhow::Result<ExitCode> {
    let mut all_here = true;
    for view in store.disks().views() {
        let (containers, bytes) = store.stock_on(&view.name).await?;
        all_here &= view.standing.can_read();
        println!(
            "{}  {}  {}  free {} of {} bytes  footage {containers} containers, {bytes} bytes  {}",
            view.name,
            view.state.code(),
            view.standing.code(),
            view.free_bytes,
            view.total_bytes,
            view.root.display()
        );
    }
    Ok(if all_here { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

async fn replace(store: &Store, name: &str, footage_is_lost: bool) -> anyhow::Result<ExitCode> {
    let disks = store.disks();
    let index = disks.index_of(name).with_context(|| format!("no disk is called `{name}`"))?;
    if disks.standing(index).can_read() {
        println!(
            "磁盘 {name} 还在，不能替换 / disk {name} is there: set its state to \"drain\" and let it empty instead"
        );
        return Ok(ExitCode::from(1));
    }
    let (containers, bytes) = store.stock_on(name).await?;
    if !footage_is_lost && containers > 0 {
        println!(
            "磁盘 {name} 上有 {containers} 个录像文件（{bytes} 字节）。确认已无法恢复时加 --footage-is-lost / disk {name} holds \
             {containers} containers ({bytes} bytes); add --footage-is-lost when they cannot be had back"
        );
        return Ok(ExitCode::from(1));
    }
    let gone = store.replace_disk(name, site::clock::system_utc()).await?;
    println!("已登记丢失 {gone} 个录像文件，新磁盘已启用 / {gone} containers declared lost; the new disk is in use");
    Ok(ExitCode::SUCCESS)
}
