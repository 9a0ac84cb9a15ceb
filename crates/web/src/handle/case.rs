//! One case of an office: its page, papers and documents for reading, papers that come in, and who handles it.
//!
//! ```text
//! GET  /cases/{id}          ─▶ Authority::case ─▶ head, life, what can be done from this seat, what cannot and why
//! POST /cases/{id}/papers   ─▶ one file ─▶ Authority::act (size, kind and disguise are the corridor's to judge)
//! GET  /cases/{id}/papers/…, /documents/… ─▶ Authority::case_paper, case_document (who opened it is an entry first) ─▶ a download
//! ```
//! Always true: what a page offers is what the engine says is open for the seat, and the corridor decides again; every act carries the number
//! of events that its page had seen.

use super::ask::Wrong;
use super::case_desk::{may_act, more_of, reveals_of};
use super::case_law::amendments;
use super::case_steps::{proposal, sent_back};
use super::case_words::{
    carrier_name, cited, cites, deadlines, documents, groups, history, kept_late, life, materials, other_evidence,
    paragraphs, reads_words, state_of_row,
};
use super::inbox::{by, of};
use super::party_names::party_name;
use super::view::Names;
use super::visit_words::{part_href, state_of};
use super::waiting_words::promised_line;
use crate::answer::{Reply, attach, body, no_page, page, page_with};
use crate::call::Call;
use crate::pages::ask::Shown;
use crate::pages::case::{ActLine, BarredLine, CaseHead, CasePage, EntryLine, WarningLine};
use crate::pages::{Choice, Mark, Nav, State};
use authority::cases::{Acted, Annulment, CaseView, Upload, is_by_visit};
use authority::visits::VisitLine;
use axum::http::StatusCode;
use base::{AccountId, CaseId, ClauseId, Pii, Refusal, Sha256, Text, plural};
use domain::access::Permission;
use domain::casework::{
    ANNUL, ASK_FOR_REST, CaseAct, Command, LEGAL_REVIEW, LifeState, Node, OTHER_EVIDENCE, OpenStep, PaperKind, Seat,
    Stage, TELL, asking_step, may_enter, node, nodes, proof_place,
};
use law::ProcedureKind;
use store::casework::cases::CaseRow;

/// The case that the path names.
pub(crate) fn id_of(call: &Call) -> Result<CaseId, Refusal> {
    CaseId::parse(call.param(0)).ok_or_else(no_page)
}

/// The case as this account may see it.
pub(crate) async fn view_of(call: &Call) -> Result<CaseView, Refusal> {
    let authority = of(call)?;
    authority.case(by(call)?, id_of(call)?).await
}

/// Does an act on the case as the form's page had seen it.
pub(crate) async fn send(call: &Call, act: CaseAct, uploads: Vec<Upload>) -> Result<Acted, Refusal> {
    let seen = call.form.get("seen").parse().unwrap_or_default();
    let command = Command { seen, act };
    of(call)?.act(by(call)?, id_of(call)?, &command, uploads).await
}

/// The file that was sent, and the act that hands it in.
pub(crate) fn uploaded(call: &mut Call, material: &str) -> Result<(CaseAct, Upload), Refusal> {
    let file = call.upload.take().ok_or_else(|| {
        let what = Text::new("没有选择文件，或者文件是空的。", "No file was chosen, or it is empty.");
        Refusal::bad_input("file", what, Text::new("请选择文件后再上传。", "Choose a file and upload it."))
    })?;
    let bytes = file.bytes.to_vec();
    let act = CaseAct::GivePaper {
        material: material.to_owned(),
        sha256: Sha256::of(&bytes),
        bytes: u64::try_from(bytes.len()).unwrap_or(u64::MAX),
        // What it really is the corridor finds out from its bytes.
        kind: PaperKind::Other,
        name: None,
    };
    Ok((act, Upload { material: material.to_owned(), name: Pii::new(file.name), bytes }))
}

/// The seat from which this account acts.
pub(crate) fn seat_of(call: &Call) -> Option<Seat> {
    let seats = [
        (Permission::HandleCases, Seat::Officer),
        (Permission::ApproveCases, Seat::Head),
        (Permission::ReviewCases, Seat::LegalReviewer),
        (Permission::PublishRecords, Seat::Publisher),
    ];
    seats.into_iter().find(|(what, _)| call.may(*what)).map(|(_, seat)| seat)
}

