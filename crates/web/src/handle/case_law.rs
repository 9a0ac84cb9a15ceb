//! What the page of a case says when packs were amended after the case was opened: which, as they were and as they are, and what it means.
//!
//! Always true: nothing is said while nothing was amended; what is said decides nothing, it sends somebody to look.

use authority::cases::CaseView;
use base::{CivilDate, Sha256, Text};
use domain::casework::{LawChange, PackVersion};

/// Signs of a digest that a person compares.
const SHORT: usize = 12;

/// The sentences; none while nothing was amended.
pub(crate) fn amendments(view: &CaseView) -> Vec<Text> {
    let whole = (view.law_changed && view.case.law.is_empty()).then_some((view.case.digest, view.law_in_use));
    sentences(&view.law_changes(), whole, view.row.head.facts_on)
}

/// The same for the party, in plain words: by which law the case is decided; nothing while nothing was amended.
pub(crate) fn for_party(view: &CaseView) -> Vec<Text> {
    party_sentences(&view.law_changes(), view.row.head.facts_on)
}

fn party_sentences(changes: &[LawChange], facts_on: CivilDate) -> Vec<Text> {
    let named = |change: &LawChange| {
        let (zh, en) = (&change.name.zh, &change.name.en);
        Text::of(format!("《{zh}》有改动。"), format!("{en} was amended."))
    };
    let mut out: Vec<Text> = changes.iter().map(named).collect();
    if !out.is_empty() {
        out.push(Text::of(
            format!("您的办件仍按 {facts_on} 有效的规定办理；改动影响到您的，办理机关会告知您。"),
            format!(
                "Your case still goes by what is in force on {facts_on}; where the change concerns you, the office tells you."
            ),
        ));
    }
    out
}

/// `whole`: digests then and now of a case that does not say how each pack stood.
fn sentences(changes: &[LawChange], whole: Option<(Sha256, Sha256)>, facts_on: CivilDate) -> Vec<Text> {
    let mut out: Vec<Text> = changes.iter().map(of_pack).collect();
    if let Some((was, now)) = whole {
        let (was, now) = (short(&was), short(&now));
        out.push(Text::of(
            format!("立案时的规则包（摘要 {was}）与现用的（摘要 {now}）不同；本案没有记下各规则包当时的版本。"),
            format!(
                "The packs when the case was opened (digest {was}) are not those in use (digest {now}); the case does not say how each one stood."
            ),
        ));
    }
    if !out.is_empty() {
        out.push(Text::of(
            format!(
                "本案仍按 {facts_on} 有效的规定办理，条文和数值取自现用的规则包；请承办人核对改动是否影响本案，并在案卷中记明。"
            ),
            format!(
                "The case still goes by what is in force on {facts_on}, read from the packs in use; its officer looks whether the change matters to it and notes that in the case."
            ),
        ));
    }
    out
}

fn of_pack(change: &LawChange) -> Text {
    let (name, was) = (&change.name, version(&change.was));
    match change.now.as_ref().map(version) {
        Some(now) => Text::of(
            format!("《{}》：立案时 {}；现用 {}。", name.zh, was.zh, now.zh),
            format!("{}: when the case was opened, {}; in use now, {}.", name.en, was.en, now.en),
        ),
        None => Text::of(
            format!("《{}》：立案时 {}；现用的规则包中没有。", name.zh, was.zh),
            format!("{}: when the case was opened, {}; it is not among the packs in use.", name.en, was.en),
        ),
    }
}

fn version(of: &PackVersion) -> Text {
    let (from, digest) = (of.from, short(&of.sha256));
    match of.until {
        Some(until) => Text::of(
            format!("自{from}起施行、{until}起失效，摘要 {digest}"),
            format!("in force from {from} until {until}, digest {digest}"),
        ),
        None => Text::of(format!("自{from}起施行，摘要 {digest}"), format!("in force from {from}, digest {digest}")),
    }
}

fn short(digest: &Sha256) -> String {
    digest.hex().chars().take(SHORT).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> CivilDate {
        CivilDate::parse(text).unwrap()
    }

    fn version_of(until: Option<&str>, seed: &[u8]) -> PackVersion {
        PackVersion { id: "B".into(), from: day("2012-11-01"), until: until.map(day), sha256: Sha256::of(seed) }
    }

    #[test]
    fn both_versions_of_an_amended_pack_are_told_and_the_day_that_decides() {
        let (was, now) = (version_of(None, b"was"), version_of(Some("2027-01-01"), b"now"));
        let name = Text::new("某条例", "Some Ordinance");
        let change = LawChange { name, was: was.clone(), now: Some(now.clone()) };
        let told = sentences(std::slice::from_ref(&change), None, day("2026-03-02"));
        assert_eq!(told.len(), 2);
        for (part, of) in [("2012-11-01", &told[0]), ("2027-01-01", &told[0]), ("2026-03-02", &told[1])] {
            assert!(of.zh.contains(part) && of.en.contains(part), "{part}: {of:?}");
        }
        for digest in [short(&was.sha256), short(&now.sha256)] {
            assert!(told[0].zh.contains(&digest) && told[0].en.contains(&digest), "{digest}");
        }
        assert!(told[0].zh.starts_with("《某条例》") && told[0].en.starts_with("Some Ordinance"));
        let party = party_sentences(std::slice::from_ref(&change), day("2026-03-02"));
        assert!(party.len() == 2 && party[0].zh.contains("《某条例》") && party[1].zh.contains("2026-03-02"));
        assert!(party.iter().all(|t| !t.zh.contains("摘要")) && party_sentences(&[], day("2026-03-02")).is_empty());
        let gone = sentences(&[LawChange { now: None, ..change }], None, day("2026-03-02"));
        assert!(gone[0].zh.contains("现用的规则包中没有") && gone[0].en.contains("not among the packs in use"));
    }

    #[test]
    fn a_case_that_does_not_say_how_packs_stood_is_told_of_by_both_digests() {
        let (was, now) = (Sha256::of(b"was"), Sha256::of(b"now"));
        let told = sentences(&[], Some((was, now)), day("2026-03-02"));
        assert_eq!(told.len(), 2);
        assert!(told[0].zh.contains(&short(&was)) && told[0].en.contains(&short(&now)));
        assert!(sentences(&[], None, day("2026-03-02")).is_empty(), "nothing was amended");
    }
}
