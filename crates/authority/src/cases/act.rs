//! An act in a case: files, law, engine, what follows, one transaction.
//!
//! ```text
//! known case? ─▶ uploads ─▶ each act: gate (law) ─▶ engine ─▶ events, on the case as the acts before left it
//!   ─▶ a decision is entered in its registers ─▶ head, clocks, rows, publications ─▶ add_events
//! ```
//! Always true: the first act is judged on the events its maker had seen; a refusal changes nothing, and one by law is an entry; what is
//! withdrawn from the public is withdrawn before the event that says so, so that a crash between leaves nothing shown.

use super::follow::{Loaded, head_of, new_event, procedure_of};
use super::law::Asked;
use super::rows::{self, Of};
use super::upload::{self, Upload};
use super::who::seated;
use super::{bad, fault};
use crate::{Authority, By};
use base::{AccountId, CaseId, CivilDate, ClauseId, ErrorKind, Refusal, Sha256, Text, UtcMs};
use domain::casework::{Case, CaseAct, Checks, Command, Docket, Event, PaperKind, Recorded, Who, decide};
use law::{Fined, Gate, Jurisdiction, Procedure, SiteProfile};
use std::collections::BTreeMap;
use std::ops::Range;
use store::StoreError;
use store::casework::cases::CaseRow;
use store::casework::documents::NewDocument;
use store::casework::events::{CaseChange, Changed, NewEvent, Saved};
use store::casework::parties::PartyData;
use store::casework::publications::{NewPublication, ShownRow};
use store::casework::registers::WrittenRow;
use store::ledger_log::{ActLine, Outcome};

/// The setting in which a server keeps what it is: the province is read from it.
const PROFILE: &str = "profile";

/// What comes with an act.
#[derive(Clone, Debug, Default)]
pub struct Attached {
    /// Files that are handed in.
    pub uploads: Vec<Upload>,
    /// Documents that were set from the case; each has its act `MakeDocument`.
    pub documents: Vec<NewDocument>,
}

/// What an act left.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Acted {
    /// The case.
    pub case: CaseId,
    /// Its number.
    pub number: String,
    /// Events it has now.
    pub events: u32,
    /// Places of the entries of the new events.
    pub entries: Range<u64>,
    /// Rows of registers that were written.
    pub rows: Vec<WrittenRow>,
    /// Places of the entries of documents.
    pub documents: Vec<u64>,
    /// Numbers of publications.
    pub publications: Vec<u64>,
}

impl Acted {
    pub(super) fn of(case: CaseId, changed: Changed) -> Self {
        let Changed { number, events, entries, rows, documents, publications } = changed;
        Self { case, number, events, entries, rows, documents, publications }
    }
}

/// What a server keeps of itself, as far as it is read here.
#[derive(serde::Deserialize)]
struct Kept {
    law: SiteProfile,
}

/// A case with the acts that were done on it so far.
struct Desk<'a> {
    gate: &'a Gate,
    procedure: &'a Procedure,
    officers: &'a BTreeMap<AccountId, Option<CivilDate>>,
    who: &'a Who,
    now: UtcMs,
    case: Case,
    new: Vec<(Event, Vec<ClauseId>)>,
}

impl Desk<'_> {
    fn docket(&self) -> Docket<'_> {
        Docket {
            packs: self.gate.packs(),
            procedure: self.procedure,
            case: &self.case,
            today: self.now.shanghai_date(),
        }
    }

    /// Does one act; `law` is what the gate refuses of it, `clauses` by which it allows it.
    fn step(
        &mut self,
        (seen, act): (u32, &CaseAct),
        who: &Who,
        law: Option<&Refusal>,
        clauses: &[ClauseId],
    ) -> Result<(), Refusal> {
        let checks = Checks { officers: self.officers, law };
        let events = decide(&self.docket(), &Command { seen, act: act.clone() }, who, &checks)?;
        for event in events {
            let recorded = Recorded { index: self.case.events, at: self.now, by: who.account, event };
            self.case.apply(&recorded).map_err(|e| fault(&e))?;
            self.new.push((recorded.event, clauses.to_vec()));
        }
        Ok(())
    }

    /// A decision taken now is entered in the registers of its outcome, under the id of the case.
    fn enter(&mut self, id: CaseId) -> Result<(), Refusal> {
        let (procedure, who) = (self.procedure, self.who);
        let taken = |(event, _): &(Event, Vec<ClauseId>)| match event {
            Event::Decided { outcome, .. } => procedure.outcomes.iter().find(|o| o.id == *outcome),
            _ => None,
        };
        let Some(outcome) = self.new.iter().rev().find_map(taken) else { return Ok(()) };
        for register in &outcome.registers {
            let act = CaseAct::Register { register: register.clone(), row: id.to_string() };
            self.step((self.case.events, &act), who, None, &[])?;
        }
        Ok(())
    }
}

