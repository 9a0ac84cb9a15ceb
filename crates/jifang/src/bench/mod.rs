//! `jifang bench`: this machine against the goals. Every figure stands beside a floor taken in the same run, so that a slow
//! machine shows as a slow floor. Never part of the tests.

mod evidence;
mod law;
mod ledger;
mod record;
mod seek;
mod table;

use clap::Args as ClapArgs;
use std::process::ExitCode;
use table::Table;

/// `jifang bench …`
#[derive(ClapArgs)]
pub struct Args {
    /// Which: law, ledger, evidence, seek, record, or all.
    #[arg(default_value = "all")]
    names: Vec<String>,
    /// Seconds of each recording measurement.
    #[arg(long, default_value_t = 20)]
    seconds: u64,
    /// Streams of each recording measurement, 1080p of 4 Mbit/s each.
    #[arg(long, default_value_t = 32)]
    streams: u32,
    /// Days of the synthetic footage for seeking.
    #[arg(long, default_value_t = 30)]
    days: u32,
    /// Cameras of the synthetic footage for seeking.
    #[arg(long, default_value_t = 4)]
    cameras: u32,
}

/// All benchmarks, in order of cost.
const ALL: [&str; 5] = ["law", "ledger", "evidence", "seek", "record"];

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let names: Vec<&str> = match args.names.iter().map(String::as_str).collect::<Vec<_>>() {
        list if list == ["all"] => ALL.to_vec(),
        list => list,
    };
    if let Some(unknown) = names.iter().find(|n| !ALL.contains(n)) {
        anyhow::bail!("no benchmark `{unknown}`; there are: {}", ALL.join(", "));
    }
    let mut table = Table::default();
    for name in names {
        eprintln!("bench {name} …");
        match name {
            "law" => law::run(&mut table)?,
            "ledger" => ledger::run(&mut table)?,
            "evidence" => evidence::run(&mut table)?,
            "seek" => seek::run(&mut table, args.days, args.cameras)?,
            _ => record::run(&mut table, args.streams, args.seconds)?,
        }
    }
    println!("{table}");
    Ok(ExitCode::SUCCESS)
}
