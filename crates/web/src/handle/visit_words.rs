//! From visits and their checklists to the view types of the phone page, and to the JSON that its script goes on with.
//!
//! Always true: the JSON has the words of the record and nothing that the page does not show; a clause is cited as everywhere.

use crate::call::Call;
use crate::pages::ask::Shown;
use crate::pages::visits::{
    Closing, DrawLink, EndedView, FindingLine, ItemCard, ItemGroup, LastLine, PartLine, PhotoLine, Signer, VisitCard,
};
use crate::pages::{Choice, Mark, State};
use authority::visits::record::{ITEM, Record};
use authority::visits::{CLOSE, DrawnFrom, Ended, ItemView, LastVisit, UnitSide, VisitLine, VisitState, VisitView};
use base::{AccountId, Lang, Text};
use domain::inspection::Answered;
use law::{AnswerKind, CheckCategory, ChecklistItem, Correction};
use serde_json::{Value, json};

/// Before the account or `unit` in what a signature belongs to.
const SIGNATURE: &str = "signature/";
/// Before the account in what a signature on a provisional paper belongs to.
const DRAWN: &str = "drawn/";
/// What the signature under the draft of the order belongs to.
pub(crate) const DRAFT_SIGNATURE: &str = "signature/order";

pub(crate) const fn state_of(state: VisitState) -> State {
    match state {
        VisitState::Asked => State::new(Mark::Attention, "待批准", "waits for approval"),
        VisitState::Approved => State::new(Mark::Info, "已批准", "approved"),
        VisitState::Open => State::new(Mark::Busy, "检查中", "under way"),
        VisitState::Closed => State::new(Mark::Off, "已结束", "closed"),
        VisitState::Dropped => State::new(Mark::Off, "已取消", "dropped"),
    }
}

/// The draw that a visit comes from.
pub(crate) fn draw_of(drawn: &DrawnFrom) -> DrawLink {
    DrawLink { plan: drawn.plan.clone(), title: drawn.title.clone(), place: drawn.place }
}

/// Who approved a visit, and when; none: nobody yet.
pub(crate) fn approved(view: &VisitView) -> Option<(Shown, String)> {
    let approved = view.facts.approved.as_ref()?;
    let name = view.approver.as_ref().map(|name| name.expose().clone()).unwrap_or_default();
    Some((Shown::from(name), approved.approval.on.to_string()))
}

/// How the visit of the unit before this one ended.
pub(crate) fn last_of(last: &LastVisit) -> LastLine {
    LastLine {
        case: last.case.to_string(),
        number: last.number.clone(),
        day: last.day.to_string(),
        defects: last.defects.clone(),
        follows: last.follows.clone(),
    }
}

/// A visit in a list.
pub(crate) fn card_of(line: &VisitLine) -> VisitCard {
    VisitCard {
        case: line.row.case.to_string(),
        n: line.row.n,
        number: line.number.clone(),
        unit: Shown::from(line.unit.clone()),
        address: Shown::from(line.address.clone()),
        approval: line.approval.clone(),
        kind: line.kind.name(),
        day: line.row.day.to_string(),
        state: if line.refused {
            State::new(Mark::Attention, "没有批准", "not approved")
        } else {
            state_of(line.state)
        },
        draw: line.drawn.as_ref().map(draw_of),
        leave: line.leave.map(|leave| leave.text()).unwrap_or_default(),
    }
}

/// A visit in the list of those of its case; `shown` is the number of the one on the page.
pub(crate) fn part_line(line: &VisitLine, shown: u32) -> PartLine {
    PartLine {
        n: line.row.n,
        href: part_href(line),
        kind: line.kind.name(),
        day: line.row.day.to_string(),
        state: state_of(line.state),
        here: line.row.n == shown,
    }
}

/// Where a visit is read.
pub(crate) fn part_href(line: &VisitLine) -> String {
    format!("/visits/{}/parts/{}", line.row.case, line.row.n)
}