/// What stands above every page of a case.
pub(crate) async fn head(call: &Call, view: &CaseView) -> Result<CaseHead, Refusal> {
    let store = call.site().store();
    let officer = match view.row.head.assigned {
        Some(account) => store.account(account).await?.map(|a| a.name.into_inner()),
        None => None,
    };
    let mut all: Vec<String> = officer.into_iter().collect();
    let beside = view.beside_handler();
    if !beside.is_empty() {
        let names = Names::of(call, beside.clone()).await?;
        all.extend(beside.into_iter().map(|account| names.who(call, Some(account))));
    }
    let office = store.office(view.row.head.office).await?.map(|o| o.called(call.lang).to_owned());
    Ok(CaseHead {
        id: view.row.id.to_string(),
        number: view.row.number.clone(),
        procedure: view.procedure().name(),
        subject: Shown(view.row.head.title.clone()),
        party: party_name(call, view.row.head.party).await?,
        state: state_of_row(&view.row),
        officer: Shown(all.join(call.lang.t("、", ", "))),
        office: office.unwrap_or_default(),
        deadlines: [deadlines(call, view), promised_line(call, view).await?, kept_late(call, view)].concat(),
        seen: view.row.events,
    })
}

/// Below which papers and documents of the case are.
pub(crate) fn base_of(view: &CaseView) -> String {
    format!("/cases/{}", view.row.id)
}

// -- what can be done -------------------------------------------------------------------------------------------------------

/// A sentence of the packs as a button says it.
pub(crate) fn verb(name: &Text) -> Text {
    let plain = |text: &str, stop: char| text.trim_end_matches(stop).to_owned();
    Text::of(plain(&name.zh, '。'), plain(&name.en, '.'))
}

pub(crate) fn act_line(href: String, verb: Text, hint: Text) -> ActLine {
    ActLine { href, verb, hint }
}

/// What can be done from a seat, the main act first, and what cannot.
fn acts_of(view: &CaseView, seat: Seat, free: bool) -> (Vec<ActLine>, Vec<BarredLine>) {
    let base = base_of(view);
    let open = view.open_steps();
    // What the party does or says is taken by any officer at the counter, everything else by who handles the case.
    let mine = |step: &&OpenStep<'_>| {
        (free || step.who == Seat::Applicant) && (may_enter(seat, step.who) || (seat == Seat::Head && step.is_outcome))
    };
    let barred = open.iter().filter(mine).filter_map(|step| {
        let why = step.blocked.as_ref()?;
        Some(BarredLine { what: step.name.clone(), why: why.what.clone(), clauses: why.why.clone() })
    });
    let barred = barred.collect();
    let mut acts: Vec<(u8, ActLine)> = Vec::new();
    for step in open.iter().filter(mine).filter(|s| is_for_taking(view, s)) {
        let (rank, href, hint) = match step.id {
            id if step.blocked.is_some() => {
                let hint = Text::new("纸质送达的，上传送达回证", "served on paper: with the scan of its receipt");
                (2, format!("{base}/steps/{id}"), hint)
            }
            ASK_FOR_REST => (3, format!("{base}/rest"), Text::default()),
            LEGAL_REVIEW => continue,
            id if step.who == Seat::Applicant => {
                (2, format!("{base}/steps/{id}"), Text::new("替当事人登记", "entered for the party"))
            }
            TELL if view.case.done(TELL).is_some() => {
                let hint = Text::new(
                    "重新告知：告知有误，或者取得新的证据",
                    "anew: what was told was wrong, or new evidence was found",
                );
                (5, format!("{base}/steps/{TELL}"), hint)
            }
            id if id != TELL && repeats(view, id) => {
                (2, format!("{base}/steps/{id}"), Text::new("可以多次办理", "it can be done several times"))
            }
            id => (0, format!("{base}/steps/{id}"), Text::default()),
        };
        acts.push((rank, act_line(href, verb(&step.name), hint)));
        let asks = asking_step(view.procedure()).is_some_and(|s| s.id == step.id && s.id != ASK_FOR_REST);
        if asks && seat == Seat::Officer && !view.case.was_asked() {
            let verb = Text::new("一次告知补正", "Ask for the rest");
            acts.push((3, act_line(format!("{base}/rest"), verb, Text::default())));
        }
    }
    if free {
        acts.extend(deciding(view, seat, &base));
    }
    if let Some(document) = view.owes_service().filter(|_| free && matches!(seat, Seat::Officer | Seat::Head)) {
        let verb = Text::of(format!("送达{}", document.zh), format!("Serve it: {}", document.en));
        let hint = Text::new("送达以后本案才办结", "the case is over when it was served");
        acts.push((1, act_line(format!("{base}/documents"), verb, hint)));
    }
    if view.procedure().hold.is_some() {
        let verb = Text::new("录像的封存与查看", "Footage: held and shown");
        acts.push((6, act_line(format!("{base}/footage"), verb, Text::default())));
    }
    acts.extend(visiting(view, seat));
    acts.sort_by_key(|(rank, _)| *rank);
    (acts.into_iter().map(|(_, act)| act).collect(), barred)
}

