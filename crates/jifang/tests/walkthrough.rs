//! The main job, by a browser and the command line, as a person who tries the demo does it.
//!
//! ```text
//! watch live ─▶ scrub back ─▶ one officer: refused ─▶ two: request ─▶ grant ─▶ view ─▶ export ─▶ verify ─▶ delete: refused ─▶ log, proof
//! ```
//!
//! The time drawn into the pictures is read out of the browser's video: what is shown is the very moment that the page says.

use crate::support;

use base::UtcMs;
use std::path::Path;
use std::time::Duration;
use support::browser::Browser;
use support::screen::{Demo, FIRST_PICTURE, Seen, check_page, look, look_for, set, wait_footage};
use support::server::jifang;
use support::wait_until;

/// Between the time in a live picture and now: coding, network, decoding on a machine that does all of it at once.
const LIVE_LATE_MS: i64 = 5_000;
/// Between the time in a recorded picture and the time that the page says.
const PLAYBACK_OFF_MS: i64 = 2_000;
const MAKING: Duration = Duration::from_secs(180);

#[test]
fn the_main_job() {
    let demo = Demo::start();
    let page = Browser::start();
    demo.sign_in(&page, "duty");
    check_page(&page);
    watch(&demo, &page);
    let corridor = scrub_back(&demo, &page);
    let request = ask(&demo, &page);
    grant(&demo, &page, &request);
    view(&demo, &page, &request);
    export(&demo, &page, &request);
    delete(&demo, &page, &corridor);
    look_up(&demo, &page);
    // The two refusals are answers with a status; a browser notes each.
    page.assert_quiet_console(&[
        "/use/new/check - Failed to load resource",
        "/api/v1/deletions - Failed to load resource",
    ]);
}

/// Three cameras live, each another place and each now; the RTSP camera sounds.
fn watch(demo: &Demo, page: &Browser) {
    // Before a camera's first picture an offer is answered with 503 and the wall tries again; here there is no such wait.
    page.wait_js("document.querySelector('[data-recording]').textContent === '3'", FIRST_PICTURE);
    page.click(".guide a[href='/desk']");
    page.wait_url("/desk");
    check_page(page);
    let playing =
        "[...document.querySelectorAll('.cell video')].filter(v => v.videoWidth > 0 && v.currentTime > 0).length === 3";
    page.wait_js(playing, FIRST_PICTURE);
    let mut places: Vec<u8> = (1..=3)
        .map(|n| {
            let video = format!(".cell:nth-child({n}) video");
            page.eval(&format!("window.began = document.querySelector('{video}').currentTime"));
            page.wait_js(&format!("document.querySelector('{video}').currentTime > window.began + 1"), FIRST_PICTURE);
            let of_now = |seen: &Seen| (-500..LIVE_LATE_MS).contains(&seen.now.since(seen.at()));
            look_for(page, &video, "0", "of now", of_now).strip.place
        })
        .collect();
    places.sort_unstable();
    assert_eq!(places, [0, 1, 2], "three different places");
    let sounding = "[...document.querySelectorAll('.cell')].filter(c => c.querySelector('video').srcObject?\
                    .getAudioTracks().some(t => !t.muted)).map(c => c.querySelector('.label .name').textContent)";
    page.wait_js(&format!("{sounding}.length > 0"), FIRST_PICTURE);
    assert_eq!(page.eval(sounding), serde_json::json!(["三层走廊"]));
    page.screenshot("walk-1-desk");
    wait_footage(page, &demo.cameras(page)["三层走廊"], 45_000);
}

