//! A person's own request that the authority's server handed on (Order 799 art. 21), as the unit's custodian has it to do.
//!
//! What flows through: who asks, for what, the cameras that may be chosen, the request that was made of it. Invariants: who may not decide use never
//! sees this page, and whoever opens it is in the log; the unit decides, and the page says so.

use super::ask::Shown;
use super::relays::RelayComing;
use super::showing::OrderRequest;
use super::{AppBar, Choice, FormErrors, Say, State};
use askama::Template;
use base::{Citation, Lang, Text, UtcMs};

/// `GET /use/orders/{order}/person`, posted to the same path; `/coming` below it says when the person comes.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "use_person_order.html")]
pub struct PersonOrderPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// What is wrong: `camera`, `from`, `to`, `coming`.
    pub errors: FormErrors,
    /// Id of the order.
    pub id: String,
    /// Number of the person's receipt.
    pub receipt: String,
    /// How it stands.
    pub state: State,
    /// When the person asked.
    pub asked: UtcMs,
    /// Who asks.
    pub name: Shown,
    /// Telephone.
    pub contact: Shown,
    /// Who they are to the person concerned.
    pub relation: Text,
    /// The person concerned; empty: it is who asks.
    pub concerned: Shown,
    /// What is to be protected.
    pub protects: Text,
    /// What happened.
    pub why: Shown,
    /// Where.
    pub place: String,
    /// Which time, in words.
    pub span: String,
    /// What the system answered of the footage by itself.
    pub said: Vec<Text>,
    /// The request that was made of it.
    pub request: Option<OrderRequest>,
    /// It can be entered.
    pub may_enter: bool,
    /// Cameras, those that are held first and chosen.
    pub cameras: Vec<Choice>,
    /// From, as the field takes it.
    pub from: String,
    /// Until.
    pub to: String,
    /// What was ticked: proof, need, plain.
    pub ticked: [bool; 3],
    /// The clause of this way.
    pub clauses: Vec<Citation>,
    /// When the person comes can be said.
    pub may_say: bool,
    /// What was said of it.
    pub coming: Option<RelayComing>,
    /// Coming: from, until, where, as typed.
    pub typed: [String; 3],
}
