//! Files of rows: what is read, what is refused, with line and column.

use super::*;

const CODE: &str = "91350100M000100Y43";

fn today() -> CivilDate {
    CivilDate::ymd(2026, 3, 2).unwrap()
}

fn target() -> Target {
    let mut columns = own_columns();
    let field =
        |id: &str, kind, zh: &str, public| Field { public, ..own_column(id, kind, false, (zh, id), ("", ""), "") };
    columns.push(field("place", FieldKind::Line, "建设位置", true));
    columns.push(field("credit_code", FieldKind::CreditCode, "统一社会信用代码", false));
    columns.push(field("devices", FieldKind::Count, "设备总数", true));
    columns.push(field("networked", FieldKind::Flag, "是否联网", true));
    Target { id: "systems".into(), name: Text::new("系统", "systems"), columns, form: None }
}

fn read(csv: &str) -> Read {
    let sheet = sheet::read("a.csv", csv.as_bytes()).unwrap();
    let mut read = read_rows(&target(), &sheet);
    check_rows(&target(), &mut read, today());
    read
}

fn faults(csv: &str) -> Vec<(u32, String, String)> {
    let told = |f: RowFault| (f.line, f.column.zh.into_owned(), f.what.en.into_owned());
    read(csv).faults.into_iter().map(told).collect()
}

#[test]
fn rows_are_read_by_the_words_of_their_header() {
    let csv = format!(
        "*登记编号,建设位置,Name of the Row,有效期自,credit_code,设备总数,是否联网\n甲-1,中央大街,示例楼,2019/3/1,{CODE},36,是\n"
    );
    let read = read(&csv);
    assert_eq!((read.rows.len(), read.fault_count), (1, 0));
    let (line, values) = &read.rows[0];
    assert_eq!((*line, values.text(ROW), values.text(NAME)), (2, Some("甲-1"), Some("示例楼")));
    assert_eq!(values.day(FROM).unwrap().to_string(), "2019-03-01");
    assert_eq!((values.number("devices"), values.flag("networked")), (Some(36), Some(true)));
    let change = change_of(&target(), values, (OfficeId::new(1, [1; 10]), "示例分局"), (None, today())).unwrap();
    assert_eq!(
        (change.row.as_str(), change.name.as_str(), change.from.to_string().as_str()),
        ("甲-1", "示例楼", "2019-03-01")
    );
    assert_eq!(change.public["fields"], serde_json::json!({ "place": "中央大街", "devices": 36, "networked": true }));
    assert!(!change.public.to_string().contains(CODE), "what is not public is sealed");
    assert!(change.personal.unwrap().expose().contains(CODE));
}

#[test]
fn every_fault_is_told_with_line_and_column_and_without_the_value() {
    let head = "登记编号,登记名称,有效期自,有效期至,credit_code,设备总数\n";
    let wrong =
        format!("{head}1,甲,2019-02-30,,91350100M000100Y44,x\n1,乙,2019-01-02,2019-01-01,,\n1,丙,2019-01-02,,,\n");
    let got = faults(&wrong);
    let at: Vec<(u32, &str)> = got.iter().map(|(line, column, _)| (*line, column.as_str())).collect();
    assert!(
        at.contains(&(2, "有效期自")) && at.contains(&(2, "统一社会信用代码")) && at.contains(&(2, "设备总数")),
        "{got:?}"
    );
    assert!(at.contains(&(4, "登记编号")), "the number of line 3: {got:?}");
    assert!(got.iter().any(|(line, _, what)| *line == 3 && what.contains("ends before")), "{got:?}");
    assert!(got.iter().all(|(_, _, what)| !what.contains("91350100M000100Y44")));
    for odd in ["a/b", "a?b", "a#b", "50%", "..", "new"] {
        assert_eq!(faults(&format!("{head}{odd},甲,2019-01-02,,,\n")).len(), 1, "{odd} is no part of an address");
    }
    let long = format!("{head}{},甲,2019-01-02,,,\n", "长".repeat(ROW_ID_BYTES / 3 + 1));
    assert_eq!(faults(&long).len(), 1);
}

#[test]
fn a_header_that_is_not_right_is_told_before_any_row() {
    let got = faults("登记编号,登记编号,奇怪\n1,2,3\n");
    assert_eq!(got.len(), 4, "{got:?}");
    assert!(got.iter().all(|(line, _, _)| *line == 1));
    assert_eq!(faults("").len(), 1);
    assert_eq!(faults("登记编号,登记名称,有效期自\n").len(), 1, "no row");
    assert_eq!(faults("登记编号,登记名称,有效期自\n1,甲,2019-01-02,多\n").len(), 1);
}

#[test]
fn faults_have_a_limit_and_are_counted_beyond_it() {
    let rows = "x,,\n".repeat(FAULTS + 9);
    let read = read(&format!("登记编号,登记名称,有效期自\n{rows}"));
    assert_eq!(read.faults.len(), FAULTS);
    assert!(read.fault_count > FAULTS);
}

