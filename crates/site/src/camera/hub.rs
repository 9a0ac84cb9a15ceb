//! Live frames of one camera, for any number of viewers, at no cost to the recorder.
//!
//! The recorder's own frames are handed on by reference. A viewer that is too slow misses frames (and waits for the next key
//! picture); it never slows the camera. The current GOP is kept so that a new viewer sees a picture at once.

use media::{AudioConfig, Codec, Frame, VideoConfig};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::broadcast;

/// Frames a slow viewer may lag behind before it misses some.
const LAG_FRAMES: usize = 256;
/// Most bytes kept of the current GOP for new viewers; a longer GOP is not kept.
const GOP_BYTES: usize = 4 * 1024 * 1024;

/// What viewers get.
#[derive(Clone, Debug)]
pub enum Live {
    /// From now on pictures decode with this.
    Video(Arc<VideoConfig>),
    /// From now on sound decodes with this.
    Audio(Arc<AudioConfig>),
    /// A frame.
    Frame(Arc<Frame>),
}

#[derive(Debug, Default)]
struct Recent {
    video: Option<Arc<VideoConfig>>,
    audio: Option<Arc<AudioConfig>>,
    gop: Vec<Arc<Frame>>,
    gop_bytes: usize,
}

/// The hub of one camera; copies share one state.
#[derive(Clone, Debug)]
pub struct LiveHub {
    out: broadcast::Sender<Live>,
    recent: Arc<Mutex<Recent>>,
}

impl Default for LiveHub {
    fn default() -> Self {
        Self { out: broadcast::channel(LAG_FRAMES).0, recent: Arc::default() }
    }
}

impl LiveHub {
    /// A change of picture configuration.
    pub fn video(&self, config: &VideoConfig) {
        let config = Arc::new(config.clone());
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        recent.video = Some(config.clone());
        recent.gop.clear();
        recent.gop_bytes = 0;
        let _ = self.out.send(Live::Video(config));
    }

    /// A change of sound configuration.
    pub fn audio(&self, config: &AudioConfig) {
        let config = Arc::new(config.clone());
        self.recent.lock().unwrap_or_else(PoisonError::into_inner).audio = Some(config.clone());
        let _ = self.out.send(Live::Audio(config));
    }

    /// A frame.
    pub fn frame(&self, frame: &Frame) {
        let frame = Arc::new(frame.clone());
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        if frame.codec.is_video() {
            if frame.key {
                recent.gop.clear();
                recent.gop_bytes = 0;
            }
            recent.gop_bytes += frame.data.len();
            if recent.gop_bytes > GOP_BYTES {
                recent.gop.clear();
            } else if frame.key || !recent.gop.is_empty() {
                recent.gop.push(frame.clone());
            }
        }
        let _ = self.out.send(Live::Frame(frame));
    }

    /// The stream ended: what is kept of it is old now.
    pub fn ended(&self) {
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        recent.gop.clear();
        recent.gop_bytes = 0;
    }

    /// Joins: first what a decoder needs to begin (configurations, current GOP), then everything that comes.
    #[must_use]
    pub fn join(&self) -> (Vec<Live>, broadcast::Receiver<Live>) {
        let recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        // Under the lock: nothing can come between what is kept and what is received.
        let receiver = self.out.subscribe();
        let mut first: Vec<Live> = Vec::new();
        first.extend(recent.video.clone().map(Live::Video));
        first.extend(recent.audio.clone().map(Live::Audio));
        first.extend(recent.gop.iter().cloned().map(Live::Frame));
        (first, receiver)
    }

    /// Codec of the pictures, once known.
    #[must_use]
    pub fn codec(&self) -> Option<Codec> {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner).video.as_ref().map(|v| v.codec)
    }

    /// The newest key picture of the current GOP with its configuration: a poster of this moment.
    #[must_use]
    pub fn newest_key(&self) -> Option<(Arc<VideoConfig>, Arc<Frame>)> {
        let recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        Some((recent.video.clone()?, recent.gop.first().filter(|f| f.key)?.clone()))
    }

    /// How many are watching.
    #[must_use]
    pub fn viewers(&self) -> usize {
        self.out.receiver_count()
    }
}
