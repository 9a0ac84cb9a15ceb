//! Single rules: who may act, what is asked once, what ends a case, how events are spelled and folded.

use super::bench::{Bench, PACKS, REASONS, account, day, office, officers, party, who};
use crate::casework::*;
use base::{CivilDate, ErrorKind, Refusal, Sha256, Text};

fn code<T>(result: Result<T, Refusal>) -> String {
    result.map_or_else(|refusal| refusal.code, |_| "done".to_owned())
}

#[test]
fn a_second_tab_is_told_that_the_case_moved_on() {
    let mut bench = Bench::open("area_approval");
    let seen = bench.case.events;
    bench.give("application").unwrap();
    let officers = officers();
    let checks =
        Checks { officers: &officers, law: None, stands_for: &[], unit_answered: false, heads: Heads::default() };
    for seen in [seen, seen + 2] {
        let late = Command { seen, act: bench.done_act("apply") };
        let refusal = decide(&bench.docket(), &late, &who(Seat::Officer), &checks).unwrap_err();
        assert_eq!((refusal.code.as_str(), refusal.kind), ("case_moved_on", ErrorKind::Conflict));
    }
}

#[test]
fn what_the_law_gate_refuses_is_not_done() {
    let bench = Bench::open("area_approval");
    let officers = officers();
    let refused = Refusal::new(ErrorKind::Unlawful, "forbidden_place", Text::new("否", "no"), Text::new("下", "next"));
    let checks = Checks {
        officers: &officers,
        law: Some(&refused),
        stands_for: &[],
        unit_answered: false,
        heads: Heads::default(),
    };
    let command = Command { seen: bench.case.events, act: bench.done_act("apply") };
    assert_eq!(code(decide(&bench.docket(), &command, &who(Seat::Officer), &checks)), "forbidden_place");
}

#[test]
fn each_acts_from_their_own_seat_office_and_case() {
    let bench = Bench::open("area_approval");
    let apply = || bench.done_act("apply");
    assert_eq!(code(bench.try_as(&who(Seat::Applicant), apply())), "done");
    assert_eq!(code(bench.try_as(&who(Seat::Counter), apply())), "done");
    assert_eq!(code(bench.try_as(&who(Seat::Publisher), apply())), "not_your_step");
    let stranger = Who { party: Some(base::PartyId::new(1, [2; 10])), ..who(Seat::Applicant) };
    assert_eq!(code(bench.try_as(&stranger, apply())), "not_your_case");
    let nobody = Who { party: None, ..who(Seat::Applicant) };
    assert_eq!(code(bench.try_as(&nobody, apply())), "not_your_case");
    let elsewhere = Who { office: Some(base::OfficeId::new(1, [2; 10])), ..who(Seat::Officer) };
    assert_eq!(code(bench.try_as(&elsewhere, apply())), "other_office");
    assert_eq!(code(bench.try_as(&who(Seat::Outside), apply())), "not_your_step");
}

#[test]
fn an_applicant_does_not_set_the_clock_of_the_office_back() {
    let mut bench = Bench::open("area_approval");
    bench.today = bench.today.plus_days(9);
    let CaseAct::Done { step, typed, note, officers, on } = bench.done_act("apply") else { unreachable!() };
    let back = CaseAct::Done { step, typed, note, officers, on: on.plus_days(-9) };
    assert_eq!(code(bench.try_as(&who(Seat::Applicant), back.clone())), "day_today");
    assert_eq!(code(bench.try_as(&who(Seat::Counter), back)), "done", "what came on paper is entered with its day");
}

#[test]
fn no_day_is_to_come_or_before_what_it_follows() {
    let mut bench = Bench::open("area_approval");
    bench.give("application").unwrap();
    bench.today = bench.today.plus_days(2);
    bench.done("apply").unwrap();
    let accept = |on| {
        let CaseAct::Done { step, typed, note, officers, .. } = bench.done_act("accept") else { unreachable!() };
        CaseAct::Done { step, typed, note, officers, on }
    };
    let today = bench.today;
    for (on, is) in [(today.plus_days(1), "day_to_come"), (today.plus_days(-1), "day_too_early"), (today, "done")] {
        assert_eq!(code(bench.try_as(&who(Seat::Officer), accept(on))), is, "{on}");
    }
}

#[test]
fn only_who_handles_the_case_acts_on_it() {
    let mut bench = Bench::open("area_approval");
    bench.give("application").unwrap();
    bench.done("apply").unwrap();
    let other = Who { account: account(9), ..who(Seat::Officer) };
    assert_eq!(code(bench.try_as(&other, CaseAct::Assign { to: who(Seat::Officer).account })), "not_your_step");
    bench.act_as(&other, CaseAct::Assign { to: account(9) }).unwrap();
    assert_eq!(code(bench.try_as(&who(Seat::Officer), bench.done_act("accept"))), "not_assigned");
    assert_eq!(code(bench.try_as(&who(Seat::Head), CaseAct::Assign { to: account(77) })), "assigned");
    assert_eq!(code(bench.try_as(&who(Seat::Head), CaseAct::Assign { to: account(9) })), "assigned_already");
    bench.act(Seat::Head, CaseAct::Assign { to: who(Seat::Officer).account }).unwrap();
    bench.done("accept").unwrap();
}

