//! Acts on a range of the timeline: bookmark, hold, and their ends. JSON in, JSON out; deletion is in `media`.

use crate::answer::{Reply, json, ok_json};
use crate::call::Call;
use axum::http::StatusCode;
use base::{BookmarkId, CameraId, HoldId, Refusal, Text, UtcMs};
use serde::Deserialize;
use site::use_of_information::HoldForm;

/// Body of `POST /api/v1/bookmarks` and `POST /api/v1/holds`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RangeForm {
    camera: CameraId,
    from: i64,
    to: i64,
    /// Note or reason.
    reason: String,
}

/// Body of `POST /api/v1/holds/{id}/release`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReleaseForm {
    reason: String,
}

pub(super) fn malformed() -> Refusal {
    Refusal::bad_input(
        "malformed",
        Text::new("发送的内容不完整或格式不对。", "What was sent is incomplete or malformed."),
        Text::new("请重新提交。", "Send it again."),
    )
}

/// A range of instants, UTC ms, near enough that no sum of instants overflows.
pub(super) fn is_range(from: i64, to: i64) -> bool {
    from >= 0 && to > from && to <= 253_402_300_799_999
}

fn range_form(call: &Call) -> Result<RangeForm, Refusal> {
    let form: RangeForm = serde_json::from_slice(&call.body).map_err(|_| malformed())?;
    if is_range(form.from, form.to) { Ok(form) } else { Err(malformed()) }
}

/// `POST /api/v1/bookmarks`: `{camera, from, to, reason}`.
pub(crate) async fn add_bookmark(call: Call) -> Reply {
    let form = range_form(&call)?;
    let range = (UtcMs(form.from), UtcMs(form.to));
    let id = call.site().add_bookmark(call.actor()?, form.camera, range, &form.reason).await?;
    Ok(json(StatusCode::CREATED, &serde_json::json!({ "id": id })))
}

/// `DELETE /api/v1/bookmarks/{id}`.
pub(crate) async fn remove_bookmark(call: Call) -> Reply {
    let id = BookmarkId::parse(call.param(0)).ok_or_else(|| Refusal::not_found("该书签", "bookmark"))?;
    call.site().remove_bookmark(call.actor()?, id).await?;
    ok_json(&serde_json::json!({ "removed": true }))
}

/// `POST /api/v1/holds`: `{camera, from, to, reason}`.
pub(crate) async fn place_hold(call: Call) -> Reply {
    let form = range_form(&call)?;
    let form = HoldForm { camera: form.camera, from: UtcMs(form.from), to: UtcMs(form.to), reason: form.reason };
    let id = call.site().place_hold(call.actor()?, &form).await?;
    Ok(json(StatusCode::CREATED, &serde_json::json!({ "id": id })))
}

/// `POST /api/v1/holds/{id}/release`: `{reason}`, of a hold that was placed by hand.
pub(crate) async fn release_hold(call: Call) -> Reply {
    let id = HoldId::parse(call.param(0)).ok_or_else(|| Refusal::not_found("该封存", "hold"))?;
    let form: ReleaseForm = serde_json::from_slice(&call.body).map_err(|_| malformed())?;
    call.site().release_hold_by_hand(call.actor()?, id, &form.reason).await?;
    ok_json(&serde_json::json!({ "released": true }))
}