/// From the desk to playback, then 20 s back on the timeline: the picture is of the moment under the pointer.
fn scrub_back(demo: &Demo, page: &Browser) -> String {
    let corridor = demo.cameras(page)["三层走廊"].clone();
    page.click(&format!(".cam[data-camera='{corridor}']"));
    page.click("[data-to-playback]");
    page.wait_url("/playback");
    check_page(page);
    let stamp = "document.querySelector('[data-stamp]').textContent";
    let newest = look_for(page, ".screen video", stamp, "of the time beside it", |s| s.off_ms() <= PLAYBACK_OFF_MS);
    assert!(newest.now.since(newest.at()) < 30_000, "playback opens near now: {newest:?}");
    page.press("Space");
    page.wait_js("document.querySelector('.screen video').paused", support::PATIENCE);
    // In as far as it goes: a minute over the whole width.
    for _ in 0..10 {
        page.press("+");
    }
    page.drag("[data-timeline] canvas", (0.6, 0.5), (0.6 - 20.0 / 60.0, 0.5));
    let pointed = page.text("[data-timeline] .tip b");
    let wanted = UtcMs::parse_shanghai(&pointed).expect("the time under the pointer");
    assert!(newest.now.since(wanted) > 15_000, "{pointed} is in the past");
    page.wait_js(&format!("{stamp} === '{pointed}'"), support::PATIENCE);
    let shows = || {
        let seen = look(page, ".screen video", stamp);
        (seen.off_ms() <= PLAYBACK_OFF_MS && seen.at().since(wanted).abs() <= PLAYBACK_OFF_MS).then_some(seen)
    };
    let seen = wait_until("the picture of the moment chosen", FIRST_PICTURE, shows);
    page.screenshot("walk-2-playback");
    page.press("Space");
    page.wait_js("!document.querySelector('.screen video').paused", support::PATIENCE);
    wait_until("playing on from there", FIRST_PICTURE, || {
        let later = look(page, ".screen video", stamp);
        (later.at().since(seen.at()) > 2_000 && later.off_ms() <= PLAYBACK_OFF_MS).then_some(())
    });
    corridor
}

/// `officer1` asks for ten minutes alone: refused, with the clause. With `officer2`: sent. Answers the request's path.
fn ask(demo: &Demo, page: &Browser) -> String {
    demo.change_to(page, "officer1");
    page.click(".guide a[href='/use/new']");
    page.wait_url("/use/new");
    check_page(page);
    page.click("input[name=basis][value=criminal_investigation]");
    page.fill("#case_number", "A2301-2026-0042");
    page.fill("#unit", "示范市公安局");
    page.fill("#purpose", "查明十分钟内进出走廊的人员。");
    page.click("form[data-upload] .btn-main");
    page.wait_url("step=scope");
    check_page(page);
    for n in 1..=3 {
        page.click(&format!(".choices-grid .choice:nth-child({n}) input"));
    }
    let now = UtcMs(page.eval("Date.now()").as_i64().expect("a time"));
    set(page, "#from", &now.plus_ms(-602_000).desk().replace(' ', "T"));
    set(page, "#to", &now.plus_ms(-2_000).desk().replace(' ', "T"));
    page.click("form[data-upload] .btn-main");
    page.wait_url("step=papers");
    check_page(page);
    let letter = demo.server.folder().join("letter.pdf");
    std::fs::write(&letter, b"%PDF-1.4\n1 0 obj << /Type /Catalog >> endobj\n%%EOF\n").expect("a temporary folder");
    page.fill("#letter_number", "示公函〔2026〕42号");
    page.attach("#letter", &letter);
    page.click("form[data-upload] .btn-main");
    page.wait_url("/use/new/check");
    check_page(page);
    page.wait_text(".gate .missing", "少于二人");
    page.screenshot("walk-3-check-one-officer");
    page.click("form[action='/use/new/check'] .btn-main");
    refused_with(page, "B-28-1-1");
    page.screenshot("walk-3-refused");
    page.back();
    page.wait_url("/use/new/check?draft=");
    page.click("a[href*='step=papers']");
    page.wait_url("step=papers");
    page.fill("#second_officer", "officer2");
    page.fill("#second_badge", "010002");
    page.click("form[data-upload] .btn-main");
    page.wait_url("/use/new/check");
    page.wait_gone(".gate .missing");
    page.click("form[action='/use/new/check'] .btn-main");
    page.wait_js("/^\\/use\\/[^/]+$/.test(location.pathname) && document.querySelector('.flash')", support::PATIENCE);
    check_page(page);
    page.screenshot("walk-4-request");
    page.eval("location.pathname").as_str().expect("a path").to_owned()
}

/// A page that refuses names the clause and opens the article beside itself.
fn refused_with(page: &Browser, clause: &str) {
    let link = format!("main a.clause[href='/law/{clause}']");
    page.wait_for(&link);
    check_page(page);
    page.click(&link);
    page.wait_text("#beside .article", "不得少于二人");
    page.press("Escape");
    page.wait_gone("#beside");
}

