//! What who supervises looks at: decisions that were annulled and where that is not entered, cases that are late or nearly or were decided
//! late, promises that went by, cases in which nothing is done, repeated visits, draws, refusals by law, the load of officers.
//!
//! Always true: nothing is changed here; who has an office supervises it and those under it, who has none all; a natural person is masked, a
//! unit named; refusals are counted by the sentence and clauses of the log; that a list is handed out as a file is an entry before its first
//! byte, with no value of it.

use super::follow::{procedure_of, word_of};
use super::grounds::GroundCount;
use super::no_case;
use super::read::LISTED;
use super::waiting::WaitingCase;
use crate::visits::{Door, Ended};
use crate::{Authority, By};
use base::time::DAY_MS;
use base::{AccountId, CaseId, CivilDate, Pii, Refusal, Text, UtcMs};
use domain::access::Permission;
use domain::casework::{Case, CaseClock, ClockState, Docket, clocks, is_ours};
use law::{Outcome, Packs, Party, Procedure, Sense};
use std::collections::BTreeSet;
use store::StoreError;
use store::casework::Territory;
use store::casework::cases::CaseRow;
use store::casework::counts::PlanRow;
use store::casework::delegations::DelegationRow;
use store::casework::supervision::{LoadCount, RefusalCount, VisitMade};
use store::casework::worklist::{Cursor, WorkFilter};
use store::ledger_log::ActLine;

/// How far cases that are nearly late are looked for: our own choice, no term of law.
const NEAR: i32 = 8;
/// How far back visits and refusals are counted: a year, our own choice.
const LOOK_BACK: i32 = 365;
/// How far back decisions that came late are listed: our own choice.
pub const LATE_BACK_DAYS: i32 = 90;

/// How many of the newest visits are looked through for codes that were typed far away: our own choice.
pub const ENDED_LOOKED_AT: u32 = 200;
/// The field of a form that has the name of the unit.
const UNIT_NAME: &str = "unit_name";
/// Most visits of one unit that are named.
const OF_UNIT: u32 = 12;

/// A unit that was visited more than once.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Visit {
    /// Its unified social credit code.
    pub unit: String,
    /// What the newest of its cases calls it.
    pub name: String,
    /// How often, second looks at an order left out.
    pub count: u32,
    /// Second looks at an order beside them.
    pub again: u32,
    /// The day of the last.
    pub last: CivilDate,
    /// The visits themselves, the newest first, at most twelve.
    pub visits: Vec<VisitMade>,
}

/// A visit at whose door the unit's code was typed far from every photo.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FarDoor {
    /// Its case.
    pub case: CaseId,
    /// Its number in the case.
    pub n: u32,
    /// What the case calls the unit.
    pub name: String,
    /// Its day.
    pub day: CivilDate,
    /// How the code came in.
    pub door: Door,
}

/// An act in a case that supervision lists: something that was refused, or that names were shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Deed {
    /// When.
    pub at: UtcMs,
    /// Who.
    pub account: Option<AccountId>,
    /// The case.
    pub case: CaseId,
    /// Its number.
    pub number: String,
    /// The sentence of the log.
    pub text: Text,
    /// Word of what was refused; empty for what was not.
    pub code: String,
    /// The clauses that decided.
    pub clauses: Vec<String>,
    /// Place of its entry.
    pub entry: u64,
}

/// A case that was decided after the last day of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LateDecision {
    /// The case.
    pub row: CaseRow,
    /// What was due.
    pub what: Text,
    /// Its last day.
    pub due: CivilDate,
    /// The day of the decision.
    pub decided: CivilDate,
    /// How many days after, of the calendar.
    pub days: u32,
}

