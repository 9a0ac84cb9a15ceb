//! "What if …": what a breach costs, asked of the penalty engine for every party and grade: whether correction comes first, the ranges,
//! what else follows, the hearing, what needs a legal review, and what punishes nobody who asked.
//!
//! Always true: a range is the engine's for that party, grade and day; nothing is added up here and no amount is proposed.

use super::vocabulary::BREACHES;
use super::words::Asked;
use super::{Reply, Sentence, cite, rank};
use crate::pack::{Clause, Pack, PenaltyLink, RetentionScope};
use crate::sanction::{Fined, Grade, Order};
use crate::{Applied, Displaced, Ended, Fine, Gate, Packs, PenaltyQuestion};
use base::{ClauseId, Text};

/// Standing at the end of every answer.
const BASIS: Text = Text::new(
    "任何罚款都要有明确的法律依据，并说明理由；不得只凭对笔误的理解作出。",
    "Every fine needs a clear basis in law and reasons; none rests on the reading of a slip alone.",
);

/// What one penalty clause means for the parties and grades asked about.
struct Found {
    applied: Applied,
    /// Party, grade and fine.
    fines: Vec<(Fined, Grade, Fine)>,
    /// Whom it reaches.
    reaches: Vec<Fined>,
    measures: Vec<(Text, Vec<base::Citation>)>,
    hearings: Vec<(Fined, u32)>,
}

/// Everything that the engine said.
#[derive(Default)]
struct Gathered {
    found: Vec<Found>,
    displaced: Vec<Displaced>,
    ended: Vec<Ended>,
    one_fine: Option<base::Citation>,
    review: Vec<Text>,
}

pub(super) fn answer(gate: &Gate, asked: &Asked<'_>) -> Result<Reply, Text> {
    let packs = gate.packs();
    let (name, breaches) = breaches(packs, asked)?;
    let unit = asked.unit_name();
    let understood =
        Text::of(format!("{}{}，会怎样？", unit.zh, name.zh), format!("{} at {}: what follows?", name.en, unit.en));
    let clauses = breaches.iter().filter_map(|id| packs.clause(&ClauseId::new(id)));
    let in_force: Vec<(&Pack, &Clause)> = clauses
        .filter(|(p, c)| p.reaches(asked.site.jurisdiction) && p.in_force(c, asked.on) && reaches(c, asked))
        .collect();
    let mut out = Vec::new();
    for (pack, clause) in &in_force {
        let (zh, en) = rank(pack.head.level);
        out.push(Sentence::new(
            format!("{zh}：{}", clause.gist_zh),
            format!("{}: {}", super::words::capital(en), clause.gist_en),
            cite(packs, &clause.id),
        ));
    }
    let gathered = gather(packs, asked, &breaches)?;
    if in_force.is_empty() {
        out.push(Sentence::new(
            "这一天没有适用的规定。".to_owned(),
            "No rule in force that day reaches it.".to_owned(),
            vec![],
        ));
    }
    for found in &gathered.found {
        out.extend(of_penalty(found));
    }
    let fines = gathered.found.iter().any(|f| !f.fines.is_empty());
    if !in_force.is_empty() && !fines {
        out.push(Sentence::new(
            "规则包中没有对它的罚款，不推定；可以责令改正。".to_owned(),
            "The packs hold no fine for it, and none is assumed; correction may be ordered.".to_owned(),
            in_force.iter().flat_map(|(_, c)| cite(packs, &c.id)).collect(),
        ));
    }
    out.extend(between(packs, asked, &gathered, &breaches));
    out.push(Sentence { text: BASIS, clauses: Vec::new() });
    Ok((understood, out))
}

