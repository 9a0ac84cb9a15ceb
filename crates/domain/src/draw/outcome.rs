//! In which form the outcome of a public source is written: how many numbers, of which range, in which order, so that one outcome has one spelling.
//!
//! ```text
//! plan (form) ─▶ line `public_form` of the rules ─▶ commitment ─▶ [`PublicForm::is_of`]: the outcome as typed ─▶ seed
//! ```
//! Always true: two texts that a form takes and that name the same numbers are the same text; numbers have the digits of the highest, and one
//! space between them. Without that an office could write `03 08 14` or `3,8,14`, both true, and take the seed that pleases.

use base::Text;
use serde::{Deserialize, Serialize};

/// Most groups of a form.
pub const GROUPS: usize = 4;
/// Most numbers of an outcome, all groups together.
pub const NUMBERS: u32 = 40;
/// Highest number that a form may name.
pub const HIGHEST: u32 = 9_999;
/// Words that say one group.
const WORDS: usize = 3;

/// In which order the numbers of a group stand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PublicOrder {
    /// From the lowest to the highest, none twice.
    Rising,
    /// As they came out; one may come out again.
    Drawn,
}

/// Numbers of one kind.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PublicGroup {
    /// Their order.
    pub order: PublicOrder,
    /// How many.
    pub count: u32,
    /// The lowest there can be.
    pub low: u32,
    /// The highest there can be.
    pub high: u32,
}

/// The form of an outcome: groups of numbers, one behind the other. Texts: `rising 6 01-33 rising 1 01-16`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PublicForm(Vec<PublicGroup>);

impl PublicOrder {
    /// The word in the rules.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Rising => "rising",
            Self::Drawn => "drawn",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        [Self::Rising, Self::Drawn].into_iter().find(|order| order.word() == word)
    }
}

impl PublicGroup {
    /// Digits of each of its numbers.
    fn digits(self) -> usize {
        self.high.to_string().len()
    }

    /// Reads a number of the group in its one spelling.
    fn read(self, word: &str) -> Option<u32> {
        let spelled = word.len() == self.digits() && word.bytes().all(|b| b.is_ascii_digit());
        let number = spelled.then(|| word.parse::<u32>().ok()).flatten()?;
        (self.low..=self.high).contains(&number).then_some(number)
    }

    fn is_sound(self) -> bool {
        let room = self.high.saturating_sub(self.low).saturating_add(1);
        let fits = self.order == PublicOrder::Drawn || self.count <= room;
        self.low < self.high && self.high <= HIGHEST && (1..=NUMBERS).contains(&self.count) && fits
    }

    fn parse(words: &[&str]) -> Option<Self> {
        let [order, count, range] = words else { return None };
        let (low, high) = range.split_once('-')?;
        Some(Self {
            order: PublicOrder::parse(order)?,
            count: count.parse().ok()?,
            low: low.parse().ok()?,
            high: high.parse().ok()?,
        })
    }

    fn text(self) -> Text {
        let (n, low, high, digits) = (self.count, self.low, self.high, self.digits());
        let order = match self.order {
            PublicOrder::Rising => Text::new("由小到大", "from the lowest to the highest"),
            PublicOrder::Drawn => Text::new("按产生的次序", "in the order in which they came out"),
        };
        Text::of(
            format!("{n}个{low:0digits$}至{high}的数，{}", order.zh),
            format!("{n} of {low:0digits$} to {high}, {}", order.en),
        )
    }
}

impl PublicForm {
    /// Reads what [`Self`] prints; one form has one spelling.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let words: Vec<&str> = text.split(' ').take(GROUPS * WORDS + 1).collect();
        if words.len() > GROUPS * WORDS {
            return None;
        }
        let groups: Option<Vec<PublicGroup>> = words.chunks(WORDS).map(PublicGroup::parse).collect();
        let form = Self(groups?);
        (form.is_sound() && form.to_string() == text).then_some(form)
    }

    fn is_sound(&self) -> bool {
        let numbers = self.0.iter().map(|group| group.count).fold(0_u32, u32::saturating_add);
        self.0.iter().all(|group| group.is_sound()) && numbers <= NUMBERS
    }

    /// The outcome is written in this form: every number in its place, none missing, none too many, one space between two.
    #[must_use]
    pub fn is_of(&self, outcome: &str) -> bool {
        let mut words = outcome.split(' ');
        for group in &self.0 {
            let mut before = None;
            for _ in 0..group.count {
                let Some(number) = words.next().and_then(|word| group.read(word)) else { return false };
                if group.order == PublicOrder::Rising && before.is_some_and(|before| before >= number) {
                    return false;
                }
                before = Some(number);
            }
        }
        words.next().is_none()
    }

    /// For a person: what is typed, and how.
    #[must_use]
    pub fn text(&self) -> Text {
        let groups: Vec<Text> = self.0.iter().map(|group| group.text()).collect();
        let zh: Vec<&str> = groups.iter().map(|text| &*text.zh).collect();
        let en: Vec<&str> = groups.iter().map(|text| &*text.en).collect();
        Text::of(
            format!("{}；每个数写足位数，数与数之间一个空格", zh.join("；再")),
            format!("{}; every number with all its digits, one space between two", en.join("; then ")),
        )
    }
}

