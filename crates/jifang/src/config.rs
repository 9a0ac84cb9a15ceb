//! The configuration file: TOML, every key known, every default written out by `jifang config default`.

use anyhow::Context;
use clap::{Args as ClapArgs, Subcommand};
use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use site::SiteConfig;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use store::StoreConfig;
use store::disks::DiskConfig;
use web::proxy::{ClientHeader, Network, Proxies};
use web::tls::TlsConfig;

/// `jifang config …`
#[derive(ClapArgs)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Print a commented configuration with all defaults.
    Default,
    /// Read a configuration file and say whether it can be used.
    Check {
        /// The file.
        file: PathBuf,
    },
}

/// What the file says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Data folder.
    pub data: PathBuf,
    /// Pages and API: a table, or only its address.
    #[serde(default, deserialize_with = "address_or_table")]
    pub http: HttpConfig,
    /// `postgres://…`; none = SQLite in the data folder.
    #[serde(default)]
    pub database_url: Option<String>,
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
    /// The file as it is written; empty where there is none.
    #[serde(skip)]
    pub text: String,
}

/// Disks for footage beside the data folder.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StorageConfig {
    /// `[[storage.disk]]`, in any order.
    #[serde(default)]
    pub disk: Vec<DiskConfig>,
}

impl Config {
    /// What the store is opened with.
    #[must_use]
    pub fn store(&self) -> StoreConfig {
        StoreConfig {
            data: self.data.clone(),
            database_url: self.database_url.clone(),
            disks: self.storage.disk.clone(),
            reserve_bytes: self.site.reserve_bytes,
        }
    }
}

/// What an authority's server is told.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthorityConfig {
    /// Where sites reach it (mutual TLS).
    pub listen: SocketAddr,
    /// How sites name it, `host:port`; without it the address it listens on.
    #[serde(default)]
    pub address: Option<String>,
}

/// Where pages are served, and whose word about clients is believed.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HttpConfig {
    /// Address of pages and API.
    pub listen: SocketAddr,
    /// Proxies in front, as networks: only from them the client's address is taken over.
    pub trusted_proxies: Vec<Network>,
    /// Which header these proxies write.
    pub client_header: ClientHeader,
    /// Pages over TLS; without it in clear.
    pub tls: Option<TlsConfig>,
    /// Connections in all.
    pub connections: usize,
    /// Connections of one address (IPv6: one /64); trusted proxies are not counted here.
    pub connections_of_one_address: usize,
}

impl Default for HttpConfig {
    fn default() -> Self {
        let limits = web::Limits::default();
        Self {
            listen: SocketAddr::from(([0, 0, 0, 0], 8080)),
            trusted_proxies: Vec::new(),
            client_header: ClientHeader::default(),
            tls: None,
            connections: limits.connections,
            connections_of_one_address: limits.of_one_address,
        }
    }
}

impl HttpConfig {
    /// As the web takes it.
    #[must_use]
    pub fn proxies(&self) -> Proxies {
        Proxies { trusted: self.trusted_proxies.clone(), header: self.client_header }
    }

    /// Pages go in clear to where others than this machine reach them, and nothing is said of a proxy that encrypts them.
    #[must_use]
    pub fn exposed(&self) -> bool {
        self.tls.is_none() && !self.listen.ip().to_canonical().is_loopback() && self.trusted_proxies.is_empty()
    }

    /// As the web takes it.
    #[must_use]
    pub fn limits(&self) -> web::Limits {
        web::Limits {
            connections: self.connections,
            of_one_address: self.connections_of_one_address,
            ..web::Limits::default()
        }
    }
}

/// `http = "address"`, or a table `[http]`.
fn address_or_table<'de, D: Deserializer<'de>>(from: D) -> Result<HttpConfig, D::Error> {
    struct Either;
    impl<'de> Visitor<'de> for Either {
        type Value = HttpConfig;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("an address such as \"0.0.0.0:8080\", or a table [http]")
        }

        fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<HttpConfig, E> {
            let listen = text.parse().map_err(|_| E::custom(format!("`{text}` is no address such as 0.0.0.0:8080")))?;
            Ok(HttpConfig { listen, ..HttpConfig::default() })
        }

        fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<HttpConfig, M::Error> {
            HttpConfig::deserialize(MapAccessDeserializer::new(map))
        }
    }
    from.deserialize_any(Either)
}

