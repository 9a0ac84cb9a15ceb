//! People as they meet the pages: a password while it is typed, a phone set up and asked for, sessions, rights to areas, the watch;
//! both languages, three sizes, dark and light.

use crate::support;

use domain::totp;
use std::path::Path;
use support::PATIENCE;
use support::browser::Browser;
use support::people::sign_in;
use support::screen::{Demo, check_page, set, sign_out};

const SIZES: [(u32, u32); 3] = [(1440, 900), (390, 844), (1920, 1080)];

/// The page in both languages and all sizes; ends in Chinese at the desk's size.
fn photograph(page: &Browser, path: &str, name: &str, demo: &Demo) {
    for lang in ["en", "zh"] {
        page.go(&demo.server.url(&format!("/lang/{lang}?back={path}")));
        for (width, height) in SIZES {
            page.window_size(width, height);
            check_page(page);
            page.screenshot(&format!("{name}-{lang}-{width}"));
        }
    }
    page.window_size(SIZES[0].0, SIZES[0].1);
}

/// What the page shows to be typed into a phone.
fn secret(page: &Browser) -> Vec<u8> {
    let text = page.text("[data-secret]");
    let mut bits = Vec::new();
    for b in text.bytes().filter(|b| *b != b' ') {
        let value = if b.is_ascii_uppercase() { b - b'A' } else { b - b'2' + 26 };
        bits.extend((0..5).rev().map(|i| value >> i & 1));
    }
    bits.chunks_exact(8).map(|c| c.iter().fold(0, |n, b| n << 1 | b)).collect()
}

/// The newest step that counts now, after `used`: a code counts once.
fn step_after(used: i64) -> i64 {
    totp::step_of(support::rig::now()).max(used + 1)
}

#[test]
fn a_phone_is_set_up_and_asked_for() {
    let demo = Demo::start();
    let page = Browser::start();
    demo.sign_in(&page, "custodian");
    photograph(&page, "/account", "account", &demo);
    password_while_typing(&page);

    photograph(&page, "/account/two-step", "two-step-begin", &demo);
    page.fill("#password", demo.password("custodian"));
    page.click("form[action='/account/two-step/begin'] button");
    page.wait_for("svg.qr path + path");
    let secret = secret(&page);
    assert_eq!(secret.len(), totp::SECRET_BYTES);
    photograph(&page, "/account/two-step", "two-step-scan", &demo);
    let used = step_after(0);
    page.fill("#code", &totp::code(&secret, used));
    page.click("form[action='/account/two-step/confirm'] button");
    page.wait_for("[data-recovery-codes]");
    assert_eq!(page.count("[data-recovery-codes] li"), totp::RECOVERY_CODES);
    page.screenshot("two-step-codes");
    let recovery = page.text("[data-recovery-codes] li code");
    photograph(&page, "/account/two-step", "two-step-on", &demo);

    sign_out(&page);
    page.fill("#login", "custodian");
    page.fill("#password", demo.password("custodian"));
    page.click("form[action='/login'] button");
    page.wait_url("/login/code");
    photograph(&page, "/login/code", "login-code", &demo);
    page.fill("#code", "000000");
    page.click("form[action='/login/code'] button");
    page.wait_for(".error-summary");
    page.screenshot("login-code-wrong");
    page.fill("#code", &totp::code(&secret, step_after(used)));
    page.click("form[action='/login/code'] button");
    page.wait_url("/welcome");
    sign_out(&page);
    page.fill("#login", "custodian");
    page.fill("#password", demo.password("custodian"));
    page.click("form[action='/login'] button");
    page.wait_url("/login/code");
    page.fill("#code", &recovery);
    page.click("form[action='/login/code'] button");
    page.wait_url("/welcome");
    page.assert_quiet_console(&["/login/code - Failed to load resource"]);
}

/// Each rule says by itself whether it holds, before anything is sent.
fn password_while_typing(page: &Browser) {
    let verdicts = |want: &str| {
        format!(
            "[...document.querySelectorAll('[data-rule]')].map(r => r.dataset.holds === 'true' ? 1 : 0).join('') === '{want}'"
        )
    };
    // Length, name, distinct, common.
    for (typed, want) in [
        ("short", "0111"),
        ("custodian-2026", "1011"),
        ("aaaaaaaaaaaa", "1101"),
        ("Password123!", "1110"),
        ("four unrelated words", "1111"),
    ] {
        page.fill("#new", typed);
        page.wait_js(&verdicts(want), PATIENCE);
        page.screenshot(&format!("account-password-{}", typed.len()));
    }
    page.fill("#new", "");
}

