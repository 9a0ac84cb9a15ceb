//! Members in a sealed file, one after the other, and the manifest that names them all.
//!
//! A member: `1`, length of its name (2 bytes), name, blocks (length in 4 bytes, bytes), a block of length 0. After the last one: `0`.
//! Numbers are big endian. The manifest is the last member; it has the length and digest of each of the others.

use super::seal::{SealedReader, SealedWriter};
use super::{About, BackupError, Head, MANIFEST, Manifest, Member, damaged};
use base::Sha256;
use sha2::Digest;
use std::collections::BTreeMap;

/// Bytes gathered into one block.
const BLOCK: usize = 64 * 1024;
/// Longest name of a member, bytes: that of a file, 255, in hexadecimal digits, with its folder.
pub(super) const NAME_BYTES: usize = 600;
/// Most members; there is one a table, key and segment of the journal.
const MEMBERS: usize = 10_000;
/// Longest manifest.
const MANIFEST_BYTES: usize = 8 * 1024 * 1024;

/// Writes members.
pub(super) struct PackWriter {
    out: SealedWriter,
    about: About,
    name: String,
    block: Vec<u8>,
    digest: sha2::Sha256,
    bytes: u64,
    members: Vec<Member>,
    pub(super) rows: BTreeMap<String, u64>,
}

impl PackWriter {
    pub(super) fn new(out: SealedWriter, about: About) -> Self {
        Self {
            out,
            about,
            name: String::new(),
            block: Vec::new(),
            digest: sha2::Sha256::new(),
            bytes: 0,
            members: Vec::new(),
            rows: BTreeMap::new(),
        }
    }

    /// Begins a member.
    pub(super) fn begin(&mut self, name: &str) -> Result<(), BackupError> {
        name.clone_into(&mut self.name);
        let length = u16::try_from(name.len()).unwrap_or(u16::MAX);
        self.out.write(&[1])?;
        self.out.write(&length.to_be_bytes())?;
        self.out.write(name.as_bytes())
    }

    /// Content of the member that was begun.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), BackupError> {
        self.digest.update(bytes);
        self.bytes += bytes.len() as u64;
        for part in bytes.chunks(BLOCK) {
            self.block.extend_from_slice(part);
            if self.block.len() >= BLOCK {
                self.flush()?;
            }
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), BackupError> {
        if !self.block.is_empty() {
            let length = u32::try_from(self.block.len()).unwrap_or(u32::MAX);
            self.out.write(&length.to_be_bytes())?;
            self.out.write(&self.block)?;
            self.block.clear();
        }
        Ok(())
    }

    /// Ends the member.
    pub(super) fn end(&mut self) -> Result<(), BackupError> {
        self.flush()?;
        self.out.write(&0_u32.to_be_bytes())?;
        let sha256 = Sha256(std::mem::take(&mut self.digest).finalize().into());
        let bytes = std::mem::take(&mut self.bytes);
        self.members.push(Member { name: std::mem::take(&mut self.name), bytes, sha256 });
        Ok(())
    }

    /// A whole member.
    pub(super) fn member(&mut self, name: &str, bytes: &[u8]) -> Result<(), BackupError> {
        self.begin(name)?;
        self.write(bytes)?;
        self.end()
    }

    /// Writes the manifest and ends the file.
    pub(super) fn finish(mut self, head: Head) -> Result<Manifest, BackupError> {
        let members = std::mem::take(&mut self.members);
        let rows = std::mem::take(&mut self.rows);
        let manifest = Manifest { about: self.about.clone(), head, members, rows };
        let text = serde_json::to_vec_pretty(&manifest).unwrap_or_default();
        self.member(MANIFEST, &text)?;
        self.out.write(&[0])?;
        self.out.finish()?;
        Ok(manifest)
    }

    /// Ends the file without a manifest of its own: a test writes what somebody could have sealed.
    #[cfg(test)]
    pub(super) fn finish_as_it_is(mut self) -> Result<(), BackupError> {
        self.out.write(&[0])?;
        self.out.finish()
    }
}

/// Reads members.
pub(super) struct PackReader {
    file: SealedReader,
    about: About,
    /// Name of the member being read.
    name: String,
    /// Bytes left of its block; `None` after its end.
    left: Option<usize>,
    digest: sha2::Sha256,
    bytes: u64,
    members: Vec<Member>,
}

impl PackReader {
    pub(super) fn new(file: SealedReader, about: About) -> Self {
        Self {
            file,
            about,
            name: "its beginning".into(),
            left: None,
            digest: sha2::Sha256::new(),
            bytes: 0,
            members: Vec::new(),
        }
    }

    pub(super) const fn about(&self) -> &About {
        &self.about
    }

