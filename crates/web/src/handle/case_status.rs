//! How a case stands, for whoever holds its receipt: number and code, no account.
//!
//! ```text
//! number + code, posted ─▶ what is told, kept for this browser ─▶ 303 ─▶ the page that shows it, as often as it is asked for
//! ```
//! Always true: a wrong number and a wrong code are told alike; whoever guesses is slowed down by address and by number; what is told names
//! no person and gives no reason; the code stands in no address, and nothing keeps it.

use super::inbox::of;
use super::public::{bar, counter_of, slowly};
use super::waiting_words::past_promise;
use crate::answer::{Reply, page, page_with, see_other, status};
use crate::call::Call;
use crate::limiter::{STATUS_BY_ADDRESS, STATUS_BY_NUMBER};
use crate::pages::ask::Shown;
use crate::pages::case::{LifeNode, NodeState};
use crate::pages::public::{PublicNav, StatusAnswer, StatusPage};
use crate::pages::{FormErrors, Mark, State};
use authority::cases::Status;
use axum::http::StatusCode;
use base::{ErrorKind, MonoMs, Refusal, Text};
use domain::number::{folded, typed_number};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Longest number that is looked at, characters.
const NUMBER_CHARS: usize = 60;
/// What was found is shown to its browser again for this long, ms.
const LOOKED_UP_MS: u64 = 600_000;
/// Most answers kept.
const LOOKED_UP: usize = 1_000;
/// The page that shows what was found last; the form's own address stays empty for whoever comes next to the same screen.
const FOUND: &str = "/public/status?found=1";

/// What browsers looked up a moment ago, by the token of their forms: the page can be asked for again (Back, large text, the other language)
/// without being sent again. It holds what was told, and no code.
#[derive(Default)]
pub(crate) struct LookedUp(Mutex<HashMap<String, (StatusAnswer, MonoMs)>>);

impl LookedUp {
    /// Keeps what this browser was told, in place of what it was told before; the oldest goes when there are too many.
    fn put(&self, browser: &str, told: StatusAnswer, now: MonoMs) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|_, (_, at)| now.since(*at) < LOOKED_UP_MS);
        kept.remove(browser);
        if kept.len() >= LOOKED_UP
            && let Some(oldest) = kept.iter().min_by_key(|(_, (_, at))| *at).map(|(key, _)| key.clone())
        {
            kept.remove(&oldest);
        }
        kept.insert(browser.to_owned(), (told, now));
    }

    /// What this browser was told, if that is not too long ago.
    fn get(&self, browser: &str, now: MonoMs) -> Option<StatusAnswer> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(browser).filter(|(_, at)| now.since(*at) < LOOKED_UP_MS).map(|(told, _)| told.clone())
    }

    /// It asked for something that was not found: what it was told before is not shown beside that.
    fn forget(&self, browser: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(browser);
    }
}

fn form(call: &Call, receipt: String, answer: Option<StatusAnswer>, errors: FormErrors) -> StatusPage {
    // Whoever mistyped one of both need not find the other again.
    let code = if errors.is_empty() { "" } else { call.form.get("code") };
    let code: String = code.chars().filter(|c| !c.is_control()).take(NUMBER_CHARS).collect();
    StatusPage { l: call.lang, bar: bar(call), at: PublicNav::Status, receipt, code: Shown(code), answer, errors }
}

/// What was found is no longer kept: on a screen that others use, too, it should not be.
fn gone() -> Text {
    Text::new(
        "查到的结果只保留一小会儿，现在已经清除。请再填一次受理号和查询码。",
        "What was found is kept for a short while only, and is gone now. Enter number and code again.",
    )
}

/// `GET /public/status`; with `found`, what this browser looked up last.
pub(crate) async fn show(call: Call) -> Reply {
    of(&call)?;
    let receipt: String = call.query.get("receipt").chars().filter(|c| !c.is_control()).take(NUMBER_CHARS).collect();
    if !call.query.has("found") {
        return page(&form(&call, receipt, None, FormErrors::default()));
    }
    let told = call.app.looked_up.get(&call.csrf, call.site().now().mono);
    let mut errors = FormErrors::default();
    if told.is_none() {
        errors.push("receipt", gone());
    }
    let receipt = told.as_ref().map_or(receipt, |told| told.receipt.clone());
    page(&form(&call, receipt, told, errors))
}

