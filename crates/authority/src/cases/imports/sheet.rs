//! A file as rows of texts, whatever it is: CSV in UTF-8 or GB18030, or the first sheet of a workbook.
//!
//! Always true: what a file is, its bytes say; a name that says otherwise is a disguise and refused; at most [`FILE_BYTES`], [`ROWS`] and
//! [`COLUMNS`].

use crate::cases::tried::{PAPER_DISGUISED, PAPER_SIZE};
use base::{CivilDate, Text};
use domain::{table, workbook};
use store::casework::import::IMPORTED;
use store::casework::papers::sniff;

/// Largest file, bytes.
pub const FILE_BYTES: usize = 4 * 1024 * 1024;
/// Most rows without the header: what one transaction takes.
pub const ROWS: usize = IMPORTED;
/// Most columns.
pub const COLUMNS: usize = 128;

/// What was read.
#[derive(Debug)]
pub(super) struct Sheet {
    /// Rows with their line, the header first.
    pub rows: table::Records,
    /// The day that the number 0 stands for, where days are numbers.
    pub day_zero: Option<CivilDate>,
}

fn says(name: &str, ending: &str) -> bool {
    name.to_lowercase().ends_with(ending)
}

fn fault<T>(zh: impl Into<String>, en: impl Into<String>) -> Result<T, workbook::Fault> {
    Err((1, Text::of(zh, en)))
}

/// A workbook that calls itself text, or something else that calls itself a workbook.
fn is_disguised(name: &str, bytes: &[u8]) -> bool {
    let is_workbook = bytes.starts_with(workbook::MAGIC);
    let claims = [".xlsx", ".xlsm", ".xltx"].iter().any(|ending| says(name, ending));
    let text = [".csv", ".txt", ".tsv"].iter().any(|ending| says(name, ending));
    (is_workbook && text) || (!is_workbook && claims)
}

/// The code of the attempt that a file is which cannot be read; `None` where it is only no table.
pub(super) fn tried(name: &str, bytes: &[u8]) -> Option<&'static str> {
    if bytes.len() > FILE_BYTES {
        return Some(PAPER_SIZE);
    }
    is_disguised(name, bytes).then_some(PAPER_DISGUISED)
}

/// Reads a file by its bytes; `name` is what the browser called it.
///
/// # Errors
/// What is wrong, with the line.
pub(super) fn read(name: &str, bytes: &[u8]) -> Result<Sheet, workbook::Fault> {
    if bytes.len() > FILE_BYTES {
        let most = base::size(u64::try_from(FILE_BYTES).unwrap_or(0));
        return fault(format!("文件超过 {most}。"), format!("The file is larger than {most}."));
    }
    let is_workbook = bytes.starts_with(workbook::MAGIC);
    if is_disguised(name, bytes) {
        return fault(
            "文件内容与文件名的种类不符，已拒绝读取。请从表格软件重新保存。",
            "The file is not of the kind that its name says. Save it anew from the spreadsheet.",
        );
    }
    let sheet = if is_workbook {
        let book = workbook::read(bytes, ROWS, COLUMNS)?;
        Sheet { rows: book.rows, day_zero: Some(book.day_zero) }
    } else {
        match sniff(bytes) {
            "application/octet-stream" => {}
            "application/x-ole-storage" => {
                return fault(
                    "这是旧版 .xls 文件，请另存为 .xlsx 或者 CSV。",
                    "This is an old .xls file; save it as .xlsx or CSV.",
                );
            }
            _ => return fault("不是表格文件，请使用 .xlsx 或者 CSV。", "This is no table; use .xlsx or CSV."),
        }
        let Some(text) = table::decode(bytes) else {
            return fault(
                "文件既不是 UTF-8 也不是 GB18030 文本。请另存为「CSV UTF-8」或者 .xlsx。",
                "The file is neither UTF-8 nor GB18030 text. Save it as \"CSV UTF-8\" or .xlsx.",
            );
        };
        Sheet { rows: table::records(&text, ROWS, COLUMNS)?, day_zero: None }
    };
    match sheet.rows.get(ROWS + 1) {
        Some((line, _)) => Err((
            *line,
            Text::of(format!("多于 {ROWS} 行，请分成几个文件。"), format!("More than {ROWS} rows: split the file.")),
        )),
        None => Ok(sheet),
    }
}

/// A number of a workbook as the day that it stands for, where it can be one of this century or the last.
pub(super) fn day_of(text: &str, day_zero: CivilDate) -> Option<CivilDate> {
    let days = text.trim().parse::<i32>().ok()?;
    let day = day_zero.plus_days(days);
    let (first, last) = (CivilDate::ymd(1901, 1, 1)?, CivilDate::ymd(2100, 1, 1)?);
    (first <= day && day < last).then_some(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 名称, 数量, 日期 and two rows; see `domain::workbook`.
    const BOOK: &[u8] = include_bytes!("../../../../domain/src/workbook_example.xlsx");

    fn refused(name: &str, bytes: &[u8]) -> String {
        read(name, bytes).unwrap_err().1.en.into_owned()
    }

    #[test]
    fn a_file_is_what_its_bytes_say() {
        let book = read("a.xlsx", BOOK).unwrap();
        let line = |cells: [&str; 3]| cells.map(str::to_owned).to_vec();
        let same = "名称,数量,日期\n甲 & 乙,36,46000\n\n,,丙\n";
        assert_eq!(book.rows[..2], [(1, line(["名称", "数量", "日期"])), (2, line(["甲 & 乙", "36", "46000"]))]);
        assert!(book.day_zero.is_some());
        let rows = read("a.csv", same.as_bytes()).unwrap();
        assert!(rows.rows == book.rows && rows.day_zero.is_none());
        // The same in GB18030, as an office program writes it.
        let gb = read("a.csv", b"\xc3\xfb\xb3\xc6\n\xbc\xd7\n").unwrap();
        assert_eq!(gb.rows, [(1, vec!["名称".to_owned()]), (2, vec!["甲".to_owned()])]);
        assert!(refused("a.csv", BOOK).contains("kind"), "a disguise");
        assert!(refused("a.xlsx", b"a,b").contains("kind"));
        assert!(refused("a.csv", b"%PDF-1.7").contains("no table"));
        assert!(refused("a", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1").contains(".xls"));
        assert!(refused("a.csv", b"a\0b").contains("GB18030"));
    }

    #[test]
    fn limits_hold() {
        assert!(refused("a.csv", &vec![b'x'; FILE_BYTES + 1]).contains("larger"));
        let long = "x\n".repeat(ROWS + 2);
        assert_eq!(read("a.csv", long.as_bytes()).unwrap_err().0, u32::try_from(ROWS + 2).unwrap());
        assert!(read("a.csv", "x\n".repeat(ROWS + 1).as_bytes()).is_ok());
        assert!(refused("a.csv", ",".repeat(COLUMNS + 2).as_bytes()).contains("columns"));
    }

    #[test]
    fn numbers_are_days_only_where_they_can_be() {
        let zero = CivilDate::ymd(1899, 12, 30).unwrap();
        assert_eq!(day_of("46000", zero).unwrap().to_string(), "2025-12-09");
        assert_eq!([day_of("12", zero), day_of("2025-12-09", zero), day_of("99999999", zero)], [None, None, None]);
    }
}
