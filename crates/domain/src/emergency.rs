//! Emergency accesses (A-24-3, "break-glass"): allowed at once, explained afterwards in writing, the explanation confirmed by another person.
//!
//! ```text
//! owed ─▶ explained ─▶ confirmed (by another person: manager or auditor)
//!   ▲         └──────▶ returned, with a reason and a new day ─▶ explained …
//!   └ overdue from the day after the last day, until it is explained
//! ```
//!
//! Always true: nobody confirms what they entered or explained themselves, also not under another account; no explanation is confirmed
//! before the access has ended, for it could not tell of what is still to come; nothing here ever stops an
//! access, for an emergency waits for no paper.

use crate::own_words::own_words;
use crate::proposal::Party;
use base::{AccountId, CivilDate, ErrorKind, Pii, Refusal, Text, UtcMs, limits};

/// Word of the own rule that says by when an explanation is due (`law/own-rules.toml`).
pub const RULE: &str = "explain_emergency";
/// Fewest letters of an explanation, and most characters.
pub const EXPLANATION_CHARS: (usize, usize) = (20, limits::FREE_TEXT_CHARS);
/// Fewest letters of a reason for sending one back, and most characters.
pub const RETURN_CHARS: (usize, usize) = (5, 500);

/// How far an access is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum State {
    /// Nothing was explained yet.
    Owed,
    /// Explained; waits for the second person.
    Explained,
    /// Sent back: to be explained again.
    Returned,
    /// Confirmed.
    Confirmed,
}

impl State {
    /// All, in order.
    pub const ALL: [Self; 4] = [Self::Owed, Self::Explained, Self::Returned, Self::Confirmed];

    /// Stable word for rows and the API.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Owed => "owed",
            Self::Explained => "explained",
            Self::Returned => "returned",
            Self::Confirmed => "confirmed",
        }
    }

    /// Reads a code; `None` for anything else.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.code() == code)
    }
}

/// Where it stands on a day.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// To be explained, at the latest on this day.
    Due {
        /// The last day in time.
        by: CivilDate,
    },
    /// Not explained in time.
    Overdue {
        /// The first day too late.
        since: CivilDate,
    },
    /// Explained; a second person is to confirm it or send it back.
    Waits,
    /// Confirmed.
    Confirmed,
}

impl Standing {
    /// Stable word for pages and the API.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Due { .. } => "due",
            Self::Overdue { .. } => "overdue",
            Self::Waits => "waits",
            Self::Confirmed => "confirmed",
        }
    }
}

/// Where an access stands today whose explanation is due on `due`.
#[must_use]
pub fn standing(state: State, due: CivilDate, today: CivilDate) -> Standing {
    match state {
        State::Confirmed => Standing::Confirmed,
        State::Explained => Standing::Waits,
        State::Owed | State::Returned if today <= due => Standing::Due { by: due },
        State::Owed | State::Returned => Standing::Overdue { since: due.plus_days(1) },
    }
}

fn bad(code: &str, what: Text) -> Refusal {
    Refusal::bad_input(code, what, Text::new("请更正后重新提交。", "Correct it and submit again."))
}

/// Checks an explanation; gives it as it is kept.
///
/// # Errors
/// `explanation`: too short, too long, or with control characters.
pub fn check_explanation(text: &str) -> Result<Pii<String>, Refusal> {
    let (least, most) = EXPLANATION_CHARS;
    own_words(text, EXPLANATION_CHARS).ok_or_else(|| {
        bad(
            "explanation",
            Text::of(
                format!("请用自己的话说明经过：至少{least}个字，至多{most}个字符。"),
                format!("Say in your own words what happened: at least {least} letters, at most {most} characters."),
            ),
        )
    })
}

/// Checks the reason for sending an explanation back; gives it as it is kept.
///
/// # Errors
/// `reason`: too short, too long, or with control characters.
pub fn check_return(text: &str) -> Result<Pii<String>, Refusal> {
    let (least, most) = RETURN_CHARS;
    own_words(text, RETURN_CHARS).ok_or_else(|| {
        bad(
            "reason",
            Text::of(
                format!("请写明为什么退回：至少{least}个字，至多{most}个字符。"),
                format!("Say why it goes back: at least {least} letters, at most {most} characters."),
            ),
        )
    })
}

