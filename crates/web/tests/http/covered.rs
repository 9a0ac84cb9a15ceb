//! Places that must have a system over HTTP: one filing of an owner covers one place, an officer settles what nobody can tell, and each step of a
//! system stands on one page with what follows from it today.

use crate::cases::{hall, signed_in};
use crate::harness::{Browser, Server};
use base::{CivilDate, Pii, Text};
use serde_json::Value;
use store::casework::import::Import;
use store::casework::registers::RegisterChange;

const CODE: &str = "91350100M000100Y43";

/// A place of the owner, entered by hand; its address.
async fn place(officer: &mut Browser<'_>, name: &str, address: &str) -> String {
    let page = "/registers/units/new";
    assert_eq!(officer.get(page).await.status, 200);
    let fields = [
        ("unit_name", name),
        ("credit_code", CODE),
        ("unit_address", address),
        ("unit_division", "230102"),
        ("ground", "key_unit"),
        ("ground_words", "存放易燃易爆物品。"),
        ("reason", "来文登记"),
        ("seen", "0"),
    ];
    let got = officer.post(page, &fields).await;
    assert_eq!(got.status, 303, "{:.900}", got.text);
    got.place().to_owned()
}

/// Rows of systems of the owner: id, procedure, outcome, sealed columns.
async fn systems(server: &Server, rows: &[(&str, &str, &str, Value)]) {
    let row = |(id, procedure, outcome, columns): &(&str, &str, &str, Value)| {
        let mut columns = columns.clone();
        columns["credit_code"] = CODE.into();
        RegisterChange {
            register: "systems".into(),
            row: (*id).to_owned(),
            name: format!("系统{id}"),
            office: None,
            party: None,
            public: serde_json::json!({
                "procedure": procedure, "number": format!("示公技防〔2026〕{id}号"), "outcome": outcome, "decided_day": "2026-03-02",
                "fields": {},
            }),
            personal: Some(Pii::new(columns.to_string())),
            from: CivilDate::parse("2026-03-02").unwrap(),
            until: None,
            clauses: Vec::new(),
            text: Text::new("登记系统。", "System registered."),
        }
    };
    let rows: Vec<RegisterChange> = rows.iter().map(row).collect();
    let by = server.account("case_officer").await;
    let import = Import { registers: &rows, ..Import::default() };
    server.site.store().import(&import, by, server.site.now().utc).await.unwrap();
}

#[tokio::test]
async fn one_filing_of_a_chain_covers_one_place_and_an_officer_settles_the_doubt() {
    let server = hall().await;
    let mut officer = signed_in(&server, "case_officer").await;
    let one = place(&mut officer, "示例一站", "哈尔滨市道里区示例街1号").await;
    let two = place(&mut officer, "示例二站", "示例街2号").await;
    let three = place(&mut officer, "示例三站", "示例街3号").await;
    let at = |street: &str| serde_json::json!({ "place": street, "place_division": "230102", "unit_name": "示例石油" });
    systems(
        &server,
        &[("s1", "system_filing", "filed", at("道里区 示例街１号")), ("s2", "system_filing", "filed", at("别的写法"))],
    )
    .await;
    let shown = officer.get("/statistics").await;
    assert!(shown.text.contains("data-coverage") && shown.text.contains("待核实"), "{:.900}", shown.text);
    let list = async |officer: &mut Browser<'_>, class: &str| {
        let got = officer.get(&format!("/statistics/gaps?register=units&class={class}")).await;
        assert_eq!(got.status, 200, "{:.900}", got.text);
        ["示例一站", "示例二站", "示例三站"].map(|name| got.text.contains(name))
    };
    assert_eq!(list(&mut officer, "covered").await, [true, false, false], "its own address, otherwise written");
    assert_eq!(list(&mut officer, "doubtful").await, [false, true, true]);
    let file = officer.get("/statistics/gaps.csv?register=units").await;
    assert_eq!(file.text.matches("待核实").count(), 2, "{}", file.text);
    // Who handles no cases may look and not settle.
    let life = format!("{two}/life");
    let mut head = signed_in(&server, "case_approver").await;
    let looked = head.get(&life).await;
    assert!(looked.status == 200 && !looked.text.contains("data-settle"), "{:.900}", looked.text);
    assert_eq!(head.post(&life, &[("system", "s2"), ("ground", "visited")]).await.status, 403);
    let asked = officer.get(&life).await;
    assert!(asked.text.contains("data-settle") && asked.text.contains("系统s2"), "{:.900}", asked.text);
    assert!(!asked.text.contains("系统s1"), "what covers another place is not in question");
    assert_eq!(officer.post(&life, &[("system", "s2"), ("ground", "")]).await.status, 400);
    assert_eq!(officer.post(&life, &[("system", "s1"), ("ground", "visited")]).await.status, 400);
    assert_eq!(officer.post(&life, &[("system", "s2"), ("ground", "visited")]).await.status, 303);
    let settled = officer.get(&life).await.text;
    assert!(settled.contains("民警核实") && settled.contains("有系统"), "{settled:.1500}");
    assert_eq!(list(&mut officer, "open").await, [false, false, true], "the doubt about the third is gone, too");
    // Taken back: none of them.
    assert_eq!(officer.post(&life, &[("ground", "papers")]).await.status, 303);
    assert!(list(&mut officer, "open").await[1]);
    let third = officer.get(&format!("{three}/life")).await.text;
    assert!(third.contains("data-settle"), "the system is free again");
    let first = officer.get(&format!("{one}/life")).await.text;
    assert!(first.contains("同一单位，地址或者名称相同") && !first.contains("data-settle"), "{first:.1500}");
    let store = server.site.store();
    let acts =
        store.acts(&store::logbook::ActFilter { kind: Some("place.settled".into()), ..Default::default() }, 9).await;
    assert_eq!(acts.unwrap().len(), 2, "each has its entry");
}

#[tokio::test]
async fn a_system_has_one_page_that_says_whether_it_may_be_used() {
    let server = hall().await;
    let mut officer = signed_in(&server, "case_officer").await;
    let home = place(&mut officer, "示例商场", "示例街8号").await;
    let at = |place: &str| serde_json::json!({ place: "示例街8号", "unit_name": "示例", "place_division": "230102" });
    let accepted = serde_json::json!({ "project_address": "示例街8号", "project_division": "230102" });
    let networked = serde_json::json!({ "unit_address": "示例街8号", "unit_division": "230102" });
    systems(&server, &[("f1", "system_filing", "filed", at("place"))]).await;
    let life = format!("{home}/life");
    let before = officer.get(&life).await.text;
    assert!(before.contains("验收以前不得使用") && before.contains("/law/B-19-2-3"), "{before:.1500}");
    systems(&server, &[("a1", "acceptance", "passed", accepted), ("n1", "networking", "connected", networked)]).await;
    let after = officer.get(&life).await.text;
    assert!(after.contains("可以使用：2026-03-02") && after.contains("/law/B-19-2-2"), "{after:.1500}");
    for step in ["f1", "a1", "n1"] {
        assert!(after.contains(&format!("示公技防〔2026〕{step}号")), "{step}: {after:.1500}");
        let own = officer.get(&format!("/registers/systems/{step}/life")).await.text;
        assert!(own.contains("示例商场") && own.contains("可以使用"), "{step}: {own:.1500}");
        let row = officer.get(&format!("/registers/systems/{step}")).await.text;
        assert!(row.contains(&format!("/registers/systems/{step}/life")), "linked from the row");
    }
    assert_eq!(officer.get("/registers/bodies/x/life").await.status, 404);
    assert_eq!(officer.get("/registers/systems/none/life").await.status, 404);
}
