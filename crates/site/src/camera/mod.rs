//! One camera while the site runs: its state for pages, its sink for intake, its hub for viewers.
//!
//! Intake (GB/T 28181 or RTSP) calls `Camera::media` with what it demuxed, and `Camera::ended` when a stream is over; both are
//! plain calls without waiting, so a packet's way from socket to disk queue has no task switch. Everything else only reads.

mod hub;
mod sink;
mod state;

pub use hub::{Live, LiveHub};
pub use state::{CameraState, Diagnosis, Phase, Probe, ProbeEnd};

use base::{CameraId, Now};
use domain::recording::GapCause;
use media::MediaEvent;
use sink::Sink;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use store::cameras::CameraRow;
use store::footage::FootageWriter;
use tokio::sync::Notify;

/// A camera; copies share one state.
#[derive(Clone)]
pub struct Camera(Arc<Inner>);

struct Inner {
    id: CameraId,
    row: RwLock<CameraRow>,
    sink: Mutex<Sink>,
    state: Mutex<CameraState>,
    hub: LiveHub,
    anew: Notify,
}

impl Camera {
    pub(crate) fn new(
        row: CameraRow,
        last_end: Option<base::UtcMs>,
        gap_open: bool,
        writer: FootageWriter,
        now: Now,
    ) -> Self {
        let hub = LiveHub::default();
        let sink = Sink::new(&row, last_end, gap_open, writer, hub.clone(), now);
        Self(Arc::new(Inner {
            id: row.id,
            row: RwLock::new(row),
            sink: Mutex::new(sink),
            state: Mutex::new(CameraState::default()),
            hub,
            anew: Notify::new(),
        }))
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> CameraId {
        self.0.id
    }

    /// What is stored of it.
    #[must_use]
    pub fn row(&self) -> CameraRow {
        self.0.row.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn set_row(&self, row: CameraRow) {
        self.0.sink.lock().unwrap_or_else(PoisonError::into_inner).set_row(&row);
        *self.0.row.write().unwrap_or_else(PoisonError::into_inner) = row;
    }

    /// Its live frames.
    #[must_use]
    pub fn hub(&self) -> &LiveHub {
        &self.0.hub
    }

    /// How it is now.
    #[must_use]
    pub fn state(&self) -> CameraState {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Changes what pages are told of the connection.
    pub fn set_phase(&self, phase: Phase, now: Now) {
        self.with_state(|s| s.enter(phase, now));
    }

    /// Changes the diagnosis without changing the phase.
    pub fn diagnose(&self, diagnosis: Diagnosis) {
        self.with_state(|s| s.diagnosis = Some(diagnosis));
    }

    /// A person asks for a check: until it ends, the next diagnosis or picture is its result.
    pub(crate) fn begin_probe(&self, now: Now) {
        self.with_state(|s| s.begin_probe(now));
    }

    /// Tells an intake that waits, or has a stream without pictures, to begin anew.
    pub(crate) fn ask_anew(&self) {
        self.0.anew.notify_one();
    }

    /// Resolves when `ask_anew` was called and nothing is being recorded: a recording is never broken off.
    pub(crate) async fn wanted_anew(&self) {
        loop {
            self.0.anew.notified().await;
            if !self.state().is_recording() {
                return;
            }
        }
    }

    /// Ends a check that runs with what is known now: the diagnosis, if there is one.
    pub(crate) fn end_probe(&self, now: Now) {
        self.with_state(|s| {
            let end = s.diagnosis.clone().map_or(ProbeEnd::Nothing, ProbeEnd::Fault);
            s.end_probe(end, now);
        });
    }

    /// Takes back the diagnosis: what was wrong is not any more, and nothing else is known.
    pub fn clear_diagnosis(&self) {
        self.with_state(|s| s.diagnosis = None);
    }

    fn with_state(&self, change: impl FnOnce(&mut CameraState)) {
        change(&mut self.0.state.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Takes what intake demuxed. `clock_error_ms` is the device's clock minus ours, if measured.
    pub fn media(&self, events: impl IntoIterator<Item = MediaEvent>, now: Now) {
        let mut sink = self.0.sink.lock().unwrap_or_else(PoisonError::into_inner);
        for event in events {
            sink.media(event, now);
        }
    }

    /// The device's clock minus ours, ms, as just measured.
    pub fn clock_error(&self, ms: Option<i32>) {
        self.0.sink.lock().unwrap_or_else(PoisonError::into_inner).clock_error_ms = ms;
        self.with_state(|s| s.clock_error_ms = ms);
    }

    /// The stream is over.
    pub fn ended(&self, cause: GapCause, now: Now) {
        self.0.sink.lock().unwrap_or_else(PoisonError::into_inner).ended(cause, now);
    }

    /// Recording pauses (disk full) or goes on; live viewing is not touched.
    pub(crate) fn pause(&self, cause: Option<GapCause>, now: Now) {
        self.0.sink.lock().unwrap_or_else(PoisonError::into_inner).pause(cause, now);
        self.with_state(|s| s.paused = cause);
    }

    /// The disk refused this camera's footage.
    pub(crate) fn disk_fault(&self, cause: GapCause, now: Now) {
        self.0.sink.lock().unwrap_or_else(PoisonError::into_inner).pause(Some(cause), now);
        self.with_state(|s| s.paused = Some(cause));
    }

    /// Once a second: silence becomes a gap, counters become rates.
    pub(crate) fn tick(&self, now: Now) {
        let absent = if self.state().phase == Phase::Offline { GapCause::DeviceOffline } else { GapCause::NoPackets };
        let counts = {
            let mut sink = self.0.sink.lock().unwrap_or_else(PoisonError::into_inner);
            sink.tick(absent, now);
            sink.counts()
        };
        let viewers = self.0.hub.viewers();
        self.with_state(|s| s.measure(counts, viewers, now));
    }

    /// Cuts and seals whatever is being gathered.
    pub(crate) fn stop(&self, cause: GapCause, now: Now) {
        self.0.sink.lock().unwrap_or_else(PoisonError::into_inner).stop(cause, now);
    }
}
