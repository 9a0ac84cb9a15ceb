//! A panel of experts over a real store: from the register by hand and by draw, what is refused, what the log and the party are told.

use super::*;
use crate::cases::wording::{Said, words_of};
use base::Lang;
use domain::casework::{Interest, PanelChange, Verdict};
use domain::document::Document;

const DESIGNER: &str = "沈阳示例安防工程有限公司";

impl Hall {
    /// The same server in the province whose ordinance has experts review plans.
    async fn of_reviews() -> Self {
        let hall = Self::open().await;
        let profile = serde_json::json!({ "law": law::SiteProfile::new(Jurisdiction::Liaoning) }).to_string();
        hall.store.set_setting("profile", &profile, None, UtcMs(hall.clock.load(Ordering::Relaxed))).await.unwrap();
        hall
    }

    /// An expert on the list; the row.
    async fn listed(&self, n: usize, employer: &str) -> String {
        let number = format!("专家2026-{n:03}");
        let own =
            [("expert_number", number.as_str()), ("employer", employer), ("expert_name", "钱某某"), ("recusal", "")];
        self.by_hand("experts", None, &own).await.0
    }

    /// A review by experts, convened, with its plan.
    async fn convened(&self) -> CaseId {
        let case = self.at_counter("plan_review", "示例广场").await;
        let on = self.today();
        let mut convene = sample("plan_review", "convene", on);
        convene.extend(typed(&[("review_way", "experts"), ("designer", DESIGNER), ("installer", "")]));
        let act = self.done_act(self.officer, "convene", convene, on);
        self.act_with(self.officer, case, act, vec![pdf("plan", 1)]).await.unwrap();
        case
    }

    async fn change(&self, case: CaseId, change: PanelChange) -> Result<Acted, Refusal> {
        self.act(self.officer, case, CaseAct::Panel { change }).await
    }

    async fn seen(&self, case: CaseId) -> u32 {
        self.store.case(case).await.unwrap().map_or(0, |row| row.events)
    }

    async fn choose(&self, by: By, case: CaseId, rows: &[String]) -> Result<Acted, Refusal> {
        let seen = self.seen(case).await;
        self.authority.choose_experts(by, case, seen, (rows, "专业对口")).await
    }
}

