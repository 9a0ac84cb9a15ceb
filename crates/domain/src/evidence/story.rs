//! Checks that manifest and log tell one story: proofs lead to the signed root, spans name the fragments, fragments follow
//! each other, time without footage is declared, two officers took no more than was granted.

use super::entry::{AbsentBody, ExportBody, KIND_ABSENT, KIND_EXPORT, KIND_GRANT, KIND_REQUEST, RequestBody, end_of};
use super::fault::{Fault, FaultCode};
use super::manifest::{CHECKPOINT_FILE, FootageFile, Fragment, Manifest, Range, entry_path, proof_path};
use super::plan::overlaps;
use crate::recording::entry::{DELETED_KIND, DeletedBody, FragmentBody, GAP_KIND, GapBody, SPAN_KIND, SpanBody};
use base::{CameraId, UtcMs};
use ledger::{Checkpoint, Entry, EntryBytes, ProofFile, Vkey, verify_inclusion};
use std::collections::{BTreeMap, BTreeSet};

/// Different officers that a sealed copy names, at least. A part of the format: what was sealed under this number has to prove the same
/// later and elsewhere, where no packs are. What the law asks on the day of an export (B-28-1-1) the gate answered before it was made.
const OFFICERS_OF_FORMAT: usize = 2;

/// Checks all of it. `files` holds the content of every file below `ledger/`.
pub(super) fn check(manifest: &Manifest, vkey: &Vkey, files: &BTreeMap<String, Vec<u8>>) -> Vec<Fault> {
    let mut faults = Vec::new();
    officers(manifest, &mut faults);
    let head = match head(manifest, vkey, files) {
        Ok(head) => head,
        // Without a head nothing is proven; the faults that would follow from that are not further faults.
        Err(fault) => {
            faults.push(*fault);
            return faults;
        }
    };
    let proven = entries(manifest, &head, files, &mut faults);
    let (spans, gaps) = bodies(&proven, &mut faults);
    for file in &manifest.footage {
        footage(manifest, file, &spans, &mut faults);
    }
    let declared = declared_gaps(manifest, &gaps, &mut faults);
    for camera in &manifest.cameras {
        sequence(manifest, camera.id, &spans, &mut faults);
        coverage(manifest, camera.id, &declared, &mut faults);
    }
    not_taken(manifest, &spans, &mut faults);
    request(manifest, &proven, &mut faults);
    faults
}

/// Time without footage that the log explains.
struct LoggedGap {
    camera: CameraId,
    from: UtcMs,
    to: UtcMs,
    cause: String,
}

/// The footage entries, read. A body that cannot be read is a fault.
fn bodies(
    proven: &BTreeMap<u64, Entry>,
    faults: &mut Vec<Fault>,
) -> (BTreeMap<u64, SpanBody>, BTreeMap<u64, LoggedGap>) {
    let (mut spans, mut gaps) = (BTreeMap::new(), BTreeMap::new());
    for (index, entry) in proven {
        let body = entry.body.clone();
        let gap = match entry.kind.as_str() {
            SPAN_KIND => serde_json::from_value::<SpanBody>(body).map(|span| {
                spans.insert(*index, span);
                None
            }),
            GAP_KIND => serde_json::from_value::<GapBody>(body).map(|g| {
                Some(LoggedGap {
                    camera: g.camera,
                    from: g.from_utc_ms,
                    to: g.to_utc_ms,
                    cause: g.cause.code().to_owned(),
                })
            }),
            DELETED_KIND => serde_json::from_value::<DeletedBody>(body).map(|d| {
                Some(LoggedGap { camera: d.camera, from: d.from_utc_ms, to: d.to_utc_ms, cause: "deleted".to_owned() })
            }),
            KIND_ABSENT => serde_json::from_value::<AbsentBody>(body)
                .map(|a| Some(LoggedGap { camera: a.camera, from: a.from_utc_ms, to: a.to_utc_ms, cause: a.cause })),
            _ => continue,
        };
        match gap {
            Ok(gap) => gaps.extend(gap.map(|g| (*index, g))),
            Err(_) => faults.push(invalid("entry body is malformed".into(), &entry_path(*index))),
        }
    }
    (spans, gaps)
}

