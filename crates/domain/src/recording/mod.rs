//! How a stream of frames becomes footage: fragments, spans, containers and named gaps. Decisions only; no bytes, no files.
//!
//! One `Recorder` a camera. In: `Input`s in arrival order with the time; out: `Step`s to carry out in order.
//! Words: a *fragment* is one GOP (or part of an over-long one, or several very short ones), the unit of hash, seek and loss; a *span* is about ten
//! seconds of fragments, one ledger leaf; a *container* is a file of about twenty minutes; a *gap* is time without footage.
//!
//! Always true:
//! - a fragment begins with a key picture unless it continues an over-long GOP (`continues`);
//! - fragment start times never go back; one never lies more than `SLEW_MS` before the end of the fragment before
//!   (the device's clock is followed by that much, so media length and server time differ by that much);
//! - from the first fragment on, every stretch longer than `GAP_MIN_MS` without footage is a gap with a cause:
//!   opened when it is noticed, closed when footage resumes. Silence is never shown as footage.
//! - a lost packet ends the fragment at its last good picture; pictures until the next key picture are not recorded.

pub mod entry;
mod gap;
#[cfg(test)]
mod tests;

pub use gap::GapCause;

use base::{Now, UtcMs, limits};

/// A stretch without footage shorter than this is the ordinary distance of pictures and jitter, ms.
pub const GAP_MIN_MS: i64 = 400;
/// A key picture does not end a fragment shorter than this, ms: streams of key pictures only would make one a picture.
pub const FRAGMENT_MIN_MS: i64 = 500;
/// A span is cut at the first fragment boundary after this much footage, ms: one ledger leaf a camera about every 10 s.
pub const SPAN_MS: i64 = 10_000;
/// A container is closed at the first key picture after this much time, ms.
pub const CONTAINER_MS: i64 = 20 * 60_000;
/// ... or after this many bytes.
pub const CONTAINER_BYTES: u64 = 512 * 1024 * 1024;
/// For so long after the start of the server a camera may take to send its first picture before the wait gets a cause of its
/// own, ms: connecting and registering belong to the stop.
pub const START_MS: u64 = 30_000;
/// Without a picture for this long the stream counts as dead, ms.
pub const SILENCE_MS: u64 = 5_000;
/// Media time and arrival may differ by this much before media time is anchored anew, ms.
const ANCHOR_MS: i64 = 1_000;
/// Media time follows arrival by at most this much a fragment, ms: drift of a device clock, never a jump.
pub const SLEW_MS: i64 = 20;
/// Assumed distance of pictures where nothing better is known, 90 kHz ticks (25 a second).
const FRAME_90K: i64 = 3_600;

/// What the recorder must know of a frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FrameMeta {
    /// Picture (true) or sound.
    pub video: bool,
    /// Can be decoded with nothing before it.
    pub key: bool,
    /// Media time, 90 kHz, unwrapped.
    pub pts_90k: i64,
    /// Size, bytes.
    pub bytes: usize,
}

/// What happened, in arrival order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Input {
    /// The codec configuration is new or has changed; frames after it need a new container.
    Config,
    /// A frame came.
    Frame(FrameMeta),
    /// Packets were lost; pictures are withheld until the next key picture.
    Lost,
    /// The stream ended, and why.
    Ended(GapCause),
    /// Time passed (once a second).
    Tick,
    /// No picture has come since the server started, and why, as far as known (once a second while it lasts).
    Absent(GapCause),
    /// Recording stops (shutdown, camera removed): all is cut and sealed.
    Stop(GapCause),
}

/// What to do, in order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// Begin a container with the newest configuration.
    OpenContainer {
        /// When its first fragment starts.
        start: UtcMs,
    },
    /// Keep the frame for the fragment being gathered.
    Push,
    /// The gathered frames are one fragment: hash and write it.
    CutFragment(Cut),
    /// The fragments written since the last span are one span: make them durable and log them.
    CutSpan,
    /// No more fragments will come to this container.
    Seal,
    /// Footage stopped and has not resumed.
    OpenGap {
        /// End of the last fragment.
        from: UtcMs,
        /// Why, as far as known.
        cause: GapCause,
    },
    /// What had stopped the footage ended at `at`, when the server started; since then it is missing for a cause of its own.
    SplitGap {
        /// Since when the server runs.
        at: UtcMs,
        /// Why nothing came since.
        cause: GapCause,
    },
    /// Footage is missing between two instants.
    CloseGap {
        /// End of the last fragment.
        from: UtcMs,
        /// Start of the next.
        to: UtcMs,
        /// Why.
        cause: GapCause,
    },
}

/// A finished fragment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Cut {
    /// Server time of its first picture.
    pub start: UtcMs,
    /// Media time at which it ends: the next picture's, or one picture distance after its last.
    pub end_pts_90k: i64,
    /// Length, 90 kHz ticks.
    pub duration_90k: i64,
    /// False where it continues a GOP that was too long for one fragment.
    pub starts_with_key: bool,
}

