//! What holds of a draw: that another program comes to the same, that no rule is broken; `tampers`: that every change of one is found.

mod tampers;

use super::*;
use base::{Pii, Sha256, SiteId, UtcMs};
use ledger::{Checkpoint, Entry, EntryBytes, Log, MemoryLog, SiteKey, Tree, WitnessKey, with_cosignature};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use tampers::{TAMPERS_BEFORE_THE_DRAW, TAMPERS_OF_THE_RESULT, flip};

/// A published draw, made and signed by a Python program from the description in `docs/design/draw.md`.
const EXAMPLE: &[u8] = include_bytes!("example.json");

fn example() -> DrawRecord {
    DrawRecord::read(EXAMPLE).unwrap()
}

fn day(text: &str) -> CivilDate {
    CivilDate::parse(text).unwrap()
}

fn log_key() -> SiteKey {
    SiteKey::from_seed("jifang/0198c0de-0000-7000-8000-000000000001", [7; 32]).unwrap()
}

fn witness_key() -> WitnessKey {
    WitnessKey::from_seed("jifang-witness/province", [9; 32]).unwrap()
}

fn seed(n: u32) -> Seed {
    Seed(Sha256::of(n.to_string().as_bytes()))
}

fn unit(stratum: &str, id: &str, last: Option<&str>) -> Unit {
    Unit { id: id.to_owned(), stratum: stratum.to_owned(), last: last.map(day) }
}

fn units(stratum: &str, n: usize) -> Vec<Unit> {
    (0..n).map(|k| unit(stratum, &format!("{stratum}-{k}"), None)).collect()
}

fn inspector(n: usize) -> Inspector {
    Inspector {
        commitment: Sha256::of(format!("inspector {n}").as_bytes()),
        valid_from: day("2026-01-01"),
        valid_until: day("2027-12-31"),
    }
}

fn inspectors(n: usize) -> Vec<Inspector> {
    (0..n).map(inspector).collect()
}

fn conflict_of(inspector: &Inspector, unit: &str) -> Conflict {
    Conflict { inspector: inspector.id(), unit: unit.to_owned() }
}

fn rules(quotas: &[(&str, Quota)]) -> DrawRules {
    DrawRules {
        plan: "2027-01".to_owned(),
        day: day("2027-01-02"),
        log: log_key().vkey().clone(),
        witness: None,
        after_entries: 3,
        until: day("2027-01-08"),
        public_source: None,
        public_day: None,
        again_of: None,
        rest_days: 0,
        inspectors_per_unit: 2,
        max_per_inspector: 5,
        quotas: quotas.iter().map(|(stratum, quota)| ((*stratum).to_owned(), *quota)).collect(),
    }
}

/// A log with one entry before the pool's and `after` behind it.
struct Book {
    tree: Tree,
    disk: MemoryLog,
    entry: EntryBytes,
}

impl Book {
    fn new(commitment: &Commitment, after: usize) -> Self {
        let body = serde_json::to_value(commitment).unwrap();
        let site = SiteId::parse("0198c0de-0000-7000-8000-000000000001").unwrap();
        let entry = Entry::new(POOL_KIND, UtcMs(1_798_848_000_000), site, body).encode().unwrap();
        let mut book = Self { tree: Tree::new(), disk: MemoryLog::default(), entry: entry.clone() };
        book.append(&[EntryBytes::new(b"before".to_vec()).unwrap(), entry]);
        for n in 0..after {
            book.append(&[EntryBytes::new(format!("after {n}").into_bytes()).unwrap()]);
        }
        book
    }

    fn append(&mut self, entries: &[EntryBytes]) {
        let files = self.tree.append(entries).unwrap().files;
        self.disk.write(files);
    }

    fn checkpoint(&self) -> String {
        let key = log_key();
        let head = Checkpoint { origin: key.vkey().name().to_owned(), size: self.tree.size(), root: self.tree.root() };
        String::from_utf8(head.sign(&key).unwrap()).unwrap()
    }

    fn witnessed(&self, seconds: i64) -> String {
        cosigned(&self.checkpoint(), seconds)
    }

