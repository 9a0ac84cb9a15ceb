//! What an officer does in a case beside its steps: clocks, notes, recusal, corrections, the day whose law decides, giving it up.
//!
//! ```text
//! GET  /cases/{id}/clocks | note | correct | value | facts-day | law | abandon | recuse ─▶ CaseView ─▶ page with what this seat may do now
//! POST the same                                                                 ─▶ Authority::act (with `seen`) ─▶ /cases/{id}
//! POST /cases/{id}/reveal ─▶ Authority::reveal (entry first) ─▶ one page with the words, kept by nobody
//! ```
//! Always true: grounds are picked from the packs; the engine decides again and a refusal stands beside its form with its clauses; whoever keeps
//! out, or does not handle the case, is offered nothing.

use super::ask::Wrong;
use super::case::{act_line, base_of, case_page, head, id_of, seat_of, send, view_of};
use super::case_values;
use super::case_words::{cited, clauses_named, days_left, event_words, left_words, stops_of};
use super::inbox::{by, of};
use super::view::Names;
use crate::answer::{Reply, no_page, page, page_with};
use crate::call::Call;
use crate::limiter::REVEALS;
use crate::pages::ask::{Ask, AskedField, Shown};
use crate::pages::case::{ActLine, mark_of_left};
use crate::pages::case_desk::{
    ActPage, ClockLine, ClocksPage, RecusalLine, RecusalTyped, RecusePage, RevealPage, WholeLine,
};
use crate::pages::{Choice, Mark, Nav, State};
use authority::cases::{CaseView, RecusalWay, reveal_reasons};
use base::{AccountId, CivilDate, ErrorKind, Refusal, Text};
use domain::access::Permission;
use domain::casework::{CaseAct, CaseClock, Channel, ClockState, Event, Seat, Settlement, is_ours};
use law::{ClockRun, ProcedureKind, StopCause};
use std::collections::BTreeMap;

/// Whole days within which a limit is near.
const NEAR: i64 = 2;
/// Longest note, characters.
const MOST_WORDS: u32 = 2_000;

fn no_seat() -> Refusal {
    Refusal::new(
        ErrorKind::Forbidden,
        "no_permission",
        Text::new("当前账号没有此项权限。", "This account has no right to do that."),
        Text::new("请由有权限的人员操作。", "Ask somebody whose role holds it."),
    )
}

/// Whether this account may act in the case at all: it is of its office, need not keep out, and as an officer it handles it, stands in for who
/// does, or nobody has it yet.
pub(crate) async fn may_act(call: &Call, view: &CaseView) -> Result<bool, Refusal> {
    let own = call.actor()?.id;
    if view.case.is_recused(own) || !view.acts_here {
        return Ok(false);
    }
    match view.row.head.assigned {
        Some(other) if seat_of(call) == Some(Seat::Officer) && other != own => {
            Ok(of(call)?.stands_for(own).await?.contains(&other))
        }
        _ => Ok(true),
    }
}

/// The case may be given up from this seat: before the decision, and no penalty of the organ's own motion; by a head only what the organ began.
fn may_abandon(view: &CaseView, seat: Seat) -> bool {
    let procedure = view.procedure();
    if !(seat == Seat::Officer || seat == Seat::Head && is_ours(procedure.applicant)) {
        return false;
    }
    let owes = matches!(procedure.kind, ProcedureKind::Penalty | ProcedureKind::Enforcement);
    view.case.outcome().is_none() && view.case.abandoned.is_none() && !(is_ours(procedure.applicant) && owes)
}

fn may_change_facts(view: &CaseView) -> bool {
    view.case.outcome().is_none() && view.case.abandoned.is_none() && view.case.channel != Channel::Online
}

