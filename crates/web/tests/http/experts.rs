//! A panel of experts over HTTP, by the page's own forms: chosen, declared, heard, recorded; who may not; what is masked.

use crate::cases::{at_counter, fill, hall, sample, signed_in};
use crate::harness::Server;
use authority::By;
use authority::cases::{Attached, RowForm, Upload};
use base::{CaseId, Pii, UtcMs};
use domain::access::Role;
use domain::casework::{CaseAct, Command, Typed};
use law::{Jurisdiction, SiteProfile};

const DESIGNER: &str = "沈阳示例安防工程有限公司";

fn now(server: &Server) -> UtcMs {
    server.site.now().utc
}

/// The officer.
async fn officer(server: &Server) -> By {
    By { account: server.account("case_officer").await, role: Role::CaseOfficer }
}

/// Puts an expert on the list; the row.
async fn listed(server: &Server, n: usize, employer: &str) -> String {
    let authority = server.authority.clone().expect("an authority's server");
    let form = authority.row_form("experts").await.unwrap();
    let mut typed: Typed = form.fields.iter().map(|f| (f.id.clone(), f.sample.clone())).collect();
    for (id, text) in [
        ("expert_number", format!("专家2026-{n:03}")),
        ("expert_name", "钱某某".to_owned()),
        ("employer", employer.to_owned()),
        ("recusal", String::new()),
        ("valid_until", "2099-12-31".to_owned()),
    ] {
        typed.insert(id.to_owned(), text);
    }
    let row = RowForm { typed, reason: "聘任文件".into(), seen: 0 };
    authority.put_row(officer(server).await, "experts", None, &row).await.unwrap().row
}

/// A review by experts that was convened, in the province whose ordinance has them.
async fn convened(server: &Server) -> CaseId {
    let authority = server.authority.clone().expect("an authority's server");
    let profile = serde_json::json!({ "law": SiteProfile::new(Jurisdiction::Liaoning) }).to_string();
    server.site.store().set_setting("profile", &profile, None, now(server)).await.unwrap();
    let by = officer(server).await;
    let case = at_counter(server, "plan_review", "示例广场").await;
    let mut typed: Typed =
        sample(server, "plan_review", "convene").into_iter().map(|(id, text)| (id.to_owned(), text)).collect();
    for (id, text) in [("review_way", "experts"), ("designer", DESIGNER), ("installer", "")] {
        typed.insert(id.to_owned(), text.to_owned());
    }
    let on = now(server).shanghai_date();
    let act = CaseAct::Done { step: "convene".into(), typed, note: String::new(), officers: vec![], on };
    let plan =
        Upload { material: "plan".into(), name: Pii::new("方案.pdf".into()), bytes: b"%PDF-1.7 plan".to_vec() };
    let attached = Attached { uploads: vec![plan], ..Attached::default() };
    authority.act_with(by, case, &Command { seen: 1, act }, attached).await.unwrap();
    case
}

