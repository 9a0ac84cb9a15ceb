//! Every procedure of the packs in a browser, in every province that has an ordinance of its own: from the application to the register by
//! each of its outcomes (so also to refusal), and past its deadline. No procedure is known by name here.
//!
//! ```text
//! packs ─▶ way: the fewest steps to an outcome ─▶ pages: counter form, steps, proposal, review, decision ─▶ registers, public page
//!                                               └▶ what follows the decision: delivery, payment, publication
//! packs ─▶ as far as where a limit of the organ starts ─▶ a year goes by ─▶ overdue in the worklist and on the case, and still handled
//! ```

mod support;
#[path = "support/town.rs"]
mod town;

use base::CivilDate;
use domain::casework::{LEGAL_REVIEW, Seat, is_ours, node};
use domain::identifier::CreditCode;
use law::{Clock, Direction, Fined, Grade, Guard, Jurisdiction, Outcome, Party, PenaltyQuestion, Procedure, Sense};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::Instant;
use support::browser::Browser;
use support::screen::{check_access, check_page};
use support::{PATIENCE, wait_until};
use town::Town;

/// What an applicant hands in: a scan as far as its first bytes go.
const PDF: &[u8] = b"%PDF-1.4\n% a paper of the case\n";
const REASONS: &str = "经核对材料和现场情况，依据所列条款，作出本决定。";
/// Longer than any time that must pass before a step.
const WAIT_DAYS: i64 = 60;
/// How often it is waited for a term of another procedure; and by which words the page tells that it is not over.
const MOST_WAITS: usize = 5;
const TOO_EARLY: &str = "才满";
/// Longer than any limit of an organ.
const LATE_DAYS: i64 = 400;
const PHONE: (u32, u32) = (390, 844);
const DESK: (u32, u32) = (1440, 900);

/// Fills in a form by the ids of its fields; answers with the ids that the page does not have.
const FILL: &str = "((values) => { const lost = []; const tell = (e) => { e.dispatchEvent(new Event('input', {bubbles: true})); \
    e.dispatchEvent(new Event('change', {bubbles: true})); }; \
    for (const [id, value] of Object.entries(values)) { \
    const radio = document.querySelector(`input[type=radio][name='${id}'][value='${value}']`); \
    const field = document.getElementById('f-' + id); \
    if (radio) { radio.checked = true; tell(radio); } \
    else if (field && 'value' in field) { field.value = value; tell(field); } else lost.push(id); } return lost; })";
/// Names two officers where two are asked for.
const TWO: &str = "(() => { const [a, b] = ['officer', 'second_officer'].map((id) => document.getElementById(id)); \
    if (!a || !b) return 0; const of = (s) => [...s.options].map((o) => o.value).filter((v) => v); \
    if (!a.value) a.value = of(a)[0]; b.value = of(b).find((v) => v !== a.value); return 2; })()";
/// Every fault that the page tells.
const FAULTS: &str = "[...document.querySelectorAll('.error-summary li, .field-error, .flash')].map((e) => e.textContent.trim()).join(' | ')";

/// The provinces that a pack is for, each with a district that the samples of its packs name.
fn provinces() -> Vec<(Jurisdiction, String)> {
    let packs = law::Packs::embedded().expect("packs");
    let ordinance = |j: Jurisdiction| {
        packs
            .all()
            .iter()
            .find(|p| p.head.level == law::Level::ProvincialOrdinance && p.reaches(j))
            .map(|p| p.folder.clone())
    };
    let district = |folder: &str| {
        let of_pack = packs.procedures().iter().filter(|p| p.folder == folder);
        let places = of_pack.filter_map(Procedure::place_field).map(|f| f.sample.clone());
        places.into_iter().find(|sample| !sample.is_empty() && !sample.ends_with("00")).expect("a sample of a district")
    };
    let all = Jurisdiction::ALL.into_iter().filter_map(|j| Some((j, district(&ordinance(j)?))));
    all.collect()
}

