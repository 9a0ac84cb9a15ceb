//! Makes a backup of a server that may be running.
//!
//! It takes no lock and writes nothing into the data folder: rows come from a snapshot of the database, entries of the log from tiles,
//! which never change once they are full, and from the snapshot. Crash table: before the rename there is a file `….part`, which is never
//! read; after it there is the whole backup.

use super::pack::{PackReader, PackWriter};
use super::rows::Snapshot;
use super::seal::{SealedReader, SealedWriter};
use super::{
    About, BackupError, CHECKPOINT, CONFIG, Cost, ENTRIES, EXTENSION, Head, Manifest, PASSPHRASE_CHARS, PUBLIC_KEY, io,
    refuse_unfinished, restore, templates,
};
use crate::db::Row;
use crate::{StoreConfig, db, schema};
use base::{SiteId, UtcMs};
use ledger::{Checkpoint, EntryBytes, Log, SiteKey, TILE_WIDTH, Tree, TreeError};
use std::fs::File;
use std::path::{Path, PathBuf};

/// Looks at the database and the newest entries until both are of one moment; files are settled every fifteen seconds.
const TRIES: u32 = 5;
/// Entries put into the tree at once.
const BATCH: usize = 4_096;
/// Largest file of `keys/`, and largest configuration.
const SMALL_BYTES: u64 = 1024 * 1024;

/// Whose backup is made.
#[derive(Clone, Debug)]
pub struct Source {
    /// Data folder and database.
    pub store: StoreConfig,
    /// Text of the configuration file; empty = none.
    pub config: String,
    /// Version of the program.
    pub program: String,
}

/// What was made.
#[derive(Clone, Debug)]
pub struct Made {
    /// Where it is.
    pub path: PathBuf,
    /// Its size.
    pub bytes: u64,
    /// What it says of itself.
    pub manifest: Manifest,
}

/// Makes a backup at `to`, a new file or a folder in which one is named after site and time.
///
/// # Errors
/// A name that is taken, a passphrase that is too short, the database or disk, or a log that does not fit together. Nothing is left.
pub async fn make(source: &Source, to: &Path, passphrase: &str, cost: Cost, now: UtcMs) -> Result<Made, BackupError> {
    if passphrase.chars().count() < PASSPHRASE_CHARS {
        return Err(BackupError::ShortPassphrase);
    }
    refuse_unfinished(&source.store.data)?;
    let url = url_of(&source.store);
    let (mut snapshot, before) = moment(&url, &source.store.data).await?;
    let about = About {
        site: before.site,
        made_ms: now,
        program: source.program.clone(),
        schema: before.schema,
        database: if matches!(snapshot, Snapshot::Sqlite(_)) { "SQLite" } else { "PostgreSQL" }.to_owned(),
    };
    let path = if to.is_dir() { to.join(name_of(&about)) } else { to.to_path_buf() };
    if path.exists() {
        return Err(BackupError::Exists(path.display().to_string()));
    }
    let part = part_of(&path);
    let file = new_file(&part)?;
    let written = async {
        let out = SealedWriter::begin(file, &part, about.clone(), passphrase, cost)?;
        let mut pack = PackWriter::new(out, about);
        let head = write(source, &mut snapshot, &before, &mut pack).await?;
        pack.finish(head)
    };
    // What does not read back whole never gets its name.
    let manifest = written.await.and_then(|_| {
        let (file, about) = SealedReader::open(&part, passphrase)?;
        Ok(restore::read_through(&mut PackReader::new(file, about))?.manifest)
    });
    snapshot.close().await;
    let manifest = match manifest {
        Ok(manifest) => manifest,
        Err(error) => {
            let _ = std::fs::remove_file(&part);
            return Err(error);
        }
    };
    let bytes = std::fs::metadata(&part).map_err(io(&part))?.len();
    std::fs::rename(&part, &path).map_err(io(&path))?;
    let folder = path.parent().filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder).and_then(|f| f.sync_all()).map_err(io(folder))?;
    Ok(Made { path, bytes, manifest })
}

/// Address of the database of a configuration.
fn url_of(config: &StoreConfig) -> String {
    config.database_url.clone().unwrap_or_else(|| db::sqlite_url(&config.data.join("jifang.db")))
}

fn name_of(about: &About) -> String {
    let time = about.made_ms.desk().replace(['-', ':'], "").replace(' ', "T");
    format!("jifang-{}-{time}.{EXTENSION}", about.site)
}

fn part_of(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    path.with_file_name(name)
}

/// A new file of this user alone. What an earlier backup, or anybody, left under this name goes first: written over, it would keep its
/// owner and rights, and a link would be followed.
pub(super) fn new_file(path: &Path) -> Result<File, BackupError> {
    match std::fs::remove_file(path) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(io(path)(e)),
        _ => {}
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(io(path))
}

