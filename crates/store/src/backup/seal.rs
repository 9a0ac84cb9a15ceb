//! The sealed file: a readable first line, then chunks that only the passphrase opens.
//!
//! `jifang-backup 1\n`, one line of JSON, then chunks: length (4 bytes, big endian, the highest bit marks the last chunk) and that many
//! bytes of AES-256-GCM. The nonce is the chunk's number and whether it is the last, the first line is bound to every chunk, so chunks
//! cannot be left out, swapped, cut off or taken from another backup. The key is argon2id of the passphrase and a fresh salt, so no key is
//! used for two files. Limits on what the first line may ask for (memory, rounds) stand before anything is computed.

use super::{About, BackupError, io};
use crate::keys;
use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Key, Nonce};
use argon2::{Algorithm, Argon2, Params, Version};
use base::Sha256;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;

/// First bytes of every backup; the number is the form.
const MAGIC: &str = "jifang-backup ";
/// The form this program writes.
const FORM: u32 = 1;
/// Longest first lines.
const LINE_BYTES: u64 = 4_096;
/// Open bytes of a chunk.
const CHUNK: usize = 256 * 1024;
/// Bytes that AES-GCM adds.
const TAG: usize = 16;
const LAST: u32 = 1 << 31;
/// Fewest characters of a passphrase.
pub const PASSPHRASE_CHARS: usize = 10;

/// What it costs to try one passphrase.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Cost {
    /// Memory, KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
}

impl Default for Cost {
    /// RFC 9106 section 4, second recommendation: 64 MiB, three passes. One lane: the file is opened once, not by many at once.
    fn default() -> Self {
        Self { memory_kib: 64 * 1024, passes: 3 }
    }
}

impl Cost {
    /// What a first line may ask of the machine that reads it.
    const fn is_bearable(self) -> bool {
        self.memory_kib >= 8 && self.memory_kib <= 1024 * 1024 && self.passes >= 1 && self.passes <= 16
    }
}

#[derive(Serialize, Deserialize)]
struct Line {
    #[serde(flatten)]
    about: About,
    cost: Cost,
    salt: String,
    /// First bytes of a digest of half of what argon2id gave: tells a wrong passphrase from a damaged file.
    check: String,
}

fn derive(passphrase: &str, salt: &[u8], cost: Cost) -> Option<(Aes256Gcm, String)> {
    let params = Params::new(cost.memory_kib, cost.passes, 1, Some(64)).ok()?;
    let mut out = [0; 64];
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    argon.hash_password_into(passphrase.as_bytes(), salt, &mut out).ok()?;
    let (key, rest) = out.split_first_chunk::<32>()?;
    let check = Sha256::of(rest).hex()[..16].to_owned();
    Some((Aes256Gcm::new(&Key::<Aes256Gcm>::from(*key)), check))
}

fn nonce(number: u64, last: bool) -> Nonce<aes_gcm::aead::consts::U12> {
    let mut bytes = [0; 12];
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    bytes[11] = u8::from(last);
    Nonce::from(bytes)
}

/// What both ends of a file share.
struct Lock {
    cipher: Aes256Gcm,
    /// Digest of the first lines.
    head: Sha256,
    number: u64,
}

impl Lock {
    fn new(cipher: Aes256Gcm, head: &str) -> Self {
        Self { cipher, head: Sha256::of(head.as_bytes()), number: 0 }
    }

    fn seal(&mut self, plain: &[u8], last: bool) -> Option<Vec<u8>> {
        let payload = Payload { msg: plain, aad: &self.head.0 };
        let sealed = self.cipher.encrypt(&nonce(self.number, last), payload).ok()?;
        self.number += 1;
        Some(sealed)
    }

    fn open(&mut self, sealed: &[u8], last: bool) -> Option<Vec<u8>> {
        let payload = Payload { msg: sealed, aad: &self.head.0 };
        let plain = self.cipher.decrypt(&nonce(self.number, last), payload).ok()?;
        self.number += 1;
        Some(plain)
    }
}

/// Writes a sealed file.
pub(super) struct SealedWriter {
    file: File,
    name: String,
    lock: Lock,
    plain: Vec<u8>,
}

impl SealedWriter {
    /// Begins: writes the readable lines into `file`, which is empty.
    pub(super) fn begin(
        mut file: File,
        path: &Path,
        about: About,
        passphrase: &str,
        cost: Cost,
    ) -> Result<Self, BackupError> {
        let salt = keys::random::<16>().map_err(crate::StoreError::from)?;
        let (cipher, check) = derive(passphrase, &salt, cost).ok_or(BackupError::Passphrase)?;
        let line = serde_json::to_string(&Line { about, cost, salt: base::hex(&salt), check }).unwrap_or_default();
        let head = format!("{MAGIC}{FORM}\n{line}\n");
        file.write_all(head.as_bytes()).map_err(io(path))?;
        Ok(Self { file, name: path.display().to_string(), lock: Lock::new(cipher, &head), plain: Vec::new() })
    }

