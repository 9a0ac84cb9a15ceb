//! Registers and parties from a file: what it would do is shown, a person confirms it, and it runs while the page says how far it is.
//!
//! ```text
//! upload ─▶ Authority::preview_import ─▶ ImportsPage (rows, faults) ─▶ confirm ─▶ task: Authority::import_file ─▶ progress ─▶ how it ended
//! ```
//! Always true: a file is in memory only, of its uploader only, for a quarter of an hour; what is imported is byte for byte what was shown; one
//! import of an account runs at a time, and goes on when the browser goes away.

use super::inbox::{by, of};
use super::register_files::{MARK, csv_line};
use crate::answer::{Reply, attach, body, fault, page, page_with, see_other};
use crate::call::Call;
use crate::pages::staff::{ColumnLine, ImportsPage, RowFault, RowLine, Running};
use crate::pages::{Choice, FormErrors, Mark, Nav, State};
use authority::cases::imports::{FILE_BYTES, ImportPreview, ROWS, Target, template as template_of};
use axum::body::Bytes;
use axum::http::StatusCode;
use base::{AccountId, Lang, MonoMs, Refusal, Text};
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Most files kept, each of at most `FILE_BYTES`.
const FILES: usize = 16;
/// A file, or how its import ended, is forgotten after this long, ms.
const FILE_MS: u64 = 15 * 60_000;

/// A file that waits for its confirmation.
#[derive(Clone)]
struct File {
    into: String,
    name: String,
    bytes: Bytes,
    rows: usize,
}

/// An import that runs, or ran.
struct Job {
    done: AtomicUsize,
    total: usize,
    ended: Mutex<Option<Result<usize, Refusal>>>,
}

/// What an account has here.
#[derive(Clone)]
enum Held {
    Waits(File),
    Runs(Arc<Job>),
}

/// Files and imports by account.
#[derive(Default)]
pub(crate) struct Waiting(Mutex<HashMap<AccountId, (MonoMs, Held)>>);

impl Job {
    fn ended(&self) -> Option<Result<usize, Refusal>> {
        self.ended.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Waiting {
    fn get(&self, owner: AccountId, now: MonoMs) -> Option<Held> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(&owner).filter(|(at, held)| is_kept(*at, held, now)).map(|(_, held)| held.clone())
    }

    fn put(&self, owner: AccountId, held: Held, now: MonoMs) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, (at, held)| is_kept(*at, held, now));
        all.remove(&owner);
        let waits = |held: &Held| matches!(held, Held::Waits(_));
        if all.len() >= FILES
            && let Some(oldest) =
                all.iter().filter(|(_, (_, h))| waits(h)).min_by_key(|(_, (at, _))| at.0).map(|(id, _)| *id)
        {
            all.remove(&oldest);
        }
        all.insert(owner, (now, held));
    }
}

/// Neither too old nor, while it runs, ever forgotten.
fn is_kept(at: MonoMs, held: &Held, now: MonoMs) -> bool {
    let runs = matches!(held, Held::Runs(job) if job.ended().is_none());
    runs || now.since(at) < FILE_MS
}

async fn empty_page(call: &Call, into: &str) -> Result<(ImportsPage, Option<Target>), Refusal> {
    let targets = of(call)?.import_targets(by(call)?).await?;
    let chosen = targets.iter().find(|t| t.id == into).cloned();
    let column = |f: &law::Field| ColumnLine {
        name: f.name(),
        hint: f.hint().unwrap_or_default(),
        required: f.required,
        public: f.public && !f.personal && !f.kind.is_personal(),
    };
    let page = ImportsPage {
        l: call.lang,
        bar: call.bar(Nav::Cases).await?,
        targets: targets.iter().map(|t| Choice::new(&t.id, t.name.clone(), t.id == into)).collect(),
        into: chosen.as_ref().map(|t| t.id.clone()).unwrap_or_default(),
        columns: chosen.iter().flat_map(|t| &t.columns).map(column).collect(),
        template: chosen.as_ref().map(|t| format!("/imports/template?into={}", t.id)).unwrap_or_default(),
        most_rows: ROWS,
        most_bytes: u64::try_from(FILE_BYTES).unwrap_or(u64::MAX),
        ..ImportsPage::default()
    };
    Ok((page, chosen))
}

