//! No number, day, order, consequence or party of the sanctions is without a case that holds it: each is shifted or taken away, and some
//! case must fail.

use crate::sanction::{Order, Sanction};
use crate::{Packs, PenaltyLink};

fn packs() -> Packs {
    Packs::embedded().unwrap_or_else(|e| panic!("{e}"))
}

/// Changes one sanction at a time in every way that `change` gives, and names the changes that no case notices.
fn unnoticed(changes: impl Fn(&Sanction) -> Vec<(String, Sanction)>) -> (Vec<String>, usize) {
    // One copy is changed and set right again: copying the packs takes far longer than their cases.
    let mut packs = packs();
    let (mut free, mut count) = (Vec::new(), 0);
    for p in 0..packs.packs.len() {
        for s in 0..packs.packs[p].sanctions.len() {
            let sanction = packs.packs[p].sanctions[s].clone();
            for (what, changed) in changes(&sanction) {
                count += 1;
                packs.packs[p].sanctions[s] = changed;
                if packs.failing_sanction_cases(p).next().is_none() {
                    free.push(format!("{} {what}", sanction.clause));
                }
            }
            packs.packs[p].sanctions[s] = sanction;
        }
    }
    (free, count)
}

/// The sanction with one of its parts changed.
fn with(sanction: &Sanction, change: impl Fn(&mut Sanction)) -> Sanction {
    let mut changed = sanction.clone();
    change(&mut changed);
    changed
}

#[test]
fn a_case_holds_every_end_of_every_fine() {
    let (free, count) = unnoticed(|sanction| {
        let mut out = Vec::new();
        for (n, band) in sanction.bands.iter().enumerate() {
            for max in [band.max_yuan - 1, band.max_yuan + 1] {
                out.push((format!("fine {n} max -> {max}"), with(sanction, |s| s.bands[n].max_yuan = max)));
            }
            for min in band.min_yuan.into_iter().flat_map(|min| [min - 1, min + 1]) {
                out.push((format!("fine {n} min -> {min}"), with(sanction, |s| s.bands[n].min_yuan = Some(min))));
            }
            out.push((format!("fine {n} gone"), with(sanction, |s| drop(s.bands.remove(n)))));
            out.push((format!("fine {n} a day later"), with(sanction, |s| s.bands[n].from = band.from.plus_days(1))));
            for multiple in band.gains_multiple.into_iter().flat_map(|m| [m - 1, m + 1]) {
                out.push((
                    format!("gains x {multiple}"),
                    with(sanction, |s| s.bands[n].gains_multiple = Some(multiple)),
                ));
            }
            for who in &band.who {
                out.push((
                    format!("fine {n} not on {who:?}"),
                    with(sanction, |s| s.bands[n].who.retain(|other| other != who)),
                ));
            }
            for grade in &band.grades {
                out.push((
                    format!("fine {n} not if {grade:?}"),
                    with(sanction, |s| s.bands[n].grades.retain(|other| other != grade)),
                ));
            }
        }
        out
    });
    assert!(count >= 300, "{count}");
    assert!(free.is_empty(), "no case holds:\n{}", free.join("\n"));
}

const fn other_order(order: Order) -> Option<Order> {
    match order {
        Order::None => None,
        Order::Dismantle => Some(Order::Correct),
        _ => Some(Order::Dismantle),
    }
}

