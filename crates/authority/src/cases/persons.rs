//! The names of natural persons that a case knows, so that none of them becomes public.
//!
//! ```text
//! party (the person; representative and contact of a unit) + fields of the case that are names + experts of its panel ─▶ Persons
//! what somebody types for the public (columns, reasons of a withdrawal) ─▶ refused where it names one of them
//! title of the case ─▶ what rows and notices call it: the name is replaced, for nobody can type that title anew
//! ```
//! Always true: the name of the unit itself may be public, also where the name of a person is a part of it.

use super::bad;
use base::{Pii, Refusal, Text};
use domain::casework::{Case, CaseAct, Typed};
use domain::form::Value;
use law::{FieldKind, Procedure, ProcedureKind};
use store::casework::parties::PartyData;

/// A name of fewer signs is a part of too many words.
const NAME_CHARS: usize = 2;
/// What stands for a name.
const SOMEBODY: &str = "某某";

/// Natural persons of a case.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Persons {
    /// The unit, whose name may be public.
    unit: String,
    names: Vec<Pii<String>>,
}

impl Persons {
    /// Those of a party and of what was filled in.
    pub fn of(party: Option<&PartyData>, procedure: &Procedure, case: &Case) -> Self {
        let mut out = Self::default();
        match party {
            Some(PartyData::Person(person)) => out.add(person.name.expose()),
            Some(PartyData::Unit(unit)) => {
                unit.name.trim().clone_into(&mut out.unit);
                out.add(unit.representative.expose());
                out.add(unit.contact.expose());
            }
            None => {}
        }
        for field in procedure.fields.iter().filter(|f| f.kind == FieldKind::Name) {
            if let Some(Value::Text(name)) = case.values_of(&field.step).and_then(|values| values.get(&field.id)) {
                out.add(name);
            }
        }
        for member in &case.panel {
            out.add(&member.expert.name);
        }
        out
    }

    /// The same with other persons: those who act for the organ.
    pub fn and<'a>(mut self, names: impl IntoIterator<Item = &'a str>) -> Self {
        for name in names {
            self.add(name);
        }
        self
    }

    fn add(&mut self, name: &str) {
        let name = name.trim();
        if name.chars().count() >= NAME_CHARS && !self.names.iter().any(|known| known.expose() == name) {
            self.names.push(Pii::new(name.to_owned()));
        }
    }

    /// The text without the name of the unit, in parts.
    fn parts<'a>(&self, text: &'a str) -> Vec<&'a str> {
        if self.unit.is_empty() { vec![text] } else { text.split(self.unit.as_str()).collect() }
    }

    /// A text names one of them.
    fn named_in(&self, text: &str) -> bool {
        let parts = self.parts(text);
        self.names.iter().any(|name| parts.iter().any(|part| part.contains(name.expose().as_str())))
    }

    /// The text with every name replaced.
    pub fn masked(&self, text: &str) -> String {
        let masked = |part: &str| {
            self.names.iter().fold(part.to_owned(), |text, name| text.replace(name.expose().as_str(), SOMEBODY))
        };
        let parts: Vec<String> = self.parts(text).into_iter().map(masked).collect();
        parts.join(&self.unit)
    }

    fn typed_names(&self, procedure: &Procedure, step: &str, typed: &Typed) -> bool {
        let mut public = procedure.fields_at(step).filter(|f| f.public).filter_map(|f| typed.get(&f.id));
        public.any(|text| self.named_in(text))
    }

    /// A column that is public is nothing but the name of one of them.
    fn is_column(&self, procedure: &Procedure, case: &Case) -> bool {
        let public = procedure.fields.iter().filter(|f| f.public);
        let mut texts = public.filter_map(|f| case.values_of(&f.step)?.text(&f.id));
        texts.any(|text| text.trim() != self.unit && self.names.iter().any(|name| name.expose() == text.trim()))
    }

    /// Refuses an act that would make one of them public. Who is rewarded may be named with their consent, which the officer asks.
    pub fn stay_private(&self, procedure: &Procedure, case: &Case, act: &CaseAct) -> Result<(), Refusal> {
        let named = match act {
            CaseAct::Done { step, typed, .. } => self.typed_names(procedure, step, typed),
            CaseAct::Propose { outcome, typed, .. } | CaseAct::Decide { outcome, typed, .. } => {
                procedure.kind != ProcedureKind::Reward && self.typed_names(procedure, outcome, typed)
            }
            // A value that is put right stands in the same columns as the first one.
            CaseAct::CorrectValue { field, typed, .. } => {
                procedure.field(field).is_some_and(|f| f.public) && self.named_in(typed)
            }
            CaseAct::WithdrawPublication { reasons, .. } => self.named_in(reasons),
            CaseAct::Publish { .. } => self.is_column(procedure, case),
            _ => false,
        };
        if !named {
            return Ok(());
        }
        let what = Text::new("公开的内容含有个人的姓名。", "What is to be public names a natural person.");
        Err(bad("names_person", what))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use store::casework::parties::{Person, Unit};

    fn unit() -> Persons {
        let unit = Unit {
            name: "王五烟酒店".into(),
            representative: Pii::new("王五".into()),
            contact: Pii::new("赵 ".into()),
            ..Unit::default()
        };
        let mut out = Persons { unit: unit.name.clone(), ..Persons::default() };
        out.add(unit.representative.expose());
        out.add(unit.contact.expose());
        out
    }

    fn person(name: &str) -> Persons {
        let person = Person { name: Pii::new(name.into()), ..Person::default() };
        let mut out = Persons::default();
        out.add(person.name.expose());
        out
    }

    #[test]
    fn the_name_of_the_unit_is_no_name_of_a_person() {
        let all = unit();
        assert!(!all.named_in("对王五烟酒店罚款") && all.named_in("对王五烟酒店的王五罚款"));
        assert_eq!(all.masked("王五烟酒店，负责人王五"), "王五烟酒店，负责人某某");
        assert!(!all.named_in("赵家沟"), "one sign is no name");
    }

    #[test]
    fn a_person_is_named_nowhere() {
        let all = person(" 欧阳某 ");
        assert!(all.named_in("欧阳某未登记") && !all.named_in("欧阳未登记"));
        assert_eq!(all.masked("欧阳某的商店（欧阳某）"), "某某的商店（某某）");
        assert_eq!(person("").masked("原样"), "原样");
        assert!(!format!("{:?}", person("欧阳某")).contains("欧阳某"));
    }

    #[test]
    fn what_is_typed_for_the_public_is_refused_and_a_reward_is_not() {
        let packs = law::Packs::embedded().unwrap();
        let (fine, reward) = (packs.procedure("penalty_case").unwrap(), packs.procedure("commendation").unwrap());
        let all = person("欧阳某");
        let typed = |id: &str, text: &str| Typed::from([(id.to_owned(), text.to_owned())]);
        assert!(all.typed_names(fine, "publish", &typed("published_summary", "欧阳某未登记，罚款")));
        assert!(!all.typed_names(fine, "publish", &typed("published_summary", "某人未登记，罚款")));
        assert!(!all.typed_names(fine, "open", &typed("party_name", "欧阳某")), "what is not public may name them");
        assert!(all.typed_names(reward, "commended", &typed("citation", "欧阳某及时报告")));
        assert_eq!(reward.kind, ProcedureKind::Reward, "there the officer has the consent");
    }
}
