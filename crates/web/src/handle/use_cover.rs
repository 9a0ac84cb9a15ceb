//! What the custodian does over others while footage is shown to a citizen: the page's work on one camera, read and kept. JSON in, JSON out.
//!
//! Always true: it is kept in the session that runs in this browser, or not at all; what is kept is answered, so the page shows what stands.

use super::marks::malformed;
use super::use_request::id_of;
use super::use_session::{in_this_browser, runs_here};
use crate::answer::{Reply, ok_json};
use crate::call::Call;
use base::{CameraId, Refusal, RequestId};
use domain::viewing::Covering;
use serde::Deserialize;

/// Field `covers` of `POST /use/{id}/end`: the last state of the camera that the page shows.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LastWord {
    camera: CameraId,
    covering: Covering,
}

fn camera_of(call: &Call) -> Result<CameraId, Refusal> {
    CameraId::parse(call.param(1)).ok_or_else(|| Refusal::not_found("该摄像机", "camera"))
}

/// `GET /api/v1/use/{id}/covers/{camera}`: `{span_ms, boxes, looked, shown}`.
pub(crate) async fn read(call: Call) -> Reply {
    let (id, camera) = (id_of(&call)?, camera_of(&call)?);
    in_this_browser(&call, id).await?;
    ok_json(&call.site().covering(call.actor()?, id, camera).await?)
}

/// `POST /api/v1/use/{id}/covers/{camera}`: the same, in the place of what stood there.
pub(crate) async fn save(call: Call) -> Reply {
    let (id, camera) = (id_of(&call)?, camera_of(&call)?);
    in_this_browser(&call, id).await?;
    let covering: Covering = serde_json::from_slice(&call.body).map_err(|_| malformed())?;
    ok_json(&call.site().save_covering(call.actor()?, id, camera, &covering).await?)
}

/// Keeps the last state that came with the end of a viewing, where its session still runs here: a page that is left at once may not have
/// sent it yet. Of a session that is over nothing is kept.
///
/// # Errors
/// `malformed`, or as `Site::save_covering`.
pub(super) async fn keep_last(call: &Call, id: RequestId) -> Result<(), Refusal> {
    let text = call.form.get("covers");
    let by = call.actor()?;
    let runs = call.site().session_of(by, id).await?.is_some_and(|s| runs_here(call, &s));
    if text.is_empty() || !runs {
        return Ok(());
    }
    let last: LastWord = serde_json::from_str(text).map_err(|_| malformed())?;
    call.site().save_covering(by, id, last.camera, &last.covering).await?;
    Ok(())
}
