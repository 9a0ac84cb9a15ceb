//! Reads a backup whole, and makes a server of it again.
//!
//! Crash table of a restore. Before the mark `restore-unfinished`: nothing happened. While the mark is there: no start (it says what to do),
//! and the restore is simply repeated; what is in the staging folder is thrown away. Before the commit of the rows: the old database. After
//! it, before the names: the rows of the backup beside the old files, or none; the mark is there. After the mark is gone: the server of the
//! backup. What stood in the place goes to `before-restore-<time>` (on PostgreSQL to a schema of that name) and is never deleted here. The
//! mark names that folder, and a repeated restore goes on in it: what belongs together (a database and its WAL) is set aside together, and
//! never beside what the broken restore had put in its place, which gets a folder of its own in there.

use super::make;
use super::pack::PackReader;
use super::seal::SealedReader;
use super::{
    BackupError, CHECKPOINT, CONFIG, ENTRIES, Head, MANIFEST, Manifest, PUBLIC_KEY, RESTORED, RestoredFrom, UNFINISHED,
    damaged, io, rows, templates,
};
use crate::db::{Db, RawTx, Value};
use crate::{StoreConfig, args, db, lock_folder, schema};
use base::UtcMs;
use ledger::{Checkpoint, EntryBytes, LogFile, TilePath, Tree, Vkey};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Entries put into the tree at once; a multiple of a tile's width.
const BATCH: usize = 4_096;
/// Longest key file and configuration.
const SMALL_BYTES: usize = 1024 * 1024;
/// Folder in the data folder where a restore gathers what it will put in place.
const STAGING: &str = "restoring";
/// The configuration of the backup, put into the data folder for a person to compare.
const OLD_CONFIG: &str = "configuration-from-backup.toml";
/// What a server keeps in its data folder beside footage and exports.
const PARTS: [&str; 8] =
    ["jifang.db", "jifang.db-wal", "jifang.db-shm", "keys", "ledger", "journal", templates::TEMPLATES, OLD_CONFIG];
/// Begin of the name of the folder for what stood in the place; the time follows, ms.
const ASIDE: &str = "before-restore-";
/// Begin of the name of a folder in that one, for what a broken restore had put in the place.
const OF_BROKEN: &str = "of-broken-restore-";
/// Third line of the mark.
const CLEARED: &str = "cleared";
/// Longest wait for a connection to the database.
const WAIT: Duration = Duration::from_secs(30);

/// Where a backup is restored.
#[derive(Clone, Debug)]
pub struct Place {
    /// Data folder and database.
    pub store: StoreConfig,
    /// Set aside what is there.
    pub replace: bool,
}

/// What a reading found.
#[derive(Clone, Debug)]
pub struct Verified {
    /// What the backup says of itself.
    pub manifest: Manifest,
    /// The configuration in it; empty = none.
    pub config: String,
}

/// What a restore did.
#[derive(Clone, Debug)]
pub struct Restored {
    /// What the backup says of itself.
    pub manifest: Manifest,
    /// Where the files that stood in the place are now.
    pub aside: Option<PathBuf>,
    /// Schema of PostgreSQL with the tables that stood in the place.
    pub aside_schema: Option<String>,
}

/// Reads a backup from its first to its last byte and holds that it is whole.
///
/// # Errors
/// The passphrase, or what is wrong and in which member.
pub fn verify(from: &Path, passphrase: &str) -> Result<Verified, BackupError> {
    let (file, about) = SealedReader::open(from, passphrase)?;
    if about.schema > schema::version() {
        return Err(BackupError::NewerSchema { backup: about.schema, program: schema::version() });
    }
    read_through(&mut PackReader::new(file, about))
}

/// What the members say that is compared at the end.
#[derive(Default)]
struct Seen {
    tables: BTreeMap<String, u64>,
    /// `next` of the row `ledger_head`.
    next: Option<i64>,
    head: Option<Head>,
    note: Vec<u8>,
    key: String,
    config: String,
    keys: BTreeSet<String>,
}

