//! What of a row the public sees, in which words, and what is counted; columns about persons are never among it.

use super::*;

fn version(version: u32, public: &Value) -> RowVersion {
    RowVersion {
        register: "providers".into(),
        row: "r-1".into(),
        version,
        name: "沈阳示例安防工程有限公司".into(),
        office: None,
        party: None,
        public: public.to_string(),
        personal: None,
        case: None,
        from: CivilDate::ymd(2026, 1, 1).unwrap(),
        until: CivilDate::ymd(2026, 12, 31),
        newest: true,
        shown: Some(UtcMs(0)),
        at: UtcMs(0),
        entry: u64::from(version),
    }
}

#[test]
fn a_row_holds_from_its_first_day_to_its_last() {
    let row = version(1, &Value::Null);
    let packs = Packs::embedded().unwrap();
    let open = Open::read(&packs, &row);
    let day = |text: &str| CivilDate::parse(text).unwrap();
    for (on, word) in [
        ("2025-12-31", "not yet in force"),
        ("2026-01-01", "on record"),
        ("2026-12-31", "on record"),
        ("2027-01-01", "ended"),
    ] {
        assert_eq!(state_of(&row, &open, day(on)).word.en, word, "{on}");
        assert_eq!(holds(&row, day(on)), word == "on record", "{on}");
    }
}

#[test]
fn whatever_a_row_holds_only_public_columns_come_out() {
    let packs = Packs::embedded().unwrap();
    let notice = packs.procedure("warning_notice").unwrap();
    let public = serde_json::json!({
        "procedure": "warning_notice", "number": "沈公〔2026〕1号", "outcome": "published", "decided_day": "2026-03-01",
        "fields": { "provider_name": "示例", "complainant_name": "王五", "source": "complaint" },
    });
    let row = version(1, &public);
    let open = Open::read(&packs, &row);
    let cell = |id: &str| open.cell(notice.field(id).unwrap(), Lang::Zh);
    assert_eq!((cell("provider_name").as_str(), cell("complainant_name").as_str()), ("示例", ""));
    assert_eq!(cell("source"), "用户投诉");
    assert!(open.decision(Lang::Zh).starts_with("查证属实") && !open.decision(Lang::Zh).ends_with('。'));
    assert_eq!(label_of(&row), "沈公〔2026〕1号");
    let odd = version(1, &Value::Null);
    assert_eq!((label_of(&odd).as_str(), Open::read(&packs, &odd).day()), ("r-1", ""));
}

#[test]
fn a_division_stands_with_its_name_and_its_code() {
    let packs = Packs::embedded().unwrap();
    let permit = packs.procedure("permit").unwrap();
    let field = permit.fields.iter().find(|f| f.kind == FieldKind::Division).unwrap();
    let said = |code: &str, lang: Lang| words(&packs, field, &Value::from(code), lang);
    assert_eq!(said("230102", Lang::Zh), "哈尔滨市道里区（230102）");
    assert!(said("230102", Lang::En).ends_with(" (230102)"));
    assert_eq!((said("990000", Lang::Zh).as_str(), said("", Lang::Zh).as_str()), ("990000", ""));
}

#[test]
fn a_filtered_list_tells_no_whole_number_that_nobody_counted() {
    let rows = |n: u32| (1..=n).map(|v| version(v, &Value::Null)).collect::<Vec<_>>();
    let asked = |holds: bool, query: &str, before: Option<u64>| Asked {
        query: query.to_owned(),
        holds,
        says: String::new(),
        office: None,
        on: None,
        narrow: Narrow::default(),
        before,
    };
    let said =
        |n: u32, next: Option<u64>, asked: &Asked| told(&Found { rows: rows(n), next }, asked, 1_234).en.to_string();
    assert_eq!(said(3, None, &asked(false, "", None)), "1,234 rows");
    assert_eq!(said(3, None, &asked(true, "", None)), "3 rows");
    assert_eq!(said(1, None, &asked(true, "", None)), "1 row");
    assert_eq!(said(50, Some(9), &asked(true, "", None)), "more than 50 rows");
    assert_eq!(said(2, Some(9), &asked(false, "x", None)), "2 rows on this page, there may be more");
    assert_eq!(said(50, Some(9), &asked(true, "", Some(80))), "50 rows on this page, there may be more");
    assert_eq!(said(3, None, &asked(true, "", Some(80))), "3 rows on this page, the last");
    let young = told(&Found { rows: rows(3), next: None }, &asked(false, "", None), 2);
    assert_eq!(young.en, "3 rows", "what was counted a minute ago is not smaller than the page");
}

#[test]
fn history_tells_what_changed_and_nothing_else() {
    let packs = Packs::embedded().unwrap();
    let field = packs.procedure("warning_notice").unwrap().field("provider_name").unwrap();
    let register = OpenRegister { id: "providers", name: Text::default(), columns: vec![field] };
    let with = |name: &str| serde_json::json!({ "procedure": "warning_notice", "fields": { "provider_name": name } });
    let versions = [version(2, &with("乙")), version(1, &with("甲"))];
    let lines = history(&packs, &register, &versions, Lang::Zh);
    assert_eq!(lines.len(), 2);
    let changed: Vec<_> = lines[0].changed.iter().map(|(_, a, b)| (a.as_str(), b.as_str())).collect();
    assert_eq!(changed, [("甲", "乙")]);
    assert!(lines[1].changed.is_empty() && lines[1].what.en == "entered");
    // The same content once more is no change.
    let versions = [version(3, &with("乙")), version(2, &with("乙")), version(1, &with("甲"))];
    let lines = history(&packs, &register, &versions, Lang::Zh);
    assert!(lines[0].changed.is_empty() && lines[0].what.en.contains("nothing"), "{:?}", lines[0].what);
    assert_eq!(lines[1].what.en, "changed");
    let versions = [version(2, &with("乙")), version(1, &with("甲"))];
    // What stood in the version before was never public.
    let lines = history(&packs, &register, &versions[..1], Lang::Zh);
    assert!(lines[0].changed.is_empty() && lines[0].what.en == "made public");
}

#[test]
fn the_proof_covers_the_name_of_new_rows_only() {
    let named = version(1, &serde_json::json!({ "name": "沈阳示例安防工程有限公司" }));
    let other = version(1, &serde_json::json!({ "name": "别的" }));
    assert!(named.proves_name() && !other.proves_name() && !version(1, &Value::Null).proves_name());
}

#[test]
fn a_field_about_a_person_is_no_column_even_if_a_pack_says_so() {
    let packs = Packs::embedded().unwrap();
    let field = packs.procedure("warning_notice").unwrap().field("provider_name").unwrap();
    assert!(is_open(field, "providers") && !is_open(field, "units"));
    assert!(!is_open(&Field { personal: true, ..field.clone() }, "providers"));
    assert!(!is_open(&Field { kind: law::FieldKind::Name, ..field.clone() }, "providers"));
    assert!(!is_open(&Field { public: false, ..field.clone() }, "providers"));
}
