//! Alarms at the desk: from the journal to the screen within a second, taken, verified and reported by keyboard; a hold-up that waits
//! for nobody; two persons, two tabs; what every page of it must be.
//!
//! The site and its pages run in this process on a real store, so that signals come through the real journal.

use crate::support;

use base::{CameraId, Pii, UtcMs};
use domain::access::Role;
use domain::alarm::{Class, Event, Protocol, Report, Signal, SourceName};
use serde_json::{Value, json};
use site::accounts::AccountForm;
use site::{Profile, Site, SiteClock, SiteConfig};
use std::net::{Ipv4Addr, SocketAddr};
use store::alarm_sources::{AlarmSource, Zone};
use store::incidents::{OutboxRow, POLICE};
use store::{Store, StoreConfig};
use support::browser::Browser;
use support::screen::check_page;
use support::{PATIENCE, wait_until};
use tokio::runtime::Runtime;

const PASSWORD: &str = "four unrelated words";
/// Longest from the journal to the screen, ms. One second is the promise and the printed value is the measurement; a machine that
/// builds and tests at the same time may be ten times slower.
const SHOWN_MS: i64 = 10_000;

/// A site with its pages.
struct Desk {
    runtime: Runtime,
    site: Site,
    address: SocketAddr,
    said: u8,
    _data: tempfile::TempDir,
}

fn form(login: &str, role: Role, name: &str) -> AccountForm {
    AccountForm {
        login: login.into(),
        name: Pii::new(name.into()),
        badge: (role == Role::PoliceOfficer).then(|| Pii::new("010001".into())),
        unit: "示范银行".into(),
        role,
        password: Pii::new(PASSWORD.into()),
    }
}

impl Desk {
    fn start() -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let data = tempfile::tempdir().expect("a folder");
        let (site, address) = runtime.block_on(async {
            let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
            let clock = SiteClock::start();
            let config = StoreConfig { data: data.path().to_path_buf(), ..StoreConfig::default() };
            let store = Store::open(&config, clock.now().utc).await.expect("opens");
            let config =
                SiteConfig { sip: any, gb_media: any, dc09: any, live: any, reserve_bytes: 0, ..SiteConfig::default() };
            let site = Site::start(store, config, clock).await.expect("starts");
            let law = law::SiteProfile::new(law::Jurisdiction::Heilongjiang);
            let profile = Profile { name: "示范银行".into(), address: String::new(), law };
            site.set_up(&form("admin", Role::Administrator, "管理员"), profile).await.expect("set up");
            for (login, role, name) in [
                ("duty", Role::DutyOfficer, "张伟"),
                ("duty2", Role::DutyOfficer, "李娜"),
                ("manager", Role::SecurityManager, "王主任"),
                ("auditor", Role::Auditor, "赵审计"),
                ("officer", Role::PoliceOfficer, "孙警官"),
            ] {
                site.add_account_locally(&form(login, role, name)).await.expect("an account");
            }
            let listener = tokio::net::TcpListener::bind(any).await.expect("a port");
            let address = listener.local_addr().expect("an address");
            tokio::spawn(web::serve(site.clone(), listener, web::Options::default(), std::future::pending()));
            panel(&site).await;
            (site, address)
        });
        Self { runtime, site, address, said: 0, _data: data }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    fn sign_in(&self, page: &Browser, login: &str) {
        page.forget_cookies();
        page.go(&self.url("/login"));
        page.fill("#login", login);
        page.fill("#password", PASSWORD);
        page.click("form[action='/login'] button");
        page.wait_for("[data-menu]");
    }

    /// A panel says this; answers when.
    fn say(&mut self, class: Class, zone: u32) -> UtcMs {
        self.said += 1;
        let at = self.site.now().utc;
        let signal = Signal {
            received: at,
            said: Some(at.plus_ms(-400)),
            source: SourceName::dc09("1234"),
            protocol: Protocol::Dc09Cid,
            code: "1130".into(),
            event: Event::Alarm(class),
            area: 1,
            zone,
            text: String::new(),
            repeat_key: [self.said; 16],
        };
        self.runtime.block_on(self.site.store().journal().append(vec![signal])).expect("durable");
        at
    }

