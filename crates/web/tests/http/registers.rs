//! Registers for staff over HTTP: rows entered, changed and ended by the pages' own forms; who sees what of whose rows; copies and proofs.

use crate::cases::{at_counter, hall, signed_in};
use crate::harness::{Browser, Server, form};
use authority::By;
use authority::cases::{OfficeForm, OfficerForm};
use base::{CivilDate, Pii, Sha256, Text};
use domain::access::Role;
use domain::casework::{CaseAct, Command};
use jifang_web::routes::ROUTES;
use ledger::LogVerifier;
use std::collections::BTreeSet;
use std::sync::LazyLock;
use store::casework::import::Import;
use store::casework::registers::{PAGE, RegisterChange};
use store::logbook::ActFilter;

static GATE: LazyLock<law::Gate> = LazyLock::new(|| law::Gate::embedded().unwrap());

/// A name that a spreadsheet would run.
const NAME: &str = "=1+1检验中心";
const PERSON: &str = "李四";

/// The samples of a form with some of them changed.
fn sample<'a>(register: &str, changed: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let form = GATE.packs().register_form(register).unwrap();
    let text = |id: &str| changed.iter().find(|c| c.0 == id).map(|c| c.1);
    let own = form.fields.iter().filter(|f| text(&f.id).is_none());
    let own: Vec<(String, String)> = own.map(|f| (f.id.clone(), f.sample.clone())).collect();
    // A test may keep what it typed.
    let own = own.into_iter().map(|(id, text)| (&*id.leak(), &*text.leak()));
    own.chain(changed.iter().copied()).collect()
}

fn body<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let own = [
        ("body_name", NAME),
        ("valid_until", "2199-06-30"),
        ("contact", PERSON),
        ("reason", "来文登记"),
        ("seen", "0"),
    ];
    let kept = own.into_iter().filter(|(id, _)| !more.iter().any(|m| m.0 == *id));
    sample("bodies", &kept.chain(more.iter().copied()).collect::<Vec<_>>())
}

/// Another office of the same server, with a clerk of its own.
async fn neighbour(server: &Server) {
    let authority = server.authority.clone().expect("an authority's server");
    server.site.add_account_locally(&form("neighbour", Role::CaseOfficer, "钱八", "8")).await.unwrap();
    let admin = By { account: server.account("administrator").await, role: Role::Administrator };
    let office = OfficeForm {
        name: "邻区分局".into(),
        short: "邻公技防".into(),
        level: "county".into(),
        division: "230103".into(),
        unit_code: "230103000000".into(),
        ..OfficeForm::default()
    };
    let office = authority.put_office(admin, &office).await.unwrap();
    let card =
        OfficerForm { certificate: Pii::new("2301-neighbour".into()), valid_until: CivilDate::parse("2199-12-31") };
    authority.put_officer(admin, server.account("neighbour").await, office, &card).await.unwrap();
}

/// A row of a register; its address.
async fn entered(officer: &mut Browser<'_>, register: &str, fields: &[(&str, &str)]) -> String {
    let page = format!("/registers/{register}/new");
    assert_eq!(officer.get(&page).await.status, 200);
    let got = officer.post(&page, fields).await;
    assert_eq!(got.status, 303, "{:.900}", got.text);
    assert!(got.place().starts_with(&format!("/registers/{register}/")));
    got.place().to_owned()
}

