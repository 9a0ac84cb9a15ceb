//! Plans of inspections for staff: list, form, one plan with its draw, and the acts on it; and the plans that everybody may read.
//!
//! ```text
//! GET  /draws, /draws/{id}  ─▶ Authority::plans, plan ─▶ page with what this account may do now
//! POST /draws/new ─▶ put_plan · /publish (as it was read) · /keep-out · /pool ─▶ commit_pool · /draw ─▶ draw_plan · /replace · /visits
//! POST /draws/{id}/paper ─▶ draw_paper: the result as a document, sent at once
//! a drawn unit with its case ─▶ /visits?case=… (ask), /visits/{id} (approve, carry out)
//! ```
//! Always true: which plans somebody sees and what they may do is the corridor's to say; a form that is not right comes back as it was typed;
//! nothing public names an inspector.

use super::ask::Wrong;
use super::inbox::{by, of};
use super::plan_said::Said;
use super::public::{bar, open_page, slowly};
use crate::answer::{Reply, attach, body, page, page_with};
use crate::call::Call;
use crate::limiter::PUBLIC_SEARCH;
use crate::pages::ask::Shown;
use crate::pages::draw_plans::{
    BigStep, DrawPlanFields, DrawPlanFormPage, DrawPlanPage, DrawPlansPage, DrawnUnitLine, PlanCan, PlanLine,
    PublicDrawsPage, QuotaField,
};
use crate::pages::public::PublicNav;
use crate::pages::{Choice, FormErrors, Mark, Nav, Pager, State};
use authority::cases::plans::{Ground, PlanBody, PlanForm, PlanPage, PlanView, REGISTERS};
use authority::visits::VisitState;
use axum::http::StatusCode;
use base::{CivilDate, Lang, Refusal, Text};
use domain::access::Permission;
use domain::draw::{Commitment, Lack, PlanState, PublicDay, PublicForm, Quota, ReplaceReason};
use domain::inspection::PlanItem;
use law::ListedCarrier;
use std::collections::BTreeMap;
use store::casework::plans::{DrawnRow, PlanCounts, PlanRow, PlanStage};

/// Records of the log between pool and draw that a new plan begins with: our own choice.
const USUAL_ENTRIES: u32 = 5;
/// Days for the draw that a new plan begins with: our own choice.
const USUAL_DAYS: u32 = 30;
/// How the outcome of the usual lottery is written: six numbers and one.
const USUAL_FORM: &str = "rising 6 01-33 rising 1 01-16";

pub(super) const fn stage_state(stage: PlanStage) -> State {
    match stage {
        PlanStage::Draft => State::new(Mark::Off, "草稿", "draft"),
        PlanStage::Published => State::new(Mark::Info, "已公布", "published"),
        PlanStage::Committed => State::new(Mark::Busy, "名单已封存，待抽取", "pool committed, to be drawn"),
        PlanStage::Drawn => State::new(Mark::Ok, "已抽取", "drawn"),
    }
}

fn line((row, counts): &(PlanRow, PlanCounts)) -> PlanLine {
    PlanLine {
        word: row.plan.word.clone(),
        title: row.plan.title.clone(),
        year: row.plan.year,
        state: stage_state(row.stage),
        published: row.published.map(|day| day.to_string()).unwrap_or_default(),
        drawn: counts.drawn.into(),
        opened: counts.opened.into(),
        visited: counts.visited.into(),
        inspected: Text::default(),
        often: Text::default(),
    }
}

/// A line of the list that everybody reads: it says what the plan promises.
fn public_line(call: &Call, plan: &(PlanRow, PlanCounts)) -> PlanLine {
    let said = Said::of(call, &plan.0);
    let (inspected, often) = said.map(|said| (said.names(), said.often())).unwrap_or_default();
    PlanLine { inspected, often, ..line(plan) }
}

pub(super) fn register_name(call: &Call, id: &str) -> Text {
    let registers = call.site().gate().packs().carriers().registers();
    registers.iter().find(|r| r.id == id).map_or_else(|| Text::of(id.to_owned(), id.to_owned()), ListedCarrier::name)
}

fn pager(call: &Call, path: &str, next: Option<u64>) -> Pager {
    Pager {
        previous: call.query.has("before").then(|| path.to_owned()),
        next: next.map(|entry| format!("{path}?before={entry}")),
        shown: Text::default(),
    }
}

