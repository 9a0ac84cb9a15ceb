//! No policy, number or first day of the packs is without a case that holds it: each is taken away or shifted, and some case
//! must fail.

use crate::place_rules::{PlaceReach, PlaceRow};
use crate::{
    Act, AfterTermRule, BasisKind, Clause, Clock, Direction, Gate, Jurisdiction, OfficialAccess, OrganKind, Packs,
    Procedure, Question, RetentionScope, Sense, SiteProfile, TermUnit, policy,
};

/// Whether some case fails. What a breach costs is asked first, as it needs no gate; of the gate's cases those of the changed pack;
/// numbers of time limits are held by the cases of clocks.
fn noticed(packs: Packs, changed: usize) -> bool {
    if noticed_without_gate(&packs, changed) {
        return true;
    }
    Gate::new(packs).unwrap_or_else(|e| panic!("{e}")).case_failures(changed).next().is_some()
}

fn noticed_without_gate(packs: &Packs, changed: usize) -> bool {
    packs.failing_sanction_cases(changed).next().is_some()
        || packs.failing_clock_cases().next().is_some()
        || !packs.run_obligation_cases().is_empty()
        || !packs.run_place_cases().is_empty()
        || !packs.value_cases_hold()
}

#[test]
fn a_case_holds_every_policy() {
    let packs = Packs::embedded().unwrap();
    let mut free = Vec::new();
    for (p, pack) in packs.all().iter().enumerate() {
        for (n, rule) in pack.policies.iter().enumerate() {
            let mut mutant = packs.clone();
            mutant.packs[p].policies.remove(n);
            if !noticed(mutant, p) {
                free.push(format!("{} {}", pack.folder, rule.policy));
            }
        }
    }
    assert!(free.is_empty(), "no case holds:\n{}", free.join("\n"));
}

#[test]
fn a_case_holds_every_number() {
    let packs = Packs::embedded().unwrap();
    let (mut free, mut numbers) = (Vec::new(), 0);
    for (p, pack) in packs.all().iter().enumerate() {
        for (c, clause) in pack.clauses.iter().enumerate() {
            for (v, value) in clause.values.iter().enumerate() {
                for other in [value.amount - 1, value.amount + 1] {
                    numbers += 1;
                    let mut mutant = packs.clone();
                    mutant.packs[p].clauses[c].values[v].amount = other;
                    if !noticed(mutant, p) {
                        free.push(format!("{} {} -> {other}", clause.id, value.name));
                    }
                }
            }
        }
    }
    assert!(numbers >= 12, "{numbers}");
    assert!(free.is_empty(), "no case holds:\n{}", free.join("\n"));
}

/// The clause with one part of what it says of keeping changed.
fn keeping_changes(clause: &Clause) -> Vec<(String, Clause)> {
    use RetentionScope as S;
    let Some(own) = clause.retention else { return Vec::new() };
    let with = |change: &dyn Fn(&mut Clause)| {
        let mut changed = clause.clone();
        change(&mut changed);
        changed
    };
    let scopes =
        [S::EverySystem, S::PublicAreaOrKeyUnit, S::ListedPublicPlace, S::CounterTerrorKeyTarget, S::SpecialTrade];
    let others = scopes.into_iter().filter(|scope| *scope != own);
    let mut out: Vec<_> = others.map(|s| (format!("reaching {s:?}"), with(&|c| c.retention = Some(s)))).collect();
    out.push(("keeping nothing".to_owned(), with(&|c| c.retention = None)));
    if let Some(rule) = clause.after_term {
        let other = match rule {
            AfterTermRule::MayDelete => AfterTermRule::MustDelete,
            AfterTermRule::MustDelete => AfterTermRule::MayDelete,
        };
        out.push((format!("then {other:?}"), with(&|c| c.after_term = Some(other))));
        out.push(("without an end".to_owned(), with(&|c| c.after_term = None)));
    }
    out
}

#[test]
fn a_case_holds_what_every_clause_says_of_keeping() {
    let packs = Packs::embedded().unwrap();
    let (mut free, mut count) = (Vec::new(), 0);
    for (p, pack) in packs.all().iter().enumerate() {
        for (c, clause) in pack.clauses.iter().enumerate() {
            for (what, changed) in keeping_changes(clause) {
                count += 1;
                let mut mutant = packs.clone();
                mutant.packs[p].clauses[c] = changed;
                if !noticed(mutant, p) {
                    free.push(format!("{} {what}", clause.id));
                }
            }
        }
    }
    assert!(count >= 30, "{count}");
    assert!(free.is_empty(), "no case holds:\n{}", free.join("\n"));
}

