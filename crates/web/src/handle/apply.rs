//! An application, page by page: begun at a place, filled in, checked, sent; and its completion and withdrawal later. Its papers: `apply_papers`.
//!
//! ```text
//! POST /apply ─▶ /apply/new (where?) ─▶ Authority::begin ─▶ /apply/{case} (form) ─▶ …/materials ─▶ …/check ─▶ /my/cases/{case}/receipt
//!                                                            Fill: a draft        GivePaper        Done: sent
//! ```
//! Always true: the draft is the case itself, so it is kept in the database and only its party sees it; what is right is kept at every step,
//! also beside what is wrong; a missing paper stops nobody from sending, but every one is named and sending without it is said in words
//! (AL-32); papers are added until the case is decided; nothing is asked that the procedure does not name.

use super::apply_papers::{paper_lines, sent_without};
use super::ask::{self, Wrong};
use super::case::{id_of, send, view_of};
use super::case_words::{cited, thing};
use super::divisions;
use super::everyday;
use super::held_unit;
use super::inbox::{by, of};
use super::newcomer::unjoined;
use super::services::term;
use crate::answer::{Reply, no_page, page, page_with, see_other};
use crate::call::Call;
use crate::pages::apply::{ApplyCheckPage, ApplyHead, ApplyStepPage, ApplyTask, DefectLine};
use crate::pages::ask::{Ask, AskedField};
use crate::pages::case::{MaterialLine, ValueGroup};
use crate::pages::public::PublicNav;
use crate::pages::{Choice, Nav};
use authority::cases::{Beginning, CaseView, promise_most, promise_unit};
use base::{Citation, ErrorKind, OfficeId, Refusal, Text};
use domain::casework::{ASK_FOR_REST, CaseAct, Channel, Command, Node, Typed, fields_of, is_ours, node};
use domain::form::{FieldFault, Values};
use domain::identifier::{IdentityKind, IdentityNumber};
use law::{ClockRun, Field, FieldKind, Procedure, Sense};

/// Word of the page on which an application is given up; no step has a dash.
const WITHDRAW: &str = "-withdraw";
/// Form name of the place on the first page.
const PLACE: &str = "place_at";
/// Form name of the box by which it is sent without papers that are missing.
const INCOMPLETE: &str = "incomplete";
/// Fields that hold no more than what the first page asked.
const BARELY: usize = 1;

pub(super) fn about(procedure: &Procedure) -> String {
    format!("/public/services/{}", procedure.id)
}

// -- where it is about ------------------------------------------------------------------------------------------------------

/// `POST /apply`: `service`.
pub(crate) async fn start(call: Call) -> Reply {
    let service = of(&call)?.service(call.form.get("service"), call.now().shanghai_date()).await?;
    if let Some(there) = unjoined(&call, &about(service.procedure)).await? {
        return Ok(there);
    }
    Ok(see_other(&format!("/apply/new?service={}", service.procedure.id)))
}

fn place_field(call: &Call) -> AskedField {
    AskedField {
        id: PLACE.to_owned(),
        label: Text::new("办理地在哪个县、区", "county or district of the place"),
        hint: Text::new("由当地有权的机关办理。", "The competent office there handles it."),
        ask: Ask::Division,
        value: call.form.raw(PLACE).to_owned(),
        required: true,
        ..AskedField::default()
    }
}

/// Offices to choose from, where the place has several: those of its city.
async fn office_field(call: &Call) -> Result<AskedField, Refusal> {
    let place = call.form.get("place_at");
    let city: String = place.chars().take(4).collect();
    let chosen = call.form.get("office_at");
    let rows = call.site().store().offices().await?;
    let near = rows.into_iter().filter(|o| o.closed.is_none() && o.division.starts_with(&city));
    let mut near: Vec<store::casework::offices::OfficeRow> = near.collect();
    near.sort_by_cached_key(|o| (o.division.clone(), o.called(call.lang).to_owned()));
    let choice = |o: store::casework::offices::OfficeRow| {
        let id = o.id.to_string();
        Choice::new(&id, o.names(), id == chosen)
    };
    Ok(AskedField {
        id: "office_at".to_owned(),
        label: Text::new("办理机关", "office"),
        ask: Ask::Choice,
        value: chosen.to_owned(),
        choices: near.into_iter().map(choice).collect(),
        required: true,
        ..AskedField::default()
    })
}