/// A step that can be done again and again; it is never the main act.
fn repeats(view: &CaseView, step: &str) -> bool {
    node(view.procedure(), step).is_some_and(|n| n.after().iter().any(|after| after == step))
}

/// Nothing stands in its way, or only the scan that its own page takes; what a visit does is not done by hand.
fn is_for_taking(view: &CaseView, step: &OpenStep<'_>) -> bool {
    let by_hand = !step.is_outcome && !is_by_visit(view.procedure(), step.id);
    by_hand && (step.blocked.is_none() || view.awaits_proof(step.id))
}

/// A visit that an inspection is at: asked for and gone through on the phone. Leave is asked for before the notice is given, too.
fn visiting(view: &CaseView, seat: Seat) -> Option<(u8, ActLine)> {
    let rank = |id: &str| match id {
        "inspect" | "inspect_again" => Some(0),
        "notice" => Some(5),
        _ => None,
    };
    let ours = view.procedure().kind == ProcedureKind::Inspection && seat == Seat::Officer;
    let found = view.open_steps().iter().filter_map(|s| rank(s.id)).min().filter(|_| ours)?;
    let verb = Text::new("现场检查（手机）", "Visit, on the phone");
    Some((found, act_line(format!("/visits?case={}", view.row.id), verb, Text::default())))
}

/// Acts around the decision: propose, review, decide, publish.
fn deciding(view: &CaseView, seat: Seat, base: &str) -> Vec<(u8, ActLine)> {
    let may_come = |state: LifeState| matches!(state, LifeState::Open | LifeState::ToCome);
    let has_outcome = view.life().nodes.iter().any(|n| n.is_outcome && may_come(n.state));
    let proposed = view.case.proposal.is_some();
    let one = |rank, path: &str, verb: Text| (rank, act_line(format!("{base}/{path}"), verb, Text::default()));
    match seat {
        Seat::Officer if has_outcome && !view.case.doings.is_empty() => {
            let open = view.life().nodes.iter().any(|n| n.is_outcome && matches!(n.state, LifeState::Open));
            let verb = if proposed {
                Text::new("重新提出拟办意见", "Propose anew")
            } else {
                Text::new("提出拟办意见或者决定", "Propose or decide")
            };
            vec![one(if open { 1 } else { 4 }, "propose", verb)]
        }
        Seat::Head if proposed => vec![one(1, "decide", Text::new("审批", "Decide"))],
        Seat::LegalReviewer if proposed => vec![one(1, "review", Text::new("法制审核", "Legal review"))],
        Seat::Publisher => publications(view).into_iter().map(|id| publish_act(view, base, id)).collect(),
        _ => Vec::new(),
    }
}

/// The head's decision, for who was given the power to take it.
async fn by_delegation(call: &Call, view: &CaseView) -> Result<Option<ActLine>, Refusal> {
    if view.case.proposal.is_none() {
        return Ok(None);
    }
    let paper = of(call)?.decides_by(by(call)?, view).await?;
    let verb = Text::new("受委托审批", "Decide, by delegation");
    Ok(paper.map(|number| act_line(format!("{}/decide", base_of(view)), verb, Text::of(number.clone(), number))))
}