fn invalid(detail: String, file: &str) -> Fault {
    Fault::new(FaultCode::ProofInvalid, detail).in_file(file)
}

/// The head of the log, signed by the key of the export and named by the manifest.
fn head(manifest: &Manifest, vkey: &Vkey, files: &BTreeMap<String, Vec<u8>>) -> Result<Checkpoint, Box<Fault>> {
    let checkpoint = files.get(CHECKPOINT_FILE).map_or(&[][..], Vec::as_slice);
    let head = Checkpoint::open(checkpoint, vkey).map_err(|e| Box::new(invalid(e.to_string(), CHECKPOINT_FILE)))?;
    if head.size == manifest.ledger.size && head.root == manifest.ledger.root {
        return Ok(head);
    }
    Err(Box::new(invalid("the checkpoint is not the one the manifest names".into(), CHECKPOINT_FILE)))
}

/// Entries whose proof holds.
fn entries(
    manifest: &Manifest,
    head: &Checkpoint,
    files: &BTreeMap<String, Vec<u8>>,
    faults: &mut Vec<Fault>,
) -> BTreeMap<u64, Entry> {
    let checkpoint = files.get(CHECKPOINT_FILE).map_or(&[][..], Vec::as_slice);
    let mut proven = BTreeMap::new();
    for named in &manifest.ledger.entries {
        let (entry_file, proof_file) = (entry_path(named.index), proof_path(named.index));
        // Files that cannot be read are already named.
        let (Some(bytes), Some(proof)) = (files.get(&entry_file), files.get(&proof_file)) else { continue };
        let proof = match ProofFile::parse(proof) {
            Ok(proof) if proof.index == named.index && proof.checkpoint == checkpoint => proof,
            Ok(_) => {
                faults.push(invalid("the proof is of another entry or checkpoint".into(), &proof_file));
                continue;
            }
            Err(error) => {
                faults.push(invalid(error.to_string(), &proof_file));
                continue;
            }
        };
        let leaf = ledger::leaf_hash(bytes);
        if let Err(error) = verify_inclusion(leaf, named.index, head.size, head.root, &proof.hashes) {
            faults.push(invalid(error.to_string(), &entry_file));
            continue;
        }
        match EntryBytes::new(bytes.clone()).and_then(|b| b.parse()) {
            Ok(entry) if entry.kind == named.kind && entry.site == manifest.site.id => {
                proven.insert(named.index, entry);
            }
            Ok(_) => faults.push(invalid("the entry is of another kind or site".into(), &entry_file)),
            Err(error) => faults.push(invalid(error.to_string(), &entry_file)),
        }
    }
    proven
}

/// Every fragment is the one its span names.
fn footage(manifest: &Manifest, file: &FootageFile, spans: &BTreeMap<u64, SpanBody>, faults: &mut Vec<Fault>) {
    let name = manifest.camera_name(file.camera);
    for f in &file.fragments {
        let span = spans
            .get(&f.entry)
            .filter(|s| s.camera == file.camera && s.container == file.container && s.init_sha256 == file.init_sha256);
        if !span.is_some_and(|s| s.fragments.iter().any(|logged| same(logged, f))) {
            let detail = format!("entry {} does not name fragment {} as the manifest does", f.entry, f.seq);
            let fault = Fault::new(FaultCode::ProofInvalid, detail).in_file(&file.path);
            faults.push(fault.at(file.camera, &name, f.start_utc_ms, f.end()).fragment(f.seq));
        }
    }
}

fn same(logged: &FragmentBody, listed: &Fragment) -> bool {
    logged.seq == listed.seq
        && logged.start_utc_ms == listed.start_utc_ms
        && logged.duration_90k == listed.duration_90k
        && logged.bytes == listed.bytes
        && logged.sha256 == listed.sha256
}

