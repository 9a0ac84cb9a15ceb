//! What people see of cases: worklists, one case whole, an applicant's own, and how a case stands for whoever holds its receipt.
//!
//! Always true: an applicant sees their own party's cases, and of them no note, proposal, review or word of an officer and no decision that waits
//! for its service (`applicant`); how far staff see is said in `who`; who supervises changes nothing; without an account nothing is told that the
//! receipt does not prove.

use super::applicant::{Reading, Still, for_applicant, is_own_paper, is_theirs, untold_from};
use super::documents::ways_of;
use super::follow::{Loaded, procedure_of};
use super::promises::promised_of;
use super::who::Reach;
use super::{bad, fault, no_case};
use crate::{Authority, By};
use base::{AccountId, CaseId, CivilDate, OfficeId, Pii, Refusal, Sha256, Text, UtcMs};
use domain::access::{Permission, Role};
use domain::casework::{
    Case, CaseClock, Channel, Docket, ExpertOpinion, LawChange, Life, Member, Offer, OpenStep, PAY, Point, Recorded,
    Reference, Right, Seat, Stage, TELL_REPORTER, Verdict, Way, absence_of, awaits_proof, clocks, course, kept_from,
    law_changes, life, node, not_asked_again, open_steps, opinion_of, owed, panel_of, papers_of, references, rights,
    verdict,
};
use domain::number::{folded, tidy_number, typed_number};
use law::{Gate, Outcome, PanelRule, Procedure, ProcedureKind};
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
/// Most cases that a number without its year or its office can mean; whoever has more must write it whole.
const MEANT: u32 = 20;

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

/// A page of cases, open or not.
#[derive(Clone, Debug, Default)]
pub struct CasePage {
    /// Cases, the newest first.
    pub rows: Vec<CaseRow>,
    /// Where the next page begins; none after the last.
    pub next: Option<(UtcMs, CaseId)>,
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
    /// Digest of the packs in use.
    pub law_in_use: Sha256,
    /// The reader is its applicant.
    pub is_applicant: bool,
    /// The reader is its applicant or of its office; of another one they look at it and do nothing in it.
    pub acts_here: bool,
    /// The day by which clocks are counted.
    pub today: CivilDate,
    whole: Case,
    still: Option<Still>,
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

    /// Who works on a penalty beside whoever handles it.
    #[must_use]
    pub fn beside_handler(&self) -> BTreeSet<AccountId> {
        self.docket().beside_handler()
    }

    /// Why nothing more can be named as missing, and what is left to do; `None`: it can be named.
    #[must_use]
    pub fn not_asked_again(&self) -> Option<Refusal> {
        not_asked_again(&self.docket())
    }

    /// Of a case that was entered after its procedure had ended, the last day that is known of it, from which its next act is dated; `None` of
    /// any other: what is done there is done today.
    #[must_use]
    pub fn last_known_day(&self) -> Option<CivilDate> {
        self.docket().last_known_day()
    }

