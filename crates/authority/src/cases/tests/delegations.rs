//! A head's power to decide, given to somebody in writing: to whom and of what, while it holds, and how the decision names it.

use super::*;
use crate::cases::{Awaits, DelegationForm};

const LICENCE: &str = "area_approval";

fn to(deputy: By, procedure: &str, from: CivilDate, until: CivilDate) -> DelegationForm {
    DelegationForm { deputy: deputy.account, procedures: vec![procedure.to_owned()], from, until }
}

impl Hall {
    /// The code of what a delegation is refused with; `done` where it is entered.
    async fn gives(&self, by: By, form: DelegationForm) -> String {
        self.authority.put_delegation(by, &form).await.map_or_else(|refusal| refusal.code, |_| "done".to_owned())
    }

    /// A licence that waits for the head, and what its decision by somebody is refused with.
    async fn proposed(&self) -> CaseId {
        let case = self.examined().await;
        self.propose(case, "approved").await.unwrap();
        case
    }

    async fn refusal_of(&self, by: By, case: CaseId) -> String {
        self.decide(by, case, "approved").await.map_or_else(|refusal| refusal.code, |_| "done".to_owned())
    }
}

#[tokio::test]
async fn who_was_given_the_power_decides_and_the_decision_names_the_paper() {
    let hall = Hall::open().await;
    let case = hall.proposed().await;
    let on = hall.today();
    assert_eq!(hall.refusal_of(hall.publisher, case).await, "not_your_step");
    let (entry, number) =
        hall.authority.put_delegation(hall.head, &to(hall.publisher, LICENCE, on, on.plus_days(3))).await.unwrap();
    assert_eq!(number, "示公技防委〔2026〕1号");
    assert!(hall.authority.awaiting(hall.publisher).await.unwrap().iter().any(|one| one.1 == Awaits::Decision));
    assert!(hall.authority.awaiting(hall.second).await.unwrap().is_empty(), "it was given to one");
    let view = hall.view(hall.publisher, case).await;
    assert_eq!(hall.authority.decides_by(hall.publisher, &view).await.unwrap().as_deref(), Some(number.as_str()));
    assert_eq!(hall.authority.decides_by(hall.head, &view).await.unwrap(), None, "the head needs no paper");
    let assign = CaseAct::Assign { to: hall.second.account };
    assert_eq!(hall.act(hall.publisher, case, assign).await.unwrap_err().code, "not_your_step");
    hall.decide(hall.publisher, case, "approved").await.unwrap();
    let view = hall.view(hall.officer, case).await;
    let named = view.events.iter().find_map(|line| match &line.recorded.event {
        Event::Decided { delegation, .. } => Some((line.recorded.by, delegation.clone())),
        _ => None,
    });
    assert_eq!(named, Some((hall.publisher.account, Some(number.clone()))));
    hall.store.flush_ledger().await.unwrap();
    let body = hall.store.ledger().entry(entry).unwrap().parse().unwrap().body;
    assert_eq!(body["number"], serde_json::json!(number));
    assert_eq!(body["procedures"], serde_json::json!([LICENCE]));
    let listed = hall.authority.supervision(hall.supervisor, 9).await.unwrap().delegations;
    assert_eq!(listed.iter().map(|row| row.entry).collect::<Vec<_>>(), [entry]);
}

#[tokio::test]
async fn a_power_ends_with_its_day_its_withdrawal_and_its_givers_seat() {
    let hall = Hall::open().await;
    let case = hall.proposed().await;
    let on = hall.today();
    let tomorrow = to(hall.publisher, LICENCE, on.plus_days(1), on.plus_days(1));
    hall.authority.put_delegation(hall.head, &tomorrow).await.unwrap();
    assert_eq!(hall.refusal_of(hall.publisher, case).await, "not_your_step", "not yet");
    hall.pass_days(1);
    let view = hall.view(hall.publisher, case).await;
    assert!(hall.authority.decides_by(hall.publisher, &view).await.unwrap().is_some(), "its last day too");
    hall.pass_days(1);
    assert_eq!(hall.refusal_of(hall.publisher, case).await, "not_your_step", "it is over");
    let on = hall.today();
    let (entry, number) =
        hall.authority.put_delegation(hall.head, &to(hall.publisher, LICENCE, on, on.plus_days(9))).await.unwrap();
    assert_eq!(number, "示公技防委〔2026〕2号");
    assert_eq!(hall.authority.end_delegation(hall.officer, entry).await.unwrap_err().code, "no_permission");
    assert_eq!(hall.authority.end_delegation(hall.head, entry).await.unwrap(), hall.office);
    assert_eq!(hall.authority.end_delegation(hall.head, entry).await.unwrap_err().code, "not_found");
    assert_eq!(hall.refusal_of(hall.publisher, case).await, "not_your_step", "it was withdrawn");
    let again = to(hall.publisher, LICENCE, on, on.plus_days(9));
    hall.authority.put_delegation(hall.head, &again).await.unwrap();
    hall.authority.remove_officer(hall.admin, hall.head.account).await.unwrap();
    assert_eq!(hall.refusal_of(hall.publisher, case).await, "not_your_step", "who gave it heads the office no more");
}

