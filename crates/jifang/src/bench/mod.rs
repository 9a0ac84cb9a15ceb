//! `jifang bench`: this machine against the goals. Every figure stands beside a floor taken in the same run, so that a slow
//! machine shows as a slow floor. Never part of the tests.

mod alarm;
mod cases;
mod desk;
mod evidence;
mod floor;
mod law;
mod ledger;
mod live;
mod machine;
mod record;
mod recorder;
mod seek;
mod sender;
mod sip;
mod stage;
mod table;

use clap::Args as ClapArgs;
use std::process::ExitCode;
use table::Table;

/// `jifang bench …`
#[derive(ClapArgs)]
pub struct Args {
    /// Which: law, ledger, dc09, desk, live, evidence, seek, record, sip, cases, or all.
    #[arg(default_value = "all")]
    names: Vec<String>,
    /// Seconds of each recording or alarm measurement.
    #[arg(long, default_value_t = 20)]
    seconds: u64,
    /// Streams of each recording measurement, 1080p of 4 Mbit/s each.
    #[arg(long, default_value_t = 32)]
    streams: u32,
    /// Days of the synthetic footage for seeking.
    #[arg(long, default_value_t = 30)]
    days: u32,
    /// Cameras of the synthetic footage for seeking.
    #[arg(long, default_value_t = 2)]
    cameras: u32,
    /// Cases of the synthetic authority; 10000 for a quick look.
    #[arg(long, default_value_t = 1_000_000)]
    cases: u64,
    /// An empty PostgreSQL database of its own, `postgres://…`, to measure cases there too.
    #[arg(long)]
    database: Option<String>,
    /// One recording measurement in this process, as a line of JSON.
    #[arg(long, hide = true)]
    single: Option<record::Single>,
}

/// All benchmarks, in order of cost.
const ALL: [&str; 10] = ["law", "ledger", "dc09", "desk", "live", "evidence", "record", "seek", "sip", "cases"];

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    if let Some(single) = args.single {
        record::run_single(single, args.streams, args.seconds)?;
        return Ok(ExitCode::SUCCESS);
    }
    let names: Vec<&str> = match args.names.iter().map(String::as_str).collect::<Vec<_>>() {
        list if list == ["all"] => ALL.to_vec(),
        list => list,
    };
    if let Some(unknown) = names.iter().find(|n| !ALL.contains(n)) {
        anyhow::bail!("no benchmark `{unknown}`; there are: {}", ALL.join(", "));
    }
    let machine = machine::describe();
    let mut table = Table::default();
    for name in names {
        eprintln!("bench {name} …");
        match name {
            "law" => law::run(&mut table)?,
            "ledger" => ledger::run(&mut table)?,
            "dc09" => alarm::run(&mut table, args.seconds)?,
            "desk" => desk::run(&mut table)?,
            "live" => live::run(&mut table)?,
            "evidence" => evidence::run(&mut table)?,
            "sip" => sip::run(&mut table)?,
            "cases" => cases::run(&mut table, args.cases, args.database.as_deref())?,
            "seek" => seek::run(&mut table, args.days, args.cameras)?,
            _ => record::run(&mut table, args.streams, args.seconds)?,
        }
    }
    println!("{machine}\n\n{table}");
    Ok(ExitCode::SUCCESS)
}
