//! Playback: any stretch of recorded footage as one ordinary, seekable MP4 that is never written anywhere.
//!
//! Flow: frame tables of the fragments (from the database) -> [`VirtualMp4::plan`] -> the head (`ftyp` + `moov`) in memory and
//! a list of where everything after it lies -> [`VirtualMp4::ranges`] for each HTTP byte range -> the caller reads containers.
//! Layout: `ftyp`, `moov`, `mdat` (64-bit size); in `mdat` a chunk of pictures and a chunk of sound a fragment, so that players
//! read straight on. Pictures and AAC are the recorded bytes; G.711 is opened to FLAC frames of foreseeable length (`flac`).
//!
//! Time: a fragment follows the one before by picture durations. Where the wall clock says more than [`GAP_MS`] is missing, the
//! last picture stands that long, so player time and wall clock keep step and nothing is shown as footage that is none;
//! `gaps` lists these places. The mapping between the two is piecewise, a piece a fragment. A wall clock that steps back
//! moves only the mapping. Sound is put right against the pictures where it strays more than 100 ms.
//!
//! Invariants: the same input gives the same bytes, so byte ranges of separate requests fit together; no coded byte is held
//! here; the pieces of any partition of the file, laid end to end, are the file.

mod moov;
mod tables;

#[cfg(test)]
mod tests;

use base::{Sha256, UtcMs};
use bytes::Bytes;
use sha2::Digest;
use thiserror::Error;

use crate::boxes::{BoxWriter, ConfigError, VIDEO_RATE, check_pictures, check_sound};
use crate::config;
use crate::flac::{self, Law};
use crate::fragment::{FrameTable, Sound};
use crate::frame::{AudioConfig, Codec, VideoConfig};
use tables::{CHUNK_SAMPLES, TrackTable};

/// Less missing between two fragments than this is jitter of arrival, not a gap, ms.
pub const GAP_MS: i64 = 500;
/// A gap stands at most this long in the player (12 hours: a sample duration has 32 bits); the mapping stays true.
pub const MAX_GAP_90K: u64 = 12 * 3600 * 90_000;
/// Most pictures or sound samples of one file: 44 hours at 25 pictures a second.
pub const MAX_SAMPLES: usize = 4_000_000;
/// Most fragments of one file.
pub const MAX_FRAGMENTS: usize = 500_000;
/// Sound further than this from where it belongs is put right, ms.
const SOUND_STRAY_MS: u64 = 100;

/// One fragment to play, as the database knows it.
#[derive(Clone, Debug)]
pub struct SourceFragment {
    /// The caller's index of the container it lies in.
    pub container: u32,
    /// Where the fragment (its `uuid` box) begins in the container, bytes.
    pub file_offset: u64,
    /// Its frames.
    pub table: FrameTable,
    /// Server clock at its start.
    pub start_utc_ms: UtcMs,
    /// Its length, 90 kHz ticks.
    pub duration_90k: u32,
}

/// Why there is nothing to play.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum PlanError {
    /// No fragment holds a picture.
    #[error("no pictures in this range")]
    NoPictures,
    /// More than `MAX_SAMPLES` or `MAX_FRAGMENTS`.
    #[error("range too long for one file")]
    TooLong,
    /// The sound of a fragment is not of the kind the config says: containers of different streams were mixed.
    #[error("fragments of different streams")]
    Mixed,
    /// The stream cannot be put into MP4.
    #[error(transparent)]
    Config(#[from] ConfigError),
}

/// A stretch of the file: where its bytes come from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Piece {
    /// These bytes.
    Bytes(Bytes),
    /// Bytes of a container as they lie there.
    File {
        /// The caller's index of the container.
        container: u32,
        /// First byte.
        offset: u64,
        /// Bytes.
        len: u64,
    },
    /// G.711 of a container, to be opened.
    Flac(FlacPiece),
}

