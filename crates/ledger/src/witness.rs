//! Witnessing: a second body signs the heads of a log, so that its owner cannot show two histories or take one back.
//!
//! The texts are C2SP: the cosignature is `cosignature/v1` (Ed25519 over a time and the checkpoint's text, a line of the same signed
//! note), the request is `add-checkpoint` of tlog-witness. `examine` is the whole decision of a witness: it signs a head only if the
//! log's own key signed it and the head it signed before is provably its beginning. Pure: what was signed before is handed in, and
//! the caller makes the new head durable **before** it gives the cosignature out.

use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::key::{KeyError, NamedKey, Vkey};
use crate::proof::{PROOF_HASHES, verify_consistency};
use crate::tree::empty_root;
use base::{Sha256, UtcMs};
use base64::prelude::{BASE64_STANDARD, Engine};
use ed25519_dalek::{Signer, SigningKey};
use signed_note::{Note, Signature};

/// Algorithm byte of a timestamped Ed25519 cosignature in C2SP tlog-cosignature.
const ALG_COSIGNATURE: u8 = 4;
/// Largest `add-checkpoint` body accepted, bytes.
pub const ADD_CHECKPOINT_BYTES: usize = 72 * 1024;

/// The key a witness signs with. Its name says who it is, e.g. `jifang-witness/<id>`.
#[derive(Clone)]
pub struct WitnessKey {
    key: SigningKey,
    vkey: WitnessVkey,
}

/// Public half of a `WitnessKey`, text form `name+hash+base64`.
#[derive(Clone, PartialEq, Eq)]
pub struct WitnessVkey(NamedKey);

/// Why a cosignature does not count.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum CosignatureError {
    /// Not a signed note.
    #[error("not a signed note")]
    Note,
    /// No line of this witness.
    #[error("not signed by the witness")]
    Missing,
    /// A line of this witness that does not verify.
    #[error("the witness's signature does not verify")]
    Invalid,
}

impl WitnessKey {
    /// A key from its 32-byte seed.
    ///
    /// # Errors
    /// `Name`.
    pub fn from_seed(name: &str, seed: [u8; 32]) -> Result<Self, KeyError> {
        let key = SigningKey::from_bytes(&seed);
        let vkey = WitnessVkey(NamedKey::new(name, ALG_COSIGNATURE, key.verifying_key())?);
        Ok(Self { key, vkey })
    }

    /// Public half.
    #[must_use]
    pub const fn vkey(&self) -> &WitnessVkey {
        &self.vkey
    }

    /// The signature line over a checkpoint's note at `at` (whole seconds count).
    ///
    /// # Errors
    /// `Note` if it is no signed note.
    pub fn cosign(&self, note: &[u8], at: UtcMs) -> Result<Vec<u8>, CosignatureError> {
        let note = Note::from_bytes(note).map_err(|_| CosignatureError::Note)?;
        let seconds = u64::try_from(at.0 / 1_000).unwrap_or(0);
        let signed = self.key.sign(&message(seconds, note.text()));
        let bytes = [&seconds.to_be_bytes()[..], &signed.to_bytes()].concat();
        let line = Signature::new(self.vkey.name().to_owned(), self.vkey.id(), bytes);
        Ok(line.map_err(|_| CosignatureError::Note)?.to_bytes())
    }
}

impl std::fmt::Debug for WitnessKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "WitnessKey({}, ***)", self.vkey)
    }
}

/// What is signed: C2SP tlog-cosignature, `cosignature/v1`.
fn message(seconds: u64, text: &[u8]) -> Vec<u8> {
    [format!("cosignature/v1\ntime {seconds}\n").as_bytes(), text].concat()
}

