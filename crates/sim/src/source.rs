//! Where a simulated camera's media come from: one thread that draws and codes, reads a clip, or takes prepared pictures, in real time.
//!
//! Flow: options -> thread -> `Unit`s on a broadcast -> any number of `Subscription`s.
//! Invariants: media time of pictures and sound share one origin (the start); nothing is drawn or coded while nobody listens;
//! a subscription begins with a key picture, and after it fell behind it goes on with a key picture; a slow listener never slows
//! the thread.

use crate::clip::{Clip, ClipFrame};
use crate::encode::Encoder;
use crate::load::Prepared;
use crate::scene::Scene;
use crate::seed::Seeded;
use crate::sound::{PACKET_90K, PACKET_MS, RATE_HZ, Sound};
use crate::{CameraOptions, SimError};
use base::UtcMs;
use bytes::Bytes;
use media::{AudioConfig, Codec, Frame, VideoConfig};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::sync::{broadcast, oneshot};

/// Units that a listener may be behind before it loses some (about four seconds).
const QUEUE_UNITS: usize = 160;
/// Behind by more than this, the thread gives up catching up and jumps.
const JUMP_90K: i64 = 90_000;
/// A camera clock off from its media time by more than this is set anew, ms.
const CLOCK_SLACK_MS: i64 = 20;

/// What a camera sends.
#[derive(Clone, PartialEq, Debug)]
pub struct StreamInfo {
    /// How its pictures are decoded; the same for the whole run.
    pub video: VideoConfig,
    /// How its sound is decoded.
    pub audio: Option<AudioConfig>,
    /// Pictures a second.
    pub fps: u32,
}

/// One picture or 40 ms of sound.
#[derive(Clone, PartialEq, Debug)]
pub struct Unit {
    /// The coded media.
    pub frame: Frame,
    /// The camera's clock when it was taken, ms UTC.
    pub camera_utc_ms: i64,
}

/// A running source. Dropping it ends its thread.
pub struct Source {
    info: StreamInfo,
    /// Weak: the channel closes when the thread ends, so that listeners see it.
    listener: Listener,
}

struct Shared {
    stop: AtomicBool,
    key_wanted: AtomicBool,
    started: Instant,
    clock_error_ms: i64,
}

impl Source {
    /// Starts the camera; returns when the first picture is ready (a second or two for a scene).
    ///
    /// # Errors
    /// The clip does not open, or the encoder fails.
    pub async fn start(options: &CameraOptions) -> Result<Self, SimError> {
        check(options)?;
        let (units, _) = broadcast::channel(QUEUE_UNITS);
        let (ready, is_ready) = oneshot::channel();
        let weak = units.downgrade();
        let options = options.clone();
        let spawned = std::thread::Builder::new().name("camera".into()).spawn(move || {
            let worker = match Worker::open(&options, units) {
                Ok(worker) => worker,
                Err(e) => return drop(ready.send(Err(e))),
            };
            if ready.send(Ok((worker.info.clone(), worker.shared.clone()))).is_ok() {
                worker.run();
            }
        });
        spawned.map_err(|e| SimError::io("cannot start the camera thread", e))?;
        let (info, shared) = is_ready.await.map_err(|_| SimError::Ended)??;
        Ok(Self { info, listener: Listener { units: weak, shared } })
    }

    /// What it sends.
    #[must_use]
    pub const fn info(&self) -> &StreamInfo {
        &self.info
    }

    /// Begins to listen; a scene gives a key picture at once, a clip at its next one.
    #[must_use]
    pub fn subscribe(&self) -> Subscription {
        self.listener.subscribe()
    }

    /// A handle to listen with later, from another task; it does not keep the camera alive.
    #[must_use]
    pub fn listener(&self) -> Listener {
        self.listener.clone()
    }

    /// Media time now, 90 kHz since the start.
    #[must_use]
    pub fn media_now_90k(&self) -> i64 {
        self.listener.shared.now_90k()
    }

    /// The camera's own clock, ms UTC.
    #[must_use]
    pub fn camera_utc_ms(&self) -> i64 {
        system_utc_ms() + self.listener.shared.clock_error_ms
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        self.listener.shared.stop.store(true, Ordering::Relaxed);
    }
}