/// How an import ended, in words.
fn state_of(ended: &Result<usize, Refusal>) -> State {
    match ended {
        Ok(rows) => State {
            mark: Mark::Info,
            word: Text::of(
                format!("已导入 {rows} 行，已记入日志。"),
                format!("{rows} {} imported; it is in the log.", base::plural(*rows, "row", "rows")),
            ),
        },
        Err(refusal) => State {
            mark: Mark::Warning,
            word: Text::of(
                format!("{}{}", refusal.what.zh, refusal.next.zh),
                format!("{} {}", refusal.what.en, refusal.next.en),
            ),
        },
    }
}

/// `GET /imports?into=`: the form; how an import runs or ended.
pub(crate) async fn show(call: Call) -> Reply {
    of(&call)?;
    let (mut shown, _) = empty_page(&call, call.query.get("into")).await?;
    if let Some(Held::Runs(job)) = call.app.register_imports.get(call.actor()?.id, call.site().now().mono) {
        match job.ended() {
            None => shown.running = Some(Running { done: job.done.load(Ordering::Relaxed), total: job.total }),
            Some(ended) => shown.ended = Some(state_of(&ended)),
        }
    }
    page(&shown)
}

fn with_preview(mut page: ImportsPage, preview: ImportPreview) -> ImportsPage {
    page.checked = true;
    page.sha256 = preview.sha256;
    page.head = preview.columns;
    page.rows = preview.first.into_iter().map(|row| RowLine { line: row.line, cells: row.cells }).collect();
    page.row_count = preview.rows;
    page.fault_count = preview.fault_count;
    let told = |f: authority::cases::imports::RowFault| RowFault {
        line: f.line,
        column: f.column,
        what: f.what,
        next: f.next,
    };
    page.faults = preview.faults.into_iter().map(told).collect();
    page
}

fn wrong(field: &str, text: Text) -> FormErrors {
    let mut errors = FormErrors::default();
    errors.push(field, text);
    errors
}

fn busy() -> Text {
    Text::new("您的上一个导入还在进行，请等它结束。", "Your import before is still running; wait for its end.")
}

fn runs(call: &Call) -> Result<bool, Refusal> {
    let held = call.app.register_imports.get(call.actor()?.id, call.site().now().mono);
    Ok(matches!(held, Some(Held::Runs(job)) if job.ended().is_none()))
}

