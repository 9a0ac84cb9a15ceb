//! The law pages in a browser: instruments, search, an ordinance with its slips marked, coverage, findings, readings, a clause on a day.

use crate::support;

use support::browser::Browser;
use support::http::Client;
use support::people::sign_in;
use support::screen::{Demo, check_access, check_page};

const DESK: (u32, u32) = (1440, 900);
const PHONE: (u32, u32) = (390, 844);

struct Case {
    demo: Demo,
    page: Browser,
}

impl Case {
    fn go(&self, path: &str) {
        self.page.go(&self.demo.server.url(path));
        check_page(&self.page);
    }

    /// Both languages, wide and narrow; in the second theme too.
    fn pictures(&self, who: &Client, name: &str, path: &str) {
        let mut cookies = who.cookies.clone();
        cookies.remove("flash");
        for (lang, theme) in [("zh", "light"), ("en", "dark")] {
            cookies.insert("lang".into(), lang.into());
            cookies.insert("theme".into(), theme.into());
            self.page.take_cookies(&cookies);
            for (width, height) in [DESK, PHONE] {
                self.page.window_size(width, height);
                self.go(path);
                check_access(&self.page);
                self.page.screenshot(&format!("{name}-{lang}-{width}"));
            }
        }
        cookies.insert("lang".into(), "zh".into());
        self.page.take_cookies(&cookies);
        self.page.window_size(DESK.0, DESK.1);
    }
}

#[test]
fn a_lawyer_reads_the_law_and_what_carries_it_out() {
    let demo = Demo::start();
    let page = Browser::start();
    let auditor = sign_in(&demo.server, "auditor", demo.password("auditor"));
    page.go(&demo.server.url("/login"));
    page.take_cookies(&auditor.cookies);
    let case = Case { demo, page };
    let page = &case.page;

    case.go("/law");
    assert!(page.count("[data-packs] tbody tr") >= 5);
    assert!(page.text("[data-packs]").contains("黑龙江省公共安全技术防范条例"));
    page.go(&case.demo.server.url("/law?q=B-28&on=2026-03-02"));
    assert_eq!(page.count("[data-clauses] tbody tr"), 3, "found by the beginning of an id");
    case.go("/law?q=%E7%95%99%E5%AD%98&on=2012-10-31");
    assert!(page.text("[data-clauses]").contains("这一天无效"), "before the ordinance was in force");
    case.go("/law?q=nothing-of-the-kind");
    assert!(page.has(".empty"));

    case.go("/law/packs/B");
    let slip = page.text("#art-40 mark.lost");
    assert_eq!(slip.trim(), "第二十六条第一项、第二项、第三项");
    case.go("/law/coverage");
    assert_eq!(page.text("[data-complete]").trim(), "193/193");
    assert_eq!(page.count("[data-coverage] tbody tr"), 193);
    case.go("/law/coverage?status=gap");
    let gaps = page.count("[data-coverage] tbody tr");
    assert!(gaps > 0 && gaps < 193, "{gaps}");
    case.go("/law/findings");
    let found = page.text("[data-findings]");
    assert!(found.contains("B-40") && found.contains("都减4") && found.contains("B-29-1-1"), "{found:.400}");
    case.go("/law/readings");
    assert!(page.has("[data-reading='B-40-article']") && page.has("[data-reading='A-24-lost']"));

    case.go("/law/B-40-1");
    assert!(page.has("mark.lost") && page.has("[data-reading='B-40-article']"));
    case.go("/law/799-17?on=2025-03-31");
    assert!(page.text("main").contains("2025-03-31 不在施行期内"));
    case.go("/law/B-25-1");
    assert!(page.text("[data-held]").contains("B: "), "its cases");
    assert!(page.text("main").contains("retention_days"));

    for (name, path) in [
        ("law-list", "/law?q=%E7%95%99%E5%AD%98"),
        ("law-pack", "/law/packs/B"),
        ("law-coverage", "/law/coverage?status=superseded"),
        ("law-findings", "/law/findings"),
        ("law-readings", "/law/readings"),
        ("law-clause", "/law/B-40-1"),
        ("law-clause-lost", "/law/A-24-2"),
    ] {
        case.pictures(&auditor, name, path);
    }
    case.page.assert_quiet_console(&[]);
}