impl WitnessVkey {
    /// Reads `name+hash+base64`; only the one canonical spelling is accepted.
    ///
    /// # Errors
    /// `Format`, `Algorithm`, `Name`.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        NamedKey::parse(text, ALG_COSIGNATURE).map(Self)
    }

    /// Name of the witness.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.name()
    }

    /// Key id: first four bytes of SHA-256 over name, newline and key.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.0.id()
    }

    /// What two people compare over the telephone: 32 hexadecimal digits in groups of four.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        self.0.fingerprint()
    }

    /// When this witness cosigned the note; its line may stand anywhere among the others.
    ///
    /// # Errors
    /// `Missing`, `Invalid`, `Note`.
    pub fn cosigned_at(&self, note: &[u8]) -> Result<UtcMs, CosignatureError> {
        let parsed = Note::from_bytes(note).map_err(|_| CosignatureError::Note)?;
        let lines = signature_lines(note).filter_map(|line| Signature::from_bytes(line.as_bytes()).ok());
        let mut found = CosignatureError::Missing;
        for line in lines.filter(|s| s.name() == self.name() && s.id() == self.id()) {
            match self.check(line.signature(), parsed.text()) {
                Some(at) => return Ok(at),
                None => found = CosignatureError::Invalid,
            }
        }
        Err(found)
    }

    fn check(&self, bytes: &[u8], text: &[u8]) -> Option<UtcMs> {
        let (seconds, signature) = bytes.split_first_chunk::<8>()?;
        let seconds = u64::from_be_bytes(*seconds);
        let genuine = self.0.verifies(&message(seconds, text), signature);
        i64::try_from(seconds).ok().filter(|_| genuine)?.checked_mul(1_000).map(UtcMs)
    }
}

impl std::fmt::Display for WitnessVkey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::fmt::Debug for WitnessVkey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "WitnessVkey({self})")
    }
}

fn signature_lines(note: &[u8]) -> impl Iterator<Item = &str> {
    let text = std::str::from_utf8(note).unwrap_or_default();
    text.rsplit_once("\n\n").map_or("", |(_, lines)| lines).lines()
}

/// The note with a witness's line behind the lines it has; `None` when that does not make a signed note.
#[must_use]
pub fn with_cosignature(note: &[u8], line: &[u8]) -> Option<Vec<u8>> {
    let joined = [note, line].concat();
    let parsed = Note::from_bytes(&joined).ok()?;
    (parsed.to_bytes() == joined && parsed.text() == Note::from_bytes(note).ok()?.text()).then_some(joined)
}

/// Body of `add-checkpoint`: the size the witness signed last, the way from there, and the new head.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AddCheckpoint {
    /// Size of the head that the witness is believed to have signed last; 0 = none.
    pub old_size: u64,
    /// Consistency proof from there to the new head.
    pub proof: Vec<Sha256>,
    /// The new head, signed by the log's key.
    pub note: Vec<u8>,
}

impl AddCheckpoint {
    /// The body.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = format!("old {}\n", self.old_size);
        for hash in &self.proof {
            out.push_str(&BASE64_STANDARD.encode(hash.0));
            out.push('\n');
        }
        out.push('\n');
        let mut out = out.into_bytes();
        out.extend_from_slice(&self.note);
        out
    }

    /// Reads a body; it has one spelling.
    #[must_use]
    pub fn parse(body: &[u8]) -> Option<Self> {
        if body.len() > ADD_CHECKPOINT_BYTES {
            return None;
        }
        let (head, note) = std::str::from_utf8(body).ok()?.split_once("\n\n")?;
        let mut lines = head.split('\n');
        let old_size = lines.next()?.strip_prefix("old ")?.parse().ok()?;
        let mut proof = Vec::new();
        for line in lines {
            if proof.len() == PROOF_HASHES {
                return None;
            }
            proof.push(Sha256(BASE64_STANDARD.decode(line).ok()?.try_into().ok()?));
        }
        let read = Self { old_size, proof, note: note.as_bytes().to_vec() };
        (read.to_bytes() == body).then_some(read)
    }
}

/// What a witness signed last of a log.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Known {
    /// Entries.
    pub size: u64,
    /// Root over them.
    pub root: Sha256,
}

