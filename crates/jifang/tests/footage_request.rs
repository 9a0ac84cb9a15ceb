//! A citizen asks for footage: a site and its authority as two processes of the real binary, the application by the pages' own forms.
//!
//! The site's footage is held within seconds of the application, whoever of the two is killed in the middle, and goes again when an officer
//! ends the hold. What is decided in favour becomes an order to show it, the custodian's request, a session with the applicant, an answer, and
//! the step of the case: once, whoever is killed before the answer got through. A person who asks the site itself (Order 799 art. 21) is walked
//! through in a browser: entered and held, decided by another one, shown, with receipt and answer. Who asks it through the
//! authority's site has the footage held and let go the same way, whoever is killed.

use crate::support;

use authority::cases::{OfficeForm, OfficerForm, PartyForm};
use authority::{Authority, By};
use base::{CaseId, CivilDate, ClauseId, Pii, UtcMs};
use domain::access::Role;
use domain::casework::{CaseAct, Command, Typed};
use law::{FieldKind, Gate, Jurisdiction, SiteProfile};
use site::accounts::AccountForm;
use site::{Profile, Site, SiteClock, SiteConfig};
use std::path::Path;
use std::sync::Arc;
use store::logbook::ActFilter;
use support::browser::Browser;
use support::http::{Client, Response};
use support::people::{hidden, send, sent_to, sign_in};
use support::rig::{Kind, PASSWORD, Rig, block_on, now, open};
use support::screen::{check_access, check_page, set};
use support::server::Server;
use support::{PATIENCE, poll, wait_until};

/// The procedures of the province that are about footage: a party that needs evidence, a citizen who wants to see it.
const OF: &str = "evidence_retrieval";
const CITIZEN: &str = "citizen_viewing";
/// Level and code of the office that is competent for each.
const COUNTY: (&str, &str) = ("county", "210102000000");
const STATION: (&str, &str) = ("station", "210102500000");
/// What the authority calls the site.
const UNIT: &str = "示范酒店";

fn form(login: &str, role: Role) -> AccountForm {
    AccountForm {
        login: login.into(),
        name: Pii::new(login.into()),
        badge: None,
        unit: "示例分局".into(),
        role,
        password: Pii::new(PASSWORD.into()),
    }
}

/// Accounts, an office of this level with its code, and an applicant, before the authority's server runs.
async fn staff(data: &Path, (level, code): (&str, &str)) {
    let site = Site::offline(open(data).await, SiteConfig::default(), SiteClock::start()).await.expect("opens");
    let profile =
        Profile { name: "示例分局".into(), address: String::new(), law: SiteProfile::new(Jurisdiction::Liaoning) };
    site.set_up(&form("admin", Role::Administrator), profile).await.expect("first account");
    for (login, role) in [("officer", Role::CaseOfficer), ("head", Role::CaseApprover), ("citizen", Role::Applicant)] {
        site.add_account_locally(&form(login, role)).await.expect("account");
    }
    let store = site.store().clone();
    let gate = Arc::new(Gate::embedded().expect("packs"));
    let authority = Authority::open(store.clone(), "127.0.0.1:1".into(), gate, now).await.expect("opens");
    let mut people = Vec::new();
    for (login, role) in [
        ("admin", Role::Administrator),
        ("officer", Role::CaseOfficer),
        ("citizen", Role::Applicant),
        ("head", Role::CaseApprover),
    ] {
        let account = store.account_by_login(login).await.expect("answers").expect("an account").id;
        people.push(By { account, role });
    }
    let office = OfficeForm {
        name: "示例分局".into(),
        short: "示公".into(),
        level: level.into(),
        division: "210102".into(),
        unit_code: code.into(),
        ..OfficeForm::default()
    };
    let office = authority.put_office(people[0], &office).await.expect("an office");
    let card = OfficerForm { certificate: Pii::new("2101-1".into()), valid_until: CivilDate::parse("2999-12-31") };
    for by in [people[1], people[3]] {
        authority.put_officer(people[0], by.account, office, &card).await.expect("an officer");
    }
    let typed = [("person_name", "赵六"), ("resident_id", "11010519491231002X"), ("contact_phone", "024-55550101")];
    let typed = typed.map(|(id, text)| (id.to_owned(), text.to_owned())).into_iter().collect();
    authority.register_party(people[2], &PartyForm { is_unit: false, typed }).await.expect("a party");
    drop((authority, store));
    site.stop().await;
}

