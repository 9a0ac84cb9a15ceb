//! Visits over a real store: plan, approval, two phones, photos, the site's own report, the end in the case; and what is refused. Visits of drawn
//! units stand in the tests of plans.

use super::record::Change;
use super::{CloseForm, NewPhoto, UnitSide, VisitForm};
use crate::cases::plans::{PlanBody, PlanForm};
use crate::cases::{Beginning, OfficeForm, OfficerForm};
use crate::{Authority, By};
use base::{CaseId, CivilDate, Pii, Sha256, SiteId, UtcMs};
use domain::access::Role;
use domain::casework::{CaseAct, Channel, Command, Typed, fields_of};
use domain::draw::Quota;
use domain::inspection::{DutyReportLine, PlanItem, SELF_REPORT_VERSION, SelfReport, VisitKind};
use law::{FieldKind, Jurisdiction};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, LazyLock};
use store::inbox::Incoming;
use store::peers::{PeerSite, PeerState};
use store::{Store, StoreConfig};

static GATE: LazyLock<Arc<law::Gate>> = LazyLock::new(|| Arc::new(law::Gate::embedded().unwrap()));

const HOUR_MS: i64 = 3_600_000;
const UNIT: &str = "哈尔滨示例商业有限公司";
const CODE: &str = "91350100M000100Y43";
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n a picture";

fn day(text: &str) -> CivilDate {
    CivilDate::parse(text).unwrap()
}

/// An authority's server with a case of an inspection whose notice was given.
struct Field {
    _dir: tempfile::TempDir,
    store: Store,
    authority: Authority,
    clock: Arc<AtomicI64>,
    one: By,
    two: By,
    stranger: By,
    head: By,
    case: CaseId,
}

async fn account(store: &Store, login: &str, role: Role) -> By {
    let new = store::accounts::NewAccount {
        login: login.into(),
        role,
        name: Pii::new(format!("{login}某")),
        badge: None,
        unit: "示例分局".into(),
        password_hash: "x".into(),
    };
    let account = store.add_account(&new, None, false, UtcMs(day("2026-03-02").start().0)).await.unwrap();
    By { account, role }
}

/// An inspection of the unit.
fn beginning() -> Beginning {
    Beginning {
        procedure: "inspection_b".into(),
        channel: Channel::OwnMotion,
        party: None,
        place: String::new(),
        office: None,
        facts_on: None,
        title: UNIT.into(),
        again: String::new(),
    }
}

fn sample(step: &str, on: CivilDate) -> Typed {
    let procedure = GATE.packs().procedure("inspection_b").unwrap();
    let text = |f: &law::Field| if f.kind == FieldKind::Day { on.to_string() } else { f.sample.clone() };
    let all = fields_of(procedure, step).into_iter().map(|f| (f.id.clone(), text(f)));
    all.filter(|(_, text)| !text.is_empty()).collect()
}

