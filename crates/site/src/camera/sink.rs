//! From media events to the disk queue: carries out the recorder's steps for one camera.
//!
//! `domain::recording::Recorder` decides, this file only does: builders, jobs, hub. When the disk queue is full a fragment is
//! dropped here at once (never the network is slowed) and the writer is told the cause, so the gap gets its name.

use super::hub::LiveHub;
use super::state::Counts;
use base::{CameraId, ContainerId, Now, UtcMs};
use domain::recording::{Cut, FrameMeta, GapCause, Input, Recorder, Step};
use media::fragment::{Builder, Tracks};
use media::{AudioConfig, Frame, MediaEvent, VideoConfig};
use store::cameras::CameraRow;
use store::footage::{FootageWriter, Job, NewFragment};

/// The sink of one camera.
pub(super) struct Sink {
    id: CameraId,
    priority: u8,
    with_audio: bool,
    recorder: Recorder,
    writer: FootageWriter,
    hub: LiveHub,
    video: Option<VideoConfig>,
    audio: Option<AudioConfig>,
    tracks: Option<Tracks>,
    builder: Option<Builder>,
    /// An opening that the full queue refused: it goes before anything else.
    unsent: Option<Job>,
    /// Cause of what was dropped since the last fragment that was queued.
    dropped: Option<GapCause>,
    paused: Option<GapCause>,
    counts: Counts,
    pub(super) clock_error_ms: Option<i32>,
}

impl Sink {
    pub(super) fn new(
        row: &CameraRow,
        last_end: Option<UtcMs>,
        gap_open: bool,
        writer: FootageWriter,
        hub: LiveHub,
        now: Now,
    ) -> Self {
        Self {
            id: row.id,
            priority: row.priority,
            with_audio: row.audio,
            recorder: Recorder::new(last_end, GapCause::ServerDown, gap_open).started(now),
            writer,
            hub,
            video: None,
            audio: None,
            tracks: None,
            builder: None,
            unsent: None,
            dropped: None,
            paused: None,
            counts: Counts::default(),
            clock_error_ms: None,
        }
    }

    /// The camera's row changed.
    pub(super) fn set_row(&mut self, row: &CameraRow) {
        self.priority = row.priority;
        self.with_audio = row.audio;
        if !row.audio {
            // Nor is sound that still comes handed on to those who watch.
            self.audio = None;
        }
    }

    pub(super) fn counts(&self) -> Counts {
        let mut counts = self.counts.clone();
        counts.recording = self.builder.is_some();
        counts.video.clone_from(&self.video);
        counts.sound = self.audio.as_ref().map(|a| a.codec);
        counts
    }

    pub(super) fn media(&mut self, event: MediaEvent, now: Now) {
        match event {
            MediaEvent::Video(config) => {
                self.hub.video(&config);
                self.video = Some(config);
                self.input(Input::Config, None, now);
            }
            // Sound is kept only where the camera was declared to record it: A-14 and B-15 speak of sound too.
            MediaEvent::Audio(config) if self.with_audio => {
                self.hub.audio(&config);
                self.audio = Some(config);
                // Without pictures there is no container yet whose tracks could be wrong.
                if self.video.is_some() {
                    self.input(Input::Config, None, now);
                }
            }
            MediaEvent::Audio(_) => {}
            MediaEvent::Lost { packets } => {
                self.counts.lost += u64::from(packets.max(1));
                self.input(Input::Lost, None, now);
            }
            MediaEvent::Frame(frame) => self.frame(frame, now),
        }
    }

    fn frame(&mut self, frame: Frame, now: Now) {
        let video = frame.codec.is_video();
        if !video && self.audio.as_ref().is_none_or(|a| a.codec != frame.codec) {
            return;
        }
        self.counts.bytes += frame.data.len() as u64;
        if video {
            self.counts.pictures += 1;
            self.counts.last_picture = Some(now.utc);
        }
        self.hub.frame(&frame);
        if self.paused.is_some() {
            return;
        }
        let meta = FrameMeta { video, key: frame.key, pts_90k: frame.pts_90k, bytes: frame.data.len() };
        self.input(Input::Frame(meta), Some(frame), now);
    }

    pub(super) fn ended(&mut self, cause: GapCause, now: Now) {
        self.hub.ended();
        self.input(Input::Ended(cause), None, now);
    }

