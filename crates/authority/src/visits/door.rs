//! How the code of the unit came in at the door: scanned or typed, when and where by the phone, and how far that is from the photos.
//!
//! Field `scan` of the record, places of the photos ─▶ [`Door`], kept with the end of the visit ─▶ form of the step, page, supervision. Always true:
//! what does not say how it came counts as typed; time and place are the phone's word and prove nothing by themselves; nothing is refused for them.

use super::act::{SCAN, SIGNATURE};
use super::offline::DRAWN;
use super::record::Record;
use base::{Text, UtcMs};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::visits::PhotoRow;

/// The words of how a code came in.
pub(super) const HOW: [&str; 2] = [SCANNED, "typed"];
/// A camera read it.
const SCANNED: &str = "scanned";
/// A code that was typed farther than so from the nearest photo is shown to who supervises, metres: our own choice. What phones say of their error
/// counts up to as much again.
const FAR_M: f64 = 500.0;
/// Metres of one degree of latitude.
const DEGREE_M: f64 = 111_320.0;

/// How the unit's code came in.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Door {
    /// A camera read the code; else somebody typed it.
    pub scanned: bool,
    /// When, by the phone.
    pub at: UtcMs,
    /// Where, as the phone said; empty: it did not.
    pub place: String,
    /// Metres to the nearest photo that has a place; none where either has none.
    pub apart_m: Option<u32>,
    /// It was typed far from every photo.
    pub far: bool,
}

/// Degrees north and east, and the error, metres, as a phone writes them: `45.75000,126.65000 ±20 m`.
fn spot(place: &str) -> Option<(f64, f64, f64)> {
    let (at, error) = place.split_once(' ').unwrap_or((place, ""));
    let (north, east) = at.split_once(',')?;
    let (north, east): (f64, f64) = (north.trim().parse().ok()?, east.trim().parse().ok()?);
    let error: f64 = error.trim_start_matches('±').trim_end_matches('m').trim().parse().unwrap_or(0.0);
    let is_one = north.abs() <= 90.0 && east.abs() <= 180.0;
    is_one.then(|| (north, east, if error.is_finite() { error.max(0.0) } else { 0.0 }))
}

/// Metres between two places that are near each other on the globe.
fn metres(a: (f64, f64, f64), b: (f64, f64, f64)) -> f64 {
    let middle = f64::midpoint(a.0, b.0).to_radians();
    let (north, east) = ((a.0 - b.0) * DEGREE_M, (a.1 - b.1) * DEGREE_M * middle.cos());
    north.hypot(east)
}

impl Door {
    /// How the code of a record came in; none while there is none.
    pub(super) fn of(record: &Record, photos: &[PhotoRow]) -> Option<Self> {
        let scan = record.get(SCAN)?;
        let text = |name: &str| scan.get(name).and_then(Value::as_str).unwrap_or_default();
        let scanned = text("how") == SCANNED;
        let place = text("place").to_owned();
        let is_photo = |p: &&PhotoRow| !p.belongs.starts_with(SIGNATURE) && !p.belongs.starts_with(DRAWN);
        let taken = photos.iter().filter(is_photo).filter_map(|p| spot(&p.place));
        let nearest = spot(&place).and_then(|here| {
            let away = taken.map(|there| (metres(here, there), here.2 + there.2));
            away.min_by(|a, b| a.0.total_cmp(&b.0))
        });
        Some(Self {
            scanned,
            at: UtcMs(scan.get("at").and_then(Value::as_i64).unwrap_or_default()),
            place,
            apart_m: nearest.map(|(metres, _)| metres.round().clamp(0.0, f64::from(u32::MAX)) as u32),
            far: !scanned && nearest.is_some_and(|(metres, error)| metres > FAR_M + error.min(FAR_M)),
        })
    }

