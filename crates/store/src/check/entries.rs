//! The ledger against the rows: its own audit first, then each entry against the row it speaks of.
//!
//! The log is looked at as it stood at one size; rows of later entries are not asked for. An entry whose row is gone is a fault
//! unless a deletion explains it, so nobody removes footage or a line of the log from the database unseen.

use super::{CheckReport, Findings, add_range};
use crate::db::DbError;
use crate::footage::{ContainerHead, Frag, index, span_body};
use crate::incidents::{RECEIVED_KIND, ReceivedBody, signal_line};
use crate::witness::WITNESS_KIND;
use crate::{Store, StoreError, args};
use base::{CameraId, ContainerId, Sha256, UtcMs};
use domain::recording::GapCause;
use domain::recording::entry::{
    DELETED_KIND, DeletedBody, FragmentBody, GAP_KIND, GapBody, LOST_KIND, LostBody, SEAL_KIND, SPAN_KIND, SealBody,
    SpanBody,
};
use ledger::{Entry, Log};
use serde::de::DeserializeOwned;
use std::collections::HashMap;
use std::sync::Arc;

/// Bundles (of 256 entries) whose rows are asked for together.
const BUNDLES: u64 = 16;
/// Containers remembered between entries.
const HEADS: usize = 4_096;

/// Rows of a stretch of the log, by place.
struct Stretch {
    spans: HashMap<u64, (ContainerId, Vec<Frag>)>,
    gaps: HashMap<u64, GapBody>,
    acts: HashMap<u64, (String, UtcMs)>,
}

/// Where a container stands.
#[derive(Clone)]
enum Standing {
    Here(Arc<ContainerHead>),
    Deleted,
    Unknown,
}

impl Store {
    pub(super) async fn check_entries(&self, report: &mut CheckReport, found: &mut Findings) -> Result<(), StoreError> {
        let frozen = Arc::new(self.log.frozen().await?);
        let (files, log) = (frozen.clone(), self.log.clone());
        let audit = tokio::task::spawn_blocking(move || ledger::audit(&*files, log.key().vkey()))
            .await
            .map_err(|e| StoreError::Io { path: "ledger".into(), source: std::io::Error::other(e) })?;
        for fault in &audit.faults {
            report.fault(
                "ledger_damaged",
                fault.to_string(),
                "日志文件损坏或被改动。",
                "The ledger files are damaged or changed.",
            );
        }
        let mut heads = HashMap::new();
        let mut first = 0;
        while first < frozen.size() {
            let end = (first + BUNDLES * ledger::TILE_WIDTH).min(frozen.size());
            let rows = self.stretch(first, end).await?;
            let mut at = first;
            while at < end {
                let files = frozen.clone();
                let bundle = tokio::task::spawn_blocking(move || Log::new(&*files, files.size()).bundle_of(at))
                    .await
                    .map_err(|e| StoreError::Io { path: "ledger".into(), source: std::io::Error::other(e) })?;
                // A bundle that cannot be read is a fault of the audit already.
                for (idx, bytes) in (at..).zip(bundle.map_or(Vec::new(), |(_, entries)| entries)) {
                    let Ok(entry) = bytes.parse() else { continue };
                    report.entries += 1;
                    self.check_entry(idx, &entry, &rows, &mut heads, report, found).await?;
                }
                at = (at + ledger::TILE_WIDTH).min(end);
            }
            first = end;
        }
        Ok(())
    }

    async fn stretch(&self, from: u64, to: u64) -> Result<Stretch, DbError> {
        let place = |n: i64| u64::try_from(n).unwrap_or(0);
        let mut out = Stretch { spans: HashMap::new(), gaps: HashMap::new(), acts: HashMap::new() };
        let sql = "SELECT leaf, container, frags FROM span WHERE leaf >= $1 AND leaf < $2";
        for r in self.db.rows(sql, args![from, to]).await? {
            let frags = index::decode(&r.blob(2)?).unwrap_or_default();
            out.spans.insert(place(r.int(0)?), (r.read(1, ContainerId::parse)?, frags));
        }
        let sql = "SELECT leaf, camera, from_ms, to_ms, cause FROM gap WHERE leaf >= $1 AND leaf < $2";
        for r in self.db.rows(sql, args![from, to]).await? {
            let body = GapBody {
                camera: r.read(1, CameraId::parse)?,
                from_utc_ms: UtcMs(r.int(2)?),
                to_utc_ms: UtcMs(r.int_opt(3)?.unwrap_or(i64::MAX)),
                cause: r.read(4, GapCause::parse)?,
            };
            out.gaps.insert(place(r.int(0)?), body);
        }
        let sql = "SELECT idx, kind, at_ms FROM act WHERE idx >= $1 AND idx < $2";
        for r in self.db.rows(sql, args![from, to]).await? {
            out.acts.insert(place(r.int(0)?), (r.text(1)?, UtcMs(r.int(2)?)));
        }
        Ok(out)
    }

