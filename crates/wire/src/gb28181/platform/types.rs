//! Words of the platform's interface: configuration, what it tells its driver, why a command was not carried out.

use super::super::device::Topic;
use super::super::digest::{Algorithm, Secret};
use super::super::manscdp::{Alarm, CatalogChange, CatalogItem, DeviceInfo, DeviceStatus};
use super::super::sdp::{MediaTransport, Setup, Ssrc};
use super::super::{GbId, Peer};
use base::MonoMs;
use std::net::SocketAddr;

/// Settings of a platform; [`PlatformConfig::new`] gives the standard's values.
#[derive(Clone, Debug)]
pub struct PlatformConfig {
    /// The platform's own code.
    pub id: GbId,
    /// Digest realm, usually the first ten digits of `id`.
    pub realm: String,
    /// Address in Via and Contact: where devices reach this platform.
    pub advertised: SocketAddr,
    /// Value of `X-GB-Ver`: `3.0` = 2022 (annex I).
    pub gb_version: String,
    /// Algorithms offered in the 401, in this order. MD5 first by default: many devices read only the first challenge.
    pub algorithms: Vec<Algorithm>,
    /// Keepalive interval expected of devices, ms (standard: 60 s).
    pub keepalive_ms: u64,
    /// Intervals without any word after which a device is offline (standard: 3).
    pub keepalive_misses: u64,
    /// Added to the last interval before a device counts as silent, ms.
    pub keepalive_grace_ms: u64,
    /// Bounds on the registration time granted, s; a device asking outside gets the nearer bound.
    pub expires_s: (u32, u32),
    /// Life of a nonce, ms.
    pub nonce_life_ms: u64,
    /// A stream not answered by then is given up (CANCEL), ms.
    pub invite_timeout_ms: u64,
    /// Longest wait for the first or the next page of an answer, ms.
    pub query_timeout_ms: u64,
    /// REGISTER requests a device may send at once from one host; afterwards one every `register_refill_ms`.
    pub register_burst: u32,
    /// See `register_burst`, ms.
    pub register_refill_ms: u64,
    /// Follow an unauthenticated message to another host (not only another port). Off: 403, so that the device
    /// registers again; on, anyone who can forge a code can take over its signalling.
    pub follow_new_host: bool,
    /// Most devices in the directory.
    pub max_devices: usize,
    /// Most open TCP connections. One more is closed at once.
    pub max_connections: usize,
    /// Most streams (dialogs) at once.
    pub max_dialogs: usize,
    /// Most open queries at once.
    pub max_queries: usize,
    /// Most items kept of one catalogue answer; the rest is dropped and the answer marked incomplete.
    pub max_catalog_items: usize,
    /// Most SIP transactions on each side.
    pub max_transactions: usize,
}

impl PlatformConfig {
    /// The standard's values for a platform `id` reachable at `advertised`.
    #[must_use]
    pub fn new(id: GbId, advertised: SocketAddr) -> Self {
        Self {
            id,
            realm: id.domain().to_owned(),
            advertised,
            gb_version: "3.0".to_owned(),
            algorithms: vec![Algorithm::Md5, Algorithm::Sha256],
            keepalive_ms: 60_000,
            keepalive_misses: 3,
            keepalive_grace_ms: 5_000,
            expires_s: (60, 86_400),
            nonce_life_ms: 60_000,
            invite_timeout_ms: 15_000,
            query_timeout_ms: 10_000,
            register_burst: 20,
            register_refill_ms: 3_000,
            follow_new_host: false,
            max_devices: 200_000,
            max_connections: 100_000,
            max_dialogs: 10_000,
            max_queries: 10_000,
            max_catalog_items: 20_000,
            max_transactions: 200_000,
        }
    }
}

/// One device the platform lets in. Devices without an entry are refused.
#[derive(Clone, Debug)]
pub struct DeviceEntry {
    /// What the platform knows of its password.
    pub secret: Secret,
    /// Its own keepalive interval, ms; `None`: the platform's.
    pub keepalive_ms: Option<u64>,
}

impl DeviceEntry {
    /// An entry with a password and the platform's keepalive interval.
    #[must_use]
    pub fn password(text: &str) -> Self {
        Self { secret: Secret::password(text), keepalive_ms: None }
    }
}

