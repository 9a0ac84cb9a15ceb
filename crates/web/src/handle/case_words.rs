//! A case in words: where it stands, its life, deadlines, papers, values, history and documents, as lines of pages.
//!
//! ```text
//! authority::cases::CaseView (folded events, as far as the reader may see) ─▶ LifeNode, DeadlineLine, MaterialLine, ValueGroup, EventLine, …
//! ```
//! Always true: nothing is told here that the view does not hold, so an applicant's page cannot say more than theirs; no procedure is known by
//! name; names of officers stand only where the view has them.

use super::ask;
use super::case::verb;
use super::case_panel;
use super::services::material_sample;
use crate::call::Call;
use crate::pages::ask::Shown;
use crate::pages::case::{
    DeadlineLine, DocumentLine, EventLine, FileLine, LifeNode, MaterialLine, NodeState, StopLine, ValueGroup,
    mark_of_left,
};
use crate::pages::{Mark, State};
use authority::cases::{CaseView, Line, role_sees_persons};
use base::{AccountId, Citation, CivilDate, ClauseId, Lang, Text, plural, time::DAY_MS};
use domain::access::Permission;
use domain::casework::{
    COMPLETE, CaseClock, ClockState, Doing, Event, LifeState, Missing, OTHER_EVIDENCE, Ruling, Stage, asking_step,
    fields_of, node, nodes, repeats,
};
use domain::document::Document;
use domain::form::Values;
use law::{ListedCarrier, Material};
use std::collections::BTreeMap;
use store::casework::cases::CaseRow;

/// Most rounds of one step whose forms stand on a page.
const ROUNDS: usize = 30;
/// Whole days within which a limit is near.
pub(crate) const NEAR_DAYS: i64 = 2;

/// Where a case stands, by the word of its row.
pub(crate) fn stage_state(word: &str) -> State {
    let stage = Stage::parse(word);
    let mark = match stage {
        Some(Stage::Running) => Mark::Busy,
        Some(Stage::Decided) => Mark::Info,
        Some(Stage::Closed) => Mark::Ok,
        Some(Stage::Draft | Stage::Abandoned) | None => Mark::Off,
    };
    State { mark, word: stage.map_or_else(Text::default, Stage::name) }
}

/// Where the case of a row stands, for those who work here: what came in without an account was sent, and waits for the office.
pub(crate) fn state_of_row(row: &CaseRow) -> State {
    match Stage::parse(&row.head.state) {
        Some(Stage::Draft) if row.head.party.is_none() => {
            State::new(Mark::Info, "新收到，待登记", "new, to be taken in")
        }
        _ => stage_state(&row.head.state),
    }
}

/// Whole days from today to a day.
pub(crate) fn days_left(today: CivilDate, day: CivilDate) -> i64 {
    (day.start().0 - today.start().0) / DAY_MS
}

/// What is left of a limit, in words.
pub(crate) fn left_words(left: i64) -> Text {
    match left {
        0 => Text::new("今天到期", "due today"),
        1 => Text::new("明天到期", "due tomorrow"),
        days if days > 0 => Text::of(format!("还有 {days} 天"), format!("{days} days left")),
        days => {
            let over = days.unsigned_abs();
            let word = base::text::plural(over, "day", "days");
            Text::of(format!("已超过 {over} 天"), format!("over by {over} {word}"))
        }
    }
}

/// The citation of a clause, if the packs have it.
pub(crate) fn cited(call: &Call, clause: &ClauseId) -> Option<Citation> {
    call.site().gate().packs().cite(clause)
}

/// Citations of clauses.
pub(crate) fn cites(call: &Call, clauses: &[ClauseId]) -> Vec<Citation> {
    clauses.iter().filter_map(|clause| cited(call, clause)).collect()
}

