//! Persons' own requests that are handed on: taken in once, within limits, told to the one site that is meant, answered, let go.

use crate::cases::PartyForm;
use crate::tests::hall::{Bare, HOUR_MS, account_at};
use crate::{A_DAY, Admission, Authority, By, KEPT_DAYS, OPEN, RelayForm, SiteChoice};
use base::{OrderId, Pii, Sha256, SiteId, UtcMs};
use bus::{Call, Identity, Kind, Message, Question, ask_orders, join_message, split_orders};
use domain::access::Role;
use domain::order::{Answer, Ended, Order, PersonStage, Protects, Told, WITHDRAWN};
use law::{Jurisdiction, Relation};
use ledger::SiteKey;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use store::Store;

const UNIT: &str = "示范酒店";

fn id(n: u8) -> OrderId {
    OrderId::from_bytes([n; 16])
}

/// An authority in the province whose packs leave the decision to the unit, with one admitted site and two persons.
struct Hall {
    _dir: tempfile::TempDir,
    store: Store,
    authority: Authority,
    clock: Arc<AtomicI64>,
    site: SiteId,
    key: SiteKey,
    identity: Identity,
    person: By,
    other: By,
    admin: By,
}

impl Hall {
    async fn open() -> Self {
        let Bare { dir, store, authority, clock, admin } = Bare::open(Jurisdiction::Heilongjiang).await;
        let start = UtcMs(clock.load(Ordering::Relaxed));
        let mut people = Vec::new();
        for (login, number) in [("person", "11010519491231002X"), ("other", "210102199002030018")] {
            let by = account_at(&store, login, Role::Applicant, start).await;
            let typed = [("person_name", "赵六"), ("resident_id", number), ("contact_phone", "024-55550101")];
            let typed = typed.map(|(id, text)| (id.to_owned(), text.to_owned())).into_iter().collect();
            authority.register_party(by, &PartyForm { is_unit: false, typed }).await.unwrap();
            people.push(by);
        }
        let site = SiteId::new(start.0, [7; 10]);
        let key = SiteKey::from_seed(&format!("jifang/{site}"), [7; 32]).unwrap();
        let identity = Identity::from_seed(&[8; 32]).unwrap();
        let admission = Admission {
            name: UNIT.into(),
            unit: "示范酒店管理公司".into(),
            jurisdiction: "heilongjiang".into(),
            code: String::new(),
        };
        authority.enter(&key.vkey().to_string(), &identity.pin().to_string(), &admission, admin).await.unwrap();
        let [person, other] = people[..] else { panic!("two people") };
        Self { _dir: dir, store, authority, clock, site, key, identity, person, other, admin }
    }

    fn now(&self) -> UtcMs {
        UtcMs(self.clock.load(Ordering::Relaxed))
    }

    fn form(&self, unit: &str) -> RelayForm {
        RelayForm {
            name: Pii::new(" 赵六 ".into()),
            contact: Pii::new("024-55550101".into()),
            relation: Some(Relation::Guardian),
            concerned: Pii::new("赵小六".into()),
            protects: Some(Protects::LifeHealth),
            why: Pii::new("孩子走失，查看离开的方向".into()),
            unit: unit.into(),
            place: "一层南门".into(),
            spot: String::new(),
            division: String::new(),
            from: Some(self.now().plus_ms(-2 * HOUR_MS)),
            to: Some(self.now().plus_ms(-HOUR_MS)),
            site: SiteChoice::Unasked,
        }
    }

    async fn sent(&self, n: u8, form: &RelayForm) -> Result<store::relays::RelayRow, Vec<String>> {
        let sent = self.authority.relay(self.person, id(n), form).await;
        sent.map_err(|faults| faults.into_iter().map(|fault| fault.code).collect())
    }

    async fn ask(&self, question: Question, body: Vec<u8>) -> bus::Answer {
        let peer = "127.0.0.1:1".parse().unwrap();
        self.authority.answer(Call { pin: self.identity.pin(), peer, question, body }).await
    }

    /// What the site is told after the number `after`.
    async fn told(&self, after: u64) -> Vec<Order> {
        let answer = self.ask(Question::Orders, ask_orders(after)).await;
        let read = |(note, body): (&[u8], &[u8])| {
            let signed = bus::Order::open(note, body, self.authority.vkey(), self.key.vkey().name()).unwrap();
            Order::read(&signed.kind, body).unwrap()
        };
        split_orders(&answer.body).unwrap().into_iter().map(read).collect()
    }

