//! The one approval of visits: of a drawn unit as of a single visit, by a head, with a number that the office's series gives.
//!
//! ```text
//! asked ─▶ leave (plan, cap, another person) ─▶ number: of the paper of leave where one was made, else the next of its series
//!       ─▶ the first of the drawn team, else who asked, handles the case ─▶ row, number and entry `visit.approved`, one transaction
//! ```
//! Always true: who approves is neither asker nor inspector; a number is on one approval; between the count of the unit's visits and the approval no
//! other visit of the unit was approved. A crash between naming the handler and the approval leaves a visit that waits; it is approved again.

use super::act::{entry, in_state};
use super::facts::{Approved, Facts, VisitState, kind_of};
use super::plan::year_of;
use super::{conflict, moved_on, unreadable};
use crate::cases::{APPROVAL, CaseView, not_kept_out};
use crate::{Authority, By};
use base::{AccountId, CaseId, CivilDate, Refusal, Text};
use domain::access::Permission;
use domain::casework::{CaseAct, Command};
use domain::inspection::{Approval, VisitKind};
use std::collections::BTreeSet;
use store::casework::numbers::Series;
use store::visits::{ApprovalKept, Approving, VisitRow};

/// How often an approval is tried because its number was taken meanwhile, the first time counted.
const TRIES: u32 = 3;

/// The number of an approval.
struct Numbered {
    /// As it is written.
    text: String,
    /// Where in its series it is claimed; none for the number of a paper that was made before.
    claim: Option<(Series, u32)>,
}

fn number_taken() -> Refusal {
    conflict(
        "number_taken",
        Text::new("批准文号刚被使用。", "The number of the approval was just used."),
        Text::new("请再批准一次。", "Approve once more."),
    )
}

/// Who decides about a visit does not inspect.
pub(super) fn not_inspecting(row: &VisitRow, account: AccountId) -> Result<(), Refusal> {
    if !row.inspectors.contains(&account) {
        return Ok(());
    }
    Err(conflict(
        "inspects_too",
        Text::new("检查人员不能批准本次检查。", "An inspector does not approve the visit."),
        Text::new("请由另一名负责人批准。", "Another person in charge approves it."),
    ))
}

impl Authority {
    /// Approves a visit that was asked for; gives the number of the approval.
    ///
    /// # Errors
    /// No permission, `not_found`, `other_office`, `visit_state`, `inspects_too`, `not_drawn`, those of `inspection::may_visit` and of the act
    /// `Assign`, `visit_moved_on`, `number_taken` where several are approved again and again at the same time, or the store.
    pub async fn approve_visit(&self, by: By, case: CaseId) -> Result<String, Refusal> {
        for _ in 1..TRIES {
            match self.approve_once(by, case).await {
                Err(refusal) if refusal.code == "number_taken" => {}
                done => return done,
            }
        }
        self.approve_once(by, case).await
    }