/// A sentence of the packs with the clauses that stand in its brackets named for people: the instrument and the article, not our word for them.
pub(crate) fn clauses_named(call: &Call, said: &Text) -> Text {
    let zh = |c: &Citation| format!("《{}》{}", c.instrument.zh, c.article.zh);
    let en = |c: &Citation| format!("{}, {}", c.instrument.en, c.article.en);
    let name = |id: &str| cited(call, &ClauseId::new(id));
    Text::of(
        bracketed(&said.zh, ('（', '）'), |id| name(id).map(|c| zh(&c))),
        bracketed(&said.en, ('(', ')'), |id| name(id).map(|c| en(&c))),
    )
}

/// A text in which what stands in brackets is replaced, where something stands for it.
fn bracketed(text: &str, (open, close): (char, char), stands: impl Fn(&str) -> Option<String>) -> String {
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some((before, after)) = rest.split_once(open) {
        let Some((inner, tail)) = after.split_once(close) else { break };
        out.push_str(before);
        out.push(open);
        out.push_str(&stands(inner).unwrap_or_else(|| inner.to_owned()));
        out.push(close);
        rest = tail;
    }
    out.push_str(rest);
    out
}

/// Names of who entered something in the case; empty for an applicant.
pub(crate) fn names(view: &CaseView) -> BTreeMap<AccountId, String> {
    let name = |line: &Line| Some((line.recorded.by, line.by.as_ref()?.expose().clone()));
    view.events.iter().filter_map(name).collect()
}

/// Paragraphs of words, as they were typed.
pub(crate) fn paragraphs(text: &str) -> Vec<Shown> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(Shown::from).collect()
}

/// The course of the case: what was done and what comes, in the order in which it can; outcomes that exclude each other as one point.
pub(crate) fn life(view: &CaseView) -> Vec<LifeNode> {
    let names = names(view);
    let line = |point: domain::casework::Point<'_>| {
        let state = match point.state {
            LifeState::Done { .. } => NodeState::Done,
            LifeState::Open => NodeState::Open,
            LifeState::ToCome => NodeState::Ahead,
            LifeState::Closed => NodeState::Closed,
        };
        let one = point.nodes.first();
        let party = one.map(|n| n.party.name()).unwrap_or_default();
        if point.nodes.len() > 1 {
            let options = point.nodes.into_iter().map(|n| n.name).collect();
            let title = Text::new("作出决定", "Decision");
            return LifeNode { title, party, state, options, ..LifeNode::default() };
        }
        let done = one.filter(|_| state == NodeState::Done).and_then(|n| view.case.done(n.id));
        LifeNode {
            title: one.map(|n| n.name.clone()).unwrap_or_default(),
            party,
            state,
            at: done.map(|d| d.at),
            by: done.and_then(|d| names.get(&d.by)).map(|n| Shown(n.clone())).unwrap_or_default(),
            options: Vec::new(),
        }
    };
    view.course().into_iter().map(line).collect()
}

pub(crate) fn stops_of(call: &Call, view: &CaseView, clock: &CaseClock) -> Vec<StopLine> {
    let rules = view.procedure().clock(&clock.id).map(|c| c.stops.as_slice()).unwrap_or_default();
    let line = |stop: &law::Stop| StopLine {
        cause: stop.cause.name(),
        from: stop.from.to_string(),
        to: stop.to.map(|day| day.to_string()).unwrap_or_default(),
        clause: rules.iter().find(|r| r.cause == stop.cause).and_then(|r| cited(call, &r.clause)),
    };
    clock.run.stops.iter().map(line).collect()
}

/// Time limits that run, stand still, were missed or cannot be counted; the nearest first.
pub(crate) fn deadlines(call: &Call, view: &CaseView) -> Vec<DeadlineLine> {
    let mut open = view.clocks();
    open.retain(|c| {
        matches!(
            c.state,
            ClockState::Running | ClockState::Missed | ClockState::Suspended { .. } | ClockState::NotCounted { .. }
        )
    });
    open.sort_by_key(|c| (c.day().is_none(), c.day()));
    let own = rest_until(view).map(|day| rest_deadline(call, view, day));
    own.into_iter().chain(open.iter().map(|clock| deadline(call, view, clock))).collect()
}

/// The last day that the office set for what is missing, while it is awaited.
pub(crate) fn rest_until(view: &CaseView) -> Option<CivilDate> {
    view.case.askings.last().filter(|_| awaits_rest(view))?.until
}