/// Reads every member and compares them with each other and with the manifest.
pub(super) fn read_through(pack: &mut PackReader) -> Result<Verified, BackupError> {
    let mut seen = Seen::default();
    let known: Vec<_> = tables_of(pack.about().schema);
    while let Some(name) = pack.next()? {
        if name == MANIFEST {
            let manifest = pack.manifest()?;
            if let Some(after) = pack.next()? {
                return Err(BackupError::Extra(after));
            }
            agree(&seen, &known, &manifest)?;
            return Ok(Verified { manifest, config: seen.config });
        }
        look(&name, &known, pack, &mut seen)?;
    }
    Err(BackupError::Missing(MANIFEST.into()))
}

fn look(name: &str, known: &[&'static str], pack: &mut PackReader, seen: &mut Seen) -> Result<(), BackupError> {
    match name.split_once('/') {
        Some(("rows", table)) if known.contains(&table) => {
            let mut next = None;
            let count = rows::read_table(pack, |columns, values| {
                if let (true, Some(i)) = (table == "ledger_head", columns.iter().position(|c| c == "next")) {
                    next = match values[i] {
                        Value::Int(n) => n,
                        _ => None,
                    };
                }
                Ok(())
            })?;
            seen.next = next.or(seen.next);
            seen.tables.insert(table.to_owned(), count);
        }
        Some(("journal", _)) => while !pack.some(usize::MAX)?.is_empty() {},
        Some((templates::TEMPLATES, _)) => {
            template(name)?;
            while !pack.some(usize::MAX)?.is_empty() {}
        }
        Some(("keys", key)) => {
            let length = pack.rest(SMALL_BYTES)?.len();
            if is_own(key) && length != 32 {
                return Err(damaged(name, "it is not 32 bytes"));
            }
            seen.keys.insert(key.to_owned());
        }
        _ => match name {
            ENTRIES => seen.head = Some(read_entries(pack, |_| Ok(()))?),
            CHECKPOINT => seen.note = pack.rest(SMALL_BYTES)?,
            PUBLIC_KEY => seen.key = String::from_utf8_lossy(&pack.rest(SMALL_BYTES)?).into_owned(),
            CONFIG => seen.config = String::from_utf8_lossy(&pack.rest(SMALL_BYTES)?).into_owned(),
            _ => return Err(damaged(name, "this program knows no such member")),
        },
    }
    Ok(())
}

/// Name of the file of the office's templates that a member stands for.
fn template(name: &str) -> Result<String, BackupError> {
    templates::file_of(name).ok_or_else(|| damaged(name, "no name that a template has"))
}

/// A key of this program's own making.
fn is_own(key: &str) -> bool {
    ["ledger.seed", "secret.key"].contains(&key)
}

fn agree(seen: &Seen, known: &[&'static str], manifest: &Manifest) -> Result<(), BackupError> {
    if let Some(table) = known.iter().find(|t| !seen.tables.contains_key(**t)) {
        return Err(BackupError::Missing(format!("rows/{table}")));
    }
    if seen.tables != manifest.rows {
        return Err(damaged(MANIFEST, "it counts other rows than there are"));
    }
    for key in ["ledger.seed", "secret.key"] {
        if !seen.keys.contains(key) {
            return Err(BackupError::Missing(format!("keys/{key}")));
        }
    }
    let head = seen.head.ok_or_else(|| BackupError::Missing(ENTRIES.into()))?;
    if head != manifest.head {
        return Err(damaged(ENTRIES, "they give another head than the manifest says"));
    }
    if seen.next.and_then(|n| u64::try_from(n).ok()) != Some(head.size) {
        return Err(damaged("rows/ledger_head", "it speaks of another head than the entries"));
    }
    let key = Vkey::parse(seen.key.trim()).map_err(|e| damaged(PUBLIC_KEY, e))?;
    let signed = Checkpoint::open(&seen.note, &key).map_err(|e| damaged(CHECKPOINT, e))?;
    if (signed.size, signed.root) != (head.size, head.root) {
        return Err(damaged(CHECKPOINT, "another head is signed than the entries give"));
    }
    Ok(())
}

fn tables_of(version: usize) -> Vec<&'static str> {
    let then = schema::tables_of(version);
    rows::tables().filter(|t| then.contains(t)).collect()
}

/// Reads the entries of the log and grows its tree; `take` gets the files it consists of, the unfinished ones each time they grow.
fn read_entries(
    pack: &mut PackReader,
    mut take: impl FnMut(Vec<LogFile>) -> Result<(), BackupError>,
) -> Result<Head, BackupError> {
    let mut tree = Tree::new();
    let mut waiting = Vec::with_capacity(BATCH);
    loop {
        let more = pack.more()?;
        if more {
            let length = pack.exactly(2)?;
            let bytes = pack.exactly(usize::from(u16::from_be_bytes([length[0], length[1]])))?;
            waiting.push(EntryBytes::new(bytes).map_err(|e| damaged(ENTRIES, e))?);
        }
        if waiting.len() == BATCH || !more {
            let grown = tree.append(&std::mem::take(&mut waiting)).map_err(|e| damaged(ENTRIES, e))?;
            take(grown.files)?;
        }
        if !more {
            return Ok(Head { size: tree.size(), root: tree.root() });
        }
    }
}

/// Restores a backup. Repeating it after it was cut short is always right.
///
/// # Errors
/// A backup that is not whole (nothing is touched then), a place that is not empty, a server that runs, the database or the disk.
pub async fn restore(place: &Place, from: &Path, passphrase: &str, now: UtcMs) -> Result<Restored, BackupError> {
    let manifest = verify(from, passphrase)?.manifest;
    let data = &place.store.data;
    std::fs::create_dir_all(data).map_err(io(data))?;
    let _lock = lock_folder(data)?;
    give(&data.join("lock"), data)?;
    let broken = read_mark(data)?;
    let database = open_target(place).await?;
    let found = occupied(data, &database).await?;
    if let Some(what) = found.filter(|_| !place.replace && broken.is_none()) {
        return Err(BackupError::NotEmpty(what));
    }
    // From here on the place is not a server until the end; whoever starts one is told so.
    let said = format!("backup of {} made {}", manifest.about.site, manifest.about.made_ms.desk());
    let before = broken.unwrap_or_default();
    let aside = before.aside.unwrap_or_else(|| format!("{ASIDE}{}", now.0));
    let mut mark = Mark { said, aside: Some(aside), cleared: before.cleared };
    write_mark(data, &mark)?;
    let staging = data.join(STAGING);
    if staging.exists() {
        std::fs::remove_dir_all(&staging).map_err(io(&staging))?;
    }
    std::fs::create_dir_all(&staging).map_err(io(&staging))?;
    let staged = stage(place, from, passphrase, &staging, now).await?;
    settle_files(&staging, data)?;
    // The rows of a server are there from this line on; a crash behind it is repaired by repeating the restore.
    let (target, tx, aside_schema) = staged;
    tx.commit().await?;
    target.close().await;
    settle_files(&staging, data)?;
    let aside = set_aside(data, &mark, now)?;
    // Everything that stood in the place is aside for sure before anything takes its name; a crash from here on leaves in the place only what
    // this restore put there, and the repeated one knows that by the mark.
    mark.cleared = true;
    write_mark(data, &mark)?;
    put_in_place(data, &staging)?;
    std::fs::remove_file(data.join(UNFINISHED)).map_err(io(data))?;
    sync_folder(data)?;
    Ok(Restored { manifest, aside, aside_schema })
}

/// The PostgreSQL database that is restored into; `None` for SQLite, whose file is made anew.
async fn open_target(place: &Place) -> Result<Option<Db>, BackupError> {
    match &place.store.database_url {
        Some(url) if !url.starts_with("sqlite:") => Ok(Some(Db::open(url, WAIT).await?)),
        _ => Ok(None),
    }
}

/// What stands in the place, in words.
async fn occupied(data: &Path, database: &Option<Db>) -> Result<Option<String>, BackupError> {
    for part in PARTS {
        let path = data.join(part);
        let taken = match std::fs::read_dir(&path) {
            Ok(mut entries) => entries.next().is_some(),
            Err(_) => path.exists(),
        };
        if taken {
            return Ok(Some(format!("`{}`", path.display())));
        }
    }
    if let Some(db) = database {
        let mut tx = db.begin().await?;
        if !tables_there(&mut tx).await?.is_empty() {
            return Ok(Some("the PostgreSQL database".into()));
        }
    }
    Ok(None)
}

async fn tables_there(tx: &mut RawTx) -> Result<Vec<&'static str>, BackupError> {
    let sql = "SELECT CAST(table_name AS TEXT) FROM information_schema.tables WHERE table_schema = current_schema()";
    let rows = tx.rows(sql, vec![]).await?;
    let names: Vec<_> = rows.iter().filter_map(|r| r.text(0).ok()).collect();
    let ours = schema::tables().into_iter().chain([schema::VERSION_TABLE]);
    Ok(ours.filter(|t| names.iter().any(|n| n == t)).collect())
}

