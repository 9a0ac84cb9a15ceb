//! The whole life of a case as a graph for its page: every step and outcome of the procedure, what leads to what, what was done, is open or
//! can no longer come.

use super::docket::{Docket, nodes};
use super::seat::Seat;
use base::{CivilDate, Text};
use law::Party;
use std::collections::BTreeSet;

/// Where a step or outcome stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LifeState {
    /// Done, last on this day.
    Done {
        /// The day.
        on: CivilDate,
        /// How often.
        times: usize,
    },
    /// Open now; it may have been done before.
    Open,
    /// It may still come.
    ToCome,
    /// The case went another way.
    Closed,
}

impl LifeState {
    /// Stable word for pages.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Done { .. } => "done",
            Self::Open => "open",
            Self::ToCome => "to_come",
            Self::Closed => "closed",
        }
    }
}

/// A step or outcome of the procedure.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LifeNode<'a> {
    /// Its word.
    pub id: &'a str,
    /// In words.
    pub name: Text,
    /// It is an outcome.
    pub is_outcome: bool,
    /// The seat that takes it.
    pub who: Seat,
    /// The party of the procedure.
    pub party: Party,
    /// Where it stands.
    pub state: LifeState,
    /// It is the decision that stands.
    pub stands: bool,
}

/// One leads to the other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LifeEdge<'a> {
    /// From this.
    pub from: &'a str,
    /// To this.
    pub to: &'a str,
    /// The case went this way, at least once.
    pub taken: bool,
}

/// The graph.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Life<'a> {
    /// Steps, then outcomes, in the order of the file.
    pub nodes: Vec<LifeNode<'a>>,
    /// What leads to what.
    pub edges: Vec<LifeEdge<'a>>,
}

/// The life of a case as it is today.
#[must_use]
pub fn life<'a>(docket: &Docket<'a>) -> Life<'a> {
    let case = docket.case;
    let open: BTreeSet<&str> = docket.open().into_iter().map(|(n, _)| n.id()).collect();
    let to_come = still_to_come(docket, &open);
    let state = |id: &str| match case.done(id) {
        _ if open.contains(id) => LifeState::Open,
        Some(done) => LifeState::Done { on: done.on, times: case.doings.iter().filter(|d| d.node == id).count() },
        None if to_come.contains(id) => LifeState::ToCome,
        None => LifeState::Closed,
    };
    let standing = case.outcome().map(|o| o.outcome.as_str());
    let all = nodes(docket.procedure).map(|node| LifeNode {
        id: node.id(),
        name: node.name(),
        is_outcome: node.is_outcome(),
        who: node.seat(docket.procedure),
        party: node.party(docket.procedure),
        state: state(node.id()),
        stands: node.is_outcome() && standing == Some(node.id()),
    });
    let taken = taken(docket);
    let edges =
        nodes(docket.procedure).flat_map(|node| node.after().iter().map(move |from| (from.as_str(), node.id())));
    Life {
        nodes: all.collect(),
        edges: edges.map(|(from, to)| LifeEdge { from, to, taken: taken.contains(&(from, to)) }).collect(),
    }
}

/// Everything that what is open can lead to.
pub(super) fn still_to_come<'a>(docket: &Docket<'a>, open: &BTreeSet<&'a str>) -> BTreeSet<&'a str> {
    let mut reached = open.clone();
    // Each round reaches one more or ends.
    for _ in 0..docket.procedure.steps.len() + docket.procedure.outcomes.len() {
        let next = |ids: &BTreeSet<&'a str>| -> Vec<&'a str> {
            let follows = |n: &super::docket::Node<'a>| n.after().iter().any(|a| ids.contains(a.as_str()));
            nodes(docket.procedure).filter(follows).map(|n| n.id()).collect()
        };
        let more = next(&reached);
        reached.extend(more);
    }
    reached
}

/// The ways the case went: from the latest of what a step follows, each time it was done.
fn taken<'a>(docket: &Docket<'a>) -> BTreeSet<(&'a str, &'a str)> {
    let mut ways = BTreeSet::new();
    for done in &docket.case.doings {
        let Some(node) = nodes(docket.procedure).find(|n| n.id() == done.node) else { continue };
        let before = docket.case.doings.iter().rev().filter(|d| d.index < done.index);
        let mut before = before.filter_map(|d| node.after().iter().find(|a| **a == d.node));
        if let Some(from) = before.next() {
            ways.insert((from.as_str(), node.id()));
        }
    }
    ways
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::casework::tests::bench::Bench;

    fn states(bench: &Bench) -> Vec<(String, &'static str)> {
        life(&bench.docket()).nodes.iter().map(|n| (n.id.to_owned(), n.state.code())).collect()
    }

    fn of(bench: &Bench, id: &str) -> &'static str {
        states(bench).into_iter().find(|(n, _)| n == id).unwrap().1
    }

    #[test]
    fn what_can_no_longer_come_is_closed() {
        let mut bench = Bench::open("area_approval");
        assert_eq!(
            (of(&bench, "apply"), of(&bench, "approved"), of(&bench, "deliver")),
            ("open", "to_come", "to_come")
        );
        bench.go("examine");
        bench.decide("refused").unwrap();
        for (id, is) in [("apply", "done"), ("refused", "done"), ("approved", "closed"), ("deliver", "closed")] {
            assert_eq!(of(&bench, id), is, "{id}");
        }
        let docket = bench.docket();
        let life = life(&docket);
        assert!(life.nodes.iter().all(|n| n.stands == (n.id == "refused")));
        let taken = |from, to| life.edges.iter().any(|e| e.from == from && e.to == to && e.taken);
        assert!(taken("apply", "accept") && taken("examine", "refused"));
        assert!(!taken("complete", "accept") && !taken("examine", "approved"));
    }

    #[test]
    fn a_failed_acceptance_is_repaired_and_done_again() {
        let mut bench = Bench::open("acceptance");
        bench.go("accept_together");
        bench.decide("failed").unwrap();
        assert_eq!((of(&bench, "repair"), of(&bench, "organise"), of(&bench, "passed")), ("open", "done", "to_come"));
        bench.go("accept_together");
        bench.take("passed").unwrap();
        assert_eq!(of(&bench, "passed"), "done");
        assert_eq!(bench.docket().case.outcome().map(|o| o.outcome.as_str()), Some("passed"));
    }
}
