//! Papers: the catalogue holds with the templates and the packs; what is missing or too much is told all at once; values and digest.

use super::*;
use proptest::prelude::*;
use std::collections::BTreeSet;

/// Papers that procedures of the packs name and others make: courts, organs of review, units.
const OTHERS: [&str; 3] = ["判决书、裁定书", "行政复议决定书", "建设工程验收结论"];

fn kind(code: &str) -> &'static Document {
    Document::parse(code).unwrap()
}

fn lines(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|t| (*t).to_owned()).collect()
}

/// Every part is there.
fn full() -> Envelope {
    let pair = |name: &str, value: &str| Particular { name: name.into(), value: value.into(), hint: String::new() };
    Envelope {
        lang: Lang::Zh,
        organ: "示范市公安局".into(),
        title: "责令限期改正通知书".into(),
        date: CivilDate::ymd(2026, 11, 2),
        number: "示公技〔2026〕1号".into(),
        to: "示范酒店".into(),
        paragraphs: lines(&["正文。"]),
        particulars: vec![pair("单位名称", "示范酒店"), pair("留空", "")],
        facts: lines(&["事实一。", "事实二。"]),
        tables: vec![Table {
            title: String::new(),
            heads: lines(&["序", "项目"]),
            widths: vec![1, 4],
            rows: vec![lines(&["1", "探测器"]), lines(&["2", ""])],
        }],
        talk: vec![Said { who: "问".into(), words: "何时启用？".into() }],
        basis: vec![Basis { article: "《示范条例》第一条".into(), text: "原文。".into() }],
        decision: lines(&["限期改正。"]),
        remedies: lines(&["可以申请复议。"]),
        opinions: vec![Opinion { role: "负责人意见".into(), ..Opinion::default() }],
        signatures: vec![Signature { role: "执法人员".into(), name: "李四".into(), ..Signature::default() }],
        attachments: lines(&["清单"]),
        stub: vec![pair("事由", "检查")],
        copies: "各执一份。".into(),
        qr: Some(Check { url: "https://gaj.example/v/1".into(), digest: "3fa2 91bc".into() }),
        sample: false,
    }
}

/// Without one part.
fn without(part: Part) -> Envelope {
    let mut e = full();
    match part {
        Part::Organ => e.organ.clear(),
        Part::Title => e.title = "  ".into(),
        Part::Date => e.date = None,
        Part::Number => e.number.clear(),
        Part::To => e.to.clear(),
        Part::Paragraphs => e.paragraphs.clear(),
        Part::Particulars => e.particulars.clear(),
        Part::Facts => e.facts.clear(),
        Part::Tables => e.tables.clear(),
        Part::Talk => e.talk.clear(),
        Part::Basis => e.basis.clear(),
        Part::Decision => e.decision.clear(),
        Part::Remedies => e.remedies.clear(),
        Part::Opinions => e.opinions.clear(),
        Part::Signatures => e.signatures.clear(),
        Part::Attachments => e.attachments.clear(),
        Part::Stub => e.stub.clear(),
        Part::Copies => e.copies.clear(),
        Part::Qr => e.qr = None,
    }
    e
}

fn parts_of(result: Result<(), Vec<PartFault>>) -> Vec<Part> {
    result.err().unwrap_or_default().into_iter().map(|fault| fault.part).collect()
}

#[test]
fn codes_and_names_stand_once() {
    let codes: BTreeSet<_> = DOCUMENTS.iter().map(|d| d.code).collect();
    assert_eq!(codes.len(), DOCUMENTS.len());
    let names: Vec<_> = DOCUMENTS.iter().flat_map(|d| d.also.iter().chain([&d.zh])).collect();
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "{names:?}");
    for document in DOCUMENTS {
        assert_eq!(Document::parse(document.code), Some(document));
        assert_eq!(Document::named(document.zh), Some(document));
        let needs: Vec<_> = document.needs().collect();
        assert_eq!(needs.iter().collect::<BTreeSet<_>>().len(), needs.len(), "{}", document.code);
    }
    for family in Family::ALL {
        assert!(DOCUMENTS.iter().any(|d| d.family == family), "{family:?}");
    }
    assert_eq!((Document::parse("decree"), Document::named("")), (None, None));
}

#[test]
fn every_kind_has_a_template_that_asks_for_the_same_parts() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../paper/templates");
    let mut files: BTreeSet<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .filter(|name| !["official.typ", "casework.typ", "duty-report.typ"].contains(&name.as_str()))
        .collect();
    for document in DOCUMENTS {
        let name = format!("{}.typ", document.template());
        let text = std::fs::read_to_string(format!("{folder}/{name}")).unwrap();
        let parts: Vec<_> = document.needs().map(|part| format!("\"{}\"", part.code())).collect();
        let line = format!("\n#needs({})\n", parts.join(", "));
        assert!(text.contains(&line), "{name} has another line than {line}");
        assert!(text.contains(document.zh) && text.contains(document.en), "{name} says what it is");
        assert!(files.remove(&name));
    }
    assert_eq!(files, BTreeSet::new(), "templates of no kind");
}

