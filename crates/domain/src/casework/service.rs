//! Service of the decision: the delivery of its document and the step of the procedure are one thing, entered once.
//!
//! ```text
//! document of the decision delivered ─▶ Delivered + StepDone(deliver), where the form asks only how and when; a public notice is waited out
//!                                        it is done by whoever handles the case, or by the head
//! step by its own form               ─▶ refused, unless that document was delivered or a scan of what was served on paper lies in the case
//! ```
//!
//! Always true: no step of service stands in a case without a document that was delivered or a paper that shows it, so that no term which runs
//! from the service begins by a click. Outcomes whose document is none of the catalogue ask for neither.

use super::command::Typed;
use super::docket::{Docket, Node, node, serving};
use super::event::Way;
use super::refuse;
use crate::document::Document;
use base::{CivilDate, Refusal, Sha256};
use law::Procedure;

impl Way {
    /// The word of this way in the forms of the packs.
    #[must_use]
    pub const fn form_word(self) -> &'static str {
        match self {
            Self::OnTheSpot | Self::InPerson => "direct",
            Self::Post => "post",
            Self::Electronic => "electronic",
            Self::Left => "left",
            Self::Entrusted => "entrusted",
            Self::PublicNotice => "public_notice",
        }
    }
}

/// The kind of the document of the decision that stands, and the number of the event of that decision.
fn of_decision(docket: &Docket<'_>) -> Option<(&'static str, u32)> {
    let decided = docket.case.outcome()?;
    let Some(Node::Outcome(outcome)) = node(docket.procedure, &decided.outcome) else { return None };
    Document::named(&outcome.document_zh).map(|kind| (kind.code, decided.index))
}

/// Whether its document was made here and counts, and whether it was delivered.
fn made(docket: &Docket<'_>, (kind, since): (&str, u32)) -> (bool, bool) {
    let all = || docket.case.documents.iter().filter(|d| d.kind == kind && d.index > since && !d.void);
    (all().next().is_some(), all().any(|d| d.delivered.is_some()))
}

/// A scan of what shows the service lies in the case.
fn is_proved(docket: &Docket<'_>, step: &str, since: u32) -> bool {
    docket.case.paper(step).is_some_and(|paper| paper.index > since)
}

/// The step serves the decision that stands.
fn is_serving(docket: &Docket<'_>, step: &str) -> bool {
    serving(docket.procedure, docket.case).is_some_and(|n| n.id() == step)
}

/// The step waits for a scan: the decision was served on paper, and its document was not made here.
#[must_use]
pub fn awaits_proof(docket: &Docket<'_>, step: &str) -> bool {
    let Some(decision) = of_decision(docket).filter(|_| is_serving(docket, step)) else { return false };
    !made(docket, decision).0 && !is_proved(docket, step, decision.1)
}

/// Why the step of service cannot be entered by its own form.
pub(super) fn blocked(docket: &Docket<'_>, node: Node<'_>) -> Option<Refusal> {
    let decision = of_decision(docket).filter(|_| is_serving(docket, node.id()))?;
    match made(docket, decision) {
        (true, false) => Some(refuse::document_not_delivered(docket, node)),
        (false, _) if !is_proved(docket, node.id(), decision.1) => Some(refuse::service_not_proved(docket, node)),
        _ => None,
    }
}

/// The step that is done by the delivery of this document, where it is that of the decision that stands and the step is open.
pub(super) fn step_of<'a>(docket: &Docket<'a>, document: Sha256) -> Option<(Node<'a>, &'a str)> {
    let (kind, since) = of_decision(docket)?;
    docket.case.documents.iter().find(|d| d.sha256 == document && d.kind == kind && d.index > since && !d.void)?;
    let step = serving(docket.procedure, docket.case)?;
    docket.opened_by(step).map(|from| (step, from))
}

