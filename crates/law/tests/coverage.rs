//! Every clause of the two ordinances says what becomes of it, and what it says is true: carriers exist, tests exist, days count.

mod support;

use base::{CivilDate, ClauseId};
use jifang_law as law;
use law::{Carrier, Coverage, Packs, Status};
use std::collections::BTreeMap;
use support::{files, seeded};

const A: &str = "liaoning/ordinance-2015/clauses.toml";
const B: &str = "heilongjiang/ordinance-2012/clauses.toml";

fn packs() -> Packs {
    Packs::embedded().unwrap_or_else(|e| panic!("{e}"))
}

fn day(text: &str) -> CivilDate {
    CivilDate::parse(text).unwrap()
}

/// Ids of both texts, in their order.
fn ids() -> Vec<&'static str> {
    include_str!("clause-ids.txt").lines().filter(|l| !l.starts_with('#')).collect()
}

fn by_id(coverage: &[Coverage]) -> BTreeMap<&str, &Coverage> {
    coverage.iter().map(|c| (c.id.0.as_str(), c)).collect()
}

#[test]
fn all_193_clauses_have_a_status_and_a_carrier_or_a_reason() {
    assert_eq!(ids().len(), 193);
    let coverage = packs().coverage();
    for pack in ["A", "B"] {
        let found: Vec<&str> = coverage.iter().filter(|c| c.pack == pack).map(|c| c.id.0.as_str()).collect();
        let wanted: Vec<&str> = ids().into_iter().filter(|id| id.starts_with(&format!("{pack}-"))).collect();
        assert_eq!(found, wanted, "in the order of the text");
    }
    let lines = by_id(&coverage);
    for id in ids() {
        let c = lines[id];
        assert!(c.complete, "{id}");
        assert!(!c.carriers.is_empty() || !c.reason.zh.is_empty() && !c.reason.en.is_empty(), "{id}");
        assert!(c.status != Status::Superseded || c.superseded_from.is_some(), "{id}");
    }
}

#[test]
fn what_the_program_enforces_is_held_by_a_case_or_a_test() {
    let free: Vec<String> = packs()
        .coverage()
        .into_iter()
        .filter(|c| c.status == Status::Enforced && c.cases.is_empty() && c.held_by.is_empty())
        .map(|c| c.id.0)
        .collect();
    assert!(free.is_empty(), "nothing holds {free:?}");
}

/// Clauses that only point to other rules: what they point to has the cases.
const POINTERS: [(&str, &str); 2] = [
    ("A-23-3", "other national rules on retention prevail: the cases are those of CT-32, LT-17 and 799-17"),
    ("B-25-2", "the same"),
];

#[test]
fn what_is_enforced_or_sanctioned_names_a_case() {
    let whole = packs().coverage();
    let held = |c: &&Coverage| matches!(c.status, Status::Enforced | Status::Sanction) && c.cases.is_empty();
    let free: Vec<&str> = whole.iter().filter(held).map(|c| c.id.0.as_str()).collect();
    assert!(free.iter().all(|id| POINTERS.iter().any(|(known, _)| known == id)), "no case holds {free:?}");
    assert_eq!(free.len(), POINTERS.len(), "strike what has a case from the list: {free:?}");
}

#[test]
fn cases_of_every_kind_are_named() {
    let whole = packs().coverage();
    let lines = by_id(&whole);
    for (id, case) in [
        ("B-28-1-1", "B: heilongjiang one officer"),
        ("B-41", "B: B-41 unit serious"),
        ("B-41", "B: designating brands"),
        ("B-10-2", "workdays: registration filed the day before the Spring Festival of 2013"),
    ] {
        assert!(lines[id].cases.iter().any(|c| c == case), "{id}: {:?}", lines[id].cases);
    }
    let days = |id: &str, on: &str| lines[id].cases.iter().any(|c| c.ends_with(&format!(": {id} {on}")));
    assert!(days("B-35-1", "2016-02-03"), "{:?}", lines["B-35-1"].cases);
    assert!(!lines["B-14-3"].cases.iter().any(|c| c == "B: B-41 unit serious"), "no case of another clause");
}

#[test]
fn what_is_called_enforced_runs() {
    for c in packs().coverage().iter().filter(|c| ["A", "B"].contains(&c.pack.as_str())) {
        let runs = c.carriers.iter().any(|s| s.built);
        assert!(c.status != Status::Enforced || runs || !c.held_by.is_empty(), "{}", c.id);
    }
}

