//! The corridor over a real store: licences, a filing, history, a pack that is amended; what is refused and leaves a trace. The rest by noun beside.

mod at_once;
mod awaiting;
mod bans;
mod bodies;
mod data;
mod delegations;
mod documents;
mod filings;
mod openings;
mod panel;
mod payments;
mod penalties;
mod persons;
mod recusal;
mod refused;
mod register_states;
mod registers;
mod renewed;
mod row_files;
mod same;
mod seen;
mod told;
mod tried;
mod waiting;

use crate::cases::{Acted, Attached, Beginning, Begun, CaseView, OfficeForm, OfficerForm, PartyForm, RowForm, Upload};
use crate::tests::hall::{Bare, GATE, HOUR_MS, account, day, office_form, sample};
use crate::{Authority, By};
use base::{CaseId, CivilDate, ClauseId, ErrorKind, OfficeId, PartyId, Pii, Refusal, Sha256, UtcMs};
use domain::access::Role;
use domain::casework::{APPROVE_OPENING, CaseAct, Channel, ClockState, Command, Event, Missing, Stage, Typed, node};
use law::{Fine, Fined, Grade, Jurisdiction, PenaltyQuestion, Procedure};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use store::Store;
use store::logbook::{ActFilter, ActRow};

const REASONS: &str = "经审查，依据所列条款作出本决定。";
const BREACH: &str = "B-14-1-2";

fn procedure(id: &str) -> &'static Procedure {
    GATE.packs().procedure(id).unwrap()
}

/// An authority's server with one office and a person in each seat.
struct Hall {
    _dir: tempfile::TempDir,
    store: Store,
    authority: Authority,
    clock: Arc<AtomicI64>,
    office: OfficeId,
    admin: By,
    officer: By,
    second: By,
    head: By,
    reviewer: By,
    publisher: By,
    unit: By,
    person: By,
    supervisor: By,
}

impl Hall {
    async fn open() -> Self {
        let bare = Bare::open(Jurisdiction::Heilongjiang).await;
        let form = OfficeForm { short: "示公技防".into(), ..office_form("示例分局", "230102000000") };
        let office = bare.authority.put_office(bare.admin, &form).await.unwrap();
        let mut staff = Vec::new();
        for (login, role) in [
            ("officer", Role::CaseOfficer),
            ("second", Role::CaseOfficer),
            ("head", Role::CaseApprover),
            ("reviewer", Role::LegalReviewer),
            ("publisher", Role::Publisher),
        ] {
            staff.push(bare.seat(login, role, office, "2030-12-31").await);
        }
        let staff: [By; 5] = staff.try_into().expect("five");
        let [officer, second, head, reviewer, publisher] = staff;
        let Bare { dir, store, authority, clock, admin } = bare;
        let unit = account(&store, "unit", Role::Applicant).await;
        let person = account(&store, "person", Role::Applicant).await;
        let supervisor = account(&store, "supervisor", Role::Supervisor).await;
        let hall = Self {
            _dir: dir,
            store,
            authority,
            clock,
            office,
            admin,
            officer,
            second,
            head,
            reviewer,
            publisher,
            unit,
            person,
            supervisor,
        };
        hall.authority.register_party(hall.unit, &unit_form()).await.unwrap();
        hall.authority.register_party(hall.person, &person_form()).await.unwrap();
        hall
    }

    fn today(&self) -> CivilDate {
        UtcMs(self.clock.load(Ordering::Relaxed)).shanghai_date()
    }

    fn pass_days(&self, days: i64) {
        self.clock.fetch_add(days * 24 * HOUR_MS, Ordering::Relaxed);
    }

    async fn party(&self, by: By) -> PartyId {
        self.store.party_of(by.account).await.unwrap().expect("registered")
    }

    async fn begin(&self, by: By, form: &Beginning) -> Begun {
        self.authority.begin(by, form).await.unwrap()
    }

