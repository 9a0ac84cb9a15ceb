//! Every obligation and every day of it is held by a case; defects of the files are found with file, line and code.

use super::*;
use crate::Jurisdiction;

fn day(text: &str) -> CivilDate {
    CivilDate::parse(text).unwrap()
}

fn owed(site: SiteProfile, unit: &UnitFacts, on: &str) -> Vec<Owed> {
    Packs::embedded().unwrap_or_else(|e| panic!("{e}")).obligations(&site, unit, day(on))
}

#[test]
fn the_cases_hold() {
    let failures = Packs::embedded().unwrap_or_else(|e| panic!("{e}")).run_obligation_cases();
    let lines: Vec<_> = failures.iter().map(|f| format!("{} · {}: {}", f.file, f.case, f.what)).collect();
    assert!(lines.is_empty(), "{}", lines.join("\n"));
}

#[test]
fn a_case_holds_every_obligation_and_every_condition() {
    let packs = Packs::embedded().unwrap();
    let mut free = Vec::new();
    for p in 0..packs.packs.len() {
        for r in 0..packs.packs[p].obligations.rules.len() {
            let rule = packs.packs[p].obligations.rules[r].clone();
            let mut check = |what: &str, change: &dyn Fn(&mut Vec<ObligationRule>)| {
                let mut mutant = packs.clone();
                change(&mut mutant.packs[p].obligations.rules);
                if mutant.run_obligation_cases().is_empty() {
                    free.push(format!("{} {} {what}", packs.packs[p].folder, rule.code));
                }
            };
            check("removed", &|rules| drop(rules.remove(r)));
            for n in 0..rule.only.len() {
                check(&format!("without {:?}", rule.only[n]), &|rules| {
                    rules[r].only.remove(n);
                });
            }
            for n in 0..rule.any.len() {
                check(&format!("without any of {:?}", rule.any[n]), &|rules| {
                    rules[r].any.remove(n);
                });
            }
            check("with another due", &|rules| {
                rules[r].due = if rules[r].due == "at_once" { "own_period" } else { "at_once" }.to_owned();
            });
            if rule.counting.is_some() {
                check("counted as a licence", &|rules| rules[r].counting = Some("licensing".to_owned()));
            }
            if rule.due_running.is_some() {
                check("without the days of running systems", &|rules| rules[r].due_running = None);
            }
        }
    }
    assert!(free.is_empty(), "no case holds:\n{}", free.join("\n"));
}

#[test]
fn one_duty_has_all_its_grounds_provincial_first() {
    let site = SiteProfile {
        special_trade: Some(crate::SpecialTrade::Hotel),
        counter_terror_key_target: true,
        key_unit: true,
        ..SiteProfile::new(Jurisdiction::Liaoning)
    };
    let unit = UnitFacts { first_use: Some(day("2026-05-01")), places: vec![PlaceKind::Lobby], receives_alarms: false };
    let all = owed(site, &unit, "2026-11-22");
    let retention = all.iter().find(|o| o.code == "keep_retention").unwrap();
    let clauses: Vec<_> = retention.clauses().into_iter().map(|c| c.0).collect();
    assert_eq!(clauses, ["A-23-2", "LT-17", "799-17", "CT-32"]);
    assert!(all.iter().all(|o| !o.grounds.is_empty()));
    let codes: std::collections::BTreeSet<_> = all.iter().map(|o| &o.code).collect();
    assert_eq!(codes.len(), all.len(), "one entry a code");
    let signs = all.iter().find(|o| o.code == "put_up_signs").unwrap();
    assert_eq!(signs.cameras, CameraReach::Every, "the widest of its grounds");
    let trained = all.iter().find(|o| o.code == "train_staff").unwrap();
    assert!(trained.grounds[0].gap, "the surviving tail is marked");
}

