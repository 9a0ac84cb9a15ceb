//! Signing in, first-run setup, accounts: a person's act, the rules of `domain::account`, the row and the log.
//!
//! argon2id runs on blocking threads, at most two at once: a flood of log-ins waits, it does not take the machine down.
//!
//! Who is not signed in learns nothing of an account: an unknown name, a wrong password and a locked account (also with the right
//! password, which is not even looked at) give one answer, and not before `REFUSED_AFTER_MS` have passed since the password was
//! hashed, in which time the count and the entry of a known name are written. That an account is locked is told to the
//! administrator (page of accounts), in the log, and to its owner where they are signed in.

use crate::profile::{self, Profile};
use crate::proposals::Asked;
use crate::{Actor, Site};
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use argon2::{Algorithm, Argon2, Params, Version};
use base::{AccountId, ErrorKind, Pii, Refusal, Text, limits};
use domain::access::{Permission, Role, Workplace};
use domain::account::{Failures, check_password};
use domain::proposal::{self, Change, Person};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::LazyLock;
use std::time::Duration;
use store::accounts::{Account, NewAccount};
use store::ledger_log::{ActLine, Outcome};
use tokio::sync::{Mutex, Semaphore};

/// Hashes at once.
static SLOTS: Semaphore = Semaphore::const_new(2);
/// One try at a time for each login name (several names share a door): tries that come side by side would all read the same count
/// of wrong passwords, and the lock would never close.
static DOORS: [Mutex<()>; 64] = [const { Mutex::const_new(()) }; 64];
/// A refused try is answered this long after its password was hashed, or later where the database is slow, ms. Longer than a count
/// and a log entry take.
const REFUSED_AFTER_MS: u64 = 250;
/// A hash nobody knows the password of: checked when the login name does not exist.
static NOBODY: LazyLock<String> = LazyLock::new(|| hash_now("nobody-has-this-password").unwrap_or_default());

/// Outcome of the first page of signing in.
#[derive(Debug)]
pub enum SignIn {
    /// Signed in: the account has no second step.
    Done(Box<Account>),
    /// The password was right; the code is asked for next.
    NeedsCode(FirstStep),
}

/// Ticket to the second page of signing in. It stays in the server and is worth nothing after a change of the password.
#[derive(Clone, Debug)]
pub struct FirstStep {
    login: String,
    password_hash: String,
}

/// What a person fills in for an account.
#[derive(Clone, Debug)]
pub struct AccountForm {
    /// Login name.
    pub login: String,
    /// Name of the person.
    pub name: Pii<String>,
    /// Badge number; needed for officers.
    pub badge: Option<Pii<String>>,
    /// Unit.
    pub unit: String,
    /// Role.
    pub role: Role,
    /// Password.
    pub password: Pii<String>,
}

fn argon2() -> Argon2<'static> {
    // OWASP 2025: argon2id, 19 MiB, 2 passes, 1 lane.
    let params = Params::new(19 * 1024, 2, 1, None).unwrap_or_default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn hash_now(password: &str) -> Option<String> {
    argon2().hash_password(password.as_bytes()).ok().map(|h| h.to_string())
}

fn verify_now(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|hash| argon2().verify_password(password.as_bytes(), &hash).is_ok())
}

async fn on_slot<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Refusal> {
    let _slot = SLOTS.acquire().await.map_err(|_| busy())?;
    tokio::task::spawn_blocking(work).await.map_err(|_| busy())
}

fn door(login: &str) -> &'static Mutex<()> {
    let mut hasher = DefaultHasher::new();
    login.hash(&mut hasher);
    &DOORS[usize::try_from(hasher.finish() % DOORS.len() as u64).unwrap_or(0)]
}

fn busy() -> Refusal {
    Refusal::new(
        ErrorKind::Unavailable,
        "busy",
        Text::new("登录服务繁忙。", "The sign-in service is busy."),
        Text::new("请稍后再试。", "Try again in a moment."),
    )
}

fn wrong() -> Refusal {
    Refusal::new(
        ErrorKind::Unauthenticated,
        "wrong_login",
        Text::new("登录名或密码不正确。", "Login name or password is wrong."),
        Text::new(
            "请核对后重试。连续输错五次的账号会锁定一分钟到一小时，管理员可以解除。",
            "Check both and try again. After five wrong tries an account is locked for a minute up to an hour; the administrator can \
             unlock it.",
        ),
    )
}

