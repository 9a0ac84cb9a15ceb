//! What people see of cases: worklists, one case whole, an applicant's own, and how a case stands for whoever holds its receipt.
//!
//! Always true: an applicant sees their own party's cases, and of them no note, proposal, review or word of an officer; an office sees its
//! own; who supervises sees all and changes nothing; without an account nothing is told that the receipt does not prove.

use super::follow::{Loaded, node_of, procedure_of};
use super::who::Reach;
use super::{bad, no_case};
use crate::{Authority, By};
use base::{AccountId, CaseId, CivilDate, Pii, Refusal, Sha256, Text, UtcMs};
use domain::access::Permission;
use domain::casework::{
    Case, CaseClock, Docket, Event, Life, Node, OpenStep, Recorded, Seat, Stage, clocks, life, node, open_steps,
};
use law::{Gate, Procedure};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use store::StoreError;
use store::casework::cases::{CaseFilter, CaseRow};
use store::casework::documents::DocumentRow;
use store::casework::papers::CasePaper;
use store::casework::registers::RowVersion;
use store::casework::worklist::{Buckets, Cursor, WorkFilter};
use store::ledger_log::ActLine;

/// Most cases of one list.
pub const LISTED: u32 = 100;
/// How far the middle count of a worklist looks ahead, as a number of days: our own choice, no term of law.
const SOON: i32 = 8;

/// A page of the worklist.
#[derive(Clone, Debug)]
pub struct WorkPage {
    /// Cases, the nearest last day first.
    pub rows: Vec<CaseRow>,
    /// Overdue, due today, due within a week, later; and without a day.
    pub counts: Buckets,
    /// Where the next page begins; none after the last.
    pub next: Option<Cursor>,
}

/// An event as a page shows it.
#[derive(Clone, Debug)]
pub struct Line {
    /// What happened.
    pub recorded: Recorded,
    /// Name of who entered it; of an officer none for an applicant.
    pub by: Option<Pii<String>>,
    /// Place of its entry in the log.
    pub entry: u64,
}

/// A case with everything that its page shows.
#[derive(Clone)]
pub struct CaseView {
    /// Its head.
    pub row: CaseRow,
    /// What its events make, as far as the reader may see it.
    pub case: Case,
    /// The events that the reader may see, the oldest first.
    pub events: Vec<Line>,
    /// Papers as stored.
    pub papers: Vec<CasePaper>,
    /// Documents that were issued.
    pub documents: Vec<DocumentRow>,
    /// Rows of registers that the case wrote; none for an applicant.
    pub rows: Vec<RowVersion>,
    /// Other packs are in use than those that decide the case.
    pub law_changed: bool,
    /// The reader is its applicant.
    pub is_applicant: bool,
    /// The day by which clocks are counted.
    pub today: CivilDate,
    whole: Case,
    procedure: Procedure,
    gate: Arc<Gate>,
}

impl std::fmt::Debug for CaseView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CaseView({}, {} events)", self.row.id, self.row.events)
    }
}

impl CaseView {
    /// Its procedure.
    #[must_use]
    pub const fn procedure(&self) -> &Procedure {
        &self.procedure
    }

    fn docket(&self) -> Docket<'_> {
        Docket { packs: self.gate.packs(), procedure: &self.procedure, case: &self.whole, today: self.today }
    }

    /// What can be done now; for an applicant only what is theirs.
    #[must_use]
    pub fn open_steps(&self) -> Vec<OpenStep<'_>> {
        let mut open = open_steps(&self.docket());
        open.retain(|step| !self.is_applicant || step.who == Seat::Applicant);
        open
    }

    /// Its clocks.
    #[must_use]
    pub fn clocks(&self) -> Vec<CaseClock> {
        clocks(&self.docket())
    }

    /// The procedure as a graph of what was done, is open and may come.
    #[must_use]
    pub fn life(&self) -> Life<'_> {
        life(&self.docket())
    }

    /// What is missing of the materials.
    #[must_use]
    pub fn missing(&self) -> Vec<&law::Material> {
        self.docket().missing()
    }

    /// Since when the application counts as accepted because nobody named in time what was missing.
    #[must_use]
    pub fn accepted_by_lapse(&self) -> Option<CivilDate> {
        self.docket().accepted_by_lapse()
    }
}

/// How a case stands, for whoever holds its receipt. No name, no paper, no reason.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Status {
    /// Number.
    pub number: String,
    /// Name of the procedure.
    pub procedure: Text,
    /// How far it is.
    pub stage: Text,
    /// Its outcome, in words.
    pub outcome: Option<Text>,
    /// When it was opened.
    pub opened: UtcMs,
    /// When something last happened.
    pub last: UtcMs,
    /// Day by which the office owes the next step, or decided not to run any more.
    pub due: Option<CivilDate>,
    /// Something was asked for and is awaited.
    pub awaits_rest: bool,
}

/// Equal, in a time that does not tell where they differ.
fn same(one: &str, other: &str) -> bool {
    let differ = one.bytes().zip(other.bytes()).fold(0_u8, |all, (a, b)| all | (a ^ b));
    one.len() == other.len() && std::hint::black_box(differ) == 0
}

