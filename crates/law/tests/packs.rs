//! The packs in the binary: they load, every case holds, every citation can be checked, and seeded defects are found by place.

mod support;

use base::{CivilDate, ClauseId, Reading, Sha256};
use jifang_law as law;
use law::{Act, Gate, Jurisdiction, OrganKind, Packs, Question, SiteProfile};
use std::collections::BTreeMap;
use support::{files, seeded};

fn gate() -> Gate {
    Gate::embedded().unwrap_or_else(|e| panic!("{e}"))
}

fn day(text: &str) -> CivilDate {
    CivilDate::parse(text).unwrap()
}

#[test]
fn every_case_of_every_pack_holds() {
    let gate = gate();
    assert!(gate.case_count() >= 340, "{}", gate.case_count());
    let failures: Vec<String> =
        gate.run_cases().iter().map(|f| format!("{} · {}: {}", f.file, f.case, f.what)).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn the_folder_and_the_binary_hold_the_same_packs() {
    let (from_disk, embedded) = (Packs::from_files(&files()).unwrap(), Packs::embedded().unwrap());
    let ids =
        |p: &Packs| p.all().iter().map(|p| (p.folder.clone(), p.head.clone(), p.clauses.clone())).collect::<Vec<_>>();
    assert_eq!(ids(&from_disk), ids(&embedded));
    assert_eq!(ids(&embedded).len(), files().keys().filter(|f| f.ends_with("pack.toml")).count());
}

#[test]
fn every_clause_cites_an_article_whose_hash_is_that_of_its_text() {
    let packs = Packs::embedded().unwrap();
    for pack in packs.all() {
        for clause in &pack.clauses {
            let citation = packs.cite(&ClauseId::new(&clause.id)).unwrap();
            let article = packs.article_text(&pack.head.id, clause.article).unwrap();
            assert_eq!(citation.text_sha256, Sha256::of(article.body.as_bytes()).hex(), "{}", clause.id);
            assert!(!article.body.is_empty() && !article.body.contains("缺文"), "{}", clause.id);
            assert!(clause.cite_zh.starts_with(&article.heading), "{} {}", clause.id, clause.cite_zh);
            for text in [&citation.gist, &citation.article, &citation.instrument] {
                assert!(!text.zh.is_empty() && !text.en.is_empty(), "{}", clause.id);
            }
            assert!(!clause.gap || !article.remarks.is_empty(), "{}: a gap is marked in the text", clause.id);
        }
    }
}

#[test]
fn the_texts_are_whole() {
    let packs = Packs::embedded().unwrap();
    for (id, count) in [("A", 37), ("B", 44)] {
        let articles = &packs.pack(id).unwrap().articles;
        assert_eq!(articles.keys().copied().collect::<Vec<_>>(), (1..=count).collect::<Vec<u16>>(), "{id}");
    }
    assert!(packs.article_text("B", 25).unwrap().body.contains("不得少于三十日"));
    assert!(packs.article_text("A", 24).unwrap().body.ends_with("其他技术平台。"));
    assert!(packs.article_text("799", 17).unwrap().body.starts_with("要旨"));
}

#[test]
fn values_have_days() {
    let packs = Packs::embedded().unwrap();
    for (clause, name, on, want) in [
        ("A-23-2", "retention_days", "2015-01-31", None),
        ("A-23-2", "retention_days", "2015-02-01", Some(30)),
        ("B-25-1", "retention_days", "2012-11-01", Some(30)),
        ("LT-17", "retention_days", "2020-01-01", Some(60)),
        ("CT-32", "retention_days", "2015-12-31", None),
        ("799-14", "filing_days", "2025-04-01", Some(30)),
    ] {
        assert_eq!(packs.value(&ClauseId::new(clause), name, day(on)), want, "{clause} {on}");
    }
}

#[test]
fn the_terms_of_a_day_are_those_that_some_clause_sets() {
    let gate = gate();
    for (on, terms) in [
        ("2012-10-31", &[][..]),
        ("2012-11-01", &[30]),
        ("2016-01-01", &[30, 90]),
        ("2019-12-31", &[30, 90]),
        ("2020-01-01", &[30, 60, 90]),
    ] {
        assert_eq!(gate.terms(day(on)), terms, "{on}");
    }
}

#[test]
fn a_borrowed_default_is_flagged_and_names_its_source() {
    let access = law::OfficialAccess {
        organ: OrganKind::Police,
        basis: law::BasisKind::CriminalInvestigation,
        distinct_officers: 1,
        badges_shown: true,
        unit_letter: true,
        registered: true,
        within_scope: true,
    };
    let ask = |jurisdiction| Question { site: SiteProfile::new(jurisdiction), act: Act::OfficialView(access) };
    let refusal = gate().decide(&ask(Jurisdiction::Liaoning), day("2026-03-02")).into_refusal();
    assert_eq!(refusal.kind, base::ErrorKind::Unlawful);
    assert_eq!(refusal.code, "two_officers_required");
    let why: Vec<_> = refusal.why.iter().map(|c| (c.clause.0.as_str(), c.reading)).collect();
    assert_eq!(why, [("A-24-2", Reading::FlaggedDefault), ("B-28-1-1", Reading::FlaggedDefault)]);
    assert_eq!(refusal.why[1].instrument.zh, "黑龙江省公共安全技术防范条例");

    let refusal = gate().decide(&ask(Jurisdiction::Heilongjiang), day("2026-03-02")).into_result().unwrap_err();
    assert_eq!(refusal.why.len(), 1);
    assert_eq!(refusal.why[0].reading, Reading::Literal);
    assert_eq!(refusal.why[0].article.zh, "第二十八条第一项");
    assert_eq!(refusal.what.zh, "工作人员少于二人。");
}

#[test]
fn a_refused_deletion_says_how_long_and_from_when() {
    let deletion = law::Deletion {
        place: law::PlaceKind::Corridor,
        last_frame: base::UtcMs::parse_shanghai("2026-01-01 23:59:59").unwrap(),
        on_hold: false,
        authorised: true,
    };
    let site = SiteProfile::new(Jurisdiction::Heilongjiang);
    let answer = gate().decide(&Question { site, act: Act::Delete(deletion) }, day("2026-01-31"));
    assert_eq!(answer.missing[0].next.en, "It may be deleted from 2026-02-01.");
    assert!(answer.missing[0].what.zh.contains("30日"), "{}", answer.missing[0].what.zh);
    let retention = gate().retention(&site, law::PlaceKind::Corridor, day("2026-01-31"));
    let earliest = retention.earliest_deletion(deletion.last_frame);
    assert_eq!(earliest.desk(), "2026-02-01 00:00:00");
    assert!(earliest.since(deletion.last_frame) >= 30 * base::time::DAY_MS);
}

#[test]
fn every_refusal_code_is_used_and_has_both_languages() {
    let files = files();
    let used: String =
        files.iter().filter(|(path, _)| path.ends_with(".cedar")).map(|(_, text)| text.as_str()).collect();
    for line in files["refusals.toml"].lines().filter_map(|l| l.strip_prefix("code = ")) {
        let by_the_gate = ["\"no_clause_permits\"", "\"gate_fault\""].contains(&line);
        assert!(by_the_gate || used.contains(&format!("@code({line})")), "{line}");
    }
}

#[test]
fn seeded_defects_are_found_with_file_and_place() {
    let (a, b) = ("liaoning/ordinance-2015", "heilongjiang/ordinance-2012");
    let path = |pack: &str, file: &str| format!("{pack}/{file}");
    let overlays = || "overlays.toml".to_owned();
    for (file, from, to, clause, says) in [
        (path(a, "text.md"), "三十日", "二十日", None, "text.md changed"),
        (path(a, "clauses.toml"), "article = 14", "article = 99", Some("A-14"), "A-99"),
        (path(a, "clauses.toml"), "clause = \"A-33\"", "clause = \"A-99\"", Some("A-14"), "does not exist"),
        (path(a, "clauses.toml"), "name = \"retention_days\"", "name = \"days\"", Some("A-23-2"), "retention_days"),
        (path(b, "clauses.toml"), "id = \"B-15\"", "id = \"B-14-3\"", Some("B-14-3"), "twice"),
        (path(b, "clauses.toml"), "actor = [\"official\"]", "actor = [\"king\"]", None, "king"),
        (path(b, "clauses.toml"), "\"gate:add_camera\"", "\"gate:fly\"", Some("B-4-1"), "fly"),
        (path(b, "clauses.toml"), "from = \"2012-11-01\"", "from = \"2012-13-01\"", None, "month"),
        (path(b, "policies.cedar"), "@clause(\"B-28-1-1\")", "@clause(\"B-28-9\")", Some("B-28-9"), "does not exist"),
        (path(b, "policies.cedar"), "@clause(\"B-28-1-1\") @code", "@code", None, "no @clause"),
        (path(b, "policies.cedar"), "@code(\"two_officers_required\")", "", Some("B-28-1-1"), "refusal code"),
        (
            path(b, "policies.cedar"),
            "@code(\"two_officers_required\")",
            "@code(\"x\")",
            Some("B-28-1-1"),
            "no sentence",
        ),
        (path(b, "policies.cedar"), "context.officers >= 2", "context.officer >= 2", None, "officer"),
        (path(b, "policies.cedar"), "context.officers >= 2", "context.officers >=", None, "unexpected"),
        (
            path(b, "policies.cedar"),
            "principal, action == Action::\"delete\", resource",
            "principal, action, resource",
            Some("B-24-1-3"),
            "names its acts",
        ),
        (path(a, "policies.cedar"), "@from(\"B-28-1-1\") ", "", Some("A-24-2"), "lost text"),
        (path(a, "policies.cedar"), "@from(\"B-28-1-1\")", "@from(\"B-29-1-3\")", Some("A-24-2"), "no overlay"),
        ("overlays.toml".to_owned(), "\"CT-32\", ", "\"CT-99\", ", Some("retention"), "CT-99"),
        ("overlays.toml".to_owned(), "\"CT-32\", ", "\"CT-88\", ", Some("retention"), "without `retention`"),
        (overlays(), "rule = \"longest\"", "rule = \"first_of\"", Some("retention"), "for CT-32, LT-17, 799-17"),
        (overlays(), "rule = \"longest\"", "rule = \"union\"", Some("retention"), "the rule is `longest`"),
        (overlays(), "rule = \"first_of\"", "rule = \"union\"", Some("after_retention"), "the rule is `first_of`"),
        (
            overlays(),
            "id = \"signs\"\nrule = \"union\"",
            "id = \"signs\"\nrule = \"longest\"",
            Some("B-16"),
            "overlay `signs` is not a union",
        ),
        ("refusals.toml".to_owned(), "code = \"on_hold\"", "code = \"gate_fault\"", Some("gate_fault"), "twice"),
        (path(b, "pack.toml"), "id = \"B\"", "id = \"A\"", None, ""),
        (path(b, "cases.toml"), "kind = \"official_view\"", "kind = \"official_gaze\"", None, "official_gaze"),
    ] {
        let error = seeded(&file, from, to);
        let shown = error.to_string();
        assert!(error.what.contains(says) || shown.contains(says), "{file}: {from} -> {to}: {shown}");
        if let Some(clause) = clause {
            assert_eq!(error.clause.as_deref(), Some(clause), "{shown}");
            assert!(error.line.is_some(), "{shown}");
        }
        assert!(!error.file.is_empty());
    }
}

#[test]
fn two_values_on_one_day_and_empty_spans_are_defects() {
    let file = "heilongjiang/ordinance-2012/clauses.toml";
    let value = "values = [{ name = \"retention_days\", amount = 30, from = \"2012-11-01\" }]";
    let twice = "values = [{ name = \"retention_days\", amount = 30, from = \"2012-11-01\" }, \
                 { name = \"retention_days\", amount = 60, from = \"2020-01-01\" }]";
    assert!(seeded(file, value, twice).what.contains("two values"));
    let empty = "values = [{ name = \"retention_days\", amount = 30, from = \"2012-11-01\", until = \"2012-11-01\" }]";
    assert!(seeded(file, value, empty).what.contains("ends before"));
}

#[test]
fn a_dated_change_of_a_number_changes_answers_from_its_day() {
    let mut files = files();
    let text = files.get_mut("heilongjiang/ordinance-2012/clauses.toml").unwrap();
    *text = text.replace(
        "values = [{ name = \"retention_days\", amount = 30, from = \"2012-11-01\" }]",
        "values = [{ name = \"retention_days\", amount = 30, from = \"2012-11-01\", until = \"2027-01-01\" }, \
         { name = \"retention_days\", amount = 45, from = \"2027-01-01\" }]",
    );
    let gate = Gate::new(Packs::from_files(&files).unwrap()).unwrap();
    let site = SiteProfile::new(Jurisdiction::Heilongjiang);
    for (on, days) in [("2026-12-31", 30), ("2027-01-01", 45)] {
        assert_eq!(gate.retention(&site, law::PlaceKind::Warehouse, day(on)).min_days, days, "{on}");
    }
}

#[test]
fn loading_has_limits() {
    let mut many = files();
    for n in 0..1_001 {
        many.insert(format!("x{n}"), String::new());
    }
    assert!(Packs::from_files(&many).unwrap_err().what.contains("1000 files"));
    let mut large = files();
    large.insert("big".to_owned(), "x".repeat(4 * 1024 * 1024 + 1));
    assert_eq!(Packs::from_files(&large).unwrap_err().file, "big");
    assert!(Packs::from_files(&BTreeMap::new()).is_err());
}