fn default_log() -> String {
    "info".into()
}

fn default_log_format() -> String {
    "text".into()
}

/// Reads a file.
///
/// # Errors
/// The file cannot be read, or a key or value is unknown (with line and column).
pub fn read(file: &Path) -> anyhow::Result<Config> {
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read `{}`", file.display()))?;
    let config: Config = toml::from_str(&text).with_context(|| format!("cannot use `{}`", file.display()))?;
    Ok(Config { text, ..config })
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    match &args.what {
        What::Default => {
            print!("{DEFAULT}");
            Ok(ExitCode::SUCCESS)
        }
        What::Check { file } => match read(file) {
            Ok(config) => {
                println!("{}: can be used", file.display());
                for warning in warnings(&config) {
                    println!("{warning}");
                }
                Ok(ExitCode::SUCCESS)
            }
            Err(error) => {
                println!("{error:#}");
                Ok(ExitCode::from(1))
            }
        },
    }
}

/// What a server would start with all the same, since recording waits for no certificate, but a person should see to.
fn warnings(config: &Config) -> Vec<String> {
    let fault = config.http.tls.as_ref().and_then(|tls| web::tls::fault_of(&tls.source));
    let fault = fault.map(|f| {
        let zh = format!("警告：网页证书不能使用，将改用自行生成的证书。{}", f.zh);
        format!(
            "{zh}\nwarning: the certificate for pages cannot be used, one made here will be shown instead. {}",
            f.en
        )
    });
    let exposed = config.http.exposed().then(|| EXPOSED.to_owned());
    [fault, exposed].into_iter().flatten().collect()
}

/// Said where pages are in clear.
pub const EXPOSED: &str = "警告：网页未加密，密码和画面在网络上可被他人看到。请设置 [http.tls]，或在前面放置加密代理并写入 trusted_proxies。\n\
    warning: pages are not encrypted; others on the network can read passwords and pictures. Set [http.tls], or put a proxy that \
    encrypts in front and name it in trusted_proxies.";

/// The commented file. A test reads it back and compares it with the defaults of the program.
const DEFAULT: &str = r#"# jifang configuration. Times are UTC inside, Asia/Shanghai on pages; sizes are bytes.

# Folder of everything durable: database, ledger, keys, footage, exports. `jifang backup` saves all of it but footage and exports.
data = "/var/lib/jifang"

# Set this when a TLS proxy stands in front. With [http.tls] below it is so by itself.
https_cookies = false

# One line changes the database; without it, SQLite in the data folder.
# database_url = "postgres://jifang:secret@127.0.0.1:5432/jifang"

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
mod tests {
    use super::*;

    #[test]
    fn the_printed_defaults_are_the_defaults() {
        let config: Config = toml::from_str(DEFAULT).unwrap();
        assert_eq!(config.site, SiteConfig::default());
        assert_eq!(config.http, HttpConfig::default());
        assert_eq!((config.log, config.log_format), (default_log(), default_log_format()));
        assert!(!config.https_cookies && config.database_url.is_none() && config.authority.is_none());
        assert!(config.storage.disk.is_empty());
        let with_authority = DEFAULT.replace("# [authority]", "[authority]").replace("# listen", "listen");
        let config: Config = toml::from_str(&with_authority).unwrap();
        assert_eq!(config.authority.map(|a| a.listen.port()), Some(8_444));
    }

