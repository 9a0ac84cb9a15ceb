//! Rights of an account to areas.

use super::{AppBar, Choice, FormErrors, Say};
use askama::Template;
use base::{Lang, Text};

/// Days of the week, Monday first.
pub const DAYS: [Text; 7] = [
    Text::new("一", "Mo"),
    Text::new("二", "Tu"),
    Text::new("三", "We"),
    Text::new("四", "Th"),
    Text::new("五", "Fr"),
    Text::new("六", "Sa"),
    Text::new("日", "Su"),
];

/// One right.
#[derive(Debug, Clone, Default)]
pub struct AreaRow {
    /// Areas to choose from.
    pub areas: Vec<Choice>,
    /// First day, empty = since ever.
    pub from: String,
    /// Last day, empty = without end.
    pub until: String,
    /// Days of the week, and whether it holds on them.
    pub days: Vec<(Text, bool)>,
    /// Begin, `08:00`.
    pub begin: String,
    /// End, `20:00`; not after the begin = of the next day.
    pub end: String,
}

/// `GET /accounts/{id}/areas`, posted to the same path.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "areas.html")]
pub struct AreasPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// What is wrong with what was sent.
    pub errors: FormErrors,
    /// Account id.
    pub id: String,
    /// Login name.
    pub login: String,
    /// Role.
    pub role: Text,
    /// It has no right at all.
    pub none: bool,
    /// Roles it could have, the one it has chosen.
    pub roles: Vec<Choice>,
    /// Rights, then spare rows.
    pub rows: Vec<AreaRow>,
}
