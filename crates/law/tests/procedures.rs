//! The procedures in the binary: all of them are there, and seeded defects are found by place.

use base::{CivilDate, ClauseId};
use jifang_law as law;
use law::{ClockError, ClockRun, PackError, Packs, ProcedureKind};
use std::collections::BTreeMap;
use std::path::Path;

fn read_dir(dir: &Path, below: &str, files: &mut BTreeMap<String, String>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{below}{}", entry.file_name().to_str().unwrap());
        if entry.file_type().unwrap().is_dir() {
            read_dir(&entry.path(), &format!("{name}/"), files);
        } else {
            files.insert(name, std::fs::read_to_string(entry.path()).unwrap());
        }
    }
}

fn files() -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    read_dir(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../law"), "", &mut files);
    files
}

fn day(text: &str) -> CivilDate {
    CivilDate::parse(text).unwrap()
}

/// Replaces `from` by `to` in one file and gives the error of loading.
fn seeded(path: &str, from: &str, to: &str) -> PackError {
    let mut files = files();
    let text = files.get_mut(path).unwrap_or_else(|| panic!("{path}"));
    assert!(text.contains(from), "{path} holds no {from}");
    *text = text.replacen(from, to, 1);
    Packs::from_files(&files).expect_err(&format!("{path}: {from} -> {to}"))
}

#[test]
fn every_procedure_is_there_with_its_steps_and_an_end() {
    let packs = Packs::embedded().unwrap_or_else(|e| panic!("{e}"));
    let ids: Vec<&str> = packs.procedures().iter().map(|p| p.id.as_str()).collect();
    for (folder, count) in [("liaoning", 15), ("heilongjiang", 17), ("national", 9)] {
        assert_eq!(packs.procedures().iter().filter(|p| p.folder.starts_with(folder)).count(), count, "{folder}");
    }
    for id in [
        "relocation",
        "plan_review",
        "three_together_a",
        "provider_filing",
        "outside_provider_filing",
        "emergency_connection",
        "citizen_viewing",
        "evidence_retrieval",
        "inspection_a",
        "warning_notice",
        "commendation",
        "conduct_referral_a",
        "misuse_report_a",
        "unaccepted_report_a",
        "sign_report_a",
        "product_registration",
        "registration_revocation",
        "sales_filing",
        "place_designation",
        "area_designation",
        "area_approval",
        "three_together_b",
        "plan_examination",
        "acceptance",
        "official_access",
        "networking",
        "inspection_b",
        "conduct_referral_b",
        "misuse_report_b",
        "unaccepted_report_b",
        "sign_report_b",
        "bulletin",
        "system_filing",
        "person_viewing",
        "report_handling",
        "permit",
        "penalty_case",
        "on_the_spot_penalty",
        "enforcement",
        "review",
        "lawsuit",
    ] {
        assert!(ids.contains(&id), "{id}");
    }
    for procedure in packs.procedures() {
        let decides = !matches!(
            procedure.kind,
            ProcedureKind::Internal
                | ProcedureKind::Building
                | ProcedureKind::Reward
                | ProcedureKind::Viewing
                | ProcedureKind::OfficialUse
        );
        // Who is decided upon can go on from there: to a review, a suit, or an authority that is not one (experts).
        let remedy =
            !procedure.remedies.is_empty() || procedure.organ == law::Party::Experts || procedure.id == "lawsuit";
        assert!(remedy || !decides || procedure.kind == ProcedureKind::Consultation, "{}", procedure.id);
        let own = packs.all().iter().find(|p| p.folder == procedure.folder);
        if let Some(own) = own {
            let prefix = format!("{}-", own.head.id);
            assert!(procedure.clauses[0].0.starts_with(&prefix), "{}: {}", procedure.id, procedure.clauses[0]);
            assert!(procedure.from >= own.head.from, "{} begins before its pack", procedure.id);
        }
    }
}

#[test]
fn a_registration_filed_before_the_spring_festival_of_2013() {
    let packs = Packs::embedded().unwrap();
    let filed = day("2013-02-08");
    match packs.clock_due("product_registration", "decide", &ClockRun::from(filed), filed) {
        Ok(due) => assert_eq!(due.deadline.day(), Some(day("2013-02-20"))),
        // The number stands in its clause; without that there is no day, and no guess.
        Err(error) => assert!(matches!(error, ClockError::NoNumber { .. }), "{error}"),
    }
    let late = packs.clock_due("product_registration", "decide", &ClockRun::from(day("2016-02-03")), filed);
    assert!(matches!(late, Err(ClockError::NotInForce { .. })), "{late:?}");
    let product = packs.procedure("product_registration").unwrap();
    assert_eq!(product.ended_by, Some(ClauseId::new("SC-58")));
    assert!(product.in_force(day("2016-02-02")) && !product.in_force(day("2016-02-03")));
}

