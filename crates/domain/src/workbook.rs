//! The first sheet of a workbook (ECMA-376, `.xlsx`), read with every door shut: bytes in, rows of texts out.
//!
//! ```text
//! archive: end record ─▶ directory ─▶ workbook, relations, shared texts, first sheet: each unpacked within its limit ─▶ XML ─▶ cells
//! ```
//! Always true: nothing is unpacked beyond [`PART_BYTES`] or [`RATIO`] times its packed size; the texts of all cells together are no longer than
//! one part, whatever they share; a workbook with macros, with a password or with a DTD is not read; formulas are never run, what they last gave
//! is read; hostile bytes end in a fault, never in a panic. Limits of rows and columns are the caller's, as those of `table`.

use base::{CivilDate, Text};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// Largest part when unpacked, bytes.
pub const PART_BYTES: usize = 48 * 1024 * 1024;
/// How many times its packed size a part may have, once it is over 1 MiB.
pub const RATIO: usize = 200;
/// A part of this size is not suspicious, whatever its ratio.
const SMALL_BYTES: usize = 1024 * 1024;
/// Most parts of an archive.
pub const PARTS: usize = 1_000;
/// Most texts that cells share.
const SHARED: usize = 1_000_000;
/// Longest text of a cell, bytes; what is longer is cut, and so is told by the form as too long.
const CELL_BYTES: usize = 100_000;
/// Most attributes of a tag that are looked at.
const ATTRIBUTES: usize = 64;

/// How a workbook begins.
pub const MAGIC: &[u8] = b"PK\x03\x04";

/// What was read.
#[derive(Debug)]
pub struct Workbook {
    /// Rows with their number in the sheet, from 1; empty ones are left out.
    pub rows: Vec<(u32, Vec<String>)>,
    /// The day that the number 0 stands for.
    pub day_zero: CivilDate,
}

/// Why it was not read, with the row where that is known.
pub type Fault = (u32, Text);

fn fault<T>(zh: &'static str, en: &'static str) -> Result<T, Fault> {
    Err((1, Text::new(zh, en)))
}

fn broken<T>() -> Result<T, Fault> {
    fault("不是完整的 XLSX 文件。", "This is no whole XLSX file.")
}

// -- the archive ------------------------------------------------------------------------------------------------------------

/// One part of the archive, as its directory has it.
struct Part<'a> {
    name: String,
    method: u16,
    is_sealed: bool,
    data: &'a [u8],
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    let two = bytes.get(at..at.checked_add(2)?)?;
    Some(u16::from_le_bytes(two.try_into().ok()?))
}

fn usize_at(bytes: &[u8], at: usize) -> Option<usize> {
    let four = bytes.get(at..at.checked_add(4)?)?;
    usize::try_from(u32::from_le_bytes(four.try_into().ok()?)).ok()
}

/// The directory's entries; `None` for what is no archive.
fn parts(bytes: &[u8]) -> Option<Vec<Part<'_>>> {
    // The end record has 22 bytes and a comment of at most 65,535.
    let from = bytes.len().saturating_sub(22 + 65_535);
    let tail = bytes.get(from..)?;
    let end = from + tail.windows(4).rposition(|four| four == b"PK\x05\x06")?;
    let count = usize::from(u16_at(bytes, end.checked_add(10)?)?);
    let mut at = usize_at(bytes, end.checked_add(16)?)?;
    let mut out = Vec::new();
    for _ in 0..count.min(PARTS + 1) {
        if bytes.get(at..at.checked_add(4)?)? != b"PK\x01\x02" {
            return None;
        }
        let (flags, method) = (u16_at(bytes, at + 8)?, u16_at(bytes, at + 10)?);
        let packed = usize_at(bytes, at + 20)?;
        let lengths = [28, 30, 32].map(|n| u16_at(bytes, at + n).map(usize::from));
        let [Some(name), Some(extra), Some(comment)] = lengths else { return None };
        let local = usize_at(bytes, at + 42)?;
        let title = bytes.get(at + 46..(at + 46).checked_add(name)?)?;
        let skipped = usize::from(u16_at(bytes, local.checked_add(26)?)?) + usize::from(u16_at(bytes, local + 28)?);
        let data = local.checked_add(30)?.checked_add(skipped)?;
        out.push(Part {
            name: String::from_utf8_lossy(title).replace('\\', "/"),
            method,
            is_sealed: flags & 1 == 1,
            data: bytes.get(data..data.checked_add(packed)?)?,
        });
        at = (at + 46).checked_add(name)?.checked_add(extra)?.checked_add(comment)?;
    }
    Some(out)
}

