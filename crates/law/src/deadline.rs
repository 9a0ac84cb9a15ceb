//! Counting of time limits: from a start day and a term to the last day, with every step in words.
//!
//! What flows through: [`Count`] (start, legs, stops, counting rule) and a [`WorkCalendar`] -> [`Deadline`]. Invariants: the first day
//! is never counted; a day on which the clock stands still never counts; the same count over the same calendar gives the same day; a
//! result that leans on a year without a notice says so; a count done again keeps what was said before.

use crate::workday::{DayKind, WorkCalendar};
use base::text::plural;
use base::{CivilDate, ClauseId, Text};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Longest term: a century in days, so that a slip in a file cannot keep the program counting.
const MOST_DAYS: u32 = 36_600;
/// Most stops in one count.
const MOST_STOPS: usize = 64;
/// Most legs (a term and its extensions).
const MOST_LEGS: usize = 8;
/// Most stretches put into words; beyond, they are summed up.
const MOST_STRETCHES: usize = 40;
/// Most earlier results kept beside a result.
const MOST_EARLIER: usize = 32;

/// What a term is measured in.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TermUnit {
    /// 立即: on the day itself.
    AtOnce,
    /// Hours; only whole days of them, since starts are days. Never moved by holidays.
    Hours,
    /// Days as the instrument says them; the counting rule decides which are working days.
    Days,
    /// Working days.
    WorkingDays,
    /// Calendar months.
    Months,
    /// Years.
    Years,
}

/// What the last day means.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sense {
    /// To be done by then.
    #[default]
    Within,
    /// Not before it is over: a ban, a time of public notice. Its last day never moves.
    AtLeast,
}

/// Which way from the start.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// After the start.
    #[default]
    After,
    /// Before it: notice of a hearing.
    Before,
}

/// How an instrument counts; an entry of `workdays/counting.toml`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counting {
    /// Word by which clocks name it.
    pub id: String,
    /// The clauses that say so.
    pub clauses: Vec<ClauseId>,
    /// These numbers of days are working days.
    #[serde(default)]
    pub working: Vec<u32>,
    /// Up to this number, days are working days.
    #[serde(default)]
    pub working_up_to: u32,
    /// All days are working days.
    #[serde(default)]
    pub all_working: bool,
    /// A last day on a day off moves to the first working day after it.
    #[serde(default)]
    pub last_day_moves: bool,
    /// The instrument is silent; this is the nearest rule, and results flag it.
    #[serde(default)]
    pub default: bool,
    /// In words.
    pub text_zh: String,
    /// In words, English.
    pub text_en: String,
}

impl Counting {
    /// The unit in which a number of `unit` is really counted.
    #[must_use]
    pub fn unit(&self, amount: u32, unit: TermUnit) -> TermUnit {
        let working = self.all_working || amount <= self.working_up_to || self.working.contains(&amount);
        if unit == TermUnit::Days && working { TermUnit::WorkingDays } else { unit }
    }
}

/// A stretch of a count: the term, or an extension of it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Leg {
    /// The number.
    pub amount: u32,
    /// Of what.
    pub unit: TermUnit,
    /// The clause that gives it.
    pub clause: ClauseId,
}

/// Why a clock stands still.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopCause {
    /// 听证.
    Hearing,
    /// 招标、拍卖.
    Tender,
    /// 检验、检测、检疫.
    Testing,
    /// 鉴定.
    Appraisal,
    /// 专家评审.
    ExpertReview,
    /// 补正材料.
    Correction,
    /// 行政复议或者行政诉讼期间.
    ReviewOrSuit,
    /// 中止.
    Suspension,
}

impl StopCause {
    /// Every cause.
    pub const ALL: [Self; 8] = [
        Self::Hearing,
        Self::Tender,
        Self::Testing,
        Self::Appraisal,
        Self::ExpertReview,
        Self::Correction,
        Self::ReviewOrSuit,
        Self::Suspension,
    ];

    /// For people.
    #[must_use]
    pub const fn name(self) -> Text {
        match self {
            Self::Hearing => Text::new("听证", "hearing"),
            Self::Tender => Text::new("招标、拍卖", "tender or auction"),
            Self::Testing => Text::new("检验、检测", "testing"),
            Self::Appraisal => Text::new("鉴定", "appraisal"),
            Self::ExpertReview => Text::new("专家评审", "expert review"),
            Self::Correction => Text::new("补正材料", "completion of materials"),
            Self::ReviewOrSuit => Text::new("行政复议或者行政诉讼", "review or suit"),
            Self::Suspension => Text::new("中止", "suspension"),
        }
    }
}

