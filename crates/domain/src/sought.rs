//! Which connected site is meant by the words in which somebody names a unit and a place.
//!
//! ```text
//! unit, place, division (typed) ─▶ plain (one width, no signs, no form of company) ─▶ find ─┬─ one: it is this, nobody is asked
//! names of a site ─▶ spellings (whole; its Chinese and its Latin part)                     └─ near: at most [`OFFERED`], a person chooses
//! ```
//! Always true: of two sites that fit alike none is taken; what is only like a name is offered and never taken; words of any length and kind are
//! looked at up to a limit; a site that nobody's words are like is never named. Own rules: no clause says how a unit is found by its name.

use crate::identifier::DivisionCode;
use std::cmp::Reverse;

/// Most sites that are offered.
pub const OFFERED: usize = 5;
/// Characters of one text that are looked at.
const LOOKED_AT: usize = 200;
/// Fewest signs of the name of a unit that is like another one.
const LEAST_UNIT: usize = 2;
/// Fewest signs of a name that is taken for a place, where it stands among other words.
const LEAST_PLACE: usize = 4;
/// From how many of a hundred common pairs of signs two names are alike.
const ALIKE_PERCENT: usize = 60;
/// Fewest signs of the Chinese part, and fewest letters of the Latin part, by which a name that has both is found: shorter ones are no name.
const LEAST_PARTS: (usize, usize) = (4, 6);
/// Forms of company that people leave away, the longest first.
const FORMS: [&str; 4] = ["股份有限公司", "有限责任公司", "有限公司", "coltd"];

/// A connected site, as it is called.
#[derive(Clone, Copy, Debug)]
pub struct SiteNames<'a> {
    /// Its name.
    pub name: &'a str,
    /// The unit that is responsible for it.
    pub unit: &'a str,
    /// Where it lies (GB/T 2260); empty: nobody entered it.
    pub division: &'a str,
}

/// What somebody typed; each may be empty.
#[derive(Clone, Copy, Debug, Default)]
pub struct Words<'a> {
    /// Whose cameras they are.
    pub unit: &'a str,
    /// The place.
    pub place: &'a str,
    /// The division of the place.
    pub division: &'a str,
}

/// Places in the list of sites that was looked at.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Found {
    /// The site that is meant.
    pub one: Option<usize>,
    /// Others that may be meant, the likeliest first, at most [`OFFERED`].
    pub near: Vec<usize>,
}

/// How well a site fits, the better the higher.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Fit {
    /// Its name is like what was typed: so many of a hundred.
    Like(usize),
    /// Its whole name stands in the words of the place.
    Place,
    /// It is called so.
    Called,
}

fn half(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        c => c,
    }
}

/// A name in one width and small letters, without blanks, brackets, other signs and the form of company.
#[must_use]
pub fn plain(text: &str) -> String {
    let signs = text.chars().take(LOOKED_AT).map(half).filter(|c| c.is_alphanumeric());
    let mut name: String = signs.flat_map(char::to_lowercase).collect();
    for form in FORMS {
        name = name.replace(form, "");
    }
    name
}

/// A name as it may be typed: whole, and where it stands in Chinese and in Latin letters, each of the two alone.
fn spellings(name: &str) -> Vec<String> {
    let whole = plain(name);
    let (latin, chinese): (String, String) = whole.chars().partition(char::is_ascii);
    let letters = latin.chars().filter(char::is_ascii_alphabetic).count();
    let is_both = letters >= LEAST_PARTS.1 && is_long(&chinese, LEAST_PARTS.0);
    let mut all = vec![whole];
    if is_both {
        all.extend([latin, chinese]);
    }
    all
}

/// Pairs of signs that follow each other, sorted.
fn pairs(text: &str) -> Vec<(char, char)> {
    let mut pairs: Vec<(char, char)> = text.chars().zip(text.chars().skip(1)).collect();
    pairs.sort_unstable();
    pairs
}

/// How many of a hundred pairs of signs two names have in common.
fn likeness(a: &str, b: &str) -> usize {
    let (a, b) = (pairs(a), pairs(b));
    let all = a.len() + b.len();
    if all == 0 {
        return 0;
    }
    let (mut common, mut left, mut right) = (0_usize, a.iter().peekable(), b.iter().peekable());
    while let (Some(x), Some(y)) = (left.peek(), right.peek()) {
        match x.cmp(y) {
            std::cmp::Ordering::Less => {
                left.next();
            }
            std::cmp::Ordering::Greater => {
                right.next();
            }
            std::cmp::Ordering::Equal => {
                common += 1;
                left.next();
                right.next();
            }
        }
    }
    common * 200 / all
}

