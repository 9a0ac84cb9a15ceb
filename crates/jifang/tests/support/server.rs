//! The real binary as a process: start, wait until it answers, kill, start again on the same data.
//!
//! Each server has a temporary data folder and free ports and leads its own process group, so that the
//! devices it starts end with it. Its output is read all the time (a full pipe would stop it) and the last
//! [`MAX_LOG_LINES`] lines are kept; they are printed when the test fails.

use super::http::Client;
use super::{PATIENCE, free_port, wait_until};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read};
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::Duration;
use tempfile::TempDir;

const MAX_LOG_LINES: usize = 20_000;
/// The binary under test.
pub const BINARY: &str = env!("CARGO_BIN_EXE_jifang");
/// First start makes keys, tables and accounts, in a debug build.
const START_LIMIT: Duration = Duration::from_secs(120);

/// Free ports for the listeners of one server.
#[derive(Debug, Clone, Copy)]
pub struct Ports {
    /// Pages and API.
    pub http: u16,
    /// GB/T 28181 signalling, UDP and TCP.
    pub sip: u16,
    /// GB/T 28181 media, UDP and TCP.
    pub media: u16,
    /// Alarm panels (SIA DC-09), UDP and TCP.
    pub dc09: u16,
    /// Live pictures to browsers, UDP.
    pub live: u16,
    /// For what else a test needs: a simulated device, a source.
    pub spare: [u16; 4],
}

impl Ports {
    /// Ports that nobody has now and that no other call of this process gets.
    pub fn free() -> Self {
        let spare = std::array::from_fn(|_| free_port());
        Self { http: free_port(), sip: free_port(), media: free_port(), dc09: free_port(), live: free_port(), spare }
    }
}

/// A running (or killed) server with its data.
pub struct Server {
    /// Where it listens.
    pub ports: Ports,
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
    folder: TempDir,
    child: Option<Child>,
    log: Arc<Mutex<VecDeque<String>>>,
    readers: Vec<JoinHandle<()>>,
}

impl Server {
    /// `jifang demo` on an empty data folder, waited for.
    #[track_caller]
    pub fn demo() -> Self {
        Self::demo_with(&[])
    }

    /// As [`Self::demo`], with further arguments.
    #[track_caller]
    pub fn demo_with(more: &[&str]) -> Self {
        let ports = Ports::free();
        Self::start(ports, &[], |data, _| {
            let address = format!("127.0.0.1:{}", ports.http);
            let mut own = vec![ports.sip, ports.media, ports.dc09, ports.live];
            own.extend(ports.spare);
            // The demo takes nine, from the end of the list: four of the site, two of each police server, one of a camera.
            own.push(free_port());
            let own = own.iter().map(u16::to_string).collect::<Vec<_>>().join(",");
            let fixed = ["demo", "--data", data, "--http", &address, "--ports", &own];
            fixed.iter().chain(more).map(|a| (*a).to_owned()).collect()
        })
    }

    /// `jifang serve` with the configuration that `config` writes from the data folder and the ports, waited for.
    #[track_caller]
    pub fn serve(config: impl FnOnce(&str, Ports) -> String) -> Self {
        let ports = Ports::free();
        Self::start(ports, &[], |data, folder| {
            let file = folder.join("jifang.toml");
            std::fs::write(&file, config(data, ports)).expect("a temporary folder can be written");
            vec!["serve".to_owned(), "--config".to_owned(), file.display().to_string()]
        })
    }

    /// As [`Self::serve`], but not started: the caller fills the data folder first, then calls [`Self::start_again`].
    #[track_caller]
    pub fn prepared(config: impl FnOnce(&str, Ports) -> String) -> Self {
        let ports = Ports::free();
        let folder = tempfile::Builder::new().prefix("jifang-test-").tempdir().expect("a temporary folder");
        let data = folder.path().join("data").display().to_string();
        let file = folder.path().join("jifang.toml");
        std::fs::write(&file, config(&data, ports)).expect("a temporary folder can be written");
        let arguments = vec!["serve".to_owned(), "--config".to_owned(), file.display().to_string()];
        Self {
            ports,
            arguments,
            environment: Vec::new(),
            folder,
            child: None,
            log: Arc::default(),
            readers: Vec::new(),
        }
    }

    /// Any command that ends in a listening server. `arguments` gets the data folder (not made yet) and the
    /// folder around it (for other files).
    #[track_caller]
    pub fn start(
        ports: Ports,
        environment: &[(&str, &str)],
        arguments: impl FnOnce(&str, &Path) -> Vec<String>,
    ) -> Self {
        let folder = tempfile::Builder::new().prefix("jifang-test-").tempdir().expect("a temporary folder");
        let data = folder.path().join("data").display().to_string();
        let arguments = arguments(&data, folder.path());
        let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let mut server =
            Self { ports, arguments, environment, folder, child: None, log: Arc::default(), readers: Vec::new() };
        server.start_again();
        server
    }

