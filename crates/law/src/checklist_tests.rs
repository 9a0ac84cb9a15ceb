//! The checklists of the packs hold, reach only whom their clauses reach, and every defect of a file is named with its place.

use crate::checklist::*;
use crate::{Actor, Jurisdiction, PackError, Packs, PlaceKind, SiteProfile, SpecialTrade, UnitFacts};
use base::{CivilDate, ClauseId};
use std::collections::BTreeMap;

const HOTEL: &str = "checklists/hotel.toml";
const GENERAL: &str = "checklists/general.toml";
const LIMITS: &str = "correction-limits.toml";

fn day(text: &str) -> CivilDate {
    CivilDate::parse(text).unwrap()
}

fn changed(path: &str, from: &str, to: &str) -> BTreeMap<String, String> {
    let mut files = crate::embedded::files();
    let text = files.get_mut(path).unwrap();
    assert!(text.contains(from), "{path}: {from}");
    *text = text.replacen(from, to, 1);
    files
}

fn fault(files: &BTreeMap<String, String>) -> PackError {
    Packs::from_files(files).unwrap_err()
}

fn unit(places: &[PlaceKind]) -> UnitFacts {
    UnitFacts { places: places.to_vec(), ..UnitFacts::default() }
}

#[test]
fn every_list_has_enough_items_and_each_a_ground() {
    let packs = Packs::embedded().unwrap();
    let ids: Vec<&str> = packs.checklists().iter().map(|l| l.id.as_str()).collect();
    assert_eq!(
        ids,
        [
            "alarm_operator",
            "crowded",
            "dangerous",
            "fuel",
            "general",
            "hospital",
            "hotel",
            "provider",
            "public_area",
            "residential",
            "school",
            "securities",
            "seller",
            "transport",
            "utilities",
            "valuables"
        ]
    );
    for list in packs.checklists() {
        assert!(list.items.len() >= 12, "{}: {}", list.id, list.items.len());
        for item in &list.items {
            assert!(!item.clauses.is_empty() || item.practice, "{} {}", list.id, item.id);
            assert!(item.order.is_none() || !item.clauses.is_empty(), "{} {}", list.id, item.id);
        }
    }
    let hotel = packs.checklist("hotel", day("2026-03-02")).unwrap();
    let general = packs.checklist("general", day("2026-03-02")).unwrap();
    assert_eq!(&hotel.items[..general.items.len()], &general.items[..], "what it is based on comes first");
    assert!(hotel.item("guest_rooms").is_some() && general.item("guest_rooms").is_none());
    assert_eq!(packs.checklist("hotel", day("2025-03-31")), None, "the day before its first");
    assert_eq!(packs.checklist("none", day("2026-03-02")), None);
}

#[test]
fn only_clauses_in_force_at_the_place_are_asked() {
    let packs = Packs::embedded().unwrap();
    let on = day("2026-03-02");
    let hotel = packs.checklist("hotel", on).unwrap();
    let places = unit(&[PlaceKind::Lobby]);
    let site =
        |jurisdiction| SiteProfile { special_trade: Some(SpecialTrade::Hotel), ..SiteProfile::new(jurisdiction) };
    let clauses = |jurisdiction, item: &str, on| -> Vec<String> {
        let asked = packs.asked(hotel, &site(jurisdiction), &places, on);
        let found = asked.into_iter().find(|a| a.item.id == item);
        found.map(|a| a.citations.into_iter().map(|c| c.clause.0).collect()).unwrap_or_default()
    };
    let liaoning = clauses(Jurisdiction::Liaoning, "retention", on);
    assert!(liaoning.contains(&"LT-17".to_owned()) && liaoning.contains(&"A-23-2".to_owned()), "{liaoning:?}");
    assert!(!liaoning.contains(&"B-25-1".to_owned()));
    let heilongjiang = clauses(Jurisdiction::Heilongjiang, "retention", on);
    assert!(heilongjiang.contains(&"B-25-1".to_owned()) && !heilongjiang.contains(&"LT-17".to_owned()));
    assert!(clauses(Jurisdiction::Heilongjiang, "trade_parts", on).is_empty(), "a rule of another province");
    assert_eq!(clauses(Jurisdiction::Liaoning, "trade_parts", on), ["LT-17-2"]);
    assert!(!clauses(Jurisdiction::Liaoning, "retention", day("2025-03-31")).contains(&"799-17".to_owned()));
}