#[test]
fn coverage_says_what_holds_a_clause_and_what_is_not_built() {
    let coverage = packs().coverage();
    let lines = by_id(&coverage);
    let two = lines["B-28-1-1"];
    assert!(two.cases.contains(&"B: heilongjiang one officer".to_owned()), "{:?}", two.cases);
    let built = |word: &str| two.carriers.iter().find(|c| c.carrier.to_string() == word).map(|c| c.built);
    assert_eq!((built("gate:official_view"), built("gate:official_retrieve")), (Some(true), Some(false)));
    assert_eq!(two.status, Status::Enforced);
    let directory = &lines["A-18"].carriers;
    assert_eq!(directory[0].carrier, Carrier::Publication("provider_directory".to_owned()));
    assert!(directory[0].built, "a case publishes it");
    assert!(lines["B-22-1-4"].carriers.iter().any(|c| c.built && c.carrier.to_string() == "register:maintenance"));
    let lost =
        coverage.iter().find(|c| c.status == Status::Gap && c.carriers.is_empty()).expect("a tail without a meaning");
    assert!(lost.reason.en.contains("lost"), "{}: {:?}", lost.id, lost.reason);
    assert_eq!(lines["A-22-1-2"].status, Status::Gap);
    let registration = lines["B-10-2"];
    assert_eq!(registration.superseded_by, [ClauseId::new("SC-58")]);
    assert_eq!(registration.superseded_from, Some(day("2016-02-03")));
    assert_eq!(registration.cases.iter().filter(|c| c.starts_with("B: heilongjiang ")).count(), 4);
    assert!(lines["A-15-1"].cases.iter().any(|c| c.starts_with("A: ")), "its duty follows in cases");
    assert_eq!(coverage, packs().coverage(), "the same each time");
}

#[test]
fn product_registration_is_law_until_the_day_it_was_cancelled() {
    let packs = packs();
    let in_force = |id: &str, on: &str| {
        let (pack, clause) = packs.clause(&ClauseId::new(id)).unwrap();
        pack.in_force(clause, day(on))
    };
    let gone: Vec<&str> = ids().into_iter().filter(|id| !in_force(id, "2016-02-03") && id.starts_with("B-")).collect();
    let wanted = [
        "B-9-2", "B-10-1", "B-10-2", "B-10-3", "B-10-4", "B-11-1-1", "B-11-1-2", "B-11-1-3", "B-11-1-4", "B-35-1",
        "B-36",
    ];
    assert_eq!(gone, wanted);
    for id in wanted {
        let days = ["2012-10-31", "2012-11-01", "2016-02-02", "2016-02-03", "2026-03-02"];
        assert_eq!(days.map(|on| in_force(id, on)), [false, true, true, false, false], "{id}");
    }
    assert!(in_force("B-9-1", "2026-03-02") && in_force("B-35-2", "2026-03-02"));
}

#[test]
fn the_gate_asks_a_superseded_clause_until_its_day() {
    let mut files = files();
    let text = files.get_mut(B).unwrap();
    let at = text.find("id = \"B-28-1-1\"").unwrap();
    let later = text[at..].replacen(
        "status = \"enforced\"",
        "status = \"superseded\"\nsuperseded_by = [\"B-27-1\"]\nsuperseded_from = \"2020-06-15\"",
        1,
    );
    text.replace_range(at.., &later);
    let gate = law::Gate::new(Packs::from_files(&files).unwrap()).unwrap();
    let access = law::OfficialAccess {
        organ: law::OrganKind::Police,
        basis: law::BasisKind::CriminalInvestigation,
        distinct_officers: 1,
        badges_shown: true,
        unit_letter: true,
        registered: true,
        within_scope: true,
    };
    let site = law::SiteProfile::new(law::Jurisdiction::Heilongjiang);
    let question = law::Question { site, act: law::Act::OfficialView(access) };
    let allowed = ["2020-06-14", "2020-06-15"].map(|on| gate.decide(&question, day(on)).allow);
    assert_eq!(allowed, [false, true]);
}

#[test]
fn the_tests_that_clauses_name_exist() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let packs = packs();
    let named: Vec<(&str, &str)> = packs
        .all()
        .iter()
        .flat_map(|p| &p.clauses)
        .flat_map(|c| c.held_by.iter().map(|test| (c.id.as_str(), test.as_str())))
        .collect();
    assert!(named.len() >= 8, "{}", named.len());
    for (clause, test) in named {
        let (file, name) = test.split_once("::").unwrap();
        let text = std::fs::read_to_string(root.join(file)).unwrap_or_else(|e| panic!("{clause}: {file}: {e}"));
        assert!(text.contains(&format!("fn {name}(")), "{clause}: {file} has no fn {name}");
    }
}