#[tokio::test]
async fn who_proposed_or_handled_decides_nothing_by_delegation() {
    let hall = Hall::open().await;
    let case = hall.proposed().await;
    let on = hall.today();
    for deputy in [hall.officer, hall.second] {
        hall.authority.put_delegation(hall.head, &to(deputy, LICENCE, on, on)).await.unwrap();
        let refused = hall.refusal_of(deputy, case).await;
        assert!(["own_case", "decider_handled_case"].contains(&refused.as_str()), "{refused}");
    }
}

#[tokio::test]
async fn a_power_goes_only_where_the_law_and_the_office_let_it() {
    let hall = Hall::open().await;
    let on = hall.today();
    let until = on.plus_days(2);
    assert_eq!(hall.gives(hall.officer, to(hall.second, LICENCE, on, until)).await, "no_permission");
    assert_eq!(hall.gives(hall.head, to(hall.head, LICENCE, on, until)).await, "deputy", "never to oneself");
    assert_eq!(hall.gives(hall.head, to(hall.unit, LICENCE, on, until)).await, "deputy");
    assert_eq!(hall.gives(hall.head, to(hall.second, "penalty_case", on, until)).await, "delegation_unlawful");
    assert_eq!(hall.gives(hall.head, to(hall.second, "lawsuit", on, until)).await, "not_delegable");
    assert_eq!(hall.gives(hall.head, to(hall.second, "no_such", on, until)).await, "procedures");
    let nothing = DelegationForm { procedures: Vec::new(), ..to(hall.second, LICENCE, on, until) };
    assert_eq!(hall.gives(hall.head, nothing).await, "procedures");
    for (from, until) in [(until, on), (on.plus_days(-1), on), (on, on.plus_days(367))] {
        assert_eq!(hall.gives(hall.head, to(hall.second, LICENCE, from, until)).await, "delegation_days");
    }
    for n in 0..store::casework::delegations::OF_GIVER {
        assert_eq!(hall.gives(hall.head, to(hall.second, LICENCE, on, until)).await, "done", "{n}");
    }
    assert_eq!(hall.gives(hall.head, to(hall.second, LICENCE, on, until)).await, "delegation_full");
}

#[tokio::test]
async fn the_head_above_stands_in_but_for_what_the_law_leaves_to_the_head_and_one_beside_does_not() {
    let hall = Hall::open().await;
    let case = hall.proposed().await;
    let (city, above) = hall.office_with_head("above", ("city", "230100")).await;
    let (_, beside) = hall.office_with_head("beside", ("county", "230103")).await;
    hall.put_under(city).await;
    let on = hall.today();
    assert!(hall.authority.awaiting(above).await.unwrap().is_empty(), "it waits for the head of its own office");
    assert_eq!(hall.gives(hall.head, to(beside, LICENCE, on, on)).await, "deputy");
    assert_eq!(hall.gives(hall.head, to(above, "penalty_case", on, on)).await, "delegation_unlawful");
    assert_eq!(hall.gives(hall.head, to(above, "plan_examination", on, on)).await, "done");
    assert_eq!(hall.refusal_of(above, case).await, "other_office", "it was not given this procedure");
    assert!(hall.authority.awaiting(above).await.unwrap().is_empty(), "nor is this its procedure");
    assert_eq!(hall.gives(hall.head, to(above, LICENCE, on, on)).await, "done");
    let waits: Vec<_> =
        hall.authority.awaiting(above).await.unwrap().into_iter().map(|(row, what)| (row.id, what)).collect();
    assert_eq!(waits, [(case, Awaits::Decision)], "now it is given");
    let view = hall.view(above, case).await;
    assert!(hall.authority.decides_by(above, &view).await.unwrap().is_some());
    hall.decide(above, case, "approved").await.unwrap();
    let possible = hall.authority.possible_deputies(hall.head, hall.office).await.unwrap();
    assert!(possible.contains(&(above.account, true)) && possible.contains(&(hall.second.account, false)));
    assert!(!possible.iter().any(|one| [hall.head.account, beside.account].contains(&one.0)));
}

#[tokio::test]
async fn a_head_who_keeps_out_of_a_case_gives_no_power_in_it() {
    let hall = Hall::open().await;
    let case = hall.proposed().await;
    let on = hall.today();
    hall.authority.put_delegation(hall.head, &to(hall.publisher, LICENCE, on, on)).await.unwrap();
    let ask = CaseAct::AskRecusal { account: hall.head.account, reason: "是申请人的近亲属".into() };
    hall.act(hall.officer, case, ask).await.unwrap();
    let view = hall.view(hall.publisher, case).await;
    assert!(hall.authority.decides_by(hall.publisher, &view).await.unwrap().is_some(), "it is only asked");
    let granted = CaseAct::EnterRecusal {
        account: hall.head.account,
        granted: true,
        reason: "情况属实".into(),
        organ: "上级公安机关".into(),
        number: "示公回避〔2026〕1号".into(),
        on,
    };
    hall.act(hall.officer, case, granted).await.unwrap();
    let view = hall.view(hall.publisher, case).await;
    assert_eq!(hall.authority.decides_by(hall.publisher, &view).await.unwrap(), None);
    assert_eq!(hall.refusal_of(hall.publisher, case).await, "not_your_step");
}
