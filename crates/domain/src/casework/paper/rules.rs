//! Which papers a case can have, and after what: by the document that an outcome of the packs names, and by the words of steps below.
//!
//! What flows through: a [`Document`] and a procedure ─▶ the [`Place`]s at which it is made ─▶ the last one that the case reached ─▶ what still
//! stands in the way. Always true: a paper by which an outside body decides is never made here, but for the record of a panel whose opinions
//! were entered here, and what this organ writes down of the act of another is its own; a paper that is asked for too early is refused in
//! words that name the step; what a step needs beside being done is said before the paper is made, not by an empty part.

use super::super::charges::accused;
use super::super::clocks::clocks;
use super::super::docket::{Docket, Node, asking_step, node, nodes};
use super::super::panel::panel_of;
use super::super::refuse::{bad, cited, conflict};
use super::super::seat::{Seat, is_ours};
use super::super::words::{
    ACCEPT, APPROVE_EVIDENCE, ASK_FOR_HEARING, BY_REPORT, EXAMINE_SCENE, NOT_OPENED, PAY, REGISTER_EVIDENCE, SAMPLE,
    SETTLE_EVIDENCE, SETTLE_SAMPLE, SOURCE, TELL, TOLD_BREACH,
};
use super::words::bare;
use crate::document::Document;
use crate::form::Value;
use base::{Refusal, Text};
use law::{Clock, FieldKind, Procedure, ProcedureKind as Kind, Sense};

/// Steps by which somebody is heard before it is decided.
pub(super) const HEARD: [&str; 3] = ["hear", "defend", ASK_FOR_HEARING];
/// Fields that say whether those in charge discussed a case together, and what came of it; neither leaves the organ.
pub(super) const DISCUSSED: (&str, &str) = ("discussed", "discussion");
/// The outcome of an application that hides or makes up something: refused, taken in before or not.
pub(super) const FALSE_MATERIAL: &str = "false_material";
/// The register of who saw or took what a system recorded, why and when (Order 799 art. 16).
pub(super) const ACCESS_REGISTER: &str = "information_use";
/// Field of leave to pay later: its clause is that of the leave.
pub(super) const DEFERRED: &str = "deferred_until";

/// Papers of steps that are done again and again: each is of the last time.
const EACH_TIME: [&str; 7] = [
    "questioning_record",
    "scene_record",
    "sampling_notice",
    "sampling_outcome",
    "evidence_approval",
    "evidence_registration",
    "evidence_outcome",
];

