//! `jifang support`: one text file for whoever helps, that its sender can read through first.
//!
//! What is in it is chosen, not filtered: numbers, states, versions, and of the configuration only values of keys known to be harmless. No
//! name, login, address of a client, note or key is asked for. What other programs bring (metrics, lines of the journal) loses addresses,
//! and every value of the configuration that was hidden is hidden there too. A test puts personal data and secrets everywhere and looks.

use anyhow::Context;
use clap::Args as ClapArgs;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{Read, Write as _};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;
use store::Store;

/// Longest answer of the server that is taken over, bytes.
const ANSWER_BYTES: u64 = 2 * 1024 * 1024;
/// Lines of the journal.
const LOG_LINES: usize = 400;
/// Longest line of it.
const LINE_CHARS: usize = 500;
/// Longest wait for the server.
const WAIT: Duration = Duration::from_secs(5);
/// Keys of the configuration whose text says nothing of people, places or secrets.
const HARMLESS: [&str; 7] = ["log", "log_format", "client_header", "state", "name", "listen", "platform_id"];

/// `jifang support …`
#[derive(ClapArgs)]
pub struct Args {
    /// Configuration file of the server.
    #[arg(long)]
    config: PathBuf,
    /// A new file.
    #[arg(long)]
    to: PathBuf,
    /// A log file whose last lines go along; without it those of the unit `jifang` in the system's journal, if there are any.
    #[arg(long)]
    log: Option<PathBuf>,
    /// Also run `jifang check` (the server must be stopped; reads all footage).
    #[arg(long)]
    check: bool,
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    anyhow::ensure!(!args.to.exists(), "`{}` is there already; give another name", args.to.display());
    let config = crate::config::read(&args.config)?;
    let raw: toml::Value = toml::from_str(&std::fs::read_to_string(&args.config)?)?;
    let mut hidden = BTreeSet::new();
    let mut out = String::new();
    section(&mut out, "program", &program());
    section(&mut out, "configuration", &redacted(&raw, &mut hidden));
    section(&mut out, "health", &ask(config.http.listen, "/healthz"));
    section(&mut out, "metrics", &ask(config.http.listen, "/metrics"));
    section(&mut out, "disks", &disks(&config));
    section(&mut out, "ledger", &ledger(&config));
    let runtime = crate::runtime()?;
    section(&mut out, "database", &runtime.block_on(database(&config)));
    if args.check {
        section(&mut out, "check", &runtime.block_on(check(&config)));
    }
    section(&mut out, "log", &log_lines(args));
    let text = cleaned(&out, &hidden);
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&args.to)
        .with_context(|| format!("cannot write `{}`", args.to.display()))?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    println!("已写入，请通读后再寄出 / written; read it through before you send it: {}", args.to.display());
    Ok(ExitCode::SUCCESS)
}

fn section(out: &mut String, name: &str, text: &str) {
    let _ = writeln!(out, "== {name} ==\n{}\n", text.trim_end());
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
        site::clock::system_utc().desk(),
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

/// An answer of the running server on this machine.
fn ask(listen: SocketAddr, path: &str) -> String {
    let host = match listen.ip() {
        ip if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        ip => ip,
    };
    let asked = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect_timeout(&SocketAddr::new(host, listen.port()), WAIT)?;
        stream.set_read_timeout(Some(WAIT))?;
        stream.set_write_timeout(Some(WAIT))?;
        write!(stream, "GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")?;
        let mut bytes = Vec::new();
        stream.take(ANSWER_BYTES).read_to_end(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    match asked() {
        Ok(answer) => {
            let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
            format!("{}\n{body}", head.lines().next().unwrap_or_default())
        }
        Err(error) => format!("no answer: {error}"),
    }
}

fn disks(config: &crate::config::Config) -> String {
    let mut out = String::new();
    let main = [("main".to_owned(), config.data.clone())];
    let others = config.storage.disk.iter().filter(|d| d.name != "main").map(|d| (d.name.clone(), d.path.clone()));
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

fn ledger(config: &crate::config::Config) -> String {
    let read = |name: &str| std::fs::read(config.data.join("ledger").join(name)).ok();
    let (Some(note), Some(key)) = (read("checkpoint"), read("key.pub")) else { return "no log here".into() };
    let key = ledger::Vkey::parse(String::from_utf8_lossy(&key).trim());
    match key.map(|key| (ledger::Checkpoint::open(&note, &key), key.fingerprint())) {
        Ok((Ok(head), key)) => format!("entries {}\nroot {}\nkey {key}", head.size, head.root),
        Ok((Err(error), key)) => format!("head does not read: {error}\nkey {key}"),
        Err(error) => format!("key does not read: {error}"),
    }
}

async fn database(config: &crate::config::Config) -> String {
    match store::backup::row_counts(&config.store()).await {
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

async fn check(config: &crate::config::Config) -> String {
    let store = match Store::open(&config.store(), site::clock::system_utc()).await {
        Ok(store) => store,
        Err(error) => return format!("the store does not open: {error}"),
    };
    let done = store.check(&|_, _| {}).await;
    store.close().await;
    let Ok(r) = done else { return "the check did not end".into() };
    let codes: BTreeSet<_> = r.faults.iter().map(|f| f.code).collect();
    format!(
        "holds {}\ncontainers {} away {} fragments {} bytes {} spans {} gaps {}\nentries {} acts {} deleted {} lost {}\nfaults {} {codes:?}",
        r.holds(),
        r.containers,
        r.away,
        r.fragments,
        r.bytes,
        r.spans,
        r.gaps,
        r.entries,
        r.acts,
        r.deleted,
        r.lost,
        r.fault_count
    )
}

/// The last lines the server logged.
fn log_lines(args: &Args) -> String {
    let text = match &args.log {
        Some(file) => std::fs::read(file).map(|b| String::from_utf8_lossy(&b).into_owned()).unwrap_or_default(),
        None => {
            let mut journal = Command::new("journalctl");
            journal.args(["-u", "jifang", "-o", "cat", "--no-pager", "-n", &LOG_LINES.to_string()]);
            let said = journal.stdin(Stdio::null()).stderr(Stdio::null()).output();
            said.map(|o| String::from_utf8_lossy(&o.stdout).into_owned()).unwrap_or_default()
        }
    };
    let lines: Vec<_> = text.lines().collect();
    let last = &lines[lines.len().saturating_sub(LOG_LINES)..];
    let mut out = String::new();
    for line in last {
        let _ = writeln!(out, "{}", line.chars().take(LINE_CHARS).collect::<String>());
    }
    if out.is_empty() { "no lines found".into() } else { out }
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
