//! What an act in a case leads to: `decide(docket, command, who, checks)` gives events or a refusal in words, and changes nothing.
//!
//! ```text
//! seen the last event? ─▶ law gate ─▶ given up? ─▶ may this seat, of this office, this account? ─▶ open by the order of the procedure?
//!   ─▶ does anything stand in the way (gate) ─▶ form, words, days ─▶ events
//! ```
//!
//! Always true: what comes out folds; nobody decides what they proposed or handled; a refusal changes nothing, and says what to do next.

mod outcome;
mod panel;
mod people;
mod record;
mod step;
mod time;

pub use record::is_correctable;

use super::case::{Case, MOST_EVENTS};
use super::command::{CaseAct, Checks, Command, Opening, Typed};
use super::delegation::may_delegate;
use super::docket::{Docket, Node, node};
use super::event::{Channel, Event};
use super::law_change::versions;
use super::refuse;
use super::seat::{Seat, Who, is_ours, may_enter};
use super::steps::fields_of;
use super::words::{ASK_FOR_HEARING, LEGAL_REVIEW};
use crate::form::{self, Values};
use crate::own_words::own_words;
use base::{AccountId, CivilDate, ClauseId, Refusal, Text, limits};
use law::{Guard, Packs, Procedure, ProcedureKind};

/// Fewest letters of the reasons of a decision or refusal, and most characters.
pub const REASONS_CHARS: (usize, usize) = (10, limits::FREE_TEXT_CHARS);
/// Fewest letters of a short reason, and most characters.
pub const REASON_CHARS: (usize, usize) = (2, limits::FREE_TEXT_CHARS);
/// Longest word, number or row that an event holds, characters.
pub const WORD_CHARS: usize = 120;
/// Most clauses of a decision.
pub const MOST_CLAUSES: usize = 40;
/// Most papers of a case.
pub const MOST_PAPERS: usize = 300;
/// Most persons named in one act, and most things named as missing.
pub const MOST_NAMED: usize = 100;
/// Most events that one act leads to.
const EVENTS_OF_ACT: u32 = 2;

/// What opening a case leads to; a penalty and its enforcement have a handler from the beginning, the officer who opens them.
///
/// # Errors
/// `procedure_ended` and `procedure_not_in_force` (the day of the facts), `facts_to_come`, `facts_today` (online), `not_your_step`,
/// `not_your_case`, `other_office`, `title`.
pub fn open(
    packs: &Packs,
    procedure: &Procedure,
    opening: &Opening,
    who: &Who,
    today: CivilDate,
) -> Result<Vec<Event>, Refusal> {
    may_open(procedure, opening, who)?;
    if opening.facts_on > today {
        return Err(refuse::bad(
            "facts_to_come",
            Text::new("日期不得晚于今天。", "The day must not be in the future."),
        ));
    }
    if opening.channel == Channel::Online && opening.facts_on != today {
        let what = Text::new("网上申请的日期为今天。", "An application made online has the date of today.");
        return Err(refuse::bad("facts_today", what));
    }
    in_force(packs, procedure, opening.facts_on)?;
    let title = line(&opening.title, 1, limits::NAME_CHARS).ok_or_else(|| {
        refuse::bad("title", Text::new("请填写案卷名称，一行，不要太长。", "Give the case a short name, on one line."))
    })?;
    let opened = Event::Opened {
        procedure: procedure.id.clone(),
        digest: packs.digest().all,
        office: opening.office,
        facts_on: opening.facts_on,
        channel: opening.channel,
        party: opening.party,
        title,
        law: versions(packs, procedure),
        from_case: opening.from_case,
    };
    // Who begins a penalty or its enforcement handles it, until the head names another.
    let is_own = opening.channel == Channel::OwnMotion
        && matches!(procedure.kind, ProcedureKind::Penalty | ProcedureKind::Enforcement);
    Ok(std::iter::once(opened).chain(is_own.then_some(Event::Assigned { to: who.account })).collect())
}

