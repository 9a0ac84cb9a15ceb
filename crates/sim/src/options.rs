//! What every simulated camera can be told.

use crate::load::Prepared;
use crate::scene::{Place, Size};
use std::path::PathBuf;
use std::sync::Arc;

/// One simulated camera, whatever protocol it speaks.
#[derive(Clone, PartialEq, Debug)]
pub struct CameraOptions {
    /// Decides everything random: people, clothes, noise, ids, packet losses.
    pub seed: u64,
    /// Name drawn into the picture (Latin letters) and told by the protocols.
    pub name: String,
    /// Which scene.
    pub place: Place,
    /// Picture size of the scene.
    pub size: Size,
    /// Pictures a second of the scene, 1 to 30.
    pub fps: u32,
    /// Bit rate of the scene, bit/s.
    pub bitrate_bps: u32,
    /// With sound (G.711 A-law).
    pub sound: bool,
    /// Plays this MP4 file (H.264 or H.265) instead of the scene.
    pub file: Option<PathBuf>,
    /// Sends these pictures instead of scene or file: for load.
    pub prepared: Option<Arc<Prepared>>,
    /// How much faster than real time a file is sent, 0.1 to 100; media time is not changed.
    pub speed: f64,
    /// Leaves out every n-th picture that is not a key picture; 0 leaves out none. Tests how damage is handled.
    pub drop_every: u32,
    /// How far the camera's own clock is off, ms, in the picture and in the protocols.
    pub clock_error_ms: i64,
}

impl Default for CameraOptions {
    fn default() -> Self {
        Self {
            seed: 1,
            name: "CAMERA 1".into(),
            place: Place::Lobby,
            size: Size::Small,
            fps: 15,
            bitrate_bps: 600_000,
            sound: true,
            file: None,
            prepared: None,
            speed: 1.0,
            drop_every: 0,
            clock_error_ms: 0,
        }
    }
}

/// User name and password of a device.
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    /// User name.
    pub user: String,
    /// Password; never printed.
    pub password: String,
}

impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Login({}, ***)", self.user)
    }
}
