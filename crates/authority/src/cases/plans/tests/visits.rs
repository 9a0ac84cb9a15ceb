//! From the drawn units to their visits: opened once, within one cap, with one number, by who was drawn or stands in.

use super::*;
use crate::cases::{APPROVAL, Beginning};
use domain::casework::Channel;
use store::casework::numbers::Series;

#[tokio::test]
async fn visits_are_opened_once_and_approved_within_the_cap() {
    let hall = Hall::open().await;
    let (authority, officer, head) = (&hall.authority, hall.officers[0], hall.head);
    hall.committed().await;
    assert_eq!(code(authority.open_visits(officer, WORD).await), "draw_not_made");
    hall.others_work(WAIT).await;
    authority.draw_plan(head, WORD, OUTCOME).await.unwrap();
    let unit = hall.record().await.result.units[0].unit.clone();
    let opened = authority.open_visits(officer, WORD).await.unwrap();
    assert_eq!((opened.opened, opened.more), (3, false));
    assert_eq!(authority.open_visits(officer, WORD).await.unwrap().opened, 0, "each has its case");
    let view = authority.plan(officer, WORD, 0).await.unwrap();
    assert_eq!((view.counts.drawn, view.counts.opened, view.counts.visited), (3, 3, 0));
    let first = view.units.iter().find(|u| u.unit == unit).unwrap();
    let case = first.case.unwrap();
    let kept = authority.case(officer, case).await.unwrap();
    assert_eq!(kept.row.head.title, first.name, "the case is called by its unit");
    assert_eq!(kept.row.head.procedure, "inspection_b");

    // What the visit takes from the draw, before its notice is given.
    let offer = authority.visit_offer(officer, case).await.unwrap();
    let drawn: Vec<_> = first.team.iter().map(|id| view.people[id].account).collect();
    assert_eq!(offer.kinds, [VisitKind::Planned]);
    assert_eq!(offer.team.iter().map(|(account, _)| *account).collect::<Vec<_>>(), drawn);
    assert_eq!(offer.drawn.map(|d| (d.plan, d.unit, d.place)), Some((WORD.to_owned(), unit.clone(), 1)));
    let on = "2026-03-20";
    assert_eq!(code(authority.ask_visit(officer, case, &ask(VisitKind::Planned, on)).await), "no_unit_code");
    hall.fill_notice(case, &first.name).await;
    for (kind, day, told) in [
        (VisitKind::Planned, "2027-01-02", "other_year"),
        (VisitKind::Planned, "2026-03-01", "day"),
        (VisitKind::Special, on, "drawn_case"),
        (VisitKind::Complaint, on, "drawn_case"),
        (VisitKind::Again, on, "step_not_open"),
    ] {
        assert_eq!(code(authority.ask_visit(officer, case, &ask(kind, day)).await), told, "{kind:?} {day}");
    }
    let nothing = VisitForm { item: "nothing".into(), ..ask(VisitKind::Planned, on) };
    assert_eq!(code(authority.ask_visit(officer, case, &nothing).await), "item");
    authority.ask_visit(officer, case, &ask(VisitKind::Planned, on)).await.unwrap();
    let number = authority.approve_visit(head, case).await.unwrap();
    assert_eq!(number, "示例分局检批字〔2026〕1号");
    let visit = authority.visit(officer, case).await.unwrap();
    assert_eq!((visit.facts.basis.as_str(), visit.approver.is_some()), (WORD, true));
    assert_eq!(visit.line.drawn.as_ref().map(|d| (d.plan.as_str(), d.place)), Some((WORD, 1)));
    assert_eq!(visit.line.leave.map(|l| (l.before, l.counted, l.cap)), Some((0, 0, 1)));
    let mut inspectors = drawn.clone();
    inspectors.sort_unstable();
    assert_eq!(visit.line.row.inspectors, inspectors, "who was drawn inspects");
    let kept = authority.case(officer, case).await.unwrap();
    assert_eq!(kept.row.head.assigned, drawn.first().copied(), "the first of the drawn team handles it");
    let shown = authority.plan(officer, WORD, 0).await.unwrap();
    let shown = shown.units.into_iter().find(|u| u.unit == unit).and_then(|u| u.visit);
    assert_eq!(shown.map(|v| (v.state, v.day)), Some(("approved".to_owned(), day(on))));
    let acts = hall.store.acts(&ActFilter::default(), 200).await.unwrap();
    assert_eq!(acts.iter().filter(|a| a.kind.contains("approved")).count(), 1, "one act, one entry");

    // The notice was only promised.
    hall.pass_days(18);
    let inspector = By { account: drawn[0], role: Role::CaseOfficer };
    assert_eq!(code(authority.begin_visit(inspector, case).await), "no_notice");
    hall.give_notice(inspector, case, &first.name).await;
    authority.begin_visit(inspector, case).await.unwrap();
    let ground = Ground { reason: ReplaceReason::Closed, paper: b"%PDF deregistered" };
    let refused = authority.replace_unit(head, WORD, &unit, ground).await.unwrap_err();
    assert_eq!((refused.kind, refused.code.as_str()), (ErrorKind::Conflict, "visit_begun"));
    assert!(refused.what.zh.contains(&kept.row.number) && refused.what.zh.contains(on), "which visit: {refused}");
    assert!(hall.record().await.substitutions.is_empty());
}