/// The form of that step as the delivery fills it in: how and when, and where it asks for it the day of the public notice.
pub(super) fn typed(
    procedure: &Procedure,
    step: &str,
    (way, notice): (Way, Option<CivilDate>),
    on: CivilDate,
) -> Typed {
    let field = |end: &str, text: String| (format!("{step}_{end}"), text);
    let mut typed = Typed::from([field("way", way.form_word().to_owned()), field("day", on.to_string())]);
    let asked = procedure.notice_field(step).filter(|_| way == Way::PublicNotice);
    typed.extend(asked.zip(notice).map(|(asked, day)| (asked.id.clone(), day.to_string())));
    typed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::casework::tests::bench::{Bench, account};
    use crate::casework::{CaseAct, Seat, clocks};
    use law::ClockRun;

    /// An area that was approved: the first outcome of the packs with a step of service.
    fn approved() -> Bench {
        let mut bench = Bench::open("area_approval");
        bench.go("examine");
        bench.decide("approved").unwrap();
        bench
    }

    fn make(bench: &mut Bench, kind: &str, bytes: &[u8]) -> Sha256 {
        let sha256 = Sha256::of(bytes);
        let number = format!("{kind} {}", bench.case.events);
        bench
            .act(
                Seat::Officer,
                CaseAct::MakeDocument { kind: kind.into(), number, sha256, pages: 1, lang: base::Lang::Zh },
            )
            .unwrap();
        sha256
    }

    fn kind_of(bench: &Bench) -> &'static str {
        of_decision(&bench.docket()).unwrap().0
    }

    #[test]
    fn the_delivery_of_the_decision_is_the_step() {
        let mut bench = approved();
        let kind = kind_of(&bench);
        let decided = bench.today;
        let document = make(&mut bench, kind, b"decision");
        let early = bench.done_bare("deliver").unwrap_err();
        assert_eq!(early.code, "document_not_delivered");
        let deliver = |on| CaseAct::Deliver { document, way: Way::Post, on, notice: None };
        let refusal = bench.act(Seat::Officer, deliver(decided.plus_days(-1))).unwrap_err();
        assert_eq!(refusal.code, "day_too_early", "nothing is served before it is decided");
        bench.today = decided.plus_days(2);
        bench.act(Seat::Officer, deliver(decided.plus_days(1))).unwrap();
        let done = bench.case.done("deliver").expect("the step is done with it");
        assert_eq!(done.on, decided.plus_days(1));
        let values = bench.case.values_of("deliver").unwrap();
        assert_eq!((values.text("deliver_way"), values.day("deliver_day")), (Some("post"), Some(done.on)));
        let clock = clocks(&bench.docket()).into_iter().find(|c| c.id == "issue").unwrap();
        assert_eq!(clock.state.code(), "met");
    }

    #[test]
    fn the_step_is_of_whoever_handles_the_case_however_it_is_entered() {
        let mut bench = approved();
        let kind = kind_of(&bench);
        let document = make(&mut bench, kind, b"decision");
        bench.act(Seat::Head, CaseAct::Assign { to: account(9) }).unwrap();
        let deliver = CaseAct::Deliver { document, way: Way::Post, on: bench.today, notice: None };
        for (seat, code) in [
            (Seat::Officer, "not_assigned"),
            (Seat::Publisher, "not_your_step"),
            (Seat::LegalReviewer, "not_your_step"),
        ] {
            assert_eq!(bench.act(seat, deliver.clone()).unwrap_err().code, code);
        }
        assert!(bench.case.documents.iter().all(|d| d.delivered.is_none()), "nothing of it is entered");
        bench.act(Seat::Head, deliver).unwrap();
        assert!(bench.case.done("deliver").is_some());
    }

    #[test]
    fn what_was_served_on_paper_is_shown_by_its_scan() {
        let mut bench = approved();
        let refusal = bench.done_bare("deliver").unwrap_err();
        assert_eq!((refusal.code.as_str(), refusal.why.is_empty()), ("service_not_proved", false));
        assert!(awaits_proof(&bench.docket(), "deliver") && !awaits_proof(&bench.docket(), "examine"));
        bench.give("deliver").unwrap();
        assert!(!awaits_proof(&bench.docket(), "deliver"));
        bench.done_bare("deliver").unwrap();
    }

    #[test]
    fn a_scan_does_not_stand_for_a_document_that_was_made_here() {
        let mut bench = approved();
        let kind = kind_of(&bench);
        make(&mut bench, kind, b"decision");
        bench.give("deliver").unwrap();
        assert_eq!(bench.done_bare("deliver").unwrap_err().code, "document_not_delivered");
    }

    #[test]
    fn another_document_is_delivered_without_the_step() {
        let mut bench = approved();
        let document = make(&mut bench, "acceptance_notice", b"another");
        bench.act(Seat::Officer, CaseAct::Deliver { document, way: Way::Post, on: bench.today, notice: None }).unwrap();
        assert!(bench.case.done("deliver").is_none());
        assert_eq!(bench.done_bare("deliver").unwrap_err().code, "service_not_proved");
    }

    #[test]
    fn a_delivery_by_public_notice_waits_for_the_end_of_the_notice() {
        let mut bench = Bench::open("penalty_case");
        bench.go("decide");
        bench.decide("fined").unwrap();
        let kind = kind_of(&bench);
        let document = make(&mut bench, kind, b"decision");
        let given = bench.today;
        let deliver = |on, notice| CaseAct::Deliver { document, way: Way::PublicNotice, on, notice };
        let unknown = bench.act(Seat::Officer, deliver(given, None)).unwrap_err();
        assert_eq!(unknown.code, "notice_day_needed");
        let early = bench.act(Seat::Officer, deliver(given, Some(given))).unwrap_err();
        assert_eq!(early.code, "too_early");
        assert!(bench.case.documents.iter().all(|d| d.delivered.is_none()), "nothing of it is entered");
        let due = bench.docket().packs.clock_due("penalty_case", "public_notice", &ClockRun::from(given), given);
        bench.today = due.unwrap().deadline.day().unwrap().plus_days(1);
        bench.act(Seat::Officer, deliver(bench.today, Some(given))).unwrap();
        assert_eq!(bench.case.done("deliver").map(|d| d.on), Some(bench.today));
        assert_eq!(bench.docket().notice_day("deliver"), Some(given));
    }

    #[test]
    fn a_decision_without_a_penalty_is_served_in_its_own_time_and_whoever_reported_is_told() {
        for (source, outcome) in [("inspection", "not_fined"), ("inspection", "no_case"), ("report", "no_case")] {
            let mut bench = Bench::open("penalty_case");
            let CaseAct::Done { step, mut typed, note, officers, on } = bench.done_act("open") else { unreachable!() };
            typed.insert("source".into(), source.into());
            bench.act(Seat::Officer, CaseAct::Done { step, typed, note, officers, on }).unwrap();
            bench.done("investigate").unwrap();
            bench.decide(outcome).unwrap();
            let open = |bench: &Bench, id: &str| bench.docket().open().iter().any(|(n, _)| n.id() == id);
            assert!(!open(&bench, "deliver") && !open(&bench, "pay"), "{outcome}: nothing is imposed");
            assert_eq!(open(&bench, "tell_reporter"), source == "report");
            assert_eq!(bench.done_bare("serve_result").unwrap_err().code, "service_not_proved");
            let runs = |bench: &Bench| clocks(&bench.docket()).into_iter().find(|c| c.id == "serve_result");
            assert_eq!(runs(&bench).map(|c| c.state.code()), (outcome == "not_fined").then_some("running"));
            let kind = kind_of(&bench);
            let document = make(&mut bench, kind, outcome.as_bytes());
            let deliver = CaseAct::Deliver { document, way: Way::Post, on: bench.today, notice: None };
            bench.act(Seat::Officer, deliver).unwrap();
            assert!(bench.case.done("serve_result").is_some(), "{outcome}");
            assert!(runs(&bench).is_none_or(|c| c.state.code() == "met"));
            if source == "report" {
                bench.done("tell_reporter").unwrap();
            }
            assert_eq!(crate::casework::stage(&bench.docket()), crate::casework::Stage::Closed, "{outcome}");
        }
    }

    #[test]
    fn what_is_void_serves_nothing_and_what_was_served_is_taken_back_by_the_head() {
        let mut bench = approved();
        let kind = kind_of(&bench);
        let document = make(&mut bench, kind, b"decision");
        bench.act(Seat::Officer, CaseAct::VoidDocument { document, reason: "日期写错".into() }).unwrap();
        assert!(awaits_proof(&bench.docket(), "deliver"), "as if it had not been made");
        let document = make(&mut bench, kind, b"another");
        bench.act(Seat::Officer, CaseAct::Deliver { document, way: Way::Post, on: bench.today, notice: None }).unwrap();
        let void = CaseAct::VoidDocument { document, reason: "日期又写错".into() };
        assert_eq!(bench.act(Seat::Officer, void.clone()).unwrap_err().code, "void_by_head");
        bench.act(Seat::Head, void).unwrap();
    }
}