#[test]
fn a_case_holds_which_clause_rules_after_the_term() {
    let packs = Packs::embedded().unwrap();
    let n = packs.overlays.iter().position(|o| o.id == "after_retention").unwrap();
    let mut gone = packs.clone();
    gone.overlays.remove(n);
    assert!(noticed(gone, 0), "without the overlay");
    let mut turned = packs;
    turned.overlays[n].clauses.reverse();
    assert!(noticed(turned, 0), "the lower first");
}

#[test]
fn a_case_holds_every_reminder() {
    let mut packs = Packs::embedded().unwrap();
    let whole = packs.time.remind_before.clone();
    assert!(!whole.is_empty());
    let mut free = Vec::new();
    for (n, days) in whole.iter().enumerate() {
        let mut others = vec![None, Some(days + 1)];
        others.extend(days.checked_sub(1).map(Some));
        for other in others {
            packs.time.remind_before.clone_from(&whole);
            match other {
                Some(other) => packs.time.remind_before[n] = other,
                None => {
                    packs.time.remind_before.remove(n);
                }
            }
            if packs.failing_clock_cases().next().is_none() {
                free.push(format!("{days} -> {other:?}"));
            }
        }
    }
    packs.time.remind_before = [&whole[..], &[4]].concat();
    assert!(packs.failing_clock_cases().next().is_some(), "one more");
    assert!(free.is_empty(), "no case holds:\n{}", free.join("\n"));
}

#[test]
fn a_case_holds_the_two_officers() {
    let packs = Packs::embedded().unwrap();
    let files = crate::embedded::files();
    for id in ["A", "B", "AP"] {
        let p = packs.all().iter().position(|pack| pack.head.id == id).unwrap();
        let path = format!("{}/policies.cedar", packs.all()[p].folder);
        for other in ["officers >= 1", "officers >= 3"] {
            let text = files[&path].replace("officers >= 2", other);
            assert_ne!(text, files[&path]);
            let mut mutant = packs.clone();
            mutant.packs[p].policies = policy::rules(&path, &text, &packs.schema).unwrap();
            assert!(noticed(mutant, p), "{path}: {other}");
        }
    }
}

#[test]
fn a_case_holds_every_first_day() {
    let packs = Packs::embedded().unwrap();
    for (p, pack) in packs.all().iter().enumerate() {
        for shift in [-1, 1] {
            let mut mutant = packs.clone();
            let first = pack.head.from;
            mutant.packs[p].head.from = first.plus_days(shift);
            // Values that begin with the pack move with it, or they would hide an earlier first day.
            let values = mutant.packs[p].clauses.iter_mut().flat_map(|c| &mut c.values);
            values.filter(|v| v.from == first).for_each(|v| v.from = first.plus_days(shift));
            assert!(noticed(mutant, p), "{}: {first} by {shift}", pack.folder);
        }
    }
}

/// The clause with one of its days moved by one: what moved, and the clause. A day before its pack changes nothing.
fn days_moved(clause: &Clause, begins: base::CivilDate) -> Vec<(String, Clause)> {
    let mut out = Vec::new();
    let mut with = |what: String, change: &dyn Fn(&mut Clause)| {
        let mut changed = clause.clone();
        change(&mut changed);
        out.push((what, changed));
    };
    let first = clause.from.unwrap_or(begins).max(begins);
    for by in [-1, 1] {
        if let Some(from) = clause.from.filter(|from| *from > begins || by > 0) {
            with(format!("from by {by}"), &|c| c.from = Some(from.plus_days(by)));
        }
        if let Some(until) = clause.until {
            with(format!("until by {by}"), &|c| c.until = Some(until.plus_days(by)));
        }
        if let Some(since) = clause.superseded_from {
            with(format!("superseded by {by}"), &|c| c.superseded_from = Some(since.plus_days(by)));
        }
        for (n, value) in clause.values.iter().enumerate() {
            if value.from > first || by > 0 {
                let from = value.from.plus_days(by);
                with(format!("{} from by {by}", value.name), &|c| c.values[n].from = from);
            }
            // Where the clause ends with its value, a later end of the value changes nothing.
            if let Some(until) = value.until.filter(|until| by < 0 || clause.ends().is_none_or(|end| *until < end)) {
                with(format!("{} until by {by}", value.name), &|c| c.values[n].until = Some(until.plus_days(by)));
            }
        }
    }
    out
}

