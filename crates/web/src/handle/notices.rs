//! What the authority made public: the list by kind, one publication with what the log proves of it, and the draws of inspections.
//!
//! Always true: what was withdrawn stays in the list with the reason and without its words; what was published until a day is not shown after
//! it; the text is that whose digest the log has.

use super::inbox::of;
use super::proofs;
use super::public::{bar, open_page};
use crate::answer::{Reply, address, no_page};
use crate::call::Call;
use crate::pages::public::{NoticeLine, NoticePage, NoticesPage, PublicNav};
use crate::pages::{Choice, Pager};
use base::{ClauseId, Lang, Refusal, Text};
use law::{Carrier, Jurisdiction, Packs};
use store::casework::Territory;
use store::casework::counts::PlanRow;
use store::casework::publications::PublicationRow;

/// Notices of one page.
const LINES: usize = 30;
/// Notices that a search looks through: as many as the store hands out at once.
pub(super) const LOOKED_THROUGH: usize = store::casework::publications::PAGE as usize;
/// The kind under which draws are listed; no publication of the packs has this word.
const DRAWS: &str = "draws";
/// Clauses of a notice that are shown.
const CLAUSES: usize = 30;

fn kind_name(call: &Call, kind: &str) -> Text {
    let listed = call.site().gate().packs().carriers().publications().iter().find(|p| p.id == kind);
    listed.map_or_else(|| Text::new("公告", "notice"), law::ListedCarrier::name)
}

/// Labels that stand before what a publication says, as the corridor writes them.
const LABELS: [(&str, &str); 6] = [
    ("案号", "Case number"),
    ("机关", "Organ"),
    ("决定", "Decision"),
    ("日期", "Date"),
    ("罚款", "Fine"),
    ("依据", "Legal basis"),
];

/// A line of a publication for an English reader: its label, where one is known, in English before the text as it was issued.
fn labelled(packs: &Packs, lang: Lang, line: &str) -> String {
    if lang == Lang::Zh {
        return line.to_owned();
    }
    let Some((label, value)) = line.split_once('：') else { return line.to_owned() };
    let columns = || packs.procedures().iter().flat_map(|p| &p.fields).find(|f| f.zh == label);
    let known = LABELS.iter().find(|(zh, _)| *zh == label).map(|(_, en)| (*en).to_owned());
    match known.or_else(|| columns().map(|f| f.en.clone())) {
        Some(en) => format!("{en} ({label}): {value}"),
        None => line.to_owned(),
    }
}

/// The title of a publication; an English reader has the name of the matter in English, and the thing as it was issued.
fn title_of(packs: &Packs, lang: Lang, title: &str) -> String {
    if lang == Lang::Zh {
        return title.to_owned();
    }
    let begun = packs.procedures().iter().filter_map(|p| Some((p, title.strip_prefix(p.name_zh.as_str())?)));
    // The longest name, where one begins with another.
    match begun.max_by_key(|(p, _)| p.name_zh.len()) {
        Some((p, rest)) => format!("{}{rest}", p.name_en),
        None => title.to_owned(),
    }
}

/// A publication as a line of a list.
pub(super) fn line_of(call: &Call, p: &PublicationRow) -> NoticeLine {
    let kind = kind_name(call, &p.kind);
    let title = if p.withdrawn.is_some() {
        kind.get(call.lang).to_owned()
    } else {
        title_of(call.site().gate().packs(), call.lang, &p.title)
    };
    NoticeLine {
        id: p.entry.to_string(),
        title,
        kind,
        day: p.published.shanghai_date().to_string(),
        withdrawn: p.withdrawn.is_some(),
        href: String::new(),
    }
}

/// Publications that are to be seen today, the newest first, at most `most`.
pub(super) async fn shown_now(
    call: &Call,
    kind: Option<&str>,
    before: Option<u64>,
    most: usize,
) -> Result<Vec<PublicationRow>, Refusal> {
    let (today, mut before, mut out) = (call.now().shanghai_date(), before, Vec::new());
    let page = store::casework::publications::PAGE;
    // Those whose time is over are skipped: a second page is read where they took the place of others.
    for _ in 0..3 {
        let rows = call.site().store().publications(kind, before, page).await?;
        let full = rows.len() >= LOOKED_THROUGH;
        before = rows.last().map(|p| p.entry);
        out.extend(rows.into_iter().filter(|p| p.until.is_none_or(|until| today <= until)));
        if !full || out.len() >= most {
            break;
        }
    }
    out.truncate(most);
    Ok(out)
}

/// Whether law that reaches this province asks for publications of this kind.
fn is_here(packs: &Packs, place: Jurisdiction, kind: &str) -> bool {
    let carrier = Carrier::Publication(kind.to_owned());
    let mut here = packs.all().iter().filter(|pack| pack.reaches(place));
    here.any(|pack| {
        let asked = pack.clauses.iter().any(|c| c.carried_out_by.contains(&carrier));
        let of_folder = packs.procedures().iter().filter(|p| p.folder == pack.folder);
        asked || of_folder.flat_map(|p| &p.outcomes).any(|o| o.publications.iter().any(|id| id == kind))
    })
}

fn draw_line(row: &PlanRow) -> NoticeLine {
    let day = row.drawn.unwrap_or(row.committed).shanghai_date();
    let state = if row.drawn.is_some() {
        Text::new("抽取结果", "result of the draw")
    } else {
        Text::new("名单已封存，待抽取", "pool committed, to be drawn")
    };
    NoticeLine {
        id: row.plan.clone(),
        title: row.plan.clone(),
        kind: state,
        day: day.to_string(),
        withdrawn: false,
        href: format!("/public/draws/{}", row.plan),
    }
}

