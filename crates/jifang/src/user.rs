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
use store::{Store, StoreConfig};

/// `jifang user …`
#[derive(ClapArgs)]
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
    /// List accounts.
    List,
    /// Make an account; the password is read from standard input.
    Add {
        /// Login name.
        login: String,
        /// duty_officer, security_manager, information_custodian, police_officer, administrator or auditor.
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
    /// Set a password, read from standard input; ends the account's sessions and its lock.
    Password {
        /// Login name.
        login: String,
    },
}

pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let config = match &args.config {
        Some(file) => {
            let c = crate::config::read(file)?;
            StoreConfig { data: c.data, database_url: c.database_url }
        }
        None => StoreConfig { data: args.data.clone(), database_url: None },
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
                let state = if a.disabled.is_some() { "disabled" } else { "active" };
                println!("{:<24} {:<22} {state}", a.login, a.role.code());
            }
        }
        What::Add { login, role, name, badge, unit } => {
            let role = Role::parse(&role).with_context(|| format!("no role `{role}`"))?;
            let password = Pii::new(password()?);
            let form = AccountForm { login, name: Pii::new(name), badge: badge.map(Pii::new), unit, role, password };
            let id = site.add_account_locally(&form).await?;
            println!("{id}");
        }
        What::Password { login } => {
            let account =
                site.store().account_by_login(&login).await?.with_context(|| format!("no account `{login}`"))?;
            site.reset_password_locally(account.id, &Pii::new(password()?)).await?;
            println!("password set");
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn password() -> anyhow::Result<String> {
    let mut text = String::new();
    std::io::stdin().take(1_024).read_to_string(&mut text)?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}
