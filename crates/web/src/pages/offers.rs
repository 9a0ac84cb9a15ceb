//! Offers of benefits and demands to use a product: the form, what the law says to each kind, and what was recorded.

use super::{AppBar, Choice, FormErrors, Pager, Say, State, words};
use askama::Template;
use base::{Citation, Lang, Text, UtcMs};

/// An offer of the list.
#[derive(Debug, Clone, Default)]
pub struct OfferLine {
    /// Place of its entry in the log.
    pub index: u64,
    /// What it was.
    pub kind: Text,
    /// What became of it.
    pub outcome: State,
    /// On which day.
    pub on: String,
    /// Who offered or demanded.
    pub who: String,
    /// On whose behalf; empty: on nobody's else.
    pub behalf: String,
    /// Paragraphs of what happened.
    pub words: Vec<String>,
    /// The law refused taking it up.
    pub refused: bool,
    /// Clauses that forbid it; none where no clause permits it.
    pub clauses: Vec<Citation>,
    /// Who recorded it.
    pub by: String,
    /// When.
    pub at: UtcMs,
}

/// The form as typed.
#[derive(Debug, Clone, Default)]
pub struct OfferFields {
    /// What it was.
    pub kinds: Vec<Choice>,
    /// Who.
    pub who: String,
    /// On whose behalf.
    pub behalf: String,
    /// On which day.
    pub on: String,
    /// The last day that can be entered.
    pub today: String,
    /// What became of it.
    pub outcomes: Vec<Choice>,
    /// What happened.
    pub words: String,
    /// Most characters of what happened.
    pub most: usize,
}

/// `GET /offers?before=`, posted there (`kind`, `who`, `behalf`, `on`, `outcome`, `words`).
#[derive(Template, Debug, Clone, Default)]
#[template(path = "offers.html")]
pub struct OffersPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// What is wrong with what was sent.
    pub errors: FormErrors,
    /// The form.
    pub f: OfferFields,
    /// What the law here says today to taking up each kind; no clause: none permits it.
    pub law: Vec<(Text, Vec<Citation>)>,
    /// Everybody's; else only one's own.
    pub all: bool,
    /// Offers, the newest first.
    pub lines: Vec<OfferLine>,
    /// Older ones.
    pub pager: Pager,
}