fn is_long(text: &str, least: usize) -> bool {
    text.chars().count() >= least
}

/// Neither division is known to lie outside the other.
fn may_be_there(site: &str, place: &str) -> bool {
    match (DivisionCode::parse(site), DivisionCode::parse(place)) {
        (Ok(site), Ok(place)) => site.holds(&place) || place.holds(&site),
        _ => true,
    }
}

/// How well one spelling of a name fits words that are plain already.
fn fit_of(name: &str, unit: &str, place: &str, is_there: bool) -> Option<Fit> {
    if name.is_empty() {
        return None;
    }
    if unit == name {
        return Some(Fit::Called);
    }
    if is_there && is_long(name, LEAST_PLACE) && place.contains(name) {
        return Some(Fit::Place);
    }
    let within = is_long(unit, LEAST_UNIT) && is_long(name, LEAST_UNIT) && (name.contains(unit) || unit.contains(name));
    let place_within = is_there && is_long(place, LEAST_PLACE) && name.contains(place);
    let like = likeness(unit, name);
    (within || place_within || like >= ALIKE_PERCENT).then_some(Fit::Like(like))
}

/// The site that is meant, and those that may be. One is taken where it alone is called so, in this division where several are; where no unit was
/// typed, also where its name alone stands whole in the words of the place.
#[must_use]
pub fn find(words: &Words<'_>, sites: &[SiteNames<'_>]) -> Found {
    let (unit, place) = (plain(words.unit), plain(words.place));
    let mut fits: Vec<(Fit, usize)> = Vec::new();
    for (n, site) in sites.iter().enumerate() {
        let is_there = may_be_there(site.division, words.division);
        let of = |name: &str| spellings(name).iter().filter_map(|one| fit_of(one, &unit, &place, is_there)).max();
        let fit = of(site.name).max(of(site.unit));
        fits.extend(fit.map(|fit| (fit, n)));
    }
    fits.sort_by_key(|(fit, n)| (Reverse(*fit), *n));
    let one = taken(words, sites, &fits, unit.is_empty());
    let others = fits.iter().map(|(_, n)| *n).filter(|n| Some(*n) != one);
    // Where it is known which is meant nobody is asked.
    let near = if one.is_some() { Vec::new() } else { others.take(OFFERED).collect() };
    Found { one, near }
}

