//! Names of the forms that no pack may take, and numbers of identity documents that are the same.

use super::*;

#[test]
fn no_step_of_the_packs_is_the_page_of_withdrawal() {
    let packs = law::Packs::embedded().unwrap();
    let steps = || packs.procedures().iter().flat_map(|p| &p.steps);
    assert!(steps().count() > 100 && steps().all(|s| s.id != WITHDRAW && !s.id.contains('-')));
    assert!(packs.procedures().iter().all(|p| p.id != "new"));
}

#[test]
fn the_kind_that_a_form_sends_makes_no_other_number() {
    let own = "11010519491231002X";
    for typed in [own, "11010519491231002x", "居民身份证 11010519491231002X", "居民身份证  110105 19491231002x"]
    {
        assert!(is_same_number(own, typed), "{typed}");
    }
    assert!(!is_same_number(own, "居民身份证 110105194912310038") && !is_same_number(own, "护照 E12345678"));
    for typed in ["护照 E12345678", "护照 e 12345678", "E12345678"] {
        assert!(is_same_number("护照 E12345678", typed) && is_same_number("E12345678", typed), "{typed}");
    }
    assert!(!is_same_number("护照 E12345678", "港澳台居民通行证 E12345678"));
}

#[test]
fn no_field_of_the_packs_takes_a_name_of_the_form_itself() {
    let packs = law::Packs::embedded().unwrap();
    let own = ["csrf", "seen", "step", "note", "officer", "second_officer", "outcome", "reasons", "clause"];
    let more =
        ["procedure", "materials", "again", "own_motion", "party_is", "another", "place_at", "office_at", INCOMPLETE];
    for field in packs.procedures().iter().flat_map(|p| &p.fields) {
        assert!(!own.contains(&field.id.as_str()) && !more.contains(&field.id.as_str()), "{}", field.id);
    }
}
