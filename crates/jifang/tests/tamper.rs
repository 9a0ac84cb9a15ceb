//! The tamper matrix on a bundle that the real server made: what is changed gets its own name, exit code and sentence.
//!
//! The bundle is made once (two cameras, one with sound, a few seconds) and each test spoils a copy. What a stranger can do is
//! done with an ordinary ZIP; what only the site itself could do (signed lies) with the program's own planner and key.

use crate::support;

use domain::evidence::{Content, FaultCode, Manifest, Part, plan};
use ledger::SiteKey;
use std::fs::OpenOptions;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use support::bundle::{self, File, Verdict, verify};
use support::people::obtain_export;
use support::rig::{Eye, Kind, Plan, Rig, now};
use support::server::jifang;
use tempfile::TempDir;

/// A bundle, and what its maker has.
struct Made {
    package: Vec<u8>,
    key: String,
    seed: [u8; 32],
}

fn made() -> &'static Made {
    static MADE: OnceLock<Made> = OnceLock::new();
    MADE.get_or_init(|| {
        let eyes = vec![Eye::new(Kind::GbUdp), Eye::new(Kind::Rtsp)];
        let mut rig = Rig::build(Plan { eyes, people: true, ..Plan::default() });
        rig.server.start_again();
        rig.wait_recording(&[0, 1]);
        let from = base::UtcMs(now().0 / 1_000 * 1_000 + 1_000);
        rig.wait_footage(&[0, 1], from.plus_ms(12_500));
        let package = obtain_export(&rig.server, &rig.cameras, from, from.plus_ms(12_000));
        let data = rig.server.data();
        let key = std::fs::read_to_string(data.join("ledger/key.pub")).expect("the public key").trim().to_owned();
        let seed = std::fs::read(data.join("keys/ledger.seed")).expect("the seed");
        Made { package, key, seed: seed.try_into().expect("32 bytes") }
    })
}

/// A file of its own with these bytes.
fn on_disk(bytes: &[u8]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("export.zip");
    std::fs::write(&path, bytes).expect("a temporary folder can be written");
    (folder, path)
}

#[track_caller]
fn judged(bytes: &[u8]) -> Verdict {
    let (_folder, path) = on_disk(bytes);
    let verdict = verify(&path, Some(&made().key));
    assert_eq!(verdict.exit, Some(i32::from(!verdict.codes.is_empty())), "{}", verdict.json);
    verdict
}

/// The bundle with one of its files changed, packed anew; the list of its content stays as it was.
#[track_caller]
fn repacked(name: &str, change: impl FnOnce(&mut Vec<u8>)) -> Verdict {
    let mut files = bundle::files(&made().package);
    let file = files.iter_mut().find(|f| f.name == name).expect("the file is in the bundle");
    change(&mut file.bytes);
    judged(&bundle::pack(&files))
}

fn manifest() -> Manifest {
    let files = bundle::files(&made().package);
    serde_json::from_slice(&bundle::file(&files, "manifest.json").bytes).expect("a manifest")
}

/// The fault that a changed byte of this file is.
fn family(name: &str) -> &'static str {
    match name {
        "manifest.json" | "manifest.sig" => "manifest_changed",
        _ if name.starts_with("footage/") => "segment_changed",
        _ if name.starts_with("ledger/") => "proof_invalid",
        _ => "file_changed",
    }
}

/// Flips one bit in the file on disk, verifies, puts it back.
#[track_caller]
fn flip(path: &Path, at: usize, want: &str, what: &str) {
    let file = OpenOptions::new().read(true).write(true).open(path).expect("the copy opens");
    let offset = u64::try_from(at).expect("an offset");
    let mut byte = [0];
    file.read_exact_at(&mut byte, offset).expect("within the file");
    file.write_all_at(&[byte[0] ^ 1 << (at % 8)], offset).expect("written");
    let verdict = verify(path, Some(&made().key));
    file.write_all_at(&byte, offset).expect("written back");
    assert_eq!(
        (verdict.exit, verdict.codes),
        (Some(1), vec![want.to_owned()]),
        "byte {at} of {what}: {}",
        verdict.json
    );
}

#[test]
fn the_bundle_holds_as_it_was_made() {
    let verdict = judged(&made().package);
    assert_eq!(verdict.codes, Vec::<String>::new(), "{}", verdict.json);
    assert_eq!(verdict.json["holds"], true);
    assert_eq!(verdict.json["report"]["facts"]["officers"].as_array().map(Vec::len), Some(2));
    // Without the site's key the same, but the answer says that the key is not yet anybody's.
    let (_folder, path) = on_disk(&made().package);
    let unknown = verify(&path, None);
    assert_eq!((unknown.exit, unknown.codes), (Some(0), vec![]));
    assert!(!unknown.json["key_advice"].is_null());
}

