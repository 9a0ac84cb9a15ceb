//! A province's police with offices at every level, officers in every seat and two applicants: server, pages and database in this process.
//!
//! Nothing here knows a procedure or a province by name: what is offered, which office is competent and what a form asks is read from the
//! packs, as the pages read it. A clock that the test holds lets days go by.
//!
//! Nobody signs in by a page: accounts and sessions are put into the store, so no password is worked on but that of the first account. The
//! browser changes between persons by one cookie that takes the place of another: no page in it is ever without a session. One browser goes
//! with one town.

use crate::support::browser::Browser;
use authority::cases::{OfficeForm, OfficerForm, PartyForm};
use authority::visits::record::Change;
use authority::visits::{CloseForm, ItemView, NewPhoto, UnitSide, VisitForm, VisitView, door_code};
use authority::{Authority, By};
use base::time::DAY_MS;
use base::{AccountId, CaseId, CivilDate, OfficeId, Pii, Refusal, Sha256, UtcMs};
use domain::access::Role;
use domain::casework::{Typed, fields_of, is_reference};
use domain::identifier::{DivisionCode, PoliceUnitCode};
use domain::inspection::VisitKind;
use domain::office::{Office, OfficeLevel, candidates};
use law::{FieldKind, Jurisdiction, Party, Procedure, SiteProfile};
use serde_json::{Value, json};
use site::accounts::AccountForm;
use site::{Profile, Site, SiteClock, SiteConfig};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use store::accounts::NewAccount;
use store::{Store, StoreConfig};
use tokio::runtime::Runtime;

/// Of the account that sets the server up.
const PASSWORD: &str = "four unrelated words";
/// What stands where the hash of a password would: nobody signs in by it.
const NO_PASSWORD: &str = "none";
/// The cookie that holds the token of a session (`web::call`).
const SESSION: &str = "jifang";
/// A drawn signature, as far as its first bytes go.
const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\n a picture";
/// What has ended is walked so many days after it began, with years to come before its end.
const INTO_ITS_TIME: i32 = 186;
/// Longer than the samples of the packs give to correct, days.
const LONGER_THAN_AN_ORDER: i64 = 90;
/// Levels of the offices: word, name, digits of the division that are kept, what the unit code ends in.
const LEVELS: [(&str, &str, usize); 4] =
    [("province", "省厅", 2), ("city", "市局", 4), ("county", "区分局", 6), ("station", "派出所", 6)];
/// Seats of an office: word and role.
const SEATS: [(&str, Role); 6] = [
    ("officer", Role::CaseOfficer),
    ("second", Role::CaseOfficer),
    ("head", Role::CaseApprover),
    ("review", Role::LegalReviewer),
    ("publisher", Role::Publisher),
    ("supervisor", Role::Supervisor),
];

