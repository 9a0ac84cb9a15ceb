//! Numbers by which units, persons, places and police units are known, read as people type them.
//!
//! What flows through: typed text ─▶ tidied (blanks and hidden characters out, full-width made plain, upper case) ─▶ length ─▶ letters ─▶ parts ─▶
//! check digits ─▶ one of [`CreditCode`], [`OrganisationCode`], [`ResidentId`], [`DivisionCode`], [`PoliceUnitCode`], or an [`IdentifierFault`]
//! that says which position is wrong and what to do. Always true: what is held is tidied and passes its check digits; reading it again gives the
//! same; a resident's number prints as `***` and no fault repeats what was typed.

use base::{CivilDate, Pii, Text};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Letters of a unified social credit code in the order of their values: no I, O, S, V, Z (GB 32100-2015, table 2).
const CREDIT_LETTERS: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";
/// Weights of its first 17 positions: powers of 3 modulo 31.
const CREDIT_WEIGHTS: [usize; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
/// Weights of the first eight positions of an organisation code (GB 11714).
const ORGANISATION_WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];
/// Weights of the first 17 positions of a resident's number (GB 11643).
const RESIDENT_WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
/// Check digits of a resident's number by the remainder of eleven.
const RESIDENT_CHECKS: [char; 11] = ['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'];
/// Length of the resident's numbers that were given out until 1999 and are not valid any more.
const OLD_RESIDENT_CHARS: usize = 15;
/// Fewest and most characters of the number of another identity document.
const DOCUMENT_CHARS: (usize, usize) = (5, 20);
/// The same where it has digits alone: passports and travel permits have 7 to 10.
const DIGITS_ALONE: (usize, usize) = (7, 10);
/// Earliest year of birth that is not a slip.
const FIRST_YEAR: i16 = 1800;
/// First two digits of the divisions of a province's rank (GB/T 2260).
const PROVINCES: [&str; 34] = [
    "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41", "42", "43", "44",
    "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71", "81", "82",
];
/// Those of them that are one city.
const MUNICIPALITIES: [&str; 4] = ["11", "12", "31", "50"];
/// First two digits of numbers on residence permits (港澳台居民居住证) that are no division's.
const PERMIT: &str = "83";

/// Which number.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum IdentifierKind {
    /// 统一社会信用代码, GB 32100.
    CreditCode,
    /// 组织机构代码, GB 11714.
    OrganisationCode,
    /// 公民身份号码, GB 11643.
    ResidentId,
    /// 行政区划代码, GB/T 2260.
    Division,
    /// 公安机关机构代码, GA/T 380.
    PoliceUnit,
}

impl IdentifierKind {
    /// What people call it.
    #[must_use]
    pub const fn name(self) -> Text {
        match self {
            Self::CreditCode => Text::new("统一社会信用代码", "unified social credit code"),
            Self::OrganisationCode => Text::new("组织机构代码", "organisation code"),
            Self::ResidentId => Text::new("公民身份号码", "resident identity number"),
            Self::Division => Text::new("行政区划代码", "division code"),
            Self::PoliceUnit => Text::new("公安机关机构代码", "police unit code"),
        }
    }

    /// How many characters it has; the hyphen of an organisation code is not counted.
    #[must_use]
    pub const fn chars(self) -> usize {
        match self {
            Self::CreditCode | Self::ResidentId => 18,
            Self::OrganisationCode => 9,
            Self::Division => 6,
            Self::PoliceUnit => 12,
        }
    }
}

