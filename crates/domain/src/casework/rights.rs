//! What the party of a penalty may do now, by when and how: speak, ask for a hearing or give it up, ask to pay later, go against the decision.
//!
//! ```text
//! open steps of the party ─▶ the clock that such a step ends ─┐
//! service of the decision ─▶ remedies of the packs, counted ──┴▶ Right: words, clause, last day, how
//! ```
//!
//! Always true: no day is given but by a clock of the packs; what is over is told no more; where a review must come before a suit, no direct suit
//! is told; of a decision that was changed or annulled none is told. Sources: AP-44, AP-45, AP-52, AP-63, AP-64, AP-66; the remedies that the
//! procedure names.

use super::case::Decision;
use super::clocks::clocks;
use super::docket::{Docket, Node, imposes_money, node, nodes, serving};
use super::seat::{Seat, is_ours};
use super::words::{ANNUL, ASK_DEFERRAL, ASK_FOR_HEARING, HEARING_RIGHT, PAY, TELL, WHENEVER};
use base::{CivilDate, ClauseId, Text};
use law::{Clock, ClockRun, Party, Procedure, ProcedureKind};

/// The party gives a hearing up, in writing.
const WAIVE_HEARING: &str = "waive_hearing";
/// The party speaks to what it was told.
const SPEAKS: [&str; 2] = ["defend", "hear"];

/// Something that the party may do now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Right {
    /// The step by which it is done here; none: it is done before another organ.
    pub step: Option<String>,
    /// What.
    pub name: Text,
    /// The clause that gives it.
    pub clause: ClauseId,
    /// The last day; none: the law sets none.
    pub last: Option<CivilDate>,
    /// How and where.
    pub how: Text,
}

/// Everything that the party of a penalty may do today, in the order of the procedure; nothing in any other case.
#[must_use]
pub fn rights(docket: &Docket<'_>) -> Vec<Right> {
    if docket.procedure.kind != ProcedureKind::Penalty {
        return Vec::new();
    }
    let open = docket.open();
    let theirs = nodes(docket.procedure).filter(|n| n.seat(docket.procedure) == Seat::Applicant && !n.is_outcome());
    let here = theirs.filter(|n| open.iter().any(|(o, _)| o.id() == n.id()) && !left_out(docket, n.id()));
    let mut found: Vec<Right> = here.filter_map(|n| of_step(docket, n)).collect();
    found.extend(against(docket));
    found
}

/// Money is entered by the office; a hearing is given up only where the right to it was told.
fn left_out(docket: &Docket<'_>, step: &str) -> bool {
    let untold = step == WAIVE_HEARING && docket.flag(HEARING_RIGHT) != Some(true);
    step == PAY || untold || WHENEVER.contains(&step)
}

/// A step of the party; none where its time is over.
fn of_step(docket: &Docket<'_>, node: Node<'_>) -> Option<Right> {
    let ends = |id: &str| docket.procedure.clock(id).filter(|clock| clock.ends.iter().any(|end| end == node.id()));
    let running = clocks(docket).into_iter().find(|clock| ends(&clock.id).is_some_and(|rule| !is_ours(rule.binds)));
    let last = running.and_then(|clock| clock.day());
    if last.is_some_and(|last| last < docket.today) {
        return None;
    }
    Some(Right {
        step: Some(node.id().to_owned()),
        name: node.name(),
        clause: node.clause().clone(),
        last,
        how: how(docket, node.id()),
    })
}