/// The same as a line; no clause sets the day.
fn rest_deadline(call: &Call, view: &CaseView, day: CivilDate) -> DeadlineLine {
    let left = days_left(view.today, day);
    let mark = mark_of_left(left, NEAR_DAYS);
    let word = if mark == Mark::Critical {
        Text::new("已过", "over")
    } else {
        Text::new("等待当事人补正", "the party is to complete")
    };
    DeadlineLine {
        name: Text::new("当事人补正期限（本机关所定）", "Completion by the party (day set by the office)"),
        day: day.to_string(),
        left: left_words(left),
        state: State { mark, word },
        clause: asking_step(view.procedure()).and_then(|s| cited(call, &s.clause)),
        ..DeadlineLine::default()
    }
}

/// Time limits of ours that were not kept, each with the days by which what was due came late: a decision does not wipe out that it was late.
pub(crate) fn kept_late(call: &Call, view: &CaseView) -> Vec<DeadlineLine> {
    let line = |clock: &CaseClock| {
        let on = match clock.state {
            ClockState::MetLate { on } => on,
            ClockState::Lapsed => view.case.outcome().map(|decision| decision.on)?,
            _ => return None,
        };
        let late = days_left(clock.day()?, on).unsigned_abs();
        let word = plural(late, "day", "days");
        let left = Text::of(format!("{on} 才完成，迟了 {late} 天"), format!("done on {on}, late by {late} {word}"));
        let state = State::new(Mark::Attention, "曾逾期", "was late");
        Some(DeadlineLine { left, state, ..deadline(call, view, clock) })
    };
    view.clocks().iter().filter(|clock| clock.binds_us()).filter_map(line).collect()
}

/// Whether this reader takes part in the open case as an officer: what they and their colleagues wrote in it they read as it was written.
pub(crate) fn reads_words(call: &Call, view: &CaseView) -> bool {
    let Some(own) = call.who.as_ref().map(|who| who.actor.id) else { return false };
    let is_in_it = view.row.head.assigned == Some(own) || view.case.handled(own).next().is_some();
    let is_open = view.row.head.closed.is_none() && !view.case.is_recused(own);
    call.may(Permission::HandleCases) && view.acts_here && is_open && is_in_it
}

fn deadline(call: &Call, view: &CaseView, clock: &CaseClock) -> DeadlineLine {
    let left = clock.day().map(|day| days_left(view.today, day));
    let (state, left) = match (&clock.state, left) {
        (ClockState::Suspended { since }, _) => (
            State::new(Mark::Off, "暂停计算", "suspended"),
            Text::of(format!("自 {since} 起停止计算"), format!("stands still since {since}")),
        ),
        (ClockState::NotCounted { why }, _) => (State::new(Mark::Attention, "不能计算", "not counted"), why.clone()),
        (_, Some(left)) => {
            let mark = mark_of_left(left, NEAR_DAYS);
            let word = match mark {
                Mark::Critical => Text::new("已逾期", "overdue"),
                Mark::Warning => Text::new("临近", "near"),
                _ => Text::new("计算中", "running"),
            };
            (State { mark, word }, left_words(left))
        }
        (_, None) => (State::new(Mark::Off, "没有日期", "no day"), Text::default()),
    };
    let clause = clock.deadline.as_ref().and_then(|d| d.length.first()).and_then(|c| cited(call, c));
    DeadlineLine {
        name: clock.name.clone(),
        day: clock.day().map(|day| day.to_string()).unwrap_or_default(),
        left,
        state,
        promised: false,
        clause,
        provisional: clock.provisional.map(|year| year.to_string()).unwrap_or_default(),
        stops: stops_of(call, view, clock),
        over: clock.over.clone(),
    }
}

/// Something was asked for and is not completed yet.
pub(crate) fn awaits_rest(view: &CaseView) -> bool {
    let asked = view.case.askings.last().map(|a| a.index);
    let completed = view.case.done(COMPLETE).map(|d| d.index);
    asked.is_some_and(|a| completed.is_none_or(|c| c < a))
}

