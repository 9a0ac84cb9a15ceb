//! What a penalty needs before it is decided: the hearing, what is imposed beside a fine, the time bar, the limits on the spot; and the
//! inspection that it comes from.

use super::*;

#[tokio::test]
async fn a_penalty_waits_for_the_time_to_ask_for_a_hearing_where_it_was_told() {
    let hall = Hall::open().await;
    let on = hall.today();
    let (case, _) = fined(&hall).await;
    assert!(hall.view(hall.officer, case).await.case.outcome().is_some(), "no right was told: nothing to wait for");
    let case = hall.own_motion("penalty_case", hall.person, "另一件").await;
    for step in ["open", "investigate"] {
        hall.done(hall.officer, case, step).await.unwrap();
    }
    let mut told = sample("penalty_case", "tell", on);
    told.insert("hearing_right".into(), "yes".into());
    hall.act(hall.officer, case, hall.done_act(hall.officer, "tell", told, on)).await.unwrap();
    for step in ["defend", "decide"] {
        hall.done(hall.officer, case, step).await.unwrap();
    }
    let blocked = |view: &CaseView| {
        let open = view.open_steps();
        open.iter().find(|s| s.id == "fined").and_then(|s| s.blocked.clone()).map(|refusal| refusal.code)
    };
    assert_eq!(blocked(&hall.view(hall.officer, case).await).as_deref(), Some("too_early"));
    hall.done(hall.person, case, "waive_hearing").await.unwrap();
    assert_ne!(blocked(&hall.view(hall.officer, case).await).as_deref(), Some("too_early"));
}

#[tokio::test]
async fn a_sum_that_gives_the_right_to_a_hearing_is_not_decided_without_telling_it() {
    let hall = Hall::open().await;
    let (on, breach) = (hall.today(), "799-8");
    let question = PenaltyQuestion::new(breach, Jurisdiction::Heilongjiang, Fined::Unit, Grade::Ordinary, on, on);
    let penalty = GATE.penalty(&question).unwrap();
    let (applied, fine) = penalty.fining().expect("it is fined");
    let from = u64::from(applied.hearing.from_yuan.expect("the figure is known"));
    assert!(fine.max_yuan >= from);
    let sum = fine.least().max(from).to_string();
    let case = hall.own_motion("penalty_case", hall.unit, "在禁止的部位安装").await;
    hall.done(hall.officer, case, "open").await.unwrap();
    for (step, field, text) in [("investigate", "grade", "ordinary"), ("tell", "intended_fine", sum.as_str())] {
        let mut typed = sample("penalty_case", step, on);
        typed.insert(field.into(), text.into());
        hall.act(hall.officer, case, hall.done_act(hall.officer, step, typed, on)).await.unwrap();
    }
    hall.done(hall.officer, case, "defend").await.unwrap();
    let mut typed = sample("penalty_case", "fined", on);
    typed.insert("fine".into(), sum.clone());
    let clauses = vec![ClauseId::new(breach)];
    let propose = CaseAct::Propose { outcome: "fined".into(), typed, reasons: REASONS.into(), clauses };
    let refusal = hall.act(hall.officer, case, propose).await.unwrap_err();
    assert_eq!((refusal.kind, refusal.code.as_str()), (ErrorKind::Unlawful, "hearing_not_told"), "{refusal}");
    // The party has spoken, and the right is told all the same, with the sum that was told.
    let mut told = sample("penalty_case", "tell", on);
    told.insert("intended_fine".into(), sum);
    told.insert("hearing_right".into(), "yes".into());
    hall.act(hall.officer, case, hall.done_act(hall.officer, "tell", told, on)).await.unwrap();
}

/// Why a penalty is not decided that was told, heard, proposed and reviewed with other answers than the samples; `None`: it is decided.
async fn refused_with(hall: &Hall, answers: &[(&str, &str, &str)]) -> Option<Refusal> {
    tried_with(hall, answers).await.1.err()
}