#[tokio::test]
async fn a_row_is_entered_changed_and_ended_and_every_version_stays() {
    let server = hall().await;
    let mut officer = signed_in(&server, "case_officer").await;
    let list = officer.get("/registers").await;
    assert!(list.status == 200 && list.text.contains("href=\"/registers/bodies\""), "{:.900}", list.text);
    assert!(list.text.contains("/law/B-32-1-2") && list.text.contains("href=\"/registers/providers\""));
    let page = "/registers/bodies/new";
    officer.get(page).await;
    for (lacking, at) in [
        (body(&[("body_name", "")]), "f-body_name-error"),
        (body(&[("reason", "")]), "reason-error"),
        (body(&[("valid_until", "2001-01-01")]), "f-valid_until-error"),
    ] {
        let got = officer.post(page, &lacking).await;
        assert!(got.status == 400 && got.text.contains(at), "{at}: {} {:.900}", got.status, got.text);
        assert!(got.text.contains("示例资字2026-001"), "nothing typed is lost");
    }
    let row = entered(&mut officer, "bodies", &body(&[])).await;
    let shown = officer.get(&row).await;
    assert!(
        shown.status == 200 && !shown.text.contains(PERSON) && shown.text.contains("来文登记"),
        "{:.900}",
        shown.text
    );
    let edit = format!("{row}/edit");
    assert!(officer.get(&edit).await.text.contains(PERSON), "what stands there is in the form");
    let got = officer.post(&edit, &body(&[("seen", "1"), ("contact", "王五"), ("reason", "换了联系人")])).await;
    assert_eq!((got.status.as_u16(), got.place()), (303, row.as_str()), "{:.900}", got.text);
    let late = officer.post(&edit, &body(&[("seen", "1"), ("contact", "赵六")])).await;
    assert_eq!(late.status, 409, "{:.900}", late.text);
    let end = format!("{row}/end");
    for (day, reason) in [("", "资质被撤销"), ("2001-01-01", "资质被撤销"), ("2190-01-01", "")] {
        let got = officer.post(&end, &[("day", day), ("reason", reason), ("seen", "2")]).await;
        assert_eq!(got.status, 400, "{day} {:.900}", got.text);
    }
    let got = officer.post(&end, &[("day", "2190-01-01"), ("reason", "资质被撤销"), ("seen", "2")]).await;
    assert_eq!(got.status, 303, "{:.900}", got.text);
    let id = row.rsplit('/').next().unwrap();
    let versions = server.site.store().register_history("bodies", id).await.unwrap();
    assert_eq!(versions.iter().map(|v| v.version).collect::<Vec<_>>(), [3, 2, 1]);
    assert_eq!(versions[0].until.map(|d| d.to_string()).as_deref(), Some("2190-01-01"));
    assert!(versions.iter().all(|v| !v.public.contains(PERSON) && !v.public.contains("王五")), "persons are sealed");
    let shown = officer.get(&row).await.text;
    assert!(shown.contains("资质被撤销") && shown.contains("换了联系人") && shown.contains("2190-01-01"));
    // The public reads the public columns.
    let public = server.get(&format!("/public{row}"), "").await;
    assert!(public.status == 200 && public.text.contains("检验中心"), "{:.900}", public.text);
    assert!(!public.text.contains(PERSON) && !public.text.contains("王五") && !public.text.contains("资质被撤销"));
}

/// Entries by which persons were shown whole, the newest first: their bodies.
async fn revealed(server: &Server) -> Vec<serde_json::Value> {
    let store = server.site.store();
    let acts = store.acts(&ActFilter::default(), 100).await.unwrap();
    store.flush_ledger().await.unwrap();
    let shown = acts.iter().filter(|a| a.kind == "party.revealed");
    shown.map(|a| store.ledger().entry(a.idx).unwrap().parse().unwrap().body).collect()
}