/// The driver's name of one stream; never reused while the process lives.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct SessionId(pub u64);

/// A live stream to ask for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Invite {
    /// The driver's name of the stream.
    pub session: SessionId,
    /// The registered device that is asked.
    pub device: GbId,
    /// The channel whose picture is wanted (the device itself for a single camera).
    pub channel: GbId,
    /// SSRC to ask for; see [`super::super::sdp::SsrcPool`].
    pub ssrc: Ssrc,
    /// Where media is to arrive.
    pub media: SocketAddr,
    /// How.
    pub transport: MediaTransport,
}

/// Why a device went offline.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum OfflineReason {
    /// No keepalive for the configured number of intervals.
    KeepaliveMissed,
    /// The registration ran out.
    Expired,
    /// The device deregistered (Expires 0).
    Deregistered,
    /// Its TCP connection ended (2022: then the device is offline).
    ConnectionLost,
    /// The driver removed it from the directory.
    Removed,
}

/// Who ended a stream.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum EndedBy {
    /// `bye` was called.
    Platform,
    /// The device sent BYE.
    Device,
    /// The device went offline.
    DeviceOffline,
}

/// Why a registration was refused.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum RegisterRefusal {
    /// No such device in the directory.
    UnknownDevice,
    /// Wrong password for a nonce of ours.
    WrongPassword,
    /// Too many REGISTERs.
    Flood,
}

/// What a query asked.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum QueryKind {
    /// Catalog.
    Catalog,
    /// DeviceInfo.
    DeviceInfo,
    /// DeviceStatus.
    DeviceStatus,
    /// A control order with an answer.
    Control,
}

