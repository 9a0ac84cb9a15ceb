//! The whole life of a case as a graph for its page: every step and outcome of the procedure, what leads to what, what was done, is open or
//! can no longer come.

use super::docket::{Docket, Node, nodes};
use super::seat::Seat;
use super::words::{
    ANNUL, APPROVE_EVIDENCE, ASK_APPROVAL, ASK_DEFERRAL, ASK_FOR_REST, COMPLETE, DISCUSS, NOT_ACCEPTED, NOT_OPENED,
    REFUSE_DEFERRAL, TELL, WHENEVER,
};
use base::{CivilDate, Text};
use law::{Party, Procedure};
use std::collections::{BTreeMap, BTreeSet};

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

/// One point of the course of a case: a step, or the outcomes of which one is to be decided.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Point<'a> {
    /// The step or outcome; several: outcomes, of which one comes.
    pub nodes: Vec<LifeNode<'a>>,
    /// Where it stands; a choice is open when every outcome that may come is.
    pub state: LifeState,
}

/// May be done at any time, or only when something is wrong: no point that a case comes to by itself.
fn is_aside(id: &str) -> bool {
    const ASIDE: [&str; 9] = [
        ASK_FOR_REST,
        ANNUL,
        NOT_ACCEPTED,
        NOT_OPENED,
        ASK_APPROVAL,
        APPROVE_EVIDENCE,
        DISCUSS,
        ASK_DEFERRAL,
        REFUSE_DEFERRAL,
    ];
    WHENEVER.contains(&id) || ASIDE.contains(&id)
}

/// What was done, in the order of its last time, and what comes, in the order in which it can: outcomes that exclude each other are one point
/// until one of them is decided, and what only some of them lead to is told when it is.
#[must_use]
pub fn course<'a>(docket: &Docket<'a>) -> Vec<Point<'a>> {
    let case = docket.case;
    let order = in_order(docket.procedure);
    let ahead = ahead(docket);
    let (mut past, mut coming) = (Vec::new(), Vec::new());
    for mut one in life(docket).nodes {
        // What was told can be told anew, and nobody waits for that.
        let is_told = one.id == TELL && case.done(TELL).is_some();
        let is_ahead = !is_told && matches!(one.state, LifeState::Open | LifeState::ToCome) && ahead.contains(one.id);
        match case.done(one.id) {
            _ if is_ahead => coming.push(one),
            Some(done) => {
                let times = case.doings.iter().filter(|d| d.node == one.id).count();
                one.state = LifeState::Done { on: done.on, times };
                past.push((done.index, one));
            }
            None => {}
        }
    }
    past.sort_by_key(|(index, _)| *index);
    coming.sort_by_key(|one| order.iter().position(|id| *id == one.id));
    let last = coming.iter().rposition(|one| one.is_outcome);
    let point = |one: LifeNode<'a>| Point { state: one.state, nodes: vec![one] };
    let mut points: Vec<Point<'a>> = past.into_iter().map(|(_, one)| point(one)).collect();
    let mut choice = Vec::new();
    for (at, one) in coming.into_iter().enumerate() {
        if !one.is_outcome {
            points.push(point(one));
            continue;
        }
        choice.push(one);
        if Some(at) == last {
            let is_open = choice.iter().all(|one| one.state == LifeState::Open);
            let state = if is_open { LifeState::Open } else { LifeState::ToCome };
            points.push(Point { nodes: std::mem::take(&mut choice), state });
        }
    }
    points
}

/// What the case comes to by itself: from what is open up to the next decision, and behind it what every outcome leads to.
fn ahead<'a>(docket: &Docket<'a>) -> BTreeSet<&'a str> {
    let all: Vec<Node<'a>> = nodes(docket.procedure).filter(|n| !is_aside(n.id())).collect();
    let is_outcome = |id: &str| all.iter().any(|n| n.is_outcome() && n.id() == id);
    let mut reached: BTreeSet<&str> =
        docket.open().into_iter().map(|(n, _)| n.id()).filter(|id| !is_aside(id)).collect();
    // Each round reaches one more or ends.
    for _ in 0..all.len() {
        let follows = |n: &&Node<'a>| n.after().iter().any(|a| reached.contains(a.as_str()) && !is_outcome(a));
        let more: Vec<&str> = all.iter().filter(follows).map(|n| n.id()).collect();
        reached.extend(more);
    }
    if !docket.awaits_rest() {
        reached.remove(COMPLETE);
    }
    let outcomes: BTreeSet<&str> = reached.iter().copied().filter(|id| is_outcome(id)).collect();
    let of_all = |n: &&Node<'a>| outcomes.iter().all(|o| n.after().iter().any(|a| a == o));
    let behind: Vec<&str> =
        all.iter().filter(|n| !outcomes.is_empty() && !n.is_outcome() && of_all(n)).map(|n| n.id()).collect();
    reached.extend(behind);
    reached
}