#[test]
fn a_flipped_bit_has_the_name_of_its_part() {
    let (_folder, path) = on_disk(&made().package);
    for File { name, at, bytes } in bundle::files(&made().package) {
        for offset in [0, bytes.len() / 3, bytes.len() * 2 / 3, bytes.len() - 1] {
            flip(&path, at + offset, family(&name), &name);
        }
        // The header before it: signature, time, size, name.
        let header = at - 30 - name.len();
        for offset in [1, 11, 22, 30 + name.len() - 1] {
            flip(&path, header + offset, "package_damaged", &format!("the header of {name}"));
        }
    }
}

#[test]
fn a_flipped_bit_of_the_directory_is_damage_of_the_package() {
    let (_folder, path) = on_disk(&made().package);
    let total = made().package.len();
    let (start, _) = bundle::directory(&made().package);
    let inside = (0..8).map(|n| start + (total - start) * n / 8);
    for at in inside.chain([total - 22, total - 10, total - 1]) {
        flip(&path, at, "package_damaged", "the directory");
    }
}

#[test]
fn a_cut_or_longer_file_is_damaged_and_says_what_is_gone() {
    let package = &made().package;
    let files = bundle::files(package);
    let footage = files.iter().find(|f| f.name.starts_with("footage/")).expect("footage");
    let cut = judged(&package[..footage.at + footage.bytes.len() / 2]);
    assert!(cut.codes.contains(&"package_damaged".to_owned()), "{:?}", cut.codes);
    assert!(cut.codes.contains(&"segment_missing".to_owned()), "{:?}", cut.codes);
    assert!(!cut.codes.contains(&"segment_changed".to_owned()), "{:?}", cut.codes);
    let manifest = bundle::file(&files, "manifest.json");
    assert_eq!(judged(&package[..manifest.at + manifest.bytes.len() / 2]).codes, ["package_damaged"]);
    assert_eq!(judged(&package[..package.len() - 1]).codes, ["package_damaged"]);
    assert_eq!(judged(&[package.as_slice(), b"\0"].concat()).codes, ["package_damaged"]);
}

#[test]
fn what_is_no_export_is_called_so() {
    let noise: Vec<u8> = (0..100_000_u32).map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()[0]).collect();
    let other = bundle::pack(&[File { name: "letter.txt".into(), at: 0, bytes: b"hello".to_vec() }]);
    for (what, bytes) in
        [("noise", noise.as_slice()), ("another ZIP", &other), ("nothing", b""), ("a stump", &made().package[..20])]
    {
        assert_eq!(judged(bytes).codes, ["not_an_export"], "{what}");
    }
    let missing = jifang(&["evidence", "verify", "/nowhere/export.zip", "--json"]);
    assert_eq!(missing.status.code(), Some(2), "a file that is not there was not judged");
}

#[test]
fn a_segment_taken_out_swapped_or_doubled_is_named_with_its_time() {
    let manifest = manifest();
    let film = manifest.footage.iter().find(|f| f.fragments.len() >= 4).expect("a film of several fragments");
    let span = |n: usize| {
        let begin = usize::try_from(film.fragments[n].offset).expect("small");
        begin..begin + usize::try_from(film.fragments[n].bytes).expect("small")
    };
    let gone = repacked(&film.path, |bytes| drop(bytes.drain(span(1))));
    assert_eq!(gone.codes, ["package_damaged", "segment_missing"], "{}", gone.json);
    let faults = gone.json["report"]["faults"].as_array().expect("faults");
    let fault = faults.iter().find(|f| f["code"] == "segment_missing").expect("the fault");
    assert_eq!(fault["camera"], film.camera.to_string());
    assert_eq!(fault["from_utc_ms"], film.fragments[1].start_utc_ms.0);
    assert_eq!(fault["fragment"], film.fragments[1].seq);

    let swapped = repacked(&film.path, |bytes| {
        let both = [&bytes[span(2)], &bytes[span(1)]].concat();
        bytes.splice(span(1).start..span(2).end, both);
    });
    assert_eq!(swapped.codes, ["order_changed", "package_damaged"], "{}", swapped.json);
    let doubled = repacked(&film.path, |bytes| {
        let copy = bytes[span(1)].to_vec();
        bytes.splice(span(2).start..span(2).start, copy);
    });
    assert_eq!(doubled.codes, ["order_changed", "package_damaged"], "{}", doubled.json);
}

#[test]
fn other_files_changed_or_left_out_are_named() {
    let untouched = judged(&bundle::pack(&bundle::files(&made().package)));
    assert_eq!(untouched.codes, ["package_damaged"], "packed anew by another tool, all else as it was");
    let edited = repacked("manifest.json", |bytes| {
        let text = String::from_utf8(bytes.clone()).expect("text").replace("A2301-0042", "A2301-0043");
        *bytes = text.into_bytes();
    });
    assert_eq!(edited.codes, ["manifest_changed"]);
    let mut files = bundle::files(&made().package);
    files.retain(|f| f.name != "register.html");
    let less = judged(&bundle::pack(&files));
    assert_eq!(less.codes, ["file_missing", "package_damaged"], "{}", less.json);
    let proof = bundle::files(&made().package).into_iter().find(|f| f.name.ends_with(".tlog-proof")).expect("a proof");
    let other = repacked(&proof.name, |bytes| bytes[proof.bytes.len() / 2] ^= 4);
    assert_eq!(other.codes, ["package_damaged", "proof_invalid"], "{}", other.json);
}

