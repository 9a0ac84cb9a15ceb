//! Rows that no case makes: who enters them, what is refused, what stands open.

use super::*;
use crate::cases::{ReportOf, RowEnd, RowForm, row_typed};
use base::{SiteId, Text};
use law::RegisterForm;
use store::casework::registers::{RegisterChange, RowFilter};
use store::peers::{PeerSite, PeerState};

fn form(register: &str) -> &'static RegisterForm {
    GATE.packs().register_form(register).unwrap()
}

/// The samples of a form, with some of them changed.
fn row(register: &str, changed: &[(&str, &str)], seen: u32) -> RowForm {
    let mut all: Typed = form(register).fields.iter().map(|f| (f.id.clone(), f.sample.clone())).collect();
    all.extend(typed(changed));
    RowForm { typed: all, reason: "来文登记".into(), seen }
}

fn codes(refusals: &[Refusal]) -> Vec<&str> {
    refusals.iter().map(|r| r.code.as_str()).collect()
}

/// An officer of another office.
async fn neighbour(hall: &Hall) -> By {
    let by = account(&hall.store, "neighbour", Role::CaseOfficer).await;
    let office = OfficeForm {
        name: "邻区分局".into(),
        short: "邻公技防".into(),
        level: "county".into(),
        division: "230103".into(),
        unit_code: "230103000000".into(),
        ..OfficeForm::default()
    };
    let office = hall.authority.put_office(hall.admin, &office).await.unwrap();
    let card = OfficerForm { certificate: Pii::new("2301-neighbour".into()), valid_until: Some(day("2999-12-31")) };
    hall.authority.put_officer(hall.admin, by.account, office, &card).await.unwrap();
    by
}

#[tokio::test]
async fn a_row_is_entered_by_an_officer_whole_or_not_at_all() {
    let hall = Hall::open().await;
    let wrong = row("bodies", &[("body_name", ""), ("valid_until", "2028-02-30"), ("contact_phone", "x")], 0);
    let faults = hall.authority.put_row(hall.officer, "bodies", None, &wrong).await.unwrap_err();
    assert_eq!(codes(&faults), ["body_name", "valid_until", "contact_phone"], "every fault at once");
    for (typed, code) in [
        (RowForm { reason: " ".into(), ..row("bodies", &[], 0) }, "reason"),
        (row("bodies", &[("valid_until", "2026-03-01")], 0), "valid_until"),
        (row("bodies", &[("nothing", "x")], 0), "unknown"),
    ] {
        let faults = hall.authority.put_row(hall.officer, "bodies", None, &typed).await.unwrap_err();
        assert_eq!(codes(&faults), [code]);
    }
    for (by, register, code) in [
        (hall.head, "bodies", "no_permission"),
        (hall.unit, "bodies", "no_permission"),
        (hall.officer, "bans", "not_found"),
        (hall.officer, "nothing", "not_found"),
    ] {
        let refused = hall.authority.put_row(by, register, None, &row("bodies", &[], 0)).await.unwrap_err();
        assert_eq!(codes(&refused), [code], "{register}");
    }
    assert_eq!(hall.store.register_changed("bodies").await.unwrap(), None, "nothing was written");
    // The last day itself is a day of it.
    let one = row("bodies", &[("valid_until", "2026-03-02")], 0);
    let written = hall.authority.put_row(hall.officer, "bodies", None, &one).await.unwrap();
    let kept = hall.store.register_history("bodies", &written.row).await.unwrap().remove(0);
    assert_eq!((kept.office, kept.from, kept.until), (Some(hall.office), hall.today(), Some(hall.today())));
    assert!(kept.public.contains("检验中心") && !kept.public.contains("李四") && !kept.public.contains("来文登记"));
    assert!(kept.shown.is_some() && kept.proves_name(), "a form with public columns is an open register");
    assert_eq!(row_typed(form("bodies"), &kept), one.typed, "what is typed again is what was kept");
}

