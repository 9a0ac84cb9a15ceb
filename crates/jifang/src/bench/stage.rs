//! What the measurements that need a whole site share: its configuration, people, cameras and prepared footage.

use base::{AccountId, CameraId, ContainerId, Pii, UtcMs};
use domain::access::Role;
use domain::recording::Cut;
use law::PlaceKind;
use media::fragment::{Builder, Tracks};
use media::{Codec, Frame};
use sim::load::Prepared;
use site::devices::CameraForm;
use site::{Actor, SiteConfig};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use store::StoreConfig;
use store::cameras::{CameraRow, Source};
use store::footage::{FootageWriter, Job, NewFragment};

/// First device of a GB/T 28181 measurement (131 = camera).
pub const FIRST_DEVICE: &str = "23010000001310000001";

/// SQLite in a folder of the measurement's own.
pub fn store_config(folder: &Path) -> StoreConfig {
    StoreConfig { data: folder.join("data"), ..StoreConfig::default() }
}

/// Everything on loopback, on ports that the system chooses.
pub fn site_config() -> SiteConfig {
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let advertised = Some(IpAddr::from(Ipv4Addr::LOCALHOST));
    SiteConfig {
        sip: any,
        gb_media: any,
        dc09: any,
        live: any,
        advertised,
        reserve_bytes: 64 * 1024 * 1024,
        ..SiteConfig::default()
    }
}

/// A person of this role; the corridors ask the role, not the row.
///
/// # Errors
/// No random numbers.
pub fn actor(role: Role) -> anyhow::Result<Actor> {
    Ok(Actor {
        id: AccountId::new(0, store::keys::random()?),
        role,
        login: "bench".into(),
        name: Pii::new("bench".into()),
        badge: None,
        unit: String::new(),
    })
}

/// A lawful camera in a lobby.
pub fn camera_form(number: usize, source: Source, secret: Pii<String>, now: UtcMs) -> CameraForm {
    CameraForm {
        name: format!("{number}"),
        place: "lobby".into(),
        place_kind: PlaceKind::Lobby,
        faces_homes: false,
        audio: false,
        installer: law::Installer::ManagingUnit,
        approval: String::new(),
        sign: Some(now),
        priority: 5,
        source,
        secret: Some(secret),
    }
}

/// A camera that was taken out of service: it has footage and no intake.
///
/// # Errors
/// No random numbers.
pub fn past_camera(number: usize, since: UtcMs) -> anyhow::Result<CameraRow> {
    Ok(CameraRow {
        id: CameraId::new(since.0, store::keys::random()?),
        name: format!("{number}"),
        place: "lobby".into(),
        place_kind: PlaceKind::Lobby.key().to_owned(),
        faces_homes: false,
        audio: false,
        installer: "managing_unit".into(),
        approval: String::new(),
        sign: Some(since),
        priority: 5,
        source: Source::Rtsp { url: "rtsp://127.0.0.1:9/".into(), user: String::new(), udp: false },
        secret: None,
        created: since,
        removed: Some(since),
    })
}

/// Writes footage of a camera as the recorder would: fragments of one group of pictures each, a span every five, one container.
///
/// # Errors
/// No random numbers, or the writer's queue is full.
pub async fn write_footage(
    writer: &FootageWriter,
    camera: CameraId,
    prepared: &Prepared,
    start: UtcMs,
    fragments: u32,
) -> anyhow::Result<UtcMs> {
    let container = ContainerId::new(start.0, store::keys::random()?);
    let video = Box::new(prepared.config.clone());
    send(writer, Job::Open { camera, container, start, video, audio: None, priority: 5 })?;
    let tracks = Tracks::of(&prepared.config, None)?;
    let step_90k = 90_000 / i64::from(prepared.fps);
    let fragment_90k = step_90k * i64::try_from(prepared.frames.len())?;
    let mut at = start;
    for n in 0..i64::from(fragments) {
        let mut frames = Builder::new(tracks);
        for (i, data) in prepared.frames.iter().enumerate() {
            let pts_90k = n * fragment_90k + i64::try_from(i)? * step_90k;
            frames.push(Frame { codec: Codec::H264, pts_90k, key: i == 0, data: data.clone() })?;
        }
        let cut =
            Cut { start: at, end_pts_90k: (n + 1) * fragment_90k, duration_90k: fragment_90k, starts_with_key: true };
        send(writer, Job::Fragment(camera, Box::new(NewFragment { frames, cut, clock_error_ms: None })))?;
        at = at.plus_ms(fragment_90k / 90);
        if n % 5 == 4 {
            send(writer, Job::Span(camera))?;
            writer.barrier().await;
        }
    }
    send(writer, Job::Seal(camera, at))?;
    Ok(at)
}

fn send(writer: &FootageWriter, job: Job) -> anyhow::Result<()> {
    anyhow::ensure!(writer.send(job), "the writer's queue is full");
    Ok(())
}
