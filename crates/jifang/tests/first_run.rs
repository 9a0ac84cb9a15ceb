//! A fresh server as its owner meets it: the setup code, pages over TLS with the certificate that it made, a certificate that comes later.

use crate::support;

use rustix::process::{Pid, Signal, kill_process};
use support::PATIENCE;
use support::browser::Browser;
use support::http::Response;
use support::people::{send, sent_to};
use support::rig::PASSWORD;
use support::screen::{check_access, check_page};
use support::server::{Ports, Server};

fn config(data: &str, ports: Ports, more: &str) -> String {
    format!(
        "data = {data:?}\n[site]\nsip = \"127.0.0.1:{}\"\ngb_media = \"127.0.0.1:{}\"\ndc09 = \"127.0.0.1:{}\"\n\
         live = \"127.0.0.1:{}\"\nreserve_bytes = 1000000\n[http]\nlisten = \"127.0.0.1:{}\"\n{more}\n",
        ports.sip, ports.media, ports.dc09, ports.live, ports.http
    )
}

/// What stands in the log after `mark`, up to the next blank.
fn logged(server: &Server, mark: &str) -> String {
    server.wait_line(mark, |line| Some(line.split_once(mark)?.1.split_whitespace().next()?.to_owned()))
}

fn hang_up(server: &Server) {
    let pid = Pid::from_raw(i32::try_from(server.pid()).expect("a process id")).expect("not 0");
    kill_process(pid, Signal::HUP).expect("a child can be signalled");
}

#[test]
fn the_first_run_over_tls_wants_the_code_of_the_console() {
    let mut server = Server::serve(|data, ports| {
        config(data, ports, &format!("[http.tls]\ngenerate = true\nredirect = \"127.0.0.1:{}\"", ports.spare[0]))
    });
    let code = logged(&server, "setup-code ");
    assert_eq!(code, server.setup_code());
    let fingerprint = logged(&server, "sha256=");
    assert!(server.stop().success());
    server.start_again();
    assert_eq!(server.setup_code(), code, "a restart keeps it");
    support::wait_until("the same certificate again", PATIENCE, || {
        (server.log().iter().filter(|line| line.contains(&fingerprint)).count() == 2).then_some(())
    });

    let page = Browser::start();
    // In clear, at the address for that: the browser is led to the encrypted page.
    page.go(&format!("http://127.0.0.1:{}/", server.ports.spare[0]));
    page.wait_url(&format!("https://127.0.0.1:{}/setup", server.ports.http));
    let url = |path: &str| server.url(path).replace("http:", "https:");
    for lang in ["en", "zh"] {
        page.go(&url(&format!("/lang/{lang}?back=/setup")));
        check_page(&page);
        check_access(&page);
        page.wait_text("#code-where", "setup-code");
        page.screenshot(&format!("first-run-code-{lang}-1440"));
    }
    page.window_size(390, 844);
    check_page(&page);
    page.screenshot("first-run-code-zh-390");
    page.window_size(1440, 900);

    page.fill("#code", "AAAA-BBBB-CCCC");
    page.fill("#site_name", "江畔酒店");
    page.click("input[name=jurisdiction][value=heilongjiang]");
    page.fill("#name", "管理员");
    page.fill("#login", "admin");
    page.fill("#password", PASSWORD);
    page.fill("#password_again", PASSWORD);
    page.click("form[action='/setup'] .btn-main");
    page.wait_for(".error-summary a[href='#code']");
    check_page(&page);
    page.screenshot("first-run-code-wrong-zh-1440");
    assert_eq!(page.value("#site_name"), "江畔酒店", "what was typed is kept");
    page.fill("#code", &code.to_lowercase());
    // Setting up a phone is tested elsewhere.
    page.click("input[name=two_step]");
    page.fill("#password", PASSWORD);
    page.fill("#password_again", PASSWORD);
    page.click("form[action='/setup'] .btn-main");
    page.wait_url("/accounts");
    assert!(!server.data().join("setup-code").exists(), "it ends with its use");

    for lang in ["en", "zh"] {
        page.go(&url(&format!("/lang/{lang}?back=/settings")));
        check_page(&page);
        check_access(&page);
        page.wait_text("#connection", &fingerprint);
        page.eval("document.querySelector('#connection').scrollIntoView()");
        page.screenshot(&format!("settings-connection-{lang}-1440"));
    }
    // The command line asks it over TLS too, and believes the certificate that lies in its folder.
    let (file, to) = (server.folder().join("jifang.toml"), server.folder().join("support.txt"));
    let [file, to] = [file, to].map(|path| path.display().to_string());
    let done = support::server::jifang(&["support", "--config", &file, "--to", &to, "--log", &file]);
    assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
    let said = std::fs::read_to_string(&to).expect("readable");
    assert!(said.contains("== health ==\nHTTP/1.1 200 OK\n") && said.contains("jifang_ledger_entries"), "{said}");
    assert_eq!(page.eval("window.isSecureContext"), true, "live pictures and notifications need that");
    page.wait_js("performance.getEntriesByType('navigation')[0].nextHopProtocol === 'http/1.1'", PATIENCE);
    page.assert_quiet_console(&["/setup - Failed"]);
}

