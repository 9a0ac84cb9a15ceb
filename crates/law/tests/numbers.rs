//! How many cases the packs hold, and that there are cases at every boundary: on each day the law changes and on the day before, around
//! each retention term, around five working days over holidays, at and beyond both ends of each fine.
//!
//! Read from the files themselves, not from the loaded packs: what is not written there is not counted.

use base::CivilDate;
use jifang_law as law;
use law::{Gate, Packs};
use std::collections::{BTreeMap, BTreeSet};
use toml::{Table, Value};

type Files = BTreeMap<String, String>;

/// Least cases over all packs.
const LEAST: usize = 200;

fn table(files: &Files, path: &str) -> Table {
    files.get(path).map(|text| text.parse().unwrap_or_else(|e| panic!("{path}: {e}"))).unwrap_or_default()
}

fn list<'a>(table: &'a Table, key: &str) -> &'a [Value] {
    table.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn day(text: &str) -> CivilDate {
    CivilDate::parse(text).unwrap_or_else(|| panic!("`{text}` is no day"))
}

/// Days of `keys` in an entry, where it has them.
fn days(value: &Value, keys: &[&str]) -> Vec<CivilDate> {
    keys.iter().filter_map(|key| value.get(key)?.as_str()).map(day).collect()
}

/// A pack's folder and its files.
fn folders(files: &Files) -> Vec<(String, String)> {
    let heads = files.keys().filter_map(|path| path.strip_suffix("/pack.toml"));
    heads
        .map(|folder| {
            (folder.to_owned(), text(&Value::Table(table(files, &format!("{folder}/pack.toml"))), "id").to_owned())
        })
        .collect()
}

/// Names of a pack's procedures.
fn procedures(files: &Files, folder: &str) -> BTreeMap<String, Value> {
    let below = format!("{folder}/procedures/");
    let found = files.keys().filter_map(|path| Some((path, path.strip_prefix(&below)?.strip_suffix(".toml")?)));
    found.map(|(path, id)| (id.to_owned(), Value::Table(table(files, path)))).collect()
}

/// The cases of a pack by kind.
fn cases(files: &Files, folder: &str) -> BTreeMap<&'static str, Vec<Value>> {
    let mut out = BTreeMap::new();
    for (kind, file, key) in [
        ("acts, terms, numbers", "cases.toml", "case"),
        ("duties", "obligations.toml", "case"),
        ("places", "places.toml", "case"),
        ("penalties", "sanction-cases.toml", "case"),
        ("days in force", "sanction-cases.toml", "force"),
        ("breaches reached", "sanction-cases.toml", "reach"),
    ] {
        out.insert(kind, list(&table(files, &format!("{folder}/{file}")), key).to_vec());
    }
    let own = procedures(files, folder);
    let clocks = table(files, "workdays/cases.toml");
    let of_pack = |case: &&Value| own.contains_key(text(case, "procedure"));
    out.insert("clocks", list(&clocks, "case").iter().filter(of_pack).cloned().collect());
    out
}

#[test]
fn there_are_cases_enough_and_every_pack_has_some() {
    let files = law::embedded_files();
    let (mut all, mut counted) = (0, 0);
    for (folder, id) in folders(&files) {
        let by_kind = cases(&files, &folder);
        let n: usize = by_kind.values().map(Vec::len).sum();
        let parts: Vec<String> =
            by_kind.iter().filter(|(_, c)| !c.is_empty()).map(|(kind, c)| format!("{kind} {}", c.len())).collect();
        println!("{id:<4} {n:>4}  {}", parts.join(", "));
        assert!(n > 0, "{folder} has no case");
        all += n;
        let own = by_kind.iter().filter(|(kind, _)| ["acts, terms, numbers", "duties", "places"].contains(kind));
        counted += own.map(|(_, c)| c.len()).sum::<usize>();
    }
    let terms = list(&table(&files, "workdays/cases.toml"), "case").iter().filter(|c| c.get("term").is_some()).count();
    println!("bare terms {terms}; in all {}", all + terms);
    assert!(all >= LEAST, "{all} cases");
    // None is left out when they are run.
    let packs = Packs::from_files(&files).unwrap();
    let clocks = packs.clock_case_count();
    assert_eq!(clocks, list(&table(&files, "workdays/cases.toml"), "case").len());
    assert_eq!(packs.all().iter().map(law::Pack::case_count).sum::<usize>(), counted);
    let gate = Gate::new(packs).unwrap();
    assert_eq!(gate.case_count(), all + terms);
    assert_eq!(gate.run_cases(), []);
}

