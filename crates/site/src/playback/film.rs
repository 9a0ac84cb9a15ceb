//! A film: the plan of a virtual MP4 over containers, and its bytes in pieces of a quarter megabyte.

use super::no_footage;
use base::{Refusal, Sha256, Text, UtcMs};
use bytes::{Bytes, BytesMut};
use futures_util::Stream;
use media::fragment::parse_init;
use media::mp4::{Piece, SourceFragment, VirtualMp4};
use serde::Serialize;
use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use store::Store;
use store::footage::ContainerHead;
use store::footage::read::{GapRow, Located};
use tokio::sync::Semaphore;

/// Most bytes of one piece handed to a client.
const CHUNK_BYTES: usize = 256 * 1024;
/// Most reads from the disk at once, over all films and downloads.
static READS: Semaphore = Semaphore::const_new(16);
/// Stretches whose clocks agree to this are one piece of the map, ms: a picture.
const JOIN_MS: i64 = 40;

/// Something read piece by piece on a blocking thread.
pub(crate) trait Chunks: Send + 'static {
    /// The next piece; `None` at the end.
    fn next_chunk(&mut self) -> io::Result<Option<Bytes>>;
}

/// The pieces as a stream; an error ends it. One piece is read at a time, when the client has taken the one before.
pub(crate) fn stream_of<C: Chunks>(chunks: C) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
    futures_util::stream::unfold(Some(chunks), |state| async move {
        let mut chunks = state?;
        let _slot = READS.acquire().await.ok()?;
        let read = move || {
            let next = chunks.next_chunk();
            (chunks, next)
        };
        match tokio::task::spawn_blocking(read).await {
            Ok((chunks, Ok(Some(bytes)))) => Some((Ok(bytes), Some(chunks))),
            Ok((_, Ok(None))) => None,
            Ok((_, Err(error))) => Some((Err(error), None)),
            Err(error) => Some((Err(io::Error::other(error)), None)),
        }
    })
}

/// Player time and server clock, for a stretch in which they run together.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct FilmPiece {
    /// Player time at its start, ms.
    pub media_ms: u64,
    /// Server clock at its start.
    pub utc_ms: UtcMs,
    /// Length, ms.
    pub len_ms: u64,
}

/// Time without footage, as the player's page reads it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct FilmGap {
    /// End of what is there.
    pub from_utc_ms: UtcMs,
    /// Where it goes on; none while it lasts.
    pub to_utc_ms: Option<UtcMs>,
    /// Code of the cause.
    pub cause: &'static str,
    /// The cause in words.
    pub text: Text,
}

/// What the player's page must know of a film.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct FilmMap {
    /// Server clock at the first picture.
    pub start_utc_ms: UtcMs,
    /// Player time at which the range asked for begins, ms.
    pub begin_ms: u64,
    /// Length, ms.
    pub duration_ms: u64,
    /// Where the film ends; the page fetches the film with this as its end and asks for the next one from here.
    pub until_utc_ms: UtcMs,
    /// Player time to server clock.
    pub pieces: Vec<FilmPiece>,
    /// Time without footage.
    pub gaps: Vec<FilmGap>,
}

/// The plan of a film, kept by the cache.
#[derive(Debug)]
pub(crate) struct FilmPlan {
    mp4: VirtualMp4,
    heads: Vec<Arc<ContainerHead>>,
    pieces: Vec<FilmPiece>,
    gaps: Vec<GapRow>,
    from: UtcMs,
    until: UtcMs,
    etag: String,
    sound: bool,
    /// Bytes this plan takes in memory, about.
    pub(super) weight_bytes: usize,
}

