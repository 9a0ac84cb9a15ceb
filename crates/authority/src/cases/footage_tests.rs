//! Footage of an application: held with the step that hands it in, told to the site by a signed order, answered, and let go.

use crate::cases::{AppointmentForm, Beginning, FootageForm, OfficeForm, OfficerForm, PartyForm, Upload};
use crate::tests::hall::{self, Bare, HOUR_MS, account_at, day};
use crate::{Admission, Authority, By};
use base::{CaseId, CivilDate, Pii, Sha256, SiteId, UtcMs};
use bus::{Call, Identity, Kind, Message, Question, Receipt, ask_orders, join_message, split_orders};
use domain::access::Role;
use domain::casework::{CaseAct, Channel, Command, Typed};
use domain::order::{self, Ended, HOLD, Kept, Order, RELEASE};
use law::Jurisdiction;
use ledger::SiteKey;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use store::Store;

const OF: &str = "evidence_retrieval";
const UNIT: &str = "示范酒店";

/// An authority in the province whose packs have such a case, with an admitted site.
pub(super) struct Hall {
    _dir: tempfile::TempDir,
    pub(super) store: Store,
    pub(super) authority: Authority,
    clock: Arc<AtomicI64>,
    pub(super) site: SiteId,
    key: SiteKey,
    identity: Identity,
    pub(super) officer: By,
    pub(super) head: By,
    pub(super) person: By,
    /// Word of the procedure.
    pub(super) of: &'static str,
}

impl Hall {
    async fn open() -> Self {
        Self::open_for(OF).await
    }

    pub(super) async fn open_for(of: &'static str) -> Self {
        let Bare { dir, store, authority, clock, admin } = Bare::open(Jurisdiction::Liaoning).await;
        let start = UtcMs(clock.load(Ordering::Relaxed));
        // Which office handles it follows from the procedure: a station, or the county.
        let station = of == "citizen_viewing";
        let form = OfficeForm {
            name: "示例分局".into(),
            short: "示公".into(),
            level: if station { "station".into() } else { "county".into() },
            division: "210102".into(),
            unit_code: if station { "210102500000".into() } else { "210102000000".into() },
            ..OfficeForm::default()
        };
        let office = authority.put_office(admin, &form).await.unwrap();
        let officer = account_at(&store, "officer", Role::CaseOfficer, start).await;
        let head = account_at(&store, "head", Role::CaseApprover, start).await;
        for by in [officer, head] {
            let card = OfficerForm { certificate: Pii::new("2101-1".into()), valid_until: Some(day("2030-12-31")) };
            authority.put_officer(admin, by.account, office, &card).await.unwrap();
        }
        let person = account_at(&store, "person", Role::Applicant, start).await;
        let typed = [("person_name", "赵六"), ("resident_id", "11010519491231002X"), ("contact_phone", "024-55550101")];
        let typed = typed.map(|(id, text)| (id.to_owned(), text.to_owned())).into_iter().collect();
        authority.register_party(person, &PartyForm { is_unit: false, typed }).await.unwrap();
        let site = SiteId::new(start.0, [7; 10]);
        let key = SiteKey::from_seed(&format!("jifang/{site}"), [7; 32]).unwrap();
        let identity = Identity::from_seed(&[8; 32]).unwrap();
        let admission = Admission {
            name: UNIT.into(),
            unit: "示范酒店管理公司".into(),
            jurisdiction: "liaoning".into(),
            code: String::new(),
        };
        authority.enter(&key.vkey().to_string(), &identity.pin().to_string(), &admission, admin).await.unwrap();
        Self { _dir: dir, store, authority, clock, site, key, identity, officer, head, person, of }
    }

    pub(super) fn now(&self) -> UtcMs {
        UtcMs(self.clock.load(Ordering::Relaxed))
    }

    pub(super) fn today(&self) -> CivilDate {
        self.now().shanghai_date()
    }

    fn pass_days(&self, days: i64) {
        self.clock.fetch_add(days * 24 * HOUR_MS, Ordering::Relaxed);
    }

    pub(super) fn sample(&self, step: &str) -> Typed {
        hall::sample(self.of, step, self.today())
    }