/// Days on which the clock stands still.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Stop {
    /// Why.
    pub cause: StopCause,
    /// First day that does not count.
    pub from: CivilDate,
    /// Last day that does not count; `None` while it lasts.
    #[serde(default)]
    pub to: Option<CivilDate>,
}

/// What is to be counted.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Count {
    /// Day of the event; not counted.
    pub start: CivilDate,
    /// The term and its extensions, in order.
    pub legs: Vec<Leg>,
    /// How.
    pub counting: Counting,
    /// What the last day means.
    #[serde(default)]
    pub sense: Sense,
    /// Which way.
    #[serde(default)]
    pub direction: Direction,
    /// When it stood still.
    #[serde(default)]
    pub stops: Vec<Stop>,
}

/// Where a count ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Falls {
    /// The last day, included.
    On(CivilDate),
    /// The clock stands still and no end of that is known.
    Stopped {
        /// Since this day.
        since: CivilDate,
        /// Days still to count when it goes on: working days or calendar days, as the term is counted.
        left: u32,
    },
}

/// What an earlier count of the same term said.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Earlier {
    /// Where it ended.
    pub falls: Falls,
    /// The year it was waiting for.
    pub provisional: Option<i16>,
    /// The latest notice it knew.
    pub edition: String,
}

/// A counted time limit.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Deadline {
    /// Where it ends.
    pub falls: Falls,
    /// The clauses that give the length.
    pub length: Vec<ClauseId>,
    /// The clauses that say how it is counted.
    pub counted_by: Vec<ClauseId>,
    /// The instrument is silent on the counting; the nearest rule was used.
    pub counting_default: bool,
    /// Every step, in words.
    pub steps: Vec<Text>,
    /// The first year without a notice that could change the day; counted as if it had weekends only.
    pub provisional: Option<i16>,
    /// The latest notice known to the calendar.
    pub edition: String,
    /// What earlier counts said, oldest first.
    pub earlier: Vec<Earlier>,
    /// What was counted, so that it can be counted again.
    pub count: Count,
}

/// A reminder before a deadline.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Reminder {
    /// Day on which it is given.
    pub day: CivilDate,
    /// Working days left then; 0: today is the last day.
    pub working_days_left: u32,
}

/// Why something cannot be counted.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum CountError {
    /// Longer than a century, no leg, or too many.
    #[error("a term has 1 to {MOST_LEGS} legs and at most a hundred years")]
    Length,
    /// Hours that are no whole days.
    #[error("{0} hours are no whole days")]
    Hours(u32),
    /// Too many stops, a stop that ends before it begins, or one that lasts and is not the last.
    #[error("at most {MOST_STOPS} stops, each ending after it begins, only the last without an end")]
    Stops,
    /// Counting back knows no stops.
    #[error("a term before an event cannot be stopped")]
    StopBefore,
}

impl Deadline {
    /// The last day, if the clock runs.
    #[must_use]
    pub const fn day(&self) -> Option<CivilDate> {
        match self.falls {
            Falls::On(day) => Some(day),
            Falls::Stopped { .. } => None,
        }
    }

    /// Whether the term is over on a day.
    #[must_use]
    pub fn is_over(&self, on: CivilDate) -> bool {
        self.day().is_some_and(|day| day < on)
    }

    /// The same count over another calendar, with what was said before kept beside it.
    ///
    /// # Errors
    /// As [`count`]; what was counted once can be counted again.
    pub fn recompute(&self, calendar: &WorkCalendar) -> Result<Self, CountError> {
        let mut again = count(calendar, &self.count)?;
        let before = Earlier { falls: self.falls, provisional: self.provisional, edition: self.edition.clone() };
        again.earlier.clone_from(&self.earlier);
        if again.edition != before.edition {
            again.earlier.push(before);
        }
        let surplus = again.earlier.len().saturating_sub(MOST_EARLIER);
        again.earlier.drain(..surplus);
        Ok(again)
    }