/// Why a witness does not sign. The number beside each is the status of tlog-witness.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum WitnessRefusal {
    /// 400: not a request, or the old size is above the new one.
    #[error("not an add-checkpoint request")]
    BadRequest,
    /// 403: the log's key did not sign this head.
    #[error("the head is not signed by the log's key: {0}")]
    NotSigned(CheckpointError),
    /// 409: the witness signed another size last; the log proves from there.
    #[error("the witness signed {0} entries last")]
    OtherSize(u64),
    /// 409: the log's key signed a head that is shorter than one it signed before: a history was taken back.
    #[error("the log had {known} entries and now shows {now}")]
    RolledBack {
        /// Entries signed before.
        known: u64,
        /// Entries shown now.
        now: u64,
    },
    /// 409: two signed heads of one size with different roots.
    #[error("two heads of {0} entries with different roots")]
    SplitView(u64),
    /// 422: the proof does not lead from the old head to the new one.
    #[error("the log of {known} entries is not shown to be the beginning of the log of {now}")]
    NotConsistent {
        /// Entries signed before.
        known: u64,
        /// Entries shown now.
        now: u64,
    },
}

impl WitnessRefusal {
    /// Status of C2SP tlog-witness.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::BadRequest => 400,
            Self::NotSigned(_) => 403,
            Self::OtherSize(_) | Self::RolledBack { .. } | Self::SplitView(_) => 409,
            Self::NotConsistent { .. } => 422,
        }
    }

    /// True when the log's own key signed two heads that one honest log cannot have: both must be kept as proof.
    #[must_use]
    pub const fn is_conflict(&self) -> bool {
        matches!(self, Self::RolledBack { .. } | Self::SplitView(_) | Self::NotConsistent { .. })
    }
}

