//! A site and its authority as two processes of the real binary: admission by two persons, witnessing, and a site that takes its log
//! back.
//!
//! Both have their own data folder, database, log, keys and accounts; they meet on the bus only.

use crate::support;

use domain::access::Role;
use domain::alarm::{Class, Event, Protocol, Signal, SourceName};
use ledger::{Checkpoint, Vkey, WitnessVkey};
use std::path::Path;
use std::time::Duration;
use store::incidents::POLICE;
use support::http::Client;
use support::people::{make_people, send, sent_to, sign_in};
use support::rig::{PASSWORD, block_on, now, open};
use support::server::{Server, jifang};
use support::{PATIENCE, wait_until};

/// A head is witnessed once a second here.
const WITNESSED: Duration = Duration::from_secs(90);

/// The police's server, running.
fn police() -> Server {
    let mut server = Server::prepared(|data, ports| {
        format!(
            "data = {data:?}\nhttp = \"127.0.0.1:{}\"\n[authority]\nlisten = \"127.0.0.1:{}\"\n",
            ports.http, ports.spare[0]
        )
    });
    let roles = [("admin", Role::Administrator), ("police", Role::PoliceDuty), ("audit", Role::Auditor)];
    make_people(&server.data(), "示范市公安局", &roles);
    server.start_again();
    server
}

/// A site's server, running.
fn site() -> Server {
    let mut server = Server::prepared(|data, ports| {
        format!(
            "data = {data:?}\nhttp = \"127.0.0.1:{}\"\n[site]\nsip = \"127.0.0.1:{}\"\ngb_media = \"127.0.0.1:{}\"\n\
             dc09 = \"127.0.0.1:{}\"\nlive = \"127.0.0.1:{}\"\nwitness_s = 1\n",
            ports.http, ports.sip, ports.media, ports.dc09, ports.live
        )
    });
    make_people(&server.data(), "示范酒店", &[("admin", Role::Administrator), ("manager", Role::SecurityManager)]);
    server.start_again();
    server
}

/// The text of the element with this data attribute.
#[track_caller]
fn data_text(html: &str, name: &str) -> String {
    let Some((_, rest)) = html.split_once(&format!("data-{name}>")) else { panic!("no data-{name} in {html}") };
    rest.split('<').next().unwrap_or_default().trim().replace("&#43;", "+").replace("&#47;", "/").replace("&#61;", "=")
}

/// Site and police with the site admitted, by the two administrators at their pages.
fn joined() -> (Server, Server, Client, Client) {
    let (police, site) = (police(), site());
    let (mut at_police, mut at_site) = (sign_in(&police, "admin", PASSWORD), sign_in(&site, "admin", PASSWORD));
    let connection = data_text(&at_police.get("/sites").expect(200).text(), "connection");
    assert!(connection.starts_with("jifang-authority 127.0.0.1:"), "{connection}");
    sent_to(send(&mut at_site, "/link", "/link", &[("link", &connection)]));
    let code = wait_until("the same code on both pages", PATIENCE, || {
        let there = at_police.get("/sites").expect(200).text();
        let here = at_site.get("/link").expect(200).text();
        let asks = there.contains("data-code>") && here.contains("等待公安机关接入");
        asks.then(|| (data_text(&there, "code"), data_text(&here, "code")))
    });
    assert_eq!(code.0, code.1);
    assert_eq!(code.0.len(), 24, "{}", code.0);
    let html = at_police.get("/sites").expect(200).text();
    let id = html.split("data-site=\"").nth(1).and_then(|r| r.split('"').next()).expect("a site").to_owned();
    let admit = format!("/sites/{id}/admit");
    let form = |code| [("code", code), ("name", "示范酒店"), ("unit", "示范派出所"), ("jurisdiction", "heilongjiang")];
    let wrong = send(&mut at_police, "/sites", &admit, &form("0000-0000"));
    assert_eq!(wrong.status, 409, "{}", wrong.text());
    sent_to(send(&mut at_police, "/sites", &admit, &form(&code.1)));
    (police, site, at_police, at_site)
}

