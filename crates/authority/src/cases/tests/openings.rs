//! Who may open a case of which procedure, what is published of cases without a register, and how staff read an applicant's name.

use super::*;

#[tokio::test]
async fn what_has_no_register_is_published_once_decided_and_revoked_as_a_decision() {
    let hall = Hall::open().await;
    let form = Beginning {
        procedure: "permit".into(),
        channel: Channel::Counter,
        party: Some(hall.party(hall.unit).await),
        ..area()
    };
    let case = hall.begin(hall.officer, &form).await.case;
    let on = hall.today();
    let apply = hall.done_act(hall.officer, "apply", sample("permit", "apply", on), on);
    let required = procedure("permit").materials.iter().filter(|m| m.required && !m.gap);
    let files: Vec<Upload> = required.zip(1..).map(|(m, n)| pdf(&m.id, n)).collect();
    hall.act_with(hall.officer, case, apply, files).await.unwrap();
    for step in ["accept", "examine"] {
        hall.done(hall.officer, case, step).await.unwrap();
    }
    hall.propose(case, "granted").await.unwrap();
    let publish = || CaseAct::Publish { publication: "other_information".into(), row: case.to_string() };
    hall.act(hall.publisher, case, publish()).await.unwrap_err();
    hall.decide(hall.head, case, "granted").await.unwrap();
    hall.act(hall.publisher, case, publish()).await.unwrap();
    hall.done(hall.officer, case, "revoke").await.unwrap();
    hall.propose(case, "revoked").await.unwrap();
    let revoked = hall.decide(hall.head, case, "revoked").await.unwrap();
    assert!(revoked.rows.iter().any(|r| r.register == "bans"));
}

#[tokio::test]
async fn an_office_opens_what_its_territory_makes_it_competent_for_and_what_others_carry_out() {
    let hall = Hall::open().await;
    let party = Some(hall.party(hall.unit).await);
    let form =
        |of: &str| Beginning { procedure: of.into(), channel: Channel::Counter, party, place: String::new(), ..area() };
    let city = OfficeForm {
        name: "示例市局".into(),
        short: "示市公技防".into(),
        level: "city".into(),
        division: "230100".into(),
        unit_code: "230100000000".into(),
        ..OfficeForm::default()
    };
    hall.authority.put_office(hall.admin, &city).await.unwrap();
    let refusal = hall.authority.begin(hall.officer, &form("sales_filing")).await.unwrap_err();
    assert_eq!(refusal.code, "other_office", "sellers file with a city or above: {refusal}");
    assert!(refusal.what.zh.contains("示例市局"), "{refusal}");
    hall.begin(hall.officer, &form("plan_examination")).await;
    let built = hall.begin(hall.officer, &form("three_together_b")).await;
    assert_eq!(built.office, hall.office, "no police step says which office: the officer's own");
    let online = Beginning { channel: Channel::Online, party: None, ..form("three_together_b") };
    assert_eq!(hall.authority.begin(hall.unit, &online).await.unwrap_err().code, "not_offered");
    let here = hall.authority.openable(hall.today()).await.unwrap();
    let here: Vec<&str> = here.iter().map(|p| p.id.as_str()).collect();
    assert!(here.contains(&"three_together_b") && here.contains(&"penalty_case"));
    assert!(!here.contains(&"provider_filing") && !here.contains(&"product_registration"), "{here:?}");
    let own = hall.authority.openable_by(hall.officer, hall.today()).await.unwrap();
    let own: Vec<&str> = own.iter().map(|p| p.id.as_str()).collect();
    assert!(here.contains(&"sales_filing") && !own.contains(&"sales_filing"), "the city's, as `begin` says: {own:?}");
    assert!(own.contains(&"plan_examination") && own.contains(&"three_together_b"), "{own:?}");
}

#[tokio::test]
async fn a_penalty_is_handled_by_who_opened_it() {
    let hall = Hall::open().await;
    let from = hall.examined().await;
    let form = Beginning {
        procedure: "penalty_case".into(),
        channel: Channel::OwnMotion,
        party: Some(hall.party(hall.unit).await),
        place: String::new(),
        title: "未建立登记制度".into(),
        again: "另一件同类案件，需要分别办理。".into(),
        ..area()
    };
    let case = hall.authority.begin_from(hall.officer, &form, Some(from)).await.unwrap().case;
    let row = hall.store.case(case).await.unwrap().expect("a case");
    assert_eq!((row.head.assigned, row.events), (Some(hall.officer.account), 2));
    let alone = Beginning { title: "未建立安全保密制度".into(), ..form };
    let alone = hall.begin(hall.officer, &alone).await.case;
    let alone = hall.store.case(alone).await.unwrap().expect("a case");
    assert_eq!((alone.head.assigned, alone.events), (Some(hall.officer.account), 2), "named once");
}

#[tokio::test]
async fn staff_read_the_name_of_an_applicant_as_lists_show_persons() {
    let hall = Hall::open().await;
    let case = hall.examined().await;
    for by in [hall.officer, hall.supervisor, hall.publisher] {
        let view = hall.view(by, case).await;
        let names: Vec<&str> = view.events.iter().filter_map(|l| l.by.as_ref()).map(|n| n.expose().as_str()).collect();
        assert!(names.contains(&"officer某"), "{names:?}");
        assert!(names.iter().any(|n| n.starts_with("u*")) && !names.contains(&"unit某"), "{names:?}");
    }
}
