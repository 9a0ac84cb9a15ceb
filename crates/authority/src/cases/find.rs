//! Search for those who work here: cases, units and documents by the words that their number, name, code or wording holds.
//!
//! ```text
//! query ─▶ Store::search (pairs of signs) ─▶ things, newest first ─▶ those within reach ─▶ a page, and where to go on
//! ```
//! Always true: nobody finds a case, unit or document beyond their reach (`who`); that there is one elsewhere is not told, and a
//! page may be short for it. No natural person is found: the index has none.

use super::bad;
use super::who::Reach;
use crate::{Authority, By};
use base::{CaseId, DocumentId, PartyId, Refusal, Text};
use domain::access::Permission;
use store::casework::Territory;
use store::casework::cases::CaseRow;
use store::casework::documents::DocumentRow;
use store::casework::parties::{PartyData, PartyRow};
use store::casework::search::{QUERY_CHARS, QUERY_WORDS, RESULTS, Thing};

/// Most things of one page.
pub const FOUND: usize = 50;
/// How often the index is asked for one page, where others' things stand between.
const TRIES: usize = 5;

/// A thing that was found.
#[derive(Clone, Debug)]
pub enum Hit {
    /// A case.
    Case(Box<CaseRow>),
    /// A unit, with its newest version.
    Unit(Box<PartyRow>),
    /// A document.
    Document(Box<DocumentRow>),
}

/// A page of what was found.
#[derive(Clone, Debug, Default)]
pub struct Finding {
    /// The newest first.
    pub hits: Vec<Hit>,
    /// From where to go on; none after the last.
    pub next: Option<String>,
}

fn not_asked() -> Refusal {
    let what = Text::of(
        format!("请输入至少两个相连的字，至多{QUERY_CHARS}个字符、{QUERY_WORDS}个词。"),
        format!("Enter two signs that stand together, at most {QUERY_CHARS} characters and {QUERY_WORDS} words."),
    );
    bad("q", what)
}

impl Authority {
    /// Things of a kind whose text holds every word of the query, as far as this account may know of them; `before` goes on from a page before.
    ///
    /// # Errors
    /// No permission, `no_office`; `q` for what cannot be searched; or the store.
    pub async fn find(&self, by: By, what: Thing, query: &str, before: Option<&str>) -> Result<Finding, Refusal> {
        by.needs(Permission::SeeCases)?;
        let reach = self.reach(by).await?;
        let of = reach.territory().ok_or_else(super::no_case)?;
        let mut page = Finding { hits: Vec::new(), next: before.map(str::to_owned) };
        for n in 0..TRIES {
            if n > 0 && page.next.is_none() {
                break;
            }
            let found = self.store().search(what, query, page.next.as_deref(), RESULTS).await?;
            let found = found.ok_or_else(not_asked)?;
            for thing in found.things {
                if let Some(hit) = self.hit(what, &thing, (reach, of)).await? {
                    page.hits.push(hit);
                    if page.hits.len() >= FOUND {
                        page.next = Some(thing);
                        return Ok(page);
                    }
                }
            }
            page.next = found.next;
        }
        Ok(page)
    }

    /// A thing of the index, where it is within reach.
    async fn hit(&self, what: Thing, thing: &str, (reach, of): (Reach, Territory)) -> Result<Option<Hit>, Refusal> {
        match what {
            Thing::Case => {
                let Some(id) = CaseId::parse(thing) else { return Ok(None) };
                let Some(row) = self.store().case(id).await? else { return Ok(None) };
                let known = self.within(reach, row.head.office, None).await?;
                Ok(known.then(|| Hit::Case(Box::new(row))))
            }
            Thing::Document => {
                let Some(id) = DocumentId::parse(thing) else { return Ok(None) };
                let Some(row) = self.store().document(id).await? else { return Ok(None) };
                let known = self.within(reach, row.office, None).await?;
                Ok(known.then(|| Hit::Document(Box::new(row))))
            }
            Thing::Party => {
                let Some(id) = PartyId::parse(thing) else { return Ok(None) };
                if of != Territory::All && !self.store().has_case_of(of, id).await? {
                    return Ok(None);
                }
                let row = self.store().party(id).await?.filter(|row| matches!(row.data, PartyData::Unit(_)));
                Ok(row.map(|row| Hit::Unit(Box::new(row))))
            }
        }
    }
}
