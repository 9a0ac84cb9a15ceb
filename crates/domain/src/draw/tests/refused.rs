//! What is refused: rules and pools that cannot be drawn from, what is too large, a plan that would go back; every fault has its words.

use super::tampers::{TAMPERS_BEFORE_THE_DRAW, TAMPERS_OF_THE_RESULT, TAMPERS_OF_THE_SECOND, flip};
use super::*;
use base::Pii;

#[test]
fn a_record_that_does_not_hold_is_not_gone_on_with() {
    let mut record = example();
    let before = record.substitutions.len();
    let refused = record.replace("nowhere", ReplaceReason::Closed, Sha256::default()).unwrap_err();
    assert_eq!(refused.code, "draw_unit_not_in_plan");
    let out = record.substitutions[before - 1].into.clone();
    let made = record.replace(&out, ReplaceReason::Closed, Sha256::default()).unwrap();
    assert_eq!((record.substitutions.len(), record.substitutions.last()), (before + 1, Some(&made)));
    assert_eq!(verify(&record), Ok(()));
    record.substitutions.swap(0, 4);
    let refused = record.replace(&made.into, ReplaceReason::Closed, Sha256::default()).unwrap_err();
    assert_eq!(refused.code, "draw_substitution");
    flip(&mut record.commitment.pool_sha256);
    let refused = record.replace(&made.into, ReplaceReason::Closed, Sha256::default()).unwrap_err();
    assert_eq!(refused.code, "draw_pool_changed");
}

#[test]
fn a_plan_goes_forward_only_and_is_drawn_once() {
    let today = day("2027-01-08");
    let committed = |takes_later_heads| PlanState::Committed {
        entry_index: 10,
        after_entries: 5,
        takes_later_heads,
        until: day("2027-01-08"),
    };
    let draw = |head_size| DrawStep::Draw { head_size };
    let states = [PlanState::Open, committed(false), committed(true), PlanState::Drawn];
    let (not_yet, twice) = ("draw_not_committed", "draw_made");
    for (step, in_each) in [
        (DrawStep::Commit, ["ok", "draw_committed", "draw_committed", twice]),
        (DrawStep::CommitAgain, [not_yet, "draw_not_lapsed", "draw_not_lapsed", twice]),
        (draw(15), [not_yet, "seed_too_early", "seed_too_early", twice]),
        (draw(16), [not_yet, "ok", "ok", twice]),
        (draw(17), [not_yet, "seed_other_size", "ok", twice]),
        (DrawStep::Replace, [not_yet, "draw_not_made", "draw_not_made", "ok"]),
    ] {
        let said = states.map(|state| may_draw(&state, step, today).err().map_or("ok".to_owned(), |r| r.code));
        assert_eq!(said, in_each.map(str::to_owned), "{step:?}");
    }
    // The day after the last one it has lapsed, and that is the only way to a new commitment.
    let after = today.plus_days(1);
    assert_eq!(may_draw(&committed(true), DrawStep::CommitAgain, after), Ok(()));
    assert_eq!(may_draw(&committed(true), draw(16), after).unwrap_err().code, "draw_lapsed");
    assert_eq!(may_draw(&PlanState::Drawn, DrawStep::CommitAgain, after).unwrap_err().code, twice);
    assert_eq!(may_draw(&committed(true), DrawStep::Commit, after).unwrap_err().code, "draw_committed");
}

