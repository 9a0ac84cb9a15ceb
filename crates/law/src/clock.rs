//! When a clock of a procedure is over: the length on that day, the way of counting, the stops and the extension, as one answer.

use crate::deadline::{Count, CountError, Counting, Deadline, Leg, Reminder, Stop, count, reminders_of};
use crate::procedure::{Clock, Length, Procedure};
use crate::{Packs, WorkCalendar};
use base::{CivilDate, ClauseId, Text};
use std::borrow::Cow;
use thiserror::Error;

/// What happened in a case, as far as its clock is concerned.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClockRun {
    /// Day of the step that starts the clock.
    pub start: CivilDate,
    /// When it stood still.
    pub stops: Vec<Stop>,
    /// Day on which leave for the extension was given.
    pub extended_on: Option<CivilDate>,
    /// The number that the document of the case sets, for clocks that leave it to the document.
    pub set: Option<u32>,
}

impl ClockRun {
    /// A clock that started on a day and never stood still.
    #[must_use]
    pub const fn from(start: CivilDate) -> Self {
        Self { start, stops: Vec::new(), extended_on: None, set: None }
    }
}

/// When a clock is over, and what follows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClockDue {
    /// The day, its clauses and the steps of the counting.
    pub deadline: Deadline,
    /// What is due.
    pub name: Text,
    /// What follows when it is over.
    pub over: Text,
    /// The ordinance does not set it: on what ground the national rule is applied.
    pub default: Option<Text>,
}