#[tokio::test]
async fn persons_of_a_row_are_seen_whole_only_after_an_entry_also_by_its_own_office() {
    let server = hall().await;
    neighbour(&server).await;
    let mut officer = signed_in(&server, "case_officer").await;
    let row = entered(&mut officer, "bodies", &body(&[])).await;
    for page in [row.as_str(), "/registers/bodies", "/registers/bodies/all.csv", "/registers/bodies/all.json"] {
        let got = officer.get(page).await;
        assert!(got.status == 200 && !got.text.contains(PERSON), "{page}");
    }
    assert!(revealed(&server).await.is_empty(), "nothing was shown");
    let reveal = format!("{row}/reveal");
    let got = officer.post(&reveal, &[("reason", "curious")]).await;
    assert!(got.status == 400 && !got.text.contains(PERSON), "{:.900}", got.text);
    let got = officer.post(&reveal, &[("reason", "contact")]).await;
    assert!(got.status == 200 && got.text.contains(PERSON), "{:.900}", got.text);
    assert!(officer.get(&format!("{row}/edit")).await.text.contains(PERSON), "the form is whole");
    let entries = revealed(&server).await;
    let reasons: Vec<_> = entries.iter().map(|body| body["reason"].as_str().unwrap()).collect();
    assert_eq!(reasons, ["change", "contact"]);
    for body in &entries {
        assert_eq!((body["register"].as_str(), body["row"].as_str()), (Some("bodies"), row.rsplit('/').next()));
        assert!(body["fields"].as_array().unwrap().contains(&"row.contact".into()));
        assert!(!body.to_string().contains(PERSON), "no value");
    }
    for login in ["neighbour", "case_approver", "auditor"] {
        let mut other = signed_in(&server, login).await;
        other.get(&row).await;
        let got = other.post(&reveal, &[("reason", "contact")]).await;
        assert!(got.status != 200 && !got.text.contains(PERSON), "{login} {}", got.status);
    }
    assert_eq!(revealed(&server).await.len(), entries.len());
}

#[tokio::test]
async fn the_form_that_shows_persons_whole_keeps_the_pace_of_every_reveal() {
    let server = hall().await;
    let mut officer = signed_in(&server, "case_officer").await;
    let row = entered(&mut officer, "bodies", &body(&[])).await;
    let (edit, reveal) = (format!("{row}/edit"), format!("{row}/reveal"));
    assert_eq!(officer.get(&edit).await.status, 200);
    let mut last = 0;
    for _ in 0..40 {
        let got = officer.get(&edit).await;
        last = got.status.as_u16();
        assert!(last == 200 || !got.text.contains(PERSON), "{last}");
    }
    assert_eq!(last, 429, "not a whole register at once");
    officer.get(&row).await;
    assert_eq!(officer.post(&reveal, &[("reason", "contact")]).await.status, 429, "nor by the other way");
}

#[tokio::test]
async fn personal_columns_of_another_office_are_masked_on_pages_and_in_copies() {
    let server = hall().await;
    neighbour(&server).await;
    let mut officer = signed_in(&server, "case_officer").await;
    let row = entered(&mut officer, "bodies", &body(&[])).await;
    for login in ["neighbour", "supervisor", "case_approver", "auditor"] {
        let mut other = signed_in(&server, login).await;
        let shown = other.get(&row).await;
        assert!(shown.status == 200 && shown.text.contains("检验中心"), "{login} {:.900}", shown.text);
        assert!(!shown.text.contains(PERSON) && !shown.text.contains("来文登记"), "{login}");
        for copy in ["csv", "json"] {
            let copy = other.get(&format!("/registers/bodies/all.{copy}")).await;
            assert!(copy.status == 200 && copy.text.contains("检验中心") && !copy.text.contains(PERSON), "{login}");
        }
    }
    let mut other = signed_in(&server, "neighbour").await;
    assert_eq!(other.get(&format!("{row}/edit")).await.status, 404);
    let end = [("day", "2190-01-01"), ("reason", "不是我们的"), ("seen", "1")];
    assert_eq!(other.post(&format!("{row}/end"), &end).await.status, 404);
    let mut applicant = signed_in(&server, "applicant").await;
    assert_ne!(applicant.get("/registers").await.status, 200);
    assert_ne!(applicant.get(&row).await.status, 200);
}