/// Steps and outcomes in an order in which they can come: each behind all that lead to it, but for those that it leads back to.
fn in_order(procedure: &Procedure) -> Vec<&str> {
    let mut left: Vec<Node<'_>> = nodes(procedure).collect();
    let leads: BTreeMap<&str, BTreeSet<&str>> = left.iter().map(|n| (n.id(), led_to(&left, n.id()))).collect();
    let mut out: Vec<&str> = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let is_ready = |n: &Node<'_>| {
            let is_out = |a: &String| out.contains(&a.as_str());
            let is_back = |a: &String| leads.get(n.id()).is_some_and(|to| to.contains(a.as_str()));
            n.after().is_empty() || (n.after().iter().any(is_out) && n.after().iter().all(|a| is_out(a) || is_back(a)))
        };
        // Where nothing is ready the file's own order goes on.
        let next = left.iter().position(is_ready).unwrap_or_default();
        out.push(left.remove(next).id());
    }
    out
}

/// Everything that a step or outcome leads to.
fn led_to<'a>(all: &[Node<'a>], from: &str) -> BTreeSet<&'a str> {
    let mut reached: BTreeSet<&str> = BTreeSet::new();
    for _ in 0..all.len() {
        let follows = |n: &&Node<'a>| n.after().iter().any(|a| a == from || reached.contains(a.as_str()));
        let more: Vec<&str> = all.iter().filter(follows).map(|n| n.id()).collect();
        reached.extend(more);
    }
    reached
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

    /// Words of the points, outcomes of one point together, with where each stands.
    fn points(bench: &Bench) -> Vec<(String, &'static str)> {
        let word = |p: &Point<'_>| p.nodes.iter().map(|n| n.id).collect::<Vec<_>>().join("|");
        course(&bench.docket()).iter().map(|p| (word(p), p.state.code())).collect()
    }

    #[test]
    fn what_excludes_each_other_is_one_point_until_one_is_decided() {
        let own =
            |list: &[(&str, &'static str)]| list.iter().map(|(id, is)| ((*id).to_owned(), *is)).collect::<Vec<_>>();
        let mut bench = Bench::open("area_approval");
        bench.take("apply").unwrap();
        let sent =
            own(&[("apply", "done"), ("accept", "open"), ("examine", "to_come"), ("approved|refused", "to_come")]);
        assert_eq!(points(&bench), sent, "nobody is being refused");
        bench.go("examine");
        assert_eq!(points(&bench).last(), Some(&("approved|refused".to_owned(), "open")));
        let mut other = bench.clone();
        bench.decide("refused").unwrap();
        assert!(points(&bench).iter().all(|(id, is)| *is == "done" && id != "approved"), "{:?}", points(&bench));
        other.take("approved").unwrap();
        let words: Vec<String> = points(&other).into_iter().map(|(id, _)| id).collect();
        assert_eq!(words, ["apply", "accept", "examine", "approved", "deliver"]);
    }

    #[test]
    fn what_was_told_is_past_though_it_can_be_told_anew() {
        let mut bench = Bench::open("penalty_case");
        bench.go("tell");
        assert_eq!(of(&bench, "tell"), "open");
        assert!(points(&bench).contains(&("tell".to_owned(), "done")), "{:?}", points(&bench));
        assert!(points(&bench).contains(&("defend".to_owned(), "open")));
    }

    #[test]
    fn each_comes_behind_what_leads_to_it() {
        for procedure in crate::casework::tests::bench::PACKS.procedures() {
            let order = in_order(procedure);
            assert_eq!(order.len(), nodes(procedure).count(), "{}", procedure.id);
            let at = |id: &str| order.iter().position(|o| *o == id);
            for node in nodes(procedure).filter(|n| !n.after().is_empty()) {
                assert!(node.after().iter().any(|a| at(a) < at(node.id())), "{} {}", procedure.id, node.id());
            }
        }
        let penalty = in_order(crate::casework::tests::bench::PACKS.procedure("penalty_case").unwrap());
        let at = |id: &str| penalty.iter().position(|o| *o == id).unwrap();
        assert!(at("fined") < at("deliver") && at("deliver") < at("publish") && at("publish") < at("withdraw"));
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
