//! What holds of identifiers: the vectors of the standards, every single slip of a known code, and any text at all.

use crate::identifier::{
    CreditCode, DivisionCode, DivisionLevel, IdentifierFault, IdentifierKind, IdentityKind, IdentityNumber,
    OrganisationCode, PoliceUnitCode, ResidentId,
};
use base::{CivilDate, Pii};
use proptest::prelude::*;

/// Example of GB 32100-2015.
const CREDIT: &str = "91350100M000100Y43";
/// Examples of GB 11643.
const RESIDENTS: [&str; 2] = ["11010519491231002X", "440524188001010014"];
/// The 31 letters, written out again so that a slip in the code shows.
const LETTERS: [char; 31] = [
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'J', 'K', 'L', 'M', 'N',
    'P', 'Q', 'R', 'T', 'U', 'W', 'X', 'Y',
];

/// `text` with another character at `at`, counted from 0.
fn with(text: &str, at: usize, letter: char) -> String {
    text.chars().enumerate().map(|(n, c)| if n == at { letter } else { c }).collect()
}

/// `text` with the characters at `at` and behind it swapped.
fn swapped(text: &str, at: usize) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    letters.swap(at, at + 1);
    letters.into_iter().collect()
}

fn credit(typed: &str) -> Result<String, IdentifierFault> {
    CreditCode::parse(typed).map(|code| code.as_str().to_owned())
}

fn organisation(typed: &str) -> Result<String, IdentifierFault> {
    OrganisationCode::parse(typed).map(|code| code.as_str().to_owned())
}

fn resident(typed: &str) -> Result<String, IdentifierFault> {
    ResidentId::parse(typed).map(|code| code.as_str().to_owned())
}

fn division(typed: &str) -> DivisionCode {
    DivisionCode::parse(typed).unwrap()
}

#[test]
fn the_examples_of_the_standards_are_read() {
    assert_eq!(credit(CREDIT).as_deref(), Ok(CREDIT));
    assert_eq!(CreditCode::parse(CREDIT).unwrap().organisation().as_str(), "M000100Y-4");
    assert_eq!(organisation("D2143569-X").as_deref(), Ok("D2143569-X"));
    for number in RESIDENTS {
        assert_eq!(resident(number).as_deref(), Ok(number));
    }
    assert_eq!(PoliceUnitCode::parse("210204000000").unwrap().division(), division("210204"));
}

#[test]
fn what_is_typed_is_tidied_first() {
    for typed in [
        "91350100m000100y43",
        " 9135 0100 M000 100Y 43 ",
        "９１３５０１００Ｍ０００１００ｙ４３",
        "9135\u{3000}0100\u{200b}M000100Y43\u{feff}\r\n",
    ] {
        assert_eq!(credit(typed).as_deref(), Ok(CREDIT), "{typed:?}");
    }
    for typed in ["d2143569x", "D2143569－Ｘ", "D 2143569 - X"] {
        assert_eq!(organisation(typed).as_deref(), Ok("D2143569-X"), "{typed:?}");
    }
    for typed in ["11010519491231002x", "110105 19491231 002X", "１１０１０５１９４９１２３１００２Ⅹ"]
    {
        assert_eq!(resident(typed).as_deref(), Ok(RESIDENTS[0]), "{typed:?}");
    }
    assert_eq!(division(" ２１０１ 02").as_str(), "210102");
    // A hyphen belongs to organisation codes only.
    assert!(matches!(credit("91350100-M000100Y43"), Err(IdentifierFault::Length { got: 19, .. })));
}

