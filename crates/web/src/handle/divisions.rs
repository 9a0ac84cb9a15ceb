//! Places by name: the divisions that a form offers, and the name of one that was chosen.
//!
//! ```text
//! law/divisions.toml + open offices ─▶ offer: a list by cities in every division field ─▶ six digits, as they are kept
//! ```
//! Always true: where the place says which office is competent, only divisions stand in the list that an open office of this server has; what
//! was chosen or kept earlier stays in the list; where no names are known, or more than one list has, the field takes the six
//! digits.

use crate::call::Call;
use crate::pages::Choice;
use crate::pages::ask::{Ask, AskedField, ChoiceGroup};
use base::{CivilDate, Lang, Refusal, Text};
use domain::access::Permission;
use domain::identifier::DivisionCode;
use law::{Division, Packs};
use store::casework::offices::OfficeRow;

/// Most divisions of one list: a large province has about 200.
const MOST: usize = 600;
/// What a code of a province ends in.
const PROVINCE: &str = "0000";

/// Which divisions a list has.
struct Wanted<'a> {
    /// First two digits of this server's province.
    province: &'a str,
    /// Territories of open offices: only what lies in one. Empty: all of them, and the other provinces.
    within: Vec<DivisionCode>,
    /// Cities and the province as a whole too.
    whole: bool,
    /// What is chosen.
    chosen: &'a str,
    /// Only what stands on this day is offered.
    on: CivilDate,
}

impl Wanted<'_> {
    fn has(&self, division: &Division) -> bool {
        let is_whole = division.code.ends_with("00");
        let inside = |code: DivisionCode| self.within.is_empty() || self.within.iter().any(|t| t.holds(&code));
        (self.whole || !is_whole)
            && division.code.starts_with(self.province)
            && division.stands_on(self.on)
            && DivisionCode::parse(&division.code).is_ok_and(inside)
    }

    fn choice(&self, division: &Division, all_of_it: bool) -> Choice {
        let name = &division.name;
        let label = if all_of_it {
            Text::of(format!("{}（全境）", name.zh), format!("{}, all of it", name.en))
        } else {
            name.clone()
        };
        Choice::new(&division.code, label, division.code == self.chosen)
    }

    /// By cities, then other provinces where the place decides nothing. Empty: no names are known here.
    fn groups(&self, packs: &Packs) -> Vec<ChoiceGroup> {
        let mut out: Vec<ChoiceGroup> = Vec::new();
        let here: Vec<&Division> = packs.divisions().iter().filter(|d| self.has(d)).take(MOST + 1).collect();
        // A list that leaves some out would say that they do not exist.
        if here.len() > MOST {
            return out;
        }
        for division in here {
            let is_whole = division.code.ends_with("00");
            let head = if is_whole { Some(division.code.clone()) } else { division.above() };
            let name = head.and_then(|code| packs.division(&code)).map(|d| d.name.clone()).unwrap_or_default();
            let choice = self.choice(division, is_whole);
            match out.last_mut().filter(|last| last.name == name) {
                Some(last) => last.choices.push(choice),
                None => out.push(ChoiceGroup { name, choices: vec![choice] }),
            }
        }
        if out.is_empty() {
            return out;
        }
        if self.within.is_empty() {
            let others = packs.divisions().iter().filter(|d| d.code.ends_with(PROVINCE));
            let others = others.filter(|d| !d.code.starts_with(self.province));
            let choices: Vec<Choice> = others.map(|d| self.choice(d, false)).collect();
            let name = Text::new("其他省、自治区、直辖市", "other provinces");
            out.push(ChoiceGroup { name, choices });
        }
        if !self.chosen.is_empty() && !out.iter().flat_map(|g| &g.choices).any(|c| c.chosen) {
            let label = named(packs, self.chosen);
            let name = Text::new("原来填写的", "as filled in before");
            out.push(ChoiceGroup { name, choices: vec![Choice::new(self.chosen, label, true)] });
        }
        out
    }
}