/// What is asked about: the clauses broken, and what to call that.
fn breaches(packs: &Packs, asked: &Asked<'_>) -> Result<(Text, Vec<String>), Text> {
    let owned = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect();
    if let Some(id) = asked.clause {
        // A penalty clause is asked about through what it punishes.
        let own = packs.sanction(id).filter(|(_, s)| !s.breach.iter().any(|b| b.clause == id));
        let punished: Vec<String> = own.iter().flat_map(|(_, s)| s.breach.iter().map(|b| b.clause.clone())).collect();
        if punished.is_empty() {
            return Ok((Text::of(format!("违反{id}"), format!("a breach of {id}")), owned(&[id])));
        }
        let list = punished.join(", ");
        return Ok((
            Text::of(format!("{id}（处罚违反{list}的行为）"), format!("{id} (it punishes breaches of {list})")),
            punished,
        ));
    }
    let Some(breach) = asked.breach else {
        let zh: Vec<&str> = BREACHES.iter().map(|b| b.zh).collect();
        let en: Vec<&str> = BREACHES.iter().map(|b| b.key).collect();
        return Err(Text::of(
            format!("请说明违反了什么，可以写条款编号（如 B-16），或者：{}（写 {}）。", zh.join("、"), en.join(", ")),
            format!("Say what the breach is: the id of a clause (like B-16), or one of {}.", en.join(", ")),
        ));
    };
    Ok((Text::new(breach.zh, breach.en), owned(breach.clauses)))
}

/// A term that reaches only some units is no duty of this one; a clause asked about by its id is asked about for those it reaches.
fn reaches(clause: &Clause, asked: &Asked<'_>) -> bool {
    match clause.retention {
        _ if asked.clause.is_some() => true,
        Some(RetentionScope::CounterTerrorKeyTarget) => asked.site.counter_terror_key_target,
        Some(RetentionScope::SpecialTrade) => asked.site.special_trade.is_some(),
        _ => true,
    }
}

/// Asks the engine for every clause, party and grade; each penalty clause once.
fn gather(packs: &Packs, asked: &Asked<'_>, breaches: &[String]) -> Result<Gathered, Text> {
    let whos: Vec<Fined> = asked.who.map_or_else(|| Fined::ALL.to_vec(), |who| vec![who]);
    let grades: Vec<Grade> = asked.grade.map_or_else(|| Grade::ALL.to_vec(), |grade| vec![grade]);
    let (on, province) = (asked.on, asked.site.jurisdiction);
    let mut all = Gathered::default();
    for id in breaches {
        let Some((pack, clause)) = packs.clause(&ClauseId::new(id)) else { continue };
        if !pack.reaches(province) || !reaches(clause, asked) {
            continue;
        }
        for (who, grade) in whos.iter().flat_map(|who| grades.iter().map(move |grade| (*who, *grade))) {
            let said = packs.penalty(&PenaltyQuestion::new(id, province, who, grade, on, on)).map_err(|r| r.what)?;
            for applied in said.applied {
                all.add(applied, who, grade);
            }
            extend(&mut all.displaced, said.displaced);
            extend(&mut all.ended, said.ended);
            extend(&mut all.review, said.review);
            all.one_fine = all.one_fine.take().or(said.one_fine);
        }
    }
    Ok(all)
}

fn extend<T: PartialEq>(known: &mut Vec<T>, new: Vec<T>) {
    for one in new {
        if !known.contains(&one) {
            known.push(one);
        }
    }
}

impl Gathered {
    fn add(&mut self, applied: Applied, who: Fined, grade: Grade) {
        let at = self.found.iter().position(|f| f.applied.citation.clause == applied.citation.clause);
        let at = at.unwrap_or_else(|| {
            let (fines, reaches, measures, hearings) = Default::default();
            self.found.push(Found { applied: applied.clone(), fines, reaches, measures, hearings });
            self.found.len() - 1
        });
        let Some(found) = self.found.get_mut(at) else { return };
        // The surest link counts, as where one of the broken clauses is named and another only perhaps.
        if applied.link == PenaltyLink::Literal {
            found.applied.link = PenaltyLink::Literal;
        }
        extend(&mut found.applied.review, applied.review);
        extend(&mut found.reaches, vec![who]);
        if let Some(fine) = applied.fine {
            // A grade that the clause does not name falls under its ordinary fine, which was said already.
            let ordinary = found.fines.iter().any(|(w, g, f)| *w == who && *g == Grade::Ordinary && *f == fine);
            let fine = (who, grade, fine);
            if !ordinary && !found.fines.contains(&fine) {
                found.fines.push(fine);
            }
            if let Some(from) = applied.hearing.from_yuan {
                extend(&mut found.hearings, vec![(who, from)]);
            }
        }
        for measure in applied.measures {
            let name = measure.kind.name();
            let number = match (measure.min, measure.max) {
                (Some(min), Some(max)) => format!(" {min}-{max}"),
                (None, Some(max)) => format!(" ≤{max}"),
                _ => String::new(),
            };
            let text = Text::of(format!("{}{number}", name.zh), format!("{}{number}", name.en));
            extend(&mut found.measures, vec![(text, measure.refers)]);
        }
    }
}