#[test]
fn what_is_listed_carries_some_clause_out() {
    let packs = packs();
    let used: Vec<String> =
        packs.all().iter().flat_map(|p| &p.clauses).flat_map(|c| &c.carried_out_by).map(ToString::to_string).collect();
    let carriers = packs.carriers();
    let lists = [
        ("register", carriers.registers()),
        ("publication", carriers.publications()),
        ("page", carriers.pages()),
        ("procedure", carriers.procedures()),
    ];
    for (kind, list) in lists {
        for entry in list {
            assert!(!entry.name_zh.is_empty() && !entry.name_en.is_empty(), "{}", entry.id);
            let word = format!("{kind}:{}", entry.id);
            assert!(used.contains(&word), "{word} carries nothing out");
        }
    }
    assert_eq!(carriers.route(&Carrier::Register("alarms".to_owned())), Some("/alarms"));
    assert_eq!(carriers.route(&Carrier::Register("units".to_owned())), Some("/registers/{register}"));
    assert_eq!(carriers.route(&Carrier::Register("nothing".to_owned())), None);
    assert_eq!(carriers.route(&Carrier::Page("/log".to_owned())), Some("/log"));
    assert_eq!(carriers.name(&Carrier::Register("duty_log".to_owned())).zh, "登记：值班日志");
}

#[test]
fn a_status_that_says_too_little_is_found_with_file_line_and_clause() {
    let declared = "status = \"declared\"\nreason_zh = \"立法目的，不产生可以执行的义务；解释其他条文时据此理解。\"\n";
    let superseded = "status = \"superseded\"\nsuperseded_by = [\"SC-58\"]\nsuperseded_from = \"2016-02-03\"\n";
    for (file, from, to, clause, says) in [
        (A, declared, "status = \"declared\"\n", "A-1", "both languages"),
        (A, declared, "status = \"enforced\"\nreason_zh = \"x\"\nreason_en = \"x\"\n", "A-1", "duplicate key"),
        (B, superseded, "status = \"superseded\"\nsuperseded_by = [\"SC-58\"]\n", "B-9-2", "needs `superseded_from`"),
        (
            B,
            superseded,
            "status = \"superseded\"\nsuperseded_from = \"2016-02-03\"\n",
            "B-9-2",
            "needs `superseded_by`",
        ),
        (B, "superseded_by = [\"SC-58\"]", "superseded_by = [\"B-99\"]", "B-9-2", "`B-99`, which does not exist"),
        (B, "superseded_from = \"2016-02-03\"", "superseded_from = \"2012-11-01\"", "B-9-2", "not after its first day"),
        (B, "superseded_from = \"2016-02-03\"", "superseded_from = \"2016-02-30\"", "B-9-2", "day"),
        (B, "status = \"superseded\"", "status = \"procedure\"", "B-9-2", "go with status `superseded`"),
        (A, "status = \"record\"", "status = \"gap\"", "A-3-2", "gap = true"),
        (A, "status = \"record\"", "status = \"needs_ruling\"", "A-3-2", "needs `reason_zh`"),
        (A, "status = \"record\"", "status = \"procedure\"", "A-3-2", "asks for procedure:<id>"),
        (A, "status = \"record\"", "status = \"sanction\"", "A-3-2", "asks for sanction"),
        (A, "status = \"record\"", "status = \"publication\"", "A-3-2", "asks for publication:<id>"),
        (A, "status = \"record\"", "status = \"doubtful\"", "A-3-2", "doubtful"),
        (A, "carried_out_by = [\"register:products\"]\n", "", "A-3-2", "without a carrier or a reason"),
        (A, "status = \"procedure\"", "status = \"record\"", "A-9-2", "asks for register:<id>"),
        (A, "held_by = [\"crates/", "held_by = [\"", "A-4-2", "is not like `crates/x/tests/y.rs::name`"),
    ] {
        let error = seeded(file, from, to);
        assert!(error.what.contains(says), "{from} -> {to}: {error}");
        assert_eq!((error.file.as_str(), error.clause.as_deref()), (file, Some(clause)), "{error}");
        assert!(error.line.is_some(), "{error}");
    }
}