/// Leaves in the list of places those that an office of this server handles, and what was chosen.
async fn only_served(call: &Call, procedure: &Procedure, fields: &mut [AskedField]) -> Result<(), Refusal> {
    let Some(field) = fields.iter_mut().find(|f| f.id == PLACE) else { return Ok(()) };
    let codes: Vec<&str> = field.groups.iter().flat_map(|g| &g.choices).map(|c| c.value.as_str()).collect();
    let served = of(call)?.served(procedure, &codes).await?;
    if served.is_empty() {
        return Ok(());
    }
    for group in &mut field.groups {
        group.choices.retain(|c| c.chosen || served.contains(&c.value));
    }
    field.groups.retain(|g| !g.choices.is_empty());
    Ok(())
}

/// That no office here handles it at this place, in words for whoever applies, beside the place that was chosen.
fn not_served(call: &Call, place: &str, refusal: Refusal) -> Refusal {
    if refusal.code != "no_office_here" {
        return refusal;
    }
    let name = divisions::named(call.site().gate().packs(), place);
    Refusal::bad_input(
        "no_office_here",
        Text::of(
            format!("本网站不办理“{}”的这个事项。", name.zh),
            format!("This service is not handled here for {}.", name.en),
        ),
        Text::new(
            "请改选列表中的地点；确是该地的，请到当地公安机关的窗口提出。",
            "Choose a place of the list; if it is about that place, go to the counter of the police there.",
        ),
    )
}

async fn new_page(call: &Call, procedure: &Procedure, code: &str, mut wrong: Wrong) -> Result<ApplyStepPage, Refusal> {
    let mut fields = vec![place_field(call)];
    divisions::offer(call, PLACE, call.now().shanghai_date(), &mut fields).await?;
    only_served(call, procedure, &mut fields).await?;
    if matches!(code, "same_case" | "again") || call.form.has("again") {
        fields.push(ask::again(call));
    }
    if code == "several_offices" || call.form.has("office_at") {
        fields.push(office_field(call).await?);
    }
    let mut bar = call.bar(Nav::None).await?;
    wrong.on(&mut bar);
    let task = ApplyTask { title: Text::new("办理地", "Place"), here: true, ..ApplyTask::default() };
    Ok(ApplyStepPage {
        l: call.lang,
        bar,
        at: PublicNav::Services,
        head: ApplyHead {
            draft: "new".to_owned(),
            service: procedure.name(),
            plain: everyday::about(procedure),
            about: about(procedure),
            tasks: vec![task],
            ..ApplyHead::default()
        },
        step: procedure.id.clone(),
        title: Text::new("在哪里办理？", "Where is it about?"),
        fields,
        send: Text::default(),
        back: about(procedure),
        errors: wrong.errors,
    })
}

/// `GET /apply/new?service=`.
pub(crate) async fn new(call: Call) -> Reply {
    let service = of(&call)?.service(call.query.get("service"), call.now().shanghai_date()).await?;
    if let Some(there) = unjoined(&call, &about(service.procedure)).await? {
        return Ok(there);
    }
    page(&new_page(&call, service.procedure, "", Wrong::none()).await?)
}

/// `POST /apply/new`: `step` (the service), `place_at`, `office_at`, `again`.
pub(crate) async fn begin(call: Call) -> Reply {
    let (authority, who) = (of(&call)?, by(&call)?);
    let service = authority.service(call.form.get("step"), call.now().shanghai_date()).await?;
    let procedure = service.procedure;
    let place = call.form.get("place_at");
    let beginning = Beginning {
        procedure: procedure.id.clone(),
        channel: Channel::Online,
        party: None,
        place: place.to_owned(),
        office: OfficeId::parse(call.form.get("office_at")),
        facts_on: None,
        title: String::new(),
        again: call.form.get("again").to_owned(),
    };
    let begun = match authority.begin(who, &beginning).await {
        Ok(begun) => begun,
        Err(refusal) => {
            let refusal = not_served(&call, place, refusal);
            let code = refusal.code.clone();
            let at = if matches!(code.as_str(), "place" | "no_office_here") { "f-place_at" } else { "form" };
            let wrong = Wrong::of(refusal, at)?;
            return page_with(wrong.status, &new_page(&call, procedure, &code, wrong).await?);
        }
    };
    // The place is the first answer of the form.
    let first = procedure.steps.iter().find(|s| s.after.is_empty()).map(|s| s.id.clone()).unwrap_or_default();
    if let Some(field) = procedure.place_field().filter(|f| f.step == first) {
        let act = CaseAct::Fill { step: first, typed: Typed::from([(field.id.clone(), place.to_owned())]) };
        let row = call.site().store().case(begun.case).await?.ok_or_else(no_page)?;
        let command = Command { seen: row.events, act };
        authority.act(who, begun.case, &command, Vec::new()).await?;
    }
    Ok(see_other(&format!("/apply/{}", begun.case)))
}

