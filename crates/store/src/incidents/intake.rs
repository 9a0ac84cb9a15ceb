//! The journal's consumer: a batch of signals becomes rows, incidents, holds, entries and reports in one transaction.
//!
//! Crash table. Before the commit: nothing; the batch is read from the journal again. After it: all, and the cursor stands behind
//! the batch, so that no signal is counted twice. The journal is released later, by positions that are behind the cursor.

use super::{
    BODY, GB_CAMERA, RECEIVED_KIND, ReceivedBody, ZONE_FACTS, change_entry, clip_reason, gb_id, gb_pattern, gb_zone,
    json, outbox, put_changed, row_of, signal_line, zone_of,
};
use crate::db::{Bulk, DbError, Value};
use crate::journal::Position;
use crate::keys::{Sealer, random};
use crate::ledger_log::{ActLine, LogEntry, Outcome, Tx};
use crate::{Store, StoreError, args};
use base::{CameraId, ClauseId, HoldId, IncidentId, Refusal, ReportId, Sha256, SiteId, Text, UtcMs};
use domain::alarm::{
    Around, Change, Evidence, Fate, Incident, IntakeRules, REPORT_VERSION, Report, ReportZone, ReportedDecision,
    Signal, SourceName, What, ZoneFacts, judge, seen_by_rule,
};
use std::collections::BTreeMap;

/// Name of this consumer's cursor.
pub const CONSUMER: &str = "incidents";
/// Most open incidents of one source that a signal is compared with, the newest.
const OPEN_OF_SOURCE: u32 = 200;

static SIGNALS: Bulk =
    Bulk::new("INSERT INTO alarm_signal (n, position, at_ms, source, zone, fate, incident, signal) VALUES", 8);

/// What intake needs beside the signals.
#[derive(Clone, Copy, Debug)]
pub struct Intake<'a> {
    /// Numbers.
    pub rules: IntakeRules,
    /// What the law says to reporting what was raised by hand.
    pub by_hand: &'a Result<Vec<ClauseId>, Refusal>,
    /// What the law says to a hold on the footage of an alarm.
    pub hold: &'a Result<Vec<ClauseId>, Refusal>,
    /// Name of the site, for reports.
    pub site_name: &'a str,
    /// Whom reports go to.
    pub targets: &'a [&'a str],
    /// Now.
    pub now: UtcMs,
}

/// What a batch brought.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TakenIn {
    /// Signals that were new.
    pub signals: usize,
    /// Incidents it opened.
    pub opened: Vec<IncidentId>,
    /// Incidents it added to.
    pub joined: usize,
    /// Reports it handed to the outbox.
    pub reports: usize,
}

/// One source while a batch is taken in.
struct Desk {
    open: Vec<Incident>,
    /// Revision of those that are rows already; `None` = opened by this batch.
    revs: BTreeMap<IncidentId, Option<i64>>,
    zones: Vec<ZoneFacts>,
    /// Windows in which it, or a zone of it, is on test: zone, from, to.
    tests: Vec<(Option<u32>, UtcMs, UtcMs)>,
    /// When it opened incidents lately.
    opened: Vec<UtcMs>,
    touched: Vec<IncidentId>,
}

impl Desk {
    fn is_on_test(&self, s: &Signal) -> bool {
        self.tests.iter().any(|(zone, from, to)| zone.is_none_or(|z| z == s.zone) && (*from..*to).contains(&s.received))
    }

    fn around(&self, s: &Signal, rules: &IntakeRules) -> Around<'_> {
        let lately = self.opened.iter().filter(|at| s.received.since(**at) < rules.runaway_ms).count();
        let opened_lately = u32::try_from(lately).unwrap_or(u32::MAX);
        Around { open: &self.open, on_test: self.is_on_test(s), opened_lately }
    }

    fn add(&mut self, id: IncidentId, s: &Signal) {
        if let Some(incident) = self.open.iter_mut().find(|i| i.id == id) {
            incident.add(s);
            if !self.touched.contains(&id) {
                self.touched.push(id);
            }
        }
    }
}

