//! Upper platforms in a browser: the form with what is wrong in words, the page of one platform, its removal and what the log says of it;
//! the support file from the settings page; both languages, wide and narrow, light and dark.

use crate::support;

use domain::access::Role;
use support::PATIENCE;
use support::browser::Browser;
use support::people::{make_people, sign_in};
use support::rig::PASSWORD;
use support::screen::{check_access, check_page, everywhere, turn};
use support::server::Server;

fn server() -> Server {
    let mut server = Server::prepared(|data, ports| {
        format!(
            "data = {data:?}\nhttp = \"127.0.0.1:{}\"\n[site]\nsip = \"127.0.0.1:{}\"\ngb_media = \"127.0.0.1:{}\"\n\
             dc09 = \"127.0.0.1:{}\"\nlive = \"127.0.0.1:{}\"\n",
            ports.http, ports.sip, ports.media, ports.dc09, ports.live
        )
    });
    let people = [
        ("admin", Role::Administrator),
        ("manager", Role::SecurityManager),
        ("custodian", Role::InformationCustodian),
        ("audit", Role::Auditor),
    ];
    make_people(&server.data(), "示范酒店", &people);
    server.start_again();
    server
}

#[test]
fn a_platform_is_entered_shown_and_removed_on_the_record() {
    let server = server();
    let page = Browser::start();
    let manager = sign_in(&server, "manager", PASSWORD);
    everywhere(&page, &server, &manager, "platforms-empty", "/platforms");
    everywhere(&page, &server, &manager, "platform-new", "/platforms/new");
    // Wrong input: a sentence in the language of the page at its field, and what was typed is still there.
    let fill = |address: &str, code: &str| {
        page.fill("#name", "市公安局视频专网");
        page.choose("#organ", "police");
        page.fill("#need", "市公安局 2026 年第 12 号联网通知");
        page.fill("#platform", code);
        page.fill("#address", address);
        page.fill("#password", "four unrelated words");
        page.choose("#transport", "tcp");
    };
    for (lang, wrong_address, wrong_code) in [
        ("zh", "地址须形如 10.1.2.3:5060", "平台编码须为20位数字"),
        ("en", "The address looks like 10.1.2.3:5060", "A platform code has 20 digits"),
    ] {
        turn(&page, &server, &manager, lang, "light", "/platforms/new");
        fill("police.example:5060", "23010000002000000009");
        page.click("form[action='/platforms/new'] .btn-main");
        page.wait_text(".field.bad", wrong_address);
        assert_eq!(page.value("#address"), "police.example:5060");
        assert_eq!(page.value("#name"), "市公安局视频专网");
        assert_eq!((page.value("#organ"), page.value("#transport")), ("police".into(), "tcp".into()));
        assert_eq!(page.value("#password"), "", "a password is typed again");
        check_page(&page);
        check_access(&page);
        page.screenshot(&format!("platform-wrong-{lang}-1440"));
        page.fill("#address", "127.0.0.1:9");
        page.fill("#platform", "2301");
        page.click("form[action='/platforms/new'] .btn-main");
        page.wait_text(".field.bad", wrong_code);
        assert_eq!((page.value("#platform"), page.value("#address")), ("2301".into(), "127.0.0.1:9".into()));
    }
    // Saved: nobody answers there, and the page says so in words.
    turn(&page, &server, &manager, "zh", "light", "/platforms/new");
    fill(&format!("127.0.0.1:{}", server.ports.spare[0]), "23010000002000000009");
    page.click("form[action='/platforms/new'] .btn-main");
    page.wait_text("main h1", "市公安局视频专网");
    page.wait_text(".flash", "已保存");
    let here = page.url();
    let path = here.split_once("/platforms/").map(|(_, id)| format!("/platforms/{id}")).expect("a platform");
    support::wait_until("the page to say what is wrong", PATIENCE, || {
        page.go(&server.url(&path));
        page.has(".notice-warning").then_some(())
    });
    everywhere(&page, &server, &manager, "platform", &path);
    everywhere(&page, &server, &manager, "platform-edit", &format!("{path}/edit"));
    everywhere(&page, &server, &manager, "platforms", "/platforms");
    // Changing asks for no password again, and keeps the one that is stored.
    turn(&page, &server, &manager, "zh", "light", &format!("{path}/edit"));
    page.fill("#name", "省公安厅视频专网");
    page.click("form[action$='/edit'] .btn-main");
    page.wait_text("main h1", "省公安厅视频专网");
    // Somebody who only sees devices has no button, and no form by its address.
    let mut admin = sign_in(&server, "admin", PASSWORD);
    turn(&page, &server, &admin, "zh", "light", &path);
    assert!(!page.has("form[action$='/remove']") && !page.has(&format!("a[href='{path}/edit']")));
    assert_eq!(admin.get(&format!("{path}/edit")).status, 403);
    // Removing asks first; whoever says no keeps it.
    turn(&page, &server, &manager, "zh", "light", &path);
    page.click("form[action$='/remove'] button");
    page.wait_text("#confirm[open]", "移除后不再向它注册");
    page.screenshot("platform-remove-zh-1440");
    page.click("#confirm button[value='no']");
    page.wait_gone("#confirm[open]");
    page.go(&server.url("/platforms"));
    page.wait_text("main table", "省公安厅视频专网");
    page.go(&server.url(&path));
    page.click("form[action$='/remove'] button");
    page.wait_for("#confirm[open]");
    page.click("[data-confirm-yes]");
    page.wait_text(".flash", "上级平台已移除");
    page.wait_text("main", "还没有上级平台");
    let mut gone = manager.clone();
    assert_eq!(gone.get(&path).status, 404);
    let audit = sign_in(&server, "audit", PASSWORD);
    turn(&page, &server, &audit, "zh", "light", "/log");
    for said in ["新增上级平台：市公安局视频专网", "修改上级平台：省公安厅视频专网", "移除上级平台：省公安厅视频专网"]
    {
        page.wait_text("main table", said);
    }
    page.assert_quiet_console(&["/platforms/new - Failed to load resource"]);
}

#[test]
fn the_administrator_downloads_the_support_file_and_the_log_says_so() {
    let server = server();
    let page = Browser::start();
    let admin = sign_in(&server, "admin", PASSWORD);
    everywhere(&page, &server, &admin, "settings-support", "/settings");
    turn(&page, &server, &admin, "zh", "light", "/settings");
    page.click("#support button");
    let file = page.wait_download(".txt");
    let text = std::fs::read_to_string(&file).expect("readable");
    for part in [
        "== program ==",
        "== health ==\nHTTP/1.1 200",
        "jifang_ledger_entries",
        "site.live = \"127.0.0.1:",
        "account 4",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    let data = server.data().display().to_string();
    for secret in ["manager", "示范酒店", PASSWORD, data.as_str()] {
        assert!(!text.contains(secret), "`{secret}` is in the file");
    }
    // The page stays, and a second one can be had without loading it again.
    page.click("#support button");
    let audit = sign_in(&server, "audit", PASSWORD);
    support::wait_until("both downloads in the log", PATIENCE, || {
        turn(&page, &server, &audit, "zh", "light", "/log");
        (page.text("main table").matches("下载支持文件").count() >= 2).then_some(())
    });
    page.assert_quiet_console(&[]);
}
