//! Who is on duty, and how that passes on: one person holds the watch; the next takes it over with both of them confirming.
//!
//! ```text
//! nobody ─▶ begin ─▶ on duty ─▶ offer (note, open items) ─▶ accept ─▶ the other is on duty
//!                      ▲  │            │ withdraw, decline
//!                      └──┼────────────┘
//!                         └─▶ taken without handover (reason): for the day somebody just went home
//! ```
//!
//! Always true: at most one person holds the watch; an offer is answered by the one it was made to, and by nobody else; the holder
//! never takes over from themselves.

use base::{AccountId, ErrorKind, Refusal, Text};

/// Longest handover note, characters.
pub const NOTE_CHARS: usize = 2_000;
/// Longest reason for taking over without a handover, characters.
pub const REASON_CHARS: usize = 200;
/// Most open items listed at a handover.
pub const ITEMS: usize = 50;

/// The watch as it stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Watch {
    /// Who holds it.
    pub holder: AccountId,
    /// To whom it is offered.
    pub offered_to: Option<AccountId>,
}

/// What somebody wants to do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step<'a> {
    /// Begin while nobody is on duty.
    Begin,
    /// Offer the watch to somebody, with a note.
    Offer(AccountId, &'a str),
    /// Take back the offer.
    Withdraw,
    /// Take over as offered.
    Accept,
    /// Not take over as offered.
    Decline,
    /// Take over from somebody who handed nothing over, with a reason.
    TakeAlone(&'a str),
}

fn conflict(code: &str, zh: &'static str, en: &'static str) -> Refusal {
    let next = Text::new("请刷新页面查看现在谁在班。", "Reload the page to see who is on duty now.");
    Refusal::new(ErrorKind::Conflict, code, Text::new(zh, en), next)
}

/// May `by` take this step now?
///
/// # Errors
/// `shift_taken`, `no_shift`, `not_on_shift`, `not_offered`, `already_offered`, `own_shift`; `note`, `reason` where the text is
/// missing or too long.
pub fn decide(watch: Option<&Watch>, by: AccountId, step: Step<'_>) -> Result<(), Refusal> {
    let Some(watch) = watch else {
        return match step {
            Step::Begin => Ok(()),
            _ => Err(conflict("no_shift", "现在没有人在班。", "Nobody is on duty now.")),
        };
    };
    let own = watch.holder == by;
    let offered = watch.offered_to;
    match step {
        Step::Begin => Err(conflict("shift_taken", "已经有人在班。", "Somebody is on duty already.")),
        Step::Offer(..) | Step::Withdraw if !own => {
            Err(conflict("not_on_shift", "你现在不在班。", "You are not on duty now."))
        }
        Step::Offer(..) if offered.is_some() => Err(conflict(
            "already_offered",
            "交班已经提出，等待接班人确认。",
            "The watch is offered already and waits for an answer.",
        )),
        Step::Offer(to, _) if to == by => {
            Err(conflict("own_shift", "不能交班给自己。", "Nobody hands the watch to themselves."))
        }
        Step::Offer(_, note) => check_text("note", note, NOTE_CHARS),
        Step::Withdraw | Step::Accept | Step::Decline if offered.is_none() => {
            Err(conflict("not_offered", "没有待确认的交班。", "No handover waits for an answer."))
        }
        Step::Withdraw => Ok(()),
        Step::Accept | Step::Decline if offered != Some(by) => {
            Err(conflict("not_offered", "这次交班不是交给你的。", "This handover was not offered to you."))
        }
        Step::Accept | Step::Decline => Ok(()),
        Step::TakeAlone(_) if own => Err(conflict("own_shift", "你已经在班。", "You are on duty already.")),
        Step::TakeAlone(reason) => check_text("reason", reason, REASON_CHARS),
    }
}

fn check_text(code: &str, text: &str, most: usize) -> Result<(), Refusal> {
    let chars = text.trim().chars().count();
    if (1..=most).contains(&chars) {
        return Ok(());
    }
    let what = if code == "note" {
        Text::of(
            format!("请填写交班记录，不超过{most}字；没有事项就写“无”。"),
            format!("Write a handover note of at most {most} characters; write \"nothing\" where there is nothing."),
        )
    } else {
        Text::of(
            format!("请写明为什么没有交班，不超过{most}字。"),
            format!("Say why there was no handover, in at most {most} characters."),
        )
    };
    Err(Refusal::bad_input(code, what, Text::new("请更正后重新提交。", "Correct it and submit again.")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn who(n: u8) -> AccountId {
        AccountId::new(i64::from(n), [n; 10])
    }

    fn code(watch: Option<Watch>, by: u8, step: Step<'_>) -> String {
        decide(watch.as_ref(), who(by), step).err().map_or_else(|| "ok".into(), |r| r.code)
    }

    #[test]
    fn every_step_in_every_state() {
        let free = None;
        let held = Some(Watch { holder: who(1), offered_to: None });
        let offered = Some(Watch { holder: who(1), offered_to: Some(who(2)) });
        let to_two = Step::Offer(who(2), "无");
        for (by, step, in_free, in_held, in_offered) in [
            (1, Step::Begin, "ok", "shift_taken", "shift_taken"),
            (2, Step::Begin, "ok", "shift_taken", "shift_taken"),
            (1, to_two, "no_shift", "ok", "already_offered"),
            (1, Step::Offer(who(1), "无"), "no_shift", "own_shift", "already_offered"),
            (2, to_two, "no_shift", "not_on_shift", "not_on_shift"),
            (1, Step::Withdraw, "no_shift", "not_offered", "ok"),
            (2, Step::Withdraw, "no_shift", "not_on_shift", "not_on_shift"),
            (1, Step::Accept, "no_shift", "not_offered", "not_offered"),
            (2, Step::Accept, "no_shift", "not_offered", "ok"),
            (3, Step::Accept, "no_shift", "not_offered", "not_offered"),
            (2, Step::Decline, "no_shift", "not_offered", "ok"),
            (3, Step::Decline, "no_shift", "not_offered", "not_offered"),
            (1, Step::TakeAlone("x"), "no_shift", "own_shift", "own_shift"),
            (3, Step::TakeAlone("x"), "no_shift", "ok", "ok"),
        ] {
            let got = (code(free, by, step), code(held, by, step), code(offered, by, step));
            assert_eq!(
                (got.0.as_str(), got.1.as_str(), got.2.as_str()),
                (in_free, in_held, in_offered),
                "{by} {step:?}"
            );
        }
    }

    #[test]
    fn texts_have_limits() {
        let held = Some(Watch { holder: who(1), offered_to: None });
        let (longest, longer) = ("记".repeat(NOTE_CHARS), "记".repeat(NOTE_CHARS + 1));
        for (note, want) in [("", "note"), ("  ", "note"), (longest.as_str(), "ok"), (longer.as_str(), "note")] {
            assert_eq!(code(held, 1, Step::Offer(who(2), note)), want);
        }
        let (longest, longer) = ("因".repeat(REASON_CHARS), "因".repeat(REASON_CHARS + 1));
        for (reason, want) in [("", "reason"), (longest.as_str(), "ok"), (longer.as_str(), "reason")] {
            assert_eq!(code(held, 2, Step::TakeAlone(reason)), want);
        }
    }
}
