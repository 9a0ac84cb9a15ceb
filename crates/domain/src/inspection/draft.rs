//! The order to correct as a phone drafted it, joined with the form as the case has it by now.
//!
//! Fields as the phone began, as it has them, as the desk has them -> [`Drafted`]. Always true: what the desk entered stands, whatever comes from
//! a phone; where the two differ both are told and a person chooses; a field that the phone did not touch is the desk's; an empty text is a
//! field that is absent. Who chose the phone's text sends it again, begun on what the desk has.

use super::merge::{Conflict, Merge, merge};
use base::Refusal;
use std::collections::BTreeMap;

type Texts = BTreeMap<String, String>;

/// What joining gives.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Drafted {
    /// The form afterwards.
    pub form: Texts,
    /// It is not as the desk had it.
    pub changed: bool,
    /// Where phone and desk differ; the form has the desk's text.
    pub conflicts: Vec<Conflict<String>>,
}

fn tidied(texts: &Texts) -> Texts {
    let tidy = |(name, text): (&String, &String)| (name.clone(), text.trim().to_owned());
    texts.iter().map(tidy).filter(|(_, text)| !text.is_empty()).collect()
}

fn put(texts: &mut Texts, name: &str, text: Option<&String>) {
    match text {
        Some(text) => texts.insert(name.to_owned(), text.clone()),
        None => texts.remove(name),
    };
}

/// Joins the fields that a phone changed (`mine`, begun on `base`) with the form of the desk.
///
/// # Errors
/// Those of [`merge`]: too many fields.
pub fn join_draft(base: &Texts, mine: &Texts, desk: &Texts) -> Result<Drafted, Refusal> {
    let (began, drafted, desk) = (tidied(base), tidied(mine), tidied(desk));
    let (mut before, mut after) = (desk.clone(), desk.clone());
    for name in mine.keys() {
        put(&mut before, name, began.get(name));
        put(&mut after, name, drafted.get(name));
    }
    let (mut form, conflicts) = match merge(&before, &after, &desk)? {
        Merge::Merged(form) => (form, Vec::new()),
        Merge::Conflicts { agreed, conflicts } => (agreed, conflicts),
    };
    for conflict in &conflicts {
        put(&mut form, &conflict.field, conflict.theirs.as_ref());
    }
    Ok(Drafted { changed: form != desk, form, conflicts })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(pairs: &[(&str, &str)]) -> Texts {
        pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
    }

    #[test]
    fn the_desk_is_never_overwritten_and_nothing_is_lost() {
        let values = ["", "甲", "乙"];
        for n in 0..values.len().pow(3) {
            let (base, mine, desk) = (values[n % 3], values[n / 3 % 3], values[n / 9]);
            let of = |text| texts(&[("order_defects", text)]);
            let joined = join_draft(&of(base), &of(mine), &of(desk)).unwrap();
            let now = joined.form.get("order_defects").map_or("", String::as_str);
            let told = format!("{base:?} {mine:?} {desk:?}: {joined:?}");
            if desk != base {
                assert_eq!(now, desk, "{told}");
                // A phone that wrote nothing new of its own has nothing to choose.
                assert_eq!(joined.conflicts.len(), usize::from(mine != desk && mine != base), "{told}");
            } else {
                assert_eq!((now, joined.conflicts.len()), (mine, 0), "{told}");
            }
            assert_eq!(joined.changed, now != desk, "{told}");
            for conflict in &joined.conflicts {
                let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
                assert_eq!((conflict.mine.clone(), conflict.theirs.clone()), (some(mine), some(desk)), "{told}");
                let chosen = join_draft(&of(desk), &of(mine), &of(desk)).unwrap();
                assert_eq!(chosen.form.get("order_defects").map_or("", String::as_str), mine, "{told}");
            }
        }
    }

    #[test]
    fn what_the_phone_did_not_touch_stays() {
        let desk = texts(&[("correct_days", "30"), ("interim", "派人值守")]);
        let joined = join_draft(&texts(&[]), &texts(&[("order_defects", " 值班记录不全 ")]), &desk).unwrap();
        assert!(joined.changed && joined.conflicts.is_empty());
        assert_eq!(
            joined.form,
            texts(&[("correct_days", "30"), ("interim", "派人值守"), ("order_defects", "值班记录不全")])
        );
        let same = join_draft(&desk, &desk, &desk).unwrap();
        assert!(!same.changed && same.form == desk);
        let blank = join_draft(&texts(&[]), &texts(&[("interim", "  ")]), &desk).unwrap();
        assert_eq!(blank.form, desk, "an empty box takes nothing out that it never had");
        let many: Texts = (0..=super::super::FIELDS).map(|n| (n.to_string(), "x".to_owned())).collect();
        assert_eq!(join_draft(&texts(&[]), &many, &desk).unwrap_err().code, "too_many_fields");
    }
}
