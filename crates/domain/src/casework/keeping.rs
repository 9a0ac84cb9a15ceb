//! Evidence that is kept: the approval of the head, the registration that rests on it, and what is decided about each registration.
//!
//! ```text
//! ask_approval ─▶ approve_evidence (head) ─▶ its paper, with a number ─┬▶ register_evidence, by that number ─▶ settle_evidence, by the same number
//!                                                                     └▶ sample, where the organ asks for leave
//! ```
//!
//! Always true: nothing is registered without an approval that was given before, on a paper of this case that counts, and each approval
//! serves once; every registration has its own time and is settled by itself. A case of before these acts keeps the number that was typed in it.

use super::case::{Case, Document, Doing};
use super::command::Typed;
use super::docket::{Docket, Node, node};
use super::refuse::{bad, unlawful};
use super::words::{
    APPROVAL_FOR, APPROVAL_PAPER, APPROVAL_RESULT, APPROVE_EVIDENCE, APPROVED, ASK_APPROVAL, EVIDENCE_APPROVAL,
    REGISTER_EVIDENCE, SAMPLE, SAMPLE_APPROVAL, SETTLE_EVIDENCE, SETTLED_APPROVAL,
};
use crate::form::Values;
use base::{Refusal, Text};

/// What is approved: that evidence is registered and kept.
const REGISTRATION: &str = "registration";
/// That samples are taken.
const SAMPLING: &str = "sampling";

/// Fields that name an approval of the case by its number, with the step that has them and what must be approved; none: a registration that is
/// not settled yet.
const REFERENCES: [(&str, &str, Option<&str>); 3] = [
    (EVIDENCE_APPROVAL, REGISTER_EVIDENCE, Some(REGISTRATION)),
    (SAMPLE_APPROVAL, SAMPLE, Some(SAMPLING)),
    (SETTLED_APPROVAL, SETTLE_EVIDENCE, None),
];

/// What a field that names an approval of the case can name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reference {
    /// The number, as it is typed.
    pub number: String,
    /// In words: the number and the day.
    pub name: Text,
}

/// The field names an approval of its case by number: it is chosen and not typed.
#[must_use]
pub fn is_reference(field: &str) -> bool {
    REFERENCES.iter().any(|(id, _, _)| *id == field)
}

/// What such a field can name now; `None`: it is no such field.
#[must_use]
pub fn references(docket: &Docket<'_>, field: &str) -> Option<Vec<Reference>> {
    let (_, _, purpose) = REFERENCES.iter().find(|(id, _, _)| *id == field)?;
    let named = |number: &str, zh: &str, en: &str, doing: &Doing| Reference {
        number: number.to_owned(),
        name: Text::of(format!("{number}（{} {zh}）", doing.on), format!("{number} ({en} on {})", doing.on)),
    };
    Some(match purpose {
        Some(purpose) => free(docket.case, purpose)
            .into_iter()
            .map(|(d, doing)| named(&d.number, "批准", "approved", doing))
            .collect(),
        None => {
            let open = unsettled(docket.case).into_iter();
            open.filter_map(|doing| Some(named(number_of(doing)?, "登记", "registered", doing))).collect()
        }
    })
}

/// Every registration of evidence, in order.
pub(super) fn registrations(case: &Case) -> impl Iterator<Item = &Doing> {
    case.doings.iter().filter(|d| d.node == REGISTER_EVIDENCE)
}

fn number_of(registration: &Doing) -> Option<&str> {
    registration.values.text(EVIDENCE_APPROVAL)
}

/// What was decided about a registration: the first settlement after it that names it, or names none, as in a case with one registration.
pub(super) fn settlement_of<'a>(case: &'a Case, registration: &Doing) -> Option<&'a Doing> {
    let names_it = |d: &&Doing| {
        let named = d.values.text(SETTLED_APPROVAL);
        named.is_none() || named == number_of(registration)
    };
    case.doings.iter().filter(|d| d.node == SETTLE_EVIDENCE && d.index > registration.index).find(names_it)
}

