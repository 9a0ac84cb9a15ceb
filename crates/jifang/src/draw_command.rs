//! `jifang draw verify FILE`: an outsider's check of a published draw of inspections. No server, no network.
//!
//! What flows through: the file of a draw -> what stands in it, step by step -> that it holds, or the one thing that does not fit and in which
//! step. Always true: with the key of the log from elsewhere the answer also says whose draw it is; without it that is said to be open; words of the
//! file are printed by `verify_file::plain` only.

use crate::verify_file::{json as json_text, log_key, plain, read, witness_key};
use base::Lang;
use clap::{Args as ClapArgs, Subcommand};
use domain::draw::{DrawFault, DrawRecord, DrawRules, RECORD_BYTES, verify, verify_by};
use ledger::WitnessVkey;
use std::path::PathBuf;
use std::process::ExitCode;

/// `jifang draw …`
#[derive(ClapArgs)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Draw again from what was published, and say step by step what fits, or the exact fault.
    Verify {
        /// The file of the draw.
        file: PathBuf,
        /// Public key of the log (text form, or a file with it). Without it the key inside the file is used and has yet to be compared.
        #[arg(long)]
        vkey: Option<String>,
        /// Public key of the witness (text form, or a file with it) that must have cosigned the head.
        #[arg(long)]
        witness: Option<String>,
        /// The result as JSON.
        #[arg(long)]
        json: bool,
        /// Language of the answer: zh or en.
        #[arg(long, default_value = "zh")]
        lang: String,
    },
}

/// What is checked, in its order.
const STEPS: [(&str, &str); 7] = [
    ("文件可以读出", "the file is read"),
    ("规则和名单写法正确，与登记的摘要一致", "rules and pool are as they were committed to"),
    ("登记条目在日志中，检查点已签名", "the commitment stands in the log under a signed head"),
    ("种子由检查点产生", "the seed follows from the head"),
    ("每个检查组符合规则", "every team keeps the rules"),
    ("重新抽取，结果逐位相同", "drawn again, place by place the same"),
    ("每次替换都是次序中的下一个", "every replacement is the next in order"),
];

/// In which of the steps a fault lies, from 0.
const fn step_of(fault: &DrawFault) -> usize {
    match fault {
        DrawFault::Unreadable | DrawFault::Version(_) => 0,
        DrawFault::Rules(_)
        | DrawFault::Pool(_)
        | DrawFault::RulesChanged
        | DrawFault::PoolChanged
        | DrawFault::CommitmentChanged => 1,
        DrawFault::Entry | DrawFault::NotLogged => 2,
        DrawFault::Seed(_) | DrawFault::SeedChanged => 3,
        DrawFault::Team { .. } => 4,
        DrawFault::Stratum(_) | DrawFault::Unit { .. } | DrawFault::Inspectors { .. } | DrawFault::ResultDigest => 5,
        DrawFault::Substitution(_) => 6,
        // The keys are compared when all else fits.
        DrawFault::OtherKey => STEPS.len(),
    }
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let What::Verify { file, vkey, witness, json, lang } = &args.what;
    let key = log_key(vkey.as_deref(), "public key of the log")?;
    let witness = witness_key(witness.as_deref())?;
    let bytes = read(file, RECORD_BYTES)?;
    let record = DrawRecord::read(&bytes);
    let found = match (&record, &key) {
        (Err(fault), _) => Err(fault.clone()),
        (Ok(record), Some(key)) => verify_by(record, key, witness.as_ref()),
        (Ok(record), None) => verify(record).and_then(|()| is_witnessed_by(record, witness.as_ref())),
    };
    if *json {
        println!("{}", json_text(&as_json(&record, &found, key.is_some()))?);
    } else {
        print(&record, &found, key.is_some(), Lang::parse(lang).unwrap_or_default());
    }
    Ok(if found.is_ok() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn is_witnessed_by(record: &DrawRecord, witness: Option<&WitnessVkey>) -> Result<(), DrawFault> {
    let Some(witness) = witness else { return Ok(()) };
    let rules = DrawRules::parse(&record.rules).map_err(DrawFault::Rules)?;
    if rules.witness.as_ref() == Some(witness) { Ok(()) } else { Err(DrawFault::OtherKey) }
}

fn as_json(
    record: &Result<DrawRecord, DrawFault>,
    found: &Result<(), DrawFault>,
    is_trusted: bool,
) -> serde_json::Value {
    let fault = found.as_ref().err().map(|fault| {
        let text = fault.text();
        serde_json::json!({ "code": fault.code(), "step": step_of(fault) + 1, "zh": text.zh, "en": text.en })
    });
    let rules = record.as_ref().ok().and_then(|r| DrawRules::parse(&r.rules).ok());
    serde_json::json!({
        "holds": found.is_ok(),
        "fault": fault,
        "plan": record.as_ref().ok().map(|r| &r.commitment.plan),
        "units": record.as_ref().ok().map(|r| r.result.units.len()),
        "log_key": rules.as_ref().map(|r| r.log.to_string()),
        "log_key_compared": is_trusted,
        "caution": rules.as_ref().and_then(DrawRules::caution).map(|t| serde_json::json!({ "zh": t.zh, "en": t.en })),
        "rests_on": rules.as_ref().and_then(DrawRules::resting_on).map(|t| serde_json::json!({ "zh": t.zh, "en": t.en })),
    })
}

fn print(record: &Result<DrawRecord, DrawFault>, found: &Result<(), DrawFault>, is_trusted: bool, lang: Lang) {
    let line = |zh, en, value: &str| println!("{}: {}", lang.t(zh, en), plain(value));
    let rules = record.as_ref().ok().and_then(|r| DrawRules::parse(&r.rules).ok());
    if let Ok(record) = record {
        line("计划", "Plan", &record.commitment.plan);
        line("登记条目", "Entry of the commitment", &record.entry_index.to_string());
        line("种子", "Seed", &record.seed.hex());
        line("抽中", "Drawn", &record.result.units.len().to_string());
        line("替换", "Replaced", &record.substitutions.len().to_string());
    }
    let failed = found.as_ref().err().map(step_of);
    for (at, (zh, en)) in STEPS.iter().enumerate() {
        let sign = match failed {
            Some(step) if step == at => "✗",
            Some(step) if step < at => "·",
            _ => "✓",
        };
        println!("{sign} {} {}", at + 1, lang.t(zh, en));
    }
    if let Some(text) = rules.as_ref().and_then(|r| r.caution().or_else(|| r.resting_on())) {
        println!("! {}", plain(text.get(lang)));
    }
    if let Some(rules) = rules.as_ref().filter(|_| !is_trusted) {
        let advice = lang.t(
            "日志密钥取自文件本身，请与公布的比较",
            "The log's key is the file's own; compare it with the published one",
        );
        println!("! {advice}: {}", plain(&rules.log.to_string()));
    }
    match found {
        Ok(()) => println!("{}", lang.t("抽查记录属实。", "The draw holds.")),
        Err(fault) => {
            println!("✗ [{}] {}", fault.code(), plain(fault.text().get(lang)));
            println!("{}", lang.t("抽查记录不属实。", "The draw does NOT hold."));
        }
    }
}