/// The fewest steps from the beginning to a step or outcome, it included: each step may follow any of its `after`.
fn way_to(procedure: &Procedure, goal: &[String]) -> Vec<String> {
    let first = procedure.steps.iter().find(|s| s.after.is_empty()).expect("a first step").id.clone();
    let mut from: BTreeMap<String, String> = BTreeMap::new();
    let mut queue = VecDeque::from([first.clone()]);
    let mut seen = BTreeSet::from([first]);
    while let Some(here) = queue.pop_front() {
        if goal.contains(&here) {
            let mut way = vec![here.clone()];
            let mut at = &here;
            while let Some(before) = from.get(at) {
                way.push(before.clone());
                at = before;
            }
            way.reverse();
            return way;
        }
        let next = procedure.steps.iter().filter(|s| s.after.contains(&here)).map(|s| (&s.id, &s.after));
        let outcomes = procedure.outcomes.iter().filter(|o| o.after.contains(&here)).map(|o| (&o.id, &o.after));
        for (id, _) in next.chain(outcomes) {
            if seen.insert(id.clone()) {
                from.insert(id.clone(), here.clone());
                queue.push_back(id.clone());
            }
        }
    }
    panic!("{}: nothing leads to {goal:?}", procedure.id)
}

/// One case in the browser.
struct Walk<'a> {
    town: &'a Town,
    page: &'a Browser,
    procedure: &'a Procedure,
    level: &'static str,
    /// Which of the parties at the counter: one that may not apply again does not stand in the way of the next walk.
    party: u32,
    case: String,
    paper: PathBuf,
}

/// The made-up unit of this number at the counter, with a credit code whose check characters are right.
fn unit_of(party: u32) -> Value {
    let signs: Vec<char> = "0123456789ABCDEFGHJKLMNPQRTUWXY".chars().collect();
    let checks = signs.iter().flat_map(|a| signs.iter().map(move |b| format!("91350100M{party:07}{a}{b}")));
    let code =
        checks.into_iter().find(|code| CreditCode::parse(code).is_ok()).expect("some check characters are right");
    json!({"party_is": "unit", "unit_name": format!("示例商业有限公司{party}"), "credit_code": code,
        "unit_address": "示例路1号", "contact": "王五", "contact_phone": "0451-55550100"})
}