fn police(office: (&str, &str)) -> Server {
    let mut server = Server::prepared(|data, ports| {
        format!(
            "data = {data:?}\nhttp = \"127.0.0.1:{}\"\n[authority]\nlisten = \"127.0.0.1:{}\"\n",
            ports.http, ports.spare[0]
        )
    });
    block_on(staff(&server.data(), office));
    server.start_again();
    server
}

/// A site of this law with one camera that records, an administrator and two custodians.
fn recording(law: SiteProfile) -> Rig {
    let mut rig = Rig::new(&[Kind::GbUdp]);
    let data = rig.server.data();
    block_on(async {
        let store = open(&data).await;
        let profile = Profile { name: "试验单位".into(), address: String::new(), law };
        site::profile::save(&store, &profile, None, now()).await.expect("a profile");
        let site = Site::offline(store, SiteConfig::default(), SiteClock::start()).await.expect("opens");
        for (login, role) in [
            ("admin", Role::Administrator),
            ("custodian", Role::InformationCustodian),
            ("custodian2", Role::InformationCustodian),
        ] {
            site.add_account_locally(&form(login, role)).await.expect("account");
        }
        site.stop().await;
    });
    rig.server.start_again();
    rig.wait_recording(&[0]);
    rig.wait_footage(&[0], now());
    // Rows follow the recording: what is the oldest footage is known once there is one.
    wait_until("a row of footage", PATIENCE * 2, || {
        let line = timeline(&rig)?;
        let spans = line["spans"].as_array().is_some_and(|spans| !spans.is_empty());
        (spans && line["oldest"].is_i64()).then_some(())
    });
    rig
}

/// The text of the element with this data attribute.
#[track_caller]
fn data_text(html: &str, name: &str) -> String {
    let Some((_, rest)) = html.split_once(&format!("data-{name}>")) else { panic!("no data-{name} in {html}") };
    rest.split('<').next().unwrap_or_default().trim().replace("&#43;", "+").replace("&#47;", "/").replace("&#61;", "=")
}

/// The site is admitted under its name, by the two administrators at their pages.
fn join(police: &Server, rig: &Rig) {
    let mut at_police = sign_in(police, "admin", PASSWORD);
    let mut at_site = sign_in(&rig.server, "admin", PASSWORD);
    let connection = data_text(&at_police.get("/sites").expect(200).text(), "connection");
    sent_to(send(&mut at_site, "/link", "/link", &[("link", &connection)]));
    let code = wait_until("the same code on both pages", PATIENCE, || {
        let there = at_police.get("/sites").expect(200).text();
        let here = at_site.get("/link").expect(200).text();
        let asks = there.contains("data-code>") && here.contains("等待公安机关接入");
        asks.then(|| data_text(&there, "code"))
    });
    let html = at_police.get("/sites").expect(200).text();
    let id = html.split("data-site=\"").nth(1).and_then(|r| r.split('"').next()).expect("a site").to_owned();
    let admission = [("code", code.as_str()), ("name", UNIT), ("unit", UNIT), ("jurisdiction", "liaoning")];
    sent_to(send(&mut at_police, "/sites", &format!("/sites/{id}/admit"), &admission));
}

/// Sends a form of a case as the page that holds it has it.
#[track_caller]
fn fill(client: &mut Client, page: &str, path: &str, fields: &[(&str, &str)]) -> Response {
    let shown = client.get(page).expect(200);
    let (csrf, seen) = (hidden(&shown, "csrf"), hidden(&shown, "seen"));
    client.post_form(path, &[&[("csrf", csrf.as_str()), ("seen", seen.as_str())], fields].concat())
}

