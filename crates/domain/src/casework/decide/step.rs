//! Steps: keep what is filled in, name what is missing, do a step.

use super::super::case::Case;
use super::super::charges::{charges, clauses_named};
use super::super::command::CaseAct;
use super::super::docket::{Node, asking_step};
use super::super::event::{Event, Missing};
use super::super::gate::{asked_too_late, beside_paper, blocked, served_too_early};
use super::super::keeping;
use super::super::panel;
use super::super::refuse;
use super::super::seat::Seat;
use super::super::service::{before_paper, notice_of};
use super::super::steps::fields_of;
use super::super::words::{
    ACT_DAY, ASK_FOR_REST, COMPLEX, DEFERRAL_UNTIL, DISCUSS, DISCUSSED, DISCUSSED_BY, DISCUSSED_OUTSIDE, DISCUSSION,
    EXAMINE_DEFENCE, HEARING_RIGHT, INTENDED_FINE, INTENDED_OTHER, LEGAL_REVIEW, TELL, TOLD_BREACH,
};
use super::{Desk, MOST_NAMED, REASON_CHARS, REASONS_CHARS, Typed, faulty, words};
use crate::form::{self, Values};
use base::{AccountId, CivilDate, ClauseId, Refusal, Text, limits};
use law::{Field, Guard, Packs, Procedure, Step};
use std::collections::{BTreeMap, BTreeSet};

/// A note may be empty.
const NOTE_CHARS: (usize, usize) = (0, limits::FREE_TEXT_CHARS);

pub(super) fn decide(desk: &Desk<'_, '_>, act: &CaseAct) -> Result<Vec<Event>, Refusal> {
    match act {
        CaseAct::Fill { step, typed } => fill(desk, step, typed),
        CaseAct::AskForRest { materials, fields, on, until } => ask(desk, materials, fields, (*on, *until)),
        CaseAct::Done { step, typed, note, officers, on } => done(desk, (step.as_str(), *on), typed, note, officers),
        _ => Err(refuse::unknown(Text::new("这个步骤", "such step"))),
    }
}

/// What is filled in so far is kept if it is right as far as it goes; what is still empty is not asked for.
fn fill(desk: &Desk<'_, '_>, step: &str, typed: &Typed) -> Result<Vec<Event>, Refusal> {
    let node = desk.node(step)?;
    let seat = node.seat(desk.procedure());
    desk.may(if seat == Seat::Head { Seat::Officer } else { seat })?;
    let node = desk.open_node(node.id())?;
    if node.id() == TELL && desk.case().done(TELL).is_some() {
        // What was told is what the party has in hand: a draft of a second notice is not put in its place.
        let what = Text::new(
            "重新告知不能先保存草稿：请一次填写完整后登记。",
            "What is told anew is not kept as a draft: fill it in whole and enter it.",
        );
        return Err(refuse::bad("form", what));
    }
    let filled: Typed = typed
        .iter()
        .filter(|(_, text)| !text.trim().is_empty())
        .map(|(field, text)| (field.clone(), text.clone()))
        .collect();
    if filled.is_empty() {
        return Err(refuse::bad("form", Text::new("什么都没有填写。", "Nothing is filled in.")));
    }
    stays_unnamed(desk, step, &filled)?;
    // A field of another form is unknown to the check, so it is told.
    let fields: Vec<&Field> =
        fields_of(desk.procedure(), node.id()).into_iter().filter(|f| filled.contains_key(&f.id)).collect();
    let values = form::check_on(&fields, &filled, desk.docket.today).map_err(|faults| faulty(&faults))?;
    Ok(vec![Event::Filled { step: node.id().to_owned(), values }])
}

