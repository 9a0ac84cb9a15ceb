//! The clocks of a case: which run, for whom, until when, and which were met, missed or stand still.
//!
//! What flows through: a [`Docket`] ─▶ `Packs::clock_due` for every clock whose start was done ─▶ [`CaseClock`]. Always true: no length
//! stands here; a clock that cannot be counted says why and is never left out; a decision clock runs from the day of receipt where the
//! application was accepted by lapse of time.

use super::case::{ClockLeave, Doing};
use super::docket::Docket;
use super::keeping;
use super::seat::is_ours;
use super::words::{ACCEPT, ANNUL, CONFISCATED, GAINS_PAID_ON, PAY, PUBLIC_NOTICE, REGISTER_EVIDENCE, SETTLE_EVIDENCE};
use base::{CivilDate, Text};
use law::{Clock, ClockDue, ClockRun, Deadline, Direction, Falls, Party, Reminder, Sense};

/// Where a clock stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ClockState {
    /// It runs.
    Running,
    /// It stands still since a day.
    Suspended {
        /// The first day that does not count.
        since: CivilDate,
    },
    /// What was due was done in time.
    Met {
        /// On this day.
        on: CivilDate,
    },
    /// What was due was done too late.
    MetLate {
        /// On this day.
        on: CivilDate,
    },
    /// What was due was not done, and its last day is over.
    Missed,
    /// The last day was over and what was due was not done when the case was decided or given up: it is owed no more, and was late.
    Lapsed,
    /// The time has passed; or what was due can no longer come, since the case went another way before the last day was over.
    Passed,
    /// No day can be given.
    NotCounted {
        /// Why.
        why: Text,
    },
}

impl ClockState {
    /// The words of all states in which a last day went by before what was due was done.
    pub const LATE: [&str; 3] = ["met_late", "missed", "lapsed"];
    /// The word of what was done in time.
    pub const IN_TIME: &str = "met";

    /// Stable word for rows, pages and the API.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Suspended { .. } => "suspended",
            Self::Met { .. } => "met",
            Self::MetLate { .. } => "met_late",
            Self::Missed => "missed",
            Self::Lapsed => "lapsed",
            Self::Passed => "passed",
            Self::NotCounted { .. } => "not_counted",
        }
    }

    /// Something is still to be done by its day.
    #[must_use]
    pub const fn is_owed(&self) -> bool {
        matches!(self, Self::Running | Self::Missed)
    }
}

/// A clock of a case.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CaseClock {
    /// Its word in the procedure.
    pub id: String,
    /// What is due.
    pub name: Text,
    /// What follows when it is over.
    pub over: Text,
    /// Whom it binds.
    pub binds: Party,
    /// To be done by its last day, or not before it is over.
    pub sense: Sense,
    /// What happened to it.
    pub run: ClockRun,
    /// Where it stands.
    pub state: ClockState,
    /// Its day and how it was counted; none where it cannot be counted.
    pub deadline: Option<Deadline>,
    /// The year whose holidays are not published yet and could move the day.
    pub provisional: Option<i16>,
    /// The ordinance does not set it: on what ground the national rule is applied.
    pub default: Option<Text>,
    /// When somebody is reminded, while it runs.
    pub remind: Vec<Reminder>,
    /// The last day by leave to do it later or in parts.
    pub leave: Option<CivilDate>,
}

impl CaseClock {
    /// Its last day: by leave, where that was given.
    #[must_use]
    pub fn day(&self) -> Option<CivilDate> {
        self.leave.or_else(|| self.term_day())
    }

    /// The last day of the term itself, whatever leave was given.
    #[must_use]
    pub fn term_day(&self) -> Option<CivilDate> {
        self.deadline.as_ref().and_then(Deadline::day)
    }

    /// It binds the organ that runs this server.
    #[must_use]
    pub const fn binds_us(&self) -> bool {
        is_ours(self.binds)
    }
}

