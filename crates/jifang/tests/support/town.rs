//! A province's police with offices at every level, officers in every seat and two applicants: server, pages and database in this process.
//!
//! Nothing here knows a procedure or a province by name: what is offered, which office is competent and what a form asks is read from the
//! packs, as the pages read it. A clock that the test holds lets days go by.

use crate::support::browser::Browser;
use crate::support::http::Client;
use crate::support::people::{send, sent_to};
use authority::cases::{OfficeForm, OfficerForm, PartyForm};
use authority::{Authority, By};
use base::time::DAY_MS;
use base::{AccountId, CivilDate, OfficeId, Pii, UtcMs};
use domain::access::Role;
use domain::casework::{Typed, fields_of};
use domain::identifier::{DivisionCode, PoliceUnitCode};
use domain::office::{Office, OfficeLevel, candidates};
use law::{FieldKind, Jurisdiction, Party, Procedure, SiteProfile};
use site::accounts::AccountForm;
use site::{Profile, Site, SiteClock, SiteConfig};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use store::{Store, StoreConfig};
use tokio::runtime::Runtime;

pub const PASSWORD: &str = "four unrelated words";
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
    cookies: RefCell<BTreeMap<String, BTreeMap<String, String>>>,
    /// Who the browser goes as.
    last: RefCell<String>,
}

fn account(login: &str, role: Role, unit: &str) -> AccountForm {
    AccountForm {
        login: login.into(),
        name: Pii::new(format!("姓名{login}")),
        badge: None,
        unit: unit.into(),
        role,
        password: Pii::new(PASSWORD.into()),
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
            site.set_up(&account("admin", Role::Administrator, "示范"), profile).await.expect("set up");
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
            cookies: RefCell::default(),
            last: RefCell::default(),
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
                self.runtime.block_on(async {
                    self.site.add_account_locally(&account(&login, role, "示范")).await.expect("an account");
                    let who = self.site.store().account_by_login(&login).await.expect("reads").expect("an account").id;
                    self.authority.put_officer(admin, who, id, &card).await.expect("an officer");
                });
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
            self.runtime.block_on(async {
                self.site.add_account_locally(&account(login, Role::Applicant, "示范")).await.expect("an account");
            });
            let by = self.by(login);
            let party = self.runtime.block_on(self.authority.register_party(by, &PartyForm { is_unit, typed }));
            party.expect("a party");
        }
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

    /// Whether the pack of a procedure reaches this province today.
    pub fn has(&self, procedure: &Procedure, today: CivilDate) -> bool {
        let pack = self.gate.packs().all().iter().find(|p| p.folder == procedure.folder);
        procedure.in_force(today) && pack.is_some_and(|p| p.reaches(self.jurisdiction))
    }

    pub fn today(&self) -> CivilDate {
        self.site.now().utc.shanghai_date()
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The browser goes on as this account, on a page.
    pub fn go_as(&self, page: &Browser, login: &str, path: &str) {
        if *self.last.borrow() == login {
            page.go(&self.url(path));
            return;
        }
        let known = self.cookies.borrow().get(login).cloned();
        let cookies = known.unwrap_or_else(|| {
            let mut client = Client::new(self.address);
            sent_to(send(&mut client, "/login", "/login", &[("login", login), ("password", PASSWORD)]));
            self.cookies.borrow_mut().insert(login.to_owned(), client.cookies.clone());
            client.cookies
        });
        if page.url().starts_with("http") {
            page.take_cookies(&cookies);
        } else {
            page.go(&self.url("/assets/app.css"));
            page.take_cookies(&cookies);
        }
        page.go(&self.url(path));
        login.clone_into(&mut self.last.borrow_mut());
    }

    /// What is typed into the form of a step or outcome: the samples of the packs; days are today, divisions are this district's.
    pub fn typed(&self, procedure: &Procedure, node: &str, on: CivilDate) -> Typed {
        let text = |f: &law::Field| match f.kind {
            FieldKind::Day => on.to_string(),
            FieldKind::Division => self.division.clone(),
            _ => f.sample.clone(),
        };
        let all = fields_of(procedure, node).into_iter().map(|f| (f.id.clone(), text(f)));
        all.filter(|(_, text)| !text.is_empty()).collect()
    }

    /// So many days go by; whoever was signed in is not any more.
    pub fn pass_days(&self, days: i64) {
        self.clock.forward_to(UtcMs(self.clock.now().utc.0 + days * DAY_MS));
        self.cookies.borrow_mut().clear();
        self.last.borrow_mut().clear();
    }
}
