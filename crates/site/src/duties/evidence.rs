//! What the program finds by itself: rows of footage, states of devices, accounts, shifts, incidents, connections, checks.

use crate::{Camera, Site};
use base::{CivilDate, Text, UtcMs, time::DAY_MS};
use domain::access::Permission;
use domain::alarm::Verdict;
use domain::duty::{
    AlarmEvidence, CameraEvidence, Evidence, Fault, FirstUse, IntegrityEvidence, LOOK_BACK_DAYS, NetworkEvidence,
    Operator, PaperKind, RegisterEvidence, WATCH_DAYS, WatchEvidence,
};
use law::{AfterTerm, PlaceKind};
use std::collections::HashMap;
use store::StoreError;
use store::cameras::CameraRow;
use store::check::scrub::Scope;
use store::footage::read::Stock;
use store::incidents::IncidentFilter;

/// A camera that has not recorded for this long is a fault, ms: shorter is a device that starts again.
const FAULT_MS: i64 = 10 * 60_000;
/// Most incidents looked at.
const INCIDENTS: u32 = 2_000;
/// Most containers of a camera looked at for a deletion that did not happen.
const CONTAINERS: u32 = 200;
/// Rounds of checks looked at for the last over all footage.
const ROUNDS: u32 = 50;
/// Faults of footage looked at for the oldest.
const FAULTS: u32 = 200;

fn place_of(row: &CameraRow) -> PlaceKind {
    PlaceKind::parse(&row.place_kind).unwrap_or(PlaceKind::ALL[0])
}

impl Site {
    /// Everything that is known at `now`.
    pub(super) async fn duty_evidence(&self, now: UtcMs) -> Result<Evidence, StoreError> {
        let store = self.store();
        let since = now.plus_ms(-i64::from(LOOK_BACK_DAYS) * DAY_MS);
        let (ever, stock) = (store.cameras_ever().await?, store.stock().await?);
        let mut e = Evidence {
            panels: u32::try_from(store.alarm_sources().await?.len()).unwrap_or(u32::MAX),
            papers: store.duty_papers().await?,
            periods: store.duty_periods().await?,
            ..Evidence::default()
        };
        let mut first: Option<UtcMs> = None;
        for row in &ever {
            first = [first, store.footage_first(row.id).await?].into_iter().flatten().min();
            if row.removed.is_none() {
                e.cameras.push(self.camera_evidence(row, &stock, now).await?);
                e.repaired = e.repaired.saturating_add(mended(&store.gaps(row.id, since, now).await?, since));
            }
        }
        e.first_use = match e.paper(PaperKind::PutIntoUse) {
            Some(paper) => Some(FirstUse { day: paper.day, from_paper: true }),
            None => first.map(|at| FirstUse { day: at.shanghai_date(), from_paper: false }),
        };
        let public = ever.iter().filter(|row| place_of(row).covers_public_place());
        e.changed = public.flat_map(|r| [Some(r.created), r.removed]).flatten().max().map(UtcMs::shanghai_date);
        e.faults = self.faults(now).await?;
        let accounts = store.accounts().await?;
        let stands = accounts.iter().filter(|a| a.disabled.is_none() && a.role.may(Permission::StandWatch));
        e.operators = stands.map(|a| Operator { id: a.id, since: a.created.shanghai_date() }).collect();
        e.watch = self.watch_evidence(now, e.first_use.map(|used| used.day)).await?;
        e.alarms = self.alarm_evidence(now, since).await?;
        e.network = self.network_evidence().await?;
        let (uses, last) = store.register_count(since).await?;
        e.register =
            RegisterEvidence { uses: u32::try_from(uses).unwrap_or(u32::MAX), last: last.map(UtcMs::shanghai_date) };
        e.integrity = self.integrity_evidence().await?;
        Ok(e)
    }

