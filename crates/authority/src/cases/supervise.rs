//! What who supervises looks at: decisions that were annulled and where that is not entered, cases that are late or nearly or were decided
//! late, repeated visits, draws, refusals by law, the load of officers.
//!
//! Always true: nothing is changed here; who has an office supervises it and those under it, who has none all; a natural person is masked, a
//! unit named; refusals are counted by the sentence and clauses of the log; that a list is handed out as a file is an entry before its first
//! byte, with no value of it.

use super::follow::{procedure_of, word_of};
use super::no_case;
use super::read::LISTED;
use crate::{Authority, By};
use base::time::DAY_MS;
use base::{AccountId, CaseId, CivilDate, PartyId, Refusal, Text, UtcMs};
use domain::access::Permission;
use domain::casework::{Case, CaseClock, ClockState, Docket, clocks, is_ours};
use law::{Outcome, Packs, Party, Procedure, Sense};
use store::StoreError;
use store::casework::Territory;
use store::casework::cases::CaseRow;
use store::casework::counts::PlanRow;
use store::casework::parties::PartyData;
use store::casework::supervision::{LoadCount, RefusalCount};
use store::casework::worklist::{Cursor, WorkFilter};
use store::ledger_log::ActLine;

/// How far cases that are nearly late are looked for: our own choice, no term of law.
const NEAR: i32 = 8;
/// How far back visits and refusals are counted: a year, our own choice.
const LOOK_BACK: i32 = 365;
/// How far back decisions that came late are listed: our own choice.
pub const LATE_BACK_DAYS: i32 = 90;

/// A party that was visited more than once.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Visit {
    /// The party.
    pub party: PartyId,
    /// Name of a unit, masked name of a person.
    pub name: String,
    /// How often.
    pub count: u32,
    /// The day of the last.
    pub last: CivilDate,
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
    /// Cases that were decided late within the last [`LATE_BACK_DAYS`], the newest first.
    pub decided_late: Vec<LateDecision>,
    /// Parties that were visited more than once, the most first.
    pub visits: Vec<Visit>,
    /// Draws, the newest first.
    pub draws: Vec<PlanRow>,
    /// What the law refused, the most first.
    pub refusals: Vec<RefusalCount>,
    /// What was refused in cases, by law or otherwise, the newest first.
    pub tried: Vec<Deed>,
    /// Names and numbers of persons that were shown whole, the newest first.
    pub reveals: Vec<Deed>,
    /// What officers have open, the most first.
    pub load: Vec<LoadCount>,
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
            decided_late: self.decided_late(of, now, limit).await?,
            visits: self.visits(of, (since, today.plus_days(1)), limit).await?,
            draws: self.store().draw_plans(of, None, limit).await?,
            refusals: self.store().refusal_counts(of, span, limit).await?,
            tried: self.deeds(of, ["act.refused", "act.tried"], span, limit).await?,
            reveals: self.deeds(of, ["party.revealed"; 2], span, limit).await?,
            load: self.store().load_counts(of, today, &ours(), limit).await?,
        })
    }

    /// Whether a term of ours was not kept in a case of a list that this account was shown.
    ///
    /// # Errors
    /// No permission, or the store.
    pub async fn was_late(&self, by: By, case: &CaseRow) -> Result<bool, Refusal> {
        by.needs(Permission::SeeCases)?;
        let ours = ours();
        Ok(self.store().late_parties(case.id).await?.iter().any(|word| ours.contains(word)))
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
            let name = match self.store().party(found.party).await?.map(|row| row.data) {
                Some(PartyData::Unit(unit)) => unit.name,
                Some(PartyData::Person(person)) => person.name.masked(),
                None => String::new(),
            };
            out.push(Visit { party: found.party, name, count: found.count, last: found.last });
        }
        Ok(out)
    }
}