/// Decides whether a witness that signed `known` last may sign the head of `request`. Answers with that head.
///
/// # Errors
/// Why not.
pub fn examine(known: Option<Known>, request: &AddCheckpoint, vkey: &Vkey) -> Result<Checkpoint, WitnessRefusal> {
    let now = Checkpoint::open(&request.note, vkey).map_err(WitnessRefusal::NotSigned)?;
    let known = known.unwrap_or(Known { size: 0, root: empty_root() });
    // From here on the log's key vouches for `now`: what contradicts `known` is the log's own doing.
    if now.size < known.size {
        return Err(WitnessRefusal::RolledBack { known: known.size, now: now.size });
    }
    if now.size == known.size && now.root != known.root {
        return Err(WitnessRefusal::SplitView(known.size));
    }
    if request.old_size > now.size {
        return Err(WitnessRefusal::BadRequest);
    }
    if request.old_size != known.size {
        return Err(WitnessRefusal::OtherSize(known.size));
    }
    verify_consistency(known.size, known.root, now.size, now.root, &request.proof)
        .map_err(|_| WitnessRefusal::NotConsistent { known: known.size, now: now.size })?;
    Ok(now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{EntryBytes, Log, MemoryLog, SiteKey, Tree};
    use proptest::prelude::*;

    struct OneLog {
        key: SiteKey,
        tree: Tree,
        disk: MemoryLog,
    }

    impl OneLog {
        fn new(seed: u8) -> Self {
            let key = SiteKey::from_seed("jifang/site", [seed; 32]).unwrap();
            Self { key, tree: Tree::new(), disk: MemoryLog::default() }
        }

        fn grow(&mut self, entries: impl IntoIterator<Item = String>) {
            let list: Vec<_> = entries.into_iter().map(|e| EntryBytes::new(e.into_bytes()).unwrap()).collect();
            self.disk.write(self.tree.append(&list).unwrap().files);
        }

        fn head(&self) -> Checkpoint {
            Checkpoint { origin: "jifang/site".into(), size: self.tree.size(), root: self.tree.root() }
        }

        fn request(&self, old_size: u64) -> AddCheckpoint {
            let proof = Log::new(&self.disk, self.tree.size()).consistency(old_size, self.tree.size());
            let note = self.head().sign(&self.key).unwrap();
            AddCheckpoint { old_size, proof: proof.unwrap_or_default(), note }
        }

        fn known(&self) -> Known {
            Known { size: self.tree.size(), root: self.tree.root() }
        }
    }

    fn witness() -> WitnessKey {
        WitnessKey::from_seed("jifang-witness/test", [9; 32]).unwrap()
    }

    #[test]
    fn a_cosignature_is_of_this_note_this_witness_and_its_time() {
        let mut log = OneLog::new(1);
        log.grow((0..5).map(|n| n.to_string()));
        let note = log.head().sign(&log.key).unwrap();
        let line = witness().cosign(&note, UtcMs(1_700_000_000_999)).unwrap();
        let both = with_cosignature(&note, &line).unwrap();
        assert_eq!(witness().vkey().cosigned_at(&both), Ok(UtcMs(1_700_000_000_000)));
        assert_eq!(Checkpoint::open(&both, log.key.vkey()).unwrap(), log.head(), "the site's own line still counts");
        assert_eq!(witness().vkey().cosigned_at(&note), Err(CosignatureError::Missing));
        let other = WitnessKey::from_seed("jifang-witness/test", [8; 32]).unwrap();
        assert_eq!(other.vkey().cosigned_at(&both), Err(CosignatureError::Missing));
        // Each byte of the line, and each of the text, changes the outcome.
        let text = String::from_utf8(both.clone()).unwrap();
        let last = text.trim_end().rsplit_once(' ').unwrap().1.len();
        for back in 2..last {
            let mut bad = both.clone();
            let at = bad.len() - back;
            bad[at] = if bad[at] == b'A' { b'B' } else { b'A' };
            assert!(witness().vkey().cosigned_at(&bad).is_err(), "{back} from the end");
        }
        let moved = text.replacen("\n5\n", "\n6\n", 1);
        assert_eq!(witness().vkey().cosigned_at(moved.as_bytes()), Err(CosignatureError::Invalid));
    }

    #[test]
    fn a_witness_key_has_one_spelling() {
        let text = witness().vkey().to_string();
        assert_eq!(WitnessVkey::parse(&text).unwrap(), *witness().vkey());
        assert!(Vkey::parse(&text).is_err(), "a witness is not a log");
        let site = SiteKey::from_seed("jifang/site", [1; 32]).unwrap();
        assert!(WitnessVkey::parse(&site.vkey().to_string()).is_err(), "a log is not a witness");
        for bad in ["", "a", "a+b+c", "a b+00000000+BA==", &format!("{text}A"), &text.replace('w', "v")] {
            assert!(WitnessVkey::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_honest_log_is_signed_at_every_step() {
        let (mut log, mut known) = (OneLog::new(1), None);
        for step in 0..20_u64 {
            log.grow((0..step * step).map(|n| format!("{step} {n}")));
            let request = log.request(known.map_or(0, |k: Known| k.size));
            assert_eq!(examine(known, &request, log.key.vkey()), Ok(log.head()), "step {step}");
            known = Some(log.known());
        }
    }

    #[test]
    fn a_log_that_was_taken_back_or_rewritten_is_caught() {
        let mut honest = OneLog::new(1);
        honest.grow((0..300).map(|n| n.to_string()));
        let known = honest.known();
        let refusal = |log: &OneLog, old| examine(Some(known), &log.request(old), log.key.vkey()).unwrap_err();
        // Taken back to 200, then grown by other entries: shorter, as long, longer.
        let mut other = OneLog::new(1);
        other.grow((0..200).map(|n| n.to_string()));
        assert_eq!(refusal(&other, 200), WitnessRefusal::RolledBack { known: 300, now: 200 });
        other.grow((0..100).map(|n| format!("other {n}")));
        assert_eq!(refusal(&other, 300), WitnessRefusal::SplitView(300));
        other.grow((0..50).map(|n| format!("more {n}")));
        let longer = refusal(&other, 300);
        assert_eq!(longer, WitnessRefusal::NotConsistent { known: 300, now: 350 });
        assert!(longer.is_conflict() && longer.status() == 422);
        // It cannot hide behind an old size the witness does not hold.
        assert_eq!(refusal(&other, 0), WitnessRefusal::OtherSize(300));
        assert_eq!(refusal(&other, 200), WitnessRefusal::OtherSize(300));
        // The honest log, believing that less was signed, is told where to begin, and is no conflict.
        honest.grow(["next".to_owned()]);
        let behind = examine(Some(known), &honest.request(100), honest.key.vkey()).unwrap_err();
        assert_eq!(behind, WitnessRefusal::OtherSize(300));
        assert!(!behind.is_conflict());
        assert!(examine(Some(known), &honest.request(300), honest.key.vkey()).is_ok());
    }

    #[test]
    fn a_witness_that_lost_its_memory_begins_anew_and_a_foreign_key_never_counts() {
        let mut log = OneLog::new(1);
        log.grow((0..7).map(|n| n.to_string()));
        assert_eq!(examine(None, &log.request(7), log.key.vkey()), Err(WitnessRefusal::OtherSize(0)));
        assert!(examine(None, &log.request(0), log.key.vkey()).is_ok());
        let stranger = OneLog::new(2);
        let refused = examine(None, &log.request(0), stranger.key.vkey()).unwrap_err();
        assert_eq!((refused.status(), refused.is_conflict()), (403, false));
        let mut far = log.request(0);
        far.old_size = 99;
        assert_eq!(examine(None, &far, log.key.vkey()), Err(WitnessRefusal::BadRequest));
        let mut proved = log.request(0);
        proved.proof = vec![Sha256::default()];
        assert_eq!(examine(None, &proved, log.key.vkey()).unwrap_err().status(), 422, "nothing proves from nothing");
    }

    proptest! {
        #[test]
        fn a_request_reads_back_and_nonsense_is_refused(old in any::<u64>(), n in 0..PROOF_HASHES, cut in any::<usize>()) {
            let mut log = OneLog::new(1);
            log.grow(["x".to_owned()]);
            let note = log.head().sign(&log.key).unwrap();
            let request = AddCheckpoint { old_size: old, proof: vec![Sha256([7; 32]); n], note };
            let bytes = request.to_bytes();
            prop_assert_eq!(AddCheckpoint::parse(&bytes), Some(request));
            let cut = cut % bytes.len();
            if let Some(part) = AddCheckpoint::parse(&bytes[..cut]) {
                prop_assert!(Checkpoint::open(&part.note, log.key.vkey()).is_err());
            }
        }

        #[test]
        fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = AddCheckpoint::parse(&bytes);
            let _ = witness().vkey().cosigned_at(&bytes);
            let _ = WitnessVkey::parse(&String::from_utf8_lossy(&bytes));
        }

        #[test]
        fn whatever_two_histories_share_only_the_longer_of_one_is_signed(shared in 0_u64..60, own in 1_u64..40, more in 1_u64..40) {
            let entries = |tag: &'static str, n: u64| (0..n).map(move |i| format!("{tag} {i}"));
            let (mut one, mut two) = (OneLog::new(1), OneLog::new(1));
            one.grow(entries("shared", shared).chain(entries("one", own)));
            two.grow(entries("shared", shared).chain(entries("two", own + more)));
            let known = one.known();
            let caught = examine(Some(known), &two.request(known.size), two.key.vkey());
            prop_assert_eq!(caught.unwrap_err().is_conflict(), true);
            one.grow(entries("later", more));
            prop_assert!(examine(Some(known), &one.request(known.size), one.key.vkey()).is_ok());
        }
    }
}
