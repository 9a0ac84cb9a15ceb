//! Emergency accesses: what is still to be explained, one access with its explanation, and the second person's word; the same as JSON.

use super::view::Names;
use crate::answer::{Reply, in_form, no_page, ok_json, page, page_with, status};
use crate::call::Call;
use crate::pages::emergencies::{AccessLine, EmergenciesPage, EmergencyPage, StepLine, TermView, WatchedLine};
use crate::pages::{FormErrors, Mark, Nav, State};
use base::{ErrorKind, Refusal, Text, UtcMs};
use domain::access::Permission;
use domain::emergency::{EXPLANATION_CHARS, Standing, State as Far};
use serde_json::{Value, json};
use site::emergencies::{EmergencyReport, Verdict};
use store::emergencies::{EmergencyRow, EmergencyStep};

fn state_of(standing: Standing) -> State {
    match standing {
        Standing::Due { .. } => State::new(Mark::Warning, "待说明", "to be explained"),
        Standing::Overdue { .. } => State::new(Mark::Critical, "逾期未说明", "overdue"),
        Standing::Waits => State::new(Mark::Attention, "已说明，待确认", "explained, waits"),
        Standing::Confirmed => State::new(Mark::Ok, "已确认", "confirmed"),
    }
}

fn line(call: &Call, names: &Names, row: &EmergencyRow, standing: Standing) -> AccessLine {
    let when = match standing {
        Standing::Due { by } => Text::of(format!("{by}前"), format!("by {by}")),
        Standing::Overdue { since } => Text::of(format!("自{since}"), format!("since {since}")),
        Standing::Waits | Standing::Confirmed => Text::default(),
    };
    AccessLine {
        index: row.leaf,
        code: standing.code(),
        state: state_of(standing),
        when,
        platform: row.platform.clone(),
        reason: row.reason.expose().clone(),
        from: row.from,
        until: row.until,
        running: call.now() < row.until,
        by: names.who(call, Some(row.by)),
        due: row.due.to_string(),
        own_days: row.own_days.unwrap_or(0),
    }
}

fn term(call: &Call, report: &EmergencyReport) -> TermView {
    let packs = call.site().gate().packs();
    let rule = report.rule.as_ref();
    TermView {
        days: report.today.own_days.unwrap_or(0),
        default: rule.map_or(0, |r| r.days),
        bounds: rule.map_or((0, 0), |r| (r.least, r.most)),
        is_units: report.own_days.is_some(),
        why: rule.map(law::OwnRule::why).unwrap_or_default(),
        clauses: report.today.clauses.iter().filter_map(|c| packs.cite(c)).collect(),
    }
}

async fn list_page(call: &Call, errors: FormErrors) -> Result<EmergenciesPage, Refusal> {
    let report = call.site().emergencies(call.actor()?).await?;
    let names = Names::read(call).await?;
    let set = report.own_days.map(|n| n.to_string()).unwrap_or_default();
    Ok(EmergenciesPage {
        l: call.lang,
        bar: call.bar(Nav::Devices).await?,
        days: if errors.is_empty() { set } else { call.form.get("days").to_owned() },
        errors,
        lines: report.list.iter().map(|(row, standing)| line(call, &names, row, *standing)).collect(),
        term: term(call, &report),
        may_set: call.may(Permission::ManageDuties),
    })
}

/// `GET /emergencies`.
pub(crate) async fn list(call: Call) -> Reply {
    page(&list_page(&call, FormErrors::default()).await?)
}

/// `POST /emergencies/days`: `days` (empty: the default again).
pub(crate) async fn set_days(call: Call) -> Reply {
    let days = match call.form.get("days") {
        "" => None,
        // What is no number is as wrong as one beyond the bounds.
        text => Some(text.parse().unwrap_or(u32::MAX)),
    };
    match call.site().set_emergency_days(call.actor()?, days).await {
        Ok(()) => call.done("/emergencies", "emergency_saved"),
        Err(refusal) if refusal.kind == ErrorKind::BadInput => {
            let mut errors = FormErrors::default();
            errors.push("days", refusal.what.clone());
            page_with(status(&refusal), &list_page(&call, errors).await?)
        }
        Err(refusal) => Err(refusal),
    }
}

fn leaf(call: &Call) -> Result<u64, Refusal> {
    call.param(0).parse().map_err(|_| no_page())
}

