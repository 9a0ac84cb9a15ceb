//! What an applicant is told, and when: a decision by its service, documents once delivered, papers and corrections of officers never.

use super::*;
use crate::cases::{Delivery, promised_day};
use base::Lang;
use domain::casework::Way;

impl Hall {
    async fn seen_of(&self, case: CaseId) -> u32 {
        self.store.case(case).await.unwrap().expect("a case").events
    }

    /// Makes a document of a case and delivers it today.
    async fn serve_paper(&self, case: CaseId, kind: &str) {
        let made =
            self.authority.make_document(self.officer, case, kind, Lang::Zh, self.seen_of(case).await).await.unwrap();
        let delivery =
            Delivery { document: made.sha256, way: Way::InPerson, on: self.today(), notice: None, proof: None };
        self.authority.deliver_document(self.officer, case, delivery, self.seen_of(case).await).await.unwrap();
    }

    /// An application that was decided and whose decision was not served.
    async fn decided_as(&self, outcome: &str) -> CaseId {
        let case = self.examined().await;
        self.propose(case, outcome).await.unwrap();
        self.decide(self.head, case, outcome).await.unwrap();
        case
    }

    /// What the receipt tells of the outcome.
    async fn told_by_receipt(&self, case: CaseId) -> bool {
        let row = self.store.case(case).await.unwrap().expect("a case");
        let status = self.authority.status(&row.number, &self.store.case_code(case)).await.unwrap();
        let is_told = status.outcome.is_some();
        // The day on which a decision is to be served tells that there is one.
        assert!(is_told || status.due.is_none() && status.due_of.is_none(), "{status:?}");
        is_told
    }
}

/// Nothing of the decision shows.
fn is_untold(view: &CaseView) -> bool {
    let tells = |e: &Event| matches!(e, Event::Decided { .. } | Event::DocumentMade { .. } | Event::Registered { .. });
    let shown = view.events.iter().any(|line| tells(&line.recorded.event));
    let life = view.life();
    let done = life.nodes.iter().any(|n| n.is_outcome && matches!(n.state, domain::casework::LifeState::Done { .. }));
    let owed = view.clocks().iter().any(|c| c.state == ClockState::Running || c.state == ClockState::Missed);
    !shown && !done && view.case.decisions.is_empty() && view.row.head.outcome.is_none() && !owed
}

#[tokio::test]
async fn a_decision_is_told_by_the_step_that_serves_it() {
    let hall = Hall::open().await;
    let case = hall.decided_as("approved").await;
    let view = hall.view(hall.unit, case).await;
    assert!(is_untold(&view), "{view:?}");
    assert!(view.case.values_of("approved").is_none() && view.open_steps().is_empty());
    assert!(!hall.told_by_receipt(case).await);
    let office = hall.view(hall.officer, case).await;
    assert!(office.case.outcome().is_some() && office.row.head.outcome.is_some(), "the office sees it");
    hall.pass_days(40);
    assert!(is_untold(&hall.view(hall.unit, case).await), "no limit is said to be missed that was kept");
    hall.done(hall.officer, case, "deliver").await.unwrap();
    let view = hall.view(hall.unit, case).await;
    assert_eq!(
        view.case.outcome().map(|d| (d.outcome.as_str(), d.reasons.expose().as_str())),
        Some(("approved", REASONS))
    );
    assert!(view.events.iter().any(|line| matches!(line.recorded.event, Event::Decided { .. })));
    assert!(!view.events.iter().any(|line| matches!(line.recorded.event, Event::Registered { .. })), "its own books");
    assert!(hall.told_by_receipt(case).await);
}

#[tokio::test]
async fn the_promised_day_stays_said_between_the_decision_and_its_service() {
    let hall = Hall::open().await;
    let typed = std::collections::BTreeMap::from([("area_approval".to_owned(), "5".to_owned())]);
    hall.authority.put_promises(hall.admin, hall.office, &typed).await.unwrap();
    let packs = hall.authority.gate().packs();
    let case = hall.examined().await;
    let row = hall.store.case(case).await.unwrap().expect("a case");
    let code = hall.store.case_code(case);
    let before = promised_day(packs, &hall.view(hall.unit, case).await, 5).expect("it runs");
    hall.propose(case, "approved").await.unwrap();
    hall.decide(hall.head, case, "approved").await.unwrap();
    let decided = hall.today();
    hall.pass_days(40);
    let view = hall.view(hall.unit, case).await;
    assert!(is_untold(&view), "and nothing else is told: {view:?}");
    assert_eq!((promised_day(packs, &view, 5), view.promise_asked_on()), (Some(before), decided), "it was kept");
    let status = hall.authority.status(&row.number, &code).await.unwrap();
    assert_eq!((status.promised, status.today, status.outcome), (Some(before), decided, None));
    assert_eq!(
        promised_day(packs, &hall.view(hall.officer, case).await, 5),
        None,
        "the office knows that it is decided"
    );
    hall.done(hall.officer, case, "deliver").await.unwrap();
    let view = hall.view(hall.unit, case).await;
    assert_eq!((promised_day(packs, &view, 5), view.promise_asked_on()), (None, hall.today()));
    assert_eq!(hall.authority.status(&row.number, &code).await.unwrap().promised, None);
}

