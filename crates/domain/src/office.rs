//! Police offices, their territories, and which of them is competent for a place.
//!
//! What flows through: the party that a procedure names, the offices of this server and the division of a place ─▶ [`competent`] ─▶ one office, or
//! a refusal that says why there is none. Always true: the office returned holds the place and stands at a level that the party allows, the
//! lowest one first; where two could act a person chooses; a body that is no police office (court, government, an applicant) never becomes one.

use crate::identifier::{DivisionCode, DivisionLevel, PoliceUnitCode};
use base::{ErrorKind, OfficeId, Refusal, Text, limits};
use law::Party;
use serde::{Deserialize, Serialize};

/// Most offices of one server: a province with every station.
pub const OFFICES: usize = 5_000;
/// Most offices that a refusal names.
const NAMED: usize = 5;

/// Level of an office; a higher one comes first.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OfficeLevel {
    /// 省级公安机关.
    Province,
    /// 设区的市公安机关.
    City,
    /// 县级公安机关, also the branch of a city's district.
    County,
    /// 公安派出所.
    Station,
}

impl OfficeLevel {
    /// All, the highest first.
    pub const ALL: [Self; 4] = [Self::Province, Self::City, Self::County, Self::Station];

    /// Stable word for forms, rows and entries.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Province => "province",
            Self::City => "city",
            Self::County => "county",
            Self::Station => "station",
        }
    }

    /// Reads the word; `None` for any other.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.code() == code)
    }

    /// What people call it.
    #[must_use]
    pub const fn name(self) -> Text {
        match self {
            Self::Province => Text::new("省级公安机关", "provincial police"),
            Self::City => Text::new("市级公安机关", "city police"),
            Self::County => Text::new("县级公安机关", "county police"),
            Self::Station => Text::new("公安派出所", "police station"),
        }
    }

    /// Whether an office of this level can have a division of that size. Some cities have no counties, so that offices below the city have
    /// its division too.
    const fn fits(self, division: DivisionLevel) -> bool {
        match self {
            Self::Province => matches!(division, DivisionLevel::Province),
            Self::City => matches!(division, DivisionLevel::City),
            Self::County | Self::Station => matches!(division, DivisionLevel::City | DivisionLevel::County),
        }
    }
}

/// A police office.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Office {
    /// Its id.
    pub id: OfficeId,
    /// Name as on its seal.
    pub name: String,
    /// Its level.
    pub level: OfficeLevel,
    /// Its territory; a station's is the division that it lies in.
    pub division: DivisionCode,
    /// Its code among police units.
    pub unit_code: PoliceUnitCode,
    /// The office above it; `None` for the highest of this server.
    pub parent: Option<OfficeId>,
}

/// Levels at which the office meant by a party may stand for this place, the first tried first; empty where no police office is meant.
///
/// 公安机关 without a level is that of the county, then of the city, then of the province; a station acts in its own name only where it is named.
/// A province that is one city has no city police below it, so its own stand in for them.
#[must_use]
pub fn levels(party: Party, place: &DivisionCode) -> &'static [OfficeLevel] {
    use OfficeLevel::{City, County, Province, Station};
    let one_city = place.is_municipality();
    match party {
        Party::PoliceStation => &[Station],
        Party::PoliceCounty => &[County],
        Party::PoliceCityOrCounty if one_city => &[County, City, Province],
        Party::PoliceCityOrCounty => &[County, City],
        Party::PoliceCity if one_city => &[City, Province],
        Party::PoliceCity => &[City],
        Party::PoliceCityOrAbove => &[City, Province],
        Party::PoliceProvince => &[Province],
        Party::PoliceLocal | Party::Police | Party::PoliceHead | Party::PoliceOrStateSecurity | Party::Organ => {
            &[County, City, Province]
        }
        Party::Anyone
        | Party::Person
        | Party::UsingUnit
        | Party::ManagingUnit
        | Party::ConstructionUnit
        | Party::Provider
        | Party::OutsideProvider
        | Party::Manufacturer
        | Party::Seller
        | Party::TestingBody
        | Party::Experts
        | Party::StateSecurity
        | Party::StateOrgan
        | Party::Government
        | Party::ReviewOrgan
        | Party::Court => &[],
    }
}

