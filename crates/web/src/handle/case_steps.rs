//! What is done in a case by those of the organ: a step, what is missing, a proposal, its review, the decision, what is made public.
//!
//! ```text
//! GET  page ─▶ CaseView ─▶ the form with what was filled in before
//! POST page ─▶ form::check (all faults beside their fields) ─▶ Authority::act ─┬▶ /cases/{id}
//!                                                                            └▶ refused: the same page anew, what was typed kept
//! ```
//! Always true: what a form holds is what the step of the procedure asks, and its day where the case is one of before (`old_law`); clauses are
//! ticked from those of the packs, never typed; a form made before something else was entered is shown anew, and nothing is done.

use super::ask::{self, Wrong};
use super::case::{base_of, clause_of, head, id_of, is_published, publications, send, view_of};
use super::case_breaches::breaches;
use super::case_changes::{changes, since_own};
use super::case_words::{carrier_name, cited, groups, history, materials, paper_of_step, paragraphs};
use super::divisions;
use super::inbox::{by, of};
use super::old_law;
use super::view::Names;
use crate::answer::{Reply, no_page, page, page_with};
use crate::call::Call;
use crate::pages::ask::Shown;
use crate::pages::case::{
    ClauseChoice, DecidePage, GuardLine, OfficerChoice, OutcomePart, Proposal, ProposePage, PublicColumn, PublishPage,
    RestLine, RestPage, ReviewPage, StepPage,
};
use crate::pages::{Choice, Mark, Nav, State};
use authority::cases::{CaseView, by_visit, is_by_visit};
use base::{AccountId, CivilDate, ClauseId, Refusal, Text};
use domain::casework::{
    ANNUL, CaseAct, Event, LEGAL_REVIEW, LifeState, Missing, Node, Seat, Typed, asking_step, begins_anew, fields_of,
    node, nodes,
};
use domain::form::FieldFault;
use law::{Field, FieldKind, Guard, Outcome, ProcedureKind};

/// What a reviewer looks at; the clause of the review says why.
const QUESTIONS: [(&str, &str); 5] = [
    ("是否有权管辖、主体是否适格？", "Is this office competent, and are those who acted the right ones?"),
    ("事实是否清楚，证据是否充分？", "Are the facts clear and proven?"),
    ("适用的条款是否正确？", "Are the clauses the right ones?"),
    ("程序是否合法、是否听取了意见？", "Was the procedure followed, and was the party heard?"),
    ("处理是否适当？", "Is the outcome in proportion?"),
];

fn today(call: &Call) -> CivilDate {
    call.now().shanghai_date()
}

fn done(call: &Call, flash: &'static str) -> Reply {
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

fn is_partys(view: &CaseView, step: &str) -> bool {
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
    ask::offer(call, view.procedure(), &mut asked).await?;
    ask::say_kept(&mut asked, &fields, &unseen);
    asked.extend(old_law::day_asked(call, view, step.id()));
    Ok(StepPage {
        l: call.lang,
        bar,
        head: head(call, view).await?,
        step: step.id().to_owned(),
        title: step.name(),
        clause: cited(call, step.clause()),
        fields: asked,
        materials: paper.into_iter().collect(),
        takes_paper,
        officers: officer_choice(call, view, &[step.id()]).await?,
        note: call.form.raw("note").to_owned(),
        errors: wrong.errors,
    })
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
    let faults = ask::faults_of(&fields, &typed);
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
            let at = field_of(&refusal, "note");
            let wrong = Wrong::of(refusal, at)?;
            let now = view_of(&call).await?;
            let step = step_of(&call, &now)?;
            page_with(wrong.status, &step_page(&call, &now, step, (&[], wrong)).await?)
        }
    }
}

/// The field that a refusal of the engine is about.
fn field_of(refusal: &Refusal, other: &'static str) -> &'static str {
    match refusal.code.as_str() {
        "two_officers_required" | "not_qualified" | "officers" => "officer",
        "clause" | "clause_needed" => "clause",
        "reasons" => "reasons",
        "opinion" => "opinion",
        "note" => "note",
        _ => other,
    }
}

// -- what is missing --------------------------------------------------------------------------------------------------------

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
        let error = (sent && asked && reason.trim().is_empty())
            .then(|| Text::new("请写明缺什么、怎样补。", "Say what is missing and how to complete it."));
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
        until: String::new(),
        day: asking_step(view.procedure()).and_then(|s| old_law::day_asked(call, view, &s.id)).into_iter().collect(),
        errors: wrong.errors,
    })
}