/// `GET /draws?before=`.
pub(crate) async fn list(call: Call) -> Reply {
    let PlanPage { plans, next } = of(&call)?.plans(by(&call)?, call.query.get("before").parse().ok()).await?;
    page(&DrawPlansPage {
        l: call.lang,
        bar: call.bar(Nav::Visits).await?,
        lines: plans.iter().map(line).collect(),
        pager: pager(&call, "/draws", next),
        may_write: call.may(Permission::HandleCases),
    })
}

/// `GET /public/draws?before=`.
pub(crate) async fn public_list(call: Call) -> Reply {
    of(&call)?;
    // Each plan of the page is counted.
    slowly(&call, "public_search", PUBLIC_SEARCH)?;
    let PlanPage { plans, next } = of(&call)?.public_plans(call.query.get("before").parse().ok()).await?;
    open_page(
        &call,
        &PublicDrawsPage {
            l: call.lang,
            bar: bar(&call),
            at: PublicNav::Notices,
            lines: plans.iter().map(|plan| public_line(&call, plan)).collect(),
            pager: pager(&call, "/public/draws", next),
        },
    )
}

// -- the form ---------------------------------------------------------------------------------------------------------------

/// What stands in a number field of a draft.
fn number_text(n: impl Into<u64>) -> String {
    let n: u64 = n.into();
    n.to_string()
}

/// Checklists of today, those of the plan chosen.
fn items_of(call: &Call, chosen: &[String]) -> Vec<Choice> {
    let (packs, today) = (call.site().gate().packs(), call.now().shanghai_date());
    let mut out: Vec<Choice> = Vec::new();
    for list in packs.checklists() {
        let holds = packs.checklist(&list.id, today).is_some_and(|now| now.from == list.from);
        if holds {
            let name = Text::of(list.name_zh.clone(), list.name_en.clone());
            out.push(Choice::new(&list.id, name, chosen.contains(&list.id)));
        }
    }
    out
}

/// The form as it was typed.
fn typed(call: &Call) -> DrawPlanFields {
    let f = &call.form;
    let text = |name: &str| f.get(name).to_owned();
    let quota = |id: &&str| QuotaField {
        id: (*id).to_owned(),
        name: register_name(call, id),
        count: text(&format!("count_{id}")),
        share: text(&format!("share_{id}")),
    };
    DrawPlanFields {
        word: text("word"),
        year: text("year"),
        title: text("title"),
        items: items_of(call, &f.all("items")),
        cap: text("cap"),
        quotas: REGISTERS.iter().map(quota).collect(),
        inspectors_per_unit: text("inspectors_per_unit"),
        max_per_inspector: text("max_per_inspector"),
        rest_days: text("rest_days"),
        after_entries: text("after_entries"),
        draw_within_days: text("draw_within_days"),
        public_source: text("public_source"),
        public_day: text("public_day"),
        public_form: text("public_form"),
        public_hour: text("public_hour"),
        public_source_url: text("public_source_url"),
        again_of: text("again_of"),
    }
}

/// The form of a new plan: what no law asks for and nobody needs to think about is filled in.
fn fresh(call: &Call) -> DrawPlanFields {
    let mut form = typed(call);
    form.year = call.now().shanghai_date().0.year().to_string();
    form.rest_days = number_text(0_u32);
    form.after_entries = number_text(USUAL_ENTRIES);
    form.draw_within_days = number_text(USUAL_DAYS);
    form.public_form = USUAL_FORM.to_owned();
    form
}

/// The form of a draft.
fn kept(call: &Call, row: &PlanRow, body: &PlanBody) -> DrawPlanFields {
    let chosen: Vec<String> = body.items.iter().map(|item| item.checklist.clone()).collect();
    let quota = |id: &&str| {
        let (count, share) = match body.quotas.get(*id) {
            Some(Quota::Count(n)) => (number_text(*n), String::new()),
            Some(Quota::PerMille(n)) => (String::new(), number_text(*n)),
            None => (String::new(), String::new()),
        };
        QuotaField { id: (*id).to_owned(), name: register_name(call, id), count, share }
    };
    DrawPlanFields {
        word: row.plan.word.clone(),
        year: row.plan.year.to_string(),
        title: row.plan.title.clone(),
        items: items_of(call, &chosen),
        cap: number_text(body.cap),
        quotas: REGISTERS.iter().map(quota).collect(),
        inspectors_per_unit: number_text(body.inspectors_per_unit),
        max_per_inspector: number_text(body.max_per_inspector),
        rest_days: number_text(body.rest_days),
        after_entries: number_text(body.after_entries),
        draw_within_days: number_text(body.draw_within_days),
        public_source: body.public_source.clone().unwrap_or_default(),
        public_day: body.public_day.map(|event| event.day.to_string()).unwrap_or_default(),
        public_hour: body.public_day.and_then(|event| event.hour).map(number_text).unwrap_or_default(),
        public_form: body.public_form.as_ref().map(ToString::to_string).unwrap_or_default(),
        public_source_url: body.public_source_url.clone().unwrap_or_default(),
        again_of: body.again_of.clone().unwrap_or_default(),
    }
}