/// What somebody is told when a change could not be kept.
pub(super) fn not_saved(saved: &Saved) -> Refusal {
    match saved {
        Saved::NumberTaken => Refusal::new(
            ErrorKind::Conflict,
            "number_taken",
            Text::new("文书编号刚被使用。", "The number of the document was just used."),
            Text::new("请重新制作文书。", "Make the document again."),
        ),
        Saved::Full => Refusal::new(
            ErrorKind::TooMany,
            "case_full",
            Text::new("案卷的记录或者材料已达上限。", "The case has no room for more entries or papers."),
            Text::new("请另立案卷，并注明两卷的关系。", "Open another case and note how the two belong together."),
        ),
        Saved::Unknown => super::no_case(),
        Saved::MovedOn { .. } | Saved::Done(_) => Refusal::new(
            ErrorKind::Conflict,
            "case_moved_on",
            Text::new("案卷在您打开之后又有了新的记录。", "Something was entered in the case since you opened it."),
            Text::new("请刷新页面，看过新的记录再办理。", "Reload the page and look at what is new before you go on."),
        ),
    }
}

/// The acts to be done: papers first, then what was commanded. A paper or document that only names its digest is none.
fn acts_of(command: &Command, attached: &Attached) -> Result<Vec<CaseAct>, Refusal> {
    let mut acts = upload::acts(&attached.uploads)?;
    let comes =
        |digest: &Sha256| acts.iter().any(|act| matches!(act, CaseAct::GivePaper { sha256, .. } if sha256 == digest));
    match &command.act {
        CaseAct::GivePaper { kind, sha256, .. } if *kind != PaperKind::OnPaper => {
            if !comes(sha256) {
                let what = Text::new("没有上传材料的文件。", "The file of the paper was not uploaded.");
                return Err(bad("paper_without_file", what));
            }
        }
        CaseAct::MakeDocument { sha256, .. } if !attached.documents.iter().any(|d| Sha256::of(&d.pdf) == *sha256) => {
            let what = Text::new("文书没有内容。", "The document has no content.");
            return Err(bad("document_without_file", what));
        }
        act => acts.push(act.clone()),
    }
    Ok(acts)
}

impl Authority {
    /// Does an act in a case, with the files that come with it; a command `GivePaper` of a file is done by its upload.
    ///
    /// # Errors
    /// No permission, `no_office`, `no_party`, `not_found` (also for cases of others), the file (`paper_size`, `paper_kind`,
    /// `paper_disguised`, `uploads`), the law and the engine (`domain::casework::decide`), `case_moved_on`, `case_full`, or the store.
    pub async fn act(&self, by: By, case: CaseId, command: &Command, uploads: Vec<Upload>) -> Result<Acted, Refusal> {
        self.act_with(by, case, command, Attached { uploads, documents: Vec::new() }).await
    }

    /// As `act`, with documents that were set from the case.
    ///
    /// # Errors
    /// As `act`; `number_taken`, `document_without_file`.
    pub async fn act_with(
        &self,
        by: By,
        case: CaseId,
        command: &Command,
        attached: Attached,
    ) -> Result<Acted, Refusal> {
        let who = self.who(by).await?;
        let (_, loaded) = self.known_case(by, case).await?;
        let Loaded { row, case: folded, .. } = loaded;
        let procedure = procedure_of(self.gate(), &folded.procedure)?;
        let officers = self.officers_at(folded.office).await?;
        let desk = Desk {
            gate: self.gate(),
            procedure,
            officers: &officers,
            who: &who,
            now: self.now(),
            case: folded,
            new: Vec::new(),
        };
        match self.decided(desk, &row, command, &attached).await {
            Ok(desk) => self.keep(desk, row, attached).await,
            Err(refusal) => {
                self.log_refusal(who.account, Some(case), &refusal).await?;
                Err(refusal)
            }
        }
    }

