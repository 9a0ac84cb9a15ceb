//! Accounts as people meet them in a browser: a password while it is typed, a phone set up and asked for, sessions, rights to areas;
//! both languages, three sizes, dark and light.

mod support;

use base::UtcMs;
use domain::totp;
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

fn code(secret: &[u8], at: UtcMs) -> String {
    totp::code(secret, totp::step_of(at))
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
    // The step before, so that the present one is free for signing in.
    page.fill("#code", &code(&secret, support::rig::now().plus_ms(-totp::STEP_MS)));
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
    page.fill("#code", &code(&secret, support::rig::now()));
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

    demo.change_to(&page, "admin");
    photograph(&page, "/accounts", "accounts", &demo);
    page.click("#two-step input[value='auditor']");
    page.click("#two-step button");
    page.wait_js("document.querySelector('#two-step input[value=auditor]').checked", PATIENCE);
    let areas = page.eval("[...document.querySelectorAll('tbody tr')].find(r => r.textContent.includes('duty')).querySelector('a[href$=\"/areas\"]').getAttribute('href')");
    let areas = areas.as_str().expect("a link").to_owned();
    photograph(&page, &areas, "areas", &demo);
    page.choose("#area0", "一层大堂");
    set(&page, "#begin0", "00:00");
    page.click("form.stack-l .btn-main");
    page.wait_url("/accounts");
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
