//! Delegations of the heads of an office: the list, giving one, withdrawing one.
//!
//! ```text
//! GET  /offices/{id}/delegations     ─▶ Authority::delegations, possible_deputies, delegable ─▶ page; the form for a head of this office alone
//! POST /offices/{id}/delegations…    ─▶ Authority::put_delegation, end_delegation
//! ```
//! Always true: the corridor decides what may be given and to whom; a refusal stands beside its field with its clauses.

use super::ask::Wrong;
use super::inbox::{by, of};
use super::view::Names;
use crate::answer::{Reply, no_page, page, page_with};
use crate::call::Call;
use crate::pages::ask::Shown;
use crate::pages::delegations::{DelegationLine, DelegationsPage};
use crate::pages::{Choice, Mark, Nav, State};
use authority::cases::DelegationForm;
use base::{AccountId, CivilDate, OfficeId, Refusal, Text};
use domain::access::Permission;
use std::collections::BTreeMap;
use store::casework::delegations::DelegationRow;

fn id_of(call: &Call) -> Result<OfficeId, Refusal> {
    OfficeId::parse(call.param(0)).ok_or_else(no_page)
}

fn state_of(row: &DelegationRow, today: CivilDate) -> State {
    if row.ended.is_some() {
        State::new(Mark::Off, "已收回", "withdrawn")
    } else if row.holds(today) {
        State::new(Mark::Ok, "有效", "holds")
    } else if today < row.given.from {
        State::new(Mark::Info, "尚未开始", "to come")
    } else {
        State::new(Mark::Off, "已到期", "over")
    }
}

/// The procedures of a delegation, in words.
fn what(call: &Call, row: &DelegationRow) -> Text {
    let packs = call.site().gate().packs();
    let name = |id: &String| packs.procedure(id).map_or_else(|| Text::of(id.clone(), id.clone()), law::Procedure::name);
    let names: Vec<Text> = row.given.procedures.iter().map(name).collect();
    let zh: Vec<&str> = names.iter().map(|n| &*n.zh).collect();
    let en: Vec<&str> = names.iter().map(|n| &*n.en).collect();
    Text::of(zh.join("、"), en.join(", "))
}

/// Delegations as lists show them; `offices`: names by id.
pub(super) fn lines(
    call: &Call,
    names: &Names,
    offices: &BTreeMap<OfficeId, String>,
    rows: &[DelegationRow],
) -> Vec<DelegationLine> {
    let today = call.now().shanghai_date();
    let line = |row: &DelegationRow| DelegationLine {
        entry: row.entry,
        number: row.number.clone(),
        office: offices.get(&row.given.office).cloned().unwrap_or_default(),
        giver: Shown(names.who(call, Some(row.given.giver))),
        deputy: Shown(names.who(call, Some(row.given.deputy))),
        from: row.given.from.to_string(),
        until: row.given.until.to_string(),
        what: what(call, row),
        state: state_of(row, today),
        may_end: false,
    };
    rows.iter().map(line).collect()
}

/// What a head of the office may choose: people and procedures.
async fn choices(call: &Call, id: OfficeId) -> Result<(Vec<Choice>, Vec<Choice>), Refusal> {
    let (authority, who) = (of(call)?, by(call)?);
    let possible = authority.possible_deputies(who, id).await?;
    let names = Names::of(call, possible.iter().map(|one| one.0).collect()).await?;
    let deputy = |(account, leads): &(AccountId, bool)| {
        let (value, name) = (account.to_string(), names.who(call, Some(*account)));
        let label = if *leads {
            Text::of(format!("{name}（上级机构负责人）"), format!("{name} (head of an office above)"))
        } else {
            Text::of(name.clone(), name)
        };
        Choice::new(&value, label, call.form.get("deputy") == value)
    };
    let chosen = call.form.all("procedure");
    let procedure = |found: &&law::Procedure| Choice::new(&found.id, found.name(), chosen.contains(&found.id));
    let procedures = authority.delegable().await?.iter().map(procedure).collect();
    Ok((possible.iter().map(deputy).collect(), procedures))
}

