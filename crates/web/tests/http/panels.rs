//! Alarm panels by way of their pages: taken in, faulty input, zones with cameras, a stranger listed, change and removal in the log.

use crate::harness::Server;
use domain::alarm::SourceName;
use sim::panel::{PanelOptions, Step, run_panel};

const KEY: &str = "00112233445566778899AABBCCDDEEFF";

fn panel<'a>(account: &'a str, key: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("account", account),
        ("name", "大堂主机"),
        ("place", "一层弱电间"),
        ("key", key),
        ("supervision_s", "180"),
        ("behind_s", "40"),
        ("ahead_s", "20"),
        ("zone_min", "0"),
        ("charset", "gb18030"),
        ("habit", "any_time"),
    ]
}

fn replaced<'a>(fields: &[(&'a str, &'a str)], name: &str, value: &'a str) -> Vec<(&'a str, &'a str)> {
    fields.iter().map(|(k, v)| if *k == name { (*k, value) } else { (*k, *v) }).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panel_is_taken_in_given_zones_changed_and_removed() {
    let server = Server::with_people().await;
    let mut browser = server.browser();
    browser.login("security_manager").await;
    assert!(browser.get("/panels").await.text.contains("还没有报警主机"));
    browser.get("/panels/new").await;
    let good = panel("12ab", KEY);
    for (name, value) in [
        ("account", "12"),
        ("account", "xyz9"),
        ("name", " "),
        ("place", ""),
        ("key", "0011"),
        ("supervision_s", "5"),
        ("supervision_s", "soon"),
        ("behind_s", "-1"),
        ("ahead_s", "99999"),
        ("zone_min", "9999"),
    ] {
        let got = browser.post("/panels/new", &replaced(&good, name, value)).await;
        assert_eq!(got.status, 400, "{name}={value}");
        assert!(got.text.contains("error-summary"), "{name}={value}");
        assert!(!got.text.contains(KEY), "a key is never shown again");
    }
    let got = browser.post("/panels/new", &good).await;
    assert_eq!((got.status.as_u16(), got.place()), (303, "/panels/12AB"));
    assert_eq!(browser.post("/panels/new", &good).await.status, 400, "taken");
    let page = browser.get("/panels/12AB").await.text;
    assert!(page.contains("大堂主机") && page.contains("还没有收到该主机的信号") && !page.contains(KEY));
    let row = server.site.store().alarm_source(&SourceName::dc09("12AB")).await.unwrap().unwrap();
    assert_eq!((row.key.unwrap().expose().as_str(), row.supervision_s), (KEY, Some(180)));
    assert!(row.quirks.contains("\"any_time\":true") && row.quirks.contains("gb18030"));

    // It speaks, and the page says so; an empty key field keeps the key.
    browser.post("/panels/12AB", &replaced(&good, "key", "")).await;
    let mut options = PanelOptions::new(server.site.receiver().address(), "12AB");
    options.key = Some(KEY.into());
    let script = [Step::Null, Step::ContactId("1130 01 002".into())];
    assert_eq!(run_panel(options, &script, |_, _| {}).await.unwrap(), 0);
    assert!(browser.get("/panels").await.text.contains("正常"));
    let stranger = PanelOptions { tries: 1, ..PanelOptions::new(server.site.receiver().address(), "BEEF") };
    assert_eq!(run_panel(stranger, &script[..1], |_, _| {}).await.unwrap(), 1);
    let list = browser.get("/panels").await.text;
    assert!(list.contains("BEEF") && list.contains("/panels/new?account=BEEF"));

    let zone = [("number", "2"), ("zone_name", "东门红外"), ("zone_place", "东门")];
    assert_eq!(browser.post("/panels/12AB/zones", &zone).await.status, 303);
    let detector = [
        ("number", "2"),
        ("zone_name", "东门红外"),
        ("zone_place", "东门"),
        ("principle", "infrared"),
        ("neighbours", "3，4"),
    ];
    assert_eq!(browser.post("/panels/12AB/zones", &detector).await.status, 303);
    let page = browser.get("/panels/12AB").await.text;
    assert!(page.contains("被动红外") && page.contains("3, 4"), "{page}");
    for neighbours in ["2", "x", "0", "1000000"] {
        let bad = [("number", "2"), ("zone_name", "后门"), ("zone_place", "一层"), ("neighbours", neighbours)];
        assert_eq!(browser.post("/panels/12AB/zones", &bad).await.status, 400, "{neighbours}");
    }
    for (i, value) in [(0, "0"), (0, "1000000"), (1, ""), (2, " ")] {
        let mut bad = zone;
        bad[i].1 = value;
        assert_eq!(browser.post("/panels/12AB/zones", &bad).await.status, 400, "{bad:?}");
    }
    let unknown = [zone[0], zone[1], zone[2], ("camera", "0190a1b2-0000-7000-8000-000000000000")];
    assert_eq!(browser.post("/panels/12AB/zones", &unknown).await.status, 400, "no such camera");
    assert!(browser.get("/panels/12AB").await.text.contains("东门红外"));
    assert_eq!(browser.post("/panels/12AB/zones/remove", &[("number", "2")]).await.status, 303);
    assert_eq!(browser.post("/panels/12AB/zones/remove", &[("number", "2")]).await.status, 404);

    let no_key = [replaced(&good, "key", ""), vec![("no_key", "1")]].concat();
    assert_eq!(browser.post("/panels/12AB", &no_key).await.status, 303);
    assert!(browser.get("/panels/12AB").await.text.contains("未加密"));
    let refused = browser.post("/panels/12AB/remove", &[]).await;
    assert_eq!(refused.status, 403);
    assert!(refused.text.contains("/law/B-24-1-1"), "the clause is shown: {:.2000}", refused.text);
    assert_eq!(browser.post("/panels/12AB/remove", &[("reason", "更换主机")]).await.place(), "/panels");
    assert_eq!(browser.get("/panels/12AB").await.status, 404);
    let log = browser.get("/log").await.text;
    for words in ["新增报警主机", "修改报警主机", "设置防区 2", "删除防区 2", "停用报警主机"]
    {
        assert!(log.contains(words), "{words}");
    }
    assert_eq!(server.site.store().journal().end().0, 1, "its one event is in the journal");
}

#[tokio::test]
async fn who_may_only_look_gets_no_forms() {
    let server = Server::with_people().await;
    let mut manager = server.browser();
    manager.login("security_manager").await;
    manager.get("/panels/new").await;
    assert_eq!(manager.post("/panels/new", &panel("1234", "")).await.status, 303);
    let mut duty = server.browser();
    duty.login("duty_officer").await;
    let page = duty.get("/panels/1234").await;
    assert_eq!(page.status, 200);
    assert!(!page.text.contains("name=\"key\"") && !page.text.contains("/panels/1234/remove"));
    assert_eq!(duty.post("/panels/1234/remove", &[]).await.status, 403);
    for path in ["/panels/12", "/panels/9999", "/panels/zzzz"] {
        assert_eq!(duty.get(path).await.status, 404, "{path}");
    }
}
