//! Recording: 32 streams of 1080p from a process of its own into the real site, by each way that media comes, beside two floors.
//!
//! Each measurement is a process of its own (`jifang bench --single NAME`), so that the memory of one is not in the next one's
//! figures. It prints what it measured as one line of JSON; this file puts them into the table.

use super::table::Table;
use super::{floor, recorder};
use anyhow::Context;
use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use std::process::{Command, Stdio};

/// What one process measures.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Single {
    /// Floor: TCP receive, SHA-256, write.
    FloorTcp,
    /// Floor: batched UDP receive, write.
    FloorUdp,
    /// RTSP, interleaved in its TCP connection.
    RtspTcp,
    /// RTSP, media over UDP.
    RtspUdp,
    /// GB/T 28181, PS over RTP over UDP.
    PsUdp,
    /// GB/T 28181, PS over RTP over TCP, the device connects.
    PsTcp,
}

/// What came of it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Measured {
    /// CPU time of the process, s.
    pub cpu_s: f64,
    /// Bits received (floors: with RTP headers; recording: coded pictures only).
    pub bits: u64,
    /// Length of the window, s.
    pub seconds: f64,
    /// Growth of private memory from the idle site to its highest in the window, bytes.
    pub memory_bytes: u64,
    /// Packets known to be lost.
    pub lost: u64,
    /// Fragments dropped because the disk was slow.
    pub dropped: u64,
    /// Gaps in the recordings of the window.
    pub gaps: u64,
}

impl Measured {
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    fn cpu_s_per_gbit(&self) -> f64 {
        self.cpu_s / (self.bits as f64 / 1e9)
    }

    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    fn mbit_s(&self) -> f64 {
        self.bits as f64 / self.seconds / 1e6
    }

    fn losses(&self) -> String {
        if self.lost + self.dropped + self.gaps == 0 {
            return "nothing lost".into();
        }
        format!("LOST: {} packets, {} fragments, {} gaps", self.lost, self.dropped, self.gaps)
    }
}

/// Measures both floors and every way of recording.
pub fn run(table: &mut Table, streams: u32, seconds: u64) -> anyhow::Result<()> {
    let tcp = single(Single::FloorTcp, streams, seconds)?;
    let udp = single(Single::FloorUdp, streams, seconds)?;
    for (name, floor) in [("TCP receive + SHA-256 + write", &tcp), ("batched UDP receive + write", &udp)] {
        let text = format!("{:.2} CPU s/Gbit at {:.0} Mbit/s", floor.cpu_s_per_gbit(), floor.mbit_s());
        table.add(format!("floor: {name}, {streams} streams"), text, "-", "-");
    }
    let ways = [
        (Single::RtspTcp, "RTSP/TCP", &tcp, "<= 0.5, <= 2 MB a stream", "<= 0.3, <= 1 MB"),
        (Single::PsUdp, "GB/T PS/UDP", &udp, "<= 0.6, <= 2 MB a stream", "<= 0.35, <= 1 MB"),
        (Single::PsTcp, "GB/T PS/TCP", &tcp, "<= 0.5, <= 2 MB a stream", "<= 0.3, <= 1 MB"),
    ];
    for (way, name, floor, step, goal) in ways {
        let m = single(way, streams, seconds)?;
        table.add(format!("record {name}, {streams} × 1080p 4 Mbit/s"), line(&m, floor, streams), step, goal);
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn line(m: &Measured, floor: &Measured, streams: u32) -> String {
    let cost = m.cpu_s_per_gbit();
    let ratio = cost / floor.cpu_s_per_gbit();
    let memory_mb = m.memory_bytes as f64 / f64::from(streams.max(1)) / 1e6;
    let (rate, losses) = (m.mbit_s(), m.losses());
    format!(
        "**{cost:.2}** CPU s/Gbit at {rate:.0} Mbit/s ({ratio:.1} × floor); {memory_mb:.1} MB private a stream; {losses}"
    )
}

/// Runs one measurement in a process of its own.
fn single(what: Single, streams: u32, seconds: u64) -> anyhow::Result<Measured> {
    let name = what.to_possible_value().map(|v| v.get_name().to_owned()).unwrap_or_default();
    eprintln!("  {name} …");
    let output = Command::new(std::env::current_exe().context("own path")?)
        .args(["bench", "--single", &name, "--streams", &streams.to_string(), "--seconds", &seconds.to_string()])
        .stderr(Stdio::inherit())
        .output()?;
    anyhow::ensure!(output.status.success(), "the measurement `{name}` failed");
    serde_json::from_slice(&output.stdout).with_context(|| format!("what `{name}` measured"))
}

/// In the process of one measurement: measures and prints.
pub fn run_single(what: Single, streams: u32, seconds: u64) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let measured = match what {
        Single::FloorTcp => floor::tcp(streams, seconds, folder.path())?,
        Single::FloorUdp => floor::udp(streams, seconds, folder.path())?,
        way => crate::runtime()?.block_on(recorder::measure(way, streams, seconds, folder.path()))?,
    };
    println!("{}", serde_json::to_string(&measured)?);
    Ok(())
}