/// Every day on which something of a pack begins or ends, and what.
fn changes(files: &Files, folder: &str) -> BTreeMap<CivilDate, BTreeSet<String>> {
    let mut out: BTreeMap<CivilDate, BTreeSet<String>> = BTreeMap::new();
    let mut add = |days: Vec<CivilDate>, what: &str| {
        for day in days {
            out.entry(day).or_default().insert(what.to_owned());
        }
    };
    let both = ["from", "until"];
    add(days(&Value::Table(table(files, &format!("{folder}/pack.toml"))), &both), "the pack");
    for clause in list(&table(files, &format!("{folder}/clauses.toml")), "clause") {
        let id = text(clause, "id");
        add(days(clause, &["from", "until", "superseded_from"]), id);
        for value in list(clause.as_table().unwrap(), "values") {
            add(days(value, &both), id);
        }
    }
    for sanction in list(&table(files, &format!("{folder}/sanctions.toml")), "sanction") {
        let id = text(sanction, "clause");
        add(days(sanction, &["until"]), id);
        for part in ["band", "measure"] {
            for one in list(sanction.as_table().unwrap(), part) {
                add(days(one, &both), id);
            }
        }
    }
    for row in list(&table(files, &format!("{folder}/places.toml")), "rule") {
        add(days(row, &both), text(row, "clause"));
    }
    for (id, procedure) in procedures(files, folder) {
        add(days(&procedure, &both), &id);
    }
    out
}