    /// A case that the office opens by itself about the party of an account, also where the same is under way.
    async fn own_motion(&self, of: &str, about: By, title: &str) -> CaseId {
        let form = Beginning {
            procedure: of.into(),
            channel: Channel::OwnMotion,
            party: Some(self.party(about).await),
            place: String::new(),
            title: title.into(),
            again: "另一件同类案件，需要分别办理。".into(),
            ..area()
        };
        self.begin(self.officer, &form).await.case
    }

    /// A case that the officer opens at the counter for the unit, in the office's own territory.
    async fn at_counter(&self, of: &str, title: &str) -> CaseId {
        let form = Beginning {
            procedure: of.into(),
            channel: Channel::Counter,
            party: Some(self.party(self.unit).await),
            place: String::new(),
            title: title.into(),
            ..area()
        };
        self.begin(self.officer, &form).await.case
    }

    /// A row by hand, as the sample of the register's form with some of it changed, or the next version of one; the row and its version.
    async fn by_hand(&self, register: &str, row: Option<(&str, u32)>, changed: &[(&str, &str)]) -> (String, u32) {
        let form = GATE.packs().register_form(register).unwrap();
        let mut all: Typed = form.fields.iter().map(|f| (f.id.clone(), f.sample.clone())).collect();
        all.extend(typed(changed));
        let seen = row.map_or(0, |(_, version)| version);
        let form = RowForm { typed: all, reason: "来文登记".into(), seen };
        let done = self.authority.put_row(self.officer, register, row.map(|(id, _)| id), &form).await.unwrap();
        (done.row, done.version)
    }

    async fn act(&self, by: By, case: CaseId, act: CaseAct) -> Result<Acted, Refusal> {
        self.act_with(by, case, act, Vec::new()).await
    }

    async fn act_with(&self, by: By, case: CaseId, act: CaseAct, files: Vec<Upload>) -> Result<Acted, Refusal> {
        if let CaseAct::Done { step, on, .. } = &act
            && step == "investigate"
        {
            self.approve_opening(case, *on).await;
        }
        let seen = self.store.case(case).await.unwrap().map_or(0, |row| row.events);
        self.authority.act(by, case, &Command { seen, act }, files).await
    }

    /// The head approves that a penalty case was opened, where nobody did yet.
    async fn approve_opening(&self, case: CaseId, on: CivilDate) {
        let view = self.view(self.head, case).await;
        let is_asked = view.open_steps().iter().any(|s| s.id == APPROVE_OPENING);
        if is_asked && view.case.done(APPROVE_OPENING).is_none() {
            let typed = sample(&view.row.head.procedure, APPROVE_OPENING, on);
            let act = self.done_act(self.head, APPROVE_OPENING, typed, on);
            let seen = view.row.events;
            self.authority.act(self.head, case, &Command { seen, act }, Vec::new()).await.unwrap();
        }
    }

    /// A step as the sample has it.
    async fn done(&self, by: By, case: CaseId, step: &str) -> Result<Acted, Refusal> {
        self.done_on(by, case, step, self.today()).await
    }

    async fn done_on(&self, by: By, case: CaseId, step: &str, on: CivilDate) -> Result<Acted, Refusal> {
        let of = self.store.case(case).await.unwrap().expect("a case").head.procedure;
        let typed = sample(&of, step, on);
        // Served on paper, with the receipt.
        let files = if step == "deliver" { vec![pdf("deliver", 9)] } else { Vec::new() };
        self.act_with(by, case, self.done_act(by, step, typed, on), files).await
    }

    fn done_act(&self, by: By, step: &str, typed: Typed, on: CivilDate) -> CaseAct {
        let own = by.role == Role::Applicant;
        let officers = if own { vec![] } else { vec![self.officer.account, self.second.account] };
        CaseAct::Done { step: step.into(), typed, note: REASONS.into(), officers, on }
    }

