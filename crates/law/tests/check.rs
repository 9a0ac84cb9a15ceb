//! The checker between packs: clean on the packs of the binary, and it finds what is seeded, each with file, line and clause.

use jifang_law as law;
use law::{FindingKind, Judged, PackError, Packs, Severity};
use std::collections::BTreeMap;

type Files = BTreeMap<String, String>;

const A: &str = "liaoning/ordinance-2015";
const B: &str = "heilongjiang/ordinance-2012";
const ORDER: &str = "national/order-799";

fn checked(files: &Files) -> Result<Vec<Judged>, PackError> {
    Packs::from_files(files)?.check_between(files)
}

fn of(found: &[Judged], kind: FindingKind) -> Vec<&str> {
    found.iter().filter(|j| j.finding.kind == kind).map(|j| j.finding.at.as_str()).collect()
}

#[test]
fn the_packs_are_clean_and_every_accepted_finding_is_there() {
    let found = Packs::check_embedded().unwrap();
    let open: Vec<String> =
        found.iter().filter(|j| j.is_open()).map(|j| format!("{:?} {}", j.finding.kind, j.finding)).collect();
    assert!(open.is_empty(), "{}", open.join("\n"));
    for judged in &found {
        let finding = &judged.finding;
        assert!(finding.line.is_some(), "{finding}");
        assert!(!finding.text.zh.is_empty() && !finding.text.en.is_empty());
        assert_ne!(finding.severity, Severity::Error, "{finding}");
    }
}

#[test]
fn the_known_slips_are_found_without_being_told() {
    let mut files = law::embedded_files();
    // What the packs themselves say of their slips is taken away; the texts and the clauses stay.
    files.retain(|path, _| !path.ends_with("readings.toml") && path != law::KNOWN_FILE);
    let found = checked(&files).unwrap();
    assert_eq!(of(&found, FindingKind::DanglingReference), ["B-40", "B-40", "A-35"]);
    let b40 = found.iter().find(|j| j.finding.at == "B-40").unwrap();
    assert!(
        b40.finding.text.zh.contains("第二十六条第一项、第二项、第三项") && b40.finding.text.zh.contains("没有分项")
    );
    assert_eq!(of(&found, FindingKind::OffsetFits), ["B-39", "B-40", "B-41"]);
    for judged in found.iter().filter(|j| j.finding.kind == FindingKind::OffsetFits) {
        assert!(judged.finding.text.en.contains("fits if shifted by 4"), "{}", judged.finding);
    }
    let unpunished = of(&found, FindingKind::UnpunishedDuty);
    for id in ["B-29-1-1", "B-29-1-2", "B-29-1-3", "B-23-2-1", "B-27-2"] {
        assert!(unpunished.contains(&id), "{id}");
    }
    assert!(!unpunished.iter().any(|id| ["B-15", "B-24-1-1", "A-14"].contains(id)), "{unpunished:?}");
    let officials = of(&found, FindingKind::OfficialsOnly);
    assert!(officials.contains(&"B-16"), "{officials:?}");
    assert!(of(&found, FindingKind::LayersMeet).contains(&"B-14-3"));
    assert!(found.iter().any(|j| j.finding.kind == FindingKind::UnlistedFlaw && j.finding.at == "B-40-1"));
    let retention = found.iter().find(|j| j.finding.at == "retention_days").unwrap();
    assert_eq!(retention.finding.severity, Severity::Note, "the overlay settles it");
    for part in ["A-23-2 30", "B-25-1 30", "799-17", "LT-17 60", "CT-32 90"] {
        assert!(retention.finding.text.en.contains(part), "{}", retention.finding);
    }
}

/// One seeded defect: file, what is replaced by what, what the message says, and the clause it names.
struct Seed(&'static str, &'static str, &'static str, &'static str, &'static str, &'static str);