fn still_in_use(account: &Account) -> Result<(), Refusal> {
    if account.disabled.is_none() {
        return Ok(());
    }
    Err(Refusal::new(
        ErrorKind::Forbidden,
        "account_disabled",
        Text::new("该账号已停用。", "This account is disabled."),
        Text::new("请联系系统管理员。", "Ask the administrator."),
    ))
}

pub(crate) fn check_form(form: &AccountForm) -> Result<(), Refusal> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-@".contains(c);
    let fix = Text::new("请更正后重新提交。", "Correct it and submit again.");
    let login_chars = form.login.chars().count();
    if !(2..=40).contains(&login_chars) || !form.login.chars().all(plain) {
        let what = Text::new(
            "登录名须为2至40个字母、数字或 . _ - @。",
            "A login name has 2 to 40 letters, digits or . _ - @.",
        );
        return Err(Refusal::bad_input("login", what, fix));
    }
    let name = form.name.expose().trim();
    if name.is_empty() || name.chars().count() > limits::NAME_CHARS {
        return Err(Refusal::bad_input("name", Text::new("姓名未填写或过长。", "The name is empty or too long."), fix));
    }
    if form.unit.chars().count() > limits::NAME_CHARS {
        return Err(Refusal::bad_input("unit", Text::new("单位名称过长。", "The unit's name is too long."), fix));
    }
    let badge = form.badge.as_ref().map_or("", |b| b.expose().trim());
    if form.role == Role::PoliceOfficer && (badge.is_empty() || form.unit.trim().is_empty()) {
        let what = Text::new("民警账号须填写警号和单位。", "An officer's account needs badge number and unit.");
        return Err(Refusal::bad_input("badge", what, fix));
    }
    check_password(&form.login, form.password.expose())
}

impl Site {
    /// Checks login name, password and, where the account has a second step, the code, of somebody who is not signed in; counts
    /// failures; logs refusals. `code` is empty where none was typed.
    ///
    /// # Errors
    /// `wrong_login` (also for a locked account: see the head of this file), `account_disabled` with the right password,
    /// `code_needed`, `wrong_code`, `used_code`, or the store.
    pub async fn sign_in(&self, login: &str, password: &Pii<String>, code: &str) -> Result<Account, Refusal> {
        let _door = door(login.trim()).lock().await;
        let account = self.check_password_of(login, password).await?;
        if account.two_step.is_some() {
            self.check_code(&account, code).await?;
        }
        self.forget_failures(account).await
    }

    /// The first of two pages of signing in: the password, and the ticket to the second page where a code is asked for.
    ///
    /// # Errors
    /// As `sign_in`, without those of the code.
    pub async fn first_step(&self, login: &str, password: &Pii<String>) -> Result<SignIn, Refusal> {
        let _door = door(login.trim()).lock().await;
        let account = self.check_password_of(login, password).await?;
        if account.two_step.is_some() {
            // Wrong passwords are not forgotten yet: a known password must not wipe out the count of wrong codes.
            return Ok(SignIn::NeedsCode(FirstStep { login: account.login, password_hash: account.password_hash }));
        }
        self.forget_failures(account).await.map(|a| SignIn::Done(Box::new(a)))
    }

    /// The second page: the code of the phone, or a recovery code.
    ///
    /// # Errors
    /// As `sign_in`; `wrong_login` when the password was changed meanwhile.
    pub async fn second_step(&self, first: &FirstStep, code: &str) -> Result<Account, Refusal> {
        let _door = door(&first.login).lock().await;
        let account = self.store().account_by_login(&first.login).await?.ok_or_else(wrong)?;
        account.failures.may_try(self.now().utc)?;
        if account.password_hash != first.password_hash {
            return Err(wrong());
        }
        still_in_use(&account)?;
        if account.two_step.is_some() {
            self.check_code(&account, code).await?;
        }
        self.forget_failures(account).await
    }

