//! `readings.toml` of a pack: the slips and gaps of its text, how each may be read, and what speaks for and against.
//!
//! What flows through: the file -> [`ReadingEntry`] (checked: the quoted words stand in the article, the clauses exist) -> with the
//! decisions of a server ([`ReadingDecision`]) -> [`Chosen`]: which reading applies on a day, and since when by whose decision.
//!
//! Always true: the printed text is shown as it is, a reading stands beside it; a gap has no other reading, because nothing is
//! invented; a decision is dated and a later one never changes what held before it; no reading carries a fine (`may_fine` can only
//! be false: 行政处罚法 arts. 4 and 38 want a legal basis, and a slip is none before legal review).

use crate::pack::{Clause, Pack, Packs};
use crate::{PackError, Penalty, PenaltyQuestion, text::Article};
use base::{CivilDate, ClauseId, Reading, Refusal, Text};
use serde::{Deserialize, Serialize};

/// What is wrong with a text.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FlawKind {
    /// It is printed so that it cannot be meant, or not quite.
    Slip,
    /// Words are lost.
    Gap,
}

/// One of the two readings of a slip.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// As printed.
    Literal,
    /// As it is evidently meant.
    Evident,
}

impl Choice {
    /// Both, in the order shown.
    pub const ALL: [Self; 2] = [Self::Literal, Self::Evident];

    /// Stable word for files, forms and rows.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Literal => "literal",
            Self::Evident => "evident",
        }
    }

    /// Reads the word; `None` for any other.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.key() == key)
    }

    /// What people call it.
    #[must_use]
    pub const fn name(self) -> Text {
        match self {
            Self::Literal => Text::new("按字面", "as printed"),
            Self::Evident => Text::new("按明显文意", "by its evident meaning"),
        }
    }

    /// The flag that a citation carries.
    #[must_use]
    pub const fn flag(self) -> Reading {
        match self {
            Self::Literal => Reading::Literal,
            Self::Evident => Reading::Evident,
        }
    }
}

/// A slip or gap of a text and its readings.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadingEntry {
    /// Stable word: pack, article and matter, e.g. `B-40-article`.
    pub id: String,
    /// Slip or gap.
    pub kind: FlawKind,
    /// Article that has it.
    pub article: u16,
    /// Clauses it touches; empty: every clause of the article.
    #[serde(default)]
    pub clauses: Vec<String>,
    /// Words of the article as printed that show it; marked on the page. Of a gap: the tails that survive.
    #[serde(default)]
    pub quotes: Vec<String>,
    /// What the printed words say.
    pub literal_zh: String,
    /// What the printed words say, English.
    pub literal_en: String,
    /// What is evidently meant; empty for a gap.
    #[serde(default)]
    pub evident_zh: String,
    /// What is evidently meant, English; empty for a gap.
    #[serde(default)]
    pub evident_en: String,
    /// What speaks for the evident reading; of a gap: how it is known that words are missing.
    pub for_zh: String,
    /// The same, English.
    pub for_en: String,
    /// What speaks against it; of a gap: what may not be concluded.
    pub against_zh: String,
    /// The same, English.
    pub against_en: String,
    /// Which applies where nobody decided.
    pub default: Choice,
    /// May a fine rest on the evident reading alone? Always false: stated in the file so that whoever reads it sees it.
    pub may_fine: bool,
}

impl ReadingEntry {
    /// What the printed words say.
    #[must_use]
    pub fn literal(&self) -> Text {
        Text::of(self.literal_zh.clone(), self.literal_en.clone())
    }

    /// What is evidently meant; `None` for a gap.
    #[must_use]
    pub fn evident(&self) -> Option<Text> {
        (self.kind == FlawKind::Slip).then(|| Text::of(self.evident_zh.clone(), self.evident_en.clone()))
    }

    /// What speaks for it.
    #[must_use]
    pub fn arguments_for(&self) -> Text {
        Text::of(self.for_zh.clone(), self.for_en.clone())
    }

    /// What speaks against it.
    #[must_use]
    pub fn arguments_against(&self) -> Text {
        Text::of(self.against_zh.clone(), self.against_en.clone())
    }

    /// Touches this clause of its own pack.
    #[must_use]
    pub fn touches(&self, clause: &Clause) -> bool {
        clause.article == self.article && (self.clauses.is_empty() || self.clauses.contains(&clause.id))
    }