    /// Reminders `before` working days ahead of the last day, those after the start; none while the clock stands still.
    #[must_use]
    pub fn reminders(&self, calendar: &WorkCalendar, before: &[u32]) -> Vec<Reminder> {
        let Some(due) = self.day().filter(|_| self.count.direction == Direction::After) else { return Vec::new() };
        let all = reminders_of(due, calendar, before).into_iter();
        all.filter(|r| r.day > self.count.start || r.day == due).collect()
    }

    /// The last day that an earlier count said, where a later notice moved it: the newest such count.
    #[must_use]
    pub fn moved_from(&self) -> Option<&Earlier> {
        self.earlier.iter().rev().find(|e| e.falls != self.falls)
    }
}

/// The reminders of a last day, `before` working days ahead of it; 0: the day itself, worked or not.
pub(crate) fn reminders_of(due: CivilDate, calendar: &WorkCalendar, before: &[u32]) -> Vec<Reminder> {
    let one = |n: &u32| Reminder { day: calendar.working_days_before(due, *n), working_days_left: *n };
    before.iter().map(one).collect()
}

/// Counts a term.
///
/// # Errors
/// A term or stops that cannot be counted.
pub fn count(calendar: &WorkCalendar, what: &Count) -> Result<Deadline, CountError> {
    check(what)?;
    let mut walk = Walk::new(calendar, what);
    walk.begin();
    for leg in merged(what) {
        if !walk.leg(leg) {
            break;
        }
    }
    walk.end();
    let falls = match walk.stopped {
        Some((since, left)) => Falls::Stopped { since, left },
        None => Falls::On(walk.at),
    };
    let mut length: Vec<ClauseId> = what.legs.iter().map(|leg| leg.clause.clone()).collect();
    length.dedup();
    Ok(Deadline {
        falls,
        length,
        counted_by: what.counting.clauses.clone(),
        counting_default: what.counting.default,
        steps: walk.steps,
        provisional: walk.open,
        edition: calendar.edition().to_owned(),
        earlier: Vec::new(),
        count: what.clone(),
    })
}

fn check(what: &Count) -> Result<(), CountError> {
    if what.legs.is_empty() || what.legs.len() > MOST_LEGS {
        return Err(CountError::Length);
    }
    for leg in &what.legs {
        let most = match leg.unit {
            TermUnit::AtOnce | TermUnit::Days | TermUnit::WorkingDays => MOST_DAYS,
            TermUnit::Hours => MOST_DAYS * 24,
            TermUnit::Months => 1_200,
            TermUnit::Years => 100,
        };
        if leg.amount > most {
            return Err(CountError::Length);
        }
        if leg.unit == TermUnit::Hours && leg.amount % 24 != 0 {
            return Err(CountError::Hours(leg.amount));
        }
    }
    if what.direction == Direction::Before && !what.stops.is_empty() {
        return Err(CountError::StopBefore);
    }
    let last = what.stops.len().saturating_sub(1);
    let sound = |(n, s): (usize, &Stop)| s.to.map_or(n == last, |to| s.from <= to);
    if what.stops.len() > MOST_STOPS || !what.stops.iter().enumerate().all(sound) {
        return Err(CountError::Stops);
    }
    Ok(())
}

/// Legs of one unit as one, so that six months and six months are twelve (31 August, 31 August), not two month ends.
fn merged(what: &Count) -> Vec<Leg> {
    let mut legs: Vec<Leg> = Vec::new();
    for leg in &what.legs {
        let unit = what.counting.unit(leg.amount, leg.unit);
        match legs.last_mut().filter(|last| last.unit == unit) {
            Some(last) => last.amount += leg.amount,
            None => legs.push(Leg { unit, ..leg.clone() }),
        }
    }
    legs
}

/// Why a day does not count, or that it does.
#[derive(Clone, PartialEq, Eq)]
enum Mark {
    Counted,
    Weekend,
    Holiday(Text),
    Stopped(StopCause),
}

/// Days in a row with one mark.
struct Stretch {
    mark: Mark,
    from: CivilDate,
    to: CivilDate,
    days: u32,
    /// Of them worked in exchange.
    exchanged: Vec<CivilDate>,
}

/// A count on its way.
struct Walk<'a> {
    calendar: &'a WorkCalendar,
    what: &'a Count,
    at: CivilDate,
    stopped: Option<(CivilDate, u32)>,
    open: Option<i16>,
    steps: Vec<Text>,
    stretches: Vec<Stretch>,
}