    #[test]
    fn the_printed_tls_can_be_used_either_way_and_not_both() {
        let lines = || DEFAULT.lines().skip_while(|l| *l != "# [http.tls]").take_while(|l| !l.is_empty());
        let with = |leave: &[&str]| {
            let values = lines().map(|l| l.trim_start_matches("# "));
            let values = values.filter(|l| l.starts_with('[') || l.contains(" = ") && !l.starts_with("fingerprint"));
            let kept = values.filter(|l| !leave.iter().any(|name| l.starts_with(name)));
            toml::from_str::<Config>(&format!("data = \"x\"\n{}\n", kept.collect::<Vec<_>>().join("\n")))
        };
        let given = with(&["generate"]).unwrap().http.tls.unwrap();
        assert!(matches!(given.source, web::tls::Source::Files { .. }) && given.redirect.is_some());
        let made = with(&["certificate", "key"]).unwrap().http.tls.unwrap();
        assert_eq!((made.source, made.names.len()), (web::tls::Source::Generated, 2));
        assert!(with(&[]).unwrap_err().to_string().contains("not both"));
    }

    #[test]
    fn pages_in_clear_are_warned_of_where_others_reach_them() {
        let exposed = |text: &str| toml::from_str::<Config>(&format!("data = \"x\"\n{text}\n")).unwrap().http.exposed();
        assert!(exposed("") && exposed("http = \"192.0.2.1:80\"") && exposed("http = \"[::]:80\""));
        assert!(!exposed("http = \"127.0.0.1:80\"") && !exposed("http = \"[::1]:80\""));
        assert!(!exposed("[http]\ntrusted_proxies = [\"127.0.0.1\"]"));
        assert!(!exposed("[http.tls]\ngenerate = true"));
        let config = "data = \"x\"\n[http.tls]\ncertificate = \"/nowhere/a\"\nkey = \"/nowhere/b\"\n";
        let told = warnings(&toml::from_str(config).unwrap());
        assert!(told.len() == 1 && told[0].contains("/nowhere/a: cannot be read"), "{told:?}");
    }

    #[test]
    fn http_is_an_address_or_a_table() {
        let short: Config = toml::from_str("data = \"x\"\nhttp = \"127.0.0.1:9000\"\n").unwrap();
        assert_eq!(short.http, HttpConfig { listen: ([127, 0, 0, 1], 9_000).into(), ..HttpConfig::default() });
        let table =
            "data = \"x\"\n[http]\ntrusted_proxies = [\"10.0.0.0/8\", \"::1\"]\nclient_header = \"forwarded\"\n";
        let long: Config = toml::from_str(table).unwrap();
        assert!(long.http.proxies().trust([10, 1, 2, 3].into()) && !long.http.proxies().trust([11, 1, 2, 3].into()));
        assert_eq!(long.http.client_header, ClientHeader::Forwarded);
        for (bad, part) in [
            ("http = \"here\"", "no address"),
            ("http = 8080", "table [http]"),
            ("[http]\nlisten = 1", "listen"),
            ("[http]\ntrusted_proxies = [\"10.0.0.0/99\"]", "10.0.0.0/99"),
            ("[http]\nclient_header = \"x-real-ip\"", "x-real-ip"),
            ("[http]\ntrusted = []", "trusted"),
        ] {
            let error = toml::from_str::<Config>(&format!("data = \"x\"\n{bad}\n")).unwrap_err().to_string();
            assert!(error.contains(part), "{bad}: {error}");
        }
    }

    #[test]
    fn the_printed_disks_can_be_used() {
        let disks: Vec<_> = DEFAULT.lines().skip_while(|l| *l != "# [[storage.disk]]").collect();
        let is_value = |l: &&str| l.starts_with("[[") || l.contains(" = ");
        let text: Vec<_> = disks.iter().map(|l| l.trim_start_matches("# ")).filter(is_value).collect();
        let config: Config = toml::from_str(&format!("data = \"x\"\n{}", text.join("\n"))).unwrap();
        let names: Vec<_> = config.storage.disk.iter().map(|d| (d.name.as_str(), d.state.code())).collect();
        assert_eq!(names, [("b", "active"), ("main", "readonly")]);
    }

    #[test]
    fn an_unknown_key_is_refused_by_name_and_line() {
        let error = toml::from_str::<Config>("data = \"x\"\nhtpp = \"1.2.3.4:5\"\n").unwrap_err().to_string();
        assert!(error.contains("htpp") && error.contains("line 2"), "{error}");
    }
}
