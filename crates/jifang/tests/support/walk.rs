//! One case of any procedure in the browser: opened online or at the counter, its steps, proposal, review and decision, what follows.
//!
//! ```text
//! packs ─▶ way_to: the fewest steps to a step or outcome ─▶ Walk: pages, each form filled in by one script ─▶ the page of the case again
//! ```
//! Always true: no procedure is known by name; a form that is sent leads back to the page of the case, which is read as it is and not asked for
//! again; whatever is not as a person would find it stops the test with the faults that the page tells.

use crate::support::browser::Browser;
use crate::town::Town;
use authority::cases::is_by_visit;
use base::{CaseId, CivilDate, ClauseId};
use domain::casework::{APPROVE_EVIDENCE, LEGAL_REVIEW, Node, Seat, Typed, fields_of, node};
use domain::identifier::CreditCode;
use law::{Clock, FieldKind, Fined, Grade, Guard, Outcome, Party, Penalty, PenaltyQuestion, Procedure, Sense};
use serde_json::{Value, json};
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::Path;

/// What an applicant hands in: a scan as far as its first bytes go.
pub const PDF: &[u8] = b"%PDF-1.4\n% a paper of the case\n";
const REASONS: &str = "经核对材料和现场情况，依据所列条款，作出本决定。";
/// The paper of the head's approval, without which no evidence is registered.
const APPROVAL_PAPER: &str = "evidence_approval";
/// Longer than any time that must pass before a step.
const WAIT_DAYS: i64 = 60;
/// How often it is waited for a term of another procedure; and by which words the page tells that it is not over.
const MOST_WAITS: usize = 5;
pub const TOO_EARLY: &str = "才满";

/// Fills in a form: fields of the packs by their ids, others (`note`, `reasons`) by theirs, two officers where two are asked for; answers with
/// the ids that the page does not have.
const FILL: &str = "((values, words) => { const lost = []; const tell = (e) => { e.dispatchEvent(new Event('input', {bubbles: true})); \
    e.dispatchEvent(new Event('change', {bubbles: true})); }; \
    for (const [id, value] of Object.entries(values)) { \
    const radio = document.querySelector(`input[type=radio][name='${id}'][value='${value}']`); \
    const field = document.getElementById('f-' + id); \
    if (radio) { radio.checked = true; tell(radio); } \
    else if (field && 'value' in field) { field.value = value; tell(field); } else lost.push(id); } \
    for (const [id, value] of Object.entries(words)) { const field = document.getElementById(id); \
    if (field) { field.value = value; tell(field); } else lost.push('#' + id); } \
    const [a, b] = ['officer', 'second_officer'].map((id) => document.getElementById(id)); \
    if (a && b) { const of = (s) => [...s.options].map((o) => o.value).filter((v) => v); \
    if (!a.value) a.value = of(a)[0]; b.value = of(b).find((v) => v !== a.value); } return lost; })";
/// Every fault that the page tells.
const FAULTS: &str = "[...document.querySelectorAll('.error-summary li, .field-error, .flash')].map((e) => e.textContent.trim()).join(' | ')";
/// Where the acts of the page of a case lead.
const ACTS: &str = "[...document.querySelectorAll('[data-acts] a')].map((a) => a.getAttribute('href'))";

/// The fewest steps from the beginning to a step or outcome, it included: each step may follow any of its `after`, and an outcome that may follow
/// the first visit as well as the second the last of them, since only that needs nothing more.
pub fn way_to(procedure: &Procedure, goal: &[String]) -> Vec<String> {
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
        let last = |o: &&Outcome| o.after.iter().rfind(|a| is_by_visit(procedure, a)).is_none_or(|a| *a == here);
        let outcomes = procedure.outcomes.iter().filter(|o| o.after.contains(&here)).filter(last);
        let outcomes = outcomes.map(|o| (&o.id, &o.after));
        for (id, _) in next.chain(outcomes) {
            if seen.insert(id.clone()) {
                from.insert(id.clone(), here.clone());
                queue.push_back(id.clone());
            }
        }
    }
    panic!("{}: nothing leads to {goal:?}", procedure.id)
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

/// The made-up person at the counter: the same who has an account.
fn person() -> Value {
    json!({"party_is": "person", "person_name": "孙七", "resident_id": "11010519491231002X",
        "contact_phone": "0451-55550101"})
}