/// A part unpacked, as text; `None` where there is none of this name.
fn unpacked(all: &[Part<'_>], name: &str) -> Result<Option<String>, Fault> {
    let Some(part) = all.iter().find(|p| p.name.eq_ignore_ascii_case(name)) else { return Ok(None) };
    if part.is_sealed {
        return fault("文件设有密码，请去掉密码后重新保存。", "The file has a password; save it without one.");
    }
    let most = part.data.len().saturating_mul(RATIO).clamp(SMALL_BYTES, PART_BYTES);
    let bytes = match part.method {
        0 if part.data.len() <= PART_BYTES => part.data.to_vec(),
        8 => match miniz_oxide::inflate::decompress_to_vec_with_limit(part.data, most) {
            Ok(bytes) => bytes,
            Err(error) if error.status == miniz_oxide::inflate::TINFLStatus::HasMoreOutput => {
                return fault(
                    "文件解压后过大，已拒绝读取。",
                    "The file is too large when it is unpacked; it is not read.",
                );
            }
            Err(_) => return broken(),
        },
        _ => return broken(),
    };
    String::from_utf8(bytes).map(Some).or_else(|_| broken())
}

// -- XML --------------------------------------------------------------------------------------------------------------------

fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let mut all = tag.attributes().take(ATTRIBUTES).filter_map(Result::ok);
    let found = all.find(|a| local(a.key.0) == name)?;
    quick_xml::escape::unescape(&found.value).ok().map(std::borrow::Cow::into_owned)
}

fn reference(name: &str) -> Option<char> {
    match name {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let digits = name.strip_prefix('#')?;
            let code = match digits.strip_prefix('x') {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => digits.parse().ok()?,
            };
            char::from_u32(code)
        }
    }
}

/// Adds to the text of a cell, up to its limit.
fn add(text: &mut String, piece: &str) {
    if text.len() + piece.len() <= CELL_BYTES {
        text.push_str(piece);
    }
}

/// What a walk over a part of XML is told: tags, texts, ends.
trait Walk {
    fn start(&mut self, name: &str, tag: &BytesStart<'_>) -> Result<(), Fault>;
    fn text(&mut self, piece: &str);
    fn end(&mut self, name: &str) -> Result<(), Fault>;
    /// Nothing more is wanted.
    fn is_over(&self) -> bool {
        false
    }
}

fn walk(xml: &str, to: &mut impl Walk) -> Result<(), Fault> {
    let mut reader = Reader::from_str(xml);
    while !to.is_over() {
        let Ok(event) = reader.read_event() else { return broken() };
        match event {
            Event::Start(ref tag) => to.start(local(tag.name().0), tag)?,
            Event::Empty(ref tag) => {
                to.start(local(tag.name().0), tag)?;
                to.end(local(tag.name().0))?;
            }
            Event::End(ref tag) => to.end(local(tag.name().0))?,
            Event::Text(piece) => to.text(&piece),
            Event::CData(piece) => to.text(&piece),
            Event::GeneralRef(name) => match reference(&name) {
                Some(c) => to.text(c.encode_utf8(&mut [0; 4])),
                None => return broken(),
            },
            Event::DocType(_) => return broken(),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            Event::Eof => break,
        }
    }
    Ok(())
}

/// The first sheet's relation, and from which day days are counted.
#[derive(Default)]
struct Book {
    relation: Option<String>,
    from_1904: bool,
}

impl Walk for Book {
    fn start(&mut self, name: &str, tag: &BytesStart<'_>) -> Result<(), Fault> {
        match name {
            "workbookPr" => self.from_1904 = attribute(tag, "date1904").is_some_and(|v| v == "1" || v == "true"),
            "sheet" if self.relation.is_none() => self.relation = attribute(tag, "id"),
            _ => {}
        }
        Ok(())
    }

