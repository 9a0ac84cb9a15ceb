//! What the ledger keeps of footage: the bodies of `footage.*` entries. Digests and times only.
//!
//! The field order is the order in the log for ever; a change is a new `kind`.

use base::{CameraId, ContainerId, Sha256, UtcMs};
use serde::{Deserialize, Serialize};

use super::GapCause;

/// Kind of `SpanBody` entries.
pub const SPAN_KIND: &str = "footage.span";
/// Kind of `GapBody` entries.
pub const GAP_KIND: &str = "footage.gap";
/// Kind of `SealBody` entries.
pub const SEAL_KIND: &str = "footage.seal";
/// Kind of `DeletedBody` entries.
pub const DELETED_KIND: &str = "footage.deleted";
/// Kind of `LostBody` entries.
pub const LOST_KIND: &str = "footage.lost";

/// About ten seconds of one camera.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpanBody {
    /// Which camera.
    pub camera: CameraId,
    /// Which container.
    pub container: ContainerId,
    /// SHA-256 of the container's init segment.
    pub init_sha256: Sha256,
    /// Hash before the first fragment here: of the fragment before, or of the init segment.
    pub prev: Sha256,
    /// Device clock minus server clock, ms, as measured last; absent = not measured.
    pub clock_error_ms: Option<i32>,
    /// The fragments, in order.
    pub fragments: Vec<FragmentBody>,
}

/// One fragment of a span.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FragmentBody {
    /// Number of this fragment of this camera; goes on over containers.
    pub seq: u64,
    /// Server clock at its first picture.
    pub start_utc_ms: UtcMs,
    /// Length, 90 kHz ticks.
    pub duration_90k: u32,
    /// Bytes of the whole fragment.
    pub bytes: u64,
    /// SHA-256 of the whole fragment.
    pub sha256: Sha256,
}

/// Time without footage, and why.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GapBody {
    /// Which camera.
    pub camera: CameraId,
    /// End of the footage before.
    pub from_utc_ms: UtcMs,
    /// Start of the footage after.
    pub to_utc_ms: UtcMs,
    /// Why.
    pub cause: GapCause,
}

/// A container that gets no more fragments.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealBody {
    /// Which camera.
    pub camera: CameraId,
    /// Which container.
    pub container: ContainerId,
    /// Bytes of the file.
    pub bytes: u64,
    /// Hash of its last fragment: the chain makes it the root of the container.
    pub last_sha256: Sha256,
}

/// Footage deleted after its term; the log keeps that it was, when, and under which clauses it went.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeletedBody {
    /// Which camera.
    pub camera: CameraId,
    /// Which container.
    pub container: ContainerId,
    /// Its first instant.
    pub from_utc_ms: UtcMs,
    /// Its last instant.
    pub to_utc_ms: UtcMs,
    /// Bytes of the file.
    pub bytes: u64,
    /// Days it had to be kept.
    pub min_days: u32,
    /// The clauses that set the term and the deletion.
    pub clauses: Vec<base::ClauseId>,
}

/// Fragments that were recorded and are not there any more, though no term ended: a disk lost them. Explains their numbers for
/// ever; the time they covered is told by `GapBody` entries of the same transaction.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LostBody {
    /// Which camera.
    pub camera: CameraId,
    /// Which container they lay in.
    pub container: ContainerId,
    /// Number of the first of them.
    pub first_seq: u64,
    /// Number of the last of them.
    pub last_seq: u64,
    /// Start of the first.
    pub from_utc_ms: UtcMs,
    /// End of the last.
    pub to_utc_ms: UtcMs,
    /// Bytes of the container that are still there and proved; 0 when it is gone as a whole.
    pub bytes_left: u64,
    /// Why.
    pub cause: GapCause,
}