impl Walk<'_> {
    fn as_seat(&self, seat: &str, path: &str) {
        self.town.go_as(self.page, &format!("{seat}-{}", self.level), path);
    }

    #[track_caller]
    fn stop(&self, what: &str) -> ! {
        let faults = self.page.eval(FAULTS);
        let title = self.page.title();
        self.page.fail(&format!("{} {}: {what}: {title}: {faults}", self.town.jurisdiction.key(), self.procedure.id))
    }

    #[track_caller]
    fn fill(&self, node: &str) {
        let typed = self.town.typed(self.procedure, node, self.town.today());
        let typed: BTreeMap<&str, &str> = typed.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        let lost = self.page.eval(&format!("{FILL}({})", json!(typed)));
        if lost != json!([]) {
            self.stop(&format!("the form of {node} does not ask {lost}"));
        }
        self.page.eval(TWO);
    }

    /// Sends the form of this page and is back on the case.
    #[track_caller]
    fn send(&self, what: &str, button: &str) {
        self.page.click_away(button);
        if !self.page.url().contains(&format!("/cases/{}?", self.case)) && !self.page.url().ends_with(&self.case) {
            self.stop(what);
        }
    }

    /// Opens the case at the counter with the first step's form.
    #[track_caller]
    fn open(&mut self) {
        let (page, procedure) = (self.page, self.procedure);
        self.as_seat("officer", &format!("/cases/new?procedure={}", procedure.id));
        let first = procedure.steps.iter().find(|s| s.after.is_empty()).expect("a first step").id.clone();
        self.fill(&first);
        let party = unit_of(self.party);
        page.eval(&format!("{FILL}({party})"));
        page.eval("document.querySelectorAll('input[name=materials]').forEach((e) => { e.checked = true; }) || true");
        page.click_away(".form-end .btn-main");
        if page.has("#f-again") {
            let why = json!({"again": "另一件同类事项，需要分别办理。"});
            page.eval(&format!("{FILL}({why})"));
            page.click_away(".form-end .btn-main");
        }
        let url = page.url();
        let Some((_, rest)) = url.split_once("/cases/").filter(|(_, rest)| !rest.starts_with("new")) else {
            self.stop("the case was not opened")
        };
        self.case = rest.split(['?', '/']).next().unwrap_or_default().to_owned();
        if rest.contains("/steps/") {
            // Two officers, or a paper of an outside body, are asked on the step's own page.
            self.take(&first);
        }
    }

    /// Applies online as a unit or person, from the public page of the service to the receipt; `false` where nobody applies for it.
    #[track_caller]
    fn apply(&mut self) -> bool {
        let page = self.page;
        let who = if self.procedure.applicant == Party::Person { "person" } else { "unit" };
        self.town.go_as(page, who, &format!("/public/services/{}", self.procedure.id));
        if !page.has("form[action='/apply'] button") {
            return false;
        }
        page.click_away("form[action='/apply'] button");
        let first = self.procedure.steps.iter().find(|s| s.after.is_empty()).expect("a first step").id.clone();
        let mut typed = self.town.typed(self.procedure, &first, self.town.today());
        typed.insert("place_at".into(), self.town.division.clone());
        typed.insert("again".into(), "另一件同类事项，需要分别办理。".into());
        for _ in 0..8 {
            let url = page.url();
            if url.ends_with("/receipt") {
                self.case = url.rsplit('/').nth(1).unwrap_or_default().to_owned();
                return page.has("[data-receipt]");
            }
            if url.contains("/materials") {
                self.hand_in();
                page.click_away(".form-end a.btn-main");
                continue;
            }
            if !url.contains("/check") {
                page.eval(&format!("{FILL}({})", json!(typed)));
            }
            if !page.has(".form-end button.btn-main") {
                self.stop("the application cannot be sent");
            }
            page.click_away(".form-end button.btn-main");
        }
        self.stop("the application did not come to its receipt")
    }

    /// Every paper that the page asks for.
    fn hand_in(&self) {
        let page = self.page;
        let asked = page.eval("[...document.querySelectorAll('[data-material]')].map((e) => e.dataset.material)");
        for material in asked.as_array().into_iter().flatten().filter_map(Value::as_str) {
            let form = format!("[data-material='{material}'] form[data-upload]");
            page.attach(&format!("{form} input[type=file]"), &self.paper);
            page.click_away(&format!("{form} button"));
        }
    }

    /// Takes a step by its page.
    #[track_caller]
    fn take(&self, step: &str) {
        self.as_seat("officer", &format!("/cases/{}/steps/{step}", self.case));
        if self.page.has("form[data-upload]") {
            self.page.attach("form[data-upload] input[type=file]", &self.paper);
            self.send("the paper of a step", "form[data-upload] button");
            self.as_seat("officer", &format!("/cases/{}/steps/{step}", self.case));
        }
        self.fill(step);
        self.page.fill("#note", REASONS);
        self.send(&format!("step {step}"), ".form-end .btn-main");
    }

    /// Proposes an outcome, and reviews and decides it where that is somebody else's.
    #[track_caller]
    fn decide(&self, outcome: &Outcome) {
        let case = &self.case;
        if node(self.procedure, &outcome.id).is_some_and(|n| n.seat(self.procedure) == Seat::Outside) {
            self.as_seat("officer", &format!("/cases/{case}"));
            let of_outcome = format!("form[data-upload] option[value='{}']", outcome.id);
            if !self.page.has(&of_outcome) {
                self.stop(&format!("the paper of {} cannot be handed in", outcome.id));
            }
            self.page.choose("form[data-upload] select", &outcome.id);
            self.page.attach("form[data-upload] input[type=file]", &self.paper);
            self.send("the paper of an outcome", "form[data-upload] button");
        }
        self.as_seat("officer", &format!("/cases/{case}/propose"));
        let radio = format!("input[name=outcome][value='{}']", outcome.id);
        if !self.page.has(&radio) {
            self.stop(&format!("{} cannot be proposed", outcome.id));
        }
        self.page.eval(&format!("document.querySelector({}).click()", json!(radio)));
        self.fill(&outcome.id);
        self.page.fill("#reasons", REASONS);
        self.page.eval("document.querySelector('#clause input[name=clause]')?.click() || true");
        if self.page.has(&format!("#of-{} [data-breaches]", outcome.id)) {
            let fine = match self.breach() {
                Some((clause, sum)) => {
                    let tick = format!("[data-breaches] input[value='{clause}']");
                    self.page.eval(&format!("document.querySelector({}).click()", json!(tick)));
                    json!({ "fine": sum })
                }
                None => json!({ "fine": "0", "warning_only": "yes" }),
            };
            self.page.eval(&format!("{FILL}({fine})"));
        }
        self.send(&format!("the proposal of {}", outcome.id), ".form-end .btn-main");
        if outcome.needs.contains(&Guard::LegalReview) {
            self.as_seat("review", &format!("/cases/{case}/review"));
            self.page.eval("document.querySelector('input[name=verdict][value=passed]').click()");
            self.page.fill("#opinion", "事实清楚，程序合法，依据适当。");
            self.fill(LEGAL_REVIEW);
            self.send("the legal review", ".form-end .btn-main");
        }
        self.as_seat("head", &format!("/cases/{case}"));
        if self.page.has(&format!("a[href='/cases/{case}/decide']")) {
            self.page.go(&self.town.url(&format!("/cases/{case}/decide")));
            self.page.eval(
                "document.querySelectorAll('[data-confirm]').forEach((e) => e.removeAttribute('data-confirm')) || true",
            );
            self.send(&format!("the decision {}", outcome.id), "button[name=decision][value=take]");
        }
    }

    /// Lets the time go by that must have passed before a step.
    fn wait_for(&self, step: &str) {
        let waits = |c: &Clock| c.sense == Sense::AtLeast && c.ends.iter().any(|end| end == step);
        if self.procedure.clocks.iter().any(waits) {
            self.town.pass_days(WAIT_DAYS);
        }
        // What waits for the terms of another procedure is told on the page of the case.
        for _ in 0..MOST_WAITS {
            self.as_seat("officer", &format!("/cases/{}", self.case));
            let link = format!("[data-acts] a[href$='/steps/{step}']");
            let told = format!("document.querySelector('[data-barred]')?.textContent.includes('{TOO_EARLY}') || false");
            if self.page.has(&link) || self.page.eval(&told) != json!(true) {
                return;
            }
            self.town.pass_days(WAIT_DAYS);
        }
    }

    /// The party speaks where it was just told.
    fn hear(&self) {
        for step in ["defend", "hear"] {
            self.as_seat("officer", &format!("/cases/{}", self.case));
            if self.page.has(&format!("[data-acts] a[href$='/steps/{step}']")) {
                self.take(step);
            }
        }
    }

    /// A breach that costs a unit no more than it was told, and the least sum for it; `None` where no sum is told beforehand.
    fn breach(&self) -> Option<(String, String)> {
        let today = self.town.today();
        let typed = |id: &str| self.procedure.field(id).map_or("", |f| f.sample.as_str());
        let told: u64 = typed("intended_fine").parse().ok()?;
        let grade: Grade = serde_json::from_value(json!(typed("grade"))).expect("a grade");
        let packs = self.town.gate.packs();
        let here = packs.all().iter().filter(|p| p.reaches(self.town.jurisdiction));
        let mut breaches = here.flat_map(|p| &p.sanctions).flat_map(|s| &s.breach).map(|b| b.clause.clone());
        let least = |breach: &str| {
            let asked = PenaltyQuestion::new(breach, self.town.jurisdiction, Fined::Unit, grade, today, today);
            packs.penalty(&asked).ok()?.fining().map(|(_, fine)| fine.least()).filter(|sum| *sum <= told)
        };
        let found = breaches.find_map(|b| Some((b.clone(), least(&b)?.to_string())));
        Some(found.expect("a breach that costs no more than was told"))
    }

    /// Takes what the decision leads to, each step once; what takes it back again is left.
    fn follow(&self, outcome: &Outcome) {
        let mut done = BTreeSet::from([outcome.id.clone()]);
        for step in &self.procedure.steps {
            let follows = step.after.iter().any(|a| done.contains(a));
            let takes_back = ["annul", "withdraw", "revoke"].contains(&step.id.as_str());
            self.as_seat("officer", &format!("/cases/{}", self.case));
            if follows && !takes_back && self.page.has(&format!("[data-acts] a[href$='/steps/{}']", step.id)) {
                self.take(&step.id);
                done.insert(step.id.clone());
            }
        }
    }

    /// What the page of a row answers to anybody.
    #[track_caller]
    fn answers(&self, register: &str, want: u64) {
        let row = format!("/public/registers/{register}/{}", self.case);
        let answer = self.page.eval_async(&format!("return (await fetch({})).status", json!(row)));
        if answer != want {
            self.stop(&format!("{row} answers {answer}, not {want}"));
        }
    }

    /// The rows that the outcome makes: on the case, and, from their publication on, on the page of each register with a public column.
    #[track_caller]
    fn is_registered(&self, outcome: &Outcome) {
        self.as_seat("officer", &format!("/cases/{}", self.case));
        let html = self.page.text("main");
        for register in &outcome.registers {
            let registers = self.town.gate.packs().carriers();
            let known = registers.registers().iter().find(|r| r.id == *register).expect("a register of the packs");
            if !html.contains(&known.name_zh) {
                self.stop(&format!("no row of {register}"));
            }
            self.answers(register, 404);
        }
        let mut published = false;
        for publication in &outcome.publications {
            let link = format!("/cases/{}/publish?entry={publication}", self.case);
            self.as_seat("publisher", &link);
            if self.page.has("button[name=act][value=publish]") {
                self.send(&format!("the publication {publication}"), "button[name=act][value=publish]");
                published = true;
            }
        }
        for register in &outcome.registers {
            let open = |f: &law::Field| f.public && f.registers.contains(register);
            let shown = published && self.procedure.fields.iter().any(open);
            self.answers(register, if shown { 200 } else { 404 });
        }
    }
}

