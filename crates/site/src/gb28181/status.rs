//! What pages are told of GB/T 28181 devices: those taken in, and those that knocked and are unknown.
//!
//! Written by the signalling task as things happen, read by anyone at any time. Invariants: at most `MAX_UNKNOWN` unknown devices are
//! kept, none longer than an hour; reading never waits for signalling.

use super::guard::GuardPlan;
use base::{CameraId, UtcMs};
use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use wire::gb28181::GbId;

/// Most unknown devices kept; the one silent for longest makes room.
pub const MAX_UNKNOWN: usize = 100;
/// An unknown device is shown for this long after it was last heard, ms.
pub const UNKNOWN_MS: i64 = 3_600_000;
/// Most channels of a device that are shown.
const MAX_CHANNELS: usize = 1_024;

/// One channel of a device's catalogue.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Channel {
    /// Code as the device lists it, normally 20 digits.
    pub id: String,
    /// Name.
    pub name: String,
    /// The device says that it is online.
    pub online: Option<bool>,
}

/// A device that belongs to at least one camera.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeviceStatus {
    /// 20-digit code.
    pub id: String,
    /// Registered and not silent.
    pub online: bool,
    /// Where its signalling comes from.
    pub addr: Option<SocketAddr>,
    /// Signalling over TCP.
    pub tcp: bool,
    /// `X-GB-Ver`: 1.0 = 2011, 2.0 = 2016, 3.0 = 2022.
    pub version: Option<String>,
    /// Maker, as it says.
    pub maker: String,
    /// Model, as it says.
    pub model: String,
    /// Firmware, as it says.
    pub firmware: String,
    /// Channels of its catalogue, folders left out.
    pub channels: Vec<Channel>,
    /// Codes of its contact inputs (type 134).
    pub inputs: Vec<String>,
    /// Its clock minus ours, ms, as last measured.
    pub clock_error_ms: Option<i32>,
    /// Last registration, keepalive or answer.
    pub heard: Option<UtcMs>,
    /// Cameras that it carries.
    pub cameras: Vec<CameraId>,
}

impl DeviceStatus {
    pub(super) fn new(id: GbId) -> Self {
        Self {
            id: id.to_string(),
            online: false,
            addr: None,
            tcp: false,
            version: None,
            maker: String::new(),
            model: String::new(),
            firmware: String::new(),
            channels: Vec::new(),
            inputs: Vec::new(),
            clock_error_ms: None,
            heard: None,
            cameras: Vec::new(),
        }
    }

    pub(super) fn set_channels(&mut self, channels: impl Iterator<Item = Channel>) {
        self.channels = channels.take(MAX_CHANNELS).collect();
    }
}

/// A device that tried to register and is not known here: it was refused.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnknownDevice {
    /// 20-digit code it claims.
    pub id: String,
    /// Where it speaks from.
    pub addr: SocketAddr,
    /// First heard within its present row of tries.
    pub first: UtcMs,
    /// Last heard (told once a minute).
    pub last: UtcMs,
}

/// A camera's guard as it stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct GuardSeen {
    /// The plan.
    pub plan: GuardPlan,
    /// What the device last confirmed: armed or not; `None`: nothing since it registered.
    pub told: Option<bool>,
    /// The last order was refused with this SIP code (200: by its answer), or (inner `None`) not answered.
    pub refused: Option<Option<u16>>,
}

/// What pages see.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Status {
    /// Devices taken in, by code.
    pub devices: Vec<DeviceStatus>,
    /// Unknown devices that tried to register within the last hour, newest first.
    pub unknown: Vec<UnknownDevice>,
}

#[derive(Default)]
struct Inner {
    devices: BTreeMap<GbId, DeviceStatus>,
    unknown: VecDeque<UnknownDevice>,
    guards: BTreeMap<CameraId, GuardSeen>,
}

/// The board that the signalling task writes on; copies share it.
#[derive(Clone, Default)]
pub(super) struct Board(Arc<Mutex<Inner>>);

impl Board {
    fn inner(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn device(&self, id: GbId, change: impl FnOnce(&mut DeviceStatus)) {
        change(self.inner().devices.entry(id).or_insert_with(|| DeviceStatus::new(id)));
    }

    pub(super) fn remove(&self, id: GbId) {
        self.inner().devices.remove(&id);
    }

    pub(super) fn unknown(&self, id: GbId, addr: SocketAddr, now: UtcMs) {
        let mut inner = self.inner();
        let id = id.to_string();
        let at = inner.unknown.iter().position(|u| u.id == id && u.addr.ip() == addr.ip());
        let known = at.and_then(|at| inner.unknown.remove(at)).filter(|u| now.since(u.last) < UNKNOWN_MS);
        let first = known.map_or(now, |u| u.first);
        inner.unknown.push_front(UnknownDevice { id, addr, first, last: now });
        inner.unknown.truncate(MAX_UNKNOWN);
    }

    /// A device was taken in: it is no longer unknown.
    pub(super) fn known(&self, id: GbId) {
        let id = id.to_string();
        self.inner().unknown.retain(|u| u.id != id);
    }

    pub(super) fn guard(&self, camera: CameraId, seen: Option<GuardSeen>) {
        let mut inner = self.inner();
        match seen {
            Some(seen) => drop(inner.guards.insert(camera, seen)),
            None => drop(inner.guards.remove(&camera)),
        }
    }

    pub(super) fn guard_of(&self, camera: CameraId) -> Option<GuardSeen> {
        self.inner().guards.get(&camera).copied()
    }

    pub(super) fn cameras_near(&self, id: &str) -> Vec<CameraId> {
        let inner = self.inner();
        let of =
            |d: &DeviceStatus| d.id == id || d.channels.iter().any(|c| c.id == id) || d.inputs.iter().any(|i| i == id);
        inner.devices.values().filter(|d| of(d)).flat_map(|d| d.cameras.clone()).collect()
    }

    pub(super) fn status(&self, now: UtcMs) -> Status {
        let inner = self.inner();
        Status {
            devices: inner.devices.values().cloned().collect(),
            unknown: inner.unknown.iter().filter(|u| now.since(u.last) < UNKNOWN_MS).cloned().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_devices_are_kept_an_hour_and_a_hundred_at_most() {
        let board = Board::default();
        let id = |n: u32| GbId::parse(&format!("3402000000132{n:07}")).expect("twenty digits");
        let addr = "192.0.2.9:5060".parse().expect("address");
        for n in 0..150 {
            board.unknown(id(n), addr, UtcMs(i64::from(n)));
        }
        board.unknown(id(149), addr, UtcMs(1_000));
        let seen = board.status(UtcMs(1_000)).unknown;
        assert_eq!((seen.len(), seen[0].id.clone()), (MAX_UNKNOWN, id(149).to_string()));
        assert_eq!((seen[0].first, seen[0].last), (UtcMs(149), UtcMs(1_000)));
        assert_eq!(board.status(UtcMs(999 + UNKNOWN_MS)).unknown.len(), 1);
        assert_eq!(board.status(UtcMs(1_000 + UNKNOWN_MS)).unknown.len(), 0);
        board.known(id(149));
        assert!(board.status(UtcMs(1_000)).unknown.iter().all(|u| u.id != id(149).to_string()));
    }
}