/// What the snapshot says of the log.
struct Before {
    site: SiteId,
    schema: usize,
    next: u64,
    synced: u64,
    root: Option<String>,
    /// The unfinished bundle of the settled size.
    edge: Vec<EntryBytes>,
}

/// A snapshot, and the newest settled entries of the same moment.
async fn moment(url: &str, data: &Path) -> Result<(Snapshot, Before), BackupError> {
    let mut left = TRIES;
    loop {
        let mut snapshot = Snapshot::open(url).await?;
        let before = look(&mut snapshot).await?;
        if before.synced.is_multiple_of(TILE_WIDTH) {
            return Ok((snapshot, before));
        }
        let log = crate::ledger_log::source(&data.join("ledger"));
        match Log::new(&log, before.synced).bundle_of(before.synced - 1) {
            Ok((_, edge)) => return Ok((snapshot, Before { edge, ..before })),
            // The log was settled between the two looks: the old edge is gone and a longer one is there.
            Err(TreeError::Missing(_)) if left > 1 => left -= 1,
            Err(error) => return Err(BackupError::SourceDamaged(error.to_string())),
        }
        snapshot.close().await;
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
}

async fn look(snapshot: &mut Snapshot) -> Result<Before, BackupError> {
    let none = || BackupError::SourceDamaged("the database is empty".into());
    let number = |row: &Row, i| Ok::<_, BackupError>(u64::try_from(row.int(i)?).unwrap_or(0));
    let head =
        snapshot.one("SELECT next, synced, root FROM ledger_head WHERE id = 1".into()).await?.ok_or_else(none)?;
    let site = snapshot.one("SELECT value FROM setting WHERE key = 'site_id'".into()).await?.ok_or_else(none)?;
    let version = snapshot.one("SELECT MAX(version) FROM schema_version".into()).await?.ok_or_else(none)?;
    let schema = usize::try_from(version.int(0)?).unwrap_or(0);
    if schema > schema::version() {
        return Err(BackupError::NewerSchema { backup: schema, program: schema::version() });
    }
    if schema < schema::version() {
        let said =
            format!("its schema has version {schema}; start this program once, then it has {}", schema::version());
        return Err(BackupError::SourceDamaged(said));
    }
    Ok(Before {
        site: site.read(0, SiteId::parse)?,
        schema,
        next: number(&head, 0)?,
        synced: number(&head, 1)?,
        root: head.text_opt(2)?,
        edge: Vec::new(),
    })
}

async fn write(
    source: &Source,
    snapshot: &mut Snapshot,
    before: &Before,
    pack: &mut PackWriter,
) -> Result<Head, BackupError> {
    let data = &source.store.data;
    // While one member is written others wait in the snapshot: the rows first, then what they speak of.
    snapshot.write_tables(pack).await?;
    let head = write_log(snapshot, before, data, pack).await?;
    // The key signs what the rows say: the same bytes the server will sign, or has.
    let seed = read_small(&data.join("keys/ledger.seed"))?.try_into();
    let seed = seed.map_err(|_| BackupError::SourceDamaged("keys/ledger.seed is not 32 bytes".into()))?;
    let key = SiteKey::from_seed(&format!("jifang/{}", before.site), seed)
        .map_err(|_| BackupError::SourceDamaged("keys/ledger.seed cannot be used".into()))?;
    let checkpoint = Checkpoint { origin: key.vkey().name().to_owned(), size: head.size, root: head.root };
    let note = checkpoint.sign(&key).map_err(|e| BackupError::SourceDamaged(e.to_string()))?;
    pack.member(CHECKPOINT, &note)?;
    pack.member(PUBLIC_KEY, format!("{}\n", key.vkey()).as_bytes())?;
    write_folder(&data.join("journal"), "journal", |name| name.ends_with(".seg"), u64::MAX, pack)?;
    write_folder(&data.join("keys"), "keys", |name| !name.ends_with(".new"), SMALL_BYTES, pack)?;
    templates::write(data, pack)?;
    if !source.config.is_empty() {
        pack.member(CONFIG, source.config.as_bytes())?;
    }
    Ok(head)
}

/// Entries of the log from the first to the newest the rows know; they must give the root that the rows have.
async fn write_log(
    snapshot: &mut Snapshot,
    before: &Before,
    data: &Path,
    pack: &mut PackWriter,
) -> Result<Head, BackupError> {
    let damaged = |what: &str| BackupError::SourceDamaged(what.to_owned());
    let log = crate::ledger_log::source(&data.join("ledger"));
    let mut tree = Tree::new();
    pack.begin(ENTRIES)?;
    for index in 0..before.synced / TILE_WIDTH {
        let bundle = Log::new(&log, before.synced).bundle_of(index * TILE_WIDTH);
        let (_, entries) = bundle.map_err(|e| BackupError::SourceDamaged(e.to_string()))?;
        put(&entries, &mut tree, pack)?;
    }
    put(&before.edge, &mut tree, pack)?;
    if tree.size() != before.synced || before.root.as_ref().is_some_and(|root| *root != tree.root().hex()) {
        return Err(damaged("its files are not those that were written"));
    }
    let mut waiting = Vec::new();
    let mut next = before.synced;
    let sql = format!("SELECT idx, bytes FROM ledger_pending WHERE idx >= {} ORDER BY idx", before.synced);
    snapshot
        .each(sql, |row| {
            if u64::try_from(row.int(0)?).ok() != Some(next) {
                return Err(damaged("an entry is missing from the database"));
            }
            next += 1;
            waiting.push(EntryBytes::new(row.blob(1)?).map_err(|_| damaged("an entry is too long"))?);
            if waiting.len() == BATCH {
                put(&std::mem::take(&mut waiting), &mut tree, pack)?;
            }
            Ok(())
        })
        .await?;
    put(&waiting, &mut tree, pack)?;
    pack.end()?;
    if tree.size() != before.next {
        return Err(damaged("entries are missing from the database"));
    }
    Ok(Head { size: tree.size(), root: tree.root() })
}

fn put(entries: &[EntryBytes], tree: &mut Tree, pack: &mut PackWriter) -> Result<(), BackupError> {
    tree.append(entries).map_err(|e| BackupError::SourceDamaged(e.to_string()))?;
    for entry in entries {
        let bytes = entry.as_bytes();
        pack.write(&u16::try_from(bytes.len()).unwrap_or(u16::MAX).to_be_bytes())?;
        pack.write(bytes)?;
    }
    Ok(())
}

/// Files of a folder that `takes` wants, each as it is at this moment: what is appended meanwhile is in the next backup.
fn write_folder(
    folder: &Path,
    name: &str,
    takes: impl Fn(&str) -> bool,
    most: u64,
    pack: &mut PackWriter,
) -> Result<(), BackupError> {
    let mut files = Vec::new();
    collect(folder, name, &mut files)?;
    files.sort();
    files.iter().filter(|(name, _)| takes(name)).try_for_each(|(name, path)| put_file(name, path, most, pack))
}

/// One file as a member, as long as it is when it is opened.
pub(super) fn put_file(name: &str, path: &Path, most: u64, pack: &mut PackWriter) -> Result<(), BackupError> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        // A segment of the journal that everybody has read, and whose days are over, or a template, went in the meantime.
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(e) => return Err(io(path)(e)),
    };
    let length = file.metadata().map_err(io(path))?.len();
    if length > most {
        return Err(BackupError::SourceDamaged(format!("{} is longer than such a file can be", path.display())));
    }
    pack.begin(name)?;
    copy(&mut file, length, path, pack)?;
    pack.end()
}