/// The offices that could be meant: of the first level that has any holding the place, those with the smallest territory. A form offers them.
#[must_use]
pub fn candidates<'a>(party: Party, offices: &'a [Office], place: &DivisionCode) -> Vec<&'a Office> {
    for level in levels(party, place) {
        let fits = |office: &&Office| office.level == *level && office.division.holds(place);
        let here: Vec<&Office> = offices.iter().filter(fits).collect();
        if let Some(smallest) = here.iter().map(|office| office.division.level()).max() {
            return here.into_iter().filter(|office| office.division.level() == smallest).collect();
        }
    }
    Vec::new()
}

/// The office that has a matter in the whole territory of another one, which stands at no level that the party allows and so never gets it;
/// `None`: the other one may get it, for some place at least, or nobody here has it.
#[must_use]
pub fn instead_of(party: Party, offices: &[Office], own: OfficeId) -> Option<&Office> {
    let own = offices.iter().find(|office| office.id == own)?;
    if levels(party, &own.division).contains(&own.level) {
        return None;
    }
    candidates(party, offices, &own.division).into_iter().next()
}

/// The office competent for a place: the lowest of the levels that the party allows whose territory holds it.
///
/// # Errors
/// `not_an_office`: the party is no police office. `no_office_here`: none of this server's. `several_offices`: more than one could be meant.
pub fn competent<'a>(party: Party, offices: &'a [Office], place: &DivisionCode) -> Result<&'a Office, Refusal> {
    if levels(party, place).is_empty() {
        return Err(not_an_office(party));
    }
    match candidates(party, offices, place).as_slice() {
        [] => Err(no_office_here(party, place)),
        [office] => Ok(*office),
        several => Err(several_offices(party, several)),
    }
}

fn not_an_office(party: Party) -> Refusal {
    let Text { zh, en } = party.name();
    Refusal::bad_input(
        "not_an_office",
        Text::of(
            format!("“{zh}”不是公安机关，本系统没有它的机构。"),
            format!("\"{en}\" is no police office of this system."),
        ),
        Text::new(
            "请由承办民警凭其文书登记该机关或者当事人办理的事项。",
            "What it does is entered by the officer who handles the case, with its paper.",
        ),
    )
}

fn no_office_here(party: Party, place: &DivisionCode) -> Refusal {
    let Text { zh, en } = party.name();
    Refusal::new(
        ErrorKind::NotFound,
        "no_office_here",
        Text::of(
            format!("行政区划{place}没有登记“{zh}”。"),
            format!("No office is entered as \"{en}\" for division {place}."),
        ),
        Text::new(
            "请核对行政区划代码；无误的，请向当地公安机关提出，或者请管理员登记该机构。",
            "Check the division code; if it is right, apply to the police there or ask the administrator to enter the office.",
        ),
    )
}

fn several_offices(party: Party, several: &[&Office]) -> Refusal {
    let Text { zh, en } = party.name();
    let named: Vec<&str> = several.iter().take(NAMED).map(|office| office.name.as_str()).collect();
    let count = several.len();
    Refusal::new(
        ErrorKind::Conflict,
        "several_offices",
        Text::of(
            format!("有{count}个机构都可能是“{zh}”：{}。", named.join("、")),
            format!("{count} offices could be \"{en}\": {}.", named.join(", ")),
        ),
        Text::new("请选择其中一个。", "Choose one of them."),
    )
}

/// The office above this one.
#[must_use]
pub fn above<'a>(office: &Office, offices: &'a [Office]) -> Option<&'a Office> {
    let parent = office.parent?;
    offices.iter().find(|other| other.id == parent)
}

/// The office, or one above it however far, is that one. Ends after as many steps as there are levels.
#[must_use]
pub fn is_under(office: &Office, top: OfficeId, offices: &[Office]) -> bool {
    let chain = std::iter::successors(Some(office), |office| above(office, offices));
    chain.take(OfficeLevel::ALL.len()).any(|office| office.id == top)
}