impl<'a> Walk<'a> {
    fn new(calendar: &'a WorkCalendar, what: &'a Count) -> Self {
        Self { calendar, what, at: what.start, stopped: None, open: None, steps: Vec::new(), stretches: Vec::new() }
    }

    const fn step(&self) -> i32 {
        match self.what.direction {
            Direction::After => 1,
            Direction::Before => -1,
        }
    }

    fn begin(&mut self) {
        let (start, by) = (day_words(self.what.start), clauses(&self.what.counting.clauses));
        let at_once = self.what.legs.iter().all(|leg| leg.unit == TermUnit::AtOnce);
        self.steps.push(if at_once {
            Text::of(
                format!("{}发生，应当立即办理。", start.zh),
                format!("It happens on {}: to be done at once.", start.en),
            )
        } else {
            Text::of(
                format!("{}起算，当日不计（{by}）。", start.zh),
                format!("The clock starts on {}; that day is not counted ({by}).", start.en),
            )
        });
        if self.what.counting.default {
            self.steps.push(Text::of(
                format!("计算方法为默认：{}", self.what.counting.text_zh),
                format!("The way of counting is a default: {}", self.what.counting.text_en),
            ));
        }
    }

    /// Walks one leg; `false` when the clock stands still before its end.
    fn leg(&mut self, leg: Leg) -> bool {
        if leg.unit == TermUnit::AtOnce {
            return true;
        }
        self.announce(&leg);
        let days = match leg.unit {
            TermUnit::AtOnce => 0,
            TermUnit::Hours => leg.amount / 24,
            TermUnit::Days | TermUnit::WorkingDays => leg.amount,
            TermUnit::Months => self.month_days(leg.amount),
            TermUnit::Years => self.month_days(leg.amount * 12),
        };
        let working = leg.unit == TermUnit::WorkingDays;
        if !working && self.what.stops.is_empty() {
            self.jump(days);
            self.tell(working);
            return true;
        }
        let mut left = days;
        while left > 0 {
            let next = self.at.plus_days(self.step());
            if next == self.at {
                break; // the end of the calendar; a century ahead of any start it is never reached
            }
            let mark = self.mark(next, working);
            if let (Mark::Stopped(_), Some(Stop { from, to: None, .. })) = (&mark, self.stop_on(next)) {
                self.stopped = Some((*from, left));
            }
            if self.stopped.is_some() {
                break;
            }
            if working {
                self.lean_on(next);
            }
            left -= u32::from(mark == Mark::Counted);
            self.note(mark, next);
            self.at = next;
        }
        self.tell(working);
        self.stopped.is_none()
    }

    /// Every day counts: no need to look at each.
    fn jump(&mut self, days: u32) {
        let far = i32::try_from(days).unwrap_or(i32::MAX);
        let (from, to) = (self.at.plus_days(self.step()), self.at.plus_days(far * self.step()));
        if days > 0 {
            self.stretches.push(Stretch { mark: Mark::Counted, from, to, days, exchanged: Vec::new() });
        }
        self.at = to;
    }

    /// Days to the day of the same number `months` on, or to the end of that month where it has none.
    fn month_days(&mut self, months: u32) -> u32 {
        let target = same_day(self.at, i64::from(months) * i64::from(self.step()));
        if target.0.day() != self.at.0.day() {
            let (from, to) = (self.at, target);
            self.steps.push(Text::of(
                format!("{}没有{}日，以该月最后一日 {to} 为对应日。", month_words(to), from.0.day()),
                format!("{to} is the last day of its month, which has no day {}.", from.0.day()),
            ));
        }
        let ms = target.start().since(self.at.start()).unsigned_abs();
        u32::try_from(ms / base::time::DAY_MS.unsigned_abs()).unwrap_or(MOST_DAYS)
    }

