//! `jifang sim …`: one simulated device in this process, over its real protocol.

use anyhow::Context;
use clap::{Args as ClapArgs, Subcommand, ValueEnum};
use sim::gb::{Charset, GbId, SsrcHabit};
use sim::load::{Prepared, Shape, bind_rtsp_load, run_gb_load};
use sim::panel::{self, Outcome, PanelOptions, Sent, Step};
use sim::scene::{Place, Size};
use sim::{
    AlarmPress, CameraOptions, GbOptions, Login, PlatformOptions, RtspOptions, run_gb_camera_with, run_platform,
    run_rtsp_camera,
};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// `jifang sim …`
#[derive(ClapArgs)]
pub struct Args {
    #[command(subcommand)]
    device: Device,
}

#[derive(Subcommand)]
enum Device {
    /// A camera: registers with a GB/T 28181 platform, or serves RTSP. The password comes from JIFANG_SIM_PASSWORD.
    Camera(Box<Camera>),
    /// An alarm panel: events and signs of life over SIA DC-09.
    Panel(Panel),
    /// An upper GB/T 28181 platform: whoever registers is asked, watched and listened to. The password comes from
    /// JIFANG_SIM_PASSWORD; orders are lines of standard input, what happens are lines of standard output.
    Platform(UpperPlatform),
    /// Many cameras that send prepared 1080p pictures in real time, for measurements.
    Load(Load),
}

/// `jifang sim load …`: cameras `/0`, `/1`, … of one RTSP server, or GB/T 28181 devices with numbers that follow each other.
#[derive(ClapArgs)]
struct Load {
    /// SIP address of the platform to register with; the password comes from JIFANG_SIM_PASSWORD.
    #[arg(long, value_name = "ADDR", conflicts_with = "rtsp", required_unless_present = "rtsp")]
    gb: Option<SocketAddr>,
    /// Address to serve RTSP on; the address is printed when the cameras are ready.
    #[arg(long, value_name = "ADDR")]
    rtsp: Option<SocketAddr>,
    /// Platform id, 20 digits.
    #[arg(long, default_value = "23010000002000000001")]
    platform: String,
    /// Id of the first device, 20 digits; the last six are counted on.
    #[arg(long, default_value = "23010000001310000001")]
    device: String,
    /// How many cameras.
    #[arg(long, default_value_t = 32)]
    streams: u32,
    /// Bits a second of each camera.
    #[arg(long, default_value_t = 4_000_000)]
    bitrate: u32,
    /// End when standard input closes: a parent that is killed takes its cameras with it.
    #[arg(long)]
    until_input_ends: bool,
}

/// `jifang sim platform …`. Orders: `catalog`, `info`, `status`, `subscribe catalog|alarm`, `play CHANNEL udp|tcp|tcp-active [FILE]`,
/// `bye N`, `control CHANNEL guard|unguard|reset|keyframe|reboot`, `nonsense TEXT`.
#[derive(ClapArgs)]
struct UpperPlatform {
    /// Where it listens, UDP and TCP; port 0 takes a free one and the first line tells which.
    #[arg(long, value_name = "ADDR")]
    listen: SocketAddr,
    /// Its id, 20 digits.
    #[arg(long, default_value = "23010000002000000009")]
    id: String,
    /// Digest realm, if it is not the first ten digits of the id.
    #[arg(long)]
    realm: Option<String>,
    /// Id with which the lower platform registers, 20 digits.
    #[arg(long, default_value = "23010000002000000001")]
    lower: String,
    /// Offer SHA-256 only, not MD5.
    #[arg(long)]
    sha256: bool,
    /// Take alarms without confirming them.
    #[arg(long)]
    unconfirmed: bool,
}

/// Scene of a camera.
#[derive(Clone, Copy, ValueEnum)]
enum Scene {
    /// A hotel lobby.
    Lobby,
    /// A gate.
    Gate,
    /// A corridor.
    Corridor,
}

/// SSRC habits of real devices.
#[derive(Clone, Copy, ValueEnum)]
enum Ssrc {
    /// As asked.
    Asked,
    /// Its own, told in the answer.
    Own,
    /// Its own, not told.
    OwnUntold,
    /// 0.
    Zero,
    /// As asked, but no y= in the answer.
    Missing,
}

