//! What is done in a case by those of the organ: a step, a proposal, its review, the decision.
//!
//! ```text
//! GET  page ─▶ CaseView ─▶ the form with what was filled in before
//! POST page ─▶ form::check (all faults beside their fields) ─▶ Authority::act ─┬▶ /cases/{id}
//!                                                                            └▶ refused: the same page anew, what was typed kept
//! ```
//! Always true: what a form holds is what the step of the procedure asks, and its day where the case is one of before (`old_law`); clauses are
//! ticked from those of the packs, never typed; a form made before something else was entered is shown anew, and nothing is done.

use super::ask::{self, Wrong};
use super::case::{base_of, belongs, clause_of, head, id_of, send, verb, view_of};
use super::case_breaches::{self, breaches};
use super::case_changes::{changes, since_own};
use super::case_law::amendments;
use super::case_words::{cited, documents, groups, history, materials, paper_of_step, paragraphs};
use super::divisions;
use super::inbox::{by, of};
use super::old_law;
use super::view::Names;
use crate::answer::{Reply, no_page, page, page_with};
use crate::call::Call;
use crate::pages::ask::{Ask, AskedField, Shown};
use crate::pages::case::{
    BarredLine, ClauseChoice, DecidePage, GuardLine, OfficerChoice, OutcomePart, Proposal, ProposePage, ReviewPage,
    StepPage, ValueGroup,
};
use crate::pages::{Choice, Nav};
use authority::cases::{CaseView, by_visit, is_by_visit};
use base::{AccountId, CivilDate, ClauseId, ErrorKind, Refusal, Text};
use domain::access::Permission;
use domain::casework::{
    ANNUL, APPROVE_OPENING, CaseAct, Event, LEGAL_REVIEW, LifeState, NOT_OPENED, Node, REASONS_CHARS, Seat, Typed,
    begins_anew, fields_of, is_adverse, is_of_officer, node, nodes,
};
use domain::form::{FieldFault, Values};
use law::{FieldKind, Guard, Outcome, Packs, Procedure, ProcedureKind};

/// Code of the refusal that no legal review has passed.
const REVIEW_NEEDED: &str = "legal_review_needed";

/// What a reviewer looks at; the clause of the review says why.
const QUESTIONS: [(&str, &str); 5] = [
    ("是否有权管辖、主体是否适格？", "Is this office competent, and are those who acted the right ones?"),
    ("事实是否清楚，证据是否充分？", "Are the facts clear and proven?"),
    ("适用的条款是否正确？", "Are the clauses the right ones?"),
    ("程序是否合法、是否听取了意见？", "Was the procedure followed, and was the party heard?"),
    ("处理是否适当？", "Is the outcome in proportion?"),
];

/// The name of a step or outcome as a title has it, without a full stop.
fn plain_name(node: Node<'_>) -> Text {
    verb(&node.name())
}

fn today(call: &Call) -> CivilDate {
    call.now().shanghai_date()
}

pub(super) fn done(call: &Call, flash: &'static str) -> Reply {
    call.done(&format!("/cases/{}", id_of(call)?), flash)
}

/// The officers that were named.
fn officers_of(call: &Call) -> Vec<AccountId> {
    let named = ["officer", "second_officer"].into_iter().filter_map(|name| AccountId::parse(call.form.get(name)));
    named.collect()
}

/// The boxes for two officers, where the law asks for two or each to be qualified.
async fn officer_choice(call: &Call, view: &CaseView, ids: &[&str]) -> Result<Option<OfficerChoice>, Refusal> {
    let asks = |guard: &Guard| matches!(guard, Guard::TwoOfficers | Guard::Qualified);
    let asking = ids.iter().find(|id| view.procedure().needs_of(id).iter().any(asks));
    let Some(asking) = asking else { return Ok(None) };
    let rows = of(call)?.officers(by(call)?, view.row.head.office).await?;
    let names = Names::of(call, rows.iter().map(|o| o.account).collect()).await?;
    let named = officers_of(call);
    let choices = |chosen: Option<&AccountId>| -> Vec<Choice> {
        let sits = rows.iter().filter(|o| o.seats.iter().any(|s| s == Seat::Officer.code()));
        let choice = |account: AccountId| {
            let name = names.who(call, Some(account));
            Choice::new(&account.to_string(), Text::of(name.clone(), name), chosen == Some(&account))
        };
        sits.map(|o| choice(o.account)).collect()
    };
    let own = call.actor()?.id;
    Ok(Some(OfficerChoice {
        first: choices(named.first().or(Some(&own))),
        second: choices(named.get(1)),
        clause: clause_of(call, view, asking),
    }))
}