/// The police of one province.
pub struct Town {
    runtime: Runtime,
    pub site: Site,
    pub authority: Authority,
    address: SocketAddr,
    _data: tempfile::TempDir,
    clock: SiteClock,
    pub gate: Arc<law::Gate>,
    pub jurisdiction: Jurisdiction,
    /// Division of a district in this province.
    pub division: String,
    offices: Vec<(&'static str, Office)>,
    /// How often days went by: sessions of before are over.
    leaps: Cell<u32>,
    /// Who has a session, and since which leap.
    signed: RefCell<BTreeMap<String, u32>>,
    /// Who the browser goes as.
    last: RefCell<String>,
    /// The page that the browser shows as it is now, where a form that was sent led to it.
    shown: RefCell<String>,
}

fn first_account() -> AccountForm {
    AccountForm {
        login: "admin".into(),
        name: Pii::new("姓名admin".into()),
        badge: None,
        unit: "示范".into(),
        role: Role::Administrator,
        password: Pii::new(PASSWORD.into()),
    }
}

fn account(login: &str, role: Role) -> NewAccount {
    NewAccount {
        login: login.into(),
        role,
        name: Pii::new(format!("姓名{login}")),
        badge: None,
        unit: "示范".into(),
        password_hash: NO_PASSWORD.into(),
    }
}

/// Division of the office of a level in the district's province.
fn territory(division: &str, kept: usize) -> String {
    let kept = &division[..kept];
    format!("{kept:0<6}")
}

impl Town {
    /// Starts the police of `jurisdiction` with a district of this division.
    pub fn start(jurisdiction: Jurisdiction, division: &str) -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let data = tempfile::tempdir().expect("a folder");
        let clock = SiteClock::start();
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let (site, authority, address) = runtime.block_on(async {
            let config = StoreConfig { data: data.path().to_path_buf(), ..StoreConfig::default() };
            let store = Store::open(&config, clock.now().utc).await.expect("opens");
            let site = Site::offline(store, SiteConfig::default(), clock.clone()).await.expect("opens");
            let law = SiteProfile::new(jurisdiction);
            let profile = Profile { name: "示范省公安机关".into(), address: String::new(), law };
            site.set_up(&first_account(), profile).await.expect("set up");
            let times = clock.clone();
            let now = move || times.now().utc;
            let authority = Authority::open(site.store().clone(), "127.0.0.1:1".into(), site.law(), now).await;
            let authority = authority.expect("opens");
            let listener = tokio::net::TcpListener::bind(any).await.expect("a port");
            let address = listener.local_addr().expect("an address");
            let options = web::Options { authority: Some(authority.clone()), ..web::Options::default() };
            tokio::spawn(web::serve(site.clone(), listener, options, std::future::pending()));
            (site, authority, address)
        });
        let gate = site.law();
        let mut town = Self {
            runtime,
            site,
            authority,
            address,
            _data: data,
            clock,
            gate,
            jurisdiction,
            division: division.to_owned(),
            offices: Vec::new(),
            leaps: Cell::new(0),
            signed: RefCell::default(),
            last: RefCell::default(),
            shown: RefCell::default(),
        };
        town.people();
        town
    }

    fn people(&mut self) {
        let admin = self.by("admin");
        let mut parent: Option<OfficeId> = None;
        for (level, name, kept) in LEVELS {
            let division = territory(&self.division, kept);
            let code = if level == "station" { format!("{division}510000") } else { format!("{division}000000") };
            let form = OfficeForm {
                name: format!("示范{name}"),
                short: format!("示{level}"),
                level: level.into(),
                division: division.clone(),
                unit_code: code.clone(),
                parent,
                ..OfficeForm::default()
            };
            let id = self.runtime.block_on(self.authority.put_office(admin, &form));
            let id = id.unwrap_or_else(|e| panic!("{level}: {e:?}"));
            let office = Office {
                id,
                name: form.name,
                level: OfficeLevel::parse(level).expect("a level"),
                division: DivisionCode::parse(&division).expect("a division"),
                unit_code: PoliceUnitCode::parse(&code).expect("a unit code"),
                parent,
            };
            self.offices.push((level, office));
            parent = Some(id);
            for (seat, role) in SEATS {
                let login = format!("{seat}-{level}");
                let until = CivilDate::parse("2999-12-31");
                let card = OfficerForm { certificate: Pii::new(format!("证{login}")), valid_until: until };
                let who = self.add(&login, role);
                let put = self.runtime.block_on(self.authority.put_officer(admin, who, id, &card));
                put.expect("an officer");
            }
        }
        let unit = [
            ("unit_name", "示例商业有限公司"),
            ("credit_code", "91350100M000100Y43"),
            ("unit_address", "示例路1号"),
            ("contact", "王五"),
            ("contact_phone", "0451-55550100"),
        ];
        let person =
            [("person_name", "孙七"), ("resident_id", "11010519491231002X"), ("contact_phone", "0451-55550101")];
        for (login, is_unit, pairs) in [("unit", true, &unit[..]), ("person", false, &person[..])] {
            let typed = pairs.iter().map(|(id, text)| ((*id).to_owned(), (*text).to_owned())).collect();
            self.add(login, Role::Applicant);
            let by = self.by(login);
            let party = self.runtime.block_on(self.authority.register_party(by, &PartyForm { is_unit, typed }));
            party.expect("a party");
        }
    }

    fn add(&self, login: &str, role: Role) -> AccountId {
        let new = account(login, role);
        let made = self.site.store().add_account(&new, None, false, self.clock.now().utc);
        self.runtime.block_on(made).unwrap_or_else(|e| panic!("{login}: {e}"))
    }

    fn account(&self, login: &str) -> (AccountId, Role) {
        let found = self.runtime.block_on(self.site.store().account_by_login(login)).expect("reads");
        let found = found.unwrap_or_else(|| panic!("no account {login}"));
        (found.id, found.role)
    }

