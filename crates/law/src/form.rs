//! Fields of forms: what a procedure asks to be filled in at a step or an outcome, of which kind, within which limits.
//!
//! What flows through: `[[field]]` of `<pack>/procedures/<id>.toml` -> [`Field`], checked when the packs are loaded -> the form of a step,
//! its filled sample, the columns of registers. Always true: a field stands at a step or outcome that exists; a name, an identity number
//! and a telephone number are personal; what is personal is never a column of a public register; every text and number has a limit.
//! What is typed into a field is read and judged elsewhere.

use base::{ClauseId, Text};
use serde::{Deserialize, Serialize};

/// What may be written in a field.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// One line of text.
    Line,
    /// Paragraphs.
    Words,
    /// A whole number, 0 or more.
    Count,
    /// Whole yuan, 0 or more.
    Yuan,
    /// A day, `YYYY-MM-DD`.
    Day,
    /// One of the field's choices, by its id.
    Choice,
    /// Yes or no.
    Flag,
    /// Unified social credit code (GB 32100), 18 characters.
    CreditCode,
    /// Organisation code (GB 11714), 9 characters and a hyphen before the last.
    OrganisationCode,
    /// Resident identity number (GB 11643), 18 characters.
    ResidentId,
    /// Number of whatever shows who a person is: of a resident identity card, else of a passport, a permanent residence card or a travel permit.
    IdentityDocument,
    /// Division code (GB/T 2260), 6 digits.
    Division,
    /// Telephone number.
    Phone,
    /// Name of a natural person.
    Name,
}

impl FieldKind {
    /// Every kind.
    pub const ALL: [Self; 14] = [
        Self::Line,
        Self::Words,
        Self::Count,
        Self::Yuan,
        Self::Day,
        Self::Choice,
        Self::Flag,
        Self::CreditCode,
        Self::OrganisationCode,
        Self::ResidentId,
        Self::IdentityDocument,
        Self::Division,
        Self::Phone,
        Self::Name,
    ];

    /// For people.
    #[must_use]
    pub const fn name(self) -> Text {
        match self {
            Self::Line => Text::new("一行文字", "one line of text"),
            Self::Words => Text::new("文字", "text"),
            Self::Count => Text::new("数量", "number"),
            Self::Yuan => Text::new("金额（元）", "sum in yuan"),
            Self::Day => Text::new("日期", "day"),
            Self::Choice => Text::new("选择", "choice"),
            Self::Flag => Text::new("是或者否", "yes or no"),
            Self::CreditCode => Text::new("统一社会信用代码", "unified social credit code"),
            Self::OrganisationCode => Text::new("组织机构代码", "organisation code"),
            Self::ResidentId => Text::new("公民身份号码", "resident identity number"),
            Self::IdentityDocument => Text::new("身份证件号码", "number of an identity document"),
            Self::Division => Text::new("行政区划代码", "division code"),
            Self::Phone => Text::new("电话号码", "telephone number"),
            Self::Name => Text::new("姓名", "name of a person"),
        }
    }

    /// Longest text in characters, or largest number, where the field sets none.
    #[must_use]
    pub const fn most_default(self) -> u32 {
        match self {
            Self::Line => 100,
            Self::Words => 2_000,
            Self::Count | Self::Yuan => 1_000_000_000,
            Self::Day | Self::OrganisationCode => 10,
            Self::Choice => 40,
            Self::Flag => 3,
            Self::CreditCode | Self::ResidentId => 18,
            Self::Division => 6,
            Self::Phone | Self::IdentityDocument => 20,
            Self::Name => 50,
        }
    }

    /// The largest limit that a field of this kind may set; `None`: its length is fixed by what it is.
    #[must_use]
    pub const fn most_allowed(self) -> Option<u32> {
        match self {
            Self::Line => Some(500),
            Self::Words => Some(20_000),
            Self::Count | Self::Yuan => Some(1_000_000_000),
            Self::Phone => Some(40),
            Self::Name => Some(200),
            Self::Day
            | Self::Choice
            | Self::Flag
            | Self::CreditCode
            | Self::OrganisationCode
            | Self::ResidentId
            | Self::IdentityDocument
            | Self::Division => None,
        }
    }

    /// What it holds is always about a natural person.
    #[must_use]
    pub const fn is_personal(self) -> bool {
        matches!(self, Self::Name | Self::ResidentId | Self::IdentityDocument | Self::Phone)
    }
}

/// One of the answers to choose from.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldChoice {
    /// Word, unique in the field; what is stored.
    pub id: String,
    /// For people.
    pub zh: String,
    /// For people, English.
    pub en: String,
}