/// Applies for the footage of today; answers the id of the case.
fn applied(citizen: &mut Client, of: &str) -> String {
    let new = format!("/apply/new?service={of}");
    let begun = send(citizen, &new, "/apply/new", &[("step", of), ("place_at", "210102")]);
    let page = sent_to(begun);
    let gate = Gate::embedded().expect("packs");
    let procedure = gate.packs().procedure(of).expect("a procedure");
    let today = now().shanghai_date().to_string();
    let text = |f: &law::Field| match f.id.as_str() {
        "held_unit" => UNIT.to_owned(),
        "event_time" => "全天".to_owned(),
        _ if f.kind == FieldKind::Day => today.clone(),
        _ => f.sample.clone(),
    };
    let typed: Vec<(&str, String)> = procedure.fields_at("apply").map(|f| (f.id.as_str(), text(f))).collect();
    let mut fields: Vec<(&str, &str)> = typed.iter().map(|(id, text)| (*id, text.as_str())).collect();
    fields.push(("step", "apply"));
    let form = citizen.get(&page).expect(200).text();
    assert!(!form.contains(UNIT), "nobody is given a list of the sites");
    sent_to(fill(citizen, &page, &page, &fields));
    let check = format!("{page}/check");
    let told = citizen.get(&format!("{check}?step=apply")).expect(200).text();
    assert!(told.contains("data-held-unit") && told.contains(UNIT), "which unit is told when it is sent");
    let receipt =
        sent_to(fill(citizen, &format!("{check}?step=apply"), &check, &[("step", "apply"), ("incomplete", "yes")]));
    assert!(receipt.ends_with("/receipt"), "{receipt}");
    page.rsplit('/').next().expect("an id").to_owned()
}

/// The camera's timeline of the last minutes; `None` while the server does not answer.
fn timeline(rig: &Rig) -> Option<serde_json::Value> {
    let range = format!("from={}&to={}", now().0 - 600_000, now().0);
    let path = format!("/api/v1/cameras/{}/timeline?{range}", rig.cameras[0]);
    let answer = rig.manager_client().try_request("GET", &path, &[], b"").ok()?;
    serde_json::from_slice::<serde_json::Value>(&answer.body).ok()
}

/// Reasons of the holds on the camera's footage of the last minutes; `None` while the server does not answer.
fn holds(rig: &Rig) -> Option<Vec<String>> {
    let line = timeline(rig)?;
    let reason = |hold: &serde_json::Value| hold["reason"].as_str().unwrap_or_default().to_owned();
    Some(line.get("holds")?.as_array()?.iter().map(reason).collect())
}

#[test]
fn footage_is_held_from_the_application_on_and_goes_when_a_head_ends_it() {
    let (mut police, mut rig) = (police(COUNTY), recording(SiteProfile::new(Jurisdiction::Heilongjiang)));
    join(&police, &rig);
    let mut citizen = sign_in(&police, "citizen", PASSWORD);
    assert_eq!(holds(&rig), Some(vec![]));
    let case = applied(&mut citizen, OF);
    let held = poll(PATIENCE, || holds(&rig).filter(|h| !h.is_empty()));
    // What the applicant reads says why nothing is held.
    let told = |client: &mut Client| client.get(&format!("/my/cases/{case}/footage")).text();
    let held = held.unwrap_or_else(|| panic!("nothing is held: {}", told(&mut citizen)));
    assert_eq!(held.len(), 1);
    assert!(held[0].starts_with("order 示公〔"), "{held:?}");
    let mine = format!("/my/cases/{case}/footage");
    wait_until("the applicant to be told", PATIENCE, || {
        let page = citizen.get(&mine).expect(200).text();
        assert!(!page.contains("该摄像机最早的录像"), "of no camera by itself");
        (page.contains("已封存") && page.contains("data-held-until")).then_some(())
    });
    // Whoever falls in the middle: what is held stays held, once.
    rig.server.kill();
    police.kill();
    rig.server.start_again();
    police.start_again();
    let again = wait_until("the site to answer again", PATIENCE, || holds(&rig));
    assert_eq!(again, held, "held once");
    let mut head = sign_in(&police, "head", PASSWORD);
    let page = format!("/cases/{case}/footage");
    let html = head.get(&page).expect(200).text();
    let order = html.split("data-release=\"").nth(1).and_then(|r| r.split('"').next()).expect("an order").to_owned();
    // Told while the site is away: it hears of it when it is back.
    rig.server.kill();
    let why = [("order", order.as_str()), ("reason", "申请人已经撤回申请")];
    sent_to(send(&mut head, &page, &format!("{page}/release"), &why));
    rig.server.start_again();
    wait_until("the site to let it go", PATIENCE, || holds(&rig).filter(Vec::is_empty));
}

