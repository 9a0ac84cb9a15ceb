//! QR codes (ISO/IEC 18004, model 2) of the address at which a paper is checked: text in, dark modules out, as whole numbers that a
//! template draws at its exact size.
//!
//! The modules go into the values as runs of dark modules `[x, y, length]`, not as text: text with long runs gets places to break
//! (`value`), numbers stay as they are. Always true: the same text gives the same modules; what a template is given is the whole code
//! and nothing around it, so that the quiet zone is drawn once, by the template.

use crate::PaperError;
use qrcodegen::{QrCode, QrCodeEcc};
use serde_json::{Map, Value, json};

/// Longest text of a code, bytes: at the level of correction used here that is version 13, 69 modules a side.
pub const QR_BYTES: usize = 300;

/// A code.
#[derive(Clone, PartialEq, Eq)]
pub struct Qr {
    side: u32,
    /// Dark runs: column, row, length; in the order of reading.
    runs: Vec<(u32, u32, u32)>,
}

impl std::fmt::Debug for Qr {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Qr").field("side", &self.side).field("runs", &self.runs.len()).finish()
    }
}

impl Qr {
    /// The code of a text, error correction M or, where it costs no module, better: a fold or a stamp over a part of it is read past.
    ///
    /// # Errors
    /// `qr_text`: the text is empty, longer than [`QR_BYTES`], or has a control character or a space.
    pub fn of(text: &str) -> Result<Self, PaperError> {
        let wrong = || PaperError::QrText { bytes: text.len() };
        if text.is_empty() || text.len() > QR_BYTES || text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(wrong());
        }
        QrCode::encode_text(text, QrCodeEcc::Medium).map(|code| Self::read(&code)).map_err(|_| wrong())
    }

    fn read(code: &QrCode) -> Self {
        let mut runs = Vec::new();
        for y in 0..code.size() {
            let mut x = 0;
            while x < code.size() {
                let begin = x;
                while x < code.size() && code.get_module(x, y) {
                    x += 1;
                }
                if x > begin {
                    runs.push((begin.unsigned_abs(), y.unsigned_abs(), (x - begin).unsigned_abs()));
                }
                x += 1;
            }
        }
        Self { side: code.size().unsigned_abs(), runs }
    }

    /// Modules a side, without the quiet zone.
    #[must_use]
    pub const fn side(&self) -> u32 {
        self.side
    }

    /// The module in column `x` and row `y`, counted from the upper left, is dark. What lies outside is light.
    #[must_use]
    pub fn is_dark(&self, x: u32, y: u32) -> bool {
        self.runs.iter().any(|(begin, row, length)| *row == y && (*begin..begin + length).contains(&x))
    }

    /// What a template draws from: `size`, modules a side, and `runs`, a list of `[x, y, length]`.
    fn parts(&self) -> [(&'static str, Value); 2] {
        let runs = self.runs.iter().map(|(x, y, n)| json!([x, y, n])).collect();
        [("size", json!(self.side)), ("runs", Value::Array(runs))]
    }
}

/// Puts the modules of the code beside its address: where the values have `qr.url`, `qr.size` and `qr.runs` are there afterwards.
/// Values without it stay as they are.
///
/// # Errors
/// As [`Qr::of`].
pub fn draw_qr(values: &mut Value) -> Result<(), PaperError> {
    let Some(qr) = values.get_mut("qr").and_then(Value::as_object_mut) else { return Ok(()) };
    let Some(code) = address(qr).map(Qr::of).transpose()? else { return Ok(()) };
    for (name, part) in code.parts() {
        qr.insert(name.to_owned(), part);
    }
    Ok(())
}