/// What was asked for last and is still awaited.
fn asked_for(view: &CaseView) -> &[Missing] {
    let last = view.case.askings.last().filter(|_| awaits_rest(view));
    last.map(|a| a.materials.as_slice()).unwrap_or_default()
}

/// This account may open papers and documents of cases, as far as it may know of the case.
pub(crate) fn opens(call: &Call) -> bool {
    call.who.as_ref().is_some_and(|who| role_sees_persons(who.actor.role))
}

/// Files of a paper that were not given back, the newest first. Whoever may open none sees neither link nor the file's own name, which may be a
/// person's.
fn files(call: &Call, view: &CaseView, material: &str, base: &str) -> Vec<FileLine> {
    let opens = opens(call) && view.acts_here;
    let there = |p: &&store::casework::papers::CasePaper| {
        p.material == material
            && view.case.papers.iter().any(|c| c.sha256 == p.sha256 && c.material == p.material && !c.returned)
    };
    let line = |p: &store::casework::papers::CasePaper| FileLine {
        id: p.sha256.hex(),
        name: if opens { Shown(p.name.expose().clone()) } else { Shown(format!("paper-{}", p.n)) },
        href: if opens { format!("{base}/papers/{}", p.n) } else { String::new() },
        size_bytes: p.bytes,
        sha256: p.sha256.hex(),
        at: p.at,
    };
    view.papers.iter().rev().filter(there).map(line).collect()
}

/// With which others one is enough.
fn one_of(all: &[Material], material: &Material) -> Text {
    if material.one_of.is_empty() {
        return Text::default();
    }
    let group = || all.iter().filter(|m| m.one_of == material.one_of);
    let zh: Vec<&str> = group().map(|m| m.zh.as_str()).collect();
    let en: Vec<&str> = group().map(|m| m.en.as_str()).collect();
    Text::of(format!("有其一即可：{}", zh.join("、")), format!("one is enough: {}", en.join("; ")))
}

/// Of a paper whose text is lost: no paper is asked for on what nobody can read.
pub(crate) const fn not_asked() -> Text {
    Text::new("条文有残缺，不要求提交", "its text is partly lost: it is not asked for")
}

fn material(call: &Call, view: &CaseView, m: &Material, base: &str) -> MaterialLine {
    let all = &view.procedure().materials;
    let asked = asked_for(view).iter().find(|a| a.id == m.id);
    let given = view.case.paper(&m.id).is_some();
    let state = match (asked, given) {
        (Some(_), _) => State::new(Mark::Warning, "需要补正", "to be completed"),
        (None, true) => State::new(Mark::Ok, "已提交", "handed in"),
        (None, false) if view.missing().iter().any(|one| one.id == m.id) => {
            State::new(Mark::Attention, "缺少", "missing")
        }
        (None, false) if m.gap => State::new(Mark::Off, "不要求", "not asked for"),
        (None, false) => State::new(Mark::Off, "未提交", "not handed in"),
    };
    MaterialLine {
        id: m.id.clone(),
        name: Text::of(m.zh.clone(), m.en.clone()),
        required: m.required && !m.gap,
        one_of: if m.gap { not_asked() } else { one_of(all, m) },
        clause: cited(call, &m.clause),
        gap: m.gap,
        state,
        reason: asked.map(|a| Shown(a.reason.clone())).unwrap_or_default(),
        sample: material_sample(view.procedure(), m),
        files: files(call, view, &m.id, base),
    }
}

/// A line for the paper of a step or outcome.
pub(crate) fn paper_of_step(call: &Call, view: &CaseView, id: &str, base: &str) -> Option<MaterialLine> {
    let found = node(view.procedure(), id)?;
    let files = files(call, view, id, base);
    let state = if files.is_empty() {
        State::new(Mark::Off, "未提交", "not handed in")
    } else {
        State::new(Mark::Ok, "已提交", "handed in")
    };
    let name = found.name();
    Some(MaterialLine {
        id: id.to_owned(),
        name: Text::of(format!("「{}」的文书", name.zh), format!("paper of \"{}\"", name.en)),
        clause: cited(call, found.clause()),
        state,
        files,
        ..MaterialLine::default()
    })
}

