//! A case as its events make it: what was done on which day, which papers lie there, what is proposed and decided, which clock stands still.
//!
//! What flows through: [`Recorded`] events, in order ─▶ [`Case::fold`] ─▶ [`Case`]. Always true: a list that `decide` gave folds; a list that
//! cannot have happened is an error that names the event, never a wrong state; the same list gives the same case, at once or one by one.

use super::event::{Channel, Event, Missing, PaperKind, Recorded, Settlement, Way};
use super::law_change::{MOST_PACKS, PackVersion};
use super::panel::{self, Member};
use super::words::TELL;
use crate::form::Values;
use crate::payment::Part;
use base::{AccountId, CaseId, CivilDate, ClauseId, OfficeId, PartyId, Pii, Sha256, UtcMs};
use law::{ClockRun, Stop};
use std::collections::{BTreeMap, BTreeSet};
use thiserror::Error;

/// Most events of one case.
pub const MOST_EVENTS: u32 = 2_000;

/// A step that was done, or an outcome that was decided.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Doing {
    /// Step or outcome.
    pub node: String,
    /// Number of the event.
    pub index: u32,
    /// The day it happened.
    pub on: CivilDate,
    /// When it was entered.
    pub at: UtcMs,
    /// By whom.
    pub by: AccountId,
    /// The officers named.
    pub officers: Vec<AccountId>,
    /// It is an outcome.
    pub is_outcome: bool,
    /// In words; for an outcome its reasons.
    pub note: Pii<String>,
    /// Numbers that its document sets, by clock.
    pub set: BTreeMap<String, u32>,
    /// Its form, as it was filled in this time, with the slips that were put right since.
    pub values: Values,
    /// Number of the event by which the form stands as it does.
    pub filled: u32,
}

/// A paper that was handed in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CasePaper {
    /// Material, step or outcome that it is the paper of.
    pub material: String,
    /// Digest of its bytes.
    pub sha256: Sha256,
    /// Size.
    pub bytes: u64,
    /// What it is.
    pub kind: PaperKind,
    /// Its file's name.
    pub name: Option<Pii<String>>,
    /// Number of the event.
    pub index: u32,
    /// When it was entered.
    pub at: UtcMs,
    /// It was given back.
    pub returned: bool,
}

/// The last asking for what is missing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Asking {
    /// Number of the event.
    pub index: u32,
    /// The day.
    pub on: CivilDate,
    /// The step by which it was asked.
    pub step: String,
    /// Materials.
    pub materials: Vec<Missing>,
    /// Fields.
    pub fields: Vec<Missing>,
    /// Last day that the party has, where the office set one.
    pub until: Option<CivilDate>,
}

/// A proposed or taken decision.
#[derive(Clone, PartialEq, Debug)]
pub struct Decision {
    /// Number of the event.
    pub index: u32,
    /// Who proposed or took it.
    pub by: AccountId,
    /// When it was entered.
    pub at: UtcMs,
    /// The day; of a proposal the day it was entered.
    pub on: CivilDate,
    /// Word of the outcome.
    pub outcome: String,
    /// Its form.
    pub values: Values,
    /// Why.
    pub reasons: Pii<String>,
    /// On what ground.
    pub clauses: Vec<ClauseId>,
}

/// A legal review.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Review {
    /// Number of the event.
    pub index: u32,
    /// Who made it.
    pub by: AccountId,
    /// It holds.
    pub passed: bool,
    /// What the reviewer says.
    pub opinion: Pii<String>,
}

/// A document that was made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Document {
    /// Its kind in the catalogue of documents.
    pub kind: String,
    /// Its number.
    pub number: String,
    /// Digest of its bytes.
    pub sha256: Sha256,
    /// Pages.
    pub pages: u32,
    /// Number of the event.
    pub index: u32,
    /// When it was made.
    pub at: UtcMs,
    /// How and when it was delivered, last.
    pub delivered: Option<(Way, CivilDate)>,
    /// It counts no more.
    pub void: bool,
}