    fn outbox(&self) -> Vec<OutboxRow> {
        let now = self.site.now().utc;
        self.runtime.block_on(self.site.store().due_reports(POLICE, now, 100)).expect("the outbox")
    }
}

async fn panel(site: &Site) {
    let (now, by) = (site.now().utc, base::AccountId::from_bytes([1; 16]));
    let source = SourceName::dc09("1234");
    let row = AlarmSource {
        source: source.clone(),
        name: "门厅报警主机".into(),
        place: "一层".into(),
        key: None,
        supervision_s: None,
        quirks: "{}".into(),
        lost: None,
        created: now,
        removed: None,
    };
    site.store().put_alarm_source(&row, by, now).await.expect("a panel");
    for (number, name) in [(3, "后门红外"), (4, "后门玻璃破碎"), (9, "柜台紧急按钮")] {
        let zone = Zone {
            source: source.clone(),
            number,
            name: name.into(),
            place: "一层营业厅".into(),
            cameras: vec![CameraId::from_bytes([7; 16])],
        };
        site.store().put_zone(&zone, by, now).await.expect("a zone");
    }
}

/// From now on the page writes down when each alarm came into its list and into its pop-up; its connection of events is there.
fn watch(page: &Browser) {
    connected(page);
    page.eval(
        "(() => { window.came = {}; const look = () => { for (const [k, q] of [['list', '[data-queue] .alarm'], ['pop', '[data-pop] .pop']]) \
         { const n = document.querySelectorAll(q).length; if (n && !window.came[k + n]) window.came[k + n] = Date.now(); } }; \
         look(); new MutationObserver(look).observe(document.body, { childList: true, subtree: true }); return true; })()",
    );
}

/// Waits until the server speaks to the page by itself: it does every few seconds.
fn connected(page: &Browser) {
    page.eval_async(
        "await new Promise(done => document.addEventListener('jifang:clock', done, { once: true })); return true",
    );
}

fn came(page: &Browser, what: &str) -> i64 {
    wait_until(what, PATIENCE, || page.eval(&format!("window.came[{}] ?? null", json!(what))).as_i64())
}

fn focused(page: &Browser) -> String {
    page.eval("`${document.activeElement?.name ?? ''}=${document.activeElement?.value ?? ''}`")
        .as_str()
        .unwrap_or("")
        .into()
}

#[test]
fn a_guard_takes_verifies_and_reports_by_keyboard() {
    let mut desk = Desk::start();
    let page = Browser::start();
    desk.sign_in(&page, "duty");
    page.go(&desk.url("/desk"));
    page.wait_text(".queue", "没有待处理的报警");
    watch(&page);
    let at = desk.say(Class::Burglary, 3);
    let (list, pop) = (came(&page, "list1"), came(&page, "pop1"));
    println!("signal to queue {} ms, to pop-up {} ms", list - at.0, pop - at.0);
    assert!(list - at.0 <= SHOWN_MS && pop - at.0 <= SHOWN_MS, "{} {}", list - at.0, pop - at.0);
    page.wait_text("[data-pop]", "一层营业厅 · 后门红外");
    page.wait_text(".alarm[data-p='2'][data-calls]", "入侵报警");
    page.wait_gone("[data-pop] [data-unseen]");
    page.screenshot("alarms-desk-new");
    check_page(&page);
    // a takes it: the line has a holder, nothing calls any more.
    page.press("a");
    page.wait_text(".alarm", "张伟");
    page.wait_gone("[data-pop] .pop");
    page.press("v");
    page.wait_url("/alarms/");
    page.wait_text(".alarm-clock", "接警");
    // Reporting it unverified is refused, with the clause, on the page itself.
    page.click("form:has(input[value=report]) button");
    page.wait_text("[role=alert]", "尚未复核");
    assert!(page.text("[role=alert]").contains("第二十一条第二款"), "{}", page.text("[role=alert]"));
    check_page(&page);
    page.screenshot("alarm-refused-by-law");
    assert!(desk.outbox().is_empty());
    // The next step lies under Enter: what the camera shows, then the verdict.
    wait_until("the focus on the next step", PATIENCE, || (focused(&page) == "kind=seen_in_video").then_some(()));
    page.press("Enter");
    page.wait_text("main", "视频中看到可疑人员");
    page.wait_js("document.activeElement?.value === 'real'", PATIENCE);
    page.screenshot("alarm-being-verified");
    page.press("Enter");
    page.wait_text("main", "等待回执");
    let due = desk.outbox();
    let [row] = &due[..] else { panic!("{due:?}") };
    let report: Report = serde_json::from_str(&row.body).expect("a report");
    assert_eq!(report.zones.iter().map(|z| z.name.as_str()).collect::<Vec<_>>(), ["后门红外"]);
    assert!(report.decision.is_some() && !report.raised_by_hand);
    page.screenshot("alarm-reported");
    // The receipt comes: the page has it without a hand, and the alarm can be reset.
    let now = desk.site.now().utc;
    desk.runtime.block_on(desk.site.store().report_receipted(row.id, "JQ20260001", now)).expect("stored");
    desk.say(Class::Burglary, 4);
    page.wait_text("main", "JQ20260001");
    page.wait_for("form:has(input[value=close]) button");
    page.click("form:has(input[value=close]) button");
    page.wait_text("main", "已结束");
    page.go(&desk.url("/alarms"));
    page.wait_text("main", "2026-0000001");
    check_page(&page);
    page.assert_quiet_console(&["409", "403"]);
}