/// A number of the form; what is none is told beside its field.
fn number<T: std::str::FromStr + Default>(call: &Call, name: &str, errors: &mut FormErrors) -> T {
    if let Ok(n) = call.form.get(name).parse() {
        return n;
    }
    errors.push(name, Text::new("请填写数字。", "Enter a number."));
    T::default()
}

fn quotas(call: &Call, errors: &mut FormErrors) -> BTreeMap<String, Quota> {
    let mut out = BTreeMap::new();
    for id in REGISTERS {
        let read = |name: String| Some(call.form.get(&name)).filter(|t| !t.is_empty()).map(str::parse::<u32>);
        let quota = match (read(format!("count_{id}")), read(format!("share_{id}"))) {
            (None, None) => continue,
            (Some(Ok(n)), None) => Quota::Count(n),
            (None, Some(Ok(n))) => Quota::PerMille(n),
            _ => {
                let what = Text::new(
                    "每个登记簿只填户数或者千分比之一，填数字。",
                    "For each register enter a number or a share of a thousand, not both.",
                );
                errors.push("quota", what);
                continue;
            }
        };
        out.insert(id.to_owned(), quota);
    }
    out
}

/// When the outcome of the public source comes out, where the form names it.
fn public_day(call: &Call, errors: &mut FormErrors) -> Option<PublicDay> {
    let (day, hour) = (call.form.get("public_day").trim(), call.form.get("public_hour").trim());
    if day.is_empty() && hour.is_empty() {
        return None;
    }
    let hours = if hour.is_empty() { Some(None) } else { hour.parse::<u8>().ok().map(Some) };
    let event = CivilDate::parse(day).zip(hours).map(|(day, hour)| PublicDay { day, hour });
    let event = event.filter(|event| event.is_sound());
    if event.is_none() {
        let what =
            Text::new("请写明日期；小时填0至23，不知道的不填。", "Enter a day; the hour is 0 to 23, or left empty.");
        errors.push("public_day", what);
    }
    event
}

/// How the outcome of the public source is written, where the form names it.
fn public_form(call: &Call, errors: &mut FormErrors) -> Option<PublicForm> {
    let typed = call.form.get("public_form").trim();
    let form = PublicForm::parse(typed);
    if form.is_none() && !typed.is_empty() {
        let what = Text::of(
            format!(
                "请照例子写：{USUAL_FORM}。rising 由小到大，drawn 按产生的次序；然后是个数和范围，范围两端位数相同。"
            ),
            format!(
                "Write it as in the example: {USUAL_FORM}. rising: from the lowest to the highest; drawn: as they came out; then how many, and the \
                 range with the same digits at both ends."
            ),
        );
        errors.push("public_form", what);
    }
    form
}

fn form_of(call: &Call, errors: &mut FormErrors) -> PlanForm {
    let f = &call.form;
    let named = |name: &str| Some(f.get(name).to_owned()).filter(|text| !text.is_empty());
    let item = |id: String| PlanItem { checklist: id.clone(), id };
    let body = PlanBody {
        items: f.all("items").into_iter().map(item).collect(),
        cap: number(call, "cap", errors),
        quotas: quotas(call, errors),
        inspectors_per_unit: number(call, "inspectors_per_unit", errors),
        max_per_inspector: number(call, "max_per_inspector", errors),
        rest_days: number(call, "rest_days", errors),
        after_entries: number(call, "after_entries", errors),
        draw_within_days: number(call, "draw_within_days", errors),
        public_source: named("public_source"),
        public_day: public_day(call, errors),
        public_form: public_form(call, errors),
        public_source_url: named("public_source_url"),
        again_of: named("again_of"),
    };
    PlanForm {
        word: f.get("word").to_owned(),
        year: number(call, "year", errors),
        title: f.get("title").to_owned(),
        body,
    }
}