/// A row in a register or a publication.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Row {
    /// Register or publication.
    pub list: String,
    /// The row.
    pub row: String,
    /// Number of the event.
    pub index: u32,
    /// It was withdrawn.
    pub withdrawn: bool,
}

/// What happened to a clock beside its steps.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ClockMarks {
    /// When it stood still.
    pub stops: Vec<Stop>,
    /// Why it was stopped, last.
    pub stopped_why: Option<Pii<String>>,
    /// Day on which leave to extend it was given, last.
    pub extended_on: Option<CivilDate>,
    /// Why it was extended.
    pub extended_why: Option<Pii<String>>,
    /// Leave to do it later or in parts, the last one.
    pub leave: Option<ClockLeave>,
}

/// Leave to do later, or in parts, what a clock sets a day for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClockLeave {
    /// Number of the event.
    pub index: u32,
    /// Day of the leave.
    pub on: CivilDate,
    /// Day on which the party asked for it.
    pub asked_on: CivilDate,
    /// The parts, by their days; never empty.
    pub parts: Vec<Part>,
    /// Why.
    pub reasons: Pii<String>,
}

impl ClockLeave {
    /// The last day of the last part.
    #[must_use]
    pub fn last_day(&self) -> CivilDate {
        self.parts.iter().map(|part| part.by).max().unwrap_or(self.on)
    }
}

/// Why a list of events is no case.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("event {index} of the case: {what}")]
pub struct FoldError {
    /// Its number in the list, from 0.
    pub index: u32,
    /// What is wrong.
    pub what: &'static str,
}

/// A case.
#[derive(Clone, PartialEq, Debug)]
pub struct Case {
    /// Word of its procedure.
    pub procedure: String,
    /// Digest of the packs that decide now.
    pub digest: Sha256,
    /// How these packs stood, each; empty where the events do not say.
    pub law: Vec<PackVersion>,
    /// The office that handles it.
    pub office: OfficeId,
    /// The day whose law decides.
    pub facts_on: CivilDate,
    /// How it came in.
    pub channel: Channel,
    /// Who applies, or whom it is about.
    pub party: Option<PartyId>,
    /// Short name for lists; it may be that of a person.
    pub title: Pii<String>,
    /// The case that it came from.
    pub from_case: Option<CaseId>,
    /// When it was opened.
    pub opened_at: UtcMs,
    /// By whom.
    pub opened_by: AccountId,
    /// How many events it has: its version.
    pub events: u32,
    /// When the last was entered.
    pub last_at: UtcMs,
    /// What was done and decided, in order; one step may stand there more than once.
    pub doings: Vec<Doing>,
    /// What was filled in last, by step or outcome, with the number of the event.
    pub values: BTreeMap<String, (u32, Values)>,
    /// Papers, in order.
    pub papers: Vec<CasePaper>,
    /// Every asking for what is missing, in order.
    pub askings: Vec<Asking>,
    /// The proposal that stands; none after it was sent back, did not pass the review, or was decided.
    pub proposal: Option<Decision>,
    /// Whoever proposed anything in it.
    pub proposers: BTreeSet<AccountId>,
    /// Reviews, in order.
    pub reviews: Vec<Review>,
    /// Every decision, in order; the last stands.
    pub decisions: Vec<Decision>,
    /// Stops and extensions, by clock.
    pub clocks: BTreeMap<String, ClockMarks>,
    /// Who handles it.
    pub assigned: Option<AccountId>,
    /// Number of the event by which they got it, last; 0: nobody was named yet.
    pub assigned_at: u32,
    /// Who was asked to keep out, and what became of it last.
    pub recusals: BTreeMap<AccountId, Settlement>,
    /// The panel of experts, with those who were taken off, in the order chosen.
    pub panel: Vec<Member>,
    /// Documents, in order.
    pub documents: Vec<Document>,
    /// Rows in registers, in order.
    pub registered: Vec<Row>,
    /// Rows in publications, in order.
    pub published: Vec<Row>,
    /// Day on which the applicant gave it up.
    pub abandoned: Option<CivilDate>,
    /// Events that hold a slip that was corrected.
    pub corrected: BTreeSet<u32>,
}

