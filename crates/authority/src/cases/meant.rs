//! Which connected site an application about footage means, before it is sent, and the applications for which no site was told anything yet.
//!
//! ```text
//! unit, place, division of the form ─▶ domain::sought ─┬─ one: held with the step ─▶ footage
//!                                                     └─ near: offered to the applicant, at most five ─▶ the form says which
//! Store::unheld_cases ─▶ the day of what happened ─▶ top of the officers' list
//! ```
//! Always true: nobody is given a list of all sites, only those that are like what they typed, and of these only those whose footage this office
//! may have held; what is shown before sending is what sending does. Source: A-25.

use super::follow::procedure_of;
use super::who::Reach;
use crate::{Authority, By};
use base::{CaseId, CivilDate, Refusal, SiteId};
use domain::access::Permission;
use domain::casework::Stage;
use domain::form::Values;
use domain::sought::{self, SiteNames, Words};
use law::{HoldRule, Procedure};
use store::casework::cases::CaseRow;
use store::peers::{PeerSite, PeerState};

/// Most applications without a hold that are listed.
const UNHELD: u32 = 20;

/// The sites that an application may mean.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Meant {
    /// The one that is told when it is sent.
    pub one: Option<String>,
    /// The same, by its id.
    pub sure: Option<SiteId>,
    /// Others that are like what was typed; empty where one is meant.
    pub near: Vec<(SiteId, String)>,
}

/// An application for whose footage no site was told anything.
#[derive(Clone, Debug)]
pub struct Unheld {
    /// The case.
    pub row: CaseRow,
    /// The day of the footage, as its form says it.
    pub day: Option<CivilDate>,
}

/// What the form of an application says of the unit and the place.
pub(super) fn words_of<'a>(procedure: &Procedure, rule: &HoldRule, values: &'a Values) -> Words<'a> {
    let text = |field: &str| values.text(field).unwrap_or_default();
    Words { unit: text(&rule.unit), place: text(&rule.place), division: text(&procedure.place) }
}

fn names(peer: &PeerSite) -> SiteNames<'_> {
    SiteNames { name: &peer.name, unit: &peer.unit, division: &peer.division }
}

/// What each is called; of several with one name each by its unit, by which it is found as well.
fn told_apart(near: &[&PeerSite]) -> Vec<(SiteId, String)> {
    let called = |peer: &&PeerSite| {
        let twice = near.iter().filter(|other| other.name == peer.name).count() > 1;
        let name = if twice && !peer.unit.is_empty() { &peer.unit } else { &peer.name };
        (peer.site, name.clone())
    };
    near.iter().map(called).collect()
}

impl Authority {
    /// Admitted sites, by name.
    pub(crate) async fn admitted(&self) -> Result<Vec<PeerSite>, Refusal> {
        let mut peers = self.store().peers().await?;
        peers.retain(|peer| peer.state == PeerState::Admitted);
        Ok(peers)
    }

    /// The one admitted site that is called so, or whose unit is, however the name is written.
    pub(crate) async fn site_called(&self, name: &str) -> Result<Option<SiteId>, Refusal> {
        let words = Words { unit: name, ..Words::default() };
        Ok(self.site_meant(&words).await?.map(|peer| peer.site))
    }

    /// The one admitted site that these words mean. Of several nobody knows which is meant: a person says it.
    pub(crate) async fn site_meant(&self, words: &Words<'_>) -> Result<Option<PeerSite>, Refusal> {
        let peers = self.admitted().await?;
        let found = sought::find(words, &peers.iter().map(names).collect::<Vec<_>>());
        Ok(found.one.and_then(|n| peers.into_iter().nth(n)))
    }

    /// Which admitted sites these words mean, wherever they lie.
    pub(crate) async fn meant_by(&self, words: &Words<'_>) -> Result<Meant, Refusal> {
        let peers = self.admitted().await?;
        let found = sought::find(words, &peers.iter().map(names).collect::<Vec<_>>());
        let one = found.one.and_then(|n| peers.get(n));
        let near: Vec<&PeerSite> = found.near.iter().filter_map(|n| peers.get(*n)).collect();
        let name = one.map(|peer| peer.name.clone());
        Ok(Meant { one: name, sure: one.map(|peer| peer.site), near: told_apart(&near) })
    }

    /// Which sites an application of one's own means, as its form stands; `None` where its procedure holds no footage.
    ///
    /// # Errors
    /// No right to the case, `procedure_unknown`, or the store.
    pub async fn sites_meant(&self, by: By, case: CaseId) -> Result<Option<Meant>, Refusal> {
        let (_, loaded) = self.known_case(by, case).await?;
        let procedure = procedure_of(self.gate(), &loaded.case.procedure)?;
        let Some(rule) = &procedure.hold else { return Ok(None) };
        let step = procedure.field(&rule.place).map(|field| field.step.as_str()).unwrap_or_default();
        let Some(values) = loaded.case.values_of(step) else { return Ok(Some(Meant::default())) };
        let words = words_of(procedure, rule, values);
        let peers = self.admitted().await?;
        let found = sought::find(&words, &peers.iter().map(names).collect::<Vec<_>>());
        let mut meant = Meant::default();
        if let Some(peer) = found.one.and_then(|n| peers.get(n)) {
            let holds = self.may_hold_by_itself(&loaded.row, peer).await?;
            (meant.one, meant.sure) = (holds.then(|| peer.name.clone()), holds.then_some(peer.site));
        }
        let mut near = Vec::new();
        for peer in found.near.into_iter().filter_map(|n| peers.get(n)) {
            if self.may_hold_by_itself(&loaded.row, peer).await? {
                near.push(peer);
            }
        }
        meant.near = told_apart(&near);
        Ok(Some(meant))
    }

    /// Applications of the own office, handed in and not decided, for which no site was ever told to hold footage: those of nobody and of this
    /// account, the nearest last day first. Nothing for who handles no cases.
    ///
    /// # Errors
    /// No permission, `no_office`, `procedure_unknown`, or the store.
    pub async fn unheld(&self, by: By) -> Result<Vec<Unheld>, Refusal> {
        let account = by.needs(Permission::SeeCases)?;
        if !by.role.may(Permission::HandleCases) {
            return Ok(Vec::new());
        }
        let (Reach::Office(own) | Reach::Under(own)) = self.reach(by).await? else { return Ok(Vec::new()) };
        let mut out = Vec::new();
        for procedure in self.gate().packs().procedures() {
            let Some(rule) = &procedure.hold else { continue };
            let step = procedure.field(&rule.day).map(|field| field.step.as_str()).unwrap_or_default();
            let found = self.store().unheld_cases((own, account), &procedure.id, Stage::Running.code(), UNHELD).await?;
            for row in found {
                let loaded = self.load(row).await?;
                if !loaded.case.is_recused(account) {
                    let day = loaded.case.values_of(step).and_then(|values| values.day(&rule.day));
                    out.push(Unheld { row: loaded.row, day });
                }
            }
        }
        Ok(out)
    }
}
