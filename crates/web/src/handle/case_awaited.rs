//! What waits for the reader of the worklist: above it, and for who publishes as a list of its own.
//!
//! ```text
//! Authority::awaiting    ─▶ a line each, with what for
//! Authority::unpublished ─▶ a line each, with a link to each publication ─▶ GET /cases?of=unpublished, and above the worklist
//! ```
//! Always true: a case is on the list of who publishes until it came out in every list of its decision.

use super::case_words::carrier_name;
use super::cases::{choices, lines_of, office_name};
use super::inbox::{by, of};
use crate::call::Call;
use crate::pages::cases::{CaseLine, Chip, WorklistPage};
use crate::pages::{Mark, Nav, State};
use authority::cases::{Awaits, Unpublished};
use base::{Refusal, Text};
use domain::access::Permission;
use store::casework::cases::CaseRow;

/// Word of the tab of what is to be published.
pub(super) const UNPUBLISHED: &str = "unpublished";

/// Lines of what is to be published, each with its links; `procedure`: only its cases, empty for all.
async fn to_publish(call: &Call, procedure: &str) -> Result<Vec<CaseLine>, Refusal> {
    let mut found: Vec<Unpublished> = of(call)?.unpublished(by(call)?).await?;
    found.retain(|one| procedure.is_empty() || one.row.head.procedure == procedure);
    let (rows, lists): (Vec<CaseRow>, Vec<Vec<String>>) = found.into_iter().map(|one| (one.row, one.lists)).unzip();
    let carriers = call.site().gate().packs().carriers().publications();
    let entry = |id: &str, list: &str| {
        let name = carrier_name(carriers, list);
        let verb = Text::of(format!("公布：{}", name.zh), format!("Publish: {}", name.en));
        (format!("/cases/{id}/publish?entry={list}"), verb)
    };
    let with_entries = |(line, lists): (CaseLine, Vec<String>)| CaseLine {
        state: State::new(Mark::Attention, "等您公布", "waits for you to publish it"),
        entries: lists.iter().map(|list| entry(&line.id, list)).collect(),
        ..line
    };
    Ok(lines_of(call, &rows).await?.into_iter().zip(lists).map(with_entries).collect())
}

/// Lines of what waits for this account, each with what for.
pub(super) async fn waiting(call: &Call) -> Result<Vec<CaseLine>, Refusal> {
    if call.may(Permission::PublishRecords) {
        return to_publish(call, "").await;
    }
    let (rows, whats): (Vec<CaseRow>, Vec<Awaits>) = of(call)?.awaiting(by(call)?).await?.into_iter().unzip();
    let state = |what: Awaits| match what {
        Awaits::Decision => State::new(Mark::Attention, "等您决定", "waits for your decision"),
        Awaits::Review => State::new(Mark::Attention, "等您审核", "waits for your review"),
        Awaits::Proposal => State::new(Mark::Warning, "退回给您", "sent back to you"),
    };
    let lines = lines_of(call, &rows).await?.into_iter().zip(whats);
    Ok(lines.map(|(line, what)| CaseLine { state: state(what), ..line }).collect())
}

/// What is to be published, as a tab of the worklist.
pub(super) async fn unpublished(call: &Call, tabs: Vec<Chip>) -> Result<WorklistPage, Refusal> {
    let lines = to_publish(call, call.query.get("procedure")).await?;
    let (procedures, _) = choices(call, &[]);
    Ok(WorklistPage {
        l: call.lang,
        bar: call.bar(Nav::Cases).await?,
        office: office_name(call, by(call)?).await?,
        tabs,
        of: UNPUBLISHED.to_owned(),
        procedures,
        narrowed: call.query.has("procedure"),
        total: u64::try_from(lines.len()).unwrap_or(u64::MAX),
        lines,
        ..WorklistPage::default()
    })
}
