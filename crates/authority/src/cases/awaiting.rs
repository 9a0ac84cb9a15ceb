//! What waits for the word of somebody who decides, reviews, proposes or publishes: the top of their list.
//!
//! ```text
//! each change ─▶ waits_of: whose word, whose hands ─▶ marks of the case ─▶ Store::deliberated ─▶ only what this account may give
//!             └▶ to_publish: lists still to come out ─▶ marks            ─▶ Store::unpublished ─▶ who publishes for the office, in pages
//! case of an older program ─▶ its events, when it is shown; daily its marks are written (mark_cases)
//! ```
//! Always true: nobody is shown what they proposed, or a case that they handled, to decide or review, for the engine would refuse them; nor a head
//! what waits for the heads of offices below, unless these gave them the power; who supervises is asked for nothing.

use super::follow::{marks_of, procedure_of};
use super::who::Reach;
use crate::{Authority, By};
use base::{AccountId, CaseId, Refusal, UtcMs};
use domain::access::Permission;
use domain::casework::{APPROVE_EVIDENCE, APPROVE_OPENING, ASK_APPROVAL, Case, Docket, PAY, Seat, node, to_publish};
use law::{Guard, Procedure};
use std::collections::BTreeSet;
use store::casework::awaited::{Giver, UnpublishedFilter, UnpublishedRow};
use store::casework::cases::CaseRow;
use store::casework::worklist::{PAGE, WorkFilter};

/// Most cases above one list.
pub const AWAITED: u32 = 40;

/// Words of a hand in a case, as the store asks for them.
const PROPOSED: &str = "proposed";
const RECUSED: &str = "recused";
const NOT_DECISION: &str = "not_decision";
const NOT_REVIEW: &str = "not_review";
/// Instead of what a case waits for: nobody's word.
const NOBODYS: &str = "nobody";

/// What a case waits for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Awaits {
    /// The head's decision.
    Decision,
    /// The legal review.
    Review,
    /// A new proposal: the last was sent back or did not pass.
    Proposal,
    /// The head's leave for an act of the inquiry.
    Leave,
}

impl Awaits {
    /// Every one.
    const ALL: [Self; 4] = [Self::Decision, Self::Review, Self::Proposal, Self::Leave];

    /// Its word, as the store asks for it.
    const fn code(self) -> &'static str {
        match self {
            Self::Decision => "decision",
            Self::Review => "review",
            Self::Proposal => "proposal",
            Self::Leave => "leave",
        }
    }

    /// What has this word; `None`: an older program wrote the case.
    fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|what| what.code() == word)
    }
}

/// A case whose decision is to be made public.
#[derive(Clone, Debug)]
pub struct Unpublished {
    /// The case.
    pub row: CaseRow,
    /// Words of the lists in which it is still to come out; never empty.
    pub lists: Vec<String>,
}

/// Decisions to be made public, and where the next page begins.
#[derive(Clone, Debug, Default)]
pub struct UnpublishedPage {
    /// Each with its lists; fewer than were asked for where cases of an older program have nothing to come out.
    pub lines: Vec<Unpublished>,
    /// When the last of this page was opened, and its id; none: it is the last page.
    pub next: Option<(UtcMs, CaseId)>,
}

/// The head was asked for leave, and has not answered; a case was opened, and that is not approved; payment later was asked for.
fn awaits_leave(docket: &Docket<'_>) -> bool {
    let (procedure, case) = (docket.procedure, docket.case);
    if docket.asks_deferral() && case.done(PAY).is_none() {
        return true;
    }
    let done = |step: &str| case.done(step).is_some();
    let opened = || node(procedure, APPROVE_OPENING).and_then(|n| n.after().first()).is_some_and(|first| done(first));
    if case.outcome().is_none() && opened() && !done(APPROVE_OPENING) && !done("investigate") {
        return true;
    }
    let answered = case.done(APPROVE_EVIDENCE).map(|d| d.index);
    let asked = case.done(ASK_APPROVAL).map(|d| d.index);
    case.outcome().is_none() && asked.is_some_and(|asked| answered.is_none_or(|answered| answered < asked))
}

/// What a case in which something was proposed or leave was asked for waits for; `None`: for nobody's word.
fn awaits(docket: &Docket<'_>) -> Option<Awaits> {
    let (procedure, case) = (docket.procedure, docket.case);
    let Some(proposal) = &case.proposal else {
        let is_undecided = case.outcome().is_none();
        let sent_back = (is_undecided && !case.proposers.is_empty()).then_some(Awaits::Proposal);
        return awaits_leave(docket).then_some(Awaits::Leave).or(sent_back);
    };
    let is_reviewed = case.reviews.iter().any(|r| r.passed && r.index > proposal.index);
    let needs_review = procedure.needs_of(&proposal.outcome).contains(&Guard::LegalReview);
    Some(if needs_review && !is_reviewed { Awaits::Review } else { Awaits::Decision })
}

