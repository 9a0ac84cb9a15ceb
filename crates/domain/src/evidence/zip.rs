//! The package: a ZIP file of stored (uncompressed) files, whose every byte follows from names, sizes and CRCs.
//!
//! PKWARE APPNOTE 6.3: UTF-8 names, fixed date 1980-01-01, ZIP64 fields only where a number needs them, no comments.
//! Because the form is fixed, the verifier builds the expected bytes and compares, instead of trusting a parser.

use super::digest::Crc32;
use super::{ReadAt, manifest::FileFacts};

const LOCAL: u32 = 0x0403_4b50;
const CENTRAL: u32 = 0x0201_4b50;
const END: u32 = 0x0605_4b50;
const END64: u32 = 0x0606_4b50;
const LOCATOR64: u32 = 0x0706_4b50;
/// Names are UTF-8.
const FLAG_UTF8: u16 = 0x0800;
/// 1980-01-01.
const DOS_DATE: u16 = 0x0021;
/// Regular file, rw-r--r--.
const UNIX_MODE: u32 = 0o100_644 << 16;
const NEEDS_PLAIN: u16 = 20;
const NEEDS_ZIP64: u16 = 45;
/// Bytes of a local header before the name.
pub(super) const LOCAL_BYTES: u64 = 30;
/// Largest central directory read for a diagnosis, bytes.
const DIRECTORY_BYTES: u64 = 32 * 1024 * 1024;

/// What ZIP must know of a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Member {
    pub(super) name: String,
    pub(super) bytes: u64,
    pub(super) crc32: u32,
}

impl Member {
    pub(super) fn of(name: &str, content: &[u8]) -> Self {
        Self { name: name.to_owned(), bytes: content.len() as u64, crc32: Crc32::of(content) }
    }
}

impl From<&FileFacts> for Member {
    fn from(file: &FileFacts) -> Self {
        Self { name: file.path.clone(), bytes: file.bytes, crc32: file.crc32 }
    }
}

/// Where every byte of the package belongs.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Layout {
    /// Per member: offset of the local header, the header, offset of the content.
    pub(super) members: Vec<(u64, Vec<u8>, u64)>,
    /// Central directory and end record.
    pub(super) tail: Vec<u8>,
    /// Offset of the tail.
    pub(super) tail_at: u64,
}

impl Layout {
    pub(super) fn new(members: &[Member]) -> Self {
        let mut layout = Self::default();
        let mut at = 0_u64;
        for member in members {
            let header = local_header(member);
            let content = at.saturating_add(header.len() as u64);
            layout.tail.extend(central_header(member, at));
            layout.members.push((at, header, content));
            at = content.saturating_add(member.bytes);
        }
        layout.tail_at = at;
        let end = end_records(members.len() as u64, layout.tail.len() as u64, at);
        layout.tail.extend(end);
        layout
    }

    pub(super) fn total_bytes(&self) -> u64 {
        self.tail_at.saturating_add(self.tail.len() as u64)
    }
}

fn small(n: u64) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

const fn is_big(n: u64) -> bool {
    n >= u32::MAX as u64
}

fn local_header(member: &Member) -> Vec<u8> {
    let big = is_big(member.bytes);
    let mut out = LOCAL.to_le_bytes().to_vec();
    out.extend(if big { NEEDS_ZIP64 } else { NEEDS_PLAIN }.to_le_bytes());
    common(&mut out, member);
    if big {
        out.extend(20_u16.to_le_bytes());
        out.extend_from_slice(member.name.as_bytes());
        out.extend(1_u16.to_le_bytes());
        out.extend(16_u16.to_le_bytes());
        out.extend(member.bytes.to_le_bytes());
        out.extend(member.bytes.to_le_bytes());
    } else {
        out.extend(0_u16.to_le_bytes());
        out.extend_from_slice(member.name.as_bytes());
    }
    out
}

/// Flags to name length: the same in local and central header.
fn common(out: &mut Vec<u8>, member: &Member) {
    out.extend(FLAG_UTF8.to_le_bytes());
    out.extend([0; 4]); // stored; midnight
    out.extend(DOS_DATE.to_le_bytes());
    out.extend(member.crc32.to_le_bytes());
    let size = if is_big(member.bytes) { u32::MAX } else { small(member.bytes) };
    out.extend(size.to_le_bytes());
    out.extend(size.to_le_bytes());
    out.extend(u16::try_from(member.name.len()).unwrap_or(u16::MAX).to_le_bytes());
}

