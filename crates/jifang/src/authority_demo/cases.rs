//! The cases of the demo, told through the authority's own acts by a clock that goes through their days: nothing is written past the engine,
//! the law gate or the log.
//!
//! ```text
//! cases of the data ─▶ acts of all of them, the oldest first ─▶ clock forward ─▶ begin (before the first) ─▶ act
//! a form: what the data says, else what is known of the party, else the sample of the pack; a day is that of the act
//! ```
//! Always true: entries come in the order of their times; a case that is refused something stops there, is told, and stops no other: what the
//! packs in use ask may have changed since the data was written.

use super::people::Hall;
use super::places::{Doing, Place, Tale, Turn, moment};
use anyhow::Context;
use authority::cases::{Beginning, Upload};
use authority::{Authority, By};
use base::{CaseId, CivilDate, ClauseId, PartyId, Pii};
use domain::access::Role;
use domain::casework::{CaseAct, Channel, Command, LEGAL_REVIEW, Missing, Typed, fields_of, node};
use law::{Field, FieldKind, Procedure};
use site::{Site, SiteClock};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Longest name of a paper before its ending, characters.
const PAPER_CHARS: usize = 20;

/// Where cases are told.
pub(super) struct Desk<'a> {
    pub(super) authority: &'a Authority,
    pub(super) site: &'a Site,
    pub(super) hall: &'a Hall,
    pub(super) place: &'a Place,
    pub(super) clock: &'a SiteClock,
    /// The day of the first start.
    pub(super) today: CivilDate,
}

/// One act with its case.
struct Step<'a> {
    case: usize,
    tale: &'a Tale,
    turn: &'a Turn,
}

/// The acts of all cases, the oldest first; of one day in the order of the file.
fn steps(tales: &[Tale]) -> Vec<Step<'_>> {
    let mut all: Vec<Step<'_>> = tales.iter().enumerate().flat_map(|(case, tale)| tale_steps(case, tale)).collect();
    all.sort_by_key(|step| Reverse(step.turn.ago));
    all
}

fn tale_steps(case: usize, tale: &Tale) -> impl Iterator<Item = Step<'_>> {
    tale.acts.iter().map(move |turn| Step { case, tale, turn })
}

