//! Checks a footage file fragment by fragment, and where it differs, says what happened: changed, missing, out of order.
//!
//! Fast path: every fragment lies where the manifest says and has its digest. Otherwise the file is walked by its MP4
//! boxes (a fragment begins with a `uuid` box, `moof` and `mdat` follow), each piece is looked up by digest, and the
//! sequence found is compared with the sequence signed. Reads in pieces of 1 MiB; memory does not grow with the file.

use super::fault::{Fault, FaultCode};
use super::manifest::{FootageFile, Fragment, Manifest};
use super::verify::Place;
use super::{ReadAt, ReadFailed};
use base::Sha256;
use sha2::Digest;
use std::collections::HashMap;

/// Size of a read, bytes.
pub(super) const READ_BYTES: usize = 1 << 20;

/// Reads `len` bytes at `at` in pieces, hands each to `take`, and reports progress.
pub(super) fn stream(
    source: &dyn ReadAt,
    at: u64,
    len: u64,
    progress: &mut dyn FnMut(u64),
    mut take: impl FnMut(&[u8]),
) -> Result<(), ReadFailed> {
    let mut buf = vec![0; usize::try_from(len).unwrap_or(READ_BYTES).min(READ_BYTES)];
    let mut done = 0;
    while done < len {
        let n = usize::try_from(len - done).unwrap_or(READ_BYTES).min(READ_BYTES);
        let piece = buf.get_mut(..n).unwrap_or_default();
        source.read_at(at + done, piece)?;
        take(piece);
        done += n as u64;
        progress(n as u64);
    }
    Ok(())
}

fn sha256_at(source: &dyn ReadAt, at: u64, len: u64, progress: &mut dyn FnMut(u64)) -> Result<Sha256, ReadFailed> {
    let mut hasher = sha2::Sha256::new();
    stream(source, at, len, progress, |piece| hasher.update(piece))?;
    Ok(Sha256(hasher.finalize().into()))
}

/// The faults of one footage file.
pub(super) fn check(
    manifest: &Manifest,
    file: &FootageFile,
    place: Place,
    source: &dyn ReadAt,
    progress: &mut dyn FnMut(u64),
) -> Result<Vec<Fault>, ReadFailed> {
    let want: u64 = file.init_bytes + file.fragments.iter().map(|f| f.bytes).sum::<u64>();
    if place.bytes == want && as_signed(file, place, source, progress)? {
        return Ok(Vec::new());
    }
    let found = walk(file, place, source)?;
    Ok(diagnose(manifest, file, &found))
}

/// True if init segment and every fragment have their digests at their places.
fn as_signed(
    file: &FootageFile,
    place: Place,
    source: &dyn ReadAt,
    progress: &mut dyn FnMut(u64),
) -> Result<bool, ReadFailed> {
    let mut holds = sha256_at(source, place.at, file.init_bytes, progress)? == file.init_sha256;
    for fragment in &file.fragments {
        holds &= sha256_at(source, place.at + fragment.offset, fragment.bytes, progress)? == fragment.sha256;
    }
    Ok(holds)
}

/// What lies in a footage file.
struct Found {
    init_holds: bool,
    /// Per piece in order: which signed fragment it is, or `None` for bytes that no signed fragment has.
    pieces: Vec<Option<usize>>,
}

fn walk(file: &FootageFile, place: Place, source: &dyn ReadAt) -> Result<Found, ReadFailed> {
    let end = place.at + place.bytes;
    let mut quiet = |_: u64| {};
    let by_digest: HashMap<_, _> = file.fragments.iter().enumerate().map(|(i, f)| (f.sha256, i)).collect();
    let lookup = |at: u64, len: u64| -> Result<Option<usize>, ReadFailed> {
        if len == 0 || at + len > end {
            return Ok(None);
        }
        Ok(by_digest.get(&sha256_at(source, at, len, &mut |_| {})?).copied())
    };
    let init_len = file.init_bytes.min(place.bytes);
    // An init segment cut off by the end of the file is missing with all that follows, not changed.
    let cut = init_len < file.init_bytes;
    let init_holds = cut || sha256_at(source, place.at, init_len, &mut quiet)? == file.init_sha256;
    let mut at = place.at + if init_holds { init_len } else { init_length(source, place, end).unwrap_or(init_len) };
    let mut pieces = Vec::new();
    let mut next = 0;
    while at < end && pieces.len() < file.fragments.len() * 2 + 64 {
        let want = file.fragments.get(next).map_or(0, |f| f.bytes);
        let boxed = fragment_length(source, at, end).unwrap_or(0);
        let mut hit = lookup(at, want)?.map(|i| (i, want));
        if hit.is_none() && boxed != want {
            hit = lookup(at, boxed)?.map(|i| (i, boxed));
        }
        let (piece, len) = match hit {
            Some((index, len)) => (Some(index), len),
            None if at + want == end || is_fragment(source, at + want, end) => (None, want),
            None if boxed > 0 => (None, boxed),
            None => (None, want),
        };
        // A fragment cut off by the end of the file is missing, not changed.
        if len == 0 || at + len > end {
            break;
        }
        next = piece.unwrap_or(next) + 1;
        pieces.push(piece);
        at += len;
    }
    Ok(Found { init_holds, pieces })
}