type Staged = (Db, RawTx, Option<String>);

/// Reads the backup again: files into the staging folder, rows into a transaction that is not committed yet.
async fn stage(
    place: &Place,
    from: &Path,
    passphrase: &str,
    staging: &Path,
    now: UtcMs,
) -> Result<Staged, BackupError> {
    let target = match open_target(place).await? {
        Some(db) => db,
        None => Db::open(&db::sqlite_url(&staging.join("jifang.db")), WAIT).await?,
    };
    let (file, about) = SealedReader::open(from, passphrase)?;
    let mut tx = target.begin().await?;
    let mut aside = None;
    if let Db::Postgres { .. } = target {
        // Between the last row and the commit the files are written; the server must not take that for a client that is gone.
        tx.schema("SET LOCAL idle_in_transaction_session_timeout = 0".into()).await?;
        let there = tables_there(&mut tx).await?;
        if !there.is_empty() {
            let schema = format!("before_restore_{}", now.0);
            tx.schema(format!("CREATE SCHEMA {schema}")).await?;
            for table in there {
                tx.schema(format!("ALTER TABLE {table} SET SCHEMA {schema}")).await?;
            }
            aside = Some(schema);
        }
    }
    schema::make_empty(&mut tx, &target, about.schema).await?;
    let mut pack = PackReader::new(file, about);
    let mut manifest = None;
    while let Some(name) = pack.next()? {
        if name == MANIFEST {
            manifest = Some(pack.manifest()?);
        } else {
            unpack(&name, &mut pack, &mut tx, staging).await?;
        }
    }
    let manifest = manifest.ok_or_else(|| BackupError::Missing(MANIFEST.into()))?;
    let Head { size, root } = manifest.head;
    rows::settle_head(&mut tx, size, &root.hex()).await?;
    let told = RestoredFrom { made_ms: manifest.about.made_ms, restored_ms: now, size, root, told_ms: None };
    let told = serde_json::to_string(&told).unwrap_or_default();
    tx.exec(
        "INSERT INTO setting (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        args![RESTORED, told],
    )
    .await?;
    Ok((target, tx, aside))
}

