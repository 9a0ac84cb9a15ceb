//! Procedures as data: who applies to whom, with what, in which steps, under which clocks, with which outcome and remedy, and what is
//! filled in on the way.
//!
//! What flows through: `<pack>/procedures/<id>.toml` -> [`Procedure`], checked -> `Packs::clock_due`. Invariants: every step and
//! outcome can be reached from the first step; every clock starts and ends at steps that exist; a length is a number of a clause (or
//! stands in the procedure with its clause), or is set by the document of the case; a clock that the law does not set says that it is a
//! default and on what ground.

use crate::deadline::{Counting, Direction, Sense, StopCause, TermUnit};
use crate::form::{Field, FieldKind};
use base::{CivilDate, ClauseId, Text};
use serde::{Deserialize, Serialize};

/// Kind of act in law that a procedure leads to.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProcedureKind {
    /// 行政许可.
    Licence,
    /// 审核、论证、验收: a check of plans or works that is a condition of going on.
    Examination,
    /// 备案.
    Filing,
    /// Between government bodies.
    Internal,
    /// Agreement between a builder and the police.
    Consultation,
    /// A duty of the builder, without a decision of an authority.
    Building,
    /// 监督检查.
    Inspection,
    /// 行政处罚.
    Penalty,
    /// 行政强制.
    Enforcement,
    /// Viewing, copying, retrieving information.
    Viewing,
    /// Use of systems by the authorities: emergency use, networking.
    OfficialUse,
    /// 公告.
    Publication,
    /// 表彰、奖励.
    Reward,
    /// 行政复议、行政诉讼.
    Remedy,
}

impl ProcedureKind {
    /// For people.
    #[must_use]
    pub const fn name(self) -> Text {
        match self {
            Self::Licence => Text::new("行政许可", "licence"),
            Self::Examination => Text::new("审核验收", "examination"),
            Self::Filing => Text::new("备案", "filing"),
            Self::Internal => Text::new("机关内部程序", "internal"),
            Self::Consultation => Text::new("征求意见", "consultation"),
            Self::Building => Text::new("建设要求", "building requirement"),
            Self::Inspection => Text::new("监督检查", "inspection"),
            Self::Penalty => Text::new("行政处罚", "penalty"),
            Self::Enforcement => Text::new("行政强制", "enforcement"),
            Self::Viewing => Text::new("查看调取", "viewing"),
            Self::OfficialUse => Text::new("机关使用", "official use"),
            Self::Publication => Text::new("公告", "publication"),
            Self::Reward => Text::new("表彰奖励", "reward"),
            Self::Remedy => Text::new("救济", "remedy"),
        }
    }
}

macro_rules! parties {
    ($($variant:ident, $zh:literal, $en:literal;)+) => {
        /// Who takes part in a procedure: finer than the addressee of a clause, since one clause may name two organs.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[allow(missing_docs, reason = "each has its name in both languages beside it")]
        pub enum Party {
            $($variant,)+
        }

        impl Party {
            /// Every party.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// For people.
            #[must_use]
            pub const fn name(self) -> Text {
                match self {
                    $(Self::$variant => Text::new($zh, $en),)+
                }
            }
        }
    };
}

parties! {
    Anyone, "任何单位和个人", "anyone";
    Person, "当事人", "the person or unit concerned";
    UsingUnit, "使用单位", "using unit";
    ManagingUnit, "系统管理单位", "unit that manages the system";
    ConstructionUnit, "建设单位", "construction unit";
    Provider, "设计、安装、维护、报警运营服务单位", "provider of design, installation, maintenance or alarm operation";
    OutsideProvider, "外省单位和个人", "provider from another province";
    Manufacturer, "生产企业", "manufacturer";
    Seller, "销售单位或者个人", "seller";
    TestingBody, "有资质的检验检测机构", "qualified testing body";
    Experts, "技术专家或者专业机构", "technical experts or a qualified body";
    PoliceStation, "公安派出所", "police station";
    PoliceLocal, "所在地公安机关", "local police";
    PoliceCounty, "县级公安机关", "county police";
    PoliceCityOrCounty, "市或者县公安机关", "city or county police";
    PoliceCity, "市公安机关", "city police";
    PoliceCityOrAbove, "市级以上公安机关", "police of a city or above";
    PoliceProvince, "省级公安机关", "provincial police";
    Police, "公安机关", "police";
    PoliceHead, "公安机关负责人", "head of the police organ";
    StateSecurity, "国家安全机关", "state security organ";
    PoliceOrStateSecurity, "公安机关、国家安全机关", "police or state security organ";
    StateOrgan, "依法履行职责的国家机关", "state organ on lawful duty";
    Government, "本级人民政府", "government of the same level";
    Organ, "行政机关", "administrative organ";
    ReviewOrgan, "行政复议机关", "reconsideration organ";
    Court, "人民法院", "court";
}