/// The custodian reads the papers and grants.
fn grant(demo: &Demo, page: &Browser, request: &str) {
    demo.change_to(page, "custodian");
    page.click(".guide a[href='/use']");
    page.wait_url("/use");
    check_page(page);
    page.click(&format!("a.row-link[href='{request}']"));
    page.wait_url(request);
    check_page(page);
    assert!(!page.has(".gate .missing"), "all conditions are met");
    let paper = page.attribute("a[href*='/papers/']", "href").expect("the letter is there to read");
    let head = page.eval_async(&format!("return (await (await fetch('{paper}')).text()).slice(0, 8)"));
    assert_eq!(head, "%PDF-1.4");
    page.screenshot("walk-5-decide");
    page.click("button[name=decision][value=approve]");
    page.click("#confirm [data-confirm-yes]");
    page.wait_for("main .flash");
    page.wait_text(".page-head .badge", "已批准");
    check_page(page);
}

/// Both officers sign in side by side and see the granted footage under a watermark.
fn view(demo: &Demo, page: &Browser, request: &str) {
    demo.change_to(page, "officer1");
    page.go(&demo.server.url(request));
    page.click(&format!("a[href='{request}/signin']"));
    page.wait_url("/signin");
    check_page(page);
    for (slot, login, badge) in [(1, "officer1", "010001"), (2, "officer2", "010002")] {
        page.fill(&format!("#login{slot}"), login);
        page.fill(&format!("#password{slot}"), demo.password(login));
        page.fill(&format!("#badge{slot}"), badge);
        if slot == 2 {
            page.screenshot("walk-6-sign-in");
        }
        page.click(&format!(".officers .card:nth-child({slot}) .btn-main"));
        page.wait_for(&format!(".officers .card:nth-child({slot}) .officer-done"));
    }
    page.click("form[action$='/start'] .btn-main");
    page.wait_url("/view");
    check_page(page);
    let stamp = "document.querySelector('[data-stamp]').textContent";
    look_for(page, ".screen video", stamp, "of the time beside it", |seen| seen.off_ms() <= PLAYBACK_OFF_MS);
    let mark = page.attribute("[data-watermark]", "data-watermark").unwrap_or_default();
    assert!(mark.contains("王警官 010001") && mark.contains("李警官 010002"), "{mark}");
    let drawn = "(c => c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some(v => v > 0))(document.querySelector('canvas.water'))";
    page.wait_js(drawn, support::PATIENCE);
    page.screenshot("walk-6-view");
    page.wait_js("document.querySelector('.screen video').currentTime > 1", FIRST_PICTURE);
    page.wait_js(
        "/^[0-9]+:[0-9]{2}:[0-9]{2}$/.test(document.querySelector('[data-until]').textContent)",
        support::PATIENCE,
    );
    // Taken away, it comes back.
    page.eval("document.querySelector('canvas.water').remove()");
    page.wait_js(drawn, support::PATIENCE);
}

/// Takes the copy along and verifies it with the command line.
fn export(_demo: &Demo, page: &Browser, request: &str) {
    page.click(&format!("aside a[href='{request}/export']"));
    page.wait_url("/export");
    check_page(page);
    page.click("form[action$='/export'] .btn-main");
    page.wait_js("document.querySelector('main a[download]')", MAKING);
    check_page(page);
    page.screenshot("walk-7-export");
    page.click("main a[download]");
    let file = page.wait_download(".zip");
    let verified = jifang(&["evidence", "verify", &file.display().to_string()]);
    let said = String::from_utf8_lossy(&verified.stdout).into_owned();
    assert!(verified.status.success(), "{said}{}", String::from_utf8_lossy(&verified.stderr));
    flip_a_byte(&file);
    let verified = jifang(&["evidence", "verify", &file.display().to_string()]);
    assert_eq!(verified.status.code(), Some(1), "a changed byte is found");
}

fn flip_a_byte(file: &Path) {
    let mut bytes = std::fs::read(file).expect("the export");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(file, bytes).expect("the export");
}

