//! A visit on a phone in a browser: begun, filled in without a server, opened again without a server, sent when it is back, closed into the case.

use crate::support;

use authority::cases::plans::{PlanBody, PlanForm};
use authority::cases::{Beginning, OfficeForm, OfficerForm};
use authority::visits::record::Change;
use authority::visits::{VisitForm, order_form};
use authority::{Authority, By};
use base::{CaseId, CivilDate, Pii};
use domain::access::Role;
use domain::casework::{CaseAct, Channel, Command, Typed, fields_of};
use domain::draw::{PublicDay, PublicForm, Quota};
use domain::inspection::{PlanItem, VisitKind};
use law::{FieldKind, Gate};
use serde_json::Value;
use std::path::Path;
use std::sync::Arc;
use support::PATIENCE;
use support::browser::Browser;
use support::people::{make_people, sign_in};
use support::rig::{PASSWORD, block_on, now, open};
use support::screen::{check_access, check_page};
use support::server::Server;

const CODE: &str = "91350100M000100Y43";

/// Puts a visit that was approved for today into a stopped server.
fn approved(data: &Path) -> CaseId {
    block_on(async {
        let store = open(data).await;
        let gate = Arc::new(Gate::embedded().expect("packs"));
        let authority = Authority::open(store.clone(), "x".into(), Arc::clone(&gate), now).await.expect("opens");
        let mut people = Vec::new();
        let roles = [
            ("admin", Role::Administrator),
            ("one", Role::CaseOfficer),
            ("two", Role::CaseOfficer),
            ("head", Role::CaseApprover),
        ];
        for (login, role) in roles {
            let account = store.account_by_login(login).await.expect("reads").expect("is there").id;
            people.push(By { account, role });
        }
        let [admin, one, two, head]: [By; 4] = people.try_into().expect("four");
        let office = OfficeForm {
            name: "示例分局".into(),
            level: "county".into(),
            division: "230102".into(),
            unit_code: "230102000000".into(),
            ..OfficeForm::default()
        };
        let office = authority.put_office(admin, &office).await.expect("an office");
        for (n, by) in [one, two, head].into_iter().enumerate() {
            let until = CivilDate::parse("2999-12-31");
            let card = OfficerForm { certificate: Pii::new(format!("2301-{n}")), valid_until: until };
            authority.put_officer(admin, by.account, office, &card).await.expect("an officer");
        }
        let today = now().shanghai_date();
        let body = PlanBody {
            items: vec![PlanItem { id: "general".into(), checklist: "general".into() }],
            cap: 2,
            quotas: [("systems".to_owned(), Quota::Count(1))].into(),
            inspectors_per_unit: 2,
            max_per_inspector: 5,
            rest_days: 0,
            after_entries: 3,
            draw_within_days: 30,
            public_source: Some("双色球第2026031期开奖号码".into()),
            public_day: Some(PublicDay { day: today.plus_days(1), hour: None }),
            public_form: PublicForm::parse("rising 6 01-33 rising 1 01-16"),
            public_source_url: None,
            again_of: None,
        };
        let plan = PlanForm { word: "plan-1".into(), year: today.0.year(), title: "年度检查计划".into(), body };
        authority.put_plan(one, &plan).await.expect("a plan");
        let read = store.inspection_plan("plan-1").await.expect("reads").expect("is there").changed;
        authority.publish_plan_as_seen(head, "plan-1", read).await.expect("published");
        let beginning = Beginning {
            procedure: "inspection_b".into(),
            channel: Channel::OwnMotion,
            party: None,
            place: String::new(),
            office: None,
            facts_on: None,
            title: "示例商业".into(),
            again: String::new(),
        };
        let case = authority.begin(one, &beginning).await.expect("a case").case;
        let procedure = gate.packs().procedure("inspection_b").expect("in the packs");
        let text = |f: &law::Field| if f.kind == FieldKind::Day { today.to_string() } else { f.sample.clone() };
        let typed: Typed = fields_of(procedure, "notice").into_iter().map(|f| (f.id.clone(), text(f))).collect();
        let officers = vec![one.account, two.account];
        let act = CaseAct::Done { step: "notice".into(), typed, note: String::new(), officers, on: today };
        let seen = store.case(case).await.expect("reads").expect("is there").events;
        authority.act(one, case, &Command { seen, act }, Vec::new()).await.expect("the notice");
        let form = VisitForm {
            kind: VisitKind::Special,
            item: "general".into(),
            basis: "专项2026-1".into(),
            day: today,
            with: vec![two.account],
            accepts: None,
        };
        authority.ask_visit(one, case, &form).await.expect("asked for");
        authority.approve_visit(head, case).await.expect("approved");
        drop(authority);
        store.close().await;
        case
    })
}

