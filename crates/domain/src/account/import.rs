//! Accounts from a table: bytes of a CSV file in, rows and every fault at once out. RFC 4180 with the habits of the field.
//!
//! Read are UTF-8 with or without a mark, and GB18030 (what a Chinese spreadsheet writes); comma, semicolon or tab, whichever the first
//! line uses most; a header of Chinese or English words in any order. There is no column for a password: each new account gets a
//! one-time one. Limits: [`BYTES`], [`ROWS`], [`FAULTS`]. Hostile input ends in faults, never in a panic.

use crate::access::Role;
use crate::table;
use base::{Pii, Text};

/// Largest file, bytes.
pub const BYTES: usize = 1024 * 1024;
/// Most rows without the header.
pub const ROWS: usize = 1_000;
/// Most faults told; more are counted.
pub const FAULTS: usize = 200;
/// Most fields of a row: more than any sensible table has.
const FIELDS: usize = 32;

/// A row that can be used.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Row {
    /// Line of the file where it begins, counted from 1.
    pub line: u32,
    /// Login name.
    pub login: String,
    /// Role.
    pub role: Role,
    /// Name of the person.
    pub name: Pii<String>,
    /// Badge number.
    pub badge: Option<Pii<String>>,
    /// Unit.
    pub unit: String,
}

/// What is wrong with a line. Holds no value of the file: it may be shown and logged.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    /// Line of the file, counted from 1.
    pub line: u32,
    /// What is wrong.
    pub what: Text,
}

/// What a file holds.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Table {
    /// Rows without fault.
    pub rows: Vec<Row>,
    /// Faults in the order of lines, at most [`FAULTS`].
    pub faults: Vec<Fault>,
    /// How many faults there are.
    pub fault_count: usize,
}

impl Table {
    /// Adds a fault; beyond the limit it is counted only.
    pub fn fault(&mut self, line: u32, zh: impl Into<String>, en: impl Into<String>) {
        self.fault_count += 1;
        if self.faults.len() < FAULTS {
            self.faults.push(Fault { line, what: Text::of(zh.into(), en.into()) });
        }
    }
}

/// The columns, with the words that name them.
const COLUMNS: [(Column, &[&str]); 5] = [
    (Column::Login, &["登录名", "账号", "用户名", "login", "login name", "user", "username"]),
    (Column::Name, &["姓名", "名字", "name", "full name"]),
    (Column::Role, &["角色", "岗位", "role"]),
    (Column::Unit, &["单位", "部门", "unit", "department"]),
    (Column::Badge, &["警号", "工号", "badge", "badge number"]),
];

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Column {
    Login,
    Name,
    Role,
    Unit,
    Badge,
}

/// Words of a header that would hold a password.
const SECRETS: [&str; 5] = ["密码", "口令", "password", "passwd", "pwd"];

/// Reads a file.
#[must_use]
pub fn read(bytes: &[u8]) -> Table {
    let mut table = Table::default();
    if bytes.len() > BYTES {
        table.fault(1, "文件超过 1 MB。", "The file is larger than 1 MB.");
        return table;
    }
    let Some(text) = table::decode(bytes) else {
        table.fault(1, "文件既不是 UTF-8 也不是 GB18030 文本。", "The file is neither UTF-8 nor GB18030 text.");
        return table;
    };
    let lines = match table::records(&text, ROWS, FIELDS) {
        Ok(lines) => lines,
        Err((line, what)) => {
            table.fault(line, what.zh, what.en);
            return table;
        }
    };
    let mut lines = lines.into_iter();
    let Some((line, head)) = lines.next() else {
        table.fault(1, "文件是空的。", "The file is empty.");
        return table;
    };
    let Some(columns) = header(&mut table, line, &head) else { return table };
    for (n, (line, fields)) in lines.enumerate() {
        if n >= ROWS {
            table.fault(
                line,
                format!("多于 {ROWS} 行，请分成几个文件。"),
                format!("More than {ROWS} rows: split the file."),
            );
            return table;
        }
        row(&mut table, line, &columns, head.len(), &fields);
    }
    if table.rows.is_empty() && table.fault_count == 0 {
        table.fault(line, "表头下面没有行。", "There is no row below the header.");
    }
    doubles(&mut table);
    table
}