/// A division as people read it: its name with its code; an unknown code alone.
pub(crate) fn named(packs: &Packs, code: &str) -> Text {
    match packs.division_name(code) {
        Some(name) => Text::of(format!("{}（{code}）", name.zh), format!("{} ({code})", name.en)),
        None => Text::of(code.to_owned(), code.to_owned()),
    }
}

/// Puts the names of each heading in the order in which people look for them: in Chinese that of the official codes, as they stand; in English that
/// of the alphabet, a whole city before its parts.
fn as_looked_for(groups: &mut [ChoiceGroup], lang: Lang) {
    if lang == Lang::En {
        for group in groups {
            group.choices.sort_by_cached_key(|c| (!c.value.ends_with("00"), c.label.en.to_lowercase()));
        }
    }
}

fn territories(offices: &[OfficeRow]) -> Vec<DivisionCode> {
    offices.iter().filter(|o| o.closed.is_none()).filter_map(|o| DivisionCode::parse(&o.division).ok()).collect()
}

/// Offers divisions by name in every field that takes one; `place`: id of the field that says which office is competent, empty for none; `on`: the
/// day of the facts, on which a code is judged, too.
///
/// # Errors
/// The store.
pub(crate) async fn offer(call: &Call, place: &str, on: CivilDate, fields: &mut [AskedField]) -> Result<(), Refusal> {
    if !fields.iter().any(|f| f.ask == Ask::Division) {
        return Ok(());
    }
    let packs = call.site().gate().packs();
    let offices = call.site().store().offices().await?;
    // An officer may mean a whole city; whoever applies has a place in one of its parts.
    let whole = call.may(Permission::SeeCases);
    let province = call.site().profile().law.jurisdiction.code();
    for field in fields.iter_mut().filter(|f| f.ask == Ask::Division) {
        let within = if field.id == place { territories(&offices) } else { Vec::new() };
        let chosen = field.value.trim().to_owned();
        let wanted = province.map(|province| Wanted { province, within, whole, chosen: &chosen, on });
        field.groups = wanted.map(|wanted| wanted.groups(packs)).unwrap_or_default();
        as_looked_for(&mut field.groups, call.lang);
        // A list shows its answers itself; six digits are shown by an example of this server.
        let first = offices.iter().rev().find(|o| o.closed.is_none()).map(|o| o.division.clone());
        field.sample = match first {
            Some(first) if field.groups.is_empty() => first,
            Some(_) => String::new(),
            None if field.groups.is_empty() => std::mem::take(&mut field.sample),
            None => String::new(),
        };
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted<'a>(within: &[&str], whole: bool, chosen: &'a str) -> Wanted<'a> {
        let within = within.iter().map(|code| DivisionCode::parse(code).unwrap()).collect();
        Wanted { province: "23", within, whole, chosen, on: CivilDate::ymd(2026, 3, 2).unwrap() }
    }

    fn codes(groups: &[ChoiceGroup]) -> Vec<&str> {
        groups.iter().flat_map(|g| &g.choices).map(|c| c.value.as_str()).collect()
    }

    #[test]
    fn a_place_is_chosen_among_those_that_an_office_has() {
        let packs = Packs::embedded().unwrap();
        let city = wanted(&["230100"], false, "230102").groups(&packs);
        assert_eq!(city.len(), 1, "one city");
        assert_eq!(city[0].name.zh, "哈尔滨市");
        let of_city = codes(&city);
        assert!(of_city.contains(&"230102") && of_city.iter().all(|c| c.starts_with("2301") && !c.ends_with("00")));
        assert_eq!(city[0].choices.iter().filter(|c| c.chosen).count(), 1);
        let district = wanted(&["230102"], true, "").groups(&packs);
        assert_eq!(codes(&district), ["230102"]);
        let province = wanted(&["230000"], false, "").groups(&packs);
        assert!(province.len() > 10 && codes(&province).len() > 100);
        assert!(codes(&province).iter().all(|c| c.starts_with("23")), "no place of another province");
        assert!(!codes(&province).contains(&"230182"), "what has ended is not offered");
        let then = CivilDate::ymd(2013, 5, 1).unwrap();
        let of_then = Wanted { on: then, ..wanted(&["230000"], false, "") }.groups(&packs);
        assert!(codes(&of_then).contains(&"230182"), "a case of then names what stood then");
        for code in codes(&of_then) {
            assert!(domain::form::place_fault(&packs, code, then).is_none(), "{code}: what is offered is taken");
        }
    }

    #[test]
    fn an_officer_may_mean_a_whole_city() {
        let packs = Packs::embedded().unwrap();
        let groups = wanted(&["230100"], true, "").groups(&packs);
        let first = &groups[0].choices[0];
        assert_eq!((first.value.as_str(), &*first.label.zh), ("230100", "哈尔滨市（全境）"));
        assert_eq!(groups.len(), 1);
    }

    #[test]
    fn a_seat_may_lie_in_any_province_and_what_was_kept_stays() {
        let packs = Packs::embedded().unwrap();
        let groups = wanted(&[], false, "110108").groups(&packs);
        let all = codes(&groups);
        assert!(all.contains(&"220000") && all.contains(&"230102") && !all.contains(&"230000"));
        let kept = groups.last().unwrap();
        assert_eq!((kept.choices.len(), kept.choices[0].value.as_str()), (1, "110108"));
        assert!(kept.choices[0].chosen);
        assert!(all.len() <= MOST, "a list ends");
    }

    #[test]
    fn a_list_that_would_leave_some_out_is_none() {
        let with = |parts: usize| {
            let mut text = "division = [[\"230000\", \"省\", \"province\"],".to_owned();
            for n in 0..parts {
                let (city, part) = (n / 99 + 1, n % 99 + 1);
                if part == 1 {
                    text += &format!("[\"23{city:02}00\", \"市\", \"city\"],");
                }
                text += &format!("[\"23{city:02}{part:02}\", \"区\", \"part\"],");
            }
            let mut files = law::embedded_files();
            files.insert("divisions.toml".into(), format!("{text}]"));
            codes(&wanted(&["230000"], false, "").groups(&Packs::from_files(&files).unwrap())).len()
        };
        assert_eq!((with(MOST), with(MOST + 1)), (MOST, 0));
    }

    #[test]
    fn names_stand_in_the_order_of_the_codes_and_in_english_of_the_alphabet() {
        let of = |code: &str, zh: &'static str, en: &'static str| Choice::new(code, Text::new(zh, en), false);
        let choices =
            vec![of("230102", "道里区", "Daoli"), of("230103", "南岗区", "Nangang"), of("230104", "道外区", "daowai")];
        let whole = of("230100", "哈尔滨市（全境）", "Harbin, all of it");
        let choices: Vec<Choice> = choices.into_iter().chain([whole]).collect();
        let codes = |lang| {
            let mut groups = vec![ChoiceGroup { name: Text::default(), choices: choices.clone() }];
            as_looked_for(&mut groups, lang);
            groups.remove(0).choices.into_iter().map(|c| c.value).collect::<Vec<_>>()
        };
        assert_eq!(codes(Lang::Zh), ["230102", "230103", "230104", "230100"], "as they stand");
        assert_eq!(codes(Lang::En), ["230100", "230102", "230104", "230103"]);
    }

    #[test]
    fn where_no_names_are_known_there_is_no_list() {
        let mut files = law::embedded_files();
        files.remove("divisions.toml");
        let packs = Packs::from_files(&files).unwrap();
        assert!(wanted(&["230100"], true, "230102").groups(&packs).is_empty());
        assert_eq!(named(&packs, "230102").zh, "230102");
        assert_eq!(named(&Packs::embedded().unwrap(), "230102").zh, "哈尔滨市道里区（230102）");
    }
}
