//! Reports to upper platforms: each is told once in effect, tried again until the platform answers, and noted in the incident.
//!
//! ```text
//! report_outbox (target upper:<id>) ─▶ due ─▶ Uppers::report ─▶ GB/T 28181 alarm notify ─▶ 200 OK | Response Alarm ─▶ report_receipted
//! ```
//! Always true: one report at a time to one platform, the oldest first; a platform that is slow or away delays no other. A report whose
//! answer was lost is sent again: it carries the incident's number and the instant of the alarm, by which the platform knows it.

use crate::Site;
use crate::upper::{Receipt, UpperAlarm};
use base::UpperId;
use domain::alarm::{Class, Report, What};
use law::OrganKind;
use std::collections::HashSet;
use std::time::Duration;
use store::StoreError;
use store::incidents::{CONFIRMED, OutboxRow, TAKEN, UPPER};
use store::uppers::UpperRow;
use tokio::task::JoinSet;

/// Pause between two looks.
const LOOK: Duration = Duration::from_millis(500);
/// AlarmMethod (GB/T 28181-2022 A.2.5): a device's alarm, one seen in the picture, any other.
const METHODS: (u8, u8, u8) = (2, 5, 7);
/// AlarmType of a device whose cover was opened (AlarmMethod 2).
const TAMPER: u16 = 2;

/// Where reports of an incident go beside the police's own line: platforms of the police that are switched on and lawfully linked.
pub(crate) async fn targets(site: &Site) -> Result<Vec<String>, StoreError> {
    let is_told =
        |u: &UpperRow| u.config.enabled && u.config.organ == OrganKind::Police && crate::upper::may_connect(site, u);
    let rows = site.store().uppers().await?;
    Ok(rows.iter().filter(|u| is_told(u)).map(|u| format!("{UPPER}{}", u.id)).collect())
}

/// The loop. Ends with the site.
pub(crate) async fn run(site: Site) {
    let (mut telling, mut busy) = (JoinSet::new(), HashSet::new());
    loop {
        while let Some(done) = telling.try_join_next() {
            match done {
                Ok(id) => drop(busy.remove(&id)),
                // Which one it was is not known: all are looked at again.
                Err(_) => busy.clear(),
            }
        }
        for id in site.uppers().ids() {
            if busy.contains(&id) {
                continue;
            }
            let target = format!("{UPPER}{id}");
            match site.store().due_reports(&target, site.now().utc, 1).await {
                Ok(due) => {
                    if let Some(row) = due.into_iter().next() {
                        busy.insert(id);
                        telling.spawn(tell(site.clone(), id, row));
                    }
                }
                Err(error) => tracing::warn!(%error, "reports to upper platforms wait; trying again"),
            }
        }
        tokio::time::sleep(LOOK).await;
    }
}

async fn tell(site: Site, id: UpperId, row: OutboxRow) -> UpperId {
    if let Err(error) = told(&site, id, &row).await {
        tracing::warn!(%error, upper = %id, "a report to an upper platform could not be noted; it is sent again");
    }
    id
}

async fn told(site: &Site, id: UpperId, row: &OutboxRow) -> Result<(), StoreError> {
    let Ok(report) = serde_json::from_str::<Report>(&row.body) else {
        return Ok(site.store().report_tried(row, "the report does not read", site.now().utc).await?);
    };
    match site.uppers().report(id, alarm_of(&report)).await {
        Ok(how) => {
            let word = if how == Receipt::Confirmed { CONFIRMED } else { TAKEN };
            // A crash before this line sends it again; the platform knows it by number and instant.
            site.store().report_receipted(row.id, word, site.now().utc).await?;
            metrics::counter!("jifang_upper_reports_total").increment(1);
            site.alarms().refresh(site.store(), site.now()).await
        }
        Err(error) => Ok(site.store().report_tried(row, &error.to_string(), site.now().utc).await?),
    }
}

/// A report as an upper platform hears it. The description begins with the number, so that what is told twice is known.
fn alarm_of(report: &Report) -> UpperAlarm {
    let (device, video, other) = METHODS;
    let (method, kind) = match report.what {
        What::Alarm(Class::Tamper) => (device, Some(TAMPER)),
        What::Alarm(Class::Video) => (video, None),
        What::Alarm(Class::HoldUp | Class::Duress) => (other, None),
        _ => (device, None),
    };
    let places = report.zones.iter().map(|z| if z.place.is_empty() { &z.name } else { &z.place });
    let places: Vec<&str> = places.map(String::as_str).filter(|p| !p.is_empty()).take(3).collect();
    let found = if report.raised_by_hand { "人工触发未经核实" } else { "已核实" };
    let text =
        format!("{} {} {} {found} {}", report.number, report.site_name, report.what.name().zh, places.join("、"));
    UpperAlarm {
        camera: report.cameras.first().copied(),
        priority: report.priority.number(),
        method,
        kind,
        at: report.received,
        text: text.trim().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::{IncidentId, ReportId, SiteId, UtcMs};
    use domain::alarm::{Priority, REPORT_VERSION, ReportZone, SourceName};

    fn report(class: Class) -> Report {
        let zone = ReportZone { zone: 3, name: "后门".into(), place: "一层".into(), first: UtcMs(5) };
        Report {
            version: REPORT_VERSION,
            report: ReportId::new(1, [1; 10]),
            incident: IncidentId::new(1, [2; 10]),
            number: "2026-0000001".into(),
            site: SiteId::new(1, [3; 10]),
            site_name: "示范酒店".into(),
            what: What::Alarm(class),
            priority: Priority::P1,
            source: SourceName::dc09("1234"),
            area: 0,
            zones: vec![zone],
            received: UtcMs(5),
            raised_by_hand: class == Class::HoldUp,
            decision: None,
            evidence: vec![],
            cameras: vec![],
            clip_from: UtcMs(0),
            clip_to: UtcMs(9),
            clauses: vec![],
            made: UtcMs(6),
        }
    }

    #[test]
    fn a_platform_hears_the_number_the_instant_and_what_it_is() {
        let told = alarm_of(&report(Class::HoldUp));
        assert_eq!((told.priority, told.method, told.kind, told.at), (1, 7, None, UtcMs(5)));
        assert_eq!(told.text, "2026-0000001 示范酒店 紧急求助 人工触发未经核实 一层");
        let told = alarm_of(&report(Class::Tamper));
        assert_eq!((told.method, told.kind), (2, Some(TAMPER)));
        assert!(told.text.contains("已核实"));
        assert_eq!(alarm_of(&report(Class::Video)).method, 5);
    }
}