#[test]
fn seeded_defects_of_procedures_are_found_by_place() {
    let product = "heilongjiang/ordinance-2012/procedures/product_registration.toml";
    let order = "heilongjiang/ordinance-2012/procedures/inspection_b.toml";
    let filing = "national/order-799/procedures/system_filing.toml";
    let plan = "heilongjiang/ordinance-2012/procedures/plan_examination.toml";
    let penalty = "national/penalty-law/procedures/penalty_case.toml";
    let review = "national/review-law/procedures/review.toml";
    let counting = "workdays/counting.toml";
    for (path, from, to, says) in [
        (product, "clauses = [\"B-9-2\"", "clauses = [\"B-99\"", "B-99"),
        (product, "clause = \"B-10-4\", after", "clause = \"B-77-4\", after", "B-77-4"),
        (product, "id = \"product_registration\"", "id = \"product\"", "`product.toml`"),
        (product, "applicant = \"manufacturer\"", "applicant = \"king\"", "king"),
        (product, "who = \"manufacturer\"", "who = \"queen\"", "queen"),
        (product, "starts = \"receive\"\n", "", "starts"),
        (product, "starts = \"receive\"", "starts = \"sunrise\"", "sunrise"),
        (product, "ends = [\"registered\", \"refused\"]", "ends = [\"sunset\"]", "sunset"),
        (product, "id = \"issue\"", "id = \"decide\"", "two clocks `decide`"),
        (product, "after = [\"receive\"]", "after = [\"notify\"]", "cannot be reached"),
        (
            product,
            "after = [\"examine\"], document_zh = \"不予",
            "after = [\"nothing\"], document_zh = \"不予",
            "`nothing`",
        ),
        (product, "id = \"examine\"", "id = \"receive\"", "stands twice"),
        (product, "{ id = \"apply\", who", "{ id = \"apply\", after = [\"receive\"], who", "comes after nothing"),
        (product, "one_of = \"quality\" },\n]", "one_of = \"other\" },\n]", "the only one of"),
        (product, "id = \"form\"", "id = \"licence\"", "two materials"),
        (product, "en = \"Examine.\"", "en = \"\"", "missing in one language"),
        (product, "until = \"2016-02-03\"", "until = \"2010-02-03\"", "`until` comes after"),
        (product, "ended_by = \"SC-58\"\n", "", "`until` comes after"),
        (product, "unit = \"working_days\"", "unit = \"months\"", "is no number of Months"),
        (product, "unit = \"working_days\"", "unit = \"moons\"", "moons"),
        (product, "counting = \"licensing\"", "counting = \"fingers\"", "fingers"),
        (
            product,
            "length = { clause = \"AL-44\", value = \"issue_working_days\" }",
            "length = { clause = \"AL-44\", amount = 0 }",
            "no length",
        ),
        (product, "value = \"issue_working_days\"", "value = \"issue_working_days\", amount = 10", "not both"),
        (product, "cause = \"hearing\"", "cause = \"holiday\"", "holiday"),
        (plan, "default_en = \"", "default_eng = \"", "default_eng"),
        (filing, "value = \"filing_days\"", "value = \"other_days\"", "no value `other_days`"),
        (order, "registers = [\"inspections\"] },", "registers = [\"inspections\"], fee = 3 },", "fee"),
        (
            penalty,
            "direction = \"before\"",
            "direction = \"before\"\nstops = [{ cause = \"hearing\", clause = \"AP-64\" }]",
            "neither stopped",
        ),
        (
            penalty,
            "{ field = \"public_order\", is = \"no\" }",
            "{ field = \"order\", is = \"no\" }",
            "`order`, which does",
        ),
        (
            penalty,
            "field = \"public_order\", is = \"no\"",
            "field = \"public_order\", is = \"not\"",
            "`not`, which is no",
        ),
        (penalty, "field = \"public_order\", is = \"no\"", "field = \"matter\", is = \"no\"", "no choice and no yes"),
        (penalty, "field = \"public_order\", is = \"no\"", "field = \"complex\", is = \"no\"", "may be unanswered"),
        (penalty, "field = \"public_order\", is = \"no\"", "field = \"public_order\", was = \"no\"", "was"),
        (review, "field = \"manner\", is = \"simple\"", "field = \"manner\", is = \"quick\"", "`quick`, which is no"),
        (
            review,
            "id = \"manner\"\nstep = \"accept\"",
            "id = \"manner\"\nstep = \"examine\"\nrequired = false",
            "may be unanswered",
        ),
        (counting, "id = \"penalty\"", "id = \"police_case\"", "stands twice"),
        (counting, "weekend = [6, 7]", "weekend = [0, 7]", "weekend"),
        (counting, "clauses = [\"AP-85\", \"PP-35\"]", "clauses = []", "names its clauses"),
        (counting, "clauses = [\"AP-85\", \"PP-35\"]", "clauses = [\"B-99\"]", "B-99"),
        ("workdays/cases.toml", "expect = { due", "expect = { dew", "dew"),
        ("workdays/cases.toml", "clock = \"decide\"\n", "", "asks for"),
    ] {
        let error = seeded(path, from, to);
        let shown = error.to_string();
        assert!(shown.contains(says), "{path}: {from} -> {to}: {shown}");
        assert_eq!(error.file, path, "{shown}");
        assert!(error.line.is_some() || error.what.contains("weekend"), "{shown}");
    }
}

