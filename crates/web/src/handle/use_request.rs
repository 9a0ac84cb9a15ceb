//! Information use, first half: list, the form in steps, its check, one request with papers and law, decision.

use super::use_session::runs_here;
use super::view::Names;
use crate::answer::{Reply, address, attach, body, down, no_page, page, page_with, status};
use crate::call::Call;
use crate::drafts::Draft;
use crate::pages::use_request::{
    CameraChoice, ExportLine, GateLine, HistoryLine, Officer, Paper, RequestAct, RequestLine, ScopeCamera, UseAnswers,
    UseCheckPage, UseFilter, UseListPage, UseNewPage, UseRequestPage, UseStep,
};
use crate::pages::{Choice, FormErrors, Mark, Nav, Pager, State as Shown};
use axum::body::Bytes;
use axum::http::StatusCode;
use base::{
    AccountId, CameraId, CivilDate, ClauseId, ErrorKind, Refusal, RequestId, Sha256, Text, UtcMs, limits, time::DAY_MS,
};
use domain::access::{Permission, Role};
use domain::viewing::{Application, Basis, State, Status, Use};
use law::Answer;
use site::use_of_information::{Decision, Letter, UseForm};
use store::exports::ExportRow;
use store::requests::{RequestFilter, RequestRow};

/// Requests of one page.
const LINES: u32 = 100;
/// Most requests that are put before the list because they wait for this account.
const WAITING_SHOWN: u32 = 20;
/// Hours a grant is proposed for.
const GRANT_HOURS: u32 = 24;

/// The request that the path names.
pub(crate) fn id_of(call: &Call) -> Result<RequestId, Refusal> {
    RequestId::parse(call.param(0)).ok_or_else(no_page)
}

pub(crate) fn shown(state: State) -> Shown {
    match state {
        State::Submitted { .. } => Shown::new(Mark::Attention, "待审批", "Waiting"),
        State::Granted { .. } => Shown::new(Mark::Info, "已批准", "Granted"),
        State::Refused { .. } => Shown::new(Mark::Warning, "未批准", "Refused"),
        State::Ended { .. } => Shown::new(Mark::Off, "已结束", "Ended"),
    }
}

/// The days, officers, unit, case and camera that a list is narrowed by: as the form shows them, and as the store takes them.
pub(crate) struct Narrowed {
    /// For the form.
    pub(crate) shown: UseFilter,
    /// Begin of the first day.
    pub(crate) from: Option<UtcMs>,
    /// End of the last day.
    pub(crate) to: Option<UtcMs>,
    /// The officer chosen.
    pub(crate) officer: Option<AccountId>,
    /// The camera chosen.
    pub(crate) camera: Option<CameraId>,
}

/// Reads the filters of a list. Officers see their own requests only, and have no list of officers to choose from.
pub(crate) async fn narrowed(call: &Call, names: &Names) -> Result<Narrowed, Refusal> {
    let q = &call.query;
    let day = |name: &str| CivilDate::parse(q.get(name));
    let text = |name: &str| q.get(name).chars().take(limits::NAME_CHARS).collect::<String>();
    let (officer, camera) = (AccountId::parse(q.get("officer")), CameraId::parse(q.get("camera")));
    let mut officers = Vec::new();
    if !call.may(Permission::RequestUse) {
        for account in call.site().store().accounts().await?.into_iter().filter(|a| a.role == Role::PoliceOfficer) {
            let name = names.who(call, Some(account.id));
            let label = Text::of(name.clone(), name);
            officers.push(Choice::new(&account.id.to_string(), label, officer == Some(account.id)));
        }
    }
    let mut cameras = call.site().store().cameras_ever().await?;
    cameras.sort_by(|a, b| (&a.place, &a.name).cmp(&(&b.place, &b.name)));
    let choice = |c: store::cameras::CameraRow| {
        let label = format!("{} · {}", c.name, c.place);
        Choice::new(&c.id.to_string(), Text::of(label.clone(), label), camera == Some(c.id))
    };
    let fields = ["from", "to", "officer", "unit", "case", "camera"];
    let shown = UseFilter {
        from: day("from").map_or_else(String::new, |d| d.to_string()),
        to: day("to").map_or_else(String::new, |d| d.to_string()),
        officers,
        unit: text("unit"),
        case_number: text("case"),
        cameras: cameras.into_iter().map(choice).collect(),
        narrowed: fields.iter().any(|f| q.has(f)),
    };
    Ok(Narrowed {
        shown,
        from: day("from").map(CivilDate::start),
        to: day("to").map(|d| d.plus_days(1).start()),
        officer,
        camera,
    })
}

