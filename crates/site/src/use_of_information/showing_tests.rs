//! Footage shown to a citizen under an order of the authority: no wider than the order, not without papers, answered once.

use super::{Decision, Finish, Papers, SecondOfficer, ShowForm};
use crate::playback::Viewer;
use crate::playback::rig::{PASSWORD, Rig};
use crate::{Actor, Profile, Site};
use base::{CameraId, ClauseId, ErrorKind, OrderId, Pii, RequestId, Sha256, UtcMs};
use domain::access::Role;
use domain::order::{Answer, Ended, HoldOrder, Order, ReleaseOrder, ViewOrder};
use domain::viewing::{BoxKey, CoverBox, Covering, LookedRun, Seen, State, Use};
use law::{Jurisdiction, SiteProfile};
use std::time::Duration;
use store::authority_orders::CameOrder;
use store::register::RegisterFilter;

const HOUR_MS: i64 = 3_600_000;
const CASE: &str = "沈公〔2026〕1号";
const SEEN: Seen = Seen { identity: true, paper: true, others_kept: true };

fn order(n: u8) -> OrderId {
    OrderId::from_bytes([n; 16])
}

/// Forty seconds of two cameras, an hour old, held for a case of the authority.
struct Hall {
    rig: Rig,
    custodian: Actor,
    other: Actor,
    camera: CameraId,
    from: UtcMs,
    to: UtcMs,
}

impl Hall {
    async fn new() -> Self {
        let rig = Rig::start(Jurisdiction::Liaoning).await;
        let law = SiteProfile { key_unit: true, ..SiteProfile::new(Jurisdiction::Liaoning) };
        rig.site.put_profile(Profile { name: "示范银行".into(), address: String::new(), law }, vec![]);
        let custodian = rig.person("custodian", Role::InformationCustodian).await;
        let other = rig.person("custodian2", Role::InformationCustodian).await;
        let from = rig.site.now().utc.plus_ms(-HOUR_MS);
        let camera = rig.camera("正门1号", from).await;
        let back = rig.camera("后门2号", from).await;
        let to = rig.record(camera, from, 20).await;
        rig.record(back, from, 20).await;
        let hall = Self { rig, custodian, other, camera, from, to };
        let hold = Order::Hold(HoldOrder {
            case: CASE.into(),
            from,
            to,
            place: String::new(),
            reason: "citizen_viewing".into(),
            clauses: vec![ClauseId::new("A-25-1")],
            until: None,
        });
        hall.told(1, &hold).await;
        hall
    }

    fn site(&self) -> &Site {
        &self.rig.site
    }

    /// An order that came, done as far as the loop does it.
    async fn told(&self, n: u8, what: &Order) {
        let body = what.body();
        let now = self.site().now().utc;
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
        self.site().orders_done().await;
    }

    fn view(&self) -> ViewOrder {
        ViewOrder {
            case: CASE.into(),
            hold: order(1),
            from: self.from.plus_ms(4_000),
            to: self.to.plus_ms(-4_000),
            scope: "正门1号".into(),
            copy: false,
            covered: None,
            paper: "沈公查看〔2026〕1号".into(),
            until: self.site().now().utc.plus_ms(24 * HOUR_MS),
            reason: "citizen_viewing".into(),
            clauses: vec![ClauseId::new("A-25-1-f2")],
        }
    }

    fn form(&self, what: &ViewOrder) -> ShowForm {
        ShowForm { cameras: vec![self.camera], from: what.from, to: what.to, beside: String::new() }
    }

    /// A request of order 2, decided by the other custodian.
    async fn granted(&self, form: &ShowForm) -> RequestId {
        let row = self.site().open_order(&self.custodian, order(2), form).await.unwrap();
        self.site().decide(&self.other, row.id, Decision::Grant { hours: 2 }).await.unwrap();
        row.id
    }

    fn papers(&self, seen: Seen) -> Papers {
        Papers { seen, visitor: Pii::new("王五".into()), beside: None, browser: None }
    }

