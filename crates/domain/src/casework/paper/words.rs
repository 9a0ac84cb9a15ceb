//! Texts of a case as parts of a paper take them: paragraphs of a bounded length, names and values, sentences without their full stop.
//!
//! Always true: no paragraph is empty or longer than a paper takes; nothing of a long text is left out, it is only divided.

use crate::document::{Particular, WORDS_CHARS};
use base::{CivilDate, Lang, Text};
use law::TermUnit;

/// A sentence of the packs without its full stop, to stand inside another one.
pub(super) fn bare(sentence: &str) -> &str {
    sentence.trim().trim_end_matches(['。', '.', '；', ';'])
}

/// The first clause of a sentence: what was decided, without what follows from it.
pub(super) fn first_clause(sentence: &str) -> &str {
    sentence.split(['，', '。', '；', ',', '.', ';', ':']).next().unwrap_or_default().trim()
}

/// In small letters at the beginning, as inside a sentence.
pub(super) fn lower(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| format!("{}{}", first.to_lowercase(), chars.as_str()))
}

/// The lines of a text, the longest divided.
pub(super) fn paragraphs(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let chars: Vec<char> = line.chars().collect();
        let parts = chars.chunks(WORDS_CHARS).map(|part| part.iter().collect::<String>());
        found.extend(parts.filter(|part| !part.trim().is_empty()));
    }
    found
}

/// A name and a text as paragraphs.
pub(super) fn labelled(name: &str, text: &str, lang: Lang) -> Vec<String> {
    paragraphs(&format!("{name}{}{text}", lang.t("：", ": ")))
}

/// A name and a value; what is too long for one goes on in the next.
pub(super) fn particular(name: &str, value: &str, hint: &str, lang: Lang) -> Vec<Particular> {
    let chars: Vec<char> = value.chars().collect();
    if chars.is_empty() {
        return vec![Particular { name: name.to_owned(), value: String::new(), hint: hint.to_owned() }];
    }
    let parts = chars.chunks(WORDS_CHARS).enumerate();
    let one = |(n, part): (usize, &[char])| Particular {
        name: if n == 0 { name.to_owned() } else { format!("{name}{}", lang.t("（续）", " (continued)")) },
        value: part.iter().collect(),
        hint: if n == 0 { hint.to_owned() } else { String::new() },
    };
    parts.map(one).collect()
}

/// How long a term is, as its instrument says it.
pub(super) fn length(amount: u32, unit: TermUnit, lang: Lang) -> String {
    let (zh, one, many) = match unit {
        TermUnit::AtOnce => return lang.t("立即", "at once").to_owned(),
        TermUnit::Hours => ("小时", "hour", "hours"),
        TermUnit::Days => ("日", "day", "days"),
        TermUnit::WorkingDays => ("个工作日", "working day", "working days"),
        TermUnit::Months => ("个月", "month", "months"),
        TermUnit::Years => ("年", "year", "years"),
    };
    let word = lang.n(amount, zh, one, many);
    match lang {
        Lang::Zh => format!("{amount}{word}"),
        Lang::En => format!("{amount} {word}"),
    }
}

/// What the day of the week of a day is called.
pub(super) fn weekday(day: CivilDate, lang: Lang) -> &'static str {
    const DAYS: [(&str, &str); 7] = [
        ("星期一", "Monday"),
        ("星期二", "Tuesday"),
        ("星期三", "Wednesday"),
        ("星期四", "Thursday"),
        ("星期五", "Friday"),
        ("星期六", "Saturday"),
        ("星期日", "Sunday"),
    ];
    let n = usize::try_from(day.0.weekday().to_monday_zero_offset()).unwrap_or(0);
    let (zh, en) = DAYS.get(n).copied().unwrap_or_default();
    lang.t(zh, en)
}

/// One of two languages, as a text of its own.
pub(super) fn said(text: &Text, lang: Lang) -> String {
    text.get(lang).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_divided_and_loses_nothing() {
        let long = "事".repeat(WORDS_CHARS + 1);
        let parts = paragraphs(&format!("{long}\n\n  第二段 \n"));
        assert_eq!(parts.iter().map(|p| p.chars().count()).collect::<Vec<_>>(), [WORDS_CHARS, 1, 3]);
        assert_eq!(parts.concat(), format!("{long}第二段"));
        let pairs = particular("名称", &long, "提示", Lang::Zh);
        assert_eq!(pairs.iter().map(|p| p.name.as_str()).collect::<Vec<_>>(), ["名称", "名称（续）"]);
        assert_eq!(pairs.iter().map(|p| p.value.as_str()).collect::<String>(), long);
        assert_eq!(particular("名称", "", "提示", Lang::Zh).len(), 1, "an empty value leaves room to write");
        assert!(paragraphs(" \n ").is_empty());
    }

    #[test]
    fn a_day_has_its_day_of_the_week() {
        let day = |n: i32| CivilDate::ymd(2026, 11, 22).unwrap().plus_days(n);
        assert_eq!((weekday(day(0), Lang::Zh), weekday(day(0), Lang::En)), ("星期日", "Sunday"));
        assert_eq!((weekday(day(1), Lang::Zh), weekday(day(6), Lang::En)), ("星期一", "Saturday"));
    }

    #[test]
    fn sentences_of_the_packs_stand_inside_others() {
        assert_eq!((bare("受理。"), bare("Accept.")), ("受理", "Accept"));
        assert_eq!(first_clause("不予批准，书面说明理由。"), "不予批准");
        assert_eq!(first_clause("Refused, with reasons."), "Refused");
        assert_eq!((lower("The act"), lower("")), ("the act".to_owned(), String::new()));
        assert_eq!(length(20, TermUnit::WorkingDays, Lang::Zh), "20个工作日");
        assert_eq!(length(1, TermUnit::Months, Lang::En), "1 month");
        assert_eq!(length(0, TermUnit::AtOnce, Lang::En), "at once");
    }
}