    pub(super) async fn act(&self, by: By, case: CaseId, act: CaseAct) {
        let seen = self.store.case(case).await.unwrap().map_or(0, |row| row.events);
        self.authority.act(by, case, &Command { seen, act }, Vec::new()).await.unwrap();
    }

    async fn propose_to_refuse(&self, case: CaseId) {
        let act = CaseAct::Propose {
            outcome: "refused".into(),
            typed: self.sample("refused"),
            reasons: "申请人不是负有举证责任的一方。".into(),
            clauses: vec![base::ClauseId::new("A-25-2")],
        };
        self.act(self.officer, case, act).await;
    }

    /// The head decides what was proposed.
    pub(super) async fn decide(&self, case: CaseId, outcome: &str) {
        let act = CaseAct::Decide {
            outcome: outcome.into(),
            typed: Typed::new(),
            reasons: String::new(),
            clauses: vec![],
            officers: vec![],
            on: self.today(),
        };
        self.act(self.head, case, act).await;
    }

    /// An application that names this unit.
    pub(super) async fn applied(&self, unit: &str) -> CaseId {
        let form = Beginning {
            procedure: self.of.into(),
            channel: Channel::Online,
            party: None,
            place: "210102".into(),
            office: None,
            facts_on: None,
            title: String::new(),
            again: "另一件事，发生在另一天。".into(),
        };
        let case = self.authority.begin(self.person, &form).await.unwrap().case;
        let mut typed = self.sample("apply");
        typed.insert("held_unit".into(), unit.into());
        let fill = CaseAct::Fill { step: "apply".into(), typed: typed.clone() };
        self.act(self.person, case, fill).await;
        assert!(self.store.orders_of_case(case).await.unwrap().is_empty(), "a draft holds nothing");
        let on = self.today();
        let act = CaseAct::Done { step: "apply".into(), typed, note: String::new(), officers: vec![], on };
        let materials = self.authority.gate().packs().procedure(self.of).unwrap().materials.iter();
        let papers = materials.filter(|m| m.required && !m.gap).map(|m| Upload {
            material: m.id.clone(),
            name: Pii::new(format!("{}.pdf", m.id)),
            bytes: format!("%PDF-1.7 {}", m.id).into_bytes(),
        });
        let papers = papers.collect();
        let seen = self.store.case(case).await.unwrap().map_or(0, |row| row.events);
        self.authority.act(self.person, case, &Command { seen, act }, papers).await.unwrap();
        case
    }

    async fn ask(&self, question: Question, body: Vec<u8>) -> bus::Answer {
        let peer = "127.0.0.1:1".parse().unwrap();
        self.authority.answer(Call { pin: self.identity.pin(), peer, question, body }).await
    }

    /// What the site is told after the number `after`.
    pub(super) async fn told(&self, after: u64) -> Vec<(bus::Order, Order)> {
        let answer = self.ask(Question::Orders, ask_orders(after)).await;
        assert_eq!(answer.status, 200);
        let (key, own) = (self.authority.vkey(), self.key.vkey().name());
        let read = |(note, body): (&[u8], &[u8])| {
            let signed = bus::Order::open(note, body, key, own).unwrap();
            let order = Order::read(&signed.kind, body).unwrap();
            (signed, order)
        };
        split_orders(&answer.body).unwrap().into_iter().map(read).collect()
    }

    async fn answered(&self, id: &str, seq: u64, said: &order::Answer) -> bus::Answer {
        let body = said.body();
        let message = Message {
            id: id.into(),
            site: self.key.vkey().name().into(),
            seq,
            kind: Kind::OrderResult,
            at: self.now(),
            sha256: Sha256::of(&body),
        };
        self.ask(Question::Message, join_message(&message.sign(&self.key).unwrap(), &body).unwrap()).await
    }
}

/// What the authority answers to an answer of the site.
pub(super) async fn answer_to(hall: &Hall, id: &str, seq: u64, said: &order::Answer) -> bus::Answer {
    hall.answered(id, seq, said).await
}