#[tokio::test]
async fn what_is_imposed_beside_a_fine_rests_on_the_gains_a_clause_and_the_right_to_a_hearing() {
    type Typings = &'static [(&'static str, &'static str, &'static str)];
    let hall = Hall::open().await;
    assert!(refused_with(&hall, &[]).await.is_none());
    let cases: [(Typings, &str); 5] = [
        (&[("fined", "confiscated", "1")], "confiscated_above_gains"),
        (&[("fined", "other_kind", "licence")], "measure_without_clause"),
        (&[("fined", "other_kind", "suspension")], "hearing_not_told"),
        (&[("fined", "fine", "0"), ("fined", "other_kind", "suspension")], "hearing_not_told"),
        (&[("fined", "fine", "0"), ("fined", "confiscated", "1")], "confiscated_above_gains"),
    ];
    for (answers, code) in cases {
        let refusal = refused_with(&hall, answers).await.expect(code);
        assert_eq!((refusal.kind, refusal.code.as_str()), (ErrorKind::Unlawful, code), "{refusal}");
        assert!(!refusal.why.is_empty(), "{code} names its clause");
    }
    let gains = [("investigate", "gains", "100"), ("fined", "fine", "0"), ("fined", "confiscated", "100")];
    assert!(refused_with(&hall, &gains).await.is_none(), "no fine, and the gains that were found");
    let unsettled = [&gains[..], &[("legal_review", "hearing_settled", "")][..]].concat();
    assert_eq!(refused_with(&hall, &unsettled).await.unwrap().code, "hearing_unsettled");
}

#[tokio::test]
async fn where_no_figure_for_a_hearing_is_known_the_legal_review_settles_it_in_words() {
    let hall = Hall::open().await;
    for (field, text, code) in [
        ("hearing_settled", "", "hearing_unsettled"),
        ("hearing_ground", "", "hearing_unsettled"),
        ("hearing_settled", "needed", "hearing_not_told"),
    ] {
        let refusal = refused_with(&hall, &[("legal_review", field, text)]).await.expect(code);
        assert_eq!(refusal.code, code, "{refusal}");
        assert!(refusal.why.iter().any(|c| c.clause.0 == "AP-63"), "{refusal}");
    }
}

#[tokio::test]
async fn nobody_of_the_inquiry_leads_the_hearing() {
    let hall = Hall::open().await;
    let on = hall.today();
    let case = hall.own_motion("penalty_case", hall.unit, "未建立登记制度").await;
    for step in ["open", "investigate", "tell", "ask_for_hearing"] {
        hall.done(hall.officer, case, step).await.unwrap();
    }
    let mut notice = sample("penalty_case", "give_notice", on);
    notice.insert("hold_hearing_day".into(), on.plus_days(30).to_string());
    hall.act(hall.officer, case, hall.done_act(hall.officer, "give_notice", notice, on)).await.unwrap();
    hall.pass_days(30);
    let today = hall.today();
    let led_by = |host: &str| {
        let mut typed = sample("penalty_case", "hold_hearing", today);
        typed.insert("hearing_host".into(), host.into());
        hall.done_act(hall.officer, "hold_hearing", typed, today)
    };
    for host in ["officer某", " second某 "] {
        let refusal = hall.act(hall.officer, case, led_by(host)).await.unwrap_err();
        assert_eq!((refusal.kind, refusal.code.as_str()), (ErrorKind::Unlawful, "host_of_inquiry"));
        assert!(refusal.why.iter().any(|c| c.clause.0 == "AP-64") && !refusal.what.zh.contains(host.trim()));
    }
    hall.act(hall.officer, case, led_by("钱七")).await.unwrap();
    let corrected = |host: &str| CaseAct::CorrectValue {
        field: "hearing_host".into(),
        typed: host.into(),
        reasons: "录入时看错。".into(),
    };
    let refusal = hall.act(hall.officer, case, corrected("officer某")).await.unwrap_err();
    assert_eq!(refusal.code, "host_of_inquiry", "no correction names one of them either");
    hall.act(hall.officer, case, corrected("钱八")).await.unwrap();
}

#[tokio::test]
async fn harm_to_life_or_finance_makes_the_time_bar_longer() {
    let hall = Hall::open().await;
    let old = |flag| [("open", "act_day", "2023-03-02"), ("investigate", "life_or_finance", flag)];
    assert_eq!(refused_with(&hall, &old("no")).await.unwrap().code, "time_barred");
    let longer = refused_with(&hall, &old("yes")).await.map(|refusal| refusal.code);
    assert_ne!(longer.as_deref(), Some("time_barred"), "three years are within five");
}

