//! Numbers as people read them: durations, sizes, bit rates, both languages. Pure; arguments by reference because templates do so.

use base::Lang;

/// Duration in words, the two largest units: `3 天 4 小时`, `12 min 5 s`. Negative counts as its size.
#[must_use]
pub fn duration(ms: &i64, l: &Lang) -> String {
    let total_s = ms.unsigned_abs() / 1_000;
    let parts = [
        (total_s / 86_400, l.t("天", "d")),
        (total_s / 3_600 % 24, l.t("小时", "h")),
        (total_s / 60 % 60, l.t("分", "min")),
        (total_s % 60, l.t("秒", "s")),
    ];
    let first = parts.iter().position(|(n, _)| *n > 0).unwrap_or(3);
    let words: Vec<_> = parts
        .iter()
        .skip(first)
        .take(2)
        .filter(|(n, _)| *n > 0 || total_s == 0)
        .map(|(n, unit)| format!("{n} {unit}"))
        .collect();
    words.join(" ")
}

/// Size in decimal units as disk makers print them: `1.8 TB`.
#[must_use]
pub fn bytes(n: &u64) -> String {
    base::size(*n)
}

/// Bit rate: `4.1 Mbit/s`.
#[must_use]
pub fn bit_rate(bps: &u64) -> String {
    base::bit_rate(*bps)
}

/// Days with at most one decimal: `30`, `12.5`. From tenths, so that no page prints `0.30000000000000004`.
#[must_use]
pub fn days(tenths: &u32) -> String {
    if tenths.is_multiple_of(10) { (tenths / 10).to_string() } else { format!("{}.{}", tenths / 10, tenths % 10) }
}

/// A word that stands alone, e.g. an option or a label: its first letter is a capital.
#[must_use]
pub fn headed(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// Groups of thousands with a thin comma: `1,048,576`.
#[must_use]
pub fn count(n: &u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_show_two_units_and_never_nothing() {
        let zh = Lang::Zh;
        assert_eq!(duration(&0, &zh), "0 秒");
        assert_eq!(duration(&999, &Lang::En), "0 s");
        assert_eq!(duration(&61_000, &Lang::En), "1 min 1 s");
        assert_eq!(duration(&3_600_000, &zh), "1 小时");
        assert_eq!(duration(&(86_400_000 * 3 + 4 * 3_600_000 + 59_000), &zh), "3 天 4 小时");
        assert_eq!(duration(&-5_000, &zh), "5 秒");
        assert!(!duration(&i64::MIN, &zh).is_empty());
    }

    #[test]
    fn sizes_scale_and_keep_one_decimal_below_a_hundred() {
        assert_eq!(bytes(&0), "0 B");
        assert_eq!(bytes(&999), "999 B");
        assert_eq!(bytes(&1_500), "1.5 kB");
        assert_eq!(bytes(&1_843_000_000_000), "1.8 TB");
        assert_eq!(bytes(&456_700_000), "456 MB");
        assert_eq!(bit_rate(&4_123_000), "4.1 Mbit/s");
        assert_eq!(bytes(&u64::MAX), "18446 PB");
    }

    #[test]
    fn a_word_alone_has_a_capital() {
        assert_eq!(headed("another province"), "Another province");
        assert_eq!(
            (headed(""), headed("黑龙江省"), headed("GB/T 28181")),
            (String::new(), "黑龙江省".into(), "GB/T 28181".into())
        );
    }

    #[test]
    fn days_and_counts_read_well() {
        assert_eq!(days(&300), "30");
        assert_eq!(days(&125), "12.5");
        assert_eq!(count(&7), "7");
        assert_eq!(count(&1_048_576), "1,048,576");
        assert_eq!(count(&100_000), "100,000");
    }
}
