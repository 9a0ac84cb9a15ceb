//! A fine: its range, what was told of it, its review before the decision, its row afterwards.

use super::*;

#[tokio::test]
async fn a_fine_waits_for_its_review_and_stays_in_its_range() {
    let hall = Hall::open().await;
    let (on, range) = (hall.today(), hall.fine());
    let (over, within) = ((range.max_yuan + 1).to_string(), range.least().to_string());
    let case = hall.own_motion("penalty_case", hall.unit, "未建立登记制度").await;
    for step in ["open", "investigate"] {
        hall.done(hall.officer, case, step).await.unwrap();
    }
    let mut told = sample("penalty_case", "tell", on);
    told.insert("intended_fine".into(), over.clone());
    hall.act(hall.officer, case, hall.done_act(hall.officer, "tell", told, on)).await.unwrap();
    hall.done(hall.officer, case, "defend").await.unwrap();
    let propose = |sum: &str| {
        let mut typed = sample("penalty_case", "fined", on);
        typed.insert("fine".into(), sum.into());
        let clauses = vec![ClauseId::new(BREACH)];
        CaseAct::Propose { outcome: "fined".into(), typed, reasons: REASONS.into(), clauses }
    };
    let review =
        || CaseAct::Review { passed: true, opinion: String::new(), typed: sample("penalty_case", "legal_review", on) };
    let refusal = hall.act(hall.officer, case, propose(&over)).await.unwrap_err();
    assert!(["amount_outside_range", "amount_above_cap"].contains(&refusal.code.as_str()), "{refusal}");
    assert!(!refusal.why.is_empty(), "the clause of the range");
    hall.act(hall.officer, case, propose(&within)).await.unwrap();
    hall.done(hall.officer, case, "decide").await.unwrap();
    let unreviewed = hall.decide(hall.head, case, "fined").await.unwrap_err();
    assert_eq!(unreviewed.kind, ErrorKind::Unlawful);
    assert!(unreviewed.why.iter().any(|c| c.clause.0 == "AP-58"), "{unreviewed}");
    assert_eq!(hall.refused().await.len(), 2);
    hall.act(hall.head, case, CaseAct::SendBack { reasons: "理由不够具体，请重新提出。".into() }).await.unwrap();
    hall.act(hall.officer, case, propose(&within)).await.unwrap();
    hall.act(hall.reviewer, case, review()).await.unwrap();
    let decided = hall.decide(hall.head, case, "fined").await.unwrap();
    assert_eq!(decided.rows.iter().map(|r| r.register.as_str()).collect::<Vec<_>>(), ["penalties"]);
    let row = &hall.store.rows_of_case(case).await.unwrap()[0];
    assert!(!row.public.contains("示例商业"), "the party is named to the public only when it is published");
    hall.done(hall.officer, case, "deliver").await.unwrap();
    hall.done(hall.officer, case, "publish").await.unwrap();
    let rows = hall.store.rows_of_case(case).await.unwrap();
    let newest = rows.iter().find(|r| r.newest).expect("a row");
    assert!(newest.version > 1 && newest.public.contains("published_summary"), "a later step fills in columns");
}