/// `GET /cases/{id}/rest`.
pub(crate) async fn rest(call: Call) -> Reply {
    let view = view_of(&call).await?;
    page(&rest_page(&call, &view, Wrong::none()).await?)
}

/// `POST /cases/{id}/rest`: `ask` many, `reason_…`, `done_on`, `seen`.
pub(crate) async fn ask_for_rest(call: Call) -> Reply {
    let view = view_of(&call).await?;
    let mut wrong = Wrong::form();
    let lines = rest_lines(&call, &view, &wrong);
    let whole = lines.iter().all(|l| l.error.is_none());
    let Some(on) = old_law::day_of(&call, &view).filter(|_| whole) else {
        old_law::tell(&call, &mut wrong);
        return page_with(wrong.status, &rest_page(&call, &view, wrong).await?);
    };
    let named = |paper: bool| -> Vec<Missing> {
        let asked = lines.iter().filter(|l| l.asked && l.paper == paper);
        asked.map(|l| Missing { id: l.id.clone(), reason: l.reason.clone() }).collect()
    };
    let act = CaseAct::AskForRest { materials: named(true), fields: named(false), on };
    match send(&call, act, Vec::new()).await {
        Ok(_) => done(&call, "case_rest_asked"),
        Err(refusal) => {
            let wrong = Wrong::of(refusal, "ask")?;
            let now = view_of(&call).await?;
            page_with(wrong.status, &rest_page(&call, &now, wrong).await?)
        }
    }
}

// -- the proposal -----------------------------------------------------------------------------------------------------------

/// Whether the procedure punishes.
fn is_penalty(view: &CaseView) -> bool {
    view.procedure().kind == ProcedureKind::Penalty
}

/// The officer takes it themselves: no head and no review stands between.
fn is_officers(view: &CaseView, outcome: &Outcome) -> bool {
    Node::Outcome(outcome).seat(view.procedure()) != Seat::Head && !outcome.needs.contains(&Guard::LegalReview)
}

/// Outcomes that can still come.
fn outcomes_ahead(view: &CaseView) -> Vec<&Outcome> {
    let life = view.life();
    let ahead = |id: &str| {
        let may_come = |state: LifeState| matches!(state, LifeState::Open | LifeState::ToCome);
        life.nodes.iter().any(|n| n.id == id && may_come(n.state))
    };
    view.procedure().outcomes.iter().filter(|o| ahead(&o.id)).collect()
}

/// Clauses that a decision of this procedure may rest on: its own, those of its steps, outcomes, fields and materials.
fn clauses_of(view: &CaseView) -> Vec<ClauseId> {
    let procedure = view.procedure();
    let mut out: Vec<ClauseId> = Vec::new();
    let of_nodes = nodes(procedure).map(|n| n.clause().clone());
    let all = of_nodes.chain(procedure.clauses.iter().cloned()).chain(procedure.named_clauses().cloned());
    for clause in all {
        if !out.contains(&clause) {
            out.push(clause);
        }
    }
    out
}

