//! Where and when an account may look: places as a tree, each right with its validity and its hours of the week.
//!
//! A place is a path, levels parted by `/`: the camera's `place` "A座/一层/大堂" lies in the areas "A座/一层", "A座" and the whole
//! site. Deny by default: an account without a right that holds now sees no camera. Role, area and law are asked one after the
//! other; each can only refuse. Officers under a granted request are bounded by its scope instead (`viewing::in_scope`).

use base::{ErrorKind, Refusal, Text, UtcMs};
use serde::{Deserialize, Serialize};

/// Most rights of one account: as many as a page shows.
pub const RIGHTS: usize = 16;
/// Longest path of a place, characters.
pub const PLACE_CHARS: usize = 120;
/// The area that holds every place.
pub const WHOLE_SITE: &str = "";

const DAY_MIN: u16 = 24 * 60;
/// Shanghai is eight hours ahead, without summer time since 1991.
const SHANGHAI_MS: i64 = 8 * 3_600_000;

/// Hours of the week, by the clock of Shanghai.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Hours {
    /// Days on which it begins: bit 0 is Monday, bit 6 Sunday.
    pub days: u8,
    /// Begin, minutes of the day.
    pub from_min: u16,
    /// End, minutes of the day; not after the begin means that of the next day (20:00 to 08:00, or a whole day).
    pub to_min: u16,
}

impl Hours {
    /// Every day, all day.
    pub const ALWAYS: Self = Self { days: 0x7f, from_min: 0, to_min: 0 };

    /// Reads values of a form or a row; `None` where they are no hours.
    #[must_use]
    pub const fn new(days: u8, from_min: u16, to_min: u16) -> Option<Self> {
        let fine = days > 0 && days <= 0x7f && from_min < DAY_MIN && to_min < DAY_MIN;
        if fine { Some(Self { days, from_min, to_min }) } else { None }
    }

    /// Is it that time now?
    #[must_use]
    pub const fn hold(self, now: UtcMs) -> bool {
        let local = now.0.saturating_add(SHANGHAI_MS);
        // 1970-01-01 was a Thursday: day 3 of a week that begins on Monday.
        let day = (local.div_euclid(86_400_000) + 3).rem_euclid(7);
        let minute = local.rem_euclid(86_400_000) / 60_000;
        let (from, to) = (self.from_min as i64, self.to_min as i64);
        let today = self.days >> day & 1 == 1;
        let yesterday = self.days >> ((day + 6) % 7) & 1 == 1;
        if from < to {
            today && minute >= from && minute < to
        } else {
            (today && minute >= from) || (yesterday && minute < to)
        }
    }
}

/// One right of an account.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct AreaRight {
    /// Path of the area; [`WHOLE_SITE`] for all of it.
    pub area: String,
    /// Not before.
    pub from: Option<UtcMs>,
    /// Not from here on.
    pub until: Option<UtcMs>,
    /// Hours of the week.
    pub hours: Hours,
}

impl AreaRight {
    /// The whole site, without an end.
    #[must_use]
    pub fn whole_site() -> Self {
        Self { area: WHOLE_SITE.into(), from: None, until: None, hours: Hours::ALWAYS }
    }

    /// Does it hold now?
    #[must_use]
    pub fn holds(&self, now: UtcMs) -> bool {
        self.from.is_none_or(|from| now >= from) && self.until.is_none_or(|until| now < until) && self.hours.hold(now)
    }
}

/// Levels of a path, without blanks and empty ones.
fn levels(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').map(str::trim).filter(|level| !level.is_empty())
}

/// A path as it is stored and compared.
#[must_use]
pub fn tidy(path: &str) -> String {
    levels(path).collect::<Vec<_>>().join("/")
}

/// Does `place` lie in `area`? Whole levels are compared: "A座/1" does not hold "A座/12".
#[must_use]
pub fn lies_in(place: &str, area: &str) -> bool {
    let mut of_place = levels(place);
    levels(area).all(|level| of_place.next() == Some(level))
}

/// May somebody with these rights see and command what hangs at `place`, now?
#[must_use]
pub fn may(rights: &[AreaRight], place: &str, now: UtcMs) -> bool {
    rights.iter().any(|right| right.holds(now) && lies_in(place, &right.area))
}