#[tokio::test]
async fn what_a_register_knows_of_a_unit_stands_in_the_form() {
    let hall = Hall::open().await;
    let (authority, officer, head) = (&hall.authority, hall.officers[0], hall.head);
    let code = "91350100M000100Y43";
    let known = RegisterChange {
        register: "units".into(),
        public: serde_json::json!({ "fields": {
            "credit_code": code, "unit_name": "示例商业有限公司", "unit_address": "示例路1号", "unit_division": "230102",
            "place": "示例广场西入口",
        } }),
        ..row("U-1", hall.office, "", None)
    };
    let import = Import { registers: &[known], ..Import::default() };
    let now = UtcMs(hall.clock.load(Ordering::Relaxed));
    assert_eq!(hall.store.import(&import, hall.admin, now).await.unwrap(), Imported::Done);
    let mut plan = form(WORD);
    plan.body.quotas = BTreeMap::from([("units".to_owned(), Quota::Count(1))]);
    authority.put_plan(officer, &plan).await.unwrap();
    authority.publish_plan(head, WORD).await.unwrap();
    authority.commit_pool(head, WORD).await.unwrap();
    hall.others_work(WAIT).await;
    authority.draw_plan(head, WORD, OUTCOME).await.unwrap();
    authority.open_visits(officer, WORD).await.unwrap();
    let case = authority.plan(officer, WORD, 0).await.unwrap().units[0].case.unwrap();
    let view = authority.case(officer, case).await.unwrap();
    assert_eq!(view.case.values_of("notice").and_then(|v| v.text("credit_code")), Some(code));
    let said = |id: &str| view.case.values_of("notice").and_then(|v| v.text(id)).map(str::to_owned);
    let owner = ["unit_name", "unit_address", "unit_division"].map(said);
    let is = ["示例商业有限公司", "示例路1号", "230102"].map(|text| Some(text.to_owned()));
    assert_eq!(owner, is, "the owner of the row, not the place that the row is called by");
    authority.ask_visit(officer, case, &ask(VisitKind::Planned, "2026-03-20")).await.unwrap();
}

#[tokio::test]
async fn one_cap_binds_drawn_and_single_visits_of_a_unit() {
    let hall = Hall::open().await;
    let (authority, officer, head) = (&hall.authority, hall.officers[0], hall.head);
    hall.drawn().await;
    authority.open_visits(officer, WORD).await.unwrap();
    let units = authority.plan(officer, WORD, 0).await.unwrap().units;
    let on = "2026-03-20";
    let (first, second) = (&units[0], &units[1]);
    for unit in [first, second] {
        // Two rows of the register are one unit: they have one credit code.
        hall.fill_notice(unit.case.unwrap(), &unit.name).await;
        authority.ask_visit(officer, unit.case.unwrap(), &ask(VisitKind::Planned, on)).await.unwrap();
    }
    authority.approve_visit(head, first.case.unwrap()).await.unwrap();
    let full = authority.approve_visit(head, second.case.unwrap()).await.unwrap_err();
    assert_eq!((full.code.as_str(), full.why.is_empty()), ("cap_reached", false), "with the clause of the step");
    // A single visit asks the same plan, and is counted with the drawn ones.
    let single = Beginning {
        procedure: "inspection_b".into(),
        channel: Channel::OwnMotion,
        party: None,
        place: String::new(),
        office: None,
        facts_on: None,
        title: first.name.clone(),
        again: String::new(),
    };
    let single = authority.begin(officer, &single).await.unwrap().case;
    hall.fill_notice(single, &first.name).await;
    let with = vec![hall.officers[1].account];
    let form = |kind| VisitForm { basis: "专〔2026〕1号".into(), with: with.clone(), ..ask(kind, on) };
    assert_eq!(code(authority.ask_visit(officer, single, &form(VisitKind::Planned)).await), "not_drawn");
    let full = authority.ask_visit(officer, single, &form(VisitKind::Special)).await.unwrap_err();
    assert_eq!((full.code.as_str(), full.why.is_empty()), ("cap_reached", false));
    authority.ask_visit(officer, single, &form(VisitKind::Complaint)).await.unwrap();
    let number = authority.approve_visit(head, single).await.unwrap();
    assert_eq!(number, "示例分局检批字〔2026〕2号", "one series for drawn and single visits");
    let leave = authority.visit(officer, single).await.unwrap().line.leave;
    assert_eq!(leave.map(|l| (l.before, l.counted, l.cap)), Some((1, 1, 1)));
}

