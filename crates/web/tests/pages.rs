//! Every page renders in both languages, speaks only the language asked for, and keeps the rules of the content security policy.

#[path = "../examples/preview/samples/mod.rs"]
mod samples;

use base::Lang;
use jifang_web::{assets, pages};

/// The pages from which a link leads to another server, and why. What any page loads is its own.
const LEAD_OUT: [(&str, &str); 2] = [
    ("welcome", "the demo's police servers stand at addresses of their own"),
    (
        "public-draw-source",
        "whoever compares the outcome of a public source goes where the plan says that it is published",
    ),
];

#[test]
fn every_page_renders_within_its_size() {
    for lang in [Lang::Zh, Lang::En] {
        for (name, html) in samples::all(lang) {
            assert!(
                html.starts_with("<!doctype html>") && html.trim_end().ends_with("</html>"),
                "{name}: {:.80}",
                html
            );
            assert!(html.contains(&format!("<html lang=\"{}\"", lang.tag())), "{name}");
            assert!(name.ends_with("-full") || html.len() < 150_000, "{name}: {} bytes", html.len());
        }
    }
}

#[test]
fn nothing_inline_and_nothing_from_elsewhere() {
    for (name, html) in samples::all(Lang::Zh) {
        assert!(!html.contains(" style=") && !html.contains("<style"), "{name} has an inline style");
        for handler in [" onclick=", " onload=", " onsubmit=", " onchange=", "javascript:"] {
            assert!(!html.contains(handler), "{name} has {handler}");
        }
        for tag in html.split("<script").skip(1) {
            let head = tag.split('>').next().unwrap_or_default();
            assert!(
                head.contains("src=\"/assets/") && tag.contains("></script>"),
                "{name} has an inline script: {head}"
            );
        }
        let mut leads_out = false;
        for tag in html.split('<').skip(1).filter_map(|rest| rest.split('>').next()) {
            let outside = ["src=\"http", "href=\"http", "src=\"//", "href=\"//"].iter().any(|from| tag.contains(from));
            assert!(!outside || tag.starts_with("a "), "{name} loads from elsewhere: {tag}");
            leads_out |= outside;
        }
        let named = LEAD_OUT.iter().any(|(page, _)| *page == name);
        assert_eq!(
            leads_out, named,
            "{name}: a page leads to another server only if it is named here, with the reason"
        );
    }
}

#[test]
fn every_named_asset_exists() {
    let sprite = String::from_utf8(assets::find("icons.svg").expect("sprite").bytes.into_owned()).expect("text");
    for (name, html) in samples::all(Lang::En) {
        for path in html.split("\"/assets/").skip(1).filter_map(|rest| rest.split('"').next()) {
            let (file, symbol) = path.split_once('#').unwrap_or((path, ""));
            assert!(assets::find(file).is_some(), "{name} names {file}");
            assert!(symbol.is_empty() || sprite.contains(&format!("id=\"{symbol}\"")), "{name} names icon {symbol}");
        }
    }
}

#[test]
fn every_posting_form_carries_the_token() {
    for (name, html) in samples::all(Lang::Zh) {
        for form in html.split("<form").skip(1) {
            let body = form.split("</form>").next().unwrap_or_default();
            if body.split('>').next().unwrap_or_default().contains("method=\"post\"") {
                assert!(body.contains("name=\"csrf\" value=\"sample\""), "{name}: {:.120}", body);
            }
        }
    }
}

#[test]
fn every_field_has_a_label_and_every_id_is_unique() {
    for (name, html) in samples::all(Lang::Zh) {
        let mut ids: Vec<&str> = html.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        ids.sort_unstable();
        let twice: Vec<&str> = ids.windows(2).filter(|two| two[0] == two[1]).map(|two| two[0]).collect();
        assert!(twice.is_empty(), "{name} repeats {twice:?}");
        for kind in ["<input ", "<select ", "<textarea "] {
            for field in html.split(kind).skip(1).filter_map(|rest| rest.split('>').next()) {
                let Some(id) = field.split("id=\"").nth(1).and_then(|rest| rest.split('"').next()) else { continue };
                assert!(html.contains(&format!("for=\"{id}\"")), "{name}: field {id} has no label");
            }
        }
    }
}

/// Fixed words of the pages: in English none of the Chinese ones is left (data such as names may be Chinese, so only templates are read).
#[test]
fn chinese_stands_only_inside_the_two_language_call() {
    let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/templates");
    for file in std::fs::read_dir(dir).expect("templates").flatten() {
        let text = std::fs::read_to_string(file.path()).expect("readable");
        for (at, line) in text.lines().enumerate() {
            // Whatever is outside {{ … }} and {% … %} goes out as it stands, in both languages.
            let bare: String =
                line.split("{{").map(|part| part.split_once("}}").map_or(part, |(_, rest)| rest)).collect();
            let bare: String =
                bare.split("{%").map(|part| part.split_once("%}").map_or(part, |(_, rest)| rest)).collect();
            let chinese = bare.chars().find(|c| ('\u{4e00}'..='\u{9fff}').contains(c));
            assert!(chinese.is_none() || line.starts_with("//"), "{:?} line {}: {chinese:?}", file.path(), at + 1);
        }
    }
}