/// Papers that the procedure asks for, then those of steps that have one. `base`: address below which papers are opened.
pub(crate) fn materials(call: &Call, view: &CaseView, base: &str) -> Vec<MaterialLine> {
    let asked = view.procedure().materials.iter().map(|m| material(call, view, m, base));
    let of_steps = nodes(view.procedure()).filter(|n| view.papers.iter().any(|p| p.material == n.id()));
    let of_steps = of_steps.filter_map(|n| paper_of_step(call, view, n.id(), base));
    asked.chain(of_steps).chain(evidence(call, view, base)).collect()
}

/// What evidence that is the paper of no step is called.
pub(crate) fn other_evidence() -> Text {
    Text::new(
        "其他证据（照片、报告等；文件名写明是什么）",
        "other evidence (photos, reports; the file's name says what)",
    )
}

/// The line of such evidence, where some was handed in.
fn evidence(call: &Call, view: &CaseView, base: &str) -> Option<MaterialLine> {
    let files = files(call, view, OTHER_EVIDENCE, base);
    let state = State::new(Mark::Ok, "已提交", "handed in");
    let (id, name) = (OTHER_EVIDENCE.to_owned(), other_evidence());
    (!files.is_empty()).then(|| MaterialLine { id, name, state, files, ..MaterialLine::default() })
}

/// The name of a step as a heading, with which time it was.
fn titled(name: &Text, zh: &str, en: &str) -> Text {
    let name = verb(name);
    Text::of(format!("{}（{zh}）", name.zh), format!("{} ({en})", name.en))
}

/// Values of the forms, in the order of the procedure; a step that was done several times has each of its rounds, the last [`ROUNDS`] of them,
/// numbered from the first one. `words`: prose about persons was opened for this reader.
pub(crate) fn groups(call: &Call, view: &CaseView, words: bool) -> Vec<ValueGroup> {
    let line = |n: domain::casework::Node<'_>, title: Text, values: &Values| ValueGroup {
        title,
        change: String::new(),
        values: ask::values(call, &fields_of(view.procedure(), n.id()), values, words),
    };
    let group = |n: domain::casework::Node<'_>| {
        let last = view.case.values.get(n.id()).filter(|(_, values)| !values.is_empty());
        let rounds: Vec<&Doing> =
            view.case.doings.iter().filter(|d| d.node == n.id() && !d.values.is_empty()).collect();
        // What was begun for the next time stands behind the rounds that were done.
        let begun = last.filter(|(filled, _)| rounds.iter().all(|d| d.filled != *filled));
        let is_again = begun.is_some() && repeats(view.procedure(), n.id());
        if rounds.is_empty() || (rounds.len() < 2 && !is_again) {
            return last.map(|(_, values)| line(n, verb(&n.name()), values)).into_iter().collect::<Vec<_>>();
        }
        let begun = begun.map(|(_, values)| line(n, titled(&n.name(), "正在填写", "being filled in"), values));
        let round = |(i, d): (usize, &&Doing)| {
            let (zh, en) = (format!("第{}次，{}", i + 1, d.on), format!("{} of {}, {}", i + 1, rounds.len(), d.on));
            line(n, titled(&n.name(), &zh, &en), &d.values)
        };
        let skipped = rounds.len().saturating_sub(ROUNDS);
        rounds.iter().enumerate().skip(skipped).map(round).chain(begun).collect()
    };
    nodes(view.procedure()).flat_map(group).chain(case_panel::group(call, view)).collect()
}

/// The name of a register or publication.
pub(crate) fn carrier_name(list: &[ListedCarrier], id: &str) -> Text {
    list.iter().find(|c| c.id == id).map_or_else(|| Text::of(id, id), ListedCarrier::name)
}

