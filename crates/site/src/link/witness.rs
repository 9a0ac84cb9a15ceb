//! Having the head of the log witnessed, and saying when that has not happened for long.

use super::{LinkError, LinkSettings};
use crate::Site;
use base::{MonoMs, Text, UtcMs};
use bus::{Link, Question};
use ledger::{AddCheckpoint, Log, WitnessVkey, with_cosignature};
use store::StoreError;
use store::backup::RestoredFrom;
use store::link::Witnessed;

/// Most tries of one push: the witness says where it stands, and the next try proves from there.
const TRIES: usize = 3;
/// Code of the notice that the log has not been witnessed for long.
const UNWITNESSED: &str = "unwitnessed";
/// Code of the notice that the witness found a contradiction.
const CONTRADICTED: &str = "witness_refuses";
/// Code of the notice that this server was restored, and days it stays.
const RESTORED: &str = "restored";
const RESTORED_DAYS: i64 = 7;

/// When a head was pushed last.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct HeadAge {
    pushed: Option<MonoMs>,
}

impl Site {
    /// Pushes the newest head once an interval, if it has grown.
    pub(super) async fn witness_when_due(
        &self,
        link: &mut Link,
        settings: &LinkSettings,
        age: &mut HeadAge,
    ) -> Result<(), LinkError> {
        let now = self.now().mono;
        let wait_ms = u64::from(self.config().witness_s) * 1_000;
        let asked = self.linker().take_push_wish();
        if !asked && age.pushed.is_some_and(|at| now.since(at) < wait_ms) {
            return Ok(());
        }
        let Some(witness) = settings.witness_key() else { return Ok(()) };
        self.push_head(link, &witness).await?;
        age.pushed = Some(now);
        Ok(())
    }

    async fn push_head(&self, link: &mut Link, witness: &WitnessVkey) -> Result<(), LinkError> {
        let mut old_size = self.store().witnessed().await?.map_or(0, |w| w.size);
        for _ in 0..TRIES {
            let frozen = self.store().ledger().frozen().await?;
            let size = frozen.size();
            let note = frozen.note().to_vec();
            let proof = tokio::task::spawn_blocking(move || {
                if old_size <= size { Log::new(&frozen, size).consistency(old_size, size) } else { Ok(Vec::new()) }
            });
            let proof = proof.await.map_err(|e| LinkError::Answer(0, e.to_string()))?;
            // Tiles that do not prove what was witnessed: the head is shown without proof, so that the witness says what it makes of it.
            let request = AddCheckpoint { old_size, proof: proof.unwrap_or_default(), note: note.clone() };
            let answer = link.ask(Question::AddCheckpoint, &request.to_bytes()).await?;
            self.heard();
            match answer.status {
                200 => return self.keep_cosigned(&note, &answer.body, size, witness).await,
                409 => {
                    let said = std::str::from_utf8(&answer.body).ok().and_then(|t| t.trim().parse::<u64>().ok());
                    match said {
                        Some(known) if known <= size && known != old_size => old_size = known,
                        _ => return self.contradicted(size, said).await,
                    }
                }
                422 => return self.contradicted(size, Some(old_size)).await,
                status => {
                    self.doubt_standing(status);
                    return Err(LinkError::Answer(status, String::from_utf8_lossy(&answer.body).trim().to_owned()));
                }
            }
        }
        Ok(())
    }

    /// Stores the head with its cosignature, after checking that it is one.
    async fn keep_cosigned(&self, note: &[u8], line: &[u8], size: u64, witness: &WitnessVkey) -> Result<(), LinkError> {
        let wrong = || LinkError::Answer(200, "no cosignature of the witness that was entered".into());
        let note = with_cosignature(note, line).ok_or_else(wrong)?;
        let at = witness.cosigned_at(&note).map_err(|_| wrong())?;
        // A crash before this line loses nothing: the witness says where it stands.
        self.store().set_witnessed(&Witnessed { size, note, at }).await?;
        metrics::counter!("jifang_witnessed_total").increment(1);
        self.linker().change(|s| s.contradicted = false);
        self.store().clear(CONTRADICTED, None, self.now().utc).await?;
        Ok(())
    }

    /// The witness holds a head that this log does not continue: a person must look, here too.
    async fn contradicted(&self, size: u64, known: Option<u64>) -> Result<(), LinkError> {
        self.linker().change(|s| s.contradicted = true);
        let known = known.unwrap_or(0);
        let restored = self.store().restored_from().await?;
        let text = restored.map_or_else(|| rewritten(known, size), |from| taken_back(known, size, &from));
        self.store().raise(1, CONTRADICTED, None, &text, self.now().utc).await?;
        Ok(())
    }

