//! Guard plans of cameras, as people set them (role, setting with its entry, then the driver), and the alarms that come of them: to
//! the journal, then the device is told.

use super::guard::{GuardPlan, setting_key};
use crate::{Actor, Site};
use base::{CameraId, Refusal, Text};
use domain::access::Permission;
use store::StoreError;
use store::cameras::{CameraRow, Source};

impl Site {
    /// Sets when a camera's device is to report alarms.
    ///
    /// # Errors
    /// No permission, `not_found`, a camera that is not reached by GB/T 28181, or the store.
    pub async fn set_guard(&self, by: &Actor, camera: CameraId, plan: GuardPlan) -> Result<(), Refusal> {
        by.needs(Permission::ManageDevices)?;
        let running = self.camera(camera).ok_or_else(|| Refusal::not_found("该摄像机", "camera"))?;
        if !matches!(running.row().source, Source::Gb28181 { .. }) {
            return Err(Refusal::bad_input(
                "guard",
                Text::new("只有国标接入的摄像机能布防。", "Only cameras reached by GB/T 28181 can be guarded."),
                Text::new("报警请接入报警主机或国标设备。", "Connect alarms through a panel or a GB/T 28181 device."),
            ));
        }
        let now = self.now().utc;
        self.store()
            .set_setting(&setting_key(camera), &plan.text(), Some(by.id), now)
            .await
            .map_err(StoreError::from)?;
        // A crash here: the setting counts, the driver is told at the next start.
        self.gb28181().guard(camera, plan).await;
        Ok(())
    }

    /// Tells the driver the plan of a camera that was taken into service.
    pub(crate) async fn load_guard(&self, row: &CameraRow) -> Result<(), StoreError> {
        let text = self.store().setting(&setting_key(row.id)).await?;
        // Text that is no plan is none: nobody is told anything by accident.
        let plan = text.and_then(|t| GuardPlan::parse(&t)).unwrap_or_default();
        self.gb28181().guard(row.id, plan).await;
        Ok(())
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