impl Store {
    /// Takes in what the journal holds from its cursor on: `batch` as `Journal::read_from` gave it, `next` its `next`. Signals before
    /// the cursor were counted and are passed over.
    ///
    /// # Errors
    /// The database or the log; then nothing of the batch is stored, and it is read again.
    pub async fn take_in(
        &self,
        batch: &[(Position, Signal)],
        next: Position,
        intake: &Intake<'_>,
    ) -> Result<TakenIn, StoreError> {
        let mut tx = self.begin().await?;
        // First of all: what is read from here on is not changed by others until the end.
        tx.lock().await?;
        let done = tx.rows("SELECT next FROM journal_cursor WHERE consumer = $1", args![CONSUMER]).await?;
        let done = u64::try_from(done.first().map_or(Ok(0), |r| r.int(0))?).unwrap_or(0);
        let new: Vec<&(Position, Signal)> = batch.iter().filter(|(at, _)| at.0 >= done).collect();
        if next.0 <= done {
            return Ok(TakenIn::default());
        }
        let mut desks: BTreeMap<SourceName, Desk> = BTreeMap::new();
        let mut numbers = Numbers::default();
        let mut rows = Vec::with_capacity(new.len());
        let newest = tx.rows("SELECT COALESCE(MAX(n), 0) FROM alarm_signal", vec![]).await?;
        let newest = newest.first().map_or(Ok(0), |r| r.int(0))?;
        for (n, (at, signal)) in (newest + 1..).zip(&new) {
            if !desks.contains_key(&signal.source) {
                let desk = self.desk(&mut tx, signal, intake).await?;
                desks.insert(signal.source.clone(), desk);
            }
            let Some(desk) = desks.get_mut(&signal.source) else { continue };
            let (fate, incident) = place(&mut tx, desk, signal, intake, &mut numbers).await?;
            rows.push(signal_row(n, *at, signal, fate, incident));
        }
        let mut out = TakenIn { signals: new.len(), ..TakenIn::default() };
        let mut entries: Vec<_> = batch_entry(newest + 1, &new, intake.now).into_iter().collect();
        for desk in desks.values_mut() {
            self.settle(&mut tx, desk, intake, &mut out, &mut entries).await?;
        }
        tx.insert_all(&SIGNALS, rows).await?;
        tx.log_all(entries).await?;
        tx.move_journal_cursor(CONSUMER, next).await?;
        tx.commit().await?;
        Ok(out)
    }

    /// The journal's folder was lost and its positions begin again: what is in it now is all new.
    ///
    /// # Errors
    /// The database.
    pub async fn intake_begins_again(&self, now: UtcMs) -> Result<(), StoreError> {
        let text = Text::new(
            "报警信号日志文件丢失，从头开始记录；数据库中的报警不受影响。",
            "The folder of the signal journal was lost and begins again; alarms in the database are not affected.",
        );
        let act = ActLine::done(None, text);
        let mut tx = self.begin().await?;
        tx.log(LogEntry { kind: "alarm.journal_lost", at: now, body: serde_json::json!({}), act: Some(act) }).await?;
        tx.move_journal_cursor(CONSUMER, Position(0)).await?;
        tx.commit().await?;
        Ok(())
    }

    /// What is known of the source of a signal.
    async fn desk(&self, tx: &mut Tx, signal: &Signal, intake: &Intake<'_>) -> Result<Desk, StoreError> {
        let source = signal.source.as_str();
        let sql = "SELECT body_sealed, rev FROM incident WHERE source = $1 AND closed_ms IS NULL ORDER BY newest_ms DESC LIMIT $2";
        let rows = tx.rows(sql, args![source, OPEN_OF_SOURCE]).await?;
        let rows = rows.iter().map(|r| row_of(&self.sealer, r)).collect::<Result<Vec<_>, _>>()?;
        let sql =
            "SELECT opened_ms FROM incident WHERE source = $1 AND opened_ms > $2 ORDER BY opened_ms DESC LIMIT $3";
        let since = signal.received.plus_ms(-intake.rules.runaway_ms);
        let opened = tx.rows(sql, args![source, since, intake.rules.runaway_incidents]).await?;
        let sql = "SELECT zone, from_ms, to_ms FROM test_window WHERE source = $1 AND to_ms > $2 LIMIT 100";
        let tests = tx.rows(sql, args![source, signal.received]).await?;
        let zones = tx.rows(ZONE_FACTS, args![source]).await?;
        let mut zones = zones.iter().map(zone_of).collect::<Result<Vec<_>, _>>()?;
        if let Some(id) = gb_id(&signal.source) {
            let camera = tx.rows(GB_CAMERA, args![gb_pattern(id)]).await?;
            zones.extend(camera.first().map(gb_zone).transpose()?);
        }
        Ok(Desk {
            revs: rows.iter().map(|r| (r.incident.id, Some(r.rev))).collect(),
            open: rows.into_iter().map(|r| r.incident).collect(),
            zones,
            tests: tests
                .iter()
                .map(|r| {
                    let zone = r.int_opt(0)?.and_then(|z| u32::try_from(z).ok());
                    Ok((zone, UtcMs(r.int(1)?), UtcMs(r.int(2)?)))
                })
                .collect::<Result<_, DbError>>()?,
            opened: opened.iter().map(|r| r.int(0).map(UtcMs)).collect::<Result<_, _>>()?,
            touched: Vec::new(),
        })
    }

