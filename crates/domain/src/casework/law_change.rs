//! The packs by which a case is handled: as they stood when it was opened, against those in use now.
//!
//! ```text
//! packs, procedure ─▶ versions ─▶ event `opened` or `law_changed` ─▶ Case::law
//! docket ─▶ law_changes ─▶ packs of the case that are not what they were, each with both versions
//! ```
//!
//! Always true: this decides nothing. Which clauses and numbers hold follows from days (the day of the facts, the day a clock starts) and the
//! packs in use; here it is told that what they are read from was amended meanwhile, so that somebody looks.

use super::docket::Docket;
use base::{CivilDate, Sha256, Text};
use law::{Pack, Packs, Procedure};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Most packs that an event names.
pub const MOST_PACKS: usize = 40;

/// A pack as it stood at a moment.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackVersion {
    /// First part of the ids of its clauses: `A`, `B`, `799`.
    pub id: String,
    /// First day in force.
    pub from: CivilDate,
    /// First day no longer in force, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<CivilDate>,
    /// Digest of its files, a part of `law::LawDigest`.
    pub sha256: Sha256,
}

impl PackVersion {
    fn of(packs: &Packs, pack: &Pack) -> Option<Self> {
        let sha256 = *packs.digest().parts.get(&pack.folder)?;
        Some(Self { id: pack.head.id.clone(), from: pack.head.from, until: pack.head.until, sha256 })
    }
}

/// A pack of a case that is not what it was.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LawChange {
    /// Name of the instrument; its id where it is no longer among the packs.
    pub name: Text,
    /// As it stood when the case was opened, or other packs were taken for it.
    pub was: PackVersion,
    /// As it is in use; none: it is not.
    pub now: Option<PackVersion>,
}

/// The packs of a case as they are: those of its procedure first, then the others, whose clauses a decision may still cite.
pub(super) fn versions(packs: &Packs, procedure: &Procedure) -> Vec<PackVersion> {
    let own = packs_of_procedure(packs, procedure);
    let (first, then): (Vec<&Pack>, Vec<&Pack>) = packs.all().iter().partition(|p| own.contains(p.head.id.as_str()));
    first.into_iter().chain(then).filter_map(|pack| PackVersion::of(packs, pack)).take(MOST_PACKS).collect()
}

/// Packs of the case that were amended since: that of its procedure, and those whose clauses the procedure or a decision of the case names.
/// Empty where nothing was, and for a case whose events do not say how the packs stood.
#[must_use]
pub fn law_changes(docket: &Docket<'_>) -> Vec<LawChange> {
    let (packs, case) = (docket.packs, docket.case);
    let mut own = packs_of_procedure(packs, docket.procedure);
    let decisions = case.decisions.iter().chain(&case.proposal);
    own.extend(decisions.flat_map(|d| &d.clauses).filter_map(|clause| pack_of(&clause.0)));
    let of_case = case.law.iter().filter(|was| own.contains(was.id.as_str()));
    let change = |was: &PackVersion| {
        let pack = packs.pack(&was.id);
        let now = pack.and_then(|pack| PackVersion::of(packs, pack));
        let name = pack.map_or_else(|| Text::of(was.id.clone(), was.id.clone()), Pack::name);
        (now.as_ref() != Some(was)).then(|| LawChange { name, was: was.clone(), now })
    };
    of_case.filter_map(change).collect()
}

/// Ids of the packs that a procedure rests on.
fn packs_of_procedure<'a>(packs: &'a Packs, procedure: &'a Procedure) -> BTreeSet<&'a str> {
    let home = packs.all().iter().filter(|pack| pack.folder == procedure.folder).map(|pack| pack.head.id.as_str());
    home.chain(procedure.named_clauses().filter_map(|clause| pack_of(&clause.0))).collect()
}

/// `B-28-1-1` -> `B`: ids of clauses begin with that of their pack.
fn pack_of(clause: &str) -> Option<&str> {
    clause.split_once('-').map(|(pack, _)| pack)
}
