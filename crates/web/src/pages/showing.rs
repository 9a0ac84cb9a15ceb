//! Showing footage to a citizen at the site: the order as the custodian has it to do, and the page on which papers are ticked as seen.
//!
//! What flows through: an order to show, what may be chosen of it, the requests made of it, what the register says was shown. Invariants: no
//! name of a citizen stands on a page but in the field in which it is typed; what is to be covered is said before it is shown.

use super::{AppBar, Choice, FormErrors, Say, State};
use askama::Template;
use base::{Citation, Lang, Text, UtcMs};

/// A request that was made of an order.
#[derive(Debug, Clone, Default)]
pub struct OrderRequest {
    /// Its id.
    pub id: String,
    /// Number people quote.
    pub number: String,
    /// How it stands.
    pub state: State,
}

/// What the custodian chose of an order.
#[derive(Debug, Clone, Default)]
pub struct ShowTyped {
    /// From, as the field takes it.
    pub from: String,
    /// Until.
    pub to: String,
    /// Login name of who stands beside.
    pub beside: String,
    /// Why it is not possible.
    pub reason: String,
}

/// `GET /use/orders/{id}`: an order to show footage; `request` and `finish` below it are posted.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "use_order.html")]
pub struct OrderPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// What is wrong with what was sent.
    pub errors: FormErrors,
    /// Id of the order.
    pub id: String,
    /// Its number.
    pub number: u64,
    /// How it stands.
    pub state: State,
    /// Number of the authority's case.
    pub case: String,
    /// Number of the paper that the citizen shows.
    pub paper: String,
    /// What may be seen, as the decision says; empty: it says nothing more.
    pub scope: String,
    /// Which time, in words.
    pub span: String,
    /// Of use until then.
    pub until: UtcMs,
    /// A sealed copy is handed out.
    pub copy: bool,
    /// The clause by which others are covered.
    pub covered: Option<Citation>,
    /// On what ground.
    pub clauses: Vec<Citation>,
    /// Cameras that may be chosen.
    pub cameras: Vec<Choice>,
    /// What was typed, or may be.
    pub typed: ShowTyped,
    /// A request may be made now.
    pub may_open: bool,
    /// The order is open and may be ended.
    pub may_finish: bool,
    /// Requests made of it, the newest first.
    pub requests: Vec<OrderRequest>,
    /// What the register says was shown or handed out, in words; `None`: nothing yet.
    pub shown: Option<Text>,
    /// What was answered beside.
    pub said: Vec<Text>,
}

/// `GET /use/{id}/show`: the citizen is there; posted to the same path.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "use_show.html")]
pub struct ShowPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// What is wrong: `visitor`, `papers`, `login`, `password`, `code`.
    pub errors: FormErrors,
    /// Request id.
    pub id: String,
    /// Number people quote.
    pub number: String,
    /// Number of the paper that the citizen shows.
    pub paper: String,
    /// Scope in one sentence.
    pub scope: Text,
    /// Until when the grant runs.
    pub grant_end: UtcMs,
    /// A sealed copy is handed out: another one of the unit signs in beside.
    pub copy: bool,
    /// The clause by which others are covered.
    pub covered: Option<Citation>,
    /// On what ground.
    pub clauses: Vec<Citation>,
    /// Login name of who stands beside.
    pub beside: String,
    /// A person asked the unit itself: `paper` is the number of the request, and no authority is answered.
    pub own: bool,
    /// What was ticked, in the order of the page.
    pub ticked: [bool; 3],
}
