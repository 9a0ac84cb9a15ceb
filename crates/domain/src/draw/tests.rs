//! What holds of a draw: that another program comes to the same, that no rule is broken. Where the seed comes from (`sources`), what is chosen
//! (`chosen`), what is refused (`refused`), and that every change of a draw is found (`tampers`).

mod chosen;
mod refused;
mod sources;
mod tampers;

use super::*;
use base::{Sha256, SiteId, UtcMs};
use ledger::{Checkpoint, Entry, EntryBytes, Log, MemoryLog, SiteKey, Tree, WitnessKey, with_cosignature};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// A published draw, made and signed by a Python program from the description in `docs/design/draw.md`.
const EXAMPLE: &[u8] = include_bytes!("example.json");

/// The same of the second edition: one head with a witness, an outcome of one spelling.
const EXAMPLE_2: &[u8] = include_bytes!("example_2.json");

fn example() -> DrawRecord {
    DrawRecord::read(EXAMPLE).unwrap()
}

fn example_2() -> DrawRecord {
    DrawRecord::read(EXAMPLE_2).unwrap()
}

/// Six numbers and one.
fn balls() -> Option<PublicForm> {
    PublicForm::parse("rising 6 01-33 rising 1 01-16")
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
        edition: Edition::Second,
        plan: "2027-01".to_owned(),
        day: day("2027-01-02"),
        log: log_key().vkey().clone(),
        witness: None,
        after_entries: 3,
        until: day("2027-01-08"),
        public_source: None,
        public_day: None,
        public_form: None,
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
fn a_draw_of_the_second_edition_holds_and_is_made_again_to_the_last_byte() {
    let record = example_2();
    assert_eq!(verify_by(&record, log_key().vkey(), Some(witness_key().vkey())), Ok(()));
    assert_eq!(String::from_utf8(record.to_json()).unwrap(), String::from_utf8(EXAMPLE_2.to_vec()).unwrap());
    let (rules, pool) = (DrawRules::parse(&record.rules).unwrap(), Pool::parse(&record.pool).unwrap());
    assert_eq!((rules.edition, rules.public_form.clone(), rules.caution()), (Edition::Second, balls(), None));
    let logged = Logged { entry: record.entry.clone(), index: record.entry_index, proof: record.proof.clone() };
    let (head, said) = (record.checkpoint.clone(), record.public_value.clone());
    let mut own = DrawRecord::make(&rules, &pool, logged, head, said).unwrap();
    for theirs in &record.substitutions {
        assert_eq!(own.replace(&theirs.out, theirs.reason, theirs.ground_sha256).as_ref(), Ok(theirs));
    }
    assert_eq!(own, record);
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
