//! A report to the police or an upper platform: what it says, and when it is sent again until its receipt is there.

use super::{Evidence, Priority, SourceName, Verdict, What};
use base::{AccountId, CameraId, ClauseId, IncidentId, ReportId, SiteId, UtcMs};
use serde::{Deserialize, Serialize};

/// Version of the form.
pub const REPORT_VERSION: u32 = 1;

/// A zone as the report names it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ReportZone {
    /// Number.
    pub zone: u32,
    /// Name; empty = unknown.
    pub name: String,
    /// Place; empty = unknown.
    pub place: String,
    /// When it first spoke.
    pub first: UtcMs,
}

/// What verification found, as the report says it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ReportedDecision {
    /// The verdict.
    pub verdict: Verdict,
    /// Reason in words.
    pub reason: String,
    /// Account that decided, at the site.
    pub by: AccountId,
    /// When.
    pub at: UtcMs,
}

/// What is told. Its id stays the same however often it is sent: who receives it twice answers with the same receipt.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Report {
    /// `REPORT_VERSION`.
    pub version: u32,
    /// Its id.
    pub report: ReportId,
    /// The incident.
    pub incident: IncidentId,
    /// Number of the incident at the site.
    pub number: String,
    /// The site.
    pub site: SiteId,
    /// Name of the unit or place.
    pub site_name: String,
    /// What it is about.
    pub what: What,
    /// How urgent.
    pub priority: Priority,
    /// Source as its protocol names it.
    pub source: SourceName,
    /// Area of the source; 0 = none.
    pub area: u32,
    /// Zones that spoke.
    pub zones: Vec<ReportZone>,
    /// When the first signal arrived.
    pub received: UtcMs,
    /// Raised by hand by a person at the place: nobody verified it first.
    pub raised_by_hand: bool,
    /// What verification found, where there was one.
    pub decision: Option<ReportedDecision>,
    /// On which evidence.
    pub evidence: Vec<Evidence>,
    /// Cameras that see the place.
    pub cameras: Vec<CameraId>,
    /// Footage that belongs to it, held: from.
    pub clip_from: UtcMs,
    /// Footage that belongs to it, held: to.
    pub clip_to: UtcMs,
    /// The clauses that ask for the report.
    pub clauses: Vec<ClauseId>,
    /// When it was made.
    pub made: UtcMs,
}

/// Longest pause between two tries, ms.
const LONGEST_MS: i64 = 60_000;

/// Pause after the try with this number (1 = the first), ms: doubling from one second to a minute, then every minute for ever.
/// A report is never given up; that it takes long is told to people by the limit of its receipt.
#[must_use]
pub fn retry_after_ms(attempts: u32) -> i64 {
    let doubled = 1_000_i64 << attempts.saturating_sub(1).min(6);
    doubled.min(LONGEST_MS)
}