/// As `may`, with the words for a person.
///
/// # Errors
/// `outside_area`; `outside_hours` where a right to the place exists that does not hold now.
pub fn check(rights: &[AreaRight], place: &str, now: UtcMs) -> Result<(), Refusal> {
    if may(rights, place, now) {
        return Ok(());
    }
    let ask = Text::new(
        "如工作需要，请安全管理员调整区域或时间。",
        "Ask the administrator of accounts if your work needs it.",
    );
    if rights.iter().any(|right| lies_in(place, &right.area)) {
        let what = Text::new("现在不在你的授权时间内。", "This is outside the time of your right.");
        return Err(Refusal::new(ErrorKind::Forbidden, "outside_hours", what, ask));
    }
    let what = Text::new("这台设备不在你负责的区域。", "This camera is not in your area.");
    Err(Refusal::new(ErrorKind::Forbidden, "outside_area", what, ask))
}

/// Checks rights as somebody filled them in.
///
/// # Errors
/// `too_many_rights`, `area`, `validity`.
pub fn check_rights(rights: &[AreaRight]) -> Result<(), Refusal> {
    let bad = |code: &str, zh: &'static str, en: &'static str| {
        let fix = Text::new("请更正后重新提交。", "Correct it and submit again.");
        Err(Refusal::bad_input(code, Text::new(zh, en), fix))
    };
    if rights.len() > RIGHTS {
        return bad("too_many_rights", "一个账号最多16条区域授权。", "An account has at most 16 rights to areas.");
    }
    for right in rights {
        if right.area.chars().count() > PLACE_CHARS || right.area.chars().any(char::is_control) {
            return bad(
                "area",
                "区域名称过长或含有控制字符。",
                "The area's name is too long or has control characters.",
            );
        }
        if right.from.zip(right.until).is_some_and(|(from, until)| until <= from) {
            return bad("validity", "截止日期须在开始日期之后。", "The end must be after the begin.");
        }
    }
    Ok(())
}