async fn unpack(name: &str, pack: &mut PackReader, tx: &mut RawTx, staging: &Path) -> Result<(), BackupError> {
    let path = match name.split_once('/') {
        Some((templates::TEMPLATES, _)) => staging.join(templates::TEMPLATES).join(template(name)?),
        _ => staging.join(name),
    };
    match name.split_once('/') {
        Some(("rows", table)) => {
            let table = rows::tables().find(|t| *t == table).ok_or_else(|| BackupError::Extra(name.to_owned()))?;
            rows::load_table(pack, table, tx).await?;
        }
        Some(("journal" | "keys" | templates::TEMPLATES, _)) => {
            let mut file = new_file(&path)?;
            loop {
                let part = pack.some(usize::MAX)?;
                if part.is_empty() {
                    break;
                }
                file.write_all(&part).map_err(io(&path))?;
            }
        }
        _ if name == ENTRIES => unpack_log(pack, &staging.join("ledger"))?,
        _ if name == CONFIG => write_file(&staging.join(OLD_CONFIG), &pack.rest(SMALL_BYTES)?)?,
        _ => write_file(&path, &pack.rest(SMALL_BYTES)?)?,
    }
    Ok(())
}

/// Writes the tiles of the log. Only the newest unfinished one of each place is kept.
fn unpack_log(pack: &mut PackReader, folder: &Path) -> Result<(), BackupError> {
    let mut unfinished: BTreeMap<String, LogFile> = BTreeMap::new();
    read_entries(pack, |files| {
        for file in files {
            let at = TilePath::parse(&file.path).ok_or_else(|| damaged(ENTRIES, "a tile has no place"))?;
            let full = at.full().path();
            if full == file.path {
                unfinished.remove(&full);
                write_file(&folder.join(&file.path), &file.bytes)?;
            } else {
                unfinished.insert(full, file);
            }
        }
        Ok(())
    })?;
    unfinished.into_values().try_for_each(|file| write_file(&folder.join(&file.path), &file.bytes))
}