/// As the rules spell it.
impl std::fmt::Display for PublicForm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (at, group) in self.0.iter().enumerate() {
            let (space, digits) = (if at == 0 { "" } else { " " }, group.digits());
            write!(f, "{space}{} {} {:0digits$}-{}", group.order.word(), group.count, group.low, group.high)?;
        }
        Ok(())
    }
}

impl From<PublicForm> for String {
    fn from(form: PublicForm) -> Self {
        form.to_string()
    }
}

impl TryFrom<String> for PublicForm {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("not the form of an outcome")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Six red balls and a blue one.
    const BALLS: &str = "rising 6 01-33 rising 1 01-16";

    fn form(text: &str) -> PublicForm {
        PublicForm::parse(text).unwrap()
    }

    #[test]
    fn a_form_has_one_spelling_and_limits() {
        for text in [BALLS, "drawn 3 0-9", "drawn 5 0000-9999", "rising 5 01-35 rising 2 01-12", "rising 33 01-33"] {
            assert_eq!(form(text).to_string(), text);
            let said = form(text).text();
            assert!(said.zh.contains("一个空格") && said.en.contains("one space"), "{said:?}");
        }
        let four = ["drawn 10 0-9"; GROUPS].join(" ");
        assert_eq!(form(&four).to_string(), four, "four groups and forty numbers");
        for bad in [
            "",
            "rising",
            "rising 6 1-33",
            "rising 6 01-33 ",
            " rising 6 01-33",
            "rising  6 01-33",
            "rising 06 01-33",
            "rising +6 01-33",
            "Rising 6 01-33",
            "falling 6 01-33",
            "rising 0 01-33",
            "rising 34 01-33",
            "rising 1 05-05",
            "rising 1 06-05",
            "drawn 41 0-9",
            "drawn 21 0-9 drawn 20 0-9",
            "drawn 1 00000-10000",
            "drawn 1 0-9 drawn",
            "drawn 1 -9",
            "drawn 1 0-99999999999999999999",
        ] {
            assert_eq!(PublicForm::parse(bad), None, "{bad}");
        }
        assert_eq!(PublicForm::parse(&[four.as_str(), "drawn 1 0-9"].join(" ")), None, "five groups");
    }

    #[test]
    fn of_the_spellings_of_one_outcome_one_is_taken() {
        let balls = form(BALLS);
        assert!(balls.is_of("03 08 14 21 26 30 11"));
        for other in [
            "3 8 14 21 26 30 11",
            "03,08,14,21,26,30,11",
            "03 08 14 21 26 30+11",
            "03 08 14 21 26 30 + 11",
            "03  08 14 21 26 30 11",
            " 03 08 14 21 26 30 11",
            "03 08 14 21 26 30 11 ",
            "03\u{3000}08 14 21 26 30 11",
            "03\t08 14 21 26 30 11",
            "０３ 08 14 21 26 30 11",
            "003 08 14 21 26 30 11",
            "+3 08 14 21 26 30 11",
            "08 03 14 21 26 30 11",
            "11 03 08 14 21 26 30",
            "03 03 14 21 26 30 11",
            "03 08 14 21 26 30",
            "03 08 14 21 26 30 11 12",
            "00 08 14 21 26 30 11",
            "03 08 14 21 26 34 11",
            "03 08 14 21 26 30 17",
            "",
        ] {
            assert!(!balls.is_of(other), "{other:?}");
        }
        let digits = form("drawn 3 0-9");
        assert!(digits.is_of("7 0 7") && !digits.is_of("707") && !digits.is_of("07 0 7") && !digits.is_of("7 0"));
        assert!(form("drawn 2 000-100").is_of("005 100") && !form("drawn 2 000-100").is_of("5 100"));
    }

    proptest! {
        #[test]
        fn two_texts_of_the_same_numbers_are_the_same_text(text in "[0-9]{1,2}( ,?|,|  |\\+)[0-9]{1,3}( |, |)[0-9]{1,2}") {
            let numbers = |text: &str| {
                let split = text.split(|c: char| !c.is_ascii_digit()).filter(|word| !word.is_empty());
                split.map(|word| word.parse::<u32>().unwrap()).collect::<Vec<_>>()
            };
            let three = form("drawn 3 00-99");
            let one: Vec<String> = numbers(&text).iter().map(|n| format!("{n:02}")).collect();
            let is_one = one.len() == 3 && numbers(&text).iter().all(|n| *n < 100) && one.join(" ") == text;
            prop_assert_eq!(three.is_of(&text), is_one);
        }

        #[test]
        fn any_text_is_read_without_panic(text in "\\PC{0,120}", near in "(rising|drawn) [0-9]{1,6} [0-9]{1,6}-[0-9]{1,12}") {
            for text in [text.as_str(), near.as_str()] {
                if let Some(form) = PublicForm::parse(text) {
                    prop_assert_eq!(form.to_string(), text);
                    let kept = serde_json::to_string(&form).unwrap();
                    prop_assert_eq!(serde_json::from_str::<PublicForm>(&kept).unwrap(), form);
                }
            }
            prop_assert!(!form(BALLS).is_of(&text));
        }
    }
}