    async fn propose(&self, case: CaseId, outcome: &str) -> Result<Acted, Refusal> {
        let of = self.store.case(case).await.unwrap().expect("a case").head.procedure;
        let act = CaseAct::Propose {
            outcome: outcome.into(),
            typed: sample(&of, outcome, self.today()),
            reasons: REASONS.into(),
            clauses: vec![node(procedure(&of), outcome).expect("a node").clause().clone()],
        };
        self.act(self.officer, case, act).await
    }

    async fn decide(&self, by: By, case: CaseId, outcome: &str) -> Result<Acted, Refusal> {
        self.act(by, case, decision(outcome, self.today())).await
    }

    async fn view(&self, by: By, case: CaseId) -> CaseView {
        self.authority.case(by, case).await.unwrap()
    }

    async fn refused(&self) -> Vec<ActRow> {
        let filter = ActFilter { kind: Some("act.refused".into()), ..ActFilter::default() };
        self.store.acts(&filter, 100).await.unwrap()
    }

    /// What a unit may be fined today for the breach, where it is overdue and nothing was gained by it.
    fn fine(&self) -> Fine {
        let on = self.today();
        let mut question =
            PenaltyQuestion::new(BREACH, Jurisdiction::Heilongjiang, Fined::Unit, Grade::Overdue, on, on);
        question.gains_yuan = Some(0);
        GATE.penalty(&question).unwrap().fining().expect("it is fined").1.clone()
    }

    /// An area approval, from the application to the examination.
    async fn examined(&self) -> CaseId {
        let case = self.begin(self.unit, &area()).await.case;
        let on = self.today();
        let apply = self.done_act(self.unit, "apply", sample("area_approval", "apply", on), on);
        self.act_with(self.unit, case, apply, vec![pdf("application", 1)]).await.unwrap();
        self.done(self.officer, case, "accept").await.unwrap();
        self.done(self.officer, case, "examine").await.unwrap();
        case
    }
}

/// What was proposed is decided.
fn decision(outcome: &str, on: CivilDate) -> CaseAct {
    CaseAct::Decide {
        outcome: outcome.into(),
        typed: Typed::new(),
        reasons: String::new(),
        clauses: vec![],
        officers: vec![],
        on,
    }
}

fn typed(pairs: &[(&str, &str)]) -> Typed {
    pairs.iter().map(|(id, text)| ((*id).to_owned(), (*text).to_owned())).collect()
}

fn unit_form() -> PartyForm {
    let pairs = [
        ("unit_name", "哈尔滨示例商业有限公司"),
        ("credit_code", "91350100M000100Y43"),
        ("unit_address", "哈尔滨市道里区示例路1号"),
        ("contact", "王五"),
        ("contact_phone", "0451-55550100"),
    ];
    PartyForm { is_unit: true, typed: typed(&pairs) }
}

fn person_form() -> PartyForm {
    let pairs = [("person_name", "赵六"), ("resident_id", "11010519491231002X"), ("contact_phone", "0451-55550101")];
    PartyForm { is_unit: false, typed: typed(&pairs) }
}

fn area() -> Beginning {
    Beginning {
        procedure: "area_approval".into(),
        channel: Channel::Online,
        party: None,
        place: "230102".into(),
        office: None,
        facts_on: None,
        title: "东入口".into(),
        again: String::new(),
    }
}

fn file(material: &str, name: &str, bytes: &[u8]) -> Upload {
    Upload { material: material.into(), name: Pii::new(name.into()), bytes: bytes.to_vec() }
}

fn pdf(material: &str, n: u8) -> Upload {
    file(material, "申请.pdf", format!("%PDF-1.7 {n}").as_bytes())
}

