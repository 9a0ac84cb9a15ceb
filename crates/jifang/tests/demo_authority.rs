//! The demo's police in two provinces: over plain HTTP, what stands in the public registers, how a case stands for whoever holds its receipt,
//! and what waits first for an officer; and in a browser somebody who was never there, with two questions: is my installer filed, and how do I
//! see footage? From the first public page that newcomer goes on by links and typed words alone.

use crate::support;

use base::UtcMs;
use serde_json::json;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;
use support::browser::Browser;
use support::http::Client;
use support::people::{send, sent_to};
use support::rig::now;
use support::screen::{check_access, check_page, set};
use support::server::Server;
use support::{PATIENCE, wait_until};

/// The applicant's account of the second server: the last line that the demo prints.
const LAST: &str = "installer ";

/// A server of the police, as the demo prints it.
struct Printed {
    address: SocketAddr,
    passwords: BTreeMap<String, String>,
}

impl Printed {
    fn nobody(&self) -> Client {
        Client::new(self.address)
    }

    #[track_caller]
    fn page(&self, path: &str) -> String {
        self.nobody().get(path).expect(200).text()
    }

    #[track_caller]
    fn signed_in(&self, login: &str) -> Client {
        let mut client = self.nobody();
        let password = self.passwords.get(login).expect("the demo printed it");
        sent_to(send(&mut client, "/login", "/login", &[("login", login), ("password", password)]));
        client
    }
}

/// The servers of the police in the order printed, each once it answers.
fn police(demo: &Server) -> Vec<Printed> {
    demo.wait_line("the last account", |line| line.trim_start().starts_with(LAST).then_some(()));
    let mut found: Vec<Printed> = Vec::new();
    for line in demo.log() {
        if let Some((_, address)) = line.split_once("public site") {
            let address = address.trim().trim_start_matches("http://").trim_end_matches("/public");
            found.push(Printed { address: address.parse().expect("an address"), passwords: BTreeMap::new() });
        } else if let Some(server) = found.last_mut() {
            let mut words = line.split_whitespace().map(str::to_owned);
            if let (Some(login), Some(password)) = (words.next(), words.next()) {
                server.passwords.insert(login, password);
            }
        }
    }
    for server in &found {
        wait_until("the police's server", PATIENCE, || {
            let mut client = Client { timeout: Duration::from_secs(5), ..server.nobody() };
            client.try_request("GET", "/healthz", &[], b"").is_ok_and(|answer| answer.status == 200).then_some(())
        });
    }
    found
}

/// What stands between two marks of a page, after the first.
#[track_caller]
fn between<'a>(page: &'a str, start: &str, end: &str) -> &'a str {
    let rest = page.split_once(start).unwrap_or_else(|| panic!("no {start} in {page:.3000}")).1;
    rest.split_once(end).map_or(rest, |found| found.0)
}

/// The first row of an officer's list.
fn first_case(server: &Printed, login: &str) -> String {
    let list = server.signed_in(login).get("/cases").expect(200).text();
    between(&list, "<tr data-case=", "</tr>").to_owned()
}

