//! `jifang demo`: the server on an embedded database with three simulated cameras as processes of their own, an alarm panel that
//! reports when a person presses a button of the guide, and the police of two provinces (`authority_demo`).
//!
//! Accounts are made with random passwords, printed once and stored nowhere; a second start on the same data sets new ones.
//! The cameras are added through the same corridor as a person's, so the law gate is asked about each.

use crate::authority_demo::{self, Listen, NeighbourPorts, Place as PolicePlace, Police};
use crate::serve;
use anyhow::Context;
use base::{ErrorKind, Pii};
use clap::{Args as ClapArgs, ValueEnum};
use config::{Config, HttpConfig, StorageConfig};
use domain::access::Role;
use domain::alarm::{Principle, SourceName};
use law::{Jurisdiction, PlaceKind, SiteProfile, SpecialTrade};
use serde::Deserialize;
use site::accounts::AccountForm;
use site::devices::{CameraForm, WhyForm};
use site::panels::{KeyChange, PanelForm, ZoneForm};
use site::{Actor, Profile, Site, SiteConfig};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use store::cameras::{CameraRow, GbTransport, Source};
use web::{DemoAlarm, DemoAuthority, DemoPanel};
use wire::dc09::Quirks;

/// `jifang demo …`
#[derive(ClapArgs)]
pub struct Args {
    /// Where the demo keeps its data; it goes on where it stopped.
    #[arg(long, default_value = "data/demo")]
    data: PathBuf,
    /// What the demo protects: a hotel, or a city square that a public body manages. A folder of data stays with its first.
    #[arg(long, value_enum, default_value = "hotel")]
    place: Place,
    /// Address of the pages.
    #[arg(long, default_value = "127.0.0.1:8080")]
    http: SocketAddr,
    /// Stop by itself after so many seconds.
    #[arg(long = "for", value_name = "SECONDS")]
    for_seconds: Option<u64>,
    /// What is logged to standard error.
    #[arg(long, default_value = "warn")]
    log: String,
    /// Ports for cameras, panel, live pictures and the police instead of those that are free now: for demos that run side by side.
    #[arg(long, hide = true, value_delimiter = ',')]
    ports: Vec<u16>,
}

/// What the demo protects.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Place {
    /// A hotel.
    Hotel,
    /// A city square.
    Square,
}

/// Where the demo lies: `demo/site.toml`, because no province stands in the program.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lies {
    province: Jurisdiction,
    /// Address of the hotel, of the square.
    hotel: String,
    square: String,
}

impl Lies {
    fn read() -> anyhow::Result<Self> {
        toml::from_str(include_str!("../demo/site.toml")).context("demo/site.toml")
    }
}

/// A camera of the demo: name, where it hangs, what it covers, whether its sign is up, sound, scene and name in the picture.
struct Seat {
    name: &'static str,
    place: &'static str,
    kind: PlaceKind,
    signed: bool,
    sound: bool,
    scene: &'static str,
    title: &'static str,
}