#[derive(ClapArgs)]
struct Camera {
    /// SIP address of the platform to register with.
    #[arg(long, value_name = "ADDR", conflicts_with = "rtsp", required_unless_present = "rtsp")]
    gb: Option<SocketAddr>,
    /// Address to serve RTSP on, under /live.
    #[arg(long, value_name = "ADDR")]
    rtsp: Option<SocketAddr>,
    /// Platform id, 20 digits.
    #[arg(long, default_value = "23010000002000000001")]
    platform: String,
    /// Device id, 20 digits.
    #[arg(long, default_value = "23010000001310000001")]
    device: String,
    /// Channel id, 20 digits; the device's own if absent.
    #[arg(long)]
    channel: Option<String>,
    /// Signalling over TCP.
    #[arg(long)]
    tcp: bool,
    /// Seconds between keepalives.
    #[arg(long, default_value_t = 20)]
    keepalive: u64,
    /// Which SSRC it uses.
    #[arg(long, value_enum, default_value = "asked")]
    ssrc: Ssrc,
    /// Accept every call and never send media.
    #[arg(long)]
    silent: bool,
    /// Refuse every call with this SIP code.
    #[arg(long, value_name = "CODE")]
    refuse: Option<u16>,
    /// RTP packets left out, percent.
    #[arg(long, default_value_t = 0.0)]
    loss: f64,
    /// RTSP user; with JIFANG_SIM_PASSWORD.
    #[arg(long)]
    user: Option<String>,
    /// Play this MP4 (H.264 or H.265) instead of a scene.
    #[arg(long)]
    file: Option<PathBuf>,
    /// Which scene to draw.
    #[arg(long, value_enum, default_value = "lobby")]
    scene: Scene,
    /// 1280x720 instead of 640x360.
    #[arg(long)]
    large: bool,
    /// Pictures a second.
    #[arg(long, default_value_t = 15)]
    fps: u32,
    /// Bits a second.
    #[arg(long, default_value_t = 600_000)]
    bitrate: u32,
    /// With sound (G.711 A-law).
    #[arg(long)]
    sound: bool,
    /// Name drawn into the picture.
    #[arg(long, default_value = "CAMERA 1")]
    name: String,
    /// Decides everything random.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// End when standard input closes: a parent that is killed takes its cameras with it.
    #[arg(long)]
    until_input_ends: bool,
    /// Raise an alarm every so many seconds (GB/T 28181).
    #[arg(long, value_name = "SECONDS", requires = "gb")]
    alarm_every: Option<u64>,
    /// Raise an alarm at each SIGUSR1 (GB/T 28181).
    #[arg(long, requires = "gb")]
    alarm_on_signal: bool,
    /// Which alarm: AlarmMethod and AlarmType, e.g. 5:6 for an intrusion seen in the picture, 2 for the contact input.
    #[arg(long, value_name = "METHOD[:TYPE]", default_value = "5:6")]
    alarm: String,
    /// Id of its contact input (type 134), 20 digits; alarms of method 2 without type are about it.
    #[arg(long)]
    alarm_input: Option<String>,
    /// Raise alarms without waiting for SetGuard.
    #[arg(long)]
    always_guarded: bool,
    /// How far its clock is off, ms.
    #[arg(long, default_value_t = 0, allow_negative_numbers = true)]
    clock_error: i64,
}

pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let camera = match args.device {
        Device::Camera(camera) => camera,
        Device::Load(load) => return run_load(&load),
        Device::Panel(panel) => return run_panel(panel),
        Device::Platform(platform) => return run_upper(&platform),
    };
    let password = std::env::var("JIFANG_SIM_PASSWORD").unwrap_or_default();
    crate::runtime()?.block_on(async move {
        let stop = stop(camera.until_input_ends);
        match (camera.gb, camera.rtsp) {
            (Some(server), _) => {
                let options = gb_options(&camera, server, &password)?;
                let alarms = alarms(&camera, options.alarm_input)?;
                run_gb_camera_with(options, alarms, stop).await?;
            }
            (None, Some(listen)) => {
                let mut options = RtspOptions::new(listen, "live", camera_options(&camera));
                options.login = camera.user.clone().map(|user| Login { user, password });
                options.loss_percent = camera.loss;
                run_rtsp_camera(options, stop).await?;
            }
            (None, None) => anyhow::bail!("give --gb ADDR or --rtsp ADDR"),
        }
        Ok(ExitCode::SUCCESS)
    })
}

