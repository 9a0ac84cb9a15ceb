//! Files of rows: what is read, what is refused, with line and column.

use super::*;

const CODE: &str = "91350100M000100Y43";

fn target() -> Target {
    let mut columns = own_columns();
    let field =
        |id: &str, kind, zh: &str, public| Field { public, ..own_column(id, kind, false, (zh, id), ("", ""), "") };
    columns.push(field("place", FieldKind::Line, "建设位置", true));
    columns.push(field("credit_code", FieldKind::CreditCode, "统一社会信用代码", false));
    columns.push(field("devices", FieldKind::Count, "设备总数", true));
    columns.push(field("networked", FieldKind::Flag, "是否联网", true));
    Target { id: "systems".into(), name: Text::new("系统", "systems"), columns }
}

fn read(csv: &str) -> Read {
    let sheet = sheet::read("a.csv", csv.as_bytes()).unwrap();
    let mut read = read_rows(&target(), &sheet);
    check_rows(&target(), &mut read);
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
    let change = change_of(&target(), values, (OfficeId::new(1, [1; 10]), "示例分局"), None).unwrap();
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