#[tokio::test]
async fn an_application_that_names_an_admitted_unit_holds_its_footage() {
    let hall = Hall::open().await;
    let case = hall.applied(UNIT).await;
    let told = hall.told(0).await;
    assert_eq!(told.len(), 1);
    let (signed, Order::Hold(hold)) = &told[0] else { panic!("{told:?}") };
    assert_eq!((signed.seq, signed.kind.as_str()), (1, HOLD));
    let (from, to) = order::window(hall.today(), &hall.sample("apply")["event_time"]);
    assert_eq!((hold.from, hold.to, hold.until), (from, to, None));
    assert!(!format!("{hold:?}").contains("赵六"), "no person goes to the site");
    assert_eq!(hall.told(0).await, told, "the same bytes each time");
    assert!(hall.told(1).await.is_empty());
    // Nothing is called held before the site has said so.
    assert!(hall.authority.footage_orders(hall.person, case).await.unwrap()[0].answer.is_none());
    let id = base::OrderId::parse(&signed.id).unwrap();
    let kept = Kept { camera: "停车场3号".into(), footage_ms: 5_000, gaps: vec![], oldest: Some(UtcMs(1)) };
    let said = order::Answer {
        from: Some(from),
        to: Some(to),
        cameras: vec![kept],
        ..order::Answer::plain(id, Ended::Partly, vec![], vec![])
    };
    let first = hall.answered("m-1", 1, &said).await;
    assert_eq!(first.status, 200);
    Receipt::open(&first.body, hall.authority.vkey()).unwrap();
    assert_eq!(hall.answered("m-1", 1, &said).await, first, "the same receipt");
    let other = order::Answer::plain(id, Ended::Done, vec![], vec![]);
    assert_eq!(hall.answered("m-1", 1, &other).await.status, 409);
    let unknown = order::Answer::plain(base::OrderId::from_bytes([9; 16]), Ended::Done, vec![], vec![]);
    assert_eq!(hall.answered("m-2", 2, &unknown).await.status, 404);
    let shown = hall.authority.footage_orders(hall.officer, case).await.unwrap();
    assert_eq!((shown.len(), shown[0].site.as_str()), (1, UNIT));
    assert_eq!(shown[0].answer.as_ref().map(|(a, _)| a), Some(&said));
    assert_eq!(hall.store.message_numbers(hall.site).await.unwrap(), (1, 1), "its messages have no hole");
}

/// Versions of the rows of holds of a case, the oldest first: state, last day, case.
async fn held_rows(hall: &Hall, case: CaseId) -> Vec<(String, Option<CivilDate>, Option<CaseId>)> {
    let rows = hall.store.rows_of_case(case).await.unwrap().into_iter().filter(|row| row.register == "holds");
    let line = |row: store::casework::registers::RowVersion| {
        let sealed: serde_json::Value = serde_json::from_str(row.personal.expect("columns").expose()).unwrap();
        assert!(row.shown.is_none() && !row.public.contains("赵六") && !sealed.to_string().contains("赵六"));
        assert_eq!(row.name, UNIT);
        (sealed["hold_state"].as_str().unwrap().to_owned(), row.until, row.case.map(|(case, _)| case))
    };
    rows.map(line).collect()
}

#[tokio::test]
async fn holds_and_their_end_stand_in_the_register_with_their_case() {
    let hall = Hall::open().await;
    let case = hall.applied(UNIT).await;
    assert_eq!(held_rows(&hall, case).await, [("placed".to_owned(), None, Some(case))], "with the step");
    let form =
        FootageForm { site: Some(hall.site), day: Some(hall.today()), time: "20:00".into(), place: "停车场".into() };
    hall.authority.hold_footage(hall.officer, case, &form).await.unwrap();
    assert_eq!(held_rows(&hall, case).await.len(), 2, "and one that an officer orders");
    let orders = hall.authority.footage_orders(hall.officer, case).await.unwrap();
    let (first, why) = (orders[0].id, "申请人撤回了这一处的请求");
    hall.authority.release_footage(hall.head, case, first, why).await.unwrap();
    let rows = held_rows(&hall, case).await;
    assert_eq!(rows.last(), Some(&("released".to_owned(), Some(hall.today()), Some(case))));
    let history = hall.store.register_history("holds", &first.to_string()).await.unwrap();
    assert_eq!(history.iter().map(|row| row.version).collect::<Vec<_>>(), [2, 1], "every version stays");
    assert!(history[0].personal.as_ref().expect("columns").expose().contains(why));
    hall.store.flush_ledger().await.unwrap();
    for row in &history {
        let entry = hall.store.ledger().entry(row.entry).unwrap().parse().unwrap();
        assert_eq!(entry.body["case"], serde_json::json!(case), "the entry names the case");
    }
}

