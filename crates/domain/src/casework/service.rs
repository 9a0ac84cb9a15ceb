//! Service of the decision: the delivery of its document and the step of the procedure are one thing, entered once.
//!
//! ```text
//! document of the decision delivered ─▶ Delivered + StepDone(deliver), where the form asks only how and when; a public notice is waited out
//!                                        it is done by whoever handles the case, or by the head
//! step by its own form               ─▶ refused, unless that document was delivered or a scan of what was served on paper lies in the case
//! refusal without a step behind it   ─▶ owed: the case stays open until its document was delivered, or that scan lies where proofs do
//! ```
//!
//! Always true: no step of service stands in a case without a document that was delivered or a paper that shows it, so that no term which runs
//! from the service begins by a click; nothing was served, or given public notice of, before its paper was made. Outcomes whose document is none of the catalogue ask for neither.

use super::command::Typed;
use super::docket::{Docket, Node, is_adverse, node, proof_place, serving};
use super::event::Way;
use super::paper::paper_of;
use super::refuse;
use super::seat::{Seat, is_ours};
use crate::document::Document;
use crate::form::Values;
use base::{CivilDate, Refusal, Sha256};
use law::{Procedure, ProcedureKind};

/// Kinds of procedure in which the organ decides what somebody applied for.
const APPLIED_FOR: [ProcedureKind; 5] = [
    ProcedureKind::Licence,
    ProcedureKind::Examination,
    ProcedureKind::Filing,
    ProcedureKind::Consultation,
    ProcedureKind::Viewing,
];

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

