//! A fine and what is owed of it on a day: surcharge by the day, days that do not count, parts, more time; beside it confiscated gains.
//!
//! ```text
//! fine, last day (a clock of the procedure), Rate (AP-72, from the packs), stops (AP-73), leave (AP-66), payments ─▶ owed(on) ─▶ Owed
//! confiscated gains (AP-28-2), payments of them ────────────────────────────────────────────────────────────────────▲
//! ```
//!
//! Always true: the surcharge never passes the cap, which is the fine itself; a day that stands still adds nothing; what was paid earlier
//! never costs more; every stretch that added something is listed with its days, base and sum. Money is whole fen. Rates and days come
//! from the packs. A late day counts on what of the fine was due and unpaid when it began, so the day of payment counts; a part of a fen is
//! dropped; what is paid goes to the fine first, then to the surcharge. These are our readings, for the text says none of them: the last two
//! are the gentler ones to the party, the first is the stricter. Confiscated gains are a debt of their own: nothing is added to them however
//! late they are (AP-72 speaks of a fine), no leave moves their day (AP-66 does too), and money for the one never pays the other.

use base::{Citation, CivilDate, ClauseId, ErrorKind, Refusal, Text, plural, time::DAY_MS};
use law::{ClockDue, Packs};
use serde::{Deserialize, Serialize};

/// The clause of the surcharge, and its values.
const SURCHARGE: (&str, &str, &str) = ("AP-72", "surcharge_permille_a_day", "surcharge_cap_percent_of_fine");
/// The clause by which review and suit let the surcharge stand still.
pub const STILL: &str = "AP-73";
/// The clause of more time.
const LEAVE: &str = "AP-66";
/// Fen of a yuan.
const FEN: u64 = 100;
/// Most payments, stops, leaves, and parts of one leave.
const MOST: usize = 200;
/// Largest fine, yuan: far above any clause, and small enough that no sum overflows.
const LARGEST: u64 = 1_000_000_000;

/// The surcharge as the packs have it on a day.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Rate {
    /// Thousandths of what is unpaid, a day.
    pub permille_a_day: u32,
    /// Cap, hundredths of the fine; never above the fine, whatever a pack says.
    pub cap_percent: u32,
}

impl Rate {
    /// The rate in force on a day; `None` where no pack sets one.
    #[must_use]
    pub fn of(packs: &Packs, on: CivilDate) -> Option<Self> {
        let (clause, rate, cap) = SURCHARGE;
        let value = |name: &str| packs.value(&ClauseId::new(clause), name, on);
        Some(Self { permille_a_day: value(rate)?, cap_percent: value(cap)? })
    }

    /// The clauses behind surcharge, standing still and more time, as cited.
    #[must_use]
    pub fn citations(packs: &Packs) -> Vec<Citation> {
        [SURCHARGE.0, STILL, LEAVE].iter().filter_map(|id| packs.cite(&ClauseId::new(id))).collect()
    }

    const fn cap_fen(self, fine_fen: u64) -> u64 {
        // Both factors are bounded: at most a hundred per cent of the largest fine.
        let percent = if self.cap_percent > 100 { 100 } else { self.cap_percent };
        fine_fen.saturating_mul(percent as u64) / 100
    }
}

/// A payment.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Payment {
    /// Day on which it came in.
    pub on: CivilDate,
    /// Sum, fen.
    pub fen: u64,
}

/// Days on which the surcharge stands still: review or suit.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Still {
    /// First day.
    pub from: CivilDate,
    /// Last day; none while it lasts.
    pub to: Option<CivilDate>,
}

/// A part of a fine with a last day of its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Part {
    /// Last day in time.
    pub by: CivilDate,
    /// Sum, fen.
    pub fen: u64,
}

/// Leave to pay later or in parts. From its day the parts hold instead of what held before; late days before it stay late.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Leave {
    /// Day on which it was given.
    pub on: CivilDate,
    /// The parts; together the whole fine.
    pub parts: Vec<Part>,
}

