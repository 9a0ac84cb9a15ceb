//! Pictures and clips that come with a report: bytes first, part by part; then the message that names them by digest, and the receipt.
//!
//! Always true: a receipt is given only for bytes that were read back whole and have the digest the site signed; nothing is taken that goes
//! with no report of that site; whoever looks is in the log before the first byte; bytes are kept `EXHIBIT_DAYS` after a closed report came,
//! `EXHIBIT_DAYS_OPEN` at the most, then deleted with an entry (what was signed stays).

use crate::answer::{away, refused};
use crate::{Authority, By};
use base::time::DAY_MS;
use base::{Refusal, Text, UtcMs};
use bus::{Answer, PART_BYTES, Part};
use domain::access::Permission;
use domain::alarm::{CLIP_BYTES, Exhibit};
use std::time::Duration;
use store::StoreError;
use store::inbox::Incoming;
use store::inbox_exhibits::{ExhibitTaken, InboxExhibit, PartKey, PartTaken};
use store::peers::PeerSite;

/// Days that the bytes of a closed report's exhibits are kept. No clause names a term for the police's copy; the site keeps its footage
/// by its own.
pub const EXHIBIT_DAYS: i64 = 90;
/// Days after which they go, closed or not.
pub const EXHIBIT_DAYS_OPEN: i64 = 365;
/// Days that parts without their message are kept.
const UNFINISHED_DAYS: i64 = 7;
/// Pause between two looks for what is over its time.
const SWEEP: Duration = Duration::from_secs(3_600);

/// An exhibit that somebody may see, and has been entered as seen.
#[derive(Clone, Debug)]
pub struct Shown {
    authority: Authority,
    row: InboxExhibit,
}

impl Shown {
    /// Length, bytes.
    #[must_use]
    pub fn total_bytes(&self) -> u64 {
        self.row.exhibit.bytes
    }

    /// Digest, hexadecimal.
    #[must_use]
    pub fn digest(&self) -> String {
        self.row.exhibit.sha256.map(|d| d.hex()).unwrap_or_default()
    }

    /// What it is, for the name of a file: `picture`, `clip`.
    #[must_use]
    pub fn word(&self) -> &'static str {
        self.row.exhibit.kind.code()
    }

    /// Bytes from `at` to the end of the part that holds it; `None` behind the end, or where a part is gone.
    ///
    /// # Errors
    /// The store.
    pub async fn read(&self, at: u64) -> Result<Option<Vec<u8>>, StoreError> {
        let Some(sha256) = self.row.exhibit.sha256 else { return Ok(None) };
        let key = PartKey { site: self.row.site, report: self.row.report.clone(), sha256 };
        let size = PART_BYTES as u64;
        let mut bytes = match self.authority.store().part(&key, at / size * size).await? {
            Some(bytes) => bytes,
            None => return Ok(None),
        };
        let skip = usize::try_from(at % size).unwrap_or(bytes.len()).min(bytes.len());
        let rest = bytes.split_off(skip);
        Ok((!rest.is_empty()).then_some(rest))
    }
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Authority").field("pin", &self.pin()).finish_non_exhaustive()
    }
}

impl Authority {
    /// A part: 200 with how many bytes are kept, 409 without its report, 413 when it is too much.
    pub(crate) async fn part(&self, peer: &PeerSite, question: &[u8]) -> Answer {
        let (part, bytes) = match Part::split(question) {
            Ok(read) => read,
            Err(error) => return refused(400, &error.to_string()),
        };
        if part.size > CLIP_BYTES {
            return refused(413, "larger than a clip may be");
        }
        let key = PartKey { site: peer.site, report: part.report, sha256: part.sha256 };
        match self.store().put_part(&key, part.at, bytes, self.now()).await {
            Ok(PartTaken::Have(bytes)) => Answer::new(200, format!("{bytes}\n")),
            Ok(PartTaken::NoReport) => refused(409, "no such report"),
            Ok(PartTaken::TooMany) => refused(413, "this report has brought as much as it may"),
            Err(error) => away(error),
        }
    }