fn bad(code: &str, what: Text) -> Refusal {
    Refusal::bad_input(code, what, Text::new("请更正后重新提交。", "Correct it and submit again."))
}

/// Checks an office as somebody entered it, beside all that are there (itself among them when it is changed); gives it as it is kept.
///
/// # Errors
/// `too_many_offices`, `office_name`, `office_division`, `office_unit_code`, `office_parent`: what is wrong.
pub fn check(office: Office, all: &[Office]) -> Result<Office, Refusal> {
    let others: Vec<&Office> = all.iter().filter(|other| other.id != office.id).collect();
    if others.len() >= OFFICES {
        let what = Text::of(format!("机构已满{OFFICES}个。"), format!("There are {OFFICES} offices already."));
        return Err(bad("too_many_offices", what));
    }
    let name = office.name.trim().to_owned();
    let most = limits::NAME_CHARS;
    if !(1..=most).contains(&name.chars().count()) || name.chars().any(char::is_control) {
        let what = Text::of(
            format!("请填写机构名称，至多{most}个字符。"),
            format!("Enter the office's name, at most {most} characters."),
        );
        return Err(bad("office_name", what));
    }
    let Text { zh, en } = office.level.name();
    let division = office.division;
    if !office.level.fits(division.level()) {
        let what = Text::of(
            format!("行政区划{division}与“{zh}”的级别不符。"),
            format!("Division {division} is not of the size of an office of the level \"{en}\"."),
        );
        return Err(bad("office_division", what));
    }
    let code = &office.unit_code;
    if code.division().province() != division.province() {
        let what = Text::of(
            format!("机构代码{code}与行政区划{division}不在同一省份。"),
            format!("The unit code {code} and the division {division} are of two provinces."),
        );
        return Err(bad("office_unit_code", what));
    }
    if let Some(same) = others.iter().find(|other| other.unit_code == *code) {
        let what = Text::of(
            format!("机构代码{code}已由“{}”使用。", same.name),
            format!("The unit code {code} is that of \"{}\".", same.name),
        );
        return Err(bad("office_unit_code", what));
    }
    check_tree(&office, all)?;
    Ok(Office { name, ..office })
}

