//! What a breach costs: every case of the packs holds, every penalty clause has its entry, amounts are refused with their clause, and
//! seeded defects of `sanctions.toml` are found by place.

use base::{CivilDate, ClauseId};
use jifang_law as law;
use law::{AmountGrounds, Fined, Grade, Jurisdiction, Level, Modality, PackError, Packs, Penalty, PenaltyQuestion};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::LazyLock;

static PACKS: LazyLock<Packs> = LazyLock::new(|| Packs::embedded().unwrap_or_else(|e| panic!("{e}")));

fn day(text: &str) -> CivilDate {
    CivilDate::parse(text).unwrap()
}

fn ask(breach: &str, at: Jurisdiction, who: Fined, grade: Grade, act: &str, decided: &str) -> Penalty {
    PACKS.penalty(&PenaltyQuestion::new(breach, at, who, grade, day(act), day(decided))).unwrap()
}

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

#[test]
fn every_case_of_what_a_breach_costs_holds() {
    assert!(PACKS.sanction_case_count() >= 240, "{}", PACKS.sanction_case_count());
    let failures = PACKS.run_sanction_cases();
    let shown: Vec<String> = failures.iter().map(|f| format!("{} · {}: {}", f.file, f.case, f.what)).collect();
    assert!(failures.is_empty(), "{}", shown.join("\n"));
}

#[test]
fn what_officials_do_is_referred_and_never_fined() {
    let of_officials = |id: &str| id.starts_with("A-36") || id.starts_with("B-42-");
    let sanctions = PACKS.all().iter().flat_map(|p| &p.sanctions);
    let theirs: Vec<&law::Sanction> = sanctions.filter(|s| of_officials(&s.clause)).collect();
    assert_eq!(theirs.len(), 13, "five of art. 36 with its tails, eight items of art. 42");
    for sanction in &theirs {
        assert!(sanction.bands.is_empty(), "{} has a sum", sanction.clause);
        assert_eq!(sanction.addressees, [Fined::Official], "{}", sanction.clause);
    }
    let on = day("2026-11-22");
    let breaches = theirs.iter().map(|s| s.clause.as_str()).chain(["A-29-1", "A-29-2", "A-29-3"]);
    for breach in breaches {
        for at in Jurisdiction::ALL {
            for who in [Fined::Unit, Fined::Person, Fined::Responsible, Fined::Official] {
                for grade in [Grade::Ordinary, Grade::Overdue, Grade::Loss, Grade::Serious] {
                    let asked = PenaltyQuestion::new(breach, at, who, grade, on, on);
                    let fined = PACKS.penalty(&asked).is_ok_and(|penalty| penalty.fining().is_some());
                    assert!(!fined, "{breach} {at:?} {who:?} {grade:?}");
                }
            }
        }
    }
    // What is done instead is no penalty, leaves no row, is published nowhere, and is decided by a head with reasons.
    for id in ["conduct_referral_a", "conduct_referral_b"] {
        let procedure = PACKS.procedure(id).unwrap();
        assert_eq!(procedure.kind, law::ProcedureKind::Internal, "{id}");
        assert!(procedure.fields.iter().all(|f| f.kind != law::FieldKind::Yuan && !f.public && f.registers.is_empty()));
        for outcome in &procedure.outcomes {
            let open = outcome.registers.len() + outcome.publications.len() + outcome.opens.len();
            assert_eq!(open, 0, "{id} {}", outcome.id);
            assert_eq!(outcome.needs, [law::Guard::Head, law::Guard::Reasons], "{id} {}", outcome.id);
        }
    }
}