/// Why a text is no such number. Positions count from 1 in the tidied text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum IdentifierFault {
    /// Too short or too long; `got` is 0 where nothing was typed.
    Length {
        /// Which number.
        kind: IdentifierKind,
        /// Characters after tidying.
        got: usize,
    },
    /// A character that cannot stand there.
    Letter {
        /// Which number.
        kind: IdentifierKind,
        /// The first such position.
        position: usize,
        /// The digit that was perhaps meant; never for a resident's number.
        meant: Option<char>,
    },
    /// Its first two digits are no province's.
    Province {
        /// Which number.
        kind: IdentifierKind,
    },
    /// Digits 3 and 4 name no city, yet 5 and 6 name a county.
    City {
        /// Which number.
        kind: IdentifierKind,
    },
    /// Positions 7 to 14 of a resident's number are no day.
    Birthday,
    /// That day is still to come.
    Unborn,
    /// Positions 9 to 17 of a credit code do not agree with each other.
    Organisation,
    /// Everything else holds and the check digit does not. Which position is wrong nobody can tell: the sentence names none.
    Check {
        /// Which number.
        kind: IdentifierKind,
        /// What the last position would be if all the others are right; told to nobody who types, a digit that merely fits is no number.
        should: char,
    },
    /// Neither a resident's number nor the number of another identity document.
    Document,
}

impl IdentifierFault {
    /// Which number it is about.
    #[must_use]
    pub const fn kind(self) -> IdentifierKind {
        match self {
            Self::Length { kind, .. }
            | Self::Letter { kind, .. }
            | Self::Province { kind }
            | Self::City { kind }
            | Self::Check { kind, .. } => kind,
            Self::Birthday | Self::Unborn | Self::Document => IdentifierKind::ResidentId,
            Self::Organisation => IdentifierKind::CreditCode,
        }
    }

    /// What is wrong, one sentence.
    #[must_use]
    pub fn what(self) -> Text {
        let Text { zh, en } = self.kind().name();
        let chars = self.kind().chars();
        match self {
            Self::Length { got: 0, .. } => Text::of(format!("未填写{zh}。"), format!("The {en} is not filled in.")),
            Self::Length { got, .. } => Text::of(
                format!("{zh}应为{chars}位，现为{got}位。"),
                format!("The {en} has {chars} characters; this one has {got}."),
            ),
            Self::Letter { position, meant: Some(digit), .. } => Text::of(
                format!("{zh}第{position}位的字符不符合规则，可能是数字{digit}。"),
                format!("Position {position} of the {en} cannot be this letter; perhaps the digit {digit} is meant."),
            ),
            Self::Letter { position, .. } => Text::of(
                format!("{zh}第{position}位的字符不符合规则。"),
                format!("Position {position} of the {en} cannot be this character."),
            ),
            Self::Province { .. } => Text::of(
                format!("{zh}第1、2位不是任何省级行政区的代码。"),
                format!("Digits 1 and 2 of the {en} are no province's."),
            ),
            Self::City { .. } => Text::of(
                format!("{zh}第3、4位为00，第5、6位却不是00。"),
                format!("Digits 3 and 4 of the {en} are 00, but digits 5 and 6 are not."),
            ),
            Self::Birthday => Text::of(
                format!("{zh}第7至14位不是有效的出生日期。"),
                format!("Digits 7 to 14 of the {en} are no day of birth."),
            ),
            Self::Unborn => Text::of(
                format!("{zh}第7至14位的出生日期晚于今天。"),
                format!("The day of birth in the {en} is still to come."),
            ),
            Self::Organisation => Text::of(
                format!("{zh}第9至17位（组织机构代码）不符合校验规则。"),
                format!("Positions 9 to 17 of the {en}, the organisation code, fail their check."),
            ),
            Self::Check { .. } => Text::of(
                format!("{zh}校验不符，至少有一位填错了。"),
                format!("The {en} fails its check: at least one character is wrong."),
            ),
            Self::Document => Text::new(
                "身份证件号码应为18位公民身份号码，或者护照、永久居留身份证、通行证上的5至20位字母、数字。",
                "This is neither a resident identity number of 18 characters nor the 5 to 20 letters and digits of a passport, residence card or permit.",
            ),
        }
    }

