//! What who supervises looks at: decisions that were annulled and where that is not entered, cases that are late or nearly, repeated visits,
//! draws, refusals by law, the load of officers.
//!
//! Always true: nothing is changed here; who has an office supervises it and those under it, who has none all; a natural person is masked, a
//! unit named; refusals are counted by the sentence and clauses of the log; that a list is handed out as a file is an entry before its first
//! byte, with no value of it.

use super::follow::word_of;
use super::no_case;
use super::read::LISTED;
use crate::{Authority, By};
use base::{CivilDate, PartyId, Refusal, Text};
use domain::access::Permission;
use domain::casework::is_ours;
use law::Party;
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
    /// Parties that were visited more than once, the most first.
    pub visits: Vec<Visit>,
    /// Draws, the newest first.
    pub draws: Vec<PlanRow>,
    /// What the law refused, the most first.
    pub refusals: Vec<RefusalCount>,
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
            visits: self.visits(of, (since, today.plus_days(1)), limit).await?,
            draws: self.store().draw_plans(of, None, limit).await?,
            refusals: self.store().refusal_counts(of, span, limit).await?,
            load: self.store().load_counts(of, today, &ours(), limit).await?,
        })
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