/// What was filled in before, else what is known of the party: whole, for whoever may see it and for the form that is sent.
async fn known(call: &Call, view: &CaseView, step: &str) -> Result<Typed, Refusal> {
    if begins_anew(view.procedure(), &view.case, step) {
        return Ok(Typed::new());
    }
    let kept = ask::typed_again(view.case.values_of(step));
    if step == ANNUL && kept.is_empty() {
        // What a review or suit that came from this case says of its decision.
        let found = of(call)?.annulments(by(call)?, view.row.id).await?.into_iter().next();
        return Ok(found.map(|annulment| annulment.typed).unwrap_or_default());
    }
    let Some(party) = view.row.head.party.filter(|_| kept.is_empty() && is_partys(view, step)) else {
        return Ok(kept);
    };
    // A head sees what is filled in, but no form is filled in for them.
    Ok(of(call)?.known_values(by(call)?, view.procedure(), party).await.unwrap_or(kept))
}

pub(super) fn is_partys(view: &CaseView, step: &str) -> bool {
    node(view.procedure(), step).is_some_and(|n| n.seat(view.procedure()) == Seat::Applicant)
}

// -- a step -----------------------------------------------------------------------------------------------------------------

async fn step_page(
    call: &Call,
    view: &CaseView,
    step: Node<'_>,
    (faults, mut wrong): (&[FieldFault], Wrong),
) -> Result<StepPage, Refusal> {
    let base = base_of(view);
    let fields = fields_of(view.procedure(), step.id());
    let sent = !wrong.status.is_success();
    let known = known(call, view, step.id()).await?;
    let unseen = ask::unseen(call, &fields, known.clone());
    let typed = if sent { ask::typed_of(&call.form, &fields) } else { ask::for_reader(call, &fields, known) };
    let outside = step.seat(view.procedure()) == Seat::Outside;
    let takes_paper = outside || view.awaits_proof(step.id());
    let paper = paper_of_step(call, view, step.id(), &base).filter(|p| takes_paper || !p.files.is_empty());
    let mut bar = call.bar(Nav::Cases).await?;
    wrong.on(&mut bar);
    let mut asked = ask::asked(call, &fields, &typed, faults);
    ask::offer(call, view, &mut asked).await?;
    case_breaches::offer(call, view, today(call), &mut asked).await?;
    refer(view, &mut asked);
    ask::say_kept(&mut asked, &fields, &unseen);
    asked.extend(old_law::day_asked(call, view, step.id()));
    Ok(StepPage {
        l: call.lang,
        bar,
        head: head(call, view).await?,
        step: step.id().to_owned(),
        title: plain_name(step),
        clause: cited(call, step.clause()),
        before: answered(call, view, step).await?,
        fields: asked,
        materials: paper.into_iter().collect(),
        takes_paper,
        officers: officer_choice(call, view, &[step.id()]).await?,
        note: call.form.raw("note").to_owned(),
        refusing: (step.id() == APPROVE_OPENING).then(|| call.form.raw("reasons").to_owned()),
        errors: wrong.errors,
    })
}

/// What a step of the head answers: the form of the step that it follows, with its words, which are opened for who decides.
async fn answered(call: &Call, view: &CaseView, step: Node<'_>) -> Result<Vec<ValueGroup>, Refusal> {
    if step.seat(view.procedure()) != Seat::Head {
        return Ok(Vec::new());
    }
    let from = view.open_steps().iter().find(|s| s.id == step.id()).map(|s| s.from.to_owned());
    let before = from.and_then(|id| Some((node(view.procedure(), &id)?, view.case.done(&id)?)));
    let Some((before, doing)) = before else { return Ok(Vec::new()) };
    let words = of(call)?.open_words(by(call)?, view).await?;
    let fields = fields_of(view.procedure(), before.id());
    let values = ask::values(call, &fields, &doing.values, words);
    Ok(vec![ValueGroup { title: plain_name(before), change: String::new(), values }])
}

/// What names a paper of the case is chosen from those that there are, and is not asked where there is none.
fn refer(view: &CaseView, asked: &mut Vec<AskedField>) {
    asked.retain_mut(|field| {
        let Some(open) = view.references(&field.id) else { return true };
        let value = field.value.clone();
        (field.ask, field.sample) = (Ask::Choice, String::new());
        field.choices = open.into_iter().map(|one| Choice::new(&one.number, one.name, one.number == value)).collect();
        !field.choices.is_empty()
    });
}

fn step_of<'a>(call: &Call, view: &'a CaseView) -> Result<Node<'a>, Refusal> {
    let found = node(view.procedure(), call.param(1));
    found.filter(|n| !n.is_outcome() && n.id() != LEGAL_REVIEW).ok_or_else(no_page)
}

