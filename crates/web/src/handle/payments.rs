//! The money of a fine and of confiscated gains: the bill of a case, and what is entered about it.
//!
//! ```text
//! GET  /cases/{id}/payments ─▶ Authority::owed ─▶ bill, rows, forms of this account's seat
//! POST …/payments ─▶ receive      POST …/payments/leave ─▶ defer (head)      POST …/payments/still ─▶ stand_still | go_on
//! POST …/payments/reverse ─▶ reverse (head)
//! ```
//! Always true: sums and days come from the corridor; a form that was refused comes back with what was typed; each act carries how many rows
//! its page had seen, so that of two tabs the second is told.

use super::ask::{Wrong, sees_whole, values};
use super::case::{head, view_of};
use super::inbox::{by, of};
use crate::answer::{Reply, page, page_with};
use crate::call::Call;
use crate::pages::ask::Shown;
use crate::pages::case::ValueLine;
use crate::pages::payments::{BillView, MoneyRow, MoneyTyped, PaymentsPage};
use crate::pages::{Choice, Mark, Nav, State};
use authority::cases::{
    Bill, CaseView, Deferral, Halted, MoneyLine, Receipt, Resuming, Reversal, StillCause, Stopping,
};
use base::{CivilDate, Refusal, Text};
use domain::access::Permission;
use domain::casework::{ASK_DEFERRAL, REFUSE_DEFERRAL, fields_of};
use domain::payment::{Part, yuan};
use law::ProcedureKind;
use store::casework::payments::PaymentKind;

/// Fen of a yuan.
const FEN: u64 = 100;
/// Digits before the point of a sum.
const DIGITS: usize = 10;
/// Most lines of the parts of a leave.
const PARTS: usize = 200;

fn bad(code: &str, what: Text) -> Refusal {
    Refusal::bad_input(code, what, Text::new("请更正后重新提交。", "Correct it and submit again."))
}

/// `1234.05` as fen; `None` for anything else.
fn fen_of(text: &str) -> Option<u64> {
    let (whole, rest) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || whole.len() > DIGITS || rest.len() > 2 || !digits(whole) || !digits(rest) {
        return None;
    }
    let rest: u64 = format!("{rest:0<2}").parse().ok()?;
    whole.parse::<u64>().ok()?.checked_mul(FEN)?.checked_add(rest)
}

fn day_of(text: &str, code: &str) -> Result<CivilDate, Refusal> {
    CivilDate::parse(text).ok_or_else(|| bad(code, Text::new("请填写日期。", "Enter the day.")))
}

/// Parts as they were typed, a line each.
fn parts_of(text: &str) -> Result<Vec<Part>, Refusal> {
    let wrong = || {
        let what = Text::new("每行写一期：日期和金额，中间空一格。", "A line each: day and sum with a space between.");
        bad("parts", what)
    };
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|l| !l.is_empty()).collect();
    if lines.is_empty() || lines.len() > PARTS {
        return Err(wrong());
    }
    let part = |line: &str| {
        let (by, sum) = line.split_once(char::is_whitespace)?;
        Some(Part { by: CivilDate::parse(by)?, fen: fen_of(sum)? })
    };
    lines.into_iter().map(|line| part(line).ok_or_else(wrong)).collect()
}

fn part_words(part: &Part) -> Text {
    let (by, sum) = (part.by, yuan(part.fen));
    Text::of(format!("{by}前缴纳{sum}元"), format!("{sum} yuan by {by}"))
}

