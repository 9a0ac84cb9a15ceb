//! Disks for footage beside the data folder. Names and paths are compared by the store, which knows the data folder.

use base::CameraId;
use domain::storage::DiskState;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// A disk as the configuration tells it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DiskConfig {
    /// Its name: small letters, digits, `-`. `main` is the data folder.
    pub name: String,
    /// Its folder; not given for `main`.
    #[serde(default)]
    pub path: PathBuf,
    /// Bytes kept free on it; none = as for the data folder.
    #[serde(default)]
    pub reserve_bytes: Option<u64>,
    /// Only cameras of at least this priority record there.
    #[serde(default)]
    pub min_priority: u8,
    /// Cameras that record there as long as it works.
    #[serde(default)]
    pub cameras: Vec<CameraId>,
    /// What a person wants of it.
    #[serde(default)]
    pub state: DiskState,
}