/// One case in the browser.
pub struct Walk<'a> {
    pub town: &'a Town,
    pub page: &'a Browser,
    pub procedure: &'a Procedure,
    /// Level of the office that handles it.
    pub level: &'static str,
    /// Which of the parties at the counter: one that may not apply again does not stand in the way of the next walk.
    party: u32,
    /// Its id, once it was opened.
    pub case: String,
    /// A file to hand in.
    paper: &'a Path,
    /// Answers that are not the samples of the packs, by field.
    pub answers: BTreeMap<String, String>,
    /// The day of its facts, of what has ended; none: today's.
    facts_on: Option<CivilDate>,
    /// The breach and the sum of a fine on the spot, whose party is a person; none: the party is a unit.
    on_the_spot: Option<(String, String)>,
    /// The seat that the browser last went as.
    seat: Cell<&'static str>,
}

impl<'a> Walk<'a> {
    /// A case that is not opened yet.
    pub fn new(town: &'a Town, page: &'a Browser, procedure: &'a Procedure, party: u32, paper: &'a Path) -> Self {
        Self {
            town,
            page,
            procedure,
            level: town.level_of(procedure),
            party,
            case: String::new(),
            paper,
            answers: BTreeMap::new(),
            facts_on: town.day_of_old(procedure),
            on_the_spot: None,
            seat: Cell::new(""),
        }
    }

    /// Goes to a page from a seat of the case's office.
    pub fn go(&self, seat: &'static str, path: &str) {
        self.seat.set(seat);
        self.town.go_as(self.page, &format!("{seat}-{}", self.level), path);
    }

    /// The page of the case, as a seat finds it.
    fn own_page(&self, seat: &str) -> String {
        format!("{seat}-{} {}", self.level, self.case)
    }

    /// The page of the case from a seat, asked for only where the browser does not show it already.
    pub fn on_case(&self, seat: &'static str) {
        let own = self.own_page(seat);
        if !self.town.shows(&own) {
            self.go(seat, &format!("/cases/{}", self.case));
            self.town.now_shows(&own);
        }
    }

    /// What the page of the case says that cannot be done now, and why.
    pub fn barred(&self, seat: &'static str) -> String {
        self.on_case(seat);
        self.page.eval("document.querySelector('[data-barred]')?.textContent ?? ''").to_string()
    }

    #[track_caller]
    pub fn stop(&self, what: &str) -> ! {
        let faults = self.page.eval(FAULTS);
        let title = self.page.title();
        self.page.fail(&format!("{} {}: {what}: {title}: {faults}", self.town.jurisdiction.key(), self.procedure.id))
    }

    /// What is typed into the form of a step or outcome.
    fn typed(&self, node: &str) -> Typed {
        let day = self.facts_on.unwrap_or_else(|| self.town.today());
        let mut typed = self.town.typed(self.procedure, node, day);
        for field in fields_of(self.procedure, node) {
            if let Some(answer) = self.answers.get(&field.id) {
                typed.insert(field.id.clone(), answer.clone());
            }
        }
        typed
    }

    /// Fills in the form of a step or outcome, and words that stand on the page beside it.
    #[track_caller]
    fn fill(&self, node: &str, words: &Value) {
        let lost = self.page.eval(&format!("{FILL}({}, {words})", json!(self.typed(node))));
        if lost != json!([]) {
            self.stop(&format!("the form of {node} does not ask {lost}"));
        }
    }

    /// Fills in fields of this page that are none of the packs, by their ids.
    #[track_caller]
    pub fn write(&self, words: &Value) {
        let lost = self.page.eval(&format!("{FILL}({{}}, {words})"));
        if lost != json!([]) {
            self.stop(&format!("the page does not ask {lost}"));
        }
    }

    /// Sends the form of this page and is back on the case.
    #[track_caller]
    pub fn send(&self, what: &str, button: &str) {
        self.page.click_away(button);
        let url = self.page.url();
        if !url.contains(&format!("/cases/{}?", self.case)) && !url.ends_with(&self.case) {
            self.stop(what);
        }
        self.town.now_shows(&self.own_page(self.seat.get()));
    }

