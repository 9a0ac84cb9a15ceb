//! Pictures and clips that go with a report: looked for in the recording, entered, sent in parts, named by a signed message.
//!
//! ```text
//! due_exhibit ─▶ law (B-21-2) ─▶ find: not written yet | bytes | why none ─▶ exhibit_made: entry + register ─▶ parts ─▶ message ─▶ receipt
//!                                                              every part: reports that are due go first ◀─┘
//! ```
//! Always true: a report never waits behind more than one part; nothing leaves before its entry; what is sent is what the digest of the
//! signed message says; an exhibit that fails waits and leaves the line to others; footage that cannot be read now is never told as
//! footage that is not there.

use super::LinkError;
use super::send::stops_all;
use crate::Site;
use crate::playback::unreadable;
use base::{CameraId, ErrorKind, Refusal, Sha256, Text, UtcMs};
use bus::{Kind, Link, PART_BYTES, Part, Question};
use bytes::{Bytes, BytesMut};
use domain::alarm::{
    CLIP_BYTES, EXHIBIT_VERSION, Exhibit, ExhibitKind, NO_FOOTAGE, UNREADABLE, Verdict, unreadable_at,
};
use futures_util::StreamExt;
use law::AlarmReport;
use ledger::Vkey;
use std::pin::pin;
use store::incidents::{ExhibitRow, POLICE};
use store::{StoreError, keys};

/// Code of the notice that reports wait.
const WAITING: &str = "reports_wait";
/// A report that waits longer than this is told to people, ms.
const TOLD_MS: i64 = 60_000;
/// How often a clip that is too large is cut: each time by a quarter.
const CUTS: usize = 24;

/// What the recording has.
enum Found {
    /// Not written yet.
    NotYet,
    /// Footage from, to, as an MP4.
    Here(UtcMs, UtcMs, Bytes),
    /// There is none, and why.
    None(String),
}

impl Site {
    /// Sends the next exhibit that is due. True when one was, so that there may be another.
    pub(super) async fn send_exhibits(&self, link: &mut Link, authority: &Vkey) -> Result<bool, LinkError> {
        let Some(row) = self.store().due_exhibit(self.now().utc).await? else { return Ok(false) };
        if let Err(error) = self.send_exhibit(link, authority, &row).await {
            self.store().exhibit_waits(&row, &error.to_string(), self.now().utc).await?;
            if stops_all(&error) {
                return Err(error);
            }
            tracing::warn!(%error, report = %row.report, kind = row.kind.code(), "the authority does not take an exhibit");
        }
        Ok(true)
    }

    async fn send_exhibit(&self, link: &mut Link, authority: &Vkey, row: &ExhibitRow) -> Result<(), LinkError> {
        let Some(incident) = self.store().incident(row.incident).await?.map(|i| i.incident) else {
            return Ok(self.store().exhibit_waits(row, "the incident is not there", self.now().utc).await?);
        };
        let facts = AlarmReport {
            verified_real: incident.verdict() == Some(Verdict::Real),
            raised_by_hand: incident.what.raised_by_hand(),
        };
        let clauses = match self.may_report(facts) {
            Ok(clauses) => clauses,
            Err(refusal) => return Ok(self.store().exhibit_refused(row, &refusal, self.now().utc).await?),
        };
        let found = match self.find_exhibit(row.camera, row.kind, incident.opened, incident.clip()).await {
            Ok(found) => found,
            // The rows know footage that the disk or the database does not give now: looked for again, for a day.
            Err(refusal) if self.now().utc < unreadable_at(incident.opened) => {
                return Ok(self.store().exhibit_waits(row, &refusal.what.en, self.now().utc).await?);
            }
            Err(_) => Found::None(UNREADABLE.to_owned()),
        };
        let (from, to, bytes, absent) = match found {
            Found::NotYet => return Ok(self.store().exhibit_waits(row, "", self.now().utc).await?),
            Found::Here(from, to, bytes) => (from, to, bytes, None),
            Found::None(why) => (incident.opened, incident.opened, Bytes::new(), Some(why)),
        };
        let camera = self.store().camera(row.camera).await?;
        let exhibit = Exhibit {
            version: EXHIBIT_VERSION,
            report: row.report,
            incident: row.incident,
            number: incident.number.clone(),
            camera: row.camera,
            camera_name: camera.map(|c| c.name).unwrap_or_default(),
            kind: row.kind,
            from,
            to,
            bytes: bytes.len() as u64,
            sha256: absent.is_none().then(|| Sha256::of(&bytes)),
            absent,
            clauses,
        };
        let (id, body) = self.entered(row, &exhibit).await?;
        self.put_parts(link, authority, &exhibit, &bytes).await?;
        let message = (id.as_str(), Kind::AlarmExhibit);
        let (_, note) = self.deliver(link, authority, message, body.as_bytes(), incident.opened).await?;
        self.store().set_message_receipt(&id, &note).await?;
        self.store().exhibit_received(row, &note, self.now().utc).await?;
        metrics::counter!("jifang_exhibits_delivered_total").increment(1);
        Ok(())
    }

