//! The configuration file: TOML, every key known, every default written out by `jifang config default` ([`DEFAULT`]).
//!
//! ```text
//! text ─▶ read ─▶ Config ─▶ site, store, web take their part of it
//!              └▶ faults, each with line, column and key
//! ```
//! Values only: the binary reads the file, and what the values name (addresses, folders, certificates) is looked at by those who use
//! it. Always true: no text makes `read` panic; a key that is not known is a fault; what was accepted is the same after it was
//! written with serde and read again.

mod disk;
mod fault;
mod http;
mod paper;
mod site;

pub use disk::DiskConfig;
pub use fault::Fault;
pub use http::{ClientHeader, HttpConfig, NAMES, Network, Source, TlsConfig};
pub use paper::PaperConfig;
pub use site::SiteConfig;

use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::path::PathBuf;
use toml::de::DeTable;

/// Longest text that is read, bytes. The printed defaults have under 5,000.
pub const MAX_BYTES: usize = 1_048_576;
/// Most faults of one reading.
pub const FAULTS: usize = 20;

/// What the file says.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The file as it is written, set by whoever read it; empty where there is none.
    #[serde(skip)]
    pub text: String,
    /// Data folder.
    pub data: PathBuf,
    /// Pages and API: a table, or only its address.
    #[serde(default, deserialize_with = "http::address_or_table")]
    pub http: HttpConfig,
    /// `postgres://…`; none = SQLite in the data folder.
    #[serde(default)]
    pub database_url: Option<String>,
    /// Folder of law packs to answer by; none = those of the program. One that does not pass the check is told and not used.
    #[serde(default)]
    pub law_folder: Option<PathBuf>,
    /// `info`, `debug`, or a filter such as `info,jifang_site=debug`.
    #[serde(default = "default_log")]
    pub log: String,
    /// `text` for people, `json` for machines.
    #[serde(default = "default_log_format")]
    pub log_format: String,
    /// Mark the session cookie as https-only: set this when a TLS proxy stands in front.
    #[serde(default)]
    pub https_cookies: bool,
    /// Tier 1.
    #[serde(default)]
    pub site: SiteConfig,
    /// This server is an authority's: it takes reports of sites and witnesses their logs, and has no devices of its own.
    #[serde(default)]
    pub authority: Option<AuthorityConfig>,
    /// Where footage lies.
    #[serde(default)]
    pub storage: StorageConfig,
}

/// Disks for footage beside the data folder.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StorageConfig {
    /// `[[storage.disk]]`, in any order.
    #[serde(default)]
    pub disk: Vec<DiskConfig>,
}

/// What an authority's server is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthorityConfig {
    /// Where sites reach it (mutual TLS).
    pub listen: SocketAddr,
    /// How sites name it, `host:port`; without it the address it listens on.
    #[serde(default)]
    pub address: Option<String>,
}

fn default_log() -> String {
    "info".into()
}

fn default_log_format() -> String {
    "text".into()
}

/// Reads a configuration.
///
/// # Errors
/// What is wrong: all that is no TOML, or else all that is no configuration, at most `FAULTS`.
pub fn read(text: &str) -> Result<Config, Vec<Fault>> {
    if text.len() > MAX_BYTES {
        return Err(vec![Fault::whole(format!("{} bytes; a configuration has at most {MAX_BYTES}", text.len()))]);
    }
    if fault::nests(text) {
        return Err(vec![Fault::whole("tables are nested too deep".into())]);
    }
    let (mut tree, wrong) = DeTable::parse_recoverable(text);
    if !wrong.is_empty() {
        // The parser may come upon the same thing twice, with others between.
        let mut faults: Vec<Fault> = Vec::new();
        for fault in wrong.iter().map(|error| Fault::syntax(text, error)) {
            if faults.len() < FAULTS && !faults.contains(&fault) {
                faults.push(fault);
            }
        }
        return Err(faults);
    }
    let mut faults: Vec<Fault> = Vec::new();
    while faults.len() < FAULTS {
        match Config::deserialize(toml::Deserializer::from(tree.clone())) {
            Ok(config) if faults.is_empty() => return Ok(config),
            Ok(_) => break,
            Err(error) => {
                // What is wrong is told and taken out, so that the next thing that is wrong is found; of a table that then lacks
                // something nothing more is told.
                let path = fault::find(tree.get_ref(), &error);
                if !faults.iter().any(|known| known.explains(&error, &path)) {
                    faults.push(Fault::value(text, &error, path.clone()));
                }
                if !fault::remove(tree.get_mut(), &path) {
                    break;
                }
            }
        }
    }
    Err(faults)
}

/// The commented file with all defaults. A test reads it back and compares it with the defaults of the program.
pub const DEFAULT: &str = r#"# jifang configuration. Times are UTC inside, Asia/Shanghai on pages; sizes are bytes.

# Folder of everything durable: database, ledger, keys, footage, exports. `jifang backup` saves all of it but footage and exports.
data = "/var/lib/jifang"

# Set this when a TLS proxy stands in front. With [http.tls] below it is so by itself.
https_cookies = false

