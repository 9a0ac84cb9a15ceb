//! Footage on disk and its rows: write, commit, recover, read, delete.
//!
//! ```text
//! recorder ─Job─▶ writer thread ─(bytes in file, hash chain)─▶ tail in memory ─▶ committer: fdatasync, then rows + leaf in one
//!                                                                                transaction ─▶ rows; tail shrinks
//! player ─▶ rows + tail: what is being recorded now plays like what is old; nobody asks the recorder
//! ```
//!
//! Always true: a row and its leaf exist only for bytes that are safe on the disk; a container file never shrinks below its
//! committed length; fragments of a camera have consecutive numbers in time order.
//! After kill -9 the file may hold fragments without a row: `recover` reads them with the same parser and commits them by the
//! same function, so at most the fragment being gathered (one GOP) is gone. After a power cut, what lay unsynced (about ten
//! seconds) may be torn: the tail is cut at the last whole fragment and the gap says so.

mod commit;
pub mod delete;
pub mod index;
mod lost;
pub mod moves;
pub mod read;
pub mod rebuild;
pub mod recover;
mod safe;
mod writer;

pub use commit::Committer;
pub(crate) use commit::span_body;
pub use index::Frag;
pub use safe::{OpenFile, Sync, try_folder};
pub use writer::{FootageWriter, Job, NewFragment, Resume, WriterEvent};
pub(crate) use writer::{WriterStart, sync_folder};

use base::{CameraId, ContainerId, Sha256, UtcMs};
use domain::recording::GapCause;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

/// What is fixed for a container from its opening.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ContainerHead {
    /// Its id.
    pub id: ContainerId,
    /// Whose.
    pub camera: CameraId,
    /// File below the data folder, or `<disk>:` and the file below that disk's folder (`disks`).
    pub path: String,
    /// When its first fragment starts.
    pub start: UtcMs,
    /// `H.264`, `H.265`, with `+ G.711 A` or `+ AAC` where there is sound.
    pub codec: String,
    /// The init segment, whole.
    pub init: Vec<u8>,
    /// Its hash: what the first fragment chains to.
    pub init_sha256: Sha256,
}

/// Something to be committed, in the order in which it happened for its camera.
#[derive(Debug)]
pub enum Pending {
    /// Fragments of one container since the last span.
    Span {
        /// Where they lie.
        head: Arc<ContainerHead>,
        /// The open file, to make it safe.
        file: Arc<OpenFile>,
        /// Hash before the first of them.
        prev: Sha256,
        /// The fragments.
        frags: Vec<Frag>,
    },
    /// The container gets no more.
    Seal {
        /// Which.
        head: Arc<ContainerHead>,
        /// Bytes of the file.
        bytes: u64,
        /// Hash of its last fragment.
        last: Sha256,
        /// When.
        at: UtcMs,
    },
    /// Footage stopped.
    GapOpen {
        /// Whose.
        camera: CameraId,
        /// Since.
        from: UtcMs,
        /// Why.
        cause: GapCause,
    },
    /// Fragments that were written and cannot be made safe, or are not there any more. A `Gap` of the same time goes with it.
    Lost {
        /// Where they lay.
        head: Arc<ContainerHead>,
        /// Number of the first and of the last.
        seqs: (u64, u64),
        /// Start of the first.
        from: UtcMs,
        /// End of the last.
        to: UtcMs,
        /// Bytes of the container that stay; 0 when nothing of it has a row.
        left: u64,
        /// Why.
        cause: GapCause,
    },
    /// Footage is missing from one instant to another.
    Gap {
        /// Whose.
        camera: CameraId,
        /// From.
        from: UtcMs,
        /// To.
        to: UtcMs,
        /// Why.
        cause: GapCause,
    },
}

impl Pending {
    /// What it is, for the log.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Span { .. } => "span",
            Self::Seal { .. } => "seal",
            Self::Lost { .. } => "loss",
            Self::GapOpen { .. } => "open gap",
            Self::Gap { .. } => "gap",
        }
    }
}

/// Most fragments of one span: its ledger entry stays far below `limits::LEDGER_ENTRY_BYTES`.
const SPAN_FRAGS: usize = 128;

/// Fragments that follow each other in one container, as spans.
pub(crate) fn spans(
    head: &Arc<ContainerHead>,
    file: &Arc<OpenFile>,
    prev: Sha256,
    mut frags: Vec<Frag>,
) -> Vec<Pending> {
    let mut out = Vec::new();
    let mut prev = prev;
    while !frags.is_empty() {
        let rest = frags.split_off(frags.len().min(SPAN_FRAGS));
        let next = frags.last().map_or(prev, |f| f.sha256);
        out.push(Pending::Span { head: head.clone(), file: file.clone(), prev, frags });
        (prev, frags) = (next, rest);
    }
    out
}

/// Fragments written but not yet committed, per camera, newest last; shared by writer, committer and readers.
#[derive(Clone, Default)]
pub struct Tail(Arc<RwLock<HashMap<CameraId, Vec<InTail>>>>);

/// A fragment and the container it lies in.
type InTail = (Arc<ContainerHead>, Frag);

impl Tail {
    pub(crate) fn push(&self, head: &Arc<ContainerHead>, frag: Frag) {
        let mut map = self.0.write().unwrap_or_else(PoisonError::into_inner);
        map.entry(head.camera).or_default().push((head.clone(), frag));
    }

    /// Forgets fragments up to and including number `seq`: they have rows now.
    pub(crate) fn committed(&self, camera: CameraId, seq: u64) {
        let mut map = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(list) = map.get_mut(&camera) {
            list.retain(|(_, f)| f.seq > seq);
        }
    }

    /// Uncommitted fragments of a camera that touch [from, to).
    #[must_use]
    pub fn overlapping(&self, camera: CameraId, from: UtcMs, to: UtcMs) -> Vec<(Arc<ContainerHead>, Frag)> {
        let map = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let list = map.get(&camera).map_or(&[][..], Vec::as_slice);
        list.iter().filter(|(_, f)| f.end() > from && f.start < to).cloned().collect()
    }

    /// The newest uncommitted fragment of a camera with a number below `seq`.
    #[must_use]
    pub fn before(&self, camera: CameraId, seq: u64) -> Option<(Arc<ContainerHead>, Frag)> {
        let map = self.0.read().unwrap_or_else(PoisonError::into_inner);
        map.get(&camera)?.iter().rev().find(|(_, f)| f.seq < seq).cloned()
    }

    /// True while fragments of this container wait for their rows.
    #[must_use]
    pub fn holds(&self, container: ContainerId) -> bool {
        let map = self.0.read().unwrap_or_else(PoisonError::into_inner);
        map.values().flatten().any(|(head, _)| head.id == container)
    }

    /// End of the newest uncommitted fragment.
    #[must_use]
    pub fn end(&self, camera: CameraId) -> Option<UtcMs> {
        let map = self.0.read().unwrap_or_else(PoisonError::into_inner);
        map.get(&camera).and_then(|l| l.last()).map(|(_, f)| f.end())
    }
}

/// File of a container below the folder of its disk: `footage/<camera>/<day in Shanghai>/<container>.mp4`.
#[must_use]
pub fn container_path(camera: CameraId, container: ContainerId, start: UtcMs) -> String {
    format!("footage/{camera}/{}/{container}.mp4", start.shanghai_date())
}
