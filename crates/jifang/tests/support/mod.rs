//! What end-to-end tests stand on: the real binary as a process, an HTTP client, a browser.
//!
//! Everything a test starts has its own temporary folder and ports and ends with the test, also when the
//! test fails; then logs and a picture of the page are kept or printed. Only std, serde_json and two small
//! crates, so that test binaries link fast.

#![allow(dead_code, reason = "each test binary uses a part")]

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

use std::net::{Ipv4Addr, TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

/// How long a test waits for something that should happen at once, on a slow machine under load.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Below the range from which the system takes ports for outgoing connections (32768 and up on Linux).
const PORTS: std::ops::Range<u16> = 20_000..32_000;

/// A loopback port that is free for TCP and UDP. Asked for again, it gives another one.
pub fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let size = u32::from(PORTS.end - PORTS.start);
    let start = std::process::id().wrapping_mul(97) % size;
    for _ in 0..size {
        let step = u32::from(NEXT.fetch_add(1, Ordering::Relaxed));
        let port = PORTS.start + u16::try_from((start + step) % size).expect("less than the size of the range");
        let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, port));
        if tcp.is_ok() && UdpSocket::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
    panic!("no free port in {PORTS:?}");
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
