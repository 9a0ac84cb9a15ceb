//! What pages are told of upper platforms. Written by the links as things happen, read by anyone at any time.

use crate::camera::Diagnosis;
use base::{CameraId, UpperId, UtcMs};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Where the registration stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Registration {
    /// Switched off by a person.
    #[default]
    Off,
    /// Being tried.
    Trying,
    /// In force since then.
    Since(UtcMs),
}

/// One live view from above.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Viewer {
    /// Which camera.
    pub camera: CameraId,
    /// Since when.
    pub since: UtcMs,
    /// Entry of the log, which names the view.
    pub leaf: u64,
}

/// One platform's link.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct UpperStatus {
    /// Registration.
    pub registration: Registration,
    /// Last keepalive that was answered.
    pub keepalive: Option<UtcMs>,
    /// Keepalives in a row without answer.
    pub missed: u32,
    /// Last time it refused us or did not answer: when, and the SIP code where there was one.
    pub refusal: Option<(UtcMs, Option<u16>)>,
    /// What is wrong and what to do.
    pub diagnosis: Option<Diagnosis>,
    /// Who watches.
    pub viewers: Vec<Viewer>,
    /// It is subscribed to changes of the catalogue, to alarms.
    pub subscribed: (bool, bool),
    /// Requests from above that were refused: unknown channel, no right, not lawful.
    pub refused: u64,
    /// The last of them, in the protocol's words with its code.
    pub refused_last: Option<(UtcMs, String, u16)>,
    /// Pieces of input that made no sense.
    pub nonsense: u64,
    /// Alarms told and taken.
    pub alarms: u64,
}

/// The board; copies share it.
#[derive(Clone, Default)]
pub(super) struct Board(Arc<Mutex<BTreeMap<UpperId, UpperStatus>>>);

impl Board {
    fn inner(&self) -> std::sync::MutexGuard<'_, BTreeMap<UpperId, UpperStatus>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn start(&self, id: UpperId, enabled: bool) {
        let registration = if enabled { Registration::Trying } else { Registration::Off };
        self.inner().insert(id, UpperStatus { registration, ..UpperStatus::default() });
    }

    pub(super) fn forget(&self, id: UpperId) {
        self.inner().remove(&id);
    }

    pub(super) fn change(&self, id: UpperId, change: impl FnOnce(&mut UpperStatus)) {
        if let Some(status) = self.inner().get_mut(&id) {
            change(status);
        }
    }

    pub(super) fn status(&self, id: UpperId) -> Option<UpperStatus> {
        self.inner().get(&id).cloned()
    }

    pub(super) fn viewers(&self) -> Vec<(UpperId, Viewer)> {
        self.inner().iter().flat_map(|(id, s)| s.viewers.iter().map(|v| (*id, v.clone()))).collect()
    }
}
