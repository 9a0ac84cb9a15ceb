//! What the unit owes: the page with its forms, the self-check report, the same as PDF and as JSON.

use super::view::Names;
use crate::answer::{Reply, attach, body, in_form, no_page, ok_json, page, page_with};
use crate::call::Call;
use crate::pages::duties::{DutiesPage, DutiesReportPage, DutyLine, PaperLine, PeriodLine, TallyLine, Typed, mark_of};
use crate::pages::{Choice, FormErrors, Nav, State};
use axum::http::{Method, StatusCode};
use base::{AccountId, CivilDate, PaperId, Refusal, Sha256, Text};
use domain::access::Permission;
use domain::duty::{self, PaperForm, PaperKind, Standing, State as Stands};
use serde_json::{Value, json};
use site::duties::{DutyReport, each_once};

/// Most persons without training that are named in a line; of more it says how many.
const NAMED: usize = 20;

fn state_of(s: Stands) -> State {
    State { mark: mark_of(s.code()), word: s.name() }
}

/// A duty as pages show it. `who` is asked for the names of persons without training.
fn line(s: &Standing, who: impl Fn(AccountId) -> String) -> DutyLine {
    let grounds = &s.owed.grounds;
    let met = s.state == Stands::Met;
    DutyLine {
        code: s.owed.code.clone(),
        title: s.owed.title.clone(),
        state: state_of(s.state),
        when: s.state.when(),
        provisional: s.provisional().map(|year| year.to_string()).unwrap_or_default(),
        untrained: s.untrained.iter().take(NAMED).map(|id| who(*id)).collect(),
        untrained_more: s.untrained.len().saturating_sub(NAMED),
        texts: each_once(grounds.iter().map(|g| &g.text)),
        cites: grounds.iter().flat_map(|g| g.citations.clone()).collect(),
        gap: grounds.iter().any(|g| g.gap),
        facts: s.facts.clone(),
        missing: s.missing.clone(),
        next: s.next.map(|d| d.to_string()).unwrap_or_default(),
        todo: if met { vec![] } else { each_once(grounds.iter().map(|g| &g.next)) },
    }
}

fn tally(report: &DutyReport) -> Vec<TallyLine> {
    let all = [Stands::Overdue { since: report.day }, Stands::Due { by: None }, Stands::Unknown, Stands::Met];
    let count = |code: &str| report.tally.pairs().into_iter().find(|(c, _)| *c == code).map_or(0, |(_, n)| n);
    all.map(|s| TallyLine { state: state_of(s), count: count(s.code()) }).to_vec()
}

fn papers(call: &Call, names: &Names, report: &DutyReport) -> Vec<PaperLine> {
    let one = |p: &duty::Paper| PaperLine {
        id: p.id.to_string(),
        kind: p.kind.name(),
        title: p.title.expose().clone(),
        number: p.number.expose().clone(),
        day: p.day.to_string(),
        until: p.until.map(|d| d.to_string()).unwrap_or_default(),
        passed: p.until.is_some_and(|d| d < report.day),
        document: p.document.map(|d| d.hex()).unwrap_or_default(),
        by: names.who(call, Some(p.by)),
        entered: p.entered,
    };
    report.papers.iter().map(one).collect()
}

async fn duties_page(call: &Call, errors: FormErrors) -> Result<DutiesPage, Refusal> {
    let report = call.site().duties(call.actor()?).await?;
    let names = Names::read(call).await?;
    let (f, may) = (&call.form, call.may(Permission::ManageDuties));
    let typed = |name: &str| if errors.is_empty() { String::new() } else { f.get(name).to_owned() };
    let regular: Vec<_> = report.list.iter().filter(|s| duty::period_of(s.owed.probe).is_some()).collect();
    let today = report.day.to_string();
    Ok(DutiesPage {
        l: call.lang,
        bar: call.bar(Nav::Duties).await?,
        day: today.clone(),
        tally: tally(&report),
        lines: report.list.iter().map(|s| line(s, |id| names.who(call, Some(id)))).collect(),
        papers: papers(call, &names, &report),
        periods: regular
            .iter()
            .map(|s| PeriodLine {
                title: s.owed.title.clone(),
                days: report.periods.get(&s.owed.code).copied().unwrap_or(0),
            })
            .collect(),
        may,
        kinds: PaperKind::ALL
            .iter()
            .map(|k| Choice::new(k.code(), k.name(), k.code() == f.get("paper_kind")))
            .collect(),
        regular: regular
            .iter()
            .map(|s| Choice::new(&s.owed.code, s.owed.title.clone(), s.owed.code == f.get("duty")))
            .collect(),
        typed: Typed {
            title: typed("title"),
            number: typed("number"),
            day: if errors.is_empty() { today } else { typed("day") },
            until: typed("until"),
            document: typed("document"),
            days: typed("days"),
        },
        errors,
    })
}

/// `GET /duties`.
pub(crate) async fn list(call: Call) -> Reply {
    page(&duties_page(&call, FormErrors::default()).await?)
}

/// `GET /duties/report`.
pub(crate) async fn report(call: Call) -> Reply {
    let report = call.site().duties(call.actor()?).await?;
    let names = Names::read(&call).await?;
    page(&DutiesReportPage {
        l: call.lang,
        bar: call.bar(Nav::Duties).await?,
        day: report.day.to_string(),
        at: report.at,
        unit: call.site().profile().kind(),
        tally: tally(&report),
        lines: report.list.iter().map(|s| line(s, |id| names.who(&call, Some(id)))).collect(),
        papers: papers(&call, &names, &report),
    })
}

