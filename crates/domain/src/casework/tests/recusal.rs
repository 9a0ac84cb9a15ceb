//! The head of an office who should keep out: never decided by themselves, decided above, or by a written decision that is entered.

use super::bench::{Bench, account, day, office, officers, who};
use crate::casework::*;
use base::{AccountId, CivilDate, OfficeId, Refusal};

/// The office above that of the bench.
fn above() -> OfficeId {
    OfficeId::new(1, [2; 10])
}

/// The head of the bench's office.
fn head() -> AccountId {
    who(Seat::Head).account
}

/// A head of another office.
fn head_of(office: OfficeId) -> Who {
    Who { account: account(40), office: Some(office), ..who(Seat::Head) }
}

/// A case whose only head is asked to keep out.
fn asked() -> Bench {
    let mut bench = Bench::open("area_approval");
    let ask = CaseAct::AskRecusal { account: head(), reason: "与申请人有利害关系".into() };
    bench.act(Seat::Officer, ask).unwrap();
    bench
}

fn settle(granted: bool) -> CaseAct {
    CaseAct::SettleRecusal { account: head(), granted, reason: "情况属实".into() }
}

fn enter(number: &str, on: CivilDate) -> CaseAct {
    CaseAct::EnterRecusal {
        account: head(),
        granted: true,
        reason: "情况属实，决定回避".into(),
        organ: "上级公安机关".into(),
        number: number.into(),
        on,
    }
}

fn tried(bench: &Bench, who: &Who, act: CaseAct, heads: Heads<'_>) -> Result<Vec<Event>, Refusal> {
    let officers = officers();
    let checks = Checks { officers: &officers, law: None, stands_for: &[], unit_answered: false, heads };
    decide(&bench.docket(), &Command { seen: bench.case.events, act }, who, &checks)
}

fn code(done: Result<Vec<Event>, Refusal>) -> String {
    done.map_or_else(|refusal| refusal.code, |_| "done".to_owned())
}

#[test]
fn about_a_head_the_head_above_decides_and_neither_they_nor_a_third_office_do() {
    let mut bench = asked();
    let own = [head()];
    let heads = Heads { own: &own, above: Some(above()), deputy: None };
    assert_eq!(code(tried(&bench, &who(Seat::Head), settle(false), heads)), "own_recusal");
    let third = OfficeId::new(1, [3; 10]);
    assert_eq!(code(tried(&bench, &head_of(third), settle(true), heads)), "other_office");
    let officer = Who { seat: Seat::Officer, ..head_of(above()) };
    assert_eq!(code(tried(&bench, &officer, settle(true), heads)), "not_your_step", "it is the head's to decide");
    let event = tried(&bench, &head_of(above()), settle(true), heads).unwrap().remove(0);
    let Event::Recused { ruling, settled, .. } = &event else { panic!("{event:?}") };
    assert_eq!((ruling, *settled), (&Some(Ruling::Above { office: above() }), Settlement::Granted));
    let at = bench.today.start();
    let recorded = Recorded { index: bench.case.events, at, by: account(40), event };
    let json = serde_json::to_string(&recorded).unwrap();
    assert_eq!(serde_json::from_str::<Recorded>(&json).unwrap(), recorded);
    bench.case.apply(&recorded).unwrap();
    assert!(bench.case.is_recused(head()));
    assert_eq!(code(tried(&bench, &head_of(above()), settle(true), heads)), "recusal_not_asked", "once");
}

#[test]
fn the_head_above_decides_about_heads_alone_and_not_where_they_keep_out() {
    let mut bench = asked();
    let own = [head()];
    let heads = Heads { own: &own, above: Some(above()), deputy: None };
    let officer = who(Seat::Officer).account;
    bench.act(Seat::Applicant, CaseAct::AskRecusal { account: officer, reason: "是竞争对手的亲属".into() }).unwrap();
    let about = CaseAct::SettleRecusal { account: officer, granted: true, reason: "情况属实".into() };
    assert_eq!(code(tried(&bench, &head_of(above()), about.clone(), heads)), "other_office");
    bench.act(Seat::Head, about).unwrap();
    bench
        .act(Seat::Applicant, CaseAct::AskRecusal { account: account(40), reason: "是竞争对手的亲属".into() })
        .unwrap();
    let about = CaseAct::SettleRecusal { account: account(40), granted: true, reason: "情况属实".into() };
    bench.act(Seat::Head, about).unwrap();
    assert_eq!(code(tried(&bench, &head_of(above()), settle(true), heads)), "recused");
}

#[test]
fn a_written_decision_is_entered_only_where_no_head_of_the_server_can_decide() {
    let bench = asked();
    let (one, two) = ([head()], [head(), account(41)]);
    let (officer, today) = (who(Seat::Officer), bench.today);
    let alone = Heads { own: &one, above: None, deputy: None };
    let act = || enter("示公回避〔2026〕1号", today);
    let code_of = |who: &Who, act: CaseAct, heads: Heads<'_>| code(tried(&bench, who, act, heads));
    assert_eq!(
        code_of(&officer, act(), Heads { own: &one, above: Some(above()), deputy: None }),
        "recusal_decided_here"
    );
    assert_eq!(code_of(&officer, act(), Heads { own: &two, above: None, deputy: None }), "recusal_decided_here");
    assert_eq!(code_of(&officer, act(), Heads::default()), "recusal_decided_here", "no head of this office");
    assert_eq!(code_of(&who(Seat::Head), act(), alone), "own_recusal");
    assert_eq!(code_of(&who(Seat::Applicant), act(), alone), "not_your_step");
    assert_eq!(code_of(&head_of(above()), act(), alone), "other_office");
    assert_eq!(code_of(&officer, enter("  ", today), alone), "recusal_number");
    assert_eq!(code_of(&officer, enter("1", today.plus_days(1)), alone), "day_to_come");
    assert_eq!(code_of(&officer, enter("1", day("2020-01-01")), alone), "day_too_early");
    let event = tried(&bench, &officer, act(), alone).unwrap().remove(0);
    let Event::Recused { ruling: Some(Ruling::Entered { organ, number, on }), .. } = &event else {
        panic!("{event:?}")
    };
    assert_eq!((organ.as_str(), number.as_str(), *on), ("上级公安机关", "示公回避〔2026〕1号", today));
    assert!(!format!("{event:?}").contains("上级"), "what persons wrote is not printed");
    assert_eq!(office(), bench.case.office);
}

#[test]
fn events_of_before_are_read_without_a_ruling() {
    let text =
        format!("{{\"event\":\"recused\",\"account\":\"{}\",\"reason\":\"x\",\"settled\":\"asked\"}}", account(1));
    let event: Event = serde_json::from_str(&text).unwrap();
    assert!(matches!(event, Event::Recused { ruling: None, .. }));
    assert!(!serde_json::to_string(&event).unwrap().contains("ruling"), "and written as they were");
}
