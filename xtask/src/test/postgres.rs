//! A private PostgreSQL for one test run: own data folder, own loopback port, gone afterwards.
//!
//! PostgreSQL refuses to run as root, so as root everything runs as the user `postgres`. The server is a
//! direct child in our process group: an interrupt reaches it too. Durability is off; only tests use it.

use super::install::{is_root, on_path};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const START_LIMIT: Duration = Duration::from_secs(120);
/// Between the choice of a port and its use somebody else may take it.
const TRIES: usize = 5;
const USER: &str = "postgres";

/// A running server; dropping it stops it and removes its folder.
pub struct Cluster {
    folder: PathBuf,
    programs: PathBuf,
    port: u16,
    server: Child,
}

impl Cluster {
    /// Makes and starts a cluster; the error says what is missing or what PostgreSQL said.
    pub fn start() -> Result<Self, String> {
        let programs = programs().ok_or("no PostgreSQL found (initdb): install the package `postgresql`")?;
        let mut made = Err(String::new());
        for n in 0..TRIES {
            let folder = std::env::temp_dir().join(format!("jifang-test-pg-{}-{n}", std::process::id()));
            made = Self::make(&programs, &folder);
            if made.is_err() {
                let _ = std::fs::remove_dir_all(&folder);
            }
            if made.as_ref().err().is_none_or(|why| !why.contains("Address already in use")) {
                break;
            }
        }
        made
    }

    fn make(programs: &Path, folder: &Path) -> Result<Self, String> {
        std::fs::create_dir_all(folder).map_err(|e| format!("cannot make `{}`: {e}", folder.display()))?;
        if is_root() {
            checked(Command::new("chown").arg(USER).arg(folder))?;
        }
        let data = folder.join("data");
        let mut initdb = as_user(&programs.join("initdb"));
        initdb.args(["--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "--username", USER, "--pgdata"]);
        checked(initdb.arg(&data))?;
        let port = free_port().map_err(|e| format!("no free port: {e}"))?;
        let log = std::fs::File::create(folder.join("log")).map_err(|e| format!("cannot write a log: {e}"))?;
        let mut command = as_user(&programs.join("postgres"));
        command.arg("-D").arg(&data).arg("-k").arg(folder).args(["-p", &port.to_string()]);
        for setting in ["listen_addresses=127.0.0.1", "fsync=off", "full_page_writes=off", "max_connections=200"] {
            command.args(["-c", setting]);
        }
        let server = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn();
        let server = server.map_err(|e| format!("postgres does not start: {e}"))?;
        let mut cluster = Self { folder: folder.to_owned(), programs: programs.to_owned(), port, server };
        cluster.wait_until_ready()?;
        Ok(cluster)
    }

    /// Where tests connect: `postgres://postgres@127.0.0.1:PORT/postgres`.
    pub fn url(&self) -> String {
        format!("postgres://{USER}@127.0.0.1:{}/postgres", self.port)
    }

    fn wait_until_ready(&mut self) -> Result<(), String> {
        let until = Instant::now() + START_LIMIT;
        loop {
            let mut ready = Command::new(self.programs.join("pg_isready"));
            ready.args(["-q", "-h", "127.0.0.1", "-p", &self.port.to_string()]);
            let answers = ready.status().is_ok_and(|status| status.success());
            let ended = self.server.try_wait().ok().flatten().is_some();
            // What answers may be another server, if ours found its port taken.
            if answers && !ended {
                return Ok(());
            }
            if ended || Instant::now() > until {
                let log = std::fs::read_to_string(self.folder.join("log")).unwrap_or_default();
                return Err(format!("PostgreSQL does not come up:\n{log}"));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let mut stop = as_user(&self.programs.join("pg_ctl"));
        stop.args(["stop", "--silent", "--mode=immediate", "--pgdata"]).arg(self.folder.join("data"));
        if !stop.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success()) {
            let _ = self.server.kill();
        }
        let _ = self.server.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// The newest folder with PostgreSQL's programs: Debian keeps them off the path.
fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok().into_iter().flatten().flatten();
    let number = |path: &Path| path.file_name().and_then(|name| name.to_str()?.parse::<u32>().ok());
    let newest =
        versions.map(|entry| entry.path()).filter(|path| path.join("bin/initdb").is_file()).max_by_key(|p| number(p));
    let on_path = || {
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path).find(|folder| folder.join("initdb").is_file())
    };
    newest.map(|path| path.join("bin")).or_else(on_path)
}

/// A command as the user `postgres` when we are root, else as ourselves.
fn as_user(program: &Path) -> Command {
    let mut command = if !is_root() {
        Command::new(program)
    } else if on_path("setpriv") {
        let mut command = Command::new("setpriv");
        command.args(["--reuid", USER, "--regid", USER, "--init-groups"]).arg(program);
        command
    } else {
        let mut command = Command::new("runuser");
        command.args(["-u", USER, "--"]).arg(program);
        command
    };
    // The working folder may be closed to that user.
    command.current_dir("/");
    command
}

fn checked(command: &mut Command) -> Result<(), String> {
    let name = command.get_program().display().to_string();
    let output = command.output().map_err(|e| format!("`{name}` does not start: {e}"))?;
    if output.status.success() {
        Ok(())
    } else {
        Err(format!("`{name}` fails: {}", String::from_utf8_lossy(&output.stderr)))
    }
}

/// A port that was free a moment ago.
fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpStream;

    #[test]
    fn a_cluster_answers_while_it_lives_and_leaves_nothing() {
        let cluster = Cluster::start().expect("PostgreSQL is installed by `cargo xtask test`");
        let (port, folder) = (cluster.port, cluster.folder.clone());
        assert!(cluster.url().ends_with(&format!(":{port}/postgres")));
        assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok() && folder.exists());
        drop(cluster);
        assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err());
        assert!(!folder.exists());
    }
}