#[tokio::test]
async fn an_order_goes_to_sites_in_the_territory_of_the_office_only() {
    let hall = Hall::open().await;
    let admin = account_at(&hall.store, "admin2", Role::Administrator, hall.now()).await;
    for wrong in ["", "21010", "230102"] {
        assert_eq!(hall.authority.place_site(hall.site, wrong, admin).await.unwrap_err().code, "division", "{wrong}");
    }
    assert_eq!(hall.authority.place_site(hall.site, "210103", hall.officer).await.unwrap_err().code, "no_permission");
    hall.authority.place_site(hall.site, "210103", admin).await.unwrap();
    assert_eq!(hall.store.peer(hall.site).await.unwrap().expect("there").division, "210103");
    let case = hall.applied(UNIT).await;
    assert!(hall.told(0).await.is_empty(), "the next district is another office's");
    assert!(hall.authority.footage_units(hall.officer).await.unwrap().is_empty());
    assert_eq!(
        hall.authority.footage_units(hall.person).await.unwrap_err().code,
        "no_permission",
        "no list for strangers"
    );
    let form =
        FootageForm { site: Some(hall.site), day: Some(hall.today()), time: "20:00".into(), place: "停车场".into() };
    let refused = hall.authority.hold_footage(hall.officer, case, &form).await.unwrap_err();
    assert_eq!((refused.code.as_str(), refused.why.is_empty()), ("other_territory", false), "with the clause");
    assert!(refused.what.zh.contains(UNIT) && refused.next.zh.contains("所在地的公安机关"), "{refused:?}");
    let there = OfficeForm {
        name: "邻区分局".into(),
        level: "county".into(),
        division: "210103".into(),
        unit_code: "210103000000".into(),
        ..OfficeForm::default()
    };
    hall.authority.put_office(admin, &there).await.unwrap();
    let refused = hall.authority.hold_footage(hall.officer, case, &form).await.unwrap_err();
    assert!(refused.next.zh.contains("邻区分局"), "whom to ask: {refused:?}");
    assert!(hall.authority.footage_orders(hall.officer, case).await.unwrap().is_empty());
    // It was entered wrongly.
    hall.authority.place_site(hall.site, "210102", admin).await.unwrap();
    hall.authority.hold_footage(hall.officer, case, &form).await.unwrap();
    assert_eq!(hall.told(0).await.len(), 1);
}

#[tokio::test]
async fn a_name_is_found_however_it_is_written_and_what_is_only_like_it_is_offered() {
    let hall = Hall::open().await;
    let case = hall.applied("示范 酒店（有限公司）").await;
    assert_eq!(hall.told(0).await.len(), 1, "one width, no signs, no form of company");
    let meant = hall.authority.sites_meant(hall.person, case).await.unwrap().expect("a procedure about footage");
    assert_eq!((meant.one.as_deref(), meant.near.as_slice()), (Some(UNIT), &[][..]));
    assert!(hall.authority.unheld(hall.officer).await.unwrap().is_empty(), "it was told");
    let case = hall.applied("示范酒店管理").await;
    assert_eq!(hall.told(0).await.len(), 1, "what is only like a name tells nobody");
    let meant = hall.authority.sites_meant(hall.person, case).await.unwrap().expect("a procedure about footage");
    assert_eq!((meant.one, meant.near), (None, vec![(hall.site, UNIT.to_owned())]));
    let unheld = hall.authority.unheld(hall.officer).await.unwrap();
    assert_eq!(unheld.iter().map(|one| (one.row.id, one.day)).collect::<Vec<_>>(), [(case, Some(hall.today()))]);
    assert!(hall.authority.unheld(hall.head).await.unwrap().is_empty(), "an officer's duty");
    hall.act(hall.officer, case, CaseAct::Assign { to: hall.officer.account }).await;
    assert_eq!(hall.authority.unheld(hall.officer).await.unwrap().len(), 1, "whose it is sees it");
    let own = hall.store.case(case).await.unwrap().unwrap();
    let (office, other) = (own.head.office, hall.head.account);
    let of_others = hall.store.unheld_cases((office, other), &own.head.procedure, &own.head.state, 9).await.unwrap();
    assert!(of_others.is_empty(), "what somebody else handles takes no place in their list");
    let form =
        FootageForm { site: Some(hall.site), day: Some(hall.today()), time: "20:00".into(), place: "停车场".into() };
    hall.authority.hold_footage(hall.officer, case, &form).await.unwrap();
    assert!(hall.authority.unheld(hall.officer).await.unwrap().is_empty(), "somebody was told");
}