/// One penalty clause in sentences.
fn of_penalty(found: &Found) -> Vec<Sentence> {
    let applied = &found.applied;
    let cited = || vec![applied.citation.clone()];
    let id = &applied.citation.clause.0;
    if found.reaches == [Fined::Official] {
        let gist = &applied.citation.gist;
        return vec![Sentence::new(
            format!("{id}：只及于国家机关及其工作人员：{}民间单位不因此受罚。", gist.zh),
            format!(
                "{id}: it reaches state organs and their staff only: {} A private unit is not punished for it.",
                gist.en
            ),
            cited(),
        )];
    }
    let mut out = Vec::new();
    let mut say = |zh: String, en: String| {
        out.push(Sentence::new(format!("{id}：{zh}"), format!("{id}: {en}"), cited()));
    };
    if applied.order != Order::None {
        let order = applied.order.name();
        say(format!("{}。", order.zh), format!("{}.", super::words::capital(&order.en)));
    }
    if found.fines.is_empty() {
        say("没有罚款。".to_owned(), "no fine.".to_owned());
    } else if !found.fines.iter().any(|(_, grade, _)| *grade == Grade::Ordinary) {
        say(
            "先责令改正，现在不罚；只有在下列情形下才罚款。".to_owned(),
            "Correction first: no fine now, only as follows.".to_owned(),
        );
    }
    for (zh, en) in ranges(found) {
        say(zh, en);
    }
    if !found.measures.is_empty() {
        let zh: Vec<&str> = found.measures.iter().map(|(t, _)| t.zh.as_ref()).collect();
        let en: Vec<&str> = found.measures.iter().map(|(t, _)| t.en.as_ref()).collect();
        say(format!("另有：{}。", zh.join("；")), format!("Also: {}.", en.join("; ")));
    }
    if let Some((zh, en)) = hearing(found) {
        say(zh, en);
    }
    if let Some(only) = &applied.only_if {
        say(
            format!("前提：{}。", only.zh.trim_end_matches('。')),
            format!("Only if {}.", only.en.trim_end_matches('.')),
        );
    }
    if let Some(slip) = &applied.slip {
        say(slip.zh.to_string(), slip.en.to_string());
    }
    for review in &applied.review {
        say(format!("须先经法制审核：{}", review.zh), format!("Legal review first: {}", review.en));
    }
    let refers = found.measures.iter().flat_map(|(_, refers)| refers.clone());
    let refers: Vec<base::Citation> = refers.collect();
    if let Some(measures) = out.iter_mut().find(|s| s.text.en.contains(": Also: ")) {
        extend(&mut measures.clauses, refers);
    }
    out
}

/// "unit, if not corrected in time: 3000 to 10000 yuan": parties with the same range in one line.
fn ranges(found: &Found) -> Vec<(String, String)> {
    let mut lines: Vec<(Grade, &Fine, Vec<Fined>)> = Vec::new();
    for (who, grade, fine) in &found.fines {
        match lines.iter_mut().find(|(g, f, _)| g == grade && *f == fine) {
            Some((_, _, whos)) => whos.push(*who),
            None => lines.push((*grade, fine, vec![*who])),
        }
    }
    let line = |(grade, fine, whos): &(Grade, &Fine, Vec<Fined>)| {
        let (range, grade) = (fine.text(), grade.name());
        let zh: Vec<_> = whos.iter().map(|w| w.name().zh).collect();
        let en: Vec<_> = whos.iter().map(|w| w.name().en).collect();
        let mut notes = (String::new(), String::new());
        let mut note = |zh: String, en: String| {
            notes.0.push_str(&zh);
            notes.1.push_str(&en);
        };
        if let Some(bound) = &fine.bound {
            let by = &bound.citation.clause.0;
            note(format!("，以{by}的上限为限"), format!(", bounded by {by}"));
        }
        if let Some(times) = fine.gains_multiple {
            note(
                format!("；违法所得{times}倍的罚款，是否并处见审核意见"),
                format!("; a fine of {times} times the gains beside or instead, see the review"),
            );
        }
        if fine.instead_of_detention {
            note("，代替拘留".to_owned(), ", in place of detention".to_owned());
        }
        if fine.optional {
            note("，可以并处".to_owned(), ", may be added".to_owned());
        }
        (
            format!("{}，{}：罚款{}{}。", zh.join("、"), grade.zh, range.zh, notes.0),
            format!("{}, {}: fine of {}{}.", super::words::capital(&en.join(", ")), grade.en, range.en, notes.1),
        )
    };
    lines.iter().map(line).collect()
}