    fn stop_on(&self, day: CivilDate) -> Option<&'a Stop> {
        self.what.stops.iter().find(|s| s.from <= day && s.to.is_none_or(|to| day <= to))
    }

    fn mark(&self, day: CivilDate, working: bool) -> Mark {
        if let Some(stop) = self.stop_on(day) {
            return Mark::Stopped(stop.cause);
        }
        match self.calendar.day(day) {
            DayKind::Holiday(holiday) if working => Mark::Holiday(holiday.name()),
            kind if working && !kind.works() => Mark::Weekend,
            _ => Mark::Counted,
        }
    }

    /// The result leans on what this day is.
    fn lean_on(&mut self, day: CivilDate) {
        let open = self.calendar.open_year(day);
        self.open = match (self.open, open) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
    }

    fn note(&mut self, mark: Mark, day: CivilDate) {
        let exchanged = matches!(self.calendar.day(day), DayKind::WorkedInExchange(_)).then_some(day);
        let step = self.step();
        match self.stretches.last_mut() {
            Some(last) if last.mark == mark && last.to.plus_days(step) == day => {
                last.to = day;
                last.days += 1;
                last.exchanged.extend(exchanged);
            }
            _ => self.stretches.push(Stretch {
                mark,
                from: day,
                to: day,
                days: 1,
                exchanged: exchanged.into_iter().collect(),
            }),
        }
    }

    fn announce(&mut self, leg: &Leg) {
        let Leg { amount, unit, clause } = leg;
        let unit = unit_words(*unit, *amount);
        let (zh_way, en_way) = match self.what.direction {
            Direction::After => ("", ""),
            Direction::Before => ("向前倒数", " counted back"),
        };
        self.steps.push(Text::of(
            format!("{zh_way}期限{amount}{}（{clause}）。", unit.zh),
            format!("The term is {amount} {}{en_way} ({clause}).", unit.en),
        ));
    }

    /// Puts the stretches of a leg into words.
    fn tell(&mut self, working: bool) {
        let stretches = std::mem::take(&mut self.stretches);
        if stretches.len() > MOST_STRETCHES {
            let off: u32 = stretches.iter().filter(|s| s.mark != Mark::Counted).map(|s| s.days).sum();
            self.steps.push(Text::of(
                format!("至 {} 止，其间 {off} 日不计。", self.at),
                format!("It runs to {}; {off} days between do not count.", self.at),
            ));
            return;
        }
        let mut n = 0;
        for stretch in stretches {
            let first = n + 1;
            n += if stretch.mark == Mark::Counted { stretch.days } else { 0 };
            self.steps.push(stretch_words(&stretch, (first, n), working));
        }
    }

    fn end(&mut self) {
        if let Some((since, left)) = self.stopped {
            self.steps.push(Text::of(
                format!("自 {since} 起停止计算，尚余{left}日，恢复之后继续计算。"),
                format!(
                    "The clock stands still since {since}, with {left} {} left to count.",
                    plural(left, "day", "days")
                ),
            ));
            return;
        }
        let moves = self.what.counting.last_day_moves && self.what.sense == Sense::Within;
        let by_day = |leg: &Leg| !matches!(leg.unit, TermUnit::AtOnce | TermUnit::Hours);
        if moves && self.what.legs.iter().all(by_day) {
            self.settle();
        }
        let due = day_words(self.at);
        self.steps.push(match (self.what.sense, self.what.direction) {
            (Sense::Within, Direction::After) => {
                Text::of(format!("最后一日：{}（含当日）。", due.zh), format!("The last day is {}, included.", due.en))
            }
            (Sense::Within, Direction::Before) => {
                Text::of(format!("最迟：{}。", due.zh), format!("The latest day is {}.", due.en))
            }
            (Sense::AtLeast, _) => Text::of(
                format!("期满日：{}，次日起期限已过。", due.zh),
                format!("The term is over at the end of {}.", due.en),
            ),
        });
        if let Some(year) = self.open {
            self.steps.push(Text::of(
                format!("暂定：{year}年放假通知尚未公布，只按周末推算，公布后重新计算，本结果保留。"),
                format!(
                    "Provisional: the holidays of {year} are not published; counted with weekends only, to be counted again, this result kept."
                ),
            ));
        }
    }

    /// Moves a last day that is off: to the first working day after it, or, counting back, before it.
    fn settle(&mut self) {
        let last = self.at;
        let to = match self.what.direction {
            Direction::After => self.calendar.working_from(last),
            Direction::Before => self.calendar.working_until(last),
        };
        let mut day = last;
        self.lean_on(day);
        while day != to {
            day = day.plus_days(self.step());
            self.lean_on(day);
        }
        if to != last {
            let why = match self.calendar.day(last) {
                DayKind::Holiday(holiday) => holiday.name(),
                _ => Text::new("周末", "a weekend"),
            };
            let by = clauses(&self.what.counting.clauses);
            self.steps.push(Text::of(
                format!("第末日 {last} 为{}休息，改为工作日 {to}（{by}）。", why.zh),
                format!("{last} is a day off ({}); it moves to the working day {to} ({by}).", why.en),
            ));
            self.at = to;
        }
    }
}

