//! The pages of views and kinds of place in a browser: a home and a view are drawn by clicks, the law refuses with a picture of what meets
//! what, the masks that are proposed make it lawful; both languages, dark and light, wide and narrow.
//!
//! The site and its pages run in this process on a real store.

use crate::support;

use base::Pii;
use base64::Engine;
use domain::access::Role;
use site::accounts::AccountForm;
use site::devices::CameraForm;
use site::{Actor, Profile, Site, SiteClock, SiteConfig};
use std::net::{Ipv4Addr, SocketAddr};
use store::cameras::Source;
use store::{Store, StoreConfig};
use support::PATIENCE;
use support::browser::Browser;
use support::screen::{check_access, check_keyboard, check_page};
use tokio::runtime::Runtime;

const PASSWORD: &str = "four unrelated words";

struct Place {
    runtime: Runtime,
    site: Site,
    address: SocketAddr,
    data: tempfile::TempDir,
}

fn form(login: &str, role: Role) -> AccountForm {
    AccountForm {
        login: login.into(),
        name: Pii::new(format!("姓名{login}")),
        badge: None,
        unit: "示范酒店".into(),
        role,
        password: Pii::new(PASSWORD.into()),
    }
}

impl Place {
    fn start() -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let data = tempfile::tempdir().expect("a folder");
        let (site, address) = runtime.block_on(async {
            let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
            let clock = SiteClock::start();
            let config = StoreConfig { data: data.path().to_path_buf(), ..StoreConfig::default() };
            let store = Store::open(&config, clock.now().utc).await.expect("opens");
            let site = Site::offline(store, SiteConfig::default(), clock).await.expect("opens");
            let law = law::SiteProfile::new(law::Jurisdiction::Liaoning);
            let profile = Profile { name: "示范酒店".into(), address: String::new(), law };
            site.set_up(&form("admin", Role::Administrator), profile).await.expect("set up");
            site.add_account_locally(&form("manager", Role::SecurityManager)).await.expect("an account");
            let listener = tokio::net::TcpListener::bind(any).await.expect("a port");
            let address = listener.local_addr().expect("an address");
            tokio::spawn(web::serve(site.clone(), listener, web::Options::default(), std::future::pending()));
            (site, address)
        });
        let place = Self { runtime, site, address, data };
        for (name, at) in [("东门一号机", "A座/一层/东门"), ("后院二号机", "A座/一层/后院")] {
            place.camera(name, at);
        }
        place
    }

    fn camera(&self, name: &str, at: &str) {
        let form = CameraForm {
            name: name.into(),
            place: at.into(),
            place_kind: law::PlaceKind::Entrance,
            faces_homes: false,
            audio: false,
            installer: law::Installer::ManagingUnit,
            approval: String::new(),
            sign: Some(self.site.now().utc),
            priority: 5,
            source: Source::Rtsp { url: "rtsp://127.0.0.1:1/x".into(), user: String::new(), udp: false },
            secret: None,
        };
        let account = self.runtime.block_on(self.site.store().account_by_login("manager"));
        let manager: Actor = account.expect("reads").expect("an account").into();
        self.runtime.block_on(self.site.add_camera(&manager, form)).expect("a camera");
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

/// A house, a street and a square, drawn by the browser: 1200 by 800.
const PLAN: &str = "(() => { const c = document.createElement('canvas'); c.width = 1200; c.height = 800; const g = c.getContext('2d'); \
    g.fillStyle = '#fff'; g.fillRect(0, 0, 1200, 800); g.strokeStyle = '#333'; g.lineWidth = 6; g.strokeRect(60, 420, 620, 320); \
    g.strokeStyle = '#888'; g.strokeRect(60, 60, 620, 180); g.strokeRect(820, 60, 340, 680); g.fillStyle = '#777'; g.font = '28px sans-serif'; \
    for (const [t, x, y] of [['Hotel', 330, 600], ['House 3', 330, 150], ['Square', 950, 400], ['Street', 330, 340]]) g.fillText(t, x, y); \
    return c.toDataURL('image/png').split(',')[1]; })()";

/// A click on the plan at parts of its width and height, wherever the page lays the picture.
fn click(page: &Browser, x: f64, y: f64) {
    page.eval(&format!(
        "(() => {{ const p = document.querySelector('svg.plan'), v = p.viewBox.baseVal; \
         const at = new DOMPoint(v.x + v.width * {x}, v.y + v.height * {y}).matrixTransform(p.getScreenCTM()); \
         p.dispatchEvent(new MouseEvent('click', {{ clientX: at.x, clientY: at.y, bubbles: true }})); return true; }})()"
    ));
}

fn near(page: &Browser, css: &str, want: f64, slack: f64) {
    let got: f64 = page.value(css).parse().expect("a number");
    assert!((got - want).abs() <= slack, "{css}: {got}");
}

/// Both languages, dark and light, desk and telephone.
fn screens(page: &Browser, place: &Place, path: &str, name: &str) {
    for (lang, theme, width) in
        [("zh", "light", 1440), ("zh", "dark", 1440), ("en", "light", 1440), ("en", "dark", 390), ("zh", "light", 390)]
    {
        page.window_size(1440, 900);
        page.go(&place.url(&format!("/lang/{lang}?back=/account")));
        page.click(&format!("input[name=theme][value={theme}]"));
        page.click("form[action='/account/appearance'] button");
        page.wait_for(".flash");
        page.window_size(width, 900);
        page.go(&place.url(path));
        page.wait_js("[...document.querySelectorAll('svg.plan image')].every(i => i.getBBox().width > 0)", PATIENCE);
        check_page(page);
        check_access(page);
        page.screenshot(&format!("places-{name}-{lang}-{theme}-{width}"));
    }
    page.window_size(1440, 900);
    page.go(&place.url("/lang/zh?back=/account"));
    page.click("input[name=theme][value=light]");
    page.click("form[action='/account/appearance'] button");
    page.wait_for(".flash");
}

#[test]
fn a_view_of_a_home_is_refused_with_its_picture_and_masked() {
    let place = Place::start();
    let page = Browser::start();
    page.go(&place.url("/login"));
    page.fill("#login", "manager");
    page.fill("#password", PASSWORD);
    page.click("form[action='/login'] button");
    page.wait_for("[data-menu]");
    page.go(&place.url("/plans"));
    let picture = page.eval(PLAN);
    let bytes = base64::engine::general_purpose::STANDARD.decode(picture.as_str().expect("a picture")).expect("base64");
    let file = place.data.path().join("plan.png");
    std::fs::write(&file, bytes).expect("written");
    page.choose("#area", "A座/一层");
    page.attach("#picture", &file);
    page.click("form[action='/plans'] button");
    page.wait_for("svg.plan");
    page.click("main a[href$='/views']");
    page.wait_for("#width");
    let views = page.url().replace(&place.url(""), "");
    page.screenshot("places-views-empty");
    assert_eq!(page.count("#view-form"), 0, "nothing is drawn before the plan has its width");
    page.fill("#width", "60");
    page.click("form[action$='/width'] button");
    page.wait_for("#view-form");

    // A window of the house over the street, by two clicks; the square, by numbers.
    page.click("input[name=picks][value=corner]");
    click(&page, 0.30, 0.30);
    click(&page, 0.36, 0.30);
    assert_eq!(page.eval("document.querySelector('.shape-draft').getAttribute('d').length > 10"), true);
    page.fill("#shape_name", "三号楼二层东窗");
    page.click("#shape-form .btn-main");
    page.wait_for("tr[data-shape='1']");
    page.choose("#kind", "area:square");
    page.fill("#shape_name", "站前广场");
    page.fill("#points", "683,75 966,75 966,925 683,925");
    page.fill("#decision", "市政府2025年第7号");
    page.click("#shape-form .btn-main");
    page.wait_for("tr[data-shape='2']");

    // The camera at the hotel's front, looking at the house.
    page.click("input[name=picks][value=place]");
    click(&page, 0.33, 0.525);
    near(&page, "#x", 330.0, 3.0);
    near(&page, "#y", 525.0, 3.0);
    page.click("input[name=picks][value=direction]");
    click(&page, 0.40, 0.30);
    // 0.07 of 60 m to the right, 0.225 of 40 m up: 25 degrees.
    near(&page, "#direction", 25.0, 1.5);
    page.fill("#angle", "80");
    page.fill("#reach", "14");
    assert_eq!(page.eval("document.querySelector('.view-draft').getAttribute('d').length > 50"), true);
    check_keyboard(&page);
    page.click("#view-form .btn-main");
    page.wait_for("[data-refused]");
    assert!(page.text("[data-refused]").contains("三号楼二层东窗"));
    assert!(page.has("[data-refused] a[href='/law/A-14']"));
    assert_eq!((page.count(".shape-met"), page.count(".view-met"), page.count(".view-refused")), (1, 1, 1));
    check_page(&page);
    check_access(&page);
    page.screenshot("places-refused-zh-1440");
    page.window_size(390, 844);
    page.screenshot("places-refused-zh-390");
    page.window_size(1440, 900);
    page.click("[data-refused] form button");
    page.wait_for("[data-look]");
    assert_eq!((page.count(".shape-met"), page.count(".view-met")), (0, 0));
    assert_eq!(page.count(".view-piece"), 2, "the mask parts the view");
    screens(&page, &place, &views, "views");

    page.go(&place.url("/places"));
    page.wait_text("tr[data-place='guest_room']", "禁止");
    assert!(page.count("[data-fragment]") >= 10);
    screens(&page, &place, "/places", "kinds");
    // A camera of the demo may have no picture yet when the desk opens.
    page.assert_quiet_console(&["403", "/whep/"]);
}