    pub fn by(&self, login: &str) -> By {
        let (account, role) = self.account(login);
        By { account, role }
    }

    /// The level of the office that is competent for a procedure in the district; where the police handle no step, the district's.
    pub fn level_of(&self, procedure: &Procedure) -> &'static str {
        let parties = std::iter::once(procedure.organ).chain(procedure.steps.iter().map(|s| s.who));
        let handler = parties.into_iter().find(|p| domain::casework::is_ours(*p));
        let place = DivisionCode::parse(&self.division).expect("a division");
        let offices: Vec<Office> = self.offices.iter().map(|(_, o)| o.clone()).collect();
        let found = handler.and_then(|p: Party| candidates(p, &offices, &place).first().map(|o| o.id));
        self.offices.iter().find(|(_, o)| Some(o.id) == found).map_or("county", |(level, _)| *level)
    }

    /// Whether the pack of a procedure reaches this province.
    pub fn reaches(&self, procedure: &Procedure) -> bool {
        let pack = self.gate.packs().all().iter().find(|p| p.folder == procedure.folder);
        pack.is_some_and(|p| p.reaches(self.jurisdiction))
    }

    /// A day of facts for a procedure that has ended, on which it was in force; none for one of today.
    pub fn day_of_old(&self, procedure: &Procedure) -> Option<CivilDate> {
        procedure.has_ended(self.today()).then(|| procedure.from.plus_days(INTO_ITS_TIME))
    }

    /// What the office of a level is called.
    pub fn office_name(&self, level: &str) -> String {
        self.offices.iter().find(|(of, _)| *of == level).expect("an office of the level").1.name.clone()
    }

    /// The number of a case.
    pub fn number(&self, case: CaseId) -> String {
        self.runtime.block_on(self.site.store().case(case)).expect("reads").expect("a case").number
    }

    pub fn today(&self) -> CivilDate {
        self.site.now().utc.shanghai_date()
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The browser goes on as this account, on a page.
    pub fn go_as(&self, page: &Browser, login: &str, path: &str) {
        self.now_shows("");
        let token = Sha256::of(format!("the session of {login}").as_bytes()).hex();
        let leaps = self.leaps.get();
        let fresh = self.signed.borrow_mut().insert(login.to_owned(), leaps) != Some(leaps);
        if fresh {
            self.begin_session(login, &token);
        }
        let last = self.last.replace(login.to_owned());
        if last.is_empty() {
            // A page without scripts: a cookie is set where one of its host is open.
            page.go(&self.url("/assets/app.css"));
        }
        if fresh || last != login {
            page.put_cookie(SESSION, &token);
        }
        page.go(&self.url(path));
    }

    /// From now on the browser shows this page as it is; empty: nobody knows.
    pub fn now_shows(&self, page: &str) {
        page.clone_into(&mut self.shown.borrow_mut());
    }

    /// Whether the browser shows this page, and nothing was done since that could have changed it.
    pub fn shows(&self, page: &str) -> bool {
        *self.shown.borrow() == page
    }

    /// A session under the same token as before, which the browser may still have.
    fn begin_session(&self, login: &str, token: &str) {
        let (account, _) = self.account(login);
        let digest = Sha256::of(token.as_bytes()).hex();
        let csrf = Sha256::of(digest.as_bytes()).hex();
        let (store, now) = (self.site.store(), self.clock.now().utc);
        self.runtime.block_on(async {
            store.end_session(&digest).await.expect("ends");
            store.add_session(token, account, &csrf, "test", now).await.expect("begins");
        });
    }

    /// What is typed into the form of a step or outcome: the samples of the packs; days are today, divisions are this district's.
    pub fn typed(&self, procedure: &Procedure, node: &str, on: CivilDate) -> Typed {
        let text = |f: &law::Field| match f.kind {
            FieldKind::Day => on.to_string(),
            FieldKind::Division => self.division.clone(),
            _ => f.sample.clone(),
        };
        let own = fields_of(procedure, node).into_iter().filter(|f| !is_reference(&f.id));
        let all = own.map(|f| (f.id.clone(), text(f)));
        all.filter(|(_, text)| !text.is_empty()).collect()
    }

    /// The visit that the case is at, from its leave to its end, by the acts of the authority: its pages have a test of their own. Where it `fails`
    /// one item is not met, by a clause whose text is there; a second look waits until the time of the order is over.
    pub fn visit(&self, level: &str, case: CaseId, fails: bool) -> Result<(), Refusal> {
        self.now_shows("");
        let [one, two, head] = ["officer", "second", "head"].map(|seat| self.by(&format!("{seat}-{level}")));
        let a = &self.authority;
        let offer = self.runtime.block_on(a.visit_offer(one, case))?;
        let first = offer.kinds.contains(&VisitKind::Complaint);
        if !first {
            self.pass_days(LONGER_THAN_AN_ORDER);
        }
        let form = VisitForm {
            kind: if first { VisitKind::Complaint } else { VisitKind::Again },
            item: offer.items.first().map(|i| i.id.clone()).unwrap_or_default(),
            basis: "投诉1号".into(),
            day: self.today(),
            with: vec![two.account],
            accepts: None,
        };
        self.runtime.block_on(async {
            a.ask_visit(one, case, &form).await?;
            a.approve_visit(head, case).await?;
            a.begin_visit(one, case).await?;
            let view = a.visit(one, case).await?;
            let saved = a.save_visit(one, case, view.line.row.version, &record_of(&view, fails)).await?;
            for (by, whose) in
                [(one, one.account.to_string()), (two, two.account.to_string()), (one, "unit".to_owned())]
            {
                let photo = NewPhoto {
                    bytes: PICTURE.to_vec(),
                    sha256: Sha256::of(PICTURE),
                    belongs: format!("signature/{whose}"),
                    taken: self.clock.now().utc,
                    place: String::new(),
                };
                a.add_photo(by, case, photo).await?;
            }
            self.close_visit(one, case, saved.version).await
        })
    }

    /// The end of a visit whose record was sent and signed: the only place of the walks that closes one.
    async fn close_visit(&self, by: By, case: CaseId, version: u32) -> Result<(), Refusal> {
        let unit = UnitSide::Signed { name: "赵六".into() };
        self.authority.close_visit(by, case, &CloseForm { version, unit }).await.map(|_| ())
    }

    /// So many days go by; sessions of before are over.
    pub fn pass_days(&self, days: i64) {
        self.clock.forward_to(UtcMs(self.clock.now().utc.0 + days * DAY_MS));
        self.leaps.set(self.leaps.get() + 1);
        self.now_shows("");
    }

    /// The day's count of the clocks, which the server makes by itself within a minute of the new day.
    pub fn count_clocks(&self) {
        self.runtime.block_on(self.authority.recount(self.today())).expect("counted");
    }
}