/// What else a seat may do now.
pub(crate) fn more_of(view: &CaseView, seat: Seat) -> Vec<ActLine> {
    let base = base_of(view);
    let (officer, given_up) = (seat == Seat::Officer, view.case.abandoned.is_some());
    let one = |path: &str, verb: Text| act_line(format!("{base}/{path}"), verb, Text::default());
    let mut out = Vec::new();
    if matches!(seat, Seat::Officer | Seat::Head) && !given_up {
        out.push(one("clocks", Text::new("期限：停止、恢复、延长", "Clocks: stop, go on, extend")));
    } else {
        out.push(one("clocks", Text::new("期限怎样计算", "How the clocks are counted")));
    }
    if view.panel().is_some() {
        out.push(one(
            "panel",
            Text::new("专家组：成员、声明、意见", "Panel of experts: members, what they declared and said"),
        ));
    }
    out.push(one("note", Text::new("写备注、关联其他案件", "Write a note, name another case")));
    out.push(one("correct", Text::new("更正笔误", "Correct a slip")));
    if !given_up && view.row.head.closed.is_none() {
        let verb = if seat == Seat::Head {
            Text::new("回避：提出或者决定", "Recusal: ask or decide")
        } else {
            Text::new("提出回避", "Ask that somebody keep out")
        };
        out.push(one("recuse", verb));
    }
    if officer && case_values::may_correct(view) {
        out.push(one("value", Text::new("更正填写的内容", "Correct what was filled in")));
    }
    if officer && may_change_facts(view) {
        out.push(one("facts-day", Text::new("更正事项发生之日", "Put the day of the facts right")));
    }
    if view.law_changed && !given_up && matches!(seat, Seat::Officer | Seat::Head) {
        out.push(one("law", Text::new("改用现在的规则包", "Go by the packs in use")));
    }
    if may_abandon(view, seat) {
        out.push(one("abandon", Text::new("登记撤回或者撤案", "Enter that it is given up")));
    }
    out
}

/// Reasons for which this account may see persons whole.
pub(crate) fn reveals_of(call: &Call) -> Vec<Choice> {
    let may = [Permission::HandleCases, Permission::ApproveCases, Permission::ReviewCases];
    if !may.into_iter().any(|what| call.may(what)) {
        return Vec::new();
    }
    reveal_reasons().into_iter().map(|(word, name)| Choice::new(word, name, false)).collect()
}

fn today(call: &Call) -> CivilDate {
    call.now().shanghai_date()
}

fn back(call: &Call, flash: &'static str) -> Reply {
    call.done(&format!("/cases/{}", id_of(call)?), flash)
}

// -- clocks -----------------------------------------------------------------------------------------------------------------

