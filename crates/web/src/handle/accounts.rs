//! One's own account (password, appearance, sessions) and the administrator's list.

use super::entry::account_field;
use super::sessions::agent_words;
use crate::answer::{Keep, Reply, no_page, page, page_with, status};
use crate::call::Call;
use crate::gate::must_change;
use crate::limiter::LOGIN_BY_NAME;
use crate::pages::accounts::{AccountLine, AccountPage, AccountsPage, SessionLine};
use crate::pages::{Choice, FormErrors, Mark, Nav, State};
use axum::http::StatusCode;
use base::{AccountId, ErrorKind, Pii, Refusal, Text};
use domain::access::{Permission, Role};
use domain::account::{Failures, PASSWORD_MIN_CHARS, session_limits};
use site::accounts::AccountForm;
use site::import::one_time_password;
use site::persons::Reason;
use site::proposals::Asked;
use store::accounts::Account;
use store::ledger_log::ActLine;

async fn own_page(call: &Call, errors: FormErrors) -> Result<AccountPage, Refusal> {
    let actor = call.actor()?;
    let this = call.who.as_ref().and_then(|w| w.session.as_ref()).map(|s| s.token_sha256.clone()).unwrap_or_default();
    let store = call.site().store();
    let sessions = store.sessions_of(actor.id, call.now()).await?;
    let limits = session_limits(actor.role);
    let badge = actor.badge.as_ref().map(|b| b.expose().clone()).unwrap_or_default();
    Ok(AccountPage {
        l: call.lang,
        bar: call.bar(Nav::None).await?,
        errors,
        login: actor.login.clone(),
        badge: [actor.unit.clone(), badge].into_iter().filter(|t| !t.is_empty()).collect::<Vec<_>>().join(" "),
        must_change: must_change(call).await?,
        password_chars_min: PASSWORD_MIN_CHARS,
        two_step: store.account(actor.id).await?.and_then(|a| a.two_step),
        idle_hours: limits.idle_ms / 3_600_000,
        max_hours: limits.max_ms / 3_600_000,
        sessions: sessions
            .into_iter()
            .map(|s| SessionLine {
                this: s.token_sha256 == this,
                id: s.token_sha256,
                agent: agent_words(&s.agent),
                is_new: s.new_browser,
                since: s.created,
                last: s.seen,
            })
            .collect(),
    })
}

/// `GET /account`.
pub(crate) async fn own(call: Call) -> Reply {
    page(&own_page(&call, FormErrors::default()).await?)
}

/// `POST /account/password`.
pub(crate) async fn change_password(call: Call) -> Reply {
    let actor = call.actor()?;
    let f = &call.form;
    let mut errors = FormErrors::default();
    if f.raw("new") != f.raw("new_again") {
        errors.push("new_again", Text::new("两次输入的新密码不同。", "The two new passwords differ."));
        return page_with(StatusCode::BAD_REQUEST, &own_page(&call, errors).await?);
    }
    if !call.app.limiter.allow("name", &actor.login.to_lowercase(), LOGIN_BY_NAME, call.site().now().mono) {
        errors.push("old", Text::new("尝试过多，请一分钟后再试。", "Too many attempts; try again in a minute."));
        return page_with(StatusCode::TOO_MANY_REQUESTS, &own_page(&call, errors).await?);
    }
    let keep = call.who.as_ref().and_then(|w| w.session.as_ref()).map(|s| s.token_sha256.clone()).unwrap_or_default();
    match call.site().change_password(actor, &f.secret("old"), &f.secret("new"), &keep).await {
        Ok(()) => {
            call.app.end_live_of_others(actor.id, &keep);
            call.done("/account", "password_changed")
        }
        Err(refusal)
            if matches!(
                refusal.kind,
                ErrorKind::BadInput | ErrorKind::Unauthenticated | ErrorKind::TooMany | ErrorKind::Forbidden
            ) =>
        {
            let field = if refusal.kind == ErrorKind::BadInput { "new" } else { "old" };
            errors.push(field, refusal.what.clone());
            // 401 would mean that the session has ended, which it has not.
            let code =
                if refusal.kind == ErrorKind::Unauthenticated { StatusCode::BAD_REQUEST } else { status(&refusal) };
            page_with(code, &own_page(&call, errors).await?)
        }
        Err(refusal) => Err(refusal),
    }
}

/// `POST /account/appearance`: kept in cookies of this browser.
pub(crate) async fn appearance(call: Call) -> Reply {
    let year = Keep::Seconds(365 * 86_400);
    let mut answer = call.done("/account", "appearance")?;
    let theme = ["dark", "light"].into_iter().find(|t| *t == call.form.get("theme")).unwrap_or("auto");
    call.set_cookie(&mut answer, "theme", theme, year);
    call.set_cookie(&mut answer, "large", if call.form.has("large") { "1" } else { "0" }, year);
    Ok(answer)
}

