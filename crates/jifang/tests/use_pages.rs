//! Information use as a product, in a browser: parts of a long request, digests and verification, removal, register and lists with
//! filters, bookmarks, holds by hand and a chosen range on the timeline.

use crate::support;

use base::{CameraId, UtcMs};
use std::time::Duration;
use support::PATIENCE;
use support::browser::Browser;
use support::http::Client;
use support::people::{ask_with, send, sent_to, sign_in};
use support::screen::{Demo, check_page, look, set, wait_footage};
use support::server::jifang;

const BADGES: [&str; 2] = ["010001", "010002"];
const DESK: (u32, u32) = (1440, 900);
const PHONE: (u32, u32) = (390, 844);
/// An export of some seconds of footage on a machine that does much else.
const MAKING: Duration = Duration::from_secs(180);

struct Case {
    demo: Demo,
    page: Browser,
    duty: Client,
    officer: Client,
    custodian: Client,
    auditor: Client,
    camera: String,
    /// `/use/ID`, granted, the two officers signed in.
    request: String,
    from: UtcMs,
    to: UtcMs,
}

impl Case {
    fn new() -> Self {
        let demo = Demo::start();
        let page = Browser::start();
        let person = |login: &str| sign_in(&demo.server, login, demo.password(login));
        let (duty, mut officer, mut custodian, auditor) =
            (person("duty"), person("officer1"), person("custodian"), person("auditor"));
        page.go(&demo.server.url("/login"));
        page.take_cookies(&duty.cookies);
        let camera = demo.cameras(&page)["大堂"].clone();
        wait_footage(&page, &camera, 24_000);
        let now = support::rig::now();
        let (from, to) = (now.plus_ms(-20_000), now.plus_ms(-2_000));
        let id = CameraId::parse(&camera).expect("an id");
        let request = ask_with(&mut officer, BADGES, &[id], from, to);
        let decide = format!("{request}/decide");
        sent_to(send(&mut custodian, &request, &decide, &[("decision", "approve"), ("end_hours", "2")]));
        let signin = format!("{request}/signin");
        for (slot, login, badge) in [("1", "officer1", BADGES[0]), ("2", "officer2", BADGES[1])] {
            let typed = [("slot", slot), ("login", login), ("password", demo.password(login)), ("badge", badge)];
            sent_to(send(&mut officer, &signin, &signin, &typed));
        }
        Self { demo, page, duty, officer, custodian, auditor, camera, request, from, to }
    }

    /// The browser is this person's from here on.
    fn turn(&self, who: &Client, path: &str) {
        let mut cookies = who.cookies.clone();
        cookies.remove("flash");
        self.page.take_cookies(&cookies);
        self.page.go(&self.demo.server.url(path));
        check_page(&self.page);
    }

    /// Both languages, wide and narrow.
    fn pictures(&self, name: &str) {
        let here = self.page.eval("location.pathname + location.search").as_str().expect("a path").to_owned();
        for lang in ["zh", "en"] {
            let switch = format!("/lang/{lang}?back={}", support::http::escape(&here));
            self.page.go(&self.demo.server.url(&switch));
            for (width, height) in [DESK, PHONE] {
                self.page.window_size(width, height);
                check_page(&self.page);
                self.page.screenshot(&format!("{name}-{lang}-{width}"));
            }
        }
        self.page.go(&self.demo.server.url(&format!("/lang/zh?back={}", support::http::escape(&here))));
        self.page.window_size(DESK.0, DESK.1);
    }
}

#[test]
fn officers_take_a_copy_and_the_custodian_removes_it() {
    let case = Case::new();
    let page = &case.page;
    case.turn(&case.officer, &format!("{}/export", case.request));
    case.pictures("use-export-none");
    // Two tabs, one click each: one export.
    let first = page.tab();
    let second = page.open_tab();
    page.go(&case.demo.server.url(&format!("{}/export", case.request)));
    page.wait_for("form[action$='/export'] .btn-main");
    page.turn_to(&first);
    page.click("form[action$='/export'] .btn-main");
    page.wait_url("export=");
    let begun = page.eval("new URLSearchParams(location.search).get('export')");
    page.turn_to(&second);
    page.click("form[action$='/export'] .btn-main");
    page.wait_url("export=");
    assert_eq!(
        page.eval("new URLSearchParams(location.search).get('export')"),
        begun,
        "the second tab is shown the first"
    );
    page.wait_js("document.querySelector('main a[download]')", MAKING);
    check_page(page);
    let digest = |css: &str| page.text(css).trim().to_owned();
    let (sha256, sm3) = (digest("#sha256"), digest("#sm3"));
    assert_eq!((sha256.len(), sm3.len()), (64, 64));
    assert!(page.text("#report").contains("成立"), "the verification at the making is shown");
    assert!(page.count("#report dl > div") >= 6);
    case.pictures("use-export-ready");
    page.click("main a[download]");
    let file = page.wait_download(".zip");
    let bytes = std::fs::read(&file).expect("the export");
    assert_eq!(base::Sha256::of(&bytes).hex(), sha256);
    assert_eq!(domain::evidence::Sm3::of(&bytes).to_string(), sm3);
    let command = page.eval("[...document.querySelectorAll('[data-copy]')].map(b => b.dataset.copy)").to_string();
    assert!(command.contains("sha256sum evidence-") && command.contains("openssl dgst -sm3 evidence-"), "{command}");
    let verified = jifang(&["evidence", "verify", &file.display().to_string()]);
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
    own_range(&case);
    remove(&case);
    register(&case);
    lists(&case);
    page.assert_quiet_console(&["/remove - Failed to load resource"]);
}