#[tokio::test]
async fn a_licence_goes_from_application_to_delivery_and_its_row_is_proved() {
    let hall = Hall::open().await;
    let services = hall.authority.services(hall.today()).await.unwrap();
    let offered: Vec<&str> = services.iter().map(|s| s.procedure.id.as_str()).collect();
    assert!(offered.contains(&"area_approval") && offered.contains(&"system_filing"));
    for other in ["penalty_case", "provider_filing", "product_registration", "lawsuit"] {
        assert!(!offered.contains(&other), "{other}: our own act, of another province, ended, or a court's");
    }
    let begun = hall.begin(hall.unit, &area()).await;
    assert_eq!((begun.number.as_str(), begun.office), ("示公技防〔2026〕1号", hall.office));
    let case = begun.case;
    hall.done(hall.unit, case, "apply").await.unwrap();
    let early = hall.done(hall.officer, case, "accept").await.unwrap_err();
    assert_eq!((early.kind, early.code.as_str()), (ErrorKind::Unlawful, "materials_missing"));
    let missing = vec![Missing { id: "application".into(), reason: "没有提交".into() }];
    let ask = CaseAct::AskForRest { materials: missing, fields: vec![], on: hall.today(), until: None };
    hall.act(hall.officer, case, ask).await.unwrap();
    let status = hall.authority.status(&begun.number, &begun.code).await.unwrap();
    assert!(status.awaits_rest && status.outcome.is_none() && status.due.is_none());
    let complete = hall.done_act(hall.unit, "complete", Typed::new(), hall.today());
    hall.act_with(hall.unit, case, complete, vec![pdf("application", 1)]).await.unwrap();
    hall.done(hall.officer, case, "accept").await.unwrap();
    hall.done(hall.officer, case, "examine").await.unwrap();
    hall.propose(case, "approved").await.unwrap();
    let decided = hall.decide(hall.head, case, "approved").await.unwrap();
    let registers: Vec<&str> = decided.rows.iter().map(|r| r.register.as_str()).collect();
    assert_eq!(registers, ["public_areas", "systems"]);
    hall.store.flush_ledger().await.unwrap();
    for row in hall.store.rows_of_case(case).await.unwrap() {
        assert!(hall.store.ledger().prove(row.entry).is_ok());
        let entry = hall.store.ledger().entry(row.entry).unwrap().parse().unwrap();
        assert_eq!(entry.body["public_sha256"], serde_json::json!(Sha256::of(row.public.as_bytes())));
        assert!(row.public.contains("道里区示例广场东入口") && !row.public.contains("示例商业"), "{}", row.public);
        assert!(!row.public.contains("王五") && row.personal.expect("the rest").expose().contains("示例商业"));
        assert_eq!((row.row, row.name), (case.to_string(), "道里区示例广场东入口".to_owned()));
    }
    hall.done(hall.officer, case, "deliver").await.unwrap();
    let view = hall.view(hall.officer, case).await;
    assert_eq!(view.row.head.state, Stage::Closed.code());
    assert!(view.row.head.closed.is_some() && view.open_steps().is_empty() && !view.law_changed);
    hall.store.flush_ledger().await.unwrap();
    assert!(hall.store.check_case(case).await.unwrap().is_empty(), "each event is what the log says");
    let status = hall.authority.status(&begun.number, &begun.code.to_uppercase()).await.unwrap();
    assert_eq!(status.outcome.map(|t| t.zh.into_owned()), Some("批准。".to_owned()));
    let wrong = hall.authority.status(&begun.number, "00000000").await.unwrap_err();
    assert_eq!(wrong, hall.authority.status("示公技防〔2026〕99号", &begun.code).await.unwrap_err(), "nothing is told");
}

#[tokio::test]
async fn a_refusal_has_reasons_and_its_own_row() {
    let hall = Hall::open().await;
    let case = hall.examined().await;
    hall.propose(case, "refused").await.unwrap();
    let decided = hall.decide(hall.head, case, "refused").await.unwrap();
    assert_eq!(decided.rows.iter().map(|r| r.register.as_str()).collect::<Vec<_>>(), ["public_areas"]);
    let view = hall.view(hall.officer, case).await;
    assert_eq!(view.case.outcome().map(|d| d.reasons.expose().as_str()), Some(REASONS));
}