/// Registrations about which nothing is decided yet.
pub(super) fn unsettled(case: &Case) -> Vec<&Doing> {
    registrations(case).filter(|r| settlement_of(case, r).is_none()).collect()
}

/// The registration that a settlement is about.
pub(super) fn registration_of<'a>(case: &'a Case, settlement: &Doing) -> Option<&'a Doing> {
    registrations(case).filter(|r| settlement_of(case, r).is_some_and(|s| s.index == settlement.index)).last()
}

/// Approvals for a purpose that were given, each with its purpose asked for right before it.
fn given<'a>(case: &'a Case, purpose: &str) -> Vec<&'a Doing> {
    let is_for = |approval: &&Doing| {
        let asked = case.doings.iter().rev().find(|d| d.node == ASK_APPROVAL && d.index < approval.index);
        asked.is_some_and(|d| d.values.text(APPROVAL_FOR) == Some(purpose))
    };
    let approved = |d: &&Doing| d.node == APPROVE_EVIDENCE && d.values.text(APPROVAL_RESULT) == Some(APPROVED);
    case.doings.iter().filter(approved).filter(is_for).collect()
}

/// Papers of an approval: made after it, and before the next one.
fn papers<'a>(case: &'a Case, approval: &Doing) -> Vec<&'a Document> {
    let next = case.doings.iter().find(|d| d.node == APPROVE_EVIDENCE && d.index > approval.index).map(|d| d.index);
    let of_it = |d: &&Document| d.index > approval.index && next.is_none_or(|next| d.index < next);
    case.documents.iter().filter(|d| d.kind == APPROVAL_PAPER).filter(of_it).collect()
}

/// The one of them that counts: the last.
fn paper_of<'a>(case: &'a Case, approval: &Doing) -> Option<&'a Document> {
    papers(case, approval).into_iter().rfind(|d| !d.void)
}

/// Something was done on the ground of the approval: by the number of any of its papers, for one that is made anew lets nothing be done twice.
fn is_used(case: &Case, approval: &Doing) -> bool {
    let own = papers(case, approval);
    let names_it = |number: &str| own.iter().any(|paper| paper.number == number);
    let by = |d: &Doing, step: &str, field: &str| d.node == step && d.values.text(field).is_some_and(names_it);
    let one = |d: &Doing| by(d, REGISTER_EVIDENCE, EVIDENCE_APPROVAL) || by(d, SAMPLE, SAMPLE_APPROVAL);
    case.doings.iter().any(one)
}

/// Approvals for a purpose that have their paper and served for nothing yet, with that paper.
fn free<'a>(case: &'a Case, purpose: &str) -> Vec<(&'a Document, &'a Doing)> {
    let unused = given(case, purpose).into_iter().filter(|approval| !is_used(case, approval));
    unused.filter_map(|approval| Some((paper_of(case, approval)?, approval))).collect()
}

/// Approvals by which evidence can still be registered.
pub(super) fn approved(case: &Case) -> Vec<&Doing> {
    free(case, REGISTRATION).into_iter().map(|(_, approval)| approval).collect()
}

/// The last approval was given for a purpose and has no paper yet; the paper is of the last one alone.
fn awaits_paper(case: &Case, purpose: &str) -> bool {
    let last = case.done(APPROVE_EVIDENCE).map(|d| d.index);
    let newest = given(case, purpose).into_iter().next_back().filter(|approval| Some(approval.index) == last);
    newest.is_some_and(|approval| paper_of(case, approval).is_none() && !is_used(case, approval))
}

/// The procedure has the head's approval as an act of its own.
fn has_approval(docket: &Docket<'_>) -> bool {
    node(docket.procedure, APPROVE_EVIDENCE).is_some()
}