    /// Login name and password alone; the door is held by the caller.
    async fn check_password_of(&self, login: &str, password: &Pii<String>) -> Result<Account, Refusal> {
        let account = self.store().account_by_login(login.trim()).await?;
        let now = self.now().utc;
        // A locked account's password is not tried: its answer would tell the guesser when the guess is right.
        let tried = account.as_ref().filter(|a| a.failures.may_try(now).is_ok());
        let hash = tried.map_or_else(|| NOBODY.clone(), |a| a.password_hash.clone());
        let given: String = password.expose().chars().take(256).collect();
        let right = on_slot(move || verify_now(&given, &hash)).await? && tried.is_some();
        if !right {
            let wait = tokio::time::sleep(Duration::from_millis(REFUSED_AFTER_MS));
            let (counted, ()) = tokio::join!(self.count_wrong(tried), wait);
            counted?;
            return Err(wrong());
        }
        let Some(account) = account else { return Err(wrong()) };
        still_in_use(&account)?;
        Ok(account)
    }

    /// A wrong password for an account that may be tried; nothing for any other name.
    async fn count_wrong(&self, tried: Option<&Account>) -> Result<(), Refusal> {
        let Some(account) = tried else { return Ok(()) };
        self.count_failure(account, Text::new("登录被拒绝：密码错误。", "Sign-in refused: wrong password.")).await
    }

    /// One more wrong password or code, and its entry: `text`, or that the account is locked now.
    pub(crate) async fn count_failure(&self, account: &Account, text: Text) -> Result<(), Refusal> {
        let failures = account.failures.wrong(self.now().utc);
        self.store().set_failures(account.id, failures).await?;
        let text = match failures.locked_until {
            Some(until) => Text::of(
                format!("登录被拒绝：连续输错，账号锁定至 {}。", until.desk()),
                format!("Sign-in refused: too many wrong tries, account locked until {}.", until.desk()),
            ),
            None => text,
        };
        self.log_sign_in(account.id, "session.refused", Outcome::Refused, text).await
    }

    async fn forget_failures(&self, account: Account) -> Result<Account, Refusal> {
        if account.failures != Failures::default() {
            self.store().set_failures(account.id, Failures::default()).await?;
        }
        Ok(account)
    }

    /// Somebody who is signed in gives their password once more, before an act that would lock them out or let others in.
    ///
    /// # Errors
    /// `wrong_login`, `account_locked`, or the store.
    pub(crate) async fn confirm_password(&self, by: &Actor, password: &Pii<String>) -> Result<(), Refusal> {
        let _door = door(&by.login).lock().await;
        if let Some(account) = self.store().account(by.id).await? {
            // Signed in as this account: its lock is no secret here.
            account.failures.may_try(self.now().utc)?;
        }
        let account = self.check_password_of(&by.login, password).await?;
        self.forget_failures(account).await.map(|_| ())
    }

    /// Logs that a session began or was refused.
    ///
    /// # Errors
    /// The store.
    pub async fn log_sign_in(
        &self,
        id: AccountId,
        kind: &'static str,
        outcome: Outcome,
        text: Text,
    ) -> Result<(), Refusal> {
        let act = ActLine { outcome, account: Some(id), camera: None, request: None, clauses: vec![], text };
        self.store()
            .log(kind, self.now().utc, serde_json::json!({ "account": id }), act)
            .await
            .map_err(store::StoreError::from)?;
        Ok(())
    }

    /// First run: makes the administrator and sets the profile, both or neither; only while there is no account at all. Who asks from elsewhere has
    /// shown the setup code before (`check_setup_code`).
    ///
    /// # Errors
    /// The form's defects, `already_set_up`, or the store.
    pub async fn set_up(&self, form: &AccountForm, profile: Profile) -> Result<AccountId, Refusal> {
        check_form(form)?;
        let (new, now) = (self.new_account(form).await?, self.now().utc);
        let entry = |id| profile::entry(None, &profile, Some(id), vec![], now);
        let made = self.store().add_first_account(&new, &profile::first_values(&profile), entry, now).await;
        let id = made.map_err(taken_or)?;
        self.put_profile(profile, vec![]);
        self.end_first_run();
        Ok(id)
    }