#[test]
fn a_case_holds_every_day_of_every_clause_and_value() {
    let mut packs = Packs::embedded().unwrap();
    let (mut free, mut count) = (Vec::new(), 0);
    for p in 0..packs.packs.len() {
        let begins = packs.packs[p].head.from;
        for c in 0..packs.packs[p].clauses.len() {
            let clause = packs.packs[p].clauses[c].clone();
            for (what, changed) in days_moved(&clause, begins) {
                count += 1;
                packs.packs[p].clauses[c] = changed;
                if !noticed_without_gate(&packs, p) && !noticed(packs.clone(), p) {
                    free.push(format!("{} {what}", clause.id));
                }
            }
            packs.packs[p].clauses[c] = clause;
        }
    }
    assert!(count >= 100, "{count}");
    assert!(free.is_empty(), "no case holds:\n{}", free.join("\n"));
}

/// The clock with one of its parts changed.
fn clock_changes(packs: &Packs, clock: &Clock) -> Vec<(String, Clock)> {
    let mut out = Vec::new();
    let mut with = |what: &str, change: &dyn Fn(&mut Clock)| {
        let mut changed = clock.clone();
        change(&mut changed);
        out.push((what.to_owned(), changed));
    };
    match clock.unit {
        // Calendar days instead, under a way of counting that leaves them so.
        TermUnit::WorkingDays => with("in days", &|c| {
            c.unit = TermUnit::Days;
            c.counting = "police_case".to_owned();
        }),
        TermUnit::Days => with("in working days", &|c| c.unit = TermUnit::WorkingDays),
        TermUnit::Months => with("in years", &|c| c.unit = TermUnit::Years),
        TermUnit::Years => with("in months", &|c| c.unit = TermUnit::Months),
        TermUnit::AtOnce | TermUnit::Hours => with("in days", &|c| c.unit = TermUnit::Days),
    }
    with("the other way", &|c| {
        c.direction = if c.direction == Direction::After { Direction::Before } else { Direction::After };
    });
    // A term of working days ends on a working day: what its last day means moves nothing.
    let by_day = matches!(clock.unit, TermUnit::Days | TermUnit::Months | TermUnit::Years);
    if by_day {
        with("with the other sense", &|c| {
            c.sense = if c.sense == Sense::Within { Sense::AtLeast } else { Sense::Within };
        });
    }
    let counting = packs.counting(&clock.counting).unwrap();
    if by_day && clock.unit == TermUnit::Days && !counting.all_working {
        with("counted as a licence", &|c| c.counting = "licensing".to_owned());
    }
    for n in 0..clock.stops.len() {
        with(&format!("not stopped by {:?}", clock.stops[n].cause), &|c| drop(c.stops.remove(n)));
    }
    if clock.extend.is_some() {
        with("never extended", &|c| c.extend = None);
    }
    for by in [-1_i32, 1] {
        if let Some(amount) = clock.length.amount {
            with("of another length", &|c| c.length.amount = amount.checked_add_signed(by));
        }
    }
    out
}

fn procedure_changes(packs: &Packs, procedure: &Procedure) -> Vec<(String, Procedure)> {
    let mut out = Vec::new();
    let mut with = |what: String, change: &dyn Fn(&mut Procedure)| {
        let mut changed = procedure.clone();
        change(&mut changed);
        out.push((what, changed));
    };
    for (n, clock) in procedure.clocks.iter().enumerate() {
        for (what, changed) in clock_changes(packs, clock) {
            with(format!("{} {what}", clock.id), &|p| p.clocks[n] = changed.clone());
        }
        with(format!("without {}", clock.id), &|p| drop(p.clocks.remove(n)));
    }
    for by in [-1, 1] {
        if !procedure.clocks.is_empty() {
            with(format!("from by {by}"), &|p| p.from = p.from.plus_days(by));
        }
        if let Some(until) = procedure.until {
            with(format!("until by {by}"), &|p| p.until = Some(until.plus_days(by)));
        }
    }
    out
}

