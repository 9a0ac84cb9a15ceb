//! Every procedure of the packs, searched through: each set of done steps that can be reached, and from each every step and outcome.

use super::bench::{Bench, PACKS};
use crate::casework::words::{REGISTER_EVIDENCE, SAMPLE};
use crate::casework::*;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// More states than any procedure of the packs has; the search says when it is reached.
const MOST_STATES: usize = 60_000;

/// What decides how a case goes on: the decision that stands, what was done since (before the first decision: at all), what is open.
type State = (Option<String>, BTreeSet<String>, BTreeSet<String>, [bool; 3]);

/// Only itself comes after it, as after a questioning, or what belongs to it alone, as after a sample: that it was done decides nothing about
/// how a case goes on.
fn leads_nowhere(procedure: &law::Procedure, id: &str) -> bool {
    let of_it = follows(procedure, id);
    let goes_on = nodes(procedure).any(|n| n.after().iter().any(|a| a == id));
    let of_it_alone =
        |n: &Node<'_>| !n.is_outcome() && (n.id() == id || n.after().iter().all(|a| of_it.contains(a.as_str())));
    goes_on && nodes(procedure).filter(|n| of_it.contains(n.id())).all(|n| of_it_alone(&n))
}

/// Begun beside the main line of a case and ended by what comes next: while one is under way every other act is tried, but the search goes on
/// only with its own end. Without this each place of the main line would be searched once for each place of them.
const BESIDE: [&str; 4] = [ASK_APPROVAL, APPROVE_EVIDENCE, REGISTER_EVIDENCE, SAMPLE];

/// What of `next` the search follows: from the midst of something beside, what ends it.
fn followed(bench: &Bench, node: Node<'_>) -> bool {
    let last = bench.case.doings.last().map_or("", |d| d.node.as_str());
    !BESIDE.contains(&last) || node.after().iter().any(|a| a == last)
}