/// `GET /cases/{id}/steps/{step}`.
pub(crate) async fn step(call: Call) -> Reply {
    let view = view_of(&call).await?;
    let step = step_of(&call, &view)?;
    if is_by_visit(view.procedure(), step.id()) {
        return Err(by_visit());
    }
    page(&step_page(&call, &view, step, (&[], Wrong::none())).await?)
}

/// `POST /cases/{id}/steps/{step}`: the fields, `officer`, `second_officer`, `note`, `done_on`, `seen`.
pub(crate) async fn take(call: Call) -> Reply {
    let view = view_of(&call).await?;
    let step = step_of(&call, &view)?;
    let fields = fields_of(view.procedure(), step.id());
    let unseen = ask::unseen(&call, &fields, known(&call, &view, step.id()).await?);
    let typed = ask::with_kept(ask::typed_of(&call.form, &fields), &unseen);
    let faults = ask::faults_at(&call, &view, &fields, &typed);
    let Some(on) = old_law::day_of(&call, &view).filter(|_| faults.is_empty()) else {
        of(&call)?.tried_numbers(by(&call)?, Some(view.row.id), &fields, &typed).await?;
        let mut wrong = Wrong::form();
        ask::of_no_field(&faults, &fields, &mut wrong.errors);
        return page_with(wrong.status, &step_page(&call, &view, step, (&faults, wrong)).await?);
    };
    let act = CaseAct::Done {
        step: step.id().to_owned(),
        typed,
        note: call.form.get("note").to_owned(),
        officers: officers_of(&call),
        on,
    };
    match send(&call, act, Vec::new()).await {
        Ok(_) => done(&call, "case_stepped"),
        Err(refusal) => {
            let day = day_element(&view, step.id(), &refusal);
            let at = day.unwrap_or_else(|| field_of(&refusal, "note").to_owned());
            let wrong = Wrong::of(refusal, &at)?;
            let now = view_of(&call).await?;
            let step = step_of(&call, &now)?;
            page_with(wrong.status, &step_page(&call, &now, step, (&[], wrong)).await?)
        }
    }
}

/// The element of the day of a step, where the refusal is about it.
fn day_element(view: &CaseView, step: &str, refusal: &Refusal) -> Option<String> {
    let is_day = matches!(refusal.code.as_str(), "day_too_early" | "day_to_come" | "day_today");
    let field = view.procedure().day_field(step).filter(|f| f.step == step);
    Some(format!("f-{}", field.map_or("done_on", |f| f.id.as_str()))).filter(|_| is_day)
}