    /// The member being read, for messages.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    fn number<const N: usize>(&mut self) -> Result<[u8; N], BackupError> {
        let mut bytes = [0; N];
        self.file.fill(&mut bytes, &self.name)?;
        Ok(bytes)
    }

    /// Name of the next member; `None` after the last one. The one before was read to its end.
    pub(super) fn next(&mut self) -> Result<Option<String>, BackupError> {
        match self.number::<1>()? {
            [0] => {
                self.file.end(&self.name)?;
                return Ok(None);
            }
            [1] => {}
            _ => return Err(damaged(&self.name, "what follows is no member")),
        }
        let length = usize::from(u16::from_be_bytes(self.number()?));
        if length == 0 || length > NAME_BYTES || self.members.len() >= MEMBERS {
            return Err(damaged(&self.name, "what follows is no member"));
        }
        let mut name = vec![0; length];
        self.file.fill(&mut name, &self.name)?;
        let name = String::from_utf8(name).map_err(|_| damaged(&self.name, "what follows is no member"))?;
        if !is_safe(&name) {
            return Err(damaged(&name, "no name that a backup has"));
        }
        self.name.clone_from(&name);
        self.left = Some(0);
        self.more()?;
        Ok(Some(name))
    }

    /// True while the member has bytes left.
    pub(super) fn more(&mut self) -> Result<bool, BackupError> {
        if self.left == Some(0) {
            let length = u32::from_be_bytes(self.number()?) as usize;
            // A block is what was gathered, so at most one and the last part.
            if length > 2 * BLOCK {
                return Err(damaged(&self.name, "a block is too long"));
            }
            self.left = (length > 0).then_some(length);
            if self.left.is_none() {
                let sha256 = Sha256(std::mem::take(&mut self.digest).finalize().into());
                let bytes = std::mem::take(&mut self.bytes);
                self.members.push(Member { name: self.name.clone(), bytes, sha256 });
            }
        }
        Ok(self.left.is_some())
    }

    /// The next bytes of the member, at most `most`; empty at its end.
    pub(super) fn some(&mut self, most: usize) -> Result<Vec<u8>, BackupError> {
        self.more()?;
        let Some(left) = self.left else { return Ok(Vec::new()) };
        let mut out = vec![0; left.min(most)];
        self.file.fill(&mut out, &self.name)?;
        self.digest.update(&out);
        self.bytes += out.len() as u64;
        self.left = Some(left - out.len());
        self.more()?;
        Ok(out)
    }

    /// Exactly `n` bytes of the member.
    pub(super) fn exactly(&mut self, n: usize) -> Result<Vec<u8>, BackupError> {
        let mut out = Vec::with_capacity(n.min(BLOCK));
        while out.len() < n {
            let part = self.some(n - out.len())?;
            if part.is_empty() {
                return Err(damaged(&self.name, "it ends in the middle of a value"));
            }
            out.extend_from_slice(&part);
        }
        Ok(out)
    }

    /// The rest of the member, at most `most` bytes.
    pub(super) fn rest(&mut self, most: usize) -> Result<Vec<u8>, BackupError> {
        let mut out = Vec::new();
        loop {
            let part = self.some(BLOCK)?;
            if part.is_empty() {
                return Ok(out);
            }
            out.extend_from_slice(&part);
            if out.len() > most {
                return Err(damaged(&self.name, "it is longer than such a member can be"));
            }
        }
    }

    /// Reads the manifest, the member that was just begun, and compares it with everything that was read before it.
    pub(super) fn manifest(&mut self) -> Result<Manifest, BackupError> {
        let text = self.rest(MANIFEST_BYTES)?;
        let manifest: Manifest = serde_json::from_slice(&text).map_err(|e| damaged(MANIFEST, e))?;
        if manifest.about != self.about {
            return Err(damaged(MANIFEST, "it is of another backup"));
        }
        // The last one read is the manifest itself.
        let read = &self.members[..self.members.len() - 1];
        for member in &manifest.members {
            match read.iter().find(|r| r.name == member.name) {
                None => return Err(BackupError::Missing(member.name.clone())),
                Some(found) if found != member => {
                    return Err(damaged(&member.name, "it is not what the manifest says"));
                }
                Some(_) => {}
            }
        }
        let names: std::collections::BTreeSet<_> = manifest.members.iter().map(|m| &m.name).collect();
        if let Some(extra) = read.iter().find(|r| !names.contains(&r.name)) {
            return Err(BackupError::Extra(extra.name.clone()));
        }
        if read.len() != manifest.members.len() {
            return Err(damaged(MANIFEST, "a member is there twice"));
        }
        Ok(manifest)
    }
}

/// A name that can be a file below a folder and nothing else.
fn is_safe(name: &str) -> bool {
    name.split('/').all(is_plain)
}

/// A part of such a name: letters, digits, `.`, `_`, `-`, not hidden.
pub(super) fn is_plain(part: &str) -> bool {
    let known = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
    !part.is_empty() && !part.starts_with('.') && part.bytes().all(known)
}
