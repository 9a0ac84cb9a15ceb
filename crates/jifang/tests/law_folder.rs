//! A server that answers by a folder of law packs: amended, broken, mended, taken away; and its log tells by which packs it answered.

use crate::support;

use domain::access::Role;
use std::fs;
use std::path::{Path, PathBuf};
use support::http::Client;
use support::people::{make_people, sign_in};
use support::rig::PASSWORD;
use support::server::{Server, jifang};

const CLAUSES: &str = "heilongjiang/ordinance-2012/clauses.toml";
const KNOWN: &str = "known-findings.toml";
const HEAD: &str = "heilongjiang/ordinance-2012/pack.toml";

fn copied(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("the packs") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("a kind").is_dir() {
            copied(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("copied");
        }
    }
}

/// A stopped server whose configuration names `law` beside its data folder, with the packs of the source in it.
fn with_folder() -> (Server, PathBuf) {
    let server = Server::prepared(|data, ports| {
        let law = Path::new(data).with_file_name("law");
        format!(
            "data = {data:?}\nlaw_folder = {law:?}\nhttp = \"127.0.0.1:{}\"\n[site]\nsip = \"127.0.0.1:{}\"\n\
             gb_media = \"127.0.0.1:{}\"\ndc09 = \"127.0.0.1:{}\"\nlive = \"127.0.0.1:{}\"\n",
            ports.http, ports.sip, ports.media, ports.dc09, ports.live
        )
    });
    let law = server.folder().join("law");
    copied(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../law"), &law);
    make_people(&server.data(), "示范酒店", &[("admin", Role::Administrator), ("manager", Role::SecurityManager)]);
    (server, law)
}

fn replace(law: &Path, from: &str, to: &str) {
    replace_in(CLAUSES, law, from, to);
}

fn replace_in(name: &str, law: &Path, from: &str, to: &str) {
    let file = law.join(name);
    let text = fs::read_to_string(&file).expect("a text");
    assert!(text.contains(from), "{from}");
    fs::write(file, text.replacen(from, to, 1)).expect("written");
}

/// Digest over all packs of a folder, of the program without one.
fn digest(law: Option<&Path>) -> String {
    let mut arguments = vec!["law", "digest"];
    if let Some(law) = law {
        arguments.extend(["--packs", law.to_str().expect("a path")]);
    }
    let said = jifang(&arguments);
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    String::from_utf8_lossy(&said.stdout).split_whitespace().next().expect("a digest").to_owned()
}

struct Seen {
    digest: String,
    from_folder: bool,
    gist: String,
    notice: Option<String>,
}

fn seen(server: &Server) -> (Seen, Client) {
    let mut manager = sign_in(server, "manager", PASSWORD);
    let page = manager.get("/law").expect(200).text();
    let (_, line) = page.split_once("data-law-in-use").expect("the line about the packs in use");
    let line = line.split("</p>").next().expect("its end");
    let digest =
        line.split("<span class=\"mono\">").nth(1).and_then(|t| t.split('<').next()).expect("a digest").to_owned();
    let clause = manager.get("/law/B-1").expect(200).text();
    let gist = if clause.contains("Amended twice") {
        "twice"
    } else if clause.contains("Amended once") {
        "once"
    } else {
        "own"
    };
    let notices = manager.get("/api/v1/notices").expect(200).json();
    let list = notices["notices"].as_array().expect("notices").clone();
    let about = list.into_iter().find(|n| n["code"] == "law_folder");
    let notice = about.map(|n| {
        assert_eq!(n["severity"], 1, "{n}");
        n.to_string()
    });
    (Seen { digest, from_folder: line.contains("来自配置的文件夹"), gist: gist.into(), notice }, manager)
}

#[test]
fn a_server_answers_by_the_packs_that_passed_last() {
    let (mut server, law) = with_folder();
    let gist = |zh: &str| format!("gist_zh = \"{zh}为规范公共安全技术防范管理");
    replace(&law, &gist(""), &gist("Amended once "));
    replace_in(KNOWN, &law, "reason_zh = \"", "reason_zh = \"Accepted by the folder. ");
    let once = digest(Some(&law));
    assert_ne!(once, digest(None));
    server.start_again();
    let (first, mut reader) = seen(&server);
    assert_eq!((first.digest.as_str(), first.from_folder, first.gist.as_str()), (once.as_str(), true, "once"));
    assert_eq!(first.notice, None);
    let findings = |who: &mut Client| who.get("/law/findings").expect(200).text().contains("Accepted by the folder.");
    assert!(findings(&mut reader), "the findings are those of the packs in use");

    // Broken while the server is down: it starts, says so, and answers as before.
    server.stop();
    replace(&law, &gist("Amended once "), &gist("Amended twice "));
    replace(&law, "clause = \"B-38\"", "clause = \"B-380\"");
    server.start_again();
    let (kept, _) = seen(&server);
    assert_eq!((kept.digest.as_str(), kept.from_folder, kept.gist.as_str()), (once.as_str(), true, "once"));
    let notice = kept.notice.expect("told");
    assert!(notice.contains(CLAUSES) && notice.contains("B-15") && notice.contains("law check --packs"), "{notice}");

    // Gone altogether: the same.
    server.stop();
    let away = law.with_file_name("away");
    fs::rename(&law, &away).expect("moved");
    server.start_again();
    let (gone, _) = seen(&server);
    assert_eq!((gone.digest.as_str(), gone.gist.as_str()), (once.as_str(), "once"));
    assert!(gone.notice.expect("told").contains("cannot read"));

    // Mended.
    server.stop();
    fs::rename(&away, &law).expect("moved back");
    replace(&law, "clause = \"B-380\"", "clause = \"B-38\"");
    server.start_again();
    let (twice, _) = seen(&server);
    assert_eq!((twice.digest.as_str(), twice.gist.as_str()), (digest(Some(&law)).as_str(), "twice"));
    assert_eq!(twice.notice, None);

    // The program's own again.
    server.stop();
    let file = server.folder().join("jifang.toml");
    let config = fs::read_to_string(&file).expect("a configuration");
    let without: String = config.lines().filter(|l| !l.starts_with("law_folder")).map(|l| format!("{l}\n")).collect();
    fs::write(&file, without).expect("written");
    server.start_again();
    let (own, mut manager) = seen(&server);
    assert!(!findings(&mut manager), "and of the program's own, without a folder");
    assert_eq!((own.digest.as_str(), own.from_folder, own.gist.as_str()), (digest(None).as_str(), false, "own"));

    // Three changes of law, three entries; a restart by the same packs makes none.
    let log = manager.get("/log").expect(200).text();
    assert_eq!(log.matches("使用规则包，摘要").count(), 1, "{log}");
    assert_eq!(log.matches("规则包变更：heilongjiang/ordinance-2012").count(), 2, "{log}");
}

#[test]
fn a_folder_with_a_province_that_the_program_does_not_know_is_told_by_its_file() {
    let (mut server, law) = with_folder();
    replace_in(HEAD, &law, "jurisdictions = [\"heilongjiang\"]", "jurisdictions = [\"jilin\"]");
    let said = jifang(&["law", "check", "--packs", law.to_str().expect("a path")]);
    let told = String::from_utf8_lossy(&said.stderr).into_owned() + &String::from_utf8_lossy(&said.stdout);
    assert!(!said.status.success() && told.contains(HEAD) && told.contains("jilin"), "{told}");

    // The server starts all the same, by its own packs, and says which word of which file it was.
    server.start_again();
    let (seen, _) = seen(&server);
    assert_eq!((seen.digest.as_str(), seen.from_folder), (digest(None).as_str(), false));
    let notice = seen.notice.expect("told");
    assert!(notice.contains(HEAD) && notice.contains("`jilin` is no jurisdiction of this program"), "{notice}");
}
