//! What becomes of a clause, checked: a status says what carries it out, why nothing does, or what took its place.
//!
//! Invariants: `declared` and `needs_ruling` have a reason in both languages; `superseded` names its successors and its day, and
//! nothing else does; in a text given whole no clause is left without a carrier, a reason or a successor, and a status that
//! names a kind of carrier has one of that kind.

use crate::Carrier;
use crate::pack::{Clause, Pack, Status, TextKind};

/// Most items of one list that are looked for: 一 to 二十.
const MOST_ITEMS: usize = 20;
const DIGITS: [&str; 10] = ["一", "二", "三", "四", "五", "六", "七", "八", "九", "十"];

/// Packs whose clauses may be named before they are here; the list is emptied when they are.
const PACKS_TO_COME: &[&str] = &[];

/// The defect of a clause's status, in words; `exists` knows every clause.
pub(crate) fn check(pack: &Pack, clause: &Clause, exists: impl Fn(&str) -> bool) -> Result<(), String> {
    if clause.reason_zh.is_empty() != clause.reason_en.is_empty() {
        return Err("a reason stands in both languages: `reason_zh` and `reason_en`".to_owned());
    }
    if matches!(clause.status, Status::Declared | Status::NeedsRuling) && clause.reason_zh.is_empty() {
        return Err(format!("status `{}` needs `reason_zh` and `reason_en`", clause.status.key()));
    }
    if clause.status == Status::Gap && !clause.gap {
        return Err("status `gap` is for lost text: `gap = true`".to_owned());
    }
    superseded(pack, clause, exists)?;
    if let Some(wrong) = clause.held_by.iter().find(|t| !names_a_test(t)) {
        return Err(format!("held_by `{wrong}` is not like `crates/x/tests/y.rs::name`"));
    }
    if pack.head.text == TextKind::AsGiven { whole_text(clause) } else { Ok(()) }
}

fn superseded(pack: &Pack, clause: &Clause, exists: impl Fn(&str) -> bool) -> Result<(), String> {
    if clause.status != Status::Superseded {
        return if clause.superseded_by.is_empty() && clause.superseded_from.is_none() {
            Ok(())
        } else {
            Err("`superseded_by` and `superseded_from` go with status `superseded`".to_owned())
        };
    }
    let Some(from) = clause.superseded_from else {
        return Err("status `superseded` needs `superseded_from`, the first day on which it no longer holds".to_owned());
    };
    if from <= clause.from.unwrap_or(pack.head.from) {
        return Err("`superseded_from` is not after its first day in force".to_owned());
    }
    if clause.superseded_by.is_empty() {
        return Err("status `superseded` needs `superseded_by`, the clauses that took its place".to_owned());
    }
    let to_come = |id: &str| id.split_once('-').is_some_and(|(pack, _)| PACKS_TO_COME.contains(&pack));
    match clause.superseded_by.iter().find(|id| !exists(id) && !to_come(id)) {
        Some(id) => Err(format!("superseded by `{id}`, which does not exist")),
        None => Ok(()),
    }
}

/// `crates/x/….rs::name`.
fn names_a_test(word: &str) -> bool {
    let name = |n: &str| !n.is_empty() && n.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    word.split_once("::").is_some_and(|(file, n)| file.starts_with("crates/") && file.ends_with(".rs") && name(n))
}