    fn logged(&self) -> Logged {
        let proof = Log::new(&self.disk, self.tree.size()).inclusion(1, self.tree.size()).unwrap();
        Logged { entry: String::from_utf8(self.entry.as_bytes().to_vec()).unwrap(), index: 1, proof }
    }
}

fn cosigned(note: &str, seconds: i64) -> String {
    let line = witness_key().cosign(note.as_bytes(), UtcMs(seconds * 1_000)).unwrap();
    String::from_utf8(with_cosignature(note.as_bytes(), &line).unwrap()).unwrap()
}

/// 2027-01-02 in Shanghai.
const IN_TIME: i64 = 1_798_855_200;
/// The last second of 2027-01-08 in Shanghai.
const LAST_SECOND: i64 = 1_799_423_999;

fn word<T>(done: Result<T, DrawFault>) -> &'static str {
    done.map_or_else(|fault| fault.code(), |_| "holds")
}

#[test]
fn a_draw_made_by_another_program_holds_and_its_file_has_one_spelling() {
    let record = example();
    assert_eq!(verify(&record), Ok(()));
    assert_eq!(String::from_utf8(record.to_json()).unwrap(), String::from_utf8(EXAMPLE.to_vec()).unwrap());
    assert_eq!(verify_by(&record, log_key().vkey(), Some(witness_key().vkey())), Ok(()));
    // Made here from the same rules, pool and log it is the same to the last byte.
    let rules = DrawRules::parse(&record.rules).unwrap();
    let pool = Pool::parse(&record.pool).unwrap();
    let logged = Logged { entry: record.entry.clone(), index: record.entry_index, proof: record.proof.clone() };
    let mut own =
        DrawRecord::make(&rules, &pool, logged, record.checkpoint.clone(), record.public_value.clone()).unwrap();
    for theirs in &record.substitutions {
        assert_eq!(own.replace(&theirs.out, theirs.reason, theirs.ground_sha256).as_ref(), Ok(theirs));
    }
    assert_eq!(own, record);
    assert_eq!(own.made_body().units, 11);
    assert_eq!(own.replaced_body().map(|body| body.number), Some(5));
    // It has what a draw can have: each kind of quota, a stratum that is short, teams that could not be made.
    let lacks: BTreeSet<&str> = record.result.units.iter().filter_map(|u| u.lack).map(Lack::code).collect();
    assert_eq!(lacks, BTreeSet::from(["conflicts", "load"]));
    assert!(
        record.result.strata.iter().any(|s| s.drawn < s.asked) && record.result.strata.iter().any(|s| s.rested > 0)
    );
}

#[test]
fn without_a_witness_exactly_one_head_gives_the_seed() {
    let pool = Pool::new(units("bank", 8), inspectors(4), vec![]).unwrap();
    let rules = rules(&[("bank", Quota::Count(3))]);
    let commitment = Commitment::new(&rules, &pool).unwrap();
    // The pool's entry is number 1 and three entries have to follow it.
    let made = |after: usize| {
        let book = Book::new(&commitment, after);
        DrawRecord::make(&rules, &pool, book.logged(), book.checkpoint(), None)
    };
    for (after, is) in [(0, "seed_too_early"), (2, "seed_too_early"), (3, "holds"), (4, "seed_other_size")] {
        assert_eq!(word(made(after)), is, "{after}");
    }
    let record = made(3).unwrap();
    assert_eq!(verify(&record), Ok(()));
    assert_eq!(verify(&DrawRecord::read(&record.to_json()).unwrap()), Ok(()));
    assert_eq!(record.replaced_body(), None);
    // Such a draw is made and holds, but says that its seed was in one hand.
    assert!(rules.caution().is_some_and(|text| text.en.contains("tried out before")));
    let witnessed = DrawRules { witness: Some(witness_key().vkey().clone()), ..rules.clone() };
    let sourced = DrawRules { public_source: Some("彩票第2027002期".into()), ..rules.clone() };
    assert_eq!((witnessed.caution(), sourced.caution()), (None, None));
    assert!(
        sourced.resting_on().is_some_and(|text| text.zh.contains("彩票第2027002期") && text.en.contains("no witness"))
    );
    let both = DrawRules { public_source: sourced.public_source.clone(), ..witnessed.clone() };
    assert_eq!((rules.resting_on(), witnessed.resting_on(), both.resting_on()), (None, None, None));
}