    async fn camera_evidence(
        &self,
        row: &CameraRow,
        stock: &HashMap<base::CameraId, Stock>,
        now: UtcMs,
    ) -> Result<CameraEvidence, StoreError> {
        let (store, today) = (self.store(), now.shanghai_date());
        let retention = self.retention_of(row);
        let term = retention.min_days;
        // The oldest day that has to be there today: the day of capture is not counted.
        let needed = today.plus_days(-i32::try_from(term).unwrap_or(i32::MAX)).start();
        let (removed, lost) = if term > 0 { store.footage_gone(row.id, needed).await? } else { (false, None) };
        let must_delete = matches!(retention.then, AfterTerm::MustDelete(_));
        let mut stays: Option<CivilDate> = None;
        if must_delete {
            for c in store.deletion_candidates(row.id, needed, CONTAINERS).await? {
                let free = self.earliest_deletion(&retention, c.to);
                // The loop deletes every ten minutes; a day later it stands still.
                if now.since(free) > DAY_MS && store.holds_of(row.id, c.from, c.to).await?.is_empty() {
                    stays = Some(stays.map_or(free.shanghai_date(), |known| known.min(free.shanghai_date())));
                }
            }
        }
        Ok(CameraEvidence {
            name: row.name.clone(),
            place: place_of(row),
            added: row.created.shanghai_date(),
            sign: row.sign.map(UtcMs::shanghai_date),
            term_days: term,
            must_delete,
            oldest: stock.get(&row.id).and_then(|s| s.oldest).map(UtcMs::shanghai_date),
            lost: lost.map(UtcMs::shanghai_date),
            removed_in_term: removed,
            stays_since: stays,
        })
    }

    /// Cameras that do not record, panels that are not heard, disks that are away or refuse.
    async fn faults(&self, now: UtcMs) -> Result<Vec<Fault>, StoreError> {
        let mut faults = Vec::new();
        for camera in self.cameras() {
            faults.extend(self.camera_fault(&camera, now).await?);
        }
        for panel in self.store().alarm_sources().await? {
            let Some(lost) = panel.lost.filter(|at| now.since(*at) > FAULT_MS) else { continue };
            let what =
                Text::of(format!("报警主机{}失联", panel.name), format!("Alarm panel {} is not heard", panel.name));
            faults.push(Fault { what, since: lost.shanghai_date() });
        }
        for notice in self.store().notices().await? {
            if notice.code.starts_with("disk_") || notice.code == "journal_fault" {
                let trimmed = |t: &str| t.trim_end_matches(['。', '.']).to_owned();
                let what = Text::of(trimmed(&notice.text.zh), trimmed(&notice.text.en));
                faults.push(Fault { what, since: notice.at.shanghai_date() });
            }
        }
        Ok(faults)
    }

    async fn camera_fault(&self, camera: &Camera, now: UtcMs) -> Result<Option<Fault>, StoreError> {
        let (row, state) = (camera.row(), camera.state());
        if state.is_recording() {
            return Ok(None);
        }
        let since = self.store().open_gap(row.id).await?.unwrap_or(row.created);
        if now.since(since) <= FAULT_MS {
            return Ok(None);
        }
        let why = state.diagnosis.as_ref().map_or_else(|| state.phase.text(), |d| d.what.clone());
        let trimmed = |t: &str| t.trim_end_matches(['。', '.']).to_owned();
        let what = Text::of(
            format!("{}没有录像：{}", row.name, trimmed(&why.zh)),
            format!("{} does not record: {}", row.name, trimmed(&why.en)),
        );
        Ok(Some(Fault { what, since: since.shanghai_date() }))
    }