fn cause_word(cause: StopCause) -> String {
    serde_json::to_value(cause).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

fn cause_of(word: &str) -> Option<StopCause> {
    StopCause::ALL.into_iter().find(|cause| cause_word(*cause) == word)
}

/// Where a clock stands, and what is left of it.
fn standing(view: &CaseView, clock: &CaseClock) -> (State, Text) {
    let on = |day: &CivilDate| Text::of(format!("{day} 办理"), format!("done on {day}"));
    match &clock.state {
        ClockState::Met { on: day } => (State::new(Mark::Ok, "按期", "in time"), on(day)),
        ClockState::MetLate { on: day } => (State::new(Mark::Warning, "逾期办理", "done too late"), on(day)),
        ClockState::Lapsed => (
            State::new(Mark::Warning, "逾期未办", "not done in time"),
            Text::new("案件终结时已经逾期", "the day was over when the case ended"),
        ),
        ClockState::Passed => (State::new(Mark::Off, "不再计算", "runs no more"), Text::default()),
        ClockState::Suspended { since } => (
            State::new(Mark::Off, "停止计算", "stands still"),
            Text::of(format!("自 {since} 起停止计算"), format!("stands still since {since}")),
        ),
        ClockState::NotCounted { why } => (State::new(Mark::Attention, "不能计算", "not counted"), why.clone()),
        ClockState::Running | ClockState::Missed => {
            let Some(day) = clock.day() else { return (State::default(), Text::default()) };
            let left = days_left(view.today, day);
            let mark = mark_of_left(left, NEAR);
            let word = if mark == Mark::Critical {
                Text::new("已逾期", "overdue")
            } else {
                Text::new("计算中", "running")
            };
            (State { mark, word }, left_words(left))
        }
    }
}

/// What the packs allow by way of extension, as it would be today; empty where they allow none.
fn extension(call: &Call, view: &CaseView, clock: &CaseClock) -> Text {
    let Some(rule) = view.procedure().clock(&clock.id).and_then(|c| c.extend.as_ref()) else {
        return Text::default();
    };
    if let Some(on) = clock.run.extended_on {
        return Text::of(format!("已于 {on} 批准延长，不能再次延长。"), format!("Extended on {on}; not once more."));
    }
    let who = rule.by.name();
    let run = ClockRun { extended_on: Some(view.today), ..clock.run.clone() };
    let due = call.site().gate().packs().clock_due(&view.procedure().id, &clock.id, &run, view.today);
    match due.map(|due| due.deadline.day()) {
        Ok(Some(day)) => Text::of(
            format!("经{}批准可以延长一次；今天批准的，延至 {day}。", who.zh),
            format!("With leave of the {} it is extended once; given today, until {day}.", who.en),
        ),
        Ok(None) => Text::of(
            format!("经{}批准可以延长一次。", who.zh),
            format!("With leave of the {} it is extended once.", who.en),
        ),
        Err(why) => why.text(),
    }
}

fn clock_line(call: &Call, view: &CaseView, seat: Option<Seat>, clock: &CaseClock) -> ClockLine {
    let rule = view.procedure().clock(&clock.id);
    let officer = seat == Some(Seat::Officer);
    let stands = clock.run.stops.last().is_some_and(|stop| stop.to.is_none());
    let extend = rule.and_then(|c| c.extend.as_ref());
    let leave = extend.map(|e| if is_ours(e.by) { Seat::Head } else { Seat::Officer });
    let may_extend = leave.is_some() && leave == seat && clock.run.extended_on.is_none() && clock.state.is_owed();
    let causes = rule.filter(|_| officer && !stands && clock.state == ClockState::Running);
    let causes = causes.map(|c| c.stops.as_slice()).unwrap_or_default().iter().map(|stop| {
        let clause = cited(call, &stop.clause);
        let hint = clause.map(|c| {
            Text::of(format!("{}{}", c.instrument.zh, c.article.zh), format!("{}, {}", c.instrument.en, c.article.en))
        });
        Choice { hint: hint.unwrap_or_default(), ..Choice::new(&cause_word(stop.cause), stop.cause.name(), false) }
    });
    let (state, left) = standing(view, clock);
    ClockLine {
        id: clock.id.clone(),
        name: clock.name.clone(),
        binds: clock.binds.name(),
        day: clock.day().map(|day| day.to_string()).unwrap_or_default(),
        left,
        state,
        clause: clock.deadline.as_ref().and_then(|d| d.length.first()).and_then(|c| cited(call, c)),
        steps: clock.deadline.iter().flat_map(|d| &d.steps).map(|said| clauses_named(call, said)).collect(),
        provisional: clock.provisional.map(|year| year.to_string()).unwrap_or_default(),
        default: clock.default.clone().unwrap_or_default(),
        stops: stops_of(call, view, clock),
        over: clock.over.clone(),
        causes: causes.collect(),
        may_resume: officer && stands,
        extension: extension(call, view, clock),
        extension_clause: extend.and_then(|e| cited(call, &e.length.clause)),
        may_extend,
    }
}

async fn clocks_page(call: &Call, view: &CaseView, mut wrong: Wrong) -> Result<ClocksPage, Refusal> {
    let open = view.case.abandoned.is_none() && may_act(call, view).await?;
    let seat = seat_of(call).filter(|_| open);
    let mut bar = call.bar(Nav::Cases).await?;
    wrong.on(&mut bar);
    Ok(ClocksPage {
        l: call.lang,
        bar,
        head: head(call, view).await?,
        clocks: view.clocks().iter().map(|clock| clock_line(call, view, seat, clock)).collect(),
        today: today(call).to_string(),
        errors: wrong.errors,
    })
}

/// `GET /cases/{id}/clocks`.
pub(crate) async fn clocks(call: Call) -> Reply {
    let view = view_of(&call).await?;
    page(&clocks_page(&call, &view, Wrong::none()).await?)
}

/// The act of a clock that was sent; what is not right of the form as a refusal.
fn clock_act(call: &Call) -> Result<CaseAct, Refusal> {
    let bad = |code: &str, what: Text| {
        Refusal::bad_input(code, what, Text::new("请更正后重新提交。", "Correct it and submit again."))
    };
    let (clock, reason) = (call.form.get("clock").to_owned(), call.form.get("reason").to_owned());
    let day = CivilDate::parse(call.form.get("day"));
    let day = day.ok_or_else(|| bad("clock_day", Text::new("请填写日期。", "Enter the day.")))?;
    match call.form.get("act") {
        "stop" => {
            let cause = cause_of(call.form.get("cause"));
            let cause = cause.ok_or_else(|| {
                bad("clock_cause", Text::new("请选择停止计算的法定事由。", "Choose the ground in law."))
            })?;
            Ok(CaseAct::StopClock { clock, cause, reason, from: day })
        }
        "resume" => Ok(CaseAct::ResumeClock { clock, reason, to: day }),
        "extend" => Ok(CaseAct::ExtendClock { clock, reason, on: day }),
        _ => Err(no_page()),
    }
}

/// `POST /cases/{id}/clocks`: `clock`, `act`, `cause`, `day`, `reason`, `seen`.
pub(crate) async fn change_clock(call: Call) -> Reply {
    of(&call)?;
    let done = match clock_act(&call) {
        Ok(act) => send(&call, act, Vec::new()).await.map(|_| ()),
        Err(refusal) => Err(refusal),
    };
    match done {
        Ok(()) => call.done(&format!("/cases/{}/clocks", id_of(&call)?), "case_clock"),
        Err(refusal) => {
            let view = view_of(&call).await?;
            let known = view.clocks().into_iter().any(|c| c.id == call.form.get("clock"));
            let at = if known { format!("clock-{}", call.form.get("clock")) } else { "main".to_owned() };
            let wrong = Wrong::of(refusal, &at)?;
            page_with(wrong.status, &clocks_page(&call, &view, wrong).await?)
        }
    }
}

// -- acts with a short form -------------------------------------------------------------------------------------------------

/// Acts of one page each, by the last part of their address.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Side {
    Note,
    Correct,
    Value,
    FactsDay,
    Law,
    Abandon,
}