// -- the form ---------------------------------------------------------------------------------------------------------------

fn nothing_open() -> Refusal {
    Refusal::new(
        ErrorKind::Conflict,
        "nothing_open",
        Text::new("这件申请现在没有需要您办理的。", "Nothing of this application waits for you now."),
        Text::new("请在「我的办件」中查看办到哪里了。", "See in \"My cases\" where it stands."),
    )
}

/// The step that the applicant is at: the one asked for if it is open, else the first that is.
pub(super) fn step_of<'a>(view: &'a CaseView, asked: &str) -> Result<Node<'a>, Refusal> {
    let open = view.open_steps();
    let found = open.iter().find(|s| s.id == asked).or(open.first()).map(|s| s.id.to_owned());
    found.and_then(|id| node(view.procedure(), &id)).ok_or_else(nothing_open)
}

/// The pages of an application.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum At {
    Form,
    Materials,
    Check,
}

/// The procedure asks for papers that can be read.
pub(super) fn asks_papers(view: &CaseView) -> bool {
    view.procedure().materials.iter().any(|m| !m.gap)
}

/// The page behind the form: papers, or where none is asked for the check.
fn behind_form(view: &CaseView, step: Node<'_>) -> String {
    let page = if asks_papers(view) { "materials" } else { "check" };
    format!("/apply/{}/{page}?step={}", view.row.id, step.id())
}

pub(super) fn apply_head(view: &CaseView, step: Node<'_>, at: At) -> ApplyHead {
    let id = view.row.id;
    let fields = fields_of(view.procedure(), step.id());
    let typed = ask::typed_again(view.case.values_of(step.id()));
    let mut tasks = Vec::new();
    if !fields.is_empty() {
        tasks.push(ApplyTask {
            href: format!("/apply/{id}?step={}", step.id()),
            title: Text::new("填表", "Form"),
            done: ask::faults_of(&fields, &typed, view.today).is_empty(),
            here: at == At::Form,
        });
    }
    if asks_papers(view) || at == At::Materials {
        let given = view.procedure().materials.iter().any(|m| view.case.paper(&m.id).is_some());
        tasks.push(ApplyTask {
            href: format!("/apply/{id}/materials?step={}", step.id()),
            title: Text::new("材料", "Papers"),
            done: given && view.missing().is_empty(),
            here: at == At::Materials,
        });
    }
    tasks.push(ApplyTask {
        href: format!("/apply/{id}/check?step={}", step.id()),
        title: Text::new("核对并提交", "Check and send"),
        done: false,
        here: at == At::Check,
    });
    ApplyHead {
        draft: id.to_string(),
        service: view.procedure().name(),
        plain: everyday::about(view.procedure()),
        about: about(view.procedure()),
        tasks,
        kept_until: String::new(),
        seen: view.row.events,
    }
}

/// What was filled in; at the very beginning also what is known of the party.
async fn kept(call: &Call, view: &CaseView, step: Node<'_>) -> Result<Typed, Refusal> {
    let kept = ask::typed_again(view.case.values_of(step.id()));
    let Some(party) = view.row.head.party.filter(|_| kept.len() <= BARELY) else { return Ok(kept) };
    let mut typed = of(call)?.known_values(by(call)?, view.procedure(), party).await?;
    typed.extend(kept);
    Ok(typed)
}