impl Desk<'_> {
    /// Tells every case; answers with what was refused, one line a case.
    pub(super) async fn tell(&self) -> Vec<String> {
        let (mut begun, mut stopped, mut refused) = (BTreeMap::new(), BTreeSet::new(), Vec::new());
        let (mut day, mut nth) = (None, 0_i64);
        let days = self.place.days(self.site.gate().packs().calendar(), self.today);
        for step in steps(&self.place.cases) {
            if stopped.contains(&step.case) {
                continue;
            }
            let on = days.day(step.turn.ago);
            nth = if day == Some(on) { nth + 1 } else { 0 };
            day = Some(on);
            self.clock.forward_to(moment(on, nth));
            if let Err(why) = self.take(&mut begun, &step).await {
                stopped.insert(step.case);
                let (of, title, what) = (&step.tale.procedure, &step.tale.title, &step.turn.what);
                refused.push(format!("{of} ({title}), {:?} {what}: {why:#}", step.turn.act));
            }
        }
        refused
    }

    /// Begins the case before its first act, and does the act.
    async fn take(&self, begun: &mut BTreeMap<usize, CaseId>, step: &Step<'_>) -> anyhow::Result<()> {
        let case = match begun.get(&step.case) {
            Some(case) => *case,
            None => {
                let case = self.begin(step.tale).await?;
                begun.insert(step.case, case);
                case
            }
        };
        self.act(case, step.tale, step.turn).await
    }

    async fn begin(&self, tale: &Tale) -> anyhow::Result<CaseId> {
        let by = self.hall.by(&tale.by)?;
        let usual = if by.role == Role::Applicant { Channel::Online } else { Channel::Counter };
        let beginning = Beginning {
            procedure: tale.procedure.clone(),
            channel: tale.channel.unwrap_or(usual),
            party: Some(self.party(tale)?),
            place: tale.place.clone(),
            office: None,
            facts_on: None,
            title: tale.title.clone(),
            again: String::new(),
        };
        Ok(self.authority.begin(by, &beginning).await?.case)
    }

    /// The party that a case names, else the one that whoever begins it entered.
    fn party(&self, tale: &Tale) -> anyhow::Result<PartyId> {
        let own = || self.place.parties.iter().find(|party| party.by == tale.by).map(|party| party.key.as_str());
        let key = tale.party.as_deref().or_else(own).context("the case names no party")?;
        self.hall.party(key)
    }

    async fn act(&self, case: CaseId, tale: &Tale, turn: &Turn) -> anyhow::Result<()> {
        if turn.act == Doing::Visit {
            return self.visit(case, turn).await;
        }
        let procedure = self.site.gate().packs().procedure(&tale.procedure).context("no such procedure")?;
        let row = self.site.store().case(case).await?.context("the case is gone")?;
        let act = self.command(case, procedure, tale, turn).await?;
        let papers = if turn.act == Doing::Ask { Vec::new() } else { papers(procedure, turn) };
        let command = Command { seen: row.events, act };
        self.authority.act(self.hall.by(&turn.by)?, case, &command, papers).await?;
        Ok(())
    }

    async fn command(&self, case: CaseId, procedure: &Procedure, tale: &Tale, turn: &Turn) -> anyhow::Result<CaseAct> {
        let on = self.clock.now().utc.shanghai_date();
        let (what, words) = (turn.what.clone(), turn.words.clone());
        let missing = |id: &String| Missing { id: id.clone(), reason: words.clone() };
        Ok(match turn.act {
            Doing::Done => CaseAct::Done {
                typed: self.typed(procedure, &what, tale, turn).await?,
                step: what,
                note: words,
                officers: self.hall.officers_beside(&turn.by),
                on,
            },
            Doing::Ask => CaseAct::AskForRest {
                materials: turn.papers.iter().map(missing).collect(),
                fields: vec![],
                on,
                until: None,
            },
            Doing::Assign => CaseAct::Assign { to: self.hall.by(&what)?.account },
            Doing::Propose => CaseAct::Propose {
                typed: self.typed(procedure, &what, tale, turn).await?,
                clauses: grounds(procedure, turn)?,
                outcome: what,
                reasons: words,
            },
            Doing::Review => CaseAct::Review {
                passed: true,
                opinion: words,
                typed: self.typed(procedure, LEGAL_REVIEW, tale, turn).await?,
            },
            Doing::Decide => self.decision(procedure, tale, turn, on).await?,
            Doing::Visit => anyhow::bail!("a visit is more than one act"),
            Doing::Publish => CaseAct::Publish { publication: what, row: case.to_string() },
        })
    }

    /// A head decides what was proposed; an officer fills in the form of the decision.
    async fn decision(
        &self,
        procedure: &Procedure,
        tale: &Tale,
        turn: &Turn,
        on: CivilDate,
    ) -> anyhow::Result<CaseAct> {
        let outcome = turn.what.clone();
        let is_heads = node(procedure, &outcome).is_some_and(|n| n.is_heads(procedure));
        let (typed, clauses) = if is_heads {
            (Typed::new(), Vec::new())
        } else {
            (self.typed(procedure, &outcome, tale, turn).await?, grounds(procedure, turn)?)
        };
        let officers = self.hall.officers_beside(&turn.by);
        Ok(CaseAct::Decide { outcome, typed, reasons: turn.words.clone(), clauses, officers, on })
    }

    /// The form of a step or outcome. What the data names and the form does not have is kept, so that it is refused.
    async fn typed(&self, procedure: &Procedure, id: &str, tale: &Tale, turn: &Turn) -> anyhow::Result<Typed> {
        let known = self.known(self.hall.by(&turn.by)?, procedure, tale).await?;
        let on = self.clock.now().utc.shanghai_date();
        let mut typed = turn.fields.clone();
        for field in fields_of(procedure, id) {
            let text = text_of(field, turn.fields.get(&field.id), known.get(&field.id), on)?;
            typed.insert(field.id.clone(), text);
        }
        typed.retain(|_, text| !text.is_empty());
        Ok(typed)
    }

    /// What is known of the party, to whoever may know it.
    async fn known(&self, by: By, procedure: &Procedure, tale: &Tale) -> anyhow::Result<Typed> {
        if !matches!(by.role, Role::Applicant | Role::CaseOfficer) {
            return Ok(Typed::new());
        }
        Ok(self.authority.known_values(by, procedure, self.party(tale)?).await?)
    }
}

/// The clauses of a decision: those of the data, else that of the outcome.
fn grounds(procedure: &Procedure, turn: &Turn) -> anyhow::Result<Vec<ClauseId>> {
    if !turn.clauses.is_empty() {
        return Ok(turn.clauses.iter().map(|clause| ClauseId::new(clause)).collect());
    }
    let outcome = node(procedure, &turn.what).with_context(|| format!("no outcome `{}`", turn.what))?;
    Ok(vec![outcome.clause().clone()])
}

/// What stands in a field: the data's word, what is known of the party, the sample where it has to be filled in; else nothing.
fn text_of(field: &Field, said: Option<&String>, known: Option<&String>, on: CivilDate) -> anyhow::Result<String> {
    let is_day = field.kind == FieldKind::Day;
    match (said, known) {
        (Some(said), _) if is_day && said.starts_with(['+', '-']) => {
            let after: i32 = said.parse().with_context(|| format!("field `{}`", field.id))?;
            Ok(on.plus_days(after).to_string())
        }
        (Some(said), _) => Ok(said.clone()),
        (None, Some(known)) => Ok(known.clone()),
        (None, None) if !field.required || field.when.is_some() => Ok(String::new()),
        (None, None) if is_day => Ok(on.to_string()),
        (None, None) => Ok(field.sample.clone()),
    }
}

