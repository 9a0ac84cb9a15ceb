//! A person asks a unit to see its footage through this server (Order 799 art. 21): the form, and how the request stands.
//!
//! What flows through: what the person typed, the connected sites that are like it, what the unit told. Invariants: only the account that asked sees
//! these pages; nothing is called held before the unit has said so; the page says that the unit decides and not the police.

use super::ask::Shown;
use super::public::PublicNav;
use super::{AppBar, Choice, FormErrors, Say, State};
use askama::Template;
use base::{Citation, Lang, Text, UtcMs};

/// What the person typed.
#[derive(Debug, Clone, Default)]
pub struct RelayTyped {
    /// Their name.
    pub name: Shown,
    /// Telephone.
    pub contact: Shown,
    /// The person concerned.
    pub concerned: Shown,
    /// What happened.
    pub why: Shown,
    /// The unit.
    pub unit: String,
    /// The place.
    pub place: String,
    /// From, as the field takes it.
    pub from: String,
    /// Until.
    pub to: String,
}

/// `GET /apply/footage`, posted to the same path.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "relay_new.html")]
pub struct RelayFormPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Lit entry.
    pub at: PublicNav,
    /// What is wrong: `name`, `contact`, `relation`, `concerned`, `protects`, `why`, `unit`, `place`, `from`, `to`, `site`.
    pub errors: FormErrors,
    /// Id of the request that this form makes, hidden field `form`: sent twice it is one.
    pub form: String,
    /// Who they are to the person concerned.
    pub relations: Vec<Choice>,
    /// What is to be protected.
    pub protects: Vec<Choice>,
    /// Connected sites that are like what was typed, and none of them; empty: nobody is asked.
    pub near: Vec<Choice>,
    /// No site is like it: the one choice is to send it all the same, though nobody gets it.
    pub to_nobody: bool,
    /// What was typed.
    pub typed: RelayTyped,
    /// The clause of this way.
    pub clauses: Vec<Citation>,
    /// Longest range of one request, days.
    pub range_days_max: u32,
    /// Most characters of why it is asked.
    pub why_chars_max: usize,
}

/// When and where to come.
#[derive(Debug, Clone, Default)]
pub struct RelayComing {
    /// From when until when, in words.
    pub span: String,
    /// Where at the unit.
    pub place: String,
}

/// `GET /my/footage/{id}`: the receipt, how it stands, and the letter where nobody at the unit has it.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "relay.html")]
pub struct RelayPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Lit entry.
    pub at: PublicNav,
    /// Its id.
    pub id: String,
    /// Number of the receipt.
    pub number: String,
    /// When it was taken in.
    pub asked: UtcMs,
    /// Name of the connected unit; empty: none is.
    pub site: String,
    /// The unit as it was typed with the place.
    pub place: String,
    /// Which time, in words.
    pub span: String,
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
    /// How it stands.
    pub state: State,
    /// Whether it is held, in words.
    pub held: Text,
    /// By when the unit enters it, or what can be done now that it did not; empty: it is entered, over, or nobody has it.
    pub term: Text,
    /// That day is over.
    pub late: bool,
    /// When the unit answered last; `None`: it has not.
    pub answered: Option<UtcMs>,
    /// Number of the request at the unit; empty: it is not entered yet.
    pub number_there: String,
    /// Until when the consent lasts.
    pub until: Option<UtcMs>,
    /// When and where to come, as the unit says it.
    pub coming: Option<RelayComing>,
    /// When it was shown, in words; empty: it was not.
    pub seen: String,
    /// Why the unit does not consent; empty: it does, or has not decided.
    pub reason: Shown,
    /// On what the answer rests.
    pub because: Vec<Citation>,
    /// What the unit said of the footage.
    pub said: Vec<Text>,
    /// Nobody at the unit has it: the letter is printed.
    pub letter: bool,
    /// The last day until which the law has the footage kept; empty: no number.
    pub kept_until: String,
    /// It can be taken back.
    pub may_withdraw: bool,
    /// The clause of this way, and that of keeping footage.
    pub clauses: Vec<Citation>,
}
