//! The demo's police in two provinces, over plain HTTP: what stands in the public registers, how a case stands for whoever holds its receipt,
//! and what waits first for an officer.

mod support;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;
use support::http::Client;
use support::people::{send, sent_to};
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
    let found = send(&mut nobody, "/public/status", "/public/status", &asked).expect(200).text();
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
