//! From rows to a case and back: events read, and what the store keeps of new ones: entries, head, clocks.
//!
//! Always true: a case is what its events make, the head and the clocks follow from it and from nothing else; a title in a list names no
//! natural person; the sentence of an event in the log has only words of the packs.

use super::awaiting::waits_of;
use super::contested::RESULT;
use super::fault;
use super::persons::Persons;
use super::wording::without_persons;
use crate::Authority;
use base::{ClauseId, Refusal, Text, UtcMs, limits};
use domain::casework::{
    ANNUL, Case, CaseClock, Docket, Event, Recorded, Stage, clocks, nearest, node, stage, to_publish,
};
use law::{Field, FieldKind, Gate, Party, Procedure, ProcedureKind};
use store::casework::cases::{CaseHead, CaseMarks, CaseRow, NextDue};
use store::casework::events::{ClockRow, EventRow, NewEvent};
use store::casework::parties::PartyData;

/// A case as it was read.
pub(super) struct Loaded {
    /// Its head.
    pub row: CaseRow,
    /// Its events as kept.
    pub kept: Vec<EventRow>,
    /// The same, read.
    pub recorded: Vec<Recorded>,
    /// What they make.
    pub case: Case,
}

/// The word of a party, as in the packs.
pub(super) fn word_of(party: Party) -> String {
    serde_json::to_value(party).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

/// An event as it was kept.
pub(super) fn recorded(row: &EventRow) -> Result<Recorded, Refusal> {
    let index = row.n.checked_sub(1).ok_or_else(|| fault(&"an event without a number"))?;
    let by = row.by.ok_or_else(|| fault(&"an event of nobody"))?;
    // A fault of reading tells the place; never the body, which names persons.
    let event = serde_json::from_str::<Event>(row.body.expose())
        .map_err(|e| fault(&format!("event {index}, line {} column {}", e.line(), e.column())))?;
    Ok(Recorded { index, at: row.at, by, event })
}

impl Authority {
    /// Reads the events of a case.
    pub(super) async fn load(&self, row: CaseRow) -> Result<Loaded, Refusal> {
        let mut kept = self.store().case_events(row.id).await?;
        // Somebody may have gone on since the head was read: this is the case as the head has it.
        kept.truncate(usize::try_from(row.events).unwrap_or(usize::MAX));
        let recorded = kept.iter().map(recorded).collect::<Result<Vec<_>, _>>()?;
        let case = Case::fold(&recorded).map_err(|e| fault(&e))?;
        Ok(Loaded { row, kept, recorded, case })
    }
}

/// The procedure of a case in the packs in use.
pub(super) fn procedure_of<'a>(gate: &'a Gate, id: &str) -> Result<&'a Procedure, Refusal> {
    gate.packs().procedure(id).ok_or_else(|| {
        Refusal::new(
            base::ErrorKind::NotFound,
            "procedure_unknown",
            Text::new("正在使用的规则包没有这个办理程序。", "The packs in use have no such procedure."),
            Text::new("请从办事清单中重新选择。", "Choose from the list of services."),
        )
    })
}

/// What a list calls the case: the thing it is about once that is filled in; never a field about a person.
fn title(procedure: &Procedure, case: &Case) -> String {
    let field = procedure.field(&procedure.subject).filter(|f| !f.personal && !f.kind.is_personal());
    let named = field.and_then(|f| case.values_of(&f.step)?.text(&f.id));
    let text = named.unwrap_or(case.title.expose());
    text.chars().take(limits::NAME_CHARS).collect()
}

/// Clocks as the store keeps them.
pub(super) fn clock_rows(clocks: &[CaseClock]) -> Vec<ClockRow> {
    let row = |c: &CaseClock| ClockRow {
        clock: c.id.clone(),
        binds: word_of(c.binds),
        state: c.state.code().to_owned(),
        due: c.day(),
        provisional: c.provisional.is_some(),
    };
    clocks.iter().map(row).collect()
}

/// The nearest day: ours first, else whatever the others owe.
pub(super) fn next_due(clocks: &[CaseClock]) -> Option<NextDue> {
    let (clock, day) = nearest(clocks, true).or_else(|| nearest(clocks, false))?;
    Some(NextDue { day, clock: clock.id.clone(), binds: word_of(clock.binds) })
}

/// Head and clocks of a case; `ended` is when it ended before, where it had.
pub(super) fn head_of(docket: &Docket<'_>, ended: Option<UtcMs>, now: UtcMs) -> (CaseHead, Vec<ClockRow>) {
    let case = docket.case;
    let (clocks, stage) = (clocks(docket), stage(docket));
    let over = matches!(stage, Stage::Closed | Stage::Abandoned);
    let head = CaseHead {
        procedure: case.procedure.clone(),
        pack: case.digest,
        office: case.office,
        party: case.party,
        title: title(docket.procedure, case),
        state: stage.code().to_owned(),
        outcome: case.outcome().map(|d| d.outcome.clone()),
        assigned: case.assigned,
        facts_on: case.facts_on,
        closed: over.then(|| ended.unwrap_or(now)),
        next: next_due(&clocks),
    };
    (head, clock_rows(&clocks))
}