/// The field that a refusal is about.
fn field_of(refusal: &Refusal) -> &'static str {
    const FIELDS: [&str; 8] =
        ["year", "title", "items", "cap", "quota", "inspectors_per_unit", "draw_within_days", "again_of"];
    let told = FIELDS.iter().find(|field| **field == refusal.code).copied();
    told.unwrap_or(match refusal.code.as_str() {
        "draw_public_source" => "public_source",
        "public_day" | "draw_public_day" => "public_day",
        "draw_public_form" => "public_form",
        "public_source_url" => "public_source_url",
        _ => "word",
    })
}

/// `GET /draws/new?plan=`.
pub(crate) async fn new(call: Call) -> Reply {
    let authority = of(&call)?;
    let word = call.query.get("plan");
    let f = if word.is_empty() {
        fresh(&call)
    } else {
        let PlanView { row, body, .. } = authority.plan(by(&call)?, word, 0).await?;
        kept(&call, &row, &body)
    };
    page(&DrawPlanFormPage { l: call.lang, bar: call.bar(Nav::Visits).await?, f, errors: FormErrors::default() })
}

/// `POST /draws/new`.
pub(crate) async fn put(call: Call) -> Reply {
    let (authority, who) = (of(&call)?, by(&call)?);
    let mut wrong = Wrong::form();
    let form = form_of(&call, &mut wrong.errors);
    if wrong.errors.is_empty() {
        match authority.put_plan(who, &form).await {
            Ok(()) => return call.done(&format!("/draws/{}", form.word), "plan_saved"),
            Err(refusal) => {
                let at = field_of(&refusal);
                wrong = Wrong::of(refusal, at)?;
            }
        }
    }
    let mut bar = call.bar(Nav::Visits).await?;
    wrong.on(&mut bar);
    page_with(wrong.status, &DrawPlanFormPage { l: call.lang, bar, f: typed(&call), errors: wrong.errors })
}

// -- one plan ---------------------------------------------------------------------------------------------------------------

fn steps(stage: PlanStage) -> Vec<BigStep> {
    let titles = [
        Text::new("公布计划", "Publish the plan"),
        Text::new("封存规则和名单", "Commit to rules and pool"),
        Text::new("由日志检查点抽取", "Draw by a head of the log"),
    ];
    let done = PlanStage::ALL.iter().position(|s| *s == stage).unwrap_or(0);
    let step = |(at, title): (usize, Text)| BigStep {
        n: u32::try_from(at + 1).unwrap_or(u32::MAX),
        title,
        done: at < done,
        now: at == done,
    };
    titles.into_iter().enumerate().map(step).collect()
}

/// What is to be done now.
fn now_words(view: &PlanView) -> Text {
    let waits = view.waits;
    match (view.row.stage, view.state) {
        (PlanStage::Draft, _) => Text::new(
            "草稿。由拟定人以外的负责人公布后，任何人都可以看到计划。",
            "A draft. When a person in charge other than its writer publishes it, everybody can read it.",
        ),
        (PlanStage::Published, _) => Text::new(
            "已公布。现在可以申报回避；负责人封存后，规则和名单不能再改。",
            "Published. Officers say now which units they keep out of; after the commitment neither rules nor pool change.",
        ),
        (_, PlanState::Committed { until, .. }) if view.today > until => Text::of(
            format!("抽取期限已于{until}届满。请另立计划，并写明代替本计划。"),
            format!("The last day of the draw was {until}. Write another plan that stands in place of this one."),
        ),
        (_, PlanState::Committed { until, .. }) if waits > 0 => Text::of(
            format!(
                "名单已封存。日志还要再有{waits}条记录才能抽取，最迟{until}。记录随日常办理自然增加，不需要为此做什么。"
            ),
            format!(
                "The pool is committed to. It can be drawn when the log has {waits} more {}, until {until}. The log grows with the daily work.",
                base::plural(waits, "record", "records")
            ),
        ),
        (_, PlanState::Committed { until, .. }) => {
            let event = view.body.public_day;
            let from = event.filter(|event| view.now < event.out()).map(|event| event.out().desk());
            match from {
                Some(from) => Text::of(
                    format!("名单已封存。等公开来源有了结果，{from}以后、最迟{until}抽取。"),
                    format!(
                        "The pool is committed to. Draw when the public source has its outcome: after {from}, until {until}."
                    ),
                ),
                None => Text::of(
                    format!("名单已封存。请照公开来源公布的结果填写后抽取，最迟{until}。"),
                    format!(
                        "The pool is committed to. Type the outcome that the public source published and draw, until {until}."
                    ),
                ),
            }
        }
        _ => Text::new(
            "已抽取，不得再抽。个别单位无法检查的，可以由次序中的下一户替换。",
            "Drawn, and not drawn twice. A unit that cannot be inspected is replaced by the next in order.",
        ),
    }
}