/// Answers every item that is open with what passes.
const ANSWER_ALL: &str = "[...document.querySelectorAll('[data-item]')].filter(i => !i.hasAttribute('data-done')).map(i => { \
    const number = i.querySelector('[data-number]'), first = i.querySelector('input[type=radio]'); \
    if (number) { number.value = '0'; number.dispatchEvent(new Event('input', { bubbles: true })); } else first.click(); return 1; }).length";

/// The place of a photo that the phone keeps, once it has one.
const PLACE_KEPT: &str = "for (let n = 0; n < 100; n++) { \
    const db = await new Promise(ok => { const r = indexedDB.open('jifang-visits'); r.onsuccess = () => ok(r.result); }); \
    const rows = await new Promise(ok => { const r = db.transaction('photos').objectStore('photos').getAll(); r.onsuccess = () => ok(r.result); }); \
    db.close(); \
    const place = rows.map(r => r.place).find(Boolean); \
    if (place) return place; \
    await new Promise(ok => setTimeout(ok, 100)); \
    } return '';";

/// Types into the first item that asks for a number.
fn type_number(text: &str) -> String {
    format!(
        "(() => {{ const n = document.querySelector('[data-number]'); n.value = '{text}'; \
         return n.dispatchEvent(new Event('input', {{ bubbles: true }})); }})()"
    )
}

fn all_sent(page: &Browser) {
    page.wait_js("document.querySelector('[data-sync]').dataset.waits === '0'", PATIENCE);
}

/// All sign on one phone: its own inspector and the unit by what they draw, the other inspector with the own account beside it.
fn all_sign(phone: &Browser, other: &str) {
    let signers = phone.count("[data-signers] [data-sign]");
    assert_eq!(signers, 3);
    for n in 0..signers {
        let sign = format!("[data-signers] [data-sign]:nth-of-type({})", n + 1);
        phone.eval(&format!(
            "document.querySelectorAll('[data-signers] [data-sign]')[{n}].scrollIntoView({{ block: 'center' }})"
        ));
        phone.drag(&format!("{sign} canvas"), (0.2, 0.5), (0.8, 0.6));
        if phone.count(&format!("{sign} [data-sign-confirm]")) == 0 {
            phone.click(&format!("{sign} [data-sign-keep]"));
        } else {
            phone.fill(&format!("{sign} [data-sign-login]"), other);
            phone.fill(&format!("{sign} [data-sign-password]"), PASSWORD);
            phone.click(&format!("{sign} [data-sign-confirm]"));
        }
        phone.wait_for(&format!("{sign} [data-signed]"));
    }
}

/// A server that runs, and a phone on the page of a visit that has just begun.
fn at_the_door() -> (Server, Browser, CaseId) {
    let mut server = Server::prepared(|data, ports| {
        let (http, bus) = (ports.http, ports.spare[0]);
        format!("data = {data:?}\nhttp = \"127.0.0.1:{http}\"\n[authority]\nlisten = \"127.0.0.1:{bus}\"\n")
    });
    let roles = [
        ("admin", Role::Administrator),
        ("one", Role::CaseOfficer),
        ("two", Role::CaseOfficer),
        ("head", Role::CaseApprover),
    ];
    make_people(&server.data(), "示范市公安局", &roles);
    let case = approved(&server.data());
    server.start_again();
    let phone = Browser::start();
    phone.window_size(390, 844);
    phone.go(&server.url("/login"));
    phone.take_cookies(&sign_in(&server, "one", PASSWORD).cookies);
    (server, phone, case)
}