/// Asks the unit for the footage of the last minute through the authority's site; answers the path of the receipt.
fn handed_on(citizen: &mut Client) -> String {
    let page = "/apply/footage";
    let shown = citizen.get(page).expect(200);
    let (csrf, form) = (hidden(&shown, "csrf"), hidden(&shown, "form"));
    let (from, to) = (field_time(now().plus_ms(-60_000)), field_time(now().plus_ms(-1_000)));
    let fields = [
        ("csrf", csrf.as_str()),
        ("form", form.as_str()),
        ("name", "赵六"),
        ("contact", "024-55550101"),
        ("relation", "person"),
        ("protects", "property"),
        ("why", "本人的背包在走廊遗失"),
        ("unit", UNIT),
        ("place", "走廊"),
        ("from", from.as_str()),
        ("to", to.as_str()),
    ];
    let first = sent_to(citizen.post_form(page, &fields));
    assert_eq!(sent_to(citizen.post_form(page, &fields)), first, "sent twice it is one");
    first
}

#[test]
fn a_persons_own_request_is_handed_on_held_once_and_let_go_whoever_falls_in_between() {
    let (mut police, mut rig) = (police(COUNTY), recording(SiteProfile::new(Jurisdiction::Heilongjiang)));
    join(&police, &rig);
    let mut citizen = sign_in(&police, "citizen", PASSWORD);
    // The site is away: the request waits for it, and nothing is called held.
    rig.server.kill();
    let receipt = handed_on(&mut citizen);
    let page = citizen.get(&receipt).expect(200).text();
    assert!(page.contains("等待单位接收") && page.contains("还没有封存"), "{page:.4000}");
    police.kill();
    police.start_again();
    rig.server.start_again();
    let held = wait_until("the footage to be held", PATIENCE, || holds(&rig).filter(|held| !held.is_empty()));
    assert!(held.len() == 1 && held[0].starts_with("order 查阅〔"), "{held:?}");
    let mut citizen = sign_in(&police, "citizen", PASSWORD);
    wait_until("the person to be told", PATIENCE, || {
        let page = citizen.get(&receipt).expect(200).text();
        (page.contains("单位已经封存") && page.contains("单位已收到")).then_some(())
    });
    rig.server.kill();
    police.kill();
    rig.server.start_again();
    police.start_again();
    assert_eq!(wait_until("the site to answer again", PATIENCE, || holds(&rig)), held, "held once");
    // Taken back while the site is away: it hears of it when it is back.
    rig.server.kill();
    let mut citizen = sign_in(&police, "citizen", PASSWORD);
    sent_to(send(&mut citizen, &receipt, &format!("{receipt}/withdraw"), &[]));
    rig.server.start_again();
    wait_until("the site to let it go", PATIENCE, || holds(&rig).filter(Vec::is_empty));
    let mut custodian = sign_in(&rig.server, "custodian", PASSWORD);
    wait_until("the custodian to read that it was taken back", PATIENCE, || {
        let list = custodian.get("/use/orders").expect(200).text();
        list.contains("申请人已撤回").then_some(())
    });
}

