//! Who sees a case and who enters what: its party, its office and who supervises; forms of parties and offices tell what is wrong.

use super::*;
use crate::cases::party_fields;

#[tokio::test]
async fn an_applicant_sees_only_their_own_and_no_thought_of_the_office() {
    let hall = Hall::open().await;
    let case = hall.examined().await;
    hall.propose(case, "approved").await.unwrap();
    hall.act(hall.officer, case, CaseAct::Note { words: "内部备注一则".into() }).await.unwrap();
    assert_eq!(hall.authority.my_cases(hall.unit, None).await.unwrap().rows.len(), 1);
    assert!(hall.authority.my_cases(hall.person, None).await.unwrap().rows.is_empty());
    assert_eq!(hall.authority.case(hall.person, case).await.unwrap_err().code, "not_found");
    let other = hall.act(hall.person, case, CaseAct::Abandon { reasons: String::new() }).await.unwrap_err();
    assert_eq!(other.code, "not_found");
    let view = hall.view(hall.unit, case).await;
    assert!(view.is_applicant && view.case.proposal.is_none() && view.rows.is_empty());
    let internal = |e: &Event| matches!(e, Event::Noted { .. } | Event::Proposed { .. });
    assert!(!view.events.iter().any(|line| internal(&line.recorded.event) || line.by.is_some()));
    assert!(view.case.values_of("examine").is_none() && view.case.values_of("apply").is_some());
    assert_eq!(view.papers.len(), 1);
    let (paper, bytes) = hall.authority.case_paper(hall.unit, case, view.papers[0].n).await.unwrap();
    assert_eq!((paper.media_type.as_str(), bytes.starts_with(b"%PDF-")), ("application/pdf", true));
    let whole = hall.view(hall.supervisor, case).await;
    assert!(whole.events.iter().any(|line| internal(&line.recorded.event)) && whole.events[0].by.is_some());
    let note = hall.act(hall.supervisor, case, CaseAct::Note { words: "督办一下".into() }).await.unwrap_err();
    assert_eq!(note.code, "no_permission", "who supervises handles nothing");
}

#[tokio::test]
async fn why_an_officer_put_the_day_of_the_facts_right_is_not_told_to_the_party() {
    let hall = Hall::open().await;
    let form = Beginning {
        channel: Channel::Counter,
        party: Some(hall.party(hall.unit).await),
        place: String::new(),
        ..area()
    };
    let case = hall.begin(hall.officer, &form).await.case;
    let (on, reasons) = (hall.today().plus_days(-1), "窗口登记时写错了一天。".to_owned());
    hall.act(hall.officer, case, CaseAct::ChangeFacts { on, reasons }).await.unwrap();
    let told = |view: CaseView| {
        let why = view.events.iter().find_map(|line| match &line.recorded.event {
            Event::FactsChanged { to, reasons, .. } => Some((*to, reasons.is_empty())),
            _ => None,
        });
        why.expect("that it was put right")
    };
    assert_eq!(told(hall.view(hall.unit, case).await), (on, true), "the day, and no word of an officer");
    assert_eq!(told(hall.view(hall.officer, case).await), (on, false));
}

#[tokio::test]
async fn another_office_neither_sees_nor_acts_nor_takes_what_is_not_its_own() {
    let hall = Hall::open().await;
    let case = hall.examined().await;
    let form = OfficeForm {
        name: "另一分局".into(),
        level: "county".into(),
        division: "230103".into(),
        unit_code: "230103000000".into(),
        ..OfficeForm::default()
    };
    let other = hall.authority.put_office(hall.admin, &form).await.unwrap();
    let stranger = account(&hall.store, "stranger", Role::CaseOfficer).await;
    assert_eq!(hall.authority.case(stranger, case).await.unwrap_err().code, "no_office");
    hall.authority.put_officer(hall.admin, stranger.account, other, &OfficerForm::default()).await.unwrap();
    assert_eq!(hall.authority.case(stranger, case).await.unwrap_err().code, "not_found");
    let note = CaseAct::Note { words: "不是本局的案件".into() };
    assert_eq!(hall.act(stranger, case, note).await.unwrap_err().code, "not_found");
    let counter = Beginning { channel: Channel::Counter, party: Some(hall.party(hall.unit).await), ..area() };
    assert_eq!(hall.authority.begin(stranger, &counter).await.unwrap_err().code, "other_office");
    let page = hall.authority.worklist(stranger, &store::casework::worklist::WorkFilter::default(), 10).await.unwrap();
    assert!(page.rows.is_empty());
    let page =
        hall.authority.worklist(hall.officer, &store::casework::worklist::WorkFilter::default(), 10).await.unwrap();
    assert_eq!((page.rows.len(), page.counts.counts.iter().sum::<u32>() + page.counts.no_day), (1, 1));
}

#[tokio::test]
async fn a_form_of_a_party_tells_every_fault_and_a_code_is_nobodys_who_only_knows_it() {
    let hall = Hall::open().await;
    let third = account(&hall.store, "third", Role::Applicant).await;
    assert_eq!(hall.authority.my_cases(third, None).await.unwrap_err().code, "no_party");
    let wrong = PartyForm { is_unit: true, typed: typed(&[("credit_code", "91350100M000100Y44")]) };
    let faults = hall.authority.register_party(third, &wrong).await.unwrap_err();
    let codes: Vec<&str> = faults.iter().map(|f| f.code.as_str()).collect();
    assert_eq!(codes, ["unit_name", "credit_code", "unit_address", "contact", "contact_phone"]);
    let taken = hall.authority.register_party(third, &unit_form()).await.unwrap_err();
    assert_eq!(taken[0].code, "party_taken");
    let unit = hall.party(hall.unit).await;
    let known = hall.authority.known_values(hall.unit, procedure("area_approval"), unit).await.unwrap();
    assert_eq!(known.get("credit_code").map(String::as_str), Some("91350100M000100Y43"));
    assert_eq!(known.get("applicant_name").map(String::as_str), Some("王五"));
    let person = hall.party(hall.person).await;
    let others = hall.authority.known_values(hall.unit, procedure("area_approval"), person).await;
    assert_eq!(others.unwrap_err().code, "no_permission");
    for is_unit in [true, false] {
        assert!(party_fields(is_unit).iter().all(|f| !f.kind.is_personal() || f.personal));
    }
}

#[tokio::test]
async fn an_office_is_entered_once_and_only_by_the_administrator() {
    let hall = Hall::open().await;
    let twice = OfficeForm {
        name: "同码分局".into(),
        level: "county".into(),
        division: "230103".into(),
        unit_code: "230102000000".into(),
        ..OfficeForm::default()
    };
    assert_eq!(hall.authority.put_office(hall.admin, &twice).await.unwrap_err().code, "office_unit_code");
    assert_eq!(hall.authority.put_office(hall.officer, &twice).await.unwrap_err().code, "no_permission");
    let seatless = hall
        .authority
        .put_officer(hall.admin, hall.admin.account, hall.office, &OfficerForm::default())
        .await
        .unwrap_err();
    assert_eq!(seatless.code, "no_seat");
    assert_eq!(hall.authority.offices(hall.admin).await.unwrap().len(), 1);
    assert_eq!(hall.authority.officers(hall.head, hall.office).await.unwrap().len(), 5);
}
