//! What a damaged backup meets: every byte, every cut, every member changed, cut, missing, added, doubled or swapped.

use super::pack::{PackReader, PackWriter};
use super::seal::{SealedReader, SealedWriter};
use super::*;
use crate::{Store, StoreConfig};
use domain::access::Role;
use std::path::PathBuf;

const NOW: UtcMs = UtcMs(1_795_255_200_000);
const WORD: &str = "fünf Wörter sind ein Satz";
const CHEAP: Cost = Cost { memory_kib: 8, passes: 1 };

/// Templates of the office: one with a plain name, and a picture with another one.
const OWN: [(&str, &str); 2] = [("official.typ", "= ours"), ("标志.svg", "<svg/>")];

struct Rig {
    dir: tempfile::TempDir,
    backup: PathBuf,
    manifest: Manifest,
}

impl Rig {
    /// A server with an account, signals and some hundred entries, and its backup.
    async fn new() -> Self {
        Self::with(700_000).await
    }

    /// As `new`, with a setting of so many bytes.
    async fn with(large: usize) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let config = StoreConfig { data: dir.path().join("data"), ..StoreConfig::default() };
        let store = Store::open(&config, NOW).await.unwrap();
        let templates = config.data.join("templates");
        std::fs::create_dir(&templates).unwrap();
        for (file, text) in OWN {
            std::fs::write(templates.join(file), text).unwrap();
        }
        let account = crate::accounts::NewAccount {
            login: "guard".into(),
            role: Role::DutyOfficer,
            name: base::Pii::new("张三丰".into()),
            badge: None,
            unit: "保安部".into(),
            password_hash: "$argon2id$x".into(),
        };
        store.add_account(&account, None, false, NOW).await.unwrap();
        // More than one sealed chunk.
        store.set_setting("large", &"x".repeat(large), None, NOW).await.unwrap();
        for n in 0..60 {
            store.set_setting("n", &n.to_string(), None, NOW).await.unwrap();
        }
        store.flush_ledger().await.unwrap();
        let source = Source { store: config, config: "data = \"x\"\n".into(), program: "0.0.0".into() };
        let backup = dir.path().join("b");
        let made = make(&source, &backup, WORD, CHEAP, NOW).await.unwrap();
        assert_eq!(made.manifest.head.size, store.ledger().head().0.size);
        assert_eq!(made.manifest.head.root, store.ledger().head().0.root);
        store.close().await;
        Self { dir, backup, manifest: made.manifest }
    }

    /// The error of a file with these bytes.
    fn refused(&self, bytes: &[u8]) -> BackupError {
        let path = self.dir.path().join("bad");
        std::fs::write(&path, bytes).unwrap();
        verify(&path, WORD).expect_err("refused")
    }

    /// All members, the manifest last.
    fn members(&self) -> Vec<(String, Vec<u8>)> {
        let (file, about) = SealedReader::open(&self.backup, WORD).unwrap();
        let mut pack = PackReader::new(file, about);
        let mut out = Vec::new();
        while let Some(name) = pack.next().unwrap() {
            out.push((name, pack.rest(usize::MAX).unwrap()));
        }
        out
    }

    /// The error of a backup of these members, sealed by somebody who knows the passphrase.
    fn sealed(&self, members: &[(String, Vec<u8>)]) -> Result<Verified, BackupError> {
        let path = self.dir.path().join("sealed");
        let file = std::fs::File::create(&path).unwrap();
        let about = self.manifest.about.clone();
        let mut pack = PackWriter::new(SealedWriter::begin(file, &path, about.clone(), WORD, CHEAP).unwrap(), about);
        for (name, bytes) in members {
            pack.member(name, bytes).unwrap();
        }
        pack.finish_as_it_is().unwrap();
        verify(&path, WORD)
    }
}