    /// The other reading can be chosen: a gap has none.
    #[must_use]
    pub fn is_open_to_choice(&self) -> bool {
        self.kind == FlawKind::Slip
    }
}

/// What a server decided about a slip. Rows of a server; the pack knows nothing of them.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ReadingDecision {
    /// [`ReadingEntry::id`].
    pub reading: String,
    /// What was chosen.
    pub choice: Choice,
    /// First day it holds.
    pub from: CivilDate,
}

/// The reading that applies to a clause on a day.
#[derive(Clone, Debug)]
pub struct Chosen<'a> {
    /// The slip or gap.
    pub entry: &'a ReadingEntry,
    /// Which reading.
    pub choice: Choice,
    /// First day of the decision; `None` where nobody decided and the default applies.
    pub since: Option<CivilDate>,
}

impl Chosen<'_> {
    /// May a fine rest on it alone? Only on what is printed; a fine on another reading waits for legal review.
    #[must_use]
    pub const fn may_fine(&self) -> bool {
        matches!(self.choice, Choice::Literal) || self.entry.may_fine
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReadingFile {
    #[serde(default, rename = "reading")]
    readings: Vec<ReadingEntry>,
}

/// Reads the file; a pack without one has no entries.
pub(crate) fn read(file: &str, text: Option<&String>) -> Result<Vec<ReadingEntry>, PackError> {
    let Some(text) = text else { return Ok(Vec::new()) };
    let read: ReadingFile = toml::from_str(text).map_err(|e| PackError::toml(file, text, &e))?;
    for (n, entry) in read.readings.iter().enumerate() {
        if read.readings.iter().take(n).any(|other| other.id == entry.id) {
            return Err(PackError::again(file, text, &entry.id, "two readings have this id"));
        }
    }
    Ok(read.readings)
}

/// What is wrong with an entry of a loaded pack.
pub(crate) fn defect(pack: &Pack, entry: &ReadingEntry) -> Result<(), String> {
    let begin = format!("{}-{}-", pack.head.id, entry.article);
    if !entry.id.starts_with(&begin) {
        return Err(format!("the id should begin with `{begin}`"));
    }
    let Some(article) = pack.articles.get(&entry.article) else {
        return Err(format!("article {} is not in text.md", entry.article));
    };
    for id in &entry.clauses {
        match pack.clauses.iter().find(|c| c.id == *id) {
            None => return Err(format!("clause `{id}` does not exist")),
            Some(clause) if clause.article != entry.article => {
                return Err(format!("clause `{id}` is not of article {}", entry.article));
            }
            Some(_) => {}
        }
    }
    quoted(article, entry)?;
    let both = |zh: &str, en: &str| !zh.trim().is_empty() && !en.trim().is_empty();
    if !both(&entry.literal_zh, &entry.literal_en) || !both(&entry.for_zh, &entry.for_en) {
        return Err("`literal` and `for` are needed in both languages".to_owned());
    }
    if !both(&entry.against_zh, &entry.against_en) {
        return Err(
            "`against` is needed in both languages: a reading without a counter-argument was not weighed".to_owned()
        );
    }
    let evident = both(&entry.evident_zh, &entry.evident_en);
    match entry.kind {
        FlawKind::Slip if !evident => return Err("a slip needs `evident` in both languages".to_owned()),
        FlawKind::Gap if !entry.evident_zh.is_empty() || !entry.evident_en.is_empty() => {
            return Err("lost text has no evident reading: nothing is invented".to_owned());
        }
        FlawKind::Gap if entry.default != Choice::Literal => {
            return Err("of lost text only what is printed applies: `default = \"literal\"`".to_owned());
        }
        _ => {}
    }
    if entry.may_fine {
        return Err("no fine rests on a reading before legal review: `may_fine = false`".to_owned());
    }
    Ok(())
}

fn quoted(article: &Article, entry: &ReadingEntry) -> Result<(), String> {
    for quote in &entry.quotes {
        if quote.is_empty() || !article.body.contains(quote.as_str()) {
            return Err(format!("article {} as printed does not hold the words `{quote}`", entry.article));
        }
    }
    Ok(())
}

impl Packs {
    /// Every slip and gap, pack by pack.
    pub fn readings(&self) -> impl Iterator<Item = (&Pack, &ReadingEntry)> {
        self.packs.iter().flat_map(|pack| pack.readings.iter().map(move |entry| (pack, entry)))
    }

    /// A slip or gap by its id.
    #[must_use]
    pub fn reading(&self, id: &str) -> Option<(&Pack, &ReadingEntry)> {
        self.readings().find(|(_, entry)| entry.id == id)
    }

    /// The slips and gaps that touch a clause.
    #[must_use]
    pub fn readings_of(&self, clause: &ClauseId) -> Vec<&ReadingEntry> {
        let Some((pack, clause)) = self.clause(clause) else { return Vec::new() };
        pack.readings.iter().filter(|r| r.touches(clause)).collect()
    }

    /// Which readings apply to a clause on a day, under the decisions of a server: of each slip the decision with the latest first
    /// day not after `on` (of two with the same day the one that stands later), else its default.
    #[must_use]
    pub fn chosen(&self, clause: &ClauseId, on: CivilDate, decisions: &[ReadingDecision]) -> Vec<Chosen<'_>> {
        self.readings_of(clause).into_iter().map(|entry| chosen_of(entry, on, decisions)).collect()
    }

    /// May a fine rest on this clause as it is read on that day? False wherever one of its slips is read otherwise than printed.
    #[must_use]
    pub fn may_fine_as_read(&self, clause: &ClauseId, on: CivilDate, decisions: &[ReadingDecision]) -> bool {
        self.chosen(clause, on, decisions).iter().all(Chosen::may_fine)
    }

    /// What a breach costs under the readings that a server decided: as [`Packs::penalty`], and each penalty that rests on a slip read
    /// otherwise than printed, on the day of the act or of decision, waits for a legal review. No decision takes a review away.
    ///
    /// # Errors
    /// As [`Packs::penalty`].
    pub fn penalty_as_read(&self, q: &PenaltyQuestion, decisions: &[ReadingDecision]) -> Result<Penalty, Refusal> {
        let mut answer = self.penalty(q)?;
        for applied in &mut answer.applied {
            for clause in [&q.breach, &applied.citation.clause] {
                let days = [q.act_on, q.decided_on];
                if days.iter().all(|on| self.may_fine_as_read(clause, *on, decisions)) {
                    continue;
                }
                applied.review.push(Text::of(
                    format!("{clause}的笔误按明显文意理解；不得据以自动罚款，须经法制审核。"),
                    format!(
                        "A slip of {clause} is read by its evident meaning; no fine rests on that before legal review."
                    ),
                ));
            }
        }
        Ok(answer)
    }
}