impl Place {
    /// As on the command line.
    const fn word(self) -> &'static str {
        match self {
            Self::Hotel => "hotel",
            Self::Square => "square",
        }
    }

    const fn unit(self) -> &'static str {
        match self {
            Self::Hotel => "示范酒店",
            Self::Square => "示范广场管理处",
        }
    }

    /// A hotel where pack B holds: thirty days by B-25 and Order 799, signs, prohibited places. Or a square there, run by a body of the
    /// government: a social public area (B-13-1, B-14), where nobody else installs (Order 799 art. 7).
    fn profile(self) -> anyhow::Result<Profile> {
        let lies = Lies::read()?;
        let mut law = SiteProfile::new(lies.province);
        let address = match self {
            Self::Hotel => {
                law.special_trade = Some(SpecialTrade::Hotel);
                lies.hotel
            }
            Self::Square => {
                law.government_body = true;
                lies.square
            }
        };
        Ok(Profile { name: self.unit().into(), address, law })
    }

    /// Three cameras. On the square the sign of the underpass is still to be put up, so that there is a duty to see.
    #[rustfmt::skip]
    const fn seats(self) -> [Seat; 3] {
        match self {
            Self::Hotel => [
                Seat { name: "大堂", place: "一层大堂", kind: PlaceKind::Lobby, signed: true, sound: false, scene: "lobby", title: "LOBBY 1F" },
                Seat { name: "东门", place: "一层东门", kind: PlaceKind::Entrance, signed: true, sound: false, scene: "gate", title: "EAST GATE" },
                Seat { name: "三层走廊", place: "三层客房走廊", kind: PlaceKind::Corridor, signed: true, sound: true, scene: "corridor", title: "CORRIDOR 3F" },
            ],
            Self::Square => [
                Seat { name: "广场", place: "广场中央", kind: PlaceKind::Square, signed: true, sound: false, scene: "gate", title: "SQUARE" },
                Seat { name: "东口", place: "广场东口", kind: PlaceKind::Intersection, signed: true, sound: false, scene: "gate", title: "EAST CROSSING" },
                Seat { name: "地下通道", place: "广场地下通道", kind: PlaceKind::Underpass, signed: false, sound: false, scene: "corridor", title: "UNDERPASS" },
            ],
        }
    }

    /// Name of the alarm panel and where it hangs.
    const fn panel(self) -> (&'static str, &'static str) {
        match self {
            Self::Hotel => ("前台报警主机", "一层"),
            Self::Square => ("岗亭报警主机", "广场岗亭"),
        }
    }

    /// Its button and its detector: name, where, the camera that sees it.
    const fn zones(self) -> [(u32, &'static str, &'static str, &'static str, Principle); 2] {
        match self {
            Self::Hotel => [
                (BUTTON, "前台紧急按钮", "一层大堂", "大堂", Principle::Hand),
                (DETECTOR, "东门红外", "一层东门", "东门", Principle::Infrared),
            ],
            Self::Square => [
                (BUTTON, "岗亭紧急按钮", "广场中央", "广场", Principle::Hand),
                (DETECTOR, "通道红外", "广场地下通道", "地下通道", Principle::Infrared),
            ],
        }
    }
}

/// Who can sign in: login, role, name, badge, unit (empty: the unit of the demo).
const PEOPLE: [(&str, Role, &str, &str, &str); 8] = [
    ("admin", Role::Administrator, "系统管理员", "", ""),
    ("manager", Role::SecurityManager, "周安", "", ""),
    ("duty", Role::DutyOfficer, "吴值", "", ""),
    ("custodian", Role::InformationCustodian, "郑信", "", ""),
    ("officer1", Role::PoliceOfficer, "王警官", "010001", "示范市公安局"),
    ("officer2", Role::PoliceOfficer, "李警官", "010002", "示范市公安局"),
    ("security", Role::SecurityAdministrator, "安全管理员", "", ""),
    ("auditor", Role::Auditor, "冯审", "", "示范市公证处"),
];

/// Account of the simulated alarm panel, its button and its detector.
const PANEL: &str = "1234";
const BUTTON: u32 = 1;
const DETECTOR: u32 = 3;
/// The demo's platform id and devices (GB/T 28181 annex D: 131 = camera).
const PLATFORM: &str = "23010000002000000001";
const DEVICES: [&str; 2] = ["23010000001310000001", "23010000001310000002"];

pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    serve::start_logging(&args.log, "text")?;
    crate::runtime()?.block_on(demo(args))
}