#[test]
fn a_carrier_that_does_not_exist_is_found_with_file_line_and_clause() {
    for (from, to, says) in [
        ("\"register:products\"", "\"register:product\"", "`register:product` is not listed in carriers.toml"),
        ("\"register:products\"", "\"register:products\", \"publication:x\"", "`publication:x` is not listed"),
        ("\"register:products\"", "\"register:products\", \"page:/nowhere\"", "`page:/nowhere` is not listed"),
        ("\"register:products\"", "\"register:products\", \"gate:delete\"", "does not carry this clause out"),
        ("\"register:products\"", "\"register:products\", \"gate:fly\"", "unknown act `fly`"),
        ("\"register:products\"", "\"register:products\", \"retention\"", "does not carry this clause out"),
        ("\"register:products\"", "\"register:products\", \"duty:x\"", "does not carry this clause out"),
        ("\"register:products\"", "\"register:products\", \"clock:5\"", "is none of gate:<act>"),
    ] {
        let error = seeded(A, from, to);
        assert!(error.what.contains(says), "{to}: {error}");
        assert_eq!((error.file.as_str(), error.clause.as_deref()), (A, Some("A-3-2")), "{error}");
        assert!(error.line.is_some(), "{error}");
    }
}

#[test]
fn a_clause_that_is_left_out_is_found() {
    let without = |file: &str, id: &str| {
        let mut files = files();
        let text = files.get_mut(file).unwrap();
        let from = text.find(&format!("[[clause]]\nid = \"{id}\"\n")).unwrap();
        let to = text[from + 1..].find("[[clause]]\n").map_or(text.len(), |n| from + 1 + n);
        text.replace_range(from..to, "");
        Packs::from_files(&files).expect_err(id)
    };
    for (file, id, at, says) in [
        (B, "B-22-1-4", "B-22-1-3", "item 4 is printed in art. 22 and no clause is about it"),
        (B, "B-42-1-5", "B-42-1-8", "item 5 is printed in art. 42"),
        (A, "A-10-1-f9", "A-10-1-f10", "`A-10-1-f9` is missing before it"),
        (A, "A-22-1-2", "A-22-1-3", "`A-22-1-2` is missing before it"),
    ] {
        let error = without(file, id);
        assert!(error.what.contains(says), "{error}");
        assert_eq!((error.file.as_str(), error.clause.as_deref()), (file, Some(at)), "{error}");
        assert!(error.line.is_some(), "{error}");
    }
    let error = without(A, "A-19");
    assert_eq!(error.file, "liaoning/ordinance-2015/text.md");
    assert!(error.what.contains("art. 19 has no clause") && error.line.is_some(), "{error}");
}

#[test]
fn the_list_of_carriers_is_checked() {
    let file = "carriers.toml";
    let built = "name_en = \"maintenance and faults\"\nroute = \"/registers/{register}\"\nbuilt = true";
    let unbuilt = built.replace("true", "false");
    for (from, to, entry, says) in [
        ("id = \"units\"", "id = \"systems\"", "systems", "stands twice"),
        ("route = \"/shift\"\n", "", "duty_log", "`route`"),
        (built, unbuilt.as_str(), "maintenance", "`route`"),
        ("id = \"/log\"", "id = \"log\"", "log", "route pattern"),
        ("id = \"units\"\n", "id = \"units\"\nlink = \"/units\"\n", "units", "link"),
    ] {
        let error = seeded(file, from, to);
        assert!(error.what.contains(says), "{error}");
        assert_eq!((error.file.as_str(), error.clause.as_deref()), (file, Some(entry)), "{error}");
        assert!(error.line.is_some(), "{error}");
    }
}

#[test]
fn a_case_about_a_number_needs_its_amount_or_its_absence() {
    let file = "heilongjiang/ordinance-2012/cases.toml";
    let number = "value = \"B-10-2 decision_workdays\"\nexpect = { none = true }";
    for (to, says) in [
        ("value = \"B-10-2\"\nexpect = { none = true }", "is not `clause name`"),
        ("value = \"B-10-2 decision_workdays\"\nexpect = { none = false }", "amount or"),
        ("value = \"B-10-2 decision_workdays\"\nexpect = { allow = true }", "amount or"),
        ("value = \"B-10-2 decision_workdays\"\nkeep = \"corridor\"\nexpect = { none = true }", "one of"),
        (
            "value = \"B-10-2 decision_workdays\"\nsite = { jurisdiction = \"heilongjiang\" }\nexpect = { none = true }",
            "one of",
        ),
    ] {
        let error = seeded(file, number, to);
        assert!(error.what.contains(says) && error.line.is_some(), "{to}: {error}");
    }
    let mut files = files();
    let text = files.get_mut(file).unwrap();
    *text = text.replacen("{ amount = 5 }", "{ amount = 6 }", 1);
    let gate = law::Gate::new(Packs::from_files(&files).unwrap()).unwrap();
    let said = gate.run_cases();
    assert!(said.len() == 1 && said[0].what.contains("expected Some(6), found Some(5)"), "{said:?}");
}