fn row(line: &MoneyLine, whole: bool, sees_log: bool) -> MoneyRow {
    let cause = line.cause.map(StillCause::name).unwrap_or_default();
    let what = match line.kind {
        PaymentKind::Received if line.is_reversed => {
            Text::new("收到缴款（已冲销，不计入）", "payment (reversed, not counted)")
        }
        PaymentKind::Received => Text::new("收到缴款", "payment"),
        PaymentKind::Reversed => {
            let n = line.of.unwrap_or_default();
            Text::of(format!("冲销第{n}条缴款"), format!("payment {n} reversed"))
        }
        PaymentKind::Deferred => Text::new("批准暂缓或者分期", "leave to pay later or in parts"),
        PaymentKind::Stopped => {
            Text::of(format!("加处罚款停止计算：{}", cause.zh), format!("the surcharge stands still: {}", cause.en))
        }
        PaymentKind::Resumed => Text::new("加处罚款恢复计算", "the surcharge goes on"),
    };
    // Somebody's need is told to the party alone; what had been entered wrongly is the office's.
    let tells = whole != (line.kind == PaymentKind::Reversed);
    let mut parts: Vec<Text> = line.parts.iter().map(part_words).collect();
    if line.gains_fen > 0 {
        let gains = yuan(line.gains_fen);
        parts.push(Text::of(format!("其中没收违法所得{gains}元"), format!("of it confiscated gains: {gains} yuan")));
    }
    MoneyRow {
        day: line.day.to_string(),
        what,
        sum: if line.fen > 0 { yuan(line.fen) } else { String::new() },
        number: line.number.clone(),
        parts,
        reasons: if tells { Shown(line.reasons.expose().clone()) } else { Shown::default() },
        log: sees_log.then_some(line.entry),
    }
}

fn state(bill: &Bill) -> State {
    if bill.annulled {
        State::new(Mark::Off, "决定已被变更或者撤销", "the decision was changed or annulled")
    } else if bill.owed.total_fen == 0 {
        State::new(Mark::Ok, "已缴清", "paid")
    } else if bill.halted.is_some() {
        State::new(Mark::Off, "缴款期限停止计算", "the term stands still")
    } else if bill.still_since.is_some() {
        State::new(Mark::Off, "停止计算", "stands still")
    } else if bill.is_late() {
        State::new(Mark::Critical, "逾期", "late")
    } else {
        State::new(Mark::Warning, "待缴", "to be paid")
    }
}

/// Why and since when the term stands still, and what is left of it.
fn halted(halted: &Halted) -> Text {
    let Halted { since, cause, left } = halted;
    Text::of(
        format!("自{since}起停止计算（{}），登记恢复后再计{left}日；其间可以缴款，不加处罚款。", cause.zh),
        format!(
            "stands still since {since} ({}); {left} {} of it are left when it goes on. Money is taken meanwhile, without surcharge.",
            cause.en,
            base::plural(usize::try_from(*left).unwrap_or(usize::MAX), "day", "days"),
        ),
    )
}

/// The bill as a page shows it.
pub(crate) fn bill_view(call: &Call, bill: &Bill) -> BillView {
    let owed = &bill.owed;
    let counts = |line: &&MoneyLine| line.kind == PaymentKind::Received && !line.is_reversed;
    let paid: u64 = bill.lines.iter().filter(counts).map(|l| l.fen).sum();
    // What was entered with the step alone has no row.
    let imposed = bill.fine_yuan.saturating_add(bill.gains_yuan).saturating_mul(FEN);
    let by_step = imposed.saturating_add(owed.surcharge_fen).saturating_sub(owed.total_fen);
    let has_gains = bill.gains_yuan > 0;
    let (whole, sees_log) = (sees_whole(call), call.may(Permission::SeeLog));
    BillView {
        fine: bill.fine_yuan.to_string(),
        gains: if has_gains { bill.gains_yuan.to_string() } else { String::new() },
        gains_owed: if has_gains { yuan(owed.gains_fen) } else { String::new() },
        paid: yuan(paid.max(by_step)),
        surcharge: yuan(owed.surcharge_fen),
        capped: owed.capped,
        total: yuan(owed.total_fen),
        over: if owed.over_fen > 0 { yuan(owed.over_fen) } else { String::new() },
        state: state(bill),
        due: bill.due.to_string(),
        halted: bill.halted.as_ref().map(halted).unwrap_or_default(),
        last_day: bill.last_day.to_string(),
        pay_where: bill.pay_where.clone(),
        still: bill.still_since.map(|day| day.to_string()).unwrap_or_default(),
        lines: owed.lines.iter().map(domain::payment::Line::text).collect(),
        clauses: bill.clauses.clone(),
        rows: bill.lines.iter().map(|line| row(line, whole, sees_log)).collect(),
    }
}