fn may_open(procedure: &Procedure, opening: &Opening, who: &Who) -> Result<(), Refusal> {
    let seat = match opening.channel {
        Channel::Online => who.seat == Seat::Applicant && !is_ours(procedure.applicant),
        Channel::Counter => matches!(who.seat, Seat::Counter | Seat::Officer),
        Channel::OwnMotion => who.seat == Seat::Officer,
    };
    if !seat {
        return Err(not_your_step());
    }
    match opening.channel {
        Channel::Online if who.party.is_none() || who.party != opening.party => Err(not_your_case()),
        Channel::Online => Ok(()),
        _ if who.office != Some(opening.office) => Err(other_office()),
        _ => Ok(()),
    }
}

fn in_force(packs: &Packs, procedure: &Procedure, on: CivilDate) -> Result<(), Refusal> {
    if procedure.in_force(on) {
        return Ok(());
    }
    let name = procedure.name();
    if let Some(until) = procedure.until.filter(|until| *until <= on) {
        let why = procedure.ended_by.iter().filter_map(|clause| packs.cite(clause)).collect();
        return Err(Refusal::new(
            base::ErrorKind::Unlawful,
            "procedure_ended",
            Text::of(
                format!("「{}」自 {until} 起已经取消，不再受理。", name.zh),
                format!("\"{}\" was ended on {until}; nothing is accepted since.", name.en),
            ),
            Text::new(
                "此前的案卷可以按当时的日期补录；现在的事项请改用其他程序。",
                "A case of before is entered with its own day; for today's matters choose another procedure.",
            ),
        )
        .citing(why));
    }
    let from = procedure.from;
    let what = Text::of(
        format!("「{}」自 {from} 起施行，所填日期在此之前。", name.zh),
        format!("\"{}\" is in force from {from}; the day is before that.", name.en),
    );
    let why = procedure.clauses.iter().take(1).filter_map(|clause| packs.cite(clause)).collect();
    Err(refuse::bad("procedure_not_in_force", what).citing(why))
}

/// What an act in a case leads to.
///
/// # Errors
/// `case_moved_on`, `case_full`, `case_ended`, what the law gate refused, and what each act can meet: `not_your_step`, `not_your_case`,
/// `other_office`, `not_assigned`, `recused`, `step_not_open`, the refusals of the gate (`materials_missing`, `too_early` and more), `form`.
pub fn decide(docket: &Docket<'_>, command: &Command, who: &Who, checks: &Checks<'_>) -> Result<Vec<Event>, Refusal> {
    let case = docket.case;
    if command.seen != case.events || case.procedure != docket.procedure.id {
        return Err(refuse::moved_on());
    }
    if case.events.saturating_add(EVENTS_OF_ACT) > MOST_EVENTS {
        return Err(refuse::full());
    }
    if let Some(refusal) = checks.law {
        return Err(refusal.clone());
    }
    if case.abandoned.is_some() && !command.act.winds_up() {
        return Err(refuse::ended());
    }
    let desk = Desk { docket, who, checks };
    if checks.heads.deputy.is_some() {
        desk.may_in_heads_place(&command.act)?;
    }
    match &command.act {
        CaseAct::Fill { .. } | CaseAct::AskForRest { .. } | CaseAct::Done { .. } => step::decide(&desk, &command.act),
        CaseAct::Propose { .. } | CaseAct::SendBack { .. } | CaseAct::Review { .. } | CaseAct::Decide { .. } => {
            outcome::decide(&desk, &command.act)
        }
        CaseAct::StopClock { .. }
        | CaseAct::ResumeClock { .. }
        | CaseAct::ExtendClock { .. }
        | CaseAct::Defer { .. }
        | CaseAct::TakeBack { .. } => time::decide(&desk, &command.act),
        CaseAct::Assign { .. }
        | CaseAct::AskRecusal { .. }
        | CaseAct::SettleRecusal { .. }
        | CaseAct::EnterRecusal { .. } => people::decide(&desk, &command.act),
        CaseAct::Panel { change } => panel::decide(&desk, change),
        _ => record::decide(&desk, &command.act),
    }
}

/// Whether somebody may act in a case from a seat now, for acts that are no event of it: of this office or party, in its hands or standing in for
/// whoever has it, and not kept out.
///
/// # Errors
/// `not_your_step`, `not_your_case`, `other_office`, `not_assigned`, `recused`.
pub fn may_act(docket: &Docket<'_>, who: &Who, checks: &Checks<'_>, seat: Seat) -> Result<(), Refusal> {
    Desk { docket, who, checks }.may(seat)
}

