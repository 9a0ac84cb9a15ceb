//! Rights of an account to areas: one page with a row a right.

use crate::answer::{Reply, no_page, page, page_with, status};
use crate::call::Call;
use crate::pages::areas::{AreaRow, AreasPage, DAYS};
use crate::pages::{Choice, FormErrors, Nav};
use base::{AccountId, CivilDate, ErrorKind, Refusal, Text};
use domain::access::Role;
use domain::area::{self, AreaRight, Hours, RIGHTS, WHOLE_SITE};
use site::proposals::Asked;
use store::accounts::Account;

/// Form value of the whole site; an empty one is a row that is not used.
const WHOLE: &str = "/";
/// Empty rows after those in use.
const SPARE: usize = 2;

async fn account_of(call: &Call) -> Result<Account, Refusal> {
    let id = AccountId::parse(call.param(0)).ok_or_else(no_page)?;
    call.site().store().account(id).await?.ok_or_else(|| Refusal::not_found("该账号", "account"))
}

fn clock(minutes: u16) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

fn minutes(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let two =
        |t: &str| (t.len() == 2 && t.bytes().all(|b| b.is_ascii_digit())).then(|| t.parse::<u16>().ok()).flatten();
    let (hour, minute) = (two(hour)?, two(minute)?);
    (hour < 24 && minute < 60).then_some(hour * 60 + minute)
}

/// One row of the page; `right` is `None` for a spare one.
fn row_of(right: Option<&AreaRight>, tree: &[String]) -> AreaRow {
    let chosen = right.map(|r| if r.area == WHOLE_SITE { WHOLE.to_owned() } else { r.area.clone() });
    let mut areas = vec![
        Choice::new("", Text::new("（不用）", "(not used)"), chosen.is_none()),
        Choice::new(WHOLE, Text::new("整个场所", "the whole site"), chosen.as_deref() == Some(WHOLE)),
    ];
    areas.extend(tree.iter().map(|a| Choice::new(a, Text::of(a.clone(), a.clone()), chosen.as_ref() == Some(a))));
    // An area whose last camera went stays as it was given.
    if let Some(gone) = chosen.filter(|c| !areas.iter().any(|a| a.value == *c)) {
        areas.push(Choice::new(&gone, Text::of(gone.clone(), gone.clone()), true));
    }
    let date = |t: Option<base::UtcMs>| t.map_or_else(String::new, |t| t.shanghai_date().to_string());
    let hours = right.map_or(Hours::ALWAYS, |r| r.hours);
    AreaRow {
        areas,
        from: date(right.and_then(|r| r.from)),
        // The page names the last day, the right ends with it.
        until: date(right.and_then(|r| r.until).map(|t| t.plus_ms(-1))),
        days: DAYS.into_iter().enumerate().map(|(d, name)| (name, hours.days >> d & 1 == 1)).collect(),
        begin: clock(hours.from_min),
        end: clock(hours.to_min),
    }
}

pub(super) async fn areas_page(
    call: &Call,
    errors: FormErrors,
    typed: Option<Vec<AreaRight>>,
) -> Result<AreasPage, Refusal> {
    let account = account_of(call).await?;
    let rights = match typed {
        Some(rights) => rights,
        None => call.site().area_rights(call.actor()?, account.id).await?,
    };
    let (tree, here) = (call.site().area_tree(), call.kind().workplace());
    let spare = (RIGHTS.saturating_sub(rights.len())).min(SPARE);
    let rows = rights.iter().map(Some).chain(std::iter::repeat_n(None, spare)).map(|r| row_of(r, &tree)).collect();
    Ok(AreasPage {
        l: call.lang,
        bar: call.bar(Nav::Accounts).await?,
        errors,
        id: account.id.to_string(),
        login: account.login,
        role: account.role.name(),
        none: rights.is_empty(),
        // The role it has is in the list in any case, else another one would seem chosen.
        roles: Role::ALL
            .into_iter()
            .filter(|r| *r == account.role || here.gives(*r).is_ok())
            .map(|r| Choice::new(r.code(), r.name(), r == account.role))
            .collect(),
        rows,
    })
}

/// `GET /accounts/{id}/areas`.
pub(crate) async fn show(call: Call) -> Reply {
    page(&areas_page(&call, FormErrors::default(), None).await?)
}

/// Row `n` of the form; `None` where it is not used.
fn read_row(call: &Call, n: usize, errors: &mut FormErrors) -> Option<AreaRight> {
    let f = &call.form;
    let field = |name: &str| format!("{name}{n}");
    let area = f.get(&field("area"));
    if area.is_empty() {
        return None;
    }
    let mut day = |name: &str| {
        let text = f.get(&field(name));
        let date = CivilDate::parse(text);
        if !text.is_empty() && date.is_none() {
            errors.push(&field(name), Text::new("日期不对。", "Not a date."));
        }
        date.map(CivilDate::start)
    };
    let (from, until) = (day("from"), day("until").map(|t| t.plus_ms(base::time::DAY_MS)));
    let ticked = f.all(&field("day"));
    let days = ticked.iter().filter_map(|d| d.parse::<u8>().ok()).filter(|d| *d < 7);
    let days = days.fold(0, |bits, d| bits | 1 << d);
    let hours = minutes(f.get(&field("begin"))).zip(minutes(f.get(&field("end"))));
    let hours = hours.and_then(|(begin, end)| Hours::new(days, begin, end));
    if hours.is_none() {
        let what = Text::new("请至少选一天，并填写起止时间。", "Choose a day at least, and give begin and end.");
        errors.push(&field("begin"), what);
    }
    let area = if area == WHOLE { WHOLE_SITE.to_owned() } else { area::tidy(area) };
    Some(AreaRight { area, from, until, hours: hours.unwrap_or(Hours::ALWAYS) })
}

/// `POST /accounts/{id}/areas`: `area{n}`, `from{n}`, `until{n}` (last day), `day{n}` (many), `begin{n}`, `end{n}`.
pub(crate) async fn save(call: Call) -> Reply {
    let account = account_of(&call).await?;
    let mut errors = FormErrors::default();
    // One more than there may be, so that too many are refused and not cut off.
    let rights: Vec<_> = (0..=RIGHTS).filter_map(|n| read_row(&call, n, &mut errors)).collect();
    if !errors.is_empty() {
        let page = areas_page(&call, errors, Some(rights)).await?;
        return page_with(axum::http::StatusCode::BAD_REQUEST, &page);
    }
    match call.site().set_area_rights(call.actor()?, account.id, rights.clone()).await {
        Ok(Asked::Waits(_)) => call.done("/changes", "change_proposed"),
        Ok(Asked::Done(())) => {
            call.app.end_live_of_the_gone().await;
            call.done("/accounts", "areas_changed")
        }
        Err(refusal) if refusal.kind == ErrorKind::BadInput => {
            errors.push("area0", refusal.what.clone());
            page_with(status(&refusal), &areas_page(&call, errors, Some(rights)).await?)
        }
        Err(refusal) => Err(refusal),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_day_are_read_as_browsers_send_them() {
        for (text, want) in [("00:00", Some(0)), ("08:30", Some(510)), ("23:59", Some(1_439))] {
            assert_eq!(minutes(text), want);
            assert_eq!(clock(want.unwrap()), text);
        }
        for text in ["", "8:30", "24:00", "12:60", "12", "aa:bb", "+1:00", "12:00:00"] {
            assert_eq!(minutes(text), None, "{text}");
        }
    }
}