#[test]
fn who_stands_in_acts_in_the_place_of_the_handler_and_approves_nothing_of_it() {
    let mut bench = Bench::open("area_approval");
    bench.give("application").unwrap();
    bench.done("apply").unwrap();
    let handler = who(Seat::Officer).account;
    bench.act(Seat::Head, CaseAct::Assign { to: handler }).unwrap();
    let other = Who { account: account(9), ..who(Seat::Officer) };
    let officers = officers();
    let act = |bench: &Bench, stands_for: &[base::AccountId]| {
        let checks =
            Checks { officers: &officers, law: None, stands_for, unit_answered: false, heads: Heads::default() };
        let command = Command { seen: bench.case.events, act: bench.done_act("accept") };
        decide(&bench.docket(), &command, &other, &checks)
    };
    assert_eq!(code(act(&bench, &[])), "not_assigned");
    assert_eq!(code(act(&bench, &[account(77)])), "not_assigned");
    assert_eq!(code(act(&bench, &[handler])), "done");
    let reason = "是申请人的近亲属".to_owned();
    bench.act(Seat::Applicant, CaseAct::AskRecusal { account: account(9), reason: reason.clone() }).unwrap();
    bench.act(Seat::Head, CaseAct::SettleRecusal { account: account(9), granted: true, reason }).unwrap();
    assert_eq!(code(act(&bench, &[handler])), "recused", "it is the person who acts that must be free to");
}

#[test]
fn the_day_of_the_facts_is_put_right_before_anything_is_decided() {
    let mut bench = Bench::open("area_approval");
    let change = |on, reasons: &str| CaseAct::ChangeFacts { on, reasons: reasons.into() };
    let (today, before) = (bench.today, bench.today.plus_days(-3));
    assert_eq!(code(bench.try_as(&who(Seat::Officer), change(today, REASONS))), "facts_same");
    assert_eq!(code(bench.try_as(&who(Seat::Officer), change(today.plus_days(1), REASONS))), "day_to_come");
    assert_eq!(code(bench.try_as(&who(Seat::Officer), change(before, "改"))), "reasons");
    assert_eq!(code(bench.try_as(&who(Seat::Head), change(before, REASONS))), "not_your_step");
    let long_ago = day("1990-01-01");
    assert_eq!(code(bench.try_as(&who(Seat::Officer), change(long_ago, REASONS))), "procedure_not_in_force");
    bench.act(Seat::Officer, change(before, REASONS)).unwrap();
    assert_eq!(bench.case.facts_on, before);
    bench.give("application").unwrap();
    bench.done("apply").unwrap();
    bench.done("accept").unwrap();
    bench.today = today.plus_days(2);
    assert_eq!(code(bench.try_as(&who(Seat::Officer), change(today.plus_days(1), REASONS))), "day_too_late");
    bench.act(Seat::Officer, change(today, REASONS)).unwrap();
    bench.done("examine").unwrap();
    bench.decide("approved").unwrap();
    assert_eq!(code(bench.try_as(&who(Seat::Officer), change(before, REASONS))), "decided_already");
}

#[test]
fn who_keeps_out_does_nothing_more_in_the_case() {
    let mut bench = Bench::open("area_approval");
    let officer = who(Seat::Officer).account;
    bench.act(Seat::Head, CaseAct::Assign { to: officer }).unwrap();
    let ask = CaseAct::AskRecusal { account: officer, reason: "是申请人的近亲属".into() };
    let settle = |granted| CaseAct::SettleRecusal { account: officer, granted, reason: "情况属实".into() };
    assert_eq!(code(bench.try_as(&who(Seat::Head), settle(true))), "recusal_not_asked");
    bench.act(Seat::Applicant, ask.clone()).unwrap();
    assert_eq!(code(bench.try_as(&who(Seat::Applicant), ask)), "recusal_asked");
    assert_eq!(code(bench.try_as(&who(Seat::Officer), settle(true))), "not_your_step");
    let own = Who { account: officer, ..who(Seat::Head) };
    assert_eq!(code(bench.try_as(&own, settle(false))), "own_recusal");
    bench.act(Seat::Head, settle(true)).unwrap();
    assert_eq!((bench.case.assigned, bench.case.is_recused(officer)), (None, true));
    assert_eq!(code(bench.try_as(&who(Seat::Officer), bench.done_act("apply"))), "recused");
    assert_eq!(code(bench.try_as(&who(Seat::Head), CaseAct::Assign { to: officer })), "assigned");
}

#[test]
fn nobody_approves_their_own_case_and_the_head_decides_what_was_proposed() {
    let mut bench = Bench::open("penalty_case");
    bench.go("decide");
    let decide = |bench: &Bench| bench.decide_act("not_fined");
    assert_eq!(code(bench.try_as(&who(Seat::Head), decide(&bench))), "not_proposed");
    bench.propose("not_fined").unwrap();
    let officer = Who { account: who(Seat::Officer).account, ..who(Seat::Head) };
    assert_eq!(code(bench.try_as(&officer, decide(&bench))), "own_case", "under the seat of the head too");
    let second = Who { account: account(9), ..who(Seat::Head) };
    assert_eq!(code(bench.try_as(&second, decide(&bench))), "own_case", "named as officer of a step");
    let CaseAct::Decide { outcome, typed, clauses, officers, on, .. } = decide(&bench) else { unreachable!() };
    let reasons = "另有理由，与所提意见不同。".to_owned();
    let other = CaseAct::Decide { outcome, typed, reasons, clauses, officers, on };
    assert_eq!(code(bench.try_as(&who(Seat::Head), other)), "not_as_proposed");
    bench.act(Seat::Head, CaseAct::SendBack { reasons: "请补充证据".into() }).unwrap();
    assert!(bench.case.proposal.is_none());
    assert_eq!(code(bench.try_as(&who(Seat::Head), CaseAct::SendBack { reasons: "再退".into() })), "nothing_proposed");
    bench.decide("not_fined").unwrap();
    let stands = bench.case.outcome().unwrap();
    assert_eq!((stands.outcome.as_str(), stands.reasons.expose().as_str()), ("not_fined", REASONS));
}