/// Somebody stands apart from a case as the engine asks it of who decides or reviews: proposed nothing, handled nothing but what belongs to their
/// own seat, and who decides reviewed nothing either.
pub(super) fn is_apart(procedure: &Procedure, case: &Case, account: AccountId, seat: Seat) -> bool {
    let own = |id: &str| node(procedure, id).is_some_and(|n| n.seat(procedure) == seat);
    let reviewed = seat != Seat::LegalReviewer && case.reviews.iter().any(|r| r.by == account);
    !case.proposers.contains(&account) && !reviewed && !case.is_recused(account) && case.handled(account).all(own)
}

/// Whose hand is in a case that waits for somebody's word: pairs of account and word.
fn hands(docket: &Docket<'_>) -> Vec<(AccountId, &'static str)> {
    let (procedure, case) = (docket.procedure, docket.case);
    if awaits(docket).is_none() {
        return Vec::new();
    }
    let mut people: BTreeSet<AccountId> = case.proposers.clone();
    people.extend(case.reviews.iter().map(|r| r.by));
    people.extend(case.doings.iter().flat_map(|d| [d.by].into_iter().chain(d.officers.iter().copied())));
    people.extend(case.recusals.keys().copied());
    let mut out = Vec::new();
    for account in people {
        for (word, holds) in [
            (PROPOSED, case.proposers.contains(&account)),
            (RECUSED, case.is_recused(account)),
            (NOT_DECISION, !is_apart(procedure, case, account, Seat::Head)),
            (NOT_REVIEW, !is_apart(procedure, case, account, Seat::LegalReviewer)),
        ] {
            if holds {
                out.push((account, word));
            }
        }
    }
    out
}