#[tokio::test]
async fn an_officer_names_the_unit_later_and_ends_the_hold_with_a_reason() {
    let hall = Hall::open().await;
    let case = hall.applied("无人知道的单位").await;
    assert!(hall.told(0).await.is_empty(), "nobody is told where nobody is meant");
    let form =
        FootageForm { site: Some(hall.site), day: Some(hall.today()), time: "20:00".into(), place: "停车场".into() };
    assert!(hall.authority.hold_footage(hall.person, case, &form).await.is_err(), "not the applicant");
    let nobody = FootageForm { site: None, ..form.clone() };
    assert_eq!(hall.authority.hold_footage(hall.officer, case, &nobody).await.unwrap_err().code, "site");
    let never = FootageForm { day: None, ..form.clone() };
    assert_eq!(hall.authority.hold_footage(hall.officer, case, &never).await.unwrap_err().code, "day");
    hall.authority.hold_footage(hall.officer, case, &form).await.unwrap();
    assert_eq!(hall.authority.hold_footage(hall.officer, case, &form).await.unwrap_err().code, "held_already");
    let order = hall.authority.footage_orders(hall.officer, case).await.unwrap()[0].id;
    let why = "申请人撤回了这一处的请求";
    let officers = hall.authority.release_footage(hall.officer, case, order, why).await.unwrap_err();
    assert_eq!(officers.code, "not_your_step", "what may be the only copy is let go by a head");
    let short = hall.authority.release_footage(hall.head, case, order, "不用").await.unwrap_err();
    assert_eq!(short.code, "reason");
    hall.authority.release_footage(hall.head, case, order, why).await.unwrap();
    assert!(hall.authority.release_footage(hall.head, case, order, why).await.is_err(), "once");
    let told = hall.told(1).await;
    let [(signed, Order::Release(release))] = told.as_slice() else { panic!("{told:?}") };
    assert_eq!((signed.seq, signed.kind.as_str(), release.order), (2, RELEASE, order));
    let soon = AppointmentForm {
        site: Some(hall.site),
        from: Some(hall.now().plus_ms(HOUR_MS)),
        to: Some(hall.now().plus_ms(2 * HOUR_MS)),
        place: "监控室".into(),
        scope: "停车场".into(),
        code: "1".into(),
    };
    assert_eq!(hall.authority.appoint(hall.officer, case, &soon).await.unwrap_err().code, "not_decided");
}

