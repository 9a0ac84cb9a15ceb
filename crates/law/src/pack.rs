//! Packs as data: heads, clauses, overlays, refusal texts. Loaded from a map of path to text, checked so that no reference
//! dangles, and then never changed.

use crate::act::ActKind;
use crate::carrier::{Carrier, Carriers};
use crate::cases::CaseFile;
use crate::place_rules::PlaceFile;
use crate::policy::PolicyRule;
use crate::procedure::TimeRules;
use crate::sanction::{Sanction, SanctionOverlay};
use crate::sanction_cases::SanctionCaseFile;
use crate::{Article, Jurisdiction, LawDigest, PackError};
use base::{Citation, CivilDate, ClauseId, Reading, Text};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::sync::OnceLock;

/// Rank of an instrument.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// 地方性法规.
    ProvincialOrdinance,
    /// 地方政府规章.
    ProvincialRule,
    /// 部门规章.
    DepartmentRule,
    /// 国务院文件 (a decision or notice, not a regulation).
    StateCouncilDocument,
    /// 行政法规.
    AdministrativeRegulation,
    /// 法律.
    Law,
}

/// What `text.md` holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TextKind {
    /// The article text as given to us, gaps and slips left in.
    AsGiven,
    /// Our own words about the articles used; never the text.
    Gist,
}

/// `pack.toml`: what the instrument is.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackHead {
    /// First part of its clause ids: `A`, `B`, `799`.
    pub id: String,
    /// Full name.
    pub name_zh: String,
    /// Full name, English.
    pub name_en: String,
    /// Who made it.
    pub issuer_zh: String,
    /// Who made it, English.
    pub issuer_en: String,
    /// Rank.
    pub level: Level,
    /// Provinces it reaches; empty: all of the country.
    #[serde(default)]
    pub jurisdictions: Vec<Jurisdiction>,
    /// First day in force.
    pub from: CivilDate,
    /// First day no longer in force, if known.
    #[serde(default)]
    pub until: Option<CivilDate>,
    /// Where the text or the gist comes from, and what is unverified.
    pub source_zh: String,
    /// The same in English.
    pub source_en: String,
    /// What `text.md` holds.
    pub text: TextKind,
    /// SHA-256 (hex) of `text.md`: a changed text does not load until its clauses were read again and this was renewed.
    pub text_sha256: String,
}

/// Who is addressed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the words of the clause table, explained there")]
pub enum Actor {
    Anyone,
    UsingUnit,
    ConstructionUnit,
    Provider,
    AlarmOperator,
    Manufacturer,
    Seller,
    IndustryAssociation,
    CitizenApplicant,
    Police,
    PoliceProvince,
    PoliceCity,
    StateSecurity,
    StateOrgan,
    OtherDepartment,
    Official,
    Government,
}

/// Force of a clause.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Modality {
    /// 应当.
    Must,
    /// 不得、禁止.
    MustNot,
    /// 可以.
    May,
    /// 罚则.
    Penalty,
    /// 是指.
    Definition,
    /// Any other statement.
    Statement,
}

/// What becomes of a clause in the program.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The gate or retention enforces it.
    Enforced,
    /// A procedure carries it out.
    Procedure,
    /// A register or record carries it out.
    Record,
    /// A publication carries it out.
    Publication,
    /// A penalty clause.
    Sanction,
    /// A sign or notice carries it out.
    Notice,
    /// Organisational only.
    Declared,
    /// Its text is lost; nothing is invented.
    Gap,
    /// Overridden by another clause.
    Superseded,
    /// Waits for a legal decision.
    NeedsRuling,
}

/// How sure it is that a penalty clause punishes a breach.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PenaltyLink {
    /// As printed.
    Literal,
    /// Only under the flagged reading of a slip.
    SlipReading,
    /// Perhaps: the items that would say so are lost.
    PerhapsLost,
}

/// Penalty clause of a breach.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PenaltyRef {
    /// Penalty clause.
    pub clause: String,
    /// How sure.
    pub link: PenaltyLink,
}