    fn text(&mut self, _: &str) {}

    fn end(&mut self, _: &str) -> Result<(), Fault> {
        Ok(())
    }
}

/// Where a relation leads.
struct Relations {
    wanted: String,
    target: Option<String>,
}

impl Walk for Relations {
    fn start(&mut self, name: &str, tag: &BytesStart<'_>) -> Result<(), Fault> {
        if name == "Relationship" && attribute(tag, "Id").is_some_and(|id| id == self.wanted) {
            self.target = attribute(tag, "Target");
        }
        Ok(())
    }

    fn text(&mut self, _: &str) {}

    fn end(&mut self, _: &str) -> Result<(), Fault> {
        Ok(())
    }

    fn is_over(&self) -> bool {
        self.target.is_some()
    }
}

/// The texts that cells share. Readings (`rPh`) are no part of a text.
#[derive(Default)]
struct Shared {
    texts: Vec<String>,
    text: String,
    in_text: bool,
    in_reading: bool,
}

impl Walk for Shared {
    fn start(&mut self, name: &str, _: &BytesStart<'_>) -> Result<(), Fault> {
        match name {
            "si" => self.text.clear(),
            "rPh" => self.in_reading = true,
            "t" => self.in_text = !self.in_reading,
            _ => {}
        }
        Ok(())
    }

    fn text(&mut self, piece: &str) {
        if self.in_text {
            add(&mut self.text, piece);
        }
    }

    fn end(&mut self, name: &str) -> Result<(), Fault> {
        match name {
            "si" if self.texts.len() >= SHARED => {
                return fault("文件里的文字过多。", "The file has too many texts.");
            }
            "si" => self.texts.push(std::mem::take(&mut self.text)),
            "rPh" => self.in_reading = false,
            "t" => self.in_text = false,
            _ => {}
        }
        Ok(())
    }
}

/// Column of a place such as `BC12`, from 0; `None` for no place.
fn column_of(place: &str) -> Option<usize> {
    let letters = place.bytes().take_while(u8::is_ascii_alphabetic);
    let number = letters.take(4).fold(0_usize, |n, b| n * 26 + usize::from(b.to_ascii_uppercase() - b'A') + 1);
    number.checked_sub(1)
}

/// A number as a person types it: `36` for `36.0` and `3.6E1`.
fn number_of(text: &str) -> String {
    let whole = |n: &f64| n.fract() == 0.0 && n.abs() < 1e15;
    match text.parse::<f64>().ok().filter(whole) {
        Some(n) => format!("{n:.0}"),
        None => text.to_owned(),
    }
}

/// The cells of a sheet.
struct Sheet<'a> {
    shared: &'a [String],
    most_rows: usize,
    most_columns: usize,
    rows: Vec<(u32, Vec<String>)>,
    line: u32,
    cells: Vec<String>,
    /// Texts of all cells so far: one shared text may stand in every cell.
    text_bytes: usize,
    column: usize,
    kind: String,
    text: String,
    in_text: bool,
}

impl Sheet<'_> {
    fn within(&self) -> Result<(), Fault> {
        if self.column < self.most_columns {
            return Ok(());
        }
        Err((self.line, Text::new("这一行的列太多。", "This line has too many columns.")))
    }

    fn value(&mut self) -> String {
        let text = std::mem::take(&mut self.text);
        match self.kind.as_str() {
            "s" => text.trim().parse::<usize>().ok().and_then(|n| self.shared.get(n)).cloned().unwrap_or_default(),
            "b" if text.trim() == "1" => "yes".to_owned(),
            "b" => "no".to_owned(),
            "inlineStr" | "str" | "e" | "d" => text,
            _ => number_of(text.trim()),
        }
    }
}

