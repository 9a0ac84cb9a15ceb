//! The forms by which money is entered, and the bill that comes of it, as pages and tests hand them in and read them.
//!
//! What flows through: [`Receipt`], [`Deferral`], [`Stopping`], [`Resuming`], [`Reversal`] into the corridor of `payments`, [`Bill`] out of it.
//! Always true: nothing is decided here but what of a bill is late; why leave was given and what was entered wrongly is printed nowhere.

use base::{Citation, CivilDate, Pii, Text};
use domain::payment::{Owed, Part};
use serde::{Deserialize, Serialize};
use store::casework::payments::PaymentKind;

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
            Self::Review => Text::new("行政复议", "administrative reconsideration"),
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
    /// Sum for the fine and its surcharge, fen; 0: none.
    pub fen: u64,
    /// Sum for the confiscated gains, fen; 0: none. One receipt may be for both.
    pub gains_fen: u64,
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

/// A payment that was entered wrongly.
#[derive(Clone, PartialEq, Eq)]
pub struct Reversal {
    /// Rows that the page had seen.
    pub seen: u32,
    /// Place of its row.
    pub row: u32,
    /// What is wrong with it.
    pub reasons: String,
}

/// Without the reasons.
impl std::fmt::Debug for Reversal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Reversal(row {})", self.row)
    }
}

/// A row for people.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MoneyLine {
    /// Its place, from 1.
    pub n: u32,
    /// The row that counts no more by this one.
    pub of: Option<u32>,
    /// It counts no more itself.
    pub is_reversed: bool,
    /// What it is.
    pub kind: PaymentKind,
    /// Its day.
    pub day: CivilDate,
    /// Sum, fen; 0 where it is no money.
    pub fen: u64,
    /// Of it for the confiscated gains, fen.
    pub gains_fen: u64,
    /// Number of the receipt or paper; empty: none.
    pub number: String,
    /// Parts of a leave.
    pub parts: Vec<Part>,
    /// For what the surcharge stands still.
    pub cause: Option<StillCause>,
    /// Why leave was given, or why a row counts no more.
    pub reasons: Pii<String>,
    /// Place of its entry.
    pub entry: u64,
}

/// The term of payment stands still: it has no last day until it goes on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Halted {
    /// First day that does not count.
    pub since: CivilDate,
    /// What lets it stand still.
    pub cause: Text,
    /// Days still to count when it goes on, as the term is counted.
    pub left: u32,
}

/// What is owed of the fine and the confiscated gains of a case.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Bill {
    /// The fine, yuan; 0: none.
    pub fine_yuan: u64,
    /// The confiscated gains, yuan; 0: none.
    pub gains_yuan: u64,
    /// Last day of the term that the law sets; while it stands still the earliest that it could be.
    pub due: CivilDate,
    /// The term stands still. Money is taken all the same, and nothing is added to it.
    pub halted: Option<Halted>,
    /// Last day of the fine with the leave that was given; the gains keep `due`.
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
        let rests = self.still_since.is_some() || self.halted.is_some();
        self.is_late() && !rests && !self.annulled
    }

    /// Something is owed though its last day is over, whatever lets it rest.
    #[must_use]
    pub fn is_late(&self) -> bool {
        self.is_fine_late() || self.are_gains_late()
    }

    /// Fine or surcharge is owed after the last day, also by leave.
    #[must_use]
    pub fn is_fine_late(&self) -> bool {
        self.owed.of_fine_fen() > 0 && self.last_day < self.owed.on
    }

    /// Gains are owed after the term; no leave moves it.
    #[must_use]
    pub fn are_gains_late(&self) -> bool {
        self.owed.gains_fen > 0 && self.due < self.owed.on
    }
}