    async fn check_entry(
        &self,
        idx: u64,
        entry: &Entry,
        rows: &Stretch,
        heads: &mut HashMap<ContainerId, Standing>,
        report: &mut CheckReport,
        found: &mut Findings,
    ) -> Result<(), StoreError> {
        let place = format!("entry {idx}, {}", entry.kind);
        match rows.acts.get(&idx) {
            Some((kind, at)) if *kind == entry.kind && *at == entry.at_utc_ms => report.acts += 1,
            Some(_) => report.fault(
                "act_differs",
                place.clone(),
                "日志页面的一行与日志条目不符。",
                "A line of the log page is not what its entry says.",
            ),
            None if [SPAN_KIND, GAP_KIND, SEAL_KIND, RECEIVED_KIND, WITNESS_KIND].contains(&entry.kind.as_str()) => {}
            None => report.fault(
                "act_missing",
                place.clone(),
                "日志条目在日志页面中没有对应的一行。",
                "The entry has no line on the log page.",
            ),
        }
        let other = |kind, row: bool| row && entry.kind != kind;
        if other(SPAN_KIND, rows.spans.contains_key(&idx)) || other(GAP_KIND, rows.gaps.contains_key(&idx)) {
            report.fault(
                "row_names_other_entry",
                place.clone(),
                "片段或缺口记录指向了别的日志条目。",
                "A row of fragments or a gap names this entry, which is of another kind.",
            );
        }
        match entry.kind.as_str() {
            SPAN_KIND => match body::<SpanBody>(entry) {
                Some(body) => self.check_span(idx, &body, rows, heads, report, found).await?,
                None => unreadable(report, place),
            },
            GAP_KIND => match body::<GapBody>(entry) {
                Some(body) => self.check_gap(idx, &body, rows, report).await?,
                None => unreadable(report, place),
            },
            SEAL_KIND => match body::<SealBody>(entry) {
                Some(body) => self.check_seal(place, &body, heads, report, found).await?,
                None => unreadable(report, place),
            },
            LOST_KIND => match body::<LostBody>(entry) {
                Some(body) => self.check_loss(idx, place, &body, report, found).await?,
                None => unreadable(report, place),
            },
            DELETED_KIND => match body::<DeletedBody>(entry) {
                Some(body) => self.check_deletion(place, &body, report, found).await?,
                None => unreadable(report, place),
            },
            RECEIVED_KIND => match body::<ReceivedBody>(entry) {
                Some(body) => self.check_signals(&body, place, report).await?,
                None => unreadable(report, place),
            },
            _ => {}
        }
        Ok(())
    }

    /// The signals of a batch as they were when they were taken in.
    async fn check_signals(&self, body: &ReceivedBody, place: String, report: &mut CheckReport) -> Result<(), DbError> {
        let sql = "SELECT position, signal FROM alarm_signal WHERE n >= $1 AND n < $2 ORDER BY n";
        let rows = self.db.rows(sql, args![body.first, body.first.saturating_add(body.signals)]).await?;
        let mut said = String::new();
        for r in &rows {
            said.push_str(&signal_line(u64::try_from(r.int(0)?).unwrap_or(0), &r.text(1)?));
        }
        if Sha256::of(said.as_bytes()) != body.sha256 {
            report.fault(
                "signals_differ",
                place,
                "报警信号的记录与日志条目不符。",
                "Rows of alarm signals are not what their entry says.",
            );
        }
        Ok(())
    }