#[test]
fn clauses_and_papers_of_the_packs_are_known() {
    let packs = law::Packs::embedded().unwrap();
    for document in DOCUMENTS {
        if let Some(clause) = document.clause() {
            assert!(packs.clause(&clause).is_some(), "{}: {}", document.code, document.clause);
        }
    }
    let outcomes = packs.procedures().iter().flat_map(|p| &p.outcomes);
    let named: BTreeSet<_> = outcomes.map(|o| o.document_zh.as_str()).filter(|zh| !zh.is_empty()).collect();
    let lost: Vec<_> = named.iter().filter(|zh| Document::named(zh).is_none() && !OTHERS.contains(zh)).collect();
    assert_eq!(lost, Vec::<&&str>::new(), "papers of procedures that nobody can make");
    assert!(OTHERS.iter().all(|zh| named.contains(zh)), "an entry of others that no procedure names");
    for document in DOCUMENTS {
        assert!(document.also.iter().all(|zh| named.contains(zh)), "{}: a name that no procedure has", document.code);
    }
}

#[test]
fn a_full_paper_passes_and_each_missing_part_is_told() {
    for document in DOCUMENTS {
        assert_eq!(full().check(document), Ok(()), "{}", document.code);
        let needs: BTreeSet<_> = document.needs().collect();
        for part in Part::ALL.iter().copied() {
            let want: Vec<_> = Some(part).into_iter().filter(|p| needs.contains(p)).collect();
            assert_eq!(parts_of(without(part).check(document)), want, "{} without {part:?}", document.code);
        }
    }
}

#[test]
fn all_that_is_missing_is_told_at_once_and_in_words() {
    let order = kind("order_with_limit");
    let empty = Envelope::of(order, Lang::En);
    assert_eq!(empty.title, "order to correct within a time limit");
    let faults = empty.check(order).unwrap_err();
    let want: BTreeSet<_> = order.needs().filter(|part| *part != Part::Title).collect();
    assert_eq!(faults.iter().map(|f| f.part).collect::<BTreeSet<_>>(), want);
    for fault in faults {
        let name = fault.part.name();
        assert!(fault.what.zh.contains(&*name.zh) && fault.what.zh.ends_with('。'), "{}", fault.what.zh);
        assert!(fault.what.en.contains(&*name.en) && !fault.next.en.is_empty(), "{}", fault.what.en);
    }
}

#[test]
fn texts_and_lists_have_their_edges() {
    let order = kind("order_with_limit");
    let check = |e: Envelope| parts_of(e.check(order));
    let line = |n: usize| check(Envelope { organ: "局".repeat(n), ..full() });
    assert_eq!((line(LINE_CHARS), line(LINE_CHARS + 1)), (vec![], vec![Part::Organ]));
    let words = |n: usize| check(Envelope { facts: vec!["事".repeat(n)], ..full() });
    assert_eq!((words(WORDS_CHARS), words(WORDS_CHARS + 1)), (vec![], vec![Part::Facts]));
    let items = |n: usize| check(Envelope { remedies: vec!["可以。".into(); n], ..full() });
    assert_eq!((items(ITEMS), items(ITEMS + 1)), (vec![], vec![Part::Remedies]));
    let tables = |n: usize| check(Envelope { tables: vec![full().tables[0].clone(); n], ..full() });
    assert_eq!((tables(TABLES), tables(TABLES + 1)), (vec![], vec![Part::Tables]));
    assert_eq!(check(Envelope { facts: lines(&["事实。", " "]), ..full() }), [Part::Facts]);
    let nameless = Envelope { stub: vec![Particular { value: "检查".into(), ..Particular::default() }], ..full() };
    assert_eq!(check(nameless), [Part::Stub]);
    let long_cell =
        Table { heads: lines(&["项目"]), rows: vec![vec!["长".repeat(WORDS_CHARS + 1)]], ..Table::default() };
    assert_eq!(check(Envelope { tables: vec![long_cell], ..full() }), [Part::Tables]);
}

#[test]
fn tables_keep_their_shape() {
    let record = kind("inspection_record");
    let table = |columns: usize, rows: usize, width: usize, shares: Vec<u32>| {
        let tables = vec![Table {
            title: String::new(),
            heads: vec!["项目".into(); columns],
            widths: shares,
            rows: vec![vec![String::new(); width]; rows],
        }];
        parts_of(Envelope { tables, ..full() }.check(record))
    };
    for (columns, rows, width, shares) in [(1, 0, 1, vec![]), (COLUMNS, ROWS, COLUMNS, vec![]), (2, 1, 2, vec![1, 100])]
    {
        assert_eq!(table(columns, rows, width, shares), [], "{columns} {rows} {width}");
    }
    let wrong = [
        (0, 0, 0, vec![]),
        (COLUMNS + 1, 1, COLUMNS + 1, vec![]),
        (2, ROWS + 1, 2, vec![]),
        (2, 1, 1, vec![]),
        (2, 1, 3, vec![]),
        (2, 1, 2, vec![1]),
        (2, 1, 2, vec![0, 1]),
        (2, 1, 2, vec![1, 101]),
    ];
    for (columns, rows, width, shares) in wrong {
        assert_eq!(table(columns, rows, width, shares.clone()), [Part::Tables], "{columns} {rows} {width} {shares:?}");
    }
}