/// On the viewing page a range is chosen and taken alone: the form is filled, one click makes it.
fn own_range(case: &Case) {
    let page = &case.page;
    case.turn(&case.officer, &format!("{}/view", case.request));
    look(page, ".screen video", "0");
    page.press("Space");
    page.press("ArrowRight");
    let stamp = "document.querySelector('[data-stamp]').textContent";
    let from = case.from.desk();
    page.wait_js(&format!("{stamp} !== '{from}' && !document.querySelector('.screen video').seeking"), PATIENCE);
    page.press("i");
    page.wait_for("[data-range]:not([hidden]) [data-range-act=export]");
    page.screenshot("use-view-range-zh-1440");
    page.click("[data-range-act=export]");
    page.wait_url("/export?camera=");
    check_page(page);
    let times = page.eval("['from', 'to'].map(n => +document.querySelector(`#own [name=${n}]`).value)");
    let time = |n: usize| UtcMs(times[n].as_i64().expect("a time"));
    assert!(time(0) > case.from && time(0) < time(1) && time(1) <= case.to, "{times}");
    page.screenshot("use-export-own-zh-1440");
    page.click("#own .btn-main");
    page.wait_url("export=");
    page.wait_js("document.querySelector('main a[download]')", MAKING);
    check_page(page);
    assert!(page.has("#parts"), "the list of parts names it beside the whole");
    assert_eq!(page.count("#parts tbody tr"), 2);
    case.pictures("use-export-parts");
}

/// The custodian sees room and files, and removes one with a reason.
fn remove(case: &Case) {
    let page = &case.page;
    case.turn(&case.custodian, &case.request);
    assert_eq!(page.count("#exports li"), 2);
    page.click("#exports li:last-child a");
    page.wait_url("export=");
    check_page(page);
    assert!(page.text("#stock").contains("2"), "two files lie on the disk");
    page.click("#remove .btn-danger");
    page.wait_for(".error-summary");
    page.screenshot("use-export-remove-zh-1440");
    page.fill("#reason", "范围有误");
    page.click("#remove .btn-danger");
    page.wait_for(".flash");
    page.wait_text("#file", "范围有误");
    assert!(!page.has("main a[download]"));
    case.pictures("use-export-removed");
    // The row says so first; the file goes behind it, and the other one stays.
    support::wait_until("one file to be left", PATIENCE, || {
        let files = std::fs::read_dir(case.demo.server.data().join("exports")).expect("the folder").count();
        (files == 1).then_some(())
    });
    case.turn(&case.auditor, "/log?act=export.");
    page.wait_js(
        "[...document.querySelectorAll('.log-table tbody tr')].some(r => r.innerText.includes('清除证据包'))",
        PATIENCE,
    );
}

/// Letter and end in the register; the auditor opens the letter, and that is an entry.
fn register(case: &Case) {
    let page = &case.page;
    case.turn(&case.auditor, "/register");
    page.wait_js(
        "[...document.querySelectorAll('tbody tr')].some(r => r.innerText.includes('L-7 letter.pdf'))",
        PATIENCE,
    );
    page.wait_js("[...document.querySelectorAll('tbody tr')].some(r => r.innerText.includes('进行中'))", PATIENCE);
    case.pictures("register");
    let letter = page.attribute("td a[href*='/papers/']", "href").expect("the letter is linked");
    let head = page.eval_async(&format!("return (await (await fetch('{letter}')).text()).slice(0, 8)"));
    assert_eq!(head, "%PDF-1.4");
    let officer = page.eval("document.querySelector('#officer option:nth-child(2)').value");
    page.choose("#officer", officer.as_str().expect("an officer"));
    page.choose("#act", "session");
    page.click("form.filter .btn");
    page.wait_url("act=session");
    check_page(page);
    assert_eq!(page.count("tbody tr"), 1);
    page.fill("#case", "没有这个案件");
    page.click("form.filter .btn");
    page.wait_for("main .empty");
    case.pictures("register-nothing");
    case.turn(&case.auditor, "/log?act=paper.");
    page.wait_js("document.querySelectorAll('.log-table tbody tr').length === 1", PATIENCE);
    // The session is ended: its lines say when.
    let mut officer = case.officer.clone();
    let end = format!("{}/end", case.request);
    sent_to(send(&mut officer, &format!("{}/view", case.request), &end, &[]));
    case.turn(&case.auditor, "/register?act=session");
    page.wait_js("!document.querySelector('tbody').innerText.includes('进行中')", PATIENCE);
}

