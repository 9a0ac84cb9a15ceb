//! The words by which a paper of a case is found, with nothing of a natural person among them.
//!
//! ```text
//! case ─▶ plain: personal fields, reasons, notes and the title struck out ─▶ envelope of the same paper, facts without people ─▶ its sentences
//!   ─▶ names that the case knows replaced, long numbers left out ─▶ words ─▶ store: index of the document, in the transaction that enters it
//! document of an older program ─▶ case as it stood when it was made ─▶ the same way (daily)
//! ```
//! Always true: what a field of the packs calls personal, and whatever a person wrote as reasons, note or opinion, is struck out before the paper
//! is set again, so it cannot get into the words; a name of the case that somebody typed in an open field is replaced; a number that may be of an
//! identity card or a telephone is left out; what cannot be set again is found by its number and kind alone.

use super::follow::procedure_of;
use super::persons::Persons;
use super::{fault, no_case};
use crate::Authority;
use base::{CivilDate, Lang, Pii, Refusal, Sha256};
use domain::casework::{Case, Docket, Event, Expert, Member, PaperFacts, Recorded, envelope};
use domain::document::{Document, Envelope};
use domain::form::{Value, Values};
use law::{Packs, Procedure};
use std::collections::BTreeMap;
use store::casework::documents::DocumentRow;
use store::casework::parties::PartyData;

/// Stands where something about a person stood: no letter, so nothing that is found.
const STRUCK: &str = "——";
/// Digits of a number that may be somebody's: telephones have seven and more, identity numbers eighteen.
const LONG: usize = 7;
/// Documents that are indexed between two looks.
const AT_ONCE: u32 = 50;

/// A paper, and what it is set from.
#[derive(Clone, Copy)]
pub(super) struct Said<'a> {
    /// Its kind.
    pub document: &'static Document,
    /// The packs.
    pub packs: &'a Packs,
    /// The procedure of the case.
    pub procedure: &'a Procedure,
    /// The case as it stood.
    pub case: &'a Case,
    /// What no case knows.
    pub facts: &'a PaperFacts,
    /// The party.
    pub party: Option<&'a PartyData>,
    /// The day.
    pub today: CivilDate,
}

fn struck() -> Pii<String> {
    Pii::new(STRUCK.to_owned())
}

/// Values of a form without those about persons; a field that nobody knows counts as one.
fn plain_values(procedure: &Procedure, values: &Values) -> Values {
    let is_open = |id: &str| procedure.field(id).is_some_and(|f| !f.personal && !f.kind.is_personal());
    let plain = |(id, value): (&str, &Value)| {
        let value = match value {
            Value::Text(_) if !is_open(id) => Value::Text(STRUCK.to_owned()),
            value => value.clone(),
        };
        (id.to_owned(), value)
    };
    Values::try_from(values.iter().map(plain).collect::<BTreeMap<_, _>>()).unwrap_or_default()
}

/// The case with everything struck out that names a person, or that somebody wrote in words of their own.
fn plain(procedure: &Procedure, case: &Case) -> Case {
    let mut case = case.clone();
    case.title = struck();
    for doing in &mut case.doings {
        doing.note = struck();
        doing.values = plain_values(procedure, &doing.values);
    }
    for (_, values) in case.values.values_mut() {
        *values = plain_values(procedure, values);
    }
    for paper in &mut case.papers {
        paper.name = None;
    }
    for missing in case.askings.iter_mut().flat_map(|a| a.materials.iter_mut().chain(&mut a.fields)) {
        STRUCK.clone_into(&mut missing.reason);
    }
    for decision in case.decisions.iter_mut().chain(&mut case.proposal) {
        decision.values = plain_values(procedure, &decision.values);
        decision.reasons = struck();
    }
    for review in &mut case.reviews {
        review.opinion = struck();
    }
    for marks in case.clocks.values_mut() {
        marks.stopped_why = marks.stopped_why.as_ref().map(|_| struck());
        marks.extended_why = marks.extended_why.as_ref().map(|_| struck());
        if let Some(leave) = &mut marks.leave {
            leave.reasons = struck();
        }
    }
    for member in &mut case.panel {
        strike(member);
    }
    case
}

