//! Absences, persons shown whole, facts of an office, supervision, over a real store.

use super::*;
use crate::cases::{AbsenceForm, LATE_BACK_DAYS, OfficeFacts, promise_most, promised_day};

fn absence(account: By, stand_in: By, from: CivilDate, until: CivilDate) -> AbsenceForm {
    AbsenceForm { account: account.account, stand_in: stand_in.account, from, until }
}

#[tokio::test]
async fn who_stands_in_acts_for_the_handler_and_may_not_approve_it() {
    let hall = Hall::open().await;
    let case = hall.begin(hall.unit, &area()).await.case;
    let on = hall.today();
    let apply = hall.done_act(hall.unit, "apply", sample("area_approval", "apply", on), on);
    hall.act_with(hall.unit, case, apply, vec![pdf("application", 1)]).await.unwrap();
    hall.act(hall.officer, case, CaseAct::Assign { to: hall.officer.account }).await.unwrap();
    assert_eq!(hall.done(hall.second, case, "accept").await.unwrap_err().code, "not_assigned");
    let tomorrow = on.plus_days(1);
    hall.authority.put_absence(hall.officer, &absence(hall.officer, hall.second, tomorrow, tomorrow)).await.unwrap();
    assert_eq!(hall.done(hall.second, case, "accept").await.unwrap_err().code, "not_assigned", "not yet");
    hall.pass_days(1);
    hall.done(hall.second, case, "accept").await.unwrap();
    let events = hall.store.case_events(case).await.unwrap();
    assert_eq!(events.last().and_then(|e| e.by), Some(hall.second.account));
    hall.done(hall.officer, case, "examine").await.unwrap();
    hall.propose(case, "approved").await.unwrap();
    let turned = By { role: Role::CaseApprover, ..hall.second };
    let refusal = hall.decide(turned, case, "approved").await.unwrap_err();
    assert_eq!(refusal.code, "decider_handled_case", "it is asked of who really acted");
    hall.pass_days(1);
    let note = CaseAct::StopClock {
        clock: "decide".into(),
        cause: law::StopCause::Appraisal,
        reason: "委托鉴定机构鉴定".into(),
        from: hall.today(),
    };
    assert_eq!(hall.act(hall.second, case, note).await.unwrap_err().code, "not_assigned", "the absence is over");
}

#[tokio::test]
async fn an_absence_needs_somebody_of_the_same_office_and_seat() {
    let hall = Hall::open().await;
    let (on, put) = (hall.today(), |by: By, form: AbsenceForm| hall.authority.put_absence_code(by, form));
    let next = on.plus_days(2);
    assert_eq!(put(hall.officer, absence(hall.officer, hall.head, on, next)).await, "stand_in");
    assert_eq!(put(hall.officer, absence(hall.officer, hall.officer, on, next)).await, "stand_in");
    assert_eq!(put(hall.officer, absence(hall.officer, hall.second, next, on)).await, "absence_days");
    assert_eq!(put(hall.officer, absence(hall.officer, hall.second, on, on.plus_days(800))).await, "absence_days");
    assert_eq!(put(hall.second, absence(hall.officer, hall.second, on, next)).await, "no_permission");
    assert_eq!(put(hall.unit, absence(hall.unit, hall.person, on, next)).await, "no_permission");
    assert_eq!(put(hall.admin, absence(hall.unit, hall.person, on, next)).await, "no_office");
    assert_eq!(put(hall.admin, absence(hall.officer, hall.second, on, next)).await, "done");
    assert_eq!(put(hall.officer, absence(hall.officer, hall.second, next, next)).await, "absence_overlaps");
    assert_eq!(put(hall.second, absence(hall.second, hall.officer, next, next)).await, "absence_chain");
    let entered = hall.authority.absences(hall.head, hall.office).await.unwrap();
    assert_eq!(entered.len(), 1);
    let entry = entered[0].entry;
    assert_eq!(hall.authority.end_absence(hall.second, entry).await.unwrap_err().code, "no_permission");
    assert_eq!(hall.authority.end_absence(hall.officer, entry).await.unwrap(), hall.office);
    assert_eq!(hall.authority.end_absence(hall.officer, entry).await.unwrap_err().code, "not_found");
}