fn step(call: &Call, names: &Names, step: &EmergencyStep) -> StepLine {
    let what = match step.what {
        Far::Explained | Far::Owed => State::new(Mark::Info, "说明", "explained"),
        Far::Returned => State::new(Mark::Warning, "退回", "sent back"),
        Far::Confirmed => State::new(Mark::Ok, "确认", "confirmed"),
    };
    StepLine {
        what,
        by: names.who(call, Some(step.by)),
        at: step.at,
        log_index: step.entry,
        words: step.text.expose().lines().map(str::to_owned).filter(|l| !l.trim().is_empty()).collect(),
    }
}

async fn access_page(call: &Call, errors: FormErrors) -> Result<EmergencyPage, Refusal> {
    let report = call.site().emergency(call.actor()?, leaf(call)?).await?;
    let names = Names::read(call).await?;
    let packs = call.site().gate().packs();
    let typed = |name: &str| if errors.is_empty() { String::new() } else { call.form.raw(name).to_owned() };
    let watched = report.views.iter().map(|v| WatchedLine {
        camera: names.camera(v.camera),
        began: v.began,
        ended: v.ended,
        log_index: v.leaf,
    });
    Ok(EmergencyPage {
        l: call.lang,
        bar: call.bar(Nav::Devices).await?,
        line: line(call, &names, &report.row, report.standing),
        clauses: report.row.clauses.iter().filter_map(|c| packs.cite(c)).collect(),
        watched: watched.collect(),
        steps: report.steps.iter().map(|s| step(call, &names, s)).collect(),
        may_explain: report.may_explain,
        why_not: match &report.may_review {
            Some(Err(refusal)) => Some(Text::of(
                format!("{}{}", refusal.what.zh, refusal.next.zh),
                format!("{} {}", refusal.what.en, refusal.next.en),
            )),
            _ => None,
        },
        may_review: report.may_review.and_then(Result::ok),
        bounds: EXPLANATION_CHARS,
        explanation: typed("explanation"),
        reason: typed("reason"),
        errors,
    })
}

/// `GET /emergencies/{index}`.
pub(crate) async fn show(call: Call) -> Reply {
    page(&access_page(&call, FormErrors::default()).await?)
}

async fn answered(call: &Call, done: Result<(), Refusal>, field: &str) -> Reply {
    match done {
        Ok(()) => call.done(&format!("/emergencies/{}", leaf(call)?), "emergency_saved"),
        Err(refusal) => {
            let (code, errors) = in_form(refusal, &[], field)?;
            page_with(code, &access_page(call, errors).await?)
        }
    }
}

/// `POST /emergencies/{index}/explain`: `explanation`.
pub(crate) async fn explain(call: Call) -> Reply {
    let done = call.site().explain_emergency(call.actor()?, leaf(&call)?, call.form.raw("explanation")).await;
    answered(&call, done, "explanation").await
}

/// `POST /emergencies/{index}/review`: `seen`, `decision` (confirm or return), `reason`.
pub(crate) async fn review(call: Call) -> Reply {
    let verdict = match call.form.get("decision") {
        "confirm" => Verdict::Confirm,
        _ => Verdict::Return(call.form.raw("reason")),
    };
    // No explanation is at the place 0: the log begins with the server's start or its first account.
    let seen = call.form.get("seen").parse().unwrap_or(0);
    let done = call.site().review_emergency(call.actor()?, leaf(&call)?, seen, verdict).await;
    answered(&call, done, "reason").await
}

fn access_json(row: &EmergencyRow, standing: Standing, now: UtcMs) -> Value {
    let overdue = match standing {
        Standing::Overdue { since } => Some(since),
        _ => None,
    };
    json!({
        "index": row.leaf, "upper": row.upper, "platform": row.platform, "reason": row.reason.expose(), "from": row.from,
        "until": row.until, "running": now < row.until, "by": row.by, "clauses": row.clauses, "state": standing.code(),
        "explain_by": row.due, "own_rule_days": row.own_days, "overdue_since": overdue,
    })
}

/// `GET /api/v1/emergencies`: the list, without the explanations' words.
pub(crate) async fn api(call: Call) -> Reply {
    let report = call.site().emergencies(call.actor()?).await?;
    let now = call.now();
    let list: Vec<_> = report.list.iter().map(|(row, standing)| access_json(row, *standing, now)).collect();
    ok_json(&json!({
        "day": report.day, "own_rule_days": report.today.own_days, "clauses": report.today.clauses, "accesses": list,
    }))
}
