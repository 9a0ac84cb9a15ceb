//! What a site reports of itself to the authority: footage and gaps of each camera, clocks, where its duties stand.
//!
//! Site: evidence ─▶ [`SelfReport`] ─▶ JSON, signed as a message. Authority: JSON ─▶ [`SelfReport::parse`] ─▶ [`SelfReport::facts`] for
//! checklists. Always true: what is read has the limits of this file; a number that nothing measured is absent, never zero; no person is named.

use super::findings::SiteReport;
use crate::duty::State;
use base::{CivilDate, Sha256, UtcMs, limits};
use law::{MEASURES, PlaceKind, SiteProfile, UnitFacts};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Version of the form.
pub const SELF_REPORT_VERSION: u32 = 1;
/// Most cameras of a report; how many there are it says all the same.
pub const REPORT_CAMERAS: usize = 1_000;
/// Most duties of a report.
const DUTIES: usize = 500;
/// Days over which gaps are told.
pub const GAP_DAYS: i32 = 30;

/// A camera as the site reports it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CameraReport {
    /// Its name.
    pub name: String,
    /// Word of the place it covers.
    pub place: String,
    /// Days its footage is kept under the law of the day; 0: no term.
    pub term_days: u32,
    /// Day of the oldest footage that is there.
    pub oldest: Option<CivilDate>,
    /// Gaps of the last [`GAP_DAYS`] days, together, s.
    pub gaps_s: i64,
    /// The longest of them that no person made by stopping the camera, s.
    pub longest_gap_s: i64,
    /// Its clock minus the site's, ms; none: not measured.
    pub clock_error_ms: Option<i64>,
}

/// Where a duty stands.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DutyReportLine {
    /// `met`, `due`, `overdue`, `unknown`.
    pub state: String,
    /// By when, or since when.
    pub day: Option<CivilDate>,
}

/// The report.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SelfReport {
    /// [`SELF_REPORT_VERSION`].
    pub version: u32,
    /// When it was made, by the site's clock.
    pub made: UtcMs,
    /// What the law needs to know of the site.
    pub profile: SiteProfile,
    /// First day the system was in use.
    pub first_use: Option<CivilDate>,
    /// Alarm panels report to it.
    pub receives_alarms: bool,
    /// How many cameras are in service.
    pub cameras_in_service: u32,
    /// The first of them, by name.
    pub cameras: Vec<CameraReport>,
    /// The site's clock minus true time, ms; none: not measured.
    pub clock_error_ms: Option<i64>,
    /// Where duties stand, by code.
    pub duties: BTreeMap<String, DutyReportLine>,
}

impl DutyReportLine {
    /// As the site found it.
    #[must_use]
    pub fn of(state: State) -> Self {
        let day = match state {
            State::Due { by } => by,
            State::Overdue { since } => Some(since),
            State::Met | State::Unknown => None,
        };
        Self { state: state.code().to_owned(), day }
    }

    /// What it says; a word that is none says nothing.
    #[must_use]
    pub fn state(&self) -> State {
        match (self.state.as_str(), self.day) {
            ("met", _) => State::Met,
            ("due", by) => State::Due { by },
            ("overdue", Some(since)) => State::Overdue { since },
            _ => State::Unknown,
        }
    }
}

impl SelfReport {
    /// Reads a report; `None` for what is none, or is beyond the limits.
    #[must_use]
    pub fn parse(text: &[u8]) -> Option<Self> {
        let report: Self = serde_json::from_slice(text).ok()?;
        let short = |text: &str| text.chars().count() <= limits::NAME_CHARS;
        let cameras = report.cameras.len() <= REPORT_CAMERAS
            && report
                .cameras
                .iter()
                .all(|c| short(&c.name) && short(&c.place) && c.gaps_s >= 0 && c.longest_gap_s >= 0);
        let duties = report.duties.len() <= DUTIES && report.duties.keys().all(|code| short(code));
        (report.version == SELF_REPORT_VERSION && cameras && duties).then_some(report)
    }

    /// As checklists ask for it; `sha256` is that of the text that was signed.
    #[must_use]
    pub fn facts(&self, sha256: Sha256) -> SiteReport {
        let [clock_error, gap] = MEASURES;
        let mut measures = BTreeMap::new();
        let errors = self.cameras.iter().filter_map(|c| c.clock_error_ms);
        // A part of a second counts as a whole one: rounding down would hide an error.
        let error = errors.chain(self.clock_error_ms).map(|ms| ms.saturating_abs().saturating_add(999) / 1_000).max();
        if let Some(error) = error {
            measures.insert(clock_error.to_owned(), error);
        }
        if let Some(longest) = self.cameras.iter().map(|c| c.longest_gap_s).max() {
            measures.insert(gap.to_owned(), longest);
        }
        let duties = self.duties.iter().map(|(code, line)| (code.clone(), line.state())).collect();
        SiteReport { sha256, duties, measures }
    }