/// The fields of the step that this applicant is asked: what hangs on another answer only with that answer.
fn asked_here<'a>(view: &'a CaseView, step: Node<'_>, typed: &Typed, faults: &[FieldFault]) -> Vec<&'a Field> {
    let text = |id: &str| typed.get(id).map(|t| t.trim()).filter(|t| !t.is_empty());
    let is_asked = |f: &Field| f.is_asked(f.when.as_ref().and_then(|when| text(&when.field)));
    let stays = |f: &&Field| is_asked(f) || text(&f.id).is_some() || faults.iter().any(|fault| fault.field == f.id);
    fields_of(view.procedure(), step.id()).into_iter().filter(stays).collect()
}

/// The place by which the office was found, where this form holds it.
fn place_kept<'a>(view: &'a CaseView, step: Node<'_>) -> Option<&'a str> {
    let field = view.procedure().place_field().filter(|f| f.step == step.id())?;
    view.case.values_of(step.id())?.text(&field.id)
}

/// The place was chosen on the first page and decided the office: it is shown here, not asked again.
fn keep_place(view: &CaseView, step: Node<'_>, fields: &mut [AskedField]) {
    let Some(kept) = place_kept(view, step) else { return };
    let Some(field) = fields.iter_mut().find(|f| f.id == view.procedure().place) else { return };
    kept.clone_into(&mut field.value);
    field.hint = Text::new(
        "已在第一步选定，办理机关由此确定。选错了的，撤回后重新申请。",
        "Chosen on the first page; the office follows from it. If it is wrong, withdraw and apply anew.",
    );
    for group in &mut field.groups {
        group.choices.retain(|c| c.value == kept);
    }
    field.groups.retain(|g| !g.choices.is_empty());
    field.fixed = field.chosen_label().is_some();
}

/// Two numbers of identity documents are one: blanks and small letters tell nobody apart, nor does a kind that only one of them names. A form sends
/// the kind with every number, and a resident's number is kept without it.
fn is_same_number(own: &str, typed: &str) -> bool {
    let kept = |text: &str| {
        IdentityNumber::parse(text).map_or_else(|_| text.trim().to_owned(), |number| number.as_str().to_owned())
    };
    let (own, typed) = (kept(own), kept(typed));
    let ((own_kind, own), (typed_kind, typed)) = (IdentityKind::split(&own), IdentityKind::split(&typed));
    let fits = own_kind.is_none() || typed_kind.is_none() || own_kind == typed_kind;
    fits && own.eq_ignore_ascii_case(typed)
}

/// What contradicts what is known: another place than that of the office, another identity number than that of the account.
async fn contradictions(
    call: &Call,
    view: &CaseView,
    step: Node<'_>,
    typed: &Typed,
) -> Result<Vec<FieldFault>, Refusal> {
    let text = |id: &str| typed.get(id).map_or("", |t| t.trim());
    let mut faults = Vec::new();
    let place = &view.procedure().place;
    if place_kept(view, step).is_some_and(|kept| kept != text(place)) {
        let what = Text::new(
            "这里的行政区划与办理机关所依据的不同。",
            "This division is not the one by which the office was found.",
        );
        let next = Text::new("要改地点的，请撤回后重新申请。", "To change the place, withdraw and apply anew.");
        faults.push(FieldFault { field: place.clone(), what, next });
    }
    let Some(party) = view.row.head.party else { return Ok(faults) };
    let known = of(call)?.known_values(by(call)?, view.procedure(), party).await?;
    let is_number = |f: &&Field| matches!(f.kind, FieldKind::ResidentId | FieldKind::IdentityDocument);
    let numbers = fields_of(view.procedure(), step.id()).into_iter().filter(is_number);
    for field in numbers {
        let own = known.get(&field.id);
        if own.is_some_and(|own| !text(&field.id).is_empty() && !is_same_number(own, text(&field.id))) {
            let what = Text::of(
                format!("“{}”与本账号登记的号码不同。", field.zh),
                format!("\"{}\" is not the number of this account.", field.en),
            );
            let next = Text::new("请用本人的账号为本人申请。", "Apply for yourself, with your own account.");
            faults.push(FieldFault { field: field.id.clone(), what, next });
        }
    }
    Ok(faults)
}