/// Why a clock gives no day.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum ClockError {
    /// No procedure of this word.
    #[error("no procedure `{0}`")]
    Procedure(String),
    /// No clock of this word in the procedure.
    #[error("procedure `{0}` has no clock `{1}`")]
    Clock(String, String),
    /// The procedure cannot be begun on that day.
    #[error("procedure `{id}` is in force from {from}{}", until.map(|u| format!(" until {u}")).unwrap_or_default())]
    NotInForce {
        /// The procedure.
        id: String,
        /// First day.
        from: CivilDate,
        /// First day no longer.
        until: Option<CivilDate>,
    },
    /// The clause gives no number on that day.
    #[error("clause `{clause}` gives no `{value}` on {on}")]
    NoNumber {
        /// The clause.
        clause: ClauseId,
        /// The value.
        value: String,
        /// The day asked for.
        on: CivilDate,
    },
    /// The document of the case sets the number, and none was given; or one was given where the law sets it.
    #[error("the number is set by the document of the case: {0}")]
    Set(&'static str),
    /// This clock is not stopped by that.
    #[error("nothing lets `{0:?}` stop this clock")]
    Stop(crate::StopCause),
    /// This clock cannot be extended.
    #[error("nothing lets this clock be extended")]
    NoExtension,
    /// Leave was given after the clock was over.
    #[error("leave of {leave} came after the last day {due}")]
    LeaveTooLate {
        /// Day of the leave.
        leave: CivilDate,
        /// The last day without it.
        due: CivilDate,
    },
    /// Not countable.
    #[error(transparent)]
    Count(#[from] CountError),
}

impl ClockError {
    /// For people: what stands in the way.
    #[must_use]
    pub fn text(&self) -> Text {
        let zh = match self {
            Self::Procedure(_) => "规则包中没有这一程序。".to_owned(),
            Self::Clock(..) => "这一程序没有这一期限。".to_owned(),
            Self::NotInForce { from, until: None, .. } => format!("该程序自 {from} 起施行，起算日在此之前。"),
            Self::NotInForce { from, until: Some(until), .. } => {
                format!("该程序只在 {from} 至 {until}（不含）之间有效，起算日不在其中。")
            }
            Self::NoNumber { clause, on, .. } => {
                format!("所依条款（{clause}）在 {on} 没有规定这一期限的长度，不能推算。")
            }
            Self::Set(_) => "只有由个案文书确定的期限才填写日数，且必须填写。".to_owned(),
            Self::Stop(cause) => format!("没有规定{}可以使这一期限停止计算。", cause.name().zh),
            Self::NoExtension => "没有规定这一期限可以延长。".to_owned(),
            Self::LeaveTooLate { leave, due } => {
                format!("这一期限的最后一日是 {due}，延长最迟须在当日批准；{leave} 已经太迟，不能再延长。")
            }
            Self::Count(CountError::Length) => "期限须有长度，且不超过一百年。".to_owned(),
            Self::Count(CountError::Hours(hours)) => format!("{hours}小时不是整日。"),
            Self::Count(CountError::Stops) => {
                "停止计算的期间过多，或者结束早于开始，或者未结束的不是最后一个。".to_owned()
            }
            Self::Count(CountError::StopBefore) => "向前倒数的期限不能停止计算。".to_owned(),
        };
        Text::of(zh, self.english())
    }

    /// The same in English: without the words by which packs and programs call things.
    fn english(&self) -> String {
        match self {
            Self::Procedure(_) => "The packs have no such procedure.".to_owned(),
            Self::Clock(..) => "The procedure has no such time limit.".to_owned(),
            Self::NotInForce { from, until: None, .. } => {
                format!("The procedure is in force from {from}; the term would begin before that.")
            }
            Self::NotInForce { from, until: Some(until), .. } => {
                format!(
                    "The procedure is in force from {from} until {until} (not included); the term would begin outside that time."
                )
            }
            Self::NoNumber { clause, on, .. } => {
                format!(
                    "The clause it rests on ({clause}) sets no length of this term on {on}, so no day can be counted."
                )
            }
            Self::Set(_) => {
                "The number of days is entered only, and always, where the document of the case sets the term."
                    .to_owned()
            }
            Self::Stop(cause) => format!("Nothing in the law lets this term stand still for: {}.", cause.name().en),
            Self::NoExtension => "Nothing in the law lets this term be extended.".to_owned(),
            Self::LeaveTooLate { leave, due } => {
                format!(
                    "The last day of this term is {due}; leave to extend it is given by then, and {leave} is too late."
                )
            }
            Self::Count(why) => {
                let why = why.to_string();
                let mut letters = why.chars();
                let first = letters.next().map(|c| c.to_ascii_uppercase()).into_iter();
                first.chain(letters).chain(['.']).collect()
            }
        }
    }
}

impl Packs {
    /// The working-day calendar.
    #[must_use]
    pub const fn calendar(&self) -> &WorkCalendar {
        &self.time.calendar
    }

    /// The way of counting of this word.
    #[must_use]
    pub fn counting(&self, id: &str) -> Option<&Counting> {
        self.time.counting.iter().find(|c| c.id == id)
    }

    /// Every procedure, by folder and word.
    #[must_use]
    pub fn procedures(&self) -> &[Procedure] {
        &self.time.procedures
    }

    /// The procedure of this word.
    #[must_use]
    pub fn procedure(&self, id: &str) -> Option<&Procedure> {
        self.procedures().iter().find(|p| p.id == id)
    }

    /// When a clock of a procedure is over. The law of the day of its start decides; `on` is the day of asking: only holidays that
    /// were published by then are known.
    ///
    /// # Errors
    /// The procedure is not in force, the law gives no number, or what happened does not fit the clock.
    pub fn clock_due(
        &self,
        procedure: &str,
        clock: &str,
        run: &ClockRun,
        on: CivilDate,
    ) -> Result<ClockDue, ClockError> {
        let found = self.procedure(procedure).ok_or_else(|| ClockError::Procedure(procedure.to_owned()))?;
        if !found.in_force(run.start) {
            return Err(ClockError::NotInForce { id: found.id.clone(), from: found.from, until: found.until });
        }
        let missing = || ClockError::Clock(procedure.to_owned(), clock.to_owned());
        let clock = found.clock(clock).ok_or_else(missing)?;
        let deadline = self.clock_deadline(clock, run, &self.calendar_on(on))?;
        Ok(ClockDue {
            deadline,
            name: clock.name(),
            over: Text::of(clock.over_zh.clone(), clock.over_en.clone()),
            default: clock.is_default().then(|| Text::of(clock.default_zh.clone(), clock.default_en.clone())),
        })
    }

    /// The calendar as known on a day, whole where nothing later was published.
    pub(crate) fn calendar_on(&self, on: CivilDate) -> Cow<'_, WorkCalendar> {
        let whole = self.calendar();
        if whole.notices().all(|(_, n)| n.date <= on) {
            Cow::Borrowed(whole)
        } else {
            Cow::Owned(whole.as_known_on(on))
        }
    }

    fn clock_deadline(&self, clock: &Clock, run: &ClockRun, calendar: &WorkCalendar) -> Result<Deadline, ClockError> {
        let stops = |stop: &&Stop| !clock.stops.iter().any(|rule| rule.cause == stop.cause);
        if let Some(stop) = run.stops.iter().find(stops) {
            return Err(ClockError::Stop(stop.cause));
        }
        let counting = self.counting(&clock.counting).cloned().ok_or_else(|| {
            // Checked at load.
            ClockError::Clock(clock.id.clone(), clock.counting.clone())
        })?;
        let mut what = Count {
            start: run.start,
            legs: vec![self.leg(clock, &clock.length, run)?],
            counting,
            sense: clock.sense,
            direction: clock.direction,
            stops: run.stops.clone(),
        };
        let first = count(calendar, &what)?;
        let Some(leave) = run.extended_on else { return Ok(first) };
        let extension = clock.extend.as_ref().ok_or(ClockError::NoExtension)?;
        if let Some(due) = first.day().filter(|due| *due < leave) {
            return Err(ClockError::LeaveTooLate { leave, due });
        }
        what.legs.push(self.leg(clock, &extension.length, run)?);
        Ok(count(calendar, &what)?)
    }

    fn leg(&self, clock: &Clock, length: &Length, run: &ClockRun) -> Result<Leg, ClockError> {
        let on = run.start;
        let amount = match (length.is_set_by_document(), run.set) {
            (true, Some(set)) => set,
            (true, None) => return Err(ClockError::Set("say how many")),
            (false, Some(_)) => return Err(ClockError::Set("here the law sets it")),
            (false, None) => self.length(length, on).ok_or_else(|| ClockError::NoNumber {
                clause: length.clause.clone(),
                value: length.value.clone(),
                on,
            })?,
        };
        Ok(Leg { amount, unit: clock.unit, clause: length.clause.clone() })
    }

    /// The number of a length on a day.
    pub(crate) fn length(&self, length: &Length, on: CivilDate) -> Option<u32> {
        length.amount.or_else(|| self.value(&length.clause, &length.value, on))
    }

    /// The reminders of a last day, at the distances set in `workdays/counting.toml`, by the calendar as known on `on`.
    #[must_use]
    pub fn reminders(&self, last: CivilDate, on: CivilDate) -> Vec<Reminder> {
        reminders_of(last, &self.calendar_on(on), &self.time.remind_before)
    }
}
