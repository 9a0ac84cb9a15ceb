//! What lies beside steps and decisions: papers, documents, registers, publications, notes, and giving the application up.

use super::super::command::CaseAct;
use super::super::docket::{Node, node, proof_place};
use super::super::event::{Channel, Event, PaperKind, Way};
use super::super::gate::{beside_service, served_too_early};
use super::super::keeping::is_reference;
use super::super::law_change::versions;
use super::super::paper::was_served;
use super::super::publishing::is_written_first;
use super::super::refuse;
use super::super::seat::{Seat, is_ours};
use super::super::service;
use super::super::steps::{Stage, fields_of, stage};
use super::super::words::{ASK_APPROVAL, OTHER_EVIDENCE, PUBLIC_NOTICE, PUBLISH};
use super::step::{act_to_come, discussion_stays};
use super::{Desk, MOST_PAPERS, REASON_CHARS, REASONS_CHARS, Typed, in_force, line, not_your_step, word, words};
use crate::form::{self, Values};
use base::{CivilDate, Lang, Refusal, Sha256, Text, limits};
use law::{Field, FieldKind, Outcome, Procedure, ProcedureKind};
use std::collections::BTreeMap;

/// Most documents and rows of one case, each.
const MOST_ROWS: usize = 300;
/// Most pages of a document.
const MOST_PAGES: u32 = 10_000;

pub(super) fn decide(desk: &Desk<'_, '_>, act: &CaseAct) -> Result<Vec<Event>, Refusal> {
    let event = match act {
        CaseAct::GivePaper { material, sha256, bytes, kind, name } => {
            may_give(desk, material, *sha256)?;
            check_size(*bytes, *kind)?;
            let name = name.as_deref().map(file_name).transpose()?;
            Event::PaperGiven { material: material.clone(), sha256: *sha256, bytes: *bytes, kind: *kind, name }
        }
        CaseAct::ReturnPaper { sha256, reason } => return_paper(desk, *sha256, reason)?,
        CaseAct::MakeDocument { kind, number, sha256, pages, lang } => {
            make(desk, (kind.as_str(), number.as_str()), (*sha256, *pages, *lang))?
        }
        CaseAct::Deliver { document, way, on, notice } => {
            may_deliver(desk, *document, (*on, notice.filter(|_| *way == Way::PublicNotice)))?;
            let delivered = Event::Delivered { document: *document, way: *way, on: *on };
            return Ok(std::iter::once(delivered).chain(served(desk, *document, (*way, *notice), *on)?).collect());
        }
        CaseAct::VoidDocument { document, reason } => void(desk, *document, reason)?,
        CaseAct::Register { register, row } => enter(desk, register, row)?,
        CaseAct::Publish { publication, row } => {
            let published = publish(desk, publication, row)?;
            return Ok(std::iter::once(published).chain(by_publication(desk)).collect());
        }
        CaseAct::WithdrawPublication { publication, row, reasons } => withdraw(desk, publication, row, reasons)?,
        CaseAct::ChangeLaw => change_law(desk)?,
        CaseAct::ChangeFacts { on, reasons } => change_facts(desk, *on, reasons)?,
        CaseAct::Abandon { reasons } => abandon(desk, reasons)?,
        CaseAct::CorrectValue { field, typed, reasons } => return correct_value(desk, field, typed, reasons),
        CaseAct::Correct { index, what, reasons } => correct(desk, *index, what, reasons)?,
        CaseAct::Note { words: note } => {
            desk.is_of_office()?;
            Event::Noted { words: words(note, REASON_CHARS, "note")? }
        }
        _ => return Err(not_your_step()),
    };
    Ok(vec![event])
}