fn paper() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("paper.pdf");
    std::fs::write(&path, PDF).expect("written");
    (folder, path)
}

/// The procedures of a province that can be begun today.
fn procedures(town: &Town) -> Vec<Procedure> {
    let today = town.today();
    town.gate.packs().procedures().iter().filter(|p| town.has(p, today)).cloned().collect()
}

/// Walks one procedure to one outcome.
fn walk(town: &Town, page: &Browser, (procedure, outcome): (&Procedure, &Outcome), party: u32, paper: &Path) {
    let level = town.level_of(procedure);
    let mut walk = Walk { town, page, procedure, level, party, case: String::new(), paper: paper.to_owned() };
    // The first outcome of what people apply for comes in online, the others at the counter.
    let online = procedure.outcomes.first().is_some_and(|o| o.id == outcome.id);
    if !(online && walk.apply()) {
        walk.open();
    }
    let way = way_to(procedure, std::slice::from_ref(&outcome.id));
    for step in &way[1..way.len() - 1] {
        if procedure.outcomes.iter().any(|o| o.id == *step) {
            let between = procedure.outcomes.iter().find(|o| o.id == *step).expect("an outcome");
            walk.decide(between);
        } else if step != LEGAL_REVIEW {
            walk.wait_for(step);
            walk.take(step);
            walk.hear();
        }
    }
    walk.decide(outcome);
    walk.follow(outcome);
    walk.is_registered(outcome);
}