async fn step_page(
    call: &Call,
    view: &CaseView,
    step: Node<'_>,
    typed: &Typed,
    (faults, mut wrong): (&[FieldFault], Wrong),
) -> Result<ApplyStepPage, Refusal> {
    let mut bar = call.bar(Nav::None).await?;
    wrong.on(&mut bar);
    let mut fields = ask::asked(call, &asked_here(view, step, typed, faults), typed, faults);
    ask::offer(call, view, &mut fields).await?;
    keep_place(view, step, &mut fields);
    Ok(ApplyStepPage {
        l: call.lang,
        bar,
        at: PublicNav::Mine,
        head: apply_head(view, step, At::Form),
        step: step.id().to_owned(),
        title: step.name(),
        fields,
        send: Text::default(),
        back: String::new(),
        errors: wrong.errors,
    })
}

/// `GET /apply/{id}?step=`.
pub(crate) async fn show(call: Call) -> Reply {
    let view = view_of(&call).await?;
    let step = step_of(&view, call.query.get("step"))?;
    if fields_of(view.procedure(), step.id()).is_empty() {
        return Ok(see_other(&behind_form(&view, step)));
    }
    let typed = kept(&call, &view, step).await?;
    page(&step_page(&call, &view, step, &typed, (&[], Wrong::none())).await?)
}

/// `POST /apply/{id}`: `step`, the fields, `seen`. What is right is kept also where something else is wrong.
pub(crate) async fn save(call: Call) -> Reply {
    if call.form.get("step") == WITHDRAW {
        return withdraw(&call).await;
    }
    let view = view_of(&call).await?;
    let step = step_of(&view, call.form.get("step"))?;
    let fields = fields_of(view.procedure(), step.id());
    let typed = ask::typed_of(&call.form, &fields);
    let mut faults = ask::faults_at(&call, &view, &fields, &typed);
    for fault in contradictions(&call, &view, step, &typed).await? {
        if faults.iter().all(|known| known.field != fault.field) {
            faults.push(fault);
        }
    }
    if !faults.is_empty() {
        of(&call)?.tried_numbers(by(&call)?, Some(view.row.id), &fields, &typed).await?;
    }
    let is_right = |id: &String, text: &String| !text.trim().is_empty() && !faults.iter().any(|f| f.field == *id);
    let right: Typed =
        typed.iter().filter(|(id, text)| is_right(id, text)).map(|(id, text)| (id.clone(), text.clone())).collect();
    if !right.is_empty() && right != ask::typed_again(view.case.values_of(step.id())) {
        let act = CaseAct::Fill { step: step.id().to_owned(), typed: right };
        if let Err(refusal) = send(&call, act, Vec::new()).await {
            let wrong = Wrong::of(refusal, "form")?;
            let now = view_of(&call).await?;
            let step = step_of(&now, step.id())?;
            return page_with(wrong.status, &step_page(&call, &now, step, &typed, (&faults, wrong)).await?);
        }
    }
    if faults.is_empty() {
        return Ok(see_other(&behind_form(&view, step)));
    }
    let mut wrong = Wrong::form();
    ask::of_no_field(&faults, &fields, &mut wrong.errors);
    let now = view_of(&call).await?;
    let step = step_of(&now, step.id())?;
    page_with(wrong.status, &step_page(&call, &now, step, &typed, (&faults, wrong)).await?)
}

// -- check and send ---------------------------------------------------------------------------------------------------------

/// What the office of the case promises, in words; empty: nothing.
async fn promised(call: &Call, view: &CaseView) -> Result<Text, Refusal> {
    let procedure = view.procedure();
    let promises = of(call)?.promises(view.row.head.office).await?;
    let most = promise_most(call.site().gate().packs(), procedure, call.now().shanghai_date());
    let amount = promises.get(&procedure.id).map(|n| term((*n).min(most), promise_unit(procedure)));
    let said = |t: Text| {
        Text::of(format!("本机关承诺{}内办结。", t.zh), format!("This office promises to decide within {}.", t.en))
    };
    Ok(amount.map(said).unwrap_or_default())
}

/// By when it is decided if it were taken in today, and by which clause.
pub(crate) fn promise(call: &Call, procedure: &Procedure) -> (Text, Option<Citation>) {
    let packs = call.site().gate().packs();
    let today = call.now().shanghai_date();
    let decides = |id: &String| procedure.outcomes.iter().any(|o| o.id == *id);
    let ours = |c: &&law::Clock| c.sense == Sense::Within && is_ours(c.binds) && c.ends.iter().any(decides);
    let Some(clock) = procedure.clocks.iter().find(ours) else { return (Text::default(), None) };
    let due = packs.clock_due(&procedure.id, &clock.id, &ClockRun::from(today), today);
    let day = due.ok().and_then(|due| due.deadline.day());
    let name = clock.name();
    let text = day.map(|day| {
        Text::of(
            format!("{}：今天受理的，最迟 {day}", name.zh),
            format!("{}: if it is taken in today, by {day}", name.en),
        )
    });
    (text.unwrap_or_default(), cited(call, &clock.length.clause))
}

