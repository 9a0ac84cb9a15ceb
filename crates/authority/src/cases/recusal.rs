//! Who decides whether the head of an office keeps out of a case: a head of the nearest office above that has one who need not keep out of it too.
//!
//! ```text
//! office of the case ─▶ its heads · parent ─▶ parent … the first that takes cases and has a head not kept out ─▶ Checks.heads ─▶ engine
//! head above ─▶ recusals_below: what waits ─▶ settle_recusal_below ─▶ the same engine and transaction as any act
//! ```
//! Always true: the head above is told number, procedure, office, person and reason of a request that waits for them, and does nothing else in
//! the case; of a case that is not theirs to settle they are not told that there is one; where no office above has such a head, the written
//! decision of the organ above is entered (`CaseAct::EnterRecusal`).

use super::act::{Acted, Attached};
use super::delegations::HeadsPlace;
use super::follow::procedure_of;
use super::no_case;
use crate::{Authority, By};
use base::{AccountId, CaseId, OfficeId, Pii, Refusal, Text};
use domain::access::Permission;
use domain::casework::{Case, CaseAct, Command, Deputy, Event, Heads, Seat, Settlement};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use store::casework::cases::{AskedRecusals, CaseRow};

/// Most requests that are listed, the cases opened last first.
pub const WAITING: usize = 100;
/// Most open cases below with a request that waits that are looked through for them.
const LOOKED_AT: u32 = 1_000;

/// The heads of an office, and the office above that decides about them.
#[derive(Clone, Debug, Default)]
pub(super) struct HeadsHere {
    own: Vec<AccountId>,
    above: Option<OfficeId>,
    deputy: Option<HeadsPlace>,
}

/// The heads of an office, and of each office above it.
struct Chain {
    own: Vec<AccountId>,
    /// The nearest first; none without a head.
    above: Vec<(OfficeId, Vec<AccountId>)>,
}

impl Chain {
    /// The heads of the office, and the nearest office above of which one need not keep out of the case.
    fn heads_here(&self, is_out: impl Fn(AccountId) -> bool) -> HeadsHere {
        let above = self.above.iter().find(|(_, heads)| heads.iter().any(|head| !is_out(*head)));
        HeadsHere { own: self.own.clone(), above: above.map(|(office, _)| *office), deputy: None }
    }
}

impl HeadsHere {
    /// As the engine takes them.
    pub(super) fn heads(&self) -> Heads<'_> {
        let deputy = self.deputy.as_ref().map(|d| Deputy { number: &d.number });
        Heads { own: &self.own, above: self.above, deputy }
    }

    /// The same, with whoever acts in a head's place.
    pub(super) fn with(self, deputy: Option<HeadsPlace>) -> Self {
        Self { deputy, ..self }
    }
}

/// A request that waits for the head above.
#[derive(Clone, Debug)]
pub struct BelowLine {
    /// The case.
    pub case: CaseId,
    /// Its number.
    pub number: String,
    /// What it is about.
    pub procedure: Text,
    /// Name of the office that handles it.
    pub office: String,
    /// Who should keep out.
    pub account: AccountId,
    /// Name.
    pub name: Pii<String>,
    /// Why, as it was said; the newest last.
    pub reasons: Vec<Pii<String>>,
    /// Events of the case: what a decision must have seen.
    pub seen: u32,
}

/// Who decides on a request that somebody keep out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RecusalWay {
    /// A head of the office of the case.
    Here,
    /// A head of this office above, beside other heads of the own one.
    Above(String),
    /// Nobody of this server: the written decision of the organ above is entered.
    Entered,
}

/// A decision on such a request, as it is typed.
#[derive(Clone, Copy)]
pub struct Settling<'a> {
    /// Events of the case when the page was made.
    pub seen: u32,
    /// Who should keep out.
    pub account: AccountId,
    /// They keep out.
    pub granted: bool,
    /// Why, or why not.
    pub reason: &'a str,
}

impl Authority {
    /// Heads of an office whose accounts are in use.
    pub(super) async fn heads_at(&self, office: OfficeId) -> Result<Vec<AccountId>, Refusal> {
        let mut heads = Vec::new();
        for row in self.store().officers_of(office).await? {
            let sits = row.seats.iter().any(|seat| seat == Seat::Head.code());
            if sits && self.store().account(row.account).await?.is_some_and(|a| a.disabled.is_none()) {
                heads.push(row.account);
            }
        }
        Ok(heads)
    }

    /// The heads of an office, and of each office above it that takes cases and has any, the nearest first.
    async fn chain(&self, office: OfficeId) -> Result<Chain, Refusal> {
        let all = self.store().offices().await?;
        let row_of = |id: OfficeId| all.iter().find(|o| o.id == id);
        let mut chain = Chain { own: self.heads_at(office).await?, above: Vec::new() };
        let mut at = row_of(office).and_then(|o| o.parent);
        // Nothing is below more offices than there are.
        for _ in 0..all.len() {
            let Some(row) = at.and_then(row_of) else { break };
            let heads = if row.closed.is_none() { self.heads_at(row.id).await? } else { Vec::new() };
            if !heads.is_empty() {
                chain.above.push((row.id, heads));
            }
            at = row.parent;
        }
        Ok(chain)
    }

    /// The heads of the office of a case and who is above them.
    async fn heads_here(&self, case: &Case) -> Result<HeadsHere, Refusal> {
        Ok(self.chain(case.office).await?.heads_here(|head| case.is_recused(head)))
    }