/// `GET /duties/report.pdf`: made anew, entered in the log, then sent. `HEAD` says what would come and makes none: nobody would have it.
pub(crate) async fn report_pdf(call: Call) -> Reply {
    if call.method == Method::HEAD {
        return Ok(body(StatusCode::OK, "application/pdf", ""));
    }
    let document = call.site().duty_document(call.actor()?, call.lang).await?;
    let mut answer = body(StatusCode::OK, "application/pdf", document.pdf);
    attach(&mut answer, &document.file);
    Ok(answer)
}

fn duty_json(report: &DutyReport, s: &Standing) -> Value {
    let (by, overdue) = match s.state {
        Stands::Due { by } => (by, None),
        Stands::Overdue { since } => (None, Some(since)),
        Stands::Met | Stands::Unknown => (None, None),
    };
    let was = s.owed.counted().and_then(law::Deadline::moved_from);
    json!({
        "code": s.owed.code, "title": s.owed.title, "state": s.state.code(), "kept_since": report.since(s), "by": by,
        "overdue_since": overdue, "deadline": s.owed.deadline(), "provisional": s.provisional(), "deadline_was": was,
        "untrained": s.untrained.len(), "next": s.next, "facts": s.facts, "missing": s.missing,
        "grounds": s.owed.grounds,
    })
}

/// `GET /api/v1/duties`: the same as the report.
pub(crate) async fn api(call: Call) -> Reply {
    let report = call.site().duties(call.actor()?).await?;
    let counts: serde_json::Map<_, _> = report.tally.pairs().iter().map(|(k, n)| ((*k).to_owned(), json!(n))).collect();
    let paper = |p: &duty::Paper| {
        json!({
            "id": p.id, "kind": p.kind.code(), "title": p.title.expose(), "number": p.number.expose(), "day": p.day,
            "until": p.until, "document_sha256": p.document, "by": p.by, "entered": p.entered,
        })
    };
    ok_json(&json!({
        "at": report.at, "day": report.day, "counts": counts,
        "duties": report.list.iter().map(|s| duty_json(&report, s)).collect::<Vec<_>>(),
        "papers": report.papers.iter().map(paper).collect::<Vec<_>>(), "periods": report.periods,
    }))
}

fn bad(code: &str, zh: &'static str, en: &'static str) -> Refusal {
    Refusal::bad_input(code, Text::new(zh, en), Text::new("请更正后重新提交。", "Correct it and submit again."))
}

fn form_of(call: &Call) -> Result<PaperForm, Refusal> {
    let f = &call.form;
    let kind =
        PaperKind::parse(f.get("paper_kind")).ok_or_else(|| bad("paper_kind", "请选择种类。", "Choose the kind."))?;
    let day = CivilDate::parse(f.get("day")).ok_or_else(|| bad("day", "请填写日期。", "Enter the day."))?;
    let until = match f.get("until") {
        "" => None,
        text => Some(
            CivilDate::parse(text).ok_or_else(|| bad("until", "请填写日期，或者留空。", "Enter a day, or nothing."))?,
        ),
    };
    let document = match f.get("document") {
        "" => None,
        text => {
            let what = || bad("document", "SHA-256 是64位十六进制。", "A SHA-256 has 64 hexadecimal characters.");
            Some(Sha256::from_hex(text).ok_or_else(what)?)
        }
    };
    Ok(PaperForm { kind, title: f.secret("title"), number: f.secret("number"), day, until, document })
}

async fn answered(call: &Call, done: Result<(), Refusal>) -> Reply {
    match done {
        Ok(()) => call.done("/duties", "duty_saved"),
        Err(refusal) => {
            let known = ["title", "number", "day", "until", "document", "duty", "days"];
            let (code, errors) = in_form(refusal, &known, "paper_kind")?;
            page_with(code, &duties_page(call, errors).await?)
        }
    }
}

/// `POST /duties/papers`.
pub(crate) async fn add_paper(call: Call) -> Reply {
    let done = match form_of(&call) {
        Ok(form) => call.site().add_paper(call.actor()?, form).await.map(|_| ()),
        Err(refusal) => Err(refusal),
    };
    answered(&call, done).await
}

/// `POST /duties/papers/{id}/withdraw`.
pub(crate) async fn withdraw(call: Call) -> Reply {
    let id = PaperId::parse(call.param(0)).ok_or_else(no_page)?;
    call.site().withdraw_paper(call.actor()?, id).await?;
    call.done("/duties", "duty_saved")
}

/// `POST /duties/period`: `duty`, `days` (empty ends it).
pub(crate) async fn period(call: Call) -> Reply {
    let days = match call.form.get("days") {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| bad("days", "间隔为1至3660天。", "A period is 1 to 3,660 days.")),
    };
    let done = match days {
        Ok(days) => call.site().set_duty_period(call.actor()?, call.form.get("duty"), days).await,
        Err(refusal) => Err(refusal),
    };
    answered(&call, done).await
}

/// `POST /duties/check`.
pub(crate) async fn check(call: Call) -> Reply {
    call.site().check_duties(call.actor()?).await?;
    call.done("/duties", "duty_checked")
}