fn new_file(path: &Path) -> Result<File, BackupError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(io(folder))?;
    make::new_file(path)
}

fn write_file(path: &Path, bytes: &[u8]) -> Result<(), BackupError> {
    let mut file = new_file(path)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(io(path))
}

fn sync_folder(path: &Path) -> Result<(), BackupError> {
    File::open(path).and_then(|f| f.sync_all()).map_err(io(path))
}

/// Gives a file to whoever owns the data folder: a restore by root must not lock the server out. Links in the folder of another user are
/// not followed: root would give away what they point at.
fn give(path: &Path, data: &Path) -> Result<(), BackupError> {
    let owner = std::fs::metadata(data).map_err(io(data))?;
    let mine = std::fs::symlink_metadata(path).map_err(io(path))?;
    if (mine.uid(), mine.gid()) != (owner.uid(), owner.gid()) {
        std::os::unix::fs::lchown(path, Some(owner.uid()), Some(owner.gid())).map_err(io(path))?;
    }
    Ok(())
}

/// Makes everything below `path` durable, and that of whoever owns the data folder alone.
fn settle_files(path: &Path, data: &Path) -> Result<(), BackupError> {
    give(path, data)?;
    let mine = std::fs::symlink_metadata(path).map_err(io(path))?;
    if !mine.is_dir() && !mine.is_file() {
        return Err(io(path)(std::io::Error::other("not a plain file, and not written by the restore")));
    }
    let mode = if mine.is_dir() { 0o700 } else { 0o600 };
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).map_err(io(path))?;
    if mine.is_dir() {
        for entry in std::fs::read_dir(path).map_err(io(path))? {
            settle_files(&entry.map_err(io(path))?.path(), data)?;
        }
    }
    sync_folder(path)
}

/// Sets aside what stands in the place; answers with the folder, if anything is in it now.
fn set_aside(data: &Path, mark: &Mark, now: UtcMs) -> Result<Option<PathBuf>, BackupError> {
    let Some(aside) = mark.aside.as_ref().map(|name| data.join(name)) else { return Ok(None) };
    // What a broken restore put in the place is kept too, but never beside what was there before.
    let own = aside.join(format!("{OF_BROKEN}{}", now.0));
    let mut moved = BTreeSet::new();
    for part in PARTS {
        let old = data.join(part);
        let empty = std::fs::read_dir(&old).is_ok_and(|mut entries| entries.next().is_none());
        if !old.exists() || empty {
            continue;
        }
        let to = if mark.cleared || aside.join(part).exists() { &own } else { &aside };
        std::fs::create_dir_all(to).map_err(io(to))?;
        // A crash between two of these: the rest follows into the same folder when the restore is repeated.
        std::fs::rename(&old, to.join(part)).map_err(io(&old))?;
        moved.insert(to.clone());
    }
    for folder in &moved {
        sync_folder(folder)?;
    }
    if !aside.exists() {
        return Ok(None);
    }
    sync_folder(&aside)?;
    sync_folder(data)?;
    Ok(Some(aside))
}

