//! Files of rows that are imported: CSV in two charsets, and workbooks whose parts are edited before they are packed.
//!
//! Whatever comes: at most the rows and columns that were asked for; lines go forward; what was read, written again in the other form, is
//! read as the same.

use crate::input::{Input, edited};
use domain::table::{Records, decode, is_empty, records};
use domain::workbook;

/// Limits asked for: small, so that they are reached.
const ROWS: usize = 20;
const COLUMNS: usize = 8;
/// Written by another program.
const EXAMPLE: &[u8] = include_bytes!("../../domain/src/workbook_example.xlsx");

const BOOK: &str = "<workbook><workbookPr date1904=\"0\"/><sheets><sheet name=\"a\" r:id=\"r7\"/></sheets></workbook>";
const RELATIONS: &str = "<Relationships><Relationship Id=\"r7\" Target=\"worksheets/first.xml\"/></Relationships>";
const SHARED: &str = "<sst><si><t>名称</t></si><si><r><t>共</t></r><rPh><t>gong</t></rPh><r><t>享</t></r></si></sst>";
const SHEET: &str = "<worksheet><sheetData>\
     <row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c t=\"inlineStr\"><is><t>a &amp; b</t></is></c></row>\
     <row r=\"3\"><c r=\"B3\"><f>A1</f><v>3.6E1</v></c><c t=\"b\"><v>1</v></c><c t=\"str\"><v>x</v></c></row>\
     </sheetData></worksheet>";

/// The parts of the workbook that is edited.
const PARTS: [(&str, &str); 4] = [
    ("xl/workbook.xml", BOOK),
    ("xl/_rels/workbook.xml.rels", RELATIONS),
    ("xl/sharedStrings.xml", SHARED),
    ("xl/worksheets/first.xml", SHEET),
];

/// See the file's head. The first byte chooses: text, a workbook as it stands, edits of one, or edits of one of its parts.
pub fn check(data: &[u8]) {
    let mut input = Input(data);
    match input.byte() % 4 {
        0 => text_holds(input.0),
        1 => workbook_holds(input.0),
        2 => workbook_holds(&edited(EXAMPLE, &mut input)),
        _ => {
            let at = usize::from(input.byte()) % PARTS.len();
            let part = edited(PARTS[at].1.as_bytes(), &mut input);
            let content = |n: usize| if n == at { &part[..] } else { PARTS[n].1.as_bytes() };
            let parts: Vec<_> = PARTS.iter().enumerate().map(|(n, (name, _))| (*name, content(n))).collect();
            workbook_holds(&archive(&parts));
        }
    }
}

fn text_holds(bytes: &[u8]) {
    let Some(text) = decode(bytes) else { return };
    if !text.starts_with('\u{feff}') {
        assert_eq!(decode(text.as_bytes()).as_ref(), Some(&text), "what is text stays text");
    }
    match records(&text, ROWS, COLUMNS) {
        Ok(read) => records_hold(&text, &read),
        Err((line, told)) => {
            assert!(line >= 1 && !told.zh.is_empty() && !told.en.is_empty());
        }
    }
}

fn records_hold(text: &str, read: &Records) {
    assert!(read.len() <= ROWS + 2, "the header, every row, and one more");
    assert!(read.windows(2).all(|pair| pair[0].0 < pair[1].0), "lines go forward");
    let lines = text.bytes().filter(|b| matches!(b, b'\n' | b'\r')).count() + 1;
    for (line, fields) in read {
        assert!(*line >= 1 && *line as usize <= lines && !is_empty(fields) && fields.len() <= COLUMNS + 1);
    }
    // Written again with every field in quotation marks.
    let quoted = |field: &String| format!("\"{}\"", field.replace('"', "\"\""));
    let row = |fields: &[String]| fields.iter().map(quoted).collect::<Vec<_>>().join(",") + "\n";
    let again: String = read.iter().map(|(_, fields)| row(fields)).collect();
    let same = records(&again, ROWS, COLUMNS).expect("as few columns as before");
    assert!(same.iter().map(|(_, fields)| fields).eq(read.iter().map(|(_, fields)| fields)), "{again}");
    as_workbook(read);
}