impl Authority {
    /// The code of what an absence is refused with; `done` where it is entered.
    async fn put_absence_code(&self, by: By, form: AbsenceForm) -> String {
        self.put_absence(by, &form).await.map_or_else(|refusal| refusal.code, |_| "done".to_owned())
    }
}

#[tokio::test]
async fn persons_are_shown_whole_for_a_reason_to_who_needs_them() {
    let hall = Hall::open().await;
    let case = hall.examined().await;
    for by in [hall.supervisor, hall.publisher] {
        assert_eq!(hall.authority.reveal(by, case, "delivery").await.unwrap_err().code, "not_for_seat");
    }
    assert_eq!(hall.authority.reveal(hall.unit, case, "delivery").await.unwrap_err().code, "not_found");
    assert_eq!(hall.authority.reveal(hall.officer, case, "").await.unwrap_err().code, "reason");
    let none = ActFilter { kind: Some("party.revealed".into()), ..ActFilter::default() };
    assert!(hall.store.acts(&none, 9).await.unwrap().is_empty(), "what is refused shows nothing");
    for by in [hall.officer, hall.head, hall.reviewer] {
        let shown = hall.authority.reveal(by, case, "identify").await.unwrap();
        assert!(shown.lines.iter().any(|line| line.value.expose() == "王五"));
        assert!(!format!("{shown:?}").contains("王五"));
        hall.store.flush_ledger().await.unwrap();
        let body = hall.store.ledger().entry(shown.entry).unwrap().parse().unwrap().body;
        let fields = body["fields"].as_array().expect("a list");
        assert!(fields.iter().any(|f| f == "party.contact"), "{fields:?}");
        assert!(!body.to_string().contains("王五") && !body.to_string().contains("55550100"));
    }
}

#[tokio::test]
async fn what_is_told_of_an_office_is_kept_by_the_keys_that_documents_read() {
    let hall = Hall::open().await;
    let facts =
        OfficeFacts {
            review: "示例区人民政府".into(), court: " 示例区人民法院 ".into(), ..OfficeFacts::default()
        };
    let refused = hall.authority.put_office_facts(hall.officer, hall.office, &facts).await.unwrap_err();
    assert_eq!(refused.code, "no_permission");
    hall.authority.put_office_facts(hall.admin, hall.office, &facts).await.unwrap();
    for (key, text) in [("office_review", "示例区人民政府"), ("office_court", "示例区人民法院")] {
        let kept = hall.store.setting(&format!("{key}:{}", hall.office)).await.unwrap();
        assert_eq!(kept.as_deref(), Some(text));
    }
    let long = OfficeFacts { phone: "1".repeat(121), ..facts };
    let refused = hall.authority.put_office_facts(hall.admin, hall.office, &long).await.unwrap_err();
    assert_eq!(refused.code, "office_phone");
    let kept = hall.authority.office_facts(hall.office).await.unwrap();
    assert_eq!((kept.short.as_str(), kept.phone.as_str()), ("示公技防", ""));
    hall.authority.remove_officer(hall.admin, hall.second.account).await.unwrap();
    assert_eq!(hall.authority.remove_officer(hall.admin, hall.second.account).await.unwrap_err().code, "not_found");
    assert_eq!(hall.authority.worklist(hall.second, &Default::default(), 9).await.unwrap_err().code, "no_office");
}

#[tokio::test]
async fn a_promise_is_never_longer_than_the_law_and_is_counted_as_its_term_is() {
    let hall = Hall::open().await;
    let typed = |text: &str| std::collections::BTreeMap::from([("area_approval".to_owned(), text.to_owned())]);
    let put = |by, text: &str| {
        let (authority, office, typed) = (&hall.authority, hall.office, typed(text));
        async move { authority.put_promises(by, office, &typed).await }
    };
    assert_eq!(put(hall.officer, "5").await.unwrap_err().code, "no_permission");
    let packs = hall.authority.gate().packs();
    let approval = packs.procedure("area_approval").unwrap();
    let most = promise_most(packs, approval, hall.today());
    for wrong in ["0", "-1", "five", &(most + 1).to_string()] {
        assert_eq!(put(hall.admin, wrong).await.unwrap_err().code, "promise_area_approval", "{wrong}");
    }
    assert!(hall.authority.promises(hall.office).await.unwrap().is_empty());
    put(hall.admin, " 5 ").await.unwrap();
    assert_eq!(hall.authority.promises_of("area_approval").await.unwrap(), [(hall.office, 5)]);
    assert!(hall.authority.promises_of("sales_filing").await.unwrap().is_empty());
    let case = hall.examined().await;
    let view = hall.authority.case(hall.officer, case).await.unwrap();
    let term = view.clocks().into_iter().find(|c| c.id == "decide").unwrap().day().unwrap();
    let promised = promised_day(packs, &view, 5).unwrap();
    assert!(promised < term && promised > hall.today(), "{promised} {term}");
    assert_eq!(promised_day(packs, &view, most), Some(term), "the whole term is the term");
    assert_eq!(promised_day(packs, &view, u32::MAX), Some(term), "a promise made before the law was changed");
    put(hall.admin, "").await.unwrap();
    assert!(hall.authority.promises(hall.office).await.unwrap().is_empty(), "taken back");
}