/// When a paper is made.
#[derive(Clone, Copy)]
enum At {
    /// While the first form is filled in, by who applies to an organ of ours.
    FirstForm,
    /// After the first step, by who applies to an organ of ours.
    First,
    /// After what is missing was named.
    Asking,
    /// After the acceptance, also by lapse of time.
    Acceptance,
    /// While the form of this step is filled in.
    Form(&'static str),
    /// After this step or outcome.
    Node(&'static str),
    /// After this step, whoever does it: this organ writes it down.
    Any(&'static str),
    /// While the form of this step is filled in, by who applies to an organ of ours.
    TheirForm(&'static str),
    /// After a decision was proposed, until the next one is.
    Proposal,
    /// After leave to extend a clock.
    Extension,
    /// After a clock was stopped.
    Stop,
    /// After leave to pay later or in parts.
    Leave,
    /// After a decision, whoever took it.
    Decision,
    /// After something was served.
    Service,
    /// After the step that records what a panel of experts said, entered here.
    Panel,
}

/// A paper beside those that outcomes name. No kinds: any procedure.
struct Rule(&'static str, At, &'static [Kind]);

const APPLIED: &[Kind] = &[Kind::Licence, Kind::Examination, Kind::Filing, Kind::Consultation, Kind::Viewing];

const RULES: &[Rule] = &[
    Rule("application", At::FirstForm, APPLIED),
    Rule("filing_change", At::TheirForm("change"), &[Kind::Filing]),
    Rule("filing_refusal", At::Node("not_filed"), &[Kind::Filing]),
    Rule("non_acceptance", At::Node(FALSE_MATERIAL), &[Kind::Licence]),
    Rule("refusal_decision", At::Node(FALSE_MATERIAL), &[Kind::Licence]),
    Rule("material_receipt", At::First, APPLIED),
    Rule("completion_notice", At::Asking, &[]),
    Rule("acceptance_notice", At::Acceptance, &[]),
    Rule("extension_notice", At::Extension, &[]),
    Rule("special_procedure_notice", At::Stop, &[]),
    Rule("inspection_approval", At::Form("notice"), &[Kind::Inspection]),
    Rule("inspection_notice", At::Node("notice"), &[Kind::Inspection]),
    Rule("inspection_record", At::Node("inspect"), &[Kind::Inspection]),
    Rule("order_at_once", At::Node("order"), &[Kind::Inspection]),
    Rule("order_with_limit", At::Node("order"), &[Kind::Inspection]),
    Rule("order_extension", At::Node("extend_order"), &[Kind::Inspection]),
    Rule("recheck_opinion", At::Node("inspect_again"), &[Kind::Inspection]),
    Rule("transfer_letter", At::Node("to_penalty"), &[Kind::Inspection]),
    Rule("case_approval", At::Node("open"), &[Kind::Penalty]),
    Rule("questioning_record", At::Node("question"), &[Kind::Penalty, Kind::Inspection]),
    Rule("scene_record", At::Node(EXAMINE_SCENE), &[Kind::Penalty, Kind::Inspection]),
    Rule("sampling_notice", At::Node(SAMPLE), &[Kind::Penalty, Kind::Inspection]),
    Rule("sampling_outcome", At::Node(SETTLE_SAMPLE), &[Kind::Penalty, Kind::Inspection]),
    Rule("evidence_approval", At::Node(APPROVE_EVIDENCE), &[Kind::Penalty]),
    Rule("evidence_registration", At::Node(REGISTER_EVIDENCE), &[Kind::Penalty]),
    Rule("evidence_outcome", At::Node(SETTLE_EVIDENCE), &[Kind::Penalty]),
    Rule("reporter_notice", At::Node("no_case"), &[Kind::Penalty]),
    Rule("reporter_notice", At::Node(NOT_OPENED), &[Kind::Penalty]),
    Rule("investigation_report", At::Node("investigate"), &[Kind::Penalty]),
    Rule("prior_notice", At::Node("tell"), &[Kind::Penalty]),
    Rule("statement_record", At::Any("defend"), &[Kind::Penalty]),
    Rule("statement_record", At::Any("hear"), &[Kind::Penalty, Kind::Enforcement]),
    Rule("hearing_notice", At::Node("give_notice"), &[Kind::Penalty]),
    Rule("hearing_record", At::Node("hold_hearing"), &[Kind::Penalty]),
    Rule("hearing_report", At::Node("hold_hearing"), &[Kind::Penalty]),
    Rule("group_discussion", At::Node("decide"), &[Kind::Penalty]),
    Rule("deferred_payment", At::Leave, &[Kind::Penalty]),
    Rule("deferral_request", At::TheirForm("ask_deferral"), &[Kind::Penalty]),
    Rule("deferral_refusal", At::Node("refuse_deferral"), &[Kind::Penalty]),
    Rule("penalty_publication", At::Node("publish"), &[Kind::Penalty]),
    Rule("withdrawal_notice", At::Node("withdraw"), &[Kind::Penalty]),
    Rule("case_closing_report", At::Decision, &[Kind::Penalty, Kind::Enforcement]),
    Rule("payment_reminder", At::Node("demand"), &[Kind::Enforcement]),
    Rule("payment_reminder", At::Node("court_demand"), &[Kind::Enforcement]),
    Rule("enforcement_decision", At::Node("decide"), &[Kind::Enforcement]),
    Rule("enforcement_request", At::Node("apply_to_court"), &[Kind::Enforcement]),
    Rule("viewing_record", At::Node("viewed"), &[Kind::Viewing]),
    Rule("extraction_record", At::Any("retrieve"), &[Kind::Viewing]),
    Rule("handover_receipt", At::Node("retrieved"), &[Kind::Viewing]),
    Rule("access_register_extract", At::Decision, &[Kind::Viewing, Kind::OfficialUse]),
    Rule("act_record", At::Node("ask"), &[Kind::OfficialUse]),
    Rule("act_record", At::Node("explain"), &[Kind::OfficialUse]),
    Rule("decision_approval", At::Proposal, &[]),
    Rule("service_receipt", At::Service, &[]),
    Rule("register_extract", At::Decision, &[]),
    Rule("file_cover", At::Decision, &[]),
    Rule("file_index", At::Decision, &[]),
    Rule("plan_review_record", At::Panel, &[]),
];

/// Where in a case a paper is made.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place<'a> {
    /// Of a form, also while it is filled in.
    Form(Node<'a>),
    /// Of a step or outcome that was done.
    Node(Node<'a>),
    /// Of the last asking for what is missing, by this step.
    Asking(Node<'a>),
    /// Of leave to extend this clock.
    Extension(&'a Clock),
    /// Of a stop of this clock.
    Stop(&'a Clock),
    /// Of leave to do later what this clock sets a day for.
    Leave(&'a Clock),
    /// Of the decision that is proposed, else of the one that stands.
    Proposal,
    /// Of the decision that stands.
    Decision,
    /// Of documents that were delivered.
    Delivery,
    /// Of a step whose form says how its paper was served.
    Served(Node<'a>),
}

/// The organ that runs this server does it.
fn by_us(procedure: &Procedure, node: Node<'_>) -> bool {
    !matches!(node.seat(procedure), Seat::Applicant | Seat::Outside)
}

/// The first step, where somebody applies by it to an organ of ours.
fn applied(procedure: &Procedure) -> Option<Node<'_>> {
    let first = procedure.steps.first().map(Node::Step)?;
    (first.seat(procedure) == Seat::Applicant && is_ours(procedure.organ)).then_some(first)
}

/// The field that says how the paper of a step was served.
pub(super) fn is_service(field: &str, step: &str) -> bool {
    ["_way", "_day", "_notice_day"].into_iter().any(|end| field.strip_suffix(end) == Some(step))
}

impl At {
    fn places(self, procedure: &Procedure) -> Vec<Place<'_>> {
        let ours = |node: &Node<'_>| by_us(procedure, *node);
        let named = |id: &str| node(procedure, id).filter(ours);
        match self {
            Self::FirstForm => applied(procedure).map(Place::Form).into_iter().collect(),
            Self::First => applied(procedure).map(Place::Node).into_iter().collect(),
            Self::Asking => {
                asking_step(procedure).map(Node::Step).filter(ours).map(Place::Asking).into_iter().collect()
            }
            Self::Acceptance => ACCEPT.iter().filter_map(|id| named(id)).map(Place::Node).collect(),
            Self::Form(id) => named(id).map(Place::Form).into_iter().collect(),
            Self::Any(id) => node(procedure, id).map(Place::Node).into_iter().collect(),
            Self::TheirForm(id) => {
                let theirs = |n: &Node<'_>| n.seat(procedure) == Seat::Applicant && is_ours(procedure.organ);
                node(procedure, id).filter(theirs).map(Place::Form).into_iter().collect()
            }
            Self::Proposal => {
                let decides = nodes(procedure).any(|n| n.is_outcome() && by_us(procedure, n));
                decides.then_some(Place::Proposal).into_iter().collect()
            }
            Self::Node(id) => named(id).map(Place::Node).into_iter().collect(),
            Self::Extension => procedure.clocks.iter().filter(|c| c.extend.is_some()).map(Place::Extension).collect(),
            Self::Stop => procedure.clocks.iter().filter(|c| !c.stops.is_empty()).map(Place::Stop).collect(),
            Self::Leave => procedure.clock(PAY).map(Place::Leave).into_iter().collect(),
            Self::Decision => vec![Place::Decision],
            Self::Panel => {
                let step = procedure.panel.as_ref().and_then(|panel| node(procedure, &panel.step));
                step.map(Place::Node).into_iter().collect()
            }
            Self::Service => {
                let way = |n: &Node<'_>| procedure.field(&format!("{}_way", n.id())).is_some();
                let served = nodes(procedure).filter(ours).filter(way).map(Place::Served);
                served.chain([Place::Delivery]).collect()
            }
        }
    }
}

/// Every place of a procedure at which a paper of this kind is made.
pub(super) fn places<'a>(document: &Document, procedure: &'a Procedure) -> Vec<Place<'a>> {
    let is_named = |o: &&law::Outcome| Document::named(&o.document_zh).is_some_and(|named| named.code == document.code);
    let outcomes = procedure.outcomes.iter().filter(is_named).map(Node::Outcome).filter(|n| by_us(procedure, *n));
    let rules = RULES.iter().filter(|r| r.0 == document.code && (r.2.is_empty() || r.2.contains(&procedure.kind)));
    outcomes.map(Place::Node).chain(rules.flat_map(|r| r.1.places(procedure))).collect()
}

impl<'a> Place<'a> {
    /// The step or outcome it belongs to.
    pub(super) fn node(self, docket: &Docket<'a>) -> Option<Node<'a>> {
        match self {
            Self::Form(n) | Self::Node(n) | Self::Asking(n) | Self::Served(n) => Some(n),
            Self::Extension(_) | Self::Stop(_) | Self::Leave(_) => None,
            Self::Proposal => {
                let case = docket.case;
                node(docket.procedure, &case.proposal.as_ref().or_else(|| case.outcome())?.outcome)
            }
            Self::Decision | Self::Delivery => node(docket.procedure, &docket.case.outcome()?.outcome),
        }
    }

    /// Number of the event by which the case came here.
    pub(super) fn reached(self, docket: &Docket<'a>) -> Option<u32> {
        let case = docket.case;
        match self {
            Self::Form(n) => {
                let filled = case.values.get(n.id()).map(|(index, _)| *index);
                // The form that begins a case may be printed empty, to be filled in by hand.
                filled.or_else(|| n.after().is_empty().then_some(0))
            }
            Self::Node(n) => {
                let lapsed = || docket.accepted_by_lapse().filter(|_| ACCEPT.contains(&n.id())).map(|_| 0);
                case.done(n.id()).map(|d| d.index).or_else(lapsed)
            }
            Self::Asking(_) => case.askings.last().map(|a| a.index),
            Self::Extension(c) => case.clocks.get(&c.id).filter(|m| m.extended_on.is_some()).map(|_| 0),
            Self::Stop(c) => case.clocks.get(&c.id).filter(|m| !m.stops.is_empty()).map(|_| 0),
            Self::Leave(c) => case.clocks.get(&c.id).and_then(|m| m.leave.as_ref()).map(|leave| leave.index),
            Self::Proposal => {
                let decided = || case.outcome().filter(|_| !case.proposers.is_empty());
                case.proposal.as_ref().or_else(decided).map(|d| d.index)
            }
            Self::Decision => case.outcome().map(|d| d.index),
            Self::Delivery => case.documents.iter().filter(|d| d.delivered.is_some()).map(|d| d.index).max(),
            Self::Served(n) => case.done(n.id()).map(|d| d.index),
        }
    }

    /// The case comes here next.
    fn is_next(self, docket: &Docket<'a>) -> bool {
        match self {
            Self::Form(n) | Self::Node(n) | Self::Asking(n) | Self::Served(n) => docket.opened_by(n).is_some(),
            _ => false,
        }
    }

    /// What it is, for people.
    fn name(self) -> Text {
        match self {
            Self::Form(n) => {
                let name = n.name();
                Text::of(format!("填写“{}”", bare(&name.zh)), format!("the form of \"{}\"", bare(&name.en)))
            }
            Self::Node(n) | Self::Served(n) => {
                let name = n.name();
                Text::of(format!("“{}”", bare(&name.zh)), format!("\"{}\"", bare(&name.en)))
            }
            Self::Asking(_) => Text::new("一次告知补正", "naming what is missing"),
            Self::Extension(_) => Text::new("批准延长期限", "leave to extend a time limit"),
            Self::Stop(_) => Text::new("停止计算期限", "stopping a time limit"),
            Self::Leave(_) => Text::new("批准暂缓或者分期缴纳", "leave to pay later or in parts"),
            Self::Proposal => Text::new("提出处理意见", "a proposed decision"),
            Self::Decision => Text::new("作出决定", "a decision"),
            Self::Delivery => Text::new("送达文书", "delivery of a document"),
        }
    }
}

/// The last of the places that the case reached: of the steps, and only then of the outcomes, since a step that makes a paper says what
/// stands in it.
pub(super) fn latest<'a>(places: &[Place<'a>], docket: &Docket<'a>) -> Option<Place<'a>> {
    let reached = places.iter().filter_map(|place| place.reached(docket).map(|index| (index, *place)));
    let is_step = |place: &Place<'a>| !matches!(place, Place::Node(Node::Outcome(_)));
    reached.max_by_key(|(index, place)| (is_step(place), *index)).map(|(_, place)| place)
}

/// The place for which a paper is offered now, and why: the last one reached, else one that comes next.
pub(super) fn offered(document: &Document, docket: &Docket<'_>) -> Option<Text> {
    let places = places(document, docket.procedure);
    let reached = latest(&places, docket);
    let place = reached.or_else(|| places.iter().copied().find(|place| place.is_next(docket)))?;
    if !fits(document, docket, place, reached.is_some()) {
        return None;
    }
    let name = place.name();
    Some(match reached {
        Some(_) => Text::of(format!("属于{}。", name.zh), format!("It belongs to {}.", name.en)),
        None => Text::of(format!("在{}之后制作。", name.zh), format!("It is made after {}.", name.en)),
    })
}

/// What a case says decides which of several papers it is.
fn fits<'a>(document: &Document, docket: &Docket<'a>, place: Place<'a>, reached: bool) -> bool {
    let id = place.node(docket).map_or("", Node::id);
    match document.code {
        "order_at_once" => reached && is_at_once(docket, id),
        "order_with_limit" => !(reached && is_at_once(docket, id)),
        "prior_notice" => HEARD.iter().any(|heard| node(docket.procedure, heard).is_some()),
        "group_discussion" => docket.case.values_of(id).and_then(|v| v.flag(DISCUSSED.0)) == Some(true),
        "non_acceptance" => !was_accepted(docket),
        "reporter_notice" => docket.answer(SOURCE).as_deref() == Some(BY_REPORT),
        "refusal_decision" if id == FALSE_MATERIAL => was_accepted(docket),
        "access_register_extract" => {
            let enters = |o: &law::Outcome| o.registers.iter().any(|register| register == ACCESS_REGISTER);
            matches!(place.node(docket), Some(Node::Outcome(o)) if enters(o))
        }
        "plan_review_record" => panel_of(docket).is_some() && (!reached || !docket.case.panel.is_empty()),
        "register_extract" => matches!(place.node(docket), Some(Node::Outcome(o)) if !o.registers.is_empty()),
        _ => true,
    }
}

/// The application had been taken in on the day on which it was decided, by lapse of time too.
fn was_accepted(docket: &Docket<'_>) -> bool {
    let on = docket.case.outcome().map_or(docket.today, |decision| decision.on);
    docket.on(on).accepted_on().is_some()
}

/// The document of this step sets no time at all.
fn is_at_once(docket: &Docket<'_>, step: &str) -> bool {
    let set = docket.case.done(step).map(|d| &d.set);
    set.is_some_and(|set| !set.is_empty() && set.values().all(|number| *number == 0))
}

/// Whether a paper can be made now.
pub(super) fn ready<'a>(document: &Document, docket: &Docket<'a>) -> Result<Place<'a>, Refusal> {
    let places = places(document, docket.procedure);
    if places.is_empty() {
        return Err(not_of_procedure(document));
    }
    let Some(place) = latest(&places, docket) else { return Err(too_early(document, docket, &places)) };
    if !fits(document, docket, place, true) {
        return Err(does_not_fit(document));
    }
    missing(document, docket, place).map_or(Ok(place), Err)
}

/// What a paper needs beside its place.
fn missing<'a>(document: &Document, docket: &Docket<'a>, place: Place<'a>) -> Option<Refusal> {
    let case = docket.case;
    let id = place.node(docket).map_or("", Node::id);
    let lies_there = || case.papers.iter().any(|p| !p.returned);
    match document.code {
        "material_receipt" if !lies_there() => Some(conflict(
            "nothing_handed_in",
            Text::new("案卷中没有收到的材料。", "No paper was handed in."),
            Text::new("请先登记收到的材料。", "Enter what was handed in first."),
        )),
        "enforcement_request" if !lies_there() && case.documents.is_empty() => Some(conflict(
            "nothing_to_attach",
            Text::new("申请书须附材料，案卷中还没有。", "The application has attachments, and none lies in the case."),
            Text::new("请先上传决定书、催告书等材料。", "Upload the decision, the demand and the like first."),
        )),
        "prior_notice" if tells_no_breach(docket) => Some(breach_not_told(docket)),
        "investigation_report" if case.proposal.is_none() && case.outcome().is_none() => Some(conflict(
            "nothing_proposed",
            Text::new("还没有提出处理意见。", "Nothing is proposed yet."),
            Text::new("请先提出处理意见。", "Propose a decision first."),
        )),
        "group_discussion" if case.values_of(id).is_none_or(|v| v.text(DISCUSSED.1).is_none()) => Some(conflict(
            "discussion_missing",
            Text::new("没有填写集体讨论结论。", "What came of the discussion is not filled in."),
            Text::new("请先填写。", "Fill it in first."),
        )),
        "case_closing_report" => owes(docket),
        "questioning_record" | "statement_record" if !has_words(docket, id) => Some(conflict(
            "nothing_said",
            Text::new("没有填写陈述或者问答的内容。", "What was said is not filled in."),
            Text::new("请先填写。", "Fill it in first."),
        )),
        code if EACH_TIME.contains(&code) && is_begun(docket, id) => Some(conflict(
            "record_begun",
            Text::new("下一次的内容已经开始填写，还没有提交。", "The form of the next time is begun and not sent."),
            Text::new("请提交之后再制作文书。", "Send it, then make the paper."),
        )),
        "file_index" if !lies_there() && case.documents.iter().all(|d| d.void) => Some(conflict(
            "nothing_filed",
            Text::new("案卷中还没有文书和材料。", "There is no document and no paper in the case yet."),
            Text::new("请先制作文书或者登记材料。", "Make a document or enter a paper first."),
        )),
        "penalty_publication" if !has_public(docket, id) => Some(conflict(
            "nothing_public",
            Text::new("没有填写可以公开的内容。", "Nothing that may be public is filled in."),
            Text::new("请先填写公开的内容。", "Fill in what is to be public first."),
        )),
        _ => None,
    }
}

/// The telling can name what was breached, and neither it nor a proposal does.
fn tells_no_breach(docket: &Docket<'_>) -> bool {
    docket.procedure.field(TOLD_BREACH).is_some() && accused(docket).is_empty()
}

fn breach_not_told(docket: &Docket<'_>) -> Refusal {
    let clauses: Vec<_> = node(docket.procedure, TELL).map(Node::clause).into_iter().collect();
    conflict(
        "breach_not_told",
        Text::new(
            "告知书应当写明违反哪一条、依据哪一条处罚；案卷中还没有写明违反的条款。",
            "The notice says which clause was breached and which punishes it; the case names no breach yet.",
        ),
        Text::new(
            "请在告知的表单中写明违反的条款（已经告知的，重新告知），或者先提出处理意见并勾选违反的条款。",
            "Name it in the form of the telling (tell anew where it was told already), or propose a decision first and tick the breach.",
        ),
    )
    .citing(cited(docket, &clauses))
}

/// The form of a step was filled in for the next time, and the step was not done with it yet; what was put right is of the last time.
fn is_begun(docket: &Docket<'_>, step: &str) -> bool {
    docket.case.values.get(step).map(|v| v.0) != docket.case.done(step).map(|d| d.filled)
}

/// What somebody still owes by a day.
fn owes(docket: &Docket<'_>) -> Option<Refusal> {
    let clock = clocks(docket).into_iter().find(|c| c.state.is_owed() && c.sense == Sense::Within)?;
    Some(conflict(
        "still_owed",
        Text::of(format!("“{}”还没有办理。", clock.name.zh), format!("Still to be done: {}.", clock.name.en)),
        Text::new("请在办理之后结案。", "Close the case when it is done."),
    ))
}

fn has_public(docket: &Docket<'_>, step: &str) -> bool {
    let values = docket.case.values_of(step);
    let filled = |f: &law::Field| values.and_then(|v| v.get(&f.id)).is_some_and(|v| !matches!(v, Value::Flag(_)));
    docket.procedure.fields.iter().any(|f| f.step == step && f.public && filled(f))
}

fn has_words(docket: &Docket<'_>, step: &str) -> bool {
    let values = docket.case.values_of(step);
    let filled = |f: &law::Field| values.is_some_and(|v| v.text(&f.id).is_some_and(|text| !text.trim().is_empty()));
    docket.procedure.fields.iter().any(|f| f.step == step && f.kind == FieldKind::Words && filled(f))
}

fn not_of_procedure(document: &Document) -> Refusal {
    bad(
        "no_such_paper",
        Text::of(
            format!("本程序没有《{}》。", document.zh),
            format!("This procedure has no paper \"{}\".", document.en),
        ),
    )
}

fn does_not_fit(document: &Document) -> Refusal {
    bad(
        "other_paper",
        Text::of(
            format!("按案卷所填，不是制作《{}》的情形。", document.zh),
            format!("By what is filled in, the paper \"{}\" does not apply to this case.", document.en),
        ),
    )
}

fn too_early<'a>(document: &Document, docket: &Docket<'a>, places: &[Place<'a>]) -> Refusal {
    let names: Vec<Text> = places.iter().map(|place| place.name()).collect();
    let zh: Vec<&str> = names.iter().map(|n| &*n.zh).collect();
    let en: Vec<&str> = names.iter().map(|n| &*n.en).collect();
    let clauses: Vec<_> = places.iter().filter_map(|place| place.node(docket)).map(Node::clause).collect();
    conflict(
        "paper_too_early",
        Text::of(
            format!("还不能制作《{}》：它在{}之后制作。", document.zh, zh.join("或者")),
            format!("It is too early for the paper \"{}\": it is made after {}.", document.en, en.join(" or ")),
        ),
        Text::new("请先办理该步骤。", "Do that step first."),
    )
    .citing(cited(docket, &clauses))
}
