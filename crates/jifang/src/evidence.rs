//! `jifang evidence verify FILE`: a court's check of an export bundle. No server, no network.
//!
//! The bundle's parts are independent jobs (`domain::evidence::Verifier`); they run on as many threads as the machine has. Words
//! of the bundle are printed by `verify_file::plain` only.

use crate::verify_file::{json as json_text, log_key, plain, witness_key};
use anyhow::Context;
use base::Lang;
use clap::{Args as ClapArgs, Subcommand};
use domain::evidence::{Job, ReadAt, ReadFailed, Report, Verifier};
use ledger::{Vkey, WitnessVkey};
use std::fs::File;
use std::io::{IsTerminal, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// `jifang evidence …`
#[derive(ClapArgs)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Check an export bundle and say what is in it, or the exact fault.
    Verify {
        /// The bundle.
        file: PathBuf,
        /// The result as JSON.
        #[arg(long)]
        json: bool,
        /// Public key of the site (text form, or a file with it). Without it the key inside the bundle is used and its
        /// fingerprint must be compared with the site's.
        #[arg(long)]
        key: Option<String>,
        /// Public key of a witness (text form, or a file with it) that must have cosigned the log's checkpoint.
        #[arg(long)]
        witness_key: Option<String>,
        /// Language of the answer: zh or en.
        #[arg(long, default_value = "zh")]
        lang: String,
    },
}

/// A bundle on disk.
pub struct OnDisk {
    file: File,
    size: u64,
}

impl OnDisk {
    /// Opens a bundle.
    ///
    /// # Errors
    /// It cannot be opened.
    pub fn open(path: &Path) -> std::io::Result<Self> {
        let file = File::open(path)?;
        let size = file.metadata()?.len();
        Ok(Self { file, size })
    }
}

impl ReadAt for OnDisk {
    fn size_bytes(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<(), ReadFailed> {
        self.file.read_exact_at(buf, offset).map_err(|e| ReadFailed(e.to_string()))
    }
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let What::Verify { file, json, key, witness_key: witness, lang } = &args.what;
    let key = log_key(key.as_deref(), "public key")?;
    let witness = witness_key(witness.as_deref())?;
    let source = OnDisk::open(file).with_context(|| format!("cannot open `{}`", file.display()))?;
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let report = verify(&source, key.as_ref(), witness.as_ref(), threads, !*json && std::io::stderr().is_terminal());
    if *json {
        println!("{}", json_text(&as_json(&report))?);
    } else {
        print(&report, Lang::parse(lang).unwrap_or_default());
    }
    Ok(if report.holds() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// Runs the verifier's jobs on at most so many threads, with a progress line if wanted.
pub fn verify(
    source: &OnDisk,
    key: Option<&Vkey>,
    witness: Option<&WitnessVkey>,
    threads: usize,
    show: bool,
) -> Report {
    let verifier = match Verifier::open(source, key) {
        Ok(verifier) => verifier,
        Err(report) => return *report,
    };
    let verifier = match witness {
        Some(witness) => verifier.asking_witness(witness),
        None => verifier,
    };
    let jobs: Vec<Job> = verifier.plan_jobs();
    let (next, done) = (AtomicUsize::new(0), AtomicU64::new(0));
    let faults = Mutex::new(vec![Vec::new(); jobs.len()]);
    let total = verifier.work_bytes().max(1);
    let threads = threads.clamp(1, jobs.len().max(1));
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some((at, job)) = take(&next, &jobs) {
                    let found = verifier.run_job(job, source, &mut |bytes| {
                        let now = done.fetch_add(bytes, Ordering::Relaxed) + bytes;
                        if show {
                            let _ = write!(std::io::stderr(), "\r{:3} %", now * 100 / total);
                        }
                    });
                    if let Ok(mut faults) = faults.lock() {
                        faults[at] = found;
                    }
                }
            });
        }
    });
    if show {
        eprint!("\r     \r");
    }
    verifier.finish(faults.into_inner().unwrap_or_default())
}

fn take(next: &AtomicUsize, jobs: &[Job]) -> Option<(usize, Job)> {
    let at = next.fetch_add(1, Ordering::Relaxed);
    jobs.get(at).map(|job| (at, *job))
}

fn as_json(report: &Report) -> serde_json::Value {
    serde_json::json!({ "holds": report.holds(), "report": report, "key_advice": report.key_advice() })
}

fn print(report: &Report, lang: Lang) {
    if let Some(f) = &report.facts {
        let line = |zh, en, value: &str| println!("{}: {}", lang.t(zh, en), plain(value));
        line("导出编号", "Export", &f.export);
        line("单位", "Site", &f.site);
        line("申请单位", "Requested by", &format!("{} ({})", f.unit, f.case_number));
        line("法律依据", "Legal ground", f.basis.get(lang));
        line("事由", "Purpose", &f.purpose);
        line("民警", "Officers", &f.officers.join("; "));
        line("信息管理员", "Custodian", &f.custodian);
        for camera in &f.cameras {
            line("摄像机", "Camera", camera.get(lang));
        }
        line("申请时段", "Asked for", &format!("{} – {}", f.asked.from_utc_ms.desk(), f.asked.to_utc_ms.desk()));
        line("内容", "Content", &format!("{} s, {} {}", f.footage_s, f.pictures, lang.t("帧", "pictures")));
        for gap in &f.gaps {
            line("缺失", "Missing", gap.get(lang));
        }
    }
    for fault in &report.faults {
        println!("✗ [{}] {}", fault.code.code(), plain(fault.text.get(lang)));
        if !fault.detail.is_empty() {
            println!("  {}", plain(&fault.detail));
        }
    }
    if let Some(witness) = report.witness_fingerprint.as_ref().filter(|_| report.holds()) {
        println!(
            "{}: {}",
            lang.t("日志检查点有见证机关联署，密钥指纹", "The log's checkpoint is cosigned by the witness with key"),
            plain(witness)
        );
    }
    if let Some(advice) = report.key_advice() {
        println!("! {}", plain(advice.get(lang)));
    }
    let verdict = if report.holds() {
        lang.t("验证通过：内容与导出时完全一致。", "Verified: the content is exactly what was exported.")
    } else {
        lang.t("验证未通过：不能作为未经改动的证据。", "NOT verified: this cannot serve as unaltered evidence.")
    };
    println!("{verdict}");
}