/// How long a clock runs.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Length {
    /// The clause that gives it.
    pub clause: ClauseId,
    /// Name of the dated value in that clause; empty: `amount`, or set by the document of the case.
    #[serde(default)]
    pub value: String,
    /// The number, where the clause's entry holds none.
    #[serde(default)]
    pub amount: Option<u32>,
}

impl Length {
    /// The number is set by the document of the case, e.g. an order to correct.
    #[must_use]
    pub fn is_set_by_document(&self) -> bool {
        self.value.is_empty() && self.amount.is_none()
    }
}

/// What stops a clock.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StopRule {
    /// Why.
    pub cause: StopCause,
    /// The clause that says so.
    pub clause: ClauseId,
}

/// One extension, with leave.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Extension {
    /// By how much.
    pub length: Length,
    /// Who gives leave.
    pub by: Party,
}

/// The cases in which a clock runs: those in which a field was answered so.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct When {
    /// Id of a choice or of a yes-or-no field, always answered before the clock starts.
    pub field: String,
    /// The answer: of a choice its id, of a flag `yes` or `no`.
    pub is: String,
}

/// A time limit of a procedure.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clock {
    /// Word, unique in the procedure.
    pub id: String,
    /// What is due.
    pub name_zh: String,
    /// What is due, English.
    pub name_en: String,
    /// Step that starts it (that it counts back from).
    pub starts: String,
    /// In which cases it runs; none: in all.
    #[serde(default)]
    pub when: Option<When>,
    /// Steps or outcomes that end it; empty for a time that only passes.
    #[serde(default)]
    pub ends: Vec<String>,
    /// Whom it binds.
    pub binds: Party,
    /// How long.
    pub length: Length,
    /// Of what.
    pub unit: TermUnit,
    /// How it is counted: an entry of `workdays/counting.toml`.
    pub counting: String,
    /// What its last day means.
    #[serde(default)]
    pub sense: Sense,
    /// Which way from its start.
    #[serde(default)]
    pub direction: Direction,
    /// What stops it.
    #[serde(default)]
    pub stops: Vec<StopRule>,
    /// By how much it can be extended, once.
    #[serde(default)]
    pub extend: Option<Extension>,
    /// What follows when it is over.
    pub over_zh: String,
    /// What follows when it is over, English.
    pub over_en: String,
    /// Not set by the ordinance: on what ground the national rule is applied; empty: set.
    #[serde(default)]
    pub default_zh: String,
    /// The same, English.
    #[serde(default)]
    pub default_en: String,
}

/// Something that must be so, or be handed in.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// In words.
    pub zh: String,
    /// In words, English.
    pub en: String,
    /// The clause that asks it.
    pub clause: ClauseId,
    /// The text that says more is lost.
    #[serde(default)]
    pub gap: bool,
    /// First day on which it holds, if later than the procedure.
    #[serde(default)]
    pub from: Option<CivilDate>,
}

/// A paper to hand in.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Material {
    /// Word, unique in the procedure.
    pub id: String,
    /// In words.
    pub zh: String,
    /// In words, English.
    pub en: String,
    /// The clause that asks it.
    pub clause: ClauseId,
    /// Without it the application is not complete.
    #[serde(default = "yes")]
    pub required: bool,
    /// One of those with the same word is enough.
    #[serde(default)]
    pub one_of: String,
    /// The text that says what it must be is lost.
    #[serde(default)]
    pub gap: bool,
    /// What could stand in it, made up; empty: none. No natural person but those of the samples.
    #[serde(default)]
    pub sample_zh: String,
    /// The same, English.
    #[serde(default)]
    pub sample_en: String,
}

