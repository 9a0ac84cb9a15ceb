//! Showing footage to a citizen at the site, under an order of the authority or on the citizen's own request.
//!
//! ```text
//! GET  /use/orders/{order}          ─▶ Site::order: what may be chosen, what was made of it, what the register says
//! POST /use/orders/{order}/request  ─▶ Site::open_order ─▶ /use/{id}: another custodian decides it as every request
//! GET, POST /use/{id}/show          ─▶ Site::open_showing: papers ticked ─▶ /use/{id}/view
//! POST /use/orders/{order}/finish   ─▶ Site::finish_order ─▶ the answer goes to the authority
//! ```
//! Always true: the form is filled in from the order, and what is sent is judged by the corridor, never by what the page offered.

use super::ask::{Wrong, both};
use super::entry::too_often;
use super::own_request::CLAUSE;
use super::use_request::{id_of, shown as request_state};
use super::use_session::{scope_words, this_browser};
use crate::answer::{Reply, no_page, page, page_with, see_other, status};
use crate::call::Call;
use crate::limiter::LOGIN_BY_NAME;
use crate::pages::showing::{OrderPage, OrderRequest, ShowPage, ShowTyped};
use crate::pages::{Choice, Mark, Nav, State};
use axum::http::StatusCode;
use base::{CameraId, ClauseId, ErrorKind, OrderId, Refusal, Text, UtcMs, limits};
use domain::order::{Ended, Shown};
use domain::viewing::{Seen, State as Stands, Use};
use site::use_of_information::{Finish, OrderTask, Papers, SecondOfficer, ShowForm};

/// The order that the path names.
fn order_of(call: &Call) -> Result<OrderId, Refusal> {
    OrderId::parse(call.param(0)).ok_or_else(no_page)
}

/// A time as the field takes it: Beijing time, to the second.
fn typed(at: UtcMs) -> String {
    at.desk().replace(' ', "T")
}

/// The moment that was typed; what was left as it was offered is exactly that moment.
fn moment(sent: &str, offered: Option<UtcMs>) -> Option<UtcMs> {
    let sane = |at: &UtcMs| (0..=253_402_300_799_999).contains(&at.0);
    offered.filter(|at| typed(*at) == sent).or_else(|| UtcMs::parse_shanghai(sent).filter(sane))
}

fn state(task: &OrderTask, now: UtcMs) -> State {
    match task.answer.as_ref().map(|a| a.ended) {
        Some(Ended::Done | Ended::Partly) => State::new(Mark::Ok, "已办理", "done"),
        Some(Ended::Refused) => State::new(Mark::Warning, "依法不予办理", "refused by law"),
        Some(Ended::NotPossible) => State::new(Mark::Warning, "无法办理", "not possible"),
        None if now >= task.what.until => State::new(Mark::Warning, "已失效", "over"),
        None if task.requests.is_empty() => State::new(Mark::Attention, "待办理", "to be done"),
        None => State::new(Mark::Busy, "正在办理", "under way"),
    }
}

/// What was shown, in words, without who was there.
pub(crate) fn shown_words(shown: &Shown) -> Text {
    let (begin, end) = (shown.begin.desk(), shown.end.desk());
    let (zh, en) = (shown.cameras.join("、"), shown.cameras.join(", "));
    let (from, to) = (shown.from.desk(), shown.to.desk());
    if shown.copies.is_empty() {
        return Text::of(
            format!("{begin} 至 {end} 查看：{zh}，{from} 至 {to}。"),
            format!("Seen from {begin} to {end}: {en}, {from} to {to}."),
        );
    }
    let digests = shown.copies.iter().map(|sha256| sha256.hex()).collect::<Vec<_>>().join(" ");
    Text::of(
        format!("{begin} 提供封存副本：{zh}，{from} 至 {to}。SHA-256 {digests}"),
        format!("Sealed copy handed out on {begin}: {en}, {from} to {to}. SHA-256 {digests}"),
    )
}

/// What the form offers at first, or what was sent.
fn typed_of(call: &Call, task: &OrderTask) -> ShowTyped {
    let text = |name: &str, offered: String| match call.form.get(name) {
        "" => offered,
        sent => sent.to_owned(),
    };
    let (from, to) = task.time.map_or_else(<(String, String)>::default, |(from, to)| (typed(from), typed(to)));
    ShowTyped {
        from: text("from", from),
        to: text("to", to),
        beside: text("second", String::new()),
        reason: text("reason", String::new()),
    }
}

