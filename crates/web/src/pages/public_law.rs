//! The law pages as whoever comes to an authority's public site reads them: instruments, one instrument, one clause.
//!
//! What flows through: the same values as on the pages of staff (`law`, `log`). Invariants: head and foot are those of the public site; nothing of
//! how this program carries a clause out, no findings, tests, decisions or links to pages of staff.

use super::law::{ClauseLine, LawPackPage, PackLine};
use super::log::LawClausePage;
use super::public::PublicNav;
use super::{AppBar, Say};
use askama::Template;
use base::{Lang, Text};

/// `GET /law?q=&on=` for the public.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "public_law_list.html")]
pub struct PublicLawListPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Lit entry.
    pub at: PublicNav,
    /// Day asked about, as a date field has it.
    pub on: String,
    /// Words searched for.
    pub query: String,
    /// What they found; `None` where nothing was searched.
    pub hits: Option<Vec<ClauseLine>>,
    /// More was found than is shown.
    pub more: bool,
    /// Instruments of this province.
    pub here: Vec<PackLine>,
    /// Instruments of the whole country.
    pub national: Vec<PackLine>,
    /// Instruments of other provinces.
    pub elsewhere: Vec<PackLine>,
}

/// `GET /law/packs/{id}?on=` for the public.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "public_law_pack.html")]
pub struct PublicLawPackPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Lit entry.
    pub at: PublicNav,
    /// It reaches this province.
    pub reaches: bool,
    /// What stands in it.
    pub page: LawPackPage,
}

/// `GET /law/{clause}` for the public.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "public_law_clause.html")]
pub struct PublicLawClausePage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Lit entry.
    pub at: PublicNav,
    /// What stands in it.
    pub page: LawClausePage,
    /// Services that rest on its article: address and name.
    pub services: Vec<(String, Text)>,
}
