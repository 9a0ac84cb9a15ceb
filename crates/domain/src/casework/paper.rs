//! What a paper of a case says: which papers can be made now, and each of them as an [`Envelope`], in both languages.
//!
//! ```text
//! Docket ─▶ papers_of: the papers that its steps and outcomes make, each ready or with what stands in the way (rules)
//! Document + Docket + PaperFacts ─▶ envelope ─▶ parts of the forms and people (sheet), of clauses, time limits and remedies (law)
//!                                                  talk, opinions and signatures (people), cover and index of the file (file)
//!                                                ─▶ Envelope::check ─▶ Envelope | what is missing
//! ```
//!
//! Always true: what a paper says comes from the case, the packs or the caller's facts, and from no sentence of law written here; a number
//! that a law sets comes from the packs with its clause; a clause is printed with its words only where the packs hold the text as given and
//! nothing of it is lost; extracts and publications hold no personal data; what comes out passes [`Envelope::check`].

mod annex;
mod file;
mod law_parts;
mod panel;
mod people;
mod rules;
#[cfg(test)]
mod scene_tests;
mod sheet;
mod tables;
#[cfg(test)]
mod tests;
mod words;

pub use annex::{TO_FILL_IN, annex_cells, annex_line, is_open};

use super::case::Document as Issued;
use super::docket::Docket;
use crate::document::{DOCUMENTS, Document, Envelope, Part, PartFault, Particular, Table};
use base::{AccountId, CivilDate, ClauseId, Lang, Refusal, Sha256, Text};
use sheet::Sheet;
use std::collections::BTreeMap;
use std::fmt;

/// A paper that a case can have.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Offer {
    /// Its kind.
    pub document: &'static Document,
    /// What of the case it belongs to.
    pub why: Text,
    /// It can be made now, or what stands in the way.
    pub ready: Result<(), Refusal>,
}

/// What the visit of an inspection adds to its papers. Names persons: its `Debug` tells none of it.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Inspected {
    /// The checklist as it was answered, photos and signatures.
    pub tables: Vec<Table>,
    /// Clauses that the unit breached, as the items of the checklist name them.
    pub breached: Vec<ClauseId>,
}

impl fmt::Debug for Inspected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Inspected({} tables, {:?})", self.tables.len(), self.breached)
    }
}

/// What the caller knows, and no case does. Names persons: its `Debug` tells none of it.
#[derive(Clone, PartialEq, Eq)]
pub struct PaperFacts {
    /// Name of the organ whose paper it is.
    pub organ: String,
    /// Number of the case.
    pub case_number: String,
    /// The government or organ that reviews what this organ decides; none: in the general words of the packs.
    pub review_organ: Option<String>,
    /// The court before which it is sued; none: in the general words of the packs.
    pub court: Option<String>,
    /// Number of the paper, where it has one.
    pub number: Option<String>,
    /// To whom it goes; the application goes to the organ.
    pub to: String,
    /// What is known of the party beside the forms.
    pub party: Vec<Particular>,
    /// Name and number of the enforcement certificate of the accounts of the case.
    pub people: BTreeMap<AccountId, (String, String)>,
    /// Its day.
    pub on: CivilDate,
    /// Address at which it is checked.
    pub url: Option<String>,
    /// Documents of the case that count no more: no paper names them.
    pub void: Vec<Sha256>,
    /// Of an inspection what its visit adds; empty of every other case.
    pub inspected: Inspected,
}

impl fmt::Debug for PaperFacts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PaperFacts({} of the party, {} people, on {})", self.party.len(), self.people.len(), self.on)
    }
}

/// The papers of what was done, and of what comes next, in the order of the catalogue.
#[must_use]
pub fn papers_of(docket: &Docket<'_>) -> Vec<Offer> {
    let offer = |document: &'static Document| {
        let why = rules::offered(document, docket)?;
        Some(Offer { document, why, ready: paper_ready(document, docket) })
    };
    DOCUMENTS.iter().filter_map(offer).collect()
}

/// A paper of a step was made after that event, was delivered and counts: what it says is not written over.
pub(super) fn was_served(docket: &Docket<'_>, step: &str, since: u32) -> bool {
    let is_of_step = |document: &Document| {
        let places = rules::places(document, docket.procedure);
        places.into_iter().filter_map(|place| place.node(docket)).any(|node| node.id() == step)
    };
    let mut served = docket.case.documents.iter().filter(|d| d.index > since && d.delivered.is_some() && !d.void);
    served.any(|d| Document::parse(&d.kind).is_some_and(is_of_step))
}

/// The paper of a step that was made after that event and counts, the first; of its service only the paper that is served.
pub(super) fn paper_of<'a>(docket: &Docket<'a>, step: &str, since: Option<u32>) -> Option<&'a Issued> {
    let is_of_step = |document: &Document| {
        let places = rules::places(document, docket.procedure).into_iter();
        let own = places.filter(|place| !matches!(place, rules::Place::Served(_)));
        own.filter_map(|place| place.node(docket)).any(|node| node.id() == step)
    };
    let mut made = docket.case.documents.iter().filter(|d| since.is_none_or(|since| d.index > since) && !d.void);
    made.find(|d| Document::parse(&d.kind).is_some_and(is_of_step))
}

/// Whether a paper can be made now.
///
/// # Errors
/// `no_such_paper` (the procedure has none), `paper_too_early`, `other_paper` (the case asks for another one), and what is still missing for
/// it: `breach_not_told`, `nothing_handed_in`, `nothing_to_attach`, `nothing_proposed`, `nothing_public`, `nothing_said`, `record_begun`, `nothing_filed`,
/// `discussion_missing`, `still_owed`.
pub fn paper_ready(document: &Document, docket: &Docket<'_>) -> Result<(), Refusal> {
    rules::ready(document, docket).map(|_| ())
}

/// What a paper says, checked, and with the address of its check where there is one.
///
/// # Errors
/// Why it cannot be made, as a fault of its title; else every part that is missing, empty or too long.
pub fn envelope(
    document: &Document,
    docket: &Docket<'_>,
    facts: &PaperFacts,
    lang: Lang,
) -> Result<Envelope, Vec<PartFault>> {
    let refused = |refusal: Refusal| vec![PartFault { part: Part::Title, what: refusal.what, next: refusal.next }];
    let place = rules::ready(document, docket).map_err(refused)?;
    let sheet = Sheet { document, docket: *docket, facts, lang, place };
    let plain = sheet.envelope();
    let whole = match &facts.url {
        Some(url) => plain.verified_at(document, url.clone()),
        None => plain,
    };
    whole.check(document)?;
    Ok(whole)
}
