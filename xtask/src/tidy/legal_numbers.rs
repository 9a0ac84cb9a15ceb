//! No code but `law` knows a legal number: a term in days, a number of officers, a sum of a fine stand in `law/`, with their day.
//!
//! A number cannot be known to be the law's by looking at it, so the rule is about names: whoever names days or a sum and writes
//! digits beside it says in [`OURS`] why the number is ours. Looked at are constants, fields and variables outside tests; an entry
//! of the list that names nothing is a fault too.

use super::Fault;
use super::lexer::{Source, identifiers, line_at};
use super::size::is_test_file;

/// Numbers that are ours and not the law's: file, name, why.
const OURS: [(&str, &str, &str); 28] = [
    ("crates/authority/src/cases/supervise.rs", "LATE_BACK_DAYS", "how far back the page lists what was decided late"),
    ("crates/authority/src/exhibits.rs", "EXHIBIT_DAYS", "no law says how long the police keep what an alarm showed"),
    ("crates/authority/src/exhibits.rs", "EXHIBIT_DAYS_OPEN", "the same, while the report is open"),
    ("crates/authority/src/exhibits.rs", "UNFINISHED_DAYS", "half a transfer, which is no record"),
    (
        "crates/authority/src/relays.rs",
        "KEPT_DAYS",
        "no law says how long the words of a handed-on request stay; the law asks for no longer than needed",
    ),
    (
        "crates/authority/src/visits/read.rs",
        "REFUSED_SHOWN_DAYS",
        "how long a list shows a visit that was not approved",
    ),
    ("crates/config/src/site.rs", "export_keep_days", "how long a taken copy lies ready; a setting"),
    ("crates/config/src/site.rs", "own_days", "the unit's own term where no clause sets one; a setting"),
    ("crates/config/src/site.rs", "scrub_every_days", "how often the disks are read; a setting"),
    ("crates/config/src/site.rs", "warn_days", "when the disk warns; a setting"),
    (
        "crates/domain/src/duty/evidence.rs",
        "LOOK_BACK_DAYS",
        "how far back alarms are looked at for the page of duties",
    ),
    ("crates/domain/src/duty/evidence.rs", "WATCH_DAYS", "how far back the watch is looked at for the page of duties"),
    ("crates/domain/src/duty/paper.rs", "VALID_DAYS", "longest span a person may enter for a paper"),
    ("crates/domain/src/duty/paper.rs", "OLD_DAYS", "oldest day a person may enter for a paper"),
    (
        "crates/domain/src/evidence/story.rs",
        "OFFICERS_OF_FORMAT",
        "part of the format of sealed copies, checked later and without the packs",
    ),
    ("crates/domain/src/inspection/self_report.rs", "GAP_DAYS", "how far back a site tells its authority of gaps"),
    ("crates/jifang/src/authority_demo/places.rs", "SPACED_DAYS", "days between the acts of a made-up case"),
    ("crates/site/src/link/witness.rs", "RESTORED_DAYS", "how long a notice stays"),
    (
        "crates/site/src/use_of_information/submit.rs",
        "OFFICERS",
        "most officers of one request; the law sets the least",
    ),
    ("crates/store/src/journal/mod.rs", "keep_days", "signals that were taken in long ago; the incidents stay"),
    ("crates/web/src/handle/api.rs", "TOKEN_DAYS", "longest life of an API token"),
    ("crates/web/src/handle/case_words.rs", "NEAR_DAYS", "when a limit is shown as near"),
    ("crates/web/src/handle/cases.rs", "WEEK_DAYS", "how far ahead a chip of the worklist looks"),
    ("crates/web/src/handle/draw_plans.rs", "USUAL_DAYS", "what the form of a new plan begins with"),
    ("crates/web/src/handle/storage.rs", "GAP_DAYS", "how far back a page lists gaps"),
    ("crates/web/src/tls/certificate.rs", "OWN_DAYS", "certificate of the pages"),
    ("crates/web/src/tls/certificate.rs", "RENEW_DAYS", "certificate of the pages"),
    ("crates/web/src/tls/mod.rs", "WARN_DAYS", "certificate of the pages"),
];

/// Last words of a name that measures what laws measure.
const LAST_WORDS: [&str; 5] = ["days", "officers", "yuan", "fine", "workdays"];

/// Days that some law of the field sets; a product of one of them with the length of a day is a term, and so is a day so much later.
const TERMS: [&str; 5] = ["15", "30", "60", "90", "180"];

/// The length of a day in ms and in s, as it is written.
const DAY_LENGTHS: [&str; 4] = ["86_400_000", "86400000", "86_400", "86400"];