#[tokio::test]
async fn a_row_is_changed_by_its_own_office_on_the_version_that_was_seen() {
    let hall = Hall::open().await;
    let other = neighbour(&hall).await;
    let written = hall.authority.put_row(hall.officer, "bodies", None, &row("bodies", &[], 0)).await.unwrap();
    let id = Some(written.row.as_str());
    let refused = hall.authority.put_row(other, "bodies", id, &row("bodies", &[], 1)).await.unwrap_err();
    assert_eq!(codes(&refused), ["other_office"]);
    let late = hall.authority.put_row(hall.second, "bodies", id, &row("bodies", &[], 0)).await.unwrap_err();
    assert_eq!(codes(&late), ["row_moved_on"]);
    let none =
        hall.authority.put_row(hall.second, "bodies", Some("nothing"), &row("bodies", &[], 1)).await.unwrap_err();
    assert_eq!(codes(&none), ["not_found"]);
    let changed = row("bodies", &[("contact", "王五")], 1);
    assert_eq!(hall.authority.put_row(hall.second, "bodies", id, &changed).await.unwrap().version, 2);
    let end = |on: &str, seen| RowEnd { day: day(on), reason: "资质被撤销".into(), seen };
    let row = written.row.as_str();
    for (by, end, code) in [
        (other, end("2026-03-05", 2), "other_office"),
        (hall.officer, end("2026-03-05", 1), "row_moved_on"),
        (hall.officer, end("2026-03-01", 2), "day"),
        (hall.officer, end("2028-07-01", 2), "row_ended"),
        (hall.officer, RowEnd { reason: String::new(), ..end("2026-03-05", 2) }, "reason"),
    ] {
        assert_eq!(hall.authority.end_row(by, "bodies", row, &end).await.unwrap_err().code, code);
    }
    assert_eq!(hall.authority.end_row(hall.officer, "bodies", row, &end("2026-03-02", 2)).await.unwrap().version, 3);
    let newest = hall.store.register_history("bodies", row).await.unwrap().remove(0);
    assert_eq!(newest.until, Some(day("2026-03-02")));
    assert!(newest.shown.is_some(), "its end is as public as the row");
    assert!(newest.personal.expect("kept").expose().contains("王五"));
}

#[tokio::test]
async fn a_row_of_a_case_is_left_to_its_case_and_a_copy_is_entered() {
    let hall = Hall::open().await;
    let case = hall.examined().await;
    hall.propose(case, "approved").await.unwrap();
    hall.decide(hall.head, case, "approved").await.unwrap();
    let end = RowEnd { day: hall.today(), reason: "不该在这里改".into(), seen: 1 };
    let refused = hall.authority.end_row(hall.officer, "systems", &case.to_string(), &end).await.unwrap_err();
    assert_eq!(refused.code, "row_of_case");
    let filter = serde_json::json!({ "state": "now" });
    let entry = hall.authority.enter_export(hall.supervisor, "systems", &filter, 1).await.unwrap();
    let act = hall.store.act(entry).await.unwrap().expect("a line of the log");
    assert_eq!((act.kind.as_str(), act.account), ("register.exported", Some(hall.supervisor.account)));
    let refused = hall.authority.enter_export(hall.unit, "systems", &filter, 1).await.unwrap_err();
    assert_eq!(refused.code, "no_permission");
    assert_eq!(hall.authority.register_office(hall.head).await.unwrap(), Some(hall.office));
    assert_eq!(hall.authority.register_office(hall.supervisor).await.unwrap(), None);
}