const fn yes() -> bool {
    true
}

/// What must be there before a step or an outcome is taken.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Guard {
    /// Two different officers are named.
    TwoOfficers,
    /// A legal review was passed since the last proposal.
    LegalReview,
    /// The head takes it, and has handled no step of the case.
    Head,
    /// Reasons in words.
    Reasons,
    /// The officers have a valid enforcement certificate.
    Qualified,
}

impl Guard {
    /// For people.
    #[must_use]
    pub const fn name(self) -> Text {
        match self {
            Self::TwoOfficers => Text::new("两名以上人员", "two officers"),
            Self::LegalReview => Text::new("法制审核通过", "a passed legal review"),
            Self::Head => {
                Text::new("由没有经手本案的负责人决定", "decided by the head, who handled no step of the case")
            }
            Self::Reasons => Text::new("写明理由", "reasons in words"),
            Self::Qualified => Text::new("人员具有有效的执法资格", "officers with a valid enforcement certificate"),
        }
    }
}

/// Something somebody does.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Word, unique among steps and outcomes.
    pub id: String,
    /// Who.
    pub who: Party,
    /// In words.
    pub zh: String,
    /// In words, English.
    pub en: String,
    /// The clause that asks it.
    pub clause: ClauseId,
    /// After any of these; only the first step has none.
    #[serde(default)]
    pub after: Vec<String>,
    /// What must be there before it is taken.
    #[serde(default)]
    pub needs: Vec<Guard>,
}

/// How it ends.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    /// Word of the decision, unique among steps and outcomes.
    pub id: String,
    /// In words.
    pub zh: String,
    /// In words, English.
    pub en: String,
    /// The clause.
    pub clause: ClauseId,
    /// After any of these steps.
    pub after: Vec<String>,
    /// Name of the document made; empty: none.
    #[serde(default)]
    pub document_zh: String,
    /// Name of the document, English.
    #[serde(default)]
    pub document_en: String,
    /// Registers it is entered in.
    #[serde(default)]
    pub registers: Vec<String>,
    /// Publications it appears in.
    #[serde(default)]
    pub publications: Vec<String>,
    /// What must be there before it is taken.
    #[serde(default)]
    pub needs: Vec<Guard>,
    /// Procedures that may follow it as cases of their own, of any pack.
    #[serde(default)]
    pub opens: Vec<String>,
}

/// An answer of a form.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answered {
    /// Id of a choice or of a question with yes or no.
    pub field: String,
    /// One of these: ids of its choices, or `yes`, `no`.
    pub is: Vec<String>,
}

/// Answers with which the law does not let an outcome be taken: what the text of a condition says, for the program to hold.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exclusion {
    /// The outcome.
    pub outcome: String,
    /// All of them were given.
    pub when: Vec<Answered>,
    /// The clause that does not let it.
    pub clause: ClauseId,
    /// First day on which it holds, if later than the procedure.
    #[serde(default)]
    pub from: Option<CivilDate>,
    /// Why not.
    pub zh: String,
    /// Why not, English.
    pub en: String,
    /// What can be done.
    pub next_zh: String,
    /// What can be done, English.
    pub next_en: String,
}

/// A decision of another procedure before which a case of this one should have ended well: told as a warning, never a condition.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expectation {
    /// The other procedure.
    pub procedure: String,
    /// Its outcome.
    pub outcome: String,
    /// Outcomes of this procedure, one of which is looked for; each enters a register.
    pub ended: Vec<String>,
    /// The clause that forbids the party what it would be doing.
    pub clause: ClauseId,
    /// What is told where none is found.
    pub zh: String,
    /// The same, English.
    pub en: String,
}

impl Expectation {
    /// What is told where none is found.
    #[must_use]
    pub fn text(&self) -> Text {
        Text::of(self.zh.clone(), self.en.clone())
    }
}

