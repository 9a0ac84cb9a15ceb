//! `jifang sim platform` as a process: orders in, lines out; and the row that makes the site register with it.

use super::rig::{Rig, SECRET, now};
use super::server::BINARY;
use super::{PATIENCE, free_port, poll};
use base::{CameraId, Pii, UpperId};
use law::OrganKind;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use store::Store;
use store::uppers::{UpperChannel, UpperCharset, UpperConfig, UpperRow};

/// Code of the simulated upper platform.
pub const UPPER: &str = "23010000002000000009";
/// The site's code towards it.
pub const OWN: &str = "23010000002000000001";

/// The running platform; it ends with this value.
pub struct UpperSim {
    child: Child,
    orders: ChildStdin,
    lines: Arc<Mutex<Vec<String>>>,
    /// Where it listens.
    pub address: String,
}

impl UpperSim {
    /// Starts one on a port that stays this test's when it is killed and started again there.
    #[track_caller]
    pub fn start(arguments: &[&str]) -> Self {
        Self::start_at(&format!("127.0.0.1:{}", free_port()), arguments)
    }

    /// Starts one where another one was.
    #[track_caller]
    pub fn start_at(listen: &str, arguments: &[&str]) -> Self {
        let mut command = Command::new(BINARY);
        command.args(["sim", "platform", "--listen", listen]).args(arguments).env("JIFANG_SIM_PASSWORD", SECRET);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("a simulated platform starts");
        let orders = child.stdin.take().expect("a pipe");
        let out = BufReader::new(child.stdout.take().expect("a pipe"));
        let lines: Arc<Mutex<Vec<String>>> = Arc::default();
        let told = Arc::clone(&lines);
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                told.lock().expect("no panic while held").push(line);
            }
        });
        let mut sim = Self { child, orders, lines, address: String::new() };
        let line = sim.wait("listening ");
        sim.address = line.trim_start_matches("listening ").to_owned();
        sim
    }

    /// Gives an order.
    #[track_caller]
    pub fn order(&mut self, order: &str) {
        writeln!(self.orders, "{order}").expect("the platform listens");
    }

    /// Lines so far.
    pub fn lines(&self) -> Vec<String> {
        self.lines.lock().expect("no panic while held").clone()
    }

    /// The first line that begins so, waited for.
    #[track_caller]
    pub fn wait(&self, start: &str) -> String {
        self.wait_for(start, |line| line.starts_with(start))
    }

    /// The first line that `is` takes, waited for.
    #[track_caller]
    pub fn wait_for(&self, what: &str, is: impl Fn(&str) -> bool) -> String {
        poll(PATIENCE * 2, || self.lines().into_iter().find(|line| is(line)))
            .unwrap_or_else(|| panic!("no line {what:?} in {:#?}", self.lines()))
    }

    /// Waits until a view has so many pictures.
    #[track_caller]
    pub fn wait_pictures(&self, session: u32, pictures: u64) {
        let start = format!("media {session} pictures ");
        self.wait_for(&format!("{start}{pictures}"), |line| {
            let count = line.strip_prefix(&start).and_then(|rest| rest.split(' ').next()?.parse::<u64>().ok());
            count.is_some_and(|n| n >= pictures)
        });
    }

    /// Ends it at once.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for UpperSim {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            eprintln!("the upper platform said {:#?}", self.lines());
        }
    }
}

/// A platform of the police that demanded networking, with these channels. It is tried again at once, not after a minute.
pub fn row(address: &str, channels: &[(CameraId, String)]) -> UpperRow {
    let id = UpperId::new(now().0, store::keys::random().expect("random bytes"));
    let channels = channels.iter().map(|(camera, code)| UpperChannel { camera: *camera, code: code.clone() });
    let config = UpperConfig {
        name: "市公安局视频专网".into(),
        organ: OrganKind::Police,
        need: "市公安局 2026 年第 12 号联网通知".into(),
        address: address.into(),
        platform: UPPER.into(),
        own: OWN.into(),
        username: OWN.into(),
        tcp: false,
        charset: UpperCharset::Gb18030,
        expires_s: 3_600,
        keepalive_s: 1,
        retry_s: 1,
        channels: channels.collect(),
        emergency: None,
        enabled: true,
    };
    UpperRow { id, config, secret: Some(Pii::new(SECRET.into())), created: now(), removed: None }
}

/// Puts a row into the data of the stopped server.
pub async fn put(store: &Store, row: &UpperRow, rig: &Rig) {
    let text = base::Text::new("试验。", "Test.");
    store.put_upper(row, "upper.added", text, rig.manager, now()).await.expect("a row");
}

/// Pause that is long enough for something that must not happen.
pub fn settle() {
    std::thread::sleep(Duration::from_secs(2));
}