impl Field {
    async fn open() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let start = UtcMs(day("2026-03-02").start().0 + 10 * HOUR_MS);
        let clock = Arc::new(AtomicI64::new(start.0));
        let config = StoreConfig { data: dir.path().join("data"), ..StoreConfig::default() };
        let store = Store::open(&config, start).await.unwrap();
        let profile = json!({ "law": law::SiteProfile::new(Jurisdiction::Heilongjiang) }).to_string();
        store.set_setting("profile", &profile, None, start).await.unwrap();
        let times = Arc::clone(&clock);
        let now = move || UtcMs(times.load(Ordering::Relaxed));
        let authority = Authority::open(store.clone(), "x".into(), Arc::clone(&GATE), now).await.unwrap();
        let admin = account(&store, "admin", Role::Administrator).await;
        let form = OfficeForm {
            name: "示例分局".into(),
            level: "county".into(),
            division: "230102".into(),
            unit_code: "230102000000".into(),
            ..OfficeForm::default()
        };
        let office = authority.put_office(admin, &form).await.unwrap();
        let mut staff = Vec::new();
        let roles = [
            ("one", Role::CaseOfficer),
            ("two", Role::CaseOfficer),
            ("other", Role::CaseOfficer),
            ("head", Role::CaseApprover),
        ];
        for (login, role) in roles {
            let by = account(&store, login, role).await;
            let card =
                OfficerForm { certificate: Pii::new(format!("2301-{login}")), valid_until: Some(day("2026-03-02")) };
            authority.put_officer(admin, by.account, office, &card).await.unwrap();
            staff.push(by);
        }
        let [one, two, stranger, head]: [By; 4] = staff.try_into().expect("four");
        let case = authority.begin(one, &beginning()).await.unwrap().case;
        let mut typed = sample("notice", day("2026-03-02"));
        typed.insert("unit_name".into(), UNIT.into());
        typed.insert("credit_code".into(), CODE.into());
        let act = CaseAct::Done {
            step: "notice".into(),
            typed,
            note: String::new(),
            officers: vec![one.account],
            on: day("2026-03-02"),
        };
        let seen = store.case(case).await.unwrap().unwrap().events;
        authority.act(one, case, &Command { seen, act }, Vec::new()).await.unwrap();
        Self { _dir: dir, store, authority, clock, one, two, stranger, head, case }
    }

    /// Publishes a plan of the year with this cap; of several the strictest binds.
    async fn plan(&self, cap: u32) {
        let body = PlanBody {
            items: vec![PlanItem { id: "general".into(), checklist: "general".into() }],
            cap,
            quotas: BTreeMap::from([("systems".to_owned(), Quota::Count(1))]),
            inspectors_per_unit: 2,
            max_per_inspector: 5,
            rest_days: 0,
            after_entries: 6,
            draw_within_days: 10,
            public_source: None,
            again_of: None,
        };
        let plan = PlanForm { word: format!("2026-{cap}"), year: 2026, title: "年度检查计划".into(), body };
        self.authority.put_plan(self.one, &plan).await.unwrap();
        self.authority.publish_plan(self.head, &plan.word).await.unwrap();
    }

    fn form(&self, kind: VisitKind) -> VisitForm {
        VisitForm {
            kind,
            item: "general".into(),
            basis: "专项〔2026〕1号".into(),
            day: day("2026-03-02"),
            with: vec![self.two.account],
        }
    }

    /// A visit that has begun.
    async fn begun(&self) {
        self.plan(2).await;
        self.authority.ask_visit(self.one, self.case, &self.form(VisitKind::Special)).await.unwrap();
        self.authority.approve_visit(self.head, self.case).await.unwrap();
        self.authority.begin_visit(self.two, self.case).await.unwrap();
    }

    async fn save(&self, by: By, seen: u32, changes: &[Change]) -> Result<super::Saved, base::Refusal> {
        self.authority.save_visit(by, self.case, seen, changes).await
    }

    async fn version(&self) -> u32 {
        self.authority.visit(self.one, self.case).await.unwrap().line.row.version
    }

    /// Every item passes, but the ones that are named fail with their first defect.
    async fn answered(&self, failing: &[&str]) -> Vec<Change> {
        let view = self.authority.visit(self.one, self.case).await.unwrap();
        let answer = |i: &super::ItemView| {
            let item = &i.item;
            let fails = failing.contains(&item.id.as_str());
            let answered = match item.answer {
                law::AnswerKind::YesNo => json!(if fails { "no" } else { "yes" }),
                law::AnswerKind::Number => json!({ "number": item.least.or(item.most).unwrap_or_default() }),
                law::AnswerKind::Choice => {
                    json!({ "choice": item.choices.iter().find(|c| c.passes != fails).unwrap().id })
                }
            };
            let defects: Vec<&str> = item.defects.iter().take(usize::from(fails)).map(|d| d.id.as_str()).collect();
            let value = json!({ "answered": answered, "defects": defects, "remark": "现场核对", "report": null });
            change(&format!("item/{}", item.id), value)
        };
        view.items.iter().map(answer).collect()
    }

    async fn sign(&self, by: By, whose: &str) {
        let belongs = format!("signature/{whose}");
        self.authority.add_photo(by, self.case, photo(PNG, &belongs)).await.unwrap();
    }

    /// Everything but the answers that closing asks for.
    async fn signed(&self) {
        self.sign(self.one, &self.one.account.to_string()).await;
        self.sign(self.two, &self.two.account.to_string()).await;
        self.sign(self.one, "unit").await;
    }

    fn names(&self) -> Vec<Change> {
        vec![
            change("scan", json!({ "code": CODE, "at": 1 })),
            change("present_name", json!("赵六")),
            change("present_post", json!("保卫部主任")),
        ]
    }
}