/// Which footage is kept from the minute in which the first step is done: the fields of its form that say so.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HoldRule {
    /// Field with the name of the unit whose cameras they are; it may be left empty.
    pub unit: String,
    /// Field with the place, in words.
    pub place: String,
    /// Field with the day.
    pub day: String,
    /// Field with the time of the day, in words.
    pub time: String,
    /// The clause that the footage is kept for.
    pub clause: ClauseId,
}

/// What somebody gets to whom a decision opens footage.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HandsOut {
    /// It is seen at the site; nothing leaves it.
    View,
    /// A sealed copy is handed out on the papers.
    Copy,
}

/// What the unit that has the footage is told when it is decided that somebody may see it or get a copy, and what its answer fills in.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ViewingRule {
    /// The outcome that opens it.
    pub outcome: String,
    /// The step of the using unit that its answer completes.
    pub step: String,
    /// Seen there, or handed out.
    pub hands_out: HandsOut,
    /// Field of the outcome that says in words what may be seen.
    pub scope: String,
    /// Yes-or-no field that says that the privacy of others is touched; empty: it is not asked.
    #[serde(default)]
    pub privacy: String,
    /// The clause by which others are then covered; stands with `privacy`.
    #[serde(default)]
    pub privacy_clause: Option<ClauseId>,
    /// Days for which the unit may act on it. No clause sets them: our own rule.
    pub days: u32,
    /// Field of the step with what was seen; empty: the form has none.
    #[serde(default)]
    pub what: String,
    /// Field of the step with who of the unit was there; empty: none.
    #[serde(default)]
    pub by: String,
    /// Field of the step with the SHA-256 of the copy; empty: none.
    #[serde(default)]
    pub digest: String,
    /// Field of the step with how many copies were handed out; empty: none.
    #[serde(default)]
    pub copies: String,
    /// The clause that the showing rests on.
    pub clause: ClauseId,
}

/// A party of the matter from which an expert of a panel stands apart: the fields that name it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApartFrom {
    /// Who it is: the designer.
    pub zh: String,
    /// Who it is, English.
    pub en: String,
    /// Field with its name.
    pub name: String,
    /// Field with its unified social credit code; empty: the form has none.
    #[serde(default)]
    pub code: String,
}

/// A panel of experts, chosen from a register, whose opinions a step records. How many there are at least and that most of them decide no
/// clause sets: our own rules.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PanelRule {
    /// The step that records what the panel says.
    pub step: String,
    /// The register of whose rows its members are.
    pub register: String,
    /// The answer with which there is a panel; none: always.
    #[serde(default)]
    pub when: Option<When>,
    /// Fewest opinions.
    pub least: u32,
    /// Why this number.
    pub why_zh: String,
    /// Why this number, English.
    pub why_en: String,
    /// Field of the step with how many gave an opinion: the program fills it in.
    pub count: String,
    /// Field of the step with number and opinion of each: the program fills it in.
    pub opinions: String,
    /// The outcome that follows where most are in favour.
    pub passed: String,
    /// The outcome that follows where they are not.
    pub failed: String,
    /// From whom each member stands apart.
    pub apart: Vec<ApartFrom>,
    /// Column of the register with the name of the expert.
    pub name: String,
    /// Column with the name of the employer.
    pub employer: String,
    /// Column with the credit code of the employer.
    pub employer_code: String,
    /// Column with the units for which the expert steps back, in words.
    pub recusal: String,
    /// The clause that the panel rests on.
    pub clause: ClauseId,
}