/// `jifang sim panel …`: an alarm panel over SIA DC-09. The key comes from JIFANG_SIM_KEY or `--key`.
#[derive(ClapArgs)]
struct Panel {
    /// Address of the receiver.
    #[arg(long, value_name = "ADDR")]
    to: SocketAddr,
    /// Account, 3 to 16 hex digits.
    #[arg(long)]
    account: String,
    /// Key, 32, 48 or 64 hex digits; without one nothing is encrypted.
    #[arg(long)]
    key: Option<String>,
    /// Datagrams instead of a connection.
    #[arg(long)]
    udp: bool,
    /// Steps from a file: `cid 1130 01 002`, `sia Nri1/BA1`, `null`, `wait 500`.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["burglary", "holdup", "flood"])]
    script: Option<PathBuf>,
    /// A burglary in this zone.
    #[arg(long, value_name = "ZONE")]
    burglary: Option<u16>,
    /// The hold-up button, of this zone; 0 = the panel names none.
    #[arg(long, value_name = "ZONE", num_args = 0..=1, default_missing_value = "0")]
    holdup: Option<u16>,
    /// This many events, as fast as they are acknowledged.
    #[arg(long, value_name = "N", conflicts_with_all = ["burglary", "holdup"])]
    flood: Option<u32>,
    /// Afterwards a sign of life every so many seconds, until it is stopped.
    #[arg(long, value_name = "SECONDS")]
    alive: Option<u64>,
    /// How far its clock is off, ms.
    #[arg(long, default_value_t = 0, allow_negative_numbers = true)]
    clock_error: i64,
    /// Longest wait for an answer before an event is sent again, ms.
    #[arg(long, default_value_t = 1_000)]
    retry: u64,
    /// How often one event is sent at most.
    #[arg(long, default_value_t = 10)]
    tries: u32,
    /// End when standard input closes.
    #[arg(long)]
    until_input_ends: bool,
}

/// Sends what was asked, a line of output for each; 1 when something was not acknowledged.
fn run_panel(args: Panel) -> anyhow::Result<ExitCode> {
    let script = match (&args.script, args.flood) {
        (Some(file), _) => {
            let text = std::fs::read_to_string(file).with_context(|| format!("cannot read `{}`", file.display()))?;
            panel::parse_script(&text)?
        }
        (None, Some(n)) => {
            (0..n).map(|n| Step::ContactId(format!("1130 {:02} {:03}", n / 1_000 % 100, n % 1_000))).collect()
        }
        (None, None) => {
            let burglary = args.burglary.map(|zone| Step::ContactId(format!("1130 01 {:03}", zone % 1_000)));
            let holdup = args.holdup.map(|zone| Step::ContactId(format!("1120 01 {:03}", zone % 1_000)));
            burglary.into_iter().chain(holdup).collect()
        }
    };
    let mut options = PanelOptions::new(args.to, &args.account);
    options.key = args.key.or_else(|| std::env::var("JIFANG_SIM_KEY").ok());
    options.udp = args.udp;
    options.clock_error_ms = args.clock_error;
    options.retry_ms = args.retry;
    options.tries = args.tries;
    // A panel remembers its number over a power cut; this one starts anywhere, so that two runs are not taken for repeats.
    options.sequence = u16::try_from(std::process::id() % 9_999).unwrap_or(0);
    crate::runtime()?.block_on(async move {
        let stop = stop(args.until_input_ends);
        let work = async {
            let failed = panel::run_panel(options.clone(), &script, tell).await?;
            if script.is_empty() || args.alive.is_some() {
                let pause = Step::Wait(args.alive.unwrap_or(30).saturating_mul(1_000));
                loop {
                    panel::run_panel(options.clone(), &[Step::Null, pause.clone()], |_, _| {}).await?;
                }
            }
            Ok::<_, sim::SimError>(failed)
        };
        tokio::select! {
            failed = work => Ok(if failed? == 0 { ExitCode::SUCCESS } else { ExitCode::from(1) }),
            () = stop => Ok(ExitCode::SUCCESS),
        }
    })
}

fn tell(step: &Step, sent: &Sent) {
    let outcome = match sent.outcome {
        Outcome::Acknowledged => "acknowledged",
        Outcome::Refused => "refused",
        Outcome::Unanswered => "no answer",
    };
    println!(
        "{step}: {outcome} after {} ms, tries {}, clock set {}",
        sent.took.as_millis(),
        sent.tries,
        sent.clock_set
    );
}

/// The alarms a camera is to raise, when they are due.
fn alarms(c: &Camera, input: Option<GbId>) -> anyhow::Result<mpsc::Receiver<AlarmPress>> {
    let (method, kind) = c.alarm.split_once(':').map_or((c.alarm.as_str(), None), |(m, k)| (m, Some(k)));
    let method: u8 = method.parse().context("--alarm: the method is a number")?;
    let kind = kind.map(str::parse).transpose().context("--alarm: the type is a number")?;
    let source = input.filter(|_| method == 2 && kind.is_none());
    let press = AlarmPress { source, method, kind, priority: 1, text: format!("{} {}", c.name, c.alarm) };
    let (tell, alarms) = mpsc::channel(8);
    if let Some(seconds) = c.alarm_every {
        let (tell, press) = (tell.clone(), press.clone());
        tokio::spawn(async move {
            let mut every = tokio::time::interval(Duration::from_secs(seconds.max(1)));
            every.tick().await;
            while tell.send(press.clone()).await.is_ok() {
                every.tick().await;
            }
        });
    }
    if c.alarm_on_signal {
        let mut signals = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::user_defined1())?;
        tokio::spawn(async move { while signals.recv().await.is_some() && tell.send(press.clone()).await.is_ok() {} });
    }
    Ok(alarms)
}