/// The sums that a decision imposes, whole yuan.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Imposed {
    /// The fine; 0: none.
    pub fine_yuan: u64,
    /// Gains that are confiscated; 0: none.
    pub gains_yuan: u64,
}

/// What was imposed and served: a fine, confiscated gains, or both.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Debt {
    fine_fen: u64,
    gains_fen: u64,
    due: CivilDate,
    rate: Rate,
    payments: Vec<Payment>,
    /// Payments of the gains.
    handed_over: Vec<Payment>,
    stills: Vec<Still>,
    leaves: Vec<Leave>,
}

/// A stretch of late days that added something.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    /// First day.
    pub from: CivilDate,
    /// Last day.
    pub to: CivilDate,
    /// How many.
    pub days: u64,
    /// Unpaid of what was due, fen.
    pub base_fen: u64,
    /// Added, fen: less than days times rate where the cap was reached.
    pub fen: u64,
}

impl Line {
    /// In one sentence.
    #[must_use]
    pub fn text(&self) -> Text {
        let (from, to, n) = (self.from, self.to, self.days);
        let (base, sum) = (yuan(self.base_fen), yuan(self.fen));
        let days = plural(n, "day", "days");
        Text::of(
            format!("{from}至{to}，{n}日，以未缴{base}元计，加处{sum}元。"),
            format!("{from} to {to}, {n} {days}, on {base} yuan unpaid: {sum} yuan."),
        )
    }
}

/// What is owed on a day.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Owed {
    /// The day.
    pub on: CivilDate,
    /// Unpaid of the fine, fen.
    pub fine_fen: u64,
    /// Surcharge in all, paid or not, fen.
    pub surcharge_fen: u64,
    /// Unpaid of the confiscated gains, fen.
    pub gains_fen: u64,
    /// Unpaid in all, fen.
    pub total_fen: u64,
    /// Paid above fine and surcharge, or above the gains, to be given back, fen.
    pub over_fen: u64,
    /// The cap was reached.
    pub capped: bool,
    /// How the surcharge came about.
    pub lines: Vec<Line>,
}

impl Owed {
    /// Unpaid of fine and surcharge, fen: without the gains.
    #[must_use]
    pub const fn of_fine_fen(&self) -> u64 {
        self.total_fen.saturating_sub(self.gains_fen)
    }
}

/// Fen as yuan: `1234.05`, without a fraction where there is none.
#[must_use]
pub fn yuan(fen: u64) -> String {
    let (whole, rest) = (fen / FEN, fen % FEN);
    if rest == 0 { whole.to_string() } else { format!("{whole}.{rest:02}") }
}

fn bad(code: &str, what: Text) -> Refusal {
    Refusal::bad_input(code, what, Text::new("请更正后重新提交。", "Correct it and submit again."))
}

fn conflict(code: &str, what: Text) -> Refusal {
    Refusal::new(ErrorKind::Conflict, code, what, Text::new("请核对案卷。", "Compare it with the file of the case."))
}

impl Debt {
    /// A fine of whole yuan, to be paid at the latest on `due` ([`Self::due_of`]).
    ///
    /// # Errors
    /// `no_fine`: nothing, or above every clause.
    pub fn new(fine_yuan: u64, due: CivilDate, rate: Rate) -> Result<Self, Refusal> {
        Self::of(Imposed { fine_yuan, gains_yuan: 0 }, due, rate)
    }

    /// A fine, confiscated gains, or both, to be paid at the latest on `due`.
    ///
    /// # Errors
    /// `no_fine`: nothing of either, or one of them above every clause.
    pub fn of(imposed: Imposed, due: CivilDate, rate: Rate) -> Result<Self, Refusal> {
        let Imposed { fine_yuan, gains_yuan } = imposed;
        if !(1..=LARGEST).contains(&fine_yuan.max(gains_yuan)) {
            return Err(bad("no_fine", Text::new("罚款数额不对。", "Not an amount of a fine.")));
        }
        Ok(Self {
            fine_fen: fine_yuan.saturating_mul(FEN),
            gains_fen: gains_yuan.saturating_mul(FEN),
            due,
            rate,
            payments: Vec::new(),
            handed_over: Vec::new(),
            stills: Vec::new(),
            leaves: Vec::new(),
        })
    }

