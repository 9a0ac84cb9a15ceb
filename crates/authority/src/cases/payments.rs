//! What is owed of a fine, and what moves it: money that came in, leave to pay later or in parts, days on which the surcharge stands still.
//!
//! ```text
//! decided fine + clock `pay` (packs) + rate (packs) + rows ─▶ domain::payment::Debt ─▶ owed(on) ─▶ Bill (officer, head, party)
//! receive ─▶ row `received`; when nothing is owed any more the step `pay` is done in the same transaction
//! defer (head) ─▶ row `deferred`      stand_still / go_on ─▶ rows `stopped`, `resumed`
//! ```
//! Always true: sums, days and rates come from the decision, the clock and the packs; a deferral is the head's; the surcharge stands still for a
//! review or a suit only; what somebody did on an older list of payments is refused; the money of a decision that was annulled is not taken.

use super::act::not_saved;
use super::follow::{Loaded, procedure_of};
use super::open::reason;
use super::{bad, fault};
use crate::{Authority, By};
use base::{CaseId, Citation, CivilDate, ClauseId, ErrorKind, Pii, Refusal, Text};
use domain::access::Permission;
use domain::casework::{Case, CaseAct, Decision, Docket, Seat, Typed, Who, clocks, node};
use domain::payment::{Debt, Leave, Owed, Part, Payment, Rate, STILL, Still, yuan};
use law::Procedure;
use serde::{Deserialize, Serialize};
use store::casework::events::Saved;
use store::casework::payments::{NewPayment, PaymentKind, PaymentRow, PaymentSaved};

/// The step by which a fine is paid, and the clock until when: the same word in every procedure of the packs.
pub(super) const PAY: &str = "pay";
/// Words of fields that mean the same in every procedure of the packs.
const FINE: &str = "fine";
const PAY_WHERE: &str = "pay_where";
const PAID: &str = "paid";
const PAY_DAY: &str = "pay_day";
const SURCHARGE: &str = "surcharge";
const RECEIPT: &str = "receipt_number";
const DEFERRED: &str = "deferred_until";
const ANNUL: &str = "annul";
/// Longest number of a receipt or paper, characters.
const NUMBER_CHARS: usize = 60;
/// Fen of a yuan.
const FEN: u64 = 100;

/// For what the surcharge stands still.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StillCause {
    /// Administrative review.
    Review,
    /// A suit.
    Suit,
}

impl StillCause {
    /// Both, in the order shown.
    pub const ALL: [Self; 2] = [Self::Review, Self::Suit];

    /// Stable word.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Review => "review",
            Self::Suit => "suit",
        }
    }

    /// Reads the word; `None` for any other.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cause| cause.code() == code)
    }

    /// For people.
    #[must_use]
    pub const fn name(self) -> Text {
        match self {
            Self::Review => Text::new("行政复议", "administrative review"),
            Self::Suit => Text::new("行政诉讼", "a suit"),
        }
    }
}

/// Money that came in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Receipt {
    /// Rows that the page had seen.
    pub seen: u32,
    /// Day on which it came in.
    pub on: CivilDate,
    /// Sum, fen.
    pub fen: u64,
    /// Number of the official receipt.
    pub number: String,
}

/// Leave to pay later or in parts.
#[derive(Clone, PartialEq, Eq)]
pub struct Deferral {
    /// Rows that the page had seen.
    pub seen: u32,
    /// Day on which the party asked for it.
    pub asked_on: CivilDate,
    /// The parts, by their days; together the fine.
    pub parts: Vec<Part>,
    /// Why it is given; about somebody's need.
    pub reasons: String,
}

/// Without the reasons.
impl std::fmt::Debug for Deferral {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Deferral({} parts)", self.parts.len())
    }
}

/// The surcharge is to stand still.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stopping {
    /// Rows that the page had seen.
    pub seen: u32,
    /// For what.
    pub cause: StillCause,
    /// First day that does not count.
    pub from: CivilDate,
    /// Number of the paper that says so.
    pub paper: String,
}

/// The surcharge is to go on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Resuming {
    /// Rows that the page had seen.
    pub seen: u32,
    /// Last day that does not count.
    pub to: CivilDate,
    /// Number of the paper that says so.
    pub paper: String,
}

