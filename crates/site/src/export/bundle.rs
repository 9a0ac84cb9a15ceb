//! Makes one export: manifest, proofs, file, verification. Footage is read twice (digest, copy) and checked as written.

use super::collect::{Collected, Cut, collect};
use super::{ExportError, Job, extract};
use crate::Site;
use base::{ClauseId, Sha256, Text, UtcMs};
use domain::evidence::{
    CameraFacts, Content, Digester, EntryRef, FileDigest, KIND_GRANT, KIND_REQUEST, LedgerFacts, Manifest, Part,
    ReadAt, ReadFailed, RequestFacts, SiteFacts, guide_files, ledger_files, plan, verify,
};
use ledger::SiteKey;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap};
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use store::Store;
use store::exports::ExportRow;

/// Bytes read at once.
const READ_BYTES: u64 = 1024 * 1024;

/// Longest wait for the authority's cosignature of a head that covers the export.
const WITNESS_WAIT: Duration = Duration::from_secs(15);
/// What the verification at the making said. Counts and digests only: names stay in the file.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct MadeReport {
    /// When it was verified.
    pub at: UtcMs,
    /// Cameras in the file.
    pub cameras: u64,
    /// Files of footage.
    pub footage_files: u64,
    /// Fragments, each compared with its entry in the log.
    pub fragments: u64,
    /// Pictures.
    pub pictures: u64,
    /// Footage in all, s.
    pub footage_s: u64,
    /// Stretches without footage, each with its reason and entry.
    pub gaps: u64,
    /// Ledger entries with their proofs.
    pub entries: u64,
    /// Size of the log whose head proves them.
    pub log_size: u64,
    /// Digest of `manifest.json`, hexadecimal.
    pub manifest_sha256: String,
    /// Fingerprint of the key that signed.
    pub key_fingerprint: String,
}

/// A finished export.
pub(super) struct Made {
    pub(super) row: ExportRow,
    pub(super) manifest_sha256: Sha256,
}

/// How far the blocking part is, and whether it should go on.
#[derive(Default)]
struct Progress {
    done_bytes: AtomicU64,
    stop: AtomicBool,
}

/// Stops the blocking part when the site stops (the future that waits for it is dropped).
struct StopOnDrop(Arc<Progress>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.stop.store(true, Ordering::Relaxed);
    }
}

impl Progress {
    fn add(&self, bytes: u64) -> Result<(), ExportError> {
        self.done_bytes.fetch_add(bytes, Ordering::Relaxed);
        if self.stop.load(Ordering::Relaxed) { Err(ExportError::Stopped) } else { Ok(()) }
    }
}

/// Everything of one export that is not footage bytes.
struct Draft {
    manifest: Manifest,
    contents: Vec<Content>,
    proofs: Vec<Content>,
    cuts: HashMap<String, Cut>,
    key: SiteKey,
    path: PathBuf,
}

/// Makes the export of a job.
pub(super) async fn make(site: &Site, job: Job) -> Result<Made, ExportError> {
    let mut collected = Vec::new();
    for camera in &job.cameras {
        collected.push(collect(site, &job, *camera).await?);
    }
    // Digest, copy, and two passes of the verifier over the footage.
    let work_bytes = collected.iter().map(Collected::bytes).sum::<u64>() * 4 + 1;
    let draft = draft(site, &job, collected).await?;
    let progress = Arc::new(Progress::default());
    let _stop = StopOnDrop(progress.clone());
    let store = site.store().clone();
    let seen = progress.clone();
    let mut work = tokio::task::spawn_blocking(move || write(&store, draft, &seen));
    let mut row = job.row;
    let (file, manifest_sha256, report) = loop {
        match tokio::time::timeout(Duration::from_millis(500), &mut work).await {
            Ok(done) => break done.map_err(|e| ExportError::Io(io::Error::other(e)))??,
            Err(_) => {
                let part = progress.done_bytes.load(Ordering::Relaxed).saturating_mul(1_000) / work_bytes;
                row.done = u32::try_from(part.min(990)).unwrap_or(0);
                // How far it is may stay unsaid for a moment; the work goes on.
                if let Err(error) = site.store().set_export(&row).await {
                    tracing::warn!(%error, export = %row.id, "progress of an export not stored");
                }
            }
        }
    };
    let report = serde_json::to_string(&MadeReport { at: site.now().utc, ..report }).unwrap_or_default();
    let (sha256, sm3) = (file.sha256.hex(), file.sm3.to_string());
    row = ExportRow { bytes: file.bytes, sha256, sm3, report, state: "done".into(), done: 1_000, ..row };
    Ok(Made { row, manifest_sha256 })
}