/// What an applicant does not see: thoughts of the office before it decides.
const fn is_internal(event: &Event) -> bool {
    matches!(
        event,
        Event::Noted { .. }
            | Event::Proposed { .. }
            | Event::SentBack { .. }
            | Event::Reviewed { .. }
            | Event::Assigned { .. }
            | Event::Recused { .. }
            | Event::LawChanged { .. }
    )
}

/// Whether an applicant sees what was filled in there: their own forms, and what was decided.
fn is_for_applicant(procedure: &Procedure, id: &str) -> bool {
    match node(procedure, id) {
        Some(Node::Outcome(_)) => true,
        Some(step) => step.seat(procedure) == Seat::Applicant,
        None => false,
    }
}

/// The case as its applicant sees it.
fn for_applicant(procedure: &Procedure, whole: &Case) -> Case {
    let mut case = whole.clone();
    case.proposal = None;
    case.proposers.clear();
    case.reviews.clear();
    case.recusals.clear();
    case.assigned = None;
    // A draft of an outcome is the office's; only what was decided is the applicant's.
    let decided = |id: &str| whole.decisions.iter().any(|d| d.outcome == id);
    case.values.retain(|id, _| {
        let outcome = matches!(node(procedure, id), Some(Node::Outcome(_)));
        is_for_applicant(procedure, id) && (!outcome || decided(id))
    });
    for done in &mut case.doings {
        done.officers.clear();
        if !is_for_applicant(procedure, &done.node) {
            done.note = Pii::default();
        }
    }
    case
}

/// An event as an applicant sees it; `None` where it is internal. Words and forms of officers are left out, that a step was done is not.
fn event_for_applicant(procedure: &Procedure, recorded: &Recorded) -> Option<Recorded> {
    if is_internal(&recorded.event) {
        return None;
    }
    let own = node_of(&recorded.event).is_none_or(|id| is_for_applicant(procedure, id));
    let event = match &recorded.event {
        Event::Filled { .. } if !own => return None,
        Event::StepDone { step, on, set, .. } if !own => Event::StepDone {
            step: step.clone(),
            on: *on,
            values: domain::form::Values::default(),
            note: String::new(),
            officers: Vec::new(),
            set: set.clone(),
        },
        Event::Decided { outcome, on, values, reasons, clauses, .. } => Event::Decided {
            outcome: outcome.clone(),
            on: *on,
            values: values.clone(),
            reasons: reasons.clone(),
            clauses: clauses.clone(),
            officers: Vec::new(),
        },
        other => other.clone(),
    };
    Some(Recorded { event, ..recorded.clone() })
}

impl Authority {
    /// The worklist: open cases of one's own office, of all for who supervises.
    ///
    /// # Errors
    /// No permission, `no_office`, or the store.
    pub async fn worklist(&self, by: By, ask: &WorkFilter, limit: u32) -> Result<WorkPage, Refusal> {
        by.needs(Permission::SeeCases)?;
        let office = match self.reach(by).await? {
            Reach::Office(office) => Some(office),
            Reach::All => ask.office,
            Reach::Party(_) => return Err(no_case()),
        };
        let filter = WorkFilter { office, ..ask.clone() };
        let limit = limit.clamp(1, LISTED);
        let rows = self.store().worklist(&filter, limit).await?;
        let today = self.now().shanghai_date();
        let days = [today, today.plus_days(1), today.plus_days(SOON)];
        let counts = self.store().worklist_counts(&filter, &days).await?;
        let full = u32::try_from(rows.len()).unwrap_or(u32::MAX) >= limit;
        let next = rows.last().filter(|_| full).map(CaseRow::cursor);
        Ok(WorkPage { rows, counts, next })
    }

    /// Cases, open or not, that this account may know of, the newest first.
    ///
    /// # Errors
    /// No permission, `no_office`, `no_party`, or the store.
    pub async fn cases(&self, by: By, ask: &CaseFilter, limit: u32) -> Result<Vec<CaseRow>, Refusal> {
        let filter = match self.reach(by).await? {
            Reach::All => ask.clone(),
            Reach::Office(office) => CaseFilter { office: Some(office), ..ask.clone() },
            Reach::Party(party) => CaseFilter { party: Some(party), ..ask.clone() },
        };
        Ok(self.store().cases(&filter, limit.clamp(1, LISTED)).await?)
    }

    /// An applicant's own cases, the newest first.
    ///
    /// # Errors
    /// No permission, `no_party`, or the store.
    pub async fn my_cases(&self, by: By) -> Result<Vec<CaseRow>, Refusal> {
        let account = by.needs(Permission::Apply)?;
        let filter = CaseFilter { party: Some(self.own_party(account).await?), ..CaseFilter::default() };
        Ok(self.store().cases(&filter, LISTED).await?)
    }

