//! What the unit owes, in a browser: the duties of the demo's hotel from its own footage, to the day; papers, periods, the report; both
//! languages, wide and narrow.

use crate::support;

use base::CivilDate;
use serde_json::Value;
use support::browser::Browser;
use support::http::Client;
use support::people::{send, sent_to, sign_in};
use support::screen::{Demo, FIRST_PICTURE, check_access, check_page, set, wait_footage};
use support::wait_until;

const DESK: (u32, u32) = (1440, 900);
const PHONE: (u32, u32) = (390, 844);

fn api(page: &Browser) -> Value {
    page.eval_async("return await (await fetch('/api/v1/duties')).json()")
}

fn duty<'a>(all: &'a Value, code: &str) -> &'a Value {
    let list = all["duties"].as_array().expect("duties");
    list.iter().find(|d| d["code"] == code).unwrap_or_else(|| panic!("{code} is not owed: {all}"))
}

fn state(page: &Browser, code: &str) -> String {
    page.attribute(&format!("tr[data-duty='{code}']"), "data-state").unwrap_or_default()
}

/// Last day to file a system in use since then: thirty days, and on from a day off.
fn filed_by(used: CivilDate) -> CivilDate {
    let packs = law::Packs::embedded().expect("packs");
    let calendar = packs.calendar();
    let days = (0..30).map(|n| used.plus_days(30 + n));
    days.into_iter().find(|day| calendar.is_working(*day)).expect("a working day")
}

/// Both languages, wide and narrow.
fn pictures(demo: &Demo, page: &Browser, name: &str) {
    let here = page.eval("location.pathname + location.search").as_str().expect("a path").to_owned();
    for lang in ["zh", "en"] {
        page.go(&demo.server.url(&format!("/lang/{lang}?back={}", support::http::escape(&here))));
        for (width, height) in [DESK, PHONE] {
            page.window_size(width, height);
            check_page(page);
            check_access(page);
            page.screenshot(&format!("{name}-{lang}-{width}"));
        }
    }
    page.go(&demo.server.url(&format!("/lang/zh?back={}", support::http::escape(&here))));
    page.window_size(DESK.0, DESK.1);
}

/// The manager on a page of their own, and the duties once they know some footage of each of the three cameras.
fn with_footage(demo: &Demo) -> (Browser, Client, Value) {
    let page = Browser::start();
    let manager = sign_in(&demo.server, "manager", demo.password("manager"));
    page.go(&demo.server.url("/login"));
    page.take_cookies(&manager.cookies);
    let cameras = demo.cameras(&page);
    assert_eq!(cameras.len(), 3, "the law lets these stand: {cameras:?}");
    for id in cameras.values() {
        wait_footage(&page, id, 4_000);
    }
    // Rows follow footage by some seconds; each camera's first makes a sentence.
    let all = wait_until("the duties to know the footage", FIRST_PICTURE, || {
        let all = api(&page);
        (duty(&all, "keep_retention")["facts"].as_array().map(Vec::len) == Some(3)).then_some(all)
    });
    (page, manager, all)
}