fn facts(call: &Call, view: &PlanView) -> Vec<(Text, Text)> {
    let body = &view.body;
    let same = |text: String| Text::of(text.clone(), text);
    let packs = call.site().gate().packs();
    let item = |item: &PlanItem| {
        let list = packs.checklists().iter().rfind(|list| list.id == item.checklist);
        list.map_or_else(|| item.id.clone(), |l| call.lang.t(&l.name_zh, &l.name_en).to_owned())
    };
    let items: Vec<String> = body.items.iter().map(item).collect();
    let mut out = vec![
        (Text::new("检查事项", "inspected"), Text::of(items.join("、"), items.join(", "))),
        (
            Text::new("同一单位每年计划内检查的次数上限", "most planned visits of one unit in the year"),
            same(body.cap.to_string()),
        ),
    ];
    for (id, quota) in &body.quotas {
        let (zh, en) = match quota {
            Quota::Count(n) => (format!("{n} 户"), n.to_string()),
            Quota::PerMille(n) => (format!("{n}‰"), format!("{n}‰")),
        };
        out.push((register_name(call, id), Text::of(zh, en)));
    }
    out.push((Text::new("每户检查人员数", "inspectors of each unit"), same(body.inspectors_per_unit.to_string())));
    out.push((
        Text::new("每名检查人员最多检查的户数", "most units of one inspector"),
        same(body.max_per_inspector.to_string()),
    ));
    out.push((
        Text::new("检查后多少日内不再抽取", "days without a draw after a visit"),
        same(body.rest_days.to_string()),
    ));
    out.push((
        Text::new("封存后至少再有几条日志记录才抽取", "log records between pool and draw"),
        same(body.after_entries.to_string()),
    ));
    out.push((
        Text::new("封存后多少日内抽取", "days after the commitment for the draw"),
        same(body.draw_within_days.to_string()),
    ));
    if let Some(source) = &body.public_source {
        out.push((Text::new("公开来源", "public source"), same(source.clone())));
    }
    if let Some(event) = body.public_day {
        out.push((Text::new("结果公布的时间", "its outcome comes out"), event.text()));
    }
    if let Some(form) = &body.public_form {
        out.push((Text::new("结果怎样写", "how its outcome is written"), form.text()));
    }
    if let Some(url) = &body.public_source_url {
        out.push((Text::new("公布结果的网址", "where its outcome is published"), same(url.clone())));
    }
    if view.pool.is_some() {
        let (units, people) = view.in_pool;
        out.push((Text::new("名单中的单位", "units in the pool"), same(units.to_string())));
        out.push((Text::new("名单中的检查人员", "inspectors in the pool"), same(people.to_string())));
    }
    out
}