/// A number the law sets, with its days.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatedValue {
    /// What it measures; the unit ends the name: `retention_days`, `filing_days`.
    pub name: String,
    /// The number.
    pub amount: u32,
    /// First day it holds.
    pub from: CivilDate,
    /// First day it no longer holds.
    #[serde(default)]
    pub until: Option<CivilDate>,
}

/// Whose footage a retention clause reaches.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RetentionScope {
    /// Every system (B-25).
    EverySystem,
    /// Social public areas and key units.
    PublicAreaOrKeyUnit,
    /// Public places that Order 799 art. 7 lists.
    ListedPublicPlace,
    /// Key targets under the Counter-Terrorism Law.
    CounterTerrorKeyTarget,
    /// Special trades.
    SpecialTrade,
}

/// What a clause says about footage whose term is over.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AfterTermRule {
    /// May be erased or sealed.
    MayDelete,
    /// Must be erased once its purpose is met.
    MustDelete,
}

/// When a duty arises beside its act.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DutyCondition {
    /// No sign is recorded yet.
    SignMissing,
    /// The place is public.
    PublicPlace,
    /// The site falls under Order 799 art. 7, not art. 9.
    ListedSite,
}

/// A duty that follows from a lawful act.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DutyRule {
    /// Stable word.
    pub code: String,
    /// Acts it follows from.
    pub on: Vec<ActKind>,
    /// All of these hold.
    #[serde(default)]
    pub(crate) only: Vec<DutyCondition>,
    /// `at_once`, `before_use`, or the name of a dated value in days after first use.
    pub due: String,
    /// What is to be done.
    pub text_zh: String,
    /// What is to be done, English.
    pub text_en: String,
}

/// One clause in use.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clause {
    /// Id, e.g. `B-28-1-1`.
    pub id: String,
    /// Article number.
    pub article: u16,
    /// Article as people say it, e.g. `第二十八条第一项`.
    pub cite_zh: String,
    /// The same in English, e.g. `art. 28 item 1`.
    pub cite_en: String,
    /// Who is addressed.
    pub actor: Vec<Actor>,
    /// Force.
    pub modality: Modality,
    /// Under which condition, in words; empty: always.
    #[serde(default)]
    pub condition: String,
    /// What it asks, one sentence.
    pub gist_zh: String,
    /// What it asks, one sentence, English.
    pub gist_en: String,
    /// Numbers with their days.
    #[serde(default)]
    pub values: Vec<DatedValue>,
    /// What punishes a breach.
    #[serde(default)]
    pub penalty: Vec<PenaltyRef>,
    /// What becomes of it in the program.
    pub status: Status,
    /// Where.
    #[serde(default)]
    pub carried_out_by: Vec<Carrier>,
    /// Tests beside the cases that hold it: `crates/x/tests/y.rs::name`.
    #[serde(default)]
    pub held_by: Vec<String>,
    /// Why nothing in the program carries it out, or what has to be decided first. Needed for `declared` and `needs_ruling`.
    #[serde(default)]
    pub reason_zh: String,
    /// The same in English.
    #[serde(default)]
    pub reason_en: String,
    /// Clauses that took its place. Set for `superseded`, and only for it.
    #[serde(default)]
    pub superseded_by: Vec<String>,
    /// First day on which it no longer holds for that reason; before, it is law as it stands.
    #[serde(default)]
    pub superseded_from: Option<CivilDate>,
    /// Its text is lost or broken in our source.
    #[serde(default)]
    pub gap: bool,
    /// Slip in the printed text and the reading applied, or what is second-hand; empty: none. Both languages or neither.
    #[serde(default)]
    pub slip_zh: String,
    /// The same in English.
    #[serde(default)]
    pub slip_en: String,
    /// How it is read wherever it decides.
    #[serde(default)]
    pub reading: Reading,
    /// In force later than its pack.
    #[serde(default)]
    pub from: Option<CivilDate>,
    /// Out of force earlier than its pack.
    #[serde(default)]
    pub until: Option<CivilDate>,
    /// A retention clause: whose footage. Needs a value `retention_days` unless only `after_term` is set.
    #[serde(default)]
    pub retention: Option<RetentionScope>,
    /// What it says about footage whose term is over.
    #[serde(default)]
    pub after_term: Option<AfterTermRule>,
    /// Duties that follow from acts.
    #[serde(default, rename = "duty")]
    pub duties: Vec<DutyRule>,
}