/// The docket, who acts on it, and what the caller established.
struct Desk<'a, 'b> {
    docket: &'b Docket<'a>,
    who: &'b Who,
    checks: &'b Checks<'b>,
}

impl<'a> Desk<'a, '_> {
    fn case(&self) -> &'a Case {
        self.docket.case
    }

    fn procedure(&self) -> &'a Procedure {
        self.docket.procedure
    }

    /// The step or outcome of this word, if it is open.
    fn open_node(&self, id: &str) -> Result<Node<'a>, Refusal> {
        let found = self.node(id)?;
        match self.docket.opened_by(found) {
            Some(_) => Ok(found),
            None => Err(refuse::not_open(self.docket, found)),
        }
    }

    /// The step or outcome of this word.
    fn node(&self, id: &str) -> Result<Node<'a>, Refusal> {
        node(self.procedure(), id).ok_or_else(|| refuse::unknown(Text::new("这个步骤", "such step")))
    }

    /// Somebody in this seat, of this office or party, who handles the case and need not keep out.
    fn may(&self, seat: Seat) -> Result<(), Refusal> {
        if !may_enter(self.who.seat, seat) {
            return Err(not_your_step());
        }
        self.is_of_case()?;
        let case = self.case();
        // Whoever stands in for the handler acts in their place, and under their own name.
        let others = |a: AccountId| a != self.who.account && !self.checks.stands_for.contains(&a);
        let beside = || self.docket.beside_handler().contains(&self.who.account);
        if self.who.seat == Seat::Officer && case.assigned.is_some_and(others) && !beside() {
            return Err(refuse::forbidden(
                "not_assigned",
                Text::new("本案由其他承办人办理。", "Another officer handles this case."),
                Text::new("请承办人办理，或者由负责人改派。", "That officer acts, or the head names another."),
            ));
        }
        Ok(())
    }

    /// Of the office or party of the case, and not kept out.
    fn is_of_case(&self) -> Result<(), Refusal> {
        let case = self.case();
        match self.who.seat {
            Seat::Applicant if case.party.is_none() || self.who.party != case.party => return Err(not_your_case()),
            Seat::Applicant => {}
            Seat::Outside => return Err(not_your_step()),
            _ if self.who.office != Some(case.office) => return Err(other_office()),
            _ => {}
        }
        self.need_not_keep_out()
    }

    /// It was not decided that this person keeps out.
    fn need_not_keep_out(&self) -> Result<(), Refusal> {
        if self.case().is_recused(self.who.account) {
            return Err(refuse::forbidden(
                "recused",
                Text::new("您已被决定回避本案。", "You are recused from this case."),
                Text::new("请由其他人员办理。", "Somebody else has to act in it."),
            ));
        }
        Ok(())
    }

    /// Somebody of the organ: officer, head, reviewer, counter or publisher.
    fn is_of_office(&self) -> Result<(), Refusal> {
        if matches!(self.who.seat, Seat::Applicant | Seat::Outside) {
            return Err(not_your_step());
        }
        self.is_of_case()
    }

    /// Nobody approves their own work: the account proposed nothing, and handled nothing but what belongs to its own seat.
    fn is_independent(&self, seat: Seat) -> Result<(), Refusal> {
        let own = |id: &str| node(self.procedure(), id).is_some_and(|n| n.seat(self.procedure()) == seat);
        let account = self.who.account;
        let case = self.case();
        let reviewed = seat != Seat::LegalReviewer && case.reviews.iter().any(|r| r.by == account);
        if case.proposers.contains(&account) || reviewed || case.handled(account).any(|id| !own(id)) {
            return Err(refuse::forbidden(
                "own_case",
                Text::new(
                    "提出、办理或者审核过本案的人，不能再审批本案。",
                    "Whoever proposed, handled or reviewed anything in this case does not approve it.",
                ),
                Text::new("请由没有办理过本案的人审批。", "Have it decided by somebody who did not handle this case."),
            ));
        }
        Ok(())
    }

    /// What a delegation opens: the decision that is the head's, or sending the proposal back, by somebody apart from the case. The rows of a
    /// decision are entered with it.
    fn may_in_heads_place(&self, act: &CaseAct) -> Result<(), Refusal> {
        if !matches!(act, CaseAct::Decide { .. } | CaseAct::SendBack { .. } | CaseAct::Register { .. }) {
            return Err(not_your_step());
        }
        may_delegate(self.docket.packs, self.procedure())?;
        if self.case().assigned == Some(self.who.account) {
            return Err(refuse::forbidden(
                "own_case",
                Text::new(
                    "您是本案的承办人，不能受委托决定本案。",
                    "You handle this case, so you do not decide it by delegation.",
                ),
                Text::new("请由没有办理过本案的人决定。", "Have it decided by somebody who does not handle this case."),
            ));
        }
        self.is_independent(Seat::Head)
    }

    /// The day on which something was done: that of its form, where it has one; an applicant's own act is of the day it is entered, so that
    /// nobody sets a clock of the office back.
    fn day_of(&self, node: Node<'_>, values: Option<&Values>, on: CivilDate) -> Result<CivilDate, Refusal> {
        let field = self.procedure().day_field(node.id()).filter(|f| f.step == node.id());
        let typed = field.and_then(|f| values?.day(&f.id));
        // Who asks for a hearing asks today; that it came earlier only the office can say.
        let (applicant, today) = (self.who.seat == Seat::Applicant, self.docket.today);
        let own_word = applicant && node.id() == ASK_FOR_HEARING;
        if let Some(day) = typed.filter(|_| !own_word) {
            return Ok(day);
        }
        if applicant && (on != today || typed.is_some_and(|day| day != today)) {
            return Err(refuse::bad("day_today", Text::new("日期为今天。", "The day is today.")));
        }
        Ok(on)
    }

    /// A day that has come, and is not before the day of the facts.
    fn day(&self, on: CivilDate) -> Result<(), Refusal> {
        self.has_come(on)?;
        let facts = self.case().facts_on;
        if on >= facts {
            return Ok(());
        }
        let what = Text::of(
            format!(
                "所填日期 {on} 早于本案登记的事项发生之日 {facts}：请填写 {facts} 或者以后的日期；登记有误的，先更正事项发生之日。"
            ),
            format!(
                "{on} is before {facts}, which stands as the day of the facts: give {facts} or a later day, or put that day right first."
            ),
        );
        Err(refuse::bad("day_too_early", what))
    }

    fn has_come(&self, on: CivilDate) -> Result<(), Refusal> {
        if on <= self.docket.today {
            return Ok(());
        }
        Err(refuse::bad("day_to_come", Text::new("日期不得晚于今天。", "The day must not be in the future.")))
    }

    /// The day of something that follows another: nothing happens before what it follows. What others did may lie before the day whose
    /// law decides, what the organ does may not.
    fn day_after(&self, on: CivilDate, from: &'a str, node: Node<'a>) -> Result<(), Refusal> {
        match node.seat(self.procedure()) {
            Seat::Applicant | Seat::Outside => self.has_come(on)?,
            _ => self.day(on)?,
        }
        match self.latest_before(from, node).filter(|(_, before)| on < *before) {
            None => Ok(()),
            Some((id, before)) => {
                let name = self.node(id)?.name();
                Err(refuse::bad(
                    "day_too_early",
                    Text::of(
                        format!("前一步「{}」在 {before} 办理，日期不得早于那一天。", name.zh),
                        format!("What it follows (\"{}\") was done on {before}; the day is not before that.", name.en),
                    ),
                ))
            }
        }
    }

    /// Of everything that it follows and that was done since the decision that stands, the latest day; of the step itself, and of the legal
    /// review, which is of the day it is entered, only where nothing else was done later.
    fn latest_before(&self, from: &'a str, node: Node<'a>) -> Option<(&'a str, CivilDate)> {
        let case = self.case();
        let floor = case.outcome().map(|d| d.index);
        let counts = |id: &str| id == from || (id != node.id() && id != LEGAL_REVIEW);
        let done = |id: &'a str| {
            let done = case.done(id).filter(|d| id == from || floor.is_none_or(|floor| d.index >= floor))?;
            Some((id, done.on))
        };
        let all = node.after().iter().map(String::as_str).chain([from]);
        all.filter(|id| counts(id)).filter_map(done).max_by_key(|(_, on)| *on)
    }

    /// Days of the form that the packs put in an order: none is before those that it follows, in this form or in that of an earlier step.
    fn days_in_order(&self, node: Node<'_>, values: &Values) -> Result<(), Refusal> {
        let procedure = self.procedure();
        for field in fields_of(procedure, node.id()) {
            let Some(day) = values.day(&field.id) else { continue };
            for earlier in field.not_before.iter().filter_map(|id| procedure.field(id)) {
                let here = values.day(&earlier.id);
                let there = || self.case().values_of(&earlier.step).and_then(|kept| kept.day(&earlier.id));
                let known = here.or_else(|| (earlier.step != node.id()).then(there).flatten());
                if let Some(first) = known.filter(|first| day < *first) {
                    return Err(refuse::day_order((field, day), (earlier, first)));
                }
            }
        }
        Ok(())
    }

    /// The same from the other side, for a form that is put right: no day of another step that is filled in is before one of this form that it
    /// follows.
    fn later_days_in_order(&self, node: Node<'_>, values: &Values) -> Result<(), Refusal> {
        let procedure = self.procedure();
        for field in procedure.fields.iter().filter(|f| f.step != node.id()) {
            let Some(day) = self.case().values_of(&field.step).and_then(|kept| kept.day(&field.id)) else { continue };
            let earlier = field.not_before.iter().filter_map(|id| procedure.field(id));
            for earlier in earlier.filter(|f| f.step == node.id()) {
                if let Some(first) = values.day(&earlier.id).filter(|first| day < *first) {
                    return Err(refuse::day_order((field, day), (earlier, first)));
                }
            }
        }
        Ok(())
    }

    /// The form of a step or outcome, checked: every fault in one refusal.
    fn form(&self, id: &str, typed: &Typed) -> Result<Values, Refusal> {
        let fields = fields_of(self.procedure(), id);
        form::check_on(&fields, typed, self.docket.today).map_err(|faults| faulty(&faults))
    }

    /// Clauses that the packs hold, each once.
    fn clauses(&self, clauses: &[ClauseId]) -> Result<Vec<ClauseId>, Refusal> {
        let mut kept: Vec<ClauseId> = Vec::new();
        for clause in clauses {
            if self.docket.packs.clause(clause).is_none() {
                let what = Text::new("规则包中没有所选的条款。", "The packs do not hold the clause that was chosen.");
                return Err(refuse::bad("clause", what));
            }
            if !kept.contains(clause) {
                kept.push(clause.clone());
            }
        }
        if kept.len() > MOST_CLAUSES {
            let what = Text::of(format!("至多选{MOST_CLAUSES}条。"), format!("At most {MOST_CLAUSES} clauses."));
            return Err(refuse::bad("clause", what));
        }
        Ok(kept)
    }

    /// The officers of an act, and that they are who must be there.
    fn officers(&self, node: Node<'_>, named: &[AccountId], on: CivilDate) -> Result<Vec<AccountId>, Refusal> {
        let mut officers: Vec<AccountId> = Vec::new();
        for account in named.iter().take(MOST_NAMED) {
            if !self.checks.officers.contains_key(account) {
                let what =
                    Text::new("所选人员不是本机关的承办人。", "One of those named is no officer of this office.");
                return Err(refuse::bad("officers", what));
            }
            if self.case().is_recused(*account) {
                let what = Text::new("所选人员已被决定回避本案。", "One of those named is recused from this case.");
                return Err(refuse::bad("officers", what));
            }
            if !officers.contains(account) {
                officers.push(*account);
            }
        }
        // Officers of another organ have no account here: their names and cards stand on the form.
        let ours = matches!(node.seat(self.procedure()), Seat::Officer | Seat::Head);
        let needs: &[Guard] = if ours { node.needs() } else { &[] };
        let two = needs.contains(&Guard::TwoOfficers);
        if two && !matches!(officers.as_slice(), [_, _, ..]) {
            return Err(refuse::unlawful(
                self.docket,
                &[node.clause()],
                "two_officers_required",
                Text::new(
                    "执法人员少于法定人数，须为不同的人。",
                    "Fewer officers than the law asks for, each another person.",
                ),
                Text::new("请选择参加的执法人员。", "Name the officers who took part."),
            ));
        }
        if two || needs.contains(&Guard::Qualified) {
            self.are_qualified(node, &officers, on)?;
        }
        Ok(officers)
    }

    /// Each has an enforcement certificate that holds on the day; where none is named, whoever acts.
    fn are_qualified(&self, node: Node<'_>, officers: &[AccountId], on: CivilDate) -> Result<(), Refusal> {
        let valid = |until: Option<CivilDate>| until.is_some_and(|until| on <= until);
        let all = officers.iter().all(|a| valid(self.checks.officers.get(a).copied().flatten()));
        if all && (!officers.is_empty() || valid(self.who.certificate_until)) {
            return Ok(());
        }
        Err(refuse::unlawful(
            self.docket,
            &[node.clause()],
            "not_qualified",
            Text::of(
                format!("有人员在 {on} 没有有效的行政执法证件。"),
                format!("Somebody had no valid enforcement certificate on {on}."),
            ),
            Text::new(
                "请选择持有有效证件的执法人员；证件已经更新的，请先登记。",
                "Name officers whose certificates hold; enter a renewed one first.",
            ),
        ))
    }
}