#[test]
fn days_are_counted_without_the_first() {
    let by = |used: &str| {
        let unit = UnitFacts { first_use: Some(day(used)), places: vec![PlaceKind::Square], receives_alarms: false };
        let all = owed(SiteProfile::new(Jurisdiction::Heilongjiang), &unit, "2026-11-22");
        all.iter().find(|o| o.code == "file_system").and_then(Owed::deadline).map(|d| d.to_string())
    };
    assert_eq!(by("2026-11-01").as_deref(), Some("2026-12-01"));
    assert_eq!(by("2028-02-01").as_deref(), Some("2028-03-02"), "a leap year");
    assert_eq!(by("2025-04-01").as_deref(), Some("2025-05-06"), "the last day falls on Labour Day");
    assert_eq!(by("2026-09-01").as_deref(), Some("2026-10-08"), "over National Day");
    assert_eq!(by("2026-09-08").as_deref(), Some("2026-10-08"), "a working day stays");
    assert_eq!(by("2026-05-15").as_deref(), Some("2026-06-15"), "a Sunday moves");
    assert_eq!(by("2025-03-31").as_deref(), Some("2025-06-30"));
    assert_eq!(by("1990-01-01").as_deref(), Some("2025-06-30"));
}

/// Replaces `from` by `to` in one file and gives the error of loading.
fn seeded(path: &str, from: &str, to: &str) -> PackError {
    let mut files = crate::embedded::files();
    let text = files.get_mut(path).unwrap();
    assert!(text.contains(from), "{path} holds no {from}");
    *text = text.replacen(from, to, 1);
    Packs::from_files(&files).expect_err(&format!("{path}: {from} -> {to}"))
}

#[test]
fn seeded_defects_are_found_with_file_and_place() {
    let (b, order) = ("heilongjiang/ordinance-2012/obligations.toml", "national/order-799/obligations.toml");
    // No clause of this pack names the code as its carrier, which would be told first.
    let terror = "national/counter-terrorism-law/obligations.toml";
    for (file, from, to, code, says) in [
        (b, "\"B-16\"", "\"B-99\"", Some("put_up_signs"), "does not exist"),
        (b, "\"B-16\"", "\"799-13\"", Some("put_up_signs"), "another pack"),
        (b, "[\"B-16\"]", "[]", Some("put_up_signs"), "names its clauses"),
        (b, "who = [\"using_unit\"]", "who = []", Some("install_system"), "whom they address"),
        (b, "who = [\"using_unit\"]", "who = [\"official\"]", Some("install_system"), "Official"),
        (b, "who = [\"using_unit\"]", "who = [\"king\"]", None, "king"),
        (b, "probe = \"signs\"", "probe = \"sign\"", None, "sign"),
        (order, "probe = \"retention\"", "probe = \"signs\"", Some("keep_retention"), "another title or probe"),
        (b, "\"public_place\"", "\"public_square\"", None, "public_square"),
        (b, "due = \"before_use\"", "due = \"soon\"", Some("put_up_signs"), "no dated value"),
        (terror, "code = \"keep_retention\"", "code = \"Keep it\"", Some("Keep it"), "small letters"),
        (b, "title_en = \"Archive\"", "title_en = \" \"", Some("keep_archive"), "both languages"),
        (b, "[\"B-22-1-1\"]", "[\"B-21-1\"]", Some("operating_rules"), "none of its clauses"),
        (b, "[\"B-14-1-2\"]", "[\"B-13-1\"]", Some("install_system"), "twice"),
        (b, "name = \"a city square\"", "name = \"a hotel\"", Some("a hotel"), "two cases"),
        (b, "on = \"2026-11-22\"", "on = \"2026-11-31\"", None, "day"),
        (order, "due = \"filing_days\"", "due = \"filing_weeks\"", Some("file_system"), "filing_weeks"),
        (order, "due_running = \"transition_filing_days\"", "due_running = \"x\"", Some("file_system"), "due_running"),
        (order, "due = \"filing_days\"", "due = \"at_once\"", Some("file_system"), "needs a dated value"),
        (order, "title_zh = \"信息留存期限\"", "title_zh = \"留存\"", Some("keep_retention"), "another title or probe"),
        (order, "again_on_change = true", "again = true", None, "again"),
    ] {
        let error = seeded(file, from, to);
        let shown = error.to_string();
        assert!(shown.contains(says), "{file}: {from} -> {to}: {shown}");
        assert_eq!(error.file, file, "{shown}");
        if let Some(code) = code {
            assert_eq!(error.clause.as_deref(), Some(code), "{shown}");
            assert!(error.line.is_some(), "{shown}");
        }
    }
}