#[test]
fn no_single_slip_in_a_credit_code_is_missed() {
    let mut tried = 0;
    for (at, was) in CREDIT.chars().enumerate() {
        for letter in LETTERS.into_iter().filter(|letter| *letter != was) {
            assert!(credit(&with(CREDIT, at, letter)).is_err(), "{} {letter}", at + 1);
            tried += usize::from(at < 17);
        }
        for letter in ['I', 'O', 'S', 'V', 'Z', '#', '码'] {
            assert!(credit(&with(CREDIT, at, letter)).is_err(), "{} {letter}", at + 1);
        }
    }
    assert_eq!(tried, 510, "30 other letters at each of the 17 positions before the check digit");
    let unlike = (0..17).filter(|at| CREDIT[*at..=*at] != CREDIT[at + 1..=at + 1]);
    let swaps: Vec<usize> = unlike.inspect(|at| assert!(credit(&swapped(CREDIT, *at)).is_err(), "{at}")).collect();
    assert_eq!(swaps.len(), 13);
}

#[test]
fn a_fault_names_the_place() {
    use IdentifierFault as Fault;
    use IdentifierKind as Kind;
    let kind = Kind::CreditCode;
    for (typed, fault) in [
        ("", Fault::Length { kind, got: 0 }),
        (" \u{3000}", Fault::Length { kind, got: 0 }),
        ("91350100M000100Y4", Fault::Length { kind, got: 17 }),
        ("91350100M000100Y433", Fault::Length { kind, got: 19 }),
        ("01350100M000100Y43", Fault::Letter { kind, position: 1, meant: None }),
        ("9A350100M000100Y43", Fault::Letter { kind, position: 2, meant: None }),
        ("91350I00M000100Y43", Fault::Letter { kind, position: 6, meant: Some('1') }),
        ("9135010OM000100Y43", Fault::Letter { kind, position: 8, meant: Some('0') }),
        ("91350100MO00100Y43", Fault::Letter { kind, position: 10, meant: Some('0') }),
        ("91350100M000100V43", Fault::Letter { kind, position: 16, meant: None }),
        // A slip within the organisation code fails both digits: the place named is the smaller one.
        ("91350100M000200Y43", Fault::Organisation),
        ("91350100M000100Y53", Fault::Organisation),
        // Where the organisation code holds, the last digit is named.
        ("91350100M000100Y44", Fault::Check { kind, should: '3' }),
    ] {
        assert_eq!(credit(typed), Err(fault), "{typed}");
    }
    // A credit code's department is never 0: no digit is proposed that could not stand there either.
    assert_eq!(credit("O1350100M000100Y43"), Err(Fault::Letter { kind, position: 1, meant: None }));

    let kind = Kind::OrganisationCode;
    assert_eq!(organisation("D2143569-Y"), Err(Fault::Letter { kind, position: 9, meant: None }));
    assert_eq!(organisation("D2143569-0"), Err(Fault::Check { kind, should: 'X' }));
    assert_eq!(organisation("D2143569"), Err(Fault::Length { kind, got: 8 }));

    let kind = Kind::ResidentId;
    for (typed, fault) in [
        ("110105491231002", Fault::Length { kind, got: 15 }),
        ("X1010519491231002X", Fault::Letter { kind, position: 1, meant: None }),
        ("1101051949123100OX", Fault::Letter { kind, position: 17, meant: None }),
        ("16010519491231002X", Fault::Province { kind }),
        ("11010519490229002X", Fault::Birthday),
        ("11010519491331002X", Fault::Birthday),
        ("11010517991231002X", Fault::Birthday),
        ("110105194912310021", Fault::Check { kind, should: 'X' }),
    ] {
        assert_eq!(resident(typed), Err(fault), "{typed}");
    }
    let kind = Kind::PoliceUnit;
    for (typed, fault) in [
        ("21020400000", Fault::Length { kind, got: 11 }),
        ("2102040000000", Fault::Length { kind, got: 13 }),
        ("21020400000A", Fault::Letter { kind, position: 12, meant: None }),
        ("240204000000", Fault::Province { kind }),
        ("210004000000", Fault::City { kind }),
    ] {
        assert_eq!(PoliceUnitCode::parse(typed), Err(fault), "{typed}");
    }
    let kind = Kind::Division;
    for (typed, fault) in [
        ("21010", Fault::Length { kind, got: 5 }),
        ("2101O2", Fault::Letter { kind, position: 5, meant: Some('0') }),
        ("000000", Fault::Province { kind }),
        ("100000", Fault::Province { kind }),
        ("830000", Fault::Province { kind }),
        ("210002", Fault::City { kind }),
    ] {
        assert_eq!(DivisionCode::parse(typed), Err(fault), "{typed}");
    }
}