#[test]
fn a_procedure_stands_once_and_needs_its_ways_of_counting() {
    let mut files = files();
    let path = "heilongjiang/ordinance-2012/procedures/acceptance.toml";
    let text = files[path].clone();
    files.insert("liaoning/ordinance-2015/procedures/acceptance.toml".to_owned(), text);
    let error = Packs::from_files(&files).unwrap_err();
    assert!(error.what.contains("has a procedure of this word"), "{error}");
    files.remove("liaoning/ordinance-2015/procedures/acceptance.toml");
    files.remove("workdays/counting.toml");
    let error = Packs::from_files(&files).unwrap_err();
    assert!(error.file == "workdays/counting.toml" && error.what.contains("missing"), "{error}");
    files.retain(|path, _| !path.starts_with("workdays/") && !path.contains("/procedures/"));
    let error = Packs::from_files(&files).unwrap_err();
    assert!(error.file == "own-rules.toml" && error.what.contains("does not exist"), "{error}");
    files.remove("own-rules.toml");
    let error = Packs::from_files(&files).unwrap_err();
    assert!(error.file == "carriers.toml" && error.what.contains("fills in such a column"), "{error}");
    let carriers = files.remove("carriers.toml").unwrap();
    let unfiltered: Vec<&str> = carriers.lines().filter(|line| !line.starts_with("filter = ")).collect();
    files.insert("carriers.toml".to_owned(), unfiltered.join("\n"));
    let error = Packs::from_files(&files).unwrap_err();
    assert!(error.file == "exchange.toml" && error.what.contains("is none of the packs"), "{error}");
    files.remove("exchange.toml");
    let packs = Packs::from_files(&files).unwrap_or_else(|e| panic!("{e}"));
    assert!(packs.procedures().is_empty() && packs.calendar().years().is_none());
}

#[test]
fn registers_and_publications_are_known() {
    let packs = Packs::embedded().unwrap();
    let named =
        packs.procedures().iter().flat_map(|p| &p.outcomes).flat_map(|o| o.registers.iter().chain(&o.publications));
    let all: String = named.map(|id| format!("# \"{id}\"\n")).collect();
    let mut files = files();
    files.entry("carriers.toml".to_owned()).or_insert(all);
    Packs::from_files(&files).unwrap_or_else(|e| panic!("{e}"));
    let path = "heilongjiang/ordinance-2012/procedures/registration_revocation.toml";
    let text = files[path].replace("\"bans\"", "\"bands\"");
    assert_ne!(text, files[path]);
    files.insert(path.to_owned(), text);
    let error = Packs::from_files(&files).unwrap_err();
    assert!(error.file == path && error.line.is_some() && error.what.contains("`bands`"), "{error}");
}

#[test]
fn a_clock_of_some_cases_says_in_which() {
    let packs = Packs::embedded().unwrap();
    let case = packs.procedure("penalty_case").unwrap();
    let name = |id: &str| case.clock_name(case.clock(id).unwrap());
    assert_eq!(name("deliver"), case.clock("deliver").unwrap().name(), "it runs in all");
    assert!(name("decide").zh.ends_with("（是否治安案件：否）"), "{}", name("decide").zh);
    assert!(name("decide_public_order").en.ends_with("(a public-order case: yes)"));
    let review = packs.procedure("review").unwrap();
    assert!(review.clock_name(review.clock("decide_simple").unwrap()).zh.ends_with("：简易程序）"));
}

#[test]
fn what_an_outcome_opens_is_a_procedure_of_the_packs() {
    let packs = Packs::embedded().unwrap();
    let mut opens = 0;
    for procedure in packs.procedures() {
        for outcome in &procedure.outcomes {
            for next in &outcome.opens {
                assert!(packs.procedure(next).is_some(), "{} {}: {next}", procedure.id, outcome.id);
                assert_ne!(next, &procedure.id, "{} opens itself", procedure.id);
                opens += 1;
            }
        }
    }
    assert!(opens >= 6, "inspections and reports lead to penalties, penalties to enforcement");
}

/// The id of a pack is our word: whoever fills in a form or reads a paper knows the instrument by its name.
#[test]
fn no_label_hint_or_choice_calls_an_instrument_by_the_id_of_its_pack() {
    let packs = Packs::embedded().unwrap();
    let ids: Vec<&str> = packs.all().iter().map(|pack| pack.head.id.as_str()).collect();
    let calls = |text: &str| {
        let text = text.trim_end_matches('.');
        ids.iter().any(|id| text.contains(&format!("{id}第")) || text.ends_with(&format!(" of {id}")))
    };
    assert!(calls("是否属于799第七条所列公共场所") && calls("Never the places of art. 8 of 799."));
    let mut looked = 0;
    for field in packs.procedures().iter().flat_map(|p| &p.fields) {
        let texts = [field.name(), field.hint().unwrap_or_default()];
        for text in texts.into_iter().chain(field.choices.iter().map(law::FieldChoice::name)) {
            assert!(!calls(&text.zh) && !calls(&text.en), "{}: {} {}", field.id, text.zh, text.en);
        }
        looked += 1;
    }
    assert!(looked > 300, "{looked}");
}