/// Media time tied to server time.
#[derive(Clone, Copy, Debug)]
struct Anchor {
    pts_90k: i64,
    utc: UtcMs,
}

impl Anchor {
    fn utc_of(self, pts_90k: i64) -> UtcMs {
        self.utc.plus_ms((pts_90k - self.pts_90k) / 90)
    }
}

/// The fragment being gathered.
#[derive(Clone, Copy, Debug)]
struct Gathering {
    start: UtcMs,
    start_pts_90k: i64,
    last_pts_90k: i64,
    bytes: usize,
    starts_with_key: bool,
    /// Smallest (arrival - predicted) of its pictures, ms: the delay free of jitter.
    min_late_ms: i64,
}

/// The recorder of one camera; see the file's invariants.
#[derive(Debug)]
pub struct Recorder {
    configured: bool,
    container: Option<(UtcMs, u64)>,
    gathering: Option<Gathering>,
    span_start: Option<UtcMs>,
    anchor: Option<Anchor>,
    picture_90k: i64,
    last_end: Option<UtcMs>,
    last_picture_mono_ms: Option<u64>,
    cause: Option<GapCause>,
    gap_is_open: bool,
    /// When the server started, while no picture has come since and the gap before the start goes on.
    started: Option<Now>,
}

impl Recorder {
    /// A recorder. `last_end` is where the camera's stored footage ends (after a restart), with the cause of the time since;
    /// `gap_is_open` says that the store already holds that gap as open.
    #[must_use]
    pub fn new(last_end: Option<UtcMs>, cause: GapCause, gap_is_open: bool) -> Self {
        Self {
            configured: false,
            container: None,
            gathering: None,
            span_start: None,
            anchor: None,
            picture_90k: FRAME_90K,
            last_end,
            last_picture_mono_ms: None,
            cause: last_end.map(|_| cause),
            gap_is_open,
            started: None,
        }
    }

    /// Tells when the server started: what is missing from then on is not missing because it did not run.
    #[must_use]
    pub fn started(mut self, now: Now) -> Self {
        self.started = self.last_end.map(|_| now);
        self
    }

    /// End of the newest finished fragment.
    #[must_use]
    pub fn last_end(&self) -> Option<UtcMs> {
        self.last_end
    }

    /// Takes one input; the steps are to be carried out in order before the next input.
    pub fn handle(&mut self, input: Input, now: Now) -> Vec<Step> {
        let mut steps = Vec::new();
        match input {
            Input::Config => {
                self.cut_at_last_picture(&mut steps);
                self.seal(&mut steps);
                self.configured = true;
            }
            Input::Frame(meta) if meta.video => self.picture(meta, now, &mut steps),
            Input::Frame(meta) => {
                if let Some(g) = &mut self.gathering {
                    g.bytes += meta.bytes;
                    steps.push(Step::Push);
                }
            }
            Input::Lost => {
                self.cut_at_last_picture(&mut steps);
                self.cause.get_or_insert(GapCause::PacketLoss);
            }
            Input::Absent(cause) => {
                if self.started.is_some_and(|at| now.mono.since(at.mono) >= START_MS) {
                    self.split_gap(cause, &mut steps);
                }
            }
            Input::Ended(cause) | Input::Stop(cause) => {
                if matches!(input, Input::Ended(_)) {
                    self.split_gap(cause, &mut steps);
                }
                self.cut_at_last_picture(&mut steps);
                self.seal(&mut steps);
                self.anchor = None;
                self.open_gap(cause, &mut steps);
            }
            Input::Tick => self.tick(now, &mut steps),
        }
        steps
    }

    fn picture(&mut self, meta: FrameMeta, now: Now, steps: &mut Vec<Step>) {
        self.last_picture_mono_ms = Some(now.mono.0);
        if !self.configured || (self.gathering.is_none() && !meta.key) {
            return;
        }
        if self.gathering.is_some_and(|g| meta.pts_90k <= g.last_pts_90k || meta.pts_90k - g.last_pts_90k > 90 * 5_000)
        {
            // The media clock jumped: what was gathered ends at its last picture; time is anchored anew in a new container,
            // because media time inside one container never goes back.
            self.cut_at_last_picture(steps);
            self.seal(steps);
            self.anchor = None;
            self.cause.get_or_insert(GapCause::ClockStep);
            if !meta.key {
                return;
            }
        }
        if let Some(g) = self.gathering {
            self.picture_90k = (meta.pts_90k - g.last_pts_90k).clamp(900, 90_000);
            let long = (meta.pts_90k - g.start_pts_90k) / 90 >= limits::FRAGMENT_MS
                || g.bytes + meta.bytes > limits::FRAGMENT_BYTES;
            if long || (meta.key && (meta.pts_90k - g.start_pts_90k) / 90 >= FRAGMENT_MIN_MS) {
                self.cut(meta.pts_90k, steps);
            }
        }
        if self.gathering.is_none() {
            self.begin(meta, now, steps);
        }
        let predicted = self.anchor.map_or(now.utc, |a| a.utc_of(meta.pts_90k));
        if let Some(g) = &mut self.gathering {
            g.last_pts_90k = meta.pts_90k;
            g.bytes += meta.bytes;
            g.min_late_ms = g.min_late_ms.min(now.utc.since(predicted));
        }
        steps.push(Step::Push);
    }