#[tokio::test]
async fn nobody_approves_what_they_handled_and_the_attempt_is_entered() {
    let hall = Hall::open().await;
    let case = hall.examined().await;
    hall.propose(case, "approved").await.unwrap();
    // The same person, with the role of a head since.
    let turned = By { role: Role::CaseApprover, ..hall.officer };
    let refusal = hall.decide(turned, case, "approved").await.unwrap_err();
    assert_eq!((refusal.kind, refusal.code.as_str()), (ErrorKind::Unlawful, "decider_handled_case"));
    assert!(refusal.why.iter().any(|c| c.clause.0 == "B-42-1-4"));
    let entered = hall.refused().await;
    assert_eq!(entered.len(), 1);
    assert_eq!(entered[0].account, Some(hall.officer.account));
    assert!(hall.view(hall.head, case).await.case.outcome().is_none(), "nothing was decided");
    let unable = hall.decide(hall.officer, case, "approved").await.unwrap_err();
    assert_eq!(unable.kind, ErrorKind::Unlawful, "nor from the officer's seat");
}

#[tokio::test]
async fn what_nobody_named_in_time_is_accepted_by_lapse_and_the_clock_shows_it() {
    let hall = Hall::open().await;
    let case = hall.begin(hall.unit, &area()).await.case;
    hall.done(hall.unit, case, "apply").await.unwrap();
    let receipt = hall.today();
    hall.pass_days(30);
    assert!(hall.store.case_clocks(case).await.unwrap().iter().all(|c| c.state != "missed"), "counted at the act");
    assert_eq!(hall.authority.recount(hall.today()).await.unwrap(), 1);
    let clocks = hall.store.case_clocks(case).await.unwrap();
    assert!(clocks.iter().any(|c| c.clock == "completion" && c.state == "missed"));
    let view = hall.view(hall.officer, case).await;
    assert_eq!(view.accepted_by_lapse(), Some(receipt));
    assert!(view.clocks().iter().any(|c| c.id == "completion" && c.state == ClockState::Missed));
    assert!(view.row.head.next.is_some(), "the decision is due");
    hall.done(hall.officer, case, "examine").await.unwrap();
    hall.propose(case, "refused").await.unwrap();
    hall.decide(hall.head, case, "refused").await.unwrap();
    let clocks = hall.store.case_clocks(case).await.unwrap();
    let late = clocks.iter().filter(|c| ClockState::LATE.contains(&c.state.as_str())).count();
    assert!(clocks.iter().any(|c| c.clock == "completion" && c.state == "lapsed"), "the decision does not undo it");
    let months = hall.authority.count(hall.supervisor, None).await.unwrap().months;
    assert_eq!(months.iter().map(|m| m.over).sum::<u64>(), u64::try_from(late).unwrap(), "what we missed is counted");
    let counted = hall.store.clock_counts(UtcMs(0), UtcMs(i64::MAX)).await.unwrap();
    assert!(counted.iter().any(|c| c.state == "lapsed" && c.count == 1), "and in the public numbers");
}