/// Those of the province's own packs, and where `national` those of every province too: they need not be walked twice.
fn every_procedure_of(jurisdiction: Jurisdiction, district: &str, national: bool) {
    let town = Town::start(jurisdiction, district);
    let page = Browser::start();
    let (_folder, paper) = paper();
    let (mut told, mut failed) = (Vec::new(), Vec::new());
    let own = |p: &Procedure| {
        let pack = town.gate.packs().all().iter().find(|pack| pack.folder == p.folder);
        pack.is_some_and(|pack| !pack.head.jurisdictions.is_empty())
    };
    for procedure in procedures(&town).into_iter().filter(|p| national || own(p)) {
        for outcome in &procedure.outcomes {
            let begun = Instant::now();
            let party = u32::try_from(told.len()).expect("few");
            // One that fails does not hide the others.
            let walked = catch_unwind(AssertUnwindSafe(|| walk(&town, &page, (&procedure, outcome), party, &paper)));
            if walked.is_err() {
                failed.push(format!("{} {}", procedure.id, outcome.id));
            }
            told.push(format!("{} {} {:?}", procedure.id, outcome.id, begun.elapsed()));
            println!("{}", told[told.len() - 1]);
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
    assert!(told.len() > 15, "{told:?}");
    town.go_as(&page, "officer-county", "/cases");
    check_page(&page);
    check_access(&page);
    page.screenshot(&format!("procedures-{}", jurisdiction.key()));
}

#[test]
fn every_procedure_goes_from_application_to_register_in_the_first_province() {
    let (jurisdiction, district) = provinces().swap_remove(0);
    every_procedure_of(jurisdiction, &district, false);
}

#[test]
fn every_procedure_goes_from_application_to_register_in_the_second_province() {
    let mut all = provinces();
    assert_eq!(all.len(), 2, "another province was added: give it a test of its own");
    let (jurisdiction, district) = all.swap_remove(1);
    every_procedure_of(jurisdiction, &district, true);
}

/// The first limit of the organ, and the steps to where it starts.
fn own_limit(procedure: &Procedure) -> Option<(&Clock, Vec<String>)> {
    let is_own = |c: &&Clock| {
        let ends = !c.ends.is_empty() && c.direction == Direction::After;
        c.sense == Sense::Within && ends && is_ours(c.binds) && procedure.steps.iter().any(|s| s.id == c.starts)
    };
    let clock = procedure.clocks.iter().find(is_own)?;
    Some((clock, way_to(procedure, std::slice::from_ref(&clock.starts))))
}

/// Opens a case of each procedure whose organ has a limit, as far as where that starts; answers with case and level of its office.
fn begun<'a>(
    town: &Town,
    page: &Browser,
    all: &'a [Procedure],
    paper: &Path,
) -> Vec<(&'a Procedure, String, &'static str)> {
    let mut out = Vec::new();
    for (procedure, party) in all.iter().zip(0..) {
        let Some((_, way)) = own_limit(procedure) else { continue };
        if way.iter().any(|step| procedure.outcomes.iter().any(|o| o.id == *step)) {
            continue;
        }
        let level = town.level_of(procedure);
        let mut walk = Walk { town, page, procedure, level, party, case: String::new(), paper: paper.to_owned() };
        walk.open();
        for step in &way[1..] {
            walk.wait_for(step);
            walk.take(step);
        }
        out.push((procedure, walk.case, level));
    }
    out
}

#[test]
fn what_is_past_its_deadline_is_told_and_still_handled() {
    for (jurisdiction, district) in provinces() {
        let town = Town::start(jurisdiction, &district);
        let page = Browser::start();
        let (_folder, paper) = paper();
        let all = procedures(&town);
        let cases = begun(&town, &page, &all, &paper);
        assert!(cases.len() >= 3, "{} procedures with a limit of their own", cases.len());
        town.pass_days(LATE_DAYS);
        wait_until("the day's count of clocks", PATIENCE * 2, || {
            town.go_as(&page, "officer-county", "/cases?chip=overdue");
            page.has("[data-case]").then_some(())
        });
        for (procedure, case, level) in cases {
            town.go_as(&page, &format!("officer-{level}"), "/cases?chip=overdue");
            if !page.has(&format!("[data-case='{case}']")) {
                page.fail(&format!("{} is not among the overdue", procedure.id));
            }
            page.go(&town.url(&format!("/cases/{case}")));
            let over =
                page.eval("[...document.querySelectorAll('.deadlines li.due-critical')].map((e) => e.dataset.due)");
            let days: Vec<&str> = over.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            let passed = days.iter().filter_map(|d| CivilDate::parse(d)).any(|d| d < town.today());
            if !passed {
                page.fail(&format!("{}: no deadline is told as past: {over}", procedure.id));
            }
            if !page.has("[data-acts] a") {
                page.fail(&format!("{}: nothing can be done any more", procedure.id));
            }
        }
        town.go_as(&page, "officer-county", "/cases?chip=overdue");
        for (width, height) in [DESK, PHONE] {
            page.window_size(width, height);
            check_page(&page);
            check_access(&page);
            page.screenshot(&format!("overdue-{}-{width}", jurisdiction.key()));
        }
    }
}