fn unit_line(call: &Call, view: &PlanView, row: &DrawnRow) -> DrawnUnitLine {
    let name = |id: &String| {
        let who = view.people.get(id).map(|p| p.name.expose().clone()).unwrap_or_default();
        (id.clone(), Shown(who))
    };
    let lack = [Lack::Qualified, Lack::Conflicts, Lack::Load].into_iter().find(|l| l.code() == row.lack);
    let asked = row.visit.as_ref().and_then(|v| Some((VisitState::parse(&v.state)?, v.day)));
    let state = match (row.gone, row.case, row.closed, asked) {
        (true, ..) => State::new(Mark::Off, "已替换", "replaced"),
        (_, None, ..) => State::new(Mark::Attention, "未立卷", "not opened"),
        (_, _, true, _) => State::new(Mark::Ok, "已办结", "visited"),
        (_, _, _, Some((VisitState::Asked, day))) => State {
            mark: Mark::Attention,
            word: Text::of(format!("待批准，定于{day}"), format!("to be approved, for {day}")),
        },
        (_, _, _, Some((VisitState::Approved, day))) => State {
            mark: Mark::Busy,
            word: Text::of(format!("已批准，{day}检查"), format!("approved for {day}")),
        },
        (_, _, _, Some((VisitState::Open, _))) => State::new(Mark::Busy, "检查中", "under way"),
        (_, _, _, Some((VisitState::Closed, day))) => {
            State { mark: Mark::Ok, word: Text::of(format!("已检查，{day}"), format!("visited on {day}")) }
        }
        _ => State::new(Mark::Info, "待安排检查", "a visit is to be asked for"),
    };
    let waits = !row.gone && !row.closed;
    let head = view.acts_here && call.may(Permission::ApproveCases) && waits;
    DrawnUnitLine {
        unit: row.unit.clone(),
        place: row.place,
        name: row.name.clone(),
        register: register_name(call, &row.register),
        team: row.team.iter().map(name).collect(),
        lack: lack.map(Lack::text).unwrap_or_default(),
        gone: row.gone,
        case: row.case.map(|id| id.to_string()).unwrap_or_default(),
        number: row.number.clone().unwrap_or_default(),
        state,
        has_visit: asked.is_some(),
        may_ask: view.acts_here && waits && call.may(Permission::HandleCases) && row.case.is_some() && asked.is_none(),
        may_approve: head && asked.is_some_and(|(state, _)| state == VisitState::Asked),
        may_replace: head,
    }
}

fn can(call: &Call, view: &PlanView) -> PlanCan {
    let may = |what| view.acts_here && call.may(what);
    let (officer, head) = (may(Permission::HandleCases), may(Permission::ApproveCases));
    let stage = view.row.stage;
    let ready = match view.state {
        PlanState::Committed { until, .. } => {
            let out = view.body.public_day.is_none_or(|event| event.out() <= view.now);
            view.waits == 0 && view.today <= until && out
        }
        PlanState::Open | PlanState::Drawn => false,
    };
    PlanCan {
        change: officer && stage == PlanStage::Draft,
        publish: head && stage == PlanStage::Draft,
        keep_out: officer && stage == PlanStage::Published,
        commit: head && stage == PlanStage::Published,
        draw: head && ready,
        open: officer && stage == PlanStage::Drawn && view.counts.opened < view.counts.drawn,
        paper: (officer || head) && view.record.is_some(),
    }
}

/// `GET /draws/{id}?after=`.
pub(crate) async fn show(call: Call) -> Reply {
    let word = call.param(0).to_owned();
    let after: u32 = call.query.get("after").parse().unwrap_or(0);
    let view = of(&call)?.plan(by(&call)?, &word, after).await?;
    let reason = |r: &ReplaceReason| Choice::new(reason_word(*r), r.name(), false);
    let path = format!("/draws/{word}");
    let pager = Pager {
        previous: (after > 0).then(|| path.clone()),
        next: view.next.map(|place| format!("{path}?after={place}")),
        shown: Text::default(),
    };
    page(&DrawPlanPage {
        l: call.lang,
        bar: call.bar(Nav::Visits).await?,
        plan: line(&(view.row.clone(), view.counts)),
        steps: steps(view.row.stage),
        now: now_words(&view),
        can: can(&call, &view),
        changed_ms: view.row.changed.0,
        facts: facts(&call, &view),
        source: view.body.public_source.clone().unwrap_or_default(),
        source_form: view.body.public_form.as_ref().map(PublicForm::text).unwrap_or_default(),
        caution: view.rules.as_ref().and_then(|r| r.caution().or_else(|| r.resting_on())).unwrap_or_default(),
        pool_log: view.pool.as_ref().map(|pool| pool.entry),
        committed: view.pool.as_ref().map(|pool| pool.at),
        commitment: commitment(&view),
        seed: view.record.as_ref().map(|r| r.seed.hex()).unwrap_or_default(),
        units: view.units.iter().map(|row| unit_line(&call, &view, row)).collect(),
        reasons: ReplaceReason::ALL.iter().map(reason).collect(),
        pager,
    })
}

/// The commitment of rules and pool as they were kept: the same before and after the draw.
fn commitment(view: &PlanView) -> String {
    view.pool.as_ref().map(|pool| commitment_of(&pool.text)).unwrap_or_default()
}

/// The commitment that the log has, from what is kept of it; empty where that cannot be read.
pub(super) fn commitment_of(pool: &str) -> String {
    Commitment::of_text(pool).map(|made| made.commitment.hex()).unwrap_or_default()
}

