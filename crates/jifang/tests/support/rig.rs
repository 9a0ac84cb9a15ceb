//! A site with cameras on fixed ports: the server can be killed and started again while the cameras go on.
//!
//! Accounts and cameras are put into the data folder with the server stopped, as an installer would with `jifang user`; the
//! cameras are `jifang sim camera` processes, or whatever serves the address of a [`Kind::At`].

use super::http::Client;
use super::server::{BINARY, Ports, Server};
use super::{PATIENCE, wait_until};
use base::{AccountId, CameraId, Pii, UtcMs};
use domain::access::Role;
use law::{Jurisdiction, SiteProfile};
use site::accounts::AccountForm;
use site::{Site, SiteClock, SiteConfig};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use store::accounts::NewAccount;
use store::cameras::{CameraRow, GbTransport, Source};
use store::{Store, StoreConfig};

/// Token of the security manager in every rig; the data folder lives as long as the test.
pub const MANAGER_TOKEN: &str = "manager-token-of-a-test-that-lives-for-a-minute";
/// Password of every simulated camera in a rig.
pub const SECRET: &str = "rig-camera-secret";
/// Password of everybody in [`PEOPLE`].
pub const PASSWORD: &str = "four-unrelated-words";
/// Login, role and badge of the people that [`Plan::people`] adds.
pub const PEOPLE: [(&str, Role, Option<&str>); 4] = [
    ("officer1", Role::PoliceOfficer, Some("210001")),
    ("officer2", Role::PoliceOfficer, Some("210002")),
    ("custodian", Role::InformationCustodian, None),
    ("duty", Role::DutyOfficer, None),
];

/// Which camera, and how it is reached.
#[derive(Clone, PartialEq, Eq)]
pub enum Kind {
    /// GB/T 28181, RTP over UDP.
    GbUdp,
    /// GB/T 28181, RTP over TCP, the device connects.
    GbTcp,
    /// RTSP over TCP, with sound.
    Rtsp,
    /// RTSP over TCP at this address, served by somebody else.
    At(String),
}

/// A camera and the device behind it.
#[derive(Clone)]
pub struct Eye {
    /// How it is reached.
    pub kind: Kind,
    /// Who stops last when the disk is full.
    pub priority: u8,
    /// Password of the device; that of the row is always [`SECRET`].
    pub password: &'static str,
    /// More arguments for `jifang sim camera`.
    pub habits: &'static [&'static str],
}

impl Eye {
    /// An ordinary camera.
    pub const fn new(kind: Kind) -> Self {
        Self { kind, priority: 5, password: SECRET, habits: &[] }
    }

    /// With habits of its own.
    pub fn with(kind: Kind, habits: &'static [&'static str]) -> Self {
        Self { habits, ..Self::new(kind) }
    }
}

/// What a rig is made of.
#[derive(Default)]
pub struct Plan {
    /// Cameras.
    pub eyes: Vec<Eye>,
    /// Adds [`PEOPLE`].
    pub people: bool,
    /// PostgreSQL instead of SQLite: what the server is told, and what this process may use while the server is stopped.
    pub database: Option<(String, String)>,
    /// Bytes kept free.
    pub reserve_bytes: Option<u64>,
    /// More of the configuration, behind everything else; `{data}` stands for the data folder.
    pub more: &'static str,
}

/// Now, as the system has it.
pub fn now() -> UtcMs {
    site::clock::system_utc()
}

/// Runs async work of the store in a test.
pub fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime").block_on(work)
}

/// Opens the data folder of a stopped server with SQLite.
pub async fn open(data: &Path) -> Store {
    open_with(data, None).await
}

/// Opens the data folder of a stopped server.
pub async fn open_with(data: &Path, database_url: Option<String>) -> Store {
    Store::open(&StoreConfig { data: data.to_path_buf(), database_url, ..StoreConfig::default() }, now())
        .await
        .expect("the store opens")
}

/// A site and its cameras.
pub struct Rig {
    /// The server; not started by `new`.
    pub server: Server,
    /// Ids of the cameras in the order asked for.
    pub cameras: Vec<CameraId>,
    /// The security manager.
    pub manager: AccountId,
    eyes: Vec<Eye>,
    devices: Vec<Option<Child>>,
    database_url: Option<String>,
}

impl Rig {
    /// A site with these cameras, the server not yet running.
    pub fn new(kinds: &[Kind]) -> Self {
        Self::build(Plan { eyes: kinds.iter().cloned().map(Eye::new).collect(), ..Plan::default() })
    }