    async fn ended(&self, n: u8) -> Option<Answer> {
        let kept = self.site().store().authority_order(order(n)).await.unwrap().unwrap();
        kept.answer.as_deref().and_then(Answer::read)
    }
}

#[tokio::test]
async fn an_order_to_show_waits_for_a_person_and_offers_what_is_held_and_named() {
    let hall = Hall::new().await;
    assert_eq!(hall.ended(1).await.unwrap().ended, Ended::Done);
    hall.told(2, &Order::View(hall.view())).await;
    assert!(hall.ended(2).await.is_none(), "the loop shows nothing by itself");
    let task = hall.site().order(&hall.custodian, order(2)).await.unwrap();
    let names: Vec<&str> = task.cameras.iter().map(|row| row.name.as_str()).collect();
    assert_eq!((names, task.time), (vec!["正门1号"], Some((hall.view().from, hall.view().to))));
    assert!(task.requests.is_empty() && task.shown.is_none() && task.answer.is_none());
    assert_eq!(hall.site().order(&hall.custodian, order(1)).await.unwrap_err().code, "not_found", "that one holds");
    let duty = hall.rig.person("duty", Role::DutyOfficer).await;
    assert_eq!(hall.site().order(&duty, order(2)).await.unwrap_err().code, "no_permission");
}

#[tokio::test]
async fn nothing_wider_than_the_order_becomes_a_request() {
    let hall = Hall::new().await;
    let what = hall.view();
    hall.told(2, &Order::View(what.clone())).await;
    let whole = hall.form(&what);
    let back = hall.site().store().cameras_ever().await.unwrap().into_iter().find(|c| c.name == "后门2号").unwrap().id;
    for wide in [
        ShowForm { cameras: vec![back], ..whole.clone() },
        ShowForm { cameras: vec![hall.camera, back], ..whole.clone() },
        ShowForm { from: what.from.plus_ms(-1), ..whole.clone() },
        ShowForm { to: what.to.plus_ms(1), ..whole.clone() },
    ] {
        let refused = hall.site().open_order(&hall.custodian, order(2), &wide).await.unwrap_err();
        assert_eq!(refused[0].code, "outside_order", "{wide:?}");
    }
    let none = ShowForm { cameras: vec![], ..whole.clone() };
    let refused = hall.site().open_order(&hall.custodian, order(2), &none).await.unwrap_err();
    assert!(refused.iter().any(|r| r.code == "cameras"), "{refused:?}");
    let police = hall.rig.person("officer1", Role::PoliceOfficer).await;
    assert_eq!(hall.site().open_order(&police, order(2), &whole).await.unwrap_err()[0].code, "no_permission");
    assert!(hall.rig.acts("request.made").await.is_empty());
    let row = hall.site().open_order(&hall.custodian, order(2), &whole).await.unwrap();
    let app = &row.application;
    assert_eq!((app.wanted, app.from, app.to), (Use::View, what.from, what.to));
    assert!(app.purpose.contains(&what.paper) && app.case_number == CASE);
    let made = hall.rig.acts("request.made").await[0].clauses.clone();
    assert!(made.iter().any(|c| c == "A-25-1") && made.iter().any(|c| c == "A-25-1-f2"), "{made:?}");
    let again = hall.site().open_order(&hall.custodian, order(2), &whole).await.unwrap_err();
    assert_eq!(again[0].code, "order_in_use");
    let own = hall.site().decide(&hall.custodian, row.id, Decision::Grant { hours: 2 }).await.unwrap_err();
    assert_eq!(own.code, "conflict_of_interest");
}