/// A material comes from whoever hands it in; the paper of a step from whoever does the step.
fn may_give(desk: &Desk<'_, '_>, material: &str, sha256: Sha256) -> Result<(), Refusal> {
    let is_material = desk.procedure().materials.iter().any(|m| m.id == material);
    let step = node(desk.procedure(), material).map(|n| n.seat(desk.procedure()));
    match step {
        _ if is_material => desk.may(Seat::Applicant)?,
        Some(Seat::Applicant) => desk.may(Seat::Applicant)?,
        Some(_) => desk.may(Seat::Officer)?,
        None if material == OTHER_EVIDENCE => desk.may(Seat::Officer)?,
        None => return Err(refuse::unknown(Text::new("这种材料", "such paper"))),
    }
    if stage(desk.docket) == Stage::Closed && !is_late_proof(desk, material) {
        return Err(refuse::conflict(
            "case_closed",
            Text::new("案卷已经办结。", "The case is closed."),
            Text::new("请另行申请。", "Apply anew."),
        ));
    }
    let papers = &desk.case().papers;
    if papers.len() >= MOST_PAPERS {
        return Err(refuse::full());
    }
    if papers.iter().any(|p| p.material == material && p.sha256 == sha256 && !p.returned) {
        return Err(refuse::conflict(
            "paper_there",
            Text::new("这份材料已经在案卷中。", "This paper lies in the case already."),
            Text::new("不需要再交。", "It need not be handed in again."),
        ));
    }
    Ok(())
}

/// A receipt of service that comes back when the case is closed already: it goes where proofs lie, and nothing else does then.
fn is_late_proof(desk: &Desk<'_, '_>, material: &str) -> bool {
    let case = desk.case();
    let place = proof_place(desk.procedure(), case).map(Node::id);
    place == Some(material) && case.documents.iter().any(|d| !d.void)
}

fn check_size(bytes: u64, kind: PaperKind) -> Result<(), Refusal> {
    let most = u64::try_from(limits::UPLOAD_BYTES).unwrap_or(u64::MAX);
    let least = u64::from(kind != PaperKind::OnPaper);
    if (least..=most).contains(&bytes) {
        return Ok(());
    }
    let size = base::size(most);
    let what = Text::of(format!("文件不能为空，至多 {size}。"), format!("A file is not empty, and at most {size}."));
    Err(refuse::bad("paper_size", what))
}

fn file_name(name: &str) -> Result<String, Refusal> {
    line(name, 0, limits::NAME_CHARS).ok_or_else(|| {
        let what = Text::new(
            "文件名太长，或者有不能用的字符。",
            "The file's name is too long, or holds characters that cannot be kept.",
        );
        refuse::bad("paper_name", what)
    })
}

/// The applicant takes a paper back while filling in, the office gives one back at any time.
fn return_paper(desk: &Desk<'_, '_>, sha256: Sha256, reason: &str) -> Result<Event, Refusal> {
    match desk.who.seat {
        Seat::Applicant if stage(desk.docket) == Stage::Draft => desk.may(Seat::Applicant)?,
        Seat::Counter | Seat::Officer => desk.may(Seat::Counter)?,
        _ => return Err(not_your_step()),
    }
    if !desk.case().papers.iter().any(|p| p.sha256 == sha256 && !p.returned) {
        return Err(Refusal::not_found("这份材料", "paper"));
    }
    Ok(Event::PaperReturned { sha256, reason: words(reason, REASON_CHARS, "reason")? })
}

fn make(
    desk: &Desk<'_, '_>,
    (kind, number): (&str, &str),
    (sha256, pages, lang): (Sha256, u32, Lang),
) -> Result<Event, Refusal> {
    desk.is_of_office()?;
    let documents = &desk.case().documents;
    if documents.len() >= MOST_ROWS {
        return Err(refuse::full());
    }
    if documents.iter().any(|d| d.sha256 == sha256) {
        return Err(refuse::conflict(
            "document_there",
            Text::new("这份文书已经制作。", "This document was made already."),
            Text::new("请刷新页面查看。", "Reload the page."),
        ));
    }
    if !(1..=MOST_PAGES).contains(&pages) {
        return Err(refuse::bad(
            "pages",
            Text::new("文书没有页，或者页数太多。", "The document has no page, or too many."),
        ));
    }
    let (kind, number) = (word(kind, "kind")?, word(number, "number")?);
    Ok(Event::DocumentMade { kind, number, sha256, pages, lang })
}