/// A procedure.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Procedure {
    /// Word; the file's name.
    pub id: String,
    /// Name.
    pub name_zh: String,
    /// Name, English.
    pub name_en: String,
    /// What it leads to.
    pub kind: ProcedureKind,
    /// The clauses it carries out.
    pub clauses: Vec<ClauseId>,
    /// Who begins it.
    pub applicant: Party,
    /// Who decides.
    pub organ: Party,
    /// Which of them: whose territory and level.
    pub territory_zh: String,
    /// Which of them, English.
    pub territory_en: String,
    /// Id of the field whose value names the thing of the case in lists: the unit, the product, the place. Empty: no fields.
    #[serde(default)]
    pub subject: String,
    /// Id of the division field that says which office is competent. Empty: the place does not decide it, or whoever opens the case does.
    #[serde(default)]
    pub place: String,
    /// First day in force.
    pub from: CivilDate,
    /// First day no longer in force.
    #[serde(default)]
    pub until: Option<CivilDate>,
    /// The clause that ended it.
    #[serde(default)]
    pub ended_by: Option<ClauseId>,
    /// What a reader must know: what the text leaves open, what overrides it.
    #[serde(default)]
    pub note_zh: String,
    /// The same, English.
    #[serde(default)]
    pub note_en: String,
    /// What must be so.
    #[serde(default)]
    pub conditions: Vec<Condition>,
    /// What is handed in.
    #[serde(default)]
    pub materials: Vec<Material>,
    /// What is done, the first first.
    pub steps: Vec<Step>,
    /// The time limits.
    #[serde(default, rename = "clock")]
    pub clocks: Vec<Clock>,
    /// How it ends.
    pub outcomes: Vec<Outcome>,
    /// With which answers it may not end so.
    #[serde(default, rename = "exclude")]
    pub exclusions: Vec<Exclusion>,
    /// Before which decisions of other procedures it should have ended well.
    #[serde(default)]
    pub expected: Vec<Expectation>,
    /// Numbers of its forms by which a row of a register should be found.
    #[serde(default)]
    pub on_register: Vec<crate::OnRegister>,
    /// What its rows say in a register; none: that they are in force.
    #[serde(default)]
    pub row_state: Option<crate::RowState>,
    /// Outcomes whose rows are never in force, and what these read.
    #[serde(default)]
    pub not_in_force: Vec<crate::NotInForce>,
    /// Which footage is kept while it runs; none: it is about no footage.
    #[serde(default)]
    pub hold: Option<HoldRule>,
    /// What a decision in favour opens at the unit that has the footage; none: nothing is opened by itself.
    #[serde(default)]
    pub viewing: Option<ViewingRule>,
    /// The panel of experts that a step of it records; none: there is none.
    #[serde(default)]
    pub panel: Option<PanelRule>,
    /// What is filled in, in the order of the forms.
    #[serde(default, rename = "field")]
    pub fields: Vec<Field>,
    /// Against the outcome.
    #[serde(default)]
    pub remedies: Vec<ClauseId>,
    /// Folder of its pack below `law/`.
    #[serde(skip)]
    pub folder: String,
}

impl Procedure {
    /// Name in both languages.
    #[must_use]
    pub fn name(&self) -> Text {
        Text::of(self.name_zh.clone(), self.name_en.clone())
    }

    /// Whether it can be begun on a day.
    #[must_use]
    pub fn in_force(&self, on: CivilDate) -> bool {
        self.from <= on && self.until.is_none_or(|until| on < until)
    }

    /// Whether it is begun no more on a day, but for what happened while it was in force.
    #[must_use]
    pub fn has_ended(&self, on: CivilDate) -> bool {
        self.until.is_some_and(|until| until <= on)
    }

    /// The clock of this word.
    #[must_use]
    pub fn clock(&self, id: &str) -> Option<&Clock> {
        self.clocks.iter().find(|c| c.id == id)
    }

    /// The field of this id.
    #[must_use]
    pub fn field(&self, id: &str) -> Option<&Field> {
        self.fields.iter().find(|f| f.id == id)
    }

    /// The division field that says which office is competent; `None`: the place does not decide it.
    #[must_use]
    pub fn place_field(&self) -> Option<&Field> {
        self.field(&self.place)
    }