/// Signs a changed manifest as the holder of `key` could, around the same files.
fn signed_by(key: &SiteKey, lie: impl FnOnce(&mut Manifest, &mut Vec<File>)) -> Vec<u8> {
    let mut manifest = manifest();
    let mut files = bundle::files(&made().package);
    files.retain(|f| !f.name.starts_with("manifest."));
    lie(&mut manifest, &mut files);
    let contents = files.into_iter().map(|f| Content::Bytes { path: f.name, bytes: f.bytes }).collect();
    let plan = plan(manifest, contents, key).expect("a package");
    let part = |part: Part| match part {
        Part::Bytes(bytes) => bytes,
        Part::Stream { path, .. } => panic!("{path} is not streamed here"),
    };
    plan.parts.into_iter().flat_map(part).collect()
}

fn own_key() -> SiteKey {
    SiteKey::from_seed(&format!("jifang/{}", manifest().site.id), made().seed).expect("a key")
}

#[test]
fn another_key_is_a_wrong_key() {
    let thief = SiteKey::from_seed(own_key().vkey().name(), [7; 32]).expect("a key");
    let forged = judged(&signed_by(&thief, |_, _| ()));
    assert_eq!(forged.codes, ["proof_invalid", "wrong_key"], "the log is not the thief's either: {}", forged.json);
    // Only the signature replaced: the list still names the site's key, so it is not what was signed.
    let text =
        format!("jifang-evidence/1\nmanifest.json\nsha256 {}\nsm3 {}\n", base::Sha256([1; 32]), base::Sha256([2; 32]));
    let note = ledger::sign_note(text.as_bytes(), &thief).expect("a note");
    assert_eq!(repacked("manifest.sig", |bytes| *bytes = note).codes, ["manifest_changed"]);
}

#[test]
fn lies_that_the_site_itself_signs_are_found_by_the_log() {
    let own = own_key();
    assert_eq!(own.vkey().to_string(), made().key);
    assert_eq!(judged(&signed_by(&own, |_, _| ())).codes, Vec::<String>::new(), "the truth signed again holds");
    let alone = judged(&signed_by(&own, |m, _| drop(m.request.officers.pop())));
    assert_eq!(alone.codes, ["too_few_officers"], "{}", alone.json);
    let cut = judged(&signed_by(&own, |m, files| {
        let film = m.footage.iter_mut().find(|f| f.fragments.len() >= 4).expect("a film");
        let gone = film.fragments.remove(1);
        film.fragments[1..].iter_mut().for_each(|f| f.offset -= gone.bytes);
        let begin = usize::try_from(gone.offset).expect("small");
        let bytes = &mut files.iter_mut().find(|f| f.name == film.path).expect("its file").bytes;
        bytes.drain(begin..begin + usize::try_from(gone.bytes).expect("small"));
    }));
    assert_eq!(cut.codes, ["segment_missing", "undisclosed_gap"], "{}", cut.json);
    let beyond = judged(&signed_by(&own, |m, _| m.asked.to_utc_ms = m.asked.to_utc_ms.plus_ms(3_600_000)));
    assert!(beyond.codes.contains(&"beyond_grant".to_owned()), "{}", beyond.json);
}

#[test]
fn a_person_reads_the_fault_in_both_languages() {
    let mut changed = made().package.clone();
    let files = bundle::files(&changed);
    let film = files.iter().find(|f| f.name.starts_with("footage/")).expect("footage");
    changed[film.at + film.bytes.len() / 2] ^= 1;
    let cases = [(changed.as_slice(), FaultCode::SegmentChanged), (b"nothing", FaultCode::NotAnExport)];
    for (bytes, code) in cases {
        let (_folder, path) = on_disk(bytes);
        let meaning = code.meaning();
        for (lang, sentence, verdict) in [("zh", meaning.zh, "验证未通过"), ("en", meaning.en, "NOT verified")] {
            let done = jifang(&["evidence", "verify", &path.display().to_string(), "--lang", lang]);
            let text = String::from_utf8_lossy(&done.stdout).into_owned();
            assert_eq!(done.status.code(), Some(1), "{text}");
            for part in [sentence.as_ref(), code.code(), verdict] {
                assert!(text.contains(part), "{lang}: `{part}` is not in:\n{text}");
            }
        }
    }
    let (_folder, path) = on_disk(&made().package);
    let done = jifang(&["evidence", "verify", &path.display().to_string(), "--key", &made().key]);
    let text = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(done.status.success() && text.contains("验证通过") && text.contains("姓名officer2 210002"), "{text}");
}
