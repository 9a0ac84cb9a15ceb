//! No policy, number or first day of the packs is without a case that holds it: each is taken away or shifted, and some case
//! must fail.

use crate::{Act, BasisKind, Gate, Jurisdiction, OfficialAccess, OrganKind, Packs, Question, SiteProfile, policy};

/// Whether some case fails. What a breach costs is asked first, as it needs no gate; of the gate's cases those of the changed pack;
/// numbers of time limits are held by the cases of clocks.
fn noticed(packs: Packs, changed: usize) -> bool {
    if packs.failing_sanction_cases(changed).next().is_some()
        || packs.failing_clock_cases().next().is_some()
        || !packs.run_obligation_cases().is_empty()
    {
        return true;
    }
    Gate::new(packs).unwrap_or_else(|e| panic!("{e}")).case_failures(changed).next().is_some()
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