#[test]
fn a_decision_waits_for_the_review_of_what_is_proposed_last() {
    let mut bench = Bench::open("penalty_case");
    bench.go("decide");
    bench.propose("fined").unwrap();
    let head = who(Seat::Head);
    assert_eq!(code(bench.try_as(&head, bench.decide_act("fined"))), "legal_review_needed");
    bench.review().unwrap();
    assert_eq!(code(bench.try_as(&head, bench.decide_act("fined"))), "done");
    bench.propose("fined").unwrap();
    assert_eq!(code(bench.try_as(&head, bench.decide_act("fined"))), "legal_review_needed", "another proposal");
    let own = Who { account: who(Seat::Officer).account, ..who(Seat::LegalReviewer) };
    let review = |passed| CaseAct::Review { passed, opinion: REASONS.into(), typed: Typed::new() };
    assert_eq!(code(bench.try_as(&own, review(true))), "own_case");
    bench.act(Seat::LegalReviewer, review(false)).unwrap();
    assert!(bench.case.proposal.is_none(), "what did not pass no longer stands");
    let reviewer = Who { account: who(Seat::LegalReviewer).account, ..who(Seat::Head) };
    bench.propose("not_fined").unwrap();
    assert_eq!(
        code(bench.try_as(&reviewer, bench.decide_act("not_fined"))),
        "own_case",
        "the reviewer decides nothing"
    );
}

#[test]
fn two_different_officers_with_certificates_are_named_where_the_law_asks() {
    let mut bench = Bench::open("penalty_case");
    bench.done("open").unwrap();
    let officer = who(Seat::Officer).account;
    let named = |officers: Vec<base::AccountId>| {
        let CaseAct::Done { step, typed, note, on, .. } = bench.done_act("investigate") else { unreachable!() };
        code(bench.try_as(&who(Seat::Officer), CaseAct::Done { step, typed, note, officers, on }))
    };
    assert_eq!(named(vec![]), "two_officers_required");
    assert_eq!(named(vec![officer, officer]), "two_officers_required");
    assert_eq!(named(vec![officer, account(77)]), "officers");
    assert_eq!(named(vec![officer, account(10)]), "not_qualified");
    assert_eq!(named(vec![officer, account(9)]), "done");
}

#[test]
fn a_burden_has_reasons_and_a_clause() {
    let mut bench = Bench::open("area_approval");
    bench.go("examine");
    let propose = |reasons: &str, clauses: &[&str]| CaseAct::Propose {
        outcome: "refused".into(),
        typed: bench.sample("refused"),
        reasons: reasons.into(),
        clauses: clauses.iter().map(|c| base::ClauseId::new(c)).collect(),
    };
    let tried = |act| code(bench.try_as(&who(Seat::Officer), act));
    assert_eq!(tried(propose("九个字的理由不足", &["AL-38"])), "reasons");
    assert_eq!(tried(propose(REASONS, &[])), "clause_needed");
    assert_eq!(tried(propose(REASONS, &["Z-1"])), "clause");
    assert_eq!(tried(propose(REASONS, &["AL-38"])), "done");
    let approve = CaseAct::Propose {
        outcome: "approved".into(),
        typed: bench.sample("approved"),
        reasons: String::new(),
        clauses: vec![],
    };
    assert_eq!(tried(approve), "done", "what burdens nobody needs none");
}

#[test]
fn what_is_missing_is_named_once_and_all_of_it() {
    let mut bench = Bench::open("product_registration");
    bench.done("apply").unwrap();
    for paper in ["form", "licence", "organisation_code", "representative"] {
        bench.give(paper).unwrap();
    }
    assert_eq!(code(bench.ask(&["technicians"])), "name_everything");
    assert_eq!(code(bench.ask(&["technicians", "technicians"])), "missing");
    assert_eq!(code(bench.ask(&["technicians", "nothing"])), "missing");
    bench.ask(&["technicians", "standard", "appraisal"]).unwrap();
    assert!(bench.docket().awaits_rest());
    bench.give("technicians").unwrap();
    assert_eq!(code(bench.done("receive")), "rest_awaited");
    assert_eq!(code(bench.ask(&["standard"])), "asked_before");
    bench.done("complete").unwrap();
    assert_eq!(code(bench.ask(&["standard"])), "asked_before", "it was asked for, and nothing new came");
    assert_eq!(code(bench.ask(&["technicians"])), "asked_before", "nor of what was handed in since: it is told once");
    bench.complete_papers();
    bench.done("receive").unwrap();
    assert_eq!(code(bench.ask(&["technicians"])), "asked_before", "nothing is asked for after the acceptance");
}