/// The nearest day by which something is owed, by us or by the others; one that is over is nearer than any to come.
#[must_use]
pub fn nearest(clocks: &[CaseClock], ours: bool) -> Option<(&CaseClock, CivilDate)> {
    let owed = clocks.iter().filter(|c| c.state.is_owed() && c.sense == Sense::Within && c.binds_us() == ours);
    owed.filter_map(|c| c.day().map(|day| (c, day))).min_by_key(|(_, day)| *day)
}

/// Every clock of the case that has started, in the order of the procedure; those whose condition the case does not meet are none of it. Evidence
/// that was registered several times has as many clocks of the same word, in the order of the registrations.
#[must_use]
pub fn clocks(docket: &Docket<'_>) -> Vec<CaseClock> {
    let own = docket.procedure.clocks.iter().filter(|c| docket.has_clock(c));
    own.flat_map(|clock| if is_of_evidence(clock) { of_registrations(docket, clock) } else { one(docket, clock) })
        .collect()
}

/// What ends a clock.
#[derive(Clone, Copy)]
enum Ends<'a> {
    /// The first of its steps that comes after its start, or of those before it where it is counted backwards.
    BySteps,
    /// This, and nothing else; `None`: it did not come yet.
    By(Option<&'a Doing>),
}

fn is_of_evidence(clock: &Clock) -> bool {
    clock.starts == REGISTER_EVIDENCE && clock.ends.iter().any(|end| end == SETTLE_EVIDENCE)
}

fn of_registrations(docket: &Docket<'_>, clock: &Clock) -> Vec<CaseClock> {
    let all: Vec<&Doing> = keeping::registrations(docket.case).collect();
    let several = all.len() > 1;
    let counted = |(n, registration): (usize, &&Doing)| {
        let ends = Ends::By(keeping::settlement_of(docket.case, registration));
        let mut found = run(docket, clock, (registration.index, registration.on), ends);
        if several {
            let (n, name) = (n + 1, found.name);
            found.name = Text::of(format!("{}（第{n}次登记）", name.zh), format!("{} (registration {n})", name.en));
        }
        found
    };
    all.iter().enumerate().map(counted).collect()
}

/// The event that started a clock, and its day.
fn start_of(docket: &Docket<'_>, clock: &Clock) -> Option<(u32, CivilDate)> {
    let done = docket.case.done(&clock.starts);
    if clock.id == PUBLIC_NOTICE {
        // What is entered at the end of the time says when the notice was given.
        return done.zip(docket.notice_day(&clock.starts)).map(|(d, notice)| (d.index, notice));
    }
    if ACCEPT.contains(&clock.starts.as_str())
        && let Some(lapse) = docket.accepted_by_lapse()
        && done.is_none_or(|d| lapse <= d.on)
    {
        // Whatever came after the receipt ended it.
        return Some((done.map_or(0, |d| d.index), lapse));
    }
    done.map(|d| (d.index, d.on))
}

fn one(docket: &Docket<'_>, clock: &Clock) -> Vec<CaseClock> {
    let started = start_of(docket, clock);
    started.map(|start| run(docket, clock, start, Ends::BySteps)).into_iter().collect()
}