    /// Tells log and people, once, that this server was restored from a backup; takes the notice back after a week.
    pub(crate) async fn tell_restored(&self) -> Result<(), StoreError> {
        let now = self.now().utc;
        let Some(from) = self.store().restored_from().await? else { return Ok(()) };
        if from.told_ms.is_some_and(|told| now.since(told) > RESTORED_DAYS * base::time::DAY_MS) {
            self.store().clear(RESTORED, None, now).await?;
            return Ok(());
        }
        // The notice first: a crash between the two tells people again, which changes nothing.
        if from.told_ms.is_none() {
            self.store().raise(1, RESTORED, None, &restored_words(&from), now).await?;
            self.store().tell_restored(now).await?;
        }
        Ok(())
    }

    /// Raises a notice when the log has not been witnessed for `witness_notice_h` hours, and takes it back.
    pub(super) async fn tell_unwitnessed(&self) -> Result<(), StoreError> {
        let now = self.now().utc;
        let Some(settings) = super::settings::load(self.store()).await? else { return Ok(()) };
        let last = self.store().witnessed().await?.map(|w| w.at);
        #[expect(clippy::cast_precision_loss, reason = "gauges are floating point")]
        metrics::gauge!("jifang_witnessed_utc_seconds").set(last.map_or(0, |t| t.0 / 1_000) as f64);
        let since = last.or(settings.entered);
        let late = since.is_some_and(|at| is_late(at, now, self.config().witness_notice_h));
        if !late {
            self.store().clear(UNWITNESSED, None, now).await?;
            return Ok(());
        }
        let hours = self.config().witness_notice_h;
        let text = Text::of(
            format!("日志已超过 {hours} 小时没有得到公安机关见证。请检查到公安机关服务器的网络和“公安连接”页。"),
            format!(
                "The log has not been witnessed for over {hours} {}. Check the network to the authority and the page Authority.",
                base::plural(hours, "hour", "hours")
            ),
        );
        self.store().raise(2, UNWITNESSED, None, &text, now).await?;
        Ok(())
    }
}

/// Nobody restored anything: a history was changed.
fn rewritten(known: u64, size: u64) -> Text {
    Text::of(
        format!(
            "公安机关见证过 {known} 条日志，与本机现有 {size} 条不一致：日志被改写或从旧备份恢复。请立即核查并联系公安机关；本机日志不再得到见证。"
        ),
        format!(
            "The authority witnessed a log of {known} entries that the {size} here do not continue: it was rewritten or restored from an \
             old backup. Examine it now and tell the authority; the log is no longer witnessed."
        ),
    )
}

/// This server was restored from a backup older than what was witnessed.
fn taken_back(known: u64, size: u64, from: &RestoredFrom) -> Text {
    let (made, at, kept) = (from.made_ms.desk(), from.restored_ms.desk(), from.size);
    Text::of(
        format!(
            "本机于 {at} 由 {made} 的备份恢复（日志 {kept} 条），而公安机关已见证 {known} 条：备份之后的记录不在本机，现有 {size} 条自成一线，\
             公安机关认可前不予见证。请电话告知公安机关管理员恢复的时间和原因，由其在“接入单位”页认可。"
        ),
        format!(
            "This server was restored at {at} from the backup of {made} ({kept} entries of the log), and the authority had witnessed {known}: \
             what happened after the backup is not here, and the {size} entries here are a line of their own that is not witnessed until it \
             is accepted. Call the authority's administrator, say when and why it was restored, and have the line accepted on its page of \
             the sites."
        ),
    )
}

/// What a person has to look at after a restore.
fn restored_words(from: &RestoredFrom) -> Text {
    let (made, at) = (from.made_ms.desk(), from.restored_ms.desk());
    Text::of(
        format!(
            "本机于 {at} 由 {made} 的备份恢复。其后的变动不在本机：请重新核对账号停用与密码、程序令牌、封存与授权、报警处置和设备设置；所有人须重新登录。"
        ),
        format!(
            "This server was restored at {at} from the backup of {made}. What was changed since is not here: look again at closed accounts and \
             passwords, tokens for programs, holds and grants, alarms and devices. Everybody signs in anew."
        ),
    )
}

fn is_late(last: UtcMs, now: UtcMs, hours: u32) -> bool {
    now.since(last) > i64::from(hours) * 3_600_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn late_begins_after_the_last_hour() {
        let at = UtcMs(1_000);
        assert!(!is_late(at, at.plus_ms(24 * 3_600_000), 24));
        assert!(is_late(at, at.plus_ms(24 * 3_600_000 + 1), 24));
        assert!(!is_late(at, UtcMs(0), 24), "a clock that went back makes nothing late");
    }
}