#[test]
fn the_template_is_read_back_as_it_stands() {
    for is_chinese in [true, false] {
        let target = Target { columns: own_columns(), ..target() };
        let [head, sample] = template(&target, is_chinese);
        let line = |cells: &[String]| cells.join(",");
        let sheet = sheet::read("t.csv", format!("{}\n{}\n", line(&head), line(&sample)).as_bytes()).unwrap();
        let read = read_rows(&target, &sheet);
        assert_eq!((read.rows.len(), read.fault_count), (1, 0), "{:?}", read.faults);
    }
}

/// The target of a register that is kept by hand, without the columns of procedures.
fn by_hand_of(form: &RegisterForm) -> Target {
    let columns = by_hand::columns(form, std::iter::empty());
    Target { id: form.id.clone(), name: Text::default(), columns, form: Some(form.clone()) }
}

#[test]
fn every_form_of_a_register_is_read_back_from_its_template() {
    let packs = law::Packs::embedded().unwrap();
    assert!(!packs.register_forms().is_empty());
    for form in packs.register_forms() {
        let target = by_hand_of(form);
        for is_chinese in [true, false] {
            let [head, sample] = template(&target, is_chinese);
            let quoted = |cell: &String| format!("\"{}\"", cell.replace('"', "\"\""));
            let line = |cells: &[String]| cells.iter().map(quoted).collect::<Vec<_>>().join(",");
            let sheet = sheet::read("t.csv", format!("{}\n{}\n", line(&head), line(&sample)).as_bytes()).unwrap();
            let mut read = read_rows(&target, &sheet);
            check_rows(&target, &mut read, today());
            assert_eq!((read.rows.len(), read.fault_count), (1, 0), "{} {:?}", form.id, read.faults);
            let (_, values) = &read.rows[0];
            assert!(
                form.fields.iter().all(|field| values.get(&field.id).is_some()),
                "{}: every column is filled",
                form.id
            );
            let change = change_of(&target, values, (OfficeId::new(1, [1; 10]), "示例分局"), (None, today())).unwrap();
            assert!(!change.name.is_empty() && change.clauses == form.clauses, "{}", form.id);
            let sealed = change.personal.map(Pii::into_inner).unwrap_or_default();
            for field in form.fields.iter().filter(|f| f.personal || f.kind.is_personal()) {
                assert!(change.public["fields"][field.id.as_str()].is_null(), "{} {}", form.id, field.id);
                assert!(sealed.contains(&format!("\"{}\"", field.id)), "{} {}", form.id, field.id);
            }
        }
    }
}

#[test]
fn a_file_answers_what_the_form_asks_and_no_less() {
    let packs = law::Packs::embedded().unwrap();
    let target = by_hand_of(packs.register_form("units").unwrap());
    let told = |csv: &str| {
        let sheet = sheet::read("a.csv", csv.as_bytes()).unwrap();
        let mut read = read_rows(&target, &sheet);
        check_rows(&target, &mut read, today());
        read.faults.into_iter().map(|f| (f.line, f.column.zh.into_owned())).collect::<Vec<_>>()
    };
    assert_eq!(told("登记编号,单位或者场所名称\n1,甲\n").len(), 4, "columns that must be there");
    let head = "登记编号,单位或者场所名称,地址,所在行政区划,应当安装的依据,依据的说明,统一社会信用代码,有效期至\n";
    let right = format!("1,示例加油站,示例街1号,210102,治安保卫重点单位,列为重点单位。,{CODE},\n");
    let wrong = "2,,示例街2号,210100x,随便,列为重点单位。,91350100M000100Y44,\n3,丙,示例街3号,210102,key_unit,列。,,2026-03-01\n";
    assert!(told(&format!("{head}{right}")).is_empty());
    let got = told(&format!("{head}{right}{wrong}"));
    let of_two: Vec<&str> = got.iter().filter(|(line, _)| *line == 3).map(|(_, column)| column.as_str()).collect();
    for column in ["单位或者场所名称", "所在行政区划", "应当安装的依据", "统一社会信用代码"]
    {
        assert!(of_two.contains(&column), "{column}: {got:?}");
    }
    assert_eq!(got.iter().filter(|(line, _)| *line == 4).count(), 1, "it ended before the day of the import: {got:?}");
}

#[test]
fn a_column_that_cases_fill_in_under_the_same_name_is_not_asked_twice() {
    let packs = law::Packs::embedded().unwrap();
    let form = packs.register_form("units").unwrap();
    let fills: Vec<&Field> =
        packs.procedures().iter().flat_map(|p| &p.fields).filter(|f| f.registers.contains(&form.id)).collect();
    let columns = by_hand::columns(form, fills.iter().copied());
    assert!(columns.len() > by_hand::columns(form, std::iter::empty()).len(), "cases add some");
    for (n, column) in columns.iter().enumerate() {
        assert!(!columns.iter().take(n).any(|c| c.zh == column.zh || c.id == column.id), "{}", column.id);
    }
    assert!(columns.iter().filter(|c| form.field(&c.id).is_none() && c.id != ROW).all(|c| !c.required));
}