/// Version and fields, as a phone keeps them; whether somebody signed them, and how often signatures were made void.
pub(crate) fn record_json(version: u32, record: &Record, (sealed, voids): (bool, usize)) -> Value {
    json!({ "version": version, "fields": record, "sealed": sealed, "voids": voids })
}

const YES: Text = Text::new("符合", "met");
const NO: Text = Text::new("不符合", "not met");
const NOT_HERE: Text = Text::new("不适用（备注说明）", "not here (say why)");

/// An answer in words.
fn answered(item: &ChecklistItem, answer: &Answered) -> Text {
    match answer {
        Answered::Yes => YES,
        Answered::No => NO,
        Answered::NotHere => NOT_HERE,
        Answered::Number(n) => Text::of(format!("{n} {}", item.unit_zh), format!("{n} {}", item.unit_en)),
        Answered::Choice(id) => item
            .choices
            .iter()
            .find(|c| c.id == *id)
            .map_or_else(Text::default, |c| Text::of(c.zh.clone(), c.en.clone())),
    }
}

fn item_card(view: &ItemView) -> ItemCard {
    let item = &view.item;
    let (kind, mut answers) = match item.answer {
        AnswerKind::YesNo => ("yes_no", vec![Choice::new("yes", YES, false), Choice::new("no", NO, false)]),
        AnswerKind::Number => ("number", Vec::new()),
        AnswerKind::Choice => {
            let choice = |c: &law::ItemChoice| {
                Choice::new(&format!("choice:{}", c.id), Text::of(c.zh.clone(), c.en.clone()), false)
            };
            ("choice", item.choices.iter().map(choice).collect())
        }
    };
    answers.push(Choice::new("not_here", NOT_HERE, false));
    let bounds = match (item.least, item.most) {
        (Some(least), Some(most)) => format!("{least}–{most}"),
        (Some(least), None) => format!("≥ {least}"),
        (None, Some(most)) => format!("≤ {most}"),
        (None, None) => String::new(),
    };
    ItemCard {
        id: item.id.clone(),
        question: Text::of(item.zh.clone(), item.en.clone()),
        criterion: Text::of(item.criterion_zh.clone(), item.criterion_en.clone()),
        kind: kind.to_owned(),
        answers,
        unit: Text::of(format!("{} {bounds}", item.unit_zh), format!("{} {bounds}", item.unit_en)),
        defects: item.defects.iter().map(|d| Choice::new(&d.id, d.text(), false)).collect(),
        auto: view.auto.as_ref().map(|a| answered(item, a)).unwrap_or_default(),
        auto_json: view.auto.as_ref().and_then(|a| serde_json::to_string(a).ok()).unwrap_or_default(),
        citations: view.citations.clone(),
        gap: view.gap,
        within: match item.order.filter(|_| !view.citations.is_empty()) {
            Some(Correction::AtOnce) => "0".to_owned(),
            Some(Correction::Within) => item.within_days.map(|days| days.to_string()).unwrap_or_default(),
            None => String::new(),
        },
    }
}

/// The end of a visit as it is typed: what was sent just now, else what the phones have kept.
pub(crate) fn closing(call: &Call, view: &VisitView) -> Closing {
    let text = |name: &str| {
        let sent = call.form.get(name);
        let kept = view.record.text(&format!("{CLOSE}{name}"));
        let text = if call.form.has("version") { sent } else { kept };
        Shown::from(text.to_owned())
    };
    Closing { unit_name: text("unit_name"), reason: text("reason"), witness: text("witness") }
}

/// The checklist by its categories, in their order.
pub(crate) fn groups(view: &VisitView) -> Vec<ItemGroup> {
    let of = |category: &CheckCategory| ItemGroup {
        name: category.name(),
        items: view.items.iter().filter(|i| i.item.category == *category).map(item_card).collect(),
    };
    CheckCategory::ALL.iter().map(of).filter(|group| !group.items.is_empty()).collect()
}

