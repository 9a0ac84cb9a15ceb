//! Export bundles as an outsider handles them: taken apart and put together again with an ordinary ZIP, byte by byte.
//!
//! Written from the ZIP format alone, not with the program's own writer: a bundle that only our code can read would pass
//! a test that uses our code.

use super::server::jifang;
use serde_json::Value;
use std::path::Path;

/// One file of a bundle.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct File {
    /// Path in the bundle.
    pub name: String,
    /// Where its content begins in the bundle it was read from.
    pub at: usize,
    /// Content.
    pub bytes: Vec<u8>,
}

fn le16(bytes: &[u8], at: usize) -> usize {
    usize::from(u16::from_le_bytes([bytes[at], bytes[at + 1]]))
}

fn le32(bytes: &[u8], at: usize) -> usize {
    usize::try_from(u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])).expect("32 bits")
}

/// Begin of the central directory, and how many files it lists.
pub fn directory(zip: &[u8]) -> (usize, usize) {
    let end = zip.len() - 22;
    assert_eq!(&zip[end..end + 4], b"PK\x05\x06", "the bundle ends with a directory without comment");
    (le32(zip, end + 16), le16(zip, end + 10))
}

/// The files in order of the directory; all stored, not compressed.
pub fn files(zip: &[u8]) -> Vec<File> {
    let (mut at, count) = directory(zip);
    let mut out = Vec::new();
    for _ in 0..count {
        assert_eq!(&zip[at..at + 4], b"PK\x01\x02");
        assert_eq!(le16(zip, at + 10), 0, "stored");
        let (bytes, name_len) = (le32(zip, at + 24), le16(zip, at + 28));
        let name = String::from_utf8(zip[at + 46..at + 46 + name_len].to_vec()).expect("UTF-8 names");
        let header = le32(zip, at + 42);
        let content = header + 30 + le16(zip, header + 26) + le16(zip, header + 28);
        out.push(File { name, at: content, bytes: zip[content..content + bytes].to_vec() });
        at += 46 + name_len + le16(zip, at + 30) + le16(zip, at + 32);
    }
    out
}

/// The file with this name.
#[track_caller]
pub fn file<'a>(files: &'a [File], name: &str) -> &'a File {
    files.iter().find(|f| f.name == name).unwrap_or_else(|| panic!("no {name} in the bundle"))
}

/// CRC-32 as ZIP has it.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 };
    let table: Vec<u32> = (0..256).map(|n| (0..8).fold(n, step)).collect();
    let low = |crc: u32, byte: u8| usize::from(crc.to_le_bytes()[0] ^ byte);
    !bytes.iter().fold(u32::MAX, |crc, byte| table[low(crc, *byte)] ^ crc >> 8)
}

/// Packs files as an ordinary tool does.
pub fn pack(files: &[File]) -> Vec<u8> {
    let (mut out, mut list) = (Vec::new(), Vec::new());
    let word = |n: usize| u32::try_from(n).expect("a small bundle").to_le_bytes();
    for file in files {
        let at = out.len();
        let mut common = vec![20, 0, 0, 8, 0, 0, 0, 0, 0x21, 0];
        common.extend(crc32(&file.bytes).to_le_bytes());
        common.extend(word(file.bytes.len()));
        common.extend(word(file.bytes.len()));
        common.extend(u16::try_from(file.name.len()).expect("a short name").to_le_bytes());
        common.extend([0, 0]);
        out.extend(b"PK\x03\x04");
        out.extend(&common);
        out.extend(file.name.as_bytes());
        out.extend(&file.bytes);
        list.extend(b"PK\x01\x02\x14\x03");
        list.extend(&common);
        list.extend([0; 10]);
        list.extend(word(at));
        list.extend(file.name.as_bytes());
    }
    let (at, count) = (out.len(), u16::try_from(files.len()).expect("few files").to_le_bytes());
    out.extend(&list);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend([count, count].concat());
    out.extend(word(list.len()));
    out.extend(word(at));
    out.extend([0, 0]);
    out
}

/// What `jifang evidence verify` says of a file.
pub struct Verdict {
    /// Exit code.
    pub exit: Option<i32>,
    /// Codes of the faults, each once, sorted.
    pub codes: Vec<String>,
    /// The JSON.
    pub json: Value,
}

/// Verifies with the real binary. `key` is the site's public key, where it is known.
#[track_caller]
pub fn verify(path: &Path, key: Option<&str>) -> Verdict {
    let path = path.display().to_string();
    let mut arguments = vec!["evidence", "verify", &path, "--json"];
    arguments.extend(key.into_iter().flat_map(|key| ["--key", key]));
    let done = jifang(&arguments);
    let json: Value = serde_json::from_slice(&done.stdout)
        .unwrap_or_else(|e| panic!("no JSON ({e}): {}", String::from_utf8_lossy(&done.stderr)));
    let faults = json["report"]["faults"].as_array().expect("a list of faults");
    let mut codes: Vec<_> = faults.iter().map(|f| f["code"].as_str().expect("a code").to_owned()).collect();
    codes.sort();
    codes.dedup();
    Verdict { exit: done.status.code(), codes, json }
}