/// A document counts no more; whoever has it reads so in the public check. One that was delivered binds the party and the office: the head alone
/// takes it back.
fn void(desk: &Desk<'_, '_>, document: Sha256, reason: &str) -> Result<Event, Refusal> {
    desk.is_of_office()?;
    let made = desk.case().documents.iter().rev().find(|d| d.sha256 == document);
    let made = made.ok_or_else(|| Refusal::not_found("这份文书", "document"))?;
    if made.void {
        return Err(void_already());
    }
    if made.delivered.is_some() && desk.who.seat != Seat::Head {
        return Err(refuse::forbidden(
            "void_by_head",
            Text::new(
                "这份文书已经送达，作废由负责人决定。",
                "This document was delivered; the head decides that it counts no more.",
            ),
            Text::new("请报负责人办理。", "Bring it to the head."),
        ));
    }
    Ok(Event::DocumentVoided { document, reason: words(reason, REASON_CHARS, "reason")? })
}

fn void_already() -> Refusal {
    refuse::conflict(
        "document_void",
        Text::new("这份文书已经作废。", "This document was made void."),
        Text::new("请刷新页面查看；需要的，重新制作。", "Reload the page; make it again if it is needed."),
    )
}

/// The day has come and is not before the paper was made, nor is that of its public notice.
fn may_deliver(
    desk: &Desk<'_, '_>,
    document: Sha256,
    (on, notice): (CivilDate, Option<CivilDate>),
) -> Result<(), Refusal> {
    desk.is_of_office()?;
    let made = desk.case().documents.iter().find(|d| d.sha256 == document);
    let made = made.ok_or_else(|| Refusal::not_found("这份文书", "document"))?;
    if made.void {
        return Err(void_already());
    }
    if made.delivered.is_some() {
        return Err(refuse::conflict(
            "delivered_already",
            Text::new("这份文书已经送达。", "This document was delivered."),
            Text::new("请刷新页面查看。", "Reload the page."),
        ));
    }
    desk.day(on)?;
    // Of a procedure that had ended when its case was entered the papers are put in later than they were.
    if desk.docket.last_known_day().is_some() {
        return Ok(());
    }
    let first = made.at.shanghai_date();
    let early = [Some(on), notice].into_iter().flatten().find(|day| *day < first);
    early.map_or(Ok(()), |day| Err(refuse::served_before_made(day, first)))
}

/// The step that the delivery of the decision's document does; none where its form asks for more than how and when, or it is another document.
/// A service by public notice waits here for the end of the notice, as by the form of the step; and the step is that of whoever handles the case,
/// or of the head.
fn served(
    desk: &Desk<'_, '_>,
    document: Sha256,
    (way, notice): (Way, Option<CivilDate>),
    on: CivilDate,
) -> Result<Option<Event>, Refusal> {
    let Some((step, from)) = service::step_of(desk.docket, document) else { return Ok(None) };
    let typed = service::typed(desk.procedure(), step.id(), (way, notice), on);
    let Ok(values) = form::check(&fields_of(desk.procedure(), step.id()), &typed) else { return Ok(None) };
    if desk.who.seat != Seat::Head {
        desk.may(step.seat(desk.procedure()))?;
    }
    desk.day_after(on, from, step)?;
    let refused = beside_service(desk.docket, step, on).or_else(|| served_too_early(desk.docket, step, &values, on));
    if let Some(refusal) = refused {
        return Err(refusal);
    }
    let (step, set) = (step.id().to_owned(), BTreeMap::new());
    Ok(Some(Event::StepDone { step, on, values, note: String::new(), officers: Vec::new(), set }))
}

