//! `jifang disk`: what the disks of a stopped server hold, a new disk in place of one that will not come back, and what it takes to
//! add a disk or to empty one.
//!
//! The configuration is the only truth about which disks there are (`[[storage.disk]]`); no command writes that file. `add` and `drain`
//! check the place or the room, print the very lines, and say what happens then.

use anyhow::Context;
use clap::{Args as ClapArgs, Subcommand};
use config::Config;
use domain::storage::DiskState;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use store::disks::{DiskConfig, DiskView};
use store::{Store, StoreConfig};

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
    /// A new disk: checks its folder, prints the lines for the configuration and what happens then. Changes nothing. Exit code 1 when
    /// the folder cannot be used.
    Add {
        /// Name for ever: small letters, digits, `-`.
        name: String,
        /// Its folder, usually a mount point.
        path: PathBuf,
        /// Only cameras of at least this priority record there.
        #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=9))]
        min_priority: u8,
    },
    /// A disk that is to be taken out: whether the others can take its footage, the line for the configuration and what happens then.
    /// Changes nothing. Exit code 1 when they cannot.
    Drain {
        /// Name of the disk.
        name: String,
    },
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
    let config = crate::config_command::read(&args.config)?;
    crate::runtime()?.block_on(async {
        let now = site::clock::system_utc();
        let store = Store::open(&StoreConfig::from(&config), now).await.context("the store does not open")?;
        let done = match &args.what {
            What::List => list(&store).await,
            What::Add { name, path, min_priority } => Ok(add(&config, &store, name, path, *min_priority)),
            What::Drain { name } => drain(&store, name).await,
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
            "{}  {}  {}  free {} of {}  footage {containers} containers, {}  {}",
            view.name,
            view.state.code(),
            view.standing.code(),
            base::size(view.free_bytes),
            base::size(view.total_bytes),
            base::size(bytes),
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
            "磁盘 {name} 上有 {containers} 个录像文件（{size}）。确认已无法恢复时加 --footage-is-lost / disk {name} holds \
             {containers} containers ({size}); add --footage-is-lost when they cannot be had back",
            size = base::size(bytes)
        );
        return Ok(ExitCode::from(1));
    }
    let gone = store.replace_disk(name, site::clock::system_utc()).await?;
    println!("已登记丢失 {gone} 个录像文件，新磁盘已启用 / {gone} containers declared lost; the new disk is in use");
    Ok(ExitCode::SUCCESS)
}

/// Looks whether a folder can hold footage, by the rules that the start goes by.
fn add(config: &Config, store: &Store, name: &str, path: &Path, min_priority: u8) -> ExitCode {
    let refuse = |zh: &str, en: &str| {
        println!("不能使用 / cannot be used: {zh} / {en}");
        ExitCode::from(1)
    };
    let disk = DiskConfig {
        name: name.to_owned(),
        path: path.to_path_buf(),
        reserve_bytes: None,
        min_priority,
        cameras: vec![],
        state: DiskState::Active,
    };
    let main = |d: &DiskConfig| d.name == store::disks::MAIN;
    let mut all: Vec<_> = config.storage.disk.iter().filter(|d| !main(d)).cloned().collect();
    all.push(disk);
    if let Err(error) = store::disks::check(&all) {
        return refuse("名称或路径不符合规则", &error.to_string());
    }
    if !path.is_dir() {
        return refuse("文件夹不存在或未挂载", "the folder is not there, or not mounted");
    }
    let same = |a: &Path, b: &Path| match (device(a), device(b)) {
        (Some(a), Some(b)) => a == b,
        _ => false,
    };
    if let Some(other) = store.disks().views().iter().find(|v| same(&v.root, path)) {
        let (zh, en) =
            (format!("与磁盘 {} 在同一文件系统上", other.name), format!("on the same file system as {}", other.name));
        return refuse(&zh, &en);
    }
    if path.join("footage/disk.json").exists() {
        return refuse("已有其他站点或磁盘的标识 footage/disk.json", "it bears an identity already, footage/disk.json");
    }
    let folder = path.join("footage");
    let made = !folder.exists();
    let tried = std::fs::create_dir_all(&folder).and_then(|()| store::footage::try_folder(&folder));
    if made {
        let _ = std::fs::remove_dir(&folder);
    }
    if let Err(error) = tried {
        return refuse("写入并读回失败", &error.to_string());
    }
    let room = site::storage::disk(path).map_or(0, |d| d.free_bytes);
    let quoted = path.display().to_string().replace('\\', "\\\\").replace('"', "\\\"");
    println!("可以使用，可用空间 / fit to be used, room: {}", base::size(room));
    println!("加入配置文件末尾 / add to the end of the configuration:\n");
    println!(
        "[[storage.disk]]\nname = \"{name}\"\npath = \"{quoted}\"\nmin_priority = {min_priority}\nstate = \"active\"\n"
    );
    println!(
        "systemd 还须 / under systemd also: systemctl edit jifang → [Service] ReadWritePaths={quoted}\n然后重启服务：磁盘得到标识，新录像写到余量最久的磁盘，已有录像不动 / then restart: \
         the disk gets its identity, new footage goes where room lasts longest, and what is recorded stays where it is"
    );
    ExitCode::SUCCESS
}

/// The file system that a path lies on.
fn device(path: &Path) -> Option<u64> {
    std::fs::metadata(path).ok().map(|m| m.dev())
}

async fn drain(store: &Store, name: &str) -> anyhow::Result<ExitCode> {
    let views = store.disks().views();
    let view = views.iter().find(|v| v.name == name).with_context(|| format!("no disk is called `{name}`"))?;
    let (containers, bytes) = store.stock_on(name).await?;
    let takes = |v: &&DiskView| v.name != name && v.state == DiskState::Active && v.standing.can_read();
    let room: u64 = views.iter().filter(takes).map(|v| v.free_bytes.saturating_sub(v.reserve_bytes)).sum();
    println!(
        "磁盘 {name}：录像文件 {containers} 个，{} / disk {name} holds {containers} containers, {}",
        base::size(bytes),
        base::size(bytes)
    );
    if !view.standing.can_read() {
        println!(
            "磁盘未连接，无法清空；已损坏的用 jifang disk replace / it is not there and cannot be emptied; if it is broken use `jifang disk replace`"
        );
        return Ok(ExitCode::from(1));
    }
    println!("其他磁盘可容纳 / the others have room for {}", base::size(room));
    if room < bytes {
        println!(
            "还差 {} / short of {}：请先增加磁盘（jifang disk add）/ add a disk first",
            base::size(bytes - room),
            base::size(bytes - room)
        );
        return Ok(ExitCode::from(1));
    }
    let path = if name == store::disks::MAIN { String::new() } else { format!("path = \"{}\"\n", view.root.display()) };
    println!(
        "在配置文件中把它的 state 改为 / in the configuration set:\n\n[[storage.disk]]\nname = \"{name}\"\n{path}state = \"drain\"\n"
    );
    let hours = bytes / site::storage::drain::PACE_BYTES_S / 3_600 + 1;
    println!(
        "然后重启服务：不再写入新录像，录像文件逐个核对后移走，约需 {hours} 小时；清空后 jifang disk list 显示 0 个，再从配置中删除并取下磁盘 / \
         then restart: no new footage goes there, its containers move one by one, each proved before the old one goes, about {hours} h; \
         once `jifang disk list` shows none, take it out of the configuration and out of the machine"
    );
    Ok(ExitCode::SUCCESS)
}