    async fn check_span(
        &self,
        idx: u64,
        body: &SpanBody,
        rows: &Stretch,
        heads: &mut HashMap<ContainerId, Standing>,
        report: &mut CheckReport,
        found: &mut Findings,
    ) -> Result<(), StoreError> {
        let place = format!("entry {idx}, container {}", body.container);
        let standing = self.standing(body.container, heads).await?;
        let same = match (rows.spans.get(&idx), &standing) {
            (Some((container, frags)), Standing::Here(head)) => {
                *container == body.container
                    && (says(head, frags, body, false) || self.is_cut(head, frags, body).await?)
            }
            (_, Standing::Deleted) => {
                if let (Some(a), Some(b)) = (body.fragments.first(), body.fragments.last()) {
                    add_range(found.deleted_numbers.entry(body.camera).or_default(), (a.seq, b.seq));
                }
                return Ok(());
            }
            // The row may have gone with its container since the container was asked for.
            (None, Standing::Here(_)) if self.is_deleted(body.container).await? => return Ok(()),
            (None, Standing::Here(head)) if self.is_cut(head, &[], body).await? => true,
            (_, Standing::Unknown) => {
                report.fault(
                    "container_row_missing",
                    place,
                    "日志中有这段录像，但数据库中没有它的录像文件记录。",
                    "The log has this footage, but the database knows no such container.",
                );
                return Ok(());
            }
            (None, Standing::Here(_)) => {
                report.fault(
                    "span_row_missing",
                    place,
                    "日志中有这段录像，但数据库中没有它的片段记录。",
                    "The log has this footage, but the database has no row of its fragments.",
                );
                return Ok(());
            }
        };
        if same {
            report.spans += 1;
        } else {
            report.fault(
                "span_differs",
                place,
                "片段记录与日志条目不符。",
                "The row of these fragments is not what its entry says.",
            );
        }
        Ok(())
    }

