//! The demo's police: a second `jifang serve`, a process with its own database, log and accounts, that takes the demo site's reports.
//!
//! It is prepared while it is not running: accounts with new passwords, the site admitted by its two keys, as an administrator would
//! enter them; then the site is told where it is. From there on both only meet on the bus.

use crate::demo::{actor, password};
use anyhow::Context;
use authority::{Admission, Authority, By};
use base::Pii;
use domain::access::Role;
use law::{Jurisdiction, SiteProfile};
use site::accounts::AccountForm;
use site::{Profile, Site, SiteClock, SiteConfig};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use store::peers::PeerState;
use store::{Store, StoreConfig};

/// Who can sign in there: login, role, name.
const PEOPLE: [(&str, Role, &str); 4] = [
    ("police-admin", Role::Administrator, "公安管理员"),
    ("police", Role::PoliceDuty, "赵接警"),
    ("police-sec", Role::SecurityAdministrator, "公安安全员"),
    ("police-audit", Role::Auditor, "孙审"),
];

/// The running process; it ends with this value.
pub struct Police {
    child: Child,
    address: SocketAddr,
    passwords: Vec<(&'static str, Role, String)>,
}

impl Drop for Police {
    fn drop(&mut self) {
        // Its input ends, and it with it: what it was receiving is stored whole or not at all.
        self.child.stdin.take();
        let _ = self.child.wait();
    }
}

impl Police {
    /// Address and accounts, once.
    pub fn print(&self) {
        println!("  公安机关服务器 / the police's server      http://{}/inbox", self.address);
        for (login, role, password) in &self.passwords {
            let name = role.name();
            println!("    {login:<12} {password:<19} {} / {}", name.zh, name.en);
        }
        println!();
        use std::io::Write;
        let _ = std::io::stdout().flush();
    }
}

/// Prepares and starts it with its pages at `http` and the bus at `bus_port` of this machine, and tells the site of it.
pub async fn start(site: &Site, data: &Path, http: SocketAddr, bus_port: u16) -> anyhow::Result<Police> {
    let bus = SocketAddr::from((Ipv4Addr::LOCALHOST, bus_port));
    let admin = actor(site, "admin").await?;
    let view = site.link_view(&admin).await?;
    let (passwords, connection) = prepare(data, bus, &view.vkey, &view.pin.to_string(), &site.profile().name).await?;
    let file = data.join("jifang.toml");
    let config = format!(
        "data = {:?}\nhttp = \"{http}\"\nlog = \"warn\"\n[authority]\nlisten = \"{bus}\"\n",
        data.display().to_string()
    );
    std::fs::write(&file, config).with_context(|| format!("cannot write `{}`", file.display()))?;
    let child = Command::new(std::env::current_exe().context("own path")?)
        .args(["serve", "--until-input-ends", "--config"])
        .arg(&file)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .context("cannot start the police's server")?;
    site.set_link(&admin, &connection).await?;
    Ok(Police { child, address: http, passwords })
}

type Passwords = Vec<(&'static str, Role, String)>;

/// Accounts and the admitted site, in the stopped server's data folder; answers with passwords and the connection text.
async fn prepare(
    data: &Path,
    bus: SocketAddr,
    vkey: &str,
    pin: &str,
    name: &str,
) -> anyhow::Result<(Passwords, String)> {
    let clock = SiteClock::start();
    let config = StoreConfig { data: data.to_path_buf(), ..StoreConfig::default() };
    let store = Store::open(&config, clock.now().utc).await?;
    let site = Site::offline(store, SiteConfig::default(), clock.clone()).await?;
    let mut passwords = Vec::new();
    for (login, role, person) in PEOPLE {
        let secret = password()?;
        let form = AccountForm {
            login: login.into(),
            name: Pii::new(person.into()),
            badge: None,
            unit: "示范市公安局".into(),
            role,
            password: Pii::new(secret.clone()),
        };
        match site.store().account_by_login(login).await? {
            Some(account) => site.reset_password_locally(account.id, &form.password).await?,
            None if role == Role::Administrator => {
                let profile = Profile {
                    name: "示范市公安局".into(),
                    address: "示范市公安路 1 号".into(),
                    law: SiteProfile::new(Jurisdiction::Heilongjiang),
                };
                site.set_up(&form, profile).await?;
            }
            None => {
                site.add_account_locally(&form).await?;
            }
        }
        passwords.push((login, role, secret));
    }
    let times = clock.clone();
    let now = move || times.now().utc;
    let authority = Authority::open(site.store().clone(), bus.to_string(), site.law(), now).await?;
    let known = site.store().peer_by_pin(pin).await?.is_some_and(|p| p.state == PeerState::Admitted && p.vkey == vkey);
    if !known {
        let admin = actor(&site, PEOPLE[0].0).await?;
        let form = Admission {
            name: name.into(),
            unit: "示范派出所".into(),
            jurisdiction: "heilongjiang".into(),
            ..Admission::default()
        };
        authority.enter(vkey, pin, &form, By { account: admin.id, role: admin.role }).await?;
    }
    let connection = authority.connection_text();
    site.stop().await;
    Ok((passwords, connection))
}