fn stretch_words(stretch: &Stretch, (first, last): (u32, u32), working: bool) -> Text {
    let Stretch { from, to, .. } = stretch;
    let (zh, en) = if from == to {
        (from.to_string(), from.to_string())
    } else {
        (format!("{from} 至 {to}"), format!("{from} to {to}"))
    };
    match &stretch.mark {
        Mark::Counted => {
            let (zh_unit, en_unit) = if working { ("个工作日", "working day") } else { ("日", "day") };
            let (zh_n, en_n) = if first == last {
                (format!("第{first}{zh_unit}"), format!("{en_unit} {first}"))
            } else {
                (format!("第{first}至第{last}{zh_unit}"), format!("{en_unit}s {first} to {last}"))
            };
            let days = stretch.exchanged.iter().map(ToString::to_string).collect::<Vec<_>>().join("、");
            if days.is_empty() || !working {
                return Text::of(format!("{zh}：{zh_n}。"), format!("{en}: {en_n}."));
            }
            let en_days = days.replace('、', ", ");
            Text::of(
                format!("{zh}：{zh_n}（{days} 为调休上班日）。"),
                format!("{en}: {en_n} ({en_days} worked in exchange)."),
            )
        }
        Mark::Weekend => Text::of(format!("{zh}：周末，不计。"), format!("{en}: weekend, not counted.")),
        Mark::Holiday(name) => {
            Text::of(format!("{zh}：{}放假，不计。", name.zh), format!("{en}: {}, not counted.", name.en))
        }
        Mark::Stopped(cause) => {
            let name = cause.name();
            Text::of(
                format!("{zh}：{}，期限停止计算。", name.zh),
                format!("{en}: {}; the clock stands still.", name.en),
            )
        }
    }
}

/// `2013-02-08（星期五）`, `2013-02-08 (Friday)`.
fn day_words(day: CivilDate) -> Text {
    const DAYS: [(&str, &str); 7] = [
        ("星期一", "Monday"),
        ("星期二", "Tuesday"),
        ("星期三", "Wednesday"),
        ("星期四", "Thursday"),
        ("星期五", "Friday"),
        ("星期六", "Saturday"),
        ("星期日", "Sunday"),
    ];
    let n = usize::try_from(day.0.weekday().to_monday_zero_offset()).unwrap_or(0);
    let (zh, en) = DAYS.get(n).copied().unwrap_or_default();
    Text::of(format!("{day}（{zh}）"), format!("{day} ({en})"))
}

fn month_words(day: CivilDate) -> String {
    format!("{}年{}月", day.0.year(), day.0.month())
}

fn unit_words(unit: TermUnit, n: u32) -> Text {
    let (zh, one, many) = match unit {
        TermUnit::AtOnce => ("立即", "at once", "at once"),
        TermUnit::Hours => ("小时", "hour", "hours"),
        TermUnit::Days => ("日", "day", "days"),
        TermUnit::WorkingDays => ("个工作日", "working day", "working days"),
        TermUnit::Months => ("个月", "month", "months"),
        TermUnit::Years => ("年", "year", "years"),
    };
    Text::new(zh, plural(n, one, many))
}

fn clauses(ids: &[ClauseId]) -> String {
    ids.iter().map(|id| id.0.as_str()).collect::<Vec<_>>().join(", ")
}

/// The day of the same number, `months` on (back if negative), or the last day of that month where it has none.
fn same_day(day: CivilDate, months: i64) -> CivilDate {
    let at = i64::from(day.0.year()) * 12 + i64::from(day.0.month()) - 1 + months;
    let year = i16::try_from(at.div_euclid(12)).unwrap_or(i16::MAX);
    let month = i8::try_from(at.rem_euclid(12) + 1).unwrap_or(1);
    let found = (1..=day.0.day()).rev().find_map(|d| CivilDate::ymd(year, month, d));
    found.unwrap_or(day)
}