    fn first(&self) -> &'a str {
        &self.procedure.steps.iter().find(|s| s.after.is_empty()).expect("a first step").id
    }

    fn node(&self, id: &str) -> Option<Node<'a>> {
        node(self.procedure, id)
    }

    fn outcome(&self, id: &str) -> Option<&'a Outcome> {
        self.procedure.outcomes.iter().find(|o| o.id == id)
    }

    /// Opens the case at the counter with the first step's form.
    #[track_caller]
    pub fn open(&mut self) {
        if !self.opens() {
            self.stop("the case was not opened");
        }
    }

    /// As [`Self::open`]; `false` where the counter's form came back, with what stands in the way.
    #[track_caller]
    pub fn opens(&mut self) -> bool {
        let page = self.page;
        self.go("officer", &format!("/cases/new?procedure={}", self.procedure.id));
        let first = self.first();
        self.fill(first, &json!({}));
        let tick = "document.querySelectorAll('input[name=materials]').forEach((e) => { e.checked = true; })";
        let mut party = if self.on_the_spot.is_some() { person() } else { unit_of(self.party) };
        if let Some(day) = self.facts_on {
            party["facts_on"] = json!(day.to_string());
        }
        page.eval(&format!("[{FILL}({party}, {{}}), {tick}]"));
        page.click_away(".form-end .btn-main");
        if page.has("#f-again") {
            let why = json!({"again": "另一件同类事项，需要分别办理。"});
            page.eval(&format!("{FILL}({why}, {{}})"));
            page.click_away(".form-end .btn-main");
        }
        let url = page.url();
        let Some((_, rest)) = url.split_once("/cases/").filter(|(_, rest)| !rest.starts_with("new")) else {
            return false;
        };
        self.case = rest.split(['?', '/']).next().unwrap_or_default().to_owned();
        if !rest.contains('/') {
            self.town.now_shows(&self.own_page(self.seat.get()));
        }
        if rest.contains("/steps/") {
            // Two officers, or a paper of an outside body, are asked on the step's own page.
            self.take(first);
        }
        true
    }

    /// Applies online as a unit or person, from the public page of the service to the receipt; `false` where nobody applies for it.
    #[track_caller]
    pub fn apply(&mut self) -> bool {
        let page = self.page;
        let who = if self.procedure.applicant == Party::Person { "person" } else { "unit" };
        self.town.go_as(page, who, &format!("/public/services/{}", self.procedure.id));
        if !page.has("form[action='/apply'] button") {
            return false;
        }
        page.click_away("form[action='/apply'] button");
        let mut typed = self.typed(self.first());
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
                page.eval(&format!("{FILL}({}, {{}})", json!(typed)));
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
            page.attach(&format!("{form} input[type=file]"), self.paper);
            page.click_away(&format!("{form} button"));
        }
    }

    /// Takes a step by its page.
    #[track_caller]
    pub fn take(&self, step: &str) {
        if is_by_visit(self.procedure, step) {
            return self.visit(step, true);
        }
        self.fill_step(step);
        self.send(&format!("step {step}"), ".form-end .btn-main");
        if step == APPROVE_EVIDENCE {
            // What rests on the approval names its paper.
            self.go("officer", &format!("/cases/{}/documents", self.case));
            self.page.click_away(&format!("[data-kind='{APPROVAL_PAPER}'] button"));
        }
    }

    /// Takes a step that the end of a visit does.
    #[track_caller]
    fn visit(&self, step: &str, fails: bool) {
        let case = CaseId::parse(&self.case).expect("a case");
        if let Err(refusal) = self.town.visit(self.level, case, fails) {
            self.stop(&format!("the visit of {step}: {refusal}"));
        }
    }

    /// What follows on a way says that nothing was wrong: an outcome that refuses nothing.
    fn ends_well(&self, next: Option<&String>) -> bool {
        next.and_then(|id| self.outcome(id)).is_some_and(|outcome| !outcome.needs.contains(&Guard::Reasons))
    }

    /// Sends the form of a step; the faults that the page tells where it is refused, empty where it is taken.
    #[track_caller]
    pub fn tries(&self, step: &str) -> String {
        self.fill_step(step);
        self.page.click_away(".form-end .btn-main");
        if self.page.url().contains("/steps/") { self.page.eval(FAULTS).to_string() } else { String::new() }
    }

    /// As [`Self::tries`], of a step that must be refused.
    #[track_caller]
    pub fn refused(&self, step: &str) -> String {
        let told = self.tries(step);
        if told.is_empty() {
            self.stop(&format!("{step} was taken"));
        }
        told
    }

    /// The page of a step, its paper handed in and its form filled in.
    #[track_caller]
    fn fill_step(&self, step: &str) {
        let heads = self.node(step).is_some_and(|n| n.is_heads(self.procedure));
        let seat = if heads { "head" } else { "officer" };
        let form = format!("/cases/{}/steps/{step}", self.case);
        self.go(seat, &form);
        if self.page.has("form[data-upload]") {
            self.page.attach("form[data-upload] input[type=file]", self.paper);
            self.send("the paper of a step", "form[data-upload] button");
            self.go(seat, &form);
        }
        self.fill(step, &json!({"note": REASONS}));
    }

    /// Proposes an outcome, and reviews and decides it where that is somebody else's.
    #[track_caller]
    pub fn decide(&self, outcome: &Outcome) {
        let case = &self.case;
        let node = self.node(&outcome.id).expect("an outcome of the procedure");
        if node.seat(self.procedure) == Seat::Outside {
            self.on_case("officer");
            let of_outcome = format!("form[data-upload] option[value='{}']", outcome.id);
            if !self.page.has(&of_outcome) {
                self.stop(&format!("the paper of {} cannot be handed in", outcome.id));
            }
            self.page.choose("form[data-upload] select", &outcome.id);
            self.page.attach("form[data-upload] input[type=file]", self.paper);
            self.send("the paper of an outcome", "form[data-upload] button");
        }
        self.propose(outcome);
        let reviewed = outcome.needs.contains(&Guard::LegalReview);
        if reviewed {
            self.go("review", &format!("/cases/{case}/review"));
            self.page.eval("document.querySelector('input[name=verdict][value=passed]').click()");
            self.fill(LEGAL_REVIEW, &json!({"opinion": "事实清楚，程序合法，依据适当。"}));
            self.send("the legal review", ".form-end .btn-main");
        }
        if reviewed || node.is_heads(self.procedure) {
            self.go("head", &format!("/cases/{case}/decide"));
            self.ask_no_more();
            self.send(&format!("the decision {}", outcome.id), "button[name=decision][value=take]");
        }
    }

    /// Takes away the question that a button asks before it sends: that dialog has tests of its own.
    fn ask_no_more(&self) {
        let all =
            "document.querySelectorAll('[data-confirm]').forEach((e) => e.removeAttribute('data-confirm')) || true";
        self.page.eval(all);
    }

    /// The officer's page: an outcome that is the officer's own is decided by it.
    #[track_caller]
    fn propose(&self, outcome: &Outcome) {
        self.go("officer", &format!("/cases/{}/propose", self.case));
        let radio = json!(format!("input[name=outcome][value='{}']", outcome.id));
        let chosen = self.page.eval(&format!(
            "(() => {{ const one = document.querySelector({radio}); if (!one) return false; one.click(); \
             document.querySelector('#clause input[name=clause]')?.click(); return true; }})()"
        ));
        if chosen != json!(true) {
            self.stop(&format!("{} cannot be proposed", outcome.id));
        }
        self.fill(&outcome.id, &json!({"reasons": REASONS}));
        if !self.is_its_own_breach() && self.page.has(&format!("#of-{} [data-breaches]", outcome.id)) {
            let fine = match self.on_the_spot.clone().or_else(|| self.breach()) {
                Some((clause, sum)) => {
                    let tick = format!("[data-breaches] input[value='{clause}']");
                    self.page.eval(&format!("document.querySelector({}).click()", json!(tick)));
                    json!({ "fine": sum })
                }
                None => json!({ "fine": "0", "warning_only": "yes" }),
            };
            self.page.eval(&format!("{FILL}({fine}, {{}})"));
        }
        // An outcome of the officer's own takes effect at once, so the button asks.
        self.ask_no_more();
        self.send(&format!("the proposal of {}", outcome.id), ".form-end .btn-main");
    }

    /// The steps that the page of the case offers the officer.
    pub fn offered(&self) -> BTreeSet<String> {
        self.on_case("officer");
        let links = self.page.eval(ACTS);
        let step = |link: &Value| Some(link.as_str()?.rsplit_once("/steps/")?.1.to_owned());
        links.as_array().into_iter().flatten().filter_map(step).collect()
    }

    /// Lets the time go by that must have passed before a step.
    fn wait_for(&self, step: &str) {
        let waits = |c: &Clock| c.sense == Sense::AtLeast && c.ends.iter().any(|end| end == step);
        if self.procedure.clocks.iter().any(waits) {
            self.town.pass_days(WAIT_DAYS);
        }
        // What waits for the terms of another procedure is told on the page of the case.
        for _ in 0..MOST_WAITS {
            if self.offered().contains(step) {
                return;
            }
            if !self.barred("officer").contains(TOO_EARLY) {
                return;
            }
            self.town.pass_days(WAIT_DAYS);
        }
    }

    /// The party speaks where it was just told.
    fn hear(&self) {
        for step in ["defend", "hear"] {
            if self.node(step).is_some() && self.offered().contains(step) {
                self.take(step);
            }
        }
    }

    /// Takes the steps and decisions of a way, the last one too.
    #[track_caller]
    pub fn go_on(&self, way: &[String]) {
        for (n, one) in way.iter().enumerate() {
            if let Some(outcome) = self.outcome(one) {
                self.decide(outcome);
            } else if one != LEGAL_REVIEW {
                self.wait_for(one);
                if is_by_visit(self.procedure, one) {
                    self.visit(one, !self.ends_well(way.get(n + 1)));
                } else {
                    self.take(one);
                }
                self.hear();
            }
        }
    }

    /// The first breach of the packs, of which a clause reaches this province, that `fits` finds the sum of a fine for.
    fn charge(&self, who: Fined, grade: Grade, fits: impl Fn(&Penalty) -> Option<u64>) -> Option<(String, String)> {
        let (today, here, packs) = (self.town.today(), self.town.jurisdiction, self.town.gate.packs());
        let reaching = packs.all().iter().filter(|p| p.reaches(here));
        let mut breaches = reaching.flat_map(|p| &p.sanctions).flat_map(|s| &s.breach).map(|b| b.clause.clone());
        breaches.find_map(|breach| {
            packs.clause(&ClauseId::new(&breach)).filter(|(pack, _)| pack.reaches(here))?;
            let answer = packs.penalty(&PenaltyQuestion::new(&breach, here, who, grade, today, today)).ok()?;
            Some((breach, fits(&answer)?.to_string()))
        })
    }

    /// A breach that costs a unit no more than it was told, and the least sum for it; `None` where no sum is told beforehand.
    pub fn breach(&self) -> Option<(String, String)> {
        let typed = |id: &str| self.procedure.field(id).map_or("", |f| f.sample.as_str());
        let told: u64 = typed("intended_fine").parse().ok()?;
        let grade: Grade = serde_json::from_value(json!(typed("grade"))).expect("a grade");
        let least = |penalty: &Penalty| penalty.fining().map(|(_, fine)| fine.least()).filter(|sum| *sum <= told);
        Some(self.charge(Fined::Unit, grade, least).expect("a breach that costs no more than was told"))
    }

    /// The clause of the procedure itself says what it costs: a sum is told, and no grade of another breach is asked.
    fn is_its_own_breach(&self) -> bool {
        self.tells_the_sum() && self.procedure.field("grade").is_none()
    }

    /// Whether a sum is told before it is imposed.
    pub fn tells_the_sum(&self) -> bool {
        self.procedure.field("intended_fine").is_some()
    }

    /// The case is about a person, and its fine the least that a clause lets be imposed on the spot, without order or review before it.
    pub fn fine_on_the_spot(&mut self) {
        let small = |penalty: &Penalty| {
            let (applied, fine) = penalty.fining()?;
            let most = applied.on_the_spot_yuan.map(u64::from)?;
            Some(fine.least()).filter(|least| *least <= most && penalty.reviews().is_empty())
        };
        let found = self.charge(Fined::Person, Grade::Ordinary, small);
        self.on_the_spot = Some(found.expect("a breach that is fined on the spot"));
        self.answers.insert("party_kind".into(), "person".into());
    }

    /// Takes what the decision leads to, each step once; what takes it back again is left.
    pub fn follow(&self, outcome: &Outcome) {
        let mut done = BTreeSet::from([outcome.id.clone()]);
        for step in &self.procedure.steps {
            let follows = step.after.iter().any(|a| done.contains(a));
            let takes_back = ["annul", "withdraw", "revoke", "cancel"].contains(&step.id.as_str());
            if follows && !takes_back && self.offered().contains(&step.id) {
                self.take(&step.id);
                done.insert(step.id.clone());
            }
        }
    }

    /// What the pages of rows answer to anybody: register and status.
    #[track_caller]
    pub fn answer(&self, want: &[(&str, u64)]) {
        let path = |&(register, _): &(&str, u64)| format!("/public/registers/{register}/{}", self.case);
        let paths: Vec<String> = want.iter().map(path).collect();
        let ask = format!("return await Promise.all({}.map(async (p) => (await fetch(p)).status))", json!(paths));
        let answers = self.page.eval_async(&ask);
        let wanted: Vec<u64> = want.iter().map(|(_, status)| *status).collect();
        if answers != json!(wanted) {
            self.stop(&format!("the public pages answer {answers}, not {want:?}"));
        }
    }

    /// The rows that the outcome makes: on the case, and, from their publication on, on the page of each register with a public column.
    #[track_caller]
    pub fn is_registered(&self, outcome: &Outcome) {
        self.on_case("officer");
        let said = self.page.text("main");
        for register in &outcome.registers {
            let registers = self.town.gate.packs().carriers();
            let known = registers.registers().iter().find(|r| r.id == *register).expect("a register of the packs");
            if !said.contains(&known.name_zh) {
                self.stop(&format!("no row of {register}"));
            }
        }
        let unpublished: Vec<(&str, u64)> = outcome.registers.iter().map(|register| (register.as_str(), 404)).collect();
        self.answer(&unpublished);
        let mut published = false;
        for publication in &outcome.publications {
            self.go("publisher", &format!("/cases/{}/publish?entry={publication}", self.case));
            if self.page.has("button[name=act][value=publish]") {
                self.send(&format!("the publication {publication}"), "button[name=act][value=publish]");
                published = true;
            }
        }
        let shown = |register: &String| {
            let open = |f: &law::Field| f.public && f.registers.contains(register);
            if published && self.procedure.fields.iter().any(open) { 200 } else { 404 }
        };
        let after: Vec<(&str, u64)> = outcome.registers.iter().map(|r| (r.as_str(), shown(r))).collect();
        self.answer(&after);
        after.iter().filter(|(_, status)| *status == 200).for_each(|(register, _)| self.is_told(outcome, register));
    }

    /// The public row of the case says who decided what, and what was filled in.
    #[track_caller]
    fn is_told(&self, outcome: &Outcome, register: &str) {
        let path = json!(format!("/public/registers/{register}/{}", self.case));
        let row = self.page.eval_async(&format!("return await (await fetch({path})).text()"));
        let row = row.as_str().unwrap_or_default();
        let said = self.public_values(outcome, register);
        if let Some(lost) = said.iter().find(|value| !row.contains(value.as_str())) {
            self.stop(&format!("the public row of {register} does not say {lost}"));
        }
    }

    /// Office, outcome, the day of what has ended, and what the public columns were filled in with at the first step and at the decision, as far
    /// as it is the same for every walk and stands in a page as it was typed.
    fn public_values(&self, outcome: &Outcome, register: &str) -> Vec<String> {
        let mut said = vec![self.town.office_name(self.level), outcome.zh.trim_end_matches('。').to_owned()];
        said.extend(self.facts_on.map(|day| day.to_string()));
        let of_party = unit_of(self.party);
        for node in [self.first(), outcome.id.as_str()] {
            let typed = self.typed(node);
            let public = |f: &&law::Field| f.public && !f.personal && f.registers.iter().any(|r| r == register);
            let fields = self.procedure.fields_at(node).filter(public).filter(|f| of_party.get(&f.id).is_none());
            said.extend(fields.filter_map(|field| {
                let text = typed.get(&field.id)?;
                match field.kind {
                    FieldKind::Line | FieldKind::Words | FieldKind::Count => Some(text.clone()),
                    FieldKind::Choice => field.choice(text).map(|choice| choice.zh.clone()),
                    _ => None,
                }
            }));
        }
        said.retain(|text| !text.contains(['&', '<', '>', '"', '\'', '\n']));
        said
    }
}