fn change(field: &str, value: Value) -> Change {
    Change { field: field.into(), base: Value::Null, value }
}

fn photo(bytes: &[u8], belongs: &str) -> NewPhoto {
    NewPhoto {
        bytes: bytes.to_vec(),
        sha256: Sha256::of(bytes),
        belongs: belongs.into(),
        taken: UtcMs(1),
        place: String::new(),
    }
}

fn signed_by_unit(version: u32) -> CloseForm {
    CloseForm { version, unit: UnitSide::Signed { name: "赵六".into() } }
}

#[tokio::test]
async fn a_visit_is_asked_for_approved_by_another_and_begun_by_its_inspectors() {
    let field = Field::open().await;
    let (a, case) = (&field.authority, field.case);
    let form = field.form(VisitKind::Special);
    let unplanned = a.ask_visit(field.one, case, &form).await.unwrap_err();
    assert_eq!(unplanned.code, "plan_not_published");
    assert!(!unplanned.why.is_empty(), "with the clause of the step");
    field.plan(1).await;
    let offer = a.visit_offer(field.one, case).await.unwrap();
    assert_eq!((offer.kinds.as_slice(), offer.missing), (&[VisitKind::Complaint, VisitKind::Special][..], 1));
    assert_eq!((offer.drawn, offer.items.len()), (None, 1), "the items of the plan");
    let planned = VisitForm { kind: VisitKind::Planned, ..form.clone() };
    assert_eq!(a.ask_visit(field.one, case, &planned).await.unwrap_err().code, "not_drawn");
    let idle = VisitForm { basis: " ".into(), ..form.clone() };
    assert_eq!(a.ask_visit(field.one, case, &idle).await.unwrap_err().code, "basis");
    a.ask_visit(field.one, case, &form).await.unwrap();
    assert_eq!(a.ask_visit(field.one, case, &form).await.unwrap_err().code, "visit_open");
    assert_eq!(a.approve_visit(field.one, case).await.unwrap_err().code, "no_permission");
    assert_eq!(a.begin_visit(field.one, case).await.unwrap_err().code, "visit_state");
    assert_eq!(a.my_visits(field.head).await.unwrap().len(), 1, "it waits for the head");
    let number = a.approve_visit(field.head, case).await.unwrap();
    assert_eq!(number, "示例分局检批字〔2026〕1号", "by the series of the office");
    assert_eq!(a.leave_number(case).await.unwrap(), Some(number.clone()), "the paper of leave bears it");
    assert_eq!(a.approve_visit(field.head, case).await.unwrap_err().code, "visit_state");
    assert_eq!(a.begin_visit(field.stranger, case).await.unwrap_err().code, "not_inspector");
    let mine = a.my_visits(field.two).await.unwrap();
    assert_eq!((mine.len(), &mine[0].approval, mine[0].unit.as_str()), (1, &number, UNIT));
    assert_eq!(mine[0].leave.map(|l| (l.before, l.cap)), Some((0, 1)));
    assert!(a.my_visits(field.stranger).await.unwrap().is_empty());
    a.begin_visit(field.two, case).await.unwrap();
    assert_eq!(field.version().await, 1);
}

