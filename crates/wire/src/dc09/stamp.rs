//! The time stamp of a frame: `HH:MM:SS,MM-DD-YYYY`, UTC.

use base::time::SHANGHAI_OFFSET_MS;
use base::{CivilDate, UtcMs};

/// Characters of a stamp.
pub const STAMP_CHARS: usize = 19;

/// Reads a stamp; `None` for anything else, also for days and hours that do not exist.
#[must_use]
pub fn parse(text: &[u8]) -> Option<UtcMs> {
    let text: &[u8; STAMP_CHARS] = text.try_into().ok()?;
    let fixed = [(2, b':'), (5, b':'), (8, b','), (11, b'-'), (14, b'-')];
    if fixed.iter().any(|(i, b)| text[*i] != *b) {
        return None;
    }
    let number = |from: usize, to: usize| -> Option<i16> {
        text[from..to].iter().try_fold(0_i16, |n, b| b.is_ascii_digit().then(|| n * 10 + i16::from(b - b'0')))
    };
    let (hour, minute, second) = (number(0, 2)?, number(3, 5)?, number(6, 8)?);
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let day = CivilDate::ymd(number(15, 19)?, i8::try_from(number(9, 11)?).ok()?, i8::try_from(number(12, 14)?).ok()?)?;
    // A day begins eight hours earlier in Shanghai than in UTC.
    let midnight = day.start().0 + SHANGHAI_OFFSET_MS;
    let seconds = (i64::from(hour) * 60 + i64::from(minute)) * 60 + i64::from(second);
    Some(UtcMs(midnight + seconds * 1_000))
}

/// Writes a stamp; fractions of a second are dropped. A time outside the years 0 to 9999 becomes the beginning of 1970.
#[must_use]
pub fn format(at: UtcMs) -> String {
    let text = at.rfc3339();
    let part = |range: std::ops::Range<usize>| text.get(range).unwrap_or("00");
    if text.len() != 24 {
        return "00:00:00,01-01-1970".into();
    }
    format!("{},{}-{}", part(11..19), part(5..10), part(0..4))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_writes_the_form_of_the_standard() {
        let at = UtcMs(1_763_740_805_000); // 2025-11-21T16:00:05Z
        assert_eq!(format(UtcMs(at.0 + 999)), "16:00:05,11-21-2025");
        assert_eq!(parse(b"16:00:05,11-21-2025"), Some(at));
        for bad in [
            "",
            "16:00:05,11-21-202",
            "24:00:00,11-21-2025",
            "16:60:05,11-21-2025",
            "16:00:60,11-21-2025",
            "16:00:05,02-30-2025",
            "16:00:05,13-01-2025",
            "16:00:05 11-21-2025",
            "+6:00:05,11-21-2025",
        ] {
            assert_eq!(parse(bad.as_bytes()), None, "{bad}");
        }
        assert_eq!(format(UtcMs(i64::MAX)), "00:00:00,01-01-1970");
    }

    proptest::proptest! {
        #[test]
        fn what_is_written_is_read_back(seconds in 0_i64..200_000_000_000) {
            let at = UtcMs(seconds * 1_000);
            proptest::prop_assert_eq!(parse(format(at).as_bytes()), Some(at));
        }

        #[test]
        fn no_bytes_make_it_fail(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..24)) {
            let _ = parse(&bytes);
        }
    }
}