    /// What to do, one sentence.
    #[must_use]
    pub const fn next(self) -> Text {
        match self {
            Self::Length { got: 0, .. } => Text::new("请对照证照填写。", "Enter it from the document."),
            Self::Length { kind: IdentifierKind::ResidentId, got: OLD_RESIDENT_CHARS } => Text::new(
                "15位旧号码已经停用，请填写18位号码。",
                "Numbers of 15 digits are no longer valid; enter the one of 18.",
            ),
            Self::Length { .. } => Text::new(
                "请对照证照逐位核对，补上缺少的或者删去多余的字符。",
                "Compare it with the document and add or remove characters.",
            ),
            Self::Letter { .. } | Self::Province { .. } | Self::City { .. } | Self::Birthday | Self::Unborn => {
                Text::new("请对照证照更正该位置。", "Compare it with the document and correct that place.")
            }
            Self::Organisation => {
                Text::new("请对照证照核对第9至17位。", "Compare positions 9 to 17 with the document.")
            }
            Self::Check { .. } => Text::new(
                "请对照证照逐位核对，包括前面的地区代码和日期。",
                "Compare every character with the document, the first ones too.",
            ),
            Self::Document => {
                Text::new("请对照证件填写，不写空格和符号。", "Enter it from the document, without blanks or signs.")
            }
        }
    }

    /// Both sentences: what is wrong and what to do.
    #[must_use]
    pub fn text(self) -> Text {
        let (what, next) = (self.what(), self.next());
        Text::of(format!("{}{}", what.zh, next.zh), format!("{} {}", what.en, next.en))
    }
}

impl std::fmt::Display for IdentifierFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.what().en)
    }
}

impl std::error::Error for IdentifierFault {}

/// A character that nobody sees on paper: zero width, direction of writing, parts of lines.
#[must_use]
pub(crate) const fn is_hidden(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// The same character as ASCII writes it: full-width forms made plain.
#[must_use]
pub(crate) fn half_width(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '\u{3000}' => ' ',
        other => other,
    }
}

/// The characters that count, upper case. The Roman numeral ten stands for X, as some input methods write it.
fn kept(kind: IdentifierKind, typed: &str) -> impl Iterator<Item = char> {
    let seen = typed.chars().filter(|c| !c.is_whitespace() && !is_hidden(*c));
    let plain = seen.map(|c| match half_width(c) {
        '\u{2169}' | '\u{2179}' => 'X',
        other => other.to_ascii_uppercase(),
    });
    plain.filter(move |c| *c != '-' || !matches!(kind, IdentifierKind::OrganisationCode))
}

/// The tidied text, of the right length; nothing longer is ever held.
fn tidy(kind: IdentifierKind, typed: &str) -> Result<String, IdentifierFault> {
    let got = kept(kind, typed).count();
    if got == kind.chars() { Ok(kept(kind, typed).collect()) } else { Err(IdentifierFault::Length { kind, got }) }
}

/// Each character may stand at its position, counted from 1.
fn letters(kind: IdentifierKind, code: &str, fits: impl Fn(usize, char) -> bool) -> Result<(), IdentifierFault> {
    let Some((position, c)) = (1..).zip(code.chars()).find(|(position, c)| !fits(*position, *c)) else {
        return Ok(());
    };
    let meant = match c {
        _ if kind == IdentifierKind::ResidentId => None,
        'O' => Some('0'),
        'I' => Some('1'),
        'Z' => Some('2'),
        'S' => Some('5'),
        _ => None,
    };
    // Only where the digit could stand there.
    Err(IdentifierFault::Letter { kind, position, meant: meant.filter(|digit| fits(position, *digit)) })
}

/// Positions `from..to`, counted from 0; the codes here are ASCII.
fn part(code: &str, from: usize, to: usize) -> &str {
    code.get(from..to).unwrap_or_default()
}

fn credit_check(code: &str) -> char {
    let value = |c: char| CREDIT_LETTERS.find(c).unwrap_or_default();
    let sum: usize = code.chars().zip(CREDIT_WEIGHTS).map(|(c, weight)| value(c) * weight).sum();
    CREDIT_LETTERS.chars().nth((31 - sum % 31) % 31).unwrap_or_default()
}