async fn delegations_page(call: &Call, id: OfficeId, mut wrong: Wrong) -> Result<DelegationsPage, Refusal> {
    let (authority, who) = (of(call)?, by(call)?);
    let row = call.site().store().office(id).await?.ok_or_else(|| Refusal::not_found("该机构", "office"))?;
    let rows = authority.delegations(who, id).await?;
    let names = Names::of(call, rows.iter().flat_map(|d| [d.given.giver, d.given.deputy]).collect()).await?;
    let office = row.called(call.lang).to_owned();
    let mut listed = lines(call, &names, &BTreeMap::from([(id, office.clone())]), &rows);
    let officer = call.site().store().officer(who.account).await?;
    let is_head = call.may(Permission::ApproveCases) && officer.is_some_and(|own| own.office == id);
    let today = call.now().shanghai_date();
    for (line, row) in listed.iter_mut().zip(&rows) {
        line.may_end = is_head && row.ended.is_none() && today <= row.given.until;
    }
    let (deputies, procedures) = if is_head { choices(call, id).await? } else { (Vec::new(), Vec::new()) };
    let mut bar = call.bar(Nav::Offices).await?;
    wrong.on(&mut bar);
    Ok(DelegationsPage {
        l: call.lang,
        bar,
        id: id.to_string(),
        office,
        lines: listed,
        deputies,
        procedures,
        from: call.form.raw("from").to_owned(),
        until: call.form.raw("until").to_owned(),
        errors: wrong.errors,
    })
}

/// `GET /offices/{id}/delegations`.
pub(crate) async fn show(call: Call) -> Reply {
    of(&call)?;
    page(&delegations_page(&call, id_of(&call)?, Wrong::none()).await?)
}

/// The field that a refusal is about.
fn at(code: &str) -> &'static str {
    match code {
        "delegation_days" => "from",
        "procedures" | "not_delegable" | "delegation_unlawful" => "procedures",
        _ => "deputy",
    }
}

/// `POST /offices/{id}/delegations`: `deputy`, `procedure` (several), `from`, `until`.
pub(crate) async fn give(call: Call) -> Reply {
    let authority = of(&call)?;
    let id = id_of(&call)?;
    let days = (CivilDate::parse(call.form.get("from")), CivilDate::parse(call.form.get("until")));
    let deputy = AccountId::parse(call.form.get("deputy"));
    let ((Some(from), Some(until)), Some(deputy)) = (days, deputy) else {
        let mut wrong = Wrong::form();
        let field = if deputy.is_none() { "deputy" } else { "from" };
        let what =
            Text::new("请选择受委托的人，并填写起止日期。", "Choose who is given the power, and enter both days.");
        wrong.errors.push(field, what);
        return page_with(wrong.status, &delegations_page(&call, id, wrong).await?);
    };
    let form = DelegationForm { deputy, procedures: call.form.all("procedure"), from, until };
    match authority.put_delegation(by(&call)?, &form).await {
        Ok(_) => call.done(&format!("/offices/{id}/delegations"), "delegation_given"),
        Err(refusal) => {
            let field = at(&refusal.code);
            let wrong = Wrong::of(refusal, field)?;
            page_with(wrong.status, &delegations_page(&call, id, wrong).await?)
        }
    }
}

/// `POST /offices/{id}/delegations/end`: `entry`.
pub(crate) async fn end(call: Call) -> Reply {
    let authority = of(&call)?;
    let entry = call.form.get("entry").parse().map_err(|_| no_page())?;
    let office = authority.end_delegation(by(&call)?, entry).await?;
    call.done(&format!("/offices/{office}/delegations"), "delegation_over")
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::UtcMs;
    use store::casework::delegations::NewDelegation;

    #[test]
    fn a_paper_reads_as_it_stands_on_the_day() {
        let day = |text: &str| CivilDate::parse(text).unwrap();
        let given = NewDelegation {
            giver: AccountId::from_bytes([1; 16]),
            deputy: AccountId::from_bytes([2; 16]),
            office: OfficeId::new(1, [1; 10]),
            procedures: vec!["area_approval".into()],
            from: day("2026-03-02"),
            until: day("2026-03-04"),
        };
        let row = DelegationRow { entry: 1, number: "1号".into(), given, at: UtcMs(0), ended: None };
        let reads = |row: &DelegationRow, on: &str| state_of(row, day(on)).word.en.into_owned();
        let days = ["2026-03-01", "2026-03-02", "2026-03-04", "2026-03-05"];
        assert_eq!(days.map(|on| reads(&row, on)), ["to come", "holds", "holds", "over"]);
        let ended = DelegationRow { ended: Some((UtcMs(1), AccountId::from_bytes([1; 16]))), ..row };
        assert_eq!(reads(&ended, "2026-03-03"), "withdrawn");
    }
}
