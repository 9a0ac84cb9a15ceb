//! `jifang law …`: what the packs say.

use base::ClauseId;
use clap::{Args as ClapArgs, Subcommand};
use law::{Gate, Packs};
use std::process::ExitCode;

/// `jifang law …`
#[derive(ClapArgs)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// List the packs.
    List,
    /// Show a clause, its article as printed, and how it is read.
    Show {
        /// Clause id, e.g. B-28-1-1.
        clause: String,
    },
    /// Check the packs and run their cases.
    Check,
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let packs = Packs::embedded()?;
    match &args.what {
        What::List => {
            for pack in packs.all() {
                let name = pack.name();
                println!("{:<36} {} / {}", pack.head.id, name.zh, name.en);
            }
            Ok(ExitCode::SUCCESS)
        }
        What::Show { clause } => Ok(show(&packs, clause)),
        What::Check => {
            let gate = Gate::embedded()?;
            let failures = gate.run_cases();
            for failure in &failures {
                println!("{}: {}: {}", failure.file, failure.case, failure.what);
            }
            println!("{} cases, {} failures", gate.case_count(), failures.len());
            Ok(if failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) })
        }
    }
}

fn show(packs: &Packs, id: &str) -> ExitCode {
    let Some((pack, clause)) = packs.clause(&ClauseId::new(id)) else {
        eprintln!("no clause `{id}` in the packs (ids look like B-28-1-1, A-23-2, 799-17)");
        return ExitCode::from(1);
    };
    let name = pack.name();
    println!("{id}  {} / {}", name.zh, name.en);
    if let Some(citation) = packs.cite(&ClauseId::new(id)) {
        println!("{} / {}", citation.article.zh, citation.article.en);
        println!("{}", citation.gist.zh);
        println!("{}", citation.gist.en);
        println!("reading: {:?}   text SHA-256: {}", citation.reading, citation.text_sha256);
    }
    if let Some(article) = packs.article_text(&pack.head.id, clause.article) {
        println!("\n{}", article.body);
    }
    let today = site::clock::system_utc().shanghai_date();
    if !pack.in_force(clause, today) {
        println!("(not in force on {today})");
    }
    ExitCode::SUCCESS
}
