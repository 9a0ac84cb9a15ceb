//! Signs the head of a site's log, and keeps what contradicts a head it signed.

use crate::Authority;
use base::Text;
use bus::Answer;
use ledger::{AddCheckpoint, Known, Vkey, WitnessRefusal, examine, with_cosignature};
use store::peers::PeerSite;
use store::witness::WitnessHead;

/// Stable word of a contradiction.
const fn word(refusal: &WitnessRefusal) -> &'static str {
    match refusal {
        WitnessRefusal::RolledBack { .. } => "rolled_back",
        WitnessRefusal::SplitView(_) => "split_view",
        _ => "not_consistent",
    }
}

impl Authority {
    /// C2SP tlog-witness `add-checkpoint`: 200 with the cosignature; 409 with the size that was signed last; 403, 422, 400.
    pub(crate) async fn add_checkpoint(&self, peer: &PeerSite, vkey: &Vkey, body: &[u8]) -> Answer {
        let Some(request) = AddCheckpoint::parse(body) else { return Answer::new(400, "not add-checkpoint\n") };
        match self.examined(peer, vkey, &request).await {
            Ok(answer) => answer,
            Err(error) => {
                tracing::error!(%error, site = %peer.site, "head not witnessed");
                Answer::new(503, "database or disk does not answer\n")
            }
        }
    }

    async fn examined(
        &self,
        peer: &PeerSite,
        vkey: &Vkey,
        request: &AddCheckpoint,
    ) -> Result<Answer, store::ledger_log::LogError> {
        let held = self.store().witness_head(peer.site).await?;
        let known = held.as_ref().map(|h| Known { size: h.size, root: h.root });
        let head = match examine(known, request, vkey) {
            Ok(head) => head,
            Err(refusal) => {
                if let (true, Some(held)) = (refusal.is_conflict(), &held) {
                    self.caught(peer, &refusal, held, request).await?;
                }
                let size = held.map_or(0, |h| h.size);
                let said = if refusal.status() == 409 { format!("{size}\n") } else { format!("{refusal}\n") };
                return Ok(Answer::new(refusal.status(), said));
            }
        };
        let now = self.now();
        let signed = self.0.witness.cosign(&request.note, now).ok();
        let joined = signed.as_ref().and_then(|line| Some((line, with_cosignature(&request.note, line)?)));
        let Some((line, note)) = joined else { return Ok(Answer::new(400, "not a signed note\n")) };
        let row = WitnessHead { site: peer.site, size: head.size, root: head.root, note, at: now };
        // Durable first. A crash after this line leaves a signature that nobody has; the site asks again and gets another.
        if self.store().advance_witness(request.old_size, &row).await? {
            metrics::counter!("jifang_witness_signed_total").increment(1);
            return Ok(Answer::new(200, line.clone()));
        }
        let size = self.store().witness_head(peer.site).await?.map_or(0, |h| h.size);
        Ok(Answer::new(409, format!("{size}\n")))
    }

    /// The site's own key signed two histories: both heads are kept, and a person is told.
    async fn caught(
        &self,
        peer: &PeerSite,
        refusal: &WitnessRefusal,
        held: &WitnessHead,
        request: &AddCheckpoint,
    ) -> Result<(), store::ledger_log::LogError> {
        let now = self.now();
        if !self.store().add_conflict(peer.site, word(refusal), &held.note, &request.note, now).await? {
            return Ok(());
        }
        metrics::counter!("jifang_witness_conflicts_total").increment(1);
        tracing::error!(site = %peer.site, %refusal, "a site's log contradicts what was witnessed");
        let text = Text::of(
            format!(
                "使用单位“{}”的日志与此前见证的不一致（可能被改写或回退）。两份签名已保存在接入单位页，请派员核查。",
                peer.name
            ),
            format!(
                "The log of site \"{}\" contradicts what was witnessed before: it may have been rewritten or taken back. Both signed \
                 heads are kept on the page of the sites; have it examined.",
                peer.name
            ),
        );
        self.store().raise(1, &format!("witness_conflict.{}", peer.site), None, &text, now).await?;
        Ok(())
    }
}