/// What a material, field, step or outcome of the procedure is called.
pub(crate) fn thing(view: &CaseView, id: &str) -> Text {
    let material = view.procedure().materials.iter().find(|m| m.id == id);
    let material = material.map(|m| Text::of(m.zh.clone(), m.en.clone()));
    material
        .or_else(|| view.procedure().field(id).map(law::Field::name))
        .or_else(|| node(view.procedure(), id).map(domain::casework::Node::name))
        .unwrap_or_else(|| if id == OTHER_EVIDENCE { other_evidence() } else { Text::of(id, id) })
}

/// What the event is about, beside its kind; empty for some.
fn about(call: &Call, view: &CaseView, event: &Event) -> Text {
    let packs = call.site().gate().packs();
    let clock = |id: &str| view.procedure().clock(id).map_or_else(|| Text::of(id, id), |c| c.name());
    match event {
        Event::Filled { step, .. } | Event::StepDone { step, .. } | Event::AskedForRest { step, .. } => {
            thing(view, step)
        }
        Event::Decided { outcome, delegation: Some(paper), .. } => {
            let name = thing(view, outcome);
            let (zh, en) =
                (format!("{}（受负责人委托，{paper}）", name.zh), format!("{} (by delegation, {paper})", name.en));
            Text::of(zh, en)
        }
        Event::Proposed { outcome, .. } | Event::Decided { outcome, .. } => thing(view, outcome),
        Event::PaperGiven { material, .. } => thing(view, material),
        Event::Reviewed { passed: true, .. } => Text::new("通过", "passed"),
        Event::Reviewed { passed: false, .. } => Text::new("不通过", "not passed"),
        Event::ClockStopped { clock: id, cause, .. } | Event::ClockResumed { clock: id, cause, .. } => {
            let (name, cause) = (clock(id), cause.name());
            Text::of(format!("{}（{}）", name.zh, cause.zh), format!("{} ({})", name.en, cause.en))
        }
        Event::ClockExtended { clock: id, .. } => clock(id),
        Event::Deferred { clock: id, parts, .. } => {
            let (name, n) = (clock(id), parts.len());
            let until = parts.last().map(|part| part.by.to_string()).unwrap_or_default();
            Text::of(
                format!("{}，分{n}期，至 {until}", name.zh),
                format!("{}, {n} {}, until {until}", name.en, plural(n, "part", "parts")),
            )
        }
        Event::TakenBack { step, .. } => thing(view, step),
        Event::FactsChanged { from, to, .. } => Text::of(format!("{from} → {to}"), format!("{from} → {to}")),
        Event::Recused { settled, ruling, .. } => {
            let name = settled.name();
            match ruling {
                None => name,
                Some(Ruling::Above { .. }) => {
                    Text::of(format!("{}（上一级机构决定）", name.zh), format!("{} (by the office above)", name.en))
                }
                Some(Ruling::Entered { .. }) => Text::of(
                    format!("{}（登记的书面决定）", name.zh),
                    format!("{} (written decision, entered)", name.en),
                ),
            }
        }
        Event::DocumentMade { kind, number, .. } => {
            let name = document_name(kind);
            Text::of(format!("{} {number}", name.zh), format!("{} {number}", name.en))
        }
        Event::Delivered { way, .. } => way.name(),
        Event::DocumentVoided { document, .. } => {
            let made = view.case.documents.iter().find(|d| d.sha256 == *document);
            made.map_or_else(Text::default, |d| {
                let name = document_name(&d.kind);
                Text::of(format!("{} {}", name.zh, d.number), format!("{} {}", name.en, d.number))
            })
        }
        Event::Panel { change } => case_panel::about(change),
        Event::Registered { register, .. } => carrier_name(packs.carriers().registers(), register),
        Event::Published { publication, .. } | Event::WithdrawnPublication { publication, .. } => {
            carrier_name(packs.carriers().publications(), publication)
        }
        Event::Opened { channel, .. } => channel.name(),
        _ => Text::default(),
    }
}