#[tokio::test]
async fn a_panel_is_chosen_from_the_register_heard_and_recorded() {
    let hall = Hall::of_reviews().await;
    let mut rows = Vec::new();
    for n in 0..3 {
        rows.push(hall.listed(n, "示例大学").await);
    }
    let tied = hall.listed(3, DESIGNER).await;
    let case = hall.convened().await;
    let lines = hall.authority.experts(hall.officer, case).await.unwrap();
    assert_eq!(lines.len(), 4);
    let marked: Vec<&str> = lines.iter().filter(|l| l.tied.is_some()).map(|l| l.expert.row.as_str()).collect();
    assert_eq!(marked, [tied.as_str()]);
    assert!(lines.iter().all(|l| !l.on_panel && !l.field.zh.is_empty()));
    assert!(!format!("{lines:?}").contains("钱某某"));
    assert_eq!(hall.choose(hall.officer, case, std::slice::from_ref(&tied)).await.unwrap_err().code, "expert_tied");
    assert_eq!(hall.choose(hall.officer, case, &["nobody".to_owned()]).await.unwrap_err().code, "experts");
    assert_eq!(hall.choose(hall.head, case, &rows).await.unwrap_err().code, "not_your_step");
    hall.choose(hall.officer, case, &rows).await.unwrap();
    assert_eq!(hall.choose(hall.officer, case, &rows).await.unwrap_err().code, "expert_there");
    for row in &rows {
        let declared = PanelChange::Declared { expert: row.clone(), interest: Interest::None, words: String::new() };
        hall.change(case, declared).await.unwrap();
    }
    let on = hall.today();
    assert_eq!(hall.done(hall.officer, case, "review").await.unwrap_err().code, "panel_incomplete");
    for row in &rows {
        let opined = PanelChange::Opined {
            expert: row.clone(),
            verdict: Verdict::Pass,
            words: "可行。".into(),
            on,
            why: String::new(),
        };
        hall.change(case, opined).await.unwrap();
    }
    hall.done(hall.officer, case, "review").await.unwrap();
    let loaded = hall.authority.load(hall.store.case(case).await.unwrap().expect("a case")).await.unwrap();
    let office = hall.store.office(hall.office).await.unwrap().expect("an office");
    let facts = hall.authority.paper_facts(&loaded, &office, Lang::Zh, on).await.unwrap();
    let said = Said {
        document: Document::parse("plan_review_record").expect("a kind"),
        packs: GATE.packs(),
        procedure: procedure("plan_review"),
        case: &loaded.case,
        facts: &facts,
        party: None,
        today: on,
    };
    let words = words_of(said);
    assert!(words.contains("3名专家提出意见"), "the record is set anew: {words}");
    for person in ["钱某某", "示例大学", "可行。"] {
        assert!(!words.contains(person), "nobody is found by {person}: {words}");
    }
    let decide = |outcome: &str| CaseAct::Decide {
        outcome: outcome.into(),
        typed: sample("plan_review", outcome, on),
        reasons: REASONS.into(),
        clauses: vec![node(procedure("plan_review"), outcome).expect("a node").clause().clone()],
        officers: vec![],
        on,
    };
    let refused = hall.act_with(hall.officer, case, decide("failed"), vec![pdf("failed", 2)]).await.unwrap_err();
    assert_eq!(refused.code, "panel_says_otherwise");
    hall.act_with(hall.officer, case, decide("passed"), vec![pdf("passed", 3)]).await.unwrap();
    let row = hall.store.rows_of_case(case).await.unwrap().pop().expect("a row of the register of projects");
    let whole = format!("{} {}", row.public, row.personal.map(Pii::into_inner).unwrap_or_default());
    assert!(whole.contains("专家2026-000：通过。") && !whole.contains("钱某某"), "numbers, no names: {whole}");

    let of_party = hall.view(hall.unit, case).await;
    assert!(of_party.case.panel.is_empty(), "how the panel came about is the office's");
    assert!(!of_party.events.iter().any(|l| matches!(l.recorded.event, Event::Panel { .. })));
    hall.store.flush_ledger().await.unwrap();
    assert!(hall.store.check_case(case).await.unwrap().is_empty(), "each event is what the log says");
    let kinds = hall.store.case_events(case).await.unwrap();
    let entry = kinds.iter().find(|e| e.kind == "case.panel").expect("an entry").entry;
    let body = hall.store.ledger().entry(entry).unwrap().parse().unwrap().body;
    assert!(!body.to_string().contains("钱某某") && !body.to_string().contains("专家2026"), "the log names nobody");
}

#[tokio::test]
async fn a_draw_takes_those_who_are_free_and_can_be_done_again_from_the_case() {
    let hall = Hall::of_reviews().await;
    for n in 0..4 {
        hall.listed(n, "示例大学").await;
    }
    let tied = hall.listed(4, DESIGNER).await;
    let case = hall.convened().await;
    let draw = async |count: usize| {
        let seen = hall.seen(case).await;
        hall.authority.draw_experts(hall.officer, case, seen, (count, "随机抽取")).await
    };
    for count in [0, 5] {
        assert_eq!(draw(count).await.unwrap_err().code, "experts", "four are free");
    }
    draw(3).await.unwrap();
    let view = hall.view(hall.officer, case).await;
    assert!(view.case.panel.len() == 3 && view.case.panel.iter().all(|m| m.drawn));
    let last = &view.events.last().expect("an event").recorded.event;
    let Event::Panel { change: PanelChange::Chosen { members, draw: Some(by_draw), .. } } = last else {
        panic!("{last:?}")
    };
    assert!(by_draw.pool.len() == 4 && !by_draw.pool.contains(&tied));
    let rows: Vec<String> = members.iter().map(|m| m.row.clone()).collect();
    assert_eq!(domain::casework::drawn(by_draw, 3), rows);
    assert_eq!(draw(2).await.unwrap_err().code, "experts", "one is left");
    draw(1).await.unwrap();
}