#[test]
fn a_witness_signs_in_time_and_its_line_makes_the_seed() {
    let pool = Pool::new(units("bank", 40), inspectors(9), vec![]).unwrap();
    let rules = DrawRules { witness: Some(witness_key().vkey().clone()), ..rules(&[("bank", Quota::Count(9))]) };
    let commitment = Commitment::new(&rules, &pool).unwrap();
    let (early, book) = (Book::new(&commitment, 2), Book::new(&commitment, 7));
    let made = |book: &Book, note: String| DrawRecord::make(&rules, &pool, book.logged(), note, None);
    for (book, note, is) in [
        (&book, book.checkpoint(), "seed_not_witnessed"),
        (&early, early.witnessed(IN_TIME), "seed_too_early"),
        (&book, book.witnessed(IN_TIME), "holds"),
        (&book, book.witnessed(LAST_SECOND), "holds"),
        (&book, book.witnessed(LAST_SECOND + 1), "seed_late"),
        (&book, cosigned(&book.witnessed(IN_TIME), IN_TIME), "seed_two_cosignatures"),
    ] {
        assert_eq!(word(made(book, note)), is);
    }
    let stranger = WitnessKey::from_seed(witness_key().vkey().name(), [8; 32]).unwrap();
    let line = stranger.cosign(book.checkpoint().as_bytes(), UtcMs(IN_TIME * 1_000)).unwrap();
    let note = with_cosignature(book.checkpoint().as_bytes(), &line).unwrap();
    assert_eq!(word(made(&book, String::from_utf8(note).unwrap())), "seed_not_witnessed");
    let (one, other) =
        (made(&book, book.witnessed(IN_TIME)).unwrap(), made(&book, book.witnessed(IN_TIME + 1)).unwrap());
    assert_ne!(one.seed, other.seed, "the log's owner cannot know the seed before the witness signs");
    assert_ne!(one.result, other.result);
}

#[test]
fn the_outcome_of_a_public_source_is_in_the_seed_exactly_when_one_was_named() {
    let pool = Pool::new(units("bank", 8), inspectors(4), vec![]).unwrap();
    let plain = rules(&[("bank", Quota::Count(3))]);
    let named = DrawRules { public_source: Some("彩票第2027002期".into()), ..plain.clone() };
    let long = "1".repeat(VALUE_CHARS + 1);
    for (rules, value, is) in [
        (&plain, None, "holds"),
        (&plain, Some("1 2 3"), "seed_public_value"),
        (&named, None, "seed_public_value"),
        (&named, Some("1 2 3"), "holds"),
        (&named, Some(&long[1..]), "holds"),
        (&named, Some(long.as_str()), "seed_public_value"),
        (&named, Some(" 1"), "seed_public_value"),
        (&named, Some("1\n2"), "seed_public_value"),
        (&named, Some(""), "seed_public_value"),
    ] {
        let book = Book::new(&Commitment::new(rules, &pool).unwrap(), 3);
        let made = DrawRecord::make(rules, &pool, book.logged(), book.checkpoint(), value.map(str::to_owned));
        assert_eq!(word(made), is, "{value:?}");
    }
}