/// The visit is begun on its page, and the page is kept.
fn begin(phone: &Browser, server: &Server, case: CaseId) {
    phone.go(&server.url("/visits"));
    check_page(phone);
    check_access(phone);
    phone.click_away(&format!("[data-visit-card='{case}']"));
    check_page(phone);
    phone.click_away("form[action$='/begin'] button");
    phone.wait_js("document.querySelector('[data-visit]').dataset.ready === 'yes'", PATIENCE);
    phone.wait_js("document.documentElement.dataset.kept === 'yes'", PATIENCE);
    check_page(phone);
    check_access(phone);
    all_sent(phone);
}

/// What was typed is at the server, and the visit may be closed.
fn can_close(phone: &Browser) {
    all_sent(phone);
    phone.wait_js("!document.querySelector('[data-close-visit]').disabled", PATIENCE);
}

/// Everything but signatures and the end; every item passes.
fn filled_in(phone: &Browser) {
    phone.fill("[data-scan]", CODE);
    phone.fill("[data-field='present_name']", "赵六");
    phone.fill("[data-field='present_post']", "保卫部主任");
    phone.eval(ANSWER_ALL);
    phone.wait_js("document.querySelectorAll('[data-item]:not([data-done])').length === 0", PATIENCE);
}

/// Everybody signs, and the visit is closed.
fn sign_and_close(phone: &Browser) {
    all_sign(phone, "two");
    all_sent(phone);
    phone.fill("#unit_name", "赵六");
    can_close(phone);
    phone.click_away("[data-close-visit]");
    phone.wait_for("[data-ended]");
    check_page(phone);
    check_access(phone);
}

/// Opens what the phone keeps of visits; the word of this visit in it.
const OPEN_PHONE: &str = "const db = await new Promise((ok, no) => { const open = indexedDB.open('jifang-visits'); \
    open.onsuccess = () => ok(open.result); open.onerror = () => no(open.error); }); \
    const key = document.body.dataset.login + '/' + document.querySelector('[data-ended]').dataset.ended;";
/// The remark of an item without an answer, once the phone keeps it.
const HALF_KEPT: &str = "const db = await new Promise((ok, no) => { const open = indexedDB.open('jifang-visits'); \
    open.onsuccess = () => ok(open.result); open.onerror = () => no(open.error); }); \
    const key = document.body.dataset.login + '/' + document.querySelector('[data-visit]').dataset.case; let kept; \
    do { await new Promise((ok) => setTimeout(ok, 20)); kept = await new Promise((ok) => { \
    const got = db.transaction('visits').objectStore('visits').get(key); got.onsuccess = () => ok(got.result); }); } \
    while (!kept?.half?.['item/responsible']); db.close(); return kept.half['item/responsible'].remark;";
/// An answer and a photo that were never sent.
const LEAVE_ON_PHONE: &str = "const has = () => new Promise((ok) => { \
    const got = db.transaction('visits').objectStore('visits').getKey(key); got.onsuccess = () => ok(got.result !== undefined); }); \
    while (await has()) await new Promise((ok) => setTimeout(ok, 20)); \
    const tx = db.transaction(['visits', 'photos'], 'readwrite'); \
    tx.objectStore('visits').put({ pending: { present_post: { base: null, value: '经理' } } }, key); \
    tx.objectStore('photos').add({ visit: key, belongs: 'door', taken: 1, sha256: '', blob: new Blob(['x'], { type: 'image/png' }) }); \
    await new Promise((ok) => { tx.oncomplete = ok; }); db.close(); return 1;";
/// How many photos of this visit are on the phone.
const COUNT_ON_PHONE: &str = "const found = db.transaction('photos').objectStore('photos').index('visit').count(key); \
    const n = await new Promise((ok) => { found.onsuccess = () => ok(found.result); }); db.close(); return n;";