/// All areas that hold one of `places`, as a tree in order: the whole site first is left to the caller.
#[must_use]
pub fn tree<'a>(places: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut out = std::collections::BTreeSet::new();
    for place in places {
        let mut path = String::new();
        for level in levels(place) {
            if !path.is_empty() {
                path.push('/');
            }
            path.push_str(level);
            out.insert(path.clone());
        }
    }
    out.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// An instant of Shanghai.
    fn at(text: &str) -> UtcMs {
        UtcMs::parse_shanghai(text).expect("an instant")
    }

    fn right(area: &str) -> AreaRight {
        AreaRight { area: area.into(), ..AreaRight::whole_site() }
    }

    #[test]
    fn a_place_lies_in_its_levels_and_no_other() {
        for (place, area, want) in [
            ("A座/一层/大堂", "", true),
            ("A座/一层/大堂", "A座", true),
            ("A座/一层/大堂", "A座/一层", true),
            ("A座/一层/大堂", "A座/一层/大堂", true),
            ("A座/一层/大堂", "A座/一层/大堂/东", false),
            ("A座/12", "A座/1", false),
            ("B座/一层", "A座", false),
            (" A座 / 一层 ", "A座/一层", true),
            ("A座//一层/", "A座/一层", true),
            ("", "A座", false),
            ("", "", true),
            ("大堂", "/", true),
        ] {
            assert_eq!(lies_in(place, area), want, "{place} in {area}");
        }
        assert_eq!(tidy(" A座 //一层/ "), "A座/一层");
        assert_eq!(tree(["B/2", "A/1/x", "A/1"].into_iter()), ["A", "A/1", "A/1/x", "B", "B/2"]);
    }

    #[test]
    fn nothing_is_allowed_by_default() {
        let now = at("2026-11-21T18:30:00");
        assert!(!may(&[], "A座", now));
        assert_eq!(check(&[], "A座", now).unwrap_err().code, "outside_area");
        assert_eq!(check(&[right("B座")], "A座", now).unwrap_err().code, "outside_area");
        assert!(check(&[right("B座"), right("A座")], "A座/一层", now).is_ok());
    }

    #[test]
    fn validity_has_its_very_instants() {
        let (from, until) = (at("2026-11-21T00:00:00"), at("2026-12-01T00:00:00"));
        let r = AreaRight { from: Some(from), until: Some(until), ..right("A座") };
        for (now, want) in [(from.plus_ms(-1), false), (from, true), (until.plus_ms(-1), true), (until, false)] {
            assert_eq!(may(std::slice::from_ref(&r), "A座", now), want);
        }
        assert_eq!(check(&[r], "A座", until).unwrap_err().code, "outside_hours");
    }

    #[test]
    fn hours_of_day_and_night_shifts() {
        // 2026-11-20 is a Friday.
        let day = Hours::new(0b001_1111, 8 * 60, 20 * 60).unwrap();
        let night = Hours::new(0b001_0000, 20 * 60, 8 * 60).unwrap();
        for (text, by_day, by_night) in [
            ("2026-11-20T07:59:59", false, false),
            ("2026-11-20T08:00:00", true, false),
            ("2026-11-20T19:59:59", true, false),
            ("2026-11-20T20:00:00", false, true),
            ("2026-11-21T07:59:59", false, true),
            ("2026-11-21T08:00:00", false, false),
            ("2026-11-21T20:00:00", false, false),
            ("2026-11-22T03:00:00", false, false),
        ] {
            assert_eq!((day.hold(at(text)), night.hold(at(text))), (by_day, by_night), "{text}");
        }
        // Sunday night reaches into Monday.
        let sunday = Hours::new(0b100_0000, 22 * 60, 6 * 60).unwrap();
        assert!(sunday.hold(at("2026-11-22T23:00:00")) && sunday.hold(at("2026-11-23T05:59:00")));
        assert!(!sunday.hold(at("2026-11-22T05:00:00")));
        for bad in [(0, 0, 0), (0x80, 0, 0), (1, 1_440, 0), (1, 0, 1_440)] {
            assert!(Hours::new(bad.0, bad.1, bad.2).is_none(), "{bad:?}");
        }
    }

    #[test]
    fn rights_of_a_form_have_limits() {
        assert!(check_rights(&vec![right("A"); RIGHTS]).is_ok());
        assert_eq!(check_rights(&vec![right("A"); RIGHTS + 1]).unwrap_err().code, "too_many_rights");
        assert_eq!(check_rights(&[right(&"长".repeat(PLACE_CHARS + 1))]).unwrap_err().code, "area");
        assert_eq!(check_rights(&[right("a\nb")]).unwrap_err().code, "area");
        let turned = AreaRight { from: Some(UtcMs(2)), until: Some(UtcMs(2)), ..right("A") };
        assert_eq!(check_rights(&[turned]).unwrap_err().code, "validity");
    }

    proptest! {
        #[test]
        fn always_is_always_and_a_larger_area_never_sees_less(
            ms in any::<i64>(), place in "[a-c/ ]{0,12}", area in "[a-c/ ]{0,8}"
        ) {
            let now = UtcMs(ms);
            prop_assert!(Hours::ALWAYS.hold(now));
            prop_assert!(may(&[AreaRight::whole_site()], &place, now));
            if lies_in(&place, &area) {
                let parent = area.rsplit_once('/').map_or("", |(parent, _)| parent);
                prop_assert!(lies_in(&place, parent), "{place} in {area} but not in {parent}");
            }
        }

        #[test]
        fn every_minute_of_a_week_is_in_a_day_or_its_complement(
            days in 1_u8..0x80, from in 0_u16..1_440, to in 0_u16..1_440, minute in 0_i64..10_080
        ) {
            // Every day from a to b, and every day from b to a, part the week between them.
            prop_assume!(from != to);
            let now = UtcMs(1_800_000_000_000 + minute * 60_000);
            let (a, b) = (Hours::new(0x7f, from, to).unwrap(), Hours::new(0x7f, to, from).unwrap());
            prop_assert!(a.hold(now) != b.hold(now));
            let some = Hours::new(days, from, to).unwrap();
            prop_assert!(!some.hold(now) || a.hold(now), "fewer days allow no more");
        }
    }
}
