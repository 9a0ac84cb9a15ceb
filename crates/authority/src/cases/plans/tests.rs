//! Plans over a real store: from the draft to the draw, what is refused and entered, and the published file against a stranger's program. The
//! visits stand beside.

mod visits;

use super::{Ground, PlanBody, PlanForm};
use crate::cases::{DelegationForm, OfficeForm, OfficerForm};
use crate::tests::hall::{Bare, HOUR_MS, account, day, office_form, sample};
use crate::visits::VisitForm;
use crate::{Authority, By};
use base::{AccountId, CaseId, CivilDate, ErrorKind, Lang, OfficeId, Pii, Refusal, Text, UtcMs};
use domain::access::Role;
use domain::casework::{CaseAct, Command as CaseCommand, Typed};
use domain::draw::{
    DrawFault, DrawRecord, Inspector, PublicDay, PublicForm, Quota, ReplaceReason, TeamFault, verify, verify_by,
};
use domain::inspection::{PlanItem, VisitKind};
use law::Jurisdiction;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use store::Store;
use store::casework::import::{Import, Imported};
use store::casework::plans::{NewPlan, PlanPut, PlanStage};
use store::casework::registers::RegisterChange;
use store::ledger_log::ActLine;
use store::logbook::{ActFilter, ActRow};

const WORD: &str = "2026-1";
/// The event outside that the seed needs, and its outcome.
const SOURCE: &str = "双色球第2026031期开奖号码";
/// How that outcome is written.
const FORM: &str = "rising 6 01-33 rising 1 01-16";
const OUTCOME: &str = "02 06 10 18 23 31 13";
/// When it comes out: some hours after the tests begin.
const EVENT: &str = "2026-03-02 13";
/// Entries between pool and seed.
const WAIT: u64 = 6;

/// Something that is done to a published file.
type Change = Box<dyn Fn(&mut DrawRecord)>;

/// An authority's server with an office, three officers, two heads and rows in its registers.
struct Hall {
    dir: tempfile::TempDir,
    store: Store,
    authority: Authority,
    clock: Arc<AtomicI64>,
    office: OfficeId,
    officers: Vec<By>,
    head: By,
    elsewhere: By,
    supervisor: By,
    admin: AccountId,
}

fn row(row: &str, office: OfficeId, outcome: &str, until: Option<&str>) -> RegisterChange {
    let procedure = if outcome == "filed" { "system_filing" } else { "area_approval" };
    RegisterChange {
        register: "systems".into(),
        row: row.into(),
        name: format!("{row}号楼"),
        office: Some(office),
        party: None,
        public: serde_json::json!({ "procedure": procedure, "outcome": outcome, "fields": {} }),
        personal: None,
        from: day("2025-01-01"),
        until: until.map(day),
        clauses: Vec::new(),
        text: Text::new("登记。", "Entered."),
    }
}

impl Hall {
    async fn open() -> Self {
        let bare = Bare::open(Jurisdiction::Heilongjiang).await;
        let put = async |name: &str, code: &str| {
            bare.authority.put_office(bare.admin, &office_form(name, code)).await.unwrap()
        };
        let office = put("示例分局", "230102000000").await;
        let other = put("另一分局", "230103000000").await;
        let mut people = Vec::new();
        for (login, role, at) in [
            ("one", Role::CaseOfficer, office),
            ("two", Role::CaseOfficer, office),
            ("three", Role::CaseOfficer, office),
            ("head", Role::CaseApprover, office),
            ("elsewhere", Role::CaseOfficer, other),
        ] {
            people.push(bare.seat(login, role, at, "2030-12-31").await);
        }
        let start = UtcMs(bare.clock.load(Ordering::Relaxed));
        let Bare { dir, store, authority, clock, admin } = bare;
        let supervisor = account(&store, "supervisor", Role::Supervisor).await;
        let mut rows: Vec<_> = (1..=6).map(|n| row(&format!("S-{n}"), office, "filed", None)).collect();
        rows.push(row("refused", office, "refused", None));
        // To install is allowed; nothing is there that could be inspected.
        rows.push(row("not-built", office, "approved", None));
        rows.push(row("ended", office, "filed", Some("2026-03-01")));
        rows.push(row("of-another", other, "filed", None));
        let import = Import { registers: &rows, ..Import::default() };
        assert_eq!(store.import(&import, admin.account, start).await.unwrap(), Imported::Done);
        let (elsewhere, head) = (people.pop().unwrap(), people.pop().unwrap());
        let admin = admin.account;
        Self { dir, store, authority, clock, office, officers: people, head, elsewhere, supervisor, admin }
    }

    fn today(&self) -> CivilDate {
        UtcMs(self.clock.load(Ordering::Relaxed)).shanghai_date()
    }

