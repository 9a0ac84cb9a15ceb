//! What waits for the word of somebody who decides, reviews, proposes or publishes: the top of their list.
//!
//! ```text
//! Store::deliberated ─▶ each case folded ─▶ what its proposal waits for ─▶ only what this account may give
//! Store::unpublished ─▶ each case folded ─▶ the lists in which it is still to come out ─▶ who publishes for the office
//! ```
//! Always true: nobody is shown what they proposed, or a case that they handled, to decide or review, for the engine would refuse them; who
//! supervises is asked for nothing.

use super::follow::procedure_of;
use super::who::Reach;
use crate::{Authority, By};
use base::{AccountId, OfficeId, Refusal};
use domain::access::Permission;
use domain::casework::{Case, Docket, Seat, is_written_first, node, to_publish};
use law::{Guard, Procedure, ProcedureKind};
use store::casework::cases::CaseRow;
use store::casework::worklist::WorkFilter;

/// Most cases that are looked at for one list.
const LOOKED_AT: u32 = 40;
/// The same of decisions to be published, and of penalties beside them: of these most are made public by nobody.
const DECIDED: u32 = 60;

/// What a case waits for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Awaits {
    /// The head's decision.
    Decision,
    /// The legal review.
    Review,
    /// A new proposal: the last was sent back or did not pass.
    Proposal,
}

/// A case whose decision is to be made public.
#[derive(Clone, Debug)]
pub struct Unpublished {
    /// The case.
    pub row: CaseRow,
    /// Words of the lists in which it is still to come out; never empty.
    pub lists: Vec<String>,
}

/// What a case in which something was proposed waits for.
fn awaits(procedure: &Procedure, case: &Case) -> Awaits {
    let Some(proposal) = &case.proposal else { return Awaits::Proposal };
    let is_reviewed = case.reviews.iter().any(|r| r.passed && r.index > proposal.index);
    let needs_review = procedure.needs_of(&proposal.outcome).contains(&Guard::LegalReview);
    if needs_review && !is_reviewed { Awaits::Review } else { Awaits::Decision }
}

/// Somebody stands apart from a case as the engine asks it of who decides or reviews: proposed nothing, handled nothing but what belongs to their
/// own seat, and who decides reviewed nothing either.
pub(super) fn is_apart(procedure: &Procedure, case: &Case, account: AccountId, seat: Seat) -> bool {
    let own = |id: &str| node(procedure, id).is_some_and(|n| n.seat(procedure) == seat);
    let reviewed = seat != Seat::LegalReviewer && case.reviews.iter().any(|r| r.by == account);
    !case.proposers.contains(&account) && !reviewed && !case.is_recused(account) && case.handled(account).all(own)
}

impl Authority {
    /// Cases that wait for this account, the nearest last day first, with what they wait for.
    ///
    /// # Errors
    /// No permission, `no_office`, `procedure_unknown`, or the store.
    pub async fn awaiting(&self, by: By) -> Result<Vec<(CaseRow, Awaits)>, Refusal> {
        let account = by.needs(Permission::SeeCases)?;
        let filter = match self.reach(by).await? {
            Reach::Office(own) => WorkFilter { office: Some(own), ..WorkFilter::default() },
            Reach::Under(top) => WorkFilter { under: Some(top), ..WorkFilter::default() },
            Reach::All | Reach::Party(_) => return Ok(Vec::new()),
        };
        let gives = |what: Awaits| match what {
            Awaits::Decision => by.role.may(Permission::ApproveCases),
            Awaits::Review => by.role.may(Permission::ReviewCases),
            Awaits::Proposal => by.role.may(Permission::HandleCases),
        };
        if ![Awaits::Decision, Awaits::Review, Awaits::Proposal].into_iter().any(gives) {
            return Ok(Vec::new());
        }
        let mut out = Vec::new();
        for row in self.store().deliberated(&filter, LOOKED_AT).await? {
            let loaded = self.load(row).await?;
            let (procedure, case) = (procedure_of(self.gate(), &loaded.case.procedure)?, &loaded.case);
            let what = awaits(procedure, case);
            let is_theirs = match what {
                Awaits::Proposal => {
                    let is_own = case.proposers.contains(&account) || loaded.row.head.assigned == Some(account);
                    is_own && !case.is_recused(account)
                }
                Awaits::Decision => is_apart(procedure, case, account, Seat::Head),
                Awaits::Review => is_apart(procedure, case, account, Seat::LegalReviewer),
            };
            if gives(what) && is_theirs {
                out.push((loaded.row, what));
            }
        }
        Ok(out)
    }

    /// Decisions of the own office that this account is to make public, closed cases too, the newest first and penalties behind the others;
    /// nothing for who does not publish.
    ///
    /// # Errors
    /// No permission, `no_office`, `procedure_unknown`, or the store.
    pub async fn unpublished(&self, by: By) -> Result<Vec<Unpublished>, Refusal> {
        let account = by.needs(Permission::SeeCases)?;
        let Reach::Office(own) = self.reach(by).await? else { return Ok(Vec::new()) };
        if !by.role.may(Permission::PublishRecords) {
            return Ok(Vec::new());
        }
        self.unpublished_of(own, account).await
    }

    async fn unpublished_of(&self, office: OfficeId, account: AccountId) -> Result<Vec<Unpublished>, Refusal> {
        let (packs, today) = (self.gate().packs(), self.now().shanghai_date());
        let mut out = Vec::new();
        for of_penalties in [false, true] {
            let (mut once, mut twice) = (Vec::new(), Vec::new());
            for procedure in packs.procedures().iter().filter(|p| is_written_first(p) == of_penalties) {
                for outcome in procedure.outcomes.iter().filter(|o| !o.publications.is_empty()) {
                    let one = (procedure.id.as_str(), outcome.id.as_str());
                    once.push(one);
                    // A bulletin is out with its first list.
                    if outcome.publications.len() > 1 && procedure.kind != ProcedureKind::Publication {
                        twice.push(one);
                    }
                }
            }
            for row in self.store().unpublished(office, (once.as_slice(), twice.as_slice()), DECIDED).await? {
                let loaded = self.load(row).await?;
                let procedure = procedure_of(self.gate(), &loaded.case.procedure)?;
                let docket = Docket { packs, procedure, case: &loaded.case, today };
                let lists: Vec<String> = to_publish(&docket).into_iter().map(str::to_owned).collect();
                if !lists.is_empty() && !loaded.case.is_recused(account) {
                    out.push(Unpublished { row: loaded.row, lists });
                }
            }
        }
        Ok(out)
    }
}
