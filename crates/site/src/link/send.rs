//! Sends reports until their receipt is stored: at least once from here, once at the authority.
//!
//! Crash table. Number given, not sent: sent with the same number. Sent, receipt not stored: sent again, the authority answers with the
//! receipt it gave. Signed receipt stored, report not marked: the same, and the first receipt stays. Marked: never sent again.

use super::LinkError;
use crate::Site;
use base::{Sha256, UtcMs};
use bus::{Kind, Link, Message, Question, Receipt, join_message};
use ledger::Vkey;
use store::incidents::{OutboxRow, POLICE};

/// Reports taken out at one look.
const BATCH: u32 = 50;
/// What is wrong with the line or the database itself; everything else concerns one report only.
pub(super) const fn stops_all(error: &LinkError) -> bool {
    matches!(error, LinkError::Bus(_) | LinkError::Store(_) | LinkError::Answer(403 | 503, _))
}

impl Site {
    /// Sends what is due, the oldest first, until nothing is.
    pub(super) async fn send_due(&self, link: &mut Link, authority: &Vkey) -> Result<(), LinkError> {
        loop {
            let due = self.store().due_reports(POLICE, self.now().utc, BATCH).await?;
            if due.is_empty() {
                return Ok(());
            }
            for row in due {
                if let Err(error) = self.send_report(link, authority, &row).await {
                    // It waits longer after each try and is never given up.
                    self.store().report_tried(&row, &error.to_string(), self.now().utc).await?;
                    if stops_all(&error) {
                        return Err(error);
                    }
                    tracing::error!(%error, report = %row.id, "the authority does not take a report");
                    self.linker().change(|s| s.fault = Some(error.text()));
                }
            }
        }
    }

    async fn send_report(&self, link: &mut Link, authority: &Vkey, row: &OutboxRow) -> Result<(), LinkError> {
        let id = row.id.to_string();
        let (receipt, note) =
            self.deliver(link, authority, (&id, Kind::AlarmReport), row.body.as_bytes(), row.made).await?;
        self.store().set_message_receipt(&id, &note).await?;
        self.store().report_receipted(row.id, &receipt.entry.to_string(), self.now().utc).await?;
        metrics::counter!("jifang_reports_delivered_total").increment(1);
        Ok(())
    }

    /// One message and its receipt, checked to be the authority's and of this message.
    pub(super) async fn deliver(
        &self,
        link: &mut Link,
        authority: &Vkey,
        (id, kind): (&str, Kind),
        body: &[u8],
        made: UtcMs,
    ) -> Result<(Receipt, Vec<u8>), LinkError> {
        let key = self.store().ledger().key();
        let message = Message {
            id: id.to_owned(),
            site: key.vkey().name().to_owned(),
            seq: self.store().message_number(id).await?,
            kind,
            at: made,
            sha256: Sha256::of(body),
        };
        let question = join_message(&message.sign(key)?, body)?;
        let answer = link.ask(Question::Message, &question).await?;
        if !answer.is_ok() {
            self.doubt_standing(answer.status);
            return Err(LinkError::Answer(answer.status, String::from_utf8_lossy(&answer.body).trim().to_owned()));
        }
        let receipt = Receipt::open(&answer.body, authority)?;
        if !receipt.is_for(&message) {
            return Err(LinkError::Answer(200, "a receipt of another message".into()));
        }
        self.heard();
        Ok((receipt, answer.body))
    }
}