#[test]
fn a_visit_is_filled_in_without_a_network_and_nothing_is_lost() {
    let (mut server, phone, case) = at_the_door();
    begin(&phone, &server, case);
    let picture = phone.screenshot("visit");

    // The server is away: everything goes on, and is there after the page was opened again.
    server.stop();
    phone.fill("[data-scan]", CODE);
    phone.fill("[data-field='present_name']", "赵六");
    phone.fill("[data-field='present_post']", "保卫部主任");
    // A remark without an answer yet is there again, also when nobody left its field.
    phone.fill("[data-item='responsible'] [data-remark]", "门口没有人值班");
    assert_eq!(phone.eval_async(HALF_KEPT), "门口没有人值班");
    phone.reload();
    phone.wait_js("document.querySelector('[data-visit]')?.dataset.ready === 'yes'", PATIENCE);
    assert_eq!(phone.value("[data-item='responsible'] [data-remark]"), "门口没有人值班");
    assert_eq!(phone.value("[data-scan]"), CODE);
    phone.stand_at(45.75, 126.65, 20);
    phone.attach("[data-photo='door']", &picture);
    phone.wait_js("document.querySelectorAll(\"[data-photos='door'] canvas\").length === 1", PATIENCE);
    assert_eq!(phone.eval_async(PLACE_KEPT), "45.75000,126.65000 ±20 m");
    phone.eval(ANSWER_ALL);
    phone.wait_js("document.querySelectorAll('[data-item]:not([data-done])').length === 0", PATIENCE);
    // What waits can be read wherever the page stands.
    phone.eval("(() => { window.scrollTo(0, 1500); return 1; })()");
    phone.wait_js(
        "(() => { const at = document.querySelector('[data-sync-text]').getBoundingClientRect(); \
         const top = document.elementFromPoint(at.left + 4, at.top + at.height / 2); \
         return at.top >= 0 && Boolean(top?.closest('[data-sync]')); })()",
        PATIENCE,
    );
    // A number that is taken out again is no answer, whatever was kept before.
    phone.eval(&type_number(""));
    phone.wait_js("document.querySelectorAll('[data-item]:not([data-done])').length === 1", PATIENCE);
    phone.eval(&type_number("0"));
    phone.wait_js("document.querySelectorAll('[data-item]:not([data-done])').length === 0", PATIENCE);
    phone.wait_js("Number(document.querySelector('[data-sync]').dataset.waits) > 4", PATIENCE);
    assert_eq!(
        phone.eval("document.querySelector('[data-close-visit]').disabled"),
        true,
        "nothing is closed before it is sent"
    );
    phone.reload();
    phone.wait_js("document.querySelector('[data-visit]')?.dataset.ready === 'yes'", PATIENCE);
    assert_eq!(phone.value("[data-field='present_name']"), "赵六");
    phone.wait_js("document.querySelectorAll('[data-item]:not([data-done])').length === 0", PATIENCE);
    phone.wait_js("document.querySelectorAll(\"[data-photos='door'] canvas\").length === 1", PATIENCE);

    // It is back: what waited is sent by itself.
    server.start_again();
    all_sent(&phone);
    sign_and_close(&phone);
    phone.wait_text("main", "地点（手机提供）：45.75000,126.65000 ±20 m");
    phone.wait_text("[data-door]", "手工输入单位代码");
    phone.screenshot("visit-closed");
    phone.wait_js("document.documentElement.dataset.gone === 'yes'", PATIENCE);
    let left = phone.eval_async("return (await caches.keys()).filter(k => k.startsWith('jifang-visits')).length");
    assert_eq!(left, 0, "nothing of the page is kept on the phone");

    // What did not arrive before another phone closed the visit is not taken off this one by the page.
    phone.eval_async(&format!("{OPEN_PHONE} {LEAVE_ON_PHONE}"));
    phone.reload();
    phone.wait_for("[data-left]");
    phone.wait_js("document.querySelectorAll('[data-left] a[download]').length === 1", PATIENCE);
    check_page(&phone);
    assert_eq!(phone.eval_async(&format!("{OPEN_PHONE} {COUNT_ON_PHONE}")), 1);
    phone.click_away("[data-left] button");
    phone.wait_js("document.documentElement.dataset.gone === 'yes'", PATIENCE);
    assert_eq!(phone.eval_async(&format!("{OPEN_PHONE} {COUNT_ON_PHONE}")), 0, "a person took it off");
}

