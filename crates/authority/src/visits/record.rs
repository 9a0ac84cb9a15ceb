//! The record of a visit: fields with the version in which each was last changed, and how changes made on an older state join it.
//!
//! Record and changes ─▶ [`Record::join`] ─▶ record with what nobody contradicts, and the conflicts. Always true: a field that changed since
//! the state that a phone had is never overwritten: the phone is told both values; what both wrote alike is no conflict; a field that was taken
//! out keeps its version; names, sizes and numbers of fields are bounded. Values may name persons: Debug prints names of fields only.

use base::{Refusal, Text};
use domain::inspection::{Conflict, Merge, merge};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// Most changes that come at once.
pub const CHANGES: usize = 500;
/// Longest name of a field, bytes.
const NAME_BYTES: usize = 120;
/// Largest record, bytes of JSON.
pub const RECORD_BYTES: usize = 192 * 1024;
/// Before the word of an item in the name of its field.
pub const ITEM: &str = "item/";

/// A field: its value, null once taken out, and the version that brought it.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Field {
    /// Version of the record.
    pub v: u32,
    /// The value.
    pub value: Value,
}

/// Fields by name.
#[derive(Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Record(pub BTreeMap<String, Field>);

impl std::fmt::Debug for Record {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// A change as a phone sends it.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// The field.
    pub field: String,
    /// As the phone had it; null: absent.
    #[serde(default)]
    pub base: Value,
    /// As it is to be; null: taken out.
    #[serde(default)]
    pub value: Value,
}

impl std::fmt::Debug for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Change({})", self.field)
    }
}

/// What came of joining changes.
#[derive(Clone, PartialEq)]
pub struct Joined {
    /// The record afterwards; the same where nothing changed.
    pub record: Record,
    /// Something changed.
    pub changed: bool,
    /// Where the phone and somebody else differ; the record keeps the other's value.
    pub conflicts: Vec<Conflict<Value>>,
}

fn some(value: &Value) -> Option<Value> {
    (!value.is_null()).then(|| value.clone())
}

fn put(fields: &mut BTreeMap<String, Value>, name: &str, value: Option<Value>) {
    match value {
        Some(value) => fields.insert(name.to_owned(), value),
        None => fields.remove(name),
    };
}

fn bad(code: &str, what: Text, next: Text) -> Refusal {
    Refusal::bad_input(code, what, next)
}

impl Record {
    /// The value of a field; none where it is absent or was taken out.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name).map(|field| &field.value).filter(|value| !value.is_null())
    }

    /// The text of a field, without blanks around it; empty where it has none.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        self.get(name).and_then(Value::as_str).map_or("", str::trim)
    }

    /// Joins changes that were made on the record as it was in `seen`; `version` is what it has now.
    ///
    /// # Errors
    /// `base_version` (from the future), `changes` (too many, a name that is too long, one twice), `record_full`, those of `merge`.
    pub fn join(&self, version: u32, seen: u32, changes: &[Change]) -> Result<Joined, Refusal> {
        checked(version, seen, changes)?;
        let theirs: BTreeMap<String, Value> =
            self.0.iter().filter_map(|(name, field)| Some((name.clone(), some(&field.value)?))).collect();
        let (mut base, mut mine) = (theirs.clone(), theirs.clone());
        for change in changes {
            let now = self.0.get(&change.field);
            // What nobody touched since is the base itself, whatever the phone says it was.
            let moved = now.is_some_and(|field| field.v > seen);
            if moved {
                put(&mut base, &change.field, some(&change.base));
            }
            put(&mut mine, &change.field, some(&change.value));
        }
        let (mut fields, conflicts) = match merge(&base, &mine, &theirs)? {
            Merge::Merged(fields) => (fields, Vec::new()),
            Merge::Conflicts { agreed, conflicts } => (agreed, conflicts),
        };
        for conflict in &conflicts {
            put(&mut fields, &conflict.field, conflict.theirs.clone());
        }
        let mut record = self.clone();
        let mut changed = false;
        let names: Vec<String> = self.0.keys().chain(fields.keys()).cloned().collect();
        for name in names {
            let value = fields.get(&name).cloned().unwrap_or_default();
            let now = record.0.get(&name).map_or(Value::Null, |field| field.value.clone());
            if now != value {
                changed = true;
                record.0.insert(name, Field { v: version.saturating_add(1), value });
            }
        }
        if serde_json::to_string(&record).map_or(usize::MAX, |text| text.len()) > RECORD_BYTES {
            return Err(bad(
                "record_full",
                Text::new("检查记录过长。", "The record of the visit is too long."),
                Text::new("请缩短备注。", "Shorten the remarks."),
            ));
        }
        Ok(Joined { record, changed, conflicts })
    }
}