    /// The notice's form with the unit's name and the sample's credit code.
    fn notice(&self, unit: &str) -> Typed {
        let mut typed = sample("inspection_b", "notice", self.today());
        typed.insert("unit_name".into(), unit.into());
        typed
    }

    async fn done(&self, by: By, case: CaseId, act: CaseAct) {
        let seen = self.store.case(case).await.unwrap().unwrap().events;
        self.authority.act(by, case, &CaseCommand { seen, act }, Vec::new()).await.unwrap();
    }

    async fn fill_notice(&self, case: CaseId, unit: &str) {
        let act = CaseAct::Fill { step: "notice".into(), typed: self.notice(unit) };
        self.done(self.officers[0], case, act).await;
    }

    async fn give_notice(&self, by: By, case: CaseId, unit: &str) {
        let act = CaseAct::Done {
            step: "notice".into(),
            typed: self.notice(unit),
            note: String::new(),
            officers: vec![by.account],
            on: self.today(),
        };
        self.done(by, case, act).await;
    }

    /// The log goes on without this plan, and the public event happens.
    async fn others_work(&self, entries: u64) {
        self.clock.fetch_max(event(EVENT).out().0, Ordering::Relaxed);
        for n in 0..entries {
            let act = ActLine::done(None, Text::new("其他工作。", "Other work."));
            let at = UtcMs(self.clock.load(Ordering::Relaxed));
            self.store.log("setting.changed", at, serde_json::json!({ "n": n }), act).await.unwrap();
        }
    }

    fn pass_days(&self, days: i64) {
        self.clock.fetch_add(days * 24 * HOUR_MS, Ordering::Relaxed);
    }

    async fn refused(&self) -> Vec<ActRow> {
        let filter = ActFilter { refused: true, ..ActFilter::default() };
        self.store.acts(&filter, 100).await.unwrap()
    }

    /// Written, published and committed to.
    async fn committed(&self) -> u64 {
        self.authority.put_plan(self.officers[0], &form(WORD)).await.unwrap();
        self.authority.publish_plan(self.head, WORD).await.unwrap();
        self.authority.commit_pool(self.head, WORD).await.unwrap()
    }

    async fn drawn(&self) {
        self.committed().await;
        self.others_work(WAIT).await;
        self.authority.draw_plan(self.head, WORD, OUTCOME).await.unwrap();
    }

    async fn record(&self) -> DrawRecord {
        DrawRecord::read(&self.authority.published_draw(WORD).await.unwrap()).unwrap()
    }
}

fn event(text: &str) -> PublicDay {
    PublicDay::parse(text).unwrap()
}

fn form(word: &str) -> PlanForm {
    PlanForm {
        word: word.into(),
        year: 2026,
        title: "2026年年度检查计划".into(),
        body: PlanBody {
            items: vec![PlanItem { id: "general".into(), checklist: "general".into() }],
            cap: 1,
            quotas: BTreeMap::from([("systems".to_owned(), Quota::Count(3))]),
            inspectors_per_unit: 2,
            max_per_inspector: 5,
            rest_days: 30,
            after_entries: WAIT,
            draw_within_days: 10,
            public_source: Some(SOURCE.into()),
            public_day: Some(event(EVENT)),
            public_form: PublicForm::parse(FORM),
            public_source_url: None,
            again_of: None,
        },
    }
}

/// A visit of a drawn unit, or a single one, on a day.
fn ask(kind: VisitKind, on: &str) -> VisitForm {
    VisitForm { kind, item: "general".into(), basis: String::new(), day: day(on), with: Vec::new(), accepts: None }
}

fn code<T>(done: Result<T, Refusal>) -> String {
    done.err().map(|refusal| refusal.code).unwrap_or_default()
}

/// What a program that shares nothing with this one says of a file, and whether it says that it holds.
fn run_again(file: &Path) -> (bool, String) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/design/draw_rerun.py");
    let done = Command::new("python3").arg(script).arg(file).output();
    let done = done.expect("python3, which `cargo xtask test` installs");
    (done.status.success(), String::from_utf8_lossy(&done.stdout).into_owned())
}