#[tokio::test]
async fn a_penalty_heavier_than_the_one_told_is_not_proposed() {
    let hall = Hall::open().await;
    let (on, range) = (hall.today(), hall.fine());
    let (told, more) = (range.least(), range.least() + 1);
    assert!(more <= range.max_yuan);
    let case = hall.own_motion("penalty_case", hall.unit, "未建立登记制度").await;
    for step in ["open", "investigate"] {
        hall.done(hall.officer, case, step).await.unwrap();
    }
    let propose = |sum: u64| {
        let mut typed = sample("penalty_case", "fined", on);
        typed.insert("fine".into(), sum.to_string());
        let clauses = vec![ClauseId::new(BREACH)];
        CaseAct::Propose { outcome: "fined".into(), typed, reasons: REASONS.into(), clauses }
    };
    let mut notice = sample("penalty_case", "tell", on);
    notice.insert("intended_fine".into(), told.to_string());
    hall.act(hall.officer, case, hall.done_act(hall.officer, "tell", notice, on)).await.unwrap();
    let refusal = hall.act(hall.officer, case, propose(more)).await.unwrap_err();
    assert_eq!(refusal.code, "penalty_made_heavier", "{refusal}");
    assert!(refusal.why.iter().any(|c| c.clause.0 == "AP-45"), "{refusal}");
    hall.act(hall.officer, case, propose(told)).await.unwrap();
    // The party speaks: only what is found after that is told anew.
    hall.done(hall.officer, case, "defend").await.unwrap();
    let mut anew = sample("penalty_case", "tell", on);
    anew.insert("intended_fine".into(), more.to_string());
    let again = hall.done_act(hall.officer, "tell", anew, on);
    assert_eq!(hall.act(hall.officer, case, again.clone()).await.unwrap_err().code, "step_not_open");
    hall.done(hall.officer, case, "question").await.unwrap();
    assert_eq!(hall.act(hall.officer, case, propose(more)).await.unwrap_err().code, "penalty_made_heavier");
    hall.act(hall.officer, case, again).await.unwrap();
    hall.act(hall.officer, case, propose(more)).await.unwrap();
}

#[tokio::test]
async fn a_head_who_does_not_agree_to_an_opening_ends_it_and_whoever_reported_is_told() {
    let hall = Hall::open().await;
    let case = hall.own_motion("penalty_case", hall.unit, "未建立登记制度").await;
    hall.done(hall.officer, case, "open").await.unwrap();
    assert_eq!(
        hall.view(hall.officer, case).await.row.head.assigned,
        Some(hall.officer.account),
        "who opened it has it"
    );
    let on = hall.today();
    let refuse = |reasons: &str| CaseAct::Decide {
        outcome: "not_opened".into(),
        typed: Typed::new(),
        reasons: reasons.into(),
        clauses: vec![ClauseId::new("AP-54")],
        officers: vec![],
        on,
    };
    hall.act(hall.officer, case, refuse(REASONS)).await.unwrap_err();
    hall.act(hall.head, case, refuse("")).await.unwrap_err();
    assert_eq!(hall.act(hall.head, case, refuse("不行。")).await.unwrap_err().code, "reasons", "in whole sentences");
    hall.act(hall.head, case, refuse(REASONS)).await.unwrap();
    let view = hall.view(hall.officer, case).await;
    assert_eq!(view.case.outcome().map(|decided| decided.outcome.as_str()), Some("not_opened"));
    assert!(view.open_steps().iter().any(|step| step.id == "tell_reporter"));
    hall.done(hall.officer, case, "tell_reporter").await.unwrap();
}

#[tokio::test]
async fn a_party_that_was_told_sees_what_it_may_do_until_when_and_how() {
    let hall = Hall::open().await;
    let on = hall.today();
    let case = hall.own_motion("penalty_case", hall.unit, "未建立登记制度").await;
    for step in ["open", "investigate"] {
        hall.done(hall.officer, case, step).await.unwrap();
    }
    assert!(hall.view(hall.unit, case).await.rights().is_empty());
    let mut told = sample("penalty_case", "tell", on);
    told.insert("hearing_right".into(), "yes".into());
    hall.act(hall.officer, case, hall.done_act(hall.officer, "tell", told, on)).await.unwrap();
    let rights = hall.view(hall.unit, case).await.rights();
    let last = |step: &str| rights.iter().find(|right| right.step.as_deref() == Some(step)).map(|right| right.last);
    assert!(last("ask_for_hearing").flatten().is_some_and(|day| day > on), "{rights:?}");
    assert_eq!(last("defend"), Some(None), "until the decision");
    assert!(rights.iter().all(|right| !right.how.zh.is_empty() && !right.how.en.is_empty()));
}