    /// A site as planned, the server not yet running.
    pub fn build(plan: Plan) -> Self {
        Self::build_on(plan, |_| ())
    }

    /// As [`Self::build`]; `first` gets the data folder before anything is in it.
    pub fn build_on(plan: Plan, first: impl FnOnce(&Path)) -> Self {
        let (told, own) = plan.database.unzip();
        let server = Server::prepared(|data, ports| {
            let database = told.map(|url| format!("database_url = {url:?}\n")).unwrap_or_default();
            format!(
                "data = {data:?}\nhttp = \"127.0.0.1:{}\"\nlog = \"info\"\n{database}[site]\nsip = \"127.0.0.1:{}\"\n\
                 gb_media = \"127.0.0.1:{}\"\ndc09 = \"127.0.0.1:{}\"\nlive = \"127.0.0.1:{}\"\nreserve_bytes = {}\n{}",
                ports.http,
                ports.sip,
                ports.media,
                ports.dc09,
                ports.live,
                plan.reserve_bytes.unwrap_or(1_000_000),
                plan.more.replace("{data}", data)
            )
        });
        first(&server.data());
        let (cameras, manager) = block_on(fill(&server, &plan.eyes, plan.people, own.clone()));
        let devices = plan.eyes.iter().map(|_| None).collect();
        let mut rig = Self { server, cameras, manager, eyes: plan.eyes, devices, database_url: own };
        (0..rig.eyes.len()).for_each(|n| rig.start_device(n));
        rig
    }

    /// Opens the data of the stopped server.
    pub async fn open(&self) -> Store {
        open_with(&self.server.data(), self.database_url.clone()).await
    }

    /// Starts the device of camera `n`; nothing for a camera that somebody else serves.
    pub fn start_device(&mut self, n: usize) {
        assert!(self.devices[n].is_none(), "the device runs already");
        self.devices[n] = device(n, &self.eyes[n], self.server.ports);
    }

