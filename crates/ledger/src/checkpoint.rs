//! The head of the log: origin, size and root, as a C2SP checkpoint inside a signed note.
//!
//! Lines of other keys (witnesses, SM2) may follow the site's own; they are kept and ignored. Invariant: `open` answers
//! with a head only if the named key signed exactly these bytes and the head's origin is that key's name.

use crate::key::{SiteKey, Vkey};
use base::Sha256;
use signed_note::{Note, Signature, VerifierList};

/// Largest signed note accepted, bytes: a head with about a hundred signature lines.
const NOTE_BYTES: usize = 64 * 1024;

/// Head of a log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Checkpoint {
    /// Name of the log, `jifang/<site id>`; also the name of the key.
    pub origin: String,
    /// Number of entries.
    pub size: u64,
    /// RFC 6962 root over them.
    pub root: Sha256,
}

/// Why a checkpoint (or another signed note) was refused.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum CheckpointError {
    /// Not a signed note.
    #[error("not a signed note")]
    Note,
    /// A signed note, but not a checkpoint.
    #[error("not a checkpoint")]
    Head,
    /// No line of the expected key.
    #[error("not signed by {0}")]
    NotSigned(String),
    /// A line of the expected key that does not verify.
    #[error("the signature of {0} does not verify")]
    BadSignature(String),
    /// The origin is not the key's name.
    #[error("the log is {0}, the key belongs to another")]
    Origin(String),
}

impl Checkpoint {
    /// The text that is signed.
    ///
    /// # Errors
    /// `Head` if the origin is empty or more than one line.
    pub fn text(&self) -> Result<Vec<u8>, CheckpointError> {
        if self.origin.contains('\n') {
            return Err(CheckpointError::Head);
        }
        let hash = tlog_tiles::Hash(self.root.0);
        let head = tlog_tiles::Checkpoint::new(&self.origin, self.size, hash, "");
        Ok(head.map_err(|_| CheckpointError::Head)?.to_bytes())
    }

    /// The signed note, as it stands in the file `checkpoint`.
    ///
    /// # Errors
    /// `Origin` if the key bears another name, `Head` as `text`.
    pub fn sign(&self, key: &SiteKey) -> Result<Vec<u8>, CheckpointError> {
        if key.vkey().name() != self.origin {
            return Err(CheckpointError::Origin(self.origin.clone()));
        }
        sign_note(&self.text()?, key)
    }

    /// Reads a signed checkpoint and verifies that `vkey` signed it and that the log is that key's.
    ///
    /// # Errors
    /// Each fault by its own kind.
    pub fn open(note: &[u8], vkey: &Vkey) -> Result<Self, CheckpointError> {
        let head = Self::from_text(&open_note(note, vkey)?)?;
        if head.origin == vkey.name() { Ok(head) } else { Err(CheckpointError::Origin(head.origin)) }
    }

    /// Reads a checkpoint **without** verifying any signature: for showing what an unverified file claims.
    ///
    /// # Errors
    /// `Note`, `Head`.
    pub fn read_unverified(note: &[u8]) -> Result<Self, CheckpointError> {
        Self::from_text(parse_note(note)?.text())
    }

    fn from_text(text: &[u8]) -> Result<Self, CheckpointError> {
        let head = tlog_tiles::Checkpoint::from_bytes(text).map_err(|_| CheckpointError::Head)?;
        let own = Self { origin: head.origin().to_owned(), size: head.size(), root: Sha256(head.hash().0) };
        // Extension lines are allowed by the specification; the signature covers them, nothing here reads them.
        if head.to_bytes() == text { Ok(own) } else { Err(CheckpointError::Head) }
    }
}

/// Signs any text (UTF-8, no control characters but newline, ending in one) as a C2SP signed note.
///
/// # Errors
/// `Note` if the text cannot be the text of a note.
pub fn sign_note(text: &[u8], key: &SiteKey) -> Result<Vec<u8>, CheckpointError> {
    let vkey = key.vkey();
    let line = Signature::new(vkey.name().to_owned(), vkey.id(), key.sign(text).to_vec());
    let note = Note::new(text, &[line.map_err(|_| CheckpointError::Note)?]).map_err(|_| CheckpointError::Note)?;
    Ok(note.to_bytes())
}

/// The text of a signed note, after verifying that `vkey` signed it.
///
/// # Errors
/// `Note`, `NotSigned`, `BadSignature`.
pub fn open_note(note: &[u8], vkey: &Vkey) -> Result<Vec<u8>, CheckpointError> {
    let note = parse_note(note)?;
    let known = VerifierList::new(vec![Box::new(vkey.clone())]);
    match note.verify(&known) {
        Ok(_) => Ok(note.text().to_vec()),
        Err(signed_note::NoteError::UnverifiedNote) => Err(CheckpointError::NotSigned(vkey.name().to_owned())),
        Err(_) => Err(CheckpointError::BadSignature(vkey.name().to_owned())),
    }
}

fn parse_note(note: &[u8]) -> Result<Note, CheckpointError> {
    if note.len() > NOTE_BYTES {
        return Err(CheckpointError::Note);
    }
    let parsed = Note::from_bytes(note).map_err(|_| CheckpointError::Note)?;
    // One spelling only: what was read writes back to the same bytes.
    if parsed.to_bytes() == note { Ok(parsed) } else { Err(CheckpointError::Note) }
}
