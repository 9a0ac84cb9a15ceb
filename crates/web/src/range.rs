//! `Range` of RFC 9110: one byte range of a body of known length. Several ranges in one request get the whole body, as the RFC allows.

/// What a request asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wanted {
    /// Everything: 200.
    Whole,
    /// Bytes `first..=last`: 206.
    Part {
        /// First byte.
        first: u64,
        /// Last byte, inclusive.
        last: u64,
    },
    /// Nothing there: 416.
    Beyond,
}

/// Reads a `Range` header for a body of `length` bytes. `validator` is the body's entity tag and `if_range` the request's
/// `If-Range`: another tag (or a date) means that the part the client has is of another body, so it gets the whole.
#[must_use]
pub fn wanted(range: Option<&str>, if_range: Option<&str>, validator: &str, length: u64) -> Wanted {
    if if_range.is_some_and(|tag| tag.trim() != validator) {
        return Wanted::Whole;
    }
    let Some(spec) = range.and_then(|r| r.trim().strip_prefix("bytes=")) else { return Wanted::Whole };
    let Some((first, last)) = spec.trim().split_once('-') else { return Wanted::Whole };
    let number = |text: &str| -> Option<u64> {
        let text = text.trim();
        // Longer than any u64 is beyond the end, not malformed.
        text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().unwrap_or(u64::MAX))
    };
    match (first.trim().is_empty(), last.trim().is_empty()) {
        (true, true) => Wanted::Whole,
        (true, false) => match number(last) {
            Some(0) => Wanted::Beyond,
            Some(_) if length == 0 => Wanted::Beyond,
            Some(n) => Wanted::Part { first: length.saturating_sub(n), last: length - 1 },
            None => Wanted::Whole,
        },
        (false, open) => {
            let last = if open { Some(u64::MAX) } else { number(last) };
            match (number(first), last) {
                (Some(first), Some(last)) if first > last => Wanted::Whole,
                (Some(first), Some(_)) if first >= length => Wanted::Beyond,
                (Some(first), Some(last)) => Wanted::Part { first, last: last.min(length - 1) },
                _ => Wanted::Whole,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Wanted, wanted};

    fn of(range: &str, length: u64) -> Wanted {
        wanted(Some(range), None, "\"v\"", length)
    }

    #[test]
    fn the_forms_of_the_rfc() {
        assert_eq!(of("bytes=0-0", 10), Wanted::Part { first: 0, last: 0 });
        assert_eq!(of("bytes=0-", 10), Wanted::Part { first: 0, last: 9 });
        assert_eq!(of("bytes=9-", 10), Wanted::Part { first: 9, last: 9 });
        assert_eq!(of("bytes=2-99", 10), Wanted::Part { first: 2, last: 9 });
        assert_eq!(of("bytes=-3", 10), Wanted::Part { first: 7, last: 9 });
        assert_eq!(of("bytes=-30", 10), Wanted::Part { first: 0, last: 9 });
        assert_eq!(of("bytes=10-", 10), Wanted::Beyond);
        assert_eq!(of("bytes=-0", 10), Wanted::Beyond);
        assert_eq!(of("bytes=0-", 0), Wanted::Beyond);
        assert_eq!(of("bytes=-1", 0), Wanted::Beyond);
        assert_eq!(of("bytes=99999999999999999999-", 10), Wanted::Beyond);
    }

    #[test]
    fn what_is_malformed_or_several_gets_the_whole() {
        for text in
            ["", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=5-2", "lines=0-1", "bytes=0-1,3-4", "bytes=+1-2"]
        {
            assert_eq!(of(text, 10), Wanted::Whole, "{text}");
        }
        assert_eq!(wanted(None, None, "\"v\"", 10), Wanted::Whole);
    }

    #[test]
    fn if_range_of_another_body_gets_the_whole() {
        let part = Wanted::Part { first: 1, last: 2 };
        assert_eq!(wanted(Some("bytes=1-2"), Some("\"v\""), "\"v\"", 10), part);
        assert_eq!(wanted(Some("bytes=1-2"), Some("\"w\""), "\"v\"", 10), Wanted::Whole);
        assert_eq!(wanted(Some("bytes=1-2"), Some("Fri, 21 Nov 2025 10:00:00 GMT"), "\"v\"", 10), Wanted::Whole);
    }
}
