//! The second step of signing in as people's acts: set up a phone, take a code, hand out recovery codes, a lost phone.
//!
//! ```text
//! begin (password) ─▶ secret, shown as picture and text ─▶ confirm (first code) ─▶ recovery codes, shown once
//! sign_in / second_step ─▶ check_code: phone or recovery code ─▶ the row takes the step once ─▶ in
//! ```
//!
//! Always true: a phone counts only after its first code; what was taken once is not taken again, also by two at once; wrong codes
//! count with wrong passwords and lock the account.

use crate::proposals::Asked;
use crate::{Actor, Site};
use base::{AccountId, ErrorKind, Pii, Refusal, Text};
use domain::access::{Permission, Role};
use domain::proposal::Change;
use domain::totp;
use store::accounts::Account;

/// Setting: roles whose accounts must have a second step, codes with commas.
pub(crate) const ROLES_KEY: &str = "two_step.roles";

/// Roles that must have a second step where nobody said otherwise at the first run.
const BEGIN_WITH: [Role; 5] =
    [Role::InformationCustodian, Role::PoliceOfficer, Role::Administrator, Role::SecurityAdministrator, Role::Auditor];

/// A phone about to be set up.
#[derive(Clone, Debug)]
pub struct Enrolment {
    /// What the picture code says.
    pub uri: Pii<String>,
    /// The secret to be typed by hand, in groups of four.
    pub text: Pii<String>,
}

fn refuse(code: &str, zh: &'static str, en: &'static str, next: (&'static str, &'static str)) -> Refusal {
    Refusal::new(ErrorKind::Conflict, code, Text::new(zh, en), Text::new(next.0, next.1))
}

fn not_begun() -> Refusal {
    refuse("two_step_not_begun", "尚未开始设置手机。", "No phone is being set up.", ("请先点“开始”。", "Begin first."))
}

fn is_on() -> Refusal {
    refuse(
        "two_step_is_on",
        "二次验证已经启用。",
        "The second step is on already.",
        ("如要换手机，请先停用。", "Switch it off first to use another phone."),
    )
}

/// The account asks for a code and none was typed.
#[must_use]
pub fn code_needed() -> Refusal {
    Refusal::new(
        ErrorKind::Unauthenticated,
        "code_needed",
        Text::new("该账号需要手机上的验证码。", "This account asks for the code of the phone."),
        Text::new("请输入六位验证码，或一个恢复码。", "Type the six digits, or a recovery code."),
    )
}

impl Site {
    /// Takes the code that was typed, of the phone or a recovery code; a wrong one is counted and logged.
    ///
    /// # Errors
    /// `code_needed`, `wrong_code`, `used_code`, or the store.
    pub(crate) async fn check_code(&self, account: &Account, typed: &str) -> Result<(), Refusal> {
        if typed.trim().is_empty() {
            return Err(code_needed());
        }
        let now = self.now().utc;
        if let Some(hash) = totp::recovery_hash(typed) {
            if self.store().take_recovery_code(account.id, &hash, now).await.map_err(store::StoreError::from)? {
                return Ok(());
            }
            return self.refuse_code(account, totp::wrong_code()).await;
        }
        let Some(phone) = self.store().two_step(account.id).await?.filter(|p| p.confirmed.is_some()) else {
            return Ok(());
        };
        match totp::accept(phone.secret.expose(), typed, phone.last_step, now) {
            Ok(step) if self.store().take_step(account.id, step).await? => Ok(()),
            // Another sign-in with the same code came first.
            Ok(_) => self.refuse_code(account, totp::wrong_code()).await,
            Err(refusal) => self.refuse_code(account, refusal).await,
        }
    }

    async fn refuse_code(&self, account: &Account, refusal: Refusal) -> Result<(), Refusal> {
        let text = Text::new("登录被拒绝：验证码错误。", "Sign-in refused: wrong code.");
        self.count_failure(account, text).await?;
        Err(refusal)
    }

