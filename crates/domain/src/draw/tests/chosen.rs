//! Which units are drawn and who inspects them: rest, quotas, teams, the next of a stratum in the place of one that is gone.

use super::*;

#[test]
fn a_unit_rests_until_the_day_the_rules_say() {
    let pool = Pool::new(
        vec![
            unit("bank", "never", None),
            unit("bank", "due", Some("2026-07-06")),
            unit("bank", "rests", Some("2026-07-07")),
            unit("bank", "today", Some("2027-01-02")),
        ],
        inspectors(4),
        vec![],
    )
    .unwrap();
    let drawn = |rest_days: u32| {
        let rules = DrawRules { rest_days, ..rules(&[("bank", Quota::Count(4))]) };
        let result = Drawing::run(&rules, &pool, &seed(1)).result().clone();
        assert_eq!(result.strata[0].drawn + result.strata[0].rested, 4);
        assert_eq!(result.strata[0].asked, 4, "what rests does not lower what is asked");
        result.units.into_iter().map(|u| u.unit).collect::<BTreeSet<_>>()
    };
    assert_eq!(drawn(180), BTreeSet::from(["never".to_owned(), "due".to_owned()]));
    assert_eq!(drawn(1).len(), 3);
    assert_eq!(drawn(0).len(), 4);
}

#[test]
fn a_share_is_rounded_up_and_counts_the_whole_stratum() {
    for (quota, units, asked) in [
        (Quota::PerMille(200), 15, 3),
        (Quota::PerMille(200), 16, 4),
        (Quota::PerMille(1), 1, 1),
        (Quota::PerMille(1_000), 7, 7),
        (Quota::PerMille(500), 0, 0),
        (Quota::PerMille(1_000), 100_000, 100_000),
        (Quota::Count(0), 9, 0),
        (Quota::Count(12), 9, 12),
    ] {
        assert_eq!(quota.of(units), asked, "{quota:?} of {units}");
    }
}

#[test]
fn each_unit_is_drawn_as_often_as_any_other() {
    let pool = Pool::new(units("bank", 10), inspectors(2), vec![]).unwrap();
    let rules = rules(&[("bank", Quota::Count(1))]);
    let mut first: BTreeMap<String, u32> = BTreeMap::new();
    for n in 0..2_000 {
        let drawing = Drawing::run(&rules, &pool, &seed(n));
        *first.entry(drawing.result().units[0].unit.clone()).or_default() += 1;
    }
    assert_eq!(first.len(), 10);
    assert!(first.values().all(|n| (150..250).contains(n)), "{first:?}");
}

#[test]
fn a_stratum_is_drawn_the_same_whatever_the_others_are() {
    let mut all = units("bank", 20);
    let alone = Pool::new(all.clone(), inspectors(6), vec![]).unwrap();
    all.extend(units("hotel", 30));
    let both = Pool::new(all, inspectors(6), vec![]).unwrap();
    let rules = rules(&[("bank", Quota::Count(5)), ("hotel", Quota::Count(5))]);
    let banks = |pool: &Pool| {
        let result = Drawing::run(&rules, pool, &seed(3)).result().clone();
        result.units.into_iter().filter(|u| u.stratum == "bank").map(|u| u.unit).collect::<Vec<_>>()
    };
    assert_eq!(banks(&alone), banks(&both));
    assert_eq!(banks(&alone).len(), 5);
}

/// Teams of four banks, by bank.
fn teams(
    inspectors: Vec<Inspector>,
    conflicts: Vec<Conflict>,
    rules: &DrawRules,
) -> BTreeMap<String, Result<Vec<String>, Lack>> {
    let pool = Pool::new(units("bank", 4), inspectors, conflicts).unwrap();
    let result = Drawing::run(rules, &pool, &seed(5)).result().clone();
    assert_eq!(result.units.len(), 4, "a unit without a team is drawn all the same");
    result.units.into_iter().map(|u| (u.unit, u.lack.map_or(Ok(u.inspectors), Err))).collect()
}

