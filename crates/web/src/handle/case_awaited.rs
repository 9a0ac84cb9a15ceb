//! What waits for the reader of the worklist: above it, and for who publishes as a list of its own.
//!
//! ```text
//! Authority::unheld      ─▶ a line each: nothing is held, and until when the law has the footage kept
//! Authority::awaiting    ─▶ a line each, with what for
//! Authority::unpublished ─▶ a line each, with a link to each publication ─▶ GET /cases?of=unpublished, and above the worklist
//! ```
//! Always true: a case is on the list of who publishes until it came out in every list of its decision; where more waits than is shown, the page
//! says so.

use super::case_words::{NEAR_DAYS, carrier_name, days_left, left_words};
use super::cases::{LINES, choices, lines_of, link, office_name, place_of, place_text};
use super::footage::kept_until;
use super::inbox::{by, of};
use crate::call::Call;
use crate::pages::case::mark_of_left;
use crate::pages::cases::{CaseLine, Chip, WorklistPage};
use crate::pages::{Mark, Nav, Pager, State};
use authority::cases::{AWAITED, Awaits, Unheld};
use base::{CaseId, CivilDate, Refusal, Text, UtcMs};
use domain::access::Permission;
use store::casework::awaited::UnpublishedFilter;
use store::casework::cases::CaseRow;

/// Lines above the worklist of who publishes; the rest stands in the tab.
const ABOVE: u32 = 10;

/// Word of the tab of what is to be published.
pub(super) const UNPUBLISHED: &str = "unpublished";

/// What waits for an account, above its list.
#[derive(Default)]
pub(super) struct Waiting {
    /// A line each.
    pub lines: Vec<CaseLine>,
    /// There is more than is shown.
    pub more: bool,
    /// Where all of it stands; empty: nowhere.
    pub all: String,
}

/// Lines of what is to be published, each with its links, and where the next page begins.
async fn to_publish(
    call: &Call,
    filter: &UnpublishedFilter,
    limit: u32,
) -> Result<(Vec<CaseLine>, Option<(UtcMs, CaseId)>), Refusal> {
    let found = of(call)?.unpublished(by(call)?, filter, limit).await?;
    let next = found.next;
    let (rows, lists): (Vec<CaseRow>, Vec<Vec<String>>) =
        found.lines.into_iter().map(|one| (one.row, one.lists)).unzip();
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
    Ok((lines_of(call, &rows).await?.into_iter().zip(lists).map(with_entries).collect(), next))
}

/// Applications for whose footage nobody was told anything, with the day on which the law lets it go.
async fn not_held(call: &Call) -> Result<Vec<CaseLine>, Refusal> {
    let found: Vec<Unheld> = of(call)?.unheld(by(call)?).await?;
    let (packs, today) = (call.site().gate().packs(), call.now().shanghai_date());
    let (rows, days): (Vec<CaseRow>, Vec<Option<CivilDate>>) = found.into_iter().map(|one| (one.row, one.day)).unzip();
    let told = |(line, day): (CaseLine, Option<CivilDate>)| {
        let day = day.and_then(|day| kept_until(packs, day)).unwrap_or_default();
        let left = CivilDate::parse(&day).map(|last| days_left(today, last));
        let verb = Text::new("通知单位封存", "Tell the site to hold it");
        CaseLine {
            state: State::new(Mark::Critical, "录像还没有封存", "nothing is held"),
            due: Text::new("录像的法定保存期至", "the law has it kept until"),
            day,
            left: left.map(|n| State { mark: mark_of_left(n, NEAR_DAYS), word: left_words(n) }).unwrap_or_default(),
            entries: vec![(format!("/cases/{}/footage", line.id), verb)],
            ..line
        }
    };
    Ok(lines_of(call, &rows).await?.into_iter().zip(days).map(told).collect())
}

/// Lines of what waits for this account, each with what for.
pub(super) async fn waiting(call: &Call) -> Result<Waiting, Refusal> {
    if call.may(Permission::PublishRecords) {
        let (lines, next) = to_publish(call, &UnpublishedFilter::default(), ABOVE).await?;
        return Ok(Waiting { lines, more: next.is_some(), all: format!("/cases?of={UNPUBLISHED}") });
    }
    let (rows, whats): (Vec<CaseRow>, Vec<Awaits>) = of(call)?.awaiting(by(call)?).await?.into_iter().unzip();
    let more = u32::try_from(rows.len()).unwrap_or(u32::MAX) >= AWAITED;
    let state = |what: Awaits| match what {
        Awaits::Decision => State::new(Mark::Attention, "等您决定", "waits for your decision"),
        Awaits::Review => State::new(Mark::Attention, "等您审核", "waits for your review"),
        Awaits::Leave => State::new(Mark::Attention, "等您批准", "waits for your leave"),
        Awaits::Proposal => State::new(Mark::Warning, "退回给您", "sent back to you"),
    };
    let lines = lines_of(call, &rows).await?.into_iter().zip(whats);
    let mut all = not_held(call).await?;
    all.extend(lines.map(|(line, what)| CaseLine { state: state(what), ..line }));
    Ok(Waiting { lines: all, more, all: String::new() })
}

/// What is to be published, as a tab of the worklist, in pages.
pub(super) async fn unpublished(call: &Call, tabs: Vec<Chip>) -> Result<WorklistPage, Refusal> {
    let after = place_of(call.query.get("after"));
    let filter = UnpublishedFilter { procedure: call.query.get("procedure").to_owned(), after };
    let (lines, next) = to_publish(call, &filter, LINES).await?;
    let (procedures, _) = choices(call, &[]);
    Ok(WorklistPage {
        l: call.lang,
        bar: call.bar(Nav::Cases).await?,
        office: office_name(call, by(call)?).await?,
        tabs,
        of: UNPUBLISHED.to_owned(),
        procedures,
        narrowed: call.query.has("procedure"),
        lines,
        pager: Pager {
            previous: after.map(|_| link(call, &[])),
            next: next.map(|place| link(call, &[("after", &place_text(place))])),
            shown: Text::default(),
        },
        ..WorklistPage::default()
    })
}