fn may_of(role: Role) -> Text {
    match role {
        Role::DutyOfficer => Text::new("看实时画面和回放", "watches live, plays back"),
        Role::SecurityManager => {
            Text::new("管设备和存储，看实时画面和回放", "runs cameras and storage, watches and plays back")
        }
        Role::InformationCustodian => {
            Text::new("审批信息使用，回放", "decides requests to use information, plays back")
        }
        Role::PoliceOfficer => {
            Text::new("提出申请，两人共同查看和复制", "makes requests; views and copies with a second officer")
        }
        Role::PoliceDuty => {
            Text::new("在公安机关接警、派警，记录处置结果", "takes reports at the police and says what was done")
        }
        Role::CaseOfficer => Text::new("受理和承办案件、检查", "receives and handles cases, inspects"),
        Role::CaseApprover => Text::new("审批承办民警的意见", "decides what case officers propose"),
        Role::LegalReviewer => Text::new("作出决定前的法制审核", "reviews decisions before they are made"),
        Role::Publisher => {
            Text::new("公开和撤回登记、公告、决定", "publishes and withdraws registers, notices, decisions")
        }
        Role::Supervisor => Text::new(
            "查看本机构及下级机构的案件和期限（未登记机构的查看全部），不办案",
            "sees cases and deadlines of the own office and those under it (all without an office), handles none",
        ),
        Role::Applicant => Text::new("提出申请，查看自己的案件", "applies and sees their own cases"),
        Role::Administrator => Text::new("管账号和设置，看不到录像", "runs accounts and settings, sees no footage"),
        Role::SecurityAdministrator => Text::new(
            "授予角色和区域，管二次验证和解锁，看不到录像",
            "gives roles and areas, rules on the second step, unlocks; sees no footage",
        ),
        Role::Auditor => Text::new("查日志、登记簿和证明", "reads log, register and proofs"),
    }
}

async fn last_sign_in(call: &Call, id: AccountId) -> Result<Option<base::UtcMs>, Refusal> {
    let filter =
        store::logbook::ActFilter { kind: Some("session.began".into()), account: Some(id), ..Default::default() };
    Ok(call.site().store().acts(&filter, 1).await?.first().map(|a| a.at))
}

fn line_of(account: Account, last: Option<base::UtcMs>, sessions: u32, shown: bool, now: base::UtcMs) -> AccountLine {
    let locked = account.failures.locked_until.is_some_and(|until| until > now);
    let state = match (account.disabled, locked) {
        (Some(_), _) => State::new(Mark::Off, "已停用", "Closed"),
        (None, true) => State::new(Mark::Warning, "已锁定", "Locked"),
        (None, false) => State::new(Mark::Ok, "在用", "In use"),
    };
    let badge = account.badge.map(|b| if shown { b.into_inner() } else { b.masked_tail(2) }).unwrap_or_default();
    AccountLine {
        id: account.id.to_string(),
        name: if shown { account.name.into_inner() } else { account.name.masked() },
        shown,
        login: account.login,
        role: account.role.name(),
        badge: [account.unit, badge].into_iter().filter(|t| !t.is_empty()).collect::<Vec<_>>().join(" "),
        state,
        locked,
        closed: account.disabled.is_some(),
        last,
        sessions,
        two_step: account.two_step.is_some(),
    }
}

pub(crate) async fn list_page(
    call: &Call,
    errors: FormErrors,
    one_time: Option<(String, String)>,
) -> Result<AccountsPage, Refusal> {
    list_page_with(call, errors, one_time, None).await
}

/// The list; names and badges are masked but for the person `revealed`.
async fn list_page_with(
    call: &Call,
    errors: FormErrors,
    one_time: Option<(String, String)>,
    revealed: Option<AccountId>,
) -> Result<AccountsPage, Refusal> {
    let f = &call.form;
    let now = call.now();
    let mut accounts = Vec::new();
    let counts = call.site().store().session_counts(now).await?;
    for account in call.site().store().accounts().await? {
        let last = last_sign_in(call, account.id).await?;
        let sessions = counts.get(&account.id).copied().unwrap_or(0);
        let shown = revealed == Some(account.id);
        accounts.push(line_of(account, last, sessions, shown, now));
    }
    let must = call.site().two_step_roles().await?;
    let seats = call.site().seats().await?;
    let here = call.kind().workplace();
    // One that must have a second step stays in the form wherever it works: saving the rule would take it out.
    let two_step_roles = Role::ALL.into_iter().filter(|r| r.works_at(here) || must.contains(r));
    let two_step_roles: Vec<Choice> =
        two_step_roles.map(|r| Choice::new(r.code(), r.name(), must.contains(&r))).collect();
    let typed = |name: &str| if errors.is_empty() { String::new() } else { f.get(name).to_owned() };
    let choice = |r: Role| Choice {
        value: r.code().to_owned(),
        label: r.name(),
        hint: may_of(r),
        chosen: !errors.is_empty() && f.get("role") == r.code(),
    };
    let roles: Vec<Choice> = here.staff().map(choice).collect();
    Ok(AccountsPage {
        l: call.lang,
        bar: call.bar(Nav::Accounts).await?,
        accounts,
        roles,
        name: typed("name"),
        login: typed("login"),
        unit: typed("unit"),
        badge: typed("badge"),
        one_time,
        errors,
        may_accounts: call.may(Permission::ManageAccounts),
        may_rights: call.may(Permission::ManageRights),
        missing: seats.missing().into_iter().map(Role::name).collect(),
        second_step_advised: !must.contains(&Role::Administrator) || !must.contains(&Role::SecurityAdministrator),
        two_step_roles,
        reasons: Reason::ALL.map(|r| Choice::new(r.code(), r.name(), false)).to_vec(),
    })
}

