//! Emergency accesses in a browser: one that was forgotten, one that is entered, explained, sent back, explained again and confirmed by
//! another person. Readings of the law decided on a site's server and on an authority's. An offer recorded with what the law says to it.
//! Both languages, wide and narrow, light and dark.

use crate::support;

use base::{CivilDate, ClauseId, Text};
use domain::access::Role;
use serde_json::Value;
use store::emergencies::Owed;
use store::uppers::Emergency;
use support::PATIENCE;
use support::browser::Browser;
use support::http::Client;
use support::people::{make_people, sign_in};
use support::rig::{PASSWORD, block_on, now, open};
use support::screen::{check_access, check_page, everywhere, turn};
use support::server::Server;

const WORDS: &str = "市公安局指挥中心王警官来电，称示范银行门前有人持刀，要求直接查看门口的画面。";

fn config(data: &str, ports: support::server::Ports) -> String {
    format!(
        "data = {data:?}\nhttp = \"127.0.0.1:{}\"\n[site]\nsip = \"127.0.0.1:{}\"\ngb_media = \"127.0.0.1:{}\"\n\
         dc09 = \"127.0.0.1:{}\"\nlive = \"127.0.0.1:{}\"\n",
        ports.http, ports.sip, ports.media, ports.dc09, ports.live
    )
}

/// A site in Liaoning with a platform, and an emergency access of ten days ago that nobody explained.
fn server() -> Server {
    let mut server = Server::prepared(config);
    let people = [
        ("admin", Role::Administrator),
        ("manager", Role::SecurityManager),
        ("custodian", Role::InformationCustodian),
        ("audit", Role::Auditor),
    ];
    make_people(&server.data(), "示范银行", &people);
    block_on(async {
        let store = open(&server.data()).await;
        let law = law::SiteProfile::new(law::Jurisdiction::Liaoning);
        let profile = site::Profile { name: "示范银行".into(), address: String::new(), law };
        site::profile::save(&store, &profile, None, now()).await.expect("a profile");
        let custodian = store.account_by_login("custodian").await.expect("rows").expect("an account").id;
        let mut row = support::upper::row("127.0.0.1:9", &[]);
        row.config.enabled = false;
        let text = || Text::new("试验。", "Test.");
        store.put_upper(&row, "upper.added", text(), custodian, now()).await.expect("rows").expect("a platform");
        let then = now().plus_ms(-10 * 86_400_000);
        row.config.emergency =
            Some(Emergency {
                reason: "指挥中心：门前聚众斗殴".into(), from: then, until: then.plus_ms(3_600_000)
            });
        let owed = Owed {
            clauses: vec![ClauseId::new("A-24-3")],
            due: then.shanghai_date().plus_days(3),
            own_days: Some(3),
            term: vec![],
        };
        store.open_emergency(&row, &owed, text(), custodian, then).await.expect("rows").expect("an access");
        store.close().await;
    });
    server.start_again();
    server
}

fn standing(page: &Browser) -> String {
    page.attribute("[data-standing]", "data-standing").unwrap_or_default()
}