    async fn approve_once(&self, by: By, case: CaseId) -> Result<String, Refusal> {
        let account = by.needs(Permission::ApproveCases)?;
        let view = self.inspection_case(by, case).await?;
        self.acts_for(account, view.row.head.office).await?;
        not_kept_out(&view.case, account)?;
        let row = self.newest_visit(case).await?;
        in_state(&row, VisitState::Asked)?;
        not_inspecting(&row, account)?;
        let now = self.now();
        let today = now.shanghai_date();
        let kind = kind_of(&row.kind).ok_or_else(|| unreadable("kind"))?;
        let mut facts = Facts::read(&row.facts)?;
        let numbered = self.approval_number(&view, today).await?;
        facts.approved =
            Some(Approved { approval: Approval { by: account, on: today }, number: numbered.text.clone() });
        // The notice may still come: it is asked for when the visit begins.
        let leave = self.leave_of((&row, &facts), Some(row.day), &self.why_of(&view, kind)).await?;
        self.name_handler(by, &view, (&row, &facts)).await?;
        let text = Text::of(
            format!("批准检查：{}，{}。", view.row.number, numbered.text),
            format!("Visit approved in {}: {}.", view.row.number, numbered.text),
        );
        let mut body = serde_json::json!({
            "number": numbered.text, "visit_kind": row.kind, "on_day": row.day, "visits_before": leave.before,
            "counted": leave.counted, "cap": leave.cap,
        });
        if let (Some(drawn), Some(body)) = (&facts.drawn, body.as_object_mut()) {
            body.insert("plan".to_owned(), drawn.plan.as_str().into());
            body.insert("unit".to_owned(), drawn.unit.as_str().into());
        }
        let changed = VisitRow { state: VisitState::Approved.code().to_owned(), facts: facts.write()?, ..row.clone() };
        let of = Approving {
            number: numbered.claim.as_ref().map(|(series, number)| (series, *number)),
            year: year_of(row.day)?,
            counted: u64::from(leave.before),
        };
        let made = entry("visit.approved", body, text, (account, now));
        match self.store().approve_visit(&changed, (row.state.as_str(), row.version), of, &made).await? {
            ApprovalKept::Done => Ok(numbered.text),
            ApprovalKept::MovedOn => Err(moved_on()),
            ApprovalKept::NumberTaken => Err(number_taken()),
        }
    }

    /// The number of the case's paper of leave where it stands and no visit bears it yet; else the next of the series.
    async fn approval_number(&self, view: &CaseView, on: CivilDate) -> Result<Numbered, Refusal> {
        let mut used = BTreeSet::new();
        for row in self.store().visits_of_case(view.row.id).await? {
            used.extend(Facts::read(&row.facts)?.approved.map(|a| a.number));
        }
        let stands = view.documents.iter().filter(|d| d.kind == APPROVAL && d.void.is_none());
        let mut given = stands.filter_map(|d| d.number.as_ref()).filter(|number| !used.contains(*number));
        if let Some(text) = given.next() {
            return Ok(Numbered { text: text.clone(), claim: None });
        }
        let office = self.store().office(view.row.head.office).await?.ok_or_else(|| unreadable("office"))?;
        let next = self.next_number(&office, APPROVAL, on).await?.ok_or_else(|| unreadable("number"))?;
        Ok(Numbered { text: next.text, claim: Some((next.series, next.number)) })
    }

    /// The number under which the newest visit of a case that is approved, and not dropped, was approved.
    pub(crate) async fn leave_number(&self, case: CaseId) -> Result<Option<String>, Refusal> {
        let stands = |row: &VisitRow| row.state != VisitState::Dropped.code();
        for row in self.store().visits_of_case(case).await?.into_iter().filter(stands) {
            if let Some(approved) = Facts::read(&row.facts)?.approved {
                return Ok(Some(approved.number));
            }
        }
        Ok(None)
    }

    /// The first of the drawn team who inspects handles the case; where nobody was drawn and nobody has it yet, whoever asked and inspects, else
    /// the first inspector: an approved visit is on somebody's list.
    async fn name_handler(&self, by: By, view: &CaseView, (row, facts): (&VisitRow, &Facts)) -> Result<(), Refusal> {
        let inspects = |account: &AccountId| row.inspectors.contains(account) && !view.case.is_recused(*account);
        let planned = kind_of(&row.kind) == Some(VisitKind::Planned);
        let drawn = if planned { self.drawn_case(row.case).await? } else { None };
        let first = match drawn {
            Some(drawn) => drawn.team.into_iter().find(inspects),
            None if view.case.assigned.is_some() => None,
            None => Some(facts.asked_by).filter(inspects).or_else(|| row.inspectors.iter().copied().find(inspects)),
        };
        let Some(to) = first.filter(|to| view.case.assigned != Some(*to)) else { return Ok(()) };
        let command = Command { seen: view.row.events, act: CaseAct::Assign { to } };
        self.act(by, row.case, &command, Vec::new()).await?;
        Ok(())
    }
}