fn copy(file: &mut File, length: u64, path: &Path, pack: &mut PackWriter) -> Result<(), BackupError> {
    use std::io::Read as _;
    let mut left = length;
    let mut buffer = vec![0; 64 * 1024];
    while left > 0 {
        let most = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
        let n = file.read(&mut buffer[..most]).map_err(io(path))?;
        if n == 0 {
            break;
        }
        pack.write(&buffer[..n])?;
        left -= n as u64;
    }
    Ok(())
}

/// Plain files below a folder with the names they have in a backup; two levels are enough for everything the program keeps there.
fn collect(folder: &Path, name: &str, out: &mut Vec<(String, PathBuf)>) -> Result<(), BackupError> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(e) => return Err(io(folder)(e)),
    };
    for entry in entries {
        let entry = entry.map_err(io(folder))?;
        let child = format!("{name}/{}", entry.file_name().to_string_lossy());
        let kind = entry.file_type().map_err(io(folder))?;
        if kind.is_file() {
            out.push((child, entry.path()));
        } else if kind.is_dir() && name.split('/').count() < 3 {
            collect(&entry.path(), &child, out)?;
        }
    }
    Ok(())
}

fn read_small(path: &Path) -> Result<Vec<u8>, BackupError> {
    std::fs::read(path).map_err(io(path))
}

/// Version of the schema and rows of each table, of a server that may be running; for a person who helps.
///
/// # Errors
/// The database.
pub async fn row_counts(config: &StoreConfig) -> Result<(usize, Vec<(&'static str, u64)>), BackupError> {
    let mut snapshot = Snapshot::open(&url_of(config)).await?;
    let version = snapshot.one("SELECT MAX(version) FROM schema_version".into()).await?;
    let version = version.map_or(Ok(0), |r| r.int(0)).map(|n| usize::try_from(n).unwrap_or(0))?;
    let mut out = Vec::new();
    for table in schema::tables_of(version) {
        let row = snapshot.one(format!("SELECT COUNT(*) FROM {table}")).await?;
        out.push((table, row.map_or(Ok(0), |r| r.int(0)).map(|n| u64::try_from(n).unwrap_or(0))?));
    }
    snapshot.close().await;
    Ok((version, out))
}
