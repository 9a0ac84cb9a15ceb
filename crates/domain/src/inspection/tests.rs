//! Inspections hold their promises: caps, two inspectors, grounds of orders, one extension, no value lost in a merge.

use super::*;
use crate::duty::State;
use crate::proposal::Person;
use base::{AccountId, CivilDate, ErrorKind, Pii, Refusal, Sha256, UtcMs};
use law::{AskedItem, Correction, Jurisdiction, Packs, PlaceKind, SiteProfile, UnitFacts};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

fn day(text: &str) -> CivilDate {
    CivilDate::parse(text).unwrap()
}

fn account(n: i64) -> AccountId {
    AccountId::new(n, [7; 10])
}

fn code<T: std::fmt::Debug>(result: Result<T, Refusal>) -> String {
    result.unwrap_err().code
}

const APPROVER: i64 = 9;

fn plan() -> Plan {
    let item = PlanItem { id: "system".to_owned(), checklist: "general".to_owned() };
    Plan { year: 2026, published_on: Some(day("2026-01-10")), items: vec![item], cap: 2 }
}

/// A visit that may be made, changed by `change`.
fn ask(kind: VisitKind, visits: &[Visit], change: impl Fn(&mut Asked<'_>, &mut Plan)) -> Result<Leave, Refusal> {
    let (items, approval) = (["system".to_owned()], Approval { by: account(APPROVER), on: day("2026-03-01") });
    let (notice, mut plan) = (Notice { given_on: day("2026-03-02") }, plan());
    let mut asked = Asked {
        kind,
        day: day("2026-03-02"),
        items: &items,
        basis: "抽2026-3",
        by: account(1),
        approval: Some(&approval),
        notice: Some(&notice),
        why: &[],
    };
    change(&mut asked, &mut plan);
    may_visit(&plan, visits, &asked)
}

fn visits(kinds: &[VisitKind]) -> Vec<Visit> {
    kinds.iter().map(|kind| Visit { day: day("2026-02-02"), kind: *kind }).collect()
}

#[test]
fn the_cap_binds_what_counts_and_says_so() {
    use VisitKind as K;
    let none = |_: &mut Asked<'_>, _: &mut Plan| {};
    let one = visits(&[K::Planned, K::Complaint, K::Again]);
    let leave = ask(K::Planned, &one, none).unwrap();
    assert_eq!((leave.before, leave.counted, leave.cap), (3, 1, 2));
    let two = visits(&[K::Planned, K::Special]);
    for (kind, allowed) in [(K::Planned, false), (K::Special, false), (K::Complaint, true), (K::Again, true)] {
        assert_eq!(ask(kind, &two, none).is_ok(), allowed, "{kind:?}");
    }
    let refusal = ask(K::Planned, &two, none).unwrap_err();
    assert_eq!(refusal.code, "cap_reached");
    assert_eq!(refusal.what.en, "2 visits of this unit so far this year, 2 counted towards the cap of 2.");
    let mut last_year = two;
    for visit in &mut last_year {
        visit.day = day("2025-12-31");
    }
    assert_eq!(ask(K::Planned, &last_year, none).unwrap().before, 0, "another year");
}

#[test]
fn plans_of_a_year_are_asked_together() {
    let of = |item: &str, on: Option<&str>, cap| {
        let items = vec![PlanItem { id: item.to_owned(), checklist: "general".to_owned() }];
        Plan { year: 2026, published_on: on.map(day), items, cap }
    };
    let plans = [
        of("system", Some("2026-02-01"), 3),
        of("alarms", Some("2026-06-01"), 1),
        of("system", Some("2026-01-10"), 2),
        of("drafts", None, 1),
        Plan { year: 2025, ..of("last", Some("2025-01-10"), 1) },
    ];
    let joined = |on: &str| Plan::joined(2026, day(on), &plans);
    assert_eq!(joined("2026-01-09"), None, "nothing is published yet");
    let march = joined("2026-03-02").unwrap();
    assert_eq!(
        (march.cap, march.published_on),
        (2, Some(day("2026-01-10"))),
        "the strictest of those published by then"
    );
    assert_eq!(march.items.iter().map(|i| i.id.as_str()).collect::<Vec<_>>(), ["system"], "each item once");
    let june = joined("2026-06-01").unwrap();
    assert_eq!((june.cap, june.items.len()), (1, 2), "on the day of its publication a plan counts");
}

#[test]
fn plan_and_cap_refuse_with_the_clauses_of_inspections() {
    let packs = Packs::embedded().unwrap();
    let why: Vec<_> = packs.cite(&base::ClauseId::new("B-31-3")).into_iter().collect();
    assert_eq!(why.len(), 1);
    let (items, plan) = (["system".to_owned()], plan());
    let asked = Asked {
        kind: VisitKind::Special,
        day: day("2026-03-02"),
        items: &items,
        basis: "专2026-1",
        by: account(1),
        approval: None,
        notice: None,
        why: &why,
    };
    assert_eq!(
        within_plan(&plan, &[], &asked).map(|l| (l.before, l.cap)),
        Ok((0, 2)),
        "approval and notice come later"
    );
    assert_eq!(code(may_visit(&plan, &[], &asked)), "no_approval");
    let full = within_plan(&plan, &visits(&[VisitKind::Planned, VisitKind::Special]), &asked).unwrap_err();
    assert_eq!((full.code.as_str(), &full.why), ("cap_reached", &why));
    let early = within_plan(&Plan { published_on: None, ..plan }, &[], &asked).unwrap_err();
    assert_eq!((early.code.as_str(), &early.why), ("plan_not_published", &why));
}

#[test]
fn a_visit_needs_plan_items_basis_approval_and_notice() {
    use VisitKind as K;
    let refused = |kind, change: &dyn Fn(&mut Asked<'_>, &mut Plan)| code(ask(kind, &[], change));
    assert_eq!(refused(K::Planned, &|_, p| p.year = 2025), "other_year");
    assert_eq!(refused(K::Planned, &|_, p| p.published_on = None), "plan_not_published");
    assert_eq!(refused(K::Special, &|_, p| p.published_on = Some(day("2026-03-03"))), "plan_not_published");
    assert!(ask(K::Complaint, &[], |_, p| p.published_on = None).is_ok(), "a complaint does not wait for the plan");
    assert_eq!(refused(K::Planned, &|a, _| a.items = &[]), "no_items");
    assert_eq!(refused(K::Complaint, &|_, p| p.items.clear()), "item_not_published");
    assert_eq!(refused(K::Again, &|a, _| a.basis = " "), "no_basis");
    assert_eq!(refused(K::Planned, &|a, _| a.approval = None), "no_approval");
    assert_eq!(refused(K::Planned, &|a, _| a.by = account(APPROVER)), "own_approval");
    assert_eq!(refused(K::Planned, &|a, _| a.day = day("2026-02-28")), "approved_late");
    assert_eq!(refused(K::Complaint, &|a, _| a.notice = None), "no_notice");
    assert_eq!(refused(K::Planned, &|a, _| a.day = day("2026-03-01")), "no_notice");
}

#[test]
fn two_different_qualified_inspectors_without_an_interest() {
    let packs = Packs::embedded().unwrap();
    let on = day("2026-03-02");
    let clause = base::ClauseId::new("PP-52");
    let least = packs.value(&clause, "officers", on).unwrap();
    let why: Vec<_> = packs.cite(&clause).into_iter().collect();
    let person = |name, badge| Person { name, badge: Some(badge), unit: "治安大队" };
    let certificate = Some(Certificate { from: day("2024-03-02"), until: on });
    let one = Inspector { account: account(1), person: person("李一", "1"), certificate, has_interest: false };
    let two = Inspector { account: account(2), person: person("王二", "2"), ..one };
    let check = |list: &[Inspector<'_>]| check_inspectors(list, least, on, &why);
    assert_eq!(check(&[one, two]), Ok(()));
    let alone = check(&[one]).unwrap_err();
    assert_eq!((alone.code.as_str(), alone.why.len()), ("too_few_inspectors", 1));
    assert_eq!(code(check(&[one, Inspector { person: two.person, ..one }])), "same_inspector", "one account");
    assert_eq!(code(check(&[one, Inspector { person: person("李 一", "1"), ..two }])), "same_inspector", "one person");
    for (from, until) in [("2026-03-03", "2027-03-02"), ("2024-03-02", "2026-03-01")] {
        let certificate = Some(Certificate { from: day(from), until: day(until) });
        assert_eq!(code(check(&[one, Inspector { certificate, ..two }])), "not_qualified", "{from} {until}");
    }
    assert_eq!(code(check(&[one, Inspector { certificate: None, ..two }])), "not_qualified");
    assert_eq!(code(check(&[one, Inspector { has_interest: true, ..two }])), "has_interest");
    assert_eq!(code(check(&[one; 17])), "too_many_inspectors");
}

/// The general list as it is asked in Heilongjiang.
fn with_items(then: impl FnOnce(&[AskedItem<'_>])) {
    let packs = Packs::embedded().unwrap();
    let on = day("2026-03-02");
    let unit = UnitFacts { places: vec![PlaceKind::Lobby], ..UnitFacts::default() };
    let list = packs.checklist("general", on).unwrap();
    then(&packs.asked(list, &SiteProfile::new(Jurisdiction::Heilongjiang), &unit, on));
}

fn all_met(asked: &[AskedItem<'_>]) -> Answers {
    let yes = |a: &AskedItem<'_>| match a.item.answer {
        law::AnswerKind::Number => Answered::Number(0),
        law::AnswerKind::Choice => Answered::Choice(a.item.choices.iter().find(|c| c.passes).unwrap().id.clone()),
        law::AnswerKind::YesNo => Answered::Yes,
    };
    asked.iter().map(|a| (a.item.id.clone(), Answer::plain(yes(a)))).collect()
}

fn not_met(defect: &str) -> Answer {
    Answer { defects: vec![defect.to_owned()], ..Answer::plain(Answered::No) }
}

fn codes(result: Result<Findings, Vec<AnswerFault>>) -> Vec<(String, &'static str)> {
    result.unwrap_err().into_iter().map(|f| (f.item, f.code)).collect()
}

#[test]
fn all_met_is_passed_and_advice_is_no_order() {
    with_items(|asked| {
        let mut answers = all_met(asked);
        let found = judge(asked, &answers, None).unwrap();
        assert_eq!((found.follows(), found.outcome()), (Follows::Nothing, Some(Outcome::Passed)));
        answers.insert("two_alarm_means".to_owned(), not_met("one"));
        let found = judge(asked, &answers, None).unwrap();
        assert_eq!((found.follows(), found.outcome()), (Follows::Advice, Some(Outcome::Passed)));
        assert_eq!(found.advice[0].texts[0].en, "only one");
        assert_eq!(Order::of(&found, day("2026-03-02"), None, None), Ok(Vec::new()));
    });
}

#[test]
fn a_breach_has_its_clauses_and_the_longest_limit_is_suggested() {
    with_items(|asked| {
        let mut answers = all_met(asked);
        answers.insert("responsible".to_owned(), not_met("nobody"));
        answers.insert("works_file".to_owned(), not_met("none"));
        answers.insert("private_places".to_owned(), not_met("device"));
        let found = judge(asked, &answers, None).unwrap();
        let first = &found.breaches[0];
        assert_eq!((first.item.as_str(), first.order), ("private_places", Correction::AtOnce), "the gravest first");
        assert!(found.breaches.iter().all(|b| !b.citations.is_empty()));
        let limit = asked.iter().find(|a| a.item.id == "works_file").unwrap().item.within_days;
        assert_eq!(found.follows(), Follows::Order { at_once: true, within_days: limit });
        assert_eq!(found.outcome(), None);
    });
}

#[test]
fn every_fault_is_told_at_once() {
    with_items(|asked| {
        let mut answers = all_met(asked);
        answers.remove("installed");
        answers.insert("clock_error".to_owned(), Answer::plain(Answered::Yes));
        answers.insert("signs".to_owned(), not_met("sings"));
        answers.insert("running".to_owned(), Answer::plain(Answered::No));
        answers.insert("network".to_owned(), Answer::plain(Answered::NotHere));
        answers.insert("plans".to_owned(), Answer { defects: vec!["none".to_owned()], ..Answer::plain(Answered::Yes) });
        answers.insert("skill".to_owned(), Answer { remark: "字".repeat(501), ..Answer::plain(Answered::Yes) });
        answers.insert("sung".to_owned(), Answer::plain(Answered::Yes));
        let mut found = codes(judge(asked, &answers, None));
        found.sort();
        let want = [
            ("clock_error", "wrong_kind"),
            ("installed", "unanswered"),
            ("network", "no_remark"),
            ("plans", "defect_without_no"),
            ("running", "no_without_defect"),
            ("signs", "no_such_defect"),
            ("skill", "remark"),
            ("sung", "not_asked"),
        ];
        assert_eq!(found, want.map(|(item, code)| (item.to_owned(), code)));
        let faults = judge(asked, &answers, None).unwrap_err();
        assert!(faults.iter().all(|f| !f.what.zh.is_empty() && !f.what.en.is_empty()));
    });
}

#[test]
fn a_number_passes_up_to_its_bound() {
    with_items(|asked| {
        let most = asked.iter().find(|a| a.item.id == "clock_error").unwrap().item.most.unwrap();
        for (number, passes) in [(0, true), (most, true), (most + 1, false), (-1, false)] {
            let mut answers = all_met(asked);
            answers.insert("clock_error".to_owned(), Answer::plain(Answered::Number(number)));
            assert_eq!(judge(asked, &answers, None).is_ok(), passes, "{number}");
        }
    });
}

#[test]
fn a_choice_passes_or_wants_its_defect() {
    with_items(|asked| {
        let with = |id: &str, defects: &[&str]| {
            let mut answers = all_met(asked);
            let defects = defects.iter().map(|d| (*d).to_owned()).collect();
            let answer = Answer { defects, ..Answer::plain(Answered::Choice(id.to_owned())) };
            answers.insert("help_link".to_owned(), answer);
            judge(asked, &answers, None)
        };
        assert!(with("operator", &[]).is_ok());
        assert_eq!(with("nothing", &["none"]).unwrap().breaches.len(), 1);
        let fault = |code| vec![("help_link".to_owned(), code)];
        assert_eq!(codes(with("nothing", &[])), fault("no_without_defect"));
        assert_eq!(codes(with("sung", &[])), fault("no_such_choice"));
    });
}

#[test]
fn the_sites_own_report_answers_and_who_differs_says_why() {
    let overdue = State::Overdue { since: day("2026-02-01") };
    let states = [("keep_retention", overdue), ("put_up_signs", State::Met), ("keep_archive", State::Unknown)];
    let report = SiteReport {
        sha256: Sha256::of(b"report"),
        duties: states.into_iter().map(|(word, state)| (word.to_owned(), state)).collect(),
        measures: BTreeMap::from([("clock_error_s".to_owned(), 3)]),
    };
    with_items(|asked| {
        let filled = prefill(asked, &report);
        let answered = |id: &str| filled.get(id).map(|a| a.answered.clone());
        assert_eq!(answered("retention"), Some(Answered::No));
        assert_eq!(answered("signs"), Some(Answered::Yes));
        assert_eq!(answered("clock_error"), Some(Answered::Number(3)));
        assert_eq!(answered("works_file"), None, "unknown is left to the inspector");
        assert!(filled.values().all(|a| a.report == Some(report.sha256)));
        let mut answers = all_met(asked);
        answers.extend(filled);
        let none = vec![("retention".to_owned(), "no_without_defect")];
        assert_eq!(codes(judge(asked, &answers, Some(&report))), none, "the breach still wants its defect");
        answers.insert("retention".to_owned(), not_met("short"));
        assert!(judge(asked, &answers, Some(&report)).is_ok());
        answers.insert("signs".to_owned(), not_met("none"));
        let other = vec![("signs".to_owned(), "other_than_report")];
        assert_eq!(codes(judge(asked, &answers, Some(&report))), other);
        answers.insert("signs".to_owned(), Answer { remark: "标识已脱落".to_owned(), ..not_met("none") });
        assert!(judge(asked, &answers, Some(&report)).is_ok());
    });
}

#[test]
fn a_remark_is_not_printed() {
    let answer = Answer { remark: "张三".to_owned(), ..Answer::plain(Answered::Yes) };
    assert_eq!(format!("{answer:?}"), "Answer(Yes, [])");
}

/// An order with a limit and one at once.
fn orders() -> Vec<Order> {
    let mut out = Vec::new();
    with_items(|asked| {
        let mut answers = all_met(asked);
        answers.insert("responsible".to_owned(), not_met("nobody"));
        answers.insert("works_file".to_owned(), not_met("none"));
        answers.insert("private_places".to_owned(), not_met("device"));
        let found = judge(asked, &answers, None).unwrap();
        let (served, by) = (day("2026-03-02"), day("2026-03-12"));
        assert_eq!(code(Order::of(&found, served, None, None)), "no_last_day");
        assert_eq!(code(Order::of(&found, served, Some(served), None)), "last_day_before_service");
        out = Order::of(&found, served, Some(by), None).unwrap();
    });
    out
}

#[test]
fn lost_text_alone_carries_no_order_without_a_review() {
    let packs = Packs::embedded().unwrap();
    let on = day("2026-03-02");
    let list = packs.checklist("provider", on).unwrap();
    let asked = packs.asked(list, &SiteProfile::new(Jurisdiction::Liaoning), &UnitFacts::default(), on);
    let mut answers = all_met(&asked);
    answers.insert("commitment".to_owned(), not_met("none"));
    let found = judge(&asked, &answers, None).unwrap();
    let order = |document| Order::of(&found, on, Some(day("2026-03-22")), document);
    assert_eq!(code(order(None)), "legal_review_required");
    assert_eq!(code(order(Some(" "))), "legal_review_required");
    assert_eq!(order(Some("法审〔2026〕3号")).unwrap().len(), 1);
}

#[test]
fn an_order_is_extended_once_before_it_ends_with_reasons() {
    let [at_once, within] = <[Order; 2]>::try_from(orders()).unwrap();
    let extend = |order: &Order, on: &str, until: &str, why: &str| order.extend(day(on), day(until), why);
    let good = extend(&within, "2026-03-12", "2026-03-22", "设备到货延迟").unwrap();
    assert_eq!((within.last_day(), good.last_day()), (day("2026-03-12"), day("2026-03-22")));
    assert_eq!(code(extend(&within, "2026-03-13", "2026-03-22", "设备到货延迟")), "over");
    assert_eq!(code(extend(&within, "2026-03-12", "2026-03-12", "设备到货延迟")), "not_later");
    assert_eq!(code(extend(&within, "2026-03-12", "2026-03-22", "忙")), "reasons");
    assert_eq!(code(extend(&good, "2026-03-12", "2026-04-22", "设备到货延迟")), "extended_before");
    assert_eq!(code(extend(&at_once, "2026-03-02", "2026-03-22", "设备到货延迟")), "at_once");
}

#[test]
fn the_second_look_waits_for_the_last_day_or_for_the_unit() {
    let [at_once, within] = <[Order; 2]>::try_from(orders()).unwrap();
    let may = |on: &str, said: Option<&str>| within.may_look_again(day(on), said.map(day)).is_ok();
    assert!(!may("2026-03-12", None) && may("2026-03-13", None));
    assert!(may("2026-03-05", Some("2026-03-05")) && !may("2026-03-04", Some("2026-03-05")));
    assert!(!may("2026-03-05", Some("2026-03-01")), "said before it was ordered");
    assert!(at_once.may_look_again(day("2026-03-02"), None).is_ok());
    assert!(at_once.may_look_again(day("2026-03-01"), None).is_err());
}

#[test]
fn what_is_left_goes_to_a_penalty_case_only_when_the_time_is_over() {
    let [at_once, within] = <[Order; 2]>::try_from(orders()).unwrap();
    let all: BTreeSet<String> = within.defects.iter().map(|d| d.item.clone()).collect();
    let one = BTreeSet::from(["works_file".to_owned()]);
    assert_eq!(within.outcome(day("2026-03-13"), &all).code(), Some("corrected"));
    assert_eq!(within.outcome(day("2026-03-12"), &one).code(), None);
    let left = within.outcome(day("2026-03-13"), &one);
    assert_eq!(left.code(), Some("to_penalty"));
    let Outcome::ToPenalty(left) = left else { panic!("no penalty case") };
    assert_eq!(left.len(), 1);
    assert!(left[0].item == "responsible" && !left[0].clauses.is_empty());
    assert_eq!(at_once.outcome(day("2026-03-02"), &BTreeSet::new()).code(), Some("to_penalty"));
    let packs = Packs::embedded().unwrap();
    for procedure in packs.procedures().iter().filter(|p| p.id.starts_with("inspection")) {
        for code in ["passed", "corrected", "to_penalty"] {
            assert!(procedure.outcomes.iter().any(|o| o.id == code), "{} {code}", procedure.id);
        }
    }
}

fn name(text: &str) -> Pii<String> {
    Pii::new(text.to_owned())
}

/// Two inspectors, accounts 1 and 2, and whose signature was given by which account.
fn signed_by(given: &[(i64, i64)], unit: Signature) -> Result<Signatures, Refusal> {
    let signer = |n, login: &str, who: &str| Signer { account: account(n), login: login.to_owned(), name: name(who) };
    let inspectors = [signer(1, "li-1", "李一"), signer(2, "wang-2", "王二")];
    let drawn = given.iter().map(|(whose, by)| Drawn { whose: account(*whose), by: account(*by) }).collect();
    check_signatures(&inspectors, Signatures { inspectors: drawn, unit })
}

#[test]
fn every_inspector_signs_by_their_own_account_and_a_refusal_says_who_is_missing() {
    let unit = || Signature::Signed { name: name("赵三"), at: UtcMs(0) };
    assert!(signed_by(&[(1, 1), (2, 2)], unit()).is_ok());
    assert!(signed_by(&[(2, 2), (1, 2), (1, 1)], unit()).is_ok(), "one of another account takes nothing away");
    let cases: [(&[(i64, i64)], &str); 6] = [
        (&[(1, 1)], "wang-2"),
        (&[(1, 1), (1, 1)], "wang-2"),
        (&[(1, 1), (2, 1)], "wang-2"),
        (&[(2, 2), (3, 3)], "li-1"),
        (&[(1, 2), (2, 1)], "li-1、wang-2"),
        (&[], "li-1、wang-2"),
    ];
    for (given, missing) in cases {
        let refusal = signed_by(given, unit()).unwrap_err();
        assert_eq!((refusal.kind, refusal.code.as_str()), (ErrorKind::Conflict, "inspector_signature"), "{given:?}");
        assert!(refusal.what.zh.ends_with(&format!("还缺：{missing}。")), "{given:?}: {refusal}");
        let said = format!("{}{}{}", refusal.what.zh, refusal.what.en, refusal.next.zh);
        assert!(!said.contains("李一") && !said.contains("王二"), "{said}");
    }
}

#[test]
fn a_refusal_to_sign_has_a_reason_and_a_witness_who_does_not_inspect() {
    let signed = |by: &str| Signature::Signed { name: name(by), at: UtcMs(0) };
    let refused =
        |reason: &str, witness: &str| Signature::Refused { reason: name(reason), witness: name(witness), at: UtcMs(0) };
    let both = [(1, 1), (2, 2)];
    assert!(signed_by(&both, signed("赵三")).is_ok());
    assert!(signed_by(&both, refused("不认可结果", "钱四")).is_ok());
    assert_eq!(code(signed_by(&both, signed(" "))), "unit_signature");
    assert_eq!(code(signed_by(&both, signed(&"长".repeat(51)))), "unit_signature");
    assert_eq!(code(signed_by(&both, refused("", "钱四"))), "refusal_reason");
    assert_eq!(code(signed_by(&both, refused("不认可结果", ""))), "no_witness");
    assert_eq!(code(signed_by(&both, refused("不认可结果", "王 二"))), "witness_inspects");
}

fn record(fields: &[(&str, u8)]) -> BTreeMap<String, u8> {
    fields.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect()
}

#[test]
fn a_merge_takes_each_change_and_overwrites_none() {
    let base = record(&[("a", 1), ("b", 1), ("c", 1), ("d", 1)]);
    let mine = record(&[("a", 2), ("b", 1), ("c", 3), ("e", 5)]);
    let theirs = record(&[("a", 1), ("b", 2), ("c", 3), ("d", 1)]);
    let want = record(&[("a", 2), ("b", 2), ("c", 3), ("e", 5)]);
    assert_eq!(merge(&base, &mine, &theirs), Ok(Merge::Merged(want)));
    let theirs = record(&[("a", 9), ("b", 1), ("c", 1), ("d", 9)]);
    let Ok(Merge::Conflicts { agreed, conflicts }) = merge(&base, &mine, &theirs) else { panic!("no conflict") };
    assert_eq!(conflicts.iter().map(|c| c.field.as_str()).collect::<Vec<_>>(), ["a", "d"]);
    assert_eq!((conflicts[1].mine, conflicts[1].theirs), (None, Some(9)), "removed against changed");
    assert_eq!(agreed, record(&[("a", 1), ("b", 1), ("c", 3), ("d", 1), ("e", 5)]));
    let mut chosen = BTreeMap::from([("a".to_owned(), Side::Theirs)]);
    assert_eq!(code(resolve(&agreed, &conflicts, &chosen)), "not_chosen");
    chosen.insert("d".to_owned(), Side::Mine);
    let want = record(&[("a", 9), ("b", 1), ("c", 3), ("e", 5)]);
    assert_eq!(resolve(&agreed, &conflicts, &chosen), Ok(want));
    chosen.insert("d".to_owned(), Side::Base);
    assert_eq!(resolve(&agreed, &conflicts, &chosen).unwrap().get("d"), Some(&1));
    let many: BTreeMap<String, u8> = (0..=FIELDS).map(|n| (n.to_string(), 0)).collect();
    assert_eq!(code(merge(&base, &many, &base)), "too_many_fields");
}

proptest! {
    #[test]
    fn a_merge_loses_no_change(
        base in prop::collection::btree_map("[a-f]", 0_u8..3, 0..6),
        mine in prop::collection::btree_map("[a-f]", 0_u8..3, 0..6),
        theirs in prop::collection::btree_map("[a-f]", 0_u8..3, 0..6),
    ) {
        let (agreed, conflicts) = match merge(&base, &mine, &theirs).unwrap() {
            Merge::Merged(fields) => (fields, Vec::new()),
            Merge::Conflicts { agreed, conflicts } => (agreed, conflicts),
        };
        for field in ["a", "b", "c", "d", "e", "f"] {
            let (was, ours, other, now) = (base.get(field), mine.get(field), theirs.get(field), agreed.get(field));
            let open = conflicts.iter().any(|c| c.field == field);
            prop_assert_eq!(open, ours != was && other != was && ours != other);
            if open {
                prop_assert_eq!(now, was);
            } else if ours != was {
                prop_assert_eq!(now, ours);
            } else {
                prop_assert_eq!(now, other);
            }
        }
        let turned = merge(&base, &theirs, &mine).unwrap();
        prop_assert_eq!(matches!(turned, Merge::Merged(_)), conflicts.is_empty());
    }
}
