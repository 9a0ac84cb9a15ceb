//! Files of a row of a register that is kept by hand: the list, putting one in, opening one, taking one out.
//!
//! ```text
//! GET  …/files                 ─▶ Authority::row_files ─▶ page; forms only for who may
//! POST …/files                 ─▶ Authority::keep_row_file      POST …/files/{sha256}        ─▶ Authority::open_row_file (entry first) ─▶ download
//! POST …/files/{sha256}/remove ─▶ Authority::remove_row_file
//! ```
//! Always true: a file leaves as a download, named by its digest and not by the name that it came with.

use super::ask::Wrong;
use super::case::uploaded;
use super::inbox::{by, of};
use super::staff_registers::listed;
use super::staff_rows::page_of;
use super::view::Names;
use crate::answer::{Reply, attach, body, no_page, page, page_with};
use crate::call::Call;
use crate::pages::ask::Shown;
use crate::pages::row_files::{RowFileLine, RowFilesPage};
use crate::pages::{Choice, Nav};
use authority::cases::file_reasons;
use axum::http::StatusCode;
use base::{Refusal, Sha256};
use store::casework::row_files::RowFile;

/// Endings of names that the corridor takes; what a file really is its first bytes say.
const ACCEPT: &str = ".pdf,.ofd,.jpg,.jpeg,.png,.tif,.tiff,.doc,.docx,.xls,.xlsx,.wps,.zip";
/// Reasons that stand for taking a file out, the last of the list.
const GROUNDS: [&str; 2] = ["wrong", "secret"];

/// Signs of a digest in the name of a download.
const DIGEST_SIGNS: usize = 12;

fn choices(of_grounds: bool) -> Vec<Choice> {
    let all = file_reasons().into_iter().filter(|(word, _)| GROUNDS.contains(word) == of_grounds);
    all.map(|(word, name)| Choice::new(word, name, false)).collect()
}

/// The address of the page.
fn here(call: &Call) -> String {
    format!("{}/files", page_of(call.param(0), call.param(1)))
}

async fn files_page(call: &Call, mut wrong: Wrong) -> Result<RowFilesPage, Refusal> {
    let found = of(call)?.row_files(by(call)?, call.param(0), call.param(1)).await?;
    let register = listed(call, &found.row.register)?;
    let names = Names::of(call, found.files.iter().map(|file| file.by).collect()).await?;
    let line = |file: &RowFile| RowFileLine {
        sha256: file.sha256.hex(),
        name: Shown(file.name.expose().clone()),
        size: base::size(file.bytes),
        at: file.at,
        who: Shown(names.who(call, Some(file.by))),
        removed: file.removed,
    };
    let mut bar = call.bar(Nav::Cases).await?;
    wrong.on(&mut bar);
    Ok(RowFilesPage {
        l: call.lang,
        bar,
        register: found.row.register.clone(),
        register_name: register.name(),
        row: found.row.row.clone(),
        title: found.row.name.clone(),
        level: found.level,
        takes: found.takes,
        may_keep: found.may_keep,
        may_open: found.may_open,
        files: found.files.iter().map(line).collect(),
        reasons: choices(false),
        grounds: choices(true),
        seen: found.row.version,
        accept: ACCEPT,
        errors: wrong.errors,
    })
}

/// The page with what was refused.
async fn refused(call: &Call, refusal: Refusal, at: &str) -> Reply {
    let wrong = Wrong::of(refusal, at)?;
    page_with(wrong.status, &files_page(call, wrong).await?)
}

/// `GET /registers/{register}/{number}/files`.
pub(crate) async fn show(call: Call) -> Reply {
    of(&call)?;
    page(&files_page(&call, Wrong::none()).await?)
}

/// `POST /registers/{register}/{number}/files`: `file`, `seen`.
pub(crate) async fn keep(mut call: Call) -> Reply {
    of(&call)?;
    let upload = match uploaded(&mut call, "") {
        Ok((_, upload)) => upload,
        Err(refusal) => return refused(&call, refusal, "file").await,
    };
    let seen = call.form.get("seen").parse().unwrap_or(0);
    match of(&call)?.keep_row_file(by(&call)?, (call.param(0), call.param(1), seen), upload).await {
        Ok(_) => call.done(&here(&call), "row_file_kept"),
        Err(refusal) => refused(&call, refusal, "file").await,
    }
}

fn digest(call: &Call) -> Result<Sha256, Refusal> {
    Sha256::from_hex(call.param(2)).ok_or_else(no_page)
}

/// `POST /registers/{register}/{number}/files/{sha256}`: `reason`.
pub(crate) async fn open(call: Call) -> Reply {
    let (authority, sha256) = (of(&call)?, digest(&call)?);
    let of_row = (call.param(0), call.param(1), sha256);
    match authority.open_row_file(by(&call)?, of_row, call.form.get("reason")).await {
        Ok((file, bytes)) => {
            let ending = match file.media_type.as_str() {
                "application/pdf" => "pdf",
                "image/jpeg" => "jpg",
                "image/png" => "png",
                "image/tiff" => "tif",
                "application/zip" => "zip",
                _ => "bin",
            };
            let mut answer = body(StatusCode::OK, "application/octet-stream", bytes);
            let digest: String = sha256.hex().chars().take(DIGEST_SIGNS).collect();
            attach(&mut answer, &format!("file-{digest}.{ending}"));
            Ok(answer)
        }
        Err(refusal) => refused(&call, refusal, "why-1").await,
    }
}

/// `POST /registers/{register}/{number}/files/{sha256}/remove`: `reason`.
pub(crate) async fn remove(call: Call) -> Reply {
    let (authority, sha256) = (of(&call)?, digest(&call)?);
    let of_row = (call.param(0), call.param(1), sha256);
    match authority.remove_row_file(by(&call)?, of_row, call.form.get("reason")).await {
        Ok(()) => call.done(&here(&call), "row_file_gone"),
        Err(refusal) => refused(&call, refusal, "ground-1").await,
    }
}
