//! Signs the head of a site's log, keeps what contradicts a head it signed, and goes on with a new line when a person accepts one.

use crate::{Authority, By};
use base::{ErrorKind, Refusal, SiteId, Text, limits};
use bus::Answer;
use domain::access::Permission;
use ledger::{AddCheckpoint, Checkpoint, Known, Vkey, WitnessRefusal, examine, with_cosignature};
use store::peers::{PeerSite, PeerState};
use store::witness::{NewLine, WitnessHead};

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

    /// A person accepts that a site's log goes on from the head of a contradiction: after a restore from a backup, which the site told
    /// of. Both heads stay, the entry names both, and from here on the new line is witnessed like any other.
    ///
    /// # Errors
    /// No right, no reason, no such contradiction, one that was settled meanwhile, or the store.
    pub async fn accept_line(&self, site: SiteId, conflict: u64, why: &str, by: By) -> Result<(), Refusal> {
        let account = by.needs(Permission::ManagePeers)?;
        let why = why.trim();
        if why.is_empty() || why.chars().count() > limits::FREE_TEXT_CHARS {
            return Err(Refusal::bad_input(
                "why",
                Text::new("理由未填写或过长。", "The reason is empty or too long."),
                Text::new(
                    "请写明与谁核实、恢复的是哪一天的备份。",
                    "Write with whom it was checked and of which day the backup is.",
                ),
            ));
        }
        let unknown = || Refusal::not_found("该记录", "contradiction");
        let peer = self.store().peer(site).await?.filter(|p| p.state == PeerState::Admitted).ok_or_else(unknown)?;
        let found = self.store().conflicts(site).await?.into_iter().find(|c| c.leaf == conflict);
        let found = found.ok_or_else(unknown)?;
        let held = self.store().witness_head(site).await?.ok_or_else(unknown)?;
        let head = Vkey::parse(&peer.vkey).ok().and_then(|key| Checkpoint::open(&found.offered, &key).ok());
        let now = self.now();
        let signed = self.0.witness.cosign(&found.offered, now).ok();
        let note = signed.and_then(|line| with_cosignature(&found.offered, &line));
        let (Some(head), Some(note)) = (head, note) else { return Err(unknown()) };
        let row = WitnessHead { site, size: head.size, root: head.root, note, at: now };
        let line = NewLine { conflict, head: row, by: account, why };
        // The site gets no cosignature from here: it asks with its next head and is compared with this one.
        if !self.store().accept_line(&held, &line, now).await? {
            return Err(Refusal::new(
                ErrorKind::Conflict,
                "line_settled",
                Text::new("这处矛盾已经处理过。", "This contradiction has been settled already."),
                Text::new("请刷新页面，看现在的状态。", "Load the page again and see how it stands."),
            ));
        }
        self.store().clear(&format!("witness_conflict.{site}"), None, now).await?;
        Ok(())
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
                "使用单位“{}”的日志与此前见证的不一致（可能被改写或回退）。两份签名已保存在接入单位页，请先联系该单位：由备份恢复的，核实后在接入单位页认可；否则派员核查。",
                peer.name
            ),
            format!(
                "The log of site \"{}\" contradicts what was witnessed before: it may have been rewritten or taken back. Both signed \
                 heads are kept on the page of the sites. Call the site first: if it was restored from a backup, accept the new line on \
                 that page once that is established; otherwise have it examined.",
                peer.name
            ),
        );
        self.store().raise(1, &format!("witness_conflict.{}", peer.site), None, &text, now).await?;
        Ok(())
    }
}