/// Which column stands where; `None` after a fault that makes the rows unreadable.
fn header(table: &mut Table, line: u32, head: &[String]) -> Option<Vec<Option<Column>>> {
    let before = table.fault_count;
    let mut columns = Vec::with_capacity(head.len());
    for word in head {
        let plain = word.trim().trim_start_matches('*').to_lowercase();
        if SECRETS.iter().any(|s| plain.contains(s)) {
            table.fault(
                line,
                "文件里不能有密码列：每个新账号会得到一次性密码。请删去该列，并销毁原文件。",
                "A file holds no passwords: each new account gets a one-time one. Remove the column and destroy the file.",
            );
        }
        let found = COLUMNS.iter().find(|(_, words)| words.contains(&plain.as_str())).map(|(c, _)| *c);
        if found.is_some() && columns.contains(&found) {
            table.fault(
                line,
                format!("“{}”列出现了两次。", word.trim()),
                format!("The column “{}” is there twice.", word.trim()),
            );
        }
        columns.push(found);
    }
    for (column, words) in COLUMNS.iter().take(3) {
        if !columns.contains(&Some(*column)) {
            let english = words.iter().find(|w| w.is_ascii()).unwrap_or(&"");
            table.fault(line, format!("缺少“{}”列。", words[0]), format!("The column “{english}” is missing."));
        }
    }
    (table.fault_count == before).then_some(columns)
}

fn role_of(text: &str) -> Option<Role> {
    let lower = text.to_lowercase();
    Role::STAFF.into_iter().find(|r| {
        let name = r.name();
        r.code() == lower || name.zh == text || name.en.to_lowercase() == lower
    })
}

fn row(table: &mut Table, line: u32, columns: &[Option<Column>], width: usize, fields: &[String]) {
    let before = table.fault_count;
    if fields.len() > width && fields[width..].iter().any(|f| !f.trim().is_empty()) {
        table.fault(line, "这一行的列比表头多。", "This line has more columns than the header.");
    }
    let of = |column: Column| {
        let at = columns.iter().position(|c| *c == Some(column));
        at.and_then(|i| fields.get(i)).map(|f| f.trim().to_owned()).unwrap_or_default()
    };
    let (login, name, unit, badge) = (of(Column::Login), of(Column::Name), of(Column::Unit), of(Column::Badge));
    for refusal in super::form_faults(&login, &name, &unit, &badge, role_of(&of(Column::Role))) {
        table.fault(line, refusal.zh, refusal.en);
    }
    let Some(role) = role_of(&of(Column::Role)) else {
        let roles: Vec<Role> = Role::STAFF.into_iter().filter(|role| !role.is_of_the_three()).collect();
        let names: Vec<Text> = roles.iter().map(|role| role.name()).collect();
        let zh: Vec<&str> = names.iter().map(|name| name.zh.as_ref()).collect();
        let codes: Vec<&str> = roles.iter().map(|role| role.code()).collect();
        table.fault(
            line,
            format!("没有这个角色。可用：{}。", zh.join("、")),
            format!("No such role. There are: {}.", codes.join(", ")),
        );
        return;
    };
    if role.is_of_the_three() {
        table.fault(
            line,
            "管理员和审计员不能批量导入，请在页面上逐个建立并由第二人确认。",
            "Administrators and auditors are not imported: make each on the page, with a second person's confirmation.",
        );
    }
    if table.fault_count == before {
        let badge = (!badge.is_empty()).then(|| Pii::new(badge));
        table.rows.push(Row { line, login, role, name: Pii::new(name), badge, unit });
    }
}