fn organisation_check(code: &str) -> char {
    let value = |c: char| c.to_digit(36).unwrap_or_default();
    let sum: u32 = code.chars().zip(ORGANISATION_WEIGHTS).map(|(c, weight)| value(c) * weight).sum();
    match 11 - sum % 11 {
        10 => 'X',
        11 => '0',
        digit => char::from_digit(digit, 10).unwrap_or_default(),
    }
}

fn resident_check(code: &str) -> char {
    let value = |c: char| c.to_digit(10).unwrap_or_default();
    let sum: u32 = code.chars().zip(RESIDENT_WEIGHTS).map(|(c, weight)| value(c) * weight).sum();
    let at = usize::try_from(sum % 11).unwrap_or_default();
    RESIDENT_CHECKS.get(at).copied().unwrap_or_default()
}

/// Unified social credit code of a unit (GB 32100-2015), 18 characters: department that registers, category, division of the register, organisation
/// code (9), check digit.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct CreditCode(String);

impl CreditCode {
    /// Reads it. Which letters departments and categories have differs between editions of the lists, so only their form is asked: no
    /// department is 0, a category is a digit from 1. Some registers have a division that GB/T 2260 does not list; six digits are enough.
    ///
    /// # Errors
    /// What is wrong, and where.
    pub fn parse(typed: &str) -> Result<Self, IdentifierFault> {
        let kind = IdentifierKind::CreditCode;
        let code = tidy(kind, typed)?;
        letters(kind, &code, |position, c| match position {
            1 => c != '0' && CREDIT_LETTERS.contains(c),
            2 => c != '0' && c.is_ascii_digit(),
            3..=8 => c.is_ascii_digit(),
            _ => CREDIT_LETTERS.contains(c),
        })?;
        if code.chars().nth(16) != Some(organisation_check(part(&code, 8, 16))) {
            return Err(IdentifierFault::Organisation);
        }
        let should = credit_check(&code);
        if code.ends_with(should) { Ok(Self(code)) } else { Err(IdentifierFault::Check { kind, should }) }
    }

    /// Its 18 characters, upper case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The organisation code in it.
    #[must_use]
    pub fn organisation(&self) -> OrganisationCode {
        OrganisationCode(format!("{}-{}", part(&self.0, 8, 16), part(&self.0, 16, 17)))
    }
}

/// Organisation code (GB 11714): eight letters or digits, a hyphen, a check digit, e.g. `D2143569-X`. It may be typed without the hyphen.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct OrganisationCode(String);

impl OrganisationCode {
    /// Reads it.
    ///
    /// # Errors
    /// What is wrong, and where.
    pub fn parse(typed: &str) -> Result<Self, IdentifierFault> {
        let kind = IdentifierKind::OrganisationCode;
        let code = tidy(kind, typed)?;
        letters(kind, &code, |position, c| match position {
            9 => c == 'X' || c.is_ascii_digit(),
            _ => c.is_ascii_digit() || c.is_ascii_uppercase(),
        })?;
        let should = organisation_check(part(&code, 0, 8));
        if code.ends_with(should) {
            Ok(Self(format!("{}-{should}", part(&code, 0, 8))))
        } else {
            Err(IdentifierFault::Check { kind, should })
        }
    }

