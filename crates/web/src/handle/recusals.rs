//! Requests that the head of an office below keeps out of a case: listed for the head above, and decided there.
//!
//! ```text
//! tab of the cases    ─▶ Authority::recusals_below_count, which reads no case
//! GET  /recusals      ─▶ Authority::recusals_below ─▶ RecusalsPage
//! POST /recusals/{id} ─▶ Authority::settle_recusal_below (with `seen`) ─▶ /recusals
//! ```
//! Always true: the case itself is not shown to the head above; a refusal stands beside its form.

use super::ask::Wrong;
use super::case::id_of;
use super::case_desk::decision_of;
use super::inbox::{by, of};
use crate::answer::{Reply, no_page, page, page_with};
use crate::call::Call;
use crate::pages::Nav;
use crate::pages::ask::Shown;
use crate::pages::cases::Chip;
use crate::pages::recusals::{RecusalsPage, WaitingLine};
use authority::cases::{BelowLine, Settling, WAITING};
use base::{AccountId, Refusal, Text};
use domain::access::Permission;

fn line(call: &Call, one: BelowLine) -> WaitingLine {
    let (case, account) = (one.case.to_string(), one.account.to_string());
    let is_sent = call.param(0) == case && call.form.get("account") == account;
    WaitingLine {
        typed: if is_sent { Shown(call.form.raw("reason").to_owned()) } else { Shown::default() },
        case,
        number: one.number,
        procedure: one.procedure,
        office: one.office,
        account,
        name: Shown(one.name.into_inner()),
        reasons: one.reasons.into_iter().map(|said| Shown(said.into_inner())).collect(),
        seen: one.seen,
    }
}

/// The tab of the list of cases that leads here, where something waits.
pub(crate) async fn tab(call: &Call) -> Result<Option<Chip>, Refusal> {
    if !call.may(Permission::ApproveCases) {
        return Ok(None);
    }
    let waiting = of(call)?.recusals_below_count(by(call)?).await?;
    Ok((waiting > 0).then(|| Chip {
        href: "/recusals".to_owned(),
        label: Text::new("下级负责人回避", "Heads below"),
        count: u64::try_from(waiting).unwrap_or(u64::MAX),
        loud: true,
        ..Chip::default()
    }))
}

async fn list(call: &Call, mut wrong: Wrong) -> Result<RecusalsPage, Refusal> {
    let waiting = of(call)?.recusals_below(by(call)?).await?;
    let mut bar = call.bar(Nav::Cases).await?;
    wrong.on(&mut bar);
    Ok(RecusalsPage {
        l: call.lang,
        bar,
        waiting: waiting.into_iter().map(|one| line(call, one)).collect(),
        most: WAITING,
        errors: wrong.errors,
    })
}

/// `GET /recusals`.
pub(crate) async fn show(call: Call) -> Reply {
    page(&list(&call, Wrong::none()).await?)
}

/// `POST /recusals/{id}`: `account`, `reason`, `decision`, `seen`.
pub(crate) async fn settle(call: Call) -> Reply {
    let (authority, who, case) = (of(&call)?, by(&call)?, id_of(&call)?);
    let account = AccountId::parse(call.form.get("account")).ok_or_else(no_page)?;
    let form = Settling {
        seen: call.form.get("seen").parse().unwrap_or_default(),
        account,
        granted: decision_of(&call)?,
        reason: call.form.get("reason"),
    };
    match authority.settle_recusal_below(who, case, form).await {
        Ok(_) => call.done("/recusals", "case_entered"),
        Err(refusal) => {
            let wrong = Wrong::of(refusal, &format!("why-{case}-{account}"))?;
            page_with(wrong.status, &list(&call, wrong).await?)
        }
    }
}