#[tokio::test]
async fn what_a_citizen_was_shown_is_answered_once_and_then_nothing_more_is_shown() {
    let hall = Hall::new().await;
    let what = hall.view();
    hall.told(2, &Order::View(what.clone())).await;
    let id = hall.granted(&hall.form(&what)).await;
    let (site, custodian) = (hall.site(), &hall.custodian);
    let who = Viewer::Officers(custodian, id);
    let play = |from, to| site.play(who, hall.camera, from, to);
    assert_eq!(play(what.from, what.to).await.unwrap_err().code, "no_session");
    // Without the identity card the law refuses, and that is entered.
    let blind = hall.papers(Seen { identity: false, ..SEEN });
    let refused = site.open_showing(custodian, id, &blind).await.unwrap_err();
    assert_eq!((refused.kind, refused.why[0].clause.0.as_str()), (ErrorKind::Unlawful, "A-25-1-f1"));
    assert_eq!(hall.rig.acts("act.refused").await[0].clauses, ["A-25-1-f1"]);
    let nameless = Papers { visitor: Pii::new(" ".into()), ..hall.papers(SEEN) };
    assert_eq!(site.open_showing(custodian, id, &nameless).await.unwrap_err().code, "visitor");
    let stranger = site.open_showing(&hall.other, id, &hall.papers(SEEN)).await.unwrap_err();
    assert_eq!(stranger.code, "officer_not_named");
    assert_eq!(site.finish_order(custodian, order(2), &Finish::Shown).await.unwrap_err().code, "nothing_shown");
    site.open_showing(custodian, id, &hall.papers(SEEN)).await.unwrap();
    let lines = site.register(custodian, &RegisterFilter { request: Some(id), ..RegisterFilter::default() }, 9).await;
    assert!(lines.unwrap()[0].persons.expose().contains("王五"), "the register names who came");
    assert_eq!(play(what.from.plus_ms(-1), what.to).await.unwrap_err().code, "outside_scope");
    play(what.from, what.to).await.unwrap();
    assert_eq!(site.begin_export(custodian, id).await.unwrap_err().code, "copy_not_granted");
    let untrue = Finish::NotPossible { reason: "申请人没有到场".into() };
    assert_eq!(site.finish_order(custodian, order(2), &untrue).await.unwrap_err().code, "shown_already");
    site.finish_order(custodian, order(2), &Finish::Shown).await.unwrap();
    let answer = hall.ended(2).await.unwrap();
    let shown = answer.shown.clone().unwrap();
    assert_eq!((answer.ended, shown.cameras.as_slice()), (Ended::Done, ["正门1号".to_owned()].as_slice()));
    assert!(shown.by.expose().contains("姓名custodian") && shown.copies.is_empty() && shown.begin <= shown.end);
    assert!(!format!("{answer:?}").contains("姓名"), "no name in print");
    assert_eq!(site.finish_order(custodian, order(2), &Finish::Shown).await.unwrap_err().code, "order_over", "once");
    assert!(play(what.from, what.to).await.is_err(), "it is over");
    assert!(matches!(site.request(custodian, id).await.unwrap().state, State::Ended { .. }));
    site.orders_done().await;
    assert_eq!(hall.ended(2).await.unwrap(), answer, "the loop changes nothing of it");
    assert_eq!(hall.rig.acts("order.done").await.len(), 2);
}

#[tokio::test]
async fn others_are_covered_where_the_order_says_so_or_nothing_is_shown() {
    let hall = Hall::new().await;
    let what = ViewOrder { covered: Some(ClauseId::new("A-25-1")), ..hall.view() };
    hall.told(2, &Order::View(what.clone())).await;
    let id = hall.granted(&hall.form(&what)).await;
    let bare = hall.papers(Seen { others_kept: false, ..SEEN });
    let refused = hall.site().open_showing(&hall.custodian, id, &bare).await.unwrap_err();
    assert_eq!((refused.code.as_str(), refused.why[0].clause.0.as_str()), ("others_privacy_touched", "A-25-1"));
    let (site, custodian, camera) = (hall.site(), &hall.custodian, hall.camera);
    assert_eq!(site.covering(custodian, id, camera).await.unwrap_err().code, "no_session");
    site.open_showing(custodian, id, &hall.papers(SEEN)).await.unwrap();
    // Nothing was played: nothing is asked.
    site.end_session(custodian, id).await.unwrap();
    let act = hall.rig.acts("session.ended").await.remove(0);
    assert!(act.text.zh.contains("没有播放录像") && act.clauses == ["A-25-1"], "{act:?}");
}