/// The reasons and remarks of an event.
fn words_of(call: &Call, view: &CaseView, event: &Event) -> Vec<Shown> {
    match event {
        Event::AskedForRest { materials, fields, until, .. } => {
            let l = call.lang;
            let line = |m: &Missing| Shown(format!("{}{}{}", thing(view, &m.id).get(l), l.t("：", ": "), m.reason));
            let last = until.map(|day| Shown(format!("{} {day}", l.t("补正期限", "To be completed by"))));
            materials.iter().chain(fields).map(line).chain(last).collect()
        }
        Event::StepDone { note, .. } => paragraphs(note),
        Event::Proposed { reasons, .. }
        | Event::SentBack { reasons }
        | Event::Decided { reasons, .. }
        | Event::WithdrawnPublication { reasons, .. }
        | Event::FactsChanged { reasons, .. }
        | Event::Abandoned { reasons }
        | Event::TakenBack { reasons, .. } => paragraphs(reasons),
        // About somebody's need: for those who may see the whole case.
        Event::Deferred { reasons, .. } if ask::sees_whole(call) => paragraphs(reasons),
        Event::Reviewed { opinion, .. } => paragraphs(opinion),
        Event::PaperReturned { reason, .. }
        | Event::ClockStopped { reason, .. }
        | Event::ClockResumed { reason, .. }
        | Event::ClockExtended { reason, .. }
        | Event::DocumentVoided { reason, .. }
        | Event::Recused { reason, ruling: None | Some(Ruling::Above { .. }), .. } => paragraphs(reason),
        Event::Recused { reason, ruling: Some(Ruling::Entered { organ, number, on }), .. } => {
            let entered = Text::of(
                format!("登记的书面决定：{organ}，{number}，{on}"),
                format!("Written decision, entered: {organ}, {number}, {on}"),
            );
            [paragraphs(entered.get(call.lang)), paragraphs(reason)].concat()
        }
        Event::Corrected { what, reasons, .. } => [paragraphs(what), paragraphs(reasons)].concat(),
        Event::Noted { words } => paragraphs(words),
        Event::Panel { change } => paragraphs(&case_panel::words(change)),
        _ => Vec::new(),
    }
}

/// What kind of event it is, and what it is about: of a step its name.
pub(crate) fn event_words(call: &Call, view: &CaseView, event: &Event) -> Text {
    let (name, about) = (event.name(), about(call, view, event));
    if about.zh.is_empty() {
        return name;
    }
    Text::of(format!("{}：{}", name.zh, about.zh), format!("{}: {}", name.en, about.en))
}

/// Where the document or paper of an event is opened: of an officer's page, by whoever may.
fn opened_at(call: &Call, view: &CaseView, event: &Event) -> String {
    if view.is_applicant || !view.acts_here || !opens(call) {
        return String::new();
    }
    let base = format!("/cases/{}", view.row.id);
    match event {
        Event::DocumentMade { sha256, .. } if view.documents.iter().any(|d| d.sha256 == *sha256) => {
            format!("{base}/documents/{}", sha256.hex())
        }
        Event::PaperGiven { material, sha256, .. } => {
            let kept = view.papers.iter().find(|p| p.sha256 == *sha256 && p.material == *material);
            kept.map(|p| format!("{base}/papers/{}", p.n)).unwrap_or_default()
        }
        _ => String::new(),
    }
}

/// What happened, the oldest first.
pub(crate) fn history(call: &Call, view: &CaseView) -> Vec<EventLine> {
    let sees_log = call.may(Permission::SeeLog);
    let line = |line: &Line| {
        let event = &line.recorded.event;
        let what = event_words(call, view, event);
        EventLine {
            at: line.recorded.at,
            who: line.by.as_ref().map(|name| Shown(name.expose().clone())).unwrap_or_default(),
            what,
            words: words_of(call, view, event),
            clauses: cites(call, event.clauses()),
            log: sees_log.then_some(line.entry),
            href: opened_at(call, view, event),
        }
    };
    // Whoever saves a draft ten times reads once that it was filled in.
    let own = ask::sees_whole(call);
    let next = |n: usize| view.events.get(n + 1).map(|line| &line.recorded.event);
    let again = |n: usize, event: &Event| match (event, next(n)) {
        (Event::Filled { step, .. }, Some(Event::Filled { step: later, .. })) => own && step == later,
        _ => false,
    };
    let shown = view.events.iter().enumerate().filter(|(n, line)| !again(*n, &line.recorded.event));
    shown.map(|(_, one)| line(one)).collect()
}

