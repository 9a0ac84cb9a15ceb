//! The tamper matrix: every part of an export, changed, dropped, doubled, swapped, re-signed; the fault must bear the right name.

use super::tests_bundle::*;
use super::*;
use crate::recording::entry::{DELETED_KIND, GAP_KIND};
use base::{CameraId, Lang, Sha256, UtcMs};
use ledger::Vkey;
use proptest::prelude::*;
use std::collections::BTreeSet;

fn check(package: &[u8], trusted: Option<&Vkey>) -> Report {
    verify(&package.to_vec(), trusted, &mut |_| {})
}

fn codes(report: &Report) -> Vec<FaultCode> {
    report.faults.iter().map(|f| f.code).collect::<BTreeSet<_>>().into_iter().collect()
}

/// An export by the site's own key whose parts were spoiled before signing: what a dishonest site could make.
fn dishonest(spoil: impl FnOnce(&mut Draft)) -> Report {
    let mut draft = Draft::honest();
    spoil(&mut draft);
    check(&draft.sign(&key(1)), Some(key(1).vkey()))
}

#[test]
fn an_honest_export_holds_and_says_what_it_is() {
    let package = Draft::honest().sign(&key(1));
    let report = check(&package, Some(key(1).vkey()));
    assert_eq!(report.faults, []);
    assert!(report.key_is_trusted && report.key_advice().is_none());
    let facts = report.facts.unwrap();
    assert_eq!((facts.fragments, facts.pictures, facts.footage_s), (27, 1_350, 54));
    assert_eq!(facts.gaps.len(), 1);
    assert_eq!(facts.gaps[0].get(Lang::En), "正门: 2025-11-22 00:00:09 to 2025-11-22 00:00:19, The device was offline");
    assert_eq!(facts.officers, ["王一 210001", "李二 210002"]);
    assert_eq!(facts.actual.unwrap().from_utc_ms, T0.plus_ms(-1_000));
    assert!(facts.cameras[0].zh.contains("时钟误差 -120 毫秒"));
    let unknown = check(&package, None);
    assert!(unknown.holds() && !unknown.key_is_trusted);
    assert!(unknown.key_advice().unwrap().en.contains(&key(1).vkey().fingerprint()));
}

#[test]
fn a_witness_is_looked_for_only_when_asked_and_must_have_signed_this_head() {
    let witness = |seed| ledger::WitnessKey::from_seed("jifang-witness/police", [seed; 32]).unwrap();
    let package = |after: Option<fn(Vec<u8>) -> Vec<u8>>| {
        let witness = after.map(|after| (witness(7), after));
        Draft { witness, ..Draft::honest() }.sign(&key(1))
    };
    let asked = |package: &Vec<u8>, seed| {
        let verifier = Verifier::open(package, Some(key(1).vkey())).unwrap().asking_witness(witness(seed).vkey());
        let faults = verifier.plan_jobs().into_iter().map(|job| verifier.run_job(job, package, &mut |_| {})).collect();
        verifier.finish(faults)
    };
    let (plain, cosigned) = (package(None), package(Some(|note| note)));
    for package in [&plain, &cosigned] {
        let report = check(package, Some(key(1).vkey()));
        assert!(report.holds() && report.witness_fingerprint.is_none(), "nobody asked: {:?}", report.faults);
    }
    let report = asked(&cosigned, 7);
    assert_eq!(report.faults, []);
    assert_eq!(report.witness_fingerprint, Some(witness(7).vkey().fingerprint()));
    assert_eq!(codes(&asked(&plain, 7)), [FaultCode::WitnessMissing]);
    assert_eq!(codes(&asked(&cosigned, 8)), [FaultCode::WitnessMissing], "another witness's line");
    // A line of the right name and key id whose signature is of something else.
    let forged = package(Some(|note| {
        let text = String::from_utf8(note).unwrap();
        let (head, end) = text.trim_end().split_at(text.trim_end().len() - 8);
        let changed: String = end.chars().map(|c| if c == 'A' { 'B' } else { 'A' }).collect();
        format!("{head}{changed}\n").into_bytes()
    }));
    assert_eq!(codes(&asked(&forged, 7)), [FaultCode::WitnessInvalid]);
    assert!(check(&forged, Some(key(1).vkey())).holds(), "nobody asked");
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    assert_eq!(Draft::honest().sign(&key(1)), Draft::honest().sign(&key(1)));
    // And the same as when this package was kept, which also begins the forgeries of the fuzz targets.
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/evidence/honest_package.zip");
    if std::env::var_os("UPDATE_CORPUS").is_some() {
        std::fs::write(&file, Draft::honest().sign(&key(1))).unwrap();
    }
    let kept = std::fs::read(&file).unwrap();
    assert!(check(&kept, Some(key(1).vkey())).holds(), "what was exported once holds");
    assert!(kept == Draft::honest().sign(&key(1)), "the form changed: if it should, run with UPDATE_CORPUS=1");
}

