//! What is owed of a fine and of confiscated gains, and what moves it: money that came in, leave to pay later or in parts, days on which the
//! surcharge stands still.
//!
//! ```text
//! decided sums + clock `pay` (packs) + rate (packs) + rows ─▶ domain::payment::Debt ─▶ owed(on) ─▶ Bill (officer, head, party)
//! receive ─▶ row `received`, with what of it is for the gains; nothing of either is owed any more: the step `pay` is done in its transaction
//! defer (head) ─▶ row `deferred` + event: the clock has another last day      reverse (head) ─▶ row `reversed`, the step open again
//! stand_still / go_on ─▶ rows `stopped`, `resumed`
//! ```
//! Always true: sums, days and rates come from the decision, the clock and the packs; a deferral is the head's; the surcharge stands still for a
//! review or a suit only; what somebody did on an older list of payments is refused; the money of a decision that was annulled is not taken.

use super::act::not_saved;
use super::bill::{Bill, Deferral, Halted, MoneyLine, Receipt, Resuming, Reversal, StillCause, Stopping};
use super::follow::{Loaded, procedure_of};
use super::open::reason;
use super::{bad, fault};
use crate::{Authority, By};
use base::{CaseId, Citation, CivilDate, ClauseId, ErrorKind, Pii, Refusal, Text, UtcMs};
use domain::access::Permission;
use domain::casework::{Case, CaseAct, CaseClock, Decision, Docket, PAY, Seat, Typed, Who, clocks, node};
use domain::payment::{Debt, Imposed, Leave, Owed, Part, Payment, Rate, STILL, Still, yuan};
use law::{Falls, Procedure};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use store::casework::events::Saved;
use store::casework::payments::{NewPayment, PaymentKind, PaymentRow, PaymentSaved};

/// Words of fields that mean the same in every procedure of the packs.
const FINE: &str = "fine";
const CONFISCATED: &str = "confiscated";
const PAY_WHERE: &str = "pay_where";
const PAID: &str = "paid";
const GAINS_PAID: &str = "gains_paid";
const PAY_DAY: &str = "pay_day";
const SURCHARGE: &str = "surcharge";
const GAINS_PAID_ON: &str = "gains_paid_on";
const RECEIPT: &str = "receipt_number";
const DEFERRED: &str = "deferred_until";
const ANNUL: &str = "annul";
/// Longest number of a receipt or paper, characters.
const NUMBER_CHARS: usize = 60;
/// Fen of a yuan.
const FEN: u64 = 100;

/// What a row holds beside its columns.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "row", rename_all = "snake_case", deny_unknown_fields)]
enum Words {
    Received {
        /// Of its sum for the confiscated gains, fen; not told in rows of before, which are of the fine alone.
        #[serde(default)]
        gains_fen: u64,
    },
    Deferred {
        asked_on: CivilDate,
        parts: Vec<Part>,
        reasons: String,
    },
    Stopped {
        cause: StillCause,
        paper: String,
    },
    Resumed {
        paper: String,
    },
    Reversed {
        reasons: String,
    },
}

fn conflict(code: &str, what: Text, next: Text) -> Refusal {
    Refusal::new(ErrorKind::Conflict, code, what, next)
}

fn moved_on() -> Refusal {
    not_saved(&Saved::MovedOn { events: 0 })
}

fn no_fine() -> Refusal {
    conflict(
        "no_fine_due",
        Text::new(
            "本案没有已送达的罚款、没收违法所得决定。",
            "No decision with a fine or confiscated gains was served in this case.",
        ),
        Text::new("请先作出并送达处罚决定。", "Decide and serve it first."),
    )
}

fn day_refused(what: Text) -> Refusal {
    bad("payment_day", what)
}

/// A number on one line.
fn number(text: &str) -> Result<String, Refusal> {
    let kept = text.trim();
    let fits = !kept.is_empty() && kept.chars().count() <= NUMBER_CHARS && !kept.chars().any(char::is_control);
    if fits {
        Ok(kept.to_owned())
    } else {
        Err(bad("number", Text::new("请填写号码，一行。", "Enter its number.")))
    }
}

