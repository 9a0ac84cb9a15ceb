//! What holds of forms: each kind at its limits, all faults at once, nothing printed, and values that stay what they are.

use crate::form::{FIELDS, FieldFault, TEXT_CHARS, Value, Values, check, check_on, is_unnamed, masked, shown};
use base::CivilDate;
use law::{Field, FieldChoice, FieldKind};
use proptest::prelude::*;
use std::collections::BTreeMap;

const KINDS: [FieldKind; 14] = [
    FieldKind::Line,
    FieldKind::Words,
    FieldKind::Count,
    FieldKind::Yuan,
    FieldKind::Day,
    FieldKind::Choice,
    FieldKind::Flag,
    FieldKind::CreditCode,
    FieldKind::OrganisationCode,
    FieldKind::ResidentId,
    FieldKind::IdentityDocument,
    FieldKind::Division,
    FieldKind::Phone,
    FieldKind::Name,
];

fn field(id: &str, kind: FieldKind) -> Field {
    let choice = |id: &str, zh: &str| FieldChoice { id: id.to_owned(), zh: zh.to_owned(), en: format!("{id} one") };
    Field {
        id: id.to_owned(),
        step: "submit".to_owned(),
        zh: format!("栏目{id}"),
        en: format!("field {id}"),
        kind,
        required: true,
        past: false,
        when: None,
        unkept: None,
        not_before: Vec::new(),
        sum_of: Vec::new(),
        most: None,
        choices: match kind {
            FieldKind::Choice => vec![choice("first", "甲"), choice("second", "乙")],
            _ => Vec::new(),
        },
        hint_zh: String::new(),
        hint_en: String::new(),
        zero_zh: String::new(),
        zero_en: String::new(),
        sample: String::new(),
        sample_en: String::new(),
        clause: None,
        personal: matches!(kind, FieldKind::Name | FieldKind::ResidentId | FieldKind::Phone),
        registers: Vec::new(),
        public: false,
    }
}

fn typed(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(id, text)| ((*id).to_owned(), (*text).to_owned())).collect()
}

