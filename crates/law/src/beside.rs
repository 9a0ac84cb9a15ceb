//! What a clause meets in other instruments: the matter and its ground, the clauses there and since when they hold, which of them
//! goes before it. Read from `overlays.toml` and, for what a breach costs, from `sanction-overlays.toml`.

use crate::pack::{Clause, OverlayRule, Pack, Packs};
use crate::sanction::SanctionRule;
use base::{CivilDate, ClauseId, Text};
use serde::Serialize;

/// A matter on which a clause meets others.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Beside {
    /// The matter, a word of the file.
    pub id: String,
    /// Ground in law.
    pub ground: Text,
    /// The other clauses, in the order of the file; never empty.
    pub others: Vec<Met>,
}

/// A clause that is met.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Met {
    /// Its id.
    pub clause: ClauseId,
    /// First day in force.
    pub from: CivilDate,
    /// First day no longer in force, if known.
    pub until: Option<CivilDate>,
    /// It goes before the clause asked about, or bounds it, wherever it is in force and reaches the matter.
    pub over: bool,
}

impl Met {
    /// Since when it holds, and that it goes before.
    #[must_use]
    pub fn words(&self) -> Text {
        let from = self.from;
        let (mut zh, mut en) = match self.until {
            Some(until) => (format!("自{from}起施行，{until}起失效"), format!("in force from {from} until {until}")),
            None => (format!("自{from}起施行"), format!("in force from {from}")),
        };
        if self.over {
            zh = format!("优先于本条，{zh}");
            en = format!("goes before this clause, {en}");
        }
        Text::of(zh, en)
    }
}

impl Pack {
    /// First day in force of a clause of this pack, and the first day no longer, if known.
    #[must_use]
    pub fn force(&self, clause: &Clause) -> (CivilDate, Option<CivilDate>) {
        let from = clause.from.unwrap_or(self.head.from).max(self.head.from);
        (from, [clause.ends(), self.head.until].into_iter().flatten().min())
    }
}

impl Packs {
    /// What a clause meets, matter by matter.
    #[must_use]
    pub fn beside(&self, clause: &str) -> Vec<Beside> {
        let rules = self.overlays().iter().map(|o| {
            let before = if o.rule == OverlayRule::FirstOf { o.clauses.len() } else { 0 };
            (&o.id, Text::of(o.ground_zh.clone(), o.ground_en.clone()), &o.clauses, before)
        });
        let fines = self.sanction_overlays().iter().map(|o| {
            let before = usize::from(matches!(o.rule, SanctionRule::Cap | SanctionRule::Prevails));
            (&o.id, o.ground(), &o.sanctions, before)
        });
        let mut out = Vec::new();
        for (id, ground, clauses, before) in rules.chain(fines) {
            // Those that stand above it in a list whose first (or whose earlier) ones rule.
            let Some(place) = clauses.iter().position(|c| c == clause) else { continue };
            let met = |(n, other): (usize, &String)| {
                let other = ClauseId::new(other);
                let (pack, entry) = self.clause(&other).filter(|_| n != place)?;
                let (from, until) = pack.force(entry);
                Some(Met { clause: other, from, until, over: n < place.min(before) })
            };
            let others: Vec<Met> = clauses.iter().enumerate().filter_map(met).collect();
            if !others.is_empty() {
                out.push(Beside { id: id.clone(), ground, others });
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn over(packs: &Packs, clause: &str) -> Vec<String> {
        let found = packs.beside(clause).into_iter().flat_map(|b| b.others.into_iter().map(move |m| (b.id.clone(), m)));
        found.filter(|(_, m)| m.over).map(|(id, m)| format!("{id} {} {}", m.clause, m.from)).collect()
    }

    #[test]
    fn a_clause_that_is_overridden_says_by_what_and_since_when() {
        let packs = Packs::embedded().unwrap();
        assert_eq!(over(&packs, "A-23-4"), ["after_retention 799-17 2025-04-01"]);
        assert!(over(&packs, "799-17").is_empty(), "it goes before");
        assert!(over(&packs, "B-25-1").is_empty(), "all terms hold at once");
        assert_eq!(over(&packs, "B-37-1-4"), ["unauthorised_installation_heilongjiang 799-26 2025-04-01"]);
        let retention = packs.beside("B-25-1");
        assert!(retention.iter().any(|b| b.others.iter().any(|m| m.clause.0 == "CT-32")));
        assert!(packs.beside("B-1").is_empty() && packs.beside("none").is_empty());
        let own = |b: &Beside| b.others.iter().any(|m| m.clause.0 == "A-14");
        assert!(!packs.beside("A-14").iter().any(own), "never itself");
    }

    #[test]
    fn the_days_are_told_in_words() {
        let day = |text: &str| CivilDate::parse(text).unwrap();
        let met = Met { clause: ClauseId::new("799-17"), from: day("2025-04-01"), until: None, over: true };
        assert_eq!(met.words().en, "goes before this clause, in force from 2025-04-01");
        let ended = Met { until: Some(day("2026-01-01")), over: false, ..met };
        assert_eq!(ended.words().zh, "自2025-04-01起施行，2026-01-01起失效");
    }
}
