//! The support file: one text for whoever helps, that its sender can read through first.
//!
//! ```text
//! jifang support  ─▶ health and metrics asked of the running server, log file ─┐
//! settings page   ─▶ health and metrics of this process, journal              ─┴▶ bundle: sections ─▶ redact ─▶ clean ─▶ one text
//! ```
//!
//! What is in it is chosen, not filtered: numbers, states, versions, and of the configuration only values of keys known to be harmless. No
//! name, login, address of a client, note or key is asked for. What other programs bring (metrics, lines of the journal) loses addresses,
//! and every value of the configuration that was hidden is hidden there too. A test puts personal data and secrets everywhere and looks.
//! Invariants: each section and the whole are bounded; a disk, database or journal that does not answer costs a few seconds and a line.

use crate::{Actor, Site};
use base::{Refusal, Sha256, Text};
use domain::access::Permission;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Read as _;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;
use store::StoreConfig;
use store::ledger_log::ActLine;

/// Longest section, bytes; the rest of it is cut off, and that is said.
pub const SECTION_BYTES: usize = 2 * 1024 * 1024;
/// Longest support file, bytes.
pub const BUNDLE_BYTES: usize = 4 * 1024 * 1024;
/// Lines of the log.
const LOG_LINES: usize = 400;
/// Longest line of it, characters.
const LINE_CHARS: usize = 500;
/// Most that is read of the journal, bytes.
const JOURNAL_BYTES: u64 = 8 * 1024 * 1024;
/// Longest wait for the database, the disks, the journal, each.
const WAIT: Duration = Duration::from_secs(5);
/// Keys of the configuration whose text says nothing of people, places or secrets.
const HARMLESS: [&str; 7] = ["log", "log_format", "client_header", "state", "name", "listen", "platform_id"];

/// What only the caller knows.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// The configuration file as it is written; empty = there is none.
    pub config: String,
    /// What the server says of its health.
    pub health: String,
    /// Its counters.
    pub metrics: String,
    /// What `jifang check` found, where it ran.
    pub check: Option<String>,
    /// Lines that the server logged.
    pub log: String,
}

/// Gathers the rest and writes the text. `store` is where the server keeps its things, running or not.
pub async fn bundle(store: &StoreConfig, told: &Told) -> String {
    let mut hidden = BTreeSet::new();
    let configuration = match told.config.as_str() {
        "" => "none: this server was started without a file".to_owned(),
        text => toml::from_str::<toml::Value>(text)
            .map_or_else(|_| "it cannot be read".to_owned(), |value| redacted(&value, &mut hidden)),
    };
    let database = tokio::time::timeout(WAIT, database(store)).await;
    let config = store.clone();
    // A disk that hangs holds a thread, not the rest.
    let files = tokio::task::spawn_blocking(move || (disks(&config), ledger(&config.data)));
    let silent = || "no answer in time".to_owned();
    let (disks, ledger) = match tokio::time::timeout(WAIT, files).await {
        Ok(Ok(found)) => found,
        _ => (silent(), silent()),
    };
    let mut out = String::new();
    section(&mut out, "program", &program());
    section(&mut out, "configuration", &configuration);
    section(&mut out, "health", &told.health);
    section(&mut out, "metrics", &told.metrics);
    section(&mut out, "disks", &disks);
    section(&mut out, "ledger", &ledger);
    section(&mut out, "database", &database.unwrap_or_else(|_| silent()));
    if let Some(check) = &told.check {
        section(&mut out, "check", check);
    }
    section(&mut out, "log", &last_lines(&told.log));
    cut(&cleaned(&out, &hidden), BUNDLE_BYTES)
}

/// At most so many bytes, and a line that says so where something is left out.
fn cut(text: &str, most: usize) -> String {
    const SAID: &str = "\n(cut off here)\n";
    if text.len() <= most {
        return text.to_owned();
    }
    let mut end = most.saturating_sub(SAID.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}{SAID}", &text[..end])
}

/// The last lines of this server in the system's journal; empty where there is none. Blocks for a few seconds at most.
#[must_use]
pub fn journal() -> String {
    let mut command = Command::new("journalctl");
    command.args(["-u", "jifang", "-o", "cat", "--no-pager", "-n", &LOG_LINES.to_string()]);
    let started = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
    let Ok(mut child) = started else { return String::new() };
    let (told, answer) = std::sync::mpsc::channel();
    if let Some(out) = child.stdout.take() {
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            let read = out.take(JOURNAL_BYTES).read_to_end(&mut bytes);
            // Nobody waits any more: it came too late.
            let _ = told.send(read.map(|_| bytes));
        });
    }
    let bytes = answer.recv_timeout(WAIT).ok().and_then(Result::ok).unwrap_or_default();
    // It has ended, or is ended: nothing is left running.
    let _ = child.kill();
    let _ = child.wait();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The last lines of a log, each of a bounded length.
