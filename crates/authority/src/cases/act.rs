//! An act in a case: files, law, engine, what follows, one transaction.
//!
//! ```text
//! known case? ─▶ uploads ─▶ each act: gate (law) ─▶ engine ─▶ events, on the case as the acts before left it
//!   ─▶ a decision is entered in its registers ─▶ head, clocks, rows, publications ─▶ add_events
//! ```
//! Always true: the first act is judged on the events its maker had seen, and on what came since only where that does not touch it (`goes_on`); a
//! refusal changes nothing, and one by law or of an attempt is an entry (`tried`); what is withdrawn from the public goes in the transaction of the
//! event that says so.

use super::bulletin::nothing_to_fill_in;
use super::follow::{Loaded, head_of, marks_of, new_event, procedure_of};
use super::law::Asked;
use super::payments::by_receipt;
use super::persons::Persons;
use super::recusal::HeadsHere;
use super::rows::{self, Of};
use super::tried::SAVE_FAILED;
use super::upload::{self, Upload};
use super::who::seated;
use super::{bad, bans, fault};
use crate::visits::moved_on;
use crate::{Authority, By};
use base::{AccountId, CaseId, CivilDate, ClauseId, ErrorKind, PartyId, Refusal, Sha256, Text, UtcMs};
use domain::casework::{
    Case, CaseAct, Checks, Command, Docket, Event, PAY, PaperKind, Recorded, Seat, Typed, Who, decide, fields_of,
    goes_on,
};
use domain::form::place_faults;
use law::{Field, Fined, Gate, Jurisdiction, Procedure, ProcedureKind, SiteProfile};
use std::collections::BTreeMap;
use std::ops::Range;
use store::casework::cases::CaseRow;
use store::casework::documents::NewDocument;
use store::casework::events::{CaseChange, Changed, NewEvent, Saved};
use store::casework::parties::PartyData;
use store::casework::payments::{NewPayment, PaymentRow, PaymentSaved};
use store::casework::publications::{NewPublication, ShownRow, Withdrawal};
use store::casework::registers::{RowVersion, WrittenRow};
use store::visits::VisitEnd;

/// The step that enters the withdrawal of what was published: the same word in every procedure of the packs.
const WITHDRAW: &str = "withdraw";
/// The setting in which a server keeps what it is: the province is read from it.
const PROFILE: &str = "profile";

