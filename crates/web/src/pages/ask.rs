//! Form fields as a page asks them, and text about persons as a reader may see it: shared by applications, cases and the public site.
//!
//! What flows through: a handler turns each field of a procedure into an [`AskedField`] with what was typed and what is wrong with it;
//! `case_parts.html` draws it. Invariants: the id of an input is `f-` and the field's word, so a procedure cannot name an element of
//! the layout; `Debug` never prints a value, because any field may hold personal data.

use super::Choice;
use base::{Citation, Text};
use std::fmt;

/// Most choices that stand as a list of radio buttons; more are a drop-down list.
const RADIOS: usize = 6;

/// Text that may be about a person, already masked for the reader. `Debug` prints dots.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Shown(pub String);

impl Shown {
    /// Nothing to show.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<&str> for Shown {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<String> for Shown {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "Shown()" } else { "Shown(…)" })
    }
}

/// Kind of an asked field: the words of the packs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Ask {
    /// One line of text.
    #[default]
    Line,
    /// Paragraphs.
    Words,
    /// Whole number.
    Count,
    /// Whole yuan.
    Yuan,
    /// A day.
    Day,
    /// One of a list.
    Choice,
    /// Yes or no: form values `yes`, `no`.
    Flag,
    /// Unified social credit code, GB 32100.
    CreditCode,
    /// Organisation code, GB 11714.
    OrganisationCode,
    /// Citizen identity number, GB 11643.
    ResidentId,
    /// Number of an identity document; its kind is chosen before it, form name `{id}_kind`.
    IdentityDocument,
    /// Division code, GB/T 2260.
    Division,
    /// Telephone number.
    Phone,
    /// Name of a natural person.
    Name,
}

/// Choices of a list that belong together under a heading.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ChoiceGroup {
    /// Heading.
    pub name: Text,
    /// Choices.
    pub choices: Vec<Choice>,
}

/// One field of a form made from a procedure.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct AskedField {
    /// Form name; the input's id is `f-` and this word.
    pub id: String,
    /// Label.
    pub label: Text,
    /// Help under the label; empty = none.
    pub hint: Text,
    /// Kind.
    pub ask: Ask,
    /// As typed; the chosen value of a list.
    pub value: String,
    /// What is on record and stays where nothing is typed, masked; empty: nothing is.
    pub kept: Shown,
    /// What is wrong and how to put it right.
    pub error: Option<Text>,
    /// Choices of a list.
    pub choices: Vec<Choice>,
    /// Choices of a long list under headings, instead of `choices`: places by cities. Empty: it is none.
    pub groups: Vec<ChoiceGroup>,
    /// As on the filled sample; empty = none.
    pub sample: String,
    /// What zero means, a choice beside the number, form name `{id}_zero`; empty: zero is a number like others.
    pub zero: Text,
    /// That choice is made.
    pub at_zero: bool,
    /// Without it the form is not complete.
    pub required: bool,
    /// When it is needed although it is not always, in brackets; empty: always, or never.
    pub needed: Text,
    /// Personal data: the page says who sees it.
    pub personal: bool,
    /// Longest text, characters; 0 = the limit of its kind.
    pub most_chars: u32,
    /// The clause that asks it.
    pub clause: Option<Citation>,
    /// It was answered before and is shown, not asked again; sent as it stands.
    pub fixed: bool,
}

impl fmt::Debug for AskedField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AskedField").field("id", &self.id).field("ask", &self.ask).finish_non_exhaustive()
    }
}

impl AskedField {
    /// What the chosen value of a list is called; `None`: it is of no list.
    #[must_use]
    pub fn chosen_label(&self) -> Option<&Text> {
        let mut all = self.groups.iter().flat_map(|group| &group.choices).chain(&self.choices);
        all.find(|choice| choice.value == self.value).map(|choice| &choice.label)
    }

    /// It is drawn as a group of radio buttons with a legend.
    #[must_use]
    pub const fn is_group(&self) -> bool {
        match self.ask {
            Ask::Flag => true,
            Ask::Choice => self.choices.len() <= RADIOS,
            _ => false,
        }
    }

    /// It is a drop-down list.
    #[must_use]
    pub const fn is_select(&self) -> bool {
        matches!(self.ask, Ask::Choice) && self.choices.len() > RADIOS
    }

    /// It is a drop-down list with headings.
    #[must_use]
    pub const fn is_grouped(&self) -> bool {
        !self.groups.is_empty()
    }

    /// It is answered with yes or no.
    #[must_use]
    pub const fn is_flag(&self) -> bool {
        matches!(self.ask, Ask::Flag)
    }

    /// It is a number whose kind is chosen before it.
    #[must_use]
    pub const fn is_identity(&self) -> bool {
        matches!(self.ask, Ask::IdentityDocument)
    }

    /// Answers are offered below the input; another may be typed.
    #[must_use]
    pub const fn has_list(&self) -> bool {
        !self.choices.is_empty() && !self.is_identity()
    }

    /// It takes paragraphs.
    #[must_use]
    pub const fn is_words(&self) -> bool {
        matches!(self.ask, Ask::Words)
    }

    /// It is an amount of money: the unit stands behind the input.
    #[must_use]
    pub const fn is_yuan(&self) -> bool {
        matches!(self.ask, Ask::Yuan)
    }

    /// It is a number beside a choice that says what none means.
    #[must_use]
    pub fn has_zero(&self) -> bool {
        !self.zero.zh.is_empty()
    }