/// Publications of what was decided, each once.
pub(crate) fn publications(view: &CaseView) -> Vec<&str> {
    let mut out: Vec<&str> = Vec::new();
    let decided = |id: &str| view.case.decisions.iter().any(|d| d.outcome == id);
    for outcome in view.procedure().outcomes.iter().filter(|o| decided(&o.id)) {
        for publication in &outcome.publications {
            if !out.contains(&publication.as_str()) {
                out.push(publication);
            }
        }
    }
    out
}

/// It stands published.
pub(crate) fn is_published(view: &CaseView, publication: &str) -> bool {
    view.case.published.iter().any(|p| p.list == publication && !p.withdrawn)
}

/// It was published and withdrawn, and is not public now.
fn was_withdrawn(view: &CaseView, publication: &str) -> bool {
    !is_published(view, publication) && view.case.published.iter().any(|p| p.list == publication)
}

/// How a row of the case stands for the office: entered, and whether the public sees it where its register has public columns and the outcome is
/// published.
fn row_state(view: &CaseView, register: &str, shown: bool) -> State {
    let lists = publications(view);
    let is_column = |f: &law::Field| f.public && f.registers.iter().any(|r| r == register);
    if shown || lists.is_empty() || !view.procedure().fields.iter().any(is_column) {
        return State::new(Mark::Ok, "已登记", "entered");
    }
    if lists.iter().any(|list| was_withdrawn(view, list)) {
        return State::new(Mark::Off, "已登记，公布已撤回", "entered; withdrawn from the public");
    }
    State::new(Mark::Attention, "已登记，尚未公布", "entered, not public yet")
}

fn publish_act(view: &CaseView, base: &str, id: &str) -> (u8, ActLine) {
    let (rank, verb) = if is_published(view, id) {
        (5, Text::new("撤回公布", "Withdraw what is published"))
    } else if was_withdrawn(view, id) {
        (5, Text::new("撤回后重新公布", "Publish again what was withdrawn"))
    } else {
        (1, Text::new("公布", "Publish"))
    };
    (rank, act_line(format!("{base}/publish?entry={id}"), verb, Text::default()))
}

// -- the page ---------------------------------------------------------------------------------------------------------------

fn entries(call: &Call, view: &CaseView) -> Vec<EntryLine> {
    let carriers = call.site().gate().packs().carriers();
    let sees_log = call.may(Permission::SeeLog);
    let rows = view.rows.iter().filter(|r| r.newest).map(|row| EntryLine {
        name: carrier_name(carriers.registers(), &row.register),
        number: view.row.number.clone(),
        href: format!("/registers/{}/{}", row.register, row.row),
        state: row_state(view, &row.register, row.shown.is_some()),
        log: sees_log.then_some(row.entry),
    });
    // That a decision is to be published is no publication: until somebody with that right does it, it waits.
    let waiting = publications(view).into_iter().filter(|list| !view.case.published.iter().any(|p| p.list == *list));
    let waiting = waiting.map(|list| EntryLine {
        name: carrier_name(carriers.publications(), list),
        number: view.row.number.clone(),
        href: String::new(),
        state: State::new(Mark::Attention, "待公布", "waits for publication"),
        log: None,
    });
    let published = view.case.published.iter().map(|row| EntryLine {
        name: carrier_name(carriers.publications(), &row.list),
        number: view.row.number.clone(),
        href: String::new(),
        state: if row.withdrawn {
            State::new(Mark::Off, "已撤回", "withdrawn")
        } else {
            State::new(Mark::Ok, "已公布", "published")
        },
        log: None,
    });
    rows.chain(published).chain(waiting).collect()
}

/// The money of the fine, and the cases that may follow what was decided.
async fn following(call: &Call, view: &CaseView) -> Result<Vec<ActLine>, Refusal> {
    let (authority, who, base) = (of(call)?, by(call)?, base_of(view));
    let mut acts = Vec::new();
    if authority.owed(who, view.row.id, view.today).await?.is_some() {
        let verb = Text::new("罚款缴纳", "Payment of the fine");
        acts.push(act_line(format!("{base}/payments"), verb, Text::default()));
    }
    if call.may(Permission::HandleCases) {
        let mut next_cases = authority.next_cases(who, view.row.id).await?;
        next_cases.extend(authority.remedies_of(who, view.row.id).await?);
        for next in next_cases {
            let name = next.name();
            let verb = Text::of(format!("另立：{}", name.zh), format!("Open: {}", name.en));
            let hint = Text::new("已知的内容自动带入，核对后提交", "what is known is filled in; check it and send");
            acts.push(act_line(format!("/cases/new?procedure={}&from={}", next.id, view.row.id), verb, hint));
        }
    }
    Ok(acts)
}

