//! The checker between packs: what holds only when several files, or several instruments, are looked at together.
//!
//! What flows through: loaded [`Packs`] and their files -> [`Finding`]s (what, where, which clause) -> [`Judged`], each with the reason
//! in `known-findings.toml` for which it was accepted, if it was.
//!
//! Loading already refuses what cannot be used at all (a clause that does not exist, a word nobody knows). Here is what can be used and
//! still is wrong or wants a lawyer: references of the printed text to what is not there, duties without a penalty, penalties that
//! reach nobody who is bound, instruments that meet. Always true: an accepted finding that is no longer found is itself an error, so the
//! list of accepted ones never outlives its cause; a fine is never derived here.

mod layers;
mod texts;
mod words;

use crate::pack::{Actor, Clause, Modality, Pack, Packs, PenaltyLink, Status, TextKind};
use crate::{PackError, error};
use base::Text;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Path below `law/` to text.
type Files = BTreeMap<String, String>;

/// The file of accepted findings.
pub const KNOWN_FILE: &str = "known-findings.toml";

/// What kind of finding.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    /// The printed text cites an article, paragraph or item that does not exist.
    DanglingReference,
    /// References of penalty articles fit their duties when all are shifted by one number.
    OffsetFits,
    /// A duty of units or persons that no penalty clause reaches as printed.
    UnpunishedDuty,
    /// Every penalty of a duty reaches officials only, the duty binds others too.
    OfficialsOnly,
    /// Clauses of several packs set different numbers for one matter.
    DifferentNumbers,
    /// A national prohibition and a provincial clause that allows or asks for approval meet on one matter.
    LayersMeet,
    /// A penalty link leads to a clause that is no penalty.
    NotAPenalty,
    /// A clause says there is a slip or gap, and `readings.toml` does not have it.
    UnlistedFlaw,
    /// A clause is read otherwise than the default of its reading.
    ReadingDiffers,
    /// A value or clause begins before its pack, or a span is empty.
    WrongDays,
    /// Clauses of an overlay are never in force together.
    NeverTogether,
    /// A sentence is missing, or in the wrong language.
    WrongWords,
    /// The citation of a clause does not match its article.
    WrongCitation,
    /// Rank and area of a pack do not go together.
    RankAndArea,
    /// A finding that was accepted and is no longer there.
    NoLongerFound,
}

impl FindingKind {
    /// All kinds, in the order shown.
    pub const ALL: [Self; 15] = [
        Self::DanglingReference,
        Self::OffsetFits,
        Self::UnpunishedDuty,
        Self::OfficialsOnly,
        Self::DifferentNumbers,
        Self::LayersMeet,
        Self::NotAPenalty,
        Self::UnlistedFlaw,
        Self::ReadingDiffers,
        Self::WrongDays,
        Self::NeverTogether,
        Self::WrongWords,
        Self::WrongCitation,
        Self::RankAndArea,
        Self::NoLongerFound,
    ];

    /// What people call it.
    #[must_use]
    pub const fn name(self) -> Text {
        match self {
            Self::DanglingReference => Text::new("引用落空", "reference to nothing"),
            Self::OffsetFits => Text::new("条号疑有错位", "numbers perhaps shifted"),
            Self::UnpunishedDuty => Text::new("义务没有罚则", "duty without a penalty"),
            Self::OfficialsOnly => Text::new("罚则只及于官员", "penalty reaches officials only"),
            Self::DifferentNumbers => Text::new("同一事项数值不同", "different numbers on one matter"),
            Self::LayersMeet => Text::new("不同位阶的规定相遇", "instruments of different rank meet"),
            Self::NotAPenalty => Text::new("所指不是罚则", "not a penalty"),
            Self::UnlistedFlaw => Text::new("笔误或缺文未列入", "slip or gap not listed"),
            Self::ReadingDiffers => Text::new("读法与默认不一致", "read otherwise than the default"),
            Self::WrongDays => Text::new("日期有误", "wrong days"),
            Self::NeverTogether => Text::new("从不同时有效", "never in force together"),
            Self::WrongWords => Text::new("文字缺失或语言不对", "words missing or in the wrong language"),
            Self::WrongCitation => Text::new("引注与条文不符", "citation does not match"),
            Self::RankAndArea => Text::new("位阶与地域不符", "rank and area do not match"),
            Self::NoLongerFound => Text::new("已登记的问题不再出现", "accepted, and no longer found"),
        }
    }
}