fn done(
    desk: &Desk<'_, '_>,
    (step, on): (&str, CivilDate),
    typed: &Typed,
    note: &str,
    officers: &[AccountId],
) -> Result<Vec<Event>, Refusal> {
    let node = desk.node(step)?;
    let Node::Step(found) = node else { return Err(refuse::unknown(Text::new("这个步骤", "such step"))) };
    if let Some(other) = done_otherwise(found) {
        return Err(other);
    }
    let seat = node.seat(desk.procedure());
    desk.may(seat)?;
    if seat == Seat::Head {
        desk.is_independent(seat)?;
    }
    let Some(from) = desk.docket.opened_by(node) else { return Err(refuse::not_open(desk.docket, node)) };
    stays_unnamed(desk, step, typed)?;
    let typed = keeping::filled_in(desk.docket, step, panel::filled_in(desk.docket, step, typed));
    let values = desk.form(step, &typed);
    let on = desk.day_of(node, values.as_ref().ok(), on)?;
    desk.day_after(on, from, node)?;
    if let Some(refusal) = stands_in_the_way(desk, node, on).or_else(|| asked_too_late(desk.docket, node, on)) {
        return Err(refusal);
    }
    let values = values?;
    let before = desk.case().values_of(TELL);
    if desk.docket.is_told_for_good(node) && !adds_a_hearing_alone(desk.docket.packs, before, &values) {
        return Err(refuse::not_open(desk.docket, node));
    }
    let early = before_paper(desk.docket, node, &values, on);
    if let Some(refusal) = early.or_else(|| served_too_early(desk.docket, node, &values, on)) {
        return Err(refusal);
    }
    if let Some(notice) = notice_of(desk.procedure(), step, &values) {
        desk.day_after(notice, from, node)?;
    }
    if let Some(refusal) = act_to_come(desk, &values, on).or_else(|| keeping::refused(desk.docket, step, &values)) {
        return Err(refusal);
    }
    knows_breach(desk, &values, on)?;
    asks_for_past(&values, on)?;
    desk.days_in_order(node, &values)?;
    if owes_discussion(desk.procedure(), step, &values, desk.docket.flag(COMPLEX) == Some(true)) {
        return Err(refuse::discussion_owed(desk.docket, node));
    }
    if lacks_minutes(desk, step, &values) {
        return Err(refuse::minutes_owed(desk.docket, node));
    }
    let needs_reasons = node.needs().contains(&Guard::Reasons);
    let note = words(note, if needs_reasons { REASONS_CHARS } else { NOTE_CHARS }, "note")?;
    let officers = desk.officers(node, officers, on)?;
    let set = numbers(desk, found, &values);
    Ok(vec![Event::StepDone { step: step.to_owned(), on, values, note, officers, set }])
}

/// What the party is told it breached are clauses of the packs, for the notice says what punishes them; and no fine is meant above their range.
fn knows_breach(desk: &Desk<'_, '_>, values: &Values, on: CivilDate) -> Result<(), Refusal> {
    let (Some(text), Some(field)) = (values.text(TOLD_BREACH), desk.procedure().field(TOLD_BREACH)) else {
        return Ok(());
    };
    let clauses = clauses_named(desk.docket.packs, text).map_err(|part| {
        let what = Text::of(
            format!("“{}”中的「{part}」不是规则包中的条款。", field.zh),
            format!("\"{part}\" in \"{}\" is no clause of the packs.", field.en),
        );
        refuse::bad("breach_unknown", what)
    })?;
    // Of a breach without a range of its own nothing is said here: the decision asks for it.
    let charges = charges(desk.docket, &clauses, on);
    let most = charges
        .iter()
        .map(|charge| charge.most_yuan)
        .collect::<Option<Vec<u64>>>()
        .and_then(|all| all.into_iter().max());
    let told = values.number(INTENDED_FINE).and_then(|sum| u64::try_from(sum).ok()).unwrap_or(0);
    match most.filter(|most| told > *most) {
        None => Ok(()),
        Some(most) => {
            let by: Vec<&ClauseId> = charges.iter().map(|charge| &charge.by.clause).collect();
            Err(refuse::told_above_range(desk.docket, &by, (told, most)))
        }
    }
}

/// Nobody asks to pay by a day that was over when they asked. What the office enters later than it was handed in is of the day on which it came.
fn asks_for_past(values: &Values, on: CivilDate) -> Result<(), Refusal> {
    match values.day(DEFERRAL_UNTIL).filter(|until| *until < on) {
        None => Ok(()),
        Some(until) => {
            let what = Text::of(
                format!("希望缴清的日期 {until} 早于申请的日期 {on}：请填写 {on} 或者以后的日期。"),
                format!(
                    "{until}, by which it would be paid, is before {on}, when it was asked for: give {on} or a later day."
                ),
            );
            Err(refuse::bad("deferral_day_over", what))
        }
    }
}

/// Nobody is promised to stay unnamed in a case that has their name already, as its party.
fn stays_unnamed(desk: &Desk<'_, '_>, step: &str, typed: &Typed) -> Result<(), Refusal> {
    if desk.case().party.is_some() && form::is_unnamed(&fields_of(desk.procedure(), step), typed) {
        return Err(refuse::unnamed_with_party());
    }
    Ok(())
}

/// The act that a case is about is not later than the day on which the step that names it was done: of nothing else could it be decided.
pub(super) fn act_to_come(desk: &Desk<'_, '_>, values: &Values, on: CivilDate) -> Option<Refusal> {
    let act = values.day(ACT_DAY).filter(|act| *act > on)?;
    let field = desk.procedure().field(ACT_DAY)?;
    let what = Text::of(
        format!("“{}”填的是 {act}，晚于办理这一步的 {on}。", field.zh),
        format!("\"{}\" is {act}, later than {on}, when this step was done.", field.en),
    );
    Some(refuse::bad("act_day_to_come", what))
}

