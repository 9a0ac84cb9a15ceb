//! Segment files: their form, how they are listed and repaired at the start, how they are read.
//!
//! `<first position, 20 digits>.seg` = head (`jfjrnl1\n`, first position, when made, check: 8 bytes each, little endian), then records:
//! length (4), check (8), signal as JSON. A check is the first 8 bytes of the SHA-256 of position and content, so a record is whole,
//! unchanged and at its own place, or it is not read.

use super::{JournalError, Position, RECORD_BYTES, Read, io};
use base::{Sha256, UtcMs};
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

const MAGIC: &[u8; 8] = b"jfjrnl1\n";
/// Bytes of the head.
pub(super) const HEAD: u64 = 32;
/// Bytes before a record's content.
pub(super) const RECORD_HEAD: usize = 12;
/// Bytes read at once.
const CHUNK: usize = 256 * 1024;
/// One position in so many has its place remembered, so that a read does not begin at the head.
const MARK_EVERY: u64 = 256;

/// One file of the journal.
#[derive(Clone, Debug)]
pub(super) struct Segment {
    pub first: Position,
    pub created: UtcMs,
    /// Durable bytes, head and all.
    pub bytes: u64,
    /// Where some positions lie, in order.
    marks: Vec<(Position, u64)>,
}

/// What is to be read of a segment.
#[derive(Debug)]
pub(super) struct Stretch {
    path: PathBuf,
    pub first: Position,
    /// First position that is not to be read.
    pub until: Position,
    /// A position before the one wanted, and where it lies.
    start: (Position, u64),
    bytes: u64,
}

impl Segment {
    pub(super) const fn new(first: Position, created: UtcMs) -> Self {
        Self { first, created, bytes: HEAD, marks: Vec::new() }
    }

    pub(super) fn stretch(&self, folder: &Path, from: Position, until: Position) -> Stretch {
        let known = self.marks.partition_point(|(position, _)| *position <= from);
        let start = known.checked_sub(1).map_or((self.first, HEAD), |i| self.marks[i]);
        Stretch { path: path(folder, self.first), first: self.first, until, start, bytes: self.bytes }
    }

    /// Remembers where `position` lies, if it is one of those that are remembered.
    pub(super) fn mark(&mut self, position: Position, at: u64) {
        if position.0.is_multiple_of(MARK_EVERY) {
            self.add_marks(vec![(position, at)]);
        }
    }

    pub(super) fn add_marks(&mut self, marks: Vec<(Position, u64)>) {
        for mark in marks {
            if let Err(i) = self.marks.binary_search_by_key(&mark.0, |(position, _)| *position) {
                self.marks.insert(i, mark);
            }
        }
    }
}

pub(super) fn path(folder: &Path, first: Position) -> PathBuf {
    folder.join(format!("{:020}.seg", first.0))
}

fn check(position: u64, content: &[u8]) -> [u8; 8] {
    let mut bytes = Vec::with_capacity(8 + content.len());
    bytes.extend_from_slice(&position.to_le_bytes());
    bytes.extend_from_slice(content);
    let digest = Sha256::of(&bytes).0;
    digest.first_chunk().copied().unwrap_or_default()
}

/// The head of a new segment.
pub(super) fn head(first: Position, created: UtcMs) -> Vec<u8> {
    let mut out = Vec::with_capacity(32);
    out.extend_from_slice(MAGIC);
    out.extend_from_slice(&first.0.to_le_bytes());
    out.extend_from_slice(&created.0.to_le_bytes());
    out.extend_from_slice(&check(first.0, &out));
    out
}

/// Appends a record to `out`.
pub(super) fn put_record(out: &mut Vec<u8>, position: Position, content: &[u8]) {
    let length = u32::try_from(content.len()).unwrap_or(u32::MAX);
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(&check(position.0, content));
    out.extend_from_slice(content);
}

/// What the bytes at a place are.
enum Found<'a> {
    Record(&'a [u8]),
    /// More bytes are needed, this many at least.
    Short(usize),
    Bad,
}

fn record(bytes: &[u8], position: u64) -> Found<'_> {
    let Some((length, rest)) = bytes.split_first_chunk::<4>() else { return Found::Short(RECORD_HEAD) };
    let length = u32::from_le_bytes(*length) as usize;
    if length == 0 || length > RECORD_BYTES {
        return Found::Bad;
    }
    let Some((sum, rest)) = rest.split_first_chunk::<8>() else { return Found::Short(RECORD_HEAD) };
    match rest.get(..length) {
        None => Found::Short(RECORD_HEAD + length),
        Some(content) if check(position, content) == *sum => Found::Record(content),
        Some(_) => Found::Bad,
    }
}

fn read_head(file: &File, first: Position) -> Option<UtcMs> {
    let mut bytes = [0; HEAD as usize];
    file.read_exact_at(&mut bytes, 0).ok()?;
    let created = i64::from_le_bytes(bytes[16..24].try_into().ok()?);
    (head(first, UtcMs(created)) == bytes).then_some(UtcMs(created))
}