fn run_upper(args: &UpperPlatform) -> anyhow::Result<ExitCode> {
    let password = std::env::var("JIFANG_SIM_PASSWORD").unwrap_or_default();
    let mut options = PlatformOptions::new(id(&args.id)?, args.listen, id(&args.lower)?, &password);
    options.realm.clone_from(&args.realm);
    options.sha256_only = args.sha256;
    options.confirms = !args.unconfirmed;
    crate::runtime()?.block_on(async move {
        let (order, orders) = mpsc::channel(64);
        let (line, mut lines) = mpsc::channel::<String>(256);
        // Ends with standard input: a parent that is killed takes its platform with it.
        std::thread::spawn(move || {
            for text in std::io::stdin().lines().map_while(Result::ok) {
                if order.blocking_send(text).is_err() {
                    return;
                }
            }
        });
        let print = tokio::spawn(async move {
            use std::io::Write;
            while let Some(text) = lines.recv().await {
                let mut out = std::io::stdout().lock();
                if writeln!(out, "{text}").and_then(|()| out.flush()).is_err() {
                    return;
                }
            }
        });
        run_platform(options, orders, line, stop(false)).await?;
        let _ = print.await;
        Ok(ExitCode::SUCCESS)
    })
}

/// Resolves at a signal, or when standard input closes.
async fn stop(with_input: bool) {
    let (ended, input) = tokio::sync::oneshot::channel::<()>();
    if with_input {
        std::thread::spawn(move || {
            let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
            drop(ended);
        });
        tokio::select! {
            _ = crate::serve::stop_signal() => {}
            _ = input => {}
        }
    } else {
        let _ = crate::serve::stop_signal().await;
    }
}

fn run_load(args: &Load) -> anyhow::Result<ExitCode> {
    let shape = Shape { bitrate_bps: args.bitrate, ..Shape::FULL_HD };
    let prepared = Arc::new(Prepared::new(shape, 1)?);
    let password = std::env::var("JIFANG_SIM_PASSWORD").unwrap_or_default();
    crate::runtime()?.block_on(async move {
        let stop = stop(args.until_input_ends);
        match (args.gb, args.rtsp) {
            (Some(server), _) => {
                let mut model =
                    GbOptions::new(id(&args.device)?, id(&args.platform)?, server, &password, CameraOptions::default());
                model.retry_ms = 2_000;
                run_gb_load(model, args.streams, prepared, stop).await?;
            }
            (None, Some(listen)) => {
                let server = bind_rtsp_load(listen, args.streams, &prepared).await?;
                println!("{}", server.address()?);
                server.run(stop).await?;
            }
            (None, None) => anyhow::bail!("give --gb ADDR or --rtsp ADDR"),
        }
        Ok(ExitCode::SUCCESS)
    })
}

fn id(text: &str) -> anyhow::Result<GbId> {
    GbId::parse(text).with_context(|| format!("`{text}` is not a 20-digit id"))
}

fn camera_options(c: &Camera) -> CameraOptions {
    CameraOptions {
        seed: c.seed,
        name: c.name.clone(),
        place: match c.scene {
            Scene::Lobby => Place::Lobby,
            Scene::Gate => Place::Gate,
            Scene::Corridor => Place::Corridor,
        },
        size: if c.large { Size::Large } else { Size::Small },
        fps: c.fps,
        bitrate_bps: c.bitrate,
        sound: c.sound,
        file: c.file.clone(),
        clock_error_ms: c.clock_error,
        ..CameraOptions::default()
    }
}

fn gb_options(c: &Camera, server: SocketAddr, password: &str) -> anyhow::Result<GbOptions> {
    let mut options = GbOptions::new(id(&c.device)?, id(&c.platform)?, server, password, camera_options(c));
    if let Some(channel) = &c.channel {
        options.channel = id(channel)?;
    }
    options.tcp = c.tcp;
    options.keepalive_ms = c.keepalive * 1_000;
    options.retry_ms = 2_000;
    options.charset = Charset::Gb18030;
    options.alarm_input = c.alarm_input.as_deref().map(id).transpose()?;
    options.always_guarded = c.always_guarded;
    options.quirks.silent = c.silent;
    options.quirks.refuse_code = c.refuse;
    options.quirks.loss_percent = c.loss;
    options.quirks.ssrc = match c.ssrc {
        Ssrc::Asked => SsrcHabit::AsAsked,
        Ssrc::Own => SsrcHabit::Own,
        Ssrc::OwnUntold => SsrcHabit::OwnUntold,
        Ssrc::Zero => SsrcHabit::Zero,
        Ssrc::Missing => SsrcHabit::Missing,
    };
    Ok(options)
}
