//! The bodies of the ledger entries that an export stands on, and their kinds.
//!
//! Whoever writes these entries builds them from these structs; the offline verifier reads them back. Bodies hold ids,
//! times and digests; persons appear only as salted commitments (`Officer::commitment`).

use base::{CameraId, ContainerId, GrantId, RequestId, Sha256, UtcMs};
use serde::{Deserialize, Serialize};

/// About ten seconds of one camera's footage: `SpanBody`.
pub const KIND_SPAN: &str = "footage.span";
/// Time without footage, with its cause: `GapBody`.
pub const KIND_GAP: &str = "footage.gap";
/// An official request came in; the body holds at least `request` (its id).
pub const KIND_REQUEST: &str = "request.submitted";
/// A request was granted: `GrantBody`.
pub const KIND_GRANT: &str = "grant.made";
/// An export was decided; the body holds at least `export` and `grant` (ids).
pub const KIND_EXPORT: &str = "export.decided";
/// Most fragments of one span: what fits a ledger entry with room to spare. Cut the span earlier when it is reached.
pub const SPAN_FRAGMENTS: usize = 256;

/// One fragment as the log knows it. `sha256` is over all its bytes, its header (which names the fragment before it) too.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SpanFragment {
    /// Number of the fragment, counted per camera without holes.
    pub seq: u64,
    /// Server time of the first picture.
    pub start_utc_ms: UtcMs,
    /// Length, 90 kHz ticks.
    pub duration_90k: u32,
    /// Pictures in it.
    pub pictures: u32,
    /// Size, bytes.
    pub bytes: u64,
    /// Digest.
    pub sha256: Sha256,
}

/// Body of `footage.span`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SpanBody {
    /// Whose footage.
    pub camera: CameraId,
    /// In which container file.
    pub container: ContainerId,
    /// Digest of the container's init segment.
    pub init_sha256: Sha256,
    /// Digest of the fragment before the first one here; `init_sha256` at the beginning of a container.
    pub prev: Sha256,
    /// In order of `seq`, 1 to `SPAN_FRAGMENTS`.
    pub fragments: Vec<SpanFragment>,
    /// Device clock minus server clock when last measured, ms.
    pub clock_error_ms: Option<i64>,
}

/// Body of `footage.gap`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct GapBody {
    /// Whose footage is missing.
    pub camera: CameraId,
    /// End of the footage before.
    pub from_utc_ms: UtcMs,
    /// Start of the footage after; `None` while the gap lasts.
    pub to_utc_ms: Option<UtcMs>,
    /// Code of the cause (`recording::GapCause::code`, or another stable word).
    pub cause: String,
}

/// Body of `grant.made`; more fields may stand beside these.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct GrantBody {
    /// The grant.
    pub grant: GrantId,
    /// The request it answers.
    pub request: RequestId,
    /// Commitments to the officers (`Officer::commitment`), at least two different ones.
    pub officers: Vec<Sha256>,
    /// Cameras that may be used.
    pub cameras: Vec<CameraId>,
    /// Begin of the footage that may be used.
    pub from_utc_ms: UtcMs,
    /// End of the footage that may be used.
    pub to_utc_ms: UtcMs,
}

impl SpanFragment {
    /// Server time at its end.
    #[must_use]
    pub const fn end(&self) -> UtcMs {
        self.start_utc_ms.plus_ms(self.duration_90k as i64 / 90)
    }
}
