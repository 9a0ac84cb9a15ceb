//! What a phone sends of a visit and asks back: fields with the version they were made on, photos with their digest.
//!
//! JSON and multipart in, JSON out; the refusals are those of `authority::visits`. Always true: what is answered is the record as it is now, with
//! the conflicts beside it, and only to who inspects: it names persons; a photo is a download, never shown in a page.

use super::inbox::{by, of};
use super::visit_words::record_json;
use super::visits::id_of;
use crate::answer::{Reply, attach, body, no_page, ok_json};
use crate::call::Call;
use authority::visits::NewPhoto;
use authority::visits::record::Change;
use axum::http::StatusCode;
use base::{Refusal, Sha256, Text, UtcMs};
use serde::Deserialize;
use serde_json::json;

/// What `save` takes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sent {
    /// Version that the phone began with.
    base_version: u32,
    /// What changed since.
    changes: Vec<Change>,
}

fn malformed() -> Refusal {
    let what = Text::new("发送的内容不完整或格式不对。", "What was sent is incomplete or malformed.");
    Refusal::bad_input("malformed", what, Text::new("请刷新页面后再同步。", "Reload the page and sync again."))
}

/// `GET /api/v1/visits/{id}`: for its inspectors, since the record names whom they met.
pub(crate) async fn state(call: Call) -> Reply {
    let view = of(&call)?.visit_of_inspector(by(&call)?, id_of(&call)?).await?;
    let mut answer = record_json(view.line.row.version, &view.record);
    if let Some(answer) = answer.as_object_mut() {
        answer.insert("state".to_owned(), json!(view.line.row.state));
        let signed = view.photos.iter().map(|p| json!({ "belongs": p.belongs, "sha256": p.sha256 }));
        answer.insert("photos".to_owned(), signed.collect());
    }
    ok_json(&answer)
}

/// `POST /api/v1/visits/{id}/save`.
pub(crate) async fn save(call: Call) -> Reply {
    let (authority, case) = (of(&call)?, id_of(&call)?);
    let sent: Sent = serde_json::from_slice(&call.body).map_err(|_| malformed())?;
    let saved = authority.save_visit(by(&call)?, case, sent.base_version, &sent.changes).await?;
    let mut answer = record_json(saved.version, &saved.record);
    let conflicts = saved.conflicts.iter().map(|c| {
        let (base, mine, theirs) = (&c.base, &c.mine, &c.theirs);
        json!({ "field": c.field, "base": base, "mine": mine, "theirs": theirs })
    });
    if let Some(answer) = answer.as_object_mut() {
        answer.insert("conflicts".to_owned(), conflicts.collect());
    }
    ok_json(&answer)
}

/// `POST /api/v1/visits/{id}/photos`: `file`, `sha256`, `belongs`, `taken`, `place`.
pub(crate) async fn add_photo(mut call: Call) -> Reply {
    let case = id_of(&call)?;
    of(&call)?;
    let file = call.upload.take().ok_or_else(malformed)?;
    let photo = NewPhoto {
        sha256: Sha256::from_hex(call.form.get("sha256")).ok_or_else(malformed)?,
        belongs: call.form.get("belongs").to_owned(),
        taken: call.form.get("taken").parse().map(UtcMs).map_err(|_| malformed())?,
        place: call.form.get("place").to_owned(),
        bytes: file.bytes.to_vec(),
    };
    let n = of(&call)?.add_photo(by(&call)?, case, photo).await?;
    ok_json(&json!({ "photo": n }))
}

/// `GET /visits/{id}/photos/{index}`: a download, after the entry of who opened it.
pub(crate) async fn photo(call: Call) -> Reply {
    let authority = of(&call)?;
    let n = call.param(1).parse().map_err(|_| no_page())?;
    let (photo, bytes) = authority.visit_photo(by(&call)?, id_of(&call)?, n).await?;
    let ending = if photo.media_type == "image/png" { "png" } else { "jpg" };
    let mut answer = body(StatusCode::OK, "application/octet-stream", bytes);
    attach(&mut answer, &format!("photo-{}.{ending}", photo.photo));
    Ok(answer)
}
