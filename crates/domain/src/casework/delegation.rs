//! Deciding in a head's place by a written delegation: of which procedures that is lawful, and what the engine asks of whoever does it.
//!
//! What flows through: a procedure of the packs and the paper of a delegation -> a refusal or none. Always true: nothing is delegated that no head
//! decides, nor what the law leaves to the person responsible for the organ (AP-57, AP-58); a delegation opens the head's
//! decision and its sending back alone; whoever proposed, reviewed, handled or is to handle a case decides nothing of it.

use super::seat::{Seat, seat_of_outcome};
use base::{ClauseId, ErrorKind, Refusal, Text};
use law::{Packs, Procedure};

/// Most procedures of one delegation.
pub const MOST_DELEGATED: usize = 64;

/// The clauses by which the person responsible for the organ decides, after the legal review that they want.
const BY_THE_HEAD: [&str; 2] = ["AP-57", "AP-58"];

/// Somebody who decides in the head's place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Deputy<'a> {
    /// Number of the paper by which the power was given.
    pub number: &'a str,
}

/// The procedure has an outcome that the head decides.
fn decided_by_head(procedure: &Procedure) -> bool {
    procedure.outcomes.iter().any(|outcome| seat_of_outcome(procedure, outcome) == Seat::Head)
}

/// The clauses of the procedure that leave its decision to the person responsible for the organ; empty: it may be delegated.
fn kept_to_heads(procedure: &Procedure) -> Vec<&ClauseId> {
    let mut kept: Vec<&ClauseId> = Vec::new();
    for clause in procedure.named_clauses().filter(|clause| BY_THE_HEAD.contains(&clause.0.as_str())) {
        if !kept.contains(&clause) {
            kept.push(clause);
        }
    }
    kept
}

/// Whether the decision of a procedure may be given to somebody. What AP-57 leaves to the person responsible for the organ that decides is given to
/// nobody, the head of an office above neither: they are responsible for another organ.
///
/// # Errors
/// `not_delegable` (no head decides it), `delegation_unlawful` with the clauses.
pub fn may_delegate(packs: &Packs, procedure: &Procedure) -> Result<(), Refusal> {
    let name = procedure.name();
    if !decided_by_head(procedure) {
        let what = Text::of(
            format!("「{}」不由负责人决定，不需要委托。", name.zh),
            format!("No head decides \"{}\"; there is nothing to delegate.", name.en),
        );
        return Err(super::refuse::bad("not_delegable", what));
    }
    let kept = kept_to_heads(procedure);
    if kept.is_empty() {
        return Ok(());
    }
    Err(Refusal::new(
        ErrorKind::Unlawful,
        "delegation_unlawful",
        Text::of(
            format!("「{}」依法由机关负责人审查决定，不得委托他人决定。", name.zh),
            format!(
                "By law the head of the organ that handles it decides \"{}\"; it is delegated to nobody.",
                name.en
            ),
        ),
        Text::new(
            "请由本机构的负责人（包括其他负责人）决定；都应当回避的，由上级机构的负责人决定。",
            "Let a head of the office decide, or another of its heads; where all of them keep out, the head of the office above decides.",
        ),
    )
    .citing(kept.into_iter().filter_map(|clause| packs.cite(clause)).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packs() -> Packs {
        Packs::embedded().unwrap()
    }

    #[test]
    fn a_penalty_is_delegated_to_nobody() {
        let packs = packs();
        let penalty = packs.procedure("penalty_case").unwrap();
        let refusal = may_delegate(&packs, penalty).unwrap_err();
        assert_eq!((refusal.kind, refusal.code.as_str()), (ErrorKind::Unlawful, "delegation_unlawful"));
        assert_eq!(refusal.why.len(), BY_THE_HEAD.len(), "with both clauses");
    }

    #[test]
    fn a_licence_is_delegated_and_what_no_head_decides_is_not() {
        let packs = packs();
        may_delegate(&packs, packs.procedure("area_approval").unwrap()).unwrap();
        for id in ["lawsuit", "networking"] {
            let refusal = may_delegate(&packs, packs.procedure(id).unwrap()).unwrap_err();
            assert_eq!(refusal.code, "not_delegable", "{id}");
        }
    }

    #[test]
    fn the_clauses_that_keep_a_decision_to_the_head_are_in_the_packs() {
        let packs = packs();
        for id in BY_THE_HEAD {
            assert!(packs.clause(&ClauseId::new(id)).is_some(), "{id}");
        }
        assert!(
            packs.procedures().iter().filter(|p| decided_by_head(p)).count() <= MOST_DELEGATED,
            "all fit into one paper"
        );
    }
}