    /// Its nine characters with the hyphen.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Number of a resident identity card (GB 11643), 18 characters: division, day of birth, serial number, check digit. Numbers on
/// 港澳台居民居住证 (they begin with 81, 82, 83) and on the 外国人永久居留身份证 of December 2023 and later (first digit 9, same check digit)
/// have the same form and are read too. Personal data: it prints as `***`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ResidentId(Pii<String>);

impl ResidentId {
    /// Reads it. Whether the day of birth is past is asked by [`ResidentId::check_day`], which is told the day.
    ///
    /// # Errors
    /// What is wrong, and where.
    pub fn parse(typed: &str) -> Result<Self, IdentifierFault> {
        let kind = IdentifierKind::ResidentId;
        let code = tidy(kind, typed)?;
        letters(kind, &code, |position, c| c.is_ascii_digit() || (position == 18 && c == 'X'))?;
        let province = part(&code, 0, 2);
        if !code.starts_with('9') && !PROVINCES.contains(&province) && province != PERMIT {
            return Err(IdentifierFault::Province { kind });
        }
        if birthday(&code).is_none() {
            return Err(IdentifierFault::Birthday);
        }
        let should = resident_check(&code);
        if code.ends_with(should) { Ok(Self(Pii::new(code))) } else { Err(IdentifierFault::Check { kind, should }) }
    }

    /// That the day of birth is not after `today`.
    ///
    /// # Errors
    /// [`IdentifierFault::Unborn`].
    pub fn check_day(&self, today: CivilDate) -> Result<(), IdentifierFault> {
        if birthday(self.as_str()).is_some_and(|day| day <= today) { Ok(()) } else { Err(IdentifierFault::Unborn) }
    }

    /// The number itself: only for sealing it, and for a person with the right to see it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.expose()
    }

    /// What pages show: the first three and the last two characters (`110*************2X`), enough to tell two cards on a desk apart. Day of
    /// birth and most of the serial number stay hidden, of the division only the province is told.
    #[must_use]
    pub fn masked(&self) -> String {
        let code = self.as_str();
        format!("{}{}{}", part(code, 0, 3), "*".repeat(13), part(code, 16, 18))
    }

    /// The number for whoever keeps it.
    #[must_use]
    pub fn into_pii(self) -> Pii<String> {
        self.0
    }
}

/// With what a person shows who they are. In a value its word stands before the number, with a blank between; a resident's number stands alone, and
/// so does a number of which nobody said the kind.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum IdentityKind {
    /// 居民身份证.
    Resident,
    /// 外国人永久居留身份证.
    ForeignResident,
    /// 护照.
    Passport,
    /// 港澳台居民居住证.
    RegionResident,
    /// 港澳居民来往内地通行证, 台湾居民来往大陆通行证.
    RegionPermit,
}

impl IdentityKind {
    /// All of them, in the order of a form.
    pub const ALL: [Self; 5] =
        [Self::Resident, Self::ForeignResident, Self::Passport, Self::RegionResident, Self::RegionPermit];

    /// Word in a form.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Resident => "resident",
            Self::ForeignResident => "foreign_resident",
            Self::Passport => "passport",
            Self::RegionResident => "region_resident",
            Self::RegionPermit => "region_permit",
        }
    }

    /// The kind of a word in a form.
    #[must_use]
    pub fn of_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// Its word in a value, as papers print it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Resident => "居民身份证",
            Self::ForeignResident => "外国人永久居留身份证",
            Self::Passport => "护照",
            Self::RegionResident => "港澳台居民居住证",
            Self::RegionPermit => "港澳台居民通行证",
        }
    }

    /// What people call it.
    #[must_use]
    pub const fn name(self) -> Text {
        let en = match self {
            Self::Resident => "resident identity card",
            Self::ForeignResident => "foreigner's permanent residence card",
            Self::Passport => "passport",
            Self::RegionResident => "residence permit of Hong Kong, Macao and Taiwan residents",
            Self::RegionPermit => "mainland travel permit of Hong Kong, Macao and Taiwan residents",
        };
        Text::new(self.word(), en)
    }

    /// The kind that a value names, and the number alone.
    #[must_use]
    pub fn split(value: &str) -> (Option<Self>, &str) {
        let value = value.trim();
        let named = Self::ALL.into_iter().find_map(|kind| {
            let rest = value.strip_prefix(kind.word())?;
            rest.starts_with(char::is_whitespace).then(|| (Some(kind), rest.trim_start()))
        });
        named.unwrap_or((None, value))
    }

    /// The value of a number that is of this kind.
    #[must_use]
    pub fn with(self, number: &str) -> String {
        format!("{} {}", self.word(), number.trim())
    }
}

