//! The pages between servers in a browser: the police inbox from the first sound to the result, the sites, a site's link; both languages,
//! three sizes, dark and light.

use crate::support;

use base::{SiteId, UtcMs};
use domain::access::Role;
use std::path::Path;
use store::inbox::Incoming;
use support::PATIENCE;
use support::browser::Browser;
use support::http::Client;
use support::people::{make_people, sign_in};
use support::rig::{PASSWORD, block_on, now, open};
use support::screen::check_page;
use support::server::Server;

const SIZES: [(u32, u32); 3] = [(1440, 900), (390, 844), (1920, 1080)];

/// A report as a site sends it.
fn body(number: u32, what: &str, priority: &str, by_hand: bool) -> String {
    let decision = if by_hand {
        "null"
    } else {
        r#"{"verdict":"real","reason":"画面可见两人翻窗","by":"x","at":1795255230000}"#
    };
    format!(
        r#"{{"number":"2026-{number:07}","what":{{"alarm":"{what}"}},"priority":"{priority}","raised_by_hand":{by_hand},
        "source":"dc09:1234","zones":[{{"zone":3,"name":"后门","place":"一层后门","first":1795255200000}}],
        "received":1795255200000,"decision":{decision},"cameras":["a","b"],"clip_from":1795255190000,"clip_to":1795255230000}}"#
    )
}

/// Puts reports into the inbox of a stopped server, as the bus does.
fn receive(data: &Path, first: u64, reports: &[String]) {
    block_on(async {
        let store = open(data).await;
        for (seq, body) in (first..).zip(reports) {
            let id = format!("report-{seq}");
            let site = SiteId::new(1_795_255_200_000, [5; 10]);
            let new = Incoming {
                site,
                id: &id,
                seq,
                kind: "alarm-report",
                made: UtcMs(1_795_255_231_000),
                note: b"signed by the site\n",
                body: body.as_bytes(),
            };
            store.receive(&new, now(), |_| Some(b"receipt\n".to_vec())).await.expect("received");
        }
        store.close().await;
    });
}

fn turn(page: &Browser, server: &Server, who: &Client, lang: &str, path: &str) {
    let mut cookies = who.cookies.clone();
    cookies.insert("lang".into(), lang.into());
    cookies.remove("flash");
    page.go(&server.url("/login"));
    page.take_cookies(&cookies);
    page.go(&server.url(path));
}

/// One page in both languages and all sizes; leaves pictures.
fn everywhere(page: &Browser, server: &Server, who: &Client, name: &str, path: &str) {
    for (lang, tag) in [("zh", "zh-CN"), ("en", "en")] {
        turn(page, server, who, lang, path);
        assert_eq!(page.page_language(), tag, "{path}");
        for (width, height) in SIZES {
            page.window_size(width, height);
            check_page(page);
            page.screenshot(&format!("{name}-{lang}-{width}"));
        }
        page.window_size(SIZES[0].0, SIZES[0].1);
    }
}