    /// The exhibit's message: the one that was entered if its bytes are the same, else a new one with its entry.
    async fn entered(&self, row: &ExhibitRow, exhibit: &Exhibit) -> Result<(String, String), LinkError> {
        let before = Exhibit::parse(row.body.as_bytes());
        if let (Some(id), Some(before)) = (&row.id, before)
            && (before.sha256, &before.absent) == (exhibit.sha256, &exhibit.absent)
        {
            return Ok((id.clone(), row.body.clone()));
        }
        let now = self.now().utc;
        let id = base::ReportId::new(now.0, keys::random().map_err(StoreError::from)?).to_string();
        self.store().exhibit_made(&id, exhibit, now).await?;
        Ok((id, serde_json::to_string(exhibit).unwrap_or_default()))
    }

    /// What the recording has for an incident that was opened at `opened`, its clip from `from` to `to`. An error says that it cannot
    /// be known now.
    async fn find_exhibit(
        &self,
        camera: CameraId,
        kind: ExhibitKind,
        opened: UtcMs,
        (from, to): (UtcMs, UtcMs),
    ) -> Result<Found, Refusal> {
        let given_up = self.now().utc >= kind.given_up_at(opened);
        let found = match kind {
            ExhibitKind::Picture => {
                self.recorded_picture(camera, opened).await.map(|(at, bytes)| Some((at, at, bytes)))
            }
            ExhibitKind::Clip => self.clip(camera, from, to, given_up).await,
        };
        match found {
            Ok(Some((from, to, bytes))) => return Ok(Found::Here(from, to, bytes)),
            Err(refusal) if refusal.kind != ErrorKind::NotFound => return Err(refusal),
            _ if !given_up => return Ok(Found::NotYet),
            _ => {}
        }
        let (from, to) = if kind == ExhibitKind::Clip { (from, to) } else { (opened, opened.plus_ms(1)) };
        let gap = self.why_no_footage(camera, from, to).await?;
        Ok(Found::None(gap.map_or_else(|| NO_FOOTAGE.to_owned(), |g| g.cause.code().to_owned())))
    }

    /// The film of [from, to) as far as it fits; `None` while its end is not written yet, unless `all` that is there is wanted.
    async fn clip(
        &self,
        camera: CameraId,
        from: UtcMs,
        mut to: UtcMs,
        all: bool,
    ) -> Result<Option<(UtcMs, UtcMs, Bytes)>, Refusal> {
        let wanted = to;
        for _ in 0..CUTS {
            let film = self.recorded_film(camera, from, to).await?;
            if film.until() < wanted && to == wanted && !all && film.gaps().is_empty() {
                return Ok(None);
            }
            if film.total_bytes() <= CLIP_BYTES {
                let bytes = whole(&film).await.ok_or_else(unreadable)?;
                return Ok(Some((film.start_utc_ms(), film.until(), bytes)));
            }
            to = from.plus_ms(film.until().since(from) * 3 / 4);
        }
        Ok(None)
    }

    /// Sends what the authority does not have yet, part by part, and lets every report go first.
    async fn put_parts(
        &self,
        link: &mut Link,
        authority: &Vkey,
        exhibit: &Exhibit,
        bytes: &[u8],
    ) -> Result<(), LinkError> {
        let Some(sha256) = exhibit.sha256 else { return Ok(()) };
        let part = |at| Part { report: exhibit.report.to_string(), sha256, size: exhibit.bytes, at };
        let mut have = self.put_part(link, &part(0), &[]).await?;
        while have < exhibit.bytes {
            let at = usize::try_from(have).unwrap_or(bytes.len());
            let piece = bytes.get(at..(at + PART_BYTES).min(bytes.len())).unwrap_or_default();
            let now = self.put_part(link, &part(have), piece).await?;
            if now <= have {
                return Err(LinkError::Answer(200, "a part was not kept".into()));
            }
            have = now;
            self.send_due(link, authority).await?;
        }
        Ok(())
    }

