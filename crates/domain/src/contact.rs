//! Whom the watch calls about an alarm, and in which order: keyholder, manager on duty, repair firm.
//!
//! A contact stands at a zone, at a panel or at an area. An incident has those of its zones first, then those of its panel, then those of
//! the areas its places lie in, the smallest area first, those of the whole site last; of one place by the number people gave them.
//! Names and numbers are personal data: [`Pii`] here, sealed at rest, whole only where somebody is to call them.

use crate::alarm::SourceName;
use crate::area;
use base::{ContactId, ErrorKind, Pii, Refusal, Text};

/// Most contacts of a site.
pub const CONTACTS: usize = 500;
/// Most contacts of one zone, panel or area: nobody calls more people than that about one alarm.
pub const CONTACTS_OF_ONE: usize = 12;
/// Most contacts on the page of an incident; the nearest ones.
pub const CALLS: usize = 30;
/// Longest name, characters.
pub const PERSON_CHARS: usize = 60;
/// Longest telephone number as typed, characters.
pub const PHONE_CHARS: usize = 32;
/// Fewest and most digits of a number without its extension: 110 has three, E.164 allows fifteen.
pub const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 3..=15;
/// Longest note, characters.
pub const NOTE_CHARS: usize = 200;
/// Numbers of the order in which they are called.
pub const ORDER: std::ops::RangeInclusive<u32> = 1..=99;
/// Highest number of a zone.
const ZONE_NUMBER: u32 = 999_999;

/// What somebody is called for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Duty {
    /// 钥匙保管人: comes and opens.
    Keyholder,
    /// 值班负责人: decides tonight.
    DutyManager,
    /// 单位负责人.
    Head,
    /// 保安: goes and looks.
    Guard,
    /// 维修单位: repairs panel or detector.
    Repair,
    /// Somebody else.
    Another,
}

impl Duty {
    /// All, as a form lists them.
    pub const ALL: [Self; 6] =
        [Self::Keyholder, Self::DutyManager, Self::Head, Self::Guard, Self::Repair, Self::Another];

    /// Stable word for rows and entries.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Keyholder => "keyholder",
            Self::DutyManager => "duty_manager",
            Self::Head => "unit_head",
            Self::Guard => "guard_on_call",
            Self::Repair => "repair_firm",
            Self::Another => "another_contact",
        }
    }

    /// Reads a code; `None` for anything else.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|d| d.code() == code)
    }

    /// What pages call it.
    #[must_use]
    pub const fn name(self) -> Text {
        match self {
            Self::Keyholder => Text::new("钥匙保管人", "keyholder"),
            Self::DutyManager => Text::new("值班负责人", "manager on duty"),
            Self::Head => Text::new("单位负责人", "head of the unit"),
            Self::Guard => Text::new("保安人员", "guard"),
            Self::Repair => Text::new("维修单位", "repair firm"),
            Self::Another => Text::new("其他联系人", "other contact"),
        }
    }
}

/// For which alarms somebody is called.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Reach {
    /// What happens in this area; [`area::WHOLE_SITE`] for all of them.
    Area(String),
    /// What this source says.
    Source(SourceName),
    /// What this zone of it says.
    Zone(SourceName, u32),
}

/// Where an alarm is.
#[derive(Clone, Copy, Debug)]
pub struct Scene<'a> {
    /// Who said it.
    pub source: &'a SourceName,
    /// Zones that spoke.
    pub zones: &'a [u32],
    /// Their places and that of the source, as paths.
    pub places: &'a [String],
}

impl Reach {
    /// How far this is from the alarm, smaller is nearer; `None` = not called for it.
    #[must_use]
    pub fn distance(&self, scene: &Scene<'_>) -> Option<usize> {
        match self {
            Self::Zone(source, zone) => (source == scene.source && scene.zones.contains(zone)).then_some(0),
            Self::Source(source) => (source == scene.source).then_some(1),
            Self::Area(path) => {
                // An alarm whose place nobody entered is still somewhere in the whole site.
                let holds = area::tidy(path).is_empty() || scene.places.iter().any(|p| area::lies_in(p, path));
                let levels = area::tidy(path).split('/').filter(|level| !level.is_empty()).count();
                holds.then(|| 2 + area::PLACE_CHARS.saturating_sub(levels))
            }
        }
    }
}