/// What a kind of document is called.
pub(crate) fn document_name(kind: &str) -> Text {
    Document::parse(kind).map_or_else(|| Text::of(kind, kind), Document::name)
}

/// The language that a document is written in.
pub(crate) const fn language(of: Lang) -> Text {
    match of {
        Lang::Zh => Text::new("中文", "Chinese"),
        Lang::En => Text::new("英文", "English"),
    }
}

/// Documents of the case, the newest first. `base`: address below which they are downloaded.
pub(crate) fn documents(call: &Call, view: &CaseView, base: &str) -> Vec<DocumentLine> {
    let (sees_log, opens) = (call.may(Permission::SeeLog), opens(call) && view.acts_here);
    let line = |row: &store::casework::documents::DocumentRow| {
        let made = view.case.documents.iter().find(|d| d.sha256 == row.sha256);
        let delivered = made.and_then(|d| d.delivered).map(|(way, on)| {
            let way = way.name();
            Text::of(format!("{on} {}", way.zh), format!("{on}, {}", way.en))
        });
        let void = row.void.as_ref().map(|v| {
            let on = v.at.shanghai_date();
            Text::of(format!("{on} 作废"), format!("void since {on}"))
        });
        let delivered = void.or(delivered);
        DocumentLine {
            kind: document_name(&row.kind),
            number: row.number.clone().unwrap_or_default(),
            language: language(row.lang),
            href: if opens { format!("{base}/documents/{}", row.sha256.hex()) } else { String::new() },
            size_bytes: row.bytes,
            sha256: row.sha256.hex(),
            at: row.made,
            delivered: delivered.unwrap_or_default(),
            log: sees_log.then_some(row.entry),
        }
    };
    view.documents.iter().rev().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_brackets_is_named_where_it_has_a_name() {
        let stands = |id: &str| (id == "AL-82").then(|| "《行政许可法》第八十二条".to_owned());
        let said = |text: &str| bracketed(text, ('（', '）'), stands);
        assert_eq!(
            said("2013-02-08（星期五）起算，当日不计（AL-82）。"),
            "2013-02-08（星期五）起算，当日不计（《行政许可法》第八十二条）。"
        );
        for same in ["", "没有括号", "只有一半（AL-82", "）（"] {
            assert_eq!(said(same), same);
        }
    }

    #[test]
    fn what_is_left_is_said_in_days() {
        let today = CivilDate::ymd(2026, 3, 2).unwrap();
        let day = |n: i32| days_left(today, today.plus_days(n));
        assert_eq!([day(0), day(1), day(-3), day(40)], [0, 1, -3, 40]);
        for (left, zh, en) in [
            (-2, "已超过 2 天", "over by 2 days"),
            (-1, "已超过 1 天", "over by 1 day"),
            (0, "今天到期", "due today"),
            (1, "明天到期", "due tomorrow"),
            (2, "还有 2 天", "2 days left"),
        ] {
            assert_eq!(left_words(left), Text::of(zh, en));
        }
    }

    #[test]
    fn every_stage_has_its_word_and_an_unknown_one_none() {
        for stage in Stage::ALL {
            assert_eq!(stage_state(stage.code()).word, stage.name());
        }
        assert_eq!(stage_state("lost").word, Text::default());
    }

    #[test]
    fn one_of_names_the_whole_group() {
        let packs = law::Packs::embedded().unwrap();
        let all = &packs.procedure("sales_filing").unwrap().materials;
        let of = |id: &str| one_of(all, all.iter().find(|m| m.id == id).unwrap());
        assert!(of("licence").zh.is_empty());
        let group = of("certification");
        assert!(group.zh.contains("安全认证证书") && group.zh.contains("生产登记批准书"), "{}", group.zh);
    }
}
