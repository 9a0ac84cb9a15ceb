//! Steps: keep what is filled in, name what is missing, do a step.

use super::super::command::CaseAct;
use super::super::docket::{Node, asking_step};
use super::super::event::{Event, Missing};
use super::super::gate::{asked_too_late, beside_paper, blocked, served_too_early};
use super::super::panel;
use super::super::refuse;
use super::super::seat::Seat;
use super::super::steps::fields_of;
use super::super::words::{ASK_FOR_REST, COMPLEX, DISCUSSED, DISCUSSION, LEGAL_REVIEW};
use super::{Desk, MOST_NAMED, REASON_CHARS, REASONS_CHARS, Typed, faulty, words};
use crate::form::{self, Values};
use base::{AccountId, CivilDate, Refusal, Text, limits};
use law::{Field, Guard, Step};
use std::collections::{BTreeMap, BTreeSet};

/// A note may be empty.
const NOTE_CHARS: (usize, usize) = (0, limits::FREE_TEXT_CHARS);

pub(super) fn decide(desk: &Desk<'_, '_>, act: &CaseAct) -> Result<Vec<Event>, Refusal> {
    match act {
        CaseAct::Fill { step, typed } => fill(desk, step, typed),
        CaseAct::AskForRest { materials, fields, on } => ask(desk, materials, fields, *on),
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
    let filled: Typed = typed
        .iter()
        .filter(|(_, text)| !text.trim().is_empty())
        .map(|(field, text)| (field.clone(), text.clone()))
        .collect();
    if filled.is_empty() {
        return Err(refuse::bad("form", Text::new("什么都没有填写。", "Nothing is filled in.")));
    }
    // A field of another form is unknown to the check, so it is told.
    let fields: Vec<&Field> =
        fields_of(desk.procedure(), node.id()).into_iter().filter(|f| filled.contains_key(&f.id)).collect();
    let values = form::check(&fields, &filled).map_err(|faults| faulty(&faults))?;
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
    let values = desk.form(step, &panel::filled_in(desk.docket, step, typed));
    let on = desk.day_of(node, values.as_ref().ok(), on)?;
    desk.day_after(on, from, node)?;
    if let Some(refusal) = stands_in_the_way(desk, node, on).or_else(|| asked_too_late(desk.docket, node, on)) {
        return Err(refusal);
    }
    let values = values?;
    if let Some(refusal) = served_too_early(desk.docket, node, &values, on) {
        return Err(refusal);
    }
    if owes_discussion(desk, found, &values) {
        return Err(refuse::discussion_owed(desk.docket, node));
    }
    let needs_reasons = node.needs().contains(&Guard::Reasons);
    let note = words(note, if needs_reasons { REASONS_CHARS } else { NOTE_CHARS }, "note")?;
    let officers = desk.officers(node, officers, on)?;
    let set = numbers(desk, found, &values);
    Ok(vec![Event::StepDone { step: step.to_owned(), on, values, note, officers, set }])
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

/// A complex or grave case is discussed by the heads together, and what came of it is written down.
fn owes_discussion(desk: &Desk<'_, '_>, step: &Step, values: &Values) -> bool {
    let asks = desk.procedure().fields_at(&step.id).any(|f| f.id == DISCUSSED);
    let discussed = values.flag(DISCUSSED) == Some(true) && values.text(DISCUSSION).is_some();
    asks && desk.docket.flag(COMPLEX) == Some(true) && !discussed
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

/// Everything at once, and once: again only of what was handed in since and showed a new gap.
fn ask(desk: &Desk<'_, '_>, materials: &[Missing], fields: &[Missing], on: CivilDate) -> Result<Vec<Event>, Refusal> {
    let step = asking_step(desk.procedure())
        .ok_or_else(|| refuse::unknown(Text::new("告知补正的步骤", "step that names what is missing")))?;
    let node = Node::Step(step);
    desk.may(node.seat(desk.procedure()))?;
    let is_once = step.id == ASK_FOR_REST;
    let last = desk.case().askings.last().map(|a| a.index).filter(|_| is_once);
    let from = match (desk.docket.opened_by(node), last) {
        (Some(from), _) => from,
        (None, Some(_)) => return Err(refuse::asked_before(desk.docket, node)),
        (None, None) => return Err(refuse::not_open(desk.docket, node)),
    };
    desk.day_after(on, from, node)?;
    if let Some(refusal) = blocked(desk.docket, node, on) {
        return Err(refusal);
    }
    let kept_materials = named(materials, |id| desk.procedure().materials.iter().any(|m| m.id == id))?;
    let kept_fields = named(fields, |id| desk.procedure().fields.iter().any(|f| f.id == id))?;
    if kept_materials.is_empty() && kept_fields.is_empty() {
        return Err(refuse::bad("missing", Text::new("请写明缺少什么。", "Say what is missing.")));
    }
    match last {
        Some(last) if !is_new(desk, &kept_materials, &kept_fields, last) => {
            return Err(refuse::asked_before(desk.docket, node));
        }
        Some(_) => {}
        None => {
            let told = |m: &law::Material| {
                let is_named = |id: &str| kept_materials.iter().any(|k| k.id == id);
                let one_of = &desk.procedure().materials;
                is_named(&m.id)
                    || (!m.one_of.is_empty() && one_of.iter().any(|o| o.one_of == m.one_of && is_named(&o.id)))
            };
            let rest: Vec<&law::Material> = desk.docket.missing().into_iter().filter(|m| !told(m)).collect();
            if !rest.is_empty() {
                return Err(refuse::name_everything(desk.docket, node, &rest));
            }
        }
    }
    Ok(vec![Event::AskedForRest { step: step.id.clone(), on, materials: kept_materials, fields: kept_fields }])
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

/// Each was handed in or filled in after the last asking.
fn is_new(desk: &Desk<'_, '_>, materials: &[Missing], fields: &[Missing], last: u32) -> bool {
    let case = desk.case();
    let given = |m: &Missing| case.papers.iter().any(|p| p.material == m.id && p.index > last);
    let step_of = |id: &str| desk.procedure().fields.iter().find(|f| f.id == id).map(|f| f.step.as_str());
    let filled = |f: &Missing| step_of(&f.id).and_then(|s| case.values.get(s)).is_some_and(|(index, _)| *index > last);
    materials.iter().all(given) && fields.iter().all(filled)
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