#[test]
fn a_fault_says_what_to_do_in_both_languages() {
    let fault = credit("91350100M000100Y44").unwrap_err().text();
    assert!(fault.zh.contains("校验不符") && fault.zh.contains("逐位核对") && !fault.zh.contains('3'), "{}", fault.zh);
    assert!(fault.en.contains("fails its check") && fault.en.ends_with('.'), "{}", fault.en);
    let old = resident("110105491231002").unwrap_err();
    assert!(old.what().zh.contains("现为15位") && old.next().zh.contains("停用"));
    let kind = IdentifierKind::Division;
    for fault in [
        IdentifierFault::Length { kind, got: 0 },
        IdentifierFault::Length { kind, got: 7 },
        IdentifierFault::Letter { kind, position: 1, meant: None },
        IdentifierFault::Letter { kind, position: 1, meant: Some('1') },
        IdentifierFault::Province { kind },
        IdentifierFault::City { kind },
        IdentifierFault::Birthday,
        IdentifierFault::Unborn,
        IdentifierFault::Organisation,
        IdentifierFault::Check { kind, should: 'X' },
    ] {
        let (what, next) = (fault.what(), fault.next());
        assert!(what.zh.ends_with('。') && next.zh.ends_with('。') && next.en.ends_with('.'), "{fault:?}");
        assert_eq!(fault.to_string(), what.en);
    }
}

#[test]
fn a_resident_is_not_born_tomorrow() {
    let id = ResidentId::parse(RESIDENTS[0]).unwrap();
    let day = |text: &str| CivilDate::parse(text).unwrap();
    assert_eq!(id.check_day(day("1949-12-31")), Ok(()));
    assert_eq!(id.check_day(day("1949-12-30")), Err(IdentifierFault::Unborn));
}

#[test]
fn a_resident_number_never_prints() {
    let id = ResidentId::parse(RESIDENTS[0]).unwrap();
    let shown = format!("{id:?}");
    assert!(shown.contains("***") && !shown.chars().any(|c| c.is_ascii_digit()), "{shown}");
    assert_eq!(id.masked(), "110*************2X");
    assert_eq!(id.masked().len(), 18);
    assert_eq!(id.into_pii().expose(), RESIDENTS[0]);
}

#[test]
fn permits_and_cards_of_foreigners_have_the_same_form() {
    // Serial numbers are made up; the last digit is the one that the rule gives.
    for body in ["81000019900101001", "82000019900101001", "83000019900101001", "92184019900101001"] {
        let right = "0123456789X".chars().filter(|c| resident(&format!("{body}{c}")).is_ok()).count();
        assert_eq!(right, 1, "{body}");
    }
}

#[test]
fn a_division_holds_what_lies_in_it() {
    let (province, city, county) = (division("210000"), division("210100"), division("210102"));
    assert_eq!(
        [province.level(), city.level(), county.level()],
        [DivisionLevel::Province, DivisionLevel::City, DivisionLevel::County]
    );
    assert!(DivisionLevel::Province < DivisionLevel::City && DivisionLevel::City < DivisionLevel::County);
    let all = [province, city, county];
    for (n, larger) in all.iter().enumerate() {
        for (m, smaller) in all.iter().enumerate() {
            assert_eq!(larger.holds(smaller), n <= m, "{larger:?} {smaller:?}");
        }
    }
    for elsewhere in ["230000", "230100", "230102"] {
        let elsewhere = division(elsewhere);
        assert!(all.iter().all(|d| !d.holds(&elsewhere) && !elsewhere.holds(d)), "{elsewhere:?}");
    }
    assert!(!city.holds(&division("210202")) && !county.holds(&division("210103")));
    assert_eq!(
        (county.province(), county.city(), city.city(), province.city()),
        (province, Some(city), Some(city), None)
    );
    // A county directly under its province has a city part that no city has.
    assert_eq!(division("429004").city(), Some(division("429000")));
    assert!(division("310101").is_municipality() && !county.is_municipality());
    assert_eq!((county.to_string().as_str(), format!("{county:?}").as_str()), ("210102", "DivisionCode(210102)"));
}

