//! Whose cameras an application about footage means: told before it is sent, chosen where several may be meant.
//!
//! ```text
//! GET  /apply/{id}/check ─▶ Authority::sites_meant ─▶ held when it is sent · which of these · nothing is held by itself, and until when it is kept
//! POST /apply/{id}/unit  ─▶ one of those that were offered ─▶ the form with its name ─▶ /apply/{id}/check
//! ```
//! Always true: a site that was not offered is never chosen by its id; what the page says of sending is what the corridor does when it is sent;
//! names of sites are looked for slowly, by account and by address, so that nobody reads out the list by guessing.

use super::ask;
use super::case::{id_of, send, view_of};
use super::footage::kept_until;
use super::inbox::{by, of};
use super::public::{slowly, too_often};
use crate::answer::{Reply, see_other};
use crate::call::Call;
use crate::limiter::{SITES_ASKED, SITES_ASKED_BY_ADDRESS};
use crate::pages::Choice;
use crate::pages::apply::HeldUnit;
use authority::cases::CaseView;
use base::{Refusal, SiteId, Text};
use domain::casework::{CaseAct, Node};

/// Takes one look for connected sites of this account and this address.
///
/// # Errors
/// `too_many_requests`.
pub(super) fn may_ask(call: &Call) -> Result<(), Refusal> {
    slowly(call, "sites_asked", SITES_ASKED_BY_ADDRESS)?;
    let account = by(call)?.account.to_string();
    let allowed = call.app.limiter.allow("sites_asked_by", &account, SITES_ASKED, call.site().now().mono);
    if allowed { Ok(()) } else { Err(too_often()) }
}

/// What is told of the site on the page on which the application is checked; `None` where the procedure holds no footage, or not with this step.
pub(super) async fn of_case(call: &Call, view: &CaseView, step: Node<'_>) -> Result<Option<HeldUnit>, Refusal> {
    let Some(rule) = view.procedure().hold.as_ref().filter(|_| view.case.doings.is_empty()) else { return Ok(None) };
    if view.procedure().field(&rule.unit).is_none_or(|field| field.step != step.id()) {
        return Ok(None);
    }
    may_ask(call)?;
    let Some(meant) = of(call)?.sites_meant(by(call)?, view.row.id).await? else { return Ok(None) };
    let day = view.case.values_of(step.id()).and_then(|values| values.day(&rule.day));
    let choice = |(site, name): (SiteId, String)| Choice::new(&site.to_string(), Text::of(name.clone(), name), false);
    Ok(Some(HeldUnit {
        one: meant.one.unwrap_or_default(),
        near: meant.near.into_iter().map(choice).collect(),
        kept_until: day.and_then(|day| kept_until(call.site().gate().packs(), day)).unwrap_or_default(),
    }))
}

/// `POST /apply/{id}/unit`: `step`, `seen`, `site`, one of those that were offered; none of them changes nothing.
pub(crate) async fn choose(call: Call) -> Reply {
    let view = view_of(&call).await?;
    let id = id_of(&call)?;
    let back = format!("/apply/{id}/check?step={}", view.procedure().steps.first().map_or("", |s| s.id.as_str()));
    let (Some(rule), Some(site)) = (view.procedure().hold.as_ref(), SiteId::parse(call.form.get("site"))) else {
        return Ok(see_other(&back));
    };
    let meant = of(&call)?.sites_meant(by(&call)?, id).await?.unwrap_or_default();
    let Some((_, name)) = meant.near.into_iter().find(|(near, _)| *near == site) else { return Ok(see_other(&back)) };
    let Some(field) = view.procedure().field(&rule.unit) else { return Ok(see_other(&back)) };
    let mut typed = ask::typed_again(view.case.values_of(&field.step));
    typed.insert(rule.unit.clone(), name);
    send(&call, CaseAct::Fill { step: field.step.clone(), typed }, Vec::new()).await?;
    Ok(see_other(&back))
}