    /// The watch of the days before today on which the system was in use.
    async fn watch_evidence(&self, now: UtcMs, used: Option<CivilDate>) -> Result<WatchEvidence, StoreError> {
        let today = now.shanghai_date();
        let first = today.plus_days(-WATCH_DAYS);
        let shifts = self.store().shifts(first.start(), now).await?;
        let kept = |day: &CivilDate| {
            let (from, to) = (day.start(), day.start().plus_ms(DAY_MS));
            shifts.iter().any(|s| s.since < to && s.until.is_none_or(|until| until > from))
        };
        let in_use = |day: &CivilDate| used.is_some_and(|used| used <= *day);
        let days: Vec<_> = (0..WATCH_DAYS).map(|n| first.plus_days(n)).filter(in_use).collect();
        Ok(WatchEvidence {
            on_duty: self.store().open_shift().await?.is_some(),
            looked: u32::try_from(days.len()).unwrap_or(u32::MAX),
            missed: days.into_iter().filter(|day| !kept(day)).collect(),
        })
    }

    async fn alarm_evidence(&self, now: UtcMs, since: UtcMs) -> Result<AlarmEvidence, StoreError> {
        let recent = IncidentFilter { from: Some(since), to: Some(now.plus_ms(1)), ..IncidentFilter::default() };
        let mut all = self.store().incidents(&recent, INCIDENTS).await?;
        // One that has waited for longer is not forgotten.
        let (open, _) = self.store().open_incidents().await?;
        all.extend(open.into_iter().filter(|row| row.incident.opened < since));
        let (mut a, mut times) = (AlarmEvidence::default(), Vec::new());
        let earlier =
            |known: Option<CivilDate>, at: UtcMs| Some(known.map_or(at.shanghai_date(), |k| k.min(at.shanghai_date())));
        for incident in all.iter().map(|row| &row.incident) {
            match &incident.decision {
                None if incident.closed.is_none() => {
                    a.waiting += 1;
                    a.waiting_since = earlier(a.waiting_since, incident.opened);
                }
                None => {}
                Some(decision) => {
                    a.verified += 1;
                    times.push(decision.at.since(incident.opened));
                    if decision.verdict == Verdict::Real {
                        a.real += 1;
                        if incident.reported.is_none() {
                            a.unreported += 1;
                            a.unreported_since = earlier(a.unreported_since, decision.at);
                        }
                    }
                }
            }
        }
        times.sort_unstable();
        a.median_ms = times.get(times.len() / 2).copied();
        Ok(a)
    }

    async fn network_evidence(&self) -> Result<NetworkEvidence, StoreError> {
        let mut n = NetworkEvidence::default();
        let (set_up, up, answered) = self.link_evidence().await?;
        n.set_up += u32::from(set_up);
        n.up += u32::from(up);
        n.last = answered.map(UtcMs::shanghai_date);
        for row in self.store().uppers().await?.iter().filter(|row| row.removed.is_none() && row.config.enabled) {
            n.set_up += 1;
            let Some(status) = self.links().status(row.id) else { continue };
            let since = match status.registration {
                crate::upper::Registration::Since(at) => Some(at),
                _ => None,
            };
            n.up += u32::from(since.is_some());
            let last = [since, status.keepalive].into_iter().flatten().max().map(UtcMs::shanghai_date);
            n.last = n.last.max(last);
        }
        Ok(n)
    }

    async fn integrity_evidence(&self) -> Result<IntegrityEvidence, StoreError> {
        let store = self.store();
        let faults = store.scrub_faults(FAULTS).await?;
        let open = faults.iter().filter(|f| f.gone.is_none());
        let rounds = store.rounds(ROUNDS).await?;
        let whole = rounds.iter().filter(|r| r.scope == Scope::All).filter_map(|r| r.ended).max();
        Ok(IntegrityEvidence {
            open: u32::try_from(store.open_faults(None).await?).unwrap_or(u32::MAX),
            since: open.map(|f| f.found).min().map(UtcMs::shanghai_date),
            checked: whole.map(UtcMs::shanghai_date),
            witnessed: store.witnessed().await?.map(|w| w.at.shanghai_date()),
        })
    }
}

/// Gaps that ended since then.
fn mended(gaps: &[store::footage::read::GapRow], since: UtcMs) -> u32 {
    u32::try_from(gaps.iter().filter(|g| g.to.is_some_and(|to| to >= since)).count()).unwrap_or(u32::MAX)
}