/// The same cells as a workbook; signs that XML has no place for are left out.
fn as_workbook(read: &Records) {
    let known = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '&' | '<' | '>' | '"' | ',' | ';');
    let plain = |field: &String| field.chars().filter(known).take(100).collect::<String>();
    let rows: Vec<Vec<String>> =
        read.iter().map(|(_, fields)| fields.iter().take(COLUMNS).map(plain).collect()).collect();
    let escaped = |text: &String| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let cell = |text: &String| format!("<c t=\"inlineStr\"><is><t>{}</t></is></c>", escaped(text));
    let row = |cells: &Vec<String>| format!("<row>{}</row>", cells.iter().map(cell).collect::<String>());
    let sheet = format!("<sheetData>{}</sheetData>", rows.iter().map(row).collect::<String>());
    let bytes =
        archive(&[(PARTS[0].0, BOOK.as_bytes()), (PARTS[1].0, RELATIONS.as_bytes()), (PARTS[3].0, sheet.as_bytes())]);
    let got = workbook::read(&bytes, ROWS, COLUMNS).expect("few cells, and whole");
    // A cell of blanks alone is none, and so is a row of such cells.
    let blank = |text: &String| if text.trim().is_empty() { String::new() } else { text.clone() };
    let wanted = rows.iter().zip(1..).filter(|(cells, _)| !is_empty(cells));
    let wanted: Records = wanted
        .map(|(cells, line)| {
            let last = cells.iter().rposition(|text| !text.trim().is_empty()).unwrap_or(0);
            (line, cells[..=last].iter().map(blank).collect())
        })
        .collect();
    assert_eq!(got.rows, wanted);
}

fn workbook_holds(bytes: &[u8]) {
    match workbook::read(bytes, ROWS, COLUMNS) {
        Ok(book) => {
            assert!(book.rows.len() <= ROWS + 2);
            assert!(book.rows.iter().all(|(_, cells)| cells.len() <= COLUMNS && !is_empty(cells)));
            let text_bytes: usize = book.rows.iter().flat_map(|(_, cells)| cells).map(String::len).sum();
            assert!(text_bytes <= workbook::PART_BYTES);
        }
        Err((_, told)) => assert!(!told.zh.is_empty() && !told.en.is_empty()),
    }
}

/// An archive of stored parts.
fn archive(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let four = |n: usize| u32::try_from(n).unwrap_or(u32::MAX).to_le_bytes();
    let two = |n: usize| u16::try_from(n).unwrap_or(u16::MAX).to_le_bytes();
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, data) in parts {
        let at = out.len();
        let sizes = [four(0), four(data.len()), four(data.len())].concat();
        out.extend([&b"PK\x03\x04"[..], &[20, 0, 0, 0, 0, 0, 0, 0, 0, 0], &sizes].concat());
        out.extend([&two(name.len())[..], &[0, 0], name.as_bytes(), data].concat());
        directory.extend([&b"PK\x01\x02"[..], &[20, 0, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0], &sizes].concat());
        directory.extend([&two(name.len())[..], &[0; 12], &four(at), name.as_bytes()].concat());
    }
    let (begin, size, count) = (out.len(), directory.len(), two(parts.len()));
    out.extend(directory);
    out.extend([&b"PK\x05\x06\0\0\0\0"[..], &count, &count, &four(size), &four(begin), &[0, 0]].concat());
    out
}

/// Tables of every form, and workbooks with what once went beyond a limit.
#[must_use]
pub fn seeds() -> Vec<Vec<u8>> {
    let behind = |first: &[u8], rest: &[u8]| [first, rest].concat();
    let mut seeds = Vec::new();
    for text in [
        "名称,数量\n甲,36\n\n乙,\"a\n\"\"b\"\"\"\n",
        "\u{feff}a;b;\"c;d\"\r\n1;2;3\r\n",
        "a\tb\n,\t;\n",
        "a,b,c,d,e,f,g,h,i\n,,,,,,,,9\n",
        "a,b,c,d,e,f,g,h,i,j\n",
        "a\n\"b\n",
        "\r\r\n \n\"\"\n",
    ] {
        seeds.push(behind(&[0], text.as_bytes()));
    }
    seeds.push(behind(&[0], &"x\n".repeat(ROWS + 5).into_bytes()));
    seeds.push(behind(&[0], b"\xc3\xfb\xb3\xc6,b\n\xbc\xd7,1\n"));
    seeds.push(behind(&[0], b"\xff\xfe\x2d\x4e\x0a\x25"));
    let parts: Vec<_> = PARTS.iter().map(|(name, part)| (*name, part.as_bytes())).collect();
    seeds.push(behind(&[1], &archive(&parts)));
    seeds.push(vec![2]);
    seeds.push(vec![2, 0, 0xff, 0, 30]);
    seeds.push(vec![2, 5, 0, 4, 0]);
    for at in 0..4 {
        seeds.push(vec![3, at]);
    }
    // Cells within cells: each end would be a column further.
    let at = u16::try_from(SHEET.find("</row>").unwrap_or(0)).unwrap_or(0).to_be_bytes();
    let nested = format!("{}{}", "<c>".repeat(10), "<v>1</v></c>".repeat(10));
    let length = u8::try_from(nested.len()).unwrap_or(u8::MAX);
    seeds.push(behind(&[3, 3, 2, length, at[0], at[1]], nested.as_bytes()));
    // What a document type would bring in.
    let entity = b"<!DOCTYPE a [<!ENTITY b \"c\">]>";
    seeds.push(behind(&[3, 3, 2, u8::try_from(entity.len()).unwrap_or(0), 0, 0], entity));
    seeds
}
