//! At the counter: of who stays unnamed nothing is written, and nobody is asked twice for what the part about the party says.

use crate::cases::{fill, hall, pairs, sample, signed_in};
use crate::harness::{Browser, Server};
use authority::By;
use base::{CaseId, Pii};
use domain::access::Role;

const NAME: &str = "钱无名";
const NUMBER: &str = "230102199001010019";
const PHONE: &str = "0451-55550777";

/// The filled report with these answers about who reports, sent as that of a person; the case.
async fn reported(server: &Server, officer: &mut Browser<'_>, kind: &str) -> CaseId {
    let mut typed = sample(server, "report_handling", "report");
    for (id, text) in &mut typed {
        match *id {
            "reporter_kind" => *text = kind.to_owned(),
            "reporter_name" => *text = NAME.to_owned(),
            "reporter_phone" => *text = PHONE.to_owned(),
            "place_division" => *text = "230102".to_owned(),
            _ => {}
        }
    }
    let person = [
        ("procedure", "report_handling"),
        ("party_is", "person"),
        ("person_name", NAME),
        ("resident_id", NUMBER),
        ("contact_phone", PHONE),
    ];
    officer.get("/cases/new?procedure=report_handling").await;
    let got = officer.post("/cases/new", &pairs(&typed, &person)).await;
    assert_eq!(got.status, 303, "{:.2000}", got.text);
    let id = got.place().rsplit('/').next().unwrap().to_owned();
    assert_eq!(got.place(), format!("/cases/{id}"), "the first step is done with it");
    CaseId::parse(&id).unwrap()
}

#[tokio::test]
async fn of_who_stays_unnamed_no_event_row_or_entry_is_written() {
    let server = hall().await;
    let mut officer = signed_in(&server, "case_officer").await;
    let store = server.site.store();
    let unnamed = reported(&server, &mut officer, "unnamed").await;
    assert_eq!(store.case(unnamed).await.unwrap().unwrap().head.party, None);
    let number = Pii::new(NUMBER.to_owned());
    assert!(store.person_by_id(&number).await.unwrap().is_none(), "no party was entered");
    assert!(store.parties_by_phone(&Pii::new(PHONE.to_owned())).await.unwrap().is_empty());
    let events = store.case_events(unnamed).await.unwrap();
    assert!(events.iter().any(|e| e.body.expose().contains("unnamed")), "the report itself is there");
    for said in [NAME, PHONE, NUMBER] {
        assert!(events.iter().all(|e| !e.body.expose().contains(said)), "{said}");
    }
    // Who gives a name is kept: the same form, another answer.
    let named = reported(&server, &mut officer, "person").await;
    assert!(store.case(named).await.unwrap().unwrap().head.party.is_some());
    assert!(store.person_by_id(&number).await.unwrap().is_some());
    let events = store.case_events(named).await.unwrap();
    assert!(events.iter().any(|e| e.body.expose().contains(NAME)));
}

#[tokio::test]
async fn nobody_is_promised_to_stay_unnamed_where_they_are_the_party() {
    let server = hall().await;
    let mut party = signed_in(&server, "applicant").await;
    party.get("/my/cases").await;
    let place = [("step", "report_handling"), ("place_at", "230102")];
    let begun = party.post("/apply/new", &place).await;
    assert_eq!(begun.status, 303, "{:.2000}", begun.text);
    let page = begun.place().to_owned();
    let mut typed = sample(&server, "report_handling", "report");
    for (id, text) in &mut typed {
        match *id {
            "reporter_kind" => *text = "unnamed".to_owned(),
            "place_division" => *text = "230102".to_owned(),
            _ => {}
        }
    }
    let got = fill(&mut party, &page, &page, &pairs(&typed, &[("step", "report")])).await;
    assert!(got.status == 409 && got.text.contains("不能再选匿名"), "{} {:.2000}", got.status, got.text);
}

#[tokio::test]
async fn what_the_part_about_the_party_says_is_not_asked_again() {
    let server = hall().await;
    let mut officer = signed_in(&server, "case_officer").await;
    let page = officer.get("/cases/new?procedure=area_approval").await.text;
    let (open, behind) = page.split_once("data-another").expect("a tick");
    assert!(!open.contains("id=\"f-applicant_name\"") && behind.contains("id=\"f-applicant_name\""), "{page:.6000}");
    let mut typed = sample(&server, "area_approval", "apply");
    typed.retain(|(id, _)| *id != "applicant_name");
    let party = [
        ("procedure", "area_approval"),
        ("party_is", "person"),
        ("person_name", NAME),
        ("resident_id", NUMBER),
        ("again", "另一处入口，需要分别批准。"),
    ];
    let authority = server.authority.clone().unwrap();
    let by = By { account: server.account("case_officer").await, role: Role::CaseOfficer };
    for (more, name) in [
        (vec![], NAME),
        (vec![("applicant_name", "周八")], NAME),
        (vec![("applicant_name", "周八"), ("another", "1")], "周八"),
    ] {
        let got = officer.post("/cases/new", &pairs(&typed, &[&party[..], &more[..]].concat())).await;
        assert_eq!(got.status, 303, "{:.3000}", got.text);
        let case = CaseId::parse(got.place().split('/').nth(2).unwrap()).unwrap();
        let view = authority.case(by, case).await.unwrap();
        assert_eq!(view.case.values_of("apply").unwrap().text("applicant_name"), Some(name));
    }
    // With the tick it is asked; without it what lacks is told once, in the part about the party.
    let told = async |officer: &mut Browser<'_>, more: &[(&str, &str)]| {
        let got = officer.post("/cases/new", &pairs(&typed, more)).await;
        assert_eq!(got.status, 400, "{:.3000}", got.text);
        got.text.contains("f-applicant_name-error")
    };
    let of_party = [("procedure", "area_approval"), ("party_is", "person"), ("resident_id", NUMBER)];
    assert!(!told(&mut officer, &of_party).await);
    assert!(told(&mut officer, &[&of_party[..], &[("another", "1")]].concat()).await);
}
