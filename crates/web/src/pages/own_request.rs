//! The form in which the custodian enters a person's own request to see footage (Order 799 art. 21).
//!
//! What flows through: what was typed and ticked, the cameras that may be chosen. Invariants: names and contact stand on the page only while
//! they are typed, never when it is shown again; that something was seen is ticked, and no copy of a card is asked for.

use super::use_request::CameraChoice;
use super::{AppBar, Choice, FormErrors, Say};
use askama::Template;
use base::{Citation, Lang};

/// `GET /use/person`: the request as it is entered; posted to the same path.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "use_person.html")]
pub struct OwnRequestPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// What is wrong: `relation`, `identity`, `visitor`, `concerned`, `contact`, `purpose`, `camera`, `from`, `to`.
    pub errors: FormErrors,
    /// The clause of this way.
    pub clauses: Vec<Citation>,
    /// Who the applicant is to the person concerned.
    pub relations: Vec<Choice>,
    /// What was ticked: identity, proof, need, plain.
    pub ticked: [bool; 4],
    /// What happened and what is looked for.
    pub purpose: String,
    /// Cameras that may be chosen.
    pub cameras: Vec<CameraChoice>,
    /// From, as the field takes it.
    pub from: String,
    /// Until.
    pub to: String,
    /// Longest range of one request, days.
    pub range_days_max: u32,
}
