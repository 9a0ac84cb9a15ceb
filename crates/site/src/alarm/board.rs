//! The queue in memory: open incidents by priority then age, with where they are. A copy of the rows, made anew after each change;
//! its version moves with it, so that pages hear of it at once.

use base::{CameraId, MonoMs, Now, Text};
use domain::alarm::{SourceName, ZoneFacts};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use store::incidents::{IncidentRow, cameras_of};
use store::{Store, StoreError};
use tokio::sync::watch;

/// What is known of a source is read again after this time, ms.
const KNOWN_MS: u64 = 10_000;
/// Most sources remembered.
const KNOWN: usize = 4_096;

/// An incident with its place.
#[derive(Clone, Debug)]
pub struct Open {
    /// It.
    pub row: IncidentRow,
    /// Name of the source, or how its protocol names it.
    pub source: String,
    /// Where: zone and place in words.
    pub place: Text,
    /// Cameras that see it.
    pub cameras: Vec<CameraId>,
    /// What is known of the zones that spoke.
    pub zones: Vec<ZoneFacts>,
}

impl Open {
    /// A limit passed and its step is still not done.
    #[must_use]
    pub fn is_late(&self) -> bool {
        let i = &self.row.incident;
        let limits = domain::alarm::Limits::default();
        i.closed.is_none() && i.passed.iter().any(|step| i.clock_row(*step, &limits).at.is_none())
    }
}

/// What is known of a source.
struct Known {
    name: String,
    place: String,
    zones: Vec<ZoneFacts>,
    at: MonoMs,
}

/// The queue. One a site.
pub struct Board {
    open: RwLock<(Arc<Vec<Open>>, u64)>,
    version: watch::Sender<u64>,
    known: Mutex<HashMap<SourceName, Arc<Known>>>,
    /// One refresh at a time, so that an older answer never replaces a newer one.
    refreshing: tokio::sync::Mutex<()>,
}

impl Default for Board {
    fn default() -> Self {
        Self {
            open: RwLock::default(),
            version: watch::Sender::new(0),
            known: Mutex::default(),
            refreshing: tokio::sync::Mutex::default(),
        }
    }
}

impl Board {
    /// Open incidents by priority then age.
    #[must_use]
    pub fn open(&self) -> Arc<Vec<Open>> {
        self.open.read().unwrap_or_else(PoisonError::into_inner).0.clone()
    }

    /// How many are open in all; the list has an end.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.open.read().unwrap_or_else(PoisonError::into_inner).1
    }

    /// Moves when the queue changed.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.version.subscribe()
    }

    /// Reads the queue anew; its version moves when it is another.
    ///
    /// # Errors
    /// The database; the queue then stays as it was.
    pub async fn refresh(&self, store: &Store, now: Now) -> Result<(), StoreError> {
        let _one = self.refreshing.lock().await;
        let (rows, count) = store.open_incidents().await?;
        let shown = self.open();
        if count == self.count() && shown.iter().map(|o| &o.row).eq(rows.iter()) {
            return Ok(());
        }
        let mut list = Vec::with_capacity(rows.len());
        for row in rows {
            list.push(self.placed(store, row, now).await?);
        }
        *self.open.write().unwrap_or_else(PoisonError::into_inner) = (Arc::new(list), count);
        self.version.send_modify(|v| *v += 1);
        Ok(())
    }

    /// An incident with its place.
    ///
    /// # Errors
    /// The database.
    pub async fn placed(&self, store: &Store, row: IncidentRow, now: Now) -> Result<Open, StoreError> {
        let known = self.known(store, &row.incident.source, now).await?;
        let i = &row.incident;
        let spoke: Vec<ZoneFacts> =
            i.zones.iter().filter_map(|s| known.zones.iter().find(|z| z.zone == s.zone)).cloned().collect();
        let first = i.zones.first().map_or(0, |z| z.zone);
        let source = if known.name.is_empty() { i.source.as_str().to_owned() } else { known.name.clone() };
        let zone = known.zones.iter().find(|z| z.zone == first).filter(|z| !z.name.is_empty());
        let place = match zone {
            Some(z) => {
                let place = if z.place.is_empty() { &known.place } else { &z.place };
                let words = [place.as_str(), z.name.as_str()].into_iter().filter(|w| !w.is_empty()).collect::<Vec<_>>();
                Text::of(words.join(" · "), words.join(" · "))
            }
            None if first == 0 => Text::of(source.clone(), source.clone()),
            None => Text::of(format!("{source} · 防区 {first}"), format!("{source} · zone {first}")),
        };
        let cameras = cameras_of(i, &known.zones);
        Ok(Open { source, place, cameras, zones: spoke, row })
    }

    async fn known(&self, store: &Store, source: &SourceName, now: Now) -> Result<Arc<Known>, StoreError> {
        let there = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(source).cloned();
        if let Some(known) = there.filter(|k| now.mono.since(k.at) < KNOWN_MS) {
            return Ok(known);
        }
        let (name, place) = store.source_place(source).await?.unwrap_or_default();
        let zones = store.zone_facts(source).await?;
        let known = Arc::new(Known { name, place, zones, at: now.mono });
        let mut all = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= KNOWN {
            all.clear();
        }
        all.insert(source.clone(), known.clone());
        Ok(known)
    }
}