    /// Starts the same command on the same data after [`Self::kill`] or [`Self::stop`], and waits until it answers.
    #[track_caller]
    pub fn start_again(&mut self) {
        self.spawn();
        wait_until("the server's /healthz", START_LIMIT, || {
            if let Some(status) = self.ended() {
                self.hear_out();
                panic!("the server ended with {status}:\n{}", self.log_tail());
            }
            let mut client = Client { timeout: Duration::from_secs(5), ..self.client() };
            // Over TLS it sends who comes in clear on to the encrypted page.
            let answer = client.try_request("GET", "/healthz", &[], b"");
            answer.is_ok_and(|answer| [200, 308].contains(&answer.status)).then_some(())
        });
    }

    /// Starts the command without waiting, for a start that is meant to fail.
    #[track_caller]
    pub fn spawn(&mut self) {
        assert!(self.child.is_none(), "the server runs already");
        let mut command = Command::new(BINARY);
        command.args(&self.arguments).envs(self.environment.iter().cloned()).current_dir(self.folder.path());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
        let mut child = command.spawn().expect("the binary under test starts");
        self.collect(child.stdout.take());
        self.collect(child.stderr.take());
        self.child = Some(child);
    }

    /// Waits for the last words of a process that has ended: they may still be on their way through the pipes.
    pub fn hear_out(&mut self) {
        super::poll(PATIENCE, || self.readers.iter().all(JoinHandle::is_finished).then_some(()));
        self.readers.clear();
    }

    fn collect(&mut self, pipe: Option<impl Read + Send + 'static>) {
        let log = Arc::clone(&self.log);
        let Some(pipe) = pipe else { return };
        let reader = std::thread::spawn(move || {
            for line in BufReader::new(pipe).split(b'\n').map_while(Result::ok) {
                let mut log = lock(&log);
                if log.len() == MAX_LOG_LINES {
                    log.pop_front();
                }
                log.push_back(String::from_utf8_lossy(&line).trim_end().to_owned());
            }
        });
        self.readers.push(reader);
    }

    /// A variable of its environment from the next start on.
    pub fn set_env(&mut self, name: &str, value: &str) {
        self.environment.push((name.to_owned(), value.to_owned()));
    }

    /// Where its pages are.
    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.ports.http).into()
    }

    /// `http://127.0.0.1:PORT` and `path`.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address())
    }

    /// A visitor without cookies.
    pub fn client(&self) -> Client {
        Client::new(self.address())
    }

    /// The folder that holds the data folder, the configuration and what a test puts beside them.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The data folder.
    pub fn data(&self) -> std::path::PathBuf {
        self.folder.path().join("data")
    }

    /// The code that its first run asks for.
    #[track_caller]
    pub fn setup_code(&self) -> String {
        std::fs::read_to_string(self.data().join("setup-code")).expect("a fresh server has a code").trim().to_owned()
    }

    /// Process id; fails the test when it does not run.
    #[track_caller]
    pub fn pid(&self) -> u32 {
        self.child.as_ref().expect("the server runs").id()
    }

    /// How it ended, if it did.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.as_mut()?.try_wait().expect("a child can be asked")
    }

    /// SIGKILL to the server alone, as a crash would end it; devices it started live on for a moment.
    #[track_caller]
    pub fn kill(&mut self) {
        let mut child = self.child.take().expect("the server runs");
        child.kill().expect("a child can be killed");
        child.wait().expect("a killed child ends");
        end_group(&child);
        self.hear_out();
    }

    /// SIGTERM, then waits for a graceful end.
    #[track_caller]
    pub fn stop(&mut self) -> ExitStatus {
        let mut child = self.child.take().expect("the server runs");
        kill_process(Pid::from_child(&child), Signal::TERM).expect("a child can be signalled");
        let status = super::poll(PATIENCE, || child.try_wait().expect("a child can be asked"));
        end_group(&child);
        self.hear_out();
        status.unwrap_or_else(|| {
            let _ = child.wait();
            panic!("no graceful end within {PATIENCE:?}:\n{}", self.log_tail())
        })
    }

    /// Everything it wrote so far (both streams, as they came).
    pub fn log(&self) -> Vec<String> {
        lock(&self.log).iter().cloned().collect()
    }

    /// The first line that `pick` takes something from, waited for.
    #[track_caller]
    pub fn wait_line<T>(&self, what: &str, mut pick: impl FnMut(&str) -> Option<T>) -> T {
        match super::poll(PATIENCE, || lock(&self.log).iter().find_map(|line| pick(line))) {
            Some(found) => found,
            None => panic!("no line with {what}:\n{}", self.log_tail()),
        }
    }

    /// The last lines of the log.
    pub fn log_tail(&self) -> String {
        let log = lock(&self.log);
        log.iter().skip(log.len().saturating_sub(60)).map(|line| format!("  | {line}\n")).collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            end_group(&child);
            let _ = child.wait();
            self.hear_out();
        }
        if std::thread::panicking() {
            eprintln!("`jifang {}` wrote last:\n{}", self.arguments.join(" "), self.log_tail());
        }
    }
}

/// Runs the binary to its end with these arguments.
#[track_caller]
pub fn jifang(arguments: &[&str]) -> Output {
    Command::new(BINARY).args(arguments).stdin(Stdio::null()).output().expect("the binary under test starts")
}

/// Ends whatever is left of the child's process group; nothing left is fine.
pub fn end_group(child: &Child) {
    let _ = kill_process_group(Pid::from_child(child), Signal::KILL);
}

fn lock<T>(value: &Mutex<T>) -> MutexGuard<'_, T> {
    value.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
