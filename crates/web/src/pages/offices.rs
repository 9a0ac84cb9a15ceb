//! Offices of an authority: the list as a tree, one office with what the public is told of it, who works there, and who is absent.
//!
//! What flows through: rows of offices and officers arrive as lines, forms as [`AskedField`]s. Invariants: names of officers are [`Shown`], the
//! number of a certificate is on no page, only its last day; what this account may not do has no form.

use super::ask::{AskedField, Shown, wrong};
use super::{AppBar, Choice, FormErrors, Say, State};
use askama::Template;
use base::{Lang, Text};

/// An office in the list.
#[derive(Debug, Clone, Default)]
pub struct OfficeLine {
    /// Id, as in `/offices/{id}`.
    pub id: String,
    /// One sign for each office above it.
    pub indent: String,
    /// Name, as on its seal.
    pub name: String,
    /// Level.
    pub level: Text,
    /// Division code of its territory.
    pub division: String,
    /// Code of the police unit.
    pub unit_code: String,
    /// It takes cases, or is closed.
    pub state: State,
}

/// `GET /offices`.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "offices.html")]
pub struct OfficesPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Offices, each below the one above it.
    pub lines: Vec<OfficeLine>,
    /// This account may enter one.
    pub may_manage: bool,
}

/// Who works in an office.
#[derive(Debug, Clone, Default)]
pub struct OfficerLine {
    /// Account, form value.
    pub account: String,
    /// Name.
    pub name: Shown,
    /// Seats, in words.
    pub seats: Text,
    /// Last day of the certificate; empty: none is entered.
    pub until: String,
    /// Whether it holds, ends soon or is over.
    pub card: State,
    /// Absent today, and who stands in; empty: not.
    pub away: Shown,
}

/// An absence that runs or is to come.
#[derive(Debug, Clone, Default)]
pub struct AbsenceLine {
    /// Its entry, form value.
    pub entry: u64,
    /// Who is absent.
    pub name: Shown,
    /// Who stands in.
    pub stand_in: Shown,
    /// First day.
    pub from: String,
    /// Last day.
    pub until: String,
    /// This account may end it.
    pub may_end: bool,
}

/// `GET /offices/new` and `/offices/{id}`; posted to `/offices/new`, `/offices/{id}`, and below it `officers` (`account`, `certificate`,
/// `valid_until`), `officers/remove` (`account`), `absences` (`absent`, `stand_in`, `from`, `until`), `absences/end` (`entry`).
#[derive(Template, Debug, Clone, Default)]
#[template(path = "office.html")]
pub struct OfficePage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Id; empty: a new one.
    pub id: String,
    /// Name; empty for a new one.
    pub name: String,
    /// It takes cases, or is closed.
    pub state: State,
    /// What it is, for who may not change it.
    pub facts: Vec<(Text, String)>,
    /// Its form; empty where this account may not change it.
    pub fields: Vec<AskedField>,
    /// Who works there.
    pub officers: Vec<OfficerLine>,
    /// Accounts that can be given a place here; empty where this account may not.
    pub accounts: Vec<Choice>,
    /// Last day of a certificate as typed.
    pub valid_until: String,
    /// Absences.
    pub absences: Vec<AbsenceLine>,
    /// Whose absence this account may enter.
    pub absent: Vec<Choice>,
    /// Who can stand in.
    pub stand_ins: Vec<Choice>,
    /// First day as typed.
    pub from: String,
    /// Last day as typed.
    pub until: String,
    /// What is wrong besides the fields.
    pub errors: FormErrors,
}

impl OfficePage {
    /// Something is wrong.
    #[must_use]
    pub fn has_faults(&self) -> bool {
        wrong(&self.fields) > 0 || !self.errors.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_of_an_officer_is_printed() {
        let officer = OfficerLine { name: "张三".into(), away: "李四".into(), ..OfficerLine::default() };
        let absence = AbsenceLine { name: "王五".into(), stand_in: "赵六".into(), ..AbsenceLine::default() };
        let page = OfficePage { officers: vec![officer], absences: vec![absence], ..OfficePage::default() };
        let printed = format!("{page:?}");
        assert!(!["张三", "李四", "王五", "赵六"].iter().any(|name| printed.contains(name)), "{printed}");
        assert!(!page.has_faults());
    }
}