#[tokio::test]
async fn a_plan_is_drawn_by_a_later_head_and_anybody_runs_it_again() {
    let hall = Hall::open().await;
    let (authority, officer, head) = (&hall.authority, hall.officers[0], hall.head);
    authority.put_plan(officer, &form(WORD)).await.unwrap();
    assert_eq!(code(authority.commit_pool(head, WORD).await), "plan_not_published");
    assert_eq!(code(authority.draw_plan(head, WORD, OUTCOME).await), "draw_not_committed");
    authority.publish_plan(head, WORD).await.unwrap();
    authority.keep_out(officer, WORD, "S-1").await.unwrap();
    let place = authority.commit_pool(head, WORD).await.unwrap();
    let early = authority.draw_plan(head, WORD, OUTCOME).await.unwrap_err();
    assert_eq!((early.kind, early.code.as_str()), (ErrorKind::Conflict, "seed_too_early"));
    let waiting = authority.plan(officer, WORD, 0).await.unwrap();
    assert_eq!((waiting.row.stage, waiting.waits), (PlanStage::Committed, WAIT));
    assert!(hall.refused().await.is_empty(), "waiting is no wrong");
    hall.others_work(WAIT - 1).await;
    assert_eq!(code(authority.draw_plan(head, WORD, OUTCOME).await), "seed_too_early", "one entry is missing");
    // One more than needed: the head of exactly the named size counts all the same.
    hall.others_work(2).await;
    authority.draw_plan(head, WORD, OUTCOME).await.unwrap();
    let record = hall.record().await;
    assert_eq!(verify(&record), Ok(()));
    assert_eq!(verify_by(&record, authority.vkey(), None), Ok(()));
    assert_eq!((record.entry_index, record.result.units.len(), record.commitment.units), (place, 3, 6));
    assert_eq!(record.commitment.inspectors, 3, "of this office, with a certificate");
    let pool = record.pool.join("\n");
    for absent in ["refused", "not-built", "ended", "of-another", "某", "2301-"] {
        assert!(!pool.contains(absent), "{absent}: {pool}");
    }
    assert!(pool.contains("conflict ") && pool.contains(" S-1"), "{pool}");
    let file = hall.dir.path().join("draw.json");
    std::fs::write(&file, record.to_json()).unwrap();
    let (holds, said) = run_again(&file);
    assert!(holds && said.contains("holds: plan 2026-1, 3 units drawn"), "{said}");
    assert!(!said.contains("caution"), "the public source has a part in the seed: {said}");
    let view = authority.plan(hall.supervisor, WORD, 0).await.unwrap();
    assert_eq!((view.counts.drawn, view.units.len()), (3, 3));
    assert!(view.rules.is_some_and(|rules| rules.resting_on().is_some_and(|text| text.zh.contains(SOURCE))));
}

#[tokio::test]
async fn nothing_is_drawn_before_the_public_event_and_no_pool_is_committed_to_after_it() {
    let hall = Hall::open().await;
    let (authority, head) = (&hall.authority, hall.head);
    let on = |text: &str| PlanBody { public_day: Some(event(text)), ..form(WORD).body };
    for (word, text) in [(WORD, "2026-03-04 09"), ("2026-2", "2026-03-03")] {
        authority.put_plan(hall.officers[0], &PlanForm { body: on(text), ..form(word) }).await.unwrap();
        authority.publish_plan(head, word).await.unwrap();
    }
    authority.commit_pool(head, WORD).await.unwrap();
    hall.others_work(WAIT).await;
    let out = event("2026-03-04 09").out();
    hall.clock.store(out.0 - 1, Ordering::Relaxed);
    let early = authority.draw_plan(head, WORD, OUTCOME).await.unwrap_err();
    assert_eq!((early.kind, early.code.as_str()), (ErrorKind::Conflict, "draw_before_event"));
    assert!(early.next.zh.contains(&out.desk()), "{early}");
    hall.clock.store(out.0, Ordering::Relaxed);
    authority.draw_plan(head, WORD, OUTCOME).await.unwrap();
    assert_eq!(code(authority.draw_plan(head, WORD, "01 02 03 04 05 06 07").await), "draw_made", "typed once");
    assert_eq!(code(authority.commit_pool(head, "2026-2").await), "draw_event_over");
    let record = hall.record().await;
    assert!(verify(&record).is_ok() && record.rules.contains(&"public_day 2026-03-04 09".to_owned()));
    let file = hall.dir.path().join("draw.json");
    std::fs::write(&file, record.to_json()).unwrap();
    let (holds, said) = run_again(&file);
    assert!(holds, "{said}");
}

#[tokio::test]
async fn of_one_owner_there_are_as_many_in_the_pool_as_the_cap_lets_be_visited() {
    let hall = Hall::open().await;
    let of_one = |id: &str| RegisterChange {
        public: serde_json::json!({ "fields": { "credit_code": "91350100M000100Y43" } }),
        ..row(id, hall.office, "filed", None)
    };
    let rows: Vec<_> = ["T-1", "T-2", "T-3"].map(of_one).into();
    let import = Import { registers: &rows, ..Import::default() };
    let now = UtcMs(hall.clock.load(Ordering::Relaxed));
    assert_eq!(hall.store.import(&import, hall.admin, now).await.unwrap(), Imported::Done);
    for (word, cap) in [(WORD, 1), ("2026-2", 2), ("2026-9", 9)] {
        let body = PlanBody { cap, ..form(word).body };
        hall.authority.put_plan(hall.officers[0], &PlanForm { body, ..form(word) }).await.unwrap();
        hall.authority.publish_plan(hall.head, word).await.unwrap();
        hall.authority.commit_pool(hall.head, word).await.unwrap();
        let units = hall.authority.plan(hall.head, word, 0).await.unwrap().in_pool.0;
        let mine = usize::try_from(cap.min(3)).unwrap();
        assert_eq!(units, 6 + mine, "cap {cap}: the rows of nobody known, and those of one owner");
    }
}