impl FieldChoice {
    /// For people, in both languages.
    #[must_use]
    pub fn name(&self) -> Text {
        Text::of(self.zh.clone(), self.en.clone())
    }
}

/// Another choice of the same form, and the answers with which a field is asked.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskedWhen {
    /// Id of the choice: of the same step, required.
    pub field: String,
    /// Its answers, at least one.
    pub is: Vec<String>,
}

/// A field of a form.
///
/// Three ids have a meaning, so that clocks count from what was filled in: `<step>_day` is the day on which that step or outcome took place
/// ([`crate::Procedure::day_field`]), `<step>_notice_day` the day of the public notice by which its paper was served
/// ([`crate::Procedure::notice_field`]), `<clock>_days` the length of a clock that the document of the case sets
/// ([`crate::Procedure::length_field`]).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Word, unique in the procedure.
    pub id: String,
    /// Step or outcome at which it is filled in; empty in the form of a register.
    #[serde(default)]
    pub step: String,
    /// What it is called.
    pub zh: String,
    /// What it is called, English.
    pub en: String,
    /// What may be written.
    pub kind: FieldKind,
    /// The form is not whole without it.
    #[serde(default = "yes")]
    pub required: bool,
    /// A day of what happened: one that is still to come is refused. For fields of kind `day` only.
    #[serde(default)]
    pub past: bool,
    /// Asked only with these answers of another choice; with any other one it need not be filled in. None: always.
    #[serde(default)]
    pub when: Option<AskedWhen>,
    /// With these answers of another choice what is typed here is not kept: it is dropped when the form is read. None: it is always kept.
    #[serde(default)]
    pub unkept: Option<AskedWhen>,
    /// Days of the procedure that it is not before: fields of kind `day`, of this step or an earlier one. Empty: none.
    #[serde(default)]
    pub not_before: Vec<String>,
    /// Counts of the same step that make up this one: their sum is this number. Empty: none.
    #[serde(default)]
    pub sum_of: Vec<String>,
    /// Longest text in characters, or largest number; none: by kind.
    #[serde(default)]
    pub most: Option<u32>,
    /// The answers of a choice, in the order shown.
    #[serde(default)]
    pub choices: Vec<FieldChoice>,
    /// What to write, where one would be unsure; empty: none.
    #[serde(default)]
    pub hint_zh: String,
    /// The same, English.
    #[serde(default)]
    pub hint_en: String,
    /// What zero means, where it is an answer of its own and no number: fields of kind `count` only; empty: zero is a number like others.
    #[serde(default)]
    pub zero_zh: String,
    /// The same, English.
    #[serde(default)]
    pub zero_en: String,
    /// As on the filled sample; of a choice the id, of a flag `yes` or `no`.
    #[serde(default)]
    pub sample: String,
    /// The sample as an English page shows it, where the words are Chinese; empty: as it is, and a Chinese one is not shown there.
    #[serde(default)]
    pub sample_en: String,
    /// The clause that asks it; none: needed to handle the case at all.
    #[serde(default)]
    pub clause: Option<ClauseId>,
    /// Personal data: sealed, masked on pages, never in a public register.
    #[serde(default)]
    pub personal: bool,
    /// Registers of the procedure's outcomes where it is a column.
    #[serde(default)]
    pub registers: Vec<String>,
    /// A column of the public register too.
    #[serde(default)]
    pub public: bool,
}

const fn yes() -> bool {
    true
}

impl Field {
    /// What it is called, in both languages.
    #[must_use]
    pub fn name(&self) -> Text {
        Text::of(self.zh.clone(), self.en.clone())
    }

    /// What to write, in both languages; `None` where there is no hint.
    #[must_use]
    pub fn hint(&self) -> Option<Text> {
        (!self.hint_zh.is_empty()).then(|| Text::of(self.hint_zh.clone(), self.hint_en.clone()))
    }

    /// What zero means, where it is an answer of its own.
    #[must_use]
    pub fn zero(&self) -> Option<Text> {
        (!self.zero_zh.is_empty()).then(|| Text::of(self.zero_zh.clone(), self.zero_en.clone()))
    }

    /// Longest text in characters, or largest number.
    #[must_use]
    pub fn limit(&self) -> u32 {
        self.most.unwrap_or(self.kind.most_default())
    }

    /// It is asked where the other choice has this answer; without an answer yet, it is.
    #[must_use]
    pub fn is_asked(&self, answer: Option<&str>) -> bool {
        match (&self.when, answer) {
            (Some(when), Some(answer)) => when.is.iter().any(|is| is == answer),
            _ => true,
        }
    }

