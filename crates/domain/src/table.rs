//! A table as text: bytes of a CSV file in, records with their lines out. RFC 4180 with the habits of the field.
//!
//! Read are UTF-8 with or without a mark, and GB18030 (what a Chinese spreadsheet writes); comma, semicolon or tab, whichever the first line
//! uses most. What the records mean is the caller's. Limits of rows and columns are the caller's too; hostile input ends in a fault, never in
//! a panic.

use base::Text;

/// UTF-8 where it is, else GB18030; `None` for neither, and for a NUL, which no text has.
#[must_use]
pub fn decode(bytes: &[u8]) -> Option<String> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if bytes.contains(&0) {
        return None;
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Some(text.to_owned());
    }
    let (text, _, bad) = encoding_rs::GB18030.decode(bytes);
    (!bad).then(|| text.into_owned())
}

/// What parts the fields: whichever of the three stands most often in the first line, outside quotes.
fn separator(text: &str) -> char {
    let mut counts = [(',', 0), (';', 0), ('\t', 0)];
    let mut quoted = false;
    for c in text.chars() {
        match c {
            '"' => quoted = !quoted,
            '\n' if !quoted => break,
            _ if !quoted => counts.iter_mut().filter(|(s, _)| *s == c).for_each(|(_, n)| *n += 1),
            _ => {}
        }
    }
    // The first of the most frequent: `max_by_key` would take the last.
    counts.into_iter().rev().max_by_key(|(_, n)| *n).map_or(',', |(s, _)| s)
}

/// Records, each with the line on which it begins, counted from 1.
pub type Records = Vec<(u32, Vec<String>)>;

/// Records with the line each begins on, those without any content left out. Stops soon after `most_rows` and a header: the caller tells it.
///
/// # Errors
/// The line and what is wrong there: more than `most_fields` columns, a quotation mark that is not closed.
pub fn records(text: &str, most_rows: usize, most_fields: usize) -> Result<Records, (u32, Text)> {
    let between = separator(text);
    let (mut out, mut fields, mut field) = (Records::new(), Vec::new(), String::new());
    let (mut line, mut begun) = (1_u32, 1_u32);
    let mut quoted = false;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if quoted {
            match c {
                '"' if chars.peek() == Some(&'"') => field.extend(chars.next()),
                '"' => quoted = false,
                _ => {
                    line += u32::from(c == '\n');
                    field.push(c);
                }
            }
            continue;
        }
        match c {
            '"' if field.trim().is_empty() => {
                field.clear();
                quoted = true;
            }
            '\r' if chars.peek() == Some(&'\n') => {}
            '\n' | '\r' => {
                fields.push(std::mem::take(&mut field));
                let record = std::mem::take(&mut fields);
                // A spreadsheet may write thousands of empty rows between two full ones: they count for nothing.
                if !is_empty(&record) {
                    out.push((begun, record));
                }
                line += 1;
                begun = line;
                // The header, every row that may be there, and one more.
                if out.len() > most_rows + 1 {
                    return Ok(out);
                }
            }
            _ if c == between => {
                fields.push(std::mem::take(&mut field));
                if fields.len() > most_fields {
                    return Err((line, Text::new("这一行的列太多。", "This line has too many columns.")));
                }
            }
            _ => field.push(c),
        }
    }
    if quoted {
        return Err((
            begun,
            Text::new("从这一行起的引号没有结束。", "A quotation mark that opens here is not closed."),
        ));
    }
    fields.push(field);
    if !is_empty(&fields) {
        out.push((begun, fields));
    }
    Ok(out)
}

/// Nothing stands in it.
#[must_use]
pub fn is_empty(record: &[String]) -> bool {
    record.iter().all(|field| field.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fields(text: &str) -> Vec<Vec<String>> {
        records(text, 9, 9).unwrap().into_iter().map(|(_, fields)| fields).collect()
    }

    #[test]
    fn both_charsets_are_read_and_what_is_no_text_is_not() {
        let (gb, _, _) = encoding_rs::GB18030.encode("名称,沈阳");
        assert_eq!(decode(&gb).as_deref(), Some("名称,沈阳"));
        assert_eq!(decode("\u{feff}名称".as_bytes()).as_deref(), Some("名称"));
        assert_eq!(decode(b"a\0b"), None);
        assert_eq!(decode(&[0xff, 0xff, 0xff]), None);
    }

    #[test]
    fn quotes_hold_signs_lines_and_quotes() {
        assert_eq!(fields("a;\"b;\n\"\"c\"\r\n\r\n;;\nd;e"), [vec!["a", "b;\n\"c"], vec!["d", "e"]]);
        let lines: Vec<u32> = records("a\n\"b\nc\"\nd", 9, 9).unwrap().into_iter().map(|(line, _)| line).collect();
        assert_eq!(lines, [1, 2, 4], "a record has the line on which it begins");
        assert_eq!(records("a\n\"b\nc", 9, 9).unwrap_err().0, 2);
    }

    #[test]
    fn limits_hold() {
        assert_eq!(records("a,b,c", 9, 3).unwrap()[0].1.len(), 3);
        assert!(records("a,b,c,d,e", 9, 3).is_err());
        assert_eq!(records(&"x\n".repeat(50), 3, 3).unwrap().len(), 5, "the header, every row, and one more");
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            if let Some(text) = decode(&bytes) {
                let _ = records(&text, 5, 5);
            }
        }
    }
}