impl Clause {
    /// The dated value of this name on a day.
    #[must_use]
    pub fn value(&self, name: &str, on: CivilDate) -> Option<u32> {
        let holds = |v: &&DatedValue| v.name == name && v.from <= on && v.until.is_none_or(|until| on < until);
        self.values.iter().find(holds).map(|v| v.amount)
    }

    /// First day on which it is no longer in force, if its pack does not end before.
    #[must_use]
    pub fn ends(&self) -> Option<CivilDate> {
        [self.until, self.superseded_from].into_iter().flatten().min()
    }

    /// Why nothing carries it out, or what has to be decided; empty where something does.
    #[must_use]
    pub fn reason(&self) -> Text {
        Text::of(self.reason_zh.clone(), self.reason_en.clone())
    }
}

/// How several clauses on one matter are brought together.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OverlayRule {
    /// All apply; the longest term rules.
    Longest,
    /// All apply; what any of them forbids is forbidden.
    Union,
    /// The first of the list that is in force and reaches the matter rules.
    FirstOf,
    /// The first is lost text; the others are applied in its place, always flagged, never called its words.
    BorrowedDefault,
}

/// Which instrument wins where, and on what ground.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Overlay {
    /// The matter.
    pub id: String,
    /// How.
    pub rule: OverlayRule,
    /// The clauses, in order.
    pub clauses: Vec<String>,
    /// Ground in law.
    pub ground_zh: String,
    /// Ground in law, English.
    pub ground_en: String,
}

/// What a refusal code says to people.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefusalText {
    /// Stable word.
    pub code: String,
    /// What stands in the way.
    pub what_zh: String,
    /// What stands in the way, English.
    pub what_en: String,
    /// What to do next.
    pub next_zh: String,
    /// What to do next, English.
    pub next_en: String,
}

/// One instrument, loaded.
#[derive(Clone, Debug)]
pub struct Pack {
    /// Folder below `law/`, e.g. `national/order-799`.
    pub folder: String,
    /// What it is.
    pub head: PackHead,
    /// Articles by number.
    pub articles: BTreeMap<u16, Article>,
    /// Clauses in use, in the order of the file.
    pub clauses: Vec<Clause>,
    /// What its penalty clauses say.
    pub sanctions: Vec<Sanction>,
    pub(crate) sanction_cases: SanctionCaseFile,
    /// Slips and gaps of the text and their readings.
    pub readings: Vec<crate::ReadingEntry>,
    /// What it says about kinds of place; empty without `places.toml`.
    pub places: PlaceFile,
    pub(crate) policies: Vec<PolicyRule>,
    pub(crate) cases: CaseFile,
    pub(crate) obligations: crate::obligation::Obligations,
}

impl Pack {
    /// Whether the pack reaches a jurisdiction.
    #[must_use]
    pub fn reaches(&self, jurisdiction: Jurisdiction) -> bool {
        self.head.jurisdictions.is_empty() || self.head.jurisdictions.contains(&jurisdiction)
    }

    /// Whether a clause of this pack is in force on a day.
    #[must_use]
    pub fn in_force(&self, clause: &Clause, on: CivilDate) -> bool {
        let (from, until) = self.force(clause);
        from <= on && until.is_none_or(|until| on < until)
    }

    /// Full name for people.
    #[must_use]
    pub fn name(&self) -> Text {
        Text::of(self.head.name_zh.clone(), self.head.name_en.clone())
    }