impl Side {
    fn of(call: &Call) -> Result<Self, Refusal> {
        match call.path().rsplit('/').next() {
            Some("note") => Ok(Self::Note),
            Some("correct") => Ok(Self::Correct),
            Some("value") => Ok(Self::Value),
            Some("facts-day") => Ok(Self::FactsDay),
            Some("law") => Ok(Self::Law),
            Some("abandon") => Ok(Self::Abandon),
            _ => Err(no_page()),
        }
    }

    const fn path(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Correct => "correct",
            Self::Value => "value",
            Self::FactsDay => "facts-day",
            Self::Law => "law",
            Self::Abandon => "abandon",
        }
    }

    /// Title, what it means, and what the button says.
    const fn words(self) -> (Text, Text, Text) {
        match self {
            Self::Note => (
                Text::new("写备注", "Write a note"),
                Text::new(
                    "备注写进案卷，不能修改，当事人看不到。",
                    "A note goes into the case, cannot be changed and is not shown to the party.",
                ),
                Text::new("写进案卷", "Enter it"),
            ),
            Self::Correct => (
                Text::new("更正笔误", "Correct a slip"),
                Text::new(
                    "只写一条说明，原来的记录和填写的内容都不变。要改填写的内容，用「更正填写的内容」；要改决定，依法撤销或者变更。",
                    "It only adds words: the entry and what was filled in stay. Correct a field by its own form; a decision is revoked or changed by law.",
                ),
                Text::new("登记更正", "Enter the correction"),
            ),
            Self::Value => (
                Text::new("更正填写的内容", "Correct what was filled in"),
                Text::new(
                    "以后按更正的内容办理；原来的内容和理由留在案卷里。提出处理意见以前可以更正。",
                    "The case goes on by what is right; what stood there and why it was changed stay in the case. Until an outcome is proposed.",
                ),
                Text::new("更正", "Correct it"),
            ),
            Self::FactsDay => (
                Text::new("更正事项发生之日", "Put the day of the facts right"),
                Text::new(
                    "本案按这一天的法律办理。作出决定以前可以更正。",
                    "The case goes by the law of that day. It can be put right until the case is decided.",
                ),
                Text::new("更正日期", "Change the day"),
            ),
            Self::Law => (
                Text::new("改用现在的规则包", "Go by the packs in use"),
                Text::new(
                    "立案以后规则包有更新。改用后，本案以后的步骤和期限按现在的规则包办理。",
                    "The packs changed since the case was opened. From now on its steps and clocks go by those in use.",
                ),
                Text::new("改用", "Use them"),
            ),
            Self::Abandon => (
                Text::new("登记撤回或者撤案", "Enter that the case is given up"),
                Text::new(
                    "申请人撤回申请的，或者本机关依职权开始、不再办理的，在这里登记；以后只能送达文书、写备注。",
                    "Where the applicant withdraws, or the organ drops what it began itself; afterwards only documents and notes follow.",
                ),
                Text::new("登记", "Enter it"),
            ),
        }
    }

    fn confirm(self) -> Text {
        match self {
            Self::Abandon => {
                Text::new("登记后案卷终结，不能恢复。", "The case is over then and cannot be taken up again.")
            }
            Self::Law => Text::new("改用后不能换回。", "It cannot be changed back."),
            _ => Text::default(),
        }
    }

    /// Whether it can be done in this case now, from this seat.
    fn is_open(self, view: &CaseView, seat: Seat) -> bool {
        match self {
            Self::Note | Self::Correct => true,
            Self::Value => seat == Seat::Officer && case_values::may_correct(view),
            Self::FactsDay => seat == Seat::Officer && may_change_facts(view),
            Self::Law => view.law_changed && view.case.abandoned.is_none(),
            Self::Abandon => may_abandon(view, seat),
        }
    }
}

