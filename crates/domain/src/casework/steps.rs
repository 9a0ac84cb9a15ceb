//! What is open in a case now: for whom, with which form, and what stands in the way.

use super::case::Case;
use super::docket::{Docket, Node, node};
use super::gate::{blocked, excluded};
use super::publishing;
use super::refuse;
use super::seat::Seat;
use super::service;
use super::words::{APPROVE_EVIDENCE, REGISTER_EVIDENCE, SETTLE_EVIDENCE, WHENEVER};
use base::{CivilDate, Refusal, Text};
use law::{Field, Guard, Outcome, Party, Procedure};

/// A step or outcome that is open.
#[derive(Clone, PartialEq, Debug)]
pub struct OpenStep<'a> {
    /// Its word.
    pub id: &'a str,
    /// In words.
    pub name: Text,
    /// It decides the case.
    pub is_outcome: bool,
    /// The seat that takes it.
    pub who: Seat,
    /// The party of the procedure.
    pub party: Party,
    /// What it follows; empty for the first step.
    pub from: &'a str,
    /// Its form.
    pub fields: Vec<&'a Field>,
    /// What must be there.
    pub needs: &'a [Guard],
    /// What stands in the way today.
    pub blocked: Option<Refusal>,
}

/// How far a case is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Stage {
    /// Opened; its first step is not done.
    Draft,
    /// On its way to a decision.
    Running,
    /// Decided; something still follows.
    Decided,
    /// Decided, and nothing has to follow any more; a filing may still be changed or given up.
    Closed,
    /// Given up by the applicant.
    Abandoned,
}

impl Stage {
    /// All, in the order of a case's life.
    pub const ALL: [Self; 5] = [Self::Draft, Self::Running, Self::Decided, Self::Closed, Self::Abandoned];

    /// Stable word for rows, pages and the API.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Running => "running",
            Self::Decided => "decided",
            Self::Closed => "closed",
            Self::Abandoned => "abandoned",
        }
    }

    /// Reads the word; `None` for any other.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.code() == code)
    }

    /// For people.
    #[must_use]
    pub const fn name(self) -> Text {
        match self {
            Self::Draft => Text::new("填写中", "being filled in"),
            Self::Running => Text::new("办理中", "in hand"),
            Self::Decided => Text::new("已决定，待后续办理", "decided, more to do"),
            Self::Closed => Text::new("已办结", "closed"),
            Self::Abandoned => Text::new("已撤回", "withdrawn"),
        }
    }
}

/// The fields of a step or outcome, in the order of the file.
#[must_use]
pub fn fields_of<'a>(procedure: &'a Procedure, node: &str) -> Vec<&'a Field> {
    procedure.fields.iter().filter(|f| f.step == node).collect()
}

/// The step is one that is done again and again.
#[must_use]
pub fn repeats(procedure: &Procedure, step: &str) -> bool {
    let again = procedure.steps.iter().any(|s| s.id == step && s.after.iter().any(|a| a == step));
    again || [APPROVE_EVIDENCE, REGISTER_EVIDENCE, SETTLE_EVIDENCE].contains(&step)
}

/// The step is one that is done again and again, and what was filled in last is of the time before: the next form begins empty, so that
/// nothing of one person gets into the record of another.
#[must_use]
pub fn begins_anew(procedure: &Procedure, case: &Case, step: &str) -> bool {
    let filled = case.values.get(step).map(|(index, _)| *index);
    repeats(procedure, step) && filled.is_some() && filled == case.done(step).map(|d| d.filled)
}

/// Every step and outcome that is open today, in the order of the procedure.
#[must_use]
pub fn open_steps<'a>(docket: &Docket<'a>) -> Vec<OpenStep<'a>> {
    docket.open().into_iter().map(|(node, from)| open_step(docket, node, from, docket.today)).collect()
}

fn open_step<'a>(docket: &Docket<'a>, node: Node<'a>, from: &'a str, on: CivilDate) -> OpenStep<'a> {
    OpenStep {
        id: node.id(),
        name: node.name(),
        is_outcome: node.is_outcome(),
        who: node.seat(docket.procedure),
        party: node.party(docket.procedure),
        from,
        fields: fields_of(docket.procedure, node.id()),
        needs: node.needs(),
        blocked: blocked(docket, node, on),
    }
}

