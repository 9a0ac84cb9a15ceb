//! Published draws: what stands under the key of an honest log is its draw and no other, and lines have one spelling.
//!
//! Two honest draws stand behind it, one of each edition, made by another program. Whoever edits its file cannot change rules, pool or commitment,
//! and with its seed no other result holds; any seed and any pool give a draw within the rules.

use crate::input::{Input, edited};
use domain::draw::{DrawRecord, DrawRules, Drawing, Pool, Seed, verify, verify_by};
use std::collections::BTreeMap;
use std::sync::LazyLock;

const EXAMPLE: &[u8] = include_bytes!("../../domain/src/draw/example.json");

/// One of the second edition: an outcome has one spelling there.
const EXAMPLE_2: &[u8] = include_bytes!("../../domain/src/draw/example_2.json");

struct Honest {
    record: DrawRecord,
    rules: DrawRules,
    pool: Pool,
}

static HONEST: LazyLock<Honest> = LazyLock::new(|| honest(EXAMPLE));
static HONEST_2: LazyLock<Honest> = LazyLock::new(|| honest(EXAMPLE_2));

fn honest(file: &[u8]) -> Honest {
    let record = DrawRecord::read(file).expect("a draw");
    let rules = DrawRules::parse(&record.rules).expect("rules");
    let pool = Pool::parse(&record.pool).expect("a pool");
    Honest { record, rules, pool }
}

/// Byte before edits of the second draw.
const SECOND: u8 = 255;

/// See the file's head. The first byte chooses: a file as it stands, edits of the honest one, or its lines edited and drawn from.
pub fn check(data: &[u8]) {
    let mut input = Input(data);
    match input.byte() % 4 {
        0 => file_holds(input.0),
        // The edits of the second draw begin with a byte of their own.
        1 if input.0.first() == Some(&SECOND) => {
            input.byte();
            file_holds(&edited(EXAMPLE_2, &mut input));
        }
        1 => file_holds(&edited(EXAMPLE, &mut input)),
        2 => lines_hold(input),
        _ => drawing_holds(input),
    }
}

fn file_holds(file: &[u8]) {
    let record = match DrawRecord::read(file) {
        Ok(record) => record,
        Err(fault) => {
            assert!(!fault.code().is_empty() && !fault.text().zh.is_empty());
            return;
        }
    };
    assert_eq!(DrawRecord::read(&record.to_json()).as_ref(), Ok(&record), "one record, one file");
    let is_second = record.rules.first() == HONEST_2.record.rules.first();
    let honest = if is_second { &*HONEST_2 } else { &*HONEST };
    let by = verify_by(&record, &honest.rules.log, honest.rules.witness.as_ref());
    if let Err(fault) = &by {
        assert!(!fault.code().is_empty() && !fault.text().en.is_empty());
        assert!(file != EXAMPLE && file != EXAMPLE_2, "the honest draw holds: {fault:?}");
        return;
    }
    assert!(verify(&record).is_ok(), "trusted keys ask for more, never for less");
    let own = &honest.record;
    assert_eq!(
        (&record.rules, &record.pool),
        (&own.rules, &own.pool),
        "other lines under a key that never signed them"
    );
    assert_eq!((&record.commitment, &record.entry, record.entry_index), (&own.commitment, &own.entry, own.entry_index));
    assert_eq!(record.proof, own.proof);
    let form = honest.rules.public_form.as_ref();
    assert!(form.is_none_or(|form| record.public_value.as_deref().is_some_and(|value| form.is_of(value))));
    if record.seed == own.seed {
        assert_eq!(
            (&record.result, record.result_sha256),
            (&own.result, own.result_sha256),
            "another result of one seed"
        );
    }
}

fn lines(honest: &[String], script: &mut Input<'_>) -> Vec<String> {
    let text = edited(honest.join("\n").as_bytes(), script);
    String::from_utf8_lossy(&text).split('\n').map(str::to_owned).collect()
}

/// Rules and pool in other words are read back as they stand, or not at all.
fn lines_hold(mut input: Input<'_>) {
    let honest = &*HONEST;
    let is_pool = input.byte().is_multiple_of(2);
    let said = lines(if is_pool { &honest.record.pool } else { &honest.record.rules }, &mut input);
    if let Ok(pool) = Pool::parse(&said) {
        assert_eq!(pool.lines(), said);
    }
    if let Ok(rules) = DrawRules::parse(&said) {
        assert_eq!(rules.lines(), said);
        assert!(rules.check().is_ok());
    }
}