#[tokio::test]
async fn a_confidential_row_is_read_by_its_office_alone() {
    let server = hall().await;
    neighbour(&server).await;
    let mut officer = signed_in(&server, "case_officer").await;
    let fields = [("level", "secret"), ("keeper", PERSON), ("reason", "归档"), ("seen", "0")];
    let secret = entered(&mut officer, "archive", &sample("archive", &fields)).await;
    let fields = [("level", "internal"), ("keeper", PERSON), ("reason", "归档"), ("seen", "0")];
    let internal = entered(&mut officer, "archive", &sample("archive", &fields)).await;
    let place = "档案室3柜2格";
    assert!(officer.get(&secret).await.text.contains(place));
    let mut head = signed_in(&server, "case_approver").await;
    assert!(head.get(&secret).await.text.contains(place), "of the same office");
    let mut other = signed_in(&server, "neighbour").await;
    assert!(!other.get(&secret).await.text.contains(place));
    let inside = other.get(&internal).await.text;
    assert!(inside.contains(place) && !inside.contains(PERSON));
    assert_eq!(server.get("/public/registers/archive", "").await.status, 404, "nothing of it is public");
}

#[tokio::test]
async fn what_ran_out_is_marked_and_listed() {
    let server = hall().await;
    let mut officer = signed_in(&server, "case_officer").await;
    let old = [("held_day", "2020-01-06"), ("valid_until", "2021-01-05"), ("reason", "补录"), ("seen", "0")];
    let old = entered(&mut officer, "training", &sample("training", &old)).await;
    let new = [("held_day", "2020-01-06"), ("valid_until", "2199-01-05"), ("reason", "补录"), ("seen", "0")];
    let new = entered(&mut officer, "training", &sample("training", &new)).await;
    assert!(officer.get(&old).await.text.contains("已过期"));
    for (query, has_old, has_new) in [
        ("", true, true),
        ("?state=ended", true, false),
        ("?state=now", false, true),
        ("?on=2021-01-05", true, true),
        ("?on=2021-01-06", false, true),
        ("?on=2020-01-05", false, false),
    ] {
        let page = officer.get(&format!("/registers/training{query}")).await.text;
        assert_eq!((page.contains(&old), page.contains(&new)), (has_old, has_new), "{query}");
    }
}

#[tokio::test]
async fn a_copy_is_entered_first_runs_no_formula_and_its_rows_are_proved() {
    let server = hall().await;
    let mut officer = signed_in(&server, "case_officer").await;
    let row = entered(&mut officer, "bodies", &body(&[])).await;
    let csv = officer.get("/registers/bodies/all.csv?state=now&q=%E6%A3%80%E9%AA%8C%E4%B8%AD%E5%BF%83").await;
    assert!(csv.status == 200 && csv.text.contains(&format!("\"'{NAME}\"")), "{}", csv.text);
    assert!(!csv.text.contains(PERSON), "also of the own office");
    let json = officer.get("/registers/bodies/all.json").await.json();
    assert_ne!(json["rows"][0]["cells"]["contact"], PERSON);
    let none = officer.get("/registers/bodies/all.csv?state=ended").await;
    assert!(none.status == 200 && !none.text.contains("检验中心"));
    let acts = server.site.store().acts(&ActFilter::default(), 100).await.unwrap();
    let copies: Vec<_> = acts.iter().filter(|a| a.kind == "register.exported").collect();
    assert_eq!(copies.len(), 3);
    assert!(copies.iter().all(|a| a.account.is_some()));
    let store = server.site.store();
    store.flush_ledger().await.unwrap();
    let first = store.ledger().entry(copies[2].idx).unwrap().parse().unwrap();
    assert_eq!(first.body["filter"], serde_json::json!({ "q": true, "state": "now" }), "words may name somebody");
    let (proof, entry) = (officer.get(&format!("{row}/proof")).await, officer.get(&format!("{row}/entry")).await);
    let verifier = LogVerifier::new(store.ledger().key().vkey());
    verifier.check_file(proof.text.as_bytes(), entry.text.as_bytes()).unwrap();
    assert!(verifier.check_file(proof.text.as_bytes(), entry.text.replacen("bodies", "bodied", 1).as_bytes()).is_err());
}

