//! Clocks: let one stand still, let it go on, give leave to extend it or to pay later; take back a payment's step.

use super::super::clocks::{CaseClock, ClockState, clocks};
use super::super::command::CaseAct;
use super::super::event::Event;
use super::super::refuse;
use super::super::seat::{Seat, is_ours};
use super::super::words::PAY;
use super::{Desk, REASON_CHARS, words};
use crate::payment::Part;
use base::{CivilDate, Refusal, Text};
use law::{Clock, ClockRun, StopCause};

/// Most times one clock stands still; more than the counting takes is never entered.
const MOST_STOPS: usize = 60;
/// Most parts of one leave.
const MOST_PARTS: usize = 200;

pub(super) fn decide(desk: &Desk<'_, '_>, act: &CaseAct) -> Result<Vec<Event>, Refusal> {
    match act {
        CaseAct::StopClock { clock, cause, reason, from } => stop(desk, clock, *cause, reason, *from),
        CaseAct::ResumeClock { clock, reason, to } => go_on(desk, clock, reason, *to),
        CaseAct::ExtendClock { clock, reason, on } => extend(desk, clock, reason, *on),
        CaseAct::Defer { clock, on, asked_on, parts, reasons } => defer(desk, clock, (*on, *asked_on), parts, reasons),
        CaseAct::TakeBack { step, reasons } => take_back(desk, step, reasons),
        _ => Err(no_clock()),
    }
}

fn no_clock() -> Refusal {
    refuse::unknown(Text::new("这个期限", "such time limit"))
}

/// The clock of the procedure, and how it stands in the case.
fn find<'a>(desk: &Desk<'a, '_>, id: &str) -> Result<(&'a Clock, CaseClock), Refusal> {
    let clock = desk.procedure().clock(id).ok_or_else(no_clock)?;
    let found = clocks(desk.docket).into_iter().find(|c| c.id == id).ok_or_else(|| {
        refuse::conflict(
            "clock_not_started",
            Text::new("这个期限还没有起算。", "This term has not begun."),
            Text::new("请先办理起算的步骤。", "Do the step that starts it first."),
        )
    })?;
    Ok((clock, found))
}

fn stop(desk: &Desk<'_, '_>, id: &str, cause: StopCause, reason: &str, from: CivilDate) -> Result<Vec<Event>, Refusal> {
    desk.may(Seat::Officer)?;
    let (clock, found) = find(desk, id)?;
    let marks = desk.case().clocks.get(id);
    let stands = marks.and_then(|m| m.stops.last()).is_some_and(|stop| stop.to.is_none());
    if stands || matches!(found.state, ClockState::Suspended { .. }) {
        return Err(refuse::conflict(
            "clock_stands_still",
            Text::new("这个期限已经停止计算。", "This term stands still already."),
            Text::new("请先恢复计算。", "Let it go on first."),
        ));
    }
    if found.state != ClockState::Running {
        return Err(not_running());
    }
    if !clock.stops.iter().any(|rule| rule.cause == cause) {
        let name = cause.name();
        return Err(refuse::unlawful(
            desk.docket,
            &[&clock.length.clause],
            "clock_not_stopped",
            Text::of(
                format!("没有规定{}可以使这一期限停止计算。", name.zh),
                format!("Nothing in the law lets this term stand still for: {}.", name.en),
            ),
            Text::new("请在期限内办理。", "Do it in time."),
        ));
    }
    desk.day(from)?;
    let after_last = found.run.stops.last().and_then(|s| s.to).is_none_or(|to| from > to);
    if from < found.run.start || !after_last || found.run.stops.len() >= MOST_STOPS {
        let what = Text::new(
            "停止计算之日不得早于起算日和上一次恢复之日。",
            "It stands still from no day before its start, or before it last went on.",
        );
        return Err(refuse::bad("clock_day", what));
    }
    let reason = words(reason, REASON_CHARS, "reason")?;
    Ok(vec![Event::ClockStopped { clock: clock.id.clone(), cause, reason, from }])
}

fn not_running() -> Refusal {
    refuse::conflict(
        "clock_not_running",
        Text::new("这个期限没有在计算。", "This term is not running."),
        Text::new("请刷新页面查看。", "Reload the page."),
    )
}

fn go_on(desk: &Desk<'_, '_>, id: &str, reason: &str, to: CivilDate) -> Result<Vec<Event>, Refusal> {
    desk.may(Seat::Officer)?;
    let (clock, found) = find(desk, id)?;
    let standing = found.run.stops.last().filter(|stop| stop.to.is_none());
    let Some(stop) = standing else {
        return Err(refuse::conflict(
            "clock_runs",
            Text::new("这个期限没有停止计算。", "This term is not standing still."),
            Text::new("请刷新页面查看。", "Reload the page."),
        ));
    };
    desk.day(to)?;
    if to < stop.from {
        let from = stop.from;
        let what = Text::of(format!("不得早于停止之日 {from}。"), format!("Not before {from}, when it stopped."));
        return Err(refuse::bad("clock_day", what));
    }
    let reason = words(reason, REASON_CHARS, "reason")?;
    Ok(vec![Event::ClockResumed { clock: clock.id.clone(), cause: stop.cause, reason, to }])
}