/// The decision was changed or annulled elsewhere, and that is not entered yet.
async fn annulled(call: &Call, view: &CaseView, seat: Option<Seat>) -> Result<Vec<WarningLine>, Refusal> {
    let found = of(call)?.annulments(by(call)?, view.row.id).await?;
    let enters = seat == Some(Seat::Officer);
    let href = if enters { format!("{}/steps/{ANNUL}", base_of(view)) } else { String::new() };
    let line = |a: &Annulment| WarningLine { text: a.text(), clause: cited(call, &a.clause), href: href.clone() };
    Ok(found.iter().map(line).collect())
}

/// The cases that belong to this one.
async fn linked(call: &Call, view: &CaseView) -> Result<Vec<EntryLine>, Refusal> {
    let found = of(call)?.linked(by(call)?, view.row.id).await?;
    let line = |row: &CaseRow, name: Text| EntryLine {
        name,
        number: row.number.clone(),
        href: format!("/cases/{}", row.id),
        state: state_of_row(row),
        log: None,
    };
    let from = found.from.iter().map(|row| line(row, Text::new("来源案件", "the case it came from")));
    let to = found.to.iter().map(|row| line(row, Text::new("由本案另立的案件", "a case that came from it")));
    Ok(from.chain(to).collect())
}

/// A visit, with how many photos and signatures lie in its record.
fn visit_line(line: &VisitLine, photos: usize) -> EntryLine {
    let (n, kind) = (line.row.n, line.kind.name());
    let pictures = plural(photos, "picture", "pictures");
    EntryLine {
        name: Text::of(
            format!("现场检查（{n}）：{}，照片和签名 {photos} 张", kind.zh),
            format!("Visit {n}: {}, {photos} {pictures} and signatures", kind.en),
        ),
        number: line.row.day.to_string(),
        href: part_href(line),
        state: state_of(line.state),
        log: None,
    }
}

/// The visits of an inspection, and of a case that came from one: what was recorded, photographed and signed there.
async fn visited(call: &Call, view: &CaseView) -> Result<Vec<EntryLine>, Refusal> {
    let found = of(call)?.visits_of(by(call)?, view.row.id).await?;
    let mut lines = Vec::with_capacity(found.len());
    for one in &found {
        let photos = call.site().store().visit_photos(one.row.case, one.row.n).await?.len();
        lines.push(visit_line(one, photos));
    }
    Ok(lines)
}

/// The cases that belong to it, and the visits.
pub(super) async fn belongs(call: &Call, view: &CaseView) -> Result<Vec<EntryLine>, Refusal> {
    Ok([linked(call, view).await?, visited(call, view).await?].concat())
}

/// Officers of the case's office whom this account may give it to.
async fn assignable(call: &Call, view: &CaseView, seat: Option<Seat>) -> Result<Vec<Choice>, Refusal> {
    let own = call.actor()?.id;
    let free = view.row.head.assigned.is_none();
    let may = |account: AccountId| match seat {
        Some(Seat::Head) => view.row.head.assigned != Some(account),
        Some(Seat::Officer) => free && account == own,
        _ => false,
    };
    if !matches!(seat, Some(Seat::Head | Seat::Officer)) || view.row.head.closed.is_some() {
        return Ok(Vec::new());
    }
    let officers = of(call)?.officers(by(call)?, view.row.head.office).await?;
    let names = Names::of(call, officers.iter().map(|o| o.account).collect()).await?;
    let sits = |seats: &[String]| seats.iter().any(|s| s == Seat::Officer.code());
    let officers = officers.into_iter().filter(|o| sits(&o.seats) && may(o.account));
    let away = of(call)?.absences(by(call)?, view.row.head.office).await?;
    let is_away =
        |account: AccountId| away.iter().any(|a| a.absence.account == account && a.absence.from <= view.today);
    let choice = |account: AccountId| {
        let name = names.who(call, Some(account));
        let label = if is_away(account) {
            Text::of(format!("{name}（今天离岗）"), format!("{name} (absent today)"))
        } else {
            Text::of(name.clone(), name)
        };
        Choice::new(&account.to_string(), label, false)
    };
    Ok(officers.map(|o| choice(o.account)).collect())
}