/// The reading of one slip on a day.
#[must_use]
pub fn chosen_of<'a>(entry: &'a ReadingEntry, on: CivilDate, decisions: &[ReadingDecision]) -> Chosen<'a> {
    let mine = decisions.iter().filter(|d| d.reading == entry.id && d.from <= on && entry.is_open_to_choice());
    match mine.max_by_key(|d| d.from) {
        Some(decision) => Chosen { entry, choice: decision.choice, since: Some(decision.from) },
        None => Chosen { entry, choice: entry.default, since: None },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AmountGrounds, Fined, Grade, Jurisdiction};

    fn day(text: &str) -> CivilDate {
        CivilDate::parse(text).unwrap()
    }

    fn decision(choice: Choice, from: &str) -> ReadingDecision {
        ReadingDecision { reading: "B-40-article".into(), choice, from: day(from) }
    }

    #[test]
    fn a_decision_holds_from_its_day_and_changes_nothing_before() {
        let packs = Packs::embedded().unwrap();
        let b40 = ClauseId::new("B-40-1");
        let of = |on: &str, decisions: &[ReadingDecision]| {
            let chosen = packs.chosen(&b40, day(on), decisions);
            assert_eq!(chosen.len(), 1);
            (chosen[0].choice, chosen[0].since)
        };
        assert_eq!(of("2026-03-02", &[]), (Choice::Evident, None));
        let decided = [decision(Choice::Literal, "2026-03-02"), decision(Choice::Evident, "2026-05-01")];
        assert_eq!(of("2026-03-01", &decided), (Choice::Evident, None));
        assert_eq!(of("2026-03-02", &decided), (Choice::Literal, Some(day("2026-03-02"))));
        assert_eq!(of("2026-04-30", &decided), (Choice::Literal, Some(day("2026-03-02"))));
        assert_eq!(of("2026-05-01", &decided), (Choice::Evident, Some(day("2026-05-01"))));
        let same_day = [decision(Choice::Evident, "2026-03-02"), decision(Choice::Literal, "2026-03-02")];
        assert_eq!(of("2026-03-02", &same_day).0, Choice::Literal, "the later of two on one day");
        let other = [ReadingDecision { reading: "B-41-offset".into(), ..decision(Choice::Literal, "2020-01-01") }];
        assert_eq!(of("2026-03-02", &other), (Choice::Evident, None));
    }

    #[test]
    fn no_fine_rests_on_a_reading() {
        let packs = Packs::embedded().unwrap();
        let on = day("2026-03-02");
        assert!(packs.readings().all(|(_, r)| !r.may_fine));
        assert!(!packs.may_fine_as_read(&ClauseId::new("B-40-1"), on, &[]), "evident by default");
        assert!(packs.may_fine_as_read(&ClauseId::new("B-41"), on, &[]), "as printed");
        let read = ReadingDecision { reading: "B-41-offset".into(), choice: Choice::Evident, from: on };
        assert!(!packs.may_fine_as_read(&ClauseId::new("B-41"), on, &[read]));
    }

    #[test]
    fn no_decision_lets_a_fine_go_without_legal_review() {
        let packs = Packs::embedded().unwrap();
        let (act, decided) = (day("2026-03-02"), day("2026-04-01"));
        let all = |choice: Choice| {
            let slips = packs.readings().filter(|(_, r)| r.is_open_to_choice());
            slips.map(|(_, r)| ReadingDecision { reading: r.id.clone(), choice, from: act }).collect::<Vec<_>>()
        };
        let (mut held, mut kept) = (0, 0);
        for (pack, jurisdiction) in [("A", Jurisdiction::Liaoning), ("B", Jurisdiction::Heilongjiang)] {
            for clause in &packs.pack(pack).unwrap().clauses {
                let whom = [Fined::Unit, Fined::Person, Fined::Responsible];
                let grades = [Grade::Ordinary, Grade::Overdue, Grade::Loss, Grade::Serious];
                for (who, grade) in whom.into_iter().flat_map(|w| grades.map(|g| (w, g))) {
                    let q = PenaltyQuestion::new(&clause.id, jurisdiction, who, grade, act, decided);
                    let plain = packs.penalty(&q).unwrap();
                    // Whatever was decided, what waited for a review waits for it still.
                    for choice in Choice::ALL {
                        let read = packs.penalty_as_read(&q, &all(choice)).unwrap();
                        for (before, after) in plain.applied.iter().zip(&read.applied) {
                            assert!(before.review.iter().all(|r| after.review.contains(r)), "{}", clause.id);
                            kept += usize::from(!before.review.is_empty());
                        }
                    }
                    // A fine whose clause, or whose breach, is read by its meaning is refused without the review's document.
                    let read = packs.penalty_as_read(&q, &all(Choice::Evident)).unwrap();
                    for applied in &read.applied {
                        let Some(fine) = &applied.fine else { continue };
                        let by_meaning = [&q.breach, &applied.citation.clause]
                            .into_iter()
                            .any(|c| packs.readings_of(c).iter().any(|r| r.is_open_to_choice()));
                        if !by_meaning {
                            continue;
                        }
                        let grounds = AmountGrounds {
                            reasons: "情节一般",
                            legal_review: None,
                            clause: Some(&applied.citation.clause.0),
                        };
                        let refused = read.check_amount(fine.least(), grounds).unwrap_err();
                        assert_eq!(refused.code, "legal_review_required", "{} {}", clause.id, applied.citation.clause);
                        held += 1;
                    }
                }
            }
        }
        assert!(held > 10 && kept > 10, "the packs have such fines: {held} {kept}");
    }

    #[test]
    fn lost_text_cannot_be_chosen() {
        let packs = Packs::embedded().unwrap();
        let gap = ReadingDecision { reading: "A-24-lost".into(), choice: Choice::Evident, from: day("2016-01-01") };
        let chosen = packs.chosen(&ClauseId::new("A-24-2"), day("2026-03-02"), &[gap]);
        assert_eq!((chosen.len(), chosen[0].choice, chosen[0].since), (1, Choice::Literal, None));
        assert!(packs.reading("A-24-lost").unwrap().1.evident().is_none());
    }
}
