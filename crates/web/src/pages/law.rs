//! The law pages: instruments, articles as printed, search, what becomes of every clause, findings of the checker, readings of slips.

use super::{AppBar, Choice, FormErrors, Say, State};
use askama::Template;
use base::{Lang, Text, UtcMs};

/// A stretch of an article as printed; marked where a slip or gap shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// The words.
    pub text: String,
    /// It shows a slip or gap.
    pub marked: bool,
}

/// Cuts a line of an article at the words that show slips and gaps; joined again it is the line, letter by letter.
#[must_use]
pub fn pieces(line: &str, quotes: &[String]) -> Vec<Piece> {
    let mut out = Vec::new();
    let mut rest = line;
    while !rest.is_empty() {
        let next = quotes.iter().filter(|q| !q.is_empty()).filter_map(|q| Some((rest.find(q.as_str())?, q.len())));
        // The first of them; of two that begin together the longer.
        let Some((at, length)) = next.min_by_key(|(at, length)| (*at, std::cmp::Reverse(*length))) else { break };
        if at > 0 {
            out.push(Piece { text: rest[..at].to_owned(), marked: false });
        }
        out.push(Piece { text: rest[at..at + length].to_owned(), marked: true });
        rest = &rest[at + length..];
    }
    if !rest.is_empty() {
        out.push(Piece { text: rest.to_owned(), marked: false });
    }
    out
}

/// An instrument in the list.
#[derive(Debug, Clone)]
pub struct PackLine {
    /// Its id, e.g. `B`.
    pub id: String,
    /// Full name.
    pub name: Text,
    /// First day in force, and last if there is one.
    pub days: Text,
    /// In force on the day asked about.
    pub state: State,
    /// Clauses in use.
    pub clauses: usize,
    /// Slips and gaps.
    pub flaws: usize,
    /// Its text is as printed; else gists of ours.
    pub printed: bool,
}

/// A clause in a list.
#[derive(Debug, Clone)]
pub struct ClauseLine {
    /// Id.
    pub id: String,
    /// Article as people say it.
    pub article: Text,
    /// What it asks.
    pub gist: Text,
    /// What becomes of it.
    pub state: State,
}

/// Which packs answer.
#[derive(Debug, Clone)]
pub struct LawInUseLine {
    /// Digest over all their files.
    pub sha256: String,
    /// Of the folder of the configuration.
    pub from_folder: bool,
    /// Since when.
    pub since: UtcMs,
    /// Place of the entry.
    pub log: u64,
}

/// `GET /law?q=&on=`.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "law_list.html")]
pub struct LawListPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Day asked about, as a date field has it.
    pub on: String,
    /// Words searched for.
    pub query: String,
    /// What they found; `None` where nothing was searched.
    pub hits: Option<Vec<ClauseLine>>,
    /// More was found than is shown.
    pub more: bool,
    /// Instruments.
    pub packs: Vec<PackLine>,
    /// Which packs answer.
    pub in_use: Option<LawInUseLine>,
}

/// An article with its clauses.
#[derive(Debug, Clone)]
pub struct ArticleView {
    /// Number, for links within the page.
    pub number: u16,
    /// Heading as printed.
    pub heading: String,
    /// Lines as printed, with slips and gaps marked.
    pub lines: Vec<Vec<Piece>>,
    /// Remarks of ours.
    pub remarks: Vec<String>,
    /// Its clauses.
    pub clauses: Vec<ClauseLine>,
}

/// `GET /law/packs/{id}?on=`.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "law_pack.html")]
pub struct LawPackPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Day asked about.
    pub on: String,
    /// Id.
    pub id: String,
    /// Full name.
    pub name: Text,
    /// Issuer.
    pub issuer: Text,
    /// Days in force.
    pub days: Text,
    /// In force on the day.
    pub state: State,
    /// Where the text comes from and what is unverified.
    pub source: Text,
    /// SHA-256 of the text.
    pub text_sha256: String,
    /// The text is as printed.
    pub printed: bool,
    /// Articles.
    pub articles: Vec<ArticleView>,
}

/// What becomes of a clause.
#[derive(Debug, Clone)]
pub struct CoverageLine {
    /// Id.
    pub id: String,
    /// Status.
    pub state: State,
    /// What carries it out, and whether that runs.
    pub carriers: Vec<(Text, bool)>,
    /// Why nothing does.
    pub reason: Text,
    /// What took its place.
    pub superseded: String,
    /// Cases and tests that hold it.
    pub held: usize,
}