/// The fields as they were sent.
fn typed(call: &Call) -> MoneyTyped {
    let sent = |name: &str| call.form.raw(name).to_owned();
    let on = sent("on");
    MoneyTyped {
        on: if on.is_empty() { call.now().shanghai_date().to_string() } else { on },
        yuan: sent("yuan"),
        gains: sent("gains"),
        number: sent("number"),
        asked_on: sent("asked_on"),
        parts: sent("parts"),
        reasons: Shown(sent("reasons")),
        day: sent("day"),
        paper: sent("paper"),
        why: Shown(sent("why")),
    }
}

/// Where the enforcement of this fine is opened; empty where nothing leads to it now.
async fn enforcement(call: &Call, view: &CaseView) -> Result<String, Refusal> {
    if !call.may(Permission::HandleCases) {
        return Ok(String::new());
    }
    let next = of(call)?.next_cases(by(call)?, view.row.id).await?;
    let found = next.into_iter().find(|p| p.kind == ProcedureKind::Enforcement);
    Ok(found.map(|p| format!("/cases/new?procedure={}&from={}", p.id, view.row.id)).unwrap_or_default())
}

/// Payments that the head can take back.
fn reversible(call: &Call, bill: &Bill) -> Vec<Choice> {
    if bill.annulled || !call.may(Permission::ApproveCases) {
        return Vec::new();
    }
    let chosen = call.form.get("row");
    let choice = |line: &MoneyLine| {
        let (n, day, sum, number) = (line.n.to_string(), line.day, yuan(line.fen), &line.number);
        let name = Text::of(format!("{day} {sum}元 {number}"), format!("{day}, {sum} yuan, {number}"));
        Choice::new(&n, name, chosen == n)
    };
    let counts = |line: &&MoneyLine| line.kind == PaymentKind::Received && !line.is_reversed;
    bill.lines.iter().filter(counts).map(choice).collect()
}

/// The day of the party's request that is not answered yet, and what it says; of its words only what was opened for who decides.
async fn request(call: &Call, view: &CaseView, decides: bool) -> Result<(String, Vec<ValueLine>), Refusal> {
    let Some(asked) = view.case.done(ASK_DEFERRAL).filter(|_| view.asks_deferral()) else {
        return Ok((String::new(), Vec::new()));
    };
    let words = decides && of(call)?.open_words(by(call)?, view).await?;
    let fields = fields_of(view.procedure(), ASK_DEFERRAL);
    Ok((asked.on.to_string(), values(call, &fields, &asked.values, words)))
}