#[tokio::test]
async fn a_second_draw_and_a_second_pool_are_refused_and_entered() {
    let hall = Hall::open().await;
    hall.committed().await;
    assert_eq!(code(hall.authority.commit_pool(hall.head, WORD).await), "draw_committed");
    assert_eq!(code(hall.authority.put_plan(hall.officers[0], &form(WORD)).await), "plan_published");
    hall.others_work(WAIT).await;
    hall.authority.draw_plan(hall.head, WORD, OUTCOME).await.unwrap();
    let before = hall.record().await;
    hall.others_work(3).await;
    assert_eq!(code(hall.authority.draw_plan(hall.head, WORD, OUTCOME).await), "draw_made");
    assert_eq!(code(hall.authority.commit_pool(hall.head, WORD).await), "draw_made");
    assert_eq!(hall.record().await, before, "nothing of it changed");
    let entered = hall.refused().await;
    assert_eq!(entered.len(), 3, "{entered:?}");
    hall.store.flush_ledger().await.unwrap();
    let mut codes = Vec::new();
    for act in &entered {
        let entry = hall.store.ledger().entry(act.idx).unwrap().parse().unwrap();
        assert_eq!((entry.kind.as_str(), &entry.body["plan"]), ("act.refused", &serde_json::json!(WORD)));
        codes.push(entry.body["code"].as_str().unwrap().to_owned());
    }
    codes.sort_unstable();
    assert_eq!(codes, ["draw_committed", "draw_made", "draw_made"]);
}

#[tokio::test]
async fn a_unit_that_is_gone_is_replaced_by_the_next_in_order() {
    let hall = Hall::open().await;
    let ground = Ground { reason: ReplaceReason::Closed, paper: b"%PDF deregistered" };
    hall.committed().await;
    assert_eq!(code(hall.authority.replace_unit(hall.head, WORD, "S-1", ground).await), "draw_not_made");
    hall.others_work(WAIT).await;
    hall.authority.draw_plan(hall.head, WORD, OUTCOME).await.unwrap();
    let record = hall.record().await;
    let out = record.result.units[0].unit.clone();
    let empty = Ground { paper: b"", ..ground };
    assert_eq!(code(hall.authority.replace_unit(hall.head, WORD, &out, empty).await), "ground");
    assert_eq!(code(hall.authority.replace_unit(hall.officers[0], WORD, &out, ground).await), "no_permission");
    hall.authority.replace_unit(hall.head, WORD, &out, ground).await.unwrap();
    let twice = hall.authority.replace_unit(hall.head, WORD, &out, ground).await;
    assert_eq!(code(twice), "draw_unit_not_in_plan");
    let after = hall.record().await;
    assert_eq!(verify(&after), Ok(()));
    assert_eq!((after.substitutions.len(), after.substitutions[0].out.as_str()), (1, out.as_str()));
    let file = hall.dir.path().join("draw.json");
    std::fs::write(&file, after.to_json()).unwrap();
    assert!(run_again(&file).0);
    let view = hall.authority.plan(hall.head, WORD, 0).await.unwrap();
    let left: Vec<_> = view.units.iter().filter(|u| u.gone).map(|u| u.unit.as_str()).collect();
    assert_eq!((left, view.units.len(), view.counts.drawn), (vec![out.as_str()], 4, 3));
    for _ in 0..2 {
        let next = hall.record().await.substitutions.last().unwrap().into.clone();
        hall.authority.replace_unit(hall.head, WORD, &next, ground).await.unwrap();
    }
    let last = hall.record().await.substitutions.last().unwrap().into.clone();
    assert_eq!(code(hall.authority.replace_unit(hall.head, WORD, &last, ground).await), "draw_none_left");
}

#[tokio::test]
async fn the_result_of_a_draw_is_a_paper_with_an_entry_of_its_own() {
    let hall = Hall::open().await;
    hall.committed().await;
    let paper = |by: By| hall.authority.draw_paper(by, WORD, Lang::Zh);
    assert_eq!(code(paper(hall.head).await), "draw_not_made");
    hall.others_work(WAIT).await;
    hall.authority.draw_plan(hall.head, WORD, OUTCOME).await.unwrap();
    assert_eq!(code(paper(hall.elsewhere).await), "not_found");
    assert_ne!(code(paper(hall.supervisor).await), "", "who looks on makes no document");
    let made = paper(hall.officers[0]).await.unwrap();
    assert!(made.pdf.starts_with(b"%PDF") && made.url.is_none() && made.file.starts_with("draw-result-"));
    let row = hall.store.document(made.document).await.unwrap().unwrap();
    let is = (row.kind.as_str(), row.number, row.office, row.case, row.sha256, row.entry);
    assert_eq!(is, ("draw_result", None, hall.office, None, made.sha256, made.entry));
    let again = paper(hall.head).await.unwrap();
    assert_ne!((again.document, again.entry), (made.document, made.entry), "another document");
}

