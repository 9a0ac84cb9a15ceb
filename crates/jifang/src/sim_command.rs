//! `jifang sim …`: one simulated device in this process, over its real protocol.

use anyhow::Context;
use clap::{Args as ClapArgs, Subcommand, ValueEnum};
use sim::gb::{Charset, GbId, SsrcHabit};
use sim::load::{Prepared, Shape, bind_rtsp_load, run_gb_load};
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