#[test]
fn a_case_holds_every_order_consequence_and_review() {
    let whole = packs();
    let (free, count) = unnoticed(|sanction| {
        let mut out = Vec::new();
        for (n, measure) in sanction.measures.iter().enumerate() {
            out.push((format!("{:?} gone", measure.kind), with(sanction, |s| drop(s.measures.remove(n)))));
            for max in measure.max.into_iter().flat_map(|m| [m - 1, m + 1]) {
                out.push((
                    format!("{:?} max -> {max}", measure.kind),
                    with(sanction, |s| s.measures[n].max = Some(max)),
                ));
            }
            if let Some(from) = measure.from {
                out.push((
                    format!("{:?} a day later", measure.kind),
                    with(sanction, |s| s.measures[n].from = Some(from.plus_days(1))),
                ));
            }
            for min in measure.min.into_iter().flat_map(|m| [m - 1, m + 1]) {
                out.push((
                    format!("{:?} min -> {min}", measure.kind),
                    with(sanction, |s| s.measures[n].min = Some(min)),
                ));
            }
        }
        if sanction.order != Order::None {
            out.push(("no order".to_owned(), with(sanction, |s| s.order = Order::None)));
        }
        // Where no link is literal a fine is blocked with or without it.
        let literal = sanction.breach.iter().any(|b| b.link == PenaltyLink::Literal);
        if !sanction.reviews.is_empty() && !sanction.bands.is_empty() && literal {
            out.push(("no review".to_owned(), with(sanction, |s| s.reviews.clear())));
        }
        if let Some(until) = sanction.until {
            out.push(("ends a day earlier".to_owned(), with(sanction, |s| s.until = Some(until.plus_days(-1)))));
            // Where the clause itself ends that day, a later end of its entry changes nothing.
            let clause = whole.clause(&base::ClauseId::new(&sanction.clause)).map(|(_, clause)| clause);
            if clause.is_some_and(|clause| clause.ends().is_none_or(|ends| ends > until)) {
                out.push(("ends a day later".to_owned(), with(sanction, |s| s.until = Some(until.plus_days(1)))));
            }
        }
        if let Some(other) = other_order(sanction.order) {
            out.push(("another order".to_owned(), with(sanction, |s| s.order = other)));
        }
        for who in &sanction.addressees {
            out.push((format!("not on {who:?}"), with(sanction, |s| s.addressees.retain(|other| other != who))));
        }
        if sanction.successor.is_some() {
            out.push(("no successor".to_owned(), with(sanction, |s| s.successor = None)));
        }
        out
    });
    assert!(count >= 80, "{count}");
    assert!(free.is_empty(), "no case holds:\n{}", free.join("\n"));
}

#[test]
fn a_case_holds_every_breach_and_how_sure_it_is() {
    let whole = packs();
    let (free, count) = unnoticed(|sanction| {
        let mut out = Vec::new();
        for (n, breach) in sanction.breach.iter().enumerate() {
            // The clause before it is asked first and takes this one along.
            let before = whole.packs.iter().flat_map(|p| &p.sanctions);
            let mut before = before.filter(|s| s.successor.as_ref() == Some(&sanction.clause));
            if before.any(|s| s.link(&breach.clause).is_some()) {
                continue;
            }
            let other = match breach.link {
                PenaltyLink::Literal => PenaltyLink::SlipReading,
                _ => PenaltyLink::Literal,
            };
            let changed = with(sanction, |s| s.breach[n].link = other);
            out.push((format!("{} as {other:?}", breach.clause), changed));
            // An overlay says that another breach is the same act: the clause is found by that one too.
            let same_act = |b: &crate::BreachRef| {
                let both = whole.sanction_overlays.iter().filter(|o| o.sanctions.contains(&sanction.clause));
                let mut both = both.filter(|o| o.breaches.contains(&b.clause) && o.breaches.contains(&breach.clause));
                b.clause != breach.clause && b.link == breach.link && both.next().is_some()
            };
            if sanction.breach.iter().any(same_act) {
                continue;
            }
            out.push((format!("without {}", breach.clause), with(sanction, |s| drop(s.breach.remove(n)))));
        }
        out
    });
    assert!(count >= 250, "{count}");
    assert!(free.is_empty(), "no case holds:\n{}", free.join("\n"));
}

#[test]
fn a_case_holds_every_overlay() {
    let whole = packs();
    let mut free = Vec::new();
    for (n, overlay) in whole.sanction_overlays.iter().enumerate() {
        // One fine of several is the rule without an overlay too: that one is told, not decided.
        let mut mutant = whole.clone();
        mutant.sanction_overlays.remove(n);
        if mutant.failing_sanction_cases(0).next().is_none() {
            free.push(overlay.id.clone());
        }
    }
    assert!(free.is_empty(), "no case holds:\n{}", free.join("\n"));
}
