//! Every change of a published draw is found, and for what it is: in its rules, its pool, its seed, its units, its teams, its signatures.

use super::*;
use ledger::{Vkey, WitnessVkey};

/// Changes of the example and the fault each has to be found as.
pub(super) type Tamper = (&'static str, fn(&mut DrawRecord));

pub(super) fn flip(digest: &mut Sha256) {
    digest.0[5] ^= 1;
}

fn line_with<'a>(lines: &'a mut [String], begin: &str) -> &'a mut String {
    lines.iter_mut().find(|line| line.starts_with(begin)).unwrap()
}

/// Signs for the changed rules and pool, as somebody would who hopes that nobody looks at the log.
fn commit_anew(record: &mut DrawRecord) {
    let (rules, pool) = (DrawRules::parse(&record.rules).unwrap(), Pool::parse(&record.pool).unwrap());
    record.commitment = Commitment::new(&rules, &pool).unwrap();
}

pub(super) const TAMPERS_BEFORE_THE_DRAW: &[Tamper] = &[
    ("draw_version", |r| r.v = 2),
    ("draw_rules_changed", |r| *line_with(&mut r.rules, "rest_days") = "rest_days 181".into()),
    ("draw_rules_changed", |r| *line_with(&mut r.rules, "until") = "until 2027-01-09".into()),
    ("draw_rules_changed", |r| *line_with(&mut r.rules, "stratum school") = "stratum school count 3".into()),
    ("draw_rules", |r| *line_with(&mut r.rules, "rest_days") = "rest_days 0180".into()),
    ("draw_rules", |r| *line_with(&mut r.rules, "jifang") = "jifang draw v2".into()),
    ("draw_rules", |r| r.rules.swap(12, 13)),
    ("draw_rules", |r| r.rules.truncate(13)),
    ("draw_pool_changed", |r| r.pool.retain(|line| line != "unit bank.high B04 2025-03-01")),
    ("draw_pool_changed", |r| *line_with(&mut r.pool, "unit bank.high B04") = "unit bank.high B04 -".into()),
    ("draw_pool_changed", |r| {
        r.pool.pop();
    }),
    ("draw_pool", |r| r.pool.swap(0, 1)),
    ("draw_pool", |r| r.pool.push("unit bank.high B99 -".into())),
    ("draw_pool", |r| r.pool.push("remark none".into())),
    ("draw_rules_changed", |r| flip(&mut r.commitment.rules_sha256)),
    ("draw_pool_changed", |r| flip(&mut r.commitment.pool_sha256)),
    ("draw_commitment_changed", |r| flip(&mut r.commitment.commitment)),
    ("draw_commitment_changed", |r| r.commitment.units += 1),
    ("draw_commitment_changed", |r| r.commitment.plan = "2027-02".into()),
    ("draw_entry", |r| {
        *line_with(&mut r.pool, "unit bank.high B04") = "unit bank.high B04 -".into();
        commit_anew(r);
    }),
    ("draw_entry", |r| r.entry = r.entry.replace("draw.pool", "draw.made")),
    ("draw_entry", |r| r.entry = "{}".into()),
    ("draw_not_logged", |r| r.entry = r.entry.replace("1798848000000", "1798848000001")),
    ("draw_not_logged", |r| {
        *line_with(&mut r.pool, "unit bank.high B04") = "unit bank.high B04 -".into();
        let before = serde_json::to_string(&r.commitment).unwrap();
        commit_anew(r);
        r.entry = r.entry.replace(&before, &serde_json::to_string(&r.commitment).unwrap());
    }),
    ("draw_not_logged", |r| r.entry_index -= 1),
    ("draw_not_logged", |r| r.entry_index += 1),
    ("draw_not_logged", |r| r.entry_index = u64::MAX),
    ("draw_not_logged", |r| flip(&mut r.proof[0])),
    ("draw_not_logged", |r| {
        r.proof.pop();
    }),
    ("seed_checkpoint", |r| r.checkpoint = r.checkpoint.replacen("\n21\n", "\n22\n", 1)),
    ("seed_checkpoint", |r| r.checkpoint.clear()),
    ("seed_not_witnessed", |r| {
        let end = r.checkpoint.find("— jifang-witness").unwrap();
        r.checkpoint.truncate(end);
    }),
    ("seed_two_cosignatures", |r| r.checkpoint = cosigned(&r.checkpoint, IN_TIME + 1)),
    ("seed_public_value", |r| r.public_value = None),
    ("seed_public_value", |r| r.public_value = Some("-".into())),
    ("draw_seed_changed", |r| r.public_value = Some("03 08 14 21 26 30 12".into())),
    ("draw_seed_changed", |r| {
        // Another line of the witness, a second later: a valid one, and another seed.
        let end = r.checkpoint.find("— jifang-witness").unwrap();
        r.checkpoint.truncate(end);
        r.checkpoint = cosigned(&r.checkpoint, IN_TIME + 1);
    }),
    ("draw_seed_changed", |r| flip(&mut r.seed)),
];

