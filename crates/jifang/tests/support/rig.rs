//! A site with cameras on fixed ports: the server can be killed and started again while the cameras go on.
//!
//! Accounts and cameras are put into the data folder with the server stopped, as an installer would with `jifang user`; the
//! cameras are `jifang sim camera` processes.

use super::server::{BINARY, Ports, Server};
use base::{AccountId, CameraId, Pii, UtcMs};
use domain::access::Role;
use law::{Jurisdiction, SiteProfile};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use store::accounts::NewAccount;
use store::cameras::{CameraRow, GbTransport, Source};
use store::{Store, StoreConfig};

/// Token of the security manager in every rig; the data folder lives as long as the test.
pub const MANAGER_TOKEN: &str = "manager-token-of-a-test-that-lives-for-a-minute";
/// Password of every simulated camera in a rig.
const SECRET: &str = "rig-camera-secret";

/// Which camera, and how it is reached.
#[derive(Clone, Copy)]
pub enum Kind {
    /// GB/T 28181, RTP over UDP.
    GbUdp,
    /// GB/T 28181, RTP over TCP, the device connects.
    GbTcp,
    /// RTSP over TCP, with sound.
    Rtsp,
}

/// Now, as the system has it.
pub fn now() -> UtcMs {
    site::clock::system_utc()
}

/// Runs async work of the store in a test.
pub fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime").block_on(work)
}

/// Opens the data folder of a stopped server.
pub async fn open(data: &Path) -> Store {
    Store::open(&StoreConfig { data: data.to_path_buf(), database_url: None }, now()).await.expect("the store opens")
}

/// A site and its cameras.
pub struct Rig {
    /// The server; not started by `new`.
    pub server: Server,
    /// Ids of the cameras in the order asked for.
    pub cameras: Vec<CameraId>,
    /// The security manager.
    pub manager: AccountId,
    devices: Vec<Child>,
}

impl Rig {
    /// A site with these cameras, the server not yet running.
    pub fn new(kinds: &[Kind]) -> Self {
        let server = Server::prepared(|data, ports| {
            format!(
                "data = {data:?}\nhttp = \"127.0.0.1:{}\"\nlog = \"info\"\n[site]\nsip = \"127.0.0.1:{}\"\n\
                 gb_media = \"127.0.0.1:{}\"\nlive = \"127.0.0.1:{}\"\nreserve_bytes = 1000000\n",
                ports.http, ports.sip, ports.media, ports.live
            )
        });
        let (cameras, manager) = block_on(fill(&server.data(), kinds, server.ports));
        let devices = kinds.iter().enumerate().map(|(n, kind)| device(n, *kind, server.ports)).collect();
        Self { server, cameras, manager, devices }
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        for child in &mut self.devices {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

async fn fill(data: &Path, kinds: &[Kind], ports: Ports) -> (Vec<CameraId>, AccountId) {
    std::fs::create_dir_all(data).expect("a data folder");
    let store = open(data).await;
    let profile = site::Profile { name: "试验单位".into(), law: SiteProfile::new(Jurisdiction::Heilongjiang) };
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
    for (n, kind) in kinds.iter().enumerate() {
        let row = row(n, *kind, ports);
        store.put_camera(&row, &[], manager, now()).await.expect("a camera");
        cameras.push(row.id);
    }
    store.close().await;
    (cameras, manager)
}

fn gb_id(n: usize) -> String {
    format!("2301000000131000{:04}", n + 1)
}

fn row(n: usize, kind: Kind, ports: Ports) -> CameraRow {
    let gb = |transport| Source::Gb28181 { device: gb_id(n), channel: gb_id(n), transport };
    let source = match kind {
        Kind::GbUdp => gb(GbTransport::Udp),
        Kind::GbTcp => gb(GbTransport::TcpPassive),
        Kind::Rtsp => {
            Source::Rtsp { url: format!("rtsp://127.0.0.1:{}/live", ports.spare[n]), user: "camera".into(), udp: false }
        }
    };
    CameraRow {
        id: CameraId::new(now().0, store::keys::random().expect("random bytes")),
        name: format!("camera {n}"),
        place: "走廊".into(),
        place_kind: law::PlaceKind::Corridor.key().into(),
        faces_homes: false,
        audio: matches!(kind, Kind::Rtsp),
        sign: Some(now()),
        priority: 5,
        source,
        secret: Some(Pii::new(SECRET.into())),
        created: now(),
        removed: None,
    }
}

fn device(n: usize, kind: Kind, ports: Ports) -> Child {
    let mut command = Command::new(BINARY);
    command.args(["sim", "camera", "--seed", &n.to_string(), "--name", &format!("RIG {n}"), "--until-input-ends"]);
    match kind {
        Kind::Rtsp => command.args(["--rtsp", &format!("127.0.0.1:{}", ports.spare[n]), "--user", "camera", "--sound"]),
        _ => command.args(["--gb", &format!("127.0.0.1:{}", ports.sip), "--device", &gb_id(n), "--keepalive", "1"]),
    };
    command.env("JIFANG_SIM_PASSWORD", SECRET).stdin(Stdio::piped()).stdout(Stdio::null());
    command.spawn().expect("a simulated camera starts")
}
