//! Persons: who handles a case, and who keeps out of it.

use super::super::command::CaseAct;
use super::super::event::{Event, Settlement};
use super::super::refuse;
use super::super::seat::Seat;
use super::{Desk, MOST_NAMED, REASON_CHARS, not_your_step, words};
use base::{AccountId, Refusal, Text};

pub(super) fn decide(desk: &Desk<'_, '_>, act: &CaseAct) -> Result<Vec<Event>, Refusal> {
    match act {
        CaseAct::Assign { to } => assign(desk, *to),
        CaseAct::AskRecusal { account, reason } => ask(desk, *account, reason),
        CaseAct::SettleRecusal { account, granted, reason } => settle(desk, *account, *granted, reason),
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
            Text::new("不需要再指定。", "Nothing is to be done."),
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
            Text::new("已经有人提出此人回避。", "It was asked already that this person keep out."),
            Text::new("请等待决定。", "Wait for the decision."),
        ));
    }
    if case.recusals.len() >= MOST_NAMED {
        return Err(refuse::full());
    }
    let reason = words(reason, REASON_CHARS, "reason")?;
    Ok(vec![Event::Recused { account, reason, settled: Settlement::Asked }])
}

fn settle(desk: &Desk<'_, '_>, account: AccountId, granted: bool, reason: &str) -> Result<Vec<Event>, Refusal> {
    desk.may(Seat::Head)?;
    if account == desk.who.account {
        return Err(refuse::forbidden(
            "own_recusal",
            Text::new("不能决定自己是否回避。", "Nobody decides whether they themselves keep out."),
            Text::new("请由其他负责人决定。", "Another head decides."),
        ));
    }
    if desk.case().recusals.get(&account) != Some(&Settlement::Asked) {
        return Err(refuse::conflict(
            "recusal_not_asked",
            Text::new("没有等待决定的回避申请。", "No such request waits."),
            Text::new("请刷新页面查看。", "Reload the page."),
        ));
    }
    let reason = words(reason, REASON_CHARS, "reason")?;
    let settled = if granted { Settlement::Granted } else { Settlement::Rejected };
    Ok(vec![Event::Recused { account, reason, settled }])
}