/// The page at `path` with the filters that it was asked with (and `with` in place of its own), after the line `before`.
pub(crate) fn list_link(call: &Call, path: &str, with: &[(&str, &str)], before: Option<String>) -> String {
    let word = |field: &'static str| {
        (field, with.iter().find(|w| w.0 == field).map_or_else(|| call.query.get(field), |w| w.1))
    };
    let own = ["state", "act", "from", "to", "officer", "unit", "case", "camera"].map(word);
    let before = before.unwrap_or_default();
    address(path, own.into_iter().chain([("before", before.as_str())]))
}

/// `MS_ID` of `before=`: the line after which a page begins.
pub(crate) fn before<T>(call: &Call, parse: impl Fn(&str) -> Option<T>) -> Option<(UtcMs, T)> {
    let (at, id) = call.query.get("before").split_once('_')?;
    Some((UtcMs(at.parse().ok()?), parse(id)?))
}

/// `GET /use?state=&from=&to=&officer=&unit=&case=&camera=&before=`.
pub(crate) async fn list(call: Call) -> Reply {
    let status = Status::parse(call.query.get("state"));
    let names = Names::read_whole(&call).await?;
    let n = narrowed(&call, &names).await?;
    let wanted = RequestFilter {
        of: None,
        officer: n.officer,
        status,
        unit: n.shown.unit.clone(),
        case_number: n.shown.case_number.clone(),
        camera: n.camera,
        from: n.from,
        to: n.to,
        before: before(&call, RequestId::parse),
    };
    let first = wanted.before.is_none();
    let by = call.actor()?;
    let mut rows = call.site().requests(by, &wanted, LINES + 1).await?;
    let more = rows.len() > LINES as usize;
    rows.truncate(LINES as usize);
    let next = rows.last().filter(|_| more).map(|r| format!("{}_{}", r.created.0, r.id));
    // What waits for this account stands before the whole list; a list that is narrowed shows what it was asked for.
    let mine = if call.may(Permission::DecideUse) { Status::Waiting } else { Status::Granted };
    let acts = call.may(Permission::DecideUse) || call.may(Permission::UseGrant);
    let mut waiting = Vec::new();
    if first && acts && status.is_none() && !n.shown.narrowed {
        let wanted = RequestFilter { status: Some(mine), ..RequestFilter::default() };
        waiting = call.site().requests(by, &wanted, WAITING_SHOWN).await?;
    }
    let pager = Pager {
        previous: (!first).then(|| list_link(&call, "/use", &[], None)),
        next: next.map(|before| list_link(&call, "/use", &[], Some(before))),
        shown: Text::default(),
    };
    let filters = [
        ("", "全部", "All"),
        ("waiting", "待审批", "Waiting"),
        ("granted", "已批准", "Granted"),
        ("refused", "未批准", "Refused"),
        ("ended", "已结束", "Ended"),
    ];
    let chosen = status.map_or("", Status::code);
    let filters = filters
        .iter()
        .map(|f| Choice::new(&list_link(&call, "/use", &[("state", f.0)], None), Text::new(f.1, f.2), f.0 == chosen));
    page(&UseListPage {
        l: call.lang,
        bar: call.bar(Nav::Use).await?,
        filters: filters.collect(),
        state: chosen.to_owned(),
        filter: n.shown,
        handed_on: call.site().persons_to_enter(by).await?,
        late: call.site().persons_late(by).await?,
        todo: waiting.into_iter().map(|r| line(&call, &names, todo_of(&call, &r), r)).collect(),
        requests: rows.into_iter().map(|r| line(&call, &names, todo_of(&call, &r), r)).collect(),
        pager,
    })
}

/// What this account should do with a request now; empty for nothing.
fn todo_of(call: &Call, r: &RequestRow) -> Text {
    match r.state {
        State::Submitted { .. } if call.may(Permission::DecideUse) => Text::new("请核对并决定", "check and decide"),
        State::Granted { .. } if call.may(Permission::UseGrant) => Text::new("可以查看", "viewing can begin"),
        State::Granted { .. } if r.application.is_for_citizen() => {
            Text::new("等申请人到场", "waits for the applicant to come")
        }
        _ => Text::default(),
    }
}