/// One field, one text.
fn one(field: &Field, text: &str) -> Result<Option<Value>, FieldFault> {
    let read = check(&[field], &typed(&[(field.id.as_str(), text)]));
    read.map(|values| values.get(&field.id).cloned()).map_err(|mut faults| {
        assert_eq!(faults.len(), 1);
        faults.remove(0)
    })
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn day(text: &str) -> CivilDate {
    CivilDate::parse(text).unwrap()
}

#[test]
fn each_kind_is_read_as_it_is_typed() {
    use FieldKind::{
        Choice, Count, CreditCode, Day, Division, Flag, Line, Name, OrganisationCode, Phone, ResidentId, Words, Yuan,
    };
    for (kind, typed, value) in [
        (Line, " 沈阳市\t某公司 ", text("沈阳市 某公司")),
        (Line, "3", text("3")),
        (Words, "第一段\r\n第二段\n", text("第一段\n第二段")),
        (Name, "买买提·艾力", text("买买提·艾力")),
        (Count, "0", Value::Number(0)),
        (Count, " １２ ", Value::Number(12)),
        (Count, "007", Value::Number(7)),
        (Count, "1000000000", Value::Number(1_000_000_000)),
        (Yuan, "30,000", Value::Number(30_000)),
        (Yuan, "１，０００，０００", Value::Number(1_000_000)),
        (Day, "2024-02-29", Value::Day(day("2024-02-29"))),
        (Day, "２０２６－０３－０１", Value::Day(day("2026-03-01"))),
        (Day, "1900-01-01", Value::Day(day("1900-01-01"))),
        (Day, "2199-12-31", Value::Day(day("2199-12-31"))),
        (Choice, "second", text("second")),
        (Flag, "yes", Value::Flag(true)),
        (Flag, "on", Value::Flag(true)),
        (Flag, "no", Value::Flag(false)),
        (CreditCode, "91350100m000100y43", text("91350100M000100Y43")),
        (OrganisationCode, "d2143569x", text("D2143569-X")),
        (OrganisationCode, "Ｄ２１４３５６９－Ｘ", text("D2143569-X")),
        (ResidentId, "11010519491231002x", text("11010519491231002X")),
        (Division, "２１０１02", text("210102")),
        (Phone, "０２４－2345 6789转8", text("024-2345 6789转8")),
        (Phone, "110", text("110")),
    ] {
        assert!(one(&field("a", kind), typed) == Ok(Some(value)), "{kind:?} {typed}");
    }
}

#[test]
fn each_kind_has_its_limits() {
    use FieldKind::{
        Choice, Count, CreditCode, Day, Division, Flag, Line, Name, OrganisationCode, Phone, ResidentId, Words, Yuan,
    };
    let long = |n: usize| "长".repeat(n);
    for (kind, typed, part) in [
        (Line, long(101), "至多100个字符，现为101个"),
        (Line, "一\n二".to_owned(), "只能有一行"),
        (Line, "甲\u{7}乙".to_owned(), "控制字符"),
        (Line, "甲\r乙".to_owned(), "控制字符"),
        (Line, "甲\u{202e}乙".to_owned(), "控制字符"),
        (Line, "甲\u{200b}".to_owned(), "控制字符"),
        (Line, "——".to_owned(), "只有符号"),
        (Words, long(2_001), "至多2000个字符"),
        (Words, "甲\n\u{0}".to_owned(), "控制字符"),
        (Words, "……\n！".to_owned(), "只有符号"),
        (Name, long(51), "至多50个字符"),
        (Name, "张\n三".to_owned(), "只能有一行"),
        (Count, "1000000001".to_owned(), "至多为1000000000"),
        (Count, "9".repeat(40), "至多为"),
        (Count, "-1".to_owned(), "应为整数"),
        (Count, "+1".to_owned(), "应为整数"),
        (Count, "1.5".to_owned(), "应为整数"),
        (Count, "十".to_owned(), "应为整数"),
        (Count, ",000".to_owned(), "应为整数"),
        (Count, "1,00".to_owned(), "应为整数"),
        (Count, "1000,000".to_owned(), "应为整数"),
        (Yuan, "3万".to_owned(), "以元为单位"),
        (Day, "2023-02-29".to_owned(), "有效的日期"),
        (Day, "2026-13-01".to_owned(), "有效的日期"),
        (Day, "20260301".to_owned(), "有效的日期"),
        (Day, "2026-3-1".to_owned(), "有效的日期"),
        (Day, "2026-03-01T00:00".to_owned(), "有效的日期"),
        (Day, "1899-12-31".to_owned(), "有效的日期"),
        (Day, "2200-01-01".to_owned(), "有效的日期"),
        (Choice, "third".to_owned(), "列出的选项"),
        (Choice, "甲".to_owned(), "列出的选项"),
        (Flag, "是".to_owned(), "也不是“否”"),
        (CreditCode, "91350100M000100Y44".to_owned(), "校验不符"),
        (OrganisationCode, "D2143569-1".to_owned(), "校验不符"),
        (ResidentId, "110105491231002".to_owned(), "现为15位"),
        (Division, "210002".to_owned(), "第3、4位为00"),
        (Phone, "11".to_owned(), "电话号码"),
        (Phone, "0451-82300000 82300001".to_owned(), "电话号码"),
    ] {
        let fault = one(&field("a", kind), &typed).unwrap_err();
        assert!(fault.what.zh.contains(part), "{kind:?} {typed}: {}", fault.what.zh);
        assert!(fault.field == "a" && fault.what.zh.starts_with("“栏目a”") && fault.what.en.starts_with("\"field a\""));
        assert!(fault.next.zh.ends_with('。') && fault.next.en.ends_with('.'), "{}", fault.next.zh);
    }
    for (kind, most) in [(Line, 100), (Words, 2_000), (Name, 50)] {
        assert!(one(&field("a", kind), &long(most)) == Ok(Some(text(&long(most)))), "{kind:?}");
    }
}

#[test]
fn a_number_is_named_once_and_another_document_is_taken_where_the_field_takes_one() {
    let own = Field { zh: "公民身份号码".to_owned(), ..field("a", FieldKind::ResidentId) };
    let fault = one(&own, "110105194912310021").unwrap_err();
    assert!(fault.what.zh.starts_with("公民身份号码校验不符"), "{}", fault.what.zh);
    assert!(one(&own, "E12345678").is_err(), "a resident's number is asked");
    let any = field("a", FieldKind::IdentityDocument);
    assert!(one(&any, "e12345678") == Ok(Some(text("E12345678"))));
    assert!(one(&any, "110105194912310021").is_err(), "a slip in a resident's number is no passport");
    assert!(!masked(&any, &text("E12345678")).zh.contains("E1234"));
}

#[test]
fn a_field_sets_its_own_limit() {
    let short = |kind| Field { most: Some(5), ..field("a", kind) };
    assert!(
        one(&short(FieldKind::Line), "五个字的话").is_ok() && one(&short(FieldKind::Line), "六个字的话啊").is_err()
    );
    assert!(one(&short(FieldKind::Count), "5").is_ok() && one(&short(FieldKind::Count), "6").is_err());
    assert!(one(&short(FieldKind::Phone), "12345").is_ok() && one(&short(FieldKind::Phone), "123456").is_err());
    // No pack can ask for a text that no row holds.
    let endless = Field { most: Some(u32::MAX), ..field("a", FieldKind::Words) };
    assert!(one(&endless, &"字".repeat(TEXT_CHARS)).is_ok());
    let fault = one(&endless, &"字".repeat(TEXT_CHARS + 1)).unwrap_err();
    assert!(fault.what.zh.contains("至多20000个字符"), "{}", fault.what.zh);
}

#[test]
fn what_is_required_is_asked_for_and_the_rest_may_be_empty() {
    for kind in KINDS {
        let required = field("a", kind);
        let free = Field { required: false, ..field("a", kind) };
        for blank in ["", " ", "\u{3000}\r\n\t"] {
            let fault = one(&required, blank).unwrap_err();
            assert_eq!(fault.what.zh, "“栏目a”未填写。", "{kind:?}");
            assert!(one(&free, blank) == Ok(None), "{kind:?}");
        }
        assert_eq!(check(&[&required], &BTreeMap::new()).unwrap_err().len(), 1, "{kind:?}: not sent at all");
        assert!(check(&[&free], &BTreeMap::new()).unwrap().is_empty());
    }
}

#[test]
fn a_form_with_five_faults_gives_five() {
    let fields = [
        field("unit", FieldKind::Line),
        field("code", FieldKind::CreditCode),
        field("cameras", FieldKind::Count),
        field("since", FieldKind::Day),
        field("kind", FieldKind::Choice),
        field("address", FieldKind::Line),
    ];
    let fields: Vec<&Field> = fields.iter().collect();
    let sent = typed(&[
        ("code", "91350100M000100Y4"),
        ("cameras", "many"),
        ("since", "2026-02-30"),
        ("kind", "third"),
        ("address", "沈阳市和平区"),
    ]);
    let faults = check(&fields, &sent).unwrap_err();
    let of: Vec<&str> = faults.iter().map(|fault| fault.field.as_str()).collect();
    assert_eq!(of, ["unit", "code", "cameras", "since", "kind"], "all of them, in the order of the form");
}

#[test]
fn what_no_field_asked_for_is_one_fault() {
    let unit = field("unit", FieldKind::Line);
    let sent = typed(&[("unit", "某公司"), ("x", "1"), ("y", "")]);
    let faults = check(&[&unit], &sent).unwrap_err();
    assert_eq!(faults.iter().map(|fault| fault.field.as_str()).collect::<Vec<_>>(), ["unknown"]);
    // Beside the others, not instead of them.
    let faults = check(&[&unit], &typed(&[("x", "1")])).unwrap_err();
    assert_eq!(faults.iter().map(|fault| fault.field.as_str()).collect::<Vec<_>>(), ["unit", "unknown"]);
}

#[test]
fn a_form_ends() {
    let fields: Vec<Field> =
        (0..=FIELDS).map(|n| Field { required: false, ..field(&format!("f{n}"), FieldKind::Line) }).collect();
    let fields: Vec<&Field> = fields.iter().collect();
    assert!(check(&fields[1..], &BTreeMap::new()).is_ok());
    let faults = check(&fields, &BTreeMap::new()).unwrap_err();
    assert_eq!(faults.iter().map(|fault| fault.field.as_str()).collect::<Vec<_>>(), ["form"]);
}

#[test]
fn values_are_the_same_json_each_time() {
    let fields = [
        field("unit", FieldKind::Line),
        field("cameras", FieldKind::Count),
        field("since", FieldKind::Day),
        field("public", FieldKind::Flag),
        Field { required: false, ..field("note", FieldKind::Words) },
    ];
    let fields: Vec<&Field> = fields.iter().collect();
    let sent =
        typed(&[("unit", "某公司"), ("cameras", "12"), ("since", "2026-03-01"), ("public", "no"), ("note", " ")]);
    let values = check(&fields, &sent).unwrap();
    assert_eq!((values.len(), values.get("note")), (4, None), "no empty text is kept");
    let json = serde_json::to_string(&values).unwrap();
    assert_eq!(
        json,
        r#"{"cameras":{"number":12},"public":{"flag":false},"since":{"day":"2026-03-01"},"unit":{"text":"某公司"}}"#
    );
    assert!(serde_json::from_str::<Values>(&json).unwrap() == values);
    assert_eq!(
        (values.text("unit"), values.number("cameras"), values.day("since"), values.flag("public")),
        (Some("某公司"), Some(12), Some(day("2026-03-01")), Some(false))
    );
    assert_eq!(
        (values.text("cameras"), values.number("unit"), values.day("x"), values.flag("unit")),
        (None, None, None, None)
    );
    assert_eq!(values.iter().map(|(field, _)| field).collect::<Vec<_>>(), ["cameras", "public", "since", "unit"]);
}

#[test]
fn what_no_form_gives_is_not_read_from_a_row() {
    let read = |json: &str| serde_json::from_str::<Values>(json).is_ok();
    assert!(read("{}") && read(r#"{"a":{"text":"b"}}"#) && read(r#"{"a":{"number":0}}"#));
    for bad in [
        r#"{"a":{"text":""}}"#,
        r#"{"":{"text":"b"}}"#,
        r#"{"a":{"number":-1}}"#,
        r#"{"a":{"day":"2026-02-30"}}"#,
        r#"{"a":{"wish":"b"}}"#,
        r#"{"a":"b"}"#,
        "[]",
    ] {
        assert!(!read(bad), "{bad}");
    }
    let many = |n: usize| (0..n).map(|n| (format!("f{n}"), Value::Flag(true))).collect::<BTreeMap<_, _>>();
    assert!(Values::try_from(many(FIELDS)).is_ok() && Values::try_from(many(FIELDS + 1)).is_err());
    let long = |n: usize| Values::try_from(BTreeMap::from([("a".to_owned(), text(&"字".repeat(n)))]));
    assert!(long(TEXT_CHARS).is_ok() && long(TEXT_CHARS + 1).is_err());
}

#[test]
fn nothing_that_was_typed_is_printed() {
    let fields = [field("who", FieldKind::Name), field("card", FieldKind::ResidentId), field("n", FieldKind::Count)];
    let fields: Vec<&Field> = fields.iter().collect();
    let values = check(&fields, &typed(&[("who", "王五"), ("card", "11010519491231002X"), ("n", "77")])).unwrap();
    let printed = format!("{values:?} {:?} {:?}", values.get("card"), values.get("n"));
    assert!(
        printed.contains("card") && !printed.contains("王") && !printed.contains("1949") && !printed.contains("77")
    );
    let sent = typed(&[("who", "王五\u{7}"), ("card", "110105194912310020"), ("n", "七十七"), ("秘密", "王五")]);
    let printed = format!("{:?}", check(&fields, &sent).unwrap_err());
    for typed in ["王", "1949", "七", "秘密"] {
        assert!(!printed.contains(typed), "{printed}");
    }
}

#[test]
fn pages_show_words_and_lists_hide_persons() {
    let of = |kind, typed: &str| {
        let field = field("a", kind);
        let value = one(&field, typed).unwrap().unwrap();
        (shown(&field, &value).zh.into_owned(), masked(&field, &value).zh.into_owned())
    };
    let pair = |shown: &str, masked: &str| (shown.to_owned(), masked.to_owned());
    assert_eq!(of(FieldKind::Choice, "second"), pair("乙", "乙"));
    assert_eq!(of(FieldKind::Flag, "no"), pair("否", "否"));
    assert_eq!(of(FieldKind::Yuan, "3,000"), pair("3000元", "3000元"));
    assert_eq!(of(FieldKind::Count, "3"), pair("3", "3"));
    assert_eq!(of(FieldKind::Name, "王小五"), pair("王小五", "王**"));
    assert_eq!(of(FieldKind::Phone, "13800138000"), pair("13800138000", "****8000"));
    assert_eq!(of(FieldKind::ResidentId, "11010519491231002x"), pair("11010519491231002X", "110*************2X"));
    // Whatever else the packs call personal is hidden whole; a name is, even where they forgot to say so.
    let home = Field { personal: true, ..field("a", FieldKind::Line) };
    assert_eq!(masked(&home, &text("某街1号")).zh, "***");
    let name = Field { personal: false, ..field("a", FieldKind::Name) };
    assert_eq!(masked(&name, &text("王小五")).en, "王**");
    // A choice that a later pack has no more is shown by its word.
    assert_eq!(shown(&field("a", FieldKind::Choice), &text("gone")).en, "gone");
}

proptest! {
    #[test]
    fn what_is_kept_is_kept_again(
        texts in prop::collection::vec("[\\PC\\n\\r\\t0-9Xx,-]{0,30}", KINDS.len()), required in any::<bool>(),
    ) {
        let fields: Vec<Field> = (0..).zip(KINDS).map(|(n, kind)| Field { required, ..field(&format!("f{n}"), kind) }).collect();
        for (field, text) in fields.iter().zip(&texts) {
            let sent = typed(&[(field.id.as_str(), text.as_str())]);
            match check(&[field], &sent) {
                Ok(values) => {
                    let again: BTreeMap<String, String> =
                        values.iter().map(|(id, value)| (id.to_owned(), value.typed())).collect();
                    prop_assert!(check(&[field], &again).unwrap() == values);
                    let json = serde_json::to_string(&values).unwrap();
                    prop_assert!(serde_json::from_str::<Values>(&json).unwrap() == values);
                }
                Err(faults) => prop_assert_eq!(faults.len(), 1),
            }
        }
        // All together: a fault for each of those that have one alone.
        let all: Vec<&Field> = fields.iter().collect();
        let sent: BTreeMap<String, String> =
            fields.iter().zip(&texts).map(|(field, text)| (field.id.clone(), text.clone())).collect();
        let alone = fields.iter().zip(&texts).filter(|(field, text)| one(field, text).is_err()).count();
        prop_assert_eq!(check(&all, &sent).err().map_or(0, |faults| faults.len()), alone);
    }

    #[test]
    fn numbers_and_days_of_any_size_are_read(number in 0_i64..=1_000_000_000, offset in 0_i32..100_000) {
        prop_assert!(one(&field("a", FieldKind::Yuan), &number.to_string()) == Ok(Some(Value::Number(number))));
        let on = day("1900-01-01").plus_days(offset);
        prop_assert!(one(&field("a", FieldKind::Day), &on.to_string()) == Ok(Some(Value::Day(on))));
    }
}

#[test]
fn a_day_of_what_happened_is_not_still_to_come() {
    let today = CivilDate::parse("2026-11-23").unwrap();
    let past = Field { past: true, ..field("event_day", FieldKind::Day) };
    let planned = field("planned_day", FieldKind::Day);
    let fields = [&past, &planned];
    for (day, right) in [("2026-11-22", true), ("2026-11-23", true), ("2026-11-24", false), ("2027-11-17", false)] {
        let got = check_on(&fields, &typed(&[("event_day", day), ("planned_day", "2027-11-17")]), today);
        assert_eq!(got.is_ok(), right, "{day}");
        let faults = got.err().unwrap_or_default();
        assert!(faults.iter().all(|f| f.field == "event_day"), "{day}: {faults:?}");
    }
    let none = check_on(&fields, &typed(&[("event_day", "x"), ("planned_day", "2027-11-17")]), today).unwrap_err();
    assert_eq!(none.len(), 1, "told once");
}

#[test]
fn what_hangs_on_another_answer_is_needed_with_that_answer_only() {
    let who = field("who", FieldKind::Choice);
    let when = law::AskedWhen { field: "who".to_owned(), is: vec!["first".to_owned()] };
    let unit = Field { when: Some(when), ..field("unit_name", FieldKind::Line) };
    let fields = [&who, &unit];
    let missing = check(&fields, &typed(&[("who", "first")])).unwrap_err();
    assert_eq!(missing.iter().map(|f| f.field.as_str()).collect::<Vec<_>>(), ["unit_name"]);
    assert!(check(&fields, &typed(&[("who", "second")])).is_ok());
    assert!(check(&fields, &typed(&[("who", "first"), ("unit_name", "甲")])).is_ok());
    let nothing = check(&fields, &typed(&[])).unwrap_err();
    assert_eq!(nothing.len(), 1, "the choice itself");
    assert!(check(&[&unit], &typed(&[])).is_ok(), "a form without the choice does not know");
}

#[test]
fn what_is_not_kept_with_an_answer_gives_no_value_and_no_fault() {
    let who = field("who", FieldKind::Choice);
    let unkept = law::AskedWhen { field: "who".to_owned(), is: vec!["second".to_owned()] };
    let phone = Field { unkept: Some(unkept), required: false, ..field("phone", FieldKind::Phone) };
    let fields = [&who, &phone];
    for (answer, number, kept) in [("first", "55550100", true), ("second", "55550100", false), (" second ", "x", false)]
    {
        let typed = typed(&[("who", answer), ("phone", number)]);
        let values = check(&fields, &typed).unwrap();
        assert_eq!(values.get("phone").is_some(), kept, "{answer}");
        assert_eq!(is_unnamed(&fields, &typed), !kept, "{answer}");
    }
    assert!(check(&fields, &typed(&[("who", "first"), ("phone", "x")])).is_err(), "what is kept is read");
    assert!(!is_unnamed(&fields, &typed(&[("phone", "55550100")])), "nothing was answered yet");
}

#[test]
fn a_sum_is_that_of_its_parts() {
    let all = Field { sum_of: vec!["fixed".to_owned(), "others".to_owned()], ..field("all", FieldKind::Count) };
    let (fixed, others) = (field("fixed", FieldKind::Count), field("others", FieldKind::Count));
    let fields = [&all, &fixed, &others];
    assert!(check(&fields, &typed(&[("all", "8"), ("fixed", "3"), ("others", "5")])).is_ok());
    let wrong = check(&fields, &typed(&[("all", "5"), ("fixed", "3"), ("others", "5")])).unwrap_err();
    assert_eq!(wrong.iter().map(|f| f.field.as_str()).collect::<Vec<_>>(), ["all"]);
    let lacking = check(&fields, &typed(&[("all", "5"), ("fixed", "3")])).unwrap_err();
    assert_eq!(lacking.iter().map(|f| f.field.as_str()).collect::<Vec<_>>(), ["others"], "nothing is added up yet");
}