#[test]
fn practice_alone_is_asked_everywhere_and_orders_nothing() {
    let packs = Packs::embedded().unwrap();
    let on = day("2026-03-02");
    let general = packs.checklist("general", on).unwrap();
    let asked = packs.asked(general, &SiteProfile::new(Jurisdiction::Other), &unit(&[]), on);
    let means = asked.iter().find(|a| a.item.id == "two_alarm_means").unwrap();
    assert!(means.citations.is_empty() && means.order().is_none() && !means.gap);
    let detectors = asked.iter().find(|a| a.item.id == "detectors").unwrap();
    assert_eq!(detectors.order(), Some(Correction::Within), "ES-14 asks it everywhere");
    assert!(asked.iter().all(|a| a.item.id != "filed"), "no public place, no filing");
    let in_liaoning = packs.asked(general, &SiteProfile::new(Jurisdiction::Liaoning), &unit(&[]), on);
    let rules = in_liaoning.iter().find(|a| a.item.id == "usable").unwrap();
    assert!(!rules.gap, "A-23-1 stands in the text");
}

#[test]
fn an_order_on_lost_text_alone_says_so() {
    let packs = Packs::embedded().unwrap();
    let on = day("2026-03-02");
    let list = packs.checklist("provider", on).unwrap();
    let asked = packs.asked(list, &SiteProfile::new(Jurisdiction::Liaoning), &unit(&[]), on);
    let gap = |id: &str| asked.iter().find(|a| a.item.id == id).map(|a| a.gap);
    assert_eq!((gap("commitment"), gap("standards")), (Some(true), Some(false)));
}

#[test]
fn a_list_is_proposed_to_whom_it_is_for() {
    let packs = Packs::embedded().unwrap();
    let on = day("2026-03-02");
    let plain = SiteProfile::new(Jurisdiction::Liaoning);
    let ids = |who, site: &SiteProfile, places: &[PlaceKind]| -> Vec<String> {
        packs.checklists_for(who, site, &unit(places), on).into_iter().map(|l| l.id.clone()).collect()
    };
    assert_eq!(ids(Actor::UsingUnit, &plain, &[PlaceKind::Office]), ["general"]);
    assert_eq!(ids(Actor::UsingUnit, &plain, &[PlaceKind::Vault]), ["general", "valuables"]);
    assert_eq!(ids(Actor::UsingUnit, &plain, &[PlaceKind::Square]), ["general", "public_area"]);
    assert_eq!(ids(Actor::UsingUnit, &plain, &[PlaceKind::Vehicle]), ["general", "transport"]);
    assert_eq!(ids(Actor::UsingUnit, &plain, &[PlaceKind::Classroom]), ["general", "school"]);
    let hotel = SiteProfile { special_trade: Some(SpecialTrade::Hotel), ..plain };
    assert_eq!(ids(Actor::UsingUnit, &hotel, &[]), ["general", "hotel"]);
    assert_eq!(ids(Actor::Seller, &plain, &[]), ["seller"]);
    assert_eq!(ids(Actor::AlarmOperator, &plain, &[]), [""; 0]);
    let operator = SiteProfile { alarm_operator: true, ..plain };
    assert_eq!(ids(Actor::AlarmOperator, &operator, &[]), ["alarm_operator"]);
    assert!(packs.checklists_for(Actor::UsingUnit, &plain, &unit(&[]), day("2025-03-31")).is_empty());
}

#[test]
fn no_kind_of_place_falls_to_the_general_list_without_a_reason() {
    let packs = Packs::embedded().unwrap();
    let on = day("2026-03-02");
    assert_eq!(packs.kinds_without_list(on), [""; 0]);
    let before = packs.kinds_without_list(day("2025-03-31"));
    assert!(before.contains(&"vehicle") && before.contains(&"a10_dangerous_goods"), "the day before the first lists");
    let general = packs.checklist("general", on).unwrap();
    for left in &general.left {
        assert!(left.why().zh.chars().count() > 10 && left.why().en.is_ascii(), "{left:?}");
        assert!(!left.places.is_empty() || !left.categories.is_empty(), "{left:?}");
        for other in packs.checklists() {
            assert!(!other.categories.iter().any(|c| left.categories.contains(c)), "{} has a list: {left:?}", other.id);
        }
    }
    // A list that goes leaves its kinds without one; a category that no pack knows is a slip.
    let school = "checklists/school.toml";
    let mut files = crate::embedded::files();
    files.remove(school);
    let without = Packs::from_files(&files).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(without.kinds_without_list(on), ["classroom", "government_schools"]);
    let error = fault(&changed(school, "[\"government_schools\"]", "[\"schools\"]"));
    assert!(error.file == school && error.what.contains("stands in no places.toml"), "{error}");
    let error = fault(&changed(GENERAL, "why_en = \"", "why_en = \"\" #"));
    assert!(error.file == GENERAL && error.what.contains("with its reason"), "{error}");
}