#[tokio::test]
async fn no_byte_can_be_changed_and_no_end_be_cut_off() {
    let rig = Rig::new().await;
    let good = std::fs::read(&rig.backup).unwrap();
    assert_eq!(verify(&rig.backup, WORD).unwrap().manifest, rig.manifest);
    assert!(matches!(verify(&rig.backup, "another one altogether"), Err(BackupError::Passphrase)));
    let text = String::from_utf8_lossy(&good);
    for secret in ["guard", "保安部", "argon2id$x", "data = "] {
        assert!(!text.contains(secret), "{secret} can be read");
    }
    let lines = good.iter().enumerate().filter(|(_, b)| **b == b'\n').nth(1).unwrap().0 + 1;
    // The readable lines at every byte, the rest at steps and around each chunk's border.
    let steps = (lines..good.len()).step_by(good.len() / 40);
    for at in (0..lines).step_by(3).chain(steps).chain(good.len() - 4..good.len()) {
        let mut bad = good.clone();
        bad[at] ^= 1;
        let error = rig.refused(&bad);
        let damaged = matches!(error, BackupError::Damaged { .. } | BackupError::CutShort(_));
        let line = matches!(
            error,
            BackupError::NotABackup(_)
                | BackupError::NewerForm { .. }
                | BackupError::NewerSchema { .. }
                | BackupError::Passphrase
        );
        let fits = damaged || (at < lines && line);
        assert!(fits, "byte {at}: {error}");
    }
    for at in (0..lines).step_by(5).chain((lines..good.len()).step_by(good.len() / 20)).chain([good.len() - 1]) {
        let error = rig.refused(&good[..at]);
        assert!(matches!(error, BackupError::NotABackup(_) | BackupError::CutShort(_)), "cut at {at}: {error}");
    }
    let more = [&good[..], b"x"].concat();
    assert!(matches!(rig.refused(&more), BackupError::Damaged { .. }), "something follows");
}

#[tokio::test]
async fn chunks_cannot_be_left_out_doubled_or_swapped() {
    let rig = Rig::new().await;
    let good = std::fs::read(&rig.backup).unwrap();
    let lines = good.iter().enumerate().filter(|(_, b)| **b == b'\n').nth(1).unwrap().0 + 1;
    let (head, mut rest) = good.split_at(lines);
    let mut chunks = Vec::new();
    while let Some((length, _)) = rest.split_first_chunk::<4>() {
        let length = (u32::from_be_bytes(*length) & !(1 << 31)) as usize + 4;
        chunks.push(&rest[..length]);
        rest = &rest[length..];
    }
    assert!(chunks.len() >= 3, "{} chunks", chunks.len());
    let join = |order: &[usize]| [head, &order.iter().flat_map(|i| chunks[*i]).copied().collect::<Vec<_>>()].concat();
    let all: Vec<usize> = (0..chunks.len()).collect();
    assert_eq!(join(&all), good);
    let swapped = [&[1, 0], &all[2..]].concat();
    let doubled = [&[0, 0], &all[1..]].concat();
    for order in [&all[1..], &all[..all.len() - 1], &swapped, &doubled, &[]] {
        let error = rig.refused(&join(order));
        assert!(matches!(error, BackupError::Damaged { .. } | BackupError::CutShort(_)), "{order:?}: {error}");
    }
}