fn answer(found: Status, phone: String) -> StatusAnswer {
    let over = found.outcome.is_some();
    let node = |title: Text, state, at| LifeNode { title, state, at, ..LifeNode::default() };
    let first =
        if found.waits_to_be_sent { Text::new("已开始填写", "begun") } else { Text::new("已收到", "received") };
    let mut life = vec![node(first, NodeState::Done, Some(found.opened))];
    match found.outcome.clone() {
        Some(outcome) => life.push(node(outcome, NodeState::Done, Some(found.last))),
        None => life.push(node(found.stage.clone(), NodeState::Open, Some(found.last))),
    }
    let waits_for_party = found.awaits_rest || found.waits_to_be_sent;
    let state = match (over, waits_for_party) {
        (true, _) => State { mark: Mark::Ok, word: found.outcome.unwrap_or_default() },
        (false, true) if found.awaits_rest => State::new(Mark::Warning, "等您补正", "waits for you"),
        (false, true) => State { mark: Mark::Warning, word: found.stage },
        (false, false) => State { mark: Mark::Busy, word: found.stage },
    };
    let todo = if found.awaits_rest {
        Text::new(
            "请按补正告知书补齐材料：可以登录提交，也可以到窗口。",
            "Bring what the notice names as missing: sign in and send it, or come to the counter.",
        )
    } else if found.waits_to_be_sent {
        Text::new(
            "申请还没有提交：请登录，填完后提交。",
            "The application is not sent yet: sign in, finish and send it.",
        )
    } else {
        Text::default()
    };
    StatusAnswer {
        receipt: found.number,
        service: found.procedure,
        state,
        promised: found.due.map(|day| day.to_string()).unwrap_or_default(),
        due_of: found.due_of.unwrap_or_else(|| Text::new("下一步", "Next step")),
        past: past_promise(found.promised, found.today),
        pledged: found.promised.map(|day| day.to_string()).unwrap_or_default(),
        life,
        todo,
        phone,
    }
}

/// Nothing fits both: the same for a number that is not there and a code that is not its.
fn nothing() -> Text {
    Text::new(
        "没有与受理号和查询码都相符的办件。请对照回执核对；查询码丢了，可以带身份证明到窗口查询。",
        "No case fits both number and code. Compare the receipt; if the code is lost, ask at the counter with proof of identity.",
    )
}

/// `POST /public/status`: `receipt`, `code`.
pub(crate) async fn look_up(call: Call) -> Reply {
    let authority = of(&call)?;
    let receipt: String = call.form.get("receipt").chars().filter(|c| !c.is_control()).take(NUMBER_CHARS).collect();
    let mut errors = FormErrors::default();
    if receipt.is_empty() {
        errors.push("receipt", Text::new("请填写受理号。", "Enter the receipt number."));
    }
    if !call.form.has("code") {
        errors.push("code", Text::new("请填写查询码。", "Enter the code."));
    }
    if !errors.is_empty() {
        return page_with(StatusCode::BAD_REQUEST, &form(&call, receipt, None, errors));
    }
    let tried = match slow(&call, &receipt) {
        Ok(()) => authority.status(&receipt, call.form.get("code")).await,
        Err(refusal) => Err(refusal),
    };
    match tried {
        Ok(found) => {
            let phone = counter_of(&call, found.office).await?.phone;
            let told = answer(found, phone);
            // A program with a token has no forms, so nothing by which it is known again.
            if call.csrf.is_empty() {
                return page(&form(&call, receipt, Some(told), errors));
            }
            call.app.looked_up.put(&call.csrf, told, call.site().now().mono);
            Ok(see_other(FOUND))
        }
        Err(refusal) if matches!(refusal.kind, ErrorKind::NotFound | ErrorKind::BadInput) => {
            call.app.looked_up.forget(&call.csrf);
            errors.push("receipt", nothing());
            page_with(StatusCode::NOT_FOUND, &form(&call, receipt, None, errors))
        }
        Err(refusal) if refusal.kind == ErrorKind::TooMany => {
            let (what, next) = (&refusal.what, &refusal.next);
            errors.push("receipt", Text::of(format!("{}{}", what.zh, next.zh), format!("{} {}", what.en, next.en)));
            page_with(status(&refusal), &form(&call, receipt, None, errors))
        }
        Err(refusal) => Err(refusal),
    }
}

/// By what look-ups of a number are slowed down: the same however it is written and with whatever zeros before it. What leaves out year or office
/// goes by its serial alone, since the code is compared with every case that it can mean.
fn paced_by(receipt: &str) -> String {
    match typed_number(receipt) {
        Some(number) => match number.year.filter(|_| !number.before.is_empty()) {
            Some(year) => format!("{} {year} {}", number.before, number.serial),
            None => number.serial.to_string(),
        },
        None => folded(receipt),
    }
}