    /// What is typed here is kept where the other choice has this answer; without an answer yet, it is.
    #[must_use]
    pub fn is_kept(&self, answer: Option<&str>) -> bool {
        match (&self.unkept, answer) {
            (Some(unkept), Some(answer)) => unkept.is.iter().all(|is| is != answer),
            _ => true,
        }
    }

    /// The choice of this id.
    #[must_use]
    pub fn choice(&self, id: &str) -> Option<&FieldChoice> {
        self.choices.iter().find(|c| c.id == id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = "id = \"service\"\nstep = \"submit\"\nzh = \"服务\"\nen = \"service\"\nkind = \"choice\"\nsample = \"a\"\n\
        choices = [{ id = \"a\", zh = \"甲\", en = \"first\" }, { id = \"b\", zh = \"乙\", en = \"second\" }]\n";

    fn field(more: &str) -> Field {
        toml::from_str(&format!("{WHOLE}{more}")).unwrap()
    }

    #[test]
    fn what_is_left_out_is_the_stricter_or_the_empty() {
        let field = field("");
        assert!(field.required && !field.personal && !field.public);
        assert_eq!((field.most, field.clause.clone(), field.hint()), (None, None, None));
        assert!(field.registers.is_empty());
        assert_eq!((field.name(), field.limit()), (Text::new("服务", "service"), 40));
        assert_eq!(field.choice("b").map(FieldChoice::name), Some(Text::new("乙", "second")));
        assert_eq!(field.choice("c"), None);
    }

    #[test]
    fn a_field_that_hangs_on_another_answer_is_asked_with_that_answer() {
        let always = field("");
        assert!(!always.past && always.is_asked(Some("person")) && always.is_asked(None));
        let units = field("when = { field = \"who\", is = [\"unit\"] }\n");
        assert!(units.is_asked(Some("unit")) && units.is_asked(None) && !units.is_asked(Some("person")));
    }

    #[test]
    fn a_field_is_kept_but_with_the_answers_that_it_names() {
        let always = field("");
        assert!(always.is_kept(Some("unnamed")) && always.is_kept(None));
        let named = field("unkept = { field = \"who\", is = [\"unnamed\"] }\n");
        assert!(named.is_kept(Some("person")) && named.is_kept(None) && !named.is_kept(Some("unnamed")));
    }

    #[test]
    fn what_a_field_says_itself_comes_first() {
        let field = field("required = false\nmost = 7\nhint_zh = \"甲\"\nhint_en = \"a\"\nclause = \"A-16-1\"\n");
        assert!(!field.required);
        assert_eq!((field.limit(), field.hint()), (7, Some(Text::new("甲", "a"))));
        assert_eq!(field.clause, Some(ClauseId::new("A-16-1")));
        assert_eq!(field.zero(), None);
    }

    #[test]
    fn zero_may_be_an_answer_of_its_own() {
        let packs = crate::Packs::embedded().unwrap();
        let orders =
            ["inspection_a", "inspection_b"].map(|id| packs.procedure(id).and_then(|p| p.field("correct_days")));
        for field in orders {
            let zero = field.and_then(Field::zero).expect("an order says what no days mean");
            assert!(zero.zh.contains("当场改正") && zero.en.contains("at once"), "{zero:?}");
        }
    }

    #[test]
    fn an_unknown_key_or_kind_is_refused() {
        for (from, to) in [("kind = \"choice\"", "kind = \"wish\""), ("sample = \"a\"", "samples = \"a\"")] {
            let text = WHOLE.replacen(from, to, 1);
            assert_ne!(text, WHOLE);
            assert!(toml::from_str::<Field>(&text).is_err(), "{to}");
        }
    }

    #[test]
    fn every_kind_has_a_name_a_limit_and_one_word() {
        for (n, kind) in FieldKind::ALL.into_iter().enumerate() {
            let name = kind.name();
            assert!(!name.zh.is_empty() && !name.en.is_empty());
            assert!(FieldKind::ALL.iter().take(n).all(|other| other.name() != name), "{kind:?}");
            assert!(kind.most_default() >= 1, "{kind:?}");
            assert!(kind.most_allowed().is_none_or(|most| most >= kind.most_default()), "{kind:?}");
        }
        let personal: Vec<FieldKind> = FieldKind::ALL.into_iter().filter(|kind| kind.is_personal()).collect();
        assert_eq!(personal, [FieldKind::ResidentId, FieldKind::IdentityDocument, FieldKind::Phone, FieldKind::Name]);
    }
}