    /// The last day to pay, from the clock of the procedure; `None` while it stands still.
    #[must_use]
    pub const fn due_of(clock: &ClockDue) -> Option<CivilDate> {
        clock.deadline.day()
    }

    /// The fine, fen.
    #[must_use]
    pub const fn fine_fen(&self) -> u64 {
        self.fine_fen
    }

    /// The confiscated gains, fen.
    #[must_use]
    pub const fn gains_fen(&self) -> u64 {
        self.gains_fen
    }

    /// The day on which the whole of the confiscated gains was there; `None`: none were confiscated, or some is owed.
    #[must_use]
    pub fn gains_whole_on(&self) -> Option<CivilDate> {
        let by_then = |on: CivilDate| {
            let paid = self.handed_over.iter().filter(|p| p.on <= on);
            paid.fold(0_u64, |sum, p| sum.saturating_add(p.fen))
        };
        let days = self.handed_over.iter().map(|p| p.on);
        days.filter(|on| self.gains_fen > 0 && by_then(*on) >= self.gains_fen).min()
    }

    /// The last day to pay the whole of the fine, or its last part; that of the gains is never moved.
    #[must_use]
    pub fn last_day(&self) -> CivilDate {
        let parts = self.leaves.last().into_iter().flat_map(|leave| &leave.parts);
        parts.map(|part| part.by).max().unwrap_or(self.due)
    }

    /// Enters a payment of the fine and its surcharge. More than is owed is entered too: the money is there, and [`Owed::over_fen`] says what
    /// goes back.
    ///
    /// # Errors
    /// `no_sum`, `too_many`.
    pub fn pay(&mut self, payment: Payment) -> Result<(), Refusal> {
        entered(&mut self.payments, payment)
    }

    /// Enters a payment of the confiscated gains, as [`Self::pay`] does of the fine.
    ///
    /// # Errors
    /// `no_sum`, `too_many`.
    pub fn hand_over(&mut self, payment: Payment) -> Result<(), Refusal> {
        entered(&mut self.handed_over, payment)
    }

    /// Enters days on which the surcharge stands still. Stretches may overlap; a day counts once.
    ///
    /// # Errors
    /// `ends_before`, `too_many`.
    pub fn stand_still(&mut self, still: Still) -> Result<(), Refusal> {
        if still.to.is_some_and(|to| to < still.from) {
            return Err(bad("ends_before", Text::new("结束早于开始。", "It ends before it begins.")));
        }
        room(self.stills.len())?;
        self.stills.push(still);
        Ok(())
    }

    /// Enters leave to pay later or in parts.
    ///
    /// # Errors
    /// `no_parts` (none, not rising by day, or not together the fine), `not_later` (the first part is due before the leave),
    /// `leave_before` (an earlier leave is younger), `too_many`.
    pub fn give_leave(&mut self, leave: Leave) -> Result<(), Refusal> {
        let parts = &leave.parts;
        let rising = parts.iter().zip(parts.iter().skip(1)).all(|(a, b)| a.by < b.by);
        let together = parts.iter().try_fold(0_u64, |sum, part| sum.checked_add(part.fen));
        let whole = together == Some(self.fine_fen) && parts.iter().all(|part| part.fen > 0);
        if parts.is_empty() || parts.len() > MOST || !rising || !whole {
            return Err(bad(
                "no_parts",
                Text::new("各期须按日期排列，合计等于罚款。", "Parts stand by their days and are together the fine."),
            ));
        }
        if parts.iter().any(|part| part.by < leave.on) {
            return Err(bad("not_later", Text::new("期限早于批准之日。", "A part is due before the leave.")));
        }
        if self.leaves.last().is_some_and(|last| last.on > leave.on) {
            return Err(conflict("leave_before", Text::new("已有更晚的批准。", "A later leave stands already.")));
        }
        room(self.leaves.len())?;
        self.leaves.push(leave);
        Ok(())
    }