    /// What is filled in at a step or an outcome, in the order of the form.
    pub fn fields_at(&self, step: &str) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(move |f| f.step == step)
    }

    /// The field that says on which day a step or outcome took place: a day named `<step>_day`, at that step or at an earlier one (a
    /// hearing is set before it is held). `None`: it took place on the day it was entered.
    #[must_use]
    pub fn day_field(&self, step: &str) -> Option<&Field> {
        self.fields.iter().find(|f| f.kind == FieldKind::Day && f.id.strip_suffix("_day") == Some(step))
    }

    /// The field of a step that says on which day the public notice was given by which its paper was served: a day named
    /// `<step>_notice_day`.
    #[must_use]
    pub fn notice_field(&self, step: &str) -> Option<&Field> {
        let named = |f: &&Field| f.kind == FieldKind::Day && f.id.strip_suffix("_notice_day") == Some(step);
        self.fields_at(step).find(named)
    }

    /// The field of a clock's first step that says how long it runs, where the document of the case sets it: a number named
    /// `<clock>_days`.
    #[must_use]
    pub fn length_field(&self, clock: &Clock) -> Option<&Field> {
        let named = |f: &&Field| f.step == clock.starts && f.id.strip_suffix("_days") == Some(clock.id.as_str());
        self.fields.iter().find(named).filter(|f| f.kind == FieldKind::Count && clock.length.is_set_by_document())
    }

    /// What is due by a clock, with the cases in which it runs where it does not run in all.
    #[must_use]
    pub fn clock_name(&self, clock: &Clock) -> Text {
        let name = clock.name();
        let Some((when, field)) = clock.when.as_ref().and_then(|w| Some((w, self.field(&w.field)?))) else {
            return name;
        };
        let answer = match field.choice(&when.is) {
            Some(choice) => choice.name(),
            None if when.is == "yes" => Text::new("是", "yes"),
            None => Text::new("否", "no"),
        };
        Text::of(
            format!("{}（{}：{}）", name.zh, field.zh, answer.zh),
            format!("{} ({}: {})", name.en, field.en, answer.en),
        )
    }

    /// What must be there before a step or an outcome is taken; nothing for one that does not exist.
    #[must_use]
    pub fn needs_of(&self, step: &str) -> &[Guard] {
        let steps = self.steps.iter().map(|s| (&s.id, &s.needs));
        let mut all = steps.chain(self.outcomes.iter().map(|o| (&o.id, &o.needs)));
        all.find(|(id, _)| *id == step).map_or(&[], |(_, needs)| needs.as_slice())
    }

    /// Every clause it names, in the order of the file.
    pub fn named_clauses(&self) -> impl Iterator<Item = &ClauseId> {
        (self.clauses.iter().chain(&self.ended_by))
            .chain(self.conditions.iter().map(|c| &c.clause))
            .chain(self.materials.iter().map(|m| &m.clause))
            .chain(self.steps.iter().map(|s| &s.clause))
            .chain(self.clocks.iter().flat_map(Clock::named))
            .chain(self.outcomes.iter().map(|o| &o.clause))
            .chain(self.fields.iter().filter_map(|f| f.clause.as_ref()))
            .chain(self.hold.iter().map(|h| &h.clause))
            .chain(self.viewing.iter().flat_map(|v| v.privacy_clause.iter().chain(std::iter::once(&v.clause))))
            .chain(self.panel.iter().map(|p| &p.clause))
            .chain(self.exclusions.iter().map(|e| &e.clause))
            .chain(self.expected.iter().map(|e| &e.clause))
            .chain(self.on_register.iter().map(|r| &r.clause))
            .chain(&self.remedies)
    }
}

impl Clock {
    /// What is due.
    #[must_use]
    pub fn name(&self) -> Text {
        Text::of(self.name_zh.clone(), self.name_en.clone())
    }

    /// The ordinance does not set it; the national rule is applied.
    #[must_use]
    pub fn is_default(&self) -> bool {
        !self.default_zh.is_empty()
    }

    /// Every clause it names.
    pub fn named(&self) -> impl Iterator<Item = &ClauseId> {
        let extension = self.extend.iter().map(|e| &e.length.clause);
        std::iter::once(&self.length.clause).chain(self.stops.iter().map(|s| &s.clause)).chain(extension)
    }

    /// Its length and that of its extension.
    pub(crate) fn lengths(&self) -> impl Iterator<Item = &Length> {
        std::iter::once(&self.length).chain(self.extend.iter().map(|e| &e.length))
    }
}

/// The rules of time: calendar, ways of counting, procedures, cases; what `law/workdays` and the folders `procedures` hold.
#[derive(Clone, Debug, Default)]
pub(crate) struct TimeRules {
    pub calendar: crate::WorkCalendar,
    pub counting: Vec<Counting>,
    pub remind_before: Vec<u32>,
    pub procedures: Vec<Procedure>,
    pub cases: crate::clock_cases::ClockCases,
}
