//! What is open in a case now: for whom, with which form, and what stands in the way.

use super::docket::{Docket, Node};
use super::gate::blocked;
use super::seat::Seat;
use base::{CivilDate, Refusal, Text};
use law::{Field, Guard, Party, Procedure};

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
    /// Decided, and nothing follows any more.
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

/// How far the case is.
#[must_use]
pub fn stage(docket: &Docket<'_>) -> Stage {
    let case = docket.case;
    match (case.abandoned, case.outcome()) {
        (Some(_), _) => Stage::Abandoned,
        (None, Some(_)) if docket.open().is_empty() => Stage::Closed,
        (None, Some(_)) => Stage::Decided,
        (None, None) if case.doings.is_empty() => Stage::Draft,
        (None, None) => Stage::Running,
    }
}