/// What is told after the party has spoken, with nothing new found, gives the right to a hearing that was left out, and intends no more than
/// before: no sum that is higher, nothing else that was not told, and no breach that was not told. What was told before the form asked for the
/// breach may name it now.
fn adds_a_hearing_alone(packs: &Packs, before: Option<&Values>, now: &Values) -> bool {
    let Some(before) = before else { return true };
    let other = now.text(INTENDED_OTHER);
    let breaches = |values: &Values| values.text(TOLD_BREACH).and_then(|text| clauses_named(packs, text).ok());
    let same_breaches = match (breaches(before), breaches(now)) {
        (Some(told), Some(meant)) => meant.iter().all(|clause| told.contains(clause)),
        _ => true,
    };
    now.flag(HEARING_RIGHT) == Some(true)
        && same_breaches
        && now.number(INTENDED_FINE) <= before.number(INTENDED_FINE)
        && (other.is_none() || other == before.text(INTENDED_OTHER))
}

/// What stands in the way of the step. Of the using unit's step of a viewing its own signed answer, which stands in the log, is the paper.
fn stands_in_the_way(desk: &Desk<'_, '_>, node: Node<'_>, on: CivilDate) -> Option<Refusal> {
    let is_units = desk.procedure().viewing.as_ref().is_some_and(|v| v.step == node.id());
    if desk.checks.unit_answered && is_units {
        beside_paper(desk.docket, node, on)
    } else {
        blocked(desk.docket, node, on)
    }
}

/// A complex or grave case is discussed by the heads together; of every discussion it is written down who took part and what came of it.
fn owes_discussion(procedure: &Procedure, step: &str, values: &Values, is_complex: bool) -> bool {
    let asks = |id: &str| procedure.fields_at(step).any(|f| f.id == id);
    let discussed = values.flag(DISCUSSED) == Some(true);
    let lacks = |id: &str| asks(id) && values.text(id).is_none();
    asks(DISCUSSED) && (is_complex || discussed) && (!discussed || lacks(DISCUSSION) || lacks(DISCUSSED_BY))
}

/// After which event a discussion is of what stands now: the last examination, and the telling where the party was told anew. What the heads said
/// of another penalty than the one that is intended now decides nothing about it.
fn discussed_since(case: &Case) -> Option<u32> {
    case.done(EXAMINE_DEFENCE).map(|d| d.index).max(case.told_anew())
}

/// Voices of the discussion of what stands now: of each head one.
fn voices(case: &Case) -> BTreeSet<AccountId> {
    let floor = discussed_since(case);
    let own = case.doings.iter().filter(|d| d.node == DISCUSS && floor.is_none_or(|floor| d.index > floor));
    own.map(|d| d.by).collect()
}

/// A discussion is entered that nothing shows: neither more than one head spoke from the own account, nor do its signed minutes lie in the case.
/// Where somebody without an account took part, only the minutes show it.
fn lacks_minutes(desk: &Desk<'_, '_>, step: &str, values: &Values) -> bool {
    let by_accounts = desk.procedure().steps.iter().any(|s| s.id == DISCUSS);
    if step != EXAMINE_DEFENCE || !by_accounts || values.flag(DISCUSSED) != Some(true) {
        return false;
    }
    let case = desk.case();
    let floor = discussed_since(case);
    let has_minutes = case.paper(EXAMINE_DEFENCE).is_some_and(|p| floor.is_none_or(|floor| p.index > floor));
    let spoke = voices(case).into_iter().nth(1).is_some();
    !has_minutes && (values.flag(DISCUSSED_OUTSIDE) == Some(true) || !spoke)
}

/// A correction leaves no discussion owed: neither by the step that it is made at, nor by one that was done while the case was not complex.
pub(super) fn discussion_stays(desk: &Desk<'_, '_>, step: &str, corrected: &Values) -> Result<(), Refusal> {
    let (case, procedure) = (desk.case(), desk.procedure());
    let is_complex = corrected.flag(COMPLEX).or_else(|| desk.docket.flag(COMPLEX)) == Some(true);
    for other in &procedure.steps {
        let kept = case.done(&other.id).and_then(|_| case.values_of(&other.id));
        let values = if other.id == step { Some(corrected) } else { kept };
        if values.is_some_and(|values| owes_discussion(procedure, &other.id, values, is_complex)) {
            return Err(refuse::discussion_owed(desk.docket, Node::Step(other)));
        }
        let before = kept.and_then(|kept| kept.flag(DISCUSSED)) == Some(true);
        if other.id == step && !before && corrected_lacks_minutes(desk, step, corrected) {
            return Err(refuse::minutes_owed(desk.docket, Node::Step(other)));
        }
    }
    Ok(())
}