#[tokio::test]
async fn who_does_not_handle_the_case_or_keeps_out_of_it_orders_nothing() {
    let hall = Hall::open().await;
    let case = hall.applied(UNIT).await;
    let office = hall.store.case(case).await.unwrap().expect("a case").head.office;
    let other = account_at(&hall.store, "other", Role::CaseOfficer, hall.now()).await;
    let admin = hall.store.account_by_login("admin").await.unwrap().expect("there").id;
    let card = OfficerForm { certificate: Pii::new("2101-2".into()), valid_until: Some(day("2030-12-31")) };
    let admin = By { account: admin, role: Role::Administrator };
    hall.authority.put_officer(admin, other.account, office, &card).await.unwrap();
    let order = hall.authority.footage_orders(hall.officer, case).await.unwrap()[0].id;
    let later = day("2026-03-01");
    let form = FootageForm { site: Some(hall.site), day: Some(later), time: "9:00".into(), place: "停车场".into() };
    let soon = AppointmentForm {
        site: Some(hall.site),
        from: Some(hall.now().plus_ms(HOUR_MS)),
        to: Some(hall.now().plus_ms(2 * HOUR_MS)),
        place: "监控室".into(),
        scope: "停车场".into(),
        code: "1".into(),
    };
    hall.act(hall.head, case, CaseAct::Assign { to: other.account }).await;
    assert_eq!(hall.authority.hold_footage(hall.officer, case, &form).await.unwrap_err().code, "not_assigned");
    assert_eq!(hall.authority.appoint(hall.officer, case, &soon).await.unwrap_err().code, "not_assigned");
    let reason = "是申请人的近亲属".to_owned();
    hall.act(hall.head, case, CaseAct::AskRecusal { account: other.account, reason: reason.clone() }).await;
    hall.act(hall.head, case, CaseAct::SettleRecusal { account: other.account, granted: true, reason }).await;
    assert_eq!(hall.authority.hold_footage(other, case, &form).await.unwrap_err().code, "recused");
    assert_eq!(hall.authority.appoint(other, case, &soon).await.unwrap_err().code, "recused");
    let why = "申请人已经撤回申请";
    assert_eq!(hall.authority.release_footage(other, case, order, why).await.unwrap_err().code, "not_your_step");
    assert_eq!(hall.told(0).await.len(), 1, "the site was told nothing");
    hall.authority.hold_footage(hall.officer, case, &form).await.expect("nobody has it now");
}

#[tokio::test]
async fn an_application_that_is_given_up_lets_its_footage_go() {
    let hall = Hall::open().await;
    let case = hall.applied(UNIT).await;
    assert_eq!(hall.authority.release_over(hall.today()).await.unwrap(), 0, "it is open");
    hall.act(hall.person, case, CaseAct::Abandon { reasons: "已经和解，不再需要。".into() }).await;
    assert_eq!(hall.authority.release_over(hall.today()).await.unwrap(), 1);
    assert_eq!(hall.authority.release_over(hall.today()).await.unwrap(), 0, "once");
    assert_eq!(hall.told(1).await.len(), 1);
    assert_eq!(held_rows(&hall, case).await.len(), 2, "what the day's work lets go is in the register too");
}

#[tokio::test]
async fn footage_of_a_refused_application_stays_while_it_can_be_fought() {
    let hall = Hall::open().await;
    let case = hall.applied(UNIT).await;
    hall.propose_to_refuse(case).await;
    let shown = async || hall.authority.footage_orders(hall.officer, case).await.unwrap()[0].until;
    assert_eq!(shown().await, None, "open while nothing is decided");
    hall.decide(case, "refused").await;
    // The longest of the terms in which a refusal can be fought: a suit.
    let until = shown().await.unwrap();
    assert!(hall.today().plus_days(60) < until && until < hall.today().plus_days(200), "{until}");
    assert_eq!(hall.authority.release_over(until).await.unwrap(), 0, "on that day somebody may still ask");
    assert_eq!(hall.authority.release_over(hall.today()).await.unwrap(), 0, "review and suit are open");
    hall.pass_days(61);
    assert_eq!(hall.authority.release_over(hall.today()).await.unwrap(), 0, "a suit still is");
    hall.pass_days(200);
    assert_eq!(hall.authority.release_over(hall.today()).await.unwrap(), 1);
    let told = hall.told(1).await;
    assert!(matches!(told.as_slice(), [(_, Order::Release(_))]), "{told:?}");
    assert_eq!(shown().await, None, "what was let go lasts no longer");
}

