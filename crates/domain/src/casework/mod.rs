//! Casework: every procedure of the packs runs as a case, and a case is the list of what happened in it.
//!
//! ```text
//!            open                       decide(docket, command, who, checks)
//! procedure ─────▶ opened ─▶ … events … ◀────────────────────────────────── person
//!                     │                     │ refusal: what, why (clauses), what next
//!                     ▼                     ▼
//!                Case::fold ─▶ Docket (packs + procedure + case + day)
//!                                │
//!                                ├─▶ open_steps   what can be done now, from which seat, and what stands in the way
//!                                ├─▶ clocks       what is due by when, who is bound, what was missed, what stands still
//!                                ├─▶ stage        draft, running, decided, closed, abandoned
//!                                ├─▶ life         the whole procedure as a graph: done, open, to come, closed
//!                                ├─▶ law_changes  packs of the case that were amended since it was opened
//!                                └─▶ papers_of    which papers can be made now; envelope: what one of them says
//! ```
//!
//! Always true: the engine knows no procedure by name (`words` and `paper` list the few words of steps that mean the same everywhere); a step is done
//! only while something it comes after was done later than itself, and not before the decision that stands; nobody approves what they
//! proposed or handled; what is decided by a head is what was proposed; an entry is never changed, a slip is corrected by another entry; a
//! case has one decision that stands.

mod bans;
mod beside;
mod case;
mod charges;
mod clocks;
mod command;
mod decide;
mod delegation;
mod docket;
mod event;
mod gate;
mod keeping;
mod law_change;
mod life;
mod panel;
mod paper;
mod publishing;
mod refuse;
mod rights;
mod seat;
mod service;
mod steps;
#[cfg(test)]
mod tests;
mod words;

pub use bans::{BANS, Ban, last_day, waiting};
pub use beside::goes_on;
pub use case::{
    Asking, Case, CasePaper, ClockLeave, ClockMarks, Decision, Document, Doing, FoldError, MOST_EVENTS, Review, Row,
};
pub use charges::{Charged, accused, charges, clause_name, clauses_named};
pub use clocks::{CaseClock, ClockState, clocks, nearest};
pub use command::{CaseAct, Checks, Command, Heads, Opening, Typed};
pub use decide::{
    MOST_CLAUSES, MOST_NAMED, MOST_PAPERS, REASON_CHARS, REASONS_CHARS, WORD_CHARS, decide, is_correctable, may_act,
    open,
};
pub use delegation::{Deputy, MOST_DELEGATED, may_delegate};
pub use docket::{Docket, Node, asking_step, imposes_money, is_adverse, node, nodes, proof_place};
pub use event::{Channel, Event, Missing, PaperKind, Recorded, Ruling, Settlement, Way};
pub use keeping::{Reference, is_reference, references};
pub use law_change::{LawChange, MOST_PACKS, PackVersion, law_changes};
pub use life::{Life, LifeEdge, LifeNode, LifeState, Point, course, life};
pub use panel::{
    Expert, ExpertOpinion, Interest, MOST_EXPERTS, MOST_POOL, Member, PanelChange, PanelDraw, Verdict, absence_of,
    drawn, opinion_of, panel_of, tied, verdict,
};
pub use paper::{
    Inspected, Offer, PaperFacts, TO_FILL_IN, annex_cells, annex_line, envelope, is_open, paper_ready, papers_of,
};
pub use publishing::{is_by_publication, is_written_first, to_publish};
pub use refuse::{not_asked_again, unnamed_with_party};
pub use rights::{Right, rights};
pub use seat::{NOBODY, Seat, Who, is_ours, may_enter, seat_of_outcome, seat_of_step};
pub use service::{awaits_proof, owed};
pub use steps::{OpenStep, Stage, begins_anew, fields_of, is_of_officer, kept_from, open_steps, repeats, stage};
pub use words::{
    ACCEPT, ANNUL, APPROVE_EVIDENCE, APPROVE_OPENING, ASK_APPROVAL, ASK_DEFERRAL, ASK_FOR_HEARING, ASK_FOR_REST,
    CANCELLED, COMPLETE, DELIVER, HEARING_RIGHT, HOLD_HEARING, LEGAL_REVIEW, NOT_OPENED, OTHER_EVIDENCE, PAY,
    REFUSE_DEFERRAL, TELL, TELL_REPORTER, TOLD_BREACH, WHENEVER,
};
