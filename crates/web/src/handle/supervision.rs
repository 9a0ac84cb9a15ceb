//! The page of supervision, and each of its lists as a file.
//!
//! ```text
//! GET /supervision            ─▶ Authority::supervision ─▶ SupervisionPage
//! GET /supervision/LIST.csv   ─▶ entry who took which list ─▶ the same list as comma-separated text, no cell of which is a formula
//! ```
//! Always true: a file says what its list on the page says; persons are masked in both; a file leaves after its entry.

use super::case_words::cited;
use super::cases::line;
use super::delegations;
use super::inbox::{by, of};
use super::party_names::PartyNames;
use super::register_files::{MARK, csv_line};
use super::statistics::party;
use super::view::Names;
use super::visits::kind_word;
use super::waiting_words::waiting_state;
use crate::answer::{Reply, address, attach, body, no_page, page};
use crate::call::Call;
use crate::pages::ask::Shown;
use crate::pages::cases::CaseLine;
use crate::pages::supervision::{
    DeedLine, DrawLine, FarLine, GroundLine, LateLine, LoadLine, RefusalLine, SupervisionPage, VisitLine, VisitLink,
};
use crate::pages::{Mark, Nav, State};
use authority::cases::{
    Deed, ENDED_LOOKED_AT, FarDoor, GROUNDS_LOOKED_AT, LATE_BACK_DAYS, LISTED, LateDecision, Supervision, Visit,
    WaitingCase,
};
use authority::visits::is_code;
use axum::http::StatusCode;
use base::{ClauseId, Refusal, Text};
use domain::access::Permission;
use domain::casework::is_ours;
use domain::inspection::VisitKind;
use std::collections::BTreeMap;
use store::casework::cases::CaseRow;
use store::casework::supervision::VisitMade;

/// Most lines of each list of the page; a file has as many as the corridor gives.
const LINES: u32 = 50;
/// Most cases of a file.
const MOST: usize = 10_000;

/// Cases as the worklist has them; where others owe what is due, that is said: no officer is late with it.
fn cases(call: &Call, names: &Names, parties: &PartyNames, rows: &[CaseRow]) -> Vec<CaseLine> {
    let one = |row: &CaseRow| {
        let mut shown = line(call, names, parties, row);
        if row.head.next.as_ref().is_some_and(|next| !party(&next.binds).is_some_and(is_ours)) {
            let due = &shown.due;
            shown.due = Text::of(
                format!("{}（由当事人或者其他单位完成，不计承办人逾期）", due.zh),
                format!("{} (others owe it; no officer is late)", due.en),
            );
        }
        shown
    };
    rows.iter().map(one).collect()
}

/// Cases whose promise went by, or in which nothing is done: the promised day, else the last day on which nobody need look at it.
fn waiting_lines(call: &Call, names: &Names, parties: &PartyNames, found: &Supervision) -> Vec<CaseLine> {
    let one = |waits: &WaitingCase| {
        let mut shown = line(call, names, parties, &waits.row);
        let is_past = waits.waiting.is_past(found.today);
        let (day, due) = if is_past {
            (
                waits.waiting.promised,
                Text::new("机关承诺的日期，不是法定期限", "promised by the office; no time limit of law"),
            )
        } else {
            (
                waits.waiting.lies,
                Text::new(
                    "没有期限在走的案件，最迟应当有进展的日期",
                    "no clock runs; something should have been done by then",
                ),
            )
        };
        (shown.day, shown.due) = (day.map(|day| day.to_string()).unwrap_or_default(), due);
        shown.left = waiting_state(&waits.waiting, found.today);
        shown
    };
    found.waiting.iter().map(one).collect()
}

/// Cases that were decided late, with what was due and by when.
fn late_lines(call: &Call, names: &Names, parties: &PartyNames, found: &[LateDecision]) -> Vec<LateLine> {
    let one = |late: &LateDecision| {
        let mut case = line(call, names, parties, &late.row);
        (case.due, case.day) = (late.what.clone(), late.due.to_string());
        LateLine { case, decided: late.decided.to_string(), days: late.days }
    };
    found.iter().map(one).collect()
}

