//! Rows that no case makes: who enters them, what is refused, what stands open.

use super::*;
use crate::cases::{RowEnd, RowForm, row_typed};
use law::RegisterForm;

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