    /// Writes what a batch made of one source: evidence by rule, reports, holds, incidents.
    async fn settle(
        &self,
        tx: &mut Tx,
        desk: &mut Desk,
        intake: &Intake<'_>,
        out: &mut TakenIn,
        entries: &mut Vec<LogEntry>,
    ) -> Result<(), StoreError> {
        for id in std::mem::take(&mut desk.touched) {
            let Some(mut incident) = desk.open.iter().find(|i| i.id == id).cloned() else { continue };
            let rev = desk.revs.get(&id).copied().flatten();
            let cameras = cameras_of(&incident, &desk.zones);
            let shown = incident.what.concerns_police() && !cameras.is_empty();
            if rev.is_none() {
                let held: &[ClauseId] = intake.hold.as_ref().ok().filter(|_| shown).map_or(&[], Vec::as_slice);
                entries.push(opened_entry(&incident, held, intake.now));
            }
            for kind in seen_by_rule(&incident, &desk.zones) {
                let found = Change::Found(Evidence { kind, at: intake.now, by: None, note: String::new() });
                incident.apply(&found, intake.now);
                entries.push(change_entry(&incident, &found, &[], intake.now));
            }
            if incident.what.raised_by_hand() && incident.reported.is_none() {
                match intake.by_hand {
                    Ok(clauses) => {
                        let reported = Change::Reported { clauses: clauses.clone() };
                        incident.apply(&reported, intake.now);
                        let report =
                            report_of(&incident, &desk.zones, clauses, (self.site(), intake.site_name), intake.now)?;
                        for target in intake.targets {
                            let report = Report { report: new_report(intake.now)?, ..report.clone() };
                            outbox::add(tx, &self.sealer, target, &report).await?;
                            out.reports += 1;
                        }
                        entries.push(change_entry(&incident, &reported, &[], intake.now));
                    }
                    Err(refusal) if rev.is_none() => {
                        entries.push(refused_entry(&incident, ("未上报", "not reported"), refusal, intake.now));
                    }
                    Err(_) => {}
                }
            }
            match intake.hold {
                Ok(_) if shown => hold(tx, &incident, &cameras, intake.now).await?,
                Err(refusal) if shown && rev.is_none() => {
                    let what = ("的录像未封存", "leaves its footage without a hold");
                    entries.push(refused_entry(&incident, what, refusal, intake.now));
                }
                _ => {}
            }
            match rev {
                None => {
                    add_incident(tx, &self.sealer, &incident).await?;
                    out.opened.push(id);
                }
                Some(rev) => {
                    // Nobody can have changed it since it was read: the log is locked.
                    put_changed(tx, &self.sealer, &incident, rev).await?;
                    out.joined += 1;
                }
            }
        }
        Ok(())
    }
}