async fn demo(mut args: Args) -> anyhow::Result<ExitCode> {
    let mut ports = FreePorts(std::mem::take(&mut args.ports));
    let config = config(&args, &mut ports)?;
    let police = authority_demo::places(args.place.profile()?.law.jurisdiction)?;
    let listen = police_ports(&args, &mut ports)?;
    let buttons = demo_panel(config.site.dc09, &police, &listen)?;
    stays_with_its_place(&args.data, args.place)?;
    let running = serve::start(&config, Some(buttons)).await?;
    let shown = show(&running, &args, config.site.sip, (police.as_slice(), listen.as_slice()), &mut ports).await;
    let (devices, police) = match shown {
        Ok(shown) => shown,
        Err(error) => {
            // What runs is stopped as at the end: the log says so, and no file is left half written.
            let _ = running.stop().await;
            return Err(error);
        }
    };
    let end = async {
        match args.for_seconds {
            Some(s) => tokio::time::sleep(Duration::from_secs(s)).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        done = serve::stop_signal() => done?,
        () = end => {}
    }
    drop((devices, police));
    running.stop().await
}

/// People, cameras, panel, devices and the police of a demo whose server runs.
async fn show(
    running: &serve::Running,
    args: &Args,
    sip: SocketAddr,
    (police, listen): (&[PolicePlace], &[Listen]),
    ports: &mut FreePorts,
) -> anyhow::Result<(Devices, Police)> {
    let passwords = people(&running.site, args.place).await?;
    let secrets = [password()?, password()?, password()?];
    let rtsp = ports.take()?;
    cameras(&running.site, args.place, &secrets, rtsp).await?;
    panel(&running.site, args.place).await?;
    let devices = Devices::start(sip, args.place, rtsp, &secrets)?;
    let there = neighbour_ports(args, ports)?;
    let police = authority_demo::start(&running.site, &args.data, police, listen, &there).await?;
    print_start(running.address, args, &passwords);
    police.print();
    Ok((devices, police))
}

/// A folder of data stays with the place of its first demo: the file `demo-place` says which. Nothing runs yet when it is asked.
fn stays_with_its_place(data: &Path, wanted: Place) -> anyhow::Result<()> {
    let file = data.join("demo-place");
    match std::fs::read_to_string(&file) {
        Ok(kept) if kept.trim() == wanted.word() => Ok(()),
        Ok(kept) => anyhow::bail!(
            "`{}` holds the demo of `{}`, not of `{}`: take another folder with --data",
            data.display(),
            kept.trim(),
            wanted.word()
        ),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            std::fs::create_dir_all(data).with_context(|| format!("cannot make `{}`", data.display()))?;
            std::fs::write(&file, format!("{}\n", wanted.word()))
                .with_context(|| format!("cannot write `{}`", file.display()))
        }
        Err(error) => Err(error).with_context(|| format!("cannot read `{}`", file.display())),
    }
}

/// Everything on loopback, on ports that are free now.
fn config(args: &Args, ports: &mut FreePorts) -> anyhow::Result<Config> {
    let at = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let site = SiteConfig {
        sip: at(ports.take()?),
        gb_media: at(ports.take()?),
        dc09: at(ports.take()?),
        live: SocketAddr::new(args.http.ip(), ports.take()?),
        platform_id: PLATFORM.into(),
        reserve_bytes: 512 * 1024 * 1024,
        ..SiteConfig::default()
    };
    Ok(Config {
        data: args.data.clone(),
        http: HttpConfig { listen: args.http, ..HttpConfig::default() },
        database_url: None,
        law_folder: None,
        log: args.log.clone(),
        log_format: "text".into(),
        https_cookies: false,
        site,
        authority: None,
        storage: StorageConfig::default(),
        text: String::new(),
    })
}

/// Where the police of each province listen: pages where the site's are, the way between servers on loopback.
fn police_ports(args: &Args, ports: &mut FreePorts) -> anyhow::Result<Vec<Listen>> {
    let mut listen = Vec::new();
    for _ in 0..authority_demo::COUNT {
        let http = SocketAddr::new(args.http.ip(), ports.take()?);
        listen.push(Listen { http, bus: SocketAddr::from((Ipv4Addr::LOCALHOST, ports.take()?)) });
    }
    Ok(listen)
}

