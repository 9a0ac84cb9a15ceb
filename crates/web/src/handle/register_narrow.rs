//! Narrowing a register by division and kind: what the packs mark, offered as lists, read from an address, kept in links and copies.
//!
//! ```text
//! law::row_filters ∩ columns of the reader ─▶ Offer ─▶ two lists            `division=` `kind=` ─▶ Narrow ─▶ RowFilter · links · the log
//! ```
//! Always true: only a column that the reader may see narrows their list, for the public only a public one; reading writes nothing: rows
//! are keyed by the work of each minute, and until then a page says that it may lack rows and a copy is not made (`Authority::is_keyed`); a division means itself and what lies in it; a kind that no list offers is left out. A division that is in no
//! list (one that has ended, a whole province) is looked for all the same.

use super::inbox::of;
use crate::call::Call;
use crate::pages::Choice;
use crate::pages::registers::RegisterFilter;
use base::{ErrorKind, Refusal, Text};
use law::{Field, FieldChoice, FieldKind};
use store::casework::registers::RowFilter;

/// Most divisions of a list: a large province has about 200.
const DIVISIONS: usize = 600;
/// Names of the two words in an address.
const DIVISION: &str = "division";
const KIND: &str = "kind";

/// The digits by which rows of a division are found: `2101` of `210100`, `21` of `210000`; `None`: it is no code.
pub(super) fn digits_of(code: &str) -> Option<String> {
    let is_digits = code.bytes().all(|b| b.is_ascii_digit());
    match code.len() {
        2 | 4 if is_digits => Some(code.to_owned()),
        6 if is_digits => {
            let part = code.strip_suffix("0000").or(code.strip_suffix("00")).unwrap_or(code);
            Some(part.to_owned())
        }
        _ => None,
    }
}

/// By what a register can be narrowed.
pub(super) struct Offer<'a> {
    divisions: bool,
    kinds: Vec<(&'a Field, &'a FieldChoice)>,
}

impl<'a> Offer<'a> {
    /// Among these columns; `open`: only what everybody may read.
    pub(super) fn of(call: &'a Call, register: &str, columns: &[&'a Field], open: bool) -> Self {
        let here = |field: &&Field| columns.iter().any(|c| c.id == field.id) && (!open || field.public);
        let marked: Vec<&'a Field> =
            call.site().gate().packs().row_filters(register).into_iter().filter(here).collect();
        let mut kinds: Vec<(&'a Field, &'a FieldChoice)> = Vec::new();
        for field in marked.iter().copied().filter(|f| f.kind == FieldKind::Choice) {
            for choice in &field.choices {
                if !kinds.iter().any(|(known, other)| known.id == field.id && other.id == choice.id) {
                    kinds.push((field, choice));
                }
            }
        }
        Self { divisions: marked.iter().any(|f| f.kind == FieldKind::Division), kinds }
    }

    /// The lists to choose from, with what is chosen.
    pub(super) fn filters(&self, call: &Call, chosen: &Narrow) -> Vec<RegisterFilter> {
        let mut out = Vec::new();
        let divisions = if self.divisions { divisions(call, &chosen.division) } else { Vec::new() };
        if !divisions.is_empty() {
            let label = Text::new("地区", "Place");
            out.push(RegisterFilter { id: DIVISION.to_owned(), label, choices: divisions });
        }
        let one = self.kinds.first().map(|(field, _)| field);
        let several = self.kinds.iter().any(|(field, _)| one.is_some_and(|one| one.id != field.id));
        let choice = |(field, choice): &(&Field, &FieldChoice)| {
            let (name, is_it) = (choice.name(), chosen.kind.0 == field.id && chosen.kind.1 == choice.id);
            let label = if several {
                Text::of(format!("{}：{}", field.zh, name.zh), format!("{}: {}", field.en, name.en))
            } else {
                name
            };
            Choice::new(&format!("{}:{}", field.id, choice.id), label, is_it)
        };
        if let Some(one) = one {
            let label = if several { Text::new("分类", "Sort") } else { one.name() };
            out.push(RegisterFilter { id: KIND.to_owned(), label, choices: self.kinds.iter().map(choice).collect() });
        }
        out
    }
}