/// Whose word a case waits for, and whose hand is in it: what the store asks for.
pub(super) fn waits_of(docket: &Docket<'_>) -> (&'static str, Vec<(AccountId, &'static str)>) {
    (awaits(docket).map_or(NOBODYS, Awaits::code), hands(docket))
}

/// What waits in a case is this account's turn; as the store asks it of its marks.
fn is_theirs(what: Awaits, docket: &Docket<'_>, giver: &Giver) -> bool {
    let hands = hands(docket);
    let has = |word: &'static str| hands.contains(&(giver.account, word));
    match what {
        Awaits::Decision => {
            let case = docket.case;
            // Who is to handle it does not decide it by a delegation.
            let by_paper = giver.gives_by_paper(case.office, &case.procedure) && case.assigned != Some(giver.account);
            (giver.decides || by_paper) && !has(NOT_DECISION)
        }
        Awaits::Leave => giver.decides && !has(NOT_DECISION),
        Awaits::Review => giver.reviews && !has(NOT_REVIEW),
        Awaits::Proposal => {
            let is_own = docket.case.assigned == Some(giver.account) || has(PROPOSED);
            giver.proposes && is_own && !has(RECUSED)
        }
    }
}

impl Authority {
    /// Cases that wait for this account, the nearest last day first, with what they wait for; at most [`AWAITED`].
    ///
    /// # Errors
    /// No permission, `no_office`, `procedure_unknown`, or the store.
    pub async fn awaiting(&self, by: By) -> Result<Vec<(CaseRow, Awaits)>, Refusal> {
        let account = by.needs(Permission::SeeCases)?;
        let own = match self.reach(by).await? {
            Reach::Office(own) | Reach::Under(own) => own,
            Reach::All | Reach::Party(_) => return Ok(Vec::new()),
        };
        let given = self.decisions_given(account).await?;
        let (here, below): (Vec<_>, Vec<_>) = given.into_iter().partition(|(office, _)| *office == own);
        let giver = Giver {
            account,
            decides: by.role.may(Permission::ApproveCases),
            reviews: by.role.may(Permission::ReviewCases),
            proposes: by.role.may(Permission::HandleCases),
            given: here,
        };
        let mut out = Vec::new();
        if giver.decides || giver.reviews || giver.proposes || !giver.given.is_empty() {
            let filter = WorkFilter { office: Some(own), ..WorkFilter::default() };
            out.extend(self.awaited(&filter, &giver).await?);
        }
        // In the offices below a head decides by paper alone: what waits for the heads there takes no place here.
        if !below.is_empty() {
            let by_paper = Giver { account, decides: false, reviews: false, proposes: false, given: below };
            let filter = WorkFilter { under: Some(own), ..WorkFilter::default() };
            out.extend(self.awaited(&filter, &by_paper).await?);
        }
        out.sort_by_key(|(row, _)| (row.head.next.is_none(), row.head.next.as_ref().map(|next| next.day), row.id));
        out.truncate(usize::try_from(AWAITED).unwrap_or(usize::MAX));
        Ok(out)
    }

    /// What waits for this giver among the cases of a filter.
    async fn awaited(&self, filter: &WorkFilter, giver: &Giver) -> Result<Vec<(CaseRow, Awaits)>, Refusal> {
        let mut out = Vec::new();
        for (row, word) in self.store().deliberated(filter, giver, AWAITED).await? {
            match Awaits::parse(&word) {
                Some(what) => out.push((row, what)),
                None => out.extend(self.awaited_of_events(row, giver).await?),
            }
        }
        Ok(out)
    }

    /// The same of a case that an older program wrote, by its events.
    async fn awaited_of_events(&self, row: CaseRow, giver: &Giver) -> Result<Option<(CaseRow, Awaits)>, Refusal> {
        let loaded = self.load(row).await?;
        let procedure = procedure_of(self.gate(), &loaded.case.procedure)?;
        let docket =
            Docket { packs: self.gate().packs(), procedure, case: &loaded.case, today: self.now().shanghai_date() };
        let what = awaits(&docket).filter(|what| is_theirs(*what, &docket, giver));
        Ok(what.map(|what| (loaded.row, what)))
    }

    /// Decisions of the own office that this account is to make public, closed cases too, the earliest received first, at most `limit`;
    /// nothing for who does not publish.
    ///
    /// # Errors
    /// No permission, `no_office`, `procedure_unknown`, or the store.
    pub async fn unpublished(
        &self,
        by: By,
        filter: &UnpublishedFilter,
        limit: u32,
    ) -> Result<UnpublishedPage, Refusal> {
        let account = by.needs(Permission::SeeCases)?;
        let (Reach::Office(own) | Reach::Under(own)) = self.reach(by).await? else {
            return Ok(UnpublishedPage::default());
        };
        if !by.role.may(Permission::PublishRecords) {
            return Ok(UnpublishedPage::default());
        }
        let limit = limit.clamp(1, PAGE);
        let found = self.store().unpublished(own, account, filter, limit).await?;
        let full = u32::try_from(found.len()).unwrap_or(u32::MAX) >= limit;
        let next = found.last().filter(|_| full).map(|one| (one.row.opened, one.row.id));
        let mut lines = Vec::with_capacity(found.len());
        for UnpublishedRow { row, lists } in found {
            match lists {
                Some(lists) => lines.push(Unpublished { row, lists }),
                None => lines.extend(self.unpublished_of_events(row, account).await?),
            }
        }
        Ok(UnpublishedPage { lines, next })
    }

    /// The same of a case that an older program decided, by its events.
    async fn unpublished_of_events(&self, row: CaseRow, account: AccountId) -> Result<Option<Unpublished>, Refusal> {
        let (packs, today) = (self.gate().packs(), self.now().shanghai_date());
        let loaded = self.load(row).await?;
        let procedure = procedure_of(self.gate(), &loaded.case.procedure)?;
        let docket = Docket { packs, procedure, case: &loaded.case, today };
        let lists: Vec<String> = to_publish(&docket).into_iter().map(str::to_owned).collect();
        let is_theirs = !lists.is_empty() && !loaded.case.is_recused(account);
        Ok(is_theirs.then_some(Unpublished { row: loaded.row, lists }))
    }

    /// Writes the marks of cases that an older program wrote: what they wait for, and facts by which they are found; how many there were. One
    /// that cannot be read is tried again the next day, and stops no other.
    ///
    /// # Errors
    /// The store; what is done stays done.
    pub async fn mark_cases(&self) -> Result<usize, Refusal> {
        let (mut all, mut after) = (0, None);
        loop {
            let page = self.store().cases_to_mark(after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(all) };
            after = Some(last.id);
            for row in page {
                let case = row.id;
                match self.mark(row).await {
                    Ok(()) => all += 1,
                    Err(refusal) if refusal.code == "store_away" => return Err(refusal),
                    Err(refusal) => tracing::error!(%case, %refusal, "the marks of a case cannot be written"),
                }
            }
        }
    }

    async fn mark(&self, row: CaseRow) -> Result<(), Refusal> {
        let loaded = self.load(row).await?;
        let procedure = procedure_of(self.gate(), &loaded.case.procedure)?;
        let party = self.party_data(loaded.case.party).await?;
        let today = self.now().shanghai_date();
        let docket = Docket { packs: self.gate().packs(), procedure, case: &loaded.case, today };
        // Somebody acted meanwhile: their act has written them.
        self.store().mark_case(&loaded.row, &marks_of(&docket, party.as_ref())).await?;
        Ok(())
    }
}
