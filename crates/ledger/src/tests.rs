//! Tests of the log: vectors of RFC 6962, every size around the tile borders, every pair of sizes, and a corpus of forgeries.

use crate::*;
use base::{Sha256, SiteId, UtcMs, unhex};
use proptest::prelude::*;

const ORIGIN: &str = "jifang/0190a5d5-0000-7000-8000-000000000001";

fn key(seed: u8) -> SiteKey {
    SiteKey::from_seed(ORIGIN, [seed; 32]).unwrap()
}

fn entry(index: u64) -> EntryBytes {
    let site = SiteId::parse("0190a5d5-0000-7000-8000-000000000001").unwrap();
    let body = serde_json::json!({ "n": index });
    Entry::new("test.entry", UtcMs(1_763_740_800_000), site, body).encode().unwrap()
}

fn entries(range: std::ops::Range<u64>) -> Vec<EntryBytes> {
    range.map(entry).collect()
}

/// RFC 6962 section 2.1 as it is written: the slow reference.
fn reference_root(leaves: &[Sha256]) -> Sha256 {
    match leaves.len() {
        0 => empty_root(),
        1 => leaves[0],
        n => {
            let k = 1 << (n - 1).ilog2();
            node_hash(reference_root(&leaves[..k]), reference_root(&leaves[k..]))
        }
    }
}

fn log_of(size: u64) -> (MemoryLog, Tree) {
    let (mut disk, mut tree) = (MemoryLog::default(), Tree::new());
    disk.write(tree.append(&entries(0..size)).unwrap().files);
    (disk, tree)
}

fn signed(tree: &Tree, by: &SiteKey) -> Vec<u8> {
    Checkpoint { origin: ORIGIN.into(), size: tree.size(), root: tree.root() }.sign(by).unwrap()
}