    /// An exhibit whose parts are here: read back, compared, then row, entry and receipt together.
    pub(crate) async fn exhibit(
        &self,
        incoming: &Incoming<'_>,
        now: UtcMs,
        receipt: impl FnOnce(u64) -> Option<Vec<u8>> + Send,
    ) -> Answer {
        let Some(exhibit) = Exhibit::parse(incoming.body) else { return refused(400, "not an exhibit") };
        if let Some(sha256) = exhibit.sha256 {
            let key = PartKey { site: incoming.site, report: exhibit.report.to_string(), sha256 };
            match self.store().part_digest(&key).await {
                Ok(found) if found == (exhibit.bytes, sha256) => {}
                // The bytes are what the digest says, so they stay: only this message is wrong.
                Ok((_, digest)) if digest == sha256 => return refused(409, "the bytes have another length"),
                Ok((length, _)) if length < exhibit.bytes => return refused(409, "not all parts are here"),
                Ok(_) => {
                    // What lies under a digest it does not have would block that digest for ever.
                    return match self.store().forget_parts(&key).await {
                        Ok(()) => refused(409, "the bytes have another digest"),
                        Err(error) => away(error),
                    };
                }
                Err(error) => return away(error),
            }
        }
        match self.store().receive_exhibit(incoming, &exhibit, now, receipt).await {
            Ok(ExhibitTaken::New(receipt)) => {
                metrics::counter!("jifang_exhibits_received_total").increment(1);
                Answer::new(200, receipt)
            }
            Ok(ExhibitTaken::Again(receipt)) => Answer::new(200, receipt),
            Ok(ExhibitTaken::OtherBody) => refused(409, "this id was used for another message"),
            Ok(ExhibitTaken::NoReport) => refused(409, "no such report"),
            Ok(ExhibitTaken::TooMany) => refused(413, "this report has brought as much as it may"),
            Err(error) => away(error),
        }
    }

    /// Opens an exhibit of a report for somebody: the look is in the log before the first byte.
    ///
    /// # Errors
    /// No right, no such exhibit of this report, bytes that were deleted at the end of their time, or the store.
    pub async fn show_exhibit(&self, report: u64, exhibit: u64, by: By) -> Result<Shown, Refusal> {
        let account = by.needs(Permission::SeeReports)?;
        let gone = || Refusal::not_found("该影像", "picture or clip");
        let (line, _) = self.store().report(report).await?.ok_or_else(gone)?;
        let found = self.store().exhibit_in(exhibit).await?;
        let row = found.filter(|e| (e.site, &e.report) == (line.site, &line.id)).ok_or_else(gone)?;
        if row.deleted.is_some() {
            return Err(Refusal::new(
                base::ErrorKind::NotFound,
                "exhibit_deleted",
                Text::of(
                    format!("该影像已保存满 {EXHIBIT_DAYS} 天并删除。"),
                    format!("This was kept for {EXHIBIT_DAYS} days and is deleted."),
                ),
                Text::new(
                    "如仍需要，请依法向使用单位调取。",
                    "If it is still needed, ask the site for it by the lawful procedure.",
                ),
            ));
        }
        if row.exhibit.sha256.is_none() {
            return Err(gone());
        }
        self.store().exhibit_viewed(&row, account, self.now()).await?;
        Ok(Shown { authority: self.clone(), row })
    }

    /// Something came of any report; moves with every exhibit.
    ///
    /// # Errors
    /// No right, or the store.
    pub async fn newest_exhibit(&self, by: By) -> Result<u64, Refusal> {
        by.needs(Permission::SeeReports)?;
        Ok(self.store().exhibit_count().await?)
    }

    /// Deletes what is over its time, now and every hour.
    pub(crate) async fn sweep_exhibits(self) {
        loop {
            let now = self.now();
            let ago = |days: i64| now.plus_ms(-days * DAY_MS);
            let swept = self
                .store()
                .sweep_inbox_exhibits(ago(EXHIBIT_DAYS), ago(EXHIBIT_DAYS_OPEN), ago(UNFINISHED_DAYS), now)
                .await;
            if let Err(error) = swept {
                tracing::warn!(%error, "exhibits over their time could not be deleted; trying again in an hour");
            }
            tokio::time::sleep(SWEEP).await;
        }
    }
}