#[test]
fn what_a_new_list_asks_is_asked_where_its_clauses_reach() {
    let packs = Packs::embedded().unwrap();
    let on = day("2026-03-02");
    for id in ["dangerous", "transport", "utilities", "securities", "school", "hospital", "residential"] {
        let list = packs.checklist(id, on).unwrap();
        let own = list.items.iter().skip(packs.checklist("general", on).unwrap().items.len());
        assert!(own.clone().count() >= 8 && own.clone().any(|i| i.auto.is_some()), "{id}");
        for jurisdiction in Jurisdiction::provinces() {
            let asked = packs.asked(list, &SiteProfile::new(jurisdiction), &unit(&[]), on);
            for item in own.clone() {
                let found = asked.iter().find(|a| a.item.id == item.id);
                let ordered = found.is_some_and(|a| a.order().is_some());
                assert!(ordered, "{id} {}: no clause asks it in {}", item.id, jurisdiction.key());
            }
        }
    }
}

#[test]
fn a_new_version_holds_from_its_first_day() {
    let mut files = crate::embedded::files();
    let next = files[HOTEL].replacen("from = \"2025-04-01\"", "from = \"2027-01-01\"", 1);
    files.insert("checklists/hotel.2027-01-01.toml".to_owned(), next.clone());
    let packs = Packs::from_files(&files).unwrap_or_else(|e| panic!("{e}"));
    let from = |on: &str| packs.checklist("hotel", day(on)).unwrap().from;
    assert_eq!((from("2026-12-31"), from("2027-01-01")), (day("2025-04-01"), day("2027-01-01")));
    let site = SiteProfile { special_trade: Some(SpecialTrade::Hotel), ..SiteProfile::new(Jurisdiction::Liaoning) };
    let fitting = packs.checklists_for(Actor::UsingUnit, &site, &unit(&[]), day("2027-01-01"));
    assert_eq!(fitting.iter().filter(|l| l.id == "hotel").count(), 1, "one version at a time");
    files.insert("checklists/hotel.2027-01-02.toml".to_owned(), next.clone());
    assert!(fault(&files).what.contains("the file of this list is"));
    files.remove("checklists/hotel.2027-01-02.toml");
    files.insert("checklists/hotel.2025-04-01.toml".to_owned(), files[HOTEL].clone());
    assert!(fault(&files).what.contains("two versions"));
    files.remove("checklists/hotel.2025-04-01.toml");
    // A version before the list it is based on has nothing to stand on.
    files.insert("checklists/hotel.2025-03-31.toml".to_owned(), next.replacen("2027-01-01", "2025-03-31", 1));
    assert!(fault(&files).what.contains("no list `general` was there"));
}

#[test]
fn each_defect_of_an_item_is_named_with_its_place() {
    for (from, to, says) in [
        ("clauses = [\"LT-17-2\"]", "clauses = [\"LT-99\"]", "does not exist"),
        ("within_days = 20", "within_days = 21", "is no limit"),
        ("within_days = 20", "", "goes with"),
        ("order = \"within\"\nwithin_days = 20", "order = \"at_once\"\nwithin_days = 20", "goes with"),
        ("clauses = [\"LT-17-2\"]", "", "names a clause"),
        ("clauses = [\"LT-17-2\"]", "practice = true", "rests on a clause"),
        ("gravity = \"serious\"", "gravity = \"serious\"\nauto = \"sing\"", "is no duty"),
        ("gravity = \"serious\"", "gravity = \"serious\"\nauto = \"gap_s\"", "is no duty"),
        ("gravity = \"serious\"", "gravity = \"serious\"\nanswer = \"number\"", "has a unit"),
        ("gravity = \"serious\"", "gravity = \"serious\"\nmost = 3", "go with a number"),
        ("gravity = \"serious\"", "gravity = \"serious\"\nanswer = \"choice\"", "at least one passes"),
        ("gravity = \"serious\"", "gravity = \"awful\"", "unknown variant"),
        ("id = \"desk\"", "id = \"entrance\"", "stands twice"),
        ("id = \"trade_parts\"", "id = \"signs\"", "has this item"),
        ("criterion_en = \"", "criterion_en = \"\" #", "in one language"),
    ] {
        let error = fault(&changed(HOTEL, from, to));
        assert!(error.file == HOTEL && error.what.contains(says), "{from} -> {to}: {error}");
        assert!(error.line.is_some() && error.clause.is_some(), "{error}");
    }
    let number =
        "gravity = \"serious\"\nanswer = \"number\"\nunit_zh = \"秒\"\nunit_en = \"seconds\"\nleast = 2\nmost = 1";
    assert!(fault(&changed(HOTEL, "gravity = \"serious\"", number)).what.contains("above `most`"));
    let number = number.replace("least = 2", "least = 0");
    assert!(fault(&changed(HOTEL, "gravity = \"serious\"", &number)).what.contains("is practice"));
}