fn line(call: &Call, names: &Names, todo: Text, r: RequestRow) -> RequestLine {
    let app = r.application;
    let officers: Vec<_> = app.officers.iter().map(|o| names.who(call, Some(*o))).collect();
    RequestLine {
        id: r.id.to_string(),
        number: r.number,
        case_number: app.case_number,
        unit: app.unit,
        officers: officers.join(call.lang.t("、", ", ")),
        cameras: u32::try_from(app.cameras.len()).unwrap_or(u32::MAX),
        from: app.from,
        to: app.to,
        state: shown(r.state),
        sent: r.created,
        todo,
    }
}

// -- the form ---------------------------------------------------------------------------------------------------------------

fn step_of(name: &str) -> UseStep {
    match name {
        "scope" => UseStep::Scope,
        "papers" => UseStep::Papers,
        _ => UseStep::Basis,
    }
}

fn typed(instant: UtcMs) -> String {
    instant.desk().replace(' ', "T")
}

fn first_draft(call: &Call) -> Result<Draft, Refusal> {
    let actor = call.actor()?;
    let mut draft = Draft { unit: actor.unit.clone(), want_copy: true, ..Draft::default() };
    draft.badge = actor.badge.as_ref().map(|b| b.expose().clone()).unwrap_or_default();
    draft.cameras = CameraId::parse(call.query.get("camera")).map(|c| c.to_string()).into_iter().collect();
    draft.from = call.query.instant("from").map(typed).unwrap_or_default();
    draft.to = call.query.instant("to").map(typed).unwrap_or_default();
    Ok(draft)
}

async fn answers(call: &Call, draft: &Draft) -> Result<UseAnswers, Refusal> {
    let stock = call.site().store().stock().await?;
    let cameras = call.site().store().cameras_ever().await?.into_iter();
    let cameras = cameras.filter(|c| c.removed.is_none() || stock.contains_key(&c.id)).map(|c| CameraChoice {
        chosen: draft.cameras.contains(&c.id.to_string()),
        oldest: stock.get(&c.id).and_then(|s| s.oldest),
        id: c.id.to_string(),
        name: c.name,
        place: c.place,
    });
    let sha256 = if draft.letter.is_empty() { String::new() } else { Sha256::of(&draft.letter).hex() };
    Ok(UseAnswers {
        bases: Basis::ALL.map(|b| Choice::new(b.code(), b.name(), b.code() == draft.basis)).to_vec(),
        case_number: draft.case_number.clone(),
        unit: draft.unit.clone(),
        purpose: draft.purpose.clone(),
        cameras: cameras.collect(),
        from: draft.from.clone(),
        to: draft.to.clone(),
        officer: call.actor()?.name.expose().clone(),
        badge: draft.badge.clone(),
        second_officer: draft.second_officer.clone(),
        second_badge: draft.second_badge.clone(),
        letter_number: draft.letter_number.clone(),
        letter_file: draft.letter_file.clone(),
        letter_sha256: sha256,
        want_copy: draft.want_copy,
    })
}

async fn step_page(
    call: &Call,
    id: &str,
    step: UseStep,
    draft: &Draft,
    errors: FormErrors,
) -> Result<UseNewPage, Refusal> {
    Ok(UseNewPage {
        l: call.lang,
        bar: call.bar(Nav::Use).await?,
        draft: id.to_owned(),
        step,
        errors,
        answers: answers(call, draft).await?,
        upload_mb_max: u32::try_from(limits::UPLOAD_BYTES / (1024 * 1024)).unwrap_or(u32::MAX),
        range_days_max: u32::try_from(limits::REQUEST_RANGE_MS / DAY_MS).unwrap_or(u32::MAX),
    })
}

fn kept(call: &Call, id: &str) -> Result<Option<Draft>, Refusal> {
    Ok(call.app.drafts.get(id, call.actor()?.id, call.site().now().mono))
}