/// Somebody to call.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Contact {
    /// Its id.
    pub id: ContactId,
    /// For which alarms.
    pub reach: Reach,
    /// What for.
    pub duty: Duty,
    /// Place in the order of its reach, [`ORDER`].
    pub order: u32,
    /// Name of the person or firm.
    pub person: Pii<String>,
    /// Number, as it is dialled and shown.
    pub phone: Pii<String>,
    /// What to know before calling; may be empty.
    pub note: Pii<String>,
}

/// Whom to call about an alarm, the first first; at most [`CALLS`].
#[must_use]
pub fn calls(all: Vec<Contact>, scene: &Scene<'_>) -> Vec<Contact> {
    let near = all.into_iter().filter_map(|c| Some((c.reach.distance(scene)?, c)));
    let mut list: Vec<_> = near.collect();
    list.sort_by_key(|(distance, c)| (*distance, c.order, c.id));
    list.truncate(CALLS);
    list.into_iter().map(|(_, c)| c).collect()
}

/// A telephone number as it is kept: blanks tidied, full-width digits made plain; `None` where it is none. Digits with `+`, `-`, blanks and
/// brackets, and an extension after `转`, `x` or `#`.
#[must_use]
pub fn phone(text: &str) -> Option<String> {
    let plain = text.chars().map(|c| match c {
        '０'..='９' | '＋' | '－' | '（' | '）' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '\u{3000}' => ' ',
        'X' => 'x',
        other => other,
    });
    let plain: String = plain.collect();
    let plain = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    let (number, extension) = split_extension(&plain);
    let all_of = |s: &str, also: &str| s.chars().all(|c| c.is_ascii_digit() || also.contains(c));
    let body = number.strip_prefix('+').unwrap_or(number);
    let fits = plain.chars().count() <= PHONE_CHARS
        && all_of(body, " -()")
        && PHONE_DIGITS.contains(&digits(number).len())
        && extension.is_none_or(|e| all_of(e, " ") && (1..=8).contains(&digits(e).len()));
    fits.then_some(plain)
}

