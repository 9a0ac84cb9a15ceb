//! Export packages: no change of an honest one is ever found to hold, and what a lying signer writes ends in faults, not in a panic.

use crate::input::{Input, edited};
use domain::evidence::{Content, Manifest, Part, Report, plan, verify};
use ledger::SiteKey;
use std::sync::LazyLock;

/// A small package with two cameras, a gap and proofs, signed by a key of the test.
static HONEST: &[u8] = include_bytes!("../../domain/src/evidence/honest_package.zip");
/// Most faults a report lists.
const FAULTS: usize = 1_000;

static KEY: LazyLock<SiteKey> =
    LazyLock::new(|| SiteKey::from_seed("jifang/0190a5d5-0000-7000-8000-000000000001", [1; 32]).expect("a key"));
/// Its files in order, by path.
static FILES: LazyLock<Vec<(String, &'static [u8])>> = LazyLock::new(|| files(HONEST));

/// See the file's head. The first byte chooses: a package as it stands, edits of the honest one, or an edited manifest signed anew.
pub fn check(data: &[u8]) {
    let mut input = Input(data);
    match input.byte() % 3 {
        0 => package_holds(input.0),
        1 => package_holds(&edited(HONEST, &mut input)),
        _ => liar_is_survived(input),
    }
}

fn report_of(package: &[u8], trusted: bool) -> Report {
    let report = verify(&package.to_vec(), trusted.then(|| KEY.vkey()), &mut |_| {});
    assert!(report.faults.len() <= FAULTS);
    report
}

fn package_holds(package: &[u8]) {
    for trusted in [true, false] {
        let report = report_of(package, trusted);
        assert_eq!(report.holds(), package == HONEST, "{:?}", report.faults);
    }
}

/// The site's own key under a manifest that says something else about the same files.
fn liar_is_survived(mut input: Input<'_>) {
    let (_, json) = &FILES[0];
    let Ok(manifest) = serde_json::from_slice::<Manifest>(&edited(json, &mut input)) else { return };
    let content = |(path, bytes): &(String, &[u8])| Content::Bytes { path: path.clone(), bytes: bytes.to_vec() };
    let contents = FILES.iter().skip(2).map(content).collect();
    let Ok(plan) = plan(manifest, contents, &KEY) else { return };
    let mut package = Vec::new();
    for part in &plan.parts {
        let Part::Bytes(bytes) = part else { unreachable!("all is in memory") };
        package.extend_from_slice(bytes);
    }
    assert_eq!(package.len() as u64, plan.bytes);
    let report = report_of(&package, true);
    assert!(report.key_is_trusted && report.facts.is_some() || !report.holds());
    // The same liar, and a byte changed afterwards.
    if let Some(byte) = package.last_mut() {
        *byte ^= 1;
    }
    assert!(!report_of(&package, true).holds());
}

/// Names and contents of a ZIP of stored files, by its local headers.
fn files(mut zip: &'static [u8]) -> Vec<(String, &'static [u8])> {
    let mut out = Vec::new();
    while let Some((head, rest)) = zip.split_first_chunk::<30>().filter(|(head, _)| head.starts_with(b"PK\x03\x04")) {
        let bytes = u32::from_le_bytes([head[18], head[19], head[20], head[21]]) as usize;
        let name = usize::from(u16::from_le_bytes([head[26], head[27]]));
        out.push((String::from_utf8_lossy(&rest[..name]).into_owned(), &rest[name..name + bytes]));
        zip = &rest[name + bytes..];
    }
    out
}

/// The honest package and small forgeries.
#[must_use]
pub fn seeds() -> Vec<Vec<u8>> {
    let json = FILES[0].1;
    let at = |needle: &[u8]| json.windows(needle.len()).position(|w| w == needle).unwrap_or(0);
    // Overwrites in the manifest what stands after `needle`.
    let lie = |needle: &[u8], new: &[u8]| {
        let at = at(needle) + needle.len();
        let head = [2, 6 | u8::try_from(at >> 16 << 4).unwrap_or(0), u8::try_from(new.len()).unwrap_or(0)];
        let at = u16::try_from(at & 0xffff).unwrap_or(0).to_be_bytes();
        [&head[..], &at, new].concat()
    };
    vec![
        vec![0],
        vec![1],
        vec![1, 1, 1, 0, 40],
        vec![1, 3, 30, 0x10, 0],
        vec![1, 5, 0, 0x20, 0],
        vec![1, 2, 4, 0, 0, b'P', b'K', 3, 4],
        vec![2],
        lie(b"\"size\":", b"9"),
        lie(b"\"asked\":{\"from_utc_ms\":", b"9"),
        lie(b"\"index\":", b"9"),
        lie(b"\"offset\":", b"9"),
        lie(b"\"cause\":\"", b"x"),
    ]
}