#[tokio::test]
async fn every_member_that_was_changed_cut_left_out_or_added_is_named() {
    let rig = Rig::with(100).await;
    let good = rig.members();
    assert!(rig.sealed(&good).is_ok(), "sealed again as it was");
    assert_eq!(good.last().unwrap().0, MANIFEST);
    let names: Vec<_> = good.iter().map(|m| m.0.as_str()).collect();
    for wanted in [
        "rows/account",
        "rows/ledger_head",
        ENTRIES,
        CHECKPOINT,
        PUBLIC_KEY,
        "keys/secret.key",
        "templates/official.typ",
        CONFIG,
    ] {
        assert!(names.contains(&wanted), "{wanted} in {names:?}");
    }
    assert!(!names.contains(&"rows/session"));
    for at in 0..good.len() {
        let name = good[at].0.clone();
        let told = |members: &[(String, Vec<u8>)], what: &str| {
            let error = rig.sealed(members).expect_err(what).to_string();
            assert!(error.contains(&name) || name == MANIFEST, "{what} of {name}: {error}");
        };
        let mut changed = good.clone();
        if let Some(last) = changed[at].1.last_mut() {
            *last ^= 1;
            told(&changed, "a change");
        }
        let mut cut = good.clone();
        let length = cut[at].1.len();
        if length > 0 {
            cut[at].1.truncate(length / 2);
            told(&cut, "a cut");
        }
        let mut less = good.clone();
        less.remove(at);
        told(&less, "an omission");
        let mut twice = good.clone();
        twice.insert(at, good[at].clone());
        assert!(rig.sealed(&twice).is_err(), "{name} twice");
    }
    for (name, part) in [
        ("keys/extra", "keys/extra"),
        ("rows/strange", "rows/strange"),
        ("other", "other"),
        ("keys/../../up", "keys/../../up"),
        ("/etc/x", "/etc/x"),
        ("journal/.hidden", "journal/.hidden"),
        ("templates/a/b.typ", "templates/a/b.typ"),
        ("templates/hex-2e2e2f75", "templates/hex-2e2e2f75"),
    ] {
        let mut more = good.clone();
        more.insert(good.len() - 1, (name.into(), vec![1; 40]));
        let error = rig.sealed(&more).expect_err(name).to_string();
        assert!(error.contains(part), "{name}: {error}");
    }
}

