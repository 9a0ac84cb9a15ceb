//! Lists inside a text of a form, which a paper shows as a table behind it: `1｜名称｜编号`, a line each; and what is still to be filled in.
//!
//! ```text
//! annex_line(n, name, number) ─▶ text of the form ─▶ annex_cells ─▶ rows of a table          is_open ─▶ nothing with it is made public
//! ```
//! Always true: a line is one of a list only where it has three cells and begins with its number; what else stands in the text stays text.

/// Between the cells of a line.
const BETWEEN: char = '｜';
/// Longest name and longest number of a line, characters.
const NAME_CHARS: usize = 60;
const NUMBER_CHARS: usize = 40;
/// Begins what somebody still has to fill in before it is made public.
pub const TO_FILL_IN: &str = "【待填】";
/// As older drafts had it.
const OLD_DRAFT: &str = "请核对检测、评估等中介机构和行业协会的变动后填写";

/// One line of a list.
#[must_use]
pub fn annex_line(n: usize, name: &str, number: &str) -> String {
    let cell = |text: &str, most: usize| -> String {
        let plain = text.chars().map(|c| if c == BETWEEN || c.is_control() { ' ' } else { c });
        let cut: String = plain.take(most).collect();
        cut.trim().to_owned()
    };
    format!("{n}{BETWEEN}{}{BETWEEN}{}", cell(name, NAME_CHARS), cell(number, NUMBER_CHARS))
}

/// The cells of a line of a list; `None`: it is text.
#[must_use]
pub fn annex_cells(line: &str) -> Option<[String; 3]> {
    let mut cells = line.trim().split(BETWEEN).map(str::trim);
    let (n, name, number) = (cells.next()?, cells.next()?, cells.next()?);
    let is_row = n.parse::<u32>().is_ok() && !name.is_empty() && cells.next().is_none();
    is_row.then(|| [n, name, number].map(str::to_owned))
}

/// Somebody still has to fill in something of this text.
#[must_use]
pub fn is_open(text: &str) -> bool {
    text.contains(TO_FILL_IN) || text.contains(OLD_DRAFT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_as_it_was_written() {
        let line = annex_line(7, "示例｜中心\n", " 示公技防〔2026〕1号 ");
        assert_eq!(annex_cells(&line), Some(["7", "示例 中心", "示公技防〔2026〕1号"].map(str::to_owned)));
        assert_eq!(annex_cells(&annex_line(1, "甲", "")), Some(["1", "甲", ""].map(str::to_owned)));
        for text in ["", "名录：", "甲｜乙｜丙", "1｜甲", "1｜｜2", "1｜甲｜2｜3"] {
            assert_eq!(annex_cells(text), None, "{text}");
        }
        let long = annex_line(1, &"长".repeat(1_000), &"1".repeat(1_000));
        assert_eq!(long.chars().count(), 3 + NAME_CHARS + NUMBER_CHARS);
    }

    #[test]
    fn what_is_to_be_filled_in_is_seen_also_in_older_drafts() {
        assert!(is_open("一、【待填】名称") && is_open("请核对检测、评估等中介机构和行业协会的变动后填写。"));
        assert!(!is_open("本期没有变动。") && !is_open(""));
    }
}