# One line changes the database; without it, SQLite in the data folder.
# database_url = "postgres://jifang:secret@127.0.0.1:5432/jifang"

# Law packs of this folder instead of those of the program; `jifang law check --packs DIR` checks them.
# law_folder = "/etc/jifang/law"

# What is logged (error, warn, info, debug, trace, or per module) and how (text, json).
log = "info"
log_format = "text"

[http]
# Pages and API. (`http = "0.0.0.0:8080"` alone, above, is the short form.)
listen = "0.0.0.0:8080"
# Proxies in front, as networks, e.g. ["127.0.0.1", "10.0.0.0/8"]. Only from them the client's address is believed, and only from
# the one header they write: "x-forwarded-for" or "forwarded". Without this, limits count the proxy as one client.
trusted_proxies = []
client_header = "x-forwarded-for"
# Connections in all, and of one address (IPv6: one /64; trusted proxies are not counted).
connections = 2048
connections_of_one_address = 256

# Pages over TLS 1.3: wanted for anything beyond this machine, unless a proxy in front does it. Either two PEM files, which are read
# again when they change (or at once: systemctl reload jifang) ...
# [http.tls]
# certificate = "/etc/jifang/pages.crt"
# key = "/etc/jifang/pages.key"
# ... or a certificate made and renewed here; browsers ask once whether it is the right one, the settings page and the log have its
# fingerprint. `names`: by which it is reached, beside those this machine knows of itself.
# generate = true
# names = ["jifang.example", "192.168.1.10"]
# A second, plain address that sends everybody to the encrypted pages.
# redirect = "0.0.0.0:80"

[site]
# GB/T 28181 signalling (UDP and TCP) and media (UDP and TCP, one port for all cameras).
sip = "0.0.0.0:5060"
gb_media = "0.0.0.0:10000"
# Alarm panels (SIA DC-09, UDP and TCP), and frames a second taken from one address of them.
dc09 = "0.0.0.0:12000"
dc09_rate = 1000
# Live viewing in browsers (WebRTC, UDP, one port for all viewers).
live = "0.0.0.0:8443"
# Address by which cameras and browsers reach this server, if it is not the one they used.
# advertised = "192.168.1.10"
# This platform's id, 20 digits, type 200.
platform_id = "23010000002000000001"
# Bytes kept free on the disk. Below it, footage whose term is over goes; then the least important camera stops.
reserve_bytes = 2147483648
# Days footage is kept where no clause sets a term.
own_days = 30
# Days ahead of a full disk at which the first warning comes.
warn_days = 7
# Days the file of an export is kept after the grant it was made under has ended; then it goes by itself.
export_keep_days = 7
# Seconds between two heads of the log shown to the authority to be witnessed; hours without after which a person is told.
witness_s = 60
witness_notice_h = 24
# The integrity scrub reads all footage again: megabytes a second at most (0 = only when a person asks), hours of the day (Asia/Shanghai),
# days between the begins of two rounds. It yields to recording by itself.
scrub_mb_s = 20
scrub_hours = [0, 24]
scrub_every_days = 7
# A time server that this machine's clock is measured against (SNTP). Without one, what chrony says is shown, if it runs here.
# ntp_server = "ntp.example:123"
# Errors of clocks above which a person is told, ms: of this machine, of a device.
clock_limit_ms = 1000
device_clock_limit_ms = 60000

# Seconds within which each step of an alarm is to be done; what passes sounds for the security manager too.
# Lists are by priority: a person in danger, property in danger, the system or surroundings.
[site.alarm_limits]
shown_s = 10
taken_s = [30, 90, 600]
verified_s = [180, 300, 3600]
reported_s = 60
receipted_s = 180
guard_s = 900

# Official documents (PDF): fonts in order of preference, as they name themselves; what is not there is passed over. The first are those
# of GB/T 9704, the last come with Debian's fonts-noto-cjk. `font_folders` are looked through before those of the system; `rare`: fonts
# for characters that the others lack; `templates`: a folder whose .typ files take the place of the built-in ones.
[site.paper]
font_folders = []
title = ["FZXiaoBiaoSong-B05S", "Noto Serif CJK SC"]
heading = ["SimHei", "Noto Sans CJK SC"]
body = ["FangSong_GB2312", "FangSong", "Noto Serif CJK SC"]
rare = []
# templates = "/etc/jifang/paper"

# Only on an authority's server (police inbox, witness of the sites' logs; no devices of its own). Sites reach it by mutual TLS.
# [authority]
# listen = "0.0.0.0:8444"
# address = "police.example:8444"

# More disks for footage. Each has a name of its own for ever and says in a file of its own whose it is. New footage goes where room
# lasts longest; a disk that fails is left for another one at once. state: active, drain (move everything away), readonly.
# [[storage.disk]]
# name = "b"
# path = "/mnt/b"
# reserve_bytes = 2147483648
# min_priority = 0
# cameras = []
# state = "active"
# The data folder is the disk `main`; name it to give it another state, e.g. to keep footage off it:
# [[storage.disk]]
# name = "main"
# state = "readonly"
"#;

#[cfg(test)]
mod tests;