/// The authority's half of a stopped server, and its officer and head.
async fn desk(data: &Path) -> (store::Store, Authority, [By; 2]) {
    let store = open(data).await;
    let gate = Arc::new(Gate::embedded().expect("packs"));
    let authority = Authority::open(store.clone(), "127.0.0.1:1".into(), gate, now).await.expect("opens");
    let mut people = Vec::new();
    for (login, role) in [("officer", Role::CaseOfficer), ("head", Role::CaseApprover)] {
        let account = store.account_by_login(login).await.expect("answers").expect("an account").id;
        people.push(By { account, role });
    }
    (store, authority, [people[0], people[1]])
}

/// Examined, proposed and decided in favour, with the authority's server stopped; `others`: whether their privacy is concerned.
async fn decided(data: &Path, case: CaseId, others: &str) {
    let (store, authority, [officer, head]) = desk(data).await;
    let on = now().shanghai_date();
    let typed = |list: &[(&str, &str)]| -> Typed {
        list.iter().map(|(id, text)| ((*id).to_owned(), (*text).to_owned())).collect()
    };
    let seen = typed(&[("secret", "no"), ("others_privacy", others), ("findings", "权益属实，不属于除外情形。")]);
    let acts = [
        (officer, CaseAct::Done { step: "examine".into(), typed: seen, note: String::new(), officers: vec![], on }),
        (
            officer,
            CaseAct::Propose {
                outcome: "issued".into(),
                typed: typed(&[("allowed_scope", "申请所述时段的全部录像。")]),
                reasons: "权益属实，不属于除外情形。".into(),
                clauses: vec![ClauseId::new("A-25-1")],
            },
        ),
        (
            head,
            CaseAct::Decide {
                outcome: "issued".into(),
                typed: Typed::new(),
                reasons: String::new(),
                clauses: vec![],
                officers: vec![],
                on,
            },
        ),
    ];
    for (by, act) in acts {
        let seen = store.case(case).await.expect("answers").expect("a case").events;
        authority.act(by, case, &Command { seen, act }, Vec::new()).await.expect("done");
    }
    drop(authority);
    store.close().await;
}

/// How often the step of the using unit is done in the case, and who it says showed it; the authority's server is stopped.
async fn shown_in(data: &Path, case: CaseId) -> (usize, String) {
    let (store, authority, [officer, _]) = desk(data).await;
    let view = authority.case(officer, case).await.expect("a case");
    let times = view.case.doings.iter().filter(|d| d.node == "show").count();
    let by = view.case.values_of("show").and_then(|v| v.text("shown_by")).unwrap_or_default().to_owned();
    drop(authority);
    store.close().await;
    (times, by)
}

/// The value that a page's field is offered with.
#[track_caller]
fn offered(page: &Response, field: &str) -> String {
    let html = page.text();
    let mark = format!("id=\"{field}\" name=\"{field}\" value=\"");
    let Some((_, rest)) = html.split_once(&mark) else { panic!("no field {field} in {html}") };
    rest.split('"').next().unwrap_or_default().to_owned()
}

/// The path of the order to show that came to the site.
#[track_caller]
fn order_came(rig: &Rig) -> String {
    let mut custodian = sign_in(&rig.server, "custodian", PASSWORD);
    wait_until("the order to show it", PATIENCE, || {
        let html = custodian.get("/use/orders").expect(200).text();
        let id = html.split("href=\"/use/orders/").nth(1)?.split('"').next()?.to_owned();
        Some(format!("/use/orders/{id}"))
    })
}