/// Faults of the tree.
pub fn check(files: &[super::tree::File]) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut met = [false; OURS.len()];
    for file in files.iter().filter(|f| is_bound(&f.path)) {
        let Some(source) = &file.rust else { continue };
        for (line, name) in numbers(source) {
            match OURS.iter().position(|(path, ours, _)| *path == file.path && *ours == name) {
                Some(at) => met[at] = true,
                None => faults.push(Fault::new(&file.path, line + 1, says(&name))),
            }
        }
    }
    if !files.is_empty() {
        for ((path, name, _), _) in OURS.iter().zip(met).filter(|(_, met)| !met) {
            faults.push(Fault::new(path, 0, format!("`{name}` of the list of own numbers is not there: take it out")));
        }
    }
    faults
}

/// Every crate but `law` itself, what only tests use, and what only shows.
fn is_bound(path: &str) -> bool {
    const FREE: [&str; 3] = ["crates/law/", "crates/sim/", "crates/hostile/"];
    path.starts_with("crates/")
        && path.contains("/src/")
        && !FREE.iter().any(|f| path.starts_with(f))
        && !is_test_file(path)
}

fn says(name: &str) -> String {
    format!(
        "`{name}` is a number that a law could set: take it from `law/` (`Packs::value`, `Gate::retention`), or say in \
         xtask/src/tidy/legal_numbers.rs why it is ours"
    )
}

/// Names with digits beside them that measure what laws measure, with their line from 0.
fn numbers(source: &Source) -> Vec<(usize, String)> {
    let mut out = Vec::new();
    let code = &source.code;
    for (at, name) in identifiers(code) {
        let line = line_at(code, at);
        if source.is_test(line) {
            continue;
        }
        let lower = name.to_lowercase();
        let mut words = lower.split('_');
        let after = code[at + name.len()..].trim_start();
        // How many there are, `officers.len() < 2`, is a number of them.
        let counted = after.strip_prefix(".len()").map_or(after, str::trim_start);
        let is_term = match name {
            "DAY_MS" => is_multiple(&code[..at], after),
            "plus_days" => is_argument(after),
            _ => words.any(|word| LAST_WORDS.contains(&word)) && is_set(counted),
        };
        if is_term {
            out.push((line, name.to_owned()));
        }
    }
    out.extend(written_out(source));
    out
}

/// Terms written with the length of a day as a number, `90 * 86_400_000`, with their line from 0.
fn written_out(source: &Source) -> Vec<(usize, String)> {
    let code = &source.code;
    let part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let mut out = Vec::new();
    for length in DAY_LENGTHS {
        for (at, _) in code.match_indices(length) {
            let (before, after) = (&code[..at], &code[at + length.len()..]);
            let whole = !part(before.chars().next_back()) && !part(after.chars().next());
            let line = line_at(code, at);
            if whole && !source.is_test(line) && is_multiple(before, after) {
                out.push((line, length.to_owned()));
            }
        }
    }
    out
}

/// What follows a name gives it a number or compares it with one: `: i64 = 90`, `: 30`, `>= 2`, `= [30, 60]`.
fn is_set(after: &str) -> bool {
    let digits = |text: &str| {
        let text = text.trim_start().trim_start_matches(['[', '(']).trim_start();
        let number: String = text.chars().take_while(|c| c.is_ascii_digit() || *c == '_').collect();
        // Nothing, one and the like are no numbers that a law sets.
        number.len() > 1 || number.parse::<u32>().is_ok_and(|n| n > 1)
    };
    for sign in [">=", "<=", "==", "!=", ">", "<"] {
        if let Some(rest) = after.strip_prefix(sign) {
            return digits(rest);
        }
    }
    if let Some(rest) = after.strip_prefix('=') {
        return digits(rest);
    }
    let Some(rest) = after.strip_prefix(':').filter(|rest| !rest.starts_with(':')) else { return false };
    if digits(rest) {
        return true;
    }
    // A constant: its type stands between.
    let line = rest.split([';', '{', '}', '\n']).next().unwrap_or_default();
    line.split_once('=').is_some_and(|(_, value)| digits(value) && !value.starts_with('='))
        || rest.split_once('=').is_some_and(|(kind, value)| kind.trim_start().starts_with('[') && digits(value))
}

/// A term stands beside it as a factor: `30 * …` or `… * 30`.
fn is_multiple(before: &str, after: &str) -> bool {
    let times = after.trim_start().strip_prefix('*').map(|rest| number_of(rest.trim_start()));
    TERMS.iter().any(|term| is_product(before, term) || times.as_deref() == Some(*term))
}