/// Any pool and any seed: nothing is drawn that the rules do not allow.
fn drawing_holds(mut input: Input<'_>) {
    let honest = &*HONEST;
    let value = format!("v {}", input.u32());
    let length = usize::from(input.u16());
    let said = lines(&honest.record.rules, &mut Input(input.take(length)));
    let rules = DrawRules::parse(&said).unwrap_or_else(|_| honest.rules.clone());
    let pool = Pool::parse(&lines(&honest.record.pool, &mut input)).unwrap_or_else(|_| honest.pool.clone());
    let own = &honest.record;
    let digest = own.commitment.commitment;
    let Ok(seed) = Seed::from_checkpoint(digest, &honest.rules, own.entry_index, &own.checkpoint, Some(&value)) else {
        panic!("the honest head gives a seed with any plain value")
    };
    if rules.fit(&pool).is_err() {
        return;
    }
    let drawing = Drawing::run(&rules, &pool, &seed);
    let result = drawing.result();
    assert_eq!(*Drawing::run(&rules, &pool, &seed).result(), *result, "one seed, one draw");
    let (mut load, mut drawn) = (BTreeMap::<&str, u32>::new(), BTreeMap::<&str, u32>::new());
    let mut units = std::collections::BTreeSet::new();
    for unit in &result.units {
        assert!(units.insert(&unit.unit), "a unit is drawn once");
        assert!(pool.units_of(&unit.stratum).iter().any(|u| u.id == unit.unit && rules.is_due(u)));
        *drawn.entry(unit.stratum.as_str()).or_default() += 1;
        let seats = if unit.lack.is_some() { 0 } else { rules.inspectors_per_unit as usize };
        assert_eq!(unit.inspectors.len(), seats);
        for id in &unit.inspectors {
            *load.entry(id.as_str()).or_default() += 1;
            let own = pool.conflicts().iter().any(|c| c.inspector == *id && c.unit == unit.unit);
            assert!(!own && pool.inspectors().iter().any(|i| i.id() == *id && i.is_valid_on(rules.day)));
        }
    }
    assert!(load.values().all(|n| *n <= rules.max_per_inspector));
    for (stratum, n) in drawn {
        let all = u32::try_from(pool.units_of(stratum).len()).unwrap_or(u32::MAX);
        assert!(rules.quotas.get(stratum).is_some_and(|quota| n <= quota.of(all)), "more of {stratum} than asked");
    }
}

/// The honest draw and small changes of it.
#[must_use]
pub fn seeds() -> Vec<Vec<u8>> {
    let honest = &*HONEST;
    let place_in = |file: &[u8], needle: &str| {
        let at = file.windows(needle.len()).position(|w| w == needle.as_bytes()).unwrap_or(0);
        u16::try_from(at + needle.len()).unwrap_or(0).to_be_bytes()
    };
    let place = |needle: &str| place_in(EXAMPLE, needle);
    // Overwrites in the file what stands behind `needle`.
    let lie =
        |needle: &str, new: &[u8]| [&[1, 6, u8::try_from(new.len()).unwrap_or(0)][..], &place(needle), new].concat();
    let second = |needle: &str, new: &[u8]| {
        let length = u8::try_from(new.len()).unwrap_or(0);
        [&[1, SECOND, 6, length][..], &place_in(EXAMPLE_2, needle), new].concat()
    };
    let pool_end = u16::try_from(honest.record.pool.join("\n").len()).unwrap_or(0).to_be_bytes();
    vec![
        vec![1],
        [&[0][..], EXAMPLE].concat(),
        vec![0, b'{', b'}'],
        lie("\"v\": ", b"2"),
        lie("\"entry_index\": ", b"9"),
        lie("\"seed\": \"", b"00"),
        lie("\"plan\": \"", b"3"),
        lie("unit bank.high ", b"C"),
        lie("max_per_inspector ", b"9"),
        lie("\"substitutions\": ", b"[]"),
        vec![2, 0],
        vec![2, 1],
        vec![2, 0, 0, b'X', 0, 5],
        vec![2, 1, 0, b'9', 0, 20],
        vec![3, 0, 0, 0, 1, 0, 0],
        [&[3, 1, 2, 3, 4, 0, 0, 2, 16][..], &pool_end, b"\nconflict b S01 "].concat(),
        vec![3, 9, 9, 9, 9, 0, 4, 0, b'9', 0, 200, 3, 30, 0, 40],
        vec![1, SECOND],
        [&[0][..], EXAMPLE_2].concat(),
        second("\"public_value\": \"", b"03,08,14"),
        second("jifang draw v", b"1"),
        second("public_form ", b"drawn "),
    ]
}
