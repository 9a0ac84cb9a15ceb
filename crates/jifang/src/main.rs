//! The `jifang` binary: command line in, exit code out. 0 = it holds or was done, 1 = it does not hold, 2 = bad usage.
//!
//! Each command has a file of its own; here is only the list of them. `serve` never touches the simulators.

mod authority_demo;
mod backup_command;
mod bench;
mod check;
mod config_command;
mod demo;
mod disk_command;
mod draw_command;
mod evidence;
mod law_command;
mod law_folder;
mod ledger_command;
mod paper_command;
mod register_command;
mod serve;
mod sim_command;
mod support_command;
mod user;
mod verify_file;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// 公共安全技术防范 / public-security technical prevention: recording, lawful use, evidence, supervision.
#[derive(Parser)]
#[command(name = "jifang", version, max_term_width = 100, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Start a server with simulated cameras on this machine and print address and accounts.
    ///
    /// Everything is real but the cameras' scenes: the devices are processes of their own that speak GB/T 28181 and RTSP.
    Demo(demo::Args),
    /// Run the server.
    Serve(serve::Args),
    /// Configuration: `jifang config default` prints a commented file.
    Config(config_command::Args),
    /// Run one simulated device over its real protocol (commissioning, training, tests).
    Sim(sim_command::Args),
    /// Law packs: list them, show a clause, ask what applies, check the packs.
    Law(law_command::Args),
    /// Templates of official documents: write the built-in ones into a folder, or check an office's own.
    Paper(paper_command::Args),
    /// The append-only log: verify it, or prove one entry.
    Ledger(ledger_command::Args),
    /// Compare rows, containers and ledger of a data folder with each other, or make lost rows again.
    Check(check::Args),
    /// One sealed file of everything but footage, while the server runs or not; or read one and say whether it is whole.
    Backup(backup_command::Args),
    /// Make a server again from a backup, in an empty place (the server must be stopped).
    Restore(backup_command::RestoreArgs),
    /// One text file for whoever helps: versions, state, configuration without its secrets. No personal data.
    Support(support_command::Args),
    /// Disks that hold footage: list them, prepare to add or empty one, or take a new one in place of one that is broken (the server
    /// must be stopped).
    Disk(disk_command::Args),
    /// Export bundles: verify one without a server.
    Evidence(evidence::Args),
    /// Published draws of inspections: draw one again without a server.
    Draw(draw_command::Args),
    /// Public registers: check a proof that a row stood there on a day, without a server.
    Register(register_command::Args),
    /// Accounts of a data folder, on the machine itself (the server must be stopped).
    User(user::Args),
    /// Measure this machine against the goals; ratios to floors taken in the same run.
    Bench(bench::Args),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = match cli.command {
        Command::Demo(args) => demo::run(args),
        Command::Serve(args) => serve::run(&args),
        Command::Config(args) => config_command::run(&args),
        Command::Sim(args) => sim_command::run(args),
        Command::Law(args) => law_command::run(&args),
        Command::Paper(args) => paper_command::run(&args),
        Command::Ledger(args) => ledger_command::run(&args),
        Command::Check(args) => check::run(&args),
        Command::Backup(args) => backup_command::run(&args),
        Command::Restore(args) => backup_command::restore(&args),
        Command::Support(args) => support_command::run(&args),
        Command::Disk(args) => disk_command::run(&args),
        Command::Evidence(args) => evidence::run(&args),
        Command::Draw(args) => draw_command::run(&args),
        Command::Register(args) => register_command::run(&args),
        Command::User(args) => user::run(args),
        Command::Bench(args) => bench::run(&args),
    };
    done.unwrap_or_else(|error| {
        eprintln!("jifang: {error:#}");
        ExitCode::from(2)
    })
}

/// Resolves when standard input ends; never if nobody asked for it.
async fn input_ended(asked: bool) {
    if !asked {
        return std::future::pending().await;
    }
    let (ended, input) = tokio::sync::oneshot::channel::<()>();
    // A thread of its own: the runtime would wait for a task that reads.
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        drop(ended);
    });
    let _ = input.await;
}

/// A runtime for commands that need one.
fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}