/// Looked at from the first span to before `to`, nobody else in them.
fn nobody(site: &Site, to: u32) -> Covering {
    Covering { looked: vec![LookedRun { from: 0, to, nobody: true }], ..Covering::new(site.cover_span_ms()) }
}

#[tokio::test]
async fn a_showing_ends_when_what_was_shown_was_looked_at_span_by_span() {
    let hall = Hall::new().await;
    let what = ViewOrder { covered: Some(ClauseId::new("A-25-1")), ..hall.view() };
    hall.told(2, &Order::View(what.clone())).await;
    let id = hall.granted(&hall.form(&what)).await;
    let (site, custodian, camera) = (hall.site(), &hall.custodian, hall.camera);
    site.open_showing(custodian, id, &hall.papers(SEEN)).await.unwrap();
    site.play(Viewer::Officers(custodian, id), camera, what.from, what.to).await.unwrap();
    let ends = async |says: &str| {
        let refused = site.end_session(custodian, id).await.unwrap_err();
        assert_eq!((refused.code.as_str(), refused.why[0].clause.0.as_str()), ("others_not_covered", "A-25-1"));
        assert!(refused.what.zh.contains("正门1号") && refused.what.zh.contains(says), "{refused:?}");
    };
    ends("没有检查过").await;
    let save = async |covering: &Covering| site.save_covering(custodian, id, camera, covering).await;
    // A box outside the footage, a span with neither box nor word, a camera of nobody's, and a person who does not show it.
    let box_of =
        |end: UtcMs| CoverBox { keys: vec![BoxKey { t: what.from.0, x: 0, y: 0, w: 500, h: 500 }], end: end.0 };
    let late = Covering { boxes: vec![box_of(what.to.plus_ms(1))], ..nobody(site, 1) };
    assert_eq!(save(&late).await.unwrap_err().code, "cover_box");
    let bare = LookedRun { from: 0, to: 1, nobody: false };
    assert_eq!(save(&Covering { looked: vec![bare], ..nobody(site, 1) }).await.unwrap_err().code, "cover_empty_span");
    let elsewhere = CameraId::from_bytes([9; 16]);
    let refused = site.save_covering(custodian, id, elsewhere, &nobody(site, 1)).await.unwrap_err();
    assert_eq!(refused.code, "outside_scope");
    assert_eq!(site.covering(&hall.other, id, camera).await.unwrap_err().code, "no_session");
    assert!(site.covering(custodian, id, camera).await.unwrap().looked.is_empty(), "nothing of it was kept");
    // Looked at, shown, and then taken back: what was shown stays shown, so it is looked at again.
    save(&Covering { shown: vec![(0, 1)], ..nobody(site, 1) }).await.unwrap();
    let back = Covering { looked: vec![], ..nobody(site, 1) };
    assert_eq!(save(&back).await.unwrap().shown, [(0, 1)]);
    ends("有 1 段播放过而没有检查").await;
    let answered = site.finish_order(custodian, order(2), &Finish::Shown).await.unwrap_err();
    assert_eq!(answered.code, "others_not_covered", "no way around it");
    let last = Covering { boxes: vec![box_of(what.from.plus_ms(3_000))], looked: vec![bare], ..nobody(site, 1) };
    let kept = save(&last).await.unwrap();
    assert_eq!(kept, site.covering(custodian, id, camera).await.unwrap());
    site.finish_order(custodian, order(2), &Finish::Shown).await.unwrap();
    let act = hall.rig.acts("session.ended").await.remove(0);
    assert!(act.text.zh.contains("正门1号检查 1 段，其中确认认不出他人 0 段，画黑框 1 个，播放 1 段"), "{act:?}");
    assert_eq!(act.clauses, ["A-25-1"]);
    assert_eq!(hall.ended(2).await.unwrap().ended, Ended::Done);
}