#[test]
fn a_flipped_byte_anywhere_has_the_name_of_its_part() {
    let plan = Draft::honest().plan(&key(1));
    let package = bytes_of(&plan);
    let trusted = key(1);
    let mut covered = 0;
    for region in regions(&plan) {
        assert_eq!(region.at, covered);
        covered += region.bytes;
        // Headers byte by byte where they are few, contents at the ends and in strides.
        let stride = match region.family {
            FaultCode::PackageDamaged => 17,
            FaultCode::SegmentChanged => 97,
            _ => 307,
        };
        let first = region.at + region.at % stride.min(region.bytes);
        let strides = (first..region.at + region.bytes).step_by(stride);
        for at in strides.chain([region.at, region.at + region.bytes - 1]) {
            let mut forged = package.clone();
            forged[at] ^= 1 << (at % 8);
            let report = check(&forged, Some(trusted.vkey()));
            assert_eq!(codes(&report), [region.family], "byte {at} of {:?}: {:?}", region.file, report.faults);
            if !matches!(region.family, FaultCode::PackageDamaged | FaultCode::ManifestChanged) {
                assert_eq!(report.faults[0].file, region.file, "byte {at}");
            }
        }
    }
    assert_eq!(covered, package.len());
}

#[test]
fn every_byte_of_the_first_headers_counts() {
    let plan = Draft::honest().plan(&key(1));
    let package = bytes_of(&plan);
    for region in regions(&plan).into_iter().filter(|r| r.family == FaultCode::PackageDamaged).take(3) {
        for at in region.at..region.at + region.bytes {
            let mut forged = package.clone();
            forged[at] ^= 0xff;
            let report = check(&forged, None);
            assert_eq!(codes(&report), [FaultCode::PackageDamaged], "byte {at}: {:?}", report.faults);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn no_changed_byte_passes(place in any::<prop::sample::Index>(), xor in 1_u8.., with_key: bool) {
        let mut package = Draft::honest().sign(&key(1));
        let at = place.index(package.len());
        package[at] ^= xor;
        let trusted = key(1);
        prop_assert!(!check(&package, with_key.then_some(trusted.vkey())).holds());
    }

    #[test]
    fn no_cut_passes_and_nothing_panics(place in any::<prop::sample::Index>(), tail in prop::collection::vec(any::<u8>(), 0..80)) {
        let mut package = Draft::honest().sign(&key(1));
        package.truncate(place.index(package.len()));
        prop_assert!(!check(&package, None).holds());
        package.extend(tail);
        prop_assert!(!check(&package, None).holds());
    }

    #[test]
    fn garbage_is_no_export(bytes in prop::collection::vec(any::<u8>(), 0..500)) {
        prop_assert_eq!(codes(&check(&bytes, None)), [FaultCode::NotAnExport]);
    }
}

/// Replaces the footage file `number` and writes the ZIP anew around it, as an ordinary tool would; the manifest stays.
fn repacked(change: impl FnOnce(&mut Vec<u8>, &FootageFile)) -> Report {
    let draft = Draft::honest();
    let footage = draft.manifest.footage.clone();
    let plan = draft.plan(&key(1));
    let mut members = Vec::new();
    let mut change = Some(change);
    for region in regions(&plan) {
        let Some(name) = region.file else { continue };
        let mut content = bytes_of(&plan)[region.at..region.at + region.bytes].to_vec();
        if name == footage[0].path {
            change.take().unwrap()(&mut content, &footage[0]);
        }
        members.push((name, content));
    }
    let zip: Vec<_> = members.iter().map(|(n, c)| zip::Member::of(n, c)).collect();
    let layout = zip::Layout::new(&zip);
    let mut out = Vec::new();
    for ((_, header, _), (_, content)) in layout.members.iter().zip(&members) {
        out.extend_from_slice(header);
        out.extend_from_slice(content);
    }
    out.extend(layout.tail);
    check(&out, Some(key(1).vkey()))
}

fn span_of(file: &FootageFile, n: usize) -> std::ops::Range<usize> {
    let f = &file.fragments[n];
    let at = usize::try_from(f.offset).unwrap();
    at..at + usize::try_from(f.bytes).unwrap()
}

#[test]
fn a_dropped_segment_is_missing_with_its_time() {
    for n in 0..5 {
        let report = repacked(|bytes, file| drop(bytes.drain(span_of(file, n))));
        assert_eq!(codes(&report), [FaultCode::PackageDamaged, FaultCode::SegmentMissing], "{n}");
        let fault = report.faults.iter().find(|f| f.code == FaultCode::SegmentMissing).unwrap();
        assert_eq!(fault.camera, Some(CAMERA_A));
        assert_eq!(fault.from_utc_ms, Some(T0.plus_ms(-1_000 + 2_000 * n as i64)));
        assert_eq!(fault.fragment, Some(101 + n as u64));
    }
}

#[test]
fn doubled_and_swapped_segments_are_order_changed() {
    let report = repacked(|bytes, file| {
        let copy = bytes[span_of(file, 1)].to_vec();
        let at = span_of(file, 1).end;
        bytes.splice(at..at, copy);
    });
    assert_eq!(codes(&report), [FaultCode::PackageDamaged, FaultCode::OrderChanged]);
    let report = repacked(|bytes, file| {
        let (one, two) = (bytes[span_of(file, 1)].to_vec(), bytes[span_of(file, 2)].to_vec());
        let both = span_of(file, 1).start..span_of(file, 2).end;
        bytes.splice(both, [two, one].concat());
    });
    assert!(codes(&report).contains(&FaultCode::OrderChanged), "{:?}", report.faults);
    assert!(!codes(&report).contains(&FaultCode::SegmentMissing), "{:?}", report.faults);
    assert!(!codes(&report).contains(&FaultCode::SegmentChanged), "{:?}", report.faults);
}

#[test]
fn a_replaced_segment_of_another_length_is_changed_and_an_inserted_one_too() {
    let report = repacked(|bytes, file| {
        let other = [&8_u32.to_be_bytes()[..], b"uuid", &8_u32.to_be_bytes(), b"moof", &8_u32.to_be_bytes(), b"mdat"];
        bytes.splice(span_of(file, 2), other.concat());
    });
    assert_eq!(codes(&report), [FaultCode::PackageDamaged, FaultCode::SegmentChanged]);
    assert_eq!(report.faults.iter().find(|f| f.code == FaultCode::SegmentChanged).unwrap().fragment, Some(103));
    let report = repacked(|bytes, _| bytes.extend([&8_u32.to_be_bytes()[..], b"free"].concat()));
    assert_eq!(codes(&report), [FaultCode::PackageDamaged, FaultCode::FileChanged]);
}

#[test]
fn a_cut_package_names_what_is_gone() {
    let plan = Draft::honest().plan(&key(1));
    let package = bytes_of(&plan);
    let all = regions(&plan);
    let footage = all.iter().find(|r| r.family == FaultCode::SegmentChanged).unwrap();
    let report = check(&package[..footage.at + footage.bytes / 2], None);
    for code in [FaultCode::PackageDamaged, FaultCode::SegmentMissing, FaultCode::FileMissing] {
        assert!(codes(&report).contains(&code), "{code:?}: {:?}", report.faults);
    }
    assert!(!codes(&report).contains(&FaultCode::SegmentChanged), "{:?}", report.faults);
    let manifest = &all[1];
    assert_eq!(codes(&check(&package[..manifest.at + manifest.bytes / 2], None)), [FaultCode::PackageDamaged]);
    assert_eq!(codes(&check(&package[..20], None)), [FaultCode::NotAnExport]);
    assert_eq!(codes(&check(&[], None)), [FaultCode::NotAnExport]);
    let mut longer = package.clone();
    longer.push(0);
    assert_eq!(codes(&check(&longer, None)), [FaultCode::PackageDamaged]);
    // Another ZIP, with one stored file.
    let layout = zip::Layout::new(&[zip::Member::of("a.txt", b"hello")]);
    let other = [&layout.members[0].1[..], b"hello", &layout.tail].concat();
    assert_eq!(codes(&check(&other, None)), [FaultCode::NotAnExport]);
}

#[test]
fn a_missing_file_is_named() {
    let plan = Draft::honest().plan(&key(1));
    let package = bytes_of(&plan);
    let kept: Vec<_> =
        regions(&plan).into_iter().filter(|r| r.file.as_ref().is_some_and(|f| f != "record.html")).collect();
    let content = |r: &Region| package[r.at..r.at + r.bytes].to_vec();
    let members: Vec<_> = kept.iter().map(|r| zip::Member::of(r.file.as_ref().unwrap(), &content(r))).collect();
    let layout = zip::Layout::new(&members);
    let mut out = Vec::new();
    for ((_, header, _), region) in layout.members.iter().zip(&kept) {
        out.extend_from_slice(header);
        out.extend(content(region));
    }
    out.extend(layout.tail);
    let report = check(&out, None);
    assert_eq!(codes(&report), [FaultCode::PackageDamaged, FaultCode::FileMissing]);
    assert_eq!(report.faults.last().unwrap().file.as_deref(), Some("record.html"));
}

#[test]
fn another_key_is_a_wrong_key_and_never_trusted_by_itself() {
    let mut draft = Draft::honest();
    draft.log_key = key(2);
    let forged = draft.sign(&key(2));
    assert_eq!(codes(&check(&forged, Some(key(1).vkey()))), [FaultCode::WrongKey]);
    let report = check(&forged, None);
    assert!(report.holds() && !report.key_is_trusted && report.key_advice().is_some());
    // Signed anew by another key over the true log: the log does not belong to that key.
    let report = check(&Draft::honest().sign(&key(2)), None);
    assert_eq!(codes(&report), [FaultCode::ProofInvalid]);
    assert_eq!(report.faults[0].file.as_deref(), Some(CHECKPOINT_FILE));
}

#[test]
fn one_officer_is_too_few_however_it_is_signed() {
    let mut draft = Draft::honest();
    draft.manifest.request.officers.pop();
    let report = check(&draft.sign(&key(1)), Some(key(1).vkey()));
    assert_eq!(codes(&report), [FaultCode::TooFewOfficers]);
    let mut draft = Draft::honest();
    draft.manifest.request.officers.pop();
    let report = check(&draft.sign(&key(2)), Some(key(1).vkey()));
    assert_eq!(codes(&report), [FaultCode::WrongKey, FaultCode::ProofInvalid, FaultCode::TooFewOfficers]);
    // The same badge twice is one officer, and an invented one is not in the log.
    let report = dishonest(|d| {
        let mut twin = d.manifest.request.officers[0].clone();
        twin.name = "孙三".into();
        d.manifest.request.officers[1] = twin;
    });
    assert_eq!(codes(&report), [FaultCode::ProofInvalid, FaultCode::TooFewOfficers]);
    // A decision for one person only, a request of one account only.
    let twice = |d: &mut Draft, kind: &str| {
        let entry = d.entries.iter_mut().find(|e| e.kind == kind).unwrap();
        let officers = entry.body["officers"].as_array_mut().unwrap();
        officers[1] = officers[0].clone();
    };
    let report = dishonest(|d| twice(d, KIND_EXPORT));
    assert_eq!(codes(&report), [FaultCode::ProofInvalid, FaultCode::TooFewOfficers]);
    let report = dishonest(|d| twice(d, KIND_REQUEST));
    assert_eq!(codes(&report), [FaultCode::TooFewOfficers]);
}

#[test]
fn a_removed_gap_is_undisclosed() {
    let report = dishonest(|d| d.manifest.gaps.clear());
    assert_eq!(codes(&report), [FaultCode::UndisclosedGap]);
    let fault = &report.faults[0];
    assert_eq!((fault.from_utc_ms, fault.to_utc_ms), (Some(T0.plus_ms(9_000)), Some(T0.plus_ms(19_000))));
    assert!(fault.text.zh.contains("正门") && fault.text.en.contains("2025-11-22 00:00:09"));
    // Declared shorter than it was, by more than the ordinary distance of pictures.
    let report = dishonest(|d| d.manifest.gaps[0].to_utc_ms = T0.plus_ms(18_000));
    assert_eq!(codes(&report), [FaultCode::UndisclosedGap]);
    let report = dishonest(|d| d.manifest.gaps[0].to_utc_ms = T0.plus_ms(18_600));
    assert_eq!(codes(&report), []);
    // Declared with another cause or longer than the log says.
    let report = dishonest(|d| d.manifest.gaps[0].cause = "disk_full".into());
    assert_eq!(codes(&report), [FaultCode::UndisclosedGap, FaultCode::ProofInvalid]);
    let report = dishonest(|d| d.manifest.gaps[0].to_utc_ms = T0.plus_ms(20_000));
    assert_eq!(codes(&report), [FaultCode::UndisclosedGap, FaultCode::ProofInvalid]);
}

#[test]
fn deleted_footage_and_lasting_outages_explain_a_gap_too() {
    let explained = |kind: &'static str, cause: &'static str| {
        dishonest(|d| {
            let camera = CAMERA_A;
            let (from, to) = (T0.plus_ms(8_000), T0.plus_ms(20_000));
            let mut body = serde_json::json!({ "camera": camera, "from_utc_ms": from, "to_utc_ms": to });
            if kind == DELETED_KIND {
                body["container"] = serde_json::json!(camera);
                body["bytes"] = 1.into();
                body["min_days"] = 30.into();
                body["clauses"] = serde_json::json!(["B-25"]);
            } else {
                body["cause"] = cause.into();
            }
            let entry = d.entries.iter_mut().find(|e| e.kind == GAP_KIND).unwrap();
            *entry = ledger::Entry::new(kind, T0, entry.site, body);
            d.manifest.gaps[0].cause = cause.into();
        })
    };
    assert_eq!(explained(DELETED_KIND, "deleted").faults, []);
    assert_eq!(explained(KIND_ABSENT, "not_installed").faults, []);
    assert_eq!(codes(&explained("footage.other", "deleted")), [FaultCode::UndisclosedGap, FaultCode::ProofInvalid]);
}

fn drop_fragment(d: &mut Draft, file: usize, n: usize) {
    let facts = &mut d.manifest.footage[file];
    let gone = span_of(facts, n);
    d.footage[file].1.drain(gone.clone());
    facts.fragments.remove(n);
    for f in &mut facts.fragments[n..] {
        f.offset -= gone.len() as u64;
    }
}

#[test]
fn a_segment_left_out_before_signing_is_missing_and_its_time_undisclosed() {
    let report = dishonest(|d| drop_fragment(d, 0, 2));
    assert_eq!(codes(&report), [FaultCode::SegmentMissing, FaultCode::UndisclosedGap]);
    // The last one before a declared gap leaves no hole between numbers of the same file, but the log names it.
    let report = dishonest(|d| drop_fragment(d, 0, 4));
    assert_eq!(codes(&report), [FaultCode::SegmentMissing, FaultCode::UndisclosedGap]);
}

#[test]
fn shifted_time_and_swapped_order_are_seen_even_if_signed() {
    let report = dishonest(|d| {
        for f in &mut d.manifest.footage[2].fragments {
            f.start_utc_ms = f.start_utc_ms.plus_ms(100);
        }
    });
    assert_eq!(codes(&report), [FaultCode::ProofInvalid]);
    let report = dishonest(|d| {
        let file = &mut d.manifest.footage[0];
        let (a, b) = (span_of(file, 0), span_of(file, 1));
        let bytes = &mut d.footage[0].1;
        let swapped = [bytes[b.clone()].to_vec(), bytes[a.clone()].to_vec()].concat();
        bytes.splice(a.start..b.end, swapped);
        file.fragments.swap(0, 1);
        file.fragments[0].offset = a.start as u64;
        file.fragments[1].offset = (a.start + b.len()) as u64;
    });
    assert!(codes(&report).contains(&FaultCode::OrderChanged), "{:?}", report.faults);
    let report = dishonest(|d| d.entries[5].body["prev"] = serde_json::json!(Sha256([7; 32])));
    assert_eq!(codes(&report), [FaultCode::SegmentMissing], "the chain between two spans");
}

#[test]
fn proofs_must_be_of_the_entries_named() {
    let report = dishonest(|d| d.entries[2].body["request"] = serde_json::json!(d.manifest.export));
    assert_eq!(codes(&report), [FaultCode::ProofInvalid]);
    let report = dishonest(|d| d.entries[0].body = serde_json::json!({}));
    assert_eq!(codes(&report), [FaultCode::ProofInvalid]);
    let report = dishonest(|d| d.entries[3].body = serde_json::json!({}));
    assert_eq!(codes(&report), [FaultCode::ProofInvalid]);
    let report = dishonest(|d| d.entries[4].site = base::SiteId(CAMERA_A.0));
    assert!(codes(&report).contains(&FaultCode::ProofInvalid));
    let report = dishonest(|d| d.entries[4].body = serde_json::json!([1]));
    assert!(codes(&report).contains(&FaultCode::ProofInvalid));
}

#[test]
fn footage_beyond_the_request_is_named() {
    let report = dishonest(|d| d.entries[0].body["to_utc_ms"] = serde_json::json!(T0.plus_ms(29_000)));
    assert_eq!(codes(&report), [FaultCode::BeyondGrant]);
    let report = dishonest(|d| d.entries[0].body["cameras"] = serde_json::json!([CAMERA_A]));
    assert_eq!(codes(&report), [FaultCode::BeyondGrant]);
    assert_eq!(report.faults[0].camera, Some(CAMERA_B));
}

#[test]
fn a_manifest_that_does_not_hold_together_is_not_planned() {
    let spoil: [fn(&mut Draft); 6] = [
        |d| d.manifest.footage[0].fragments[1].offset += 1,
        |d| d.manifest.footage[0].fragments[1].bytes += 1,
        |d| d.manifest.cameras[1].id = CAMERA_A,
        |d| d.manifest.asked.to_utc_ms = UtcMs(0),
        |d| d.manifest.cameras.clear(),
        |d| d.manifest.footage[0].camera = CameraId(d.manifest.site.id.0),
    ];
    for (n, spoil) in spoil.into_iter().enumerate() {
        let mut draft = Draft::honest();
        spoil(&mut draft);
        let footage = draft.footage.into_iter().map(|(path, bytes)| Content::Bytes { path, bytes });
        let mut contents: Vec<_> = footage.collect();
        contents.extend(ledger_files(b"", &[]));
        assert!(matches!(plan(draft.manifest, contents, &key(1)), Err(PlanError::Manifest(_))), "{n}");
    }
    for path in ["../up", "/root", "a//b", "manifest.json", "a\\b", "c:d", "", "a/./b", &"x".repeat(201)] {
        let mut contents = ledger_files(b"", &[]);
        contents.push(Content::Bytes { path: path.to_owned(), bytes: vec![] });
        let mut manifest = Draft::honest().manifest;
        manifest.footage.clear();
        assert!(matches!(plan(manifest, contents, &key(1)), Err(PlanError::Manifest(_))), "{path}");
    }
    let many = vec![Content::Bytes { path: String::new(), bytes: vec![] }; EXPORT_FILES + 1];
    assert!(matches!(plan(Draft::honest().manifest, many, &key(1)), Err(PlanError::TooLarge(_))));
}

#[test]
fn jobs_in_any_order_give_the_same_report_and_progress_adds_up() {
    let mut package = Draft::honest().sign(&key(1));
    let at = package.len() / 3;
    package[at] ^= 1;
    let whole = check(&package, None);
    let verifier = Verifier::open(&package, None).unwrap();
    let want = verifier.work_bytes();
    let mut seen = 0;
    let mut jobs = verifier.plan_jobs();
    jobs.reverse();
    let faults = jobs.into_iter().map(|j| verifier.run_job(j, &package, &mut |n| seen += n)).collect();
    assert_eq!(seen, want);
    assert_eq!(verifier.finish(faults), whole);
    assert!(!whole.holds());
}

#[test]
fn a_disk_that_fails_is_not_called_tampering() {
    struct Failing(Vec<u8>, u64);
    impl ReadAt for Failing {
        fn size_bytes(&self) -> u64 {
            self.0.size_bytes()
        }
        fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<(), ReadFailed> {
            let hit = offset <= self.1 && self.1 < offset + buf.len() as u64;
            if hit { Err(ReadFailed("bad sector".into())) } else { self.0.read_at(offset, buf) }
        }
    }
    let plan = Draft::honest().plan(&key(1));
    let footage = regions(&plan).into_iter().find(|r| r.family == FaultCode::SegmentChanged).unwrap();
    let source = Failing(bytes_of(&plan), footage.at as u64 + 200);
    assert_eq!(codes(&verify(&source, None, &mut |_| {})), [FaultCode::Unreadable]);
}

#[test]
fn the_package_is_an_ordinary_zip_with_large_sizes_where_needed() {
    let package = Draft::honest().sign(&key(1));
    let list = zip::directory(&package).unwrap();
    assert_eq!(list[0].name, "manifest.json");
    assert!(list.iter().any(|f| f.name == "说明.txt"));
    let big = zip::Member { name: "big".into(), bytes: 5_000_000_000, crc32: 7 };
    let layout = zip::Layout::new(&[big.clone(), big]);
    assert_eq!(layout.members[0].1.len(), 30 + 3 + 20);
    assert_eq!(layout.members[1].2, 2 * (30 + 3 + 20) + 5_000_000_000);
    assert_eq!(&layout.tail[46 + 3..46 + 3 + 4], [1, 0, 16, 0]);
    assert_eq!(layout.tail.len(), (46 + 3 + 20) + (46 + 3 + 28) + 56 + 20 + 22);
}

#[test]
fn digests_match_their_standard_vectors() {
    let digest = FileDigest::of(b"123456789");
    assert_eq!(digest.crc32, 0xcbf4_3926);
    assert_eq!(Sm3::of(b"abc").to_string(), "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
    let mut pieces = Digester::default();
    for piece in [&b"1234"[..], b"", b"56789"] {
        pieces.update(piece);
    }
    assert_eq!(pieces.finish(), digest);
    let all: BTreeSet<_> = FaultCode::ALL.iter().map(|c| c.code()).collect();
    assert_eq!(all.len(), FaultCode::ALL.len());
    for code in FaultCode::ALL {
        assert_eq!(serde_json::to_value(code).unwrap(), code.code());
    }
}

#[test]
fn limits_are_kept() {
    let small = || ledger_files(b"", &[]);
    let bare = || {
        let mut manifest = Draft::honest().manifest;
        manifest.footage.clear();
        manifest
    };
    assert!(plan(bare(), small(), &key(1)).is_ok());
    let mut many = bare();
    many.cameras = (0..65).map(|n| CameraFacts { id: CameraId::new(n, [0; 10]), ..many.cameras[0].clone() }).collect();
    assert!(matches!(plan(many.clone(), small(), &key(1)), Err(PlanError::Manifest(_))));
    many.cameras.pop();
    assert!(plan(many, small(), &key(1)).is_ok());
    let digest = FileDigest { bytes: LEDGER_BYTES, ..FileDigest::of(b"") };
    let large = |bytes| Content::Stream { path: "ledger/0.json".into(), digest: FileDigest { bytes, ..digest } };
    for (bytes, fits) in [(LEDGER_BYTES, true), (LEDGER_BYTES + 1, false)] {
        let contents = small().into_iter().chain([large(bytes)]).collect();
        assert_eq!(plan(bare(), contents, &key(1)).is_ok(), fits);
    }
    let mut long = bare();
    long.request.purpose = "x".repeat(usize::try_from(MANIFEST_BYTES).unwrap());
    assert!(matches!(plan(long, small(), &key(1)), Err(PlanError::TooLarge(_))));
    let report = dishonest(|d| {
        let gap = d.manifest.gaps[0].clone();
        d.manifest.gaps = (0..1_200).map(|n| GapFacts { from_utc_ms: T0.plus_ms(-n), ..gap.clone() }).collect();
    });
    assert_eq!(report.faults.len(), 1_000);
}

#[test]
fn uncovered_time_is_found_before_the_export_too() {
    let range = |from, to| Range { from_utc_ms: UtcMs(from), to_utc_ms: UtcMs(to) };
    let asked = range(10_000, 20_000);
    assert_eq!(asked.uncovered(vec![]), [asked]);
    assert_eq!(asked.uncovered(vec![range(0, 30_000)]), []);
    assert_eq!(asked.uncovered(vec![range(0, 12_000), range(12_400, 25_000)]), []);
    assert_eq!(asked.uncovered(vec![range(12_401, 19_600), range(0, 12_000)]), [range(12_000, 12_401)]);
    assert_eq!(asked.uncovered(vec![range(25_000, 26_000), range(0, 1)]), [asked]);
}

/// Calls `change` on number leaf number `wanted` of a JSON value; answers with how many leaves were passed.
fn change_number(value: &mut serde_json::Value, wanted: usize, to: &serde_json::Value, passed: &mut usize) {
    match value {
        serde_json::Value::Number(_) => {
            if *passed == wanted {
                *value = to.clone();
            }
            *passed += 1;
        }
        serde_json::Value::Array(list) => list.iter_mut().for_each(|v| change_number(v, wanted, to, passed)),
        serde_json::Value::Object(map) => map.values_mut().for_each(|v| change_number(v, wanted, to, passed)),
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    /// Anyone can sign a manifest with a key of their own: absurd numbers in it must be refused, not computed with.
    #[test]
    fn absurd_numbers_signed_by_a_stranger_never_panic(place in any::<prop::sample::Index>(), which in 0_usize..5) {
        let signed = Draft::honest().plan(&key(1));
        let package = bytes_of(&signed);
        let parts: Vec<_> = regions(&signed).into_iter().filter_map(|r| Some((r.file?, &package[r.at..r.at + r.bytes]))).collect();
        let mut manifest: serde_json::Value = serde_json::from_slice(parts[0].1).unwrap();
        let numbers: [serde_json::Value; 5] = [0.into(), 1.into(), u64::MAX.into(), i64::MAX.into(), i64::MIN.into()];
        let to = numbers[which].clone();
        let (mut count, mut passed) = (0, 0);
        change_number(&mut manifest.clone(), usize::MAX, &to, &mut count);
        change_number(&mut manifest, place.index(count), &to, &mut passed);
        let json = serde_json::to_vec(&manifest).unwrap();
        let note = ledger::sign_note(plan::signed_text(&json).as_bytes(), &key(1)).unwrap();
        let mut contents: Vec<_> = parts.into_iter().map(|(name, bytes)| (name, bytes.to_vec())).collect();
        (contents[0].1, contents[1].1) = (json, note);
        let members: Vec<_> = contents.iter().map(|(name, bytes)| zip::Member::of(name, bytes)).collect();
        let layout = zip::Layout::new(&members);
        let mut out = Vec::new();
        for ((_, header, _), (_, content)) in layout.members.iter().zip(&contents) {
            out.extend_from_slice(header);
            out.extend_from_slice(content);
        }
        out.extend(layout.tail);
        let report = check(&out, None);
        // Facts that nothing else repeats (clock error, count of pictures, when made) are the signer's word alone.
        prop_assert!(report.facts.is_some() || !report.holds());
    }
}