#[test]
fn sessions_and_rights_to_areas_are_seen_and_changed() {
    let demo = Demo::start();
    let page = Browser::start();
    demo.sign_in(&page, "duty");
    // The same account in another browser: this one is told.
    sign_in(&demo.server, "duty", demo.password("duty"));
    page.go(&demo.server.url("/desk"));
    page.wait_for(".bar-end [data-stranger-mark]");
    page.go(&demo.server.url("/devices"));
    page.wait_for("[data-stranger]");
    check_page(&page);
    page.screenshot("stranger");
    page.go(&demo.server.url("/account#sessions"));
    assert_eq!(page.count("#sessions tbody tr"), 2);
    photograph(&page, "/account", "account-sessions", &demo);
    page.click("[data-stranger] button");
    page.wait_gone("[data-stranger]");
    page.click("#sessions .card-head button");
    page.wait_for("#confirm[open]");
    page.click("[data-confirm-yes]");
    page.wait_js("document.querySelectorAll('#sessions tbody tr').length === 1", PATIENCE);

    demo.change_to(&page, "security");
    photograph(&page, "/accounts", "accounts", &demo);
    page.click("#two-step input[value='auditor']");
    page.click_away("#two-step button");
    page.wait_js("document.querySelector('#two-step input[value=auditor]').checked", PATIENCE);
    let areas = page.eval("[...document.querySelectorAll('tbody tr')].find(r => r.textContent.includes('duty')).querySelector('a[href$=\"/areas\"]').getAttribute('href')");
    let areas = areas.as_str().expect("a link").to_owned();
    photograph(&page, &areas, "areas", &demo);
    page.choose("#area0", "一层大堂");
    set(&page, "#begin0", "00:00");
    page.click("form.stack-l .btn-main");
    page.wait_js("location.pathname === '/accounts'", PATIENCE);
    demo.change_to(&page, "duty");
    page.go(&demo.server.url("/desk"));
    page.wait_js("document.querySelectorAll('.cam').length === 1", PATIENCE);
    page.screenshot("desk-one-area");
    // The auditor must set up a phone before anything else.
    sign_out(&page);
    page.fill("#login", "auditor");
    page.fill("#password", demo.password("auditor"));
    page.click("form[action='/login'] button");
    page.wait_url("/account/two-step");
    check_page(&page);
    page.screenshot("two-step-due");
    // The wall ends its live sessions on its way out, when nobody is signed in any more.
    page.assert_quiet_console(&["/whep/"]);
}

#[test]
fn the_watch_passes_from_one_to_the_other() {
    let mut demo = Demo::start();
    let page = Browser::start();
    demo.sign_in(&page, "duty");
    page.go(&demo.server.url("/desk"));
    page.wait_text("[data-on-duty]", "无人在班");
    photograph(&page, "/shift", "shift-free", &demo);
    page.click("form[action='/shift/begin'] button");
    page.wait_text("[data-on-duty]", "吴值");
    page.choose("#to", "manager");
    page.fill("#note", "东门道闸待修，钥匙在柜里。");
    photograph(&page, "/shift", "shift-own", &demo);
    page.choose("#to", "manager");
    page.fill("#note", "东门道闸待修，钥匙在柜里。");
    page.click("form[action='/shift/offer'] button");
    page.wait_for("[data-offer]");
    photograph(&page, "/shift", "shift-offered", &demo);
    demo.change_to(&page, "manager");
    photograph(&page, "/shift", "shift-to-me", &demo);
    page.click("form[action='/shift/accept'] button");
    page.wait_text("[data-on-duty]", "周安");
    photograph(&page, "/shift", "shift-received", &demo);
    page.go(&demo.server.url("/shift/roster"));
    assert_eq!(page.count("tbody tr"), 2);
    photograph(&page, "/shift/roster", "roster", &demo);
    page.go(&demo.server.url("/desk"));
    check_page(&page);
    page.screenshot("desk-on-duty");
    page.assert_quiet_console(&["/whep/"]);
    // Neither the rows nor the log nor what the server says of itself holds a name or what was noted.
    let said = demo.server.log().join("\n");
    assert!(demo.server.stop().success());
    for known in ["吴值", "周安", "王警官", "东门道闸待修"] {
        assert!(!said.contains(known), "the server wrote `{known}`");
        assert_eq!(found_in(&demo.server.data(), known), None, "`{known}` lies open");
    }
}

/// The first file under `folder` that holds `text`, but for footage: pictures hold any bytes.
fn found_in(folder: &Path, text: &str) -> Option<String> {
    for entry in std::fs::read_dir(folder).expect("the data folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            if path.file_name().is_some_and(|n| n == "footage") {
                continue;
            }
            if let Some(found) = found_in(&path, text) {
                return Some(found);
            }
            continue;
        }
        let bytes = std::fs::read(&path).unwrap_or_default();
        if bytes.windows(text.len()).any(|w| w == text.as_bytes()) {
            return Some(path.display().to_string());
        }
    }
    None
}
