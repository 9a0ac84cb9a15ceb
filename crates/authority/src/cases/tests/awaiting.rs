//! What waits for whom: a proposal for the head, one that was sent back for its officer, a decision for who publishes, nothing once it is done.

use super::*;
use crate::cases::{AWAITED, Awaits};
use store::casework::awaited::UnpublishedFilter;
use store::casework::cases::{CaseHead, CaseMarks, NextDue};
use store::casework::events::{CaseChange, NewEvent};
use store::casework::numbers::{Numbering, Series};
use store::casework::search::Thing;

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
        let found = hall.authority.unpublished(by, &UnpublishedFilter::default(), 9).await.unwrap();
        found.lines.into_iter().map(|one| (one.row.id, one.lists)).collect::<Vec<_>>()
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
async fn a_penalty_waits_once_its_words_are_written_and_pages_miss_nothing() {
    let hall = Hall::open().await;
    let approved = hall.examined().await;
    hall.propose(approved, "approved").await.unwrap();
    hall.decide(hall.head, approved, "approved").await.unwrap();
    hall.pass_days(1);
    let (fined, _) = super::payments::served(&hall).await;
    let waits = async || {
        let (mut filter, mut all) = (UnpublishedFilter::default(), Vec::new());
        loop {
            let page = hall.authority.unpublished(hall.publisher, &filter, 1).await.unwrap();
            all.extend(page.lines.into_iter().map(|one| one.row.id));
            match page.next {
                Some(place) => filter.after = Some(place),
                None => return all,
            }
        }
    };
    assert_eq!(waits().await, [approved], "nobody wrote words of the penalty for the public");
    hall.done(hall.officer, fined, "publish").await.unwrap();
    assert_eq!(waits().await, [approved, fined], "the earliest received first");
    let of = UnpublishedFilter { procedure: "penalty_case".into(), after: None };
    let found = hall.authority.unpublished(hall.publisher, &of, 9).await.unwrap();
    assert_eq!(found.lines.iter().map(|one| one.row.id).collect::<Vec<_>>(), [fined]);
    assert_eq!(found.next, None);
}

#[tokio::test]
async fn one_that_was_sent_back_shows_however_many_others_wait() {
    let hall = Hall::open().await;
    let own = hall.examined().await;
    hall.propose(own, "approved").await.unwrap();
    hall.act(hall.head, own, CaseAct::SendBack { reasons: REASONS.into() }).await.unwrap();
    let row = hall.store.case(own).await.unwrap().unwrap();
    let other = account(&hall.store, "other", Role::CaseOfficer).await;
    // As many of somebody else's as one list holds, each with a nearer day.
    for n in 0..=AWAITED {
        let id = hall.store.new_case_id(UtcMs(i64::from(n))).unwrap();
        let near = NextDue { day: day("2026-01-02"), clock: "decide".into(), binds: "police_local".into() };
        let head = CaseHead { next: Some(near), assigned: Some(other.account), ..row.head.clone() };
        let marks = CaseMarks { awaits: "proposal".into(), ..CaseMarks::default() };
        let event = |kind| NewEvent {
            kind,
            body: serde_json::json!({}),
            clauses: Vec::new(),
            text: base::Text::new("示例。", "A sample."),
        };
        let numbering = Numbering {
            series: Series { office: hall.office, series: "other".into(), year: 2026 },
            before: "别案".into(),
            after: "号".into(),
            width: 0,
        };
        let events = [event("case.opened"), event("case.proposed"), event("case.sent_back")];
        let change = CaseChange {
            opening: Some(&numbering),
            marks: Some(&marks),
            ..CaseChange::new(id, 0, None, &head, &events)
        };
        hall.store.add_events(&change, row.opened).await.unwrap();
    }
    assert_eq!(hall.waits_for(hall.officer).await, [(own, Awaits::Proposal)]);
    assert!(hall.waits_for(hall.second).await.is_empty(), "nothing of it is theirs");
}

#[tokio::test]
async fn a_case_is_found_by_the_facts_of_its_forms_and_by_no_person() {
    let hall = Hall::open().await;
    let (fined, _) = super::payments::served(&hall).await;
    let view = hall.view(hall.officer, fined).await;
    let lines = view.procedure().fields.iter().filter(|f| f.kind == law::FieldKind::Line && !f.personal);
    let written = lines.filter_map(|f| view.case.values_of(&f.step)?.text(&f.id)).find(|text| text.chars().count() > 3);
    let words: String = written.expect("a fact in one line").chars().take(10).collect();
    let found = async |query: &str| {
        let found = hall.store.search(Thing::Case, query, None, 9).await.unwrap();
        found.is_some_and(|found| found.things.contains(&fined.to_string()))
    };
    assert!(found(&words).await, "{words}");
    let names = view.procedure().fields.iter().filter(|f| f.kind == law::FieldKind::Name);
    for name in names.filter_map(|f| view.case.values_of(&f.step)?.text(&f.id)) {
        assert!(!found(name).await, "a person leads to no case");
    }
    assert_eq!(hall.authority.mark_cases().await.unwrap(), 0, "this program has written all of them");
}

#[tokio::test]
async fn leave_to_keep_evidence_waits_for_the_head_and_for_nobody_after_the_answer() {
    let hall = Hall::open().await;
    let case = hall.own_motion("penalty_case", hall.unit, "未建立登记制度").await;
    for step in ["open", "investigate", "ask_approval"] {
        hall.done(hall.officer, case, step).await.unwrap();
    }
    assert_eq!(hall.waits_for(hall.head).await, [(case, Awaits::Leave)]);
    assert!(hall.waits_for(hall.officer).await.is_empty() && hall.waits_for(hall.reviewer).await.is_empty());
    hall.done(hall.head, case, "approve_evidence").await.unwrap();
    assert!(hall.waits_for(hall.head).await.is_empty() && hall.waits_for(hall.officer).await.is_empty());
}