/// How bad it is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The pack is wrong: repair it.
    Error,
    /// The law is so, or seems so: a person judges it, and its reason is listed.
    Warning,
    /// Seen and settled by the packs themselves; for information.
    Note,
}

/// One finding.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Finding {
    /// Kind.
    pub kind: FindingKind,
    /// How bad.
    pub severity: Severity,
    /// File below `law/`.
    pub file: String,
    /// Line, from 1.
    pub line: Option<usize>,
    /// Clause (`B-16`), article (`B-40`) or matter (`retention_days`) it is about.
    pub at: String,
    /// What was found and what to do, in words.
    pub text: Text,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let line = self.line.map(|n| format!(":{n}")).unwrap_or_default();
        write!(f, "{}{line} [{}]: {}", self.file, self.at, self.text.en)
    }
}

/// A finding, and why it was accepted if it was.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Judged {
    /// The finding.
    #[serde(flatten)]
    pub finding: Finding,
    /// The reason in `known-findings.toml`.
    pub known: Option<Text>,
}

impl Judged {
    /// Nobody has accepted it, and it is more than a note.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.known.is_none() && self.finding.severity != Severity::Note
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KnownFile {
    #[serde(default, rename = "known")]
    known: Vec<Known>,
}

/// Findings that were looked at and accepted.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Known {
    kind: FindingKind,
    at: Vec<String>,
    reason_zh: String,
    reason_en: String,
}

/// Where in the files something stands.
pub(crate) struct Place<'a> {
    files: &'a Files,
}

impl Place<'_> {
    fn text(&self, file: &str) -> &str {
        self.files.get(file).map_or("", String::as_str)
    }

    /// Line of a clause's entry in its pack's `clauses.toml`, or of `word` within the entry.
    fn in_clause(&self, pack: &Pack, id: &str, word: &str) -> (String, Option<usize>) {
        let file = format!("{}/clauses.toml", pack.folder);
        let text = self.text(&file);
        let entry = text.find(&format!("id = \"{id}\""));
        let line = entry.map(|at| {
            let end = text[at..].find("\n[[clause]]").map_or(text.len(), |n| at + n);
            let within = if word.is_empty() { None } else { text[at..end].find(word) };
            error::line_of(text, at + within.unwrap_or(0))
        });
        (file, line)
    }

    /// Line of words of an article in its pack's `text.md`.
    fn in_article(&self, pack: &Pack, article: u16, words: &str) -> (String, Option<usize>) {
        let file = format!("{}/text.md", pack.folder);
        let text = self.text(&file);
        let line = text.find(&format!("(art. {article})")).map(|at| {
            let end = text[at..].find("\n## ").map_or(text.len(), |n| at + n);
            let within = text[at..end].match_indices(words).find(|(n, _)| {
                let start = text[..at + n].rfind('\n').map_or(0, |b| b + 1);
                !text[start..].starts_with('>')
            });
            error::line_of(text, at + within.map_or(0, |w| w.0))
        });
        (file, line)
    }

    /// Line of an entry of a file by its quoted id.
    fn of_entry(&self, file: &str, id: &str) -> (String, Option<usize>) {
        let line = PackError::clause(file, self.text(file), id, "").line;
        (file.to_owned(), line)
    }
}

/// Collects findings.
pub(crate) struct Findings<'a> {
    pub packs: &'a Packs,
    pub place: Place<'a>,
    pub found: Vec<Finding>,
}