    /// True when the row holds the begin of the entry's fragments, and a loss tells of the others.
    pub(super) async fn is_cut(&self, head: &ContainerHead, frags: &[Frag], body: &SpanBody) -> Result<bool, DbError> {
        let Some(gone) = body.fragments.get(frags.len()..).filter(|gone| !gone.is_empty()) else { return Ok(false) };
        let begin = SpanBody { fragments: body.fragments[..frags.len()].to_vec(), ..body.clone() };
        if !frags.is_empty() && !says(head, frags, &begin, true) {
            return Ok(false);
        }
        let sql = "SELECT first_seq, last_seq FROM loss WHERE container = $1";
        let losses = self.db.rows(sql, args![body.container]).await?;
        for FragmentBody { seq, .. } in gone {
            let seq = i64::try_from(*seq).unwrap_or(i64::MAX);
            let mut told = false;
            for loss in &losses {
                told |= (loss.int(0)?..=loss.int(1)?).contains(&seq);
            }
            if !told {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// A loss explains its numbers if, and only if, entry and row say the same.
    async fn check_loss(
        &self,
        idx: u64,
        place: String,
        body: &LostBody,
        report: &mut CheckReport,
        found: &mut Findings,
    ) -> Result<(), StoreError> {
        let sql = "SELECT 1 FROM loss WHERE camera = $1 AND container = $2 AND first_seq = $3 AND last_seq = $4 \
                   AND cause = $5 AND leaf = $6";
        let (first, last) = (body.first_seq, body.last_seq);
        let row = self.db.row(sql, args![body.camera, body.container, first, last, body.cause.code(), idx]).await?;
        if row.is_none() {
            report.fault(
                "loss_differs",
                place,
                "丢失记录与日志条目不符。",
                "The row of this loss is not what its entry says.",
            );
            return Ok(());
        }
        report.lost += 1;
        add_range(found.deleted_numbers.entry(body.camera).or_default(), (first, last));
        if body.bytes_left == 0 {
            found.unproven_deletions.remove(&body.container);
        }
        Ok(())
    }

    /// Rows of losses that no entry of the log tells of would hide that footage was taken away.
    pub(super) async fn check_losses(&self, report: &mut CheckReport) -> Result<(), StoreError> {
        let row = self.db.row("SELECT COUNT(*) FROM loss WHERE leaf < $1", args![report.entries]).await?;
        let rows = row.map_or(Ok(0), |r| r.int(0))?;
        if u64::try_from(rows).unwrap_or(0) > report.lost {
            report.fault(
                "loss_without_entry",
                "loss",
                "有丢失记录在日志中没有条目。",
                "A row tells of lost footage, and the log has no entry of it.",
            );
        }
        Ok(())
    }

    async fn check_gap(
        &self,
        idx: u64,
        body: &GapBody,
        rows: &Stretch,
        report: &mut CheckReport,
    ) -> Result<(), StoreError> {
        let place = format!("entry {idx}, camera {}, {}", body.camera, body.from_utc_ms.rfc3339());
        match rows.gaps.get(&idx) {
            Some(row) if row == body => report.gaps += 1,
            Some(_) => report.fault(
                "gap_differs",
                place,
                "缺口记录与日志条目不符。",
                "The row of this gap is not what its entry says.",
            ),
            None => {
                // What followed the gap was lost with a power cut: a later entry tells the longer gap.
                let sql = "SELECT 1 FROM gap WHERE camera = $1 AND from_ms = $2 AND leaf > $3";
                if self.db.row(sql, args![body.camera, body.from_utc_ms, idx]).await?.is_none() {
                    report.fault(
                        "gap_row_missing",
                        place,
                        "日志中有这个缺口，但数据库中没有。",
                        "The log has this gap, but the database does not.",
                    );
                }
            }
        }
        Ok(())
    }

    async fn check_seal(
        &self,
        place: String,
        body: &SealBody,
        heads: &mut HashMap<ContainerId, Standing>,
        report: &mut CheckReport,
        found: &mut Findings,
    ) -> Result<(), StoreError> {
        if let Some(want) = found.unproven_seals.remove(&body.container) {
            if want != (body.bytes, body.last_sha256) {
                report.fault(
                    "seal_differs",
                    place,
                    "录像文件与封口记录不符。",
                    "The container is not what the entry of its sealing says.",
                );
            }
        } else if matches!(self.standing(body.container, heads).await?, Standing::Unknown) {
            report.fault(
                "container_row_missing",
                place,
                "日志中有这个录像文件，但数据库中没有。",
                "The log has this container, but the database does not.",
            );
        }
        Ok(())
    }

    async fn check_deletion(
        &self,
        place: String,
        body: &DeletedBody,
        report: &mut CheckReport,
        found: &mut Findings,
    ) -> Result<(), StoreError> {
        if found.unproven_deletions.remove(&body.container) || self.is_deleted(body.container).await? {
            report.deleted += 1;
        } else {
            report.fault(
                "deletion_not_done",
                place,
                "日志记录该录像已删除，但数据库中仍未标记。",
                "The log says that this footage was deleted, the database does not.",
            );
        }
        Ok(())
    }

    async fn is_deleted(&self, id: ContainerId) -> Result<bool, DbError> {
        let sql = "SELECT 1 FROM container WHERE id = $1 AND deleted_ms IS NOT NULL";
        Ok(self.db.row(sql, args![id]).await?.is_some())
    }

    async fn standing(&self, id: ContainerId, heads: &mut HashMap<ContainerId, Standing>) -> Result<Standing, DbError> {
        if let Some(known) = heads.get(&id) {
            return Ok(known.clone());
        }
        let standing = match self.container_head(id).await? {
            Some(head) => Standing::Here(Arc::new(head)),
            None if self.is_deleted(id).await? => Standing::Deleted,
            None => Standing::Unknown,
        };
        if heads.len() >= HEADS {
            heads.clear();
        }
        heads.insert(id, standing.clone());
        Ok(standing)
    }
}

/// True when rows of fragments are what the entry says. The clock error of an entry is that of its last fragment, so a row that was
/// cut says another one.
fn says(head: &ContainerHead, frags: &[Frag], body: &SpanBody, cut: bool) -> bool {
    let prev = frags.first().map(|f| f.prev).unwrap_or_default();
    let mut own = span_body(head, prev, frags);
    if cut {
        own.clock_error_ms = body.clock_error_ms;
    }
    own == *body
}

pub(super) fn body<T: DeserializeOwned>(entry: &Entry) -> Option<T> {
    T::deserialize(&entry.body).ok()
}

fn unreadable(report: &mut CheckReport, place: String) {
    report.fault("entry_unreadable", place, "日志条目无法解读。", "The entry cannot be understood.");
}
