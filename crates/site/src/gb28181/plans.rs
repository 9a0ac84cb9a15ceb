//! Guard plans of cameras, as people set them (role, law gate, setting with its entry, then the driver), and the alarms that come of them: to
//! the journal, then the device is told.

use super::guard::{GuardPlan, setting_key};
use crate::{Actor, Site};
use base::{CameraId, Refusal, Text, limits};
use domain::access::Permission;
use law::{Act, Guarding};
use store::StoreError;
use store::cameras::{CameraRow, Source};

impl Site {
    /// Sets when a camera's device is to report alarms. A plan that guards less than the one before disarms, and needs its reason
    /// (B-24-1-4; A-21-1 for key units).
    ///
    /// # Errors
    /// No permission, `not_found`, a camera that is not reached by GB/T 28181, `reason` (too long), the law, or the store.
    pub async fn set_guard(&self, by: &Actor, camera: CameraId, plan: GuardPlan, reason: &str) -> Result<(), Refusal> {
        by.needs(Permission::ManageDevices)?;
        let running = self.camera(camera).ok_or_else(|| Refusal::not_found("该摄像机", "camera"))?;
        if !matches!(running.row().source, Source::Gb28181 { .. }) {
            return Err(Refusal::bad_input(
                "guard",
                Text::new("只有国标接入的摄像机能布防。", "Only cameras reached by GB/T 28181 can be guarded."),
                Text::new("报警请接入报警主机或国标设备。", "Connect alarms through a panel or a GB/T 28181 device."),
            ));
        }
        let reason = reason.trim();
        if reason.chars().count() > limits::FREE_TEXT_CHARS {
            return Err(Refusal::bad_input(
                "reason",
                Text::new("理由过长。", "The reason is too long."),
                Text::new("请缩短后重新提交。", "Shorten it and submit again."),
            ));
        }
        // The role is the unit's designation (B-22-1-2) and its power to decide; the reason is the decision's.
        let facts = Guarding { designated: true, authorised: !reason.is_empty(), limited: false };
        let less = plan.guards_less_than(self.guard_plan(camera).await?);
        let act = if less { Act::Disarm(facts) } else { Act::Arm(facts) };
        let clauses = self.lawful(by, Some(camera), act).await?;
        let key = setting_key(camera);
        let (text, name) = (plan.text(), plan.name());
        self.store().put_guard((camera, &key), (&text, &name), reason, &clauses, by.id, self.now().utc).await?;
        // A crash here: the setting counts, the driver is told at the next start.
        self.gb28181().guard(camera, plan).await;
        Ok(())
    }

    /// Tells the driver the plan of a camera that was taken into service.
    pub(crate) async fn load_guard(&self, row: &CameraRow) -> Result<(), StoreError> {
        let plan = self.guard_plan(row.id).await?;
        self.gb28181().guard(row.id, plan).await;
        Ok(())
    }

    /// The plan of a camera, as it is stored.
    async fn guard_plan(&self, camera: CameraId) -> Result<GuardPlan, StoreError> {
        let text = self.store().setting(&setting_key(camera)).await?;
        // Text that is no plan is none: nobody is told anything by accident.
        Ok(text.and_then(|t| GuardPlan::parse(&t)).unwrap_or_default())
    }
}

/// Most alarms brought to the journal at once.
const BATCH: usize = 256;

/// Carries what devices report to the journal, and tells them when it is there. Runs until the driver ends.
pub(crate) async fn keep(site: Site) {
    let Some(mut heard) = site.gb28181().take_alarms() else { return };
    let mut batch = Vec::with_capacity(BATCH);
    while heard.recv_many(&mut batch, BATCH).await > 0 {
        let signals = batch.iter().map(|h| h.signal.clone()).collect();
        match site.store().journal().append(signals).await {
            // A crash here: the signals are in the journal; the devices repeat them, and the repeats are joined.
            Ok(_) => site.gb28181().confirm(std::mem::take(&mut batch)).await,
            Err(error) => {
                tracing::error!(%error, alarms = batch.len(), "alarms could not be kept and are not confirmed; devices repeat them");
                batch.clear();
            }
        }
    }
}