    /// There is help under the label.
    #[must_use]
    pub fn has_hint(&self) -> bool {
        !self.hint.zh.is_empty()
    }

    /// Type of the input.
    #[must_use]
    pub const fn input_type(&self) -> &'static str {
        match self.ask {
            Ask::Day => "date",
            Ask::Phone => "tel",
            _ => "text",
        }
    }

    /// Which keyboard a phone shows.
    #[must_use]
    pub const fn input_mode(&self) -> &'static str {
        match self.ask {
            Ask::Count | Ask::Yuan | Ask::Division => "numeric",
            Ask::Phone => "tel",
            _ => "text",
        }
    }

    /// Width class, as wide as the answer is long.
    #[must_use]
    pub const fn width(&self) -> &'static str {
        match self.ask {
            Ask::Count | Ask::Yuan | Ask::Day | Ask::Division => "w-s",
            Ask::CreditCode | Ask::OrganisationCode | Ask::ResidentId | Ask::IdentityDocument => "w-m mono",
            Ask::Phone | Ask::Name => "w-m",
            _ => "w-l",
        }
    }

    /// Longest answer, characters: what the field says, else the length of its kind.
    #[must_use]
    pub const fn longest(&self) -> u32 {
        if self.most_chars > 0 {
            return self.most_chars;
        }
        match self.ask {
            Ask::Words => 2_000,
            Ask::Name => 50,
            Ask::Phone => 20,
            Ask::CreditCode | Ask::ResidentId => 18,
            Ask::OrganisationCode => 10,
            Ask::Division => 6,
            Ask::Count | Ask::Yuan | Ask::Day => 13,
            _ => 100,
        }
    }

    /// Ids of the notes that describe the input, for `aria-describedby`; empty = none.
    #[must_use]
    pub fn described_by(&self) -> String {
        let notes = [
            (self.has_hint(), "hint"),
            (!self.sample.is_empty(), "sample"),
            (self.personal, "personal"),
            (!self.kept.is_empty(), "kept"),
            (self.error.is_some(), "error"),
        ];
        let ids: Vec<String> =
            notes.iter().filter(|(there, _)| *there).map(|(_, note)| format!("f-{}-{note}", self.id)).collect();
        ids.join(" ")
    }

    /// Something describes the input.
    #[must_use]
    pub fn is_described(&self) -> bool {
        self.has_hint() || !self.sample.is_empty() || self.personal || !self.kept.is_empty() || self.error.is_some()
    }
}

/// How many fields are wrong.
#[must_use]
pub fn wrong(fields: &[AskedField]) -> usize {
    fields.iter().filter(|f| f.error.is_some()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(ask: Ask) -> AskedField {
        AskedField { id: "unit_name".into(), ask, value: "张三".into(), ..AskedField::default() }
    }

    #[test]
    fn debug_prints_no_value() {
        let printed = format!("{:?} {:?} {:?}", field(Ask::Name), Shown::from("张三"), Shown::default());
        assert!(!printed.contains('张'), "{printed}");
        assert!(
            printed.contains("unit_name") && printed.contains("Shown(…)") && printed.contains("Shown()"),
            "{printed}"
        );
        assert_eq!(Shown::from(String::from("张*")).to_string(), "张*");
    }

    #[test]
    fn long_lists_drop_down_and_short_ones_are_radios() {
        let with = |count: usize| AskedField {
            choices: vec![Choice::new("a", Text::new("甲", "a"), false); count],
            ..field(Ask::Choice)
        };
        assert!(with(RADIOS).is_group() && !with(RADIOS).is_select());
        assert!(!with(RADIOS + 1).is_group() && with(RADIOS + 1).is_select());
        assert!(field(Ask::Flag).is_group() && !field(Ask::Line).is_group() && !field(Ask::Line).is_select());
    }

    #[test]
    fn a_place_is_a_list_where_names_are_known_and_six_digits_where_not() {
        let plain = field(Ask::Division);
        assert!(!plain.is_grouped() && !plain.is_select() && !plain.is_group());
        let group = ChoiceGroup {
            name: Text::new("甲市", "a"),
            choices: vec![Choice::new("230102", Text::new("乙区", "b"), false)],
        };
        let listed = AskedField { groups: vec![group], ..plain };
        assert!(listed.is_grouped() && !listed.is_group());
        assert_eq!(listed.chosen_label(), None, "nothing of it is chosen");
        let chosen = AskedField { value: "230102".into(), ..listed };
        assert_eq!(chosen.chosen_label().map(|label| &*label.zh), Some("乙区"));
    }

    #[test]
    fn notes_name_exactly_what_is_there() {
        assert_eq!(field(Ask::Line).described_by(), "");
        assert!(!field(Ask::Line).is_described());
        let all = AskedField {
            hint: Text::new("说明", "help"),
            sample: "某某公司".into(),
            personal: true,
            error: Some(Text::new("请填写。", "Fill it in.")),
            ..field(Ask::Line)
        };
        assert_eq!(all.described_by(), "f-unit_name-hint f-unit_name-sample f-unit_name-personal f-unit_name-error");
        assert!(all.is_described());
        assert_eq!(wrong(&[all, field(Ask::Line)]), 1);
    }

    #[test]
    fn a_field_may_be_shorter_than_its_kind() {
        assert_eq!((field(Ask::Words).longest(), field(Ask::CreditCode).longest()), (2_000, 18));
        assert_eq!(AskedField { most_chars: 40, ..field(Ask::Words) }.longest(), 40);
    }
}