#[test]
fn a_pool_that_was_logged_when_the_outcome_was_out_does_not_hold() {
    let pool = Pool::new(units("bank", 8), inspectors(4), vec![]).unwrap();
    let plain = rules(&[("bank", Quota::Count(3))]);
    // The entry is of 08:00 on that day, Shanghai.
    for (text, is) in
        [("2027-01-02 07", false), ("2027-01-02 08", false), ("2027-01-02 09", true), ("2027-01-02", true)]
    {
        let named =
            DrawRules { public_source: Some("彩票".into()), public_day: PublicDay::parse(text), ..plain.clone() };
        let book = Book::new(&Commitment::new(&named, &pool).unwrap(), 3);
        let made = DrawRecord::make(&named, &pool, book.logged(), book.checkpoint(), Some("1 2 3".into()));
        match made {
            Ok(record) => assert_eq!((is, verify(&record)), (true, Ok(())), "{text}"),
            Err(fault) => assert_eq!((is, fault), (false, DrawFault::Rules(PlanFault::SourceDay)), "{text}"),
        }
    }
}

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
    let committed = |is_witnessed| PlanState::Committed {
        entry_index: 10,
        after_entries: 5,
        is_witnessed,
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
        (DrawRules { public_source: source(SOURCE_CHARS), ..good() }, "ok"),
        (DrawRules { public_source: source(SOURCE_CHARS + 1), ..good() }, "public_source"),
        (DrawRules { public_source: Some("a\nb".into()), ..good() }, "public_source"),
        (DrawRules { public_source: source(1), public_day: event("2027-01-02 00"), ..good() }, "ok"),
        (DrawRules { public_source: source(1), public_day: event("2027-01-08 23"), ..good() }, "ok"),
        (DrawRules { public_source: source(1), public_day: event("2027-01-01 23"), ..good() }, "public_day"),
        (DrawRules { public_source: source(1), public_day: event("2027-01-08"), ..good() }, "public_day"),
        (DrawRules { public_source: source(1), public_day: event("2027-01-05 24"), ..good() }, "public_day"),
        (DrawRules { public_day: event("2027-01-05"), ..good() }, "public_day"),
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
    let named = DrawRules { public_source: source(1), public_day: event("2027-01-05 09"), ..good() };
    let pool = Pool::new(units("bank", 1), inspectors(2), vec![]).unwrap();
    let kept = [named.lines(), pool.lines()].concat().join("\n");
    assert_eq!(Commitment::of_text(&kept), Commitment::new(&named, &pool), "as kept, so committed to");
    let mut lines = named.lines();
    lines[12] = "public_day 2027-01-05 9".into();
    assert_eq!(DrawRules::parse(&lines), Err(PlanFault::RulesLine(13)), "one spelling");
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
        plan(PlanFault::SameKey),
    ];
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

/// What a random draw is made of: units by stratum, certificates, conflicts as numbers, seats, load, quota.
fn random_draw() -> impl Strategy<Value = (Pool, DrawRules)> {
    let pool = (
        prop::collection::vec(1_usize..12, 1..4),
        prop::collection::vec(prop::bool::weighted(0.8), 0..9),
        prop::collection::btree_set((0_usize..9, 0_usize..40), 0..30),
        prop::collection::vec(prop::option::of(0_i32..400), 40),
    );
    (pool, 1_u32..4, 1_u32..4, 0_u32..12, 0_u32..400).prop_map(|(pool, seats, load, asked, rest_days)| {
        let (strata, valid, pairs, last) = pool;
        let mut all = Vec::new();
        for (s, n) in strata.iter().enumerate() {
            all.extend(units(&format!("s{s}"), *n));
        }
        for (unit, days) in all.iter_mut().zip(last) {
            unit.last = days.map(|days| day("2027-01-02").plus_days(-days));
        }
        let mut people = inspectors(valid.len());
        for (person, _) in people.iter_mut().zip(&valid).filter(|(_, valid)| !**valid) {
            person.valid_until = day("2026-12-31");
        }
        let pairs = pairs.into_iter().filter_map(|(i, u)| Some(conflict_of(people.get(i)?, &all.get(u)?.id)));
        let conflicts: Vec<Conflict> = pairs.collect();
        let quotas: Vec<(String, Quota)> = (0..strata.len())
            .map(|s| (format!("s{s}"), if s == 0 { Quota::PerMille(asked * 80 + 1) } else { Quota::Count(asked) }))
            .collect();
        let quotas: Vec<(&str, Quota)> = quotas.iter().map(|(s, q)| (s.as_str(), *q)).collect();
        let numbers = rules(&quotas);
        let rules = DrawRules { inspectors_per_unit: seats, max_per_inspector: load, rest_days, ..numbers };
        (Pool::new(all, people, conflicts).unwrap(), rules)
    })
}