/// The custodian asks under the order, another one agrees, the papers are seen; answers the request's path and the end of its footage.
fn session(rig: &Rig, order: &str, covered: bool) -> (Client, String, UtcMs) {
    let mut custodian = sign_in(&rig.server, "custodian", PASSWORD);
    let page = custodian.get(order).expect(200);
    let (from, to) = (offered(&page, "from"), offered(&page, "to"));
    let camera = rig.cameras[0].to_string();
    let fields = [("camera", camera.as_str()), ("from", from.as_str()), ("to", to.as_str())];
    let request = sent_to(send(&mut custodian, order, &format!("{order}/request"), &fields));
    let mut other = sign_in(&rig.server, "custodian2", PASSWORD);
    let grant = [("decision", "approve"), ("end_hours", "2")];
    sent_to(send(&mut other, &request, &format!("{request}/decide"), &grant));
    let show = format!("{request}/show");
    let unseen = send(&mut custodian, &show, &show, &[("paper", "1"), ("visitor", "王五")]);
    assert!(unseen.status >= 400 && unseen.text().contains("A-25-1-f1"), "nothing without the identity card");
    let papers = [("identity", "1"), ("paper", "1"), ("others", "1"), ("visitor", "王五")];
    let view = sent_to(send(&mut custodian, &show, &show, &papers));
    assert_eq!(view, format!("{request}/view"));
    let said = if covered { "画面模糊，不能播放" } else { "没有遮挡他人面部" };
    assert!(custodian.get(&view).expect(200).text().contains(said), "what is shown is said");
    (custodian, request, UtcMs::parse_shanghai(&to).expect("a time"))
}

#[test]
fn what_is_decided_in_favour_is_shown_at_the_site_and_completes_the_case_once() {
    let law = SiteProfile { key_unit: true, ..SiteProfile::new(Jurisdiction::Liaoning) };
    let (mut police, mut rig) = (police(STATION), recording(law));
    join(&police, &rig);
    let mut citizen = sign_in(&police, "citizen", PASSWORD);
    let id = applied(&mut citizen, CITIZEN);
    wait_until("the footage to be held", PATIENCE, || holds(&rig).filter(|h| !h.is_empty()));
    let case = CaseId::parse(&id).expect("an id");
    // Decided while nobody can ask: the order waits for the site.
    police.kill();
    block_on(decided(&police.data(), case, "no"));
    police.start_again();
    let order = order_came(&rig);
    let (mut custodian, request, to) = session(&rig, &order, false);
    let use_id = request.rsplit('/').next().expect("an id").to_owned();
    let play = |custodian: &mut Client, from: UtcMs, to: UtcMs| {
        let range = format!("from={}&to={}&use={use_id}", from.0, to.0);
        custodian.get(&format!("/api/v1/cameras/{}/play.json?{range}", rig.cameras[0]))
    };
    assert_eq!(play(&mut custodian, to.plus_ms(-5_000), to.plus_ms(1_000)).status, 403, "not a second more");
    wait_until("the footage to play", PATIENCE, || {
        let film = play(&mut custodian, to.plus_ms(-60_000), to).expect(200).json();
        film["bytes"].as_u64().filter(|bytes| *bytes > 0).map(|_| ())
    });
    // The authority is away when it is answered, and the site falls before it is back.
    police.kill();
    sent_to(send(&mut custodian, &order, &format!("{order}/finish"), &[("how", "shown")]));
    assert_ne!(play(&mut custodian, to.plus_ms(-5_000), to).status, 200, "the order is over");
    rig.server.kill();
    police.start_again();
    rig.server.start_again();
    let mut citizen = sign_in(&police, "citizen", PASSWORD);
    let mine = format!("/my/cases/{id}/footage");
    wait_until("the applicant to read that it was seen", PATIENCE, || {
        let page = citizen.get(&mine).expect(200).text();
        page.contains("已查看").then_some(())
    });
    // Once, however often it is sent.
    rig.server.kill();
    police.kill();
    let (times, by) = block_on(shown_in(&police.data(), case));
    assert_eq!((times, by.as_str()), (1, "custodian"));
}