#[test]
fn two_provinces_are_looked_at_from_outside_and_from_a_desk() {
    let mut demo = Server::demo();
    let servers = police(&demo);
    let [own, other] = servers.as_slice() else { panic!("two servers, not {}", servers.len()) };

    // The registers of each: who is filed there, and nobody else.
    let sellers = own.page("/public/registers/makers_and_sellers");
    assert!(sellers.contains("哈尔滨示例安防器材商行") && !sellers.contains("沈阳示例"), "{sellers:.3000}");
    assert!(!sellers.contains("哈尔滨示例电子商行"), "not yet filed");
    let installers = other.page("/public/registers/providers");
    assert!(
        installers.contains("沈阳示例安防工程有限公司") && !installers.contains("哈尔滨示例"),
        "{installers:.3000}"
    );
    for server in &servers {
        assert!(server.page("/public").contains("（演示）"));
        assert!(server.page("/public/notices").contains("/public/notices/"), "something was made public");
        // Codes on papers open the pages of this very server.
        let address = server.signed_in("police-admin").get("/public-address").expect(200).text();
        assert!(address.contains(&format!("value=\"http://{}\"", server.address)), "{address:.3000}");
    }

    // An officer's list begins with what nobody decided in time.
    let late = first_case(own, "county-1");
    assert!(late.contains("示例广场西入口") && late.contains("已超过"), "{late}");
    let late = first_case(other, "county-1");
    assert!(late.contains("影院门前安装") && late.contains("已超过"), "{late}");

    // The applicant's receipt opens the state of the case to whoever holds it.
    let mut mall = own.signed_in("mall");
    let mine = mall.get("/my/cases").expect(200).text();
    let case = between(&mine, "href=\"/my/cases/", "\"");
    let receipt = mall.get(&format!("/my/cases/{case}/receipt")).expect(200).text();
    let number = between(&receipt, "data-receipt=\"", "\"");
    let codes: Vec<&str> = receipt.split("class=\"code mono\">").skip(1).map(|rest| between(rest, "", "<")).collect();
    let [shown, code] = codes.as_slice() else { panic!("number and code: {receipt:.3000}") };
    assert_eq!(*shown, number);
    let mut nobody = own.nobody();
    let asked = [("receipt", number), ("code", *code)];
    let place = sent_to(send(&mut nobody, "/public/status", "/public/status", &asked));
    let found = nobody.get(&place).expect(200).text();
    assert!(found.contains("data-answer") && !found.contains("王五"), "{found:.3000}");

    // The guide of the site leads to both.
    let password = demo.wait_line("the manager's password", |line| {
        let mut words = line.split_whitespace();
        (words.next() == Some("manager")).then(|| words.next().map(str::to_owned)).flatten()
    });
    let mut manager = support::people::sign_in(&demo, "manager", &password);
    let guide = manager.get("/welcome").expect(200).text();
    assert!(servers.iter().all(|s| guide.contains(&format!("http://{}/public", s.address))), "{guide:.3000}");
    assert!(demo.log().iter().all(|line| !line.contains("a case of the demo was refused")), "{:#?}", demo.log());
    assert!(demo.stop().success());
}

/// Clicks the first of `css` that one sees with these words, and waits for the page behind it.
#[track_caller]
fn follow(page: &Browser, css: &str, words: &str) {
    let mark = format!(
        "(() => {{ document.querySelectorAll('[data-next]').forEach((e) => e.removeAttribute('data-next')); \
         const found = [...document.querySelectorAll({})].find((e) => e.checkVisibility() && e.innerText.includes({})); \
         found?.setAttribute('data-next', ''); return Boolean(found); }})()",
        json!(css),
        json!(words)
    );
    if page.eval(&mark) != json!(true) {
        page.fail(&format!("no `{css}` says {words}"));
    }
    page.click_away("[data-next]");
    check_page(page);
}

/// The first public page of a server, for whoever comes anew.
#[track_caller]
fn come(page: &Browser, server: &Printed) {
    let home = format!("http://{}/public", server.address);
    page.go(&home);
    // The servers of the demo are one host for a browser: who signed in at one is nobody at the other.
    page.forget_cookies();
    page.go(&home);
    check_page(page);
    check_access(page);
}

/// Types a name into the search of a register.
#[track_caller]
fn look_up(page: &Browser, name: &str) {
    page.fill("#q", name);
    page.click_away("form.filter .btn-main");
    check_page(page);
}

/// Whether a unit is filed, in a register that its name leads to: the answer, and the page of the row with its proof.
#[track_caller]
fn is_filed(page: &Browser, server: &Printed, (register, filed, other): (&str, &str, &str)) {
    come(page, server);
    follow(page, ".tasks a", "有没有备案");
    check_access(page);
    follow(page, "[data-registers] a.strong", register);
    look_up(page, other);
    assert!(page.text("main").contains("没有找到") && !page.has("[data-rows]"), "{other} is not filed yet");
    look_up(page, filed);
    let found = page.text("[data-rows] tbody tr");
    assert!(found.contains(filed) && found.contains("已备案") && !found.contains("警示"), "{found}");
    follow(page, "[data-rows] a.row-link", "");
    assert_eq!(page.text("h1"), filed);
    assert!(page.text(".page-head .actions").contains("已备案") && page.has("[data-proof]"), "{}", page.text("main"));
}

