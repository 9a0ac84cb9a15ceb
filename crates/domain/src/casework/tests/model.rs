//! Random acts by random people on random days: nothing panics, and whatever is decided folds the same at once and one by one.

use super::bench::{Bench, PACKS, REASONS, account, who};
use crate::casework::*;
use base::{AccountId, CivilDate, Sha256};
use proptest::prelude::*;

/// What one draw says: which act, on what, from which seat, how many days later, and a number for the rest.
type Draw = (u8, u8, u8, i32, u8);

fn pick<T: Clone>(all: &[T], n: u8) -> Option<T> {
    all.get(usize::from(n).checked_rem(all.len())?).cloned()
}

fn act_of(bench: &Bench, (kind, on_what, _, _, n): Draw) -> CaseAct {
    let all: Vec<String> = nodes(bench.procedure).map(|node| node.id().to_owned()).collect();
    let open: Vec<String> = bench.docket().open().into_iter().map(|(node, _)| node.id().to_owned()).collect();
    let step = pick(&open, on_what).filter(|_| n < 200).or_else(|| pick(&all, on_what)).unwrap();
    let material = pick(&bench.procedure.materials, n).map_or_else(|| step.clone(), |m| m.id);
    let clock = pick(&bench.procedure.clocks, on_what).map_or_else(String::new, |c| c.id);
    let (sha256, reason) = (Sha256::of(&[n % 4]), REASONS.to_owned());
    let (today, account) = (bench.today, account(n % 12));
    match kind % 24 {
        0..=5 => bench.done_act(&step),
        6 | 7 if node(bench.procedure, &step).is_some_and(Node::is_outcome) => bench.decide_act(&step),
        6 | 7 => CaseAct::GivePaper { material, sha256, bytes: u64::from(n), kind: PaperKind::Jpeg, name: None },
        8 => CaseAct::GivePaper { material: step, sha256, bytes: 1, kind: PaperKind::OnPaper, name: None },
        9 => CaseAct::AskForRest {
            materials: vec![Missing { id: material, reason }],
            fields: vec![],
            on: today,
            until: None,
        },
        10 | 11 => propose(bench, n),
        12 => CaseAct::Review { passed: n > 60, opinion: reason, typed: bench.sample(LEGAL_REVIEW) },
        13 => CaseAct::StopClock { clock, cause: pick(&law::StopCause::ALL, n).unwrap(), reason, from: today },
        14 => CaseAct::ResumeClock { clock, reason, to: today },
        15 => CaseAct::ExtendClock { clock, reason, on: today },
        16 => CaseAct::Assign { to: account },
        17 => CaseAct::AskRecusal { account, reason },
        18 => CaseAct::SettleRecusal { account, granted: n > 128, reason },
        19 => CaseAct::MakeDocument {
            kind: "decision".into(),
            number: n.to_string(),
            sha256,
            pages: u32::from(n),
            lang: base::Lang::Zh,
        },
        20 if n.is_multiple_of(5) => CaseAct::VoidDocument { document: sha256, reason },
        20 => {
            CaseAct::Deliver { document: sha256, way: Way::Post, on: today.plus_days(-i32::from(n % 3)), notice: None }
        }
        21 if n < 40 => CaseAct::Abandon { reasons: String::new() },
        21 => CaseAct::SendBack { reasons: reason },
        22 => CaseAct::ReturnPaper { sha256, reason },
        _ => CaseAct::Fill { step: step.clone(), typed: bench.sample(&step) },
    }
}

fn propose(bench: &Bench, n: u8) -> CaseAct {
    let outcome = pick(&bench.procedure.outcomes, n).unwrap();
    CaseAct::Propose {
        typed: bench.sample(&outcome.id),
        reasons: REASONS.into(),
        clauses: vec![outcome.clause.clone()],
        outcome: outcome.id,
    }
}

fn by(seat: u8, n: u8) -> Who {
    let who = who(*Seat::ALL.get(usize::from(seat) % Seat::ALL.len()).unwrap());
    // Now and then somebody sits in another's seat.
    if n.is_multiple_of(16) { Who { account: account(n % 12), ..who } } else { who }
}

fn check(bench: &Bench) -> Result<(), TestCaseError> {
    prop_assert_eq!(&Case::fold(&bench.events).unwrap(), &bench.case);
    let docket = bench.docket();
    let open = open_steps(&docket);
    prop_assert!(bench.case.abandoned.is_none() || open.is_empty());
    let days: Vec<(CivilDate, AccountId)> = bench.case.doings.iter().map(|d| (d.on, d.by)).collect();
    prop_assert!(days.iter().all(|(on, _)| *on <= bench.today));
    for decision in &bench.case.decisions {
        let node = node(bench.procedure, &decision.outcome).unwrap();
        let before = |d: &&Doing| d.index < decision.index && node.after().contains(&d.node);
        let lapsed = docket.accepted_by_lapse().is_some();
        prop_assert!(lapsed || bench.case.doings.iter().any(|d| before(&d)), "{} before its time", decision.outcome);
    }
    let all = life(&docket);
    prop_assert_eq!(all.nodes.len(), nodes(bench.procedure).count());
    prop_assert!(all.nodes.iter().filter(|n| n.stands).count() <= 1);
    for clock in clocks(&docket) {
        prop_assert!(clock.deadline.is_some() || clock.state.code() == "not_counted", "{}", clock.id);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn whatever_people_try_the_case_stays_whole(
        which in any::<u8>(),
        draws in proptest::collection::vec((any::<u8>(), any::<u8>(), any::<u8>(), 0_i32..6, any::<u8>()), 1..60),
    ) {
        let procedure = pick(PACKS.procedures(), which).unwrap();
        let mut bench = Bench::open(&procedure.id);
        for draw in draws {
            bench.today = bench.today.plus_days(draw.3 / 4);
            let act = act_of(&bench, draw);
            // Half of the acts come from the seat that may do them, so that cases get somewhere.
            let who = match &act {
                CaseAct::Done { step: id, .. } | CaseAct::Decide { outcome: id, .. } if draw.2.is_multiple_of(2) => who(bench.enters(id)),
                _ => by(draw.2, draw.4),
            };
            let before = bench.case.clone();
            if bench.act_as(&who, act).is_err() {
                prop_assert_eq!(&before, &bench.case, "a refusal changes nothing");
            }
        }
        check(&bench)?;
        let json = serde_json::to_string(&bench.events).unwrap();
        let read: Vec<Recorded> = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(read, bench.events);
    }
}