fn last_lines(text: &str) -> String {
    let lines: Vec<_> = text.lines().collect();
    let last = &lines[lines.len().saturating_sub(LOG_LINES)..];
    let mut out = String::new();
    for line in last {
        let _ = writeln!(out, "{}", line.chars().take(LINE_CHARS).collect::<String>());
    }
    if out.is_empty() { "no lines found".into() } else { out }
}

impl Site {
    /// The support file of this running server, after the entry that says who took it, and its digest, is committed.
    ///
    /// # Errors
    /// No permission, or the store: what cannot be entered does not leave.
    pub async fn support_file(&self, by: &Actor, told: Told) -> Result<String, Refusal> {
        by.needs(Permission::ManageSettings)?;
        let log = tokio::task::spawn_blocking(journal).await.unwrap_or_default();
        let text = bundle(self.store().config(), &Told { log, ..told }).await;
        let act = ActLine::done(Some(by.id), Text::new("下载支持文件。", "Took the support file."));
        let body = serde_json::json!({ "by": by.id, "sha256": Sha256::of(text.as_bytes()), "bytes": text.len() });
        let logged = self.store().log("support.taken", self.now().utc, body, act).await;
        logged.map_err(store::StoreError::from)?;
        Ok(text)
    }
}

fn section(out: &mut String, name: &str, text: &str) {
    let _ = writeln!(out, "== {name} ==\n{}\n", cut(text.trim_end(), SECTION_BYTES).trim_end());
}

fn program() -> String {
    let system = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    let name = system.lines().find_map(|l| l.strip_prefix("PRETTY_NAME=")).unwrap_or("unknown").trim_matches('"');
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let memory = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let total = memory.lines().find(|l| l.starts_with("MemTotal")).unwrap_or_default().to_owned();
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    format!(
        "jifang {} (schema {})\nmade {}\nsystem {name}\nkernel {}\ncores {cores}\n{total}\nload {}",
        env!("CARGO_PKG_VERSION"),
        store::schema::version(),
        crate::clock::system_utc().desk(),
        kernel.trim(),
        load.trim()
    )
}

/// Keys with numbers and yes/no as they are, texts only where they are harmless; the others go into `hidden`.
fn redacted(value: &toml::Value, hidden: &mut BTreeSet<String>) -> String {
    fn walk(path: &str, value: &toml::Value, out: &mut String, hidden: &mut BTreeSet<String>) {
        match value {
            toml::Value::Table(table) => {
                for (key, value) in table {
                    let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                    walk(&path, value, out, hidden);
                }
            }
            toml::Value::Array(list) => {
                for (i, value) in list.iter().enumerate() {
                    walk(&format!("{path}[{i}]"), value, out, hidden);
                }
            }
            toml::Value::String(text) => {
                let key = path.rsplit('.').next().unwrap_or_default();
                if HARMLESS.contains(&key) || text.parse::<SocketAddr>().is_ok() {
                    let _ = writeln!(out, "{path} = {text:?}");
                    return;
                }
                hidden.insert(text.clone());
                hidden.extend(password_of(text).map(str::to_owned));
                let _ = writeln!(out, "{path} = (set, {} characters)", text.chars().count());
            }
            other => {
                let _ = writeln!(out, "{path} = {other}");
            }
        }
    }
    let mut out = String::new();
    walk("", value, &mut out, hidden);
    out
}

/// The password in `scheme://user:password@host`.
fn password_of(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let (who, _) = rest.split('/').next()?.rsplit_once('@')?;
    who.split_once(':').map(|(_, password)| password)
}

/// Free room of every disk that footage lies on.
fn disks(config: &StoreConfig) -> String {
    let mut out = String::new();
    let main = [("main".to_owned(), config.data.clone())];
    let others = config.disks.iter().filter(|d| d.name != "main").map(|d| (d.name.clone(), d.path.clone()));
    for (name, path) in main.into_iter().chain(others) {
        let _ = match rustix::fs::statvfs(&path) {
            Ok(s) => writeln!(
                out,
                "{name}: {} of {} bytes free, {} of {} files free, read only {}",
                s.f_bavail.saturating_mul(s.f_frsize),
                s.f_blocks.saturating_mul(s.f_frsize),
                s.f_favail,
                s.f_files,
                s.f_flag.contains(rustix::fs::StatVfsMountFlags::RDONLY)
            ),
            Err(error) => writeln!(out, "{name}: {error}"),
        };
    }
    out
}

fn ledger(data: &Path) -> String {
    let read = |name: &str| std::fs::read(data.join("ledger").join(name)).ok();
    let (Some(note), Some(key)) = (read("checkpoint"), read("key.pub")) else { return "no log here".into() };
    let key = ledger::Vkey::parse(String::from_utf8_lossy(&key).trim());
    match key.map(|key| (ledger::Checkpoint::open(&note, &key), key.fingerprint())) {
        Ok((Ok(head), key)) => format!("entries {}\nroot {}\nkey {key}", head.size, head.root),
        Ok((Err(error), key)) => format!("head does not read: {error}\nkey {key}"),
        Err(error) => format!("key does not read: {error}"),
    }
}

