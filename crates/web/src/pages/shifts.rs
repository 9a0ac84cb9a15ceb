//! The watch: who is on duty, handing over, and the month as it was.

use super::{AppBar, Choice, FormErrors, Say};
use askama::Template;
use base::{Lang, Text, UtcMs};

/// How the watch stands for whoever looks at the page.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Standing {
    /// Nobody is on duty.
    #[default]
    Free,
    /// This person is.
    Own,
    /// This person is, and has offered it.
    Offered,
    /// Another is.
    Other,
    /// Another is, and offers it to this person.
    ToMe,
}

impl Standing {
    /// Is it `name`? For templates.
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        match self {
            Self::Free => name == "free",
            Self::Own => name == "own",
            Self::Offered => name == "offered",
            Self::Other => name == "other",
            Self::ToMe => name == "to_me",
        }
    }
}

/// A handover as it was written down.
#[derive(Debug, Clone, Default)]
pub struct Handover {
    /// Who wrote it.
    pub by: String,
    /// For whom.
    pub to: String,
    /// When.
    pub at: UtcMs,
    /// Note.
    pub note: String,
    /// Open items.
    pub items: Vec<Text>,
}

/// `GET /shift`. Posts to `/shift/begin`, `/shift/offer` (`to`, `note`), `/shift/accept`, `/shift/end-offer`, `/shift/take`
/// (`reason`).
#[derive(Template, Debug, Clone, Default)]
#[template(path = "shift.html")]
pub struct ShiftPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// What is wrong with what was sent.
    pub errors: FormErrors,
    /// How it stands.
    pub standing: Standing,
    /// Who is on duty.
    pub holder: String,
    /// Since when.
    pub since: UtcMs,
    /// Why it was taken without a handover.
    pub why: String,
    /// The offer that waits for an answer.
    pub offer: Option<Handover>,
    /// What the one before wrote.
    pub received: Option<Handover>,
    /// What is open now.
    pub items: Vec<Text>,
    /// People who stand watch.
    pub people: Vec<Choice>,
    /// Note as typed.
    pub note: String,
    /// Reason as typed.
    pub reason: String,
}

/// One shift of the month.
#[derive(Debug, Clone)]
pub struct RosterLine {
    /// From.
    pub since: UtcMs,
    /// To; `None` while it lasts.
    pub until: Option<UtcMs>,
    /// Who.
    pub who: String,
    /// How it began.
    pub how: Text,
    /// It was taken without a handover.
    pub alone: bool,
    /// Open items at its end.
    pub items: usize,
}

/// One day of the month.
#[derive(Debug, Clone)]
pub struct RosterDay {
    /// `2026-11-21`.
    pub date: String,
    /// Shifts that touch it.
    pub shifts: Vec<RosterLine>,
}

/// `GET /shift/roster?month=2026-11`.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "roster.html")]
pub struct RosterPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// `2026-11`.
    pub month: String,
    /// The month before.
    pub previous: String,
    /// The month after; empty = it has not begun.
    pub next: String,
    /// Days with shifts, in order.
    pub days: Vec<RosterDay>,
}