/// The word of a reason, as the published file has it.
const fn reason_word(reason: ReplaceReason) -> &'static str {
    match reason {
        ReplaceReason::Closed => "closed",
        ReplaceReason::Moved => "moved",
        ReplaceReason::Merged => "merged",
        ReplaceReason::OutOfScope => "out_of_scope",
    }
}

fn back(call: &Call) -> String {
    format!("/draws/{}", call.param(0))
}

/// `POST /draws/{id}/publish`: `seen`.
pub(crate) async fn publish(call: Call) -> Reply {
    let seen = call.form.instant("seen").unwrap_or_default();
    of(&call)?.publish_plan_as_seen(by(&call)?, call.param(0), seen).await?;
    call.done(&back(&call), "plan_published")
}

/// `POST /draws/{id}/keep-out`: `unit`.
pub(crate) async fn keep_out(call: Call) -> Reply {
    of(&call)?.keep_out(by(&call)?, call.param(0), call.form.get("unit")).await?;
    call.done(&back(&call), "plan_kept_out")
}

/// `POST /draws/{id}/pool`.
pub(crate) async fn commit(call: Call) -> Reply {
    of(&call)?.commit_pool(by(&call)?, call.param(0)).await?;
    call.done(&back(&call), "plan_committed")
}

/// `POST /draws/{id}/draw`: `value`.
pub(crate) async fn draw(call: Call) -> Reply {
    of(&call)?.draw_plan(by(&call)?, call.param(0), call.form.get("value")).await?;
    call.done(&back(&call), "plan_drawn")
}

/// `POST /draws/{id}/replace`: `unit`, `reason`, a file.
pub(crate) async fn replace(call: Call) -> Reply {
    let (authority, who) = (of(&call)?, by(&call)?);
    let word = call.form.get("reason");
    let reason = ReplaceReason::ALL.into_iter().find(|r| reason_word(*r) == word).ok_or_else(|| {
        let what = Text::new("请选择替换理由。", "Choose why the unit is replaced.");
        Refusal::bad_input("reason", what, Text::new("请更正后重新提交。", "Correct it and submit again."))
    })?;
    let paper: &[u8] = match &call.upload {
        Some(file) => &file.bytes,
        None => &[],
    };
    authority.replace_unit(who, call.param(0), call.form.get("unit"), Ground { reason, paper }).await?;
    call.done(&back(&call), "plan_replaced")
}

/// `POST /draws/{id}/visits`.
pub(crate) async fn visits(call: Call) -> Reply {
    let opened = of(&call)?.open_visits(by(&call)?, call.param(0)).await?;
    call.done(&back(&call), if opened.more { "plan_visits_more" } else { "plan_visits" })
}

/// `POST /draws/{id}/paper`: the result as a document, made and entered, then sent; in Chinese, as what is handed over and posted up.
pub(crate) async fn paper(call: Call) -> Reply {
    let made = of(&call)?.draw_paper(by(&call)?, call.param(0), Lang::Zh).await?;
    let mut answer = body(StatusCode::OK, "application/pdf", made.pdf);
    attach(&mut answer, &made.file);
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_steps_follow_the_stage() {
        for (stage, done) in PlanStage::ALL.into_iter().zip(0_usize..) {
            let steps = steps(stage);
            assert_eq!(steps.len(), 3);
            assert_eq!(steps.iter().filter(|s| s.done).count(), done, "{stage:?}");
            assert_eq!(steps.iter().filter(|s| s.now).count(), usize::from(done < 3), "{stage:?}");
        }
    }

    #[test]
    fn reasons_have_the_words_of_the_published_file() {
        for reason in ReplaceReason::ALL {
            assert_eq!(serde_json::to_value(reason).unwrap(), serde_json::json!(reason_word(reason)));
        }
    }

    #[test]
    fn what_the_domain_says_of_a_plan_stands_beside_its_field() {
        let told = |code: &str| field_of(&Refusal::bad_input(code, Text::default(), Text::default()));
        assert_eq!(told("draw_public_source"), "public_source");
        assert_eq!(told("draw_public_form"), "public_form");
        assert_eq!([told("public_day"), told("draw_public_day")], ["public_day"; 2]);
        assert_eq!((told("cap"), told("quota")), ("cap", "quota"));
        assert_eq!((told("draw_not_a_word"), told("plan_word_taken")), ("word", "word"));
    }
}
