//! What who supervises looks at: cases that are late or nearly, repeated visits, draws, refusals by law, the load of officers.
//!
//! Always true: nothing is changed here; a natural person is masked, a unit named; refusals are counted by the sentence and clauses of the log.

use super::read::LISTED;
use crate::{Authority, By};
use base::{CivilDate, PartyId, Refusal, UtcMs};
use domain::access::Permission;
use law::ProcedureKind;
use store::casework::cases::CaseRow;
use store::casework::counts::PlanRow;
use store::casework::parties::PartyData;
use store::casework::supervision::{LoadCount, RefusalCount};
use store::casework::worklist::WorkFilter;

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
    /// When the last case about it was opened.
    pub last: UtcMs,
}

/// Everything of the page of supervision.
#[derive(Clone, Debug)]
pub struct Supervision {
    /// Day by which days are counted.
    pub today: CivilDate,
    /// First day from which visits and refusals are counted.
    pub since: CivilDate,
    /// Cases whose nearest day is over, the latest first.
    pub overdue: Vec<CaseRow>,
    /// Cases whose nearest day comes within days.
    pub near: Vec<CaseRow>,
    /// Parties of inspections that were visited more than once, the most first.
    pub visits: Vec<Visit>,
    /// Draws, the newest first.
    pub draws: Vec<PlanRow>,
    /// What the law refused, the most first.
    pub refusals: Vec<RefusalCount>,
    /// What officers have open, the most first.
    pub load: Vec<LoadCount>,
}

impl Authority {
    /// What who supervises looks at, at most `limit` lines of each and never more than [`LISTED`].
    ///
    /// # Errors
    /// No permission, or the store.
    pub async fn supervision(&self, by: By, limit: u32) -> Result<Supervision, Refusal> {
        by.needs(Permission::SuperviseCases)?;
        let limit = limit.clamp(1, LISTED);
        let now = self.now();
        let today = now.shanghai_date();
        let since = today.plus_days(-LOOK_BACK);
        let span = (since.start(), now.plus_ms(1));
        let late = WorkFilter { before: Some(today), ..WorkFilter::default() };
        let soon = WorkFilter { from: Some(today), before: Some(today.plus_days(NEAR)), ..WorkFilter::default() };
        Ok(Supervision {
            today,
            since,
            overdue: self.store().worklist(&late, limit).await?,
            near: self.store().worklist(&soon, limit).await?,
            visits: self.visits(span, limit).await?,
            draws: self.store().draw_plans(None, limit).await?,
            refusals: self.store().refusal_counts(span, limit).await?,
            load: self.store().load_counts(today, limit).await?,
        })
    }

    async fn visits(&self, span: (UtcMs, UtcMs), limit: u32) -> Result<Vec<Visit>, Refusal> {
        let all = self.gate().packs().procedures().iter();
        let inspections: Vec<&str> =
            all.filter(|p| p.kind == ProcedureKind::Inspection).map(|p| p.id.as_str()).collect();
        let mut out = Vec::new();
        for found in self.store().visit_counts(&inspections, span, limit).await? {
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