impl Walk for Sheet<'_> {
    fn start(&mut self, name: &str, tag: &BytesStart<'_>) -> Result<(), Fault> {
        match name {
            "row" => {
                let told = attribute(tag, "r").and_then(|n| n.parse().ok());
                self.line = told.unwrap_or(self.line.saturating_add(1));
                self.cells.clear();
                self.column = 0;
            }
            "c" => {
                if let Some(column) = attribute(tag, "r").and_then(|place| column_of(&place)) {
                    self.column = column;
                }
                self.within()?;
                self.kind = attribute(tag, "t").unwrap_or_default();
                self.text.clear();
            }
            "v" | "t" => self.in_text = true,
            _ => {}
        }
        Ok(())
    }

    fn text(&mut self, piece: &str) {
        if self.in_text {
            add(&mut self.text, piece);
        }
    }

    fn end(&mut self, name: &str) -> Result<(), Fault> {
        match name {
            "v" | "t" => self.in_text = false,
            "c" => {
                let value = self.value();
                self.text_bytes = self.text_bytes.saturating_add(value.len());
                if self.text_bytes > PART_BYTES {
                    return Err((
                        self.line,
                        Text::new("表内的文字过多，已拒绝读取。", "The sheet holds too much text; it is not read."),
                    ));
                }
                // Cells within a cell end one after the other, each a column further.
                self.within()?;
                if !value.trim().is_empty() {
                    self.cells.resize(self.cells.len().max(self.column + 1), String::new());
                    if let Some(cell) = self.cells.get_mut(self.column) {
                        *cell = value;
                    }
                }
                self.column += 1;
            }
            "row" => {
                let cells = std::mem::take(&mut self.cells);
                if !crate::table::is_empty(&cells) {
                    self.rows.push((self.line, cells));
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// The header, every row that may be there, and one more: the caller tells it.
    fn is_over(&self) -> bool {
        self.rows.len() > self.most_rows + 1
    }
}

/// Reads the first sheet.
///
/// # Errors
/// What is wrong, with the row.
pub fn read(bytes: &[u8], most_rows: usize, most_columns: usize) -> Result<Workbook, Fault> {
    let Some(all) = parts(bytes) else { return broken() };
    if all.len() > PARTS {
        return fault("文件内的部分过多，已拒绝读取。", "The file has too many parts; it is not read.");
    }
    if all.iter().any(|p| p.name.to_ascii_lowercase().ends_with("vbaproject.bin")) {
        return fault(
            "文件含有宏，请另存为不含宏的 .xlsx。",
            "The file holds macros; save it as .xlsx without macros.",
        );
    }
    let Some(xml) = unpacked(&all, "xl/workbook.xml")? else { return broken() };
    let mut book = Book::default();
    walk(&xml, &mut book)?;
    let relations = unpacked(&all, "xl/_rels/workbook.xml.rels")?;
    let mut target = None;
    if let (Some(xml), Some(wanted)) = (relations, book.relation) {
        let mut found = Relations { wanted, target: None };
        walk(&xml, &mut found)?;
        target = found.target;
    }
    let target = target.unwrap_or_else(|| "worksheets/sheet1.xml".to_owned());
    let path = target.strip_prefix('/').map_or_else(|| format!("xl/{target}"), str::to_owned);
    let mut shared = Shared::default();
    if let Some(xml) = unpacked(&all, "xl/sharedStrings.xml")? {
        walk(&xml, &mut shared)?;
    }
    let Some(xml) = unpacked(&all, &path)? else { return broken() };
    let mut sheet = Sheet {
        shared: &shared.texts,
        most_rows,
        most_columns,
        rows: Vec::new(),
        line: 0,
        cells: Vec::new(),
        text_bytes: 0,
        column: 0,
        kind: String::new(),
        text: String::new(),
        in_text: false,
    };
    walk(&xml, &mut sheet)?;
    // 1900 counts a day that never was, so that its numbers from March on begin two days earlier.
    let zero = if book.from_1904 { CivilDate::ymd(1904, 1, 1) } else { CivilDate::ymd(1899, 12, 30) };
    match zero {
        Some(day_zero) => Ok(Workbook { rows: sheet.rows, day_zero }),
        None => broken(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An archive with these parts; those whose name begins with `!` are packed.
    fn archive(parts: &[(&str, Vec<u8>)]) -> Vec<u8> {
        let (mut out, mut directory) = (Vec::new(), Vec::new());
        for (name, data) in parts {
            let is_packed = name.starts_with('!');
            let name = name.trim_start_matches('!');
            let packed = if is_packed { miniz_oxide::deflate::compress_to_vec(data, 6) } else { data.clone() };
            let four = |n: usize| u32::try_from(n).unwrap().to_le_bytes();
            let two = |n: usize| u16::try_from(n).unwrap().to_le_bytes();
            let at = out.len();
            let method = if is_packed { 8 } else { 0 };
            let middle = [two(0), two(method), two(0), two(0)].concat();
            let sizes = [four(0), four(packed.len()), four(data.len())].concat();
            out.extend([b"PK\x03\x04".to_vec(), two(20).to_vec(), middle.clone(), sizes.clone()].concat());
            out.extend([two(name.len()).to_vec(), two(0).to_vec(), name.as_bytes().to_vec(), packed].concat());
            directory.extend([b"PK\x01\x02".to_vec(), two(20).to_vec(), two(20).to_vec(), middle, sizes].concat());
            directory.extend([two(name.len()), two(0), two(0), two(0), two(0)].concat());
            directory.extend([four(0).to_vec(), four(at).to_vec(), name.as_bytes().to_vec()].concat());
        }
        let (begin, size) = (u32::try_from(out.len()).unwrap(), u32::try_from(directory.len()).unwrap());
        let count = u16::try_from(parts.len()).unwrap().to_le_bytes();
        out.extend(directory);
        out.extend(b"PK\x05\x06\0\0\0\0");
        out.extend([count, count].concat());
        out.extend([size.to_le_bytes(), begin.to_le_bytes()].concat());
        out.extend([0, 0]);
        out
    }

    /// A workbook with one sheet of texts.
    fn workbook(rows: &[&[&str]]) -> Vec<u8> {
        let cell = |text: &&str| format!("<c t=\"inlineStr\"><is><t>{text}</t></is></c>");
        let row = |cells: &&[&str]| format!("<row>{}</row>", cells.iter().map(cell).collect::<String>());
        let sheet = format!("<sheetData>{}</sheetData>", rows.iter().map(row).collect::<String>());
        sheet_of(&sheet, "")
    }

    fn sheet_of(sheet: &str, shared: &str) -> Vec<u8> {
        archive(&[
            ("xl/workbook.xml", b"<workbook><sheets><sheet name=\"a\" r:id=\"r7\"/></sheets></workbook>".to_vec()),
            (
                "xl/_rels/workbook.xml.rels",
                b"<Relationships><Relationship Id=\"r7\" Target=\"worksheets/first.xml\"/></Relationships>".to_vec(),
            ),
            ("!xl/sharedStrings.xml", format!("<sst>{shared}</sst>").into_bytes()),
            ("!xl/worksheets/first.xml", format!("<worksheet>{sheet}</worksheet>").into_bytes()),
        ])
    }

    fn cells(bytes: &[u8]) -> Vec<(u32, Vec<String>)> {
        read(bytes, 9, 9).unwrap().rows
    }

    #[test]
    fn cells_of_every_kind_are_read_at_their_place() {
        let sheet = "<row r=\"2\"><c r=\"B2\" t=\"s\"><v>1</v></c><c t=\"inlineStr\"><is><r><t>甲 &amp; </t></r><r><t>乙</t></r></is></c>\
                     <c r=\"F2\"><v>36.0</v></c><c><v>1.5</v></c><c t=\"b\"><v>1</v></c><c t=\"str\"><f>A1</f><v>算</v></c></row>\
                     <row r=\"3\"/><row r=\"7\"><c r=\"A7\"><v>46000</v></c></row>";
        let shared = "<si><t>零</t></si><si><r><t>共</t></r><rPh><t>gong</t></rPh><r><t>享</t></r></si>";
        let got = cells(&sheet_of(sheet, shared));
        let first = ["", "共享", "甲 & 乙", "", "", "36", "1.5", "yes", "算"].map(str::to_owned).to_vec();
        assert_eq!(got, [(2, first), (7, vec!["46000".to_owned()])]);
        let zero = read(&workbook(&[&["x"]]), 9, 9).unwrap().day_zero;
        assert_eq!(zero.plus_days(46_000).to_string(), "2025-12-09");
    }

    /// Written by Python's `zipfile`, packed: two sheets, shared texts, a number, a day.
    const EXAMPLE: &[u8] = include_bytes!("workbook_example.xlsx");

    #[test]
    fn a_workbook_of_another_writer_is_read() {
        let row = |cells: &[&str]| cells.iter().map(|c| (*c).to_owned()).collect::<Vec<_>>();
        let rows =
            [(1, row(&["名称", "数量", "日期"])), (2, row(&["甲 & 乙", "36", "46000"])), (4, row(&["", "", "丙"]))];
        assert_eq!(cells(EXAMPLE), rows);
    }

    #[test]
    fn cells_within_cells_and_one_text_in_every_cell_come_to_the_same_limits() {
        let nested = format!("<row>{}{}</row>", "<c>".repeat(12), "<v>1</v></c>".repeat(12));
        assert!(read(&sheet_of(&nested, ""), 9, 9).unwrap_err().1.en.contains("columns"));
        let shared = format!("<si><t>{}</t></si>", "x".repeat(CELL_BYTES));
        let row = format!("<row>{}</row>", "<c t=\"s\"><v>0</v></c>".repeat(9));
        let most = PART_BYTES / CELL_BYTES / 9;
        assert_eq!(read(&sheet_of(&row.repeat(most), &shared), 90, 9).unwrap().rows.len(), most);
        assert!(read(&sheet_of(&row.repeat(most + 1), &shared), 90, 9).unwrap_err().1.en.contains("too much text"));
    }

    #[test]
    fn limits_and_closed_doors_hold() {
        let wide = workbook(&[&["x"; 12]]);
        assert_eq!(read(&wide, 9, 9).unwrap_err().0, 1);
        let long = workbook(&[&["x"][..]; 40]);
        assert_eq!(read(&long, 3, 9).unwrap().rows.len(), 5, "the header, every row, and one more");
        let bomb = archive(&[("!xl/workbook.xml", vec![b' '; SMALL_BYTES * 8])]);
        assert!(bomb.len() < SMALL_BYTES / 10);
        assert!(read(&bomb, 9, 9).unwrap_err().1.en.contains("too large"), "a bomb stays packed");
        let macros = archive(&[("xl/vbaProject.bin", vec![1]), ("xl/workbook.xml", b"<workbook/>".to_vec())]);
        assert!(read(&macros, 9, 9).unwrap_err().1.en.contains("macros"));
        let entities = "<!DOCTYPE a [<!ENTITY b \"c\">]><row><c><v>&b;</v></c></row>";
        assert!(read(&sheet_of(entities, ""), 9, 9).is_err());
        let many: Vec<(String, Vec<u8>)> = (0..=PARTS).map(|n| (n.to_string(), vec![])).collect();
        let many: Vec<(&str, Vec<u8>)> = many.iter().map(|(name, data)| (name.as_str(), data.clone())).collect();
        assert!(read(&archive(&many), 9, 9).unwrap_err().1.en.contains("too many parts"));
    }

    #[test]
    fn cut_and_changed_bytes_never_make_it_panic() {
        let whole = workbook(&[&["名称", "b"], &["一", "2"]]);
        assert_eq!(cells(&whole).len(), 2);
        for n in 0..whole.len() {
            let _ = read(&whole[..n], 9, 9);
            let mut other = whole.clone();
            other[n] ^= 0xff;
            let _ = read(&other, 9, 9);
        }
        assert!(read(b"", 9, 9).is_err() && read(MAGIC, 9, 9).is_err());
    }

    #[test]
    fn columns_have_letters() {
        assert_eq!(
            ["A1", "Z9", "AA1", "bc12", "7", ""].map(column_of),
            [Some(0), Some(25), Some(26), Some(54), None, None]
        );
        assert!(column_of("ZZZZZZZZZZ1").is_some());
    }
}