#[test]
fn roots_and_proofs_match_the_certificate_transparency_vectors() {
    let leaves = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
    let roots = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];
    let hashes: Vec<_> = leaves.iter().map(|l| leaf_hash(&unhex(l).unwrap())).collect();
    let mut tree = Tree::new();
    assert_eq!(tree.root().hex(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    for (leaf, root) in hashes.iter().zip(roots) {
        tree.append_hashes(&[*leaf]).unwrap();
        assert_eq!(tree.root().hex(), root);
    }
    let path = [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ];
    let path: Vec<_> = path.iter().map(|h| Sha256::from_hex(h).unwrap()).collect();
    assert_eq!(verify_inclusion(hashes[0], 0, 8, tree.root(), &path), Ok(()));
}

#[test]
fn one_batch_many_batches_and_the_reference_agree_at_the_tile_borders() {
    let all: Vec<_> = entries(0..1030).iter().map(EntryBytes::leaf_hash).collect();
    let mut disk = MemoryLog::default();
    for size in [0, 1, 2, 3, 255, 256, 257, 511, 512, 513, 767, 1023, 1024, 1025, 1030] {
        let (whole, tree) = log_of(size);
        let count = usize::try_from(size).unwrap();
        assert_eq!(tree.root(), reference_root(&all[..count]), "size {size}");
        assert_eq!(Tree::load(&whole, size).unwrap(), tree, "size {size}");
        // The same log grown from what an earlier process left on disk.
        let mut grown = Tree::load(&disk, disk_size(&disk)).unwrap();
        let done = grown.append(&entries(grown.size()..size)).unwrap();
        disk.write(done.files);
        disk.files.insert("size".into(), size.to_string().into_bytes());
        assert_eq!(done.root, tree.root());
        assert_eq!(Log::new(&disk, size).root(size).unwrap(), tree.root());
        for (path, bytes) in &whole.files {
            assert_eq!(disk.files.get(path), Some(bytes), "{path} at {size}");
        }
    }
}

fn disk_size(disk: &MemoryLog) -> u64 {
    disk.files.get("size").map_or(0, |s| String::from_utf8_lossy(s).parse().unwrap())
}

#[test]
fn the_second_tile_level_fills_at_65536() {
    let leaves: Vec<_> = (0..65_537_u64).map(|i| leaf_hash(&i.to_be_bytes())).collect();
    let mut tree = Tree::new();
    let mut files = tree.append_hashes(&leaves[..65_535]).unwrap();
    assert_eq!(tree.root(), reference_root(&leaves[..65_535]));
    assert!(files.iter().any(|f| f.path == "tile/1/000.p/255"));
    files = tree.append_hashes(&leaves[65_535..65_536]).unwrap();
    let paths: Vec<_> = files.iter().map(|f| f.path.as_str()).collect();
    assert_eq!(paths, ["tile/0/255", "tile/1/000", "tile/2/000.p/1"]);
    assert_eq!(tree.root(), reference_root(&leaves[..65_536]));
    tree.append_hashes(&leaves[65_536..]).unwrap();
    assert_eq!(tree.root(), reference_root(&leaves));
}

#[test]
fn every_inclusion_proof_up_to_300_holds_and_only_for_its_own_entry_and_index() {
    let (disk, tree) = log_of(300);
    let log = Log::new(&disk, tree.size());
    for size in 1..=300_u64 {
        let root = log.root(size).unwrap();
        // All indexes of small logs and of those around the border; a stride through the others.
        let stride = if size < 20 || (250..262).contains(&size) { 1 } else { 37 };
        for index in (0..size).step_by(stride) {
            let proof = log.inclusion(index, size).unwrap();
            let leaf = log.entry(index).unwrap().leaf_hash();
            assert_eq!(verify_inclusion(leaf, index, size, root, &proof), Ok(()), "{index} of {size}");
            let other = entry(index + 1).leaf_hash();
            assert_eq!(verify_inclusion(other, index, size, root, &proof), Err(ProofError::NotIncluded { index }));
            if size > 1 {
                let moved = (index + 1) % size;
                assert!(verify_inclusion(leaf, moved, size, root, &proof).is_err(), "{index} moved, of {size}");
            }
        }
        assert_eq!(log.inclusion(size, size), Err(TreeError::Range { size, asked: size }));
    }
    assert_eq!(log.inclusion(0, 301), Err(TreeError::Range { size: 300, asked: 301 }));
}

#[test]
fn every_consistency_proof_up_to_130_and_around_the_border_holds_and_no_forged_one() {
    let (disk, tree) = log_of(300);
    let log = Log::new(&disk, tree.size());
    let roots: Vec<_> = (0..=300).map(|n| log.root(n).unwrap()).collect();
    let sizes: Vec<u64> = (0..=130).chain(254..=258).chain([299, 300]).collect();
    for &new in &sizes {
        for &old in sizes.iter().filter(|old| **old <= new && (new < 40 || **old % 5 == 0 || new - **old < 3)) {
            let (old_at, new_at) = (usize::try_from(old).unwrap(), usize::try_from(new).unwrap());
            let proof = log.consistency(old, new).unwrap();
            let check = |o, n, p: &[Sha256]| verify_consistency(old, o, new, n, p);
            assert_eq!(check(roots[old_at], roots[new_at], &proof), Ok(()), "{old} {new}");
            let refused = Err(ProofError::Inconsistent { old, new });
            if old != 0 {
                assert_eq!(check(Sha256([9; 32]), roots[new_at], &proof), refused, "{old} {new}");
                assert_eq!(check(roots[old_at], Sha256([9; 32]), &proof), refused, "{old} {new}");
            }
            let mut longer = proof.clone();
            longer.push(roots[1]);
            assert_eq!(check(roots[old_at], roots[new_at], &longer), refused, "{old} {new}");
            for at in 0..proof.len() {
                let mut forged = proof.clone();
                forged[at].0[at % 32] ^= 1;
                assert_eq!(check(roots[old_at], roots[new_at], &forged), refused, "{old} {new} hash {at}");
            }
        }
    }
}

#[test]
fn rollback_and_split_view_are_named() {
    let (disk, tree) = log_of(300);
    let head = |size: u64, log: &MemoryLog, all: u64| Checkpoint {
        origin: ORIGIN.into(),
        size,
        root: Log::new(log, all).root(size).unwrap(),
    };
    let (seen, now) = (head(200, &disk, 300), head(300, &disk, 300));
    assert_eq!(now.root, tree.root());
    assert_eq!(compare_views(&seen, &now, &disk), Ok(()));
    assert_eq!(compare_views(&seen, &seen, &disk), Ok(()));
    assert_eq!(compare_views(&now, &seen, &disk), Err(ViewFault::RolledBack { seen: 300, now: 200 }));
    // The same log with entry 150 replaced: a second history under the same name.
    let mut list = entries(0..300);
    list[150] = entry(9_999);
    let (mut other, mut tree) = (MemoryLog::default(), Tree::new());
    other.write(tree.append(&list).unwrap().files);
    assert_eq!(compare_views(&seen, &head(300, &other, 300), &other), Err(ViewFault::SplitView));
    assert_eq!(compare_views(&seen, &head(200, &other, 300), &other), Err(ViewFault::SplitView));
    let stranger = Checkpoint { origin: "jifang/else".into(), ..now.clone() };
    assert_eq!(compare_views(&seen, &stranger, &disk), Err(ViewFault::OtherLog));
    assert_eq!(compare_views(&seen, &now, &MemoryLog::default()), Err(ViewFault::Unreadable));
}

#[test]
fn any_flipped_bit_of_proof_file_or_entry_is_refused() {
    let (disk, tree) = log_of(77);
    let note = signed(&tree, &key(1));
    let proof = Log::new(&disk, 77).prove(42, &note).unwrap().to_text();
    let bytes = entry(42).as_bytes().to_vec();
    let verifier = LogVerifier::new(key(1).vkey());
    assert_eq!(verifier.check_file(&proof, &bytes).unwrap().size, 77);
    for at in 0..proof.len() {
        let mut forged = proof.clone();
        forged[at] ^= 1 << (at % 8);
        assert!(verifier.check_file(&forged, &bytes).is_err(), "proof byte {at}");
    }
    for cut in 0..proof.len() {
        assert!(verifier.check_file(&proof[..cut], &bytes).is_err(), "cut at {cut}");
    }
    for at in 0..bytes.len() {
        let mut forged = bytes.clone();
        forged[at] ^= 1;
        assert_eq!(verifier.check_file(&proof, &forged), Err(ProofError::NotIncluded { index: 42 }));
    }
    let stranger = LogVerifier::new(key(2).vkey());
    let refused = stranger.check_file(&proof, &bytes).unwrap_err();
    assert_eq!(refused, ProofError::Checkpoint(CheckpointError::NotSigned(ORIGIN.into())));
}

#[test]
fn a_checkpoint_opens_with_its_key_and_with_strange_lines_behind() {
    let (_, tree) = log_of(3);
    let head = Checkpoint { origin: ORIGIN.into(), size: 3, root: tree.root() };
    let mut note = head.sign(&key(1)).unwrap();
    assert_eq!(Checkpoint::open(&note, key(1).vkey()), Ok(head.clone()));
    let witness = SiteKey::from_seed("witness.example", [5; 32]).unwrap();
    let line = sign_note(&head.text().unwrap(), &witness).unwrap();
    let start = line.windows(2).position(|w| w == b"\n\n").unwrap() + 2;
    note.extend_from_slice(&line[start..]);
    note.extend_from_slice("— sm2.example AAAAAAAAAAAA\n".as_bytes());
    assert_eq!(Checkpoint::open(&note, key(1).vkey()), Ok(head.clone()));
    // A witness alone is not the site, and a key of another name does not sign this log.
    assert_eq!(Checkpoint::open(&line, key(1).vkey()), Err(CheckpointError::NotSigned(ORIGIN.into())));
    assert_eq!(Checkpoint::open(&line, witness.vkey()), Err(CheckpointError::Origin(ORIGIN.into())));
    assert_eq!(head.sign(&witness), Err(CheckpointError::Origin(ORIGIN.into())));
    let text = b"not a head\n";
    let other = sign_note(text, &key(1)).unwrap();
    assert_eq!(open_note(&other, key(1).vkey()).unwrap(), text);
    assert_eq!(Checkpoint::open(&other, key(1).vkey()), Err(CheckpointError::Head));
    assert_eq!(Checkpoint::open(&vec![b'a'; 70_000], key(1).vkey()), Err(CheckpointError::Note));
}

#[test]
fn keys_have_one_text_form() {
    let text = key(1).vkey().to_string();
    assert_eq!(&Vkey::parse(&text).unwrap(), key(1).vkey());
    assert_eq!(key(1).vkey().fingerprint().len(), 8 * 4 + 7);
    assert!(!format!("{:?}", key(1)).contains("010101"));
    for at in 0..text.len() {
        let mut forged = text.clone().into_bytes();
        forged[at] ^= 1;
        assert!(String::from_utf8(forged).map_or(true, |t| Vkey::parse(&t).is_err()), "byte {at}");
    }
    assert_eq!(SiteKey::from_seed("two words", [0; 32]).unwrap_err(), KeyError::Name);
    assert_eq!(SiteKey::from_seed("", [0; 32]).unwrap_err(), KeyError::Name);
    let small_order = format!("x+00000000+{}", "AQEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    assert_eq!(Vkey::parse(&small_order).unwrap_err(), KeyError::Algorithm);
}

#[test]
fn entries_have_limits_and_a_fixed_form() {
    let one = entry(7);
    let text = String::from_utf8(one.as_bytes().to_vec()).unwrap();
    assert_eq!(
        text,
        r#"{"v":1,"kind":"test.entry","at_utc_ms":1763740800000,"site":"0190a5d5-0000-7000-8000-000000000001","body":{"n":7}}"#
    );
    assert_eq!(one.parse().unwrap().encode().unwrap(), one);
    assert_eq!(EntryBytes::new(vec![]), Err(EntryError::Empty));
    assert!(EntryBytes::new(vec![b'x'; 65_535]).is_ok());
    assert_eq!(EntryBytes::new(vec![b'x'; 65_536]), Err(EntryError::TooLong(65_536)));
    let made = one.parse().unwrap();
    for bad in ["", "Upper.case", "a..b", "a b", ".", &"a".repeat(65)] {
        let entry = Entry { kind: bad.into(), ..made.clone() };
        assert!(matches!(entry.encode(), Err(EntryError::Kind(_))), "{bad:?}");
    }
    assert_eq!(Entry { v: 2, ..made }.encode(), Err(EntryError::Version(2)));
    assert!(matches!(EntryBytes::new(b"{}".to_vec()).unwrap().parse(), Err(EntryError::Json(_))));
    let extra = text.replace(r#""body""#, r#""more":1,"body""#);
    assert!(EntryBytes::new(extra.into_bytes()).unwrap().parse().is_err());
    assert_ne!(commit(&[1; 32], b"a name"), commit(&[2; 32], b"a name"));
    assert_eq!(commit(&[1; 32], b"a name"), commit(&[1; 32], b"a name"));
}

#[test]
fn tile_paths_follow_the_specification() {
    let at = TilePath::Hashes { level: 0, index: 1_234_067, width: 256 };
    assert_eq!(at.path(), "tile/0/x001/x234/067");
    assert_eq!(TilePath::Hashes { level: 1, index: 0, width: 8 }.path(), "tile/1/000.p/8");
    assert_eq!(TilePath::Entries { index: 273, width: 112 }.path(), "tile/entries/273.p/112");
    assert_eq!(TilePath::entries_at(273, 70_000), Some(TilePath::Entries { index: 273, width: 112 }));
    assert_eq!(TilePath::entries_at(274, 70_000), None);
    assert_eq!(TilePath::hashes_at(1, 1, 70_000), Some(TilePath::Hashes { level: 1, index: 1, width: 17 }));
    for bad in ["tile/0/67", "tile/0/067.p/0", "tile/0/067.p/256", "tile/9/000", "tile/0/x000/001", "tile/0/000/", "x"]
    {
        assert_eq!(TilePath::parse(bad), None, "{bad}");
    }
}

#[test]
fn an_audit_names_the_file_that_is_wrong() {
    let (mut disk, tree) = log_of(600);
    disk.files.insert(CHECKPOINT_PATH.into(), signed(&tree, &key(1)));
    let clean = audit(&disk, key(1).vkey());
    assert!(clean.holds(), "{:?}", clean.faults);
    assert_eq!(clean.size, 600);
    assert_eq!(disk.files.len(), 1 + 3 + 3 + 1);
    for (path, bytes) in &disk.files {
        for at in [0, 1, 2, 40, bytes.len() / 2, bytes.len() - 1] {
            let mut broken = disk.clone();
            broken.files.get_mut(path).unwrap()[at.min(bytes.len() - 1)] ^= 1;
            let report = audit(&broken, key(1).vkey());
            assert!(!report.holds(), "{path} byte {at}");
            assert!(names(&report, path), "{path} byte {at}: {:?}", report.faults);
        }
        let mut gone = disk.clone();
        gone.files.remove(path);
        let report = audit(&gone, key(1).vkey());
        assert!(names(&report, path), "{path} missing: {:?}", report.faults);
        let mut longer = disk.clone();
        longer.files.get_mut(path).unwrap().push(0);
        assert!(!audit(&longer, key(1).vkey()).holds(), "{path} longer");
    }
    assert!(!audit(&disk, key(2).vkey()).holds());
}

fn names(report: &AuditReport, path: &str) -> bool {
    let entries = |fault: &AuditFault| match fault {
        AuditFault::CheckpointMissing | AuditFault::Checkpoint(_) => path == CHECKPOINT_PATH,
        AuditFault::Missing(p) | AuditFault::Malformed(p) | AuditFault::TileDiffers(p) => p == path,
        AuditFault::Entry { index, .. } => TilePath::entries_at(index / 256, 600).unwrap().path() == path,
        // A changed entry that still parses shows in the tile above it.
        AuditFault::RootDiffers => path.starts_with("tile/entries"),
    };
    report.faults.iter().any(entries)
}

#[test]
fn full_tiles_stand_in_for_pruned_partial_ones() {
    let (disk, tree) = log_of(300);
    let log = Log::new(&disk, 200);
    let want = reference_root(&entries(0..200).iter().map(EntryBytes::leaf_hash).collect::<Vec<_>>());
    assert!(!disk.files.contains_key("tile/0/000.p/200"));
    assert_eq!(log.root(200).unwrap(), want);
    assert_eq!(log.entry(199).unwrap(), entry(199));
    assert!(log.entry(200).is_err());
    let old = Tree::load(&disk, 200).unwrap();
    assert_eq!(old.root(), want);
    let source = FileSource(|path: &str| disk.files.get(path).cloned());
    assert_eq!(Tree::load(&source, 300).unwrap(), tree);
    assert_eq!(Tree::load(&disk, 301).unwrap_err(), TreeError::Missing("tile/0/001.p/45".into()));
    assert_eq!(Tree::load(&disk, u64::MAX).unwrap_err(), TreeError::Full);
}

#[test]
fn absurd_numbers_are_refused_not_computed() {
    let root = Sha256([1; 32]);
    for size in [0, 1 << 49, u64::MAX] {
        let refused = verify_inclusion(root, u64::MAX - 1, size, root, &[root; 3]);
        assert!(refused.is_err(), "{size}");
    }
    assert!(verify_inclusion(root, 0, 1 << 48, root, &[root; 65]).is_err());
    assert!(verify_consistency(u64::MAX - 1, root, u64::MAX, root, &[]).is_err());
    assert!(verify_consistency(1, root, 1 << 48, root, &[root; 65]).is_err());
}

#[test]
fn limits_are_kept() {
    let bad: Vec<_> = (0..1_100).map(|n| EntryBytes::new(format!("{n}").into_bytes()).unwrap()).collect();
    let (mut disk, mut tree) = (MemoryLog::default(), Tree::new());
    disk.write(tree.append(&bad).unwrap().files);
    disk.files.insert(CHECKPOINT_PATH.into(), signed(&tree, &key(1)));
    assert_eq!(audit(&disk, key(1).vkey()).faults.len(), AUDIT_FAULTS);
    let file = |hashes: usize| ProofFile { index: 0, hashes: vec![Sha256([1; 32]); hashes], checkpoint: b"x".to_vec() };
    assert_eq!(ProofFile::parse(&file(PROOF_HASHES).to_text()), Ok(file(PROOF_HASHES)));
    assert_eq!(ProofFile::parse(&file(PROOF_HASHES + 1).to_text()), Err(ProofError::Format("too many hashes")));
    assert_eq!(ProofFile::parse(&vec![b'x'; 128 * 1024 + 1]), Err(ProofError::Format("too long")));
    let mut full = Tree::load(&MemoryLog::default(), 0).unwrap();
    assert!(full.append(&[]).unwrap().files.is_empty());
}

proptest! {
    #[test]
    fn any_batching_gives_the_same_tree(cuts in proptest::collection::vec(0_u64..120, 1..12)) {
        let (mut disk, mut tree) = (MemoryLog::default(), Tree::new());
        for cut in cuts {
            let from = tree.size();
            disk.write(tree.append(&entries(from..from + cut)).unwrap().files);
            prop_assert_eq!(&Tree::load(&disk, tree.size()).unwrap(), &tree);
        }
        prop_assert_eq!(log_of(tree.size()).1.root(), tree.root());
    }

    #[test]
    fn paths_read_back(level in 0_u8..=6, index in 0_u64..(1 << 40), width in 1_u16..=256, is_entries: bool) {
        let at = if is_entries { TilePath::Entries { index, width } } else { TilePath::Hashes { level, index, width } };
        prop_assert_eq!(TilePath::parse(&at.path()), Some(at));
    }

    #[test]
    fn parsers_survive_anything(bytes in proptest::collection::vec(any::<u8>(), 0..400), text in "\\PC{0,200}") {
        let _ = ProofFile::parse(&bytes);
        let _ = ProofFile::parse(text.as_bytes());
        let _ = ProofFile::parse(format!("c2sp.org/tlog-proof@v1\nindex {text}\n\n{text}").as_bytes());
        let _ = Checkpoint::open(&bytes, key(1).vkey());
        let _ = Checkpoint::read_unverified(text.as_bytes());
        let _ = Vkey::parse(&text);
        let _ = TilePath::parse(&text);
        let source = FileSource(|_: &str| Some(bytes.clone()));
        let _ = Tree::load(&source, 300);
        let _ = Log::new(&source, 300).entry(3);
        let _ = Log::new(&source, 300).root(300);
        prop_assert!(!audit(&source, key(1).vkey()).holds());
    }
}