#[test]
fn each_day_on_which_the_law_changes_has_a_case_on_it_and_one_on_the_day_before() {
    let files = law::embedded_files();
    let (mut missing, mut looked) = (Vec::new(), 0);
    for (folder, id) in folders(&files) {
        let mut held: BTreeSet<CivilDate> = BTreeSet::new();
        for case in cases(&files, &folder).values().flatten() {
            held.extend(days(case, &["on", "act", "decided", "start"]));
        }
        for (change, what) in changes(&files, &folder) {
            for day in [change.plus_days(-1), change] {
                looked += 1;
                if !held.contains(&day) {
                    missing.push(format!("{id}: no case on {day} ({what:?} change on {change})"));
                }
            }
        }
    }
    assert!(looked >= 30, "{looked}");
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn each_clause_with_days_of_its_own_is_named_by_cases_on_both_sides() {
    let files = law::embedded_files();
    let (mut missing, mut looked) = (Vec::new(), 0);
    for (folder, id) in folders(&files) {
        let all: Vec<Value> = cases(&files, &folder).into_values().flatten().collect();
        let clauses = table(&files, &format!("{folder}/clauses.toml"));
        for clause in list(&clauses, "clause") {
            let name = text(clause, "id");
            let mut own = days(clause, &["from", "until", "superseded_from"]);
            for value in list(clause.as_table().unwrap(), "values") {
                own.extend(days(value, &["from", "until"]));
            }
            own.sort_unstable();
            own.dedup();
            // Its id, as a whole word, anywhere in the case: asked, cited, applied, in force, or in the name of the case.
            let names = |case: &&Value| {
                let written = case.to_string();
                let whole = |c: char| !(c.is_ascii_alphanumeric() || c == '-');
                written.split(whole).any(|word| word == name)
            };
            let held: BTreeSet<CivilDate> =
                all.iter().filter(names).flat_map(|c| days(c, &["on", "act", "decided", "start"])).collect();
            for day in own.iter().flat_map(|d| [d.plus_days(-1), *d]) {
                looked += 1;
                if !held.contains(&day) {
                    missing.push(format!("{id}: no case names {name} on {day}"));
                }
            }
        }
    }
    assert!(looked >= 100, "{looked}");
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn each_retention_term_has_cases_a_day_short_full_and_a_day_over() {
    let files = law::embedded_files();
    let mut terms = 0;
    for (folder, id) in folders(&files) {
        let deletions: Vec<Value> = list(&table(&files, &format!("{folder}/cases.toml")), "case").to_vec();
        let asked = deletions.iter().filter_map(|c| Some((c, c.get("ask")?.get("last_frame")?.as_str()?)));
        let kept: Vec<(i64, &Value)> = asked
            .map(|(case, frame)| {
                let from = day(frame.split(' ').next().unwrap());
                (day(text(case, "on")).start().since(from.start()) / base::time::DAY_MS - 1, case)
            })
            .collect();
        for clause in list(&table(&files, &format!("{folder}/clauses.toml")), "clause") {
            for value in
                list(clause.as_table().unwrap(), "values").iter().filter(|v| text(v, "name") == "retention_days")
            {
                terms += 1;
                let term = value.get("amount").and_then(Value::as_integer).unwrap();
                for (wanted, allow) in [(term - 1, false), (term, true), (term + 1, true)] {
                    let found = kept.iter().any(|(days, case)| {
                        *days == wanted
                            && case.get("expect").and_then(|e| e.get("allow")).and_then(Value::as_bool) == Some(allow)
                    });
                    assert!(found, "{id}: no case deletes {wanted} days under the {term} of {}", text(clause, "id"));
                }
            }
        }
    }
    assert_eq!(terms, 5, "A, B, 799, LT, CT");
}

#[test]
fn four_five_and_six_working_days_are_counted_over_the_holidays_of_several_years() {
    let files = law::embedded_files();
    let clocks = table(&files, "workdays/cases.toml");
    let packs = Packs::from_files(&files).unwrap();
    let calendar = packs.calendar();
    for amount in [4, 5, 6] {
        let over_holiday = list(&clocks, "case").iter().filter(|case| {
            let term = case.get("term");
            let fits = term.is_some_and(|t| {
                t.get("amount").and_then(Value::as_integer) == Some(amount) && text(t, "unit") == "working_days"
            });
            let due = case.get("expect").and_then(|e| e.get("due")).and_then(Value::as_str).map(day);
            let start = day(text(case, "start"));
            let between =
                due.into_iter().flat_map(|due| (1..40).map(|n| start.plus_days(n)).take_while(move |d| *d <= due));
            fits && between.into_iter().any(|d| matches!(calendar.day(d), law::DayKind::Holiday(_)))
        });
        let years: BTreeSet<&str> = over_holiday.map(|c| &text(c, "start")[..4]).collect();
        assert!(years.len() >= 3, "{amount} working days: {years:?}");
    }
}

#[test]
fn each_fine_is_asked_for_at_both_ends_and_one_yuan_outside() {
    let files = law::embedded_files();
    let (mut missing, mut ends) = (Vec::new(), 0);
    for (folder, _) in folders(&files) {
        let every = list(&table(&files, &format!("{folder}/sanction-cases.toml")), "case").to_vec();
        let amounts = |clause: &str, kind: &str| -> BTreeSet<i64> {
            let of = every.iter().filter_map(|c| c.get("expect")).filter(|e| text(e, "from") == clause);
            of.flat_map(|e| list(e.as_table().unwrap(), kind)).filter_map(Value::as_integer).collect()
        };
        for sanction in list(&table(&files, &format!("{folder}/sanctions.toml")), "sanction") {
            let clause = text(sanction, "clause");
            let (allowed, refused) = (amounts(clause, "allowed"), amounts(clause, "refused"));
            for band in list(sanction.as_table().unwrap(), "band") {
                let number = |key: &str| band.get(key).and_then(Value::as_integer);
                let (max, min) = (number("max_yuan").unwrap(), number("min_yuan").unwrap_or(1));
                for (amount, list, what) in [
                    (min, &allowed, "allowed"),
                    (max, &allowed, "allowed"),
                    (min - 1, &refused, "refused"),
                    (max + 1, &refused, "refused"),
                ] {
                    ends += 1;
                    if !list.contains(&amount) {
                        missing.push(format!("{clause}: no case has {amount} yuan {what}"));
                    }
                }
            }
        }
    }
    assert!(ends >= 100, "{ends}");
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}
