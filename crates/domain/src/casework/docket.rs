//! A case with its procedure, the packs and the day: what every question about it needs, and the graph of its steps and outcomes.
//!
//! Always true: a step or outcome is open if something it comes after was done later than itself and not before the decision that stands;
//! so a decision closes what came before it, opens what follows it, and only what follows it can lead to another one. A step that comes after
//! itself too may be done again and again until the decision, as each questioning is; a penalty is told anew only as AP-45 lets it.

use super::case::{Case, Doing};
use super::keeping;
use super::seat::{Seat, seat_of_outcome, seat_of_step};
use super::words::{
    ACCEPT, ADVERSE, ANNUL, APPROVE_EVIDENCE, APPROVE_OPENING, ASK_DEFERRAL, ASK_FOR_HEARING, ASK_FOR_REST, BY_REPORT,
    CANCELLED, COMPLETE, DELIVER, FINE, HEARING_RIGHT, HOLD_HEARING, NEW_EVIDENCE, NOT, NOT_ACCEPTED, NOT_OPENED, PAY,
    PUBLISH, REFUSE_DEFERRAL, REGISTER_EVIDENCE, SERVE_RESULT, SETTLE_EVIDENCE, SOURCE, SPOKEN, TELL, TELL_REPORTER,
    WHENEVER, WITHDRAW,
};
use crate::form::Value;
use base::{AccountId, CivilDate, ClauseId, Text};
use law::{Clock, ClockRun, FieldKind, Guard, Material, Outcome, Packs, Party, Procedure, ProcedureKind, Step, When};
use std::collections::BTreeSet;

/// A case with all that decides about it.
#[derive(Clone, Copy, Debug)]
pub struct Docket<'a> {
    /// The packs.
    pub packs: &'a Packs,
    /// Its procedure, of these packs.
    pub procedure: &'a Procedure,
    /// The case.
    pub case: &'a Case,
    /// Today.
    pub today: CivilDate,
}

/// A step or an outcome.
#[derive(Clone, Copy, Debug)]
pub enum Node<'a> {
    /// A step.
    Step(&'a Step),
    /// An outcome.
    Outcome(&'a Outcome),
}

impl<'a> Node<'a> {
    /// Its word.
    #[must_use]
    pub fn id(self) -> &'a str {
        match self {
            Self::Step(s) => &s.id,
            Self::Outcome(o) => &o.id,
        }
    }

    /// What it comes after; the first step after nothing.
    #[must_use]
    pub fn after(self) -> &'a [String] {
        match self {
            Self::Step(s) => &s.after,
            Self::Outcome(o) => &o.after,
        }
    }

    /// What must be there before it is taken.
    #[must_use]
    pub fn needs(self) -> &'a [Guard] {
        match self {
            Self::Step(s) => &s.needs,
            Self::Outcome(o) => &o.needs,
        }
    }

    /// The clause that asks it.
    #[must_use]
    pub fn clause(self) -> &'a ClauseId {
        match self {
            Self::Step(s) => &s.clause,
            Self::Outcome(o) => &o.clause,
        }
    }

    /// In words.
    #[must_use]
    pub fn name(self) -> Text {
        match self {
            Self::Step(s) => Text::of(s.zh.clone(), s.en.clone()),
            Self::Outcome(o) => Text::of(o.zh.clone(), o.en.clone()),
        }
    }

    /// It is an outcome.
    #[must_use]
    pub const fn is_outcome(self) -> bool {
        matches!(self, Self::Outcome(_))
    }

    /// The party that does it, by the procedure.
    #[must_use]
    pub fn party(self, procedure: &Procedure) -> Party {
        match self {
            Self::Step(s) => s.who,
            Self::Outcome(_) => procedure.organ,
        }
    }

    /// The seat from which it is done.
    #[must_use]
    pub fn seat(self, procedure: &Procedure) -> Seat {
        match self {
            Self::Step(s) => seat_of_step(procedure, s),
            Self::Outcome(o) => seat_of_outcome(procedure, o),
        }
    }

    /// It is done by the head alone.
    #[must_use]
    pub fn is_heads(self, procedure: &Procedure) -> bool {
        self.seat(procedure) == Seat::Head
    }
}

/// Steps, then outcomes, in the order of the file.
pub fn nodes(procedure: &Procedure) -> impl Iterator<Item = Node<'_>> {
    procedure.steps.iter().map(Node::Step).chain(procedure.outcomes.iter().map(Node::Outcome))
}

