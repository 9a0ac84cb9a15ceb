//! `jifang user …`: accounts, on the machine itself. For the day nobody can sign in any more.

use anyhow::Context;
use base::Pii;
use clap::{Args as ClapArgs, Subcommand};
use domain::access::Role;
use site::accounts::AccountForm;
use site::{Site, SiteClock, SiteConfig};
use std::io::Read;
use std::path::PathBuf;
use std::process::ExitCode;
use store::accounts::Account;
use store::{Store, StoreConfig};

/// `jifang user …`
#[derive(ClapArgs)]
#[command(
    after_help = "Passwords are read from standard input, never from an argument (arguments are visible to every user of the \
machine):\n\n  jifang user --data data/site add wu --role duty_officer --name 吴值 < password.txt\n  jifang user --config \
/etc/jifang.toml reset admin < password.txt\n  jifang user --data data/site totp-reset custodian\n\nThe server must be stopped: one \
process uses a data folder. Everything done here is an entry of the log."
)]
pub struct Args {
    /// Configuration file of the server.
    #[arg(long, global = true)]
    config: Option<PathBuf>,
    /// Data folder, without a configuration file.
    #[arg(long, global = true, default_value = "data/demo")]
    data: PathBuf,
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// List accounts: login, role, state, second step. No names: they are sealed and need a page that records who looked.
    List,
    /// Make an account; the password is read from standard input.
    ///
    /// Rules of a password: at least ten characters, not the login name, not one of the first guesses. A sentence will do.
    Add {
        /// Login name: 2 to 40 letters, digits or . _ - @
        login: String,
        /// duty_officer, security_manager, information_custodian, police_officer, police_duty, administrator, security_administrator or auditor.
        #[arg(long)]
        role: String,
        /// Name of the person.
        #[arg(long)]
        name: String,
        /// Badge number (officers).
        #[arg(long)]
        badge: Option<String>,
        /// Unit.
        #[arg(long, default_value = "")]
        unit: String,
    },
    /// Make accounts from a CSV file (UTF-8 or GB18030), all or none; prints a one-time password for each new one.
    ///
    /// Columns: login, name, role, unit, badge (or 登录名 姓名 角色 单位 警号). No passwords in the file. Importing it twice changes nothing.
    Import {
        /// The file.
        file: PathBuf,
        /// Only tell what it would do.
        #[arg(long)]
        check: bool,
    },
    /// Set a password, read from standard input; ends the account's sessions, tokens and its lock.
    #[command(visible_alias = "password")]
    Reset {
        /// Login name.
        login: String,
    },
    /// Close an account: it can no longer sign in, its sessions end. Accounts are never deleted.
    Lock {
        /// Login name.
        login: String,
    },
    /// Open a closed account again, and end the lock of wrong passwords.
    Unlock {
        /// Login name.
        login: String,
    },
    /// Forget the phone of an account (lost): the next sign-in is by password alone; its sessions and recovery codes end.
    TotpReset {
        /// Login name.
        login: String,
    },
}

pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let config = match &args.config {
        Some(file) => StoreConfig::from(&crate::config_command::read(file)?),
        None => StoreConfig { data: args.data.clone(), ..StoreConfig::default() },
    };
    crate::runtime()?.block_on(async move {
        let clock = SiteClock::start();
        let store = Store::open(&config, clock.now().utc).await?;
        let site = Site::offline(store, SiteConfig::default(), clock).await?;
        let done = act(&site, args.what).await;
        site.stop().await;
        done
    })
}

async fn act(site: &Site, what: What) -> anyhow::Result<ExitCode> {
    match what {
        What::List => {
            for a in site.store().accounts().await? {
                let state = match a.disabled {
                    Some(_) => "locked",
                    None if a.failures.may_try(site.now().utc).is_err() => "waiting",
                    None => "active",
                };
                let step = if a.two_step.is_some() { "two-step" } else { "" };
                println!("{:<24} {:<22} {state:<8} {step}", a.login, a.role.code());
            }
        }
        What::Add { login, role, name, badge, unit } => {
            let role = Role::parse(&role).with_context(|| format!("no role `{role}`"))?;
            let password = Pii::new(password()?);
            let form = AccountForm { login, name: Pii::new(name), badge: badge.map(Pii::new), unit, role, password };
            let id = site.add_account_locally(&form).await?;
            println!("{id}");
        }
        What::Import { file, check } => return import(site, &file, check).await,
        What::Reset { login } => {
            let account = find(site, &login).await?;
            site.reset_password_locally(account.id, &Pii::new(password()?)).await?;
            println!("password set");
        }
        What::Lock { login } => {
            site.set_account_disabled_locally(find(site, &login).await?.id, true).await?;
            println!("locked");
        }
        What::Unlock { login } => {
            site.set_account_disabled_locally(find(site, &login).await?.id, false).await?;
            println!("unlocked");
        }
        What::TotpReset { login } => {
            site.reset_two_step_locally(find(site, &login).await?.id).await?;
            println!("second step forgotten; the next sign-in is by password");
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Reads no more of the file than may be in one.
async fn import(site: &Site, file: &std::path::Path, check: bool) -> anyhow::Result<ExitCode> {
    let mut bytes = Vec::new();
    let most = domain::account::import::BYTES as u64 + 1;
    std::fs::File::open(file)
        .with_context(|| format!("cannot open {}", file.display()))?
        .take(most)
        .read_to_end(&mut bytes)?;
    let preview = site.import_preview_locally(&bytes).await?;
    for fault in &preview.faults {
        eprintln!("line {}: {} {}", fault.line, fault.what.zh, fault.what.en);
    }
    if preview.fault_count > 0 {
        eprintln!("{} faults; nothing was imported", preview.fault_count);
        return Ok(ExitCode::FAILURE);
    }
    if check {
        println!("{} rows, {} new accounts", preview.lines.len(), preview.new_accounts());
        return Ok(ExitCode::SUCCESS);
    }
    // The one place where they are shown: they are stored as hashes only.
    for made in site.import_accounts_locally(&bytes).await? {
        println!("{}\t{}", made.login, made.password.expose());
    }
    Ok(ExitCode::SUCCESS)
}

async fn find(site: &Site, login: &str) -> anyhow::Result<Account> {
    site.store().account_by_login(login).await?.with_context(|| format!("no account `{login}`"))
}

fn password() -> anyhow::Result<String> {
    let mut text = String::new();
    std::io::stdin().take(1_024).read_to_string(&mut text)?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}