/// What the other inspector writes into the record, or what the case has, on a stopped server.
fn on_the_other_side<T>(data: &Path, act: impl AsyncFnOnce(&Authority, By) -> T) -> T {
    block_on(async {
        let store = open(data).await;
        let gate = Arc::new(Gate::embedded().expect("packs"));
        let authority = Authority::open(store.clone(), "x".into(), gate, now).await.expect("opens");
        let account = store.account_by_login("two").await.expect("reads").expect("is there").id;
        let done = act(&authority, By { account, role: Role::CaseOfficer }).await;
        drop(authority);
        store.close().await;
        done
    })
}

#[test]
fn an_order_is_drafted_read_and_signed_without_a_network() {
    let (mut server, phone, case) = at_the_door();
    begin(&phone, &server, case);
    server.stop();
    phone.fill("[data-scan]", CODE);
    phone.fill("[data-field='present_name']", "赵六");
    phone.fill("[data-field='present_post']", "保卫部主任");
    phone.eval(ANSWER_ALL);
    phone.wait_js("document.querySelectorAll('[data-item]:not([data-done])').length === 0", PATIENCE);
    assert_eq!(phone.eval("document.querySelector('[data-order-paper]').hidden"), true, "nothing is drafted");
    phone.eval(
        "(() => { const item = document.querySelector(\"[data-item='responsible']\"); \
         item.querySelector(\"input[value='no']\").click(); item.querySelector('[data-defect]').click(); return 1; })()",
    );
    phone.wait_js("document.querySelectorAll('[data-order-items] input').length === 1", PATIENCE);
    phone.eval("(() => { document.querySelector('[data-order-items] input').click(); return 1; })()");
    phone.fill("#order-defects", "没有确定技防负责人。");
    phone.fill("#order-taker", "赵六");
    phone.eval(
        "(() => { const days = document.querySelector('#order-days'); days.value = '20'; \
         return days.dispatchEvent(new Event('input', { bubbles: true })); })()",
    );
    phone.wait_for("[data-order-paper]");
    let read = "document.querySelector('[data-order-paper]').textContent";
    phone.wait_js(&format!("{read}.includes('没有确定技防负责人。') && {read}.includes('20')"), PATIENCE);
    phone.eval("document.querySelector(\"[data-sign='signature/order']\").scrollIntoView({ block: 'center' })");
    phone.drag("[data-sign='signature/order'] canvas", (0.2, 0.5), (0.8, 0.6));
    phone.click("[data-sign='signature/order'] [data-sign-keep]");
    phone.wait_for("[data-sign='signature/order'] [data-signed]");
    phone.reload();
    phone.wait_js("document.querySelector('[data-visit]')?.dataset.ready === 'yes'", PATIENCE);
    assert_eq!(phone.value("#order-defects"), "没有确定技防负责人。", "it is kept on the phone");
    phone.wait_js("document.querySelector('[data-order-items] input')?.checked === true", PATIENCE);

    // Meanwhile the other inspector has another time to correct.
    on_the_other_side(&server.data(), async |authority: &Authority, two: By| {
        let version = authority.visit(two, case).await.expect("a visit").line.row.version;
        let change = Change { field: "order/correct_days".into(), base: Value::Null, value: "60".into() };
        authority.save_visit(two, case, version, &[change]).await.expect("saved");
    });
    server.start_again();
    phone.wait_js("!document.querySelector('[data-conflicts]').hidden", PATIENCE);
    let sides = "document.querySelector('[data-conflict-list]').textContent";
    phone.wait_js(&format!("{sides}.includes('20') && {sides}.includes('60')"), PATIENCE);
    assert_eq!(phone.value("#order-days"), "20", "what was chosen here stands here");
    // The page's head would lie over it.
    phone.eval("document.querySelector('[data-conflict-list] button').scrollIntoView({ block: 'center' })");
    phone.click("[data-conflict-list] button");
    all_sent(&phone);
    sign_and_close(&phone);
    phone.wait_for("[data-taker]");
    phone.wait_for("[data-make]");
    phone.screenshot("visit-order");
    server.stop();
    let form = on_the_other_side(&server.data(), async |authority: &Authority, two: By| {
        order_form(&authority.case(two, case).await.expect("a case"))
    });
    assert_eq!(form.get("order_defects").map(String::as_str), Some("没有确定责任人。\n没有确定技防负责人。"));
    assert_eq!(form.get("correct_days").map(String::as_str), Some("20"));
}

