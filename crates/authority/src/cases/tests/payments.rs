//! A fine to its very end: late days to the cap, parts, leave, two tabs, a contested decision, enforcement, annulment; and cases that follow.

use super::*;
use crate::cases::{Deferral, Hit, Receipt, Resuming, Reversal, StillCause, Stopping};
use base::Lang;
use domain::payment::{Part, yuan};
use store::casework::Territory;
use store::casework::search::Thing;

/// A fine that was decided and served today; its sum, yuan.
async fn fined(hall: &Hall) -> (CaseId, u64) {
    fined_for(hall, "").await
}

/// The same about a matter in own words; empty: that of the sample.
async fn fined_for(hall: &Hall, matter: &str) -> (CaseId, u64) {
    let on = hall.today();
    let mut question = PenaltyQuestion::new(BREACH, Jurisdiction::Heilongjiang, Fined::Unit, Grade::Overdue, on, on);
    question.gains_yuan = Some(0);
    let fine = GATE.penalty(&question).unwrap().fining().expect("it is fined").1.least();
    let case = hall.own_motion("penalty_case", hall.unit, "未建立登记制度").await;
    let mut opened = sample("penalty_case", "open", on);
    if !matter.is_empty() {
        opened.insert("matter".into(), matter.into());
    }
    hall.act(hall.officer, case, hall.done_act(hall.officer, "open", opened, on)).await.unwrap();
    hall.done(hall.officer, case, "investigate").await.unwrap();
    let mut told = sample("penalty_case", "tell", on);
    told.insert("intended_fine".into(), fine.to_string());
    hall.act(hall.officer, case, hall.done_act(hall.officer, "tell", told, on)).await.unwrap();
    hall.done(hall.officer, case, "defend").await.unwrap();
    let mut typed = sample("penalty_case", "fined", on);
    typed.insert("fine".into(), fine.to_string());
    let clauses = vec![ClauseId::new(BREACH)];
    let propose = CaseAct::Propose { outcome: "fined".into(), typed, reasons: REASONS.into(), clauses };
    hall.act(hall.officer, case, propose).await.unwrap();
    hall.done(hall.officer, case, "decide").await.unwrap();
    let typed = sample("penalty_case", "legal_review", on);
    let review = CaseAct::Review { passed: true, opinion: String::new(), typed };
    hall.act(hall.reviewer, case, review).await.unwrap();
    hall.decide(hall.head, case, "fined").await.unwrap();
    (case, fine)
}

async fn served(hall: &Hall) -> (CaseId, u64) {
    let (case, fine) = fined(hall).await;
    assert!(hall.authority.owed(hall.officer, case, hall.today()).await.unwrap().is_none(), "not served yet");
    hall.done(hall.officer, case, "deliver").await.unwrap();
    (case, fine)
}

fn receipt(hall: &Hall, seen: u32, fen: u64, number: &str) -> Receipt {
    Receipt { seen, on: hall.today(), fen, gains_fen: 0, number: number.into() }
}

#[tokio::test]
async fn a_late_fine_grows_day_by_day_to_its_cap() {
    let hall = Hall::open().await;
    let (case, fine) = served(&hall).await;
    let fen = fine * 100;
    let bill = hall.authority.owed(hall.officer, case, hall.today()).await.unwrap().expect("a bill");
    let owed = async |days: i32| {
        let on = bill.due.plus_days(days);
        hall.authority.owed(hall.officer, case, on).await.unwrap().expect("a bill").owed
    };
    assert_eq!((owed(0).await.surcharge_fen, owed(0).await.total_fen), (0, fen));
    assert_eq!(owed(1).await.surcharge_fen, fen * 3 / 100);
    let (before, at, after) = (owed(33).await, owed(34).await, owed(400).await);
    assert_eq!((before.surcharge_fen, before.capped), (fen * 99 / 100, false));
    assert_eq!((at.surcharge_fen, at.capped, after.surcharge_fen), (fen, true, fen));
    let cited: Vec<&str> = bill.clauses.iter().map(|c| c.clause.0.as_str()).collect();
    assert_eq!(cited, ["AP-67", "AP-72", "AP-73", "AP-66"]);
    let own = hall.authority.owed(hall.unit, case, hall.today()).await.unwrap().expect("the party sees its bill");
    assert_eq!(own, bill);
    assert_eq!(hall.authority.owed(hall.person, case, hall.today()).await.unwrap_err().code, "not_found");
}

/// The sealed columns of the newest version of a case's row of penalties.
async fn newest_penalty(hall: &Hall, case: CaseId) -> serde_json::Value {
    let rows = hall.store.rows_of_case(case).await.unwrap();
    let row = rows.into_iter().find(|r| r.newest && r.register == "penalties").expect("a row");
    assert!(!row.public.contains("money_"), "nothing of the money is public by the register");
    serde_json::from_str(row.personal.expect("columns").expose()).unwrap()
}

