//! The press: documents are set one at a time, off the runtime, in a time that has an end.
//!
//! ```text
//! Order (document, moment, language, values) ─▶ a place to wait ─▶ its turn ─▶ thread: template, code, fonts, render ─▶ Paper
//! ```
//!
//! Always true: one document at a time takes a core and the memory of its fonts; few wait, and not for ever; no two numbers of one press are
//! the same; a template or font that fails gives a refusal in words. Nothing of a document is stored here.

use crate::{Content, FontChoice, Fonts, Paper, PaperError, Template, draw_qr, render};
use base::{ErrorKind, Lang, Refusal, Text, UtcMs};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How long a document waits for those before it.
const TURN: Duration = Duration::from_secs(20);
/// How long one may take; what takes longer goes on in a thread of its own that nobody waits for, and the next one waits for its end.
const LIMIT: Duration = Duration::from_secs(60);
/// Documents that wait; more are refused at once.
const WAITING: usize = 8;

/// Where an office's own templates lie; see [`Template::read`].
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum OwnTemplates {
    /// Nowhere: the built-in ones are used.
    #[default]
    BuiltIn,
    /// In this folder, which has to be there.
    In(PathBuf),
    /// In this folder while it is there.
    WhereThere(PathBuf),
}

impl OwnTemplates {
    /// The folder that is looked into now.
    fn folder(&self) -> Option<&Path> {
        match self {
            Self::BuiltIn => None,
            Self::In(folder) => Some(folder.as_path()),
            Self::WhereThere(folder) => Some(folder.as_path()).filter(|folder| folder.is_dir()),
        }
    }
}

/// What is to be set. Never shown for debugging: the values name persons.
pub struct Order {
    /// Name of its template, e.g. `order-with-limit`.
    pub document: String,
    /// Its moment.
    pub at: UtcMs,
    /// Its language.
    pub lang: Lang,
    /// What its template sets; the modules of a code are put in beside its address ([`draw_qr`]).
    pub values: Value,
}

/// Where documents are set: one at a time, for each takes a core and the memory of its fonts.
pub struct Press {
    choice: FontChoice,
    own: OwnTemplates,
    turn: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    fonts: Arc<Mutex<Option<Arc<Fonts>>>>,
    last_ms: AtomicI64,
    patience: Duration,
    limit: Duration,
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
    /// A press with these fonts and an office's own templates.
    #[must_use]
    pub fn new(choice: FontChoice, own: OwnTemplates) -> Self {
        let (turn, waiting) = (Arc::new(Semaphore::new(1)), Arc::new(Semaphore::new(WAITING)));
        let last_ms = AtomicI64::new(i64::MIN);
        Self { choice, own, turn, waiting, fonts: Arc::default(), last_ms, patience: TURN, limit: LIMIT }
    }