#[test]
fn a_hold_up_goes_out_at_once_and_pulses_until_it_is_taken() {
    let mut desk = Desk::start();
    let page = Browser::start();
    desk.sign_in(&page, "duty");
    page.go(&desk.url("/playback"));
    page.wait_for("main");
    watch(&page);
    let at = desk.say(Class::HoldUp, 9);
    let pop = came(&page, "pop1");
    println!("hold-up to pop-up on another page {} ms", pop - at.0);
    assert!(pop - at.0 <= SHOWN_MS, "{}", pop - at.0);
    assert_eq!(desk.outbox().len(), 1, "reported before anybody looked");
    page.wait_js("getComputedStyle(document.querySelector('.pop')).animationName === 'pulse'", PATIENCE);
    // This browser lets it sound; only where one does not, the page asks for a click.
    page.wait_js("document.querySelector('[data-sound-on]').hidden", PATIENCE);
    page.screenshot("alarm-pop-up-elsewhere");
    page.click("[data-take]");
    page.wait_url("/alarms/");
    page.wait_text("main", "不等复核");
    page.wait_gone("[data-pop] .pop");
    page.screenshot("alarm-hold-up");
    // Several at once are all there, the most urgent first.
    for zone in [3, 4] {
        desk.say(Class::Tamper, zone);
        desk.say(Class::Fire, zone);
        desk.say(Class::Environment, zone);
    }
    page.go(&desk.url("/desk"));
    page.wait_js("document.querySelectorAll('[data-queue] .alarm').length === 4", PATIENCE);
    let order = "[...document.querySelectorAll('[data-queue] .alarm')].map(a => a.dataset.p).join('') === '1123'";
    page.wait_js(order, PATIENCE);
    page.screenshot("alarms-desk-several");
}

