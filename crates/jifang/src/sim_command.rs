//! `jifang sim …`: one simulated device in this process, over its real protocol.

use anyhow::Context;
use clap::{Args as ClapArgs, Subcommand, ValueEnum};
use sim::gb::{Charset, GbId, SsrcHabit};
use sim::load::{Prepared, Shape, bind_rtsp_load, run_gb_load};
use sim::panel::{self, Outcome, PanelOptions, Sent, Step};
use sim::scene::{Place, Size};
use sim::{CameraOptions, GbOptions, Login, RtspOptions, run_gb_camera, run_rtsp_camera};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

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
    /// How far its clock is off, ms.
    #[arg(long, default_value_t = 0, allow_negative_numbers = true)]
    clock_error: i64,
}

pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let camera = match args.device {
        Device::Camera(camera) => camera,
        Device::Load(load) => return run_load(&load),
        Device::Panel(panel) => return run_panel(panel),
    };
    let password = std::env::var("JIFANG_SIM_PASSWORD").unwrap_or_default();
    crate::runtime()?.block_on(async move {
        let stop = stop(camera.until_input_ends);
        match (camera.gb, camera.rtsp) {
            (Some(server), _) => run_gb_camera(gb_options(&camera, server, &password)?, stop).await?,
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
    /// The hold-up button.
    #[arg(long)]
    holdup: bool,
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
            let holdup = args.holdup.then(|| Step::ContactId("1120 01 000".into()));
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