impl Case {
    /// The case that these events make.
    ///
    /// # Errors
    /// Names the first event that cannot have happened.
    pub fn fold(events: &[Recorded]) -> Result<Self, FoldError> {
        let (first, rest) = events.split_first().ok_or(FoldError { index: 0, what: "there is none" })?;
        let mut case = Self::begin(first)?;
        rest.iter().try_for_each(|event| case.apply(event))?;
        Ok(case)
    }

    /// The case after its first event.
    ///
    /// # Errors
    /// It is not number 0, or does not open a case.
    pub fn begin(first: &Recorded) -> Result<Self, FoldError> {
        let Event::Opened { procedure, digest, office, facts_on, channel, party, title, law, from_case } = &first.event
        else {
            return Err(FoldError { index: first.index, what: "a case begins by being opened" });
        };
        if first.index != 0 {
            return Err(FoldError { index: first.index, what: "the first event is number 0" });
        }
        if law.len() > MOST_PACKS {
            return Err(FoldError { index: first.index, what: "it names too many packs" });
        }
        Ok(Self {
            procedure: procedure.clone(),
            digest: *digest,
            law: law.clone(),
            office: *office,
            facts_on: *facts_on,
            channel: *channel,
            party: *party,
            title: Pii::new(title.clone()),
            from_case: *from_case,
            opened_at: first.at,
            opened_by: first.by,
            events: 1,
            last_at: first.at,
            doings: Vec::new(),
            values: BTreeMap::new(),
            papers: Vec::new(),
            askings: Vec::new(),
            proposal: None,
            proposers: BTreeSet::new(),
            reviews: Vec::new(),
            decisions: Vec::new(),
            clocks: BTreeMap::new(),
            assigned: None,
            assigned_at: 0,
            recusals: BTreeMap::new(),
            panel: Vec::new(),
            documents: Vec::new(),
            registered: Vec::new(),
            published: Vec::new(),
            abandoned: None,
            corrected: BTreeSet::new(),
        })
    }

    /// The next event. On an error the case is as it was.
    ///
    /// # Errors
    /// It cannot have happened here.
    pub fn apply(&mut self, recorded: &Recorded) -> Result<(), FoldError> {
        let fail = |what| FoldError { index: recorded.index, what };
        if recorded.index != self.events {
            return Err(fail("its number is not the next"));
        }
        if self.events >= MOST_EVENTS {
            return Err(fail("a case has no room for more events"));
        }
        if self.abandoned.is_some() && !recorded.event.winds_up() {
            return Err(fail("the case was given up"));
        }
        self.take(recorded).map_err(fail)?;
        self.events += 1;
        self.last_at = recorded.at;
        Ok(())
    }

