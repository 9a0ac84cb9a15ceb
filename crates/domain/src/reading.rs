//! Recorded decisions on how a slip of a law text is read (`law::readings`): what may be decided, from when, and with which reason.
//!
//! A decision is a sensitive change ([`crate::proposal::Kind::ChooseReading`]): one person proposes it, another confirms. Always true: it
//! holds from today or later, never back; lost text has no other reading; a decision never makes a fine lawful (`law` sees to that).

use crate::own_words::own_words;
use base::{CivilDate, Pii, Refusal, Text};
use law::{Choice, ReadingEntry};

/// Fewest letters of a reason, and most characters.
pub const REASON_CHARS: (usize, usize) = (5, 500);
/// Latest first day of a decision, counted from today.
pub const AHEAD: i32 = 366;
/// Most decisions that are kept.
pub const DECISIONS: usize = 1_000;

/// A decision as somebody filled it in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReadingForm {
    /// Which reading.
    pub choice: Choice,
    /// First day.
    pub from: CivilDate,
    /// Why; may name persons and papers.
    pub reason: Pii<String>,
}

fn bad(code: &str, what: Text) -> Refusal {
    Refusal::bad_input(code, what, Text::new("请更正后重新提交。", "Correct it and submit again."))
}

/// Checks a decision about a slip; gives its reason as it is kept.
///
/// # Errors
/// `reading` (lost text, or none of the packs), `from`, `reason`.
pub fn check(entry: Option<&ReadingEntry>, form: &ReadingForm, today: CivilDate) -> Result<Pii<String>, Refusal> {
    if !entry.is_some_and(ReadingEntry::is_open_to_choice) {
        let what = Text::new("请选择一处笔误；缺文没有别的读法。", "Choose a slip; lost text has no other reading.");
        return Err(bad("reading", what));
    }
    if form.from < today || form.from > today.plus_days(AHEAD) {
        let what = Text::new(
            "起始日不早于今天，不晚于一年以后。",
            "The first day is today at the earliest, in a year at the latest.",
        );
        return Err(bad("from", what));
    }
    let (least, most) = REASON_CHARS;
    own_words(form.reason.expose(), REASON_CHARS).ok_or_else(|| {
        let what = Text::of(
            format!("请写明理由和依据：至少{least}个字，至多{most}个字符。"),
            format!("Give the reason and what it rests on: at least {least} letters, at most {most} characters."),
        );
        bad("reason", what)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_slip_is_decided_and_never_back() {
        let packs = law::Packs::embedded().unwrap();
        let today = CivilDate::parse("2026-03-02").unwrap();
        let entry = |id: &str| packs.reading(id).map(|(_, e)| e);
        let form = |from: CivilDate, reason: &str| ReadingForm {
            choice: Choice::Literal,
            from,
            reason: Pii::new(reason.to_owned()),
        };
        let code = |id: &str, form: &ReadingForm| check(entry(id), form, today).map(|_| ()).map_err(|r| r.code);
        let refused = |field: &str| Err::<(), _>(field.to_owned());
        let good = form(today, "法制处 3 号意见");
        assert_eq!(code("B-40-article", &good), Ok(()));
        assert_eq!(code("A-24-lost", &good), refused("reading"), "lost text has no other reading");
        assert_eq!(code("B-40-nonsense", &good), refused("reading"));
        for (days, is) in [(-1, refused("from")), (0, Ok(())), (AHEAD, Ok(())), (AHEAD + 1, refused("from"))] {
            assert_eq!(code("B-40-article", &form(today.plus_days(days), "法制处 3 号意见")), is, "{days}");
        }
        for (reason, is) in [
            ("五个字的话".to_owned(), Ok(())),
            ("四个字啊".to_owned(), refused("reason")),
            ("字".repeat(500), Ok(())),
            ("字".repeat(501), refused("reason")),
            ("法制处\u{7}意见书".to_owned(), refused("reason")),
        ] {
            assert_eq!(code("B-40-article", &form(today, &reason)), is, "{reason:.30}");
        }
    }
}