#[tokio::test]
async fn a_day_later_the_certificates_are_over_and_the_day_is_another() {
    let field = Field::open().await;
    field.plan(1).await;
    let tomorrow = VisitForm { day: day("2026-03-03"), ..field.form(VisitKind::Special) };
    field.authority.ask_visit(field.one, field.case, &tomorrow).await.unwrap();
    field.authority.approve_visit(field.head, field.case).await.unwrap();
    let early = field.authority.begin_visit(field.one, field.case).await.unwrap_err();
    assert_eq!(early.code, "other_day");
    field.clock.fetch_add(24 * HOUR_MS, Ordering::Relaxed);
    let refusal = field.authority.begin_visit(field.one, field.case).await.unwrap_err();
    assert_eq!(refusal.code, "not_qualified");
    assert!(!refusal.why.is_empty(), "with the clause of the step");
}

#[tokio::test]
async fn two_phones_keep_what_both_wrote() {
    let field = Field::open().await;
    field.begun().await;
    let note = |text: &str| change("note", json!(text));
    let saved = field.save(field.one, 1, &[note("门口")]).await.unwrap();
    assert_eq!((saved.version, saved.conflicts.len()), (2, 0));
    let late = field.save(field.two, 1, &[note("后门"), change("present_name", json!("赵六"))]).await.unwrap();
    assert_eq!((late.version, late.conflicts.len(), late.record.text("note")), (3, 1, "门口"));
    assert_eq!(late.record.text("present_name"), "赵六", "what nobody contradicts is kept");
    assert_eq!(field.save(field.two, 4, &[]).await.err().unwrap().code, "base_version");
    assert_eq!(field.save(field.stranger, 3, &[note("x")]).await.err().unwrap().code, "not_inspector");
    assert_eq!(field.save(field.head, 3, &[note("x")]).await.err().unwrap().code, "no_permission");
    let wrong = [
        change("other", json!("x")),
        change("item/none", json!("x")),
        change("scan", json!("x")),
        note(&"长".repeat(501)),
    ];
    for one in wrong {
        assert_eq!(field.save(field.one, 3, std::slice::from_ref(&one)).await.err().unwrap().code, "field", "{one:?}");
    }
}

#[tokio::test]
async fn a_photo_is_taken_only_as_the_phone_saw_it() {
    let field = Field::open().await;
    field.begun().await;
    let take = async |by: By, new: NewPhoto| field.authority.add_photo(by, field.case, new).await;
    assert_eq!(take(field.one, photo(PNG, "door")).await.unwrap(), 1);
    assert_eq!(take(field.two, photo(PNG, "door")).await.unwrap(), 1, "sent again");
    let other = NewPhoto { sha256: Sha256::of(b"other"), ..photo(PNG, "door") };
    let large = vec![0xff; store::visits::PHOTO_BYTES + 1];
    let whose = format!("signature/{}", field.stranger.account);
    let cases = [
        (other, "photo_digest"),
        (photo(b"MZ program", "door"), "photo_kind"),
        (photo(b"", "door"), "photo_size"),
        (photo(&large, "door"), "photo_size"),
        (photo(PNG, "item/none"), "photo"),
        (photo(PNG, &whose), "photo"),
    ];
    for (new, code) in cases {
        assert_eq!(take(field.one, new).await.unwrap_err().code, code);
    }
    assert_eq!(take(field.stranger, photo(PNG, "door")).await.unwrap_err().code, "not_inspector");
    let (row, bytes) = field.authority.visit_photo(field.head, field.case, 1).await.unwrap();
    assert_eq!((row.sha256, bytes.as_slice()), (Sha256::of(PNG), PNG));
    assert_eq!(field.authority.visit_photo(field.head, field.case, 2).await.unwrap_err().code, "not_found");
}