/// Brings something to the middle of the screen, where the head of the page does not lie over it.
fn centre(phone: &Browser, css: &str) {
    phone.eval(&format!("document.querySelector(\"{css}\").scrollIntoView({{ block: 'center' }})"));
}

/// Whether the phone still keeps the page of this visit.
fn has_page(phone: &Browser, case: CaseId) -> bool {
    let found = format!("return Boolean(await (await caches.open('jifang-visits-1')).match('/visits/{case}'))");
    phone.eval_async(&found) == true
}

#[test]
fn a_refusal_to_sign_is_kept_without_a_network_and_when_the_server_refuses_it() {
    let (mut server, phone, case) = at_the_door();
    begin(&phone, &server, case);
    server.stop();
    filled_in(&phone);
    phone.eval("document.querySelector('#reason').closest('details').open = true");
    phone.fill("#reason", "不认可检查结果");
    phone.fill("#witness", "two");
    phone.wait_js("Number(document.querySelector('[data-sync]').dataset.waits) > 4", PATIENCE);
    phone.reload();
    phone.wait_js("document.querySelector('[data-visit]')?.dataset.ready === 'yes'", PATIENCE);
    assert_eq!((phone.value("#reason"), phone.value("#witness")), ("不认可检查结果".to_owned(), "two".to_owned()));
    assert_eq!(phone.eval("document.querySelector('#reason').closest('details').open"), true, "it is seen");

    // An inspector is no witness: the server says so, and what was typed stands.
    server.start_again();
    all_sent(&phone);
    all_sign(&phone, "two");
    can_close(&phone);
    phone.click_away("[data-close-visit]");
    phone.wait_for(".error-summary");
    phone.wait_js("document.querySelector('[data-visit]')?.dataset.ready === 'yes'", PATIENCE);
    check_page(&phone);
    assert_eq!((phone.value("#reason"), phone.value("#witness")), ("不认可检查结果".to_owned(), "two".to_owned()));
    assert!(phone.url().ends_with(&format!("/visits/{case}")), "a reload opens the page: {}", phone.url());
    assert!(has_page(&phone, case), "the page is kept until the visit is over");
    phone.fill("#witness", "孙七");
    can_close(&phone);
    phone.click_away("[data-close-visit]");
    phone.wait_for("[data-ended]");
    phone.wait_text("[data-ended]", "单位拒绝签名");
    phone.wait_js("document.documentElement.dataset.gone === 'yes'", PATIENCE);
}

#[test]
fn an_end_that_finds_no_server_keeps_everything() {
    let (mut server, phone, case) = at_the_door();
    begin(&phone, &server, case);
    filled_in(&phone);
    all_sent(&phone);
    all_sign(&phone, "two");
    phone.fill("#unit_name", "赵六");
    can_close(&phone);
    server.stop();
    phone.click("[data-close-visit]");
    phone.wait_text("[data-close-state]", "没有网络");
    assert!(phone.url().ends_with(&format!("/visits/{case}")), "the page stays: {}", phone.url());
    assert!(has_page(&phone, case), "and is kept");
    phone.reload();
    phone.wait_js("document.querySelector('[data-visit]')?.dataset.ready === 'yes'", PATIENCE);
    assert_eq!(phone.value("#unit_name"), "赵六");
    phone.wait_js("document.querySelectorAll('[data-item]:not([data-done])').length === 0", PATIENCE);
    server.start_again();
    can_close(&phone);
    phone.click_away("[data-close-visit]");
    phone.wait_for("[data-ended]");
}