#[tokio::test]
async fn whatever_is_changed_in_the_published_file_is_named() {
    let hall = Hall::open().await;
    hall.drawn().await;
    let good = hall.record().await;
    let ground = Ground { reason: ReplaceReason::Moved, paper: b"%PDF moved" };
    hall.authority.replace_unit(hall.head, WORD, &good.result.units[1].unit, ground).await.unwrap();
    let good = hall.record().await;
    let other = base::Sha256::of(b"another");
    let unit = good.result.units[0].unit.clone();
    let changes: Vec<(Change, DrawFault)> = vec![
        (Box::new(|r: &mut DrawRecord| r.rules[9] = "rest_days 31".into()), DrawFault::RulesChanged),
        (Box::new(|r: &mut DrawRecord| r.pool[0] = "unit systems S-0 -".into()), DrawFault::PoolChanged),
        (Box::new(move |r: &mut DrawRecord| r.commitment.commitment = other), DrawFault::CommitmentChanged),
        (Box::new(|r: &mut DrawRecord| r.entry = r.entry.replace("draw.pool", "draw.poll")), DrawFault::Entry),
        (Box::new(|r: &mut DrawRecord| r.entry_index += 1), DrawFault::NotLogged),
        (Box::new(move |r: &mut DrawRecord| r.seed = other), DrawFault::SeedChanged),
        (Box::new(|r: &mut DrawRecord| r.result.strata[0].drawn = 2), DrawFault::Stratum("systems".into())),
        (
            Box::new(|r: &mut DrawRecord| {
                r.result.units[0].inspectors.pop();
            }),
            DrawFault::Team { unit, what: TeamFault::Size },
        ),
        (Box::new(move |r: &mut DrawRecord| r.result_sha256 = other), DrawFault::ResultDigest),
        (Box::new(move |r: &mut DrawRecord| r.substitutions[0].into = "S-0".into()), DrawFault::Substitution(1)),
    ];
    let file = hall.dir.path().join("draw.json");
    for (change, fault) in changes {
        let mut bad = good.clone();
        change(&mut bad);
        assert_eq!(verify(&bad), Err(fault.clone()));
        std::fs::write(&file, bad.to_json()).unwrap();
        let (holds, said) = run_again(&file);
        assert!(!holds && said.contains("does not hold"), "{fault:?}: {said}");
    }
    let stranger = ledger::SiteKey::from_seed("jifang/other", [3; 32]).unwrap();
    assert_eq!(verify_by(&good, stranger.vkey(), None), Err(DrawFault::OtherKey));
}

#[tokio::test]
async fn an_inspector_is_proved_by_the_salt_that_staff_have() {
    let hall = Hall::open().await;
    hall.drawn().await;
    let view = hall.authority.plan(hall.head, WORD, 0).await.unwrap();
    let record = hall.record().await;
    let pool = domain::draw::Pool::parse(&record.pool).unwrap();
    assert_eq!(view.people.len(), 3);
    for (id, who) in &view.people {
        let inspector: &Inspector = pool.inspectors().iter().find(|i| i.id() == *id).unwrap();
        let salt: [u8; 32] = base::unhex(who.salt.expose()).unwrap().try_into().unwrap();
        assert!(inspector.is_of(&salt, &who.badge, &who.name));
        assert!(!inspector.is_of(&salt, &who.badge, &Pii::new("别人".into())));
    }
    let drawn: BTreeSet<&String> = record.result.units.iter().flat_map(|u| &u.inspectors).collect();
    assert!(drawn.iter().all(|id| view.people.contains_key(*id)));
    let printed = format!("{view:?}");
    assert!(!printed.contains("one某"), "no name in a debug line");
}

#[tokio::test]
async fn a_commitment_that_lapsed_is_named_by_the_next_plan() {
    let hall = Hall::open().await;
    hall.committed().await;
    let later = PlanBody { again_of: Some(WORD.into()), public_day: Some(event("2026-03-14")), ..form(WORD).body };
    let again = PlanForm { body: later, ..form("2026-1b") };
    hall.authority.put_plan(hall.officers[0], &again).await.unwrap();
    hall.authority.publish_plan(hall.head, "2026-1b").await.unwrap();
    assert_eq!(code(hall.authority.commit_pool(hall.head, "2026-1b").await), "draw_not_lapsed");
    hall.others_work(WAIT).await;
    hall.pass_days(11);
    assert_eq!(code(hall.authority.draw_plan(hall.head, WORD, OUTCOME).await), "draw_lapsed");
    hall.authority.commit_pool(hall.head, "2026-1b").await.unwrap();
    let old = hall.authority.plan(hall.head, WORD, 0).await.unwrap();
    let new = hall.authority.plan(hall.head, "2026-1b", 0).await.unwrap();
    let rules = new.rules.unwrap();
    assert!(rules.again_of.is_some() && old.rules.unwrap().again_of.is_none());
}