#[test]
fn what_is_missing_is_named_once_in_every_procedure() {
    let mut found = 0;
    for procedure in PACKS.procedures() {
        let Some(step) = asking_step(procedure) else { continue };
        let mut bench = Bench::open(&procedure.id);
        let before = step.after.first().map(String::as_str).unwrap_or_default();
        bench.go(before);
        let missing: Vec<String> = bench.docket().missing().iter().map(|m| m.id.clone()).collect();
        let missing: Vec<&str> = missing.iter().map(String::as_str).collect();
        bench.ask(&missing).unwrap();
        assert!(bench.case.was_asked());
        bench.complete_papers();
        bench.done("complete").unwrap();
        assert_eq!(code(bench.ask(&missing)), "asked_before", "{}", procedure.id);
        assert_eq!(code(bench.ask(&[])), "asked_before", "{}", procedure.id);
        assert_eq!(bench.case.askings.len(), 1, "{}", procedure.id);
        found += 1;
    }
    assert!(found >= 8, "{found}");
}

#[test]
fn the_party_has_a_day_that_is_still_to_come() {
    let mut bench = Bench::open("area_approval");
    bench.done("apply").unwrap();
    let today = bench.today;
    let ask = |until| CaseAct::AskForRest {
        materials: vec![Missing { id: "application".into(), reason: "没有提交".into() }],
        fields: vec![],
        on: today,
        until,
    };
    assert_eq!(code(bench.try_as(&who(Seat::Officer), ask(Some(today.plus_days(-1))))), "until");
    assert_eq!(code(bench.try_as(&who(Seat::Officer), ask(Some(today)))), "done");
    assert_eq!(code(bench.try_as(&who(Seat::Officer), ask(None))), "done", "no clause sets a number of days");
    bench.act(Seat::Officer, ask(Some(today.plus_days(9)))).unwrap();
    assert_eq!(bench.case.askings.last().and_then(|a| a.until), Some(today.plus_days(9)));
}

#[test]
fn an_application_is_given_up_before_the_decision_and_nothing_follows() {
    let mut bench = Bench::open("area_approval");
    bench.done("apply").unwrap();
    let give_up = CaseAct::Abandon { reasons: String::new() };
    assert_eq!(code(bench.try_as(&who(Seat::Officer), give_up.clone())), "not_your_step");
    let mut decided = bench.clone();
    decided.go("examine");
    decided.decide("refused").unwrap();
    assert_eq!(code(decided.try_as(&who(Seat::Applicant), give_up.clone())), "decided_already");
    bench.act(Seat::Applicant, give_up).unwrap();
    assert_eq!(stage(&bench.docket()), Stage::Abandoned);
    assert!(open_steps(&bench.docket()).is_empty());
    assert_eq!(code(bench.done("accept")), "case_ended");
    assert_eq!(code(bench.give("application")), "case_ended");
    bench.act(Seat::Officer, CaseAct::Note { words: "已电话告知".into() }).unwrap();
    let penalty = Bench::open("penalty_case");
    let drop = CaseAct::Abandon { reasons: REASONS.into() };
    for seat in [Seat::Officer, Seat::Head] {
        assert_eq!(code(penalty.try_as(&who(seat), drop.clone())), "not_your_step", "a penalty case is decided");
    }
    let inspection = Bench::open("inspection_b");
    for (seat, done) in [
        (Seat::Officer, "done"),
        (Seat::Head, "done"),
        (Seat::LegalReviewer, "not_your_step"),
        (Seat::Publisher, "not_your_step"),
    ] {
        assert_eq!(code(inspection.try_as(&who(seat), drop.clone())), done, "{seat:?}: its own motion");
    }
}

#[test]
fn what_is_entered_after_the_end_is_late_only_by_a_day_that_is_known() {
    let mut bench = Bench::open("product_registration");
    let on = bench.today;
    assert_eq!(bench.docket().last_known_day(), None, "it was begun while its procedure was in force");
    let apply = bench.done_act("apply");
    bench.act(Seat::Officer, apply).unwrap();
    bench.today = day("2026-03-02");
    assert_eq!(bench.docket().accepted_by_lapse(), Some(on), "nobody named what is missing for years");
    assert_eq!(bench.docket().last_known_day(), None, "it goes on with the days on which things are done");
    // The same, entered from the papers of then.
    bench.case.opened_at = bench.today.start();
    assert_eq!((bench.docket().last_known_day(), bench.docket().accepted_by_lapse()), (Some(on), None));
    bench.case.facts_on = on.plus_days(60);
    assert_eq!(bench.docket().last_known_day(), Some(on.plus_days(60)));
    assert_eq!(bench.docket().accepted_by_lapse(), Some(on), "by then it was");
}

#[test]
fn a_procedure_that_was_ended_takes_only_what_happened_before() {
    let procedure = PACKS.procedure("product_registration").unwrap();
    let today = day("2026-03-02");
    let opened = |facts_on, channel, seat| {
        let (party, title) = (Some(party()), "旧案".into());
        let opening = Opening { office: office(), facts_on, channel, party, title, from_case: None };
        open(&PACKS, procedure, &opening, &who(seat), today)
    };
    let ended = opened(today, Channel::Online, Seat::Applicant).unwrap_err();
    assert_eq!(
        (ended.code.as_str(), ended.why.first().map(|c| c.clause.0.as_str())),
        ("procedure_ended", Some("SC-58"))
    );
    let until = procedure.until.unwrap();
    assert_eq!(code(opened(until, Channel::Counter, Seat::Counter)), "procedure_ended");
    assert_eq!(code(opened(until.plus_days(-1), Channel::Counter, Seat::Counter)), "done");
    assert_eq!(code(opened(procedure.from.plus_days(-1), Channel::Counter, Seat::Counter)), "procedure_not_in_force");
    assert_eq!(code(opened(until.plus_days(-1), Channel::OwnMotion, Seat::Officer)), "done");
    assert_eq!(code(opened(until.plus_days(-1), Channel::Online, Seat::Applicant)), "facts_today");
    assert_eq!(code(opened(today.plus_days(1), Channel::Counter, Seat::Counter)), "facts_to_come");
    assert_eq!(code(opened(until.plus_days(-1), Channel::OwnMotion, Seat::Counter)), "not_your_step");
}

