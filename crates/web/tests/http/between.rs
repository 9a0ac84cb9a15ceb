//! The pages between servers: the police inbox and the sites on an authority's server, the link on a site's.

use crate::harness::{Browser, Server};
use authority::{Admission, By};
use base::{SiteId, UtcMs};
use domain::access::Role;
use ledger::{SiteKey, WitnessKey};
use store::inbox::Incoming;

const BODY: &str = r#"{"number":"20261121-0007","what":{"alarm":"hold_up"},"priority":"p1","raised_by_hand":true,
    "zones":[{"zone":4,"name":"柜台<b>","place":"一层","first":1795255200000}],"decision":null,"source":"panel 1"}"#;

async fn report(server: &Server, id: &str) -> u64 {
    let site = SiteId::new(1_795_255_200_000, [5; 10]);
    let new = Incoming {
        site,
        id,
        seq: 1,
        kind: "alarm-report",
        made: UtcMs(1_795_255_200_000),
        note: b"signed by the site\n",
        body: BODY.as_bytes(),
    };
    server.site.store().receive(&new, UtcMs(1_795_255_201_000), |_| Some(b"receipt\n".to_vec())).await.unwrap();
    server.site.store().inbox(true, 1).await.unwrap()[0].leaf
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_is_shown_taken_and_closed() {
    let server = Server::of_authority().await;
    let mut police = server.browser();
    police.login("police_duty").await;
    assert!(police.get("/inbox").await.text.contains("没有待处置的报警"));
    assert_eq!(police.get("/").await.place(), "/inbox");
    let leaf = report(&server, "r-1").await;
    let list = police.get("/inbox").await;
    assert!(list.text.contains("紧急求助") && list.text.contains("人工触发，未经核实"), "{}", list.text);
    assert!(list.text.contains("data-waiting=\"1\""));
    assert_eq!(police.get("/api/v1/inbox").await.json()["waiting"], 1);
    let page = police.get(&format!("/inbox/{leaf}")).await;
    assert!(page.text.contains("20261121-0007") && page.text.contains("柜台&#60;b&#62;"), "{}", page.text);
    let path = format!("/inbox/{leaf}/step");
    assert_eq!(police.post(&path, &[("step", "taken")]).await.place(), format!("/inbox/{leaf}"));
    assert_eq!(police.get("/api/v1/inbox").await.json()["waiting"], 0);
    police.get(&format!("/inbox/{leaf}")).await;
    let empty = police.post(&path, &[("step", "closed"), ("remark", "  ")]).await;
    assert!(empty.status == 400 && empty.text.contains("处置结果未填写"), "{}", empty.text);
    assert_eq!(police.post(&path, &[("step", "closed"), ("remark", "误按，已离开")]).await.status, 303);
    let again = police.post(&path, &[("step", "closed"), ("remark", "再次")]).await;
    assert_eq!(again.status, 409);
    assert!(!police.get("/inbox").await.text.contains("data-report="));
    assert!(police.get("/inbox?all=1").await.text.contains("data-report="));
    assert_eq!(police.get(&format!("/inbox/{leaf}/receipt")).await.text, "receipt\n");
    assert_eq!(police.get(&format!("/inbox/{leaf}/message")).await.text, "signed by the site\n");
    for path in ["/inbox/99999", "/inbox/x", "/sites/x/heads/1", "/link"] {
        let got = police.get(path).await;
        assert!(got.status == 404 || got.status == 403, "{path}: {}", got.status);
    }
    // An auditor reads and does nothing; a security manager does neither.
    let mut auditor = server.browser();
    auditor.login("auditor").await;
    let page = auditor.get(&format!("/inbox/{leaf}")).await;
    assert!(page.status == 200 && !page.text.contains("/step"), "no form");
    assert_eq!(auditor.post(&path, &[("step", "closed"), ("remark", "x")]).await.status, 403);
    let mut manager = server.browser();
    manager.login("security_manager").await;
    assert_eq!(manager.get("/inbox").await.status, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_is_entered_by_its_keys_and_ended() {
    let server = Server::of_authority().await;
    let mut admin = server.browser();
    admin.login("administrator").await;
    let page = admin.get("/sites").await;
    assert!(page.text.contains("jifang-authority police.example:8444 "), "{}", page.text);
    let site = SiteId::new(1_795_255_200_000, [6; 10]);
    let key = SiteKey::from_seed(&format!("jifang/{site}"), [1; 32]).unwrap().vkey().to_string();
    let pin = "ab".repeat(32);
    let mut fields = vec![
        ("name", "示范酒店"),
        ("unit", "示范派出所"),
        ("jurisdiction", "liaoning"),
        ("vkey", key.as_str()),
        ("pin", "ab"),
    ];
    let wrong = admin.post("/sites", &fields).await;
    assert!(wrong.status == 400 && wrong.text.contains("64 位十六进制"), "{}", wrong.text);
    fields[4].1 = &pin;
    assert_eq!(admin.post("/sites", &fields).await.place(), "/sites");
    let page = admin.get("/sites").await;
    assert!(page.text.contains("示范酒店") && page.text.contains("辽宁省") && page.text.contains("已接入"));
    assert_eq!(admin.post("/sites", &fields).await.status, 409, "known");
    // Where it lies: a division of its own province.
    let site_id = site.to_string();
    let place = |division: &'static str| [("site", site_id.clone()), ("division", division.to_owned())];
    for (division, status) in [("230102", 400), ("21", 400), ("210102", 303)] {
        admin.get("/sites").await;
        let sent = place(division);
        let sent: Vec<(&str, &str)> = sent.iter().map(|(name, text)| (*name, text.as_str())).collect();
        assert_eq!(admin.post("/sites/division", &sent).await.status, status, "{division}");
    }
    assert!(admin.get("/sites").await.text.contains("210102"));
    assert_eq!(admin.post("/sites/division", &[("site", "x")]).await.status, 404);
    admin.get("/sites").await;
    assert_eq!(admin.post(&format!("/sites/{site}/close"), &[]).await.status, 303);
    assert!(admin.get("/sites").await.text.contains("已停止"));
    let mut police = server.browser();
    police.login("police_duty").await;
    assert_eq!(police.get("/sites").await.status, 200);
    assert_eq!(police.post("/sites", &fields).await.status, 403);
    // Accepting a restored log is the administrator's, and of a contradiction that is there.
    let accept = format!("/sites/{site}/heads/7/accept");
    assert_eq!(police.post(&accept, &[("why", "x")]).await.status, 403);
    assert_eq!(admin.post(&accept, &[("why", "x")]).await.status, 404);
    assert_eq!(admin.post(&format!("/sites/{site}/heads/x/accept"), &[("why", "x")]).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_enters_its_authority_and_has_no_inbox() {
    let server = Server::with_people().await;
    let mut admin = server.browser();
    admin.login("administrator").await;
    assert!(admin.get("/link").await.text.contains("还没有连接公安机关"));
    let wrong = admin.post("/link", &[("link", "jifang-authority <b>")]).await;
    assert!(wrong.status == 400 && wrong.text.contains("&#60;b&#62;"), "{}", wrong.text);
    let key = SiteKey::from_seed("jifang/x", [1; 32]).unwrap().vkey().to_string();
    let witness = WitnessKey::from_seed("jifang-witness/x", [2; 32]).unwrap().vkey().to_string();
    let text = format!("jifang-authority police.example:8444 {} {key} {witness}", "ab".repeat(32));
    assert_eq!(admin.post("/link", &[("link", &text)]).await.place(), "/link");
    let page = admin.get("/link").await;
    assert!(page.text.contains("police.example:8444") && page.text.contains("尚未见证"), "{}", page.text);
    assert_eq!(admin.get("/link/checkpoint").await.status, 404);
    assert_eq!(admin.get("/sites").await.status, 404);
    let mut manager = server.browser();
    manager.login("security_manager").await;
    assert_eq!(manager.get("/link").await.status, 200);
    assert_eq!(manager.post("/link", &[("link", "")]).await.status, 403);
    let mut police = server.browser();
    police.login("police_duty").await;
    assert_eq!(police.get("/inbox").await.status, 404, "no inbox on a site's server");
    assert_eq!(police.get("/link").await.status, 403);
    assert_eq!(admin.post("/link", &[("link", "")]).await.status, 303);
    assert!(admin.get("/link").await.text.contains("还没有连接公安机关"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authority_shows_what_it_has_and_nothing_of_cameras() {
    let server = Server::of_authority().await;
    for (login, start) in [("police_duty", "/inbox"), ("administrator", "/sites"), ("auditor", "/inbox")] {
        let mut who = server.browser();
        who.login(login).await;
        assert_eq!(who.get("/").await.place(), start, "{login}");
        let page = who.get(start).await;
        assert_eq!(page.status, 200, "{login}");
        for gone in
            ["/desk", "/devices", "/storage", "/alarms", "/playback", "/register", "/shift", "/link", "data-recording"]
        {
            assert!(
                !page.text.contains(&format!("\"{gone}\"")) && !page.text.contains(&format!(" {gone}>")),
                "{login}: {gone}"
            );
        }
        assert!(page.text.contains("href=\"/sites\""), "{login}");
        let inbox = page.text.contains("href=\"/inbox\"");
        assert_eq!(inbox, login != "administrator", "{login}");
    }
    // What is not there is not there by its address either; what a role may not is said first.
    let mut admin = server.browser();
    admin.login("administrator").await;
    for (path, status) in
        [("/devices", 404), ("/api/v1/cameras", 404), ("/link", 404), ("/desk", 403), ("/storage", 200)]
    {
        assert_eq!(admin.get(path).await.status, status, "{path}");
    }
    let mut manager = server.browser();
    manager.login("security_manager").await;
    assert_eq!(manager.get("/devices/new").await.status, 404);
    let page = manager.get("/log").await;
    assert!(page.status == 200 && !page.text.contains("data-on-duty"), "nobody stands watch there");
    // A site's pages are as they were.
    let site = Server::with_people().await;
    let mut admin = site.browser();
    admin.login("administrator").await;
    let page = admin.get("/accounts").await;
    assert!(page.text.contains("href=\"/devices\"") && page.text.contains("data-recording"), "{:.3000}", page.text);
}

/// How many sites a page shows, and the page.
async fn shown(admin: &mut Browser<'_>, path: &str) -> (usize, String) {
    let page = admin.get(path).await;
    assert_eq!(page.status, 200, "{path}");
    (page.text.matches("data-site=").count(), page.text)
}

#[tokio::test(flavor = "multi_thread")]
async fn many_sites_stand_on_pages_and_are_found_by_name() {
    let server = Server::of_authority().await;
    let authority = server.authority.clone().expect("an authority's server");
    let by = By { account: server.account("administrator").await, role: Role::Administrator };
    for n in 1..=52_u8 {
        let site = SiteId::new(1_795_255_200_000 + i64::from(n), [n; 10]);
        let key = SiteKey::from_seed(&format!("jifang/{site}"), [n; 32]).unwrap().vkey().to_string();
        let form = Admission {
            name: format!("示范酒店{n}号店"),
            unit: "示范派出所".into(),
            jurisdiction: "heilongjiang".into(),
            code: String::new(),
        };
        authority.enter(&key, &format!("{n:02x}").repeat(32), &form, by).await.unwrap();
    }
    let mut admin = server.browser();
    admin.login("administrator").await;
    let (count, first) = shown(&mut admin, "/sites").await;
    assert!(count == 50 && first.contains("page=2\"") && first.contains("共 52 个"), "{count}");
    assert!(!first.contains("data-placed-more"), "the list of the form has them all");
    for (path, want) in [("/sites?page=2", 2), ("/sites?page=99", 2), ("/sites?page=x", 50)] {
        assert_eq!(shown(&mut admin, path).await.0, want, "{path}");
    }
    let (count, found) = shown(&mut admin, "/sites?q=%E9%85%92%E5%BA%9752%E5%8F%B7").await;
    assert!(count == 1 && found.contains("示范酒店52号店"), "{count}");
    let (count, none) = shown(&mut admin, "/sites?q=nowhere").await;
    assert!(count == 0 && none.contains("没有找到"), "{count}");
}
