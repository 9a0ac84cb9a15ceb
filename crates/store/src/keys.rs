//! Keys on disk and sealing of personal data and device passwords.
//!
//! `keys/ledger.seed` signs checkpoints and manifests (Ed25519); `keys/secret.key` seals columns (AES-256-GCM, a fresh nonce a
//! value, the column's name bound in as associated data so that a sealed name cannot be passed off as a badge).
//! Files are made once with mode 0600 and never silently made again when the data folder already holds a log: losing a key
//! must be seen, not papered over.

use crate::keyed_hash::keyed_hash;
use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Key, Nonce};
use base::{Pii, Sha256};
use std::io::Write;
use std::path::Path;

/// Why keys or sealed values could not be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// A file cannot be read or made.
    #[error("key file {path}: {source}")]
    Io {
        /// Which file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// A file has the wrong length.
    #[error("key file {0} is not 32 bytes; restore it from a backup")]
    Length(String),
    /// The data folder has a log, but the key that signed it is gone.
    #[error("key file {0} is missing although the data folder is in use; restore it from a backup")]
    Lost(String),
    /// A sealed value does not open: another key, or it was changed.
    #[error("sealed value does not open")]
    Sealed,
    /// The system's random source failed.
    #[error("no random bytes from the system")]
    Random,
}

/// Random bytes from the system.
///
/// # Errors
/// `Random`.
pub fn random<const N: usize>() -> Result<[u8; N], KeyFileError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| KeyFileError::Random)?;
    Ok(bytes)
}

/// The seed in `path`, made when absent and `may_make`.
pub(crate) fn load_or_make(path: &Path, may_make: bool) -> Result<[u8; 32], KeyFileError> {
    let name = path.display().to_string();
    let io = |source| KeyFileError::Io { path: name.clone(), source };
    match std::fs::read(path) {
        Ok(bytes) => bytes.try_into().map_err(|_| KeyFileError::Length(name)),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound && may_make => {
            let seed = random::<32>()?;
            write_new(path, &seed).map_err(io)?;
            Ok(seed)
        }
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Err(KeyFileError::Lost(name)),
        Err(e) => Err(io(e)),
    }
}

/// Writes a key whole or not at all. A crash leaves a file beside it that the next start writes anew: nothing was signed with it yet.
fn write_new(path: &Path, seed: &[u8; 32]) -> std::io::Result<()> {
    let temp = path.with_extension("new");
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&temp)?;
    file.write_all(seed)?;
    file.sync_all()?;
    std::fs::rename(&temp, path)?;
    path.parent().map_or(Ok(()), |folder| std::fs::File::open(folder)?.sync_all())
}

/// Label of the key under which sealed values are found again.
const INDEX_KEY: &str = "jifang index key v1";

/// Seals and opens values.
#[derive(Clone)]
pub struct Sealer {
    aead: Aes256Gcm,
    /// Key of `index`, made of the sealing key: losing the one is losing the other.
    index: [u8; 32],
}

impl Sealer {
    pub(crate) fn new(key: [u8; 32]) -> Self {
        let index = keyed_hash(&key, INDEX_KEY, &[]);
        Self { aead: Aes256Gcm::new(&Key::<Aes256Gcm>::from(key)), index }
    }

    /// What stands beside a sealed value so that the row is found by the value: equal values of a column have equal digests, and
    /// without the key nothing can be tried. Lower-case hex, 64 characters.
    #[must_use]
    pub fn index(&self, column: &str, plain: &[u8]) -> String {
        base::hex(&keyed_hash(&self.index, column, plain))
    }

    /// Seals `plain` for `column`: 12 bytes nonce, then ciphertext and tag.
    ///
    /// # Errors
    /// `Random`; `Sealed` cannot happen for values of this size.
    pub fn seal(&self, column: &str, plain: &[u8]) -> Result<Vec<u8>, KeyFileError> {
        let nonce = random::<12>()?;
        let payload = Payload { msg: plain, aad: column.as_bytes() };
        let mut out = nonce.to_vec();
        out.extend(self.aead.encrypt(&Nonce::from(nonce), payload).map_err(|_| KeyFileError::Sealed)?);
        Ok(out)
    }

    /// Opens what `seal` made for the same `column`.
    ///
    /// # Errors
    /// `Sealed`.
    pub fn open(&self, column: &str, sealed: &[u8]) -> Result<Vec<u8>, KeyFileError> {
        let (nonce, rest) = sealed.split_first_chunk::<12>().ok_or(KeyFileError::Sealed)?;
        let payload = Payload { msg: rest, aad: column.as_bytes() };
        self.aead.decrypt(&Nonce::from(*nonce), payload).map_err(|_| KeyFileError::Sealed)
    }

