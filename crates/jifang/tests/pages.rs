//! Every screen: both languages, three sizes, dark and light, empty and full, by keyboard, without right and without server.
//!
//! Each visit asks of the page what every page must be ([`check_page`]) and leaves a picture in `target/screenshots/pages/` for a person
//! to look at. People sign in over HTTP and hand their cookies to the browser, so that the time goes into pages.

use crate::support;

use base::{CameraId, UtcMs};
use support::PATIENCE;
use support::browser::Browser;
use support::http::Client;
use support::people::{ask_with, send, sent_to, sign_in};
use support::rig::{Eye, Kind, PASSWORD, Plan, Rig};
use support::screen::{
    Demo, FIRST_PICTURE, check_access, check_keyboard, check_page, look, look_for, set, wait_footage,
};
use support::server::Server;

const DESK: (u32, u32) = (1440, 900);
const PHONE: (u32, u32) = (390, 844);
const LARGE: (u32, u32) = (1920, 1080);
/// What a desk at 200 % zoom has for a page.
const ZOOMED: (u32, u32) = (720, 450);
const BADGES: [&str; 2] = ["010001", "010002"];

/// One screen: name of its picture, who sees it, its path, and whether it is one that the other sizes matter for.
struct Screen<'a> {
    name: &'a str,
    who: &'a Client,
    path: String,
    key: bool,
}

/// Requests in every state that has a page of its own, and the people who see them.
struct Scene {
    duty: Client,
    manager: Client,
    custodian: Client,
    officer: Client,
    admin: Client,
    auditor: Client,
    camera: String,
    waiting: String,
    granted: String,
    open: String,
    draft: String,
}

fn scene(demo: &Demo, page: &Browser) -> Scene {
    let person = |login: &str| sign_in(&demo.server, login, demo.password(login));
    let (duty, mut officer, mut custodian) = (person("duty"), person("officer1"), person("custodian"));
    let turn = |page: &Browser, who: &Client| {
        page.go(&demo.server.url("/login"));
        page.take_cookies(&who.cookies);
    };
    turn(page, &duty);
    let cameras = demo.cameras(page);
    let camera = cameras["大堂"].clone();
    wait_footage(page, &camera, 12_000);
    let ids: Vec<_> = cameras.values().filter_map(|id| CameraId::parse(id)).collect();
    let now = support::rig::now();
    let mut request = || ask_with(&mut officer, BADGES, &ids, now.plus_ms(-8_000), now.plus_ms(-1_000));
    let (waiting, granted, open) = (request(), request(), request());
    for path in [&granted, &open] {
        let decide = format!("{path}/decide");
        sent_to(send(&mut custodian, path, &decide, &[("decision", "approve"), ("end_hours", "2")]));
    }
    let signin = format!("{open}/signin");
    for (slot, login, badge) in [("1", "officer1", BADGES[0]), ("2", "officer2", BADGES[1])] {
        let typed = [("slot", slot), ("login", login), ("password", demo.password(login)), ("badge", badge)];
        sent_to(send(&mut officer, &signin, &signin, &typed));
    }
    let draft = sent_to(send(
        &mut officer,
        "/use/new",
        "/use/new",
        &[
            ("step", "basis"),
            ("basis", "criminal_investigation"),
            ("case_number", "A2301-0042"),
            ("unit", "示范市公安局"),
            ("purpose", "查明经过。"),
        ],
    ));
    let draft = draft.split("draft=").nth(1).and_then(|d| d.split('&').next()).expect("the draft is named").to_owned();
    let (manager, admin, auditor) = (person("manager"), person("admin"), person("auditor"));
    Scene { duty, manager, custodian, officer, admin, auditor, camera, waiting, granted, open, draft }
}

