//! One place or one system and everything that is known to have happened to it, with what stands today.
//!
//! ```text
//! row ─▶ links of `spots` (named · matched · settled) ─▶ its place or systems ─▶ their rows, one line each ─┐
//!     └▶ cases of its owner: those that wrote a linked row or were drawn for the place are its own, the rest stand apart ─▶ Life
//! ```
//! Always true: what is not linked is never told as its own; a case outside the reader's reach is left out; what stands today is said with its
//! clause, and where nothing is found that is said, not that nothing happened; nothing here names a person.

use super::covered::{PlaceView, is_of_places, is_of_systems};
use super::numbers::{SYSTEMS, adverse_of};
use crate::{Authority, By};
use base::{CaseId, CivilDate, ClauseId, Refusal, Text};
use domain::access::Permission;
use law::{Expectation, Procedure, ProcedureKind};
use serde_json::Value as Json;
use std::collections::BTreeSet;
use store::casework::cases::{CaseFilter, CaseRow};
use store::casework::registers::RowVersion;
use store::casework::spots::Link;

/// Most cases of an owner that are looked at, the newest first.
pub const OWN_CASES: u32 = 50;

/// Whether the system may be used today, as far as is known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Today {
    /// In one sentence.
    pub text: Text,
    /// On which clause it rests; none: nothing was found.
    pub clause: Option<ClauseId>,
    /// It may be used.
    pub usable: Option<bool>,
}

/// One thing that happened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Happened {
    /// When.
    pub on: CivilDate,
    /// What: the procedure.
    pub what: Text,
    /// What it came to; empty: under way, or a row without a case.
    pub outcome: Text,
    /// Number of the case or row.
    pub number: String,
    /// The case, where this reader may open it.
    pub case: Option<CaseId>,
    /// The row of a register: register and row.
    pub row: Option<(String, String)>,
    /// Why it stands here; none: it is the row itself, or a case.
    pub link: Option<Link>,
}

/// A row with everything around it.
#[derive(Clone, PartialEq, Debug)]
pub struct Life {
    /// The row in its newest version.
    pub row: RowVersion,
    /// What is known of the systems of a place; `None`: the row is a system, or it is not compared yet.
    pub place: Option<PlaceView>,
    /// Places that the system is linked to; of a place empty.
    pub places: Vec<(RowVersion, Link)>,
    /// What stands today.
    pub today: Today,
    /// What happened to it, the newest first.
    pub own: Vec<Happened>,
    /// Cases of the same owner that are tied to no place, the newest first.
    pub others: Vec<Happened>,
}

/// What a row says of its case: procedure, outcome, day of the decision, number.
fn said(row: &RowVersion) -> (String, String, CivilDate, String) {
    let public: Json = serde_json::from_str(&row.public).unwrap_or_default();
    let text = |key: &str| public[key].as_str().unwrap_or_default().to_owned();
    let on = CivilDate::parse(&text("decided_day")).unwrap_or(row.from);
    (text("procedure"), text("outcome"), on, text("number"))
}

fn named_outcome(procedure: &Procedure, outcome: &str) -> Text {
    let found = procedure.outcomes.iter().find(|o| o.id == outcome);
    found.map_or_else(Text::default, |o| Text::of(o.zh.clone(), o.en.clone()))
}