fn defects(view: &CaseView, step: Node<'_>, fields: &[&Field]) -> Vec<DefectLine> {
    let typed = ask::typed_again(view.case.values_of(step.id()));
    let faults = ask::faults_of(fields, &typed, view.today).into_iter();
    let line = |f: FieldFault| DefectLine {
        href: format!("/apply/{}?step={}#f-{}", view.row.id, step.id(), f.field),
        text: ask::both(&f.what, &f.next),
    };
    faults.map(line).collect()
}

async fn check_page(
    call: &Call,
    view: &CaseView,
    step: Node<'_>,
    (told, mut wrong): (Vec<DefectLine>, Wrong),
) -> Result<ApplyCheckPage, Refusal> {
    let fields = fields_of(view.procedure(), step.id());
    let mut all = defects(view, step, &fields);
    all.extend(told);
    let none = Values::default();
    let values = view.case.values_of(step.id()).unwrap_or(&none);
    let group = ValueGroup {
        title: step.name(),
        change: format!("/apply/{}?step={}", view.row.id, step.id()),
        values: ask::values(call, &fields, values, false),
    };
    let (promise, clause) = promise(call, view.procedure());
    let promised = promised(call, view).await?;
    let office = call.site().store().office(view.row.head.office).await?.map(|o| o.to_show(call.lang));
    let mut bar = call.bar(Nav::None).await?;
    wrong.on(&mut bar);
    Ok(ApplyCheckPage {
        l: call.lang,
        bar,
        at: PublicNav::Mine,
        head: apply_head(view, step, At::Check),
        defects: all,
        groups: if fields.is_empty() { Vec::new() } else { vec![group] },
        materials: paper_lines(call, view),
        office: office.unwrap_or_default(),
        promise,
        promised,
        clause,
        step: step.id().to_owned(),
        lacking: sent_without(view, step),
        rest_clause: rest_clause(call, view.procedure()),
        incomplete: call.form.has(INCOMPLETE),
        unsaid: unsaid(call, view, step),
        note: call.form.raw("note").to_owned(),
        held: held_unit::of_case(call, view, step).await?,
    })
}

/// The clause by which the office names all that is missing at once; none where the procedure has no such step.
fn rest_clause(call: &Call, procedure: &Procedure) -> Option<Citation> {
    let step = procedure.steps.iter().find(|s| s.id == ASK_FOR_REST)?;
    cited(call, &step.clause)
}

/// It was sent without a word on the papers that are missing.
fn unsaid(call: &Call, view: &CaseView, step: Node<'_>) -> bool {
    call.form.has("step") && !call.form.has(INCOMPLETE) && !sent_without(view, step).is_empty()
}

/// `GET /apply/{id}/check?step=`.
pub(crate) async fn check(call: Call) -> Reply {
    let view = view_of(&call).await?;
    let step = step_of(&view, call.query.get("step"))?;
    page(&check_page(&call, &view, step, (Vec::new(), Wrong::none())).await?)
}