/// Judges one signal and puts it where it belongs.
async fn place(
    tx: &mut Tx,
    desk: &mut Desk,
    signal: &Signal,
    intake: &Intake<'_>,
    numbers: &mut Numbers,
) -> Result<(Fate, Option<IncidentId>), StoreError> {
    let fate = judge(signal, &desk.around(signal, &intake.rules), &intake.rules);
    let incident = match fate {
        Fate::Opens(what) => {
            let id = IncidentId::new(intake.now.0, random()?);
            let number = numbers.next(tx, signal.received).await?;
            desk.open.push(Incident::open(id, number, what, signal));
            desk.revs.insert(id, None);
            desk.touched.push(id);
            desk.opened.push(signal.received);
            Some(id)
        }
        Fate::Joins(id) | Fate::HeldBack(id) => {
            desk.add(id, signal);
            Some(id)
        }
        Fate::Logged | Fate::OnTest => None,
    };
    Ok((fate, incident))
}

/// Numbers of incidents, by year; the lock on the log makes them differ.
#[derive(Default)]
struct Numbers(BTreeMap<String, u64>);

impl Numbers {
    async fn next(&mut self, tx: &mut Tx, at: UtcMs) -> Result<String, DbError> {
        let year = at.desk().chars().take(4).collect::<String>();
        if !self.0.contains_key(&year) {
            let sql = "SELECT MAX(number) FROM incident WHERE number LIKE $1";
            let rows = tx.rows(sql, args![format!("{year}-%")]).await?;
            let newest = rows.first().map_or(Ok(None), |r| r.text_opt(0))?;
            let newest = newest.and_then(|n| n.rsplit_once('-').and_then(|(_, n)| n.parse().ok())).unwrap_or(0);
            self.0.insert(year.clone(), newest);
        }
        let newest = self.0.entry(year.clone()).or_default();
        *newest += 1;
        Ok(format!("{year}-{newest:07}"))
    }
}

fn signal_row(n: i64, at: Position, s: &Signal, fate: Fate, incident: Option<IncidentId>) -> Vec<Value> {
    args![n, at.0, s.received, s.source.as_str(), s.zone, fate.code(), incident.map(|id| id.to_string()), json(s)]
}

async fn add_incident(tx: &mut Tx, sealer: &Sealer, i: &Incident) -> Result<(), StoreError> {
    let sealed = sealer.seal(BODY, json(i).as_bytes())?;
    tx.exec(
        "INSERT INTO incident (id, number, source, area, what, priority, stage, verdict, opened_ms, newest_ms, closed_ms, body, rev, \
         body_sealed) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, '', 1, $12)",
        args![
            i.id.to_string(),
            i.number.clone(),
            i.source.as_str(),
            i.area,
            i.what.code(),
            i.priority().number(),
            i.stage().code(),
            i.verdict().map(|v| v.code().to_owned()),
            i.opened,
            i.newest,
            i.closed,
            sealed
        ],
    )
    .await?;
    Ok(())
}

/// Keeps the footage around the first signal, of every camera that sees a zone of it. A camera of a zone that spoke later is added
/// when it speaks.
async fn hold(tx: &mut Tx, i: &Incident, cameras: &[CameraId], now: UtcMs) -> Result<(), StoreError> {
    let (from, to) = i.clip();
    for camera in cameras {
        let sql = "SELECT 1 FROM hold WHERE camera = $1 AND reason = $2 AND request IS NULL LIMIT 1";
        if tx.rows(sql, args![*camera, clip_reason(i)]).await?.is_empty() {
            tx.exec(
                "INSERT INTO hold (id, camera, from_ms, to_ms, request, reason, placed_ms, released_ms) \
                 VALUES ($1, $2, $3, $4, NULL, $5, $6, NULL)",
                args![HoldId::new(now.0, random()?), *camera, from, to, clip_reason(i), now],
            )
            .await?;
        }
    }
    Ok(())
}

/// One entry a batch: which signals, and the digest of what they said, so that a signal changed later is found (`jifang check`).
fn batch_entry(first_n: i64, new: &[&(Position, Signal)], now: UtcMs) -> Option<LogEntry> {
    new.first()?;
    let said: String = new.iter().map(|(at, s)| signal_line(at.0, &json(s))).collect();
    let body = serde_json::to_value(ReceivedBody {
        first: first_n,
        signals: i64::try_from(new.len()).unwrap_or(i64::MAX),
        sha256: Sha256::of(said.as_bytes()),
    });
    Some(LogEntry { kind: RECEIVED_KIND, at: now, body: body.unwrap_or_default(), act: None })
}