/// What a row holds beside its columns.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "row", rename_all = "snake_case", deny_unknown_fields)]
enum Words {
    Received {},
    Deferred { asked_on: CivilDate, parts: Vec<Part>, reasons: String },
    Stopped { cause: StillCause, paper: String },
    Resumed { paper: String },
}

/// A row for people.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MoneyLine {
    /// What it is.
    pub kind: PaymentKind,
    /// Its day.
    pub day: CivilDate,
    /// Sum, fen; 0 where it is no money.
    pub fen: u64,
    /// Number of the receipt or paper; empty: none.
    pub number: String,
    /// Parts of a leave.
    pub parts: Vec<Part>,
    /// For what the surcharge stands still.
    pub cause: Option<StillCause>,
    /// Why leave was given.
    pub reasons: Pii<String>,
    /// Place of its entry.
    pub entry: u64,
}

/// What is owed of the fine of a case.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Bill {
    /// The fine, yuan.
    pub fine_yuan: u64,
    /// Last day of the term that the law sets.
    pub due: CivilDate,
    /// Last day with the leave that was given.
    pub last_day: CivilDate,
    /// Where to pay, as the decision says; empty: it does not.
    pub pay_where: String,
    /// What is owed on the day that was asked.
    pub owed: Owed,
    /// What was entered, in its order.
    pub lines: Vec<MoneyLine>,
    /// Rows: handed back with the next act.
    pub seen: u32,
    /// The clauses: payment, surcharge, standing still, leave.
    pub clauses: Vec<Citation>,
    /// Since when the surcharge stands still.
    pub still_since: Option<CivilDate>,
    /// The decision was changed or annulled: nothing is taken any more.
    pub annulled: bool,
    /// The step by which it is paid is done.
    pub paid: bool,
}