/// The field that a refusal of the engine is about.
fn field_of(refusal: &Refusal, other: &'static str) -> &'static str {
    match refusal.code.as_str() {
        "two_officers_required" | "not_qualified" | "officers" => "officer",
        "clause" | "clause_needed" => "clause",
        "reasons" => "reasons",
        "opinion" => "opinion",
        "note" => "note",
        "breach_unknown" => "f-told_breach",
        "told_above_range" => "f-intended_fine",
        "deferral_day_over" => "f-deferral_until",
        _ => other,
    }
}

// -- the proposal -----------------------------------------------------------------------------------------------------------

/// Whether the procedure punishes.
fn is_penalty(view: &CaseView) -> bool {
    view.procedure().kind == ProcedureKind::Penalty
}

/// The officer takes it themselves: no head and no review stands between.
fn is_officers(view: &CaseView, outcome: &Outcome) -> bool {
    is_of_officer(view.procedure(), outcome)
}

/// Outcomes that can be proposed or taken now, and those that can still come and cannot be taken yet, with the reason.
fn outcomes_ahead(view: &CaseView) -> (Vec<&Outcome>, Vec<BarredLine>) {
    let life = view.life();
    let ahead = |id: &str| {
        let may_come = |state: LifeState| matches!(state, LifeState::Open | LifeState::ToCome);
        life.nodes.iter().any(|n| n.id == id && may_come(n.state))
    };
    let (mut offered, mut barred) = (Vec::new(), Vec::new());
    for outcome in view.procedure().outcomes.iter().filter(|o| ahead(&o.id)) {
        match view.kept_from(outcome) {
            None => offered.push(outcome),
            Some(why) => barred.push(BarredLine {
                what: Node::Outcome(outcome).name(),
                why: ask::both(&why.what, &why.next),
                clauses: why.why,
            }),
        }
    }
    (offered, barred)
}

/// What the button of the form does, and what is asked before it; the latter is empty where a head decides everything.
fn button_of(view: &CaseView, offered: &[&Outcome]) -> (Text, Text) {
    let own = offered.iter().filter(|o| is_officers(view, o)).count();
    if own == 0 {
        return (Text::new("提交拟办意见", "Propose"), Text::default());
    }
    if own == offered.len() {
        let confirm = Text::new(
            "由您直接决定，提交后立即生效，不再经负责人审批。",
            "You decide it yourself: it takes effect at once, and nobody approves it afterwards.",
        );
        return (Text::new("作出决定", "Decide"), confirm);
    }
    let confirm = Text::new(
        "所选结果注明「由承办人直接决定」的，提交后立即生效；其余的报负责人审批。",
        "An outcome that is marked as decided by the officer takes effect at once; any other goes to the head.",
    );
    (Text::new("提交（决定或者报审批）", "Decide or propose"), confirm)
}

/// What the words of a decision lack, all of it at once: reasons and a clause where it burdens somebody.
fn grounds_lacking(call: &Call, view: &CaseView, outcome: &Outcome, wrong: &mut Wrong) {
    if !is_adverse(view.procedure(), outcome) {
        return;
    }
    let least = REASONS_CHARS.0;
    let letters = call.form.get("reasons").chars().filter(|c| c.is_alphanumeric()).count();
    if letters < least {
        let text = Text::of(
            format!("请写明理由，至少{least}个字：事实、证据，为什么这样决定。"),
            format!("Give the reasons, at least {least} letters: facts, evidence, why this follows."),
        );
        wrong.errors.push("reasons", text);
    }
    if call.form.all("clause").is_empty() {
        wrong.errors.push("clause", Text::new("请勾选所依据的条款。", "Tick the clause that it rests on."));
    }
}

/// Clauses that a decision of this procedure may rest on: its own, those of its steps, outcomes, fields and materials. One of which only a
/// fragment is left is offered where a step or outcome rests on it, and nowhere else: nobody can read in it what it asks.
fn clauses_of(packs: &Packs, procedure: &Procedure) -> Vec<ClauseId> {
    let mut out: Vec<ClauseId> = Vec::new();
    // The id of a fragment ends in `f` and its number.
    let is_fragment = |id: &ClauseId| id.0.rsplit('-').next().is_some_and(|last| last.starts_with('f'));
    let is_whole = |id: &ClauseId| !is_fragment(id) || packs.clause(id).is_none_or(|(_, clause)| !clause.gap);
    let others = procedure.clauses.iter().chain(procedure.named_clauses()).filter(|id| is_whole(id)).cloned();
    for clause in nodes(procedure).map(|n| n.clause().clone()).chain(others) {
        if !out.contains(&clause) {
            out.push(clause);
        }
    }
    out
}

/// What was proposed last since the last decision, as it was written.
struct Before<'v> {
    outcome: &'v str,
    values: &'v Values,
    reasons: &'v str,
    clauses: &'v [ClauseId],
}

/// Events since the last decision, the newest first.
fn since_decision(view: &CaseView) -> impl Iterator<Item = &Event> {
    let events = view.events.iter().rev().map(|line| &line.recorded.event);
    events.take_while(|event| !matches!(event, Event::Decided { .. }))
}

fn proposed_before(view: &CaseView) -> Option<Before<'_>> {
    since_decision(view).find_map(|event| match event {
        Event::Proposed { outcome, values, reasons, clauses } => Some(Before { outcome, values, reasons, clauses }),
        _ => None,
    })
}

/// Why the last proposal was sent back or did not pass its review; `None` while a newer one stands, and after the decision.
pub(super) fn sent_back(view: &CaseView) -> Option<&str> {
    let said = |event: &Event| {
        matches!(event, Event::Proposed { .. } | Event::SentBack { .. } | Event::Reviewed { passed: false, .. })
    };
    match since_decision(view).find(|event| said(event))? {
        Event::SentBack { reasons } => Some(reasons),
        Event::Reviewed { opinion, .. } => Some(opinion),
        _ => None,
    }
}