#[tokio::test]
async fn an_inspection_that_ends_in_a_penalty_fills_in_what_is_known() {
    let hall = Hall::open().await;
    let on = hall.today();
    let case = hall.own_motion("inspection_b", hall.unit, "").await;
    for step in ["notice", "inspect", "order", "inspect_again"] {
        let act = hall.done_act(hall.officer, step, sample("inspection_b", step, on), on);
        let seen = hall.store.case(case).await.unwrap().expect("a case").events;
        hall.authority.act_of_visit(hall.officer, case, &Command { seen, act }, None).await.unwrap();
    }
    assert!(hall.authority.next_cases(hall.officer, case).await.unwrap().is_empty(), "nothing is decided");
    let decide = CaseAct::Decide {
        outcome: "to_penalty".into(),
        typed: sample("inspection_b", "to_penalty", on),
        reasons: REASONS.into(),
        clauses: vec![ClauseId::new("B-34")],
        officers: vec![hall.officer.account, hall.second.account],
        on,
    };
    hall.act(hall.officer, case, decide).await.unwrap();
    let next = hall.authority.next_cases(hall.officer, case).await.unwrap();
    assert_eq!(next.iter().map(|p| p.id.as_str()).collect::<Vec<_>>(), ["penalty_case"]);
    let known = hall.authority.carried(hall.officer, case, "penalty_case").await.unwrap();
    let notice = sample("inspection_b", "notice", on);
    for (to, from) in [("unit_name", "unit_name"), ("credit_code", "credit_code"), ("act_place", "unit_address")] {
        assert_eq!(known.typed.get(to), notice.get(from), "{to}");
    }
    assert_eq!(known.typed.get("source").map(String::as_str), Some("inspection"));
    assert_eq!(known.typed.get("first_facts").map(String::as_str), Some(REASONS));
    assert_eq!(known.party, Some(hall.party(hall.unit).await));
    assert_eq!(hall.authority.carried(hall.head, case, "penalty_case").await.unwrap_err().code, "no_permission");
}

#[tokio::test]
async fn a_sum_between_the_two_limits_on_the_spot_is_not_decided_there() {
    let hall = Hall::open().await;
    let on = hall.today();
    let limit = |clause: &str| GATE.packs().value(&ClauseId::new(clause), "on_the_spot_unit_yuan", on).unwrap();
    let (wide, narrow) = (limit("AP-51"), limit("PP-37"));
    assert!(narrow < wide, "where they agree there is nothing to settle");
    let breaches = GATE.packs().all().iter().flat_map(|p| &p.sanctions).flat_map(|s| &s.breach);
    let at_once = |clause: &&String| {
        let who = Fined::Unit;
        let question = PenaltyQuestion::new(clause, Jurisdiction::Heilongjiang, who, Grade::Ordinary, on, on);
        let Ok(answer) = GATE.penalty(&question) else { return false };
        answer.fining().is_some_and(|(a, _)| a.on_the_spot_yuan == Some(wide))
    };
    let breach = breaches.map(|b| &b.clause).find(at_once).expect("a breach that is fined without an order first");
    let case = hall.own_motion("on_the_spot_penalty", hall.unit, "拒绝提供记录").await;
    for step in ["identify", "tell"] {
        hall.done(hall.officer, case, step).await.unwrap();
    }
    let decide = |sum: u32| {
        let mut typed = sample("on_the_spot_penalty", "fined", on);
        typed.insert("fine".into(), sum.to_string());
        CaseAct::Decide {
            outcome: "fined".into(),
            typed,
            reasons: REASONS.into(),
            clauses: vec![ClauseId::new(breach)],
            officers: vec![hall.officer.account],
            on,
        }
    };
    let between = hall.act(hall.officer, case, decide(narrow + 1)).await.unwrap_err();
    assert_eq!((between.kind, between.code.as_str()), (ErrorKind::Unlawful, "on_the_spot_unsettled"), "{between}");
    let cited: Vec<&str> = between.why.iter().map(|c| c.clause.0.as_str()).collect();
    assert_eq!(cited, ["AP-51", "PP-37"]);
    let below = hall.act(hall.officer, case, decide(narrow)).await;
    assert_ne!(below.err().map(|refusal| refusal.code).as_deref(), Some("on_the_spot_unsettled"));
}