/// Fragments of a camera are numbered without holes, in order, and each span goes on from the one before.
fn sequence(manifest: &Manifest, camera: CameraId, spans: &BTreeMap<u64, SpanBody>, faults: &mut Vec<Fault>) {
    let name = manifest.camera_name(camera);
    let listed = || manifest.footage.iter().filter(|f| f.camera == camera).flat_map(|f| &f.fragments);
    for (before, f) in listed().zip(listed().skip(1)) {
        let (code, from, to) = match f.seq {
            seq if seq <= before.seq => (FaultCode::OrderChanged, f.start_utc_ms, f.end()),
            seq if seq - 1 > before.seq => (FaultCode::SegmentMissing, before.end(), f.start_utc_ms),
            _ if breaks_chain(before, f, spans) => (FaultCode::SegmentMissing, before.end(), f.start_utc_ms),
            _ => continue,
        };
        let detail = format!("fragment {} follows fragment {}", f.seq, before.seq);
        faults.push(Fault::new(code, detail).at(camera, &name, from, to).fragment(f.seq));
    }
}

/// True if two fragments that follow each other lie in different spans of one container and the later span says that it
/// goes on from another fragment; or if a container begins with anything but its init segment.
fn breaks_chain(before: &Fragment, after: &Fragment, spans: &BTreeMap<u64, SpanBody>) -> bool {
    if before.entry == after.entry {
        return false;
    }
    let (Some(old), Some(new)) = (spans.get(&before.entry), spans.get(&after.entry)) else { return false };
    let prev = if old.container == new.container { before.sha256 } else { new.init_sha256 };
    new.prev != prev
}

/// Fragments that the log names within the time asked for, and that the manifest leaves out.
fn not_taken(manifest: &Manifest, spans: &BTreeMap<u64, SpanBody>, faults: &mut Vec<Fault>) {
    let taken: BTreeSet<_> =
        manifest.footage.iter().flat_map(|file| file.fragments.iter().map(|f| (file.camera, f.seq))).collect();
    for span in spans.values() {
        let name = manifest.camera_name(span.camera);
        for f in span.fragments.iter().filter(|f| overlaps(f, manifest.asked)) {
            if !taken.contains(&(span.camera, f.seq)) {
                let detail = format!("fragment {} is in the log and not in the export", f.seq);
                let fault = Fault::new(FaultCode::SegmentMissing, detail);
                faults.push(fault.at(span.camera, &name, f.start_utc_ms, end_of(f)).fragment(f.seq));
            }
        }
    }
}

/// Gaps whose entry says the same: camera, cause, and a time that holds them.
fn declared_gaps(
    manifest: &Manifest,
    gaps: &BTreeMap<u64, LoggedGap>,
    faults: &mut Vec<Fault>,
) -> Vec<(CameraId, UtcMs, UtcMs)> {
    let mut declared = Vec::new();
    for gap in &manifest.gaps {
        let logged = gaps.get(&gap.entry).is_some_and(|entry| {
            entry.camera == gap.camera
                && entry.cause == gap.cause
                && entry.from <= gap.from_utc_ms
                && entry.to >= gap.to_utc_ms
        });
        if logged {
            declared.push((gap.camera, gap.from_utc_ms, gap.to_utc_ms));
        } else {
            let fault = Fault::new(FaultCode::ProofInvalid, format!("entry {} is not of this gap", gap.entry));
            faults.push(fault.at(gap.camera, &manifest.camera_name(gap.camera), gap.from_utc_ms, gap.to_utc_ms));
        }
    }
    declared
}

