//! Making footage safe on the disk, also when the disk says that it could not.
//!
//! After a failed `fdatasync` the kernel may have dropped the pages it could not write and call the next one a success. So a
//! failure is never simply tried again: every fragment that has no row yet is read back, compared with its digest, and **written
//! again**, which makes its pages dirty once more; only a `fdatasync` that succeeds after that counts. What cannot be saved so is
//! lost: it gets its entry and its gap, and never a row.

use super::{ContainerHead, Frag, Pending};
use base::{Sha256, UtcMs};
use domain::recording::GapCause;
use std::collections::HashMap;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How the bytes of a file are made safe: `File::sync_data`, or what a test puts in its place.
pub type Sync = fn(&File) -> std::io::Result<()>;

/// Times that unsafe fragments are written again before they are lost.
const RESCUES: u32 = 3;
/// Pause between two of them.
const RESCUE_PAUSE: Duration = Duration::from_millis(200);

/// The open file of a container, shared by writer and committer.
#[derive(Debug)]
pub struct OpenFile {
    file: File,
    /// Fragments of it were lost: nothing that is written behind them can be proved.
    lost: AtomicBool,
}

impl OpenFile {
    /// A file that is whole so far.
    #[must_use]
    pub const fn new(file: File) -> Self {
        Self { file, lost: AtomicBool::new(false) }
    }

    /// The file.
    #[must_use]
    pub const fn get(&self) -> &File {
        &self.file
    }

    pub(super) fn is_lost(&self) -> bool {
        self.lost.load(Ordering::Acquire)
    }
}

/// A container whose end was lost: where it ends now.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cut {
    /// Bytes that are safe and have rows.
    bytes: u64,
    /// Hash of the last fragment among them.
    last: Sha256,
    /// When that fragment ends; its start where there is none.
    at: UtcMs,
    /// False when not one fragment has a row.
    has_row: bool,
}

/// Containers that lost their end and are not sealed yet.
pub(super) type Cuts = HashMap<base::ContainerId, Cut>;

/// Makes the files of a batch safe; spans that cannot be are replaced by their loss and its gap. Blocks.
///
/// A crash anywhere in here leaves whole fragments without rows, or torn ones: `recover` decides about them by reading.
pub(super) fn make_safe(batch: Vec<Pending>, sync: Sync, cuts: &mut Cuts) -> Vec<Pending> {
    let mut failed = HashMap::new();
    let mut seen = HashMap::new();
    for item in &batch {
        if let Pending::Span { head, file, .. } = item
            && !cuts.contains_key(&head.id)
            && seen.insert(head.id, ()).is_none()
            && let Err(error) = sync(&file.file)
        {
            tracing::error!(path = %head.path, %error, "footage could not be made safe; it is read back and written again");
            metrics::counter!("jifang_footage_sync_errors_total").increment(1);
            let kept = rescue(&batch, head, file, sync);
            failed.insert(head.id, kept);
        }
    }
    if failed.is_empty() && cuts.is_empty() {
        return batch;
    }
    let mut out = Vec::new();
    for item in batch {
        replace(item, &failed, cuts, &mut out);
    }
    out
}

/// Tries to save what this batch holds of one container; the number of its last fragment that is safe, `None` for none.
fn rescue(batch: &[Pending], head: &ContainerHead, file: &OpenFile, sync: Sync) -> Option<u64> {
    let frags = || {
        batch.iter().flat_map(|item| match item {
            Pending::Span { head: h, frags, .. } if h.id == head.id => frags.as_slice(),
            _ => &[],
        })
    };
    for n in 0..RESCUES {
        if n > 0 {
            std::thread::sleep(RESCUE_PAUSE);
        }
        let mut kept = None;
        if write_again(&file.file, 0, head.init.len() as u64, head.init_sha256).is_ok() {
            for frag in frags() {
                if write_again(&file.file, frag.offset, frag.bytes, frag.sha256).is_err() {
                    break;
                }
                kept = Some(frag.seq);
            }
        }
        if kept.is_some() && sync(&file.file).is_ok() {
            return kept;
        }
    }
    None
}

