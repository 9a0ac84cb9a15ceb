//! What an applicant sees of their own cases: the list, one case, and the receipt.
//!
//! ```text
//! GET /my/cases ─▶ Authority::my_cases ─▶ drafts, then cases, those that wait for the applicant first
//! GET /my/cases/{id} ─▶ Authority::case (nothing internal) ─▶ where it stands, what is missing, what was decided
//! ```
//! Always true: only cases of the account's own party; the code of a receipt is shown to nobody else.

use super::apply::{asked_for, promise};
use super::apply_papers::{lacking, may_add_papers};
use super::ask::Wrong;
use super::case::{send, view_of};
use super::case_law::for_party;
use super::case_words::{
    awaits_rest, cited, cites, deadlines, documents, groups, history, life, materials, paragraphs, rest_until,
    stage_state,
};
use super::cases::{place_of, place_text};
use super::inbox::{by, of};
use super::payments::bill_view;
use super::public::counter_of;
use super::relays;
use super::waiting_words::past_promise;
use crate::answer::{Reply, page, page_with};
use crate::call::Call;
use crate::pages::apply::{ApplyDonePage, DecisionLine, MyCaseLine, MyCasePage, MyCasesPage, RightLine};
use crate::pages::ask::Shown;
use crate::pages::case::ActLine;
use crate::pages::public::PublicNav;
use crate::pages::{Nav, Pager};
use authority::cases::{CasePage, CaseView, promised_day};
use base::{Citation, CivilDate, ErrorKind, Refusal, Text};
use domain::casework::{COMPLETE, CaseAct, CaseClock, ClockState, Node, Right, Stage, WHENEVER, is_ours, node};
use law::Procedure;
use store::casework::cases::CaseRow;

/// Newest open cases that are looked into for what waits for the applicant.
const LOOKED_INTO: usize = 20;

fn line(call: &Call, row: &CaseRow, (todo, promised): (Text, String)) -> MyCaseLine {
    let draft = Stage::parse(&row.head.state) == Some(Stage::Draft);
    let procedure = call.site().gate().packs().procedure(&row.head.procedure);
    MyCaseLine {
        href: if draft { format!("/apply/{}", row.id) } else { format!("/my/cases/{}", row.id) },
        receipt: if draft { String::new() } else { row.number.clone() },
        service: procedure.map(Procedure::name).unwrap_or_default(),
        subject: Shown(row.head.title.clone()),
        state: stage_state(&row.head.state),
        promised,
        todo,
        at: if draft { row.last } else { row.opened },
    }
}

/// The day by which its office promised to decide, `YYYY-MM-DD`; empty: none, or it does not run.
async fn promised(call: &Call, view: &CaseView) -> Result<String, Refusal> {
    let promises = of(call)?.promises(view.row.head.office).await?;
    let amount = promises.get(&view.row.head.procedure);
    let day = amount.and_then(|n| promised_day(call.site().gate().packs(), view, *n));
    Ok(day.map(|day| day.to_string()).unwrap_or_default())
}

/// What the applicant has to do; empty for nothing. That a filing changed or is given up is theirs to say, and waits for nobody.
fn todo_of(view: &CaseView) -> Text {
    if awaits_rest(view) {
        return Text::new("请补正材料", "complete what is missing");
    }
    match view.open_steps().iter().find(|s| s.blocked.is_none() && !WHENEVER.contains(&s.id)) {
        Some(step) => step.name.clone(),
        None => Text::default(),
    }
}

/// `GET /my/cases?after=`.
pub(crate) async fn list(call: Call) -> Reply {
    let (authority, who) = (of(&call)?, by(&call)?);
    let after = place_of(call.query.get("after"));
    let CasePage { rows, next } = match authority.my_cases(who, after).await {
        Ok(found) => found,
        // Whoever has said nothing of themselves yet has no case.
        Err(refusal) if refusal.code == "no_party" => CasePage::default(),
        Err(refusal) => return Err(refusal),
    };
    let unjoined = authority.my_party(who).await?.is_none();
    let (mut drafts, mut waiting, mut others) = (Vec::new(), Vec::new(), Vec::new());
    let mut looked = 0;
    for row in &rows {
        if Stage::parse(&row.head.state) == Some(Stage::Draft) {
            drafts.push(line(&call, row, (Text::default(), String::new())));
            continue;
        }
        let (mut todo, mut day, mut sent) = (Text::default(), String::new(), None);
        if row.head.closed.is_none() && looked < LOOKED_INTO {
            looked += 1;
            let view = authority.case(who, row.id).await?;
            (todo, day) = (todo_of(&view), promised(&call, &view).await?);
            sent = view.case.doings.first().map(|d| d.at);
        }
        let list = if todo.zh.is_empty() { &mut others } else { &mut waiting };
        let mut entry = line(&call, row, (todo, day));
        entry.at = sent.unwrap_or(entry.at);
        list.push(entry);
    }
    waiting.extend(others);
    // What was handed on to units stands first, on the first page.
    if after.is_none() {
        let mut first = relays::lines(&call).await?;
        first.append(&mut waiting);
        waiting = first;
    }
    page(&MyCasesPage {
        l: call.lang,
        bar: call.bar(Nav::None).await?,
        at: PublicNav::Mine,
        unjoined,
        drafts,
        lines: waiting,
        pager: Pager {
            previous: after.map(|_| "/my/cases".to_owned()),
            next: next.map(|place| format!("/my/cases?after={}", place_text(place))),
            shown: Text::default(),
        },
    })
}

