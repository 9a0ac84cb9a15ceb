//! Sends what the site reports of itself until its receipt is stored, the oldest first.
//!
//! Always true: it never holds up reports of alarms, which go first in each round; one that the authority does not take waits a minute and is
//! never given up. Crash table: as `send`.

use super::LinkError;
use super::send::stops_all;
use crate::Site;
use bus::{Kind, Link};
use ledger::Vkey;
use std::sync::atomic::Ordering;
use store::self_reports::OwnReport;

/// Pause after a try that the authority did not take, ms.
const PAUSE_MS: i64 = 60_000;

impl Site {
    /// Sends the oldest report of the site itself that waits.
    pub(super) async fn send_self_report(&self, link: &mut Link, authority: &Vkey) -> Result<(), LinkError> {
        if self.now().utc.0 < self.linker().self_report_after.load(Ordering::Relaxed) {
            return Ok(());
        }
        let Some(own) = self.store().due_self_report().await? else { return Ok(()) };
        if let Err(error) = self.deliver_self_report(link, authority, &own).await {
            self.linker().self_report_after.store(self.now().utc.plus_ms(PAUSE_MS).0, Ordering::Relaxed);
            if stops_all(&error) {
                return Err(error);
            }
            tracing::warn!(%error, report = %own.id, "the authority does not take the site's report of itself");
        }
        Ok(())
    }

    async fn deliver_self_report(&self, link: &mut Link, authority: &Vkey, own: &OwnReport) -> Result<(), LinkError> {
        let message = (own.id.as_str(), Kind::SelfReport);
        let (_, note) = self.deliver(link, authority, message, own.body.as_bytes(), own.made).await?;
        self.store().set_message_receipt(&own.id, &note).await?;
        self.store().self_report_received(&own.id, self.now().utc).await?;
        metrics::counter!("jifang_self_reports_delivered_total").increment(1);
        Ok(())
    }
}