fn screens<'a>(s: &'a Scene, nobody: &'a Client) -> Vec<Screen<'a>> {
    let screen = |name, who, path: &str, key| Screen { name, who, path: path.to_owned(), key };
    let draft = |step: &str| format!("/use/new?draft={}&step={step}", s.draft);
    vec![
        screen("login", nobody, "/login", true),
        screen("guide", &s.duty, "/welcome", true),
        screen("desk", &s.duty, "/desk", true),
        screen("playback", &s.duty, &format!("/playback?camera={}", s.camera), true),
        screen("devices", &s.duty, "/devices", true),
        screen("device", &s.manager, &format!("/devices/{}", s.camera), false),
        screen("device-new", &s.manager, "/devices/new", true),
        screen("storage", &s.duty, "/storage", true),
        screen("use-list", &s.custodian, "/use", true),
        screen("use-basis", &s.officer, "/use/new", false),
        screen("use-scope", &s.officer, &draft("scope"), false),
        screen("use-papers", &s.officer, &draft("papers"), false),
        screen("use-check", &s.officer, &format!("/use/new/check?draft={}", s.draft), false),
        screen("use-decide", &s.custodian, &s.waiting, true),
        screen("use-signin", &s.officer, &format!("{}/signin", s.granted), true),
        screen("use-view", &s.officer, &format!("{}/view", s.open), true),
        screen("use-export", &s.officer, &format!("{}/export", s.open), false),
        screen("register", &s.custodian, "/register", true),
        screen("log", &s.auditor, "/log", true),
        screen("log-entry", &s.auditor, "/log/3", true),
        screen("law", &s.auditor, "/law/B-28-1-1", false),
        screen("accounts", &s.admin, "/accounts", true),
        screen("settings", &s.admin, "/settings", true),
        screen("account", &s.officer, "/account", false),
        screen("no-right", &s.duty, "/log", true),
        screen("no-page", &s.duty, "/no-such-page", false),
    ]
}

#[test]
fn every_screen_in_both_languages_and_three_sizes() {
    let demo = Demo::start();
    let page = Browser::start();
    let scene = scene(&demo, &page);
    let nobody = demo.server.client();
    for screen in screens(&scene, &nobody) {
        let mut cookies = screen.who.cookies.clone();
        cookies.remove("flash");
        for (lang, tag) in [("zh", "zh-CN"), ("en", "en")] {
            cookies.insert("lang".into(), lang.into());
            page.take_cookies(&cookies);
            let sizes: &[(u32, u32)] = if screen.key { &[DESK, PHONE, LARGE] } else { &[DESK, PHONE] };
            page.go(&demo.server.url(&screen.path));
            assert_eq!(page.page_language(), tag, "{}", screen.path);
            if page.has("video") {
                look(&page, "video", "0");
            }
            for (width, height) in sizes {
                page.window_size(*width, *height);
                check_page(&page);
                check_access(&page);
                page.screenshot(&format!("{}-{lang}-{width}", screen.name));
            }
            page.window_size(ZOOMED.0, ZOOMED.1);
            check_page(&page);
            page.window_size(DESK.0, DESK.1);
            if lang == "zh" {
                check_keyboard(&page);
            }
            if page.has("#keys") {
                page.press("?");
                page.wait_for("#keys[open] .keys kbd");
                page.press("Escape");
                page.wait_gone("#keys");
            }
        }
    }
    themes(&demo, &page, &scene);
    // Two screens are refusals: a browser notes their status. A wall that is left ends its sessions on the way.
    page.assert_quiet_console(&["/log - Failed to load resource", "/no-such-page - Failed to load resource"]);
}

/// Dark where it is light, light where it is dark, and large text, as the account says.
fn themes(demo: &Demo, page: &Browser, scene: &Scene) {
    let looks = [
        (&scene.auditor, "dark", "/log", "log"),
        (&scene.custodian, "dark", scene.waiting.as_str(), "use-decide"),
        (&scene.duty, "light", "/desk", "desk"),
    ];
    for (who, theme, path, name) in looks {
        let mut who = who.clone();
        sent_to(send(&mut who, "/account", "/account/appearance", &[("theme", theme), ("large", "1")]));
        who.cookies.remove("flash");
        page.take_cookies(&who.cookies);
        page.go(&demo.server.url(path));
        assert_eq!(page.attribute("html", "data-theme").as_deref(), Some(theme));
        assert!(page.has("html.large"), "large text");
        check_page(page);
        check_access(page);
        if page.has("video") {
            look(page, "video", "0");
        }
        page.screenshot(&format!("{name}-{theme}-large"));
    }
}

#[test]
fn the_desk_by_keyboard_two_tabs_and_a_lost_connection() {
    let mut rig =
        Rig::build(Plan { eyes: vec![Eye::new(Kind::GbUdp), Eye::new(Kind::Rtsp)], people: true, ..Plan::default() });
    rig.server.start_again();
    rig.wait_recording(&[0, 1]);
    let page = Browser::start();
    let duty = sign_in(&rig.server, "duty", PASSWORD);
    page.go(&rig.server.url("/login"));
    page.take_cookies(&duty.cookies);
    page.go(&rig.server.url("/desk"));
    let playing =
        "[...document.querySelectorAll('.cell video')].filter(v => v.videoWidth > 0 && v.currentTime > 0).length === 2";
    page.wait_js(playing, FIRST_PICTURE);
    keyboard(&page, &rig.cameras[1].to_string());
    tabs(&rig, &page, playing);
    page.assert_quiet_console(&[]);
    lost(&mut rig, &page, playing);
}