/// The decision that imposes a fine or takes gains, and the sums.
fn imposed_of(case: &Case) -> Option<(&Decision, Imposed)> {
    let decision = case.outcome()?;
    let sum = |id: &str| decision.values.number(id).and_then(|n| u64::try_from(n).ok()).unwrap_or(0);
    let imposed = Imposed { fine_yuan: sum(FINE), gains_yuan: sum(CONFISCATED) };
    (imposed != Imposed::default()).then_some((decision, imposed))
}

/// Of a payment what is for the confiscated gains, fen.
pub(super) fn gains_of(row: &PaymentRow) -> Result<u64, Refusal> {
    match words_of(row)? {
        Words::Received { gains_fen } => Ok(gains_fen.min(row.fen)),
        _ => Ok(0),
    }
}

fn words_of(row: &PaymentRow) -> Result<Words, Refusal> {
    serde_json::from_str(row.body.expose()).map_err(|e| fault(&format!("payment {}, column {}", row.n, e.column())))
}

/// Rows that count no more.
pub(super) fn reversed(rows: &[PaymentRow]) -> BTreeSet<u32> {
    rows.iter().filter_map(|row| row.of).collect()
}

fn line_of(row: &PaymentRow, gone: &BTreeSet<u32>) -> Result<MoneyLine, Refusal> {
    let mut line = MoneyLine {
        n: row.n,
        of: row.of,
        is_reversed: gone.contains(&row.n),
        kind: row.kind,
        day: row.day,
        fen: row.fen,
        gains_fen: 0,
        number: row.receipt.clone(),
        parts: Vec::new(),
        cause: None,
        reasons: Pii::default(),
        entry: row.entry,
    };
    match words_of(row)? {
        Words::Received { gains_fen } => line.gains_fen = gains_fen.min(row.fen),
        Words::Deferred { parts, reasons, .. } => (line.parts, line.reasons) = (parts, Pii::new(reasons)),
        Words::Stopped { cause, paper } => (line.cause, line.number) = (Some(cause), paper),
        Words::Resumed { paper } => line.number = paper,
        Words::Reversed { reasons } => line.reasons = Pii::new(reasons),
    }
    Ok(line)
}

/// Since when the surcharge stands still, by the rows.
fn standing(rows: &[PaymentRow]) -> Option<CivilDate> {
    let last = rows.iter().rfind(|r| matches!(r.kind, PaymentKind::Stopped | PaymentKind::Resumed))?;
    (last.kind == PaymentKind::Stopped).then_some(last.day)
}

/// Everything that was entered, on the debt.
fn enter(debt: &mut Debt, rows: &[PaymentRow]) -> Result<(), Refusal> {
    let mut since: Option<CivilDate> = None;
    let gone = reversed(rows);
    for row in rows.iter().filter(|row| !gone.contains(&row.n)) {
        match words_of(row)? {
            Words::Reversed { .. } => {}
            Words::Received { gains_fen } => {
                let gains = gains_fen.min(row.fen);
                pay_both(debt, row.day, (row.fen - gains, gains))?;
            }
            Words::Deferred { parts, .. } => debt.give_leave(Leave { on: row.day, parts })?,
            Words::Stopped { .. } => since = Some(row.day),
            Words::Resumed { .. } => {
                if let Some(from) = since.take() {
                    debt.stand_still(Still { from, to: Some(row.day) })?;
                }
            }
        }
    }
    since.map_or(Ok(()), |from| debt.stand_still(Still { from, to: None }))
}

/// Money for the fine and for the gains, fen, each where there is some.
fn pay_both(debt: &mut Debt, on: CivilDate, (fen, gains_fen): (u64, u64)) -> Result<(), Refusal> {
    if fen > 0 {
        debt.pay(Payment { on, fen })?;
    }
    if gains_fen > 0 {
        debt.hand_over(Payment { on, fen: gains_fen })?;
    }
    Ok(())
}

/// A step `pay` that was entered without a row: its day, and what it says of the fine with its surcharge and of the gains, fen.
fn by_step(case: &Case) -> Option<(CivilDate, (u64, u64))> {
    let (done, values) = (case.done(PAY)?, case.values_of(PAY)?);
    let sum = |id: &str| values.number(id).and_then(|n| u64::try_from(n).ok()).unwrap_or(0);
    let fine = sum(PAID).saturating_add(sum(SURCHARGE));
    Some((done.on, (fine.saturating_mul(FEN), sum(GAINS_PAID).saturating_mul(FEN))))
}