/// G.711 bytes that become FLAC frames: read `len` bytes at `offset`, hand them to `render`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FlacPiece {
    /// The caller's index of the container.
    pub container: u32,
    /// First G.711 byte in the container.
    pub offset: u64,
    /// G.711 bytes, which are samples.
    pub len: u32,
    /// Which law.
    pub law: Law,
    /// Samples a second.
    pub rate_hz: u32,
    /// Number of the first sample in the FLAC stream.
    pub first_sample: u64,
    /// Bytes of the first FLAC frame that lie before the range asked for.
    pub skip: u64,
    /// Bytes that the piece is long.
    pub take: u64,
}

impl FlacPiece {
    /// The bytes of this piece from the G.711 bytes read; shorter only if `g711` is shorter than `len`.
    #[must_use]
    pub fn render(&self, g711: &[u8]) -> Bytes {
        let all = Bytes::from(flac::encode_run(self.law, self.rate_hz, self.first_sample, g711));
        let from = usize::try_from(self.skip).unwrap_or(usize::MAX).min(all.len());
        let to = usize::try_from(self.skip.saturating_add(self.take)).unwrap_or(usize::MAX).min(all.len());
        all.slice(from..to)
    }
}

impl Piece {
    /// Bytes of the file that this piece stands for.
    #[must_use]
    pub const fn len(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::File { len, .. } => *len,
            Self::Flac(flac) => flac.take,
        }
    }

    /// True if it stands for nothing; `ranges` never returns such a piece.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The part `[from, to)` of this piece; G.711 is cut to the blocks touched.
    fn cut(&self, from: u64, to: u64) -> Self {
        match self {
            Self::Bytes(bytes) => Self::Bytes(bytes.slice(from as usize..to as usize)),
            Self::File { container, offset, .. } => {
                Self::File { container: *container, offset: offset + from, len: to - from }
            }
            Self::Flac(whole) => Self::Flac(whole.cut(from, to)),
        }
    }
}

impl FlacPiece {
    fn cut(&self, from: u64, to: u64) -> Self {
        let (mut samples, mut bytes) = (0_u32, 0_u64);
        let (mut begin, mut end) = (None, self.len);
        for block in flac::blocks(self.len) {
            let frame = u64::from(flac::frame_bytes(block, self.first_sample + u64::from(samples)));
            if begin.is_none() && bytes + frame > from {
                begin = Some((samples, from - bytes));
            }
            samples += block;
            bytes += frame;
            if bytes >= to {
                end = samples;
                break;
            }
        }
        let (first, skip) = begin.unwrap_or((0, from));
        Self {
            offset: self.offset + u64::from(first),
            len: end - first,
            first_sample: self.first_sample + u64::from(first),
            skip,
            take: to - from,
            ..*self
        }
    }
}

/// A place where footage is missing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Gap {
    /// Player time at which the last picture before it ends, 90 kHz ticks.
    pub media_90k: u64,
    /// Server clock at the end of what is there.
    pub from_utc_ms: UtcMs,
    /// Server clock where it goes on.
    pub to_utc_ms: UtcMs,
}

/// One fragment on both time lines.
#[derive(Clone, Copy, Debug)]
struct Span {
    media_90k: u64,
    utc: UtcMs,
    duration_90k: u64,
}

impl Span {
    const fn end_utc(&self) -> UtcMs {
        self.utc.plus_ms((self.duration_90k / 90).cast_signed())
    }
}

/// The plan of one playback file.
#[derive(Debug)]
pub struct VirtualMp4 {
    /// `(start in the file, what lies there)`, in order, without holes; the first is the head.
    pieces: Vec<(u64, Piece)>,
    total_bytes: u64,
    duration_90k: u64,
    spans: Vec<Span>,
    gaps: Vec<Gap>,
    hash: Sha256,
}

impl VirtualMp4 {
    /// Plans the file of these fragments, in order of time and all of one stream. Fragments before the first picture are left out.
    ///
    /// # Errors
    /// `PlanError`.
    pub fn plan(
        video: &VideoConfig,
        audio: Option<&AudioConfig>,
        fragments: &[SourceFragment],
    ) -> Result<Self, PlanError> {
        let record = decoder_record(video)?;
        audio.map_or(Ok(()), check_sound)?;
        if fragments.len() > MAX_FRAGMENTS {
            return Err(PlanError::TooLong);
        }
        let mut planner = Planner::new(audio);
        let first = fragments.iter().position(|f| !f.table.video.is_empty()).ok_or(PlanError::NoPictures)?;
        fragments[first..].iter().try_for_each(|fragment| planner.add(fragment))?;
        Ok(planner.finish(video, &record))
    }