#[tokio::test]
async fn a_term_of_payment_that_stands_still_says_so_and_takes_money() {
    let mut hall = Hall::open().await;
    // No pack lets this term stand still today; one that does is a change of data.
    let mut files = law::embedded_files();
    let text = files.get_mut("national/penalty-law/procedures/penalty_case.toml").expect("the procedure");
    let length = "length = { clause = \"AP-67\", value = \"payment_days\" }";
    let stops = format!("{length}\nstops = [{{ cause = \"review_or_suit\", clause = \"AP-73\" }}]");
    assert!(text.contains(length));
    *text = text.replacen(length, &stops, 1);
    let gate = law::Gate::new(law::Packs::from_files(&files).unwrap()).unwrap();
    let times = Arc::clone(&hall.clock);
    let now = move || UtcMs(times.load(Ordering::Relaxed));
    hall.authority = Authority::open(hall.store.clone(), "x".into(), Arc::new(gate), now).await.unwrap();
    let (case, fine) = served(&hall).await;
    let from = hall.today();
    let stop = CaseAct::StopClock {
        clock: "pay".into(),
        cause: law::StopCause::ReviewOrSuit,
        reason: "复议机关决定停止执行".into(),
        from,
    };
    hall.act(hall.officer, case, stop).await.unwrap();
    hall.clock.fetch_add(60 * 24 * HOUR_MS, Ordering::Relaxed);
    let bill = hall.authority.owed(hall.officer, case, hall.today()).await.unwrap().expect("a bill all the same");
    let halted = bill.halted.clone().expect("it stands still");
    assert_eq!((halted.since, &*halted.cause.en), (from, "review or suit"));
    assert!(halted.left > 0 && bill.due >= hall.today().plus_days(1), "{halted:?} {}", bill.due);
    assert_eq!((bill.owed.total_fen, bill.owed.surcharge_fen, bill.is_overdue()), (fine * 100, 0, false));
    let own = hall.authority.owed(hall.unit, case, hall.today()).await.unwrap();
    assert_eq!(own.and_then(|bill| bill.halted), Some(halted), "the party reads it too");
    let bill = hall.authority.receive(hall.officer, case, &receipt(&hall, 0, fine * 100, "票1")).await.unwrap();
    assert_eq!((bill.owed.total_fen, bill.lines.len()), (0, 1));
}

#[tokio::test]
async fn parts_are_added_and_the_last_one_ends_the_step() {
    let hall = Hall::open().await;
    let (case, fine) = served(&hall).await;
    let (a, b) = (fine * 100 / 2, fine * 100 - fine * 100 / 2);
    assert!(hall.view(hall.unit, case).await.open_steps().iter().all(|s| s.id != "pay"), "not for the party to enter");
    assert_eq!(hall.done(hall.unit, case, "pay").await.unwrap_err().code, "pay_by_receipt");
    let bill = hall.authority.receive(hall.officer, case, &receipt(&hall, 0, a, "票1")).await.unwrap();
    assert_eq!((bill.owed.total_fen, bill.paid, bill.seen), (b, false, 1));
    let step = hall.done(hall.officer, case, "pay").await.unwrap_err();
    assert_eq!(step.code, "pay_by_receipt", "what was begun with receipts is ended by one");
    let row = newest_penalty(&hall, case).await;
    assert_eq!((&row["money_received"], &row["money_owed"]), (&yuan(a).into(), &yuan(b).into()));
    assert!(row["money_receipts"].as_str().unwrap().starts_with("票1 "), "{row}");
    let matter = row["matter"].clone();
    assert!(matter.is_string(), "the columns of the case stay");
    // Another tab had seen no payment.
    let stale = hall.authority.receive(hall.officer, case, &receipt(&hall, 0, b, "票2")).await.unwrap_err();
    assert_eq!(stale.code, "case_moved_on");
    let again = hall.authority.receive(hall.officer, case, &receipt(&hall, 1, b, "票1")).await.unwrap_err();
    assert_eq!(again.code, "receipt_taken");
    let nothing = hall.authority.receive(hall.officer, case, &receipt(&hall, 1, 0, "票2")).await.unwrap_err();
    assert_eq!(nothing.code, "no_sum");
    let to_come = Receipt { on: hall.today().plus_days(1), ..receipt(&hall, 1, b, "票2") };
    assert_eq!(hall.authority.receive(hall.officer, case, &to_come).await.unwrap_err().code, "payment_day");
    assert_eq!(
        hall.authority.receive(hall.head, case, &receipt(&hall, 1, b, "票2")).await.unwrap_err().code,
        "no_permission"
    );
    let bill = hall.authority.receive(hall.officer, case, &receipt(&hall, 1, b, "票2")).await.unwrap();
    assert_eq!((bill.owed.total_fen, bill.paid, bill.lines.len()), (0, true, 2));
    let view = hall.view(hall.officer, case).await;
    let values = view.case.values_of("pay").expect("the step is filled in");
    assert_eq!((values.number("paid"), values.number("surcharge")), (i64::try_from(fine).ok(), Some(0)));
    assert_eq!(values.text("receipt_number"), Some("票2"));
    let met = view.clocks().into_iter().find(|c| c.id == "pay").expect("the clock");
    assert_eq!(met.state, ClockState::Met { on: hall.today() });
    let rows = hall.store.rows_of_case(case).await.unwrap();
    assert!(rows.iter().any(|r| r.newest && r.version > 1), "the register has what was paid");
    let row = newest_penalty(&hall, case).await;
    assert_eq!((&row["money_owed"], &row["receipt_number"], &row["matter"]), (&yuan(0).into(), &"票2".into(), &matter));
    assert_eq!(row["money_receipts"].as_str().unwrap().lines().count(), 2, "both receipts");
    hall.done(hall.officer, case, "publish").await.unwrap();
    assert!(newest_penalty(&hall, case).await["money_receipts"].is_string(), "a later step drops nothing of it");
    let over = hall.authority.receive(hall.officer, case, &receipt(&hall, 2, b, "票3")).await.unwrap_err();
    assert_eq!(over.code, "nothing_owed");
    hall.store.flush_ledger().await.unwrap();
    assert!(hall.store.check_case(case).await.unwrap().is_empty());
}