/// `GET /law/coverage?status=&pack=`.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "law_coverage.html")]
pub struct LawCoveragePage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Status filter.
    pub statuses: Vec<Choice>,
    /// Instrument filter.
    pub packs: Vec<Choice>,
    /// Clauses of the two ordinances with a carrier or a reason, and how many there are.
    pub complete: (usize, usize),
    /// Lines.
    pub lines: Vec<CoverageLine>,
}

/// A finding of the checker.
#[derive(Debug, Clone)]
pub struct FindingLine {
    /// Kind.
    pub kind: Text,
    /// Open, accepted or a note.
    pub state: State,
    /// Clause, article or matter.
    pub at: String,
    /// Page of it; empty where there is none.
    pub href: String,
    /// What was found.
    pub text: Text,
    /// Why it was accepted.
    pub known: Option<Text>,
    /// File and line.
    pub place: String,
}

/// `GET /law/findings`.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "law_findings.html")]
pub struct LawFindingsPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// How many are open.
    pub open: usize,
    /// Findings, the open ones first.
    pub lines: Vec<FindingLine>,
}

/// A slip or gap and how it is read.
#[derive(Debug, Clone)]
pub struct ReadingView {
    /// Its id.
    pub id: String,
    /// Article it stands in, as people say it.
    pub article: String,
    /// Page of the article.
    pub href: String,
    /// Slip or gap.
    pub state: State,
    /// The words as printed.
    pub quotes: Vec<String>,
    /// What is printed.
    pub literal: Text,
    /// What is evidently meant; `None` for a gap.
    pub evident: Option<Text>,
    /// What speaks for it.
    pub pro: Text,
    /// What speaks against it.
    pub con: Text,
    /// The evident meaning is applied.
    pub is_evident: bool,
    /// First day of the decision that chose it; empty where nobody decided and the default applies.
    pub since: String,
    /// Decisions of this server, the oldest first.
    pub decisions: Vec<DecisionLine>,
    /// Decisions that wait for a second person.
    pub waiting: Vec<DecisionLine>,
}

/// A decision on a reading, made or proposed.
#[derive(Debug, Clone, Default)]
pub struct DecisionLine {
    /// How it is read.
    pub choice: Text,
    /// First day.
    pub from: String,
    /// Why.
    pub reason: String,
    /// Who proposed it.
    pub by: String,
    /// Who confirmed it, and the place of its entry in the log; `None` while it waits.
    pub confirmed: Option<(String, u64)>,
}

/// What a breach costs some parties.
#[derive(Debug, Clone, Default)]
pub struct CostLine {
    /// Whom.
    pub who: Vec<Text>,
    /// How far the breach has come.
    pub grade: Text,
    /// What follows, each with its clause.
    pub says: Vec<Text>,
    /// Correction is ordered first; a fine only if it is not done.
    pub correct_first: bool,
    /// Why a fine waits for a legal review; none: it need not.
    pub reviews: Vec<Text>,
}

/// How a slip is read that an answer rests on.
#[derive(Debug, Clone, Default)]
pub struct CostReading {
    /// Its id.
    pub id: String,
    /// How it is read.
    pub choice: Text,
    /// First day of this server's decision; empty: the default.
    pub since: String,
}

/// The form of a decision, as typed.
#[derive(Debug, Clone, Default)]
pub struct ReadingFields {
    /// Slips that can be read in two ways.
    pub readings: Vec<Choice>,
    /// The two readings.
    pub choices: Vec<Choice>,
    /// First day.
    pub from: String,
    /// Why.
    pub reason: String,
}

/// `GET /law/readings`, posted there (`reading`, `choice`, `from`, `reason`).
#[derive(Template, Debug, Clone, Default)]
#[template(path = "law_readings.html")]
pub struct LawReadingsPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Slips and gaps, by instrument.
    pub groups: Vec<(Text, Vec<ReadingView>)>,
    /// What is wrong with what was sent.
    pub errors: FormErrors,
    /// The form; `None` for whoever only looks.
    pub form: Option<ReadingFields>,
}

#[cfg(test)]
mod tests {
    use super::pieces;

    #[test]
    fn marking_changes_no_letter() {
        let quotes = ["第二十六条".to_owned(), "第二十六条第一项".to_owned(), "罚款".to_owned(), String::new()];
        for line in ["违反本条例第二十六条第一项规定的，处罚款。", "罚款罚款", "", "无"] {
            let cut = pieces(line, &quotes);
            assert_eq!(cut.iter().map(|p| p.text.as_str()).collect::<String>(), line);
            assert_eq!(cut.iter().any(|p| p.marked), line.contains("罚款"));
        }
        assert_eq!(pieces("第二十六条第一项", &quotes).len(), 1, "the longer of two that begin together");
    }
}
