//! Where instruments meet: different numbers for one matter, a prohibition of higher rank over an approval of lower, overlays whose
//! clauses never hold together.

use super::{FindingKind, Findings, Severity};
use crate::pack::{Clause, Modality, Overlay, OverlayRule, Pack};
use base::{CivilDate, ClauseId, Text};
use std::collections::{BTreeMap, BTreeSet};

/// A clause's value, as the matter of several packs.
struct Number<'a> {
    pack: &'a Pack,
    clause: &'a Clause,
    amount: u32,
    from: CivilDate,
    until: Option<CivilDate>,
}

pub(super) fn check(findings: &mut Findings<'_>) {
    different_numbers(findings);
    let packs = findings.packs;
    for overlay in packs.overlays() {
        meet(findings, overlay);
        together(findings, overlay);
    }
}

fn different_numbers(findings: &mut Findings<'_>) {
    let packs = findings.packs;
    let mut by_name: BTreeMap<&str, Vec<Number<'_>>> = BTreeMap::new();
    for pack in packs.all() {
        for clause in &pack.clauses {
            for value in &clause.values {
                let (from, until) = (value.from, value.until);
                let number = Number { pack, clause, amount: value.amount, from, until };
                by_name.entry(&value.name).or_default().push(number);
            }
        }
    }
    for (name, numbers) in by_name {
        let differing: Vec<&Number<'_>> = numbers.iter().filter(|n| numbers.iter().any(|m| clash(n, m))).collect();
        let Some(first) = differing.first() else { continue };
        let ids: BTreeSet<&str> = differing.iter().map(|n| n.clause.id.as_str()).collect();
        let list = differing.iter().map(|n| format!("{} {}", n.clause.id, n.amount)).collect::<Vec<_>>().join(", ");
        let settled = packs.overlays().iter().find(|o| ids.iter().all(|id| o.clauses.iter().any(|c| c == id)));
        let place = findings.place.in_clause(first.pack, &first.clause.id, "values = ");
        let (severity, text) = match settled {
            Some(overlay) => (
                Severity::Note,
                Text::of(
                    format!("{name}：{list}。已由 overlays.toml 的 {} 处理：{}", overlay.id, overlay.ground_zh),
                    format!("{name}: {list}. Brought together by the overlay `{}`: {}", overlay.id, overlay.ground_en),
                ),
            ),
            None => (
                Severity::Warning,
                Text::of(
                    format!("{name}：{list}，而 overlays.toml 没有说明哪个优先。请补上一条。"),
                    format!(
                        "{name}: {list}, and overlays.toml does not say which rules. Add an overlay that names them."
                    ),
                ),
            ),
        };
        findings.push(FindingKind::DifferentNumbers, severity, place, name, text);
    }
}

/// Two numbers of different packs on one matter (they share what carries them out) that reach one place on one day and differ.
fn clash(a: &Number<'_>, b: &Number<'_>) -> bool {
    let carriers = |c: &Clause| c.carried_out_by.iter().map(ToString::to_string).collect::<BTreeSet<String>>();
    let place = crate::Jurisdiction::ALL.into_iter().any(|j| a.pack.reaches(j) && b.pack.reaches(j));
    let days = a.until.is_none_or(|until| b.from < until) && b.until.is_none_or(|until| a.from < until);
    let differ = a.pack.head.id != b.pack.head.id && a.amount != b.amount;
    differ && place && days && !carriers(a.clause).is_disjoint(&carriers(b.clause))
}

/// A prohibition of higher rank beside a clause of lower rank that allows, or asks for an approval.
fn meet(findings: &mut Findings<'_>, overlay: &Overlay) {
    if overlay.rule != OverlayRule::Union {
        return;
    }
    let packs = findings.packs;
    let clauses = || overlay.clauses.iter().filter_map(|id| packs.clause(&ClauseId::new(id)));
    for (low_pack, low) in clauses().filter(|(_, c)| matches!(c.modality, Modality::Must | Modality::May)) {
        let over = clauses().filter(|(p, c)| p.head.level > low_pack.head.level && c.modality == Modality::MustNot);
        let ids = over.map(|(_, c)| c.id.as_str()).collect::<Vec<_>>().join(", ");
        if ids.is_empty() {
            continue;
        }
        let text = Text::of(
            format!("{ids} 禁止而本条可以批准或者要求：位阶高的优先。{}", overlay.ground_zh),
            format!(
                "{ids} forbids what this clause allows on approval or asks for: the higher rank prevails. {}",
                overlay.ground_en
            ),
        );
        let place = findings.place.in_clause(low_pack, &low.id, "");
        findings.push(FindingKind::LayersMeet, Severity::Warning, place, &low.id, text);
    }
}

/// Some day and some place on which two clauses of the overlay hold at once.
fn together(findings: &mut Findings<'_>, overlay: &Overlay) {
    // Lost text is replaced from another province: the two never meet by design.
    if overlay.rule == OverlayRule::BorrowedDefault {
        return;
    }
    let packs = findings.packs;
    let clauses: Vec<(&Pack, &Clause)> =
        overlay.clauses.iter().filter_map(|id| packs.clause(&ClauseId::new(id))).collect();
    let holds = |(pack, clause): &(&Pack, &Clause), on: CivilDate| pack.in_force(clause, on);
    for (n, one) in clauses.iter().enumerate() {
        let start = one.1.from.unwrap_or(one.0.head.from).max(one.0.head.from);
        let meets = clauses.iter().enumerate().any(|(m, other)| {
            let days = [start, other.1.from.unwrap_or(other.0.head.from).max(other.0.head.from)];
            let day = days.into_iter().max().unwrap_or(start);
            n != m && holds(one, day) && holds(other, day)
        });
        if !meets {
            let id = &one.1.id;
            let text = Text::of(
                format!("{id} 与这一组的其他条款从不同时有效：请核对日期，或从该组删去。"),
                format!(
                    "`{id}` is never in force together with another clause of this overlay: check its days, or take it out."
                ),
            );
            let place = findings.place.of_entry("overlays.toml", &overlay.id);
            findings.push(FindingKind::NeverTogether, Severity::Error, place, id, text);
        }
    }
}
