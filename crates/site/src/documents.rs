//! Official documents: values of a corridor set as PDF, entered in the log with their digest, and only then given out.
//!
//! ```text
//! corridor (permission, values) ─▶ make_document ─▶ paper::Press::print (one at a time, off the runtime) ─▶ document.made ─▶ bytes
//! ```
//!
//! Always true: bytes that leave this module have an entry whose `document_sha256` is theirs; no two documents of this process have one
//! number; nothing of a document is stored, so what it says is where it came from. A template or font that fails gives a refusal in words.

use crate::{Actor, Site};
use base::{CivilDate, Lang, Refusal, Sha256, Text, UtcMs};
use config::PaperConfig;
use paper::{FontChoice, Order, OwnTemplates, Press};
use serde_json::Value;
use std::fmt;
use std::path::Path;
use store::ledger_log::ActLine;

/// Folder below the data folder for an office's own templates, where the configuration names none.
const TEMPLATES: &str = "templates";

/// What documents there are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DocumentKind {
    /// How the duties of the unit stand.
    DutyReport,
    /// That a person's own request was entered (Order 799 art. 21).
    PersonReceipt,
    /// What the unit answers to it.
    PersonAnswer,
}

impl DocumentKind {
    /// Stable word, in entries.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::DutyReport => "duty_report",
            Self::PersonReceipt => "person_receipt",
            Self::PersonAnswer => "person_answer",
        }
    }

    /// Reads the stable word.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        [Self::DutyReport, Self::PersonReceipt, Self::PersonAnswer].into_iter().find(|kind| kind.code() == code)
    }

    /// What pages call it.
    #[must_use]
    pub const fn name(self) -> Text {
        match self {
            Self::DutyReport => Text::new("自查报告", "self-check report"),
            Self::PersonReceipt => Text::new("查阅申请回执", "receipt of a person's request to view"),
            Self::PersonAnswer => Text::new("查阅申请答复", "answer to a person's request to view"),
        }
    }

    /// Its template, and the beginning of its file's name.
    const fn template(self) -> &'static str {
        match self {
            Self::DutyReport => "duty-report",
            // Papers of casework fit: their title comes with the values.
            Self::PersonReceipt => "material-receipt",
            Self::PersonAnswer => "general-decision",
        }
    }
}

/// What a corridor wants set.
pub(crate) struct Draft {
    /// What it is.
    pub(crate) kind: DocumentKind,
    /// Moment of what it says.
    pub(crate) at: UtcMs,
    /// Day it speaks of.
    pub(crate) day: CivilDate,
    /// Its language.
    pub(crate) lang: Lang,
    /// Its number, see `Press::number`.
    pub(crate) number: String,
    /// What its template sets.
    pub(crate) values: Value,
}

/// A document that was made and entered. Shown for debugging it tells nothing of its text, which names persons.
#[derive(Clone)]
pub struct Document {
    /// Name of the file.
    pub file: String,
    /// Its number, printed on it and in the entry.
    pub number: String,
    /// The file.
    pub pdf: Vec<u8>,
    /// SHA-256 of the file, as in the entry.
    pub digest: Sha256,
    /// Entry `document.made`.
    pub entry: u64,
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, number, pdf, digest, entry } = self;
        let mut shown = f.debug_struct("Document");
        shown.field("file", file).field("number", number).field("bytes", &pdf.len());
        shown.field("digest", digest).field("entry", entry).finish()
    }
}

fn choice(config: &PaperConfig) -> FontChoice {
    FontChoice {
        folders: config.font_folders.clone(),
        title: config.title.clone(),
        heading: config.heading.clone(),
        body: config.body.clone(),
        rare: config.rare.clone(),
    }
}

/// The press of a server; `data` is its data folder.
pub(crate) fn press(config: &PaperConfig, data: &Path) -> Press {
    let own = match &config.templates {
        Some(folder) => OwnTemplates::In(folder.clone()),
        None => OwnTemplates::WhereThere(data.join(TEMPLATES)),
    };
    Press::new(choice(config), own)
}

impl Site {
    /// Sets a document and enters it. The caller has asked for permission.
    ///
    /// # Errors
    /// `press_busy`, `paper_too_slow`, what stands in the way of the document (`PaperError::code`), or the log; then nobody gets it.
    pub(crate) async fn make_document(&self, by: &Actor, draft: Draft) -> Result<Document, Refusal> {
        let Draft { kind, at, day, lang, number, values } = draft;
        let made = self.press().print(Order { document: kind.template().to_owned(), at, lang, values }).await?;
        let fonts: Vec<_> = made.fonts_used.iter().map(|f| f.name.as_str()).collect();
        let body = serde_json::json!({
            "document": kind.code(), "number": number, "day": day, "language": lang.tag(), "pages": made.pages,
            "bytes": made.pdf.len(), "document_sha256": made.digest, "template_sha256": made.template, "fonts": fonts, "by": by.id,
        });
        let name = kind.name();
        let text = Text::of(
            format!("制作文书：{}，编号{number}，SHA-256 {}。", name.zh, made.digest),
            format!("Document made: {}, No. {number}, SHA-256 {}.", name.en, made.digest),
        );
        let act = ActLine::done(Some(by.id), text);
        // A crash before this leaves nothing; after it, the entry of a document that nobody has: it is made anew under another number.
        let entry = self.store().log("document.made", self.now().utc, body, act).await?;
        let file = format!("{}-{number}.pdf", kind.template());
        Ok(Document { file, number, pdf: made.pdf, digest: made.digest, entry })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fonts_of_no_configuration_are_the_usual_ones() {
        assert_eq!(choice(&PaperConfig::default()), FontChoice::usual());
    }

    #[test]
    fn a_document_shown_for_debugging_is_not_read() {
        let (file, number) = ("duty-report-1.pdf".to_owned(), "1".to_owned());
        let document = Document { file, number, pdf: b"%PDF secret".to_vec(), digest: Sha256::of(b"x"), entry: 7 };
        let shown = format!("{document:?}");
        assert!(shown.contains("bytes: 11") && !shown.contains("37, 80"), "{shown}");
    }
}