#[test]
fn a_signature_that_waits_signs_nothing_when_the_record_was_changed_before_it_was_sent() {
    let (mut server, phone, case) = at_the_door();
    begin(&phone, &server, case);
    server.stop();
    filled_in(&phone);
    let sign = "[data-signers] [data-sign='signature/unit']";
    centre(&phone, sign);
    phone.drag(&format!("{sign} canvas"), (0.2, 0.5), (0.8, 0.6));
    phone.click(&format!("{sign} [data-sign-keep]"));
    phone.wait_for(&format!("{sign} [data-signed]"));

    // Meanwhile the other inspector, who has a network, adds what the unit's person did not see.
    on_the_other_side(&server.data(), async |authority: &Authority, two: By| {
        let version = authority.visit(two, case).await.expect("a visit").line.row.version;
        let change = Change { field: "present_phone".into(), base: Value::Null, value: "024-55550100".into() };
        authority.save_visit(two, case, version, &[change]).await.expect("saved");
    });
    server.start_again();
    phone.wait_js(&format!("document.querySelector(\"{sign} [data-signed]\").hidden"), PATIENCE);
    phone.wait_js("!document.querySelector('[data-item]').disabled", PATIENCE);
    all_sent(&phone);
    assert_eq!(phone.value("[data-field='present_phone']"), "024-55550100");
    sign_and_close(&phone);
}

#[test]
fn a_provisional_paper_is_given_out_without_a_network_and_the_record_says_that_it_is_the_same() {
    let (mut server, phone, case) = at_the_door();
    begin(&phone, &server, case);
    server.stop();
    centre(&phone, "[data-offline-make]");
    phone.click("[data-offline-make]");
    phone.wait_text("[data-offline-state]", "还有没有回答的项");
    filled_in(&phone);
    phone.fill("#unit_name", "赵六");
    // The other inspector and the unit's person draw; nobody's account can be asked.
    // Each says what became of it, which moves what is below: the next is drawn after that.
    for (sign, button, told) in [
        ("[data-signers] [data-sign]:has([data-sign-draw])", "[data-sign-draw]", "没有经本人账号确认"),
        ("[data-signers] [data-sign='signature/unit']", "[data-sign-keep]", "已签名"),
    ] {
        centre(&phone, sign);
        phone.drag(&format!("{sign} canvas"), (0.2, 0.5), (0.8, 0.6));
        phone.click(&format!("{sign} {button}"));
        phone.wait_text(sign, told);
    }
    phone.wait_for("[data-signers] [data-sign='signature/unit'] [data-signed]");
    centre(&phone, "[data-offline-make]");
    phone.click("[data-offline-make]");
    phone.wait_for("[data-offline-text]");
    phone.wait_text("[data-offline-text]", "本稿没有文号");
    phone.wait_text("[data-offline-text]", "签名没有经本人账号确认");
    phone.wait_js("document.querySelectorAll('[data-offline-text] canvas').length === 2", PATIENCE);
    check_page(&phone);
    check_access(&phone);
    let digest = phone.text("[data-offline-text] .hash").trim_start_matches("SHA-256 ").trim().to_owned();
    assert_eq!(digest.len(), 64, "{digest}");
    phone.screenshot("visit-provisional");
    // What is signed is not changed any more; what is changed beside it is told until it is what it was.
    phone.wait_js("document.querySelector(\"[data-field='present_post']\").disabled", PATIENCE);
    phone.wait_js("document.querySelector('[data-item]').disabled", PATIENCE);
    phone.fill("#unit_name", "钱七");
    phone.wait_for("[data-offline-stale]");
    phone.fill("#unit_name", "赵六");
    phone.wait_js("document.querySelector('[data-offline-stale]').hidden", PATIENCE);
    phone.reload();
    phone.wait_js("document.querySelector('[data-visit]')?.dataset.ready === 'yes'", PATIENCE);
    centre(&phone, "[data-offline-make]");
    phone.click("[data-offline-make]");
    phone.wait_text("[data-offline-text] .hash", &digest);

    // The network is back: the own account signs, and the record names the paper.
    server.start_again();
    all_sent(&phone);
    all_sign(&phone, "two");
    can_close(&phone);
    phone.click_away("[data-close-visit]");
    phone.wait_for("[data-ended]");
    phone.wait_text("[data-provisional]", &digest);
    phone.wait_text("[data-provisional]", "内容与本记录一致");
    phone.wait_text("[data-provisional]", "1名检查人员");
}