fn extend(desk: &Desk<'_, '_>, id: &str, reason: &str, on: CivilDate) -> Result<Vec<Event>, Refusal> {
    let clock = desk.procedure().clock(id).ok_or_else(no_clock)?;
    let Some(extension) = &clock.extend else {
        return Err(refuse::unlawful(
            desk.docket,
            &[&clock.length.clause],
            "clock_not_extended",
            Text::new("没有规定这一期限可以延长。", "Nothing in the law lets this term be extended."),
            Text::new("请在期限内办理。", "Do it in time."),
        ));
    };
    // Leave of another body is entered by an officer.
    desk.may(if is_ours(extension.by) { Seat::Head } else { Seat::Officer })?;
    let (_, found) = find(desk, id)?;
    // Once in each round: what started anew since has its own leave.
    if found.run.extended_on.is_some() {
        return Err(refuse::unlawful(
            desk.docket,
            &[&extension.length.clause],
            "extended_before",
            Text::new("这一期限已经延长过一次。", "This term was extended once already."),
            Text::new("不能再次延长，请在期限内办理。", "It is extended once only; do it in time."),
        ));
    }
    if !found.state.is_owed() {
        return Err(not_running());
    }
    desk.day(on)?;
    if on < found.run.start {
        let what = Text::new("批准之日不得早于起算日。", "Leave is not given before the term begins.");
        return Err(refuse::bad("clock_day", what));
    }
    let run = ClockRun { extended_on: Some(on), ..found.run };
    let due = desk.docket.packs.clock_due(&desk.procedure().id, &clock.id, &run, desk.docket.today);
    if let Err(why) = due {
        return Err(refuse::unlawful(
            desk.docket,
            &[&extension.length.clause],
            "clock_not_extended",
            why.text(),
            Text::new(
                "请在期限内办理；已经超过的，尽快办理并说明理由。",
                "Do it in time; if that is over, do it now and say why.",
            ),
        ));
    }
    let reason = words(reason, REASON_CHARS, "reason")?;
    Ok(vec![Event::ClockExtended { clock: clock.id.clone(), on, reason }])
}

/// Leave is the head's, for what is still owed; from its own day on.
fn defer(
    desk: &Desk<'_, '_>,
    id: &str,
    (on, asked_on): (CivilDate, CivilDate),
    parts: &[Part],
    reasons: &str,
) -> Result<Vec<Event>, Refusal> {
    desk.may(Seat::Head)?;
    let (clock, found) = find(desk, id)?;
    if clock.id != PAY || !found.state.is_owed() {
        return Err(not_running());
    }
    desk.day(on)?;
    if asked_on > on || asked_on < found.run.start {
        let what = Text::new(
            "申请之日不得早于起算日，不得晚于批准之日。",
            "It was not asked for before the clock starts, or after the leave.",
        );
        return Err(refuse::bad("clock_day", what));
    }
    let rising = parts.iter().zip(parts.iter().skip(1)).all(|(a, b)| a.by < b.by);
    if parts.is_empty() || parts.len() > MOST_PARTS || !rising || parts.iter().any(|part| part.by < on) {
        let what = Text::new("各期须按日期排列，不早于批准之日。", "Parts stand by their days, none before the leave.");
        return Err(refuse::bad("no_parts", what));
    }
    let reasons = words(reasons, REASON_CHARS, "reasons")?;
    Ok(vec![Event::Deferred { clock: clock.id.clone(), on, asked_on, parts: parts.to_vec(), reasons }])
}

/// A payment that was entered wrongly had done its step: the head opens that again.
fn take_back(desk: &Desk<'_, '_>, step: &str, reasons: &str) -> Result<Vec<Event>, Refusal> {
    desk.may(Seat::Head)?;
    if step != PAY || desk.case().done(step).is_none() {
        return Err(refuse::conflict(
            "not_taken_back",
            Text::new("这一步没有登记，或者不能撤回。", "This step was not entered, or is not taken back."),
            Text::new("笔误可以用更正记录说明。", "A slip of the pen is corrected by an entry of its own."),
        ));
    }
    let reasons = words(reasons, REASON_CHARS, "reasons")?;
    Ok(vec![Event::TakenBack { step: step.to_owned(), reasons }])
}
