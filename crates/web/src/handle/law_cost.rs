//! What a breach of a clause costs, as the slips are read on this server: each party and grade that differs, for the page of a clause.
//!
//! Always true: the answer is `law::Packs::penalty_as_read` with this server's decisions; a decision changes what is shown, and whatever
//! waits for a legal review is marked as waiting whatever was decided.

use crate::call::Call;
use crate::pages::law::{CostLine, CostReading};
use base::{CivilDate, ClauseId, Text};
use law::{
    Applied, Clause, Fined, Grade, Jurisdiction, MeasureKind, Pack, Packs, Penalty, PenaltyQuestion, ReadingDecision,
};

/// What a breach costs on a day, and the readings that this rests on.
pub(super) fn costs(
    call: &Call,
    (pack, clause): (&Pack, &Clause),
    on: CivilDate,
    decisions: &[ReadingDecision],
) -> (Vec<CostLine>, Vec<CostReading>) {
    if !pack.in_force(clause, on) {
        return (vec![], vec![]);
    }
    let site = call.site();
    let here = site.profile().law.jurisdiction;
    // A text of another province is answered as that province would.
    let Some(place) = std::iter::once(here).chain(Jurisdiction::ALL).find(|j| pack.reaches(*j)) else {
        return (vec![], vec![]);
    };
    let packs = site.gate().packs();
    let mut lines = Vec::new();
    let mut rests_on = vec![ClauseId::new(&clause.id)];
    for who in Fined::ALL.iter().copied() {
        let mut ordinary = None;
        for grade in Grade::ALL.iter().copied() {
            let question = PenaltyQuestion::new(&clause.id, place, who, grade, on, on);
            let Ok(answer) = packs.penalty_as_read(&question, decisions) else { continue };
            if answer.applied.is_empty() {
                continue;
            }
            for applied in &answer.applied {
                if !rests_on.contains(&applied.citation.clause) {
                    rests_on.push(applied.citation.clause.clone());
                }
            }
            let line = line(who, grade, answer);
            // A grade that the clause does not name falls under the ordinary answer.
            let same = |other: &CostLine| (&other.says, &other.reviews) == (&line.says, &line.reviews);
            if ordinary.as_ref().is_some_and(same) {
                continue;
            }
            if grade == Grade::Ordinary {
                ordinary = Some(line.clone());
            }
            add(&mut lines, line);
        }
    }
    if lines.is_empty() { (lines, vec![]) } else { (lines, readings(packs, &rests_on, on, decisions)) }
}

fn line(who: Fined, grade: Grade, answer: Penalty) -> CostLine {
    let correct_first = answer.applied.iter().any(Applied::correct_first);
    let mut reviews: Vec<Text> = Vec::new();
    for review in answer.review.iter().chain(answer.applied.iter().flat_map(|a| &a.review)) {
        if !reviews.contains(review) {
            reviews.push(review.clone());
        }
    }
    let referred = answer.applied.iter().any(is_referred);
    // What waits for a review is said apart; whom a clause does not reach has a line of its own, or none.
    let applied = answer.applied.into_iter().map(|a| Applied { review: vec![], ..a }).collect();
    let said = Penalty { applied, review: vec![], unaddressed: vec![], ..answer };
    let mut says = said.sentences();
    if referred {
        says.push(Text::new(
            "不罚款：移送任免该人员的机关、单位或者监察机关依法处理。移送的对象是本系统的提示，条文没有写明。",
            "Never a fine: it is referred to the organ that appointed the person, or to the organ of supervision. To whom is our note; the text names no organ.",
        ));
    }
    CostLine { who: vec![who.name()], grade: grade.name(), says, correct_first, reviews }
}

/// Conduct of officials: disciplined, and not fined.
fn is_referred(applied: &Applied) -> bool {
    applied.fine.is_none() && applied.measures.iter().any(|m| m.kind == MeasureKind::Disciplinary)
}

/// Parties that pay the same share a line.
fn add(lines: &mut Vec<CostLine>, line: CostLine) {
    let same = |l: &&mut CostLine| (&l.grade, &l.says, &l.reviews) == (&line.grade, &line.says, &line.reviews);
    match lines.iter_mut().find(same) {
        Some(known) => known.who.extend(line.who),
        None => lines.push(line),
    }
}

/// How the slips of these clauses are read, each once.
fn readings(packs: &Packs, clauses: &[ClauseId], on: CivilDate, decisions: &[ReadingDecision]) -> Vec<CostReading> {
    let mut out: Vec<CostReading> = Vec::new();
    for chosen in clauses.iter().flat_map(|clause| packs.chosen(clause, on, decisions)) {
        let known = out.iter().any(|r| r.id == chosen.entry.id);
        if chosen.entry.is_open_to_choice() && !known {
            out.push(CostReading {
                id: chosen.entry.id.clone(),
                choice: chosen.choice.name(),
                since: chosen.since.map(|d| d.to_string()).unwrap_or_default(),
            });
        }
    }
    out
}