fn checked(version: u32, seen: u32, changes: &[Change]) -> Result<(), Refusal> {
    if seen > version {
        return Err(bad(
            "base_version",
            Text::new("手机上的记录版本不对。", "The phone has a version that was never there."),
            Text::new("请刷新页面后再同步。", "Reload the page and sync again."),
        ));
    }
    let twice = changes.iter().enumerate().any(|(n, c)| changes.iter().skip(n + 1).any(|d| d.field == c.field));
    let long = changes.iter().any(|c| c.field.is_empty() || c.field.len() > NAME_BYTES);
    if changes.len() > CHANGES || twice || long {
        return Err(bad(
            "changes",
            Text::of(
                format!("一次至多同步{CHANGES}项，每项一次。"),
                format!("At most {CHANGES} fields are synced at once, each of them once."),
            ),
            Text::new("请刷新页面后再同步。", "Reload the page and sync again."),
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn change(field: &str, base: Value, value: Value) -> Change {
        Change { field: field.to_owned(), base, value }
    }

    fn started() -> Record {
        let joined = Record::default().join(0, 0, &[change("a", Value::Null, json!("1"))]).unwrap();
        assert!(joined.changed && joined.conflicts.is_empty());
        joined.record
    }

    #[test]
    fn two_phones_join_where_they_do_not_differ() {
        let one = started();
        let two = one.join(1, 1, &[change("b", Value::Null, json!("2"))]).unwrap();
        let late = two.record.join(2, 1, &[change("c", Value::Null, json!("3"))]).unwrap();
        assert!(late.conflicts.is_empty());
        assert_eq!([late.record.text("a"), late.record.text("b"), late.record.text("c")], ["1", "2", "3"]);
        assert_eq!(late.record.0["c"].v, 3);
    }

    #[test]
    fn what_somebody_wrote_is_never_overwritten() {
        let two = started().join(1, 1, &[change("a", json!("1"), json!("theirs"))]).unwrap().record;
        let sent = [change("a", json!("1"), json!("mine")), change("b", Value::Null, json!("kept"))];
        let late = two.join(2, 1, &sent).unwrap();
        assert_eq!((late.record.text("a"), late.record.text("b"), late.changed), ("theirs", "kept", true));
        let conflict = &late.conflicts[0];
        assert_eq!((conflict.mine.clone(), conflict.theirs.clone()), (Some(json!("mine")), Some(json!("theirs"))));
        let chosen = late.record.join(3, 3, &[change("a", json!("theirs"), json!("mine"))]).unwrap();
        assert_eq!((chosen.record.text("a"), chosen.conflicts.len()), ("mine", 0));
    }

    #[test]
    fn a_base_that_is_made_up_wins_nothing() {
        let two = started().join(1, 1, &[change("a", json!("1"), json!("theirs"))]).unwrap().record;
        let same = two.join(2, 1, &[change("a", json!("1"), json!("theirs"))]).unwrap();
        assert!(!same.changed && same.conflicts.is_empty(), "written alike is no conflict");
        let removed = two.join(2, 2, &[change("a", json!("theirs"), Value::Null)]).unwrap().record;
        assert_eq!(removed.get("a"), None);
        let late = removed.join(3, 2, &[change("a", json!("theirs"), json!("mine"))]).unwrap();
        assert_eq!(late.conflicts.len(), 1, "removed against changed");
        let untouched = started().join(1, 1, &[change("a", json!("lie"), json!("new"))]).unwrap();
        assert_eq!(untouched.record.text("a"), "new", "nobody changed it since");
    }

    #[test]
    fn what_is_beyond_the_limits_is_refused() {
        let record = started();
        let code = |seen: u32, changes: &[Change]| record.join(1, seen, changes).map(|_| ()).unwrap_err().code;
        assert_eq!(code(2, &[]), "base_version");
        let many: Vec<Change> = (0..=CHANGES).map(|n| change(&n.to_string(), Value::Null, json!(n))).collect();
        assert_eq!(code(1, &many), "changes");
        assert!(record.join(1, 1, &many[1..]).is_ok());
        let twice = [change("x", Value::Null, json!(1)), change("x", Value::Null, json!(2))];
        assert_eq!(code(1, &twice), "changes");
        assert_eq!(code(1, &[change(&"x".repeat(NAME_BYTES + 1), Value::Null, json!(1))]), "changes");
        assert_eq!(code(1, &[change("x", Value::Null, json!("x".repeat(RECORD_BYTES)))]), "record_full");
    }
}