    /// Length of the file.
    #[must_use]
    pub const fn total_bytes(&self) -> u64 {
        self.total_bytes
    }

    /// Length of the film, 90 kHz ticks.
    #[must_use]
    pub const fn duration_90k(&self) -> u64 {
        self.duration_90k
    }

    /// Digest of the head and of where every byte comes from; with the containers' ids it names the content (ETag).
    #[must_use]
    pub const fn hash(&self) -> Sha256 {
        self.hash
    }

    /// Where footage is missing.
    #[must_use]
    pub fn gaps(&self) -> &[Gap] {
        &self.gaps
    }

    /// The fragments on both time lines, in order: player time (90 kHz ticks), server clock, length (90 kHz ticks).
    pub fn stretches(&self) -> impl Iterator<Item = (u64, UtcMs, u64)> {
        self.spans.iter().map(|s| (s.media_90k, s.utc, s.duration_90k))
    }

    /// What the bytes `[from, to)` are made of; `to` beyond the end means the end.
    #[must_use]
    pub fn ranges(&self, from: u64, to: u64) -> Vec<Piece> {
        let to = to.min(self.total_bytes);
        if from >= to {
            return Vec::new();
        }
        let first = self.pieces.partition_point(|(start, _)| *start <= from).saturating_sub(1);
        let touched = self.pieces[first..].iter().take_while(|(start, _)| *start < to);
        touched
            .map(|(start, piece)| {
                let (a, b) = (from.saturating_sub(*start), (to - start).min(piece.len()));
                if a == 0 && b == piece.len() { piece.clone() } else { piece.cut(a, b) }
            })
            .collect()
    }

    /// Player time of an instant, 90 kHz ticks: the first time it is shown. `None` before the start and from the end on.
    /// An instant inside a gap is inside the standing picture.
    #[must_use]
    pub fn media_time_of(&self, utc: UtcMs) -> Option<u64> {
        let ahead = |span: &Span| u64::try_from(utc.since(span.utc)).ok().map(|ms| ms.saturating_mul(90));
        let shown = |s: &Span| ahead(s).filter(|ticks| *ticks < s.duration_90k).map(|ticks| s.media_90k + ticks);
        self.spans.iter().find_map(shown).or_else(|| {
            let within = |pair: &[Span]| pair[0].end_utc() <= utc && utc < pair[1].utc;
            let pair = self.spans.windows(2).find(|pair| within(pair))?;
            Some((pair[0].media_90k + ahead(&pair[0])?).min(pair[1].media_90k))
        })
    }

    /// Instant shown at a player time (90 kHz ticks); beyond the end it is the end.
    #[must_use]
    pub fn utc_of(&self, media_90k: u64) -> UtcMs {
        let at = self.spans.partition_point(|s| s.media_90k <= media_90k).saturating_sub(1);
        let Some(span) = self.spans.get(at) else { return UtcMs::default() };
        let ticks = media_90k.saturating_sub(span.media_90k);
        match self.spans.get(at + 1) {
            // standing picture or jitter: goes on with the clock, but not past what comes
            Some(next) if ticks >= span.duration_90k => {
                let shown = span.utc.plus_ms((ticks / 90).cast_signed());
                if next.utc > span.utc { shown.min(next.utc) } else { span.end_utc() }
            }
            None => span.utc.plus_ms((ticks.min(span.duration_90k) / 90).cast_signed()),
            Some(_) => span.utc.plus_ms((ticks / 90).cast_signed()),
        }
    }
}

fn decoder_record(video: &VideoConfig) -> Result<Bytes, ConfigError> {
    let record =
        config::decoder_config(video).ok_or(ConfigError::Record("the sequence parameter set cannot be read"))?;
    check_pictures(video, &record)?;
    Ok(record)
}