/// What comes with an act.
#[derive(Clone, Debug, Default)]
pub struct Attached {
    /// Files that are handed in.
    pub uploads: Vec<Upload>,
    /// Documents that were set from the case; each has its act `MakeDocument`.
    pub documents: Vec<NewDocument>,
    /// Of what another system hands in: the key of its request and its digest, kept in the transaction of the act.
    pub handed: Option<(String, Sha256)>,
    /// The end of the visit whose step it is, in the transaction of the act.
    pub visit: Option<VisitEnd>,
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
    stands_for: &'a [AccountId],
    /// The act is a unit's own, by its signed answer.
    unit_answered: bool,
    heads: HeadsHere,
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
        let Self { officers, stands_for, unit_answered, .. } = *self;
        let checks = Checks { officers, law, stands_for, unit_answered, heads: self.heads.heads() };
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

/// How much of the case the maker of an act counts as having seen: also what came in between and does not touch it.
fn seen_now(command: &Command, loaded: &Loaded) -> u32 {
    let since = usize::try_from(command.seen).ok().and_then(|seen| loaded.recorded.get(seen..)).unwrap_or_default();
    let events = loaded.case.events;
    if command.seen < events && goes_on(&command.act, since) { events } else { command.seen }
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

/// What the decision rests on, as people cite it; in Chinese, as what is published.
fn grounds(desk: &Desk<'_>) -> Vec<String> {
    let decided = desk.case.outcome().map(|d| d.clauses.as_slice()).unwrap_or_default();
    let cited = decided.iter().filter_map(|clause| desk.gate.packs().cite(clause));
    cited.map(|c| format!("《{}》{}", c.instrument.zh, c.article.zh)).collect()
}

/// Clauses of a publication: those of the decision that is made public, then those that let it be published.
fn cited_by(desk: &Desk<'_>, publishing: &[ClauseId]) -> Vec<ClauseId> {
    let decision = desk.case.outcome();
    let of_outcome = decision.and_then(|d| domain::casework::node(desk.procedure, &d.outcome));
    let mut out: Vec<ClauseId> = of_outcome.map(|n| n.clause().clone()).into_iter().collect();
    let decided = decision.map(|d| d.clauses.as_slice()).unwrap_or_default();
    for clause in decided.iter().chain(publishing) {
        if !out.contains(clause) {
            out.push(clause.clone());
        }
    }
    out
}

/// What is to be public names no natural person; what was annulled is no longer public when its withdrawal is entered.
fn may_be_public(desk: &Desk<'_>, act: &CaseAct, party: Option<&PartyData>) -> Result<(), Refusal> {
    let withdraws = matches!(act, CaseAct::Done { step, .. } if step == WITHDRAW);
    if withdraws && desk.case.published.iter().any(|row| !row.withdrawn) {
        return Err(Refusal::new(
            ErrorKind::Conflict,
            "still_published",
            Text::new("公布的内容还没有撤回。", "What was published still stands."),
            Text::new("请先由公布人员撤回，再登记本步骤。", "The publisher withdraws it first; then enter this step."),
        ));
    }
    Persons::of(party, desk.procedure, &desk.case).stay_private(desk.procedure, &desk.case, act)
}

impl Authority {
    /// Does an act in a case, with the files that come with it; a command `GivePaper` of a file is done by its upload.
    ///
    /// # Errors
    /// No permission, `no_office`, `no_party`, `not_found` (also for cases of others), the file (`paper_size`, `paper_kind`,
    /// `paper_disguised`, `uploads`), `by_visit`, the law and the engine (`domain::casework::decide`), `case_moved_on`, `case_full`, or the store.
    pub async fn act(&self, by: By, case: CaseId, command: &Command, uploads: Vec<Upload>) -> Result<Acted, Refusal> {
        self.act_with(by, case, command, Attached { uploads, ..Attached::default() }).await
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
        self.visits_allow(by, case, &command.act).await?;
        self.act_here(by, case, command, attached).await
    }

    /// As `act`, for the end of a visit, which does its own step: both in one transaction, where the end comes along.
    ///
    /// # Errors
    /// As `act`; `visit_moved_on`.
    pub(crate) async fn act_of_visit(
        &self,
        by: By,
        case: CaseId,
        command: &Command,
        visit: Option<VisitEnd>,
    ) -> Result<Acted, Refusal> {
        self.act_here(by, case, command, Attached { visit, ..Attached::default() }).await
    }

    async fn act_here(&self, by: By, case: CaseId, command: &Command, attached: Attached) -> Result<Acted, Refusal> {
        let who = self.who(by).await?;
        let (_, loaded) = self.known_case(by, case).await?;
        self.places_stand(&loaded.case, &command.act)?;
        let command = &Command { seen: seen_now(command, &loaded), act: command.act.clone() };
        match &command.act {
            CaseAct::Done { step, .. } if step == PAY => self.may_pay_by_step(&who, &loaded).await?,
            // With their payment only.
            CaseAct::Defer { .. } | CaseAct::TakeBack { .. } => return Err(by_receipt()),
            _ => {}
        }
        self.act_loaded(&who, loaded, command, attached).await
    }

    /// Refuses a form with the code of a division that the list of its province lacks on the day of the facts. What was kept earlier stays.
    fn places_stand(&self, case: &Case, act: &CaseAct) -> Result<(), Refusal> {
        let procedure = procedure_of(self.gate(), &case.procedure)?;
        let (fields, typed): (Vec<&Field>, Typed) = match act {
            CaseAct::Fill { step, typed, .. } | CaseAct::Done { step, typed, .. } => {
                (fields_of(procedure, step), typed.clone())
            }
            CaseAct::Propose { outcome, typed, .. } | CaseAct::Decide { outcome, typed, .. } => {
                (fields_of(procedure, outcome), typed.clone())
            }
            CaseAct::CorrectValue { field, typed, .. } => {
                (procedure.field(field).into_iter().collect(), Typed::from([(field.clone(), typed.clone())]))
            }
            _ => return Ok(()),
        };
        let kept = |id: &str| {
            let step = fields.iter().find(|f| f.id == id).map(|f| f.step.as_str());
            step.and_then(|step| case.values_of(step)).and_then(|values| values.text(id)).map(str::to_owned)
        };
        let new = |id: &str| typed.get(id).cloned().filter(|code| kept(id).as_ref() != Some(code));
        let fault = place_faults(self.gate().packs(), &fields, new, case.facts_on).into_iter().next();
        fault.map_or(Ok(()), |fault| Err(Refusal::bad_input(&fault.field, fault.what, fault.next)))
    }

    /// Does an act in a case that was read, whoever may know of it; a refusal is entered as of `act`.
    pub(super) async fn act_loaded(
        &self,
        who: &Who,
        loaded: Loaded,
        command: &Command,
        attached: Attached,
    ) -> Result<Acted, Refusal> {
        let Loaded { row, case: folded, .. } = loaded;
        let case = row.id;
        let procedure = procedure_of(self.gate(), &folded.procedure)?;
        let officers = self.officers_at(folded.office).await?;
        let mut stands_for = self.stands_for(who.account).await?;
        if procedure.kind == ProcedureKind::Inspection && self.inspects(who.account, case).await? {
            // Whoever inspects goes on with the case in the place of its handler, and under their own name.
            stands_for.extend(folded.assigned);
        }
        let place = self.in_heads_place(who, procedure, &folded, &command.act).await?;
        let who = &place.as_ref().map_or_else(|| who.clone(), |place| place.seated(who, folded.office));
        let heads = self.heads_for(&command.act, &folded).await?.with(place);
        let desk = Desk {
            gate: self.gate(),
            procedure,
            officers: &officers,
            stands_for: &stands_for,
            unit_answered: false,
            heads,
            who,
            now: self.now(),
            case: folded,
            new: Vec::new(),
        };
        let done = match self.decided(desk, &row, command, &attached).await {
            Ok(desk) => self.keep(desk, row, attached).await,
            Err(refusal) => Err(refusal),
        };
        if let Err(refusal) = &done {
            self.log_refusal(who.account, Some(case), refusal).await?;
        }
        done
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
        let fined = self.party_data(row.head.party).await?;
        may_be_public(&desk, &command.act, fined.as_ref())?;
        nothing_to_fill_in(desk.procedure, &desk.case, &command.act)?;
        self.host_is_apart(&desk.case, &command.act).await?;
        let fined = if matches!(fined, Some(PartyData::Person(_))) { Fined::Person } else { Fined::Unit };
        let mut seen = command.seen;
        for act in &acts {
            let who = seated(desk.who.clone(), desk.procedure, act);
            let named = bans::named_by(desk.procedure, &desk.case, act, desk.now.shanghai_date());
            let asked_of = named.or_else(|| bans::taken_in(act).map(|on| (row.head.title.clone(), on)));
            let barred = match asked_of {
                Some((subject, on)) => self.barred(desk.procedure, row.head.party, &subject, on).await?,
                None => None,
            };
            let docket = desk.docket();
            let asked = Asked { docket: &docket, who: &who, own_party, officers: desk.officers, fined, site };
            let (law, clauses) = match barred.map(Err).or_else(|| asked.answer(self.gate(), act)) {
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
        let party = self.party_data(head.party).await?;
        let title = Persons::of(party.as_ref(), desk.procedure, &desk.case).masked(&head.title);
        let of = Of { id: row.id, number: &row.number, head: &head, title: &title, office: &office };
        let procedure = desk.procedure;
        let events = desk.new.iter().map(|(event, law)| new_event(procedure, event, law));
        let events = events.collect::<Result<Vec<NewEvent>, Refusal>>()?;
        let new: Vec<Event> = desk.new.iter().map(|(event, _)| event.clone()).collect();
        let mut registers = rows::changes(procedure, &desk.case, &new, &of);
        let (packs, today) = (self.gate().packs(), desk.now.shanghai_date());
        bans::set_last_days(packs, procedure, &desk.case, &mut registers, today);
        registers.extend(self.revoked_rows(procedure, &desk.case, &new, &of).await?);
        registers.extend(self.cancelled_rows(procedure, &desk.case, &new, &of).await?);
        let publications = self.publications(&desk, &of).await?;
        let payments = self.store().payments(row.id).await?;
        let mut registers = self.with_money((row.id, &desk.case), registers, &payments, false).await?;
        // Money that comes in meanwhile stands in no version made here: then it is looked at again.
        let money = (!registers.is_empty()).then(|| u32::try_from(payments.len()).unwrap_or(u32::MAX));
        let mut orders = self.hold_from_form(procedure, &new, &row).await?;
        registers.extend(self.rows_of_holds(&row, &orders).await?);
        orders.extend(self.show_from_decision(procedure, &desk.case, &new, &row).await?);
        let withdrawals = self.withdrawals(&desk, row.id).await?;
        let voids = self.voids(row.id, &new).await?;
        let Attached { uploads, documents, handed, visit } = attached;
        let papers: Vec<_> = uploads.into_iter().map(Upload::paper).collect();
        let recusals: Vec<_> = desk.case.recusals.iter().map(|(account, state)| (*account, state.code())).collect();
        let marks = marks_of(&desk.docket(), party.as_ref());
        let change = CaseChange {
            marks: Some(&marks),
            clocks: &clocks,
            registers: &registers,
            papers: &papers,
            recusals: Some(recusals.as_slice()).filter(|all| !all.is_empty()),
            documents: &documents,
            publications: &publications,
            withdrawals: &withdrawals,
            orders: &orders,
            voids: &voids,
            handed: handed.as_ref().map(|(key, request)| (key.as_str(), *request)),
            money,
            ..CaseChange::new(row.id, row.events, Some(desk.who.account), &head, &events)
        };
        let saved = match &visit {
            Some(end) => self.store().add_events_of_visit(&change, end, desk.now).await?.ok_or_else(moved_on)?,
            None => match self.store().add_events(&change, desk.now).await {
                Ok(saved) => saved,
                Err(error) => {
                    // Where the store takes no entry either, what failed is told all the same.
                    let _ = self.log_tried(desk.who.account, Some(row.id), SAVE_FAILED).await;
                    return Err(error.into());
                }
            },
        };
        match saved {
            Saved::Done(changed) => Ok(Acted::of(row.id, changed)),
            saved => {
                let refusal = not_saved(&saved);
                self.log_tried(desk.who.account, Some(row.id), &refusal.code).await?;
                Err(refusal)
            }
        }
    }

    /// Enters a step that an outside unit has done, by its own signed answer: nobody's account, in the place of whoever handles the case.
    pub(super) async fn act_of_unit(&self, loaded: Loaded, act: CaseAct) -> Result<Acted, Refusal> {
        let Loaded { row, case: folded, .. } = loaded;
        let procedure = procedure_of(self.gate(), &folded.procedure)?;
        let who = Who::nobody(Seat::Officer, folded.office);
        let officers = self.officers_at(folded.office).await?;
        let stands_for: Vec<AccountId> = folded.assigned.into_iter().collect();
        let command = Command { seen: folded.events, act };
        let desk = Desk {
            gate: self.gate(),
            procedure,
            officers: &officers,
            stands_for: &stands_for,
            unit_answered: true,
            heads: HeadsHere::default(),
            who: &who,
            now: self.now(),
            case: folded,
            new: Vec::new(),
        };
        let desk = self.decided(desk, &row, &command, &Attached::default()).await?;
        self.keep(desk, row, Attached::default()).await
    }

    /// Does the act that belongs to a row of the money, together with the row, in one transaction; nothing of it is made public. `payments`: all
    /// rows with that one.
    pub(super) async fn act_with_payment(
        &self,
        who: &Who,
        loaded: Loaded,
        act: CaseAct,
        (payment, payments): (&NewPayment, &[PaymentRow]),
    ) -> Result<PaymentSaved, Refusal> {
        let Loaded { row, case: folded, .. } = loaded;
        let procedure = procedure_of(self.gate(), &folded.procedure)?;
        let officers = self.officers_at(folded.office).await?;
        let command = Command { seen: folded.events, act };
        let stands_for = self.stands_for(who.account).await?;
        let desk = Desk {
            gate: self.gate(),
            procedure,
            officers: &officers,
            heads: HeadsHere::default(),
            who,
            now: self.now(),
            case: folded,
            stands_for: &stands_for,
            unit_answered: false,
            new: Vec::new(),
        };
        let desk = self.decided(desk, &row, &command, &Attached::default()).await?;
        let (head, clocks) = head_of(&desk.docket(), row.head.closed, desk.now);
        let office = self.store().office(head.office).await?.map_or_else(String::new, |o| o.name);
        let party = self.party_data(head.party).await?;
        let title = Persons::of(party.as_ref(), desk.procedure, &desk.case).masked(&head.title);
        let of = Of { id: row.id, number: &row.number, head: &head, title: &title, office: &office };
        let events = desk.new.iter().map(|(event, law)| new_event(procedure, event, law));
        let events = events.collect::<Result<Vec<NewEvent>, Refusal>>()?;
        let new: Vec<Event> = desk.new.iter().map(|(event, _)| event.clone()).collect();
        let registers = rows::changes(procedure, &desk.case, &new, &of);
        let registers = self.with_money((row.id, &desk.case), registers, payments, true).await?;
        let marks = marks_of(&desk.docket(), party.as_ref());
        let change = CaseChange {
            marks: Some(&marks),
            clocks: &clocks,
            registers: &registers,
            ..CaseChange::new(row.id, row.events, Some(who.account), &head, &events)
        };
        Ok(self.store().add_payment(payment, Some(&change), desk.now).await?)
    }

    /// What new events make public: the newest versions of the case's rows in registers where its procedure has a public column.
    async fn publications(&self, desk: &Desk<'_>, of: &Of<'_>) -> Result<Vec<NewPublication>, Refusal> {
        let mut out = Vec::new();
        for (event, clauses) in &desk.new {
            let Event::Published { publication, row } = event else { continue };
            let is_open = |register: &String| {
                desk.procedure.fields.iter().any(|f| rows::is_public(f) && f.registers.contains(register))
            };
            let is_it = |r: &RowVersion| r.newest && r.row == *row && is_open(&r.register);
            let rows = self.store().rows_of_case(of.id).await?.into_iter().filter(is_it);
            let shown = rows.map(|r| ShownRow { register: r.register, row: r.row, version: r.version }).collect();
            let grounds = grounds(desk);
            let cited = cited_by(desk, clauses);
            let packs = desk.gate.packs();
            out.push(rows::publication(packs, desk.procedure, &desk.case, publication, shown, (of, &cited, &grounds)));
        }
        Ok(out)
    }

    /// What new events take from the public.
    async fn withdrawals(&self, desk: &Desk<'_>, id: CaseId) -> Result<Vec<Withdrawal>, Refusal> {
        let mut out = Vec::new();
        for (event, clauses) in &desk.new {
            let Event::WithdrawnPublication { publication, row, reasons } = event else { continue };
            for shown in self.store().publications_of_case(id).await? {
                let is_it = shown.kind == *publication && shown.rows.iter().any(|r| r.row == *row);
                if is_it && shown.withdrawn.is_none() {
                    let (publication, reasons) = (shown.entry, reasons.clone());
                    out.push(Withdrawal { publication, reasons, clauses: clauses.clone() });
                }
            }
        }
        Ok(out)
    }

    /// What is known of a party.
    pub(super) async fn party_data(&self, party: Option<PartyId>) -> Result<Option<PartyData>, Refusal> {
        let Some(party) = party else { return Ok(None) };
        Ok(self.store().party(party).await?.map(|p| p.data))
    }

    /// Where this server lies, for the gate; of a server that nobody set up only national law holds.
    pub(crate) async fn site_profile(&self) -> Result<SiteProfile, Refusal> {
        let kept = self.store().setting(PROFILE).await?;
        let kept = kept.and_then(|text| serde_json::from_str::<Kept>(&text).ok());
        Ok(kept.map_or_else(|| SiteProfile::new(Jurisdiction::Other), |k| k.law))
    }
}
