//! The site's report of itself to the authority: made each day, and when a person asks; kept until the receipt is there (`link`).
//!
//! ```text
//! rows of footage and gaps, states of cameras, own clock, duties as weighed ─▶ domain::inspection::SelfReport ─▶ store::self_reports
//! ```
//! Always true: nothing is reported before an authority is entered; what a report says is what pages of this site say at that moment; a name
//! is a camera's, never a person's; a report that waits is never changed.

use crate::{Actor, Site};
use base::{CameraId, ErrorKind, Refusal, Text, UtcMs, limits, time::DAY_MS};
use domain::access::Permission;
use domain::inspection::{CameraReport, DutyReportLine, GAP_DAYS, REPORT_CAMERAS, SELF_REPORT_VERSION, SelfReport};
use domain::recording::GapCause;
use std::collections::HashMap;
use store::StoreError;
use store::cameras::CameraRow;
use store::footage::read::{GapRow, Stock};
use store::self_reports::OwnReport;

/// Between two reports that persons ask for, ms.
const PAUSE_MS: i64 = 10 * 60_000;

/// How long a gap lasted within the time looked at, s; a part of a second counts as a whole one.
fn seconds(gap: &GapRow, since: UtcMs, now: UtcMs) -> i64 {
    let (from, to) = (gap.from.max(since), gap.to.unwrap_or(now).min(now));
    to.since(from).max(0).saturating_add(999) / 1_000
}

/// All of them together, and the longest that no person made.
fn told(gaps: &[GapRow], since: UtcMs, now: UtcMs) -> (i64, i64) {
    let all = gaps.iter().map(|gap| seconds(gap, since, now)).fold(0, i64::saturating_add);
    let unexplained = gaps.iter().filter(|gap| gap.cause != GapCause::Stopped);
    (all, unexplained.map(|gap| seconds(gap, since, now)).max().unwrap_or(0))
}

impl Site {
    /// Reports now, because a person asks.
    ///
    /// # Errors
    /// No permission, `no_authority`, `reported_just_now`, or the store.
    pub async fn report_self(&self, by: &Actor) -> Result<(), Refusal> {
        by.needs(Permission::ManageDuties)?;
        if !self.link_evidence().await?.0 {
            return Err(Refusal::new(
                ErrorKind::Conflict,
                "no_authority",
                Text::new("还没有录入公安机关，不能报送。", "No authority is entered; there is nobody to report to."),
                Text::new("请先录入公安机关的连接信息。", "Enter the connection text of the authority first."),
            ));
        }
        let last = self.store().newest_own_report().await?.map(|(_, made, _)| made);
        // One of later than now was made by a clock that was wrong: it holds nobody up.
        if last.is_some_and(|at| (0..PAUSE_MS).contains(&self.now().utc.since(at))) {
            return Err(Refusal::new(
                ErrorKind::TooMany,
                "reported_just_now",
                Text::new("刚刚报送过。", "A report was made just now."),
                Text::new("请十分钟后再报送。", "Report again in ten minutes."),
            ));
        }
        Ok(self.make_self_report().await?)
    }

    /// The report of today, once, where an authority is entered.
    pub(super) async fn report_self_daily(&self) -> Result<(), StoreError> {
        let today = self.now().utc.shanghai_date();
        let newest = self.store().newest_own_report().await?;
        if newest.is_some_and(|(day, ..)| day == today) || !self.link_evidence().await?.0 {
            return Ok(());
        }
        self.make_self_report().await
    }

    async fn make_self_report(&self) -> Result<(), StoreError> {
        let report = self.self_report().await?;
        let body = serde_json::to_string(&report).unwrap_or_default();
        let id = base::ReportId::new(report.made.0, store::keys::random()?).to_string();
        let own = OwnReport { id, day: report.made.shanghai_date(), made: report.made, body };
        self.store().keep_self_report(&own).await?;
        self.wake_link();
        Ok(())
    }

