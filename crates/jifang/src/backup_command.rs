//! `jifang backup` and `jifang restore`: the server in one sealed file, and back again.
//!
//! The passphrase comes from a file or the environment, never from an argument: arguments are visible to every user of the machine.

use anyhow::Context;
use clap::{Args as ClapArgs, Subcommand};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use store::backup::{self, BackupError, Cost, Manifest, Place, Source};

/// Where the passphrase is when no file is named.
const PASSPHRASE: &str = "JIFANG_BACKUP_PASSPHRASE";
/// Longest passphrase.
const PASSPHRASE_BYTES: u64 = 4_096;

/// `jifang backup …`
#[derive(ClapArgs)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "The passphrase seals everything, keys too. Without it a backup cannot be opened by anybody: keep it on paper, apart from \
the backups.\n\n  jifang backup --config /etc/jifang/jifang.toml --to /mnt/backup --passphrase-file /etc/jifang/backup.pass\n  jifang \
backup verify /mnt/backup/jifang-….jifang-backup --passphrase-file /etc/jifang/backup.pass\n\nFootage and the files of exports are not in \
it: they are too large, and each proves itself. Run it as the user of the server."
)]
pub struct Args {
    #[command(subcommand)]
    what: Option<What>,
    /// Configuration file of the server.
    #[arg(long)]
    config: Option<PathBuf>,
    /// A new file, or a folder in which one is named after site and time.
    #[arg(long)]
    to: Option<PathBuf>,
    #[command(flatten)]
    word: Word,
}

#[derive(Subcommand)]
enum What {
    /// Read a backup from end to end and say whether it is whole. Needs no server. Exit code 1 when it is not.
    Verify {
        /// The backup.
        file: PathBuf,
        #[command(flatten)]
        word: Word,
    },
}

#[derive(ClapArgs)]
struct Word {
    /// File with the passphrase in its first line; without it the environment variable JIFANG_BACKUP_PASSPHRASE.
    #[arg(long)]
    passphrase_file: Option<PathBuf>,
}

impl Word {
    fn read(&self) -> anyhow::Result<String> {
        let text = match &self.passphrase_file {
            Some(file) => {
                let mut text = String::new();
                let open = std::fs::File::open(file).with_context(|| format!("cannot read `{}`", file.display()))?;
                open.take(PASSPHRASE_BYTES).read_to_string(&mut text)?;
                text.lines().next().unwrap_or_default().to_owned()
            }
            None => std::env::var(PASSPHRASE)
                .with_context(|| format!("no passphrase: give --passphrase-file, or set {PASSPHRASE}"))?,
        };
        anyhow::ensure!(!text.is_empty(), "the passphrase is empty");
        Ok(text)
    }
}

/// `jifang restore …`
#[derive(ClapArgs)]
#[command(
    after_help = "The backup is read to its end before anything is touched. A restore that was cut short is repeated with the same \
command; until then no server starts in its place.\n\nIf the configuration file does not exist it is written from the backup. Everybody \
signs in anew afterwards. If an authority witnessed more of the log than the backup holds, it says so on its page of the sites, and a \
person there accepts the restored log."
)]
pub struct RestoreArgs {
    /// Configuration file of the server to be; written from the backup if it does not exist.
    #[arg(long)]
    config: PathBuf,
    /// The backup.
    #[arg(long)]
    from: PathBuf,
    /// Set aside what stands in the place; nothing is deleted.
    #[arg(long)]
    replace: bool,
    #[command(flatten)]
    word: Word,
}

/// Says what is wrong with a backup; 1 = it does not hold.
fn refused(error: &BackupError) -> anyhow::Result<ExitCode> {
    println!("✗ {error}");
    Ok(ExitCode::from(1))
}

fn print(manifest: &Manifest) {
    let about = &manifest.about;
    println!("site        {}", about.site);
    println!(
        "made        {} (program {}, schema {}, {})",
        about.made_ms.desk(),
        about.program,
        about.schema,
        about.database
    );
    println!("entries     {}", manifest.head.size);
    println!("root        {}", manifest.head.root);
    println!("rows        {} in {} tables", manifest.rows.values().sum::<u64>(), manifest.rows.len());
    println!("members     {}", manifest.members.len());
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    if let Some(What::Verify { file, word }) = &args.what {
        return match backup::verify(file, &word.read()?) {
            Ok(found) => {
                print(&found.manifest);
                println!("备份完整 / the backup is whole");
                Ok(ExitCode::SUCCESS)
            }
            Err(error) => refused(&error),
        };
    }
    let (Some(config), Some(to)) = (&args.config, &args.to) else {
        anyhow::bail!("give --config and --to, or `verify FILE`");
    };
    let word = args.word.read()?;
    let text = std::fs::read_to_string(config).with_context(|| format!("cannot read `{}`", config.display()))?;
    let source = Source {
        store: (&crate::config_command::read(config)?).into(),
        config: text,
        program: env!("CARGO_PKG_VERSION").to_owned(),
    };
    let made = crate::runtime()?.block_on(backup::make(&source, to, &word, Cost::default(), site::clock::system_utc()));
    match made {
        Ok(made) => {
            print(&made.manifest);
            println!("bytes       {}", made.bytes);
            println!("已备份并读回核对 / backed up and read back: {}", made.path.display());
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => refused(&error),
    }
}

pub fn restore(args: &RestoreArgs) -> anyhow::Result<ExitCode> {
    let word = args.word.read()?;
    let found = match backup::verify(&args.from, &word) {
        Ok(found) => found,
        Err(error) => return refused(&error),
    };
    let fresh = !args.config.exists();
    if fresh {
        anyhow::ensure!(
            !found.config.is_empty(),
            "the backup holds no configuration; write `{}` first",
            args.config.display()
        );
        write_config(&args.config, &found.config)?;
    }
    let config = crate::config_command::read(&args.config)?;
    if fresh {
        share(&args.config, &config.data);
    }
    let place = Place { store: (&config).into(), replace: args.replace };
    let done = backup::restore(&place, &args.from, &word, site::clock::system_utc());
    let done = match crate::runtime()?.block_on(done) {
        Ok(done) => done,
        Err(error) => return refused(&error),
    };
    print(&done.manifest);
    if fresh {
        println!(
            "配置已由备份写入，请核对 / configuration written from the backup, look it through: {}",
            args.config.display()
        );
    }
    if let Some(aside) = done.aside {
        println!("原有文件已移至 / what was there is now in: {}", aside.display());
    }
    if let Some(schema) = done.aside_schema {
        println!("原有数据表已移至模式 / tables that were there are now in schema: {schema}");
    }
    println!(
        "已恢复。录像不在备份内：接回原磁盘后运行 jifang check / restored. Footage is not in a backup: put its disks back, then run"
    );
    println!("  jifang check --config {}", args.config.display());
    Ok(ExitCode::SUCCESS)
}

/// The server reads its configuration as another user: that of the data folder, when there is one already.
fn share(config: &Path, data: &Path) {
    use std::os::unix::fs::MetadataExt as _;
    let group = std::fs::metadata(data).map(|m| m.gid());
    if let Some(Err(error)) = group.ok().map(|gid| std::os::unix::fs::chown(config, None, Some(gid))) {
        eprintln!("`{}` stays with its group: {error}", config.display());
    }
}

/// It names a database and may hold its password: for its owner alone.
fn write_config(path: &Path, text: &str) -> anyhow::Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o640)
        .open(path)
        .with_context(|| format!("cannot write `{}`", path.display()))?;
    file.write_all(text.as_bytes())?;
    Ok(file.sync_all()?)
}
