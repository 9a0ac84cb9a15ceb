//! Proof files, checkpoints, cosignatures, witness requests and whole logs: read back, and never forged.
//!
//! One honest log of a fixed key stands behind it. Whatever a forger makes of its files, what is accepted as signed by that key is one of
//! its own heads, and what is accepted as an entry is one of its own entries at its own place.

use crate::input::{Input, edited};
use base::{Sha256, SiteId, UtcMs};
use ledger::{
    ADD_CHECKPOINT_BYTES, AddCheckpoint, Checkpoint, Entry, EntryBytes, Known, Log, LogVerifier, MemoryLog,
    PROOF_HASHES, ProofFile, SiteKey, Tree, Vkey, WitnessKey, WitnessVkey, audit, examine, leaf_hash, open_note,
    verify_consistency, verify_inclusion, with_cosignature,
};
use std::sync::LazyLock;

const ORIGIN: &str = "jifang/0190a5d5-0000-7000-8000-000000000001";
/// Entries of the honest log.
const SIZE: u64 = 7;

struct Honest {
    key: SiteKey,
    witness: WitnessKey,
    entries: Vec<EntryBytes>,
    disk: MemoryLog,
    /// The head after each entry, from the empty log on, and its note.
    heads: Vec<(Checkpoint, Vec<u8>)>,
    /// A proof file of each entry under the last head.
    proofs: Vec<ProofFile>,
}

static HONEST: LazyLock<Honest> = LazyLock::new(|| {
    let key = SiteKey::from_seed(ORIGIN, [1; 32]).expect("a key");
    let site = SiteId::parse("0190a5d5-0000-7000-8000-000000000001").expect("an id");
    let entry = |n| Entry::new("test.entry", UtcMs(1_763_740_800_000), site, serde_json::json!({ "n": n })).encode();
    let entries: Vec<_> = (0..SIZE).map(|n| entry(n).expect("small")).collect();
    let (mut tree, mut disk, mut heads) = (Tree::new(), MemoryLog::default(), Vec::new());
    let mut head = |tree: &Tree| {
        let head = Checkpoint { origin: ORIGIN.into(), size: tree.size(), root: tree.root() };
        let note = head.sign(&key).expect("signed");
        heads.push((head, note));
    };
    head(&tree);
    for entry in &entries {
        disk.write(tree.append(std::slice::from_ref(entry)).expect("room").files);
        head(&tree);
    }
    let note = heads.last().map(|(_, note)| note.clone()).unwrap_or_default();
    disk.files.insert(ledger::CHECKPOINT_PATH.into(), note.clone());
    let proofs = (0..SIZE).map(|n| Log::new(&disk, SIZE).prove(n, &note).expect("proved")).collect();
    let witness = WitnessKey::from_seed("jifang-witness/test", [9; 32]).expect("a key");
    Honest { key, witness, entries, disk, heads, proofs }
});

impl Honest {
    fn is_head(&self, head: &Checkpoint) -> bool {
        self.heads.iter().any(|(own, _)| own == head)
    }
}

/// See the file's head. The first byte chooses what the rest is: text as it stands, or edits of something honest.
pub fn check(data: &[u8]) {
    let mut input = Input(data);
    match input.byte() % 6 {
        0 => texts_hold(input.0),
        1 => proof_holds(input),
        2 => request_holds(input),
        3 => note_holds(input),
        4 => hashes_hold(input),
        _ => directory_holds(input),
    }
}

