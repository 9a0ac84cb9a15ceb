//! Every id is a type of its own, so that a grant can never be passed where a camera is meant.
//!
//! Ids made by the program are UUIDv7 (sortable by time of making, not guessable: 74 random bits).
//! `ClauseId` is the id of a clause in a law pack, e.g. `B-28-1-1` or `799-17-1`.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! uuid_ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// Reads the usual hyphenated form; `None` for anything else.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                Uuid::try_parse(text).ok().map(Self)
            }

            /// A new id. The caller brings the time (milliseconds UTC) and ten random bytes.
            #[must_use]
            pub fn new(utc_ms: i64, random: [u8; 10]) -> Self {
                let ms = u64::try_from(utc_ms).unwrap_or(0);
                Self(uuid::Builder::from_unix_timestamp_millis(ms, &random).into_uuid())
            }

            /// The id from its 16 bytes, as binary formats carry it.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }

            /// The 16 bytes.
            #[must_use]
            pub const fn bytes(&self) -> [u8; 16] {
                *self.0.as_bytes()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }
    )+};
}

uuid_ids! {
    /// A protected site (技防系统使用单位 at one address).
    SiteId,
    /// One picture source: a camera, or one channel of a recorder.
    CameraId,
    /// One media container file of one camera.
    ContainerId,
    /// A person's (or program's) account.
    AccountId,
    /// An official request to use information (信息使用申请).
    RequestId,
    /// What a granted request allows: cameras, minutes, end.
    GrantId,
    /// A legal hold on footage (封存).
    HoldId,
    /// One export bundle.
    ExportId,
    /// One alarm incident: what belongs together of what a source said.
    IncidentId,
    /// One report of an incident to the police or an upper platform; the same however often it is sent.
    ReportId,
    /// A bookmark on a stretch of footage (书签).
    BookmarkId,
    /// An upper platform this site is networked with (上级平台).
    UpperId,
    /// A sensitive change that waits for a second administrator (变更审批).
    ProposalId,
    /// Somebody whom a guard calls about an alarm (联系人).
    ContactId,
    /// The plan of an area (平面图).
    PlanId,
    /// A record a person entered about a duty: training held, rules issued, filing made.
    PaperId,
    /// One case: a procedure as it runs (案件).
    CaseId,
    /// A police office: a bureau or station with its territory (公安机关机构).
    OfficeId,
    /// Whoever a case is about, a unit or a person (当事人).
    PartyId,
    /// An official document of a case that was issued (文书).
    DocumentId,
    /// What an authority tells a site to do: keep footage, let it go, show it (指令).
    OrderId,
}

/// Id of a clause in a law pack, e.g. `B-28-1-1`: pack, article, paragraph, item (`clauses.toml`).
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ClauseId(pub String);

impl ClauseId {
    /// A clause id from its text; not checked against any pack (the law crate does that).
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl std::fmt::Display for ClauseId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::fmt::Debug for ClauseId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