async fn order_page(call: &Call, mut wrong: Wrong) -> Result<OrderPage, Refusal> {
    let task = call.site().order(call.actor()?, order_of(call)?).await?;
    let (now, what) = (call.now(), &task.what);
    let packs = call.site().gate().packs();
    let is_open = task.order.ended.is_none() && now < what.until;
    let runs = |stands: Stands| matches!(stands, Stands::Submitted { .. } | Stands::Granted { .. });
    let chosen = call.form.all("camera");
    let choice = |row: &store::cameras::CameraRow| {
        let id = row.id.to_string();
        let is_chosen = chosen.is_empty() || chosen.contains(&id);
        Choice::new(
            &id,
            Text::of(format!("{} · {}", row.name, row.place), format!("{} · {}", row.name, row.place)),
            is_chosen,
        )
    };
    let request = |row: &store::requests::RequestRow| OrderRequest {
        id: row.id.to_string(),
        number: row.number.clone(),
        state: request_state(row.state),
    };
    let answered = task.answer.as_ref().and_then(|a| a.shown.as_ref());
    let mut bar = call.bar(Nav::Use).await?;
    wrong.on(&mut bar);
    Ok(OrderPage {
        l: call.lang,
        bar,
        errors: wrong.errors,
        id: task.order.id.to_string(),
        number: task.order.seq,
        state: state(&task, now),
        case: what.case.clone(),
        paper: what.paper.clone(),
        scope: what.scope.clone(),
        span: format!("{} — {}", what.from.desk(), what.to.desk()),
        until: what.until,
        copy: what.copy,
        covered: what.covered.as_ref().and_then(|c| packs.cite(c)),
        clauses: what.clauses.iter().filter_map(|c| packs.cite(c)).collect(),
        cameras: task.cameras.iter().map(choice).collect(),
        typed: typed_of(call, &task),
        may_open: is_open && !task.requests.iter().any(|row| runs(row.state)),
        may_finish: is_open,
        requests: task.requests.iter().map(request).collect(),
        shown: answered.or(task.shown.as_ref()).map(shown_words),
        said: task.answer.as_ref().map(|a| a.said.clone()).unwrap_or_default(),
    })
}

/// `GET /use/orders/{order}`.
pub(crate) async fn order(call: Call) -> Reply {
    page(&order_page(&call, Wrong::none()).await?)
}

/// Field of the page that a defect belongs to.
fn field_of(code: &str) -> &'static str {
    match code {
        "beside" => "second",
        "range" | "future" => "to",
        "outside_order" | "cameras" => "camera",
        _ => "from",
    }
}

/// `POST /use/orders/{order}/request`: `camera`, `from`, `to`, `beside`.
pub(crate) async fn open(call: Call) -> Reply {
    let (id, by) = (order_of(&call)?, call.actor()?);
    let time = call.site().order(by, id).await?.time;
    let from = moment(call.form.get("from"), time.map(|t| t.0));
    let to = moment(call.form.get("to"), time.map(|t| t.1));
    let (Some(from), Some(to)) = (from, to) else {
        let mut wrong = Wrong::form();
        wrong.errors.push("from", Text::new("请填写起止时间。", "Enter from when until when."));
        return page_with(StatusCode::BAD_REQUEST, &order_page(&call, wrong).await?);
    };
    let cameras = call.form.all("camera");
    let cameras = cameras.iter().take(limits::REQUEST_CAMERAS + 1).filter_map(|c| CameraId::parse(c)).collect();
    let form = ShowForm { cameras, from, to, beside: call.form.get("second").to_owned() };
    let refusals = match call.site().open_order(by, id, &form).await {
        Ok(row) => return call.done(&format!("/use/{}", row.id), "order_opened"),
        Err(refusals) => refusals,
    };
    // What no field can help with is told by itself; a scope that is too wide is a fault of the form.
    let is_field = |r: &Refusal| r.kind == ErrorKind::BadInput || r.code == "outside_order";
    if let Some(refusal) = refusals.iter().find(|r| !is_field(r)) {
        let wrong = Wrong::of(refusal.clone(), "camera")?;
        return page_with(wrong.status, &order_page(&call, wrong).await?);
    }
    let mut wrong = Wrong::form();
    for refusal in &refusals {
        wrong.errors.push(field_of(&refusal.code), both(&refusal.what, &refusal.next));
    }
    page_with(wrong.status, &order_page(&call, wrong).await?)
}

/// `POST /use/orders/{order}/finish`: `how` shown or not_possible, `reason`.
pub(crate) async fn finish(call: Call) -> Reply {
    let id = order_of(&call)?;
    let finish = match call.form.get("how") {
        "shown" => Finish::Shown,
        _ => Finish::NotPossible { reason: call.form.get("reason").to_owned() },
    };
    match call.site().finish_order(call.actor()?, id, &finish).await {
        Ok(()) => call.done(&format!("/use/orders/{id}"), "order_finished"),
        Err(refusal) => {
            let wrong = Wrong::of(refusal, "reason")?;
            page_with(wrong.status, &order_page(&call, wrong).await?)
        }
    }
}

// -- the citizen is there ---------------------------------------------------------------------------------------------------