    /// One case, as this account may see it.
    ///
    /// # Errors
    /// No permission, `not_found` (also for cases of others), `procedure_unknown`, or the store.
    pub async fn case(&self, by: By, id: CaseId) -> Result<CaseView, Refusal> {
        let (reach, loaded) = self.known_case(by, id).await?;
        let is_applicant = matches!(reach, Reach::Party(_));
        let procedure = procedure_of(self.gate(), &loaded.case.procedure)?.clone();
        let names = if is_applicant { BTreeMap::new() } else { self.names_of(&loaded).await? };
        let mut events = Vec::with_capacity(loaded.recorded.len());
        for (recorded, kept) in loaded.recorded.iter().zip(&loaded.kept) {
            let shown = if is_applicant { event_for_applicant(&procedure, recorded) } else { Some(recorded.clone()) };
            let by = names.get(&recorded.by).cloned();
            events.extend(shown.map(|recorded| Line { recorded, by, entry: kept.entry }));
        }
        let mut papers = self.store().case_papers(id).await?;
        let mut rows = self.store().rows_of_case(id).await?;
        let mut documents = self.store().documents_of_case(id).await?;
        if is_applicant {
            papers.retain(|p| is_own_paper(&procedure, &p.material));
            rows.clear();
            // What was made and not delivered is a draft of the office.
            let delivered: BTreeSet<Sha256> =
                loaded.case.documents.iter().filter(|d| d.delivered.is_some()).map(|d| d.sha256).collect();
            documents.retain(|d| delivered.contains(&d.sha256));
        }
        let Loaded { row, case: whole, .. } = loaded;
        let case = if is_applicant { for_applicant(&procedure, &whole) } else { whole.clone() };
        let law_changed = whole.digest != self.gate().packs().digest().all;
        let (today, gate) = (self.now().shanghai_date(), Arc::clone(&self.0.gate));
        Ok(CaseView {
            row,
            case,
            events,
            papers,
            documents,
            rows,
            law_changed,
            is_applicant,
            today,
            whole,
            procedure,
            gate,
        })
    }

    /// Bytes of a paper of a case, after the entry of who opened it is committed: papers name persons.
    ///
    /// # Errors
    /// As `case`; `not_found` for a paper that the reader may not see; or the log.
    pub async fn case_paper(&self, by: By, id: CaseId, n: u32) -> Result<(CasePaper, Vec<u8>), Refusal> {
        let view = self.case(by, id).await?;
        let gone = || Refusal::not_found("这份材料", "paper");
        let paper = view.papers.into_iter().find(|p| p.n == n).ok_or_else(gone)?;
        let text = Text::of(
            format!("打开案件 {} 的材料。", view.row.number),
            format!("A paper of case {} opened.", view.row.number),
        );
        let body = serde_json::json!({ "case": id, "paper_sha256": paper.sha256, "by": by.account });
        let act = ActLine::done(Some(by.account), text);
        self.store().log("paper.opened", self.now(), body, act).await.map_err(StoreError::from)?;
        let bytes = self.store().case_paper_bytes(id, n).await?.ok_or_else(gone)?;
        Ok((paper, bytes))
    }

    /// How a case stands, for whoever has number and code of its receipt; needs no account. How often somebody may try is the door's to say.
    ///
    /// # Errors
    /// `not_found`, the same whether number or code is wrong; or the store.
    pub async fn status(&self, number: &str, code: &str) -> Result<Status, Refusal> {
        let (number, code) = (number.trim(), code.trim().to_ascii_lowercase());
        if number.is_empty() || number.chars().count() > base::limits::NAME_CHARS {
            return Err(bad("number", Text::new("请填写案号。", "Enter the number of the case.")));
        }
        let found = self.store().case_by_number(number).await?;
        let row = found.filter(|row| same(&self.store().case_code(row.id), &code)).ok_or_else(no_case)?;
        let Loaded { row, case, .. } = self.load(row).await?;
        let procedure = procedure_of(self.gate(), &case.procedure)?;
        let today = self.now().shanghai_date();
        let docket = Docket { packs: self.gate().packs(), procedure, case: &case, today };
        let outcome = case.outcome().and_then(|d| node(procedure, &d.outcome)).map(|n| n.name());
        Ok(Status {
            procedure: procedure.name(),
            stage: Stage::parse(&row.head.state).map_or_else(Text::default, Stage::name),
            outcome,
            opened: row.opened,
            last: row.last,
            due: row.head.next.as_ref().map(|n| n.day),
            awaits_rest: docket.awaits_rest(),
            number: row.number,
        })
    }

    /// Names of the accounts that entered something.
    async fn names_of(&self, loaded: &Loaded) -> Result<BTreeMap<AccountId, Pii<String>>, Refusal> {
        let accounts: BTreeSet<AccountId> = loaded.recorded.iter().map(|r| r.by).collect();
        let mut names = BTreeMap::new();
        for account in accounts {
            if let Some(person) = self.store().account(account).await? {
                names.insert(account, person.name);
            }
        }
        Ok(names)
    }
}

/// A material, or the paper of a step that the applicant takes.
fn is_own_paper(procedure: &Procedure, material: &str) -> bool {
    procedure.materials.iter().any(|m| m.id == material) || is_for_applicant(procedure, material)
}