/// Every key that the desk names.
fn keyboard(page: &Browser, second: &str) {
    let chosen = |n: usize| format!("document.querySelector('.cell:nth-child({n})').ariaSelected === 'true'");
    let video = ".cell:nth-child(2) video";
    page.press("2");
    page.wait_js(&chosen(2), PATIENCE);
    page.press("Space");
    page.wait_js(&format!("document.querySelector('{video}').paused"), PATIENCE);
    page.press("Space");
    page.wait_js(&format!("!document.querySelector('{video}').paused"), PATIENCE);
    wait_footage(page, second, 15_000);
    page.press("ArrowLeft");
    page.wait_js("document.querySelector('.cell:nth-child(2)').dataset.mode === 'playback'", PATIENCE);
    look_for(page, video, "document.querySelector('[data-line-text]').textContent", "ten seconds back", |past| {
        past.now.since(past.at()) > 8_000 && past.off_ms() < 3_000
    });
    page.screenshot("desk-playback");
    page.press("l");
    page.wait_js("document.querySelector('.cell:nth-child(2)').dataset.mode === 'live'", PATIENCE);
    look_for(page, video, "0", "live again", |live| live.now.since(live.at()) < 8_000);
    page.press("f");
    page.wait_js("document.fullscreenElement?.classList.contains('cell')", PATIENCE);
    page.screenshot("desk-full");
    page.press("f");
    page.wait_js("!document.fullscreenElement", PATIENCE);
    page.press("m");
    page.wait_js(
        &format!("!document.querySelector('{video}').muted && document.querySelector('.cell video').muted"),
        PATIENCE,
    );
    page.press("m");
    page.press("1");
    page.wait_js(&chosen(1), PATIENCE);
    // Typing in the search is no command.
    page.press("/");
    page.wait_js("document.activeElement.id === 'tree-find'", PATIENCE);
    for key in ["r", "a", " ", "1"] {
        page.press(key);
    }
    page.wait_js("[...document.querySelectorAll('.cam')].filter(c => c.checkVisibility()).length === 1", PATIENCE);
    page.fill("#tree-find", " ");
    for n in [9, 16, 1, 4] {
        page.click(&format!("[data-cells-to='{n}']"));
        page.wait_js(&format!("document.querySelectorAll('.cell').length === {n}"), PATIENCE);
        check_page(page);
    }
}

/// Two tabs of one session both work; signing out in one ends the other.
fn tabs(rig: &Rig, page: &Browser, playing: &str) {
    let first = page.tab();
    let second = page.open_tab();
    page.go(&rig.server.url("/desk"));
    page.wait_js(playing, FIRST_PICTURE);
    page.go(&rig.server.url("/playback"));
    look(page, ".screen video", "0");
    page.turn_to(&first);
    page.wait_js(playing, FIRST_PICTURE);
    page.turn_to(&second);
    page.go(&rig.server.url("/devices"));
    check_page(page);
    page.turn_to(&first);
}

/// The server goes away and comes back: the page says so, and heals by itself.
fn lost(rig: &mut Rig, page: &Browser, playing: &str) {
    rig.server.kill();
    page.wait_for("[data-lost]");
    page.screenshot("desk-lost");
    page.wait_js("document.documentElement.scrollHeight <= innerHeight", PATIENCE);
    check_page(page);
    rig.server.start_again();
    page.wait_js("document.querySelector('[data-lost]').hidden", FIRST_PICTURE);
    rig.wait_recording(&[0, 1]);
    let again = "[...document.querySelectorAll('.cell[data-mode=live] video')].filter(v => v.readyState >= 2 && !v.paused \
                 && v.closest('.cell').querySelector('.dark').hidden).length === 2";
    page.wait_js(again, FIRST_PICTURE);
    page.wait_js(playing, FIRST_PICTURE);
    look_for(page, ".cell video", "0", "live again", |live| live.now.since(live.at()) < 8_000);
    page.wait_js("!document.documentElement.hasAttribute('data-lost')", PATIENCE);
}