async fn show_page(call: &Call, mut wrong: Wrong) -> Result<ShowPage, Refusal> {
    let row = call.site().request(call.actor()?, id_of(call)?).await?;
    let app = &row.application;
    if !app.is_for_citizen() {
        return Err(no_page());
    }
    let Stands::Granted { until, .. } = row.state else {
        return Err(Refusal::new(
            ErrorKind::Conflict,
            "not_granted",
            Text::new("该申请没有有效的授权。", "This request has no grant in force."),
            Text::new("请等待审批，或者重新办理。", "Wait for the decision, or begin anew."),
        ));
    };
    let beside = match app.officers.get(1) {
        Some(second) => call.site().store().account(*second).await?.map(|a| a.login).unwrap_or_default(),
        None => String::new(),
    };
    let packs = call.site().gate().packs();
    let clauses = match &app.under {
        Some(under) => call.site().order(call.actor()?, under.order).await?.what.clauses,
        None => vec![ClauseId::new(CLAUSE)],
    };
    let mut bar = call.bar(Nav::Use).await?;
    wrong.on(&mut bar);
    Ok(ShowPage {
        l: call.lang,
        bar,
        errors: wrong.errors,
        id: row.id.to_string(),
        number: row.number.clone(),
        paper: app.under.as_ref().map_or_else(|| row.number.clone(), |under| under.paper.clone()),
        scope: scope_words(app),
        grant_end: until,
        copy: app.wanted == Use::Copy,
        covered: app.under.as_ref().and_then(|under| under.covered.as_ref()).and_then(|c| packs.cite(c)),
        clauses: clauses.iter().filter_map(|c| packs.cite(c)).collect(),
        beside,
        own: app.own.is_some(),
        ticked: ["identity", "paper", "others"].map(|name| call.form.has(name)),
    })
}

/// `GET /use/{id}/show`.
pub(crate) async fn papers(call: Call) -> Reply {
    page(&show_page(&call, Wrong::none()).await?)
}

/// `POST /use/{id}/show`: `identity`, `paper`, `others`, `visitor`; `login`, `password`, `code` of who stands beside.
pub(crate) async fn show(call: Call) -> Reply {
    let (id, login) = (id_of(&call)?, call.form.get("login"));
    if !login.is_empty()
        && !call.app.limiter.allow("name", &login.to_lowercase(), LOGIN_BY_NAME, call.site().now().mono)
    {
        return Err(too_often());
    }
    let beside = (!login.is_empty()).then(|| SecondOfficer {
        login: login.to_owned(),
        password: call.form.secret("password"),
        code: call.form.get("code").to_owned(),
        badge: None,
        browser: None,
    });
    let seen = Seen {
        identity: call.form.has("identity"),
        paper: call.form.has("paper"),
        others_kept: call.form.has("others"),
    };
    let papers = Papers { seen, visitor: call.form.secret("visitor"), beside, browser: this_browser(&call) };
    match call.site().open_showing(call.actor()?, id, &papers).await {
        Ok(_) => Ok(see_other(&format!("/use/{id}/view"))),
        Err(refusal) if refusal.kind == ErrorKind::Unauthenticated => {
            let mut wrong = Wrong::form();
            let field = if refusal.code == "wrong_login" { "password" } else { "code" };
            wrong.errors.push(field, refusal.what);
            page_with(StatusCode::BAD_REQUEST, &show_page(&call, wrong).await?)
        }
        Err(refusal) => {
            let field = match refusal.code.as_str() {
                "visitor" => "visitor",
                "second_needed" => "login",
                _ => "papers",
            };
            let code = status(&refusal);
            let wrong = Wrong::of(refusal, field)?;
            page_with(code, &show_page(&call, wrong).await?)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::{Pii, Sha256};

    #[test]
    fn a_moment_that_was_not_touched_is_the_one_that_was_offered() {
        let at = UtcMs(1_763_740_800_123);
        let text = typed(at);
        assert_eq!(moment(&text, Some(at)), Some(at));
        let other = moment(&text, None).unwrap();
        assert_eq!(other.0, 1_763_740_800_000, "typed times have no parts of a second");
        assert_eq!(moment("soon", Some(at)), None);
    }

    #[test]
    fn what_was_shown_is_told_without_who_was_there() {
        let shown = Shown {
            begin: UtcMs(5_000),
            end: UtcMs(65_000),
            from: UtcMs(1_000),
            to: UtcMs(2_000),
            cameras: vec!["东入口1号".into(), "东入口2号".into()],
            by: Pii::new("赵六".into()),
            copies: vec![],
        };
        let words = shown_words(&shown);
        assert!(words.zh.contains("东入口1号、东入口2号") && words.en.contains("东入口1号, 东入口2号"), "{words:?}");
        assert!(words.zh.contains("东入口1号") && words.zh.contains("查看") && !words.zh.contains("赵六"));
        let digest = Sha256::of(b"package");
        let copied = shown_words(&Shown { copies: vec![digest], ..shown });
        assert!(copied.en.contains(&digest.hex()) && copied.zh.contains("封存副本"));
    }
}
