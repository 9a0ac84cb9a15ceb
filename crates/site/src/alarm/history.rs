//! What was: incidents by time, source and state, the false-alarm ratio by zone; and what is set beside them: test windows, detectors.

use super::Open;
use crate::{Actor, Site};
use base::{Refusal, Text, UtcMs};
use domain::access::Permission;
use domain::alarm::{Principle, SourceName};
use law::{Act, Guarding};
use store::incidents::{IncidentFilter, TestWindow, ZoneCount};

/// Most incidents of one page.
const PAGE: u32 = 100;
/// Most zones of the table.
const ZONES: u32 = 50;
/// Longest test window, ms: a shift.
const TEST_MS: i64 = 8 * 3_600_000;
/// Shortest reason that says something, characters.
const REASON_LEAST: usize = 2;
/// Longest reason, characters.
const REASON_MOST: usize = 200;

/// One page of history.
#[derive(Clone, Debug)]
pub struct History {
    /// Incidents, newest first.
    pub list: Vec<Open>,
    /// There are more after these.
    pub more: bool,
    /// How they ended by zone, those with the most false ones first.
    pub zones: Vec<(ZoneCount, String)>,
    /// What is on test.
    pub tests: Vec<TestWindow>,
}

/// What is to be put on test.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TestForm {
    /// Which source.
    pub source: String,
    /// Which zone; none = all.
    pub zone: Option<u32>,
    /// For how long, minutes: 1 to 480.
    pub minutes: u32,
    /// Why.
    pub reason: String,
}

impl Site {
    /// History by `filter`; the ratio is over the time of the filter.
    ///
    /// # Errors
    /// No permission, or the store.
    pub async fn alarm_history(&self, by: &Actor, filter: &IncidentFilter) -> Result<History, Refusal> {
        by.needs(Permission::SeeAlarms)?;
        let store = self.store();
        let mut rows = store.incidents(filter, PAGE + 1).await?;
        let more = rows.len() > PAGE as usize;
        rows.truncate(PAGE as usize);
        let mut list = Vec::with_capacity(rows.len());
        for row in rows {
            list.push(self.alarms().placed(store, row, self.now()).await?);
        }
        let (from, to) = (filter.from.unwrap_or(UtcMs(i64::MIN)), filter.to.unwrap_or(UtcMs(i64::MAX)));
        let mut zones = Vec::new();
        for count in store.zone_counts(from, to, ZONES).await? {
            let facts = store.zone_facts(&count.source).await?;
            let name = facts.into_iter().find(|z| z.zone == count.zone).map(|z| z.name).unwrap_or_default();
            zones.push((count, name));
        }
        let tests = store.test_windows(self.now().utc).await?;
        Ok(History { list, more, zones, tests })
    }

    /// Puts a source or zone on test from now on: its alarms are kept and open nothing. Everybody sees that it is.
    ///
    /// # Errors
    /// No permission, a defect of the form, the law, or the store.
    pub async fn begin_test(&self, by: &Actor, form: &TestForm) -> Result<(), Refusal> {
        by.needs(Permission::ManageAlarms)?;
        let source = SourceName::stored(form.source.trim());
        let length_ms = i64::from(form.minutes) * 60_000;
        let reason = form.reason.trim();
        let chars = reason.chars().count();
        let known = self.store().source_place(&source).await?.is_some();
        if !known {
            return Err(Refusal::not_found("该报警主机", "alarm panel"));
        }
        if length_ms == 0 || length_ms > TEST_MS || !(REASON_LEAST..=REASON_MOST).contains(&chars) {
            return Err(Refusal::bad_input(
                "test_window",
                Text::new(
                    "测试需写明理由（2 至 200 字），最长 8 小时。",
                    "A test needs a reason of 2 to 200 characters and lasts at most 8 hours.",
                ),
                Text::new("请更正后重试。", "Correct it and try again."),
            ));
        }
        // The role is the unit's designation (B-22-1-2); the reason was asked above; it ends by itself (B-22-1-4).
        let facts = Guarding { designated: true, authorised: true, limited: true };
        let clauses = self.lawful(by, None, Act::Bypass(facts)).await?;
        let now = self.now().utc;
        let window = TestWindow {
            id: 0,
            source,
            zone: form.zone,
            from: now,
            to: now.plus_ms(length_ms),
            reason: reason.to_owned(),
            by: by.id,
        };
        self.store().add_test_window(&window, &clauses, now).await?;
        Ok(())
    }

    /// Ends a test now: what was bypassed is armed again.
    ///
    /// # Errors
    /// No permission, `not_found` when it is over, the law, or the store.
    pub async fn end_test(&self, by: &Actor, id: i64) -> Result<(), Refusal> {
        by.needs(Permission::ManageAlarms)?;
        let now = self.now().utc;
        let gone = || Refusal::not_found("该测试", "test");
        if !self.store().test_windows(now).await?.iter().any(|w| w.id == id) {
            return Err(gone());
        }
        let facts = Guarding { designated: true, authorised: true, limited: false };
        let clauses = self.lawful(by, None, Act::Arm(facts)).await?;
        if self.store().end_test_window(id, &clauses, by.id, now).await? { Ok(()) } else { Err(gone()) }
    }

    /// Says how the detector of a zone senses and which zones are adjacent.
    ///
    /// # Errors
    /// No permission, `not_found`, or the store.
    pub async fn set_detector(
        &self,
        by: &Actor,
        source: &SourceName,
        zone: u32,
        principle: Option<Principle>,
        neighbours: &[u32],
    ) -> Result<(), Refusal> {
        by.needs(Permission::ManageAlarms)?;
        if self.store().zone(source, zone).await?.is_none() {
            return Err(Refusal::not_found("该防区", "zone"));
        }
        self.store().put_detector(source, zone, principle, neighbours, by.id, self.now().utc).await?;
        Ok(())
    }
}
