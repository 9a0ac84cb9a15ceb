//! The pages of the administrators in a browser: accounts, a change that a second person confirms, accounts from a file; both languages,
//! wide and narrow, light and dark.

use crate::support;

use domain::access::Role;
use std::io::Write;
use support::PATIENCE;
use support::browser::Browser;
use support::http::Client;
use support::people::{make_people, sign_in};
use support::rig::PASSWORD;
use support::screen::{check_page, turn};
use support::server::Server;

const SIZES: [(u32, u32); 2] = [(1440, 900), (390, 844)];

/// One page in both languages, wide and narrow, the English one dark; leaves pictures.
fn everywhere(page: &Browser, server: &Server, who: &Client, name: &str, path: &str) {
    for (lang, tag, theme) in [("zh", "zh-CN", "light"), ("en", "en", "dark")] {
        turn(page, server, who, lang, theme, path);
        assert_eq!(page.page_language(), tag, "{path}");
        for (width, height) in SIZES {
            page.window_size(width, height);
            check_page(page);
            page.screenshot(&format!("{name}-{lang}-{theme}-{width}"));
        }
        page.window_size(SIZES[0].0, SIZES[0].1);
    }
}

fn server_with(people: &[(&str, Role)]) -> Server {
    let mut server = Server::prepared(|data, ports| {
        format!(
            "data = {data:?}\nhttp = \"127.0.0.1:{}\"\n[site]\nsip = \"127.0.0.1:{}\"\ngb_media = \"127.0.0.1:{}\"\n\
             dc09 = \"127.0.0.1:{}\"\nlive = \"127.0.0.1:{}\"\n",
            ports.http, ports.sip, ports.media, ports.dc09, ports.live
        )
    });
    make_people(&server.data(), "示范酒店", people);
    server.start_again();
    server
}

#[test]
fn a_change_waits_for_a_second_administrator_and_accounts_come_from_a_file() {
    let server = server_with(&[("admin", Role::Administrator), ("duty", Role::DutyOfficer)]);
    let page = Browser::start();
    let admin = sign_in(&server, "admin", PASSWORD);
    // Alone: the page says who is missing and why; the seats are filled at once.
    everywhere(&page, &server, &admin, "accounts-missing", "/accounts");
    turn(&page, &server, &admin, "zh", "light", "/accounts");
    page.wait_text("#missing", "安全管理员、审计员");
    let mut codes = Vec::new();
    for (login, role) in [("sec", "security_administrator"), ("audit", "auditor")] {
        page.fill("#name", login);
        page.fill("form[action='/accounts'] #login", login);
        page.click(&format!("input[name=role][value={role}]"));
        page.click("form[action='/accounts'] .btn-main");
        page.wait_text(".notice-attention", login);
        codes.push(page.attribute("[data-copy]", "data-copy").expect("the password is there to copy"));
    }
    assert!(!page.has("#missing"), "all three are there");
    // From now on a further administrator needs a second person.
    page.fill("#name", "钱二");
    page.fill("form[action='/accounts'] #login", "qian");
    page.click("input[name=role][value=administrator]");
    page.click("form[action='/accounts'] .btn-main");
    page.wait_url("/changes");
    page.wait_text("[data-change]", "不能确认自己提出的变更");
    everywhere(&page, &server, &admin, "changes-own", "/changes");
    import(&page, &server, &admin);

    // The security administrator changes the one-time password, then confirms.
    page.forget_cookies();
    page.go(&server.url("/login"));
    page.fill("#login", "sec");
    page.fill("#password", &codes[0]);
    page.click("form[action='/login'] button");
    page.wait_url("/account");
    page.fill("#old", &codes[0]);
    page.fill("#new", "five green boats at noon");
    page.fill("#new_again", "five green boats at noon");
    page.click("form[action='/account/password'] .btn-main");
    page.wait_for(".flash");
    let security = sign_in(&server, "sec", "five green boats at noon");
    everywhere(&page, &server, &security, "changes", "/changes");
    everywhere(&page, &server, &security, "accounts-security", "/accounts");
    turn(&page, &server, &security, "zh", "light", "/changes");
    page.wait_text("[data-change]", "钱二");
    page.click("form[action$='/confirm'] .btn-main");
    page.click("[data-confirm-yes]");
    page.wait_text(".notice-attention", "qian");
    check_page(&page);
    page.screenshot("changes-confirmed-zh-1440");
    page.assert_quiet_console(&["/accounts/import - Failed"]);
}

/// The file is shown row by row with its persons masked, then imported; its faults are told with their lines.
fn import(page: &Browser, server: &Server, admin: &Client) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::File::create(&path).and_then(|mut f| f.write_all(text.as_bytes())).expect("written");
        path
    };
    let head = "登录名,姓名,角色,单位,警号\n";
    let good = file("good.csv", &format!("{head}wu,吴值班,值班员,保安部,\nduty2,郑二,duty_officer,保安部,\n"));
    let bad = file("bad.csv", &format!("{head}!,,皇帝,,\nwang,王警官,民警,,\n"));
    everywhere(page, server, admin, "import", "/accounts/import");
    turn(page, server, admin, "zh", "light", "/accounts/import");
    page.attach("#file", &bad);
    page.click("form[action='/accounts/import'] .btn-main");
    page.wait_text("#faults", "没有这个角色");
    check_page(page);
    page.screenshot("import-faults-zh-1440");
    page.window_size(SIZES[1].0, SIZES[1].1);
    check_page(page);
    page.screenshot("import-faults-zh-390");
    page.window_size(SIZES[0].0, SIZES[0].1);
    turn(page, server, admin, "en", "dark", "/accounts/import");
    page.attach("#file", &good);
    page.click("form[action='/accounts/import'] .btn-main");
    page.wait_text("#rows", "吴**");
    assert!(!page.text("#rows").contains("吴值班"), "masked");
    check_page(page);
    page.screenshot("import-check-en-dark-1440");
    page.window_size(SIZES[1].0, SIZES[1].1);
    check_page(page);
    page.screenshot("import-check-en-dark-390");
    page.window_size(SIZES[0].0, SIZES[0].1);
    page.click("form[action='/accounts/import/confirm'] .btn-main");
    page.wait_for("#made");
    page.wait_js("document.querySelectorAll('#made tbody tr').length === 2", PATIENCE);
    check_page(page);
    page.screenshot("import-made-en-dark-1440");
}
