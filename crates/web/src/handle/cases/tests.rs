//! Cursors and places of the lists, days behind the chips, the day on which something was found, and what the counter asks.

use super::*;

#[test]
fn a_cursor_is_read_as_it_was_written() {
    let case = CaseId::parse("0190a1b2-0000-7000-8000-000000000000").unwrap();
    for day in [None, CivilDate::ymd(2026, 3, 2)] {
        let cursor = Cursor { day, case };
        assert_eq!(cursor_of(&cursor_text(&cursor)), Some(cursor));
    }
    for odd in ["", "_", "2026-03-02", "2026-03-02_x", "soon_0190a1b2-0000-7000-8000-000000000000"] {
        assert_eq!(cursor_of(odd), None, "{odd}");
    }
}

#[test]
fn a_place_among_the_newest_is_read_as_it_was_written() {
    let place = (UtcMs(1_795_257_005_000), CaseId::parse("0190a1b2-0000-7000-8000-000000000000").unwrap());
    assert_eq!(place_of(&place_text(place)), Some(place));
    for odd in ["", "_", "x_0190a1b2-0000-7000-8000-000000000000", "1795257005000_x", "1795257005000"] {
        assert_eq!(place_of(odd), None, "{odd}");
    }
}

#[test]
fn chips_cover_days_without_a_gap() {
    let today = CivilDate::ymd(2026, 3, 2).unwrap();
    let (overdue, now, week) = (days_of("overdue", today), days_of("today", today), days_of("week", today));
    assert_eq!((overdue.0, overdue.1), (None, now.0));
    assert_eq!(now.1, week.0);
    assert_eq!(days_of("nothing", today), (None, None));
}

#[test]
fn what_the_organ_found_before_today_is_of_the_day_it_was_found() {
    let packs = law::Packs::embedded().unwrap();
    let (found, today) = (CivilDate::ymd(2026, 11, 20).unwrap(), CivilDate::ymd(2026, 11, 23).unwrap());
    let typed = |day: &str| Typed::from([("find_day".to_owned(), day.to_owned())]);
    let form = Form::of(packs.procedure("warning_notice").unwrap()).unwrap();
    assert_eq!(found_on(&form, &typed("2026-11-20"), today), Some(found));
    for none in ["2026-11-23", "2026-11-24", "", "soon", "2001-01-01"] {
        assert_eq!(found_on(&form, &typed(none), today), None, "{none}");
    }
    let filing = Form::of(packs.procedure("provider_filing").unwrap()).unwrap();
    assert_eq!(found_on(&filing, &typed("2026-11-20"), today), None, "what a party hands in is of the day it comes");
}

#[test]
fn the_counter_asks_everything_of_a_party_once() {
    let packs = law::Packs::embedded().unwrap();
    for procedure in packs.procedures() {
        let form = Form::of(procedure).unwrap();
        let of_party = form.of_party();
        let mut ids: Vec<&str> = form.fields.iter().chain(&of_party).map(|f| f.id.as_str()).collect();
        let all = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), all, "{}", procedure.id);
        assert!(ids.contains(&"resident_id") && ids.contains(&"credit_code"), "{}", procedure.id);
    }
}