/// The step or outcome of this word.
#[must_use]
pub fn node<'a>(procedure: &'a Procedure, id: &str) -> Option<Node<'a>> {
    nodes(procedure).find(|n| n.id() == id)
}

/// The step by which the decision that stands is served: its own, where the procedure has one for it, else that of all decisions.
#[must_use]
pub(super) fn serving<'a>(procedure: &'a Procedure, case: &Case) -> Option<Node<'a>> {
    let decided = case.outcome().map(|d| d.outcome.as_str());
    let of_it = |n: &Node<'a>| decided.is_some_and(|decided| n.after().iter().any(|a| a == decided));
    let own = node(procedure, SERVE_RESULT).filter(of_it);
    own.or_else(|| node(procedure, DELIVER)).filter(|n| !n.is_outcome())
}

/// The step or outcome of ours where the proof of a delivery lies: the step by which documents are delivered, where the procedure has one;
/// else the outcome that was decided; else the last step of ours that was done.
#[must_use]
pub fn proof_place<'a>(procedure: &'a Procedure, case: &Case) -> Option<Node<'a>> {
    let ours = |n: &Node<'a>| !matches!(n.seat(procedure), Seat::Applicant | Seat::Outside);
    let decided = || case.outcome().and_then(|d| node(procedure, &d.outcome)).filter(ours);
    let done = || case.doings.iter().rev().find_map(|d| node(procedure, &d.node).filter(ours));
    let step = serving(procedure, case).filter(ours);
    step.or_else(decided).or_else(done).or_else(|| nodes(procedure).find(ours))
}

/// The outcome burdens somebody: reasons and a clause must stand in it.
#[must_use]
pub fn is_adverse(procedure: &Procedure, outcome: &Outcome) -> bool {
    matches!(procedure.kind, ProcedureKind::Penalty | ProcedureKind::Enforcement)
        || outcome.needs.contains(&Guard::Reasons)
        || outcome.id.starts_with(NOT)
        || ADVERSE.contains(&outcome.id.as_str())
}

/// The outcome imposes something in money: its form asks for a sum.
#[must_use]
pub fn imposes_money(procedure: &Procedure, outcome: &Outcome) -> bool {
    procedure.fields.iter().any(|f| f.step == outcome.id && f.kind == FieldKind::Yuan)
}

/// The step by which what is missing is named: `ask_for_rest`, else the step before the completion; `None` where nothing is completed.
#[must_use]
pub fn asking_step(procedure: &Procedure) -> Option<&Step> {
    let of = |id: &str| procedure.steps.iter().find(|s| s.id == id);
    of(ASK_FOR_REST).or_else(|| of(of(COMPLETE)?.after.first()?))
}

impl<'a> Docket<'a> {
    /// The same on another day.
    #[must_use]
    pub const fn on(self, today: CivilDate) -> Self {
        Self { today, ..self }
    }

    /// Of a case that was entered after its procedure had ended, the last day that is known of it: that of its last act, else that of its
    /// facts. `None` of any other: what is done there is done today.
    #[must_use]
    pub fn last_known_day(&self) -> Option<CivilDate> {
        let case = self.case;
        if !self.procedure.has_ended(case.opened_at.shanghai_date()) {
            return None;
        }
        Some(case.doings.iter().map(|d| d.on).max().map_or(case.facts_on, |last| last.max(case.facts_on)))
    }

    /// The day of receipt, where what is missing was not named in time: the application then counts as accepted from that day. Of what is
    /// entered after its procedure had ended, nothing is late before a later day is known.
    #[must_use]
    pub fn accepted_by_lapse(&self) -> Option<CivilDate> {
        let clock = self.completion()?;
        let start = self.case.done(&clock.starts)?;
        let due = self.packs.clock_due(&self.procedure.id, &clock.id, &ClockRun::from(start.on), self.today).ok()?;
        let due = due.deadline.day()?;
        // The first time counts: what was asked late cannot undo what the law had already said.
        let in_time = |d: &&Doing| clock.ends.contains(&d.node) && d.index > start.index && d.on <= due;
        (due < self.last_known_day().unwrap_or(self.today) && !self.case.doings.iter().any(|d| in_time(&d)))
            .then_some(start.on)
    }