#[test]
fn who_decides_a_filing_that_nobody_has_handles_it_and_nobody_else_does_by_deciding() {
    let mut bench = Bench::open("provider_filing");
    bench.go("check");
    assert_eq!(bench.case.assigned, None);
    let mut others = bench.clone();
    bench.take("filed").unwrap();
    assert_eq!(bench.case.assigned, Some(who(Seat::Officer).account));
    others.act(Seat::Head, CaseAct::Assign { to: account(9) }).unwrap();
    assert_eq!(code(others.try_as(&who(Seat::Officer), others.decide_act("filed"))), "not_assigned");
    let mut refused = Bench::open("provider_filing");
    refused.go("check");
    refused.decide("not_filed").unwrap();
    assert_eq!(refused.case.assigned, None, "the head decided");
}

#[test]
fn rows_and_publications_are_those_of_the_decision() {
    let mut bench = Bench::open("provider_filing");
    bench.go("check");
    let register = |word: &str| CaseAct::Register { register: word.into(), row: "L-1".into() };
    assert_eq!(code(bench.try_as(&who(Seat::Officer), register("providers"))), "register", "nothing is decided");
    bench.take("filed").unwrap();
    assert_eq!(code(bench.try_as(&who(Seat::Officer), register("penalties"))), "register");
    bench.act(Seat::Officer, register("providers")).unwrap();
    let publish = CaseAct::Publish { publication: "provider_directory".into(), row: "L-1".into() };
    assert_eq!(code(bench.try_as(&who(Seat::Officer), publish.clone())), "not_your_step");
    bench.act(Seat::Publisher, publish.clone()).unwrap();
    assert_eq!(code(bench.try_as(&who(Seat::Publisher), publish)), "published_already");
    let withdraw = |reasons: &str| CaseAct::WithdrawPublication {
        publication: "provider_directory".into(),
        row: "L-1".into(),
        reasons: reasons.into(),
    };
    assert_eq!(code(bench.try_as(&who(Seat::Publisher), withdraw("错"))), "reasons");
    bench.act(Seat::Publisher, withdraw(REASONS)).unwrap();
    assert_eq!(code(bench.try_as(&who(Seat::Publisher), withdraw(REASONS))), "not_found");
}

#[test]
fn a_document_is_made_and_delivered_once() {
    let mut bench = Bench::open("penalty_case");
    let sha256 = Sha256::of(b"document");
    let make = |pages| CaseAct::MakeDocument {
        kind: "notice".into(),
        number: "黑公（技）〔2026〕1号".into(),
        sha256,
        pages,
        lang: base::Lang::Zh,
    };
    let deliver = CaseAct::Deliver { document: sha256, way: Way::InPerson, on: bench.today, notice: None };
    assert_eq!(code(bench.try_as(&who(Seat::Officer), deliver.clone())), "not_found");
    assert_eq!(code(bench.try_as(&who(Seat::Officer), make(0))), "pages");
    bench.act(Seat::Officer, make(2)).unwrap();
    assert_eq!(code(bench.try_as(&who(Seat::Officer), make(2))), "document_there");
    bench.act(Seat::Officer, deliver.clone()).unwrap();
    assert_eq!(code(bench.try_as(&who(Seat::Officer), deliver)), "delivered_already");
}

#[test]
fn a_document_of_before_languages_were_kept_is_chinese() {
    let made = |lang| {
        let (kind, number) = ("notice".to_owned(), "黑公（技）〔2026〕1号".to_owned());
        Event::DocumentMade { kind, number, sha256: Sha256::of(b"document"), pages: 1, lang }
    };
    let english = serde_json::to_value(made(base::Lang::En)).unwrap();
    assert_eq!(english["lang"], "en");
    assert!(serde_json::from_value::<Event>(english.clone()).unwrap() == made(base::Lang::En));
    let mut before = english;
    before.as_object_mut().unwrap().remove("lang");
    assert!(serde_json::from_value::<Event>(before).unwrap() == made(base::Lang::Zh));
}

#[test]
fn a_document_that_is_void_stays_in_the_case_and_is_neither_delivered_nor_void_twice() {
    let mut bench = Bench::open("penalty_case");
    let sha256 = Sha256::of(b"document");
    let number = "黑公（技）〔2026〕1号".into();
    let make = CaseAct::MakeDocument { kind: "notice".into(), number, sha256, pages: 1, lang: base::Lang::Zh };
    let void = |reason: &str| CaseAct::VoidDocument { document: sha256, reason: reason.into() };
    assert_eq!(code(bench.try_as(&who(Seat::Officer), void("日期写错"))), "not_found");
    bench.act(Seat::Officer, make.clone()).unwrap();
    assert_eq!(code(bench.try_as(&who(Seat::Applicant), void("日期写错"))), "not_your_step");
    assert_eq!(code(bench.try_as(&who(Seat::Officer), void("。"))), "reason");
    bench.act(Seat::Officer, void("日期写错")).unwrap();
    assert!(bench.case.documents.iter().all(|d| d.void) && bench.case.documents.len() == 1);
    assert_eq!(code(bench.try_as(&who(Seat::Officer), void("日期写错"))), "document_void");
    let deliver = CaseAct::Deliver { document: sha256, way: Way::InPerson, on: bench.today, notice: None };
    assert_eq!(code(bench.try_as(&who(Seat::Officer), deliver)), "document_void");
    assert_eq!(code(bench.try_as(&who(Seat::Officer), make)), "document_there", "the same bytes are not made again");
}