    /// What can be done now; for an applicant only what is theirs.
    #[must_use]
    pub fn open_steps(&self) -> Vec<OpenStep<'_>> {
        let mut open = open_steps(&self.docket());
        // Money is entered by the office, by its receipt; and what a party leaves undone is found by who enforces.
        let enforced = self.procedure.kind == ProcedureKind::Enforcement;
        let theirs = |step: &OpenStep<'_>| step.who == Seat::Applicant && step.id != PAY && !enforced;
        open.retain(|step| !self.is_applicant || theirs(step));
        open.retain(|step| self.still.as_ref().is_none_or(|still| still.is_open(step)));
        open
    }

    /// What the party of a penalty may do now, with the last day and how; a step only while it can be taken.
    #[must_use]
    pub fn rights(&self) -> Vec<Right> {
        let open = self.open_steps();
        let can = |id: &str| open.iter().any(|step| step.id == id && step.blocked.is_none());
        rights(&self.docket()).into_iter().filter(|right| right.step.as_deref().is_none_or(can)).collect()
    }

    /// Why an outcome of its procedure can be neither proposed nor taken by whoever handles it today; `None`: it can.
    #[must_use]
    pub fn kept_from(&self, outcome: &Outcome) -> Option<Refusal> {
        kept_from(&self.docket(), outcome)
    }

    /// Packs of the case that were amended since it was opened, or since other packs were taken for it.
    #[must_use]
    pub fn law_changes(&self) -> Vec<LawChange> {
        law_changes(&self.docket())
    }

    /// The rule of its panel of experts; `None`: it has none, or the reader is its applicant.
    #[must_use]
    pub fn panel(&self) -> Option<&PanelRule> {
        panel_of(&self.docket()).filter(|_| !self.is_applicant)
    }

    /// What a member of its panel said in the round that is open or was recorded last.
    #[must_use]
    pub fn opinion_of<'m>(&self, member: &'m Member) -> Option<&'m ExpertOpinion> {
        opinion_of(&self.docket(), member)
    }

    /// A member of its panel took no part in that round.
    #[must_use]
    pub fn is_absent(&self, member: &Member) -> bool {
        absence_of(&self.docket(), member).is_some()
    }

    /// What its panel says by the opinions entered so far.
    #[must_use]
    pub fn panel_says(&self) -> Option<Verdict> {
        verdict(&self.docket()).filter(|_| !self.is_applicant)
    }

    /// The party asked to pay later or in parts, and is not answered yet.
    #[must_use]
    pub fn asks_deferral(&self) -> bool {
        self.docket().asks_deferral()
    }

    /// What a field that names an approval of the case can name now; `None`: it is no such field.
    #[must_use]
    pub fn references(&self, field: &str) -> Option<Vec<Reference>> {
        references(&self.docket(), field)
    }

    /// Its clocks.
    #[must_use]
    pub fn clocks(&self) -> Vec<CaseClock> {
        let mut clocks = clocks(&self.docket());
        clocks.retain(|clock| self.still.as_ref().is_none_or(|still| still.holds(clock)));
        clocks
    }

    /// Its clocks as they are without a decision that the reader is not told yet: what was promised of them stays said.
    pub(super) fn clocks_as_told(&self) -> Vec<CaseClock> {
        clocks(&self.docket())
    }

    /// A decision was made that the reader is not told yet.
    pub(super) const fn hides_decision(&self) -> bool {
        self.still.is_some()
    }

    /// The day by which it is asked whether a promise was kept: that of a decision that the reader is not told yet, else today.
    #[must_use]
    pub fn promise_asked_on(&self) -> CivilDate {
        self.still.as_ref().and_then(Still::decided).unwrap_or(self.today)
    }

    /// The procedure as a graph of what was done, is open and may come.
    #[must_use]
    pub fn life(&self) -> Life<'_> {
        life(&self.docket())
    }

    /// What was done, and what comes, point by point; the party is not told that somebody reported it.
    #[must_use]
    pub fn course(&self) -> Vec<Point<'_>> {
        let mut points = course(&self.docket());
        points.retain(|point| !self.is_applicant || point.nodes.iter().all(|n| n.id != TELL_REPORTER));
        points
    }

    /// What is missing of the materials.
    #[must_use]
    pub fn missing(&self) -> Vec<&law::Material> {
        self.docket().missing()
    }

    /// The papers of what was done and of what comes next, each ready or with what stands in the way; none for an applicant.
    #[must_use]
    pub fn offers(&self) -> Vec<Offer> {
        if self.is_applicant { Vec::new() } else { papers_of(&self.docket()) }
    }

    /// The ways in which its documents are served.
    #[must_use]
    pub fn ways(&self) -> Vec<Way> {
        ways_of(&self.procedure)
    }

    /// The step waits for a scan of what was served on paper.
    #[must_use]
    pub fn awaits_proof(&self, step: &str) -> bool {
        awaits_proof(&self.docket(), step)
    }

    /// The document of a refusal that is still to be served, where no step asks for it.
    #[must_use]
    pub fn owes_service(&self) -> Option<Text> {
        owed(&self.docket()).map(domain::document::Document::name)
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
    /// The office that handles it.
    pub office: OfficeId,
    /// Name of the procedure.
    pub procedure: Text,
    /// How far it is, in words for whoever applied or complained.
    pub stage: Text,
    /// It was begun by an account and is not sent yet: who began it has to do something, and nobody else.
    pub waits_to_be_sent: bool,
    /// Its outcome, in words.
    pub outcome: Option<Text>,
    /// When it was opened.
    pub opened: UtcMs,
    /// When something last happened.
    pub last: UtcMs,
    /// Day by which the next step is owed; none while a decision waits to be told.
    pub due: Option<CivilDate>,
    /// What is due by that day, in words.
    pub due_of: Option<Text>,
    /// Something was asked for and is awaited.
    pub awaits_rest: bool,
    /// The day that the office promised; told until a decision is.
    pub promised: Option<CivilDate>,
    /// The day by which it is asked whether that was kept: that of a decision that is not told yet, else today.
    pub today: CivilDate,
}