impl FilmPlan {
    /// Plans the film of the first run of fragments that decode alike.
    pub(super) fn of(list: Vec<Located>, from: UtcMs, to: UtcMs, gaps: Vec<GapRow>) -> Result<Self, Refusal> {
        let skip = list.iter().position(|l| !l.frag.table.video.is_empty()).ok_or_else(no_footage)?;
        let list = &list[skip..];
        let first = list.first().ok_or_else(no_footage)?;
        let init = parse_init(&first.head.init).map_err(|_| no_footage())?;
        let run = list.iter().take_while(|l| l.head.init_sha256 == first.head.init_sha256).count();
        let until = list.get(run).map_or(to, |next| next.frag.start);
        let (mut heads, mut known) = (Vec::new(), HashMap::new());
        let mut weight_bytes = 4_096;
        let sources: Vec<_> = list[..run]
            .iter()
            .map(|l| {
                let number = *known.entry(l.head.id).or_insert_with(|| {
                    heads.push(l.head.clone());
                    heads.len() - 1
                });
                weight_bytes += 256 + l.frag.table.video.len() * 16 + l.frag.table.sound.sample_count() as usize * 8;
                SourceFragment {
                    container: u32::try_from(number).unwrap_or(u32::MAX),
                    file_offset: l.frag.offset,
                    table: l.frag.table.clone(),
                    start_utc_ms: l.frag.start,
                    duration_90k: l.frag.duration_90k,
                }
            })
            .collect();
        let mp4 = VirtualMp4::plan(&init.video, init.audio.as_ref(), &sources).map_err(|_| no_footage())?;
        let mut named = mp4.hash().0.to_vec();
        heads.iter().for_each(|h| named.extend(h.id.bytes()));
        let etag = Sha256::of(&named).hex().chars().take(32).collect();
        let pieces = pieces_of(&mp4);
        Ok(Self { mp4, heads, pieces, gaps, from, until, etag, sound: init.audio.is_some(), weight_bytes })
    }

    /// Sound was recorded with it.
    pub(super) const fn has_sound(&self) -> bool {
        self.sound
    }
}

/// Stretches joined where player time and server clock keep step.
fn pieces_of(mp4: &VirtualMp4) -> Vec<FilmPiece> {
    let mut out: Vec<FilmPiece> = Vec::new();
    for (media_90k, utc, duration_90k) in mp4.stretches() {
        let (media_ms, end_ms) = (media_90k / 90, (media_90k + duration_90k) / 90);
        match out.last_mut() {
            Some(p) if steps_with(p, media_ms, utc) => p.len_ms = end_ms - p.media_ms,
            _ => out.push(FilmPiece { media_ms, utc_ms: utc, len_ms: end_ms - media_ms }),
        }
    }
    out
}

fn steps_with(piece: &FilmPiece, media_ms: u64, utc: UtcMs) -> bool {
    let played = i64::try_from(media_ms.saturating_sub(piece.media_ms)).unwrap_or(i64::MAX);
    let follows = piece.media_ms + piece.len_ms + JOIN_MS.unsigned_abs() >= media_ms;
    follows && (utc.since(piece.utc_ms) - played).abs() <= JOIN_MS
}

/// A film somebody may see; copies share the plan.
#[derive(Clone)]
pub struct Film {
    plan: Arc<FilmPlan>,
    store: Store,
}

impl Film {
    pub(super) fn new(plan: Arc<FilmPlan>, store: Store) -> Self {
        Self { plan, store }
    }

    /// Length of the MP4, bytes.
    #[must_use]
    pub fn total_bytes(&self) -> u64 {
        self.plan.mp4.total_bytes()
    }

    /// Names the bytes: the same film has the same, another never has (quotes are the caller's).
    #[must_use]
    pub fn etag(&self) -> &str {
        &self.plan.etag
    }

    /// Length, ms.
    #[must_use]
    pub fn duration_ms(&self) -> u64 {
        self.plan.mp4.duration_90k() / 90
    }

    /// Server clock at the first picture: the key picture that `from` needs, so it may lie before what was asked for.
    #[must_use]
    pub fn start_utc_ms(&self) -> UtcMs {
        self.plan.pieces.first().map_or(self.plan.from, |p| p.utc_ms)
    }

