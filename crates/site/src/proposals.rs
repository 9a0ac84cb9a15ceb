//! Sensitive changes as people's acts: propose, confirm or decline, and the end of those that nobody answered.
//!
//! ```text
//! accounts · two_step · areas · settings ─▶ ask_second ─▶ proposal (row + entry)
//! another person ─▶ confirm_proposal: may_decide ─▶ the proposer still may ─▶ the change still can be ─▶ answer, change, entries: one transaction
//! ```
//!
//! Which changes, and who may answer: `domain::proposal`. Acts without a page (`jifang user` on the machine itself) are not proposed:
//! whoever runs them reads the disk anyway; each is an entry.

use crate::accounts::{AccountForm, check_form, taken_or};
use crate::two_step::{ROLES_KEY, codes};
use crate::{Actor, Profile, Site};
use base::{AccountId, ErrorKind, Pii, ProposalId, Refusal, Text};
use domain::access::{Permission, Role, Workplace};
use domain::account::check_password;
use domain::area;
use domain::proposal::{self, Change, Party, Person, Seats, State};
use std::time::Duration;
use store::StoreError;
use store::accounts::Account;
use store::proposals::{Answered, Effect, ProposalRow};

/// Setting: one person may hold system and security administration.
const SMALL_KEY: &str = "small_site";
/// How often proposals without an answer are looked for.
const SWEEP: Duration = Duration::from_secs(60);

/// What became of an act that may need a second person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked<T> {
    /// It is done.
    Done(T),
    /// It waits for somebody else's confirmation.
    Waits(ProposalId),
}

/// What a confirmed proposal did.
#[derive(Clone, Debug, Default)]
pub struct Confirmed {
    /// The account whose sessions ended, if any did.
    pub ended: Option<AccountId>,
    /// Login name of the account that now has the one-time password that was brought along.
    pub one_time: Option<String>,
}

/// The person behind an account.
pub(crate) fn person(account: &Account) -> Person<'_> {
    Person {
        name: account.name.expose(),
        badge: account.badge.as_ref().map(|b| b.expose().as_str()),
        unit: &account.unit,
    }
}

fn party(account: &Account) -> Party<'_> {
    Party { account: account.id, role: account.role, person: person(account) }
}

fn moved_on() -> Refusal {
    Refusal::new(
        ErrorKind::Conflict,
        "change_moved_on",
        Text::new("情况已经变化，这项变更没有执行。", "Things have changed since; nothing was done."),
        Text::new(
            "请核对账号现在的状态，如仍需要请重新提出。",
            "Look at the account as it is now; propose it again if needed.",
        ),
    )
}

fn missing() -> Refusal {
    Refusal::not_found("该变更", "change")
}

impl Site {
    /// How many people hold each guarded role.
    ///
    /// # Errors
    /// The store.
    pub async fn seats(&self) -> Result<Seats, Refusal> {
        let (small, accounts) = (self.small_site().await?, self.store().accounts().await?);
        Ok(Seats::of(accounts.iter().filter(|a| a.disabled.is_none()).map(|a| a.role), small))
    }

    /// May one person hold system and security administration here?
    ///
    /// # Errors
    /// The store.
    pub async fn small_site(&self) -> Result<bool, Refusal> {
        Ok(self.store().setting(SMALL_KEY).await?.as_deref() == Some("yes"))
    }