/// Whatever text is read is written the same, and none of it is signed.
fn texts_hold(text: &[u8]) {
    let honest = &*HONEST;
    if let Ok(file) = ProofFile::parse(text) {
        assert_eq!(file.to_text(), text);
        assert!(file.hashes.len() <= PROOF_HASHES);
    }
    if let Some(request) = AddCheckpoint::parse(text) {
        assert_eq!(request.to_bytes(), text);
        assert!(text.len() <= ADD_CHECKPOINT_BYTES && request.proof.len() <= PROOF_HASHES);
    }
    let line = String::from_utf8_lossy(text);
    if let Ok(vkey) = Vkey::parse(&line) {
        assert_eq!(vkey.to_string(), line.trim());
        assert!(WitnessVkey::parse(&line).is_err(), "a log is not a witness");
    }
    if let Ok(vkey) = WitnessVkey::parse(&line) {
        assert_eq!(vkey.to_string(), line.trim());
    }
    if let Ok(head) = Checkpoint::read_unverified(text) {
        assert!(head.text().is_ok());
    }
    note_is_ours_or_refused(honest, text);
    if let Ok(entry) = EntryBytes::new(text.to_vec()) {
        let _ = entry.leaf_hash();
    }
}

fn note_is_ours_or_refused(honest: &Honest, note: &[u8]) {
    if let Ok(head) = Checkpoint::open(note, honest.key.vkey()) {
        assert!(honest.is_head(&head), "a head that was never signed: {head:?}");
    }
    if let Ok(text) = open_note(note, honest.key.vkey()) {
        assert!(honest.heads.iter().any(|(head, _)| head.text().is_ok_and(|own| own == text)));
    }
}

/// A proof file and an entry, both edited.
fn proof_holds(mut input: Input<'_>) {
    let honest = &*HONEST;
    let n = usize::from(input.byte()) % honest.proofs.len();
    let m = usize::from(input.byte()) % honest.entries.len();
    let length = usize::from(input.byte());
    let entry = edited(honest.entries[m].as_bytes(), &mut Input(input.take(length)));
    let file = edited(&honest.proofs[n].to_text(), &mut input);
    if let Ok(head) = LogVerifier::new(honest.key.vkey()).check_file(&file, &entry) {
        let index = ProofFile::parse(&file).expect("accepted").index;
        assert!(honest.is_head(&head));
        let own = usize::try_from(index).ok().and_then(|index| honest.entries.get(index));
        assert_eq!(own.map(EntryBytes::as_bytes), Some(&entry[..]), "an entry that is not at {index}");
    }
}

/// A request to a witness, edited.
fn request_holds(mut input: Input<'_>) {
    let honest = &*HONEST;
    let size = |n: u8| u64::from(n) % (SIZE + 1);
    let (old, new, known) = (size(input.byte()), size(input.byte()), size(input.byte()));
    let head = |n: u64| &honest.heads[usize::try_from(n).unwrap_or(0)];
    let proof = Log::new(&honest.disk, new).consistency(old.min(new), new).unwrap_or_default();
    let request = AddCheckpoint { old_size: old, proof, note: head(new).1.clone() };
    let bytes = edited(&request.to_bytes(), &mut input);
    let Some(request) = AddCheckpoint::parse(&bytes) else { return };
    let known = (known > 0).then(|| Known { size: known, root: head(known).0.root });
    if let Ok(head) = examine(known, &request, honest.key.vkey()) {
        assert!(honest.is_head(&head) && head.size >= known.map_or(0, |known| known.size));
    }
}

/// A head with a witness's line behind it, edited.
fn note_holds(mut input: Input<'_>) {
    let honest = &*HONEST;
    let (head, note) = &honest.heads[usize::from(input.byte()) % honest.heads.len()];
    let at = UtcMs(1_700_000_000_000);
    let line = honest.witness.cosign(note, at).expect("a note");
    let both = with_cosignature(note, &line).expect("a note");
    let changed = edited(&both, &mut input);
    note_is_ours_or_refused(honest, &changed);
    if let Ok(when) = honest.witness.vkey().cosigned_at(&changed) {
        assert_eq!(when, at, "a time that was never signed");
        let read = Checkpoint::read_unverified(&changed);
        assert!(read.is_err() || read.as_ref() == Ok(head), "another head under the same cosignature: {read:?}");
    }
    let _ = with_cosignature(&changed, &line);
}

