//! What is owed of a fine and of confiscated gains: the bill that officers, the head and the party see, and the forms by which money and leave
//! are entered.
//!
//! What flows through: `authority::cases::Bill` as words and sums in yuan. Always true: no sum is made here; every stretch of the surcharge
//! is a sentence of its own; why leave was given is [`Shown`], for it may be about somebody's need.

use super::ask::Shown;
use super::case::{CaseHead, ValueLine};
use super::{AppBar, Choice, FormErrors, Say, State};
use askama::Template;
use base::{Citation, Lang, Text};

/// Something that was entered.
#[derive(Debug, Clone, Default)]
pub struct MoneyRow {
    /// Its day, `YYYY-MM-DD`.
    pub day: String,
    /// What it is.
    pub what: Text,
    /// Sum, yuan; empty: no money.
    pub sum: String,
    /// Number of the receipt or paper; empty: none.
    pub number: String,
    /// Parts of a leave, or what of a payment is for the gains, a sentence each.
    pub parts: Vec<Text>,
    /// Why leave was given; empty for who may not see it.
    pub reasons: Shown,
    /// Place of its entry, for who may see the log.
    pub log: Option<u64>,
}

/// What is owed today. Sums are yuan, with two decimals where there are fen.
#[derive(Debug, Clone, Default)]
pub struct BillView {
    /// The fine; 0: none.
    pub fine: String,
    /// The confiscated gains; empty: none.
    pub gains: String,
    /// Unpaid of them.
    pub gains_owed: String,
    /// Paid so far.
    pub paid: String,
    /// Surcharge in all.
    pub surcharge: String,
    /// The surcharge is at its cap.
    pub capped: bool,
    /// Owed in all.
    pub total: String,
    /// Paid too much; empty: nothing.
    pub over: String,
    /// In time, late, paid, annulled.
    pub state: State,
    /// Last day that the law sets.
    pub due: String,
    /// Why the term stands still, and since when; empty: it runs.
    pub halted: Text,
    /// Last day with leave.
    pub last_day: String,
    /// Where to pay; empty: as the decision says.
    pub pay_where: String,
    /// Since when the surcharge stands still; empty: it runs.
    pub still: String,
    /// How the surcharge came about.
    pub lines: Vec<Text>,
    /// Clauses of all of it.
    pub clauses: Vec<Citation>,
    /// What was entered.
    pub rows: Vec<MoneyRow>,
}

/// The forms as they were typed.
#[derive(Debug, Clone, Default)]
pub struct MoneyTyped {
    /// Day of the money, field `on`.
    pub on: String,
    /// Sum in yuan for the fine and its surcharge, field `yuan`.
    pub yuan: String,
    /// Sum in yuan for the confiscated gains, field `gains`.
    pub gains: String,
    /// Number of the receipt, field `number`.
    pub number: String,
    /// Day on which leave was asked for, field `asked_on`.
    pub asked_on: String,
    /// Parts, a line each of day and yuan, field `parts`.
    pub parts: String,
    /// Why leave is given, field `reasons`.
    pub reasons: Shown,
    /// First or last day of standing still, field `day`.
    pub day: String,
    /// Number of the paper, field `paper`.
    pub paper: String,
    /// What is wrong with a payment, field `why`.
    pub why: Shown,
}

/// `GET /cases/{id}/payments`. Posted there (`on`, `yuan`, `gains`, `number`), to `…/leave` (`asked_on`, `parts`, `reasons`), to `…/still` (`cause`,
/// `day`, `paper`) and to `…/reverse` (`row`, `why`); each with `rows`, how many rows the page had seen.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "case_payments.html")]
pub struct PaymentsPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Head.
    pub head: CaseHead,
    /// The bill; none where neither a fine nor confiscated gains were served.
    pub bill: Option<BillView>,
    /// Rows that this page has seen.
    pub rows: u32,
    /// Money can be entered by this account.
    pub may_receive: bool,
    /// Something of the fine or its surcharge is owed: the form asks for that sum.
    pub owes_fine: bool,
    /// Something of the confiscated gains is owed: the form asks for that sum.
    pub owes_gains: bool,
    /// Leave can be given by this account.
    pub may_defer: bool,
    /// What the party asked for and is not answered yet; empty: nothing.
    pub asked: Vec<ValueLine>,
    /// Where it is refused; empty: not by this account, or nothing is asked.
    pub refuse: String,
    /// Payments that this account can take back; empty: none.
    pub wrong: Vec<Choice>,
    /// For what the surcharge can stand still.
    pub causes: Vec<Choice>,
    /// Where the enforcement is opened; empty: not now, or not by this account.
    pub enforce: String,
    /// As typed.
    pub typed: MoneyTyped,
    /// What is wrong.
    pub errors: FormErrors,
}

impl PaymentsPage {
    /// The surcharge stands still: the form lets it go on.
    #[must_use]
    pub fn stands(&self) -> bool {
        self.bill.as_ref().is_some_and(|bill| !bill.still.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn why_leave_was_given_is_not_printed() {
        let row = MoneyRow { reasons: "停业三个月".into(), ..MoneyRow::default() };
        let typed = MoneyTyped { reasons: "停业三个月".into(), ..MoneyTyped::default() };
        assert!(!format!("{row:?} {typed:?}").contains("停业"));
    }

    #[test]
    fn the_page_knows_whether_the_surcharge_stands_still() {
        let of = |still: &str| BillView { still: still.into(), ..BillView::default() };
        let page = |bill| PaymentsPage { bill, ..PaymentsPage::default() };
        assert!(page(Some(of("2026-03-02"))).stands());
        assert!(!page(Some(of(""))).stands() && !page(None).stands());
    }
}
