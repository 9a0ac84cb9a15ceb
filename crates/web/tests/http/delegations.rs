//! Delegations of a head over HTTP: given, refused where the law leaves the decision to the head, listed, withdrawn.

use crate::cases::{hall, signed_in};
use authority::By;
use domain::access::Role;

#[tokio::test]
async fn a_head_gives_a_power_and_takes_it_back() {
    let server = hall().await;
    let admin = By { account: server.account("administrator").await, role: Role::Administrator };
    let authority = server.authority.clone().expect("an authority's server");
    let office = authority.offices(admin).await.unwrap().remove(0).id;
    let page = format!("/offices/{office}/delegations");
    let mut head = signed_in(&server, "case_approver").await;
    let mut officer = signed_in(&server, "case_officer").await;
    let shown = officer.get(&page).await;
    assert!(shown.status == 200 && !shown.text.contains("name=\"deputy\""), "only a head gives: {:.900}", shown.text);
    let shown = head.get(&page).await.text;
    assert!(shown.contains("value=\"area_approval\"") && !shown.contains("value=\"penalty_case\""), "{shown:.3000}");
    let today = server.site.now().utc.shanghai_date();
    let (from, until) = (today.to_string(), today.plus_days(3).to_string());
    let deputy = server.account("publisher").await.to_string();
    let with = |procedure: &'static str| {
        [("deputy", deputy.as_str()), ("procedure", procedure), ("from", from.as_str()), ("until", until.as_str())]
    };
    let got = head.post(&page, &[("from", "")]).await;
    assert!(got.status == 400 && got.text.contains("请选择受委托的人"), "{} {:.900}", got.status, got.text);
    let got = head.post(&page, &with("penalty_case")).await;
    assert!(got.status == 403 && got.text.contains("AP-57"), "by law: {} {:.2000}", got.status, got.text);
    assert_eq!(head.post(&page, &with("area_approval")).await.status, 303);
    let shown = head.get(&page).await.text;
    assert!(shown.contains("示公技防委〔") && shown.contains("data-delegation="), "{shown:.3000}");
    let entry = authority.delegations(admin, office).await.unwrap()[0].entry.to_string();
    let end = format!("{page}/end");
    assert_eq!(officer.post(&end, &[("entry", &entry)]).await.status, 403);
    assert_eq!(head.post(&end, &[("entry", &entry)]).await.status, 303);
    assert!(head.get(&page).await.text.contains("已收回"), "it stays in the list");
    let mut supervisor = signed_in(&server, "supervisor").await;
    let listed = supervisor.get("/supervision").await.text;
    assert!(listed.contains(&format!("data-delegation=\"{entry}\"")), "{listed:.3000}");
}