#[test]
fn an_address_of_the_check_is_one() {
    let order = kind("order_with_limit");
    let check = |url: &str| {
        let qr = Some(Check { url: url.into(), digest: "3fa2".into() });
        parts_of(Envelope { qr, ..full() }.check(order))
    };
    let long = |n: usize| format!("https://{}", "a".repeat(n - 8));
    assert_eq!((check(&long(ADDRESS_BYTES)), check(&long(ADDRESS_BYTES + 1))), (vec![], vec![Part::Qr]));
    assert_eq!(check("http://10.0.0.1/v/1"), []);
    for bad in ["javascript:x", "gaj.example/v/1", "https://a b", "https://a\n"] {
        assert_eq!(check(bad), [Part::Qr], "{bad:?}");
    }
}

#[test]
fn values_have_every_part_under_its_code_and_the_day_in_words() {
    let values = full().values();
    for part in Part::ALL {
        assert!(values.get(part.code()).is_some_and(|value| !value.is_null()), "{part:?}");
    }
    assert_eq!(values["date"], "2026年11月2日");
    assert_eq!(values["particulars"][0], json!({ "name": "单位名称", "value": "示范酒店", "hint": "" }));
    assert_eq!(values["tables"][0]["rows"][1], json!(["2", ""]));
    let english = Envelope { lang: Lang::En, ..full() }.values();
    assert_eq!(english["date"], "2026-11-02");
    assert_eq!(Envelope::default().values()["qr"], Value::Null);
}

#[test]
fn the_digest_is_over_all_but_the_check() {
    let order = kind("order_with_limit");
    let of = |e: &Envelope| e.digest(order);
    let whole = of(&full());
    for part in Part::ALL.iter().copied().filter(|part| *part != Part::Qr) {
        assert_ne!(of(&without(part)), whole, "{part:?}");
    }
    assert_eq!(of(&without(Part::Qr)), whole, "the check cannot be in its own digest");
    assert_ne!(of(&Envelope { lang: Lang::En, ..full() }), whole);
    assert_ne!(full().digest(kind("order_at_once")), whole);
    let moved = Envelope { facts: lines(&["事实一。事实二。"]), ..full() };
    assert_ne!(of(&moved), whole, "where a text ends counts");
    let checked = full().verified_at(order, "https://gaj.example/v/2".into());
    let shown = checked.qr.as_ref().unwrap();
    assert_eq!(shown.digest.replace(' ', ""), whole.hex()[..SHORT]);
    assert_eq!((shown.digest.len(), of(&checked)), (19, whole));
    assert_eq!((checked.check_code(), without(Part::Qr).check_code()), (shown.digest.as_str(), ""));
}

#[test]
fn an_envelope_comes_back_and_takes_nothing_unknown() {
    let kept = serde_json::to_string(&full()).unwrap();
    assert!(serde_json::from_str::<Envelope>(&kept).unwrap() == full());
    assert!(serde_json::from_str::<Envelope>("{}").unwrap() == Envelope::default());
    assert!(serde_json::from_str::<Envelope>(r#"{"organ":"局","seal":"x"}"#).is_err());
}

#[test]
fn neither_debug_nor_faults_tell_what_a_paper_says() {
    let shown = format!("{:?}", full());
    assert!(shown.contains("\"signatures\": 1") && !shown.contains("李四") && !shown.contains("示范"), "{shown}");
    let faults = Envelope { to: "王五".repeat(LINE_CHARS), ..full() }.check(kind("prior_notice")).unwrap_err();
    assert!(!format!("{faults:?}").contains("王五"));
}

proptest! {
    #[test]
    fn two_papers_that_differ_have_two_digests(a in "\\PC{0,20}", b in "\\PC{0,20}", c in "\\PC{0,20}", d in "\\PC{0,20}") {
        let of = |to: &str, number: &str| {
            Envelope { to: to.into(), number: number.into(), ..full() }.digest(kind("bulletin"))
        };
        prop_assert_eq!(of(&a, &b) == of(&c, &d), (&a, &b) == (&c, &d));
    }

    #[test]
    fn no_text_stops_the_check_or_comes_out_in_a_fault(text in "\\PC{9,300}", n in 0_usize..4) {
        let texts = vec![text.clone(); n];
        let e = Envelope {
            organ: text.clone(),
            facts: texts.clone(),
            qr: Some(Check { url: text.clone(), digest: text.clone() }),
            tables: vec![Table { heads: texts.clone(), rows: vec![texts], ..Table::default() }],
            ..full()
        };
        let said = format!("{:?}", e.check(kind("order_with_limit")));
        prop_assert!(text.trim().is_empty() || !said.contains(text.as_str()));
        let sound = n > 0 && text.chars().count() <= LINE_CHARS && !text.trim().is_empty() && text.starts_with("https://");
        prop_assert!(sound || e.check(kind("order_with_limit")).is_err(), "no text of this kind is an address");
    }
}