fn not_your_step() -> Refusal {
    refuse::forbidden(
        "not_your_step",
        Text::new("这一步不由您的岗位办理。", "Your position does not do this step."),
        Text::new("请由有权办理的人员办理。", "Somebody whose position allows it has to do it."),
    )
}

fn not_your_case() -> Refusal {
    refuse::forbidden(
        "not_your_case",
        Text::new("您不是本案的当事人。", "You are no party of this case."),
        Text::new("请用当事人的账号办理，或者到窗口办理。", "Use the account of the party, or come to the counter."),
    )
}

fn other_office() -> Refusal {
    refuse::forbidden(
        "other_office",
        Text::new("本案由其他机关办理。", "Another office handles this case."),
        Text::new("请由该机关的人员办理。", "Somebody of that office acts."),
    )
}

/// All faults of a form as one refusal; a page that shows them beside their fields asks `form::check` itself.
fn faulty(faults: &[form::FieldFault]) -> Refusal {
    const MOST_TOLD: usize = 10;
    let n = faults.len();
    let zh: Vec<&str> = faults.iter().take(MOST_TOLD).map(|f| &*f.what.zh).collect();
    let en: Vec<&str> = faults.iter().take(MOST_TOLD).map(|f| &*f.what.en).collect();
    refuse::bad(
        "form",
        Text::of(
            format!("有{n}处需要更正：{}", zh.join("")),
            format!(
                "{n} {}: {}",
                base::text::plural(n, "thing is to be corrected", "things are to be corrected"),
                en.join(" ")
            ),
        ),
    )
}