fn link(kind: &str, before: Option<u64>) -> String {
    let before = before.map(|n| n.to_string()).unwrap_or_default();
    address("/public/notices", [("kind", kind), ("before", before.as_str())])
}

/// `GET /public/notices?kind=&before=`.
pub(crate) async fn list(call: Call) -> Reply {
    of(&call)?;
    let packs = call.site().gate().packs();
    let listed = packs.carriers().publications();
    let asked = call.query.get("kind");
    let kind = listed.iter().map(|p| p.id.as_str()).chain([DRAWS]).find(|id| *id == asked).unwrap_or_default();
    let before: Option<u64> = call.query.get("before").parse().ok();
    let (lines, next) = if kind == DRAWS {
        let most = u32::try_from(LINES + 1).unwrap_or(u32::MAX);
        let rows = call.site().store().draw_plans(Territory::All, before, most).await?;
        let next = (rows.len() > LINES).then(|| rows.get(LINES - 1).map(|r| r.entry)).flatten();
        (rows.iter().take(LINES).map(draw_line).collect::<Vec<_>>(), next)
    } else {
        let narrowed = (!kind.is_empty()).then_some(kind);
        let rows = shown_now(&call, narrowed, before, LINES + 1).await?;
        let next = (rows.len() > LINES).then(|| rows.get(LINES - 1).map(|r| r.entry)).flatten();
        (rows.iter().take(LINES).map(|p| line_of(&call, p)).collect(), next)
    };
    let mut kinds = vec![Choice::new("/public/notices", Text::new("全部", "All"), kind.is_empty())];
    let place = call.site().profile().law.jurisdiction;
    kinds.extend(
        listed
            .iter()
            .filter(|p| p.id == kind || is_here(packs, place, &p.id))
            .map(|p| Choice::new(&link(&p.id, None), p.name(), p.id == kind)),
    );
    // Plans stand on a page of their own, also before anything is drawn.
    kinds.push(Choice::new("/public/draws", Text::new("检查计划与随机抽查", "Plans and draws"), kind == DRAWS));
    let pager = Pager {
        previous: before.map(|_| link(kind, None)),
        next: next.map(|entry| link(kind, Some(entry))),
        shown: Text::default(),
    };
    let page = NoticesPage { l: call.lang, bar: bar(&call), at: PublicNav::Notices, kinds, notices: lines, pager };
    open_page(&call, &page)
}

/// `GET /public/notices/{id}`: the number is the place of its entry.
pub(crate) async fn show(call: Call) -> Reply {
    of(&call)?;
    let number: u64 = call.param(0).parse().map_err(|_| no_page())?;
    let gone = || Refusal::not_found("该公告", "notice");
    let found = call.site().store().publication(number).await?;
    let today = call.now().shanghai_date();
    let row = found.filter(|p| p.until.is_none_or(|until| today <= until)).ok_or_else(gone)?;
    let proved = proofs::prove(&call, row.entry, true).await?;
    let packs = call.site().gate().packs();
    let named = proved.as_ref().and_then(|p| p.entry.body["clauses"].as_array().cloned()).unwrap_or_default();
    let clauses = named.iter().take(CLAUSES).filter_map(|c| packs.cite(&ClauseId::new(c.as_str()?)));
    let lines = row.body.lines().map(str::trim).filter(|l| !l.is_empty()).map(|l| labelled(packs, call.lang, l));
    let mut facts = vec![(Text::new("公开日期", "Published"), row.published.shanghai_date().to_string())];
    facts.extend(row.until.map(|day| (Text::new("公开至", "Shown until"), day.to_string())));
    let withdrawn = row.withdrawn.as_ref();
    facts.extend(withdrawn.map(|w| (Text::new("撤回日期", "Withdrawn"), w.at.shanghai_date().to_string())));
    let gone_words =
        || call.lang.t("内容已撤回，不再公开。", "The content was withdrawn and is no longer public.").to_owned();
    open_page(
        &call,
        &NoticePage {
            l: call.lang,
            bar: bar(&call),
            at: PublicNav::Notices,
            notice: line_of(&call, &row),
            paragraphs: if withdrawn.is_some() { vec![gone_words()] } else { lines.collect() },
            withdrawn_why: withdrawn.map(|w| w.reasons.clone()).unwrap_or_default(),
            facts,
            digest: row.sha256.hex(),
            clauses: clauses.collect(),
            document: String::new(),
            proof: proved.as_ref().map(|p| p.shown(&call)),
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_english_reader_has_the_labels_in_english_and_the_words_as_issued() {
        let packs = Packs::embedded().unwrap();
        let en = |line: &str| labelled(&packs, Lang::En, line);
        assert_eq!(en("案号：示公技防〔2026〕1号"), "Case number (案号): 示公技防〔2026〕1号");
        assert_eq!(labelled(&packs, Lang::Zh, "案号：1号"), "案号：1号");
        assert_eq!(en("没有标签的一段。"), "没有标签的一段。");
        assert_eq!(title_of(&packs, Lang::En, "警示公告 示例公司"), "Warning notice 示例公司");
        assert_eq!(title_of(&packs, Lang::Zh, "警示公告 示例公司"), "警示公告 示例公司");
        assert_eq!(title_of(&packs, Lang::En, "别的题目"), "别的题目");
    }
}