#[test]
fn who_cannot_be_given_a_team_is_told_why() {
    let rules = rules(&[("bank", Quota::Count(4))]);
    let four = inspectors(4);
    assert!(teams(four.clone(), vec![], &rules).values().all(|team| team.as_ref().is_ok_and(|t| t.len() == 2)));
    // One inspector, then two of whom one has no certificate on the day, then none.
    let mut expired = inspectors(2);
    expired[1].valid_until = day("2027-01-01");
    let mut not_yet = inspectors(2);
    not_yet[0].valid_from = day("2027-01-03");
    for few in [inspectors(1), expired, not_yet, vec![]] {
        assert!(teams(few, vec![], &rules).values().all(|team| *team == Err(Lack::Qualified)));
    }
    let mut just = inspectors(2);
    just[0].valid_until = rules.day;
    just[1].valid_from = rules.day;
    assert!(teams(just, vec![], &rules).values().all(Result::is_ok), "first and last day count");
    // Three of four may not go to bank-1: one is not a team.
    let barred = four.iter().take(3).map(|i| conflict_of(i, "bank-1")).collect();
    let made = teams(four.clone(), barred, &rules);
    assert_eq!(made["bank-1"], Err(Lack::Conflicts));
    assert_eq!(made.values().filter(|team| team.is_ok()).count(), 3);
    // Two of four may not: the other two go, and nobody else.
    let barred = four.iter().take(2).map(|i| conflict_of(i, "bank-1")).collect();
    let made = teams(four.clone(), barred, &rules);
    let went: BTreeSet<String> = made["bank-1"].clone().unwrap().into_iter().collect();
    assert_eq!(went, four.iter().skip(2).map(Inspector::id).collect::<BTreeSet<_>>());
    // Four inspectors, one unit each: two teams, and two banks without.
    let made = teams(four, vec![], &DrawRules { max_per_inspector: 1, ..rules });
    assert_eq!(made.values().filter(|team| **team == Err(Lack::Load)).count(), 2);
}

#[test]
fn without_conflicts_nobody_has_two_units_more_than_another() {
    let pool = Pool::new(units("bank", 50), inspectors(7), vec![]).unwrap();
    for n in 0..20 {
        let rules = DrawRules { inspectors_per_unit: 3, max_per_inspector: 50, ..rules(&[("bank", Quota::Count(50))]) };
        let result = Drawing::run(&rules, &pool, &seed(n)).result().clone();
        let mut load: BTreeMap<String, u32> = BTreeMap::new();
        for who in result.units.iter().flat_map(|u| &u.inspectors) {
            *load.entry(who.clone()).or_default() += 1;
        }
        let (least, most) = (load.values().min().unwrap(), load.values().max().unwrap());
        assert_eq!(load.values().sum::<u32>(), 150);
        assert!(load.len() == 7 && most - least <= 1, "{load:?}");
    }
}

#[test]
fn a_unit_that_is_gone_gives_its_place_to_the_next_of_its_stratum() {
    let mut all = units("bank", 4);
    all.extend(units("hotel", 3));
    let three = inspectors(3);
    let rules = rules(&[("bank", Quota::Count(2)), ("hotel", Quota::Count(3))]);
    let pool = Pool::new(all.clone(), three.clone(), vec![]).unwrap();
    let mut drawing = Drawing::run(&rules, &pool, &seed(9));
    let drawn = drawing.result().units.clone();
    let ground = Sha256::of(b"paper");
    let first = drawing.replace(&drawn[0].unit, ReplaceReason::Closed, ground).unwrap();
    assert_eq!(
        (first.out.as_str(), first.reason, first.ground_sha256),
        (drawn[0].unit.as_str(), ReplaceReason::Closed, ground)
    );
    assert_eq!((&first.inspectors, first.lack), (&drawn[0].inspectors, None), "the team stays");
    assert!(first.into.starts_with("bank-") && drawn.iter().all(|u| u.unit != first.into));
    let again = drawing.replace(&drawn[0].unit, ReplaceReason::Closed, ground);
    assert_eq!(again, Err(ReplaceFault::NotInPlan));
    assert_eq!(drawing.replace("bank-99", ReplaceReason::Moved, ground), Err(ReplaceFault::NotInPlan));
    // What came in can go again; after that nobody is left, and nothing changes by asking.
    let second = drawing.replace(&first.into, ReplaceReason::Merged, ground).unwrap();
    for _ in 0..2 {
        assert_eq!(drawing.replace(&second.into, ReplaceReason::Moved, ground), Err(ReplaceFault::NoneLeft));
    }
    let hotel = drawn.iter().find(|u| u.stratum == "hotel").unwrap();
    assert_eq!(drawing.replace(&hotel.unit, ReplaceReason::Moved, ground), Err(ReplaceFault::NoneLeft));
    // The same draw, but one of the team has a conflict with the unit that comes in: that seat is filled anew.
    let gone = three.iter().find(|i| i.id() == drawn[0].inspectors[0]).unwrap();
    let with = Pool::new(all, three.clone(), vec![conflict_of(gone, &first.into)]).unwrap();
    let mut drawing = Drawing::run(&rules, &with, &seed(9));
    assert_eq!(drawing.result().units, drawn);
    let changed = drawing.replace(&drawn[0].unit, ReplaceReason::OutOfScope, ground).unwrap();
    assert_eq!(changed.into, first.into);
    let third = three.iter().map(Inspector::id).find(|id| !drawn[0].inspectors.contains(id)).unwrap();
    assert_eq!(changed.inspectors, [drawn[0].inspectors[1].clone(), third]);
}