    fn begin(&mut self, meta: FrameMeta, now: Now, steps: &mut Vec<Step>) {
        let predicted = self.anchor.map(|a| a.utc_of(meta.pts_90k));
        let anchored = predicted.filter(|p| now.utc.since(*p).abs() <= ANCHOR_MS);
        let mut start = anchored.unwrap_or(now.utc);
        if let Some(end) = self.last_end {
            start = start.max(end);
        }
        if predicted.is_some() && anchored.is_none() {
            // Media time ran on while server time jumped (or the other way round).
            self.cause.get_or_insert(GapCause::ClockStep);
        }
        if anchored.is_none() || start != predicted.unwrap_or(start) {
            self.anchor = Some(Anchor { pts_90k: meta.pts_90k, utc: start });
        }
        if let Some((opened, bytes)) = self.container
            && meta.key
            && (start.since(opened) >= CONTAINER_MS || bytes >= CONTAINER_BYTES)
        {
            self.seal(steps);
        }
        self.resume(start, steps);
        if self.container.is_none() {
            self.container = Some((start, 0));
            steps.push(Step::OpenContainer { start });
        }
        self.span_start.get_or_insert(start);
        self.gathering = Some(Gathering {
            start,
            start_pts_90k: meta.pts_90k,
            last_pts_90k: meta.pts_90k,
            bytes: 0,
            starts_with_key: meta.key,
            min_late_ms: i64::MAX,
        });
    }

    /// What is missing since the server started has a cause of its own, whatever stopped the footage before.
    fn split_gap(&mut self, cause: GapCause, steps: &mut Vec<Step>) {
        let Some((started, end)) = self.started.take().zip(self.last_end) else { return };
        self.cause = Some(cause);
        self.gap_is_open = true;
        steps.push(Step::SplitGap { at: started.utc.max(end), cause });
    }

    /// Footage resumes at `start`: whatever is missing before it gets its gap.
    fn resume(&mut self, start: UtcMs, steps: &mut Vec<Step>) {
        let cause = self.cause.take();
        self.started = None;
        let Some(from) = self.last_end else { return };
        if self.gap_is_open || start.since(from) > GAP_MIN_MS {
            self.cut_span(steps);
            steps.push(Step::CloseGap { from, to: start, cause: cause.unwrap_or(GapCause::NoPackets) });
        }
        self.gap_is_open = false;
    }

    fn cut_at_last_picture(&mut self, steps: &mut Vec<Step>) {
        if let Some(g) = self.gathering {
            self.cut(g.last_pts_90k + self.picture_90k, steps);
        }
    }

    fn cut(&mut self, end_pts_90k: i64, steps: &mut Vec<Step>) {
        let Some(g) = self.gathering.take() else { return };
        let duration_90k = end_pts_90k - g.start_pts_90k;
        steps.push(Step::CutFragment(Cut {
            start: g.start,
            end_pts_90k,
            duration_90k,
            starts_with_key: g.starts_with_key,
        }));
        if let Some((_, bytes)) = &mut self.container {
            *bytes += g.bytes as u64;
        }
        if let Some(a) = &mut self.anchor
            && g.min_late_ms != i64::MAX
        {
            a.utc = a.utc.plus_ms((g.min_late_ms / 4).clamp(-SLEW_MS, SLEW_MS));
        }
        let end = self.anchor.map_or(g.start.plus_ms(duration_90k / 90), |a| a.utc_of(end_pts_90k)).max(g.start);
        self.last_end = Some(end);
        if self.span_start.is_some_and(|s| end.since(s) >= SPAN_MS) {
            self.cut_span(steps);
        }
    }

    fn cut_span(&mut self, steps: &mut Vec<Step>) {
        if self.span_start.take().is_some() {
            steps.push(Step::CutSpan);
        }
    }

    fn seal(&mut self, steps: &mut Vec<Step>) {
        self.cut_span(steps);
        if self.container.take().is_some() {
            steps.push(Step::Seal);
        }
    }

    fn open_gap(&mut self, cause: GapCause, steps: &mut Vec<Step>) {
        self.cause = Some(cause);
        if let Some(from) = self.last_end
            && !self.gap_is_open
        {
            self.gap_is_open = true;
            steps.push(Step::OpenGap { from, cause });
        }
    }

    fn tick(&mut self, now: Now, steps: &mut Vec<Step>) {
        let silent = self.last_picture_mono_ms.is_some_and(|at| now.mono.0.saturating_sub(at) >= SILENCE_MS);
        if silent && self.last_end.or(self.gathering.map(|g| g.start)).is_some() && !self.gap_is_open {
            let cause = self.cause.unwrap_or(GapCause::NoPackets);
            self.cut_at_last_picture(steps);
            self.seal(steps);
            self.anchor = None;
            self.open_gap(cause, steps);
        }
    }
}