async fn database(config: &StoreConfig) -> String {
    match store::backup::row_counts(config).await {
        Ok((schema, tables)) => {
            let mut out = format!("schema {schema}\n");
            for (table, rows) in tables {
                let _ = writeln!(out, "{table} {rows}");
            }
            out
        }
        // Texts of databases may repeat what they were asked with.
        Err(_) => "does not answer".into(),
    }
}

/// Without the values that were hidden and without addresses of others.
fn cleaned(text: &str, hidden: &BTreeSet<String>) -> String {
    let mut text = text.to_owned();
    // The longest first: a password may be part of an address.
    let mut hidden: Vec<_> = hidden.iter().filter(|h| h.chars().count() > 3).collect();
    hidden.sort_by_key(|h| std::cmp::Reverse(h.len()));
    for value in hidden {
        text = text.replace(value.as_str(), "***");
    }
    let is_of_address = |c: char| c.is_ascii_hexdigit() || c == '.' || c == ':';
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(at) = rest.find(is_of_address) {
        let (before, from) = rest.split_at(at);
        let end = from.find(|c| !is_of_address(c)).unwrap_or(from.len());
        let (word, after) = from.split_at(end);
        out.push_str(before);
        out.push_str(if is_of_another(word) { "(address)" } else { word });
        rest = after;
    }
    out.push_str(rest);
    out
}

/// An address that is not this machine's own or everybody's.
fn is_of_another(word: &str) -> bool {
    let word = word.trim_matches(['.', ':']);
    let ip = word.parse::<IpAddr>().ok().or_else(|| word.parse::<SocketAddr>().ok().map(|a| a.ip()));
    ip.is_some_and(|ip| !ip.is_loopback() && !ip.is_unspecified())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn sections_and_the_whole_are_bounded_and_say_so() {
        let dir = tempfile::tempdir().unwrap();
        let store = StoreConfig { data: dir.path().to_path_buf(), ..StoreConfig::default() };
        let long = "日志".repeat(SECTION_BYTES);
        let told = Told { metrics: long.clone(), health: long.clone(), log: "x\n".repeat(9_000), ..Told::default() };
        let text = bundle(&store, &told).await;
        assert!(text.len() <= BUNDLE_BYTES, "{}", text.len());
        // The border falls into a pair of signs, never into a sign.
        assert!(text.ends_with("(cut off here)\n") && text.contains("日\n(cut off here)\n\n== metrics =="));
        let few =
            bundle(&store, &Told { log: format!("{}\n", "长".repeat(9_000)).repeat(9_000), ..Told::default() }).await;
        let lines: Vec<_> = few.split("== log ==\n").nth(1).unwrap().trim_end().lines().collect();
        assert_eq!((lines.len(), lines[0].chars().count()), (LOG_LINES, LINE_CHARS));
        for part in ["configuration ==\nnone", "ledger ==\nno log here", "database ==\n", "disks ==\nmain: "] {
            assert!(few.contains(part), "{part} in {:.2000}", few);
        }
        assert!(
            bundle(&store, &Told { config: "no toml".into(), ..Told::default() }).await.contains("it cannot be read")
        );
    }

    #[test]
    fn texts_of_the_configuration_are_hidden_unless_harmless() {
        let text = "data = \"/srv/zhang-san\"\nlog = \"info\"\nhttps_cookies = true\n\
                    database_url = \"postgres://jifang:geheim@db.example/x\"\n[site]\nadvertised = \"192.0.2.7\"\nown_days = 30\n\
                    [[storage.disk]]\nname = \"b\"\npath = \"/mnt/secret-place\"\n";
        let mut hidden = BTreeSet::new();
        let said = redacted(&toml::from_str(text).unwrap(), &mut hidden);
        for kept in ["log = \"info\"", "https_cookies = true", "site.own_days = 30", "storage.disk[0].name = \"b\""] {
            assert!(said.contains(kept), "{kept} in {said}");
        }
        for secret in ["zhang", "geheim", "db.example", "192.0.2.7", "secret-place"] {
            assert!(!said.contains(secret), "{secret} in {said}");
        }
        assert!(hidden.contains("geheim"));
        let clean = cleaned("connect postgres://jifang:geheim@db.example/x with geheim", &hidden);
        assert_eq!(clean, "connect *** with ***");
    }

    #[test]
    fn addresses_of_others_go_and_numbers_stay() {
        let none = BTreeSet::new();
        for (text, want) in [
            ("from 203.0.113.9:5060 to 127.0.0.1:80", "from (address) to 127.0.0.1:80"),
            ("v6 2001:db8::7 and [2001:db8::7]:80", "v6 (address) and [(address)]:80"),
            ("12:30:45 took 1.25 s, 0.0.0.0:8080", "12:30:45 took 1.25 s, 0.0.0.0:8080"),
            ("日志 face.jpg", "日志 face.jpg"),
        ] {
            assert_eq!(cleaned(text, &none), want);
        }
    }
}