/// A correction says that a discussion took place, of which no minutes lie in the case: what heads said counts before the step alone.
fn corrected_lacks_minutes(desk: &Desk<'_, '_>, step: &str, corrected: &Values) -> bool {
    let by_accounts = desk.procedure().steps.iter().any(|s| s.id == DISCUSS);
    let discussed = step == EXAMINE_DEFENCE && corrected.flag(DISCUSSED) == Some(true);
    by_accounts && discussed && desk.case().paper(EXAMINE_DEFENCE).is_none()
}

/// Two steps have an act of their own, which says more than that they were done.
fn done_otherwise(step: &Step) -> Option<Refusal> {
    let (what, next) = match step.id.as_str() {
        ASK_FOR_REST => (
            Text::new("告知补正须写明缺少的全部内容。", "What is missing is named, all of it."),
            Text::new("请逐项写明。", "Name each thing."),
        ),
        LEGAL_REVIEW => (
            Text::new("法制审核须写明是否通过。", "A legal review says whether it passed."),
            Text::new("请由法制审核人员填写审核意见。", "A legal reviewer gives the opinion."),
        ),
        _ => return None,
    };
    Some(refuse::conflict("act_of_its_own", what, next))
}

/// The numbers that the document of this step sets for the clocks it starts.
fn numbers(desk: &Desk<'_, '_>, step: &Step, values: &Values) -> BTreeMap<String, u32> {
    let number = |clock: &law::Clock| {
        let field = desk.procedure().length_field(clock)?;
        let number = u32::try_from(values.number(&field.id)?).ok()?;
        Some((clock.id.clone(), number))
    };
    desk.procedure().clocks.iter().filter(|c| c.starts == step.id).filter_map(number).collect()
}

/// Everything at once, and once: after the notice nothing more is asked for before a decision.
fn ask(
    desk: &Desk<'_, '_>,
    materials: &[Missing],
    fields: &[Missing],
    (on, until): (CivilDate, Option<CivilDate>),
) -> Result<Vec<Event>, Refusal> {
    let step = asking_step(desk.procedure())
        .ok_or_else(|| refuse::unknown(Text::new("告知补正的步骤", "step that names what is missing")))?;
    let node = Node::Step(step);
    desk.may(node.seat(desk.procedure()))?;
    if desk.case().was_asked() {
        return Err(refuse::asked_before(desk.docket, node));
    }
    let Some(from) = desk.docket.opened_by(node) else { return Err(refuse::not_open(desk.docket, node)) };
    desk.day_after(on, from, node)?;
    if let Some(refusal) = blocked(desk.docket, node, on) {
        return Err(refusal);
    }
    may_be_kept(desk, on, until)?;
    let materials = named(materials, |id| desk.procedure().materials.iter().any(|m| m.id == id))?;
    let fields = named(fields, |id| desk.procedure().fields.iter().any(|f| f.id == id))?;
    if materials.is_empty() && fields.is_empty() {
        return Err(refuse::bad("missing", Text::new("请写明缺少什么。", "Say what is missing.")));
    }
    let is_named = |id: &str| materials.iter().any(|k| k.id == id);
    let one_of = &desk.procedure().materials;
    let told = |m: &law::Material| {
        is_named(&m.id) || (!m.one_of.is_empty() && one_of.iter().any(|o| o.one_of == m.one_of && is_named(&o.id)))
    };
    let rest: Vec<&law::Material> = desk.docket.missing().into_iter().filter(|m| !told(m)).collect();
    if !rest.is_empty() {
        return Err(refuse::name_everything(desk.docket, node, &rest));
    }
    Ok(vec![Event::AskedForRest { step: step.id.clone(), on, materials, fields, until }])
}

/// The last day of the party has not passed, and is not before the asking. Of what is entered by the law of then only the latter is asked.
fn may_be_kept(desk: &Desk<'_, '_>, on: CivilDate, until: Option<CivilDate>) -> Result<(), Refusal> {
    let first = if desk.docket.last_known_day().is_some() { on } else { desk.docket.today };
    match until.filter(|until| *until < first) {
        None => Ok(()),
        Some(_) => Err(refuse::bad(
            "until",
            Text::of(
                format!("补正期限不能早于 {first}。"),
                format!("The last day for the completion is {first} or later."),
            ),
        )),
    }
}

