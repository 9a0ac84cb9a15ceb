//! The page of supervision, and each of its lists as a file.
//!
//! ```text
//! GET /supervision            ─▶ Authority::supervision ─▶ SupervisionPage
//! GET /supervision/LIST.csv   ─▶ entry who took which list ─▶ the same list as comma-separated text, no cell of which is a formula
//! ```
//! Always true: a file says what its list on the page says; persons are masked in both; a file leaves after its entry.

use super::case_words::cited;
use super::cases::{PartyNames, line};
use super::inbox::{by, of};
use super::register_files::{MARK, csv_line};
use super::view::Names;
use crate::answer::{Reply, attach, body, no_page, page};
use crate::call::Call;
use crate::pages::ask::Shown;
use crate::pages::cases::CaseLine;
use crate::pages::supervision::{DrawLine, LoadLine, RefusalLine, SupervisionPage, VisitLine};
use crate::pages::{Mark, Nav, State};
use authority::cases::{LISTED, Supervision};
use axum::http::StatusCode;
use base::{ClauseId, Refusal, Text};
use domain::access::Permission;
use std::collections::BTreeMap;
use store::casework::cases::CaseRow;

/// Most lines of each list of the page; a file has as many as the corridor gives.
const LINES: u32 = 50;
/// Most cases of a file.
const MOST: usize = 10_000;

fn cases(call: &Call, names: &Names, parties: &PartyNames, rows: &[CaseRow]) -> Vec<CaseLine> {
    rows.iter().map(|row| line(call, names, parties, row)).collect()
}

async fn supervision_page(call: &Call, found: &Supervision, most: u32) -> Result<SupervisionPage, Refusal> {
    let listed = || found.annulled.iter().chain(&found.overdue).chain(&found.near);
    let named = listed().filter_map(|row| row.head.assigned).chain(found.load.iter().filter_map(|o| o.officer));
    let names = Names::of(call, named.collect()).await?;
    let parties = PartyNames::of(call, listed()).await?;
    let offices: BTreeMap<_, _> = of(call)?.offices(by(call)?).await?.into_iter().map(|o| (o.id, o.name)).collect();
    let sees_log = call.may(Permission::SeeLog);
    let visits = found.visits.iter().map(|v| VisitLine {
        name: Shown(v.name.clone()),
        count: v.count,
        last: v.last.to_string(),
    });
    let draws = found.draws.iter().map(|d| DrawLine {
        plan: d.plan.clone(),
        href: format!("/public/draws/{}", d.plan),
        committed: d.committed,
        drawn: d.drawn,
    });
    let refusals = found.refusals.iter().map(|r| RefusalLine {
        text: r.text.clone(),
        clauses: r.clauses.iter().filter_map(|c| cited(call, &ClauseId::new(c))).collect(),
        count: r.count,
        log: sees_log.then_some(r.newest),
    });
    let load = found.load.iter().map(|o| LoadLine {
        office: offices.get(&o.office).cloned().unwrap_or_default(),
        officer: o.officer.map(|who| Shown(names.who(call, Some(who)))).unwrap_or_default(),
        open: o.open,
        overdue: o.overdue,
        state: if o.overdue > 0 {
            State::new(Mark::Critical, "有逾期", "something is late")
        } else {
            State::new(Mark::Ok, "正常", "in time")
        },
    });
    Ok(SupervisionPage {
        l: call.lang,
        bar: call.bar(Nav::Supervision).await?,
        since: found.since.to_string(),
        annulled: cases(call, &names, &parties, &found.annulled),
        overdue: cases(call, &names, &parties, &found.overdue),
        near: cases(call, &names, &parties, &found.near),
        visits: visits.collect(),
        draws: draws.collect(),
        refusals: refusals.collect(),
        load: load.collect(),
        most,
    })
}

/// `GET /supervision`.
pub(crate) async fn show(call: Call) -> Reply {
    let found = of(&call)?.supervision(by(&call)?, LINES).await?;
    page(&supervision_page(&call, &found, LINES).await?)
}

fn case_lines(call: &Call, lines: &[CaseLine]) -> String {
    let l = call.lang;
    let head = [
        l.t("案号", "number"),
        l.t("事项", "procedure"),
        l.t("名称", "subject"),
        l.t("当事人", "party"),
        l.t("期限", "what is due"),
        l.t("最后一天", "last day"),
        l.t("承办人", "officer"),
    ];
    let mut out = csv_line(head);
    for one in lines {
        let cells = [
            one.number.as_str(),
            one.procedure.get(l),
            one.subject.0.as_str(),
            one.party.0.as_str(),
            one.due.get(l),
            one.day.as_str(),
            one.officer.0.as_str(),
        ];
        out.push_str(&csv_line(cells));
    }
    out
}