/// What a photo is of.
fn belongs(view: &VisitView, word: &str) -> Text {
    if let Some(id) = word.strip_prefix(ITEM) {
        let item = view.items.iter().find(|i| i.item.id == id);
        return item.map_or_else(
            || Text::new("检查表中已经没有的一项", "an item that the checklist has no more"),
            |i| Text::of(i.item.zh.clone(), i.item.en.clone()),
        );
    }
    if word.starts_with(DRAWN) {
        return Text::new(
            "检查人员在离线稿上的签名（没有经本人账号确认）",
            "an inspector's, drawn on a provisional paper without their account",
        );
    }
    match word.strip_prefix(SIGNATURE) {
        Some("unit") => Text::new("单位签名", "the unit's signature"),
        Some("order") => Text::new("责令改正草稿上的签名", "signature under the draft of the order"),
        Some(_) => Text::new("检查人员签名", "an inspector's signature"),
        None => Text::new("门头", "entrance"),
    }
}

/// Where a photo was taken. The phone says it; nothing here can check it.
fn place(photo: &store::visits::PhotoRow) -> Text {
    match photo.place.as_str() {
        _ if photo.belongs.starts_with(SIGNATURE) || photo.belongs.starts_with(DRAWN) => Text::default(),
        "" => Text::new("地点：手机没有提供", "place: not told by the phone"),
        said => Text::of(format!("地点（手机提供）：{said}"), format!("place (as the phone said): {said}")),
    }
}

/// Photos at the server.
pub(crate) fn photos(view: &VisitView) -> Vec<PhotoLine> {
    let line = |p: &store::visits::PhotoRow| PhotoLine {
        number: p.photo,
        what: if view.facts.is_void(p) {
            let of = belongs(view, &p.belongs);
            Text::of(format!("{}（已作废）", of.zh), format!("{} (made void)", of.en))
        } else {
            belongs(view, &p.belongs)
        },
        taken: p.taken,
        place: place(p),
        bytes: p.bytes,
        sha256: p.sha256.hex(),
    };
    view.photos.iter().map(line).collect()
}

/// Inspectors, then the unit's person.
pub(crate) fn signers(view: &VisitView, reader: AccountId) -> Vec<Signer> {
    let inspectors = view.inspectors.iter().map(|(account, name)| Signer {
        belongs: signature_of(*account),
        name: Shown::from(name.expose().clone()),
        signed: view.signed.contains(account),
        beside: *account != reader,
    });
    let unit = format!("{SIGNATURE}unit");
    let signed = view.photos.iter().any(|p| p.belongs == unit && !view.facts.is_void(p));
    inspectors.chain([Signer { belongs: unit, signed, ..Signer::default() }]).collect()
}

/// What the signature of an inspector belongs to.
pub(crate) fn signature_of(account: AccountId) -> String {
    format!("{SIGNATURE}{account}")
}

/// How a visit ended.
pub(crate) fn ended(call: &Call, ended: &Ended) -> EndedView {
    let packs = call.site().gate().packs();
    let order = |word: &str| Correction::ALL.iter().find(|c| c.key() == word).map(|c| c.name()).unwrap_or_default();
    let finding = |b: &authority::visits::BreachLine| {
        let zh: Vec<&str> = b.texts.iter().map(|t| t.get(Lang::Zh)).collect();
        let en: Vec<&str> = b.texts.iter().map(|t| t.get(Lang::En)).collect();
        FindingLine {
            what: Text::of(zh.join("；"), en.join("; ")),
            order: order(&b.order),
            clauses: b.clauses.iter().filter_map(|id| packs.cite(id)).collect(),
        }
    };
    EndedView {
        at: ended.at,
        follows: ended.follows(),
        findings: ended.breaches.iter().map(finding).collect(),
        advice: ended.advice.clone(),
        review: ended.breaches.iter().any(|b| b.gap),
        refused: matches!(ended.unit, UnitSide::Refused { .. }),
        door: ended.door.as_ref().map(authority::visits::Door::text).unwrap_or_default(),
        offline: ended.offline.iter().map(authority::visits::OfflinePaper::text).collect(),
        far: ended.door.as_ref().is_some_and(|door| door.far),
    }
}
