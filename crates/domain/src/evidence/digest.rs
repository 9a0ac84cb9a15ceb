//! The digests of a file in an export: SHA-256, SM3 (GB/T 32905) and the CRC-32 that ZIP asks for, in one pass.

use base::{Sha256, hex, unhex};
use serde::{Deserialize, Serialize};
use sha2::Digest;

/// SM3 digest (GB/T 32905-2016), written as 64 hexadecimal characters.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Sm3(pub [u8; 32]);

impl Sm3 {
    /// Digest of `bytes`.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(sm3::Sm3::digest(bytes).into())
    }
}

impl std::fmt::Display for Sm3 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl std::fmt::Debug for Sm3 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

impl Serialize for Sm3 {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&hex(&self.0))
    }
}

impl<'de> Deserialize<'de> for Sm3 {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        let bytes = unhex(&text).and_then(|b| b.try_into().ok());
        bytes.map(Self).ok_or_else(|| serde::de::Error::custom("expected 64 hexadecimal characters"))
    }
}

/// Size and digests of one file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FileDigest {
    /// Size, bytes.
    pub bytes: u64,
    /// CRC-32 as in ZIP.
    pub crc32: u32,
    /// SHA-256.
    pub sha256: Sha256,
    /// SM3.
    pub sm3: Sm3,
}

impl FileDigest {
    /// Of a file in memory.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let mut digester = Digester::default();
        digester.update(bytes);
        digester.finish()
    }
}

/// Takes a file piece by piece.
#[derive(Clone, Default)]
pub struct Digester {
    bytes: u64,
    crc32: Crc32,
    sha256: sha2::Sha256,
    sm3: sm3::Sm3,
}

impl Digester {
    /// The next piece.
    pub fn update(&mut self, piece: &[u8]) {
        self.bytes += piece.len() as u64;
        self.crc32.update(piece);
        self.sha256.update(piece);
        self.sm3.update(piece);
    }

    /// The end.
    #[must_use]
    pub fn finish(self) -> FileDigest {
        FileDigest {
            bytes: self.bytes,
            crc32: self.crc32.value(),
            sha256: Sha256(self.sha256.finalize().into()),
            sm3: Sm3(self.sm3.finalize().into()),
        }
    }
}

/// CRC-32 of ISO 3309, as ZIP uses it; eight bytes a step.
#[derive(Clone, Copy)]
pub(super) struct Crc32(u32);

impl Default for Crc32 {
    fn default() -> Self {
        Self(!0)
    }
}

static TABLES: [[u32; 256]; 8] = crc_tables();

const fn crc_tables() -> [[u32; 256]; 8] {
    let mut tables = [[0; 256]; 8];
    let mut byte = 0;
    while byte < 256 {
        let mut value = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            value = if value & 1 == 1 { (value >> 1) ^ 0xedb8_8320 } else { value >> 1 };
            bit += 1;
        }
        tables[0][byte] = value;
        byte += 1;
    }
    let mut row = 1;
    while row < 8 {
        let mut byte = 0;
        while byte < 256 {
            let before = tables[row - 1][byte];
            tables[row][byte] = (before >> 8) ^ tables[0][(before & 255) as usize];
            byte += 1;
        }
        row += 1;
    }
    tables
}

impl Crc32 {
    pub(super) fn update(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            let mixed = u64::from_le_bytes(*word) ^ u64::from(self.0);
            let lookup = |sum: u32, (at, byte): (usize, &u8)| sum ^ TABLES[7 - at][usize::from(*byte)];
            self.0 = mixed.to_le_bytes().iter().enumerate().fold(0, lookup);
        }
        for byte in rest {
            self.0 = (self.0 >> 8) ^ TABLES[0][((self.0 ^ u32::from(*byte)) & 255) as usize];
        }
    }

    pub(super) const fn value(self) -> u32 {
        !self.0
    }

    pub(super) fn of(bytes: &[u8]) -> u32 {
        let mut crc = Self::default();
        crc.update(bytes);
        crc.value()
    }
}