/// The time asked for is covered by footage and declared gaps, but for stretches no longer than `GAP_MIN_MS`.
fn coverage(manifest: &Manifest, camera: CameraId, gaps: &[(CameraId, UtcMs, UtcMs)], faults: &mut Vec<Fault>) {
    let footage = manifest.footage.iter().filter(|f| f.camera == camera).flat_map(|f| &f.fragments);
    let mut known: Vec<_> = footage.map(|f| Range { from_utc_ms: f.start_utc_ms, to_utc_ms: f.end() }).collect();
    known.extend(gaps.iter().filter(|g| g.0 == camera).map(|g| Range { from_utc_ms: g.1, to_utc_ms: g.2 }));
    for hole in manifest.asked.uncovered(known) {
        let fault = Fault::new(FaultCode::UndisclosedGap, "neither footage nor a logged gap");
        faults.push(fault.at(camera, &manifest.camera_name(camera), hole.from_utc_ms, hole.to_utc_ms));
    }
}

/// Two different badges, whatever the log says.
fn officers(manifest: &Manifest, faults: &mut Vec<Fault>) {
    let badges = manifest.request.officers.iter().map(|o| o.badge.trim());
    let badges: BTreeSet<_> = badges.filter(|b| !b.is_empty()).collect();
    if badges.len() < OFFICERS_OF_FORMAT {
        faults.push(Fault::new(FaultCode::TooFewOfficers, format!("{} different badge numbers", badges.len())));
    }
}

/// Request, grant and decision are in the log; the request holds this footage, the decision these officers.
fn request(manifest: &Manifest, proven: &BTreeMap<u64, Entry>, faults: &mut Vec<Fault>) {
    let id = manifest.request.request;
    let of_kind = |kind: &'static str| proven.values().filter(move |e| e.kind == kind).map(|e| &e.body);
    let mut requests = of_kind(KIND_REQUEST).filter_map(|b| serde_json::from_value::<RequestBody>(b.clone()).ok());
    match requests.find(|r| r.request == id) {
        Some(request) => in_scope(manifest, &request, faults),
        None => faults.push(Fault::new(FaultCode::ProofInvalid, "no proven entry of the request")),
    }
    let named = |b: &serde_json::Value| b.get("request").and_then(|r| r.as_str()) == Some(id.to_string().as_str());
    if !of_kind(KIND_GRANT).any(named) {
        faults.push(Fault::new(FaultCode::ProofInvalid, "no proven entry of the grant"));
    }
    let mut exports = of_kind(KIND_EXPORT).filter_map(|b| serde_json::from_value::<ExportBody>(b.clone()).ok());
    match exports.find(|e| e.export == manifest.export && e.request == id) {
        Some(export) => taken_by(manifest, &export, faults),
        None => faults.push(Fault::new(FaultCode::ProofInvalid, "no proven entry of the export decision")),
    }
}

fn in_scope(manifest: &Manifest, request: &RequestBody, faults: &mut Vec<Fault>) {
    let accounts: BTreeSet<_> = request.officers.iter().collect();
    if accounts.len() < OFFICERS_OF_FORMAT {
        faults.push(Fault::new(FaultCode::TooFewOfficers, format!("the request names {} officers", accounts.len())));
    }
    let asked = manifest.asked;
    let in_time = request.from_utc_ms <= asked.from_utc_ms && asked.to_utc_ms <= request.to_utc_ms;
    for camera in manifest.cameras.iter().filter(|c| !in_time || !request.cameras.contains(&c.id)) {
        let fault = Fault::new(FaultCode::BeyondGrant, "camera or time outside the request");
        faults.push(fault.at(camera.id, &camera.name, asked.from_utc_ms, asked.to_utc_ms));
    }
}

fn taken_by(manifest: &Manifest, export: &ExportBody, faults: &mut Vec<Fault>) {
    let logged: BTreeSet<_> = export.officers.iter().copied().collect();
    if logged.len() < OFFICERS_OF_FORMAT {
        faults.push(Fault::new(FaultCode::TooFewOfficers, format!("the decision names {} officers", logged.len())));
    }
    if !manifest.request.officers.iter().all(|o| logged.contains(&o.commitment())) {
        let detail = "an officer of the manifest is not one of those the export was decided for";
        faults.push(Fault::new(FaultCode::ProofInvalid, detail));
    }
}