#[test]
fn into_a_closed_case_comes_the_proof_of_a_delivery_and_nothing_else() {
    let mut bench = Bench::open("area_approval");
    bench.go("examine");
    bench.decide("refused").unwrap();
    for _ in 0..12 {
        let open = bench.docket().open().into_iter().map(|(n, _)| n.id().to_owned()).next();
        let Some(id) = open else { break };
        bench.take(&id).unwrap();
    }
    assert_eq!(stage(&bench.docket()), Stage::Closed);
    let place = proof_place(bench.procedure, &bench.case).unwrap().id();
    assert_eq!(code(bench.give(place)), "case_closed", "there is no document that it could prove");
    let sha256 = Sha256::of(b"document");
    let number = "黑公（技）〔2026〕1号".into();
    let make = CaseAct::MakeDocument { kind: "notice".into(), number, sha256, pages: 1, lang: base::Lang::Zh };
    bench.act(Seat::Officer, make).unwrap();
    bench.give(place).unwrap();
    let deliver = CaseAct::Deliver { document: sha256, way: Way::Post, on: bench.today, notice: None };
    bench.act(Seat::Officer, deliver).unwrap();
    bench.give(place).unwrap();
    let others: Vec<String> = bench.procedure.materials.iter().map(|m| m.id.clone()).collect();
    let steps = nodes(bench.procedure).map(|n| n.id().to_owned()).filter(|id| id != place);
    for other in others.into_iter().chain(steps) {
        let refused = code(bench.give(&other));
        assert!(["case_closed", "not_your_step"].contains(&refused.as_str()), "{other}: {refused}");
    }
    assert_eq!(stage(&bench.docket()), Stage::Closed, "it opens nothing");
}

#[test]
fn a_slip_is_corrected_by_another_entry_and_the_first_stays() {
    let mut bench = Bench::open("area_approval");
    bench.done("apply").unwrap();
    let before = bench.events.clone();
    let correct = |index| CaseAct::Correct { index, what: "应为东门".into(), reasons: "录入笔误".into() };
    assert_eq!(code(bench.try_as(&who(Seat::Officer), correct(bench.case.events))), "not_found");
    bench.act(Seat::Officer, correct(1)).unwrap();
    assert_eq!(bench.events.get(..before.len()), Some(before.as_slice()));
    assert!(bench.case.corrected.contains(&1));
}

#[test]
fn a_value_that_was_filled_in_wrongly_is_put_right_and_counts_until_the_decision() {
    let mut bench = Bench::open("penalty_case");
    let act_day = |typed: &str| CaseAct::CorrectValue {
        field: "act_day".into(),
        typed: typed.into(),
        reasons: "录入时看错。".into(),
    };
    let (today, before) = (bench.today, bench.today.plus_days(-20));
    assert_eq!(
        code(bench.try_as(&who(Seat::Officer), act_day(&before.to_string()))),
        "unknown",
        "nothing is filled in"
    );
    let CaseAct::Done { step, mut typed, note, officers, on } = bench.done_act("open") else { unreachable!() };
    typed.insert("act_day".into(), today.plus_days(1).to_string());
    let late = CaseAct::Done { step, typed, note, officers, on };
    assert_eq!(code(bench.try_as(&who(Seat::Officer), late)), "form", "what happened is not of a day to come");
    bench.done("open").unwrap();
    assert_eq!(code(bench.try_as(&who(Seat::Officer), act_day(&today.to_string()))), "value");
    assert_eq!(code(bench.try_as(&who(Seat::Officer), act_day(&today.plus_days(1).to_string()))), "form", "to come");
    bench.today = today.plus_days(9);
    let after = act_day(&today.plus_days(1).to_string());
    assert_eq!(code(bench.try_as(&who(Seat::Officer), after)), "act_day_to_come", "later than the step that names it");
    bench.today = today;
    assert_eq!(code(bench.try_as(&who(Seat::Head), act_day(&before.to_string()))), "not_your_step");
    let events = bench.events.len();
    bench.act(Seat::Officer, act_day(&before.to_string())).unwrap();
    assert_eq!(bench.case.values_of("open").unwrap().day("act_day"), Some(before));
    assert_eq!(bench.case.done("open").unwrap().on, today, "the step was done when it was done");
    let told = bench.events.get(events..).unwrap();
    let words = |r: &Recorded| matches!(&r.event, Event::Corrected { what, .. } if what.contains(&today.to_string()));
    assert!(told.iter().any(words), "the old value is shown");
    for step in ["investigate", "tell"] {
        bench.done(step).unwrap();
    }
    let told_sum =
        CaseAct::CorrectValue {
            field: "intended_fine".into(), typed: "9".into(), reasons: "录入时看错。".into()
        };
    assert_eq!(code(bench.try_as(&who(Seat::Officer), told_sum)), "unknown", "the party has that paper");
    bench.propose("not_fined").unwrap();
    assert_eq!(code(bench.try_as(&who(Seat::Officer), act_day(&today.to_string()))), "proposal_stands");
    bench.decide("not_fined").unwrap();
    assert_eq!(code(bench.try_as(&who(Seat::Officer), act_day(&today.to_string()))), "decided_already");
}