#[tokio::test]
async fn a_filing_ends_with_whoever_checks_it_and_is_in_the_directory() {
    let hall = Hall::open().await;
    let party = hall.authority.party_for_counter(hall.officer, &unit_form()).await.unwrap();
    assert_eq!(party, hall.party(hall.unit).await, "found by its code, not entered twice");
    let form = Beginning {
        procedure: "sales_filing".into(),
        channel: Channel::Counter,
        party: Some(party),
        place: String::new(),
        title: String::new(),
        ..area()
    };
    let case = hall.begin(hall.officer, &form).await.case;
    let on = hall.today();
    let submit = hall.done_act(hall.officer, "submit", sample("sales_filing", "submit", on), on);
    let papers = ["licence", "products", "service", "quality", "certification"];
    let files = papers.iter().zip(1..).map(|(m, n)| pdf(m, n)).collect();
    hall.act_with(hall.officer, case, submit, files).await.unwrap();
    hall.done(hall.officer, case, "check").await.unwrap();
    let filed = CaseAct::Decide {
        outcome: "filed".into(),
        typed: sample("sales_filing", "filed", on),
        reasons: String::new(),
        clauses: vec![],
        officers: vec![],
        on,
    };
    let acted = hall.act(hall.officer, case, filed).await.unwrap();
    assert_eq!(acted.rows.len(), 1);
    let publish = |row: String| CaseAct::Publish { publication: "maker_and_seller_directory".into(), row };
    let published = hall.act(hall.publisher, case, publish(case.to_string())).await.unwrap();
    let shown = hall.store.publication(published.publications[0]).await.unwrap().expect("public");
    assert!(shown.rows.iter().any(|r| r.register == "makers_and_sellers") && !shown.body.contains("王五"));
    // It rests on the clause of what was decided first, and on the one that lets it be published after it.
    hall.store.flush_ledger().await.unwrap();
    let (bytes, _) = hall.store.ledger().prove(published.publications[0]).unwrap();
    let entry = bytes.parse().unwrap();
    let packs = law::Packs::embedded().unwrap();
    let outcome = packs.procedure("sales_filing").unwrap().outcomes.iter().find(|o| o.id == "filed").unwrap();
    assert_eq!(entry.body["clauses"][0].as_str(), Some(outcome.clause.0.as_str()), "{:?}", entry.body);
    let withdraw = CaseAct::WithdrawPublication {
        publication: "maker_and_seller_directory".into(),
        row: case.to_string(),
        reasons: "登记有误，重新核对后再公布。".into(),
    };
    hall.act(hall.publisher, case, withdraw).await.unwrap();
    assert!(hall.store.publication(published.publications[0]).await.unwrap().expect("kept").withdrawn.is_some());
}

#[tokio::test]
async fn a_file_is_what_its_name_says_or_is_not_taken() {
    let hall = Hall::open().await;
    let case = hall.begin(hall.unit, &area()).await.case;
    let tries: [(&str, &[u8], &str); 4] = [
        ("申请.pdf", b"MZ\x90\0", "paper_disguised"),
        ("申请.exe", b"MZ\x90\0", "paper_kind"),
        ("没有后缀", b"%PDF-1.7", "paper_kind"),
        ("申请.pdf", b"", "paper_size"),
    ];
    let on = hall.today();
    let apply = hall.done_act(hall.unit, "apply", sample("area_approval", "apply", on), on);
    for (name, bytes, code) in tries {
        let files = vec![file("application", name, bytes)];
        assert_eq!(hall.act_with(hall.unit, case, apply.clone(), files).await.unwrap_err().code, code, "{name}");
    }
    let many = (0..=u8::try_from(crate::cases::MOST_UPLOADS).unwrap()).map(|n| pdf("application", n)).collect();
    assert_eq!(hall.act_with(hall.unit, case, apply, many).await.unwrap_err().code, "uploads");
    assert!(hall.view(hall.unit, case).await.papers.is_empty(), "nothing of it was kept");
    let named = CaseAct::GivePaper {
        material: "application".into(),
        sha256: Sha256::of(b"never sent"),
        bytes: 10,
        kind: domain::casework::PaperKind::Pdf,
        name: None,
    };
    assert_eq!(hall.act(hall.unit, case, named).await.unwrap_err().code, "paper_without_file");
    let document = CaseAct::MakeDocument {
        kind: "acceptance_notice".into(),
        number: "1".into(),
        sha256: Sha256::of(b"never made"),
        pages: 1,
        lang: base::Lang::Zh,
    };
    let command = Command { seen: 1, act: document };
    let none = hall.authority.act_with(hall.officer, case, &command, Attached::default()).await.unwrap_err();
    assert_eq!(none.code, "document_without_file");
}