/// A unit that was warned and never filed is not taken for a filed one: in the list and on its own page.
#[track_caller]
fn is_only_warned(page: &Browser, server: &Printed, (register, warned): (&str, &str)) {
    let said = "警示（不表示已备案）";
    come(page, server);
    follow(page, ".tasks a", "有没有备案");
    follow(page, "[data-registers] a.strong", register);
    assert!(page.text("[data-reading]").contains(said), "how it is read: {}", page.text("main"));
    look_up(page, warned);
    let found = page.text("[data-rows] tbody tr");
    assert!(found.contains(warned) && found.contains(said) && !found.contains("有效"), "{found}");
    page.screenshot("warned-list");
    follow(page, "[data-rows] a.row-link", "");
    check_access(page);
    assert_eq!(page.text(".page-head .actions").trim(), said);
    assert!(page.text("[data-others]").contains("没有该单位的备案记录"), "{}", page.text("main"));
    page.screenshot("warned-row");
}

/// An account of one's own, made on the way to a service; it leads back there.
#[track_caller]
fn make_account(page: &Browser) {
    let service = page.url();
    follow(page, ".start-box a", "注册账号");
    assert!(page.text("[data-kinds] [aria-current]").contains("替本人"), "the form of whom the service is for opens");
    register(page);
    assert_eq!(page.url(), service, "one goes on where one was");
}

/// Fills in the form of an account for a person, and goes on.
#[track_caller]
fn register(page: &Browser) {
    let typed = [
        ("#f-login_word", "newcomer"),
        ("#f-person_name", "钱七"),
        ("#f-resident_id", "210102199002030018"),
        ("#f-contact_phone", "024-55550177"),
        ("#password", "four unrelated words"),
        ("#password_again", "four unrelated words"),
    ];
    for (css, text) in typed {
        page.fill(css, text);
    }
    follow(page, ".form-end button", "注册");
    assert!(!page.has("[data-account] .notice-attention"), "{}", page.text("main"));
    follow(page, "[data-account] a.btn-main", "继续");
}

/// Loads the page until it says these words.
#[track_caller]
fn wait_words(page: &Browser, words: &str) {
    wait_until(words, PATIENCE, || {
        page.reload();
        page.text("main").contains(words).then_some(())
    });
}

/// A time as the fields take it, never with seconds that browsers leave out.
fn field_time(at: UtcMs) -> String {
    let at = if at.desk().ends_with(":00") { at.plus_ms(-1_000) } else { at };
    at.desk().replace(' ', "T")
}

/// A newcomer asks the unit through the police's site: receipt, held there, entered and refused by its custodian, told with the reason.
#[track_caller]
fn ask_the_unit(page: &Browser, demo: &Server) {
    let (from, to) = (field_time(now().plus_ms(-600_000)), field_time(now().plus_ms(-2_000)));
    for (css, text) in
        [("#unit", "示范 酒店"), ("#place", "一层大堂"), ("#why", "本人的背包在大堂遗失，查看何时被拿走。")]
    {
        page.fill(css, text);
    }
    set(page, "#from", &from);
    set(page, "#to", &to);
    for choice in ["input[name=relation][value=person]", "input[name=protects][value=property]"] {
        page.click(&format!("label.choice:has({choice})"));
    }
    check_access(page);
    page.screenshot("fresh-relay-form");
    follow(page, ".form-end button", "提交");
    assert!(page.text("[data-number]").contains("查阅〔"), "{}", page.text("main"));
    assert!(page.text("main").contains("公安机关不作决定") && page.text("main").contains("示范酒店"));
    wait_words(page, "单位已经封存");
    page.screenshot("fresh-relay-held");

    let password = demo.wait_line("the custodian's password", |line| {
        let mut words = line.split_whitespace();
        (words.next() == Some("custodian")).then(|| words.next().map(str::to_owned)).flatten()
    });
    let mut custodian = support::people::sign_in(demo, "custodian", &password);
    let list = custodian.get("/use/orders").expect(200).text();
    let order = format!("/use/orders/{}", between(&list, "href=\"/use/orders/", "\""));
    let there = custodian.get(&order).expect(200).text();
    assert!(there.contains("钱七") && there.contains("已封存"), "{there:.3000}");
    let camera = between(&there, "name=\"camera\" value=\"", "\"");
    let (begin, end) = (between(&there, "name=\"from\" value=\"", "\""), between(&there, "name=\"to\" value=\"", "\""));
    let fields = [("camera", camera), ("from", begin), ("to", end), ("need", "1"), ("plain", "1")];
    let request = sent_to(send(&mut custodian, &order, &order, &fields));
    wait_words(page, "单位正在决定");
    // There is no other custodian: the one decides, with the reason.
    let refusal = [("decision", "refuse"), ("reason", "所述时间画面中没有这件物品")];
    sent_to(send(&mut custodian, &request, &format!("{request}/decide"), &refusal));
    wait_words(page, "所述时间画面中没有这件物品");
    assert!(page.has("[data-reason] .clause"), "with the clause: {}", page.text("main"));
    page.screenshot("fresh-relay-refused");
}

