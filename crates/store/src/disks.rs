//! The disks that hold footage: which one a container lies on, which are there, where the next one goes.
//!
//! Every disk has a name, a folder, and an identity file `footage/disk.json` written once, which says whose disk it is. The data folder
//! itself is the disk `main`. A container's path in its row is `footage/…` on `main` and `<name>:footage/…` elsewhere, and the part
//! behind the colon is the same on every disk, so moving a container changes the name only.
//!
//! Always true: nothing is declared lost on a disk whose identity file is not the one on record, and on other disks than `main`
//! nothing is written or removed either. A disk that is not there is **away**: its footage keeps its rows, is neither deleted nor a gap, and is back when the disk is.

use crate::args;
use crate::db::{Db, DbError};
use base::{CameraId, SiteId, UtcMs};
pub use config::DiskConfig;
use domain::storage::{DiskState, Room, placement};
use serde::{Deserialize, Serialize};
use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

/// Name of the data folder's own disk.
pub const MAIN: &str = "main";
/// Most disks of one server.
const MAX_DISKS: usize = 64;
/// The identity file, below the folder of a disk.
const IDENTITY: &str = "footage/disk.json";
/// Longest name of a disk.
const NAME_BYTES: usize = 32;

/// Whether a disk is there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// It is there and takes footage, as far as known.
    Here,
    /// It is there again after it was away; nothing is written there until what it holds was looked at.
    Back,
    /// It is there and refused what was last written.
    Refuses,
    /// Its folder, or its identity file, is not there.
    Away,
    /// Another disk stands in its place.
    Other,
}

impl Standing {
    /// Its files can be read.
    #[must_use]
    pub const fn can_read(self) -> bool {
        matches!(self, Self::Here | Self::Back | Self::Refuses)
    }

    /// Stable word for the API.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Here => "here",
            Self::Back => "back",
            Self::Refuses => "refuses",
            Self::Away => "away",
            Self::Other => "other",
        }
    }
}

/// What the identity file says.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
struct Identity {
    site: SiteId,
    name: String,
    /// Random, so that a copy of the file's folder on a new disk is still the same disk and a new one is not.
    id: String,
}

struct Disk {
    config: DiskConfig,
    root: PathBuf,
    reserve_bytes: u64,
    identity: RwLock<Option<Identity>>,
    standing: RwLock<Standing>,
    written: AtomicU64,
    rate: RwLock<(u64, u64, u64)>,
}

/// A disk as pages and the storage loop see it.
#[derive(Clone, Debug)]
pub struct DiskView {
    /// Its place in the list.
    pub index: usize,
    /// Name.
    pub name: String,
    /// Folder.
    pub root: PathBuf,
    /// What a person wants.
    pub state: DiskState,
    /// Whether it is there.
    pub standing: Standing,
    /// Size, bytes; 0 while it is away.
    pub total_bytes: u64,
    /// Bytes that may still be written; 0 while it is away.
    pub free_bytes: u64,
    /// Bytes kept free.
    pub reserve_bytes: u64,
    /// Bytes a second written there over the last looks.
    pub write_bytes_s: u64,
}

/// The disks of a store; copies share one state.
#[derive(Clone)]
pub struct Disks(Arc<Vec<Disk>>);

/// Why the disks cannot be used as configured.
#[derive(Debug, thiserror::Error)]
pub enum DiskError {
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
    /// A name, a folder or a number that cannot be.
    #[error("storage.disk: {0}")]
    Config(String),
    /// A new disk cannot be written.
    #[error("disk {0}: {1}")]
    Io(String, Error),
}

