//! A person's own request that was handed on: held when it comes, entered once, decided by another one, told stage by stage and never back.

use super::{Decision, Papers, PersonForm};
use crate::playback::Viewer;
use crate::playback::rig::Rig;
use crate::{Actor, Site};
use base::{CameraId, ClauseId, OrderId, Pii, RequestId, UtcMs};
use domain::access::Role;
use domain::order::{
    Answer, Coming, Ended, HoldOrder, KEPT_MS, Order, PersonOrder, PersonStage, Protects, ReleaseOrder, Told, WITHDRAWN,
};
use domain::viewing::Seen;
use law::{Jurisdiction, Relation};
use store::authority_orders::CameOrder;

const HOUR_MS: i64 = 3_600_000;
const NAME: &str = "王五";
const NUMBER: &str = "查阅〔2026〕1号";

fn order(n: u8) -> OrderId {
    OrderId::from_bytes([n; 16])
}

/// The person takes the request back.
fn taken_back() -> Order {
    let clauses = vec![ClauseId::new("799-21")];
    Order::Release(ReleaseOrder { case: NUMBER.into(), order: order(1), reason: WITHDRAWN.into(), clauses })
}

/// Forty seconds of a camera, an hour old, two custodians, and a request for it that came as order 1.
struct Desk {
    rig: Rig,
    custodian: Actor,
    other: Actor,
    camera: CameraId,
    from: UtcMs,
    to: UtcMs,
}

impl Desk {
    async fn new() -> Self {
        let rig = Rig::start(Jurisdiction::Heilongjiang).await;
        let custodian = rig.person("keeper", Role::InformationCustodian).await;
        let other = rig.person("keeper2", Role::InformationCustodian).await;
        let from = rig.site.now().utc.plus_ms(-HOUR_MS);
        let camera = rig.camera("正门1号", from).await;
        let to = rig.record(camera, from, 20).await;
        let desk = Self { rig, custodian, other, camera, from, to };
        desk.came(1, &Order::Person(desk.request())).await;
        desk
    }

    fn site(&self) -> &Site {
        &self.rig.site
    }

    fn request(&self) -> PersonOrder {
        PersonOrder {
            number: NUMBER.into(),
            asked: self.site().now().utc,
            from: self.from,
            to: self.to,
            place: "正门1号".into(),
            relation: Relation::Person,
            protects: Protects::Property,
            name: Pii::new(NAME.into()),
            contact: Pii::new("0451-55550101".into()),
            concerned: Pii::new(String::new()),
            why: Pii::new("王五的背包丢了".into()),
            clauses: vec![ClauseId::new("799-21")],
            salt: "00".repeat(16),
        }
    }

    /// An order that came, done as far as the loop does it.
    async fn came(&self, n: u8, what: &Order) {
        self.took(n, what).await;
        self.site().orders_done().await;
    }

    /// An order that came.
    async fn took(&self, n: u8, what: &Order) {
        let (body, now) = (what.body(), self.site().now().utc);
        let came = CameOrder {
            id: order(n),
            authority: "jifang/authority",
            seq: u64::from(n),
            kind: what.kind(),
            at: now,
            note: b"signed",
            body: &body,
        };
        assert!(self.site().store().take_order(&came, now).await.unwrap());
    }

    /// How an order ended, and what was said.
    async fn ended(&self, n: u8) -> Answer {
        let kept = self.site().store().authority_order(order(n)).await.unwrap().unwrap();
        Answer::read(&kept.answer.unwrap()).unwrap()
    }

    fn form(&self) -> PersonForm {
        PersonForm {
            cameras: vec![self.camera],
            from: self.from.plus_ms(4_000),
            to: self.to.plus_ms(-4_000),
            proof: false,
            need: true,
            plain: true,
        }
    }

    /// The newest answer, as the loop makes it now.
    async fn answer(&self) -> Answer {
        self.site().orders_done().await;
        let kept = self.site().store().authority_order(order(1)).await.unwrap().unwrap();
        assert!(kept.sent.is_none(), "each answer is to be sent");
        Answer::read(&kept.answer.unwrap()).unwrap()
    }

    /// Entered by the one custodian and granted by the other.
    async fn granted(&self) -> RequestId {
        let row = self.site().enter_person(&self.custodian, order(1), &self.form()).await.unwrap();
        self.site().decide(&self.other, row.id, Decision::Grant { hours: 4 }).await.unwrap();
        row.id
    }

    fn papers() -> Papers {
        let seen = Seen { identity: true, paper: true, others_kept: true };
        Papers { seen, visitor: Pii::new(NAME.into()), beside: None, browser: None }
    }

    async fn told(&self) -> Told {
        self.answer().await.person.unwrap()
    }