/// The manager tries to delete a recording inside its term.
fn delete(demo: &Demo, page: &Browser, camera: &str) {
    demo.change_to(page, "manager");
    page.go(&demo.server.url(&format!("/playback?camera={camera}")));
    look(page, ".screen video", "0");
    page.press("i");
    page.wait_for("[data-range]");
    page.click("[data-range-act=delete]");
    page.fill("#reason-text", "腾出空间");
    page.click("#reason .btn-main");
    page.wait_for("[data-act-result] .notice");
    let clauses =
        page.eval("[...document.querySelectorAll('[data-act-result] a.clause')].map(a => a.getAttribute('href'))");
    let clauses = clauses.to_string();
    assert!(clauses.contains("/law/799-17") || clauses.contains("/law/B-25-1"), "{clauses}");
    page.screenshot("walk-9-deletion-refused");
    check_page(page);
}

/// The auditor finds every act, and proves one without the server.
fn look_up(demo: &Demo, page: &Browser) {
    demo.change_to(page, "auditor");
    let acts = [
        ("live.", "", "吴值", "实时"),
        ("footage.viewed", "", "吴值", "三层走廊"),
        ("act.refused", "refused", "王警官", "B-28-1-1"),
        ("request.", "", "王警官", "申请"),
        ("grant.", "", "郑信", "同意申请"),
        ("session.opened", "", "王警官", ""),
        ("footage.viewed", "", "王警官", ""),
        ("export.", "", "系统", "证据包制作完成"),
        ("export.", "", "王警官", "下载证据包"),
        ("act.refused", "refused", "周安", "B-25-1"),
    ];
    page.go(&demo.server.url("/log"));
    check_page(page);
    page.screenshot("walk-10-log");
    for (act, outcome, who, words) in acts {
        page.choose("#act", act);
        page.choose("#outcome", outcome);
        page.click_away("form.filter .btn");
        page.wait_js(&format!("new URLSearchParams(location.search).get('act') === '{act}'"), support::PATIENCE);
        let found = format!(
            "[...document.querySelectorAll('.log-table tbody tr')].some(r => r.innerText.includes('{who}') && r.innerHTML.includes('{words}'))"
        );
        page.wait_js(&found, support::PATIENCE);
    }
    prove(demo, page);
    page.go(&demo.server.url("/welcome"));
    check_page(page);
    assert_eq!(
        (page.count(".guide li"), page.count(".guide li.done")),
        (13, 9),
        "every step but those of an alarm is recognised"
    );
    page.screenshot("walk-10-guide-done");
    assert_eq!(page.count(".guide li a[href^='/log/']"), 9, "and leads to its log entry");
}

/// Opens the refusal of the deletion, downloads entry and proof, checks them with the command line alone.
fn prove(demo: &Demo, page: &Browser) {
    page.click(".log-table tbody tr .row-link");
    page.wait_js("/^\\/log\\/[0-9]+$/.test(location.pathname)", support::PATIENCE);
    check_page(page);
    page.wait_text("main .badge", "已复算，成立");
    page.screenshot("walk-10-proof");
    let index = page.eval("location.pathname.split('/')[2]").as_str().expect("an index").to_owned();
    page.click(&format!("a[href='/log/{index}/proof']"));
    let proof = page.wait_download(".tlog-proof");
    page.click(&format!("a[href='/log/{index}/entry']"));
    let entry = page.wait_download(&format!("entry-{index}.json"));
    let command = page.attribute(".cmd [data-copy]", "data-copy").expect("the page gives the command");
    let (proof, entry) = (proof.display().to_string(), entry.display().to_string());
    let typed =
        command.replace(&format!("entry-{index}.tlog-proof"), &proof).replace(&format!("entry-{index}.json"), &entry);
    let arguments: Vec<_> = typed.split(' ').skip(1).collect();
    let checked = jifang(&arguments);
    assert!(
        checked.status.success(),
        "{typed}: {}{}",
        String::from_utf8_lossy(&checked.stdout),
        String::from_utf8_lossy(&checked.stderr)
    );
    assert!(std::fs::read_to_string(&entry).expect("the entry").contains("act.refused"));
    std::fs::write(&entry, b"{}").expect("the entry");
    assert!(!jifang(&arguments).status.success(), "another entry is not proved by it");
    let data = demo.server.data().display().to_string();
    let whole = jifang(&["ledger", "verify", "--data", &data]);
    assert!(whole.status.success(), "{}", String::from_utf8_lossy(&whole.stdout));
}