/// The segments of a folder, the newest one repaired, and the first free position.
pub(super) fn recover(folder: &Path) -> Result<(Vec<Segment>, Position), JournalError> {
    let mut firsts = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(io(folder))? {
        let name = entry.map_err(io(folder))?.file_name();
        let digits = name.to_str().and_then(|n| n.strip_suffix(".seg")).filter(|n| n.len() == 20);
        if let Some(first) = digits.and_then(|n| n.parse().ok()) {
            firsts.push(Position(first));
        }
    }
    firsts.sort_unstable();
    let mut segments = Vec::with_capacity(firsts.len());
    for first in firsts {
        let path = path(folder, first);
        let file = File::open(&path).map_err(io(&path))?;
        let bytes = file.metadata().map_err(io(&path))?.len();
        match read_head(&file, first) {
            Some(created) => segments.push(Segment { bytes, ..Segment::new(first, created) }),
            None => {
                // Made in the moment of a crash: nothing in it was answered for. Or damaged: then it is for a person to look at.
                tracing::error!(path = %path.display(), bytes, "a segment of the signal journal has no valid head; set aside");
                std::fs::rename(&path, path.with_extension("torn")).map_err(io(&path))?;
            }
        }
    }
    let Some(last) = segments.last_mut() else { return Ok((segments, Position(0))) };
    let end = repair(folder, last)?;
    Ok((segments, end))
}

/// Cuts the newest segment after its last whole record; what follows was never answered for, but is kept beside it.
fn repair(folder: &Path, segment: &mut Segment) -> Result<Position, JournalError> {
    let stretch = segment.stretch(folder, segment.first, Position(u64::MAX));
    let (position, at, marks) = walk(&stretch, stretch.start, &mut |_, _| true)?;
    segment.add_marks(marks);
    if at < segment.bytes {
        let path = &stretch.path;
        let file = File::options().read(true).write(true).open(path).map_err(io(path))?;
        let mut rest = vec![0; usize::try_from(segment.bytes - at).unwrap_or(0).min(4 * CHUNK)];
        let got = file.read_at(&mut rest, at).map_err(io(path))?;
        rest.truncate(got);
        tracing::warn!(path = %path.display(), at, bytes = segment.bytes - at, "torn end of the signal journal cut off");
        let aside = path.with_extension(format!("{at}.torn"));
        std::fs::write(&aside, &rest).map_err(io(&aside))?;
        file.set_len(at).map_err(io(path))?;
        file.sync_all().map_err(io(path))?;
        segment.bytes = at;
    }
    Ok(position)
}

/// Goes over records from `start` while `take` says so; returns the position and place after the last good one, and marks.
#[expect(clippy::type_complexity, reason = "position, place, marks: used in this file only")]
fn walk(
    stretch: &Stretch,
    start: (Position, u64),
    take: &mut dyn FnMut(Position, &[u8]) -> bool,
) -> Result<(Position, u64, Vec<(Position, u64)>), JournalError> {
    let file = File::open(&stretch.path).map_err(io(&stretch.path))?;
    let (mut position, mut at) = start;
    let mut marks = Vec::new();
    'chunks: while position < stretch.until && at < stretch.bytes {
        let left = usize::try_from(stretch.bytes - at).unwrap_or(usize::MAX);
        let mut chunk = vec![0; left.min(CHUNK)];
        file.read_exact_at(&mut chunk, at).map_err(io(&stretch.path))?;
        let mut rest = chunk.as_slice();
        while position < stretch.until {
            match record(rest, position.0) {
                Found::Record(content) if take(position, content) => {
                    if position.0.is_multiple_of(MARK_EVERY) {
                        marks.push((position, at));
                    }
                    let size = RECORD_HEAD + content.len();
                    rest = &rest[size..];
                    at += size as u64;
                    position = Position(position.0 + 1);
                }
                // The next chunk begins here, and holds it: no record is longer than a chunk.
                Found::Short(needed) if at + needed as u64 <= stretch.bytes => continue 'chunks,
                Found::Record(_) | Found::Short(_) | Found::Bad => break 'chunks,
            }
        }
    }
    Ok((position, at, marks))
}

/// Reads on from `read.next` until `max` entries are there or the stretch ends. Damage is logged and passed over with its segment.
pub(super) fn read(stretch: &Stretch, max: usize, read: &mut Read) -> Result<Vec<(Position, u64)>, JournalError> {
    let from = read.next;
    let mut bad = false;
    let entries = &mut read.entries;
    let (position, _, marks) = walk(stretch, stretch.start, &mut |position, content| {
        if position < from {
            return true;
        }
        if entries.len() >= max {
            return false;
        }
        match serde_json::from_slice(content) {
            Ok(signal) => entries.push((position, signal)),
            // Written by another version, or worse; told and passed over, so that those behind it are not held up.
            Err(error) => {
                tracing::error!(position = position.0, %error, "a signal of the journal cannot be read");
                bad = true;
            }
        }
        true
    })?;
    read.next = position.max(from);
    if read.entries.len() < max && position < stretch.until {
        tracing::error!(
            path = %stretch.path.display(),
            position = position.0,
            until = stretch.until.0,
            "signals of the journal are damaged and were passed over; see to the disk"
        );
        bad = true;
        read.next = stretch.until;
    }
    if bad {
        metrics::counter!("jifang_journal_damaged_total").increment(1);
    }
    Ok(marks)
}

/// Transmissions of one segment for the memory of repeats: key, time and position of each signal.
pub(super) fn keys(
    folder: &Path,
    segment: &Segment,
    until: Position,
) -> Result<Vec<([u8; 16], i64, u64)>, JournalError> {
    #[derive(serde::Deserialize)]
    struct Short {
        received: UtcMs,
        repeat_key: [u8; 16],
    }
    let mut out = Vec::new();
    let stretch = segment.stretch(folder, segment.first, until);
    walk(&stretch, (segment.first, HEAD), &mut |position, content| {
        if let Ok(short) = serde_json::from_slice::<Short>(content) {
            out.push((short.repeat_key, short.received.0, position.0));
        }
        true
    })?;
    Ok(out)
}