#[test]
fn where_others_are_to_be_covered_only_spans_that_were_looked_at_are_shown() {
    let law = SiteProfile { key_unit: true, ..SiteProfile::new(Jurisdiction::Liaoning) };
    let (mut police, mut rig) = (police(STATION), recording(law));
    join(&police, &rig);
    let id = applied(&mut sign_in(&police, "citizen", PASSWORD), CITIZEN);
    wait_until("the footage to be held", PATIENCE, || holds(&rig).filter(|h| !h.is_empty()));
    police.kill();
    block_on(decided(&police.data(), CaseId::parse(&id).expect("an id"), "yes"));
    police.start_again();
    let order = order_came(&rig);
    wait_until("footage of two spans and more", PATIENCE * 2, || {
        let oldest = timeline(&rig)?["oldest"].as_i64()?;
        (now().0 - oldest > 25_000).then_some(())
    });
    let (custodian, request, _) = session(&rig, &order, true);
    let page = Browser::start();
    page.go(&rig.server.url("/login"));
    page.take_cookies(&custodian.cookies);
    page.go(&rig.server.url(&format!("{request}/view")));
    check_page(&page);
    let state = "document.querySelector('.screen').dataset.cover";
    let paused = "document.querySelector('.screen video').paused";
    let there = "[...document.querySelectorAll('.screen .cover')].filter((b) => !b.hidden).length";
    page.wait_js("document.querySelector('.screen video').videoWidth > 0", PATIENCE);
    page.wait_js("!document.querySelector('[data-cover-look]').disabled", PATIENCE);
    page.press("Space");
    page.wait_js(&format!("{state} === 'open' && {paused}"), PATIENCE);
    page.screenshot("use-view-cover-open");
    // The custodian alone looks: a span plays to its end and stops, and only then something may be said of it.
    page.click("[data-cover-look]");
    let followed = "!document.querySelector('[data-cover-nobody]').disabled";
    page.wait_js(&format!("{state} === 'look' && {paused} && {followed}"), PATIENCE);
    // A dot covers nobody and is no box. A box by the pointer; after it the span is followed once more.
    page.drag(".screen", (0.3, 0.3), (0.31, 0.31));
    page.wait_js("document.querySelectorAll('.screen .cover').length === 0", PATIENCE);
    page.drag(".screen", (0.4, 0.4), (0.6, 0.6));
    page.wait_js(&format!("{there} === 1 && !({followed})"), PATIENCE);
    page.screenshot("use-view-cover-look");
    page.click("[data-cover-again]");
    page.wait_js(&format!("{paused} && {followed}"), PATIENCE);
    // Its keys move the box and not the film; what was moved is looked at again.
    let left = "document.querySelector('.screen .cover').style.left";
    page.eval(&format!("document.querySelector('.screen .cover').focus(), window.before = {left}"));
    page.press("ArrowRight");
    page.wait_js(&format!("{left} !== window.before && !({followed})"), PATIENCE);
    page.click("[data-cover-again]");
    page.wait_js(&format!("{paused} && {followed}"), PATIENCE);
    page.click("[data-cover-boxes]");
    page.wait_js("document.querySelector('[data-cover-progress]').textContent.includes('已检查 1 段')", PATIENCE);
    // The box went on into the next span. Shown is what was looked at, and no more.
    page.click("[data-cover-show]");
    page.wait_js(&format!("{state} === 'set' && {paused} && {there} === 1"), PATIENCE);
    page.screenshot("use-view-cover-set");
    page.click("[data-act=toggle]");
    page.wait_js(
        &format!("{state} === 'set' && {paused} && !document.querySelector('[data-cover-told]').hidden"),
        PATIENCE,
    );
    // What is kept on the server is there again when the page is loaded anew.
    page.wait_js("document.querySelector('[data-covering]').dataset.kept === 'yes'", PATIENCE);
    page.go(&rig.server.url(&format!("{request}/view")));
    page.wait_js("document.querySelector('[data-cover-progress]').textContent.includes('已检查 1 段')", PATIENCE);
    page.wait_js("document.querySelectorAll('.screen .cover').length === 1", PATIENCE);
    page.click("form[action$='/end'] button");
    page.click("#confirm [data-confirm-yes]");
    page.wait_url(&order);
    rig.server.kill();
    let acts = block_on(async {
        let store = open(&rig.server.data()).await;
        let filter = ActFilter { kind: Some("session.ended".into()), ..ActFilter::default() };
        let acts = store.acts(&filter, 50).await.expect("answers");
        store.close().await;
        acts
    });
    let said = "检查 1 段，其中确认认不出他人 0 段，画黑框 1 个，播放 1 段";
    assert!(acts.iter().any(|act| act.text.zh.contains(said)), "{acts:?}");
}

