//! Who may do what in a case: every step and outcome of every procedure of the packs is tried from every seat, and `docs/ref/case-seats.txt` says
//! which seats are let in. Whoever is not named there is refused, whatever else may stand in the way.
//!
//! `UPDATE_DOCS=1 cargo test -p jifang-domain seats` writes the file anew.

use super::bench::{Bench, PACKS, REASONS, who};
use crate::casework::*;
use law::{Guard, Procedure};
use std::fmt::Write as _;
use std::path::Path;

/// The refusal of everybody who sits in another seat.
const ELSEWHERE: &str = "not_your_step";

/// The act by which a step or outcome is taken.
fn act_of(bench: &Bench, node: Node<'_>) -> CaseAct {
    match node.id() {
        ASK_FOR_REST => CaseAct::AskForRest { materials: Vec::new(), fields: Vec::new(), on: bench.today, until: None },
        LEGAL_REVIEW => CaseAct::Review { passed: true, opinion: REASONS.to_owned(), typed: Typed::new() },
        id if node.is_outcome() => bench.decide_act(id),
        id => bench.done_act(id),
    }
}

/// Somebody in this seat is not turned away for it.
fn is_let_in(bench: &Bench, seat: Seat, act: CaseAct) -> bool {
    bench.try_as(&who(seat), act).map_or_else(|refusal| refusal.code != ELSEWHERE, |_| true)
}

/// The seats from which it is taken, in the order of the list of seats.
fn seats_of(bench: &Bench, node: Node<'_>) -> Vec<Seat> {
    Seat::ALL.iter().copied().filter(|seat| is_let_in(bench, *seat, act_of(bench, node))).collect()
}

fn procedures() -> Vec<&'static Procedure> {
    let mut all: Vec<&'static Procedure> = PACKS.procedures().iter().collect();
    all.sort_by(|a, b| a.id.cmp(&b.id));
    all
}

fn printed() -> String {
    let mut out = String::from(
        "# From which seat each step and outcome of each procedure is taken, printed by trying every seat and checked by a test.\n\
         # Roles: applicant = applicant · case_officer = officer, and counter for what an applicant does · case_approver = head\n\
         # · legal_reviewer · publisher. Every other role has no seat and is refused. A proposal is the officer's, sending it back the head's.\n",
    );
    for procedure in procedures() {
        writeln!(out, "\n## {} · {} · {}", procedure.id, procedure.name_zh, procedure.name_en).unwrap();
        let bench = Bench::open(&procedure.id);
        for node in nodes(procedure) {
            let seats: Vec<&str> = seats_of(&bench, node).into_iter().map(Seat::code).collect();
            let what = if node.is_outcome() { "outcome" } else { "step" };
            writeln!(out, "{what:<8}{:<28}{}", node.id(), seats.join(" ")).unwrap();
        }
    }
    out
}

#[test]
fn the_seats_of_every_step_and_outcome_are_the_committed_ones() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/ref/case-seats.txt");
    let now = printed();
    assert!(now.lines().count() > 200, "{now}");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&file, &now).unwrap();
    }
    let committed = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(now == committed, "docs/ref/case-seats.txt differs: look at it, then UPDATE_DOCS=1. It would be:\n{now}");
}

#[test]
fn what_a_head_a_reviewer_or_the_organ_does_is_done_by_nobody_else() {
    for procedure in procedures() {
        let bench = Bench::open(&procedure.id);
        for node in nodes(procedure) {
            let (seats, at) = (seats_of(&bench, node), format!("{} {}", procedure.id, node.id()));
            let ours = is_ours(node.party(procedure));
            assert!(!seats.is_empty(), "{at}: nobody may do it");
            assert!(!seats.contains(&Seat::Publisher) && !seats.contains(&Seat::Outside), "{at}");
            if node.id() == LEGAL_REVIEW {
                assert_eq!(seats, [Seat::LegalReviewer], "{at}");
                continue;
            }
            assert!(!seats.contains(&Seat::LegalReviewer), "{at}: a reviewer only reviews");
            if ours && node.needs().contains(&Guard::Head) {
                assert_eq!(seats, [Seat::Head], "{at}");
            }
            if ours {
                assert!(
                    !seats.contains(&Seat::Applicant) && !seats.contains(&Seat::Counter),
                    "{at}: it is the organ's"
                );
            }
        }
    }
}

#[test]
fn a_proposal_is_the_officers_and_sending_it_back_the_heads() {
    for procedure in procedures() {
        let bench = Bench::open(&procedure.id);
        for outcome in &procedure.outcomes {
            for seat in Seat::ALL.iter().copied() {
                let act = CaseAct::Propose {
                    outcome: outcome.id.clone(),
                    typed: bench.sample(&outcome.id),
                    reasons: REASONS.to_owned(),
                    clauses: vec![outcome.clause.clone()],
                };
                let at = format!("{} {} {}", procedure.id, outcome.id, seat.code());
                assert_eq!(is_let_in(&bench, seat, act), seat == Seat::Officer, "{at}");
            }
        }
        for seat in Seat::ALL.iter().copied() {
            let back = CaseAct::SendBack { reasons: REASONS.to_owned() };
            assert_eq!(is_let_in(&bench, seat, back), seat == Seat::Head, "{} {}", procedure.id, seat.code());
        }
    }
}