/// Where the sites of the other provinces listen: pages where the own site's are, everything else on loopback.
fn neighbour_ports(args: &Args, ports: &mut FreePorts) -> anyhow::Result<Vec<NeighbourPorts>> {
    let mut there = Vec::new();
    for _ in 1..authority_demo::COUNT {
        let http = SocketAddr::new(args.http.ip(), ports.take()?);
        let mut at = || ports.take().map(|port| SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
        there.push(NeighbourPorts { http, sip: at()?, media: at()?, dc09: at()?, live: at()?, rtsp: at()? });
    }
    Ok(there)
}

/// The ports of the command line, then ones that nobody uses now, for UDP and TCP.
struct FreePorts(Vec<u16>);

impl FreePorts {
    fn take(&mut self) -> anyhow::Result<u16> {
        self.0.pop().map_or_else(free_port, Ok)
    }
}

fn free_port() -> anyhow::Result<u16> {
    for _ in 0..50 {
        let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = tcp.local_addr()?.port();
        if UdpSocket::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return Ok(port);
        }
    }
    anyhow::bail!("no free port on this machine")
}

/// Fifteen characters without look-alikes: about 73 bits.
pub(crate) fn password() -> anyhow::Result<String> {
    const ALPHABET: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz23456789+";
    let bytes: [u8; 15] = store::keys::random()?;
    let text: String = bytes.iter().map(|b| char::from(ALPHABET[usize::from(b % 32)])).collect();
    Ok(format!("{}-{}-{}", &text[..5], &text[5..10], &text[10..]))
}

/// Makes the accounts and the profile at the first start; sets new passwords at a later one.
async fn people(site: &Site, place: Place) -> anyhow::Result<Vec<(&'static str, Role, String)>> {
    let mut out = Vec::new();
    let first = site.store().account_count().await? == 0;
    for (login, role, name, badge, unit) in PEOPLE {
        let password = password()?;
        let form = AccountForm {
            login: login.into(),
            name: Pii::new(name.into()),
            badge: (!badge.is_empty()).then(|| Pii::new(badge.into())),
            unit: if unit.is_empty() { place.unit() } else { unit }.into(),
            role,
            password: Pii::new(password.clone()),
        };
        match site.store().account_by_login(login).await? {
            Some(account) => {
                site.reset_password_locally(account.id, &form.password).await?;
            }
            None if first && role == Role::Administrator => {
                site.set_up(&form, place.profile()?).await?;
            }
            None => {
                site.add_account_locally(&form).await?;
            }
        }
        out.push((login, role, password));
    }
    Ok(out)
}

pub(crate) async fn actor(site: &Site, login: &str) -> anyhow::Result<Actor> {
    let account = site.store().account_by_login(login).await?.context("demo account is missing")?;
    Ok(account.into())
}

/// Two GB/T 28181 cameras and one RTSP camera with sound. One that is known gets the new port and password, and keeps what people changed.
async fn cameras(site: &Site, place: Place, secrets: &[String; 3], rtsp: u16) -> anyhow::Result<()> {
    let manager = actor(site, "manager").await?;
    let now = site.now().utc;
    let gb = |device: &str, transport| Source::Gb28181 { device: device.into(), channel: device.into(), transport };
    let sources = [
        (gb(DEVICES[0], GbTransport::Udp), 8),
        (gb(DEVICES[1], GbTransport::TcpPassive), 7),
        (Source::Rtsp { url: format!("rtsp://127.0.0.1:{rtsp}/live"), user: "camera".into(), udp: false }, 5),
    ];
    let known: Vec<CameraRow> = site.cameras().iter().map(|c| c.row()).collect();
    for ((seat, (source, priority)), secret) in place.seats().into_iter().zip(sources).zip(secrets) {
        let secret = Some(Pii::new(secret.clone()));
        let Some(row) = known.iter().find(|row| is_device(&row.source, &source)) else {
            let form = CameraForm {
                name: seat.name.into(),
                place: seat.place.into(),
                place_kind: seat.kind,
                faces_homes: false,
                audio: seat.sound,
                installer: site.profile().law.installer(),
                approval: String::new(),
                sign: seat.signed.then_some(now),
                priority,
                source,
                secret,
            };
            site.add_camera(&manager, form).await?;
            continue;
        };
        let form = CameraForm { source, secret, ..CameraForm::of(row) };
        match site.change_camera(&manager, row.id, form, &WhyForm::default()).await {
            // What people entered may be against the law that is in force now; the demo runs on, with this camera dark.
            Err(refusal) if refusal.kind == ErrorKind::Unlawful => eprintln!(
                "{name}：{}{}\n{name}: {refusal}. {}",
                refusal.what.zh,
                refusal.next.zh,
                refusal.next.en,
                name = row.name
            ),
            changed => drop(changed?),
        }
    }
    Ok(())
}

