//! What an applicant sees of their case: their own acts and what they were told, nothing of what the office thinks or still holds back.
//!
//! ```text
//! events ─▶ decision that waits for its service? ─ yes ─▶ the case as it was before it; of what came since only the reader's own acts
//!                                                └ no ──▶ the whole case, without thoughts, drafts and papers of officers
//! ```
//! Always true: a decision of a head for which the packs name a paper or a service is told by that service, not by a page that was there before it
//! (AL-44, AP-61): time limits of remedies run from then; papers of officers' steps are never shown, documents once they were delivered.

use super::fault;
use super::follow::node_of;
use crate::By;
use base::{CivilDate, Pii, Refusal};
use domain::casework::{
    Case, CaseClock, Decision, Docket, Event, Node, OpenStep, Recorded, Seat, TELL_REPORTER, clocks, node, open_steps,
    proof_place,
};
use domain::document::Document;
use domain::form::Values;
use law::{Outcome, Procedure, Step};
use std::collections::BTreeSet;
use store::casework::papers::CasePaper;

/// The paper for whoever reported what a penalty case is about.
const REPORTER_NOTICE: &str = "reporter_notice";

/// A document that its party may read: it was delivered, and to them.
pub(super) fn is_theirs(document: &domain::casework::Document) -> bool {
    document.delivered.is_some() && document.kind != REPORTER_NOTICE
}

/// It is about whoever reported it: the party is not told that somebody did.
fn is_of_reporter(case: &Case, event: &Event) -> bool {
    match event {
        Event::DocumentMade { kind, .. } => kind == REPORTER_NOTICE,
        Event::Delivered { document, .. } | Event::DocumentVoided { document, .. } => {
            case.documents.iter().any(|d| d.sha256 == *document && d.kind == REPORTER_NOTICE)
        }
        other => node_of(other) == Some(TELL_REPORTER),
    }
}

/// Thoughts of the office before it decides, and its own books.
const fn is_internal(event: &Event) -> bool {
    matches!(
        event,
        Event::Noted { .. }
            | Event::Proposed { .. }
            | Event::SentBack { .. }
            | Event::Reviewed { .. }
            | Event::Assigned { .. }
            | Event::Recused { .. }
            | Event::Panel { .. }
            | Event::Registered { .. }
            | Event::LawChanged { .. }
    )
}

/// Whether an applicant sees what was filled in there: their own forms, and what was decided.
fn is_for_applicant(procedure: &Procedure, id: &str) -> bool {
    match node(procedure, id) {
        Some(Node::Outcome(_)) => true,
        Some(step) => step.seat(procedure) == Seat::Applicant,
        None => false,
    }
}

/// A material, or the paper of a step that the applicant takes.
fn is_own(procedure: &Procedure, material: &str) -> bool {
    let own = |n: Node<'_>| n.seat(procedure) == Seat::Applicant;
    procedure.materials.iter().any(|m| m.id == material) || node(procedure, material).is_some_and(own)
}

/// A paper that an applicant sees.
pub(super) fn is_own_paper(procedure: &Procedure, paper: &CasePaper) -> bool {
    is_own(procedure, &paper.material)
}

/// The step by which this outcome's paper is served: one after it whose form asks for the way.
fn serves(procedure: &Procedure, step: &Step, outcome: &Outcome) -> bool {
    step.after.contains(&outcome.id) && procedure.field(&format!("{}_way", step.id)).is_some()
}

/// The decision is told by its service, and that has not happened.
fn waits(procedure: &Procedure, case: &Case, decision: &Decision) -> bool {
    let Some(outcome) = procedure.outcomes.iter().find(|o| o.id == decision.outcome) else { return false };
    let mut serving = procedure.steps.iter().filter(|s| serves(procedure, s, outcome)).peekable();
    let is_told_by_service = serving.peek().is_some() || !outcome.document_zh.is_empty();
    if !is_told_by_service || !Node::Outcome(outcome).is_heads(procedure) {
        return false;
    }
    let has_step = serving.peek().is_some();
    let by_step = serving.any(|s| case.done(&s.id).is_some_and(|d| d.index > decision.index));
    let kind = Document::named(&outcome.document_zh).map(|d| d.code);
    let is_its = |d: &&domain::casework::Document| d.index > decision.index && kind.is_none_or(|code| d.kind == code);
    let by_document = case.documents.iter().filter(is_its).any(|d| d.delivered.is_some());
    // A refusal that no step serves, and whose document was not made here, was served on paper where its receipt lies.
    let made_here = case.documents.iter().filter(is_its).any(|d| !d.void);
    let place = proof_place(procedure, case).filter(|_| !has_step && !made_here);
    let by_scan = place.and_then(|n| case.paper(n.id())).is_some_and(|paper| paper.index > decision.index);
    !by_step && !by_document && !by_scan
}

/// Number of the event from which on the party is not told: the first of the last decisions that all wait for their service.
pub(super) fn untold_from(procedure: &Procedure, case: &Case) -> Option<u32> {
    let waiting = case.decisions.iter().rev().take_while(|d| waits(procedure, case, d));
    waiting.last().map(|d| d.index)
}

/// The case as its applicant sees it.
pub(super) fn for_applicant(procedure: &Procedure, whole: &Case) -> Case {
    let mut case = whole.clone();
    case.proposal = None;
    case.proposers.clear();
    case.reviews.clear();
    case.recusals.clear();
    case.panel.clear();
    case.registered.clear();
    case.assigned = None;
    case.documents.retain(is_theirs);
    case.doings.retain(|d| d.node != TELL_REPORTER);
    case.papers.retain(|p| is_own(procedure, &p.material));
    // A draft of an outcome is the office's; only what was decided is the applicant's.
    let decided = |id: &str| whole.decisions.iter().any(|d| d.outcome == id);
    case.values.retain(|id, _| {
        let outcome = matches!(node(procedure, id), Some(Node::Outcome(_)));
        is_for_applicant(procedure, id) && (!outcome || decided(id))
    });
    for done in &mut case.doings {
        done.officers.clear();
        if !is_for_applicant(procedure, &done.node) {
            done.note = Pii::default();
            done.values = Values::default();
        }
    }
    case
}