#[test]
fn two_persons_and_two_tabs() {
    let mut desk = Desk::start();
    let (one, two) = (Browser::start(), Browser::start_in("en-GB,en"));
    desk.sign_in(&one, "duty");
    desk.sign_in(&two, "duty2");
    one.go(&desk.url("/desk"));
    two.go(&desk.url("/desk"));
    one.wait_for(".queue");
    desk.say(Class::Burglary, 3);
    one.wait_for("[data-take]");
    two.wait_for("[data-take]");
    one.press("a");
    // The other desk sees who has it.
    two.wait_text(".alarm", "张伟");
    two.wait_gone("[data-take]");
    let path = two.attribute("[data-queue] .alarm a", "href").expect("a link");
    two.go(&desk.url(&path));
    two.wait_for("#take-reason");
    assert!(!two.has("form:has(input[value=verify])"), "another's alarm is not decided");
    two.fill("#take-reason", "handover at eight");
    two.click(".alarm-head button");
    two.wait_for("form:has(input[value=verify])");
    two.screenshot("alarm-taken-over-en");
    check_page(&two);
    // The first one's page was open in two tabs: neither decides any more.
    one.go(&desk.url(&path));
    one.wait_for("#take-reason");
    // Two tabs of the holder: an old form is answered by what holds now.
    let tab = two.tab();
    let other = two.open_tab();
    two.go(&desk.url(&path));
    two.wait_for("form:has(input[value=verify])");
    two.turn_to(&tab);
    two.fill("#reason", "cat in the yard");
    two.click("button[value=false]");
    two.wait_text("main", "False");
    two.click("form:has(input[value=close]) button");
    two.wait_text("main", "Closed");
    // The other tab follows by itself; what it had in hand is answered by what holds now.
    two.turn_to(&other);
    two.wait_text("main", "Closed");
    two.wait_gone("button[value=test]");
    let late = two.eval_async(&format!(
        "const csrf = document.querySelector('meta[name=csrf]').content;\
         const body = new URLSearchParams({{ csrf, act: 'verify', verdict: 'test', reason: 'again' }});\
         return (await fetch({}, {{ method: 'POST', body }})).status",
        json!(path)
    ));
    assert_eq!(late, json!(409));
    assert!(desk.outbox().is_empty());
    two.assert_quiet_console(&["409"]);
}

#[test]
fn who_may_not_see_alarms_has_none() {
    let desk = Desk::start();
    let page = Browser::start();
    desk.sign_in(&page, "officer");
    assert!(!page.has("a[href='/alarms']") && !page.has("[data-pop]"));
    page.go(&desk.url("/alarms"));
    page.wait_text("main", "无权");
    desk.sign_in(&page, "auditor");
    page.go(&desk.url("/alarms"));
    page.wait_text("main", "还没有报警");
    assert!(!page.has("form[action='/alarms/tests']"));
}

#[test]
fn every_page_of_alarms_in_both_languages_and_three_sizes() {
    let mut desk = Desk::start();
    let page = Browser::start();
    desk.sign_in(&page, "manager");
    let first = desk.say(Class::Burglary, 3);
    for zone in [3, 4, 9] {
        for class in [Class::HoldUp, Class::Tamper, Class::Fire, Class::Environment] {
            desk.say(class, zone);
        }
    }
    let list = wait_until("the queue", PATIENCE, || {
        let list = desk.site.alarms().open();
        (list.len() == 5).then_some(list)
    });
    let burglary = list.iter().find(|o| o.row.incident.opened == first).expect("it");
    let alarm = format!("/alarms/{}", burglary.row.incident.id);
    for lang in ["zh", "en"] {
        page.go(&desk.url(&format!("/lang/{lang}?back=/alarms")));
        for (path, name) in [("/desk", "desk"), (alarm.as_str(), "alarm"), ("/alarms", "alarms")] {
            for (width, height) in [(1440, 900), (390, 844), (1920, 1080)] {
                page.window_size(width, height);
                page.go(&desk.url(path));
                page.wait_for("main");
                page.wait_js("document.querySelectorAll('[data-age]').length === 0 || [...document.querySelectorAll('[data-age]')].every(a => !a.textContent.includes('-'))", PATIENCE);
                check_page(&page);
                page.screenshot(&format!("alarms-{name}-{lang}-{width}"));
            }
        }
    }
    page.window_size(1440, 900);
    // The manager takes it on a light page too, and puts the panel on test.
    page.go(&desk.url("/alarms"));
    page.choose("#test-source", "dc09:1234");
    page.fill("#test-reason", "季度测试");
    page.click("form[action='/alarms/tests'] button");
    page.wait_text("main", "dc09:1234");
    page.wait_for("form[action$='/end'] button");
    page.screenshot("alarms-on-test");
    page.go(&desk.url("/desk"));
    page.wait_for(".on-test");
    let quiet: Value = page.eval("document.querySelectorAll('.on-test').length");
    assert_eq!(quiet, json!(1));
}