pub(super) fn asked(id: &str, label: Text, hint: Text, ask: Ask, value: String) -> AskedField {
    let most_chars = if matches!(ask, Ask::Words) { MOST_WORDS } else { 0 };
    AskedField { id: id.to_owned(), label, hint, ask, value, required: true, most_chars, ..AskedField::default() }
}

/// The entries of the case, the newest first, to pick one from, each with what it is about.
fn entries(call: &Call, view: &CaseView, chosen: &str) -> Vec<Choice> {
    let choice = |line: &authority::cases::Line| {
        let (index, name) = (line.recorded.index, event_words(call, view, &line.recorded.event));
        let (number, at) = (index.saturating_add(1), line.recorded.at.desk());
        let label = Text::of(format!("第 {number} 条 {at} {}", name.zh), format!("No. {number}, {at}, {}", name.en));
        Choice::new(&index.to_string(), label, index.to_string() == chosen)
    };
    view.events.iter().rev().map(choice).collect()
}

fn fields(call: &Call, view: &CaseView, side: Side) -> Vec<AskedField> {
    let typed = |name: &str| call.form.raw(name).to_owned();
    let reasons = |hint: Text| asked("reasons", Text::new("理由", "Reasons"), hint, Ask::Words, typed("reasons"));
    match side {
        Side::Note => {
            let hint =
                Text::new("没有就不填。填写本服务器的案号。", "Empty where there is none; a number of this server.");
            let label = Text::new("关联的案件", "The case it belongs to");
            let linked = asked("linked", label, hint, Ask::Line, typed("linked"));
            let words = asked("words", Text::new("内容", "Words"), Text::default(), Ask::Words, typed("words"));
            vec![words, AskedField { required: false, ..linked }]
        }
        Side::Correct => {
            let label = Text::new("哪一条", "Which entry");
            let which = asked("index", label, Text::default(), Ask::Choice, typed("index"));
            let label = Text::new("正确的内容", "What is right");
            vec![
                AskedField { choices: entries(call, view, call.form.get("index")), ..which },
                asked("what", label, Text::default(), Ask::Words, typed("what")),
                reasons(Text::new("怎样发现、为什么是笔误。", "How it was found and why it is a slip.")),
            ]
        }
        Side::Value => case_values::fields(call, view),
        Side::FactsDay => {
            let now = view.case.facts_on.to_string();
            let day = if call.form.has("day") { typed("day") } else { now };
            let label = Text::new("事项发生之日", "Day of the facts");
            vec![asked("day", label, Text::default(), Ask::Day, day), reasons(Text::default())]
        }
        Side::Law => Vec::new(),
        Side::Abandon => {
            let field = reasons(Text::new(
                "撤回申请书的内容，或者不再办理的原因。",
                "What the withdrawal says, or why it is dropped.",
            ));
            vec![AskedField { required: false, ..field }]
        }
    }
}

async fn act_page(call: &Call, view: &CaseView, side: Side, mut wrong: Wrong) -> Result<ActPage, Refusal> {
    let (title, lede, verb) = side.words();
    let mut bar = call.bar(Nav::Cases).await?;
    wrong.on(&mut bar);
    let mut fields = fields(call, view, side);
    // What is wrong with a field stands beside it, once.
    for field in &mut fields {
        field.error = wrong.errors.of(&field.id).cloned();
    }
    wrong.errors.0.retain(|e| !fields.iter().any(|f| f.id == e.field));
    Ok(ActPage {
        l: call.lang,
        bar,
        head: head(call, view).await?,
        path: side.path().to_owned(),
        title,
        lede,
        fields,
        verb,
        confirm: side.confirm(),
        errors: wrong.errors,
    })
}

/// The seat of whoever may act in the case now.
async fn acting(call: &Call, view: &CaseView) -> Result<Seat, Refusal> {
    let seat = seat_of(call).ok_or_else(no_seat)?;
    if may_act(call, view).await? { Ok(seat) } else { Err(no_seat()) }
}