/// A member of a panel without who it is and what they wrote: the number on the list stays, and how they voted.
fn strike(member: &mut Member) {
    let Expert { name, employer, employer_code, recusal, .. } = &mut member.expert;
    for text in [name, employer, employer_code, recusal] {
        STRUCK.clone_into(text);
    }
    if let Some((_, words)) = &mut member.declared {
        *words = struck();
    }
    if let Some(opinion) = &mut member.opinion {
        opinion.words = struck();
        for (_, why) in &mut opinion.changed {
            *why = struck();
        }
    }
    if let Some((_, why)) = &mut member.absent {
        *why = struck();
    }
    member.removed = member.removed.as_ref().map(|_| struck());
}

/// The facts without people: of a unit its name, code and address stay.
fn plain_facts(facts: &PaperFacts, party: Option<&PartyData>) -> PaperFacts {
    let unit = if let Some(PartyData::Unit(unit)) = party { Some(unit) } else { None };
    let open = |value: &str| unit.is_some_and(|u| [&u.name, &u.address].iter().any(|text| text.as_str() == value));
    let mut plain = facts.clone();
    plain.to = unit.map_or_else(|| STRUCK.to_owned(), |unit| unit.name.clone());
    plain.party.retain(|line| open(&line.value));
    for person in plain.people.values_mut() {
        *person = (STRUCK.to_owned(), STRUCK.to_owned());
    }
    // Remarks, reasons and names of who was there.
    plain.inspected.tables.clear();
    plain
}