#[tokio::test]
async fn templates_of_the_office_come_back_and_nothing_else_of_their_folder() {
    let rig = Rig::with(100).await;
    let old = rig.dir.path().join("data/templates");
    // What the press does not read: hidden files, folders, links.
    std::fs::write(old.join(".official.typ.swp"), "x").unwrap();
    std::fs::create_dir(old.join("sub")).unwrap();
    std::fs::write(old.join("sub/x.typ"), "x").unwrap();
    std::os::unix::fs::symlink(old.join("official.typ"), old.join("link.typ")).unwrap();
    let store = StoreConfig { data: rig.dir.path().join("data"), ..StoreConfig::default() };
    let source = Source { store, config: String::new(), program: "0.0.0".into() };
    let backup = rig.dir.path().join("second");
    let made = make(&source, &backup, WORD, CHEAP, NOW).await.unwrap();
    let members = made.manifest.members.iter().filter(|m| m.name.starts_with("templates/")).count();
    assert_eq!(members, OWN.len());
    // In the new place there are others: they are set aside, not mixed in.
    let data = rig.dir.path().join("new");
    std::fs::create_dir_all(data.join("templates")).unwrap();
    std::fs::write(data.join("templates/casework.typ"), "= theirs").unwrap();
    let place = |replace| Place { store: StoreConfig { data: data.clone(), ..StoreConfig::default() }, replace };
    let taken = restore(&place(false), &backup, WORD, NOW).await.unwrap_err();
    assert!(matches!(taken, BackupError::NotEmpty(_)), "{taken}");
    let done = restore(&place(true), &backup, WORD, NOW).await.unwrap();
    let there = || {
        let files = data.join("templates").read_dir().unwrap();
        let mut names: Vec<String> = files.map(|f| f.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    };
    assert_eq!(there(), OWN.map(|(file, _)| file.to_owned()));
    for (file, text) in OWN {
        assert_eq!(std::fs::read_to_string(data.join("templates").join(file)).unwrap(), text);
    }
    let aside = done.aside.unwrap().join("templates/casework.typ");
    assert_eq!(std::fs::read_to_string(aside).unwrap(), "= theirs");
}

#[tokio::test]
async fn a_log_that_does_not_fit_its_rows_is_no_backup() {
    let rig = Rig::with(100).await;
    let good = rig.members();
    let place = |name: &str| good.iter().position(|m| m.0 == name).unwrap();
    // Whoever knows the passphrase writes a manifest to go with what was changed; the log's own signature is not theirs.
    let mut bad = good.clone();
    let at = place(ENTRIES);
    let last = bad[at].1.len() - 2;
    bad[at].1[last] ^= 1;
    let mut manifest: Manifest = serde_json::from_slice(&good.last().unwrap().1).unwrap();
    manifest.members[at].sha256 = Sha256::of(&bad[at].1);
    let end = bad.len() - 1;
    bad[end].1 = serde_json::to_vec(&manifest).unwrap();
    let error = rig.sealed(&bad).unwrap_err().to_string();
    assert!(error.contains(ENTRIES), "{error}");
    // A root to go with it: then the signature is wrong.
    let mut tree = ledger::Tree::new();
    let mut rest = &bad[at].1[..];
    while let Some((length, more)) = rest.split_first_chunk::<2>() {
        let (entry, more) = more.split_at(usize::from(u16::from_be_bytes(*length)));
        tree.append(&[ledger::EntryBytes::new(entry.to_vec()).unwrap()]).unwrap();
        rest = more;
    }
    manifest.head.root = tree.root();
    bad[end].1 = serde_json::to_vec(&manifest).unwrap();
    let error = rig.sealed(&bad).unwrap_err().to_string();
    assert!(error.contains(CHECKPOINT), "{error}");
}

#[tokio::test]
async fn what_cannot_be_saved_whole_is_not_saved_and_names_are_never_taken_twice() {
    let rig = Rig::with(100).await;
    let config = StoreConfig { data: rig.dir.path().join("data"), ..StoreConfig::default() };
    let source = Source { store: config.clone(), config: String::new(), program: "0.0.0".into() };
    let make = |to: PathBuf, word: &'static str| {
        let source = source.clone();
        async move { make(&source, &to, word, CHEAP, NOW).await }
    };
    let taken = make(rig.backup.clone(), WORD).await.unwrap_err();
    assert!(matches!(taken, BackupError::Exists(_)), "{taken}");
    let short = make(rig.dir.path().join("c"), "zu kurz").await.unwrap_err();
    assert!(matches!(short, BackupError::ShortPassphrase), "{short}");
    // In a folder it is named after site and time; a half one of before is written over.
    let folder = rig.dir.path().join("folder");
    std::fs::create_dir(&folder).unwrap();
    let made = make(folder.clone(), WORD).await.unwrap();
    let name = made.path.file_name().unwrap().to_str().unwrap().to_owned();
    assert!(name.ends_with(".jifang-backup") && name.contains(&made.manifest.about.site.to_string()), "{name}");
    std::fs::remove_file(&made.path).unwrap();
    std::fs::write(folder.join(format!("{name}.part")), vec![7; 2_000_000]).unwrap();
    make(folder.clone(), WORD).await.unwrap();
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1, "nothing half is left");
    verify(&made.path, WORD).unwrap();
    // A tile of the log was changed: there is nothing whole to be saved.
    let tile = config.data.join("ledger/tile/entries").read_dir().unwrap().next().unwrap().unwrap().path();
    let tile = if tile.is_dir() { tile.read_dir().unwrap().next().unwrap().unwrap().path() } else { tile };
    let mut bytes = std::fs::read(&tile).unwrap();
    bytes[10] ^= 1;
    std::fs::write(&tile, bytes).unwrap();
    let to = rig.dir.path().join("d");
    let damaged = make(to.clone(), WORD).await.unwrap_err();
    assert!(matches!(damaged, BackupError::SourceDamaged(_)), "{damaged}");
    assert!(!to.exists() && !rig.dir.path().join("d.part").exists());
}