    /// Says that this is a small site, or no longer. Where there is no security administrator yet it is done at once; afterwards it
    /// waits for a second person. Taking it back never does, as long as no person holds both.
    ///
    /// # Errors
    /// No permission, `same_person`, those of `ask_second`, or the store.
    pub async fn set_small_site(&self, by: &Actor, on: bool) -> Result<Asked<()>, Refusal> {
        by.needs(Permission::ManageSettings)?;
        if on && self.seats().await?.security > 0 && !self.small_site().await? {
            return self.ask_second(by, Change::SmallSite).await.map(Asked::Waits);
        }
        if !on {
            let accounts = self.store().accounts().await?;
            let three: Vec<_> = accounts.iter().filter(|a| a.disabled.is_none() && a.role.is_of_the_three()).collect();
            for (i, one) in three.iter().enumerate() {
                for other in three[..i].iter().filter(|o| person(o).may_be(&person(one))) {
                    proposal::may_hold_both(one.role, other.role, false)?;
                }
            }
        }
        let value = if on { "yes" } else { "no" };
        let set = self.store().set_setting(SMALL_KEY, value, Some(by.id), self.now().utc).await;
        set.map_err(StoreError::from)?;
        Ok(Asked::Done(()))
    }

    /// Refuses when the person holds another of the three roles already. `but` is the account itself.
    pub(crate) async fn three_persons(
        &self,
        role: Role,
        who: &Person<'_>,
        but: Option<AccountId>,
    ) -> Result<(), Refusal> {
        if !role.is_of_the_three() {
            return Ok(());
        }
        let small = self.small_site().await?;
        let accounts = self.store().accounts().await?;
        let others = accounts.iter().filter(|a| a.disabled.is_none() && Some(a.id) != but);
        for other in others.filter(|a| person(a).may_be(who)) {
            proposal::may_hold_both(role, other.role, small)?;
        }
        Ok(())
    }

    /// Keeps a change for a second person.
    ///
    /// # Errors
    /// `already_proposed` (the same waits, or too many do), or the store.
    pub(crate) async fn ask_second(&self, by: &Actor, change: Change) -> Result<ProposalId, Refusal> {
        by.needs(change.kind().proposes())?;
        self.store().propose(&change, by.id, self.now().utc).await?.ok_or_else(|| {
            Refusal::new(
                ErrorKind::Conflict,
                "already_proposed",
                Text::new("同样的变更已在等待确认。", "The same change waits for its confirmation already."),
                Text::new(
                    "请到“变更审批”查看，请另一名管理员确认。",
                    "See the page of changes; ask another administrator to confirm.",
                ),
            )
        })
    }

    /// Gives an account another role of the server `here`. To or from one of the three it waits for a second person, but for a seat that is empty.
    ///
    /// # Errors
    /// No permission, `own_account`, `not_found`, `role_elsewhere`, `badge`, `same_person`, `change_moved_on`, those of `ask_second`, or the
    /// store.
    pub async fn change_role(
        &self,
        by: &Actor,
        id: AccountId,
        role: Role,
        here: Workplace,
    ) -> Result<Asked<()>, Refusal> {
        by.needs(Permission::ManageRights)?;
        if by.id == id {
            return Err(Refusal::new(
                ErrorKind::Conflict,
                "own_account",
                Text::new("不能修改自己的角色。", "Nobody changes their own role."),
                Text::new("请由另一名安全管理员操作。", "Another security administrator must do it."),
            ));
        }
        let account = self.store().account(id).await?.ok_or_else(|| Refusal::not_found("该账号", "account"))?;
        if account.role == role {
            return Ok(Asked::Done(()));
        }
        here.gives(role)?;
        self.role_fits(&account, role).await?;
        if proposal::needs_second(self.seats().await?, Some(account.role), role) {
            let change = Change::ChangeRole { account: id, was: Some(account.role), role };
            return self.ask_second(by, change).await.map(Asked::Waits);
        }
        let done = self.store().set_role(id, (account.role, role), by.id, self.now().utc).await;
        if done.map_err(StoreError::from)? { Ok(Asked::Done(())) } else { Err(moved_on()) }
    }

    async fn role_fits(&self, account: &Account, role: Role) -> Result<(), Refusal> {
        if role == Role::PoliceOfficer && (account.badge.is_none() || account.unit.is_empty()) {
            let what = Text::new("民警账号须填写警号和单位。", "An officer's account needs badge number and unit.");
            let next = Text::new("请新建带警号和单位的账号。", "Make an account with badge and unit.");
            return Err(Refusal::bad_input("badge", what, next));
        }
        self.three_persons(role, &person(account), Some(account.id)).await
    }