/// The papers that come with an act: each a real file, called what the packs call it.
fn papers(procedure: &Procedure, turn: &Turn) -> Vec<Upload> {
    let name_of = |id: &String| {
        let material = procedure.materials.iter().find(|m| m.id == *id).map(|m| m.zh.clone());
        let name = material.or_else(|| node(procedure, id).map(|n| n.name().zh.into_owned())).unwrap_or_default();
        let short = name.split(['（', '。', '，']).next().unwrap_or_default();
        short.chars().take(PAPER_CHARS).collect::<String>()
    };
    let paper = |id: &String| Upload {
        material: id.clone(),
        name: Pii::new(format!("{}.pdf", name_of(id))),
        bytes: sheet(&format!("{} / {id}: a paper of the demo", procedure.id)),
    };
    turn.papers.iter().map(paper).collect()
}

/// A PDF of one page with one line of Latin letters.
fn sheet(line: &str) -> Vec<u8> {
    let plain = |c: &char| (c.is_ascii_graphic() || *c == ' ') && !"()\\".contains(*c);
    let shown: String = line.chars().filter(plain).collect();
    let drawn = format!("BT /F1 14 Tf 60 760 Td ({shown}) Tj ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{drawn}\nendstream", drawn.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    let mut file = String::from("%PDF-1.4\n");
    let mut table = String::from("0000000000 65535 f \n");
    for (number, object) in (1..).zip(&objects) {
        table += &format!("{:010} 00000 n \n", file.len());
        file += &format!("{number} 0 obj\n{object}\nendobj\n");
    }
    let (at, size) = (file.len(), objects.len() + 1);
    file += &format!("xref\n0 {size}\n{table}trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{at}\n%%EOF\n");
    file.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authority_demo::places::places;
    use law::{Jurisdiction, Packs};

    fn field(id: &str) -> Field {
        let packs = Packs::embedded().unwrap();
        let of = packs.procedure("relocation").unwrap();
        of.field(id).unwrap().clone()
    }

    #[test]
    fn acts_of_all_cases_are_told_from_the_oldest_on_and_of_one_case_in_their_order() {
        for place in places(Jurisdiction::ALL[0]).unwrap() {
            let told = steps(&place.cases);
            assert_eq!(told.len(), place.cases.iter().map(|case| case.acts.len()).sum::<usize>());
            assert!(told.is_sorted_by(|a, b| a.turn.ago >= b.turn.ago));
            for (n, case) in place.cases.iter().enumerate() {
                let own: Vec<*const Turn> =
                    told.iter().filter(|step| step.case == n).map(|step| std::ptr::from_ref(step.turn)).collect();
                let file: Vec<*const Turn> = case.acts.iter().map(std::ptr::from_ref).collect();
                assert_eq!(own, file, "{}", case.title);
            }
        }
    }

    #[test]
    fn a_field_is_what_the_data_says_then_what_is_known_then_the_sample() {
        let on = CivilDate::parse("2026-03-02").unwrap();
        let (day, line, spare) = (field("works_start"), field("unit_name"), field("meanwhile"));
        let text = |of: &Field, said: Option<&str>, known: Option<&str>| {
            text_of(of, said.map(str::to_owned).as_ref(), known.map(str::to_owned).as_ref(), on).unwrap()
        };
        assert_eq!(text(&day, Some("+30"), None), "2026-04-01");
        assert_eq!(text(&day, Some("-1"), None), "2026-03-01");
        assert_eq!(text(&day, Some("2025-04-01"), None), "2025-04-01");
        assert_eq!(text(&day, None, None), "2026-03-02");
        assert_eq!(text(&line, Some("甲"), Some("乙")), "甲");
        assert_eq!(text(&line, None, Some("乙")), "乙");
        assert_eq!(text(&line, None, None), line.sample);
        assert_eq!(text(&spare, None, None), "", "what may be left empty is");
        assert!(text_of(&day, Some(&"+soon".to_owned()), None, on).is_err());
    }

    #[test]
    fn a_paper_is_a_real_pdf() {
        let bytes = sheet("plan (new) \\ 图纸");
        let text = String::from_utf8(bytes.clone()).unwrap();
        assert!(text.starts_with("%PDF-1.4\n") && text.ends_with("%%EOF\n") && text.contains("(plan new  ) Tj"));
        let at: usize = text.rsplit("startxref\n").next().unwrap().lines().next().unwrap().parse().unwrap();
        assert!(text[at..].starts_with("xref\n0 6\n"));
        for (number, line) in (1..).zip(text[at..].lines().skip(3).take(5)) {
            let place: usize = line.split(' ').next().unwrap().parse().unwrap();
            assert!(text[place..].starts_with(&format!("{number} 0 obj\n")), "{line}");
        }
        assert_eq!(store::casework::papers::sniff(&bytes), "application/pdf");
    }
}
