//! What the printed texts say of themselves: references to what does not exist, and whether a shift of the numbers would mend them.

use super::{FindingKind, Findings, Severity};
use crate::crossref::{self, CrossRef};
use crate::pack::{Modality, Pack, PenaltyLink, TextKind};
use base::Text;
use std::collections::{BTreeMap, BTreeSet};

/// Articles before and after a broken penalty article whose numbers may be shifted with it.
const NEIGHBOURS: u16 = 1;

pub(super) fn check(findings: &mut Findings<'_>) {
    let packs = findings.packs;
    for pack in packs.all().iter().filter(|p| p.head.text == TextKind::AsGiven) {
        for article in pack.articles.values() {
            for reference in crossref::references(&article.body) {
                if let Some((text, shifted)) = dangling(pack, &reference) {
                    let place = findings.place.in_article(pack, article.number, &reference.words);
                    let at = format!("{}-{}", pack.head.id, article.number);
                    // Two broken references of one article are one finding each, told apart by their line and words.
                    findings.push(FindingKind::DanglingReference, Severity::Warning, place, &at, text);
                    if shifted {
                        offset(findings, pack, article.number, &reference);
                    }
                }
            }
        }
    }
}

/// Why a reference leads nowhere, and whether a shift of numbers is worth a thought: it names items of an article that has none and has
/// lost none.
fn dangling(pack: &Pack, reference: &CrossRef) -> Option<(Text, bool)> {
    let words = &reference.words;
    let Some(article) = pack.articles.get(&reference.article) else {
        let last = pack.articles.keys().max().copied().unwrap_or(0);
        return Some((
            Text::of(
                format!("引用「{words}」，但本法规只有{last}条。"),
                format!("It cites {words}, but the text has {last} articles only."),
            ),
            true,
        ));
    };
    let paragraphs = crossref::paragraphs_of(&article.body);
    if let Some(paragraph) = reference.paragraph
        && paragraphs > 1
        && usize::from(paragraph) > paragraphs
    {
        return Some((
            Text::of(
                format!("引用「{words}」，但该条只有{paragraphs}款。"),
                format!("It cites {words}, but that article has {paragraphs} paragraphs."),
            ),
            false,
        ));
    }
    let highest = reference.items.iter().max()?;
    let items = crossref::items_of(&article.body);
    if *highest <= items {
        return None;
    }
    if items == 0 && is_lost(pack, reference.article) {
        return Some((
            Text::of(
                format!("引用「{words}」，但该条的各项在来源中缺失，无从核对。"),
                format!(
                    "It cites {words}, but the items of that article are lost in the source: it cannot be checked."
                ),
            ),
            false,
        ));
    }
    let has = if items == 0 {
        ("没有分项".to_owned(), "no items".to_owned())
    } else {
        (format!("只有{items}项"), format!("{items} items"))
    };
    Some((
        Text::of(
            format!("引用「{words}」，但该条{}。", has.0),
            format!("It cites {words}, but that article has {}.", has.1),
        ),
        items == 0,
    ))
}

/// The items of an article are lost in our source.
fn is_lost(pack: &Pack, article: u16) -> bool {
    pack.clauses.iter().any(|c| c.article == article && c.gap)
        || pack.readings.iter().any(|r| r.article == article && r.kind == crate::FlawKind::Gap)
}

/// Looks for one shift under which the broken reference finds an article with just its items, and under which the neighbours' references
/// fall on duties that nothing else punishes. Reports the best of them for each penalty article concerned.
fn offset(findings: &mut Findings<'_>, pack: &Pack, broken: u16, reference: &CrossRef) {
    let group: Vec<u16> = (broken.saturating_sub(NEIGHBOURS)..=broken + NEIGHBOURS).collect();
    let cited: BTreeMap<u16, BTreeSet<u16>> = group
        .iter()
        .filter_map(|n| Some((*n, crossref::cited_articles(&pack.articles.get(n)?.body).into_keys().collect())))
        .collect();
    let all: BTreeSet<u16> = cited.values().flatten().copied().collect();
    // The article cited elsewhere in the broken one may ask for a higher item than this reference alone.
    let wanted = crossref::references(&pack.articles.get(&broken).map(|a| a.body.clone()).unwrap_or_default())
        .into_iter()
        .filter(|r| r.article == reference.article)
        .flat_map(|r| r.items)
        .max()
        .unwrap_or(0);
    let fits = |shift: i32| all.iter().filter(|n| fits_duty(pack, **n, shift, &group)).count();
    let candidates =
        pack.articles.values().filter(|a| crossref::items_of(&a.body) == wanted && !group.contains(&a.number));
    let shifts = candidates.map(|a| i32::from(reference.article) - i32::from(a.number)).filter(|s| *s != 0);
    let Some((count, std::cmp::Reverse(_), shift)) = shifts.map(|s| (fits(s), std::cmp::Reverse(s.abs()), s)).max()
    else {
        return;
    };
    for (article, targets) in cited {
        let at = format!("{}-{article}", pack.head.id);
        if findings.found.iter().any(|f| f.kind == FindingKind::OffsetFits && f.at == at) {
            continue;
        }
        let shown = |n: &u16| format!("{n} → {}", i32::from(*n) - shift);
        let pairs = targets.iter().map(shown).collect::<Vec<_>>().join(", ");
        let (n, of) = (count, all.len());
        let text = Text::of(
            format!(
                "如果所引条号都减{shift}（{pairs}），则与义务相合：{n}/{of}个条号落到别处没有罚则的义务上。依据是第{broken}条的引用落空；只是推断，不自动改读。"
            ),
            format!(
                "It fits if shifted by {shift} ({pairs}): {n} of {of} numbers then fall on duties that nothing else punishes. The evidence is the broken reference of art. {broken}; inferred, never applied by itself."
            ),
        );
        let place = findings.place.in_article(pack, article, "第");
        findings.push(FindingKind::OffsetFits, Severity::Warning, place, &at, text);
    }
}

/// Under the shift the number falls on an article that binds units or persons and that no other penalty article reaches.
fn fits_duty(pack: &Pack, cited: u16, shift: i32, group: &[u16]) -> bool {
    let Ok(target) = u16::try_from(i32::from(cited) - shift) else { return false };
    let Some(article) = pack.articles.get(&target) else { return false };
    let duties = || pack.clauses.iter().filter(|c| c.article == target && super::obliges(c));
    if duties().next().is_none() {
        // No clause of it is in use: its own words tell.
        return ["应当", "不得", "禁止"].iter().any(|w| article.body.contains(w))
            && !begins_with_the_state(&article.body);
    }
    let punished = |c: &crate::Clause| {
        c.penalty.iter().filter(|p| p.link == PenaltyLink::Literal).any(|p| {
            let by = pack.clauses.iter().find(|other| other.id == p.clause);
            by.is_some_and(|by| by.modality == Modality::Penalty && !group.contains(&by.article))
        })
    };
    duties().any(|c| super::binds_others(c) && !punished(c))
}

fn begins_with_the_state(body: &str) -> bool {
    let head: String = body.chars().take(24).collect();
    ["公安机关", "人民政府", "国家机关"].iter().any(|w| head.contains(w))
}
