//! The only head of an office who should keep out of a case, over HTTP: the head above decides, or a written decision is entered.

use crate::cases::{accepted, fill, hall, signed_in};
use crate::harness::{Server, form};
use authority::By;
use authority::cases::{OfficeForm, OfficerForm};
use base::OfficeId;
use domain::access::Role;

/// The administrator.
async fn admin(server: &Server) -> By {
    By { account: server.account("administrator").await, role: Role::Administrator }
}

fn office(name: &str, level: &str, division: &str) -> OfficeForm {
    OfficeForm {
        name: name.into(),
        level: level.into(),
        division: division.into(),
        unit_code: format!("{division}000000"),
        ..OfficeForm::default()
    }
}

/// A head of an office, new account.
async fn head_of(server: &Server, login: &str, office: OfficeId) {
    let authority = server.authority.clone().expect("an authority's server");
    server.site.add_account_locally(&form(login, Role::CaseApprover, login, "4")).await.unwrap();
    let account = server.account(login).await;
    authority.put_officer(admin(server).await, account, office, &OfficerForm::default()).await.unwrap();
}

/// An accepted case whose only head is asked to keep out; its id, and the head's account.
async fn asked(server: &Server) -> (String, String) {
    let mut party = signed_in(server, "applicant").await;
    let mut officer = signed_in(server, "case_officer").await;
    let id = accepted(server, &mut party, &mut officer).await;
    let head = server.account("case_approver").await.to_string();
    let recuse = format!("/cases/{id}/recuse");
    let ask = [("act", "ask"), ("account", head.as_str()), ("reason", "是申请人的近亲属")];
    assert_eq!(fill(&mut officer, &recuse, &recuse, &ask).await.status, 303);
    (id, head)
}

#[tokio::test]
async fn the_head_above_decides_about_the_only_head_and_sees_nothing_else_of_the_case() {
    let server = hall().await;
    let (id, account) = asked(&server).await;
    let authority = server.authority.clone().expect("an authority's server");
    let by = admin(&server).await;
    let own = authority.offices(by).await.unwrap().remove(0);
    let city = authority.put_office(by, &office("示例市局", "city", "230100")).await.unwrap();
    let beside = authority.put_office(by, &office("另一分局", "county", "230103")).await.unwrap();
    let under = OfficeForm {
        id: Some(own.id),
        short: "示公技防".into(),
        parent: Some(city),
        ..office("示例分局", "county", "230102")
    };
    authority.put_office(by, &under).await.unwrap();
    head_of(&server, "chief", city).await;
    head_of(&server, "neighbour", beside).await;

    let mut head = signed_in(&server, "case_approver").await;
    let recuse = format!("/cases/{id}/recuse");
    let page = head.get(&recuse).await.text;
    assert!(page.contains("示例市局") && !page.contains("value=\"granted\""), "{page:.3000}");
    let settle = [("account", account.as_str()), ("decision", "granted"), ("reason", "情况属实")];
    let own_word = [&settle[..], &[("act", "settle")][..]].concat();
    assert_eq!(fill(&mut head, &recuse, &recuse, &own_word).await.status, 403, "nobody about themselves");
    let below = format!("/recusals/{id}");
    assert_eq!(head.post(&below, &settle).await.status, 404, "nor from the page of the head above");

    let mut neighbour = signed_in(&server, "neighbour").await;
    let shown = neighbour.get("/recusals").await;
    assert!(shown.status == 200 && !shown.text.contains(&id), "{:.900}", shown.text);
    assert_eq!(neighbour.post(&below, &settle).await.status, 404, "another office's head is told of nothing");

    let mut chief = signed_in(&server, "chief").await;
    assert!(chief.get("/cases").await.text.contains("href=\"/recusals\""), "a tab leads there");
    assert_eq!(chief.get(&format!("/cases/{id}")).await.status, 200, "who is above reads the case");
    assert_ne!(chief.post(&recuse, &[("account", account.as_str())]).await.status, 303, "and works on it not");
    let page = chief.get("/recusals").await.text;
    assert!(page.contains("是申请人的近亲属") && !page.contains("示例商业"), "{page:.3000}");
    let silent = [("account", account.as_str()), ("decision", "granted"), ("reason", "")];
    let got = fill(&mut chief, "/recusals", &below, &silent).await;
    assert!(got.status == 400 && got.text.contains(&format!("why-{id}-{account}")), "{} {:.900}", got.status, got.text);
    let got = fill(&mut chief, "/recusals", &below, &settle).await;
    assert_eq!((got.status.as_u16(), got.place()), (303, "/recusals"), "{:.900}", got.text);
    assert!(!chief.get("/recusals").await.text.contains(&id));
    let mut officer = signed_in(&server, "case_officer").await;
    assert!(officer.get(&format!("/cases/{id}")).await.text.contains("上一级机构决定"));
    let mut reviewer = signed_in(&server, "legal_reviewer").await;
    assert_eq!(reviewer.get("/recusals").await.status, 403);
}

#[tokio::test]
async fn without_a_head_above_the_written_decision_is_entered_by_somebody_else() {
    let server = hall().await;
    let (id, account) = asked(&server).await;
    let recuse = format!("/cases/{id}/recuse");
    let mut head = signed_in(&server, "case_approver").await;
    assert!(!head.get(&recuse).await.text.contains("data-enter-recusal"), "not by the person concerned");
    let mut officer = signed_in(&server, "case_officer").await;
    assert!(officer.get(&recuse).await.text.contains("data-enter-recusal"));
    let today = server.site.now().utc.shanghai_date().to_string();
    let base = [
        ("act", "enter"),
        ("account", account.as_str()),
        ("decision", "granted"),
        ("reason", "情况属实，决定回避"),
        ("organ", "上级公安机关"),
    ];
    let with = |more: &[(&'static str, &'static str)]| [&base[..], more].concat();
    let got = fill(&mut officer, &recuse, &recuse, &with(&[("number", "示回避1号"), ("day", "")])).await;
    assert!(got.status == 400 && got.text.contains("请填写决定的日期"), "{} {:.900}", got.status, got.text);
    let whole = [&base[..], &[("number", "示回避1号"), ("day", today.as_str())][..]].concat();
    assert_eq!(fill(&mut head, &recuse, &recuse, &whole).await.status, 403);
    let without = [&base[..], &[("number", ""), ("day", today.as_str())][..]].concat();
    let got = fill(&mut officer, &recuse, &recuse, &without).await;
    assert!(got.status == 400 && got.text.contains(&format!("number-{account}")), "{} {:.900}", got.status, got.text);
    assert!(got.text.contains("value=\"上级公安机关\"") && got.text.contains(">情况属实，决定回避</textarea>"), "kept");
    assert_eq!(fill(&mut officer, &recuse, &recuse, &whole).await.status, 303);
    let page = officer.get(&format!("/cases/{id}")).await.text;
    assert!(page.contains("登记的书面决定") && page.contains("示回避1号"), "marked as entered: {page:.3000}");
}