#[test]
fn open_codes_are_their_text_in_files() {
    let credit = CreditCode::parse(CREDIT).unwrap();
    assert_eq!(serde_json::to_string(&credit).unwrap(), format!("\"{CREDIT}\""));
    assert_eq!(serde_json::from_str::<CreditCode>(&format!("\"{}\"", CREDIT.to_lowercase())).unwrap(), credit);
    let fault = serde_json::from_str::<CreditCode>("\"91350100M000100Y44\"").unwrap_err().to_string();
    assert!(fault.contains("unified social credit code"), "{fault}");
    assert_eq!(serde_json::from_str::<DivisionCode>("\"210102\"").unwrap(), division("210102"));
    assert!(serde_json::from_str::<PoliceUnitCode>("\"21020400000\"").is_err());
    assert!(serde_json::from_str::<OrganisationCode>("\"D2143569-1\"").is_err());
}

proptest! {
    #[test]
    fn whatever_is_typed_is_read_or_refused(text in "\\PC{0,40}") {
        for fault in [credit(&text).err(), organisation(&text).err(), resident(&text).err()].into_iter().flatten() {
            prop_assert!(!fault.text().zh.is_empty());
        }
        if let Ok(code) = DivisionCode::parse(&text) {
            prop_assert_eq!(code.as_str().len(), 6);
        }
        if let Ok(code) = PoliceUnitCode::parse(&text) {
            prop_assert_eq!(code.as_str().len(), 12);
        }
    }

    #[test]
    fn each_credit_code_has_one_check_digit(
        head in "[1-9ANY][1-9][0-9]{6}", body in "[0-9A-HJ-NP-RTUW-Y]{8}",
    ) {
        let digit = |c: &char| OrganisationCode::parse(&format!("{body}{c}")).is_ok();
        let ninth: Vec<char> = "0123456789X".chars().filter(digit).collect();
        prop_assert_eq!(ninth.len(), 1);
        let whole = |c: &char| CreditCode::parse(&format!("{head}{body}{}{c}", ninth[0])).is_ok();
        let last: Vec<char> = LETTERS.into_iter().filter(whole).collect();
        prop_assert_eq!(last.len(), 1);
        let code = format!("{head}{body}{}{}", ninth[0], last[0]);
        let kept = credit(&code.to_lowercase());
        prop_assert_eq!(kept.as_deref(), Ok(code.as_str()));
    }

    #[test]
    fn no_single_slip_in_a_resident_number_is_missed(
        serial in 0_u32..1_000, day in 0_i32..40_000, at in 0_usize..18, other in "[0-9X]",
    ) {
        let born = CivilDate::parse("1900-01-01").unwrap().plus_days(day).to_string().replace('-', "");
        let body = format!("210102{born}{serial:03}");
        let right: Vec<String> =
            "0123456789X".chars().map(|c| format!("{body}{c}")).filter(|number| resident(number).is_ok()).collect();
        prop_assert_eq!(right.len(), 1);
        let slip = with(&right[0], at, other.chars().next().unwrap());
        prop_assert_eq!(resident(&slip).is_ok(), slip == right[0]);
        if at < 17 {
            let slip = swapped(&right[0], at);
            prop_assert_eq!(resident(&slip).is_ok(), slip == right[0]);
        }
    }

    #[test]
    fn divisions_form_a_tree(a in "(21|23)0[0-2]0[0-2]", b in "(21|23)0[0-2]0[0-2]") {
        let (Ok(a), Ok(b)) = (DivisionCode::parse(&a), DivisionCode::parse(&b)) else { return Ok(()) };
        prop_assert!(a.holds(&a) && a.province().holds(&a));
        prop_assert!(a.city().is_none_or(|city| city.holds(&a)));
        prop_assert_eq!(a.holds(&b) && b.holds(&a), a == b);
        if a.holds(&b) {
            prop_assert!(a.level() <= b.level() && a.province() == b.province());
        }
    }
}

