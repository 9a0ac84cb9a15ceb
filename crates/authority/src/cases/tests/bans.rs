//! A registration is revoked: its rows end, and its party may not apply again until the day after the bar's last.

use super::*;
use store::casework::registers::{RegisterChange, RowPut};

fn at_the_counter(of: &str, title: &str, party: PartyId, on: CivilDate) -> Beginning {
    Beginning {
        procedure: of.into(),
        channel: Channel::Counter,
        party: Some(party),
        place: String::new(),
        facts_on: Some(on),
        title: title.into(),
        ..area()
    }
}

/// A registration that was given in 2013: its case and number.
async fn registered(hall: &Hall, on: CivilDate) -> (CaseId, String) {
    let party = hall.party(hall.unit).await;
    let begun = hall.begin(hall.officer, &at_the_counter("product_registration", "甲型主机", party, on)).await;
    let apply = hall.done_act(hall.officer, "apply", sample("product_registration", "apply", on), on);
    let required = procedure("product_registration").materials.iter().filter(|m| m.required && !m.gap);
    let files: Vec<Upload> = required.zip(1..).map(|(m, n)| pdf(&m.id, n)).collect();
    hall.act_with(hall.officer, begun.case, apply, files).await.unwrap();
    for step in ["receive", "examine"] {
        hall.done_on(hall.officer, begun.case, step, on).await.unwrap();
    }
    let propose = CaseAct::Propose {
        outcome: "registered".into(),
        typed: sample("product_registration", "registered", on),
        reasons: REASONS.into(),
        clauses: vec![],
    };
    hall.act(hall.officer, begun.case, propose).await.unwrap();
    hall.act(hall.head, begun.case, decision("registered", on)).await.unwrap();
    (begun.case, begun.number)
}

/// A revocation of the registration of this number, against a party, decided on a day; what the decision left.
async fn revoked(hall: &Hall, of: By, number: &str, on: CivilDate) -> Acted {
    let party = hall.party(of).await;
    let case = hall.begin(hall.officer, &at_the_counter("registration_revocation", "撤销", party, on)).await.case;
    let mut found = sample("registration_revocation", "find", on);
    found.insert("registration_number".into(), number.into());
    hall.act(hall.officer, case, hall.done_act(hall.officer, "find", found, on)).await.unwrap();
    hall.done_on(hall.officer, case, "tell", on).await.unwrap();
    let propose = CaseAct::Propose {
        outcome: "revoked".into(),
        typed: sample("registration_revocation", "revoked", on),
        reasons: REASONS.into(),
        clauses: vec![ClauseId::new("B-36")],
    };
    hall.act(hall.officer, case, propose).await.unwrap();
    hall.act(hall.head, case, decision("revoked", on)).await.unwrap()
}

#[tokio::test]
async fn a_revoked_registration_ends_and_its_party_waits_until_the_day_after_the_last() {
    let hall = Hall::open().await;
    let (first, number) = registered(&hall, day("2012-11-06")).await;
    let left = revoked(&hall, hall.unit, &number, day("2012-12-03")).await;
    for register in ["products", "makers_and_sellers"] {
        let versions = hall.store.register_history(register, &first.to_string()).await.unwrap();
        assert_eq!((versions[0].until, versions[0].from), (Some(day("2012-12-03")), day("2012-11-06")), "{register}");
        assert_eq!((versions[1].until, versions.len()), (None, 2), "what it said before is kept");
        assert_eq!(versions[0].personal, versions[1].personal);
        assert!(versions[0].public.contains("ended_by"));
    }
    assert_eq!(left.rows.iter().filter(|r| r.row == first.to_string()).count(), 2);
    let ban = hall.store.register_history("bans", &left.case.to_string()).await.unwrap().remove(0);
    assert_eq!(ban.until, Some(day("2015-12-03")));
    let party = hall.party(hall.unit).await;
    let again = |title: &str, on: &str| at_the_counter("product_registration", title, party, day(on));
    let refusal = hall.authority.begin(hall.officer, &again("乙型主机", "2015-12-03")).await.unwrap_err();
    assert_eq!((refusal.kind, refusal.code.as_str()), (ErrorKind::Unlawful, "applicant_barred"));
    assert!(refusal.what.zh.contains("2015-12-03") && refusal.why[0].clause.0 == "B-36", "{refusal}");
    assert_eq!(hall.refused().await.len(), 1, "it is entered");
    hall.begin(hall.officer, &again("乙型主机", "2015-12-04")).await;
    // Another party is not barred, nor this one from other matters.
    let other = hall.party(hall.person).await;
    hall.begin(hall.officer, &at_the_counter("product_registration", "丙型主机", other, day("2015-12-03"))).await;
    hall.begin(hall.unit, &area()).await;
}

#[tokio::test]
async fn the_number_of_somebody_elses_case_takes_nothing_from_them() {
    let hall = Hall::open().await;
    let (first, number) = registered(&hall, day("2012-11-06")).await;
    let left = revoked(&hall, hall.person, &number, day("2012-12-03")).await;
    assert!(left.rows.iter().all(|r| r.row != first.to_string()), "{:?}", left.rows);
    for register in ["products", "makers_and_sellers"] {
        let versions = hall.store.register_history(register, &first.to_string()).await.unwrap();
        assert_eq!((versions.len(), versions[0].until), (1, None), "{register}");
    }
}

