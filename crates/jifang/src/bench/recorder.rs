//! One way of recording, measured in this process: the real site, database, writer, hash chain and log in a folder of its own.

use super::machine::{cpu, private_bytes};
use super::record::{Measured, Single};
use super::sender::{self, Sender};
use super::stage::{self, FIRST_DEVICE};
use anyhow::Context;
use base::UtcMs;
use domain::access::Role;
use sim::gb::GbId;
use sim::load::load_device;
use site::{Camera, Site, SiteClock};
use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};
use store::Store;
use store::cameras::{GbTransport, Source};

/// Longest wait for all streams to be recorded.
const READY: Duration = Duration::from_secs(60);
/// Time after that before counting begins: by then the first spans of all cameras are committed.
const SETTLE: Duration = Duration::from_secs(12);
/// How often memory is looked at, s. No multiple of a group of pictures, so that its every phase is met.
const LOOK_S: u64 = 5;

/// Records `streams` streams for `seconds` seconds.
pub async fn measure(way: Single, streams: u32, seconds: u64, folder: &Path) -> anyhow::Result<Measured> {
    crate::serve::start_logging("error", "text")?;
    let clock = SiteClock::start();
    let store = Store::open(&stage::store_config(folder), clock.now().utc).await?;
    let site = Site::start(store, stage::site_config(), clock).await?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let idle_bytes = private_bytes();
    let (_sender, sources) = sources(way, streams, &site)?;
    let manager = stage::actor(Role::SecurityManager)?;
    for (i, source) in sources.into_iter().enumerate() {
        site.add_camera(&manager, stage::camera_form(i, source, sender::password(), site.now().utc)).await?;
    }
    wait_for(&site, streams).await?;
    tokio::time::sleep(SETTLE).await;
    let measured = window(&site, seconds, idle_bytes).await?;
    site.stop().await;
    Ok(measured)
}

/// Starts the sender and says how its cameras are reached.
fn sources(way: Single, streams: u32, site: &Site) -> anyhow::Result<(Sender, Vec<Source>)> {
    let transport = match way {
        Single::PsUdp => GbTransport::Udp,
        Single::PsTcp => GbTransport::TcpPassive,
        _ => {
            let (sender, address) = Sender::rtsp(streams)?;
            return Ok((sender, rtsp_sources(address, streams, way == Single::RtspUdp)));
        }
    };
    let first = GbId::parse(FIRST_DEVICE).context("device id")?;
    let sender = Sender::gb(streams, site.gb28181().sip_addr(), &site.config().platform_id, FIRST_DEVICE)?;
    let devices = (0..streams).map(|i| load_device(first, i).map(|id| id.to_string()).context("too many devices"));
    let source = |device: String| Source::Gb28181 { channel: device.clone(), device, transport };
    Ok((sender, devices.map(|d| d.map(source)).collect::<anyhow::Result<_>>()?))
}

fn rtsp_sources(address: SocketAddr, streams: u32, udp: bool) -> Vec<Source> {
    let source = |i| Source::Rtsp { url: format!("rtsp://{address}/{i}"), user: String::new(), udp };
    (0..streams).map(source).collect()
}

async fn wait_for(site: &Site, streams: u32) -> anyhow::Result<()> {
    let begin = Instant::now();
    loop {
        let recording = site.cameras().iter().filter(|c| c.state().is_recording()).count();
        if recording == streams as usize {
            return Ok(());
        }
        if begin.elapsed() > READY {
            let why = site.cameras().iter().find_map(|c| c.state().diagnosis).map(|d| d.what.en);
            anyhow::bail!("only {recording} of {streams} streams are recorded: {why:?}");
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Bytes, lost packets and dropped fragments of all cameras.
fn sums(cameras: &[Camera]) -> (u64, u64, u64) {
    let all = cameras.iter().map(|c| c.state().counts);
    all.fold((0, 0, 0), |s, c| (s.0 + c.bytes, s.1 + c.lost, s.2 + c.dropped))
}

async fn window(site: &Site, seconds: u64, idle_bytes: u64) -> anyhow::Result<Measured> {
    let cameras = site.cameras();
    let (from, begin) = (site.now().utc, Instant::now());
    let (before, cpu_before) = (sums(&cameras), cpu());
    let mut highest = 0;
    for second in 0..seconds {
        tokio::time::sleep(Duration::from_secs(1)).await;
        // Not each second: the kernel walks all pages for it, and that is counted as ours.
        if second % LOOK_S == LOOK_S / 2 {
            highest = highest.max(private_bytes());
        }
    }
    let cpu_s = (cpu() - cpu_before).as_secs_f64();
    let (after, elapsed) = (sums(&cameras), begin.elapsed());
    let gaps = gaps(site, &cameras, from, site.now().utc).await?;
    Ok(Measured {
        cpu_s,
        bits: (after.0 - before.0) * 8,
        seconds: elapsed.as_secs_f64(),
        memory_bytes: highest.saturating_sub(idle_bytes),
        lost: after.1 - before.1,
        dropped: after.2 - before.2,
        gaps,
    })
}

async fn gaps(site: &Site, cameras: &[Camera], from: UtcMs, to: UtcMs) -> anyhow::Result<u64> {
    let mut count = 0;
    for camera in cameras {
        count += site.store().gaps(camera.id(), from, to).await?.len() as u64;
    }
    Ok(count)
}
