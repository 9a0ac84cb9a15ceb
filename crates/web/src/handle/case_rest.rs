//! What is missing from an application, named once.
//!
//! ```text
//! GET  /cases/{id}/rest ─▶ materials and fields of the party, what was not handed in ticked ─▶ RestPage
//! POST /cases/{id}/rest ─▶ each line with its words, the last day ─▶ CaseAct::AskForRest ─┬▶ /cases/{id}
//!                                                                                        └▶ the same page, each fault at its row
//! ```
//! Always true: what was asked once is not asked again (`asked_before`); a line without words, or words without a tick, asks nothing.

use super::ask::Wrong;
use super::case::{head, send, view_of};
use super::case_steps::{done, is_partys};
use super::case_words::{cited, materials};
use super::old_law;
use crate::answer::{Reply, page, page_with};
use crate::call::Call;
use crate::pages::case::{RestLine, RestPage};
use crate::pages::{Mark, Nav, State};
use authority::cases::CaseView;
use base::{CivilDate, Refusal, Text};
use domain::casework::{CaseAct, Missing, asking_step};

/// What may be asked for: the materials, and the fields that the party filled in.
fn rest_lines(call: &Call, view: &CaseView, wrong: &Wrong) -> Vec<RestLine> {
    let (ticked, sent) = (call.form.all("ask"), !wrong.status.is_success());
    let missing: Vec<String> = view.missing().into_iter().map(|m| m.id.clone()).collect();
    let default = call.lang.t("没有提交", "not handed in");
    let line = |id: &str, name: Text, paper: bool, state: State, clause: Option<base::Citation>| {
        let lacks = paper && missing.iter().any(|m| m == id);
        let asked = if sent { ticked.iter().any(|t| t == id) } else { lacks };
        let typed = call.form.raw(&format!("reason_{id}")).to_owned();
        let reason = if sent || !lacks { typed } else { default.to_owned() };
        let error = match (asked, reason.trim().is_empty()) {
            _ if !sent => None,
            (true, true) => Some(Text::new("请写明缺什么、怎样补。", "Say what is missing and how to complete it.")),
            (false, false) => Some(Text::new(
                "写了要补什么，但没有勾选：要补的请勾选，不要补的请删去文字。",
                "There are words but no tick: tick it if it is to be completed, else take the words out.",
            )),
            _ => None,
        };
        RestLine { id: id.to_owned(), name, paper, state, clause, asked, reason, error }
    };
    let papers = materials(call, view, "").into_iter();
    let papers = papers.filter(|m| !m.gap && view.procedure().materials.iter().any(|p| p.id == m.id));
    let papers = papers.map(|m| line(&m.id, m.name, true, m.state, m.clause));
    let fields = view.procedure().fields.iter().filter(|f| is_partys(view, &f.step));
    let fields = fields.filter(|f| view.case.done(&f.step).is_some()).map(|f| {
        let filled = view.case.values_of(&f.step).is_some_and(|v| v.get(&f.id).is_some());
        let state = if filled {
            State::new(Mark::Ok, "已填写", "filled in")
        } else {
            State::new(Mark::Off, "未填写", "empty")
        };
        line(&f.id, f.name(), false, state, f.clause.as_ref().and_then(|c| cited(call, c)))
    });
    papers.chain(fields).collect()
}

async fn rest_page(call: &Call, view: &CaseView, mut wrong: Wrong) -> Result<RestPage, Refusal> {
    let lines = rest_lines(call, view, &wrong);
    let mut bar = call.bar(Nav::Cases).await?;
    wrong.on(&mut bar);
    Ok(RestPage {
        l: call.lang,
        bar,
        head: head(call, view).await?,
        clause: asking_step(view.procedure()).and_then(|s| cited(call, &s.clause)),
        lines,
        until: call.form.raw("until").to_owned(),
        day: asking_step(view.procedure()).and_then(|s| old_law::day_asked(call, view, &s.id)).into_iter().collect(),
        errors: wrong.errors,
    })
}

/// `GET /cases/{id}/rest`.
pub(crate) async fn rest(call: Call) -> Reply {
    let view = view_of(&call).await?;
    // The form is not offered a second time: what is missing is told once.
    if let Some(refusal) = view.not_asked_again() {
        return Err(refusal);
    }
    page(&rest_page(&call, &view, Wrong::none()).await?)
}

/// The last day of the party as it was typed, none where nothing was; what is no day, or is over, is told beside its field.
fn until_of(call: &Call, view: &CaseView, wrong: &mut Wrong) -> Option<CivilDate> {
    let typed = call.form.get("until");
    let day = CivilDate::parse(typed);
    if day.is_none() && !typed.is_empty() {
        let text = Text::new("日期不对，请按年-月-日填写。", "That is no day; write year-month-day.");
        wrong.errors.push("until", text);
    }
    if day.is_some_and(|day| day < view.today) && view.last_known_day().is_none() {
        let text =
            Text::new("补正期限已经过去，请填写今天或者以后的日期。", "That day is over: give today or a later day.");
        wrong.errors.push("until", text);
    }
    day
}

/// `POST /cases/{id}/rest`: `ask` many, `reason_…`, `until`, `done_on`, `seen`.
pub(crate) async fn ask_for_rest(call: Call) -> Reply {
    let view = view_of(&call).await?;
    let mut wrong = Wrong::form();
    let lines = rest_lines(&call, &view, &wrong);
    let until = until_of(&call, &view, &mut wrong);
    if lines.iter().all(|l| !l.asked && l.error.is_none()) {
        let text =
            Text::new("请至少勾选一项，并写明缺什么。", "Tick at least one thing and say what is missing of it.");
        wrong.errors.push("ask", text);
    }
    let whole = lines.iter().all(|l| l.error.is_none()) && wrong.errors.is_empty();
    let Some(on) = old_law::day_of(&call, &view).filter(|_| whole) else {
        old_law::tell(&call, &mut wrong);
        return page_with(wrong.status, &rest_page(&call, &view, wrong).await?);
    };
    let named = |paper: bool| -> Vec<Missing> {
        let asked = lines.iter().filter(|l| l.asked && l.paper == paper);
        asked.map(|l| Missing { id: l.id.clone(), reason: l.reason.clone() }).collect()
    };
    let act = CaseAct::AskForRest { materials: named(true), fields: named(false), on, until };
    match send(&call, act, Vec::new()).await {
        Ok(_) => done(&call, "case_rest_asked"),
        Err(refusal) => {
            let at = if refusal.code == "until" { "until" } else { "ask" };
            let wrong = Wrong::of(refusal, at)?;
            let now = view_of(&call).await?;
            page_with(wrong.status, &rest_page(&call, &now, wrong).await?)
        }
    }
}