impl Disks {
    /// The disks of the configuration beside the data folder, each compared with its identity on record. A disk that was never seen
    /// gets its identity here; a crash between file and row leaves a file of this site and name, which the next start takes over.
    ///
    /// # Errors
    /// A configuration that cannot be, a new disk that cannot be written, or the database.
    pub async fn open(
        db: &Db,
        data: &Path,
        site: SiteId,
        reserve_bytes: u64,
        configs: &[DiskConfig],
        now: UtcMs,
    ) -> Result<Self, DiskError> {
        check(configs)?;
        let main = DiskConfig {
            name: MAIN.into(),
            path: data.to_path_buf(),
            reserve_bytes: None,
            min_priority: 0,
            cameras: vec![],
            state: DiskState::Active,
        };
        let own = configs.iter().find(|c| c.name == MAIN).cloned();
        let all = [own.unwrap_or(main)].into_iter().chain(configs.iter().filter(|c| c.name != MAIN).cloned());
        let mut disks = Vec::new();
        for config in all {
            let root = if config.name == MAIN { data.to_path_buf() } else { config.path.clone() };
            let disk = Disk {
                reserve_bytes: config.reserve_bytes.unwrap_or(reserve_bytes),
                root,
                config,
                identity: RwLock::default(),
                standing: RwLock::new(Standing::Away),
                written: AtomicU64::new(0),
                rate: RwLock::default(),
            };
            disk.meet(db, site, now).await?;
            disks.push(disk);
        }
        Ok(Self(Arc::new(disks)))
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Name of a disk.
    #[must_use]
    pub fn name(&self, index: usize) -> Option<&str> {
        self.0.get(index).map(|d| d.config.name.as_str())
    }

    /// Place of a disk in the list by its name.
    #[must_use]
    pub fn index_of(&self, name: &str) -> Option<usize> {
        self.0.iter().position(|d| d.config.name == name)
    }

    /// Name of the disk that a container's path lies on.
    #[must_use]
    pub fn name_of(path: &str) -> &str {
        path.split_once(':').map_or(MAIN, |(name, _)| name)
    }

    /// True when the disk of a path is there.
    #[must_use]
    pub fn is_here(&self, path: &str) -> bool {
        self.index_of(Self::name_of(path)).is_some_and(|i| self.standing(i).can_read())
    }

    /// True when the disk of a path is the one on record, so that a file that is not there is gone: not so while a mount is missing
    /// below the data folder, or after a database was restored without its footage.
    pub(crate) fn is_own(&self, path: &str) -> bool {
        self.index_of(Self::name_of(path)).is_some_and(|i| {
            let known = self.0[i].identity.read().unwrap_or_else(PoisonError::into_inner);
            known.is_some() && self.0[i].read_identity() == *known
        })
    }

    /// The path of the same container on another disk.
    pub(crate) fn path_on(&self, index: usize, path: &str) -> Option<String> {
        let disk = self.0.get(index)?;
        let rest = path.split_once(':').map_or(path, |(_, rest)| rest);
        Some(if disk.config.name == MAIN { rest.to_owned() } else { format!("{}:{rest}", disk.config.name) })
    }

    /// Where a container's file lies. A file that was just moved is found on the disk it went to.
    ///
    /// # Errors
    /// `NotFound` with the disk's name while that is away.
    pub fn file(&self, path: &str) -> std::io::Result<PathBuf> {
        let (name, rest) = path.split_once(':').unwrap_or((MAIN, path));
        let own = self.own_file(path);
        if let Some(own) = own.as_ref().filter(|own| own.exists()) {
            return Ok(own.clone());
        }
        let elsewhere = (0..self.0.len()).filter(|i| self.standing(*i).can_read()).map(|i| self.0[i].root.join(rest));
        let found = elsewhere.into_iter().find(|file| file.exists());
        found.or(own).ok_or_else(|| Error::new(ErrorKind::NotFound, format!("disk `{name}` is not there")))
    }

    /// Where a container's file lies by its path alone; `None` while the disk is away.
    pub(crate) fn own_file(&self, path: &str) -> Option<PathBuf> {
        let (name, rest) = path.split_once(':').unwrap_or((MAIN, path));
        self.index_of(name).filter(|i| self.standing(*i).can_read()).map(|i| self.0[i].root.join(rest))
    }

    /// Containers on the disks that are there, or on one of them: camera, file, path as a row has it.
    pub(crate) fn container_files(&self, only: Option<usize>) -> Vec<(CameraId, PathBuf, String)> {
        let mut out = Vec::new();
        for (index, disk) in self.0.iter().enumerate() {
            if self.standing(index).can_read() && only.is_none_or(|only| only == index) {
                let files = crate::footage::recover::container_files(&disk.root);
                out.extend(
                    files
                        .into_iter()
                        .filter_map(|(camera, file, rest)| Some((camera, file, self.path_on(index, &rest)?))),
                );
            }
        }
        out
    }

    /// Folder of a disk.
    #[must_use]
    pub fn root(&self, index: usize) -> Option<&Path> {
        self.0.get(index).map(|d| d.root.as_path())
    }

    /// Whether a disk is there.
    #[must_use]
    pub fn standing(&self, index: usize) -> Standing {
        let disk = self.0.get(index);
        disk.map_or(Standing::Away, |d| *d.standing.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// It refused what was written, or takes it again.
    pub fn set_refuses(&self, index: usize, refuses: bool) {
        if let Some(disk) = self.0.get(index) {
            let mut standing = disk.standing.write().unwrap_or_else(PoisonError::into_inner);
            if standing.can_read() {
                *standing = if refuses { Standing::Refuses } else { Standing::Here };
            }
        }
    }

    /// The disks for a new container of a camera, the best first.
    #[must_use]
    pub fn order(&self, camera: CameraId, priority: u8) -> Vec<usize> {
        let views = self.views();
        let takes = |s: Standing| s.can_read() && s != Standing::Back;
        let here: Vec<_> = views.iter().filter(|v| takes(v.standing)).collect();
        let rooms: Vec<_> = here
            .iter()
            .map(|v| Room {
                free_bytes: v.free_bytes,
                reserve_bytes: v.reserve_bytes,
                write_bytes_s: v.write_bytes_s,
                state: v.state,
                works: v.standing == Standing::Here,
                pinned: self.0[v.index].config.cameras.contains(&camera),
                min_priority: self.0[v.index].config.min_priority,
            })
            .collect();
        placement(&rooms, priority).into_iter().map(|i| here[i].index).collect()
    }

    /// Counts bytes that were written to a disk.
    pub(crate) fn wrote(&self, index: usize, bytes: u64) {
        if let Some(disk) = self.0.get(index) {
            disk.written.fetch_add(bytes, Ordering::Relaxed);
        }
    }

    /// Every disk as it is now. Asks the system for free space; a disk that is away is not asked.
    #[must_use]
    pub fn views(&self) -> Vec<DiskView> {
        let of = |(index, disk): (usize, &Disk)| {
            let standing = self.standing(index);
            let space = standing.can_read().then(|| rustix::fs::statvfs(disk.root.join("footage")).ok()).flatten();
            let bytes = |blocks: u64, size: u64| blocks.saturating_mul(size);
            DiskView {
                index,
                name: disk.config.name.clone(),
                root: disk.root.clone(),
                state: disk.config.state,
                standing,
                total_bytes: space.as_ref().map_or(0, |s| bytes(s.f_blocks, s.f_frsize)),
                free_bytes: space.as_ref().map_or(0, |s| bytes(s.f_bavail, s.f_frsize)),
                reserve_bytes: disk.reserve_bytes,
                write_bytes_s: disk.rate.read().unwrap_or_else(PoisonError::into_inner).2,
            }
        };
        self.0.iter().enumerate().map(of).collect()
    }

    /// Looks whether each disk is there, and measures what is written; `mono_ms` is monotonic time. Returns those that came or went,
    /// with what they are now. Blocks on a disk that hangs.
    #[must_use]
    pub fn look(&self, mono_ms: u64) -> Vec<(usize, Standing)> {
        let mut changed = Vec::new();
        for (index, disk) in self.0.iter().enumerate() {
            disk.measure(mono_ms);
            let seen = disk.seen();
            let mut standing = disk.standing.write().unwrap_or_else(PoisonError::into_inner);
            let new = match (seen, *standing) {
                (Standing::Here, now @ (Standing::Refuses | Standing::Back)) => now,
                (Standing::Here, Standing::Away | Standing::Other) => Standing::Back,
                (seen, _) => seen,
            };
            if new != *standing {
                *standing = new;
                changed.push((index, new));
            }
        }
        changed
    }

    /// Gives a disk a new identity because the old one is gone for good. The caller has declared its footage lost.
    ///
    /// # Errors
    /// The new disk cannot be written, or the database.
    pub(crate) async fn replace(&self, db: &Db, site: SiteId, index: usize, now: UtcMs) -> Result<(), DiskError> {
        let Some(disk) = self.0.get(index) else { return Err(DiskError::Config(format!("no disk {index}"))) };
        let fresh = disk.write_identity(site)?;
        let sql = "UPDATE disk SET identity = $2, since_ms = $3 WHERE name = $1";
        db.exec(sql, args![disk.config.name.clone(), fresh.id.clone(), now]).await?;
        *disk.identity.write().unwrap_or_else(PoisonError::into_inner) = Some(fresh);
        *disk.standing.write().unwrap_or_else(PoisonError::into_inner) = Standing::Here;
        Ok(())
    }
}

impl Disk {
    /// Compares the disk with the record; writes both when it was never seen.
    async fn meet(&self, db: &Db, site: SiteId, now: UtcMs) -> Result<(), DiskError> {
        let name = self.config.name.clone();
        let row = db.row("SELECT identity FROM disk WHERE name = $1", args![name.clone()]).await?;
        let identity = match row {
            Some(row) => Identity { site, name, id: row.text(0)? },
            None => {
                let own = self.read_identity().filter(|found| found.site == site && found.name == name);
                let identity = match own {
                    Some(own) => own,
                    None if self.root.join(IDENTITY).exists() => {
                        return Err(DiskError::Config(format!(
                            "`{}` is the disk of another site or name",
                            self.root.display()
                        )));
                    }
                    None => self.write_identity(site)?,
                };
                let sql = "INSERT INTO disk (name, identity, since_ms) VALUES ($1, $2, $3)";
                db.exec(sql, args![name, identity.id.clone(), now]).await?;
                identity
            }
        };
        *self.identity.write().unwrap_or_else(PoisonError::into_inner) = Some(identity);
        let seen = self.seen();
        *self.standing.write().unwrap_or_else(PoisonError::into_inner) = seen;
        Ok(())
    }

    fn read_identity(&self) -> Option<Identity> {
        serde_json::from_slice(&std::fs::read(self.root.join(IDENTITY)).ok()?).ok()
    }

    fn seen(&self) -> Standing {
        // The data folder is there, or nothing runs: a database that was restored into a new one records there at once.
        if self.config.name == MAIN {
            return if self.root.join("footage").is_dir() { Standing::Here } else { Standing::Away };
        }
        let known = self.identity.read().unwrap_or_else(PoisonError::into_inner);
        match (self.read_identity(), known.as_ref()) {
            (Some(found), Some(known)) if found == *known => Standing::Here,
            (Some(_), _) => Standing::Other,
            (None, _) => Standing::Away,
        }
    }

    fn write_identity(&self, site: SiteId) -> Result<Identity, DiskError> {
        let io = |e| DiskError::Io(self.root.display().to_string(), e);
        let id: [u8; 16] = crate::keys::random().map_err(|e| io(Error::other(e)))?;
        let identity = Identity { site, name: self.config.name.clone(), id: base::hex(&id) };
        let path = self.root.join(IDENTITY);
        let folder = self.root.join("footage");
        std::fs::create_dir_all(&folder).map_err(io)?;
        let text = serde_json::to_vec_pretty(&identity).map_err(|e| io(Error::other(e)))?;
        let new = path.with_extension("new");
        std::fs::write(&new, text).and_then(|()| std::fs::File::open(&new)?.sync_all()).map_err(io)?;
        std::fs::rename(&new, &path).and_then(|()| crate::footage::sync_folder(&folder)).map_err(io)?;
        Ok(identity)
    }

    /// Bytes a second since the last measure.
    fn measure(&self, mono_ms: u64) {
        let written = self.written.load(Ordering::Relaxed);
        let mut rate = self.rate.write().unwrap_or_else(PoisonError::into_inner);
        let (before, at, old) = *rate;
        let ms = mono_ms.saturating_sub(at).max(1);
        let now = written.saturating_sub(before).saturating_mul(1_000) / ms;
        *rate = (written, mono_ms, if at == 0 { now } else { (old * 3 + now) / 4 });
    }
}

/// The rules that the disks of a configuration keep: names, paths, how many.
///
/// # Errors
/// `Config` with what is wrong.
pub fn check(configs: &[DiskConfig]) -> Result<(), DiskError> {
    let wrong = |what: String| Err(DiskError::Config(what));
    if configs.len() > MAX_DISKS {
        return wrong(format!("more than {MAX_DISKS} disks"));
    }
    for (at, c) in configs.iter().enumerate() {
        let letters = c.name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if c.name.is_empty() || c.name.len() > NAME_BYTES || !letters {
            return wrong(format!("name `{}`: small letters, digits and `-`, at most {NAME_BYTES}", c.name));
        }
        if configs[..at].iter().any(|other| other.name == c.name) {
            return wrong(format!("name `{}` comes twice", c.name));
        }
        if c.name == MAIN && !c.path.as_os_str().is_empty() {
            return wrong("`main` is the data folder and has no path of its own".into());
        }
        if c.name != MAIN && !c.path.is_absolute() {
            return wrong(format!("`{}` needs an absolute path", c.name));
        }
        if c.name != MAIN && configs[..at].iter().any(|other| other.path == c.path) {
            return wrong(format!("path `{}` comes twice", c.path.display()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(name: &str, path: &str) -> DiskConfig {
        DiskConfig {
            name: name.into(),
            path: path.into(),
            reserve_bytes: None,
            min_priority: 0,
            cameras: vec![],
            state: DiskState::Active,
        }
    }

    #[test]
    fn names_and_paths_are_checked() {
        assert!(check(&[config("main", ""), config("b-2", "/b"), config("c", "/c")]).is_ok());
        for wrong in [
            vec![config("", "/b")],
            vec![config("B", "/b")],
            vec![config("b:c", "/b")],
            vec![config(&"b".repeat(NAME_BYTES + 1), "/b")],
            vec![config("b", "b")],
            vec![config("b", "")],
            vec![config("b", "/b"), config("b", "/c")],
            vec![config("b", "/b"), config("c", "/b")],
            vec![config("main", "/b")],
            (0..=MAX_DISKS).map(|n| config(&format!("d{n}"), &format!("/d{n}"))).collect(),
        ] {
            assert!(check(&wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_path_names_its_disk() {
        assert_eq!(Disks::name_of("footage/c/d/e.mp4"), MAIN);
        assert_eq!(Disks::name_of("b:footage/c/d/e.mp4"), "b");
    }
}
