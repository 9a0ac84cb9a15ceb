//! A fine to its very end: late days to the cap, parts, leave, two tabs, gains beside it. What is decided, contested and published stands
//! beside.

mod contested;
mod decided;
mod published;

use super::*;
use crate::cases::{Deferral, Receipt, Reversal};
use domain::payment::{Part, yuan};

/// A fine that was decided and served today; its sum, yuan.
async fn fined(hall: &Hall) -> (CaseId, u64) {
    fined_for(hall, "").await
}

/// The same about a matter in own words; empty: that of the sample.
async fn fined_for(hall: &Hall, matter: &str) -> (CaseId, u64) {
    let (on, fine) = (hall.today(), hall.fine().least());
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

pub(super) async fn served(hall: &Hall) -> (CaseId, u64) {
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

/// A penalty with other answers than the samples: the case, and what came of the decision.
async fn tried_with(hall: &Hall, answers: &[(&str, &str, &str)]) -> (CaseId, Result<Acted, Refusal>) {
    let (on, fine) = (hall.today(), hall.fine().least().to_string());
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
    // What the decision would be refused for is told at the proposal already.
    if let Err(refusal) = hall.act(hall.officer, case, propose).await {
        return (case, Err(refusal));
    }
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
    let paid_on = hall.today();
    let rest = receipt(&hall, 2, fine * 100, "票3");
    hall.authority.receive(hall.officer, case, &rest).await.unwrap();
    let view = hall.view(hall.officer, case).await;
    let kept = view.case.values_of("pay").expect("the step").day("gains_paid_on");
    assert_eq!(kept, Some(paid_on), "the clock of the case knows when the gains were there");
}