pub(super) const TAMPERS_OF_THE_RESULT: &[Tamper] = &[
    ("draw_stratum", |r| r.result.strata[0].asked += 1),
    ("draw_stratum", |r| r.result.strata[1].rested = 0),
    ("draw_stratum", |r| {
        r.result.strata.pop();
    }),
    ("draw_unit", |r| r.result.units.swap(0, 2)),
    ("draw_unit", |r| {
        r.result.units.pop();
    }),
    ("draw_unit", |r| {
        let last = r.result.units.last().unwrap().clone();
        r.result.units.push(last);
    }),
    ("draw_unit", |r| r.result.units[3].unit = "H01".into()),
    ("draw_inspectors", |r| r.result.units[0].inspectors.reverse()),
    ("draw_inspectors", |r| {
        r.result.units[0].inspectors.clear();
        r.result.units[0].lack = Some(Lack::Load);
    }),
    ("draw_inspectors", |r| r.result.units.last_mut().unwrap().lack = Some(Lack::Qualified)),
    ("draw_team", |r| {
        r.result.units[0].inspectors.pop();
    }),
    ("draw_team", |r| r.result.units[0].lack = Some(Lack::Load)),
    ("draw_result_digest", |r| flip(&mut r.result_sha256)),
    ("draw_substitution", |r| r.substitutions.swap(0, 4)),
    ("draw_substitution", |r| r.substitutions[1].into = "B06".into()),
    ("draw_substitution", |r| r.substitutions[0].inspectors.reverse()),
    ("draw_substitution", |r| r.substitutions[2].lack = None),
    ("draw_substitution", |r| r.substitutions[0].out = "H01".into()),
    ("draw_substitution", |r| {
        r.substitutions.remove(0);
    }),
];

/// Changes of the example of the second edition: each other spelling of the true outcome, and every way back to the first edition.
pub(super) const TAMPERS_OF_THE_SECOND: &[Tamper] = &[
    ("seed_public_form", |r| r.public_value = Some("3 8 14 21 26 30 11".into())),
    ("seed_public_form", |r| r.public_value = Some("03,08,14,21,26,30,11".into())),
    ("seed_public_form", |r| r.public_value = Some("03 08 14 21 26 30 + 11".into())),
    ("seed_public_form", |r| r.public_value = Some("08 03 14 21 26 30 11".into())),
    ("seed_public_form", |r| r.public_value = Some("03 08 14 21 26 30".into())),
    ("seed_public_form", |r| r.public_value = Some("03 08 14 21 26 30 11 11".into())),
    ("seed_public_value", |r| r.public_value = Some("03 08 14 21 26 30 11 ".into())),
    ("seed_public_value", |r| r.public_value = None),
    ("draw_seed_changed", |r| r.public_value = Some("03 08 14 21 26 30 12".into())),
    ("draw_rules", |r| *line_with(&mut r.rules, "jifang") = "jifang draw v1".into()),
    ("draw_rules", |r| r.rules.retain(|line| !line.starts_with("public_form"))),
    ("draw_rules", |r| *line_with(&mut r.rules, "public_form") = "public_form rising 6 1-33".into()),
    ("draw_rules", |r| *line_with(&mut r.rules, "public_source") = "public_source -".into()),
    ("draw_rules_changed", |r| {
        *line_with(&mut r.rules, "public_form") = "public_form drawn 6 01-33 rising 1 01-16".into();
    }),
    ("draw_rules_changed", |r| {
        *line_with(&mut r.rules, "jifang") = "jifang draw v1".into();
        r.rules.retain(|line| !line.starts_with("public_form"));
    }),
    // Signed for anew, the other form is not what the log has.
    ("draw_entry", |r| {
        *line_with(&mut r.rules, "public_form") = "public_form drawn 6 01-33 rising 1 01-16".into();
        commit_anew(r);
    }),
    ("draw_entry", |r| {
        *line_with(&mut r.rules, "after_entries") = "after_entries 3".into();
        commit_anew(r);
    }),
    ("draw_not_logged", |r| r.entry_index += 1),
    ("seed_not_witnessed", |r| {
        let end = r.checkpoint.find("— jifang-witness").unwrap();
        r.checkpoint.truncate(end);
    }),
    ("seed_two_cosignatures", |r| r.checkpoint = cosigned(&r.checkpoint, IN_TIME + 1)),
];

