//! Two records of one inspection become one: what was written without a network, and what came in meanwhile.
//!
//! The record both began with, mine and theirs -> [`Merge`]. Always true: a field that one side alone changed takes that side's value; one
//! that both changed alike is no conflict; one that both changed otherwise is a conflict and stays as it was until a person chooses: no
//! value that somebody wrote is lost unseen. A field that is absent is a value like any other: removed against changed is a conflict.

use base::{Refusal, Text};
use std::collections::{BTreeMap, BTreeSet};

/// Most fields of a record.
pub const FIELDS: usize = 2_000;

type Fields<T> = BTreeMap<String, T>;

/// A field that both changed, each otherwise; `None`: absent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Conflict<T> {
    /// The field.
    pub field: String,
    /// As both began.
    pub base: Option<T>,
    /// As mine has it.
    pub mine: Option<T>,
    /// As theirs has it.
    pub theirs: Option<T>,
}

/// What a merge gives.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Merge<T> {
    /// One record.
    Merged(Fields<T>),
    /// A person chooses first.
    Conflicts {
        /// The record with everything on which nobody differs; fields in conflict are as in the base.
        agreed: Fields<T>,
        /// Where they differ, by field; never empty.
        conflicts: Vec<Conflict<T>>,
    },
}

/// Which side a person chose for a field.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Side {
    /// As it was.
    Base,
    /// Mine.
    Mine,
    /// Theirs.
    Theirs,
}

/// Merges field by field.
///
/// # Errors
/// `too_many_fields`: a record has more than [`FIELDS`].
pub fn merge<T: Clone + PartialEq>(
    base: &Fields<T>,
    mine: &Fields<T>,
    theirs: &Fields<T>,
) -> Result<Merge<T>, Refusal> {
    if [base, mine, theirs].iter().any(|record| record.len() > FIELDS) {
        return Err(Refusal::bad_input(
            "too_many_fields",
            Text::of(format!("记录超过{FIELDS}项。"), format!("The record has more than {FIELDS} fields.")),
            Text::new("请分成几份记录。", "Make several records of it."),
        ));
    }
    let names: BTreeSet<&String> = base.keys().chain(mine.keys()).chain(theirs.keys()).collect();
    let (mut agreed, mut conflicts) = (Fields::new(), Vec::new());
    for name in names {
        let (was, ours, other) = (base.get(name), mine.get(name), theirs.get(name));
        let value = if ours == other || other == was {
            ours
        } else if ours == was {
            other
        } else {
            let (base, mine, theirs) = (was.cloned(), ours.cloned(), other.cloned());
            conflicts.push(Conflict { field: name.clone(), base, mine, theirs });
            was
        };
        if let Some(value) = value {
            agreed.insert(name.clone(), value.clone());
        }
    }
    Ok(if conflicts.is_empty() { Merge::Merged(agreed) } else { Merge::Conflicts { agreed, conflicts } })
}

/// The record after a person chose for every conflict.
///
/// # Errors
/// `not_chosen`: a conflict is left open.
pub fn resolve<T: Clone>(
    agreed: &Fields<T>,
    conflicts: &[Conflict<T>],
    chosen: &BTreeMap<String, Side>,
) -> Result<Fields<T>, Refusal> {
    let mut out = agreed.clone();
    for conflict in conflicts {
        let Some(side) = chosen.get(&conflict.field) else {
            return Err(Refusal::bad_input(
                "not_chosen",
                Text::of(
                    format!("「{}」还没有选择。", conflict.field),
                    format!("`{}` is not chosen yet.", conflict.field),
                ),
                Text::new("请逐项选择保留哪一份。", "Choose for each field which one is kept."),
            ));
        };
        let value = match side {
            Side::Base => &conflict.base,
            Side::Mine => &conflict.mine,
            Side::Theirs => &conflict.theirs,
        };
        match value {
            Some(value) => out.insert(conflict.field.clone(), value.clone()),
            None => out.remove(&conflict.field),
        };
    }
    Ok(out)
}