    async fn held(&self) -> usize {
        self.site().store().held_by_order(order(1)).await.unwrap().len()
    }
}

#[tokio::test]
async fn it_is_held_when_it_comes_and_stands_with_who_asked() {
    let desk = Desk::new().await;
    assert_eq!(desk.held().await, 1, "before anybody at the unit looked");
    let answer = desk.answer().await;
    assert_eq!((answer.ended, answer.person.map(|told| told.stage)), (Ended::Done, Some(PersonStage::Held)));
    let task = desk.site().person_order(&desk.custodian, order(1)).await.unwrap();
    assert_eq!((task.what.name.expose().as_str(), task.request.is_none()), (NAME, true));
    assert_eq!(task.cameras.iter().map(|(row, held)| (row.id, *held)).collect::<Vec<_>>(), [(desk.camera, true)]);
    assert_eq!(desk.rig.acts("paper.opened").await.len(), 1, "whoever opens it is entered");
    let (site, taken) = (desk.site(), task.order.taken);
    assert_eq!(site.persons_to_enter(&desk.custodian).await.unwrap(), 1);
    assert_eq!(site.persons_late(&desk.custodian).await.unwrap(), 0, "it came today");
    assert!(site.persons_in_time_from().is_some_and(|first| first < taken.shanghai_date()));
    let before = |at: UtcMs| site.store().persons_held_before(at);
    assert_eq!((before(taken).await.unwrap(), before(taken.plus_ms(1)).await.unwrap()), (0, 1), "to the millisecond");
    let manager = desk.rig.person("manager", Role::SecurityManager).await;
    assert_eq!(desk.site().person_order(&manager, order(1)).await.unwrap_err().code, "no_permission");
    assert_eq!(desk.site().order(&desk.custodian, order(1)).await.unwrap_err().code, "not_found", "none to show");
}

#[tokio::test]
async fn it_is_entered_once_decided_by_another_one_and_told_stage_by_stage() {
    let desk = Desk::new().await;
    let site = desk.site();
    let wide = PersonForm { to: desk.to.plus_ms(1), ..desk.form() };
    let refused = site.enter_person(&desk.custodian, order(1), &wide).await.unwrap_err();
    assert!(refused.iter().any(|fault| fault.code == "range"), "{refused:?}");
    let none = PersonForm { cameras: vec![], ..desk.form() };
    assert_eq!(site.enter_person(&desk.custodian, order(1), &none).await.unwrap_err()[0].code, "cameras");
    let row = site.enter_person(&desk.custodian, order(1), &desk.form()).await.unwrap();
    let kept = serde_json::to_string(&row.application).unwrap();
    assert!(!kept.contains(NAME) && !kept.contains("0451") && kept.contains(NUMBER), "{kept}");
    let again = site.enter_person(&desk.custodian, order(1), &desk.form()).await.unwrap_err();
    assert_eq!(again[0].code, "order_in_use");
    let told = desk.told().await;
    assert_eq!((told.stage, told.number.as_str()), (PersonStage::Entered, row.number.as_str()));
    let coming = |hours: i64| Coming {
        from: site.now().utc.plus_ms(HOUR_MS),
        to: site.now().utc.plus_ms(hours * HOUR_MS),
        place: "监控室".into(),
    };
    let early = site.set_coming(&desk.custodian, order(1), &coming(2)).await.unwrap_err();
    assert_eq!(early.code, "not_granted");
    site.decide(&desk.other, row.id, Decision::Grant { hours: 4 }).await.unwrap();
    assert_eq!(site.set_coming(&desk.custodian, order(1), &coming(9)).await.unwrap_err().code, "coming");
    let when = coming(2);
    site.set_coming(&desk.custodian, order(1), &when).await.unwrap();
    let told = desk.told().await;
    assert_eq!((told.stage, told.coming, told.until.is_some()), (PersonStage::Agreed, Some(when), true));
    let seen = Seen { identity: true, paper: true, others_kept: true };
    let papers = |name: &str| Papers { seen, visitor: Pii::new(name.into()), beside: None, browser: None };
    let stranger = site.open_showing(&desk.custodian, row.id, &papers("赵六")).await.unwrap_err();
    assert_eq!(stranger.code, "visitor", "it is shown to who asked");
    site.open_showing(&desk.custodian, row.id, &papers(NAME)).await.unwrap();
    site.end_session(&desk.custodian, row.id).await.unwrap();
    site.decide(&desk.other, row.id, Decision::Grant { hours: 4 }).await.unwrap_err();
    assert_eq!(desk.told().await.stage, PersonStage::Agreed);
}