/// Nothing is registered and kept before the head approved it on its paper.
pub(super) fn blocked(docket: &Docket<'_>, node: Node<'_>) -> Option<Refusal> {
    if node.id() != REGISTER_EVIDENCE || !has_approval(docket) || !approved(docket.case).is_empty() {
        return None;
    }
    let clause = [node.clause()];
    Some(if awaits_paper(docket.case, REGISTRATION) {
        unlawful(
            docket,
            &clause,
            "approval_paper_owed",
            Text::new(
                "负责人已经批准，批准文书还没有制作。",
                "The head approved it, and the paper of the approval is not made yet.",
            ),
            Text::new(
                "请先制作证据保全审批表，取得文号。",
                "Make the paper of the approval first; it gets its number.",
            ),
        )
    } else {
        unlawful(
            docket,
            &clause,
            "approval_owed",
            Text::new(
                "先行登记保存须经负责人批准，本案没有可用的批准。",
                "Evidence is registered with the head's approval, and none of this case is left.",
            ),
            Text::new(
                "请报请负责人批准；每次登记保存用一份批准。",
                "Ask the head for it; each registration has an approval of its own.",
            ),
        )
    })
}

/// The form with the number filled in, where there is one thing only that it can name and something must be named.
pub(super) fn filled_in(docket: &Docket<'_>, step: &str, typed: Typed) -> Typed {
    let mut typed = typed;
    let Some((field, _, _)) = REFERENCES.iter().find(|(_, of, _)| *of == step && *of != SAMPLE) else { return typed };
    let is_asked = has_approval(docket) && docket.procedure.fields_at(step).any(|f| f.id == *field);
    let is_empty = typed.get(*field).is_none_or(|text| text.trim().is_empty());
    if let (true, Some([only])) = (is_asked && is_empty, references(docket, field).as_deref()) {
        typed.insert((*field).to_owned(), only.number.clone());
    }
    typed
}