/// The outcomes that were decided in this case.
fn decided<'a>(desk: &Desk<'a, '_>) -> impl Iterator<Item = &'a Outcome> {
    let case = desk.case();
    desk.procedure().outcomes.iter().filter(move |o| case.decisions.iter().any(|d| d.outcome == o.id))
}

fn enter(desk: &Desk<'_, '_>, register: &str, row: &str) -> Result<Event, Refusal> {
    // Whoever decided their own record enters it too.
    let last = desk.case().outcome().and_then(|o| node(desk.procedure(), &o.outcome));
    match last.map(|n| n.seat(desk.procedure())) {
        Some(Seat::Applicant) if desk.who.seat == Seat::Applicant => desk.may(Seat::Applicant)?,
        _ => desk.is_of_office()?,
    }
    if !decided(desk).any(|o| o.registers.iter().any(|r| r == register)) {
        let what = Text::new("本案的决定不记入这个登记簿。", "No decision of this case is entered in that register.");
        return Err(refuse::bad("register", what));
    }
    if desk.case().registered.len() >= MOST_ROWS {
        return Err(refuse::full());
    }
    Ok(Event::Registered { register: register.to_owned(), row: word(row, "row")? })
}

fn publish(desk: &Desk<'_, '_>, publication: &str, row: &str) -> Result<Event, Refusal> {
    desk.may(Seat::Publisher)?;
    if !decided(desk).any(|o| o.publications.iter().any(|p| p == publication)) {
        let what = Text::new("本案的决定不在这里公布。", "No decision of this case is published there.");
        return Err(refuse::bad("publication", what));
    }
    let row = word(row, "row")?;
    let published = &desk.case().published;
    if published.len() >= MOST_ROWS {
        return Err(refuse::full());
    }
    if published.iter().any(|p| p.list == publication && p.row == row && !p.withdrawn) {
        return Err(refuse::conflict(
            "published_already",
            Text::new("已经公布。", "It is published."),
            Text::new("请刷新页面查看。", "Reload the page."),
        ));
    }
    Ok(Event::Published { publication: publication.to_owned(), row })
}

/// The step that a publication does, where it is open and asks nothing: nobody says by words that something is public.
fn by_publication(desk: &Desk<'_, '_>) -> Option<Event> {
    let (procedure, docket) = (desk.procedure(), desk.docket);
    let is_open = docket.open().iter().any(|(node, _)| node.id() == PUBLISH);
    let asks = procedure.fields_at(PUBLISH).any(|f| f.required);
    let event = Event::StepDone {
        step: PUBLISH.to_owned(),
        on: docket.today,
        values: Values::default(),
        note: String::new(),
        officers: Vec::new(),
        set: BTreeMap::new(),
    };
    (is_open && !asks && !is_written_first(procedure)).then_some(event)
}

fn withdraw(desk: &Desk<'_, '_>, publication: &str, row: &str, reasons: &str) -> Result<Event, Refusal> {
    desk.may(Seat::Publisher)?;
    let shown = desk.case().published.iter().any(|p| p.list == publication && p.row == row && !p.withdrawn);
    if !shown {
        return Err(Refusal::not_found("已公布的这一条", "published row"));
    }
    let reasons = words(reasons, REASONS_CHARS, "reasons")?;
    Ok(Event::WithdrawnPublication { publication: publication.to_owned(), row: row.to_owned(), reasons })
}

fn change_law(desk: &Desk<'_, '_>) -> Result<Event, Refusal> {
    desk.is_of_office()?;
    let (from, to) = (desk.case().digest, desk.docket.packs.digest().all);
    if from == to {
        return Err(refuse::conflict(
            "law_same",
            Text::new("案卷适用的就是现在的规则包。", "The packs in use decide this case already."),
            Text::new("不需要办理。", "There is nothing to do."),
        ));
    }
    Ok(Event::LawChanged { from, to, law: versions(desk.docket.packs, desk.procedure()) })
}

