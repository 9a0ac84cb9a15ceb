//! People at their forms, over plain HTTP: sign in, send a form with the token of its page, the whole way to an export.
//!
//! Every form is sent as a browser sends it: the page that holds it is asked for first, its hidden token goes along.

use super::http::{Client, Response};
use super::rig::{PASSWORD, block_on, open};
use super::server::Server;
use super::{PATIENCE, wait_until};
use base::{CameraId, Pii, UtcMs};
use domain::access::Role;
use site::accounts::AccountForm;
use site::{Profile, Site, SiteClock, SiteConfig};
use std::path::Path;

/// A unit letter: the program looks at the first bytes only.
const LETTER: &[u8] = b"%PDF-1.4\n% letter of the unit\n";

/// The value of the hidden field `name` of a page.
#[track_caller]
pub fn hidden(page: &Response, name: &str) -> String {
    let html = page.text();
    let mark = format!("name=\"{name}\" value=\"");
    let Some((_, rest)) = html.split_once(&mark) else {
        panic!("status {}, location {:?}, no field {name} in {html}", page.status, page.header("location"));
    };
    rest.split('"').next().unwrap_or_default().to_owned()
}

/// Where an answer sends the browser.
#[track_caller]
pub fn sent_to(answer: Response) -> String {
    let answer = answer.expect(303);
    answer.header("location").expect("a 303 has a location").to_owned()
}

/// Asks for `page`, then sends a form of it to `path`.
#[track_caller]
pub fn send(client: &mut Client, page: &str, path: &str, fields: &[(&str, &str)]) -> Response {
    let csrf = hidden(&client.get(page).expect(200), "csrf");
    client.post_form(path, &[&[("csrf", csrf.as_str())], fields].concat())
}

/// Somebody signed in.
#[track_caller]
pub fn sign_in(server: &Server, login: &str, password: &str) -> Client {
    let mut client = server.client();
    sent_to(send(&mut client, "/login", "/login", &[("login", login), ("password", password)]));
    client
}

/// A time as the forms take it: Beijing time, to the second.
fn typed(at: UtcMs) -> String {
    at.desk().replace(' ', "T")
}

/// Two officers ask for a range with a letter; answers the path of the request, `/use/ID`.
#[track_caller]
pub fn ask(officer: &mut Client, cameras: &[CameraId], from: UtcMs, to: UtcMs) -> String {
    ask_with(officer, ["210001", "210002"], cameras, from, to)
}

/// As [`ask`], by `officer1` and `officer2` with these badges.
#[track_caller]
pub fn ask_with(officer: &mut Client, badges: [&str; 2], cameras: &[CameraId], from: UtcMs, to: UtcMs) -> String {
    let basis = [
        ("step", "basis"),
        ("basis", "criminal_investigation"),
        ("case_number", "A2301-0042"),
        ("unit", "第一派出所"),
        ("purpose", "查明当日经过。"),
    ];
    let step = sent_to(send(officer, "/use/new", "/use/new", &basis));
    let draft = hidden(&officer.get(&step).expect(200), "draft");
    let (from, to) = (typed(from), typed(to));
    let ids: Vec<String> = cameras.iter().map(ToString::to_string).collect();
    let mut scope =
        vec![("draft", draft.as_str()), ("step", "scope"), ("from", &from), ("to", &to), ("want_copy", "1")];
    scope.extend(ids.iter().map(|id| ("camera", id.as_str())));
    let step = sent_to(send(officer, &step, "/use/new", &scope));
    let csrf = hidden(&officer.get(&step).expect(200), "csrf");
    let papers = [
        ("csrf", csrf.as_str()),
        ("draft", &draft),
        ("step", "papers"),
        ("badge", badges[0]),
        ("second_officer", "officer2"),
        ("second_badge", badges[1]),
        ("letter_number", "L-7"),
    ];
    let letter = [("letter", "letter.pdf", "application/pdf", LETTER)];
    let check = sent_to(officer.post_files("/use/new", &papers, &letter));
    sent_to(send(officer, &check, "/use/new/check", &[("draft", &draft)]))
}

/// The whole way: request by two officers, the custodian's grant, both sign in, export, download.
#[track_caller]
pub fn obtain_export(server: &Server, cameras: &[CameraId], from: UtcMs, to: UtcMs) -> Vec<u8> {
    let mut officer = sign_in(server, "officer1", PASSWORD);
    let request = ask(&mut officer, cameras, from, to);
    let mut custodian = sign_in(server, "custodian", PASSWORD);
    let decide = format!("{request}/decide");
    sent_to(send(&mut custodian, &request, &decide, &[("decision", "approve"), ("end_hours", "2")]));
    let signin = format!("{request}/signin");
    for (slot, login, badge) in [("1", "officer1", "210001"), ("2", "officer2", "210002")] {
        let typed = [("slot", slot), ("login", login), ("password", PASSWORD), ("badge", badge)];
        sent_to(send(&mut officer, &signin, &signin, &typed));
    }
    let export = format!("{request}/export");
    let place = sent_to(send(&mut officer, &export, &export, &[]));
    let id = place.rsplit_once("export=").expect("the export is named").1.to_owned();
    wait_until("the export", PATIENCE * 3, || {
        let state = officer.get(&format!("/api/v1/exports/{id}")).expect(200).json();
        assert_ne!(state["state"], "failed", "{state}");
        (state["state"] == "ready").then_some(())
    });
    officer.get(&format!("{request}/exports/{id}")).expect(200).body
}

/// Accounts of a stopped server, as its first-run page and `jifang user` make them.
pub fn make_people(data: &Path, name: &str, list: &[(&str, Role)]) {
    block_on(async {
        let site = Site::offline(open(data).await, SiteConfig::default(), SiteClock::start()).await.expect("opens");
        for (at, (login, role)) in list.iter().enumerate() {
            let form = AccountForm {
                login: (*login).into(),
                name: Pii::new((*login).into()),
                badge: None,
                unit: name.into(),
                role: *role,
                password: Pii::new(PASSWORD.into()),
            };
            if at == 0 {
                let law = law::SiteProfile::new(law::Jurisdiction::Heilongjiang);
                site.set_up(&form, Profile { name: name.into(), address: String::new(), law })
                    .await
                    .expect("first account");
            } else {
                site.add_account_locally(&form).await.expect("account");
            }
        }
        site.stop().await;
    });
}