fn central_header(member: &Member, at: u64) -> Vec<u8> {
    let mut extra = Vec::new();
    if is_big(member.bytes) {
        extra.extend(member.bytes.to_le_bytes());
        extra.extend(member.bytes.to_le_bytes());
    }
    if is_big(at) {
        extra.extend(at.to_le_bytes());
    }
    let needs = if extra.is_empty() { NEEDS_PLAIN } else { NEEDS_ZIP64 };
    let mut out = CENTRAL.to_le_bytes().to_vec();
    out.extend((3 << 8 | NEEDS_ZIP64).to_le_bytes()); // made on Unix
    out.extend(needs.to_le_bytes());
    common(&mut out, member);
    let extra_len = if extra.is_empty() { 0 } else { extra.len() + 4 };
    out.extend(u16::try_from(extra_len).unwrap_or(u16::MAX).to_le_bytes());
    out.extend([0; 6]); // no comment; disk 0; no internal attributes
    out.extend(UNIX_MODE.to_le_bytes());
    out.extend(if is_big(at) { u32::MAX } else { small(at) }.to_le_bytes());
    out.extend_from_slice(member.name.as_bytes());
    if !extra.is_empty() {
        out.extend(1_u16.to_le_bytes());
        out.extend(u16::try_from(extra.len()).unwrap_or(u16::MAX).to_le_bytes());
        out.extend(extra);
    }
    out
}

fn end_records(count: u64, bytes: u64, at: u64) -> Vec<u8> {
    let mut out = Vec::new();
    let big = count >= u64::from(u16::MAX) || is_big(bytes) || is_big(at);
    if big {
        out.extend(END64.to_le_bytes());
        out.extend(44_u64.to_le_bytes());
        out.extend((3 << 8 | NEEDS_ZIP64).to_le_bytes());
        out.extend(NEEDS_ZIP64.to_le_bytes());
        out.extend([0; 8]);
        for n in [count, count, bytes, at] {
            out.extend(n.to_le_bytes());
        }
        out.extend(LOCATOR64.to_le_bytes());
        out.extend([0; 4]);
        out.extend(at.saturating_add(bytes).to_le_bytes());
        out.extend(1_u32.to_le_bytes());
    }
    let count = u16::try_from(count).unwrap_or(u16::MAX);
    out.extend(END.to_le_bytes());
    out.extend([0; 4]);
    out.extend(count.to_le_bytes());
    out.extend(count.to_le_bytes());
    out.extend(if is_big(bytes) { u32::MAX } else { small(bytes) }.to_le_bytes());
    out.extend(if is_big(at) { u32::MAX } else { small(at) }.to_le_bytes());
    out.extend([0; 2]);
    out
}

/// Where a file's content lies in a package that is not as it should be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Found {
    pub(super) name: String,
    pub(super) at: u64,
    pub(super) bytes: u64,
}

/// Reads the directory of any plain ZIP (no ZIP64, no comment), only to say better what is wrong with it.
pub(super) fn directory(source: &dyn ReadAt) -> Option<Vec<Found>> {
    let end = read(source, source.size_bytes().checked_sub(22)?, 22)?;
    if le32(&end, 0)? != END {
        return None;
    }
    let (bytes, at) = (u64::from(le32(&end, 12)?), u64::from(le32(&end, 16)?));
    if bytes > DIRECTORY_BYTES {
        return None;
    }
    let list = read(source, at, usize::try_from(bytes).ok()?)?;
    let mut rest = list.as_slice();
    let mut found = Vec::new();
    while !rest.is_empty() {
        if le32(rest, 0)? != CENTRAL {
            return None;
        }
        let name_len = usize::from(le16(rest, 28)?);
        let skip = 46 + name_len + usize::from(le16(rest, 30)?) + usize::from(le16(rest, 32)?);
        let name = String::from_utf8_lossy(rest.get(46..46 + name_len)?).into_owned();
        let header_at = u64::from(le32(rest, 42)?);
        let header = read(source, header_at, 30)?;
        let header_len = 30 + u64::from(le16(&header, 26)?) + u64::from(le16(&header, 28)?);
        found.push(Found { name, at: header_at + header_len, bytes: u64::from(le32(rest, 24)?) });
        rest = rest.get(skip..)?;
    }
    Some(found)
}

/// Sizes that the local header at `at` claims (compressed, uncompressed), whether its first word is right, and its name.
pub(super) fn claims(source: &dyn ReadAt, at: u64, name_bytes: usize) -> Option<([u64; 2], bool, Vec<u8>)> {
    let header = read(source, at, 30 + name_bytes)?;
    let sizes = [u64::from(le32(&header, 18)?), u64::from(le32(&header, 22)?)];
    Some((sizes, le32(&header, 0)? == LOCAL, header.get(30..)?.to_vec()))
}

/// `len` bytes at `at`; `None` if they are not there.
pub(super) fn read(source: &dyn ReadAt, at: u64, len: usize) -> Option<Vec<u8>> {
    if at.checked_add(len as u64)? > source.size_bytes() {
        return None;
    }
    let mut buf = vec![0; len];
    source.read_at(at, &mut buf).ok()?;
    Some(buf)
}

fn le16(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..at + 2)?.try_into().ok().map(u16::from_le_bytes)
}

fn le32(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.try_into().ok().map(u32::from_le_bytes)
}