/// Why the number that a form names is none: not of this case, used already, settled already, or left out where there are several.
pub(super) fn refused(docket: &Docket<'_>, step: &str, values: &Values) -> Option<Refusal> {
    let (field, _, purpose) = REFERENCES.iter().find(|(_, of, _)| *of == step)?;
    let asked = docket.procedure.fields_at(step).find(|f| f.id == *field).filter(|_| has_approval(docket))?;
    let open = references(docket, field)?;
    match values.text(field) {
        Some(number) if open.iter().any(|one| one.number == number) => None,
        None if *field == SAMPLE_APPROVAL => None,
        // Registered before numbers were asked for: there is nothing to name.
        None if purpose.is_none() && open.len() < 2 => None,
        Some(_) => Some(bad(
            "reference_unknown",
            Text::of(
                format!("“{}”不是本案可用的文号。", asked.zh),
                format!("\"{}\" is no number of this case that can be used.", asked.en),
            ),
        )),
        None => Some(bad(
            "reference_needed",
            Text::of(format!("请选择“{}”。", asked.zh), format!("Choose: \"{}\".", asked.en)),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::bench::{Bench, REASONS};
    use super::*;
    use crate::casework::{CaseAct, Seat, clocks, is_correctable};

    fn numbers(bench: &Bench, field: &str) -> Vec<String> {
        references(&bench.docket(), field).unwrap().into_iter().map(|one| one.number).collect()
    }

    /// A request and its answer, without a paper.
    fn answered(bench: &mut Bench, purpose: &str, result: &str) {
        for (step, field, text) in [(ASK_APPROVAL, APPROVAL_FOR, purpose), (APPROVE_EVIDENCE, APPROVAL_RESULT, result)]
        {
            let CaseAct::Done { step, mut typed, note, officers, on } = bench.done_act(step) else { unreachable!() };
            typed.insert(field.into(), text.into());
            let seat = bench.enters(&step);
            bench.act(seat, CaseAct::Done { step, typed, note, officers, on }).unwrap();
        }
    }

    fn begun() -> Bench {
        let mut bench = Bench::open("penalty_case");
        bench.done("open").unwrap();
        bench.done("investigate").unwrap();
        bench
    }

    fn with(bench: &Bench, step: &str, field: &str, number: &str) -> CaseAct {
        let CaseAct::Done { step, mut typed, note, officers, on } = bench.done_act(step) else { unreachable!() };
        typed.insert(field.into(), number.into());
        CaseAct::Done { step, typed, note, officers, on }
    }

    #[test]
    fn nothing_is_registered_before_the_head_approved_it_on_a_paper() {
        let mut bench = begun();
        assert_eq!(bench.done_bare(REGISTER_EVIDENCE).unwrap_err().code, "step_not_open");
        answered(&mut bench, REGISTRATION, "refused");
        let refusal = bench.done_bare(REGISTER_EVIDENCE).unwrap_err();
        assert_eq!((refusal.code.as_str(), refusal.why.is_empty()), ("approval_owed", false));
        answered(&mut bench, SAMPLING, APPROVED);
        assert_eq!(bench.done_bare(REGISTER_EVIDENCE).unwrap_err().code, "approval_owed", "leave for something else");
        answered(&mut bench, REGISTRATION, APPROVED);
        assert_eq!(bench.done_bare(REGISTER_EVIDENCE).unwrap_err().code, "approval_paper_owed");
        bench.approval_paper();
        let number = numbers(&bench, EVIDENCE_APPROVAL).remove(0);
        let invented = with(&bench, REGISTER_EVIDENCE, EVIDENCE_APPROVAL, "示例公（技防）登批〔2026〕1号");
        assert_eq!(bench.act(Seat::Officer, invented).unwrap_err().code, "reference_unknown");
        bench.done_bare(REGISTER_EVIDENCE).unwrap();
        let kept = bench.case.values_of(REGISTER_EVIDENCE).unwrap().text(EVIDENCE_APPROVAL);
        assert_eq!(kept, Some(number.as_str()), "the only one is filled in");
        assert!(numbers(&bench, EVIDENCE_APPROVAL).is_empty(), "a paper serves once");
        assert_eq!(bench.done_bare(REGISTER_EVIDENCE).unwrap_err().code, "step_not_open");
    }

    #[test]
    fn the_head_who_approves_handled_nothing_of_the_case() {
        let mut bench = begun();
        bench.done(ASK_APPROVAL).unwrap();
        let act = bench.done_act(APPROVE_EVIDENCE);
        assert_eq!(bench.act(Seat::Officer, act.clone()).unwrap_err().code, "not_your_step");
        let asked_it = crate::casework::tests::bench::who(Seat::Officer).account;
        let also_head = crate::casework::Who { account: asked_it, ..crate::casework::tests::bench::who(Seat::Head) };
        assert_eq!(bench.act_as(&also_head, act.clone()).unwrap_err().code, "own_case");
        bench.act(Seat::Head, act).unwrap();
    }

    #[test]
    fn each_registration_has_its_own_time_and_is_settled_by_itself() {
        let mut bench = begun();
        bench.done(REGISTER_EVIDENCE).unwrap();
        let first = bench.today;
        bench.today = first.plus_days(2);
        bench.done(REGISTER_EVIDENCE).unwrap();
        let own =
            |bench: &Bench| clocks(&bench.docket()).into_iter().filter(|c| c.id == SETTLE_EVIDENCE).collect::<Vec<_>>();
        let starts: Vec<_> = own(&bench).iter().map(|c| c.run.start).collect();
        assert_eq!(starts, [first, bench.today]);
        let open = numbers(&bench, SETTLED_APPROVAL);
        assert_eq!(open.len(), 2);
        assert_eq!(bench.done_bare(SETTLE_EVIDENCE).unwrap_err().code, "reference_needed");
        let second = with(&bench, SETTLE_EVIDENCE, SETTLED_APPROVAL, &open[1]);
        bench.act(Seat::Officer, second.clone()).unwrap();
        let states: Vec<_> = own(&bench).iter().map(|c| c.state.code()).collect();
        assert_eq!(states, ["running", "met"], "the first is still owed");
        assert!(bench.docket().owes_evidence());
        assert_eq!(bench.act(Seat::Officer, second).unwrap_err().code, "reference_unknown", "it is settled");
        bench.done_bare(SETTLE_EVIDENCE).unwrap();
        assert!(!bench.docket().owes_evidence());
        assert!(own(&bench).iter().all(|c| c.state.code() == "met"));
        assert_eq!(bench.done_bare(SETTLE_EVIDENCE).unwrap_err().code, "step_not_open");
    }

    #[test]
    fn each_of_several_approvals_serves_once_also_with_another_paper() {
        let mut bench = begun();
        for _ in 0..2 {
            answered(&mut bench, REGISTRATION, APPROVED);
            bench.approval_paper();
        }
        let both = numbers(&bench, EVIDENCE_APPROVAL);
        assert_eq!(both.len(), 2);
        let first = with(&bench, REGISTER_EVIDENCE, EVIDENCE_APPROVAL, &both[0]);
        bench.act(Seat::Officer, first).unwrap();
        assert_eq!(numbers(&bench, EVIDENCE_APPROVAL), [both[1].clone()]);
        bench.done_bare(REGISTER_EVIDENCE).unwrap();
        assert_eq!(unsettled(&bench.case).len(), 2, "the second approval was still open");
        for paper in &mut bench.case.documents {
            paper.void = true;
        }
        bench.approval_paper();
        assert!(numbers(&bench, EVIDENCE_APPROVAL).is_empty(), "a new paper of an approval that served");
        assert_eq!(bench.done_bare(REGISTER_EVIDENCE).unwrap_err().code, "step_not_open");
    }

    #[test]
    fn an_approval_without_paper_is_over_with_the_next_answer_of_the_head() {
        let mut bench = begun();
        answered(&mut bench, REGISTRATION, APPROVED);
        assert_eq!(bench.done_bare(REGISTER_EVIDENCE).unwrap_err().code, "approval_paper_owed");
        answered(&mut bench, REGISTRATION, "refused");
        bench.approval_paper();
        assert_eq!(
            bench.done_bare(REGISTER_EVIDENCE).unwrap_err().code,
            "approval_owed",
            "the paper is of the refusal"
        );
    }

    #[test]
    fn what_the_head_was_asked_for_stays_as_it_was_asked() {
        let procedure = Bench::open("penalty_case").procedure;
        for field in procedure.fields_at(ASK_APPROVAL) {
            assert!(!is_correctable(procedure, field), "{}", field.id);
        }
    }

    #[test]
    fn a_sampling_names_its_leave_only_where_there_is_one() {
        let mut bench = begun();
        bench.done("sample").unwrap();
        answered(&mut bench, SAMPLING, APPROVED);
        bench.approval_paper();
        let number = numbers(&bench, SAMPLE_APPROVAL).remove(0);
        let invented = with(&bench, SAMPLE, SAMPLE_APPROVAL, REASONS);
        assert_eq!(bench.act(Seat::Officer, invented).unwrap_err().code, "reference_unknown");
        let named = with(&bench, SAMPLE, SAMPLE_APPROVAL, &number);
        bench.act(Seat::Officer, named).unwrap();
        assert!(numbers(&bench, SAMPLE_APPROVAL).is_empty());
    }

    #[test]
    fn a_registration_of_before_keeps_its_typed_number_and_is_settled() {
        let mut bench = begun();
        bench.done(REGISTER_EVIDENCE).unwrap();
        bench.case.documents.clear();
        assert_eq!(numbers(&bench, SETTLED_APPROVAL).len(), 1, "the number stands in the registration");
        bench.done(SETTLE_EVIDENCE).unwrap();
        assert!(!bench.docket().owes_evidence());
    }
}
