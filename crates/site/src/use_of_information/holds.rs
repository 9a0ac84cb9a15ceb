//! Holds by hand: the custodian keeps a stretch of footage beyond its term, and ends that again.
//!
//! ```text
//! role ─▶ range ─▶ law gate (hold | release_hold) ─▶ row + entry together, taking turns with every deletion
//! ```
//!
//! Always true: what is held is there at that moment; a hold that belongs to a request is released with its request only, one of an order of
//! the authority by the authority only; both acts have a reason in the row and its digest in the log. Sources: B-29-1-2, Order 799 arts. 17 and 23.

use crate::{Actor, Site};
use base::{CameraId, ErrorKind, HoldId, Refusal, Text, UtcMs, limits};
use domain::access::Permission;
use law::{Act, HoldRelease};
use store::StoreError;
use store::holds::NewHold;

/// What the custodian fills in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HoldForm {
    /// Whose footage.
    pub camera: CameraId,
    /// From.
    pub from: UtcMs,
    /// To.
    pub to: UtcMs,
    /// Why.
    pub reason: String,
}

fn again() -> Text {
    Text::new("请更正后重新提交。", "Correct it and submit again.")
}

/// A reason as it is stored; `reason_missing` for none.
fn reason_of(text: &str) -> Result<String, Refusal> {
    let reason: String = text.trim().chars().take(limits::FREE_TEXT_CHARS).collect();
    if reason.is_empty() {
        let what = Text::new("封存须写明理由。", "A hold needs its reason.");
        return Err(Refusal::bad_input("reason_missing", what, again()));
    }
    Ok(reason)
}

impl Site {
    /// Puts a hold on footage. From its commit on nothing erases it, whatever its term.
    ///
    /// # Errors
    /// No permission, `range` (empty, longer than seven days, or in the future), `reason_missing`, `not_found` (the camera), the
    /// law, `no_footage`, or the store.
    pub async fn place_hold(&self, by: &Actor, form: &HoldForm) -> Result<HoldId, Refusal> {
        by.needs(Permission::DecideUse)?;
        let now = self.now().utc;
        let length_ms = form.to.since(form.from);
        if length_ms <= 0 || length_ms > limits::REQUEST_RANGE_MS || form.to > now {
            let what = Text::new(
                "封存的时段须已经过去，结束晚于开始，且不超过7天。",
                "A held range lies in the past, ends after its begin, and is at most 7 days long.",
            );
            return Err(Refusal::bad_input("range", what, again()));
        }
        let reason = reason_of(&form.reason)?;
        self.store().camera(form.camera).await?.ok_or_else(|| Refusal::not_found("该摄像机", "camera"))?;
        let clauses = self.lawful_use(by, Some(form.camera), None, Act::Hold).await?;
        let new = NewHold { camera: form.camera, from: form.from, to: form.to, reason, by: by.id, clauses };
        self.store().place_hold(&new, now).await?.ok_or_else(|| {
            Refusal::new(
                ErrorKind::NotFound,
                "no_footage",
                Text::new("该时段没有可以封存的录像。", "There is no footage to hold in this range."),
                Text::new("请在时间轴上选择有录像的时段。", "Choose a stretch with footage on the timeline."),
            )
        })
    }

    /// Releases a hold that was placed by hand. The footage then stays its term.
    ///
    /// # Errors
    /// No permission, `not_found` (also when it was released already), `hold_of_request`, `hold_of_order`, `hold_of_alarm`, the law
    /// (`hold_still_needed` without a reason), or the store.
    pub async fn release_hold_by_hand(&self, by: &Actor, id: HoldId, reason: &str) -> Result<(), Refusal> {
        by.needs(Permission::DecideUse)?;
        let gone = || Refusal::not_found("该封存", "hold");
        let hold = self.store().hold(id).await?.ok_or_else(gone)?;
        if hold.request.is_some() {
            return Err(Refusal::new(
                ErrorKind::Conflict,
                "hold_of_request",
                Text::new("这是信息使用申请的封存。", "This hold belongs to a request."),
                Text::new(
                    "请在该申请结束后，在申请页解除。",
                    "Release it on the page of the request, once that is closed.",
                ),
            ));
        }
        if self.store().order_of_hold(hold.id).await.map_err(StoreError::from)?.is_some() {
            return Err(Refusal::new(
                ErrorKind::Conflict,
                "hold_of_order",
                Text::new("这是按公安机关指令封存的录像。", "This footage is held by order of the authority."),
                Text::new(
                    "由公安机关解除；案件已经结束的，请与其联系。",
                    "The authority releases it; if its case is over, call them.",
                ),
            ));
        }
        if self.store().alarm_of_hold_open(&hold).await.map_err(StoreError::from)? {
            return Err(Refusal::new(
                ErrorKind::Conflict,
                "hold_of_alarm",
                Text::new(
                    "这是报警自动封存的录像，警情尚未结束。",
                    "An alarm holds this footage, and its incident is not closed.",
                ),
                Text::new("请在警情结束后再解除。", "Release it once the incident is closed."),
            ));
        }
        let reason: String = reason.trim().chars().take(limits::FREE_TEXT_CHARS).collect();
        // No request stands behind it: whoever placed it, or another custodian, says that it is no longer needed.
        let act = Act::ReleaseHold(HoldRelease { request_closed: true, reason_recorded: !reason.is_empty() });
        let clauses = self.lawful_use(by, Some(hold.camera), None, act).await?;
        let now = self.now().utc;
        let done = self.store().release_hold(&hold, &reason, by.id, &clauses, now).await.map_err(StoreError::from)?;
        if done { Ok(()) } else { Err(gone()) }
    }
}