    fn take(&mut self, recorded: &Recorded) -> Result<(), &'static str> {
        let index = recorded.index;
        match &recorded.event {
            Event::Opened { .. } => return Err("a case is opened once"),
            Event::Filled { step, values } => {
                self.values.insert(step.clone(), (index, values.clone()));
            }
            Event::StepDone { step, on, values, note, officers, set } => {
                self.values.insert(step.clone(), (index, values.clone()));
                let (set, values) = (set.clone(), values.clone());
                let done = Doing { set, values, ..doing(recorded, step, *on, officers, note) };
                self.doings.push(done);
            }
            Event::AskedForRest { step, on, materials, fields, until } => {
                let (materials, fields, until) = (materials.clone(), fields.clone(), *until);
                self.askings.push(Asking { index, on: *on, step: step.clone(), materials, fields, until });
                self.doings.push(doing(recorded, step, *on, &[], ""));
            }
            Event::PaperGiven { .. } | Event::PaperReturned { .. } => return self.take_paper(recorded),
            Event::Proposed { .. } | Event::SentBack { .. } | Event::Reviewed { .. } | Event::Decided { .. } => {
                return self.take_decision(recorded);
            }
            Event::ClockStopped { .. } | Event::ClockResumed { .. } | Event::ClockExtended { .. } => {
                return self.take_clock(&recorded.event);
            }
            Event::Deferred { .. } | Event::TakenBack { .. } => return self.take_money(recorded),
            Event::Assigned { to } => (self.assigned, self.assigned_at) = (Some(*to), recorded.index),
            Event::Recused { account, settled, .. } => return self.take_recusal(*account, *settled),
            Event::Panel { change } => return panel::take(&mut self.panel, recorded, change),
            Event::DocumentMade { .. }
            | Event::Delivered { .. }
            | Event::DocumentVoided { .. }
            | Event::Registered { .. }
            | Event::Published { .. }
            | Event::WithdrawnPublication { .. } => return self.take_result(recorded),
            Event::LawChanged { from, to, law } => {
                if *from != self.digest {
                    return Err("other packs decided so far");
                }
                if law.len() > MOST_PACKS {
                    return Err("it names too many packs");
                }
                self.digest = *to;
                self.law.clone_from(law);
            }
            Event::FactsChanged { from, to, .. } => {
                if *from != self.facts_on {
                    return Err("another day decided so far");
                }
                self.facts_on = *to;
            }
            Event::Abandoned { .. } => self.abandoned = Some(recorded.at.shanghai_date()),
            Event::Corrected { index: slip, .. } => {
                if *slip >= index {
                    return Err("it corrects what had not happened");
                }
                self.corrected.insert(*slip);
                self.put_right(index, *slip);
            }
            Event::Noted { .. } => {}
        }
        Ok(())
    }

    /// A value that was put right stands in the round of the step that it was filled in for: the form was filled in anew by the event before.
    fn put_right(&mut self, index: u32, slip: u32) {
        for (step, (filled, values)) in &self.values {
            let round = self.doings.iter_mut().rev().find(|d| d.node == *step && d.filled == slip);
            if let Some(round) = round.filter(|_| *filled + 1 == index) {
                round.values = values.clone();
                round.filled = *filled;
            }
        }
    }

    fn take_paper(&mut self, recorded: &Recorded) -> Result<(), &'static str> {
        match &recorded.event {
            Event::PaperGiven { material, sha256, bytes, kind, name } => self.papers.push(CasePaper {
                material: material.clone(),
                sha256: *sha256,
                bytes: *bytes,
                kind: *kind,
                name: name.clone().map(Pii::new),
                index: recorded.index,
                at: recorded.at,
                returned: false,
            }),
            Event::PaperReturned { sha256, .. } => {
                let held = self.papers.iter_mut().rev().find(|p| p.sha256 == *sha256 && !p.returned);
                held.ok_or("no such paper lies in the case")?.returned = true;
            }
            _ => return Err("it is about no paper"),
        }
        Ok(())
    }

    fn take_decision(&mut self, recorded: &Recorded) -> Result<(), &'static str> {
        let (index, by, at) = (recorded.index, recorded.by, recorded.at);
        match &recorded.event {
            Event::Proposed { outcome, values, reasons, clauses } => {
                let (on, reasons) = (at.shanghai_date(), Pii::new(reasons.clone()));
                let (outcome, values, clauses) = (outcome.clone(), values.clone(), clauses.clone());
                self.proposal = Some(Decision { index, by, at, on, outcome, values, reasons, clauses });
                self.proposers.insert(by);
            }
            Event::SentBack { .. } => {
                self.proposal.take().ok_or("nothing is proposed")?;
            }
            Event::Reviewed { passed, opinion } => {
                if self.proposal.is_none() {
                    return Err("nothing is proposed");
                }
                self.reviews.push(Review { index, by, passed: *passed, opinion: Pii::new(opinion.clone()) });
                if !passed {
                    self.proposal = None;
                }
            }
            Event::Decided { outcome, on, values, reasons, clauses, officers, .. } => {
                let values_then = values.clone();
                let done =
                    Doing { is_outcome: true, values: values_then, ..doing(recorded, outcome, *on, officers, reasons) };
                self.doings.push(done);
                self.values.insert(outcome.clone(), (index, values.clone()));
                let (on, reasons) = (*on, Pii::new(reasons.clone()));
                let (outcome, values, clauses) = (outcome.clone(), values.clone(), clauses.clone());
                self.decisions.push(Decision { index, by, at, on, outcome, values, reasons, clauses });
                self.proposal = None;
            }
            _ => return Err("it decides nothing"),
        }
        Ok(())
    }

    fn take_clock(&mut self, event: &Event) -> Result<(), &'static str> {
        let (Event::ClockStopped { clock, .. }
        | Event::ClockResumed { clock, .. }
        | Event::ClockExtended { clock, .. }) = event
        else {
            return Err("it is about no clock");
        };
        let marks = self.clocks.get(clock);
        let standing = marks.and_then(|m| m.stops.last()).filter(|stop| stop.to.is_none()).cloned();
        match event {
            Event::ClockStopped { cause, from, reason, .. } => {
                if standing.is_some() {
                    return Err("the clock stands still already");
                }
                let stop = Stop { cause: *cause, from: *from, to: None };
                let marks = self.clocks.entry(clock.clone()).or_default();
                marks.stops.push(stop);
                marks.stopped_why = Some(Pii::new(reason.clone()));
            }
            Event::ClockResumed { cause, to, .. } => {
                let stop = standing.ok_or("the clock does not stand still")?;
                if stop.cause != *cause || *to < stop.from {
                    return Err("the clock stands still for another cause, or from a later day");
                }
                if let Some(last) = self.clocks.entry(clock.clone()).or_default().stops.last_mut() {
                    last.to = Some(*to);
                }
            }
            Event::ClockExtended { on, reason, .. } => {
                // A clock that starts anew in a later round is extended again, and never on the day of the leave before.
                if marks.and_then(|m| m.extended_on).is_some_and(|before| *on <= before) {
                    return Err("the clock was extended before");
                }
                let marks = self.clocks.entry(clock.clone()).or_default();
                marks.extended_on = Some(*on);
                marks.extended_why = Some(Pii::new(reason.clone()));
            }
            _ => return Err("it is about no clock"),
        }
        Ok(())
    }

    /// Leave to pay later moves a clock; a payment that was entered wrongly opens its step again.
    fn take_money(&mut self, recorded: &Recorded) -> Result<(), &'static str> {
        match &recorded.event {
            Event::Deferred { clock, on, asked_on, parts, reasons } => {
                if parts.is_empty() {
                    return Err("leave has a part at least");
                }
                let (parts, reasons) = (parts.clone(), Pii::new(reasons.clone()));
                let leave = ClockLeave { index: recorded.index, on: *on, asked_on: *asked_on, parts, reasons };
                self.clocks.entry(clock.clone()).or_default().leave = Some(leave);
            }
            Event::TakenBack { step, .. } => {
                let last = self.doings.iter().rposition(|d| d.node == *step && !d.is_outcome);
                self.doings.remove(last.ok_or("the step was not done")?);
                self.values.remove(step);
            }
            _ => return Err("it is about no money"),
        }
        Ok(())
    }

    fn take_recusal(&mut self, account: AccountId, settled: Settlement) -> Result<(), &'static str> {
        match (settled, self.recusals.get(&account)) {
            (Settlement::Asked, None | Some(Settlement::Rejected)) => {}
            (Settlement::Asked, _) => return Err("it was asked already"),
            (_, Some(Settlement::Asked)) => {}
            _ => return Err("nobody asked that this person keep out"),
        }
        if settled == Settlement::Granted && self.assigned == Some(account) {
            self.assigned = None;
        }
        self.recusals.insert(account, settled);
        Ok(())
    }

    fn take_result(&mut self, recorded: &Recorded) -> Result<(), &'static str> {
        let (index, at) = (recorded.index, recorded.at);
        let row = |list: &str, row: &str| Row { list: list.to_owned(), row: row.to_owned(), index, withdrawn: false };
        match &recorded.event {
            Event::DocumentMade { kind, number, sha256, pages, .. } => {
                let (kind, number, sha256, pages) = (kind.clone(), number.clone(), *sha256, *pages);
                let (delivered, void) = (None, false);
                self.documents.push(Document { kind, number, sha256, pages, index, at, delivered, void });
            }
            Event::Delivered { document, way, on } => {
                let made = self.documents.iter_mut().rev().find(|d| d.sha256 == *document);
                made.ok_or("no such document was made")?.delivered = Some((*way, *on));
            }
            Event::DocumentVoided { document, .. } => {
                let made = self.documents.iter_mut().rev().find(|d| d.sha256 == *document && !d.void);
                made.ok_or("no such document counts")?.void = true;
            }
            Event::Registered { register, row: id } => self.registered.push(row(register, id)),
            Event::Published { publication, row: id } => self.published.push(row(publication, id)),
            Event::WithdrawnPublication { publication, row: id, .. } => {
                let shown = |r: &&mut Row| r.list == *publication && r.row == *id && !r.withdrawn;
                self.published.iter_mut().rev().find(shown).ok_or("no such row is published")?.withdrawn = true;
            }
            _ => return Err("it is no result"),
        }
        Ok(())
    }

    /// The last time a step was done or an outcome decided.
    #[must_use]
    pub fn done(&self, node: &str) -> Option<&Doing> {
        self.doings.iter().rev().find(|d| d.node == node)
    }

    /// Number of the event by which the party was told anew; `None` where it was told once or never. What was said of the first telling is not of
    /// this one.
    #[must_use]
    pub fn told_anew(&self) -> Option<u32> {
        let mut told = self.doings.iter().rev().filter(|d| d.node == TELL);
        let last = told.next()?.index;
        told.next().map(|_| last)
    }

    /// The decision that stands: the last one.
    #[must_use]
    pub fn outcome(&self) -> Option<&Decision> {
        self.decisions.last()
    }

    /// What is missing was named already in this round: since the decision that stands, or in all where nothing is decided.
    #[must_use]
    pub fn was_asked(&self) -> bool {
        let decided = self.outcome().map(|d| d.index);
        self.askings.last().is_some_and(|a| decided.is_none_or(|d| a.index > d))
    }

    /// What was filled in last for a step or outcome.
    #[must_use]
    pub fn values_of(&self, node: &str) -> Option<&Values> {
        self.values.get(node).map(|(_, values)| values)
    }

    /// The steps and outcomes that an account did or is named in.
    pub fn handled(&self, account: AccountId) -> impl Iterator<Item = &str> {
        let by = move |d: &&Doing| d.by == account || d.officers.contains(&account);
        self.doings.iter().filter(by).map(|d| d.node.as_str())
    }

    /// It was decided that this account keeps out.
    #[must_use]
    pub fn is_recused(&self, account: AccountId) -> bool {
        self.recusals.get(&account) == Some(&Settlement::Granted)
    }

    /// The last paper of this material, step or outcome that lies in the case.
    #[must_use]
    pub fn paper(&self, material: &str) -> Option<&CasePaper> {
        self.papers.iter().rev().find(|p| p.material == material && !p.returned)
    }

    /// The run of a clock that started on `start` by event `index`: later stops and leave, and the number its document set.
    #[must_use]
    pub fn clock_run(&self, clock: &str, starts: &str, start: CivilDate) -> ClockRun {
        let marks = self.clocks.get(clock).cloned().unwrap_or_default();
        let stops = marks.stops.into_iter().filter(|stop| stop.from >= start).collect();
        let extended_on = marks.extended_on.filter(|on| *on >= start);
        let set = self.done(starts).and_then(|d| d.set.get(clock).copied());
        ClockRun { start, stops, extended_on, set }
    }
}

fn doing(recorded: &Recorded, node: &str, on: CivilDate, officers: &[AccountId], note: &str) -> Doing {
    Doing {
        node: node.to_owned(),
        index: recorded.index,
        on,
        at: recorded.at,
        by: recorded.by,
        officers: officers.to_vec(),
        is_outcome: false,
        note: Pii::new(note.to_owned()),
        set: BTreeMap::new(),
        values: Values::default(),
        filled: recorded.index,
    }
}