/// Proofs made of any hashes.
fn hashes_hold(mut input: Input<'_>) {
    let honest = &*HONEST;
    let (index, size, other) = (u64::from(input.byte() % 16), u64::from(input.byte()) % (SIZE + 1), input.byte());
    let other = u64::from(other) % (SIZE + 1);
    let root = |n: u64| honest.heads[usize::try_from(n).unwrap_or(0)].0.root;
    let own: Vec<Sha256> = honest.proofs.iter().flat_map(|proof| proof.hashes.iter().copied()).collect();
    let leaf_of = |n: u8| leaf_hash(honest.entries[usize::from(n) % honest.entries.len()].as_bytes());
    let leaf = if input.byte().is_multiple_of(2) { leaf_of(input.byte()) } else { Sha256::of(input.take(8)) };
    let mut proof = Vec::new();
    while !input.is_empty() && proof.len() < PROOF_HASHES + 2 {
        let (act, n) = (input.byte(), input.byte());
        proof.push(match act % 4 {
            0 => Sha256::of(input.take(8)),
            1 => leaf_of(n),
            2 => root(u64::from(n) % (SIZE + 1)),
            _ => own[usize::from(n) % own.len()],
        });
    }
    if verify_inclusion(leaf, index, size, root(size), &proof).is_ok() {
        let entry = usize::try_from(index).ok().and_then(|index| honest.entries.get(index));
        assert!(index < size && entry.is_some_and(|entry| entry.leaf_hash() == leaf));
    }
    if verify_consistency(other, root(other), size, root(size), &proof).is_ok() {
        assert!(other <= size);
    }
    let wrong = Sha256::of(b"another root");
    assert!(verify_consistency(other.max(1), wrong, size.max(1), root(size.max(1)), &proof).is_err());
}

/// A log directory, one file of it edited: it holds only if what counts is as it was.
fn directory_holds(mut input: Input<'_>) {
    let honest = &*HONEST;
    let mut disk = MemoryLog { files: honest.disk.files.clone() };
    let n = usize::from(input.byte()) % disk.files.len();
    let Some(path) = disk.files.keys().nth(n).cloned() else { return };
    let file = edited(&disk.files[&path], &mut input);
    let changed = disk.files.insert(path.clone(), file.clone()).as_ref() != Some(&file);
    let report = audit(&disk, honest.key.vkey());
    assert!(report.faults.len() <= ledger::AUDIT_FAULTS);
    if report.holds() {
        let head = report.head.expect("it holds");
        assert!(honest.is_head(&head));
        // Tiles of the log as it was earlier are not read again; an earlier head is a log of its own.
        let whole = head.size == SIZE && (path.ends_with(&format!("/{SIZE}")));
        assert!(!(changed && whole), "{path} was changed unseen");
    } else {
        assert!(changed, "an honest log holds: {:?}", report.faults);
    }
}

/// Honest files and small forgeries.
#[must_use]
pub fn seeds() -> Vec<Vec<u8>> {
    let honest = &*HONEST;
    let last = &honest.heads[honest.heads.len() - 1].1;
    let behind = |first: &[u8], rest: &[u8]| [first, rest].concat();
    let request = AddCheckpoint { old_size: 0, proof: Vec::new(), note: last.clone() };
    vec![
        behind(&[0], &honest.proofs[3].to_text()),
        behind(&[0], last),
        behind(&[0], &request.to_bytes()),
        behind(&[0], honest.key.vkey().to_string().as_bytes()),
        behind(&[0], honest.witness.vkey().to_string().as_bytes()),
        behind(&[0], honest.entries[0].as_bytes()),
        vec![1, 3, 3, 0],
        vec![1, 3, 4, 0, 0, b'4', 0, 29],
        vec![1, 2, 2, 4, 1, 1, 0, 9],
        vec![2, 3, 7, 3],
        vec![2, 0, 7, 0, 0, b'1', 0, 4],
        vec![3, 7],
        vec![3, 7, 1, 1, 0, 60, 2, 1, 0, 80, b'A'],
        vec![4, 3, 7, 5, 0, 3, 3, 0, 3, 1, 3, 2],
        vec![5, 0],
        vec![5, 1, 1, 1, 0, 5],
    ]
}