/// One login name stands once.
fn doubles(table: &mut Table) {
    let mut first = std::collections::HashMap::new();
    let mut found = Vec::new();
    for row in &table.rows {
        if let Some(line) = first.get(&row.login) {
            found.push((row.line, *line));
        } else {
            first.insert(row.login.clone(), row.line);
        }
    }
    for (line, earlier) in found {
        table.fault(
            line,
            format!("登录名与第 {earlier} 行相同。"),
            format!("The login name is that of line {earlier}."),
        );
    }
    table.faults.sort_by_key(|f| f.line);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const GOOD: &str = "登录名,姓名,角色,单位,警号\nwu,吴值,值班员,保安部,\nwang,王警官,民警,市公安局,010001\n";

    fn logins(table: &Table) -> Vec<&str> {
        table.rows.iter().map(|r| r.login.as_str()).collect()
    }

    fn said(table: &Table) -> Vec<(u32, &str)> {
        table.faults.iter().map(|f| (f.line, f.what.en.as_ref())).collect()
    }

    #[test]
    fn every_spelling_of_a_table_reads_alike() {
        let wanted = read(GOOD.as_bytes());
        assert_eq!((logins(&wanted), wanted.fault_count), (vec!["wu", "wang"], 0));
        assert_eq!(wanted.rows[1].badge.as_ref().unwrap().expose(), "010001");
        let marked = [b"\xef\xbb\xbf", GOOD.as_bytes()].concat();
        let gb = encoding_rs::GB18030.encode(GOOD).0.into_owned();
        let english = "Role;Login;name;unit;Badge Number\r\nduty_officer;wu;吴值;保安部;\r\nPolice officer;wang;\"王警官\";市公安局;010001";
        // Other columns in another order: only the lines differ in nothing.
        for bytes in [
            marked,
            gb,
            GOOD.replace(',', ";").into(),
            GOOD.replace(',', "\t").into(),
            GOOD.replace('\n', "\r\n").into(),
            english.into(),
        ] {
            assert_eq!(read(&bytes), wanted, "{}", String::from_utf8_lossy(&bytes));
        }
    }

    #[test]
    fn quotes_hold_separators_and_lines_are_counted_through_them() {
        let table = read("login,name,role\n\"a\"\"b\",\"x,\ny\",auditor\nli,,duty_officer\n".as_bytes());
        let said = said(&table);
        assert!(said.iter().any(|(l, t)| *l == 2 && t.contains("login name")), "{said:?}");
        assert!(said.iter().any(|(l, t)| *l == 2 && t.contains("not imported")), "{said:?}");
        assert!(said.iter().any(|(l, t)| *l == 4 && t.contains("name")), "{said:?}");
    }

    #[test]
    fn every_fault_is_told_at_once() {
        let text = "login,name,role,unit,badge\n!,,emperor,,\nwu,吴,duty_officer,,\nwu,吴,duty_officer,,\nli,李,police_officer,,\nx,y,z,a,b,c\n";
        let table = read(text.as_bytes());
        let said = said(&table);
        for (line, part) in [
            (2, "login name"),
            (2, "name is empty"),
            (2, "No such role"),
            (4, "line 3"),
            (5, "badge"),
            (6, "more columns"),
        ] {
            assert!(said.iter().any(|(l, t)| *l == line && t.contains(part)), "{line} {part}: {said:?}");
        }
        assert!(said.is_sorted_by_key(|(l, _)| *l));
    }

    #[test]
    fn headers_that_cannot_be_used_are_refused() {
        for (text, part) in [
            ("", "empty"),
            ("\n\n", "empty"),
            ("login,name,role", "no row"),
            ("login,name", "“role”"),
            ("login,login,name,role\n", "twice"),
            ("login,name,role,密码\na,b,duty_officer,secret", "no passwords"),
            ("login,name,role\n\"a", "not closed"),
            ("login,name,role\0\n", "neither"),
        ] {
            let table = read(text.as_bytes());
            assert!(said(&table).iter().any(|(_, t)| t.contains(part)), "{text:?}: {:?}", table.faults);
            assert!(table.rows.is_empty());
        }
        assert_eq!(said(&read(&[0xff, 0xff, 0xff]))[0].1, "The file is neither UTF-8 nor GB18030 text.");
    }

    #[test]
    fn limits_hold_at_their_edge() {
        let of = |n: usize| {
            let rows: String = (0..n).map(|i| format!("user{i},某人{i},duty_officer\n")).collect();
            read(format!("login,name,role\n{rows}").as_bytes())
        };
        assert_eq!((of(ROWS).rows.len(), of(ROWS).fault_count), (ROWS, 0));
        assert!(of(ROWS + 1).faults[0].what.en.contains("More than"));
        assert!(of(ROWS * 10).faults[0].what.en.contains("More than"), "told, however many follow");
        // Empty rows between two full ones are no rows and hide none.
        let apart = format!("login,name,role\nwu,吴,duty_officer\n{}li,李,duty_officer\n", ",,\n".repeat(3 * ROWS));
        assert_eq!((logins(&read(apart.as_bytes())), read(apart.as_bytes()).fault_count), (vec!["wu", "li"], 0));
        assert!(read(format!("{apart}!,,\n").as_bytes()).fault_count > 0, "a fault behind them is told");
        let bad: String = (0..ROWS).map(|_| "!,,\n").collect();
        let table = read(format!("login,name,role\n{bad}").as_bytes());
        assert!(table.faults.len() == FAULTS && table.fault_count > FAULTS);
        let pad = |n: usize| [GOOD.as_bytes(), &vec![b'\n'; n - GOOD.len()]].concat();
        assert_eq!(read(&pad(BYTES)).fault_count, 0);
        assert_eq!(read(&pad(BYTES + 1)).faults[0].what.en, "The file is larger than 1 MB.");
        assert!(
            read(format!("login,name,role\n{}", ",".repeat(100)).as_bytes()).faults[0]
                .what
                .en
                .contains("too many columns")
        );
    }

    proptest! {
        #[test]
        fn anything_ends_in_rows_or_faults(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let table = read(&bytes);
            prop_assert!(table.faults.len() <= FAULTS && table.rows.len() <= ROWS);
            prop_assert!(!table.rows.is_empty() || table.fault_count > 0);
        }

        #[test]
        fn text_near_a_table_never_panics(text in "(login|name|role|wu|duty_officer|\"|,|;|\t|\n|\r| |张)*") {
            let _ = read(text.as_bytes());
        }
    }
}
