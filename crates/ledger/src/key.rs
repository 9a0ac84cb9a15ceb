//! The site's signing key and its public half in the text form of C2SP signed-note (`name+hash+base64`).
//!
//! The private key never leaves `SiteKey` except as its seed, for the one who stores it encrypted. Verification is strict
//! (RFC 8032 with canonical points, no small-order keys): one message and one key have no second valid signature by accident.

use base::{Sha256, hex};
use base64::prelude::{BASE64_STANDARD, Engine};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};

/// Algorithm byte of Ed25519 in C2SP signed-note.
const ALG_ED25519: u8 = 1;

/// Why a key was not accepted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum KeyError {
    /// The name is empty or holds a space or a plus.
    #[error("key name is empty or holds a space or a plus")]
    Name,
    /// Not `name+hash+base64`, or the parts do not agree.
    #[error("not a verifier key of the form name+hash+base64")]
    Format,
    /// Not an Ed25519 key, or a weak one.
    #[error("not a sound Ed25519 key")]
    Algorithm,
}

/// The key a site signs checkpoints and export manifests with.
#[derive(Clone)]
pub struct SiteKey {
    key: SigningKey,
    vkey: Vkey,
}

/// Public half of a `SiteKey`.
#[derive(Clone, PartialEq, Eq)]
pub struct Vkey(NamedKey);

impl SiteKey {
    /// A key from its 32-byte seed. `name` is the origin of the log, `jifang/<site id>`.
    ///
    /// # Errors
    /// `Name`.
    pub fn from_seed(name: &str, seed: [u8; 32]) -> Result<Self, KeyError> {
        let key = SigningKey::from_bytes(&seed);
        let vkey = Vkey(NamedKey::new(name, ALG_ED25519, key.verifying_key())?);
        Ok(Self { key, vkey })
    }

    /// The seed, to be stored encrypted.
    #[must_use]
    pub fn seed(&self) -> [u8; 32] {
        self.key.to_bytes()
    }

    /// Public half.
    #[must_use]
    pub const fn vkey(&self) -> &Vkey {
        &self.vkey
    }

    /// Ed25519 signature over `message`.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.key.sign(message).to_bytes()
    }
}

impl std::fmt::Debug for SiteKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SiteKey({}, ***)", self.vkey)
    }
}

/// What the keys of sites and witnesses have in common: a name, an algorithm byte, a sound point, and one spelling as text.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct NamedKey {
    name: String,
    algorithm: u8,
    key: VerifyingKey,
}

impl NamedKey {
    pub(crate) fn new(name: &str, algorithm: u8, key: VerifyingKey) -> Result<Self, KeyError> {
        if !signed_note::is_key_name_valid(name) || name.len() > 200 || name.chars().any(char::is_control) {
            return Err(KeyError::Name);
        }
        if key.is_weak() {
            return Err(KeyError::Algorithm);
        }
        Ok(Self { name: name.to_owned(), algorithm, key })
    }

    /// Reads `name+hash+base64` of this algorithm; only the one canonical spelling is accepted.
    pub(crate) fn parse(text: &str, algorithm: u8) -> Result<Self, KeyError> {
        let mut parts = text.trim().splitn(3, '+');
        let (Some(name), Some(_), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(KeyError::Format);
        };
        let bytes = BASE64_STANDARD.decode(key).map_err(|_| KeyError::Format)?;
        let Some((found, point)) = bytes.split_first().filter(|(found, _)| **found == algorithm) else {
            return Err(KeyError::Algorithm);
        };
        let point: [u8; 32] = point.try_into().map_err(|_| KeyError::Algorithm)?;
        let key = Self::new(name, *found, VerifyingKey::from_bytes(&point).map_err(|_| KeyError::Algorithm)?)?;
        if key.to_string() == text.trim() { Ok(key) } else { Err(KeyError::Format) }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// First four bytes of SHA-256 over name, newline and key (C2SP signed-note).
    pub(crate) fn id(&self) -> u32 {
        signed_note::key_id(&self.name, &self.encoded())
    }

    /// 32 hexadecimal digits in groups of four, from SHA-256 of the text form.
    pub(crate) fn fingerprint(&self) -> String {
        let digest = Sha256::of(self.to_string().as_bytes());
        digest.0.chunks(2).take(8).map(hex).collect::<Vec<_>>().join(" ")
    }

    /// Strict: RFC 8032 with canonical points, no small-order keys.
    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        Signature::from_slice(signature).is_ok_and(|s| self.key.verify_strict(message, &s).is_ok())
    }

    fn encoded(&self) -> Vec<u8> {
        let mut out = vec![self.algorithm];
        out.extend_from_slice(self.key.as_bytes());
        out
    }
}

impl std::fmt::Display for NamedKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}+{:08x}+{}", self.name, self.id(), BASE64_STANDARD.encode(self.encoded()))
    }
}

impl Vkey {
    /// Reads `name+hash+base64`; only the one canonical spelling is accepted.
    ///
    /// # Errors
    /// `Format`, `Algorithm`, `Name`.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        NamedKey::parse(text, ALG_ED25519).map(Self)
    }

    /// Name of the key: the origin of the log.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.name()
    }

    /// Key id of C2SP signed-note: first four bytes of SHA-256 over name, newline and key.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.0.id()
    }

    /// What two people compare over the telephone: 32 hexadecimal digits in groups of four, from SHA-256 of the text form.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        self.0.fingerprint()
    }

    /// True if `signature` is this key's over `message`.
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        self.0.verifies(message, signature)
    }
}

impl std::fmt::Display for Vkey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::fmt::Debug for Vkey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Vkey({self})")
    }
}

impl signed_note::Verifier for Vkey {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn key_id(&self) -> u32 {
        self.id()
    }

    fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        self.verifies(message, signature)
    }
}