/// Everything of the page of supervision.
#[derive(Clone, Debug)]
pub struct Supervision {
    /// Day by which days are counted.
    pub today: CivilDate,
    /// First day from which visits and refusals are counted.
    pub since: CivilDate,
    /// Cases whose decision was changed or annulled, and where nobody entered that yet.
    pub annulled: Vec<CaseRow>,
    /// Cases whose nearest day is over, the latest first.
    pub overdue: Vec<CaseRow>,
    /// Cases whose nearest day comes within days.
    pub near: Vec<CaseRow>,
    /// Cases whose promise went by, and cases without a clock in which nothing was done for long, the longest first.
    pub waiting: Vec<WaitingCase>,
    /// Cases that were decided late within the last [`LATE_BACK_DAYS`], the newest first.
    pub decided_late: Vec<LateDecision>,
    /// Units that were visited more than once, the most first.
    pub visits: Vec<Visit>,
    /// Of the newest visits those where the unit's code was typed far from every photo.
    pub far: Vec<FarDoor>,
    /// Draws, the newest first.
    pub draws: Vec<PlanRow>,
    /// What the law refused, the most first.
    pub refusals: Vec<RefusalCount>,
    /// Why applications were refused, the most first.
    pub grounds: Vec<GroundCount>,
    /// What was refused in cases, by law or otherwise, the newest first.
    pub tried: Vec<Deed>,
    /// Names and numbers of persons that were shown whole, the newest first.
    pub reveals: Vec<Deed>,
    /// What officers have open, the most first.
    pub load: Vec<LoadCount>,
    /// Powers to decide that heads gave to others, those that are over too, the newest first.
    pub delegations: Vec<DelegationRow>,
}

/// Cases of a territory whose nearest day is over, and those whose nearest day comes soon.
fn spans(today: CivilDate, of: Territory) -> (WorkFilter, WorkFilter) {
    let all = match of {
        Territory::All => WorkFilter::default(),
        Territory::Office(own) => WorkFilter { office: Some(own), ..WorkFilter::default() },
        Territory::Under(top) => WorkFilter { under: Some(top), ..WorkFilter::default() },
    };
    let late = WorkFilter { before: Some(today), ..all.clone() };
    let soon = WorkFilter { from: Some(today), before: Some(today.plus_days(NEAR)), ..all };
    (late, soon)
}

/// The words of the parties that are us.
fn ours() -> Vec<String> {
    Party::ALL.iter().copied().filter(|party| is_ours(*party)).map(word_of).collect()
}

/// The clock is ours and is over with the decision.
fn is_of_decision(procedure: &Procedure, id: &str) -> bool {
    let ends = |clock: &law::Clock, o: &Outcome| clock.ends.contains(&o.id);
    procedure.clock(id).is_some_and(|clock| {
        clock.sense == Sense::Within && is_ours(clock.binds) && procedure.outcomes.iter().any(|o| ends(clock, o))
    })
}

/// Procedure and id of each clock that is over with a decision of ours.
fn clocks_of_decisions(packs: &Packs) -> Vec<(String, String)> {
    let of = |p: &Procedure| -> Vec<(String, String)> {
        let own = p.clocks.iter().filter(|clock| is_of_decision(p, &clock.id));
        own.map(|clock| (p.id.clone(), clock.id.clone())).collect()
    };
    packs.procedures().iter().flat_map(of).collect()
}

/// By what the decision came late: what was due, its last day, and the day on which it was decided; of several the latest.
fn lateness(procedure: &Procedure, case: &Case, clocks: Vec<CaseClock>) -> Option<(Text, CivilDate, CivilDate)> {
    let late = clocks.into_iter().filter(|clock| is_of_decision(procedure, &clock.id)).filter_map(|clock| {
        let on = match clock.state {
            ClockState::MetLate { on } => on,
            ClockState::Lapsed => case.outcome()?.on,
            _ => return None,
        };
        let due = clock.day().filter(|due| *due < on)?;
        Some((clock.name, due, on))
    });
    late.max_by_key(|(_, due, on)| on.start().since(due.start()))
}