/// What an attempt came to, in words; `None`: the log's sentence says it.
fn tried_words(code: &str) -> Option<Text> {
    Some(match code {
        "day_today" | "day_to_come" | "day_too_early" | "day_too_late" | "day_order" | "clock_day" => {
            Text::new("填写的日期不能成立，没有记入。", "A day that cannot be was typed; nothing was entered.")
        }
        "own_case" => Text::new("想办理与本人有关的案件。", "Tried to act in a case of their own."),
        "own_recusal" => Text::new("想决定本人的回避。", "Tried to decide on keeping out themselves."),
        "recused" => Text::new("已经回避，仍想办理。", "Keeps out of the case and tried to act."),
        "not_assigned" | "not_your_step" => Text::new("想办理不由其承办的事项。", "Tried a step that is not theirs."),
        "not_your_case" => Text::new("想查看或者办理他人的案件。", "Tried to reach a case of somebody else."),
        "other_office" => Text::new("想办理其他机关的案件。", "Tried to act in a case of another office."),
        "not_for_seat" => Text::new("想查看与岗位无关的材料。", "Tried to open what is not for their seat."),
        "not_inspector" | "not_your_visit" => {
            Text::new("想办理不由其承办的检查。", "Tried to act in a visit of others.")
        }
        "own_signature" => Text::new("想代他人签名。", "Tried to sign for somebody else."),
        "void_by_head" => {
            Text::new("想作废只有负责人才能作废的文书。", "Tried to make a paper void, which the head alone does.")
        }
        "case_moved_on" => Text::new("案件已有新的记录，没有办成。", "The case had moved on; it was not done."),
        "same_case" => Text::new("同一事项重复提出。", "The same matter was brought once more."),
        "credit_code" | "organisation_code" | "resident_id" => {
            Text::new("证件号码校验不符，没有记入。", "A number with a wrong check digit; nothing was entered.")
        }
        "paper_size" | "paper_kind" | "paper_disguised" | "paper_there" | "uploads" | "document_there"
        | "import_twice" => Text::new("上传的文件没有接收。", "A file that was sent up was not taken."),
        _ => return None,
    })
}

fn deeds(call: &Call, names: &Names, found: &[Deed]) -> Vec<DeedLine> {
    let sees_log = call.may(Permission::SeeLog);
    let deed = |d: &Deed| DeedLine {
        at: d.at,
        who: Shown(names.who(call, d.account)),
        href: format!("/cases/{}", d.case),
        number: d.number.clone(),
        text: tried_words(&d.code).unwrap_or_else(|| d.text.clone()),
        clauses: d.clauses.iter().filter_map(|c| cited(call, &ClauseId::new(c))).collect(),
        log: sees_log.then_some(d.entry),
    };
    found.iter().map(deed).collect()
}

/// A unit that was visited more than once, with its visits.
fn visit_line(visit: &Visit) -> VisitLine {
    let link = |made: &VisitMade| VisitLink {
        href: format!("/visits/{}/parts/{}", made.case, made.n),
        day: made.day.to_string(),
        kind: VisitKind::ALL
            .into_iter()
            .find(|kind| kind_word(*kind) == made.kind)
            .map(VisitKind::name)
            .unwrap_or_default(),
    };
    VisitLine {
        name: Shown(if visit.name.is_empty() { visit.unit.clone() } else { visit.name.clone() }),
        href: address(
            "/cases/search",
            [("q", if visit.name.is_empty() { visit.unit.as_str() } else { visit.name.as_str() })],
        ),
        // Of a unit without a code the word by which it is counted tells nobody anything.
        unit: if is_code(&visit.unit) { visit.unit.clone() } else { String::new() },
        count: visit.count,
        again: visit.again,
        last: visit.last.to_string(),
        visits: visit.visits.iter().map(link).collect(),
    }
}