#[tokio::test]
async fn what_the_custodian_alone_looked_at_was_not_shown_to_the_citizen() {
    let hall = Hall::new().await;
    let what = ViewOrder { covered: Some(ClauseId::new("A-25-1")), ..hall.view() };
    hall.told(2, &Order::View(what.clone())).await;
    let id = hall.granted(&hall.form(&what)).await;
    let (site, custodian, camera) = (hall.site(), &hall.custodian, hall.camera);
    site.open_showing(custodian, id, &hall.papers(SEEN)).await.unwrap();
    let who = Viewer::Officers(custodian, id);
    let alone = site.poster(who, camera, what.from).await.unwrap_err();
    assert_eq!(alone.code, "others_not_covered", "a picture without its page has no boxes");
    site.play(who, camera, what.from, what.to).await.unwrap();
    site.save_covering(custodian, id, camera, &nobody(site, 2)).await.unwrap();
    let lines = async || {
        let of = RegisterFilter { request: Some(id), camera: Some(camera), ..RegisterFilter::default() };
        let lines = site.register(custodian, &of, 9).await.unwrap();
        lines.into_iter().map(|line| line.what).collect::<Vec<_>>()
    };
    assert_eq!(lines().await, ["look"]);
    assert!(site.order(custodian, order(2)).await.unwrap().shown.is_none());
    assert_eq!(site.finish_order(custodian, order(2), &Finish::Shown).await.unwrap_err().code, "nothing_shown");
    let before = site.now().utc;
    for shown in [vec![(0, 1)], vec![(0, 2)]] {
        site.save_covering(custodian, id, camera, &Covering { shown, ..nobody(site, 2) }).await.unwrap();
    }
    assert_eq!(lines().await, ["view", "look"], "entered once");
    assert!(site.order(custodian, order(2)).await.unwrap().shown.unwrap().begin >= before);
    site.finish_order(custodian, order(2), &Finish::Shown).await.unwrap();
    assert_eq!(hall.ended(2).await.unwrap().ended, Ended::Done);
}

#[tokio::test]
async fn what_was_looked_at_and_could_not_be_shown_is_answered_so_and_has_its_line() {
    let hall = Hall::new().await;
    let what = ViewOrder { covered: Some(ClauseId::new("A-25-1")), ..hall.view() };
    hall.told(2, &Order::View(what.clone())).await;
    let id = hall.granted(&hall.form(&what)).await;
    let (site, custodian) = (hall.site(), &hall.custodian);
    site.open_showing(custodian, id, &hall.papers(SEEN)).await.unwrap();
    site.play(Viewer::Officers(custodian, id), hall.camera, what.from, what.to).await.unwrap();
    let finish = Finish::NotPossible { reason: "他人太多，无法遮住".into() };
    site.finish_order(custodian, order(2), &finish).await.unwrap();
    let answer = hall.ended(2).await.unwrap();
    assert_eq!((answer.ended, answer.shown.is_none()), (Ended::NotPossible, true));
    let acts = hall.rig.acts("session.ended").await;
    assert!(acts.len() == 1 && acts[0].text.zh.contains("没有由人结束"), "{acts:?}");
}

#[tokio::test]
async fn a_showing_that_nobody_ended_says_what_was_shown_in_it() {
    let hall = Hall::new().await;
    let what = ViewOrder { covered: Some(ClauseId::new("A-25-1")), ..hall.view() };
    hall.told(2, &Order::View(what.clone())).await;
    let id = hall.granted(&hall.form(&what)).await;
    let (site, custodian, camera) = (hall.site(), &hall.custodian, hall.camera);
    site.open_showing(custodian, id, &hall.papers(SEEN)).await.unwrap();
    site.play(Viewer::Officers(custodian, id), camera, what.from, what.to).await.unwrap();
    let shown = Covering { shown: vec![(0, 2)], ..nobody(site, 1) };
    site.save_covering(custodian, id, camera, &shown).await.unwrap();
    assert!(hall.rig.acts("session.ended").await.is_empty());
    site.open_showing(custodian, id, &hall.papers(SEEN)).await.unwrap();
    let act = hall.rig.acts("session.ended").await.remove(0);
    assert!(act.text.zh.contains("没有由人结束") && act.text.zh.contains("其中没有检查 1 段"), "{act:?}");
    assert!(act.text.zh.contains("由新的查看代替"), "it still ran: {act:?}");
}