#[test]
fn a_pack_without_the_file_asks_nothing_and_a_file_has_a_limit() {
    let mut files = crate::embedded::files();
    // Checklists name duties.
    files.retain(|path, _| !path.ends_with(FILE) && !path.starts_with("checklists/"));
    let packs = Packs::from_files(&files).unwrap();
    let unit = UnitFacts { places: vec![PlaceKind::Lobby], ..UnitFacts::default() };
    let site = SiteProfile::new(Jurisdiction::Heilongjiang);
    assert!(packs.obligations(&site, &unit, day("2026-11-22")).is_empty());
    let mut files = crate::embedded::files();
    let text = files.get_mut("national/counter-terrorism-law/obligations.toml").unwrap();
    let one = text.split("[[case]]").next().unwrap().to_owned();
    *text = one.repeat(MOST + 1);
    assert!(Packs::from_files(&files).unwrap_err().what.contains("more than 200"));
}

#[test]
fn another_province_has_the_national_duties_only() {
    let unit = UnitFacts { first_use: Some(day("2026-05-01")), places: vec![PlaceKind::Lobby], receives_alarms: true };
    let all = owed(SiteProfile::new(Jurisdiction::Other), &unit, "2026-11-22");
    assert!(all.iter().flat_map(|o| &o.grounds).all(|g| g.pack == "799" || g.pack == "ES"));
    assert!(all.iter().any(|o| o.grounds.len() == 2), "one duty that both ask: keep running");
}

/// The packs with one rule changed.
fn amended(code: &str, change: impl Fn(&mut Pack, usize)) -> Packs {
    let mut packs = Packs::embedded().unwrap();
    let has = |p: &Pack| p.head.id == "799";
    let pack = packs.packs.iter_mut().find(|p| has(p)).unwrap();
    let at = pack.obligations.rules.iter().position(|r| r.code == code).unwrap();
    change(pack, at);
    packs
}

#[test]
fn working_days_are_counted_with_the_calendar() {
    // No standing duty of the packs is of working days today; one would be counted as such by its name.
    let packs = amended("file_system", |pack, at| {
        let clause = pack.clauses.iter_mut().find(|c| c.id == "799-14").unwrap();
        let mut value = clause.values[0].clone();
        value.name = "filing_working_days".to_owned();
        value.amount = 5;
        clause.values.push(value);
        pack.obligations.rules[at].due = "filing_working_days".to_owned();
        pack.obligations.rules[at].due_running = None;
    });
    let due = |used: &str, on: &str| {
        let unit = UnitFacts { first_use: Some(day(used)), places: vec![PlaceKind::Square], receives_alarms: false };
        let all = packs.obligations(&SiteProfile::new(Jurisdiction::Heilongjiang), &unit, day(on));
        all.iter().find(|o| o.code == "file_system").unwrap().grounds[0].due
    };
    let within =
        |by: &str, provisional| ObligationDue::Within { days: 5, working: true, by: Some(day(by)), provisional };
    assert_eq!(due("2026-02-13", "2026-11-22"), within("2026-02-27", None), "over the Spring Festival");
    assert_eq!(due("2026-09-28", "2026-11-22"), within("2026-10-10", None), "over National Day, a worked Saturday");
    assert_eq!(due("2026-12-28", "2026-12-28"), within("2027-01-04", Some(2027)), "into a year without a notice");
}