/// Manifest, register extract and proofs.
async fn draft(site: &Site, job: &Job, collected: Vec<Collected>) -> Result<Draft, ExportError> {
    let store = site.store();
    let acts = store.acts_of_request(job.row.request).await?;
    let of_kind = |kind: &str| acts.iter().find(|a| a.kind == kind && !a.refused);
    let asked = of_kind(KIND_REQUEST).ok_or(ExportError::Missing("entry of the request"))?;
    let granted = of_kind(KIND_GRANT).ok_or(ExportError::Missing("entry of the grant"))?;
    let mut indexes: BTreeSet<u64> = [asked.idx, granted.idx, job.decided].into();
    let (mut cameras, mut footage, mut gaps, mut cuts) = (Vec::new(), Vec::new(), Vec::new(), HashMap::new());
    for found in collected {
        cameras.push(camera_facts(&found));
        indexes.extend(found.gaps.iter().map(|g| g.entry));
        gaps.extend(found.gaps);
        for (number, cut) in (1..).zip(found.cuts) {
            let pictures = |f: &domain::recording::entry::FragmentBody| cut.pictures.get(&f.seq).copied().unwrap_or(0);
            let file = cut.slice.footage_file(number, cut.head.init.len() as u64, pictures);
            indexes.extend(cut.slice.fragments.iter().map(|(leaf, _)| *leaf));
            cuts.insert(file.path.clone(), cut);
            footage.push(file);
        }
    }
    // A head that the authority cosigned, if it covers everything in time; else the own head alone.
    let covers = indexes.last().map_or(0, |last| last + 1);
    store.flush_ledger().await?;
    let cosigned = site.witnessed_over(covers, WITNESS_WAIT).await.map(|w| w.note);
    let proven = store.prove_all(indexes.into_iter().collect(), cosigned).await?;
    let kinds = proven.entries.iter().map(|(bytes, proof)| {
        let kind = bytes.parse().map(|e| e.kind).map_err(|_| ExportError::Missing("kind of an entry"))?;
        Ok(EntryRef { index: proof.index, kind })
    });
    let entries = kinds.collect::<Result<Vec<_>, ExportError>>()?;
    let profile = site.profile();
    let key = store.ledger().key().clone();
    let manifest = Manifest {
        format: String::new(),
        export: job.row.id,
        made_utc_ms: site.now().utc,
        site: SiteFacts { id: store.site(), place: profile.place(), name: profile.name, vkey: String::new() },
        cameras,
        asked: job.range,
        actual: None,
        request: request_facts(site, job, &granted.clauses).await?,
        gaps,
        footage,
        derived: Vec::new(),
        ledger: LedgerFacts { size: proven.head.size, root: proven.head.root, entries },
        files: Vec::new(),
    };
    let lines = store.register_lines(Some(job.row.request), 1_000).await?;
    let mut contents = guide_files(key.vkey());
    let bytes = extract::page(&manifest, &job.open.row, &lines, &acts);
    contents.push(Content::Bytes { path: "register.html".into(), bytes });
    let proofs = ledger_files(&proven.note, &proven.entries);
    let path = store.data().join(&job.row.path);
    Ok(Draft { manifest, contents, proofs, cuts, key, path })
}

fn camera_facts(found: &Collected) -> CameraFacts {
    let row = &found.camera;
    CameraFacts {
        id: row.id,
        name: row.name.clone(),
        place: row.place.clone(),
        codec: found.cuts.first().map_or_else(String::new, |c| c.head.codec.clone()),
        time_base: Text::new("录像服务器时钟", "clock of the recording server"),
        clock_error_ms: found.clock.map(|c| i64::from(c.0)),
        clock_measured_utc_ms: found.clock.map(|c| c.1),
    }
}

async fn request_facts(site: &Site, job: &Job, clauses: &[String]) -> Result<RequestFacts, ExportError> {
    let row = &job.open.row;
    let custodian = match row.decided_by {
        Some(id) => site.store().account(id).await?,
        None => None,
    };
    Ok(RequestFacts {
        request: row.id,
        unit: row.application.unit.clone(),
        basis: row.application.basis.name(),
        clauses: clauses.iter().map(|c| ClauseId::new(c)).collect(),
        case_number: row.application.case_number.clone(),
        purpose: row.application.purpose.clone(),
        officers: job.officers.clone(),
        custodian: custodian.map_or_else(String::new, |a| a.name.into_inner()),
    })
}

