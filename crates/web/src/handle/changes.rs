//! Sensitive changes: the page where a second administrator confirms or declines; giving a role; saying that a site is small.

use super::areas;
use crate::answer::{Reply, no_page, page, page_with, status};
use crate::call::Call;
use crate::pages::changes::{ChangeLine, ChangesPage};
use crate::pages::{FormErrors, Mark, Nav, State};
use base::{AccountId, ErrorKind, Pii, ProposalId, Refusal, Text};
use domain::access::Role;
use domain::proposal::{self, Change};
use site::import::one_time_password;
use site::proposals::Asked;
use std::collections::HashMap;
use store::accounts::Account;
use store::proposals::ProposalRow;

type People = HashMap<AccountId, Account>;

fn login_of(people: &People, id: AccountId) -> String {
    people.get(&id).map_or_else(|| "—".to_owned(), |a| a.login.clone())
}

fn roles_text(roles: &[Role]) -> Text {
    if roles.is_empty() {
        return Text::new("（无）", "(none)");
    }
    let names: Vec<_> = roles.iter().map(|r| r.name()).collect();
    let join = |of: fn(&Text) -> &str, between: &str| names.iter().map(of).collect::<Vec<_>>().join(between);
    Text::of(join(|t| &t.zh, "、"), join(|t| &t.en, ", "))
}

/// To whom and to what. Whoever answers must know the person who is to run the site: there the name stands whole; to others masked.
fn detail(people: &People, change: &Change, answers: bool) -> Text {
    let login = |id: &AccountId| login_of(people, *id);
    match change {
        Change::MakeAdministrator { login, role, name, unit, .. } => {
            let name = if answers { name.clone() } else { Pii::new(name.clone()).masked() };
            let (role, who) = (role.name(), format!("{name} {unit}"));
            Text::of(
                format!("{login}（{}）：{}", who.trim(), role.zh),
                format!("{login} ({}): {}", who.trim(), role.en),
            )
        }
        Change::ChangeRole { account, was, role } => {
            let was = was.or_else(|| people.get(account).map(|a| a.role)).map(Role::name).unwrap_or_default();
            let role = role.name();
            Text::of(
                format!("{}：{} → {}", login(account), was.zh, role.zh),
                format!("{}: {} → {}", login(account), was.en, role.en),
            )
        }
        Change::Areas { account, rights } => {
            let name = |whole: &str| {
                let areas = rights.iter().map(|r| if r.area.is_empty() { whole.to_owned() } else { r.area.clone() });
                areas.collect::<Vec<_>>().join(" · ")
            };
            Text::of(
                format!("{}：{}", login(account), name("整个场所")),
                format!("{}: {}", login(account), name("the whole site")),
            )
        }
        Change::Open { account }
        | Change::Close { account }
        | Change::ResetPassword { account }
        | Change::ResetPhone { account } => {
            let role = people.get(account).map(|a| a.role.name()).unwrap_or_default();
            Text::of(format!("{}（{}）", login(account), role.zh), format!("{} ({})", login(account), role.en))
        }
        Change::TwoStepRule { roles, .. } => {
            let roles = roles_text(roles);
            Text::of(
                format!("以后必须二次验证的角色：{}", roles.zh),
                format!("Roles that must have it from then on: {}", roles.en),
            )
        }
        Change::SmallSite => {
            Text::new("一人可兼任系统管理员和安全管理员", "One person may be system and security administrator")
        }
        Change::Settings { profile, .. } => {
            let new = serde_json::from_str::<site::Profile>(profile).unwrap_or_default();
            let place = new.law.jurisdiction.name();
            Text::of(
                format!("{}，{}；录像保存天数减少", new.name, place.zh),
                format!("{}, {}; footage is kept for fewer days", new.name, place.en),
            )
        }
        Change::Reading { reading, choice, from, reason } => {
            let name = choice.name();
            Text::of(
                format!("{reading} 自 {from} 起{}。理由：{reason}", name.zh),
                format!("{reading} from {from} {}. Reason: {reason}", name.en),
            )
        }
    }
}

fn state_of(state: proposal::State) -> State {
    match state {
        proposal::State::Open => State::new(Mark::Attention, "等待确认", "waits"),
        proposal::State::Confirmed => State::new(Mark::Ok, "已确认", "confirmed"),
        proposal::State::Declined => State::new(Mark::Off, "已退回", "declined"),
        proposal::State::Expired => State::new(Mark::Off, "已过期", "expired"),
    }
}