    /// Facts of the unit by which a checklist is asked.
    #[must_use]
    pub fn unit(&self) -> UnitFacts {
        let mut places: Vec<PlaceKind> = self.cameras.iter().filter_map(|c| PlaceKind::parse(&c.place)).collect();
        places.sort_unstable();
        places.dedup();
        UnitFacts { first_use: self.first_use, places, receives_alarms: self.receives_alarms }
    }

    /// The fewest whole days that footage of any camera with a term reaches back on `on`; none: no footage with a term.
    #[must_use]
    pub fn least_days(&self, on: CivilDate) -> Option<i64> {
        let kept = self.cameras.iter().filter(|c| c.term_days > 0).filter_map(|c| c.oldest);
        kept.map(|oldest| on.start().since(oldest.start()) / base::time::DAY_MS).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use law::Jurisdiction;
    use proptest::prelude::*;

    fn day(text: &str) -> CivilDate {
        CivilDate::parse(text).unwrap()
    }

    fn report() -> SelfReport {
        let camera = CameraReport {
            name: "大厅".into(),
            place: "nowhere".into(),
            term_days: 30,
            oldest: Some(day("2026-01-01")),
            gaps_s: 70,
            longest_gap_s: 60,
            clock_error_ms: Some(-1_001),
        };
        SelfReport {
            version: SELF_REPORT_VERSION,
            made: UtcMs(1_700_000_000_000),
            profile: SiteProfile::new(Jurisdiction::Other),
            first_use: None,
            receives_alarms: false,
            cameras_in_service: 1,
            cameras: vec![camera],
            clock_error_ms: Some(20),
            duties: BTreeMap::from([
                ("retention".to_owned(), DutyReportLine::of(State::Met)),
                ("signs".to_owned(), DutyReportLine::of(State::Overdue { since: day("2026-02-01") })),
            ]),
        }
    }

    #[test]
    fn a_report_reads_back_and_answers_for_the_worst() {
        let told = report();
        let text = serde_json::to_vec(&told).unwrap();
        assert_eq!(SelfReport::parse(&text).as_ref(), Some(&told));
        let facts = told.facts(Sha256::of(&text));
        assert_eq!(facts.measures, BTreeMap::from([("clock_error_s".to_owned(), 2), ("gap_s".to_owned(), 60)]));
        assert_eq!(facts.duties["signs"], State::Overdue { since: day("2026-02-01") });
        assert_eq!(told.least_days(day("2026-01-31")), Some(30));
        assert!(told.unit().places.is_empty(), "a word that is no place is none");
    }

    #[test]
    fn nothing_measured_is_no_zero() {
        let told = SelfReport { cameras: Vec::new(), clock_error_ms: None, ..report() };
        assert!(told.facts(Sha256::default()).measures.is_empty());
        assert_eq!(told.least_days(day("2026-01-31")), None);
    }

    #[test]
    fn what_is_beyond_the_limits_is_no_report() {
        let line = report().cameras[0].clone();
        let with = |n: usize| SelfReport { cameras: vec![line.clone(); n], ..report() };
        let reads = |r: &SelfReport| SelfReport::parse(&serde_json::to_vec(r).unwrap()).is_some();
        assert!(reads(&with(REPORT_CAMERAS)) && !reads(&with(REPORT_CAMERAS + 1)));
        let long = CameraReport { name: "长".repeat(limits::NAME_CHARS + 1), ..line.clone() };
        assert!(!reads(&SelfReport { cameras: vec![long], ..report() }));
        assert!(!reads(&SelfReport { version: 2, ..report() }));
        let duties = (0..=DUTIES).map(|n| (n.to_string(), DutyReportLine::of(State::Met))).collect();
        assert!(!reads(&SelfReport { duties, ..report() }));
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in ".{0,200}", state in "[a-z]{0,8}") {
            let _ = SelfReport::parse(text.as_bytes());
            let _ = DutyReportLine { state, day: None }.state();
        }

        #[test]
        fn any_clock_error_is_at_least_what_it_is(ms in any::<i64>()) {
            let told = SelfReport { clock_error_ms: Some(ms), cameras: Vec::new(), ..report() };
            let seconds = told.facts(Sha256::default()).measures["clock_error_s"];
            prop_assert!(seconds >= 0 && seconds >= ms.saturating_abs() / 1_000);
        }
    }
}
