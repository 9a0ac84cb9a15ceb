//! `jifang register verify FILE`: an outsider's check that a row stood in a public register on a day. No server, no network.
//!
//! What flows through: the file of a proof -> that it holds, with row, version and day, or the one thing that does not fit. Always true: with the key
//! of the log from elsewhere the answer also says whose register it is; without it, and without a later state, that is said to be open. The last line
//! names the days that are proved, not only the one that was asked about; words of the file are printed by `verify_file::plain` only.

use crate::verify_file::{json as json_text, log_key, plain, read};
use base::{CivilDate, Lang, Text};
use clap::{Args as ClapArgs, Subcommand};
use domain::register_state::{FILE_BYTES, StateFault, StateProof, Stood, verify};
use std::path::PathBuf;
use std::process::ExitCode;

/// `jifang register …`
#[derive(ClapArgs)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Check that a row stood in a public register at the end of a day, or name the exact fault.
    Verify {
        /// The file, as the page of the row gives it.
        file: PathBuf,
        /// Public key of the log (text form, or a file with it). Without it the key inside the file is used and has yet to be compared.
        #[arg(long)]
        vkey: Option<String>,
        /// The result as JSON.
        #[arg(long)]
        json: bool,
        /// Language of the answer: zh or en.
        #[arg(long, default_value = "zh")]
        lang: String,
    },
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let What::Verify { file, vkey, json, lang } = &args.what;
    let key = log_key(vkey.as_deref(), "public key of the log")?;
    let record = StateProof::read(&read(file, FILE_BYTES)?);
    let found = record.as_ref().map_err(|fault| *fault).and_then(|record| verify(record, key.as_ref()));
    if *json {
        println!("{}", json_text(&as_json(record.as_ref().ok(), &found, key.is_some()))?);
    } else {
        print(record.as_ref().ok(), &found, key.is_some(), Lang::parse(lang).unwrap_or_default());
    }
    Ok(if found.is_ok() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn as_json(record: Option<&StateProof>, found: &Result<Stood, StateFault>, is_trusted: bool) -> serde_json::Value {
    let stood = found.as_ref().ok();
    let fault = found.as_ref().err().map(|fault| {
        let text = fault.text();
        serde_json::json!({ "code": fault.code(), "zh": text.zh, "en": text.en })
    });
    serde_json::json!({
        "holds": stood.is_some(),
        "fault": fault,
        "register": record.map(|r| &r.register),
        "day": record.map(|r| r.day),
        "row": stood.map(|s| &s.row),
        "version": stood.map(|s| s.version),
        "state_day": stood.map(|s| s.state_day),
        "rows": stood.map(|s| s.rows),
        "state_entry": stood.map(|s| s.entry),
        "later_state_shown": stood.map(|s| s.is_closed),
        "log_key": record.map(|r| &r.log),
        "log_key_compared": is_trusted,
    })
}

/// On which days the row stood there, as far as the file proves it: a state without a later one proves its own day alone.
fn proved(stood: &Stood, asked: CivilDate) -> Text {
    let of = stood.state_day;
    if of == asked {
        return Text::of(
            format!("该登记在 {of} 终了时以此版本在册。"),
            format!("The row stood there in this version at the end of {of}."),
        );
    }
    if stood.is_closed {
        return Text::of(
            format!("该登记自 {of} 终了时起至 {asked} 终了时以此版本在册。"),
            format!("The row stood there in this version from the end of {of} to the end of {asked}."),
        );
    }
    Text::of(
        format!("该登记在 {of} 终了时以此版本在册；此后至 {asked} 没有变化，文件没有证明。"),
        format!(
            "The row stood there in this version at the end of {of}; that nothing changed until {asked} the file does not prove."
        ),
    )
}

fn print(record: Option<&StateProof>, found: &Result<Stood, StateFault>, is_trusted: bool, lang: Lang) {
    let line = |zh, en, value: &str| println!("{}: {}", lang.t(zh, en), plain(value));
    if let Some(record) = record {
        line("登记簿", "Register", &record.register);
        line("日期", "Day", &record.day.to_string());
    }
    if let Some(record) = record.filter(|_| !is_trusted) {
        let advice = lang.t(
            "日志密钥取自文件本身，请与公布的比较",
            "The log's key is the file's own; compare it with the published one",
        );
        println!("! {advice}: {}", plain(&record.log));
    }
    match found {
        Ok(stood) => {
            line("登记", "Row", &stood.row);
            line("版本", "Version", &stood.version.to_string());
            line("状态的日期", "State of", &stood.state_day.to_string());
            line("状态的条目", "Entry of the state", &stood.entry.to_string());
            if !stood.is_closed {
                let open = lang.t(
                    "文件中没有后一状态：当日没有更新的状态，只是出具者的说法",
                    "No later state is in the file: that there was none on that day is the word of whoever made it",
                );
                println!("! {open}");
            }
            if let Some(record) = record {
                println!("{}", proved(stood, record.day).get(lang));
            }
        }
        Err(fault) => {
            println!("✗ [{}] {}", fault.code(), plain(fault.text().get(lang)));
            println!("{}", lang.t("证明不成立。", "The proof does NOT hold."));
        }
    }
}