/// `POST /imports`: `into`, `file`; what it would do. Nothing is changed.
pub(crate) async fn check(call: Call) -> Reply {
    let (authority, who) = (of(&call)?, by(&call)?);
    let into = call.form.get("into");
    let (shown, target) = empty_page(&call, into).await?;
    if runs(&call)? {
        return Ok(see_other("/imports"));
    }
    let (Some(upload), Some(target)) = (&call.upload, target) else {
        let text = Text::new("请选择登记和文件。", "Choose a register and a file.");
        return page_with(StatusCode::BAD_REQUEST, &ImportsPage { errors: wrong("file", text), ..shown });
    };
    let preview = authority.preview_import(who, &target.id, (upload.name.as_str(), upload.bytes.as_ref())).await?;
    let code = if preview.fault_count > 0 { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    if preview.fault_count == 0 {
        let file = File {
            into: target.id.clone(),
            name: upload.name.clone(),
            bytes: upload.bytes.clone(),
            rows: preview.rows,
        };
        call.app.register_imports.put(who.account, Held::Waits(file), call.site().now().mono);
    }
    page_with(code, &with_preview(shown, preview))
}

/// `POST /imports/confirm`: `sha256` of the file that was shown.
pub(crate) async fn confirm(call: Call) -> Reply {
    let (authority, who) = (of(&call)?.clone(), by(&call)?);
    let now = call.site().now().mono;
    let file = match call.app.register_imports.get(who.account, now) {
        Some(Held::Waits(file)) => file,
        Some(Held::Runs(job)) if job.ended().is_none() => {
            let (shown, _) = empty_page(&call, "").await?;
            return page_with(StatusCode::CONFLICT, &ImportsPage { errors: wrong("into-choice", busy()), ..shown });
        }
        _ => {
            let text = Text::new(
                "核对已超过十五分钟，或者还没有上传文件。请重新上传。",
                "No file was checked in the last fifteen minutes; upload it again.",
            );
            let (shown, _) = empty_page(&call, "").await?;
            return page_with(StatusCode::CONFLICT, &ImportsPage { errors: wrong("into-choice", text), ..shown });
        }
    };
    let job = Arc::new(Job { done: AtomicUsize::new(0), total: file.rows, ended: Mutex::default() });
    call.app.register_imports.put(who.account, Held::Runs(Arc::clone(&job)), now);
    let sha256 = call.form.get("sha256").to_owned();
    // It ends by itself, and the page tells how: a browser that goes away stops nothing.
    tokio::spawn(async move {
        let work = Arc::clone(&job);
        let importing = tokio::spawn(async move {
            let bytes = (file.name.as_str(), file.bytes.as_ref());
            authority.import_file(who, &file.into, bytes, (sha256.as_str(), &work.done)).await
        });
        let ended = importing.await.unwrap_or_else(|_| Err(fault("import")));
        *job.ended.lock().unwrap_or_else(PoisonError::into_inner) = Some(ended);
    });
    Ok(see_other("/imports"))
}

/// `GET /imports/template?into=`: the header and a filled sample line, as CSV.
pub(crate) async fn template(call: Call) -> Reply {
    let target = of(&call)?.import_target(by(&call)?, call.query.get("into")).await?;
    let mut out = MARK.to_owned();
    for line in template_of(&target, call.lang == Lang::Zh) {
        out.push_str(&csv_line(line.iter().map(String::as_str)));
    }
    let mut answer = body(StatusCode::OK, "text/csv; charset=utf-8", out);
    attach(&mut answer, &format!("template-{}.csv", target.id));
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(n: u8) -> AccountId {
        AccountId::new(1, [n; 10])
    }

    fn file() -> Held {
        Held::Waits(File { into: "systems".into(), name: "a.csv".into(), bytes: Bytes::from_static(b"x"), rows: 1 })
    }

    #[test]
    fn a_file_waits_for_its_uploader_in_time_and_the_oldest_makes_room() {
        let all = Waiting::default();
        for n in 0..=u8::try_from(FILES).unwrap() {
            all.put(account(n), file(), MonoMs(u64::from(n)));
        }
        assert!(all.get(account(0), MonoMs(20)).is_none(), "the oldest made room");
        assert!(all.get(account(1), MonoMs(FILE_MS)).is_some() && all.get(account(1), MonoMs(FILE_MS + 1)).is_none());
        assert!(all.get(account(99), MonoMs(20)).is_none());
    }

    #[test]
    fn an_import_that_runs_is_never_forgotten() {
        let all = Waiting::default();
        let job = Arc::new(Job { done: AtomicUsize::new(0), total: 9, ended: Mutex::default() });
        all.put(account(1), Held::Runs(Arc::clone(&job)), MonoMs(0));
        assert!(all.get(account(1), MonoMs(FILE_MS * 9)).is_some());
        *job.ended.lock().unwrap() = Some(Ok(9));
        assert!(all.get(account(1), MonoMs(FILE_MS * 9)).is_none());
        assert_eq!(state_of(&Ok(9)).mark, Mark::Info);
    }
}