    /// Proposals that wait, and those that were answered last.
    ///
    /// # Errors
    /// No permission, or the store.
    pub async fn proposals(&self, by: &Actor) -> Result<(Vec<ProposalRow>, Vec<ProposalRow>), Refusal> {
        by.needs(Permission::ConfirmChanges)?;
        Ok((self.store().open_proposals(self.now().utc).await?, self.store().answered_proposals().await?))
    }

    /// May this person answer the proposal? For pages; it is asked again when they do.
    ///
    /// # Errors
    /// Those of `domain::proposal::may_decide`, or the store.
    pub async fn may_answer(&self, by: &Actor, row: &ProposalRow) -> Result<(), Refusal> {
        let small = self.small_site().await?;
        let (maker, own) = (self.store().account(row.made_by).await?, self.store().account(by.id).await?);
        let (maker, own) = (maker.ok_or_else(missing)?, own.ok_or_else(missing)?);
        let (made_by, by) = (party(&maker), party(&own));
        proposal::may_decide(row.state, row.ends, made_by, by, small, self.now().utc)
    }

    /// Confirms a proposal and does it. `fresh` becomes the one-time password where the change needs one.
    ///
    /// # Errors
    /// Those of `may_answer`, `change_moved_on` (who proposed it may no longer, or what it changes is no longer so), those of the
    /// change itself, or the store. Then nothing was done.
    pub async fn confirm_proposal(
        &self,
        by: &Actor,
        id: ProposalId,
        fresh: &Pii<String>,
    ) -> Result<Confirmed, Refusal> {
        by.needs(Permission::ConfirmChanges)?;
        let row = self.store().proposal(id).await?.ok_or_else(missing)?;
        self.may_answer(by, &row).await?;
        let maker = self.store().account(row.made_by).await?.filter(|a| a.disabled.is_none()).ok_or_else(moved_on)?;
        if !maker.role.may(row.change.kind().proposes()) {
            return Err(moved_on());
        }
        let (effect, done) = self.effect_of(&row, &maker.into(), fresh).await?;
        let settings = match &row.change {
            Change::Settings { profile, .. } => serde_json::from_str::<Profile>(profile).ok(),
            _ => None,
        };
        // The laws that bind on are reckoned before the change is written, and put beside it afterwards.
        let before = match (&settings, &effect) {
            (Some(_), Effect::Settings(values, ..)) => values.get(1).and_then(|v| serde_json::from_str(&v.1).ok()),
            _ => None,
        };
        match self.store().confirm(&row, &effect, by.id, self.now().utc).await.map_err(taken_or)? {
            Answered::Done(_) => {}
            Answered::Late => return Err(late()),
            Answered::MovedOn => return Err(moved_on()),
        }
        if let Some(account) = row.change.account() {
            self.forget_areas(account);
        }
        if let Some(profile) = settings {
            self.put_profile(profile, before.unwrap_or_default());
        }
        Ok(done)
    }