async fn propose_page(
    call: &Call,
    view: &CaseView,
    (faults, mut wrong): (&[FieldFault], Wrong),
) -> Result<ProposePage, Refusal> {
    let sent = !wrong.status.is_success();
    let ahead = outcomes_ahead(view);
    let chosen = call.form.get("outcome");
    let (ticked, own) = (call.form.all("clause"), view.case.proposal.as_ref());
    let mut parts = Vec::new();
    for outcome in &ahead {
        let of_it = fields_of(view.procedure(), &outcome.id);
        let typed = if sent {
            ask::typed_of(&call.form, &of_it)
        } else {
            let proposed = own.filter(|p| p.outcome == outcome.id).map(|p| &p.values);
            ask::for_reader(call, &of_it, ask::typed_again(view.case.values_of(&outcome.id).or(proposed)))
        };
        let fines = of_it.iter().any(|f| f.kind == FieldKind::Yuan) && is_penalty(view);
        let mut fields = ask::asked(call, &of_it, &typed, faults);
        divisions::offer(call, "", &mut fields).await?;
        parts.push(OutcomePart {
            outcome: outcome.id.clone(),
            title: Node::Outcome(outcome).name(),
            fields,
            breaches: if fines { breaches(call, view, today(call)).await? } else { Vec::new() },
        });
    }
    let outcomes: Vec<Choice> = ahead.iter().map(|o| outcome_choice(view, o, chosen)).collect();
    let choice = |clause: ClauseId| {
        let chosen = ticked.contains(&clause.0);
        Some(ClauseChoice { clause: cited(call, &clause)?, chosen })
    };
    let clauses: Vec<ClauseChoice> = clauses_of(view).into_iter().filter_map(choice).collect();
    let sent_back = view.events.iter().rev().find_map(|line| match &line.recorded.event {
        Event::SentBack { reasons } => Some(Shown(reasons.clone())),
        Event::Reviewed { passed: false, opinion } => Some(Shown(opinion.clone())),
        _ => None,
    });
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
        parts,
        reasons: call.form.raw("reasons").to_owned(),
        clauses,
        officers: officer_choice(call, view, &ids).await?,
        sent_back: sent_back.filter(|_| own.is_none() && view.case.decisions.is_empty()).unwrap_or_default(),
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
    let hint = if outcome.document_zh.is_empty() {
        decides
    } else {
        Text::of(format!("{}；{}", decides.zh, outcome.document_zh), format!("{}; {}", decides.en, outcome.document_en))
    };
    Choice { hint, ..Choice::new(&outcome.id, Node::Outcome(outcome).name(), outcome.id == chosen) }
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
    let faults = ask::faults_of(&fields, &typed);
    let Some(on) = old_law::day_of(&call, &view).filter(|_| faults.is_empty()) else {
        of(&call)?.tried_numbers(by(&call)?, Some(view.row.id), &fields, &typed).await?;
        let mut wrong = Wrong::form();
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
fn proposal(call: &Call, view: &CaseView, words: bool) -> Proposal {
    let Some(found) = &view.case.proposal else { return Proposal::default() };
    let fields = fields_of(view.procedure(), &found.outcome);
    let named = super::case_words::names(view);
    Proposal {
        outcome: node(view.procedure(), &found.outcome).map(Node::name).unwrap_or_default(),
        by: named.get(&found.by).map(|n| Shown(n.clone())).unwrap_or_default(),
        at: found.at,
        reasons: paragraphs(found.reasons.expose()),
        clauses: found.clauses.iter().filter_map(|c| cited(call, c)).collect(),
        values: ask::values(call, &fields, &found.values, words),
        preview: String::new(),
    }
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
            Guard::Head => (true, Text::new("您没有办理过本案", "you handled nothing of it")),
            Guard::TwoOfficers | Guard::Qualified => {
                (true, Text::new("决定时核对执法人员", "checked when it is decided"))
            }
        };
        let clause = clause_of(call, view, &found.outcome);
        GuardLine { met, what: guard.name(), found: words, clause }
    };
    view.procedure().needs_of(&found.outcome).iter().map(line).collect()
}

async fn decide_page(call: &Call, view: &CaseView, mut wrong: Wrong) -> Result<DecidePage, Refusal> {
    let mut bar = call.bar(Nav::Cases).await?;
    wrong.on(&mut bar);
    let words = of(call)?.open_words(by(call)?, view).await?;
    let mut guards = guards(call, view);
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
        proposal: proposal(call, view, words),
        changes: [changes(call, view, words), since_own(call, view)].concat(),
        guards,
        materials: materials(call, view, &base_of(view)),
        groups: groups(call, view, words),
        history: history(call, view),
        day: view.case.proposal.as_ref().and_then(|p| old_law::day_asked(call, view, &p.outcome)).into_iter().collect(),
        reasons: call.form.raw("reasons").to_owned(),
        errors: wrong.errors,
    })
}

/// `GET /cases/{id}/decide`.
pub(crate) async fn decide_form(call: Call) -> Reply {
    let view = view_of(&call).await?;
    page(&decide_page(&call, &view, Wrong::none()).await?)
}