/// `POST /apply/{id}/check`: `step`, `note`, `incomplete`, `seen`: it is sent.
pub(crate) async fn hand_in(call: Call) -> Reply {
    let view = view_of(&call).await?;
    let step = step_of(&view, call.form.get("step"))?;
    let fields = fields_of(view.procedure(), step.id());
    let without_papers = unsaid(&call, &view, step);
    if without_papers {
        of(&call)?.tried_without_papers(by(&call)?, view.row.id).await?;
    }
    if without_papers || !defects(&view, step, &fields).is_empty() {
        let wrong = Wrong::form();
        return page_with(wrong.status, &check_page(&call, &view, step, (Vec::new(), wrong)).await?);
    }
    let is_first = view.case.doings.is_empty();
    let typed = ask::typed_again(view.case.values_of(step.id()));
    let (id, note, on) = (step.id().to_owned(), call.form.get("note").to_owned(), call.now().shanghai_date());
    let officers = Vec::new();
    let act = if step.is_outcome() {
        CaseAct::Decide { outcome: id, typed, reasons: note, clauses: Vec::new(), officers, on }
    } else {
        CaseAct::Done { step: id, typed, note, officers, on }
    };
    match send(&call, act, Vec::new()).await {
        Ok(_) if is_first => Ok(see_other(&format!("/my/cases/{}/receipt", view.row.id))),
        Ok(_) => call.done(&format!("/my/cases/{}", view.row.id), "case_stepped"),
        Err(refusal) => {
            let wrong = Wrong::of(refusal, "form")?;
            let now = view_of(&call).await?;
            let step = step_of(&now, step.id())?;
            // The form that was sent, on this page.
            let line =
                |e: &crate::pages::FieldError| DefectLine { href: format!("#{}", e.field), text: e.text.clone() };
            let told = wrong.errors.0.iter().map(line).collect();
            page_with(wrong.status, &check_page(&call, &now, step, (told, wrong)).await?)
        }
    }
}

// -- giving it up -----------------------------------------------------------------------------------------------------------

async fn withdraw_page(call: &Call, view: &CaseView, mut wrong: Wrong) -> Result<ApplyStepPage, Refusal> {
    let mut bar = call.bar(Nav::None).await?;
    wrong.on(&mut bar);
    let reasons = AskedField {
        id: "reasons".to_owned(),
        label: Text::new("为什么撤回", "why it is withdrawn"),
        hint: Text::new("撤回后不能恢复，需要时重新申请。", "It cannot be undone; apply anew if you need to."),
        ask: Ask::Words,
        value: call.form.raw("reasons").to_owned(),
        ..AskedField::default()
    };
    let task = ApplyTask { title: Text::new("撤回", "Withdraw"), here: true, ..ApplyTask::default() };
    Ok(ApplyStepPage {
        l: call.lang,
        bar,
        at: PublicNav::Mine,
        head: ApplyHead {
            draft: view.row.id.to_string(),
            service: view.procedure().name(),
            plain: Text::default(),
            about: about(view.procedure()),
            tasks: vec![task],
            kept_until: String::new(),
            seen: view.row.events,
        },
        step: WITHDRAW.to_owned(),
        title: Text::new("撤回申请", "Withdraw the application"),
        fields: vec![reasons],
        send: Text::new("确认撤回，不再办理", "Withdraw it for good"),
        back: format!("/my/cases/{}", view.row.id),
        errors: wrong.errors,
    })
}

/// `GET /apply/{id}/withdraw`.
pub(crate) async fn give_up(call: Call) -> Reply {
    let view = view_of(&call).await?;
    page(&withdraw_page(&call, &view, Wrong::none()).await?)
}

async fn withdraw(call: &Call) -> Reply {
    let reasons = call.form.get("reasons").to_owned();
    match send(call, CaseAct::Abandon { reasons }, Vec::new()).await {
        Ok(_) => call.done(&format!("/my/cases/{}", id_of(call)?), "case_given_up"),
        Err(refusal) => {
            let wrong = Wrong::of(refusal, "f-reasons")?;
            let view = view_of(call).await?;
            page_with(wrong.status, &withdraw_page(call, &view, wrong).await?)
        }
    }
}

/// What was asked for and is awaited, each with its reason.
pub(crate) fn asked_for(call: &Call, view: &CaseView) -> Vec<MaterialLine> {
    let last = view.case.askings.last().filter(|_| super::case_words::awaits_rest(view));
    let Some(last) = last else { return Vec::new() };
    let line = |one: &domain::casework::Missing| MaterialLine {
        id: one.id.clone(),
        name: thing(view, &one.id),
        reason: one.reason.as_str().into(),
        clause: clause_of_thing(call, view, &one.id),
        ..MaterialLine::default()
    };
    last.materials.iter().chain(&last.fields).map(line).collect()
}

fn clause_of_thing(call: &Call, view: &CaseView, id: &str) -> Option<Citation> {
    let material = view.procedure().materials.iter().find(|m| m.id == id).map(|m| &m.clause);
    let clause = material.or_else(|| view.procedure().field(id)?.clause.as_ref())?;
    cited(call, clause)
}

#[cfg(test)]
mod tests;
