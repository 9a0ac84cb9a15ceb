//! The watch: begin, hand over, take over, the month.

use super::view::{Names, bracketed};
use crate::answer::{Reply, in_form, page, page_with};
use crate::call::Call;
use crate::pages::shifts::{Handover, RosterDay, RosterLine, RosterPage, ShiftPage, Standing};
use crate::pages::{Choice, FormErrors, Nav};
use base::{CivilDate, Refusal, Text, UtcMs, time::DAY_MS};
use domain::access::Permission;
use store::shifts::{Begun, ShiftRow};

fn handover(call: &Call, names: &Names, row: &ShiftRow) -> Option<Handover> {
    Some(Handover {
        by: names.who(call, Some(row.account)),
        to: names.who(call, row.offered_to),
        at: row.offered?,
        note: row.note.clone().map(base::Pii::into_inner).unwrap_or_default(),
        items: row.items.clone(),
    })
}

async fn shift_page(call: &Call, errors: FormErrors) -> Result<ShiftPage, Refusal> {
    let (site, by) = (call.site(), call.actor()?);
    let names = Names::read_whole(call).await?;
    let open = site.shift_now().await?;
    let standing = match &open {
        None => Standing::Free,
        Some(s) if s.account == by.id && s.offered_to.is_some() => Standing::Offered,
        Some(s) if s.account == by.id => Standing::Own,
        Some(s) if s.offered_to == Some(by.id) => Standing::ToMe,
        Some(_) => Standing::Other,
    };
    let before = match &open {
        Some(s) if s.begun == Begun::Handover => site.store().shift_before(s.number).await?,
        _ => None,
    };
    let people = site.store().accounts().await?.into_iter();
    let people = people.filter(|a| a.disabled.is_none() && a.id != by.id && a.role.may(Permission::StandWatch));
    let typed = |name: &str| if errors.is_empty() { String::new() } else { call.form.get(name).to_owned() };
    Ok(ShiftPage {
        l: call.lang,
        bar: call.bar(Nav::Shift).await?,
        standing,
        holder: open.as_ref().map(|s| names.who(call, Some(s.account))).unwrap_or_default(),
        since: open.as_ref().map_or(UtcMs(0), |s| s.since),
        why: open.as_ref().and_then(|s| s.why.clone()).map(base::Pii::into_inner).unwrap_or_default(),
        offer: open.as_ref().and_then(|s| handover(call, &names, s)),
        received: before.as_ref().and_then(|s| handover(call, &names, s)),
        items: site.open_items().await?,
        people: people
            .map(|a| {
                let label = bracketed(call.lang, a.name.expose(), &a.login);
                Choice::new(&a.login, Text::of(label.clone(), label), a.login == call.form.get("to"))
            })
            .collect(),
        note: typed("note"),
        reason: typed("reason"),
        errors,
    })
}

/// `GET /shift`.
pub(crate) async fn show(call: Call) -> Reply {
    page(&shift_page(&call, FormErrors::default()).await?)
}

/// Back to the page: done, or with what was wrong.
async fn answered(call: &Call, done: Result<(), Refusal>, flash: &'static str) -> Reply {
    match done {
        Ok(()) => call.done("/shift", flash),
        Err(refusal) => {
            let (code, errors) = in_form(refusal, &["to", "note", "reason"], "main")?;
            page_with(code, &shift_page(call, errors).await?)
        }
    }
}

/// `POST /shift/begin`.
pub(crate) async fn begin(call: Call) -> Reply {
    let done = call.site().begin_shift(call.actor()?).await;
    answered(&call, done, "shift_begun").await
}

/// `POST /shift/offer`: `to`, `note`.
pub(crate) async fn offer(call: Call) -> Reply {
    let done = call.site().offer_shift(call.actor()?, call.form.get("to"), &call.form.secret("note")).await;
    answered(&call, done, "shift_offered").await
}

/// `POST /shift/accept`.
pub(crate) async fn accept(call: Call) -> Reply {
    let done = call.site().accept_shift(call.actor()?).await;
    answered(&call, done, "shift_begun").await
}

/// `POST /shift/end-offer`: withdrawn or declined.
pub(crate) async fn end_offer(call: Call) -> Reply {
    let done = call.site().end_shift_offer(call.actor()?).await;
    answered(&call, done, "shift_offer_ended").await
}

/// `POST /shift/take`: `reason`.
pub(crate) async fn take(call: Call) -> Reply {
    let done = call.site().take_shift(call.actor()?, &call.form.secret("reason")).await;
    answered(&call, done, "shift_begun").await
}

/// First day of the month before or after.
fn month_beside(first: CivilDate, days: i32) -> CivilDate {
    let inside = first.plus_days(days);
    CivilDate::parse(&format!("{}-01", &inside.to_string()[..7])).unwrap_or(first)
}

const fn how(begun: Begun) -> Text {
    match begun {
        Begun::Free => Text::new("开始值班", "began"),
        Begun::Handover => Text::new("接班", "taken over"),
        Begun::Alone => Text::new("未经交班接管", "taken without handover"),
    }
}

/// `GET /shift/roster?month=`.
pub(crate) async fn roster(call: Call) -> Reply {
    let now = call.now();
    let this = format!("{}-01", &now.shanghai_date().to_string()[..7]);
    let asked = CivilDate::parse(&format!("{}-01", call.query.get("month")));
    let first = asked.or_else(|| CivilDate::parse(&this)).unwrap_or(now.shanghai_date());
    let (previous, next) = (month_beside(first, -1), month_beside(first, 31));
    let rows = call.site().shifts(call.actor()?, first.start(), next.start()).await?;
    let names = Names::read_whole(&call).await?;
    let mut days: Vec<RosterDay> = Vec::new();
    let mut day = first;
    while day < next {
        let (from, to) = (day.start(), day.start().plus_ms(DAY_MS));
        let touches =
            |s: &&ShiftRow| s.since < to && s.until.is_none_or(|until| until > from) && s.since <= now && from <= now;
        let shifts: Vec<_> = rows
            .iter()
            .filter(touches)
            .map(|s| RosterLine {
                since: s.since,
                until: s.until,
                who: names.who(&call, Some(s.account)),
                how: how(s.begun),
                alone: s.begun == Begun::Alone,
                items: s.items.len(),
            })
            .collect();
        if !shifts.is_empty() {
            days.push(RosterDay { date: day.to_string(), shifts });
        }
        day = day.plus_days(1);
    }
    let month = |d: CivilDate| d.to_string()[..7].to_owned();
    page(&RosterPage {
        l: call.lang,
        bar: call.bar(Nav::Shift).await?,
        month: month(first),
        previous: month(previous),
        next: if next.start() <= now { month(next) } else { String::new() },
        days,
    })
}