    /// The same, where an act asks for it.
    pub(super) async fn heads_for(&self, act: &CaseAct, case: &Case) -> Result<HeadsHere, Refusal> {
        match act {
            CaseAct::SettleRecusal { .. } | CaseAct::EnterRecusal { .. } => self.heads_here(case).await,
            _ => Ok(HeadsHere::default()),
        }
    }

    /// Who decides whether a person of the office of a case keeps out of it.
    ///
    /// # Errors
    /// The store.
    pub async fn recusal_way(&self, case: &Case, account: AccountId) -> Result<RecusalWay, Refusal> {
        let here = self.heads_here(case).await?;
        if !here.own.contains(&account) {
            return Ok(RecusalWay::Here);
        }
        if let Some(above) = here.above {
            let name = self.store().office(above).await?.map_or_else(String::new, |o| o.name);
            return Ok(RecusalWay::Above(name));
        }
        let another = here.own.iter().any(|head| *head != account && !case.is_recused(*head));
        Ok(if another { RecusalWay::Here } else { RecusalWay::Entered })
    }

    /// What became of the requests of a case: of one that an older program entered its events say it.
    async fn settlements(&self, asked: &AskedRecusals) -> Result<BTreeMap<AccountId, Settlement>, Refusal> {
        let known = |(account, state): &(Option<AccountId>, String)| Some(((*account)?, Settlement::parse(state)?));
        match asked.people.iter().map(known).collect::<Option<BTreeMap<_, _>>>() {
            Some(all) => Ok(all),
            None => Ok(self.load(asked.row.clone()).await?.case.recusals),
        }
    }

    /// Cases of offices below, each with a head of them who is asked to keep out and about whom this head decides; no event is read.
    async fn waiting_below(&self, by: By) -> Result<Vec<(CaseRow, AccountId)>, Refusal> {
        by.needs(Permission::ApproveCases)?;
        let Some(own) = self.who(by).await?.office else { return Ok(Vec::new()) };
        let mut chains: BTreeMap<OfficeId, Chain> = BTreeMap::new();
        let mut waiting = Vec::new();
        for asked in self.store().asked_recusals(own, LOOKED_AT).await? {
            let chain = match chains.entry(asked.row.head.office) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => {
                    let chain = self.chain(asked.row.head.office).await?;
                    new.insert(chain)
                }
            };
            let all = self.settlements(&asked).await?;
            let is_out = |account: AccountId| all.get(&account) == Some(&Settlement::Granted);
            let here = chain.heads_here(is_out);
            if here.above != Some(own) || is_out(by.account) {
                continue;
            }
            let heads = here.own.iter().filter(|head| all.get(*head) == Some(&Settlement::Asked));
            waiting.extend(heads.map(|head| (asked.row.clone(), *head)));
            if waiting.len() >= WAITING {
                waiting.truncate(WAITING);
                break;
            }
        }
        Ok(waiting)
    }

    /// How many requests `recusals_below` lists.
    ///
    /// # Errors
    /// As `recusals_below`.
    pub async fn recusals_below_count(&self, by: By) -> Result<usize, Refusal> {
        Ok(self.waiting_below(by).await?.len())
    }

    /// Requests that heads of offices below keep out which wait for this head, the cases opened last first, at most [`WAITING`].
    ///
    /// # Errors
    /// No permission, `no_office`, or the store.
    pub async fn recusals_below(&self, by: By) -> Result<Vec<BelowLine>, Refusal> {
        let mut lines = Vec::new();
        for (row, account) in self.waiting_below(by).await? {
            let office = row.head.office;
            let loaded = self.load(row).await?;
            let said = loaded.recorded.iter().filter_map(|r| match &r.event {
                Event::Recused { account: who, reason, .. } if *who == account => Some(Pii::new(reason.clone())),
                _ => None,
            });
            lines.push(BelowLine {
                case: loaded.row.id,
                number: loaded.row.number.clone(),
                procedure: procedure_of(self.gate(), &loaded.case.procedure)?.name(),
                office: self.store().office(office).await?.map_or_else(String::new, |o| o.name),
                account,
                name: self.store().account(account).await?.map(|a| a.name).unwrap_or_default(),
                reasons: said.collect(),
                seen: loaded.row.events,
            });
        }
        Ok(lines)
    }

    /// Decides whether the head of an office below keeps out of a case.
    ///
    /// # Errors
    /// No permission, `no_office`; `not_found` where it is not this head's to decide; `case_moved_on`, `recusal_not_asked`, `recused`,
    /// `reason`; or the store.
    pub async fn settle_recusal_below(&self, by: By, case: CaseId, form: Settling<'_>) -> Result<Acted, Refusal> {
        by.needs(Permission::ApproveCases)?;
        let who = self.who(by).await?;
        let row = self.store().case(case).await?.ok_or_else(no_case)?;
        let loaded = self.load(row).await?;
        let here = self.heads_here(&loaded.case).await?;
        let is_theirs = here.above.is_some() && here.above == who.office && here.own.contains(&form.account);
        if !is_theirs || !loaded.case.recusals.contains_key(&form.account) {
            return Err(no_case());
        }
        let Settling { seen, account, granted, reason } = form;
        let act = CaseAct::SettleRecusal { account, granted, reason: reason.to_owned() };
        self.act_loaded(&who, loaded, &Command { seen, act }, Attached::default()).await
    }
}