#[tokio::test]
async fn a_refusal_is_told_by_its_own_document_and_by_no_other() {
    let hall = Hall::open().await;
    let case = hall.decided_as("refused").await;
    assert!(is_untold(&hall.view(hall.unit, case).await));
    hall.serve_paper(case, "acceptance_notice").await;
    let view = hall.view(hall.unit, case).await;
    assert_eq!((view.documents.len(), view.case.documents.len()), (1, 1));
    assert!(view.case.decisions.is_empty() && !hall.told_by_receipt(case).await, "another paper came");
    hall.serve_paper(case, "refusal_decision").await;
    let view = hall.view(hall.unit, case).await;
    assert_eq!(view.case.outcome().map(|d| d.reasons.expose().as_str()), Some(REASONS));
    assert!(hall.told_by_receipt(case).await);
    assert_eq!(view.case.documents.len(), 2);
}

#[tokio::test]
async fn what_nobody_serves_is_told_at_once() {
    let hall = Hall::open().await;
    let form =
        Beginning { procedure: "system_filing".into(), channel: Channel::Online, title: String::new(), ..area() };
    let filing = procedure("system_filing");
    let outcome = node(filing, "filed").expect("an outcome");
    assert!(!outcome.is_heads(filing), "whoever checks a filing enters it");
    let begun = hall.begin(hall.unit, &form).await;
    let view = hall.view(hall.unit, begun.case).await;
    assert_eq!(view.events.len(), 1, "the opening");
    let packs = GATE.packs().procedures().iter();
    for of in packs.filter(|p| p.outcomes.iter().any(|o| o.document_zh.is_empty())) {
        let case = hall.view(hall.unit, begun.case).await.case;
        for bare in of.outcomes.iter().filter(|o| o.document_zh.is_empty()) {
            let decision = domain::casework::Decision {
                index: 1,
                by: hall.head.account,
                at: UtcMs(1),
                on: hall.today(),
                outcome: bare.id.clone(),
                values: domain::form::Values::default(),
                reasons: Pii::default(),
                clauses: vec![],
            };
            let decided = domain::casework::Case { decisions: vec![decision], ..case.clone() };
            let served =
                of.steps.iter().any(|s| s.after.contains(&bare.id) && of.field(&format!("{}_way", s.id)).is_some());
            let untold = crate::cases::applicant::untold_from(of, &decided);
            assert!(served || untold.is_none(), "{} {}: there is no paper to wait for", of.id, bare.id);
        }
    }
}

#[tokio::test]
async fn papers_and_corrections_of_officers_are_not_the_partys() {
    let hall = Hall::open().await;
    let case = hall.examined().await;
    let note = CaseAct::Note { words: "现场照片另存".into() };
    hall.act_with(hall.officer, case, note, vec![pdf("examine", 7)]).await.unwrap();
    let whole = hall.view(hall.officer, case).await;
    assert_eq!(whole.papers.len(), 2);
    let scan = whole.papers.iter().find(|p| p.material == "examine").expect("the paper of the step").n;
    let slip = whole.row.events - 1;
    let correct =
        |index: u32, what: &str| CaseAct::Correct { index, what: what.into(), reasons: "录入时看错。".into() };
    hall.act(hall.officer, case, correct(slip, "内部的话")).await.unwrap();
    hall.act(hall.officer, case, correct(0, "应为西入口")).await.unwrap();
    let view = hall.view(hall.unit, case).await;
    assert_eq!((view.papers.len(), view.case.papers.len()), (1, 1));
    assert_eq!(hall.authority.case_paper(hall.unit, case, scan).await.unwrap_err().code, "not_found");
    let given = view.events.iter().filter_map(|line| match &line.recorded.event {
        Event::PaperGiven { material, .. } => Some(material.as_str()),
        _ => None,
    });
    assert_eq!(given.collect::<Vec<_>>(), ["application"]);
    let corrected = view.events.iter().filter_map(|line| match &line.recorded.event {
        Event::Corrected { what, .. } => Some(what.as_str()),
        _ => None,
    });
    assert_eq!(corrected.collect::<Vec<_>>(), ["应为西入口"], "what corrects a note tells it");
}

#[tokio::test]
async fn an_applicants_list_goes_on_where_a_page_ends() {
    let hall = Hall::open().await;
    for _ in 0..=crate::cases::LISTED {
        let form = Beginning { again: "另一处入口，需要分别批准。".into(), ..area() };
        hall.begin(hall.unit, &form).await;
    }
    let first = hall.authority.my_cases(hall.unit, None).await.unwrap();
    assert_eq!(first.rows.len(), usize::try_from(crate::cases::LISTED).unwrap());
    let rest = hall.authority.my_cases(hall.unit, first.next).await.unwrap();
    assert_eq!((rest.rows.len(), rest.next), (1, None));
    assert!(!first.rows.iter().any(|row| row.id == rest.rows[0].id), "each once");
}