/// The same simulated device, whatever its port is today.
fn is_device(row: &Source, sim: &Source) -> bool {
    match (row, sim) {
        (Source::Gb28181 { device: row, .. }, Source::Gb28181 { device: sim, .. }) => row == sim,
        (Source::Rtsp { user: row, .. }, Source::Rtsp { user: sim, .. }) => row == sim,
        _ => false,
    }
}

/// The alarm panel: a button at the counter and a detector at the door, each with the camera that sees it.
async fn panel(site: &Site, place: Place) -> anyhow::Result<()> {
    let manager = actor(site, "manager").await?;
    let source = SourceName::dc09(PANEL);
    if site.panel(&source).await.is_err() {
        let form = PanelForm {
            name: place.panel().0.into(),
            place: place.panel().1.into(),
            key: KeyChange::Keep,
            supervision_s: None,
            quirks: Quirks::default(),
        };
        site.add_panel(&manager, PANEL, form).await?;
    }
    for (number, name, place, camera, principle) in place.zones() {
        let cameras = site.cameras().iter().filter(|c| c.row().name == camera).map(|c| c.id()).collect();
        let (name, place, neighbours) = (name.into(), place.into(), vec![]);
        let form = ZoneForm { number, name, place, cameras, principle: Some(principle), neighbours };
        site.set_zone(&manager, &source, form).await?;
    }
    Ok(())
}

/// The simulated panel: each alarm is a process of its own that ends when it was acknowledged; one at a time.
fn demo_panel(receiver: SocketAddr, police: &[PolicePlace], listen: &[Listen]) -> anyhow::Result<DemoPanel> {
    let exe = std::env::current_exe().context("own path")?;
    let busy = Arc::new(AtomicBool::new(false));
    let raise = move |alarm: DemoAlarm| {
        if busy.swap(true, Ordering::AcqRel) {
            return false;
        }
        let (event, zone) = match alarm {
            DemoAlarm::Burglary => ("--burglary", DETECTOR),
            DemoAlarm::HoldUp => ("--holdup", BUTTON),
        };
        let mut command = Command::new(&exe);
        command.args(["sim", "panel", "--to", &receiver.to_string(), "--account", PANEL, event, &zone.to_string()]);
        command.stdin(Stdio::null()).stdout(Stdio::null());
        let busy = busy.clone();
        std::thread::spawn(move || {
            if let Err(error) = command.status() {
                tracing::error!(%error, "the simulated alarm panel did not start");
            }
            busy.store(false, Ordering::Release);
        });
        true
    };
    let first = listen.first().context("the demo has no police")?.http;
    let authority = |(place, at): (&PolicePlace, &Listen)| DemoAuthority {
        name: place.name.clone(),
        address: format!("http://{}", at.http),
    };
    let authorities = police.iter().zip(listen).map(authority).collect();
    Ok(DemoPanel { raise: Box::new(raise), police: format!("http://{first}/inbox"), authorities })
}

/// The simulated cameras; they end with this value.
struct Devices(Vec<Child>);