/// What stands today of these rows of systems, the newest first; `rules`: what must come before the use here, with its procedure.
fn today_of(
    rows: &[&RowVersion],
    rules: &[(&Procedure, &Expectation)],
    (adverse, today): (&[String], CivilDate),
) -> Today {
    let holds = |row: &&&RowVersion| row.from <= today && row.until.is_none_or(|until| today <= until);
    let standing: Vec<&RowVersion> = rows.iter().filter(holds).copied().collect();
    for (procedure, rule) in rules {
        let of_it = standing.iter().find(|row| said(row).0 == procedure.id);
        let Some((_, outcome, on, _)) = of_it.map(|row| said(row)) else { continue };
        let clause = procedure.outcomes.iter().find(|o| o.id == outcome).map(|o| o.clause.clone());
        if rule.ended.contains(&outcome) {
            let text = Text::of(format!("可以使用：{on} 验收合格。"), format!("Usable: accepted on {on}."));
            return Today { text, clause, usable: Some(true) };
        }
        let text = Text::of(
            format!("不得使用：{on} 验收不合格，整改后须重新验收。"),
            format!("Not usable: it failed the acceptance on {on} and has to be accepted anew."),
        );
        return Today { text, clause: Some(rule.clause.clone()), usable: Some(false) };
    }
    let good = |row: &&&RowVersion| {
        let (_, outcome, _, _) = said(row);
        !adverse.contains(&outcome)
    };
    let filed = standing.iter().find(good).map(|row| said(row));
    let rule = rules.first().map(|(_, rule)| rule.clause.clone());
    match (filed, rule) {
        // A row of an older register or by hand says by no procedure what became of the system: it may well have been accepted.
        (Some((procedure, _, on, _)), Some(clause)) if procedure.is_empty() => Today {
            text: Text::of(
                format!(
                    "情况不明：{on} 有登记，不是本系统的办件，没有查到验收记录；请核对原登记。未经验收合格的，不得使用。"
                ),
                format!(
                    "Unknown: a row of {on} is there that no case of this system made, and no acceptance was found. Compare the older \
                     register; what was not accepted is not used."
                ),
            ),
            clause: Some(clause),
            usable: None,
        },
        (Some((_, _, on, _)), Some(clause)) => Today {
            text: Text::of(
                format!("验收以前不得使用：{on} 有登记，没有查到验收合格的记录。"),
                format!("Not usable before acceptance: a row of {on} is there, and no acceptance was found."),
            ),
            clause: Some(clause),
            usable: Some(false),
        },
        (Some((_, _, on, _)), None) => Today {
            text: Text::of(
                format!("{on} 已登记。本省没有单独的验收办件，能否使用看工程验收结论。"),
                format!(
                    "Registered on {on}. There is no acceptance case in this province: the conclusion of the works decides."
                ),
            ),
            clause: None,
            usable: None,
        },
        (None, _) => Today {
            text: Text::new(
                "情况不明：没有查到这里的备案或者验收记录。",
                "Unknown: no filing and no acceptance was found for it.",
            ),
            clause: None,
            usable: None,
        },
    }
}