/// `POST /cases/{id}/decide`: `decision` = `take` or `send_back`, `reasons`, `done_on`, `seen`. It is taken as it was proposed.
pub(crate) async fn decide(call: Call) -> Reply {
    let view = view_of(&call).await?;
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
        proposal: proposal(call, view, words),
        changes: [changes(call, view, words), since_own(call, view)].concat(),
        clause,
        questions: QUESTIONS.iter().map(|q| Text::new(q.0, q.1)).collect(),
        materials: materials(call, view, &base_of(view)),
        groups: groups(call, view, words),
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

// -- publication ------------------------------------------------------------------------------------------------------------

/// The columns that the public will see: the public fields of the registers of what was decided.
fn columns(call: &Call, view: &CaseView) -> Vec<PublicColumn> {
    let decided = |id: &str| view.case.decisions.iter().any(|d| d.outcome == id);
    let registers: Vec<&String> =
        view.procedure().outcomes.iter().filter(|o| decided(&o.id)).flat_map(|o| &o.registers).collect();
    let is_column = |f: &&Field| f.registers.iter().any(|r| registers.contains(&r));
    let column = |field: &Field| {
        let values = view.case.values_of(&field.step)?;
        let left_out = !field.public || field.personal || field.kind.is_personal();
        let line = ask::values(call, &[field], values, false).into_iter().next()?;
        let value = if left_out { Shown::default() } else { line.value };
        Some(PublicColumn { label: line.label, value, left_out })
    };
    view.procedure().fields.iter().filter(is_column).filter_map(column).collect()
}

fn entry_of<'a>(view: &'a CaseView, asked: &str) -> Result<&'a str, Refusal> {
    publications(view).into_iter().find(|id| *id == asked).ok_or_else(no_page)
}

async fn publish_page(call: &Call, view: &CaseView, entry: &str, mut wrong: Wrong) -> Result<PublishPage, Refusal> {
    let mut bar = call.bar(Nav::Cases).await?;
    wrong.on(&mut bar);
    let outcome = view.case.outcome().map(|d| d.outcome.clone()).unwrap_or_default();
    Ok(PublishPage {
        l: call.lang,
        bar,
        head: head(call, view).await?,
        entry: entry.to_owned(),
        name: carrier_name(call.site().gate().packs().carriers().publications(), entry),
        clause: clause_of(call, view, &outcome),
        due: Text::default(),
        columns: columns(call, view),
        stands: is_published(view, entry),
        reasons: call.form.raw("reasons").to_owned(),
        errors: wrong.errors,
    })
}

/// `GET /cases/{id}/publish?entry=`.
pub(crate) async fn publish_form(call: Call) -> Reply {
    let view = view_of(&call).await?;
    let entry = entry_of(&view, call.query.get("entry"))?;
    page(&publish_page(&call, &view, entry, Wrong::none()).await?)
}

/// `POST /cases/{id}/publish`: `entry`, `act` = `publish` or `withdraw`, `reasons`, `seen`.
pub(crate) async fn publish(call: Call) -> Reply {
    let view = view_of(&call).await?;
    let entry = entry_of(&view, call.form.get("entry"))?;
    // The row of a case is the case.
    let (publication, row) = (entry.to_owned(), view.row.id.to_string());
    let (act, flash) = match call.form.get("act") {
        "withdraw" => {
            let reasons = call.form.get("reasons").to_owned();
            (CaseAct::WithdrawPublication { publication, row, reasons }, "case_withdrawn")
        }
        _ => (CaseAct::Publish { publication, row }, "case_published"),
    };
    match send(&call, act, Vec::new()).await {
        Ok(_) => done(&call, flash),
        Err(refusal) => {
            let wrong = Wrong::of(refusal, "reasons")?;
            let now = view_of(&call).await?;
            page_with(wrong.status, &publish_page(&call, &now, entry, wrong).await?)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::ErrorKind;

    #[test]
    fn refusals_stand_beside_what_they_are_about() {
        let of = |code: &str| Refusal::new(ErrorKind::Unlawful, code, Text::default(), Text::default());
        assert_eq!(field_of(&of("two_officers_required"), "note"), "officer");
        assert_eq!(field_of(&of("clause_needed"), "outcome"), "clause");
        assert_eq!(field_of(&of("materials_missing"), "outcome"), "outcome");
    }
}