#[test]
fn recording_waits_for_no_certificate_and_a_good_one_is_taken_up_by_a_signal() {
    let server = Server::serve(|data, ports| {
        let file = std::path::Path::new(data).with_file_name("given.pem");
        config(data, ports, &format!("[http.tls]\ncertificate = {file:?}\nkey = {file:?}"))
    });
    server.wait_line("the fault", |line| line.contains("one of our own takes its place").then_some(()));
    let own = logged(&server, "sha256=");
    let checked =
        support::server::jifang(&["config", "check", &server.folder().join("jifang.toml").display().to_string()]);
    let told = String::from_utf8_lossy(&checked.stdout).into_owned();
    assert!(checked.status.success() && told.contains("given.pem: cannot be read"), "{told}");
    hang_up(&server);
    server.wait_line("the fault again", |line| line.contains("the old one stays").then_some(()));
    // Any good pair will do: here its own.
    std::fs::copy(server.data().join("keys/pages.pem"), server.folder().join("given.pem")).expect("copied");
    hang_up(&server);
    let read = logged(&server, "certificate for pages read fingerprint=");
    assert_eq!(read.to_uppercase(), own.replace(':', ""));
    assert_eq!(
        server.client().get("/x").expect(308).header("location"),
        Some(server.url("/x").replace("http", "https").as_str())
    );
}

#[test]
fn an_authoritys_server_wants_its_code_too_and_says_that_it_is_in_clear() {
    let server = Server::serve(|data, ports| {
        let more = format!("[authority]\nlisten = \"127.0.0.1:{}\"", ports.spare[0]);
        config(data, ports, &more)
            .replace(&format!("listen = \"127.0.0.1:{}\"", ports.http), &format!("listen = \"0.0.0.0:{}\"", ports.http))
    });
    server.wait_line("the warning", |line| line.contains("pages are not encrypted").then_some(()));
    hang_up(&server);
    let set_up = |code: &str| -> Response {
        let fields = [
            ("code", code),
            ("site_name", "示范市公安局"),
            ("jurisdiction", "heilongjiang"),
            ("name", "管理员"),
            ("login", "police-admin"),
            ("password", PASSWORD),
            ("password_again", PASSWORD),
        ];
        send(&mut server.client(), "/setup", "/setup", &fields)
    };
    set_up("").expect(400);
    let refused = set_up("2222-2222-2222").expect(400);
    assert!(refused.text().contains("设置码不对"), "{}", refused.text());
    assert_eq!(sent_to(set_up(&logged(&server, "setup-code "))), "/");
    assert_eq!(sent_to(server.client().get("/setup")), "/", "once, also after a hang-up signal without TLS");
    let mut admin = support::people::sign_in(&server, "police-admin", PASSWORD);
    let page = admin.get("/settings").expect(200).text();
    assert!(page.contains("未加密") && page.contains("[http.tls]"), "the settings page warns");
}