    /// Ends the device of camera `n` at once, as a power cut does.
    pub fn kill_device(&mut self, n: usize) {
        if let Some(mut child) = self.devices[n].take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// A second device with the code of camera `n`, and its own idea of the password.
    pub fn start_double(&mut self, n: usize, password: &'static str) -> usize {
        let eye = Eye { password, ..self.eyes[n].clone() };
        self.devices.push(device(n, &eye, self.server.ports));
        self.devices.len() - 1
    }

    /// A client with the manager's token.
    pub fn manager_client(&self) -> Client {
        let mut client = self.server.client();
        client.headers.push(("authorization".into(), format!("Bearer {MANAGER_TOKEN}")));
        client
    }

    /// What `/api/v1/cameras` says of camera `n` now; `None` when no answer comes.
    pub fn camera_now(&self, n: usize) -> Option<serde_json::Value> {
        let answer = self.manager_client().try_request("GET", "/api/v1/cameras", &[], b"").ok()?;
        let list = serde_json::from_slice::<serde_json::Value>(&answer.body).ok()?;
        let id = self.cameras[n].to_string();
        list.get("cameras")?.as_array()?.iter().find(|c| c["id"] == id.as_str()).cloned()
    }

    /// Waits until these cameras have pictures that are recorded.
    #[track_caller]
    pub fn wait_recording(&self, which: &[usize]) {
        wait_until("cameras to record", PATIENCE * 2, || {
            which.iter().all(|n| self.camera_now(*n).is_some_and(|c| c["recording"] == true)).then_some(())
        });
    }

    /// Waits until the footage of these cameras reaches `to`, written to the disk: what lies behind may be on its way.
    #[track_caller]
    pub fn wait_footage(&self, which: &[usize], to: UtcMs) {
        let reaches = |n: usize| {
            let range = format!("from={}&to={}", to.0 - 5_000, to.0 + 1_000);
            let path = format!("/api/v1/cameras/{}/timeline?{range}", self.cameras[n]);
            let answer = self.manager_client().try_request("GET", &path, &[], b"").ok()?;
            let line = serde_json::from_slice::<serde_json::Value>(&answer.body).ok()?;
            line["spans"].as_array()?.iter().any(|span| span[1].as_i64() >= Some(to.0)).then_some(())
        };
        let left_ms = to.since(now()).max(0).unsigned_abs();
        wait_until("footage on the disk", Duration::from_millis(left_ms) + PATIENCE * 2, || {
            which.iter().all(|n| reaches(*n).is_some()).then_some(())
        });
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        (0..self.devices.len()).for_each(|n| self.kill_device(n));
    }
}

async fn fill(server: &Server, eyes: &[Eye], people: bool, database_url: Option<String>) -> (Vec<CameraId>, AccountId) {
    let data = server.data();
    std::fs::create_dir_all(&data).expect("a data folder");
    let store = open_with(&data, database_url.clone()).await;
    let profile = site::Profile {
        name: "试验单位".into(),
        address: String::new(),
        law: SiteProfile::new(Jurisdiction::Heilongjiang),
    };
    site::profile::save(&store, &profile, None, now()).await.expect("a profile");
    let account = NewAccount {
        login: "manager".into(),
        role: Role::SecurityManager,
        name: Pii::new("周安".into()),
        badge: None,
        unit: "试验单位".into(),
        password_hash: "no password opens this".into(),
    };
    let manager = store.add_account(&account, None, true, now()).await.expect("an account");
    store.add_token(MANAGER_TOKEN, manager, "rig", now(), now().plus_ms(86_400_000)).await.expect("a token");
    let mut cameras = Vec::new();
    for (n, eye) in eyes.iter().enumerate() {
        let row = row(n, eye, server.ports);
        store.put_camera(&row, &[], manager, now()).await.expect("a camera");
        cameras.push(row.id);
    }
    store.close().await;
    if people {
        add_people(&data, database_url).await;
    }
    (cameras, manager)
}

async fn add_people(data: &Path, database_url: Option<String>) {
    let store = open_with(data, database_url).await;
    let site = Site::offline(store, SiteConfig::default(), SiteClock::start()).await.expect("a site without cameras");
    for (login, role, badge) in PEOPLE {
        let form = AccountForm {
            login: login.into(),
            name: Pii::new(format!("姓名{login}")),
            badge: badge.map(|b| Pii::new(b.into())),
            unit: "第一派出所".into(),
            role,
            password: Pii::new(PASSWORD.into()),
        };
        site.add_account_locally(&form).await.expect("an account");
    }
    site.stop().await;
}

/// Code of the GB/T 28181 device of camera `n`.
pub fn gb_id(n: usize) -> String {
    format!("2301000000131000{:04}", n + 1)
}

fn row(n: usize, eye: &Eye, ports: Ports) -> CameraRow {
    let gb = |transport| Source::Gb28181 { device: gb_id(n), channel: gb_id(n), transport };
    let source = match &eye.kind {
        Kind::GbUdp => gb(GbTransport::Udp),
        Kind::GbTcp => gb(GbTransport::TcpPassive),
        Kind::Rtsp => {
            Source::Rtsp { url: format!("rtsp://127.0.0.1:{}/live", ports.spare[n]), user: "camera".into(), udp: false }
        }
        Kind::At(url) => Source::Rtsp { url: url.clone(), user: String::new(), udp: false },
    };
    CameraRow {
        id: CameraId::new(now().0, store::keys::random().expect("random bytes")),
        name: format!("camera {n}"),
        place: "走廊".into(),
        place_kind: law::PlaceKind::Corridor.key().into(),
        faces_homes: false,
        audio: eye.kind == Kind::Rtsp,
        installer: "managing_unit".into(),
        approval: String::new(),
        sign: Some(now()),
        priority: eye.priority,
        source,
        secret: (!matches!(eye.kind, Kind::At(_))).then(|| Pii::new(SECRET.into())),
        created: now(),
        removed: None,
    }
}

fn device(n: usize, eye: &Eye, ports: Ports) -> Option<Child> {
    let mut command = Command::new(BINARY);
    command.args(["sim", "camera", "--seed", &n.to_string(), "--name", &format!("RIG {n}"), "--until-input-ends"]);
    match eye.kind {
        Kind::At(_) => return None,
        Kind::Rtsp => command.args(["--rtsp", &format!("127.0.0.1:{}", ports.spare[n]), "--user", "camera", "--sound"]),
        _ => command.args(["--gb", &format!("127.0.0.1:{}", ports.sip), "--device", &gb_id(n), "--keepalive", "1"]),
    };
    command.args(eye.habits).env("JIFANG_SIM_PASSWORD", eye.password).stdin(Stdio::piped()).stdout(Stdio::null());
    Some(command.spawn().expect("a simulated camera starts"))
}