    /// How many bytes the authority has from the start.
    async fn put_part(&self, link: &mut Link, part: &Part, bytes: &[u8]) -> Result<u64, LinkError> {
        let answer = link.ask(Question::Part, &part.join(bytes)?).await?;
        let said = String::from_utf8_lossy(&answer.body).trim().to_owned();
        if !answer.is_ok() {
            self.doubt_standing(answer.status);
            return Err(LinkError::Answer(answer.status, said));
        }
        self.heard();
        let kept = said.parse::<u64>().ok().filter(|n| *n <= part.size);
        kept.ok_or_else(|| LinkError::Answer(200, "not a number of bytes".into()))
    }

    /// People are told that reports wait, since when and how many, and that the police are to be told by telephone.
    pub(super) async fn tell_waiting(&self) -> Result<(), StoreError> {
        let now = self.now().utc;
        let waiting = self.store().waiting_reports(POLICE).await?;
        #[expect(clippy::cast_precision_loss, reason = "gauges are floating point")]
        metrics::gauge!("jifang_reports_waiting").set(waiting.reports as f64);
        let Some(since) = waiting.since.filter(|since| now.since(*since) > TOLD_MS) else {
            self.store().clear(WAITING, None, now).await?;
            return Ok(());
        };
        let (n, at) = (waiting.reports, since.desk());
        let text = Text::of(
            format!(
                "自 {at} 起有报警未送达公安机关（发现时 {n} 条），系统持续重发，不会丢失。请立即电话报警，并在报警页记下回执。"
            ),
            format!(
                "Reports have not reached the police since {at} ({n} when this was noticed). They are kept and sent again by themselves. \
                 Call the police by telephone now and write the receipt down on the alarm's page."
            ),
        );
        self.store().raise(1, WAITING, None, &text, now).await?;
        Ok(())
    }
}

/// The bytes of a film that fits.
async fn whole(film: &crate::playback::Film) -> Option<Bytes> {
    let mut out = BytesMut::new();
    let mut pieces = pin!(film.read(0..film.total_bytes()));
    while let Some(piece) = pieces.next().await {
        out.extend_from_slice(&piece.ok()?);
    }
    (out.len() as u64 == film.total_bytes()).then(|| out.freeze())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::playback::rig::Rig;
    use law::Jurisdiction;

    #[tokio::test]
    async fn footage_whose_disk_is_away_is_not_told_as_footage_that_is_not_there() {
        let rig = Rig::start(Jurisdiction::Heilongjiang).await;
        let at = rig.site.now().utc.plus_ms(-600_000);
        let camera = rig.camera("正门", at).await;
        let end = rig.record(camera, at, 60).await;
        let opened = at.plus_ms(20_000);
        let around = (opened.plus_ms(-10_000), opened.plus_ms(30_000));
        let look = async |kind, opened, around| rig.site.find_exhibit(camera, kind, opened, around).await;
        for kind in ExhibitKind::ALL {
            assert!(matches!(look(kind, opened, around).await, Ok(Found::Here(..))), "{kind:?}");
        }
        // Nothing was ever recorded then: that is said.
        let before = (at.plus_ms(-90_000), at.plus_ms(-50_000));
        let none = look(ExhibitKind::Clip, at.plus_ms(-80_000), before).await;
        assert!(matches!(none, Ok(Found::None(why)) if why == NO_FOOTAGE));
        // The files are away, their rows are there.
        let (folder, away) = (rig.dir.path().join("footage"), rig.dir.path().join("away"));
        std::fs::rename(&folder, &away).unwrap();
        for kind in ExhibitKind::ALL {
            let refusal = look(kind, opened, around).await.err().map(|r| r.code);
            assert_eq!(refusal.as_deref(), Some("footage_unreadable"), "{kind:?}");
        }
        std::fs::rename(&away, &folder).unwrap();
        assert!(matches!(look(ExhibitKind::Clip, opened, around).await, Ok(Found::Here(_, to, _)) if to <= end));
    }
}
