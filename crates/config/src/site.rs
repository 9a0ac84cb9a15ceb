//! What the site is told at start: addresses, ports, thresholds.

use serde::{Deserialize, Serialize};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// Configuration of tier 1.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SiteConfig {
    /// SIP, UDP and TCP.
    pub sip: SocketAddr,
    /// GB/T 28181 media, UDP and TCP: one port, streams told apart by SSRC and peer.
    pub gb_media: SocketAddr,
    /// Alarm panels (SIA DC-09), UDP and TCP: one port, told apart by itself.
    pub dc09: SocketAddr,
    /// Frames a second taken from one address of alarm panels; more wait (TCP) or are dropped and come again (UDP).
    pub dc09_rate: u32,
    /// Live viewing (WebRTC): one UDP port for all viewers.
    pub live: SocketAddr,
    /// Address that devices and browsers reach this server by; none = the address they reached it by, or the first non-loopback one.
    pub advertised: Option<IpAddr>,
    /// Platform id, 20 digits (type 200).
    pub platform_id: String,
    /// Bytes kept free on the disk; below it the oldest due footage goes, and then the least important camera stops.
    pub reserve_bytes: u64,
    /// Days footage is kept where no clause in force sets a term (and never less than the law's longest term elsewhere).
    pub own_days: u32,
    /// Days ahead of a full disk at which the first warning comes.
    pub warn_days: u32,
    /// Days the file of an export is kept after its grant has ended.
    pub export_keep_days: u32,
    /// By when each step of an alarm is to be done; what passes is told to a second role.
    pub alarm_limits: domain::alarm::Limits,
    /// Seconds between two heads of the log shown to the authority to be witnessed.
    pub witness_s: u32,
    /// Hours without a witnessed head after which a person is told.
    pub witness_notice_h: u32,
    /// Megabytes a second that the integrity scrub reads at most; 0 = only what a person asks for.
    pub scrub_mb_s: u32,
    /// Hours of the day (Asia/Shanghai) in which it reads: from, to; `[22, 6]` runs over midnight.
    pub scrub_hours: [u8; 2],
    /// Days between the begins of two rounds over all footage, at least.
    pub scrub_every_days: u32,
    /// A time server to measure this machine's clock against (`host:port`, SNTP); none = what chrony says, if it runs.
    pub ntp_server: Option<String>,
    /// Error of this machine's clock above which a person is told, ms.
    pub clock_limit_ms: u32,
    /// Error of a device's clock above which a person is told, ms.
    pub device_clock_limit_ms: u32,
    /// Fonts and templates of official documents.
    pub paper: crate::PaperConfig,
}

impl Default for SiteConfig {
    fn default() -> Self {
        let any = |port| SocketAddr::from((Ipv4Addr::UNSPECIFIED, port));
        Self {
            sip: any(5060),
            gb_media: any(10_000),
            dc09: any(12_000),
            dc09_rate: 1_000,
            live: any(8_443),
            advertised: None,
            platform_id: "23010000002000000001".into(),
            reserve_bytes: 2 * 1024 * 1024 * 1024,
            own_days: 30,
            warn_days: 7,
            export_keep_days: 7,
            alarm_limits: domain::alarm::Limits::default(),
            witness_s: 60,
            witness_notice_h: 24,
            scrub_mb_s: 20,
            scrub_hours: [0, 24],
            scrub_every_days: 7,
            ntp_server: None,
            clock_limit_ms: 1_000,
            device_clock_limit_ms: 60_000,
            paper: crate::PaperConfig::default(),
        }
    }
}
