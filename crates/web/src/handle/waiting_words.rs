//! What waits beside the terms of law, in words: a promise that went by, a case in which nothing is done.
//!
//! ```text
//! Waiting of a case ─▶ mark of its line (worklist, supervision) · line among its deadlines · notice for who applied
//! ```
//! Always true: neither is called late (逾期), for only a term of law can be.

use super::case_words::{days_left, left_words};
use super::inbox::{by, of};
use crate::call::Call;
use crate::pages::case::DeadlineLine;
use crate::pages::cases::CaseLine;
use crate::pages::{Mark, State};
use authority::cases::{CaseView, promised_day};
use base::text::plural;
use base::{CaseId, CivilDate, Refusal, Text};
use store::casework::waiting::Waiting;

/// The mark of a case; without a word where its promise holds and it goes on, or a clock runs.
pub(crate) fn waiting_state(waiting: &Waiting, today: CivilDate) -> State {
    if let Some(day) = waiting.promised.filter(|_| waiting.is_past(today)) {
        let word = Text::of(format!("承诺已过（{day}）"), format!("promised by {day}"));
        return State { mark: Mark::Warning, word };
    }
    let Some(since) = waiting.since else { return State::default() };
    let n = days_left(since, today).max(0);
    let days = plural(n, "day", "days");
    let (mark, zh, en) = if waiting.is_lying(today) {
        (Mark::Warning, format!("已{n}日没有进展"), format!("nothing done for {n} {days}"))
    } else {
        (Mark::Info, format!("没有期限，距上次办理{n}日"), format!("no time limit, last step {n} {days} ago"))
    };
    State { mark, word: Text::of(zh, en) }
}

/// Puts the marks on the lines of a list.
pub(crate) async fn marked(call: &Call, lines: &mut [CaseLine]) -> Result<(), Refusal> {
    let cases: Vec<CaseId> = lines.iter().filter_map(|line| CaseId::parse(&line.id)).collect();
    let found = of(call)?.waiting_in(by(call)?, &cases).await?;
    let today = call.now().shanghai_date();
    for line in lines {
        if let Some(waiting) = CaseId::parse(&line.id).and_then(|id| found.get(&id)) {
            line.waits = waiting_state(waiting, today);
        }
    }
    Ok(())
}

/// The line of a promised day among the deadlines of a case; its state is a mark of its own, never that of a term of law.
fn line_of_promise(day: CivilDate, today: CivilDate) -> DeadlineLine {
    let left = days_left(today, day);
    let state = if left < 0 {
        State::new(Mark::Warning, "承诺已过", "went by")
    } else {
        State::new(Mark::Info, "承诺期限内", "not over")
    };
    DeadlineLine {
        name: Text::new("办结", "the decision"),
        day: day.to_string(),
        left: left_words(left),
        state,
        promised: true,
        ..DeadlineLine::default()
    }
}

/// What the office of a case promised, beside the terms of law; nothing where it promised nothing, or the case is decided.
pub(crate) async fn promised_line(call: &Call, view: &CaseView) -> Result<Vec<DeadlineLine>, Refusal> {
    let promises = of(call)?.promises(view.row.head.office).await?;
    let amount = promises.get(&view.row.head.procedure);
    let day = amount.and_then(|n| promised_day(call.site().gate().packs(), view, *n));
    Ok(day.map(|day| line_of_promise(day, view.today)).into_iter().collect())
}

/// What who applied is told when the promised day went by; empty before that. The page puts the ways to complain beside it.
pub(crate) fn past_promise(promised: Option<CivilDate>, today: CivilDate) -> Text {
    match promised.filter(|day| *day < today) {
        Some(day) => Text::of(
            format!(
                "本机关承诺在{day}以前办结，这一天已过，还没有办结。承诺期限不是法定期限；您可以催办，也可以投诉。"
            ),
            format!(
                "The office promised to decide by {day}. That day is over and the case is not decided. A promise is no time limit of law; you may \
                 ask the office about it, and you may complain."
            ),
        ),
        None => Text::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> CivilDate {
        CivilDate::parse(text).unwrap()
    }

    #[test]
    fn a_promise_goes_by_the_day_after_and_is_never_called_late() {
        let promised = Waiting { promised: Some(day("2026-12-01")), ..Waiting::default() };
        assert_eq!(waiting_state(&promised, day("2026-12-01")), State::default());
        let past = waiting_state(&promised, day("2026-12-02"));
        assert!(past.mark == Mark::Warning && past.word.zh.contains("承诺已过") && !past.word.zh.contains("逾期"));
        assert_eq!(past_promise(promised.promised, day("2026-12-01")), Text::default());
        let told = past_promise(promised.promised, day("2026-12-02"));
        assert!(told.zh.contains("投诉") && !told.zh.contains("逾期") && told.en.contains("complain"), "{told:?}");
        assert_eq!(past_promise(None, day("2026-12-02")), Text::default());
        let line = |today: &str| line_of_promise(day("2026-12-01"), day(today));
        let (kept, over) = (line("2026-12-01"), line("2026-12-02"));
        assert_eq!((kept.state.mark, over.state.mark), (Mark::Info, Mark::Warning));
        assert!(kept.promised && over.state.word.zh == "承诺已过" && !over.left.zh.contains("逾期"), "{over:?}");
    }

    #[test]
    fn a_case_without_a_time_limit_says_how_long_it_has_lain() {
        let lies = Waiting { promised: None, since: Some(day("2026-11-01")), lies: Some(day("2026-12-01")) };
        for (on, mark, n) in
            [("2026-11-01", Mark::Info, "0"), ("2026-12-01", Mark::Info, "30"), ("2026-12-02", Mark::Warning, "31")]
        {
            let state = waiting_state(&lies, day(on));
            assert!(state.mark == mark && state.word.zh.contains(n) && state.word.en.contains(n), "{on}: {state:?}");
        }
        assert_eq!(waiting_state(&lies, day("2026-11-02")).word.en, "no time limit, last step 1 day ago");
        let both = Waiting { promised: Some(day("2026-11-20")), ..lies };
        assert!(waiting_state(&both, day("2026-12-02")).word.zh.contains("承诺已过"), "what was promised comes first");
        assert_eq!(waiting_state(&Waiting::default(), day("2026-12-02")), State::default());
    }
}