async fn propose_page(
    call: &Call,
    view: &CaseView,
    (faults, mut wrong): (&[FieldFault], Wrong),
) -> Result<ProposePage, Refusal> {
    let sent = !wrong.status.is_success();
    let (ahead, barred) = outcomes_ahead(view);
    let (button, confirm) = button_of(view, &ahead);
    let own = view.case.proposal.as_ref();
    // Whoever proposes anew goes on from the words of before.
    let before = proposed_before(view).filter(|_| !sent);
    let chosen = before.as_ref().map_or(call.form.get("outcome"), |b| b.outcome);
    let ticked = call.form.all("clause");
    let mut parts = Vec::new();
    for outcome in &ahead {
        let of_it = fields_of(view.procedure(), &outcome.id);
        let typed = if sent {
            ask::typed_of(&call.form, &of_it)
        } else {
            let proposed = before.as_ref().filter(|b| b.outcome == outcome.id).map(|b| b.values);
            ask::for_reader(call, &of_it, ask::typed_again(view.case.values_of(&outcome.id).or(proposed)))
        };
        let fines = of_it.iter().any(|f| f.kind == FieldKind::Yuan) && is_penalty(view);
        let mut fields = ask::asked(call, &of_it, &typed, faults);
        divisions::offer(call, "", view.case.facts_on, &mut fields).await?;
        parts.push(OutcomePart {
            outcome: outcome.id.clone(),
            title: plain_name(Node::Outcome(outcome)),
            fields,
            breaches: if fines { breaches(call, view, today(call)).await? } else { Vec::new() },
        });
    }
    let outcomes: Vec<Choice> = ahead.iter().map(|o| outcome_choice(view, o, chosen)).collect();
    let choice = |clause: ClauseId| {
        let chosen = ticked.contains(&clause.0) || before.as_ref().is_some_and(|b| b.clauses.contains(&clause));
        Some(ClauseChoice { clause: cited(call, &clause)?, chosen })
    };
    let mut clauses: Vec<ClauseChoice> =
        clauses_of(call.site().gate().packs(), view.procedure()).into_iter().filter_map(choice).collect();
    clauses.sort_by(|a, b| a.clause.instrument.zh.cmp(&b.clause.instrument.zh));
    let ids: Vec<&str> = ahead.iter().map(|o| o.id.as_str()).collect();
    // What goes to the head gets its day there.
    let day = ahead.iter().filter(|o| is_officers(view, o)).find_map(|o| old_law::day_asked(call, view, &o.id));
    let mut bar = call.bar(Nav::Cases).await?;
    wrong.on(&mut bar);
    Ok(ProposePage {
        l: call.lang,
        bar,
        head: head(call, view).await?,
        outcomes,
        barred,
        button,
        confirm,
        parts,
        reasons: before.as_ref().map_or(call.form.raw("reasons"), |b| b.reasons).to_owned(),
        clauses,
        officers: officer_choice(call, view, &ids).await?,
        sent_back: sent_back(view).filter(|_| own.is_none()).map(Shown::from).unwrap_or_default(),
        law_changes: amendments(view),
        day: day.into_iter().collect(),
        errors: wrong.errors,
    })
}

fn outcome_choice(view: &CaseView, outcome: &Outcome, chosen: &str) -> Choice {
    let decides = if is_officers(view, outcome) {
        Text::new("由承办人直接决定", "decided by the officer")
    } else {
        Text::new("报负责人审批", "goes to the head")
    };
    let mut hint = if outcome.document_zh.is_empty() {
        decides
    } else {
        Text::of(format!("{}；{}", decides.zh, outcome.document_zh), format!("{}; {}", decides.en, outcome.document_en))
    };
    if is_adverse(view.procedure(), outcome) {
        hint =
            Text::of(format!("{}；须写明理由、勾选依据", hint.zh), format!("{}; with reasons and a clause", hint.en));
    }
    Choice { hint, ..Choice::new(&outcome.id, plain_name(Node::Outcome(outcome)), outcome.id == chosen) }
}

/// `GET /cases/{id}/propose`.
pub(crate) async fn propose_form(call: Call) -> Reply {
    let view = view_of(&call).await?;
    page(&propose_page(&call, &view, (&[], Wrong::none())).await?)
}

/// `POST /cases/{id}/propose`: `outcome`, the fields, `reasons`, `clause` many, officers, `done_on`, `seen`. What an officer may decide is
/// decided.
pub(crate) async fn propose(call: Call) -> Reply {
    let view = view_of(&call).await?;
    let outcome = view.procedure().outcomes.iter().find(|o| o.id == call.form.get("outcome"));
    let Some(outcome) = outcome else {
        let mut wrong = Wrong::form();
        wrong.errors.push("outcome", Text::new("请选择一种结果。", "Choose an outcome."));
        return page_with(wrong.status, &propose_page(&call, &view, (&[], wrong)).await?);
    };
    let fields = fields_of(view.procedure(), &outcome.id);
    let typed = ask::typed_of(&call.form, &fields);
    let faults = ask::faults_at(&call, &view, &fields, &typed);
    let mut wrong = Wrong::form();
    // What cannot be taken at all is refused as such, whatever its words lack.
    if view.kept_from(outcome).is_none() {
        grounds_lacking(&call, &view, outcome, &mut wrong);
    }
    let whole = faults.is_empty() && wrong.errors.is_empty();
    let Some(on) = old_law::day_of(&call, &view).filter(|_| whole) else {
        of(&call)?.tried_numbers(by(&call)?, Some(view.row.id), &fields, &typed).await?;
        ask::of_no_field(&faults, &fields, &mut wrong.errors);
        return page_with(wrong.status, &propose_page(&call, &view, (&faults, wrong)).await?);
    };
    let (outcome, decides) = (outcome.id.clone(), is_officers(&view, outcome));
    let reasons = call.form.get("reasons").to_owned();
    let clauses = call.form.all("clause").iter().map(|c| ClauseId::new(c)).collect();
    let (act, flash) = if decides {
        (CaseAct::Decide { outcome, typed, reasons, clauses, officers: officers_of(&call), on }, "case_decided")
    } else {
        (CaseAct::Propose { outcome, typed, reasons, clauses }, "case_proposed")
    };
    match send(&call, act, Vec::new()).await {
        Ok(_) => done(&call, flash),
        Err(refusal) => {
            let at = field_of(&refusal, "outcome");
            let wrong = Wrong::of(refusal, at)?;
            let now = view_of(&call).await?;
            page_with(wrong.status, &propose_page(&call, &now, (&[], wrong)).await?)
        }
    }
}