#[tokio::test]
async fn what_was_refused_is_in_force_neither_in_a_list_nor_in_a_copy() {
    let server = hall().await;
    let mut officer = signed_in(&server, "case_officer").await;
    let by = server.account("case_officer").await;
    for (row, outcome) in [("granted-1", "approved"), ("denied-1", "refused")] {
        let change = RegisterChange {
            register: "public_areas".into(),
            row: row.into(),
            name: "示例广场".into(),
            office: None,
            party: None,
            public: serde_json::json!({ "procedure": "area_approval", "outcome": outcome, "number": row, "fields": {} }),
            personal: None,
            from: CivilDate::parse("2019-01-02").unwrap(),
            until: None,
            clauses: Vec::new(),
            text: Text::new("登记。", "Entered."),
        };
        server.site.store().put_row_of(&change, (0, true), by, server.site.now().utc).await.unwrap();
    }
    let words = "q=%E7%A4%BA%E4%BE%8B%E5%B9%BF%E5%9C%BA";
    for (path, denied) in [
        ("/registers/public_areas".to_owned(), true),
        ("/registers/public_areas?state=now".to_owned(), false),
        ("/registers/public_areas?on=2020-01-01".to_owned(), false),
        (format!("/registers/public_areas?{words}"), true),
        (format!("/registers/public_areas?state=now&{words}"), false),
        ("/registers/public_areas/all.csv?state=now".to_owned(), false),
        ("/registers/public_areas/all.json".to_owned(), true),
        (format!("/registers/public_areas/all.json?state=now&{words}"), false),
        ("/public/registers/public_areas".to_owned(), true),
        ("/public/registers/public_areas?holds=now".to_owned(), false),
        (format!("/public/registers/public_areas?holds=now&{words}"), false),
    ] {
        let text = officer.get(&path).await.text;
        assert_eq!((text.contains("granted-1"), text.contains("denied-1")), (true, denied), "{path}: {text:.3000}");
    }
    let json = officer.get("/registers/public_areas/all.json").await.json();
    let states: Vec<_> = json["rows"].as_array().unwrap().iter().map(|row| row["state"]["zh"].clone()).collect();
    assert_eq!(states, ["不予批准", "有效"], "by their ids");
    // A row by hand reads what the form of its register says, and no register of mere records is narrowed to what is in force.
    entered(&mut officer, "bodies", &body(&[])).await;
    let json = officer.get("/registers/bodies/all.json?state=now").await.json();
    assert_eq!(json["rows"][0]["state"]["zh"], "在册");
    assert!(officer.get("/registers/bodies").await.text.contains("value=\"now\""));
    assert!(!officer.get("/registers/archive").await.text.contains("value=\"now\""));
}

#[tokio::test]
async fn a_copy_goes_over_many_pages_and_has_each_row_once() {
    let server = hall().await;
    let count = usize::try_from(PAGE).unwrap() * 2 + 1;
    let day = CivilDate::parse("2019-01-02").unwrap();
    let row = |n: usize| RegisterChange {
        register: "bodies".into(),
        row: format!("old-{n}"),
        name: format!("旧机构{n}"),
        office: None,
        party: None,
        public: serde_json::json!({ "imported": true, "number": format!("old-{n}"), "decided_day": day, "fields": {} }),
        personal: Some(Pii::new(format!("{{\"contact\":\"{PERSON}\"}}"))),
        from: day,
        until: (n == 0).then_some(day),
        clauses: Vec::new(),
        text: Text::new("从旧登记导入一行。", "A row of an older register is taken over."),
    };
    let rows: Vec<RegisterChange> = (0..count).map(row).collect();
    let import = Import { registers: &rows, ..Import::default() };
    let by = server.account("case_officer").await;
    server.site.store().import(&import, by, server.site.now().utc).await.unwrap();
    let mut officer = signed_in(&server, "case_officer").await;
    let csv = officer.get("/registers/bodies/all.csv").await;
    let names: BTreeSet<&str> = csv.text.lines().skip(1).filter_map(|line| line.split(',').nth(2)).collect();
    assert_eq!((csv.text.lines().count(), names.len()), (count + 1, count));
    let json = officer.get("/registers/bodies/all.json?state=now").await.json();
    assert_eq!(json["rows"].as_array().unwrap().len(), count - 1, "narrowed as the page is");
    assert!(!csv.text.contains(PERSON) && !json.to_string().contains(PERSON));
}