/// A row of an older register with columns that its form here does not know.
async fn imported(hall: &Hall) -> String {
    let change = RegisterChange {
        register: "bodies".into(),
        row: "旧-9".into(),
        name: "旧检验中心".into(),
        office: Some(hall.office),
        party: None,
        public: serde_json::json!({
            "imported": true, "number": "旧-9", "decided_day": hall.today(), "office": "示例分局",
            "fields": { "body_name": "旧检验中心", "old_open": "甲" },
        }),
        personal: Some(Pii::new(r#"{"contact":"李四","old_sealed":"乙"}"#.into())),
        from: hall.today(),
        until: None,
        clauses: Vec::new(),
        text: Text::new("从旧登记导入一行。", "A row of an older register is taken over."),
    };
    hall.store.put_row(&change, 0, hall.officer.account, hall.authority.now()).await.unwrap();
    change.row
}

#[tokio::test]
async fn columns_that_the_form_does_not_know_stay_when_a_row_is_changed() {
    let hall = Hall::open().await;
    let id = imported(&hall).await;
    let changed = row("bodies", &[("contact", "王五")], 1);
    assert_eq!(hall.authority.put_row(hall.officer, "bodies", Some(&id), &changed).await.unwrap().version, 2);
    let newest = hall.store.register_history("bodies", &id).await.unwrap().remove(0);
    let public: serde_json::Value = serde_json::from_str(&newest.public).unwrap();
    let sealed: serde_json::Value = serde_json::from_str(newest.personal.expect("kept").expose()).unwrap();
    assert_eq!((public["fields"]["old_open"].as_str(), sealed["old_sealed"].as_str()), (Some("甲"), Some("乙")));
    assert_eq!((public["number"].as_str(), public["imported"].as_bool()), (Some("旧-9"), Some(true)));
    assert_eq!(sealed["contact"], "王五", "what the form knows is what was typed");
    assert!(!newest.public.contains("乙"), "what was sealed stays sealed");
}

#[tokio::test]
async fn persons_of_a_row_are_shown_to_its_office_for_a_reason_and_entered() {
    let hall = Hall::open().await;
    let (id, other) = (imported(&hall).await, neighbour(&hall).await);
    for (by, register, reason, code) in [
        (hall.officer, "bodies", "curious", "reason"),
        (hall.officer, "training", "contact", "not_found"),
        (other, "bodies", "contact", "other_office"),
        (hall.head, "bodies", "contact", "no_permission"),
        (hall.supervisor, "bodies", "contact", "no_permission"),
    ] {
        let refused = hall.authority.reveal_row(by, register, &id, reason).await.unwrap_err();
        assert_eq!(refused.code, code, "{register} {reason}");
    }
    let shown = hall.authority.reveal_row(hall.officer, "bodies", &id, "contact").await.unwrap();
    let values: Vec<&str> = shown.lines.iter().map(|line| line.value.expose().as_str()).collect();
    assert_eq!(values, ["李四"]);
    let act = hall.store.act(shown.entry).await.unwrap().expect("a line of the log");
    assert_eq!((act.kind.as_str(), act.account), ("party.revealed", Some(hall.officer.account)));
    hall.authority.row_to_change(hall.officer, "bodies", &id).await.unwrap();
    assert_eq!(hall.authority.row_to_change(other, "bodies", &id).await.unwrap_err().code, "other_office");
    hall.store.flush_ledger().await.unwrap();
    let body = hall.store.ledger().entry(shown.entry).unwrap().parse().unwrap().body;
    assert_eq!(body["fields"], serde_json::json!(["row.contact"]));
    assert!(!body.to_string().contains("李四"), "no value");
}

#[tokio::test]
async fn the_row_of_an_alarm_names_the_office_of_the_place_of_its_site() {
    let hall = Hall::open().await;
    let (site, now) = (SiteId::new(1, [5; 10]), hall.authority.now());
    let report = ReportOf { site, name: "示范酒店", message: "r-1", seq: 1 };
    let named = async || {
        let row = hall.authority.row_of_report(report, b"{}").await;
        (row.office, row.public["office"].as_str().unwrap_or_default().to_owned())
    };
    let nobody = (None, String::new());
    assert_eq!(named().await, nobody, "a site that is not known here");
    let peer = PeerSite {
        site,
        vkey: "vkey".into(),
        pin: "pin".into(),
        name: "示范酒店".into(),
        unit: "示范酒店".into(),
        jurisdiction: "heilongjiang".into(),
        state: PeerState::Admitted,
        asked: now,
        decided: None,
        division: String::new(),
    };
    hall.store.decide_peer(&peer, hall.admin.account, now).await.unwrap();
    assert_eq!(named().await, nobody, "nobody entered where it lies");
    let office = hall.store.office(hall.office).await.unwrap().expect("an office");
    for (division, found) in [(office.division.as_str(), true), ("310101", false)] {
        assert!(hall.store.place_peer(site, division, hall.admin.account, now).await.unwrap());
        let there = if found { (Some(office.id), office.name.clone()) } else { nobody.clone() };
        assert_eq!(named().await, there, "{division}");
    }
}

#[tokio::test]
async fn what_the_program_wrote_is_ended_by_nobody() {
    let hall = Hall::open().await;
    let report = ReportOf { site: SiteId::new(1, [5; 10]), name: "示范酒店", message: "r-1", seq: 1 };
    let change = hall.authority.row_of_report(report, b"{}").await;
    hall.store.put_row(&change, 0, hall.officer.account, hall.authority.now()).await.unwrap();
    let end = RowEnd { day: hall.today(), reason: "不该在这里改".into(), seen: 1 };
    let refused = hall.authority.end_row(hall.officer, "alarms", &change.row, &end).await.unwrap_err();
    assert_eq!(refused.code, "row_of_program");
}

#[tokio::test]
async fn who_keeps_out_of_a_case_sees_nobody_of_its_rows() {
    let hall = Hall::open().await;
    let case = hall.examined().await;
    hall.propose(case, "approved").await.unwrap();
    hall.decide(hall.head, case, "approved").await.unwrap();
    let row = case.to_string();
    assert_eq!(hall.authority.row_to_change(hall.officer, "systems", &row).await.unwrap_err().code, "row_of_case");
    let reason = "是申请人的近亲属".to_owned();
    let ask = CaseAct::AskRecusal { account: hall.second.account, reason: reason.clone() };
    hall.act(hall.head, case, ask).await.unwrap();
    let settle = CaseAct::SettleRecusal { account: hall.second.account, granted: true, reason };
    hall.act(hall.head, case, settle).await.unwrap();
    let refused = hall.authority.reveal_row(hall.second, "systems", &row, "contact").await.unwrap_err();
    assert_eq!(refused.code, "recused");
}

#[tokio::test]
async fn a_division_that_is_none_on_the_day_of_the_facts_is_refused_with_what_is_near() {
    let hall = Hall::open().await;
    let put = async |register: &str, changed: &[(&str, &str)]| {
        hall.authority.put_row(hall.officer, register, None, &row(register, changed, 0)).await
    };
    let faults = put("units", &[("unit_division", "230199"), ("unit_address", "")]).await.unwrap_err();
    assert_eq!(codes(&faults), ["unit_address", "unit_division"], "with every other fault");
    assert!(faults[1].next.zh.contains("哈尔滨市") && !faults[1].next.zh.contains("230199"), "{:?}", faults[1].next);
    for taken in ["230103", "230100", "210102", "110199"] {
        assert!(put("units", &[("unit_division", taken)]).await.is_ok(), "{taken}: listed, or of another province");
    }
    let old = |on: &'static str| [("sign_division", "230182"), ("checked_day", on)];
    assert!(put("signs", &old("2013-05-01")).await.is_ok(), "a division of that day");
    assert_eq!(codes(&put("signs", &old("2026-03-01")).await.unwrap_err()), ["sign_division"]);
    let place = Beginning { place: "230199".into(), ..area() };
    assert_eq!(hall.authority.begin(hall.unit, &place).await.unwrap_err().code, "place");
    let case = hall.begin(hall.unit, &area()).await.case;
    let filled = |code: &str| CaseAct::Fill { step: "apply".into(), typed: typed(&[("place_division", code)]) };
    assert_eq!(hall.act(hall.unit, case, filled("230199")).await.unwrap_err().code, "place_division");
    assert!(hall.act(hall.unit, case, filled("230102")).await.is_ok());
    let corrected = CaseAct::CorrectValue {
        field: "place_division".into(),
        typed: "230199".into(),
        reasons: "录入时看错。".into(),
    };
    assert_eq!(hall.act(hall.unit, case, corrected).await.unwrap_err().code, "place_division");
    let office = OfficeForm {
        name: "示例分局".into(),
        short: "示公技防".into(),
        level: "county".into(),
        division: "230199".into(),
        unit_code: "230199000000".into(),
        ..OfficeForm::default()
    };
    assert_eq!(hall.authority.put_office(hall.admin, &office).await.unwrap_err().code, "office_code");
}

#[tokio::test]
async fn an_obstruction_is_entered_with_its_persons_sealed_and_nothing_of_it_is_public() {
    const REGISTER: &str = "incidents_of_obstruction";
    let hall = Hall::open().await;
    let typed =
        row(REGISTER, &[("place_name", "示例广场"), ("who_did", "周八"), ("what_happened", "摄像机被遮挡。")], 0);
    let written = hall.authority.put_row(hall.officer, REGISTER, None, &typed).await.unwrap();
    let kept = hall.store.register_history(REGISTER, &written.row).await.unwrap().remove(0);
    assert_eq!((kept.name.as_str(), kept.from, kept.shown), ("示例广场", day("2026-03-02"), None));
    assert!(!kept.public.contains("周八") && !kept.public.contains("遮挡"), "{}", kept.public);
    let sealed = kept.personal.as_ref().expect("sealed").expose().clone();
    assert!(sealed.contains("周八") && sealed.contains("damage"));
    let shown = hall.authority.reveal_row(hall.officer, REGISTER, &written.row, "contact").await.unwrap();
    assert!(shown.lines.iter().any(|line| line.value.expose() == "周八"));
    let wrong = row(REGISTER, &[("place_name", ""), ("obstruction_kind", "weather"), ("happened_day", "x")], 0);
    let faults = hall.authority.put_row(hall.officer, REGISTER, None, &wrong).await.unwrap_err();
    assert_eq!(codes(&faults), ["place_name", "obstruction_kind", "happened_day"]);
    // Found by its kind, by whoever reads the registers of this office.
    hall.authority.key_rows(REGISTER).await.unwrap();
    for (word, found) in [("damage", 1), ("inspection", 0)] {
        let filter = RowFilter {
            register: REGISTER.into(),
            kind: ("obstruction_kind".into(), word.into()),
            ..RowFilter::default()
        };
        assert_eq!(hall.store.register_rows(&filter, 9).await.unwrap().len(), found, "{word}");
    }
    let public = RowFilter { register: REGISTER.into(), shown: true, ..RowFilter::default() };
    assert!(hall.store.register_rows(&public, 9).await.unwrap().is_empty());
}