/// `GET /cases/{id}/note`, `correct`, `value`, `facts-day`, `law` and `abandon`.
pub(crate) async fn side_form(call: Call) -> Reply {
    let view = view_of(&call).await?;
    let side = Side::of(&call)?;
    if !side.is_open(&view, acting(&call, &view).await?) {
        return Err(no_page());
    }
    page(&act_page(&call, &view, side, Wrong::none()).await?)
}

/// The words of a note, with the case that it names.
async fn note(call: &Call, view: &CaseView) -> Result<CaseAct, Refusal> {
    let (words, linked) = (call.form.get("words"), call.form.get("linked"));
    if linked.is_empty() {
        return Ok(CaseAct::Note { words: words.to_owned() });
    }
    let unknown = || {
        let what = Text::new("没有这个案号，或者就是本案。", "There is no such case, or it is this one.");
        Refusal::bad_input("linked", what, Text::new("请核对案号。", "Check the number."))
    };
    let other = of(call)?.case_numbered(linked).await?.filter(|row| row.id != view.row.id);
    // Only a case that this account may know of: of any other it is not told whether there is one.
    let other = other.ok_or_else(unknown)?;
    let known = of(call)?.case(by(call)?, other.id).await.map_err(|_| unknown())?;
    let words = format!("关联案件 {}。{words}", known.row.number);
    Ok(CaseAct::Note { words })
}

async fn side_act(call: &Call, view: &CaseView, side: Side) -> Result<CaseAct, Refusal> {
    let reasons = call.form.get("reasons").to_owned();
    let missing = |id: &str| Refusal::bad_input(id, Text::new("请填写。", "Fill this in."), Text::default());
    match side {
        Side::Note => note(call, view).await,
        Side::Correct => {
            let index = call.form.get("index").parse().map_err(|_| missing("index"))?;
            Ok(CaseAct::Correct { index, what: call.form.get("what").to_owned(), reasons })
        }
        Side::Value => case_values::act(call, view),
        Side::FactsDay => {
            let on = CivilDate::parse(call.form.get("day")).ok_or_else(|| missing("day"))?;
            Ok(CaseAct::ChangeFacts { on, reasons })
        }
        Side::Law => Ok(CaseAct::ChangeLaw),
        Side::Abandon => Ok(CaseAct::Abandon { reasons }),
    }
}

/// The field that a refusal is about.
fn at(side: Side, refusal: &Refusal) -> &'static str {
    match (side, refusal.code.as_str()) {
        (Side::Note, "linked") => "linked",
        (Side::Note, "note") => "words",
        (Side::Correct, "what") => "what",
        (Side::Correct, "index" | "not_found") => "index",
        (Side::Correct | Side::FactsDay | Side::Abandon, "reasons") => "reasons",
        (Side::FactsDay, _) => "day",
        (Side::Value, code) => case_values::at(code),
        _ => "form",
    }
}

/// `POST /cases/{id}/note`, `correct`, `value`, `facts-day`, `law` and `abandon`: the fields, `seen`.
pub(crate) async fn side(call: Call) -> Reply {
    let view = view_of(&call).await?;
    let side = Side::of(&call)?;
    let done = match side_act(&call, &view, side).await {
        Ok(act) => send(&call, act, Vec::new()).await.map(|_| ()),
        Err(refusal) => Err(refusal),
    };
    match done {
        Ok(()) => back(&call, "case_entered"),
        Err(refusal) => {
            let at = at(side, &refusal);
            let wrong = Wrong::of(refusal, at)?;
            let now = view_of(&call).await?;
            page_with(wrong.status, &act_page(&call, &now, side, wrong).await?)
        }
    }
}

// -- recusal ----------------------------------------------------------------------------------------------------------------

/// Who decides about somebody, where no head of the office does.
fn way_words(way: &RecusalWay) -> Text {
    match way {
        RecusalWay::Here => Text::default(),
        RecusalWay::Above(office) => Text::of(
            format!("此人是本机构的负责人：由上一级机构“{office}”的负责人决定；本机构有其他负责人的，也可以决定。"),
            format!(
                "A head of this office: a head of the office above, \"{office}\", decides; so may another head of this one."
            ),
        ),
        RecusalWay::Entered => Text::new(
            "此人是本机构的负责人，本服务器上没有可以决定的负责人：请登记上级机关的书面决定，登记的人不得是本人。",
            "A head of this office, and no head on this server can decide: enter the written decision of the organ above; the person concerned does not.",
        ),
    }
}