/// Papers that this account may upload; of a case that is closed the proof of a delivery, which may come back late, and nothing else.
fn takes(view: &CaseView, seat: Option<Seat>) -> Vec<Choice> {
    let stage = Stage::parse(&view.row.head.state);
    if seat != Some(Seat::Officer) || stage == Some(Stage::Abandoned) {
        return Vec::new();
    }
    if stage == Some(Stage::Closed) {
        let place = proof_place(view.procedure(), &view.case).filter(|_| view.case.documents.iter().any(|d| !d.void));
        let label = Text::new("送达回证或者其他送达凭证", "proof of a delivery");
        return place.map(|n| Choice::new(n.id(), label, false)).into_iter().collect();
    }
    let materials = view.procedure().materials.iter().map(|m| (m.id.as_str(), Text::of(m.zh.clone(), m.en.clone())));
    let open: Vec<String> = view.open_steps().iter().map(|s| s.id.to_owned()).collect();
    let steps = nodes(view.procedure()).filter(|n| open.iter().any(|id| id == n.id())).map(|n| {
        let name = n.name();
        (n.id(), Text::of(format!("「{}」的文书", name.zh), format!("paper of \"{}\"", name.en)))
    });
    let other = (OTHER_EVIDENCE, other_evidence());
    // A refusal that was served on paper is shown by its receipt, though no step asks for it.
    let served = view.owes_service().and_then(|_| proof_place(view.procedure(), &view.case)).map(Node::id);
    let served = served.filter(|id| !open.iter().any(|open| open == id));
    let served = served.map(|id| (id, Text::new("送达回证或者送达文书的扫描件", "receipt or scan of what was served")));
    materials.chain(steps).chain(served).chain([other]).map(|(id, label)| Choice::new(id, label, false)).collect()
}

/// What whoever decides is told and what stops nothing: that the decision was annulled elsewhere, what should have come before, and what a
/// register does not bear out.
async fn warnings(call: &Call, view: &CaseView, seat: Option<Seat>) -> Result<Vec<WarningLine>, Refusal> {
    let authority = of(call)?;
    let mut out = annulled(call, view, seat).await?;
    let told = |text: Text, clause: &ClauseId| WarningLine { text, clause: cited(call, clause), href: String::new() };
    out.extend(authority.unmet(view).await?.into_iter().map(|e| told(e.text(), &e.clause)));
    out.extend(authority.doubts(view).await?.into_iter().map(|d| told(d.text, &d.clause)));
    Ok(out)
}

/// The document of the decision that stands, where it was not made yet.
fn to_make(view: &CaseView) -> Text {
    let Some(decision) = view.case.outcome() else { return Text::default() };
    let made = view.case.documents.iter().any(|d| !d.void && d.index > decision.index);
    let outcome = view.procedure().outcomes.iter().find(|o| o.id == decision.outcome && !made);
    outcome.map(|o| Text::of(o.document_zh.clone(), o.document_en.clone())).unwrap_or_default()
}

pub(crate) async fn case_page(call: &Call, view: &CaseView, mut wrong: Wrong) -> Result<CasePage, Refusal> {
    let seat = seat_of(call);
    let free = may_act(call, view).await?;
    // Whoever was decided to keep out is offered nothing; who only does not handle the case, what the counter does.
    let own = call.actor()?.id;
    let in_it = seat.filter(|_| view.acts_here && !view.case.is_recused(own));
    let (mut acts, barred) = in_it.map(|seat| acts_of(view, seat, free)).unwrap_or_default();
    acts.extend(by_delegation(call, view).await?);
    acts.extend(following(call, view).await?);
    let mut entries = entries(call, view);
    entries.extend(belongs(call, view).await?);
    let base = base_of(view);
    let mut bar = call.bar(Nav::Cases).await?;
    wrong.on(&mut bar);
    let words = reads_words(call, view);
    Ok(CasePage {
        l: call.lang,
        bar,
        head: head(call, view).await?,
        channel: view.case.channel.name(),
        opened: view.row.opened,
        life: life(view),
        acts,
        barred,
        more: seat.filter(|_| free).map(|seat| more_of(view, seat)).unwrap_or_default(),
        reveals: if view.acts_here { reveals_of(call) } else { Vec::new() },
        materials: materials(call, view, &base),
        groups: groups(call, view, words),
        history: history(call, view),
        documents: documents(call, view, &base),
        entries,
        law_day: view.row.head.facts_on.to_string(),
        law_digest: view.row.head.pack.hex(),
        law_changes: amendments(view),
        warnings: warnings(call, view, in_it).await?,
        proposal: view.case.proposal.as_ref().map(|_| proposal(call, view, words)),
        sent_back: sent_back(view).map(paragraphs).unwrap_or_default(),
        to_make: to_make(view),
        clauses: cites(call, &view.procedure().clauses),
        assignable: assignable(call, view, seat).await?,
        uploads: takes(view, seat),
        errors: wrong.errors,
    })
}