#[tokio::test]
async fn what_was_found_goes_into_the_case_and_an_order_is_begun() {
    let field = Field::open().await;
    field.begun().await;
    let (a, case) = (&field.authority, field.case);
    assert_eq!(a.close_visit(field.one, case, &signed_by_unit(1)).await.unwrap_err().code, "no_scan");
    field.save(field.one, 1, &field.names()).await.unwrap();
    let open = a.close_visit(field.one, case, &signed_by_unit(2)).await.unwrap_err();
    assert_eq!(open.code, "not_complete");
    let all = field.answered(&["responsible"]).await;
    field.save(field.two, 2, &all).await.unwrap();
    assert_eq!(a.close_visit(field.one, case, &signed_by_unit(2)).await.unwrap_err().code, "visit_moved_on");
    assert_eq!(a.close_visit(field.one, case, &signed_by_unit(3)).await.unwrap_err().code, "no_signature_picture");
    field.signed().await;
    let refused = UnitSide::Refused { reason: "不同意".into(), witness: "two某".into() };
    let refusal = a.close_visit(field.one, case, &CloseForm { version: 3, unit: refused }).await.unwrap_err();
    assert_eq!(refusal.code, "witness_inspects");
    let ended = a.close_visit(field.one, case, &signed_by_unit(3)).await.unwrap();
    assert_eq!((ended.breaches.len(), ended.order, ended.within_days), (1, true, Some(10)));
    let view = a.case(field.one, case).await.unwrap();
    let done = view.case.done("inspect").expect("the step of the case");
    assert_eq!(done.officers.len(), 2);
    let values = view.case.values_of("inspect").unwrap();
    assert_eq!(values.text("result"), Some("failed"));
    assert!(!values.text("findings").unwrap().contains("现场核对"), "no remark is in a form of the case");
    let order = view.case.values_of("order").expect("the form of the order is begun");
    assert_eq!(order.number("correct_days"), Some(10));
    assert_eq!(a.close_visit(field.one, case, &signed_by_unit(3)).await.unwrap_err().code, "visit_state");
    assert_eq!(field.save(field.one, 3, &field.names()).await.err().unwrap().code, "visit_state");
    let acts = field.store.acts(&Default::default(), 200).await.unwrap();
    for kind in ["visit.asked", "visit.approved", "visit.begun", "visit.saved", "visit.photo", "visit.closed"] {
        assert!(acts.iter().any(|a| a.kind == kind), "{kind}");
    }
    let early = a.ask_visit(field.one, case, &field.form(VisitKind::Again)).await.unwrap_err();
    assert_eq!(early.code, "step_not_open", "no order was served yet");

    // Whoever goes there next reads what was found.
    let next = a.begin(field.one, &beginning()).await.unwrap().case;
    let mut typed = sample("notice", day("2026-03-02"));
    typed.insert("credit_code".into(), CODE.into());
    let seen = field.store.case(next).await.unwrap().unwrap().events;
    let fill = Command { seen, act: CaseAct::Fill { step: "notice".into(), typed } };
    a.act(field.one, next, &fill, Vec::new()).await.unwrap();
    a.ask_visit(field.one, next, &field.form(VisitKind::Complaint)).await.unwrap();
    let before = a.visit(field.one, next).await.unwrap().last.expect("the visit before");
    assert_eq!((before.case, before.day, before.defects.len()), (case, day("2026-03-02"), 1));
    assert_eq!(before.follows, ended.follows());
}

#[tokio::test]
async fn a_cap_is_reached_and_told() {
    let field = Field::open().await;
    field.begun().await;
    field.plan(1).await;
    field.save(field.one, 1, &field.names()).await.unwrap();
    let all = field.answered(&[]).await;
    field.save(field.one, 2, &all).await.unwrap();
    field.signed().await;
    let form = CloseForm {
        version: 3,
        unit: UnitSide::Refused { reason: "负责人不在".into(), witness: "孙七".into() },
    };
    let ended = field.authority.close_visit(field.two, field.case, &form).await.unwrap();
    assert!(!ended.order && ended.breaches.is_empty());
    let before = field.store.visits_of_unit(CODE, day("2026-01-01"), day("2026-12-31")).await.unwrap();
    assert_eq!(before.len(), 1);
    let view = field.authority.visit(field.one, field.case).await.unwrap();
    assert!(matches!(view.ended.map(|e| e.unit), Some(UnitSide::Refused { .. })));
    let next = store::visits::VisitRow { n: 2, ..before[0].clone() };
    let facts = super::Facts::read(&next.facts).unwrap();
    let refusal = field.authority.leave_of((&next, &facts), Some(next.day), &[]).await.unwrap_err();
    assert_eq!(refusal.code, "cap_reached", "the later plan is the stricter");
    let last = view_of_last(&field).await;
    assert!(last.is_none(), "nothing ended before it");
}