/// Levels fall strictly from parent to child, and so no chain of parents is a circle.
fn check_tree(office: &Office, all: &[Office]) -> Result<(), Refusal> {
    let over = |parent: &Office, child: &Office| parent.level < child.level && parent.division.holds(&child.division);
    let fits = match office.parent {
        None => true,
        Some(id) => all.iter().any(|other| other.id == id && other.id != office.id && over(other, office)),
    };
    if !fits {
        let what = Text::new(
            "上级机构须已登记，级别更高，且辖区包含本机构的行政区划。",
            "The office above must be entered, of a higher level, and its territory must hold this one's.",
        );
        return Err(bad("office_parent", what));
    }
    if let Some(child) = all.iter().find(|other| other.parent == Some(office.id) && !over(office, other)) {
        let what = Text::of(
            format!("“{}”以本机构为上级，这样更改后它不再是下级。", child.name),
            format!("\"{}\" stands below this office and would not any more.", child.name),
        );
        return Err(bad("office_parent", what));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn id(n: u8) -> OfficeId {
        OfficeId::from_bytes([n; 16])
    }

    fn place(code: &str) -> DivisionCode {
        DivisionCode::parse(code).unwrap()
    }

    fn office(n: u8, name: &str, level: OfficeLevel, division: &str, parent: Option<u8>) -> Office {
        Office {
            id: id(n),
            name: name.to_owned(),
            level,
            division: place(division),
            unit_code: PoliceUnitCode::parse(&format!("{division}{n:06}")).unwrap(),
            parent: parent.map(id),
        }
    }

    /// Two provinces: one with all levels, one where the city has no county office; and a municipality with one district.
    fn demo() -> Vec<Office> {
        use OfficeLevel::{City, County, Province, Station};
        vec![
            office(1, "辽宁省公安厅", Province, "210000", None),
            office(2, "沈阳市公安局", City, "210100", Some(1)),
            office(3, "沈阳市公安局和平分局", County, "210102", Some(2)),
            office(4, "和平分局甲派出所", Station, "210102", Some(3)),
            office(5, "大连市公安局", City, "210200", Some(1)),
            office(6, "大连市公安局沙河口分局", County, "210204", Some(5)),
            office(7, "黑龙江省公安厅", Province, "230000", None),
            office(8, "哈尔滨市公安局", City, "230100", Some(7)),
            office(9, "上海市公安局", Province, "310000", None),
            office(10, "上海市公安局黄浦分局", County, "310101", Some(9)),
        ]
    }

    fn found(party: Party, at: &str) -> Result<String, String> {
        let offices = demo();
        competent(party, &offices, &place(at)).map(|office| office.name.clone()).map_err(|refusal| refusal.code)
    }

    #[test]
    fn an_office_that_never_gets_a_matter_is_told_who_has_it() {
        let offices = demo();
        let other = |party, own| instead_of(party, &offices, id(own)).map(|office| office.name.as_str());
        assert_eq!(other(Party::PoliceLocal, 4), Some("沈阳市公安局和平分局"), "a station acts only where it is named");
        assert_eq!(other(Party::PoliceCity, 3), Some("沈阳市公安局"));
        assert_eq!(other(Party::PoliceProvince, 2), Some("辽宁省公安厅"));
        for (party, own) in
            [(Party::PoliceStation, 4), (Party::PoliceLocal, 3), (Party::PoliceLocal, 2), (Party::PoliceCity, 10)]
        {
            assert_eq!(other(party, own).is_some(), (party, own) == (Party::PoliceCity, 10), "{party:?} {own}");
        }
        assert_eq!(other(Party::Court, 4), None, "no police office has it");
        assert_eq!(other(Party::PoliceLocal, 99), None, "no office of this server");
    }

    #[test]
    fn the_lowest_office_of_the_level_is_competent() {
        for (party, at, name) in [
            (Party::PoliceStation, "210102", "和平分局甲派出所"),
            (Party::PoliceLocal, "210102", "沈阳市公安局和平分局"),
            (Party::Police, "210102", "沈阳市公安局和平分局"),
            (Party::PoliceHead, "210204", "大连市公安局沙河口分局"),
            (Party::Organ, "210204", "大连市公安局沙河口分局"),
            (Party::PoliceOrStateSecurity, "210204", "大连市公安局沙河口分局"),
            (Party::PoliceCounty, "210204", "大连市公安局沙河口分局"),
            (Party::PoliceCityOrCounty, "210204", "大连市公安局沙河口分局"),
            // No county office there: the city's acts, also for a place given as the whole city.
            (Party::PoliceCityOrCounty, "210103", "沈阳市公安局"),
            (Party::PoliceCityOrCounty, "210100", "沈阳市公安局"),
            (Party::PoliceCityOrCounty, "230102", "哈尔滨市公安局"),
            (Party::Police, "230102", "哈尔滨市公安局"),
            (Party::PoliceCity, "210102", "沈阳市公安局"),
            (Party::PoliceCityOrAbove, "230102", "哈尔滨市公安局"),
            // No city office there: "or above" is the province.
            (Party::PoliceCityOrAbove, "230202", "黑龙江省公安厅"),
            (Party::Police, "230202", "黑龙江省公安厅"),
            (Party::PoliceProvince, "230202", "黑龙江省公安厅"),
            (Party::PoliceProvince, "210000", "辽宁省公安厅"),
            // A province that is one city.
            (Party::PoliceCity, "310101", "上海市公安局"),
            (Party::PoliceCityOrCounty, "310101", "上海市公安局黄浦分局"),
            (Party::PoliceCityOrCounty, "310104", "上海市公安局"),
        ] {
            assert_eq!(found(party, at).as_deref(), Ok(name), "{party:?} {at}");
        }
    }

    #[test]
    fn where_there_is_none_it_says_so() {
        for (party, at) in [
            (Party::PoliceStation, "210204"),
            (Party::PoliceStation, "210100"),
            (Party::PoliceCounty, "210103"),
            (Party::PoliceCounty, "230102"),
            (Party::PoliceCity, "230202"),
            (Party::PoliceCityOrCounty, "230202"),
            (Party::PoliceCounty, "210000"),
            // A province of which this server has nothing.
            (Party::Police, "440305"),
            (Party::PoliceProvince, "440000"),
        ] {
            assert_eq!(found(party, at), Err("no_office_here".to_owned()), "{party:?} {at}");
        }
        let refusal = competent(Party::PoliceCounty, &demo(), &place("440305")).unwrap_err();
        assert_eq!(refusal.kind, ErrorKind::NotFound);
        assert!(refusal.what.zh.contains("440305") && refusal.what.en.contains("county police"), "{refusal}");
        assert_eq!(competent(Party::Police, &[], &place("210102")).unwrap_err().code, "no_office_here");
    }

    #[test]
    fn whoever_is_no_police_office_never_becomes_one() {
        let offices = demo();
        let bodies: Vec<Party> =
            Party::ALL.iter().copied().filter(|party| levels(*party, &place("210102")).is_empty()).collect();
        for body in [Party::Court, Party::Government, Party::ReviewOrgan, Party::StateSecurity, Party::UsingUnit] {
            assert!(bodies.contains(&body), "{body:?}");
        }
        assert_eq!(Party::ALL.len() - bodies.len(), 11, "the parties that are police offices");
        for body in bodies {
            let refusal = competent(body, &offices, &place("210102")).unwrap_err();
            assert_eq!(refusal.code, "not_an_office", "{body:?}");
            assert!(
                refusal.what.zh.contains(&*body.name().zh) && candidates(body, &offices, &place("210102")).is_empty()
            );
        }
    }

    #[test]
    fn where_two_could_act_a_person_chooses() {
        let mut offices = demo();
        offices.push(office(11, "和平分局乙派出所", OfficeLevel::Station, "210102", Some(3)));
        let refusal = competent(Party::PoliceStation, &offices, &place("210102")).unwrap_err();
        assert_eq!((refusal.code.as_str(), refusal.kind), ("several_offices", ErrorKind::Conflict));
        assert!(refusal.what.zh.contains("甲派出所、和平分局乙派出所"), "{}", refusal.what.zh);
        assert_eq!(candidates(Party::PoliceStation, &offices, &place("210102")).len(), 2);
        // An office of the same level with the whole city as territory yields to that of the district.
        offices.push(office(12, "沈阳市公安局开发区分局", OfficeLevel::County, "210100", Some(2)));
        let name = |at: &str| competent(Party::PoliceCounty, &offices, &place(at)).unwrap().name.clone();
        assert_eq!(
            (name("210102").as_str(), name("210103").as_str()),
            ("沈阳市公安局和平分局", "沈阳市公安局开发区分局")
        );
        // A refusal names a few, however many there are.
        let many: Vec<Office> =
            (0..40).map(|n| office(n, &format!("第{n}所"), OfficeLevel::Station, "210102", None)).collect();
        let refusal = competent(Party::PoliceStation, &many, &place("210102")).unwrap_err();
        assert_eq!(refusal.what.zh.matches('所').count(), NAMED + Party::PoliceStation.name().zh.matches('所').count());
    }

    #[test]
    fn an_office_fits_into_the_tree() {
        use OfficeLevel::{City, County, Province, Station};
        let all = demo();
        let code = |office: Office| check(office, &all).map_or_else(|refusal| refusal.code, |_| "kept".to_owned());
        let new = |level, division: &str, parent| office(20, "新机构", level, division, parent);
        for (office, is) in [
            (new(County, "210103", Some(2)), "kept"),
            (new(Station, "210204", Some(6)), "kept"),
            (new(Station, "210204", Some(1)), "kept"),
            (new(City, "210300", None), "kept"),
            (new(City, "210300", Some(2)), "office_parent"),
            (new(County, "210103", Some(5)), "office_parent"),
            (new(County, "230103", Some(2)), "office_parent"),
            (new(County, "210103", Some(3)), "office_parent"),
            (new(County, "210103", Some(20)), "office_parent"),
            (new(County, "210103", Some(99)), "office_parent"),
            (new(Province, "210100", None), "office_division"),
            (new(City, "210102", Some(1)), "office_division"),
            (new(County, "210000", Some(1)), "office_division"),
            (new(County, "210100", Some(2)), "kept"),
            (Office { name: "  ".to_owned(), ..new(County, "210103", Some(2)) }, "office_name"),
            (Office { name: "局\u{7}".to_owned(), ..new(County, "210103", Some(2)) }, "office_name"),
            (Office { name: "局".repeat(limits::NAME_CHARS), ..new(County, "210103", Some(2)) }, "kept"),
            (Office { name: "局".repeat(limits::NAME_CHARS + 1), ..new(County, "210103", Some(2)) }, "office_name"),
            (Office { unit_code: all[2].unit_code.clone(), ..new(County, "210103", Some(2)) }, "office_unit_code"),
            (Office { unit_code: all[7].unit_code.clone(), ..new(County, "210103", Some(2)) }, "office_unit_code"),
            // The office itself, changed: its own code is no other's, and what stands below it must stay below.
            (Office { name: "改名".to_owned(), ..all[1].clone() }, "kept"),
            (Office { division: place("210200"), ..all[1].clone() }, "office_parent"),
        ] {
            let shown = format!("{office:?}");
            assert_eq!(code(office), is, "{shown}");
        }
        let kept = check(Office { name: " 新机构 ".to_owned(), ..new(County, "210103", Some(2)) }, &all).unwrap();
        assert_eq!(kept.name, "新机构");
    }

    #[test]
    fn the_list_of_offices_ends() {
        let numbered = |n: usize| Office {
            id: OfficeId::new(i64::try_from(n).unwrap(), [0; 10]),
            unit_code: PoliceUnitCode::parse(&format!("210102{n:06}")).unwrap(),
            ..office(0, "所", OfficeLevel::Station, "210102", None)
        };
        let full: Vec<Office> = (0..OFFICES).map(numbered).collect();
        assert_eq!(check(numbered(OFFICES), &full).unwrap_err().code, "too_many_offices");
        assert!(check(numbered(OFFICES), &full[1..]).is_ok() && check(numbered(0), &full).is_ok());
    }

    #[test]
    fn who_stands_above_whom() {
        let all = demo();
        assert_eq!(above(&all[3], &all).map(|office| office.id), Some(id(3)));
        assert_eq!(above(&all[0], &all), None);
        for (top, is) in [(1, true), (2, true), (3, true), (4, true), (5, false), (7, false)] {
            assert_eq!(is_under(&all[3], id(top), &all), is, "{top}");
        }
        // Two that name each other, as no check lets them: the walk ends all the same.
        let circle =
            [Office { parent: Some(id(2)), ..all[0].clone() }, Office { parent: Some(id(1)), ..all[1].clone() }];
        assert!(!is_under(&circle[0], id(9), &circle));
    }

    #[test]
    fn words_round_trip() {
        for level in OfficeLevel::ALL {
            assert_eq!(OfficeLevel::parse(level.code()), Some(level));
            assert_eq!(serde_json::to_string(&level).unwrap(), format!("\"{}\"", level.code()));
        }
        assert_eq!(OfficeLevel::parse("ministry"), None);
        let office = demo().remove(3);
        let text = serde_json::to_string(&office).unwrap();
        assert_eq!(serde_json::from_str::<Office>(&text).unwrap(), office);
    }

    proptest! {
        #[test]
        fn who_is_competent_holds_the_place(at in "(21|23|31|44)0[0-3]0[0-5]", n in 0_usize..27) {
            let (Ok(at), Some(party)) = (DivisionCode::parse(&at), Party::ALL.get(n)) else { return Ok(()) };
            let offices = demo();
            if let Ok(office) = competent(*party, &offices, &at) {
                prop_assert!(office.division.holds(&at) && levels(*party, &at).contains(&office.level));
            }
        }
    }
}