#[test]
fn a_hotels_duties_are_right_to_the_day() {
    let demo = Demo::start();
    let (page, _, all) = with_footage(&demo);
    let today = CivilDate::parse(all["day"].as_str().expect("a day")).expect("a day");
    let filing = duty(&all, "file_system");
    let by = filed_by(today).to_string();
    assert_eq!((filing["state"].as_str(), filing["by"].as_str()), (Some("due"), Some(by.as_str())), "{filing}");
    assert_eq!(filing["grounds"][0]["citations"][0]["clause"], "799-14");
    let kept = duty(&all, "keep_retention");
    let full = today.plus_days(30).to_string();
    assert_eq!((kept["state"].as_str(), kept["next"].as_str()), (Some("met"), Some(full.as_str())), "{kept}");
    assert_eq!(kept["facts"].as_array().map(Vec::len), Some(3), "one sentence a camera");
    assert_eq!(duty(&all, "put_up_signs")["state"], "met");
    assert_eq!(duty(&all, "designate_operators")["state"], "met");
    let used = duty(&all, "accept_before_use");
    let today_text = today.to_string();
    assert_eq!((used["state"].as_str(), used["overdue_since"].as_str()), (Some("overdue"), Some(today_text.as_str())));
    assert_eq!(duty(&all, "keep_archive")["state"], "unknown");

    page.go(&demo.server.url("/duties"));
    assert_eq!(page.count("[data-duties] tbody tr"), all["duties"].as_array().map_or(0, Vec::len));
    assert_eq!(page.text("[data-duties] tbody tr:first-child td.lead .strong").trim(), "验收后使用", "overdue first");
    pictures(&demo, &page, "duties");

    // A paper is entered by the form; the duty is met, and due again when it is withdrawn.
    page.choose("#paper_kind", "filed_with_police");
    page.fill("#title", "备案回执");
    page.fill("#number", "哈公备2026第1号");
    set(&page, "#day", &today_text);
    page.click("#form .btn-main");
    page.wait_for("[data-papers] tbody tr");
    assert_eq!(state(&page, "file_system"), "ok");
    assert!(page.text("[data-papers]").contains("哈公备2026第1号"));
    page.choose("#duty", "check_private_places");
    page.fill("#days", "7");
    page.click("form[action='/duties/period'] button");
    page.wait_text("[data-periods]", "每 7 天");
    pictures(&demo, &page, "duties-papers");
    page.go(&demo.server.url("/duties/report"));
    check_page(&page);
    assert!(page.text("main").contains("哈公备2026第1号") && page.text("main").contains("示范酒店"));
    pictures(&demo, &page, "duties-report");

    let auditor = sign_in(&demo.server, "auditor", demo.password("auditor"));
    page.forget_cookies();
    page.take_cookies(&auditor.cookies);
    page.go(&demo.server.url("/duties"));
    check_page(&page);
    assert_eq!(page.count("main form"), 0, "an auditor looks");
    page.assert_quiet_console(&[]);
}

