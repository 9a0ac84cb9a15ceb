//! What a phone sends of a visit and asks back: fields with the version they were made on, photos with their digest, signatures.
//!
//! JSON and multipart in, JSON out; the refusals are those of `authority::visits`. Always true: what is answered is the record as it is now, with
//! the conflicts beside it, and only to who inspects: it names persons; a photo is a download, never shown in a page; who signs on the phone of
//! another shows their own password, bounded and counted as at the sign-in, and begins no session by it.

use super::entry::may_try;
use super::inbox::{by, of};
use super::visit_words::{record_json, signature_of};
use super::visits::{id_of, part_of};
use crate::answer::{Reply, attach, body, no_page, ok_json};
use crate::call::Call;
use crate::gate::{change_first, has_one_time_password};
use authority::By;
use authority::visits::record::Change;
use authority::visits::{DRAFT, NewPhoto};
use axum::http::StatusCode;
use base::{ErrorKind, Refusal, Sha256, Text, UtcMs};
use serde::Deserialize;
use serde_json::{Value, json};
use store::accounts::Account;

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
    let mut answer = record_json(view.line.row.version, &view.record, (view.sealed, view.facts.voided.len()));
    if let Some(answer) = answer.as_object_mut() {
        answer.insert("state".to_owned(), json!(view.line.row.state));
        let signed = view.photos.iter().map(|p| json!({ "belongs": p.belongs, "sha256": p.sha256 }));
        answer.insert("photos".to_owned(), signed.collect());
        let own: Vec<Value> = view.signed.iter().map(|account| json!(signature_of(*account))).collect();
        answer.insert("signed".to_owned(), own.into());
    }
    ok_json(&answer)
}

/// `POST /api/v1/visits/{id}/save`.
pub(crate) async fn save(call: Call) -> Reply {
    let (authority, case) = (of(&call)?, id_of(&call)?);
    let sent: Sent = serde_json::from_slice(&call.body).map_err(|_| malformed())?;
    let saved = authority.save_visit(by(&call)?, case, sent.base_version, &sent.changes).await?;
    let mut answer = record_json(saved.version, &saved.record, (saved.sealed, saved.voids));
    let conflicts = saved.conflicts.iter().map(|c| {
        let (base, mine, theirs) = (&c.base, &c.mine, &c.theirs);
        json!({ "field": c.field, "base": base, "mine": mine, "theirs": theirs })
    });
    if let Some(answer) = answer.as_object_mut() {
        answer.insert("conflicts".to_owned(), conflicts.collect());
    }
    ok_json(&answer)
}

/// What `order` takes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Drafted {
    /// Fields of the draft as the phone began with them and as it has them.
    changes: Vec<Change>,
}

/// `POST /api/v1/visits/{id}/order`: what a phone drafted of the order before it heard that the visit is closed.
pub(crate) async fn order(call: Call) -> Reply {
    let (authority, case) = (of(&call)?, id_of(&call)?);
    let sent: Drafted = serde_json::from_slice(&call.body).map_err(|_| malformed())?;
    let kept = authority.draft_order(by(&call)?, case, &sent.changes).await?;
    let form: serde_json::Map<String, serde_json::Value> =
        kept.form.iter().map(|(id, text)| (format!("{DRAFT}{id}"), json!(text))).collect();
    let conflicts = kept.conflicts.iter().map(|c| {
        let (base, mine, theirs) = (&c.base, &c.mine, &c.theirs);
        json!({ "field": format!("{DRAFT}{}", c.field), "base": base, "mine": mine, "theirs": theirs })
    });
    ok_json(&json!({ "form": form, "conflicts": conflicts.collect::<Vec<_>>() }))
}

/// A photo as a phone sent it.
fn sent_photo(call: &mut Call) -> Result<NewPhoto, Refusal> {
    let file = call.upload.take().ok_or_else(malformed)?;
    Ok(NewPhoto {
        sha256: Sha256::from_hex(call.form.get("sha256")).ok_or_else(malformed)?,
        belongs: call.form.get("belongs").to_owned(),
        taken: call.form.get("taken").parse().map(UtcMs).map_err(|_| malformed())?,
        place: call.form.get("place").to_owned(),
        bytes: file.bytes.to_vec(),
    })
}

/// `POST /api/v1/visits/{id}/photos`: `file`, `sha256`, `belongs`, `taken`, `place`.
pub(crate) async fn add_photo(mut call: Call) -> Reply {
    let case = id_of(&call)?;
    of(&call)?;
    let photo = sent_photo(&mut call)?;
    let n = of(&call)?.add_photo(by(&call)?, case, photo).await?;
    ok_json(&json!({ "photo": n }))
}

/// `POST /api/v1/visits/{id}/sign`: as a photo, with `login`, `password` and `code` of the inspector who signs on this phone of another one.
pub(crate) async fn sign(mut call: Call) -> Reply {
    let case = id_of(&call)?;
    of(&call)?;
    let photo = sent_photo(&mut call)?;
    let beside = by(&call)?;
    // No password is tried from anywhere but the phone of an inspector.
    of(&call)?.visit_of_inspector(beside, case).await?;
    let account = confirmed(&call).await?;
    let who = By { account: account.id, role: account.role };
    let n = of(&call)?.sign_beside(who, beside.account, case, photo).await?;
    ok_json(&json!({ "photo": n }))
}

/// The account of somebody beside the one who is signed in here.
async fn confirmed(call: &Call) -> Result<Account, Refusal> {
    let login = call.form.get("login");
    may_try(call, login)?;
    let tried = call.site().sign_in(login, &call.form.secret("password"), call.form.get("code")).await;
    // 401 would mean that the session of this phone has ended, which it has not.
    let account = tried.map_err(|refusal| match refusal.kind {
        ErrorKind::Unauthenticated => Refusal { kind: ErrorKind::BadInput, ..refusal },
        _ => refusal,
    })?;
    // The administrator knows it too, so it shows nobody.
    if has_one_time_password(call, account.id).await? {
        return Err(change_first());
    }
    Ok(account)
}

/// `GET /visits/{id}/photos/{index}`: of the newest visit.
pub(crate) async fn photo(call: Call) -> Reply {
    let photo = call.param(1).parse().map_err(|_| no_page())?;
    photo_of(&call, (None, photo)).await
}

/// `GET /visits/{id}/parts/{n}/photos/{index}`: of a visit by its number in the case.
pub(crate) async fn part_photo(call: Call) -> Reply {
    let photo = call.param(2).parse().map_err(|_| no_page())?;
    photo_of(&call, (Some(part_of(&call)?), photo)).await
}

/// A download, after the entry of who opened it.
async fn photo_of(call: &Call, which: (Option<u32>, u32)) -> Reply {
    let (photo, bytes) = of(call)?.visit_photo(by(call)?, id_of(call)?, which).await?;
    let ending = if photo.media_type == "image/png" { "png" } else { "jpg" };
    let mut answer = body(StatusCode::OK, "application/octet-stream", bytes);
    attach(&mut answer, &format!("photo-{}.{ending}", photo.photo));
    Ok(answer)
}