    async fn answered(&self, seq: u64, said: &Answer) -> u16 {
        let body = said.body();
        let message = Message {
            id: format!("m-{seq}"),
            site: self.key.vkey().name().into(),
            seq,
            kind: Kind::OrderResult,
            at: self.now(),
            sha256: Sha256::of(&body),
        };
        self.ask(Question::Message, join_message(&message.sign(&self.key).unwrap(), &body).unwrap()).await.status
    }
}

fn answer(n: u8, stage: PersonStage) -> Answer {
    Answer { person: Some(Told::at(stage, UtcMs(5))), ..Answer::plain(id(n), Ended::Done, vec![], vec![]) }
}

#[tokio::test]
async fn a_request_goes_once_to_the_site_that_is_meant_and_is_sealed_here() {
    let hall = Hall::open().await;
    let row = hall.sent(1, &hall.form("示范 酒店")).await.unwrap();
    assert_eq!((row.site, row.at), (Some(hall.site), hall.now()));
    assert!(row.number.starts_with("查阅〔") && row.number.ends_with("〕1号"), "{}", row.number);
    assert_eq!(hall.sent(1, &hall.form(UNIT)).await.unwrap().number, row.number, "sent twice it is one");
    let told = hall.told(0).await;
    let [Order::Person(what)] = told.as_slice() else { panic!("{told:?}") };
    assert_eq!((what.number.as_str(), what.asked, what.name.expose().as_str()), (&*row.number, row.at, "赵六"));
    assert!(!format!("{row:?} {told:?}").contains("赵"), "no name prints");
    hall.store.flush_ledger().await.unwrap();
    let entry = hall.store.ledger().entry(row.entry).unwrap().parse().unwrap();
    assert!(!entry.body.to_string().contains("赵"), "nor stands in the log");
    assert_eq!(hall.authority.relay_view(hall.other, id(1)).await.unwrap_err().code, "not_found");
    let taken = hall.authority.relay(hall.other, id(1), &hall.form(UNIT)).await.unwrap_err();
    assert_eq!(taken[0].code, "again", "the form of another account");
    let view = hall.authority.relay_view(hall.person, id(1)).await.unwrap();
    assert_eq!((view.site.as_str(), view.answer.is_none(), view.needs_letter()), (UNIT, true, false));
}