/// What is named as missing, each once, with a reason.
fn named(missing: &[Missing], known: impl Fn(&str) -> bool) -> Result<Vec<Missing>, Refusal> {
    if missing.len() > MOST_NAMED {
        let what = Text::of(format!("至多写{MOST_NAMED}项。"), format!("At most {MOST_NAMED} things."));
        return Err(refuse::bad("missing", what));
    }
    let mut seen = BTreeSet::new();
    let mut kept = Vec::new();
    for one in missing {
        if !known(&one.id) || !seen.insert(one.id.as_str()) {
            let what = Text::new(
                "有一项不是本程序的材料，或者写了两次。",
                "One is nothing of this procedure, or stands twice.",
            );
            return Err(refuse::bad("missing", what));
        }
        let reason = words(&one.reason, REASON_CHARS, "missing")?;
        kept.push(Missing { id: one.id.clone(), reason });
    }
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use crate::casework::tests::bench::{Bench, office};
    use crate::casework::{CaseAct, Checks, Command, Event, Heads, Seat, Who, decide};
    use base::Refusal;
    use law::{Guard, Procedure};
    use std::collections::BTreeMap;

    /// The step of the using unit is open: the document for viewing was issued.
    fn issued() -> Bench {
        let mut bench = Bench::open("citizen_viewing");
        bench.go("examine");
        bench.take("issued").unwrap();
        bench
    }

    fn by_nobody(bench: &Bench, step: &str, unit_answered: bool) -> Result<Vec<Event>, Refusal> {
        let CaseAct::Done { step, typed, note, on, .. } = bench.done_act(step) else { unreachable!() };
        let act = CaseAct::Done { step, typed, note, officers: Vec::new(), on };
        let (officers, stands_for) = (BTreeMap::new(), bench.case.assigned.into_iter().collect::<Vec<_>>());
        let checks =
            Checks { officers: &officers, law: None, stands_for: &stands_for, unit_answered, heads: Heads::default() };
        let command = Command { seen: bench.case.events, act };
        decide(&bench.docket(), &command, &Who::nobody(Seat::Officer, office()), &checks)
    }

    #[test]
    fn the_signed_answer_of_a_unit_is_the_paper_of_its_own_step_alone() {
        let bench = issued();
        assert_eq!(by_nobody(&bench, "show", false).unwrap_err().code, "paper_needed", "nobody's account is no answer");
        let done = by_nobody(&bench, "show", true).unwrap();
        assert!(matches!(done.as_slice(), [Event::StepDone { step, .. }] if step == "show"));
        let elsewhere = by_nobody(&Bench::open("acceptance"), "test", true).unwrap_err();
        assert_eq!(elsewhere.code, "paper_needed", "an answer about footage tests nothing");
    }

    #[test]
    fn nobody_is_promised_to_stay_unnamed_where_they_are_the_party() {
        let mut bench = Bench::open("report_handling");
        let CaseAct::Done { step, mut typed, note, officers, on } = bench.done_act("report") else { unreachable!() };
        typed.insert("reporter_kind".to_owned(), "unnamed".to_owned());
        let fill = CaseAct::Fill { step: step.clone(), typed: typed.clone() };
        assert_eq!(bench.act(Seat::Counter, fill).unwrap_err().code, "unnamed_with_party");
        let done = CaseAct::Done { step, typed, note, officers, on };
        assert_eq!(bench.act(Seat::Counter, done.clone()).unwrap_err().code, "unnamed_with_party");
        // Where nobody is entered as the party, nothing of them is kept.
        bench.case.party = None;
        bench.act(Seat::Counter, done).unwrap();
        let kept = bench.case.values_of("report").unwrap();
        assert!(kept.get("reporter_name").is_none() && kept.get("reporter_phone").is_none());
        assert!(kept.text("reported").is_some());
    }

    #[test]
    fn whatever_else_stands_in_the_way_of_that_step_is_asked_too() {
        let mut bench = issued();
        let mut procedure: Procedure = bench.procedure.clone();
        procedure.steps.iter_mut().find(|s| s.id == "show").unwrap().needs.push(Guard::LegalReview);
        bench.procedure = Box::leak(Box::new(procedure));
        assert_eq!(by_nobody(&bench, "show", true).unwrap_err().code, "legal_review_needed");
        assert_eq!(
            by_nobody(&bench, "show", false).unwrap_err().code,
            "legal_review_needed",
            "the paper is asked for last"
        );
        let early = bench.today.plus_days(-1);
        bench.today = early;
        assert_eq!(by_nobody(&bench, "show", true).unwrap_err().code, "day_too_early");
    }
}