fn split_extension(phone: &str) -> (&str, Option<&str>) {
    match phone.split_once(['转', 'x', '#']) {
        Some((number, extension)) => (number.trim_end(), Some(extension.trim_start())),
        None => (phone, None),
    }
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// What a telephone link dials (RFC 3966 `tel:`): the digits before an extension, with their `+`.
#[must_use]
pub fn dial(phone: &str) -> String {
    let (number, _) = split_extension(phone);
    format!("{}{}", if number.starts_with('+') { "+" } else { "" }, digits(number))
}

fn bad(code: &str, what: Text) -> Refusal {
    Refusal::bad_input(code, what, Text::new("请更正后重新提交。", "Correct it and submit again."))
}

/// Checks a contact as somebody filled it in; gives it as it is kept.
///
/// # Errors
/// `place`, `zone`, `order`, `person`, `phone`, `note`: the field that is wrong.
pub fn check(contact: Contact) -> Result<Contact, Refusal> {
    let words = |text: &str, from: usize, to: usize| {
        (from..=to).contains(&text.chars().count()) && !text.chars().any(char::is_control)
    };
    let reach = match contact.reach {
        Reach::Area(path) if !words(&path, 0, area::PLACE_CHARS) => {
            return Err(bad("place", Text::new("区域名称过长或含有控制字符。", "The area's name is too long.")));
        }
        Reach::Zone(_, zone) if !(1..=ZONE_NUMBER).contains(&zone) => {
            return Err(bad("zone", Text::new("防区号须为 1 至 999999。", "A zone number is 1 to 999,999.")));
        }
        Reach::Area(path) => Reach::Area(area::tidy(&path)),
        other => other,
    };
    if !ORDER.contains(&contact.order) {
        return Err(bad("order", Text::new("次序须为 1 至 99。", "The order is a number from 1 to 99.")));
    }
    let trimmed = |text: &Pii<String>| text.expose().trim().to_owned();
    let (person, note) = (trimmed(&contact.person), trimmed(&contact.note));
    if !words(&person, 1, PERSON_CHARS) {
        return Err(bad("person", Text::new("请填写姓名或单位，至多 60 字。", "Enter a name, at most 60 characters.")));
    }
    let Some(phone) = phone(contact.phone.expose()) else {
        let what = Text::new(
            "电话须为 3 至 15 位数字，可带 +、-、空格、括号和分机（转、x、#）。",
            "A number has 3 to 15 digits; +, -, blanks, brackets and an extension (x, #) are fine.",
        );
        return Err(bad("phone", what));
    };
    if !words(&note, 0, NOTE_CHARS) {
        return Err(bad("note", Text::new("备注至多 200 字。", "A note has at most 200 characters.")));
    }
    Ok(Contact { reach, person: Pii::new(person), phone: Pii::new(phone), note: Pii::new(note), ..contact })
}

/// There is no room for another.
#[must_use]
pub fn no_room() -> Refusal {
    Refusal::new(
        ErrorKind::Conflict,
        "too_many_contacts",
        Text::of(
            format!("联系人已满：每处至多 {CONTACTS_OF_ONE} 人，全单位至多 {CONTACTS} 人。"),
            format!("No room: at most {CONTACTS_OF_ONE} at one place and {CONTACTS} in all."),
        ),
        Text::new("请先删除不再使用的联系人。", "Remove those that are no longer called."),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn contact(n: u8, reach: Reach, order: u32) -> Contact {
        Contact {
            id: ContactId::from_bytes([n; 16]),
            reach,
            duty: Duty::Keyholder,
            order,
            person: Pii::new("王五".into()),
            phone: Pii::new("13800000000".into()),
            note: Pii::default(),
        }
    }

    #[test]
    fn the_nearest_are_called_first() {
        let (here, there) = (SourceName::dc09("1234"), SourceName::dc09("9999"));
        let area = |path: &str| Reach::Area(path.into());
        let all = vec![
            contact(1, area(""), 1),
            contact(2, area("A座"), 1),
            contact(3, area("A座/一层"), 9),
            contact(4, Reach::Source(here.clone()), 2),
            contact(5, Reach::Source(here.clone()), 1),
            contact(6, Reach::Zone(here.clone(), 3), 1),
            contact(7, Reach::Zone(here.clone(), 4), 1),
            contact(8, Reach::Source(there.clone()), 1),
            contact(9, Reach::Zone(there, 3), 1),
            contact(10, area("A座/二层"), 1),
        ];
        let places = ["A座/一层/后门".to_owned()];
        let scene = Scene { source: &here, zones: &[3], places: &places };
        let ids = |list: Vec<Contact>| list.iter().map(|c| c.id.bytes()[0]).collect::<Vec<_>>();
        assert_eq!(ids(calls(all.clone(), &scene)), [6, 5, 4, 3, 2, 1]);
        // Nobody entered a place: the whole site's are called all the same.
        let nowhere = Scene { source: &here, zones: &[], places: &[] };
        assert_eq!(ids(calls(all, &nowhere)), [5, 4, 1]);
    }

    #[test]
    fn a_long_list_ends() {
        let here = SourceName::dc09("1234");
        let all = (0..=CALLS).map(|n| contact(u8::try_from(n).unwrap(), Reach::Area(String::new()), 1)).collect();
        let scene = Scene { source: &here, zones: &[], places: &[] };
        let list = calls(all, &scene);
        assert_eq!(
            (list.len(), list.last().unwrap().id.bytes()[0]),
            (CALLS, 29),
            "the last of equal order is left out"
        );
    }

    #[test]
    fn numbers_are_those_that_can_be_dialled() {
        for (typed, kept, dialled) in [
            ("110", "110", "110"),
            (" 138 0013  8000 ", "138 0013 8000", "13800138000"),
            ("+86-451-8230 0000", "+86-451-8230 0000", "+8645182300000"),
            ("(0451)82300000转803", "(0451)82300000转803", "045182300000"),
            ("０４５１－８２３０ 00 x12", "0451-8230 00 x12", "0451823000"),
            ("+442071234567 #9", "+442071234567 #9", "+442071234567"),
        ] {
            assert_eq!(phone(typed).as_deref(), Some(kept), "{typed}");
            assert_eq!(dial(kept), dialled);
        }
        let long = "1".repeat(16);
        for none in [
            "",
            "11",
            "12",
            "abc",
            "1380013800a",
            "++8613",
            "86+110",
            "110转",
            "110转123456789",
            "110;rm",
            "tel:110",
            &long,
        ] {
            assert_eq!(phone(none), None, "{none}");
        }
        assert!(phone(&"1".repeat(15)).is_some() && phone(&format!("1{}10", " -".repeat(20))).is_none());
    }

    #[test]
    fn each_field_has_its_limits() {
        let good = || contact(1, Reach::Area(" A座 / 一层 ".into()), 1);
        let kept = check(good()).unwrap();
        assert_eq!(kept.reach, Reach::Area("A座/一层".into()));
        let code = |c: Contact| check(c).unwrap_err().code;
        let text = |n: usize| Pii::new("长".repeat(n));
        assert_eq!(code(Contact { person: text(PERSON_CHARS + 1), ..good() }), "person");
        assert_eq!(code(Contact { person: Pii::new(" ".into()), ..good() }), "person");
        assert_eq!(code(Contact { person: Pii::new("a\nb".into()), ..good() }), "person");
        assert_eq!(code(Contact { phone: Pii::new("12".into()), ..good() }), "phone");
        assert_eq!(code(Contact { note: text(NOTE_CHARS + 1), ..good() }), "note");
        assert_eq!(code(Contact { order: 0, ..good() }), "order");
        assert_eq!(code(Contact { order: 100, ..good() }), "order");
        assert_eq!(code(Contact { reach: Reach::Area("长".repeat(area::PLACE_CHARS + 1)), ..good() }), "place");
        let zone = |n| Reach::Zone(SourceName::dc09("1234"), n);
        assert_eq!(code(Contact { reach: zone(0), ..good() }), "zone");
        assert_eq!(code(Contact { reach: zone(1_000_000), ..good() }), "zone");
        let full =
            Contact { person: text(PERSON_CHARS), note: text(NOTE_CHARS), order: 99, reach: zone(999_999), ..good() };
        assert!(check(full).is_ok());
    }

    #[test]
    fn codes_round_trip_and_nothing_prints() {
        for duty in Duty::ALL {
            assert_eq!(Duty::parse(duty.code()), Some(duty));
        }
        assert_eq!(Duty::parse("x"), None);
        let shown = format!("{:?}", contact(1, Reach::Area(String::new()), 1));
        assert!(!shown.contains("王五") && !shown.contains("138"), "{shown}");
    }

    proptest! {
        #[test]
        fn what_is_kept_is_kept_again(text in "\\PC{0,40}") {
            if let Some(kept) = phone(&text) {
                let again = phone(&kept);
                prop_assert_eq!(again.as_deref(), Some(kept.as_str()));
                prop_assert!(dial(&kept).trim_start_matches('+').chars().all(|c| c.is_ascii_digit()));
            }
        }

        #[test]
        fn a_larger_area_is_never_nearer(place in "[ab/]{0,10}", area in "[ab/]{0,8}") {
            let here = SourceName::dc09("1234");
            let places = [place];
            let scene = Scene { source: &here, zones: &[], places: &places };
            let parent = area.rsplit_once('/').map_or("", |(parent, _)| parent);
            if let Some(own) = Reach::Area(area.clone()).distance(&scene) {
                let of_parent = Reach::Area(parent.into()).distance(&scene);
                prop_assert!(of_parent.is_some_and(|p| p >= own), "{} {}", area, parent);
            }
        }
    }
}