fn how(docket: &Docket<'_>, step: &str) -> Text {
    match step {
        ASK_FOR_HEARING => Text::new(
            "在这里填写，或者到本机关书面、口头提出；逾期视为放弃。",
            "Fill it in here, or ask at the office on paper or by word; after that day it counts as given up.",
        ),
        WAIVE_HEARING => Text::new(
            "在这里填写，或者书面交到本机关；口头的不算。",
            "Fill it in here, or hand it in on paper; words spoken do not count.",
        ),
        ASK_DEFERRAL => Text::new(
            "在这里申请，或者到窗口申请并提交困难证明；批准以前照常缴纳。",
            "Ask here, or at the counter with proof of the hardship; until leave is given the fine is due as before.",
        ),
        step if SPEAKS.contains(&step) => match silent_until(docket) {
            Some(day) => Text::of(
                format!(
                    "在这里填写，或者到本机关书面、口头提出；作出决定以前都可以。不提出的，本机关最早在 {day} 以后决定。"
                ),
                format!(
                    "Fill it in here, or say it at the office on paper or by word, at any time before the decision; if nothing is said, that \
                     comes after {day} at the earliest."
                ),
            ),
            None => Text::new(
                "在这里填写，或者到本机关书面、口头提出；作出决定以前都可以。",
                "Fill it in here, or say it at the office on paper or by word, at any time before the decision.",
            ),
        },
        _ => Text::new("在这里填写，或者到窗口办理。", "Fill it in here, or come to the counter."),
    }
}

/// The day after which a party that says nothing counts as heard: it has the time in which a hearing could be asked for.
fn silent_until(docket: &Docket<'_>) -> Option<CivilDate> {
    let told = docket.case.done(TELL)?;
    let starts = |clock: &&Clock| clock.starts == TELL && !is_ours(clock.binds);
    let clock = docket.procedure.clocks.iter().find(starts)?;
    let due = docket.packs.clock_due(&docket.procedure.id, &clock.id, &ClockRun::from(told.on), docket.today).ok()?;
    due.deadline.day().filter(|day| *day >= docket.today)
}

/// The day on which the decision that stands was served: that of the step that serves it; where the procedure has none, the decision is handed over
/// as it is made (AP-52). None of one that was changed or annulled since: the times against it no longer hold, and those against what came in its
/// place stand in that decision.
fn served_on(docket: &Docket<'_>, decided: &Decision) -> Option<CivilDate> {
    let since = |id: &str| docket.case.done(id).filter(|done| done.index > decided.index);
    if since(ANNUL).is_some() {
        return None;
    }
    match serving(docket.procedure, docket.case) {
        Some(step) => since(step.id()).map(|done| done.on),
        None => match node(docket.procedure, &decided.outcome) {
            Some(Node::Outcome(outcome)) if imposes_money(docket.procedure, outcome) => Some(decided.on),
            _ => None,
        },
    }
}