    /// What the site would report now.
    async fn self_report(&self) -> Result<SelfReport, StoreError> {
        let weighed = self.weigh_duties().await?;
        let now = weighed.at;
        let evidence = self.duty_evidence(now).await?;
        let stock = self.store().stock().await?;
        let errors: HashMap<CameraId, Option<i64>> =
            self.cameras().iter().map(|c| (c.row().id, c.state().clock_error_ms.map(i64::from))).collect();
        let mut rows = self.store().cameras().await?;
        rows.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
        let mut cameras = Vec::with_capacity(rows.len().min(REPORT_CAMERAS));
        for row in rows.iter().take(REPORT_CAMERAS) {
            let error = errors.get(&row.id).copied().flatten();
            cameras.push(self.camera_report(row, stock.get(&row.id), error, now).await?);
        }
        let duties = weighed.list.iter().map(|s| (s.owed.code.clone(), DutyReportLine::of(s.state)));
        Ok(SelfReport {
            version: SELF_REPORT_VERSION,
            made: now,
            profile: self.profile().law,
            first_use: evidence.first_use.map(|used| used.day),
            receives_alarms: evidence.panels > 0,
            cameras_in_service: u32::try_from(rows.len()).unwrap_or(u32::MAX),
            cameras,
            clock_error_ms: self.own_clock().error_ms,
            duties: duties.collect(),
        })
    }

    async fn camera_report(
        &self,
        row: &CameraRow,
        stock: Option<&Stock>,
        clock_error_ms: Option<i64>,
        now: UtcMs,
    ) -> Result<CameraReport, StoreError> {
        let since = now.plus_ms(-i64::from(GAP_DAYS) * DAY_MS);
        let (gaps_s, longest_gap_s) = told(&self.store().gaps(row.id, since, now).await?, since, now);
        Ok(CameraReport {
            name: row.name.chars().take(limits::NAME_CHARS).collect(),
            place: row.place_kind.clone(),
            term_days: self.retention_of(row).min_days,
            oldest: stock.and_then(|s| s.oldest).map(UtcMs::shanghai_date),
            gaps_s,
            longest_gap_s,
            clock_error_ms,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::playback::rig::Rig;
    use domain::access::Role;
    use law::Jurisdiction;

    fn gap(from: i64, to: Option<i64>, cause: GapCause) -> GapRow {
        GapRow { from: UtcMs(from), to: to.map(UtcMs), cause, leaf: None }
    }

    #[test]
    fn gaps_count_within_the_time_and_a_stop_by_hand_is_explained() {
        let (since, now) = (UtcMs(10_000), UtcMs(100_000));
        let gaps = [
            gap(0, Some(15_000), GapCause::NoPackets),
            gap(20_000, Some(60_000), GapCause::Stopped),
            gap(90_500, None, GapCause::DeviceOffline),
        ];
        assert_eq!(told(&gaps, since, now), (5 + 40 + 10, 10));
        assert_eq!(told(&[], since, now), (0, 0));
    }

    #[tokio::test]
    async fn a_site_without_an_authority_reports_to_nobody() {
        let rig = Rig::start(Jurisdiction::Heilongjiang).await;
        let (boss, guard) =
            (rig.person("boss", Role::SecurityManager).await, rig.person("guard", Role::DutyOfficer).await);
        rig.site.report_self_daily().await.unwrap();
        assert_eq!(rig.site.report_self(&guard).await.unwrap_err().code, "no_permission");
        assert_eq!(rig.site.report_self(&boss).await.unwrap_err().code, "no_authority");
        assert_eq!(rig.site.store().newest_own_report().await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_report_says_what_the_site_has() {
        let rig = Rig::start(Jurisdiction::Heilongjiang).await;
        let first = rig.site.now().utc.plus_ms(-2 * DAY_MS);
        let camera = rig.camera("大堂", first).await;
        rig.record(camera, first, 3).await;
        let report = rig.site.self_report().await.unwrap();
        assert_eq!((report.cameras_in_service, report.cameras.len()), (1, 1));
        assert_eq!(report.cameras[0].oldest, Some(first.shanghai_date()));
        assert!(!report.duties.is_empty() && report.profile.jurisdiction == Jurisdiction::Heilongjiang);
        let text = serde_json::to_vec(&report).unwrap();
        assert_eq!(SelfReport::parse(&text), Some(report));
    }
}
