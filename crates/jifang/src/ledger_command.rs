//! `jifang ledger …`: an outsider's view of the log; needs no server and no database.

use anyhow::Context;
use clap::{Args as ClapArgs, Subcommand};
use ledger::{CHECKPOINT_PATH, Checkpoint, Log, LogVerifier, TileSource, Vkey, audit, compare_views};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// `jifang ledger …`
#[derive(ClapArgs)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Read the whole log and check every entry, tile and the signed head.
    Verify {
        #[command(flatten)]
        at: Where,
        /// A signed head of this log that was seen before (a witness's, one kept on paper): the log must continue it. May be repeated.
        #[arg(long)]
        seen: Vec<PathBuf>,
    },
    /// Write an entry and its proof: ENTRY.json and ENTRY.proof in the current folder, or check a proof file.
    Prove {
        /// Index of the entry.
        entry: u64,
        #[command(flatten)]
        at: Where,
        /// Check this proof file against --entry-file instead of making one.
        #[arg(long, requires = "entry_file")]
        check: Option<PathBuf>,
        /// The entry's bytes for --check.
        #[arg(long)]
        entry_file: Option<PathBuf>,
    },
}

#[derive(ClapArgs)]
struct Where {
    /// Data folder of the site, or the `ledger` folder itself.
    #[arg(long, default_value = "data/demo")]
    data: PathBuf,
    /// Public key of the site (text form, or a file with it); without it the folder's own key is used, which proves order and
    /// completeness but not whose log it is.
    #[arg(long)]
    key: Option<String>,
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    match &args.what {
        What::Verify { at, seen } => verify(at, seen),
        What::Prove { entry, at, check: None, .. } => prove(*entry, at),
        What::Prove { at, check: Some(proof), entry_file, .. } => {
            check_proof(at, proof, entry_file.as_deref().unwrap_or(Path::new("")))
        }
    }
}

fn folder(at: &Where) -> PathBuf {
    let inside = at.data.join("ledger");
    if inside.is_dir() { inside } else { at.data.clone() }
}

fn vkey(at: &Where, folder: &Path) -> anyhow::Result<Vkey> {
    let text = match &at.key {
        Some(key) if Path::new(key).is_file() => std::fs::read_to_string(key)?,
        Some(key) => key.clone(),
        None => std::fs::read_to_string(folder.join("key.pub"))
            .with_context(|| format!("no public key in `{}`; give --key", folder.display()))?,
    };
    Vkey::parse(&text).context("public key")
}

fn verify(at: &Where, seen: &[PathBuf]) -> anyhow::Result<ExitCode> {
    let folder = folder(at);
    let key = vkey(at, &folder)?;
    let source = store::ledger_log::source(&folder);
    let report = audit(&source, &key);
    for fault in &report.faults {
        println!("fault: {fault}");
    }
    println!("key         {key}");
    println!(
        "fingerprint {}{}",
        key.fingerprint(),
        if at.key.is_some() { "" } else { "  (the folder's own key: compare it by telephone)" }
    );
    match &report.head {
        Some(head) => println!("entries     {}\nroot        {}", head.size, head.root),
        None => println!("no head with a valid signature"),
    }
    let mut continues = true;
    for file in seen {
        let note = std::fs::read(file).with_context(|| format!("cannot read `{}`", file.display()))?;
        let before =
            Checkpoint::open(&note, &key).with_context(|| format!("`{}` is no head of this log", file.display()))?;
        let found = report.head.as_ref().map(|now| compare_views(&before, now, &source));
        match found {
            Some(Ok(())) => println!("continues   the head of {} entries in {}", before.size, file.display()),
            Some(Err(fault)) => {
                continues = false;
                println!("fault: witnessed head of {} entries in {}: {fault}", before.size, file.display());
            }
            None => continues = false,
        }
    }
    let holds = report.holds() && continues;
    println!("{}", if holds { "the log holds" } else { "the log does NOT hold" });
    Ok(if holds { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn prove(entry: u64, at: &Where) -> anyhow::Result<ExitCode> {
    let folder = folder(at);
    let source = store::ledger_log::source(&folder);
    let note = source.read(CHECKPOINT_PATH).context("no checkpoint: is this a ledger folder?")?;
    let head = Checkpoint::open(&note, &vkey(at, &folder)?)?;
    let log = Log::new(&source, head.size);
    let bytes = log.entry(entry)?;
    let proof = log.prove(entry, &note)?;
    std::fs::write(format!("{entry}.json"), bytes.as_bytes())?;
    std::fs::write(format!("{entry}.proof"), proof.to_text())?;
    println!("{}", String::from_utf8_lossy(bytes.as_bytes()));
    println!("wrote {entry}.json and {entry}.proof: entry {entry} of {} under root {}", head.size, head.root);
    Ok(ExitCode::SUCCESS)
}

fn check_proof(at: &Where, proof: &Path, entry: &Path) -> anyhow::Result<ExitCode> {
    let key = vkey(at, &folder(at))?;
    let proof = std::fs::read(proof).context("proof file")?;
    let entry = std::fs::read(entry).context("entry file")?;
    match LogVerifier::new(&key).check_file(&proof, &entry) {
        Ok(head) => {
            println!("the proof holds: the entry is in the log of {} entries with root {}", head.size, head.root);
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => {
            println!("the proof does NOT hold: {error}");
            Ok(ExitCode::from(1))
        }
    }
}