/// The day of the facts is put right before the decision: not to come, in the time of the procedure, and not after what the organ did.
fn change_facts(desk: &Desk<'_, '_>, on: CivilDate, reasons: &str) -> Result<Event, Refusal> {
    desk.may(Seat::Officer)?;
    let case = desk.case();
    let no = |code, what, next| Err(refuse::conflict(code, what, next));
    if case.outcome().is_some() {
        let what = Text::new("已经作出决定，不能再改事项发生之日。", "It is decided; the day of the facts stays.");
        let next = Text::new("决定有误的，依法撤销或者变更决定。", "A wrong decision is revoked or changed by law.");
        return no("decided_already", what, next);
    }
    if case.channel == Channel::Online {
        let what = Text::new("网上申请的日期为申请当天。", "An application online is of the day it was made.");
        return no("facts_online", what, Text::new("不需要办理。", "There is nothing to do."));
    }
    if on == case.facts_on {
        let what = Text::new("所填就是现在的日期。", "That is the day already.");
        return no("facts_same", what, Text::new("不需要办理。", "There is nothing to do."));
    }
    desk.has_come(on)?;
    in_force(desk.docket.packs, desk.procedure(), on)?;
    let seat = |id: &str| node(desk.procedure(), id).map(|n| n.seat(desk.procedure()));
    let of_organ = |id: &str| !matches!(seat(id), Some(Seat::Applicant | Seat::Outside));
    if let Some(done) = case.doings.iter().find(|d| d.on < on && of_organ(&d.node)) {
        let what = Text::of(
            format!("{} 已经办理过步骤，日期不得晚于那一天。", done.on),
            format!("A step was done on {}; the day is not after that.", done.on),
        );
        return Err(refuse::bad("day_too_late", what));
    }
    let reasons = words(reasons, REASONS_CHARS, "reasons")?;
    Ok(Event::FactsChanged { from: case.facts_on, to: on, reasons })
}

/// An application is given up before the decision by who made it; what the organ began of its own motion its officer or its head may drop, but
/// no penalty.
fn abandon(desk: &Desk<'_, '_>, reasons: &str) -> Result<Event, Refusal> {
    let procedure = desk.procedure();
    let owes_decision = matches!(procedure.kind, ProcedureKind::Penalty | ProcedureKind::Enforcement);
    match desk.who.seat {
        Seat::Officer | Seat::Head if is_ours(procedure.applicant) && !owes_decision => desk.may(desk.who.seat)?,
        Seat::Applicant | Seat::Counter if !is_ours(procedure.applicant) => desk.may(Seat::Applicant)?,
        _ => return Err(not_your_step()),
    }
    if desk.case().outcome().is_some() {
        return Err(refuse::conflict(
            "decided_already",
            Text::new("已经作出决定，不能撤回申请。", "It is decided; the application cannot be withdrawn."),
            Text::new(
                "不服决定的，可以依法申请复议或者起诉。",
                "Against the decision you may by law apply for reconsideration or bring a lawsuit.",
            ),
        ));
    }
    Ok(Event::Abandoned { reasons: words(reasons, (0, limits::FREE_TEXT_CHARS), "reasons")? })
}

fn correct(desk: &Desk<'_, '_>, index: u32, what: &str, reasons: &str) -> Result<Event, Refusal> {
    desk.is_of_office()?;
    if index >= desk.case().events {
        return Err(Refusal::not_found("这条记录", "entry"));
    }
    let (what, reasons) =
        (words(what, (1, limits::FREE_TEXT_CHARS), "what")?, words(reasons, REASON_CHARS, "reasons")?);
    Ok(Event::Corrected { index, what, reasons })
}

