//! The configuration file: TOML, every key known, every default written out by `jifang config default`.

use anyhow::Context;
use clap::{Args as ClapArgs, Subcommand};
use serde::Deserialize;
use site::SiteConfig;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

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
    /// Address of pages and API.
    #[serde(default = "default_http")]
    pub http: SocketAddr,
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
}

fn default_http() -> SocketAddr {
    SocketAddr::from(([0, 0, 0, 0], 8080))
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
    toml::from_str(&text).with_context(|| format!("cannot use `{}`", file.display()))
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    match &args.what {
        What::Default => {
            print!("{DEFAULT}");
            Ok(ExitCode::SUCCESS)
        }
        What::Check { file } => match read(file) {
            Ok(_) => {
                println!("{}: can be used", file.display());
                Ok(ExitCode::SUCCESS)
            }
            Err(error) => {
                println!("{error:#}");
                Ok(ExitCode::from(1))
            }
        },
    }
}

/// The commented file. A test reads it back and compares it with the defaults of the program.
const DEFAULT: &str = r#"# jifang configuration. Times are UTC inside, Asia/Shanghai on pages; sizes are bytes.

# Folder of everything durable: database, ledger, keys, footage, exports. Back up keys/ apart from the rest.
data = "/var/lib/jifang"

# Pages and API. Put a TLS proxy in front for anything beyond this machine, then set https_cookies = true.
http = "0.0.0.0:8080"
https_cookies = false

# One line changes the database; without it, SQLite in the data folder.
# database_url = "postgres://jifang:secret@127.0.0.1:5432/jifang"

# What is logged (error, warn, info, debug, trace, or per module) and how (text, json).
log = "info"
log_format = "text"

[site]
# GB/T 28181 signalling (UDP and TCP) and media (UDP and TCP, one port for all cameras).
sip = "0.0.0.0:5060"
gb_media = "0.0.0.0:10000"
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

# Seconds within which each step of an alarm is to be done; what passes sounds for the security manager too.
# Lists are by priority: a person in danger, property in danger, the system or surroundings.
[site.alarm_limits]
shown_s = 10
taken_s = [30, 90, 600]
verified_s = [180, 300, 3600]
reported_s = 60
receipted_s = 180
guard_s = 900
"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_printed_defaults_are_the_defaults() {
        let config: Config = toml::from_str(DEFAULT).unwrap();
        assert_eq!(config.site, SiteConfig::default());
        assert_eq!(config.http, default_http());
        assert_eq!((config.log, config.log_format), (default_log(), default_log_format()));
        assert!(!config.https_cookies && config.database_url.is_none());
    }

    #[test]
    fn an_unknown_key_is_refused_by_name_and_line() {
        let error = toml::from_str::<Config>("data = \"x\"\nhtpp = \"1.2.3.4:5\"\n").unwrap_err().to_string();
        assert!(error.contains("htpp") && error.contains("line 2"), "{error}");
    }
}