/// A case with its fine and gains, before anything is asked of it.
pub(super) struct Account<'a> {
    procedure: &'a Procedure,
    served: CivilDate,
    imposed: Imposed,
    due: CivilDate,
    halted: Option<Halted>,
    /// What is owed, and how it came about.
    pub(super) debt: Debt,
}

impl Account<'_> {
    fn clause(&self) -> Vec<ClauseId> {
        node(self.procedure, PAY).map(|n| n.clause().clone()).into_iter().collect()
    }
}

impl Authority {
    /// Fine and gains of a case with what was entered; `None` where neither was decided and served.
    fn account<'a>(
        &'a self,
        loaded: &Loaded,
        rows: &[PaymentRow],
        today: CivilDate,
    ) -> Result<Option<Account<'a>>, Refusal> {
        self.account_of(&loaded.case, rows, today)
    }

    /// The same of a case that may have acts which are not kept yet.
    pub(super) fn account_of<'a>(
        &'a self,
        case: &Case,
        rows: &[PaymentRow],
        today: CivilDate,
    ) -> Result<Option<Account<'a>>, Refusal> {
        let procedure = procedure_of(self.gate(), &case.procedure)?;
        let Some((decision, imposed)) = imposed_of(case) else { return Ok(None) };
        let docket = Docket { packs: self.gate().packs(), procedure, case, today };
        let clock = clocks(&docket).into_iter().find(|c| c.id == PAY);
        let term = |c: CaseClock| self.term_of(procedure, &c, today).map(|(due, halted)| (c, due, halted));
        let Some((clock, due, halted)) = clock.and_then(term) else { return Ok(None) };
        let Some(rate) = Rate::of(self.gate().packs(), decision.on) else { return Ok(None) };
        let mut debt = Debt::of(imposed, due, rate)?;
        enter(&mut debt, rows)?;
        if !rows.iter().any(|r| r.kind == PaymentKind::Received)
            && let Some((on, sums)) = by_step(case)
        {
            pay_both(&mut debt, on, sums)?;
        }
        Ok(Some(Account { procedure, served: clock.run.start, imposed, due, halted, debt }))
    }

    /// The last day of the term of payment. While it stands still it has none: then the earliest, if it went on after today.
    fn term_of(
        &self,
        procedure: &Procedure,
        clock: &CaseClock,
        today: CivilDate,
    ) -> Option<(CivilDate, Option<Halted>)> {
        let deadline = clock.deadline.as_ref()?;
        let Falls::Stopped { since, left } = deadline.falls else { return deadline.day().map(|due| (due, None)) };
        let mut run = clock.run.clone();
        let stop = run.stops.last_mut()?;
        let cause = stop.cause.name();
        stop.to = Some(today.max(stop.from));
        let going_on = self.gate().packs().clock_due(&procedure.id, &clock.id, &run, today).ok()?;
        Some((going_on.deadline.day()?, Some(Halted { since, cause, left })))
    }

    fn bill_of(&self, loaded: &Loaded, rows: &[PaymentRow], on: CivilDate) -> Result<Option<Bill>, Refusal> {
        let Some(account) = self.account(loaded, rows, self.now().shanghai_date())? else { return Ok(None) };
        let (packs, gone) = (self.gate().packs(), reversed(rows));
        let mut clauses: Vec<Citation> = account.clause().iter().filter_map(|id| packs.cite(id)).collect();
        let of_gains = account.procedure.field(GAINS_PAID).filter(|_| account.imposed.gains_yuan > 0);
        clauses.extend(of_gains.and_then(|f| f.clause.as_ref()).and_then(|id| packs.cite(id)));
        if account.imposed.fine_yuan > 0 {
            clauses.extend(Rate::citations(packs));
        }
        let pay_where = imposed_of(&loaded.case).and_then(|(d, _)| d.values.text(PAY_WHERE)).unwrap_or_default();
        Ok(Some(Bill {
            fine_yuan: account.imposed.fine_yuan,
            gains_yuan: account.imposed.gains_yuan,
            due: account.due,
            halted: account.halted,
            last_day: account.debt.last_day(),
            pay_where: pay_where.to_owned(),
            owed: account.debt.owed(on),
            lines: rows.iter().map(|row| line_of(row, &gone)).collect::<Result<Vec<MoneyLine>, Refusal>>()?,
            seen: u32::try_from(rows.len()).unwrap_or(u32::MAX),
            clauses,
            still_since: standing(rows),
            annulled: loaded.case.done(ANNUL).is_some(),
            paid: loaded.case.done(PAY).is_some(),
        }))
    }

    /// What is owed of the fine and the gains of a case on a day; `None` where none was decided and served. The party sees its own.
    ///
    /// # Errors
    /// No permission, `not_found` (also for cases of others), or the store.
    pub async fn owed(&self, by: By, case: CaseId, on: CivilDate) -> Result<Option<Bill>, Refusal> {
        let (_, loaded) = self.known_case(by, case).await?;
        let rows = self.store().payments(case).await?;
        self.bill_of(&loaded, &rows, on)
    }

    /// Who acts on the money of a case: from this seat, of its office, and not kept out.
    async fn cashier(&self, by: By, case: CaseId, seat: Seat) -> Result<(Who, Loaded), Refusal> {
        by.needs(if seat == Seat::Head { Permission::ApproveCases } else { Permission::HandleCases })?;
        let who = self.who(by).await?;
        let (_, loaded) = self.known_case(by, case).await?;
        if who.office != Some(loaded.case.office) || loaded.case.is_recused(who.account) {
            return Err(Refusal::new(
                ErrorKind::Forbidden,
                "other_office",
                Text::new("本案由其他机关或者人员办理。", "Another office, or somebody else, handles this case."),
                Text::new("请由有权办理的人员办理。", "Whoever handles it does."),
            ));
        }
        if loaded.case.done(ANNUL).is_some() {
            return Err(conflict(
                "decision_annulled",
                Text::new(
                    "处罚决定已被变更、撤销或者确认违法。",
                    "The decision was changed, annulled or found unlawful.",
                ),
                Text::new(
                    "不再收缴；已经收缴的依法退还。",
                    "Nothing is taken; what was paid goes back as the law says.",
                ),
            ));
        }
        Ok((who, loaded))
    }

    /// Whether the step `pay` may be entered by its own form: by the office, and only while no receipt was entered, or after the last one
    /// came in and the step could not be done with it.
    pub(super) async fn may_pay_by_step(&self, who: &Who, loaded: &Loaded) -> Result<(), Refusal> {
        let (rows, today) = (self.store().payments(loaded.row.id).await?, self.now().shanghai_date());
        let account = self.account(loaded, &rows, today)?;
        let is_whole = account.is_some_and(|account| account.debt.owed(today).total_fen == 0);
        if who.seat != Seat::Applicant && (rows.is_empty() || is_whole) { Ok(()) } else { Err(by_receipt()) }
    }

    /// Enters money that came in, for the fine, for the gains, or for both by one receipt. When nothing of either is owed any more the step
    /// by which it is paid is done with it.
    ///
    /// # Errors
    /// No permission, `no_office`, `not_found`, `other_office`, `decision_annulled`, `no_fine_due`, `nothing_owed` (in all, or of the fine),
    /// `no_gains_owed`, `payment_day`, `number`, `no_sum`, `receipt_taken`, `case_moved_on`, what the engine says of the step, or the store.
    pub async fn receive(&self, by: By, case: CaseId, receipt: &Receipt) -> Result<Bill, Refusal> {
        let (who, loaded) = self.cashier(by, case, Seat::Officer).await?;
        let (now, rows) = (self.now(), self.store().payments(case).await?);
        let today = now.shanghai_date();
        let mut account = self.account(&loaded, &rows, today)?.ok_or_else(no_fine)?;
        if receipt.on > today || receipt.on < account.served {
            let what = Text::new("缴款日期不早于送达之日，不晚于今天。", "Not before it was served, and not to come.");
            return Err(day_refused(what));
        }
        is_owed(&account.debt.owed(receipt.on), receipt)?;
        let (number, events) = (number(&receipt.number)?, loaded.row.events);
        pay_both(&mut account.debt, receipt.on, (receipt.fen, receipt.gains_fen))?;
        let owed = account.debt.owed(today);
        let fen = receipt.fen.saturating_add(receipt.gains_fen);
        let row = NewPayment {
            case,
            seen: receipt.seen,
            kind: PaymentKind::Received,
            day: receipt.on,
            fen,
            receipt: number.clone(),
            of: None,
            body: sealed(&Words::Received { gains_fen: receipt.gains_fen })?,
            clauses: account.clause(),
            by: who.account,
            text: paid_words(&loaded.row.number, fen, receipt.gains_fen),
        };
        let ends = owed.total_fen == 0 && loaded.case.done(PAY).is_none();
        let after = with_row(&rows, &row, now);
        let entered = self.with_money((case, &loaded.case), Vec::new(), &after, true).await?;
        let saved = if ends {
            let act = paid_act(&account, &rows, &owed, receipt.on, &number);
            // The money is there, whoever may do the step and whatever stands in its way.
            match self.act_with_payment(&who, loaded, act, (&row, &after)).await {
                Err(refusal) if is_answer(&refusal) => {
                    self.store().add_payment_entered(&row, None, (&entered, events), now).await?
                }
                saved => saved?,
            }
        } else {
            self.store().add_payment_entered(&row, None, (&entered, events), now).await?
        };
        kept(saved)?;
        self.owed(by, case, today).await?.ok_or_else(no_fine)
    }

    /// Gives leave to pay later or in parts, from today: the head's.
    ///
    /// # Errors
    /// As [`Self::receive`]; no permission where the account is no head's, `no_fine_to_defer`, and those of `Debt::give_leave`.
    pub async fn defer(&self, by: By, case: CaseId, form: &Deferral) -> Result<Bill, Refusal> {
        let (who, loaded) = self.cashier(by, case, Seat::Head).await?;
        let (now, rows) = (self.now(), self.store().payments(case).await?);
        let today = now.shanghai_date();
        let mut account = self.account(&loaded, &rows, today)?.ok_or_else(no_fine)?;
        if account.imposed.fine_yuan == 0 {
            return Err(no_leave());
        }
        if form.asked_on > today || form.asked_on < account.served {
            let what = Text::new("申请日期不早于送达之日，不晚于今天。", "Not before it was served, and not to come.");
            return Err(day_refused(what));
        }
        let reasons = reason(&form.reasons).ok_or_else(|| {
            bad("reasons", Text::new("请用自己的话写明批准的理由。", "Say in your own words why leave is given."))
        })?;
        account.debt.give_leave(Leave { on: today, parts: form.parts.clone() })?;
        let (until, number) = (account.debt.last_day(), loaded.row.number.clone());
        let (asked_on, parts) = (form.asked_on, form.parts.clone());
        let words = Words::Deferred { asked_on, parts: parts.clone(), reasons: reasons.clone() };
        let row = NewPayment {
            case,
            seen: form.seen,
            kind: PaymentKind::Deferred,
            day: today,
            fen: 0,
            receipt: String::new(),
            of: None,
            body: sealed(&words)?,
            clauses: self.clauses_of_leave(account.procedure),
            by: who.account,
            text: Text::of(
                format!("案件 {number} 批准暂缓或者分期缴纳罚款，至 {until}。"),
                format!("Case {number}: leave to pay later or in parts, until {until}."),
            ),
        };
        // The case has it too: its clock moves to the last day, and the paper of the leave is made from it.
        let act = CaseAct::Defer { clock: PAY.to_owned(), on: today, asked_on, parts, reasons };
        let after = with_row(&rows, &row, now);
        kept(self.act_with_payment(&who, loaded, act, (&row, &after)).await?)?;
        self.owed(by, case, today).await?.ok_or_else(no_fine)
    }

    /// A payment that was entered wrongly counts no more: the head's. Where its step is done by it, that is open again.
    ///
    /// # Errors
    /// As [`Self::defer`]; `not_found` (no such payment), `reversed_already`, `reasons`.
    pub async fn reverse(&self, by: By, case: CaseId, form: &Reversal) -> Result<Bill, Refusal> {
        let (who, loaded) = self.cashier(by, case, Seat::Head).await?;
        let (now, mut rows) = (self.now(), self.store().payments(case).await?);
        let today = now.shanghai_date();
        let account = self.account(&loaded, &rows, today)?.ok_or_else(no_fine)?;
        let wrong = rows.iter().find(|row| row.n == form.row && row.kind == PaymentKind::Received);
        let (n, fen) = wrong.map(|row| (row.n, row.fen)).ok_or_else(|| Refusal::not_found("这笔缴款", "payment"))?;
        if reversed(&rows).contains(&n) {
            return Err(conflict(
                "reversed_already",
                Text::new("这笔缴款已经冲销。", "This payment was reversed already."),
                Text::new("请刷新页面查看。", "Reload the page."),
            ));
        }
        let reasons = reason(&form.reasons).ok_or_else(|| {
            bad("reasons", Text::new("请写明这笔登记错在哪里。", "Say what is wrong with this payment."))
        })?;
        let number = &loaded.row.number;
        let row = NewPayment {
            case,
            seen: form.seen,
            kind: PaymentKind::Reversed,
            day: today,
            fen,
            receipt: String::new(),
            of: Some(n),
            body: sealed(&Words::Reversed { reasons: reasons.clone() })?,
            clauses: account.clause(),
            by: who.account,
            text: Text::of(
                format!("案件 {number} 的第 {n} 条缴款登记有误，予以冲销。"),
                format!("Case {number}: payment {n} was entered wrongly and is reversed."),
            ),
        };
        rows.push(as_kept(&row, now));
        let owed = self.account(&loaded, &rows, today)?.map_or(0, |account| account.debt.owed(today).total_fen);
        let saved = if owed > 0 && loaded.case.done(PAY).is_some() {
            let act = CaseAct::TakeBack { step: PAY.to_owned(), reasons };
            self.act_with_payment(&who, loaded, act, (&row, &rows)).await?
        } else {
            let entered = self.with_money((case, &loaded.case), Vec::new(), &rows, true).await?;
            self.store().add_payment_entered(&row, None, (&entered, loaded.row.events), now).await?
        };
        kept(saved)?;
        self.owed(by, case, today).await?.ok_or_else(no_fine)
    }

    /// The clause of leave: that of the field in which the packs ask its day.
    fn clauses_of_leave(&self, procedure: &Procedure) -> Vec<ClauseId> {
        let of_field = procedure.field(DEFERRED).and_then(|f| f.clause.clone());
        of_field.into_iter().filter(|id| self.gate().packs().clause(id).is_some()).collect()
    }

    /// Lets the surcharge stand still while the decision is contested.
    ///
    /// # Errors
    /// As [`Self::receive`]; `stands_still`.
    pub async fn stand_still(&self, by: By, case: CaseId, form: &Stopping) -> Result<Bill, Refusal> {
        let (who, loaded) = self.cashier(by, case, Seat::Officer).await?;
        let (now, rows) = (self.now(), self.store().payments(case).await?);
        let today = now.shanghai_date();
        let account = self.account(&loaded, &rows, today)?.ok_or_else(no_fine)?;
        if standing(&rows).is_some() {
            return Err(conflict(
                "stands_still",
                Text::new("加处罚款已经停止计算。", "The surcharge stands still already."),
                Text::new("请先登记恢复计算。", "Enter first that it goes on."),
            ));
        }
        let paper = number(&form.paper)?;
        let name = form.cause.name();
        let text = Text::of(
            format!("案件 {} 的加处罚款自 {} 起停止计算：{}。", loaded.row.number, form.from, name.zh),
            format!("Case {}: the surcharge stands still from {}: {}.", loaded.row.number, form.from, name.en),
        );
        let words = Words::Stopped { cause: form.cause, paper };
        let row =
            still_row((case, form.seen, form.from), PaymentKind::Stopped, &words, (&who, &account), (text, today))?;
        let entered = self.with_money((case, &loaded.case), Vec::new(), &with_row(&rows, &row, now), true).await?;
        kept(self.store().add_payment_entered(&row, None, (&entered, loaded.row.events), now).await?)?;
        self.owed(by, case, today).await?.ok_or_else(no_fine)
    }

    /// Lets the surcharge go on.
    ///
    /// # Errors
    /// As [`Self::receive`]; `runs`.
    pub async fn go_on(&self, by: By, case: CaseId, form: &Resuming) -> Result<Bill, Refusal> {
        let (who, loaded) = self.cashier(by, case, Seat::Officer).await?;
        let (now, rows) = (self.now(), self.store().payments(case).await?);
        let today = now.shanghai_date();
        let account = self.account(&loaded, &rows, today)?.ok_or_else(no_fine)?;
        let Some(since) = standing(&rows) else {
            return Err(conflict(
                "runs",
                Text::new("加处罚款没有停止计算。", "The surcharge does not stand still."),
                Text::new("请刷新页面查看。", "Reload the page."),
            ));
        };
        if form.to < since {
            return Err(day_refused(Text::new("恢复不早于停止之日。", "Not before the day it stopped.")));
        }
        let words = Words::Resumed { paper: number(&form.paper)? };
        let text = Text::of(
            format!("案件 {} 的加处罚款自 {} 次日起恢复计算。", loaded.row.number, form.to),
            format!("Case {}: the surcharge goes on after {}.", loaded.row.number, form.to),
        );
        let row = still_row((case, form.seen, form.to), PaymentKind::Resumed, &words, (&who, &account), (text, today))?;
        let entered = self.with_money((case, &loaded.case), Vec::new(), &with_row(&rows, &row, now), true).await?;
        kept(self.store().add_payment_entered(&row, None, (&entered, loaded.row.events), now).await?)?;
        self.owed(by, case, today).await?.ok_or_else(no_fine)
    }
}