fn hearing(found: &Found) -> Option<(String, String)> {
    let hearing = &found.applied.hearing;
    if hearing.always {
        return Some((
            "无论数额，都应当告知听证的权利。".to_owned(),
            "Whatever the sum, the right to a hearing is told.".to_owned(),
        ));
    }
    if found.fines.is_empty() {
        return None;
    }
    if hearing.local_figure_unknown {
        return Some((
            "听证起点由省规定，不在规则包内；一律告知听证的权利。".to_owned(),
            "The sum from which a hearing is due is set by the province and in no pack: the right is always told."
                .to_owned(),
        ));
    }
    let zh: Vec<String> = found.hearings.iter().map(|(who, from)| format!("{}{from}元以上", who.name().zh)).collect();
    let en: Vec<String> =
        found.hearings.iter().map(|(who, from)| format!("{} from {from} yuan", who.name().en)).collect();
    (!zh.is_empty()).then(|| {
        (format!("可以要求听证：{}。", zh.join("；")), format!("A hearing may be asked for: {}.", en.join("; ")))
    })
}

/// What holds between the penalties: what gives way, ended, one fine for one act, and why.
fn between(packs: &Packs, asked: &Asked<'_>, all: &Gathered, breaches: &[String]) -> Vec<Sentence> {
    let mut out = Vec::new();
    for d in &all.displaced {
        let (lost, by) = (&d.citation.clause.0, &d.by.clause.0);
        out.push(Sentence::new(
            format!("{lost}不适用，适用{by}：{}", d.ground.zh),
            format!("{lost} gives way to {by}: {}", d.ground.en),
            vec![d.citation.clone(), d.by.clone()],
        ));
    }
    for e in &all.ended {
        let clause = &e.citation.clause.0;
        out.push(Sentence::new(
            format!("{clause}已不再适用。"),
            format!("{clause} no longer holds."),
            e.by.iter().cloned().collect(),
        ));
    }
    for overlay in packs.sanction_overlays().iter().filter(|o| o.breaches.iter().any(|b| breaches.contains(b))) {
        let found = |id: &String| all.found.iter().any(|f| f.applied.citation.clause.0 == *id);
        if overlay.sanctions.first().is_some_and(found) && !all.displaced.iter().any(|d| d.ground == overlay.ground()) {
            let clauses = overlay.clauses.iter().flat_map(|id| cite(packs, id)).collect();
            let ground = overlay.ground();
            out.push(Sentence { text: ground, clauses });
        }
    }
    if let Some(one) = &all.one_fine {
        out.push(Sentence::new(
            "同一行为只罚一次，适用罚款数额高的规定。".to_owned(),
            "One act is fined once, by the rule with the higher fine.".to_owned(),
            vec![one.clone()],
        ));
    }
    out.extend(all.review.iter().map(|t| Sentence { text: t.clone(), clauses: Vec::new() }));
    let fined = all.found.iter().find(|f| !f.fines.is_empty());
    if let Some(bar) = fined.and_then(|f| f.applied.time_bar.as_ref()) {
        let (act, last) = (asked.on, bar.last_day);
        out.push(Sentence::new(
            format!("{act} 的行为，最迟应当在 {last} 发现，否则不再处罚。"),
            format!("An act of {act} has to be discovered by {last}; later it is not punished."),
            vec![bar.citation.clone()],
        ));
    }
    out
}