    /// Makes an account with a one-time password, of a role of the server `here`. One of the three administrators' roles, once its seat is
    /// taken, waits for a second person; then the password of the form is not used.
    ///
    /// # Errors
    /// No permission, the form's defects, `role_elsewhere`, `login_taken`, `same_person`, those of `ask_second`, or the store.
    pub async fn add_account(
        &self,
        by: &Actor,
        form: &AccountForm,
        here: Workplace,
    ) -> Result<Asked<AccountId>, Refusal> {
        by.needs(Permission::ManageAccounts)?;
        check_form(form)?;
        here.gives(form.role)?;
        self.three_persons(form.role, &person_of(form), None).await?;
        if !proposal::needs_second(self.seats().await?, None, form.role) {
            return self.make_account(form, Some(by.id)).await.map(Asked::Done);
        }
        if self.store().account_by_login(&form.login).await?.is_some() {
            return Err(login_taken());
        }
        let change = Change::MakeAdministrator {
            login: form.login.clone(),
            role: form.role,
            name: form.name.expose().trim().to_owned(),
            badge: form.badge.as_ref().map(|b| b.expose().trim().to_owned()).filter(|b| !b.is_empty()),
            unit: form.unit.trim().to_owned(),
        };
        self.ask_second(by, change).await.map(Asked::Waits)
    }

    /// Makes an account without a person asking: only `jifang user` and `jifang demo` on the machine itself call this. They do not know
    /// whose server the data are for, so every role is taken.
    ///
    /// # Errors
    /// As `add_account`, but `role_elsewhere`.
    pub async fn add_account_locally(&self, form: &AccountForm) -> Result<AccountId, Refusal> {
        check_form(form)?;
        self.three_persons(form.role, &person_of(form), None).await?;
        self.make_account(form, None).await
    }

    /// Makes the account of an applicant who came without one; nobody asks for it, and it opens nothing but their own cases.
    ///
    /// # Errors
    /// The form's defects, `login_taken`, or the store.
    pub async fn add_applicant(&self, form: &AccountForm) -> Result<AccountId, Refusal> {
        let form = AccountForm { role: Role::Applicant, badge: None, ..form.clone() };
        check_form(&form)?;
        self.make_account(&form, None).await
    }

    async fn make_account(&self, form: &AccountForm, by: Option<AccountId>) -> Result<AccountId, Refusal> {
        let new = self.new_account(form).await?;
        let now = self.now().utc;
        let made = match by {
            Some(by) => self.store().add_account_once(&new, by, now).await,
            None => self.store().add_account(&new, None, false, now).await,
        };
        made.map_err(taken_or)
    }

    /// The account of a checked form, its password hashed.
    pub(crate) async fn new_account(&self, form: &AccountForm) -> Result<NewAccount, Refusal> {
        let trimmed = |p: &Pii<String>| Pii::new(p.expose().trim().to_owned());
        Ok(NewAccount {
            login: form.login.clone(),
            role: form.role,
            name: trimmed(&form.name),
            badge: form.badge.as_ref().map(trimmed).filter(|b| !b.expose().is_empty()),
            unit: form.unit.trim().to_owned(),
            password_hash: self.hash_of(&form.password).await?,
        })
    }

    pub(crate) async fn hash_of(&self, password: &Pii<String>) -> Result<String, Refusal> {
        let password = password.clone();
        on_slot(move || hash_now(password.expose())).await?.ok_or_else(busy)
    }

    /// Changes one's own password; other sessions of the account end.
    ///
    /// # Errors
    /// `account_locked`, `wrong_login` when the old one is wrong, the new one's defects, or the store.
    pub async fn change_password(
        &self,
        by: &Actor,
        old: &Pii<String>,
        new: &Pii<String>,
        keep_session: &str,
    ) -> Result<(), Refusal> {
        self.confirm_password(by, old).await?;
        check_password(&by.login, new.expose())?;
        self.write_password(by.id, new, Some(keep_session), false, by.id).await
    }

    /// Sets another account's password (administrator); its sessions end. `one_time`: its person must change it before anything
    /// else. For one of the three administrators it waits for a second person, and `new` is not used.
    ///
    /// # Errors
    /// No permission, the new one's defects, those of `ask_second`, or the store.
    pub async fn reset_password(
        &self,
        by: &Actor,
        id: AccountId,
        new: &Pii<String>,
        one_time: bool,
    ) -> Result<Asked<()>, Refusal> {
        by.needs(Permission::ManageAccounts)?;
        let account = self.store().account(id).await?.ok_or_else(|| Refusal::not_found("该账号", "account"))?;
        check_password(&account.login, new.expose())?;
        if self.seats().await?.guards(account.role) {
            return self.ask_second(by, Change::ResetPassword { account: id }).await.map(Asked::Waits);
        }
        self.write_password(id, new, None, one_time, by.id).await.map(Asked::Done)
    }

