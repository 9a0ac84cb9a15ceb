//! Documents of a case over HTTP: looked at, made, checked by the address of their code, delivered, void; and who gets nowhere.

use super::*;
use base::{CaseId, Lang, Sha256};

const NOTICE: &str = "acceptance_notice";
const ADDRESS: &str = "https://gaj.example";

fn documents(id: &str) -> String {
    format!("/cases/{id}/documents")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_code_of_a_document_opens_its_check_which_knows_what_was_changed_or_is_void() {
    let server = hall().await;
    let mut party = signed_in(&server, "applicant").await;
    let mut officer = signed_in(&server, "case_officer").await;
    let id = accepted(&server, &mut party, &mut officer).await;
    let page = documents(&id);
    let shown = officer.get(&page).await.text;
    assert!(shown.contains("data-no-address") && shown.contains("data-kind=\"acceptance_notice\""), "{shown:.3000}");
    let mut admin = signed_in(&server, "administrator").await;
    assert!(admin.get("/public-address").await.text.contains("name=\"public_url\""));
    let got = admin.post("/public-address", &[("public_url", "gaj")]).await;
    assert!(got.status == 400 && got.text.contains("value=\"gaj\""), "{} {:.900}", got.status, got.text);
    assert_eq!(admin.post("/public-address", &[("public_url", "https://gaj.example/")]).await.status, 303);
    assert!(!officer.get(&page).await.text.contains("data-no-address"));

    let by = By { account: server.account("case_officer").await, role: Role::CaseOfficer };
    let (authority, case) = (server.authority.clone().unwrap(), CaseId::parse(&id).unwrap());
    let events = authority.case(by, case).await.unwrap().row.events;
    let made = authority.make_document(by, case, NOTICE, Lang::Zh, events).await.unwrap();
    let url = made.url.expect("an address");
    let path = url.strip_prefix(ADDRESS).unwrap_or_else(|| panic!("{url}")).to_owned();
    let check = |more: String| {
        let (server, path) = (&server, format!("{path}{more}"));
        async move {
            let got = server.get(&path, "").await;
            assert_eq!(got.status, 200, "{path}: {:.900}", got.text);
            got.text
        }
    };
    let number = made.number.unwrap();
    let told = check(String::new()).await;
    assert!(told.contains("有这份文书") && told.contains(&number) && told.contains(&made.sha256.hex()), "{told:.3000}");
    assert!(!told.contains("哈尔滨示例商业") && !told.contains("王五"), "the check tells no name");
    let file = officer.get(&format!("{page}/{}", made.sha256.hex())).await;
    assert_eq!((file.status.as_u16(), file.header("content-type")), (200, "application/pdf"));
    assert!(check(format!("&digest={}", made.sha256.hex())).await.contains("真实，没有改动"));
    assert!(check(format!("&digest={}", Sha256::of(b"changed").hex())).await.contains("与原件不同"));
    let unknown = "/public/verify?document=0190a1b2-0000-7000-8000-000000000000";
    assert!(server.get(unknown, "").await.text.contains("没有查到"));
    assert!(server.get("/public/verify?document=nothing", "").await.text.contains("没有查到"));

    let sha256 = made.sha256.hex();
    let to = format!("{page}/void");
    let got = fill(&mut officer, &page, &to, &[("document", &sha256), ("reason", " ")]).await;
    assert!(got.status == 400 && got.text.contains("作废的理由"), "{} {:.900}", got.status, got.text);
    let long = "日期写错，".repeat(500);
    let got = fill(&mut officer, &page, &to, &[("document", &sha256), ("reason", &long)]).await;
    assert!(got.status == 400 && got.text.contains(&format!("value=\"{long}\"")), "kept: {:.900}", got.text);
    let got = fill(&mut officer, &page, &to, &[("document", &sha256), ("reason", "日期写错，重新制作。")]).await;
    assert_eq!((got.status.as_u16(), got.place()), (303, page.as_str()), "{:.900}", got.text);
    let told = check(String::new()).await;
    assert!(told.contains("已作废") && !told.contains("日期写错"), "{told:.3000}");
    let shown = officer.get(&page).await.text;
    assert!(shown.contains("日期写错，重新制作。") && shown.contains(&number), "{shown:.3000}");
    let again = format!("{page}/preview?void={sha256}");
    assert!(shown.contains(&format!("href=\"{again}\"")), "{shown:.3000}");
    let drawn = officer.get(&again).await;
    assert_eq!((drawn.status.as_u16(), drawn.header("content-type")), (200, "application/pdf"), "{:.900}", drawn.text);
    assert!(drawn.header("content-disposition").contains("void-"), "{:?}", drawn.headers);
    assert_eq!(officer.get(&format!("{page}/preview?void=x")).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_is_looked_at_made_and_delivered_by_the_pages() {
    let server = hall().await;
    let mut party = signed_in(&server, "applicant").await;
    let mut officer = signed_in(&server, "case_officer").await;
    let id = accepted(&server, &mut party, &mut officer).await;
    let page = documents(&id);
    assert!(officer.get(&format!("/cases/{id}")).await.text.contains(&format!("href=\"{page}\"")));
    let draft = officer.get(&format!("{page}/preview?kind={NOTICE}")).await;
    assert_eq!((draft.status.as_u16(), draft.header("content-type")), (200, "application/pdf"), "{:.900}", draft.text);
    assert!(draft.header("content-disposition").contains("draft-acceptance_notice.pdf"), "{:?}", draft.headers);
    let early = officer.get(&format!("{page}/preview?kind=refusal_decision")).await;
    assert!(early.status == 409 && early.text.contains("还不能制作"), "{} {:.900}", early.status, early.text);
    assert_eq!(officer.get(&format!("{page}/preview?kind=decree")).await.status, 404);

    let before = seen(&officer.get(&page).await);
    let asked = [("kind", NOTICE), ("lang", "zh"), ("seen", before.as_str())];
    let got = officer.post(&page, &asked).await;
    assert_eq!((got.status.as_u16(), got.place()), (303, page.as_str()), "{:.900}", got.text);
    let got = officer.post(&page, &asked).await;
    assert!(
        got.status == 409 && got.text.contains("又有了新的记录"),
        "a form of before: {} {:.900}",
        got.status,
        got.text
    );
    let shown = officer.get(&page).await.text;
    assert!(shown.contains("示公技防受字〔") && shown.contains("尚未送达"), "{shown:.3000}");
    let sha256 = shown.split("data-document=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let mine = format!("/my/cases/{id}/documents/{sha256}");
    assert_eq!(party.get(&mine).await.status, 404, "not the party's before it is delivered");

    let (to, today) = (format!("{page}/delivered"), server.site.now().utc.shanghai_date().to_string());
    let number = seen(&officer.get(&page).await);
    let fields = [("document", sha256.as_str()), ("way", "in_person"), ("seen", number.as_str())];
    let got = officer.upload(&to, &fields).await;
    assert!(got.status == 400 && got.text.contains("送达日期"), "{} {:.900}", got.status, got.text);
    assert_eq!(got.text.matches("<details open>").count(), 1, "its form, and no other, is open again");
    let whole = [&fields[..], &[("on", today.as_str()), ("@file", "%PDF-1.7 the receipt")][..]].concat();
    let got = officer.upload(&to, &whole).await;
    assert_eq!((got.status.as_u16(), got.place()), (303, page.as_str()), "{:.900}", got.text);
    let shown = officer.get(&page).await.text;
    assert!(shown.contains("已送达") && shown.contains("直接送达"), "{shown:.3000}");
    let got = party.get(&mine).await;
    assert_eq!((got.status.as_u16(), got.header("content-type")), (200, "application/pdf"));
    assert!(party.get(&format!("/my/cases/{id}")).await.text.contains(&sha256));
}

#[tokio::test]
async fn who_does_not_handle_the_case_makes_nothing() {
    let server = hall().await;
    let mut party = signed_in(&server, "applicant").await;
    let mut officer = signed_in(&server, "case_officer").await;
    let id = accepted(&server, &mut party, &mut officer).await;
    let page = documents(&id);
    let mut supervisor = signed_in(&server, "supervisor").await;
    let shown = supervisor.get(&page).await;
    assert_eq!(shown.status, 200);
    assert!(!shown.text.contains("data-offers") && !shown.text.contains("name=\"kind\""), "{:.3000}", shown.text);
    for path in [page.clone(), format!("{page}/void"), format!("{page}/delivered")] {
        assert_eq!(supervisor.post(&path, &[("kind", NOTICE)]).await.status, 403, "{path}");
        assert_eq!(party.post(&path, &[("kind", NOTICE)]).await.status, 403, "{path}");
    }
    assert_eq!(supervisor.get(&format!("{page}/preview?kind={NOTICE}")).await.status, 403);
    assert_eq!(party.get(&page).await.status, 403);
    assert_eq!(officer.get("/public-address").await.status, 403);
    let nobodys = documents("0190a1b2-0000-7000-8000-000000000000");
    assert_eq!(officer.get(&nobodys).await.status, 404);
    assert_eq!(officer.post(&nobodys, &[("kind", NOTICE)]).await.status, 404);
    let empty = officer.post(&format!("{page}/void"), &[("document", "x")]).await;
    assert_eq!(empty.status, 404);
}