#[test]
fn rules_and_pools_that_cannot_be_drawn_from_are_refused() {
    let good = || DrawRules { witness: Some(witness_key().vkey().clone()), ..rules(&[("bank", Quota::PerMille(200))]) };
    let said = |rules: DrawRules| rules.check().err().map_or("ok", |fault| fault.code());
    let quota = |quota| BTreeMap::from([("bank".to_owned(), quota)]);
    let many = |n: usize| (0..n).map(|k| (format!("s{k}"), Quota::Count(1))).collect::<BTreeMap<_, _>>();
    let same = WitnessKey::from_seed(log_key().vkey().name(), [9; 32]).unwrap();
    let source = |n: usize| Some("源".repeat(n));
    let event = PublicDay::parse;
    let most = u32::try_from(UNITS).unwrap();
    for (rules, is) in [
        (good(), "ok"),
        (DrawRules { plan: "no spaces".into(), ..good() }, "not_a_word"),
        (DrawRules { plan: "a".repeat(WORD_BYTES), ..good() }, "ok"),
        (DrawRules { plan: "a".repeat(WORD_BYTES + 1), ..good() }, "not_a_word"),
        (DrawRules { quotas: BTreeMap::from([("-".to_owned(), Quota::Count(1))]), ..good() }, "not_a_word"),
        (DrawRules { after_entries: MOST_WAIT, ..good() }, "ok"),
        (DrawRules { after_entries: MOST_WAIT + 1, ..good() }, "number"),
        (DrawRules { rest_days: MOST_REST, ..good() }, "ok"),
        (DrawRules { rest_days: MOST_REST + 1, ..good() }, "number"),
        (DrawRules { inspectors_per_unit: MOST_SEATS, ..good() }, "ok"),
        (DrawRules { inspectors_per_unit: MOST_SEATS + 1, ..good() }, "number"),
        (DrawRules { inspectors_per_unit: 0, ..good() }, "number"),
        (DrawRules { max_per_inspector: MOST_LOAD, ..good() }, "ok"),
        (DrawRules { max_per_inspector: MOST_LOAD + 1, ..good() }, "number"),
        (DrawRules { max_per_inspector: 0, ..good() }, "number"),
        (DrawRules { until: day("2027-01-02"), ..good() }, "ok"),
        (DrawRules { until: day("2027-01-01"), ..good() }, "number"),
        (DrawRules { quotas: quota(Quota::Count(most)), ..good() }, "ok"),
        (DrawRules { quotas: quota(Quota::Count(most + 1)), ..good() }, "number"),
        (DrawRules { quotas: quota(Quota::PerMille(1_000)), ..good() }, "ok"),
        (DrawRules { quotas: quota(Quota::PerMille(1_001)), ..good() }, "number"),
        (DrawRules { quotas: quota(Quota::PerMille(0)), ..good() }, "number"),
        (DrawRules { quotas: many(STRATA), ..good() }, "ok"),
        (DrawRules { quotas: many(STRATA + 1), ..good() }, "too_many"),
        (DrawRules { public_form: balls(), public_source: source(SOURCE_CHARS), ..good() }, "ok"),
        (DrawRules { public_form: balls(), public_source: source(SOURCE_CHARS + 1), ..good() }, "public_source"),
        (DrawRules { public_form: balls(), public_source: Some("a\nb".into()), ..good() }, "public_source"),
        (
            DrawRules { public_form: balls(), public_source: source(1), public_day: event("2027-01-02 00"), ..good() },
            "ok",
        ),
        (
            DrawRules { public_form: balls(), public_source: source(1), public_day: event("2027-01-08 23"), ..good() },
            "ok",
        ),
        (
            DrawRules { public_form: balls(), public_source: source(1), public_day: event("2027-01-01 23"), ..good() },
            "public_day",
        ),
        (
            DrawRules { public_form: balls(), public_source: source(1), public_day: event("2027-01-08"), ..good() },
            "public_day",
        ),
        (
            DrawRules { public_form: balls(), public_source: source(1), public_day: event("2027-01-05 24"), ..good() },
            "public_day",
        ),
        (DrawRules { public_day: event("2027-01-05"), ..good() }, "public_day"),
        (DrawRules { public_source: source(1), ..good() }, "public_form"),
        (DrawRules { public_form: balls(), ..good() }, "public_form"),
        (DrawRules { edition: Edition::First, ..good() }, "ok"),
        (DrawRules { edition: Edition::First, public_source: source(1), ..good() }, "ok"),
        (
            DrawRules { edition: Edition::First, public_form: balls(), public_source: source(1), ..good() },
            "public_form",
        ),
        (DrawRules { witness: Some(same.vkey().clone()), ..good() }, "same_key"),
    ] {
        let lines = rules.lines();
        assert_eq!(said(rules.clone()), is, "{lines:?}");
        // What passes reads back; what does not is refused there too.
        assert_eq!(DrawRules::parse(&lines).ok(), (is == "ok").then_some(rules), "{lines:?}");
    }
    assert_eq!(
        said(DrawRules { public_source: Some("-".into()), ..good() }),
        "public_source",
        "a dash says that there is none"
    );
    let named =
        DrawRules { public_source: source(1), public_day: event("2027-01-05 09"), public_form: balls(), ..good() };
    let pool = Pool::new(units("bank", 1), inspectors(2), vec![]).unwrap();
    let kept = [named.lines(), pool.lines()].concat().join("\n");
    assert_eq!(Commitment::of_text(&kept), Commitment::new(&named, &pool), "as kept, so committed to");
    let mut lines = named.lines();
    lines[12] = "public_day 2027-01-05 9".into();
    assert_eq!(DrawRules::parse(&lines), Err(PlanFault::RulesLine(13)), "one spelling");
    for (at, line) in [(0, "jifang draw v3"), (13, "public_form rising 6 1-33"), (13, "public_form ")] {
        let mut lines = named.lines();
        lines[at] = line.into();
        assert_eq!(DrawRules::parse(&lines), Err(PlanFault::RulesLine(at + 1)), "{line}");
    }
    let pool = Pool::new(units("hotel", 1), vec![], vec![]).unwrap();
    assert_eq!(Commitment::new(&good(), &pool), Err(PlanFault::Stratum("hotel".into())));
}