#[tokio::test]
async fn a_panel_is_chosen_heard_and_recorded_by_the_page_and_nobody_tied_is_on_it() {
    let server = hall().await;
    let mut rows = Vec::new();
    for n in 0..3 {
        rows.push(listed(&server, n, "示例大学").await);
    }
    let tied = listed(&server, 3, DESIGNER).await;
    let case = convened(&server).await;
    let page = format!("/cases/{case}/panel");
    let mut browser = signed_in(&server, "case_officer").await;
    assert!(browser.get(&format!("/cases/{case}")).await.text.contains(&format!("href=\"{page}\"")));
    let shown = browser.get(&page).await.text;
    assert!(shown.contains("专家2026-000") && shown.contains("data-tied"), "{shown:.3000}");
    assert!(!shown.contains("钱某某") && !shown.contains(&format!("value=\"{tied}\"")), "masked, and not offered");
    let review = format!("/cases/{case}/steps/review");
    let refused = fill(&mut browser, &page, &review, &[("review_day", "2026-01-01")]).await;
    assert_ne!(refused.status, 303, "nobody was heard");

    let tie = [("act", "choose"), ("expert", tied.as_str()), ("grounds", "专业对口")];
    let got = fill(&mut browser, &page, &page, &tie).await;
    assert!(got.status == 409 && got.text.contains("设计单位"), "{} {:.900}", got.status, got.text);
    assert_eq!(got.text.matches(">专业对口</textarea>").count(), 1, "kept, in its own form");
    let mut choose = vec![("act", "choose"), ("grounds", "专业对口")];
    choose.extend(rows.iter().map(|row| ("expert", row.as_str())));
    assert_eq!(fill(&mut browser, &page, &page, &choose).await.place(), page);
    let today = now(&server).shanghai_date().to_string();
    let opine = |row: &str| {
        let pairs = [("act", "opine"), ("expert", row), ("verdict", "pass"), ("words", ""), ("day", today.as_str())];
        pairs.map(|(id, text)| (id, text.to_owned()))
    };
    let first = opine(&rows[0]);
    let first: Vec<(&str, &str)> = first.iter().map(|(id, text)| (*id, text.as_str())).collect();
    let got = fill(&mut browser, &page, &page, &first).await;
    assert!(got.status == 409 && got.text.contains("利害关系声明"), "{} {:.900}", got.status, got.text);
    for row in &rows {
        let declare = [("act", "declare"), ("expert", row.as_str()), ("interest", "none"), ("words", "")];
        assert_eq!(fill(&mut browser, &page, &page, &declare).await.status, 303);
        let said = opine(row);
        let said: Vec<(&str, &str)> = said.iter().map(|(id, text)| (*id, text.as_str())).collect();
        assert_eq!(fill(&mut browser, &page, &page, &said).await.status, 303);
    }
    let shown = browser.get(&page).await.text;
    assert!(shown.contains("data-panel-says") && !shown.contains("钱某某"), "{shown:.3000}");
    let typed = sample(&server, "plan_review", "review");
    let typed: Vec<(&str, &str)> = typed.iter().map(|(id, text)| (*id, text.as_str())).collect();
    let got = fill(&mut browser, &review, &review, &typed).await;
    assert_eq!(got.status, 303, "no other paper is asked for: {:.2000}", got.text);
    let shown = browser.get(&format!("/cases/{case}")).await.text;
    assert!(shown.contains("专家组的意见") && shown.contains("专家2026-002"), "{shown:.3000}");
    assert!(!browser.get(&page).await.text.contains("value=\"opine\""), "it is recorded: nothing changes any more");

    let mut publisher = signed_in(&server, "publisher").await;
    publisher.get(&page).await;
    assert_eq!(publisher.post(&page, &tie).await.status, 403);
    let mut party = signed_in(&server, "applicant").await;
    assert_eq!(party.get(&page).await.status, 403);
    assert!(
        !party.get(&format!("/my/cases/{case}")).await.text.contains("专家2026"),
        "how it came about is the office's"
    );
}

#[tokio::test]
async fn a_draw_needs_enough_who_are_free_and_its_seed_stands_in_the_case() {
    let server = hall().await;
    for n in 0..2 {
        listed(&server, n, "示例大学").await;
    }
    let case = convened(&server).await;
    let page = format!("/cases/{case}/panel");
    let mut browser = signed_in(&server, "case_officer").await;
    let draw = |count: &'static str| [("act", "draw"), ("count", count), ("grounds", "随机抽取")];
    for count in ["3", "x", "0"] {
        let got = fill(&mut browser, &page, &page, &draw(count)).await;
        assert!(got.status == 400 && got.text.contains("可以抽取的专家有2名"), "{} {:.900}", got.status, got.text);
        assert!(got.text.contains(&format!("value=\"{count}\"")) && got.text.contains(">随机抽取</textarea>"), "kept");
    }
    assert_eq!(fill(&mut browser, &page, &page, &draw("2")).await.status, 303);
    let shown = browser.get(&format!("/cases/{case}")).await.text;
    assert!(shown.contains("从2名中抽取") && shown.contains("种子"), "{shown:.3000}");
    let absent = [("act", "absent"), ("expert", "nobody"), ("why", "因公出差")];
    assert_eq!(fill(&mut browser, &page, &page, &absent).await.status, 409);
}