/// What can be done against the decision that stands, from its service on.
fn against(docket: &Docket<'_>) -> Vec<Right> {
    let procedure = docket.procedure;
    let Some(served) = docket.case.outcome().and_then(|decided| served_on(docket, decided)) else { return Vec::new() };
    let remedies: Vec<&Procedure> =
        docket.packs.procedures().iter().filter(|p| p.kind == ProcedureKind::Remedy).collect();
    let comes_first = |p: &&&Procedure| p.conditions.iter().any(|c| procedure.remedies.contains(&c.clause));
    let first = remedies.iter().find(comes_first).map(|p| p.id.as_str());
    let one = |clause: &ClauseId| {
        let of_clause = |clock: &&Clock| clock.length.clause == *clause && clock.binds == Party::Person;
        let (remedy, clock) = remedies.iter().find_map(|p| Some((*p, p.clocks.iter().find(of_clause)?)))?;
        if first.is_some_and(|first| first != remedy.id) {
            return None;
        }
        let due = docket.packs.clock_due(&remedy.id, &clock.id, &ClockRun::from(served), docket.today).ok()?;
        let last = due.deadline.day().filter(|last| *last >= docket.today)?;
        let zh = &remedy.territory_zh;
        let en = remedy.territory_en.strip_prefix("the ").unwrap_or(&remedy.territory_en);
        let how = Text::of(
            format!("向{zh}提出；名称见决定书。不停止执行，法律另有规定的除外。"),
            format!("At the {en}, named in the decision. It does not stop the decision, where no law says otherwise."),
        );
        let name = Text::of(clock.name_zh.clone(), clock.name_en.clone());
        Some(Right { step: None, name, clause: clause.clone(), last: Some(last), how })
    };
    procedure.remedies.iter().filter_map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::casework::CaseAct;
    use crate::casework::tests::bench::Bench;

    fn of<'a>(rights: &'a [Right], step: &str) -> Option<&'a Right> {
        rights.iter().find(|right| right.step.as_deref() == Some(step))
    }

    /// A case whose party was told, with or without the right to a hearing.
    fn told(hearing: &str) -> Bench {
        let mut bench = Bench::open("penalty_case");
        bench.go("investigate");
        let CaseAct::Done { step, mut typed, note, officers, on } = bench.done_act("tell") else { unreachable!() };
        typed.insert("hearing_right".into(), hearing.into());
        bench.act(Seat::Officer, CaseAct::Done { step, typed, note, officers, on }).unwrap();
        bench
    }

    #[test]
    fn before_the_telling_nothing_is_offered_and_after_it_what_may_be_said_and_until_when() {
        let mut bench = Bench::open("penalty_case");
        bench.go("investigate");
        assert!(rights(&bench.docket()).is_empty());
        let mut bench = told("yes");
        let all = rights(&bench.docket());
        let last = of(&all, "ask_for_hearing").and_then(|right| right.last).expect("a last day");
        assert!(of(&all, "waive_hearing").is_some());
        let defend = of(&all, "defend").expect("a statement");
        assert!(defend.last.is_none() && defend.how.zh.contains(&last.to_string()), "{}", defend.how.zh);
        bench.today = last;
        assert!(of(&rights(&bench.docket()), "ask_for_hearing").is_some(), "the last day counts");
        bench.today = last.plus_days(1);
        let over = rights(&bench.docket());
        assert!(of(&over, "ask_for_hearing").is_none() && of(&over, "defend").is_some());
        assert!(of(&rights(&told("no").docket()), "waive_hearing").is_none(), "there is nothing to give up");
    }

    #[test]
    fn after_the_service_there_are_the_remedies_until_their_last_day_and_leave_to_pay_later() {
        let mut bench = Bench::open("penalty_case");
        bench.go("decide");
        bench.decide("fined").unwrap();
        assert!(rights(&bench.docket()).iter().all(|right| right.step.is_some()), "nothing was served yet");
        bench.done("deliver").unwrap();
        let all = rights(&bench.docket());
        assert!(of(&all, "ask_deferral").is_some() && of(&all, "pay").is_none());
        let remedies: Vec<&Right> = all.iter().filter(|right| right.step.is_none()).collect();
        let clauses: Vec<&str> = remedies.iter().map(|right| right.clause.0.as_str()).collect();
        assert_eq!(clauses, ["AR-20", "AG-46"]);
        let mut annulled = bench.clone();
        annulled.done("annul").unwrap();
        assert!(rights(&annulled.docket()).is_empty(), "nothing stands any more that one could go against");
        let review = remedies.first().and_then(|right| right.last).unwrap();
        bench.today = review.plus_days(1);
        let later: Vec<String> =
            rights(&bench.docket()).into_iter().filter(|r| r.step.is_none()).map(|r| r.clause.0).collect();
        assert_eq!(later, ["AG-46"], "the time for the review is over");
    }

    #[test]
    fn where_review_comes_first_no_suit_is_told() {
        let mut bench = Bench::open("on_the_spot_penalty");
        bench.go("tell");
        bench.decide("fined").unwrap();
        let all = rights(&bench.docket());
        let remedies: Vec<&Right> = all.iter().filter(|right| right.step.is_none()).collect();
        let clauses: Vec<&str> = remedies.iter().map(|right| right.clause.0.as_str()).collect();
        assert_eq!(clauses, ["AR-20"], "it was handed over on the spot, and the review comes first");
        assert!(remedies.iter().all(|right| right.last.is_some_and(|last| last > bench.today)));
        assert!(rights(&Bench::open("area_approval").docket()).is_empty());
    }
}