impl Devices {
    fn start(sip: SocketAddr, place: Place, rtsp: u16, secrets: &[String; 3]) -> anyhow::Result<Self> {
        let exe = std::env::current_exe().context("own path")?;
        let spawn = |arguments: &[&str], secret: &str| {
            Command::new(&exe)
                .args(arguments)
                // Passwords go by the environment: arguments are readable by every user of the machine.
                .env("JIFANG_SIM_PASSWORD", secret)
                // The camera ends when this pipe closes, so also when the demo is killed.
                .arg("--until-input-ends")
                .stdin(Stdio::piped())
                .stdout(Stdio::null())
                .spawn()
                .context("cannot start a simulated camera")
        };
        let sip = sip.to_string();
        let rtsp = format!("127.0.0.1:{rtsp}");
        let seats = place.seats();
        let gb = |device, seat: &Seat, seed| {
            [
                "sim",
                "camera",
                "--gb",
                sip.as_str(),
                "--platform",
                PLATFORM,
                "--device",
                device,
                "--scene",
                seat.scene,
                "--name",
                seat.title,
                "--seed",
                seed,
            ]
        };
        let (scene, title) = (seats[2].scene, seats[2].title);
        let mut third = vec!["sim", "camera", "--rtsp", &rtsp, "--user", "camera", "--scene", scene, "--name", title];
        third.extend(["--seed", "3"]);
        if seats[2].sound {
            third.push("--sound");
        }
        Ok(Self(vec![
            spawn(&gb(DEVICES[0], &seats[0], "1"), &secrets[0])?,
            spawn(&gb(DEVICES[1], &seats[1], "2"), &secrets[1])?,
            spawn(&third, &secrets[2])?,
        ]))
    }
}

impl Drop for Devices {
    fn drop(&mut self) {
        for child in &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn print_start(address: SocketAddr, args: &Args, passwords: &[(&str, Role, String)]) {
    println!();
    println!("  jifang 技防 · 演示 / demo");
    println!();
    println!("  打开 / open      http://{address}/welcome");
    println!("  数据 / data      {}", args.data.display());
    println!();
    println!("  账号（密码只显示这一次）/ accounts (passwords are shown only now)");
    for (login, role, password) in passwords {
        let name = role.name();
        let badge = PEOPLE.iter().find(|p| p.0 == *login).map_or("", |p| p.3);
        let badge = if badge.is_empty() { String::new() } else { format!("  警号 / badge {badge}") };
        println!("    {login:<10} {password:<19} {} / {}{badge}", name.zh, name.en);
    }
    println!();
    println!("  Ctrl-C 停止 / stops");
    println!();
    use std::io::Write;
    let _ = std::io::stdout().flush();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_stays_with_its_first_place() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        stays_with_its_place(&data, Place::Square).unwrap();
        stays_with_its_place(&data, Place::Square).unwrap();
        let told = stays_with_its_place(&data, Place::Hotel).unwrap_err().to_string();
        assert!(told.contains("`square`") && told.contains("`hotel`") && told.contains("--data"), "{told}");
        for place in Place::value_variants() {
            let known = place.to_possible_value().unwrap();
            assert_eq!(known.get_name(), place.word());
        }
    }

    #[test]
    fn both_places_lie_where_the_file_says() {
        for (place, named) in [(Place::Hotel, "路"), (Place::Square, "广场")] {
            let profile = place.profile().unwrap();
            assert!(profile.law.jurisdiction.code().is_some() && profile.address.contains(named), "{profile:?}");
        }
    }

    #[test]
    fn a_simulated_camera_is_known_by_its_device_and_not_by_its_port() {
        let gb = |device: &str, transport| Source::Gb28181 { device: device.into(), channel: "c".into(), transport };
        let rtsp =
            |port| Source::Rtsp { url: format!("rtsp://127.0.0.1:{port}/live"), user: "camera".into(), udp: false };
        assert!(is_device(&gb(DEVICES[0], GbTransport::Udp), &gb(DEVICES[0], GbTransport::TcpPassive)));
        assert!(!is_device(&gb(DEVICES[0], GbTransport::Udp), &gb(DEVICES[1], GbTransport::Udp)));
        assert!(is_device(&rtsp(1), &rtsp(2)));
        assert!(!is_device(&rtsp(1), &gb(DEVICES[0], GbTransport::Udp)));
    }

    #[test]
    fn what_a_seat_hears_is_what_its_place_may_record() {
        assert!(Place::Hotel.seats()[2].sound, "the guide says so");
        assert!(Place::Square.seats().iter().all(|seat| !seat.sound));
    }
}