/// The document by which who applied is still to be told of a refusal, where no step of ours behind it serves it: it was neither delivered nor,
/// where it was not made here, does a scan of what was served on paper lie where proofs do. Until then the case is not over, since the terms
/// against the refusal run from its service.
#[must_use]
pub fn owed(docket: &Docket<'_>) -> Option<&'static Document> {
    let decided = docket.case.outcome()?;
    let Some(found @ Node::Outcome(outcome)) = node(docket.procedure, &decided.outcome) else { return None };
    let by_us = matches!(found.seat(docket.procedure), Seat::Officer | Seat::Head);
    let refuses = APPLIED_FOR.contains(&docket.procedure.kind) && is_adverse(docket.procedure, outcome);
    let has_step = docket.procedure.steps.iter().any(|s| is_ours(s.who) && s.after.contains(&decided.outcome));
    if !by_us || !refuses || has_step {
        return None;
    }
    let document = Document::named(&outcome.document_zh)?;
    let (is_made, is_delivered) = made(docket, (document.code, decided.index));
    let place = proof_place(docket.procedure, docket.case).filter(|_| !is_made);
    let is_shown = place.is_some_and(|place| is_proved(docket, place.id(), decided.index));
    (!is_delivered && !is_shown).then_some(document)
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

/// The day of service that a form tells, and that of its public notice, are not before the paper was made, where it was made here: that of the
/// step, since it was done last, or that of the decision. Of several that count the first: a copy in another language is made later. Of what is
/// entered after its procedure had ended nothing is said, as of a delivery.
pub(super) fn before_paper(docket: &Docket<'_>, node: Node<'_>, values: &Values, on: CivilDate) -> Option<Refusal> {
    docket.procedure.field(&format!("{}_way", node.id()))?;
    if docket.last_known_day().is_some() {
        return None;
    }
    let notice = notice_of(docket.procedure, node.id(), values);
    let since = docket.case.done(node.id()).map(|done| done.index);
    let decided = || {
        let (kind, since) = of_decision(docket).filter(|_| is_serving(docket, node.id()))?;
        docket.case.documents.iter().find(|d| d.kind == kind && d.index > since && !d.void)
    };
    let made = paper_of(docket, node.id(), since).or_else(decided)?.at.shanghai_date();
    let early = [Some(on), notice].into_iter().flatten().find(|day| *day < made);
    early.map(|day| refuse::served_before_made(day, made))
}

/// The day of the public notice that a form of service tells, where it was served so.
pub(super) fn notice_of(procedure: &Procedure, step: &str, values: &Values) -> Option<CivilDate> {
    let way = values.text(&format!("{step}_way")) == Some(Way::PublicNotice.form_word());
    procedure.notice_field(step).filter(|_| way).and_then(|field| values.day(&field.id))
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
    use crate::casework::tests::bench::{Bench, account, who};
    use crate::casework::{CaseAct, Stage, clocks, stage};
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
    fn a_refusal_that_no_step_serves_is_over_when_it_was_served() {
        for (procedure, before, outcome) in [
            ("relocation", "negotiate", "not_agreed"),
            ("citizen_viewing", "examine", "refused"),
            ("area_approval", "examine", "refused"),
        ] {
            let mut bench = Bench::open(procedure);
            bench.go(before);
            assert_eq!(owed(&bench.docket()), None, "{procedure}: nothing is decided");
            bench.decide(outcome).unwrap();
            let document = owed(&bench.docket()).expect("who applied is still to be told");
            assert_eq!(stage(&bench.docket()), Stage::Decided, "{procedure}");
            let mut on_paper = bench.clone();
            let place = proof_place(on_paper.procedure, &on_paper.case).unwrap().id();
            on_paper.give(place).unwrap();
            assert_eq!(stage(&on_paper.docket()), Stage::Closed, "{procedure}: the scan shows it");
            let sha256 = make(&mut bench, document.code, b"refusal");
            bench.give(place).unwrap();
            assert_eq!(stage(&bench.docket()), Stage::Decided, "{procedure}: what was made here is delivered");
            let deliver = CaseAct::Deliver { document: sha256, way: Way::Post, on: bench.today, notice: None };
            bench.act(Seat::Officer, deliver).unwrap();
            assert_eq!((owed(&bench.docket()), stage(&bench.docket())), (None, Stage::Closed), "{procedure}");
        }
        let mut agreed = Bench::open("relocation");
        agreed.go("negotiate");
        agreed.take("agreed").unwrap();
        assert_eq!(owed(&agreed.docket()), None, "nobody is refused");
    }

    #[test]
    fn nothing_is_served_before_it_was_made() {
        let mut bench = Bench::open("relocation");
        bench.go("negotiate");
        bench.decide("not_agreed").unwrap();
        let decided = bench.today;
        bench.today = decided.plus_days(3);
        let kind = kind_of(&bench);
        let document = make(&mut bench, kind, b"notice");
        let deliver = |on| CaseAct::Deliver { document, way: Way::Post, on, notice: None };
        for early in [decided, bench.today.plus_days(-1)] {
            let refusal = bench.try_as(&who(Seat::Officer), deliver(early)).unwrap_err();
            assert_eq!(refusal.code, "day_too_early", "it was not there yet on {early}");
        }
        bench.act(Seat::Officer, deliver(bench.today)).unwrap();
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
    fn nothing_is_served_or_published_before_its_paper_was_made_nor_on_a_day_to_come() {
        let mut bench = Bench::open("penalty_case");
        bench.go("decide");
        bench.decide("fined").unwrap();
        bench.today = bench.today.plus_days(10);
        let made = bench.today;
        let document = make(&mut bench, "penalty_decision", b"decision");
        bench.today = made.plus_days(100);
        let deliver = |on: CivilDate, notice: Option<CivilDate>| {
            let way = if notice.is_some() { Way::PublicNotice } else { Way::Post };
            CaseAct::Deliver { document, way, on, notice }
        };
        let code = |act: CaseAct| bench.clone().act(Seat::Officer, act).err().map(|refusal| refusal.code);
        assert_eq!(code(deliver(made.plus_days(-1), None)).as_deref(), Some("day_too_early"), "there was no paper yet");
        assert_eq!(code(deliver(made, None)), None, "the same day");
        assert_eq!(code(deliver(bench.today, None)), None);
        assert_eq!(code(deliver(bench.today.plus_days(1), None)).as_deref(), Some("day_to_come"));
        let early = code(deliver(bench.today, Some(made.plus_days(-1))));
        assert_eq!(early.as_deref(), Some("day_too_early"), "no notice of what is not made");
        assert_eq!(code(deliver(bench.today, Some(made))), None);
    }

    #[test]
    fn a_copy_that_is_made_later_makes_no_service_too_early() {
        let mut bench = approved();
        let kind = kind_of(&bench);
        bench.today = bench.today.plus_days(1);
        let first = bench.today;
        make(&mut bench, kind, b"decision");
        bench.today = first.plus_days(3);
        make(&mut bench, kind, b"copy");
        let early = |on| {
            let refusal = before_paper(&bench.docket(), bench.node("deliver"), &Values::default(), on);
            refusal.map(|refusal| refusal.code)
        };
        assert_eq!(early(first), None, "the first was there on that day");
        assert_eq!(early(first.plus_days(-1)).as_deref(), Some("day_too_early"));
    }

    #[test]
    fn a_public_notice_that_a_form_tells_is_not_before_what_it_tells() {
        let mut bench = Bench::open("penalty_case");
        bench.go("investigate");
        let told = bench.today;
        bench.today = told.plus_days(100);
        let tell = |notice: CivilDate| {
            let CaseAct::Done { step, mut typed, note, officers, on } = bench.done_act("tell") else { unreachable!() };
            typed.insert("tell_way".into(), "public_notice".into());
            typed.insert("tell_notice_day".into(), notice.to_string());
            let act = CaseAct::Done { step, typed, note, officers, on };
            bench.clone().act(Seat::Officer, act).err().map(|refusal| refusal.code)
        };
        assert_eq!(tell(told.plus_days(-1)).as_deref(), Some("day_too_early"));
        assert_eq!(tell(told), None, "the same day");
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