/// Requests are found by case, unit, camera, day and state.
fn lists(case: &Case) {
    let page = &case.page;
    case.turn(&case.custodian, "/use");
    assert_eq!(page.count("tbody tr"), 1);
    case.pictures("use-list");
    for (field, good, bad) in [("case", "0042", "0043"), ("unit", "派出所", "大队")] {
        page.fill(&format!("#{field}"), bad);
        page.click("form.filter .btn");
        page.wait_for("main .empty");
        page.fill(&format!("#{field}"), good);
        page.click("form.filter .btn");
        page.wait_for("tbody tr");
    }
    page.choose("#camera", &case.camera);
    set(page, "#from", &case.to.shanghai_date().to_string());
    page.click("form.filter .btn");
    page.wait_url(&case.camera);
    assert_eq!(page.count("tbody tr"), 1);
    page.click(".tabs a[href*='state=refused']");
    page.wait_for("main .empty");
    check_page(page);
}

/// What the duty officer hands over opens the officers' form with camera and time filled in.
fn link_for_officers(case: &Case) {
    let page = &case.page;
    page.click("[data-range-act=link]");
    page.wait_text("[data-act-result] .strong", "/use/new?camera=");
    let link = page.text("[data-act-result] .strong").trim().to_owned();
    let path =
        link.strip_prefix(&case.demo.server.url("")).unwrap_or_else(|| panic!("{link} is of this server")).to_owned();
    case.turn(&case.officer, &format!("/{}", path.trim_start_matches('/')));
    let draft = page.eval("document.querySelector('[name=draft]').value");
    page.go(&case.demo.server.url(&format!("/use/new?draft={}&step=scope", draft.as_str().expect("a draft"))));
    check_page(page);
    assert_eq!(page.eval("document.querySelector('[name=camera]:checked').value"), case.camera.as_str());
    assert!(!page.value("#from").is_empty() && !page.value("#to").is_empty());
}

#[test]
fn the_timeline_is_marked_held_and_released() {
    let case = Case::new();
    let page = &case.page;
    let path = format!("/playback?camera={}&at={}", case.camera, case.to.0);
    case.turn(&case.duty, &path);
    assert!(!page.has("[data-range-act=hold]"), "the duty officer holds nothing");
    look(page, ".screen video", "0");
    page.press("Space");
    page.press("o");
    page.wait_for("[data-range]:not([hidden])");
    page.click("[data-range-act=bookmark]");
    page.fill("#reason-text", "红衣男子进门");
    page.click("#reason .btn-main");
    page.wait_for("[data-act-result] .notice-info");
    page.wait_text("[data-fresh=bookmarks]", "红衣男子进门");
    let line = format!(
        "return (await (await fetch('/api/v1/cameras/{}/timeline?from={}&to={}')).json()).events.map(e => e.kind)",
        case.camera,
        case.from.0 - 120_000,
        case.to.0 + 60_000
    );
    assert_eq!(page.eval_async(&line), serde_json::json!(["bookmark"]), "the duty officer sees no acts of others");
    page.screenshot("playback-bookmark-zh-1440");
    link_for_officers(&case);

    case.turn(&case.custodian, &path);
    look(page, ".screen video", "0");
    let kinds = page.eval_async(&line).to_string();
    assert!(kinds.contains("bookmark") && kinds.contains("request"), "{kinds}");
    page.press("Space");
    page.press("o");
    page.wait_for("[data-range]:not([hidden])");
    page.click("[data-range-act=hold]");
    page.fill("#reason-text", "顾客摔倒纠纷");
    page.click("#reason .btn-main");
    page.wait_for("[data-act-result] .notice-info");
    page.wait_text("[data-fresh=holds]", "顾客摔倒纠纷");
    check_page(page);
    page.screenshot("playback-hold-zh-1440");
    page.window_size(PHONE.0, PHONE.1);
    check_page(page);
    page.screenshot("playback-hold-zh-390");
    page.window_size(DESK.0, DESK.1);
    assert_eq!(page.count("[data-hold-release]"), 1, "the hold of the request is released with the request");
    page.click("[data-hold-release]");
    page.fill("#reason-text", "双方已和解");
    page.click("#reason .btn-main");
    page.wait_gone("[data-hold-release]");
    page.click("[data-bookmark-remove]");
    page.wait_gone("[data-bookmark-remove]");
    case.turn(&case.auditor, "/log?act=hold.");
    page.wait_js(
        "['人工封存', '解除人工封存'].every(w => document.querySelector('.log-table').innerText.includes(w))",
        PATIENCE,
    );
    page.screenshot("log-hold-zh-1440");
    page.assert_quiet_console(&[]);
}