#[tokio::test]
async fn an_order_that_ends_by_itself_leaves_the_line_of_a_showing_that_nobody_ended() {
    let hall = Hall::new().await;
    let what = ViewOrder { covered: Some(ClauseId::new("A-25-1")), ..hall.view() };
    hall.told(2, &Order::View(what.clone())).await;
    let id = hall.granted(&hall.form(&what)).await;
    let (site, custodian, camera) = (hall.site(), &hall.custodian, hall.camera);
    site.open_showing(custodian, id, &hall.papers(SEEN)).await.unwrap();
    site.play(Viewer::Officers(custodian, id), camera, what.from, what.to).await.unwrap();
    let shown = Covering { shown: vec![(0, 2)], ..nobody(site, 1) };
    site.save_covering(custodian, id, camera, &shown).await.unwrap();
    let clauses = vec![ClauseId::new("A-25-1")];
    let release = ReleaseOrder { case: CASE.into(), order: order(1), reason: "case_over".into(), clauses };
    hall.told(3, &Order::Release(release)).await;
    assert_eq!(hall.ended(2).await.unwrap().ended, Ended::Done, "something was shown");
    let acts = hall.rig.acts("session.ended").await;
    let [act] = acts.as_slice() else { panic!("one line: {acts:?}") };
    assert!(act.text.zh.contains("没有由人结束") && act.text.zh.contains("其中没有检查 1 段"), "{act:?}");
    site.orders_done().await;
    assert_eq!(hall.rig.acts("session.ended").await.len(), 1, "once");
}

#[tokio::test]
async fn a_showing_in_which_nobody_is_to_be_covered_says_nothing_of_it() {
    let hall = Hall::new().await;
    let what = hall.view();
    hall.told(2, &Order::View(what.clone())).await;
    let id = hall.granted(&hall.form(&what)).await;
    let site = hall.site();
    site.open_showing(&hall.custodian, id, &hall.papers(SEEN)).await.unwrap();
    let refused = site.save_covering(&hall.custodian, id, hall.camera, &nobody(site, 1)).await.unwrap_err();
    assert_eq!(refused.code, "nothing_to_cover");
    site.end_session(&hall.custodian, id).await.unwrap();
    let acts = hall.rig.acts("session.ended").await;
    assert_eq!((acts.len(), &*acts[0].text.zh), (1, "结束向申请人的查看。"));
}

#[tokio::test]
async fn an_order_that_nobody_carried_out_or_whose_footage_was_released_ends_by_itself() {
    let hall = Hall::new().await;
    let soon = ViewOrder { until: hall.site().now().utc.plus_ms(1), ..hall.view() };
    hall.told(2, &Order::View(soon.clone())).await;
    tokio::time::sleep(Duration::from_millis(5)).await;
    let form = hall.form(&soon);
    assert_eq!(hall.site().open_order(&hall.custodian, order(2), &form).await.unwrap_err()[0].code, "order_over");
    hall.site().orders_done().await;
    assert_eq!(hall.ended(2).await.unwrap().ended, Ended::NotPossible);
    hall.told(3, &Order::View(hall.view())).await;
    assert!(hall.ended(3).await.is_none());
    let release = Order::Release(ReleaseOrder {
        case: CASE.into(),
        order: order(1),
        reason: "case_over".into(),
        clauses: vec![ClauseId::new("A-25-1")],
    });
    hall.told(4, &release).await;
    assert_eq!(hall.ended(3).await.unwrap().ended, Ended::NotPossible, "nothing is held for it any more");
    // One whose hold was never given has nothing to show either.
    hall.told(5, &Order::View(ViewOrder { hold: order(9), ..hall.view() })).await;
    assert_eq!(hall.ended(5).await.unwrap().ended, Ended::NotPossible);
}

