//! The end of an export's file: by the custodian's hand with a reason, or by itself some days after its grant has ended.
//!
//! The file is a copy; the footage it was made of stays its term and its holds. So no clause forbids its end, and none asks for
//! it: the unit's own rule is that copies nobody may use any more do not lie about. The row, its digests and its entries stay.

use super::refuse;
use crate::{Actor, Site};
use base::{ErrorKind, ExportId, Refusal, Text, UtcMs, limits, time::DAY_MS};
use domain::access::Permission;
use domain::viewing::export_kept_until;
use std::time::Duration;
use store::StoreError;
use store::exports::Removal;

/// Seconds between two looks for exports whose time is over.
const LOOK_S: u64 = 600;
/// Most exports removed in one look; the rest goes with the next.
const BATCH: u32 = 500;

impl Site {
    /// The custodian removes the file of a finished export. It can be made again under a grant in force.
    ///
    /// # Errors
    /// No permission, `not_found`, `reason_missing`, `export_not_ready` (also when another tab was first), or the store.
    pub async fn remove_export(&self, by: &Actor, id: ExportId, reason: &str) -> Result<(), Refusal> {
        by.needs(Permission::DecideUse)?;
        let row = self.export(by, id).await?;
        let reason: String = reason.trim().chars().take(limits::FREE_TEXT_CHARS).collect();
        if reason.is_empty() {
            let what = Text::new("清除证据包须写明理由。", "Removing an export needs a reason.");
            return Err(Refusal::bad_input("reason_missing", what, Text::new("请填写理由。", "Give the reason.")));
        }
        let text = Text::of(
            format!("信息管理员清除证据包文件，{}。", base::size(row.bytes)),
            format!("The custodian removed the file of an export, {}.", base::size(row.bytes)),
        );
        let why = Removal { by: Some(by.id), reason, clauses: vec![], text };
        let now = self.now().utc;
        if self.store().remove_export(&row, &why, now).await.map_err(StoreError::from)? {
            return Ok(());
        }
        let what = Text::new("该证据包没有可以清除的文件。", "This export has no file to remove.");
        let next = Text::new("请刷新页面查看它的状态。", "Reload the page to see how it stands.");
        Err(refuse(ErrorKind::Conflict, "export_not_ready", what, next))
    }

    /// Removes the files of exports whose grant ended as many days ago as the configuration says; returns how many went. Goes by
    /// the time that is sure, so that a clock that jumped ahead removes nothing early.
    ///
    /// # Errors
    /// The store; what is not removed yet goes later.
    pub async fn remove_due_exports(&self) -> Result<u64, StoreError> {
        self.remove_exports_due_at(self.clock().sure()).await
    }

    /// As `remove_due_exports`, at a time that is sure.
    pub(super) async fn remove_exports_due_at(&self, sure: UtcMs) -> Result<u64, StoreError> {
        let keep_days = self.config().export_keep_days;
        let ended = sure.plus_ms(-i64::from(keep_days) * DAY_MS);
        let text = Text::of(
            format!("授权结束已满 {keep_days} 天，证据包文件自动清除。"),
            format!(
                "The file of an export was removed by itself, {keep_days} {} after its grant ended.",
                base::plural(keep_days, "day", "days")
            ),
        );
        let why = Removal { by: None, reason: String::new(), clauses: vec![], text };
        let mut removed = 0;
        for (row, state) in self.store().exports_ended(ended, BATCH).await? {
            if export_kept_until(state, keep_days).is_some_and(|until| until <= sure) {
                removed += u64::from(self.store().remove_export(&row, &why, self.now().utc).await?);
            }
        }
        self.store().sweep_exports().await?;
        Ok(removed)
    }
}

/// Looks every ten minutes, for ever. A fault is logged and tried again.
pub(crate) async fn run_removal(site: Site) {
    let mut every = tokio::time::interval(Duration::from_secs(LOOK_S));
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    loop {
        every.tick().await;
        match site.remove_due_exports().await {
            Ok(0) => {}
            Ok(removed) => tracing::info!(removed, "exports removed after their grant"),
            Err(error) => tracing::error!(%error, "exports could not be removed; trying again"),
        }
    }
}