    /// The word of how it came in.
    #[must_use]
    pub fn how(&self) -> &'static str {
        HOW[usize::from(!self.scanned)]
    }

    /// How and when, as the record of the inspection says it.
    #[must_use]
    pub fn words(&self) -> Text {
        let when = self.at.desk();
        if self.scanned {
            Text::of(
                format!("扫描登记单位代码（手机时间{when}）"),
                format!("the unit's code was scanned ({when} by the phone)"),
            )
        } else {
            Text::of(
                format!("手工输入单位代码（手机时间{when}）"),
                format!("the unit's code was typed ({when} by the phone)"),
            )
        }
    }

    /// The same with place and distance, for pages.
    #[must_use]
    pub fn text(&self) -> Text {
        let words = self.words();
        let (zh, en) = match (self.place.as_str(), self.apart_m) {
            ("", _) => ("手机没有提供地点".to_owned(), "the phone told no place".to_owned()),
            (said, None) => (format!("地点（手机提供）：{said}"), format!("place (as the phone said): {said}")),
            (said, Some(n)) => (
                format!("地点（手机提供）：{said}，距最近一张照片约{n}米"),
                format!("place (as the phone said): {said}, about {n} m from the nearest photo"),
            ),
        };
        Text::of(format!("{}；{zh}。", words.zh), format!("{}; {en}.", words.en))
    }
}

#[cfg(test)]
mod tests {
    use super::super::record::Field;
    use super::*;
    use base::{AccountId, Sha256};
    use serde_json::json;

    fn record(scan: Value) -> Record {
        Record([(SCAN.to_owned(), Field { v: 1, value: scan })].into())
    }

    fn photo(belongs: &str, place: &str) -> PhotoRow {
        PhotoRow {
            photo: 1,
            sha256: Sha256::of(b"x"),
            bytes: 1,
            media_type: "image/png".into(),
            belongs: belongs.into(),
            taken: UtcMs(1),
            place: place.into(),
            at: UtcMs(1),
            by: AccountId::from_bytes([1; 16]),
        }
    }

    fn door(how: &str, place: &str, photos: &[PhotoRow]) -> Door {
        Door::of(&record(json!({ "code": "x", "at": 1, "how": how, "place": place })), photos).unwrap()
    }

    #[test]
    fn what_does_not_say_how_it_came_was_typed() {
        let old = Door::of(&record(json!({ "code": "x", "at": 1 })), &[]).unwrap();
        assert_eq!((old.scanned, old.how(), old.at, old.far), (false, "typed", UtcMs(1), false));
        assert!(old.text().zh.contains("手工输入") && old.text().zh.contains("没有提供地点"));
        let read = door("scanned", "", &[]);
        assert_eq!((read.scanned, read.how()), (true, "scanned"));
        assert!(read.words().zh.contains("扫描登记") && read.words().en.contains("scanned"));
        assert_eq!(Door::of(&Record::default(), &[]), None);
    }

    #[test]
    fn a_code_that_is_typed_far_from_every_photo_is_told() {
        let at_unit = photo("door", "45.75000,126.65000 ±20 m");
        // A thousandth of a degree of latitude is 111 metres.
        for (place, apart, far) in [
            ("45.75000,126.65000 ±20 m", Some(0), false),
            ("45.75400,126.65000 ±20 m", Some(445), false),
            ("45.75500,126.65000 ±20 m", Some(557), true),
            ("45.75500,126.65000 ±90 m", Some(557), false),
            ("45.76000,126.65000 ±90000 m", Some(1_113), true),
            ("45.75000,126.66000", Some(777), true),
            ("", None, false),
            ("unknown", None, false),
            ("NaN,1 ±1 m", None, false),
            ("91,1", None, false),
        ] {
            let found = door("typed", place, std::slice::from_ref(&at_unit));
            assert_eq!((found.apart_m, found.far), (apart, far), "{place}");
            assert!(!door("scanned", place, std::slice::from_ref(&at_unit)).far, "what was scanned was there: {place}");
        }
        let far_off = photo("item/x", "40.0,120.0 ±5 m");
        let near = [far_off.clone(), at_unit];
        assert!(!door("typed", "45.75000,126.65000 ±20 m", &near).far, "the nearest photo counts");
        let signed = photo("signature/unit", "40.0,120.0 ±5 m");
        assert_eq!(door("typed", "45.7,126.6", &[signed]).apart_m, None, "a signature has no place");
        assert_eq!(door("typed", "45.7,126.6", &[photo("door", "")]).apart_m, None);
    }
}