#[tokio::test]
async fn a_register_is_narrowed_by_place_and_kind_on_its_pages_and_in_its_copies() {
    let server = hall().await;
    let mut officer = signed_in(&server, "case_officer").await;
    officer.get("/registers/units/new").await;
    let nowhere = [("unit_division", "230199"), ("reason", "来文登记"), ("seen", "0")];
    let got = officer.post("/registers/units/new", &sample("units", &nowhere)).await;
    assert!(got.status == 400 && got.text.contains("f-unit_division-error"), "{} {:.3000}", got.status, got.text);
    assert!(got.text.contains("没有这个行政区划代码"), "{:.3000}", got.text);
    for (name, division, ground) in [("甲加油站", "230102", "key_unit"), ("乙加油站", "230103", "public_area")]
    {
        let own = [("unit_name", name), ("unit_division", division), ("ground", ground)];
        let rest = [("reason", "来文登记"), ("seen", "0")];
        entered(&mut officer, "units", &sample("units", &[own.as_slice(), rest.as_slice()].concat())).await;
    }
    // Nobody who reads has rows sorted: until the minute's work did it pages say so, and a copy that would lack rows is not made.
    let authority = server.authority.clone().expect("an authority's server");
    for page in ["/registers/units", "/public/registers/units"] {
        let early = officer.get(&format!("{page}?division=2301")).await;
        assert!(early.status == 200 && early.text.contains("data-unsorted"), "{page}: {:.3000}", early.text);
        assert!(!officer.get(page).await.text.contains("data-unsorted"), "{page} is whole");
    }
    assert_eq!(officer.get("/registers/units/all.csv?division=2301").await.status, 503);
    assert_eq!(officer.get("/public/registers/units/all.csv?division=2301").await.status, 503);
    assert!(!server.site.store().is_keyed("units").await.unwrap(), "reading wrote nothing");
    authority.key_new_rows().await.unwrap();
    let sorted = officer.get("/public/registers/units?division=2301").await;
    assert!(!sorted.text.contains("data-unsorted"), "{:.3000}", sorted.text);
    for (query, first, second) in [
        ("", true, true),
        ("?division=230102", true, false),
        ("?division=2301", true, true),
        ("?division=230100", true, true),
        ("?division=21", false, false),
        ("?kind=ground:public_area", false, true),
        ("?division=230102&kind=ground:public_area", false, false),
        ("?division=x&kind=unit_name:x", true, true),
    ] {
        for page in ["/registers/units", "/public/registers/units", "/registers/units/all.csv"] {
            let got = officer.get(&format!("{page}{query}")).await;
            assert_eq!(got.status, 200, "{page}{query}");
            let has = |name: &str| got.text.contains(name);
            assert_eq!((has("甲加油站"), has("乙加油站")), (first, second), "{page}{query}: {:.3000}", got.text);
        }
        let json = officer.get(&format!("/public/registers/units/all.json{query}")).await.json();
        let rows = json["rows"].as_array().unwrap().len();
        assert_eq!(rows, usize::from(first) + usize::from(second), "{query}: the copy has what the page has");
    }
    let page = officer.get("/public/registers/units?division=2301").await.text;
    assert!(page.contains("name=\"division\"") && page.contains("哈尔滨市道里区"), "{page:.3000}");
    assert!(page.contains("all.csv?division=2301") && page.contains("治安保卫重点单位"), "{page:.3000}");
    // What is in no public register is narrowed for staff alone, words and place together.
    let own = [("device_model", "硬盘录像机"), ("device_kind", "recorder"), ("place_division", "230102")];
    let rest = [("reason", "来文登记"), ("seen", "0")];
    entered(&mut officer, "devices", &sample("devices", &[own.as_slice(), rest.as_slice()].concat())).await;
    authority.key_new_rows().await.unwrap();
    for (query, there) in [
        ("division=2301", true),
        ("division=2101", false),
        ("kind=device_kind:recorder", true),
        ("kind=device_kind:alarm", false),
        ("q=%E7%A1%AC%E7%9B%98&division=2301", true),
        ("q=%E7%A1%AC%E7%9B%98&division=2102", false),
    ] {
        let got = officer.get(&format!("/registers/devices?{query}")).await;
        assert_eq!(got.text.contains("硬盘录像机"), there, "{query}: {:.3000}", got.text);
    }
}