/// Reads a stretch, and if it is what it should be, writes it again so that the next `fdatasync` really writes it.
fn write_again(file: &File, offset: u64, len: u64, want: Sha256) -> std::io::Result<()> {
    let mut bytes = vec![0; usize::try_from(len).map_err(std::io::Error::other)?];
    file.read_exact_at(&mut bytes, offset)?;
    if Sha256::of(&bytes) != want {
        return Err(std::io::ErrorKind::InvalidData.into());
    }
    file.write_all_at(&bytes, offset)
}

/// Writes everything from `from` on again: recovery cannot know whether it ever reached the disk. The caller syncs.
pub(super) fn write_all_again(file: &File, from: u64, to: u64) -> std::io::Result<()> {
    let mut buffer = vec![0; 1 << 20];
    let mut at = from;
    while at < to {
        let n = usize::try_from((to - at).min(buffer.len() as u64)).unwrap_or(buffer.len());
        file.read_exact_at(&mut buffer[..n], at)?;
        file.write_all_at(&buffer[..n], at)?;
        at += n as u64;
    }
    Ok(())
}

/// One item of a batch whose containers `failed` keep only fragments up to a number.
fn replace(item: Pending, failed: &HashMap<base::ContainerId, Option<u64>>, cuts: &mut Cuts, out: &mut Vec<Pending>) {
    match item {
        Pending::Span { head, file, prev, frags } => {
            let cut_before = cuts.contains_key(&head.id);
            let keep = |f: &Frag| match failed.get(&head.id) {
                _ if cut_before => false,
                Some(kept) => kept.is_some_and(|seq| f.seq <= seq),
                None => true,
            };
            let (kept, lost): (Vec<_>, Vec<_>) = frags.into_iter().partition(keep);
            if let Some(first) = lost.first()
                && !cut_before
            {
                let has_row = first.offset > head.init.len() as u64;
                let cut = Cut { bytes: first.offset, last: first.prev, at: first.start, has_row };
                file.lost.store(true, Ordering::Release);
                // Best effort: a disk that fails may refuse this too; then the scrub reports a file that is too long.
                let _ = file.file.set_len(cut.bytes);
                cuts.insert(head.id, cut);
            }
            if !kept.is_empty() {
                out.push(Pending::Span { head: head.clone(), file, prev, frags: kept });
            }
            if let (Some(first), Some(last)) = (lost.first(), lost.last()) {
                let (camera, from, to, cause) = (head.camera, first.start, last.end(), GapCause::DiskError);
                tracing::error!(%camera, first = first.seq, last = last.seq, "footage was lost: the disk did not keep it");
                let left = cuts.get(&head.id).filter(|cut| cut.has_row).map_or(0, |cut| cut.bytes);
                out.push(Pending::Lost { head, seqs: (first.seq, last.seq), from, to, left, cause });
                out.push(Pending::Gap { camera, from, to, cause });
            }
        }
        Pending::Seal { head, bytes, last, at } => match cuts.remove(&head.id) {
            // Not one of its fragments has a row: there is nothing to seal, and recovery would adopt nothing from it.
            Some(cut) if !cut.has_row => {}
            Some(cut) => out.push(Pending::Seal { head, bytes: cut.bytes, last: cut.last, at: cut.at }),
            None => out.push(Pending::Seal { head, bytes, last, at }),
        },
        other => out.push(other),
    }
}

/// Tries whether a folder takes footage: a small file is written, made safe, read back and removed. Blocks.
///
/// # Errors
/// The first step that fails. A crash leaves the file; the next try writes over it.
pub fn try_folder(folder: &std::path::Path) -> std::io::Result<()> {
    let path = folder.join(".try");
    let mut bytes = vec![0; 4_096];
    getrandom::fill(&mut bytes).map_err(std::io::Error::other)?;
    std::fs::write(&path, &bytes)?;
    let file = File::open(&path)?;
    file.sync_all()?;
    let mut back = vec![0; bytes.len()];
    file.read_exact_at(&mut back, 0)?;
    std::fs::remove_file(&path)?;
    if back == bytes { Ok(()) } else { Err(std::io::ErrorKind::InvalidData.into()) }
}