async fn view_of_last(field: &Field) -> Option<super::LastVisit> {
    field.authority.visit(field.one, field.case).await.unwrap().last
}

#[tokio::test]
async fn what_the_site_signed_is_filled_in_and_only_contradicted() {
    let field = Field::open().await;
    let now = UtcMs(field.clock.load(Ordering::Relaxed));
    let site = SiteId::new(now.0, [7; 10]);
    let peer = PeerSite {
        site,
        vkey: "vkey".into(),
        pin: "pin".into(),
        name: "示例商业".into(),
        unit: UNIT.into(),
        jurisdiction: "heilongjiang".into(),
        state: PeerState::Admitted,
        asked: now,
        decided: None,
    };
    field.store.decide_peer(&peer, field.head.account, now).await.unwrap();
    let told = SelfReport {
        version: SELF_REPORT_VERSION,
        made: now,
        profile: law::SiteProfile::new(Jurisdiction::Heilongjiang),
        first_use: None,
        receives_alarms: false,
        cameras_in_service: 0,
        cameras: Vec::new(),
        clock_error_ms: Some(100),
        duties: BTreeMap::from([("name_responsible".to_owned(), DutyReportLine::of(domain::duty::State::Met))]),
    };
    let body = serde_json::to_vec(&told).unwrap();
    let incoming = Incoming { site, id: "r-1", seq: 1, kind: "self-report", made: now, note: b"note", body: &body };
    field.store.receive_self_report(&incoming, now, |_| Some(Vec::new())).await.unwrap();
    field.begun().await;
    let view = field.authority.visit(field.one, field.case).await.unwrap();
    assert_eq!(view.report.as_ref().map(|r| r.sha256), Some(Sha256::of(&body)));
    let kept = view.record.get("item/responsible").expect("filled in").clone();
    assert_eq!((kept["answered"].clone(), kept["report"].clone()), (json!("yes"), json!(Sha256::of(&body))));
    let other = |remark: &str| {
        let value = json!({ "answered": "no", "defects": ["nobody"], "remark": remark, "report": null });
        [Change { field: "item/responsible".into(), base: kept.clone(), value }]
    };
    assert_eq!(field.save(field.one, 1, &other("")).await.err().unwrap().code, "other_than_report");
    let gone = [Change { field: "item/responsible".into(), base: kept.clone(), value: Value::Null }];
    assert_eq!(field.save(field.one, 1, &gone).await.err().unwrap().code, "other_than_report");
    let saved = field.save(field.one, 1, &other("任命书已经作废")).await.unwrap();
    assert_eq!(saved.record.get("item/responsible").unwrap()["report"], Value::Null);
    let later = SelfReport { made: now.plus_ms(1), ..told };
    let later = serde_json::to_vec(&later).unwrap();
    let incoming = Incoming { id: "r-2", seq: 2, made: now.plus_ms(1), body: &later, ..incoming };
    field.store.receive_self_report(&incoming, now, |_| Some(Vec::new())).await.unwrap();
    let view = field.authority.visit(field.one, field.case).await.unwrap();
    assert_eq!(view.report.map(|r| r.sha256), Some(Sha256::of(&body)), "the report it was begun with");
}

#[tokio::test]
async fn a_case_of_others_and_a_case_without_visits_are_not_told_apart() {
    let field = Field::open().await;
    let none = CaseId::new(1, [1; 10]);
    for case in [none, field.case] {
        assert_eq!(field.authority.visit(field.one, case).await.unwrap_err().code, "not_found");
        assert_eq!(field.authority.begin_visit(field.one, case).await.unwrap_err().code, "not_found");
        assert_eq!(field.authority.save_visit(field.one, case, 0, &[]).await.err().unwrap().code, "not_found");
    }
    let applicant = account(&field.store, "unit", Role::Applicant).await;
    assert_eq!(field.authority.visit(applicant, field.case).await.unwrap_err().code, "no_permission");
}