impl Authority {
    /// What who supervises looks at, at most `limit` lines of each and never more than [`LISTED`].
    ///
    /// # Errors
    /// No permission, or the store.
    pub async fn supervision(&self, by: By, limit: u32) -> Result<Supervision, Refusal> {
        by.needs(Permission::SuperviseCases)?;
        let of = self.reach(by).await?.territory().ok_or_else(no_case)?;
        let limit = limit.clamp(1, LISTED);
        let now = self.now();
        let today = now.shanghai_date();
        let since = today.plus_days(-LOOK_BACK);
        let span = (since.start(), now.plus_ms(1));
        let (late, soon) = spans(today, of);
        Ok(Supervision {
            today,
            since,
            annulled: self.not_annulled(of, today, limit).await?,
            overdue: self.store().worklist(&late, limit).await?,
            near: self.store().worklist(&soon, limit).await?,
            waiting: self.waiting_over(of, today, limit).await?,
            decided_late: self.decided_late(of, now, limit).await?,
            visits: self.visits(of, (since, today.plus_days(1)), limit).await?,
            far: self.far_doors(of, (since, today.plus_days(1)), limit).await?,
            draws: self.store().draw_plans(of, None, limit).await?,
            refusals: self.store().refusal_counts(of, span, limit).await?,
            grounds: self.grounds(of, span, limit).await?,
            tried: self.deeds(of, ["act.refused", "act.tried"], span, limit).await?,
            reveals: self.deeds(of, ["party.revealed"; 2], span, limit).await?,
            load: self.store().load_counts(of, today, &ours(), limit).await?,
            delegations: self.store().delegations_of(of, limit).await?,
        })
    }

    /// In which cases of a list that this account was shown a term of ours was not kept; asked at once.
    ///
    /// # Errors
    /// No permission, or the store.
    pub async fn were_late(&self, by: By, cases: &[CaseRow]) -> Result<BTreeSet<CaseId>, Refusal> {
        by.needs(Permission::SeeCases)?;
        let ours = ours();
        let ids: Vec<CaseId> = cases.iter().map(|case| case.id).collect();
        let late = self.store().late_parties(&ids).await?.into_iter();
        Ok(late.filter(|(_, words)| words.iter().any(|word| ours.contains(word))).map(|(case, _)| case).collect())
    }

    /// A page of the cases whose nearest day is over, or comes soon, and where the next begins: a file has all of them.
    ///
    /// # Errors
    /// No permission, or the store.
    pub async fn supervised(
        &self,
        by: By,
        is_late: bool,
        after: Option<Cursor>,
    ) -> Result<(Vec<CaseRow>, Option<Cursor>), Refusal> {
        by.needs(Permission::SuperviseCases)?;
        let of = self.reach(by).await?.territory().ok_or_else(no_case)?;
        let (late, soon) = spans(self.now().shanghai_date(), of);
        let filter = WorkFilter { after, ..if is_late { late } else { soon } };
        let rows = self.store().worklist(&filter, LISTED).await?;
        let full = u32::try_from(rows.len()).unwrap_or(u32::MAX) >= LISTED;
        let next = rows.last().filter(|_| full).map(CaseRow::cursor);
        Ok((rows, next))
    }

    /// Enters that a list of supervision is handed out as a file: which, from which day it counts, how many lines. Before the first byte.
    ///
    /// # Errors
    /// No permission, or the store.
    pub async fn enter_list_export(
        &self,
        by: By,
        (list, name): (&str, &Text),
        since: CivilDate,
        lines: u64,
    ) -> Result<u64, Refusal> {
        let account = by.needs(Permission::SuperviseCases)?;
        let body = serde_json::json!({ "list": list, "filter": { "since": since }, "rows": lines, "by": account });
        let text = Text::of(
            format!("导出监督名单「{}」，{lines} 行。", name.zh),
            format!("A list of supervision, \"{}\", was handed out as a file, {lines} lines.", name.en),
        );
        let act = ActLine::done(Some(account), text);
        Ok(self.store().log("supervision.exported", self.now(), body, act).await.map_err(StoreError::from)?)
    }