    /// Sets a password without a person asking: only `jifang user` on the machine itself calls this.
    ///
    /// # Errors
    /// As `reset_password`.
    pub async fn reset_password_locally(&self, id: AccountId, new: &Pii<String>) -> Result<(), Refusal> {
        let account = self.store().account(id).await?.ok_or_else(|| Refusal::not_found("该账号", "account"))?;
        check_password(&account.login, new.expose())?;
        self.write_password(id, new, None, false, id).await
    }

    async fn write_password(
        &self,
        id: AccountId,
        new: &Pii<String>,
        keep: Option<&str>,
        one_time: bool,
        by: AccountId,
    ) -> Result<(), Refusal> {
        let hash = self.hash_of(new).await?;
        let now = self.now().utc;
        self.store().set_password(id, &hash, keep, one_time, by, now).await.map_err(store::StoreError::from)?;
        Ok(())
    }

    /// Closes or opens an account without a person asking: only `jifang user` on the machine itself calls this.
    ///
    /// # Errors
    /// `not_found`, `same_person`, or the store.
    pub async fn set_account_disabled_locally(&self, id: AccountId, disabled: bool) -> Result<(), Refusal> {
        let account = self.store().account(id).await?.ok_or_else(|| Refusal::not_found("该账号", "account"))?;
        if !disabled {
            self.three_persons(account.role, &crate::proposals::person(&account), Some(id)).await?;
        }
        self.store().set_disabled(id, disabled, id, self.now().utc).await.map_err(store::StoreError::from)?;
        if !disabled {
            self.store().set_failures(id, Failures::default()).await?;
        }
        Ok(())
    }

    /// Disables or enables an account; nobody disables their own. One of the three administrators, and whoever holds the watch, waits
    /// for a second person.
    ///
    /// # Errors
    /// No permission, `own_account`, `same_person`, those of `ask_second`, or the store.
    pub async fn set_account_disabled(&self, by: &Actor, id: AccountId, disabled: bool) -> Result<Asked<()>, Refusal> {
        by.needs(Permission::ManageAccounts)?;
        if by.id == id {
            return Err(Refusal::new(
                ErrorKind::Conflict,
                "own_account",
                Text::new("不能停用自己的账号。", "Nobody disables their own account."),
                Text::new("请由另一名系统管理员操作。", "Another administrator must do it."),
            ));
        }
        let account = self.store().account(id).await?.ok_or_else(|| Refusal::not_found("该账号", "account"))?;
        let second = if disabled {
            self.seats().await?.guards(account.role) || self.holds_the_watch(id).await?
        } else {
            self.three_persons(account.role, &crate::proposals::person(&account), Some(id)).await?;
            proposal::needs_second(self.seats().await?, None, account.role)
        };
        if second && account.disabled.is_some() != disabled {
            let change = if disabled { Change::Close { account: id } } else { Change::Open { account: id } };
            return self.ask_second(by, change).await.map(Asked::Waits);
        }
        self.store().set_disabled(id, disabled, by.id, self.now().utc).await.map_err(store::StoreError::from)?;
        Ok(Asked::Done(()))
    }

    /// Is this account on duty, or is the watch offered to it?
    async fn holds_the_watch(&self, id: AccountId) -> Result<bool, Refusal> {
        Ok(self.shift_now().await?.is_some_and(|s| s.account == id || s.offered_to == Some(id)))
    }
}

fn person_of(form: &AccountForm) -> Person<'_> {
    Person { name: form.name.expose(), badge: form.badge.as_ref().map(|b| b.expose().as_str()), unit: &form.unit }
}

fn login_taken() -> Refusal {
    Refusal::new(
        ErrorKind::Conflict,
        "login_taken",
        Text::new("登录名已被使用。", "The login name is taken."),
        Text::new("请换一个登录名。", "Choose another one."),
    )
}

/// `login_taken` where the database says that a row is there, else its refusal.
pub(crate) fn taken_or(error: store::StoreError) -> Refusal {
    match error {
        store::StoreError::Db(e) if e.is_duplicate() => login_taken(),
        e => e.into(),
    }
}
