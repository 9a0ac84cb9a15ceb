//! The self-check report as values of a document: what the page shows, in one language.

use super::{DutyReport, each_once};
use crate::documents::{Document, DocumentKind, Draft};
use crate::{Actor, Profile, Site};
use base::{Citation, CivilDate, Lang, Refusal, Text};
use domain::duty::{Paper, Standing, State};
use serde_json::{Value, json};

/// Most papers on the report, the newest first; of more it says how many.
const PAPERS: usize = 200;

impl Site {
    /// The self-check report as PDF, made now and entered in the log.
    ///
    /// # Errors
    /// No permission, what stands in the way of a document (`Site::make_document`), or the store.
    pub async fn duty_document(&self, by: &Actor, lang: Lang) -> Result<Document, Refusal> {
        let report = self.duties(by).await?;
        let number = self.press().number(report.at);
        let values = values(&report, &self.profile(), &number, lang);
        let (at, day) = (report.at, report.day);
        self.make_document(by, Draft { kind: DocumentKind::DutyReport, at, day, lang, number, values }).await
    }
}

/// `2026年11月22日`, or as it is written in English.
fn day_in(day: CivilDate, lang: Lang) -> String {
    match lang {
        Lang::Zh => day.0.strftime("%Y年%-m月%-d日").to_string(),
        Lang::En => day.to_string(),
    }
}

/// Instrument and article.
fn cited(citation: &Citation, lang: Lang) -> String {
    let (instrument, article) = (citation.instrument.get(lang), citation.article.get(lang));
    match lang {
        Lang::Zh => format!("《{instrument}》{article}"),
        Lang::En => format!("{instrument}, {article}"),
    }
}

fn values(report: &DutyReport, profile: &Profile, number: &str, lang: Lang) -> Value {
    let counts = report.tally.pairs();
    let count = |state: State| counts.iter().find(|(code, _)| *code == state.code()).map_or(0, |(_, n)| *n);
    let all = [State::Overdue { since: report.day }, State::Due { by: None }, State::Unknown, State::Met];
    let title = Text::new("安全技术防范自查报告", "Self-check of technical prevention");
    let weighed = match lang {
        Lang::Zh => report.at.document(),
        Lang::En => format!("{} (Beijing)", report.at.desk()),
    };
    json!({
        "title": title.get(lang), "number": number, "unit": profile.name, "place": profile.place(),
        "kind": profile.kind().get(lang), "day": day_in(report.day, lang), "weighed": weighed, "total": report.list.len(),
        "tally": all.map(|s| json!({ "name": s.name().get(lang), "count": count(s) })),
        "duties": report.list.iter().map(|s| duty(s, lang)).collect::<Vec<_>>(),
        "papers": report.papers.iter().take(PAPERS).map(|p| paper(p, lang)).collect::<Vec<_>>(),
        "papers_left": report.papers.len().saturating_sub(PAPERS),
    })
}

fn duty(s: &Standing, lang: Lang) -> Value {
    let say = |texts: &[Text]| texts.iter().map(|t| t.get(lang).to_owned()).collect::<Vec<_>>();
    let grounds = &s.owed.grounds;
    let todo = if s.state == State::Met { vec![] } else { each_once(grounds.iter().map(|g| &g.next)) };
    let mut cites: Vec<String> = Vec::new();
    for text in grounds.iter().flat_map(|g| &g.citations).map(|c| cited(c, lang)) {
        if !cites.contains(&text) {
            cites.push(text);
        }
    }
    json!({
        "title": s.owed.title.get(lang), "state": s.state.name().get(lang), "when": s.state.when().get(lang), "cites": cites,
        "gap": grounds.iter().any(|g| g.gap), "missing": say(&s.missing), "facts": say(&s.facts), "todo": say(&todo),
        "next": s.next.map(|d| d.to_string()).unwrap_or_default(),
    })
}

fn paper(p: &Paper, lang: Lang) -> Value {
    let or_dash = |text: String| if text.is_empty() { "—".to_owned() } else { text };
    json!({
        "kind": p.kind.name().get(lang), "title": p.title.expose(), "number": or_dash(p.number.expose().clone()),
        "day": p.day.to_string(), "until": or_dash(p.until.map(|d| d.to_string()).unwrap_or_default()),
    })
}