#[test]
fn from_nothing_to_empty_pages() {
    let server = Server::serve(|data, ports| {
        format!(
            "data = {data:?}\nhttp = \"127.0.0.1:{}\"\nlog = \"warn\"\n[site]\nsip = \"127.0.0.1:{}\"\ngb_media = \"127.0.0.1:{}\"\n\
             dc09 = \"127.0.0.1:{}\"\nlive = \"127.0.0.1:{}\"\nreserve_bytes = 1000000\n",
            ports.http, ports.sip, ports.media, ports.dc09, ports.live
        )
    });
    let page = Browser::start();
    set_up(&server, &page);
    let one_time = add_manager(&server, &page);
    support::screen::sign_out(&page);
    page.fill("#login", "zhou-an");
    page.fill("#password", &one_time);
    page.click("form[action='/login'] button");
    page.wait_url("/account");
    check_page(&page);
    page.screenshot("account-must-change-zh-1440");
    page.fill("#old", &one_time);
    page.fill("#new", "five green boats at noon");
    page.fill("#new_again", "five green boats at noon");
    page.click("form[action='/account/password'] .btn-main");
    page.wait_gone(".notice-attention");
    for (name, path) in [
        ("desk", "/desk"),
        ("playback", "/playback"),
        ("devices", "/devices"),
        ("storage", "/storage"),
        ("use-list", "/use"),
        ("register", "/register"),
        ("log", "/log?act=export."),
    ] {
        for lang in ["zh", "en"] {
            page.go(&server.url(&format!("/lang/{lang}?back={}", support::http::escape(path))));
            check_page(&page);
            page.wait_for("main .empty");
            check_access(&page);
            page.screenshot(&format!("empty-{name}-{lang}"));
        }
    }
    forbidden_place(&server, &page);
    back_to_the_form(&server, &page);
    settings(&server, &page);
    let refusals = [
        "/setup - Failed",
        "/accounts - Failed",
        "/account - Failed",
        "/devices/new - Failed",
        "/account/password - Failed",
    ];
    page.assert_quiet_console(&refusals);
}

/// First run: the form says what is wrong, keeps what was typed over a change of language, then makes the administrator.
fn set_up(server: &Server, page: &Browser) {
    page.go(&server.url("/"));
    page.wait_url("/setup");
    check_page(page);
    page.screenshot("setup-zh-1440");
    page.window_size(PHONE.0, PHONE.1);
    check_page(page);
    page.screenshot("setup-zh-390");
    page.window_size(DESK.0, DESK.1);
    page.fill("#code", &server.setup_code().to_lowercase());
    page.fill("#site_name", "江畔酒店");
    page.click("input[name=jurisdiction][value=heilongjiang]");
    page.fill("#name", "系统管理员");
    page.click("a[data-keep]");
    page.wait_js("document.documentElement.lang === 'en'", PATIENCE);
    assert_eq!(page.value("#site_name"), "江畔酒店", "what was typed is kept");
    assert_eq!(page.eval("document.querySelector('input[name=jurisdiction][value=heilongjiang]').checked"), true);
    check_page(page);
    page.fill("#login", "admin");
    assert_eq!(page.eval("document.querySelector('input[name=two_step]').checked"), true, "advised");
    page.click("input[name=two_step]");
    page.fill("#password", "seven quiet herons on the ice");
    page.fill("#password_again", "seven quiet herons");
    page.click("form[action='/setup'] .btn-main");
    page.wait_for(".error-summary a[href='#password_again']");
    check_page(page);
    page.screenshot("setup-error-en-1440");
    page.fill("#password", "seven quiet herons on the ice");
    page.fill("#password_again", "seven quiet herons on the ice");
    page.click("form[action='/setup'] .btn-main");
    page.wait_url("/accounts");
    page.click("details.menu[data-menu] > summary");
    page.click("a[data-keep]");
    page.wait_js("document.documentElement.lang === 'zh-CN' && location.pathname === '/accounts'", PATIENCE);
    check_page(page);
}

/// The administrator makes the security manager; answers the password that is shown once.
fn add_manager(server: &Server, page: &Browser) -> String {
    page.go(&server.url("/accounts"));
    page.fill("#name", "周安");
    page.fill("form[action='/accounts'] #login", "zhou-an");
    page.click("input[name=role][value=security_manager]");
    page.click("form[action='/accounts'] .btn-main");
    page.wait_for("[data-copy]");
    check_page(page);
    page.screenshot("accounts-one-time-zh-1440");
    page.attribute("[data-copy]", "data-copy").expect("the password is there to copy")
}