fn visit_lines(call: &Call, lines: &[VisitLine]) -> String {
    let l = call.lang;
    let mut out = csv_line([l.t("单位", "unit"), l.t("次数", "times"), l.t("最近一次", "last")]);
    for one in lines {
        let count = one.count.to_string();
        out.push_str(&csv_line([one.name.0.as_str(), count.as_str(), one.last.as_str()]));
    }
    out
}

fn draw_lines(call: &Call, lines: &[DrawLine]) -> String {
    let l = call.lang;
    let mut out = csv_line([l.t("计划", "plan"), l.t("名单封存", "pool committed"), l.t("抽取", "drawn")]);
    for one in lines {
        let (committed, drawn) = (one.committed.desk(), one.drawn.map(base::UtcMs::desk).unwrap_or_default());
        out.push_str(&csv_line([one.plan.as_str(), committed.as_str(), drawn.as_str()]));
    }
    out
}

fn refusal_lines(call: &Call, lines: &[RefusalLine]) -> String {
    let l = call.lang;
    let mut out = csv_line([l.t("次数", "times"), l.t("原因", "reason"), l.t("条款", "clauses")]);
    for one in lines {
        let clauses: Vec<&str> = one.clauses.iter().map(|c| c.clause.0.as_str()).collect();
        let (count, clauses) = (one.count.to_string(), clauses.join(" "));
        out.push_str(&csv_line([count.as_str(), one.text.get(l), clauses.as_str()]));
    }
    out
}

fn load_lines(call: &Call, lines: &[LoadLine]) -> String {
    let l = call.lang;
    let mut out =
        csv_line([l.t("机构", "office"), l.t("承办人", "officer"), l.t("在办", "open"), l.t("逾期", "overdue")]);
    for one in lines {
        let (open, overdue) = (one.open.to_string(), one.overdue.to_string());
        out.push_str(&csv_line([one.office.as_str(), one.officer.0.as_str(), open.as_str(), overdue.as_str()]));
    }
    out
}

/// All of a list, page by page, at most [`MOST`].
async fn every(call: &Call, is_late: bool) -> Result<Vec<CaseLine>, Refusal> {
    let (mut after, mut out) = (None, Vec::new());
    loop {
        let (rows, next) = of(call)?.supervised(by(call)?, is_late, after).await?;
        let names = Names::of(call, rows.iter().filter_map(|row| row.head.assigned).collect()).await?;
        let parties = PartyNames::of(call, rows.iter()).await?;
        out.extend(cases(call, &names, &parties, &rows));
        match next {
            Some(next) if out.len() < MOST => after = Some(next),
            _ => break,
        }
    }
    out.truncate(MOST);
    Ok(out)
}

/// `GET /supervision/annulled.csv`, `overdue.csv`, `near.csv`, `visits.csv`, `draws.csv`, `refusals.csv` and `load.csv`.
pub(crate) async fn csv(call: Call) -> Reply {
    let found = of(&call)?.supervision(by(&call)?, LISTED).await?;
    let mut shown = supervision_page(&call, &found, LISTED).await?;
    let name = call.path().rsplit('/').next().unwrap_or_default().to_owned();
    match name.as_str() {
        "overdue.csv" => shown.overdue = every(&call, true).await?,
        "near.csv" => shown.near = every(&call, false).await?,
        _ => {}
    }
    let (title, count, lines) = match name.as_str() {
        "annulled.csv" => (
            Text::new("决定被变更、撤销而未登记的案件", "decisions annulled and not entered"),
            shown.annulled.len(),
            case_lines(&call, &shown.annulled),
        ),
        "overdue.csv" => {
            (Text::new("逾期的案件", "cases that are late"), shown.overdue.len(), case_lines(&call, &shown.overdue))
        }
        "near.csv" => {
            (Text::new("临近期限的案件", "cases that are due soon"), shown.near.len(), case_lines(&call, &shown.near))
        }
        "visits.csv" => {
            (Text::new("多次检查的单位", "repeated visits"), shown.visits.len(), visit_lines(&call, &shown.visits))
        }
        "draws.csv" => (Text::new("抽查计划", "draws"), shown.draws.len(), draw_lines(&call, &shown.draws)),
        "refusals.csv" => (
            Text::new("依法拒绝的操作", "refusals by law"),
            shown.refusals.len(),
            refusal_lines(&call, &shown.refusals),
        ),
        "load.csv" => (Text::new("在办数量", "load of officers"), shown.load.len(), load_lines(&call, &shown.load)),
        _ => return Err(no_page()),
    };
    let list = name.trim_end_matches(".csv");
    let count = u64::try_from(count).unwrap_or(u64::MAX);
    of(&call)?.enter_list_export(by(&call)?, (list, &title), found.since, count).await?;
    let mut answer = body(StatusCode::OK, "text/csv; charset=utf-8", format!("{MARK}{lines}"));
    attach(&mut answer, &format!("supervision-{name}"));
    Ok(answer)
}