// -- review and decision ----------------------------------------------------------------------------------------------------

/// What is proposed; empty where nothing is.
pub(super) fn proposal(call: &Call, view: &CaseView, words: bool) -> Proposal {
    let Some(found) = &view.case.proposal else { return Proposal::default() };
    let fields = fields_of(view.procedure(), &found.outcome);
    let named = super::case_words::names(view);
    Proposal {
        outcome: node(view.procedure(), &found.outcome).map(plain_name).unwrap_or_default(),
        by: named.get(&found.by).map(|n| Shown(n.clone())).unwrap_or_default(),
        at: found.at,
        reasons: paragraphs(found.reasons.expose()),
        clauses: found.clauses.iter().filter_map(|c| cited(call, c)).collect(),
        ranges: Vec::new(),
        values: ask::values(call, &fields, &found.values, words),
        preview: String::new(),
    }
}

/// The same with the ranges of the fine that it proposes.
async fn proposal_with_ranges(call: &Call, view: &CaseView, words: bool) -> Result<Proposal, Refusal> {
    let shown = proposal(call, view, words);
    let Some(found) = view.case.proposal.as_ref().filter(|_| is_penalty(view)) else { return Ok(shown) };
    if !view.procedure().fields_at(&found.outcome).any(|f| f.kind == FieldKind::Yuan) {
        return Ok(shown);
    }
    let lines = breaches(call, view, today(call)).await?.into_iter();
    let ranges = lines.filter(|line| found.clauses.contains(&line.choice.clause.clause)).collect();
    Ok(Proposal { ranges, ..shown })
}

/// What of the order of the steps, of days and of what is owed stands in the way of the proposed outcome today, as the engine says it. Of a case
/// of before the day is typed with the decision: it is judged then.
fn hindrance(call: &Call, view: &CaseView, outcome: &str) -> Option<GuardLine> {
    let open = view.open_steps();
    let what = Text::new("可以作出这一决定", "it can be decided");
    let Some(step) = open.iter().find(|s| s.id == outcome) else {
        let found = Text::new("前面的步骤还没有办完", "steps before it are not done");
        return Some(GuardLine { met: false, what, found, clause: clause_of(call, view, outcome) });
    };
    let dated = old_law::day_asked(call, view, outcome).is_some();
    // The review has a line of its own.
    let refusal = step.blocked.as_ref().filter(|r| !dated && r.code != REVIEW_NEEDED)?;
    Some(GuardLine { met: false, what, found: refusal.what.clone(), clause: refusal.why.first().cloned() })
}

/// What must be there before the proposed outcome is taken.
fn guards(call: &Call, view: &CaseView) -> Vec<GuardLine> {
    let Some(found) = &view.case.proposal else { return Vec::new() };
    let line = |guard: &Guard| {
        let reviewed = view.case.reviews.iter().any(|r| r.passed && r.index > found.index);
        let own = call.who.as_ref().map(|w| w.actor.id);
        let is_heads = |id: &str| node(view.procedure(), id).is_some_and(|n| n.is_heads(view.procedure()));
        let handled =
            own.is_some_and(|a| view.case.proposers.contains(&a) || view.case.handled(a).any(|id| !is_heads(id)));
        let (met, words) = match guard {
            Guard::LegalReview if reviewed => (true, Text::new("已通过法制审核", "passed its legal review")),
            Guard::LegalReview => (false, Text::new("还没有通过法制审核", "has not passed its legal review")),
            Guard::Reasons if found.reasons.expose().is_empty() => (false, Text::new("没有写明理由", "no reasons")),
            Guard::Reasons => (true, Text::new("已写明理由", "reasons are given")),
            Guard::Head if handled => (false, Text::new("您办理过本案", "you handled this case")),
            Guard::Head => (true, Text::new("您没有办理过本案", "you have not handled this case")),
            Guard::TwoOfficers | Guard::Qualified => {
                (true, Text::new("决定时核对执法人员", "checked when it is decided"))
            }
        };
        let clause = clause_of(call, view, &found.outcome);
        GuardLine { met, what: guard.name(), found: words, clause }
    };
    let needs = view.procedure().needs_of(&found.outcome).iter().map(line);
    needs.chain(hindrance(call, view, &found.outcome)).collect()
}