/// What was sent about a person, kept for the form that sent it.
fn recusal_typed(call: &Call, who: AccountId) -> RecusalTyped {
    let form = &call.form;
    if !matches!(form.get("act"), "settle" | "enter") || form.get("account") != who.to_string() {
        return RecusalTyped::default();
    }
    let sent = |name: &str| form.raw(name).to_owned();
    RecusalTyped { reason: Shown(sent("reason")), organ: sent("organ"), number: sent("number"), day: sent("day") }
}

async fn recuse_page(call: &Call, view: &CaseView, mut wrong: Wrong) -> Result<RecusePage, Refusal> {
    let own = call.actor()?.id;
    let head_acts = seat_of(call) == Some(Seat::Head) && !view.case.is_recused(own);
    let staff = of(call)?.officers(by(call)?, view.row.head.office).await?;
    let named = staff.iter().map(|o| o.account).chain(view.case.recusals.keys().copied());
    let names = Names::of(call, named.collect()).await?;
    let reasons = |who: AccountId| -> Vec<Shown> {
        let said = view.events.iter().filter_map(|line| match &line.recorded.event {
            Event::Recused { account, reason, .. } if *account == who => Some(Shown(reason.clone())),
            _ => None,
        });
        said.collect()
    };
    let mut ways = BTreeMap::new();
    for (who, _) in view.case.recusals.iter().filter(|(_, settled)| **settled == Settlement::Asked) {
        ways.insert(*who, of(call)?.recusal_way(&view.case, *who).await?);
    }
    let enters = matches!(seat_of(call), Some(Seat::Officer | Seat::Head)) && !view.case.is_recused(own);
    let line = |(who, settled): (&AccountId, &Settlement)| RecusalLine {
        way: ways.get(who).map(way_words).unwrap_or_default(),
        may_enter: enters && *who != own && ways.get(who) == Some(&RecusalWay::Entered),
        account: who.to_string(),
        name: Shown(names.who(call, Some(*who))),
        reasons: reasons(*who),
        state: State {
            mark: match settled {
                Settlement::Asked => Mark::Attention,
                Settlement::Granted => Mark::Ok,
                Settlement::Rejected => Mark::Off,
            },
            word: settled.name(),
        },
        may_settle: head_acts && *settled == Settlement::Asked && *who != own,
        typed: recusal_typed(call, *who),
    };
    let open = |who: AccountId| !matches!(view.case.recusals.get(&who), Some(Settlement::Asked | Settlement::Granted));
    let chosen = call.form.get("account");
    let persons = staff.iter().filter(|o| open(o.account)).map(|o| {
        let (id, name) = (o.account.to_string(), names.who(call, Some(o.account)));
        let is = if chosen.is_empty() { o.account == own } else { id == chosen };
        Choice::new(&id, Text::of(name.clone(), name), is)
    });
    let persons = persons.collect();
    let mut bar = call.bar(Nav::Cases).await?;
    wrong.on(&mut bar);
    Ok(RecusePage {
        l: call.lang,
        bar,
        head: head(call, view).await?,
        asked: view.case.recusals.iter().map(line).collect(),
        persons,
        reason: if call.form.get("act") == "ask" { call.form.raw("reason").to_owned() } else { String::new() },
        errors: wrong.errors,
    })
}

/// `GET /cases/{id}/recuse`.
pub(crate) async fn recuse_form(call: Call) -> Reply {
    let view = view_of(&call).await?;
    seat_of(&call).ok_or_else(no_seat)?;
    page(&recuse_page(&call, &view, Wrong::none()).await?)
}

/// What the form says of a person.
fn recusal_act(call: &Call, account: AccountId) -> Result<CaseAct, Refusal> {
    let reason = call.form.get("reason").to_owned();
    let act = call.form.get("act");
    if act != "settle" && act != "enter" {
        return Ok(CaseAct::AskRecusal { account, reason });
    }
    let granted = decision_of(call)?;
    if act == "settle" {
        return Ok(CaseAct::SettleRecusal { account, granted, reason });
    }
    let on = CivilDate::parse(call.form.get("day")).ok_or_else(|| {
        let next = Text::new("请更正后重新提交。", "Correct it and submit again.");
        Refusal::bad_input("recusal_day", Text::new("请填写决定的日期。", "Enter the day of the decision."), next)
    })?;
    let (organ, number) = (call.form.get("organ").to_owned(), call.form.get("number").to_owned());
    Ok(CaseAct::EnterRecusal { account, granted, reason, organ, number, on })
}