impl Shared {
    fn now_90k(&self) -> i64 {
        i64::try_from(self.started.elapsed().as_micros()).unwrap_or(i64::MAX / 90) * 90 / 1000
    }
}

/// The system's clock, ms UTC.
#[must_use]
pub fn system_utc_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// Begins to listen when asked, see `Source::listener`.
#[derive(Clone)]
pub struct Listener {
    units: broadcast::WeakSender<Arc<Unit>>,
    shared: Arc<Shared>,
}

impl Listener {
    /// Begins to listen; the first unit is a key picture. Of a camera that has ended, nothing comes.
    #[must_use]
    pub fn subscribe(&self) -> Subscription {
        let receiver = match self.units.upgrade() {
            Some(units) => units.subscribe(),
            None => broadcast::channel(1).1,
        };
        self.shared.key_wanted.store(true, Ordering::Relaxed);
        Subscription { receiver, shared: self.shared.clone(), in_step: false }
    }
}

/// One listener.
pub struct Subscription {
    receiver: broadcast::Receiver<Arc<Unit>>,
    shared: Arc<Shared>,
    in_step: bool,
}

impl Subscription {
    /// The next unit; `None` when the camera has ended. May be dropped at any await point without loss.
    pub async fn next(&mut self) -> Option<Arc<Unit>> {
        loop {
            match self.receiver.recv().await {
                Ok(unit) if self.in_step => return Some(unit),
                Ok(unit) if unit.frame.codec.is_video() && unit.frame.key => {
                    self.in_step = true;
                    return Some(unit);
                }
                Ok(_) => {}
                Err(broadcast::error::RecvError::Lagged(units)) => {
                    tracing::warn!(units, "the peer takes media too slowly; units were left out");
                    self.in_step = false;
                    self.shared.key_wanted.store(true, Ordering::Relaxed);
                }
                Err(broadcast::error::RecvError::Closed) => return None,
            }
        }
    }
}

fn check(options: &CameraOptions) -> Result<(), SimError> {
    if !(1..=30).contains(&options.fps) {
        return Err(SimError::Setting(format!("{} pictures a second; 1 to 30 are possible", options.fps)));
    }
    if !(0.1..=100.0).contains(&options.speed) {
        return Err(SimError::Setting(format!("speed {}; 0.1 to 100 are possible", options.speed)));
    }
    Ok(())
}

enum Pictures {
    Scene { scene: Box<Scene>, encoder: Box<Encoder>, next: u32 },
    Clip { clip: Box<Clip>, ahead: ClipFrame },
    Prepared { prepared: Arc<Prepared>, next: u32, offset: u32 },
}

struct Worker {
    options: CameraOptions,
    info: StreamInfo,
    units: broadcast::Sender<Arc<Unit>>,
    shared: Arc<Shared>,
    pictures: Pictures,
    sound: Option<Sound>,
    next_sound: i64,
    /// The camera's clock at media time 0, ms UTC.
    origin_utc_ms: i64,
    plain_pictures: u32,
}