#[tokio::test]
async fn a_draft_of_before_is_not_published_without_a_public_source() {
    let hall = Hall::open().await;
    let body = serde_json::to_string(&PlanBody { public_source: None, ..form(WORD).body }).unwrap();
    let new = NewPlan { word: WORD.into(), year: 2026, office: hall.office, title: "年度检查计划".into(), body };
    let now = UtcMs(hall.clock.load(Ordering::Relaxed));
    let put = hall.store.put_inspection_plan(&new, hall.officers[0].account, now).await.unwrap();
    assert_eq!(put, PlanPut::Done);
    let refused = hall.authority.publish_plan(hall.head, WORD).await.unwrap_err();
    assert_eq!(refused.code, "draw_public_source");
    assert!(refused.what.en.contains("no witness"), "{refused}");
    hall.authority.put_plan(hall.officers[0], &form(WORD)).await.unwrap();
    hall.authority.publish_plan(hall.head, WORD).await.unwrap();
}

#[tokio::test]
async fn a_draft_of_before_names_a_form_and_what_was_published_before_is_drawn_with_a_caution() {
    let hall = Hall::open().await;
    let body = serde_json::to_string(&PlanBody { public_form: None, ..form(WORD).body }).unwrap();
    let new = NewPlan { word: WORD.into(), year: 2026, office: hall.office, title: "年度检查计划".into(), body };
    let now = UtcMs(hall.clock.load(Ordering::Relaxed));
    assert_eq!(hall.store.put_inspection_plan(&new, hall.officers[0].account, now).await.unwrap(), PlanPut::Done);
    assert_eq!(code(hall.authority.publish_plan(hall.head, WORD).await), "draw_public_form");
    // As the program of before would have published it.
    let seen = hall.store.inspection_plan(WORD).await.unwrap().unwrap().changed;
    assert!(hall.store.publish_inspection_plan(WORD, seen, &[], hall.head.account, now).await.unwrap());
    hall.authority.commit_pool(hall.head, WORD).await.unwrap();
    hall.others_work(WAIT).await;
    hall.authority.draw_plan(hall.head, WORD, "02 06 10 18 23 31 + 13").await.unwrap();
    let record = hall.record().await;
    assert_eq!((verify(&record), record.rules[0].as_str()), (Ok(()), "jifang draw v1"));
    let view = hall.authority.plan(hall.head, WORD, 0).await.unwrap();
    assert!(view.rules.is_some_and(|rules| rules.caution().is_some_and(|text| text.en.contains("first edition"))));
}

#[tokio::test]
async fn a_public_source_is_part_of_the_seed_and_ends_the_caution() {
    let hall = Hall::open().await;
    let source = "双色球第2026030期开奖号码";
    let named = PlanBody { public_source: Some(source.into()), ..form(WORD).body };
    hall.authority.put_plan(hall.officers[0], &PlanForm { body: named, ..form(WORD) }).await.unwrap();
    hall.authority.publish_plan(hall.head, WORD).await.unwrap();
    hall.authority.commit_pool(hall.head, WORD).await.unwrap();
    hall.others_work(WAIT).await;
    assert_eq!(code(hall.authority.draw_plan(hall.head, WORD, " ").await), "seed_public_value");
    // Other spellings of the same outcome would be other seeds to choose from.
    for other in ["1 5 9 17 22 30 12", "01,05,09,17,22,30,12", "01 05 09 17 22 30 + 12", "05 01 09 17 22 30 12"] {
        assert_eq!(code(hall.authority.draw_plan(hall.head, WORD, other).await), "seed_public_form", "{other}");
    }
    hall.authority.draw_plan(hall.head, WORD, "01 05 09 17 22 30 12").await.unwrap();
    let record = hall.record().await;
    assert_eq!((verify(&record), record.public_value.as_deref()), (Ok(()), Some("01 05 09 17 22 30 12")));
    let view = hall.authority.plan(hall.head, WORD, 0).await.unwrap();
    assert!(view.rules.is_some_and(|rules| rules.caution().is_none()));
}