    async fn decided<'a>(
        &self,
        mut desk: Desk<'a>,
        row: &CaseRow,
        command: &Command,
        attached: &Attached,
    ) -> Result<Desk<'a>, Refusal> {
        let acts = acts_of(command, attached)?;
        let site = self.site_profile().await?;
        let own_party = self.store().party_of(desk.who.account).await?;
        let fined = match row.head.party {
            Some(party) => self.store().party(party).await?.map(|p| p.data),
            None => None,
        };
        let fined = if matches!(fined, Some(PartyData::Person(_))) { Fined::Person } else { Fined::Unit };
        let mut seen = command.seen;
        for act in &acts {
            let who = seated(desk.who.clone(), desk.procedure, act);
            let docket = desk.docket();
            let asked = Asked { docket: &docket, who: &who, own_party, officers: desk.officers, fined, site };
            let (law, clauses) = match asked.answer(self.gate(), act) {
                Some(Ok(clauses)) => (None, clauses),
                Some(Err(refusal)) => (Some(refusal), Vec::new()),
                None => (None, Vec::new()),
            };
            desk.step((seen, act), &who, law.as_ref(), &clauses)?;
            seen = desk.case.events;
        }
        desk.enter(row.id)?;
        Ok(desk)
    }

    /// Everything that follows, in one transaction.
    async fn keep(&self, desk: Desk<'_>, row: CaseRow, attached: Attached) -> Result<Acted, Refusal> {
        let (head, clocks) = head_of(&desk.docket(), row.head.closed, desk.now);
        let office = self.store().office(head.office).await?.map_or_else(String::new, |o| o.name);
        let of = Of { id: row.id, number: &row.number, head: &head, office: &office };
        let procedure = desk.procedure;
        let events = desk.new.iter().map(|(event, law)| new_event(procedure, event, law));
        let events = events.collect::<Result<Vec<NewEvent>, Refusal>>()?;
        let new: Vec<Event> = desk.new.iter().map(|(event, _)| event.clone()).collect();
        let registers = rows::changes(procedure, &desk.case, &new, &of);
        let publications = self.publications(&desk, &of).await?;
        self.withdraw(&desk, row.id).await?;
        let Attached { uploads, documents } = attached;
        let papers: Vec<_> = uploads.into_iter().map(Upload::paper).collect();
        let change = CaseChange {
            clocks: &clocks,
            registers: &registers,
            papers: &papers,
            documents: &documents,
            publications: &publications,
            ..CaseChange::new(row.id, row.events, Some(desk.who.account), &head, &events)
        };
        match self.store().add_events(&change, desk.now).await? {
            Saved::Done(changed) => Ok(Acted::of(row.id, changed)),
            saved => Err(not_saved(&saved)),
        }
    }

    /// What new events make public: the newest versions of the case's rows.
    async fn publications(&self, desk: &Desk<'_>, of: &Of<'_>) -> Result<Vec<NewPublication>, Refusal> {
        let mut out = Vec::new();
        for (event, clauses) in &desk.new {
            let Event::Published { publication, row } = event else { continue };
            let rows = self.store().rows_of_case(of.id).await?.into_iter().filter(|r| r.newest && r.row == *row);
            let shown = rows.map(|r| ShownRow { register: r.register, row: r.row, version: r.version }).collect();
            out.push(rows::publication(desk.procedure, &desk.case, publication, shown, (of, clauses)));
        }
        Ok(out)
    }

    /// Takes what new events withdraw from the public.
    async fn withdraw(&self, desk: &Desk<'_>, id: CaseId) -> Result<(), Refusal> {
        for (event, clauses) in &desk.new {
            let Event::WithdrawnPublication { publication, row, reasons } = event else { continue };
            for shown in self.store().publications_of_case(id).await? {
                let is_it = shown.kind == *publication && shown.rows.iter().any(|r| r.row == *row);
                if is_it && shown.withdrawn.is_none() {
                    let by = desk.who.account;
                    self.store().withdraw_publication(shown.entry, reasons, clauses, by, desk.now).await?;
                }
            }
        }
        Ok(())
    }

    /// Enters what the law refused; everything else that is refused leaves no trace.
    pub(super) async fn log_refusal(
        &self,
        by: AccountId,
        case: Option<CaseId>,
        refusal: &Refusal,
    ) -> Result<(), Refusal> {
        if refusal.kind != ErrorKind::Unlawful {
            return Ok(());
        }
        let clauses: Vec<ClauseId> = refusal.why.iter().map(|c| c.clause.clone()).collect();
        let body = serde_json::json!({
            "code": refusal.code, "by": by, "camera": null, "request": null, "case": case, "clauses": clauses,
        });
        let text = Text::of(format!("依法拒绝：{}", refusal.what.zh), format!("Refused by law: {}", refusal.what.en));
        let act = ActLine { outcome: Outcome::Refused, clauses, ..ActLine::done(Some(by), text) };
        self.store().log("act.refused", self.now(), body, act).await.map_err(StoreError::from)?;
        Ok(())
    }

    /// Where this server lies, for the gate; of a server that nobody set up only national law holds.
    pub(super) async fn site_profile(&self) -> Result<SiteProfile, Refusal> {
        let kept = self.store().setting(PROFILE).await?;
        let kept = kept.and_then(|text| serde_json::from_str::<Kept>(&text).ok());
        Ok(kept.map_or_else(|| SiteProfile::new(Jurisdiction::Other), |k| k.law))
    }
}
