//! What end-to-end tests stand on: the real binary as a process, an HTTP client, a browser.
//!
//! Everything a test starts has its own temporary folder and ports and ends with the test, also when the
//! test fails; then logs and a picture of the page are kept or printed. Only std, serde_json and two small
//! crates, so that test binaries link fast.

#![allow(dead_code, reason = "some is for one who looks for a fault")]

pub mod browser;
pub mod bundle;
pub mod database;
pub mod device;
pub mod disk;
pub mod http;
pub mod peer;
pub mod people;
pub mod rig;
pub mod screen;
pub mod server;
pub mod upper;
pub mod webdriver;

use std::fs::File;
use std::net::{Ipv4Addr, TcpListener, UdpSocket};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long a test waits for something that should happen at once, on a slow machine under load. Only a failing test waits so long.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Below the range from which the system takes ports for outgoing connections (32768 and up on Linux).
const PORTS: Range<u16> = 20_000..32_000;
/// Ports that a process takes at once.
const BLOCK: u16 = 40;

/// The ports of this process: locks of its blocks, held until it ends, and what is left of the newest one.
struct OwnPorts {
    locks: Vec<File>,
    left: Range<u16>,
}

/// A loopback port that is free for TCP and UDP, and that no other call is given while this process lives, also of another process:
/// between the asking and the binding nobody else comes. Test binaries run side by side.
pub fn free_port() -> u16 {
    static OWN: Mutex<OwnPorts> = Mutex::new(OwnPorts { locks: Vec::new(), left: 0..0 });
    let mut own = OWN.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        for port in own.left.by_ref() {
            let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, port));
            if tcp.is_ok() && UdpSocket::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
                return port;
            }
        }
        let (lock, block) = lock_block();
        own.locks.push(lock);
        own.left = block;
    }
}

/// A block of ports that no living process has: the lock of its file in the temporary folder goes with the process, however it ends.
fn lock_block() -> (File, Range<u16>) {
    let user = rustix::process::getuid().as_raw();
    let folder = std::env::temp_dir().join(format!("jifang-test-ports-{user}"));
    std::fs::create_dir_all(&folder).expect("the temporary folder can be written");
    let blocks = (PORTS.end - PORTS.start) / BLOCK;
    let first = u16::try_from(std::process::id() % u32::from(blocks)).expect("less than the number of blocks");
    for block in (0..blocks).map(|n| (first + n) % blocks) {
        let file = File::options().create(true).truncate(false).write(true).open(folder.join(block.to_string()));
        let file = file.expect("the temporary folder can be written");
        if file.try_lock().is_ok() {
            let start = PORTS.start + block * BLOCK;
            return (file, start..start + BLOCK);
        }
    }
    panic!("every block of {PORTS:?} is taken");
}

/// How long the machine lets a thread of this process wait that wants to run: the floor of every time that is measured here.
pub struct Stalls {
    longest: Arc<Mutex<Duration>>,
    stop: Arc<AtomicBool>,
}

impl Stalls {
    /// Looks a hundred times a second until it is dropped.
    pub fn watch() -> Self {
        let (longest, stop) = (Arc::<Mutex<Duration>>::default(), Arc::<AtomicBool>::default());
        let (seen, end) = (longest.clone(), stop.clone());
        std::thread::spawn(move || {
            const PAUSE: Duration = Duration::from_millis(10);
            while !end.load(Ordering::Relaxed) {
                let asleep = Instant::now();
                std::thread::sleep(PAUSE);
                let late = asleep.elapsed().saturating_sub(PAUSE);
                let mut longest = seen.lock().unwrap_or_else(PoisonError::into_inner);
                *longest = late.max(*longest);
            }
        });
        Self { longest, stop }
    }

    /// The longest one since the last call, ms.
    pub fn take_ms(&self) -> i64 {
        let longest = std::mem::take(&mut *self.longest.lock().unwrap_or_else(PoisonError::into_inner));
        i64::try_from(longest.as_millis()).unwrap_or(i64::MAX)
    }
}

impl Drop for Stalls {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

/// Polls until `look` gives something; `None` after `limit`.
pub fn poll<T>(limit: Duration, mut look: impl FnMut() -> Option<T>) -> Option<T> {
    let until = Instant::now() + limit;
    loop {
        if let Some(found) = look() {
            return Some(found);
        }
        if Instant::now() >= until {
            return None;
        }
        std::thread::sleep(Duration::from_millis(40));
    }
}

/// Polls until `look` gives something; fails the test with `what` after `limit`.
#[track_caller]
pub fn wait_until<T>(what: &str, limit: Duration, look: impl FnMut() -> Option<T>) -> T {
    match poll(limit, look) {
        Some(found) => found,
        None => panic!("waited {limit:?} for {what}"),
    }
}

/// A folder under the build's own folder, for what a person looks at afterwards.
pub fn kept_folder(name: &str) -> PathBuf {
    let temporary = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let folder = temporary.parent().unwrap_or(temporary).join(name);
    std::fs::create_dir_all(&folder).expect("the build folder can be written");
    folder
}