#[tokio::test]
async fn why_it_was_not_possible_is_said_in_words() {
    let hall = Hall::new().await;
    hall.told(2, &Order::View(hall.view())).await;
    let (site, custodian) = (hall.site(), &hall.custodian);
    let say = |reason: &str| {
        let finish = Finish::NotPossible { reason: reason.to_owned() };
        async move { site.finish_order(custodian, order(2), &finish).await.map_err(|r| r.code) }
    };
    assert_eq!(say("没来").await, Err("reason".into()));
    assert_eq!(say(&"字".repeat(401)).await, Err("reason".into()));
    assert_eq!(say("申请人没有带身份证件").await, Ok(()));
    let answer = hall.ended(2).await.unwrap();
    assert_eq!((answer.ended, &*answer.said[0].zh), (Ended::NotPossible, "申请人没有带身份证件"));
}

#[tokio::test]
async fn a_sealed_copy_is_handed_out_by_two_of_the_unit_and_answered_with_its_digest() {
    let hall = Hall::new().await;
    let what = ViewOrder { copy: true, reason: "evidence_retrieval".into(), ..hall.view() };
    hall.told(2, &Order::View(what.clone())).await;
    let alone = hall.form(&what);
    let duty = hall.rig.person("duty", Role::DutyOfficer).await;
    for beside in ["", "custodian", "nobody"] {
        let form = ShowForm { beside: beside.into(), ..alone.clone() };
        let refused = hall.site().open_order(&hall.custodian, order(2), &form).await.unwrap_err();
        assert_eq!(refused[0].code, "beside", "{beside}");
    }
    let id = hall.granted(&ShowForm { beside: "duty".into(), ..alone }).await;
    let (site, custodian) = (hall.site(), &hall.custodian);
    assert_eq!(
        site.open_showing(custodian, id, &hall.papers(SEEN)).await.unwrap_err().code,
        "second_needed",
        "{}",
        duty.login
    );
    let both = Papers { beside: Some(SecondOfficer::new("duty", PASSWORD)), ..hall.papers(SEEN) };
    site.open_showing(custodian, id, &both).await.unwrap();
    let export = site.begin_export(custodian, id).await.unwrap();
    let mut made = export.clone();
    for _ in 0..2_400 {
        made = site.export(custodian, export.id).await.unwrap();
        if made.state != "making" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    assert_eq!(made.state, "done", "the package verifies with the two of the unit");
    assert_eq!(site.finish_order(custodian, order(2), &Finish::Shown).await.unwrap_err().code, "nothing_shown");
    site.open_export(custodian, made.id).await.unwrap();
    site.finish_order(custodian, order(2), &Finish::Shown).await.unwrap();
    let shown = hall.ended(2).await.unwrap().shown.unwrap();
    assert_eq!(shown.copies, [Sha256::from_hex(&made.sha256).unwrap()]);
    assert!(shown.by.expose().contains("姓名duty"));
    assert_eq!(
        site.open_export(custodian, made.id).await.unwrap_err().code,
        "order_over",
        "handed out under the order only"
    );
}

#[tokio::test]
async fn no_copy_is_made_where_others_are_to_be_covered() {
    let hall = Hall::new().await;
    let covered = Some(ClauseId::new("A-25-1"));
    let what = ViewOrder { copy: true, covered, reason: "evidence_retrieval".into(), ..hall.view() };
    hall.told(2, &Order::View(what.clone())).await;
    hall.rig.person("duty", Role::DutyOfficer).await;
    let id = hall.granted(&ShowForm { beside: "duty".into(), ..hall.form(&what) }).await;
    let (site, custodian) = (hall.site(), &hall.custodian);
    let both = Papers { beside: Some(SecondOfficer::new("duty", PASSWORD)), ..hall.papers(SEEN) };
    site.open_showing(custodian, id, &both).await.unwrap();
    assert_eq!(site.begin_export(custodian, id).await.unwrap_err().code, "others_not_covered");
    assert!(site.exports(custodian, id).await.unwrap().is_empty());
}
