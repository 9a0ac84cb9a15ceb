//! Encryption of DC-09: AES-128, -192 or -256 in CBC, IV of zeros, begun anew with every message; the result as upper-case hex.
//!
//! What is encrypted is pad, `|`, and the region from after `[` to the last character of the stamp. The pad brings it to whole blocks;
//! where it is whole already, a block is added. Pad bytes are random, but never `|`, `[` or `]`. Randomness comes in as an argument.

use aes::cipher::{BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};
use aes::{Aes128, Aes192, Aes256, Block};

const BLOCK: usize = 16;
/// Most bytes of a pad.
const PAD: usize = BLOCK;

/// Bytes for a pad; the caller brings them from a random source.
pub type Random = [u8; BLOCK];

enum Cipher {
    Aes128(Aes128),
    Aes192(Aes192),
    Aes256(Aes256),
}

/// A key, ready for use; never printed.
pub struct Key(Box<Cipher>);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(***)")
    }
}

impl Key {
    /// A key of 16, 24 or 32 bytes.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Option<Self> {
        let cipher = match bytes.len() {
            16 => Cipher::Aes128(Aes128::new_from_slice(bytes).ok()?),
            24 => Cipher::Aes192(Aes192::new_from_slice(bytes).ok()?),
            32 => Cipher::Aes256(Aes256::new_from_slice(bytes).ok()?),
            _ => return None,
        };
        Some(Self(Box::new(cipher)))
    }

    /// A key written as 32, 48 or 64 hex digits; spaces and dashes between them are ignored. Some panels take the characters themselves
    /// for the key: that is written `text:` and 16, 24 or 32 ASCII characters.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(literal) = text.strip_prefix("text:") {
            return Self::new(literal.as_bytes()).filter(|_| literal.is_ascii());
        }
        let digits: String = text.chars().filter(|c| !matches!(c, ' ' | '-' | ':')).take(65).collect();
        Self::new(&base::unhex(&digits)?)
    }

    /// Pads and encrypts a region.
    #[must_use]
    pub fn encrypt(&self, region: &[u8], random: Random) -> Vec<u8> {
        let pad = PAD - (region.len() + 1) % BLOCK;
        let mut plain = Vec::with_capacity(pad + 1 + region.len());
        // The forbidden three (0x7C, 0x5B, 0x5D) become other bytes.
        plain.extend(random.iter().take(pad).map(|b| if matches!(b, b'|' | b'[' | b']') { b ^ 0x80 } else { *b }));
        plain.push(b'|');
        plain.extend_from_slice(region);
        let mut out = Vec::with_capacity(plain.len() * 2);
        let mut previous = [0; BLOCK];
        let (blocks, _) = plain.as_chunks::<BLOCK>();
        for block in blocks {
            let mut mixed: [u8; BLOCK] = std::array::from_fn(|i| block[i] ^ previous[i]);
            self.block(&mut mixed, true);
            previous = mixed;
            for byte in mixed {
                out.push(HEX[usize::from(byte >> 4)]);
                out.push(HEX[usize::from(byte & 15)]);
            }
        }
        out
    }

    /// Decrypts hex of either case and takes the pad off; `None` where it is not whole blocks of hex or nothing looks like a pad, as
    /// with another key.
    #[must_use]
    pub fn decrypt(&self, hex: &[u8]) -> Option<Vec<u8>> {
        let mut plain = self.decrypt_padded(hex)?;
        let pad = plain.iter().take(PAD + 1).position(|b| *b == b'|')?;
        plain.drain(..=pad);
        Some(plain)
    }

    /// As `decrypt`, the pad left on; `None` where it is not whole blocks of hex.
    #[must_use]
    pub fn decrypt_padded(&self, hex: &[u8]) -> Option<Vec<u8>> {
        if hex.is_empty() || !hex.len().is_multiple_of(2 * BLOCK) {
            return None;
        }
        let mut plain = Vec::with_capacity(hex.len() / 2);
        let mut previous = [0; BLOCK];
        let (blocks, _) = hex.as_chunks::<{ 2 * BLOCK }>();
        for block in blocks {
            let mut bytes = [0; BLOCK];
            for (byte, pair) in bytes.iter_mut().zip(block.as_chunks::<2>().0) {
                *byte = digit(pair[0])? << 4 | digit(pair[1])?;
            }
            let mut mixed = bytes;
            self.block(&mut mixed, false);
            plain.extend(mixed.iter().zip(previous).map(|(a, b)| a ^ b));
            previous = bytes;
        }
        Some(plain)
    }

    fn block(&self, bytes: &mut [u8; BLOCK], encrypt: bool) {
        let mut block = Block::from(*bytes);
        match (&*self.0, encrypt) {
            (Cipher::Aes128(c), true) => c.encrypt_block(&mut block),
            (Cipher::Aes192(c), true) => c.encrypt_block(&mut block),
            (Cipher::Aes256(c), true) => c.encrypt_block(&mut block),
            (Cipher::Aes128(c), false) => c.decrypt_block(&mut block),
            (Cipher::Aes192(c), false) => c.decrypt_block(&mut block),
            (Cipher::Aes256(c), false) => c.decrypt_block(&mut block),
        }
        *bytes = block.into();
    }
}

const HEX: &[u8; 16] = b"0123456789ABCDEF";

/// Value of a hex digit.
pub(super) fn digit(b: u8) -> Option<u8> {
    char::from(b).to_digit(16).and_then(|d| u8::try_from(d).ok())
}
