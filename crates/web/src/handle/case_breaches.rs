//! The clauses that a penalty may say were breached, each with what the packs let it cost: for the form of a proposal, and of the telling.
//!
//! ```text
//! packs that reach this province ─▶ breaches that a sanction names ─▶ Packs::penalty on the days of the case ─▶ BreachLine
//!                                                                  telling: list of the field that names the breach ◀──┘
//! ```
//! Always true: a line stands here only if a breach of its clause costs this party something on the day of the act; the sum is the packs', and
//! the corridor asks the gate again when it is decided.

use super::case_words::cited;
use crate::call::Call;
use crate::pages::Choice;
use crate::pages::ask::AskedField;
use crate::pages::case::{BreachLine, ClauseChoice};
use crate::pages::words::count;
use authority::cases::CaseView;
use base::{CivilDate, ClauseId, Refusal, Text};
use domain::casework::{TOLD_BREACH, clause_name};
use domain::form::Value;
use law::{Fine, Fined, Grade, PenaltyQuestion};
use std::collections::BTreeSet;
use store::casework::parties::PartyData;

/// Words of the fields of a penalty that its range depends on.
const ACT_DAY: &str = "act_day";
const GAINS: &str = "gains";

/// A range for people.
fn range(fine: &Fine) -> Text {
    let (least, most) = (count(&fine.least()), count(&fine.max_yuan));
    if fine.is_fixed() {
        return Text::of(format!("罚款{most}元"), format!("fine {most} yuan"));
    }
    Text::of(format!("罚款{least}至{most}元"), format!("fine {least} to {most} yuan"))
}

/// On whom the penalty falls.
async fn fined(call: &Call, view: &CaseView) -> Result<Fined, Refusal> {
    let party = match view.row.head.party {
        Some(id) => call.site().store().party(id).await?.map(|p| p.data),
        None => None,
    };
    Ok(if matches!(party, Some(PartyData::Person(_))) { Fined::Person } else { Fined::Unit })
}

/// The value of a field, whichever step asked it.
fn value<'a>(view: &'a CaseView, id: &str) -> Option<&'a Value> {
    let field = view.procedure().field(id)?;
    view.case.values_of(&field.step)?.get(id)
}

/// What a breach costs, each grade that differs once; empty where it costs nothing.
fn costs(call: &Call, question: &PenaltyQuestion) -> Vec<Text> {
    let mut says: Vec<Text> = Vec::new();
    for grade in Grade::ALL.iter().copied() {
        let asked = PenaltyQuestion { grade, ..question.clone() };
        let Ok(answer) = call.site().gate().packs().penalty(&asked) else { continue };
        let said = match answer.fining() {
            Some((_, fine)) if grade == Grade::Ordinary => range(fine),
            Some((_, fine)) => {
                let (grade, sum) = (grade.name(), range(fine));
                Text::of(format!("{}：{}", grade.zh, sum.zh), format!("{}: {}", grade.en, sum.en))
            }
            None => continue,
        };
        let same = |known: &Text| known.zh.ends_with(&*said.zh) || said.zh.ends_with(&*known.zh);
        if !says.iter().any(same) {
            says.push(said);
        }
    }
    says
}

/// Offers them, with their ranges, in the field of a telling that names what was breached; another clause may be typed all the same.
pub(super) async fn offer(
    call: &Call,
    view: &CaseView,
    today: CivilDate,
    fields: &mut [AskedField],
) -> Result<(), Refusal> {
    let Some(field) = fields.iter_mut().find(|field| field.id == TOLD_BREACH) else { return Ok(()) };
    let option = |line: BreachLine| {
        let clause = &line.choice.clause;
        let zh: Vec<&str> = [&*clause.gist.zh].into_iter().chain(line.says.iter().map(|said| &*said.zh)).collect();
        let en: Vec<&str> = [&*clause.gist.en].into_iter().chain(line.says.iter().map(|said| &*said.en)).collect();
        Choice::new(&clause_name(clause), Text::of(zh.join("；"), en.join("; ")), false)
    };
    field.choices = breaches(call, view, today).await?.into_iter().map(option).collect();
    Ok(())
}

/// The clauses whose breach can be fined here, in the order of the packs.
pub(super) async fn breaches(call: &Call, view: &CaseView, today: CivilDate) -> Result<Vec<BreachLine>, Refusal> {
    let act_on = match value(view, ACT_DAY) {
        Some(Value::Day(day)) => *day,
        _ => view.case.facts_on,
    };
    let (jurisdiction, who) = (call.site().profile().law.jurisdiction, fined(call, view).await?);
    let gains_yuan = match value(view, GAINS) {
        Some(Value::Number(gains)) => u64::try_from(*gains).ok(),
        _ => None,
    };
    let ticked = call.form.all("clause");
    let packs_in_use = call.site().gate().packs();
    let packs = packs_in_use.all().iter().filter(|p| p.reaches(jurisdiction));
    let mut seen = BTreeSet::new();
    let mut out = Vec::new();
    for breach in packs.flat_map(|p| &p.sanctions).flat_map(|s| &s.breach) {
        // A national sanction may name breaches of the ordinances of several provinces.
        let reaches = packs_in_use.clause(&ClauseId::new(&breach.clause)).is_some_and(|(p, _)| p.reaches(jurisdiction));
        if !reaches || !seen.insert(breach.clause.as_str()) {
            continue;
        }
        let question = PenaltyQuestion {
            found_on: today.max(act_on),
            gains_yuan,
            ..PenaltyQuestion::new(&breach.clause, jurisdiction, who, Grade::Ordinary, act_on, today.max(act_on))
        };
        let says = costs(call, &question);
        let clause = ClauseId::new(&breach.clause);
        let chosen = ticked.contains(&clause.0);
        if let Some(clause) = cited(call, &clause).filter(|_| !says.is_empty()) {
            out.push(BreachLine { choice: ClauseChoice { clause, chosen }, says });
        }
    }
    Ok(out)
}