#[test]
fn each_defect_of_a_list_is_named_with_its_place() {
    for (path, from, to, says) in [
        (HOTEL, "based_on = \"general\"", "based_on = \"none\"", "no list `none`"),
        (HOTEL, "based_on = \"general\"", "based_on = \"fuel\"", "itself based on another"),
        (HOTEL, "id = \"hotel\"", "id = \"inn\"", "the file of this list is"),
        (HOTEL, "who = [\"using_unit\"]", "who = []", "whom it is for"),
        (HOTEL, "name_en = \"", "name_en = \"\" #", "in one language"),
        (GENERAL, "note_en = \"", "note_en = \"\" #", "in one language"),
    ] {
        let error = fault(&changed(path, from, to));
        assert!(error.file == path && error.what.contains(says), "{from} -> {to}: {error}");
    }
    for (from, to, says) in [
        ("[10, 20, 30, 60, 90]", "[10, 10]", "rising"),
        ("[10, 20, 30, 60, 90]", "[]", "rising"),
        ("[10, 20, 30, 60, 90]", "[0, 10]", "rising"),
        ("[10, 20, 30, 60, 90]", "[10, 367]", "rising"),
        ("why_en = \"", "why_en = \"\" #", "say why"),
    ] {
        let error = fault(&changed(LIMITS, from, to));
        assert!(error.file == LIMITS && error.what.contains(says), "{from} -> {to}: {error}");
    }
    assert_eq!(Packs::embedded().unwrap().correction_limits().days, [10, 20, 30, 60, 90]);
}

#[test]
fn lists_items_and_parts_are_bounded() {
    let mut files = crate::embedded::files();
    let item = "\n[[item]]\nid = \"x_N\"\ncategory = \"rules\"\nzh = \"问\"\nen = \"ask\"\ncriterion_zh = \"准\"\ncriterion_en = \"so\"\n\
                practice = true\ngravity = \"minor\"\ndefects = [{ id = \"d\", zh = \"缺\", en = \"lack\" }]\n";
    let list = "id = \"big\"\nfrom = \"2025-04-01\"\nname_zh = \"大\"\nname_en = \"big\"\nwho = [\"using_unit\"]\n";
    let of = |n: usize| -> String {
        std::iter::once(list.to_owned()).chain((0..n).map(|i| item.replace("_N", &format!("_{i}")))).collect()
    };
    files.insert("checklists/big.toml".to_owned(), of(200));
    assert!(Packs::from_files(&files).is_ok());
    files.insert("checklists/big.toml".to_owned(), of(201));
    assert!(fault(&files).what.contains("more than 200 items"));
    let defects: String = (0..21).map(|i| format!("{{ id = \"d{i}\", zh = \"缺\", en = \"lack\" }}, ")).collect();
    let many = of(1).replace("{ id = \"d\", zh = \"缺\", en = \"lack\" }", &defects);
    files.insert("checklists/big.toml".to_owned(), many);
    assert!(fault(&files).what.contains("1 to 20 defects"));
    files.insert("checklists/big.toml".to_owned(), of(1).replace("\"ask\"", &format!("\"{}\"", "a".repeat(301))));
    assert!(fault(&files).what.contains("longer than 300"));
    for n in 0..60 {
        let one = of(1).replace("\"big\"", &format!("\"big_{n}\""));
        files.insert(format!("checklists/big_{n}.toml"), one);
    }
    assert!(fault(&files).what.contains("more than 64 checklists"));
}

#[test]
fn packs_without_checklists_are_whole() {
    let mut files = crate::embedded::files();
    files.retain(|path, _| !path.starts_with("checklists/") && path != LIMITS);
    let packs = Packs::from_files(&files).unwrap_or_else(|e| panic!("{e}"));
    assert!(packs.checklists().is_empty() && packs.correction_limits().days.is_empty());
    assert!(packs.clause(&ClauseId::new("A-26")).is_some());
}