#[test]
fn a_first_line_cannot_ask_for_more_than_is_bearable() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x");
    for cost in [
        "\"memory_kib\":4294967295,\"passes\":1",
        "\"memory_kib\":8,\"passes\":4294967295",
        "\"memory_kib\":0,\"passes\":0",
    ] {
        let line = format!(
            "jifang-backup 1\n{{\"site\":\"01a20117-96d3-71a0-a9cc-374467b765d0\",\"made_ms\":1,\"program\":\"1\",\"schema\":1,\
             \"database\":\"SQLite\",\"cost\":{{{cost}}},\"salt\":\"{}\",\"check\":\"\"}}\n",
            "00".repeat(16)
        );
        std::fs::write(&path, line).unwrap();
        assert!(matches!(verify(&path, WORD), Err(BackupError::NotABackup(_))), "{cost}");
    }
    for bytes in [&b""[..], b"jifang-backup", b"jifang-backup x\n", &[b'x'; 10_000]] {
        std::fs::write(&path, bytes).unwrap();
        assert!(matches!(verify(&path, WORD), Err(BackupError::NotABackup(_))));
    }
    std::fs::write(&path, "jifang-backup 2\n{}\n").unwrap();
    assert!(matches!(verify(&path, WORD), Err(BackupError::NewerForm { form: 2, .. })));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn backups_taken_while_everything_moves_are_all_whole() {
    let dir = tempfile::tempdir().unwrap();
    let config = StoreConfig { data: dir.path().join("data"), ..StoreConfig::default() };
    let store = Store::open(&config, NOW).await.unwrap();
    let writer = store.clone();
    let work = tokio::spawn(async move {
        for n in 0_u32.. {
            writer.set_setting("n", &n.to_string(), None, NOW).await.unwrap();
            if n.is_multiple_of(40) {
                writer.flush_ledger().await.unwrap();
                writer.log.settle(&writer.db).await.unwrap();
            }
        }
    });
    let source = Source { store: config, config: String::new(), program: "0.0.0".into() };
    let mut sizes = Vec::new();
    for n in 0..12 {
        tokio::time::sleep(std::time::Duration::from_millis(60)).await;
        let to = dir.path().join(format!("b{n}"));
        let made = make(&source, &to, WORD, CHEAP, NOW).await.unwrap();
        assert_eq!(verify(&to, WORD).unwrap().manifest, made.manifest);
        sizes.push(made.manifest.head.size);
    }
    work.abort();
    let _ = work.await;
    assert!(sizes.is_sorted() && sizes[0] < sizes[11], "{sizes:?}");
    store.close().await;
}

/// What somebody put in the way: a file of other rights, or a link to a file that is not theirs.
#[tokio::test]
async fn what_lies_under_a_name_is_neither_written_through_nor_keeps_its_rights() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
    let rig = Rig::new().await;
    let dir = rig.dir.path();
    let precious = dir.join("precious");
    std::fs::write(&precious, "mine").unwrap();
    let root = std::fs::metadata(&precious).unwrap().uid() == 0;
    let untouched = || {
        assert_eq!(std::fs::read_to_string(&precious).unwrap(), "mine");
        assert!(!root || std::fs::metadata(&precious).unwrap().uid() == 0, "given away");
    };
    let store = StoreConfig { data: dir.join("data"), ..StoreConfig::default() };
    let source = Source { store, config: String::new(), program: "0.0.0".into() };
    for (name, linked) in [("c", true), ("d", false)] {
        let part = dir.join(format!("{name}.part"));
        if linked {
            symlink(&precious, &part).unwrap();
        } else {
            std::fs::write(&part, "of before").unwrap();
            std::fs::set_permissions(&part, std::fs::Permissions::from_mode(0o666)).unwrap();
        }
        let made = make(&source, &dir.join(name), WORD, CHEAP, NOW).await.unwrap();
        untouched();
        let mode = std::fs::symlink_metadata(&made.path).unwrap();
        assert!(mode.is_file() && mode.permissions().mode() & 0o777 == 0o600, "{name}");
    }
    // The data folder belongs to another user, who was not honest, and root restores.
    let data = dir.join("new");
    std::fs::create_dir(&data).unwrap();
    symlink(&precious, data.join("lock")).unwrap();
    symlink(&precious, data.join(UNFINISHED)).unwrap();
    if root {
        std::os::unix::fs::chown(&data, Some(65_534), Some(65_534)).unwrap();
    }
    let place = Place { store: StoreConfig { data, ..StoreConfig::default() }, replace: false };
    restore(&place, &rig.backup, WORD, NOW).await.unwrap();
    untouched();
}