#[tokio::test]
async fn who_supervises_sees_what_is_late_and_what_the_law_refused() {
    let hall = Hall::open().await;
    let case = hall.begin(hall.unit, &area()).await.case;
    hall.done(hall.unit, case, "apply").await.unwrap();
    assert_eq!(hall.done(hall.officer, case, "accept").await.unwrap_err().code, "materials_missing");
    assert_eq!(hall.authority.supervision(hall.officer, 9).await.unwrap_err().code, "no_permission");
    let now = hall.authority.supervision(hall.supervisor, 9).await.unwrap();
    assert!(now.overdue.is_empty() && now.visits.is_empty() && now.draws.is_empty());
    assert_eq!((now.near.len(), now.load.len()), (1, 1));
    assert_eq!((now.refusals.len(), now.refusals[0].count), (1, 1));
    hall.pass_days(200);
    hall.authority.recount(hall.today()).await.unwrap();
    let later = hall.authority.supervision(hall.supervisor, 9).await.unwrap();
    assert_eq!((later.overdue.len(), later.near.len(), later.load[0].overdue), (1, 0, 1));
}

#[tokio::test]
async fn refused_applications_are_counted_by_their_ground() {
    let hall = Hall::open().await;
    let case = hall.examined().await;
    hall.propose(case, "refused").await.unwrap();
    assert!(hall.authority.supervision(hall.supervisor, 9).await.unwrap().grounds.is_empty(), "it is not decided");
    hall.decide(hall.head, case, "refused").await.unwrap();
    let grounds = hall.authority.supervision(hall.supervisor, 9).await.unwrap().grounds;
    assert_eq!(grounds.iter().map(|g| g.count).collect::<Vec<_>>(), [1]);
    let name = procedure("area_approval").name();
    assert!(grounds[0].procedure == name && grounds[0].ground.zh.is_empty(), "{grounds:?}");
    hall.pass_days(400);
    assert!(hall.authority.supervision(hall.supervisor, 9).await.unwrap().grounds.is_empty(), "long ago");
}

#[tokio::test]
async fn a_decision_that_came_late_is_listed_with_its_days_for_a_while() {
    let prompt = Hall::open().await;
    let case = prompt.examined().await;
    prompt.propose(case, "approved").await.unwrap();
    prompt.decide(prompt.head, case, "approved").await.unwrap();
    assert!(prompt.authority.supervision(prompt.supervisor, 9).await.unwrap().decided_late.is_empty(), "in time");
    let hall = Hall::open().await;
    let case = hall.examined().await;
    hall.pass_days(100);
    hall.propose(case, "approved").await.unwrap();
    let found = hall.authority.supervision(hall.supervisor, 9).await.unwrap().decided_late;
    assert!(found.is_empty(), "it is not decided yet: {found:?}");
    hall.decide(hall.head, case, "approved").await.unwrap();
    let found = hall.authority.supervision(hall.supervisor, 9).await.unwrap().decided_late;
    assert_eq!(found.iter().map(|late| late.row.id).collect::<Vec<_>>(), [case]);
    let late = &found[0];
    assert_eq!(late.decided, hall.today());
    assert_eq!(late.due.plus_days(i32::try_from(late.days).unwrap()), late.decided);
    assert!(late.days > 0 && late.days < 100, "{late:?}");
    hall.pass_days(i64::from(LATE_BACK_DAYS) + 1);
    assert!(hall.authority.supervision(hall.supervisor, 9).await.unwrap().decided_late.is_empty(), "long ago");
}