fn slow(call: &Call, receipt: &str) -> Result<(), Refusal> {
    slowly(call, "status", STATUS_BY_ADDRESS)?;
    let now = call.site().now().mono;
    if call.app.limiter.allow("status_of", &paced_by(receipt), STATUS_BY_NUMBER, now) {
        return Ok(());
    }
    Err(super::public::too_often())
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::UtcMs;

    fn found(outcome: Option<Text>, awaits_rest: bool) -> Status {
        Status {
            number: "沈公〔2026〕1号".into(),
            office: base::OfficeId::new(1, [1; 10]),
            procedure: Text::new("备案", "filing"),
            stage: Text::new("办理中", "under way"),
            outcome,
            opened: UtcMs(1),
            last: UtcMs(2),
            due: base::CivilDate::ymd(2026, 12, 1),
            due_of: Some(Text::new("作出决定", "decision")),
            waits_to_be_sent: false,
            awaits_rest,
            promised: None,
            today: base::CivilDate::ymd(2026, 11, 20).unwrap(),
        }
    }

    #[test]
    fn a_number_is_paced_as_one_however_it_is_written() {
        for typed in ["哈公〔2026〕13号", "哈公(2026)013", " 哈公 ［2026］ 第000013号", "哈公2026-13"] {
            assert_eq!(paced_by(typed), "哈公 2026 13", "{typed}");
        }
        for typed in ["13", "0013号", "2026-13", "(2026)00013", "第13号"] {
            assert_eq!(paced_by(typed), "13", "{typed}");
        }
        assert_eq!(paced_by(" ＡＢ "), paced_by("ab"));
        assert_ne!(paced_by("哈公〔2026〕13号"), paced_by("哈公〔2025〕13号"));
    }

    #[test]
    fn what_was_found_is_kept_for_its_browser_for_a_while() {
        let kept = LookedUp::default();
        let told = |receipt: &str| StatusAnswer { receipt: receipt.into(), ..StatusAnswer::default() };
        let receipt = |browser: &str, at: u64| kept.get(browser, MonoMs(at)).map(|told| told.receipt);
        kept.put("a", told("1"), MonoMs(0));
        assert_eq!(receipt("a", LOOKED_UP_MS - 1).as_deref(), Some("1"));
        assert_eq!(receipt("a", LOOKED_UP_MS), None);
        assert_eq!(receipt("b", 1), None, "another browser's");
        kept.put("a", told("2"), MonoMs(1));
        assert_eq!(receipt("a", 2).as_deref(), Some("2"));
        kept.forget("a");
        assert_eq!(receipt("a", 2), None);
        for n in 0..=LOOKED_UP as u64 {
            kept.put(&n.to_string(), told("3"), MonoMs(n));
        }
        assert_eq!(receipt("0", LOOKED_UP as u64), None, "the oldest goes");
        assert_eq!(receipt("1", LOOKED_UP as u64).as_deref(), Some("3"));
        assert_eq!(kept.0.lock().unwrap().len(), LOOKED_UP);
    }

    #[test]
    fn a_case_is_told_by_how_far_it_is() {
        let under_way = answer(found(None, false), String::new());
        assert_eq!((under_way.state.mark, under_way.state.word.en.as_ref()), (Mark::Busy, "under way"));
        assert_eq!((under_way.promised.as_str(), under_way.due_of.en.as_ref()), ("2026-12-01", "decision"));
        assert!(under_way.todo.zh.is_empty() && under_way.past.zh.is_empty());
        let promised = |day| Status { promised: base::CivilDate::ymd(2026, 11, day), ..found(None, false) };
        assert!(answer(promised(20), String::new()).past.zh.is_empty(), "kept on its last day");
        assert!(answer(promised(19), String::new()).past.zh.contains("投诉"));
        let waits = answer(found(None, true), String::new());
        assert!(waits.state.mark == Mark::Warning && !waits.todo.zh.is_empty());
        let unsent = answer(Status { waits_to_be_sent: true, ..found(None, false) }, String::new());
        assert!(unsent.state.mark == Mark::Warning && unsent.todo.en.contains("not sent"));
        let over = answer(found(Some(Text::new("批准", "approved")), false), String::new());
        assert_eq!((over.state.mark, over.state.word.en.as_ref()), (Mark::Ok, "approved"));
        assert!(over.life.iter().all(|node| node.state == NodeState::Done));
    }
}