/// The nearest day by which the office owes something, with its clause.
fn legal(call: &Call, view: &CaseView) -> (String, Option<Citation>) {
    let clocks = view.clocks();
    let found = domain::casework::nearest(&clocks, true);
    let Some((clock, day)) = found else { return (String::new(), None) };
    let clause = clock.deadline.as_ref().and_then(|d| d.length.first()).and_then(|c| cited(call, c));
    (due_words(call, &day.to_string(), &clock.name), clause)
}

/// A last day with what is due by it; empty where there is no day.
fn due_words(call: &Call, day: &str, what: &Text) -> String {
    if day.is_empty() {
        return String::new();
    }
    Text::of(format!("{day}（{}）", what.zh), format!("{day} ({})", what.en)).get(call.lang).to_owned()
}

/// Why a clock stands still; empty: none does.
fn stopped(view: &CaseView) -> Text {
    let is_still = |c: &CaseClock| matches!(c.state, ClockState::Suspended { .. });
    let cause = view.clocks().iter().find(|c| is_still(c)).and_then(|c| c.run.stops.last().map(|s| s.cause.name()));
    cause.unwrap_or_default()
}

/// The day until which what is missing can be completed.
fn complete_until(view: &CaseView) -> String {
    let clocks = view.clocks();
    let ends = |c: &&CaseClock| {
        view.procedure().clock(&c.id).is_some_and(|clock| clock.ends.iter().any(|end| end == COMPLETE))
    };
    let by_law = clocks.iter().find(ends).and_then(CaseClock::day);
    by_law.or_else(|| rest_until(view)).map(|day| day.to_string()).unwrap_or_default()
}

fn acts(view: &CaseView) -> Vec<ActLine> {
    let id = view.row.id;
    let open = view.open_steps();
    let verb =
        |name: &Text| Text::of(name.zh.trim_end_matches('。').to_owned(), name.en.trim_end_matches('.').to_owned());
    let one = |href: String, verb: Text| ActLine { href, verb, hint: Text::default() };
    let ready = open.iter().filter(|s| s.blocked.is_none());
    let mut acts: Vec<ActLine> = ready.map(|s| one(format!("/apply/{id}?step={}", s.id), verb(&s.name))).collect();
    if view.procedure().hold.is_some() {
        acts.push(one(format!("/my/cases/{id}/footage"), Text::new("录像封存情况", "What footage is held")));
    }
    if may_add_papers(view) {
        acts.push(one(format!("/apply/{id}/materials"), Text::new("补交材料", "Add papers")));
    }
    let over = matches!(Stage::parse(&view.row.head.state), Some(Stage::Decided | Stage::Closed | Stage::Abandoned));
    // What the organ opened is no application.
    if !over && !is_ours(view.procedure().applicant) {
        acts.push(one(format!("/apply/{id}/withdraw"), Text::new("撤回申请", "Withdraw the application")));
    }
    acts
}

/// What the party of a penalty may do now: on the page as it may be done, by when and how.
fn rights(call: &Call, view: &CaseView) -> Vec<RightLine> {
    let line = |right: Right| RightLine {
        href: right.step.map(|step| format!("/apply/{}?step={step}", view.row.id)).unwrap_or_default(),
        name: Text::of(right.name.zh.trim_end_matches('。'), right.name.en.trim_end_matches('.')),
        last: right.last.map(|last| last.to_string()).unwrap_or_default(),
        how: right.how,
        clause: cited(call, &right.clause),
    };
    view.rights().into_iter().map(line).collect()
}

fn decisions(call: &Call, view: &CaseView, office: &str) -> Vec<DecisionLine> {
    let line = |d: &domain::casework::Decision| DecisionLine {
        what: node(view.procedure(), &d.outcome).map(Node::name).unwrap_or_default(),
        by: office.to_owned(),
        at: d.at,
        reasons: paragraphs(d.reasons.expose()),
        clauses: cites(call, &d.clauses),
    };
    view.case.decisions.iter().rev().map(line).collect()
}

async fn office_of(call: &Call, view: &CaseView) -> Result<String, Refusal> {
    let office = call.site().store().office(view.row.head.office).await?;
    Ok(office.map(|o| o.to_show(call.lang)).unwrap_or_default())
}

/// `GET /my/cases/{id}`.
pub(crate) async fn show(call: Call) -> Reply {
    page(&case_page(&call, Wrong::none()).await?)
}

