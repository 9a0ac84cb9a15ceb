//! Where the seed comes from: exactly one head of the log, a witness who signed in time, the outcome of a source that was named before.

use super::*;

#[test]
fn one_head_gives_the_seed_whoever_signs_and_by_the_first_edition_a_witness_could_sign_a_later_one() {
    let pool = Pool::new(units("bank", 8), inspectors(4), vec![]).unwrap();
    let alone = rules(&[("bank", Quota::Count(3))]);
    let witnessed = DrawRules { witness: Some(witness_key().vkey().clone()), ..alone.clone() };
    let first = |rules: &DrawRules| DrawRules { edition: Edition::First, ..rules.clone() };
    for (rules, after, is) in [
        (witnessed.clone(), 2, "seed_too_early"),
        (witnessed.clone(), 3, "holds"),
        (witnessed.clone(), 4, "seed_other_size"),
        (first(&witnessed), 2, "seed_too_early"),
        (first(&witnessed), 3, "holds"),
        (first(&witnessed), 4, "holds"),
        (first(&alone), 3, "holds"),
        (first(&alone), 4, "seed_other_size"),
    ] {
        let book = Book::new(&Commitment::new(&rules, &pool).unwrap(), after);
        let made = DrawRecord::make(&rules, &pool, book.logged(), book.witnessed(IN_TIME), None);
        assert_eq!(made.as_ref().map_or(Ok(()), verify), Ok(()), "what is made holds");
        assert_eq!(word(made), is, "{:?} {after}", rules.edition);
        // What a plan may do says the same as what is made and what is verified.
        let state = PlanState::Committed {
            entry_index: 1,
            after_entries: rules.after_entries,
            takes_later_heads: rules.takes_later_heads(),
            until: rules.until,
        };
        let step = DrawStep::Draw { head_size: book.tree.size() };
        assert_eq!(may_draw(&state, step, rules.day).err().map_or("holds".to_owned(), |r| r.code), is);
    }
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
    // By the first edition heads or spellings were open, and the result says so.
    let first = |rules: &DrawRules| DrawRules { edition: Edition::First, ..rules.clone() }.caution();
    assert!([first(&witnessed), first(&sourced)].iter().flatten().all(|text| text.en.contains("between spellings")));
    assert!(first(&witnessed).is_some() && first(&sourced).is_some() && first(&rules) == rules.caution());
    let both = DrawRules { public_source: sourced.public_source.clone(), ..witnessed.clone() };
    assert_eq!((rules.resting_on(), witnessed.resting_on(), both.resting_on()), (None, None, None));
}

#[test]
fn a_witness_signs_in_time_and_its_line_makes_the_seed() {
    let pool = Pool::new(units("bank", 40), inspectors(9), vec![]).unwrap();
    let rules = DrawRules { witness: Some(witness_key().vkey().clone()), ..rules(&[("bank", Quota::Count(9))]) };
    let commitment = Commitment::new(&rules, &pool).unwrap();
    let (early, book, late) = (Book::new(&commitment, 2), Book::new(&commitment, 3), Book::new(&commitment, 4));
    let made = |book: &Book, note: String| DrawRecord::make(&rules, &pool, book.logged(), note, None);
    for (book, note, is) in [
        (&book, book.checkpoint(), "seed_not_witnessed"),
        (&early, early.witnessed(IN_TIME), "seed_too_early"),
        (&late, late.witnessed(IN_TIME), "seed_other_size"),
        (&late, late.checkpoint(), "seed_other_size"),
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
    let named = DrawRules {
        public_source: Some("彩票第2027002期".into()),
        public_form: PublicForm::parse("drawn 3 0-9"),
        ..plain.clone()
    };
    let old = DrawRules { edition: Edition::First, public_form: None, ..named.clone() };
    let long = "1".repeat(VALUE_CHARS + 1);
    for (rules, value, is) in [
        (&plain, None, "holds"),
        (&plain, Some("1 2 3"), "seed_public_value"),
        (&named, None, "seed_public_value"),
        (&named, Some("1 2 3"), "holds"),
        (&named, Some("1,2,3"), "seed_public_form"),
        (&named, Some("01 2 3"), "seed_public_form"),
        (&named, Some("1 2"), "seed_public_form"),
        (&named, Some(&long[1..]), "seed_public_form"),
        (&old, Some("1,2,3"), "holds"),
        (&old, Some(&long[1..]), "holds"),
        (&old, Some(long.as_str()), "seed_public_value"),
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
        let named = DrawRules {
            public_source: Some("彩票".into()),
            public_day: PublicDay::parse(text),
            public_form: PublicForm::parse("drawn 3 0-9"),
            ..plain.clone()
        };
        let book = Book::new(&Commitment::new(&named, &pool).unwrap(), 3);
        let made = DrawRecord::make(&named, &pool, book.logged(), book.checkpoint(), Some("1 2 3".into()));
        match made {
            Ok(record) => assert_eq!((is, verify(&record)), (true, Ok(())), "{text}"),
            Err(fault) => assert_eq!((is, fault), (false, DrawFault::Rules(PlanFault::SourceDay)), "{text}"),
        }
    }
}
