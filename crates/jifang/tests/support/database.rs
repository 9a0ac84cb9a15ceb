//! A PostgreSQL database of a test's own, and a cable to it that can be pulled.
//!
//! `JIFANG_TEST_PG_URL` (`postgres://user@host:port/database`) names the server; `cargo xtask test` starts one and sets it. The
//! database is made and dropped with the `psql` that comes with the server.

use super::peer::run;
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

const PG: &str = "JIFANG_TEST_PG_URL";

/// A database; dropped with this value.
pub struct Database {
    admin: String,
    name: String,
}

fn sql(url: &str, statement: &str) {
    let mut psql = Command::new("psql");
    psql.args(["--no-psqlrc", "--quiet", "--dbname", url, "--command", statement]);
    run(psql);
}

impl Database {
    /// An empty database. Fails the test when no server is named.
    #[track_caller]
    pub fn new() -> Self {
        let admin = std::env::var(PG)
            .unwrap_or_else(|_| panic!("{PG} is not set: `cargo xtask test` starts a server and sets it"));
        let random: [u8; 8] = store::keys::random().expect("random bytes");
        let name = format!("jifang_e2e_{}", base::hex(&random));
        sql(&admin, &format!("CREATE DATABASE {name}"));
        Self { admin, name }
    }

    /// Its address.
    pub fn url(&self) -> String {
        let (server, _) = self.admin.rsplit_once('/').expect("postgres://user@host:port/database");
        format!("{server}/{}", self.name)
    }

    /// Its address through a cable.
    pub fn url_by(&self, cable: &Cable) -> String {
        let url = self.url();
        let (scheme, rest) = url.split_once("://").expect("a scheme");
        let (authority, database) = rest.split_once('/').expect("a database");
        let user = authority.rsplit_once('@').map(|(user, _)| format!("{user}@")).unwrap_or_default();
        format!("{scheme}://{user}127.0.0.1:{}/{database}", cable.port)
    }

    /// `host:port` of the server.
    pub fn server(&self) -> String {
        let rest = self.admin.split_once("://").map_or(self.admin.as_str(), |(_, rest)| rest);
        let authority = rest.split(['/', '?']).next().unwrap_or_default();
        authority.rsplit('@').next().unwrap_or_default().to_owned()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let drop = format!("DROP DATABASE {} WITH (FORCE)", self.name);
        let _ =
            Command::new("psql").args(["--no-psqlrc", "--quiet", "--dbname", &self.admin, "--command", &drop]).status();
    }
}

/// A TCP relay.
pub struct Cable {
    /// Port of its near end.
    pub port: u16,
    plugged: Arc<AtomicBool>,
    open: Arc<Mutex<Vec<TcpStream>>>,
}

impl Cable {
    /// A plugged cable to `host:port`; it lives as long as the process.
    pub fn to(far: &str) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let port = listener.local_addr().expect("bound").port();
        let (plugged, open) = (Arc::new(AtomicBool::new(true)), Arc::<Mutex<Vec<TcpStream>>>::default());
        let (is_plugged, all, far) = (plugged.clone(), open.clone(), far.to_owned());
        std::thread::spawn(move || {
            for near in listener.incoming().flatten() {
                // Without a cable nobody answers: what is accepted is closed at once.
                let far = is_plugged.load(Ordering::SeqCst).then(|| TcpStream::connect(&far));
                let Some(Ok(far)) = far else { continue };
                let (Ok(near2), Ok(far2), Ok(kept)) = (near.try_clone(), far.try_clone(), near.try_clone()) else {
                    continue;
                };
                all.lock().unwrap_or_else(PoisonError::into_inner).push(kept);
                std::thread::spawn(move || relay(near, far));
                std::thread::spawn(move || relay(far2, near2));
            }
        });
        Self { port, plugged, open }
    }

    /// Pulls it: what is open breaks, nothing new gets through.
    pub fn pull(&self) {
        self.plugged.store(false, Ordering::SeqCst);
        for stream in self.open.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    /// Plugs it in again.
    pub fn plug(&self) {
        self.plugged.store(true, Ordering::SeqCst);
    }
}

fn relay(mut from: TcpStream, mut to: TcpStream) {
    let _ = std::io::copy(&mut from, &mut to);
    let _ = to.shutdown(Shutdown::Both);
    let _ = from.shutdown(Shutdown::Both);
}
