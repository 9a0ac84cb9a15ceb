//! What a penalty punishes: the clauses that were breached, each with the clause that punishes it and the range of the fine.
//!
//! ```text
//! words of the telling ─▶ clauses_named ─┐
//! clauses of a decision ─────────────────┴▶ charges: place, party, grade and days of the case ─▶ Packs::penalty ─▶ Charged
//! ```
//!
//! Always true: no clause and no sum is written here, all come from the packs by the law of the day of the act (AP-37); a clause that is named
//! and punished by nothing is no charge. Source: AP-44 (what is told beforehand), AP-59 (what stands in the decision).

use super::docket::Docket;
use super::words::{ACT_DAY, TOLD_BREACH};
use base::{Citation, CivilDate, ClauseId, Text};
use law::{Clause, Fine, Fined, Grade, Jurisdiction, Packs, PenaltyQuestion};

/// Between two clauses of one line.
const BETWEEN: [char; 3] = ['；', ';', '\n'];
/// A choice of the first step: a unit or a person; and what it says of a person.
const PARTY_KIND: (&str, &str) = ("party_kind", "person");
/// A choice of the inquiry: how far the breach has come.
const GRADE: &str = "grade";
/// A sum of the inquiry: what was gained by it, yuan.
const GAINS: &str = "gains";
/// A flag of the inquiry: life, health or financial safety was harmed.
const LIFE_OR_FINANCE: &str = "life_or_finance";

/// A breach and what punishes it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Charged {
    /// The clause that was breached.
    pub breach: Citation,
    /// The clause that punishes it.
    pub by: Citation,
    /// The range of the fine by it; of a breach that is to be corrected first, of the fine that follows. None: it fines nothing.
    pub range: Option<Text>,
    /// The upper end of the fine that may be imposed now, yuan; none: there is none, or it follows from what was gained.
    pub most_yuan: Option<u64>,
    /// The clause of a higher instrument that lowers the upper end.
    pub bound: Option<Citation>,
}

/// How a clause is written where a person names it: `《某条例》第八条第一款`.
#[must_use]
pub fn clause_name(citation: &Citation) -> String {
    format!("《{}》{}", citation.instrument.zh, citation.article.zh)
}

/// The clauses that a line names, each once, by their ids or as [`clause_name`] writes them.
///
/// # Errors
/// The first part that names no clause of the packs.
pub fn clauses_named(packs: &Packs, text: &str) -> Result<Vec<ClauseId>, String> {
    let mut found: Vec<ClauseId> = Vec::new();
    for part in text.split(BETWEEN).map(str::trim).filter(|part| !part.is_empty()) {
        let clause = clause_named(packs, part).ok_or_else(|| part.to_owned())?;
        if !found.contains(&clause) {
            found.push(clause);
        }
    }
    Ok(found)
}

/// Of several clauses that are cited alike the one whose breach costs something.
fn clause_named(packs: &Packs, part: &str) -> Option<ClauseId> {
    let id = ClauseId::new(part);
    if packs.clause(&id).is_some() {
        return Some(id);
    }
    let (instrument, article) = part.strip_prefix('《')?.split_once('》')?;
    let own = packs.all().iter().filter(|pack| pack.head.name_zh == instrument);
    let cited = |clause: &&Clause| clause.cite_zh == article.trim();
    let same: Vec<&Clause> = own.flat_map(|pack| &pack.clauses).filter(cited).collect();
    let mut breaches = packs.all().iter().flat_map(|pack| &pack.sanctions).flat_map(|sanction| &sanction.breach);
    let punished = breaches.find_map(|breach| same.iter().find(|clause| clause.id == breach.clause));
    punished.or_else(|| same.first()).map(|clause| ClauseId::new(&clause.id))
}

/// The clauses whose breach the party is told of: those that the telling names, else those of the proposal that stands.
#[must_use]
pub fn accused(docket: &Docket<'_>) -> Vec<ClauseId> {
    let told = docket.answer(TOLD_BREACH).and_then(|text| clauses_named(docket.packs, &text).ok()).unwrap_or_default();
    if !told.is_empty() {
        return told;
    }
    let Some(proposal) = &docket.case.proposal else { return Vec::new() };
    let charged = charges(docket, &proposal.clauses, proposal.on);
    charged.into_iter().map(|one| one.breach.clause).collect()
}

/// What punishes these clauses, by a decision of that day.
#[must_use]
pub fn charges(docket: &Docket<'_>, clauses: &[ClauseId], on: CivilDate) -> Vec<Charged> {
    let one = |clause: &ClauseId| {
        let breach = docket.packs.cite(clause)?;
        let penalty = docket.packs.penalty(&question(docket, clause, on)).ok()?;
        // The penalty clause itself may be named among the clauses: then it is that one.
        let named = penalty.applied.iter().find(|applied| clauses.contains(&applied.citation.clause));
        let surest = || penalty.fining().map(|(applied, _)| applied);
        let applied = named.or_else(surest).or_else(|| penalty.applied.first())?;
        let fine = applied.fine.as_ref().or(applied.later.as_ref());
        let bound = fine.and_then(|fine| fine.bound.as_ref()).map(|bound| bound.citation.clone());
        let most_yuan = applied.fine.as_ref().filter(|fine| fine.gains_multiple.is_none()).map(|fine| fine.max_yuan);
        Some(Charged { breach, by: applied.citation.clone(), range: fine.map(Fine::text), most_yuan, bound })
    };
    clauses.iter().filter_map(one).collect()
}