    fn enrolment(&self, by: &Actor, secret: &[u8]) -> Enrolment {
        let text = totp::base32(secret);
        let groups: Vec<_> = text.as_bytes().chunks(4).map(|g| String::from_utf8_lossy(g).into_owned()).collect();
        let issuer = format!("jifang {}", self.profile().name);
        Enrolment { uri: Pii::new(totp::uri(secret, &issuer, &by.login)), text: Pii::new(groups.join(" ")) }
    }

    /// Begins to set up one's own phone.
    ///
    /// # Errors
    /// `wrong_login`, `two_step_is_on`, or the store.
    pub async fn begin_two_step(&self, by: &Actor, password: &Pii<String>) -> Result<Enrolment, Refusal> {
        self.confirm_password(by, password).await?;
        let secret: [u8; totp::SECRET_BYTES] = store::keys::random().map_err(store::StoreError::from)?;
        if !self.store().begin_two_step(by.id, &secret, self.now().utc).await? {
            return Err(is_on());
        }
        Ok(self.enrolment(by, &secret))
    }

    /// The phone that is being set up; `None` when none is, or one counts already.
    ///
    /// # Errors
    /// The store.
    pub async fn pending_two_step(&self, by: &Actor) -> Result<Option<Enrolment>, Refusal> {
        let phone = self.store().two_step(by.id).await?.filter(|p| p.confirmed.is_none());
        Ok(phone.map(|p| self.enrolment(by, p.secret.expose())))
    }

    /// Ends setting up with the first code; the recovery codes are shown once.
    ///
    /// # Errors
    /// `two_step_not_begun`, `two_step_is_on`, `wrong_code`, or the store.
    pub async fn confirm_two_step(&self, by: &Actor, code: &str) -> Result<Vec<Pii<String>>, Refusal> {
        let phone = self.store().two_step(by.id).await?.ok_or_else(not_begun)?;
        if phone.confirmed.is_some() {
            return Err(is_on());
        }
        let now = self.now().utc;
        let step = totp::accept(phone.secret.expose(), code, phone.last_step, now)?;
        let (codes, hashes) = recovery_codes()?;
        let done = self.store().confirm_two_step(by.id, step, &hashes, now).await.map_err(store::StoreError::from)?;
        if done { Ok(codes) } else { Err(is_on()) }
    }

    /// New recovery codes, shown once; the old ones end.
    ///
    /// # Errors
    /// `wrong_login`, `two_step_not_begun`, or the store.
    pub async fn renew_recovery_codes(&self, by: &Actor, password: &Pii<String>) -> Result<Vec<Pii<String>>, Refusal> {
        self.confirm_password(by, password).await?;
        self.store().two_step(by.id).await?.filter(|p| p.confirmed.is_some()).ok_or_else(not_begun)?;
        let (codes, hashes) = recovery_codes()?;
        let now = self.now().utc;
        self.store().renew_recovery_codes(by.id, &hashes, now).await.map_err(store::StoreError::from)?;
        Ok(codes)
    }

    /// Switches one's own second step off; not where the role must have it.
    ///
    /// # Errors
    /// `wrong_login`, `two_step_required`, `two_step_not_begun`, or the store.
    pub async fn end_own_two_step(&self, by: &Actor, password: &Pii<String>) -> Result<(), Refusal> {
        self.confirm_password(by, password).await?;
        if self.two_step_roles().await?.contains(&by.role) {
            return Err(refuse(
                "two_step_required",
                "本单位规定这一角色必须使用二次验证。",
                "This site's rule asks this role for the second step.",
                ("换手机请找管理员重置。", "Ask an administrator to reset it for another phone."),
            ));
        }
        let ended = self.store().end_two_step(by.id, Some(by.id), self.now().utc).await;
        if ended.map_err(store::StoreError::from)? { Ok(()) } else { Err(not_begun()) }
    }