    /// Opens a sealed text about a person.
    ///
    /// # Errors
    /// `Sealed`.
    pub fn open_text(&self, column: &str, sealed: &[u8]) -> Result<Pii<String>, KeyFileError> {
        String::from_utf8(self.open(column, sealed)?).map(Pii::new).map_err(|_| KeyFileError::Sealed)
    }

    /// Seals a person's words together with the salt of their commitment; the commitment is for the log.
    ///
    /// # Errors
    /// As `seal`.
    pub fn seal_words(&self, column: &str, words: &Pii<String>) -> Result<(Vec<u8>, Sha256), KeyFileError> {
        let salt: [u8; 32] = random()?;
        let sealed = self.seal(column, format!("{}\n{}", base::hex(&salt), words.expose()).as_bytes())?;
        Ok((sealed, ledger::commit(&salt, words.expose().as_bytes())))
    }

    /// Opens what `seal_words` made for the same `column`.
    ///
    /// # Errors
    /// `Sealed`.
    pub fn open_words(&self, column: &str, sealed: &[u8]) -> Result<Pii<String>, KeyFileError> {
        let text = self.open_text(column, sealed)?;
        let (_, words) = text.expose().split_once('\n').ok_or(KeyFileError::Sealed)?;
        Ok(Pii::new(words.to_owned()))
    }

    /// The commitment of what `seal_words` sealed, made again from the sealed value: equal to the log's, or one of both was changed.
    ///
    /// # Errors
    /// `Sealed`.
    pub fn commitment(&self, column: &str, sealed: &[u8]) -> Result<Sha256, KeyFileError> {
        let text = self.open_text(column, sealed)?;
        let (salt, words) = text.expose().split_once('\n').ok_or(KeyFileError::Sealed)?;
        let salt: [u8; 32] = base::unhex(salt).and_then(|s| s.try_into().ok()).ok_or(KeyFileError::Sealed)?;
        Ok(ledger::commit(&salt, words.as_bytes()))
    }
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealer(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sealed_values_open_only_whole_and_for_their_column() {
        let sealer = Sealer::new([7; 32]);
        let sealed = sealer.seal("account.name", "张三".as_bytes()).unwrap();
        assert_eq!(sealer.open_text("account.name", &sealed).unwrap().expose(), "张三");
        assert!(sealer.open("account.badge", &sealed).is_err());
        for i in 0..sealed.len() {
            let mut bad = sealed.clone();
            bad[i] ^= 1;
            assert!(sealer.open("account.name", &bad).is_err(), "byte {i}");
        }
        assert!(sealer.open("account.name", &sealed[..11]).is_err());
        assert_ne!(sealed, sealer.seal("account.name", "张三".as_bytes()).unwrap(), "a fresh nonce each time");
    }

    #[test]
    fn words_come_back_and_their_commitment_holds() {
        let sealer = Sealer::new([7; 32]);
        for words in ["", "一行", "两\n行"].map(|w| Pii::new(w.to_owned())) {
            let (sealed, commitment) = sealer.seal_words("a", &words).unwrap();
            assert_eq!(sealer.open_words("a", &sealed).unwrap(), words);
            let text = sealer.open_text("a", &sealed).unwrap().into_inner();
            let salt = base::unhex(text.split_once('\n').unwrap().0).unwrap();
            assert_eq!(ledger::commit(&salt.try_into().unwrap(), words.expose().as_bytes()), commitment);
            assert!(sealer.open_words("b", &sealed).is_err());
            assert_eq!(sealer.commitment("a", &sealed).unwrap(), commitment);
            assert!(sealer.commitment("b", &sealed).is_err());
        }
        assert!(sealer.commitment("a", &sealer.seal("a", b"short\nwords").unwrap()).is_err());
        assert!(sealer.open_words("a", &sealer.seal("a", b"no salt").unwrap()).is_err());
    }

    #[test]
    fn equal_values_of_a_column_are_found_and_of_another_key_are_not() {
        let (one, other) = (Sealer::new([7; 32]), Sealer::new([8; 32]));
        let index = one.index("party.id_number", b"11010519491231002X");
        assert_eq!(index, one.clone().index("party.id_number", b"11010519491231002X"));
        assert_eq!(index.len(), 64);
        assert_ne!(index, one.index("party.phone", b"11010519491231002X"));
        assert_ne!(index, other.index("party.id_number", b"11010519491231002X"));
        assert_ne!(
            index,
            base::hex(&keyed_hash(&[7; 32], "party.id_number", b"11010519491231002X")),
            "not the sealing key"
        );
    }

    #[test]
    fn a_lost_key_is_not_made_again() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("k");
        assert!(matches!(load_or_make(&path, false), Err(KeyFileError::Lost(_))));
        let made = load_or_make(&path, true).unwrap();
        assert_eq!(load_or_make(&path, false).unwrap(), made);
        std::fs::write(&path, [1; 31]).unwrap();
        assert!(matches!(load_or_make(&path, true), Err(KeyFileError::Length(_))));
    }
}