    /// The clock by which what is missing is to be named.
    fn completion(&self) -> Option<&'a Clock> {
        self.procedure.clocks.iter().find(|c| c.ends.iter().any(|end| end == ASK_FOR_REST) && self.has_clock(c))
    }

    /// The day of acceptance: by lapse where that was earlier.
    #[must_use]
    pub fn accepted_on(&self) -> Option<CivilDate> {
        let done = ACCEPT.iter().filter_map(|id| self.case.done(id)).map(|d| d.on).min();
        match (self.accepted_by_lapse(), done) {
            (Some(lapse), Some(on)) => Some(lapse.min(on)),
            (lapse, on) => lapse.or(on),
        }
    }

    /// Whether a step or outcome is open by the order of the procedure, and after what; the first step is open after nothing.
    #[must_use]
    pub fn opened_by(&self, node: Node<'a>) -> Option<&'a str> {
        if self.case.abandoned.is_some() {
            return None;
        }
        let last = self.case.done(node.id()).map(|d| d.index);
        let floor = self.case.outcome().map(|d| d.index);
        if node.after().is_empty() {
            return (last.is_none() && floor.is_none()).then_some("");
        }
        if node.id() == TELL_REPORTER && self.answer(SOURCE).as_deref() != Some(BY_REPORT) {
            return None;
        }
        // What was opened with the head's leave ends by what the inquiry found.
        if node.id() == NOT_OPENED && ["investigate", APPROVE_OPENING].iter().any(|id| self.case.done(id).is_some()) {
            return None;
        }
        if self.is_deferral_over(node) {
            return None;
        }
        // What was taken in is decided by what it says.
        if node.id() == NOT_ACCEPTED && ACCEPT.iter().any(|id| self.case.done(id).is_some()) {
            return None;
        }
        if self.is_asking_late(node) || (self.is_told_for_good(node) && !self.lacks_hearing_right()) {
            return None;
        }
        let stands = |index: u32| floor.is_none_or(|f| index >= f);
        let counts = |index: u32| stands(index) && last.is_none_or(|l| index > l);
        let again = |id: &str, index: u32| id == node.id() && stands(index);
        let after = |id: &'a String| self.done_at(id).filter(|i| counts(*i) || again(id, *i)).map(|i| (i, id.as_str()));
        let found = node.after().iter().filter_map(after).max();
        let still = || self.still_kept(node, floor).or_else(|| self.still_approved(node, floor));
        found.map(|f| f.1).or_else(|| self.still_filed(node, last)).or_else(still)
    }

    /// The registration of evidence after which it is still to be settled: one settlement is about one of several.
    fn still_kept(&self, node: Node<'a>, floor: Option<u32>) -> Option<&'a str> {
        let after = node.after().iter().find(|id| *id == REGISTER_EVIDENCE).filter(|_| node.id() == SETTLE_EVIDENCE)?;
        let stands = |d: &&Doing| floor.is_none_or(|floor| d.index >= floor);
        keeping::unsettled(self.case).iter().any(stands).then_some(after.as_str())
    }

    /// The approval after which evidence is still to be registered: of several given before it one registration uses one.
    fn still_approved(&self, node: Node<'a>, floor: Option<u32>) -> Option<&'a str> {
        let after =
            node.after().iter().find(|id| *id == APPROVE_EVIDENCE).filter(|_| node.id() == REGISTER_EVIDENCE)?;
        let stands = |d: &&Doing| floor.is_none_or(|floor| d.index >= floor);
        keeping::approved(self.case).iter().any(stands).then_some(after.as_str())
    }

    /// The decision by which a filing stands, where a change of it was refused since: it may be changed again or given up as before.
    fn still_filed(&self, node: Node<'a>, last: Option<u32>) -> Option<&'a str> {
        let (refusal, before) = self.case.decisions.split_last()?;
        let follows = |outcome: &String| node.after().contains(outcome);
        let said_since = last.is_some_and(|last| last > refusal.index);
        if !WHENEVER.contains(&node.id()) || said_since || refusal.outcome == CANCELLED || follows(&refusal.outcome) {
            return None;
        }
        let stands = before.iter().rev().find(|d| d.outcome == CANCELLED || follows(&d.outcome))?;
        node.after().iter().find(|id| **id == stands.outcome).map(String::as_str)
    }

    /// Number of the event by which it was done; an acceptance that was not made in time was made by lapse, with the application.
    fn done_at(&self, id: &str) -> Option<u32> {
        let lapsed = || {
            let clock = self.completion().filter(|c| ACCEPT.contains(&id) && c.ends.iter().any(|end| end == id))?;
            self.accepted_by_lapse().and(self.case.done(&clock.starts)).map(|d| d.index)
        };
        self.case.done(id).map(|d| d.index).or_else(lapsed)
    }

    /// Payment later is asked for while a fine is owed (AP-66 speaks of nothing else), and refused while the last request is not answered.
    fn is_deferral_over(&self, node: Node<'a>) -> bool {
        match node.id() {
            ASK_DEFERRAL => !self.owes_fine(),
            REFUSE_DEFERRAL => !self.asks_deferral(),
            _ => false,
        }
    }

    /// The decision imposes a fine, and it is neither paid nor was the decision changed or annulled.
    fn owes_fine(&self) -> bool {
        let fine = self.case.outcome().and_then(|d| d.values.number(FINE)).unwrap_or(0);
        fine > 0 && ![PAY, ANNUL].iter().any(|id| self.case.done(id).is_some())
    }

    /// Payment later was asked for, neither allowed nor refused since, and is still to be made.
    #[must_use]
    pub fn asks_deferral(&self) -> bool {
        if !self.owes_fine() {
            return false;
        }
        let allowed = self.case.clocks.get(PAY).and_then(|marks| marks.leave.as_ref()).map(|leave| leave.index);
        let answered = self.case.done(REFUSE_DEFERRAL).map(|d| d.index).max(allowed);
        self.case.done(ASK_DEFERRAL).is_some_and(|asked| answered.is_none_or(|answered| answered < asked.index))
    }

    /// What is missing is asked for while the application is not accepted, not after it.
    fn is_asking_late(&self, node: Node<'a>) -> bool {
        node.id() == ASK_FOR_REST
            && ACCEPT.iter().any(|id| self.procedure.steps.iter().any(|s| s.id == *id) && self.case.done(id).is_some())
    }

    /// It is a telling that was made, to which the party has spoken, and nothing new was found since: to tell a heavier penalty now would be
    /// for the defence alone. Before the party has spoken, and after new evidence, it is told anew, with a time of its own.
    pub(super) fn is_told_for_good(&self, node: Node<'a>) -> bool {
        let Some(told) = self.case.done(TELL).filter(|_| node.id() == TELL && node.after().iter().any(|a| a == TELL))
        else {
            return false;
        };
        let since = |ids: &[&str]| ids.iter().any(|id| self.case.done(id).is_some_and(|d| d.index > told.index));
        since(&SPOKEN) && !since(&NEW_EVIDENCE)
    }

    /// The telling can give the right to a hearing, and did not: that alone is still told after the party has spoken.
    fn lacks_hearing_right(&self) -> bool {
        self.procedure.field(HEARING_RIGHT).is_some_and(|f| f.step == TELL) && self.flag(HEARING_RIGHT) != Some(true)
    }

    /// It was told anew, and the step that leads to this outcome was done before that: its record is of what was told first.
    #[must_use]
    pub fn is_of_earlier_telling(&self, node: Node<'_>) -> bool {
        let latest = node.after().iter().filter_map(|a| self.case.done(a)).map(|d| d.index).max();
        let told = self.case.done(TELL).map(|d| d.index);
        node.is_outcome() && latest.zip(told).is_some_and(|(latest, told)| latest < told)
    }

    /// Everything that is open by the order of the procedure, with what it follows.
    #[must_use]
    pub fn open(&self) -> Vec<(Node<'a>, &'a str)> {
        nodes(self.procedure).filter_map(|n| self.opened_by(n).map(|from| (n, from))).collect()
    }

    /// What was asked for and not yet completed.
    #[must_use]
    pub fn awaits_rest(&self) -> bool {
        let asked = self.case.askings.last().map(|a| a.index);
        let completed = self.case.done(COMPLETE).map(|d| d.index);
        asked.is_some_and(|a| completed.is_none_or(|c| c < a))
    }

    /// Papers without which the application is not complete. A paper of which the text is lost is never asked for.
    #[must_use]
    pub fn missing(&self) -> Vec<&'a Material> {
        let given = |m: &Material| self.case.paper(&m.id).is_some();
        let all = &self.procedure.materials;
        let enough = |m: &Material| {
            given(m) || (!m.one_of.is_empty() && all.iter().any(|other| other.one_of == m.one_of && given(other)))
        };
        all.iter().filter(|m| m.required && !m.gap && !enough(m)).collect()
    }

    /// A hearing was asked for and not held.
    #[must_use]
    pub fn owes_hearing(&self) -> bool {
        let asked = self.case.done(ASK_FOR_HEARING).map(|d| d.index);
        let held = self.case.done(HOLD_HEARING).map(|d| d.index);
        asked.is_some_and(|a| held.is_none_or(|h| h < a))
    }

    /// The day of the public notice by which the paper of a step was served, as it was filled in last.
    #[must_use]
    pub fn notice_day(&self, step: &str) -> Option<CivilDate> {
        let field = self.procedure.notice_field(step)?;
        self.case.values_of(step)?.day(&field.id)
    }

    /// Evidence was registered and kept, and nothing was decided about some of it since.
    #[must_use]
    pub fn owes_evidence(&self) -> bool {
        !keeping::unsettled(self.case).is_empty()
    }

    /// What was answered last to a field, wherever its step is, as it would be typed again.
    #[must_use]
    pub fn answer(&self, id: &str) -> Option<String> {
        let field = self.procedure.field(id)?;
        self.case.values_of(&field.step)?.get(id).map(Value::typed)
    }

    /// A clock of the procedure is one of this case: it runs in all, or its condition was answered so; nobody pays what was not imposed,
    /// and nobody withdraws what was never published.
    #[must_use]
    pub fn has_clock(&self, clock: &Clock) -> bool {
        let ends = |step: &str| clock.ends.iter().any(|end| end == step);
        let answered = |when: &When| self.answer(&when.field).as_deref() == Some(when.is.as_str());
        clock.when.as_ref().is_none_or(answered)
            && (!ends(PAY) || self.imposed_yuan() > 0)
            && (!ends(WITHDRAW) || self.was_published())
    }

    /// The sums that the decision that stands imposes, together, yuan.
    #[must_use]
    pub fn imposed_yuan(&self) -> i64 {
        let Some(decision) = self.case.outcome() else { return 0 };
        let sums = self.procedure.fields_at(&decision.outcome).filter(|f| f.kind == FieldKind::Yuan);
        sums.filter_map(|f| decision.values.number(&f.id)).fold(0, i64::saturating_add)
    }

    /// Something of the case was made public, by its step or in a publication.
    #[must_use]
    pub fn was_published(&self) -> bool {
        self.case.done(PUBLISH).is_some() || !self.case.published.is_empty()
    }

    /// Who works on a penalty beside whoever handles it: the officers named since at a step for which the law wants two (AP-42), who need not
    /// keep out.
    #[must_use]
    pub fn beside_handler(&self) -> BTreeSet<AccountId> {
        let Some(handler) = self.case.assigned.filter(|_| self.procedure.kind == ProcedureKind::Penalty) else {
            return BTreeSet::new();
        };
        let by_two = |id: &str| node(self.procedure, id).is_some_and(|n| n.needs().contains(&Guard::TwoOfficers));
        let since = self.case.doings.iter().filter(|d| d.index > self.case.assigned_at && by_two(&d.node));
        let named = since.flat_map(|d| d.officers.iter().copied());
        named.filter(|account| *account != handler && !self.case.is_recused(*account)).collect()
    }

    /// What was answered last to a yes-or-no field, wherever its step is.
    #[must_use]
    pub fn flag(&self, id: &str) -> Option<bool> {
        let field = self.procedure.field(id)?;
        self.case.values_of(&field.step)?.flag(id)
    }

    /// The clock within which a hearing can still be asked for, and its first day, where the right was told and the party has neither asked
    /// for it nor given it up since.
    #[must_use]
    pub fn hearing_time(&self) -> Option<(&'a Clock, CivilDate)> {
        let told = self.procedure.field(HEARING_RIGHT).filter(|_| self.flag(HEARING_RIGHT) == Some(true))?;
        let mut clocks = self.procedure.clocks.iter().filter(|c| c.starts == told.step && self.has_clock(c));
        let clock = clocks.find(|c| c.ends.iter().any(|end| end == ASK_FOR_HEARING))?;
        let start = self.case.done(&clock.starts)?;
        let answered = self.case.doings.iter().any(|d| d.index > start.index && clock.ends.contains(&d.node));
        (!answered).then_some((clock, start.on))
    }
}