async fn line_of(call: &Call, people: &People, row: ProposalRow) -> Result<ChangeLine, Refusal> {
    let by = call.actor()?;
    let answer = call.site().may_answer(by, &row).await;
    let kind = row.change.kind();
    Ok(ChangeLine {
        id: row.id.to_string(),
        what: kind.name(),
        why: kind.why(),
        detail: detail(people, &row.change, answer.is_ok()),
        by: login_of(people, row.made_by),
        made: row.made,
        ends: row.ends,
        state: state_of(row.state),
        decided: row.decided.map(|(who, at)| (who.map(|id| login_of(people, id)).unwrap_or_default(), at)),
        may_confirm: answer.is_ok(),
        own: row.made_by == by.id,
        why_not: answer.err().map(|r| r.what),
    })
}

async fn list_page(
    call: &Call,
    errors: FormErrors,
    one_time: Option<(String, String)>,
) -> Result<ChangesPage, Refusal> {
    let (open, answered) = call.site().proposals(call.actor()?).await?;
    let people: People = call.site().store().accounts().await?.into_iter().map(|a| (a.id, a)).collect();
    let (mut waits, mut done) = (Vec::new(), Vec::new());
    for row in open {
        waits.push(line_of(call, &people, row).await?);
    }
    for row in answered {
        done.push(line_of(call, &people, row).await?);
    }
    let bar = call.bar(Nav::Changes).await?;
    Ok(ChangesPage { l: call.lang, bar, errors, open: waits, answered: done, one_time })
}

/// `GET /changes`.
pub(crate) async fn list(call: Call) -> Reply {
    page(&list_page(&call, FormErrors::default(), None).await?)
}

async fn again(call: &Call, refusal: Refusal) -> Reply {
    if !matches!(refusal.kind, ErrorKind::Conflict | ErrorKind::BadInput | ErrorKind::NotFound) {
        return Err(refusal);
    }
    let mut errors = FormErrors::default();
    errors.push(
        "changes",
        Text::of(format!("{}{}", refusal.what.zh, refusal.next.zh), format!("{} {}", refusal.what.en, refusal.next.en)),
    );
    page_with(status(&refusal), &list_page(call, errors, None).await?)
}

/// `POST /changes/{id}/confirm`: the change is done; a one-time password that it made is shown once.
pub(crate) async fn confirm(call: Call) -> Reply {
    let id = ProposalId::parse(call.param(0)).ok_or_else(no_page)?;
    let fresh = one_time_password()?;
    match call.site().confirm_proposal(call.actor()?, id, &fresh).await {
        Ok(done) => {
            if let Some(account) = done.ended {
                call.app.end_live_of_account(account);
            }
            call.app.end_live_of_the_gone().await;
            match done.one_time {
                Some(login) => page(&list_page(&call, FormErrors::default(), Some((login, fresh.into_inner()))).await?),
                None => call.done("/changes", "change_confirmed"),
            }
        }
        Err(refusal) => again(&call, refusal).await,
    }
}

/// `POST /changes/{id}/decline`: nothing is done; whoever proposed it takes it back this way.
pub(crate) async fn decline(call: Call) -> Reply {
    let id = ProposalId::parse(call.param(0)).ok_or_else(no_page)?;
    match call.site().decline_proposal(call.actor()?, id).await {
        Ok(()) => call.done("/changes", "change_declined"),
        Err(refusal) => again(&call, refusal).await,
    }
}

/// `POST /accounts/{id}/role`: `role`.
pub(crate) async fn set_role(call: Call) -> Reply {
    let id = AccountId::parse(call.param(0)).ok_or_else(no_page)?;
    let wrong = || {
        Refusal::bad_input(
            "role",
            Text::new("请选择角色。", "Choose a role."),
            Text::new("请更正后重新提交。", "Correct it and submit again."),
        )
    };
    let role = Role::parse(call.form.get("role")).ok_or_else(wrong)?;
    match call.site().change_role(call.actor()?, id, role, call.kind().workplace()).await {
        Ok(Asked::Waits(_)) => call.done("/changes", "change_proposed"),
        Ok(Asked::Done(())) => {
            call.app.end_live_of_account(id);
            call.done("/accounts", "account_changed")
        }
        Err(refusal) if matches!(refusal.kind, ErrorKind::Conflict | ErrorKind::BadInput) => {
            let mut errors = FormErrors::default();
            errors.push("role", refusal.what.clone());
            page_with(status(&refusal), &areas::areas_page(&call, errors, None).await?)
        }
        Err(refusal) => Err(refusal),
    }
}

/// `POST /settings/small-site`: `on` (yes or no).
pub(crate) async fn small_site(call: Call) -> Reply {
    match call.site().set_small_site(call.actor()?, call.form.get("on") == "yes").await? {
        Asked::Done(()) => call.done("/settings", "small_site"),
        Asked::Waits(_) => call.done("/changes", "change_proposed"),
    }
}