    /// What is owed at the end of a day.
    #[must_use]
    pub fn owed(&self, on: CivilDate) -> Owed {
        let by_then =
            |all: &[Payment]| all.iter().filter(|p| p.on <= on).fold(0_u64, |sum, p| sum.saturating_add(p.fen));
        let (paid, handed_over) = (by_then(&self.payments), by_then(&self.handed_over));
        let cap = self.rate.cap_fen(self.fine_fen);
        let (mut surcharge, mut lines) = (0_u64, Vec::new());
        for (from, to) in self.stretches(on) {
            let base_fen = self.overdue_at(from);
            let a_day = base_fen.saturating_mul(u64::from(self.rate.permille_a_day)) / 1_000;
            let days = days_of(from, to);
            let fen = a_day.saturating_mul(days).min(cap.saturating_sub(surcharge));
            if fen > 0 && !self.stands_still(from) {
                surcharge = surcharge.saturating_add(fen);
                lines.push(Line { from, to, days, base_fen, fen });
            }
        }
        let all = self.fine_fen.saturating_add(surcharge);
        let gains_fen = self.gains_fen.saturating_sub(handed_over);
        Owed {
            on,
            fine_fen: self.fine_fen.saturating_sub(paid),
            surcharge_fen: surcharge,
            gains_fen,
            total_fen: all.saturating_sub(paid).saturating_add(gains_fen),
            over_fen: paid.saturating_sub(all).saturating_add(handed_over.saturating_sub(self.gains_fen)),
            capped: surcharge == cap && surcharge > 0,
            lines,
        }
    }

    /// Days from the first that could be late to `on`, cut wherever something changes: within a stretch every day is alike.
    fn stretches(&self, on: CivilDate) -> Vec<(CivilDate, CivilDate)> {
        let first = self.due.plus_days(1);
        let end = on.plus_days(1);
        let mut cuts: Vec<CivilDate> = vec![first, end];
        // A payment changes the day after it.
        cuts.extend(self.payments.iter().map(|p| p.on.plus_days(1)));
        cuts.extend(self.stills.iter().map(|s| s.from));
        cuts.extend(self.stills.iter().filter_map(|s| s.to).map(|to| to.plus_days(1)));
        cuts.extend(self.leaves.iter().map(|l| l.on));
        cuts.extend(self.leaves.iter().flat_map(|l| &l.parts).map(|part| part.by.plus_days(1)));
        cuts.retain(|day| first <= *day && *day <= end);
        cuts.sort_unstable();
        cuts.dedup();
        let pairs = cuts.iter().zip(cuts.iter().skip(1));
        pairs.map(|(from, next)| (*from, next.plus_days(-1))).collect()
    }

    /// Of the fine what was due before a day and unpaid when it began, fen.
    fn overdue_at(&self, day: CivilDate) -> u64 {
        let due = match self.leaves.iter().rfind(|leave| leave.on <= day) {
            None if self.due < day => self.fine_fen,
            None => 0,
            Some(leave) => leave.parts.iter().filter(|p| p.by < day).fold(0_u64, |sum, p| sum.saturating_add(p.fen)),
        };
        let paid = self.payments.iter().filter(|p| p.on < day).fold(0_u64, |sum, p| sum.saturating_add(p.fen));
        due.saturating_sub(paid)
    }

    fn stands_still(&self, day: CivilDate) -> bool {
        self.stills.iter().any(|s| s.from <= day && s.to.is_none_or(|to| day <= to))
    }
}

