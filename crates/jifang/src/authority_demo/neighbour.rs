//! A second site of the demo, in the other province: its police have nobody connected otherwise, and an application there would hold nothing.
//!
//! ```text
//! demo/<word>.toml `[site]` ─▶ open, while it is stopped: accounts, profile, one camera ─▶ its two keys ─▶ admitted by its police
//!   ─▶ start: told where its police are ─▶ `jifang serve` and one simulated camera, processes of their own
//! ```
//! Always true: what stands there is made up and of the data file; passwords are new at each start; both processes end with this value. What goes
//! wrong here is told and stops nothing else of the demo.

use super::places::Stands;
use super::{Peer, spawn_serve};
use crate::demo::{actor, password};
use anyhow::Context;
use base::{CameraId, Pii, UtcMs};
use domain::access::Role;
use law::{Jurisdiction, PlaceKind, SiteProfile};
use site::accounts::AccountForm;
use site::{Profile, Site, SiteClock, SiteConfig};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use store::cameras::{CameraRow, Source};
use store::{Store, StoreConfig};

/// Its administrator and its security manager. No login is one of the demo's own site: the lists stand on one screen.
const ADMIN: &str = "site2-admin";
const MANAGER: &str = "site2-manager";
/// Who can sign in there: login, role, name.
const PEOPLE: [(&str, Role, &str); 4] = [
    (ADMIN, Role::Administrator, "系统管理员"),
    (MANAGER, Role::SecurityManager, "孙安"),
    ("site2-custodian", Role::InformationCustodian, "钱信"),
    ("site2-custodian2", Role::InformationCustodian, "许信"),
];
/// Who signs in at the simulated camera.
const CAMERA: &str = "camera";
/// Bytes that are kept free: the demo is small.
const RESERVE_BYTES: u64 = 512 * 1024 * 1024;

/// Where a second site listens.
#[derive(Clone, Copy, Debug)]
pub struct NeighbourPorts {
    /// Its pages.
    pub http: SocketAddr,
    /// GB/T 28181: signalling and media.
    pub sip: SocketAddr,
    /// Media.
    pub media: SocketAddr,
    /// Alarm panels.
    pub dc09: SocketAddr,
    /// Live pictures.
    pub live: SocketAddr,
    /// Its simulated camera.
    pub rtsp: SocketAddr,
}