#[tokio::test]
async fn footage_stays_until_nobody_can_sue_from_the_day_of_the_service() {
    let hall = Hall::open().await;
    let case = hall.applied(UNIT).await;
    hall.propose_to_refuse(case).await;
    hall.decide(case, "refused").await;
    let row = hall.store.case(case).await.unwrap().unwrap();
    let pdf = b"%PDF-1.7 refused".to_vec();
    let document = Sha256::of(&pdf);
    let new = store::casework::documents::NewDocument {
        id: hall.store.new_document_id(hall.now()).unwrap(),
        kind: "viewing_refusal".into(),
        office: row.head.office,
        number: None,
        pdf,
        words: String::new(),
        lang: base::Lang::Zh,
        check_code: String::new(),
        clauses: vec![],
        text: base::Text::new("制作文书。", "A paper is made."),
    };
    let act = CaseAct::MakeDocument {
        kind: "viewing_refusal".into(),
        number: row.number,
        sha256: document,
        pages: 1,
        lang: base::Lang::Zh,
    };
    let attached = crate::cases::Attached { documents: vec![new], ..crate::cases::Attached::default() };
    hall.authority.act_with(hall.officer, case, &Command { seen: row.events, act }, attached).await.unwrap();
    // It was served so late that the term, counted from the decision, is over before the party's own.
    hall.pass_days(100);
    let on = hall.today();
    let way = domain::casework::Way::InPerson;
    hall.act(hall.officer, case, CaseAct::Deliver { document, way, on, notice: None }).await;
    hall.pass_days(100);
    assert_eq!(hall.authority.release_over(hall.today()).await.unwrap(), 0, "since the service it is not six months");
    hall.pass_days(100);
    assert_eq!(hall.authority.release_over(hall.today()).await.unwrap(), 1);
}

#[tokio::test]
async fn one_party_has_so_many_holds_by_its_applications_alone() {
    let hall = Hall::open().await;
    for _ in 0..20 {
        let case = hall.applied(UNIT).await;
        assert_eq!(hall.authority.footage_orders(hall.officer, case).await.unwrap().len(), 1);
    }
    let case = hall.applied(UNIT).await;
    assert!(hall.authority.footage_orders(hall.officer, case).await.unwrap().is_empty(), "an officer looks first");
    let form =
        FootageForm { site: Some(hall.site), day: Some(hall.today()), time: "20:00".into(), place: "停车场".into() };
    hall.authority.hold_footage(hall.officer, case, &form).await.unwrap();
}

#[tokio::test]
async fn footage_stays_while_a_review_of_the_refusal_is_open() {
    let hall = Hall::open().await;
    let case = hall.applied(UNIT).await;
    hall.propose_to_refuse(case).await;
    hall.decide(case, "refused").await;
    let review = Beginning {
        procedure: "review".into(),
        channel: Channel::Counter,
        party: hall.store.case(case).await.unwrap().unwrap().head.party,
        place: String::new(),
        office: None,
        facts_on: None,
        title: "对不予出具决定的复议".into(),
        again: String::new(),
    };
    let review = hall.authority.begin_from(hall.officer, &review, Some(case)).await.unwrap().case;
    hall.pass_days(400);
    assert_eq!(hall.authority.release_over(hall.today()).await.unwrap(), 0, "it is fought");
    hall.act(hall.officer, review, CaseAct::Abandon { reasons: "申请人撤回复议申请。".into() }).await;
    assert_eq!(hall.authority.release_over(hall.today()).await.unwrap(), 0, "there is still the term to sue");
    hall.pass_days(100);
    assert_eq!(hall.authority.release_over(hall.today()).await.unwrap(), 1);
}

#[tokio::test]
async fn who_was_decided_to_keep_out_tells_no_site_anything() {
    let hall = Hall::open().await;
    let case = hall.applied(UNIT).await;
    let order = hall.authority.footage_orders(hall.officer, case).await.unwrap()[0].id;
    let reason = "与申请人有利害关系。".to_owned();
    let account = hall.officer.account;
    hall.act(hall.person, case, CaseAct::AskRecusal { account, reason: reason.clone() }).await;
    hall.act(hall.head, case, CaseAct::SettleRecusal { account, granted: true, reason }).await;
    let form =
        FootageForm { site: Some(hall.site), day: Some(hall.today()), time: "20:00".into(), place: "停车场".into() };
    assert_eq!(hall.authority.hold_footage(hall.officer, case, &form).await.unwrap_err().code, "recused");
    let released = hall.authority.release_footage(hall.officer, case, order, "不再需要这段录像").await;
    assert_eq!(released.unwrap_err().code, "not_your_step", "a head lets it go, and no officer");
    let void = hall.authority.void_document(hall.officer, case, Sha256::of(b"any"), "看错了，重新制作").await;
    assert_eq!(void.unwrap_err().code, "recused");
    assert_eq!(hall.told(0).await.len(), 1, "what was held stays held");
}