#[test]
fn a_case_holds_every_clock_and_every_day_of_a_procedure() {
    let mut packs = Packs::embedded().unwrap();
    let (mut free, mut count) = (Vec::new(), 0);
    for n in 0..packs.time.procedures.len() {
        let procedure = packs.time.procedures[n].clone();
        for (what, changed) in procedure_changes(&packs, &procedure) {
            count += 1;
            packs.time.procedures[n] = changed;
            if packs.failing_clock_cases().next().is_none() {
                free.push(format!("{}: {what}", procedure.id));
            }
        }
        packs.time.procedures[n] = procedure;
    }
    assert!(count >= 150, "{count}");
    assert!(free.is_empty(), "no case holds:\n{}", free.join("\n"));
}

fn row_changes(row: &PlaceRow) -> Vec<(String, Option<PlaceRow>)> {
    let mut out = vec![("gone".to_owned(), None)];
    let mut with = |what: String, change: &dyn Fn(&mut PlaceRow)| {
        let mut changed = row.clone();
        change(&mut changed);
        out.push((what, Some(changed)));
    };
    for n in 0..row.places.len() {
        with(format!("without {}", row.places[n].key()), &|r| {
            r.places.remove(n);
        });
    }
    for n in 0..row.categories.len() {
        with(format!("without {}", row.categories[n]), &|r| drop(r.categories.remove(n)));
    }
    for reach in [PlaceReach::EveryPlace, PlaceReach::PublicPlace, PlaceReach::PublicArea] {
        if row.reach.is_some_and(|own| own != reach) {
            with(format!("reaching {reach:?}"), &|r| r.reach = Some(reach));
        }
    }
    for n in 0..row.who.len() {
        with(format!("without {:?}", row.who[n]), &|r| {
            r.who.remove(n);
        });
    }
    if row.site.is_some() {
        with("at every site".to_owned(), &|r| r.site = None);
    }
    for by in [-1, 1] {
        if let Some(from) = row.from {
            with(format!("from by {by}"), &|r| r.from = Some(from.plus_days(by)));
        }
        if let Some(until) = row.until {
            with(format!("until by {by}"), &|r| r.until = Some(until.plus_days(by)));
        }
    }
    out
}

#[test]
fn a_case_holds_every_row_about_places() {
    let mut packs = Packs::embedded().unwrap();
    let (mut free, mut count) = (Vec::new(), 0);
    for p in 0..packs.packs.len() {
        for n in 0..packs.packs[p].places.rows.len() {
            let rows = packs.packs[p].places.rows.clone();
            for (what, changed) in row_changes(&rows[n]) {
                count += 1;
                match changed {
                    Some(row) => packs.packs[p].places.rows[n] = row,
                    None => drop(packs.packs[p].places.rows.remove(n)),
                }
                if packs.run_place_cases().is_empty() {
                    free.push(format!("{} {:?} {what}", rows[n].clause, rows[n].says));
                }
                packs.packs[p].places.rows.clone_from(&rows);
            }
        }
    }
    assert!(count >= 100, "{count}");
    assert!(free.is_empty(), "no case holds:\n{}", free.join("\n"));
}

#[test]
fn a_policy_that_fails_to_evaluate_refuses() {
    let mut packs = Packs::embedded().unwrap();
    let p = packs.all().iter().position(|pack| pack.head.id == "B").unwrap();
    // Overflows for any number of officers but 0 and 1; Cedar would skip it and let the permit win.
    let text = "@clause(\"B-28-1-1\") @code(\"two_officers_required\")\n\
        forbid(principal, action == Action::\"official_view\", resource)\n\
        when { context.officers * 9223372036854775807 < 0 };\n\
        @clause(\"B-27-1\") permit(principal, action == Action::\"official_view\", resource);";
    packs.packs[p].policies = policy::rules("policies.cedar", text, &packs.schema).unwrap();
    let gate = Gate::new(packs).unwrap();
    let access = OfficialAccess {
        organ: OrganKind::Police,
        basis: BasisKind::StatutoryDuty,
        distinct_officers: 2,
        badges_shown: true,
        unit_letter: true,
        registered: true,
        within_scope: true,
    };
    let site = SiteProfile::new(Jurisdiction::Heilongjiang);
    let on = base::CivilDate::ymd(2026, 3, 2).unwrap();
    let answer = gate.decide(&Question { site, act: Act::OfficialView(access) }, on);
    assert!(answer.fault && !answer.allow);
    let refusal = answer.into_refusal();
    assert_eq!((refusal.kind, refusal.code.as_str()), (base::ErrorKind::Internal, "gate_fault"));
    let one = OfficialAccess { distinct_officers: 1, ..access };
    assert!(gate.decide(&Question { site, act: Act::OfficialView(one) }, on).allow, "no overflow, no fault");
}