/// The page of a case; after an act that was refused with what was typed.
async fn case_page(call: &Call, mut wrong: Wrong) -> Result<MyCasePage, Refusal> {
    let view = view_of(call).await?;
    let base = format!("/my/cases/{}", view.row.id);
    let office = office_of(call, &view).await?;
    let (legal, clause) = legal(call, &view);
    let bill = of(call)?.owed(by(call)?, view.row.id, view.today).await?;
    let missing = asked_for(call, &view);
    let decisions = decisions(call, &view, &office);
    let mut past = history(call, &view);
    past.reverse();
    let promised = promised(call, &view).await?;
    let mut bar = call.bar(Nav::None).await?;
    wrong.on(&mut bar);
    Ok(MyCasePage {
        l: call.lang,
        bar,
        at: PublicNav::Mine,
        errors: wrong.errors,
        reason: Shown(call.form.raw("reason").to_owned()),
        receipt: view.row.number.clone(),
        service: view.procedure().name(),
        subject: Shown(view.row.head.title.clone()),
        state: stage_state(&view.row.head.state),
        life: life(&view),
        past: past_promise(CivilDate::parse(&promised), view.promise_asked_on()),
        promised,
        legal,
        clause,
        stopped: stopped(&view),
        complete_until: if missing.is_empty() { String::new() } else { complete_until(&view) },
        missing,
        law_changes: for_party(&view),
        acts: acts(&view),
        rights: rights(call, &view),
        remedies: if decisions.is_empty() { Vec::new() } else { cites(call, &view.procedure().remedies) },
        decisions,
        bill: bill.as_ref().map(|b| bill_view(call, b)),
        documents: documents(call, &view, &base),
        groups: groups(call, &view, false),
        materials: materials(call, &view, &base),
        history: past,
        office,
        phone: counter_of(call, view.row.head.office).await?.phone,
        recuse: if may_recuse(&view) { format!("{base}/recuse") } else { String::new() },
        seen: view.row.events,
    })
}

/// Somebody handles the case, and it is not over.
const fn may_recuse(view: &CaseView) -> bool {
    view.row.head.assigned.is_some() && view.row.head.closed.is_none()
}

/// `POST /my/cases/{id}/recuse`: `reason`, `seen`. Whoever handles the case is asked to keep out; the party need not know who that is.
pub(crate) async fn recuse(call: Call) -> Reply {
    let view = view_of(&call).await?;
    let handler = view.row.head.assigned.filter(|_| may_recuse(&view));
    let account = handler.ok_or_else(|| {
        let what = Text::new("现在没有承办人，或者案件已经办结。", "Nobody handles the case now, or it is over.");
        Refusal::new(ErrorKind::Conflict, "nobody_handles", what, Text::new("不需要申请。", "Nothing is to be asked."))
    })?;
    let reason = call.form.get("reason").to_owned();
    match send(&call, CaseAct::AskRecusal { account, reason }, Vec::new()).await {
        Ok(_) => call.done(&format!("/my/cases/{}", view.row.id), "case_entered"),
        Err(refusal) => {
            let wrong = Wrong::of(refusal, "recusal-reason")?;
            page_with(wrong.status, &case_page(&call, wrong).await?)
        }
    }
}

/// What follows the sending: of a procedure without papers, or one that the office carries on by itself, nothing is said of papers and documents.
fn next_of(view: &CaseView) -> Vec<Text> {
    let procedure = view.procedure();
    let mut next = Vec::new();
    if procedure.materials.iter().any(|m| !m.gap) {
        next.push(Text::new(
            "办理机关核对材料；缺少的，一次告知您。",
            "The office checks the papers; what is missing is told once.",
        ));
        next.push(Text::new(
            "需要您补正的，会列在「我的办件」里。",
            "What you have to complete is listed in \"My cases\".",
        ));
    } else {
        next.push(Text::new(
            "办理机关核查您提交的内容，进展列在「我的办件」里。",
            "The office looks into what you sent; how far it is stands in \"My cases\".",
        ));
    }
    if procedure.outcomes.iter().any(|o| !o.document_zh.is_empty()) {
        next.push(Text::new(
            "决定以后，文书可以在这里下载。",
            "After the decision its documents can be downloaded here.",
        ));
    }
    next
}

/// `GET /my/cases/{id}/receipt`.
pub(crate) async fn receipt(call: Call) -> Reply {
    let view = view_of(&call).await?;
    let first = deadlines(&call, &view).into_iter().next();
    let (legal_what, legal, clause) = first.map(|d| (d.name, d.day, d.clause)).unwrap_or_default();
    let (decision, _) = promise(&call, view.procedure());
    // The nearest day may be that of the decision itself.
    let decision = if legal.is_empty() || decision.zh.contains(&legal) { Text::default() } else { decision };
    let counter = counter_of(&call, view.row.head.office).await?;
    page(&ApplyDonePage {
        l: call.lang,
        bar: call.bar(Nav::None).await?,
        at: PublicNav::Mine,
        service: view.procedure().name(),
        id: view.row.id.to_string(),
        receipt: view.row.number.clone(),
        code: Shown(call.site().store().case_code(view.row.id)),
        promised: promised(&call, &view).await?,
        sent: view.case.doings.first().map(|d| d.at),
        office: office_of(&call, &view).await?,
        place: counter.place,
        legal,
        legal_what,
        decision,
        clause,
        lacking: lacking(&view),
        next: next_of(&view),
        document: String::new(),
        phone: counter.phone,
    })
}