#[test]
fn every_penalty_clause_has_its_entry() {
    let missing: Vec<&str> = PACKS
        .all()
        .iter()
        .flat_map(|p| &p.clauses)
        .filter(|c| c.modality == Modality::Penalty && PACKS.sanction(&c.id).is_none())
        .map(|c| c.id.as_str())
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn what_a_clause_says_punishes_it_agrees_with_the_sanctions() {
    let mut wrong = Vec::new();
    for clause in PACKS.all().iter().flat_map(|p| &p.clauses) {
        for penalty in &clause.penalty {
            // A-31-f1 is the one item of A-31 that survives: it counts for A-31.
            let sanctions = PACKS.all().iter().flat_map(|p| &p.sanctions);
            let of = |id: &str| id == penalty.clause || id.starts_with(&format!("{}-f", penalty.clause));
            let mut links = sanctions.filter(|s| of(&s.clause)).filter_map(|s| s.link(&clause.id));
            if !links.any(|link| link == penalty.link) {
                wrong.push(format!("{} -> {} {:?}", clause.id, penalty.clause, penalty.link));
            }
        }
    }
    assert!(wrong.is_empty(), "no sanction says so:\n{}", wrong.join("\n"));
}

#[test]
fn what_a_sanction_punishes_says_so_in_its_own_pack() {
    let mut wrong = Vec::new();
    for pack in PACKS.all() {
        for sanction in &pack.sanctions {
            // A penalty clause whose item is the breach itself has no other clause to name it.
            for breach in sanction.breach.iter().filter(|b| b.clause != sanction.clause) {
                let Some(clause) = pack.clauses.iter().find(|c| c.id == breach.clause) else { continue };
                if !clause.penalty.iter().any(|p| p.clause == sanction.clause && p.link == breach.link) {
                    wrong.push(format!("{} -> {} {:?}", clause.id, sanction.clause, breach.link));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "clauses.toml does not say so:\n{}", wrong.join("\n"));
}

#[test]
fn a_clause_that_outlives_its_fine_says_why() {
    let mut told = Vec::new();
    for pack in PACKS.all() {
        for sanction in &pack.sanctions {
            let Some(until) = sanction.until else { continue };
            let clause = pack.clauses.iter().find(|c| c.id == sanction.clause).unwrap();
            if pack.in_force(clause, until) {
                let day = until.to_string();
                assert!(clause.slip_zh.contains(&day) && clause.slip_en.contains(&day), "{}", clause.id);
                told.push(clause.id.as_str());
            }
        }
    }
    assert_eq!(told, ["B-35-2"]);
}

#[test]
fn the_known_amounts_of_the_two_ordinances_are_all_here() {
    let amounts = |pack: &str| -> BTreeSet<(Option<u64>, u64)> {
        let bands = PACKS.pack(pack).unwrap().sanctions.iter().flat_map(|s| &s.bands);
        bands.map(|b| (b.min_yuan, b.max_yuan)).collect()
    };
    let fixed = |n: u64| (Some(n), n);
    assert_eq!(amounts("A"), [fixed(5_000), fixed(10_000), fixed(30_000)].into());
    let range = |a: u64, b: u64| (Some(a), b);
    let of_b = [range(1_000, 3_000), range(1_000, 5_000), range(3_000, 5_000), range(3_000, 10_000)];
    assert_eq!(amounts("B"), of_b.into_iter().chain([range(5_000, 10_000), range(10_000, 30_000)]).collect());
}

#[test]
fn an_amount_is_refused_with_its_clause_and_never_above_the_cap() {
    let answer = ask("A-12-2", Jurisdiction::Liaoning, Fined::Unit, Grade::Overdue, "2026-03-02", "2026-03-02");
    let full = AmountGrounds { reasons: "two orders ignored", legal_review: None, clause: None };
    assert_eq!(answer.check_amount(30_000, full).unwrap(), 30_000);
    let refusal = answer.check_amount(29_999, full).unwrap_err();
    assert_eq!((refusal.code.as_str(), refusal.why[0].clause.0.as_str()), ("amount_outside_range", "A-31-f1"));
    assert!(refusal.what.zh.contains("30000元") && refusal.what.en.contains("30000 yuan"), "{refusal:?}");
    for reasons in ["", "  \n"] {
        let refusal = answer.check_amount(30_000, AmountGrounds { reasons, ..AmountGrounds::default() }).unwrap_err();
        assert_eq!(refusal.code, "amount_without_reasons");
    }
    let capped = ask("A-21-1", Jurisdiction::Liaoning, Fined::Unit, Grade::Ordinary, "2026-03-02", "2026-03-02");
    let refusal = capped.check_amount(10_001, AmountGrounds { legal_review: Some("x"), ..full }).unwrap_err();
    assert_eq!(refusal.code, "amount_above_cap");
    assert_eq!(refusal.why.iter().map(|c| c.clause.0.as_str()).collect::<Vec<_>>(), ["A-34", "799-30"]);
    let refusal = capped.check_amount(10_000, full).unwrap_err();
    assert_eq!(refusal.code, "legal_review_required");
    let refusal = capped.check_amount(10_000, AmountGrounds { legal_review: Some(" "), ..full }).unwrap_err();
    assert_eq!(refusal.code, "legal_review_required");
}

#[test]
fn a_legal_review_may_choose_another_clause_and_nobody_else_may() {
    let answer = ask("B-13-1", Jurisdiction::Heilongjiang, Fined::Unit, Grade::Overdue, "2026-03-02", "2026-03-02");
    assert_eq!(answer.fining().unwrap().0.citation.clause.0, "ES-19");
    let grounds = AmountGrounds { reasons: "x", legal_review: Some("review 7"), clause: Some("B-37-1-1") };
    assert_eq!(answer.check_amount(3_000, grounds).unwrap(), 3_000);
    for (amount, grounds, code) in [
        (2_999, grounds, "amount_outside_range"),
        (3_000, AmountGrounds { clause: None, ..grounds }, "amount_outside_range"),
        (3_000, AmountGrounds { clause: Some("B-41"), ..grounds }, "no_clause_fines"),
        (3_000, AmountGrounds { legal_review: None, ..grounds }, "legal_review_required"),
    ] {
        assert_eq!(answer.check_amount(amount, grounds).unwrap_err().code, code);
    }
    // Also where nothing else asks for a review.
    let peeping = ask("799-8", Jurisdiction::Other, Fined::Person, Grade::Ordinary, "2026-03-02", "2026-03-02");
    let other = AmountGrounds { reasons: "x", legal_review: None, clause: Some("PO-50") };
    assert!(peeping.reviews().is_empty());
    assert_eq!(peeping.check_amount(1_000, other).unwrap_err().code, "legal_review_required");
    assert_eq!(peeping.check_amount(1_000, AmountGrounds { legal_review: Some("8"), ..other }).unwrap(), 1_000);
}

#[test]
fn a_surcharge_grows_by_three_per_cent_a_day_up_to_the_fine() {
    for (fine, days, fen) in [
        (1_000, 0, 0),
        (1_000, 1, 3_000),
        (1_250, 1, 3_750),
        (1_000, 33, 99_000),
        (1_000, 34, 100_000),
        (1_000, 9_999, 100_000),
    ] {
        assert_eq!(PACKS.surcharge_fen(fine, days, day("2026-03-02")), Some(fen), "{fine} {days}");
    }
    assert_eq!(PACKS.surcharge_fen(1_000, 1, day("2021-07-14")), None);
    assert!(PACKS.surcharge_fen(u64::MAX, u32::MAX, day("2026-03-02")).is_some());
}

#[test]
fn a_missing_sign_at_a_private_shop_is_corrected_and_not_fined() {
    let answer = ask("B-16", Jurisdiction::Heilongjiang, Fined::Unit, Grade::Ordinary, "2026-03-02", "2026-03-02");
    let said: Vec<String> = answer.sentences().iter().map(|t| t.en.clone().into_owned()).collect();
    assert_eq!(
        said,
        ["799-13: order to correct within a limit.", "799-13: no fine.", "B-42-1-7 reaches only: official."]
    );
    assert_eq!(answer.correction.as_ref().unwrap().clause.0, "AP-28-1");
    let refusal = answer.check_amount(1, AmountGrounds::default()).unwrap_err();
    assert_eq!((refusal.code.as_str(), refusal.why[0].clause.0.as_str()), ("no_clause_fines", "799-13"));
}

#[test]
fn sentences_stand_in_both_languages() {
    for sanction in PACKS.all().iter().flat_map(|p| &p.sanctions) {
        for breach in &sanction.breach {
            for who in Fined::ALL {
                for at in Jurisdiction::ALL {
                    let answer = ask(&breach.clause, at, *who, Grade::Overdue, "2026-03-02", "2026-03-02");
                    for text in answer.sentences() {
                        assert!(!text.zh.is_empty() && !text.en.is_empty(), "{} {who:?}", breach.clause);
                    }
                }
            }
        }
    }
}

#[test]
fn a_hearing_is_told_at_the_threshold_of_its_clause() {
    let unit = ask("799-7", Jurisdiction::Other, Fined::Unit, Grade::Overdue, "2026-03-02", "2026-03-02");
    let hearing = &unit.fining().unwrap().0.hearing;
    assert_eq!((hearing.right_at(9_999), hearing.right_at(10_000)), (Some(false), Some(true)));
    assert_eq!(
        (hearing.citation.as_ref().unwrap().clause.0.as_str(), hearing.request_working_days),
        ("PP-123", Some(5))
    );
    let local = ask("A-12-2", Jurisdiction::Liaoning, Fined::Unit, Grade::Overdue, "2026-03-02", "2026-03-02");
    let hearing = &local.fining().unwrap().0.hearing;
    assert!(hearing.local_figure_unknown && hearing.right_at(30_000).is_none());
}

#[test]
fn on_the_spot_amounts_are_those_of_the_day() {
    for (breach, who, act, want) in [
        ("799-7", Fined::Unit, "2026-03-02", Some(3_000)),
        ("799-7", Fined::Person, "2026-03-02", Some(200)),
        ("PO-50", Fined::Person, "2026-03-02", Some(500)),
        ("PO-42", Fined::Person, "2025-12-31", Some(200)),
    ] {
        let answer = ask(breach, Jurisdiction::Other, who, Grade::Overdue, act, act);
        assert_eq!(answer.applied[0].on_the_spot_yuan, want, "{breach} {act}");
    }
}

#[test]
fn what_cannot_be_answered_is_refused() {
    let q = |breach: &str, act: &str, decided: &str| {
        let q = PenaltyQuestion::new(breach, Jurisdiction::Other, Fined::Unit, Grade::Ordinary, day(act), day(decided));
        PACKS.penalty(&q).unwrap_err().code
    };
    assert_eq!(q("Z-1", "2026-03-02", "2026-03-02"), "not_found");
    assert_eq!(q("799-7", "2026-03-02", "2026-03-01"), "decision_before_act");
}

#[test]
fn a_later_gentler_number_is_applied_and_a_harsher_one_is_not() {
    let with = |max: u64| {
        let mut files = files();
        let text = files.get_mut("national/order-799/sanctions.toml").unwrap();
        let old = "max_yuan = 20_000\nfrom = \"2025-04-01\"";
        let new = format!(
            "max_yuan = 20_000\nfrom = \"2025-04-01\"\nuntil = \"2027-01-01\"\n\n[[sanction.band]]\nwho = [\"unit\"]\n\
             grades = [\"overdue\"]\nmax_yuan = {max}\nfrom = \"2027-01-01\""
        );
        assert!(text.contains(old));
        *text = text.replacen(old, &new, 1);
        Packs::from_files(&files).unwrap()
    };
    for (max, act, decided, want) in [
        (8_000, "2026-12-31", "2026-12-31", 20_000),
        (8_000, "2026-12-31", "2027-01-01", 8_000),
        (8_000, "2027-01-01", "2027-01-01", 8_000),
        (50_000, "2026-12-31", "2027-01-01", 20_000),
        (50_000, "2027-01-01", "2027-01-01", 50_000),
    ] {
        let (unit, overdue) = (Fined::Unit, Grade::Overdue);
        let q = PenaltyQuestion::new("799-7", Jurisdiction::Other, unit, overdue, day(act), day(decided));
        let answer = with(max).penalty(&q).unwrap();
        assert_eq!(answer.fining().unwrap().1.max_yuan, want, "{max}: {act}, {decided}");
    }
}

#[test]
fn higher_instruments_rank_higher() {
    let rising = [Level::ProvincialRule, Level::ProvincialOrdinance, Level::AdministrativeRegulation, Level::Law];
    assert!(rising.windows(2).all(|pair| pair[0].rank() < pair[1].rank()));
    assert_eq!(Level::DepartmentRule.rank(), Level::ProvincialOrdinance.rank());
}

#[test]
fn national_packs_say_what_is_verified() {
    for id in ["ES", "PO", "AP", "AL", "AC", "AR", "AG", "PP", "PI", "SC", "CT", "LT", "799"] {
        let pack = PACKS.pack(id).unwrap_or_else(|| panic!("no pack {id}"));
        let told = ["Verified", "Second-hand", "reprint"].iter().any(|word| pack.head.source_en.contains(word));
        assert!(told, "{id}: {}", pack.head.source_en);
        assert!(pack.articles.values().all(|a| a.body.starts_with("要旨")), "{id}");
    }
    for (clause, name, on, want) in [
        ("AP-72", "surcharge_permille_a_day", "2026-03-02", Some(30)),
        ("AP-67", "payment_days", "2021-07-14", None),
        ("AR-20", "application_days", "2024-01-01", Some(60)),
        ("PP-133", "hearing_request_days", "2026-03-02", None),
        ("PO-42", "nothing", "2012-01-01", None),
    ] {
        assert_eq!(PACKS.value(&ClauseId::new(clause), name, day(on)), want, "{clause}");
    }
}

/// Replaces `from` by `to` in one file and gives the error of loading.
fn seeded(path: &str, from: &str, to: &str) -> PackError {
    let mut files = files();
    let text = files.get_mut(path).unwrap();
    assert!(text.contains(from), "{path} holds no {from}");
    *text = text.replacen(from, to, 1);
    let Err(error) = Packs::from_files(&files) else { panic!("{path}: {from} -> {to} loads") };
    error
}

#[test]
fn seeded_defects_of_sanctions_are_found_with_file_line_and_clause() {
    let a = "liaoning/ordinance-2015/sanctions.toml";
    let b = "heilongjiang/ordinance-2012/sanctions.toml";
    let n = "national/order-799/sanctions.toml";
    let po = "national/public-order-law/sanctions.toml";
    let overlays = "sanction-overlays.toml";
    let (more, rest) = ("[[sanction]]", "\nbreach = []\naddressees = [\"unit\"]\n\n[[sanction]]\nclause = \"");
    for (file, from, to, clause, says) in [
        (a, "min_yuan = 30_000\nmax_yuan = 30_000", "min_yuan = 30_001\nmax_yuan = 30_000", "A-31", "above max_yuan"),
        (a, "max_yuan = 30_000\nfrom = \"2015-02-01\"", "max_yuan = 30_000", "A-31", "missing field `from`"),
        (a, "from = \"2015-02-01\"", "from = \"2015-01-31\"", "A-31", "before its clause is in force"),
        (a, "from = \"2015-02-01\"", "from = \"2015-02-01\"\nuntil = \"2015-02-01\"", "A-31", "ends before it begins"),
        (a, "clause = \"A-13\"", "clause = \"A-99\"", "A-31", "`A-99` does not exist"),
        (
            a,
            "[[sanction]]\nclause = \"A-32\"",
            &format!("{more}\nclause = \"A-31\"{rest}A-32\""),
            "A-31",
            "two entries",
        ),
        (
            a,
            "[[sanction]]\nclause = \"A-32\"",
            &format!("{more}\nclause = \"B-38\"{rest}A-32\""),
            "B-38",
            "its own clauses",
        ),
        (
            a,
            "who = [\"responsible\"]\ngrades = [\"overdue\"]",
            "who = [\"unit\"]\ngrades = [\"overdue\"]",
            "A-31",
            "one party, grade and day",
        ),
        (a, "who = [\"unit\"]", "who = [\"king\"]", "A-31", "king"),
        (a, "who = [\"unit\"]", "who = [\"person\"]", "A-31", "not among the addressees"),
        (a, "grades = [\"overdue\"]", "grades = [\"late\"]", "A-31", "late"),
        (a, "order = \"correct\"\n", "", "A-31", "needs an `order`"),
        (a, "order = \"correct\"", "order = \"advise\"", "A-31", "advise"),
        (a, "addressees = [\"unit\", \"responsible\"]", "addressees = []", "A-31", "`addressees` is empty"),
        (a, "kind = \"damages\"", "kind = \"damages\"\nmax = 3", "A-34", "belong to"),
        (b, "max = 3\nfrom = \"2012-11-01\"", "max = 3", "B-36", "needs its first day"),
        (b, "min_yuan = 1_000\nmax_yuan = 5_000", "min_yuan = 1_000\nmax_yuan = 6_000", "B-41", "overlap"),
        (b, "ended_by = \"SC-58\"\n", "", "B-35-1", "go together"),
        (b, "ended_by = \"SC-58\"", "ended_by = \"SC-59\"", "B-35-1", "`SC-59` does not exist"),
        (b, "slip_zh = \"", "only_if_zh = \"x\"\nslip_zh = \"", "B-39", "both languages"),
        (
            n,
            "order = \"correct\"\n",
            "order = \"correct\"\n[[sanction.measure]]\nkind = \"crime\"\n",
            "799-13",
            "only a penalty clause",
        ),
        (n, "max_yuan = 20_000", "max_yuan = 0", "799-26", "no end of a fine is 0"),
        (n, "max_yuan = 20_000", "min_yuan = 0\nmax_yuan = 20_000", "799-26", "no end of a fine is 0"),
        (po, "successor = \"PO-33\"", "successor = \"PO-18\"", "PO-29", "has no entry"),
        (po, "min = 5\nmax = 10", "min = 11\nmax = 10", "PO-29", "above max"),
        (overlays, "\"799-26\", \"A-31\"", "\"799-26\", \"A-99\"", "unauthorised_installation_liaoning", "A-99"),
        (overlays, "\"799-26\", \"A-31\"", "\"A-31\", \"799-26\"", "unauthorised_installation_liaoning", "rank above"),
        (overlays, "\"799-26\", \"A-31\"", "\"799-26\"", "unauthorised_installation_liaoning", "at least two"),
        (overlays, "\"AP-12-2\"", "\"AP-12-9\"", "unauthorised_installation_liaoning", "AP-12-9"),
        (overlays, "id = \"private_places\"", "id = \"missing_sign\"", "missing_sign", "twice"),
        (overlays, "rule = \"cap\"", "rule = \"roof\"", "unauthorised_installation_liaoning", "roof"),
    ] {
        let error = seeded(file, from, to);
        let shown = error.to_string();
        assert!(error.what.contains(says), "{file}: {from} -> {to}: {shown}");
        assert_eq!((error.file.as_str(), error.clause.as_deref()), (file, Some(clause)), "{from} -> {to}: {shown}");
        assert!(error.line.is_some(), "{shown}");
    }
}

#[test]
fn a_link_that_is_not_literal_needs_its_reason() {
    let file = "liaoning/ordinance-2015/sanctions.toml";
    let mut files = files();
    let text = files.get_mut(file).unwrap();
    let at = text.find("\n[[sanction.review]]").unwrap();
    let end = at + text[at..].find("\n[[sanction]]").unwrap();
    text.replace_range(at..end, "\n");
    let Err(error) = Packs::from_files(&files) else { panic!("loads without its reason") };
    assert!(error.what.contains("not literal") && error.clause.as_deref() == Some("A-31"), "{error}");
}

proptest! {
    /// Whatever is asked, an amount that passes is inside a range of a sanction that is in force on one of the two days, and never
    /// above the cap.
    #[test]
    fn what_passes_is_always_inside_some_range(
        pick in 0usize..1000, who in 0usize..4, grade in 0usize..4, at in 0usize..3,
        act in 0i32..7000, wait in 0i32..2000, amount in 0u64..120_000,
    ) {
        let breaches: Vec<&str> = PACKS.all().iter().flat_map(|p| &p.sanctions).flat_map(|s| &s.breach).map(|b| b.clause.as_str()).collect();
        let act = day("2008-01-01").plus_days(act);
        let breach = breaches[pick % breaches.len()];
        let (who, grade) = (Fined::ALL[who], Grade::ALL[grade]);
        let q = PenaltyQuestion::new(breach, Jurisdiction::ALL[at], who, grade, act, act.plus_days(wait));
        let answer = PACKS.penalty(&q).unwrap();
        let grounds = AmountGrounds { reasons: "x", legal_review: Some("x"), clause: None };
        if answer.check_amount(amount, grounds).is_ok() {
            let (applied, fine) = answer.fining().unwrap();
            prop_assert!(fine.least() <= amount && amount <= fine.max_yuan);
            prop_assert!(fine.bound.as_ref().is_none_or(|b| amount <= b.max_yuan));
            let (_, sanction) = PACKS.sanction(&applied.citation.clause.0).unwrap();
            prop_assert!(sanction.bands.iter().any(|b| amount <= b.max_yuan && amount >= b.min_yuan.unwrap_or(1)));
            prop_assert!(sanction.addressees.contains(&who));
        }
        prop_assert!(answer.applied.iter().all(|a| a.law_of == q.act_on || a.law_of == q.decided_on));
    }
}