impl Authority {
    /// Everything that is known of a row of places or systems.
    ///
    /// # Errors
    /// No permission, `no_office`; `not_found` for another register or a row that is not there; or the store.
    pub async fn life_of(&self, by: By, register: &str, row: &str) -> Result<Life, Refusal> {
        by.needs(Permission::SeeCases)?;
        let none = || Refusal::not_found("该记录", "row");
        if !is_of_places(register) && !is_of_systems(register) {
            return Err(none());
        }
        let newest = self.store().register_history(register, row).await?.into_iter().next().ok_or_else(none)?;
        let place = self.place_view(by, register, row).await?;
        let places = if is_of_systems(register) {
            self.compare_for_page().await?;
            self.store().places_of_system(register, row).await?
        } else {
            Vec::new()
        };
        let mut tied: Vec<(RowVersion, Option<Link>)> = Vec::new();
        if is_of_systems(register) {
            tied.push((newest.clone(), None));
        }
        let mut beside: Vec<(RowVersion, Link)> = place.as_ref().map(|p| p.systems.clone()).unwrap_or_default();
        for (place, _) in &places {
            beside.extend(self.store().systems_of_place(&place.register, &place.row).await?);
        }
        for (system, how) in beside {
            if !tied.iter().any(|(row, _)| row.entry == system.entry) {
                tied.push((system, Some(how)));
            }
        }
        for system in tied.iter().map(|(row, _)| row.clone()).collect::<Vec<_>>() {
            for row in self.store().rows_about_system(&system.register, &system.row).await? {
                if !tied.iter().any(|(known, _)| known.entry == row.entry) {
                    tied.push((row, Some(Link::Alike)));
                }
            }
        }
        tied.sort_by_key(|(row, _)| std::cmp::Reverse((said(row).2, row.entry)));
        let homes: Vec<&RowVersion> =
            if is_of_places(register) { vec![&newest] } else { places.iter().map(|(place, _)| place).collect() };
        let (own_cases, others) = self.cases_around(by, &tied, &homes).await?;
        let (reach, mut own) = (self.reach(by).await?, Vec::new());
        for (row, how) in &tied {
            let mut happened = self.of_row(row, *how);
            let office = row.office.filter(|_| happened.case.is_some());
            let opens = match office {
                Some(office) => self.within(reach, office, None).await?,
                None => false,
            };
            happened.case = happened.case.filter(|_| opens);
            own.push(happened);
        }
        own.extend(own_cases);
        own.sort_by_key(|h| std::cmp::Reverse(h.on));
        let (today, packs) = (self.now().shanghai_date(), self.gate().packs());
        let site = self.site_profile().await?;
        let here = packs.procedures().iter().filter(|p| p.in_force(today) && self.reaches(p, site));
        let rules: Vec<(&Procedure, &Expectation)> = here.filter_map(|p| Some((p, p.expected.first()?))).collect();
        let systems: Vec<&RowVersion> = tied.iter().map(|(row, _)| row).filter(|row| self.is_a_system(row)).collect();
        let adverse = adverse_of(packs);
        let today = today_of(&systems, &rules, (adverse.as_slice(), today));
        Ok(Life { row: newest, place, places, today, own, others })
    }

    /// Not what was agreed or connected about one.
    fn is_a_system(&self, row: &RowVersion) -> bool {
        let (procedure, ..) = said(row);
        let about = [ProcedureKind::OfficialUse, ProcedureKind::Consultation];
        row.register == SYSTEMS && self.gate().packs().procedure(&procedure).is_none_or(|p| !about.contains(&p.kind))
    }

    fn of_row(&self, row: &RowVersion, link: Option<Link>) -> Happened {
        let (procedure, outcome, on, number) = said(row);
        let procedure = self.gate().packs().procedure(&procedure);
        Happened {
            on,
            what: procedure.map_or_else(|| Text::new("登记", "entered"), Procedure::name),
            outcome: procedure.map_or_else(Text::default, |p| named_outcome(p, &outcome)),
            number,
            case: row.case.map(|(case, _)| case),
            row: Some((row.register.clone(), row.row.clone())),
            link,
        }
    }

    fn of_case(&self, row: &CaseRow) -> Happened {
        let procedure = self.gate().packs().procedure(&row.head.procedure);
        let outcome = row.head.outcome.as_deref().unwrap_or_default();
        Happened {
            on: row.opened.shanghai_date(),
            what: procedure.map_or_else(Text::default, Procedure::name),
            outcome: procedure.map_or_else(Text::default, |p| named_outcome(p, outcome)),
            number: row.number.clone(),
            case: Some(row.id),
            row: None,
            link: None,
        }
    }