/// The session ends while a form is being filled in: the person signs in and finds the form and their words again.
fn back_to_the_form(server: &Server, page: &Browser) {
    page.go(&server.url("/devices/new"));
    page.fill("#name", "东门一号机");
    page.fill("#place", "一层东门");
    page.choose("#place_kind", "entrance");
    page.wait_text("[data-placement]", "30");
    page.click("input[name=faces_homes][value=no]");
    page.click("[data-shows='#by-rtsp']");
    page.fill("#url", "rtsp://127.0.0.1:1/stream");
    page.screenshot("device-new-law-zh-1440");
    page.forget_cookies();
    page.click(".form-end .btn-main");
    page.wait_url("/login?next=%2Fdevices%2Fnew");
    page.fill("#login", "zhou-an");
    page.fill("#password", "five green boats at noon");
    page.click("form[action='/login'] button");
    page.wait_url("/devices/new");
    page.wait_js("document.querySelector('#name').value === '东门一号机'", PATIENCE);
    assert_eq!(page.value("#place_kind"), "entrance");
    assert_eq!(page.value("#url"), "rtsp://127.0.0.1:1/stream");
    assert_eq!(page.eval("document.querySelector('input[name=faces_homes][value=no]').checked"), true);
    page.click(".form-end .btn-main");
    page.wait_js("document.querySelector('[data-diagnosis]')", PATIENCE);
    // Nothing listens there: the check ends in words, by itself.
    page.wait_js("document.querySelector('.chain .broken')", PATIENCE);
    page.click("[data-probe]");
    page.wait_js("document.querySelector('[data-probe-result] .notice-critical')", PATIENCE);
    check_page(page);
    check_access(page);
    page.screenshot("device-checked-zh-1440");
    // Elsewhere what was sent does not come back.
    page.go(&server.url("/devices/new"));
    assert_eq!(page.value("#name"), "");
    support::screen::sign_out(page);
}

/// The administrator sees what another province changes, camera by camera, before it is saved.
fn settings(server: &Server, page: &Browser) {
    page.fill("#login", "admin");
    page.fill("#password", "seven quiet herons on the ice");
    page.click("form[action='/login'] button");
    page.wait_js("document.querySelector('[data-menu]')", PATIENCE);
    page.go(&server.url("/settings"));
    page.fill("#address", "哈尔滨市江畔路8号");
    page.click("input[name=trait][value=counter_terror]");
    page.click(".form-end .btn-main");
    page.wait_for("form[action='/settings/save']");
    for lang in ["zh", "en"] {
        if lang == "en" {
            page.click("details.menu[data-menu] > summary");
            page.click("a[data-keep]");
            page.wait_js("document.documentElement.lang === 'en'", PATIENCE);
            page.click_away(".form-end .btn-main");
            page.wait_for("form[action='/settings/save']");
        }
        for (width, height) in [DESK, PHONE] {
            page.window_size(width, height);
            check_page(page);
            check_access(page);
            page.screenshot(&format!("settings-check-{lang}-{width}"));
        }
        page.window_size(DESK.0, DESK.1);
    }
    page.click("form[action='/settings/save'] .btn-main");
    page.wait_for(".flash");
    assert_eq!(page.value("#address"), "哈尔滨市江畔路8号");
}

/// A camera in a place where the law forbids one: refused at once, with the clause, and the form keeps its words.
fn forbidden_place(server: &Server, page: &Browser) {
    page.go(&server.url("/lang/zh?back=%2Fdevices%2Fnew"));
    page.fill("#name", "更衣室");
    page.fill("#place", "二层更衣室");
    let forbidden = page.eval(
        "[...document.querySelectorAll('#place_kind option')].find(o => /更衣|浴|客房/.test(o.textContent))?.value ?? ''",
    );
    page.choose("#place_kind", forbidden.as_str().expect("a value"));
    page.click("input[name=faces_homes][value=no]");
    set(page, "#sign_date", &UtcMs(page.eval("Date.now()").as_i64().unwrap_or(0)).shanghai_date().to_string());
    page.click("input[name=protocol][value=rtsp]");
    page.wait_for("#url");
    page.fill("#url", "rtsp://192.0.2.7:554/stream1");
    page.click("form[action='/devices/new'] .btn-big");
    page.wait_for("main a.clause");
    check_page(page);
    assert_eq!(page.value("#place"), "二层更衣室", "what was typed is kept");
    page.screenshot("device-new-forbidden-zh-1440");
}
