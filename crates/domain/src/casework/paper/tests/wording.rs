//! What holds of the words of every paper, in both languages: who gets it and by which clause, no codes instead of words, no Chinese in what an
//! English paper says of itself, a day of the week beside each last day.

use super::*;

/// Every paper that can be made on any way to any step or outcome, once for each kind and procedure, with what it was made of.
fn every_paper(lang: Lang, mut look: impl FnMut(&'static Document, &str, &Envelope)) {
    let mut seen: BTreeSet<(&str, &str)> = BTreeSet::new();
    for procedure in PACKS.procedures() {
        for bench in cases(procedure) {
            let docket = bench.docket();
            for offer in papers_of(&docket).into_iter().filter(|o| o.ready.is_ok()) {
                if seen.insert((offer.document.code, procedure.id.as_str())) {
                    let e = envelope(offer.document, &docket, &facts(&bench), lang).unwrap();
                    look(offer.document, &procedure.id, &e);
                }
            }
        }
    }
    assert!(seen.len() > 100, "{}", seen.len());
}

/// Every text of a paper but the address of its check.
fn texts(value: &serde_json::Value, out: &mut Vec<String>) {
    match value {
        serde_json::Value::String(text) => out.push(text.clone()),
        serde_json::Value::Array(items) => items.iter().for_each(|item| texts(item, out)),
        serde_json::Value::Object(fields) => {
            fields.iter().filter(|(name, _)| *name != "qr").for_each(|(_, field)| texts(field, out));
        }
        _ => {}
    }
}

/// A word of the program: small letters with a line between them.
fn is_code(word: &str) -> bool {
    let inside = word.trim_matches('_');
    inside.contains('_') && inside.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

fn is_chinese(text: &str) -> bool {
    text.chars().any(|c| ('\u{3000}'..='\u{9fff}').contains(&c) || ('\u{ff00}'..='\u{ffef}').contains(&c))
}

#[test]
fn every_paper_has_its_day_whoever_it_goes_to_and_what_is_numbered_and_addressed_its_clause() {
    every_paper(Lang::Zh, |document, procedure, e| {
        let has = |part: Part| document.parts.contains(&part);
        let which = format!("{procedure} {}", document.code);
        assert!(e.date.is_some() && !e.organ.is_empty() && !e.title.is_empty(), "{which}");
        assert_eq!(e.to.trim().is_empty(), !has(Part::To), "{which}");
        // What was handed in is only counted; all else that goes out with a number says by what clause.
        let speaks = has(Part::To) && has(Part::Number) && document.code != "material_receipt";
        assert!(!speaks || !e.basis.is_empty(), "{which}");
        assert!(e.basis.iter().all(|b| b.article.starts_with('《')), "{which}");
    });
}

#[test]
fn no_paper_prints_a_word_of_the_program() {
    assert!(is_code("look_into") && !is_code("Look") && !is_code("__") && !is_code("A_B"));
    for lang in [Lang::Zh, Lang::En] {
        every_paper(lang, |document, procedure, e| {
            let mut all = Vec::new();
            texts(&e.values(), &mut all);
            for text in all {
                let code = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').find(|word| is_code(word));
                assert_eq!(code, None, "{procedure} {}: {text}", document.code);
            }
        });
    }
}

/// What the caller called a column of the party's record, in Chinese here.
fn facts_party() -> String {
    facts(&Bench::open("penalty_case")).party.remove(0).name
}

#[test]
fn what_an_english_paper_says_of_itself_is_english() {
    let ours = facts_party();
    every_paper(Lang::En, |document, procedure, e| {
        // Without the values, which are what people wrote, and the words of clauses, which are quoted.
        let names = e.particulars.iter().chain(&e.stub).map(|p| p.name.as_str()).filter(|name| *name != ours);
        let heads = e.tables.iter().flat_map(|t| t.heads.iter().map(String::as_str).chain([t.title.as_str()]));
        let roles = e.opinions.iter().map(|o| o.role.as_str()).chain(e.signatures.iter().map(|s| s.role.as_str()));
        let articles = e.basis.iter().map(|b| b.article.as_str());
        let ways = e.remedies.iter().map(String::as_str);
        let own = [e.title.as_str()].into_iter().chain(names).chain(heads).chain(roles).chain(articles).chain(ways);
        for text in own {
            assert!(!is_chinese(text), "{procedure} {}: {text}", document.code);
        }
    });
}

#[test]
fn the_wording_of_a_clause_stands_behind_its_gist_in_english_and_alone_in_chinese() {
    let mut bench = Bench::open("area_approval");
    bench.go("examine");
    bench.take("approved").unwrap();
    let own = |lang| {
        let e = envelope(kind("general_decision"), &bench.docket(), &facts(&bench), lang).unwrap();
        e.basis.into_iter().next().unwrap().text
    };
    let (zh, en) = (own(Lang::Zh), own(Lang::En));
    assert!(!zh.is_empty() && !zh.contains("要旨") && !zh.contains("wording"), "{zh}");
    assert!(en.starts_with("(gist, not the wording) ") && en.ends_with(&format!("The wording: {zh}")), "{en}");
}

#[test]
fn each_last_day_has_its_day_of_the_week() {
    let mut days = 0;
    for (lang, words, week) in [(Lang::Zh, "最后一日为", "（星期"), (Lang::En, "the last day is ", "day)")] {
        every_paper(lang, |document, procedure, e| {
            for text in e.paragraphs.iter().chain(&e.decision).chain(&e.remedies) {
                for after in text.split(words).skip(1) {
                    let begins: String = after.chars().take(25).collect();
                    assert!(begins.contains(week), "{procedure} {}: {text}", document.code);
                    days += 1;
                }
            }
        });
    }
    assert!(days > 40, "{days}");
}

#[test]
fn whom_a_decision_burdens_reads_on_its_paper_what_can_be_done_against_it() {
    // Of an answer nobody complains, a transfer and a request to the court go to organs.
    const OTHERS: [&str; 3] = ["verification_answer", "transfer_letter", "enforcement_request"];
    let mut looked: BTreeSet<&str> = BTreeSet::new();
    for procedure in PACKS.procedures().iter().filter(|p| !p.remedies.is_empty()) {
        for bench in cases(procedure) {
            let docket = bench.docket();
            let Some(decision) = docket.case.outcome() else { continue };
            let outcome = procedure.outcomes.iter().find(|o| o.id == decision.outcome).unwrap();
            let burdens = outcome.needs.contains(&law::Guard::Reasons);
            let named = Document::named(&outcome.document_zh).filter(|d| burdens && !OTHERS.contains(&d.code));
            let Some(document) = named else { continue };
            let Ok(e) = envelope(document, &docket, &facts(&bench), Lang::Zh) else { continue };
            assert!(!e.remedies.is_empty(), "{} {}", procedure.id, document.code);
            looked.insert(document.code);
        }
    }
    for code in ["acceptance_record", "warning_notice", "refusal_decision", "viewing_refusal", "penalty_decision"] {
        assert!(looked.contains(code), "{code}: {looked:?}");
    }
}

#[test]
fn what_is_published_counts_no_day_from_its_receipt() {
    let mut bench = Bench::open("warning_notice");
    bench.go("verify");
    bench.decide("published").unwrap();
    let e = made(&bench, "warning_notice");
    assert_eq!(e.remedies.len(), 2);
    assert!(e.remedies.iter().all(|r| !r.contains("收到")), "{:?}", e.remedies);
}

#[test]
fn who_reported_is_told_the_clause_of_the_end_and_none_of_what_the_party_did() {
    let mut bench = Bench::open("penalty_case");
    bench.go("investigate");
    bench.decide("no_case").unwrap();
    let e = made(&bench, "reporter_notice");
    assert_eq!(e.basis.len(), 1);
    assert!(e.basis.iter().all(|b| b.article.contains("行政处罚法")), "{}", e.basis.len());
}

#[test]
fn a_receipt_of_materials_says_by_when_the_organ_answers() {
    let mut bench = Bench::open("area_approval");
    bench.give("application").unwrap();
    bench.done("apply").unwrap();
    let e = made(&bench, "material_receipt");
    assert!(e.paragraphs.iter().any(|p| p.contains("最后一日为") && p.contains("个工作日")), "{:?}", e.paragraphs);
}