impl Worker {
    fn open(options: &CameraOptions, units: broadcast::Sender<Arc<Unit>>) -> Result<Self, SimError> {
        let (pictures, video, fps) = match (&options.prepared, &options.file) {
            (Some(prepared), _) => {
                let offset = Seeded::new(options.seed, "offset").next_u32()
                    % u32::try_from(prepared.frames.len()).unwrap_or(1).max(1);
                let (config, fps) = (prepared.config.clone(), prepared.fps);
                (Pictures::Prepared { prepared: prepared.clone(), next: 0, offset }, config, fps)
            }
            (None, Some(path)) => {
                let mut clip = Box::new(Clip::open(path)?);
                let (config, fps, ahead) = (clip.config().clone(), clip.fps(), clip.next_frame()?);
                (Pictures::Clip { clip, ahead }, config, fps)
            }
            (None, None) => {
                let mut scene = Box::new(Scene::new(options.place, options.seed, options.size, &options.name));
                let mut encoder = Box::new(Encoder::new(options.fps, options.bitrate_bps)?);
                // Coded once and thrown away: its parameter sets are needed before anyone asks for pictures.
                encoder.encode(&scene.draw(0, UtcMs(system_utc_ms())), 0, true)?;
                let config = encoder.config().cloned().ok_or_else(|| SimError::encoder("no parameter sets"))?;
                (Pictures::Scene { scene, encoder, next: 0 }, config, options.fps)
            }
        };
        let audio = options.sound.then(|| AudioConfig {
            codec: Codec::G711A,
            rate_hz: RATE_HZ,
            channels: 1,
            specific: Bytes::new(),
        });
        let shared = Shared {
            stop: AtomicBool::new(false),
            key_wanted: AtomicBool::new(true),
            started: Instant::now(),
            clock_error_ms: options.clock_error_ms,
        };
        Ok(Self {
            options: options.clone(),
            info: StreamInfo { video, audio, fps },
            units,
            shared: Arc::new(shared),
            pictures,
            sound: options.sound.then(|| Sound::new(options.seed)),
            next_sound: 0,
            origin_utc_ms: system_utc_ms() + options.clock_error_ms,
            plain_pictures: 0,
        })
    }

    fn run(mut self) {
        while !self.shared.stop.load(Ordering::Relaxed) {
            self.set_clock();
            let now_90k = self.now_90k();
            let sound_90k = self.sound.as_ref().map_or(i64::MAX, |_| self.next_sound * PACKET_90K);
            let picture_90k = self.picture_due_90k();
            let due_90k = sound_90k.min(picture_90k);
            if due_90k > now_90k {
                self.wait(due_90k - now_90k);
                continue;
            }
            if now_90k - due_90k > JUMP_90K {
                self.jump(now_90k);
                continue;
            }
            let listened = self.units.receiver_count() > 0;
            if sound_90k <= picture_90k {
                self.sound(listened, sound_90k);
            } else if let Err(e) = self.picture(listened, picture_90k) {
                tracing::error!(error = %e, "the camera stops");
                return;
            }
        }
    }

    /// Media time now; a faster clip has a faster clock.
    fn now_90k(&self) -> i64 {
        match self.pictures {
            Pictures::Clip { .. } => (self.shared.now_90k() as f64 * self.options.speed) as i64,
            Pictures::Scene { .. } | Pictures::Prepared { .. } => self.shared.now_90k(),
        }
    }

    fn wait(&self, ticks_90k: i64) {
        let speed = if matches!(self.pictures, Pictures::Clip { .. }) { self.options.speed } else { 1.0 };
        let seconds = ticks_90k as f64 / 90_000.0 / speed;
        // Short enough that a stop is soon seen.
        std::thread::sleep(Duration::from_secs_f64(seconds.clamp(0.000_1, 0.1)));
    }

    fn set_clock(&mut self) {
        let should = system_utc_ms() + self.options.clock_error_ms - self.shared.now_90k() / 90;
        if (should - self.origin_utc_ms).abs() > CLOCK_SLACK_MS {
            self.origin_utc_ms = should;
        }
    }

    fn picture_due_90k(&self) -> i64 {
        match &self.pictures {
            Pictures::Scene { next, .. } | Pictures::Prepared { next, .. } => {
                i64::from(*next) * 90_000 / i64::from(self.info.fps)
            }
            Pictures::Clip { ahead, .. } => ahead.due_90k,
        }
    }

    /// The process was held up: go on from now. A scene leaves pictures out; so does a clip, whole rounds apart.
    fn jump(&mut self, now_90k: i64) {
        tracing::warn!("the camera was held up and leaves media out");
        self.next_sound = self.next_sound.max(now_90k / PACKET_90K);
        let now_frame = u32::try_from(now_90k * i64::from(self.info.fps) / 90_000).unwrap_or(u32::MAX);
        match &mut self.pictures {
            Pictures::Scene { next, .. } | Pictures::Prepared { next, .. } => *next = (*next).max(now_frame),
            Pictures::Clip { clip, ahead } => {
                let behind_90k = now_90k - ahead.due_90k;
                if behind_90k > 0 {
                    clip.skip_90k(behind_90k);
                    ahead.due_90k += behind_90k;
                    ahead.frame.pts_90k += behind_90k;
                }
            }
        }
    }