/// Number of the document by which a person shows who they are: a resident's number, exact, or that of a passport, of a permanent residence
/// card of older form or of a travel permit (通行证), for which no rule of checking is known here. Personal data: it prints as `***`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IdentityNumber(Pii<String>);

impl IdentityNumber {
    /// Reads it, with or without its kind before it ([`IdentityKind::split`]). What looks like a resident's number is held to all its rules and is
    /// never taken for a passport's; what is said to be a resident's number is nothing else.
    ///
    /// # Errors
    /// What is wrong, and where; [`IdentifierFault::Document`].
    pub fn parse(typed: &str) -> Result<Self, IdentifierFault> {
        let (kind, number) = IdentityKind::split(typed);
        let resident = || ResidentId::parse(number).map(|id| id.as_str().to_owned());
        let value = match kind {
            None => any_document(number)?,
            Some(IdentityKind::Resident) => resident()?,
            Some(kind @ IdentityKind::RegionResident) => kind.with(&resident()?),
            Some(kind @ IdentityKind::ForeignResident) => kind.with(&any_document(number)?),
            Some(kind) if resident().is_err() => kind.with(&any_document(number)?),
            // A resident's number is on no passport and no travel permit.
            Some(_) => return Err(IdentifierFault::Document),
        };
        Ok(Self(Pii::new(value)))
    }

    /// The number itself, after its kind where that is kept: only for sealing it, and for a person with the right to see it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.expose()
    }

    /// What pages show: as [`ResidentId::masked`]; of any other number the last two characters. The kind stays.
    #[must_use]
    pub fn masked(&self) -> String {
        let (kind, number) = IdentityKind::split(self.as_str());
        let hidden =
            ResidentId::parse(number).map_or_else(|_| Pii::new(number.to_owned()).masked_tail(2), |id| id.masked());
        kind.map_or_else(|| hidden.clone(), |kind| kind.with(&hidden))
    }

    /// The number for whoever keeps it.
    #[must_use]
    pub fn into_pii(self) -> Pii<String> {
        self.0
    }
}

/// The number of a document whose kind nobody said.
fn any_document(number: &str) -> Result<String, IdentifierFault> {
    let chars = || kept(IdentifierKind::ResidentId, number);
    let got = chars().count();
    let digits = chars().filter(char::is_ascii_digit).count();
    // Numbers of passports and permits that are digits alone have few of them.
    let but_last = || chars().take(got.saturating_sub(1)).all(|c| c.is_ascii_digit());
    let is_residents = got == IdentifierKind::ResidentId.chars() || (got > DIGITS_ALONE.1 && but_last());
    if is_residents {
        return ResidentId::parse(number).map(|id| id.as_str().to_owned());
    }
    let (least, most) = if digits == got { DIGITS_ALONE } else { DOCUMENT_CHARS };
    let fits = (least..=most).contains(&got) && digits > 0 && chars().all(|c| c.is_ascii_alphanumeric());
    if fits { Ok(chars().collect()) } else { Err(IdentifierFault::Document) }
}

/// The day in positions 7 to 14.
fn birthday(code: &str) -> Option<CivilDate> {
    let year = part(code, 6, 10).parse().ok()?;
    let month = part(code, 10, 12).parse().ok()?;
    let day = part(code, 12, 14).parse().ok()?;
    CivilDate::ymd(year, month, day).filter(|_| year >= FIRST_YEAR)
}

/// How large a division is; a larger one comes first.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum DivisionLevel {
    /// 省级.
    Province,
    /// 地级.
    City,
    /// 县级.
    County,
}

/// Division code (GB/T 2260), six digits: province, city, county, two each; 00 where a larger division is meant. That the first two are a
/// province's is asked; the rest changes each year and is held to the list of the packs where a form or a row names a place (`form::place_faults`).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DivisionCode([u8; 6]);