#[test]
fn a_pool_has_limits_and_nothing_in_it_twice() {
    let said = |units: Vec<Unit>, inspectors: Vec<Inspector>, conflicts: Vec<Conflict>| {
        Pool::new(units, inspectors, conflicts).err().map_or("ok", |fault| fault.code())
    };
    let two = inspectors(2);
    let one = || units("bank", 1);
    let conflict = conflict_of(&two[0], "bank-0");
    assert_eq!(said(one(), two.clone(), vec![conflict.clone()]), "ok");
    assert_eq!(said(vec![], two.clone(), vec![]), "pool_empty");
    assert_eq!(said([one(), one()].concat(), vec![], vec![]), "twice");
    assert_eq!(
        said([one(), vec![unit("hotel", "bank-0", None)]].concat(), vec![], vec![]),
        "twice",
        "an id is one unit's, whatever its stratum"
    );
    assert_eq!(said(one(), vec![two[0].clone(), two[0].clone()], vec![]), "twice");
    assert_eq!(said(one(), two.clone(), vec![conflict.clone(), conflict.clone()]), "twice");
    assert_eq!(said(one(), vec![two[1].clone()], vec![conflict.clone()]), "unknown_inspector");
    assert_eq!(said(one(), two.clone(), vec![conflict_of(&two[0], "bank-1")]), "unknown_unit");
    for word in ["", "-", "a b", "单位", "_a", "a\n"] {
        assert_eq!(said(vec![unit(word, "a", None)], vec![], vec![]), "not_a_word", "{word:?}");
        assert_eq!(said(vec![unit("bank", word, None)], vec![], vec![]), "not_a_word", "{word:?}");
    }
    assert_eq!(said(units("b", UNITS + 1), vec![], vec![]), "too_many");
    assert_eq!(said(one(), inspectors(INSPECTORS + 1), vec![]), "too_many");
    assert_eq!(said(one(), two, vec![conflict; CONFLICTS + 1]), "too_many");
    let lines = vec!["unit a b -".to_owned(); UNITS + INSPECTORS + CONFLICTS + 1];
    assert_eq!(Pool::parse(&lines).unwrap_err().code(), "too_many");
}