#[tokio::test]
async fn every_defect_is_told_at_once_and_who_is_no_person_is_sent_elsewhere() {
    let hall = Hall::open().await;
    let wrong = RelayForm {
        name: Pii::new(" ".into()),
        contact: Pii::new(String::new()),
        relation: None,
        protects: None,
        why: Pii::new("看看".into()),
        place: " ".into(),
        spot: "x".repeat(crate::PLACE_CHARS + 1),
        from: None,
        ..hall.form(UNIT)
    };
    let codes = hall.sent(1, &wrong).await.unwrap_err();
    assert_eq!(codes, ["name", "contact", "relation", "protects", "why", "place", "spot", "from"]);
    let late = RelayForm { to: Some(hall.now().plus_ms(1)), ..hall.form(UNIT) };
    assert_eq!(hall.sent(1, &late).await.unwrap_err(), ["to"]);
    let backwards = RelayForm { to: hall.form(UNIT).from, ..hall.form(UNIT) };
    assert_eq!(hall.sent(1, &backwards).await.unwrap_err(), ["to"]);
    let alone = RelayForm { concerned: Pii::new(String::new()), ..hall.form(UNIT) };
    assert_eq!(hall.sent(1, &alone).await.unwrap_err(), ["concerned"]);
    let nobody = account_at(&hall.store, "nobody", Role::Applicant, hall.now()).await;
    assert_eq!(hall.authority.relay(nobody, id(1), &hall.form(UNIT)).await.unwrap_err()[0].code, "not_a_person");
    assert_eq!(hall.authority.relay(hall.admin, id(1), &hall.form(UNIT)).await.unwrap_err()[0].code, "no_permission");
    assert!(hall.told(0).await.is_empty() && hall.authority.relays(hall.person).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_is_only_like_a_name_is_asked_and_without_a_site_there_is_a_letter() {
    let hall = Hall::open().await;
    let like = hall.form("示范酒店管理");
    assert_eq!(hall.sent(1, &like).await.unwrap_err(), ["which_site"]);
    let near = hall.authority.relay_sites(hall.person, &like).await.unwrap().near;
    assert_eq!(near, [(hall.site, UNIT.to_owned())]);
    let stranger = SiteChoice::This(SiteId::new(1, [1; 10]));
    assert_eq!(hall.sent(1, &RelayForm { site: stranger, ..like.clone() }).await.unwrap_err(), ["which_site"]);
    let row = hall.sent(1, &RelayForm { site: SiteChoice::NoneOfThem, ..like.clone() }).await.unwrap();
    assert_eq!(row.site, None);
    assert!(hall.authority.relay_view(hall.person, id(1)).await.unwrap().needs_letter());
    let row = hall.sent(2, &RelayForm { site: SiteChoice::This(hall.site), ..like }).await.unwrap();
    assert_eq!(row.site, Some(hall.site));
    let unknown = hall.form("无人知道的单位");
    assert_eq!(hall.sent(3, &unknown).await.unwrap_err(), ["no_site"], "said before it is taken in");
    assert_eq!(hall.authority.relays(hall.person).await.unwrap().len(), 2, "nothing was made of it");
    let knowing = RelayForm { site: SiteChoice::NoneOfThem, ..unknown };
    assert_eq!(hall.sent(3, &knowing).await.unwrap().site, None);
    assert_eq!(hall.told(0).await.len(), 1, "nobody else is told");
}

#[tokio::test]
async fn one_account_has_few_at_once_and_few_a_day() {
    let hall = Hall::open().await;
    let open = u8::try_from(OPEN).unwrap();
    for n in 1..=open {
        hall.sent(n, &hall.form(UNIT)).await.unwrap();
    }
    assert_eq!(hall.sent(open + 1, &hall.form(UNIT)).await.unwrap_err(), ["too_many_open"]);
    hall.authority.withdraw_relay(hall.person, id(1)).await.unwrap();
    hall.authority.withdraw_relay(hall.person, id(2)).await.unwrap();
    for n in open + 1..=u8::try_from(A_DAY).unwrap() {
        hall.sent(n, &hall.form(UNIT)).await.unwrap();
    }
    hall.authority.withdraw_relay(hall.person, id(3)).await.unwrap();
    assert_eq!(hall.sent(99, &hall.form(UNIT)).await.unwrap_err(), ["too_many_today"]);
    hall.clock.fetch_add(24 * HOUR_MS, Ordering::Relaxed);
    hall.sent(99, &hall.form(UNIT)).await.unwrap();
    assert_eq!(hall.authority.relays(hall.person).await.unwrap().len(), usize::try_from(A_DAY).unwrap() + 1);
}

#[tokio::test]
async fn a_request_that_nobody_enters_has_a_last_day_until_it_is_entered() {
    let hall = Hall::open().await;
    hall.sent(1, &hall.form(UNIT)).await.unwrap();
    let last = hall.now().shanghai_date().plus_days(7);
    let entered_by = || {
        let hall = &hall;
        async move {
            let view = hall.authority.relay_view(hall.person, id(1)).await.unwrap();
            hall.authority.entered_by(&view)
        }
    };
    assert_eq!(entered_by().await, Some(last), "the unit has not answered");
    assert_eq!(hall.answered(1, &answer(1, PersonStage::Held)).await, 200);
    hall.clock.fetch_add(30 * 24 * HOUR_MS, Ordering::Relaxed);
    assert_eq!(entered_by().await, Some(last), "counted from the day it was sent, however late it is");
    assert_eq!(hall.answered(2, &answer(1, PersonStage::Entered)).await, 200);
    assert_eq!(entered_by().await, None, "entered");
    let unknown = RelayForm { site: SiteChoice::NoneOfThem, ..hall.form("无人知道的单位") };
    hall.sent(2, &unknown).await.unwrap();
    let letter = hall.authority.relay_view(hall.person, id(2)).await.unwrap();
    assert_eq!(hall.authority.entered_by(&letter), None, "nobody has it");
}

#[tokio::test]
async fn the_last_answer_lets_the_footage_go_once_and_every_answer_is_read_by_the_person() {
    let hall = Hall::open().await;
    hall.sent(1, &hall.form(UNIT)).await.unwrap();
    assert_eq!(hall.answered(1, &answer(1, PersonStage::Held)).await, 200);
    let stage = |view: &crate::RelayView| view.answer.as_ref().and_then(|(a, _)| Some(a.person.as_ref()?.stage));
    let view = hall.authority.relay_view(hall.person, id(1)).await.unwrap();
    assert_eq!((stage(&view), view.row.ended), (Some(PersonStage::Held), None));
    assert_eq!(hall.told(1).await.len(), 0, "it stands");
    assert_eq!(hall.answered(2, &answer(1, PersonStage::Refused)).await, 200);
    assert_eq!(hall.answered(2, &answer(1, PersonStage::Refused)).await, 200, "the same again");
    let told = hall.told(1).await;
    let [Order::Release(release)] = told.as_slice() else { panic!("once: {told:?}") };
    assert_eq!(release.order, id(1));
    let view = hall.authority.relay_view(hall.person, id(1)).await.unwrap();
    assert_eq!((stage(&view), view.row.ended.is_some()), (Some(PersonStage::Refused), true));
    assert_eq!(hall.authority.withdraw_relay(hall.person, id(1)).await.unwrap_err().code, "relay_over");
}

#[tokio::test]
async fn what_is_taken_back_is_told_and_a_site_that_knows_no_such_request_leaves_a_letter() {
    let hall = Hall::open().await;
    hall.sent(1, &hall.form(UNIT)).await.unwrap();
    hall.authority.withdraw_relay(hall.person, id(1)).await.unwrap();
    let told = hall.told(1).await;
    let [Order::Release(release)] = told.as_slice() else { panic!("{told:?}") };
    assert_eq!((release.order, release.reason.as_str()), (id(1), WITHDRAWN));
    assert_eq!(hall.authority.withdraw_relay(hall.person, id(1)).await.unwrap_err().code, "relay_over");
    hall.sent(2, &hall.form(UNIT)).await.unwrap();
    let old = Answer::plain(id(2), Ended::NotPossible, vec![], vec![]);
    assert_eq!(hall.answered(1, &old).await, 200);
    let view = hall.authority.relay_view(hall.person, id(2)).await.unwrap();
    assert!(view.needs_letter() && view.row.ended.is_some());
    hall.sent(3, &hall.form(UNIT)).await.unwrap();
    hall.authority.close(hall.site, hall.admin).await.unwrap();
    let view = hall.authority.relay_view(hall.person, id(3)).await.unwrap();
    assert!(view.is_cut && view.needs_letter(), "nobody asks for it any more");
}

#[tokio::test]
async fn what_is_over_names_nobody_after_its_term_and_what_still_runs_stays() {
    let hall = Hall::open().await;
    for n in [1, 2] {
        hall.sent(n, &hall.form(UNIT)).await.unwrap();
    }
    assert_eq!(hall.answered(1, &answer(1, PersonStage::Refused)).await, 200);
    let number = hall.authority.relay_view(hall.person, id(1)).await.unwrap().row.number;
    hall.clock.fetch_add(KEPT_DAYS * 24 * HOUR_MS, Ordering::Relaxed);
    assert_eq!(hall.authority.erase_relays().await.unwrap(), 0, "the last day is its own");
    hall.clock.fetch_add(HOUR_MS, Ordering::Relaxed);
    assert_eq!(hall.authority.erase_relays().await.unwrap(), 1);
    assert_eq!(hall.authority.erase_relays().await.unwrap(), 0, "once");
    let gone = hall.authority.relay_view(hall.person, id(1)).await.unwrap_err();
    assert!(gone.code == "relay_erased" && gone.what.zh.contains(&*number), "{gone:?}");
    let left: Vec<OrderId> = hall.authority.relays(hall.person).await.unwrap().iter().map(|v| v.row.id).collect();
    assert_eq!(left, [id(2)], "what the unit has not answered stays");
    let order = hall.store.site_order(id(1)).await.unwrap().unwrap();
    assert!(order.body.is_empty(), "nor has the order its words");
    assert!(hall.store.newest_result(id(1)).await.unwrap().unwrap().body.is_empty(), "nor the answer");
    // A site that is restored from an old backup asks for it again: it cannot do it, and nothing follows.
    let knows_none = Answer::plain(id(1), Ended::NotPossible, vec![], vec![]);
    assert_eq!(hall.answered(2, &knows_none).await, 200);
    // A unit that is connected no more will never answer.
    hall.authority.close(hall.site, hall.admin).await.unwrap();
    assert_eq!(hall.authority.erase_relays().await.unwrap(), 1);
}