/// A payment behind the others of its sum.
fn entered(all: &mut Vec<Payment>, payment: Payment) -> Result<(), Refusal> {
    if payment.fen == 0 || payment.fen > LARGEST.saturating_mul(FEN) {
        return Err(bad("no_sum", Text::new("缴款数额不对。", "Not a sum of a payment.")));
    }
    room(all.len())?;
    all.push(payment);
    Ok(())
}

fn room(number: usize) -> Result<(), Refusal> {
    if number < MOST {
        return Ok(());
    }
    Err(Refusal::new(
        ErrorKind::TooMany,
        "too_many",
        Text::of(format!("已有{MOST}笔记录。"), format!("There are {MOST} entries already.")),
        Text::new("请核对案卷。", "Compare it with the file of the case."),
    ))
}

/// Days from one to another, both counted.
fn days_of(from: CivilDate, to: CivilDate) -> u64 {
    u64::try_from(to.start().since(from.start()) / DAY_MS + 1).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use law::ClockRun;
    use proptest::prelude::*;

    const RATE: Rate = Rate { permille_a_day: 30, cap_percent: 100 };

    fn day(text: &str) -> CivilDate {
        CivilDate::parse(text).unwrap()
    }

    fn debt() -> Debt {
        Debt::new(1_000, day("2026-03-20"), RATE).unwrap()
    }

    fn code<T: std::fmt::Debug>(result: Result<T, Refusal>) -> String {
        result.unwrap_err().code
    }

    #[test]
    fn the_rate_is_that_of_the_packs_on_the_day() {
        let packs = Packs::embedded().unwrap();
        assert_eq!(Rate::of(&packs, day("2026-03-20")), Some(RATE));
        assert_eq!(Rate::of(&packs, day("2021-07-14")), None, "before the law was in force");
        let ids: Vec<String> = Rate::citations(&packs).into_iter().map(|c| c.clause.0).collect();
        assert_eq!(ids, ["AP-72", "AP-73", "AP-66"]);
        let clock =
            packs.clock_due("penalty_case", "pay", &ClockRun::from(day("2026-03-02")), day("2026-03-02")).unwrap();
        assert_eq!(Debt::due_of(&clock), Some(day("2026-03-17")), "fifteen days after it was served");
    }

    #[test]
    fn nothing_is_added_until_the_day_after_the_last() {
        let owed = |on: &str| (debt().owed(day(on)).surcharge_fen, debt().owed(day(on)).total_fen);
        assert_eq!(owed("2026-03-02"), (0, 100_000));
        assert_eq!(owed("2026-03-20"), (0, 100_000));
        assert_eq!(owed("2026-03-21"), (3_000, 103_000));
        assert_eq!(owed("2026-03-30"), (30_000, 130_000));
    }

    #[test]
    fn the_surcharge_stops_at_the_fine() {
        let owed = |days: i32| debt().owed(day("2026-03-20").plus_days(days));
        assert_eq!((owed(33).surcharge_fen, owed(33).capped), (99_000, false));
        assert_eq!((owed(34).surcharge_fen, owed(34).capped), (100_000, true));
        assert_eq!(owed(10_000).surcharge_fen, 100_000);
        let greedy = Debt::new(1_000, day("2026-03-20"), Rate { permille_a_day: 5_000, cap_percent: 900 }).unwrap();
        assert_eq!(greedy.owed(day("2027-03-20")).surcharge_fen, 100_000, "never above the fine");
    }

    #[test]
    fn days_of_review_and_suit_do_not_count_and_overlap_once() {
        let mut debt = debt();
        debt.stand_still(Still { from: day("2026-03-22"), to: Some(day("2026-03-24")) }).unwrap();
        debt.stand_still(Still { from: day("2026-03-24"), to: Some(day("2026-03-25")) }).unwrap();
        let owed = debt.owed(day("2026-03-27"));
        assert_eq!(owed.surcharge_fen, 9_000, "21, 26 and 27 March");
        assert_eq!(owed.lines.iter().map(|l| l.days).sum::<u64>(), 3);
        debt.stand_still(Still { from: day("2026-03-27"), to: None }).unwrap();
        assert_eq!(debt.owed(day("2028-03-27")).surcharge_fen, 6_000, "while it lasts");
        assert_eq!(
            code(debt.stand_still(Still { from: day("2026-03-02"), to: Some(day("2026-03-01")) })),
            "ends_before"
        );
    }

    #[test]
    fn what_is_paid_goes_to_the_fine_first() {
        let mut debt = debt();
        debt.pay(Payment { on: day("2026-03-21"), fen: 60_000 }).unwrap();
        let owed = debt.owed(day("2026-03-23"));
        // One day on 1000 yuan, two on 400.
        assert_eq!((owed.fine_fen, owed.surcharge_fen, owed.total_fen), (40_000, 3_000 + 2 * 1_200, 45_400));
        assert_eq!(owed.lines[1].text().en, "2026-03-22 to 2026-03-23, 2 days, on 400 yuan unpaid: 24 yuan.");
        debt.pay(Payment { on: day("2026-03-23"), fen: 45_500 }).unwrap();
        let owed = debt.owed(day("2027-03-23"));
        assert_eq!((owed.total_fen, owed.over_fen, owed.surcharge_fen), (0, 100, 5_400));
        assert_eq!(code(debt.pay(Payment { on: day("2026-03-23"), fen: 0 })), "no_sum");
    }

    #[test]
    fn leave_lets_late_days_before_it_stand_and_each_part_has_its_day() {
        let part = |by: &str, fen| Part { by: day(by), fen };
        let mut debt = debt();
        let parts = vec![part("2026-04-10", 40_000), part("2026-05-10", 60_000)];
        debt.give_leave(Leave { on: day("2026-03-23"), parts: parts.clone() }).unwrap();
        assert_eq!(debt.last_day(), day("2026-05-10"));
        assert_eq!(debt.owed(day("2026-04-10")).surcharge_fen, 6_000, "21 and 22 March");
        assert_eq!(debt.owed(day("2026-04-11")).surcharge_fen, 6_000 + 1_200);
        debt.pay(Payment { on: day("2026-04-11"), fen: 40_000 }).unwrap();
        assert_eq!(debt.owed(day("2026-05-10")).surcharge_fen, 7_200);
        assert_eq!(debt.owed(day("2026-05-11")).surcharge_fen, 7_200 + 1_800);
        let leave = |on: &str, parts: Vec<Part>| Leave { on: day(on), parts };
        let ten = part("2026-06-01", 10);
        assert_eq!(code(debt.give_leave(leave("2026-03-24", vec![]))), "no_parts");
        assert_eq!(code(debt.give_leave(leave("2026-03-24", vec![ten]))), "no_parts");
        assert_eq!(code(debt.give_leave(leave("2026-03-24", vec![parts[1], parts[0]]))), "no_parts");
        assert_eq!(code(debt.give_leave(leave("2026-04-11", parts.clone()))), "not_later");
        assert_eq!(code(debt.give_leave(leave("2026-03-22", parts))), "leave_before");
    }

    #[test]
    fn gains_are_owed_without_surcharge_and_leave_and_apart_from_the_fine() {
        let both = Imposed { fine_yuan: 1_000, gains_yuan: 300 };
        let mut debt = Debt::of(both, day("2026-03-20"), RATE).unwrap();
        assert_eq!((debt.fine_fen(), debt.gains_fen()), (100_000, 30_000));
        let owed = debt.owed(day("2026-03-21"));
        assert_eq!((owed.surcharge_fen, owed.gains_fen, owed.total_fen), (3_000, 30_000, 133_000), "of the fine alone");
        assert_eq!(owed.of_fine_fen(), 103_000);
        debt.hand_over(Payment { on: day("2026-03-22"), fen: 10_000 }).unwrap();
        assert_eq!(debt.owed(day("2026-03-21")).gains_fen, 30_000, "not before it came in");
        let partly = debt.owed(day("2026-03-22"));
        assert_eq!((partly.gains_fen, partly.fine_fen, partly.surcharge_fen), (20_000, 100_000, 6_000));
        // More than the gains pays nothing of the fine, and the other way round.
        debt.hand_over(Payment { on: day("2026-03-22"), fen: 20_500 }).unwrap();
        let over = debt.owed(day("2026-03-22"));
        assert_eq!((over.gains_fen, over.over_fen, over.of_fine_fen(), over.total_fen), (0, 500, 106_000, 106_000));
        let mut other = Debt::of(both, day("2026-03-20"), RATE).unwrap();
        other.pay(Payment { on: day("2026-03-20"), fen: 130_000 }).unwrap();
        let paid = other.owed(day("2026-03-30"));
        assert_eq!((paid.of_fine_fen(), paid.gains_fen, paid.total_fen, paid.over_fen), (0, 30_000, 30_000, 30_000));
        let whole = vec![Part { by: day("2026-05-10"), fen: 130_000 }];
        assert_eq!(
            code(other.give_leave(Leave { on: day("2026-03-20"), parts: whole })),
            "no_parts",
            "of the fine alone"
        );
    }

    #[test]
    fn gains_alone_grow_by_nothing_however_late() {
        let alone = Imposed { fine_yuan: 0, gains_yuan: 300 };
        let mut debt = Debt::of(alone, day("2026-03-20"), RATE).unwrap();
        let owed = debt.owed(day("2036-03-20"));
        assert_eq!((owed.total_fen, owed.gains_fen, owed.surcharge_fen, owed.capped), (30_000, 30_000, 0, false));
        assert!(owed.lines.is_empty() && debt.last_day() == day("2026-03-20"));
        assert_eq!(code(debt.give_leave(Leave { on: day("2026-03-20"), parts: vec![] })), "no_parts");
        assert_eq!(code(debt.hand_over(Payment { on: day("2026-03-20"), fen: 0 })), "no_sum");
        for _ in 0..MOST {
            debt.hand_over(Payment { on: day("2026-03-20"), fen: 150 }).unwrap();
        }
        assert_eq!(code(debt.hand_over(Payment { on: day("2026-03-20"), fen: 1 })), "too_many");
        assert_eq!((debt.owed(day("2026-03-20")).total_fen, debt.owed(day("2026-03-20")).over_fen), (0, 0));
        for gains_yuan in [0, LARGEST + 1] {
            assert_eq!(code(Debt::of(Imposed { fine_yuan: 0, gains_yuan }, day("2026-03-20"), RATE)), "no_fine");
        }
    }

    #[test]
    fn amounts_and_entries_are_bounded() {
        for fine in [0, LARGEST + 1] {
            assert_eq!(code(Debt::new(fine, day("2026-03-20"), RATE)), "no_fine");
        }
        let mut debt = Debt::new(LARGEST, day("2026-03-20"), RATE).unwrap();
        for _ in 0..MOST {
            debt.pay(Payment { on: day("2026-03-20"), fen: 1 }).unwrap();
            debt.stand_still(Still { from: day("2026-03-20"), to: None }).unwrap();
        }
        assert_eq!(code(debt.pay(Payment { on: day("2026-03-20"), fen: 1 })), "too_many");
        assert_eq!(code(debt.stand_still(Still { from: day("2026-03-20"), to: None })), "too_many");
        assert_eq!((yuan(0), yuan(5), yuan(123_400)), ("0".to_owned(), "0.05".to_owned(), "1234".to_owned()));
    }

    /// The same, a day at a time.
    fn one_by_one(debt: &Debt, on: CivilDate) -> u64 {
        let cap = debt.rate.cap_fen(debt.fine_fen);
        let mut sum = 0_u64;
        let mut at = debt.due.plus_days(1);
        while at <= on {
            if !debt.stands_still(at) {
                sum += debt.overdue_at(at) * u64::from(debt.rate.permille_a_day) / 1_000;
            }
            at = at.plus_days(1);
        }
        sum.min(cap)
    }

    prop_compose! {
        fn debts()(
            fine in 1_u64..20_000,
            paid in prop::collection::vec((-10_i32..80, 1_u64..900_000), 0..5),
            stills in prop::collection::vec((-10_i32..80, prop::option::of(0_i32..20)), 0..4),
            leave in prop::option::of((0_i32..40, 0_i32..20, 1_i32..30)),
        ) -> Debt {
            let due = CivilDate::parse("2026-03-20").unwrap();
            let mut debt = Debt::new(fine, due, RATE).unwrap();
            for (at, fen) in paid {
                debt.pay(Payment { on: due.plus_days(at), fen }).unwrap();
            }
            for (at, long) in stills {
                let from = due.plus_days(at);
                debt.stand_still(Still { from, to: long.map(|n| from.plus_days(n)) }).unwrap();
            }
            if let Some((at, first, second)) = leave {
                let on = due.plus_days(at);
                let by = on.plus_days(first);
                let half = debt.fine_fen / 2;
                let parts = vec![Part { by, fen: half }, Part { by: by.plus_days(second), fen: debt.fine_fen - half }];
                debt.give_leave(Leave { on, parts }).unwrap();
            }
            debt
        }
    }

    proptest! {
        #[test]
        fn stretches_add_up_to_what_single_days_do(debt in debts(), after in -20_i32..120) {
            let on = debt.due.plus_days(after);
            let owed = debt.owed(on);
            prop_assert_eq!(owed.surcharge_fen, one_by_one(&debt, on));
            prop_assert_eq!(owed.lines.iter().map(|l| l.fen).sum::<u64>(), owed.surcharge_fen);
            prop_assert!(owed.surcharge_fen <= debt.fine_fen());
        }

        #[test]
        fn money_is_neither_made_nor_lost(debt in debts(), after in -20_i32..120) {
            let on = debt.due.plus_days(after);
            let owed = debt.owed(on);
            let paid: u64 = debt.payments.iter().filter(|p| p.on <= on).map(|p| p.fen).sum();
            prop_assert_eq!(debt.fine_fen() + owed.surcharge_fen + owed.over_fen, paid + owed.total_fen);
            prop_assert!(owed.total_fen == 0 || owed.over_fen == 0);
        }

        #[test]
        fn gains_change_nothing_of_the_fine(debt in debts(), after in -20_i32..120, gains in 1_u64..900_000, paid in 1_u64..900_000) {
            let on = debt.due.plus_days(after);
            let alone = debt.owed(on);
            let mut both = Debt { gains_fen: gains, ..debt };
            both.hand_over(Payment { on, fen: paid }).unwrap();
            let owed = both.owed(on);
            prop_assert_eq!((owed.surcharge_fen, owed.of_fine_fen()), (alone.surcharge_fen, alone.total_fen));
            prop_assert_eq!(gains + owed.over_fen, paid + owed.gains_fen + alone.over_fen);
        }

        #[test]
        fn the_surcharge_never_falls_and_earlier_money_never_costs_more(debt in debts(), after in 0_i32..100, at in 0_i32..60) {
            let on = debt.due.plus_days(after);
            prop_assert!(debt.owed(on).surcharge_fen <= debt.owed(on.plus_days(1)).surcharge_fen);
            let with = |days: i32| {
                let mut debt = debt.clone();
                debt.pay(Payment { on: debt.due.plus_days(days), fen: 5_000 }).unwrap();
                debt.owed(on).surcharge_fen
            };
            prop_assert!(with(at) <= with(at + 1));
            let mut still = debt.clone();
            still.stand_still(Still { from: debt.due.plus_days(at), to: None }).unwrap();
            prop_assert!(still.owed(on).surcharge_fen <= debt.owed(on).surcharge_fen);
        }
    }
}