async fn payments_page(call: &Call, view: &CaseView, mut wrong: Wrong) -> Result<PaymentsPage, Refusal> {
    let bill = of(call)?.owed(by(call)?, view.row.id, call.now().shanghai_date()).await?;
    let mut bar = call.bar(Nav::Cases).await?;
    wrong.on(&mut bar);
    let owed = bill.as_ref().filter(|b| view.acts_here && !b.annulled).map(|b| &b.owed);
    let open = owed.is_some_and(|owed| owed.total_fen > 0);
    let owes_fine = owed.is_some_and(|owed| owed.of_fine_fen() > 0);
    let owes_gains = owed.is_some_and(|owed| owed.gains_fen > 0);
    let chosen = call.form.get("cause");
    let cause = |c: &StillCause| Choice::new(c.code(), c.name(), c.code() == chosen);
    let decides = call.may(Permission::ApproveCases) && view.acts_here;
    let (asked_on, asked) = request(call, view, decides && owes_fine).await?;
    let refuse = format!("/cases/{}/steps/{REFUSE_DEFERRAL}", view.row.id);
    let mut typed = typed(call);
    if typed.asked_on.is_empty() {
        typed.asked_on = asked_on;
    }
    Ok(PaymentsPage {
        l: call.lang,
        bar,
        head: head(call, view).await?,
        rows: bill.as_ref().map_or(0, |b| b.seen),
        bill: bill.as_ref().map(|b| bill_view(call, b)),
        may_receive: open && call.may(Permission::HandleCases),
        owes_fine,
        owes_gains,
        // Leave is of the fine: also once it is paid and its surcharge is not, as before.
        may_defer: owes_fine && call.may(Permission::ApproveCases),
        refuse: if decides && !asked.is_empty() { refuse } else { String::new() },
        asked,
        wrong: bill.as_ref().filter(|_| view.acts_here).map(|bill| reversible(call, bill)).unwrap_or_default(),
        causes: StillCause::ALL.iter().map(cause).collect(),
        enforce: enforcement(call, view).await?,
        typed,
        errors: wrong.errors,
    })
}

/// `GET /cases/{id}/payments`.
pub(crate) async fn show(call: Call) -> Reply {
    let view = view_of(&call).await?;
    page(&payments_page(&call, &view, Wrong::none()).await?)
}