/// A second site that is stopped and prepared.
pub(super) struct Neighbour {
    site: Site,
    data: PathBuf,
    ports: NeighbourPorts,
    name: String,
    accounts: Vec<(&'static str, Role, String)>,
    secret: String,
}

/// A second site that runs.
pub(super) struct Running {
    server: Child,
    camera: Child,
    http: SocketAddr,
    name: String,
    accounts: Vec<(&'static str, Role, String)>,
}

impl Drop for Running {
    fn drop(&mut self) {
        // Its input ends, and it with it.
        self.server.stdin.take();
        let _ = self.camera.kill();
        let _ = self.camera.wait();
        let _ = self.server.wait();
    }
}

impl Running {
    /// Address and accounts, once.
    pub(super) fn print(&self) {
        println!("  另一省份的使用单位 / a site of the other province: {}", self.name);
        println!("    页面 / pages           http://{}/", self.http);
        for (login, role, secret) in &self.accounts {
            let role = role.name();
            println!("    {login:<16} {secret:<12} {} / {}", role.zh, role.en);
        }
        println!();
    }
}

async fn accounts(site: &Site, unit: &str, profile: &Profile) -> anyhow::Result<Vec<(&'static str, Role, String)>> {
    let mut out = Vec::new();
    let first = site.store().account_count().await? == 0;
    for (login, role, name) in PEOPLE {
        let password = password()?;
        let form = AccountForm {
            login: login.into(),
            name: Pii::new(name.into()),
            badge: None,
            unit: unit.to_owned(),
            role,
            password: Pii::new(password.clone()),
        };
        match site.store().account_by_login(login).await? {
            Some(account) => {
                site.reset_password_locally(account.id, &form.password).await?;
            }
            None if first && role == Role::Administrator => {
                site.set_up(&form, profile.clone()).await?;
            }
            None => {
                site.add_account_locally(&form).await?;
            }
        }
        out.push((login, role, password));
    }
    Ok(out)
}

/// The one camera; a known one gets the port and the password of this start.
async fn camera(site: &Site, stands: &Stands, rtsp: SocketAddr, secret: &str, now: UtcMs) -> anyhow::Result<()> {
    let manager = actor(site, MANAGER).await?;
    let source = Source::Rtsp { url: format!("rtsp://{rtsp}/live"), user: CAMERA.into(), udp: false };
    let secret = Some(Pii::new(secret.to_owned()));
    let known = site.store().cameras_ever().await?.into_iter().find(|row| row.removed.is_none());
    let row = match known {
        Some(row) => CameraRow { source, secret, ..row },
        None => CameraRow {
            id: CameraId::new(now.0, store::keys::random()?),
            name: stands.camera.clone(),
            place: stands.place.clone(),
            place_kind: PlaceKind::Entrance.key().into(),
            faces_homes: false,
            audio: false,
            installer: "managing_unit".into(),
            approval: String::new(),
            sign: Some(now),
            priority: 5,
            source,
            secret,
            created: now,
            removed: None,
        },
    };
    site.store().put_camera(&row, &[], manager.id, now).await?;
    Ok(())
}

impl Neighbour {
    /// Accounts, profile and camera, in the stopped server's data folder.
    pub(super) async fn open(
        stands: &Stands,
        jurisdiction: Jurisdiction,
        data: &Path,
        ports: NeighbourPorts,
    ) -> anyhow::Result<Self> {
        std::fs::create_dir_all(data).with_context(|| format!("cannot make `{}`", data.display()))?;
        let clock = SiteClock::start();
        let now = clock.now().utc;
        let store = Store::open(&StoreConfig { data: data.to_path_buf(), ..StoreConfig::default() }, now).await?;
        let site = Site::offline(store, SiteConfig::default(), clock).await?;
        let law = SiteProfile::new(jurisdiction);
        let profile = Profile { name: stands.name.clone(), address: stands.address.clone(), law };
        let accounts = accounts(&site, &stands.unit, &profile).await?;
        let secret = password()?;
        camera(&site, stands, ports.rtsp, &secret, now).await?;
        Ok(Self { site, data: data.to_path_buf(), ports, name: stands.name.clone(), accounts, secret })
    }

    /// The site as its police are to know it.
    pub(super) async fn peer(&self, stands: &Stands) -> anyhow::Result<Peer> {
        let admin = actor(&self.site, ADMIN).await?;
        let view = self.site.link_view(&admin).await?;
        Ok(Peer {
            vkey: view.vkey.clone(),
            pin: view.pin.to_string(),
            name: stands.name.clone(),
            unit: stands.unit.clone(),
            jurisdiction: self.site.profile().law.jurisdiction.key().to_string(),
            division: stands.division.clone(),
            site: self.site.store().site(),
        })
    }

    /// Tells it where its police are and starts it, with its camera.
    pub(super) async fn start(self, connection: &str) -> anyhow::Result<Running> {
        let admin = actor(&self.site, ADMIN).await?;
        self.site.set_link(&admin, connection).await?;
        self.site.stop().await;
        drop(self.site);
        let at = self.ports;
        let config = format!(
            "data = {:?}\nhttp = \"{}\"\nlog = \"warn\"\n[site]\nsip = \"{}\"\ngb_media = \"{}\"\ndc09 = \"{}\"\nlive = \"{}\"\n\
             reserve_bytes = {RESERVE_BYTES}\n",
            self.data.display().to_string(),
            at.http,
            at.sip,
            at.media,
            at.dc09,
            at.live
        );
        let server = spawn_serve(&self.data, &config)?;
        let rtsp = at.rtsp.to_string();
        let camera = Command::new(std::env::current_exe().context("own path")?)
            .args(["sim", "camera", "--rtsp", &rtsp, "--user", CAMERA, "--scene", "gate", "--name", "EAST GATE"])
            .args(["--seed", "4", "--until-input-ends"])
            // The password goes by the environment: arguments are readable by every user of the machine.
            .env("JIFANG_SIM_PASSWORD", &self.secret)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .context("cannot start a simulated camera")?;
        Ok(Running { server, camera, http: at.http, name: self.name, accounts: self.accounts })
    }
}