fn state_of(bench: &Bench) -> State {
    let docket = bench.docket();
    let floor = bench.case.outcome().map_or(0, |o| o.index);
    let counted = |d: &&Doing| d.index >= floor && !leads_nowhere(bench.procedure, &d.node);
    let done = bench.case.doings.iter().filter(counted).map(|d| d.node.clone()).collect();
    // What only follows itself is done again from the same place: no other state.
    let counts = |(n, from): &(Node<'_>, &str)| *from != n.id() && !leads_nowhere(bench.procedure, n.id());
    let open = docket.open().into_iter().filter(counts).map(|(n, _)| n.id().to_owned()).collect();
    let outcome = bench.case.outcome().map(|o| o.outcome.clone());
    (outcome, done, open, [docket.awaits_rest(), docket.owes_hearing(), docket.owes_evidence()])
}

struct Found {
    outcomes: BTreeSet<String>,
    /// Every step and outcome that was taken somewhere.
    taken: BTreeSet<String>,
    /// Each state, and those that one act leads to.
    ways: BTreeMap<State, BTreeSet<State>>,
}

/// Everything that follows from a state in one step, and whether that step was taken nowhere before; each forbidden step is tried too.
fn expand(bench: &Bench, found: &mut Found) -> Vec<(Bench, bool)> {
    let docket = bench.docket();
    let open: BTreeSet<String> = docket.open().into_iter().map(|(n, _)| n.id().to_owned()).collect();
    let mut next = Vec::new();
    for node in nodes(bench.procedure) {
        let mut after = bench.clone();
        if !open.contains(node.id()) {
            forbidden(bench, node);
            continue;
        }
        // A telling made anew begins its round again; `gate` tells when it may. From there the ways are those of the first. So do the ways
        // from leave that is asked for once more, of which `keeping` tells.
        let asked_again = node.id() == ASK_APPROVAL && bench.case.done(ASK_APPROVAL).is_some();
        if asked_again || (node.id() == TELL && docket.opened_by(node) == Some(TELL)) {
            continue;
        }
        let tried = after.take(node.id());
        match tried {
            Ok(()) => {
                assert!(
                    node.after().is_empty() || node.after().iter().any(|a| bench.case.done(a).is_some()),
                    "{}",
                    node.id()
                );
                if node.is_outcome() {
                    found.outcomes.insert(node.id().to_owned());
                    assert_eq!(after.case.outcome().map(|o| o.outcome.as_str()), Some(node.id()));
                }
                let first = found.taken.insert(node.id().to_owned());
                if first || followed(bench, node) {
                    next.push((after, first));
                }
            }
            Err(refusal) => {
                let waits = [
                    "rest_awaited",
                    "hearing_owed",
                    "evidence_owed",
                    "accepted_by_lapse",
                    "asked_before",
                    "decision_annulled",
                    "nothing_published",
                    "remedies_open",
                    "told_anew",
                ];
                assert!(waits.contains(&refusal.code.as_str()), "{} {}: {refusal}", bench.procedure.id, node.id());
            }
        }
    }
    next
}

/// A step that is not open is refused, from the right seat and with a whole form.
fn forbidden(bench: &Bench, node: Node<'_>) {
    let id = node.id();
    let act = if node.is_outcome() { bench.decide_act(id) } else { bench.done_act(id) };
    let code = bench.try_as(&super::bench::who(bench.enters(id)), act).unwrap_err().code;
    assert!(["step_not_open", "act_of_its_own"].contains(&code.as_str()), "{} {id}: {code}", bench.procedure.id);
}

fn search(procedure: &str) -> Found {
    let mut found = Found { outcomes: BTreeSet::new(), taken: BTreeSet::new(), ways: BTreeMap::new() };
    let first = Bench::open(procedure);
    let mut seen = BTreeSet::from([state_of(&first)]);
    let mut queue = VecDeque::from([first]);
    while let Some(bench) = queue.pop_front() {
        assert!(seen.len() < MOST_STATES, "{procedure} has more states than were looked at");
        let from = state_of(&bench);
        let next = expand(&bench, &mut found);
        let to = next.iter().map(|(after, _)| state_of(after));
        found.ways.entry(from).or_default().extend(to);
        for (bench, first) in next {
            if seen.insert(state_of(&bench)) || first {
                queue.push_back(bench);
            }
        }
    }
    found
}

/// States from which a decision can be reached.
fn lead_to_a_decision(found: &Found) -> BTreeSet<&State> {
    let mut lead: BTreeSet<&State> = found.ways.keys().filter(|s| s.0.is_some()).collect();
    loop {
        let more: Vec<&State> = found
            .ways
            .iter()
            .filter(|(from, to)| !lead.contains(from) && to.iter().any(|t| lead.contains(t)))
            .map(|(from, _)| from)
            .collect();
        if more.is_empty() {
            return lead;
        }
        lead.extend(more);
    }
}

#[test]
fn every_procedure_ends_every_outcome_is_reached_and_nothing_is_taken_out_of_order() {
    for procedure in PACKS.procedures() {
        let found = search(&procedure.id);
        let outcomes: BTreeSet<String> = procedure.outcomes.iter().map(|o| o.id.clone()).collect();
        assert_eq!(found.outcomes, outcomes, "{}", procedure.id);
        let never: Vec<&str> = nodes(procedure).map(Node::id).filter(|id| !found.taken.contains(*id)).collect();
        assert_eq!(never, Vec::<&str>::new(), "{}", procedure.id);
        let lead = lead_to_a_decision(&found);
        for (state, next) in &found.ways {
            assert!(lead.contains(state), "{} is stuck at {:?}", procedure.id, state.1);
            // What follows a decision follows it by the procedure, and only that.
            if let Some(outcome) = &state.0 {
                let mut allowed = follows(procedure, outcome);
                // A filing that stands although its change was refused is changed again or given up: `tests/refused.rs` tells when it stands.
                let again = WHENEVER.iter().filter(|id| state.1.contains(**id) || state.2.contains(**id));
                allowed.extend(again.flat_map(|id| follows(procedure, id)));
                for id in next.iter().flat_map(|n| n.1.iter()).filter(|id| *id != outcome) {
                    assert!(allowed.contains(id.as_str()), "{}: {id} after {outcome}", procedure.id);
                }
            }
        }
    }
}

/// Everything that a step or outcome can lead to, and itself.
fn follows<'a>(procedure: &'a law::Procedure, from: &'a str) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::from([from]);
    loop {
        let more: Vec<&str> = nodes(procedure)
            .filter(|n| !reached.contains(n.id()) && n.after().iter().any(|a| reached.contains(a.as_str())))
            .map(|n| n.id())
            .collect();
        if more.is_empty() {
            return reached;
        }
        reached.extend(more);
    }
}

/// The act by which something free is taken: after the party has spoken, a telling gives the right to a hearing that was left out.
fn act_when_free(bench: &Bench, id: &str) -> CaseAct {
    if bench.node(id).is_outcome() {
        return bench.decide_act(id);
    }
    match bench.done_act(id) {
        CaseAct::Done { step, mut typed, note, officers, on } => {
            if step == TELL && bench.procedure.field(HEARING_RIGHT).is_some_and(|f| f.step == step) {
                typed.insert(HEARING_RIGHT.to_owned(), "yes".to_owned());
            }
            CaseAct::Done { step, typed, note, officers, on }
        }
        act => act,
    }
}

#[test]
fn what_pages_show_as_free_can_be_taken_and_what_they_show_as_blocked_cannot() {
    for procedure in PACKS.procedures() {
        let mut bench = Bench::open(&procedure.id);
        for _ in 0..procedure.steps.len() {
            let open: Vec<(String, bool)> =
                open_steps(&bench.docket()).into_iter().map(|s| (s.id.to_owned(), s.blocked.is_some())).collect();
            let of_its_own = |id: &str| id == ASK_FOR_REST || id == LEGAL_REVIEW;
            for (id, blocked) in open.iter().filter(|(id, _)| !of_its_own(id)) {
                let tried = bench.try_as(&super::bench::who(bench.enters(id)), act_when_free(&bench, id));
                assert_eq!(tried.is_err(), *blocked, "{} {id}: {tried:?}", procedure.id);
            }
            let free = open.iter().filter(|(id, _)| !bench.node(id).is_outcome() && !of_its_own(id));
            // What can be done again and again does not keep the case from going on.
            let step = free.min_by_key(|(id, _)| bench.case.done(id).is_some());
            let Some((step, _)) = step else { break };
            let step = step.clone();
            bench.take(&step).unwrap();
        }
    }
}