#[tokio::test]
async fn a_registration_of_2013_is_entered_by_the_law_of_2013() {
    let hall = Hall::open().await;
    let form = Beginning {
        procedure: "product_registration".into(),
        channel: Channel::Counter,
        party: Some(hall.party(hall.unit).await),
        place: String::new(),
        title: "示例报警主机".into(),
        ..area()
    };
    let ended = hall.authority.begin(hall.officer, &form).await.unwrap_err();
    assert_eq!((ended.kind, ended.code.as_str()), (ErrorKind::Unlawful, "procedure_ended"));
    assert_eq!(hall.refused().await.len(), 1);
    let on = day("2013-05-06");
    let case = hall.begin(hall.officer, &Beginning { facts_on: Some(on), ..form }).await.case;
    let submit = hall.done_act(hall.officer, "apply", sample("product_registration", "apply", on), on);
    let required = procedure("product_registration").materials.iter().filter(|m| m.required && !m.gap);
    let files: Vec<Upload> = required.zip(1..).map(|(m, n)| pdf(&m.id, n)).collect();
    hall.act_with(hall.officer, case, submit, files).await.unwrap();
    for step in ["receive", "examine"] {
        hall.done_on(hall.officer, case, step, on).await.unwrap();
    }
    let propose = CaseAct::Propose {
        outcome: "registered".into(),
        typed: sample("product_registration", "registered", on),
        reasons: REASONS.into(),
        clauses: vec![],
    };
    hall.act(hall.officer, case, propose).await.unwrap();
    let decided = hall.act(hall.head, case, decision("registered", on)).await.unwrap();
    assert!(decided.rows.iter().any(|r| r.register == "products"));
    let row = hall.store.rows_of_case(case).await.unwrap().remove(0);
    assert_eq!(row.from, on);
}

#[tokio::test]
async fn a_pack_that_is_amended_in_mid_case_is_told_with_both_versions() {
    let hall = Hall::open().await;
    let case = hall.examined().await;
    let before = hall.view(hall.officer, case).await;
    assert!(!before.law_changed && before.law_changes().is_empty() && before.law_in_use == before.case.digest);
    let mut files = law::embedded_files();
    let clauses = files.get_mut("heilongjiang/ordinance-2012/clauses.toml").expect("the pack of the procedure");
    *clauses = clauses.replacen("gist_zh = \"", "gist_zh = \"（修订）", 1);
    let gate = law::Gate::new(law::Packs::from_files(&files).unwrap()).unwrap();
    // The server starts again by the amended packs.
    let times = Arc::clone(&hall.clock);
    let now = move || UtcMs(times.load(Ordering::Relaxed));
    let later = Authority::open(hall.store.clone(), "x".into(), Arc::new(gate), now).await.unwrap();
    for by in [hall.officer, hall.unit] {
        let view = later.case(by, case).await.unwrap();
        assert!(view.law_changed && view.law_in_use != view.case.digest);
        let changes = view.law_changes();
        assert_eq!(changes.iter().map(|c| c.was.id.as_str()).collect::<Vec<_>>(), ["B"]);
        let (was, now) = (&changes[0].was, changes[0].now.as_ref().expect("still there"));
        assert!(was.sha256 != now.sha256 && was.from == now.from && before.case.law.contains(was));
        assert_eq!(view.case.facts_on, before.case.facts_on, "the day that decides is the same");
    }
    let new = later.begin(hall.person, &area()).await.unwrap();
    let view = later.case(hall.person, new.case).await.unwrap();
    assert!(!view.law_changed && view.law_changes().is_empty(), "a case opened since goes by what is in use");
}
#[path = "desk_tests.rs"]
mod desk;
