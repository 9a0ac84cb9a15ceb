//! How a case stands, for whoever holds its receipt: number and code, no account.
//!
//! Always true: a wrong number and a wrong code are told alike; whoever guesses is slowed down by address and by number; what is told names
//! no person and gives no reason.

use super::inbox::of;
use super::public::{bar, counter_of, slowly};
use crate::answer::{Reply, page, page_with, status};
use crate::call::Call;
use crate::limiter::{STATUS_BY_ADDRESS, STATUS_BY_NUMBER};
use crate::pages::case::{LifeNode, NodeState};
use crate::pages::public::{PublicNav, StatusAnswer, StatusPage};
use crate::pages::{FormErrors, Mark, State};
use authority::cases::Status;
use axum::http::StatusCode;
use base::{ErrorKind, Refusal, Text};

/// Longest number that is looked at, characters.
const NUMBER_CHARS: usize = 60;

fn form(call: &Call, receipt: String, answer: Option<StatusAnswer>, errors: FormErrors) -> StatusPage {
    StatusPage { l: call.lang, bar: bar(call), at: PublicNav::Status, receipt, answer, errors }
}

/// `GET /public/status`.
pub(crate) async fn show(call: Call) -> Reply {
    of(&call)?;
    let receipt: String = call.query.get("receipt").chars().filter(|c| !c.is_control()).take(NUMBER_CHARS).collect();
    page(&form(&call, receipt, None, FormErrors::default()))
}

fn answer(found: Status, phone: String) -> StatusAnswer {
    let over = found.outcome.is_some();
    let node = |title: Text, state, at| LifeNode { title, state, at, ..LifeNode::default() };
    let mut life = vec![node(Text::new("已收到", "received"), NodeState::Done, Some(found.opened))];
    match found.outcome.clone() {
        Some(outcome) => life.push(node(outcome, NodeState::Done, Some(found.last))),
        None => life.push(node(found.stage.clone(), NodeState::Open, Some(found.last))),
    }
    let state = match (over, found.awaits_rest) {
        (true, _) => State { mark: Mark::Ok, word: found.outcome.unwrap_or_default() },
        (false, true) => State { mark: Mark::Warning, word: Text::new("等您补正", "waits for you") },
        (false, false) => State { mark: Mark::Busy, word: found.stage },
    };
    let todo = Text::new(
        "请按补正告知书补齐材料：可以登录提交，也可以到窗口。",
        "Bring what the notice names as missing: sign in and send it, or come to the counter.",
    );
    StatusAnswer {
        receipt: found.number,
        service: found.procedure,
        state,
        promised: found.due.map(|day| day.to_string()).unwrap_or_default(),
        life,
        todo: if found.awaits_rest { todo } else { Text::default() },
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
            page(&form(&call, receipt, Some(answer(found, phone)), errors))
        }
        Err(refusal) if matches!(refusal.kind, ErrorKind::NotFound | ErrorKind::BadInput) => {
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

fn slow(call: &Call, receipt: &str) -> Result<(), Refusal> {
    slowly(call, "status", STATUS_BY_ADDRESS)?;
    let now = call.site().now().mono;
    if call.app.limiter.allow("status_of", receipt, STATUS_BY_NUMBER, now) {
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
            awaits_rest,
        }
    }

    #[test]
    fn a_case_is_told_by_how_far_it_is() {
        let under_way = answer(found(None, false), String::new());
        assert_eq!((under_way.state.mark, under_way.state.word.en.as_ref()), (Mark::Busy, "under way"));
        assert_eq!(under_way.promised, "2026-12-01");
        assert!(under_way.todo.zh.is_empty());
        let waits = answer(found(None, true), String::new());
        assert!(waits.state.mark == Mark::Warning && !waits.todo.zh.is_empty());
        let over = answer(found(Some(Text::new("批准", "approved")), false), String::new());
        assert_eq!((over.state.mark, over.state.word.en.as_ref()), (Mark::Ok, "approved"));
        assert!(over.life.iter().all(|node| node.state == NodeState::Done));
    }
}