fn conflict(code: &str, what: Text, next: Text) -> Refusal {
    Refusal::new(ErrorKind::Conflict, code, what, next)
}

/// May `by` explain an access that `entered_by` entered? Only that person; where their account is closed, whoever else may enter one.
///
/// # Errors
/// `not_owed` (explained or confirmed), `not_yours`.
pub fn may_explain(state: State, entered_by: AccountId, is_closed: bool, by: AccountId) -> Result<(), Refusal> {
    if !matches!(state, State::Owed | State::Returned) {
        return Err(conflict(
            "not_owed",
            Text::new("这次紧急使用已经说明。", "This emergency access has been explained."),
            Text::new("请刷新页面查看。", "Reload the page."),
        ));
    }
    if entered_by != by && !is_closed {
        return Err(conflict(
            "not_yours",
            Text::new("只有登记这次紧急使用的人说明。", "Only the person who entered this access explains it."),
            Text::new(
                "请由登记人说明；其账号停用后，由其他信息管理员说明。",
                "That person explains it; once their account is closed, another information custodian.",
            ),
        ));
    }
    Ok(())
}

/// May `by` confirm an explanation or send it back? Neither who entered the access nor who explained it, under any account.
///
/// # Errors
/// `not_explained` (nothing waits), `own_access`.
pub fn may_review(state: State, concerned: &[Party<'_>], by: Party<'_>) -> Result<(), Refusal> {
    if state != State::Explained {
        return Err(conflict(
            "not_explained",
            Text::new("没有等待确认的说明。", "No explanation waits."),
            Text::new("请刷新页面查看。", "Reload the page."),
        ));
    }
    if concerned.iter().any(|p| p.account == by.account || p.person.may_be(&by.person)) {
        return Err(conflict(
            "own_access",
            Text::new("不能确认自己的说明。", "Nobody confirms their own explanation."),
            Text::new(
                "请由另一名安全管理负责人或者审计员确认，用另一个账号也不行。",
                "Another security manager or an auditor confirms it; another account of yours will not do.",
            ),
        ));
    }
    Ok(())
}

/// May an explanation of an access that ends at `until` be confirmed now? It may be sent back at any time.
///
/// # Errors
/// `still_in_force`.
pub fn may_confirm(until: UtcMs, now: UtcMs) -> Result<(), Refusal> {
    if now >= until {
        return Ok(());
    }
    let at = until.desk();
    Err(conflict(
        "still_in_force",
        Text::of(
            format!("这次紧急使用至 {at} 才结束，说明还不能确认。"),
            format!("This emergency access lasts until {at}; its explanation cannot be confirmed yet."),
        ),
        Text::new(
            "请在结束后确认；警情已经解除的，请信息管理员先结束紧急使用。",
            "Confirm it after the end; if the emergency is over, the information custodian ends the access first.",
        ),
    ))
}

/// Why another number of days is refused.
#[must_use]
pub fn bad_days(least: u32, most: u32) -> Refusal {
    bad("days", Text::of(format!("天数为{least}至{most}。"), format!("The number of days is {least} to {most}.")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::Role;
    use crate::proposal::Person;
    use proptest::prelude::*;

    fn day(text: &str) -> CivilDate {
        CivilDate::parse(text).unwrap()
    }

    fn party(n: u8, name: &str) -> Party<'_> {
        let person = Person { name, badge: None, unit: "" };
        Party { account: AccountId::new(1, [n; 10]), role: Role::SecurityManager, person }
    }

    #[test]
    fn it_is_in_time_to_the_end_of_its_last_day() {
        let due = day("2026-03-04");
        for state in [State::Owed, State::Returned] {
            assert_eq!(standing(state, due, day("2026-03-04")), Standing::Due { by: due });
            assert_eq!(standing(state, due, day("2026-03-05")), Standing::Overdue { since: day("2026-03-05") });
        }
        assert_eq!(standing(State::Explained, due, day("2027-01-01")), Standing::Waits);
        assert_eq!(standing(State::Confirmed, due, day("2027-01-01")), Standing::Confirmed);
        for state in State::ALL {
            assert_eq!(State::parse(state.code()), Some(state));
        }
        assert_eq!(State::parse("open"), None);
    }

    #[test]
    fn it_is_confirmed_from_its_end_on() {
        let until = day("2026-03-04").start();
        assert_eq!(may_confirm(until, until.plus_ms(-1)).unwrap_err().code, "still_in_force");
        assert!(may_confirm(until, until).is_ok() && may_confirm(until, until.plus_ms(1)).is_ok());
    }

    #[test]
    fn an_explanation_has_words_and_an_end() {
        let (least, most) = EXPLANATION_CHARS;
        let ok = |text: &str| check_explanation(text).is_ok();
        assert!(ok(&"字".repeat(least)) && !ok(&"字".repeat(least - 1)));
        assert!(ok(&"字".repeat(most)) && !ok(&"字".repeat(most + 1)));
        assert!(!ok(&".".repeat(200)) && !ok(&" ".repeat(200)) && !ok(&"\u{200b}".repeat(200)), "no words");
        let bell = format!("{}\u{7}", "字".repeat(30));
        assert!(!ok(&bell), "control characters");
        let lines = check_explanation(&format!("  {}\r\n{}\n ", "甲".repeat(12), "乙".repeat(12))).unwrap();
        assert_eq!(lines.expose(), &format!("{}\n{}", "甲".repeat(12), "乙".repeat(12)));
        assert!(check_return("理由不足呀").is_ok() && check_return("理由不足").is_err());
        assert!(check_return(&"字".repeat(500)).is_ok() && check_return(&"字".repeat(501)).is_err());
    }

    #[test]
    fn who_entered_it_explains_it_and_somebody_else_confirms() {
        let (one, other) = (party(1, "张三").account, party(2, "李四").account);
        assert!(may_explain(State::Owed, one, false, one).is_ok());
        assert_eq!(may_explain(State::Owed, one, false, other).unwrap_err().code, "not_yours");
        assert!(may_explain(State::Returned, one, true, other).is_ok(), "an account that is closed explains nothing");
        for state in [State::Explained, State::Confirmed] {
            assert_eq!(may_explain(state, one, false, one).unwrap_err().code, "not_owed");
        }
        let concerned = [party(1, "张三"), party(2, "李四")];
        let review = |by| may_review(State::Explained, &concerned, by).map_err(|r| r.code);
        assert_eq!(review(party(3, "王五")), Ok(()));
        for own in [party(1, "张三"), party(2, "李四"), party(9, " 张 三"), party(9, "李四")] {
            assert_eq!(review(own), Err("own_access".into()));
        }
        for state in [State::Owed, State::Returned, State::Confirmed] {
            assert_eq!(may_review(state, &concerned, party(3, "王五")).unwrap_err().code, "not_explained");
        }
    }

    proptest! {
        #[test]
        fn it_is_overdue_exactly_when_it_is_owed_and_its_day_has_passed(state in 0_usize..4, due in 0_i32..4_000, today in 0_i32..4_000) {
            let (first, state) = (day("2020-01-01"), State::ALL[state]);
            let is = standing(state, first.plus_days(due), first.plus_days(today));
            let owed = matches!(state, State::Owed | State::Returned);
            prop_assert_eq!(matches!(is, Standing::Overdue { .. }), owed && today > due);
            prop_assert_eq!(matches!(is, Standing::Due { .. }), owed && today <= due);
        }

        #[test]
        fn whatever_is_typed_is_bounded(text in "\\PC{0,3000}|[ -~\\s]{0,3000}") {
            if let Ok(kept) = check_explanation(&text) {
                prop_assert!(kept.expose().chars().count() <= EXPLANATION_CHARS.1);
                prop_assert!(kept.expose().chars().all(|c| c == '\n' || !c.is_control()));
            }
        }
    }
}