/// `GET /use/new?draft=&step=` (also `camera`, `from`, `to` from playback).
pub(crate) async fn new(call: Call) -> Reply {
    let id = call.query.get("draft").to_owned();
    let (id, draft) = match kept(&call, &id)? {
        Some(draft) => (id, draft),
        None if call.query.has("camera") => {
            let id = base::hex(&store::keys::random::<16>().map_err(down)?);
            let draft = first_draft(&call)?;
            call.app.drafts.put(&id, call.actor()?.id, draft.clone(), call.site().now().mono);
            (id, draft)
        }
        None => (String::new(), first_draft(&call)?),
    };
    let step = if id.is_empty() { UseStep::Basis } else { step_of(call.query.get("step")) };
    page(&step_page(&call, &id, step, &draft, FormErrors::default()).await?)
}

/// The form as the corridor takes it. A basis that was not chosen or a time that cannot be read becomes an error of its field.
fn form_of(call: &Call, draft: &Draft, errors: &mut FormErrors) -> UseForm {
    let instant = |text: &str| UtcMs::parse_shanghai(text).filter(|t| (0..=253_402_300_799_999).contains(&t.0));
    let basis = Basis::parse(&draft.basis);
    if basis.is_none() {
        errors.push("basis", Text::new("请选择法律依据。", "Choose the legal basis."));
    }
    let (from, to) = (instant(&draft.from), instant(&draft.to));
    if from.is_none() {
        errors.push("from", Text::new("请填写开始时间。", "Enter the start time."));
    }
    if to.is_none() {
        errors.push("to", Text::new("请填写结束时间。", "Enter the end time."));
    }
    let number = draft.letter_number.trim();
    let file: String =
        draft.letter_file.chars().take(limits::NAME_CHARS.saturating_sub(number.chars().count() + 1)).collect();
    let name = if number.is_empty() { file } else { format!("{number} {file}") };
    let own = call.who.as_ref().map(|w| w.actor.login.clone()).unwrap_or_default();
    UseForm {
        basis: basis.unwrap_or(Basis::StatutoryDuty),
        wanted: if draft.want_copy { Use::Copy } else { Use::View },
        case_number: draft.case_number.clone(),
        unit: draft.unit.clone(),
        purpose: draft.purpose.clone(),
        cameras: draft.cameras.iter().take(limits::REQUEST_CAMERAS + 1).filter_map(|c| CameraId::parse(c)).collect(),
        from: from.unwrap_or_default(),
        to: to.unwrap_or_default(),
        officers: [draft.second_officer.clone()].into_iter().filter(|l| *l != own).collect(),
        letter: (!draft.letter.is_empty()).then(|| Letter { name, bytes: draft.letter.to_vec() }),
    }
}

/// Step and field that a defect of the form belongs to.
fn place_of(code: &str) -> (UseStep, &'static str) {
    match code {
        "basis" => (UseStep::Basis, "basis"),
        "case_number" => (UseStep::Basis, "case_number"),
        "unit" => (UseStep::Basis, "unit"),
        "purpose" => (UseStep::Basis, "purpose"),
        "cameras" => (UseStep::Scope, "camera"),
        "from" => (UseStep::Scope, "from"),
        "range" | "future" | "to" => (UseStep::Scope, "to"),
        "letter" => (UseStep::Papers, "letter"),
        _ => (UseStep::Papers, "second_officer"),
    }
}

/// Defects of one step, so that a person corrects them where they stand. Officers and letter are judged by the law at the end.
fn faults_of(call: &Call, step: UseStep, draft: &Draft) -> Result<FormErrors, Refusal> {
    let mut read = FormErrors::default();
    let form = form_of(call, draft, &mut read);
    let mut errors = FormErrors(read.0.into_iter().filter(|e| place_of(&e.field).0 == step).collect());
    let app = Application {
        basis: form.basis,
        wanted: form.wanted,
        case_number: form.case_number,
        unit: form.unit,
        purpose: form.purpose,
        cameras: form.cameras,
        from: form.from,
        to: form.to,
        letter: None,
        officers: vec![],
        under: None,
        own: None,
    };
    for fault in domain::viewing::check_form(&app, call.now()).err().unwrap_or_default() {
        let (at, field) = place_of(&fault.code);
        if at == step && errors.of(field).is_none() {
            errors.push(field, fault.what);
        }
    }
    if step == UseStep::Papers {
        let own = call.actor()?.badge.as_ref().map(|b| b.expose().trim().to_owned()).unwrap_or_default();
        if draft.badge.trim() != own {
            errors.push("badge", Text::new("警号与您账号登记的不一致。", "The badge is not the one of your account."));
        }
        let letter = Letter { name: String::new(), bytes: draft.letter.to_vec() };
        if !draft.letter.is_empty() && letter.media_type().is_none() {
            errors.push(
                "letter",
                Text::new("单位证明文件须为 PDF、JPEG 或 PNG。", "The unit letter must be PDF, JPEG or PNG."),
            );
        }
    }
    Ok(errors)
}