#[tokio::test]
async fn leave_is_the_heads_and_lets_the_days_begin_anew() {
    let hall = Hall::open().await;
    let (case, fine) = served(&hall).await;
    let due = hall.authority.owed(hall.head, case, hall.today()).await.unwrap().expect("a bill").due;
    let form = |seen, sum: u64| Deferral {
        seen,
        asked_on: hall.today(),
        parts: vec![Part { by: due.plus_days(30), fen: sum / 2 }, Part { by: due.plus_days(60), fen: sum - sum / 2 }],
        reasons: "停业三个月，确有经济困难。".into(),
    };
    let officers = hall.authority.defer(hall.officer, case, &form(0, fine * 100)).await.unwrap_err();
    assert_eq!((officers.kind, officers.code.as_str()), (ErrorKind::Forbidden, "no_permission"));
    assert_eq!(hall.authority.defer(hall.head, case, &form(0, fine * 100 + 2)).await.unwrap_err().code, "no_parts");
    let vague = Deferral { reasons: "。".into(), ..form(0, fine * 100) };
    assert_eq!(hall.authority.defer(hall.head, case, &vague).await.unwrap_err().code, "reasons");
    let bill = hall.authority.defer(hall.head, case, &form(0, fine * 100)).await.unwrap();
    assert_eq!((bill.last_day, bill.lines.len()), (due.plus_days(60), 1));
    assert!(!format!("{bill:?}").contains("停业"), "somebody's need is printed nowhere");
    let view = hall.view(hall.officer, case).await;
    let clock = view.clocks().into_iter().find(|c| c.id == "pay").expect("the clock");
    assert_eq!((clock.day(), clock.term_day()), (Some(due.plus_days(60)), Some(due)));
    let next = view.row.head.next.as_ref().map(|next| (next.clock.as_str(), next.day));
    assert_eq!(next, Some(("pay", due.plus_days(60))), "the list has the day of the leave");
    let kept = hall.store.case_clocks(case).await.unwrap();
    assert!(kept.iter().any(|c| c.clock == "pay" && c.due == Some(due.plus_days(60)) && c.state == "running"));
    let offers = view.offers();
    assert!(offers.iter().any(|o| o.document.code == "deferred_payment" && o.ready.is_ok()), "its paper can be made");
    let alone = CaseAct::Defer {
        clock: "pay".into(),
        on: hall.today(),
        asked_on: hall.today(),
        parts: vec![Part { by: due.plus_days(90), fen: fine * 100 }],
        reasons: REASONS.into(),
    };
    assert_eq!(hall.act(hall.head, case, alone).await.unwrap_err().code, "pay_by_receipt", "never without its row");
    let at = hall.authority.owed(hall.officer, case, due.plus_days(30)).await.unwrap().expect("a bill");
    assert_eq!(at.owed.surcharge_fen, 0, "nothing is late before the first part");
    let late = hall.authority.owed(hall.officer, case, due.plus_days(31)).await.unwrap().expect("a bill");
    assert_eq!(late.owed.surcharge_fen, fine * 100 / 2 * 3 / 100, "only the first part is late");
}