/// A whole record in which the first item that may fail by a clause with its text does, where one is to fail.
fn record_of(view: &VisitView, fails: bool) -> Vec<Change> {
    let change = |field: &str, value: Value| Change { field: field.to_owned(), base: Value::Null, value };
    let may_fail = view.items.iter().position(|i| {
        i.item.answer == law::AnswerKind::YesNo && !i.item.defects.is_empty() && !i.gap && !i.citations.is_empty()
    });
    let fails = may_fail.filter(|_| fails);
    let answer = |(n, i): (usize, &ItemView)| {
        let failing = fails == Some(n);
        let answered = match i.item.answer {
            law::AnswerKind::YesNo => json!(if failing { "no" } else { "yes" }),
            law::AnswerKind::Number => json!({ "number": i.item.least.or(i.item.most).unwrap_or_default() }),
            law::AnswerKind::Choice => {
                json!({ "choice": i.item.choices.iter().find(|c| c.passes).map(|c| c.id.clone()) })
            }
        };
        let defects: Vec<&str> = i.item.defects.iter().take(usize::from(failing)).map(|d| d.id.as_str()).collect();
        let value = json!({ "answered": answered, "defects": defects, "remark": "现场核对", "report": null });
        change(&format!("item/{}", i.item.id), value)
    };
    let door = [
        change("scan", json!({ "code": door_code(&view.line.row.unit, &view.line.unit), "at": 1 })),
        change("present_name", json!("赵六")),
        change("present_post", json!("保卫部主任")),
    ];
    door.into_iter().chain(view.items.iter().enumerate().map(answer)).collect()
}