    pub(crate) fn cite(&self, clause: &Clause, reading: Reading) -> Citation {
        Citation {
            clause: ClauseId::new(&clause.id),
            instrument: self.name(),
            article: Text::of(clause.cite_zh.clone(), clause.cite_en.clone()),
            gist: Text::of(clause.gist_zh.clone(), clause.gist_en.clone()),
            text_sha256: self.articles.get(&clause.article).map(|a| a.sha256.clone()).unwrap_or_default(),
            reading,
        }
    }
}

/// All packs, checked. Order: provincial before national, then by folder.
#[derive(Clone, Debug)]
pub struct Packs {
    pub(crate) packs: Vec<Pack>,
    pub(crate) overlays: Vec<Overlay>,
    pub(crate) refusals: BTreeMap<String, RefusalText>,
    pub(crate) carriers: Carriers,
    pub(crate) sanction_overlays: Vec<SanctionOverlay>,
    pub(crate) schema: cedar_policy::Schema,
    pub(crate) index: HashMap<String, (usize, usize)>,
    pub(crate) time: TimeRules,
    pub(crate) digest: LawDigest,
    pub(crate) own_rules: Vec<crate::OwnRule>,
    pub(crate) own_spans: Vec<crate::OwnSpan>,
    pub(crate) checklists: crate::checklist::Checklists,
    pub(crate) register_forms: Vec<crate::RegisterForm>,
    pub(crate) divisions: Vec<crate::Division>,
    pub(crate) not_offered: Vec<crate::NotOffered>,
    pub(crate) exchange: Vec<crate::ExchangeSystem>,
}

impl Packs {
    /// The packs in the binary, read once by the process: they are more than a megabyte of text, and never change.
    ///
    /// # Errors
    /// Names file, line and clause of the first defect; a test holds that there is none.
    pub fn embedded() -> Result<Self, PackError> {
        static READ: OnceLock<Result<Packs, PackError>> = OnceLock::new();
        READ.get_or_init(|| Self::from_files(&crate::embedded::files())).clone()
    }

    /// Digest of the files these were read from.
    #[must_use]
    pub const fn digest(&self) -> &LawDigest {
        &self.digest
    }

    /// Every pack, provincial before national.
    #[must_use]
    pub fn all(&self) -> &[Pack] {
        &self.packs
    }

    /// The pack of this id (`A`, `B`, `799`).
    #[must_use]
    pub fn pack(&self, id: &str) -> Option<&Pack> {
        self.packs.iter().find(|p| p.head.id == id)
    }

    /// A clause with its pack.
    #[must_use]
    pub fn clause(&self, id: &ClauseId) -> Option<(&Pack, &Clause)> {
        let (pack, clause) = *self.index.get(&id.0)?;
        let pack = self.packs.get(pack)?;
        Some((pack, pack.clauses.get(clause)?))
    }

    /// An article of the pack of this id.
    #[must_use]
    pub fn article_text(&self, pack: &str, article: u16) -> Option<&Article> {
        self.pack(pack)?.articles.get(&article)
    }

    /// A citation of a clause as printed (or as its own flag says).
    #[must_use]
    pub fn cite(&self, id: &ClauseId) -> Option<Citation> {
        self.clause(id).map(|(pack, clause)| pack.cite(clause, clause.reading))
    }

    /// Which clauses meet on one matter, and which rules.
    #[must_use]
    pub fn overlays(&self) -> &[Overlay] {
        &self.overlays
    }

    /// The overlay on a matter.
    #[must_use]
    pub fn overlay(&self, id: &str) -> Option<&Overlay> {
        self.overlays.iter().find(|o| o.id == id)
    }

    /// Registers, publications, pages and procedures that carry clauses out.
    #[must_use]
    pub const fn carriers(&self) -> &Carriers {
        &self.carriers
    }

    /// A dated value of a clause, e.g. `("799-14", "filing_days")`.
    #[must_use]
    pub fn value(&self, id: &ClauseId, name: &str, on: CivilDate) -> Option<u32> {
        let (pack, clause) = self.clause(id)?;
        if pack.in_force(clause, on) { clause.value(name, on) } else { None }
    }
}