#[tokio::test]
async fn an_approval_and_its_paper_have_one_number() {
    let hall = Hall::open().await;
    let (authority, officer, head) = (&hall.authority, hall.officers[0], hall.head);
    hall.drawn().await;
    authority.open_visits(officer, WORD).await.unwrap();
    let unit = authority.plan(officer, WORD, 0).await.unwrap().units.remove(0);
    let (case, on) = (unit.case.unwrap(), "2026-03-20");
    hall.fill_notice(case, &unit.name).await;
    let make = async |by: By, case: CaseId| {
        let seen = hall.store.case(case).await.unwrap().unwrap().events;
        authority.make_document(by, case, APPROVAL, Lang::Zh, seen).await.unwrap()
    };
    let paper = make(officer, case).await.number;
    assert_eq!(paper.as_deref(), Some("示例分局检批字〔2026〕1号"));
    authority.ask_visit(officer, case, &ask(VisitKind::Planned, on)).await.unwrap();
    assert_eq!(authority.approve_visit(head, case).await.ok(), paper, "the paper was there first");

    let single = Beginning {
        procedure: "inspection_b".into(),
        channel: Channel::OwnMotion,
        party: None,
        place: String::new(),
        office: None,
        facts_on: None,
        title: "另一单位".into(),
        again: String::new(),
    };
    let single = authority.begin(officer, &single).await.unwrap().case;
    hall.fill_notice(single, "另一单位").await;
    let with = vec![hall.officers[1].account];
    let form = VisitForm { basis: "投诉〔2026〕1号".into(), with, ..ask(VisitKind::Complaint, on) };
    authority.ask_visit(officer, single, &form).await.unwrap();
    let number = authority.approve_visit(head, single).await.unwrap();
    assert_eq!(number, "示例分局检批字〔2026〕2号");
    let made = make(officer, single).await;
    assert_eq!(made.number, Some(number), "the approval was there first");
    let series = Series { office: hall.office, series: APPROVAL.into(), year: 2026 };
    assert_eq!(hall.store.next_number(&series).await.unwrap(), 3, "neither was numbered twice");
}

#[tokio::test]
async fn who_was_drawn_and_cannot_inspect_is_stood_in_for_and_a_replaced_unit_is_not_visited() {
    let hall = Hall::open().await;
    let (authority, officer, head) = (&hall.authority, hall.officers[0], hall.head);
    hall.drawn().await;
    authority.open_visits(officer, WORD).await.unwrap();
    let view = authority.plan(officer, WORD, 0).await.unwrap();
    let unit = &view.units[0];
    let (case, on) = (unit.case.unwrap(), "2026-03-20");
    hall.fill_notice(case, &unit.name).await;
    let drawn: Vec<_> = unit.team.iter().map(|id| view.people[id].account).collect();
    let admin = By { account: hall.admin, role: Role::Administrator };
    let card = OfficerForm { certificate: Pii::new("2301-x".into()), valid_until: Some(day("2026-03-19")) };
    authority.put_officer(admin, drawn[0], hall.office, &card).await.unwrap();
    assert_eq!(code(authority.ask_visit(officer, case, &ask(VisitKind::Planned, on)).await), "inspectors");
    let spare = hall.officers.iter().map(|by| by.account).find(|account| !drawn.contains(account)).unwrap();
    let form = VisitForm { with: vec![spare], ..ask(VisitKind::Planned, on) };
    authority.ask_visit(officer, case, &form).await.unwrap();
    let mut inspectors = vec![drawn[1], spare];
    inspectors.sort_unstable();
    assert_eq!(authority.visit(officer, case).await.unwrap().line.row.inspectors, inspectors);
    let ground = Ground { reason: ReplaceReason::Closed, paper: b"%PDF deregistered" };
    authority.replace_unit(head, WORD, &unit.unit, ground).await.unwrap();
    assert_eq!(code(authority.approve_visit(head, case).await), "not_drawn");
    let shown = authority.visit(head, case).await.unwrap();
    assert!(shown.line.leave.is_none() && shown.line.drawn.is_some(), "the page still says where it came from");
}

#[tokio::test]
async fn two_who_open_the_visits_at_once_open_each_once() {
    let hall = Hall::open().await;
    hall.drawn().await;
    let (one, two) = tokio::join!(
        hall.authority.open_visits(hall.officers[0], WORD),
        hall.authority.open_visits(hall.officers[1], WORD),
    );
    assert_eq!(one.unwrap().opened + two.unwrap().opened, 3);
    let all = store::casework::cases::CaseFilter::default();
    assert_eq!(hall.authority.cases(hall.supervisor, &all, 9).await.unwrap().len(), 3, "no case without a unit");
}