#[test]
fn an_emergency_is_explained_and_confirmed_by_another_person() {
    let server = server();
    let page = Browser::start();
    let mut manager = sign_in(&server, "manager", PASSWORD);
    let custodian = sign_in(&server, "custodian", PASSWORD);
    let audit = sign_in(&server, "audit", PASSWORD);

    // What was forgotten is told to the manager, and entered.
    let notice = support::wait_until("the notice of the forgotten access", PATIENCE, || {
        let all = manager.get("/api/v1/notices").expect(200).json();
        let list = all["notices"].as_array().cloned().unwrap_or_default();
        list.into_iter().find(|n| n["code"].as_str().is_some_and(|c| c.starts_with("emergency_")))
    });
    let said = notice["zh"].as_str().unwrap_or_default();
    assert!(said.contains("逾期未说明") && said.contains("市公安局视频专网"), "{notice}");
    let log = manager.get("/log?act=emergency.").expect(200).text();
    assert!(log.contains("没有说明"), "{log:.600}");
    everywhere(&page, &server, &manager, "emergencies-overdue", "/emergencies");
    turn(&page, &server, &manager, "zh", "light", "/emergencies");
    page.wait_for("tr[data-state='overdue']");
    page.fill("#days", "5");
    page.click("form[action='/emergencies/days'] button");
    page.wait_text("[data-term]", "本单位自定");

    // An emergency is entered: allowed at once, loud, and owed by the unit's own time.
    turn(&page, &server, &custodian, "zh", "light", "/platforms");
    page.wait_text("[data-emergencies]", "1");
    page.click("td.lead a.row-link");
    page.click("main details > summary");
    page.fill("#reason", "市公安局指挥中心：门前有人持刀");
    page.click("form[action$='/emergency'] .btn-danger");
    page.wait_text(".notice-critical", "紧急直接使用中");
    turn(&page, &server, &custodian, "zh", "light", "/emergencies");
    page.click("tr[data-state='due'] a.row-link");
    page.wait_text("main h1", "市公安局视频专网");
    let here = page.url();
    let path = here.split_once("/emergencies/").map(|(_, n)| format!("/emergencies/{n}")).expect("an access");
    assert_eq!(standing(&page), "due");
    everywhere(&page, &server, &custodian, "emergency-due", &path);
    let api: Value = manager.get("/api/v1/emergencies").expect(200).json();
    let day = |text: &Value| CivilDate::parse(text.as_str().unwrap_or_default()).expect("a day");
    let owed = api["accesses"].as_array().expect("a list").iter().find(|a| a["state"] == "due").expect("the new one");
    assert_eq!(day(&owed["explain_by"]), day(&api["day"]).plus_days(5));
    assert_eq!(owed["own_rule_days"], 5);

    // Too short: said at the field, and what was typed is still there. Then whole.
    for (lang, says) in [("zh", "至少20个字"), ("en", "at least 20 letters")] {
        turn(&page, &server, &custodian, lang, "light", &path);
        page.fill("#explanation", "有人持刀。");
        page.click("#explain .btn-main");
        page.wait_text(".field.bad", says);
        assert_eq!(page.value("#explanation"), "有人持刀。");
        check_page(&page);
        check_access(&page);
        page.screenshot(&format!("emergency-wrong-{lang}-1440"));
    }
    turn(&page, &server, &custodian, "zh", "light", &path);
    page.fill("#explanation", WORDS);
    page.click("#explain .btn-main");
    page.wait_text("[data-steps]", "王警官");
    assert!(!page.has("#explain") && !page.has("#review"), "nobody confirms their own");

    // The manager sends it back, the custodian explains again, the auditor confirms.
    everywhere(&page, &server, &manager, "emergency-review", &path);
    turn(&page, &server, &manager, "zh", "light", &path);
    page.fill("#reason", "没有写明警情何时解除");
    page.click("#review .form .btn");
    page.wait_text("[data-steps]", "没有写明警情何时解除");
    assert_eq!(standing(&page), "due");
    turn(&page, &server, &custodian, "zh", "light", &path);
    page.fill("#explanation", &format!("{WORDS}十分钟后警情解除，随即结束查看。"));
    page.click("#explain .btn-main");
    page.wait_text("[data-steps]", "十分钟后");
    // Not while it is in force.
    turn(&page, &server, &audit, "zh", "light", &path);
    page.wait_for("#review [data-not-yet]");
    assert!(!page.has("#review .btn-main"));
    turn(&page, &server, &custodian, "zh", "light", "/platforms");
    page.click("td.lead a.row-link");
    page.click(".notice-critical form .btn");
    page.wait_for("main details > summary");
    turn(&page, &server, &audit, "zh", "light", &path);
    page.click("#review .btn-main");
    page.wait_js("document.querySelector('[data-standing]')?.dataset.standing === 'confirmed'", PATIENCE);
    everywhere(&page, &server, &audit, "emergency-confirmed", &path);
    everywhere(&page, &server, &custodian, "platforms-emergencies", "/platforms");
    everywhere(&page, &server, &audit, "emergencies", "/emergencies");
    let log = manager.get("/log").expect(200).text();
    for words in ["说明紧急直接使用", "退回说明", "确认紧急使用的说明"] {
        assert!(log.contains(words), "{words}");
    }
    page.assert_quiet_console(&["/explain - Failed to load resource"]);
}