    /// Cases of the owner within the reader's reach that wrote no linked row: those drawn for the place itself or begun from a case that wrote
    /// one, and the rest.
    async fn cases_around(
        &self,
        by: By,
        tied: &[(RowVersion, Option<Link>)],
        homes: &[&RowVersion],
    ) -> Result<(Vec<Happened>, Vec<Happened>), Refusal> {
        let reach = self.reach(by).await?;
        let told: BTreeSet<CaseId> = tied.iter().filter_map(|(row, _)| row.case.map(|(case, _)| case)).collect();
        let rows = tied.iter().map(|(row, _)| row).chain(homes.iter().copied());
        let parties: BTreeSet<_> = rows.filter_map(|row| row.party).collect();
        let mut followed: BTreeSet<CaseId> = BTreeSet::new();
        for case in &told {
            followed.extend(self.store().cases_from(*case).await?);
        }
        let (mut own, mut others) = (Vec::new(), Vec::new());
        for party in parties {
            let filter = CaseFilter { party: Some(party), ..CaseFilter::default() };
            for case in self.store().cases(&filter, OWN_CASES).await? {
                if told.contains(&case.id) || !self.within(reach, case.head.office, case.head.party).await? {
                    continue;
                }
                let drawn = self.store().drawn_unit_of_case(case.id).await?;
                let is_home = drawn.is_some_and(|unit| {
                    homes.iter().any(|home| home.register == unit.register && home.row == unit.row)
                });
                let is_home = is_home || followed.contains(&case.id);
                if is_home { own.push(self.of_case(&case)) } else { others.push(self.of_case(&case)) }
            }
        }
        others.sort_by_key(|h: &Happened| std::cmp::Reverse(h.on));
        others.truncate(usize::try_from(OWN_CASES).unwrap_or(usize::MAX));
        Ok((own, others))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::UtcMs;

    fn day(text: &str) -> CivilDate {
        CivilDate::parse(text).expect("a day")
    }

    fn row(procedure: &str, outcome: &str, on: &str, until: Option<&str>) -> RowVersion {
        RowVersion {
            shown: None,
            register: SYSTEMS.into(),
            row: "1".into(),
            version: 1,
            name: String::new(),
            office: None,
            party: None,
            public: serde_json::json!({ "procedure": procedure, "outcome": outcome, "decided_day": on }).to_string(),
            personal: None,
            case: None,
            from: day(on),
            until: until.map(day),
            newest: true,
            at: UtcMs(0),
            entry: 1,
        }
    }

    #[test]
    fn what_stands_today_follows_from_the_newest_acceptance() {
        let packs = law::Packs::embedded().expect("packs");
        let acceptance = packs.procedure("acceptance").expect("listed");
        let rules = [(acceptance, acceptance.expected.first().expect("a rule"))];
        let told = |rows: &[RowVersion], rules: &[(&Procedure, &Expectation)]| {
            let rows: Vec<&RowVersion> = rows.iter().collect();
            today_of(&rows, rules, (["failed".to_owned(), "not_filed".to_owned()].as_slice(), day("2026-11-23")))
        };
        let (filed, passed) =
            (row("system_filing", "filed", "2026-03-02", None), row("acceptance", "passed", "2026-02-02", None));
        let failed = row("acceptance", "failed", "2026-05-02", None);
        let usable = told(&[filed.clone(), passed.clone()], &rules);
        assert_eq!(usable.usable, Some(true));
        assert!(usable.text.zh.contains("2026-02-02") && usable.clause == Some(ClauseId("B-19-2-2".into())));
        let again = told(&[failed, passed.clone()], &rules);
        assert_eq!((again.usable, again.clause), (Some(false), Some(ClauseId("B-19-2-3".into()))));
        let unaccepted = told(std::slice::from_ref(&filed), &rules);
        assert_eq!((unaccepted.usable, unaccepted.clause), (Some(false), Some(ClauseId("B-19-2-3".into()))));
        let taken_over = told(&[row("", "", "2026-03-02", None)], &rules);
        assert_eq!(
            (taken_over.usable, taken_over.clause),
            (None, Some(ClauseId("B-19-2-3".into()))),
            "it may be accepted"
        );
        let elsewhere = told(std::slice::from_ref(&filed), &[]);
        assert_eq!((elsewhere.usable, elsewhere.clause), (None, None));
        let ended = row("acceptance", "passed", "2026-02-02", Some("2026-11-22"));
        assert_eq!(told(&[ended], &rules).usable, None, "what ended says nothing of today");
        assert!(told(&[], &rules).text.zh.contains("没有查到"));
    }
}
