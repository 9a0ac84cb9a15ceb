//! What a typed number names that is no paper: a row of a public register, or a notice.
//!
//! ```text
//! typed number ─▶ one way of writing ─▶ case of that number ─▶ its public rows and notices ─▶ addresses
//!                                    └▶ public rows of exactly that number, one indexed question
//! ```
//! Always true: only what the public sees is told; of a case that has nothing public the answer is that of a number that is nowhere.

use super::inbox::of;
use super::notices::line_of;
use super::registers::open_registers;
use crate::call::Call;
use base::{Refusal, Sha256, Text};
use store::casework::publications::PublicationRow;
use store::casework::registers::RowVersion;

/// Most things that are named.
const MOST: usize = 10;
/// Rows of one number that are looked at: some may lie in registers that are not public here.
const LOOKED_AT: u32 = 50;
/// Longest number of a notice, digits.
const NOTICE_DIGITS: usize = 12;

/// Something public that has the number.
pub(super) struct Known {
    /// Address of its page.
    pub href: String,
    /// What it is.
    pub words: Text,
    /// Digests of what of it is public, one for each version.
    pub digests: Vec<Sha256>,
}

/// A number in one way of writing: no blanks, half width, brackets as papers have them.
fn one_writing(typed: &str) -> String {
    let sign = |c: char| match c {
        '\u{ff10}'..='\u{ff19}' | '\u{ff21}'..='\u{ff3a}' | '\u{ff41}'..='\u{ff5a}' => {
            char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c)
        }
        '[' | '【' | '［' | '(' | '（' | '「' | '{' => '〔',
        ']' | '】' | '］' | ')' | '）' | '」' | '}' => '〕',
        '－' | '—' | '–' => '-',
        other => other,
    };
    typed.chars().filter(|c| !c.is_whitespace() && !c.is_control()).map(sign).collect()
}

fn add_row(out: &mut Vec<Known>, register: &Text, row: &RowVersion) {
    let href = format!("/public/registers/{}/{}", row.register, row.row);
    let digest = Sha256::of(row.public.as_bytes());
    if let Some(known) = out.iter_mut().find(|known| known.href == href) {
        known.digests.push(digest);
        return;
    }
    let words = Text::of(format!("{}：{}", register.zh, row.name), format!("{}: {}", register.en, row.name));
    out.push(Known { href, words, digests: vec![digest] });
}

fn notice(call: &Call, row: &PublicationRow) -> Known {
    let line = line_of(call, row);
    Known {
        href: format!("/public/notices/{}", line.id),
        words: Text::of(format!("公告：{}", line.title), format!("Notice: {}", line.title)),
        digests: vec![row.sha256],
    }
}

/// Public rows and notices of the case of this number. It is looked for as it was typed: an office's name may have brackets of its own.
async fn of_case(call: &Call, typed: &str, out: &mut Vec<Known>) -> Result<(), Refusal> {
    let store = call.site().store();
    let Some(case) = of(call)?.case_numbered(typed).await? else { return Ok(()) };
    let number = one_writing(&case.number);
    let registers = open_registers(call);
    for row in store.rows_of_case(case.id).await?.iter().rev().filter(|row| row.shown.is_some()) {
        if let Some(register) = registers.iter().find(|r| r.id == row.register) {
            add_row(out, &register.name, row);
        }
    }
    let today = call.now().shanghai_date();
    let is_told = |p: &&PublicationRow| {
        // A notice that does not say the number itself must not tell to which case it belongs.
        let says = one_writing(&p.title).contains(&number) || one_writing(&p.body).contains(&number);
        p.withdrawn.is_none() && p.until.is_none_or(|until| today <= until) && says
    };
    for row in store.publications_of_case(case.id).await?.iter().filter(is_told) {
        out.push(notice(call, row));
    }
    Ok(())
}

/// Rows of the public registers that people call by this number.
async fn of_registers(call: &Call, number: &str, out: &mut Vec<Known>) -> Result<(), Refusal> {
    let registers = open_registers(call);
    for row in &call.site().store().shown_rows_numbered(number, LOOKED_AT).await? {
        if let Some(register) = registers.iter().find(|r| r.id == row.register) {
            add_row(out, &register.name, row);
        }
    }
    Ok(())
}

/// The digits by which a notice is known; `None`: it is no number of a notice.
fn notice_number(number: &str) -> Option<u64> {
    let bare = number.trim_start_matches("公告").trim_start_matches('第').trim_end_matches('号');
    let digits = bare.len() <= NOTICE_DIGITS && bare.bytes().all(|b| b.is_ascii_digit());
    if digits { bare.parse().ok() } else { None }
}

/// What is public under a number, at most ten things; `typed` as somebody typed it.
pub(super) async fn known(call: &Call, typed: &str) -> Result<Vec<Known>, Refusal> {
    let mut out = Vec::new();
    let number = one_writing(typed);
    if let Some(entry) = notice_number(&number) {
        let today = call.now().shanghai_date();
        let found = call.site().store().publication(entry).await?;
        let shown = found.filter(|p| p.until.is_none_or(|until| today <= until));
        out.extend(shown.iter().map(|row| notice(call, row)));
    } else {
        of_case(call, typed, &mut out).await?;
    }
    if out.is_empty() {
        of_registers(call, &number, &mut out).await?;
    }
    out.truncate(MOST);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_number_is_known_however_it_is_typed() {
        for typed in ["哈公技防〔2026〕1号", "哈公技防[2026]1号", " 哈公技防（２０２６）1 号 ", "哈公技防【2026】１号"]
        {
            assert_eq!(one_writing(typed), "哈公技防〔2026〕1号");
        }
    }

    #[test]
    fn a_notice_is_known_by_its_digits_alone() {
        assert_eq!([notice_number("62"), notice_number("公告第62号")], [Some(62), Some(62)]);
        for other in ["", "公告", "哈公技防〔2026〕1号", "9999999999999", "1a"] {
            assert_eq!(notice_number(other), None, "{other}");
        }
    }
}