impl Findings<'_> {
    fn push(
        &mut self,
        kind: FindingKind,
        severity: Severity,
        (file, line): (String, Option<usize>),
        at: &str,
        text: Text,
    ) {
        self.found.push(Finding { kind, severity, file, line, at: at.to_owned(), text });
    }
}

/// Does a clause bind somebody who is no organ of state or official?
pub(crate) fn binds_others(clause: &Clause) -> bool {
    clause.actor.iter().any(|actor| !is_of_the_state(*actor))
}

/// An organ of state or its staff.
const fn is_of_the_state(actor: Actor) -> bool {
    matches!(
        actor,
        Actor::Police
            | Actor::PoliceProvince
            | Actor::PoliceCity
            | Actor::StateSecurity
            | Actor::StateOrgan
            | Actor::OtherDepartment
            | Actor::Official
            | Actor::Government
    )
}

/// A duty or prohibition.
pub(crate) const fn obliges(clause: &Clause) -> bool {
    matches!(clause.modality, Modality::Must | Modality::MustNot)
}

impl Packs {
    /// Looks for what is wrong between the packs; `files` are those they were loaded from. Ordered by kind, then as the packs stand.
    ///
    /// # Errors
    /// The list of accepted findings cannot be read.
    pub fn check_between(&self, files: &Files) -> Result<Vec<Judged>, PackError> {
        let mut findings = Findings { packs: self, place: Place { files }, found: Vec::new() };
        texts::check(&mut findings);
        findings.penalties();
        layers::check(&mut findings);
        words::check(&mut findings);
        let mut found = findings.found;
        found.sort_by_key(|f| f.kind);
        judge(found, files)
    }

    /// As [`Packs::check_between`] for the packs in the binary.
    ///
    /// # Errors
    /// As there; a test holds that there is none.
    pub fn check_embedded() -> Result<Vec<Judged>, PackError> {
        let files = crate::embedded::files();
        Self::from_files(&files)?.check_between(&files)
    }
}

impl Findings<'_> {
    /// Duties and what punishes their breach.
    fn penalties(&mut self) {
        let packs = self.packs;
        for pack in packs.all() {
            for clause in &pack.clauses {
                self.not_a_penalty(pack, clause);
                // A pack of gists carries only the clauses used: what is not in it proves nothing.
                if pack.head.text == TextKind::AsGiven && obliges(clause) && binds_others(clause) {
                    self.unpunished(pack, clause);
                    self.officials_only(pack, clause);
                }
            }
        }
    }

    fn not_a_penalty(&mut self, pack: &Pack, clause: &Clause) {
        let packs = self.packs;
        for link in &clause.penalty {
            let target = packs.clause(&base::ClauseId::new(&link.clause));
            if target.is_some_and(|(_, c)| c.modality != Modality::Penalty) {
                let id = &link.clause;
                let text = Text::of(
                    format!("罚则指向 {id}，而 {id} 不是罚则（modality 不是 penalty）。请改指罚则条款。"),
                    format!(
                        "Its penalty is `{id}`, whose modality is not `penalty`. Name the clause that punishes it."
                    ),
                );
                let place = self.place.in_clause(pack, &clause.id, "penalty = ");
                self.push(FindingKind::NotAPenalty, Severity::Error, place, &clause.id, text);
            }
        }
    }

    fn unpunished(&mut self, pack: &Pack, clause: &Clause) {
        let as_printed = clause.penalty.iter().any(|p| p.link != PenaltyLink::SlipReading);
        if as_printed || clause.status == Status::Gap {
            return;
        }
        let slips: BTreeSet<&str> = clause.penalty.iter().map(|p| p.clause.as_str()).collect();
        let text = if slips.is_empty() {
            Text::of(
                "本法规中没有处罚其违反的条款。不得推定处罚。".to_owned(),
                "No clause of its instrument punishes its breach. No penalty may be assumed.".to_owned(),
            )
        } else {
            let ids = slips.into_iter().collect::<Vec<_>>().join(", ");
            Text::of(
                format!("按字面没有罚则；只有按标出的读法，{ids} 才及于它。"),
                format!("As printed nothing punishes its breach; only under a flagged reading does {ids} reach it."),
            )
        };
        let place = self.place.in_clause(pack, &clause.id, "modality = ");
        self.push(FindingKind::UnpunishedDuty, Severity::Warning, place, &clause.id, text);
    }

    fn officials_only(&mut self, pack: &Pack, clause: &Clause) {
        let packs = self.packs;
        let punishing = || {
            let links = clause.penalty.iter().filter(|p| p.link == PenaltyLink::Literal);
            links.filter_map(|p| packs.clause(&base::ClauseId::new(&p.clause))).map(|(_, c)| c)
        };
        let ids: Vec<&str> = punishing().map(|c| c.id.as_str()).collect();
        if ids.is_empty() || punishing().any(binds_others) {
            return;
        }
        let ids = ids.join(", ");
        let text = Text::of(
            format!("义务也约束非国家机关的主体，而罚则 {ids} 只及于国家机关及其工作人员：其他人违反没有处罚。"),
            format!(
                "It binds others than state organs too, but its penalty {ids} reaches only them and their staff: nobody else's breach is punished."
            ),
        );
        let place = self.place.in_clause(pack, &clause.id, "penalty = ");
        self.push(FindingKind::OfficialsOnly, Severity::Warning, place, &clause.id, text);
    }
}

