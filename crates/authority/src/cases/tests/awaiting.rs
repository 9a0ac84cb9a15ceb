//! What waits for whom: a proposal for the head, one that was sent back for its officer, a decision for who publishes, nothing once it is done.

use super::*;
use crate::cases::Awaits;

impl Hall {
    async fn waits_for(&self, by: By) -> Vec<(CaseId, Awaits)> {
        self.authority.awaiting(by).await.unwrap().into_iter().map(|(row, what)| (row.id, what)).collect()
    }
}

#[tokio::test]
async fn a_proposal_waits_for_the_head_and_one_sent_back_for_its_officer() {
    let hall = Hall::open().await;
    let case = hall.examined().await;
    assert!(hall.waits_for(hall.head).await.is_empty() && hall.waits_for(hall.officer).await.is_empty());
    hall.propose(case, "approved").await.unwrap();
    assert_eq!(hall.waits_for(hall.head).await, [(case, Awaits::Decision)]);
    assert!(hall.waits_for(hall.officer).await.is_empty() && hall.waits_for(hall.reviewer).await.is_empty());
    hall.act(hall.head, case, CaseAct::SendBack { reasons: REASONS.into() }).await.unwrap();
    assert!(hall.waits_for(hall.head).await.is_empty());
    assert_eq!(hall.waits_for(hall.officer).await, [(case, Awaits::Proposal)]);
    hall.propose(case, "approved").await.unwrap();
    hall.decide(hall.head, case, "approved").await.unwrap();
    assert!(hall.waits_for(hall.head).await.is_empty() && hall.waits_for(hall.officer).await.is_empty());
}

#[tokio::test]
async fn what_somebody_handled_or_reviewed_does_not_wait_for_their_decision() {
    let hall = Hall::open().await;
    let case = hall.examined().await;
    hall.propose(case, "approved").await.unwrap();
    let view = hall.view(hall.officer, case).await;
    let is_apart = |case: &domain::casework::Case| {
        crate::cases::awaiting::is_apart(view.procedure(), case, hall.head.account, domain::casework::Seat::Head)
    };
    assert!(is_apart(&view.case));
    let mut handled = view.case.clone();
    handled.doings[0].by = hall.head.account;
    assert!(!is_apart(&handled), "the engine would refuse the decision");
    let mut proposed = view.case.clone();
    proposed.proposers.insert(hall.head.account);
    assert!(!is_apart(&proposed));
}

#[tokio::test]
async fn a_decision_waits_for_who_publishes_until_it_is_public() {
    let hall = Hall::open().await;
    let case = hall.examined().await;
    let waits = async |by: By| {
        let found = hall.authority.unpublished(by).await.unwrap();
        found.into_iter().map(|one| (one.row.id, one.lists)).collect::<Vec<_>>()
    };
    assert!(waits(hall.publisher).await.is_empty(), "nothing is decided");
    hall.propose(case, "approved").await.unwrap();
    hall.decide(hall.head, case, "approved").await.unwrap();
    let list = "other_information".to_owned();
    assert_eq!(waits(hall.publisher).await, [(case, vec![list.clone()])]);
    assert!(waits(hall.officer).await.is_empty() && waits(hall.head).await.is_empty(), "they publish nothing");
    let publish = CaseAct::Publish { publication: list, row: case.to_string() };
    hall.act(hall.publisher, case, publish).await.unwrap();
    assert!(waits(hall.publisher).await.is_empty());
}

#[tokio::test]
async fn what_is_always_made_public_stands_before_penalties_of_which_most_are_not() {
    let hall = Hall::open().await;
    let approved = hall.examined().await;
    hall.propose(approved, "approved").await.unwrap();
    hall.decide(hall.head, approved, "approved").await.unwrap();
    hall.pass_days(1);
    let (fined, _) = super::payments::served(&hall).await;
    let waits = async || {
        let found = hall.authority.unpublished(hall.publisher).await.unwrap();
        found.into_iter().map(|one| one.row.id).collect::<Vec<_>>()
    };
    assert_eq!(waits().await, [approved], "nobody wrote words of the penalty for the public");
    hall.done(hall.officer, fined, "publish").await.unwrap();
    assert_eq!(waits().await, [approved, fined], "though it is newer");
}