#[test]
fn what_a_delivered_paper_says_is_not_written_over_while_it_counts() {
    let mut bench = Bench::open("penalty_case");
    bench.go("register_evidence");
    let done = bench.case.done("register_evidence").unwrap().index;
    let place = || CaseAct::CorrectValue {
        field: "evidence_place".into(),
        typed: "分局物证室".into(),
        reasons: "录入时看错。".into(),
    };
    let made = super::super::case::Document {
        kind: "evidence_registration".into(),
        number: "示例".into(),
        sha256: Sha256::of(b"paper"),
        pages: 1,
        index: done + 1,
        at: base::UtcMs(0),
        delivered: Some((Way::InPerson, bench.today)),
        void: false,
    };
    bench.case.documents.push(made);
    assert_eq!(code(bench.try_as(&who(Seat::Officer), place())), "paper_served");
    bench.case.documents[0].void = true;
    assert_eq!(code(bench.try_as(&who(Seat::Officer), place())), "done", "void it is no paper");
}

#[test]
fn no_correction_leaves_a_complex_case_without_its_discussion() {
    let mut bench = Bench::open("penalty_case");
    for step in ["open", "investigate", "tell", "decide"] {
        bench.done(step).unwrap();
    }
    let flag = |field: &str, typed: &str| CaseAct::CorrectValue {
        field: field.into(),
        typed: typed.into(),
        reasons: "录入时看错。".into(),
    };
    assert_eq!(code(bench.act(Seat::Officer, flag("complex", "yes"))), "discussion_owed", "nobody discussed it");
    bench.act(Seat::Officer, flag("discussed", "yes")).unwrap();
    assert_eq!(code(bench.act(Seat::Officer, flag("discussed_by", ""))), "discussion_owed", "who took part stays");
    bench.act(Seat::Officer, flag("complex", "yes")).unwrap();
    assert_eq!(code(bench.act(Seat::Officer, flag("discussed", "no"))), "discussion_owed");
}

#[test]
fn no_more_devices_are_approved_than_were_applied_for() {
    let mut bench = Bench::open("area_approval");
    bench.give("application").unwrap();
    for step in ["apply", "accept", "examine"] {
        bench.done(step).unwrap();
    }
    let applied: i64 = bench.case.values_of("apply").unwrap().number("devices_total").unwrap();
    let propose = |devices: i64| {
        let mut typed = bench.sample("approved");
        typed.insert("approved_devices".into(), devices.to_string());
        CaseAct::Propose { outcome: "approved".into(), typed, reasons: REASONS.into(), clauses: Vec::new() }
    };
    assert_eq!(code(bench.try_as(&who(Seat::Officer), propose(applied))), "done");
    assert_eq!(code(bench.try_as(&who(Seat::Officer), propose(applied + 1))), "more_than_applied");
}

#[test]
fn a_case_has_room_for_so_many_events() {
    let mut bench = Bench::open("area_approval");
    bench.case.events = MOST_EVENTS - 2;
    assert_eq!(code(bench.try_as(&who(Seat::Officer), bench.done_act("apply"))), "done");
    bench.case.events = MOST_EVENTS - 1;
    assert_eq!(code(bench.try_as(&who(Seat::Officer), bench.done_act("apply"))), "case_full");
    bench.case.events = MOST_EVENTS;
    let at = base::UtcMs(0);
    let note = Recorded { index: MOST_EVENTS, at, by: account(1), event: Event::Noted { words: "满".into() } };
    assert!(bench.case.apply(&note).is_err());
}