#[test]
fn every_other_spelling_and_every_way_back_to_the_first_edition_is_found() {
    for (n, (found, change)) in TAMPERS_OF_THE_SECOND.iter().enumerate() {
        let mut record = example_2();
        change(&mut record);
        assert_ne!(record, example_2(), "change {n} ({found}) changes something");
        assert_eq!(word(verify(&record)), *found, "change {n}");
    }
}

#[test]
fn every_change_of_a_published_draw_is_found_for_what_it_is() {
    for (n, (found, change)) in TAMPERS_BEFORE_THE_DRAW.iter().chain(TAMPERS_OF_THE_RESULT).enumerate() {
        let mut record = example();
        change(&mut record);
        assert_ne!(record, example(), "change {n} ({found}) changes something");
        assert_eq!(word(verify(&record)), *found, "change {n}");
    }
}

#[test]
fn a_changed_team_is_found_by_the_rule_that_it_breaks() {
    let team_fault = |change: fn(&mut DrawRecord)| {
        let mut record = example();
        change(&mut record);
        match verify(&record) {
            Err(DrawFault::Team { what, .. }) => what,
            other => panic!("{other:?}"),
        }
    };
    // B02, B01 and B06 are drawn first; 98455489433d's certificate ended the day before, 63a7b4e7b041 has a conflict with B01.
    assert_eq!(example().result.units[1].unit, "B01");
    assert_eq!(team_fault(|r| r.result.units[0].inspectors[0] = "000000000000".into()), TeamFault::Unknown);
    assert_eq!(team_fault(|r| r.result.units[2].inspectors[0] = "98455489433d".into()), TeamFault::Certificate);
    assert_eq!(team_fault(|r| r.result.units[1].inspectors[0] = "63a7b4e7b041".into()), TeamFault::Conflict);
    assert_eq!(
        team_fault(|r| {
            let first = r.result.units[0].inspectors[0].clone();
            r.result.units[0].inspectors[1] = first;
        }),
        TeamFault::Twice
    );
    assert_eq!(team_fault(|r| r.result.units[0].inspectors.push("63a7b4e7b041".into())), TeamFault::Size);
    // ef1896411767 has three units already, which is the most.
    assert_eq!(team_fault(|r| r.result.units[7].inspectors[0] = "ef1896411767".into()), TeamFault::Load);
}

#[test]
fn another_log_or_witness_than_the_trusted_one_is_found() {
    let other = SiteKey::from_seed(log_key().vkey().name(), [8; 32]).unwrap();
    let stranger = WitnessKey::from_seed(witness_key().vkey().name(), [8; 32]).unwrap();
    let by = |log: &Vkey, witness: Option<&WitnessVkey>| word(verify_by(&example(), log, witness));
    assert_eq!(by(log_key().vkey(), None), "holds");
    assert_eq!(by(other.vkey(), None), "draw_other_key");
    assert_eq!(by(log_key().vkey(), Some(stranger.vkey())), "draw_other_key");
    let mut changed = example();
    changed.v = 2;
    assert_eq!(word(verify_by(&changed, other.vkey(), None)), "draw_version", "what does not hold is said first");
}