#[test]
fn days_without_a_way_of_counting_are_refused() {
    let path = "national/order-799/obligations.toml";
    let seeded = |from: &str, to: &str| {
        let mut files = crate::embedded::files();
        let text = files.get_mut(path).unwrap();
        assert!(text.contains(from));
        *text = text.replacen(from, to, 1);
        Packs::from_files(&files).map(|_| ()).unwrap_err()
    };
    for (from, to, says) in [
        ("counting = \"ordinance\"\n", "", "needs `counting`"),
        ("counting = \"ordinance\"", "counting = \"moon\"", "no way of counting `moon`"),
        ("due = \"at_once\"", "due = \"at_once\"\ncounting = \"ordinance\"", "`counting` needs a dated value"),
    ] {
        let error = seeded(from, to);
        assert!(error.what.contains(says), "{error}");
        assert!(error.file == path && error.line.is_some() && error.clause.is_some(), "{error}");
    }
}

#[test]
fn a_last_day_that_a_later_notice_moves_keeps_what_was_said_before() {
    let mut files = crate::embedded::files();
    let notice = "year = 2027\n[[notice]]\nnumber = \"notice of a test\"\ndate = \"2026-12-10\"\n[[notice.holiday]]\n\
                  name_zh = \"元旦\"\nname_en = \"New Year's Day\"\nfrom = \"2027-01-01\"\nto = \"2027-01-03\"\n";
    files.insert("workdays/2027.toml".to_owned(), notice.to_owned());
    let packs = Packs::from_files(&files).unwrap_or_else(|e| panic!("{e}"));
    let filing = |used: &str, on: &str| {
        let unit = UnitFacts { first_use: Some(day(used)), places: vec![PlaceKind::Square], receives_alarms: false };
        let all = packs.obligations(&SiteProfile::new(Jurisdiction::Heilongjiang), &unit, day(on));
        all.into_iter().find(|o| o.code == "file_system").unwrap()
    };
    let before = filing("2026-12-02", "2026-12-03");
    assert_eq!((before.deadline(), before.provisional()), (Some(day("2027-01-01")), Some(2027)));
    let kept = before.counted().unwrap().clone();
    assert_eq!(kept.moved_from(), None);

    let mut after = filing("2026-12-02", "2026-12-12");
    assert_eq!((after.deadline(), after.provisional()), (Some(day("2027-01-04")), None));
    assert_eq!(after.counted().unwrap().moved_from(), None, "a count by itself remembers nothing");
    packs.recall(&mut after, &kept, day("2026-12-12"));
    let moved = after.counted().unwrap();
    let was = moved.moved_from().unwrap();
    assert_eq!((was.falls, was.provisional), (crate::Falls::On(day("2027-01-01")), Some(2027)));
    assert_ne!(was.edition, moved.edition);
    assert_eq!(moved.edition, "notice of a test");
    // A day later the same: remembered once, not again.
    let mut next = filing("2026-12-02", "2026-12-13");
    packs.recall(&mut next, moved, day("2026-12-13"));
    assert_eq!(next.counted().unwrap().earlier.len(), 1);
    // Another first day is another count: what was said of the first is no earlier result of it.
    let mut other = filing("2026-12-01", "2026-12-12");
    packs.recall(&mut other, &kept, day("2026-12-12"));
    assert!(other.counted().unwrap().earlier.is_empty());
}

#[test]
fn reminders_are_counted_in_working_days_over_national_day() {
    let packs = Packs::embedded().unwrap();
    let found = |last: &str| {
        let all = packs.reminders(day(last), day("2026-09-01"));
        all.iter().map(|r| format!("{} {}", r.day, r.working_days_left)).collect::<Vec<_>>()
    };
    // Mid-Autumn 25 to 27 September and National Day 1 to 7 October lie between.
    assert_eq!(found("2026-10-08"), ["2026-09-23 5", "2026-09-29 2", "2026-09-30 1", "2026-10-08 0"]);
    assert_eq!(found("2026-10-11"), ["2026-09-29 5", "2026-10-09 2", "2026-10-10 1", "2026-10-11 0"]);
}