impl Bill {
    /// Something is owed though every term is over, and nobody contests it: a demand and the enforcement may follow.
    #[must_use]
    pub fn is_overdue(&self) -> bool {
        let late = self.last_day < self.owed.on;
        late && self.owed.total_fen > 0 && self.still_since.is_none() && !self.annulled
    }
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
        Text::new("本案没有已送达的罚款决定。", "No decision with a fine was served in this case."),
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

/// The decision that imposes a fine, and the fine, yuan.
fn fine_of(case: &Case) -> Option<(&Decision, u64)> {
    let decision = case.outcome()?;
    let fine = decision.values.number(FINE).and_then(|n| u64::try_from(n).ok()).filter(|n| *n > 0)?;
    Some((decision, fine))
}

fn words_of(row: &PaymentRow) -> Result<Words, Refusal> {
    serde_json::from_str(row.body.expose()).map_err(|e| fault(&format!("payment {}, column {}", row.n, e.column())))
}

fn line_of(row: &PaymentRow) -> Result<MoneyLine, Refusal> {
    let mut line = MoneyLine {
        kind: row.kind,
        day: row.day,
        fen: row.fen,
        number: row.receipt.clone(),
        parts: Vec::new(),
        cause: None,
        reasons: Pii::default(),
        entry: row.entry,
    };
    match words_of(row)? {
        Words::Received {} => {}
        Words::Deferred { parts, reasons, .. } => (line.parts, line.reasons) = (parts, Pii::new(reasons)),
        Words::Stopped { cause, paper } => (line.cause, line.number) = (Some(cause), paper),
        Words::Resumed { paper } => line.number = paper,
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
    for row in rows {
        match words_of(row)? {
            Words::Received {} => debt.pay(Payment { on: row.day, fen: row.fen })?,
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

/// A step `pay` that was entered without a row, as one payment.
fn by_step(case: &Case) -> Option<Payment> {
    let (done, values) = (case.done(PAY)?, case.values_of(PAY)?);
    let sum = |id: &str| values.number(id).and_then(|n| u64::try_from(n).ok()).unwrap_or(0);
    let fen = sum(PAID).saturating_add(sum(SURCHARGE)).saturating_mul(FEN);
    (fen > 0).then_some(Payment { on: done.on, fen })
}

/// A case with its fine, before anything is asked of it.
struct Account<'a> {
    procedure: &'a Procedure,
    served: CivilDate,
    fine_yuan: u64,
    due: CivilDate,
    debt: Debt,
}

impl Account<'_> {
    fn clause(&self) -> Vec<ClauseId> {
        node(self.procedure, PAY).map(|n| n.clause().clone()).into_iter().collect()
    }
}

impl Authority {
    /// The fine of a case with what was entered; `None` where no fine was decided and served.
    fn account<'a>(
        &'a self,
        loaded: &Loaded,
        rows: &[PaymentRow],
        today: CivilDate,
    ) -> Result<Option<Account<'a>>, Refusal> {
        let case = &loaded.case;
        let procedure = procedure_of(self.gate(), &case.procedure)?;
        let Some((decision, fine_yuan)) = fine_of(case) else { return Ok(None) };
        let docket = Docket { packs: self.gate().packs(), procedure, case, today };
        let clock = clocks(&docket).into_iter().find(|c| c.id == PAY);
        let Some((clock, due)) = clock.and_then(|c| c.day().map(|due| (c, due))) else { return Ok(None) };
        let Some(rate) = Rate::of(self.gate().packs(), decision.on) else { return Ok(None) };
        let mut debt = Debt::new(fine_yuan, due, rate)?;
        enter(&mut debt, rows)?;
        if !rows.iter().any(|r| r.kind == PaymentKind::Received)
            && let Some(paid) = by_step(case)
        {
            debt.pay(paid)?;
        }
        Ok(Some(Account { procedure, served: clock.run.start, fine_yuan, due, debt }))
    }

    fn bill_of(&self, loaded: &Loaded, rows: &[PaymentRow], on: CivilDate) -> Result<Option<Bill>, Refusal> {
        let Some(account) = self.account(loaded, rows, self.now().shanghai_date())? else { return Ok(None) };
        let packs = self.gate().packs();
        let mut clauses: Vec<Citation> = account.clause().iter().filter_map(|id| packs.cite(id)).collect();
        clauses.extend(Rate::citations(packs));
        let pay_where = fine_of(&loaded.case).and_then(|(d, _)| d.values.text(PAY_WHERE)).unwrap_or_default();
        Ok(Some(Bill {
            fine_yuan: account.fine_yuan,
            due: account.due,
            last_day: account.debt.last_day(),
            pay_where: pay_where.to_owned(),
            owed: account.debt.owed(on),
            lines: rows.iter().map(line_of).collect::<Result<Vec<MoneyLine>, Refusal>>()?,
            seen: u32::try_from(rows.len()).unwrap_or(u32::MAX),
            clauses,
            still_since: standing(rows),
            annulled: loaded.case.done(ANNUL).is_some(),
            paid: loaded.case.done(PAY).is_some(),
        }))
    }

    /// What is owed of the fine of a case on a day; `None` where none was decided and served. The party sees its own.
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

    /// Whether the step `pay` may be entered by its own form: by the office, and only while no receipt was entered.
    pub(super) async fn may_pay_by_step(&self, who: &Who, case: CaseId) -> Result<(), Refusal> {
        if who.seat != Seat::Applicant && self.store().payments(case).await?.is_empty() {
            return Ok(());
        }
        Err(conflict(
            "pay_by_receipt",
            Text::new("缴款由办案机关凭票据登记。", "The office enters a payment by its receipt."),
            Text::new("请在「罚款缴纳」页面登记。", "Enter it on the page of the fine's payment."),
        ))
    }

    /// Enters money that came in. When nothing is owed any more the step by which the fine is paid is done with it.
    ///
    /// # Errors
    /// No permission, `no_office`, `not_found`, `other_office`, `decision_annulled`, `no_fine_due`, `nothing_owed`, `payment_day`, `number`,
    /// `no_sum`, `receipt_taken`, `case_moved_on`, what the engine says of the step, or the store.
    pub async fn receive(&self, by: By, case: CaseId, receipt: &Receipt) -> Result<Bill, Refusal> {
        let (who, loaded) = self.cashier(by, case, Seat::Officer).await?;
        let (now, rows) = (self.now(), self.store().payments(case).await?);
        let today = now.shanghai_date();
        let mut account = self.account(&loaded, &rows, today)?.ok_or_else(no_fine)?;
        if receipt.on > today || receipt.on < account.served {
            let what = Text::new("缴款日期不早于送达之日，不晚于今天。", "Not before it was served, and not to come.");
            return Err(day_refused(what));
        }
        if account.debt.owed(receipt.on).total_fen == 0 {
            return Err(conflict(
                "nothing_owed",
                Text::new("罚款已经缴清。", "Nothing is owed any more."),
                Text::new("多缴的款项应当退还。", "What is paid above it goes back."),
            ));
        }
        let number = number(&receipt.number)?;
        account.debt.pay(Payment { on: receipt.on, fen: receipt.fen })?;
        let owed = account.debt.owed(today);
        let row = NewPayment {
            case,
            seen: receipt.seen,
            kind: PaymentKind::Received,
            day: receipt.on,
            fen: receipt.fen,
            receipt: number.clone(),
            body: sealed(&Words::Received {})?,
            clauses: account.clause(),
            by: who.account,
            text: Text::of(
                format!("案件 {} 收到缴款 {} 元。", loaded.row.number, yuan(receipt.fen)),
                format!("Case {}: {} yuan paid.", loaded.row.number, yuan(receipt.fen)),
            ),
        };
        let ends = owed.total_fen == 0 && loaded.case.done(PAY).is_none();
        let saved = if ends {
            let act = paid_act(&account, &rows, &owed, receipt.on, &number);
            self.act_with_payment(&who, loaded, act, &row).await?
        } else {
            self.store().add_payment(&row, None, now).await?
        };
        kept(saved)?;
        self.owed(by, case, today).await?.ok_or_else(no_fine)
    }

    /// Gives leave to pay later or in parts, from today: the head's.
    ///
    /// # Errors
    /// As [`Self::receive`]; no permission where the account is no head's, and those of `Debt::give_leave`.
    pub async fn defer(&self, by: By, case: CaseId, form: &Deferral) -> Result<Bill, Refusal> {
        let (who, loaded) = self.cashier(by, case, Seat::Head).await?;
        let (now, rows) = (self.now(), self.store().payments(case).await?);
        let today = now.shanghai_date();
        let mut account = self.account(&loaded, &rows, today)?.ok_or_else(no_fine)?;
        if form.asked_on > today || form.asked_on < account.served {
            let what = Text::new("申请日期不早于送达之日，不晚于今天。", "Not before it was served, and not to come.");
            return Err(day_refused(what));
        }
        let reasons = reason(&form.reasons).ok_or_else(|| {
            bad("reasons", Text::new("请用自己的话写明批准的理由。", "Say in your own words why leave is given."))
        })?;
        account.debt.give_leave(Leave { on: today, parts: form.parts.clone() })?;
        let until = account.debt.last_day();
        let number = loaded.row.number;
        let row = NewPayment {
            case,
            seen: form.seen,
            kind: PaymentKind::Deferred,
            day: today,
            fen: 0,
            receipt: String::new(),
            body: sealed(&Words::Deferred { asked_on: form.asked_on, parts: form.parts.clone(), reasons })?,
            clauses: self.clauses_of_leave(account.procedure),
            by: who.account,
            text: Text::of(
                format!("案件 {number} 批准暂缓或者分期缴纳罚款，至 {until}。"),
                format!("Case {number}: leave to pay later or in parts, until {until}."),
            ),
        };
        kept(self.store().add_payment(&row, None, now).await?)?;
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
        kept(self.store().add_payment(&row, None, now).await?)?;
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
        kept(self.store().add_payment(&row, None, now).await?)?;
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
        body: sealed(words)?,
        clauses: vec![ClauseId::new(STILL)],
        by: who.account,
        text,
    })
}

/// The step by which the fine is paid, filled in from what was paid. Its form has whole yuan; the rows have the fen.
fn paid_act(account: &Account<'_>, rows: &[PaymentRow], owed: &Owed, on: CivilDate, receipt: &str) -> CaseAct {
    let deferred = rows.iter().any(|r| r.kind == PaymentKind::Deferred).then(|| account.debt.last_day().to_string());
    let known = [
        (PAID, Some(account.fine_yuan.to_string())),
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

fn kept(saved: PaymentSaved) -> Result<(), Refusal> {
    match saved {
        PaymentSaved::Done { .. } => Ok(()),
        PaymentSaved::MovedOn => Err(moved_on()),
        PaymentSaved::Unknown => Err(super::no_case()),
        PaymentSaved::Full => Err(not_saved(&Saved::Full)),
        PaymentSaved::ReceiptTaken => Err(conflict(
            "receipt_taken",
            Text::new("这张票据已经登记过。", "This receipt is entered already."),
            Text::new("请核对票据号码。", "Compare its number."),
        )),
    }
}