/// The cosigned checkpoint of the site, once it covers at least `size` entries.
#[track_caller]
fn cosigned(at_site: &mut Client, size: u64) -> Vec<u8> {
    wait_until("a cosigned checkpoint", WITNESSED, || {
        let answer = at_site.get("/link/checkpoint");
        let head = (answer.status == 200).then(|| Checkpoint::read_unverified(&answer.body).expect("a checkpoint"));
        head.filter(|h| h.size >= size).map(|_| answer.body)
    })
}

fn keys(at_site: &mut Client, at_police: &mut Client) -> (Vkey, WitnessVkey) {
    let vkey = data_text(&at_site.get("/link").expect(200).text(), "vkey");
    let witness = data_text(&at_police.get("/sites").expect(200).text(), "witness-key");
    (Vkey::parse(&vkey).expect("the site's key"), WitnessVkey::parse(&witness).expect("the witness's key"))
}

#[test]
fn two_persons_join_two_servers_and_the_log_is_witnessed_over_restarts() {
    let (mut police, mut site, mut at_police, mut at_site) = joined();
    let note = cosigned(&mut at_site, 1);
    let (vkey, witness) = keys(&mut at_site, &mut at_police);
    let first = Checkpoint::open(&note, &vkey).expect("signed by the site");
    witness.cosigned_at(&note).expect("cosigned by the authority");
    // The authority's server is away: the site works on and says so; back again, the newer head is witnessed.
    police.kill();
    wait_until("the page to say that the authority is away", WITNESSED, || {
        at_site.get("/link").expect(200).text().contains("无法连接公安机关服务器").then_some(())
    });
    police.start_again();
    // Both sides restart in the middle: nothing needs a person.
    site.kill();
    site.start_again();
    let mut at_site = sign_in(&site, "admin", PASSWORD);
    let later = Checkpoint::open(&cosigned(&mut at_site, first.size + 1), &vkey).expect("signed by the site");
    assert!(later.size > first.size);
    // Ended at the authority: the site is told, and no head is taken.
    let mut at_police = sign_in(&police, "admin", PASSWORD);
    let html = at_police.get("/sites").expect(200).text();
    let id = html.split("data-site=\"").nth(1).and_then(|r| r.split('"').next()).expect("a site").to_owned();
    sent_to(send(&mut at_police, "/sites", &format!("/sites/{id}/close"), &[]));
    wait_until("the site to be told that it was ended", WITNESSED, || {
        at_site.get("/link").expect(200).text().contains("已被停止接入").then_some(())
    });
}

#[test]
fn a_site_that_takes_its_log_back_is_caught_and_both_heads_prove_it() {
    let (police, mut site, mut at_police, mut at_site) = joined();
    let (vkey, witness) = keys(&mut at_site, &mut at_police);
    let old = Checkpoint::open(&cosigned(&mut at_site, 1), &vkey).expect("signed by the site");
    // A copy of everything, as a backup would be, while the server is stopped.
    site.stop();
    let backup = site.folder().join("backup");
    copy(&site.data(), &backup);
    site.start_again();
    let mut at_site = sign_in(&site, "admin", PASSWORD);
    let witnessed = cosigned(&mut at_site, old.size + 2);
    // What happened since is taken back: the old folder in place of the new one, and other things happen.
    site.stop();
    std::fs::remove_dir_all(site.data()).expect("removed");
    std::fs::rename(&backup, site.data()).expect("put back");
    site.start_again();
    let mut at_site = sign_in(&site, "admin", PASSWORD);
    wait_until("the site to be told that its log contradicts", WITNESSED, || {
        at_site.get("/link").expect(200).text().contains("日志与见证不一致").then_some(())
    });
    let html = wait_until("the authority's page to say so", WITNESSED, || {
        let html = at_police.get("/sites").expect(200).text();
        html.contains("日志被").then_some(html)
    });
    let heads = {
        let mut links = html.split("href=\"/sites/").skip(1).filter_map(|r| r.split('"').next());
        links.find(|l| l.contains("/heads/")).expect("a download").to_owned()
    };
    let both = at_police.get(&format!("/sites/{heads}")).expect(200).text();
    assert_eq!(both.matches(&format!("— {} ", vkey.name())).count(), 2, "two signatures of the site's own key: {both}");
    assert!(both.contains(witness.name()), "and the witness's on the first");
    // An outsider with the site's files and the witnessed head finds the same.
    site.stop();
    let seen = site.folder().join("seen");
    std::fs::write(&seen, &witnessed).expect("written");
    let (data, seen) = (site.data().display().to_string(), seen.display().to_string());
    let args = ["ledger", "verify", "--data", &data, "--seen", &seen];
    let verdict = jifang(&args);
    let said = String::from_utf8_lossy(&verdict.stdout).into_owned();
    assert_eq!(verdict.status.code(), Some(1), "{said}");
    assert!(said.contains("witnessed head"), "{said}");
    drop(police);
}