/// The words of a row, to be sealed.
fn sealed(words: &Words) -> Result<Pii<String>, Refusal> {
    serde_json::to_string(words).map(Pii::new).map_err(|_| fault(&"a payment that cannot be written"))
}

/// A row about standing still; its day lies between the service and today.
fn still_row(
    (case, seen, day): (CaseId, u32, CivilDate),
    kind: PaymentKind,
    words: &Words,
    (who, account): (&Who, &Account<'_>),
    (text, today): (Text, CivilDate),
) -> Result<NewPayment, Refusal> {
    if day > today || day < account.served {
        let what = Text::new("日期不早于送达之日，不晚于今天。", "Not before it was served, and not to come.");
        return Err(day_refused(what));
    }
    Ok(NewPayment {
        case,
        seen,
        kind,
        day,
        fen: 0,
        receipt: String::new(),
        of: None,
        body: sealed(words)?,
        clauses: vec![ClauseId::new(STILL)],
        by: who.account,
        text,
    })
}

/// Money comes in for what is owed: a sum for the fine where it is paid, or for gains that nobody owes, is a slip.
fn is_owed(owed: &Owed, receipt: &Receipt) -> Result<(), Refusal> {
    let back = || Text::new("多缴的款项应当退还。", "What is paid above it goes back.");
    if owed.total_fen == 0 {
        return Err(conflict("nothing_owed", Text::new("款项已经缴清。", "Nothing is owed any more."), back()));
    }
    if receipt.fen == 0 && receipt.gains_fen == 0 {
        return Err(bad("no_sum", Text::new("缴款数额不对。", "Not a sum of a payment.")));
    }
    if receipt.fen > 0 && owed.of_fine_fen() == 0 {
        return Err(conflict("nothing_owed", Text::new("没有未缴的罚款。", "No fine is owed."), back()));
    }
    if receipt.gains_fen > 0 && owed.gains_fen == 0 {
        let what = Text::new("没有未缴的没收违法所得。", "No confiscated gains are owed.");
        return Err(conflict("no_gains_owed", what, back()));
    }
    Ok(())
}

/// One sentence of a payment for the log.
fn paid_words(number: &str, fen: u64, gains_fen: u64) -> Text {
    let (sum, gains) = (yuan(fen), yuan(gains_fen));
    if gains_fen == 0 {
        return Text::of(format!("案件 {number} 收到缴款 {sum} 元。"), format!("Case {number}: {sum} yuan paid."));
    }
    Text::of(
        format!("案件 {number} 收到缴款 {sum} 元，其中没收违法所得 {gains} 元。"),
        format!("Case {number}: {sum} yuan paid, of it {gains} yuan confiscated gains."),
    )
}

/// The step by which it is paid, filled in from what was paid. Its form has whole yuan; the rows have the fen.
fn paid_act(account: &Account<'_>, rows: &[PaymentRow], owed: &Owed, on: CivilDate, receipt: &str) -> CaseAct {
    let deferred = rows.iter().any(|r| r.kind == PaymentKind::Deferred).then(|| account.debt.last_day().to_string());
    let known = [
        (PAID, Some(account.imposed.fine_yuan.to_string())),
        (GAINS_PAID, Some(account.imposed.gains_yuan).filter(|sum| *sum > 0).map(|sum| sum.to_string())),
        (GAINS_PAID_ON, account.debt.gains_whole_on().map(|day| day.to_string())),
        (PAY_DAY, Some(on.to_string())),
        (SURCHARGE, Some((owed.surcharge_fen / FEN).to_string())),
        (RECEIPT, Some(receipt.to_owned())),
        (DEFERRED, deferred),
    ];
    let asks = |id: &str| account.procedure.fields_at(PAY).any(|f| f.id == id);
    let typed: Typed =
        known.into_iter().filter(|(id, _)| asks(id)).filter_map(|(id, text)| Some((id.to_owned(), text?))).collect();
    CaseAct::Done { step: PAY.to_owned(), typed, note: String::new(), officers: Vec::new(), on }
}

/// A row as it will stand, to count with before it is kept.
fn as_kept(row: &NewPayment, at: UtcMs) -> PaymentRow {
    PaymentRow {
        n: row.seen.saturating_add(1),
        kind: row.kind,
        day: row.day,
        fen: row.fen,
        receipt: row.receipt.clone(),
        of: row.of,
        body: row.body.clone(),
        by: Some(row.by),
        at,
        entry: 0,
    }
}

/// The rows with one that is to be kept.
fn with_row(rows: &[PaymentRow], row: &NewPayment, at: UtcMs) -> Vec<PaymentRow> {
    rows.iter().cloned().chain([as_kept(row, at)]).collect()
}

/// Somebody is told no; nothing failed.
fn is_answer(refusal: &Refusal) -> bool {
    matches!(refusal.kind, ErrorKind::Forbidden | ErrorKind::Conflict | ErrorKind::Unlawful | ErrorKind::BadInput)
}

/// Leave is for fines.
fn no_leave() -> Refusal {
    conflict(
        "no_fine_to_defer",
        Text::new(
            "本案没有罚款，没收的违法所得不适用暂缓、分期。",
            "There is no fine; confiscated gains are not deferred.",
        ),
        Text::new("请按决定书的期限收缴。", "They are paid within the term of the decision."),
    )
}

/// What belongs on the page of payments.
pub(super) fn by_receipt() -> Refusal {
    conflict(
        "pay_by_receipt",
        Text::new("缴款由办案机关凭票据登记。", "The office enters a payment by its receipt."),
        Text::new("请在「罚款缴纳」页面登记。", "Enter it on the page of the fine's payment."),
    )
}

fn kept(saved: PaymentSaved) -> Result<(), Refusal> {
    match saved {
        PaymentSaved::Done { .. } => Ok(()),
        PaymentSaved::MovedOn => Err(moved_on()),
        PaymentSaved::Unknown => Err(super::no_case()),
        PaymentSaved::Full => Err(not_saved(&Saved::Full)),
        PaymentSaved::ReceiptTaken => Err(conflict(
            "receipt_taken",
            Text::new(
                "这张票据已经在本系统登记过。",
                "This receipt is entered on this server already, here or in another case.",
            ),
            Text::new(
                "请核对票据号码；确是另一张票据的，连同票据代码填写。",
                "Compare its number; where it is another receipt, enter its code with the number.",
            ),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_of_an_older_program_is_of_the_fine_alone() {
        let older: Words = serde_json::from_str(r#"{"row":"received"}"#).unwrap();
        assert!(matches!(older, Words::Received { gains_fen: 0 }));
        let newer: Words = serde_json::from_str(r#"{"row":"received","gains_fen":5}"#).unwrap();
        assert!(matches!(newer, Words::Received { gains_fen: 5 }));
    }

    #[test]
    fn a_payment_of_both_says_so_in_the_log() {
        assert_eq!(paid_words("7", 500, 0).en, "Case 7: 5 yuan paid.");
        assert_eq!(paid_words("7", 500, 150).en, "Case 7: 5 yuan paid, of it 1.50 yuan confiscated gains.");
    }
}