/// Walks the fragments once and gathers tables, pieces and times. Offsets count from the first byte inside `mdat`.
struct Planner<'a> {
    audio: Option<&'a AudioConfig>,
    video: TrackTable,
    sound: TrackTable,
    /// Empty time before the first sound, samples.
    sound_lead: u64,
    /// FLAC samples made so far.
    flac_samples: u64,
    pieces: Vec<(u64, Piece)>,
    payload_bytes: u64,
    spans: Vec<Span>,
    gaps: Vec<Gap>,
}

impl<'a> Planner<'a> {
    fn new(audio: Option<&'a AudioConfig>) -> Self {
        Self {
            audio,
            video: TrackTable::default(),
            sound: TrackTable::default(),
            sound_lead: 0,
            flac_samples: 0,
            pieces: Vec::new(),
            payload_bytes: 0,
            spans: Vec::new(),
            gaps: Vec::new(),
        }
    }

    fn add(&mut self, fragment: &SourceFragment) -> Result<(), PlanError> {
        let table = &fragment.table;
        if let Some(last) = self.spans.last().copied() {
            let end = last.end_utc();
            let missing_ms = fragment.start_utc_ms.since(end);
            if missing_ms > GAP_MS {
                let media_90k = last.media_90k + last.duration_90k;
                self.gaps.push(Gap { media_90k, from_utc_ms: end, to_utc_ms: fragment.start_utc_ms });
                self.video.lengthen_last(missing_ms.unsigned_abs().saturating_mul(90).min(MAX_GAP_90K));
            }
        }
        // The picture track is the clock: what a sample cannot last (32 bits) is missing from the player's time too.
        let media_90k = self.video.duration;
        if table.video.is_empty() {
            self.video.lengthen_last(u64::from(fragment.duration_90k));
        } else {
            let chunk = table.video.len();
            self.video.begin_chunk(self.payload_bytes, chunk);
            table.video.iter().for_each(|s| self.video.push(s.size_bytes, s.duration_90k, s.offset_90k, s.key));
            self.push_file(fragment.container, fragment.file_offset + table.video_offset(), table.video_bytes());
        }
        let duration_90k = self.video.duration - media_90k;
        self.spans.push(Span { media_90k, utc: fragment.start_utc_ms, duration_90k });
        if let Some(audio) = self.audio {
            self.add_sound(audio, fragment, media_90k)?;
        }
        if self.video.len() > MAX_SAMPLES || self.sound.len() > MAX_SAMPLES || self.flac_samples > flac::MOST_SAMPLES {
            return Err(PlanError::TooLong);
        }
        Ok(())
    }

    fn add_sound(&mut self, audio: &AudioConfig, fragment: &SourceFragment, media_90k: u64) -> Result<(), PlanError> {
        let table = &fragment.table;
        if table.sound == Sound::None {
            return Ok(());
        }
        self.place_sound(audio.rate_hz, table, media_90k);
        let offset = fragment.file_offset + table.sound_offset();
        match (&table.sound, audio.codec) {
            (Sound::Pcm { runs, .. }, Codec::G711A | Codec::G711U) => {
                let law = if audio.codec == Codec::G711A { Law::A } else { Law::U };
                let mut before = 0;
                for run in runs {
                    let blocks = flac::blocks(run.samples).count();
                    self.sound.begin_chunk(self.payload_bytes, blocks);
                    let piece = FlacPiece {
                        container: fragment.container,
                        offset: offset + before,
                        len: run.samples,
                        law,
                        rate_hz: audio.rate_hz,
                        first_sample: self.flac_samples,
                        skip: 0,
                        take: flac::run_bytes(run.samples, self.flac_samples),
                    };
                    for block in flac::blocks(run.samples) {
                        self.sound.push(flac::frame_bytes(block, self.flac_samples), block, 0, true);
                        self.flac_samples += u64::from(block);
                    }
                    self.sound.lengthen_last(u64::from(run.gap_samples));
                    before += u64::from(run.samples);
                    self.push_piece(Piece::Flac(piece));
                }
            }
            (Sound::Aac { units, .. }, Codec::Aac) => {
                self.sound.begin_chunk(self.payload_bytes, units.len());
                table.sound.for_each_sample(|size, duration| self.sound.push(size, duration, 0, true));
                self.push_file(fragment.container, offset, table.sound.bytes());
            }
            _ => return Err(PlanError::Mixed),
        }
        Ok(())
    }