/// `(30)` or `(-30)`.
fn is_argument(after: &str) -> bool {
    let inside = after.strip_prefix('(').map(|rest| rest.trim_start().trim_start_matches('-').trim_start());
    inside.is_some_and(|rest| TERMS.contains(&number_of(rest).as_str()))
}

/// The number a text begins with; nothing where its digits go on as a name or a fraction.
fn number_of(text: &str) -> String {
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '.').unwrap_or(text.len());
    text[..end].to_owned()
}

/// The code before ends with `term *`, perhaps with a path before the name.
fn is_product(before: &str, term: &str) -> bool {
    let before = before.trim_end_matches(|c: char| c.is_alphanumeric() || c == '_' || c == ':').trim_end();
    let Some(before) = before.strip_suffix('*') else { return false };
    let before = before.trim_end();
    before.strip_suffix(term).is_some_and(|b| !b.ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '.'))
}

#[cfg(test)]
mod tests {
    use super::super::tree::File;
    use super::*;

    fn found(code: &str) -> Vec<String> {
        numbers(&Source::new(code)).into_iter().map(|(_, name)| name).collect()
    }

    #[test]
    fn numbers_that_a_law_could_set_are_found() {
        for bad in [
            "const KEEP_DAYS: i64 = 90;",
            "const PLAN_DAYS: [u32; 3] = [30, 60, 90];",
            "fn f() -> R { R { retention_days: 30 } }",
            "fn f() { let min_days = 60; }",
            "fn f(officers: u32) -> bool { officers >= 2 }",
            "fn f() -> bool { distinct_officers < 2 }",
            "const MOST_FINE_YUAN: u32 = 20_000;",
            "fn f() -> i64 { 30 * DAY_MS }",
            "fn f() -> i64 { 90 * base::time::DAY_MS }",
            "fn f() -> i64 { DAY_MS * 60 }",
            "fn f() -> i64 { 90 * 86_400_000 }",
            "const KEEP: u64 = 86400 * 30;",
            "fn f() -> Day { day.plus_days(30) }",
            "fn f() -> Day { day.plus_days(-90) }",
            "fn f() -> bool { request.officers.len() < 2 }",
        ] {
            assert_eq!(found(bad).len(), 1, "{bad}");
        }
    }

    #[test]
    fn names_without_numbers_and_numbers_without_such_names_pass() {
        for good in [
            "fn f(days: u32) -> u32 { days }",
            "struct R { retention_days: u32 }",
            "fn f(r: R) -> bool { r.min_days == 0 }",
            "fn f() { let days = gate.retention(site).min_days; }",
            "fn f() -> i64 { 3 * DAY_MS }",
            "fn f() -> i64 { 130 * DAY_MS }",
            "fn f() -> i64 { 7 * 86_400_000 }",
            "fn f() -> i64 { 130 * 86_400_000 }",
            "fn f() -> i64 { 30 * 1_86_400 }",
            "fn f() -> i64 { ms / 86_400_000 }",
            "fn f() -> Day { day.plus_days(1) }",
            "fn f() -> Day { day.plus_days(term) }",
            "fn f() -> bool { officers.len() == 1 }",
            "#[cfg(test)]\nmod tests { fn f() { day.plus_days(30); } }",
            "const LOOK_S: u64 = 30;",
            "#[cfg(test)]\nmod tests { const KEEP_DAYS: i64 = 90; }",
            "// KEEP_DAYS: i64 = 90",
            "const S: &str = \"retention_days: 30\";",
            "fn f() { for_days::<30>(); days::all(); }",
        ] {
            assert!(found(good).is_empty(), "{good}: {:?}", found(good));
        }
    }

    #[test]
    fn the_law_itself_is_free_and_an_empty_promise_of_the_list_is_a_fault() {
        let one = |path: &str| check(&[File::new(path, "//! x\nconst KEEP_DAYS: i64 = 90;")]);
        let of = |path: &str| one(path).into_iter().filter(|f| f.path == path).count();
        assert_eq!(of("crates/site/src/a.rs"), 1);
        assert_eq!(of("crates/law/src/a.rs"), 0);
        assert_eq!(of("crates/site/src/a_tests.rs"), 0);
        assert_eq!(one("crates/law/src/a.rs").len(), OURS.len());
        let (path, name, _) = OURS[0];
        let kept = check(&[File::new(path, &format!("//! x\nconst {name}: i64 = 90;"))]);
        assert_eq!(kept.len(), OURS.len() - 1);
        assert!(check(&[]).is_empty());
    }
}