/// Size and type of the box at `at`, if it is one that ends by `end`.
fn box_at(source: &dyn ReadAt, at: u64, end: u64) -> Option<(u64, [u8; 4])> {
    let head = super::zip::read(source, at, 8)?;
    let (size, kind) = head.split_first_chunk::<4>()?;
    let size = u64::from(u32::from_be_bytes(*size));
    (size >= 8 && at + size <= end).then_some((size, kind.try_into().ok()?))
}

fn is_fragment(source: &dyn ReadAt, at: u64, end: u64) -> bool {
    box_at(source, at, end).is_some_and(|(_, kind)| &kind == b"uuid")
}

/// Length of the fragment at `at`: `uuid`, `moof`, `mdat`.
fn fragment_length(source: &dyn ReadAt, at: u64, end: u64) -> Option<u64> {
    let mut next = at;
    for want in [b"uuid", b"moof", b"mdat"] {
        let (size, kind) = box_at(source, next, end)?;
        if &kind != want {
            return None;
        }
        next += size;
    }
    Some(next - at)
}

/// Length of a changed init segment: the boxes before the first `uuid`.
fn init_length(source: &dyn ReadAt, place: Place, end: u64) -> Option<u64> {
    let mut next = place.at;
    for _ in 0..16 {
        let (size, kind) = box_at(source, next, end)?;
        if &kind == b"uuid" {
            return Some(next - place.at);
        }
        next += size;
    }
    None
}

fn diagnose(manifest: &Manifest, file: &FootageFile, found: &Found) -> Vec<Fault> {
    let name = manifest.camera_name(file.camera);
    let fault = |code, detail: String, first: &Fragment, last: &Fragment| {
        let fault = Fault::new(code, detail).in_file(&file.path);
        fault.at(file.camera, &name, first.start_utc_ms, last.end()).fragment(first.seq)
    };
    let mut faults = Vec::new();
    if !found.init_holds {
        let what = Fault::new(FaultCode::SegmentChanged, "init segment differs").in_file(&file.path);
        faults.push(match (file.fragments.first(), file.fragments.last()) {
            (Some(first), Some(last)) => what.at(file.camera, &name, first.start_utc_ms, last.end()),
            _ => what,
        });
    }
    let mut missing = vec![true; file.fragments.len()];
    let mut before = None;
    for index in found.pieces.iter().flatten().copied() {
        let Some(fragment) = file.fragments.get(index) else { continue };
        let twice = missing.get(index) == Some(&false);
        if twice || before.is_some_and(|b| b > index) {
            let what = if twice { "stands twice" } else { "stands after a later one" };
            let detail = format!("fragment {} {what}", fragment.seq);
            faults.push(fault(FaultCode::OrderChanged, detail, fragment, fragment));
        }
        missing[index] = false;
        before = Some(index);
    }
    faults.extend(changed(file, found, &mut missing, &fault));
    let mut index = 0;
    while index < missing.len() {
        let run = missing[index..].iter().take_while(|m| **m).count();
        if run > 0 {
            let (first, last) = (&file.fragments[index], &file.fragments[index + run - 1]);
            let detail = format!("{run} {} missing, from {} on", base::plural(run, "fragment", "fragments"), first.seq);
            faults.push(fault(FaultCode::SegmentMissing, detail, first, last));
        }
        index += run.max(1);
    }
    faults
}

/// Unknown pieces stand for the missing fragments at their places: those were changed, not taken out.
fn changed(
    file: &FootageFile,
    found: &Found,
    missing: &mut [bool],
    fault: &dyn Fn(FaultCode, String, &Fragment, &Fragment) -> Fault,
) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut place = 0;
    for piece in &found.pieces {
        if let Some(index) = piece {
            place = index + 1;
            continue;
        }
        match file.fragments.get(place).filter(|_| missing.get(place) == Some(&true)) {
            Some(f) => {
                faults.push(fault(FaultCode::SegmentChanged, format!("fragment {} differs", f.seq), f, f));
                missing[place] = false;
                place += 1;
            }
            None => {
                let detail = "bytes that no recorded fragment has were put in";
                faults.push(Fault::new(FaultCode::SegmentChanged, detail).in_file(&file.path));
            }
        }
    }
    faults
}