    /// Player time at which the range asked for begins, ms: where the player starts.
    #[must_use]
    pub fn begin_ms(&self) -> u64 {
        let at = self.plan.mp4.media_time_of(self.plan.from.max(self.start_utc_ms()));
        at.unwrap_or(0) / 90
    }

    /// Where the film ends: the end asked for, the newest picture, or the start of footage that decodes otherwise.
    /// The page asks for the next window from here. A film asked for with this as its end stays the same for ever.
    #[must_use]
    pub fn until(&self) -> UtcMs {
        self.plan.until
    }

    /// Player time to server clock, piece by piece.
    #[must_use]
    pub fn pieces(&self) -> &[FilmPiece] {
        &self.plan.pieces
    }

    /// Time without footage within the film, with causes.
    #[must_use]
    pub fn gaps(&self) -> &[GapRow] {
        &self.plan.gaps
    }

    /// All of this for the player's page.
    #[must_use]
    pub fn map(&self) -> FilmMap {
        let gap =
            |g: &GapRow| FilmGap { from_utc_ms: g.from, to_utc_ms: g.to, cause: g.cause.code(), text: g.cause.text() };
        FilmMap {
            start_utc_ms: self.start_utc_ms(),
            begin_ms: self.begin_ms(),
            duration_ms: self.duration_ms(),
            until_utc_ms: self.until(),
            pieces: self.pieces().to_vec(),
            gaps: self.gaps().iter().map(gap).collect(),
        }
    }

    /// The bytes `range` of the film, in pieces of at most 256 KiB; beyond the end there is nothing.
    pub fn read(&self, range: Range<u64>) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
        let mut pieces = self.plan.mp4.ranges(range.start, range.end);
        pieces.reverse();
        let rest = Rest { plan: self.plan.clone(), store: self.store.clone(), pieces, open: None };
        stream_of(rest)
    }
}

impl std::fmt::Debug for Film {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Film").field("etag", &self.plan.etag).field("bytes", &self.total_bytes()).finish()
    }
}

/// What is still to be read, the next piece last.
struct Rest {
    plan: Arc<FilmPlan>,
    store: Store,
    pieces: Vec<Piece>,
    open: Option<(u32, File)>,
}

impl Rest {
    fn container(&mut self, number: u32) -> io::Result<&File> {
        if self.open.as_ref().is_none_or(|(open, _)| *open != number) {
            let head = self.plan.heads.get(number as usize).ok_or(io::ErrorKind::NotFound)?;
            self.open = Some((number, self.store.open_container(&head.path)?));
        }
        self.open.as_ref().map(|(_, file)| file).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn append(&mut self, out: &mut BytesMut, container: u32, offset: u64, len: usize) -> io::Result<()> {
        let at = out.len();
        out.resize(at + len, 0);
        self.container(container)?.read_exact_at(&mut out[at..], offset)
    }
}

impl Chunks for Rest {
    fn next_chunk(&mut self) -> io::Result<Option<Bytes>> {
        let mut out = BytesMut::new();
        while out.len() < CHUNK_BYTES
            && let Some(piece) = self.pieces.pop()
        {
            let room = CHUNK_BYTES - out.len();
            match piece {
                Piece::Bytes(mut bytes) => {
                    let rest = bytes.split_off(bytes.len().min(room));
                    out.extend_from_slice(&bytes);
                    if !rest.is_empty() {
                        self.pieces.push(Piece::Bytes(rest));
                    }
                }
                Piece::File { container, offset, len } => {
                    let now = len.min(room as u64);
                    self.append(&mut out, container, offset, usize::try_from(now).unwrap_or(room))?;
                    if now < len {
                        self.pieces.push(Piece::File { container, offset: offset + now, len: len - now });
                    }
                }
                Piece::Flac(flac) => {
                    let mut g711 = vec![0; flac.len as usize];
                    self.container(flac.container)?.read_exact_at(&mut g711, flac.offset)?;
                    self.pieces.push(Piece::Bytes(flac.render(&g711)));
                }
            }
        }
        Ok(if out.is_empty() { None } else { Some(out.freeze()) })
    }
}
