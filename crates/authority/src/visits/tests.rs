//! Visits over a real store: plan, approval, two phones, photos, the site's own report, the end in the case; and what is refused. Visits of drawn
//! units stand in the tests of plans.

mod correction;
mod draft;
mod dropped;
mod offline;
mod report;
mod signed;

use super::record::Change;
use super::{CloseForm, NewPhoto, UnitSide, VisitForm};
use crate::cases::Beginning;
use crate::cases::plans::{PlanBody, PlanForm};
use crate::tests::hall::{self, Bare, HOUR_MS, account, day, office_form};
use crate::{Authority, By};
use base::{CaseId, CivilDate, ErrorKind, Sha256, UtcMs};
use domain::access::Role;
use domain::casework::{CaseAct, Channel, Command, Typed};
use domain::draw::{PublicDay, PublicForm, Quota};
use domain::inspection::{PlanItem, VisitKind};
use law::Jurisdiction;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use store::Store;
use store::logbook::ActFilter;

const UNIT: &str = "哈尔滨示例商业有限公司";
const CODE: &str = "91350100M000100Y43";
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n a picture";

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
    hall::sample("inspection_b", step, on)
}

impl Field {
    async fn open() -> Self {
        let bare = Bare::open(Jurisdiction::Heilongjiang).await;
        let form = office_form("示例分局", "230102000000");
        let office = bare.authority.put_office(bare.admin, &form).await.unwrap();
        let mut staff = Vec::new();
        let roles = [
            ("one", Role::CaseOfficer),
            ("two", Role::CaseOfficer),
            ("other", Role::CaseOfficer),
            ("head", Role::CaseApprover),
        ];
        for (login, role) in roles {
            staff.push(bare.seat(login, role, office, "2026-03-02").await);
        }
        let Bare { dir, store, authority, clock, .. } = bare;
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
        let tomorrow = UtcMs(self.clock.load(Ordering::Relaxed)).shanghai_date().plus_days(1);
        let body = PlanBody {
            items: vec![PlanItem { id: "general".into(), checklist: "general".into() }],
            cap,
            quotas: BTreeMap::from([("systems".to_owned(), Quota::Count(1))]),
            inspectors_per_unit: 2,
            max_per_inspector: 5,
            rest_days: 0,
            after_entries: 6,
            draw_within_days: 10,
            public_source: Some("双色球第2026031期开奖号码".into()),
            public_day: Some(PublicDay { day: tomorrow, hour: None }),
            public_form: PublicForm::parse("rising 6 01-33 rising 1 01-16"),
            public_source_url: None,
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
            accepts: None,
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

impl Field {
    /// Does a step of the case with the samples of the packs, and what is said otherwise.
    async fn step(&self, by: By, step: &str, other: &[(&str, &str)]) -> Result<(), base::Refusal> {
        let on = UtcMs(self.clock.load(Ordering::Relaxed)).shanghai_date();
        self.step_on(by, step, other, on).await
    }

    /// The same, done on a day.
    async fn step_on(&self, by: By, step: &str, other: &[(&str, &str)], on: CivilDate) -> Result<(), base::Refusal> {
        let mut typed = sample(step, on);
        typed.extend(other.iter().map(|(id, text)| ((*id).to_owned(), (*text).to_owned())));
        let act = CaseAct::Done {
            step: step.into(),
            typed,
            note: "情况属实，需要合理时间改正。".into(),
            officers: vec![],
            on,
        };
        let seen = self.store.case(self.case).await.unwrap().unwrap().events;
        self.authority.act(by, self.case, &Command { seen, act }, Vec::new()).await.map(|_| ())
    }

    /// A visit that has begun is filled in, signed and closed; these items fail.
    async fn gone_through(&self, failing: &[&str]) -> super::Ended {
        let version = self.version().await;
        self.save(self.one, version, &self.names()).await.unwrap();
        let all = self.answered(failing).await;
        let saved = self.save(self.one, version + 1, &all).await.unwrap();
        assert!(saved.conflicts.is_empty());
        self.signed().await;
        self.authority.close_visit(self.one, self.case, &signed_by_unit(saved.version)).await.unwrap()
    }

    /// It is decided that somebody keeps out of the case.
    async fn kept_out(&self, account: base::AccountId) {
        let reason = "与被检查单位有利害关系。".to_owned();
        let asked = CaseAct::AskRecusal { account, reason: reason.clone() };
        let settled = CaseAct::SettleRecusal { account, granted: true, reason };
        for (by, act) in [(self.one, asked), (self.head, settled)] {
            let seen = self.store.case(self.case).await.unwrap().unwrap().events;
            self.authority.act(by, self.case, &Command { seen, act }, Vec::new()).await.unwrap();
        }
    }

    /// The case is given up.
    async fn given_up(&self, by: By, reasons: &str) -> Result<(), base::Refusal> {
        let act = CaseAct::Abandon { reasons: reasons.into() };
        let seen = self.store.case(self.case).await.unwrap().unwrap().events;
        self.authority.act(by, self.case, &Command { seen, act }, Vec::new()).await.map(drop)
    }

    /// A second look is asked for today.
    async fn again(&self) -> Result<u32, base::Refusal> {
        let on = UtcMs(self.clock.load(Ordering::Relaxed)).shanghai_date();
        let form = VisitForm { day: on, ..self.form(VisitKind::Again) };
        self.authority.ask_visit(self.one, self.case, &form).await
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
async fn an_approved_visit_has_a_handler_and_each_of_its_inspectors_goes_on_with_the_case() {
    let field = Field::open().await;
    let handler = async || field.authority.case(field.head, field.case).await.unwrap().case.assigned;
    assert_eq!(handler().await, None);
    field.begun().await;
    assert_eq!(handler().await, Some(field.one.account), "whoever asked and inspects");
    field.gone_through(&["responsible"]).await;
    assert_eq!(field.step(field.stranger, "order", &[]).await.unwrap_err().code, "not_assigned");
    field.step(field.two, "order", &[("correct_days", "10")]).await.unwrap();
    assert_eq!(handler().await, Some(field.one.account), "the other inspector only stands in");
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
    let (row, bytes) = field.authority.visit_photo(field.head, field.case, (None, 1)).await.unwrap();
    assert_eq!((row.sha256, bytes.as_slice()), (Sha256::of(PNG), PNG));
    assert_eq!(field.authority.visit_photo(field.head, field.case, (None, 2)).await.unwrap_err().code, "not_found");
}

#[tokio::test]
async fn a_visit_is_closed_only_when_each_inspector_signed_by_the_own_account() {
    let field = Field::open().await;
    field.begun().await;
    let (a, case) = (&field.authority, field.case);
    field.save(field.one, 1, &field.names()).await.unwrap();
    let all = field.answered(&[]).await;
    field.save(field.two, 2, &all).await.unwrap();
    let of = |by: By| format!("signature/{}", by.account);
    field.sign(field.one, "unit").await;
    field.sign(field.one, &field.one.account.to_string()).await;
    let forged = a.add_photo(field.one, case, photo(PNG, &of(field.two))).await.unwrap_err();
    assert_eq!((forged.kind, forged.code.as_str()), (ErrorKind::Forbidden, "own_signature"));
    let filter = ActFilter { kind: Some("act.tried".into()), ..ActFilter::default() };
    let tried = field.store.acts(&filter, 9).await.unwrap();
    assert_eq!(tried.len(), 1, "who draws the signature of another is entered: {tried:?}");
    assert!(tried[0].account == Some(field.one.account) && tried[0].text.zh.contains("不能代他人签名"), "{tried:?}");
    let refusal = a.close_visit(field.one, case, &signed_by_unit(3)).await.unwrap_err();
    assert_eq!(refusal.code, "inspector_signature");
    assert!(refusal.what.zh.contains("还缺：two。") && !refusal.what.zh.contains("two某"), "{refusal}");
    assert_eq!(a.visit(field.one, case).await.unwrap().signed, [field.one.account]);
    // Beside the first one, on whose phone it is drawn.
    let (one, stranger) = (field.one.account, field.stranger.account);
    for (by, beside, belongs, code) in [
        (field.two, one, of(field.one), "own_signature"),
        (field.two, one, "signature/unit".to_owned(), "own_signature"),
        (field.two, one, "door".to_owned(), "own_signature"),
        (field.stranger, one, of(field.stranger), "not_inspector"),
        (field.two, stranger, of(field.two), "not_inspector"),
    ] {
        assert_eq!(a.sign_beside(by, beside, case, photo(PNG, &belongs)).await.unwrap_err().code, code, "{belongs}");
    }
    a.sign_beside(field.two, one, case, photo(PNG, &of(field.two))).await.unwrap();
    field.store.flush_ledger().await.unwrap();
    let acts = field.store.acts(&Default::default(), 10).await.unwrap();
    let told = acts.iter().find(|act| act.kind == "visit.photo").expect("its entry");
    let entry = field.store.ledger().entry(told.idx).unwrap().parse().unwrap();
    assert_eq!((&entry.body["by"], &entry.body["beside"]), (&json!(field.two.account), &json!(one)));
    a.close_visit(field.one, case, &signed_by_unit(3)).await.unwrap();
}

#[tokio::test]
async fn a_code_that_was_typed_far_from_the_photos_is_shown_to_who_supervises() {
    let field = Field::open().await;
    field.begun().await;
    let (a, case) = (&field.authority, field.case);
    let version = field.version().await;
    let scan = |how: &str, place: &str| json!({ "code": CODE, "at": 1, "how": how, "place": place });
    for wrong in [
        scan("guessed", ""),
        scan("typed", &"9".repeat(41)),
        json!({ "code": CODE, "at": 1, "other": "x" }),
        json!({ "code": CODE, "how": "typed" }),
    ] {
        assert_eq!(field.save(field.one, version, &[change("scan", wrong)]).await.err().unwrap().code, "field");
    }
    let mut changes = field.names();
    changes[0] = change("scan", scan("typed", "45.80000,126.65000 ±10 m"));
    changes.extend(field.answered(&[]).await);
    field.save(field.one, version, &changes).await.unwrap();
    let door = NewPhoto { place: "45.75000,126.65000 ±10 m".into(), ..photo(PNG, "door") };
    a.add_photo(field.one, case, door).await.unwrap();
    field.signed().await;
    let ended = a.close_visit(field.one, case, &signed_by_unit(version + 1)).await.unwrap();
    let door = ended.door.expect("how the code came in");
    assert_eq!((door.scanned, door.far, door.apart_m), (false, true, Some(5_566)));
    let view = a.case(field.one, case).await.unwrap();
    let findings = view.case.values_of("inspect").unwrap().text("findings").unwrap().to_owned();
    assert!(findings.starts_with("到场登记：手工输入单位代码"), "{findings}");
    assert!(!findings.contains("45.8"), "the place is in no form");
    let watch = account(&field.store, "watch", Role::Supervisor).await;
    let found = a.supervision(watch, 9).await.unwrap().far;
    let told: Vec<_> = found.iter().map(|f| (f.case, f.n, f.name.as_str(), f.door.apart_m)).collect();
    assert_eq!(told, [(case, 1, UNIT, Some(5_566))]);
    let acts = field.store.acts(&ActFilter { kind: Some("visit.closed".into()), ..ActFilter::default() }, 1).await;
    field.store.flush_ledger().await.unwrap();
    let entry = field.store.ledger().entry(acts.unwrap()[0].idx).unwrap().parse().unwrap();
    assert_eq!((&entry.body["unit_code_by"], &entry.body["far_from_photos"]), (&json!("typed"), &json!(true)));
}

#[tokio::test]
async fn a_code_that_a_camera_read_says_so_in_the_record() {
    let field = Field::open().await;
    field.begun().await;
    let version = field.version().await;
    let mut changes = field.names();
    let far = "45.80000,126.65000 ±10 m";
    changes[0] = change("scan", json!({ "code": CODE, "at": 1, "how": "scanned", "place": far }));
    changes.extend(field.answered(&[]).await);
    field.save(field.one, version, &changes).await.unwrap();
    field.signed().await;
    let (a, case) = (&field.authority, field.case);
    let ended = a.close_visit(field.one, case, &signed_by_unit(version + 1)).await.unwrap();
    assert_eq!(ended.door.map(|door| (door.scanned, door.far, door.apart_m)), Some((true, false, None)));
    let view = a.case(field.one, case).await.unwrap();
    let findings = view.case.values_of("inspect").unwrap().text("findings").unwrap().to_owned();
    assert!(findings.starts_with("到场登记：扫描登记单位代码"), "{findings}");
    let watch = account(&field.store, "watch", Role::Supervisor).await;
    assert!(a.supervision(watch, 9).await.unwrap().far.is_empty());
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

/// A case of an inspection of a unit that has no credit code.
async fn without_code(field: &Field, name: &str) -> CaseId {
    let case = field.authority.begin(field.one, &Beginning { title: name.into(), ..beginning() }).await.unwrap().case;
    let mut typed = sample("notice", day("2026-03-02"));
    typed.remove("credit_code");
    typed.insert("unit_name".into(), name.into());
    let seen = field.store.case(case).await.unwrap().unwrap().events;
    let act = CaseAct::Fill { step: "notice".into(), typed };
    field.authority.act(field.one, case, &Command { seen, act }, Vec::new()).await.unwrap();
    case
}

#[tokio::test]
async fn a_unit_without_a_code_is_counted_towards_the_cap_too() {
    let field = Field::open().await;
    field.plan(2).await;
    let (a, form) = (&field.authority, field.form(VisitKind::Special));
    for name in ["示例便民超市", "示例 便民超市"] {
        let case = without_code(&field, name).await;
        a.ask_visit(field.one, case, &form).await.unwrap();
        a.approve_visit(field.head, case).await.unwrap();
    }
    let third = without_code(&field, "示例便民超市").await;
    assert_eq!(a.ask_visit(field.one, third, &form).await.unwrap_err().code, "cap_reached");
    let other = without_code(&field, "示例便民药店").await;
    a.ask_visit(field.one, other, &form).await.unwrap();
}

async fn view_of_last(field: &Field) -> Option<super::LastVisit> {
    field.authority.visit(field.one, field.case).await.unwrap().last
}

#[tokio::test]
async fn nobody_is_inspected_but_by_a_visit() {
    let field = Field::open().await;
    let (a, case) = (&field.authority, field.case);
    let seen = field.store.case(case).await.unwrap().unwrap().events;
    let typed = sample("inspect", day("2026-03-02"));
    let done = |step: &str| CaseAct::Done {
        step: step.into(),
        typed: typed.clone(),
        note: String::new(),
        officers: vec![field.one.account, field.two.account],
        on: day("2026-03-02"),
    };
    let fill = CaseAct::Fill { step: "inspect".into(), typed: typed.clone() };
    for act in [done("inspect"), done("inspect_again"), fill] {
        let refusal = a.act(field.one, case, &Command { seen, act }, Vec::new()).await.unwrap_err();
        assert_eq!(refusal.code, "by_visit");
    }
    for id in ["findings", "result", "again_result", "correct_extended_days"] {
        let act = CaseAct::CorrectValue { field: id.into(), typed: "30".into(), reasons: "录入时看错。".into() };
        let refusal = a.act(field.one, case, &Command { seen, act }, Vec::new()).await.unwrap_err();
        assert_eq!(refusal.code, "on_record", "{id}: what was signed is not written over");
    }
    let view = a.case(field.one, case).await.unwrap();
    assert!(view.case.done("inspect").is_none() && view.row.events == seen);
    let other = Command { seen, act: done("inspect") };
    let applicant = account(&field.store, "unit", Role::Applicant).await;
    assert_eq!(a.act(applicant, case, &other, Vec::new()).await.unwrap_err().code, "no_party", "no case is betrayed");
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