#[tokio::test]
async fn what_a_plan_may_not_say_is_told_by_its_field() {
    let hall = Hall::open().await;
    let officer = hall.officers[0];
    let with = |change: &dyn Fn(&mut PlanForm)| {
        let mut form = form(WORD);
        change(&mut form);
        form
    };
    type Change<'a> = &'a dyn Fn(&mut PlanForm);
    let cases: [(Change<'_>, &str); 23] = [
        (&|f: &mut PlanForm| f.word = "第一号".into(), "draw_not_a_word"),
        (&|f: &mut PlanForm| f.year = 1999, "year"),
        (&|f: &mut PlanForm| f.title = " ".into(), "title"),
        (&|f: &mut PlanForm| f.body.items.clear(), "items"),
        (&|f: &mut PlanForm| f.body.items[0].checklist = "nothing".into(), "items"),
        (&|f: &mut PlanForm| f.body.cap = 0, "cap"),
        (&|f: &mut PlanForm| f.body.quotas.clear(), "quota"),
        (
            &|f: &mut PlanForm| {
                f.body.quotas.insert("penalties".into(), Quota::Count(1));
            },
            "quota",
        ),
        (&|f: &mut PlanForm| f.body.inspectors_per_unit = 1, "inspectors_per_unit"),
        (&|f: &mut PlanForm| f.body.max_per_inspector = 0, "draw_number"),
        (&|f: &mut PlanForm| f.body.draw_within_days = 0, "draw_within_days"),
        (&|f: &mut PlanForm| f.body.again_of = Some("none".into()), "again_of"),
        (&|f: &mut PlanForm| f.body.public_source = None, "draw_public_source"),
        (&|f: &mut PlanForm| f.body.public_form = None, "draw_public_form"),
        (&|f: &mut PlanForm| f.body.public_day = None, "public_day"),
        (&|f: &mut PlanForm| f.body.public_day = Some(event("2026-03-01")), "public_day"),
        (&|f: &mut PlanForm| f.body.public_day = Some(event("2026-03-03 24")), "public_day"),
        (&|f: &mut PlanForm| f.body.public_source_url = Some("http://example.cn/x".into()), "public_source_url"),
        (&|f: &mut PlanForm| f.body.public_source_url = Some("https://".into()), "public_source_url"),
        (&|f: &mut PlanForm| f.body.public_source_url = Some("https://a@example.cn/".into()), "public_source_url"),
        (&|f: &mut PlanForm| f.body.public_source_url = Some("https://example.cn/\"x".into()), "public_source_url"),
        (&|f: &mut PlanForm| f.body.public_source_url = Some("javascript:alert(1)".into()), "public_source_url"),
        (
            &|f: &mut PlanForm| f.body.public_source_url = Some(format!("https://example.cn/{}", "x".repeat(200))),
            "public_source_url",
        ),
    ];
    for (change, told) in cases {
        assert_eq!(code(hall.authority.put_plan(officer, &with(change)).await), told);
    }
    assert!(hall.authority.plans(officer, None).await.unwrap().plans.is_empty(), "nothing was kept");
}

#[tokio::test]
async fn a_plan_is_its_offices_and_its_supervisors() {
    let hall = Hall::open().await;
    let authority = &hall.authority;
    assert_eq!(code(authority.put_plan(hall.head, &form(WORD)).await), "no_permission");
    authority.put_plan(hall.officers[0], &form(WORD)).await.unwrap();
    assert_eq!(code(authority.publish_plan(hall.officers[1], WORD).await), "no_permission");
    // The writer, with the role of a head since.
    let turned = By { role: Role::CaseApprover, ..hall.officers[0] };
    assert_eq!(code(authority.publish_plan(turned, WORD).await), "own_plan");
    assert_eq!(code(authority.plan(hall.elsewhere, WORD, 0).await), "not_found");
    assert_eq!(code(authority.put_plan(hall.elsewhere, &form(WORD)).await), "plan_word_taken");
    assert_eq!(code(authority.keep_out(hall.elsewhere, WORD, "S-1").await), "not_found");
    assert!(authority.plans(hall.elsewhere, None).await.unwrap().plans.is_empty());
    assert_eq!(authority.plans(hall.supervisor, None).await.unwrap().plans.len(), 1);
    assert_eq!(code(authority.commit_pool(hall.supervisor, WORD).await), "no_permission");
    assert_eq!(code(authority.public_plan(WORD).await), "not_found", "a draft");
    authority.publish_plan(hall.head, WORD).await.unwrap();
    let (row, _) = authority.public_plan(WORD).await.unwrap();
    assert_eq!(row.plan.office, hall.office);
    assert_eq!(code(authority.keep_out(hall.officers[0], WORD, "no such row").await), "unit");
    assert_eq!(code(authority.published_draw(WORD).await), "not_found", "not drawn yet");
}

#[tokio::test]
async fn the_office_above_looks_at_a_plan_and_leaves_it_to_those_it_is_of() {
    let hall = Hall::open().await;
    let (authority, admin) = (&hall.authority, By { account: hall.admin, role: Role::Administrator });
    let city = OfficeForm { level: "city".into(), ..office_form("示例市局", "230100000000") };
    let city = authority.put_office(admin, &city).await.unwrap();
    let county =
        OfficeForm { id: Some(hall.office), parent: Some(city), ..office_form("示例分局", "230102000000") };
    authority.put_office(admin, &county).await.unwrap();
    let above = account(&hall.store, "above", Role::CaseApprover).await;
    authority.put_officer(admin, above.account, city, &OfficerForm::default()).await.unwrap();
    // Who stands in for that head is an officer, and looks on as the head does.
    let deputy = account(&hall.store, "deputy", Role::CaseOfficer).await;
    authority.put_officer(admin, deputy.account, city, &OfficerForm::default()).await.unwrap();
    let given = DelegationForm {
        deputy: deputy.account,
        procedures: vec!["area_approval".into()],
        from: hall.today(),
        until: hall.today().plus_days(30),
    };
    authority.put_delegation(above, &given).await.unwrap();
    authority.put_plan(hall.officers[0], &form(WORD)).await.unwrap();
    assert_eq!(authority.plans(above, None).await.unwrap().plans.len(), 1);
    assert!(!authority.plan(above, WORD, 0).await.unwrap().acts_here);
    assert!(authority.plan(hall.head, WORD, 0).await.unwrap().acts_here);
    assert_eq!(code(authority.publish_plan(above, WORD).await), "other_office");
    authority.publish_plan(hall.head, WORD).await.unwrap();
    assert_eq!(authority.plans(deputy, None).await.unwrap().plans.len(), 1);
    assert_eq!(code(authority.keep_out(deputy, WORD, "S-1").await), "other_office");
    let again = PlanForm { body: PlanBody { again_of: Some(WORD.into()), ..form(WORD).body }, ..form("2026-9") };
    assert_eq!(code(authority.put_plan(deputy, &again).await), "again_of");
    assert_eq!(code(authority.commit_pool(above, WORD).await), "other_office");
    authority.commit_pool(hall.head, WORD).await.unwrap();
    hall.others_work(WAIT).await;
    assert_eq!(code(authority.draw_plan(above, WORD, OUTCOME).await), "other_office");
    authority.draw_plan(hall.head, WORD, OUTCOME).await.unwrap();
    let papers =
        [authority.draw_paper(above, WORD, Lang::Zh).await, authority.draw_paper(hall.head, WORD, Lang::Zh).await];
    assert_eq!(papers.map(code), ["other_office", ""], "the paper is of the office of the plan");
    let unit = authority.plan(hall.head, WORD, 0).await.unwrap().units.remove(0);
    let ground = Ground { reason: ReplaceReason::Closed, paper: b"%PDF deregistered" };
    assert_eq!(code(authority.replace_unit(above, WORD, &unit.unit, ground).await), "other_office");
    assert_eq!(code(authority.open_visits(deputy, WORD).await), "other_office");
    authority.open_visits(hall.officers[0], WORD).await.unwrap();
    let unit = authority.plan(hall.head, WORD, 0).await.unwrap().units.remove(0);
    let case = unit.case.unwrap();
    hall.fill_notice(case, &unit.name).await;
    let planned = ask(VisitKind::Planned, "2026-03-20");
    assert_eq!(code(authority.ask_visit(deputy, case, &planned).await), "other_office");
    authority.ask_visit(hall.officers[0], case, &planned).await.unwrap();
    let seen = authority.visit(above, case).await.unwrap();
    assert!(!seen.may_approve && !seen.may_drop);
    assert_eq!(code(authority.approve_visit(above, case).await), "other_office");
    assert_eq!(code(authority.drop_visit(above, case, "由上级取消这次检查").await), "other_office");
    authority.approve_visit(hall.head, case).await.unwrap();
}

impl Authority {
    /// Publishes a plan as it stands now.
    pub(crate) async fn publish_plan(&self, by: By, word: &str) -> Result<(), Refusal> {
        let (row, _) = self.known_plan(by, word).await?;
        self.publish_plan_as_seen(by, word, row.changed).await
    }
}

#[tokio::test]
async fn what_is_published_is_what_the_head_has_read() {
    let hall = Hall::open().await;
    let (officer, head) = (hall.officers[0], hall.head);
    hall.authority.put_plan(officer, &form(WORD)).await.unwrap();
    let read = hall.authority.plan(head, WORD, 0).await.unwrap().row.changed;
    hall.clock.fetch_add(1, Ordering::Relaxed);
    let other = PlanForm { title: "另一个计划".into(), ..form(WORD) };
    hall.authority.put_plan(officer, &other).await.unwrap();
    assert_eq!(code(hall.authority.publish_plan_as_seen(head, WORD, read).await), "plan_not_draft");
    let now = hall.authority.plan(head, WORD, 0).await.unwrap().row;
    assert_eq!((now.stage, now.plan.title.as_str()), (PlanStage::Draft, "另一个计划"));
    hall.authority.publish_plan_as_seen(head, WORD, now.changed).await.unwrap();
}