impl DivisionCode {
    /// Reads it.
    ///
    /// # Errors
    /// What is wrong, and where.
    pub fn parse(typed: &str) -> Result<Self, IdentifierFault> {
        let kind = IdentifierKind::Division;
        let code = tidy(kind, typed)?;
        letters(kind, &code, |_, c| c.is_ascii_digit())?;
        Self::of_digits(kind, &code)
    }

    /// The division of six digits that stand at the beginning of a longer number.
    fn of_digits(kind: IdentifierKind, digits: &str) -> Result<Self, IdentifierFault> {
        if !PROVINCES.contains(&part(digits, 0, 2)) {
            return Err(IdentifierFault::Province { kind });
        }
        if part(digits, 2, 4) == "00" && part(digits, 4, 6) != "00" {
            return Err(IdentifierFault::City { kind });
        }
        let six: Result<[u8; 6], _> = part(digits, 0, 6).as_bytes().try_into();
        six.map(Self).map_err(|_| IdentifierFault::Length { kind, got: digits.len() })
    }

    /// Its six digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// How large it is.
    #[must_use]
    pub const fn level(&self) -> DivisionLevel {
        match self.0 {
            [_, _, b'0', b'0', _, _] => DivisionLevel::Province,
            [_, _, _, _, b'0', b'0'] => DivisionLevel::City,
            _ => DivisionLevel::County,
        }
    }

    /// The province it lies in: `210000` of `210102`.
    #[must_use]
    pub const fn province(&self) -> Self {
        let [a, b, ..] = self.0;
        Self([a, b, b'0', b'0', b'0', b'0'])
    }

    /// The city it lies in: `210100` of `210102`; `None` for a province. Counties directly under a province have a city part of their own
    /// (`90`) that no city has.
    #[must_use]
    pub const fn city(&self) -> Option<Self> {
        let [a, b, c, d, ..] = self.0;
        if matches!(self.level(), DivisionLevel::Province) { None } else { Some(Self([a, b, c, d, b'0', b'0'])) }
    }

    /// It is, or lies in, a province that is one city.
    #[must_use]
    pub fn is_municipality(&self) -> bool {
        MUNICIPALITIES.contains(&part(self.as_str(), 0, 2))
    }

    /// Whether `other` is this division or lies in it: `210000` holds `210100` holds `210102`.
    #[must_use]
    pub fn holds(&self, other: &Self) -> bool {
        match self.level() {
            DivisionLevel::Province => other.province() == *self,
            DivisionLevel::City => other.city() == Some(*self),
            DivisionLevel::County => other == self,
        }
    }
}

impl std::fmt::Debug for DivisionCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DivisionCode({})", self.as_str())
    }
}

/// Code of a police unit (GA/T 380), twelve digits, the first six a division, e.g. `210204000000`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct PoliceUnitCode {
    digits: String,
    division: DivisionCode,
}

impl PoliceUnitCode {
    /// Reads it.
    ///
    /// # Errors
    /// What is wrong, and where.
    pub fn parse(typed: &str) -> Result<Self, IdentifierFault> {
        let kind = IdentifierKind::PoliceUnit;
        let digits = tidy(kind, typed)?;
        letters(kind, &digits, |_, c| c.is_ascii_digit())?;
        let division = DivisionCode::of_digits(kind, &digits)?;
        Ok(Self { digits, division })
    }

    /// Its twelve digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.digits
    }

    /// The division of its first six digits.
    #[must_use]
    pub const fn division(&self) -> DivisionCode {
        self.division
    }
}

/// What is no personal data is shown as it is, and is its text in files and entries.
macro_rules! open {
    ($($name:ident),+ $(,)?) => {$(
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                Self::parse(&text).map_err(serde::de::Error::custom)
            }
        }
    )+};
}

open!(CreditCode, OrganisationCode, DivisionCode, PoliceUnitCode);
