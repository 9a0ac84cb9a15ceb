//! Persons: who handles a case, and who keeps out of it.

use super::super::command::CaseAct;
use super::super::event::{Event, Ruling, Settlement};
use super::super::refuse;
use super::super::seat::Seat;
use super::{Desk, MOST_NAMED, REASON_CHARS, not_your_step, word, words};
use base::{AccountId, CivilDate, Refusal, Text};

pub(super) fn decide(desk: &Desk<'_, '_>, act: &CaseAct) -> Result<Vec<Event>, Refusal> {
    match act {
        CaseAct::Assign { to } => assign(desk, *to),
        CaseAct::AskRecusal { account, reason } => ask(desk, *account, reason),
        CaseAct::SettleRecusal { account, granted, reason } => settle(desk, *account, *granted, reason),
        CaseAct::EnterRecusal { account, granted, reason, organ, number, on } => {
            enter(desk, (*account, *granted), reason, (organ.as_str(), number.as_str(), *on))
        }
        _ => Err(not_your_step()),
    }
}

/// The head names anybody of the office; an officer takes a case that nobody has.
fn assign(desk: &Desk<'_, '_>, to: AccountId) -> Result<Vec<Event>, Refusal> {
    desk.is_of_office()?;
    let case = desk.case();
    let own = desk.who.seat == Seat::Officer && to == desk.who.account && case.assigned.is_none();
    if desk.who.seat != Seat::Head && !own {
        return Err(not_your_step());
    }
    if !desk.checks.officers.contains_key(&to) || case.is_recused(to) {
        let what = Text::new(
            "承办人须是本机关的承办人，且没有被决定回避本案。",
            "The handler is an officer of this office who need not keep out of the case.",
        );
        return Err(refuse::bad("assigned", what));
    }
    if case.assigned == Some(to) {
        return Err(refuse::conflict(
            "assigned_already",
            Text::new("本案已由此人承办。", "That person handles it already."),
            Text::new("不需要再指定。", "There is nothing to do."),
        ));
    }
    Ok(vec![Event::Assigned { to }])
}

fn ask(desk: &Desk<'_, '_>, account: AccountId, reason: &str) -> Result<Vec<Event>, Refusal> {
    desk.is_of_case()?;
    let case = desk.case();
    if matches!(case.recusals.get(&account), Some(Settlement::Asked | Settlement::Granted)) {
        return Err(refuse::conflict(
            "recusal_asked",
            Text::new("已经有人提出此人回避。", "The recusal of this person was asked for already."),
            Text::new("请等待决定。", "Wait for the decision."),
        ));
    }
    if case.recusals.len() >= MOST_NAMED {
        return Err(refuse::full());
    }
    let reason = words(reason, REASON_CHARS, "reason")?;
    Ok(vec![Event::Recused { account, reason, settled: Settlement::Asked, ruling: None }])
}

fn own_recusal() -> Refusal {
    refuse::forbidden(
        "own_recusal",
        Text::new("不能决定自己是否回避。", "Nobody decides on their own recusal."),
        Text::new(
            "请由本机构其他负责人或者上一级机构的负责人决定；都没有的，由其他人员登记上级机关的书面决定。",
            "Another head of the office decides, or a head of the office above; where there is none, somebody else enters the written decision of \
             the organ above.",
        ),
    )
}

/// The request waits, and what is decided on it.
fn settled(
    desk: &Desk<'_, '_>,
    (account, granted): (AccountId, bool),
    reason: &str,
    ruling: Option<Ruling>,
) -> Result<Vec<Event>, Refusal> {
    if desk.case().recusals.get(&account) != Some(&Settlement::Asked) {
        return Err(refuse::conflict(
            "recusal_not_asked",
            Text::new("没有等待决定的回避申请。", "No request for a recusal is waiting for a decision."),
            Text::new("请刷新页面查看。", "Reload the page."),
        ));
    }
    let reason = words(reason, REASON_CHARS, "reason")?;
    let settled = if granted { Settlement::Granted } else { Settlement::Rejected };
    Ok(vec![Event::Recused { account, reason, settled, ruling }])
}

/// A head of the office decides, about a head of it also one of the office above; never about themselves.
fn settle(desk: &Desk<'_, '_>, account: AccountId, granted: bool, reason: &str) -> Result<Vec<Event>, Refusal> {
    let (who, heads) = (desk.who, desk.checks.heads);
    let own_office = who.office == Some(desk.case().office);
    let from_above = heads.above.filter(|office| !own_office && who.office == Some(*office));
    let ruling = match from_above {
        Some(office) if who.seat == Seat::Head && heads.own.contains(&account) => {
            desk.need_not_keep_out()?;
            Some(Ruling::Above { office })
        }
        _ => {
            desk.may(Seat::Head)?;
            None
        }
    };
    if account == who.account {
        return Err(own_recusal());
    }
    settled(desk, (account, granted), reason, ruling)
}

/// Where nobody of this server can decide about a head, an officer or another head enters what the organ above decided in writing.
fn enter(
    desk: &Desk<'_, '_>,
    (account, granted): (AccountId, bool),
    reason: &str,
    (organ, number, on): (&str, &str, CivilDate),
) -> Result<Vec<Event>, Refusal> {
    desk.is_of_office()?;
    if !matches!(desk.who.seat, Seat::Officer | Seat::Head) {
        return Err(not_your_step());
    }
    if account == desk.who.account {
        return Err(own_recusal());
    }
    let (case, heads) = (desk.case(), desk.checks.heads);
    let another = heads.own.iter().any(|head| *head != account && !case.is_recused(*head));
    if another || heads.above.is_some() || !heads.own.contains(&account) {
        return Err(refuse::conflict(
            "recusal_decided_here",
            Text::new(
                "本机构或者上一级机构有负责人可以决定这一回避，不登记书面决定。",
                "A head of this office or of the one above can decide this; no written decision is entered.",
            ),
            Text::new("请由该负责人决定。", "That head decides."),
        ));
    }
    desk.day(on)?;
    let (organ, number) = (word(organ, "recusal_organ")?, word(number, "recusal_number")?);
    settled(desk, (account, granted), reason, Some(Ruling::Entered { organ, number, on }))
}
