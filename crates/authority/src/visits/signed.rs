//! What was signed is not written over: which changes a signed record still takes, and how its signatures are made void.
//!
//! ```text
//! change ─▶ of what was signed, and other than it is? ─▶ inspection::may_change ─▶ refused while a signature stands
//! void_signatures ─▶ reason (sealed with the record), the last picture that was there ─▶ row, entry `visit.signatures_void` ─▶ changed, signed anew
//! ```
//! Always true: names of who signs and why somebody does not, the draft of the order, which has a paper of its own, and the supplement are still
//! written; pictures stay, also those of signatures that count no more. A picture that comes between the reading and the end of a void counts: it is
//! that of somebody who signs at this very moment. One that comes between the reading and the end of a save lets the save fail (`save_record`). What
//! a signature stands under only the phone knows: it sends none that was drawn on another record (`visit.js`).

use super::act::{CLOSE, SIGNATURE, TAKES, entry, in_state, written};
use super::draft::DRAFT;
use super::drop::reason_of;
use super::facts::{Facts, VisitState, Voided};
use super::offline::OFFLINE;
use super::read::record_of;
use super::record::{Change, Field, Record};
use super::{SUPPLEMENT, VOID, conflict};
use crate::{Authority, By};
use base::{CaseId, Pii, Refusal, Text};
use domain::inspection::may_change;
use serde_json::Value;
use store::visits::{PhotoRow, VisitRow};

/// How often the signatures of one visit are made void.
const VOIDS: usize = 20;

/// Somebody signed the record, and that signature stands; who read the draft of the order signed another text.
#[must_use]
pub fn is_sealed(facts: &Facts, photos: &[PhotoRow]) -> bool {
    let seals = |p: &PhotoRow| p.belongs.strip_prefix(SIGNATURE).is_some_and(|whose| whose != TAKES);
    photos.iter().any(|p| seals(p) && !facts.is_void(p))
}

/// A field belongs to what the signatures stand under.
fn is_signed_part(field: &str) -> bool {
    field != SUPPLEMENT && ![CLOSE, DRAFT, OFFLINE].iter().any(|open| field.starts_with(open))
}

/// Whether a record takes these changes; what it has already is no change.
pub(super) fn may_save(record: &Record, changes: &[Change], sealed: bool) -> Result<(), Refusal> {
    let is_new = |c: &Change| record.get(&c.field) != Some(&c.value).filter(|value| !value.is_null());
    may_change(sealed && changes.iter().any(|c| is_signed_part(&c.field) && is_new(c)))
}

impl Authority {
    /// Makes the signatures of a visit void, with the reason: the record can be changed again, and everybody signs anew.
    ///
    /// # Errors
    /// No permission, `not_found`, `not_inspector`, `recused`, `visit_state`, `nothing_signed`, `voids`, `reason`, `visit_moved_on`, or the store.
    pub async fn void_signatures(&self, by: By, case: CaseId, reason: &str) -> Result<(), Refusal> {
        let (account, view, row) = self.at_visit(by, case).await?;
        in_state(&row, VisitState::Open)?;
        let mut facts = Facts::read(&row.facts)?;
        let photos = self.store().visit_photos(case, row.n).await?;
        let stand = photos.iter().filter(|p| p.belongs.starts_with(SIGNATURE) && !facts.is_void(p)).count();
        if stand == 0 {
            return Err(conflict(
                "nothing_signed",
                Text::new("还没有人签名，没有可以作废的签名。", "Nobody has signed: there is nothing to make void."),
                Text::new("检查记录可以直接改动。", "The record can be changed as it is."),
            ));
        }
        if facts.voided.len() >= VOIDS {
            return Err(conflict(
                "voids",
                Text::of(
                    format!("一次检查的签名至多作废{VOIDS}次。"),
                    format!("The signatures of a visit are made void at most {VOIDS} times."),
                ),
                Text::new("请把情况写在“签名后的补充”中。", "Write it in what is added after signing."),
            ));
        }
        let reason = reason_of(reason)?;
        let (now, version) = (self.now(), row.version + 1);
        let last = photos.iter().map(|p| p.photo).max().unwrap_or_default();
        facts.voided.push(Voided { by: account, at: now, photos: last });
        let mut record = record_of(&row)?;
        let field = format!("{VOID}{}", facts.voided.len());
        record.0.insert(field, Field { v: version, value: Value::String(reason) });
        let changed = VisitRow { version, record: Pii::new(written(&record)?), facts: facts.write()?, ..row.clone() };
        let text = Text::of(
            format!("作废检查签名：{}。", view.row.number),
            format!("Signatures of a visit made void in {}.", view.row.number),
        );
        let body = serde_json::json!({ "signatures": stand });
        self.keep_visit(&changed, &row, entry("visit.signatures_void", body, text, (account, now))).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_signed_record_takes_only_what_is_no_part_of_it() {
        let field = |name: &str, value: Value| (name.to_owned(), Field { v: 1, value });
        let record =
            Record([field("present_name", json!("赵六")), field("item/a", json!({ "answered": "yes" }))].into());
        let of = |field: &str, value: Value| [Change { field: field.into(), base: Value::Null, value }];
        for change in [
            of("present_name", json!("孙七")),
            of("present_name", Value::Null),
            of("item/a", json!({ "answered": "no" })),
            of("note", json!("x")),
            of("scan", json!({ "code": "x", "at": 1 })),
        ] {
            assert_eq!(may_save(&record, &change, true).unwrap_err().code, "signed", "{change:?}");
            assert!(may_save(&record, &change, false).is_ok());
        }
        for change in [
            of("present_name", json!("赵六")),
            of("note", Value::Null),
            of("item/a", json!({ "answered": "yes" })),
            of("supplement", json!("补充")),
            of("close/unit_name", json!("赵六")),
            of("order/correct_days", json!("30")),
            of("offline/one", json!([])),
        ] {
            assert!(may_save(&record, &change, true).is_ok(), "{change:?}");
        }
    }
}