/// Granted or rejected, by the button.
pub(crate) fn decision_of(call: &Call) -> Result<bool, Refusal> {
    match call.form.get("decision") {
        "granted" => Ok(true),
        "rejected" => Ok(false),
        _ => Err(no_page()),
    }
}

/// `POST /cases/{id}/recuse`: `act`, `account`, `reason`, `decision`, `seen`; to enter a written decision `organ`, `number`, `day`.
pub(crate) async fn recuse(call: Call) -> Reply {
    let view = view_of(&call).await?;
    let account = AccountId::parse(call.form.get("account")).ok_or_else(no_page)?;
    // Whoever does not work in the office of the case acts in none of it.
    let staff = of(&call)?.officers(by(&call)?, view.row.head.office).await?;
    if !staff.iter().any(|o| o.account == account) && !view.case.recusals.contains_key(&account) {
        return Err(no_page());
    }
    let done = match recusal_act(&call, account) {
        Ok(act) => send(&call, act, Vec::new()).await,
        Err(refusal) => Err(refusal),
    };
    match done {
        Ok(_) => call.done(&format!("/cases/{}/recuse", id_of(&call)?), "case_entered"),
        Err(refusal) => {
            let at = match (call.form.get("act"), refusal.code.as_str()) {
                ("settle", _) => format!("why-{account}"),
                ("enter", "recusal_organ") => format!("organ-{account}"),
                ("enter", "recusal_number") => format!("number-{account}"),
                ("enter", "reason") => format!("words-{account}"),
                ("enter", _) => format!("day-{account}"),
                _ => "reason".to_owned(),
            };
            let wrong = Wrong::of(refusal, &at)?;
            let now = view_of(&call).await?;
            page_with(wrong.status, &recuse_page(&call, &now, wrong).await?)
        }
    }
}

// -- persons shown whole ----------------------------------------------------------------------------------------------------

/// Persons may be shown whole once more to this account: of cases and of registers, one pace.
pub(super) fn may_reveal(call: &Call, account: AccountId) -> Result<(), Refusal> {
    if call.app.limiter.allow("reveal", &account.to_string(), REVEALS, call.site().now().mono) {
        return Ok(());
    }
    Err(Refusal::new(
        ErrorKind::TooMany,
        "too_many_reveals",
        Text::new("您短时间内查看个人信息过多。", "You looked at personal data too often in a short time."),
        Text::new("请过几分钟再查看。", "Look again in some minutes."),
    ))
}

/// `POST /cases/{id}/reveal`: `reason`. The answer is the only place where the words stand; it is kept by no browser.
pub(crate) async fn reveal(call: Call) -> Reply {
    let authority = of(&call)?;
    let who = by(&call)?;
    may_reveal(&call, who.account)?;
    let view = view_of(&call).await?;
    match authority.reveal(who, view.row.id, call.form.get("reason")).await {
        Ok(shown) => {
            let line = |one: authority::cases::RevealedLine| WholeLine {
                label: one.label,
                value: Shown(one.value.into_inner()),
            };
            page(&RevealPage {
                l: call.lang,
                bar: call.bar(Nav::Cases).await?,
                head: head(&call, &view).await?,
                reason: shown.reason,
                lines: shown.lines.into_iter().map(line).collect(),
                entry: shown.entry,
            })
        }
        Err(refusal) => {
            let wrong = Wrong::of(refusal, "reason")?;
            page_with(wrong.status, &case_page(&call, &view, wrong).await?)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cause_is_read_by_its_word() {
        for cause in StopCause::ALL {
            assert_eq!(cause_of(&cause_word(cause)), Some(cause), "{cause:?}");
        }
        assert_eq!(cause_of(""), None);
        assert_eq!(cause_of("holiday"), None);
    }

    #[test]
    fn a_refusal_stands_beside_its_field() {
        let of = |code: &str| Refusal::new(ErrorKind::BadInput, code, Text::default(), Text::default());
        assert_eq!(at(Side::Note, &of("note")), "words");
        assert_eq!(at(Side::Correct, &of("reasons")), "reasons");
        assert_eq!(at(Side::FactsDay, &of("facts_same")), "day");
        assert_eq!(at(Side::Law, &of("law_same")), "form");
    }
}