    pub(super) fn stop(&mut self, cause: GapCause, now: Now) {
        self.hub.ended();
        self.input(Input::Stop(cause), None, now);
    }

    pub(super) fn pause(&mut self, cause: Option<GapCause>, now: Now) {
        if let Some(cause) = cause.filter(|_| self.paused.is_none()) {
            self.input(Input::Ended(cause), None, now);
        }
        self.paused = cause;
    }

    /// `absent`: why there is no picture, while there was none since the start.
    pub(super) fn tick(&mut self, absent: GapCause, now: Now) {
        if self.paused.is_none() {
            self.input(Input::Tick, None, now);
            self.input(Input::Absent(absent), None, now);
        }
    }

    fn input(&mut self, input: Input, mut frame: Option<Frame>, now: Now) {
        for step in self.recorder.handle(input, now) {
            match step {
                Step::OpenContainer { start } => self.open(start, now),
                Step::Push => {
                    if let (Some(builder), Some(frame)) = (&mut self.builder, frame.take()) {
                        // The recorder cuts before any of the builder's limits; a foreign frame is one that intake mislabelled.
                        if builder.push(frame).is_err() {
                            metrics::counter!("jifang_frames_refused_total").increment(1);
                        }
                    }
                }
                Step::CutFragment(cut) => self.cut(cut),
                Step::CutSpan => self.control(Job::Span(self.id)),
                Step::Seal => {
                    self.control(Job::Seal(self.id, now.utc));
                    self.builder = None;
                }
                Step::OpenGap { cause, .. } => self.control(Job::GapOpen(self.id, cause)),
                Step::SplitGap { at, cause } => self.control(Job::GapSplit(self.id, at, cause)),
                Step::CloseGap { cause, .. } => self.control(Job::GapCause(self.id, cause)),
            }
        }
    }

    fn open(&mut self, start: UtcMs, now: Now) {
        let Some(video) = &self.video else { return };
        let audio = self.audio.as_ref().filter(|_| self.with_audio);
        // Sound that MP4 cannot hold is left out rather than the pictures with it.
        let (tracks, audio) = match (Tracks::of(video, audio), Tracks::of(video, None)) {
            (Ok(tracks), _) => (tracks, audio),
            (Err(_), Ok(tracks)) => (tracks, None),
            (Err(_), Err(_)) => return,
        };
        let mut random = [0; 10];
        if getrandom::fill(&mut random).is_err() {
            return;
        }
        let job = Job::Open {
            camera: self.id,
            container: ContainerId::new(now.utc.0, random),
            start,
            video: Box::new(video.clone()),
            audio: audio.cloned().map(Box::new),
            priority: self.priority,
        };
        self.tracks = Some(tracks);
        self.builder = Some(Builder::new(tracks));
        self.unsent = Some(job);
        self.send_unsent();
    }

    /// True when nothing is waiting to be sent first.
    fn send_unsent(&mut self) -> bool {
        if let Some(job) = self.unsent.take()
            && let Err(job) = self.writer.try_send(job)
        {
            self.unsent = Some(job);
            return false;
        }
        true
    }

    fn control(&mut self, job: Job) {
        if self.unsent.is_some() && matches!(job, Job::Seal(..)) {
            // The container was never opened.
            self.unsent = None;
            return;
        }
        let _ = self.writer.send(job);
    }

    fn cut(&mut self, cut: Cut) {
        let Some(tracks) = self.tracks else { return };
        let Some(frames) = self.builder.replace(Builder::new(tracks)) else { return };
        if !self.send_unsent() {
            self.drop_fragment();
            return;
        }
        if let Some(cause) = self.dropped
            && self.writer.send(Job::GapCause(self.id, cause))
        {
            self.dropped = None;
        }
        let fragment = NewFragment { frames, cut, clock_error_ms: self.clock_error_ms };
        if !self.writer.send(Job::Fragment(self.id, Box::new(fragment))) {
            self.drop_fragment();
        }
    }

    fn drop_fragment(&mut self) {
        self.counts.dropped += 1;
        self.dropped = Some(GapCause::DiskSlow);
        metrics::counter!("jifang_fragments_dropped_total").increment(1);
    }
}