/// The field that a refusal is about.
fn field_of(refusal: &Refusal, own: &'static str) -> &'static str {
    match refusal.code.as_str() {
        "number" if own == "yuan" => "number",
        "number" => "paper",
        "receipt_taken" => "number",
        "no_sum" | "nothing_owed" | "sum" => "yuan",
        "gains" | "no_gains_owed" => "gains",
        "payment_day" if own == "yuan" => "on",
        "payment_day" if own == "parts" => "asked_on",
        "payment_day" | "day" => "day",
        "on" => "on",
        "asked_on" => "asked_on",
        "reasons" if own == "row" => "why",
        "reasons" => "reasons",
        "cause" => "cause",
        _ => own,
    }
}

/// Back to the bill, or the form again with what was typed.
async fn answered(call: &Call, done: Result<Bill, Refusal>, own: &'static str) -> Reply {
    let view = view_of(call).await?;
    match done {
        Ok(_) => call.done(&format!("/cases/{}/payments", view.row.id), "payment_kept"),
        Err(refusal) => {
            // Where gains alone are owed the form has no other sum.
            let at = match field_of(&refusal, own) {
                "yuan" if call.form.all("yuan").is_empty() => "gains",
                at => at,
            };
            let wrong = Wrong::of(refusal, at)?;
            page_with(wrong.status, &payments_page(call, &view, wrong).await?)
        }
    }
}

fn rows_seen(call: &Call) -> u32 {
    call.form.get("rows").parse().unwrap_or_default()
}

/// `POST /cases/{id}/payments`: `on`, `yuan`, `gains`, `number`, `rows`.
pub(crate) async fn receive(call: Call) -> Reply {
    let done = received(&call).await;
    answered(&call, done, "yuan").await
}

/// A sum that may be left empty where the other one is not.
fn sum_of(text: &str, code: &str) -> Result<u64, Refusal> {
    let wrong = || bad(code, Text::new("金额写成 1234 或者 1234.05。", "Write the sum as 1234 or 1234.05."));
    if text.trim().is_empty() { Ok(0) } else { fen_of(text).ok_or_else(wrong) }
}

async fn received(call: &Call) -> Result<Bill, Refusal> {
    let authority = of(call)?;
    let on = day_of(call.form.get("on"), "on")?;
    let (fen, gains_fen) = (sum_of(call.form.get("yuan"), "sum")?, sum_of(call.form.get("gains"), "gains")?);
    let receipt = Receipt { seen: rows_seen(call), on, fen, gains_fen, number: call.form.get("number").to_owned() };
    authority.receive(by(call)?, super::case::id_of(call)?, &receipt).await
}

/// `POST /cases/{id}/payments/leave`: `asked_on`, `parts`, `reasons`, `rows`.
pub(crate) async fn defer(call: Call) -> Reply {
    let done = deferred(&call).await;
    answered(&call, done, "parts").await
}

async fn deferred(call: &Call) -> Result<Bill, Refusal> {
    let form = Deferral {
        seen: rows_seen(call),
        asked_on: day_of(call.form.get("asked_on"), "asked_on")?,
        parts: parts_of(call.form.raw("parts"))?,
        reasons: call.form.raw("reasons").to_owned(),
    };
    of(call)?.defer(by(call)?, super::case::id_of(call)?, &form).await
}

/// `POST /cases/{id}/payments/still`: `act` = `stop` or `go_on`, `cause`, `day`, `paper`, `rows`.
pub(crate) async fn still(call: Call) -> Reply {
    let done = stilled(&call).await;
    answered(&call, done, "day").await
}

async fn stilled(call: &Call) -> Result<Bill, Refusal> {
    let (authority, who, case) = (of(call)?, by(call)?, super::case::id_of(call)?);
    let day = day_of(call.form.get("day"), "day")?;
    let (seen, paper) = (rows_seen(call), call.form.get("paper").to_owned());
    if call.form.get("act") == "go_on" {
        return authority.go_on(who, case, &Resuming { seen, to: day, paper }).await;
    }
    let cause = StillCause::parse(call.form.get("cause"))
        .ok_or_else(|| bad("cause", Text::new("请选择复议或者诉讼。", "Choose the review or the suit.")))?;
    authority.stand_still(who, case, &Stopping { seen, cause, from: day, paper }).await
}

/// `POST /cases/{id}/payments/reverse`: `row`, `why`, `rows`.
pub(crate) async fn reverse(call: Call) -> Reply {
    let done = reversed(&call).await;
    answered(&call, done, "row").await
}

async fn reversed(call: &Call) -> Result<Bill, Refusal> {
    let row = call.form.get("row").parse().unwrap_or_default();
    let form = Reversal { seen: rows_seen(call), row, reasons: call.form.raw("why").to_owned() };
    of(call)?.reverse(by(call)?, super::case::id_of(call)?, &form).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_has_two_decimals_at_most() {
        for (text, fen) in
            [("5000", 500_000), ("0.05", 5), ("12.5", 1_250), (" 7 ", 700), ("9999999999", 999_999_999_900)]
        {
            assert_eq!(fen_of(text), Some(fen), "{text}");
        }
        for text in ["", ".", ".5", "1.234", "-5", "1e3", "１２", "12345678901", "5,000"] {
            assert_eq!(fen_of(text), None, "{text}");
        }
    }

    #[test]
    fn an_empty_sum_is_nothing_and_a_wrong_one_names_its_field() {
        assert_eq!((sum_of(" ", "sum").unwrap(), sum_of("1.5", "gains").unwrap()), (0, 150));
        assert_eq!(sum_of("1,5", "gains").unwrap_err().code, "gains");
        assert_eq!(field_of(&sum_of("x", "gains").unwrap_err(), "yuan"), "gains");
        assert_eq!(field_of(&sum_of("x", "sum").unwrap_err(), "yuan"), "yuan");
    }

    #[test]
    fn parts_stand_a_line_each() {
        let parts = parts_of("2026-04-10 2000\r\n\n 2026-05-10  3000.50 \n").unwrap();
        assert_eq!(parts.iter().map(|p| p.fen).collect::<Vec<_>>(), [200_000, 300_050]);
        assert_eq!(part_words(&parts[0]).en, "2000 yuan by 2026-04-10");
        for text in ["", "2026-04-10", "2000 2026-04-10", "2026-04-10,2000", &"2026-04-10 1\n".repeat(PARTS + 1)] {
            assert_eq!(parts_of(text).unwrap_err().code, "parts");
        }
    }
}