/// The application for footage, from the page of its service to the receipt.
#[track_caller]
fn ask_for_footage(page: &Browser) {
    follow(page, ".start-box button", "开始办理");
    page.choose("#f-place_at", "210102");
    follow(page, ".form-end button", "保存并继续");
    page.click("input[name=applicant_kind][value=person]");
    let typed = [
        ("applicant_name", "钱七"),
        ("contact_phone", "024-55550177"),
        ("identity_number", "210102199002030018"),
        ("place", "示例广场东入口"),
        ("interest", "本人在该处遗失背包，需要确认遗失的时间。"),
        ("event_time", "全天"),
    ];
    for (field, text) in typed {
        page.fill(&format!("#f-{field}"), text);
    }
    set(page, "#f-event_day", &now().shanghai_date().to_string());
    follow(page, ".form-end button", "保存并继续");
    // Nobody named a unit: it is found by the place.
    assert!(page.text("[data-held-unit]").contains("示例广场"), "{}", page.text("main"));
    follow(page, ".form-end button", "提交申请");
    let receipt = page.text("[data-receipt]");
    assert!(receipt.contains("受理号") && receipt.contains("查询码"), "{receipt}");
    page.screenshot("fresh-receipt");
    page.go(&page.url().replace("/receipt", "/footage"));
    wait_words(page, "已封存");
    page.screenshot("fresh-held");
}

#[test]
fn a_newcomer_finds_out_who_is_filed_and_how_to_see_footage_in_either_province() {
    let mut demo = Server::demo();
    let servers = police(&demo);
    let [own, other] = servers.as_slice() else { panic!("two servers, not {}", servers.len()) };
    let page = Browser::start();

    // Here installers are not filed, and the page says so; sellers are.
    come(&page, own);
    follow(&page, ".tasks a", "有没有备案");
    let absent = page.text("[data-elsewhere]");
    assert!(absent.contains("设计、安装、维护") && absent.contains("其他省"), "{absent}");
    page.screenshot("fresh-registers");
    is_filed(&page, own, ("销售单位", "哈尔滨示例安防器材商行", "哈尔滨示例电子商行"));
    is_filed(&page, other, ("设计、安装", "沈阳示例安防工程有限公司", "沈阳未备案安防工程有限公司"));
    page.screenshot("fresh-row");
    is_only_warned(&page, other, ("设计、安装", "沈阳示例智能科技有限公司"));

    // Here the unit that runs the cameras decides: it is asked through this site, and nobody is sent to a counter that takes nothing in.
    come(&page, own);
    follow(&page, ".tasks a", "看监控录像");
    check_access(&page);
    let guide = page.text("main");
    assert!(guide.contains("向谁提出") && guide.contains("窗口不受理") && guide.contains("不要账号"), "{guide}");
    page.screenshot("fresh-footage");
    follow(&page, "[data-way] a.btn-quiet", "先注册");
    register(&page);
    assert!(page.url().ends_with("/apply/footage"), "{}", page.url());
    ask_the_unit(&page, &demo);
    come(&page, other);
    follow(&page, ".tasks a", "看监控录像");
    check_access(&page);
    let wanted = "[...document.querySelectorAll('[data-way]')].find((e) => e.querySelector('h2').innerText.includes('申请查看'))\
                  .setAttribute('data-wanted', '')";
    page.eval(wanted);
    follow(&page, "[data-wanted] a.btn-main", "网上申请");
    make_account(&page);
    ask_for_footage(&page);
    page.assert_quiet_console(&[]);
    assert!(demo.stop().success());
}