proptest! {
    #[test]
    fn no_draw_breaks_a_rule((pool, rules) in random_draw(), n in any::<u32>()) {
        let mut drawing = Drawing::run(&rules, &pool, &seed(n));
        let result = drawing.result().clone();
        prop_assert_eq!(result.clone(), Drawing::run(&rules, &pool, &seed(n)).result().clone());
        let mut drawn: BTreeSet<String> = BTreeSet::new();
        for stratum in &result.strata {
            let all = pool.units_of(&stratum.stratum);
            let due = all.iter().filter(|unit| rules.is_due(unit)).count();
            prop_assert_eq!((stratum.units as usize, (stratum.units - stratum.rested) as usize), (all.len(), due));
            prop_assert_eq!(stratum.asked, rules.quotas[&stratum.stratum].of(stratum.units));
            prop_assert_eq!(stratum.drawn as usize, due.min(stratum.asked as usize));
            prop_assert_eq!(result.units.iter().filter(|u| u.stratum == stratum.stratum).count(), stratum.drawn as usize);
        }
        let valid: BTreeSet<String> =
            pool.inspectors().iter().filter(|i| i.is_valid_on(rules.day)).map(Inspector::id).collect();
        let seats = rules.inspectors_per_unit as usize;
        let free_for = |unit: &str| {
            let barred = |who: &&String| pool.conflicts().iter().any(|c| c.unit == unit && c.inspector == **who);
            valid.iter().filter(|who| !barred(who)).cloned().collect::<BTreeSet<_>>()
        };
        let mut load: BTreeMap<String, u32> = BTreeMap::new();
        for unit in &result.units {
            prop_assert!(drawn.insert(unit.unit.clone()), "drawn twice");
            let free = free_for(&unit.unit);
            match unit.lack {
                None => {
                    let team: BTreeSet<String> = unit.inspectors.iter().cloned().collect();
                    prop_assert_eq!((unit.inspectors.len(), team.len()), (seats, seats));
                    prop_assert!(team.is_subset(&free));
                    unit.inspectors.iter().for_each(|who| *load.entry(who.clone()).or_default() += 1);
                }
                Some(lack) => {
                    prop_assert!(unit.inspectors.is_empty());
                    prop_assert_eq!(lack == Lack::Qualified, valid.len() < seats);
                    prop_assert_eq!(lack == Lack::Conflicts, valid.len() >= seats && free.len() < seats);
                }
            }
        }
        prop_assert!(load.values().all(|units| *units <= rules.max_per_inspector));
        // Every unit is replaced until nobody waits: each time by one that was not in the plan, free of conflicts.
        for unit in &result.units {
            if let Ok(made) = drawing.replace(&unit.unit, ReplaceReason::Closed, Sha256::default()) {
                prop_assert!(drawn.insert(made.into.clone()));
                let team: BTreeSet<String> = made.inspectors.iter().cloned().collect();
                prop_assert!(team.is_subset(&free_for(&made.into)));
                prop_assert_eq!(team.len(), if made.lack.is_some() { 0 } else { seats });
            }
        }
    }

    #[test]
    fn lines_read_back_and_any_other_order_is_refused((pool, rules) in random_draw(), at in any::<prop::sample::Index>()) {
        let lines = pool.lines();
        prop_assert_eq!(Pool::parse(&lines), Ok(pool));
        prop_assert_eq!(DrawRules::parse(&rules.lines()), Ok(rules));
        let mut moved = lines.clone();
        moved.rotate_left(at.index(lines.len()));
        prop_assert_eq!(Pool::parse(&moved).is_ok(), moved == lines);
    }

    #[test]
    fn any_text_is_read_without_panic(lines in prop::collection::vec("[a-z0-9 .:-]{0,40}", 0..30), bytes in "\\PC{0,200}") {
        let _ = DrawRecord::read(bytes.as_bytes());
        let words = ["unit ", "inspector ", "conflict ", "plan ", "day ", "stratum "];
        let begun: Vec<String> = lines.iter().zip(words.iter().cycle()).map(|(line, word)| format!("{word}{line}")).collect();
        for lines in [lines, begun] {
            if let Ok(pool) = Pool::parse(&lines) {
                prop_assert_eq!(pool.lines(), lines.clone());
            }
            prop_assert!(DrawRules::parse(&lines).is_err());
        }
        let mut record = example();
        record.checkpoint = bytes;
        prop_assert_eq!(word(verify(&record)), "seed_checkpoint");
    }
}