fn run(docket: &Docket<'_>, clock: &Clock, (index, start): (u32, CivilDate), ends: Ends<'_>) -> CaseClock {
    let run = docket.case.clock_run(&clock.id, &clock.starts, start);
    let leave = docket.case.clocks.get(&clock.id).and_then(|marks| marks.leave.as_ref());
    let leave = leave.filter(|leave| leave.index > index).map(ClockLeave::last_day);
    let mut found = CaseClock {
        id: clock.id.clone(),
        name: name_of(clock, leave),
        over: Text::of(clock.over_zh.clone(), clock.over_en.clone()),
        binds: clock.binds,
        sense: clock.sense,
        run,
        state: ClockState::Running,
        deadline: None,
        provisional: None,
        default: clock.is_default().then(|| Text::of(clock.default_zh.clone(), clock.default_en.clone())),
        remind: Vec::new(),
        leave,
    };
    match docket.packs.clock_due(&docket.procedure.id, &clock.id, &found.run, docket.today) {
        Ok(due) => {
            found.state = state_of(docket, (clock, ends), (index, leave), &due);
            // What was given leave for is a day by itself: no holiday moves it.
            found.provisional = due.deadline.provisional.filter(|_| leave.is_none());
            if let Some(term) = due.deadline.day().filter(|_| leave.is_some() && takes_gains(docket)) {
                found.name = name_with_gains(clock, term);
            }
            found.remind = reminders(docket, &found, &due.deadline);
            found.deadline = Some(due.deadline);
        }
        Err(why) => found.state = ClockState::NotCounted { why: why.text() },
    }
    found
}

/// What is due; with leave, that it was given.
fn name_of(clock: &Clock, leave: Option<CivilDate>) -> Text {
    let name = clock.name();
    match leave {
        None => name,
        Some(_) => {
            Text::of(format!("{}（经批准暂缓或者分期）", name.zh), format!("{} (by leave, later or in parts)", name.en))
        }
    }
}

/// Gains were confiscated beside the fine.
fn takes_gains(docket: &Docket<'_>) -> bool {
    docket.case.outcome().and_then(|d| d.values.number(CONFISCATED)).is_some_and(|sum| sum > 0)
}

/// With leave for the fine alone: the gains keep the term.
fn name_with_gains(clock: &Clock, term: CivilDate) -> Text {
    let name = clock.name();
    Text::of(
        format!("{}（经批准暂缓或者分期；没收的违法所得仍应在 {term} 以前缴清）", name.zh),
        format!("{} (by leave, later or in parts; the confiscated gains are still due by {term})", name.en),
    )
}

/// The confiscated gains came after the term, which leave for the fine does not move.
fn gains_came_late(docket: &Docket<'_>, term: Option<CivilDate>) -> bool {
    let paid = docket.case.values_of(PAY).and_then(|values| values.day(GAINS_PAID_ON));
    takes_gains(docket) && paid.zip(term).is_some_and(|(paid, term)| paid > term)
}

fn reminders(docket: &Docket<'_>, clock: &CaseClock, deadline: &Deadline) -> Vec<Reminder> {
    let running = clock.state == ClockState::Running && clock.sense == Sense::Within;
    let last = clock.leave.or_else(|| deadline.day());
    let Some(day) = last.filter(|_| running && deadline.count.direction == Direction::After) else {
        return Vec::new();
    };
    let all = docket.packs.reminders(day, docket.today).into_iter();
    all.filter(|r| r.day > clock.run.start || r.day == day).collect()
}