    /// Cases that were decided late; how late follows from their events.
    async fn decided_late(&self, of: Territory, now: UtcMs, limit: u32) -> Result<Vec<LateDecision>, Refusal> {
        let (packs, today) = (self.gate().packs(), now.shanghai_date());
        let span = (today.plus_days(-LATE_BACK_DAYS).start(), now.plus_ms(1));
        let mut out = Vec::new();
        for row in self.store().decided_late(of, span, &clocks_of_decisions(packs), limit).await? {
            let loaded = self.load(row).await?;
            let procedure = procedure_of(self.gate(), &loaded.case.procedure)?;
            let docket = Docket { packs, procedure, case: &loaded.case, today };
            let Some((what, due, decided)) = lateness(procedure, &loaded.case, clocks(&docket)) else { continue };
            let days = u32::try_from(decided.start().since(due.start()) / DAY_MS).unwrap_or(u32::MAX);
            out.push(LateDecision { row: loaded.row, what, due, decided, days });
        }
        Ok(out)
    }

    /// Entries of these kinds that name a case, the newest first.
    async fn deeds(
        &self,
        of: Territory,
        kinds: [&str; 2],
        span: (UtcMs, UtcMs),
        limit: u32,
    ) -> Result<Vec<Deed>, Refusal> {
        // What the entry says of its case is read from the log itself.
        self.store().flush_ledger().await?;
        let mut out = Vec::new();
        for row in self.store().acts_in(of, kinds, span, limit).await? {
            let entry = self.store().ledger().entry(row.idx).ok().and_then(|bytes| bytes.parse().ok());
            let Some(entry) = entry else { continue };
            let Some(case) = entry.body["case"].as_str().and_then(CaseId::parse) else { continue };
            let Some(number) = self.store().case(case).await?.map(|known| known.number) else { continue };
            out.push(Deed {
                at: row.at,
                account: row.account,
                case,
                number,
                text: row.text,
                code: entry.body["code"].as_str().unwrap_or_default().to_owned(),
                clauses: row.clauses,
                entry: row.idx,
            });
        }
        Ok(out)
    }

    async fn visits(&self, of: Territory, days: (CivilDate, CivilDate), limit: u32) -> Result<Vec<Visit>, Refusal> {
        let mut out = Vec::new();
        for found in self.store().visit_counts(of, days, limit).await? {
            let visits = self.store().visits_made(of, &found.unit, days, OF_UNIT).await?;
            let name = match visits.first() {
                Some(newest) => self.visited_name(newest.case).await?,
                None => String::new(),
            };
            let (count, again, last) = (found.count, found.again, found.last);
            out.push(Visit { unit: found.unit, name, count, again, last, visits });
        }
        Ok(out)
    }

    /// Of the newest visits those where the unit's code was typed far from every photo.
    async fn far_doors(
        &self,
        of: Territory,
        days: (CivilDate, CivilDate),
        limit: u32,
    ) -> Result<Vec<FarDoor>, Refusal> {
        let most = usize::try_from(limit).unwrap_or(usize::MAX);
        let mut out = Vec::new();
        for row in self.store().closed_visits(of, days, ENDED_LOOKED_AT).await? {
            let ended = row.ended.as_ref().map(|text| Ended::read(text.expose())).transpose()?;
            let Some(door) = ended.and_then(|ended| ended.door).filter(|door| door.far) else { continue };
            if out.len() >= most {
                break;
            }
            let name = self.visited_name(row.case).await?;
            out.push(FarDoor { case: row.case, n: row.n, name, day: row.day, door });
        }
        Ok(out)
    }

    /// What a case calls the unit that was visited; masked where its form says that this is about a person.
    async fn visited_name(&self, case: CaseId) -> Result<String, Refusal> {
        let Some(row) = self.store().case(case).await? else { return Ok(String::new()) };
        let loaded = self.load(row).await?;
        let procedure = procedure_of(self.gate(), &loaded.case.procedure)?;
        let Some(field) = procedure.field(UNIT_NAME) else { return Ok(String::new()) };
        let name = loaded.case.values_of(&field.step).and_then(|v| v.text(UNIT_NAME)).unwrap_or_default();
        let is_personal = field.personal || field.kind.is_personal();
        Ok(if is_personal { Pii::new(name.to_owned()).masked() } else { name.to_owned() })
    }
}