/// Cities, counties and districts of the province of this server; none where more than a list can have are known.
fn divisions(call: &Call, chosen: &str) -> Vec<Choice> {
    let Some(province) = call.site().profile().law.jurisdiction.code() else { return Vec::new() };
    let (packs, today) = (call.site().gate().packs(), call.now().shanghai_date());
    let mut out = Vec::new();
    for division in packs.divisions().iter().filter(|d| d.code.starts_with(province) && d.stands_on(today)) {
        let (Some(digits), Some(name)) = (digits_of(&division.code), packs.division_name(&division.code)) else {
            continue;
        };
        // The whole province is no narrowing.
        if digits != province {
            out.push(Choice::new(&digits, name, digits == chosen));
        }
    }
    // A list that leaves some out would say that they do not exist.
    if out.len() > DIVISIONS { Vec::new() } else { out }
}

/// By what somebody narrows.
#[derive(Clone, Default)]
pub(super) struct Narrow {
    /// Two, four or six digits; empty: everywhere.
    division: String,
    /// Column and word of a choice; both empty: every kind.
    kind: (String, String),
}

impl Narrow {
    /// What the address asks for, as far as the register can be narrowed by it.
    pub(super) fn read(call: &Call, offer: &Offer<'_>) -> Self {
        let division = digits_of(call.query.get(DIVISION)).filter(|_| offer.divisions).unwrap_or_default();
        let (field, word) = call.query.get(KIND).split_once(':').unwrap_or_default();
        let known = offer.kinds.iter().any(|(f, c)| f.id == field && c.id == word);
        let kind = if known { (field.to_owned(), word.to_owned()) } else { (String::new(), String::new()) };
        Self { division, kind }
    }

    /// Something is asked for.
    pub(super) fn is_any(&self) -> bool {
        !self.division.is_empty() || !self.kind.0.is_empty()
    }

    /// The words for addresses and the log; empty ones too.
    pub(super) fn words(&self) -> [(&'static str, String); 2] {
        let kind = if self.kind.0.is_empty() { String::new() } else { format!("{}:{}", self.kind.0, self.kind.1) };
        [(DIVISION, self.division.clone()), (KIND, kind)]
    }

    /// Puts it into a filter.
    pub(super) fn fill(&self, filter: &mut RowFilter) {
        filter.division.clone_from(&self.division);
        filter.kind.clone_from(&self.kind);
    }

    /// Something is asked for, and rows that were just written may be missing from the answer.
    ///
    /// # Errors
    /// The store.
    pub(super) async fn is_unsorted(&self, call: &Call, register: &str) -> Result<bool, Refusal> {
        Ok(self.is_any() && !of(call)?.is_keyed(register).await?)
    }

    /// That a copy would be whole.
    ///
    /// # Errors
    /// `rows_unsorted`, or the store.
    pub(super) async fn whole(&self, call: &Call, register: &str) -> Result<(), Refusal> {
        if !self.is_unsorted(call, register).await? {
            return Ok(());
        }
        Err(Refusal::new(
            ErrorKind::Unavailable,
            "rows_unsorted",
            Text::new(
                "有刚登记的记录还没有按行政区划和种类归类，现在下载会缺少它们。",
                "Rows that were entered just now are not sorted by division and kind yet; a copy would lack them.",
            ),
            Text::new("请过一分钟再下载，或者下载全部记录。", "Try again in a minute, or take the copy of all rows."),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_division_is_found_by_the_digits_that_it_has_of_its_own() {
        for (code, digits) in [
            ("210102", Some("210102")),
            ("210100", Some("2101")),
            ("210000", Some("21")),
            ("2101", Some("2101")),
            ("21", Some("21")),
            ("210", None),
            ("21010x", None),
            ("2101020", None),
            ("", None),
        ] {
            assert_eq!(digits_of(code).as_deref(), digits, "{code}");
        }
    }

    #[test]
    fn what_is_asked_for_stands_in_address_and_filter() {
        assert!(!Narrow::default().is_any());
        assert!(Narrow::default().words().iter().all(|(_, word)| word.is_empty()));
        let narrow = Narrow { division: "2101".into(), kind: ("ground".into(), "key_unit".into()) };
        let words = narrow.words().map(|(name, word)| format!("{name}={word}"));
        assert_eq!(words, ["division=2101", "kind=ground:key_unit"]);
        let mut filter = RowFilter::default();
        narrow.fill(&mut filter);
        assert!(narrow.is_any() && filter.has_keys());
        assert_eq!((filter.division.as_str(), filter.kind.1.as_str()), ("2101", "key_unit"));
    }
}
