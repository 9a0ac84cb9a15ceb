//! A visit on a phone in a browser: begun, filled in without a server, opened again without a server, sent when it is back, closed into the case.

mod support;

use authority::cases::plans::{PlanBody, PlanForm};
use authority::cases::{Beginning, OfficeForm, OfficerForm};
use authority::visits::VisitForm;
use authority::{Authority, By};
use base::{CaseId, CivilDate, Pii};
use domain::access::Role;
use domain::casework::{CaseAct, Channel, Command, Typed, fields_of};
use domain::draw::Quota;
use domain::inspection::{PlanItem, VisitKind};
use law::{FieldKind, Gate};
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
            public_source: None,
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

#[test]
fn a_visit_is_filled_in_without_a_network_and_nothing_is_lost() {
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
    phone.go(&server.url("/visits"));
    check_page(&phone);
    check_access(&phone);
    phone.click_away(&format!("[data-visit-card='{case}']"));
    check_page(&phone);
    phone.click_away("form[action$='/begin'] button");
    phone.wait_js("document.querySelector('[data-visit]').dataset.ready === 'yes'", PATIENCE);
    phone.wait_js("document.documentElement.dataset.kept === 'yes'", PATIENCE);
    check_page(&phone);
    check_access(&phone);
    let picture = phone.screenshot("visit");
    all_sent(&phone);

    // The server is away: everything goes on, and is there after the page was opened again.
    server.stop();
    phone.fill("[data-scan]", CODE);
    phone.fill("[data-field='present_name']", "赵六");
    phone.fill("[data-field='present_post']", "保卫部主任");
    phone.attach("[data-photo='door']", &picture);
    phone.wait_js("document.querySelectorAll(\"[data-photos='door'] canvas\").length === 1", PATIENCE);
    phone.eval(ANSWER_ALL);
    phone.wait_js("document.querySelectorAll('[data-item]:not([data-done])').length === 0", PATIENCE);
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
    let signers = phone.count("[data-sign]");
    assert_eq!(signers, 3);
    for n in 0..signers {
        let sign = format!("[data-sign]:nth-of-type({})", n + 1);
        phone.eval(&format!("document.querySelectorAll('[data-sign]')[{n}].scrollIntoView({{ block: 'center' }})"));
        phone.drag(&format!("{sign} canvas"), (0.2, 0.5), (0.8, 0.6));
        phone.click(&format!("{sign} [data-sign-keep]"));
        phone.wait_for(&format!("{sign} [data-signed]"));
    }
    all_sent(&phone);
    phone.wait_js("!document.querySelector('[data-close-visit]').disabled", PATIENCE);
    phone.fill("#unit_name", "赵六");
    phone.click_away("[data-close-visit]");
    phone.wait_for("[data-ended]");
    check_page(&phone);
    check_access(&phone);
    phone.screenshot("visit-closed");
    phone.wait_js("document.documentElement.dataset.gone === 'yes'", PATIENCE);
    let left = phone.eval_async("return (await caches.keys()).filter(k => k.startsWith('jifang-visits')).length");
    assert_eq!(left, 0, "nothing of the page is kept on the phone");
}