/// What a program of poppler says of a file.
fn poppler(program: &str, args: &[&str], file: &std::path::Path) -> String {
    let mut command = std::process::Command::new(program);
    let done = command.args(args).arg(file).args((program == "pdftotext").then_some("-")).output();
    let done = done.unwrap_or_else(|error| panic!("{program}: {error} (package poppler-utils)"));
    assert!(done.status.success(), "{program}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8_lossy(&done.stdout).into_owned()
}

#[test]
fn the_report_is_a_paper_that_another_program_reads() {
    let demo = Demo::start();
    let mut manager = sign_in(&demo.server, "manager", demo.password("manager"));
    let mut auditor = sign_in(&demo.server, "auditor", demo.password("auditor"));
    let folder = tempfile::tempdir().expect("a folder");
    for (lang, words) in [
        ("zh", ["安全技术防范自查报告", "示范酒店", "二、逐项情况", "安全管理负责人（签名）：", "—1—"]),
        ("en", ["Self-checkoftechnicalprevention", "示范酒店", "2.Eachduty", "Securitymanager(signature):", "—1—"]),
    ] {
        manager.get(&format!("/lang/{lang}?back=/duties")).expect(303);
        let all = manager.get("/api/v1/duties").expect(200).json();
        let got = manager.get("/duties/report.pdf").expect(200);
        assert_eq!(got.header("content-type"), Some("application/pdf"));
        let name = got.header("content-disposition").and_then(|p| p.split('"').nth(1)).expect("a file name").to_owned();
        let file = folder.path().join(&name);
        std::fs::write(&file, &got.body).expect("the file");

        let about = poppler("pdfinfo", &[], &file);
        assert!(about.contains("(A4)") && about.contains("Encrypted:       no"), "{about}");
        let fonts = poppler("pdffonts", &[], &file);
        let embedded = |line: &str| line.split_whitespace().rev().nth(4) == Some("yes");
        assert!(fonts.lines().count() > 2 && fonts.lines().skip(2).all(embedded), "{fonts}");
        // Cell by cell, without spaces and without the hyphens of words that were divided.
        let text = poppler("pdftotext", &["-raw"], &file);
        let text: String = text.chars().filter(|c| !c.is_whitespace() && *c != '\u{ad}').collect();
        let number = name.trim_start_matches("duty-report-").trim_end_matches(".pdf");
        for part in words.into_iter().chain([number]) {
            assert!(text.contains(part), "{part} is not in {text}");
        }
        let duties = all["duties"].as_array().expect("duties");
        assert!(duties.len() > 10, "{all}");
        for duty in duties {
            let title: String = duty["title"][lang].as_str().expect("a title").split_whitespace().collect();
            assert!(text.contains(&title), "{title} is not in {text}");
        }
        let digest = base::Sha256::of(&got.body).hex();
        let log = auditor.get(&format!("/log?act=document.&who={digest}")).expect(200).text();
        assert!(log.contains(&digest) && log.contains(number), "the log knows the file");
    }
}

/// State, since when it is overdue, last day: of one duty, as the program says now.
fn stands(all: &Value, code: &str) -> (String, Option<String>, Option<String>) {
    let text = |v: &Value| v.as_str().map(str::to_owned);
    let duty = duty(all, code);
    (text(&duty["state"]).unwrap_or_default(), text(&duty["overdue_since"]), text(&duty["deadline"]))
}

fn clauses(all: &Value, code: &str) -> Vec<String> {
    let grounds = duty(all, code)["grounds"].as_array().cloned().unwrap_or_default();
    let cited = grounds.iter().flat_map(|g| g["citations"].as_array().cloned().unwrap_or_default());
    cited.map(|c| c["clause"].as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn a_city_squares_duties_are_right_to_the_day() {
    let demo = Demo::square();
    let (page, mut manager, all) = with_footage(&demo);
    let cameras = demo.cameras(&page);
    let today = CivilDate::parse(all["day"].as_str().expect("a day")).expect("a day");
    let (day, met) = (today.to_string(), ("met".to_owned(), None, None));

    // A square has no rooms to inspect, and no trade.
    let codes: Vec<&str> = all["duties"].as_array().into_iter().flatten().filter_map(|d| d["code"].as_str()).collect();
    assert!(!codes.contains(&"check_private_places"), "{codes:?}");
    assert_eq!(clauses(&all, "keep_retention"), ["B-25-1", "799-17"]);
    assert_eq!(clauses(&all, "install_system"), ["B-13-1"]);

    // What its own footage and rows show.
    assert_eq!(stands(&all, "install_system"), met, "three cameras run");
    assert_eq!(stands(&all, "keep_retention"), met);
    let full = today.plus_days(30).to_string();
    assert_eq!(duty(&all, "keep_retention")["next"].as_str(), Some(full.as_str()), "then the thirty days are full");
    assert_eq!(stands(&all, "delete_after_purpose"), met);
    assert_eq!(stands(&all, "designate_operators"), met);
    let by = filed_by(today).to_string();
    assert_eq!(stands(&all, "file_system"), ("due".to_owned(), None, Some(by)));
    let used = ("overdue".to_owned(), Some(day.clone()), None);
    assert_eq!(
        stands(&all, "accept_before_use"),
        used,
        "footage shows that it is in use, and no acceptance is on record"
    );
    assert_eq!(stands(&all, "keep_archive").0, "unknown");

    // A sign that is not up is overdue since the camera came; recorded, the duty is met.
    assert_eq!(stands(&all, "put_up_signs"), used, "{}", duty(&all, "put_up_signs"));
    assert_eq!(clauses(&all, "put_up_signs"), ["B-16", "799-13"]);
    let camera = format!("/devices/{}", cameras["地下通道"]);
    sent_to(send(&mut manager, &camera, &format!("{camera}/sign"), &[("sign_date", &day)]));
    assert_eq!(stands(&api(&page), "put_up_signs"), met);

    // In use for longer than anybody filed: the law's day has passed.
    let paper = |kind: &'static str, on: CivilDate| {
        [
            ("paper_kind", kind.to_owned()),
            ("title", "凭证".to_owned()),
            ("number", "1".to_owned()),
            ("day", on.to_string()),
        ]
    };
    let enter = |manager: &mut support::http::Client, kind, on| {
        let fields = paper(kind, on);
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        sent_to(send(manager, "/duties", "/duties/papers", &fields));
    };
    let first = today.plus_days(-60);
    enter(&mut manager, "put_into_use", first);
    let late = filed_by(first);
    let all = api(&page);
    let missed = ("overdue".to_owned(), Some(late.plus_days(1).to_string()), Some(late.to_string()));
    assert_eq!(stands(&all, "file_system"), missed, "{}", duty(&all, "file_system"));
    assert_eq!(stands(&all, "accept_before_use").1, Some(first.to_string()));
    page.go(&demo.server.url("/duties"));
    assert_eq!(state(&page, "file_system"), "critical");
    pictures(&demo, &page, "duties-square");

    // Filed, late: met, and how late stays told.
    enter(&mut manager, "filed_with_police", today);
    let all = api(&page);
    assert_eq!(stands(&all, "file_system").0, "met");
    let facts = duty(&all, "file_system")["facts"].to_string();
    assert!(facts.contains(&format!("after its last day {late}")), "{facts}");
    page.assert_quiet_console(&[]);
}