/// What a paper says, part by part; without who signs, what may be done against it, and the words of the law, which many papers share.
fn sentences(said: &Envelope) -> Vec<&str> {
    let tables = said.tables.iter().flat_map(|t| [&t.title].into_iter().chain(t.rows.iter().flatten()));
    let mut out: Vec<&String> = vec![&said.title, &said.to];
    out.extend(said.particulars.iter().map(|p| &p.value));
    out.extend(said.paragraphs.iter().chain(&said.facts).chain(&said.decision));
    out.extend(tables);
    out.extend(said.talk.iter().map(|s| &s.words));
    out.extend(said.basis.iter().map(|b| &b.article));
    out.extend(&said.attachments);
    let mut lines: Vec<&str> = Vec::with_capacity(out.len());
    for line in out.into_iter().map(|text| text.trim()) {
        if !line.is_empty() && !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines
}

/// The digit that a sign is, also a full-width one.
fn digit(sign: char) -> Option<char> {
    let sign = match sign {
        '０'..='９' => char::from_u32(u32::from(sign) - 0xfee0)?,
        sign => sign,
    };
    sign.is_ascii_digit().then_some(sign)
}

/// The text without numbers that may be somebody's; days stay.
fn without_numbers(text: &str) -> String {
    let (mut out, mut run) = (String::with_capacity(text.len()), String::new());
    for sign in text.chars().chain([' ']) {
        if let Some(digit) = digit(sign) {
            run.push(digit);
        } else if sign == '-' {
            run.push(sign);
        } else {
            let digits = run.chars().filter(char::is_ascii_digit).count();
            let is_day = run.contains('-') && CivilDate::parse(run.trim_matches('-')).is_some();
            out.push_str(if digits < LONG || is_day { run.as_str() } else { " " });
            run.clear();
            out.push(sign);
        }
    }
    out
}

/// What an officer wrote, without the names that the case knows and without numbers that may be somebody's.
pub(super) fn without_persons(persons: &Persons, text: &str) -> String {
    without_numbers(&persons.masked(text)).trim().to_owned()
}

/// The words by which a paper is found.
pub(super) fn words_of(of: Said<'_>) -> String {
    let Said { document, packs, procedure, case, facts, party, today } = of;
    let (case_struck, facts_struck) = (plain(procedure, case), plain_facts(facts, party));
    let docket = Docket { packs, procedure, case: &case_struck, today };
    // Words in which people look for it, whatever language it was printed in.
    let set = envelope(document, &docket, &facts_struck, Lang::Zh).ok();
    let mut lines = vec![document.zh];
    lines.extend(set.iter().flat_map(sentences));
    let persons = Persons::of(party, procedure, case).and(facts.people.values().map(|(name, _)| name.as_str()));
    without_numbers(&persons.masked(&lines.join("\n")))
}

impl Authority {
    /// The words of a document that an older program made: from the case as it stood then. Empty for what is of no case.
    pub(super) async fn words_again(&self, row: &DocumentRow) -> Result<String, Refusal> {
        let (Some(case), Some(document)) = (row.case, Document::parse(&row.kind)) else { return Ok(String::new()) };
        let found = self.store().case(case).await?.ok_or_else(no_case)?;
        let mut loaded = self.load(found).await?;
        let made = |sha256: &Sha256| *sha256 == row.sha256;
        let is_it = |r: &Recorded| matches!(&r.event, Event::DocumentMade { sha256, .. } if made(sha256));
        let at = loaded.recorded.iter().position(is_it);
        let then = at.and_then(|at| loaded.recorded.get(..at)).ok_or_else(|| fault(&"a document without its event"))?;
        loaded.case = Case::fold(then).map_err(|e| fault(&e))?;
        let procedure = procedure_of(self.gate(), &loaded.case.procedure)?;
        let office = self.store().office(row.office).await?.ok_or_else(|| fault(&"a document of no office"))?;
        let today = row.made.shanghai_date();
        let facts = self.paper_facts(&loaded, &office, Lang::Zh, today).await?;
        let facts = PaperFacts { number: row.number.clone(), ..facts };
        let party = self.party_data(loaded.case.party).await?;
        let packs = self.gate().packs();
        let (case, facts, party) = (&loaded.case, &facts, party.as_ref());
        Ok(words_of(Said { document, packs, procedure, case, facts, party, today }))
    }

    /// Makes documents that an older program made be found by their words; how many there were. One that cannot be set again is found by its
    /// number alone, and stops no other.
    ///
    /// # Errors
    /// The store; what is done stays done.
    pub async fn index_documents(&self) -> Result<usize, Refusal> {
        let mut all = 0;
        loop {
            let rows = self.store().documents_to_index(AT_ONCE).await?;
            if rows.is_empty() {
                return Ok(all);
            }
            for row in &rows {
                let words = match self.words_again(row).await {
                    Ok(words) => words,
                    Err(refusal) if refusal.code == "store_away" => return Err(refusal),
                    Err(refusal) => {
                        tracing::warn!(document = %row.id, %refusal, "the words of a document cannot be read again");
                        String::new()
                    }
                };
                self.store().index_document(row.id, &words).await?;
            }
            all += rows.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_persons_are_left_out_and_days_stay() {
        for (text, left) in [
            ("证件 11010519491231002X 号", "证件  X 号 "),
            ("电话024-55550101。", "电话 。 "),
            ("电话１３８００１３８０００", "电话  "),
            ("138-0013-8000", "  "),
            ("2026-03-02，停车场3号", "2026-03-02，停车场3号 "),
            ("示公技防字〔2026〕1号", "示公技防字〔2026〕1号 "),
            ("123456", "123456 "),
        ] {
            assert_eq!(without_numbers(text), left, "{text}");
        }
    }

    #[test]
    fn what_an_officer_wrote_goes_out_without_names_and_numbers() {
        let persons = Persons::default().and(["欧阳测试"]);
        for (text, left) in [
            ("请欧阳测试补充身份证，电话13800138000。", "请某某补充身份证，电话 。"),
            ("图纸不清，2026-03-02前补交3份。", "图纸不清，2026-03-02前补交3份。"),
            ("", ""),
        ] {
            assert_eq!(without_persons(&persons, text), left, "{text}");
        }
    }

    #[test]
    fn every_personal_value_of_every_form_is_struck_out() {
        let packs = Packs::embedded().expect("packs");
        let mut struck_out = 0;
        for procedure in packs.procedures() {
            let text = |f: &law::Field| (f.id.clone(), Value::Text(format!("某{}", f.id)));
            let typed: BTreeMap<String, Value> = procedure.fields.iter().map(text).collect();
            let values = Values::try_from(typed).expect("values");
            let plain = plain_values(procedure, &values);
            for field in &procedure.fields {
                let personal = field.personal || field.kind.is_personal();
                assert_eq!(plain.text(&field.id) == Some(STRUCK), personal, "{} of {}", field.id, procedure.id);
                struck_out += usize::from(personal);
            }
        }
        assert!(struck_out > 0);
    }
}