/// How far a case is, for whoever applied or complained. What came over the counter or as a complaint was sent, whatever the office has still to
/// enter; and a decision that is not told yet is none.
fn stage_told(stage: Stage, channel: Channel, is_told: bool) -> Text {
    match stage {
        Stage::Draft if channel == Channel::Online => Text::new("尚未提交", "not sent yet"),
        Stage::Draft => Text::new("已收到，等待办理机关登记", "received; the office has still to take it in"),
        Stage::Running => Text::new("正在办理", "the office is working on it"),
        Stage::Decided | Stage::Closed if !is_told => Text::new("正在办理", "the office is working on it"),
        Stage::Decided => Text::new("已作出决定，还有后续手续", "decided; something still follows"),
        Stage::Closed => Text::new("已办结", "closed"),
        Stage::Abandoned => Text::new("已撤回", "withdrawn"),
    }
}

/// Equal, in a time that does not tell where they differ.
fn same(one: &str, other: &str) -> bool {
    let differ = one.bytes().zip(other.bytes()).fold(0_u8, |all, (a, b)| all | (a ^ b));
    one.len() == other.len() && std::hint::black_box(differ) == 0
}

impl Authority {
    /// The worklist: open cases of one's own office; for who heads or supervises also of the offices under it, or of one of them.
    ///
    /// # Errors
    /// No permission, `no_office`, or the store.
    pub async fn worklist(&self, by: By, ask: &WorkFilter, limit: u32) -> Result<WorkPage, Refusal> {
        by.needs(Permission::SeeCases)?;
        let filter = match self.reach(by).await? {
            Reach::Office(own) => WorkFilter { office: Some(own), ..ask.clone() },
            Reach::Under(top) => WorkFilter { under: Some(top), ..ask.clone() },
            Reach::All => ask.clone(),
            Reach::Party(_) => return Err(no_case()),
        };
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
            Reach::Under(top) => CaseFilter { under: Some(top), ..ask.clone() },
            Reach::Party(party) => CaseFilter { party: Some(party), ..ask.clone() },
        };
        Ok(self.store().cases(&filter, limit.clamp(1, LISTED)).await?)
    }

    /// A page of an applicant's own cases, the newest first, [`LISTED`] at most; `before` goes on from the page before.
    ///
    /// # Errors
    /// No permission, `no_party`, or the store.
    pub async fn my_cases(&self, by: By, before: Option<(UtcMs, CaseId)>) -> Result<CasePage, Refusal> {
        let account = by.needs(Permission::Apply)?;
        let filter = CaseFilter { party: Some(self.own_party(account).await?), before, ..CaseFilter::default() };
        let rows = self.store().cases(&filter, LISTED).await?;
        let full = u32::try_from(rows.len()).unwrap_or(u32::MAX) >= LISTED;
        let next = rows.last().filter(|_| full).map(|row| (row.opened, row.id));
        Ok(CasePage { rows, next })
    }

    /// One case, as this account may see it.
    ///
    /// # Errors
    /// No permission, `not_found` (also for cases of others), `procedure_unknown`, or the store.
    pub async fn case(&self, by: By, id: CaseId) -> Result<CaseView, Refusal> {
        let (reach, loaded) = self.known_case(by, id).await?;
        let is_applicant = matches!(reach, Reach::Party(_));
        let acts_here = is_applicant || self.works_at(by.account, loaded.row.head.office).await?;
        let procedure = procedure_of(self.gate(), &loaded.case.procedure)?.clone();
        let names = if is_applicant { BTreeMap::new() } else { self.names_of(&loaded).await? };
        let (today, gate) = (self.now().shanghai_date(), Arc::clone(&self.0.gate));
        let untold = if is_applicant { untold_from(&procedure, &loaded.case) } else { None };
        let (case, recorded) = (&loaded.case, loaded.recorded.as_slice());
        let reading = Reading { procedure: &procedure, case, recorded, by, untold };
        let mut events = Vec::with_capacity(recorded.len());
        for (recorded, kept) in recorded.iter().zip(&loaded.kept) {
            let shown = if is_applicant { reading.event(recorded) } else { Some(recorded.clone()) };
            let by = names.get(&recorded.by).cloned();
            events.extend(shown.map(|recorded| Line { recorded, by, entry: kept.entry }));
        }
        let before = reading.before(&Docket { packs: gate.packs(), procedure: &procedure, case, today })?;
        let mut papers = self.store().case_papers(id).await?;
        let mut rows = self.store().rows_of_case(id).await?;
        let mut documents = self.store().documents_of_case(id).await?;
        // What was made and not delivered is a draft of the office.
        let delivered: Vec<_> = case.documents.iter().filter(|d| is_theirs(d)).cloned().collect();
        if is_applicant {
            papers.retain(|p| is_own_paper(&procedure, p));
            rows.clear();
            documents.retain(|row| delivered.iter().any(|d| d.sha256 == row.sha256));
        }
        let Loaded { mut row, case: whole, .. } = loaded;
        let (whole, still) = match before {
            Some((before, still)) => (before, Some(still)),
            None => (whole, None),
        };
        let case = if is_applicant {
            row.head.outcome = whole.outcome().map(|d| d.outcome.clone());
            // What came since a decision that is not told did come.
            Case { documents: delivered, ..for_applicant(&procedure, &whole) }
        } else {
            whole.clone()
        };
        let law_in_use = self.gate().packs().digest().all;
        let law_changed = whole.digest != law_in_use;
        Ok(CaseView {
            row,
            case,
            events,
            papers,
            documents,
            rows,
            law_changed,
            law_in_use,
            is_applicant,
            acts_here,
            today,
            whole,
            still,
            procedure,
            gate,
        })
    }

    /// Bytes of a paper of a case, after the entry of who opened it is committed: papers name persons.
    ///
    /// # Errors
    /// As `case`; `not_for_seat`, `recused`; `not_found` for a paper that the reader may not see; or the log.
    pub async fn case_paper(&self, by: By, id: CaseId, n: u32) -> Result<(CasePaper, Vec<u8>), Refusal> {
        let view = self.case(by, id).await?;
        self.sees_persons(by, id, &view.case).await?;
        let gone = || Refusal::not_found("这份材料", "paper");
        let paper = view.papers.into_iter().find(|p| p.n == n).ok_or_else(gone)?;
        self.enter_opening(by, &view.row, paper.sha256).await?;
        let bytes = self.store().case_paper_bytes(id, n).await?.ok_or_else(gone)?;
        Ok((paper, bytes))
    }

    /// Bytes of a document of a case, after the entry of who opened it is committed: documents name persons.
    ///
    /// # Errors
    /// As `case`; `not_for_seat`, `recused`; `not_found` for a document that the reader may not see; or the log.
    pub async fn case_document(&self, by: By, id: CaseId, sha256: Sha256) -> Result<(DocumentRow, Vec<u8>), Refusal> {
        let view = self.case(by, id).await?;
        self.sees_persons(by, id, &view.case).await?;
        let gone = || Refusal::not_found("这份文书", "document");
        let row = view.documents.into_iter().find(|d| d.sha256 == sha256).ok_or_else(gone)?;
        let text = Text::of(
            format!("打开案件 {} 的文书。", view.row.number),
            format!("A document of case {} opened.", view.row.number),
        );
        let body = serde_json::json!({ "case": id, "document_sha256": row.sha256, "by": by.account });
        let act = ActLine::done(Some(by.account), text);
        self.store().log("document.opened", self.now(), body, act).await.map_err(StoreError::from)?;
        let bytes = self.store().document_pdf(row.id).await?.ok_or_else(gone)?;
        Ok((row, bytes))
    }

    /// Enters that a file of a case was opened.
    pub(super) async fn enter_opening(&self, by: By, row: &CaseRow, sha256: Sha256) -> Result<(), Refusal> {
        let text =
            Text::of(format!("打开案件 {} 的材料。", row.number), format!("A paper of case {} opened.", row.number));
        let body = serde_json::json!({ "case": row.id, "paper_sha256": sha256, "by": by.account });
        let act = ActLine::done(Some(by.account), text);
        self.store().log("paper.opened", self.now(), body, act).await.map_err(StoreError::from)?;
        Ok(())
    }

    /// How a case stands, for whoever has number and code of its receipt; needs no account. How often somebody may try is the door's to say.
    ///
    /// # Errors
    /// `not_found`, the same whether number or code is wrong; or the store.
    pub async fn status(&self, number: &str, code: &str) -> Result<Status, Refusal> {
        let (number, code) = (number.trim(), folded(code));
        if number.is_empty() || number.chars().count() > base::limits::NAME_CHARS {
            return Err(bad("number", Text::new("请填写案号。", "Enter the number of the case.")));
        }
        let called = self.cases_called(number).await?;
        let found = called.into_iter().find(|row| same(&self.store().case_code(row.id), &code));
        let Loaded { row, case, recorded, .. } = self.load(found.ok_or_else(no_case)?).await?;
        let procedure = procedure_of(self.gate(), &case.procedure)?;
        let today = self.now().shanghai_date();
        let docket = Docket { packs: self.gate().packs(), procedure, case: &case, today };
        // Whoever holds the receipt is told what the party is told.
        let untold = untold_from(procedure, &case);
        let told = case.decisions.iter().rev().find(|d| untold.is_none_or(|from| d.index < from));
        let outcome = told.and_then(|d| node(procedure, &d.outcome)).map(|n| n.name());
        let stage = Stage::parse(&row.head.state).unwrap_or(Stage::Running);
        // What is due after a decision would tell that there is one.
        let is_untold = case.outcome().is_some_and(|d| untold.is_some_and(|from| d.index >= from));
        let next = row.head.next.as_ref().filter(|_| !is_untold);
        let promises = self.promises(row.head.office).await?;
        let amount = promises.get(&case.procedure).filter(|_| row.head.closed.is_none() || is_untold);
        // The promised day stays said until the decision is: that it went away would tell that there is one.
        let before = match untold.filter(|_| is_untold) {
            Some(from) => {
                let told: Vec<Recorded> = recorded.into_iter().filter(|r| r.index < from).collect();
                Some(Case::fold(&told).map_err(|e| fault(&e))?)
            }
            None => None,
        };
        let as_told = Docket { case: before.as_ref().unwrap_or(&case), ..docket };
        let promised = amount.and_then(|amount| promised_of(&as_told, &clocks(&as_told), *amount));
        let decided = case.outcome().filter(|_| is_untold).map(|d| d.on);
        Ok(Status {
            promised,
            today: decided.unwrap_or(today),
            office: row.head.office,
            procedure: procedure.name(),
            stage: stage_told(stage, case.channel, outcome.is_some()),
            waits_to_be_sent: stage == Stage::Draft && case.channel == Channel::Online,
            outcome,
            opened: row.opened,
            last: row.last,
            due: next.map(|n| n.day),
            due_of: next.and_then(|n| procedure.clock(&n.clock)).map(law::Clock::name),
            awaits_rest: docket.awaits_rest(),
            number: row.number,
        })
    }

    /// The case of a whole number as somebody typed it, whatever brackets, blanks and width it has. Whether the reader may know of it is not asked.
    ///
    /// # Errors
    /// The store.
    pub async fn case_numbered(&self, typed: &str) -> Result<Option<CaseRow>, Refusal> {
        match self.store().case_by_number(typed.trim()).await? {
            None => Ok(self.store().case_by_number(&tidy_number(typed)).await?),
            found => Ok(found),
        }
    }

    /// The cases that a number as somebody typed it can mean, the newest first: the one that is written so, else those whose year and number
    /// fit, [`MEANT`] at most. Which of them is meant is for a code to say.
    async fn cases_called(&self, typed: &str) -> Result<Vec<CaseRow>, Refusal> {
        if let Some(row) = self.case_numbered(typed).await? {
            return Ok(vec![row]);
        }
        let Some(asked) = typed_number(typed) else { return Ok(Vec::new()) };
        Ok(self.store().cases_numbered(&asked, MEANT).await?)
    }

    /// Names of the accounts that entered something; of whoever is no staff as lists show persons.
    async fn names_of(&self, loaded: &Loaded) -> Result<BTreeMap<AccountId, Pii<String>>, Refusal> {
        let accounts: BTreeSet<AccountId> = loaded.recorded.iter().map(|r| r.by).collect();
        let mut names = BTreeMap::new();
        for account in accounts {
            if let Some(person) = self.store().account(account).await? {
                let is_staff = person.role != Role::Applicant;
                let name = if is_staff { person.name } else { Pii::new(person.name.masked()) };
                names.insert(account, name);
            }
        }
        Ok(names)
    }
}