#[test]
fn a_report_is_heard_taken_and_closed_by_the_police() {
    let mut server = Server::prepared(|data, ports| {
        let (http, bus) = (ports.http, ports.spare[0]);
        format!("data = {data:?}\nhttp = \"127.0.0.1:{http}\"\n[authority]\nlisten = \"127.0.0.1:{bus}\"\n")
    });
    let roles = [("admin", Role::Administrator), ("police", Role::PoliceDuty), ("audit", Role::Auditor)];
    make_people(&server.data(), "示范市公安局", &roles);
    server.start_again();
    let page = Browser::start();
    let police = sign_in(&server, "police", PASSWORD);
    everywhere(&page, &server, &police, "inbox-empty", "/inbox");
    // While the page is open the server restarts with two reports: they appear by themselves.
    turn(&page, &server, &police, "zh", "/inbox");
    server.stop();
    let two = [body(1, "burglary", "p2", false), body(2, "hold_up", "p1", true)];
    receive(&server.data(), 1, &two);
    server.start_again();
    page.wait_js("document.querySelectorAll('[data-report]').length === 2", PATIENCE);
    page.wait_js("document.title.startsWith('(2) ')", PATIENCE);
    // A headless machine has no loudspeaker: whether it sounds is for a person to hear; the button is there.
    assert!(page.has("button[data-sound]"));
    everywhere(&page, &server, &police, "inbox", "/inbox");
    turn(&page, &server, &police, "zh", "/inbox");
    page.click("tr[data-report] a.row-link");
    page.wait_text(".notice-critical", "未经核实");
    let here = page.url();
    let path = here.split_once("/inbox/").map(|(_, n)| format!("/inbox/{n}")).expect("a report");
    everywhere(&page, &server, &police, "inbox-report", &path);
    turn(&page, &server, &police, "zh", &path);
    page.click("button[value='taken']");
    page.wait_text(".history", "已接警");
    page.fill("#remark", "两人到场，嫌疑人已控制。");
    page.click("button[value='closed']");
    page.wait_text(".history", "已处置");
    page.wait_text(".history", "两人到场");
    assert!(!page.has("#act"), "nothing is left to do");
    // Somebody who only reads has no form.
    let audit = sign_in(&server, "audit", PASSWORD);
    turn(&page, &server, &audit, "en", &path);
    check_page(&page);
    assert!(!page.has("#act"));
    let admin = sign_in(&server, "admin", PASSWORD);
    // An authority has no cameras: its bar and menus tell of none, and its start page is its own.
    turn(&page, &server, &admin, "zh", "/");
    page.wait_url("/sites");
    page.click("details.manage > summary");
    page.wait_for("a[href='/sites'][aria-current='page']");
    for gone in ["[data-health]", "a[href='/devices']", "a[href='/storage']", "a[href='/desk']", "[data-on-duty]"] {
        assert!(!page.has(gone), "{gone} on a server without cameras");
    }
    everywhere(&page, &server, &admin, "sites", "/sites");
    turn(&page, &server, &police, "zh", "/");
    page.wait_url("/inbox");
    // While the server was away the page asked for it; a browser notes each.
    page.assert_quiet_console(&[
        "/api/v1/inbox",
        "/api/v1/session",
        "/api/v1/events",
        "/inbox - Failed to load resource",
    ]);
}

#[test]
fn a_site_says_how_it_stands_with_its_authority() {
    let mut server = Server::prepared(|data, ports| {
        format!(
            "data = {data:?}\nhttp = \"127.0.0.1:{}\"\n[site]\nsip = \"127.0.0.1:{}\"\ngb_media = \"127.0.0.1:{}\"\n\
             dc09 = \"127.0.0.1:{}\"\nlive = \"127.0.0.1:{}\"\n",
            ports.http, ports.sip, ports.media, ports.dc09, ports.live
        )
    });
    make_people(&server.data(), "示范酒店", &[("admin", Role::Administrator)]);
    server.start_again();
    let page = Browser::start();
    let admin = sign_in(&server, "admin", PASSWORD);
    everywhere(&page, &server, &admin, "link-empty", "/link");
    // An authority that does not answer: entered by its text, said in words.
    let key = ledger::SiteKey::from_seed("jifang/x", [1; 32]).expect("a key").vkey().to_string();
    let witness = ledger::WitnessKey::from_seed("jifang-witness/x", [2; 32]).expect("a key").vkey().to_string();
    let text = format!("jifang-authority 127.0.0.1:{} {} {key} {witness}", server.ports.spare[0], "ab".repeat(32));
    turn(&page, &server, &admin, "zh", "/link");
    page.fill("#link", &text);
    page.click("form[action='/link'] button");
    page.wait_for("#confirm[open]");
    page.click_away("[data-confirm-yes]");
    support::wait_until("the page to say that nobody answers", PATIENCE, || {
        page.go(&server.url("/link"));
        page.has(".notice-warning").then_some(())
    });
    everywhere(&page, &server, &admin, "link-away", "/link");
    page.assert_quiet_console(&[]);
}