#[rustfmt::skip]
const SEEDS: &[Seed] = &[
    // Found at load.
    Seed(B, "clauses.toml", "clause = \"B-38\"", "clause = \"B-380\"", "B-15", "does not exist"),
    Seed(B, "clauses.toml", "actor = [\"alarm_operator\"]", "actor = [\"king\"]", "B-21-1", "king"),
    Seed(B, "clauses.toml", "id = \"B-16\"", "id = \"B-15\"", "B-15", "twice"),
    Seed(B, "clauses.toml", "amount = 30, from = \"2012-11-01\"", "amount = 30", "B-25-1", "from"),
    Seed(B, "clauses.toml", "amount = 30, from = \"2012-11-01\" }", "amount = 30, from = \"2012-11-01\" }, { name = \"retention_days\", amount = 31, from = \"2013-01-01\" }", "B-25-1", "two values"),
    Seed(B, "clauses.toml", "amount = 30, from = \"2012-11-01\"", "amount = 30, from = \"2012-11-01\", until = \"2012-10-01\"", "B-25-1", "ends before"),
    Seed(A, "readings.toml", "quotes = [\"列入目录\"]", "quotes = [\"列入名录\"]", "A-28-directory", "does not hold the words"),
    Seed(A, "readings.toml", "article = 28", "article = 29", "A-28-directory", "should begin with"),
    Seed(A, "readings.toml", "\"A-24-2-f1\"", "\"A-24-9\"", "A-24-lost", "does not exist"),
    Seed(B, "readings.toml", "default = \"evident\"\nmay_fine = false", "default = \"evident\"\nmay_fine = true", "B-35-unlawful_gains", "before legal review"),
    Seed(B, "readings.toml", "id = \"B-41-offset\"", "id = \"B-39-offset\"", "B-39-offset", "two readings"),
    Seed(B, "readings.toml", "against_zh = \"错位只是推断；按字面虽不寻常，但并非不能适用。\"", "against_zh = \"\"", "B-41-offset", "counter-argument"),
    Seed(A, "readings.toml", "default = \"literal\"\nmay_fine = false\n\n[[reading]]\nid = \"A-11-lost\"", "default = \"evident\"\nmay_fine = false\n\n[[reading]]\nid = \"A-11-lost\"", "A-10-lost", "only what is printed"),
    Seed(A, "readings.toml", "kind = \"slip\"\narticle = 28", "kind = \"gap\"\narticle = 28", "A-28-directory", "nothing is invented"),
    // Found between the packs.
    Seed(B, "clauses.toml", "clause = \"B-38\"", "clause = \"B-14-3\"", "B-15", "not `penalty`"),
    Seed(B, "clauses.toml", "penalty = [{ clause = \"B-38\", link = \"literal\" }]\n", "", "B-15", "punishes its breach"),
    Seed(B, "clauses.toml", "penalty = [{ clause = \"B-38\", link = \"literal\" }]", "penalty = [{ clause = \"B-38\", link = \"slip_reading\" }]", "B-15", "flagged reading"),
    Seed(B, "clauses.toml", "penalty = [{ clause = \"B-38\", link = \"literal\" }]", "penalty = [{ clause = \"B-42-1-7\", link = \"literal\" }]", "B-15", "reaches only them"),
    Seed(B, "clauses.toml", "amount = 30, from = \"2012-11-01\"", "amount = 30, from = \"2012-10-31\"", "B-25-1", "before its instrument"),
    Seed(B, "clauses.toml", "cite_en = \"art. 15\"", "cite_en = \"art. 16\"", "B-15", "does not cite article 15"),
    Seed(B, "clauses.toml", "cite_zh = \"第十五条\"", "cite_zh = \"第五十条\"", "B-15", "does not cite article 15"),
    Seed(B, "clauses.toml", "gist_en = \"No video or audio surveillance", "gist_en = \"禁止禁止禁止禁止禁止禁止禁止禁止禁止禁止禁止禁止禁止禁止禁止禁止禁止禁止禁止禁止禁止禁止禁止禁止禁止禁止禁止禁止禁止禁止禁止禁止禁止禁止禁止禁止禁止禁止禁止禁止禁止禁止禁止禁止禁止禁止禁止禁止禁止禁止禁止禁止禁止禁止禁止禁止禁止 ", "B-15", "language"),
    Seed(B, "clauses.toml", "gist_zh = \"在公共场所安装", "gist_zh = \"\" # \"", "B-16", "language"),
    Seed(B, "readings.toml", "article = 40\nquotes", "article = 40\nclauses = [\"B-39\"]\nquotes", "B-40-article", "not of article 40"),
    Seed(B, "clauses.toml", "slip_en = \"An offset of four (as in art. 40) would read arts. 20", "reading = \"evident\"\nslip_en = \"An offset of four (as in art. 40) would read arts. 20", "B-39", "evident meaning"),
    Seed(B, "clauses.toml", "slip_zh = \"第二十六条没有分项，", "slip_zh = \"\" # ", "B-40-1", "stand together"),
    Seed(B, "pack.toml", "jurisdictions = [\"heilongjiang\"]\n", "", "B", "names its provinces"),
    Seed(ORDER, "pack.toml", "level = \"administrative_regulation\"", "level = \"administrative_regulation\"\njurisdictions = [\"liaoning\"]", "799", "whole country"),
    Seed("", "overlays.toml", "clauses = [\"CT-32\", \"LT-17\", ", "clauses = [\"CT-32\", ", "retention_days", "which rules"),
    Seed("", "known-findings.toml", "at = [\"B-26\"]", "at = [\"B-26\", \"B-24\"]", "B-24", "no longer there"),
    Seed("", "known-findings.toml", "at = [\"B-26\"]", "at = [\"B-26\", \"B-16\"]", "B-16", "accepted twice"),
    // Texts, ids, carriers.
    Seed(B, "text.md", "\n## ", "\n\n## ", "B", "text.md changed"),
    Seed(B, "clauses.toml", "id = \"B-15\"\narticle = 15", "id = \"B-15\"\narticle = 16", "B-15", "should begin with `B-16`"),
    Seed(B, "clauses.toml", "carried_out_by = [\"register:products\"]", "carried_out_by = [\"register:gadgets\"]", "B-3-2", "not listed"),
    Seed(B, "clauses.toml", "carried_out_by = [\"register:products\"]", "carried_out_by = [\"shelf:products\"]", "B-3-2", "none of gate"),
    // Policies.
    Seed(B, "policies.cedar", "Action::\"start_use\", resource)\nunless", "Action::\"start_fun\", resource)\nunless", "B-19-2-3", "unknown act"),
    Seed(B, "policies.cedar", "@clause(\"B-19-2-3\")", "@clause(\"B-19-9\")", "B-19-9", "does not exist"),
    Seed(B, "policies.cedar", "context.acceptance_passed", "context.acceptance_missed", "B-19-2-3", "acceptance_missed"),
    Seed(B, "policies.cedar", "@clause(\"B-15\") @code(\"place_of_privacy\")\nforbid(", "@clause(\"B-15\") @code(\"place_of_privacy\")\nforbidden(", "", "policies.cedar"),
    Seed(B, "policies.cedar", "@clause(\"B-15\") @code(\"place_of_privacy\")", "@clause(\"B-15\")", "B-15", "needs a refusal code"),
    // Places, sanctions, duties.
    Seed(B, "places.toml", "\"guest_room\", \"dormitory\"", "\"guest_rooms\", \"dormitory\"", "B-15", "unknown kind of place"),
    Seed(B, "sanctions.toml", "min_yuan = 10_000\nmax_yuan = 30_000", "min_yuan = 40_000\nmax_yuan = 30_000", "B-35-1", "above max_yuan"),
    Seed(A, "sanctions.toml", "grades = [\"serious\"]\nmin_yuan = 30_000", "grades = [\"serious\"]\nmin_yuan = 9_000", "A-34", "overlap"),
    Seed(B, "sanctions.toml", "{ clause = \"B-15\", link", "{ clause = \"B-150\", link", "B-38", "does not exist"),
    Seed(B, "obligations.toml", "clauses = [\"B-13-1\"]", "clauses = []", "install_system", "names its clauses"),
    Seed(B, "obligations.toml", "clauses = [\"B-13-1\"]", "clauses = [\"B-130\"]", "install_system", "does not exist"),
    Seed(B, "obligations.toml", "who = [\"using_unit\"]", "who = [\"police\"]", "install_system", "addressed by none"),
    Seed(ORDER, "obligations.toml", "due = \"filing_days\"", "due = \"filing_moons\"", "file_system", "no dated value"),
    // Time.
    Seed("", "workdays/2026.toml", "work = [\"2026-02-14\", \"2026-02-28\"]", "work = [\"2026-02-15\", \"2026-02-28\"]", "国办发明电〔2025〕7号", "is already set by"),
    Seed(B, "procedures/product_registration.toml", "ends = [\"deliver\"]\n", "", "product_registration", "has no end"),
    Seed(B, "procedures/product_registration.toml", "ends = [\"registered\", \"refused\"]", "ends = [\"granted\"]", "product_registration", "no step or outcome"),
    Seed(B, "procedures/product_registration.toml", "counting = \"licensing\"", "counting = \"moon\"", "completion", "no way of counting"),
    Seed(B, "procedures/product_registration.toml", "value = \"decision_workdays\"", "value = \"decision_workdays_x\"", "decide", "has no value"),
];