/// Proposes a reading at the form, confirms it as the administrator, and looks at what the pages say.
fn decide(page: &Browser, server: &Server, proposer: &Client, admin: &Client, name: &str) {
    turn(page, server, proposer, "zh", "light", "/law/readings");
    page.wait_text("[data-reading='B-40-article'] [data-decided]", "没有决定");
    page.click("[data-decide] > summary");
    page.choose("#reading", "B-40-article");
    page.choose("#choice", "literal");
    page.fill("#reason", "短");
    page.click("[data-decide] .btn-main");
    page.wait_text(".field.bad", "请写明理由");
    check_page(page);
    check_access(page);
    page.screenshot(&format!("{name}-wrong-zh-1440"));
    let today = now().shanghai_date().to_string();
    support::screen::set(page, "#from", &today);
    page.fill("#reason", "法制处 2026 年第 3 号意见：在立法解释作出之前按印本办理。");
    page.click("[data-decide] .btn-main");
    page.wait_text("[data-reading='B-40-article'] [data-waiting]", "按字面");
    everywhere(page, server, admin, &format!("{name}-changes"), "/changes");
    turn(page, server, admin, "zh", "light", "/changes");
    page.wait_text("[data-change]", "第 3 号意见");
    page.click("form[action$='/confirm'] .btn-main");
    page.click("[data-confirm-yes]");
    page.wait_gone("[data-change]");
    turn(page, server, proposer, "zh", "light", "/law/readings");
    page.wait_text("[data-reading='B-40-article'] [data-decided]", "第 3 号意见");
    assert!(!page.has("[data-waiting]"));
    everywhere(page, server, proposer, &format!("{name}-decided"), "/law/readings");
    everywhere(page, server, proposer, &format!("{name}-clause"), "/law/B-40-1");
    turn(page, server, proposer, "zh", "light", "/law/B-22-1-1?on=2026-03-02");
    page.wait_text("[data-cost-readings]", "默认");
    turn(page, server, proposer, "zh", "light", "/law/B-22-1-1");
    page.wait_text("[data-cost-readings]", "本服务器的决定");
    assert!(page.has("[data-costs] [data-review]"), "a decision takes no review away");
    everywhere(page, server, proposer, &format!("{name}-cost"), "/law/B-22-1-1");
    turn(page, server, admin, "zh", "light", "/law/readings");
    assert!(!page.has("[data-decide]"), "who confirms does not propose");
}

#[test]
fn a_site_and_an_authority_decide_how_a_slip_is_read() {
    let page = Browser::start();
    let site = server();
    let (manager, admin) = (sign_in(&site, "manager", PASSWORD), sign_in(&site, "admin", PASSWORD));
    decide(&page, &site, &manager, &admin, "readings-site");
    let mut police = Server::prepared(|data, ports| {
        let (http, bus) = (ports.http, ports.spare[0]);
        format!("data = {data:?}\nhttp = \"127.0.0.1:{http}\"\n[authority]\nlisten = \"127.0.0.1:{bus}\"\n")
    });
    let roles = [("chief", Role::Administrator), ("police", Role::PoliceDuty), ("audit", Role::Auditor)];
    make_people(&police.data(), "示范市公安局", &roles);
    police.start_again();
    page.forget_cookies();
    let (duty, chief) = (sign_in(&police, "police", PASSWORD), sign_in(&police, "chief", PASSWORD));
    decide(&page, &police, &duty, &chief, "readings-police");
    page.assert_quiet_console(&["/law/readings - Failed to load resource"]);
}

#[test]
fn what_was_offered_is_recorded_with_the_clause_that_forbids_taking_it() {
    let server = server();
    let page = Browser::start();
    let custodian = sign_in(&server, "custodian", PASSWORD);
    let mut audit = sign_in(&server, "audit", PASSWORD);
    everywhere(&page, &server, &custodian, "offers-empty", "/offers");
    turn(&page, &server, &custodian, "zh", "light", "/platforms");
    page.click("details.menu[data-menu] > summary");
    page.click(".menu-list a[href='/offers']");
    page.wait_text("[data-law]", "第二十九条");
    page.click("#kind label:nth-of-type(1)");
    page.fill("#who", "王经理");
    page.fill("#behalf", "某安防公司");
    page.fill("#words", "验收当天送来购物卡，当场退回，在场的还有李工。");
    // Nothing says what became of it: asked for, and what was typed is still there.
    page.click("#form .btn-main");
    page.wait_text(".field.bad", "请选择怎样处理");
    assert_eq!(page.value("#who"), "王经理");
    check_page(&page);
    check_access(&page);
    page.screenshot("offers-wrong-zh-1440");
    page.click("#outcome label:nth-of-type(1)");
    page.click("#form .btn-main");
    page.wait_text("[data-offers]", "王经理");
    assert!(page.text("[data-answer]").contains("不得接受或者照办") && page.has("[data-answer] a[href='/law/A-29-1']"));
    everywhere(&page, &server, &custodian, "offers-own", "/offers");
    everywhere(&page, &server, &audit, "offers-all", "/offers");
    let log = audit.get("/log?act=offer.").expect(200).text();
    assert!(log.contains("登记要约或者要求") && log.contains("A-29-1") && !log.contains("王经理"), "{log:.600}");
    page.assert_quiet_console(&["/offers - Failed to load resource"]);
}