fn take_step(call: &mut Call, step: UseStep, draft: &mut Draft) {
    let f = &call.form;
    let text = |name: &str, most: usize| f.get(name).chars().take(most).collect::<String>();
    match step {
        UseStep::Basis => {
            draft.basis = text("basis", 40);
            draft.case_number = text("case_number", limits::NAME_CHARS + 1);
            draft.unit = text("unit", limits::NAME_CHARS + 1);
            draft.purpose = text("purpose", limits::FREE_TEXT_CHARS + 1);
        }
        UseStep::Scope => {
            draft.cameras = f.all("camera").into_iter().take(limits::REQUEST_CAMERAS + 1).collect();
            draft.from = text("from", 30);
            draft.to = text("to", 30);
            draft.want_copy = f.has("want_copy");
        }
        UseStep::Papers => {
            draft.badge = text("badge", 32);
            draft.second_officer = text("second_officer", 64);
            draft.second_badge = text("second_badge", 32);
            draft.letter_number = text("letter_number", 80);
            if let Some(upload) = call.upload.take() {
                draft.letter_file = upload.name;
                draft.letter = upload.bytes;
            }
        }
    }
}

/// `POST /use/new`: one step is saved.
pub(crate) async fn save(mut call: Call) -> Reply {
    let mut id = call.form.get("draft").to_owned();
    let mut draft = match kept(&call, &id)? {
        Some(draft) => draft,
        None => {
            id = base::hex(&store::keys::random::<16>().map_err(down)?);
            first_draft(&call)?
        }
    };
    let step = step_of(call.form.get("step"));
    take_step(&mut call, step, &mut draft);
    let errors = faults_of(&call, step, &draft)?;
    if !errors.is_empty() {
        // A letter that is no letter is not kept.
        if errors.of("letter").is_some() {
            draft.letter = Bytes::new();
            draft.letter_file = String::new();
        }
        call.app.drafts.put(&id, call.actor()?.id, draft.clone(), call.site().now().mono);
        return page_with(StatusCode::BAD_REQUEST, &step_page(&call, &id, step, &draft, errors).await?);
    }
    call.app.drafts.put(&id, call.actor()?.id, draft, call.site().now().mono);
    let next = match step {
        UseStep::Basis => format!("/use/new?draft={id}&step=scope"),
        UseStep::Scope => format!("/use/new?draft={id}&step=papers"),
        UseStep::Papers => format!("/use/new/check?draft={id}"),
    };
    Ok(crate::answer::see_other(&next))
}

/// The conditions that the law asked about and how they stand.
fn gate_lines(call: &Call, answer: &Answer) -> Vec<GateLine> {
    let packs = call.site().gate().packs();
    let mut seen: Vec<&ClauseId> = Vec::new();
    let mut lines = Vec::new();
    for id in answer.considered.iter().chain(answer.deciding.iter().map(|c| &c.clause)) {
        if seen.contains(&id) {
            continue;
        }
        seen.push(id);
        let Some(clause) = packs.cite(id) else { continue };
        let missing: Vec<_> = answer.missing.iter().filter(|m| m.clause.as_ref() == Some(id)).collect();
        let refuses = !answer.allow && answer.deciding.iter().any(|c| c.clause == *id);
        let found = if missing.is_empty() {
            if refuses { Text::new("不具备", "not given") } else { Text::new("已核对", "checked") }
        } else {
            let join = |pick: fn(&Text) -> &str| {
                missing.iter().map(|m| format!("{}{}", pick(&m.what), pick(&m.next))).collect::<Vec<_>>().join(" ")
            };
            Text::of(join(|t| t.zh.as_ref()), join(|t| t.en.as_ref()))
        };
        lines.push(GateLine { met: missing.is_empty() && !refuses, what: clause.gist.clone(), found, clause });
    }
    lines
}