#[test]
fn the_largest_pool_is_drawn_and_a_larger_file_is_not_read() {
    let all = units("b", UNITS);
    let people = inspectors(INSPECTORS);
    let conflicts = (0..CONFLICTS).map(|n| conflict_of(&people[n % 25], &all[n].id)).collect();
    let pool = Pool::new(all, people, conflicts).unwrap();
    let rules = DrawRules { max_per_inspector: 101, ..rules(&[("b", Quota::PerMille(1_000))]) };
    let drawing = Drawing::run(&rules, &pool, &seed(1));
    assert_eq!(drawing.result().units.len(), UNITS);
    assert!(drawing.result().units.iter().all(|u| u.lack.is_none()));
    let mut long = EXAMPLE.to_vec();
    long.resize(RECORD_BYTES + 1, b' ');
    assert_eq!(word(DrawRecord::read(&long)), "draw_unreadable");
    assert_eq!(word(DrawRecord::read(b"{}")), "draw_unreadable");
}

#[test]
fn an_inspector_is_known_by_salt_badge_and_name_together_and_by_nothing_less() {
    let (salt, badge, name) = ([3; 32], Pii::new("010203".to_owned()), Pii::new("李雷".to_owned()));
    let (from, until) = (day("2026-01-01"), day("2027-12-31"));
    let sealed = Inspector::new(&salt, &badge, &name, from, until);
    assert!(sealed.is_of(&salt, &badge, &name));
    assert!(!sealed.is_of(&[4; 32], &badge, &name));
    assert!(!sealed.is_of(&salt, &Pii::new("010204".to_owned()), &name));
    assert!(!sealed.is_of(&salt, &badge, &Pii::new("韩梅梅".to_owned())));
    assert_ne!(sealed.id(), Inspector::new(&[4; 32], &badge, &name, from, until).id(), "another plan, another id");
    let pool = Pool::new(units("bank", 1), vec![sealed.clone()], vec![]).unwrap();
    let printed = format!("{sealed:?} {:?}", pool.lines());
    assert!(!printed.contains("李雷") && !printed.contains("010203"), "{printed}");
    assert!(sealed.commitment.hex().starts_with(&sealed.id()));
}

#[test]
fn every_fault_has_a_word_and_two_sentences() {
    let plan = |fault: PlanFault| (fault.code(), fault.text());
    let mut said = vec![
        plan(PlanFault::PoolLine(3)),
        plan(PlanFault::RulesLine(3)),
        plan(PlanFault::TooMany { what: "units", most: 9 }),
        plan(PlanFault::Empty),
        plan(PlanFault::Word("a b".into())),
        plan(PlanFault::Twice("a".into())),
        plan(PlanFault::UnknownInspector("a".into())),
        plan(PlanFault::UnknownUnit("a".into())),
        plan(PlanFault::Stratum("a".into())),
        plan(PlanFault::Number("until")),
        plan(PlanFault::Source),
        plan(PlanFault::SourceDay),
        plan(PlanFault::SourceForm),
        plan(PlanFault::SameKey),
    ];
    for (_, change) in TAMPERS_OF_THE_SECOND {
        let mut record = example_2();
        change(&mut record);
        let fault = verify(&record).unwrap_err();
        said.push((fault.code(), fault.text()));
    }
    for (_, change) in TAMPERS_BEFORE_THE_DRAW.iter().chain(TAMPERS_OF_THE_RESULT) {
        let mut record = example();
        change(&mut record);
        let fault = verify(&record).unwrap_err();
        assert_eq!(fault.refusal().code, fault.code());
        said.push((fault.code(), fault.text()));
    }
    said.extend([DrawFault::Unreadable, DrawFault::OtherKey].map(|fault| (fault.code(), fault.text())));
    for (code, text) in said {
        assert!(
            !code.is_empty() && text.zh.chars().any(|c| c > '\u{4e00}') && text.en.ends_with('.'),
            "{code}: {text:?}"
        );
    }
}