#[tokio::test]
async fn what_was_begun_before_the_bar_is_not_taken_in_while_it_holds() {
    let hall = Hall::open().await;
    let party = hall.party(hall.unit).await;
    let on = day("2013-05-06");
    let case = hall.begin(hall.officer, &at_the_counter("product_registration", "甲型主机", party, on)).await.case;
    let apply = hall.done_act(hall.officer, "apply", sample("product_registration", "apply", on), on);
    let required = procedure("product_registration").materials.iter().filter(|m| m.required && !m.gap);
    let files: Vec<Upload> = required.zip(1..).map(|(m, n)| pdf(&m.id, n)).collect();
    hall.act_with(hall.officer, case, apply, files).await.unwrap();
    let row = RegisterChange {
        register: "bans".into(),
        row: "B-1".into(),
        name: "旧案".into(),
        office: Some(hall.office),
        party: Some(party),
        public: serde_json::json!({ "procedure": "registration_revocation", "outcome": "revoked", "fields": {} }),
        personal: None,
        from: day("2013-05-05"),
        until: Some(day("2013-05-06")),
        clauses: vec![ClauseId::new("B-36")],
        text: base::Text::new("登记。", "Entered."),
    };
    let now = UtcMs(hall.clock.load(Ordering::Relaxed));
    let put = hall.store.put_row(&row, 0, hall.officer.account, now).await.unwrap();
    assert!(matches!(put, RowPut::Done(_)));
    let refusal = hall.done_on(hall.officer, case, "receive", on).await.unwrap_err();
    assert_eq!((refusal.kind, refusal.code.as_str()), (ErrorKind::Unlawful, "applicant_barred"));
    hall.done_on(hall.officer, case, "receive", day("2013-05-07")).await.unwrap();
    let odd = RegisterChange { row: "B-2".into(), public: serde_json::json!({ "procedure": "gone" }), ..row };
    hall.store.put_row(&odd, 0, hall.officer.account, now).await.unwrap();
    hall.done_on(hall.officer, case, "examine", day("2013-05-08")).await.unwrap();
}

#[tokio::test]
async fn a_bar_on_a_matter_is_told_as_soon_as_a_form_names_it() {
    let hall = Hall::open().await;
    let (party, on) = (hall.party(hall.unit).await, hall.today());
    let barred = procedure("permit").field("matter").unwrap().sample.as_str();
    let again = || "另一件申请，需要分别办理。".to_owned();
    let counter = |on| Beginning { again: again(), ..at_the_counter("permit", "", party, on) };
    let case = hall.begin(hall.officer, &counter(on)).await.case;
    for step in ["apply", "accept", "examine"] {
        hall.done(hall.officer, case, step).await.unwrap();
    }
    hall.propose(case, "false_material").await.unwrap();
    hall.decide(hall.head, case, "false_material").await.unwrap();
    let row = hall.store.register_history("bans", &case.to_string()).await.unwrap().remove(0);
    assert_eq!((row.name.as_str(), row.until), (barred, Some(day("2027-03-02"))), "by the matter, not by the unit");
    let told = |refusal: Refusal| {
        assert_eq!((refusal.kind, refusal.code.as_str()), (ErrorKind::Unlawful, "applicant_barred"), "{refusal}");
        assert!(refusal.what.zh.contains("2027-03-02") && refusal.why[0].clause.0 == "AL-78", "{refusal}");
    };
    let named = |matter: &str| typed(&[("matter", matter)]);
    // At the counter the form is there when the case is begun: none is begun.
    let beside = || hall.store.cases_beside(party, "permit");
    let before = beside().await.unwrap();
    told(hall.authority.begin_filled(hall.officer, &counter(on), None, &named(barred)).await.unwrap_err());
    told(
        hall.authority
            .begin_filled(hall.officer, &counter(on), None, &named(&format!(" {barred} ")))
            .await
            .unwrap_err(),
    );
    assert_eq!(beside().await.unwrap(), before);
    hall.authority.begin_filled(hall.officer, &counter(on), None, &named("另一事项")).await.unwrap();
    // Online nothing is named before the draft is filled in.
    let online = Beginning { procedure: "permit".into(), title: String::new(), again: again(), ..area() };
    let draft = hall.begin(hall.unit, &online).await.case;
    let fill = |matter: &str| CaseAct::Fill { step: "apply".into(), typed: named(matter) };
    told(hall.act(hall.unit, draft, fill(barred)).await.unwrap_err());
    hall.act(hall.unit, draft, fill("另一事项")).await.unwrap();
    let apply = hall.done_act(hall.unit, "apply", sample("permit", "apply", on), on);
    told(hall.act(hall.unit, draft, apply).await.unwrap_err());
    assert_eq!(hall.refused().await.len(), 4, "each is entered");
    // The day after the last the draft is not held against it, nor is what begins then.
    hall.pass_days(366);
    hall.act(hall.unit, draft, fill(barred)).await.unwrap();
    hall.authority.begin_filled(hall.officer, &counter(hall.today()), None, &named(barred)).await.unwrap();
}