#[tokio::test]
async fn what_cases_write_is_not_entered_here_and_unknown_registers_are_nothing() {
    let server = hall().await;
    let mut officer = signed_in(&server, "case_officer").await;
    for page in ["/registers/bans/new", "/registers/nothing", "/registers/nothing/new", "/registers/bodies/nothing"] {
        assert_eq!(officer.get(page).await.status, 404, "{page}");
    }
    assert_eq!(officer.get("/registers/bans").await.status, 200);
    assert!(ROUTES.iter().filter(|r| r.path.starts_with("/registers")).all(|r| !r.plain && !r.bare));
}

/// An acceptance whose testing body and report are filled in; the address of its page.
async fn tested(server: &Server, certificate: &str) -> String {
    let authority = server.authority.clone().expect("an authority's server");
    let by = By { account: server.account("case_officer").await, role: Role::CaseOfficer };
    let case = at_counter(server, "acceptance", "示例广场改造工程").await;
    let typed = [("body_certificate", certificate), ("report_day", "2026-03-02")];
    let typed = typed.into_iter().map(|(id, text)| (id.to_owned(), text.to_owned())).collect();
    let seen = authority.case(by, case).await.unwrap().row.events;
    let fill = Command { seen, act: CaseAct::Fill { step: "test".into(), typed } };
    authority.act(by, case, &fill, Vec::new()).await.unwrap();
    format!("/cases/{case}")
}

#[tokio::test]
async fn a_testing_body_that_the_register_does_not_have_is_told_on_the_page_of_the_case() {
    let server = hall().await;
    let mut officer = signed_in(&server, "case_officer").await;
    let case = tested(&server, "示例资字2026-001").await;
    let rule = GATE.packs().procedure("acceptance").unwrap().on_register.first().unwrap();
    let page = officer.get(&case).await.text;
    assert!(page.contains("data-warning") && page.contains(&rule.zh) && page.contains("/law/B-19-2-1"), "{page:.3000}");
    let over = [("valid_from", "2020-01-06"), ("valid_until", "2026-03-01")];
    entered(&mut officer, "bodies", &body(&over)).await;
    let page = officer.get(&case).await.text;
    assert!(page.contains(&rule.over_zh) && !page.contains(&rule.zh), "{page:.3000}");
    entered(&mut officer, "bodies", &body(&[])).await;
    let page = officer.get(&case).await.text;
    assert!(!page.contains(&rule.over_zh) && !page.contains(&rule.zh), "{page:.3000}");
}