/// The drill of a disaster: the site comes back from a backup that is older than what was witnessed.
#[test]
fn a_restored_site_is_told_and_its_new_line_is_accepted_by_a_person() {
    let (police, mut site, mut at_police, mut at_site) = joined();
    let (vkey, _) = keys(&mut at_site, &mut at_police);
    let old = Checkpoint::open(&cosigned(&mut at_site, 1), &vkey).expect("signed by the site");
    let word = site.folder().join("word");
    std::fs::write(&word, "a sentence for the backup").expect("written");
    let (config, to) = (site.folder().join("jifang.toml"), site.folder().join("backup"));
    let [config, to, word] = [&config, &to, &word].map(|p| p.display().to_string());
    let made = jifang(&["backup", "--config", &config, "--to", &to, "--passphrase-file", &word]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stdout));
    // More happens and is witnessed; then the machine is lost.
    let printed = String::from_utf8_lossy(&made.stdout).into_owned();
    let kept = printed.lines().find_map(|l| l.strip_prefix("entries")?.trim().parse::<u64>().ok()).expect("a size");
    assert!(kept >= old.size, "{printed}");
    sign_in(&site, "admin", PASSWORD);
    let mut again = sign_in(&site, "manager", PASSWORD);
    let witnessed = Checkpoint::open(&cosigned(&mut again, kept + 2), &vkey).expect("signed by the site");
    site.kill();
    std::fs::remove_dir_all(site.data()).expect("lost");
    let done = jifang(&["restore", "--config", &config, "--from", &to, "--passphrase-file", &word]);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stdout));
    site.start_again();
    let mut at_site = sign_in(&site, "admin", PASSWORD);
    // Both sides say it in words, and nothing is witnessed.
    wait_until("the site to say what happened and what to do", WITNESSED, || {
        let html = at_site.get("/link").expect(200).text();
        (html.contains("由备份恢复") && html.contains("接入单位")).then_some(())
    });
    let (id, leaf) = wait_until("the authority to be asked", WITNESSED, || {
        let html = at_police.get("/sites").expect(200).text();
        let action =
            html.split("action=\"/sites/").find(|r| r.contains("/accept\"") && r.find("/accept\"") < r.find('>'))?;
        let mut parts = action.split('/');
        Some((parts.next()?.to_owned(), parts.nth(1)?.to_owned()))
    });
    let accept = format!("/sites/{id}/heads/{leaf}/accept");
    let empty = send(&mut at_police, "/sites", &accept, &[("why", " ")]);
    assert_eq!(empty.status, 400, "{}", empty.text());
    sent_to(send(&mut at_police, "/sites", &accept, &[("why", "电话核实：服务器硬盘损坏，恢复昨日备份。")]));
    // From here on the new line is witnessed, and the site says so no more.
    let html = wait_until("the new line to be witnessed", WITNESSED, || {
        let html = at_site.get("/link").expect(200).text();
        (!html.contains("日志与见证不一致")).then_some(html)
    });
    assert!(html.contains("已接入"), "{html}");
    let note = wait_until("a cosigned head of the new line", WITNESSED, || {
        let answer = at_site.get("/link/checkpoint");
        let head = Checkpoint::open(&answer.body, &vkey).ok()?;
        (head.size > old.size && head.root != witnessed.root).then_some(head)
    });
    assert!(note.size > old.size);
    assert!(at_police.get("/sites").expect(200).text().contains("恢复后的日志已认可"));
    let mut auditor = sign_in(&police, "audit", PASSWORD);
    assert!(auditor.get("/log").expect(200).text().contains("认可使用单位"));
}