async fn decide_page(call: &Call, view: &CaseView, mut wrong: Wrong) -> Result<DecidePage, Refusal> {
    let mut bar = call.bar(Nav::Cases).await?;
    wrong.on(&mut bar);
    let words = of(call)?.open_words(by(call)?, view).await?;
    let mut guards = guards(call, view);
    if let Some(paper) = of(call)?.decides_by(by(call)?, view).await? {
        let what = Text::new("负责人的书面委托", "the head's delegation, in writing");
        guards.push(GuardLine { met: true, what, found: Text::of(paper.clone(), paper), clause: None });
    }
    if view.case.proposal.is_none() {
        guards.push(GuardLine {
            met: false,
            what: Text::new("承办人的拟办意见", "a proposal of the officer"),
            found: Text::new("还没有提出", "nothing is proposed"),
            clause: None,
        });
    }
    Ok(DecidePage {
        l: call.lang,
        bar,
        head: head(call, view).await?,
        proposal: proposal_with_ranges(call, view, words).await?,
        changes: [changes(call, view, words), since_own(call, view)].concat(),
        guards,
        materials: materials(call, view, &base_of(view)),
        groups: groups(call, view, words),
        documents: documents(call, view, &base_of(view)),
        linked: belongs(call, view).await?,
        law_changes: amendments(view),
        history: history(call, view),
        day: view.case.proposal.as_ref().and_then(|p| old_law::day_asked(call, view, &p.outcome)).into_iter().collect(),
        reasons: call.form.raw("reasons").to_owned(),
        errors: wrong.errors,
    })
}

/// The page is for heads, and for who was given the decision of this case.
async fn may_decide(call: &Call, view: &CaseView) -> Result<(), Refusal> {
    if call.may(Permission::ApproveCases) || of(call)?.decides_by(by(call)?, view).await?.is_some() {
        return Ok(());
    }
    Err(Refusal::new(
        ErrorKind::Forbidden,
        "no_permission",
        Text::new("当前账号不能审批本案。", "This account does not decide this case."),
        Text::new("请由负责人或者受其书面委托的人审批。", "The head does, or who was given the power in writing."),
    ))
}

/// `GET /cases/{id}/decide`.
pub(crate) async fn decide_form(call: Call) -> Reply {
    let view = view_of(&call).await?;
    may_decide(&call, &view).await?;
    page(&decide_page(&call, &view, Wrong::none()).await?)
}

/// The head does not agree that a case is opened: that ends it, with reasons, by the clause of the opening.
async fn refuse_opening(call: &Call, view: &CaseView) -> Reply {
    let outcome = node(view.procedure(), NOT_OPENED).ok_or_else(no_page)?;
    let act = CaseAct::Decide {
        outcome: outcome.id().to_owned(),
        typed: Typed::new(),
        reasons: call.form.get("reasons").to_owned(),
        clauses: vec![outcome.clause().clone()],
        officers: Vec::new(),
        on: old_law::day_of(call, view).unwrap_or(today(call)),
    };
    match send(call, act, Vec::new()).await {
        Ok(_) => done(call, "case_decided"),
        Err(refusal) => {
            let wrong = Wrong::of(refusal, "reasons")?;
            let now = view_of(call).await?;
            let step = node(now.procedure(), APPROVE_OPENING).ok_or_else(no_page)?;
            page_with(wrong.status, &step_page(call, &now, step, (&[], wrong)).await?)
        }
    }
}

/// `POST /cases/{id}/decide`: `decision` = `take`, `send_back` or `not_open`, `reasons`, `done_on`, `seen`. It is taken as it was proposed; an
/// opening is refused without a proposal.
pub(crate) async fn decide(call: Call) -> Reply {
    let view = view_of(&call).await?;
    may_decide(&call, &view).await?;
    if call.form.get("decision") == "not_open" {
        return refuse_opening(&call, &view).await;
    }
    let (act, flash) = match call.form.get("decision") {
        "send_back" => (CaseAct::SendBack { reasons: call.form.get("reasons").to_owned() }, "case_sent_back"),
        _ => {
            let Some(on) = old_law::day_of(&call, &view) else {
                let mut wrong = Wrong::form();
                old_law::tell(&call, &mut wrong);
                return page_with(wrong.status, &decide_page(&call, &view, wrong).await?);
            };
            let act = CaseAct::Decide {
                outcome: view.case.proposal.as_ref().map(|p| p.outcome.clone()).unwrap_or_default(),
                typed: Typed::new(),
                reasons: String::new(),
                clauses: Vec::new(),
                officers: named_before(&view),
                on,
            };
            (act, "case_decided")
        }
    };
    match send(&call, act, Vec::new()).await {
        Ok(_) => done(&call, flash),
        Err(refusal) => {
            let wrong = Wrong::of(refusal, "reasons")?;
            let now = view_of(&call).await?;
            page_with(wrong.status, &decide_page(&call, &now, wrong).await?)
        }
    }
}

