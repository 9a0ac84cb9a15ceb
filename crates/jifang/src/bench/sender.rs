//! The sender of a recording measurement: `jifang sim load` as a process of its own, so that its CPU is not counted.

use anyhow::Context;
use base::Pii;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

/// Password of the GB/T 28181 devices: everything is on loopback and ends with the measurement.
pub const PASSWORD: &str = "measured-on-loopback";

/// The sending process; it ends with this value, and also when this process dies.
pub struct Sender(Child);

impl Sender {
    /// Cameras `/0`, `/1`, … of one RTSP server; with the server's address.
    ///
    /// # Errors
    /// It does not start.
    pub fn rtsp(streams: u32) -> anyhow::Result<(Self, SocketAddr)> {
        let mut child = command(streams, &["--rtsp", "127.0.0.1:0"]).stdout(Stdio::piped()).spawn()?;
        let output = child.stdout.take().context("the sender's output")?;
        let sender = Self(child);
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        let address = line.trim().parse().with_context(|| format!("the sender said `{}`", line.trim()))?;
        Ok((sender, address))
    }

    /// Devices that register with the platform at `sip`; device `i` is `sim::load::load_device(first, i)`.
    ///
    /// # Errors
    /// It does not start.
    pub fn gb(streams: u32, sip: SocketAddr, platform: &str, first: &str) -> anyhow::Result<Self> {
        let sip = sip.to_string();
        let arguments = ["--gb", &sip, "--platform", platform, "--device", first];
        Ok(Self(command(streams, &arguments).stdout(Stdio::null()).spawn()?))
    }
}

/// What the devices' cameras are given.
pub fn password() -> Pii<String> {
    Pii::new(PASSWORD.to_owned())
}

fn command(streams: u32, arguments: &[&str]) -> Command {
    // Where the own path cannot be had, the search path decides, and `spawn` says so if there is none.
    let exe = std::env::current_exe().unwrap_or_else(|_| "jifang".into());
    let mut command = Command::new(exe);
    command
        .args(["sim", "load", "--until-input-ends", "--streams", &streams.to_string()])
        .args(arguments)
        .env("JIFANG_SIM_PASSWORD", PASSWORD)
        .stdin(Stdio::piped());
    command
}

impl Drop for Sender {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