    fn send(&self, frame: Frame, due_90k: i64) {
        let camera_utc_ms = self.origin_utc_ms + due_90k / 90;
        // Nobody listening is no error.
        drop(self.units.send(Arc::new(Unit { frame, camera_utc_ms })));
    }

    fn sound(&mut self, listened: bool, due_90k: i64) {
        self.next_sound += 1;
        let Some(sound) = self.sound.as_mut().filter(|_| listened) else { return };
        let utc_ms = self.origin_utc_ms + due_90k / 90;
        debug_assert_eq!(PACKET_90K, i64::from(PACKET_MS) * 90);
        let data = sound.packet(utc_ms).into();
        self.send(Frame { codec: Codec::G711A, pts_90k: due_90k, key: true, data }, due_90k);
    }

    fn picture(&mut self, listened: bool, due_90k: i64) -> Result<(), SimError> {
        let frame = match &mut self.pictures {
            Pictures::Scene { scene, encoder, next } => {
                let number = *next;
                *next = next.wrapping_add(1);
                if !listened {
                    return Ok(());
                }
                let want_key = self.shared.key_wanted.swap(false, Ordering::Relaxed);
                let planes = scene.draw(number, UtcMs(self.origin_utc_ms + due_90k / 90));
                let at_ms = u64::try_from(due_90k / 90).unwrap_or(0);
                let Some(coded) = encoder.encode(&planes, at_ms, want_key)? else { return Ok(()) };
                Frame { codec: Codec::H264, pts_90k: due_90k, key: coded.key, data: coded.data }
            }
            Pictures::Clip { clip, ahead } => std::mem::replace(ahead, clip.next_frame()?).frame,
            Pictures::Prepared { prepared, next, offset } => {
                let at = next.wrapping_add(*offset) as usize % prepared.frames.len().max(1);
                *next = next.wrapping_add(1);
                let data = prepared.frames.get(at).cloned().unwrap_or_default();
                Frame { codec: prepared.config.codec, pts_90k: due_90k, key: at == 0, data }
            }
        };
        if !frame.key {
            self.plain_pictures = self.plain_pictures.wrapping_add(1);
            if self.options.drop_every > 0 && self.plain_pictures.is_multiple_of(self.options.drop_every) {
                return Ok(());
            }
        }
        if listened {
            self.send(frame, due_90k);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn small() -> CameraOptions {
        CameraOptions { fps: 25, size: crate::scene::Size::Tiny, ..CameraOptions::default() }
    }

    #[tokio::test]
    async fn a_listener_begins_with_a_key_picture_and_times_rise() {
        let source = Source::start(&small()).await.unwrap();
        assert_eq!((source.info().video.width_px, source.info().fps), (320, 25));
        for _ in 0..2 {
            let mut listener = source.subscribe();
            let first = listener.next().await.unwrap();
            assert!(first.frame.codec == Codec::H264 && first.frame.key);
            let (mut last_picture, mut sounds) = (first.frame.pts_90k, 0);
            for _ in 0..20 {
                let unit = listener.next().await.unwrap();
                let now = source.media_now_90k();
                assert!(unit.frame.pts_90k <= now && now - unit.frame.pts_90k < 90_000);
                assert!((unit.camera_utc_ms - source.camera_utc_ms()).abs() < 1_000);
                if unit.frame.codec == Codec::G711A {
                    sounds += 1;
                } else {
                    assert!(unit.frame.pts_90k > last_picture);
                    last_picture = unit.frame.pts_90k;
                }
            }
            assert!(sounds >= 7, "{sounds} sounds in 20 units");
        }
    }

    #[tokio::test]
    async fn impossible_settings_are_refused() {
        for options in [
            CameraOptions { fps: 0, ..small() },
            CameraOptions { fps: 31, ..small() },
            CameraOptions { speed: 0.0, ..small() },
            CameraOptions { speed: f64::NAN, ..small() },
            CameraOptions { file: Some("/nowhere/at/all.mp4".into()), ..small() },
        ] {
            assert!(Source::start(&options).await.is_err(), "{options:?}");
        }
    }
}