/// Words of a person, bounded.
fn words(text: &str, chars: (usize, usize), code: &str) -> Result<String, Refusal> {
    let (least, most) = chars;
    own_words(text, chars).map(base::Pii::into_inner).ok_or_else(|| {
        let field = match code {
            "opinion" => Text::new("审核意见", "opinion"),
            "note" => Text::new("说明", "note"),
            "missing" => Text::new("缺少什么", "what is missing"),
            "what" => Text::new("正确的内容", "what is right"),
            _ => Text::new("理由", "reasons"),
        };
        refuse::bad(
            code,
            Text::of(
                format!("“{}”请用自己的话写明：至少{least}个字，至多{most}个字符。", field.zh),
                format!(
                    "Say it in your own words ({}): at least {least} letters, at most {most} characters.",
                    field.en
                ),
            ),
        )
    })
}

/// One line of a bounded length.
fn line(text: &str, least: usize, most: usize) -> Option<String> {
    own_words(text, (least, most)).map(base::Pii::into_inner).filter(|kept| !kept.contains('\n'))
}

/// A word, number or row that the program itself hands in.
fn word(text: &str, code: &str) -> Result<String, Refusal> {
    line(text, 1, WORD_CHARS).ok_or_else(|| {
        refuse::bad(
            code,
            Text::of(
                format!("一行，至多{WORD_CHARS}个字符。"),
                format!("One line of at most {WORD_CHARS} characters."),
            ),
        )
    })
}