fn far_line(far: &FarDoor) -> FarLine {
    FarLine {
        name: Shown(far.name.clone()),
        href: format!("/visits/{}/parts/{}", far.case, far.n),
        day: far.day.to_string(),
        door: far.door.text(),
    }
}

async fn supervision_page(call: &Call, found: &Supervision, most: u32) -> Result<SupervisionPage, Refusal> {
    let listed = || {
        let late = found.decided_late.iter().map(|late| &late.row);
        let waiting = found.waiting.iter().map(|waits| &waits.row);
        found.annulled.iter().chain(&found.overdue).chain(&found.near).chain(late).chain(waiting)
    };
    let named = listed().filter_map(|row| row.head.assigned).chain(found.load.iter().filter_map(|o| o.officer));
    let named = named.chain(found.delegations.iter().flat_map(|d| [d.given.giver, d.given.deputy]));
    let named = named.chain(found.tried.iter().chain(&found.reveals).filter_map(|d| d.account));
    let names = Names::of(call, named.collect()).await?;
    let parties = PartyNames::of(call, listed()).await?;
    let offices = of(call)?.offices(by(call)?).await?;
    let offices: BTreeMap<_, _> = offices.iter().map(|o| (o.id, o.called(call.lang).to_owned())).collect();
    let sees_log = call.may(Permission::SeeLog);
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
    let grounds = found.grounds.iter().map(|g| GroundLine {
        procedure: g.procedure.clone(),
        outcome: g.outcome.clone(),
        ground: g.ground.clone(),
        clauses: cited(call, &g.clause).into_iter().collect(),
        count: g.count,
    });
    let load = found.load.iter().map(|o| LoadLine {
        office: offices.get(&o.office).cloned().unwrap_or_default(),
        officer: o.officer.map(|who| Shown(names.who(call, Some(who)))).unwrap_or_default(),
        open: o.open,
        overdue: o.overdue,
        owed: o.owed,
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
        waiting: waiting_lines(call, &names, &parties, found),
        decided_late: late_lines(call, &names, &parties, &found.decided_late),
        late_back_days: LATE_BACK_DAYS.unsigned_abs(),
        visits: found.visits.iter().map(visit_line).collect(),
        far: found.far.iter().map(far_line).collect(),
        looked_at: ENDED_LOOKED_AT,
        draws: draws.collect(),
        refusals: refusals.collect(),
        grounds: grounds.collect(),
        grounds_looked_at: GROUNDS_LOOKED_AT,
        tried: deeds(call, &names, &found.tried),
        reveals: deeds(call, &names, &found.reveals),
        load: load.collect(),
        delegations: delegations::lines(call, &names, &offices, &found.delegations),
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

fn late_file(call: &Call, lines: &[LateLine]) -> String {
    let l = call.lang;
    let head = [
        l.t("案号", "number"),
        l.t("事项", "procedure"),
        l.t("名称", "subject"),
        l.t("当事人", "party"),
        l.t("期限", "what was due"),
        l.t("最后一天", "last day"),
        l.t("决定日期", "decided"),
        l.t("逾期天数", "days late"),
        l.t("承办人", "officer"),
    ];
    let mut out = csv_line(head);
    for one in lines {
        let (case, days) = (&one.case, one.days.to_string());
        let cells = [
            case.number.as_str(),
            case.procedure.get(l),
            case.subject.0.as_str(),
            case.party.0.as_str(),
            case.due.get(l),
            case.day.as_str(),
            one.decided.as_str(),
            days.as_str(),
            case.officer.0.as_str(),
        ];
        out.push_str(&csv_line(cells));
    }
    out
}

fn deed_lines(call: &Call, lines: &[DeedLine]) -> String {
    let l = call.lang;
    let head =
        [l.t("时间", "time"), l.t("案号", "number"), l.t("人员", "who"), l.t("内容", "what"), l.t("条款", "clauses")];
    let mut out = csv_line(head);
    for one in lines {
        let clauses: Vec<&str> = one.clauses.iter().map(|c| c.clause.0.as_str()).collect();
        let (at, clauses) = (one.at.desk(), clauses.join(" "));
        out.push_str(&csv_line([at.as_str(), one.number.as_str(), one.who.0.as_str(), one.text.get(l), &clauses]));
    }
    out
}

fn visit_lines(call: &Call, lines: &[VisitLine]) -> String {
    let l = call.lang;
    let mut out = csv_line([
        l.t("单位", "unit"),
        l.t("统一社会信用代码", "credit code"),
        l.t("次数", "times"),
        l.t("整改复查", "second looks"),
        l.t("最近一次", "last"),
    ]);
    for one in lines {
        let (count, again) = (one.count.to_string(), one.again.to_string());
        let cells = [one.name.0.as_str(), one.unit.as_str(), count.as_str(), again.as_str(), one.last.as_str()];
        out.push_str(&csv_line(cells));
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

fn ground_lines(call: &Call, lines: &[GroundLine]) -> String {
    let l = call.lang;
    let mut out = csv_line([
        l.t("次数", "times"),
        l.t("事项", "procedure"),
        l.t("决定", "decision"),
        l.t("理由", "ground"),
        l.t("条款", "clauses"),
    ]);
    for one in lines {
        let clauses: Vec<&str> = one.clauses.iter().map(|c| c.clause.0.as_str()).collect();
        let (count, clauses) = (one.count.to_string(), clauses.join(" "));
        let [procedure, outcome, ground] = [&one.procedure, &one.outcome, &one.ground].map(|text| text.get(l));
        out.push_str(&csv_line([count.as_str(), procedure, outcome, ground, clauses.as_str()]));
    }
    out
}

fn load_lines(call: &Call, lines: &[LoadLine]) -> String {
    let l = call.lang;
    let mut out = csv_line([
        l.t("机构", "office"),
        l.t("承办人", "officer"),
        l.t("在办", "open"),
        l.t("逾期", "overdue"),
        l.t("他人逾期", "overdue, owed by others"),
    ]);
    for one in lines {
        let [open, overdue, owed] = [one.open, one.overdue, one.owed].map(|n| n.to_string());
        let cells = [one.office.as_str(), one.officer.0.as_str(), open.as_str(), overdue.as_str(), owed.as_str()];
        out.push_str(&csv_line(cells));
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

/// `GET /supervision/annulled.csv`, `overdue.csv`, `near.csv`, `waiting.csv`, `decided_late.csv`, `visits.csv`, `draws.csv`, `refusals.csv`,
/// `grounds.csv`, `tried.csv`, `reveals.csv` and `load.csv`.
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
        "waiting.csv" => (
            Text::new("承诺已过和久无进展的案件", "promises that went by, and cases in which nothing is done"),
            shown.waiting.len(),
            case_lines(&call, &shown.waiting),
        ),
        "decided_late.csv" => (
            Text::new("逾期作出决定的案件", "cases that were decided late"),
            shown.decided_late.len(),
            late_file(&call, &shown.decided_late),
        ),
        "tried.csv" => {
            (Text::new("案件中没有办成的操作", "refused in cases"), shown.tried.len(), deed_lines(&call, &shown.tried))
        }
        "reveals.csv" => (
            Text::new("查看姓名和证件号码的记录", "names and numbers shown"),
            shown.reveals.len(),
            deed_lines(&call, &shown.reveals),
        ),
        "visits.csv" => {
            (Text::new("多次检查的单位", "repeated visits"), shown.visits.len(), visit_lines(&call, &shown.visits))
        }
        "draws.csv" => (Text::new("抽查计划", "draws"), shown.draws.len(), draw_lines(&call, &shown.draws)),
        "refusals.csv" => (
            Text::new("依法拒绝的操作", "refusals by law"),
            shown.refusals.len(),
            refusal_lines(&call, &shown.refusals),
        ),
        "grounds.csv" => (
            Text::new("不予许可、不予备案等的理由", "why applications were refused"),
            shown.grounds.len(),
            ground_lines(&call, &shown.grounds),
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