/// What was filled in wrongly at a step of the office is put right before the decision: the new value counts from now on, the old one stays in its
/// entry and in the words of the correction. What is proposed rests on the old one: it is sent back first; what a delivered paper says is void first.
fn correct_value(desk: &Desk<'_, '_>, field: &str, text: &str, reasons: &str) -> Result<Vec<Event>, Refusal> {
    desk.may(Seat::Officer)?;
    let (case, procedure) = (desk.case(), desk.procedure());
    let no = |code, what, next| Err(refuse::conflict(code, what, next));
    if case.outcome().is_some() {
        let what = Text::new("已经作出决定，不能再改填写的内容。", "It is decided; what was filled in stays.");
        let next = Text::new("决定有误的，依法撤销或者变更决定。", "A wrong decision is revoked or changed by law.");
        return no("decided_already", what, next);
    }
    if case.proposal.is_some() {
        let what =
            Text::new("处理意见正在审批，它以原来的内容为依据。", "What is proposed rests on what is filled in now.");
        let next = Text::new("请负责人先退回，再更正。", "The head sends it back first; then correct it.");
        return no("proposal_stands", what, next);
    }
    let unknown = || refuse::unknown(Text::new("可以更正的这一栏", "such field to correct"));
    let field = procedure.field(field).filter(|f| is_correctable(procedure, f)).ok_or_else(unknown)?;
    let done = case.done(&field.step).ok_or_else(unknown)?;
    if was_served(desk.docket, &field.step, done.index) {
        let what = Text::new("写有这些内容的文书已经送达。", "A paper that says this was delivered.");
        let next = Text::new(
            "请先把该文书作废，更正以后重新制作、送达。",
            "Declare that paper void first; after the correction make and deliver a new one.",
        );
        return no("paper_served", what, next);
    }
    let (index, values) = case.values.get(&field.step).ok_or_else(unknown)?;
    if *index != done.filled {
        let what =
            Text::new("下一次的内容已经开始填写，还没有提交。", "The form of the next time is begun and not sent.");
        let next = Text::new("请提交之后再更正。", "Send it, then correct.");
        return no("record_begun", what, next);
    }
    let mut typed: Typed = values.iter().map(|(id, value)| (id.to_owned(), value.typed())).collect();
    typed.insert(field.id.clone(), text.to_owned());
    let new = desk.form(&field.step, &typed)?;
    if new == *values {
        return Err(refuse::bad("value", Text::new("所填就是现在的内容。", "This is what the field says already.")));
    }
    if let Some(refusal) = act_to_come(desk, &new, done.on) {
        return Err(refusal);
    }
    let found = node(procedure, &field.step).ok_or_else(unknown)?;
    desk.days_in_order(found, &new)?;
    desk.later_days_in_order(found, &new)?;
    discussion_stays(desk, &field.step, &new)?;
    let reasons = words(reasons, REASON_CHARS, "reasons")?;
    let tells = !field.personal && !field.kind.is_personal() && field.kind != FieldKind::Words;
    let said = |values: &Values| match values.get(&field.id) {
        Some(value) => form::shown(field, value).zh.into_owned(),
        None => "（未填写）".to_owned(),
    };
    let what = if tells { format!("{}：{} 改为 {}", field.zh, said(values), said(&new)) } else { field.zh.clone() };
    let step = field.step.clone();
    Ok(vec![Event::Filled { step, values: new }, Event::Corrected { index: *index, what, reasons }])
}

/// A field of a step of the office, but nothing that a served paper says, that a record taken each time says, that a clock was counted from, that
/// names an approval, or that the head was asked to approve: leave for one thing never becomes leave for another.
#[must_use]
pub fn is_correctable(procedure: &Procedure, field: &Field) -> bool {
    let Some(found @ Node::Step(step)) = node(procedure, &field.step) else { return false };
    let served = procedure.fields_at(&step.id).any(|f| f.choice(PUBLIC_NOTICE).is_some());
    let is_day = procedure.day_field(&step.id).is_some_and(|f| f.id == field.id);
    let is_length = procedure.clocks.iter().any(|c| procedure.length_field(c).is_some_and(|f| f.id == field.id));
    let is_asked = step.id == ASK_APPROVAL;
    let stays = served || is_day || is_length || is_reference(&field.id) || is_asked;
    found.seat(procedure) == Seat::Officer && !step.after.contains(&step.id) && !stays
}