/// Whoever handles the case takes the outcome: no head and no legal review stands between.
#[must_use]
pub fn is_of_officer(procedure: &Procedure, outcome: &Outcome) -> bool {
    Node::Outcome(outcome).seat(procedure) != Seat::Head && !outcome.needs.contains(&Guard::LegalReview)
}

/// Why an outcome can be neither proposed nor taken by whoever handles the case today: the answers of the forms exclude it, or it is theirs to
/// take and not open or blocked. `None`: nothing but its form stands in the way.
#[must_use]
pub fn kept_from(docket: &Docket<'_>, outcome: &Outcome) -> Option<Refusal> {
    let found = node(docket.procedure, &outcome.id)?;
    if let Some(refusal) = excluded(docket, found, docket.today) {
        return Some(refusal);
    }
    if !is_of_officer(docket.procedure, outcome) {
        return None;
    }
    match docket.opened_by(found) {
        Some(_) => blocked(docket, found, docket.today),
        None => Some(refuse::not_open(docket, found)),
    }
}

/// How far the case is.
#[must_use]
pub fn stage(docket: &Docket<'_>) -> Stage {
    let case = docket.case;
    let is_over = || docket.open().iter().all(|(node, _)| WHENEVER.contains(&node.id()));
    match (case.abandoned, case.outcome()) {
        (Some(_), _) => Stage::Abandoned,
        (None, Some(_)) if is_over() && !publishing::holds_open(docket) && service::owed(docket).is_none() => {
            Stage::Closed
        }
        (None, Some(_)) => Stage::Decided,
        (None, None) if case.doings.is_empty() => Stage::Draft,
        (None, None) => Stage::Running,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::casework::CaseAct;
    use crate::casework::tests::bench::Bench;

    #[test]
    fn the_form_of_a_step_that_is_done_again_begins_empty_and_a_draft_of_it_is_kept() {
        let mut bench = Bench::open("penalty_case");
        bench.done("open").unwrap();
        let anew = |bench: &Bench, step: &str| begins_anew(bench.procedure, &bench.case, step);
        assert!(repeats(bench.procedure, "question") && !repeats(bench.procedure, "open"));
        assert!(!anew(&bench, "question"), "nothing was filled in yet");
        bench.done("question").unwrap();
        assert!(anew(&bench, "question") && !anew(&bench, "open"), "a step that is done once keeps its form");
        let typed = bench.sample("question");
        bench.act(Seat::Officer, CaseAct::Fill { step: "question".into(), typed }).unwrap();
        assert!(!anew(&bench, "question"), "what is begun for the next time is its own");
        bench.done("question").unwrap();
        assert!(anew(&bench, "question"));
    }

    #[test]
    fn a_filing_is_closed_until_who_filed_it_changes_it_or_gives_it_up() {
        let publish = |bench: &mut Bench| {
            if bench.docket().open().iter().any(|(node, _)| node.id() == "publish") {
                assert_eq!(stage(&bench.docket()), Stage::Decided, "its publication is owed");
                bench.take("publish").unwrap();
            }
        };
        for procedure in ["sales_filing", "provider_filing", "outside_provider_filing", "system_filing"] {
            let mut bench = Bench::open(procedure);
            let of_system = procedure == "system_filing";
            bench.go(if of_system { "file" } else { "check" });
            assert_eq!(bench.done("cancel").unwrap_err().code, "step_not_open", "{procedure}: nothing is filed");
            bench.take("filed").unwrap();
            publish(&mut bench);
            assert_eq!(stage(&bench.docket()), Stage::Closed, "{procedure}");
            bench.take("change").unwrap();
            assert_eq!(stage(&bench.docket()), Stage::Decided, "{procedure}: the change is to be entered");
            if of_system {
                bench.take("file").unwrap();
            }
            bench.take(if of_system { "filed" } else { "changed" }).unwrap();
            publish(&mut bench);
            assert_eq!(stage(&bench.docket()), Stage::Closed, "{procedure}");
            bench.take("cancel").unwrap();
            assert_eq!(stage(&bench.docket()), Stage::Decided, "{procedure}");
            bench.take("cancelled").unwrap();
            assert!(bench.docket().open().is_empty(), "{procedure}: nothing of it is left");
        }
    }
}