#[test]
fn what_a_person_types_is_escaped() {
    use askama::Template;
    let evil = "<script>alert(1)</script>\"'";
    let page = pages::entry::LoginPage { login: evil.into(), next: evil.into(), ..Default::default() };
    let html = page.render().expect("renders");
    assert!(!html.contains("<script>alert") && !html.contains("value=\"<"));
}

/// Every text of these samples is hostile; none of it may come out as markup or end an attribute.
#[test]
fn no_text_of_the_public_site_or_of_a_case_becomes_markup() {
    let mut seen = 0;
    for lang in [Lang::Zh, Lang::En] {
        for (name, html) in samples::all(lang).into_iter().filter(|(name, _)| name.ends_with("-hostile")) {
            assert!(html.contains("&#60;script&#62;alert(1)"), "{name} shows no hostile text");
            assert!(!html.contains("<script>alert"), "{name} lets markup through");
            assert!(!html.contains("alert(1)<"), "{name} lets the end of markup through");
            seen += 1;
        }
    }
    assert!(seen > 60, "{seen} hostile pages");
}

#[test]
fn the_error_summary_names_fields_that_are_there() {
    for (name, html) in samples::all(Lang::Zh) {
        let Some(summary) = html.split("class=\"error-summary\"").nth(1).and_then(|rest| rest.split("</div>").next())
        else {
            continue;
        };
        for target in summary.split("href=\"#f-").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(html.contains(&format!("id=\"f-{target}\"")), "{name}: nothing has the id f-{target}");
        }
        // The forms about the use of footage name their fields without a letter before them.
        if name.starts_with("use-") {
            for target in summary.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
                assert!(html.contains(&format!("id=\"{target}\"")), "{name}: nothing has the id {target}");
            }
        }
    }
}

/// The summary of a form of the office leads to what is wrong.
#[test]
fn every_fault_of_a_form_of_the_office_leads_somewhere() {
    let office = ["case-", "draw-", "visit", "recusals", "staff-"];
    let mut seen = 0;
    for (name, html) in samples::all(Lang::Zh) {
        if !office.iter().any(|start| name.starts_with(start)) {
            continue;
        }
        let summary = html.split("class=\"error-summary\"").nth(1).and_then(|rest| rest.split("</div>").next());
        for target in summary.unwrap_or_default().split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(html.contains(&format!("id=\"{target}\"")), "{name}: nothing has the id {target}");
            seen += 1;
        }
    }
    assert!(seen > 20, "{seen} faults");
}

/// Two words that the scripts of every page look for: put on anything else, a sentence becomes a countdown, or the scripts of the page stop.
#[test]
fn what_the_common_scripts_look_for_is_theirs_on_every_page() {
    let (mut ends, mut parts) = (0, 0);
    for (name, html) in samples::all(Lang::Zh) {
        let value =
            |rest: &str| rest.strip_prefix("=\"").and_then(|v| v.split('"').next()).unwrap_or_default().to_owned();
        for tag in html.split('<').skip(1).filter_map(|rest| rest.split('>').next()) {
            if let Some(rest) = tag.split(" data-until").nth(1) {
                assert!(value(rest).parse::<i64>().is_ok(), "{name}: no instant to count down to: {tag}");
                ends += 1;
            }
            if let Some(rest) = tag.split(" data-shows").nth(1) {
                let target = value(rest);
                let id = target.strip_prefix('#').unwrap_or_default();
                assert!(html.contains(&format!("id=\"{id}\"")), "{name}: shows nothing: {tag}");
                parts += 1;
            }
        }
    }
    assert!(ends > 0 && parts > 0, "{ends} countdowns, {parts} choices that show a part");
}

#[test]
fn every_note_that_describes_a_field_is_there() {
    for (name, html) in samples::all(Lang::En) {
        for ids in html.split("aria-describedby=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
            for id in ids.split(' ') {
                assert!(html.contains(&format!("id=\"{id}\"")), "{name}: nothing has the id {id}");
            }
        }
    }
}

/// Headings go down one level at a time, so that a page can be read by its headings.
#[test]
fn headings_of_the_public_site_and_of_cases_leave_no_level_out() {
    let new = ["public-", "registers", "apply-", "case"];
    for (name, html) in samples::all(Lang::Zh).into_iter().filter(|(name, _)| new.iter().any(|n| name.starts_with(n))) {
        let main = html.split("<main").nth(1).and_then(|rest| rest.split("</main>").next()).unwrap_or_default();
        let levels = main.split("<h").skip(1).filter_map(|rest| rest.chars().next()?.to_digit(10));
        assert!(levels.clone().any(|level| level == 1), "{name} has no first heading");
        let mut last = 1;
        for level in levels {
            assert!(level <= last + 1, "{name}: a heading of level {level} after one of {last}");
            last = level;
        }
    }
}
