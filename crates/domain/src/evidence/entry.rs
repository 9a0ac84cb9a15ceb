//! The ledger entries that an export stands on.
//!
//! Footage itself is in `recording::entry` (`footage.span`, `footage.gap`, `footage.deleted`). Here are the entries about the
//! use of it. Their bodies may hold more fields than these structs read. Bodies hold ids, times and digests; persons appear
//! as account ids and as salted commitments (`Officer::commitment`).

use crate::recording::entry::FragmentBody;
use base::{AccountId, CameraId, ExportId, RequestId, Sha256, UtcMs};
use serde::{Deserialize, Serialize};

/// Time without footage that no `footage.gap` or `footage.deleted` entry names: `AbsentBody`.
pub const KIND_ABSENT: &str = "footage.absent";
/// An official request came in: `RequestBody`.
pub const KIND_REQUEST: &str = "request.made";
/// It was granted; the body holds at least `request` (its id).
pub const KIND_GRANT: &str = "grant.made";
/// An export was decided: `ExportBody`.
pub const KIND_EXPORT: &str = "export.decided";

/// Body of `footage.absent`: logged when an export finds time that nothing explains yet (an outage that still lasts, the time
/// before the camera was set up), before the export is made.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AbsentBody {
    /// Whose footage is missing.
    pub camera: CameraId,
    /// Begin.
    pub from_utc_ms: UtcMs,
    /// End.
    pub to_utc_ms: UtcMs,
    /// Stable word of the cause, e.g. a code of `GapCause`, or `not_installed`.
    pub cause: String,
}

/// What an export reads of `request.made`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RequestBody {
    /// The request.
    pub request: RequestId,
    /// Accounts of the officers, at least two different ones.
    pub officers: Vec<AccountId>,
    /// Cameras asked for.
    pub cameras: Vec<CameraId>,
    /// Begin of the footage asked for.
    pub from_utc_ms: UtcMs,
    /// End of it.
    pub to_utc_ms: UtcMs,
}

/// What an export reads of `export.decided`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ExportBody {
    /// The export.
    pub export: ExportId,
    /// Under which request.
    pub request: RequestId,
    /// Commitments to the officers who take the copy (`Officer::commitment`), at least two different ones.
    pub officers: Vec<Sha256>,
}

/// Server time at the end of a logged fragment.
pub(super) const fn end_of(fragment: &FragmentBody) -> UtcMs {
    fragment.start_utc_ms.plus_ms(fragment.duration_90k as i64 / 90)
}