/// Digests, plans, writes to `.part`, makes it safe, verifies, and only then gives it its name.
fn write(store: &Store, draft: Draft, progress: &Progress) -> Result<(FileDigest, Sha256, MadeReport), ExportError> {
    let Draft { manifest, mut contents, proofs, cuts, key, path } = draft;
    let number = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
    let mut said = MadeReport {
        cameras: number(manifest.cameras.len()),
        footage_files: number(manifest.footage.len()),
        entries: number(manifest.ledger.entries.len()),
        log_size: manifest.ledger.size,
        ..MadeReport::default()
    };
    for file in &manifest.footage {
        let cut = cuts.get(&file.path).ok_or(ExportError::Missing("container"))?;
        let digest = digest(store, cut, progress)?;
        contents.push(Content::Stream { path: file.path.clone(), digest });
    }
    contents.extend(proofs);
    let plan = plan(manifest, contents, &key)?;
    let part = PathBuf::from(format!("{}.part", path.display()));
    let file = File::options().create(true).truncate(true).write(true).read(true).open(&part)?;
    let mut out = Hashed { out: BufWriter::with_capacity(256 * 1024, file), hash: Digester::default() };
    for piece in &plan.parts {
        match piece {
            Part::Bytes(bytes) => out.put(bytes)?,
            Part::Stream { path, .. } => {
                let cut = cuts.get(path).ok_or(ExportError::Missing("container"))?;
                copy(store, cut, |bytes| {
                    out.put(bytes)?;
                    progress.add(bytes.len() as u64)
                })?;
            }
        }
    }
    let written = out.hash.finish();
    let file = out.out.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.sync_all()?;
    let whole = Whole { bytes: file.metadata()?.len(), file };
    let report = verify(&whole, Some(key.vkey()), &mut |bytes| {
        let _ = progress.add(bytes);
    });
    if progress.stop.load(Ordering::Relaxed) {
        return Err(ExportError::Stopped);
    }
    if !report.holds() || whole.bytes != plan.bytes {
        // Each names its camera and time.
        let first: Vec<_> = report.faults.iter().take(3).map(|f| &f.text).collect();
        let zh = first.iter().map(|t| t.zh.trim_end_matches('。')).collect::<Vec<_>>().join("；");
        let en = first.iter().map(|t| t.en.trim_end_matches('.')).collect::<Vec<_>>().join("; ");
        return Err(ExportError::DoesNotHold(Text::of(zh, en)));
    }
    std::fs::rename(&part, &path)?;
    if let Some(folder) = path.parent() {
        File::open(folder)?.sync_all()?;
    }
    if let Some(facts) = &report.facts {
        (said.fragments, said.pictures, said.footage_s) = (facts.fragments, facts.pictures, facts.footage_s);
        said.gaps = number(facts.gaps.len());
    }
    said.manifest_sha256 = plan.manifest_sha256.hex();
    said.key_fingerprint = report.key_fingerprint.unwrap_or_default();
    Ok((written, plan.manifest_sha256, said))
}

fn digest(store: &Store, cut: &Cut, progress: &Progress) -> Result<FileDigest, ExportError> {
    let mut digester = Digester::default();
    copy(store, cut, |bytes| {
        digester.update(bytes);
        progress.add(bytes.len() as u64)
    })?;
    Ok(digester.finish())
}

/// Hands over init segment and fragments of a cut, piece by piece.
fn copy(store: &Store, cut: &Cut, mut take: impl FnMut(&[u8]) -> Result<(), ExportError>) -> Result<(), ExportError> {
    take(&cut.head.init)?;
    let file = store.open_container(&cut.head.path)?;
    let mut buffer = Vec::new();
    for (offset, len) in &cut.places {
        let (mut at, end) = (*offset, offset + len);
        while at < end {
            let now = (end - at).min(READ_BYTES);
            buffer.resize(usize::try_from(now).map_err(io::Error::other)?, 0);
            file.read_exact_at(&mut buffer, at)?;
            take(&buffer)?;
            at += now;
        }
    }
    Ok(())
}

/// Digests the whole file as it is written.
struct Hashed<W> {
    out: W,
    hash: Digester,
}

impl<W: Write> Hashed<W> {
    fn put(&mut self, bytes: &[u8]) -> Result<(), ExportError> {
        self.hash.update(bytes);
        Ok(self.out.write_all(bytes)?)
    }
}

/// The written file, for the verifier.
struct Whole {
    file: File,
    bytes: u64,
}

impl ReadAt for Whole {
    fn size_bytes(&self) -> u64 {
        self.bytes
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<(), ReadFailed> {
        self.file.read_exact_at(buf, offset).map_err(|e| ReadFailed(e.to_string()))
    }
}