#[tokio::test]
async fn a_refusal_is_told_with_reason_and_clauses_and_nothing_follows() {
    let desk = Desk::new().await;
    let row = desk.site().enter_person(&desk.custodian, order(1), &desk.form()).await.unwrap();
    desk.site().decide(&desk.other, row.id, Decision::Refuse { reason: "所述时间没有人经过".into() }).await.unwrap();
    let answer = desk.answer().await;
    let told = answer.person.unwrap();
    assert_eq!((answer.ended, told.stage), (Ended::Refused, PersonStage::Refused));
    assert_eq!((told.reason.expose().as_str(), answer.clauses), ("所述时间没有人经过", vec![ClauseId::new("799-21")]));
    desk.came(2, &taken_back()).await;
    assert_eq!((desk.told().await.stage, desk.held().await), (PersonStage::Refused, 0), "no stage goes back");
}

#[tokio::test]
async fn what_the_person_took_back_is_let_go_and_entered_by_nobody() {
    let desk = Desk::new().await;
    desk.came(2, &taken_back()).await;
    assert_eq!((desk.told().await.stage, desk.held().await), (PersonStage::Withdrawn, 0));
    let late = desk.site().enter_person(&desk.custodian, order(1), &desk.form()).await.unwrap_err();
    assert_eq!(late[0].code, "order_in_use");
}

#[tokio::test]
async fn what_was_seen_is_told_also_when_the_consent_is_ended_while_it_is_shown() {
    let desk = Desk::new().await;
    let (site, form) = (desk.site(), desk.form());
    let id = desk.granted().await;
    site.open_showing(&desk.custodian, id, &Desk::papers()).await.unwrap();
    site.play(Viewer::Officers(&desk.custodian, id), desk.camera, form.from, form.to).await.unwrap();
    let told = desk.told().await;
    assert_eq!((told.stage, told.seen), (PersonStage::Agreed, None), "it is still being shown");
    site.end_grant(&desk.other, id).await.unwrap();
    let told = desk.told().await;
    assert!(told.stage == PersonStage::Over && told.seen.is_some(), "{told:?}");
}

#[tokio::test]
async fn what_was_taken_back_after_it_was_entered_is_neither_granted_nor_shown() {
    let desk = Desk::new().await;
    let site = desk.site();
    let row = site.enter_person(&desk.custodian, order(1), &desk.form()).await.unwrap();
    desk.came(2, &taken_back()).await;
    let granted = site.decide(&desk.other, row.id, Decision::Grant { hours: 4 }).await.unwrap_err();
    assert_eq!(granted.code, "taken_back");
    site.decide(&desk.other, row.id, Decision::Refuse { reason: "申请人撤回".into() }).await.unwrap();
    assert_eq!(desk.told().await.stage, PersonStage::Withdrawn, "nothing more is told");
    let desk = Desk::new().await;
    let id = desk.granted().await;
    desk.came(2, &taken_back()).await;
    let shown = desk.site().open_showing(&desk.custodian, id, &Desk::papers()).await.unwrap_err();
    assert_eq!(shown.code, "taken_back");
    // A session that runs shows no more of it.
    let desk = Desk::new().await;
    let (id, form) = (desk.granted().await, desk.form());
    desk.site().open_showing(&desk.custodian, id, &Desk::papers()).await.unwrap();
    desk.came(2, &taken_back()).await;
    let who = Viewer::Officers(&desk.custodian, id);
    let played = desk.site().play(who, desk.camera, form.from, form.to).await.unwrap_err();
    assert_eq!(played.code, "taken_back");
}

#[tokio::test]
async fn persons_requests_leave_half_of_what_may_be_held_to_the_authority() {
    let desk = Desk::new().await;
    let (from, to) = (desk.from, desk.to);
    let hold = HoldOrder {
        case: "沈公查看〔2026〕1号".into(),
        from,
        to,
        place: "正门1号".into(),
        reason: "citizen_viewing".into(),
        clauses: vec![ClauseId::new("A-25-1")],
        until: None,
    };
    // Half of it is held already.
    desk.took(2, &Order::Hold(hold.clone())).await;
    let (time, now) = ((from, from.plus_ms(KEPT_MS / 2)), desk.site().now().utc);
    let held =
        desk.site().store().hold_for_order((order(2), &hold.case), &[desk.camera], time, &hold.clauses, now).await;
    assert_eq!(held.unwrap(), [desk.camera]);
    desk.came(3, &Order::Person(PersonOrder { number: "查阅〔2026〕2号".into(), ..desk.request() })).await;
    let answer = desk.ended(3).await;
    assert_eq!((answer.ended, answer.person.map(|told| told.stage)), (Ended::NotPossible, Some(PersonStage::Held)));
    assert!(answer.said.iter().any(|said| said.zh.contains("1台摄像机没有封存")), "{:?}", answer.said);
    desk.came(4, &Order::Hold(hold)).await;
    assert_eq!(desk.ended(4).await.ended, Ended::Done, "the authority's own is held");
}