async fn check_page(call: &Call, id: &str, draft: &Draft, mut errors: FormErrors) -> Result<UseCheckPage, Refusal> {
    let mut read = FormErrors::default();
    let form = form_of(call, draft, &mut read);
    let answer = call.site().ask_use(call.actor()?, &form).await?;
    if errors.is_empty() {
        errors = read;
    }
    Ok(UseCheckPage {
        l: call.lang,
        bar: call.bar(Nav::Use).await?,
        draft: id.to_owned(),
        errors,
        answers: answers(call, draft).await?,
        gate: gate_lines(call, &answer),
    })
}

fn no_draft() -> Refusal {
    Refusal::new(
        ErrorKind::NotFound,
        "no_draft",
        Text::new("没有找到这份草稿，可能已经提交或过期。", "No such draft; it was sent or has expired."),
        Text::new("请在申请列表里查看，或重新填写。", "Look in the list of requests, or begin again."),
    )
}

/// `GET /use/new/check?draft=`.
pub(crate) async fn check(call: Call) -> Reply {
    let id = call.query.get("draft").to_owned();
    let draft = kept(&call, &id)?.ok_or_else(no_draft)?;
    page(&check_page(&call, &id, &draft, FormErrors::default()).await?)
}

/// `POST /use/new/check`: sends the request. A refusal by law is shown with its clauses; the draft stays.
pub(crate) async fn send(call: Call) -> Reply {
    let id = call.form.get("draft").to_owned();
    let draft = kept(&call, &id)?.ok_or_else(no_draft)?;
    let mut errors = FormErrors::default();
    let form = form_of(&call, &draft, &mut errors);
    if !errors.is_empty() {
        return page_with(StatusCode::BAD_REQUEST, &check_page(&call, &id, &draft, errors).await?);
    }
    match call.site().submit(call.actor()?, form).await {
        Ok(row) => {
            call.app.drafts.remove(&id);
            call.done(&format!("/use/{}", row.id), "request_sent")
        }
        Err(refusals) => {
            let worse = refusals.iter().find(|r| r.kind != ErrorKind::BadInput);
            if let Some(refusal) = worse {
                return Err(refusal.clone());
            }
            for refusal in refusals {
                errors.push(place_of(&refusal.code).1, refusal.what);
            }
            page_with(StatusCode::BAD_REQUEST, &check_page(&call, &id, &draft, errors).await?)
        }
    }
}

// -- one request ------------------------------------------------------------------------------------------------------------

/// Officers of a request by their accounts; masked for those who neither check the request nor are named in it nor audit.
pub(crate) async fn officers_of(call: &Call, row: &RequestRow) -> Result<Vec<Officer>, Refusal> {
    let session = call.site().session_of(call.actor()?, row.id).await?;
    let mut out = Vec::new();
    for id in &row.application.officers {
        let signed = session.filter(|s| s.first == *id || s.second == *id).map(|s| s.opened);
        let Some(account) = call.site().store().account(*id).await? else { continue };
        let whole = call.may(Permission::OpenPapers);
        let badge = account.badge.map(|b| if whole { b.into_inner() } else { b.masked_tail(2) });
        out.push(Officer {
            name: if whole { account.name.into_inner() } else { account.name.masked() },
            badge: badge.unwrap_or_default(),
            unit: account.unit,
            signed,
        });
    }
    Ok(out)
}

/// Cameras of a request with what there is of them.
pub(crate) async fn scope_of(call: &Call, app: &Application) -> Result<Vec<ScopeCamera>, Refusal> {
    let store = call.site().store();
    let mut out = Vec::new();
    for id in &app.cameras {
        let line = store.timeline(*id, app.from, app.to).await?;
        let covered_ms = line.footage.iter().map(|(a, b)| (*b).min(app.to).since((*a).max(app.from)).max(0)).sum();
        let row = store.camera(*id).await?;
        out.push(ScopeCamera {
            id: id.to_string(),
            name: row.as_ref().map_or_else(|| id.to_string(), |r| r.name.clone()),
            place: row.map(|r| r.place).unwrap_or_default(),
            covered_ms,
            gaps: u32::try_from(line.gaps.len()).unwrap_or(u32::MAX),
        });
    }
    Ok(out)
}