#[tokio::test]
async fn a_wrong_sum_is_reversed_by_the_head_and_the_step_is_open_again() {
    let hall = Hall::open().await;
    let (case, fine) = served(&hall).await;
    hall.authority.receive(hall.officer, case, &receipt(&hall, 0, fine * 100, "票1")).await.unwrap();
    let form = |row, reasons: &str| Reversal { seen: 1, row, reasons: reasons.into() };
    let right = form(1, "金额录错，实缴一半。");
    assert_eq!(hall.authority.reverse(hall.officer, case, &right).await.unwrap_err().code, "no_permission");
    assert_eq!(hall.authority.reverse(hall.head, case, &form(2, "没有这笔")).await.unwrap_err().code, "not_found");
    assert_eq!(hall.authority.reverse(hall.head, case, &form(1, "。")).await.unwrap_err().code, "reasons");
    let bill = hall.authority.reverse(hall.head, case, &right).await.unwrap();
    assert_eq!((bill.owed.total_fen, bill.paid, bill.seen), (fine * 100, false, 2));
    assert!(bill.lines[0].is_reversed && bill.lines[1].of == Some(1), "both rows stay");
    let taken = |event: &Event| match event {
        Event::TakenBack { reasons, .. } => Some(reasons.clone()),
        _ => None,
    };
    let party = hall.view(hall.unit, case).await;
    let told = party.events.iter().find_map(|line| taken(&line.recorded.event));
    assert_eq!(told.as_deref(), Some(""), "that it is owed again, and not in the office's words why");
    let view = hall.view(hall.officer, case).await;
    assert!(view.case.done("pay").is_none() && view.open_steps().iter().any(|s| s.id == "pay"));
    let rows = hall.store.rows_of_case(case).await.unwrap();
    let newest = rows.iter().find(|r| r.newest).expect("a row");
    assert!(!newest.personal.as_ref().is_some_and(|p| p.expose().contains("票1")), "the register says it no more");
    let again = Reversal { seen: 2, ..right };
    assert_eq!(hall.authority.reverse(hall.head, case, &again).await.unwrap_err().code, "reversed_already");
    let half = fine * 100 / 2;
    hall.authority.receive(hall.officer, case, &receipt(&hall, 2, half, "票1")).await.unwrap();
    let bill = hall.authority.receive(hall.officer, case, &receipt(&hall, 3, fine * 100 - half, "票2")).await.unwrap();
    assert_eq!((bill.owed.total_fen, bill.paid), (0, true));
    hall.store.flush_ledger().await.unwrap();
    assert!(hall.store.check_case(case).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_is_contested_stands_still_and_what_is_overdue_may_be_enforced() {
    let hall = Hall::open().await;
    let (case, fine) = served(&hall).await;
    let due = hall.authority.owed(hall.officer, case, hall.today()).await.unwrap().expect("a bill").due;
    let next = async || {
        let next = hall.authority.next_cases(hall.officer, case).await.unwrap();
        next.iter().map(|p| p.id.clone()).collect::<Vec<_>>()
    };
    assert!(next().await.is_empty(), "the term is not over");
    while hall.today() <= due.plus_days(4) {
        hall.pass_days(1);
    }
    assert_eq!(next().await, ["enforcement"]);
    let stop =
        Stopping {
            seen: 0, cause: StillCause::Review, from: due.plus_days(3), paper: "示例复〔2026〕1号".into()
        };
    let bill = hall.authority.stand_still(hall.officer, case, &stop).await.unwrap();
    assert_eq!((bill.still_since, bill.owed.surcharge_fen), (Some(due.plus_days(3)), fine * 100 * 6 / 100));
    assert!(next().await.is_empty(), "nobody enforces what is contested");
    let twice = Stopping { seen: 1, ..stop };
    assert_eq!(hall.authority.stand_still(hall.officer, case, &twice).await.unwrap_err().code, "stands_still");
    let go_on = |seen, days| Resuming { seen, to: due.plus_days(days), paper: "示例复决〔2026〕1号".into() };
    assert_eq!(hall.authority.go_on(hall.officer, case, &go_on(1, 2)).await.unwrap_err().code, "payment_day");
    let bill = hall.authority.go_on(hall.officer, case, &go_on(1, 4)).await.unwrap();
    assert_eq!((bill.still_since, bill.seen), (None, 2));
    assert_eq!(hall.authority.go_on(hall.officer, case, &go_on(2, 4)).await.unwrap_err().code, "runs");
    assert_eq!(next().await, ["enforcement"]);

    let known = hall.authority.carried(hall.officer, case, "enforcement").await.unwrap();
    let total = bill.owed.total_fen / 100;
    assert_eq!(known.typed.get("owed_yuan"), Some(&total.to_string()));
    assert_eq!(known.typed.get("decision_number"), Some(&known.number));
    assert_eq!(known.typed.get("unpaid_day"), Some(&due.to_string()));
    assert!(!format!("{known:?}").contains("元"));
    let form = Beginning {
        procedure: "enforcement".into(),
        channel: Channel::OwnMotion,
        party: known.party,
        place: String::new(),
        title: String::new(),
        ..area()
    };
    let enforced = hall.authority.begin_from(hall.officer, &form, Some(case)).await.unwrap().case;
    let to = hall.authority.linked(hall.officer, case).await.unwrap().to;
    assert_eq!(to.iter().map(|row| row.id).collect::<Vec<_>>(), [enforced]);
    let from = hall.authority.linked(hall.officer, enforced).await.unwrap().from;
    assert_eq!(from.map(|row| row.id), Some(case));
    let strange = hall.authority.begin_from(hall.person, &area(), Some(case)).await.unwrap_err();
    assert_eq!(strange.code, "not_found", "nobody begins from a case that is not theirs");
}

#[tokio::test]
async fn what_was_annulled_is_withdrawn_in_time_and_takes_no_money() {
    let hall = Hall::open().await;
    let (case, fine) = served(&hall).await;
    for step in ["publish", "annul"] {
        hall.done(hall.officer, case, step).await.unwrap();
    }
    let clock = async || {
        let view = hall.view(hall.officer, case).await;
        view.clocks().into_iter().find(|c| c.id == "withdraw").expect("the clock of the withdrawal")
    };
    let running = clock().await;
    assert_eq!((running.state, running.binds), (ClockState::Running, law::Party::Organ));
    let taken = hall.authority.receive(hall.officer, case, &receipt(&hall, 0, fine * 100, "票1")).await.unwrap_err();
    assert_eq!(taken.code, "decision_annulled");
    let bill = hall.authority.owed(hall.officer, case, hall.today()).await.unwrap().expect("a bill");
    assert!(bill.annulled && !bill.is_overdue());
    hall.done(hall.officer, case, "withdraw").await.unwrap();
    assert_eq!(clock().await.state, ClockState::Met { on: hall.today() });
}

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
    hall.act(hall.officer, case, propose).await.unwrap();
    hall.done(hall.officer, case, "decide").await.unwrap();
    let review = CaseAct::Review { passed: true, opinion: String::new(), typed: Typed::new() };
    hall.act(hall.reviewer, case, review).await.unwrap();
    let refusal = hall.decide(hall.head, case, "fined").await.unwrap_err();
    assert_eq!((refusal.kind, refusal.code.as_str()), (ErrorKind::Unlawful, "hearing_not_told"), "{refusal}");
}

/// Why a penalty is not decided that was told, heard, proposed and reviewed with other answers than the samples; `None`: it is decided.
async fn refused_with(hall: &Hall, answers: &[(&str, &str, &str)]) -> Option<Refusal> {
    tried_with(hall, answers).await.1.err()
}

/// A penalty with other answers than the samples: the case, and what came of the decision.
async fn tried_with(hall: &Hall, answers: &[(&str, &str, &str)]) -> (CaseId, Result<Acted, Refusal>) {
    let on = hall.today();
    let mut question = PenaltyQuestion::new(BREACH, Jurisdiction::Heilongjiang, Fined::Unit, Grade::Overdue, on, on);
    question.gains_yuan = Some(0);
    let fine = GATE.penalty(&question).unwrap().fining().expect("it is fined").1.least().to_string();
    let filled = |step: &str| {
        let mut typed = sample("penalty_case", step, on);
        let own = [("tell", "intended_fine", fine.as_str()), ("fined", "fine", fine.as_str())];
        for (_, field, text) in own.iter().chain(answers).filter(|(of, ..)| *of == step) {
            typed.insert((*field).to_owned(), (*text).to_owned());
        }
        typed
    };
    let case = hall.own_motion("penalty_case", hall.unit, "未建立登记制度").await;
    for step in ["open", "investigate", "tell", "defend"] {
        hall.act(hall.officer, case, hall.done_act(hall.officer, step, filled(step), on)).await.unwrap();
    }
    let clauses = vec![ClauseId::new(BREACH)];
    let propose =
        CaseAct::Propose { outcome: "fined".into(), typed: filled("fined"), reasons: REASONS.into(), clauses };
    hall.act(hall.officer, case, propose).await.unwrap();
    hall.done(hall.officer, case, "decide").await.unwrap();
    let review = CaseAct::Review { passed: true, opinion: String::new(), typed: filled("legal_review") };
    hall.act(hall.reviewer, case, review).await.unwrap();
    (case, hall.decide(hall.head, case, "fined").await)
}

/// A decision that confiscates these gains, yuan, and fines by the sample or not at all; served today. With the fine, yuan.
async fn gains_taken(hall: &Hall, gains: &str, is_fined: bool) -> (CaseId, u64) {
    let mut answers = vec![("investigate", "gains", gains), ("fined", "confiscated", gains)];
    if !is_fined {
        answers.push(("fined", "fine", "0"));
    }
    let (case, decided) = tried_with(hall, &answers).await;
    decided.unwrap();
    hall.done(hall.officer, case, "deliver").await.unwrap();
    let decision = hall.view(hall.officer, case).await.case.outcome().expect("a decision").values.number("fine");
    (case, decision.and_then(|fine| u64::try_from(fine).ok()).expect("a sum"))
}

#[tokio::test]
async fn gains_alone_are_collected_without_surcharge_and_end_the_step() {
    let hall = Hall::open().await;
    let (case, fine) = gains_taken(&hall, "100", false).await;
    let bill = hall.authority.owed(hall.unit, case, hall.today()).await.unwrap().expect("the party sees its bill");
    assert_eq!((bill.fine_yuan, bill.gains_yuan, fine), (0, 100, 0));
    assert_eq!((bill.owed.total_fen, bill.owed.gains_fen, bill.is_late()), (10_000, 10_000, false));
    let cited: Vec<&str> = bill.clauses.iter().map(|c| c.clause.0.as_str()).collect();
    assert_eq!(cited, ["AP-67", "AP-28-2"], "no surcharge, no leave");
    let late = hall.authority.owed(hall.officer, case, bill.due.plus_days(400)).await.unwrap().expect("a bill");
    assert_eq!((late.owed.total_fen, late.owed.surcharge_fen, late.is_overdue()), (10_000, 0, true));
    let leave = Deferral {
        seen: 0,
        asked_on: hall.today(),
        parts: vec![Part { by: bill.due.plus_days(30), fen: 10_000 }],
        reasons: "停业三个月，确有经济困难。".into(),
    };
    assert_eq!(hall.authority.defer(hall.head, case, &leave).await.unwrap_err().code, "no_fine_to_defer");
    let of_fine = receipt(&hall, 0, 10_000, "票1");
    assert_eq!(hall.authority.receive(hall.officer, case, &of_fine).await.unwrap_err().code, "nothing_owed");
    let part = |seen, gains_fen, number| Receipt { gains_fen, ..receipt(&hall, seen, 0, number) };
    assert_eq!(hall.authority.receive(hall.officer, case, &part(0, 0, "票1")).await.unwrap_err().code, "no_sum");
    let bill = hall.authority.receive(hall.officer, case, &part(0, 4_000, "票1")).await.unwrap();
    assert_eq!((bill.owed.total_fen, bill.paid, bill.lines[0].gains_fen), (6_000, false, 4_000));
    let bill = hall.authority.receive(hall.officer, case, &part(1, 6_000, "票2")).await.unwrap();
    assert_eq!((bill.owed.total_fen, bill.paid), (0, true));
    let view = hall.view(hall.officer, case).await;
    let values = view.case.values_of("pay").expect("the step is filled in");
    assert_eq!((values.number("paid"), values.number("gains_paid")), (Some(0), Some(100)));
    let row = newest_penalty(&hall, case).await;
    assert_eq!((&row["money_received"], &row["money_gains"]), (&yuan(10_000).into(), &yuan(10_000).into()));
    assert_eq!(&row["money_owed"], &yuan(0));
    assert_eq!(row["gains_paid"].to_string().trim_matches('"'), "100", "{row}");
    let wrong = Reversal { seen: 2, row: 2, reasons: "金额录错，尚未到账。".into() };
    let bill = hall.authority.reverse(hall.head, case, &wrong).await.unwrap();
    assert_eq!((bill.owed.gains_fen, bill.owed.total_fen, bill.paid), (6_000, 6_000, false), "of the gains again");
    hall.store.flush_ledger().await.unwrap();
    assert!(hall.store.check_case(case).await.unwrap().is_empty());
}

#[tokio::test]
async fn one_receipt_pays_both_and_money_for_the_one_pays_nothing_of_the_other() {
    let hall = Hall::open().await;
    let (case, fine) = gains_taken(&hall, "100", true).await;
    let fen = fine * 100;
    let bill = hall.authority.owed(hall.officer, case, hall.today()).await.unwrap().expect("a bill");
    assert_eq!((bill.owed.fine_fen, bill.owed.gains_fen, bill.owed.total_fen), (fen, 10_000, fen + 10_000));
    let (due, day) = (bill.due, bill.due.plus_days(1));
    let late = hall.authority.owed(hall.officer, case, day).await.unwrap().expect("a bill");
    assert_eq!(late.owed.surcharge_fen, fen * 3 / 100, "on the fine alone");
    let whole = Receipt { gains_fen: 2_500, ..receipt(&hall, 0, fen, "票1") };
    let bill = hall.authority.receive(hall.officer, case, &whole).await.unwrap();
    assert_eq!(
        (bill.owed.of_fine_fen(), bill.owed.gains_fen, bill.paid),
        (0, 7_500, false),
        "the gains are owed still"
    );
    assert_eq!((bill.lines[0].fen, bill.lines[0].gains_fen), (fen + 2_500, 2_500));
    let again = receipt(&hall, 1, 7_500, "票2");
    assert_eq!(hall.authority.receive(hall.officer, case, &again).await.unwrap_err().code, "nothing_owed");
    let next = async || hall.authority.next_cases(hall.officer, case).await.unwrap().len();
    assert_eq!(next().await, 0, "the term is not over");
    while hall.today() <= due {
        hall.pass_days(1);
    }
    assert_eq!(next().await, 1, "what is late of the gains is enforced, too");
    let known = hall.authority.carried(hall.officer, case, "enforcement").await.unwrap();
    assert_eq!(known.typed.get("owed_yuan").map(String::as_str), Some("75"));
    let owed = known.typed.get("owed").expect("in words");
    assert!(owed.contains("没收的违法所得75元") && !owed.contains("罚款"), "{owed}");
    let rest = Receipt { fen: 0, gains_fen: 7_500, ..receipt(&hall, 1, 0, "票2") };
    let bill = hall.authority.receive(hall.officer, case, &rest).await.unwrap();
    assert_eq!((bill.owed.total_fen, bill.owed.surcharge_fen, bill.paid), (0, 0, true));
    let over = Receipt { fen: 0, gains_fen: 1, ..receipt(&hall, 2, 0, "票3") };
    assert_eq!(hall.authority.receive(hall.officer, case, &over).await.unwrap_err().code, "nothing_owed");
}

#[tokio::test]
async fn leave_moves_the_day_of_the_fine_and_not_that_of_the_gains() {
    let hall = Hall::open().await;
    let (case, fine) = gains_taken(&hall, "100", true).await;
    let due = hall.authority.owed(hall.head, case, hall.today()).await.unwrap().expect("a bill").due;
    let form = |fen| Deferral {
        seen: 0,
        asked_on: hall.today(),
        parts: vec![Part { by: due.plus_days(60), fen }],
        reasons: "停业三个月，确有经济困难。".into(),
    };
    let with_gains = form(fine * 100 + 10_000);
    assert_eq!(hall.authority.defer(hall.head, case, &with_gains).await.unwrap_err().code, "no_parts");
    hall.authority.defer(hall.head, case, &form(fine * 100)).await.unwrap();
    let bill = hall.authority.owed(hall.officer, case, due.plus_days(1)).await.unwrap().expect("a bill");
    assert_eq!((bill.last_day, bill.due, bill.owed.surcharge_fen), (due.plus_days(60), due, 0));
    assert!(bill.are_gains_late() && !bill.is_fine_late() && bill.is_overdue());
    let none = Receipt { gains_fen: 10_000, ..receipt(&hall, 1, 0, "票1") };
    let bill = hall.authority.receive(hall.officer, case, &none).await.unwrap();
    assert_eq!((bill.owed.gains_fen, bill.paid), (0, false));
    let bill = hall.authority.owed(hall.officer, case, due.plus_days(1)).await.unwrap().expect("a bill");
    assert!(!bill.is_late(), "the fine has leave");
    let again = Receipt { gains_fen: 1, ..receipt(&hall, 2, 0, "票2") };
    assert_eq!(hall.authority.receive(hall.officer, case, &again).await.unwrap_err().code, "no_gains_owed");
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
async fn a_document_is_found_by_its_wording_and_by_nothing_of_a_person() {
    let hall = Hall::open().await;
    // 王五 is whom to ask at the unit; the number is somebody's.
    let (case, _) = fined_for(&hall, "王五（11010519491231002X）未建立登记制度").await;
    let seen = hall.store.case(case).await.unwrap().expect("a case").events;
    let made = hall.authority.make_document(hall.officer, case, "penalty_decision", Lang::Zh, seen).await.unwrap();
    let row = hall.store.document(made.document).await.unwrap().expect("kept");
    let found = async |query: &str| {
        let found = hall.store.search(Thing::Document, query, None, 9).await.unwrap();
        found.is_some_and(|found| found.things == [made.document.to_string()])
    };
    let wording = ["未建立登记制度", "行政处罚决定书", "示例商业有限公司"];
    let number = made.number.clone().expect("a number");
    // The words of every field about a person, as far as no open field says the same; of the officers; and what somebody wrote as reasons.
    let view = hall.view(hall.officer, case).await;
    let texts = |is_personal: bool| -> Vec<String> {
        let fields = view.procedure().fields.iter();
        let these = fields.filter(|f| (f.personal || f.kind.is_personal()) == is_personal);
        let text = |f: &law::Field| view.case.values_of(&f.step).and_then(|values| values.text(&f.id));
        these.filter_map(text).map(|text| text.chars().take(20).collect()).collect()
    };
    let (mut personal, open) = (texts(true), texts(false));
    personal.retain(|word| !open.iter().any(|text| text.contains(word)));
    personal.extend(["王五", "赵六", "11010519491231002", REASONS].map(str::to_owned));
    for by in [hall.officer, hall.second, hall.head, hall.reviewer] {
        personal.push(hall.store.account(by.account).await.unwrap().expect("an account").name.into_inner());
    }
    assert!(personal.len() > 10, "{}", personal.len());
    for again in [false, true] {
        if again {
            // As a document of an older program is made to be found.
            hall.store.index_document(row.id, "").await.unwrap();
            assert!(!found("未建立登记制度").await && found(&number).await, "by its number alone");
            let words = hall.authority.words_again(&row).await.unwrap();
            hall.store.index_document(row.id, &words).await.unwrap();
        }
        for word in wording {
            assert!(found(word).await, "{word}, again: {again}");
        }
        assert!(found(&number).await);
        for word in &personal {
            assert!(!found(word).await, "{word}, again: {again}");
        }
    }
    assert_eq!(hall.authority.index_documents().await.unwrap(), 0, "nothing waits");
    let hits = hall.authority.find(hall.officer, Thing::Document, "未建立登记制度", None).await.unwrap().hits;
    assert!(matches!(hits.as_slice(), [Hit::Document(hit)] if hit.case == Some(case)));
}

#[tokio::test]
async fn what_is_public_names_no_person_and_stands_until_it_is_withdrawn() {
    let hall = Hall::open().await;
    let (case, fine) = served(&hall).await;
    hall.done(hall.officer, case, "publish").await.unwrap();
    let (publication, row) = ("rewards_and_penalties".to_owned(), case.to_string());
    let publish = CaseAct::Publish { publication: publication.clone(), row: row.clone() };
    hall.act(hall.publisher, case, publish).await.unwrap();
    let shown = hall.store.publications_of_case(case).await.unwrap();
    let body = &shown.first().expect("it is public").body;
    for told in ["沈阳示例商业有限公司", &format!("罚款：{fine}元"), "依据：《", "第十四条"] {
        assert!(body.contains(told), "{told}: {body}");
    }
    for person in ["赵六", "11010519491231002X", "024-55550100"] {
        assert!(!body.contains(person), "{person}: {body}");
    }
    hall.done(hall.officer, case, "annul").await.unwrap();
    let early = hall.done(hall.officer, case, "withdraw").await.unwrap_err();
    assert_eq!(early.code, "still_published");
    let reasons = "原决定经行政复议撤销。".to_owned();
    let withdraw = CaseAct::WithdrawPublication { publication, row, reasons };
    hall.act(hall.publisher, case, withdraw).await.unwrap();
    hall.done(hall.officer, case, "withdraw").await.unwrap();
    assert!(hall.store.publications_of_case(case).await.unwrap().iter().all(|p| p.withdrawn.is_some()));
    let rows = hall.store.rows_of_case(case).await.unwrap();
    assert!(rows.len() > 2 && rows.iter().all(|r| r.shown.is_none()), "no version of the row is public, nor the last");
}

#[tokio::test]
async fn neither_title_nor_column_nor_reason_makes_a_name_public() {
    let hall = Hall::open().await;
    // 王五 is whom to ask at the unit.
    let (case, _) = fined_for(&hall, "王五未建立登记制度").await;
    hall.done(hall.officer, case, "deliver").await.unwrap();
    assert!(hall.view(hall.officer, case).await.row.head.title.contains("王五"), "the office reads its own words");
    let rows = hall.store.rows_of_case(case).await.unwrap();
    assert_eq!(rows[0].name, "某某未建立登记制度");
    assert!(rows.iter().all(|r| r.shown.is_none() && !r.public.contains("王五")), "nor is it public yet");
    let on = hall.today();
    let mut typed = sample("penalty_case", "publish", on);
    typed.insert("published_summary".into(), "哈尔滨示例商业有限公司（联系人王五）未建立登记制度。".into());
    let named = hall.act(hall.officer, case, hall.done_act(hall.officer, "publish", typed, on)).await.unwrap_err();
    assert_eq!(named.code, "names_person");
    hall.done(hall.officer, case, "publish").await.unwrap();
    let (publication, row) = ("rewards_and_penalties".to_owned(), case.to_string());
    let publish = CaseAct::Publish { publication: publication.clone(), row: row.clone() };
    hall.act(hall.publisher, case, publish).await.unwrap();
    let notice = hall.store.publications_of_case(case).await.unwrap().remove(0);
    assert!(notice.title.ends_with("某某未建立登记制度") && !notice.body.contains("王五"), "{notice:?}");
    let shown = |rows: Vec<store::casework::registers::RowVersion>| {
        rows.iter().filter(|r| r.newest).map(|r| r.shown.is_some()).collect::<Vec<_>>()
    };
    assert_eq!(shown(hall.store.rows_of_case(case).await.unwrap()), [true]);
    let withdraw = |reasons: &str| CaseAct::WithdrawPublication {
        publication: publication.clone(),
        row: row.clone(),
        reasons: reasons.into(),
    };
    let named = hall.act(hall.publisher, case, withdraw("王五提出异议，决定已撤销。")).await.unwrap_err();
    assert_eq!(named.code, "names_person");
    // Of two tabs the second changes nothing: the notice goes with its event or not at all.
    let stale = Command { seen: 1, act: withdraw("决定已经被复议机关撤销。") };
    hall.authority.act(hall.publisher, case, &stale, vec![]).await.unwrap_err();
    assert_eq!(hall.store.publication(notice.entry).await.unwrap().and_then(|p| p.withdrawn), None);
    hall.act(hall.publisher, case, withdraw("决定已经被复议机关撤销。")).await.unwrap();
    assert_eq!(shown(hall.store.rows_of_case(case).await.unwrap()), [false]);
}

#[tokio::test]
async fn an_inspection_that_ends_in_a_penalty_fills_in_what_is_known() {
    let hall = Hall::open().await;
    let on = hall.today();
    let case = hall.own_motion("inspection_b", hall.unit, "").await;
    for step in ["notice", "inspect", "order", "inspect_again"] {
        let act = hall.done_act(hall.officer, step, sample("inspection_b", step, on), on);
        let seen = hall.store.case(case).await.unwrap().expect("a case").events;
        hall.authority.act_of_visit(hall.officer, case, &Command { seen, act }).await.unwrap();
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

/// A review of a case, decided so; `None`: it is still heard.
async fn reviewed(hall: &Hall, case: CaseId, result: Option<&str>) -> CaseId {
    let on = hall.today();
    let known = hall.authority.carried(hall.officer, case, "review").await.unwrap();
    let form = Beginning {
        procedure: "review".into(),
        channel: Channel::Counter,
        party: known.party,
        place: String::new(),
        title: known.number,
        ..area()
    };
    let review = hall.authority.begin_from(hall.officer, &form, Some(case)).await.unwrap().case;
    for (n, step) in (1..).zip(["know", "apply", "examine", "accept", "try"]) {
        let act = hall.done_act(hall.officer, step, sample("review", step, on), on);
        // What the organ of review does is entered with its paper.
        let files = if n > 2 { vec![pdf(step, n)] } else { Vec::new() };
        hall.act_with(hall.officer, review, act, files).await.unwrap();
    }
    if let Some(result) = result {
        let mut typed = sample("review", "decided", on);
        typed.insert("result".into(), result.into());
        let decide = CaseAct::Decide {
            outcome: "decided".into(),
            typed,
            reasons: String::new(),
            clauses: Vec::new(),
            officers: Vec::new(),
            on,
        };
        hall.act_with(hall.officer, review, decide, vec![pdf("decided", 9)]).await.unwrap();
    }
    review
}

#[tokio::test]
async fn a_decision_that_a_review_annulled_asks_for_its_step_until_that_is_done() {
    let hall = Hall::open().await;
    let (case, _) = fined(&hall).await;
    let offered = async || {
        let offered = hall.authority.remedies_of(hall.officer, case).await.unwrap();
        offered.iter().map(|p| p.id.clone()).collect::<Vec<_>>()
    };
    assert!(offered().await.is_empty(), "it is not served yet");
    hall.done(hall.officer, case, "deliver").await.unwrap();
    hall.done(hall.officer, case, "publish").await.unwrap();
    let both = offered().await;
    assert!(both.len() == 2 && both.contains(&"review".into()) && both.contains(&"lawsuit".into()), "{both:?}");
    let (known, today) =
        (hall.authority.carried(hall.officer, case, "review").await.unwrap(), hall.today().to_string());
    assert_eq!(known.typed.get("act_number"), Some(&known.number));
    assert_eq!(known.typed.get("know_day"), Some(&today), "the day of service");
    assert_eq!(known.typed.get("applicant_kind").map(String::as_str), Some("unit"));
    let suit = hall.authority.carried(hall.officer, case, "lawsuit").await.unwrap();
    assert_eq!(suit.typed.get("act_day"), Some(&today), "the day of the decision");

    let told = async || hall.authority.annulments(hall.officer, case).await.unwrap();
    reviewed(&hall, case, None).await;
    assert!(told().await.is_empty(), "nothing is decided there");
    let (other, _) = served(&hall).await;
    reviewed(&hall, other, Some("upheld")).await;
    assert!(hall.authority.annulments(hall.officer, other).await.unwrap().is_empty(), "it stands");
    let (third, _) = served(&hall).await;
    reviewed(&hall, third, Some("annulled")).await;
    let found = hall.authority.annulments(hall.officer, third).await.unwrap();
    let [annulment] = found.as_slice() else { panic!("one: {found:?}") };
    assert_eq!((annulment.day, annulment.clause.0.as_str()), (Some(hall.today()), "AP-48"));
    let filled = |id: &str| annulment.typed.get(id).cloned().unwrap_or_default();
    assert_eq!((filled("annul_kind"), filled("annul_day")), ("annulled".to_owned(), today));
    assert_eq!(filled("annul_number"), annulment.number);
    assert!(!annulment.number.is_empty() && annulment.text().zh.contains(&annulment.number));
    assert_eq!(hall.authority.annulments(hall.person, third).await.unwrap_err().code, "not_found");
    let waits = hall.authority.not_annulled(Territory::All, hall.today(), 9).await.unwrap();
    assert_eq!(waits.iter().map(|row| row.id).collect::<Vec<_>>(), [third]);
    let office = hall.store.case(third).await.unwrap().expect("a case").head.office;
    assert_eq!(hall.authority.not_annulled(Territory::Under(office), hall.today(), 9).await.unwrap().len(), 1);
    assert!(hall.authority.not_annulled(Territory::All, hall.today(), 0).await.unwrap().is_empty());

    hall.done(hall.officer, third, "annul").await.unwrap();
    assert!(hall.authority.annulments(hall.officer, third).await.unwrap().is_empty(), "it is entered");
    assert!(hall.authority.not_annulled(Territory::All, hall.today(), 9).await.unwrap().is_empty());
    assert!(hall.authority.remedies_of(hall.officer, third).await.unwrap().is_empty());
}