/// `GET /cases/{id}`.
pub(crate) async fn show(call: Call) -> Reply {
    let view = view_of(&call).await?;
    page(&case_page(&call, &view, Wrong::none()).await?)
}

/// The page of the case with what was refused.
async fn refused(call: &Call, refusal: Refusal, field: &str) -> Reply {
    let wrong = Wrong::of(refusal, field)?;
    let view = view_of(call).await?;
    page_with(wrong.status, &case_page(call, &view, wrong).await?)
}

/// `POST /cases/{id}/papers`: `material`, `file`, `seen`.
pub(crate) async fn give(mut call: Call) -> Reply {
    of(&call)?;
    let material = call.form.get("material").to_owned();
    let given = match uploaded(&mut call, &material) {
        Ok((act, upload)) => send(&call, act, vec![upload]).await,
        Err(refusal) => Err(refusal),
    };
    match given {
        Ok(_) => call.done(&format!("/cases/{}", id_of(&call)?), "paper_kept"),
        Err(refusal) => refused(&call, refusal, "file").await,
    }
}

/// `POST /cases/{id}/assign`: `to`, `seen`.
pub(crate) async fn assign(call: Call) -> Reply {
    of(&call)?;
    let to = AccountId::parse(call.form.get("to")).ok_or_else(no_page)?;
    match send(&call, CaseAct::Assign { to }, Vec::new()).await {
        Ok(_) => call.done(&format!("/cases/{}", id_of(&call)?), "case_assigned"),
        Err(refusal) => refused(&call, refusal, "to").await,
    }
}

/// A paper of a case as a download: never shown in the page, whatever it says it is.
pub(crate) async fn paper(call: Call) -> Reply {
    let authority = of(&call)?;
    let n = call.param(1).parse().map_err(|_| no_page())?;
    let (paper, bytes) = authority.case_paper(by(&call)?, id_of(&call)?, n).await?;
    let ending = match paper.media_type.as_str() {
        "application/pdf" => "pdf",
        "image/jpeg" => "jpg",
        "image/png" => "png",
        "image/tiff" => "tif",
        "application/zip" => "zip",
        _ => "bin",
    };
    let mut answer = body(StatusCode::OK, "application/octet-stream", bytes);
    // Its own name may be that of a person: a download is named by its place in the case.
    attach(&mut answer, &format!("paper-{}.{ending}", paper.n));
    Ok(answer)
}

/// A document of a case as a download.
pub(crate) async fn document(call: Call) -> Reply {
    let wanted = Sha256::from_hex(call.param(1)).ok_or_else(no_page)?;
    let (row, bytes) = of(&call)?.case_document(by(&call)?, id_of(&call)?, wanted).await?;
    let mut answer = body(StatusCode::OK, "application/pdf", bytes);
    attach(&mut answer, &format!("{}-{}.pdf", row.kind, row.id));
    Ok(answer)
}

/// The clause of a step or outcome.
pub(crate) fn clause_of(call: &Call, view: &CaseView, id: &str) -> Option<base::Citation> {
    node(view.procedure(), id).and_then(|n| cited(call, n.clause()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_button_ends_without_a_full_stop() {
        let said = verb(&Text::new("受理。", "Accept."));
        assert_eq!(said, Text::new("受理", "Accept"));
    }
}