fn state_of(
    docket: &Docket<'_>,
    (clock, ends): (&Clock, Ends<'_>),
    (started, leave): (u32, Option<CivilDate>),
    due: &ClockDue,
) -> ClockState {
    let case = docket.case;
    let ended = |before: bool| {
        let ends = case.doings.iter().filter(|d| clock.ends.contains(&d.node));
        let mut ends = ends.filter(|d| if before { d.index < started } else { d.index > started });
        if before { ends.next_back() } else { ends.next() }
    };
    let met = match ends {
        Ends::BySteps => ended(clock.direction == Direction::Before),
        Ends::By(doing) => doing,
    };
    let met = met.map(|d| d.on);
    let day = leave.or_else(|| due.deadline.day());
    if let Some(on) = met {
        // What waits for a time to pass is never too late for it.
        let gains_late = leave.is_some() && clock.id == PAY && gains_came_late(docket, due.deadline.day());
        let in_time = clock.sense == Sense::AtLeast || (day.is_none_or(|day| on <= day) && !gains_late);
        return if in_time { ClockState::Met { on } } else { ClockState::MetLate { on } };
    }
    // A decision of years ago does not undo that the day was over before it.
    let decided = case.decisions.iter().find(|o| o.index > started).map(|o| o.on);
    // What was annulled is not paid any more.
    let paid_for = clock.ends.iter().any(|end| end == PAY);
    let annulled = case.done(ANNUL).filter(|d| paid_for && d.index > started).map(|d| d.on);
    let gone = [decided, case.abandoned, annulled].into_iter().flatten().min();
    let is_over = |on: CivilDate| leave.map_or_else(|| due.deadline.is_over(on), |day| on > day);
    if let Some(gone) = gone.filter(|_| clock.sense == Sense::Within) {
        return if is_over(gone) { ClockState::Lapsed } else { ClockState::Passed };
    }
    match due.deadline.falls {
        Falls::Stopped { since, .. } => ClockState::Suspended { since },
        Falls::On(_) if !is_over(docket.today) => ClockState::Running,
        Falls::On(_) if clock.sense == Sense::AtLeast => ClockState::Passed,
        Falls::On(_) => ClockState::Missed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::casework::tests::bench::Bench;
    use crate::casework::{CaseAct, Seat};
    use law::StopCause;

    fn state(bench: &Bench, clock: &str) -> ClockState {
        clocks(&bench.docket()).into_iter().find(|c| c.id == clock).unwrap().state
    }

    fn last_day(bench: &Bench, clock: &str) -> CivilDate {
        clocks(&bench.docket()).into_iter().find(|c| c.id == clock).unwrap().day().unwrap()
    }

    fn accepted() -> Bench {
        let mut bench = Bench::open("area_approval");
        bench.give("application").unwrap();
        bench.done("apply").unwrap();
        bench.done("accept").unwrap();
        bench
    }

    #[test]
    fn a_clock_is_met_missed_or_met_late_by_its_last_day() {
        let mut bench = accepted();
        assert_eq!(state(&bench, "completion"), ClockState::Met { on: bench.today });
        assert_eq!(state(&bench, "decide"), ClockState::Running);
        let last = last_day(&bench, "decide");
        let mine = clocks(&bench.docket());
        assert_eq!(nearest(&mine, true).map(|(c, day)| (c.id.as_str(), day)), Some(("decide", last)));
        assert!(nearest(&mine, false).is_none());
        assert!(mine.iter().any(|c| c.id == "decide" && c.remind.iter().any(|r| r.day == last)));
        bench.today = last;
        assert_eq!(state(&bench, "decide"), ClockState::Running);
        bench.today = last.plus_days(1);
        assert_eq!(state(&bench, "decide"), ClockState::Missed);
        bench.done("examine").unwrap();
        bench.decide("approved").unwrap();
        assert_eq!(state(&bench, "decide"), ClockState::MetLate { on: bench.today });
        assert_eq!(state(&bench, "issue"), ClockState::Running);
        bench.done("deliver").unwrap();
        assert_eq!(state(&bench, "issue"), ClockState::Met { on: bench.today });
    }

    #[test]
    fn a_clock_that_stands_still_has_no_last_day_and_goes_on_later() {
        let mut bench = accepted();
        let before = last_day(&bench, "decide");
        let from = bench.today.plus_days(1);
        bench.today = from;
        let (clock, reason) = ("decide".to_owned(), "委托鉴定机构鉴定".to_owned());
        let stop = |cause| CaseAct::StopClock { clock: clock.clone(), cause, reason: reason.clone(), from };
        assert_eq!(bench.act(Seat::Officer, stop(StopCause::Tender)).unwrap_err().code, "clock_not_stopped");
        bench.act(Seat::Officer, stop(StopCause::Appraisal)).unwrap();
        assert_eq!(state(&bench, "decide"), ClockState::Suspended { since: from });
        assert_eq!(bench.act(Seat::Officer, stop(StopCause::Appraisal)).unwrap_err().code, "clock_stands_still");
        bench.today = from.plus_days(13);
        let go_on = CaseAct::ResumeClock { clock: clock.clone(), reason: reason.clone(), to: bench.today };
        bench.act(Seat::Officer, go_on.clone()).unwrap();
        assert!(last_day(&bench, "decide") > before);
        assert_eq!(bench.act(Seat::Officer, go_on).unwrap_err().code, "clock_runs");
    }

    #[test]
    fn a_clock_is_extended_once_by_the_head_and_in_time() {
        let mut bench = accepted();
        let before = last_day(&bench, "decide");
        let extend =
            CaseAct::ExtendClock {
                clock: "decide".into(), reason: "情况复杂，需要延长审查".into(), on: bench.today
            };
        assert_eq!(bench.act(Seat::Officer, extend.clone()).unwrap_err().code, "not_your_step");
        bench.act(Seat::Head, extend.clone()).unwrap();
        assert!(last_day(&bench, "decide") > before);
        assert_eq!(bench.act(Seat::Head, extend).unwrap_err().code, "extended_before");
        let mut late = accepted();
        late.today = last_day(&late, "decide").plus_days(1);
        let extend =
            CaseAct::ExtendClock {
                clock: "decide".into(), reason: "情况复杂，需要延长审查".into(), on: late.today
            };
        assert_eq!(late.act(Seat::Head, extend).unwrap_err().code, "clock_not_extended");
    }

    #[test]
    fn a_clock_that_starts_anew_is_extended_once_more() {
        let mut bench = Bench::open("acceptance");
        bench.go("organise");
        let extend = |bench: &mut Bench| {
            let on = bench.today;
            let act =
                CaseAct::ExtendClock { clock: "decide".into(), reason: "工程较大，需要延长验收".into(), on };
            bench.act(Seat::Head, act)
        };
        extend(&mut bench).unwrap();
        assert_eq!(extend(&mut bench).unwrap_err().code, "extended_before");
        bench.done("accept_together").unwrap();
        bench.take("failed").unwrap();
        bench.today = bench.today.plus_days(1);
        bench.done("repair").unwrap();
        bench.done("organise").unwrap();
        let before = last_day(&bench, "decide");
        extend(&mut bench).unwrap();
        assert!(last_day(&bench, "decide") > before);
        assert_eq!(extend(&mut bench).unwrap_err().code, "extended_before");
    }

    #[test]
    fn what_is_not_named_in_time_is_accepted_from_the_day_of_receipt() {
        let mut bench = Bench::open("area_approval");
        bench.done("apply").unwrap();
        let receipt = bench.today;
        let last = last_day(&bench, "completion");
        bench.today = last;
        assert_eq!(bench.docket().accepted_by_lapse(), None);
        bench.today = last.plus_days(1);
        assert_eq!(bench.docket().accepted_by_lapse(), Some(receipt));
        assert_eq!(state(&bench, "completion"), ClockState::Missed);
        let found = clocks(&bench.docket());
        assert_eq!(found.iter().find(|c| c.id == "decide").map(|c| c.run.start), Some(receipt));
        assert_eq!(bench.ask(&["application"]).unwrap_err().code, "accepted_by_lapse");
        bench.done("examine").unwrap();
        bench.decide("refused").unwrap();
        assert_eq!(state(&bench, "decide"), ClockState::Met { on: bench.today });
    }

    /// A step with other answers than the samples.
    fn done_with(bench: &mut Bench, step: &str, answers: &[(&str, &str)]) {
        let CaseAct::Done { step, mut typed, note, officers, on } = bench.done_act(step) else { unreachable!() };
        typed.extend(answers.iter().map(|(id, text)| ((*id).to_owned(), (*text).to_owned())));
        bench.act(Seat::Officer, CaseAct::Done { step, typed, note, officers, on }).unwrap();
    }

    #[test]
    fn a_limit_of_some_cases_runs_in_those_only() {
        let running = |answer: &str| -> Vec<String> {
            let mut bench = Bench::open("penalty_case");
            done_with(&mut bench, "open", &[("public_order", answer)]);
            clocks(&bench.docket()).into_iter().map(|c| c.id).collect()
        };
        assert_eq!(running("no"), ["decide"]);
        assert_eq!(running("yes"), ["decide_public_order"]);
        let mut late = Bench::open("penalty_case");
        done_with(&mut late, "open", &[("public_order", "no")]);
        late.today = late.today.plus_days(31);
        assert!(clocks(&late.docket()).iter().all(|c| c.state == ClockState::Running), "day 31 is nobody's limit here");
        for (manner, clock) in [("ordinary", "decide"), ("simple", "decide_simple")] {
            let mut bench = Bench::open("review");
            for step in ["know", "apply", "examine"] {
                bench.done(step).unwrap();
            }
            bench.give("accept").unwrap();
            done_with(&mut bench, "accept", &[("manner", manner)]);
            let owed: Vec<String> =
                clocks(&bench.docket()).into_iter().filter(|c| c.state.is_owed()).map(|c| c.id).collect();
            assert_eq!(owed, [clock]);
        }
    }

    /// A fine that was decided and served.
    fn served() -> Bench {
        let mut bench = Bench::open("penalty_case");
        for step in ["open", "investigate", "tell", "defend", "decide"] {
            bench.done(step).unwrap();
        }
        bench.decide("fined").unwrap();
        bench.done("deliver").unwrap();
        bench
    }

    fn leave(bench: &Bench, by: CivilDate) -> CaseAct {
        let parts = vec![crate::payment::Part { by, fen: 500_000 }];
        let reasons = "停业三个月，确有困难".to_owned();
        CaseAct::Defer { clock: "pay".into(), on: bench.today, asked_on: bench.today, parts, reasons }
    }

    #[test]
    fn leave_to_pay_later_moves_the_day_and_the_term_is_still_told() {
        let mut bench = served();
        let term = last_day(&bench, "pay");
        bench.today = term.plus_days(1);
        assert_eq!(state(&bench, "pay"), ClockState::Missed);
        let until = term.plus_days(60);
        let act = leave(&bench, until);
        assert_eq!(bench.act(Seat::Officer, act.clone()).unwrap_err().code, "not_your_step");
        assert_eq!(bench.act(Seat::Head, leave(&bench, term)).unwrap_err().code, "no_parts", "a part of before");
        bench.act(Seat::Head, act).unwrap();
        let found = |bench: &Bench| clocks(&bench.docket()).into_iter().find(|c| c.id == "pay").unwrap();
        let clock = found(&bench);
        assert_eq!(
            (clock.state.clone(), clock.leave, clock.term_day()),
            (ClockState::Running, Some(until), Some(term))
        );
        assert_eq!(nearest(&clocks(&bench.docket()), false).map(|(_, day)| day), Some(until));
        bench.today = until;
        assert_eq!(found(&bench).state, ClockState::Running);
        bench.today = until.plus_days(1);
        assert_eq!(found(&bench).state, ClockState::Missed);
        bench.done("pay").unwrap();
        assert_eq!(found(&bench).state, ClockState::MetLate { on: bench.today });
        assert_eq!(bench.act(Seat::Head, leave(&bench, until.plus_days(9))).unwrap_err().code, "clock_not_running");
    }

    #[test]
    fn leave_for_the_fine_does_not_hide_gains_that_came_late() {
        let decided = |confiscated: &str| {
            let mut bench = Bench::open("penalty_case");
            for step in ["open", "investigate", "tell", "defend", "decide"] {
                bench.done(step).unwrap();
            }
            let mut typed = bench.sample("fined");
            typed.insert("confiscated".into(), confiscated.into());
            let clauses = vec![bench.node("fined").clause().clone()];
            let reasons = crate::casework::tests::bench::REASONS.to_owned();
            bench.act(Seat::Officer, CaseAct::Propose { outcome: "fined".into(), typed, reasons, clauses }).unwrap();
            bench.decide("fined").unwrap();
            bench.done("deliver").unwrap();
            bench
        };
        for (confiscated, days, late) in [("100", 1, true), ("100", 0, false), ("0", 1, false)] {
            let mut bench = decided(confiscated);
            let term = last_day(&bench, "pay");
            let act = leave(&bench, term.plus_days(60));
            bench.act(Seat::Head, act).unwrap();
            let name = clocks(&bench.docket()).into_iter().find(|c| c.id == "pay").unwrap().name.zh;
            assert_eq!(name.contains(&term.to_string()), confiscated != "0", "{name}");
            bench.today = term.plus_days(30);
            let CaseAct::Done { step, mut typed, note, officers, on } = bench.done_act("pay") else { unreachable!() };
            typed.insert("gains_paid_on".into(), term.plus_days(days).to_string());
            bench.act(Seat::Officer, CaseAct::Done { step, typed, note, officers, on }).unwrap();
            let is = if late { ClockState::MetLate { on: bench.today } } else { ClockState::Met { on: bench.today } };
            assert_eq!(state(&bench, "pay"), is, "{confiscated} yuan, {days} days after the term");
        }
    }

    #[test]
    fn a_payment_that_is_taken_back_is_owed_again() {
        let mut bench = served();
        bench.done("pay").unwrap();
        assert_eq!(state(&bench, "pay"), ClockState::Met { on: bench.today });
        let back = |step: &str| CaseAct::TakeBack { step: step.to_owned(), reasons: "金额录错".to_owned() };
        assert_eq!(bench.act(Seat::Officer, back("pay")).unwrap_err().code, "not_your_step");
        assert_eq!(bench.act(Seat::Head, back("deliver")).unwrap_err().code, "not_taken_back");
        bench.act(Seat::Head, back("pay")).unwrap();
        assert!(bench.case.done("pay").is_none() && bench.case.values_of("pay").is_none());
        assert_eq!(state(&bench, "pay"), ClockState::Running);
        assert_eq!(bench.act(Seat::Head, back("pay")).unwrap_err().code, "not_taken_back");
        assert_eq!(crate::casework::Case::fold(&bench.events).unwrap(), bench.case);
        bench.done("pay").unwrap();
    }

    #[test]
    fn a_decision_another_way_lets_a_clock_pass() {
        let mut bench = Bench::open("permit");
        bench.done("apply").unwrap();
        bench.decide("false_material").unwrap();
        assert_eq!(state(&bench, "completion"), ClockState::Passed);
        assert_eq!(state(&bench, "bar_false_material"), ClockState::Running, "the bar runs on after the decision");
    }

    #[test]
    fn a_day_that_was_over_stays_late_whatever_ends_the_case() {
        let applied = |late: bool| {
            let mut bench = Bench::open("permit");
            bench.done("apply").unwrap();
            bench.today = last_day(&bench, "completion").plus_days(i32::from(late));
            bench
        };
        for (late, is) in [(false, ClockState::Passed), (true, ClockState::Lapsed)] {
            let mut decided = applied(late);
            decided.decide("false_material").unwrap();
            assert_eq!(state(&decided, "completion"), is);
            decided.today = decided.today.plus_days(400);
            assert_eq!(state(&decided, "completion"), is, "what comes later changes nothing of it");
            let mut given_up = applied(late);
            given_up.act(Seat::Applicant, CaseAct::Abandon { reasons: String::new() }).unwrap();
            assert_eq!(state(&given_up, "completion"), is);
            assert_eq!(ClockState::LATE.contains(&is.code()), late);
            assert!(!is.is_owed());
        }
        assert_eq!(ClockState::Met { on: applied(true).today }.code(), ClockState::IN_TIME);
        assert!(
            [ClockState::Missed, ClockState::MetLate { on: applied(true).today }]
                .iter()
                .all(|s| ClockState::LATE.contains(&s.code()))
        );
    }
}