#[test]
fn events_have_stable_words_and_unknown_ones_are_refused() {
    let mut bench = Bench::open("penalty_case");
    bench.go("decide");
    bench.decide("fined").unwrap();
    for recorded in &bench.events {
        let json = serde_json::to_value(recorded).unwrap();
        assert_eq!(json["event"]["event"], recorded.event.kind());
        assert_eq!(serde_json::from_value::<Recorded>(json).unwrap(), *recorded);
    }
    let read = |text: &str| serde_json::from_str::<Event>(text).is_ok();
    assert!(read(r#"{"event":"noted","words":"好"}"#));
    assert!(!read(r#"{"event":"noted","words":"好","more":1}"#) && !read(r#"{"event":"noticed","words":"好"}"#));
    assert!(!read(r#"{"event":"noted"}"#) && !read(r#"{"words":"好"}"#));
}

#[test]
fn nothing_that_a_person_wrote_is_printed() {
    let mut bench = Bench::open("penalty_case");
    bench.go("decide");
    bench.propose("fined").unwrap();
    let act = CaseAct::Note { words: "王小明欠款".into() };
    let opening = Opening {
        office: office(),
        facts_on: bench.today,
        channel: Channel::Counter,
        party: None,
        title: "王小明".into(),
        from_case: None,
    };
    bench.act(Seat::Officer, act.clone()).unwrap();
    let printed = format!("{:?} {:?} {act:?} {opening:?}", bench.case, bench.events);
    for secret in ["王小明", "示例商场", REASONS, "材料.pdf"] {
        assert!(!printed.contains(secret), "{secret}");
    }
}

#[test]
fn a_list_that_cannot_have_happened_is_no_case() {
    let mut bench = Bench::open("area_approval");
    bench.done("apply").unwrap();
    let (by, at) = (account(3), bench.today.start());
    let next = bench.case.events;
    let with = |event: Event| {
        let mut events = bench.events.clone();
        events.push(Recorded { index: next, at, by, event });
        Case::fold(&events).map_err(|e| e.index)
    };
    assert!(with(Event::Noted { words: "好".into() }).is_ok());
    let sha256 = Sha256::of(b"x");
    let (clock, reason) = ("decide".to_owned(), String::new());
    let cause = law::StopCause::Hearing;
    for event in [
        bench.events.first().unwrap().event.clone(),
        Event::PaperReturned { sha256, reason: String::new() },
        Event::SentBack { reasons: String::new() },
        Event::Reviewed { passed: true, opinion: String::new() },
        Event::ClockResumed { clock, cause, reason, to: bench.today },
        Event::Delivered { document: sha256, way: Way::Post, on: bench.today },
        Event::DocumentVoided { document: sha256, reason: String::new() },
        Event::WithdrawnPublication { publication: "a".into(), row: "1".into(), reasons: String::new() },
        Event::LawChanged { from: sha256, to: sha256, law: vec![] },
        Event::FactsChanged { from: bench.today.plus_days(1), to: bench.today, reasons: String::new() },
        Event::Recused { account: by, reason: String::new(), settled: Settlement::Granted, ruling: None },
        Event::Corrected { index: next, what: String::new(), reasons: String::new() },
    ] {
        let kind = event.kind();
        assert_eq!(with(event).err(), Some(next), "{kind}");
    }
    assert!(Case::fold(&[]).is_err());
    assert_eq!(Case::fold(bench.events.get(1..).unwrap()).map_err(|e| e.index).err(), Some(1));
    let mut twice = bench.events.clone();
    twice.push(bench.events.last().unwrap().clone());
    assert!(Case::fold(&twice).is_err(), "a number stands once");
}

#[test]
fn nothing_is_of_a_day_before_anything_that_it_follows() {
    let mut bench = Bench::open("penalty_case");
    for step in ["open", "investigate", "tell", "ask_for_hearing"] {
        bench.done(step).unwrap();
    }
    let told = bench.today;
    let CaseAct::Done { step, mut typed, note, officers, on } = bench.done_act("give_notice") else { unreachable!() };
    typed.insert("hold_hearing_day".into(), told.plus_days(-1).to_string());
    let notice = CaseAct::Done { step, typed, note, officers, on };
    assert_eq!(bench.act(Seat::Officer, notice).unwrap_err().code, "day_order", "a hearing before its notice");
    bench.done("give_notice").unwrap();
    bench.today = told.plus_days(40);
    bench.done("hold_hearing").unwrap();
    let at = |bench: &Bench, id: &str, day: CivilDate| {
        let CaseAct::Done { step, typed, note, officers, .. } = bench.done_act(id) else { unreachable!() };
        CaseAct::Done { step, typed, note, officers, on: day }
    };
    // What the party said earlier is entered later; what rests on both is of no day before the hearing.
    let said = at(&bench, "defend", told.plus_days(2));
    bench.act(Seat::Officer, said).unwrap();
    let early = at(&bench, "decide", told.plus_days(3));
    let refusal = bench.act(Seat::Officer, early).unwrap_err();
    assert_eq!(refusal.code, "day_too_early", "{refusal}");
    assert!(refusal.what.zh.contains("听证"), "it names what was done later: {refusal}");
    bench.done("decide").unwrap();
}

#[test]
fn days_of_one_matter_are_in_their_order() {
    let asked = PACKS.procedures().iter().flat_map(|p| &p.fields).filter(|f| !f.not_before.is_empty()).count();
    assert!(asked > 10, "{asked}");
    let mut bench = Bench::open("three_together_b");
    bench.done("design").unwrap();
    let CaseAct::Done { step, mut typed, note, officers, on } = bench.done_act("build") else { unreachable!() };
    typed.insert("build_end".into(), bench.today.plus_days(-1).to_string());
    let seat = bench.enters("build");
    let act = CaseAct::Done { step, typed, note, officers, on };
    assert_eq!(bench.act(seat, act).unwrap_err().code, "day_order");
    bench.done("build").unwrap();
}

#[test]
fn evidence_of_no_step_is_handed_in_by_the_officer_alone() {
    let mut bench = Bench::open("penalty_case");
    bench.done("open").unwrap();
    let photo = |bytes: &[u8]| CaseAct::GivePaper {
        material: OTHER_EVIDENCE.to_owned(),
        sha256: Sha256::of(bytes),
        bytes: 100,
        kind: PaperKind::Jpeg,
        name: Some("前门照片.jpg".to_owned()),
    };
    for seat in Seat::ALL.iter().copied().filter(|seat| *seat != Seat::Officer) {
        assert_eq!(code(bench.act(seat, photo(b"1"))), "not_your_step", "{}", seat.code());
    }
    bench.act(Seat::Officer, photo(b"1")).unwrap();
    bench.act(Seat::Officer, photo(b"2")).unwrap();
    assert_eq!(code(bench.act(Seat::Officer, photo(b"1"))), "paper_there");
    assert_eq!(bench.case.papers.iter().filter(|p| p.material == OTHER_EVIDENCE).count(), 2);
}