/// Facts by which a case is found beside its number and title: the unit that it is about, and what its forms say in one line and of no person
/// (the matter, the place, units). Names that the case knows are replaced, and numbers that may be somebody's left out.
fn facts(procedure: &Procedure, case: &Case, party: Option<&PartyData>) -> String {
    let is_open = |f: &&Field| f.kind == FieldKind::Line && !f.personal;
    let value = |f: &Field| case.values_of(&f.step)?.text(&f.id).map(str::trim);
    let unit = if let Some(PartyData::Unit(unit)) = party { Some(unit.name.as_str()) } else { None };
    let mut lines: Vec<&str> = Vec::new();
    for line in unit.into_iter().chain(procedure.fields.iter().filter(is_open).filter_map(value)) {
        if !line.is_empty() && !lines.contains(&line) {
            lines.push(line);
        }
    }
    without_persons(&Persons::of(party, procedure, case), &lines.join("\n"))
}

/// What of a case is asked of many at once; `party` is whom it is about.
pub(super) fn marks_of(docket: &Docket<'_>, party: Option<&PartyData>) -> CaseMarks {
    let (procedure, case) = (docket.procedure, docket.case);
    let (awaits, hands) = waits_of(docket);
    let remedy = case.outcome().filter(|_| procedure.kind == ProcedureKind::Remedy);
    CaseMarks {
        begun_as: case.title.expose().clone(),
        result: remedy.and_then(|decision| decision.values.text(RESULT)).unwrap_or_default().to_owned(),
        annulled: case.done(ANNUL).is_some(),
        unpublished: to_publish(docket).into_iter().map(str::to_owned).collect(),
        awaits: awaits.to_owned(),
        hands,
        facts: facts(procedure, case, party),
    }
}

/// Kind of the entry of an event.
const fn kind(event: &Event) -> &'static str {
    match event {
        Event::Opened { .. } => "case.opened",
        Event::Filled { .. } => "case.filled",
        Event::PaperGiven { .. } => "case.paper_given",
        Event::PaperReturned { .. } => "case.paper_returned",
        Event::AskedForRest { .. } => "case.asked_for_rest",
        Event::StepDone { .. } => "case.step_done",
        Event::Proposed { .. } => "case.proposed",
        Event::SentBack { .. } => "case.sent_back",
        Event::Reviewed { .. } => "case.reviewed",
        Event::Decided { .. } => "case.decided",
        Event::ClockStopped { .. } => "case.clock_stopped",
        Event::ClockResumed { .. } => "case.clock_resumed",
        Event::ClockExtended { .. } => "case.clock_extended",
        Event::Deferred { .. } => "case.deferred",
        Event::TakenBack { .. } => "case.taken_back",
        Event::Assigned { .. } => "case.assigned",
        Event::Recused { .. } => "case.recused",
        Event::Panel { .. } => "case.panel",
        Event::DocumentMade { .. } => "case.document_made",
        Event::Delivered { .. } => "case.delivered",
        Event::DocumentVoided { .. } => "case.document_voided",
        Event::Registered { .. } => "case.registered",
        Event::Published { .. } => "case.published",
        Event::WithdrawnPublication { .. } => "case.withdrawn_publication",
        Event::LawChanged { .. } => "case.law_changed",
        Event::FactsChanged { .. } => "case.facts_changed",
        Event::Abandoned { .. } => "case.abandoned",
        Event::Corrected { .. } => "case.corrected",
        Event::Noted { .. } => "case.noted",
    }
}

/// The step or outcome that an event is about.
pub(super) fn node_of(event: &Event) -> Option<&str> {
    match event {
        Event::Filled { step, .. }
        | Event::StepDone { step, .. }
        | Event::AskedForRest { step, .. }
        | Event::TakenBack { step, .. } => Some(step),
        Event::Proposed { outcome, .. } | Event::Decided { outcome, .. } => Some(outcome),
        _ => None,
    }
}

/// An event as the store takes it; `law`: the clauses by which the gate allowed it.
pub(super) fn new_event(procedure: &Procedure, event: &Event, law: &[ClauseId]) -> Result<NewEvent, Refusal> {
    let node = node_of(event).and_then(|id| node(procedure, id));
    let mut clauses: Vec<ClauseId> = Vec::new();
    for clause in node.iter().map(|n| n.clause()).chain(event.clauses()).chain(law) {
        if !clauses.contains(clause) {
            clauses.push(clause.clone());
        }
    }
    let (of, name) = (procedure.name(), event.name());
    let text = match node.map(|n| n.name()) {
        Some(what) => Text::of(
            format!("「{}」{}：{}", of.zh, name.zh, what.zh),
            format!("\"{}\", {}: {}", of.en, name.en, what.en),
        ),
        None => Text::of(format!("「{}」{}。", of.zh, name.zh), format!("\"{}\", {}.", of.en, name.en)),
    };
    let body = serde_json::to_value(event).map_err(|_| fault(&"an event that cannot be written"))?;
    Ok(NewEvent { kind: kind(event), body, clauses, text })
}