/// In a text given whole every clause has something to say for itself.
fn whole_text(clause: &Clause) -> Result<(), String> {
    if clause.carried_out_by.is_empty() && clause.reason_zh.is_empty() && clause.superseded_by.is_empty() {
        return Err(format!("status `{}` without a carrier or a reason", clause.status.key()));
    }
    let has = |fits: fn(&Carrier) -> bool| clause.carried_out_by.iter().any(fits);
    let (fits, wants) = match clause.status {
        Status::Enforced => (!clause.carried_out_by.is_empty(), "a carrier"),
        Status::Procedure => (has(|c| matches!(c, Carrier::Procedure(_))), "procedure:<id>"),
        Status::Record => (has(|c| matches!(c, Carrier::Register(_))), "register:<id>"),
        Status::Publication => (has(|c| matches!(c, Carrier::Publication(_))), "publication:<id>"),
        Status::Sanction => (has(|c| *c == Carrier::Sanction), "sanction"),
        Status::Notice => (
            has(|c| matches!(c, Carrier::Duty(_) | Carrier::Obligation(_) | Carrier::Register(_))),
            "a duty or a register",
        ),
        Status::Declared | Status::Gap | Status::Superseded | Status::NeedsRuling => (true, ""),
    };
    if fits { Ok(()) } else { Err(format!("status `{}` asks for {wants} in `carried_out_by`", clause.status.key())) }
}

/// What a text given whole has no entry for.
#[derive(Debug)]
pub(crate) enum LeftOut {
    /// No clause is about this article.
    Article(u16),
    /// Something is missing beside this clause.
    Beside(String, String),
}

/// That a text given whole has entries for every article, for every printed item of a list, and without a hole in the numbers.
pub(crate) fn left_out(pack: &Pack) -> Option<LeftOut> {
    if pack.head.text != TextKind::AsGiven {
        return None;
    }
    for (number, article) in &pack.articles {
        let clauses: Vec<&Clause> = pack.clauses.iter().filter(|c| c.article == *number).collect();
        let Some(last) = clauses.last() else { return Some(LeftOut::Article(*number)) };
        for n in 1..=MOST_ITEMS {
            let is_item = |c: &&Clause| c.id.split('-').count() > 3 && c.id.rsplit('-').next() == Some(&n.to_string());
            if article.body.contains(&format!("（{}）", chinese(n))) && !clauses.iter().any(is_item) {
                let what = format!("item {n} is printed in art. {number} and no clause is about it");
                return Some(LeftOut::Beside(last.id.clone(), what));
            }
        }
    }
    pack.clauses.iter().find_map(|clause| {
        let before = one_before(&clause.id)?;
        let stands = pack.clauses.iter().any(|c| c.id == before || c.id.starts_with(&format!("{before}-")));
        (!stands).then(|| LeftOut::Beside(clause.id.clone(), format!("`{before}` is missing before it")))
    })
}

/// `A-10-1-f8` of `A-10-1-f9`; none for the first and for whole articles.
fn one_before(id: &str) -> Option<String> {
    let (head, last) = id.rsplit_once('-')?;
    head.contains('-').then_some(())?;
    let (mark, digits) = last.strip_prefix('f').map_or(("", last), |digits| ("f", digits));
    let n: u16 = digits.parse().ok()?;
    (n > 1).then(|| format!("{head}-{mark}{}", n - 1))
}

/// A number up to twenty as lists print it.
fn chinese(n: usize) -> String {
    let digit = |n: usize| n.checked_sub(1).and_then(|i| DIGITS.get(i)).copied().unwrap_or_default();
    if n <= 10 {
        digit(n).to_owned()
    } else if n == 20 {
        "二十".to_owned()
    } else {
        format!("十{}", digit(n - 10))
    }
}

#[cfg(test)]
mod tests {
    use super::{chinese, one_before};

    #[test]
    fn the_number_before_is_of_the_same_list() {
        for (id, before) in [
            ("A-10-1-f9", Some("A-10-1-f8")),
            ("B-42-1-8", Some("B-42-1-7")),
            ("B-9-2", Some("B-9-1")),
            ("A-22-1-f1", None),
            ("A-31-f1", None),
            ("B-9-1", None),
            ("A-36", None),
            ("A-x", None),
        ] {
            assert_eq!(one_before(id).as_deref(), before, "{id}");
        }
    }

    #[test]
    fn items_are_numbered_as_lists_print_them() {
        let got: Vec<String> = [1, 9, 10, 11, 19, 20].into_iter().map(chinese).collect();
        assert_eq!(got, ["一", "九", "十", "十一", "十九", "二十"]);
    }
}