    /// A lost phone: another account's second step is forgotten and its sessions end.
    ///
    /// # Errors
    /// No permission, `own_account`, `two_step_not_begun`, those of `ask_second`, or the store.
    pub async fn reset_two_step(&self, by: &Actor, id: AccountId) -> Result<Asked<()>, Refusal> {
        by.needs(Permission::ManageRights)?;
        if by.id == id {
            return Err(refuse(
                "own_account",
                "不能重置自己的二次验证。",
                "Nobody resets their own second step.",
                ("请由另一名管理员操作，或用恢复码登录。", "Another administrator must do it, or use a recovery code."),
            ));
        }
        let account = self.store().account(id).await?.ok_or_else(|| Refusal::not_found("该账号", "account"))?;
        if self.seats().await?.guards(account.role) {
            account.two_step.ok_or_else(not_begun)?;
            return self.ask_second(by, Change::ResetPhone { account: id }).await.map(Asked::Waits);
        }
        self.forget_phone(id, Some(by.id)).await.map(Asked::Done)
    }

    /// A lost phone, without a person asking: only `jifang user` on the machine itself calls this.
    ///
    /// # Errors
    /// `two_step_not_begun`, or the store.
    pub async fn reset_two_step_locally(&self, id: AccountId) -> Result<(), Refusal> {
        self.forget_phone(id, None).await
    }

    async fn forget_phone(&self, id: AccountId, by: Option<AccountId>) -> Result<(), Refusal> {
        let ended = self.store().end_two_step(id, by, self.now().utc).await;
        if ended.map_err(store::StoreError::from)? { Ok(()) } else { Err(not_begun()) }
    }

    /// Roles whose accounts must have a second step.
    ///
    /// # Errors
    /// The store.
    pub async fn two_step_roles(&self) -> Result<Vec<Role>, Refusal> {
        let kept = self.store().setting(ROLES_KEY).await?.unwrap_or_default();
        Ok(kept.split(',').filter_map(Role::parse).collect())
    }

    /// Says which roles must have a second step. Their people set up a phone before anything else. Taking a role out waits for a second
    /// person.
    ///
    /// # Errors
    /// No permission, those of `ask_second`, or the store.
    pub async fn set_two_step_roles(&self, by: &Actor, roles: &[Role]) -> Result<Asked<()>, Refusal> {
        by.needs(Permission::ManageRights)?;
        let was = self.two_step_roles().await?;
        if was.iter().any(|r| !roles.contains(r)) {
            let roles = Role::ALL.into_iter().filter(|r| roles.contains(r)).collect();
            return self.ask_second(by, Change::TwoStepRule { roles, was: Some(was) }).await.map(Asked::Waits);
        }
        self.write_two_step_roles(roles, Some(by.id)).await.map(Asked::Done)
    }

    /// The rule that a new site begins with: whoever runs accounts and rights, audits, decides about footage or takes it.
    ///
    /// # Errors
    /// The store.
    pub async fn begin_two_step_rule(&self, by: AccountId) -> Result<(), Refusal> {
        self.write_two_step_roles(&BEGIN_WITH, Some(by)).await
    }

    async fn write_two_step_roles(&self, roles: &[Role], by: Option<AccountId>) -> Result<(), Refusal> {
        let set = self.store().set_setting(ROLES_KEY, &codes(roles), by, self.now().utc).await;
        set.map_err(store::StoreError::from)?;
        Ok(())
    }
}

/// Roles as the setting holds them.
pub(crate) fn codes(roles: &[Role]) -> String {
    let codes: Vec<_> = Role::ALL.iter().filter(|r| roles.contains(r)).map(|r| r.code()).collect();
    codes.join(",")
}

/// Recovery codes and what is stored of them.
fn recovery_codes() -> Result<(Vec<Pii<String>>, Vec<String>), Refusal> {
    let mut codes = Vec::with_capacity(totp::RECOVERY_CODES);
    let mut hashes = Vec::with_capacity(totp::RECOVERY_CODES);
    for _ in 0..totp::RECOVERY_CODES {
        let code = totp::recovery_code(store::keys::random().map_err(store::StoreError::from)?);
        hashes.extend(totp::recovery_hash(&code));
        codes.push(Pii::new(code));
    }
    Ok((codes, hashes))
}