fn address(qr: &Map<String, Value>) -> Option<&str> {
    qr.get("url")?.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use qrcodegen::{QrSegment, Version};

    /// The codewords of the worked example of ISO/IEC 18004 (annex "symbol encoding": 01234567 as version 1-M): data, then correction.
    const WORKED: [u8; 26] = [
        0x10, 0x20, 0x0c, 0x56, 0x61, 0x80, 0xec, 0x11, 0xec, 0x11, 0xec, 0x11, 0xec, 0x11, 0xec, 0x11, 0xa5, 0x24,
        0xd4, 0xc1, 0xed, 0x36, 0xc7, 0x87, 0x2c, 0x55,
    ];

    /// In a code of version 1: finders with their borders and format, and the two timing lines.
    fn is_function(x: u32, y: u32) -> bool {
        (x < 9 && !(9..=12).contains(&y)) || (x > 12 && y < 9) || x == 6 || y == 6
    }

    /// The mask of the standard's table.
    fn is_masked(mask: u32, x: u32, y: u32) -> bool {
        0 == match mask {
            0 => (x + y) % 2,
            1 => y % 2,
            2 => x % 3,
            3 => (x + y) % 3,
            4 => (x / 3 + y / 2) % 2,
            5 => x * y % 2 + x * y % 3,
            6 => (x * y % 2 + x * y % 3) % 2,
            _ => ((x + y) % 2 + x * y % 3) % 2,
        }
    }

    /// Reads a code of version 1 as a reader does: mask from the format, then two columns at a time, up and down from the right.
    fn codewords(code: &Qr) -> Vec<u8> {
        let format = (0..3).fold(0, |bits, n| (bits << 1) | u32::from(code.is_dark(2 + n, 8)));
        let mask = format ^ 0b101;
        let mut bits = Vec::new();
        let columns = [20_u32, 18, 16, 14, 12, 10, 8, 5, 3, 1];
        for (turn, right) in columns.into_iter().enumerate() {
            for step in 0..21 {
                let y = if turn.is_multiple_of(2) { 20 - step } else { step };
                for x in [right, right - 1] {
                    if !is_function(x, y) {
                        bits.push(code.is_dark(x, y) != is_masked(mask, x, y));
                    }
                }
            }
        }
        bits.chunks_exact(8).map(|byte| byte.iter().fold(0, |n, bit| (n << 1) | u8::from(*bit))).collect()
    }

    #[test]
    fn the_worked_example_of_the_standard_comes_out() {
        let segments = QrSegment::make_segments("01234567");
        let one = Version::new(1);
        let code = QrCode::encode_segments_advanced(&segments, QrCodeEcc::Medium, one, one, None, false).unwrap();
        let code = Qr::read(&code);
        assert_eq!(code.side(), 21);
        assert_eq!(codewords(&code), WORKED);
        let finder = ["1111111", "1000001", "1011101", "1011101", "1011101", "1000001", "1111111"];
        for (left, top) in [(0, 0), (14, 0), (0, 14)] {
            for (y, row) in (0_u32..).zip(finder) {
                for (x, want) in (0_u32..).zip(row.chars()) {
                    assert_eq!(code.is_dark(left + x, top + y), want == '1', "{left} {top} {x} {y}");
                }
            }
        }
        assert!(!code.is_dark(21, 0) && !code.is_dark(0, 21), "nothing is dark outside");
    }

    #[test]
    fn texts_have_an_edge() {
        let of = |n: usize| Qr::of(&"a".repeat(n)).map(|code| code.side());
        assert_eq!(of(0), Err(PaperError::QrText { bytes: 0 }));
        assert_eq!((of(1), of(QR_BYTES)), (Ok(21), Ok(69)));
        assert_eq!(of(QR_BYTES + 1), Err(PaperError::QrText { bytes: QR_BYTES + 1 }));
        for bad in ["https://a.example/ b", "https://a.example/\n", "\u{0}"] {
            assert!(Qr::of(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn values_get_the_modules_of_their_address_and_keep_the_rest() {
        let mut values = json!({ "title": "x", "qr": { "url": "https://gaj.example/v/1", "digest": "ab" } });
        draw_qr(&mut values).unwrap();
        assert_eq!((values["title"].as_str(), values["qr"]["digest"].as_str()), (Some("x"), Some("ab")));
        let code = Qr::of("https://gaj.example/v/1").unwrap();
        assert_eq!(values["qr"]["size"], json!(code.side()));
        assert_eq!(values["qr"]["runs"][0], json!([0, 0, 7]), "the upper left finder begins");
        for without in [json!({}), json!({ "qr": null }), json!({ "qr": { "digest": "ab" } }), json!("text")] {
            let mut same = without.clone();
            draw_qr(&mut same).unwrap();
            assert_eq!(same, without);
        }
        assert!(draw_qr(&mut json!({ "qr": { "url": "" } })).is_err());
    }

    proptest! {
        #[test]
        fn runs_say_every_dark_module_once(text in "[!-~]{1,300}") {
            let code = Qr::of(&text).unwrap();
            let whole = QrCode::encode_text(&text, QrCodeEcc::Medium).unwrap();
            let dark = (0..whole.size()).flat_map(|y| (0..whole.size()).map(move |x| (x, y)))
                .filter(|(x, y)| whole.get_module(*x, *y)).count();
            prop_assert_eq!(code.runs.iter().map(|(_, _, n)| *n as usize).sum::<usize>(), dark);
            prop_assert!(code.runs.iter().all(|(x, y, n)| x + n <= code.side && *y < code.side));
        }
    }
}