/// Moves the staged files to their names.
fn put_in_place(data: &Path, staging: &Path) -> Result<(), BackupError> {
    for part in PARTS {
        let new = staging.join(part);
        if new.exists() {
            std::fs::rename(&new, data.join(part)).map_err(io(&new))?;
        }
    }
    sync_folder(data)?;
    std::fs::remove_dir_all(staging).map_err(io(staging))
}

/// What the mark of a restore says.
#[derive(Default)]
struct Mark {
    /// Which backup, in words: its first line, told at a start.
    said: String,
    /// Folder in the data folder for what stood in the place.
    aside: Option<String>,
    /// All of that is there: what stands in the place now was put there by the restore.
    cleared: bool,
}

/// The mark of a restore that was cut short; `None` = there is none. A mark that says no more than its first line is one too: then nothing is
/// known of an earlier folder.
fn read_mark(data: &Path) -> Result<Option<Mark>, BackupError> {
    let path = data.join(UNFINISHED);
    let text = match std::fs::read(&path) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(io(&path)(error)),
    };
    let mut lines = text.lines();
    let said = lines.next().unwrap_or_default().to_owned();
    let is_ours = |name: &&str| {
        name.strip_prefix(ASIDE).is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit()))
    };
    // Only a name of our own making: it becomes a path.
    let aside = lines.next().filter(is_ours).map(str::to_owned);
    let cleared = aside.is_some() && lines.next() == Some(CLEARED);
    Ok(Some(Mark { said, aside, cleared }))
}

/// Writes the mark whole or not at all: a crash leaves the one before, or none at the first time.
fn write_mark(data: &Path, mark: &Mark) -> Result<(), BackupError> {
    let (path, beside) = (data.join(UNFINISHED), data.join(format!("{UNFINISHED}.new")));
    let cleared = if mark.cleared { CLEARED } else { "" };
    let text = format!("{}\n{}\n{cleared}\n", mark.said, mark.aside.as_deref().unwrap_or_default());
    write_file(&beside, text.as_bytes())?;
    give(&beside, data)?;
    std::fs::rename(&beside, &path).map_err(io(&path))?;
    sync_folder(data)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_comes_back_and_names_no_folder_that_is_not_ours() {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path();
        assert!(read_mark(data).unwrap().is_none());
        for cleared in [false, true] {
            let mark = Mark { said: "backup of x".into(), aside: Some("before-restore-17".into()), cleared };
            write_mark(data, &mark).unwrap();
            let got = read_mark(data).unwrap().unwrap();
            assert_eq!((got.said, got.aside, got.cleared), (mark.said, mark.aside, cleared));
        }
        assert!(!data.join(format!("{UNFINISHED}.new")).exists());
        for bad in [
            "",
            "x",
            "x\n",
            "x\n/etc\ncleared",
            "x\nbefore-restore-\ncleared",
            "x\nbefore-restore-1/..\ncleared",
            "x\n../y",
        ] {
            std::fs::write(data.join(UNFINISHED), bad).unwrap();
            let got = read_mark(data).unwrap().expect("a mark all the same");
            assert_eq!((got.aside, got.cleared), (None, false), "{bad:?}");
        }
        std::fs::write(data.join(UNFINISHED), [0xff, 0xfe]).unwrap();
        assert!(read_mark(data).unwrap().is_some(), "no text at all, and still the way out is to repeat");
    }
}