/// Hold-ups of as many panels, durable in the journal of a stopped site: each becomes an incident and a report by itself.
fn hold_ups(data: &Path, first: u32, count: u32) {
    let signal = |n: u32| Signal {
        received: now(),
        said: None,
        source: SourceName::dc09(&n.to_string()),
        protocol: Protocol::Dc09Cid,
        code: "1120".into(),
        event: Event::Alarm(Class::HoldUp),
        area: 1,
        zone: 1,
        text: String::new(),
        // Its own for each, as the journal takes an equal one for a repeat.
        repeat_key: u128::from(n + 1).to_be_bytes(),
    };
    block_on(async {
        let store = open(data).await;
        store.journal().append((first..first + count).map(signal).collect()).await.expect("durable");
        store.close().await;
    });
}

/// Hold-ups of one round.
const PER_ROUND: u32 = 8;

/// Kills by turns the site and the police in the middle of a burst. `JIFANG_KILL_ROUNDS` asks for more rounds than a quick run has.
#[test]
fn every_report_arrives_once_whoever_is_killed_when() {
    let rounds: u32 = std::env::var("JIFANG_KILL_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(3);
    let (mut police, mut site, _, mut at_site) = joined();
    for round in 0..rounds {
        site.stop();
        hold_ups(&site.data(), round * PER_ROUND, PER_ROUND);
        site.start_again();
        std::thread::sleep(Duration::from_millis(u64::from(round * 170 % 900)));
        let killed = if round % 2 == 0 { &mut site } else { &mut police };
        killed.kill();
        killed.start_again();
    }
    let mut at_police = sign_in(&police, "police", PASSWORD);
    let wanted = u64::from(rounds * PER_ROUND);
    let open_there = |at_police: &mut Client| at_police.get("/api/v1/inbox").expect(200).json()["open"].as_u64();
    wait_until("every report in the inbox", Duration::from_secs(240), || {
        (open_there(&mut at_police) >= Some(wanted)).then_some(())
    });
    // The last receipts are on their way back; the site says when none is waited for.
    wait_until("every receipt at the site", Duration::from_secs(120), || {
        let html = at_site.get("/link").expect(200).text();
        let (_, waiting) = html.split_once("data-waiting>").expect("the page says what waits");
        let waiting = waiting.split_once("</dd>").map_or(waiting, |(waiting, _)| waiting);
        (!waiting.contains("mark-warning")).then_some(())
    });
    let html = at_police.get("/inbox").expect(200).text();
    assert!(html.contains("紧急求助") && html.contains("人工触发，未经核实"), "loud and unverified: {html}");
    // Nothing comes twice, also when the site looks again after a restart, and every receipt is stored.
    site.stop();
    let left = block_on(async {
        let store = open(&site.data()).await;
        let far = now().plus_ms(86_400_000);
        let due = store.due_reports(POLICE, far, 1_000).await.expect("the outbox");
        let mut receipts = 0;
        for row in store.open_incidents().await.expect("incidents").0 {
            for report in store.reports_of(row.incident.id).await.expect("reports") {
                let note = store.message_receipt(&report.id.to_string()).await.expect("a row");
                receipts += u64::from(note.is_some() && report.receipt.is_some());
            }
        }
        store.close().await;
        (due.len(), receipts)
    });
    assert_eq!(left, (0, wanted), "reports without receipt, and with the signed one");
    site.start_again();
    std::thread::sleep(Duration::from_secs(2));
    assert_eq!(open_there(&mut at_police), Some(wanted), "each exactly once");
    let mut at_police = sign_in(&police, "admin", PASSWORD);
    assert!(!at_police.get("/sites").expect(200).text().contains("编号有缺"), "no number is missing");
}

/// Copies a folder.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("readable").flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("copied");
        }
    }
}