/// What an applicant may read of the events of a case.
pub(super) struct Reading<'a> {
    /// The procedure.
    pub(super) procedure: &'a Procedure,
    /// The whole case.
    pub(super) case: &'a Case,
    /// Its events.
    pub(super) recorded: &'a [Recorded],
    /// Who reads.
    pub(super) by: By,
    /// From which event on only their own acts are told.
    pub(super) untold: Option<u32>,
}

impl Reading<'_> {
    /// An event as an applicant sees it; `None` where it is internal, or not told yet. Words and forms of officers are left out, that a step was
    /// done is not.
    pub(super) fn event(&self, recorded: &Recorded) -> Option<Recorded> {
        let is_told = self.untold.is_none_or(|from| recorded.index < from) || recorded.by == self.by.account;
        if is_internal(&recorded.event) || is_of_reporter(self.case, &recorded.event) || !is_told {
            return None;
        }
        let case = self.case;
        let own = node_of(&recorded.event).is_none_or(|id| is_for_applicant(self.procedure, id));
        let event = match &recorded.event {
            Event::Filled { .. } if !own => return None,
            Event::PaperGiven { material, .. } if !is_own(self.procedure, material) => return None,
            Event::PaperReturned { sha256, .. } => {
                let paper = case.papers.iter().find(|p| p.sha256 == *sha256)?;
                is_own(self.procedure, &paper.material).then(|| recorded.event.clone())?
            }
            Event::DocumentMade { sha256, .. } => {
                let made = case.documents.iter().find(|d| d.sha256 == *sha256)?;
                made.delivered.map(|_| recorded.event.clone())?
            }
            // That it counts no more everybody who has it may know; why is the office's.
            Event::DocumentVoided { document, .. } => {
                let made = case.documents.iter().find(|d| d.sha256 == *document)?;
                made.delivered.map(|_| Event::DocumentVoided { document: *document, reason: String::new() })?
            }
            // That a payment is owed again is theirs to know; what had been entered wrongly is the office's. Leave to pay later is told whole: they
            // asked for it, and its paper says the same.
            Event::TakenBack { step, .. } => Event::TakenBack { step: step.clone(), reasons: String::new() },
            Event::FactsChanged { from, to, .. } => {
                Event::FactsChanged { from: *from, to: *to, reasons: String::new() }
            }
            // What corrects words that they never saw would tell them.
            Event::Corrected { index, .. } => self.sees_whole(*index).then(|| recorded.event.clone())?,
            Event::StepDone { step, on, set, .. } if !own => Event::StepDone {
                step: step.clone(),
                on: *on,
                values: Values::default(),
                note: String::new(),
                officers: Vec::new(),
                set: set.clone(),
            },
            Event::Decided { outcome, on, values, reasons, clauses, .. } => Event::Decided {
                outcome: outcome.clone(),
                on: *on,
                values: values.clone(),
                reasons: reasons.clone(),
                clauses: clauses.clone(),
                officers: Vec::new(),
                delegation: None,
            },
            other => other.clone(),
        };
        Some(Recorded { event, ..recorded.clone() })
    }

    /// An earlier event stands there for them as it was entered; a correction of a correction is the office's own.
    fn sees_whole(&self, index: u32) -> bool {
        let found = self.recorded.iter().find(|r| r.index == index);
        let plain = found.filter(|r| !matches!(r.event, Event::Corrected { .. }));
        let decided = |event: &Event| matches!(event, Event::Decided { .. });
        plain.is_some_and(|r| self.event(r).is_some_and(|shown| shown.event == r.event || decided(&r.event)))
    }

    /// The case from before what is not told, and what of it is still so: steps that are open, clocks that run.
    ///
    /// # Errors
    /// The events before it make no case.
    pub(super) fn before(&self, docket: &Docket<'_>) -> Result<Option<(Case, Still)>, Refusal> {
        let Some(from) = self.untold else { return Ok(None) };
        let told: Vec<Recorded> = self.recorded.iter().filter(|r| r.index < from).cloned().collect();
        let case = Case::fold(&told).map_err(|e| fault(&e))?;
        Ok(Some((case, Still::of(docket))))
    }
}

/// What is so in the whole case, where a reader is shown an earlier one: nothing is offered or said to run that no longer is.
#[derive(Clone, Debug)]
pub(super) struct Still {
    open: BTreeSet<String>,
    owed: BTreeSet<String>,
    decided: Option<CivilDate>,
}

impl Still {
    fn of(docket: &Docket<'_>) -> Self {
        let owed = clocks(docket).into_iter().filter(|c| c.state.is_owed()).map(|c| c.id);
        let open = open_steps(docket).iter().map(|s| s.id.to_owned()).collect();
        Self { open, owed: owed.collect(), decided: docket.case.outcome().map(|d| d.on) }
    }

    /// The day of the decision that is not told yet.
    pub(super) const fn decided(&self) -> Option<CivilDate> {
        self.decided
    }

    /// The step can be taken in the whole case too.
    pub(super) fn is_open(&self, step: &OpenStep<'_>) -> bool {
        self.open.contains(step.id)
    }

    /// The clock runs in the whole case too, or had ended before.
    pub(super) fn holds(&self, clock: &CaseClock) -> bool {
        !clock.state.is_owed() || self.owed.contains(&clock.id)
    }
}