/// The page on the site's server in this person's browser, for everybody and wide enough.
fn turn_to(page: &Browser, rig: &Rig, path: &str) {
    page.go(&rig.server.url(path));
    check_page(page);
    check_access(page);
}

/// A time that a field keeps as it was typed: browsers leave out seconds that are none.
fn field_time(at: UtcMs) -> String {
    let at = if at.desk().ends_with(":00") { at.plus_ms(-1_000) } else { at };
    at.desk().replace(' ', "T")
}

#[test]
fn a_person_asks_the_site_itself_and_is_shown_what_was_held_from_then_on() {
    let rig = recording(SiteProfile::new(Jurisdiction::Heilongjiang));
    let mut custodian = sign_in(&rig.server, "custodian", PASSWORD);
    let page = Browser::start();
    page.go(&rig.server.url("/login"));
    page.take_cookies(&custodian.cookies);
    turn_to(&page, &rig, "/use");
    page.click("a[href='/use/person']");
    page.wait_url("/use/person");
    check_page(&page);
    check_access(&page);
    page.screenshot("use-person-zh-1440");
    let tick = |name: &str, value: &str| page.click(&format!("label.choice:has(input[name={name}][value='{value}'])"));
    tick("relation", "guardian");
    for name in ["identity", "proof", "need", "plain"] {
        tick(name, "1");
    }
    page.fill("#visitor", "王五");
    page.fill("#concerned", "王小五");
    page.fill("#purpose", "孩子走失，查看离开的方向");
    tick("camera", &rig.cameras[0].to_string());
    let at = now();
    let (from, to) = (field_time(at.plus_ms(-20_000)), field_time(at.plus_ms(-2_000)));
    set(&page, "#from", &from);
    set(&page, "#to", &to);
    assert_eq!(holds(&rig), Some(vec![]));
    page.click(".form-end .btn-main");
    page.wait_for("[data-person] a[href$='/receipt.pdf']");
    check_page(&page);
    page.screenshot("use-person-taken-zh-1440");
    assert_eq!(holds(&rig).map(|held| held.len()), Some(1), "held from the first minute");
    let request = page.eval("location.pathname").as_str().expect("a path").to_owned();
    assert!(custodian.get(&format!("{request}/receipt.pdf")).expect(200).body.starts_with(b"%PDF-"));
    assert!(!page.has("[data-person] a[href$='/answer.pdf']"), "nothing is decided yet");

    let mut other = sign_in(&rig.server, "custodian2", PASSWORD);
    let grant = [("decision", "approve"), ("end_hours", "2")];
    sent_to(send(&mut other, &request, &format!("{request}/decide"), &grant));
    turn_to(&page, &rig, &request);
    assert!(custodian.get(&format!("{request}/answer.pdf")).expect(200).body.starts_with(b"%PDF-"));
    page.click("a[href$='/show']");
    page.wait_url("/show");
    check_page(&page);
    tick("identity", "1");
    tick("paper", "1");
    page.fill("#visitor", "王五");
    page.screenshot("use-person-show-zh-1440");
    page.click("form[action$='/show'] .btn-main");
    page.wait_url("/view");
    page.wait_for("[data-citizen]");
    let use_id = request.rsplit('/').next().expect("an id").to_owned();
    let (from, to) = (UtcMs::parse_shanghai(&from).expect("a time"), UtcMs::parse_shanghai(&to).expect("a time"));
    let path = format!("/api/v1/cameras/{}/play.json?from={}&to={}&use={use_id}", rig.cameras[0], from.0, to.0);
    wait_until("the footage to play", PATIENCE, || {
        let film = custodian.get(&path).expect(200).json();
        film["bytes"].as_u64().filter(|bytes| *bytes > 0).map(|_| ())
    });
    sent_to(send(&mut custodian, &format!("{request}/view"), &format!("{request}/end"), &[]));
    assert!(custodian.get("/register").expect(200).text().contains("王五"), "the register names who came");
    page.assert_quiet_console(&[]);
}
