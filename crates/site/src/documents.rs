//! Official documents: values of a corridor set as PDF, entered in the log with their digest, and only then given out.
//!
//! ```text
//! corridor (permission, values) ─▶ make_document ─▶ print (one at a time, off the runtime) ─▶ document.made ─▶ bytes
//! ```
//!
//! Always true: bytes that leave this module have an entry whose `document_sha256` is theirs; no two documents of this process have one
//! number; nothing of a document is stored, so what it says is where it came from. A template or font that fails gives a refusal in words.

use crate::{Actor, Site};
use base::{CivilDate, ErrorKind, Lang, Refusal, Sha256, Text, UtcMs};
use config::PaperConfig;
use paper::{Content, FontChoice, Fonts, Paper, PaperError, Template};
use serde_json::Value;
use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use store::ledger_log::ActLine;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How long a document waits for those before it.
const TURN: Duration = Duration::from_secs(20);
/// How long one may take; what takes longer goes on in a thread of its own that nobody waits for, and the next one waits for its end.
const LIMIT: Duration = Duration::from_secs(60);
/// Documents that wait; more are refused at once.
const WAITING: usize = 8;

/// What documents there are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DocumentKind {
    /// How the duties of the unit stand.
    DutyReport,
}

impl DocumentKind {
    /// Stable word, in entries.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::DutyReport => "duty_report",
        }
    }

    /// Reads the stable word.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        [Self::DutyReport].into_iter().find(|kind| kind.code() == code)
    }

    /// What pages call it.
    #[must_use]
    pub const fn name(self) -> Text {
        match self {
            Self::DutyReport => Text::new("自查报告", "self-check report"),
        }
    }

    /// Its template, and the beginning of its file's name.
    const fn template(self) -> &'static str {
        match self {
            Self::DutyReport => "duty-report",
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

/// Where documents are set: one at a time, for each takes a core and the memory of its fonts.
pub(crate) struct Press {
    turn: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    fonts: Arc<Mutex<Option<Arc<Fonts>>>>,
    last_ms: AtomicI64,
    patience: Duration,
    limit: Duration,
}

impl Default for Press {
    fn default() -> Self {
        let waiting = Arc::new(Semaphore::new(WAITING));
        let (turn, last_ms) = (Arc::new(Semaphore::new(1)), AtomicI64::new(i64::MIN));
        Self { turn, waiting, fonts: Arc::default(), last_ms, patience: TURN, limit: LIMIT }
    }
}

fn busy() -> Refusal {
    let what = Text::new("正在排印别的文书。", "Other documents are being set.");
    Refusal::new(ErrorKind::TooMany, "press_busy", what, Text::new("请一分钟后再试。", "Try again in a minute."))
}

fn slow(limit: Duration) -> Refusal {
    let s = limit.as_secs();
    let what = Text::of(
        format!("文书在{s}秒内没有排成，没有制作。"),
        format!("The document was not set within {s} seconds, so none was made."),
    );
    let next = Text::new(
        "请稍后再试；仍然如此的，请管理员检查模板文件夹（配置 [site.paper] 的 templates），或者在页面上查看内容。",
        "Try again later; if it stays so, have the folder of templates checked (`templates` under [site.paper]), or read it on the page.",
    );
    Refusal::new(ErrorKind::Unavailable, "paper_too_slow", what, next)
}

impl Press {
    /// A number that no document had yet: the moment in Beijing to the millisecond, later where one of this moment has it already.
    pub(crate) fn number(&self, at: UtcMs) -> String {
        let later = |last: i64| Some(at.0.max(last.saturating_add(1)));
        let last = self.last_ms.fetch_update(Ordering::Relaxed, Ordering::Relaxed, later).unwrap_or(i64::MIN);
        let at = UtcMs(at.0.max(last.saturating_add(1)));
        let digits: String = at.desk().chars().filter(char::is_ascii_digit).collect();
        let (day, time) = digits.split_at(digits.len().min(8));
        format!("{day}-{time}-{:03}", at.0.rem_euclid(1_000))
    }

    async fn turn(&self) -> Result<OwnedSemaphorePermit, Refusal> {
        let _place = self.waiting.clone().try_acquire_owned().map_err(|_| busy())?;
        match tokio::time::timeout(self.patience, self.turn.clone().acquire_owned()).await {
            Ok(Ok(turn)) => Ok(turn),
            _ => Err(busy()),
        }
    }

    /// Sets a document off the runtime, in a thread that a stop of the server does not wait for: nothing of a document is stored.
    async fn print(&self, config: &PaperConfig, draft: &Draft) -> Result<Paper, Refusal> {
        let turn = self.turn().await?;
        let (config, fonts) = (config.clone(), self.fonts.clone());
        let (kind, at, lang, values) = (draft.kind, draft.at, draft.lang, draft.values.clone());
        let (made, paper) = tokio::sync::oneshot::channel();
        let work = move || {
            let _turn = turn;
            let _ = made.send(print(&config, &fonts, kind, &Content { at, lang, values: &values }));
        };
        let broken = |error: String| Refusal::from(PaperError::Broken(error));
        std::thread::Builder::new().name("press".into()).spawn(work).map_err(|error| broken(error.to_string()))?;
        match tokio::time::timeout(self.limit, paper).await {
            Ok(Ok(done)) => Ok(done?),
            Ok(Err(_)) => Err(broken("the press stopped".into())),
            Err(_) => Err(slow(self.limit)),
        }
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

/// Fonts are looked for once, and again when a file came or went in their folders or what stands in the way concerns them, so that one
/// that was just installed counts at once.
fn print(
    config: &PaperConfig,
    known: &Mutex<Option<Arc<Fonts>>>,
    kind: DocumentKind,
    content: &Content<'_>,
) -> Result<Paper, PaperError> {
    let template = Template::read(kind.template(), config.templates.as_deref())?;
    let find = || {
        let fonts = Arc::new(Fonts::find(&choice(config)));
        *known.lock().unwrap_or_else(PoisonError::into_inner) = Some(fonts.clone());
        fonts
    };
    let before = known.lock().unwrap_or_else(PoisonError::into_inner).clone();
    if let Some(fonts) = before.filter(|fonts| fonts.are_current()) {
        match paper::render(&template, content, &fonts) {
            Err(error) if error.concerns_fonts() => {}
            done => return done,
        }
    }
    paper::render(&template, content, &find())
}

impl Site {
    /// Sets a document and enters it. The caller has asked for permission.
    ///
    /// # Errors
    /// `press_busy`, `paper_too_slow`, what stands in the way of the document (`PaperError::code`), or the log; then nobody gets it.
    pub(crate) async fn make_document(&self, by: &Actor, draft: Draft) -> Result<Document, Refusal> {
        let made = self.press().print(&self.config().paper, &draft).await?;
        let Draft { kind, day, lang, number, .. } = draft;
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
    use serde_json::json;

    const AT: UtcMs = UtcMs(1_795_329_125_042);

    #[test]
    fn no_number_is_given_twice() {
        let press = Press::default();
        let first = press.number(AT);
        assert_eq!(first, "20261122-143205-042");
        assert_eq!(press.number(AT), "20261122-143205-043");
        assert_eq!(press.number(AT.plus_ms(-5_000)), "20261122-143205-044", "nor after a clock that went back");
        assert_eq!(press.number(AT.plus_ms(10)), "20261122-143205-052");
    }

    #[test]
    fn a_font_that_comes_is_seen_without_a_restart() {
        let lacking = PaperConfig {
            title: vec![],
            heading: vec![],
            body: vec!["No Such Family".into()],
            ..PaperConfig::default()
        };
        let known = Mutex::default();
        let values = json!({});
        let content = Content { at: AT, lang: Lang::Zh, values: &values };
        let refused = print(&lacking, &known, DocumentKind::DutyReport, &content).unwrap_err();
        let refusal = Refusal::from(refused);
        assert_eq!((refusal.kind, refusal.code.as_str()), (ErrorKind::Unavailable, "no_font"));
        assert!(refusal.next.zh.contains("fonts-noto-cjk") && refusal.next.en.contains("fonts-noto-cjk"));
        // The same memory, another machine: fonts are found, and it is the values that are wrong.
        let refused = print(&PaperConfig::default(), &known, DocumentKind::DutyReport, &content).unwrap_err();
        assert_eq!(refused.code(), "paper_template", "{refused:?}");
    }

    #[tokio::test]
    async fn one_that_takes_too_long_is_told_as_such_and_gives_its_turn_back() {
        let press = Press { limit: Duration::ZERO, ..Press::default() };
        let draft = Draft {
            kind: DocumentKind::DutyReport,
            at: AT,
            day: AT.shanghai_date(),
            lang: Lang::Zh,
            number: press.number(AT),
            values: json!({}),
        };
        let refused = press.print(&PaperConfig::default(), &draft).await.unwrap_err();
        assert_eq!((refused.kind, refused.code.as_str()), (ErrorKind::Unavailable, "paper_too_slow"));
        assert!(press.turn().await.is_ok(), "when it ended, the next one has its turn");
    }

    #[test]
    fn a_document_shown_for_debugging_is_not_read() {
        let (file, number) = ("duty-report-1.pdf".to_owned(), "1".to_owned());
        let document = Document { file, number, pdf: b"%PDF secret".to_vec(), digest: Sha256::of(b"x"), entry: 7 };
        let shown = format!("{document:?}");
        assert!(shown.contains("bytes: 11") && !shown.contains("37, 80"), "{shown}");
    }

    #[tokio::test]
    async fn those_who_wait_are_few_and_not_for_ever() {
        let press = Arc::new(Press { patience: Duration::from_millis(300), ..Press::default() });
        let held = press.turn().await.unwrap();
        let ask = || {
            let press = press.clone();
            tokio::spawn(async move { press.turn().await.map(drop).map_err(|r| r.code) })
        };
        let waiting: Vec<_> = (0..WAITING).map(|_| ask()).collect();
        tokio::task::yield_now().await;
        assert_eq!(
            press.turn().await.map(drop).map_err(|r| r.code),
            Err("press_busy".into()),
            "one more is refused at once"
        );
        for one in waiting {
            assert_eq!(one.await.unwrap(), Err("press_busy".into()), "after their time");
        }
        drop(held);
        assert!(press.turn().await.is_ok());
    }
}