/// The officers of the last step that named any: those who worked on what is decided.
fn named_before(view: &CaseView) -> Vec<AccountId> {
    let last = view.case.doings.iter().rev().find(|d| !d.officers.is_empty());
    last.map(|d| d.officers.clone()).unwrap_or_default()
}

async fn review_page(call: &Call, view: &CaseView, mut wrong: Wrong) -> Result<ReviewPage, Refusal> {
    let mut bar = call.bar(Nav::Cases).await?;
    wrong.on(&mut bar);
    let words = of(call)?.open_words(by(call)?, view).await?;
    let verdict = call.form.get("verdict");
    let outcome = view.case.proposal.as_ref().map(|p| p.outcome.clone()).unwrap_or_default();
    let clause = clause_of(call, view, LEGAL_REVIEW).or_else(|| clause_of(call, view, &outcome));
    let fields = fields_of(view.procedure(), LEGAL_REVIEW);
    let typed = ask::typed_of(&call.form, &fields);
    Ok(ReviewPage {
        l: call.lang,
        bar,
        head: head(call, view).await?,
        proposal: proposal_with_ranges(call, view, words).await?,
        changes: [changes(call, view, words), since_own(call, view)].concat(),
        clause,
        questions: QUESTIONS.iter().map(|q| Text::new(q.0, q.1)).collect(),
        materials: materials(call, view, &base_of(view)),
        groups: groups(call, view, words),
        documents: documents(call, view, &base_of(view)),
        linked: belongs(call, view).await?,
        law_changes: amendments(view),
        history: history(call, view),
        verdicts: vec![
            Choice::new("passed", Text::new("通过", "passed"), verdict == "passed"),
            Choice::new("failed", Text::new("不通过", "not passed"), verdict == "failed"),
        ],
        opinion: call.form.raw("opinion").to_owned(),
        fields: ask::asked(call, &fields, &typed, &[]),
        errors: wrong.errors,
    })
}

/// `GET /cases/{id}/review`.
pub(crate) async fn review_form(call: Call) -> Reply {
    let view = view_of(&call).await?;
    page(&review_page(&call, &view, Wrong::none()).await?)
}

/// `POST /cases/{id}/review`: `verdict` = `passed` or `failed`, `opinion`, `seen`, the fields of the step `legal_review`.
pub(crate) async fn review(call: Call) -> Reply {
    let view = view_of(&call).await?;
    let passed = match call.form.get("verdict") {
        "passed" => true,
        "failed" => false,
        _ => {
            let mut wrong = Wrong::form();
            wrong.errors.push("verdict", Text::new("请选择结论。", "Choose a verdict."));
            return page_with(wrong.status, &review_page(&call, &view, wrong).await?);
        }
    };
    let fields = fields_of(view.procedure(), LEGAL_REVIEW);
    let act = CaseAct::Review {
        passed,
        opinion: call.form.get("opinion").to_owned(),
        typed: ask::typed_of(&call.form, &fields),
    };
    match send(&call, act, Vec::new()).await {
        Ok(_) => done(&call, "case_reviewed"),
        Err(refusal) => {
            let wrong = Wrong::of(refusal, "opinion")?;
            let now = view_of(&call).await?;
            page_with(wrong.status, &review_page(&call, &now, wrong).await?)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A syllable that is left of a list is no ground for a decision, unless a step or outcome is made of it.
    #[test]
    fn a_fragment_of_a_clause_is_no_ground_of_a_decision() {
        let packs = Packs::embedded().unwrap();
        let mut left_out = 0;
        for procedure in packs.procedures() {
            let offered = clauses_of(&packs, procedure);
            assert!(nodes(procedure).all(|n| offered.contains(n.clause())), "{}", procedure.id);
            left_out += procedure.named_clauses().filter(|id| !offered.contains(id)).count();
        }
        assert!(left_out > 0);
    }

    #[test]
    fn refusals_stand_beside_what_they_are_about() {
        let of = |code: &str| Refusal::new(ErrorKind::Unlawful, code, Text::default(), Text::default());
        assert_eq!(field_of(&of("two_officers_required"), "note"), "officer");
        assert_eq!(field_of(&of("clause_needed"), "outcome"), "clause");
        assert_eq!(field_of(&of("materials_missing"), "outcome"), "outcome");
    }
}