/// `GET /accounts`.
pub(crate) async fn list(call: Call) -> Reply {
    page(&list_page(&call, FormErrors::default(), None).await?)
}

/// `POST /accounts`: a new account with a one-time password.
pub(crate) async fn add(call: Call) -> Reply {
    let f = &call.form;
    let mut errors = FormErrors::default();
    let Some(role) = Role::parse(f.get("role")) else {
        errors.push("role", Text::new("请选择角色。", "Choose a role."));
        return page_with(StatusCode::BAD_REQUEST, &list_page(&call, errors, None).await?);
    };
    let password = one_time_password()?;
    let form = AccountForm {
        login: f.get("login").to_owned(),
        name: Pii::new(f.get("name").to_owned()),
        badge: f.has("badge").then(|| Pii::new(f.get("badge").chars().take(32).collect())),
        unit: f.get("unit").to_owned(),
        role,
        password: password.clone(),
    };
    match call.site().add_account(call.actor()?, &form, call.kind().workplace()).await {
        Ok(Asked::Waits(_)) => call.done("/changes", "change_proposed"),
        Ok(Asked::Done(_)) => page(&list_page(&call, errors, Some((form.login, password.into_inner()))).await?),
        Err(refusal) if matches!(refusal.kind, ErrorKind::BadInput | ErrorKind::Conflict) => {
            errors.push(account_field(&refusal), refusal.what.clone());
            page_with(status(&refusal), &list_page(&call, errors, None).await?)
        }
        Err(refusal) => Err(refusal),
    }
}

async fn chosen(call: &Call) -> Result<Account, Refusal> {
    let id = AccountId::parse(call.param(0)).ok_or_else(no_page)?;
    call.site().store().account(id).await?.ok_or_else(|| Refusal::not_found("该账号", "account"))
}

/// `POST /accounts/{id}/reset`: a one-time password; all sessions end.
pub(crate) async fn reset(call: Call) -> Reply {
    let account = chosen(&call).await?;
    let password = one_time_password()?;
    match call.site().reset_password(call.actor()?, account.id, &password, true).await? {
        Asked::Waits(_) => call.done("/changes", "change_proposed"),
        Asked::Done(()) => {
            call.app.end_live_of_account(account.id);
            page(&list_page(&call, FormErrors::default(), Some((account.login, password.into_inner()))).await?)
        }
    }
}

/// `POST /accounts/{id}/reveal`: `reason`; the list with this one person shown. The entry is committed before.
pub(crate) async fn reveal(call: Call) -> Reply {
    let id = AccountId::parse(call.param(0)).ok_or_else(no_page)?;
    let reason = Reason::parse(call.form.get("reason")).ok_or_else(|| {
        let what = Text::new("请选择查看原因。", "Choose why you look.");
        Refusal::bad_input("reason", what, Text::new("请更正后重新提交。", "Correct it and submit again."))
    })?;
    let account = call.site().reveal_person(call.actor()?, id, reason).await?;
    page(&list_page_with(&call, FormErrors::default(), None, Some(account.id)).await?)
}

/// `POST /accounts/{id}/unlock`: wrong passwords are forgotten.
pub(crate) async fn unlock(call: Call) -> Reply {
    let account = chosen(&call).await?;
    let by = call.actor()?;
    by.needs(Permission::ManageRights)?;
    let act = ActLine::done(Some(by.id), Text::new("解除账号锁定。", "Account unlocked."));
    let body = serde_json::json!({ "account": account.id, "by": by.id });
    // The entry first: an unlocking that cannot be logged is not done.
    call.site().store().log("account.unlocked", call.now(), body, act).await?;
    call.site().store().set_failures(account.id, Failures::default()).await?;
    call.done("/accounts", "account_changed")
}

/// `POST /accounts/{id}/close`.
pub(crate) async fn close(call: Call) -> Reply {
    let account = chosen(&call).await?;
    match call.site().set_account_disabled(call.actor()?, account.id, true).await? {
        Asked::Waits(_) => call.done("/changes", "change_proposed"),
        Asked::Done(()) => {
            call.app.end_live_of_account(account.id);
            call.done("/accounts", "account_changed")
        }
    }
}

/// `POST /accounts/{id}/open`.
pub(crate) async fn open(call: Call) -> Reply {
    let account = chosen(&call).await?;
    match call.site().set_account_disabled(call.actor()?, account.id, false).await? {
        Asked::Waits(_) => call.done("/changes", "change_proposed"),
        Asked::Done(()) => call.done("/accounts", "account_changed"),
    }
}
