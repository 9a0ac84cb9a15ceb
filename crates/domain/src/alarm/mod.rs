//! Alarms (入侵报警): from what a source said (`Signal`) to an incident that somebody verified, reported and closed by hand.
//!
//! ```text
//! Signal ─▶ intake::judge ─▶ opens or joins an Incident, or is only logged
//! Command ─▶ decide (evidence, the law's answer, who, limits) ─▶ [Change] ─▶ Incident::apply      report: what goes to the police
//! ```
//!
//! Always true: no signal is dropped, the worst that happens to one is that it is only logged; several incidents stand side by
//! side, by priority then age; nothing closes by itself (reset is manual: GB 50394-2007 5.2.3); a hold-up waits for nobody; what
//! is not verified is not reported (B-21-2), and what is verified as real is reported in the same step.

mod class;
mod decide;
mod exhibit;
mod incident;
mod intake;
mod report;
mod signal;
mod verify;

use incident::{CLIP_AFTER_MS, CLIP_BEFORE_MS};

#[cfg(test)]
mod tests;

pub use class::{Priority, What};
pub use decide::{Change, Command, Facts, REASON_CHARS, decide, report_facts, step_act};
pub use exhibit::{
    CLIP_BYTES, EXHIBIT_CAMERAS, EXHIBIT_TEXT_BYTES, EXHIBIT_VERSION, Exhibit, ExhibitKind, NO_FOOTAGE, PICTURE_BYTES,
    UNREADABLE, unreadable_at,
};
pub use incident::{
    ClockRow, Decision, DeviceReset, EVIDENCE_ITEMS, Evidence, EvidenceKind, Incident, Limits, Receipt, Stage, Step,
    Taken, Verdict, ZONES, ZoneSeen,
};
pub use intake::{Around, Fate, IntakeRules, judge};
pub use report::{REPORT_VERSION, Report, ReportZone, ReportedDecision, retry_after_ms};
pub use signal::{Class, Event, Protocol, SIGNAL_TEXT_CHARS, SOURCE_CHARS, Signal, SourceName, Trouble};
pub use verify::{Ground, Principle, ZoneFacts, ground, seen_by_rule};
