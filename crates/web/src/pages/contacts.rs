//! Contacts of alarms: the list, masked, with the form that adds or changes one; and as an incident lists them.

use super::{AppBar, Choice, FormErrors, Say, words};
use askama::Template;
use base::{Lang, Text};

/// One contact of the list.
#[derive(Debug, Clone, Default)]
pub struct ContactLine {
    /// Id.
    pub id: String,
    /// For which alarms.
    pub place: Text,
    /// What for.
    pub duty: Text,
    /// Place in the order.
    pub order: u32,
    /// Name, masked.
    pub person: String,
    /// Number, masked.
    pub phone: String,
    /// There is a note.
    pub has_note: bool,
}

/// Somebody to call, on the page of an incident.
#[derive(Debug, Clone, Default)]
pub struct CallLine {
    /// What for.
    pub duty: Text,
    /// Why this one: zone, panel or area.
    pub place: Text,
    /// Name; whole for who is to call.
    pub person: String,
    /// Number; whole for who is to call.
    pub phone: String,
    /// What a telephone link dials; empty where the number is masked.
    pub dial: String,
    /// What to know before calling; empty where masked.
    pub note: String,
}

/// `GET /contacts?edit=`. Fields: `at`, `zone`, `duty`, `order`, `person`, `phone`, `note`, `no_note`.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "contacts.html")]
pub struct ContactsPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// What is wrong with what was sent.
    pub errors: FormErrors,
    /// Contacts, by place, in order.
    pub lines: Vec<ContactLine>,
    /// This person may change them.
    pub may: bool,
    /// The one that is being changed.
    pub edited: Option<ContactLine>,
    /// Whole site, areas, panels.
    pub places: Vec<Choice>,
    /// What for.
    pub duties: Vec<Choice>,
    /// Zone as typed.
    pub zone: String,
    /// Order as typed.
    pub order: String,
    /// Name as typed.
    pub person: String,
    /// Number as typed.
    pub phone: String,
    /// Note as typed.
    pub note: String,
}
