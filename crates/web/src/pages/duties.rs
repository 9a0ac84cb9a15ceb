//! What the unit owes today: the list, the papers about it, and the self-check report for printing.

use super::{AppBar, Choice, FormErrors, Mark, Say, State, words};
use askama::Template;
use base::{Citation, Lang, Text, UtcMs};

/// One duty.
#[derive(Debug, Clone, Default)]
pub struct DutyLine {
    /// Stable word.
    pub code: String,
    /// Name.
    pub title: Text,
    /// Where it stands.
    pub state: State,
    /// Since when, or until when, in words; empty where neither.
    pub when: Text,
    /// The year whose holidays could still move the day it is due by; empty where none.
    pub provisional: String,
    /// Who has no training yet, as lists show persons.
    pub untrained: Vec<String>,
    /// How many more there are than are named.
    pub untrained_more: usize,
    /// What is to be done, one sentence for each ground.
    pub texts: Vec<Text>,
    /// Clauses that ask it.
    pub cites: Vec<Citation>,
    /// The text of one of them is lost or broken.
    pub gap: bool,
    /// What was found.
    pub facts: Vec<Text>,
    /// What is missing.
    pub missing: Vec<Text>,
    /// The next day; empty where none.
    pub next: String,
    /// What to do; empty when met.
    pub todo: Vec<Text>,
}

/// One paper.
#[derive(Debug, Clone, Default)]
pub struct PaperLine {
    /// Id.
    pub id: String,
    /// What it records.
    pub kind: Text,
    /// Title.
    pub title: String,
    /// Number; may be empty.
    pub number: String,
    /// Day.
    pub day: String,
    /// Valid until or review on; may be empty.
    pub until: String,
    /// That day has passed.
    pub passed: bool,
    /// SHA-256 of the document; may be empty.
    pub document: String,
    /// Who entered it.
    pub by: String,
    /// When.
    pub entered: UtcMs,
}

/// How many duties stand where.
#[derive(Debug, Clone, Default)]
pub struct TallyLine {
    /// Shape and name.
    pub state: State,
    /// How many.
    pub count: u32,
}

/// A regular duty with the unit's own period.
#[derive(Debug, Clone, Default)]
pub struct PeriodLine {
    /// Name of the duty.
    pub title: Text,
    /// Days; 0 = none set.
    pub days: u32,
}

/// `GET /duties`. Posts to `/duties/papers` (`paper_kind`, `title`, `number`, `day`, `until`, `document`),
/// `/duties/papers/{id}/withdraw`, `/duties/period` (`duty`, `days`), `/duties/check`.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "duties.html")]
pub struct DutiesPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// What is wrong with what was sent.
    pub errors: FormErrors,
    /// Day of the law that was asked.
    pub day: String,
    /// Counts.
    pub tally: Vec<TallyLine>,
    /// Duties, overdue first.
    pub lines: Vec<DutyLine>,
    /// Papers, the newest first.
    pub papers: Vec<PaperLine>,
    /// Own periods.
    pub periods: Vec<PeriodLine>,
    /// This person may change papers and periods.
    pub may: bool,
    /// What a paper may record.
    pub kinds: Vec<Choice>,
    /// Duties that have a period.
    pub regular: Vec<Choice>,
    /// As typed.
    pub typed: Typed,
}

/// The forms as typed.
#[derive(Debug, Clone, Default)]
pub struct Typed {
    /// Title.
    pub title: String,
    /// Number.
    pub number: String,
    /// Day.
    pub day: String,
    /// Until.
    pub until: String,
    /// Digest.
    pub document: String,
    /// Days of a period.
    pub days: String,
}

/// `GET /duties/report`: printable.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "duties_report.html")]
pub struct DutiesReportPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Day of the law that was asked.
    pub day: String,
    /// Moment of the evaluation.
    pub at: UtcMs,
    /// Kind of unit in words.
    pub unit: Text,
    /// Counts.
    pub tally: Vec<TallyLine>,
    /// Duties, overdue first.
    pub lines: Vec<DutyLine>,
    /// Papers, the newest first.
    pub papers: Vec<PaperLine>,
}

/// Shape of a state by its word.
#[must_use]
pub fn mark_of(code: &str) -> Mark {
    match code {
        "overdue" => Mark::Critical,
        "due" => Mark::Warning,
        "unknown" => Mark::Attention,
        _ => Mark::Ok,
    }
}