    pub(super) fn write(&mut self, mut bytes: &[u8]) -> Result<(), BackupError> {
        while !bytes.is_empty() {
            if self.plain.len() == CHUNK {
                self.chunk(false)?;
            }
            let (now, later) = bytes.split_at(bytes.len().min(CHUNK - self.plain.len()));
            self.plain.extend_from_slice(now);
            bytes = later;
        }
        Ok(())
    }

    /// Writes the last chunk and makes the file durable.
    pub(super) fn finish(mut self) -> Result<(), BackupError> {
        self.chunk(true)?;
        self.file.sync_all().map_err(io(Path::new(&self.name)))
    }

    fn chunk(&mut self, last: bool) -> Result<(), BackupError> {
        let sealed = self.lock.seal(&self.plain, last).ok_or(BackupError::Passphrase)?;
        self.plain.clear();
        let length = u32::try_from(sealed.len()).unwrap_or(0) | if last { LAST } else { 0 };
        let done = self.file.write_all(&length.to_be_bytes()).and_then(|()| self.file.write_all(&sealed));
        done.map_err(io(Path::new(&self.name)))
    }
}

/// Reads a sealed file. What is read was sealed by whoever knows the passphrase, in this order.
pub(super) struct SealedReader {
    file: BufReader<File>,
    path: String,
    lock: Lock,
    plain: Vec<u8>,
    at: usize,
    ended: bool,
}

impl SealedReader {
    /// Opens a file and tries the passphrase.
    pub(super) fn open(path: &Path, passphrase: &str) -> Result<(Self, About), BackupError> {
        let mut file = BufReader::new(File::open(path).map_err(io(path))?);
        let name = path.display().to_string();
        let first = line(&mut file, path)?;
        let form = first.strip_prefix(MAGIC).and_then(|rest| rest.trim_end().parse::<u32>().ok());
        let form = form.ok_or_else(|| BackupError::NotABackup(name.clone()))?;
        if form > FORM {
            return Err(BackupError::NewerForm { file: name, form, known: FORM });
        }
        let second = line(&mut file, path)?;
        let read: Line = serde_json::from_str(&second).map_err(|_| BackupError::NotABackup(name.clone()))?;
        let salt = base::unhex(&read.salt).filter(|s| s.len() == 16 && read.cost.is_bearable());
        let salt = salt.ok_or_else(|| BackupError::NotABackup(name.clone()))?;
        let (cipher, check) = derive(passphrase, &salt, read.cost).ok_or(BackupError::Passphrase)?;
        if check != read.check {
            return Err(BackupError::Passphrase);
        }
        let lock = Lock::new(cipher, &format!("{first}{second}"));
        Ok((Self { file, path: name, lock, plain: Vec::new(), at: 0, ended: false }, read.about))
    }

    /// Fills `out` from the opened bytes; `member` names what is being read, for the person.
    pub(super) fn fill(&mut self, out: &mut [u8], member: &str) -> Result<(), BackupError> {
        let mut done = 0;
        while done < out.len() {
            if self.at == self.plain.len() {
                if self.ended {
                    return Err(BackupError::CutShort(member.to_owned()));
                }
                self.chunk(member)?;
            }
            let n = (out.len() - done).min(self.plain.len() - self.at);
            out[done..done + n].copy_from_slice(&self.plain[self.at..self.at + n]);
            self.at += n;
            done += n;
        }
        Ok(())
    }

    /// Holds that nothing follows.
    pub(super) fn end(&mut self, member: &str) -> Result<(), BackupError> {
        while !self.ended && self.at == self.plain.len() {
            self.chunk(member)?;
        }
        let more = self.at < self.plain.len() || !self.ended || !self.file.fill_buf().is_ok_and(<[u8]>::is_empty);
        if more { Err(super::damaged(member, "something follows its end")) } else { Ok(()) }
    }

    fn chunk(&mut self, member: &str) -> Result<(), BackupError> {
        let short = || BackupError::CutShort(member.to_owned());
        let read = |file: &mut BufReader<File>, out: &mut [u8]| match file.read_exact(out) {
            Ok(()) => Ok(()),
            Err(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => Err(short()),
            Err(e) => Err(io(Path::new(&self.path))(e)),
        };
        let mut length = [0; 4];
        read(&mut self.file, &mut length)?;
        let length = u32::from_be_bytes(length);
        let (last, length) = (length & LAST != 0, (length & !LAST) as usize);
        if !(TAG..=CHUNK + TAG).contains(&length) {
            return Err(super::damaged(member, "a chunk has an impossible length"));
        }
        let mut sealed = vec![0; length];
        read(&mut self.file, &mut sealed)?;
        let changed = || super::damaged(member, "its bytes are not those that were written");
        self.plain = self.lock.open(&sealed, last).ok_or_else(changed)?;
        self.at = 0;
        self.ended = last;
        Ok(())
    }
}

/// One of the readable lines, with its end.
fn line(file: &mut BufReader<File>, path: &Path) -> Result<String, BackupError> {
    let mut bytes = Vec::new();
    file.take(LINE_BYTES).read_until(b'\n', &mut bytes).map_err(io(path))?;
    let not = || BackupError::NotABackup(path.display().to_string());
    let text = String::from_utf8(bytes).map_err(|_| not())?;
    if text.ends_with('\n') { Ok(text) } else { Err(not()) }
}