/// What the platform tells its driver.
#[derive(Clone, PartialEq, Debug)]
pub enum Event {
    /// A device registered (also: again from another address, or after it was offline).
    Registered {
        /// Which.
        device: GbId,
        /// Where signalling comes from.
        addr: SocketAddr,
        /// Over what.
        peer: Peer,
        /// Its `X-GB-Ver`, where it sent one.
        version: Option<String>,
        /// Hash it authenticated with.
        algorithm: Algorithm,
        /// Registration time granted, s.
        expires_s: u32,
    },
    /// A registration was renewed from the same address.
    Refreshed {
        /// Which.
        device: GbId,
    },
    /// A device that had gone silent sends again within its registration.
    Resumed {
        /// Which.
        device: GbId,
    },
    /// A device now sends from another port (or host, if allowed); signalling follows.
    Moved {
        /// Which.
        device: GbId,
        /// Its new address.
        addr: SocketAddr,
    },
    /// A device is offline; its streams have ended.
    Offline {
        /// Which.
        device: GbId,
        /// Why.
        reason: OfflineReason,
    },
    /// A keepalive came.
    Keepalive {
        /// Whose.
        device: GbId,
        /// Its Status was OK.
        ok: bool,
        /// Sub-devices it names as faulty.
        faulty: Vec<GbId>,
    },
    /// A registration was refused (told at most once a minute per device and reason).
    RegisterRefused {
        /// Code it claims.
        device: GbId,
        /// Where from.
        addr: SocketAddr,
        /// Why.
        why: RegisterRefusal,
    },
    /// Two senders use one code (at most once a minute per device). The latest to authenticate is the device.
    IdConflict {
        /// The code.
        device: GbId,
        /// Address held so far.
        old: SocketAddr,
        /// Address that now uses it.
        new: SocketAddr,
        /// The newer one knows the password (and is the device from now on); otherwise it was refused.
        authenticated: bool,
    },
    /// A catalogue answer, whole or as far as it came.
    Catalog {
        /// Whose.
        device: GbId,
        /// SN of the query.
        sn: u64,
        /// Items, each code once, in order of arrival.
        items: Vec<CatalogItem>,
        /// Total the device announced.
        announced: u32,
        /// All announced items came.
        complete: bool,
    },
    /// A device told what changed in its catalogue (subscription).
    CatalogChanged {
        /// Whose.
        device: GbId,
        /// The changes.
        changes: Vec<CatalogChange>,
    },
    /// A device accepted a subscription, or its renewal.
    Subscribed {
        /// Which device.
        device: GbId,
        /// To what.
        topic: Topic,
        /// For how long, s; renew before.
        expires_s: u32,
    },
    /// A device refused a subscription (`None`: did not answer). Many devices know none; they send what they have unasked.
    SubscribeRefused {
        /// Which device.
        device: GbId,
        /// To what.
        topic: Topic,
        /// SIP code.
        code: Option<u16>,
    },
    /// Answer to a DeviceInfo query.
    DeviceInfo {
        /// Whose.
        device: GbId,
        /// SN of the query.
        sn: u64,
        /// What it says.
        info: DeviceInfo,
    },
    /// Answer to a DeviceStatus query.
    DeviceStatus {
        /// Whose.
        device: GbId,
        /// SN of the query.
        sn: u64,
        /// What it says.
        status: DeviceStatus,
        /// From question to answer, ms: the uncertainty of `status.device_time`.
        round_trip_ms: u64,
    },
    /// Answer to a control order.
    ControlResult {
        /// Whose.
        device: GbId,
        /// SN of the order.
        sn: u64,
        /// Result OK.
        ok: bool,
    },
    /// A query or order failed: refused with a code, or (`None`) not answered in time.
    QueryFailed {
        /// Whose.
        device: GbId,
        /// SN of the query.
        sn: u64,
        /// What was asked.
        kind: QueryKind,
        /// SIP code.
        code: Option<u16>,
    },
    /// The device accepted a stream (the ACK is sent).
    StreamAnswered {
        /// Which.
        session: SessionId,
        /// `y=` of the answer: may differ from what was asked, may be 0, may be missing.
        ssrc: Option<Ssrc>,
        /// Where the device says it sends from or (TCP active) listens.
        media: Option<SocketAddr>,
        /// `a=setup:` of the answer.
        setup: Option<Setup>,
        /// Name of a vendor's private format, where the answer marks one.
        private_encoding: Option<String>,
    },
    /// The device refused a stream.
    StreamRefused {
        /// Which.
        session: SessionId,
        /// SIP code: 4xx-6xx; 488 also when its 200 carries no usable SDP.
        code: u16,
        /// Its reason phrase.
        reason: String,
    },
    /// No final answer to an INVITE in time.
    StreamTimeout {
        /// Which.
        session: SessionId,
        /// A provisional answer (100, 180) had come: the device is reachable.
        was_trying: bool,
    },
    /// A stream ended; also for one not yet answered when `bye` is called or the device goes offline.
    StreamEnded {
        /// Which.
        session: SessionId,
        /// By whom.
        by: EndedBy,
    },
    /// An alarm. Confirm with `confirm_alarm` once it is kept safe.
    Alarm {
        /// Registered device that sent it.
        device: GbId,
        /// Device or channel the alarm is about.
        source: GbId,
        /// SN, to confirm with.
        sn: u64,
        /// What happened.
        alarm: Alarm,
    },
    /// MediaStatus, e.g. 121 = all of the file was sent.
    MediaStatus {
        /// Whose.
        device: GbId,
        /// Channel it names.
        channel: Option<GbId>,
        /// NotifyType.
        notify_type: u32,
    },
    /// A well-formed message this platform has no use for.
    Unhandled {
        /// Whose.
        device: GbId,
        /// CmdType or SIP method.
        what: String,
    },
    /// Bytes that are no SIP, XML or SDP; nothing else was affected.
    Malformed {
        /// Sender.
        peer: Peer,
        /// Its address, where known.
        addr: Option<SocketAddr>,
        /// What is wrong.
        why: String,
    },
}

/// Why a command was not carried out.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum CommandError {
    /// The device is not registered or offline.
    #[error("the device is not online")]
    NotOnline,
    /// A table is full; try again later.
    #[error("too many streams, queries or transactions at once")]
    TooMany,
    /// The session id is in use.
    #[error("the session id is in use")]
    SessionInUse,
    /// No such session.
    #[error("no such session")]
    NoSession,
    /// The directory is full.
    #[error("the device directory is full")]
    DirectoryFull,
}

/// State of one device as the platform sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeviceView {
    /// Registered and not silent.
    pub online: bool,
    /// Signalling address.
    pub addr: SocketAddr,
    /// Signalling peer.
    pub peer: Peer,
    /// Last word from it.
    pub last_seen: MonoMs,
    /// Registration end.
    pub expires_at: MonoMs,
    /// `X-GB-Ver`.
    pub version: Option<String>,
}