async fn papers_of(call: &Call, row: &RequestRow) -> Result<Vec<Paper>, Refusal> {
    let Some(sha) = row.application.letter else { return Ok(vec![]) };
    let Some((name, _, bytes)) = call.site().store().paper(sha).await? else { return Ok(vec![]) };
    let kind = match row.application.own {
        Some(_) => Text::new("申请人姓名、联系方式（加密保存）", "Name and contact of the applicant, kept sealed"),
        None => Text::new("单位证明文件", "Unit letter"),
    };
    Ok(vec![Paper {
        kind,
        number: String::new(),
        file: name,
        href: if call.may(Permission::OpenPapers) {
            format!("/use/{}/papers/{}", row.id, sha.hex())
        } else {
            String::new()
        },
        size_bytes: bytes.len() as u64,
        sha256: sha.hex(),
    }])
}

/// Is footage still held for this request?
async fn held(call: &Call, row: &RequestRow) -> Result<bool, Refusal> {
    let app = &row.application;
    let reason = format!("request {}", row.number);
    for camera in &app.cameras {
        let holds = call.site().store().holds_of(*camera, app.from, app.to).await?;
        if holds.iter().any(|h| h.reason == reason) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What is told to the custodian whose request waits: whether another one decides it.
const fn waits(alone: bool) -> Text {
    if alone {
        return Text::new(
            "本单位只有一名信息管理员，由您一人决定：同意、不同意都须写明理由，日志会写明登记和决定是同一人。",
            "The unit has one custodian, so you decide alone: with reasons either way, and the log says that one person did both.",
        );
    }
    Text::new(
        "由另一名信息管理员决定。没有的，请管理员在账号页面给另一人开设信息管理员账号。",
        "Another custodian decides it. Where there is none, an administrator gives that role to another person on the page of accounts.",
    )
}

async fn request_page(call: &Call, errors: FormErrors) -> Result<UseRequestPage, Refusal> {
    let id = id_of(call)?;
    let by = call.actor()?;
    let row = call.site().request(by, id).await?;
    let law = call.site().law_view(by, id).await?;
    let session = call.site().session_of(by, id).await?;
    let names = Names::read_whole(call).await?;
    // Who made it of an order, or entered it for a person, shows it; another one decides.
    let under = row.application.under.as_ref();
    let citizen = row.application.is_for_citizen();
    let own = citizen && row.application.officers.contains(&by.id);
    let alone = call.site().decides_alone(by, &row.application).await?;
    let waiting = matches!(row.state, State::Submitted { .. });
    let act = match row.state {
        State::Submitted { .. } if call.may(Permission::DecideUse) && (!own || alone) => RequestAct::Decide,
        State::Granted { .. } if session.is_some_and(|s| runs_here(call, &s)) => RequestAct::View,
        State::Granted { .. } if own && call.may(Permission::DecideUse) => RequestAct::Show,
        State::Granted { .. } if call.may(Permission::UseGrant) => RequestAct::SignIn,
        State::Granted { .. } if call.may(Permission::DecideUse) => RequestAct::Close,
        State::Ended { .. } if call.may(Permission::DecideUse) && held(call, &row).await? => RequestAct::Release,
        _ => RequestAct::None,
    };
    let acts = call.site().store().acts_of_request(id).await?;
    let history = acts.into_iter().map(|a| HistoryLine {
        at: a.at,
        who: names.who(call, a.account),
        what: a.text,
        log_index: call.may(Permission::SeeLog).then_some(a.idx),
    });
    let exports = call.site().exports(by, id).await?;
    let opens = call.may(Permission::UseGrant) || call.may(Permission::DecideUse);
    let exports = exports.iter().map(|e| export_line(&row, e, opens));
    let grant_end = if let State::Granted { until, .. } = row.state { Some(until) } else { None };
    let app = &row.application;
    Ok(UseRequestPage {
        l: call.lang,
        bar: call.bar(Nav::Use).await?,
        errors,
        id: id.to_string(),
        number: row.number.clone(),
        state: shown(row.state),
        basis: app.basis.name(),
        case_number: app.case_number.clone(),
        purpose: app.purpose.clone(),
        unit: app.unit.clone(),
        officers: officers_of(call, &row).await?,
        papers: papers_of(call, &row).await?,
        cameras: scope_of(call, app).await?,
        from: app.from,
        to: app.to,
        want_copy: app.wanted == Use::Copy,
        gate: gate_lines(call, &law),
        act,
        refusal_reason: if matches!(row.state, State::Refused { .. }) { row.reason.clone() } else { String::new() },
        waits: if waiting && own && call.may(Permission::DecideUse) { waits(alone) } else { Text::default() },
        grant_end,
        end_hours: GRANT_HOURS,
        history: history.collect(),
        exports: exports.collect(),
        order: under.map(|u| u.order.to_string()).unwrap_or_default(),
        citizen,
        person: app.own.is_some() && call.may(Permission::DecideUse),
        answered: !waiting,
    })
}

fn export_line(row: &RequestRow, e: &ExportRow, opens: bool) -> ExportLine {
    let state = match e.state.as_str() {
        "done" => Text::new("已做好", "ready"),
        "making" => Text::new("制作中", "being made"),
        "removed" => Text::new("已清除", "removed"),
        _ => Text::new("没有做成", "failed"),
    };
    ExportLine {
        file: format!("{}-{}.zip", row.number, e.sha256.get(..8).filter(|s| !s.is_empty()).unwrap_or("…")),
        href: if opens { format!("/use/{}/export?export={}", row.id, e.id) } else { String::new() },
        state,
        size_bytes: e.bytes,
        begun: e.created,
    }
}

/// `GET /use/{id}`.
pub(crate) async fn show(call: Call) -> Reply {
    page(&request_page(&call, FormErrors::default()).await?)
}

/// `GET /use/{id}/papers/{sha256}`: the letter, for the custodian, the auditor and the officers named. Entered in the log first. Somebody else wrote
/// it, so it is handed over as a file and never opened on a page of ours.
pub(crate) async fn paper(call: Call) -> Reply {
    let id = id_of(&call)?;
    let row = call.site().request(call.actor()?, id).await?;
    let named = Sha256::from_hex(call.param(1)).is_some_and(|s| row.application.letter == Some(s));
    if !named {
        return Err(Refusal::not_found("该材料", "paper"));
    }
    let (_, media_type, bytes) = call.site().letter(call.actor()?, id).await?;
    let known = [("application/pdf", "pdf"), ("image/jpeg", "jpg"), ("image/png", "png")];
    let found = known.into_iter().find(|(kind, _)| *kind == media_type);
    let (kind, ending) = found.unwrap_or(("application/octet-stream", "bin"));
    let mut answer = body(StatusCode::OK, kind, bytes);
    attach(&mut answer, &format!("letter-{}.{ending}", row.number));
    Ok(answer)
}

/// `POST /use/{id}/decide`: `decision` approve or refuse, `end_hours`, `reason`.
pub(crate) async fn decide(call: Call) -> Reply {
    let id = id_of(&call)?;
    let f = &call.form;
    let (decision, flash) = match f.get("decision") {
        "approve" => {
            let hours = f.get("end_hours").parse().unwrap_or(0);
            (Decision::GrantWith { hours, reason: f.get("reason").to_owned() }, "request_granted")
        }
        _ => (Decision::Refuse { reason: f.get("reason").to_owned() }, "request_refused"),
    };
    match call.site().decide(call.actor()?, id, decision).await {
        Ok(_) => call.done(&format!("/use/{id}"), flash),
        Err(refusal) if refusal.kind == ErrorKind::BadInput => {
            let mut errors = FormErrors::default();
            let field = if refusal.code == "hours_out_of_range" { "end_hours" } else { "reason" };
            errors.push(field, refusal.what.clone());
            page_with(status(&refusal), &request_page(&call, errors).await?)
        }
        Err(refusal) => Err(refusal),
    }
}

/// `POST /use/{id}/close`: the custodian ends a grant before its time.
pub(crate) async fn close(call: Call) -> Reply {
    let id = id_of(&call)?;
    call.site().end_grant(call.actor()?, id).await?;
    call.done(&format!("/use/{id}"), "grant_ended")
}

/// `POST /use/{id}/release`: the holds of a closed request, with `reason`.
pub(crate) async fn release(call: Call) -> Reply {
    let id = id_of(&call)?;
    call.site().release_hold(call.actor()?, id, call.form.get("reason")).await?;
    call.done(&format!("/use/{id}"), "hold_released")
}