/// What the packs are asked about one breach of the case.
fn question(docket: &Docket<'_>, clause: &ClauseId, on: CivilDate) -> PenaltyQuestion {
    let case = docket.case;
    let act_on = docket.answer(ACT_DAY).and_then(|text| CivilDate::parse(&text)).unwrap_or(case.facts_on);
    let on = on.max(act_on);
    let (kind, person) = PARTY_KIND;
    let who = if docket.answer(kind).as_deref() == Some(person) { Fined::Person } else { Fined::Unit };
    let grade = match docket.answer(GRADE).as_deref() {
        Some("overdue") => Grade::Overdue,
        Some("loss") => Grade::Loss,
        Some("serious") => Grade::Serious,
        _ => Grade::Ordinary,
    };
    PenaltyQuestion {
        found_on: case.doings.first().map_or(on, |doing| doing.on).max(act_on),
        life_or_finance: docket.flag(LIFE_OR_FINANCE) == Some(true),
        gains_yuan: docket.answer(GAINS).and_then(|sum| sum.parse().ok()),
        ..PenaltyQuestion::new(&clause.0, place_of(docket, clause), who, grade, act_on, on)
    }
}

/// The province of the breached clause, where its instrument reaches one alone; else that of the place of the case.
fn place_of(docket: &Docket<'_>, clause: &ClauseId) -> Jurisdiction {
    match docket.packs.clause(clause).map(|(pack, _)| pack.head.jurisdictions.as_slice()) {
        Some([only]) => *only,
        _ => docket
            .answer(&docket.procedure.place)
            .map_or(Jurisdiction::Other, |division| Jurisdiction::of_division(&division)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::casework::tests::bench::{Bench, PACKS, REASONS};
    use crate::casework::{CaseAct, Seat};

    const BREACH: &str = "799-8";
    const BY: &str = "799-27";

    fn name(clause: &str) -> String {
        clause_name(&PACKS.cite(&ClauseId::new(clause)).unwrap())
    }

    #[test]
    fn a_clause_is_named_by_its_words_or_by_its_id_and_nothing_else() {
        let named = |text: &str| clauses_named(&PACKS, text);
        let both = format!("{}；{BY}; {}", name(BREACH), name(BREACH));
        assert_eq!(named(&both), Ok(vec![ClauseId::new(BREACH), ClauseId::new(BY)]));
        assert_eq!(named(" ；"), Ok(Vec::new()));
        assert_eq!(named("第八条"), Err("第八条".to_owned()), "of which instrument");
        assert_eq!(named(&format!("{BREACH}；《没有的条例》第一条")), Err("《没有的条例》第一条".to_owned()));
    }

    #[test]
    fn every_breach_that_costs_something_is_named_by_its_words() {
        for breach in PACKS.all().iter().flat_map(|p| &p.sanctions).flat_map(|s| &s.breach) {
            let Some(citation) = PACKS.cite(&ClauseId::new(&breach.clause)) else { continue };
            let words = clause_name(&citation);
            let found = clauses_named(&PACKS, &words).unwrap();
            assert!(found.iter().all(|clause| name(&clause.0) == words) && found.len() == 1, "{words}");
        }
    }

    #[test]
    fn what_punishes_a_breach_comes_with_its_range_by_the_grade_that_was_found() {
        let mut bench = Bench::open("penalty_case");
        bench.go("tell");
        let docket = bench.docket();
        let of = |clauses: &[&str]| {
            let clauses: Vec<ClauseId> = clauses.iter().map(|id| ClauseId::new(id)).collect();
            charges(&docket, &clauses, bench.today)
        };
        let found = of(&[BREACH, "AP-57"]);
        assert_eq!(found.len(), 1, "what nothing punishes is no charge");
        let only = found.first().unwrap();
        assert_eq!((only.breach.clause.0.as_str(), only.by.clause.0.as_str()), (BREACH, BY));
        assert_eq!(accused(&docket), [ClauseId::new(BREACH)], "as the sample of the telling names it");
    }

    #[test]
    fn without_a_clause_in_the_telling_those_of_the_proposal_are_told() {
        let mut bench = Bench::open("penalty_case");
        bench.go("investigate");
        assert!(accused(&bench.docket()).is_empty());
        let act = CaseAct::Propose {
            outcome: "fined".into(),
            typed: bench.sample("fined"),
            reasons: REASONS.into(),
            clauses: vec![ClauseId::new(BREACH), bench.node("fined").clause().clone()],
        };
        bench.act(Seat::Officer, act).unwrap();
        assert_eq!(accused(&bench.docket()), [ClauseId::new(BREACH)]);
    }
}