/// Puts the reason beside each finding that was accepted; an accepted one that is not there is an error.
fn judge(found: Vec<Finding>, files: &Files) -> Result<Vec<Judged>, PackError> {
    let Some(text) = files.get(KNOWN_FILE) else {
        return Ok(found.into_iter().map(|finding| Judged { finding, known: None }).collect());
    };
    let read: KnownFile = toml::from_str(text).map_err(|e| PackError::toml(KNOWN_FILE, text, &e))?;
    let mut reasons: BTreeMap<(FindingKind, &str), Text> = BTreeMap::new();
    for known in &read.known {
        if known.reason_zh.is_empty() || known.reason_en.is_empty() || known.at.is_empty() {
            let id = known.at.first().map_or("", String::as_str);
            let what = "an accepted finding says where (`at`) and why in both languages (`reason_zh`, `reason_en`)";
            return Err(PackError::clause(KNOWN_FILE, text, id, what));
        }
        for at in &known.at {
            let reason = Text::of(known.reason_zh.clone(), known.reason_en.clone());
            if reasons.insert((known.kind, at), reason).is_some() {
                return Err(PackError::clause(KNOWN_FILE, text, at, "the same finding is accepted twice"));
            }
        }
    }
    let mut met: BTreeSet<(FindingKind, String)> = BTreeSet::new();
    let mut judged = Vec::with_capacity(found.len());
    for finding in found {
        let known = reasons.get(&(finding.kind, finding.at.as_str())).cloned();
        if known.is_some() {
            met.insert((finding.kind, finding.at.clone()));
        }
        judged.push(Judged { finding, known });
    }
    for (kind, at) in reasons.keys().filter(|(kind, at)| !met.contains(&(*kind, (*at).to_owned()))) {
        let name = kind.name();
        let text_of = Text::of(
            format!("登记为已知的问题「{}」在这里不再出现：请从 {KNOWN_FILE} 删去，或查明为何消失。", name.zh),
            format!(
                "The accepted finding \"{}\" is no longer there: take it out of {KNOWN_FILE}, or find out why it went.",
                name.en
            ),
        );
        let line = PackError::clause(KNOWN_FILE, text, at, "").line;
        let finding = Finding {
            kind: FindingKind::NoLongerFound,
            severity: Severity::Error,
            file: KNOWN_FILE.to_owned(),
            line,
            at: (*at).to_owned(),
            text: text_of,
        };
        judged.push(Judged { finding, known: None });
    }
    Ok(judged)
}