#[tokio::test]
async fn faults_and_maintenance_are_kept_and_not_public() {
    let server = hall().await;
    let mut officer = signed_in(&server, "case_officer").await;
    let list = officer.get("/registers").await.text;
    assert!(list.contains("href=\"/registers/maintenance\"") && list.contains("/law/B-22-1-4"), "{list:.3000}");
    let fields = [("restored_day", ""), ("reason", "检查时查明"), ("seen", "0")];
    let row = entered(&mut officer, "maintenance", &sample("maintenance", &fields)).await;
    assert!(officer.get("/registers/maintenance").await.text.contains(&row));
    let mended = [("reason", "已经恢复"), ("seen", "1")];
    let edit = format!("{row}/edit");
    officer.get(&edit).await;
    assert_eq!(officer.post(&edit, &sample("maintenance", &mended)).await.status, 303);
    assert!(officer.get(&row).await.text.contains("2026-03-04"), "when it was in order again");
    assert_eq!(server.get(&format!("/public{row}"), "").await.status, 404);
}

#[tokio::test]
async fn a_drawing_is_put_in_opened_for_a_reason_and_never_where_it_is_secret() {
    let server = hall().await;
    neighbour(&server).await;
    let mut officer = signed_in(&server, "case_officer").await;
    let fields = [("level", "sensitive"), ("keeper", PERSON), ("reason", "归档"), ("seen", "0")];
    let row = entered(&mut officer, "archive", &sample("archive", &fields)).await;
    assert!(officer.get(&row).await.text.contains(&format!("href=\"{row}/files\"")));
    let (page, bytes) = (format!("{row}/files"), "%PDF-1.7 a map of the cameras");
    assert!(officer.get(&page).await.text.contains("name=\"file\""));
    let got = officer.upload(&page, &[("@file", "MZ no drawing"), ("seen", "1")]).await;
    assert!(got.status == 400, "its name says another kind: {} {:.900}", got.status, got.text);
    officer.get(&page).await;
    let got = officer.upload(&page, &[("@file", bytes), ("seen", "1")]).await;
    assert_eq!((got.status.as_u16(), got.place()), (303, page.as_str()), "{:.900}", got.text);
    let shown = officer.get(&page).await.text;
    let sha256 = Sha256::of(bytes.as_bytes()).hex();
    assert!(shown.contains(&format!("data-file=\"{sha256}\"")), "{shown:.3000}");
    assert!(shown.contains("data-download"), "its form is sent again: a download leaves the page where it is");
    let file = format!("{page}/{sha256}");
    assert_eq!(officer.post(&file, &[("reason", "")]).await.status, 400, "no reason, no file");
    let got = officer.post(&file, &[("reason", "inspect")]).await;
    assert_eq!((got.status.as_u16(), got.text.as_str()), (200, bytes));
    assert!(got.header("content-disposition").starts_with("attachment"), "{}", got.header("content-disposition"));
    assert_eq!(got.header("content-type"), "application/octet-stream");
    let mut other = signed_in(&server, "neighbour").await;
    assert!(!other.get(&page).await.text.contains(&sha256));
    assert_eq!(other.post(&file, &[("reason", "inspect")]).await.status, 403);
    officer.get(&page).await;
    assert_eq!(officer.post(&format!("{file}/remove"), &[("reason", "wrong")]).await.status, 303);
    assert_eq!(officer.post(&file, &[("reason", "inspect")]).await.status, 404, "its bytes are gone");
    let fields = [("level", "secret"), ("keeper", PERSON), ("reason", "归档"), ("seen", "0")];
    let secret = entered(&mut officer, "archive", &sample("archive", &fields)).await;
    let shown = officer.get(&format!("{secret}/files")).await.text;
    assert!(shown.contains("data-not-taken") && !shown.contains("name=\"file\""), "{shown:.3000}");
    let got = officer.upload(&format!("{secret}/files"), &[("@file", bytes), ("seen", "1")]).await;
    assert!(got.status == 400 && got.text.contains("涉密资料不得存入本系统"), "{} {:.900}", got.status, got.text);
}