/// The entry of a new incident; `held` are the clauses under which its footage is held, none where there is none to hold.
fn opened_entry(i: &Incident, held: &[ClauseId], now: UtcMs) -> LogEntry {
    let (what, place) = (i.what.name(), i.source.as_str());
    let zone = i.zones.first().map_or(0, |z| z.zone);
    let mut body = serde_json::json!({
        "incident": i.id, "number": i.number, "what": i.what, "priority": i.priority(), "source": i.source, "area": i.area,
        "zone": zone, "received_utc_ms": i.opened, "said_utc_ms": i.said,
    });
    if !held.is_empty() {
        body["clauses"] = serde_json::json!(held);
    }
    let text = Text::of(
        format!("报警 {}：{}，{place} 防区 {zone}。", i.number, what.zh),
        format!("Alarm {}: {}, {place} zone {zone}.", i.number, what.en),
    );
    let clauses = held.to_vec();
    let act = ActLine { outcome: Outcome::Done, account: None, camera: None, request: None, clauses, text };
    LogEntry { kind: "alarm.opened", at: now, body, act: Some(act) }
}

fn refused_entry(i: &Incident, (zh, en): (&str, &str), refusal: &Refusal, now: UtcMs) -> LogEntry {
    let clauses: Vec<_> = refusal.why.iter().map(|c| c.clause.clone()).collect();
    let body = serde_json::json!({ "incident": i.id, "number": i.number, "code": refusal.code, "clauses": clauses });
    let text = Text::of(
        format!("报警 {} {zh}：{}", i.number, refusal.what.zh),
        format!("Alarm {} {en}: {}", i.number, refusal.what.en),
    );
    let act = ActLine { outcome: Outcome::Refused, account: None, camera: None, request: None, clauses, text };
    LogEntry { kind: "act.refused", at: now, body, act: Some(act) }
}

fn new_report(now: UtcMs) -> Result<ReportId, StoreError> {
    Ok(ReportId::new(now.0, random()?))
}

/// Cameras that see the zones of an incident, each once; what is known of zone 0 is known of the whole source.
#[must_use]
pub fn cameras_of(i: &Incident, zones: &[ZoneFacts]) -> Vec<CameraId> {
    let mut out: Vec<CameraId> = Vec::new();
    let spoke = |z: &&ZoneFacts| z.zone == 0 || i.zones.iter().any(|s| s.zone == z.zone);
    for camera in zones.iter().filter(spoke).flat_map(|z| &z.cameras) {
        if !out.contains(camera) {
            out.push(*camera);
        }
    }
    out
}

/// What is told of an incident as it stands.
///
/// # Errors
/// No random bytes for its id.
pub fn report_of(
    i: &Incident,
    zones: &[ZoneFacts],
    clauses: &[ClauseId],
    (site, site_name): (SiteId, &str),
    now: UtcMs,
) -> Result<Report, StoreError> {
    let facts = |zone: u32| zones.iter().find(|z| z.zone == zone);
    let (clip_from, clip_to) = i.clip();
    Ok(Report {
        version: REPORT_VERSION,
        report: new_report(now)?,
        incident: i.id,
        number: i.number.clone(),
        site,
        site_name: site_name.to_owned(),
        what: i.what,
        priority: i.priority(),
        source: i.source.clone(),
        area: i.area,
        zones: i
            .zones
            .iter()
            .map(|z| {
                let known = facts(z.zone);
                ReportZone {
                    zone: z.zone,
                    name: known.map(|k| k.name.clone()).unwrap_or_default(),
                    place: known.map(|k| k.place.clone()).unwrap_or_default(),
                    first: z.first,
                }
            })
            .collect(),
        received: i.opened,
        raised_by_hand: matches!(i.what, What::Alarm(_)) && i.what.raised_by_hand(),
        decision: i.decision.as_ref().map(|d| ReportedDecision {
            verdict: d.verdict,
            reason: d.reason.clone(),
            by: d.by,
            at: d.at,
        }),
        evidence: i.evidence.clone(),
        cameras: cameras_of(i, zones),
        clip_from,
        clip_to,
        clauses: clauses.to_vec(),
        made: now,
    })
}