/// What is told of a seeded defect: where, what in both languages, and what to do.
struct Told {
    line: Option<usize>,
    at: String,
    said: String,
    zh: String,
    /// In words of its own, not in general ones.
    known: bool,
    remedy: Option<(String, String)>,
}

fn told(files: &Files) -> Vec<Told> {
    match checked(files) {
        Err(error) => {
            let (text, remedy) = (error.text(), error.remedy());
            vec![Told {
                line: error.line,
                at: error.clause.clone().unwrap_or_default(),
                said: error.to_string(),
                zh: text.zh.to_string(),
                known: error.is_known(),
                remedy: Some((remedy.zh.to_string(), remedy.en.to_string())),
            }]
        }
        Ok(found) => {
            let open = found.into_iter().filter(Judged::is_open).map(|j| j.finding);
            open.map(|f| Told {
                line: f.line,
                said: f.to_string(),
                zh: f.text.zh.to_string(),
                at: f.at,
                known: true,
                remedy: None,
            })
            .collect()
        }
    }
}

#[test]
fn seeded_defects_are_told_with_file_line_and_clause() {
    assert!(SEEDS.len() >= 50);
    let mut wrong = Vec::new();
    for Seed(folder, name, from, to, at, says) in SEEDS {
        let file = if folder.is_empty() { (*name).to_owned() } else { format!("{folder}/{name}") };
        let mut files = law::embedded_files();
        let text = files.get_mut(&file).unwrap();
        assert!(text.contains(from), "{file} holds no {from}");
        *text = text.replacen(from, to, 1);
        let told = told(&files);
        let Some(found) = told.iter().find(|t| t.line.is_some() && t.at == *at && t.said.contains(says)) else {
            let all: Vec<&str> = told.iter().map(|t| t.said.as_str()).collect();
            wrong.push(format!("{file}: {from} -> {to}\nwant [{at}] {says}\ntold {all:#?}"));
            continue;
        };
        let chinese = |text: &str| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
        let remedy = found.remedy.as_ref();
        let helps = remedy.is_none_or(|(zh, en)| chinese(zh) && en.is_ascii() && en.ends_with('.'));
        if !found.known || !chinese(&found.zh) || !helps {
            wrong.push(format!("{}: known {}, {}, {remedy:?}", found.said, found.known, found.zh));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn a_clause_that_is_left_out_is_told_with_the_article_it_is_of() {
    // Taken out whole, with nothing that refers to it.
    for (id, article) in [("B-1", "art. 1"), ("B-28-1-3", "item 3 is printed in art. 28")] {
        let mut files = law::embedded_files();
        let text = files.get_mut(&format!("{B}/clauses.toml")).unwrap();
        let at = text.find(&format!("[[clause]]\nid = \"{id}\"\n")).unwrap();
        let end = text[at + 1..].find("[[clause]]").map_or(text.len(), |n| at + 1 + n);
        text.replace_range(at..end, "");
        let error = checked(&files).unwrap_err();
        assert!(error.to_string().contains(article), "{error}");
        assert!(error.is_known() && error.line.is_some(), "{error}");
    }
}

#[test]
fn a_defect_without_words_of_its_own_is_told_as_it_stands() {
    let what = "something nobody foresaw".to_owned();
    let error = PackError { file: "x.toml".to_owned(), line: None, clause: None, what };
    assert!(!error.is_known() && error.text().en == "something nobody foresaw");
    assert!(error.text().zh.ends_with('。') && error.remedy().en.contains("law check"));
}

#[test]
fn the_line_is_that_of_the_defect() {
    let mut files = law::embedded_files();
    let file = format!("{B}/clauses.toml");
    let text = files.get_mut(&file).unwrap();
    *text = text.replacen("cite_en = \"art. 15\"", "cite_en = \"art. 16\"", 1);
    let want = text.lines().position(|l| l == "cite_en = \"art. 16\"").unwrap() + 1;
    let found = checked(&files).unwrap();
    let wrong = found.iter().find(|j| j.finding.kind == FindingKind::WrongCitation).unwrap();
    assert_eq!((wrong.finding.file.as_str(), wrong.finding.line), (file.as_str(), Some(want)));
}

#[test]
fn a_broken_list_of_accepted_findings_is_told() {
    let mut files = law::embedded_files();
    files.insert(law::KNOWN_FILE.to_owned(), "[[known]]\nkind = \"none\"\n".to_owned());
    let error = checked(&files).unwrap_err();
    assert_eq!((error.file.as_str(), error.line), (law::KNOWN_FILE, Some(2)));
    files.remove(law::KNOWN_FILE);
    assert!(checked(&files).unwrap().iter().any(Judged::is_open), "without the list the findings are open");
}