fn taken(words: &Words<'_>, sites: &[SiteNames<'_>], fits: &[(Fit, usize)], no_unit: bool) -> Option<usize> {
    let of = |wanted: Fit| -> Vec<usize> { fits.iter().filter(|(fit, _)| *fit == wanted).map(|(_, n)| *n).collect() };
    let called = of(Fit::Called);
    match called.as_slice() {
        [one] => Some(*one),
        [] if no_unit => match of(Fit::Place).as_slice() {
            [one] => Some(*one),
            _ => None,
        },
        [] => None,
        several => {
            let known = |n: &&usize| {
                let division = sites.get(**n).map_or("", |site| site.division);
                !division.is_empty() && !words.division.is_empty() && may_be_there(division, words.division)
            };
            let mut there = several.iter().filter(known);
            let first = there.next().copied();
            first.filter(|_| there.next().is_none())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const fn site(name: &'static str, unit: &'static str, division: &'static str) -> SiteNames<'static> {
        SiteNames { name, unit, division }
    }

    const SITES: [SiteNames<'static>; 4] = [
        site("示范酒店", "沈阳示范酒店管理有限公司", "210102"),
        site("示例广场（东区）", "示例商业有限责任公司", "210103"),
        site("示例剧场", "", ""),
        site("ABC Hotel", "ABC Co., Ltd.", "210102"),
    ];

    fn found(unit: &str, place: &str, division: &str) -> Found {
        find(&Words { unit, place, division }, &SITES)
    }

    #[test]
    fn a_name_is_the_same_in_any_width_with_and_without_signs_and_form_of_company() {
        assert_eq!(plain("ＡＢＣ　Co., Ltd."), "abc");
        assert_eq!(plain("示例广场（东区） "), plain("示例广场(东区)"));
        assert_eq!(plain("沈阳示例商业股份有限公司"), "沈阳示例商业");
        assert_eq!(plain("有限公司"), "");
        for typed in ["示范酒店", " 示范 酒店", "沈阳示范酒店管理", "沈阳示范酒店管理有限责任公司"]
        {
            assert_eq!(found(typed, "", ""), Found { one: Some(0), near: vec![] }, "{typed}");
        }
        assert_eq!(found("示例广场【东区】", "", "").one, Some(1));
        assert_eq!(found("abc hotel", "", "").one, Some(3));
    }

    #[test]
    fn a_name_in_two_scripts_is_found_by_either() {
        let sites =
            [site("示范大酒店（Model Grand Hotel）", "", ""), site("示例超市24", "", ""), site("ABC示例广场", "", "")];
        let of = |unit: &'static str, place: &'static str| find(&Words { unit, place, division: "" }, &sites).one;
        for typed in ["Model Grand Hotel", "model grand hotel", "示范大酒店", "示范大酒店 Model Grand Hotel"]
        {
            assert_eq!(of(typed, ""), Some(0), "{typed}");
        }
        assert_eq!(of("", "the lobby of the Model Grand Hotel"), Some(0));
        assert_eq!(of("Model Hotel", ""), None, "no word is guessed");
        assert_eq!(
            (of("示例超市", ""), of("ABC", ""), of("示例广场", "")),
            (None, None, None),
            "a number or sign is no second name"
        );
        let two = [site("示范酒店 Model Hotel", "", ""), site("样板酒店 Model Hotel", "", "")];
        let found = find(&Words { unit: "Model Hotel", ..Words::default() }, &two);
        assert_eq!(found, Found { one: None, near: vec![0, 1] }, "of two of one name a person says which");
    }

    #[test]
    fn what_is_only_like_a_name_is_offered_and_not_taken() {
        assert_eq!(found("示例广场", "", ""), Found { one: None, near: vec![1] });
        assert_eq!(found("示例广场管理处", "", "").one, None);
        assert_eq!(found("示范大酒店", "", "").one, None, "no sign is guessed");
        assert!(found("沈阳示范酒店管理公司", "", "").near.contains(&0));
        assert!(found("示例", "", "").near.len() == 2, "both that are called like it");
        for nothing in ["", "有限公司", "示", "医院", "！！！"] {
            assert_eq!(found(nothing, "", ""), Found::default(), "{nothing}");
        }
    }

    #[test]
    fn of_many_that_are_alike_a_few_are_offered() {
        let sites = [site("示例广场分店", "", ""); OFFERED + 3];
        let found = find(&Words { unit: "示例广场", ..Words::default() }, &sites);
        assert_eq!(found, Found { one: None, near: (0..OFFERED).collect() });
    }

    #[test]
    fn a_place_that_has_the_whole_name_of_one_site_is_enough_where_no_unit_was_typed() {
        assert_eq!(found("", "示范酒店一层南门", "210102").one, Some(0));
        assert_eq!(found("", "示范酒店对面示例剧场门口", "210102"), Found { one: None, near: vec![0, 2] });
        assert_eq!(found("", "示范酒店一层南门", "210103").one, None, "that one lies elsewhere");
        assert_eq!(found("某某物业", "示范酒店一层南门", "210102"), Found { one: None, near: vec![0] });
    }

    #[test]
    fn of_two_of_one_name_that_of_the_division_is_taken_else_none() {
        let sites = [site("示例超市", "", "210102"), site("示例超市", "", "210103"), site("示例超市", "", "")];
        let of = |division: &'static str| find(&Words { unit: "示例超市", place: "", division }, &sites);
        assert_eq!(of("210103").one, Some(1));
        assert_eq!(of("210104").one, None);
        assert_eq!(of("").near, [0, 1, 2]);
        assert_eq!(of("210100").one, None, "both lie in the city");
    }

    proptest! {
        #[test]
        fn whatever_is_typed_few_are_offered_and_each_is_of_the_list(unit in "\\PC{0,40}", place in "\\PC{0,40}", division in "[0-9]{0,6}", copies in 0..20_usize) {
            let sites: Vec<SiteNames<'_>> = (0..copies).map(|n| SITES[n % SITES.len()]).collect();
            let found = find(&Words { unit: &unit, place: &place, division: &division }, &sites);
            prop_assert!(found.near.len() <= OFFERED);
            prop_assert!(found.near.iter().chain(&found.one).all(|n| *n < sites.len()));
            prop_assert!(found.one.is_none() || found.near.is_empty());
        }

        #[test]
        fn likeness_is_the_same_both_ways_and_whole_for_the_same(a in "[a-d]{2,12}", b in "[a-d]{2,12}") {
            prop_assert_eq!(likeness(&a, &b), likeness(&b, &a));
            prop_assert_eq!(likeness(&a, &a), 100);
            prop_assert!(likeness(&a, &b) <= 100);
        }
    }
}