    /// What a proposal would do now, with everything checked again.
    async fn effect_of(
        &self,
        row: &ProposalRow,
        maker: &Actor,
        fresh: &Pii<String>,
    ) -> Result<(Effect, Confirmed), Refusal> {
        let mut done = Confirmed { ended: row.change.account(), one_time: None };
        let account = match row.change.account() {
            Some(id) => self.store().account(id).await?,
            None => None,
        };
        let known = || account.clone().ok_or_else(moved_on);
        let effect = match &row.change {
            Change::MakeAdministrator { login, role, name, badge, unit } => {
                let form = AccountForm {
                    login: login.clone(),
                    name: Pii::new(name.clone()),
                    badge: badge.clone().map(Pii::new),
                    unit: unit.clone(),
                    role: *role,
                    password: fresh.clone(),
                };
                check_form(&form)?;
                self.three_persons(*role, &Person { name, badge: badge.as_deref(), unit }, None).await?;
                done.one_time = Some(login.clone());
                Effect::Make(self.new_account(&form).await?)
            }
            Change::ChangeRole { account, was, role } => {
                let known = known()?;
                if was.is_some_and(|was| was != known.role) {
                    return Err(moved_on());
                }
                self.role_fits(&known, *role).await?;
                Effect::Role(*account, (known.role, *role))
            }
            Change::Areas { account, rights } => {
                area::check_rights(rights)?;
                done.ended = None;
                Effect::Areas(*account, rights.clone())
            }
            Change::Open { account } => {
                let known = known()?;
                self.three_persons(known.role, &person(&known), Some(known.id)).await?;
                Effect::Disabled(*account, false)
            }
            Change::Close { account } => Effect::Disabled(*account, true),
            Change::ResetPassword { account } => {
                let known = known()?;
                check_password(&known.login, fresh.expose())?;
                let hash = self.hash_of(fresh).await?;
                done.one_time = Some(known.login);
                Effect::Password(*account, Pii::new(hash))
            }
            Change::ResetPhone { account } => Effect::Phone(*account),
            Change::TwoStepRule { roles, was } => {
                // A rule that was made stricter meanwhile is not loosened by what nobody proposed.
                if was.is_some() && *was != Some(self.two_step_roles().await?) {
                    return Err(moved_on());
                }
                Effect::Setting(ROLES_KEY, codes(roles))
            }
            Change::SmallSite => Effect::Setting(SMALL_KEY, "yes".into()),
            Change::Settings { profile, was } => self.proposed_settings(maker, profile, was).await?,
            Change::Reading { reading, choice, from, reason } => {
                self.reading_effect((reading, reason), *choice, *from)?
            }
        };
        Ok((effect, done))
    }

    /// Settings as they would be written now, while those they were reckoned from are in force.
    async fn proposed_settings(&self, maker: &Actor, profile: &str, was: &str) -> Result<Effect, Refusal> {
        let new = serde_json::from_str(profile).map_err(|_| moved_on())?;
        let effect = self.settings_effect(maker, new)?;
        if effect.was() != was {
            return Err(moved_on());
        }
        let ready = self.ready_settings(&effect, maker.id).await?;
        Ok(Effect::Settings(ready.values, ready.was, ready.entry))
    }

    /// Declines a proposal; whoever proposed it takes it back this way.
    ///
    /// # Errors
    /// No permission, those of `may_answer` but `own_proposal`, or the store.
    pub async fn decline_proposal(&self, by: &Actor, id: ProposalId) -> Result<(), Refusal> {
        by.needs(Permission::ConfirmChanges)?;
        let row = self.store().proposal(id).await?.ok_or_else(missing)?;
        let now = self.now().utc;
        if row.made_by != by.id {
            self.may_answer(by, &row).await?;
        } else if row.state != State::Open || now >= row.ends {
            return Err(late());
        }
        if self.store().decline(&row, by.id, now).await? { Ok(()) } else { Err(late()) }
    }
}

fn late() -> Refusal {
    Refusal::new(
        ErrorKind::Conflict,
        "not_open",
        Text::new("这项变更已经处理，或已过期。", "This change was answered before, or its time is over."),
        Text::new("请刷新页面；如仍需要，请重新提出。", "Reload the page; propose it again if it is still needed."),
    )
}

/// Ends proposals that nobody answered. A crash leaves them open: they count as over all the same, and the next round ends them.
pub(crate) async fn run(site: Site) {
    let mut every = tokio::time::interval(SWEEP);
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    loop {
        every.tick().await;
        if let Err(error) = site.store().expire_proposals(site.now().utc).await {
            tracing::warn!(%error, "proposals that ran out are not ended yet");
        }
    }
}