#[test]
fn whoever_has_no_resident_card_shows_another_document_and_a_slip_in_a_card_stays_a_slip() {
    let read = |typed: &str| IdentityNumber::parse(typed).map(|n| n.as_str().to_owned());
    for (typed, number) in [
        ("11010519491231002x", "11010519491231002X"),
        ("e12345678", "E12345678"),
        ("Ｅ1234 5678", "E12345678"),
        ("01234567", "01234567"),
        ("123456789", "123456789"),
        ("H01234567", "H01234567"),
        ("ABC110101010101", "ABC110101010101"),
        ("A1234", "A1234"),
        ("A1234567890123456789", "A1234567890123456789"),
    ] {
        assert_eq!(read(typed).as_deref(), Ok(number), "{typed}");
    }
    let kind = IdentifierKind::ResidentId;
    for (typed, fault) in [
        ("110105194912310021", IdentifierFault::Check { kind, should: 'X' }),
        ("11010519491231002", IdentifierFault::Length { kind, got: 17 }),
        ("110105491231002", IdentifierFault::Length { kind, got: 15 }),
        ("1101051949123100222", IdentifierFault::Length { kind, got: 19 }),
        ("A123", IdentifierFault::Document),
        ("A12345678901234567890", IdentifierFault::Document),
        ("ABCDEFGH", IdentifierFault::Document),
        ("123456", IdentifierFault::Document),
        ("E1234567!", IdentifierFault::Document),
        ("护照1234567", IdentifierFault::Document),
        ("", IdentifierFault::Document),
    ] {
        assert_eq!(read(typed), Err(fault), "{typed}");
    }
    assert_eq!(IdentityNumber::parse("E12345678").unwrap().masked(), Pii::new("E12345678".to_owned()).masked_tail(2));
    assert!(!format!("{:?}", IdentityNumber::parse("E12345678").unwrap()).contains("1234"));
}

#[test]
fn a_number_keeps_the_kind_that_was_chosen_and_a_resident_number_cut_short_is_no_passport() {
    let read = |typed: &str| IdentityNumber::parse(typed).map(|n| n.as_str().to_owned());
    for (typed, value) in [
        ("居民身份证 11010519491231002x", "11010519491231002X"),
        ("护照  e12345678", "护照 E12345678"),
        ("护照 123456789", "护照 123456789"),
        ("外国人永久居留身份证 ABC110101010101", "外国人永久居留身份证 ABC110101010101"),
        ("港澳台居民居住证 11010519491231002X", "港澳台居民居住证 11010519491231002X"),
        ("港澳台居民通行证 H01234567", "港澳台居民通行证 H01234567"),
    ] {
        assert_eq!(read(typed).as_deref(), Ok(value), "{typed}");
        assert_eq!(read(value).as_deref(), Ok(value), "read again: {value}");
    }
    let kind = IdentifierKind::ResidentId;
    for (typed, fault) in [
        ("居民身份证 1101051949", IdentifierFault::Length { kind, got: 10 }),
        ("居民身份证 E12345678", IdentifierFault::Length { kind, got: 9 }),
        ("港澳台居民居住证 H01234567", IdentifierFault::Length { kind, got: 9 }),
        ("护照 11010519491231002X", IdentifierFault::Document),
        ("护照E12345678", IdentifierFault::Document),
    ] {
        assert_eq!(read(typed), Err(fault), "{typed}");
    }
    let masked = IdentityNumber::parse("护照 E12345678").unwrap().masked();
    assert!(masked.starts_with("护照 *") && masked.ends_with("78") && !masked.contains("E1234"), "{masked}");
    for kind in IdentityKind::ALL {
        assert_eq!(IdentityKind::of_code(kind.code()), Some(kind));
        assert_eq!(IdentityKind::split(&kind.with("1")), (Some(kind), "1"));
    }
}