    /// Makes the sound track end where this fragment's sound belongs, if it strays.
    fn place_sound(&mut self, rate_hz: u32, table: &FrameTable, media_90k: u64) {
        let rate = i128::from(rate_hz);
        let ticks = i128::from(VIDEO_RATE);
        let lag = if table.video.is_empty() {
            0
        } else {
            i128::from(table.sound.start()) - i128::from(table.video_start_90k) * rate / ticks
        };
        let target = u64::try_from(i128::from(media_90k) * rate / ticks + lag).unwrap_or(0);
        if self.sound.len() == 0 {
            self.sound_lead = target;
            return;
        }
        let at = self.sound_lead + self.sound.duration;
        if at.abs_diff(target) * 1000 <= SOUND_STRAY_MS * u64::from(rate_hz) {
            return;
        }
        if target > at {
            self.sound.lengthen_last(target - at);
        } else {
            self.sound.shorten_last(at - target);
        }
    }

    fn push_file(&mut self, container: u32, offset: u64, len: u64) {
        if let Some((_, Piece::File { container: same, offset: start, len: so_far })) = self.pieces.last_mut()
            && *same == container
            && *start + *so_far == offset
        {
            *so_far += len;
            self.payload_bytes += len;
            return;
        }
        self.push_piece(Piece::File { container, offset, len });
    }

    fn push_piece(&mut self, piece: Piece) {
        let len = piece.len();
        if len > 0 {
            self.pieces.push((self.payload_bytes, piece));
            self.payload_bytes += len;
        }
    }

    fn finish(self, video: &VideoConfig, record: &[u8]) -> VirtualMp4 {
        let sound = self.audio.filter(|_| self.sound.len() > 0).map(|config| moov::SoundTrack {
            config,
            table: &self.sound,
            lead: self.sound_lead,
            flac_samples: self.flac_samples,
        });
        let head = moov::head(video, record, &self.video, sound.as_ref(), self.payload_bytes);
        let head_bytes = head.len() as u64;
        let mut hash = sha2::Sha256::new_with_prefix(&head);
        let mut w = BoxWriter::with_capacity(self.pieces.len() * 20);
        for (_, piece) in &self.pieces {
            let (container, offset, len) = match piece {
                Piece::File { container, offset, len } => (*container, *offset, *len),
                Piece::Flac(p) => (p.container, p.offset, u64::from(p.len)),
                Piece::Bytes(_) => (0, 0, 0),
            };
            w.u32(container);
            w.u64(offset);
            w.u64(len);
        }
        hash.update(&w.out);
        let mut pieces = Vec::with_capacity(self.pieces.len() + 1);
        pieces.push((0, Piece::Bytes(head.into())));
        pieces.extend(self.pieces.into_iter().map(|(start, piece)| (start + head_bytes, piece)));
        VirtualMp4 {
            pieces,
            total_bytes: head_bytes + self.payload_bytes,
            duration_90k: self.video.duration,
            spans: self.spans,
            gaps: self.gaps,
            hash: Sha256(hash.finalize().into()),
        }
    }
}

/// A complete MP4 of one key picture, for posters: browsers show it in `<video>`.
///
/// # Errors
/// `PlanError::Config`, or `TooLong` for a sample beyond 32 bits.
pub fn single_frame(video: &VideoConfig, sample: &[u8]) -> Result<Vec<u8>, PlanError> {
    let record = decoder_record(video)?;
    let size = u32::try_from(sample.len()).map_err(|_| PlanError::TooLong)?;
    let mut table = TrackTable::default();
    table.begin_chunk(0, 1);
    table.push(size, VIDEO_RATE, 0, true);
    let mut out = moov::head(video, &record, &table, None, u64::from(size));
    out.extend_from_slice(sample);
    Ok(out)
}

const _: () = assert!(CHUNK_SAMPLES >= crate::fragment::MAX_PICTURES);