    /// A number that no document of this press had yet: the moment in Beijing to the millisecond, later where one of this moment has it.
    #[must_use]
    pub fn number(&self, at: UtcMs) -> String {
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
    ///
    /// # Errors
    /// `press_busy`, `paper_too_slow`, or what stands in the way of the document ([`PaperError::code`]).
    pub async fn print(&self, order: Order) -> Result<Paper, Refusal> {
        let turn = self.turn().await?;
        let (choice, own, fonts) = (self.choice.clone(), self.own.clone(), self.fonts.clone());
        let (made, paper) = tokio::sync::oneshot::channel();
        let work = move || {
            let _turn = turn;
            let _ = made.send(set(&choice, own.folder(), &fonts, order));
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

/// Fonts are looked for once, and again when a file came or went in their folders or what stands in the way concerns them, so that one
/// that was just installed counts at once.
fn set(
    choice: &FontChoice,
    templates: Option<&Path>,
    known: &Mutex<Option<Arc<Fonts>>>,
    mut order: Order,
) -> Result<Paper, PaperError> {
    let template = Template::read(&order.document, templates)?;
    draw_qr(&mut order.values)?;
    let content = Content { at: order.at, lang: order.lang, values: &order.values };
    let find = || {
        let fonts = Arc::new(Fonts::find(choice));
        *known.lock().unwrap_or_else(PoisonError::into_inner) = Some(fonts.clone());
        fonts
    };
    let before = known.lock().unwrap_or_else(PoisonError::into_inner).clone();
    if let Some(fonts) = before.filter(|fonts| fonts.are_current()) {
        match render(&template, &content, &fonts) {
            Err(error) if error.concerns_fonts() => {}
            done => return done,
        }
    }
    render(&template, &content, &find())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const AT: UtcMs = UtcMs(1_795_329_125_042);

    fn press() -> Press {
        Press::new(FontChoice::usual(), OwnTemplates::BuiltIn)
    }

    fn report(values: Value) -> Order {
        Order { document: "duty-report".into(), at: AT, lang: Lang::Zh, values }
    }

    #[test]
    fn no_number_is_given_twice() {
        let press = press();
        let first = press.number(AT);
        assert_eq!(first, "20261122-143205-042");
        assert_eq!(press.number(AT), "20261122-143205-043");
        assert_eq!(press.number(AT.plus_ms(-5_000)), "20261122-143205-044", "nor after a clock that went back");
        assert_eq!(press.number(AT.plus_ms(10)), "20261122-143205-052");
    }

    #[test]
    fn a_font_that_comes_is_seen_without_a_restart() {
        let lacking = FontChoice { body: vec!["No Such Family".into()], ..FontChoice::default() };
        let known = Mutex::default();
        let refused = set(&lacking, None, &known, report(json!({}))).unwrap_err();
        let refusal = Refusal::from(refused);
        assert_eq!((refusal.kind, refusal.code.as_str()), (ErrorKind::Unavailable, "no_font"));
        assert!(refusal.next.zh.contains("fonts-noto-cjk") && refusal.next.en.contains("fonts-noto-cjk"));
        // The same memory, another machine: fonts are found, and it is the values that are wrong.
        let refused = set(&FontChoice::usual(), None, &known, report(json!({}))).unwrap_err();
        assert_eq!(refused.code(), "paper_template", "{refused:?}");
    }

    #[test]
    fn a_folder_of_own_templates_counts_from_the_moment_it_is_there() {
        let data = tempfile::tempdir().unwrap();
        let folder = data.path().join("templates");
        let own = OwnTemplates::WhereThere(folder.clone());
        assert_eq!((own.folder(), OwnTemplates::BuiltIn.folder()), (None, None));
        let must = OwnTemplates::In(folder.clone());
        assert_eq!(
            must.folder(),
            Some(folder.as_path()),
            "a folder of the configuration that is gone is a fault, not passed over"
        );
        std::fs::create_dir(&folder).unwrap();
        assert_eq!(own.folder(), Some(folder.as_path()));
        std::fs::write(folder.join("duty-report.typ"), "#panic(\"of the office\")").unwrap();
        let refused = set(&FontChoice::usual(), own.folder(), &Mutex::default(), report(json!({}))).unwrap_err();
        assert!(
            matches!(&refused, PaperError::Template { message, .. } if message.contains("of the office")),
            "{refused:?}"
        );
    }

    #[test]
    fn a_code_is_drawn_for_whoever_gives_an_address() {
        let values = json!({ "qr": { "url": "not an address", "digest": "x" } });
        let refused = set(&FontChoice::usual(), None, &Mutex::default(), report(values)).unwrap_err();
        assert_eq!(refused.code(), "qr_text", "{refused:?}");
    }

    #[tokio::test]
    async fn one_that_takes_too_long_is_told_as_such_and_gives_its_turn_back() {
        let press = Press { limit: Duration::ZERO, ..press() };
        let refused = press.print(report(json!({}))).await.unwrap_err();
        assert_eq!((refused.kind, refused.code.as_str()), (ErrorKind::Unavailable, "paper_too_slow"));
        assert!(press.turn().await.is_ok(), "when it ended, the next one has its turn");
    }

    #[tokio::test]
    async fn those_who_wait_are_few_and_not_for_ever() {
        let press = Arc::new(Press { patience: Duration::from_millis(300), ..press() });
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
